"""The names of stages: those that are given twice or lead nowhere, and the stages that nothing uses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.model.bases.base_image import Reference
from dockerlint_fastapi.model.dockerfile import Cmd, Copy, Dockerfile, Entrypoint, Run, Stage
from dockerlint_fastapi.model.evidence import DEVELOPMENT, tokens
from dockerlint_fastapi.model.instructions.nearest import nearest
from dockerlint_fastapi.model.project import compose_texts
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.project import Project

_MOST_FORWARD: Final = 50  # uses of later stages that are followed; no real file has any
_RESERVED: Final = ("scratch", "context")


class StageFault(NamedTuple):
    """Something wrong with the name of a stage, or with a use of one.

    `kind`: `unknown` (no stage and no image has the name), `index` (there are fewer stages), `later` (FROM names one
    further down), `itself`, `circle`, `duplicate`, `reserved`, `case` (the name has capitals), `unused`.
    """

    kind: str
    name: str
    span: Span
    other: Stage | None = None  # the stage that is meant, or the other one of that name
    stages: int = 0  # how many there are


class _Use(NamedTuple):
    """A name behind `--from=` or in a mount."""

    name: str
    span: Span
    stage: Stage


def stage_faults(project: Project) -> Iterator[StageFault]:
    """What is wrong with the stages of every Dockerfile."""
    for dockerfile in project.own.dockerfiles:
        if dockerfile.foreign_syntax is not None:
            continue
        uses = [use for stage in dockerfile.stages for use in _uses(stage)]
        found = [*_names(dockerfile), *_circles(dockerfile, uses)]
        found += [fault for use in uses for fault in _lost(use, dockerfile, project)]
        found += [fault for stage in dockerfile.stages for fault in _later_base(stage)]
        yield from found
        # A stage that a wrong name means is not unused.
        if all(fault.kind == "case" for fault in found) and not dockerfile.is_draft:
            yield from _unused(dockerfile, uses, project)


def _uses(stage: Stage) -> Iterator[_Use]:
    for one in stage.instructions:
        if isinstance(one, Copy) and one.from_ is not None and one.from_.value:
            yield _Use(one.from_.value, _within(one.from_.span, one.from_.raw), stage)
        elif isinstance(one, Run):
            for mount in one.mounts:
                name = mount.options.get("from")
                if name and "$" not in name:
                    yield _Use(name, _within(mount.span, name), stage)


def _within(span: Span, text: str) -> Span:
    at = span.text.rfind(text) if text else -1
    return span if at < 0 else Span(span.source, span.start + at, span.start + at + len(text))


def _names(dockerfile: Dockerfile) -> Iterator[StageFault]:
    first: dict[str, Stage] = {}
    for stage in dockerfile.stages:
        written = stage.from_.name
        if written is None or stage.name is None:
            continue
        if stage.name in _RESERVED:
            yield StageFault("reserved", written.text, written.span)
        elif stage.name in first:
            yield StageFault("duplicate", written.text, written.span, first[stage.name])
        elif written.text != stage.name:
            yield StageFault("case", written.text, written.span)
        first.setdefault(stage.name, stage)


def _circles(dockerfile: Dockerfile, uses: list[_Use]) -> Iterator[StageFault]:
    """Stages that need themselves, also by way of others: BuildKit follows names further down too."""
    needs: dict[int, list[tuple[int, _Use | None]]] = {stage.index: [] for stage in dockerfile.stages}
    for stage in dockerfile.stages:
        if stage.base is not None:
            needs[stage.index].append((stage.base.index, None))
    for use in uses:
        found = dockerfile.stage(use.name)
        if found is use.stage:
            yield StageFault("itself", use.name, use.span, found)
        elif found is not None:
            needs[use.stage.index].append((found.index, use))
    forward = [
        use for use in uses if (found := dockerfile.stage(use.name)) is not None and found.index > use.stage.index
    ]
    for use in forward[:_MOST_FORWARD]:
        found = dockerfile.stage(use.name)
        if found is not None and _reaches(found.index, use.stage.index, needs):
            yield StageFault("circle", use.name, use.span, found)


def _reaches(start: int, goal: int, needs: dict[int, list[tuple[int, _Use | None]]]) -> bool:
    seen, waiting = {start}, [start]
    while waiting:
        for following, _ in needs[waiting.pop()]:
            if following == goal:
                return True
            if following not in seen:
                seen.add(following)
                waiting.append(following)
    return False


def _lost(use: _Use, dockerfile: Dockerfile, project: Project) -> Iterator[StageFault]:
    """A `--from` that leads to no stage, and to no image that could be there."""
    if dockerfile.stage(use.name) is not None:
        return
    count = len(dockerfile.stages)
    if use.name.isascii() and use.name.isdecimal():
        yield StageFault("index", use.name, use.span, None, count)
        return
    reference = Reference.parse(use.name)
    if reference is None or use.name.lower() in _RESERVED or not reference.is_local or ":" in use.name:
        return
    if "/" in use.name or "@" in use.name or project.index.answer(_is_given, use.name):
        return
    yield StageFault("unknown", use.name, use.span, _meant(use.name, _above(use.stage)), count)


def _above(stage: Stage) -> tuple[Stage, ...]:
    """The stages above one, the nearest ones of very many."""
    return stage.dockerfile.stages[max(0, stage.index - 100) : stage.index]


def _meant(name: str, stages: tuple[Stage, ...]) -> Stage | None:
    """The stage that a misspelt name means: the nearest one, one that shares its beginning, or the only one."""
    named = {stage.name: stage for stage in stages if stage.name is not None}
    near = nearest(name.lower(), named)
    if near is None:
        alike = [
            one for one in named if len(one) > 2 and (one.startswith(name.lower()) or name.lower().startswith(one))
        ]
        near = alike[0] if len(alike) == 1 else None
    return named[near] if near is not None else None


def _is_given(project: Project, name: str) -> bool:
    """Whether the name may be that of an image that the project builds, or of a context that the build is given."""
    if name.lower() in project.index.gathered(service_images):
        return True
    if any(name in text for text in project.index.gathered(additional_contexts)):
        return True
    tag = re.compile(rf"(?:-t|--tag|--build-context|contexts|tags)\b[^\n]*\b{re.escape(name)}\b")
    return any(tag.search(source.text) for source in project.recipes) or _in_bake(project, name)


def service_images(project: Project) -> Iterator[str]:
    """The names of the images of services, without tags and in lower case."""
    services = (service for file in project.own.compose_files for service in file.services.values())
    named = (service.image.value for service in services if service.image is not None)
    return (one.partition(":")[0].lower() for one in named if one is not None)


def additional_contexts(project: Project) -> Iterator[str]:
    """What services write as further contexts of their builds."""
    for file in project.own.compose_files:
        for service in file.services.values():
            node = service.node("build", "additional_contexts") if service.build is not None else None
            if node is not None:
                yield node.place.text


def _in_bake(project: Project, name: str) -> bool:
    for path in ("docker-bake.hcl", "docker-bake.json", "docker-bake.override.hcl"):
        source = project.source_of(path) if project.tree.is_file(path) else None
        if source is not None and name in source.text:
            return True
    return False


def _later_base(stage: Stage) -> Iterator[StageFault]:
    """FROM sees only the stages above it: the name of a later one is taken for that of an image."""
    value = stage.from_.image.value
    if stage.base is not None or value is None:
        return
    wanted = value.lower()
    reference = Reference.parse(value)
    if reference is None or not reference.is_local:
        return
    stages = stage.dockerfile.stages
    later = stage.dockerfile.stage(value)
    if later is not None and later.index >= stage.index and later.name == wanted:
        if later is not stage:  # `FROM base AS base` is an image
            yield StageFault("later", value, stage.from_.image.span, later)
        return
    near = nearest(wanted, [one.name for one in _above(stage) if one.name is not None])
    if near is not None and reference.tag is None:
        meant = next(one for one in stages if one.name == near)
        yield StageFault("unknown", value, stage.from_.image.span, meant, len(stages))


def _unused(dockerfile: Dockerfile, uses: list[_Use], project: Project) -> Iterator[StageFault]:
    """Named stages that ship nowhere, that no other stage uses, and whose name is told to nothing else."""
    used = {stage for image in project.images_of.get(dockerfile, ()) for stage in (*image.lineage, *image.builders)}
    for use in uses:
        found = dockerfile.stage(use.name)
        used.update(found.lineage if found is not None else ())
    used.update(stage.base for stage in dockerfile.stages if stage.base is not None)
    chosen = list(_chosen(dockerfile))
    for stage in dockerfile.stages[:-1]:
        if stage.name is not None and any(one.fullmatch(stage.name) for one in chosen):
            continue
        if stage in used or stage.name is None or stage.from_.name is None:
            continue
        starts = any(isinstance(one, Cmd | Entrypoint) for one in stage.instructions)
        if stage.base is not None and (starts or not stage.instructions):
            continue  # another name, or another start, for a stage is there for whoever builds with `--target`
        if not DEVELOPMENT.isdisjoint(tokens(stage.name)) or project.index.answer(_is_target, stage.name):
            continue
        yield StageFault("unused", stage.from_.name.text, stage.from_.name.span)


def _chosen(dockerfile: Dockerfile) -> Iterator[re.Pattern[str]]:
    """What a FROM with a variable in it may name: `builder-${KIND}` each stage that begins so. One that is nothing but
    a variable names an image, unless its value is a stage's name.
    """
    texts = {stage.from_.image.text: stage.from_.image.value for stage in dockerfile.stages}
    for text, value in texts.items():
        if "$" not in text:
            continue
        parts = re.split(r"\$(?:\{[^}]*\}|\w+)", text.strip("\"'"))
        if any(parts) or value is None or dockerfile.stage(value) is not None:
            yield re.compile(".*".join(map(re.escape, parts)), re.IGNORECASE | re.DOTALL)


def _is_target(project: Project, name: str) -> bool:
    """Whether a recipe or a compose file speaks of a stage of that name."""
    found = re.compile(rf"\b{re.escape(name)}\b", re.IGNORECASE)
    if any("target" in source.text and found.search(source.text) for source in project.recipes):
        return True
    return _in_bake(project, name) or any(found.search(text) for text in project.index.gathered(compose_texts))
