"""What was probably meant: the known name nearest to a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable

from dockerlint_fastapi.spelling import alike_in_length, edits

_LIMIT = 3


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The name fewer than three edits away, and fewer than half of its letters; None when there is none."""
    best, distance = None, _LIMIT
    for name in alike_in_length(word, names, _LIMIT):
        one = edits(word.lower(), name.lower(), distance)
        if one < distance and one * 2 < min(len(word), len(name)):
            best, distance = name, one
    return best
