# ruff: noqa: RUF001 - letters of other alphabets are meant
"""What readmes say in so many words that a compose file, or Compose in their project, is for.

Read are sentences, headings and lists of files (`├── compose.yaml  # Local development`) that name one compose file,
and those of readmes that speak of Docker Compose or its stack and name no file: these are about the file that a plain
`docker compose up` takes there. They say that it is for development only with a word for that: "run it locally" is said
to those who use a project, too. Whatever says production of the same file takes it back. What is said of
the whole project tells nothing: of findings in files of projects "for development and testing purposes", or that are
not to be deployed, readers of known projects found nearly all to be worth their while.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from dockerlint_fastapi.model.files.recipes import guides
from dockerlint_fastapi.model.purpose import purpose_of
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.tree import parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.project import Project
    from dockerlint_fastapi.source import Source

_MOST_CHARACTERS = 200_000  # of each text
_MOST_OF_A_SENTENCE = 400
_MOST_OF_A_PATH = 200
_MOST_NAMES = 200  # of files in a text
_ENDS = r"(?<=[.!?。])\s+|\n(?:\s*\n|[ \t]*(?:[-*|>#]+|\d+[.)])[ \t])"
_FILE = r"compose[\w.-]{0,99}\.ya?ml\b"
_BEHIND = r"[`*\"')\]]{0,9}[ \t]{0,9}(?:\([^()\n]{0,99}\))?[ \t|:—–#←-]{1,99}([^\n]+)"
_COMPOSE = r"(?i)\bdocker[- ]?compose\b|\bcompose (?:file|stack|set-?up|environment)s?\b"
_WORK = (
    r"(?i)\bdev(?:elop\w*)?\b|desarroll|desenvolv|entwickl|d[ée]velopp|sviluppo|deweloper|geliştirme|pengembangan"
    r"|phát triển|разраб|розробк|开发|開發|開発|개발"
)


class Told(NamedTuple):
    """What a guide says: `file` as it names it, "" where it speaks of Docker Compose alone."""

    guide: str
    file: str
    setting: str


def told_for_work(project: Project, compose: str) -> Told | None:
    """What says that a compose file is for development; None when nothing does, or something says production."""
    found = [one for one in project.index.answer(_told) if _is_about(project, one, compose)]
    if any(one.setting == "production" for one in found):
        return None
    return next(iter(found), None)


def _is_about(project: Project, one: Told, compose: str) -> bool:
    folder, _, name = compose.rpartition("/")
    here = parent(one.guide) == folder
    if not one.file:
        return re.fullmatch(r"(?:docker-)?compose\.ya?ml", name) is not None and (
            here or project.count_of_compose_files == 1
        )
    given, _, said = one.file.removeprefix("./").rpartition("/")
    return said == name and (f"/{folder}".endswith(f"/{given}") if given else here)


def _told(project: Project) -> tuple[Told, ...]:
    return tuple(one for source in guides(project) for one in _told_in(source))


def _told_in(source: Source) -> Iterator[Told]:
    text = source.text[:_MOST_CHARACTERS]
    readme = source.path.rpartition("/")[2].lower().startswith("readme")
    if "compose" not in text.lower():
        return
    for found in islice(re.finditer(_FILE, text), _MOST_NAMES):
        front = re.search(r"[\w./-]*\Z", text[max(found.start() - _MOST_OF_A_PATH, 0) : found.start()])
        name = f"{front[0] if front is not None else ''}{found[0]}"
        line = re.match(_BEHIND, text[found.end() : found.end() + _MOST_OF_A_SENTENCE])
        setting = _setting(line[1].strip("|* \t"), name) if line is not None else None
        if setting is not None:
            yield Told(source.path, name, setting)
    from dockerlint_fastapi.model.files.deploying_guides import without_blocks  # noqa: PLC0415 - as few texts speak of it

    for part in re.split(_ENDS, without_blocks(text)):
        if len(part) > _MOST_OF_A_SENTENCE or re.search(_COMPOSE, part) is None:
            continue
        sentence = " ".join(part.split())
        names = dict.fromkeys(re.findall(rf"[\w./-]*{_FILE}", sentence))
        setting = _setting(sentence, next(iter(names), "")) if len(names) <= 1 and (names or readme) else None
        if setting is not None:
            yield Told(source.path, next(iter(names), ""), setting)


def _setting(sentence: str, name: str) -> str | None:
    """What a sentence says that the file of a name is for, if it has a word for work on the project, or production."""
    said = purpose_of(sentence, name.rpartition("/")[2])
    return said if said == "production" or re.search(_WORK, sentence) else None
