"""Shell operators in a compose command that no shell reads."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container


def check(container: Container) -> Iterator[Finding]:
    """Speaks of what is dropped from a string, or of the operator in a list."""
    for one in container.operators:
        if one.dropped:
            lost = " ".join(one.span.text.split())
            shown = lost if len(lost) <= 60 else f"{lost[:57]}..."
            message = f"no shell reads this: Compose drops all from `{one.text}` on, here `{shown}`"
        else:
            message = f"no shell reads this list: `{one.text}` and all behind it are arguments of the first program"
        finding = Finding.at(one.span, message, severity="warning" if one.harmless else None)
        change = edits.services.in_shell(container.service, one.span) if container.service is not None else None
        if change is not None:
            finding = finding.fixed_by(
                "give it to a shell", change[0], safe=change[1], reveals=True, names=("command", "server")
            )
        yield finding
