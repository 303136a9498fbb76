"""What the reader of each server takes and gives: `Reader`, and the `Server` made of what was read."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dockerlint_fastapi.model.command import (
    UNKNOWN,
    Argument,
    Bind,
    Environment,
    Program,
    Server,
    Unknown,
    Value,
    is_loopback,
)
from dockerlint_fastapi.parsers.server.options import Line, value_of
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

Exists = Callable[[str], bool | None]
"""Whether a file of that name is in the directory where the server starts; None when that cannot be told."""


class Configuration(NamedTuple):
    """What a server's configuration file sets, by the names that settings have there.

    The values of one setting are a tuple, of one unless the file gives a list; UNKNOWN for what cannot be told.
    `complete` is False when the file may set what is not here.
    """

    file: Span  # the file's beginning
    settings: Mapping[str, tuple[Value, ...] | Unknown]
    complete: bool

    def get(self, name: str) -> Value | Unknown | None:
        """The value of a setting that has one; None when the file does not set it."""
        found = self.settings.get(name)
        if found is None:
            return None if self.complete else UNKNOWN
        return UNKNOWN if isinstance(found, Unknown) else found[-1]


Configure = Callable[[str | None], Configuration | Unknown | None]
"""The configuration file of that name, as written on the command line; for None, the one that the server reads unasked.
UNKNOWN when there may be one that cannot be read, None when there is certainly none.
"""


def unread(_written: str | None) -> Unknown:
    """The answer where the files of the container are not at hand."""
    return UNKNOWN


Reader = Callable[[Program, Environment, Exists, Configure], Server | None]
"""One server's own rules: from a program of its name, and the variables that it sees, to what it serves."""


def application(line: Line) -> Value | None:
    """The first positional word; None when there is none, or it may be another."""
    if not line.positional:
        return None
    first = line.positional[0]
    return value_of(first) if line.certain else None


def _companions(line: Line) -> tuple[Argument, ...]:
    """The words of the options that only matter with --reload."""
    return tuple(word for name, words in line.words.items() if name.startswith("reload-") for word in words)


def _face(binds: tuple[Bind, ...] | None) -> tuple[Value | None, Value | None]:
    """The host and port by which a server is best reached."""
    if not binds:
        return None, None
    for bind in binds:
        if bind.host is not None and not is_loopback(bind.host.text):
            return bind.host, bind.port
    if any(bind.host is None for bind in binds):
        ports = {bind.port.text if bind.port else None for bind in binds}
        return None, binds[0].port if len(ports) == 1 else None
    return binds[0].host, binds[0].port


def made(
    program: Program,
    kind: str,
    line: Line,
    *,
    app: Value | None,
    binds: tuple[Bind, ...] | None,
    workers: Value | None,
    reload: Value | None,
    options: Mapping[str, Value],
    complete: bool,
    subcommand: str = "",
    config: Value | None = None,
) -> Server:
    """The server, with what follows from its parts: the address by which it is reached, the words beside --reload."""
    host, port = _face(binds)
    return Server(
        program=program,
        kind=kind,
        subcommand=subcommand,
        app=app,
        host=host,
        port=port,
        workers=workers,
        reload=reload,
        reload_options=_companions(line),
        options=options,
        complete=complete,
        binds=binds,
        unknown_options=tuple(line.unknown),
        config=config,
        hidden=line.hidden,
        untold=frozenset(name for name, values in line.given.items() if values and values[-1] is None),
    )
