"""The program calls of a command, with what stands in front of the program (sudo, env, xargs, …) taken off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dockerlint_fastapi.model.command import Argument
from dockerlint_fastapi.model.dockerfile import Command
from dockerlint_fastapi.model.shell import Script, SimpleCommand
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span


class Call(NamedTuple):
    """A program call with its wrappers (sudo, env, xargs, …) stripped; `arguments[0]` is the program."""

    name: str | None  # bare: without directory
    arguments: tuple[Argument, ...]
    environment: Mapping[str, str | None]
    conditional: bool
    xargs: bool  # more arguments come from standard input
    command: SimpleCommand | None
    span: Span


_QUOTES = str.maketrans("", "", "\"'")
_LITERAL_TAIL = pattern(r"[A-Za-z0-9._+-]+\Z")
EXPANSION = pattern(r"[$`*?\[\]{}]")
_ASSIGNMENT = pattern(r"[A-Za-z_][A-Za-z0-9_]*=")


def bare_text(argument: Argument) -> str:
    """The word's value, or its text without quotes where it has none."""
    return argument.value if argument.value is not None else argument.text.translate(_QUOTES)


def bare_name(argument: Argument) -> str | None:
    """The program's name without its directory; also where only the directory is unknown (`$VENV/bin/pip`)."""
    if argument.value is not None:
        return argument.value.rstrip("/").rpartition("/")[2] or None
    _, slash, tail = bare_text(argument).rpartition("/")
    return tail if slash and _LITERAL_TAIL.match(tail) else None


_PYTHON = pattern(r"(python|pypy)([0-9]+(\.[0-9]+)?t?)?\Z")
_PIP_NAME = pattern(r"pip[0-9]*(\.[0-9]+)?\Z")
_PYTHON_MODULES = {
    "pip": "pip",
    "pip3": "pip",
    "uv": "uv",
    "poetry": "poetry",
    "pdm": "pdm",
    "pipenv": "pipenv",
    "pipx": "pipx",
    "hatch": "hatch",
}
_MANAGERS = {
    "apt-get": "apt",
    "apt": "apt",
    "aptitude": "apt",
    "apk": "apk",
    "dnf": "dnf",
    "dnf5": "dnf",
    "yum": "dnf",
    "microdnf": "dnf",
    "tdnf": "dnf",
    "zypper": "zypper",
    "dpkg": "dpkg",
    "rpm": "rpm",
    "uv": "uv",
    "poetry": "poetry",
    "pdm": "pdm",
    "pipenv": "pipenv",
    "hatch": "hatch",
    "pipx": "pipx",
    "pip-sync": "pip",
    "pip-compile": "pip",
    "conda": "conda",
    "mamba": "conda",
    "micromamba": "conda",
    "npm": "npm",
    "yarn": "yarn",
    "pnpm": "pnpm",
    "bun": "bun",
    "cargo": "cargo",
    "gem": "gem",
}


def manager_of(words: Sequence[Argument], position: int = 0) -> tuple[str, str, int] | None:
    """The manager that is called, the program in words, and the position behind it; None when it is none."""
    name = bare_name(words[position])
    if name is None:
        return None
    if _PIP_NAME.match(name):
        return "pip", name, position + 1
    if _PYTHON.match(name):
        inner = position + 1
        while inner < len(words):
            text = bare_text(words[inner])
            if text == "-m" and inner + 1 < len(words):
                module = words[inner + 1].value
                manager = _PYTHON_MODULES.get(module) if module else None
                return (manager, f"{name} -m {module}", inner + 2) if manager else None
            if not text.startswith("-") or text in ("-", "-c"):
                return None
            inner += 2 if text in ("-W", "-X") else 1
        return None
    manager = _MANAGERS.get(name)
    return (manager, name, position + 1) if manager else None


