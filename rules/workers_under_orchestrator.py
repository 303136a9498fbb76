"""Several workers in a container of which there are several."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the number of workers, and points at what multiplies the container."""
    server = container.server
    workers = server.several_running if server is not None else None
    default = container.default_workers if workers is None else None
    workers = default.workers if default is not None else workers
    if server is None or workers is None or container.development:
        return
    replication = container.replication
    if replication is None:
        return
    count = f"{workers.text} workers" if container.shows(workers) else "several workers"
    count += " unless somebody sets it otherwise" if default is not None else ""
    finding = Finding.at(
        workers.span or server.program,
        f"each container starts {count}, though {replication.reason}:"
        " what runs it cannot scale, limit or restart them one by one",
        severity="info" if default is not None and not default.shown else None,
    ).note(replication.span, "this multiplies the container")
    watched = container.image is None or not container.image.unchecked_servers  # else that comes first
    change = edits.options.without(server.program, workers.span) if watched and default is None else None
    yield finding.fixed_by("run one worker", change, safe=False, names=("here", "command", "server:workers"))
