"""A long-running service that nothing starts again."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Container

KEPT_UP = ("server", "worker", "other-web", "database", "cache", "broker", "proxy", "frontend")


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the service's name, or of `restart: "no"`; only where nothing more can be laid over the files."""
    service, deployment = container.service, container.deployment
    if service is None or deployment is None or not deployment.whole or container.development:
        return
    if container.role not in KEPT_UP or deployment.runs_once(service) or deployment.is_swarm:
        return
    in_guide = None if container.role == "server" else "off"  # the guide sets it on its web service only
    if service.restart is not None:
        if service.restart.value == "no":
            message = f"`{service.name}` is told never to restart: after a crash or a reboot it stays down"
            yield Finding.at(service.restart.span, message, severity="info", in_guide=in_guide)
    elif service.restart_policy is None:
        finding = Finding.at(
            service,
            f"`{service.name}` has no restart policy: after a crash or a reboot it stays down",
            severity="info" if container.worked_on or container.orchestrated else None,
            in_guide=in_guide,
        )
        at = service.beginning
        if at is not None:
            finding = finding.fixed_by(
                "restart it unless it was stopped", Edit(at, "restart: unless-stopped\n" + " " * (at.column - 1))
            )
        yield finding
