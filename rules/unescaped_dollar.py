"""A variable that is meant for the container and that Compose fills in before."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Container
from dockerlint_fastapi.model.environment.host_variables import HostVariable


def _remedy(one: HostVariable) -> str:
    """What to write, in a place where a shell of the container reads it."""
    if one.in_shell or one.key != "healthcheck":
        return f"write `{one.escaped}`, where a shell of the container reads it"
    return f"write `{one.escaped}`, and the test as one string or behind `CMD-SHELL`, so that a shell reads it"


def check(container: Container) -> Iterator[Finding]:
    """Speaks once in a file of each reference; the note shows the variable of the container, unless it is in an env
    file.
    """
    for one in container.host_variables:
        meant = one.meant
        own = "the container's" if meant is not None else "the script's"
        message = f"`{one.text}` is filled in by Compose, which knows nothing of {own} variable: as a rule it is empty"
        finding = Finding.at(one.span, message, help=_remedy(one), once="file")
        shown = meant is not None and meant.shown
        finding = finding.note(
            meant.span if meant is not None and shown else None, "this one reaches only the container"
        )
        if one.in_shell and one.span.text == one.text:
            finding = finding.fixed_by(
                f"write `{one.escaped}`",
                Edit(one.span, one.escaped),
                safe=False,
                reveals=True,
                names=("here", "server"),
            )
        yield finding
