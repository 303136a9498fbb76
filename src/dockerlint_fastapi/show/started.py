"""What starts in a container: the scripts on the way, the program, its server, and what that serves."""

from __future__ import annotations

from dockerlint_fastapi.model.application import Fault
from dockerlint_fastapi.model.command import Unknown
from dockerlint_fastapi.show.description import (
    Application,
    Bind,
    Call,
    Fact,
    Package,
    Place,
    Program,
    Reason,
    Script,
    Server,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerlint_fastapi import model
    from dockerlint_fastapi.model import command as commands

# Of each server the distributions that it is, and that others start it or serve by.
PACKAGES = {
    "uvicorn": ("uvicorn",),
    "fastapi": ("fastapi-cli", "uvicorn"),
    "gunicorn": ("gunicorn", "uvicorn", "uvicorn-worker"),
    "hypercorn": ("hypercorn",),
    "granian": ("granian",),
    "daphne": ("daphne",),
}


def program_of(program: commands.Program | None) -> Program | None:
    """The program that a container is about."""
    if program is None or not program.name:
        return None
    return Program(program.name, program.script, program.wrappers, Place.of(program.span))


def _value(value: commands.Value | None) -> Fact | None:
    if value is None:
        return None
    origin = "base image" if value.origin == "environment" and value.span is None else value.origin
    return Fact(value.text, origin, None if value.span is None else Place.of(value.span))


def server_of(server: commands.Server | None) -> Server | None:
    """A server and its settings."""
    if server is None:
        return None
    binds = server.binds
    call = server.call
    return Server(
        kind=server.kind,
        subcommand=server.subcommand or None,
        call=None if call is None else Call(call.name, Place.of(call.span)),
        app=_value(server.app),
        host=_value(server.host),
        port=_value(server.port),
        workers=_value(server.workers),
        reload=_value(server.reload),
        binds=None if binds is None else tuple(Bind(_value(bind.host), _value(bind.port)) for bind in binds),
    )


def scripts_of(container: model.Container) -> Iterator[Script]:
    """The shell scripts that run on the way to the program."""
    for one in container.scripts:
        placed = one.placed
        file = one.script.span.source.shown if placed.path is not None else None
        runner = Place.of(one.runner.span)
        yield Script(placed.place, file, one.shell, one.sourced, Place.of(placed.by), runner)


def application_of(container: model.Container) -> Application | None:
    """What the server of a container serves; None when there is none, or it cannot be told."""
    found = container.application
    if found is None or isinstance(found, Unknown) or found.span is None:
        return None
    routes = [one for one in found.routes if not one.open]
    return Application(found.name, found.called, Place.of(found.span), len(routes), found.closed)


def no_application_of(container: model.Container) -> Reason | None:
    """Why the server of a container certainly finds no application."""
    fault = container.search.result if container.search is not None else None
    if not isinstance(fault, Fault):
        return None
    reasons = {
        "form": f"`{fault.text}` is no import string that the server takes",
        "attribute": f"the module binds no `{fault.text}`",
    }
    return Reason(reasons.get(fault.kind, f"`{fault.text}` is not in the container"), Place.of(fault.span))


def packages_of(container: model.Container) -> Iterator[Package]:
    """The distributions that the start needs, as far as they are known to be there."""
    image, server = container.image, container.server
    if image is None or server is None:
        return
    for name in ("fastapi", *PACKAGES.get(server.kind, ())):
        found = image.distributions.get(name)
        if found is not None and not isinstance(found, Unknown):
            yield Package(found.name, found.version, found.specifier, Place.of(found.span))
