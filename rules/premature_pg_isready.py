"""A health check that is content with PostgreSQL's socket."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding, edits
from dockerlint_fastapi.model import Container


def check(container: Container) -> Iterator[Finding]:
    """Speaks of `pg_isready`, once in a file: as a warning when another service is started once it succeeds."""
    deployment = container.deployment
    at_work = deployment is not None and (container.development is not None or deployment.is_for_developers)
    for one in container.premature_checks:
        mild = one.waiter is None or one.recovers or at_work
        finding = Finding.at(
            one.span,
            "without `-h`, `pg_isready` asks the socket, which answers during the first start, before TCP is open",
            severity="info" if mild else None,
            pedantic=mild,
            once="file",
        ).note(one.waiter, "this service is started too early then")
        change = Edit.behind(one.span, one.addition) if one.addition else None
        yield finding.fixed_by(
            "ask over TCP", change or edits.words.behind(one.span, "-h", "127.0.0.1"), names="health check"
        )
