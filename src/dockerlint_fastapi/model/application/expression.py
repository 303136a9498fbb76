"""What a Python module says, as far as it decides which routes an application has: expressions and statements.

A statement is `certain` when it runs whenever its module (or function) does: not within `if`, `try`, `match` or a loop.
"""

from __future__ import annotations

from collections.abc import Callable

from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span


class Text(NamedTuple):
    """A string."""

    value: str
    span: Span


class Constant(NamedTuple):
    """None, True, False or a whole number."""

    value: int | None
    span: Span


class Name(NamedTuple):
    """A variable."""

    name: str
    span: Span


class Member(NamedTuple):
    """An attribute: `of.name`."""

    of: Expression
    name: str
    span: Span


class Call(NamedTuple):
    """A call; `complete` is False when `*…` or `**…` may bring more arguments than are listed."""

    function: Expression
    arguments: tuple[Expression, ...]
    keywords: tuple[tuple[str, Expression], ...]
    complete: bool
    span: Span

    def keyword(self, name: str) -> Expression | None:
        """The argument of that name; None when it is not written."""
        return next((value for key, value in self.keywords if key == name), None)


class Many(NamedTuple):
    """A list, tuple or set."""

    items: tuple[Expression, ...]
    span: Span


class Joined(NamedTuple):
    """An f-string or a sum: its parts, one after the other."""

    parts: tuple[Expression, ...]
    span: Span


class Other(NamedTuple):
    """Anything else; `parts` are the expressions in it of which a value may come out (the two arms of `a if b else c`)
    or that it may change.
    """

    parts: tuple[Expression, ...]
    span: Span


Expression = Text | Constant | Name | Member | Call | Many | Joined | Other


class Assign(NamedTuple):
    """`target = value`, for one target: a Name, a Member, or a Many of them."""

    target: Expression
    value: Expression
    certain: bool


class Import(NamedTuple):
    """`import module`, `import module as name`, or `from module import attribute as name`.

    `level` counts the dots in front of the module. `name` is "" for `import a.b`, which binds `a`; `attribute` is None
    without `from`, and `*` for everything.
    """

    name: str
    module: str
    attribute: str | None
    level: int
    certain: bool


class Function(NamedTuple):
    """`def name(parameters): body`. The body is read when first asked for: few are ever called."""

    name: str
    parameters: tuple[str, ...]
    decorators: tuple[Expression, ...]
    body: Callable[[], tuple[Statement, ...]]
    returns: Expression | None
    certain: bool
    span: Span


class Class(NamedTuple):
    """`class name(bases): body`."""

    name: str
    bases: tuple[Expression, ...]
    decorators: tuple[Expression, ...]
    body: tuple[Statement, ...]
    certain: bool
    span: Span


class Do(NamedTuple):
    """An expression that is there for what it does."""

    value: Expression
    certain: bool


class Give(NamedTuple):
    """`return value` or `yield value`."""

    value: Expression
    certain: bool


class Loop(NamedTuple):
    """`for target in items: body`."""

    target: Expression
    items: Expression
    body: tuple[Statement, ...]
    certain: bool


Statement = Assign | Import | Function | Class | Do | Give | Loop
