"""A launcher that keeps SIGTERM from the server that it starts."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the launcher where the command names it, with a note at the call."""
    found = container.launcher
    if found is None:
        return
    message = f"`{found.name}` does not pass SIGTERM on to `{found.server}`, which is killed without a clean shutdown"
    severity = "info" if container.development else None
    finding = Finding.at(found.span, message, severity=severity).note(found.call, "it waits here for its child")
    change = edits.conda.direct(container) if found.call is None else None
    yield finding.fixed_by("call the program of the environment", change, safe=False, names="command")
