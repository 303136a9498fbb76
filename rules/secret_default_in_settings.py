"""A secret that stands in the application's code as a default."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Container


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the literal, and never repeats it."""
    if container.development:
        return
    for secret in container.secret_defaults:
        if secret.kind == "constant":
            message = (
                f"`{secret.name}` is a literal in the code: everybody who reads the code or has the image knows it"
            )
        else:
            message = f"`{secret.name}` has a default in the code: where nothing sets it, everybody knows it"
        yield Finding.at(secret.span, message)
