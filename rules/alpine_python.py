"""Python on Alpine, where distributions without wheels for musl are compiled."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image, Project
from dockerlint_fastapi.model.bases.musl import MuslCost
from dockerlint_fastapi.model.install.build_time import SYSTEM_KINDS, stage_of


def check(project: Project) -> Iterator[Finding]:
    """Asks the project and not each image: it supersedes findings at the same packages, not all of an image."""
    for image in project.own.images:
        cost = image.musl_cost
        if cost is not None:
            yield from _findings(image, cost)


def _findings(image: Image, cost: MuslCost) -> Iterator[Finding]:
    severity = "info" if image.development else None
    change = None if image.uses_alpine else edits.bases.slim(image, image.lineage[0])
    if cost.kind in ("no wheel", "optional"):
        optional = cost.kind == "optional"
        told = "without a compiler it goes without its C code" if optional else "it is compiled, slowly, or fails"
        message = f"the libc of Alpine is musl, for which `{cost.name}` has no wheel: {told}"
        severity = "info" if optional else severity
        finding = Finding.at(cost, message, severity=severity).note(cost.word, "asked for here")
        # stages of one base are moved together
        finding = finding.caused_by(image.dockerfile.source.path, cost.span.text, cost.name)
        yield finding.fixed_by("take the slim one", change, safe=False, names="base")
    elif cost.kind == "compiled":
        yield _compiled(image, cost, severity)
    elif not image.development:
        message = "the libc of Alpine is musl: what has no wheels for it is compiled; memory and DNS behave otherwise"
        finding = Finding.at(cost, message, severity="info", pedantic=True)
        yield finding.fixed_by("take the slim one", change, safe=False, names="base")


def _compiled(image: Image, cost: MuslCost, severity: str | None) -> Finding:
    """At the packages where the image keeps them: then it is told of both, that they are there and what for."""
    tail = "where slim images get nearly all as wheels"
    kept = next((tool for tool in image.build_tools if tool.span == cost.word), None)
    if kept is None:
        message = f"on Alpine this build brings `{cost.name}` to compile, {tail}"
        return Finding.at(cost, message, severity=severity).note(cost.word, "installed here")
    together = dict.fromkeys(tool.name for tool in image.build_tools if tool.instruction is kept.instruction)
    names = [f"`{name}`" for name in together]
    listed = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    message = f"on Alpine this build compiles with {listed}, and the image keeps them, {tail}"
    finding = Finding.at(kept, message if len(names) > 1 else message.replace("them", "it"), severity=severity)
    help_ = "take the slim variant, such as `python:3.12-slim`; on Alpine, compile in a stage of its own"
    finding = finding._replace(help=help_).note(cost, "this chooses Alpine")
    others = {tool.instruction: tool for tool in image.build_tools if tool.kind in SYSTEM_KINDS}
    for instruction, tool in others.items():
        if tool.name not in together and stage_of(image, instruction) is stage_of(image, kept.instruction):
            finding = finding.note(tool, "the same stage keeps more of it here")
    return finding.caused_by(stage_of(image, kept.instruction))  # of which build-tools-in-final-image would tell
