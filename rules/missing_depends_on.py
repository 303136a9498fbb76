"""A service that connects to another one and is not started after it."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Container


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
        yield Finding.at(where, message).note(one.host.name.span, f"`{name}` leads to it").note(other, "this service")
