"""Variables in a command that no shell reads."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the variable, in a start command or a health check."""
    for one in container.unexpanded:
        name = one.program.title
        if one.checks:
            message = (
                f"no shell expands `{one.text}` in this form: `{name}` gets the text itself, and the check never passes"
            )
        else:
            message = f"no shell expands `{one.text}` in this form: `{name}` gets the text itself, not the value"
        change = edits.start.through_shell(container, one.span, checks=one.checks)
        yield Finding.at(one.span, message).fixed_by(
            "let a shell read it",
            change,
            safe=False,
            reveals=True,
            names="health check" if one.checks else ("command", "server"),
        )
