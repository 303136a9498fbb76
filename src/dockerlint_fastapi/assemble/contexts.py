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
            # Imported here: many a project has no ignore file.
            from dockerlint_fastapi.parsers.dockerignore import parse_dockerignore  # noqa: PLC0415

            source = self._sources(path)
            found = None if source is None else parse_dockerignore(source)
            if found is not None and path in self._unreadable:
                found.unread = f"cannot be read: {self._unreadable[path]}"
            self._parsed[path] = found
        return self._parsed[path]


class GitIgnores:
    """Whether git ignores a path of the project, be it there or not: `.gitignore` files and `.git/info/exclude`."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._patterns: dict[str, Patterns | None] = {}

    def __call__(self, path: str) -> bool:
        """Whether the path, as a file or as a directory, or a directory above it is ignored."""
        rules = [self._of("", ".git/info/exclude")]
        parts = path.split("/")
        for depth in range(len(parts)):
            folder = "/".join(parts[:depth])
            rules.append(self._of(folder, ".gitignore"))
            one = "/".join(parts[: depth + 1])
            kinds = (True,) if depth < len(parts) - 1 else (True, False)
            if any(self._ignored(rules, one, directory=directory) for directory in kinds):
                return True
        return False

    @staticmethod
    def _ignored(rules: list[Patterns | None], path: str, *, directory: bool) -> bool:
        verdicts = (one.verdict(path, directory=directory) for one in reversed(rules) if one is not None)
        return next((verdict for verdict in verdicts if verdict is not None), False)

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
