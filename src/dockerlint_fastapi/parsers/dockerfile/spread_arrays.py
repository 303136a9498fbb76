"""JSON arrays that go on over several lines without continuations: one fault, which Docker sees in every line of it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from dockerlint_fastapi.parsers.dockerfile.scan import KEYWORDS, Joined, Scan
from dockerlint_fastapi.source import Problem, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


_TAKE_ARRAYS: Final = frozenset({"ADD", "CMD", "COPY", "ENTRYPOINT", "HEALTHCHECK", "RUN", "SHELL", "VOLUME"})
_OPEN: Final = r"(?:(?i:CMD)[ \t]+)?(\[)[^\]]*\Z"  # behind HEALTHCHECK its type comes first
_ELEMENT: Final = r"[\"'\]]"  # how a line of such an array begins


def with_spread_arrays(scanned: Scan, problems: list[Problem]) -> list[Problem]:
    """The problems with those of each such array replaced by one, at its bracket. Linear in the lines."""
    made: list[Problem] = []
    swallowed: list[tuple[int, int]] = []
    for bracket, last in _arrays(scanned):
        message = f"the array goes on over several lines: end each with `{scanned.escape}`, or write it on one line"
        made.append(Problem(bracket, message))
        swallowed.append((bracket.start, scanned.starts[last.last_row] + len(scanned.rows[last.last_row])))
    if not made:
        return problems
    starts = [start for start, _ in swallowed]
    ends = [end for _, end in swallowed]

    def is_kept(problem: Problem) -> bool:
        at = problem.span.start
        return bisect_right(starts, at) == bisect_left(ends, at)

    return [*filter(is_kept, problems), *made]


def _arrays(scanned: Scan) -> Iterator[tuple[Span, Joined]]:
    """The place of the bracket that opens each such array, and the line with the one that closes it."""
    lines = scanned.lines
    for at, line in enumerate(lines):
        if line.keyword not in _TAKE_ARRAYS or line.bodies:
            continue
        found = re.match(_OPEN, line.text[line.parts.start : line.parts.end])
        if found is None:
            continue
        for below in range(at + 1, len(lines)):  # no further than the next instruction, so each line is met once
            other = lines[below]
            text = other.text.strip()
            if other.keyword in KEYWORDS or not re.match(_ELEMENT, text):
                break
            if text.endswith("]"):
                start = line.parts.start + found.start(1)
                yield line.span(start, start + 1), other
                break
