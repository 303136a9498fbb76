"""A service that connects to another one and is not started after it."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container
from dockerlint_fastapi.model.compose import Service
from dockerlint_fastapi.model.services.readiness import STATEFUL


def check(container: Container) -> Iterator[Finding]:
    service, deployment = container.service, container.deployment
    if service is None or deployment is None or not container.is_whole or container.development:
        return
    if service.is_cleared("depends_on"):
        return  # a file of the set takes it away on purpose
    if deployment.is_swarm or container.role in ("worker", "proxy", "frontend") or container.waits is not False:
        return
    for one in container.undeclared_dependencies:
        other, name = one.service, one.endpoint.variable.name
        if one.endpoint.kind == "smtp":
            continue
        message = f"`{service.name}` connects to `{other.name}` without `depends_on`: Compose may start it first"
        where = service.key_span("depends_on") or service.span
        finding = Finding.at(where, message)
        finding = finding.note(one.host.name.span, f"`{name}` leads to it").note(other, "this service")
        yield _fixed(finding, service, next((one for one in deployment.containers if one.service is other), None))


def _fixed(finding: Finding, service: Service, other: Container | None) -> Finding:
    """Starts it after the other one; after it is healthy where it has a health check, or needs time to take
    connections.
    """
    if other is None or other.service is None or edits.services.started_after(other.service, service):
        return finding
    name = other.service.name
    if other.role not in STATEFUL and not other.health_checked:
        return finding.fixed_by(
            f"start it after `{name}`",
            edits.services.dependency(service, name, "service_started"),
            names="dependencies",
        )
    change = edits.services.dependency(service, name, "service_healthy")
    check = () if other.health_checked else edits.services.health_check(other)
    return finding.fixed_by(
        f"start it once `{name}` is healthy", change, check, safe=False, names=("dependencies", "health check")
    )
