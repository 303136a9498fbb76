"""A service that keeps the health check of its image although it runs something else."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the command (or variable) by which the service differs from the image."""
    service, probe = container.service, container.probe
    if service is None or probe is None or not container.is_whole or not container.inherits_probe:
        return
    found = container.listening
    if found is not None:
        request = next(iter(probe.unanswered(container.answers)), None)
        if request is None or request.port is None:
            return
        asked = f"port {request.port.text}" if container.shows(request.port) else "the port of an env file"
        message = f"the image's health check asks {asked}, but here {found.words}: it never passes"
        finding = Finding.at(found.told or container.start_span or service, message, severity="warning")
    elif container.role == "worker" and container.program is not None and container.server is None:
        if not any(container.asks_itself(request) for request in probe.requests or ()):
            return
        sure = container.program.published
        message = f"`{container.program.name}` answers no HTTP, but keeps the image's health check: it never passes"
        finding = Finding.at(container.start_span or service, message, severity=None if sure else "warning")
    else:
        return
    finding = finding.note(probe.span, "the image's health check")
    if service.healthcheck is None and found is None:
        change = edits.compose.service_key(service, "healthcheck", {"disable": "true"})
        finding = finding.fixed_by("switch it off", change, names="health check")
    yield finding
