"""Docker's word processing: quotes, escapes and `$variables`, and what is known of the variables at each place.

`expand` turns a word into its value, or into None where the value cannot be told from the file. The same
lexer, told to keep everything as written, splits a line into the words among which `heredocs` looks for openers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from dockerlint_fastapi.parsers.dockerfile.words import SPACES, Stretch
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


MAX_VALUE = 100_000  # characters; a longer value counts as unknown, so doubling variables cannot eat the memory
MAX_DEPTH = 60  # of ${a:-${b:-…}}
MAX_PATTERN_WORK = 1_000_000  # pattern length times value length

# Set by BuildKit itself in the global scope; their values depend on the machine and on the command line.
PLATFORM_ARGS = frozenset(
    side + name for side in ("BUILD", "TARGET") for name in ("PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT")
) | {"TARGETSTAGE"}


# What Docker's own Python images set, besides PYTHON_VERSION and its like (docker-library/python).
_OF_PYTHON = frozenset(("PATH", "LANG", "GPG_KEY"))


class Unknown:
    """The value of a variable that is (or may be) set, but to what cannot be told from this file."""

    __slots__ = ()


class Unset(Unknown):
    """The value of a global ARG without a default: nothing, until `--build-arg` gives it one; or of a variable that the
    base image does not set. What `${name:-default}` falls back to then is as good as a default of the ARG itself.
    """

    __slots__ = ()


UNKNOWN: Final = Unknown()
UNSET: Final = Unset()
Lookup = Callable[[str], "str | Unknown | None"]  # None: certainly not set


class BadWordError(Exception):
    """A word that Docker refuses; `at` is the offset in it."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.message = message
        self.at = at


class Expanded(NamedTuple):
    """What became of a word. `value` is None when unknown; `error` says why Docker refuses it, at offset `at`."""

    value: str | None
    error: str = ""
    at: int = 0


class Scope:
    """What is known of the variables, and which SHELL is in force, at one place of a stage.

    `values` holds ARG and ENV alike; `environment` the names that ENV has set. `closed` means that nothing else
    can be set: there is no base image that could define more. `official` means that the base image is Docker's own
    Python, which sets few: `${PORT:-8000}` is then what it falls back to.
    """

    __slots__ = ("_shared", "closed", "environment", "official", "shell", "values", "windows")

    def __init__(self, *, closed: bool, shell: tuple[str, ...], windows: bool | None) -> None:
        self.values: dict[str, str | Unknown] = {}
        self.environment: set[str] = set()
        self.closed = closed
        self.shell = shell
        self.official = False
        self.windows = windows  # whether the image is a Windows one; None when that is open
        self._shared = False

    def child(self) -> Scope:
        """The scope with which a stage built on this one begins. ARGs are inherited just like ENV."""
        scope = Scope(closed=self.closed, shell=self.shell, windows=self.windows)
        scope.values = self.values
        scope.environment = self.environment
        scope.official = self.official
        scope._shared = self._shared = True
        return scope

    def _own(self) -> None:
        if self._shared:  # copied on the first write, so that a long chain of stages stays cheap
            self.values = dict(self.values)
            self.environment = set(self.environment)
            self._shared = False

    def lookup(self, name: str) -> str | Unknown | None:
        """The variable's value, UNKNOWN, or None when it is certainly not set."""
        value = self.values.get(name)
        if value is None and (not self.closed or name == "PATH"):
            # The base image may define it; PATH has a default even on scratch.
            return UNSET if self.official and name not in _OF_PYTHON and not name.startswith("PYTHON_") else UNKNOWN
        return value

    def set_env(self, name: str, value: str | None) -> None:
        """What ENV does."""
        self._own()
        self.values[name] = UNKNOWN if value is None else value
        self.environment.add(name)

    def set_arg(self, name: str, value: str | None, *, assigned: bool) -> None:
        """What ARG does with a default or an inherited global value (`assigned`), or without."""
        old = self.values.get(name)
        if not assigned and old is not None:
            return  # keeps what was there
        self._own()
        new = UNKNOWN if value is None else value
        if name in self.environment and old != new:
            # The reference says that ENV always wins; BuildKit lets the later one win.
            new = UNKNOWN
        self.values[name] = new

    def forget(self, name: str) -> None:
        """The variable may be anything from here on."""
        self._own()
        self.values[name] = UNKNOWN


def nothing_known(_name: str) -> str | Unknown | None:
    """The lookup for instructions behind ONBUILD: they run in another build."""
    return UNKNOWN


