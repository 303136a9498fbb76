"""What was probably meant: the known name nearest to a misspelt one, and the words that offer it."""

from __future__ import annotations

from dockerlint_fastapi.spelling import alike_in_length, edits

_LIMIT = 3


def nearest(word: str, names: frozenset[str] | dict[str, str] | tuple[str, ...]) -> str | None:
    """The name that was probably meant: fewer than three edits away."""
    best, distance = None, _LIMIT
    for name in alike_in_length(word, names, _LIMIT):
        one = edits(word, name, distance)
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
