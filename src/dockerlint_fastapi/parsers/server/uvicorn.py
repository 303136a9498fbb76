"""uvicorn's command line and variables; a click program."""

from __future__ import annotations

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.command import UNKNOWN, Environment, Program, Server
from dockerlint_fastapi.parsers.server.options import Line
from dockerlint_fastapi.parsers.server.reader import Configure, Exists, application, made
from dockerlint_fastapi.parsers.server.settings import Settings, concurrency, or_default, or_one, socket_or_tcp


def read(program: Program, environment: Environment, _exists: Exists, _configure: Configure, /) -> Server | None:
    """uvicorn: `UVICORN_NAME` stands for every option; workers also WEB_CONCURRENCY, which `--env-file` may set."""
    known = table("servers/uvicorn")
    line = Line(known, program.argv[1:])
    if line.ending:
        return None
    settings = Settings(line, environment, known, "UVICORN_")
    workers = or_one(settings.get("workers"))
    if workers is None:
        workers = concurrency(environment)
        if workers is None and settings.get("env-file") is not None:
            workers = UNKNOWN
    app = application(line)
    if app is None and not line.positional and not line.hidden:
        app = or_default(settings.from_variable("app"), None)
    options, complete = settings.options()
    return made(
        program,
        "uvicorn",
        line,
        app=app,
        binds=socket_or_tcp(settings, {"uds": "unix", "fd": "fd"}, "127.0.0.1", "8000"),
        workers=or_default(workers, "1"),
        reload=settings.known("reload", "false"),
        options=options,
        complete=complete,
    )