def expand(text: str, lookup: Lookup, escape: str) -> Expanded:
    """The value of a word: quotes and escapes removed, variables replaced."""
    if "$" not in text and "'" not in text and '"' not in text and escape not in text:
        return Expanded(text.removeprefix("\ufeff"))
    lexer = _Lexer(text, escape, lookup)
    try:
        value = lexer.run("", raw_escapes=False)
    except BadWordError as bad:
        return Expanded(None, bad.message, bad.at)
    except _TooDeepError:
        return Expanded(None)
    return Expanded(None if lexer.unknown else value)


def raw_words(text: str) -> list[Stretch]:
    """The words of a line with quotes, escapes and variables kept; none at all when Docker could not lex it.

    The offsets enclose the word; within `${…}` that holds spaces they are those of the whole expansion.
    """
    lexer = _Lexer(text, "\\", None, raw_quotes=True)
    words = _Words()
    try:
        lexer.run("", raw_escapes=True, words=words)
    except (BadWordError, _TooDeepError):
        return []
    return words.finish(len(text))


def lex_words(text: str, *, raw_quotes: bool) -> list[str]:
    """The words of a text with variables kept, as Docker reads a heredoc's name. Raises BadWordError."""
    lexer = _Lexer(text, "\\", None, raw_quotes=raw_quotes)
    words = _Words()
    try:
        lexer.run("", raw_escapes=False, words=words)
    except _TooDeepError as error:
        raise BadWordError("nested too deeply", 0) from error
    return [word.value for word in words.finish(len(text))]


class _TooDeepError(Exception):
    """More nesting than this lexer follows."""


class _Words:
    """Words in the making. `buffer` is the word so far, `start` where it began."""

    __slots__ = ("buffer", "done", "start")

    def __init__(self) -> None:
        self.buffer: list[str] = []
        self.start = 0
        self.done: list[Stretch] = []

    def add(self, text: str, start: int) -> None:
        if not text:
            return
        if not self.buffer:
            self.start = start
        self.buffer.append(text)

    def space(self, at: int) -> None:
        if self.buffer:
            self.done.append(Stretch(self.start, at, "".join(self.buffer)))
            self.buffer = []

    def finish(self, at: int) -> list[Stretch]:
        self.space(at)
        return self.done


@lru_cache(maxsize=4)
def _plain(escape: str, *, double: bool) -> re.Pattern[str]:
    """A run of characters without a meaning: outside quotes, or within double quotes."""
    mark = re.escape(escape)
    return pattern(f'[^"${mark}]+' if double else f"[^$<'\"{mark}}}/{SPACES}]+")


_DIGITS = pattern(r"\d+")
_NAME = pattern(r"\w+")  # letters, digits and _ of any script, as Go's unicode classes have it
_SPECIAL = "@*#?-$!0"


