"""Test runners, linters and type checkers in an image that serves."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.install.development_tools import listed_tools

LISTS = "list what only developers need in a file of its own, `requirements-dev.txt`"
GROUPS = "move what only developers need to a group of its own, which the build leaves out"

STAGE = "install them in a stage of its own, call `{}` there, and copy what it makes from that"
ENVIRONMENT = "give the image an environment of its own without them (`template` set to its own name), and name it: "
ENVIRONMENT += "`hatch env create prod`"


def check(image: Image) -> Iterator[Finding]:
    for one in image.development_installs:
        step = one.installation.step
        rest = len(one.tools) - 2
        tools = ", ".join(f"`{name}`" for name in one.tools[:2]) + (f" and {rest} more" if rest > 0 else "")
        groups = f"{one.kind}{'s' if len(one.groups) > 1 else ''} " + ", ".join(f"`{name}`" for name in one.groups)
        finding = Finding.at(
            step.head,
            f"`{step.words}` takes the {groups}{' by default' if one.implied else ''}: the server ships with {tools}: "
            "more to pull, to scan and to attack",
            severity="info" if one.inside is not None or one.shared or image.hardly_ships else None,
            help=STAGE.format(one.called.text) if one.called is not None else _how(one.kind, step.manager),
            pedantic=one.inside is not None or one.unshipped,
            once="project",
        ).note(one.where, "asked for here, for development")
        for again in one.again:
            finding = finding.note(again.step.head, "and installed again here")
        if one.inside is not None:
            finding = finding.note(one.inside, "the project itself runs such a tool in a container here")
        finding = finding.note(one.called, "the build itself calls it here")
        needless = one.implied and one.called is None
        added = edits.installs.without_groups(step.manager, one.groups) if needless else None
        every = (one.installation, *one.again)
        changes = edits.installs.without_development(image, every, added) if added else None
        places = [each.span for each in changes or ()]
        yield finding.fixed_by(f"add `{added}`", changes, safe=False, names=("steps", "command"), also=places)
    yield from _listed(image)


def _how(kind: str, manager: str) -> str | None:
    """What to do where the page's help does not fit."""
    if kind == "environment":
        listing = "list with `hatch dep show requirements --project-only`"
        return ENVIRONMENT if manager == "hatch" else listing
    return "list for conda what the server needs in a file of its own" if manager == "conda" else None


def _listed(image: Image) -> Iterator[Finding]:
    """What stands in the list of what the server needs."""
    for one in listed_tools(image):
        rest = len(one.names) - 2
        tools = (
            " and ".join(f"`{name}`" for name in one.names[:2]) if rest < 1 else f"`{one.names[0]}` and {rest + 1} more"
        )
        yield (
            Finding.at(
                one.span,
                f"the server ships with {tools}, of which its code makes no use: more to pull, to scan and to attack",
                severity="info",
                help=LISTS if one.installation.step.requirements else GROUPS,
                pedantic=one.inside is not None,
                once="project",
            )
            .note(one.installation.step.head, "installed here")
            .note(one.inside, "run in a container here")
        )
