"""A service that keeps the health check of its image although it runs something else."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container
from dockerlint_fastapi.model.health.probe import Probe


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the command (or variable) by which the service differs from the image."""
    service, probe = container.service, container.probe
    if service is None or probe is None or not container.is_whole or not container.inherits_probe:
        return
    finding = _of_listening(container, probe) if container.listening is not None else _of_worker(container, probe)
    if finding is None:
        return
    finding = finding.note(probe.span, "the image's health check")
    # one HEALTHCHECK is one fault, whatever takes it over; servers that listen elsewhere want different checks
    finding = finding.caused_by(probe.span, service.span.source.path, finding.message)
    # what is checked elsewhere wants that check, not none
    if service.healthcheck is None and container.role == "worker" and container.server is None:
        change = edits.compose.service_key(service, "healthcheck", {"disable": "true"})
        finding = finding.fixed_by("switch it off", change, names="health check")
    yield finding


def _of_listening(container: Container, probe: Probe) -> Finding | None:
    """On a server that listens elsewhere."""
    found, request = container.listening, next(iter(probe.unanswered(container.answers)), None)
    if found is None or request is None or request.port is None:
        return None
    asked = f"port {request.port.text}" if container.shows(request.port) else "the port of an env file"
    message = f"the image's health check asks {asked}, but here {found.words}: it never passes"
    return Finding.at(found.told or container.start_span or container, message, severity="warning")


def _of_worker(container: Container, probe: Probe) -> Finding | None:
    """On what is no server, or a program that other services check at another port."""
    where, program, elsewhere = container.start_span or container, container.program, container.checked_elsewhere
    if container.role == "worker" and program is not None and container.server is None:
        requests = [one for one in probe.requests or () if container.asks_itself(one)]
        if not requests or container.shares_network is not False:
            return None  # another's server may answer there
        message = f"`{program.name}` answers no HTTP, but keeps the image's health check"
        if program.monitors:
            port, ports = container.monitor_port, [one.port.text if one.port is not None else "" for one in requests]
            if port is None or "" in ports or port in ports:
                return None
            message = f"the image's health check asks port {ports[0]}, but here Flower listens on {port}"
        certain = program.published and not program.monitors
        return Finding.at(where, f"{message}: it never passes", severity=None if certain else "warning")
    if elsewhere is None:
        return None
    asked, other = (one.port.text if one.port is not None else "" for one in elsewhere)
    message = f"the image's health check asks port {asked}, but this command is checked at port {other} elsewhere"
    finding = Finding.at(where, f"{message}: it never passes", severity="warning")
    return finding.note(elsewhere.other.span, "checked here")
