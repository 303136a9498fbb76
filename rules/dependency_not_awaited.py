"""A database or broker that an application needs, and whose readiness nothing waits for."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Deployment


def check(deployment: Deployment) -> Iterator[Finding]:
    """Speaks of the dependency's name. Development, and a start that waits by itself, are told as info."""
    for one in deployment.unawaited:
        name = one.dependency.name
        checked = one.other.health_checked
        second = "" if checked is not False else ", which has no health check to wait for"
        mild = one.waits is not None or one.container.development is not None
        finding = Finding.at(
            one.dependency.span,
            f"only the start of `{name}` is awaited{second}: the first connections to it may be refused",
            severity="info" if mild else None,
            help="wait for `condition: service_healthy`" + ("" if checked else f", and give `{name}` a `healthcheck`"),
        ).note(one.other, f"`{name}` takes some seconds until it accepts connections")
        if checked and one.dependency.condition_span is not None:
            edit = Edit(one.dependency.condition_span, "service_healthy")
            finding = finding.fixed_by(f"wait until `{name}` is healthy", edit, safe=False)
        yield finding.note(one.waits, "something that waits or tries again by itself")
