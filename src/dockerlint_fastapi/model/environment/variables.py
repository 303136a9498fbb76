"""The environment of a container, each variable as the last place that sets it writes it."""

from __future__ import annotations

from collections.abc import Callable

from dockerlint_fastapi.model.environment.interpolation import PLACEHOLDER, Rendered, pieces
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span


class Part:
    """A stretch of a variable's value. `value` is None when it cannot be told, `text` is as written, `span` its place,
    `name` that of the variable, "" when it is the default of an image.

    It may be a password, so that its `repr` says nothing of it.
    """

    __slots__ = ("name", "span", "text", "value")

    def __init__(self, value: str | None, text: str, span: Span, name: str = "") -> None:
        self.name = name
        self.value = value
        self.text = text
        self.span = span

    def __repr__(self) -> str:
        return f"Part(line {self.span.line})"

    def same_as(self, other: Part) -> bool | None:
        """Whether both are the same: by their values, or because both are the same reference (`${X}`, `$X`)."""
        if self.value is not None and other.value is not None:
            return self.value == other.value
        return True if _normal(self.text) == _normal(other.text) else None


def _normal(text: str) -> tuple[object, ...]:
    """A text with its references by what they refer to: `$X` and `${X}` are one."""
    found, bad = pieces(text)
    if bad is not None:
        return (text, bad)
    return tuple(piece.literal if piece.reference is None else (piece.reference[:3], "reference") for piece in found)


class ContainerVariable(NamedTuple):
    """One variable of a container's environment. `origin` is `image`, `compose` or `env_file`.

    `rendered` is None when it is taken from where compose runs and not known. `certain` is False when an env file that
    was not read may set it, too, and would win.
    """

    name: str
    text: str  # as written, references in it; "" for a name alone
    rendered: Rendered | None
    span: Span
    locate: Callable[[int, int], Span]  # the place of a stretch of `text`
    origin: str
    certain: bool = True

    def __repr__(self) -> str:
        return f"ContainerVariable({self.name!r}, {self.origin})"  # the value may be a secret

    @property
    def value(self) -> str | None:
        """The value; None when it cannot be told."""
        known = self.certain and self.rendered is not None and self.rendered.certain
        return self.rendered.text if known and self.rendered is not None else None

    @property
    def pattern(self) -> str | None:
        """The value with PLACEHOLDER for what cannot be told; None when nothing can."""
        return self.rendered.text if self.certain and self.rendered is not None else None

    @property
    def shown(self) -> bool:
        """Whether its text may stand in a message: what env files hold may be a secret."""
        return self.origin != "env_file"

    def part(self, start: int, end: int) -> Part:
        """A stretch of the value, by its offsets in `pattern`."""
        rendered = self.rendered
        if rendered is None:
            return Part(None, "", self.span, self.name)
        value = rendered.text[start:end]
        if not rendered.marks:  # taken from Compose's own environment: it is written elsewhere
            return Part(value, "", self.span, self.name)
        first, last = rendered.origin(start, end) if end > start else (rendered.origin(start, start)[0],) * 2
        known = None if PLACEHOLDER in value else value
        return Part(known, self.text[first:last], self.locate(first, last), self.name)
