"""From a program and its environment to the server that it is, by that server's own rules.

Option names come from the tables in data/servers, which a test compares with the packages. What the options mean
(precedence, defaults, variables) is written here, in one module per server: each says what its server does, tried with
the versions named in the tables.
"""

from __future__ import annotations

from dockerlint_fastapi.model.command import Environment, Program, Server
from dockerlint_fastapi.parsers.server.reader import Configuration, Configure, Exists, Reader, unread

__all__ = ["Configuration", "Configure", "Exists", "server"]


def _cannot_tell(_path: str) -> None:
    return None


def server(
    program: Program, environment: Environment, exists: Exists = _cannot_tell, configure: Configure = unread
) -> Server | None:
    """The server that a program is; None when it is none, or one that only prints its version or help.

    `environment` is what the container gives to its command; assignments on the command line are applied here.
    `configure` reads configuration files. Where it cannot tell, `exists` decides whether there may be a
    gunicorn.conf.py, which gunicorn reads unasked; where that cannot be told either, nor can defaults.
    """
    read = _reader(program.name)
    return None if read is None else read(program, environment.seen_by(program), exists, configure)


def _reader(name: str) -> Reader | None:
    """The reader of the server that a program's name stands for, imported when it is met: a project has one or two."""
    match name:
        case "uvicorn":
            from dockerlint_fastapi.parsers.server.uvicorn import read  # noqa: PLC0415
        case "gunicorn":
            from dockerlint_fastapi.parsers.server.gunicorn import read  # noqa: PLC0415
        case "hypercorn":
            from dockerlint_fastapi.parsers.server.hypercorn import read  # noqa: PLC0415
        case "granian":
            from dockerlint_fastapi.parsers.server.granian import read  # noqa: PLC0415
        case "daphne":
            from dockerlint_fastapi.parsers.server.daphne import read  # noqa: PLC0415
        case "fastapi":
            from dockerlint_fastapi.parsers.server.fastapi import read  # noqa: PLC0415
        case _:
            return None
    return read
