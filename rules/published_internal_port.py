"""A database, cache, broker or the like that is open to everyone who reaches the host."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container

SWARM = "leave `ports:` away: Swarm publishes on every address of every node, and services of a network need none"


def check(container: Container) -> Iterator[Finding]:
    """Speaks once of all in a file. What only a developer starts, and files for users, are left to `pedantic`."""
    one, deployment, service = container.internal_port, container.deployment, container.service
    if one is None or deployment is None or service is None:
        return
    setting = deployment.setting_at(service, one.span.source)
    work = container.development or deployment.is_for_developers_of(service) or setting == "development"
    aside = bool(work) or one.for_host or one.kind == "storage" or container.is_off
    mild = aside or one.for_devices
    weak = container.development is not None and container.development.weak
    idle = aside and not (weak and one.kind != "storage" and not one.for_host)
    for port in one.ports:
        where = f"port `{port.shown}`" if port.shown is not None else "a random port"
        finding = Finding.at(
            port.span,
            f"`{service.name}` is open on {where} to everyone who reaches the host, past the host's firewall",
            severity="info" if mild else None,
            help=SWARM if deployment.is_swarm else None,
            in_guide="off" if one.kind != "database" else "info" if mild else None,
            pedantic=idle,
            once="file",
        )
        if not deployment.is_swarm:  # which publishes on every address
            change = edits.services.local_port(service, port.span)
            finding = finding.fixed_by("open it to the host alone", change, safe=False, names="ports")
        yield finding
