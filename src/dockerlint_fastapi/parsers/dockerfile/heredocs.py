"""Here-documents: which words of a line open one, and where their bodies lie."""

from __future__ import annotations

import re

from dockerlint_fastapi.parsers.dockerfile.variables import BadWordError, lex_words, raw_words
from dockerlint_fastapi.record import NamedTuple

# `\s` is Go's: ASCII without the vertical tab
_OPENER = r"([0-9]*)<<(-?)[\t\n\f\r ]*([^<]*)\Z"
_LEADING_TABS = r"(?m)^\t+"
_MAX_FD = 2**64 - 1


class Opener(NamedTuple):
    """A word like `3<<-'EOF'`; `start` and `end` are its offsets in the joined line."""

    name: str
    expand: bool
    chomp: bool
    fd: int
    start: int
    end: int


class Body(NamedTuple):
    """An opener and the text that belongs to it: `[start, end)` in the file, without the terminator's line."""

    opener: Opener
    start: int
    end: int
    terminated: bool


def opener(word: str, start: int = 0, end: int = 0) -> Opener | None:
    """The heredoc that a word opens, or None. Raises BadWordError where Docker refuses the name."""
    found = re.match(_OPENER, word)
    if found is None or not found.group(3):
        return None
    names = lex_words(found.group(3), raw_quotes=False)
    if len(names) != 1:
        return None
    written = lex_words(found.group(3), raw_quotes=True)
    if len(written) != 1:
        raise BadWordError("the heredoc's name cannot be read", 0)
    digits = found.group(1)
    return Opener(
        name=names[0],
        expand=_quotes(names[0]) == _quotes(written[0]),
        chomp=found.group(2) == "-",
        fd=0 if not digits else int(digits) if len(digits) <= 19 else _MAX_FD,
        start=start,
        end=end,
    )


def openers(text: str) -> list[Opener]:
    """Every heredoc that a joined line opens, in order. Raises BadWordError."""
    found: list[Opener] = []
    for word in raw_words(text):
        one = opener(word.value, word.start, word.end) if "<<" in word.value else None
        if one is not None:
            found.append(one)
    return found


def is_opener(word: str) -> bool:
    """Whether a word of COPY or ADD stands for a heredoc instead of a path."""
    if "<<" not in word:
        return False
    try:
        return opener(word) is not None
    except BadWordError:
        return False


def strip_tabs(body: str) -> str:
    """What `<<-` does to the body."""
    return re.sub(_LEADING_TABS, "", body)


def _quotes(text: str) -> int:
    return text.count("'") + text.count('"')
