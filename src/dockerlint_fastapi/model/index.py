"""What a project has at which place, put in order once: a question that each image asks must not look at all files."""

from __future__ import annotations

from bisect import bisect_left

from dockerlint_fastapi.cached import cached_property
from dockerlint_fastapi.model.network.service_names import container_stems
from dockerlint_fastapi.tree import parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
        self._answers: dict[tuple[object, ...], Any] = {}
        self._gathered: dict[Callable[[Project], Iterable[str]], Mapping[str, int]] = {}
        self._ending: dict[tuple[str, ...], Sequence[str]] = {}

    def answer(self, question: Callable[..., Answer], *words: str) -> Answer:
        """The answer to a question about the project as a whole, and maybe some words, which is asked once."""
        key = (question, *words)
        if key not in self._answers:
            self._answers[key] = question(self._project, *words)
        found: Answer = self._answers[key]
        return found

    def own_answer(self, question: Callable[[Project], Answer]) -> Answer:
        """The answer to a question about what the project has of its own, be it a part: it goes through that alone, and
        asks `inside` of each path. It is asked once.
        """
        return Index.answer(self, question)

    def gathered(self, question: Callable[[Project], Iterable[str]]) -> Mapping[str, int]:
        """What is said of all parts of the project: names, paths or texts, each with the part that says so. A question
        to a large project has to be among those of `model.questions`.
        """
        if question not in self._gathered:
            self._gathered[question] = dict.fromkeys(question(self._project), 0)
        return self._gathered[question]

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
        return [self._dockerfiles[path] for path in _from(self._dockerfile_paths, self._project.inside(prefix))]

    @cached_property
    def _dockerfiles(self) -> Mapping[str, Dockerfile]:
        return {file.source.path: file for file in self._project.own.dockerfiles}

    @cached_property
    def _dockerfile_paths(self) -> Sequence[str]:
        return sorted(self._dockerfiles)

    def compose_file(self, path: str) -> ComposeFile | None:
        """The compose file of a path."""
        return self._compose_files.get(self._project.inside(path))

    @cached_property
    def _compose_files(self) -> Mapping[str, ComposeFile]:
        return {file.source.path: file for file in self._project.own.compose_files}

    def compose_files_naming(self, service: str) -> Sequence[ComposeFile]:
        """The compose files that have a service of that name."""
        return self._by_service.get(service, ())

    @cached_property
    def _by_service(self) -> Mapping[str, Sequence[ComposeFile]]:
        found: dict[str, list[ComposeFile]] = {}
        for file in self._project.own.compose_files:
            for name in file.services:
                found.setdefault(name, []).append(file)
        return found

    def images_of(self, context: str) -> Sequence[Image]:
        """The images that are built from a folder."""
        return self._images.get(self._project.inside(context), ())

    @cached_property
    def _images(self) -> Mapping[str, Sequence[Image]]:
        found: dict[str, list[Image]] = {}
        for image in self._project.own.images:
            for context in dict.fromkeys(image.contexts):
                found.setdefault(context, []).append(image)
        return found

    def images_beside(self, path: str) -> Sequence[Image]:
        """The images whose Dockerfiles lie in the folder of a file."""
        return self._images_by_folder.get(parent(self._project.inside(path)), ())

    def composed_from(self, path: str) -> bool:
        """Whether a service builds an image from the folder of a file."""
        return parent(self._project.inside(path)) in self._composed_folders

    @cached_property
    def _composed_folders(self) -> frozenset[str]:
        images = (one for one in self._project.own.images if one.contexts_named and one.composed)
        return frozenset(context for one in images for context in one.contexts)

    @cached_property
    def _images_by_folder(self) -> Mapping[str, Sequence[Image]]:
        found: dict[str, list[Image]] = {}
        for image in self._project.own.images:
            found.setdefault(parent(image.dockerfile.source.path), []).append(image)
        return found

    def builds_with(self, ignore: str) -> Sequence[ImageBuild]:
        """The builds that read an ignore file."""
        return self._builds.get(self._project.inside(ignore), ())

    @cached_property
    def _builds(self) -> Mapping[str, Sequence[ImageBuild]]:
        found: dict[str, list[ImageBuild]] = {}
        for image in self._project.own.images:
            for build in image.builds:
                if build.ignore is not None:
                    found.setdefault(build.ignore.source.path, []).append(build)
        return found

    def deployments_naming(self, host: str) -> Iterable[Deployment]:
        """The sets of compose files in which a host name leads to a service."""
        found = dict.fromkeys(self._by_host.get(host.lower(), ()))
        for stem in container_stems(host):
            found.update(dict.fromkeys(self._by_service_name.get(stem, ())))
        return found

    def names_elsewhere(self, host: str) -> bool:  # noqa: ARG002 - a part asks the others
        """Whether a host name leads to a service of another part of the project."""
        return False

    @cached_property
    def _by_host(self) -> Mapping[str, Sequence[Deployment]]:
        found: dict[str, list[Deployment]] = {}
        for one in self._project.own.deployments:
            for name in one.service_names.known:
                found.setdefault(name, []).append(one)
        return found

    @cached_property
    def _by_service_name(self) -> Mapping[str, Sequence[Deployment]]:
        found: dict[str, list[Deployment]] = {}
        for one in self._project.own.deployments:
            for name in one.merged.services:
                found.setdefault(name.lower(), []).append(one)
        return found

    def composed_in(self, folder: str) -> Sequence[Source]:
        """The compose files of a folder that are part of some set, each once."""
        return self._composed.get(self._project.inside(folder), ())

    @cached_property
    def _composed(self) -> Mapping[str, Sequence[Source]]:
        found: dict[str, list[Source]] = {}
        for source in dict.fromkeys(file.source for one in self._project.own.deployments for file in one.merged.files):
            found.setdefault(parent(source.path), []).append(source)
        return found


def _from(paths: Sequence[str], prefix: str) -> Iterator[str]:
    """Those of sorted paths that begin so: they stand together."""
    for at in range(bisect_left(paths, prefix), len(paths)):
        if not paths[at].startswith(prefix):
            return
        yield paths[at]
