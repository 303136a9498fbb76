"""An ignore comment that does not say why."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Project


def check(project: Project) -> Iterator[Finding]:  # noqa: ARG001 - the type is what subscribes
    """Yields nothing: the engine, which reads the ignores, says which of them have no reason."""
    yield from ()
