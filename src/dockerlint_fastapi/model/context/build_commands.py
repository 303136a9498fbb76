"""From which folder a Dockerfile is built, where several hold what it copies: what commands of the project say, in its
recipes and readmes, and what its own RUNs read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.model.dockerfile import Run, Transfer, Workdir
from dockerlint_fastapi.model.files.recipes import folders_of_command, guides
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.tree import normal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final

    from dockerlint_fastapi.model.context.image_build import ImageBuild
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.project import Project

_COMMAND: Final = r"\b(?:docker|podman|nerdctl)[ \t]+(?:image[ \t]+|buildx[ \t]+)?build[ \t]+((?:[^\n\\;&|>`#]|\\\n)*)"
_HERE: Final = frozenset(("$PWD", "${PWD}", "$(pwd"))  # without quotes and brackets around it
_MOST_CHARACTERS: Final = 200_000  # of a file
_MOST_COMMANDS: Final = 50  # in one
_BELOW: Final = r"(?<![^\s\"'])\./((?:[\w-][\w.-]*/)+[\w-][\w.-]*)(?![^\s\"';&|])"
_CD: Final = r"(?m)^[ \t$>]*cd[ \t]+[\"']?([^\s\"';&|]+)"


class _Command(NamedTuple):
    context: str
    dockerfile: str


def told_folder(image: Image, builds: Iterable[ImageBuild]) -> ImageBuild | None:
    """The build from the one folder that commands of the project name, or in which alone lies what a RUN reads; None
    when neither tells.
    """
    folders = {build.context: build for build in builds}
    path = image.dockerfile.source.path
    commands = image.project.index.answer(_commands)
    told = {one.context for one in commands if one.dockerfile == path and one.context in folders}
    if not told:
        told = {folder for name in _read(image) for folder in _holding(folders, name)}
    return folders[told.pop()] if len(told) == 1 else None


def _holding(folders: dict[str, ImageBuild], name: str) -> list[str]:
    """The folders that hold a file, where not all do."""
    found = [folder for folder, build in folders.items() if build.exists(name)]
    return found if len(found) < len(folders) else []


def _read(image: Image) -> Iterator[str]:
    """The lists of requirements that a RUN reads in the folder into which the whole context was copied, and what it
    names below that: `./deploy/entry.sh`.
    """
    for stage in (*image.lineage, *image.builders):
        copied, here = False, [".", "./"]
        filled: set[str] = set()  # with all of the context
        for one in stage.instructions:
            if isinstance(one, Workdir):
                path = (one.path.value or "").rstrip("/")
                copied, here = path in filled, [".", "./", *((path, f"{path}/") if path.startswith("/") else ())]
            elif isinstance(one, Transfer) and one.from_ is None:
                if any(word.value in (".", "./") for word in one.sources):
                    copied = copied or one.destination.value in here
                    filled.add((one.destination.value or "").rstrip("/"))
            elif isinstance(one, Run) and copied and re.search(r"\b(?:cd|pushd)\b", one.text) is None:
                yield from re.findall(_BELOW, one.text)
                for step in image.steps_of(one):
                    for word in step.requirements:
                        name = normal(word.value) if word.value and not word.value.startswith("/") else None
                        if name and "$" not in name and "://" not in name:
                            yield name


def _commands(project: Project) -> tuple[_Command, ...]:
    """Every build of a Dockerfile of the project that a recipe or a readme writes down, as far as it can be told."""
    return tuple(dict.fromkeys((*_of_recipes(project), *_of_guides(project))))


def _of_recipes(project: Project) -> Iterator[_Command]:
    for source in project.recipes:
        # of GitHub's own workflows more is known: `workflow_builds`
        text = "" if source.path.startswith(".github/") else source.text[:_MOST_CHARACTERS]
        for found in _found(text):
            for base in folders_of_command(source.path, text, found.start()) or ():
                yield from _built(project, found[1], base)


def _of_guides(project: Project) -> Iterator[_Command]:
    for source in guides(project):
        text = source.text[:_MOST_CHARACTERS]
        for found in _found(text):
            block = text[: found.start()]
            fence = block.rfind("```") if block.count("```") % 2 else block.rfind("\n") + 1
            moves = re.findall(_CD, text[fence : found.start()])
            for base in dict.fromkeys(("", source.path.rpartition("/")[0])):
                place: str | None = base
                for move in moves:
                    moved = normal(f"{place}/{move}".lstrip("/")) if place is not None else None
                    # `git clone …` and `cd shop`: that is the project's own folder
                    known = moved is not None and (not moved or project.tree.is_dir(moved))
                    place = moved if known else place if move == moves[0] else None
                if place is not None:
                    yield from _built(project, found[1], place)


def _found(text: str) -> list[re.Match[str]]:
    if "build" not in text:
        return []
    return list(re.finditer(_COMMAND, text))[:_MOST_COMMANDS]


def _built(project: Project, written: str, base: str) -> Iterator[_Command]:
    """What a command that runs in a folder builds, as far as that is there."""
    words = [one.strip("\"'()") for one in written.replace("\\\n", " ").split()]
    file = next(
        (
            words[at + 1] if word in ("-f", "--file") else word.partition("=")[2]
            for at, word in enumerate(words)
            if (word in ("-f", "--file") and at + 1 < len(words)) or word.startswith("--file=")
        ),
        None,
    )
    context = "." if not words or words[-1] in _HERE else words[-1]
    if not words or any("$" in one or one.startswith(("/", "~", "-")) for one in (context, file or "")):
        return
    front = f"{base}/" if base else ""
    folder = normal(front + context)
    path = normal(f"{front}{file}" if file else f"{front}{context}/Dockerfile")
    if folder is not None and path and (not folder or project.tree.is_dir(folder)) and project.tree.is_file(path):
        yield _Command(folder, path)
