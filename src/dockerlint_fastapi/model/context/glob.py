"""Patterns of Docker: those of ignore files (moby/patternmatcher) and of COPY sources (Go's `path/filepath.Match`).

Both are read into one list of tokens. What may match in more than one way is run as a set of states, so that no pattern
takes longer than its length times that of the path, whatever stars it holds.
"""

from __future__ import annotations

import re
from functools import lru_cache

from dockerlint_fastapi.record import NamedTuple

# Longer than one character, so that no literal is taken for them.
_STAR = "<*>"  # any characters but `/`
_ANY = "<**>"  # any characters at all: `**` at the end
_DEEP = "<**/>"  # nothing, or any characters and a `/`: `**` anywhere else
_INSIDE = "<inside>"  # of such a `**` that has begun and ends with its slash
_MOST_STARS = 2  # with more of them a backtracking search could become slow


class Characters(NamedTuple):
    """One character of a path: any of these ranges, or none of them when `negated`."""

    ranges: tuple[tuple[str, str], ...]
    negated: bool = False

    def matches(self, char: str) -> bool:
        """Whether a character is one of them."""
        return any(low <= char <= high for low, high in self.ranges) != self.negated


_NO_SLASH = Characters((("/", "/"),), negated=True)
Token = Characters | str  # a string is a literal character, or one of the names above


def problem(text: str) -> str | None:
    """Why Go's `filepath.Match` refuses a pattern, in a few words; None when it does not."""
    if "\\" not in text and "[" not in text:
        return None
    at = 0
    while at < len(text):
        if text[at] == "\\":
            if at + 1 == len(text):
                return "ends in a backslash that escapes nothing"
            at += 2
        elif text[at] == "[":
            end = _bracket(text, at)
            if end is None:
                return "has a `[` that no well-formed `]` closes"
            at = end[1]
        else:
            at += 1
    return None


# Letters and digits that mean something behind a backslash to Go's `regexp`, of which moby makes its patterns; the
# others it refuses (regexp/syntax, `parseEscape` and `parsePerlClassEscape`, flags `Perl`).
_MEANT = r"[AaBbDdfnrtvSsWwzQ0]|[pP](?:[CLMNPSZ]|\{)|x(?:[0-9a-fA-F]{2}|\{)|[1-7][0-7]"


def separator(text: str) -> tuple[str, bool] | None:
    """The first backslash in front of a letter or digit, with that, as in a path of Windows; and whether Docker on
    Linux refuses the pattern for one of them. None when there is none: one in front of `.` or `_` stands for the
    character itself.
    """
    found = [one for one in re.finditer(r"\\(.)", text, re.DOTALL) if one[1].isascii() and one[1].isalnum()]
    if not found:
        return None
    bad = next((one for one in found if re.match(_MEANT, text[one.start() + 1 :]) is None), None)
    return (bad or found[0])[0], bad is not None


def _bracket(text: str, at: int) -> tuple[Characters, int] | None:
    """The character class that opens at an offset, and the offset behind it; None when it is not well formed.

    A `]` or `-` stands for itself only behind a backslash, and a class is never empty.
    """
    at += 1
    negated = text[at : at + 1] == "^"
    at += negated
    ranges: list[tuple[str, str]] = []
    while not (ranges and text[at : at + 1] == "]"):
        low = _member(text, at)
        if low is None:
            return None
        high, at = low, low[1]
        if text[at] == "-":
            second = _member(text, at + 1)
            if second is None:
                return None
            high, at = second, second[1]
        ranges.append((low[0], high[0]))
    return Characters(tuple(ranges), negated), at + 1


def _member(text: str, at: int) -> tuple[str, int] | None:
    """One character within a class and the offset behind it, where something must follow."""
    if text[at : at + 1] in ("", "-", "]"):
        return None
    if text[at] == "\\":
        at += 1
        if at == len(text):
            return None
    return None if at + 1 == len(text) else (text[at], at + 1)


