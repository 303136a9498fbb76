"""What decides which files a build gets: Docker's ignore files, and git's. Read when first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dockerlint_fastapi.discover import Patterns
from dockerlint_fastapi.model.context.ignore_file import IgnoreFile
from dockerlint_fastapi.source import Source
from dockerlint_fastapi.tree import Tree, Unreadable


class IgnoreFiles:
    """The parsed `.dockerignore` of a path, each read once; None when there is none."""

    def __init__(self, sources: Callable[[str], Source | None], unreadable: Mapping[str, str]) -> None:
        self._sources = sources
        self._unreadable = unreadable  # why, by path
        self._parsed: dict[str, IgnoreFile | None] = {}

    def __call__(self, path: str) -> IgnoreFile | None:
        """The ignore file at a path."""
        if path not in self._parsed:
            source = self._sources(path)
            self._parsed[path] = None if source is None else self._read(path, source)
        return self._parsed[path]

    def _read(self, path: str, source: Source) -> IgnoreFile:
        # Imported here: many a project has no ignore file.
        from dockerlint_fastapi.parsers.dockerignore import parse_dockerignore  # noqa: PLC0415

        found = parse_dockerignore(source)
        if path in self._unreadable:
            found.unread = f"cannot be read: {self._unreadable[path]}"
        return found


class GitIgnores:
    """Whether git ignores a path of the project, be it there or not: `.gitignore` files and `.git/info/exclude`, which
    have no say of a file that it keeps already.
    """

    def __init__(self, tree: Tree, tracks: Callable[[str], bool | None]) -> None:
        self._tree = tree
        self._tracks = tracks
        self._patterns: dict[str, Patterns | None] = {}
        self._rules: dict[str, tuple[Patterns, ...] | None] = {}

    def __call__(self, path: str) -> bool:
        """Whether the path, as a file or as a directory, or a directory above it is ignored."""
        rules = self._rules_in(path.rpartition("/")[0])
        told = rules is None or _ignored(rules, path, directory=True) or _ignored(rules, path, directory=False)
        return told and self._tracks(path) is not True

    def _rules_in(self, folder: str) -> tuple[Patterns, ...] | None:
        """What is told of the files in a folder, the nearest first; None when the folder itself is ignored."""
        if "" not in self._rules:
            outermost = (self._of("", ".gitignore"), self._of("", ".git/info/exclude"))
            self._rules[""] = tuple(one for one in outermost if one is not None)
        waiting: list[str] = []
        while folder not in self._rules:
            waiting.append(folder)
            folder = folder.rpartition("/")[0]
        rules = self._rules[folder]
        for one in reversed(waiting):
            if rules is not None:
                if _ignored(rules, one, directory=True):
                    rules = None
                else:
                    own = self._of(one, ".gitignore")
                    rules = rules if own is None else (own, *rules)
            self._rules[one] = rules
        return rules

    def _of(self, folder: str, name: str) -> Patterns | None:
        path = f"{folder}/{name}" if folder else name
        if path not in self._patterns:
            try:
                data = self._tree.read(path)
            except Unreadable:
                data = None
            text = None if data is None else data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
            self._patterns[path] = None if text is None else Patterns(folder, text)
        return self._patterns[path]


def _ignored(rules: tuple[Patterns, ...], path: str, *, directory: bool) -> bool:
    """What the first of these rules says that speaks of a path."""
    for one in rules:
        verdict = one.verdict(path, directory=directory)
        if verdict is not None:
            return verdict
    return False
