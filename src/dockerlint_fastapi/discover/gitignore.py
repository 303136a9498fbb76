"""Ignore files by git's own rules: which paths a `.gitignore` speaks of, and what it says.

Held against git itself by tests, byte for byte. The expressions that patterns become never backtrack over what a star
has swallowed, so a hostile ignore file cannot make a search slow.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import lru_cache

MAX_LINES = 5_000  # of one ignore file; what stands behind them is not heeded


class Patterns:
    """One ignore file's patterns, by git's rules. `folder` is the directory they are relative to."""

    __slots__ = ("_any", "_ends", "_plain", "_rules", "folder")

    def __init__(self, folder: str, text: str) -> None:
        self.folder = folder
        text = _bytewise(text)
        # whether a text matches, by name only, directories only, ignores
        self._rules: list[tuple[Callable[[str], object], bool, bool, bool]] = []
        # What tells of most paths that no pattern matches them: names and paths without wildcards, the ends of names
        # behind one star, and one expression for all other patterns. Most files have no others, and compile none.
        plain: list[str] = []
        ends: list[str] = []
        others: list[str] = []
        for line in text.split("\n", MAX_LINES)[:MAX_LINES]:
            parsed = _parse(line.removesuffix("\r"))
            if parsed is None:
                continue
            glob, by_name, directory_only, ignores = parsed
            matches: Callable[[str], object]
            if _is_plain(glob):
                plain.append(glob)
                matches = glob.__eq__
            elif by_name and glob[0] == "*" and _is_plain(glob[1:]):
                ends.append(glob[1:])
                matches = _ending(glob[1:])
            else:
                expression = _expression(glob)
                if expression is None:
                    continue
                others.append(rf"(?:.*/)?(?:{expression})" if by_name else expression)
                matches = re.compile(expression, re.DOTALL).fullmatch
            self._rules.append((matches, by_name, directory_only, ignores))
        self._rules.reverse()  # the last pattern that matches decides
        self._plain = frozenset(plain)
        self._ends = tuple(ends)
        self._any = re.compile("|".join(f"(?:{one})" for one in others), re.DOTALL) if others else None

    def verdict(self, path: str, *, directory: bool) -> bool | None:
        """Whether a path (relative to the root) is ignored; None when no pattern speaks of it.

        What lies in an ignored directory is not asked about: git does not look into it either.
        """
        if not self._rules:
            return None
        inner = path[len(self.folder) + 1 :] if self.folder else path
        if not inner.isascii():
            inner = _bytewise(inner)
        name = inner.rpartition("/")[2]
        if (
            name not in self._plain
            and inner not in self._plain
            and not name.endswith(self._ends)
            and (self._any is None or not self._any.fullmatch(inner))
        ):
            return None
        for matches, by_name, directory_only, ignores in self._rules:
            if (directory or not directory_only) and matches(name if by_name else inner):
                return ignores
        return None


def _is_plain(glob: str) -> bool:
    return glob != "" and "*" not in glob and "?" not in glob and "[" not in glob and "\\" not in glob


def _ending(end: str) -> Callable[[str], bool]:
    return lambda name: name.endswith(end)


def _bytewise(text: str) -> str:
    """The text with one character for each byte of its UTF-8: git's `?` and `[…]` stand for bytes."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")


def _parse(line: str) -> tuple[str, bool, bool, bool] | None:
    """A line of an ignore file as (glob, by name only, directories only, ignores); None when it says nothing."""
    if line.startswith("#"):
        return None
    line = _without_trailing_spaces(line)
    ignores = not line.startswith("!")
    if not ignores:
        line = line[1:]
    directory_only = line.endswith("/")
    if directory_only:
        line = line[:-1]
    by_name = "/" not in line
    glob = line.removeprefix("/")
    return (glob, by_name, directory_only, ignores) if glob else None


def _without_trailing_spaces(line: str) -> str:
    """Git drops spaces at the end, but not one behind a backslash."""
    end = len(line)
    while end and line[end - 1] == " ":
        slashes = 0
        while end - 2 - slashes >= 0 and line[end - 2 - slashes] == "\\":
            slashes += 1
        if slashes % 2:
            break
        end -= 1
    return line[:end]


def _expression(glob: str) -> str | None:
    """A regular expression for the whole of a path; None for a glob that can match nothing.

    It runs in linear time per segment: in a glob the leftmost place for what stands between two stars is as good
    as any, so what stars have swallowed is never given back (atomic groups).
    """
    segments: list[list[str]] = [[]]  # per segment: expressions for single characters, and "*" for stars
    raw: list[str] = [""]
    at = 0
    while at < len(glob):
        char = glob[at]
        if char == "\\":
            if at + 1 == len(glob):
                return None
            at += 1
            if glob[at] == "/":
                segments.append([])
                raw.append("")
            else:
                segments[-1].append(re.escape(glob[at]))
                raw[-1] += "x"
        elif char == "/":
            segments.append([])
            raw.append("")
        elif char == "*":
            segments[-1].append("*")
            raw[-1] += "*"
        elif char == "?":
            segments[-1].append("[^/]")
            raw[-1] += "x"
        elif char == "[":
            bracket = _bracket(glob, at)
            if bracket is None:
                return None
            expression, at = bracket
            segments[-1].append(expression)
            raw[-1] += "x"
            continue
        else:
            segments[-1].append(re.escape(char))
            raw[-1] += "x"
        at += 1
    if segments == [[]]:
        return None
    parts = [
        None if len(text) > 1 and not text.strip("*") else _segment(chars)
        for chars, text in zip(segments, raw, strict=True)
    ]
    plain = re.match(r"[^*?\[\\]*", glob)
    if plain is not None and glob[plain.end() - 1 : plain.end()] not in ("", "/"):
        # Git compares what stands before the first wildcard by itself, so `**` right behind it begins the pattern of
        # the rest and spans directories: `a**/c` takes in `a/b/c`.
        stars = re.match(r"\*\*+(/|$)", glob[plain.end() :])
        if stars is not None:
            head = re.escape(plain[0])
            return f"{head}(?:.*/)?{_joined(parts[plain[0].count('/') + 1 :])}" if stars[1] else f"{head}.*"
    return _joined(parts)


