"""A Python module by its text: what it binds at its top, and what it does there."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dockerlint_fastapi.model.application.expression import Import, Statement
from dockerlint_fastapi.source import Source, Span


class Module:
    """One Python file.

    `names` are those that its top level binds somewhere, be it in an `if` or a `try`, with the place where that is done
    first. `dynamic` tells that it may bind others besides (`__getattr__`, `globals()`, `exec`); what star imports bring
    is not counted: see `stars`. `truncated` tells whether, as far as its functions were read, something is nested too
    deep to be followed.
    """

    __slots__ = ("_stars", "body", "dynamic", "names", "source", "truncated")

    def __init__(
        self,
        source: Source,
        *,
        names: Mapping[str, Span],
        body: tuple[Statement, ...],
        dynamic: bool,
        truncated: Callable[[], bool] = lambda: False,
    ) -> None:
        self.source = source
        self.names = names
        self.body = body
        self.dynamic = dynamic
        self.truncated = truncated
        self._stars: tuple[Import, ...] | None = None

    def __repr__(self) -> str:
        return f"Module({self.source.path!r})"

    @property
    def stars(self) -> tuple[Import, ...]:
        """Its `from … import *` at the top."""
        if self._stars is None:
            self._stars = tuple(one for one in self.body if isinstance(one, Import) and one.attribute == "*")
        return self._stars
