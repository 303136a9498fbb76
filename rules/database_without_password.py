"""A database without a password."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Container


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the service, or of the setting that lets everybody in."""
    found = container.open_database if container.is_whole else None
    if found is None or container.service is None:
        return
    if found.opened is not None:
        message = f"`{found.by}` opens `{container.service.name}` to everyone who reaches its port"
        yield Finding.at(found.opened, message, severity="info" if container.development else "warning")
    else:
        name, image = container.service.name, f"the {found.product} image"
        message = f"`{name}` has no `{found.wanted}`: with an empty volume {image} refuses to start"
        yield Finding.at(container, message)
