"""The command line of `fastapi`, a typer program that starts uvicorn."""

from __future__ import annotations

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.command import Bind, Environment, Program, Server, Value
from dockerlint_fastapi.parsers.server.options import Line
from dockerlint_fastapi.parsers.server.reader import Configure, Exists, application, made
from dockerlint_fastapi.parsers.server.settings import Settings, concurrency, or_default, or_one


def read(program: Program, environment: Environment, _exists: Exists, _configure: Configure, /) -> Server | None:
    """`fastapi run|dev`: PORT, and WEB_CONCURRENCY by way of uvicorn; never UVICORN_*."""
    known = table("servers/fastapi")
    at = 1
    while at < len(program.argv):
        value = program.argv[at].value
        if value is None or not value.startswith("-"):
            break
        if value not in ("--verbose", "--no-verbose"):
            return None
        at += 1
    subcommand = program.argv[at].value if at < len(program.argv) else None
    if subcommand not in ("run", "dev"):
        return None
    line = Line(known[subcommand], program.argv[at + 1 :])
    if line.ending:
        return None
    settings = Settings(line, environment, known[subcommand])
    workers = or_one(settings.get("workers"))
    if workers is None:
        workers = concurrency(environment)
    reload = settings.get("reload")
    if reload is None:
        dev = subcommand == "dev"
        reload = Value("true" if dev else "false", program.argv[at].span if dev else None, "default")
    entrypoint = line.last("entrypoint")
    app = application(line)
    if app is None and not line.positional and isinstance(entrypoint, Value):
        app = entrypoint
    options, complete = settings.options()
    host = "127.0.0.1" if subcommand == "dev" else "0.0.0.0"  # noqa: S104  # the server's own default
    return made(
        program,
        "fastapi",
        line,
        app=app,
        binds=(Bind(settings.known("host", host), settings.known("port", "8000")),),
        workers=or_default(workers, "1"),
        reload=or_default(reload, None),
        options=options,
        complete=complete,
        subcommand=subcommand,
    )
