"""A name of a stage that leads nowhere, in circles, or to another stage than it seems."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Project

MESSAGES = {
    "unknown": ("error", "no stage is named `{name}`: Docker looks for an image of that name, and finds none"),
    "index": ("error", "there is no stage `{name}`: they are counted from 0, and there are {count}"),
    "later": ("error", "the stage `{name}` comes further down: Docker looks for an image of that name here"),
    "itself": ("error", "the stage copies from itself: Docker refuses the circle"),
    "circle": ("error", "`{name}` needs this stage in turn: Docker refuses the circle"),
    "duplicate": ("warning", "a second stage is named `{name}`: whoever names it gets this one"),
    "reserved": ("warning", "`{name}` has a meaning of its own for Docker: nothing can name this stage"),
    "case": ("info", "the name of the stage has capitals, which Docker does not tell apart from small letters"),
    "unused": ("info", "nothing uses the stage `{name}`, so that a build passes over it"),
}


def check(project: Project) -> Iterator[Finding]:
    """Speaks of the use, or of the name where that is the fault."""
    for fault in project.stage_faults:
        severity, text = MESSAGES[fault.kind]
        finding = Finding.at(fault.span, text.format(name=fault.name, count=fault.stages), severity=severity)
        if fault.other is not None and fault.kind != "itself":
            name = fault.other.from_.name
            meant = (
                f"`{name.text}` is probably meant" if name and fault.kind == "unknown" else "this is the other stage"
            )
            finding = finding.note(name, meant)
        if fault.kind == "case":
            finding = finding._replace(help=f"write `{fault.span.text.lower()}`, here and wherever it is used")
        yield finding
