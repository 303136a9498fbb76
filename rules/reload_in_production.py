"""A server that watches its source files, in what is meant to be deployed."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Container


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the word that turns the reloader on: an option, a variable, or `dev` of `fastapi dev`."""
    server = container.server
    if server is None or server.reload is None or not server.reload.on:
        return
    if container.development or server.call is not None:
        return  # of code, `uvicorn-run-misuse` speaks
    where = server.reload.span or server.program.span
    in_dockerfile = container.image is not None and where.source is container.image.dockerfile.source
    severity = "warning" if container.setting == "base" and not in_dockerfile else "error"
    if container.worked_on:  # for work on the code, whatever the file is called
        severity = "warning" if severity == "error" else "info"
    elif container.service is None and container.image is not None and container.image.is_started_otherwise:
        severity = "warning"  # every service gives a command of its own
    if server.reload.origin == "file" or (server.reload.origin == "environment" and server.config is not None):
        what = f"`reload` is on in the configuration of `{server.kind}`"
    elif server.reload.origin == "environment":
        what = f"`{server.kind.upper()}_RELOAD` turns on the reloader"
    else:
        what = (
            "`fastapi dev` runs the reloader" if server.subcommand == "dev" else f"`{server.kind}` runs with `--reload`"
        )
    alone = " and allows no `--workers`" if server.kind in ("uvicorn", "fastapi") else ""
    mild = severity == "info"
    message = f"{what}, made for development: it restarts whenever a file changes{alone}"
    yield Finding.at(where, message, severity=severity, pedantic=mild, in_guide="info" if mild else None)
