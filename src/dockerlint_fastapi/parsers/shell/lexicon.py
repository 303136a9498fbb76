"""The characters and words that mean something to a POSIX-like shell, as patterns, and the escapes of its quotes.

Every pattern is anchored (`match` at an offset), never backtracks over what it has taken, and so costs what it reads.
"""

from __future__ import annotations

import re

from dockerlint_fastapi.pattern import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


BLANKS: Final = pattern(r"(?:[ \t]++|\r(?=\n))*+")
"""Spaces and tabs; a carriage return before a line end counts as one, so that CRLF files read as they were meant."""

CONTINUATION: Final = pattern(r"\\\r?\n")

LITERAL_WORD: Final = pattern(r"[^ \t\r\n;&|<>()\"'\\$`]++(?=[ \t\n;&|)]|\Z)")
"""A whole word without quotes, escapes or expansions: most words there are."""

PLAIN_ARGUMENT: Final = pattern(r"[ \t]++([^ \t\r\n;&|<>()\"'\\$`#{0-9][^ \t\r\n;&|<>()\"'\\$`]*+)(?=[ \t\n;&|)]|\Z)")
"""A word of letters behind the first of a command, with the blanks in front: no redirection, no comment."""

RESERVED: Final = pattern(
    r"(?:(?:!|\{|\}|if|then|elif|else|fi|while|until|do|done|for|select|case|esac|function|time|coproc)"
    r"(?=[ \t\r\n;&|<>()]|\\\r?\n|\Z)|\[\[(?=[ \t\r\n]|\\\r?\n))",
)

REDIRECT: Final = pattern(
    r"(?P<fd>\d*+|\{[A-Za-z_]\w*+\})(?P<operator><<<|<<-|<<|<>|<&|<(?!\()|>>|>\||>&|>(?!\())|(?P<both>&>>|&>)",
    re.ASCII,
)

ASSIGNMENT: Final = pattern(
    r"([A-Za-z_]\w*+)(?:\[(?:[^\[\]\s;&|<>()`]++|\[[^\[\]\s;&|<>()`]*+\])*+\])?+(\+?+)=",
    re.ASCII,
)

FUNCTION_PARENTHESES: Final = pattern(r"\([ \t]*+\)")

FUNCTION_NAME: Final = pattern(r"[ \t]++[^ \t\r\n;&|<>()]++(?:[ \t]*+\([ \t]*+\))?+")

TIME_OPTIONS: Final = pattern(r"(?:[ \t]++-p(?=[ \t\r\n;]|\Z))?+(?:[ \t]++--(?=[ \t\r\n;]|\Z))?+")

COPROCESS_NAME: Final = pattern(
    r"[ \t]++[A-Za-z_]\w*+(?=[ \t]++(?:[({]|(?:if|while|until|for|select|case|\[\[)[ \t\n]))",
    re.ASCII,
)

PARAMETER: Final = pattern(r"(?:[A-Za-z_]\w*+|[0-9@*#?$!-])", re.ASCII)
"""What makes a bare `$` an expansion."""

BRACED_OPERATOR: Final = pattern(
    r"!?+(?:\w++|[@*#?$!-])?+(?:\[[@*\w]*+\])?+(?P<operator>:?[-=+?])?",
    re.ASCII,
)
"""Behind `${`: whether the operator is one of those whose word keeps the quoting round it (`:-`, `=`, `+`, `?`)."""

BACKTICKED: Final = pattern(r"(?:[^\\`]++|\\.)*+", re.DOTALL)

ANSI_C: Final = pattern(r"(?:[^\\']++|\\.)*+", re.DOTALL)

PLAIN: Final = {
    # a stretch of characters without a meaning of their own, by what is round them (`Mode` in state.py)
    "": pattern(r"[^ \t\r\n;&|<>()\"'\\$`]*+"),
    '"': re.compile(r"[^\"\\$`]*+"),
    "{": pattern(r"[^}\"'\\$`]*+"),
    "q{": pattern(r"[^}\"\\$`]*+"),
    "((": pattern(r"[^()\"'\\$`]*+"),
    "(": pattern(r"[^()\"'\\$`]*+"),
    "[": pattern(r"[^\[\]\"'\\$`]*+"),
    "glob": pattern(r"[^()\"'\\$`]*+"),
    "array": pattern(r"[^()<>#\"'\\$`]*+"),
    "body": pattern(r"[^\\$`]*+"),
}

DELIMITER: Final = pattern(
    r"(?:[^ \t\r\n;&|<>()\"'\\]++|'[^']*+'|\"(?:[^\"\\]++|\\.)*+\"|\\[^\n])*+",
    re.DOTALL,
)
"""The word behind `<<`: nothing in it is expanded, and any quote in it makes the body literal."""

DELIMITER_PART: Final = pattern(r"'(?P<single>[^']*+)'|\"(?P<double>(?:[^\"\\]++|\\.)*+)\"|\\(?P<char>.)", re.DOTALL)

PIPES: Final = frozenset({"|", "|&"})
DANGLING: Final = frozenset({"&&", "||", "|", "|&"})
"""Operators that need a command behind them, and let line ends come before it."""

_SIMPLE_ESCAPES: Final = {
    "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\", "'": "'", '"': '"', "?": "?",
}  # fmt: skip

_ESCAPE: Final = pattern(
    r"\\(?:(?P<octal>[0-7]{1,3})|x(?P<hex>[0-9A-Fa-f]{1,2})|u(?P<short>[0-9A-Fa-f]{1,4})|U(?P<long>[0-9A-Fa-f]{1,8})"
    r"|c(?P<control>.)|(?P<char>.))",
    re.DOTALL,
)


def ansi_c(text: str) -> str | None:
    """What `$'text'` stands for, by bash's escapes; None where it holds a byte or code point that is no text."""
    if "\\" not in text:
        return text
    strange = False

    def decode(match: re.Match[str]) -> str:
        nonlocal strange
        char = match["char"]
        if char is not None:
            return _SIMPLE_ESCAPES.get(char, "\\" + char)
        if match["control"] is not None:
            return chr(ord(match["control"]) & 0x1F)
        octal = match["octal"]
        code = int(octal, 8) & 0xFF if octal else int(match["hex"] or match["short"] or match["long"], 16)
        single_byte = match["short"] is None and match["long"] is None
        # NUL ends the string in bash, a single byte past ASCII is half a character, and not every number is a character
        if code == 0 or (single_byte and code > 0x7F) or code > 0x10FFFF or 0xD800 <= code < 0xE000:
            strange = True
            return ""
        return chr(code)

    value = _ESCAPE.sub(decode, text)
    return None if strange else value