# Wrapper -> its options that take the next word as value. One that is in _POSITIONAL takes that many words before the
# program, too.
_WRAPPERS: dict[str, frozenset[str]] = {
    "builtin": frozenset(),
    "chronic": frozenset(),
    "command": frozenset(),
    "eatmydata": frozenset(),
    "env": frozenset(("-u", "--unset", "-C", "--chdir")),
    "exec": frozenset(("-a",)),
    "fakeroot": frozenset(),
    "gosu": frozenset(),
    "ionice": frozenset(("-c", "-n", "--class", "--classdata")),
    "nice": frozenset(("-n", "--adjustment")),
    "nohup": frozenset(),
    "runuser": frozenset(("-u", "--user", "-g", "-G")),
    "setarch": frozenset(),
    "stdbuf": frozenset(("-i", "-o", "-e")),
    "su-exec": frozenset(),
    "sudo": frozenset(
        ("-u", "-g", "-h", "-p", "-C", "-T", "-D", "-R", "-r", "-t", "--user", "--group", "--chdir", "--prompt")
    ),
    "time": frozenset(("-f", "-o", "--format", "--output")),
    "timeout": frozenset(("-k", "-s", "--kill-after", "--signal")),
    "xargs": frozenset(
        ("-n", "-P", "-I", "-d", "-a", "-L", "-s", "-E", "--max-args", "--max-procs", "--delimiter", "--arg-file")
    ),
}
_POSITIONAL = {"gosu": 1, "su-exec": 1, "timeout": 1, "setarch": 1}
# `X run …`: what follows may itself be a package manager (`poetry run pip install`).
RUNNERS: dict[str, frozenset[str]] = {
    "uv": frozenset(
        [
            "--with",
            "--with-editable",
            "--with-requirements",
            "--python",
            "-p",
            "--project",
            "--directory",
            "--extra",
            "--group",
            "--only-group",
            "--env-file",
            "--package",
            "--index",
            "--default-index",
            "--index-url",
            "--extra-index-url",
            "--cache-dir",
            "--no-group",
            "--link-mode",
        ]
    ),
    "poetry": frozenset(("-C", "--directory", "-P", "--project")),
    "pdm": frozenset(("-p", "--project")),
    "pipenv": frozenset(),
    "hatch": frozenset(("-e", "--env")),
    "rye": frozenset(),
    "conda": frozenset(("-n", "--name", "-p", "--prefix", "--cwd")),
    "mamba": frozenset(("-n", "--name", "-p", "--prefix", "--cwd")),
    "micromamba": frozenset(("-n", "--name", "-p", "--prefix", "--cwd")),
}
_CONDITIONAL = frozenset(("if", "while", "until", "case", "select", "function"))
_TESTS = frozenset(("[", "[[", "test"))


def calls(command: Command) -> tuple[Call, ...]:
    """The program calls of a RUN (or any other command) in order, wrappers stripped. A shell form that is not
    POSIX-like has none.
    """
    found: tuple[Call, ...] | None = command.read.get("calls")
    if found is None:
        found = command.read["calls"] = tuple(_calls(command))
    return found


def _calls(command: Command) -> Iterator[Call]:
    if command.exec_form:
        words = tuple(Argument(word.value, word.text, word.span) for word in command.words)
        if words:
            yield _unwrapped(words, {}, None, command.span, conditional=False)
        return
    script = command.script
    if script is not None:
        yield from script_calls(script)


def script_calls(script: Script) -> Iterator[Call]:
    """The program calls of a script in order, wrappers stripped."""
    exported: dict[str, str | None] = {}
    tested = False  # the command before is a test, or hangs on one, by `&&`
    for simple in script.commands:
        own = {one.name: one.word.value for one in simple.assignments}
        if not simple.words:
            # `A=b` alone is no variable of the programs to come, unless it was exported before.
            if not exported.keys().isdisjoint(own):
                exported = {name: own.get(name, value) for name, value in exported.items()}
            tested = False
            continue
        words = tuple(Argument(word.value, word.text, word.span) for word in simple.words)
        name = bare_name(words[0])
        behind_test = tested and simple.before == "&&"
        conditional = behind_test or simple.before == "||" or not _CONDITIONAL.isdisjoint(simple.nesting)
        tested = name in _TESTS or behind_test
        if name == "export":
            exported = dict(exported)  # the calls before keep theirs
            for word in words[1:]:
                key, equals, value = bare_text(word).partition("=")
                if equals:
                    exported[key] = value if word.value is not None else None
        yield _unwrapped(words, {**exported, **own} if own else exported, simple, simple.span, conditional=conditional)


def _unwrapped(
    words: tuple[Argument, ...],
    environment: dict[str, str | None],
    simple: SimpleCommand | None,
    span: Span,
    *,
    conditional: bool,
) -> Call:
    xargs = False
    position = 0
    while position < len(words):
        name = bare_name(words[position])
        takes = _WRAPPERS.get(name) if name else None
        start = position + 1
        if takes is None or name is None:
            runs = RUNNERS.get(name) if name else None
            if runs is None or start >= len(words) or words[start].value != "run":
                break
            inner = behind_options(words, start + 1, runs)
            # Only another package manager matters; `uv run python x` stays a call of uv.
            if inner >= len(words) or manager_of(words, inner) is None:
                break
            position = inner
            continue
        inner = behind_options(words, start, takes)
        while inner < len(words) and name in ("env", "sudo") and _ASSIGNMENT.match(bare_text(words[inner])):
            key, _, value = bare_text(words[inner]).partition("=")
            environment = {**environment, key: value if words[inner].value is not None else None}
            inner += 1
        inner += _POSITIONAL.get(name, 0)
        if inner >= len(words) or (name == "command" and inner > start and bare_text(words[start]) in ("-v", "-V")):
            break
        xargs = xargs or name == "xargs"
        position = inner
    rest = words[position:]
    return Call(bare_name(rest[0]) if rest else None, rest, environment, conditional, xargs, simple, span)


def behind_options(words: Sequence[Argument], position: int, takes: frozenset[str]) -> int:
    """The position of the first word that is neither an option nor the value of one."""
    while position < len(words):
        text = bare_text(words[position])
        if text == "--":
            return position + 1
        if not text.startswith("-") or text == "-":
            return position
        position += 2 if text in takes else 1
    return position
