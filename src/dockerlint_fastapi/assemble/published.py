"""What workflows of the project build: the images that they push, for services that take them by their names, and the
folders that they build Dockerfiles from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice

from dockerlint_fastapi.assemble.images import default_stage
from dockerlint_fastapi.model.bases.base_image import Reference
from dockerlint_fastapi.model.context import WorkflowBuild
from dockerlint_fastapi.model.image import Image
from dockerlint_fastapi.model.project import Project
from dockerlint_fastapi.tree import normal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.source import Source

_WORKFLOWS: Final = ".github/workflows"
_MOST: Final = 40  # files that are looked into
_ACTION: Final = (
    r"(?m)^([ \t]*)(?:-[ \t]+)?uses:[ \t]*[\"']?docker/build-push-action@[^\n]*\n"
    r"((?:\1[ \t]*[^-\s][^\n]*(?:\n|\Z)|\1[ \t]+[^\n]*(?:\n|\Z)|[ \t]*\n)*)"
)
_COMMAND: Final = r"(?m)\bdocker[ \t]+(?:buildx[ \t]+)?build[ \t]+((?:[^\n\\]|\\\n)*)"
_KEY: Final = r"(?m)^[ \t]*{}:[ \t]*[\"']?([^\s\"'#]+)"


# What puts a file into the folder before the build, or another repository beside this one.
_ARRANGES: Final = r"download-artifact|\brepository:|(?m:^[ \t]*path:)|\bsubmodules:"
_STEPS_ASIDE: Final = r"\bworking-directory:|(?m:(?:^|[;&|]|run:)[ \t]*(?:cd|pushd)[ \t])"


def workflow_builds(project: Project) -> Iterator[WorkflowBuild]:
    """The builds of the project's workflows; a context that is made of a variable cannot be told."""
    for source in _workflows(project):
        arranged = re.search(_ARRANGES, source.text) is not None
        aside = re.search(_STEPS_ASIDE, source.text) is not None
        for context, file, _, action in _written(source):
            folder = None if "$" in (context or "") else normal(context or ".")
            path = None if folder is None or "$" in (file or "") else normal(file or f"{folder or '.'}/Dockerfile")
            if folder is not None and "://" not in (context or ""):
                yield WorkflowBuild(folder, path, not arranged and (action or not aside))


class Published:
    """What the project's workflows build, by the names under which they push it."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.image = cache(self._image)

    def _image(self, name: str) -> Image | None:
        """The image that a workflow pushes under a name; None when none is seen to, or it may be one of several."""
        reference = Reference.parse(name)
        if reference is None or not reference.namespace or not self.project.has_dockerfiles:
            return None
        repository = name.partition("@")[0]
        if ":" in repository.rpartition("/")[2]:
            repository = repository.rpartition(":")[0]
        named = re.compile(rf"(?i)(?<![\w./-]){re.escape(repository)}(?![\w./-])")
        found = {one for source in _workflows(self.project) if named.search(source.text) for one in self._built(source)}
        return found.pop() if len(found) == 1 else None

    def _built(self, source: Source) -> Iterator[Image | None]:
        """What each build of a workflow makes; None where that cannot be told."""
        for context, file, target, _ in _written(source):
            yield self._of(context, file, target)

    def _of(self, context: str | None, file: str | None, target: str | None) -> Image | None:
        """The image of a build, by its words."""
        if any("$" in (one or "") for one in (context, file, target)):
            return None
        folder = normal(context or ".")
        path = normal(file) if file else normal(f"{context or '.'}/Dockerfile")
        dockerfile = self.project.dockerfile_at(path) if path is not None and folder is not None else None
        if dockerfile is None or not dockerfile.stages:
            return None
        stage = dockerfile.stage(target) if target else default_stage(dockerfile)
        images = self.project.images_of.get(dockerfile, ())
        return next((one for one in images if one.stage is stage and not one.named_development), None)


def _workflows(project: Project) -> Iterator[Source]:
    names = [name for name in sorted(project.tree.names(_WORKFLOWS)) if name.endswith((".yml", ".yaml"))]
    read = (project.source_of(f"{_WORKFLOWS}/{name}") for name in islice(names, _MOST))
    return (one for one in read if one is not None and "build" in one.text)


def _written(source: Source) -> Iterator[tuple[str | None, str | None, str | None, bool]]:
    """Context, Dockerfile and target of each build of a workflow, as written, and whether it is a step of its own."""
    for step in re.finditer(_ACTION, source.text):
        context, file, target = (re.search(_KEY.format(key), step[2]) for key in ("context", "file", "target"))
        yield *(found[1] if found is not None else None for found in (context, file, target)), True  # type: ignore[misc]
    for command in re.finditer(_COMMAND, source.text):
        words = command[1].replace("\\\n", " ").split()
        context_ = next((one for one in reversed(words) if not one.startswith("-")), None)
        yield context_, _valued(words, "-f", "--file"), _valued(words, "--target"), False


def _valued(words: list[str], *names: str) -> str | None:
    for at, word in enumerate(words):
        if word in names and at + 1 < len(words):
            return words[at + 1]
        if word.startswith("--") and word.partition("=")[0] in names:
            return word.partition("=")[2]
    return None
