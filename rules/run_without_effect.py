"""A RUN that only changes its own shell, which ends with it."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Run

MESSAGES = {
    "activate": "this sets up a shell that ends with the `RUN`: later instructions and the container see nothing of it",
    "cd": "the directory changes for this `RUN` only: later instructions start where they would without it",
    "export": "the variable ends with the shell of this `RUN`: later instructions and the container do not see it",
    "other": "this ends with the shell of this `RUN`: nothing later sees it",
}
HELP = {
    "activate": 'put the environment on the path for good: `ENV PATH="/opt/venv/bin:$PATH"`',
    "cd": "set the directory with `WORKDIR`",
    "export": "set the variable with `ENV`, or in the `RUN` that needs it",
}


def check(run: Run) -> Iterator[Finding]:
    """Speaks of the command whose effect is lost, of those of one kind once in a file."""
    lost = run.lost_state
    if lost is not None:
        severity = None if lost.whole or lost.kind == "activate" else "info"
        message = MESSAGES[lost.kind]
        finding = Finding.at(lost.span, message, severity=severity, help=HELP.get(lost.kind), once="file")
        lasting = lost.lasting if lost.whole else None
        change = edits.dockerfile.another(run, lasting) if lasting is not None else None
        yield finding.fixed_by(
            "let it last", change, safe=False, reveals=True, names=("steps", "environment", "workdir", "order")
        )
