"""A server whose health nothing checks."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Container, Image


def check(image: Image) -> Iterator[Finding]:
    """Speaks once for each image: of the service that serves it, else of the command that starts it."""
    if image.healthcheck is not None or image.development or image.inherits_healthcheck is not False:
        return
    serving = [one for one in image.containers if one.serves and not one.development and one.is_whole]
    if any(one.service is not None and one.service.healthcheck is not None for one in serving):
        return
    for container in sorted(serving, key=_rank)[:1]:
        if image.project.orchestrated:
            return
        message = "nothing checks the health of this server: Docker cannot tell a hung one from a working one"
        if container.service is not None:
            yield Finding.at(container, message).note(container.start_span, "the server that it starts")
        else:
            yield Finding.at(container.start_span or container.span, message)


def _rank(container: Container) -> tuple[bool, bool, bool]:
    """A service before the bare image, production before other settings, what `docker compose up` starts first."""
    used = container.deployment
    return used is None, container.setting != "production", used is None or not used.is_default
