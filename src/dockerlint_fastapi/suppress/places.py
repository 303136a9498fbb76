"""Where a comment speaks of, by the kind of file that it stands in."""

from __future__ import annotations

import re
from bisect import bisect_left

from dockerlint_fastapi.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_ROWS = 5000  # of one value of a TOML file
_STRINGS = r"#.*|\"(?:[^\"\\]|\\.)*\"|'[^']*'"
# The key of a YAML entry: outer space, dashes of sequences, the key, and its value if one stands beside it.
_ENTRY = (
    r"(?P<before>[ \t]*(?:-[ \t]+)*)"
    r"(?:\"(?:[^\"\\]|\\.)*\"|'[^']*'|[^\s#'\"\[\]{},:][^:#\n]*?)[ \t]*:(?:[ \t]+(?P<value>.*))?$"
)
_ITEM = r"(?P<before>[ \t]*(?:-[ \t]+)*)-[ \t]+(?P<value>\S.*)$"
_PROPERTIES = r"(?:[&!]\S*[ \t]*)*(?:#.*)?"


class InDockerfile:
    """Where a comment of a Dockerfile speaks of: by the logical lines as BuildKit joins them."""

    knows_others = True

    def __init__(self, source: Source) -> None:
        # imported here: few files hold a pragma
        from dockerlint_fastapi.parsers.dockerfile.scan import scan  # noqa: PLC0415

        scanned = scan(source)
        self.source = source
        self.lines = [(line.first_row, line.last_row, line.end_row, line.keyword.upper()) for line in scanned.lines]
        self.directive_rows = {directive.span.line - 1 for directive in scanned.directives}

    def scope(self, row: int, _begin: int) -> tuple[int, int]:
        """The offsets of the instruction that the comment is in, or of the next one."""
        for first, _, last, _ in self._from(row):
            return _rows(self.source, first, last)
        return (-1, -1)

    def holds(self, _begin: int) -> bool:
        """Whether what looks like a comment is one."""
        return True

    def misplaced(self, row: int, begin: int) -> str | None:
        """Why Docker takes this for no comment, or None."""
        for first, last, _, keyword in self._from(row):
            alone = not self.source.text[self.source.starts[row] : begin].strip()
            if first <= row <= last and not alone and keyword != "RUN":
                return f"is no comment to Docker but a part of the {keyword}: put it on the line above"
            break
        return None

    def _from(self, row: int) -> Iterator[tuple[int, int, int, str]]:
        """The logical lines from the one that holds the row, or the first below it."""
        low, high = 0, len(self.lines)
        while low < high:
            middle = (low + high) // 2
            if self.lines[middle][2] < row:
                low = middle + 1
            else:
                high = middle
        yield from self.lines[low : low + 1]


class InYaml:
    """Where a comment of a compose file speaks of: by lines and their indentation."""

    knows_others = False
    directive_rows: frozenset[int] = frozenset()

    def __init__(self, source: Source) -> None:
        self.source = source
        self.rows = [row.removesuffix("\r") for row in source.text.split("\n")]
        self._lasts: dict[int, int] = {}
        self._next = [0] * len(self.rows)  # for each row, the first from it on that is more than a comment
        following = len(self.rows)
        for row in range(len(self.rows) - 1, -1, -1):
            text = self.rows[row].lstrip()
            if text and text[0] != "#":
                following = row
            self._next[row] = following

    def scope(self, row: int, begin: int) -> tuple[int, int]:
        """The offsets of the entry that begins on the comment's line or, for a comment alone on its line, below it.

        A value that goes on over further lines belongs to the entry; what is nested below it does not.
        """
        first = row
        if not self.source.text[self.source.starts[row] : begin].strip():
            first = self._next[row]
        if first >= len(self.rows):
            return (-1, -1)
        if first not in self._lasts:
            self._lasts[first] = self._last(first)
        return _rows(self.source, first, self._lasts[first])

    def holds(self, _begin: int) -> bool:
        """Whether what looks like a comment is one."""
        return True

    def misplaced(self, _row: int, _begin: int) -> str | None:
        """YAML takes a `#` behind a space for a comment everywhere that matters here."""
        return None

    def _last(self, first: int) -> int:
        """The last row of the value that begins on a row."""
        line = self.rows[first]
        entry = re.match(_ENTRY, line)
        item = None if entry else re.match(_ITEM, line)
        value = (entry["value"] or "") if entry else (item["value"] if item else "")
        if re.fullmatch(_PROPERTIES, value):
            return first
        head = entry or item
        if head is None:
            return first
        column = len(head["before"])
        last = first
        for row in range(first + 1, len(self.rows)):
            text = self.rows[row]
            stripped = text.lstrip(" \t")
            if not stripped:
                continue
            closing = value[:1] in "[{" and len(text) - len(stripped) == column and stripped[0] in "]}"
            if len(text) - len(stripped) <= column and not closing:
                break
            last = row
        return last


