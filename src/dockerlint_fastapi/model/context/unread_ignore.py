"""Ignore files of a project that no build reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dockerlint_fastapi.model.files.recipes import is_built_by_hand
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Source, Span
from dockerlint_fastapi.tree import normal, parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.context.image_build import ImageBuild
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.project import Project

_SUFFIX = ".dockerignore"


class UnreadIgnoreFile(NamedTuple):
    """An ignore file that has no effect: why, and where that shows (with what is there)."""

    source: Source
    reason: str
    other: Span | None
    remark: str
    missed: bool = True  # whether a build copies all of what the file would thin out

    @property
    def span(self) -> Span:
        """The beginning of the file."""
        return self.source.span(0, 0)


def unread_ignore_files(project: Project) -> Iterator[UnreadIgnoreFile]:
    """Every ignore file that certainly no build reads."""
    read = {image.ignore_file(context) for image in project.own.images for context in image.contexts}
    for path in project.ignore_files:
        source = None if path in read or not path.endswith(_SUFFIX) else project.source_of(path)
        if source is None:
            continue
        folder, _, name = path.rpartition("/")
        found = _of_dockerfile(project, source) if name != _SUFFIX else _of_folder(project, source, folder)
        if found is not None:
            yield found


def _of_dockerfile(project: Project, source: Source) -> UnreadIgnoreFile | None:
    """`<Dockerfile>.dockerignore` without its Dockerfile."""
    dockerfile = source.path.removesuffix(_SUFFIX)
    if project.tree.is_file(dockerfile):
        return None
    name = dockerfile.rpartition("/")[2]
    return UnreadIgnoreFile(source, f"it is only read beside a Dockerfile named `{name}`, and there is none", None, "")


def _of_folder(project: Project, source: Source, folder: str) -> UnreadIgnoreFile | None:
    """`.dockerignore` of a folder that is no build context, or whose builds have an ignore file of their own."""
    if built := project.index.images_of(folder):
        own = project.source_of(built[0].ignore_file(folder) or "")
        if own is None or _patterns(own) == _patterns(source):
            return None
        return UnreadIgnoreFile(source, f"`{own.path}` takes its place", own.span(0, 0), "this one is read")
    if any(one.context == folder for one in project.workflow_builds):
        return None
    inside = f"{folder}/" if folder else ""
    files = project.index.dockerfiles_from(inside)
    near = [image for file in files for image in project.images_of.get(file, ())]
    templates = any(one.template for one in files)
    if not near or templates or not all(image.contexts_named for image in near) or is_built_by_hand(project, folder):
        return None
    if _is_platforms(project, inside, near) or _is_elsewhere(near, source):
        return None
    image = next((one for one in near if parent(one.dockerfile.source.path) == folder), near[0])
    place = f"`{image.contexts[0]}`" if image.contexts[0] else "the root of the project"
    return UnreadIgnoreFile(
        source,
        f"Docker looks for it in the build context, and that is {place}",
        next((span for one in near if one.contexts == image.contexts and (span := _named(one))), None),
        "the build context is named here",
        missed=any(_takes(image, folder, source) for image in near),
    )


def _patterns(source: Source) -> list[str]:
    """The patterns of an ignore file, in their order: it is the last one that fits which counts."""
    lines = (line.strip() for line in source.text.lstrip("\ufeff").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _is_elsewhere(near: Iterable[Image], source: Source) -> bool:
    """Whether every context has an ignore file of its own, and one of these has the same patterns: that one is read."""
    read = [one.project.source_of(one.ignore_file(context) or "") for one in near for context in one.contexts]
    return None not in read and any(one is not None and _patterns(one) == _patterns(source) for one in read)


def _is_platforms(project: Project, inside: str, near: Iterable[Image]) -> bool:
    """Whether the file of a platform that builds one of the images lies in a folder: it builds from there, too."""
    found = (project.platform_probes.get(one.dockerfile.source.path) for one in near)
    reasons = [one.reason for one in found if one is not None]
    return any(reason.startswith(f"`{inside}") and "/" not in reason[len(inside) + 1 :] for reason in reasons)


def _takes(image: Image, folder: str, source: Source) -> bool:
    """Whether an image copies what the file would leave out, were it read: a whole context, the file's own folder, or
    any folder where a pattern begins with `**`; or what cannot be told.
    """
    if all(_is_redundant(build, folder, source) for build in image.builds):
        return False
    anywhere = _spreads(image, source)
    for transfer in image.context_transfers:
        for word in transfer.sources:
            for context in image.contexts:
                path = normal(f"{context}/{word.value.lstrip('/')}".lstrip("/")) if word.value else None
                above, _, name = (path or "").rpartition("/")
                if path is not None and set(name) & set("*?[") and not set(above) & set("*?[$"):
                    if name != "*":
                        continue  # files of one kind
                    path = above
                if path is None or path == context or set(path) & set("*?[$") or f"{folder}/".startswith(f"{path}/"):
                    return True
                if anywhere and image.project.tree.is_dir(path):
                    return True
    return False


def _spreads(image: Image, source: Source) -> bool:
    """Whether a pattern of the file fits in any folder (`**/x`), and does not stand in the files that are read."""
    wide = {one.rstrip("/") for one in _patterns(source) if one.startswith("**")}
    for build in image.builds if wide else ():
        lines = _patterns(build.ignore.source) if build.ignore is not None else []
        if any(one.startswith("!") for one in lines) or not wide.issubset(one.rstrip("/") for one in lines):
            return True
    return bool(wide) and not image.builds


def _is_redundant(build: ImageBuild, folder: str, source: Source) -> bool:
    """Whether the ignore file that a build reads leaves out all that an unread one names, which has no wildcards."""
    lines = _patterns(source)
    inside = f"{folder}/".removeprefix(f"{build.context}/" if build.context else "") if folder else ""
    plain = all(re.fullmatch(r"[\w./-]+", line) for line in lines)
    return plain and all(build.excludes(f"{inside}{line.strip('/').removeprefix('./')}") for line in lines)


def _named(image: Image) -> Span | None:
    builds = [
        one.service.build for one in image.containers if one.service is not None and one.service.build is not None
    ]
    return next((one.span if one.context is None else one.context.span for one in builds), None)
