"""A database or broker that an application needs, and whose readiness nothing waits for."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Deployment
from dockerlint_fastapi.model.services.readiness import Unawaited


def check(deployment: Deployment) -> Iterator[Finding]:
    """Speaks once of each service that is not awaited. Development, and a start that waits by itself, are left to
    `pedantic`.
    """
    groups: dict[tuple[str, bool], list[Unawaited]] = {}
    for one in deployment.unawaited:
        mild = one.waits is not None or one.container.development is not None
        groups.setdefault((one.dependency.name, mild), []).append(one)
    for (_, mild), found in groups.items():
        finding = _finding(found[0], mild=mild)
        for span in dict.fromkeys(one.dependency.span for one in found[1:] if one.dependency.span != finding.span):
            finding = finding.note(span, "nor does this service wait")
        spans = dict.fromkeys(one.dependency.condition_span for one in found)
        edits = [Edit(span, "service_healthy") for span in spans if span is not None]
        if found[0].other.health_checked and edits:
            finding = finding.fixed_by(f"wait until `{found[0].dependency.name}` is healthy", *edits, safe=False)
        yield finding


def _finding(one: Unawaited, *, mild: bool) -> Finding:
    name, checked = one.dependency.name, one.other.health_checked
    second = "" if checked is not False else ", which has no health check to wait for"
    finding = Finding.at(
        one.dependency.span,
        f"only the start of `{name}` is awaited{second}: the first connections to it may be refused",
        severity="info" if mild else None,
        help="wait for `condition: service_healthy`" + ("" if checked else f", and give `{name}` a `healthcheck`"),
        in_guide="info" if mild else None,
        pedantic=mild,
    ).note(one.other, f"`{name}` takes some seconds until it accepts connections")
    return finding.note(one.waits, "something that waits or tries again by itself")
