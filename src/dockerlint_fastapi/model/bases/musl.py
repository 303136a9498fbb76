"""What an image on Alpine costs: its libc is musl, for which not every distribution has a wheel."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.dockerfile import Run
from dockerlint_fastapi.model.install import build_tool
from dockerlint_fastapi.source import Span

if TYPE_CHECKING:
    from dockerlint_fastapi.model.image import Image


class MuslCost(NamedTuple):
    """Why Alpine may be the wrong base for an image's distributions. `kind`: `compiled` (`word` installs a compiler or
    headers for them), `no wheel` (`word` asks for one that has none), `unknown` (not all are known to have one).
    """

    kind: str
    span: Span  # the base image's name
    name: str  # the package or distribution
    word: Span | None


def musl_cost(image: Image) -> MuslCost | None:
    """What Alpine costs an image; None when it is not on Alpine, or everything that it installs has wheels."""
    base, span = image.base, image.lineage[0].from_.image.span
    if base is None or base.distribution != "alpine" or not base.python:
        return None
    facts = table("musl_wheels")
    absent = facts["none"].split()
    for one in image.installed.steps:
        if one.stage in (*image.lineage, *image.builders):
            for name in absent:
                found = one.contents.found.get(name)
                if found is not None:
                    return MuslCost("no wheel", span, name, found.span)
    everywhere = {row["distribution"] for row in table("system_libraries")["libraries"] if "headers" in row}
    if any(not everywhere.isdisjoint(one.contents.found) for one in image.installed.steps):
        return MuslCost("unknown", span, "", None)  # compiled on any system
    for stage in (*image.lineage, *image.builders):
        for run in (each for each in stage.instructions if isinstance(each, Run)):
            for step in image.steps_of(run):
                for package in step.packages if step.manager == "apk" and step.action == "install" else ():
                    if package.name and build_tool(package.name) in ("compiler", "headers") and image.installed.steps:
                        return MuslCost("compiled", span, package.name, package.word.span)
    installed = image.distributions
    if not installed.doubts and installed.found and set(installed.found) <= {*facts["ready"].split()}:
        return None
    return MuslCost("unknown", span, "", None)
