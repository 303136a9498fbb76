"""Words with variables as a program receives them, each character with the place that it comes from."""

from __future__ import annotations

import re
from collections.abc import Callable

from dockerlint_fastapi.model.command import Argument, Environment, Unknown, Value
from dockerlint_fastapi.model.environment.interpolation import PLACEHOLDER, pieces
from dockerlint_fastapi.parsers.command import locator
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


_MAX: Final = 50_000  # characters of one word; what is longer is not read
_PARAMETER: Final = r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?[-=+?])([^{}$`'\"\\]*))?\})"


class Text:
    """A text whose characters know their places. PLACEHOLDER stands in `value` for a part that cannot be told."""

    __slots__ = ("_ends", "_given", "_locate", "_parts", "_starts")

    def __init__(self, locate: Callable[[int, int], Span]) -> None:
        self._parts: list[str] = []
        self._locate = locate
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._given: list[bool] = []  # whether a variable gave it

    @classmethod
    def of(cls, text: str, locate: Callable[[int, int], Span]) -> Text:
        """A text that stands as it is."""
        made = cls(locate)
        made.write(text, 0)
        return made

    def __repr__(self) -> str:
        return f"Text({self.value!r})"

    @property
    def value(self) -> str:
        """The text itself."""
        if len(self._parts) > 1:
            self._parts = ["".join(self._parts)]
        return self._parts[0] if self._parts else ""

    @property
    def known(self) -> bool:
        """Whether all of it can be told."""
        return PLACEHOLDER not in self.value

    def write(self, text: str, at: int) -> None:
        """Adds characters that stand in the file one by one from `at`."""
        self._parts.append(text)
        self._starts.extend(range(at, at + len(text)))
        self._ends.extend(range(at + 1, at + len(text) + 1))
        self._given.extend([False] * len(text))

    def put(self, text: str, start: int, end: int, *, given: bool) -> None:
        """Adds what the file's characters from `start` to `end` stand for; `given` when a variable gives it."""
        self._parts.append(text)
        self._starts.extend([start] * len(text))
        self._ends.extend([end] * len(text))
        self._given.extend([given] * len(text))

    def add(self, other: Text) -> None:
        """Adds another text of the same file."""
        self._parts.append(other.value)
        self._starts.extend(other._starts)
        self._ends.extend(other._ends)
        self._given.extend(other._given)

    def slice(self, start: int, end: int | None = None) -> Text:
        """What stands from `start` up to `end`."""
        made = Text(self._locate)
        made._parts = [self.value[start:end]]
        made._starts, made._ends, made._given = self._starts[start:end], self._ends[start:end], self._given[start:end]
        return made

    def span(self, start: int, end: int) -> Span:
        """The place of `value[start:end]`."""
        if start >= end or end > len(self._starts):
            at = self._starts[start] if start < len(self._starts) else self._ends[-1] if self._ends else 0
            return self._locate(at, at)
        return self._locate(self._starts[start], max(self._ends[end - 1], self._starts[start]))

    @property
    def whole(self) -> Span:
        """Where all of it stands."""
        return self.span(0, len(self._starts))

    def part(self, start: int, end: int) -> Value | None:
        """A stretch of it as a value; None when some of that cannot be told."""
        text = self.value[start:end]
        if PLACEHOLDER in text:
            return None
        return Value(text, self.span(start, end), "environment" if any(self._given[start:end]) else "option")


def as_run(argument: Argument, environment: Environment, *, in_shell: bool) -> Text:
    """An argument as the program receives it; `in_shell` says whether a shell expands it first."""
    if argument.value is not None:
        return Text.of(argument.value[:_MAX], locator(argument))
    raw = argument.text[:_MAX]
    made = Text(locator(Argument(raw, raw, argument.span)))
    if in_shell:
        _expand(raw, environment, made)
        return made
    quoted = len(raw) >= 2 and raw[0] == raw[-1] and raw[0] in "\"'"
    inner, shift = (raw[1:-1], 1) if quoted else (raw, 0)
    for piece in pieces(inner)[0]:  # a variable of a compose file
        start, end = shift + piece.start, shift + piece.end
        if piece.reference is not None:
            made.put(PLACEHOLDER, start, end, given=True)
        elif len(piece.literal) == end - start:
            made.write(piece.literal, start)
        else:  # `$$`
            made.put(piece.literal, start, end, given=False)
    return made


def _expand(raw: str, environment: Environment, made: Text) -> None:
    """One word of a shell's script without its quotes, variables replaced by what the environment says."""
    at, length = 0, len(raw)
    double = False
    while at < length:
        char = raw[at]
        if char == "'" and not double:
            close = raw.find("'", at + 1)
            close = length if close < 0 else close
            made.write(raw[at + 1 : close], at + 1)
            at = close + 1
        elif char == '"':
            double = not double
            at += 1
        elif char == "\\" and at + 1 < length:
            following = raw[at + 1]
            if following == "\n":
                pass
            elif not double or following in '$`"\\':
                made.put(following, at, at + 2, given=False)
            else:
                made.write(raw[at : at + 2], at)
            at += 2
        elif char == "$":
            at = _parameter(raw, at, environment, made)
        elif char == "`":
            close = raw.find("`", at + 1)
            close = length if close < 0 else close + 1
            made.put(PLACEHOLDER, at, close, given=True)
            at = close
        else:
            made.write(char, at)
            at += 1


def _parameter(raw: str, at: int, environment: Environment, made: Text) -> int:
    """What one `$…` gives; returns the place behind it."""
    match = re.compile(_PARAMETER, re.ASCII).match(raw, at)
    if match is not None:
        value = environment.get(match[1] or match[2])
        text = _value(value, match[3] or "", match[4] or "")
        made.put(PLACEHOLDER if text is None else text, at, match.end(), given=True)
        return match.end()
    following = raw[at + 1 : at + 2]
    if following in ("{", "("):
        end = _closing(raw, at + 1, following, "}" if following == "{" else ")")
    elif following and (following.isalnum() or following in "@*#?$!-_"):
        end = at + 2
    else:
        made.write("$", at)
        return at + 1
    made.put(PLACEHOLDER, at, end, given=True)
    return end


def _value(value: Value | Unknown | None, operator: str, operand: str) -> str | None:
    """What a parameter expansion gives; None when it cannot be told."""
    if isinstance(value, Unknown):
        return None
    text = value.text if value is not None else ""
    present = bool(text) if operator.startswith(":") else value is not None
    if operator.endswith("+"):
        return operand if present else ""
    if operator and not present:
        return None if operator.endswith("?") else operand
    return text


def _closing(raw: str, at: int, opening: str, closing: str) -> int:
    """The place behind the bracket that closes the one at `at`."""
    depth = 0
    for place in range(at, len(raw)):
        depth += (raw[place] == opening) - (raw[place] == closing)
        if depth == 0:
            return place + 1
    return len(raw)
