"""Services that do not say what they start."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Deployment


def check(deployment: Deployment) -> Iterator[Finding]:
    """Speaks of the first service's name in each file, and notes the others."""
    told: dict[str, Finding] = {}
    for service in deployment.imageless:
        path = service.span.source.path
        earlier = told.get(path)
        if earlier is None:
            message = f"`{service.name}` has neither `image` nor `build`: Compose refuses the file and starts nothing"
            told[path] = Finding.at(service, message)
        else:
            told[path] = earlier.note(service, "nor has this one")
    yield from told.values()
