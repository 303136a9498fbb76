"""Several workers of uvicorn, and nothing that checks whether they answer."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image


def check(image: Image) -> Iterator[Finding]:
    """Speaks once for each image, where `missing-healthcheck` would, which it replaces."""
    for container in image.unchecked_servers:
        server = container.server
        workers = server.several_running if server is not None and server.kind in ("uvicorn", "fastapi") else None
        if workers is None:
            continue
        count = f"these {workers.text} workers" if container.shows(workers) else "the workers"
        message = (
            f"no health check watches {count}: one that fails to start is started again for ever,"
            " and the container still counts as running"
        )
        where = container if container.service is not None else container.start_span or container.span
        finding = Finding.at(where, message).note(workers.span, "the workers")
        yield finding.fixed_by("ask it every 30 s", edits.health.added(container), safe=False, names="health check")
        return
