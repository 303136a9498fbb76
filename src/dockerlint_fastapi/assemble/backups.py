"""Dockerfiles that somebody put aside: earlier states of the one beside them, by their names, which nothing builds.

`Dockerfile_old`, `Dockerfile-bak`, `Dockerfile.STABLE_20260301-150826` beside `Dockerfile`.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence

from dockerlint_fastapi.tree import parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.dockerfile import Dockerfile
    from dockerlint_fastapi.model.project import Project

_WORDS: Final = r"(?:bak|bk|bkp|old|orig|prev)[0-9]{0,3}\Z"
# These may also say what an image does, so that its text has to say that it is another's.
_UNSURE: Final = r"(?:backup|copy)[0-9]{0,3}\Z"
_DATE: Final = r"(?<![0-9])(?:19|20)[0-9]{2}[-_.]?(?:0[1-9]|1[0-2])[-_.]?(?:[0-2][0-9]|3[01])(?![0-9])"
_BUILDERS: Final = (".yml", ".yaml", ".toml", ".json", ".hcl")
_MOST: Final = 100  # files that are looked into for its name
_MOST_CHARACTERS: Final = 200_000  # of each


def backups(
    project: Project, files: Sequence[Dockerfile], built: Container[Dockerfile]
) -> Iterator[tuple[Dockerfile, Dockerfile]]:
    """The Dockerfiles that were put aside, each with the one that it is an earlier state of. `built` are those that
    services build.
    """
    by_folder: dict[str, list[Dockerfile]] = {}
    for file in files:
        by_folder.setdefault(parent(file.source.path), []).append(file)
    for group in by_folder.values():
        for file in group:
            of = _original(file, group) if file not in built else None
            if of is not None and not _is_named(project, file):
                yield file, of


def _original(file: Dockerfile, group: Sequence[Dockerfile]) -> Dockerfile | None:
    """The file whose name it has, with a word behind that says that it was put aside; None when there is none."""
    name = file.source.path.rpartition("/")[2]
    for other in group:
        stem = other.source.path.rpartition("/")[2]
        rest = name[len(stem) :]
        if not rest or not name.startswith(stem) or rest[0] not in "._-":
            continue
        words = re.split(r"[._-]+", rest.lower())
        if re.search(_DATE, rest) or any(re.match(_WORDS, word) for word in words):
            return other
        if any(re.match(_UNSURE, word) for word in words) and _is_alike(file, other):
            return other
    return None


def _is_alike(file: Dockerfile, other: Dockerfile) -> bool:
    """Whether half of its lines are the other's."""
    lines, known = (
        [line for text in one.source.text.splitlines() if (line := text.strip()) and not line.startswith("#")]
        for one in (file, other)
    )
    return 2 * len(set(known).intersection(lines)) >= len(set(lines))


def _is_named(project: Project, file: Dockerfile) -> bool:
    """Whether a workflow, a script or another file from which images are built names it."""
    name = file.source.path.rpartition("/")[2]
    others = map(project.source_of, project.index.answer(_builders))
    return any(
        source is not None and name in source.text[:_MOST_CHARACTERS]
        for read in (project.recipes, others)
        for source in read
    )


def _builders(project: Project) -> tuple[str, ...]:
    """The files that may say how images are built."""
    return tuple(sorted(project.index.ending(*_BUILDERS), key=_depth)[:_MOST])


def _depth(path: str) -> tuple[int, str]:
    return path.count("/"), path
