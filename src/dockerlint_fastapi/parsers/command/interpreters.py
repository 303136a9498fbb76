"""Programs that run what a word holds or names: the shell and its `exec`, `python -m`, watchfiles."""

from __future__ import annotations

from dockerlint_fastapi.model.command import PYTHON_VALUED, Argument
from dockerlint_fastapi.parsers.command.places import locator, rest_of
from dockerlint_fastapi.parsers.wrappers import Wrapper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


_BASH_FLAGS: Final = frozenset(
    {"--login", "--norc", "--noprofile", "--posix", "--restricted", "--verbose", "--noediting", "--debugger"}
)

WATCHFILES: Final = Wrapper(
    flags=frozenset({"--verbose", "--non-recursive", "--ignore-permission-denied"}),
    valued=frozenset(
        {"--ignore-paths", "--target-type", "--filter", "--args", "--verbosity", "--sigint-timeout", "--grace-period"}
        | {"--sigkill-timeout"}
    ),
    unreadable=frozenset({"-h", "--help", "-V", "--version"}),
)


def behind_exec(arguments: list[Argument], at: int) -> int | None:
    """The place behind `exec` or `command` and its options; None when nothing is started."""
    head = arguments[at].value
    at += 1
    while at < len(arguments):
        value = arguments[at].value
        if value == "--":
            return at + 1
        if value is None or not value.startswith("-") or value == "-":
            return at
        if head == "exec" and value.strip("-cl") == "":
            at += 1
        elif head == "exec" and value == "-a":
            at += 2
        elif head == "command" and value == "-p":
            at += 1
        else:
            return None
    return at


def shell_string(arguments: list[Argument], at: int) -> int | None:
    """The place of the command string behind a shell with `-c`; None when there is none to be told."""
    at += 1
    command = False
    while at < len(arguments):
        value = arguments[at].value
        if value is None:
            return at if command else None
        if value in ("--", "-"):
            at += 1
            break
        if value.startswith("--"):
            if value in ("--rcfile", "--init-file"):
                at += 1
            elif value not in _BASH_FLAGS:
                return None
        elif value.startswith(("-", "+")) and len(value) > 1:
            command = command or (value[0] == "-" and "c" in value)
            if "s" in value[1:] and value[0] == "-":
                return None
            # `-o pipefail`, also within `-euxo pipefail`, and bash's `-O`
            at += value.count("o") + value.count("O")
        else:
            break
        at += 1
    return at if command and at < len(arguments) else None


def shell_script(arguments: list[Argument], at: int) -> int | None:
    """The place of the script file behind a shell and its options; None when there is none to be told."""
    at += 1
    while at < len(arguments):
        value = arguments[at].value
        if value is None or value == "-" or (value.startswith("-") and not value.startswith("--") and "s" in value):
            return None
        if value == "--":
            return at + 1 if at + 1 < len(arguments) else None
        if not value.startswith(("-", "+")):
            return at
        at += 2 if value in ("-o", "+o", "-O", "+O", "--rcfile", "--init-file") else 1
    return None


def python_module(arguments: list[Argument], at: int) -> int | None:
    """The place of the module behind `python … -m`; None when a file or other code is run. Splits `-mname`."""
    at += 1
    while at < len(arguments):
        value = arguments[at].value
        if value is None or not value.startswith("-") or value in ("-", "--"):
            return None
        if value in PYTHON_VALUED:
            at += 2
            continue
        if value.startswith("--"):
            return None  # --help and --version end it
        for place in range(1, len(value)):
            char = value[place]
            if char == "m":
                attached = value[place + 1 :]
                if attached:
                    arguments[at] = rest_of(arguments[at], place + 1)
                    return at
                return at + 1 if at + 1 < len(arguments) else None
            if char in "WX":
                at += 0 if value[place + 1 :] else 1
                break
            if char not in "bBdEiIOPqRsSuvx":
                return None  # -c runs code, -V and -h end it
        at += 1
    return None


def python_unbuffered(arguments: list[Argument], at: int) -> bool:
    """Whether a Python is given `-u`, also among other letters (`-Bum uvicorn`)."""
    at += 1
    while at < len(arguments):
        value = arguments[at].value
        if value is None or not value.startswith("-") or value.startswith("--"):
            return False
        for char in value[1:]:
            if char == "u":
                return True
            if char in "cm":
                return False  # what follows is the program's own
            if char in "WX":
                break
        at += 2 if value in PYTHON_VALUED else 1
    return False


def command_words(argument: Argument) -> list[Argument] | None:
    """The words of watchfiles' command string, split as it does; None for a Python function or if it cannot be told."""
    value = argument.value
    if value is None:
        return None
    if " " not in value and "." in value and not value.endswith((".py", ".sh")) and "/" not in value:
        return None  # `module.function`
    locate = locator(argument)
    words: list[Argument] = []
    at, end = 0, len(value)
    while at < end:
        while at < end and value[at].isspace():
            at += 1
        if at == end:
            break
        start, text = at, []
        while at < end and not value[at].isspace():
            char = value[at]
            at += 1
            if char in "'\"":
                close = value.find(char, at)
                if close < 0:
                    return None
                text.append(value[at:close])
                at = close + 1
            elif char == "\\" and at < end:
                text.append(value[at])
                at += 1
            else:
                text.append(char)
        words.append(Argument("".join(text), value[start:at], locate(start, at)))
    return words or None