class _Lexer:
    """One pass over a word or line. Without a `lookup` every variable stays as written."""

    __slots__ = ("depth", "escape", "lookup", "pos", "raw_escapes", "raw_quotes", "size", "text", "unknown", "words")

    def __init__(self, text: str, escape: str, lookup: Lookup | None, *, raw_quotes: bool = False) -> None:
        self.text = text
        self.pos = 1 if text.startswith("\ufeff") else 0  # Go's scanner drops a byte order mark
        self.escape = escape
        self.lookup = lookup
        self.raw_quotes = raw_quotes
        self.raw_escapes = False
        self.unknown = False
        self.size = 0
        self.depth = 0
        self.words: _Words | None = None

    def run(self, stop: str, *, raw_escapes: bool, words: _Words | None = None) -> str:
        """Everything up to `stop` (consumed), or up to the end for ""."""
        if self.depth == 0:
            self.words = words
        elif self.words is not None:
            self.words.buffer = []  # BuildKit shares one buffer with nested expansions, and loses the word so far
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _TooDeepError
        before = self.raw_escapes
        self.raw_escapes = raw_escapes
        try:
            return self._run(stop, words)
        finally:
            self.raw_escapes = before
            self.depth -= 1

    def _run(self, stop: str, words: _Words | None) -> str:
        text, escape = self.text, self.escape
        plain = _plain(escape, double=False).match
        out: list[str] = []
        begin = self.pos
        while self.pos < len(text):
            at = self.pos
            run = plain(text, at)
            if run is not None:
                self.pos = run.end()
                out.append(run.group())
                if words is not None:
                    words.add(run.group(), at)
                continue
            char = text[at]
            if char == stop:
                self.pos += 1
                return "".join(out)
            if char == "$":
                piece = self._dollar()
                out.append(piece)
                if words is not None:
                    self._add_spaced(words, piece, at)
            elif char in ("'", '"'):
                piece = self._single() if char == "'" else self._double()
                out.append(piece)
                if words is not None:
                    words.add(piece, at)
            elif char == "<":
                piece = self._less()
                out.append(piece)
                if words is not None:
                    words.add(piece, at)
            elif char == escape:
                self.pos += 2
                piece = text[at : at + 2] if self.raw_escapes else text[at + 1 : at + 2]
                self.pos = min(self.pos, len(text))
                out.append(piece)
                if words is not None:
                    words.add(piece, at)
            else:
                self.pos += 1
                out.append(char)
                if words is not None:
                    if char in SPACES:
                        words.space(at)
                    else:
                        words.add(char, at)
        if stop:
            raise BadWordError(f"`{stop}` is missing", max(begin - 1, 0))
        return "".join(out)

    def _add_spaced(self, words: _Words, piece: str, at: int) -> None:
        """Adds what an expansion left; spaces in it part words, whose offsets are those of the expansion."""
        if not any(char in SPACES for char in piece):
            words.add(piece, at)
            return
        for char in piece:
            if char in SPACES:
                words.space(self.pos)
            else:
                words.add(char, at)

    def _single(self) -> str:
        start = self.pos
        end = self.text.find("'", start + 1)
        if end < 0:
            raise BadWordError("unterminated single quote", start)
        self.pos = end + 1
        return self.text[start : end + 1] if self.raw_quotes else self.text[start + 1 : end]

    def _double(self) -> str:
        text, escape = self.text, self.escape
        start = self.pos
        self.pos += 1
        plain = _plain(escape, double=True).match
        out: list[str] = ['"'] if self.raw_quotes else []
        while self.pos < len(text):
            at = self.pos
            run = plain(text, at)
            if run is not None:
                out.append(run.group())
                self.pos = run.end()
                continue
            char = text[at]
            if char == '"':
                self.pos += 1
                if self.raw_quotes:
                    out.append(char)
                return "".join(out)
            if char == "$":
                out.append(self._dollar())
                continue
            # the escape character: it takes the meaning of `"`, `$` and itself, and stays before anything else
            following = text[at + 1 : at + 2]
            self.pos += 1
            if self.raw_escapes:
                out.append(char)
            if not following:
                break
            if following in ('"', "$", escape):
                out.append(following)
                self.pos += 1
            else:
                out.append(char)
        raise BadWordError("unterminated double quote", start)

    def _less(self) -> str:
        """`<`, or `<<` together with the blanks behind it, which belong to a heredoc's opener."""
        start = self.pos
        self.pos += 1
        if self.text.startswith("<", self.pos):
            self.pos += 1
            while self.text[self.pos : self.pos + 1] in ("\t", "\r", " "):
                self.pos += 1
        return self.text[start : self.pos]

    def _name(self) -> str:
        text, start = self.text, self.pos
        found = _DIGITS.match(text, start)
        if found is None and start < len(text) and text[start] in _SPECIAL:
            self.pos += 1
            return text[start]
        if found is None:
            found = _NAME.match(text, start)
        if found is None:
            return ""
        self.pos = found.end()
        return found.group()

    def _get(self, name: str) -> str | Unknown | None:
        if self.lookup is None:
            return UNKNOWN
        if name in _SPECIAL or name.isdecimal():
            return None  # no instruction can set these
        return self.lookup(name)

    def _take(self, value: str | Unknown | None) -> str:
        """The text that a variable gives; remembers that the whole is unknown."""
        if isinstance(value, Unknown):
            self.unknown = True
            return ""
        if not value:
            return ""
        self.size += len(value)
        if self.size > MAX_VALUE:
            self.unknown = True
            return ""
        return value

    def _dollar(self) -> str:
        text, start = self.text, self.pos
        self.pos += 1
        if not text.startswith("{", self.pos):
            name = self._name()
            if not name:
                return "$"
            return f"${name}" if self.lookup is None else self._take(self._get(name))
        self.pos += 1
        following = text[self.pos : self.pos + 1]
        if not following:
            raise BadWordError("`}` is missing", start)
        if following in "{}:":
            raise BadWordError("bad substitution", start)
        name = self._name()
        char = text[self.pos : self.pos + 1]
        self.pos += 1
        if char == "}":
            return f"${{{name}}}" if self.lookup is None else self._take(self._get(name))
        colon = char == ":"
        if colon:
            char = text[self.pos : self.pos + 1]
            self.pos += 1
        if char and char in "+-?#%":
            if colon and char in "#%":
                raise BadWordError(f"unsupported modifier `:{char}`", start)
            word = self._until("}", start, raw_escapes=char in "#%")
            if self.lookup is None:
                return f"${{{name}{':' if colon else ''}{char}{word}}}"
            return self._modified(self._get(name), char, word, colon=colon)
        if char == "/" and not colon:
            every = text.startswith("/", self.pos)
            if every:
                self.pos += 1
            pattern = self._until("/", start, raw_escapes=True)
            replacement = self._until("}", start, raw_escapes=True)
            if self.lookup is None:
                return f"${{{name}/{pattern}/{replacement}}}"
            return self._replaced(self._get(name), pattern, replacement, every=every)
        if not char:
            raise BadWordError("`}` is missing", start)
        raise BadWordError(f"unsupported modifier `{':' if colon else ''}{char}`", start)

    def _until(self, stop: str, start: int, *, raw_escapes: bool) -> str:
        """What stands up to `stop` within the expansion that began at `start`."""
        try:
            return self.run(stop, raw_escapes=raw_escapes)
        except BadWordError as bad:
            if self.pos >= len(self.text):
                raise BadWordError(f"`{stop}` is missing", start) from bad
            raise

    def _modified(self, value: str | Unknown | None, char: str, word: str, *, colon: bool) -> str:
        if isinstance(value, Unset) and char == "-":
            return word
        if isinstance(value, Unknown):
            return self._take(value)
        absent = value is None or (colon and value == "")
        if char == "-":
            return word if absent else self._take(value)
        if char == "+":
            return "" if absent else word
        if char == "?":
            # Docker stops the build here; a build argument of the command line may save it
            return self._take(UNKNOWN if absent else value)
        longest = word.startswith(char)
        pattern = _pattern(word[1:] if longest else word)
        value = value or ""
        if pattern is None or len(pattern) * len(value) > MAX_PATTERN_WORK:
            return self._take(UNKNOWN)
        if char == "#":
            ends = _match_ends(pattern, value, 0)
            return self._take(value[max(ends) if longest else min(ends) :] if ends else value)
        ends = _match_ends(pattern[::-1], value[::-1], 0)
        return self._take(value[: len(value) - (max(ends) if longest else min(ends))] if ends else value)

    def _replaced(self, value: str | Unknown | None, pattern: str, replacement: str, *, every: bool) -> str:
        if isinstance(value, Unknown):
            return self._take(value)
        value = value or ""
        tokens = _pattern(pattern)
        # An empty match, and a `$` in what replaces every match, follow rules of Go's regular expressions.
        if not tokens or (every and "$" in replacement) or len(value) ** 2 * len(tokens) > MAX_PATTERN_WORK:
            return self._take(UNKNOWN)
        out: list[str] = []
        at = 0
        while at <= len(value):
            ends = _match_ends(tokens, value, at)
            if ends:
                if max(ends) == at:
                    return self._take(UNKNOWN)
                out.append(replacement)
                at = max(ends)
                if not every:
                    break
            else:
                out.append(value[at : at + 1])
                at += 1
        return self._take("".join(out) + value[at:])


