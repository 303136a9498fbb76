"""A variable of the Dockerfile that nothing sets where it is used."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import From, Project

NOTES = {
    "global": "an `ARG` in front of the first `FROM` reaches a stage only through an `ARG {name}` in it",
    "later": "it is set only here, further down",
    "stage": "another stage sets it, and this one is not built on that",
}


def check(project: Project) -> Iterator[Finding]:
    """Speaks of uses that Docker certainly replaces by nothing."""
    for use in project.undefined_variables:
        name, severity = use.name, "warning"
        meant = f"; `{use.near}` is probably meant" if use.near else ""
        if use.argument:
            message = f"`{name}` has no default: a build that is not given it ends here"
            severity = "info" if use.is_whole else "warning"
        elif isinstance(use.instruction, From):
            message, severity = (
                f"`{name}` is no `ARG` in front of the first `FROM`, so it is empty here{meant}",
                "error",
            )
        elif use.at_start:
            message = f"`{name}` is an `ARG`, which ends with the build: the container starts with nothing in its place"
        elif use.extends:
            message, severity = f"`{name}` is not set before, so nothing stands in its place", "info"
        elif use.platform:
            message = f"`{name}` is empty in a stage that does not ask for it with `ARG {name}`"
        else:
            message = f"nothing sets `{name}` here: Docker puts nothing in its place{meant}"
        finding = Finding.at(use.span, message, severity=severity, pedantic=severity == "info")
        if use.declared is not None:
            note = "a default goes behind this name" if use.argument else NOTES[use.reach].format(name=name)
            note = "an `ENV` of this name would stay in the image" if use.at_start else note
            finding = finding.note(use.declared.span, note)
        yield finding
