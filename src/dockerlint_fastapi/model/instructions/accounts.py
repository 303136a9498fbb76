"""The users and groups of an image, and the names among them that nobody made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from dockerlint_fastapi.model.bases.base_image import BaseImage, Reference, base_image
from dockerlint_fastapi.model.dockerfile import MOST_STAGES, Instruction, Onbuild, Run, Stage, Transfer, User
from dockerlint_fastapi.model.instructions.nearest import nearest
from dockerlint_fastapi.model.shell import SimpleCommand
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


# /etc/passwd and /etc/group of Debian 12 and 13; Ubuntu 22.04 and 24.04 hold the same and a few more.
_DEBIAN: Final = frozenset(
    "root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc gnats nobody nogroup _apt "
    "adm tty disk dialout fax voice cdrom floppy tape sudo audio dip operator src shadow utmp video sasl plugdev "
    "staff users kmem input render kvm sgx crontab netdev systemd-network systemd-resolve systemd-journal "
    "systemd-timesync messagebus ubuntu admin".split()
)
_ALPINE: Final = frozenset(
    "root bin daemon adm lp sync shutdown halt mail news uucp operator man postmaster cron ftp sshd at squid xfs games "
    "cyrus vpopmail ntp smmsp guest nobody sys tty disk wheel floppy console kmem audio cdrom dialout input tape video "
    "netdev kvm shadow www-data users utmp ping nogroup cdrw usb klogd svn games abuild".split()
)
_OF_FAMILY: Final = {
    "python": frozenset[str](),
    "uv": frozenset(("nonroot",)),
    "debian": frozenset[str](),
    "ubuntu": frozenset[str](),
    "alpine": frozenset[str](),
    "buildpack-deps": frozenset[str](),
    "node": frozenset(("node",)),
    "pypy": frozenset[str](),
}
_DISTROLESS: Final = frozenset("root nobody nonroot tty staff nogroup".split())
_MAKERS: Final = frozenset(("useradd", "adduser", "groupadd", "addgroup", "usermod", "groupmod"))
# They make no accounts, whatever they are asked to do; packages are looked at by name.
_HARMLESS: Final = frozenset(
    ": . [ [[ alembic apt apt-cache apt-get apt-key apt-mark apk awk bun cat cd chgrp chmod chown chpasswd "
    "chromedriver chromium cmake command conda cp cron curl cut date dnf dos2unix dpkg dpkg-reconfigure echo env exit "
    "export false file find gcc git gpg grep groupdel gunzip gzip hash head id install ldconfig ln locale-gen ls make "
    "mamba microdnf mkdir mv npm npx openssl passwd pdm pip pip3 pipenv pipx pnpm poetry printf pwd python python3 rm "
    "sed set sha256sum sleep source ssh-keyscan strip sync tail tar test touch tr true uname unset unzip "
    "update-ca-certificates userdel uv uvx wc wget which whoami yarn yum".split()
)
_INSTALLERS: Final = frozenset(("apt", "apt-get", "apk", "dnf", "yum", "microdnf", "dpkg"))
_NAME: Final = pattern(r"[A-Za-z_][\w.-]*\$?\Z")


class UnknownAccount(NamedTuple):
    """A user or group that an instruction names and that does not exist there. `kind` is `user` or `group`.

    `later` is the command that makes it further down, `near` a name that exists and is spelt almost so. Where a USER
    names it, `given` is the first `--chown` above that does so, too.
    """

    name: str
    kind: str
    instruction: Instruction
    span: Span
    later: Span | None
    near: str | None
    given: Span | None = None


def unknown_accounts(stage: Stage) -> Iterator[UnknownAccount]:
    """The names in USER and `--chown` of a stage that certainly do not exist where they stand."""
    if not stage.of(User) and not any(one.flag("chown") for one in stage.of(Transfer)):
        return
    known = _of_base(stage)
    if known is None or stage.depth > MOST_STAGES:
        return
    told: dict[str, UnknownAccount] = {}  # an account that nobody made is one fault, however often it is named
    for found in _unknown_of(stage, set(known)):
        first = told.get(found.name)
        if first is None:
            told[found.name] = found
        elif isinstance(found.instruction, User) and not isinstance(first.instruction, User):
            told[found.name] = found._replace(given=first.span)  # there it breaks, whatever builds the image
    yield from told.values()


def _unknown_of(stage: Stage, names: set[str]) -> Iterator[UnknownAccount]:
    """All names that do not exist where they stand, for a base image with the given accounts."""
    for one in (one for each in stage.lineage for one in each.instructions):
        mine = one.span.start >= stage.from_.span.start
        if isinstance(one, Run):
            made = _made(one)
            if made is None:
                return  # from here on there may be any
            names |= made
        elif isinstance(one, Onbuild) or _brings_accounts(one):
            return
        if mine:
            yield from _unknown(one, names, stage)


def _of_base(stage: Stage) -> frozenset[str] | None:
    """What the base image of a stage has; None when that is not known."""
    name = stage.first.from_.image.value
    if name is None:
        return None
    if name == "scratch":
        return frozenset()
    reference = Reference.parse(name)
    base: BaseImage | None = base_image(reference) if reference is not None else None
    if base is None or base.variant is None:
        return None
    if base.family == "distroless":
        return _DISTROLESS
    own = _OF_FAMILY.get(base.family)
    if own is None or base.variant == "binary" or base.distribution not in ("debian", "ubuntu", "alpine"):
        return None
    return own | (_ALPINE if base.distribution == "alpine" else _DEBIAN)


def _brings_accounts(instruction: Instruction) -> bool:
    """Whether a COPY or ADD may bring /etc/passwd."""
    if not isinstance(instruction, Transfer):
        return False
    target = (instruction.destination.value or "/").rstrip("/")
    if target in ("", "/etc", "/etc/passwd", "/etc/group"):
        return instruction.from_ is not None or target != "" or instruction.keyword == "ADD"
    return False


def _made(run: Run) -> set[str] | None:
    """The users and groups that a RUN may make; None when it may make any."""
    script = run.command.script
    if script is None or script.problems or (run.heredocs and not script.commands):
        return None
    made: set[str] = set()
    for command in script.commands:
        found = _made_by(command)
        if found is None:
            return None
        made |= found
    return made


def _made_by(command: SimpleCommand) -> set[str] | None:
    if any("passwd" in one.target.text or "/etc/group" in one.target.text for one in command.redirects if one.target):
        return None
    words = command.argv
    while words and words[0] in ("sudo", "exec", "time", "nohup", "env", "command"):
        words = words[1:]
    if not words:
        return set()
    name = words[0].rpartition("/")[2] if words[0] is not None else None
    if name in _MAKERS:
        if None in words:
            return None
        return {part for word in words[1:] if word for part in re.split(r"[,:=]", word)}
    if name in ("sed", "cp", "mv", "install", "tee") and any("passwd" in (word or "") for word in words):
        return None
    if name in _INSTALLERS:
        # A service's package makes a user of its own: `postgresql` makes `postgres`.
        if None in words and any(word in ("install", "add") for word in words):
            return None
        return {part for word in words[1:] if word for part in _of_package(word)}
    return set() if name in _HARMLESS or _is_program(name) else None


@lru_cache(maxsize=1024)
def _of_package(word: str) -> frozenset[str]:
    name = re.split(r"[=<>~:]", word, maxsplit=1)[0]
    stem = re.split(r"[-0-9.]", name, maxsplit=1)[0]
    return frozenset((name, stem, f"_{stem}", "postgres" if stem.startswith("postgres") else stem))


def _is_program(name: str | None) -> bool:
    """Whether it is a version of Python or pip, which make no accounts."""
    return name is not None and re.match(r"(?:python|pip|pypy)[0-9.]*\Z", name) is not None


def _unknown(instruction: Instruction, names: set[str], stage: Stage) -> Iterator[UnknownAccount]:
    if isinstance(instruction, User):
        value, span = instruction.user.value, instruction.user.span
    elif isinstance(instruction, Transfer) and (flag := instruction.flag("chown")) is not None:
        value, span = flag.value, flag.span
    else:
        return
    if value is None or "$" in value:
        return
    user, _, group = value.partition(":")
    for kind, name in (("user", user), ("group", group)):
        if name and _NAME.match(name) and name not in names:
            later = _maker(stage, instruction, name)
            near = nearest(name, names - _DEBIAN - _ALPINE) if later is None else None
            at = span.text.find(name)
            place = Span(span.source, span.start + at, span.start + at + len(name)) if at >= 0 else span
            yield UnknownAccount(name, kind, instruction, place, later, near)
            return


@lru_cache(maxsize=1)
def _makers(stage: Stage) -> dict[str, list[tuple[int, Span]]]:
    """Where each word stands in the commands of a stage that make accounts: the start of the RUN, the command."""
    found: dict[str, list[tuple[int, Span]]] = {}
    for run in stage.of(Run):
        for command in run.command.script.simple(*_MAKERS) if run.command.script is not None else ():
            for word in command.argv:
                if word is not None:
                    found.setdefault(word, []).append((run.span.start, command.span))
    return found


def _maker(stage: Stage, behind: Instruction, name: str) -> Span | None:
    """The command of the stage that makes the account behind an instruction."""
    return next((span for start, span in _makers(stage).get(name, ()) if start > behind.span.start), None)


class MadeUser(NamedTuple):
    """A user that a RUN makes: its name, and where that is written."""

    name: str
    span: Span


_VALUED: Final = (
    "-b -c -d -e -f -g -G -h -k -K -p -s -u -Z --base-dir --comment --expiredate --gecos --gid --groups --home "
    "--home-dir --inactive --ingroup --key --password --shell --skel --uid".split()
)


def made_user(stage: Stage) -> MadeUser | None:
    """The last user that is made in the layers of a stage; None when none is, or its name cannot be told."""
    for one in reversed([one for each in stage.lineage for one in each.instructions]):
        script = one.command.script if isinstance(one, Run) and "add" in one.command.text else None
        for command in reversed(tuple(script.simple("useradd", "adduser")) if script is not None else ()):
            operands = command.operands(*_VALUED)
            word = (operands[-1] if command.program == "useradd" else operands[0]) if operands else None
            if word is None or word.value is None or not _NAME.match(word.value):
                return None
            return MadeUser(word.value, word.span)
    return None


def uid_of(stage: Stage, before: Instruction, name: str) -> str | None:
    """The number that a user is made with in front of an instruction; None when none is given, or it cannot be told."""
    for one in (one for each in stage.lineage for one in each.instructions):
        if one is before:
            break
        script = one.command.script if isinstance(one, Run) and "add" in one.command.text else None
        for command in script.simple("useradd", "adduser") if script is not None else ():
            if name not in command.argv:
                continue
            words = [word or "$" for word in command.argv]
            found = re.search(r"\s(?:-u|--uid)[ =]?(\S+)", " ".join(words))
            return found[1] if found is not None and found[1].isdigit() else None
    return None