# One token of a pattern: a character that stands for itself, or one of these two.
_ANY = "any"  # `?`
_STAR = "star"  # `*`


def _pattern(text: str) -> list[str] | None:
    """A shell pattern as tokens: `*`, `?` and escapes, no brackets. None for an escape that Docker refuses."""
    tokens: list[str] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char == "*":
            if tokens[-1:] != [_STAR]:
                tokens.append(_STAR)
        elif char == "?":
            tokens.append(_ANY)
        elif char == "\\":
            following = text[at + 1 : at + 2]
            if following in ("}", "/"):
                at += 1
                continue
            if following not in ("*", "?", "\\"):
                return None
            tokens.append(following)
            at += 1
        else:
            tokens.append(char)
        at += 1
    return tokens


def _match_ends(tokens: list[str], value: str, start: int) -> list[int]:
    """Every offset at which a match that begins at `start` can end. Work: tokens times characters."""
    places = {start}
    for token in tokens:
        if token == _STAR:
            low = min(places)
            stop = value.find("\n", low)  # `*` and `?` do not match a line end
            high = len(value) if stop < 0 else stop
            places = {*range(low, high + 1), *(place for place in places if place > high)}
        elif token == _ANY:
            places = {place + 1 for place in places if place < len(value) and value[place] != "\n"}
        else:
            places = {place + 1 for place in places if place < len(value) and value[place] == token}
        if not places:
            return []
    return sorted(places)
