"""What was probably meant: the known name nearest to a misspelt one, and the words that offer it."""

from __future__ import annotations


def nearest(word: str, names: frozenset[str] | dict[str, str] | tuple[str, ...]) -> str | None:
    """The name that was probably meant: fewer than three edits away."""
    best, distance = None, 3
    for name in sorted(names):
        one = _distance(word, name, distance)
        if one < distance and one < max(len(word), len(name)):
            best, distance = name, one
    return best


def choice(word: str, names: dict[str, str] | tuple[str, ...], prefix: str = "") -> str:
    """What to write instead: the nearest name, or all of them."""
    near = nearest(word, names)
    if near is not None:
        return f"`{prefix}{near}`"
    if not names:
        return "no flag"
    return "one of " + ", ".join(f"`{prefix}{name}`" for name in sorted(names))


def _distance(left: str, right: str, limit: int) -> int:
    """The edit distance of two words, or `limit` when it is at least that."""
    if abs(len(left) - len(right)) >= limit:
        return limit
    row = list(range(len(right) + 1))
    for number, char in enumerate(left, 1):
        previous, row[0] = row[0], number
        for column, other in enumerate(right, 1):
            previous, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, previous + (char != other))
    return min(row[-1], limit)
