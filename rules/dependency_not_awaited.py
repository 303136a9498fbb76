"""A database or broker that an application needs, and whose readiness nothing waits for."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Deployment
from dockerlint_fastapi.model.services.readiness import Unawaited


def check(deployment: Deployment) -> Iterator[Finding]:
    """Speaks once of each service that is not awaited. Development, and a start that nothing keeps from trying again,
    are left to `pedantic`.
    """
    for one in deployment.unawaited:
        mild = one.is_harmless
        change = edits.services.healthy(one.container, one.dependency, one.other)
        yield _finding(one, mild=mild).fixed_by(
            "wait until it is healthy", change, safe=False, names=("dependencies", "health check"), also=[one.other]
        )


def _finding(one: Unawaited, *, mild: bool) -> Finding:
    name, checked = one.dependency.name, one.other.health_checked
    second = "" if checked is not False else ", which has no health check to wait for"
    finding = Finding.at(
        one.dependency.span,
        f"only the start of `{name}` is awaited{second}: the first connections to it may be refused",
        severity="info" if mild or one.container.development else None,
        help="wait for `condition: service_healthy`" + ("" if checked else f", and give `{name}` a `healthcheck`"),
        in_guide="info" if mild else None,
        pedantic=mild,
        once="file",
    ).note(one.other, f"`{name}` takes some seconds until it accepts connections")
    return finding.note(one.waits, "something that waits or tries again by itself")
