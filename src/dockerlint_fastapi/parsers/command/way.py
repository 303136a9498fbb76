"""The way from a command to a program: the wrappers passed, and what they did to variables and to the process."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dockerlint_fastapi.model.command import Argument
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.parsers.shell.expansion import Exists, Lookup

MAX_DEPTH: Final = 8  # shells within shells that are followed; no real file has more than three


class Known(NamedTuple):
    """What is known of the surroundings of a script."""

    name: str | None  # its own path, `$0`; None when it is not known
    arguments: tuple[Argument, ...] | None  # its own, None when they are not known
    lookup: Lookup  # the variables of its environment, and `id -u`, the user's number
    exists: Exists
    text: Callable[[str], str | None] = lambda _path: None  # of a file that is certainly there


class Way(NamedTuple):
    """What is known of the way to a program: the wrappers passed and what they did."""

    shell: str | None = None
    execs: bool = True
    last: bool = True
    background: bool = False
    conditional: bool = False
    wrappers: tuple[str, ...] = ()
    inherits: bool | None = True
    environment: Mapping[str, tuple[str | None, Span]] = {}
    positional: tuple[Argument, ...] | None = None  # "$@" of the shell in force, where known
    depth: int = 0
    known: Callable[[Way], Known] | None = None  # what is known of the surroundings of a shell's text on the way
    moves: tuple[str | None, ...] = ()  # see Program
    bash_stays: bool = False  # see Program


class Walk:
    """The stripping of one word list: where it stands, and what the wrappers passed so far did."""

    __slots__ = ("arguments", "at", "environment", "inherits", "moves", "unbuffered", "wrappers")

    def __init__(self, arguments: list[Argument], way: Way) -> None:
        self.arguments = arguments
        self.at = 0
        self.wrappers = list(way.wrappers)
        self.environment = dict(way.environment)
        self.inherits = way.inherits
        self.moves = way.moves
        self.unbuffered = False  # no process that a Python starts has its `-u`

    def opaque(self) -> None:
        """From here on, variables of any name may be set."""
        self.inherits = None
        self.environment = {name: (None, span) for name, (_, span) in self.environment.items()}

    def clear(self) -> None:
        """From here on, no variable is set."""
        self.inherits = False
        self.environment = {}

    def assign(self, word: Argument, name: str) -> None:
        """A `NAME=value` word."""
        value = None if word.value is None else word.value.partition("=")[2]
        self.environment[name] = (value, word.span)


def bare(path: str) -> str:
    """The last part of a path: a program's name without its directory."""
    return path.rstrip("/").rpartition("/")[2]


def assigned_name(word: Argument) -> str | None:
    """The NAME of a `NAME=…` word, also when the value cannot be told."""
    name, equals, _ = (word.text if word.value is None else word.value).partition("=")
    return name if equals and name.isidentifier() and name.isascii() else None
