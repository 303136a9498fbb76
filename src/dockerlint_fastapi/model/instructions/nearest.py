"""What was probably meant: the known name nearest to a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The name fewer than three edits away, and fewer than half of its letters; None when there is none."""
    best, distance = None, 3
    for name in sorted(names):
        one = _distance(word.lower(), name.lower(), distance)
        if one < distance and one * 2 < min(len(word), len(name)):
            best, distance = name, one
    return best


def _distance(left: str, right: str, limit: int) -> int:
    """The edit distance of two words, or `limit` when it is at least that; two letters swapped are one edit."""
    if abs(len(left) - len(right)) >= limit:
        return limit
    before: list[int] = []
    row = list(range(len(right) + 1))
    for number, char in enumerate(left, 1):
        older, before, row = before, row, [number]
        for column, other in enumerate(right, 1):
            cost = min(before[column] + 1, row[column - 1] + 1, before[column - 1] + (char != other))
            if number > 1 and column > 1 and left[number - 2] == other and right[column - 2] == char:
                cost = min(cost, older[column - 2] + 1)
            row.append(cost)
    return min(row[-1], limit)
