"""A clause: one instruction of a joined line, and the making of its words, flags and JSON strings with their places."""

from __future__ import annotations

from dockerlint_fastapi.model.dockerfile import Flag, Heredoc, Instruction, Word
from dockerlint_fastapi.parsers.dockerfile import heredocs
from dockerlint_fastapi.parsers.dockerfile.flags import EXPANDED_FLAGS, wrong_flag
from dockerlint_fastapi.parsers.dockerfile.scan import Joined, Scan
from dockerlint_fastapi.parsers.dockerfile.variables import Lookup, expand
from dockerlint_fastapi.parsers.dockerfile.words import NotStringsError, Parts, Stretch, json_words, plain_words
from dockerlint_fastapi.source import Problem, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    InstructionT = TypeVar("InstructionT", bound=Instruction)


class RefusedError(Exception):
    """An instruction that Docker does not accept: the place, what is wrong, what was expected."""

    def __init__(self, span: Span, message: str, expected: str = "") -> None:
        super().__init__(message)
        self.problem = Problem(span, message, expected)


class Clause:
    """One instruction in a joined line, with the means to make its tokens. Behind ONBUILD it is a part of the line."""

    __slots__ = ("keyword", "line", "lookup", "onbuild", "parts", "problem", "scan")

    def __init__(self, scan: Scan, line: Joined, parts: Parts, keyword: str, lookup: Lookup, *, onbuild: bool) -> None:
        self.scan = scan
        self.line = line
        self.parts = parts
        self.keyword = keyword
        self.lookup = lookup
        self.onbuild = onbuild
        self.problem: Problem | None = None  # the first thing that Docker would refuse, when the rest still makes sense

    @property
    def escape(self) -> str:
        """The file's escape character."""
        return self.scan.escape

    @property
    def text(self) -> str:
        """The arguments, joined."""
        return self.line.text[self.parts.start : self.parts.end]

    def span(self, start: int, end: int) -> Span:
        """The place of a stretch of the line."""
        return self.line.span(start, end)

    @property
    def keyword_span(self) -> Span:
        """The place of the keyword."""
        return self.line.span(self.parts.keyword_start, self.parts.keyword_end)

    @property
    def behind(self) -> Span:
        """The place of the arguments; the keyword's when there are none."""
        return (
            self.line.span(self.parts.start, self.parts.end) if self.parts.start < self.parts.end else self.keyword_span
        )

    def object(self, problem: Problem | None) -> None:
        """Notes a problem that leaves the instruction readable, if there is one; the first counts."""
        if self.problem is None:
            self.problem = problem

    def value(self, text: str, start: int) -> str | None:
        """A word's value; `start` is its offset in the line, for the place of what is wrong with it."""
        result = expand(text, self.lookup, self.escape)
        if result.error:
            at = min(start + result.at, max(self.parts.end - 1, start))
            self.object(Problem(self.span(at, at + 1), result.error, "a complete word"))
        return result.value

    def word(self, stretch: Stretch) -> Word:
        """A word that Docker expands."""
        start, end, _ = stretch
        text = self.line.text[start:end]
        return Word(text, self.value(text, start), self.line.span(start, end))

    def json_word(self, stretch: Stretch, *, expanded: bool) -> Word:
        """A string of a JSON array, as one word."""
        start, end, value = stretch
        return Word(
            self.line.text[start:end],
            self.value(value, start) if expanded else value,
            self.line.span(start, end),
        )

    def json(self) -> list[Stretch] | None:
        """The arguments as a JSON array of strings; None when they are none."""
        if not self.line.text.startswith("[", self.parts.start, self.parts.end):
            return None
        try:
            return json_words(self.line.text, self.parts.start, self.parts.end)
        except NotStringsError:
            raise RefusedError(
                self.behind, "a JSON array may hold only strings", "every element in double quotes"
            ) from None

    def words(self) -> list[Word]:
        """The arguments as words: a JSON array, or parted by blanks; both are expanded."""
        array = self.json()
        if array is not None:
            return [self.json_word(one, expanded=True) for one in array]
        return [self.word(one) for one in plain_words(self.line.text, self.parts.start, self.parts.end)]

    def rest(self) -> Word:
        """All the arguments as one word (WORKDIR, USER, STOPSIGNAL)."""
        if self.parts.start == self.parts.end:
            raise RefusedError(self.keyword_span, f"{self.keyword} needs an argument", "exactly one argument")
        return self.word(Stretch(self.parts.start, self.parts.end, ""))

    def flags(self) -> tuple[Flag, ...]:
        """The flags in front of the arguments."""
        if not self.parts.flags:
            return ()
        flags: list[Flag] = []
        for start, end, word in self.parts.flags:
            name, equals, value = word[2:].partition("=")
            written = self.line.text[start:end].partition("=")
            flags.append(
                Flag(
                    name,
                    None if not equals else self.value(value, start) if name in EXPANDED_FLAGS else value,
                    written[2],
                    self.line.span(start, end),
                )
            )
        return tuple(flags)

    def heredocs(self) -> tuple[Heredoc, ...]:
        """The heredocs whose bodies follow the line."""
        return tuple(_heredoc(self.line, body) for body in self.line.bodies)

    def fill(self, instruction: InstructionT, *, checked: bool = True) -> InstructionT:
        """Sets what every instruction has; notes flags that the instruction does not take.

        `checked` is False for ARG and STOPSIGNAL, whose flags Docker does not look at.
        """
        line, parts = self.line, self.parts
        instruction.keyword = self.keyword
        instruction.keyword_span = self.keyword_span
        instruction.span = line.span(parts.keyword_start, parts.end)
        instruction.text = self.text
        instruction.arguments_span = line.span(parts.start, parts.end)
        instruction.flags = flags = self.flags()
        instruction.onbuild = self.onbuild
        instruction.heredocs = ()
        instruction.full_span = instruction.span
        if line.bodies:
            instruction.heredocs = self.heredocs()
            end = self.scan.starts[line.end_row] + len(self.scan.rows[line.end_row].rstrip("\r"))
            # a body without its terminator ends with its line
            end = max(end, instruction.span.end, line.bodies[-1].end)
            instruction.full_span = Span(self.scan.source, instruction.span.start, end)
        base = parts.start
        instruction._locate = lambda start, end: line.span(base + start, base + end)  # noqa: SLF001 - the parser fills the model
        if flags and checked:
            self.object(wrong_flag(self.keyword, flags, parts.flags))
        return instruction


def _heredoc(line: Joined, body: heredocs.Body) -> Heredoc:
    opener = body.opener
    span = Span(line.source, body.start, body.end)
    text = span.text
    return Heredoc(
        opener.name,
        heredocs.strip_tabs(text) if opener.chomp else text,
        span,
        opener.expand,
        opener.chomp,
        opener.fd,
        line.span(opener.start, opener.end),
    )
