"""A server that cannot import its application: the import string leads nowhere."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Container
from dockerlint_fastapi.model.application import Fault
from dockerlint_fastapi.model.command import Server


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the part of the import string at fault, and of what is there instead when that is one thing."""
    search = container.search if container.is_whole else None
    fault = search.result if search is not None else None
    if search is None or not isinstance(fault, Fault):
        return
    codeless = container.is_codeless
    severity = "info" if codeless else "warning" if container.is_bare else None
    finding = Finding.at(fault.span, _what(fault, search.server), severity=severity, pedantic=codeless)
    finding = finding.note(fault.module, "the module that it finds")
    if len(fault.candidates) == 1:
        (candidate,) = fault.candidates
        finding = finding.note(candidate.span, f"`{candidate.text}` is there")
        app = search.server.app
        if app is not None and app.span is not None and app.span.text == app.text:
            finding = finding.fixed_by(
                f"start `{candidate.text}`",
                Edit(app.span, candidate.text),
                safe=False,
                reveals=True,
                names=("command", "server:app"),
            )
    yield finding


def _what(fault: Fault, started: Server) -> str:
    """What is wrong, in words."""
    server = " ".join(filter(None, (started.kind, started.subcommand)))
    match fault.kind:
        case "form":
            return f"`{fault.text}`: {fault.reason}, and exits"
        case "module":
            return f"there is no module `{fault.text}` in `{fault.reason}`: `{server}` exits when it starts"
        case "attribute":
            return f"`{fault.reason}` has no `{fault.text}`: `{server}` exits when it starts"
        case _ if fault.text:
            return f"there is no `{fault.reason}`: `{server}` exits when it starts"
        case _:
            return f"`{server}` finds no `main.py`, `app.py` or `api.py` in `{fault.reason}`, and exits"