def _joined(segments: list[str | None]) -> str:
    """Segments joined by slashes; None stands for `**`, which takes any number of segments."""
    out = ""
    at = 0
    while at < len(segments):
        segment = segments[at]
        last = at == len(segments) - 1
        if segment is not None:
            out += segment if last else f"{segment}/"
            at += 1
            continue
        if last:
            return f"{out}.+"
        block: list[str] = []
        at += 1
        while at < len(segments) and (part := segments[at]) is not None:
            block.append(part)
            at += 1
        if not block:  # `**/**`
            continue
        if at == len(segments):
            out += f"(?:[^/]+/)*?{'/'.join(block)}"
        else:
            out += f"(?>(?:[^/]+/)*?{'/'.join(block)}/)"
    return out


def _segment(parts: list[str]) -> str:
    """The expression of one segment."""
    runs: list[str] = [""]
    for number, part in enumerate(parts):
        if part != "*":
            runs[-1] += part
        elif number == 0 or parts[number - 1] != "*":
            runs.append("")
    if len(runs) == 1:
        return runs[0]
    middle = "".join(f"(?>[^/]*?{run})" for run in runs[1:-1])
    return f"{runs[0]}{middle}[^/]*{runs[-1]}"


_CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": r"\x21-\x7e",
    "lower": "a-z",
    "print": r"\x20-\x7e",
    "punct": r"\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e",
    "space": r" \t\n\r\f\v",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}


def _bracket(glob: str, at: int) -> tuple[str, int] | None:
    """The expression of a bracket that opens at `at`, and where it ends; None when it is not closed or not valid."""
    at += 1
    negated = glob[at : at + 1] in ("!", "^")
    at += negated
    out = ""
    previous = ""  # a character that may begin a range
    first = True
    while True:
        char = glob[at : at + 1]
        if not char:
            return None
        if char == "]" and not first:
            break
        first = False
        if char == "\\":
            at += 1
            char = glob[at : at + 1]
            if not char:
                return None
        elif char == "-" and previous and glob[at + 1 : at + 2] not in ("", "]"):
            at += 1
            char = glob[at]
            if char == "\\":
                at += 1
                char = glob[at : at + 1]
                if not char:
                    return None
            if previous <= char:
                out += f"{_literal(previous)}-{_literal(char)}"
            previous = ""
            at += 1
            continue
        elif char == "[" and glob[at + 1 : at + 2] == ":":
            end = glob.find("]", at + 2)
            if end < 0:
                return None
            if glob[end - 1] == ":" and end - 1 >= at + 2:
                members = _CLASSES.get(glob[at + 2 : end - 1])
                if members is None:
                    return None
                out += members
                previous = ""
                at = end + 1
                continue
        out += _literal(char)
        previous = char
        at += 1
    if negated:
        return f"[^/{out}]", at + 1
    return f"(?!/)[{out}]" if out else "(?!)", at + 1


def _literal(char: str) -> str:
    return f"\\x{ord(char):02x}"


@lru_cache(64)
def _compiled(patterns: tuple[str, ...]) -> Patterns:
    return Patterns("", "\n".join(patterns))


def matches(patterns: tuple[str, ...], path: str) -> bool:
    """Whether patterns in the syntax of `.gitignore`, relative to the root, take in a file or a directory above it."""
    if not patterns:
        return False
    rules = _compiled(patterns)
    parts = path.split("/")
    return any(
        rules.verdict("/".join(parts[: depth + 1]), directory=depth < len(parts) - 1) for depth in range(len(parts))
    )


def rebased(pattern: str, home: str, root: str) -> str | None:
    """A pattern relative to the directory `home` as one relative to `root`, both absolute.

    None when it can match nothing there. A configuration file may lie above the project's root, or below it.
    """
    negation = "!" if pattern.startswith("!") else ""
    body = pattern.removeprefix("!")
    try:
        relative = os.path.relpath(home, root).replace(os.sep, "/")
    except ValueError:  # another drive of Windows
        return pattern
    anchored = "/" in body.rstrip("/")
    if relative == ".":
        return pattern
    if not relative.startswith(".."):
        escaped = re.sub(r"([\\*?\[])", r"\\\1", relative)
        return f"{negation}/{escaped}/{body.removeprefix('/') if anchored else f'**/{body}'}"
    if not anchored:
        return pattern
    inner = os.path.relpath(root, home).replace(os.sep, "/").split("/")
    parts = body.removeprefix("/").split("/")
    while inner and parts:
        if parts[0] == "**":
            return negation + "/" + "/".join(parts)
        expression = _expression(parts[0])
        if expression is None or not re.fullmatch(expression, inner[0], re.DOTALL):
            return None
        inner.pop(0)
        parts.pop(0)
    return f"{negation}/{'/'.join(parts)}" if any(parts) else f"{negation}/**"
