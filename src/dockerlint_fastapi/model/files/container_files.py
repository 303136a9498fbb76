"""What stands at a place of a container: what compose mounts over it, else what the image holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from dockerlint_fastapi.model.command import UNKNOWN
from dockerlint_fastapi.model.compose.nodes import Mapping
from dockerlint_fastapi.model.context.glob import clean
from dockerlint_fastapi.model.files.image_files import Answer, Placed
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span
from dockerlint_fastapi.tree import normal, parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.compose import Mount, Service
    from dockerlint_fastapi.model.compose.relations import Grant
    from dockerlint_fastapi.model.container import Container

_NOT_FILES: Final = frozenset(("tmpfs", "npipe"))


class Cover(NamedTuple):
    """Something that lies over a place of the image, and all below it.

    `path` is the project's file or folder that is mounted, "" for its root; None when it is another one, or cannot be
    told. `empty` tells that certainly nothing of the image or the project is there (a tmpfs).
    """

    target: str | None  # None when it cannot be told
    path: str | None
    empty: bool
    span: Span


def covers(
    service: Service,
    folder_of: Callable[[Span], str | None],
    inside: Callable[[str], str | None],
    started: Callable[[Mount], str | None],
) -> Iterator[Cover]:
    """What a service mounts into its container; `folder_of` tells the folder of the project that relative paths of a
    compose file begin at, `inside` what of the project a path from its root is, `started` what a source of `${PWD}` is.
    """
    for mount in service.volumes:
        target = mount.target.intended if mount.target is not None else None
        place = clean(target) if target is not None and target.startswith("/") else None
        kind = mount.type or mount.default_type
        source = mount.source.intended if mount.source is not None else None
        path = None
        # A long form names a folder of the project also without `./`.
        folder = folder_of(mount.span)
        if kind == "bind" and folder is not None and source is not None and not source.startswith(("/", "~", "\\")):
            path = inside(f"{folder}/{source}" if folder else source)
        elif source is None and mount.source is not None and mount.source.text.startswith(("$PWD", "${PWD")):
            path = started(mount)
        yield Cover(place, path, kind in _NOT_FILES, mount.span)
    for setting in service.tmpfs:
        text = setting.intended
        place = clean(text.partition(":")[0]) if text is not None and text.startswith("/") else None
        yield Cover(place, None, empty=True, span=setting.span)
    for grant in service.secrets:
        # What a secret holds is read nowhere.
        yield Cover(_target(grant, "/run/secrets/"), None, empty=False, span=grant.span)
    for grant in service.configs:
        yield Cover(_target(grant, "/"), _config(grant, service, folder_of), empty=False, span=grant.span)


def _target(grant: Grant, folder: str) -> str | None:
    """Where a secret or config is mounted; None when that cannot be told."""
    named = grant.target if grant.target is not None else grant.source
    text = named.intended
    return None if text is None else clean(text if text.startswith("/") else folder + text)


def _config(grant: Grant, service: Service, folder_of: Callable[[Span], str | None]) -> str | None:
    """The project's file that a config is; None when it is none, or cannot be told."""
    from dockerlint_fastapi.model.compose.settings import setting  # noqa: PLC0415  # few services have configs

    declared = service.file.declared("configs").get(grant.source.value or "")
    body = declared.value if declared is not None else None
    file = setting(body.get("file"), service.lookup) if isinstance(body, Mapping) else None
    written = file.intended if file is not None else None
    folder = folder_of(file.span) if file is not None else None
    if folder is None or written is None or written.startswith(("/", "~")):
        return None
    return normal(f"{folder}/{written}" if folder else written)


def file_at(container: Container, place: str) -> Answer:
    """The file at an absolute path of a container."""
    if not place.startswith("/"):
        return UNKNOWN
    place = clean(place)
    over: Cover | None = None
    for one in container.covers:
        if one.target is None:
            return UNKNOWN
        inside = place == one.target or place.startswith(f"{one.target.rstrip('/')}/")
        if inside and (over is None or over.target is None or len(one.target) >= len(over.target)):
            over = one
    if over is None:
        return container.image.file_at(place) if container.image is not None else UNKNOWN
    return _mounted(container, over, place)


def is_of_base(container: Container, place: str) -> bool:
    """Whether what its base image has at an absolute path is certainly still there."""
    image = container.image
    if image is None or any(
        one.target is None or f"{place}/".startswith(f"{one.target.rstrip('/')}/") for one in container.covers
    ):
        return False
    return bool(image.files_by_build) and all(one.is_of_base(place, image.stage) for one in image.files_by_build)


def _mounted(container: Container, over: Cover, place: str) -> Answer:
    """What a mount brings to a place at or below it."""
    if over.empty:
        return None
    image, target = container.image, over.target
    if over.path is None or image is None or target is None:
        return UNKNOWN
    project = image.project
    rest = place[len(target.rstrip("/")) + 1 :]
    path = over.path if not rest else f"{over.path}/{rest}" if over.path else rest
    if project.tree.is_file(path):
        source = project.source_of(path)
        return UNKNOWN if source is None else Placed(place, path, source.text, source.span, over.span)
    if not project.tree.is_dir(over.path) or project.git_ignores(path):
        return UNKNOWN
    return None


def covers_of(container: Container) -> tuple[Cover, ...]:
    """Everything that compose mounts into a container."""
    service = container.service
    if service is None:
        return ()
    merged = container.deployment.merged if container.deployment is not None else None

    def folder_of(span: Span) -> str | None:
        path = span.source.path
        return merged.directories.get(path) if merged is not None else parent(path)

    inside = merged.inside if merged is not None else normal
    return tuple(covers(service, folder_of, inside, lambda mount: below_working_folder(container, mount)))


def below_working_folder(container: Container, mount: Mount) -> str | None:
    """The project's file or folder that is mounted from `${PWD}`, the folder in which Compose is started; None when it
    cannot be told. It is what the image is built from where that is the folder of the compose file, where the source
    names it, and where the folder of the compose file lies below it and has no code: started in that one, Compose would
    hide the program behind nothing.
    """
    source, service, deployment = mount.source, container.service, container.deployment
    found = re.match(r"\$(?:PWD\b|\{PWD(?::?[?-][^{}]*)?\})(?=/|\Z)", source.text) if source is not None else None
    if found is None or source is None or service is None or service.build is None or deployment is None:
        return None
    folder = deployment.merged.directories.get(mount.span.source.path)
    context = deployment.merged.context_of(service.build)
    project = container.project
    if folder is None or context is None or project is None or "$" in source.text[found.end() :]:
        return None
    tree, rest = project.tree, source.text[found.end() :].strip("/")
    path = normal(f"{folder}/{rest}" if folder else rest)
    if folder == context and path is not None and (tree.is_dir(path) or tree.is_file(path)):
        return path
    if rest and normal(rest) == context:
        return context
    above = not context or folder.startswith(f"{context}/")
    if not rest and folder != context and above and not any(one.endswith(".py") for one in tree.listing(folder).files):
        return context
    return None
