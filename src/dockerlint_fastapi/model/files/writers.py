"""What makes a file of the project outside of shell lines: code, playbooks, Terraform, targets of Makefiles, what is
copied to a server.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

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
    found = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w-]|\.\w)")
    named = next((Writer(one.span(0, 0), names=True) for one in _templates(project, name)), None)
    for source in _sources(project):
        text, one = source.text[:_MOST_CHARACTERS], source.path
        if name not in text or re.search(r"(?m)^services:", text):
            continue
        for at in found.finditer(text):
            start = max(text.rfind("\n", 0, at.start()) + 1, at.start() - _BEFORE)
            before, behind = text[start : at.start()], text[at.end() : at.end() + _BEFORE]
            line = before + at[0] + behind.partition("\n")[0]
            if "#" in before or not _is_of(before, folder):
                continue
            span = source.span(at.start(), at.end())
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
    said = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w-]|\.\w)")
    for source in guides(project):
        text = source.text[:_MOST_CHARACTERS]
        for found in said.finditer(text) if name in text else ():
            before, behind = text[max(0, found.start() - _BEFORE) : found.start()], text[found.end() :][:_BEFORE]
            if re.search(_LAID, before.rpartition("\n")[2] + behind.partition("\n")[0]):
                return source.span(found.start(), found.end())
    return None


def _templates(project: Project, name: str) -> Iterator[Source]:
    """The templates of files of a name, wherever they lie."""
    for path in project.index.ending(*(f"/{name}{ending}" for ending in _TEMPLATES)):
        source = project.source_of(path)
        if source is not None:
            yield source


def _sources(project: Project) -> Iterator[Source]:
    """Recipes, and what may make files besides, but for tests."""
    yield from project.recipes
    for path in project.index.ending(*_MAY_WRITE)[:_MOST]:
        name = path.rpartition("/")[2]
        source = (
            project.source_of(path) if not is_in_tests(path) and not name.startswith(("test_", "conftest")) else None
        )
        if source is not None:
            yield source


def _is_of(before: str, folder: str) -> bool:
    """Whether the folder that is written in front of a name, if any, may be this one."""
    front = re.search(r"([\w.-]+)/\Z", before)
    return front is None or front[1] in (".", "..", folder.rpartition("/")[2])


def _is_target(recipe: str, before: str, line: str) -> bool:
    """Whether a line of a Makefile is the head of a rule that makes what is named in it."""
    head = line.partition(":")[0]
    makefile = recipe.endswith((".mk", "akefile"))
    return makefile and len(before) < len(head) < len(line) and not line.startswith(("\t", "#")) and "=" not in line
