"""What a RUN does to one file of an image: nothing, a new text, another name, or something that cannot be told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from dockerlint_fastapi.model.context.glob import Glob, clean, problem
from dockerlint_fastapi.model.context.passage import place_of
from dockerlint_fastapi.model.dockerfile import Heredoc, Run
from dockerlint_fastapi.model.files.written_text import Piece, Written, of_echo, of_heredoc, of_printf
from dockerlint_fastapi.model.shell import Redirect, ShellWord, SimpleCommand
from dockerlint_fastapi.record import Enum, NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


class Effect(Enum):
    """What an instruction does to a place, when it is neither a text nor a move."""

    NONE = "none"  # it certainly leaves the place as it was
    MAYBE = "maybe"  # it may make a file there, where none was
    REMOVED = "removed"  # nothing is there any more
    UNKNOWN = "unknown"  # it may have changed what was there


class Moved(NamedTuple):
    """What is at the place is what was at another one before."""

    origin: str


class Linked(NamedTuple):
    """The place is a symbolic link, or lies below one: what is there is what stands at another one at the end."""

    target: str


class Appended(NamedTuple):
    """A text that is added at the end of what was there."""

    pieces: tuple[Piece, ...]


Change = Effect | Moved | Linked | Appended | Written

_WRITES: Final = frozenset((">", ">|", ">>", "&>", "&>>", ">&", "<>"))
_BRANCHES: Final = frozenset(("if", "while", "until", "for", "select", "case", "function", "substitution"))
# They change no file of an application: accounts, rights, folders, tests, output.
_HARMLESS: Final = frozenset(
    ": [ [[ add-apt-repository addgroup adduser apk apt apt-cache apt-get apt-key apt-mark awk basename cat cd chgrp "
    "chmod chown chpasswd chsh command corepack crontab cut date debconf-set-selections delgroup deluser df dirname "
    "dnf dos2unix dpkg dpkg-reconfigure du echo exit export false fc-cache fc-list file getent gpasswd gpg grep "
    "groupadd groupdel groupmod hash head id ldconfig locale-gen ls microdnf mkdir mktemp nproc passwd popd printenv "
    "printf ps pushd pwd read readlink realpath rpm set setcap sha256sum shopt sleep sort ssh-keyscan stat strip sync "
    "tail test time touch tr trap true type ulimit umask uname uniq unset update-alternatives update-ca-certificates "
    "update-locale useradd userdel usermod wait wc which whoami yum zypper".split()
)
_INSTALLERS: Final = frozenset("conda flit hatch mamba micromamba pdm pip pip3 pipenv pipx poetry uv".split())
_MANIFESTS: Final = frozenset(
    "Pipfile Pipfile.lock pdm.lock poetry.lock pylock.toml pyproject.toml requirements.txt uv.lock".split()
)
_WRITES_MANIFESTS: Final = frozenset(
    "add compile export freeze init lock remove requirements self update version".split()
)
_LOCKS: Final = frozenset(("lock",))
_ASKED: Final = frozenset(("pyproject.toml", "Pipfile"))
# Options of installers that say where something goes, or that something else is run.
_PLACED_BY_OPTION: Final = frozenset(("-o", "-t", "-d", "run", "download"))
_PLACED_BY_LONG_OPTION: Final = ("--out", "--report", "--log", "--target", "--prefix", "--root")
_INTERPRETERS: Final = r"(?:python|pypy)[0-9.]*|sh|bash|ash|dash|zsh|node|perl|ruby"
_CODE: Final = ".py"
# What Python code has in it that may make a module: one that loads a model or imports a package makes none.
_WRITES_FILES: Final = (
    r"\bopen\b|write|copy|move|rename|replace|save|dump|extract|download|retrieve|clone|generate|create|make"
    r"|\b(?:os|shutil|subprocess|pathlib|Path|exec|eval|compile|runpy|main|run)\b|\.py\b|[$`]"
)
_CARRIAGE: Final = r"s([/|#,])(?:\\r|\^M|\r)\$?\1\1g?;?"
_GLOB: Final = "*?["
_MADE_BY_INSTALLERS: Final = ("/bin/", "/site-packages/", "/node_modules/", "/.venv/", "/venv/", "/env/", "/Scripts/")


class Reading(NamedTuple):
    """The commands of a RUN that starts in a directory, read once for all places.

    `acting` tells of each whether it may do anything to a file that the RUN does not name, and `installing` the same of
    one that is moreover no manifest and lies where no installer puts anything. `literal` tells that those have no
    pattern and no variable, so that such a file's folder decides what they do to it; `known` keeps that.
    """

    commands: Sequence[SimpleCommand]
    directories: list[str | None]
    acting: list[bool]
    installing: list[bool]
    literal: bool
    known: dict[tuple[str, bool], Effect]


def reading_of(run: Run, workdir: str | None) -> Reading:
    """The commands of a RUN in shell form; none for one in exec form."""
    commands = run.command.script.commands if run.command.script is not None else ()
    acting = [not _is_idle(one) for one in commands]
    installing = [
        acts and not _only_installs(one) and not _reads_installer(commands, at)
        for at, (acts, one) in enumerate(zip(acting, commands, strict=True))
    ]
    literal = not any(
        word.value is None or any(char in word.value for char in _GLOB)
        for acts, one in zip(acting, commands, strict=True)
        if acts
        for word in (*one.words, *(redirect.target for redirect in one.redirects if redirect.target is not None))
    )
    return Reading(commands, _directories(commands, workdir), acting, installing, literal, {})


def _is_idle(command: SimpleCommand) -> bool:
    """Whether a command leaves every file alone that it does not name."""
    if any(one.operator in _WRITES for one in command.redirects):
        return False
    program = command.program
    if program is None:
        return not command.words
    return program in _HARMLESS and program not in ("command", "dos2unix", "exec", "touch")


def _only_installs(command: SimpleCommand) -> bool:
    """Whether a command is an installer's, and puts nothing where it is told to."""
    if command.program not in _INSTALLERS or any(one.operator in _WRITES for one in command.redirects):
        return False
    return not any(
        word.value is None or word.value in _PLACED_BY_OPTION or word.value.startswith(_PLACED_BY_LONG_OPTION)
        for word in command.words[1:]
    )


