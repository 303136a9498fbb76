"""Compose's interpolation: `$NAME`, `${NAME:-default}` and the like in the values of a compose file.

The rules are those of compose-go's `template` package. What the user's environment holds is unknown to a linter, so a
lookup has three answers: a value, UNSET (known not to be set), or None (cannot be told).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


MAX_DEPTH = 10  # defaults within defaults; what is nested deeper counts as unknown
MAX_OPERAND = 10_000  # characters of a default in which references are followed; a longer one counts as unknown

_NAME = pattern(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATOR = pattern(r":?[-+?]")
_BRACES = pattern(r"(?s)\}|\{.?")  # Compose does not look at what stands directly behind an opening one


class Unset:
    """The answer of a lookup that knows a variable not to be set."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset()

Lookup = Callable[[str], "str | Unset | None"]


def unknown(_name: str) -> str | Unset | None:
    """The lookup that knows of no variable."""
    return None


def unset(_name: str) -> str | Unset | None:
    """The lookup of an empty environment."""
    return UNSET


def or_unset(lookup: Lookup) -> Lookup:
    """A lookup that takes what another cannot tell as not set: what happens when the user sets nothing."""

    def answer(name: str) -> str | Unset | None:
        found = lookup(name)
        return UNSET if found is None else found

    return answer


class Variables:
    """The lookup of several compose files: those of an `include` may have variables of their own.

    Called, it answers for the files of which nothing else was said.
    """

    __slots__ = ("_by_path", "_lookup")

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._by_path: dict[str, Lookup] = {}

    def __call__(self, name: str) -> str | Unset | None:
        """The answer for the files of which nothing else was said."""
        return self._lookup(name)

    def of(self, path: str) -> Lookup:
        """The lookup of the file at a path."""
        return self._by_path.get(path, self._lookup)

    def add(self, path: str, lookup: Lookup) -> None:
        """Notes the variables of a file. Of one that is used with two kinds of variables none can be told."""
        self._by_path[path] = lookup if self._by_path.get(path, lookup) is lookup else unknown


def in_file(lookup: Lookup, path: str) -> Lookup:
    """A lookup as the file at that path has it."""
    return lookup.of(path) if isinstance(lookup, Variables) else lookup


class Reference(NamedTuple):
    """One `${NAME…}`. `operator` is one of `:-` `-` `:?` `?` `:+` `+` or "" ; `operand` is the text behind it.

    `start` and `end` are offsets in the whole text, `operand_start` that of the operand.
    """

    name: str
    operator: str
    operand: str
    start: int
    end: int
    operand_start: int

    @property
    def required(self) -> bool:
        """Whether Compose stops when it is not set."""
        return "?" in self.operator


class Piece(NamedTuple):
    """A stretch of a text: a literal, with `$$` already made `$`, or a reference."""

    literal: str
    reference: Reference | None
    start: int
    end: int


