"""Words of a joined logical line: whitespace words, quoted words, flags and JSON arrays, each with its offsets.

Every function takes the joined text and the offsets `[start, end)` to look at, and answers with offsets into the same
text, so that a caller can place any token in the file. Escapes and quotes stay in the words; `variables` removes them.
"""

from __future__ import annotations

import re
from functools import lru_cache

from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple

# What separates the keyword from its arguments, and plain words from each other. No Unicode spaces here.
BLANKS = "\t\v\f\r "
# What Go's unicode.IsSpace calls a space: trimmed off both ends of a line, and separates quoted words.
SPACES = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)

_BLANK_RUN = pattern(f"[{BLANKS}]+")
_PLAIN_WORD = pattern(f"[^{BLANKS}]+")
_SPACED_WORD = pattern(f"[^{SPACES}]+")
_JSON_BLANKS = pattern(r"[ \t\r\n]*")
_JSON_STRING = pattern(r'"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"')
_LONE_SURROGATE = "[\ud800-\udfff]"


class Stretch(NamedTuple):
    """A token: `text[start:end]` of the joined line; `value` is the token without what its form wraps round it."""

    start: int
    end: int
    value: str


class Parts(NamedTuple):
    """A logical line cut into keyword, flags and arguments. `flags` carry their text with quotes removed."""

    keyword_start: int
    keyword_end: int
    flags: list[Stretch]
    start: int  # of the arguments
    end: int


class NotStringsError(Exception):
    """A JSON array that holds something other than strings: the one kind of bad JSON that Docker refuses."""


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The offsets without the spaces at both ends; equal offsets (at `end`) when nothing else is there."""
    while start < end and text[start] in SPACES:
        start += 1
    while end > start and text[end - 1] in SPACES:
        end -= 1
    return start, end


def split_instruction(text: str, start: int, end: int, escape: str) -> Parts:
    """Keyword, flags and arguments of a line, the way BuildKit cuts it."""
    start, end = trim(text, start, end)
    gap = _BLANK_RUN.search(text, start, end)
    if gap is None:
        return Parts(start, end, [], end, end)
    flags, rest = _split_flags(text, gap.end(), end, escape)
    rest, end = trim(text, rest, end)
    return Parts(start, gap.start(), flags, rest, end)


@lru_cache(maxsize=2)
def _flag_pieces(escape: str) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Runs of plain characters within a flag: outside quotes, in double quotes, in single quotes."""
    mark = re.escape(escape)
    return (
        pattern(f"[^{SPACES}'\"{mark}]+"),
        pattern(f'[^"{mark}]+'),
        pattern(f"[^'{mark}]+"),
    )


def _split_flags(text: str, start: int, end: int, escape: str) -> tuple[list[Stretch], int]:
    """The leading `--flag` words and the offset at which the arguments begin. A word `--` ends the flags."""
    flags: list[Stretch] = []
    at = start
    if at < end and text[at] != "-" and text[at] not in SPACES:
        return flags, at  # as most have none
    plain, double, single = _flag_pieces(escape)
    while True:
        while at < end and text[at] in SPACES:
            at += 1
        if not text.startswith("--", at, end):
            return flags, at
        begin = at
        pieces: list[str] = []
        quote = ""
        while at < end:
            char = text[at]
            if not quote and char in SPACES:
                break
            if quote and char == quote:
                quote = ""
                at += 1
            elif not quote and char in "'\"":
                quote = char
                at += 1
            elif char == escape:
                # Unlike a shell, single quotes do not keep the escape character from its work here.
                if at + 1 == end:
                    quote = ""
                else:
                    pieces.append(text[at + 1])
                at += 2
            else:
                run = (double if quote == '"' else single if quote else plain).match(text, at, end)
                if run is None:  # the other quote inside quotes is always part of a run; nothing else is left
                    break
                pieces.append(run.group())
                at = run.end()
        at = min(at, end)
        word = "".join(pieces)
        if word == "--":
            return flags, at
        flags.append(Stretch(begin, at, word))


