"""gunicorn that watches its workers by files on a disk."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container

MEMORY = "/dev/shm"  # noqa: S108 - a tmpfs in every container


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the word `gunicorn` where no option, file or variable names another directory."""
    server = container.server
    if server is None or not container.heartbeat_on_disk or container.development:
        return
    finding = Finding.at(
        server.program.argv[0].span,
        "`gunicorn` keeps the heartbeat of its workers in `/tmp`, on the container's disk:"
        " when that disk hangs, so do they",
        once="project",
    )
    yield finding.fixed_by(
        "keep it in memory",
        edits.options.behind(server, "--worker-tmp-dir", MEMORY),
        names=("command", "server:worker-tmp-dir"),
    )
