"""gunicorn with the worker class of `uvicorn.workers`."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the name of the class, or of the project's own class that is made of it."""
    worker = container.deprecated_worker
    if worker is None:
        return
    if worker.made_of is not None:
        yield Finding.at(
            worker.span,
            f"`{worker.name}` is made of `uvicorn.workers`, which is deprecated: a later uvicorn may come without it",
            severity="info",
        ).note(worker.made_of, "imported here")
    else:
        finding = Finding.at(
            worker.span,
            f"`{worker.name}`, which the guide still names, is deprecated since uvicorn 0.30:"
            " a later uvicorn may come without it",
            in_guide="info",
            once="project",
        )
        change = None if worker.default else edits.options.worker_class(container, worker.span, worker.name)
        yield finding.fixed_by(
            "take it from `uvicorn-worker`",
            change,
            safe=False,
            names=("here", "command", "steps", "server:worker-class"),
        )
