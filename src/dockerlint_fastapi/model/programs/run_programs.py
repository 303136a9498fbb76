"""What a RUN does about a program: its packages, and the commands that put, fetch or unpack files."""

from __future__ import annotations

import re
from functools import cache

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.install import (
    SYSTEM_MANAGERS,
    Call,
    Step,
    calls_and_steps,
    kept_packages,
    provides,
)
from dockerlint_fastapi.model.programs.program_presence import (
    PROGRAM_FOLDERS,
    PROGRAM_TREES,
    Presence,
    absolute,
    basename,
)
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dockerlint_fastapi.model.command import Argument
    from dockerlint_fastapi.model.dockerfile import Command


@cache
def _closed() -> frozenset[str]:
    return frozenset(table("programs")["closed"]["programs"].split())


@cache
def _harmless() -> frozenset[str]:
    facts = table("harmless_programs")
    return frozenset((*facts["programs"].split(), *facts["language_tools"].split()))


@cache
def _pypi() -> dict[str, frozenset[str]]:
    return {name: frozenset(programs.split()) for name, programs in table("programs")["pypi"].items()}


def apply_run(command: Command, name: str, presence: Presence, *, packages: bool) -> None:
    """What a RUN does about the program; `packages=False` passes over those of apt and its like."""
    unread = any(word.value is None for word in command.words)
    if unread or (not command.exec_form and (command.script is None or command.script.problems)):
        presence.apply("unknown")
        return
    before = presence.there
    brought = False  # by a system package of this RUN
    groups: set[str] = set()  # apk's virtual packages that hold it
    for call, step in calls_and_steps(command):
        if step is None:
            presence.apply(_effect_of_call(call, name))
            continue
        effect = _effect_of_step(step, name, packages=packages)
        if effect == "brings" and step.manager in SYSTEM_MANAGERS:
            brought = True
            group = step.option("--virtual")
            if group is not None and group.value is not None:
                groups.add(group.value)
        elif step.action == "remove" and not groups.isdisjoint(step.names):
            effect = "removes"
        if effect == "removes":
            brought = False
        presence.apply(effect)
    if brought and not before and not _is_kept(command, name):
        presence.there = None  # `apt-mark auto` and autoremove, or a removal that cannot be read


_NO_PROGRAM = "no program of that name"


def runs_unread(command: Command) -> bool:
    """Whether a RUN calls something that may put anything anywhere: a script, a program that is not known, a command
    that cannot be read. Package managers are none of those.
    """
    if any(word.value is None for word in command.words):
        return True
    if not command.exec_form and (command.script is None or command.script.problems):
        return True
    return any(
        step is None and _effect_of_call(call, _NO_PROGRAM) == "unknown" for call, step in calls_and_steps(command)
    )


def _is_kept(command: Command, name: str) -> bool:
    """Whether a package that brings the program is left at the end of the RUN."""
    for kept in kept_packages(command):
        package = kept.package.name
        if package is not None:
            others = _dependencies().depends.get(package, "").split() if kept.step.manager == "apt" else ()
            if any(name in provides(one) for one in (package, *others)):
                return True
    return False


def _effect_of_step(step: Step, name: str, *, packages: bool) -> str:
    """What a package manager's call does about the program: `brings`, `removes`, `unknown` or `nothing`."""
    if step.manager in SYSTEM_MANAGERS:
        return _effect_of_system_step(step, name) if packages else "nothing"
    if step.action == "remove":
        return "nothing"
    if step.manager == "conda":
        if step.action not in ("install", "upgrade"):
            return "nothing"
        if any(name in provides(package) for package in step.names):
            return "brings"
        return "unknown" if step.action == "install" else "nothing"
    if step.manager in ("cargo", "gem"):
        return ("brings" if name in step.names else "nothing") if step.complete else "unknown"
    if step.manager in ("npm", "yarn", "pnpm", "bun"):
        return "brings" if name in step.names else "nothing"
    # Python's installers and `curl … | python -`: only what PyPI can bring.
    bringing = {project for project, programs in _pypi().items() if name in programs} | {name}
    if step.action in ("install", "sync", "upgrade"):
        if not bringing.isdisjoint(package.lower() for package in step.names):
            return "unknown" if step.conditional else "brings"
        # a project's own requirements may bring any program but those of the system (curl, ps, …)
        listed = not step.complete or step.requirements or step.reads_manifest or step.local or step.editable
        if listed and (len(bringing) > 1 or name not in _closed()):
            return "unknown"
    return "nothing"


