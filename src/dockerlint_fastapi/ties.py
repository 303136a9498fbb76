"""Which names belong together, when it is told of some at a time that they do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    Value = TypeVar("Value")


class Ties:
    """Names that are tied together; each company of them has one that stands for all (a disjoint-set forest)."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def first(self, name: str) -> str:
        """The one that stands for all that a name is tied to; itself when it is to none."""
        above = self._above
        while (higher := above.setdefault(name, name)) != name:
            above[name] = above[higher]
            name = higher
        return name

    def tie(self, names: Iterable[str]) -> None:
        """Ties names together."""
        first, *others = (self.first(one) for one in names)
        for other in others:
            self._above[self.first(other)] = self.first(first)


def companies(values: Iterable[Value], names: Sequence[Sequence[str]]) -> list[list[Value]]:
    """Some values by company: those are together that have a name in common, or names that others tie together."""
    ties = Ties()
    for some in names:
        ties.tie(some)
    found: dict[str, list[Value]] = {}
    for value, some in zip(values, names, strict=True):
        found.setdefault(ties.first(some[0]), []).append(value)
    return list(found.values())
