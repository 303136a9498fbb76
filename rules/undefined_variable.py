"""A variable of the Dockerfile that nothing sets where it is used."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import From, Project
from dockerlint_fastapi.model.instructions.undefined_variables import Undefined

NOTES = {
    "global": "an `ARG` in front of the first `FROM` reaches a stage only through an `ARG {name}` in it",
    "same": "it is set here, and one `ENV` sees only what earlier instructions set",
    "later": "it is set only here, further down",
    "stage": "another stage sets it, and this one is not built on that",
}


def check(project: Project) -> Iterator[Finding]:
    """Speaks of uses that Docker certainly replaces by nothing."""
    for use in project.undefined_variables:
        message, severity = _told(use)
        quiet = severity == "info" and use.reach != "same"
        finding = Finding.at(use.span, message, severity=severity, pedantic=quiet)
        if use.declared is not None:
            note = "a default goes behind this name" if use.argument else NOTES[use.reach].format(name=use.name)
            note = "an `ENV` of this name would stay in the image" if use.at_start else note
            finding = finding.note(use.declared.span, note)
        yield finding if use.reach != "same" else _apart(finding, use)


def _told(use: Undefined) -> tuple[str, str]:
    """What to say of a use, and how grave it is."""
    name = use.name
    meant = f"; `{use.near}` is probably meant" if use.near else ""
    if use.argument:
        severity = "info" if use.is_whole else "warning"
        return f"`{name}` has no default: a build that is not given it ends here", severity
    if isinstance(use.instruction, From):
        return f"`{name}` is no `ARG` in front of the first `FROM`, so it is empty here{meant}", "error"
    if use.at_start:
        told = "which ends with the build: the container starts with nothing in its place"
        return f"`{name}` is an `ARG`, {told}", "warning"
    if use.reach == "same":
        told = "Docker puts what it was before in its place, which is nothing"
        return f"`{name}` is set by this very `ENV`: {told}", "info" if use.in_front_of_path else "warning"
    if use.extends:
        return f"`{name}` is not set before, so nothing stands in its place", "info"
    if use.platform:
        return f"`{name}` is empty in a stage that does not ask for it with `ARG {name}`", "warning"
    return f"nothing sets `{name}` here: Docker puts nothing in its place{meant}", "warning"


def _apart(finding: Finding, use: Undefined) -> Finding:
    """The finding with an `ENV` of its own for what stands beside the variable that it uses."""
    change = edits.dockerfile.apart(use.instruction, use.pair) if use.pair is not None else None
    finding = finding._replace(help="write an `ENV` of its own for it, below")
    return finding.fixed_by("give it an `ENV` of its own", change, safe=False, names=("environment", "workdir"))
