"""A long-running service that nothing starts again."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Container, Deployment

KEPT_UP = ("server", "worker", "other-web", "database", "cache", "broker", "proxy", "frontend")


def check(deployment: Deployment) -> Iterator[Finding]:
    """Speaks once of all services without a policy, and of each `restart: "no"`; only where nothing more can be laid
    over the files.
    """
    ran = [one for one in deployment.containers if deployment.whole and not deployment.is_swarm and _runs(one)]
    for service in [one.service for one in ran if one.service is not None]:
        if service.restart is not None and service.restart.value == "no":
            message = f"`{service.name}` is told never to restart: after a crash or a reboot it stays down"
            yield Finding.at(service.restart.span, message, severity="info", in_guide="info", pedantic=True)
    bare = [one for one in ran if one.service and one.service.restart is None and one.service.restart_policy is None]
    for mild in (False, True):
        group = [one for one in bare if bool(deployment.is_workbench or one.worked_on or one.orchestrated) is mild]
        if group:
            yield _finding(sorted(group, key=lambda one: one.role != "server"), mild=mild)


def _runs(container: Container) -> bool:
    service, deployment = container.service, container.deployment
    ends = service is None or deployment is None or deployment.runs_once(service)
    return not ends and container.role in KEPT_UP and not container.development


def _finding(containers: list[Container], *, mild: bool) -> Finding:
    services = [one.service for one in containers if one.service is not None]
    first = services[0]
    message = f"`{first.name}` has no restart policy: after a crash or a reboot it stays down"
    guide = (
        "off" if containers[0].role != "server" else "info" if mild else None
    )  # the guide sets it on its web service only
    finding = Finding.at(first, message, severity="info" if mild else None, in_guide=guide, pedantic=mild)
    for other in services[1:]:
        finding = finding.note(other, f"nor has `{other.name}`")
    places = [one.beginning for one in services]
    edits = [Edit(at, "restart: unless-stopped\n" + " " * (at.column - 1)) for at in places if at is not None]
    return finding.fixed_by("restart it unless it was stopped", *edits) if len(edits) == len(places) else finding
