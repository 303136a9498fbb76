r"""How Compose splits a string `command:`, `entrypoint:` or hook: by mattn/go-shellwords, not as a shell would.

Compose (compose-go) starts no shell for such a string. Its splitter knows quotes and backslashes only: it expands
nothing, `#` is an ordinary character, and the first unquoted `;`, `&`, `|`, `<` or `>` ends the command: what follows
is dropped silently. Bare parentheses are refused. Backticks and `$(...)` hold their blanks and operators together and
are passed on as written.

The rules are those of v1.0.13 (April 2026). By v1.0.12, which compose-go's own go.mod still names, `\t` and `\n` stand
for `t` and `n`, quotes within backticks and backslashes within both are handled otherwise, and all of `2x` in `2x>file`
is dropped: a word on which the two versions may disagree has no value. Compose interpolates `${NAME}` before it splits;
the text given here is taken to be interpolated.
"""

from __future__ import annotations

from dockerlint_fastapi.model.shell import ShellWord
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Problem, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_PLAIN = pattern(r"[^ \t\r\n\\\"'`();&|<>]+")
_BLANKS = " \t\r\n"
_OPERATORS = ";&|<>"
_ESCAPES = {"t": "\t", "n": "\n"}
_NAMES = {"'": "single quote", '"': "double quote", "`": "backtick", "(": "`$(`"}


class Split(NamedTuple):
    """A command string as Compose takes it apart.

    `dropped` is what Compose throws away: from the first operator (the digits of `2>` with it) to the end of the text.
    `problem` is why Compose refuses the string; `words` are then those before the fault.
    """

    words: tuple[ShellWord, ...]
    dropped: Span | None
    problem: Problem | None


def split_command(text: str, locate: Callable[[int, int], Span]) -> list[ShellWord] | Problem:
    """The words of a command string, or why Compose refuses it.

    `locate(start, end)` gives the span of `text[start:end]`.
    """
    split = split_string(text, locate)
    return list(split.words) if split.problem is None else split.problem


def split_string(text: str, locate: Callable[[int, int], Span]) -> Split:
    """The words of a command string, with what Compose drops and why it refuses it."""
    splitter = _Splitter(text, locate)
    dropped, problem = splitter.run()
    return Split(tuple(splitter.words), dropped, problem)


class _Splitter:
    """The state of one splitting."""

    __slots__ = ("locate", "opened", "parts", "quote", "real", "start", "sure", "text", "words")

    def __init__(self, text: str, locate: Callable[[int, int], Span]) -> None:
        self.text = text
        self.locate = locate
        self.words: list[ShellWord] = []
        self.quote = ""  # what is open: a quote character, a backtick, or `(` for `$(`
        self.opened = 0  # where
        self.fresh()

    def fresh(self) -> None:
        """Before a word."""
        self.start = -1  # where the word began
        self.real = False  # there is a word: an empty one needs its closing quote
        self.sure = True  # both versions make the same of it
        self.parts: list[str] = []

    def add(self, piece: str) -> None:
        """More of the word's value."""
        self.parts.append(piece)
        self.real = True

    def finish(self, end: int) -> None:
        """The word ends."""
        if self.real:
            value = "".join(self.parts) if self.sure else None
            self.words.append(ShellWord(self.text[self.start : end], value, self.locate(self.start, end)))
        self.fresh()

    def run(self) -> tuple[Span | None, Problem | None]:
        """Split; answer what is dropped and what is refused."""
        text, length = self.text, len(self.text)
        at = 0
        while at < length:
            char = text[at]
            if char in _BLANKS and not self.quote:
                self.finish(at)
                at += 1
                continue
            if self.start < 0:
                self.start = at
            plain = _PLAIN.match(text, at)
            if plain:
                self.add(plain[0])
                at = plain.end()
            elif char == "\\" and self.quote != "'":
                if at + 1 >= length:
                    return None, Problem(self.locate(at, length), "nothing follows the backslash", "a character")
                self._escaped(text[at + 1])
                at += 2
            elif char in _OPERATORS and not self.quote:
                return self._cut(at), None
            elif not self._special(char, at):
                return None, Problem(self.locate(at, at + 1), f"Compose refuses a bare `{char}`", "quotes around it")
            else:
                at += 1
        if self.quote:
            where = self.locate(self.opened, self.opened + (2 if self.quote == "(" else 1))
            return None, Problem(where, f"{_NAMES[self.quote]} is never closed")
        self.finish(length)
        return None, None

    def _escaped(self, char: str) -> None:
        if self.quote in ("`", "("):
            self.add("\\" + char)
            self.sure = False
            return
        if char in _ESCAPES:
            self.sure = False
        self.add(_ESCAPES.get(char, char))

    def _special(self, char: str, at: int) -> bool:
        """A quote, a parenthesis, or anything within quotes; False when it is refused."""
        quote = self.quote
        if char == quote and char != "(":
            self.quote = ""
            if char == "`":
                self.add(char)
            self.real = True
        elif char == ")" and quote == "(":
            self.quote = ""
            self.add(char)
        elif char == "(" and quote == "(":
            return False
        elif quote:
            # blanks alone do not make a word, the closing quote does
            if char in "'\"" and quote == "`":
                self.sure = False
            self.add(char)
        elif char == "(":
            before = "".join(self.parts[-2:])  # no part is empty
            if not before.endswith("$") or before.endswith("\\$"):
                return False
            self.quote, self.opened = char, at - 1
            self.add(char)
        elif char == ")":
            return False
        else:
            self.quote, self.opened = char, at
            if char == "`":
                self.add(char)
        return True

    def _cut(self, at: int) -> Span:
        """An operator ends the command; the digits of a redirection go with it."""
        start = at
        value = "".join(self.parts)
        if self.text[at] == ">" and value[:1].isascii() and value[:1].isdigit():
            if value.isascii() and value.isdigit():
                start = self.start
                self.real = False
            else:
                self.sure = False  # v1.0.12 drops it, v1.0.13 keeps it
        self.finish(at)
        return self.locate(start, len(self.text))
