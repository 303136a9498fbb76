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
    if workers is None or container.development:
        return
    replication = container.replication
    if replication is None:
        return
    count = f"{workers.text} workers" if container.shows(workers) else "several workers"
    if default is not None and default.of_base is not None:
        count = "a worker for each CPU, as its base image does"
    elif default is not None:
        count += " unless somebody sets it otherwise"
    finding = Finding.at(
        workers.span or (server.program if server is not None else container),
        f"each container starts {count}, though {replication.reason}:"
        " what runs it cannot scale, limit or restart them one by one",
        severity="info" if default is not None and not default.shown else None,
    ).note(replication.span, "this multiplies the container")
    if default is not None and default.of_base is not None:
        finding = finding._replace(help="set `WEB_CONCURRENCY` to 1, and scale by replicas")
    watched = container.image is None or not container.image.unchecked_servers  # else that comes first
    change = None
    if server is not None and watched and default is None:
        change = edits.options.without(server.program, workers.span)
    yield finding.fixed_by("run one worker", change, safe=False, names=("here", "command", "server:workers"))