class Rendered(NamedTuple):
    """A text with its variables replaced. `certain`: all could be told; PLACEHOLDER stands for one that could not."""

    text: str
    certain: bool
    marks: tuple[tuple[int, int, int, int], ...]  # (start, end) here, (start, end) in the text as written

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Where the characters from `start` to `end` come from in the text as written."""
        return self._back(start, left=True), self._back(end, left=False)

    def _back(self, at: int, *, left: bool) -> int:
        last = 0
        for here, here_end, there, there_end in self.marks:
            if here <= at < here_end or (at == here_end and not left and at > here):
                if here_end - here == there_end - there:
                    return there + at - here
                return there if left else there_end
            last = there_end
        return last


PLACEHOLDER: Final = "\ue000"  # the stand-in for a variable that cannot be told, a private-use character


def pieces(text: str, offset: int = 0) -> tuple[tuple[Piece, ...], int | None]:
    """The pieces of a text, and where a `${` is malformed (Compose refuses the file then), else None."""
    found: list[Piece] = []
    literal_start = at = 0
    line_end = last_brace = -1
    length = len(text)

    def literal(end: int) -> None:
        if end > literal_start:
            found.append(Piece(text[literal_start:end], None, offset + literal_start, offset + end))

    while True:
        at = text.find("$", at)
        if at < 0 or at + 1 >= length:
            literal(length)
            return tuple(found), None
        following = text[at + 1]
        if following == "$":
            literal(at)
            found.append(Piece("$", None, offset + at, offset + at + 2))
            at = literal_start = at + 2
            continue
        if following != "{":
            match = _NAME.match(text, at + 1)
            if match is None:  # a lone dollar is itself
                at += 1
                continue
            literal(at)
            reference = Reference(match[0], "", "", offset + at, offset + match.end(), offset + match.end())
            found.append(Piece("", reference, reference.start, reference.end))
            at = literal_start = match.end()
            continue
        if at > line_end:  # an operand does not go over the line's end
            line_end = text.find("\n", at)
            line_end = length if line_end < 0 else line_end
            last_brace = text.rfind("}", at, line_end)
        match = _NAME.match(text, at + 2)
        behind = match.end() if match else at
        if match and text.startswith("}", behind):
            reference = Reference(match[0], "", "", offset + at, offset + behind + 1, offset + behind)
        else:
            operator = _OPERATOR.match(text, behind) if match else None
            if match is None or operator is None or last_brace < operator.end():
                literal(length)
                return tuple(found), offset + at
            close = _closing_brace(text, at, last_brace + 1)
            operand = text[operator.end() : close]
            reference = Reference(
                match[0], operator[0], operand, offset + at, offset + close + 1, offset + operator.end()
            )
        literal(at)
        found.append(Piece("", reference, reference.start, reference.end))
        at = literal_start = reference.end - offset


def _closing_brace(text: str, start: int, end: int) -> int:
    """The `}` that closes the `${` at `start`, by Compose's count of braces; the last one when they do not balance."""
    depth = 0
    for match in _BRACES.finditer(text, start, end):
        if match[0] == "}":
            depth -= 1
            if depth == 0:
                return match.start()
        else:
            depth += 1
    return end - 1


def malformed(text: str) -> int | None:
    """Where an interpolation is malformed, so that Compose refuses the text; else None.

    What stands in a default counts only when the default is used, so it is not looked at.
    """
    return pieces(text)[1] if "$" in text else None


def references(text: str) -> tuple[Reference, ...]:
    """Every variable that a text refers to, those within defaults included, in the order in which they begin."""
    return tuple(_references(text, 0, 0)) if "$" in text else ()


def _references(text: str, offset: int, depth: int) -> Iterator[Reference]:
    if depth > MAX_DEPTH:
        return
    for piece in pieces(text, offset)[0]:
        if piece.reference is not None:
            yield piece.reference
            if "$" in piece.reference.operand and len(piece.reference.operand) <= MAX_OPERAND:
                yield from _references(piece.reference.operand, piece.reference.operand_start, depth + 1)


def render(text: str, lookup: Lookup = unknown) -> Rendered:
    """A text with its variables replaced as far as they can be told, and the way back to the text as written."""
    if "$" not in text:
        return Rendered(text, True, ((0, len(text), 0, len(text)),))
    found, bad = pieces(text)
    parts: list[str] = []
    marks: list[tuple[int, int, int, int]] = []
    certain = bad is None
    here = 0
    for piece in found:
        part: str | None = piece.literal if piece.reference is None else _value(piece.reference, lookup, 0)
        if part is None:
            part = PLACEHOLDER
            certain = False
        parts.append(part)
        marks.append((here, here + len(part), piece.start, piece.end))
        here += len(part)
    return Rendered("".join(parts), certain, tuple(marks))


def interpolate(text: str, lookup: Lookup = unknown) -> str | None:
    """The text as Compose makes it; None when a variable cannot be told, or when Compose would refuse it."""
    return _interpolate(text, lookup, 0) if "$" in text else text


def _interpolate(text: str, lookup: Lookup, depth: int) -> str | None:
    if depth > MAX_DEPTH or (depth > 0 and len(text) > MAX_OPERAND):
        return None
    found, bad = pieces(text)
    if bad is not None:
        return None
    parts: list[str] = []
    for piece in found:
        part = piece.literal if piece.reference is None else _value(piece.reference, lookup, depth)
        if part is None:
            return None
        parts.append(part)
    return "".join(parts)


def _value(reference: Reference, lookup: Lookup, depth: int) -> str | None:
    found = lookup(reference.name)
    if found is None:
        return None
    operator = reference.operator
    value = "" if isinstance(found, Unset) else found
    present = bool(value) if operator.startswith(":") else not isinstance(found, Unset)
    if operator.endswith("+"):
        return _interpolate(reference.operand, lookup, depth + 1) if present else value
    if operator and not present:
        return None if reference.required else _interpolate(reference.operand, lookup, depth + 1)
    return value
