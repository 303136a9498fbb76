"""`restart: on-failure` for a server that does not end with a failure."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container
from dockerlint_fastapi.model.compose import setting


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the policy of a service that starts several workers of uvicorn."""
    service, server = container.service, container.server
    if service is None or server is None or server.kind not in ("uvicorn", "fastapi") or server.several is None:
        return
    if server.several_running is None:
        return  # it runs one process then
    written = service.restart
    if written is None and service.restart_policy is not None:
        written = setting(service.restart_policy.get("condition"), service.lookup)
    if written is None or not (written.value or "").startswith("on-failure"):
        return
    message = "uvicorn with several workers ends with code 0 when the startup fails: `on-failure` never restarts it"
    severity = "info" if container.development else None
    finding = Finding.at(written.span, message, severity=severity)
    finding = finding.note(server.several.span or container.start_span, "here it gets more than one")
    if service.restart is not None:
        change = edits.compose.scalar(service.node("restart"), "unless-stopped")
        yield finding.fixed_by("restart it unless it was stopped", change, names="restart")
    else:
        change = edits.compose.scalar(service.node("deploy", "restart_policy", "condition"), "any")
        yield finding.fixed_by("restart it whenever it ends", change, names="restart")
