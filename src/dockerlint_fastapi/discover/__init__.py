"""Paths to files: which Dockerfiles, compose files and ignore files a project has, and where its root is.

`names` tells what a file is; `gitignore` what is ignored. Left out of a search: what `.gitignore` files and
`.git/info/exclude` ignore, `exclude` patterns, directories in `SKIPPED`, virtual environments, workflow folders, and
links to directories (they may lead out, or round in a circle). A user's global git excludes are not read, so that every
machine finds the same files.
"""

from __future__ import annotations

import os
from _weakref import ref  # `weakref` itself takes half a millisecond of every run

from dockerlint_fastapi.discover.commanded import commanded, is_recipe, may_be_commanded
from dockerlint_fastapi.discover.gitignore import Patterns, matches, rebased
from dockerlint_fastapi.discover.names import (
    is_template,
    kind,
    kind_by_content,
    kind_of,
    kind_when_found,
    kind_when_named,
    may_be_stack,
    may_take_part,
)
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.tree import Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from dockerlint_fastapi.tree import Tree

__all__ = [
    "Found",
    "Patterns",
    "find",
    "is_template",
    "kind",
    "kind_by_content",
    "kind_of",
    "kind_when_found",
    "matches",
    "may_take_part",
    "rebased",
    "root_of",
    "walk",
]

SKIPPED = frozenset(
    {
        ".bzr", ".cache", ".direnv", ".eggs", ".git", ".hg", ".hypothesis", ".ipynb_checkpoints", ".mypy_cache", ".nox",
        ".pixi", ".pytest_cache", ".pytype", ".ruff_cache", ".svn", ".terraform", ".tox", ".venv", "__pycache__",
        "__pypackages__", "bower_components", "node_modules", "site-packages",
    }
)  # fmt: skip
"""Directories that hold other people's files, or a tool's."""

WORKFLOWS = frozenset({".github/workflows", ".gitea/workflows", ".forgejo/workflows"})
"""Folders whose `*compose*.yml` are CI jobs."""


class Found(NamedTuple):
    """A project's files, relative to the root, sorted."""

    dockerfiles: tuple[str, ...] = ()
    compose_files: tuple[str, ...] = ()
    ignore_files: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """Every file, whatever its kind, sorted."""
        return tuple(sorted((*self.dockerfiles, *self.compose_files, *self.ignore_files)))


class _Memory:
    """What has been asked of one tree: a run asks for the same search more than once, and a tree is read but once."""

    __slots__ = ("named", "searches")

    def __init__(self) -> None:
        self.searches: dict[tuple[tuple[str, ...], str], tuple[tuple[str, str | None], ...]] = {}
        self.named: dict[str, str | None] = {}


_memories: dict[ref[Tree], _Memory] = {}  # for as long as the tree is there


def _memory_of(tree: Tree) -> _Memory:
    memory = _memories.get(ref(tree))
    if memory is None:
        memory = _memories[ref(tree, _memories.pop)] = _Memory()
    return memory


def find(tree: Tree, exclude: tuple[str, ...] = (), under: str = "", *, named: Iterable[str] = ()) -> Found:
    """The files of a project that are to be linted, or those under one directory of it.

    `exclude` holds patterns as `.gitignore` writes them, relative to the root. A directory that the user named
    (`under`) is searched even when it is ignored itself; what is ignored inside it is left out. Files that the user
    `named` belong to the project from then on, whatever ignores them, by their name or else their content.
    """
    memory = _memory_of(tree)
    key = (exclude, under)
    if key not in memory.searches:
        others: list[str] = []
        paths = walk(tree, exclude, under, kinds=True, others=others)
        kinds = [(path, kind_when_found(tree, path)) for path in paths]
        memory.searches[key] = (*kinds, *((path, "compose") for path in _commanded(tree, others)))
    for path in named:
        if path not in memory.named:
            memory.named[path] = kind_when_named(tree, path)
    inside = f"{under}/" if under else ""
    return _sorted([*memory.searches[key], *(one for one in memory.named.items() if one[0].startswith(inside))])


def _commanded(tree: Tree, others: list[str]) -> Iterable[str]:
    """Those of some files that are compose files because a command says so."""
    files = [path for path in others if not is_recipe(path.rpartition("/")[2])]
    return commanded(tree, files, [path for path in others if path not in set(files)]) if files else ()


