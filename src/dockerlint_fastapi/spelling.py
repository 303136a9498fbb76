"""How far apart two words are spelt, which tells a misspelt name from another one: in time bounded by the limit."""

from __future__ import annotations

from collections.abc import Iterable

#: Names compared at most: among more of nearly the same length nobody can say which one was meant.
MOST_NAMES = 40

#: Letters of a name compared at most: longer ones are generated, not typed.
MOST_LETTERS = 100


def edits(one: str, other: str, limit: int) -> int:
    """How many letters are changed, added, left out, or swapped with the next one, to make one word of another.

    `limit` when there are that many or more: only the letters less than `limit` places apart are compared (the band of
    Ukkonen, "Algorithms for approximate string matching", 1985), and only until they are too many. Names longer than
    `MOST_LETTERS` are alike only when they are equal.
    """
    if one == other:
        return 0
    if abs(len(one) - len(other)) >= limit or len(one) > MOST_LETTERS:
        return limit
    alike = _begin_alike(one, other)  # what both begin or end with needs no edit
    one, other = one[alike:][::-1], other[alike:][::-1]
    here, there = set(one), set(other)
    if len(here - there) >= limit or len(there - here) >= limit:
        return limit  # each edit brings or removes one letter at most
    alike = _begin_alike(one, other)
    return _in_band(one[alike:], other[alike:], limit)


def _begin_alike(one: str, other: str) -> int:
    number = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            return number
        number += 1
    return number


def _in_band(one: str, other: str, limit: int) -> int:
    before: list[int] = []
    row: list[int] = [*range(limit), *[limit] * (len(other) + 1 - limit)]
    for number, char in enumerate(one, 1):
        first, last = max(1, number - limit + 1), min(len(other), number + limit - 1)
        older, before, row = before, row, [limit] * (len(other) + 1)
        if number < limit:
            row[0] = number
        least = row[0]
        for column in range(first, last + 1):
            cost = before[column - 1] + (char != other[column - 1])
            if before[column] < cost:
                cost = before[column] + 1
            if row[column - 1] < cost:
                cost = row[column - 1] + 1
            if number > 1 < column and one[number - 2] == other[column - 1] and other[column - 2] == char:
                cost = min(cost, older[column - 2] + 1)
            row[column] = cost
            least = min(least, cost)
        if least >= limit and min(before) >= limit:
            return limit
    return min(row[len(other)], limit)


def alike_in_length(word: str, names: Iterable[str], limit: int) -> list[str]:
    """The names that may be fewer than `limit` edits away, by the alphabet; none when they are too many."""
    found = sorted(name for name in names if abs(len(name) - len(word)) < limit)
    return found if len(found) <= MOST_NAMES else []
