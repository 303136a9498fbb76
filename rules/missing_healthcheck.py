"""A server whose health nothing checks."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container, Image
from dockerlint_fastapi.model.application import lacks_health_route
from dockerlint_fastapi.model.health.unchecked import (
    answers_nobody,
    is_asked_by_all,
    manifest_of,
    platform_of,
    runs_elsewhere,
    worker_comment,
)


def check(image: Image) -> Iterator[Finding]:
    """Speaks once for each image: of the service that serves it, else of the command that starts it."""
    for container in image.unchecked_servers[:1]:
        asked = _by_platform(image, container)
        if asked is not None:
            yield asked
            continue
        lacking = lacks_health_route(container)
        message = "nothing checks the health of this server: Docker cannot tell a hung one from a working one"
        if container.service is not None:
            aside = container.development or runs_elsewhere(container)
            mild = "info" if answers_nobody(container) or aside else None
            finding = Finding.at(container, message, severity=mild)
            finding = finding.note(container.start_span, "the server that it starts")
        else:
            mild = "info" if image.is_unclaimed or image.is_only_watched or is_asked_by_all(image) else None
            where = container.start_span or container.span
            finding = Finding.at(where, message, severity=mild, pedantic=image.is_only_watched, once="project")
            finding = finding.note(image.target_begun_by(where), "this stage starts with it")
            shared = worker_comment(image)
            if shared is not None:  # to which a check in the Dockerfile would be put as well
                finding = finding._replace(help="check it where the server is started: a worker serves nothing")
                finding = finding.note(shared, "a worker starts from it, too")
        if lacking is not None:
            finding = finding.note(lacking.span, f"`{lacking.name}` has no route like `/health` to ask for yet")
        yield finding.fixed_by("ask it every 30 s", edits.health.added(container), safe=False, names="health check")


def _by_platform(image: Image, container: Container) -> Finding | None:
    """The finding where a platform or Kubernetes runs the image, which pass over `HEALTHCHECK`; None elsewhere."""
    platform, manifest = platform_of(image), manifest_of(image, container)
    if platform is None and manifest is None:
        return None
    told = f"`{manifest}` names no probe, and Kubernetes passes over `HEALTHCHECK`"
    help_ = "name a `readinessProbe` and a `livenessProbe` in that file"
    if platform is not None:
        told = f"{platform.reason}, and the platform passes over `HEALTHCHECK`"
        help_ = "name a path for the platform to ask, in that file"
    where = container.start_span or container.span
    return Finding.at(where, f"nothing checks the health of this server: {told}", severity="info", help=help_)
