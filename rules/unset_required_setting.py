"""A settings class whose required field nothing sets in the container."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Container


def check(container: Container) -> Iterator[Finding]:
    """Speaks once for each class: of the first field that lacks a value, with the others in the message."""
    if container.service is None or not container.is_whole:
        return  # who starts the image gives it variables
    for use in container.settings:
        if not use.missing:
            continue
        first, *others = use.missing
        names = ", ".join(f"`{use.settings.variable(field)}`" for field in use.missing[:3])
        more = f" and {len(others) - 2} more" if len(others) > 2 else ""
        message = f"nothing sets {names}{more} in this container: `{use.settings.name}()` raises a `ValidationError`"
        yield Finding.at(first, message).note(use.made, "the object is made here").note(container, "the container")
