"""What a project has at which place, put in order once: a question that each image asks must not look at all files."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property

from dockerlint_fastapi.tree import parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any, TypeVar

    from dockerlint_fastapi.model.compose import ComposeFile
    from dockerlint_fastapi.model.context.image_build import ImageBuild
    from dockerlint_fastapi.model.deployment import Deployment
    from dockerlint_fastapi.model.dockerfile import Dockerfile
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.project import Project
    from dockerlint_fastapi.source import Source

    Answer = TypeVar("Answer")


class Index:
    """What a project has, by place."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._answers: dict[Callable[[Project], Any], Any] = {}
        self._ending: dict[tuple[str, ...], Sequence[str]] = {}

    def answer(self, question: Callable[[Project], Answer]) -> Answer:
        """The answer to a question about the project as a whole, which is asked once."""
        if question not in self._answers:
            self._answers[question] = question(self._project)
        found: Answer = self._answers[question]
        return found

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of its files, without their folders."""
        return frozenset(path.rpartition("/")[2] for path in self._project.paths)

    def ending(self, *ends: str) -> Sequence[str]:
        """The files whose names end so, in order."""
        if ends not in self._ending:
            self._ending[ends] = sorted(path for path in self._project.paths if path.endswith(ends))
        return self._ending[ends]

    def python_files_from(self, prefix: str) -> Iterator[str]:
        """The Python files whose path begins so, in order."""
        return _from(self.ending(".py"), prefix)

    def files_in(self, *folders: str) -> Sequence[str]:
        """The files that lie in folders, and not below them."""
        return [path for folder in dict.fromkeys(folders) for path in self._by_folder.get(folder, ())]

    @cached_property
    def _by_folder(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for path in self._project.paths:
            found.setdefault(parent(path), []).append(path)
        return found

    def dockerfiles_from(self, prefix: str) -> Sequence[Dockerfile]:
        """The Dockerfiles whose path begins so, in order."""
        return [self._dockerfiles[path] for path in _from(self._dockerfile_paths, prefix)]

    @cached_property
    def _dockerfiles(self) -> Mapping[str, Dockerfile]:
        return {file.source.path: file for file in self._project.dockerfiles}

    @cached_property
    def _dockerfile_paths(self) -> Sequence[str]:
        return sorted(self._dockerfiles)

    def compose_file(self, path: str) -> ComposeFile | None:
        """The compose file of a path."""
        return self._compose_files.get(path)

    @cached_property
    def _compose_files(self) -> Mapping[str, ComposeFile]:
        return {file.source.path: file for file in self._project.compose_files}

    def images_of(self, context: str) -> Sequence[Image]:
        """The images that are built from a folder."""
        return self._images.get(context, ())

    @cached_property
    def _images(self) -> Mapping[str, Sequence[Image]]:
        found: dict[str, list[Image]] = {}
        for image in self._project.images:
            for context in dict.fromkeys(image.contexts):
                found.setdefault(context, []).append(image)
        return found

    def builds_with(self, ignore: str) -> Sequence[ImageBuild]:
        """The builds that read an ignore file."""
        return self._builds.get(ignore, ())

    @cached_property
    def _builds(self) -> Mapping[str, Sequence[ImageBuild]]:
        found: dict[str, list[ImageBuild]] = {}
        for image in self._project.images:
            for build in image.builds:
                if build.ignore is not None:
                    found.setdefault(build.ignore.source.path, []).append(build)
        return found

    def deployments_naming(self, host: str) -> Sequence[Deployment]:
        """The sets of compose files in which a host name may lead to a service."""
        if host[-1:].isdigit():
            return self._project.deployments  # it may be the name of a container: the service's, and a number
        return self._by_host.get(host.lower(), ())

    @cached_property
    def _by_host(self) -> Mapping[str, Sequence[Deployment]]:
        found: dict[str, list[Deployment]] = {}
        for one in self._project.deployments:
            for name in one.service_names.known:
                found.setdefault(name, []).append(one)
        return found

    def composed_in(self, folder: str) -> Sequence[Source]:
        """The compose files of a folder that are part of some set, each once."""
        return self._composed.get(folder, ())

    @cached_property
    def _composed(self) -> Mapping[str, Sequence[Source]]:
        found: dict[str, list[Source]] = {}
        for source in dict.fromkeys(file.source for one in self._project.deployments for file in one.merged.files):
            found.setdefault(parent(source.path), []).append(source)
        return found


def _from(paths: Sequence[str], prefix: str) -> Iterator[str]:
    """Those of sorted paths that begin so: they stand together."""
    for at in range(bisect_left(paths, prefix), len(paths)):
        if not paths[at].startswith(prefix):
            return
        yield paths[at]
