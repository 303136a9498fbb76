"""A health check that asks a port on which nothing in its container listens."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Container, Expose
from dockerlint_fastapi.model.health.probe import Request
from dockerlint_fastapi.model.network.listening import Listening


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the port that is asked; one that fits the image but not a service is another rule's."""
    probe, found = container.probe, container.listening
    if probe is None or found is None or not container.is_whole or container.inherits_probe:
        return
    refused = probe.unanswered(container.answers)
    for request in refused[:1]:
        port = request.port
        if port is None:
            continue
        expose = container.agreeing_expose(request)
        if expose is not None and found.told is not None:
            yield _odd_server(found, request, expose)
            continue
        by = " by default" if port.origin == "default" else ""
        asked = f"port {port.text}{by}" if container.shows(port) else "the port of an env file"
        message = f"the health check asks {asked}, but {found.words}: the container never becomes healthy"
        finding = Finding.at(port.span or request.span, message).note(found.told, "the server listens here")
        literal = found.shown and port.span is not None and port.span.text == port.text
        change = Edit(port.span, found.port.text) if literal and port.span is not None else None
        finding = finding.fixed_by(
            f"ask port {found.port.text}" if literal else "", change, safe=False, names="health check"
        )
        elsewhere = finding.span.source is not probe.span.source
        yield finding.note(probe.span, "the health check runs this script") if elsewhere else finding


def _odd_server(found: Listening, request: Request, expose: Expose) -> Finding:
    """What to say where EXPOSE and the health check agree, and the server does not."""
    number = expose.exposed[0].word.text.removesuffix("/tcp")
    message = f"{found.words}, but EXPOSE and the health check say {number}: the container never becomes healthy"
    help_ = "let the server listen on the port that the others name, or change both of them"
    finding = Finding.at(found.told or found.span, message, help=help_)
    port = request.port.span if request.port is not None else None
    return finding.note(port or request.span, "asked here").note(expose.exposed[0].word, "exposed here")
