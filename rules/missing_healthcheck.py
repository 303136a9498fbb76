"""A server whose health nothing checks."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image


def check(image: Image) -> Iterator[Finding]:
    """Speaks once for each image: of the service that serves it, else of the command that starts it."""
    for container in image.unchecked_servers[:1]:
        message = "nothing checks the health of this server: Docker cannot tell a hung one from a working one"
        if container.service is not None:
            finding = Finding.at(container, message).note(container.start_span, "the server that it starts")
        else:
            finding = Finding.at(container.start_span or container.span, message)
        yield finding.fixed_by("ask it every 30 s", edits.health.added(container), safe=False, names="health check")
