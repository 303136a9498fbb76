"""Text and places: what a file says, and where. Nothing of Docker is known here."""

from __future__ import annotations

from bisect import bisect_right

from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol
else:
    Protocol = object

BOM = b"\xef\xbb\xbf"


class Source:
    r"""One file's text, with the arithmetic from offsets to lines and columns.

    `path` is relative to the project's root, `/`-separated; `shown` is the same file as a user at the
    working directory would name it. `data` gives the exact bytes.
    `text` is the decoded content without a byte order mark: UTF-8, and a byte that is not UTF-8
    becomes one surrogate character (`surrogateescape`), so nothing is lost and
    `encode(text)` gives the bytes back. `private` says that the values in it may be secrets, as those of an env file:
    they are not shown to anyone. Lines end at `\n`; a `\r` before it belongs to the ending. `parsed` keeps what parsers
    have made of it, each under a name of its own, so that no file is parsed twice.
    """

    __slots__ = ("_data", "_starts", "bom", "parsed", "path", "private", "shown", "text")

    def __init__(self, path: str, data: bytes, shown: str | None = None) -> None:
        self.path = path
        self.shown = path if shown is None else shown
        self._data: bytes | None = data
        self.bom = data.startswith(BOM)
        self.text = (data[len(BOM) :] if self.bom else data).decode("utf-8", "surrogateescape")
        self._starts: list[int] | None = None
        self.private = False
        self.parsed: dict[str, object] = {}

    @classmethod
    def of(cls, text: str, path: str = "Dockerfile") -> Source:
        """A source made from text, for tests and for examples on pages."""
        return cls(path, text.encode("utf-8", "surrogateescape"))

    def __repr__(self) -> str:
        return f"Source({self.path!r}, {len(self.data)} bytes)"

    @property
    def data(self) -> bytes:
        """The exact bytes."""
        if self._data is None:
            return (BOM if self.bom else b"") + encode(self.text)
        return self._data

    def let_go(self) -> None:
        """Gives back what it keeps besides the text: what parsers made of it, and what can be found out again."""
        self.parsed.clear()
        self._data = self._starts = None

    def let_lines_go(self) -> None:
        """Gives back where its lines begin, which can be found out again."""
        self._starts = None

    @property
    def starts(self) -> list[int]:
        """The offset at which each line begins; the first is 0."""
        if self._starts is None:
            starts = [0]
            find = self.text.find
            at = find("\n")
            while at >= 0:
                starts.append(at + 1)
                at = find("\n", at + 1)
            self._starts = starts
        return self._starts

    def span(self, start: int, end: int) -> Span:
        """The characters from `start` up to, not including, `end`."""
        return Span(self, start, end)

    def position(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset, both counted from 1, columns in characters."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line (from 1) without its ending; empty past the last line."""
        starts = self.starts
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] - 1 if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].removesuffix("\r")

    def line_span(self, number: int) -> Span:
        """The characters of a line (from 1) without its ending."""
        start = self.starts[number - 1]
        return Span(self, start, start + len(self.line(number)))

    def undecodable(self) -> Span | None:
        """The first byte that is not UTF-8, or None."""
        try:
            self.data.decode("utf-8")
        except UnicodeDecodeError:
            for offset, char in enumerate(self.text):
                if "\udc80" <= char <= "\udcff":
                    return Span(self, offset, offset + 1)
        return None


class Span(NamedTuple):
    """A stretch of one source: half-open offsets into `source.text`, in characters.

    Through a continuation a span covers the physical text, so `span.text` may hold the escape
    character, line ends and comments that the token itself does not.
    """

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        """The characters as they stand in the file."""
        return self.source.text[self.start : self.end]

    @property
    def line(self) -> int:
        """Line of the first character, from 1."""
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        """Column of the first character, from 1, in characters."""
        return self.source.position(self.start)[1]

    @property
    def end_line(self) -> int:
        """Line of the place behind the last character, from 1."""
        return self.source.position(self.end)[0]

    @property
    def end_column(self) -> int:
        """Column of the place behind the last character, from 1 (exclusive, as SARIF counts)."""
        return self.source.position(self.end)[1]

    def to(self, other: Span) -> Span:
        """From the beginning of this span to the end of `other`, in the same source."""
        return Span(self.source, self.start, other.end)


class Located(Protocol):
    """Anything that knows where it stands."""

    @property
    def span(self) -> Span:
        """Where it stands."""


class Problem(NamedTuple):
    """Something that a parser could not accept: where, what is wrong, what was expected."""

    span: Span
    message: str
    expected: str = ""

    @property
    def brief(self) -> str:
        """The message on one line, with no more of the file's own text in it than can be read at a glance."""
        return _brief(self.message)

    @property
    def remedy(self) -> str | None:
        """What was expected, as advice, in the same way; None when that cannot be said."""
        return f"expected {_brief(self.expected)}" if self.expected else None


MAX_QUOTED = 60  # characters of the file's text between backticks in a message
MAX_MESSAGE = 190
_QUOTED = pattern(rf"`([^`]{{{MAX_QUOTED + 1},}})`")


def _brief(text: str) -> str:
    return _QUOTED.sub(lambda match: f"`{match[1][:MAX_QUOTED]}…`", " ".join(text.split()))[:MAX_MESSAGE]


def encode(text: str) -> bytes:
    """The bytes that `text` of a Source stands for, undecodable bytes included."""
    return text.encode("utf-8", "surrogateescape")