def plain_words(text: str, start: int, end: int) -> list[Stretch]:
    """Words between blanks; quotes mean nothing (FROM, EXPOSE, and the shell form of COPY, ADD and VOLUME)."""
    return [Stretch(found.start(), found.end(), found.group()) for found in _PLAIN_WORD.finditer(text, start, end)]


def first_blank(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The offsets of the first run of blanks."""
    found = _BLANK_RUN.search(text, start, end)
    return found.span() if found else None


@lru_cache(maxsize=2)
def _quoted_word(escape: str) -> re.Pattern[str]:
    mark = re.escape(escape)
    return pattern(
        f"(?:[^{SPACES}'\"{mark}]+"
        f"|{mark}(?s:.)"
        f"|(?P<dangling>{mark}\\Z)"
        f'|"(?:[^"{mark}]+|{mark}(?s:.))*(?:"|(?P<dangling_quoted>{mark})?\\Z)'
        "|'[^']*(?:'|\\Z))+"
    )


def quoted_words(text: str, start: int, end: int, escape: str) -> list[Stretch]:
    """Words between spaces where quotes and escapes hold a word together (ENV, LABEL, ARG).

    An escape character that ends the line belongs to the stretch but not to `value`; alone it makes no word.
    """
    line = text[start:end]
    if "'" not in line and '"' not in line and escape not in line:
        return [Stretch(found.start(), found.end(), found.group()) for found in _SPACED_WORD.finditer(text, start, end)]
    words: list[Stretch] = []
    for found in _quoted_word(escape).finditer(line):
        value = found.group()
        if found.group("dangling") or found.group("dangling_quoted"):
            value = value[:-1]
            if not value:
                continue
        words.append(Stretch(start + found.start(), start + found.end(), value))
    return words


def json_words(text: str, start: int, end: int) -> list[Stretch] | None:
    """The strings of a JSON array that fills the stretch; None when it is none. Raises NotStringsError."""
    if not text.startswith("[", start, end):
        return None
    words: list[Stretch] = []
    blanks = _JSON_BLANKS.match
    at = _after(blanks(text, start + 1, end), start + 1)
    closed = text.startswith("]", at, end)
    while not closed:
        found = _JSON_STRING.match(text, at, end)
        if found is None:
            return _other_json(text[start:end])
        raw = found.group()
        value = raw[1:-1]
        if "\\" in value:
            import json  # noqa: PLC0415 - few arrays need it

            # Go puts U+FFFD for an escaped half of a surrogate pair; a raw undecodable byte stays what it is.
            value = re.sub(_LONE_SURROGATE, "\ufffd", json.loads(raw)) if "\\u" in value else json.loads(raw)
        words.append(Stretch(at, found.end(), value))
        at = _after(blanks(text, found.end(), end), found.end())
        if text.startswith("]", at, end):
            closed = True
        elif text.startswith(",", at, end):
            at = _after(blanks(text, at + 1, end), at + 1)
        else:
            return _other_json(text[start:end])
    rest = at + 1
    return words if _after(blanks(text, rest, end), rest) == end else _other_json(text[start:end])


def _after(found: re.Match[str] | None, otherwise: int) -> int:
    return found.end() if found else otherwise


def _number(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise ValueError(digits)  # Go calls a number out of range invalid JSON
    return value


def _constant(name: str) -> float:
    raise ValueError(name)  # NaN and Infinity are no JSON for Go


def _other_json(text: str) -> list[Stretch] | None:
    """Raises NotStringsError for a valid JSON array that is not all strings; None for what is no JSON array."""
    import json  # noqa: PLC0415 - as above

    try:
        json.loads(text, parse_int=_number, parse_float=_number, parse_constant=_constant)
    except (ValueError, RecursionError):
        return None
    raise NotStringsError
