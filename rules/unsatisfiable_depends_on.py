"""Conditions of `depends_on` that cannot come true."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Deployment
from dockerlint_fastapi.model.services.readiness import Impossible

WHY = {
    "no-healthcheck": ("`{}` has no health check, so it never becomes healthy: Compose stops there", "no health check"),
    "healthcheck-off": ("the health check of `{}` is off, so it never becomes healthy: Compose stops there", "here"),
    "restarts": ("`{}` is started again whenever it ends: `{by}` waits for ever", "this starts it again"),
    "runs": ("`{}` runs until it is stopped, so it never completes: `{by}` waits for ever", "what it runs"),
    "profile": ("`{}` is started with its profile only: without that Compose refuses to start `{by}`", "its profile"),
    "other-profile": ("`{}` has another profile: with that of `{by}` alone, Compose refuses to start", "its profile"),
}
HELP = {
    "no-healthcheck": "give it a `healthcheck`, or wait for `service_started`",
    "healthcheck-off": "give it a `healthcheck`, or wait for `service_started`",
    "restarts": 'set `restart: "no"` or `on-failure` on the service that ends',
    "runs": "wait for `service_healthy`",
    "profile": "add `required: false`, or give both services the same profiles",
    "other-profile": "add `required: false`, or give both services the same profiles",
}


def check(deployment: Deployment) -> Iterator[Finding]:
    """Speaks of the condition, or of the service's name where there is none."""
    for wait in deployment.impossible_waits:
        message, note = WHY[wait.reason]
        where = wait.dependency.span if "profile" in wait.reason else wait.dependency.condition_span
        finding = Finding.at(
            where or wait.dependency.span,
            message.format(wait.dependency.name, by=wait.service.name),
            severity="warning" if wait.reason == "other-profile" else None,
            help=HELP[wait.reason],
            once="file" if "profile" in wait.reason else None,
        ).note(wait.span, note)
        yield _fixed(finding, wait)


def _fixed(finding: Finding, wait: Impossible) -> Finding:
    other = wait.other
    if wait.reason == "no-healthcheck":
        return finding.fixed_by(
            "test its health", edits.services.health_check(other), safe=False, names="health check", also=[other]
        )
    if wait.reason == "restarts":
        change = edits.services.own_value(other.service, "restart", "on-failure") if other.service is not None else None
        return finding.fixed_by("restart it on failure only", change, safe=False, names="restart", also=[other])
    if wait.reason == "runs" and other.health_checked:
        change = edits.services.condition(wait.service, wait.dependency, "service_healthy")
        return finding.fixed_by("wait until it is healthy", change, safe=False, names="dependencies")
    if "profile" in wait.reason:
        return finding.fixed_by(
            "start without it", edits.services.optional(wait.service, wait.dependency), safe=False, names="dependencies"
        )
    return finding
