from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Image


def check(image: Image) -> Iterator[Finding]:
    if image.healthcheck is not None or image.development or image.project.orchestrated:
        return
    if image.base is None or image.base.healthcheck is not False:
        return
    serving = [one for one in image.containers if one.serves and not one.development]
    if any(one.service is not None and one.service.healthcheck is not None for one in serving):
        return
    for container in sorted(serving, key=lambda one: one.service is None)[:1]:
        yield Finding.at(
            container.start_span if container.service is None and container.start_span else container.span,
            "nothing checks the health of this server, so Docker cannot tell a hung one from a working one",
        ).note(container.start_span if container.service is not None else None, "the server")
