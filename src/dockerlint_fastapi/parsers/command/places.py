"""Places within an argument: where a stretch of its value stands in the file, through quotes, escapes and line ends."""

from __future__ import annotations

from collections.abc import Callable

from dockerlint_fastapi.model.command import Argument
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


_BLOCK_HEADER: Final = pattern(r"[|>][-+0-9]*[ \t]*(?:#[^\n]*?)?\r?\n")
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


def locator(argument: Argument) -> Callable[[int, int], Span]:
    """Where `value[start:end]` of an argument stands.

    Exact for a word without escapes, for backslash escapes of JSON, YAML and the shell, and over the line ends of
    YAML's block scalars and of continued lines; else the whole argument.
    """
    value, span = argument.value or "", argument.span
    raw = span.text
    header = _BLOCK_HEADER.match(raw)
    if header is not None and raw != value:
        start = header.end() - 1  # the line end belongs to the text: the indentation of the first line follows it
        inner, value, first = raw[start:], "\n" + value, span.start + start
        lines = _places(inner, value)
        if lines is None:
            return lambda _start, _end: span
        shifted = [first + place for place in lines[1:]]
        return lambda start, end: Span(span.source, shifted[start], shifted[end])
    quoted = len(raw) >= 2 and raw[0] == raw[-1] and raw[0] in "\"'"
    inner = raw[1:-1] if quoted else raw
    first = span.start + 1 if quoted else span.start
    if raw == value:
        first, inner = span.start, raw
    if inner == value:
        return lambda start, end: Span(span.source, first + start, first + end)
    places = _places(inner, value)
    if places is None:
        return lambda _start, _end: span
    return lambda start, end: Span(span.source, first + places[start], first + places[end])


def rest_of(argument: Argument, start: int) -> Argument:
    """The rest of an argument from `start` on."""
    value = argument.value or ""
    return Argument(value[start:], value[start:], locator(argument)(start, len(value)))


def _places(raw: str, value: str) -> list[int] | None:
    """For each offset of `value`, and its end, the offset in `raw`; None when `raw` does not spell `value`."""
    if "\r\n" not in raw:
        return _unescaped_places(raw, value)
    places = _unescaped_places(raw.replace("\r\n", "\n"), value)
    kept = [at for at in range(len(raw)) if not raw.startswith("\r\n", at)]  # a value has the line ends of Unix
    kept.append(len(raw))
    return None if places is None else [kept[place] for place in places]


def _unescaped_places(raw: str, value: str) -> list[int] | None:
    """The same for a text whose lines end in a line feed alone."""
    places: list[int] = []
    at = behind = past = 0
    for index, char in enumerate(value):
        if index < behind:  # within `${_}`
            places.append(at)
            at = past if index == behind - 1 else at
            continue
        if raw.startswith("$", at) and not raw.startswith(("$$", "${_}"), at) and value.startswith("${_}", index):
            places.append(at)
            behind, past = index + 4, _behind_variable(raw, at + 1)
            continue
        while raw.startswith("\\\n", at) and char != "\\":  # a continued line
            at += 2
            while char != " " and raw.startswith(" ", at):
                at += 1
        places.append(at)
        if char in " \n" and raw.startswith("\n", at):
            at = _next_line(raw, at, value, index + 1)
        elif char == "\n" and at == len(raw):  # the last line end of a block scalar, which its span leaves out
            continue
        elif raw.startswith("\\", at):
            escape = raw[at + 1 : at + 2]
            if escape == "u":
                if raw[at + 2 : at + 6].lower() != f"{ord(char):04x}":
                    return None
                at += 6
            elif _ESCAPES.get(escape, escape) == char:
                at += 2
            elif char == "\\":  # a backslash that the shell keeps
                at += 1
            else:
                return None
        elif raw.startswith(char, at):
            # `$$` of a compose file
            at += 2 if char == "$" and raw.startswith("$$", at) else 1
        else:
            return None
    places.append(at)
    return places if not raw[at:].strip(" \n") else None


def _behind_variable(raw: str, at: int) -> int:
    """The place behind a compose variable, `NAME` or `{NAME:-other}`, whose `$` stands in front of `at`."""
    depth, end = 0, len(raw)
    if not raw.startswith("{", at):
        while at < end and (raw[at] == "_" or (raw[at].isascii() and raw[at].isalnum())):
            at += 1
        return at
    while at < end:
        depth += {"{": 1, "}": -1}.get(raw[at], 0)
        at += 1
        if depth == 0:
            break
    return at


def _next_line(raw: str, at: int, value: str, index: int) -> int:
    """Where the text goes on behind a line end that a block scalar folds, or keeps without its indentation."""
    while True:
        at += 1
        end = at
        while raw.startswith(" ", end):
            end += 1
        if raw.startswith("\n", end) and not value.startswith("\n", index):
            at = end  # an empty line that folding drops
            continue
        kept = index
        while value.startswith(" ", kept) and kept - index < end - at:
            kept += 1
        return end - (kept - index)
