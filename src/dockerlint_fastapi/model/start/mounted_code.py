"""The project's code on the host, mounted over the same code in an image."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span
from dockerlint_fastapi.tree import normal, parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import Mount
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.context.image_build import ImageBuild
    from dockerlint_fastapi.model.context.passage import Passage
    from dockerlint_fastapi.model.environment.variables import ContainerVariable
    from dockerlint_fastapi.model.files.container_files import Cover
    from dockerlint_fastapi.tree import Tree

# What a project has at its top.
_PROJECT_FILES = ("Dockerfile", "pyproject.toml", "requirements", "setup.cfg")
# What a folder that is mounted beside the code is called.
_NO_SOURCE = frozenset(
    "cert certs conf config data db db_data dumps file files initdb keys log logs media model_cache models"
    " nginx output outputs postgres postgres_data redis secret secrets ssl static storage tmp upload uploads"
    " volume volumes weights".split()
)


class MountedCode(NamedTuple):
    """A bind mount that puts a folder of the project over what the image has of it: `path` is a Python file that is in
    both, relative to the project, and `passage` what copies it into the image.
    """

    mount: Mount
    passage: Passage
    path: str

    @property
    def span(self) -> Span:
        """The mount."""
        return self.mount.span

    def database_in(self, container: Container) -> ContainerVariable | None:
        """The variable that names a file of SQLite which a container keeps in the mounted folder, and nowhere else."""
        from dockerlint_fastapi.model.services.kept_data import sqlite_files  # noqa: PLC0415 - few services mount code

        for variable, place in sqlite_files(container):
            held = [one for one in container.covers if f"{place}/".startswith(f"{(one.target or '/').rstrip('/')}/")]
            if held and max(held, key=lambda one: len(one.target or "")).span == self.span:
                return variable
        return None


def mounted_code(container: Container) -> Iterator[MountedCode]:
    """Every mount over the code that the container runs: over the module that its server imports, of the whole build
    context, or over the working directory.
    """
    service, image = container.service, container.image
    if service is None or image is None:
        return
    covers = {one.span: one for one in container.covers}
    for mount in service.volumes:
        cover = covers.get(mount.span)
        if (mount.type or mount.default_type) != "bind" or cover is None or cover.path is None or cover.target is None:
            continue
        for build in image.builds:
            found = _covered(container, build, cover)
            if found is not None:
                passage, path = found
                yield MountedCode(mount, passage, path)
                break


def _covered(container: Container, build: ImageBuild, cover: Cover) -> tuple[Passage, str] | None:
    """A Python file of the image over which a mount puts the same file of the host."""
    module = _module(container)
    whole = cover.path == build.context or cover.target == container.directory
    for path, closed in build.entries:
        if closed or not path.endswith(".py") or not (whole or module is not None):
            continue
        if not whole and not any(f"/{path}".endswith(f"/{module}{end}") for end in (".py", "/__init__.py")):
            continue
        for passage in reversed(build.takers(path)):
            place = passage.arrival(path)
            host = _host(cover, place) if place is not None else None
            if host is not None and host == build.project_path(path):
                return passage, host
    return None


def mounts_code(container: Container, mount: Mount) -> bool:
    """Whether a mount puts the project's code over the image's, as for work on it (`Container.mounts_source`)."""
    if mount.source is None:
        return False
    # `${PWD}` is the folder in which compose is started, as a rule that of the file.
    text = mount.source.text.replace("${PWD}", ".").replace("$PWD", ".")
    if text == mount.source.text:
        text = mount.source.value or mount.source.default or ""
        if (mount.type or mount.default_type or "bind") != "bind":
            return False
    if not text.startswith("."):
        return False
    written, deployment = mount.source.span.source.path, container.deployment
    folders = deployment.merged.directories if deployment is not None else {written: parent(written)}
    folder = folders.get(written)
    inside = deployment.merged.inside if deployment is not None else normal
    path = None if folder is None else inside(f"{folder}/{text}" if folder else text)
    if text != mount.source.text:
        from dockerlint_fastapi.model.files.container_files import below_working_folder  # noqa: PLC0415 - rare

        path = below_working_folder(container, mount) or path
    tree = container.image.project.tree if container.image else None
    if tree is not None and path is None:
        return False  # outside the project
    if tree is None or path is None:
        name = text.rstrip("/").rpartition("/")[2].lower()
        return name in (".", "..") or ("." not in name and name not in _NO_SOURCE)
    if not _holds_code(tree, path, 2):
        return False
    # Only a change of the module that the server imports, or of what this one names, is served.
    return _holds_served_code(container, path) and not _misses_served_code(container, mount)


def _holds_code(tree: Tree, folder: str, depth: int) -> bool:
    """Whether a folder holds Python files, or what a project has at its top, down to some depth."""
    inside = tree.listing(folder)
    if any(name.endswith(".py") or name.startswith(_PROJECT_FILES) for name in inside.files):
        return True
    return depth > 0 and any(
        _holds_code(tree, f"{folder}/{name}" if folder else name, depth - 1) for name in inside.directories
    )


def _holds_served_code(container: Container, folder: str) -> bool:
    """Whether a folder of the project holds the module that a container's server imports, or a package or module of
    its own that this one imports by name: `./alembic/versions` does not. True where the module's file is not found.
    """
    module, image = _module(container), container.image
    project = container.project
    if module is None or image is None or project is None or not folder:
        return True
    ends = (f"/{module}.py", f"/{module}/__init__.py")
    found = {
        path
        for build in image.builds
        for entry, closed in build.entries
        if not closed and f"/{entry}".endswith(ends) and (path := build.project_path(entry)) is not None
    }
    name = re.escape(folder.rpartition("/")[2])
    for path in found:
        if path.startswith(f"{folder}/"):
            return True
        source = project.source_of(path)
        if source is not None and re.search(rf"(?m)^[ \t]*(?:from|import)[ \t]+(?:[\w.]*\.)?{name}\b", source.text):
            return True
    return not found


def _misses_served_code(container: Container, mount: Mount) -> bool:
    """Whether a mount lies apart from the module that a container's server imports: the image has that below its
    working directory, neither of the two folders is in the other, and nobody tells Python to look into the mount.
    """
    module, image, here = _module(container), container.image, container.directory
    target = (mount.target.value or "").rstrip("/") if mount.target is not None else ""
    if module is None or image is None or not here or here == "/" or not target.startswith("/"):
        return False
    if f"{here}/".startswith(f"{target}/") or f"{target}/".startswith(f"{here}/"):
        return False
    path = container.variables.get("PYTHONPATH")
    words = [one.value for program in container.programs for one in program.argv]
    if any(word is None or target in word for word in (*words, path.span.text if path is not None else "")):
        return False
    ends = (f"/{module}.py", f"/{module}/__init__.py")
    return any(
        (passage.arrival(entry) or "").startswith(f"{here}/")
        for build in image.builds
        for entry, closed in build.entries
        if not closed and f"/{entry}".endswith(ends)
        for passage in build.takers(entry)
    )


def _host(cover: Cover, place: str) -> str | None:
    """The project's file that a mount puts at a place; None when it does not reach there."""
    target, path = (cover.target or "").rstrip("/"), cover.path or ""
    if not place.startswith(f"{target}/"):
        return None
    rest = place[len(target) + 1 :]
    return f"{path}/{rest}" if path else rest


def _module(container: Container) -> str | None:
    """The module that its server imports, as a path without an ending; None when that cannot be told."""
    app = container.server.app if container.server is not None else None
    name = app.text.partition(":")[0] if app is not None else ""
    if name.endswith(".py"):
        return name.removesuffix(".py").removeprefix("./").strip("/") or None
    return name.replace(".", "/") if name.replace(".", "").isidentifier() else None
