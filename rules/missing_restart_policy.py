from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Container

KEPT_UP = ("server", "worker", "other-web", "database", "cache", "broker", "proxy")


def check(container: Container) -> Iterator[Finding]:
    service, deployment = container.service, container.deployment
    if service is None or deployment is None or not deployment.whole or container.development:
        return
    if container.role not in KEPT_UP or deployment.runs_once(service) or deployment.is_swarm:
        return
    in_guide = None if container.role == "server" else "off"  # the guide sets it on its web service only
    restart = service.restart
    if restart is not None:
        if restart.value == "no":
            yield Finding.at(
                restart.span,
                f"`{service.name}` is never started again after a crash",
                severity="info",
                in_guide=in_guide,
            )
    elif service.restart_policy is None:
        yield Finding.at(
            service,
            f"`{service.name}` has no restart policy: after a crash or a reboot it stays down",
            in_guide=in_guide,
        )
