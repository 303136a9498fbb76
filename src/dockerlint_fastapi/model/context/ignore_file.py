"""An ignore file as Docker matches it: moby/patternmatcher over the build context, read 2026-11-22.

Patterns are relative to the context's root. The last one that matches a path, or a directory above it, decides; a `!`
takes back what earlier patterns left out, also within an excluded directory.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from dockerlint_fastapi.model.context.glob import Glob, separator
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Problem, Source, Span
from dockerlint_fastapi.tree import parent

_REMARK = pattern(r"(?:^|![ \t]*|[ \t])(#.*)")
_EVERYTHING = ("*", "**", "**/*")


_CACHES = frozenset(
    (
        "*.py[cod]", "*.pyc", "*.pyo", ".DS_Store", ".coverage", ".mypy_cache", ".pytest_cache", ".ruff_cache",
        "__pycache__", "*__pycache__", "*__pycache__*", "__pycache__*", "htmlcov",
    )
)  # fmt: skip


# What people write for names that hardly anything else has; `env`, `venv` and `cache` are names of their own.
_MISSPELT = {
    "pycache": "__pycache__",
    "git": ".git",
    "pytestcache": ".pytest_cache",
    "mypycache": ".mypy_cache",
    "ruffcache": ".ruff_cache",
    "nodemodule": "node_modules",
    "nodemodules": "node_modules",
    "vscode": ".vscode",
    "pyc": "*.pyc",
}


class Pattern(NamedTuple):
    """One line of an ignore file. `glob` is cleaned (no leading or trailing slash, no `./`); `span` is what is written,
    the `!` included.
    """

    number: int  # among the file's patterns, from 0
    glob: Glob
    negated: bool
    span: Span

    @property
    def text(self) -> str:
        """The pattern as written."""
        return self.span.text

    @property
    def matches_nothing(self) -> bool:
        """Whether no path of a context can match: the root itself, or what lies outside."""
        return self.glob.text in (".", "/", "..") or self.glob.text.startswith("../")

    def means(self, path: str) -> bool:
        """Whether it names a file that lies below the root by the file's name alone, as it would for git: Docker looks
        for it in the root.
        """
        folder, _, name = path.rpartition("/")
        return bool(folder) and not self.negated and "/" not in self.text.strip("/") and self.glob.matches(name)

    @property
    def escape(self) -> str | None:
        """The first backslash in front of a letter, with that letter: meant for a separator, as on Windows."""
        found = separator(self.glob.text) if "\\" in self.glob.text else None
        return found[0] if found is not None else None

    @property
    def misspelt(self) -> str | None:
        """The known name that it is near to and does not match: `__pycache__` for `pycache`. None for any other."""
        name = re.sub(r"[\W_]+", "", self.glob.text.rpartition("/")[2].lower())
        meant = _MISSPELT.get(name) or _MISSPELT.get(name.removesuffix("s"))
        if meant is None or self.negated or self.glob.text.removeprefix("**/").count("/") or "*" in self.text[3:]:
            return None
        example = "a.pyc" if meant == "*.pyc" else meant
        return None if Glob(self.glob.text.removeprefix("**/"), double_star=True).matches(example) else meant

    @property
    def names_a_cache(self) -> bool:
        """Whether it is for what Python and its tools write as they run: a few files too many, which hurt nobody."""
        return self.glob.text.rpartition("/")[2] in _CACHES

    @property
    def remark(self) -> str | None:
        """What is meant as a comment and is a part of the pattern: from a `#` on that does not begin the line."""
        found = _REMARK.search(self.text)
        return found[1] if found is not None else None


class _Verdict(NamedTuple):
    """What is known of one path: the patterns that hold for it and all below it, by index, and the one that decides."""

    holding: tuple[int, ...]
    decides: int  # -1 for none


_NOTHING = _Verdict((), -1)


class IgnoreFile:
    """A `.dockerignore`, or a `<Dockerfile>.dockerignore`. Paths in questions are relative to the build context.

    `problems` are patterns that Docker refuses, and with them the build; they are left out of `patterns`. `unread` says
    why dlf did not read it, so that what it leaves out cannot be told; "" when it did.
    """

    def __init__(
        self, source: Source, patterns: Sequence[Pattern], problems: Sequence[Problem] = (), unread: str = ""
    ) -> None:
        self.source = source
        self.unread = unread
        self.patterns = tuple(patterns)
        self.problems = tuple(problems)
        self._known: dict[str, _Verdict] = {"": _NOTHING}
        self._index = _Index(self.patterns)
        self._last_negation = max((one.number for one in self.patterns if one.negated), default=-1)

    def __repr__(self) -> str:
        return f"IgnoreFile({self.source.path!r}, {len(self.patterns)} patterns)"

    @property
    def span(self) -> Span:
        """The beginning of the file."""
        return self.source.span(0, 0)

    @property
    def is_blank(self) -> bool:
        """Whether it has nothing but comments: all is sent, as without it."""
        return not self.patterns and not self.problems and not self.unread

    def excludes(self, path: str) -> bool:
        """Whether a file or directory is left out of the build context."""
        decides = self._verdict(path).decides
        return decides >= 0 and not self.patterns[decides].negated

    def deciding(self, path: str) -> Pattern | None:
        """The pattern that decides whether a path is sent; None when no pattern speaks of it."""
        decides = self._verdict(path).decides
        return self.patterns[decides] if decides >= 0 else None

    @property
    def overruled(self) -> Iterator[tuple[Pattern, Pattern]]:
        """Each `!` that comes too early, with the later pattern that leaves out again what it takes back."""
        everything = [one for one in self.patterns if not one.negated and one.glob.text in _EVERYTHING]
        again = {one.glob.text: one.number for one in self.patterns if one.negated}
        for one in self.patterns:
            if not one.negated:
                continue
            later = self.deciding(one.glob.text) if one.glob.literal is not None else None
            if later is None or later.negated:
                later = everything[-1] if everything else None
                if later is None or again[one.glob.text] > later.number:
                    continue
            if later.number > one.number:
                yield one, later

    def prunes(self, directory: str) -> bool:
        """Whether a directory is left out with all that may ever lie in it: no later `!` can bring anything back."""
        decides = self._verdict(directory).decides
        return decides >= 0 and not self.patterns[decides].negated and decides > self._last_negation

    def _verdict(self, path: str) -> _Verdict:
        """As BuildKit goes down the tree: what matched a directory holds for all below it. A pattern is not even tried
        when it could not change the answer for the directory, and so does not hold for what lies in it.
        """
        waiting: list[str] = []
        while path not in self._known:
            waiting.append(path)
            path = parent(path)
        verdict = self._known[path]
        for one in reversed(waiting):
            verdict = self._below(verdict, one)
            self._known[one] = verdict
        return verdict

    def _below(self, above: _Verdict, path: str) -> _Verdict:
        matching = self._index.matching(path)
        if not matching:
            return above
        inherited = frozenset(above.holding)
        holding: list[int] = []
        excluded = False
        decides = -1
        for index in sorted(inherited.union(matching)):
            negated = self.patterns[index].negated
            if index in inherited or negated == excluded:
                holding.append(index)
                excluded = not negated
                decides = index
        return _Verdict(above.holding if len(holding) == len(inherited) else tuple(holding), decides)


class _Index:
    """Patterns by what a path must have to match them, so that few are tried on each."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self._exact: dict[str, list[int]] = {}
        self._names: dict[str, list[int]] = {}  # `**/name`
        self._first: dict[str, list[Pattern]] = {}  # by a first segment without wildcards
        self._last: dict[str, list[Pattern]] = {}  # by the last character, when that is no wildcard
        self._rest: list[Pattern] = []
        for one in patterns:
            text = one.glob.text
            head = text.partition("/")[0]
            if one.glob.literal is not None:
                self._exact.setdefault(text, []).append(one.number)
            elif text.startswith("**/") and _is_plain(text[3:]) and "/" not in text[3:]:
                self._names.setdefault(text[3:], []).append(one.number)
            elif "/" in text and _is_plain(head):
                self._first.setdefault(head, []).append(one)
            elif _is_plain(text[-1:]) and "\\" not in text:
                self._last.setdefault(text[-1:], []).append(one)
            else:
                self._rest.append(one)

    def matching(self, path: str) -> list[int]:
        """The indices of the patterns that match the path itself, in no order."""
        found = [*self._exact.get(path, ()), *self._names.get(path.rpartition("/")[2], ())]
        for patterns in (self._first.get(path.partition("/")[0], ()), self._last.get(path[-1:], ()), self._rest):
            found.extend(one.number for one in patterns if one.glob.matches(path))
        return found


def _is_plain(text: str) -> bool:
    return bool(text) and not any(char in "*?[]\\" for char in text)
