"""A long-running service that nothing starts again."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container, Deployment
from dockerlint_fastapi.model.services.host_access import is_listed

KEPT_UP = ("server", "worker", "other-web", "database", "cache", "broker", "proxy", "frontend")


def check(deployment: Deployment) -> Iterator[Finding]:
    """Speaks once of all services of a file without a policy, and of each `restart: "no"`; only where nothing more can
    be laid over the files.
    """
    for one in deployment.containers if deployment.whole and not deployment.is_swarm else ():
        service = one.service
        if service is None or one.is_off or not _runs(one):
            continue
        if service.restart is not None and service.restart.value == "no":
            message = f"`{service.name}` is told never to restart: after a crash or a reboot it stays down"
            yield Finding.at(service.restart.span, message, severity="info", in_guide="info", pedantic=True)
        elif not (_has_policy(one) or (one.shipped is not None and _has_policy(one.shipped))):
            yield _without(one, deployment)


def _without(container: Container, deployment: Deployment) -> Finding:
    """The finding on a service that has no policy, graded by who needs it to stay up."""
    service, work = container.service, container.development
    elsewhere = container.orchestrated and not (deployment.is_deployed or deployment.is_published)
    aside = deployment.stands_aside or (elsewhere and deployment.setting != "production")
    mild = aside or work is not None or (service is not None and deployment.is_for_developers_of(service))
    idle = mild and (aside or work is None or not work.weak)
    # the guide sets it on its web service only
    guide = "off" if container.role != "server" else "info" if mild else None
    name = service.name if service is not None else ""
    finding = Finding.at(
        container,
        f"`{name}` has no restart policy: after a crash or a reboot it stays down",
        severity="info" if mild else None,
        in_guide=guide,
        pedantic=idle,
        once="file",
    )
    change = edits.compose.service_key(service, "restart", "unless-stopped") if service is not None else None
    # what is restarted is no developer's alone any more: then other rules may speak
    return finding.fixed_by("restart it unless it was stopped", change, reveals=mild, names="restart")


def _has_policy(container: Container) -> bool:
    service = container.service
    return service is not None and (service.restart is not None or service.restart_policy is not None)


def _runs(container: Container) -> bool:
    service, deployment = container.service, container.deployment
    ends = service is None or deployment is None or deployment.runs_once(service)
    work = container.development
    lasting = container.role in KEPT_UP or is_listed(container.origin, "observers")
    if container.role is None and container.stays and not container.is_shell:  # whatever it is, somebody reaches it
        lasting = not is_listed(container.origin, "admin", "run_by_hand")
    lasting = lasting or (container.role != "idle" and container.is_endless) or container.waits_in_node
    if container.role in ("database", "cache", "broker") and service is not None and service.is_named_for_tests:
        return False
    return not ends and lasting and (work is None or not work.firm)