def _sorted(kinds: Iterable[tuple[str, str | None]]) -> Found:
    by_kind: dict[str | None, set[str]] = {}
    for path, what in kinds:
        by_kind.setdefault(what, set()).add(path)
    dockerfiles, compose, ignore = (
        tuple(sorted(by_kind.get(what, ()))) for what in ("dockerfile", "compose", "dockerignore")
    )
    return Found(dockerfiles, compose, ignore)


def walk(
    tree: Tree,
    exclude: tuple[str, ...] = (),
    under: str = "",
    *,
    kinds: bool = False,
    others: list[str] | None = None,
) -> list[str]:
    """Every file that is not ignored, or with `kinds` only those whose name gives a kind; in no useful order. `others`
    takes the rest of which a command may tell, and the files that hold such commands.
    """
    excluded = Patterns("", "\n".join(exclude)) if exclude else None
    outer: list[Patterns] = []  # weakest first, as git reads them
    if (info := _patterns(tree, "", ".git/info/exclude")) is not None:
        outer.append(info)
    folder = ""
    for part in [*under.split("/")[:-1], ""] if under else ():
        # The ignore files above a directory that the user named; its own is read with it.
        if (patterns := _patterns(tree, folder, ".gitignore")) is not None:
            outer.append(patterns)
        folder = f"{folder}/{part}" if folder else part
    files: list[str] = []
    links: list[str] = []
    waiting = [(under, tuple(outer))]
    while waiting:
        folder, rules = waiting.pop()
        listing = tree.listing(folder)
        if "pyvenv.cfg" in listing.files and folder != under:
            continue  # a virtual environment, whatever its name
        if ".gitignore" in listing.files and (patterns := _patterns(tree, folder, ".gitignore")) is not None:
            rules = (*rules, patterns)
        prefix = f"{folder}/" if folder else ""
        for name in listing.directories:
            path = prefix + name
            if name in SKIPPED or (name == "workflows" and "/".join(path.split("/")[-2:]) in WORKFLOWS):
                continue
            if not _ignored(rules, excluded, path, directory=True):
                waiting.append((path, rules))
        for names, wanted in ((listing.files, files), (listing.links, links)):
            for name in names:
                path = prefix + name
                if kinds and kind_of(name) is None and not may_be_stack(path):
                    told = others is not None and names is listing.files and (may_be_commanded(name) or is_recipe(name))
                    if told and others is not None and not _ignored(rules, excluded, path, directory=False):
                        others.append(path)
                    continue
                if not _ignored(rules, excluded, path, directory=False):
                    wanted.append(path)
    # A link to a file is a file, unless the file it leads to is here under its own name.
    known = set(files)
    return [*files, *(path for path in links if tree.is_file(path) and tree.resolve(path) not in known)]


def _ignored(rules: tuple[Patterns, ...], excluded: Patterns | None, path: str, *, directory: bool) -> bool:
    if excluded is not None and excluded.verdict(path, directory=directory):
        return True
    for patterns in reversed(rules):
        verdict = patterns.verdict(path, directory=directory)
        if verdict is not None:
            return verdict
    return False


def _patterns(tree: Tree, folder: str, name: str) -> Patterns | None:
    try:
        data = tree.read(f"{folder}/{name}" if folder else name)
    except Unreadable:
        return None
    if data is None:
        return None
    return Patterns(folder, data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape"))


def root_of(path: str) -> str:
    """The root of the project that an absolute path belongs to: the nearest directory upward with `.git`, else the
    directory itself, or a file's directory.

    A `.git` in the home directory or at the top of the file system (dotfiles, a container's copy) counts only for
    that directory itself; else all that lies below would be one project.
    """
    start = os.path.realpath(path if os.path.isdir(path) else os.path.dirname(path))
    home = os.path.realpath(os.path.expanduser("~"))
    folder = start
    while True:
        if os.path.exists(os.path.join(folder, ".git")) and (
            folder == start or folder not in (home, os.path.dirname(folder))
        ):
            return folder
        above = os.path.dirname(folder)
        if above == folder:
            return start
        folder = above
