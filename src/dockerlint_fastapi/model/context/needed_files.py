"""Files that a build or a start reads by name: manifests, start scripts, the readme of a project that is installed."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from dockerlint_fastapi.model.context.passage import place_of, workdirs
from dockerlint_fastapi.model.dockerfile import MOST_STAGES, Run, Stage, Transfer, Workdir
from dockerlint_fastapi.model.install import Step, steps
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span
from dockerlint_fastapi.tree import parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.context.ignore_file import Pattern
    from dockerlint_fastapi.model.context.image_build import ImageBuild
    from dockerlint_fastapi.model.context.passage import Passage
    from dockerlint_fastapi.model.image import Image

_SHELLS = frozenset(("sh", "bash", "ash", "dash", "/bin/sh", "/bin/bash"))
_LOCKS = (".lock", "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml")
_STRICT = ("--locked", "--frozen", "--check", "--deploy")
_README = r"(?m)^[ \t]*readme[ \t]*=[ \t]*(?:\{[^}\n]*?\bfile[ \t]*=[ \t]*)?([\"'\[][^\n}]*)"
_QUOTED = r"[\"']([^\"'\n]+)[\"']"
# Backends that stop when the readme is not there; setuptools only warns.
_STOPS = r"(?m)^[ \t]*build-backend[ \t]*=[ \t]*[\"'](?:hatchling|poetry|pdm|flit|uv_build)"
# Poetry's and uv's ways to say that the project itself is never installed.
_NO_PACKAGE = r"(?m)^[ \t]*package(?:-mode)?[ \t]*=[ \t]*false"

_Readmes = dict[tuple[Stage, str], tuple[str, ...]]  # by stage and place of the manifest


class Need(NamedTuple):
    """A file that is read: its absolute path in a stage, where it is asked for, and what happens without it. `built`
    tells that a step of the build reads it, for which a later COPY comes too late.
    """

    stage: Stage
    place: str
    span: Span
    message: str
    built: bool = False


class Lost(NamedTuple):
    """A needed file of the context that the ignore file leaves out."""

    path: str  # relative to the context
    need: Need
    pattern: Pattern | None


def lost_files(build: ImageBuild) -> Iterator[Lost]:
    """The files that are there and needed, that a copy of their directory would bring, and that are left out."""
    if build.ignore is None or not build.ignore.patterns:
        return
    copies = [one for one in build.image.passages if one.copies]
    known: dict[tuple[Stage, str], _Brought] = {}  # what many instructions need is looked for once
    for need in _needs(build):
        if need.stage.depth > MOST_STAGES:
            continue
        key = (need.stage, need.place)
        if key not in known:
            known[key] = _brought(build, need, copies)
        lost = known[key].lost_at(need.span.start if need.built else sys.maxsize)
        if lost is not None:
            yield Lost(lost, need, build.deciding(lost))


class _Brought(NamedTuple):
    """What copies bring to a place of a stage: from which offset of the stage's text on the file is there, and from
    which on a file is left out of what is copied. -1 stands for a parent of the stage, None for never.
    """

    comes: int | None
    leaves: int | None
    lost: str | None

    def lost_at(self, offset: int) -> str | None:
        """The file that the ignore file keeps from whoever reads the place at an offset."""
        if self.comes is not None and self.comes <= offset:
            return None
        return self.lost if self.leaves is not None and self.leaves <= offset else None


def _brought(build: ImageBuild, need: Need, copies: list[Passage]) -> _Brought:
    """What is seen of a place; nothing is lost where something else may bring the file."""
    lineage = need.stage.lineage
    comes = leaves = lost = None
    for one in copies:
        origin = one.origin(need.place) if one.stage in lineage else None
        if not origin:
            continue
        offset = one.span.end if one.stage is need.stage else -1
        if one.source == origin or (build.exists(origin) and not build.excludes(origin)):
            comes = offset if comes is None else min(comes, offset)  # it comes, or the instruction that names it fails
        elif lost is None and build.is_file(origin):
            leaves, lost = offset, origin
    if lost is not None and any(may_bring(one, need.place) for stage in lineage for one in stage.instructions):
        lost = None
    return _Brought(comes, leaves, lost)


def may_bring(instruction: object, place: str) -> bool:
    """Whether a COPY from elsewhere or a RUN may make a file at a place."""
    if isinstance(instruction, Transfer):
        target = instruction.destination.value
        if instruction.heredocs or instruction.from_ is not None:
            return target is None or not target.startswith("/") or f"{place}/".startswith(f"{target.rstrip('/')}/")
        return False
    return isinstance(instruction, Run) and bool(
        re.search(rf"(?:>|touch|tee|-o|--output\S*)\s*\S*{re.escape(place.rpartition('/')[2])}", instruction.text)
    )


def _needs(build: ImageBuild) -> Iterator[Need]:
    image = build.image
    readmes: _Readmes = {}
    for stage in (*image.lineage, *image.builders):
        places = workdirs(image, stage)
        current = next(places)
        for instruction in stage.instructions:
            if isinstance(instruction, Workdir):
                current = next(places)
            elif isinstance(instruction, Run) and not any(one.type == "bind" for one in instruction.mounts):
                for step in steps(instruction.command):
                    if not step.conditional:
                        yield from _of_step(build, stage, step, current, readmes)
        if stage is image.stage:
            yield from _of_start(image, current)


def _of_step(build: ImageBuild, stage: Stage, step: Step, workdir: str | None, readmes: _Readmes) -> Iterator[Need]:
    for name in step.reads_manifest:
        place = place_of(name, workdir)
        if place is None or (name.endswith(_LOCKS) and not step.has(*_STRICT)):
            continue
        yield Need(stage, place, step.span, f"`{f'{step.program} {step.subcommand}'.strip()}` reads it", built=True)
        if step.installs_project and name.endswith("pyproject.toml"):
            key = (stage, place)
            if key not in readmes:
                readmes[key] = tuple(_readmes(build, stage, place))
            for readme in readmes[key]:
                why = "`pyproject.toml` names it as readme, so the project cannot be built"
                yield Need(stage, readme, step.span, why, built=True)


def _readmes(build: ImageBuild, stage: Stage, pyproject: str) -> Iterator[str]:
    """The places of the readmes without which the project of a manifest cannot be built."""
    for passage in build.image.passages:
        path = passage.origin(pyproject) if passage.copies and passage.stage in stage.lineage else None
        source = build.text_of(path) if path else None
        if source is not None and re.search(_STOPS, source.text) and not re.search(_NO_PACKAGE, source.text):
            for name in readmes_in(source.text):
                yield f"{parent(pyproject)}/{name}"
            return


def uncopied_readmes(image: Image) -> Iterator[Need]:
    """The readmes that are certainly not there when a step builds the project itself: no COPY of its stage brings them.
    What the ignore file leaves out, or is not in the context, is told of that.
    """
    from dockerlint_fastapi.model.files.image_files import Placed  # noqa: PLC0415 - one rule asks
    from dockerlint_fastapi.model.files.runtime_files import is_refused  # noqa: PLC0415
    from dockerlint_fastapi.model.install.poetry_options import major_at  # noqa: PLC0415

    lost = {one.need.place for build in image.builds for one in build.lost_files}
    for one in image.installed.steps:
        step = one.step
        folders = [one.directory] if step.installs_project and any(map(_is_manifest, step.reads_manifest)) else []
        folders += [place_of(word.value.partition("[")[0], one.directory) for word in step.local if word.value]
        if step.manager == "poetry" and major_at(image, one.stage, one.run) != 2:
            continue  # before version 2 it only warns
        for folder in folders if not step.conditional else ():
            manifest = one.find(f"{folder.rstrip('/')}/pyproject.toml") if folder else None
            if folder is None or not isinstance(manifest, Placed) or not re.search(_STOPS, manifest.text):
                continue
            for name in readmes_in(manifest.text) if not re.search(_NO_PACKAGE, manifest.text) else ():
                place = f"{folder.rstrip('/')}/{name}"
                made = any(may_bring(each, place) for stage in one.stage.lineage for each in stage.instructions)
                if (
                    one.find(place) is None
                    and not made
                    and place not in lost
                    and not is_refused(image, place, one.stage)
                ):
                    yield Need(one.stage, place, step.span, step.words)


def _is_manifest(name: str) -> bool:
    return name.rpartition("/")[2] == "pyproject.toml"


def readmes_in(manifest: str) -> tuple[str, ...]:
    """The files that a `pyproject.toml` names as its readme."""
    return tuple(name for written in re.findall(_README, manifest) for name in re.findall(_QUOTED, written))


def _of_start(image: Image, workdir: str | None) -> Iterator[Need]:
    """The script that an exec form starts."""
    for start in (image.entrypoint, image.cmd):
        words = list(start.command.words) if start is not None and start.command.exec_form else []
        if words and words[0].value in _SHELLS:
            del words[0]
        value = words[0].value if words else None
        if value and value.endswith(".sh") and "/" in f"{value}/" and (place := place_of(value, workdir)):
            yield Need(image.stage, place, words[0].span, "the container starts it")
    for container in image.containers:
        for program in container.programs:
            if program.name == "alembic" and container.as_built and (place := place_of("alembic.ini", workdir)):
                yield Need(image.stage, place, program.span, "`alembic` reads it")
