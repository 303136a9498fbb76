"""A reloader and several workers in one command: uvicorn drops the workers."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the number of workers; gunicorn, hypercorn and granian do reload several."""
    server = container.server
    if server is None or server.kind not in ("uvicorn", "fastapi") or server.reload is None or not server.reload.on:
        return
    workers, reload = server.several, server.reload.span
    if workers is None or workers.span is None or (server.call is not None and server.call.app_object):
        return  # an object cannot be reloaded: `uvicorn-run-misuse`
    apart = reload is not None and reload.source is not workers.span.source
    if apart and container.development:
        return  # the image is for production, and what is laid over it for development
    count = f"its {workers.text} workers" if container.shows(workers) else "its workers"
    finding = Finding.at(
        workers.span, f"uvicorn drops {count} for the reloader: it says so in one line of its log, and runs one process"
    ).note(reload, "this turns the reloader on")
    if container.development:
        change = edits.options.without(server.program, workers.span)
        yield finding.fixed_by("drop the workers", change, safe=False, names=("command", "server:workers"))
    else:
        words = [*edits.options.words_of(server.program, reload), *server.reload_options]
        yield finding.fixed_by(
            "drop `--reload`", edits.words.without(words) if words else None, safe=False, names=edits.options.RELOADING
        )
