"""A server whose standard output is buffered."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image


def check(image: Image) -> Iterator[Finding]:
    """Speaks once for each image, of the FROM behind which the variable would stand."""
    found = image.buffered_server
    if found is None:
        return
    service = found.container.service if found.others else None
    quiet = found.printed is None
    # what is set to nothing, or cleared on the way, would have the last word
    lost = found.empty is not None or "PYTHONUNBUFFERED" in image.environment
    line = None if lost else edits.dockerfile.at_start(image.stage, "ENV PYTHONUNBUFFERED=1")
    yield (
        Finding.at(
            image.stage.from_.image,
            "nothing sets `PYTHONUNBUFFERED`: what the code prints waits in a buffer,"
            " and is lost when the process is killed",
            severity="info",
            pedantic=quiet,
            once="project",
        )
        .note(found.printed, "such as this")
        .note(found.empty, "an empty value is as good as none")
        .note(service and service.span, "this service starts its server without it")
        .fixed_by("set `PYTHONUNBUFFERED=1`", line, names="environment:PYTHONUNBUFFERED")
    )