def _reads_installer(commands: Sequence[SimpleCommand], at: int) -> bool:
    """Whether a command is an interpreter that reads the script by which an installer installs itself:
    `curl https://install.python-poetry.org | python3 -`. That one writes into a folder of its own.
    """
    command = commands[at]
    if command.before not in ("|", "|&") or at == 0 or commands[at - 1].program not in ("curl", "wget"):
        return False
    if re.fullmatch(_INTERPRETERS, command.program or "") is None or command.redirects:
        return False
    from dockerlint_fastapi.model.install.readers import installer_of  # noqa: PLC0415 - few RUNs do

    return installer_of(" ".join(word.text for word in commands[at - 1].words)) in _INSTALLERS


def change_of(run: Run, place: str, workdir: str | None, shell: str | None, reading: Reading | None = None) -> Change:
    """What a RUN does to a place. `workdir` is where it starts, `shell` the bare name of what really runs it (`dash`);
    None where these cannot be told. `reading` is what `reading_of` said of them.
    """
    name = place.rpartition("/")[2]
    texts = [run.text] if name in run.text else []
    texts += [one.body for one in run.heredocs if name in one.body]
    mentioned = bool(texts) and any(re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", text) for text in texts)
    script = run.command.script
    if run.command.exec_form or script is None:
        return Effect.UNKNOWN if mentioned else Effect.MAYBE
    reading = reading or reading_of(run, workdir)
    acting: list[bool] | None = None
    key: tuple[str, bool] | None = None
    if not texts:
        folder = place[: len(place) - len(name)]
        plain = name not in _MANIFESTS and not _is_of_installers(folder)
        acting = reading.installing if plain else reading.acting
        if reading.literal and name:
            key = (f"{folder}{_CODE if name.endswith(_CODE) else ''}", plain)
            if key in reading.known:
                return reading.known[key]
    search = _Search(run, place, shell)
    commands, directories = reading.commands, reading.directories
    doubt = False
    for at in range(len(commands) - 1, -1, -1):
        if acting is not None and not acting[at]:
            continue
        found = search.by(commands, at, directories[at])
        if found is Effect.NONE:
            continue
        if found is Effect.MAYBE:
            doubt = True
        elif isinstance(found, Moved):
            search.place = found.origin
            acting = None  # the RUN may well name where it was before
        elif isinstance(found, Appended):
            search.tail[:0] = found.pieces
        elif isinstance(found, Written) and search.tail:
            return Written((*found.pieces, *search.tail))
        elif found is Effect.REMOVED and search.tail:
            return Written(tuple(search.tail))
        else:
            return found
    if search.tail:
        return Appended(tuple(search.tail)) if search.place == place else Effect.UNKNOWN
    if search.place != place:
        return Moved(search.place)
    if mentioned and not search.seen and not search.names_others(reading):
        return Effect.UNKNOWN  # it stands where no command was read: in a pattern of the shell, in a string
    effect = Effect.MAYBE if doubt else Effect.NONE
    if key is not None:
        reading.known[key] = effect
    return effect


@lru_cache(maxsize=1024)
def _is_of_installers(folder: str) -> bool:
    """Whether installers put things below a folder, which ends in a slash."""
    return any(part in folder for part in _MADE_BY_INSTALLERS)


def _directories(commands: Sequence[SimpleCommand], workdir: str | None) -> list[str | None]:
    """The working directory of each command; None when it cannot be told."""
    found: list[str | None] = []
    current = workdir
    for command in commands:
        found.append(current)
        if command.program in ("cd", "pushd", "popd"):
            value = command.words[1].value if len(command.words) > 1 else None
            plain = command.program == "cd" and not command.nesting and value is not None and not value.startswith("-")
            current = place_of(value, current) if plain else None
    return found


class _Search:
    """The way of one place backwards through the commands of a RUN."""

    def __init__(self, run: Run, place: str, shell: str | None) -> None:
        self.run = run
        self.place = place
        self.shell = shell
        self.tail: list[Piece] = []
        self.seen = False  # whether some command names the place, so that it is known what is done with it

    def names_others(self, reading: Reading) -> bool:
        """Whether each word in which the RUN has the name of the place is a path to another file of that name:
        `chmod +x /usr/local/bin/start.sh`.
        """
        name = self.place.rpartition("/")[2]
        if any(name in one.body for one in self.run.heredocs):
            return False
        count = 0
        for command, directory in zip(reading.commands, reading.directories, strict=True):
            for word in command.words:
                value = word.value
                if value is not None and value.rpartition("/")[2] == name and not any(char in value for char in _GLOB):
                    count += self._names(word, directory) is False
        return count == len(re.findall(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", self.run.text))

    def by(self, commands: Sequence[SimpleCommand], at: int, directory: str | None) -> Change:
        """What one command does to the place."""
        command = commands[at]
        for redirect in reversed(command.redirects):
            if redirect.operator in _WRITES and redirect.target is not None and redirect.fd != "2":
                match = self._names(redirect.target, directory)
                if match is None and redirect.target.value is None:
                    match = False
                if match is not False:
                    self.seen = True
                    return self._written(command, redirect, directory) if match else Effect.UNKNOWN
        program = command.program
        words = command.words[1:]
        if program in ("sudo", "env", "command", "exec", "xargs") and words:
            return self._behind_wrapper(commands, at, directory)
        if _reads_installer(commands, at):
            return self._by_installer(words, any(self._names(word, directory) is not False for word in words))
        found = self._by_program(program, words, command, directory)
        if found not in (Effect.NONE, Effect.MAYBE) and _is_conditional(command):
            return Effect.UNKNOWN
        return found

    def _by_program(
        self, program: str | None, words: Sequence[ShellWord], command: SimpleCommand, directory: str | None
    ) -> Change:
        if program is None:
            return Effect.MAYBE if command.words else Effect.NONE
        if program in ("cp", "mv", "install"):
            return self._by_copy(program, words, directory)
        if program == "ln":
            return self._by_link(words, directory)
        if program in ("rm", "unlink", "rmdir", "shred"):
            return self._by_removal(words, directory)
        if program == "find":
            return self._by_find(words, directory)
        named = any(self._names(word, directory) is not False for word in words)
        self.seen = self.seen or named
        if program == "sed":
            in_place = any((word.value or "").startswith(("-i", "--in-place")) for word in words)
            if not in_place or _drops_carriage_returns(words):
                return Effect.NONE
            return Effect.UNKNOWN if named or any(word.value is None for word in words[-1:]) else Effect.NONE
        if program == "dos2unix" and any(word.value in ("-n", "--newfile") for word in words):
            return Effect.UNKNOWN if named else Effect.NONE
        if program in _HARMLESS:
            return Effect.MAYBE if program == "touch" and named else Effect.NONE
        if program in ("patch", "ed", "ex"):
            return Effect.UNKNOWN
        if program in _INSTALLERS:
            return self._by_installer(words, named)
        if program in ("curl", "wget"):
            return Effect.UNKNOWN if named or self._is_downloaded(words, directory) else Effect.NONE
        if re.fullmatch(_INTERPRETERS, program):
            return self._by_interpreter(words, directory)
        if command.name is not None and "/" in command.name and self._names(command.words[0], directory):
            self.seen = True
        return Effect.UNKNOWN if named else Effect.MAYBE

    def _by_interpreter(self, words: Sequence[ShellWord], directory: str | None) -> Change:
        """A script that is run, or `python -m pip`."""
        values = [word.value for word in words]
        if values[:1] == ["-m"] and len(words) > 1:
            module = values[1] or ""
            if module in _INSTALLERS:
                return self._by_installer(words[2:], any(self._names(one, directory) is not False for one in words[2:]))
            if module in ("venv", "virtualenv", "compileall", "ensurepip"):
                return self._by_installer(words[2:], named=False)
        code = values[1] if values[:1] == ["-c"] and len(values) > 1 else None
        if code is not None and self.place.endswith(_CODE) and not re.search(_WRITES_FILES, code):
            return Effect.NONE
        operand = next((at for at, value in enumerate(values) if value is None or not value.startswith("-")), None)
        if operand is not None and "-c" not in values[:operand]:
            self.seen = self.seen or self._names(words[operand], directory) is True
            words = words[operand + 1 :]
        name = self.place.rpartition("/")[2]
        return Effect.UNKNOWN if any(name in word.text for word in words) else Effect.MAYBE

    def _by_installer(self, words: Sequence[ShellWord], named: bool) -> Change:  # noqa: FBT001 - one of two answers
        values = {word.value or "" for word in words}
        name = self.place.rpartition("/")[2]
        # What an installer keeps of its own (`poetry self add`) lies in its own folder.
        of_itself = bool(words) and words[0].value == "self" and "/pypoetry/" not in self.place
        # `poetry lock` writes the lock file, and leaves the manifest as it is.
        written = _WRITES_MANIFESTS - (_LOCKS if name in _ASKED else frozenset())
        if name in _MANIFESTS and not of_itself and not values.isdisjoint(written):
            return Effect.UNKNOWN
        if named and any(one == "-o" or one.startswith(("--out", "--report", "--log")) for one in values):
            return Effect.UNKNOWN
        inside = any(part in self.place for part in _MADE_BY_INSTALLERS)
        if inside or any(one in ("-t", "run", "download", "-d") or one.startswith(("--target", "--prefix", "--root"))
                         for one in values):  # fmt: skip
            return Effect.MAYBE
        return Effect.NONE

    def _is_downloaded(self, words: Sequence[ShellWord], directory: str | None) -> bool:
        """Whether a download without a name of its own lands at the place."""
        if directory is None or f"{directory.rstrip('/')}/{self.place.rpartition('/')[2]}" != self.place:
            return False
        name = self.place.rpartition("/")[2]
        return any(word.value is None or name in word.value for word in words)

    def _behind_wrapper(self, commands: Sequence[SimpleCommand], at: int, directory: str | None) -> Change:
        command = commands[at]
        words = list(command.words)
        wrapper = command.program
        del words[0]
        while words and (words[0].value is None or words[0].value.startswith("-") or "=" in words[0].value):
            takes = wrapper == "xargs" and words[0].value in ("-n", "-P", "-I", "-L", "-d", "-a", "-s")
            takes = takes or (wrapper == "sudo" and words[0].value in ("-u", "-g"))
            del words[: 2 if takes else 1]
        if not words:
            return Effect.NONE
        inner = command._replace(words=tuple(words), redirects=())
        if wrapper != "xargs":
            return self.by([*commands[:at], inner], at, directory)
        program = inner.program
        if program in _HARMLESS or (program == "sed" and _drops_carriage_returns(inner.words)):
            self.seen = self.seen or self.place.rpartition("/")[2] in commands[at - 1].span.text
            return Effect.NONE
        before = commands[at - 1] if at > 0 else None
        if before is not None and before.program == "find" and command.before == "|":
            return Effect.UNKNOWN if self._is_found(before.words[1:], directory) else Effect.NONE
        return Effect.UNKNOWN

    def _by_find(self, words: Sequence[ShellWord], directory: str | None) -> Change:
        values = [word.value for word in words]
        acts = [values[at + 1] for at in range(len(values) - 1) if values[at] in ("-exec", "-execdir", "-ok")]
        deletes = "-delete" in values
        if not acts and not deletes:
            return Effect.NONE
        if not self._is_found(words, directory):
            return Effect.NONE
        self.seen = True
        kept = all((one or "").rpartition("/")[2] in _HARMLESS for one in acts)
        if acts and not kept:
            kept = all(one == "sed" for one in acts) and _drops_carriage_returns(words)
        return Effect.NONE if kept and not deletes else Effect.UNKNOWN

    def _is_found(self, words: Sequence[ShellWord], directory: str | None) -> bool:
        """Whether `find` may come upon the place, or on a directory that holds it."""
        starts: list[str | None] = []
        for word in words:
            if word.value is not None and (word.value.startswith("-") or word.value in ("(", "!", "\\(")):
                break
            starts.append(place_of(word.value, directory))
        if not starts:
            starts.append(directory)
        if not any(one is None or f"{self.place}/".startswith(f"{one.rstrip('/')}/") for one in starts):
            return False
        patterns = [
            words[at + 1].value
            for at in range(len(words) - 1)
            if words[at].value in ("-name", "-iname", "-path", "-wholename")
        ]
        if not patterns:
            only_directories = any(
                words[at].value == "-type" and words[at + 1].value == "d" for at in range(len(words) - 1)
            )
            return not only_directories or "-delete" not in {word.value for word in words}
        parts = self.place.split("/")[1:]
        return any(
            pattern is None or "/" in pattern or problem(pattern) is not None
            or any(Glob(pattern, double_star=False).matches(part) for part in parts)
            for pattern in patterns
        )  # fmt: skip

    def _by_removal(self, words: Sequence[ShellWord], directory: str | None) -> Change:
        for word in words:
            if word.value is None or word.value.startswith("-"):
                continue
            target = place_of(word.value, directory)
            if target is None:
                if word.value.strip("./").rpartition("/")[2] in self.place.split("/"):
                    return Effect.UNKNOWN
                continue
            if any(char in target for char in _GLOB):
                depth = target.count("/")
                above = "/".join(self.place.split("/")[: depth + 1])
                if problem(target) is not None:
                    return Effect.UNKNOWN
                if above.count("/") == depth and Glob(target[1:], double_star=False).matches(above[1:]):
                    self.seen = True
                    return Effect.UNKNOWN if "[" in target or above.rpartition("/")[2][:1] == "." else Effect.REMOVED
            elif self.place == target or self.place.startswith(f"{target.rstrip('/')}/"):
                self.seen = True
                return Effect.REMOVED
        name = self.place.rpartition("/")[2]
        self.seen = self.seen or any(name in (word.value or "") for word in words)
        return Effect.NONE

    def _by_copy(self, program: str, words: Sequence[ShellWord], directory: str | None) -> Change:
        operands, target = _operands(words, ("-t", "--target-directory", "-m", "-o", "-g", "-S"))
        into = target is not None and target[0] in ("-t", "--target-directory")
        if program == "install" and any(word.value in ("-d", "-D") for word in words):
            named = any(self._names(word, directory) is not False for word in operands)
            return Effect.UNKNOWN if named else Effect.NONE
        last = target[1] if target is not None and into else operands.pop() if operands else None
        if last is None or not operands:
            return Effect.NONE
        destination = place_of(last.value, directory)
        if destination is None:
            return self._by_vague_copy(program, [*operands, last], directory)
        found: Change = Effect.NONE
        for operand in operands:
            one = self._by_one_copy(program, operand, destination, directory, into=into or last.value == ".")
            if one is not Effect.NONE:
                found = one
        return found

    def _by_one_copy(
        self, program: str, operand: ShellWord, destination: str, directory: str | None, *, into: bool
    ) -> Change:
        place, below = self.place, destination.rstrip("/") + "/"
        source = place_of(operand.value, directory)
        if source is None:
            reached = place == destination or place.startswith(below)
            self.seen = self.seen or reached
            return Effect.UNKNOWN if reached else Effect.NONE
        written = operand.value or ""
        contents = written.endswith(("/.", "/..")) or written in (".", "..")
        name = source.rpartition("/")[2]
        if any(char in source for char in _GLOB):
            return self._by_pattern_copy(program, source, below)
        if not contents and place == f"{below}{name}":
            self.seen = True
            return Moved(source)
        if place == destination and not into:
            self.seen = True
            return Moved(source)
        if not contents and place.startswith(f"{below}{name}/"):
            self.seen = True
            return Moved(source + place[len(below) + len(name) :])
        if place.startswith(below) and (contents or not into) and "." not in name[1:]:
            self.seen = True
            return Moved(f"{source.rstrip('/')}/{place[len(below) :]}") if contents else Effect.UNKNOWN
        if program == "mv" and f"{place}/".startswith(f"{source.rstrip('/')}/"):
            self.seen = True
            return Effect.REMOVED
        self.seen = self.seen or self.place == source
        return Effect.NONE

    def _by_pattern_copy(self, program: str, source: str, below: str) -> Change:
        folder, _, last = source.rpartition("/")
        if any(char in folder for char in _GLOB) or problem(last) is not None:
            return Effect.UNKNOWN if self.place.startswith((below, folder)) else Effect.NONE
        glob = Glob(last, double_star=False)
        if self.place.startswith(below):
            head = self.place[len(below) :].partition("/")[0]
            if glob.matches(head):
                self.seen = True
                return Moved(f"{folder}/{self.place[len(below) :]}")
        if program == "mv" and self.place.startswith(f"{folder}/"):
            head = self.place[len(folder) + 1 :].partition("/")[0]
            if glob.matches(head):
                return Effect.REMOVED
        return Effect.NONE

    def _by_vague_copy(self, program: str, words: Sequence[ShellWord], directory: str | None) -> Change:
        """A copy of which the destination cannot be told."""
        name = self.place.rpartition("/")[2]
        last = words[-1]
        if program == "mv" and any(self._names(word, directory) is not False for word in words[:-1]):
            return Effect.UNKNOWN
        return Effect.UNKNOWN if any(name in word.text for word in words) or "$" in last.text else Effect.NONE

    def _by_link(self, words: Sequence[ShellWord], directory: str | None) -> Change:
        operands, _ = _operands(words, ("-t", "-S"))
        symbolic = any((one.value or "").startswith("-") and "s" in (one.value or "") for one in words)
        if len(operands) != 2:
            named = any(self._names(word, directory) is not False for word in operands)
            return Effect.UNKNOWN if named else Effect.NONE
        source, link = operands
        place = place_of(link.value, directory)
        if place is None:
            return Effect.UNKNOWN if self.place.rpartition("/")[2] in link.text else Effect.NONE
        name = (source.value or "").rstrip("/").rpartition("/")[2]
        for at in (place, f"{place.rstrip('/')}/{name}") if name else (place,):
            if self.place == at or self.place.startswith(f"{at.rstrip('/')}/"):
                if at not in (place, self.place):
                    continue
                base = at.rpartition("/")[0] or "/" if symbolic else directory
                target = place_of(source.value, base)
                if target is None:
                    return Effect.UNKNOWN
                self.seen = True
                whole = clean(target + self.place[len(at) :])
                return Linked(whole) if symbolic else Moved(whole)
        self.seen = self.seen or place_of(source.value, directory) == self.place
        return Effect.NONE

    def _written(self, command: SimpleCommand, redirect: Redirect, directory: str | None) -> Change:
        """The text that a command writes to the place."""
        if _is_conditional(command) or len([one for one in command.redirects if one.operator in _WRITES]) > 1:
            return Effect.UNKNOWN
        pieces: tuple[Piece, ...] | None = None
        program = command.program
        document = next((one for one in command.redirects if one.operator in ("<<", "<<-")), None)
        if command.before in ("|", "|&"):
            return Effect.UNKNOWN
        if program == "tr" and [word.value for word in command.words[1:]] in (["-d", r"\r"], ["-d", r"\015"]):
            source = next((one.target for one in command.redirects if one.operator == "<"), None)
            origin = place_of(source.value, directory) if source is not None else None
            return Moved(origin) if origin is not None else Effect.UNKNOWN
        if program == "cat" and len(command.words) == 1 and document is not None:
            pieces = of_heredoc(document, self._heredoc(document))
        elif program == "echo":
            pieces = of_echo(command.words[1:], self.shell)
        elif program == "printf":
            pieces = of_printf(command.words[1:])
        if pieces is None:
            return Effect.UNKNOWN
        if redirect.operator == ">>":
            return Appended(pieces)
        return Written(pieces) if redirect.operator in (">", ">|") else Effect.UNKNOWN

    def _heredoc(self, redirect: Redirect) -> Heredoc | None:
        """Docker's own reading of a here-document behind the RUN."""
        name = redirect.target.value if redirect.target is not None else None
        return next((one for one in self.run.heredocs if one.name == name), None)

    def _names(self, word: ShellWord, directory: str | None) -> bool | None:
        """Whether a word names the place; None when it may."""
        value = word.value
        if value is None:
            last = word.text.strip("\"'").rpartition("/")[2]
            if "$" in last or "`" in last:
                return None
            return None if last == self.place.rpartition("/")[2] else False
        if "=" in value and value.startswith("-"):
            value = value.partition("=")[2]
        name = self.place.rpartition("/")[2]
        if name not in value and not any(char in value for char in _GLOB) and name not in (directory or ""):
            return False  # as nearly every word: it need not be put together with the directory
        place = place_of(value, directory)
        if place is None:
            return None if value.rstrip("/").rpartition("/")[2] == self.place.rpartition("/")[2] else False
        if any(char in place for char in _GLOB):
            if problem(place) is not None:
                return None
            return None if Glob(place[1:], double_star=False).matches(self.place[1:]) else False
        return place == self.place


def _operands(
    words: Sequence[ShellWord], valued: tuple[str, ...]
) -> tuple[list[ShellWord], tuple[str, ShellWord] | None]:
    """The words that are no options, and the option with a value that came last."""
    found: list[ShellWord] = []
    option: tuple[str, ShellWord] | None = None
    waiting: str | None = None
    for word in words:
        value = word.value
        if waiting is not None:
            option, waiting = (waiting, word), None
        elif value is None or not value.startswith("-") or value == "-":
            found.append(word)
        elif value in valued:
            waiting = value
    return found, option


def _is_conditional(command: SimpleCommand) -> bool:
    return command.before == "||" or not _BRANCHES.isdisjoint(command.nesting)


def _drops_carriage_returns(words: Sequence[ShellWord]) -> bool:
    """Whether all that a `sed -i` does is to take carriage returns away."""
    expressions = [word.value for word in words if word.value is not None and re.match(r"(?:-e)?s[/|#,]", word.value)]
    return bool(expressions) and all(re.fullmatch(_CARRIAGE, one.removeprefix("-e")) for one in expressions)