def _tokens(text: str, *, double_star: bool) -> tuple[Token, ...]:
    """A pattern without a problem as tokens. With `double_star`, `**` crosses slashes and takes a `/` behind it in."""
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        char = text[at]
        at += 1
        if char == "*":
            if double_star and text[at : at + 1] == "*":
                at += 1
                if text[at : at + 1] == "/":
                    at += 1
                tokens.append(_DEEP if at < len(text) else _ANY)
            elif tokens[-1:] != [_STAR]:
                tokens.append(_STAR)
        elif char == "?":
            tokens.append(_NO_SLASH)
        elif char == "[":
            found = _bracket(text, at - 1)
            if found is not None:
                tokens.append(found[0])
                at = found[1]
        elif char == "\\" and at < len(text):
            tokens.append(text[at])
            at += 1
        else:
            tokens.append(char)
    return tuple(tokens)


@lru_cache(maxsize=256)
def spelled(text: str) -> str | None:
    """The one name that a pattern can match, although it is one by its classes of a single character: `.en[v]` matches
    `.env`, or nothing. None for any other pattern.
    """
    if "[" not in text or problem(text) is not None:
        return None
    name = ""
    for token in _tokens(text, double_star=False):
        if isinstance(token, Characters):
            low, high = token.ranges[0]
            if token.negated or len(token.ranges) > 1 or low != high:
                return None
            name += low
        elif len(token) == 1:
            name += token
        else:
            return None
    return name


class Glob:
    """One pattern, compiled when first asked. `literal` is the one path that it matches; None when it has wildcards."""

    __slots__ = ("_double_star", "_expression", "_simple", "_states", "literal", "text")

    def __init__(self, text: str, *, double_star: bool) -> None:
        self.text = text
        self._double_star = double_star
        self.literal = None if re.search(r"[*?\[\\]", text) else text
        self._expression: re.Pattern[str] | None = None
        self._simple: _Simple | None = None
        self._states: _States | None = None

    def __repr__(self) -> str:
        return f"Glob({self.text!r})"

    def matches(self, path: str) -> bool:
        """Whether the whole of a path matches. A pattern with a problem matches nothing, and so does
        one of an ignore file with a class of characters (backslash, `d`): it is meant for a path of Windows.
        """
        if self.literal is not None:
            return path == self.literal
        if self._simple is not None:
            return self._simple.matches(path)
        if self._expression is None and self._states is None:
            self._compile()
            return self.matches(path)
        if self._expression is not None:
            return self._expression.fullmatch(path) is not None
        return self._states is not None and self._states.match(path)

    def _compile(self) -> None:
        if problem(self.text) is not None or (self._double_star and separator(self.text) is not None):
            self._expression = re.compile(r"(?!)")
            return
        text = self.text
        if self._double_star and text.startswith("**") and not re.search(r"[*?\[\\]", text[2:]):
            # As moby has it: `**` in front of plain text is a test of the path's end. Only with a `/` behind it does
            # it stand at the beginning of a name.
            tail = text[2:].removeprefix("/")
            self._simple = _Simple(True, tail, None) if text[2:3] == "/" else _Simple(False, "", _ANY, tail)
            return
        tokens = _tokens(text, double_star=self._double_star)
        self._simple = _simple(tokens)
        if self._simple is not None:
            return
        if sum(token in (_STAR, _ANY, _DEEP) for token in tokens) > _MOST_STARS:
            self._states = _States(tokens)
        else:
            self._expression = re.compile("".join(map(_regex, tokens)), re.DOTALL)


class _Simple(NamedTuple):
    """A pattern of plain text that holds at most one star, as nearly all are: `*.pyc`, `**/.env.*`, `docs/**`."""

    deep: bool  # it begins with `**/`
    head: str
    star: str | None  # `_STAR` or `_ANY`, behind the head
    tail: str = ""

    def matches(self, path: str) -> bool:
        """Whether the whole of a path matches."""
        if self.star is None:
            return path == self.head or (self.deep and path.endswith(f"/{self.head}"))
        if self.deep:  # then head and tail have no slash
            if self.star == _ANY:
                return path.startswith(self.head) or f"/{self.head}" in path
            path = path.rpartition("/")[2]
        end = len(path) - len(self.tail)
        return (
            end >= len(self.head)
            and path.startswith(self.head)
            and path.endswith(self.tail)
            and (self.star == _ANY or path.find("/", len(self.head), end) < 0)
        )


