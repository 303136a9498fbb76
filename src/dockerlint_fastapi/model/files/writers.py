"""What makes a file of the project outside of shell lines: code, playbooks, Terraform, targets of Makefiles, what is
copied to a server.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from dockerlint_fastapi.model.evidence import is_in_tests
from dockerlint_fastapi.model.files.recipes import guides
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.project import Project
    from dockerlint_fastapi.source import Source, Span

_MAY_WRITE: Final = (
    ".py", ".js", ".mjs", ".cjs", ".ts", ".go", ".rb", ".tf", ".yml", ".yaml", ".sh", ".bash", ".ps1", ".mk", ".just",
    "akefile", "ustfile",
)  # fmt: skip
_TEMPLATES: Final = (".j2", ".jinja", ".jinja2", ".tmpl", ".tpl", ".template", ".in", ".erb", ".mustache", ".gotmpl")
_CODE: Final = (".py", ".js", ".mjs", ".cjs", ".ts", ".go", ".rb")
_MOST: Final = 3_000  # files that are looked into
_MOST_CHARACTERS: Final = 200_000  # of each
_MOST_HITS: Final = 50  # places in one that name a file
_BEFORE: Final = 300  # characters on either side of a name that are looked at
# A call of a program's code that makes a file, of whatever name.
_CALLS: Final = (
    r"\bwrite_(?:text|bytes)\(|\bopen\([^()\n]{0,200},[ ]?(?:mode=)?[\"'][wax]|\bwriteFile|\bWriteFile\("
    r"|\b(?:copy|copy2|copyfile|copyFile|copyFileSync|copytree|move|rename|dump|urlretrieve|savefig|save(?:_\w+)?)\("
    r"|\.to_(?:csv|json|pickle|parquet|excel|feather)\("
)
# What stands on a line in front of the path that is made: a redirection in whatever command of the code, the key of a
# playbook, an action or Terraform, a machine to copy to, or a variable.
_IN_FRONT: Final = (
    r">[ \t]*[\"']?\S*\Z|\b(?:dest|destination|filename|output|outfile)[\"']?[ \t]*[:=][ \t]*[\"']?\S*\Z"
    r"|\b(?:scp|rsync)\b[^\n]*[ \t][\"']?[^\s:]+:\S*\Z"
)
# What a readme says of what everybody has to get for themselves.
_LAID: Final = r"(?i)\b(?:download|place|put|copy|train|generate|export|obtain|provide)\w*\b"
_OF_SOURCE: Final = (".py", ".txt", ".toml", ".lock", ".sh", "package.json", ".md", ".js", ".ts")
_IS_ASSIGNED: Final = r"(?m)^[ \t]*(?:export[ \t]+|local[ \t]+)?\w+[ \t]*[:?]?=[^\n=]*\Z"


class Writer(NamedTuple):
    """A place that makes a file, as it seems; a file that `names` it only, and makes some."""

    span: Span
    names: bool


def writer_of(project: Project, path: str) -> Writer | None:
    """The first place that makes a file or folder of the project; else the first that names it where files are made."""
    folder, _, name = path.rpartition("/")
    named = next((Writer(one.span(0, 0), names=True) for one in _templates(project, name)), None)
    for source in _sources(project):
        text, one = source.text[:_MOST_CHARACTERS], source.path
        for at in islice(_places(text, name), _MOST_HITS):
            end = at + len(name)
            start = max(text.rfind("\n", 0, at) + 1, at - _BEFORE)
            before, behind = text[start:at], text[end : end + _BEFORE]
            line = before + name + behind.partition("\n")[0]
            if "#" in before or not _is_of(before, folder):
                continue
            span = source.span(at, end)
            code = one.endswith(_CODE)
            if re.search(_IN_FRONT, before) or (code and re.search(_CALLS, line)) or _is_target(one, before, line):
                return Writer(span, names=False)
            makes = re.search(_CALLS, text) if code else re.search(_IS_ASSIGNED, before)
            named = named or (Writer(span, names=True) if makes else None)
    return named


def told_maker(project: Project, path: str) -> Span | None:
    """Where a readme or document has people fetch, train or lay down a file that is no part of the source."""
    name = path.rpartition("/")[2]
    if name.endswith(_OF_SOURCE):
        return None
    for source in guides(project):
        text = source.text[:_MOST_CHARACTERS]
        for at in islice(_places(text, name), _MOST_HITS):
            end = at + len(name)
            before, behind = text[max(0, at - _BEFORE) : at], text[end : end + _BEFORE]
            if re.search(_LAID, before.rpartition("\n")[2] + behind.partition("\n")[0]):
                return source.span(at, end)
    return None


def _places(text: str, name: str) -> Iterator[int]:
    """The offsets at which a name stands as a whole; a pattern that begins with what may not stand in front of it would
    try each character.
    """
    at = text.find(name)
    while at >= 0:
        front, behind = text[at - 1 : at], text[at + len(name) : at + len(name) + 2]
        if not re.match(r"[\w.-]", front) and not re.match(r"[\w-]|\.\w", behind):
            yield at
        at = text.find(name, at + 1)


def _templates(project: Project, name: str) -> Iterator[Source]:
    """The templates of files of a name, wherever they lie."""
    for path in project.index.ending(*(f"/{name}{ending}" for ending in _TEMPLATES)):
        source = project.source_of(path)
        if source is not None:
            yield source


def _sources(project: Project) -> Iterator[Source]:
    """Recipes, and what may make files besides."""
    for path in project.index.answer(_writers):
        source = project.source_of(path)
        if source is not None:
            yield source


def _writers(project: Project) -> tuple[str, ...]:
    """The paths of recipes, and of what may make files besides, but for tests and compose files."""
    found = dict.fromkeys(one.path for one in project.recipes)
    for path in project.index.ending(*_MAY_WRITE)[:_MOST]:
        name = path.rpartition("/")[2]
        if is_in_tests(path) or name.startswith(("test_", "conftest")):
            continue
        source = project.source_of(path)
        if source is not None and not re.search(r"(?m)^services:", source.text[:_MOST_CHARACTERS]):
            found.setdefault(path)
    return tuple(found)


def _is_of(before: str, folder: str) -> bool:
    """Whether the folder that is written in front of a name, if any, may be this one."""
    front = re.search(r"([\w.-]+)/\Z", before)
    return front is None or front[1] in (".", "..", folder.rpartition("/")[2])


def _is_target(recipe: str, before: str, line: str) -> bool:
    """Whether a line of a Makefile is the head of a rule that makes what is named in it."""
    head = line.partition(":")[0]
    makefile = recipe.endswith((".mk", "akefile"))
    return makefile and len(before) < len(head) < len(line) and not line.startswith(("\t", "#")) and "=" not in line
