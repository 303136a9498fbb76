"""Compose files under names of their own, which a recipe of the project starts: `docker compose -f shop.yml up`.

Nothing in such a name tells what the file is; a file of that kind is one that has services which say what they run, and
that a Makefile, a script or a workflow gives to Compose by its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from dockerlint_fastapi.discover.names import runs_services
from dockerlint_fastapi.tree import Unreadable, normal, parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.tree import Tree

_MOST_FILES: Final = 60  # recipes of each kind, those nearest to the top, and names in each
_MOST_CHARACTERS: Final = 200_000  # of each
_MAKEFILES: Final = ("makefile", "gnumakefile", "justfile", ".justfile", "taskfile.yml", "taskfile.yaml")
_ENDINGS: Final = (".sh", ".bash", ".mk", ".just")
_WORKFLOWS: Final = ".github/workflows"
# Names of YAML that other tools have given: nobody looks for services in them.
_OTHERS: Final = frozenset(
    "_config action antora appveyor book buildspec chart citation cloudbuild codecov conda config conftest docs"
    " environment fly galaxy kustomization lefthook meta mkdocs openapi pnpm-lock pnpm-workspace pubspec readthedocs"
    " render requirements skaffold swagger values".split()
)
_NAMES_COMPOSE: Final = r"(?:docker|podman)[- ]compose|docker stack deploy"


def may_be_commanded(name: str) -> bool:
    """Whether only a command could tell that a file of that name is a compose file."""
    lower = name.lower()
    return lower.endswith((".yml", ".yaml")) and lower[:1] != "." and lower.rpartition(".")[0] not in _OTHERS


def is_recipe(name: str) -> bool:
    """Whether a file of that name holds commands."""
    lower = name.lower()
    return lower in _MAKEFILES or lower.endswith(_ENDINGS)


def commanded(tree: Tree, files: Iterable[str], recipes: Iterable[str]) -> Iterator[str]:
    """Those of some YAML files that hold services and that a recipe, or a workflow of GitHub, names to Compose."""
    waiting = set(files)
    if not waiting:
        return
    workflows = [f"{_WORKFLOWS}/{name}" for name in tree.names(_WORKFLOWS) if name.endswith((".yml", ".yaml"))]
    for recipe in (*sorted(recipes, key=_depth)[:_MOST_FILES], *workflows[:_MOST_FILES]):
        text = _text(tree, recipe)
        if re.search(_NAMES_COMPOSE, text) is None:
            continue
        from dockerlint_fastapi.model.files.compose_stacks import files_named  # noqa: PLC0415 - few recipes name some

        for name in islice(files_named(text), _MOST_FILES):
            found = {path for folder in _starts(recipe) if (path := _at(folder, name)) in waiting}
            found = {path for path in found if runs_services(_text(tree, path))}
            if len(found) == 1:  # of two it cannot be told where the command runs
                waiting -= found
                yield from found


def _depth(path: str) -> tuple[int, str]:
    return path.count("/"), path


def _starts(recipe: str) -> tuple[str, ...]:
    """The folders in which the commands of a recipe may run: a Makefile's in its own, a workflow's at the top."""
    folder, _, name = recipe.rpartition("/")
    if name.lower() in _MAKEFILES:
        return (folder,)
    return ("",) if folder == _WORKFLOWS else tuple(dict.fromkeys(("", folder, parent(folder))))


def _at(folder: str, name: str) -> str | None:
    return None if name.startswith("/") else normal(f"{folder}/{name}" if folder else name)


def _text(tree: Tree, path: str) -> str:
    try:
        data = tree.read(path)
    except Unreadable:
        return ""
    return (data or b"")[:_MOST_CHARACTERS].removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
