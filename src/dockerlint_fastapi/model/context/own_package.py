"""The project's own package where Poetry installs it: since version 2 the build stops when it is not there."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.context.passage import behind_workdirs, place_of
from dockerlint_fastapi.model.dockerfile import Run, Transfer, Workdir
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.install.distributions import Installation
    from dockerlint_fastapi.model.install.step import Step
    from dockerlint_fastapi.source import Span


class LackingPackage(NamedTuple):
    """A step that installs the project itself, of which there is nothing yet: `name` is what Poetry looks for."""

    step: Step
    name: str
    folder: str
    origin: Span | None  # what installs Poetry

    @property
    def span(self) -> Span:
        """The step."""
        return self.step.span


def lacking_packages(image: Image) -> Iterator[LackingPackage]:
    """The steps of Poetry 2 that install the project itself with none of its packages at hand."""
    from dockerlint_fastapi.model.install.poetry_options import version_at  # noqa: PLC0415 - one rule asks

    for one in image.installed.steps:
        step, home = one.step, one.directory
        if step.manager != "poetry" or not step.installs_project or home is None or step.conditional:
            continue
        if not step.complete or (step.command is not None and step.command.after == "||"):
            continue
        parts = one.projects[0].parts if one.projects else ()
        major, origin = version_at(image, one.stage, one.run) if parts else (None, None)
        for part in parts if major == 2 else ():
            if all(_is_absent(image, one, f"{home.rstrip('/')}/{path}") for path in part):
                yield LackingPackage(step, part[0], home, origin)
                break


def _is_absent(image: Image, one: Installation, place: str) -> bool:
    """Whether a step certainly finds neither a file nor a directory at a place."""
    if one.find(place) is not None:
        return False
    if place.endswith(".py"):
        return True
    if one.find(f"{place}/__init__.py") is not None:
        return False
    for mount in one.run.mounts:
        target = place_of(mount.target, one.directory) if mount.target else None
        if mount.type == "bind" and (target is None or _touches(target, place)):
            return False
    return not any(_may_make(image, one, place)) and not any(_may_bring(image, one, place))


def _touches(one: str, other: str) -> bool:
    """Whether one of two places is the other, or holds it."""
    one, other = f"{one.rstrip('/')}/", f"{other.rstrip('/')}/"
    return one.startswith(other) or other.startswith(one)


def _may_make(image: Image, one: Installation, place: str) -> Iterator[bool]:
    """Of each instruction in front of a step whether it may make a directory at a place: a WORKDIR, a RUN that speaks
    of its name, a COPY to it or from elsewhere.
    """
    name = re.escape(place.rpartition("/")[2])
    for stage in one.stage.lineage:
        for instruction, workdir in behind_workdirs(image, stage):
            if instruction.span.start >= one.run.span.start:
                return
            if isinstance(instruction, Workdir):
                yield workdir is None or f"{workdir}/".startswith(f"{place}/")
            elif isinstance(instruction, Run):
                yield re.search(rf"(?<![\w-]){name}(?![\w-])", instruction.span.text) is not None
            elif isinstance(instruction, Transfer):
                target = place_of(instruction.destination.value, workdir)
                if target is None or f"{target}/".startswith(f"{place}/"):
                    yield True
                else:
                    yield instruction.from_ is not None and _touches(target, place)


def _may_bring(image: Image, one: Installation, place: str) -> Iterator[bool]:
    """Of each source of a COPY in front of a step whether it may bring what lies at a place."""
    lineage = one.stage.lineage
    for passage in image.passages:
        if not passage.copies or passage.stage not in lineage or passage.span.start >= one.run.span.start:
            continue
        if passage.source is None or passage.target is None or passage.parents:
            yield passage.target is None or _touches(passage.target, place)
            continue
        base = f"{passage.target.rstrip('/')}/"
        rest = place[len(base) :] if place.startswith(base) else ""
        for build in image.builds:
            if passage.glob is None:
                origin = passage.origin(place)
                found = [origin] if origin is not None else []
            else:
                found = [f"{source}/{rest}" for source in build.matches(passage) if rest and build.is_dir(source)]
            yield any(build.exists(path) or build.may_appear(path) for path in found)