def _effect_of_system_step(step: Step, name: str) -> str:
    if step.action == "remove":
        return "removes" if any(name in provides(package) for package in step.names) else "nothing"
    if step.action != "install":
        return "nothing"
    if any(name in provides(package) for package in step.names):
        return "unknown" if step.conditional else "brings"
    if step.manager == "dpkg" and step.complete and name in _closed():
        return _worst(_effect_of_debian_file(word, name) for word in step.local)
    # `-f` installs what the packages of an earlier `dpkg -i` need
    if not step.complete or step.local or name not in _closed() or step.option("--fix-broken") is not None:
        return "unknown"
    if step.manager == "apt":
        return _worst(_effect_of_debian_package(package, name, step) for package in step.names)
    if step.manager == "apk":
        return _worst(_effect_of_alpine_package(package) for package in step.names)
    return "unknown"


def _worst(effects: Iterable[str]) -> str:
    found = set(effects)
    return "brings" if "brings" in found else "unknown" if "unknown" in found else "nothing"


# Of a .deb as repositories and their builders name it (dpkg-name(1)): what stands in front of the version.
_DEBIAN_FILE = pattern(r"([a-z0-9][a-z0-9+.-]+)_[^/]*\.deb")


class _Dependencies(NamedTuple):
    inert: frozenset[str]
    depends: Mapping[str, str]
    recommends: Mapping[str, str]
    families: re.Pattern[str]
    exceptions: re.Pattern[str]
    families_for: frozenset[str]


@cache
def _dependencies() -> _Dependencies:
    facts = table("debian_dependencies")
    return _Dependencies(
        frozenset(facts["inert"].split()),
        facts["depends"],
        facts["recommends"],
        re.compile(facts["families"]),
        re.compile(facts["family_exceptions"]),
        frozenset(facts["families_for"].split()),
    )


def _effect_of_debian_package(package: str, name: str, step: Step) -> str:
    facts = _dependencies()
    if any(name in provides(other) for other in facts.depends.get(package, "").split()):
        return "brings"
    recommended = any(name in provides(other) for other in facts.recommends.get(package, "").split())
    if recommended:
        # Whether recommended packages come along may be settled elsewhere, too (apt.conf).
        return "unknown" if step.recommends else "nothing"
    if package in facts.inert or package in facts.depends or package in facts.recommends:
        return "nothing"
    if name in facts.families_for and facts.families.fullmatch(package) and not facts.exceptions.fullmatch(package):
        return "nothing"
    return "unknown"


def _effect_of_debian_file(word: Argument, name: str) -> str:
    """What `dpkg -i` of a file does, which brings nothing else: its package by its name, `PACKAGE_VERSION_ARCH.deb`."""
    found = _DEBIAN_FILE.fullmatch(word.text.strip("\"'").rpartition("/")[2])
    return "unknown" if found is None or name in found[1] or name in provides(found[1]) else "nothing"


@cache
def _alpine_inert() -> tuple[frozenset[str], re.Pattern[str]]:
    facts = table("alpine_dependencies")
    return frozenset(facts["inert"].split()), re.compile(facts["families"])


def _effect_of_alpine_package(package: str) -> str:
    inert, families = _alpine_inert()
    return "nothing" if package in inert or families.fullmatch(package) else "unknown"


