"""Dockerfiles and compose files that are to be copied to where a program is: among documents and templates, and with no
code beside them; and those that tests read.
"""

from __future__ import annotations

import re

from dockerlint_fastapi.model.evidence import is_test_data
from dockerlint_fastapi.model.files.recipes import guides
from dockerlint_fastapi.tree import parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.project import Project
    from dockerlint_fastapi.tree import Tree

_FOLDERS: Final = frozenset(
    "doc docs documentation wiki template templates _templates skeleton skeletons scaffold scaffolds boilerplate"
    " boilerplates snippets".split()
)
# What a folder has to which a Dockerfile belongs.
_CODE: Final = (".py", ".js", ".ts", ".tsx", ".go", ".rs", ".java", ".php", ".rb")
_MANIFESTS: Final = frozenset(("pyproject.toml", "package.json", "setup.py", "go.mod", "Cargo.toml", "pom.xml"))
_DEPTH: Final = 2
_PLACE: Final = r"([^\s\"';&|]*[/:][^\s\"';&|]*)"  # where something is copied to, another folder
_MOST_CHARACTERS: Final = 200_000  # of a recipe or a document
_EXAMPLES: Final = frozenset(("example", "examples", "sample", "samples"))


def is_sample(project: Project, path: str) -> bool:
    """Whether a Dockerfile or compose file is a sample: what it names lies in no folder of this project."""
    folder = parent(path)
    if is_test_data(path):
        return not _holds_program(project.tree, folder, 0)
    return not _FOLDERS.isdisjoint(folder.lower().split("/")) and not _holds_program(project.tree, folder, _DEPTH)


def is_copied(project: Project, path: str) -> bool:
    """Whether a compose file lies in a folder of examples, and a readme or document has people copy one from there
    (`cp examples/gpu.yaml compose.yaml`): its relative paths then start where it is copied to.
    """
    folder = parent(path)
    if folder.lower().rpartition("/")[2] not in _EXAMPLES or _holds_program(project.tree, folder, 0):
        return False
    copied = re.compile(rf"(?m)\bcp[ \t]+(?:\./)?{re.escape(folder)}/[\w./-]+\.ya?ml[ \t]+[\w./-]+")
    return any(f"{folder}/" in one.text and copied.search(one.text) for one in guides(project))


def is_sent_away(project: Project, path: str) -> bool:
    """Whether a recipe copies a compose file out of its folder, to a server or to another one (`scp
    infra/compose.prod.yaml root@host:~/app/compose.yaml`), and none starts it where it lies: its relative paths start
    where it arrives.
    """
    folder = parent(path)
    if not folder:
        return False
    written = re.escape(path)
    sent = rf"(?m)^[^#\n]*\b(?:scp|rsync|cp)\b[^\n;&|]*[ \t\"'](?:\./)?{written}[\"']?[ \t]+[\"']?{_PLACE}"
    started = rf"(?:-f|--file)[ \t=]+[\"']?\S*{written}|\b(?:cd|pushd)[ \t]+\S*{re.escape(folder)}\b"
    texts = [one.text[:_MOST_CHARACTERS] for one in (*project.recipes, *guides(project)) if folder in one.text]
    places = [
        match[1].rpartition("/")[0].removeprefix("./")
        for text in texts
        for match in (re.finditer(sent, text) if path in text else ())
    ]
    return any(place != folder for place in places) and not any(re.search(started, text) for text in texts)


def _holds_program(tree: Tree, folder: str, depth: int) -> bool:
    inside = tree.listing(folder)
    if any(name in _MANIFESTS or name.endswith(_CODE) or name.startswith("requirements") for name in inside.files):
        return True
    return depth > 0 and any(_holds_program(tree, f"{folder}/{name}", depth - 1) for name in inside.directories)
