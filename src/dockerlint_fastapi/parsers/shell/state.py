"""What the shell parser remembers while it reads: open constructs, the word and command being built, work put off."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable

from dockerlint_fastapi.model.shell import Assignment, Redirect, ShellWord, SimpleCommand
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Problem, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias


Locate: TypeAlias = Callable[[int, int], Span]
Nesting: TypeAlias = tuple[str, ...]

MAX_DEPTH = 50
"""Levels of nesting in which commands are still reported; what lies deeper is read only to find its end.
It keeps the sum of all `nesting` tuples and word texts proportional to the input."""

MAX_PROBLEMS = 100
"""Problems kept of one script; the first one is what a shell would stop at."""

MAX_PUT_OFF = 8
"""How deep backticks and here-document bodies may lie in each other: each level reads its text once more."""


class Mode(NamedTuple):
    """A quoting construct open within a word.

    `kind`: `"` double quotes, `{` and `q{` (the same inside double quotes) for `${…}`, `((` arithmetic, `(` parentheses
    in it, `[` for `$[…]`, `glob` for `@(…)`, `array` for `name=(…)`, `body` for a here-document's text.
    """

    kind: str
    start: int
    mark: Mark | None = None  # where to take up again when `((` turns out to be two parentheses


class Mark(NamedTuple):
    """How much had been produced at a point of the text, so that everything after it can be taken back."""

    commands: int
    comments: int
    problems: int
    put_off: int
    cuts: int
    pending: int


class Word:
    """A word being read. `parts` are its literal pieces, worth something only while `known`."""

    __slots__ = ("array_tried", "known", "modes", "parts", "quoted", "start")

    def __init__(self, start: int) -> None:
        self.start = start
        self.parts: list[str] = []
        self.known = True
        self.quoted = False
        self.array_tried = False
        self.modes: list[Mode] = []


class Draft:
    """A simple command being built; offsets are those of the text it stands in, `order` that of the whole script."""

    __slots__ = ("after", "assignments", "before", "end", "nesting", "order", "redirects", "span", "start", "words")

    def __init__(self, start: int, before: str, nesting: Nesting) -> None:
        self.start = start
        self.end = start
        self.before = before
        self.after = ""
        self.nesting = nesting
        self.words: list[ShellWord] = []
        self.assignments: list[Assignment] = []
        self.redirects: list[Redirect] = []
        self.order = start
        self.span: Span | None = None

    def command(self) -> SimpleCommand:
        """The finished command."""
        assert self.span is not None  # noqa: S101 - set when the draft was taken over
        return SimpleCommand(
            tuple(self.words),
            tuple(self.assignments),
            tuple(self.redirects),
            self.before,
            self.after,
            self.nesting,
            self.span,
        )


class Target(NamedTuple):
    """What the word being read is for: `word`, `redirect`, `skip` (a pattern, a loop's items), `arithmetic`, `body`."""

    use: str
    start: int = 0
    fd: str = ""
    operator: str = ""
    draft: Draft | None = None


WORD = Target("word")
SKIP = Target("skip")


class HereDocument(NamedTuple):
    """A here-document whose body begins at the next line end."""

    delimiter: str
    literal: bool  # its delimiter was quoted: nothing in the body is expanded
    strip: bool  # `<<-`
    start: int
    end: int
    draft: Draft
    redirect: int  # which redirection of the draft, -1 when that is not kept
    nesting: Nesting


class Frame:
    """An open construct that holds a list of commands (or, for `[[`, words), and how far it has come.

    `kind` is a word of `SimpleCommand.nesting`, or `script`, `test`. `state` is what it waits for: `list`, `braces`,
    `else` (commands, up to its end), `condition` (commands, up to `then` or `do`), `name`, `in`, `items`, `do` (the
    heads of loops), `subject`, `patterns` (of `case`); within `[[`, `regex` behind `=~`.
    """

    __slots__ = (
        "closer",
        "compound",
        "current",
        "function",
        "inner",
        "kind",
        "negated",
        "nesting",
        "op",
        "parens",
        "pending",
        "previous",
        "record",
        "some",
        "start",
        "state",
        "target",
        "width",
        "word",
    )

    def __init__(
        self, kind: str, state: str, closer: str, start: int, *, width: int, nesting: Nesting, record: bool
    ) -> None:
        self.kind = kind
        self.state = state
        self.closer = closer  # the token that ends it in state `list`
        self.start = start
        self.width = width  # of the opening token
        self.nesting = nesting
        self.record = record
        self.word: Word | None = None
        self.target = WORD
        self.parens = -1  # index on the stack of the nearest construct that `)` ends
        self.pending: deque[HereDocument] = deque()  # of the text round it, while it is open
        self.inner = 0  # `[[`: open parentheses; `case`: patterns seen in this item
        self.fresh()

    def fresh(self) -> None:
        """Begin a new list."""
        self.op = ""
        self.some = False  # the list has an item
        self.current: Draft | None = None
        self.previous: Draft | None = None  # the item before, while only `;` stands behind it
        self.compound = False  # the item just read was a compound command: redirections may follow
        self.negated = False
        self.function = False  # `name()` was read and its body comes next


class Output:
    """What all parts of one script produce together."""

    __slots__ = ("commands", "comments", "locate", "nestings", "problems", "put_off", "too_deep")

    def __init__(self, locate: Locate) -> None:
        self.locate = locate
        self.commands: list[Draft] = []
        self.comments: list[tuple[int, Span]] = []
        self.problems: list[tuple[int, Problem]] = []
        self.put_off: list[PutOff] = []
        self.nestings: dict[tuple[Nesting, str], Nesting] = {}
        self.too_deep = False

    def within(self, nesting: Nesting, kind: str) -> Nesting:
        """The nesting one level deeper; equal ones are one object."""
        key = (nesting, kind)
        found = self.nestings.get(key)
        if found is None:
            found = self.nestings[key] = (*nesting, kind)
        return found


class Place:
    """Where the characters of a text stand in the script.

    A put-off text begins at `origin` of the text round it (`outer`, None for the script itself); `dropped` are the
    offsets, ascending, of its characters that have lost a backslash in front.
    """

    __slots__ = ("dropped", "origin", "outer")

    def __init__(self, outer: Place | None = None, origin: int = 0, dropped: tuple[int, ...] = ()) -> None:
        self.outer = outer
        self.origin = origin
        self.dropped = dropped

    def offset(self, at: int) -> int:
        """The script offset of the character at `at`."""
        place: Place | None = self
        while place is not None and place.outer is not None:
            at += place.origin + bisect_right(place.dropped, at)
            place = place.outer
        return at

    def stretch(self, start: int, end: int) -> tuple[int, int]:
        """The script offsets of the characters from `start` to `end`."""
        if self.outer is None:
            return start, end
        if end <= start:
            at = self.offset(start)
            return at, at
        return self.offset(start), self.offset(end - 1) + 1


class PutOff(NamedTuple):
    """A text that is parsed when the one it stands in is done: what backticks hold, a here-document's body."""

    text: str
    start: int
    end: int
    place: Place
    body: bool
    nesting: Nesting
    depth: int  # levels of nesting round it
    level: int  # of putting off