class InIgnoreFile(InYaml):
    """Where a comment of a `.dockerignore` speaks of: the pattern below it."""

    def scope(self, row: int, _begin: int) -> tuple[int, int]:
        """The offsets of the next line that is more than a comment."""
        first = self._next[row]
        return _rows(self.source, first, first) if first < len(self.rows) else (-1, -1)

    def misplaced(self, row: int, begin: int) -> str | None:
        """Why Docker takes this for no comment, or None."""
        if begin == self.source.starts[row]:
            return None
        return "is no comment to Docker but a part of the pattern: put it on a line of its own, in the first column"


class InLines(InYaml):
    """Where a comment of a script, a requirements file, a TOML file or a file of variables speaks of: the line that it
    ends, or the one below it, with the lines that a backslash or (in TOML) an open bracket joins to it.
    """

    def __init__(self, source: Source, *, brackets: bool = False) -> None:
        super().__init__(source)
        self.brackets = brackets
        self._first = list(range(len(self.rows)))  # for each row, the first of those that backslashes join to it
        for row in range(1, len(self.rows)):
            if self._continues(row - 1):
                self._first[row] = self._first[row - 1]

    def _continues(self, row: int) -> bool:
        text = self.rows[row]
        return (len(text) - len(text.rstrip("\\"))) % 2 == 1

    def scope(self, row: int, begin: int) -> tuple[int, int]:
        """The offsets of the line that the comment ends, or of the next one that is more than a comment."""
        first = row
        if not self.source.text[self.source.starts[row] : begin].strip():
            first = self._next[row]
        if first >= len(self.rows):
            return (-1, -1)
        first = self._first[first]
        if first not in self._lasts:
            self._lasts[first] = self._closing(first) if self.brackets else self._joined(first)
        return _rows(self.source, first, self._lasts[first])

    def _joined(self, first: int) -> int:
        last = first
        while last + 1 < len(self.rows) and self._first[last + 1] == first:
            last += 1
        return last

    def _closing(self, first: int) -> int:
        """The row in which what a row opens is closed again."""
        depth = 0
        for row in range(first, min(first + MAX_ROWS, len(self.rows))):
            text = re.sub(_STRINGS, "", self.rows[row])
            depth += sum((char in "[{") - (char in "]}") for char in text)
            if depth <= 0:
                return row
        return first


class InPython(InLines):
    """Where a comment of a Python file speaks of: the statement that it ends or stands above, or, between the lines of
    one, the line that it ends or stands above. Text that looks like a comment in a string is none.
    """

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._comments: set[int] | None = set()
        self._statements: list[tuple[int, int]] = []  # the first and last row of each, compound ones by their heads
        try:
            self._read(self._comments)
        except Exception:  # noqa: BLE001 - tokenize raises whatever it likes on what is no Python; lines are left then
            self._comments = None

    def _read(self, comments: set[int]) -> None:
        import tokenize  # noqa: PLC0415 - few Python files hold a pragma

        other = (tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING, tokenize.ENDMARKER)
        lines = iter([f"{row}\n" for row in self.rows])
        first: int | None = None
        for token in tokenize.generate_tokens(lambda: next(lines, "")):
            row = token.start[0] - 1
            if token.type == tokenize.COMMENT:
                comments.add(self.source.starts[row] + token.start[1])
            elif token.type == tokenize.NEWLINE:
                if first is not None:
                    self._statements.append((first, row))
                first = None
            elif token.type not in other and first is None:
                first = row

    @property
    def statements(self) -> list[tuple[int, int]] | None:
        """The first and last row of each statement, compound ones by their heads; None when it is no Python."""
        return None if self._comments is None else self._statements

    def holds(self, begin: int) -> bool:
        """Whether what looks like a comment is one."""
        return self._comments is None or begin in self._comments

    def scope(self, row: int, begin: int) -> tuple[int, int]:
        """The offsets of the statement or the line."""
        if self._comments is None:
            return super().scope(row, begin)
        at = bisect_left(self._statements, row, key=_last_of)
        if at == len(self._statements):
            return (-1, -1)
        first, last = self._statements[at]
        alone = not self.source.text[self.source.starts[row] : begin].strip()
        inside = first <= row <= last
        if not inside or (not alone and row in {first, last}):
            return _rows(self.source, first, last)
        if alone:
            row = min(self._next[row], last)
        return _rows(self.source, row, row)


def _last_of(statement: tuple[int, int]) -> int:
    return statement[1]


def _rows(source: Source, first: int, last: int) -> tuple[int, int]:
    """The offsets from the beginning of a row to the end of another."""
    return source.starts[first], source.line_span(last + 1).end


def places_of(source: Source, kind: str) -> InDockerfile | InYaml:
    """The places in a file. `kind` is `dockerfile`, `compose`, `dockerignore`, or anything else for a file whose name
    says what it is.
    """
    if kind == "dockerfile":
        return InDockerfile(source)
    if kind == "dockerignore":
        return InIgnoreFile(source)
    ending = source.path.rpartition("/")[2].rpartition(".")[2].lower()
    if kind == "compose" or ending in {"yml", "yaml"}:
        return InYaml(source)
    if ending in {"py", "pyi"} or re.match(r"#!.*\bpython", source.line(1)):
        return InPython(source)
    return InLines(source, brackets=ending == "toml")
