"""What a word of a script becomes: its parameters replaced by what is known of them, quotes removed, fields split."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dockerlint_fastapi.model.command import UNKNOWN, Unknown
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


Lookup = Callable[[str], "str | Unknown | None"]
"""What a parameter holds: its text, None when it is not set, UNKNOWN when that cannot be told."""

Exists = Callable[[str, str], "bool | None"]
"""Whether a test of a file (`-f`, `-e`) holds for a path; None when that cannot be told."""

_MAX_DEPTH: Final = 5
_SPECIAL: Final = "0123456789#?$!*@-"
_GLOB: Final = "*?["
_ASKS_USER: Final = ("id -u", "id -un", "whoami")  # substitutions that are answered as parameters are


class Part(NamedTuple):
    """A stretch of an expanded word. What is not quoted is split at blanks, unless it was written literally."""

    text: str
    quoted: bool
    literal: bool


def parts(text: str, lookup: Lookup, depth: int = 0) -> list[Part] | None:
    """A word in stretches; None when something in it cannot be told."""
    found: list[Part] = []
    at, end = 0, len(text)
    inside = False  # double quotes
    while at < end:
        char = text[at]
        if char == "'" and not inside:
            close = text.find("'", at + 1)
            if close < 0:
                return None
            found.append(Part(text[at + 1 : close], True, True))
            at = close + 1
        elif char == '"':
            inside = not inside
            found.append(Part("", True, True))
            at += 1
        elif char == "\\" and at + 1 < end:
            behind = text[at + 1]
            if behind == "\n":
                at += 2
                continue
            kept = behind if not inside or behind in '$`"\\' else f"\\{behind}"
            found.append(Part(kept, True, True))
            at += 2
        elif char == "`":
            return None
        elif char == "$":
            made = _parameter(text, at, lookup, depth)
            if made is None:
                return None
            value, at = made
            found.append(Part(value, inside, False))
        else:
            stop = at + 1
            while stop < end and text[stop] not in "'\"\\`$":
                stop += 1
            found.append(Part(text[at:stop], inside, True))
            at = stop
    return None if inside else found


def value_of(text: str, lookup: Lookup, depth: int = 0) -> str | None:
    """A word as one text, as behind `=` and in a `case`; None when it cannot be told."""
    made = parts(text, lookup, depth)
    return None if made is None else "".join(part.text for part in made)


def fields(text: str, lookup: Lookup) -> list[str] | None:
    """A word as the arguments that it becomes; None when they cannot be told."""
    made = parts(text, lookup)
    if made is None or any(not one.quoted and not one.literal and set(one.text) & set(_GLOB) for one in made):
        return None
    result: list[str] = []
    current: str | None = None
    for part in made:
        if part.quoted or part.literal:
            current = (current or "") + part.text
            continue
        words = part.text.split()
        if not words:
            if part.text and current is not None:
                result.append(current)
                current = None
            continue
        if part.text[0].isspace() and current is not None:
            result.append(current)
            current = None
        words[0] = (current or "") + words[0]
        result += words[:-1]
        current = words[-1]
        if part.text[-1].isspace():
            result.append(current)
            current = None
    if current is not None:
        result.append(current)
    return result


def pattern_of(text: str, lookup: Lookup) -> str | None:
    """A pattern for `fnmatch`: what is quoted stands for itself."""
    made = parts(text, lookup)
    if made is None:
        return None
    quoted = ("".join(f"[{char}]" if char in _GLOB else char for char in one.text) for one in made if one.quoted)
    return "".join(next(quoted) if one.quoted else one.text for one in made)


def _parameter(text: str, at: int, lookup: Lookup, depth: int) -> tuple[str, int] | None:
    """The value of the parameter whose `$` stands at a place, and the place behind it."""
    end = len(text)
    if text.startswith("${", at):
        close = _closing(text, at + 2)
        if close is None or depth >= _MAX_DEPTH:
            return None
        value = _braced(text[at + 2 : close], lookup, depth)
        return None if value is None else (value, close + 1)
    start = at + 1
    for command in _ASKS_USER:
        if text.startswith(f"({command})", start):
            value = _known(command, lookup)
            return None if value is None else (value, start + len(command) + 2)
    if start >= end or text.startswith("$(", at) or text[start] in "'\"":
        return ("$", start) if start >= end else None
    if text[start] in _SPECIAL:
        value = _known(text[start], lookup)
        return None if value is None else (value, start + 1)
    stop = start
    while stop < end and (text[stop] == "_" or (text[stop].isascii() and text[stop].isalnum())):
        stop += 1
    if stop == start:
        return "$", start
    value = _known(text[start:stop], lookup)
    return None if value is None else (value, stop)


def _closing(text: str, at: int) -> int | None:
    depth, quote = 1, ""
    while at < len(text):
        char = text[at]
        if char == "\\":
            at += 1
        elif quote:
            quote = "" if char == quote else quote
        elif char == "'":
            quote = char
        elif char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
            if depth == 0:
                return at
        at += 1
    return None


def _known(name: str, lookup: Lookup) -> str | None:
    value = lookup(name)
    return None if value is UNKNOWN or isinstance(value, Unknown) else value or ""


def _braced(inner: str, lookup: Lookup, depth: int) -> str | None:
    """`NAME`, `#NAME`, `NAME:-word`, `NAME#pattern`, `NAME:0:1` between the braces."""
    if inner.startswith("#") and len(inner) > 1:
        value = _known(inner[1:], lookup) if inner[1:].isidentifier() else None
        return None if value is None else str(len(value))
    stop = 0
    while stop < len(inner) and (inner[stop] == "_" or (inner[stop].isascii() and inner[stop].isalnum())):
        stop += 1
    if stop == 0 and inner[:1] in _SPECIAL:
        stop = 1
    name, rest = inner[:stop], inner[stop:]
    if not name:
        return None
    found = lookup(name)
    if isinstance(found, Unknown):
        return None
    value = found
    if not rest:
        return value or ""
    for operator in (":-", ":=", ":+", ":?", "-", "=", "+", "?"):
        if rest.startswith(operator):
            there = bool(value) if operator.startswith(":") else value is not None
            word = rest[len(operator) :]
            if operator[-1] == "+":
                return value_of(word, lookup, depth + 1) if there else ""
            if there:
                return value
            return None if operator[-1] == "?" else value_of(word, lookup, depth + 1)
    return _cut(value or "", rest, lookup, depth)


def _cut(value: str, rest: str, lookup: Lookup, depth: int) -> str | None:
    """`#word` and `%word` without wildcards, and `:offset:length`."""
    if rest[0] in "#%":
        word = value_of(rest.lstrip(rest[0]), lookup, depth + 1)
        if word is None or len(rest) - len(rest.lstrip(rest[0])) > 2 or set(word) & set(_GLOB):
            return None
        return value.removeprefix(word) if rest[0] == "#" else value.removesuffix(word)
    numbers: Sequence[str] = rest[1:].split(":")
    if rest[0] == ":" and len(numbers) <= 2 and all(one.isdecimal() and len(one) < 6 for one in numbers):
        start = int(numbers[0])
        return value[start : start + int(numbers[1])] if len(numbers) == 2 else value[start:]
    return None
