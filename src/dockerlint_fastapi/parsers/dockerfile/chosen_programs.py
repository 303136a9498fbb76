"""Programs that a RUN takes from a variable: `ENV PIP_INSTALL="pip install"` and `RUN $PIP_INSTALL fastapi`.

The shell puts the value in the place of an unquoted variable and splits it into words (POSIX, 2.6.5, "Field
Splitting"); quotes in it stay what they are, so that only a value of plain words is followed.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from dockerlint_fastapi.pattern import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.parsers.dockerfile.variables import Lookup
    from dockerlint_fastapi.source import Span

_PROGRAM = pattern(r"(?:^|&&|\|\||[;|\n])[ \t]*(\$(?:\{(\w+)\}|(\w+)))(?=[ \t])")
_PLAIN = pattern(r"[\w./=:+@,-]+(?:[ \t]+[\w./=:+@,-]+)*")
_MOST = 50  # of one RUN

Locate = Callable[[int, int], "Span"]


def with_programs(text: str, lookup: Lookup) -> tuple[str, Callable[[Locate], Locate]] | None:
    """The text of a script with such programs spelt out, and what tells of a place in it where that stands in the file:
    a whole variable for each part of its value. None when there is nothing to spell out.
    """
    pieces: list[tuple[int, int, int, int]] = []  # where a value stands in the new text, and its variable in the old
    made, behind = "", 0
    for found in _PROGRAM.finditer(text):
        name = found[2] or found[3]
        value = lookup(name) if len(pieces) < _MOST else None
        if not isinstance(value, str) or _PLAIN.fullmatch(value) is None or _is_changed(name, text):
            continue
        made += text[behind : found.start(1)]
        pieces.append((len(made), len(made) + len(value), found.start(1), found.end(1)))
        made, behind = made + value, found.end(1)
    if not pieces:
        return None

    def old(at: int, *, end: bool) -> int:
        shift = 0
        for start, stop, first, last in pieces:
            if at < start or (end and at == start):
                break
            if at < stop or (end and at == stop):
                return last if end else first
            shift = last - stop
        return at + shift

    def over(locate: Locate) -> Locate:
        return lambda first, last: locate(old(first, end=False), old(last, end=first < last))

    return made + text[behind:], over


def _is_changed(name: str, text: str) -> bool:
    """Whether the script may give the variable another value: `PIP=pip3`, `read PIP`, `for PIP in`."""
    return re.search(rf"(?<![\w${{]){re.escape(name)}\b", text) is not None