def _simple(tokens: tuple[Token, ...]) -> _Simple | None:
    """A pattern that is plain text with at most one star; None for any other."""
    deep = tokens[:1] == (_DEEP,)
    plain, star = ["", ""], None
    for token in tokens[deep:]:
        if isinstance(token, str) and len(token) == 1:
            plain[star is not None] += token
        elif star is None and token in (_STAR, _ANY):
            star = str(token)
        else:
            return None
    head, tail = plain
    if deep and star == _STAR and "/" in head + tail:
        return None
    return _Simple(deep, head, star, tail)


_REGEX = {_STAR: "[^/]*", _ANY: ".*", _DEEP: "(?:.*/)?"}


def _regex(token: Token) -> str:
    if isinstance(token, str):
        return _REGEX.get(token) or re.escape(token)
    members = "".join(
        f"\\U{ord(low):08x}-\\U{ord(high):08x}" for low, high in token.ranges if low <= high
    )  # a range that runs backwards holds nothing
    if token.negated:
        return f"[^{members}]" if members else "."
    return f"[{members}]" if members else "(?!)"


class _States:
    """A pattern as a machine whose set of states is one integer: bit n means that the first n tokens are done."""

    __slots__ = ("_advance", "_double", "_end", "_keep", "_needed", "_skip", "_tokens")

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        parts: list[Token] = []
        for token in tokens:
            # `**/` is two states: it may be left out as a whole, and once begun it ends with a slash.
            parts += (_DEEP, _INSIDE) if token == _DEEP else (token,)
        self._tokens = tuple(parts)
        literals = "".join(token if isinstance(token, str) and len(token) == 1 else "\0" for token in parts)
        self._needed = tuple(run for run in literals.split("\0") if run)  # a look at these spares most paths the rest
        self._end = 1 << len(parts)
        self._skip = sum(1 << at for at, token in enumerate(parts) if token in (_STAR, _ANY, _DEEP))
        self._double = sum(1 << at for at, token in enumerate(parts) if token == _DEEP)
        self._advance: dict[str, int] = {}
        self._keep: dict[str, int] = {}

    def match(self, path: str) -> bool:
        """Whether the whole of a path matches."""
        for run in self._needed:
            if run not in path:
                return False
        state = self._closed(1)
        for char in path:
            if char not in self._advance:
                self._learn(char)
            state = self._closed(((state & self._advance[char]) << 1) | (state & self._keep[char]))
            if not state:
                return False
        return bool(state & self._end)

    def _closed(self, state: int) -> int:
        """With every state that is reached without a character."""
        while True:
            more = state | ((state & self._skip) << 1) | ((state & self._double) << 2)
            if more == state:
                return state
            state = more

    def _learn(self, char: str) -> None:
        advance = keep = 0
        for at, token in enumerate(self._tokens):
            bit = 1 << at
            if token == _INSIDE:
                keep |= bit
                advance |= bit if char == "/" else 0
            elif token == _ANY or (token == _STAR and char != "/"):
                keep |= bit
            elif isinstance(token, Characters):
                advance |= bit if token.matches(char) else 0
            elif token == char:
                advance |= bit
        self._advance[char] = advance
        self._keep[char] = keep


@lru_cache(maxsize=4096)  # a few paths are asked of again and again
def clean(path: str) -> str:
    """A path as Go's `filepath.Clean` has it: without doubled slashes, `.` and `x/..`; `.` for nothing at all."""
    if path[:1] not in (".", "") and "//" not in path and "/." not in path and path[-1] != "/":
        return path  # as nearly every path is
    rooted = path.startswith("/")
    parts: list[str] = []
    for part in path.split("/"):
        if part in ("", "."):
            continue
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part != ".." or not rooted:
            parts.append(part)
    joined = "/".join(parts)
    return f"/{joined}" if rooted else joined or "."
