"""granian's command line and variables; a click program."""

from __future__ import annotations

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.command import Environment, Program, Server
from dockerlint_fastapi.parsers.server.options import Line
from dockerlint_fastapi.parsers.server.reader import Configure, Exists, application, made
from dockerlint_fastapi.parsers.server.settings import Settings, socket_or_tcp


def read(program: Program, environment: Environment, _exists: Exists, _configure: Configure, /) -> Server | None:
    """granian: `GRANIAN_NAME` stands for every option, by the parameter's name, which is not always the option's."""
    known = table("servers/granian")
    line = Line(known, program.argv[1:])
    if line.ending:
        return None
    settings = Settings(line, environment, known, "GRANIAN_")
    options, complete = settings.options()
    return made(
        program,
        "granian",
        line,
        app=application(line),
        binds=socket_or_tcp(settings, {"uds": "unix"}, "127.0.0.1", "8000"),
        workers=settings.known("workers", "1"),
        reload=settings.known("reload", "false"),
        options=options,
        complete=complete,
    )
