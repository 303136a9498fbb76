"""A file that the start command reads, and that is certainly not in the image."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Container


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the word that names the file."""
    codeless = container.is_codeless
    for one in container.absent_files:
        finding = Finding.at(
            one.span,
            f"`{one.place}` is not in the container: {one.message}",
            severity="info" if codeless else "warning" if container.development or container.is_bare else None,
            pedantic=codeless,
            once="file",
        )
        if one.found is not None:
            finding = finding.note(one.found.span(0, 0), "this file does not get there")
        yield finding