_PYTHON = pattern(r"(python|pypy|pip)[0-9.]*\Z")
_PLACING = frozenset(("cp", "mv", "ln", "install", "rsync"))
_UNPACKING = frozenset(("tar", "unzip", "bsdtar"))
_DOWNLOADS = frozenset(("curl", "wget", "aria2c"))


def _effect_of_call(call: Call, name: str) -> str:
    """What any other call does about the program."""
    program = call.name
    if program is None:
        return "unknown" if call.arguments else "nothing"
    words = [argument.value for argument in call.arguments[1:]]
    if call.command is not None:
        for redirect in call.command.redirects:
            target = redirect.target.value if redirect.target else None
            if redirect.operator in (">", ">>", ">|", "&>") and basename(target) == name:
                return "unknown"
    if program in _PLACING:
        return _effect_of_placing(words, name)
    if program in _UNPACKING:
        return _effect_of_unpacking(call, words)
    if program == "tee":
        return "unknown" if any(word is None or basename(word) == name for word in words) else "nothing"
    if program in _DOWNLOADS:
        return (
            "unknown"
            if any(word is not None and basename(word) == name and "://" not in word for word in words)
            else "nothing"
        )
    if program in (".", "source"):
        text = call.arguments[1].text.strip("\"'") if len(call.arguments) > 1 else ""
        return (
            "nothing"
            if text.endswith(("/activate", "/env", "activate", ".bashrc", ".profile", "/conda.sh"))
            else "unknown"
        )
    if program in ("sh", "bash", "dash", "ash", "zsh"):
        return "unknown"
    if "playwright" in (program, *words) and re.match(r"python[0-9.]*\Z|playwright\Z", program):
        return "unknown" if {"--with-deps", "install-deps"} & set(words) else "nothing"
    if program == "find":
        runs = [words[at + 1] for at, word in enumerate(words[:-1]) if word in ("-exec", "-execdir", "-ok")]
        return "nothing" if all(basename(one) in _harmless() | {"rm"} for one in runs) else "unknown"
    if program in _harmless() or _PYTHON.match(program):
        return "nothing"
    return "unknown"


def _effect_of_placing(words: Sequence[str | None], name: str) -> str:
    """`cp`, `mv`, `ln`, `install`: by the last word, and what is put there."""
    operands = [word for word in words if word is None or not word.startswith("-")]
    recursive = any(re.match(r"-[a-zA-Z]*[aRr]|--recursive|--archive", word) for word in words if word)
    if not operands:
        return "nothing"
    target = operands[-1]
    if any(basename(word) == name for word in operands if word):
        return "unknown"
    if target is None:
        return "unknown" if any(word is None for word in operands[:-1]) and recursive else "nothing"
    if not target.startswith("/"):  # in a directory that is not known here
        return "unknown" if recursive else "nothing"
    place = absolute(target, "/")
    if place in PROGRAM_TREES:
        return "unknown"
    if place in PROGRAM_FOLDERS:
        plain = not recursive and all(word is not None and not re.search(r"[*?\[]", word) for word in operands[:-1])
        return "nothing" if plain else "unknown"
    return "nothing"


def _effect_of_unpacking(call: Call, words: Sequence[str | None]) -> str:
    """`tar -C /opt/app`, `unzip -d /data`: harmless when it goes to a place that is certainly not looked through."""
    for at, word in enumerate(words):
        target: str | None = None
        if word in ("-C", "-d", "--directory") and at + 1 < len(words):
            target = words[at + 1]
        elif word is not None and word.startswith("--directory="):
            target = word.partition("=")[2]
        else:
            continue
        place = absolute(target, "/") if target and target.startswith("/") else None
        return (
            "nothing"
            if place and place not in PROGRAM_TREES and place not in PROGRAM_FOLDERS and not place.endswith("/bin")
            else "unknown"
        )
    flags = words[0] if words and words[0] else ""
    creates = call.name == "tar" and (re.match(r"-?[a-zA-Z]*[ct]", flags) is not None and "x" not in flags)
    return "nothing" if creates else "unknown"
