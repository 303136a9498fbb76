"""gunicorn that serves an ASGI application with a WSGI worker."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the worker class, or of `gunicorn` where it is the default."""
    worker = container.wsgi_worker
    if worker is None:
        return
    how = f"the worker class `{worker.name}`" if worker.chosen else f"its default worker class `{worker.name}`"
    finding = Finding.at(
        worker.span,
        f"`gunicorn` runs an ASGI application in {how}, made for WSGI: every request is answered with 500",
        severity=None if worker.certain else "warning",
    ).note(worker.application, "the application is made here")
    change = edits.options.worker_class(container, worker.span if worker.chosen else None, worker.name)
    yield finding.fixed_by(
        "run uvicorn's worker", change, safe=False, names=("here", "command", "steps", "server:worker-class")
    )
