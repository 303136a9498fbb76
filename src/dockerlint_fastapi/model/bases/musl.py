"""What an image on Alpine costs: its libc is musl, for which not every distribution has a wheel."""

from __future__ import annotations

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.dockerfile import Run
from dockerlint_fastapi.model.install import build_tool
from dockerlint_fastapi.model.install.locked_wheels import locked_wheels
from dockerlint_fastapi.model.install.readers import calls_and_steps
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.dockerfile import Stage
    from dockerlint_fastapi.model.image import Image


# What else a compiler may be there for: `go install` with cgo, a library that is built by hand.
_COMPILES = frozenset("cargo cc clang cmake configure gcc g++ go make meson ninja".split())


class MuslCost(NamedTuple):
    """Why Alpine may be the wrong base for an image's distributions. `kind`: `compiled` (`word` installs a compiler or
    headers for them), `no wheel` (`word` asks for one that has none), `optional` (for one that has none and does
    without what would be compiled), `unknown` (not all are known to have one).
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
    locked = locked_wheels(image)
    if locked is not None:
        optional = facts["optional"].split()
        name = next((one for one in locked if one not in optional), next(iter(locked), None))
        if name is None:
            return MuslCost("unknown", span, "", None)
        kind = "optional" if name in optional else "no wheel"
        return MuslCost(kind, span, name, image.distributions.found[name].span)
    everywhere = {row["distribution"] for row in table("system_libraries")["libraries"] if "headers" in row}
    if any(not everywhere.isdisjoint(one.contents.found) for one in image.installed.steps):
        return MuslCost("unknown", span, "", None)  # compiled on any system
    ready = frozenset(facts["ready"].split())
    installed = image.distributions
    if not installed.doubts and installed.found and ready.issuperset(installed.found):
        return None
    if _asks_only_for(image, ready):  # a compiler shows nothing then
        return MuslCost("unknown", span, "", None)
    word = _compiles_with(image)
    if word is not None:
        return MuslCost("compiled", span, *word)
    return MuslCost("unknown", span, "", None)


def _compiles_with(image: Image) -> tuple[str, Span] | None:
    """The first package by which a stage that installs distributions is made ready to compile: a compiler or headers,
    where a compiler is among them. None as well where a RUN there compiles something else.
    """
    last: dict[Stage, int] = {}  # where each stage, or one that is made of it, installs for the last time
    for one in image.installed.steps:
        for stage in one.stage.lineage:
            last[stage] = max(last.get(stage, 0), one.run.span.start)
    first: tuple[str, Span] | None = None
    compiler = False
    for stage in (each for each in (*image.lineage, *image.builders) if each in last):
        for run in (each for each in stage.instructions if isinstance(each, Run)):
            if any(call.name in _COMPILES for call, step in calls_and_steps(run.command) if step is None):
                return None
            for step in image.steps_of(run) if run.span.start <= last[stage] else ():
                for package in step.packages if step.manager == "apk" and step.action == "install" else ():
                    kind = build_tool(package.name) if package.name else None
                    compiler = compiler or kind == "compiler"
                    if kind in ("compiler", "headers") and package.name is not None and first is None:
                        first = (package.name, package.word.span)
    return first if compiler else None


def _asks_only_for(image: Image, ready: frozenset[str]) -> bool:
    """Whether all that the build asks for is among `ready`, so that no more is open than what these bring."""
    asked = [each for one in image.installed.steps for each in one.contents if each.via is None]
    doubts = [doubt for one in image.installed.steps for doubt in one.contents.doubts]
    known = {each.span for each in asked}
    return bool(asked) and all(each.name in ready for each in asked) and all(doubt.span in known for doubt in doubts)


def uses_alpine(image: Image) -> bool:
    """Whether something in an image is written for Alpine, or may be: its package manager, its way to add users."""
    text = image.dockerfile.source.text
    return any(word in text for word in ("apk", "adduser", "addgroup", "musl", "alpine-sdk"))
