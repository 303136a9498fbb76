"""Where Python looks for a module in a container: the folders of `sys.path`, one after the other."""

from __future__ import annotations

from collections.abc import Callable

from dockerlint_fastapi.model.application.module import Module
from dockerlint_fastapi.model.command import UNKNOWN, Unknown
from dockerlint_fastapi.model.files.image_files import Answer, Placed
from dockerlint_fastapi.record import NamedTuple


class Root(NamedTuple):
    """A folder of `sys.path`. `at` gives the file at a path below it; None where the folder itself cannot be told."""

    name: str  # as a reader would call it: an absolute place, or a folder of the project that is installed
    at: Callable[[str], Answer] | None


class Found(NamedTuple):
    """A module's file: its dotted name, and whether it is a package's `__init__.py`."""

    name: str
    placed: Placed
    package: bool
    root: Root


class ImportPath:
    """The folders, in Python's order; modules are parsed by `parse` when their text is wanted.

    `installed` tells whether site-packages, which come last, hold a top-level name; None when that cannot be told.
    """

    def __init__(
        self,
        roots: tuple[Root, ...],
        parse: Callable[[Placed], Module | None],
        installed: Callable[[str], bool | None],
    ) -> None:
        self.roots = roots
        self.parse = parse
        self.installed = installed
        self.relevant: dict[str, bool] = {}  # see evaluation: whether what a module does at its top matters
        self._found: dict[str, Found | Unknown | None] = {}
        self._answers: dict[int, dict[str, Answer]] = {}  # by the number of the root and the path below it

    def find(self, name: str) -> Found | Unknown | None:
        """The module of a dotted name; None when the import certainly fails, UNKNOWN when that cannot be told: it may
        be somebody else's.
        """
        if name not in self._found:
            self._found[name] = self._find(name)
        return self._found[name]

    def _find(self, name: str) -> Found | Unknown | None:
        parts = name.split(".")
        if len(parts) > 50 or not all(parts) or "/" in name:
            return None
        doubt = False
        for number, root in enumerate(self.roots):
            if root.at is None:
                doubt = True
                continue
            answer, final = _below(root, _once(root.at, self._answers.setdefault(number, {})), name, parts)
            if isinstance(answer, Found):
                return UNKNOWN if doubt else answer
            doubt = doubt or answer is UNKNOWN
            if final:
                return UNKNOWN if doubt else None
        # `my-app` can be imported by its name as a string; nobody publishes a module that no statement could import.
        if doubt or (parts[0].isidentifier() and self.installed(parts[0]) is not False):
            return UNKNOWN
        return None


def _once(at: Callable[[str], Answer], known: dict[str, Answer]) -> Callable[[str], Answer]:
    """The same answers, each asked for once."""

    def answer(path: str) -> Answer:
        if path not in known:
            known[path] = at(path)
        return known[path]

    return answer


def _below(root: Root, at: Callable[[str], Answer], name: str, parts: list[str]) -> tuple[Found | Unknown | None, bool]:
    """The module below one folder, and whether Python looks no further: it has met the package, and not the module."""
    folder = ""
    final = doubt = False
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        inside = at(f"{folder}{part}/__init__.py")
        if isinstance(inside, Placed):
            if last:
                return Found(name, inside, package=True, root=root), True
            final = True
        else:
            doubt = doubt or inside is UNKNOWN
            file = at(f"{folder}{part}.py")
            if isinstance(file, Placed):
                return (Found(name, file, package=False, root=root), True) if last else (None, not doubt)
            if last:
                return (UNKNOWN if doubt or file is UNKNOWN else None), final
            # a folder without `__init__.py`, perhaps; a module of that name would be found in its place
            doubt = doubt or file is UNKNOWN
        folder = f"{folder}{part}/"
    return None, final
