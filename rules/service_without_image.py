"""A service that does not say what it starts."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Deployment


def check(deployment: Deployment) -> Iterator[Finding]:
    """Speaks of the service's name."""
    for service in deployment.imageless:
        message = f"`{service.name}` has neither `image` nor `build`: Compose refuses the file and starts nothing"
        yield Finding.at(service, message)
