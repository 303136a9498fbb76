"""The lines of a Dockerfile as BuildKit joins them, and where every character of them stands in the file.

dockerfile-parse does the splitting into instructions; it knows no heredocs and joins continuations in its own way
(and in quadratic time). So the scan first writes a *masked* text with the same number of lines, in which every logical
line stands whole on its first row, the rows below it are comments and bodies are blank; that is what it splits.

Columns and offsets are those of `Source.text` (characters). Sources of the rules: BuildKit's parser and the reference.
"""

from __future__ import annotations

import io
import re
from bisect import bisect_right

from dockerlint_fastapi.late import PutOff
from dockerlint_fastapi.model.dockerfile import Directive
from dockerlint_fastapi.parsers.dockerfile import heredocs
from dockerlint_fastapi.parsers.dockerfile.variables import BadWordError
from dockerlint_fastapi.parsers.dockerfile.words import SPACES, NotStringsError, Parts, json_words, split_instruction
from dockerlint_fastapi.source import Problem, Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

MAX_LINE = 65535  # bytes of one physical line; BuildKit stops at a longer one

KEYWORDS = frozenset(
    {
        "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER",
        "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
    }
)  # fmt: skip
HEREDOC_KEYWORDS = frozenset({"ADD", "COPY", "RUN"})

_EQUALS = r"[\t\n\f\r ]*=[\t\n\f\r ]*"
_DIRECTIVE = rf"([a-zA-Z][a-zA-Z0-9]*){_EQUALS}(.+?)[\t\n\f\r ]*\Z"
_DIRECTIVES = ("syntax", "escape", "check")
# Where an unterminated heredoc is taken to end, so that it does not hide the rest of the file.
_LIKELY_INSTRUCTION = f"(?:{'|'.join(sorted(KEYWORDS))})[ \t]+[^ \t]"
# Spaces for Python's regular expressions but not for BuildKit's.
_ODD_SPACES = "[\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
_FILLER = "\ue000"  # a private character: stands where dockerfile-parse must see something
_NO_SPACE = "\ue001"  # stands for an odd space


_UNCUT = Parts(0, 0, [], 0, 0)
_made = tuple.__new__  # a Span without the call of its constructor: there are a hundred for each instruction


class Joined:
    """One logical line: rows joined by continuations, comments and blank rows between them left out.

    `text` is the joined text; `[start, end)` of it is what remains between outer spaces. `parts` is its first cut.
    Rows count from 0; `last_row` is the last row of the joined line, `end_row` that of its last heredoc.
    """

    __slots__ = (
        "_offsets",
        "_starts",
        "bodies",
        "end_row",
        "first_row",
        "keyword",
        "last_row",
        "parts",
        "source",
        "text",
    )

    def __init__(self, source: Source, text: str, places: tuple[list[int], list[int]], rows: tuple[int, int]) -> None:
        self.source = source
        self.text = text
        # the offsets in `text` at which each row's share begins, and where that share begins in the file
        self._starts, self._offsets = places
        self.first_row, self.last_row = rows
        self.end_row = self.last_row
        self.bodies: list[heredocs.Body] = []
        self.parts = _UNCUT
        self.keyword = ""  # upper case, as dockerfile-parse gives it

    def place(self, index: int) -> int:
        """The offset in the file of the character `text[index]`."""
        if len(self._starts) == 1:
            return self._offsets[0] + index
        piece = bisect_right(self._starts, index) - 1
        return self._offsets[piece] + index - self._starts[piece]

    def locator(self, first: int) -> Callable[[int, int], Span]:
        """The spans of a part of the text by the offsets in that part, which begins at `first`."""
        if len(self._starts) == 1:
            source, base = self.source, self._offsets[0] + first
            return lambda start, end: _made(Span, (source, base + start, base + end))
        span = self.span
        return lambda start, end: span(first + start, first + end)

    def span(self, start: int, end: int) -> Span:
        """The stretch of the file that holds `text[start:end]`; an empty one stands behind the character before it."""
        starts, offsets = self._starts, self._offsets
        if len(starts) == 1:
            base = offsets[0]
            return _made(Span, (self.source, base + start, base + end))
        if start < end:
            first, last = bisect_right(starts, start) - 1, bisect_right(starts, end - 1) - 1
            stretch = (self.source, offsets[first] + start - starts[first], offsets[last] + end - starts[last])
            return _made(Span, stretch)
        at = self.place(start - 1) + 1 if start > 0 else self._offsets[0]
        return Span(self.source, at, at)


def keyword_of(text: str, parts: Parts) -> str:
    """The keyword in upper case; as written when it is not ASCII (Unicode has letters whose upper case is ASCII)."""
    written = text[parts.keyword_start : parts.keyword_end]
    return written.upper() if written.isascii() else written


class Scan:
    """What stands in a file before any instruction is understood."""

    __slots__ = (
        "_last_rows",
        "directives",
        "escape",
        "lines",
        "masked",
        "problems",
        "rows",
        "source",
        "starts",
        "unread",
        "warnings",
    )

    def __init__(self, source: Source) -> None:
        self.source = source
        self.rows: list[str] = []
        self.starts: list[int] = []  # the offset of each row
        self.directives: list[Directive] = []
        self.escape = "\\"
        self.lines: list[Joined] = []
        self.masked: list[str] = []
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.unread: list[Span] = []  # scripts that are too long
        self._last_rows: dict[bool, dict[str, int]] = {}

    def last_row(self, text: str, *, chomp: bool) -> int:
        """The last row that reads `text` (but for leading tabs, with `chomp`); -1 when none does."""
        known = self._last_rows.get(chomp)
        if known is None:
            known = {}
            for row, line in enumerate(self.rows):
                plain = line.rstrip("\r")
                known[plain.lstrip("\t") if chomp else plain] = row
            self._last_rows[chomp] = known
        return known.get(text, -1)


def scan(source: Source) -> Scan:
    """The logical lines of a source, with directives and heredocs taken care of. Never raises; linear."""
    result = Scan(source)
    rows = result.rows = source.text.split("\n")
    if not rows[-1]:
        rows.pop()
    starts = result.starts = source.starts
    _measure(result)
    masked = result.masked
    directives_possible = True
    row = 0
    while row < len(rows):
        line = rows[row].rstrip("\r")
        stripped = line.lstrip(SPACES)
        if directives_possible:
            directives_possible = _directive(result, stripped, starts[row] + len(line) - len(stripped))
        if not stripped or stripped[0] == "#":
            masked.append("")
            row += 1
            continue
        joined = _join(result, row, stripped, starts[row] + len(line) - len(stripped))
        result.lines.append(joined)
        joined.parts = split_instruction(joined.text, 0, len(joined.text), result.escape)
        if "<<" in joined.text:
            _take_heredocs(result, joined)
            masked.extend([""] * (joined.end_row - joined.last_row))
        row = joined.end_row + 1
    _split(result)
    return result


def _measure(result: Scan) -> None:
    """Physical lines that BuildKit's reader gives up on."""
    source = result.source
    if len(source.data) <= MAX_LINE:
        return
    for row, line in enumerate(result.rows):
        if len(line) > MAX_LINE or (
            len(line) > MAX_LINE // 4
            and len(line.encode("utf-8", "surrogateescape")) + 3 * (row == 0 and source.bom) > MAX_LINE
        ):
            start = source.starts[row]
            result.problems.append(
                Problem(
                    Span(source, start, start + 1),
                    f"line is longer than Docker reads ({MAX_LINE} bytes)",
                    "a shorter line, with continuations",
                )
            )


def _read_directive(source: Source, line: str, offset: int, mark: str) -> Directive | None:
    """The directive in a comment that begins with `mark`, `offset` being where `line` begins."""
    if not line.startswith(mark) or "=" not in line:
        return None
    rest = line[len(mark) :].lstrip(SPACES)
    found = re.match(_DIRECTIVE, rest)
    if found is None or found.group(1).lower() not in _DIRECTIVES:
        return None
    end = offset + len(line) - len(rest) + found.end(2)
    return Directive(found.group(1).lower(), found.group(2), Span(source, offset, end))


def _directive(result: Scan, line: str, offset: int) -> bool:
    """Takes a parser directive; False once none can follow."""
    directive = _read_directive(result.source, line, offset, "#")
    if directive is None:
        return False
    name, value, _ = directive
    if any(other.name == name for other in result.directives):
        result.problems.append(
            Problem(directive.span, f"directive `{name}` is given twice", f"one `# {name}=` directive")
        )
        return True
    result.directives.append(directive)
    if name == "escape":
        if value in ("\\", "`"):
            result.escape = value
        else:
            result.problems.append(Problem(directive.span, f"invalid escape character `{value}`", "`\\` or a backtick"))
    return True


def _join(result: Scan, row: int, line: str, offset: int) -> Joined:
    """The logical line that begins at a row; appends its masked rows. `line` is the row without leading spaces."""
    rows, starts, escape, masked = result.rows, result.starts, result.escape, result.masked
    twice = escape * 2
    cut = line.rstrip(" \t") if line[-1] in " \t" else line
    if not cut.endswith(escape) or cut.endswith(twice):
        text = line.strip(SPACES)
        masked.append(f"{text} {_FILLER}" if text[-1] == "\\" else text)
        return Joined(result.source, line, ([0], [offset]), (row, row))
    first = row
    text = cut[:-1]
    shares = [text]
    places = [0]
    offsets = [offset]
    length = len(text)
    empty = -1
    continued = True
    row += 1
    while continued and row < len(rows):
        line = rows[row].rstrip("\r")
        stripped = line.lstrip(SPACES)
        if not stripped:
            empty = row
        elif stripped[0] != "#":
            cut = line.rstrip(" \t")
            continued = cut.endswith(escape) and not cut.endswith(twice)
            if continued:
                line = cut[:-1]
            if line:
                shares.append(line)
                places.append(length)
                offsets.append(starts[row])
                length += len(line)
        row += 1
    text = "".join(shares)
    joined = Joined(result.source, text, (places, offsets), (first, row - 1))
    if empty >= 0:
        start = starts[empty]
        result.warnings.append(
            Problem(Span(result.source, start, start), "empty line in a continuation", "the next line, or a comment")
        )
    head = text.strip(SPACES)
    if row - first == 1:
        masked.append(f"{head or _FILLER} {_FILLER}" if head.endswith("\\") else head or _FILLER)
    else:
        masked.append(f"{head or _FILLER} \\")
        masked.extend(["#"] * (row - first - 2))
        masked.append(_FILLER)
    return joined


def _take_heredocs(result: Scan, joined: Joined) -> None:
    """Finds the bodies of a line's heredocs."""
    text, parts = joined.text, joined.parts
    keyword = keyword_of(text, parts)
    if keyword == "ONBUILD":
        parts = split_instruction(text, parts.start, parts.end, result.escape)
        keyword = keyword_of(text, parts)
    if keyword not in HEREDOC_KEYWORDS:
        return
    try:
        if json_words(text, parts.start, parts.end) is not None:
            return
        openers = heredocs.openers(text)
    except NotStringsError:
        return  # reported with the instruction
    except BadWordError as bad:
        result.problems.append(
            Problem(joined.span(parts.start, parts.end), f"heredoc: {bad.message}", "a plain or quoted word after `<<`")
        )
        return
    rows = result.rows
    row = joined.last_row + 1
    for number, opener in enumerate(openers):
        begin = row
        # looked up first, so that many heredocs without an end do not each read the rest of the file
        terminated = result.last_row(opener.name, chomp=opener.chomp) >= row
        if terminated:
            while _terminator(rows[row], opener) != opener.name:
                row += 1
        end = row
        row += 1
        if not terminated:
            end = row = next(
                (at for at in range(begin, len(rows)) if re.match(_LIKELY_INSTRUCTION, rows[at])), len(rows)
            )
            result.problems.append(
                Problem(
                    joined.span(opener.start, opener.end),
                    f"heredoc `{opener.name}` is never ended",
                    f"a line `{opener.name}`",
                )
            )
        joined.bodies.append(heredocs.Body(opener, _start(result, begin), _start(result, end), terminated))
        joined.end_row = row - 1
        if not terminated:
            for rest in openers[number + 1 :]:
                joined.bodies.append(heredocs.Body(rest, _start(result, end), _start(result, end), terminated=False))
            return


def _terminator(row: str, opener: heredocs.Opener) -> str:
    """A row as it is compared with the heredoc's name."""
    line = row.rstrip("\r")
    return line.lstrip("\t") if opener.chomp else line


def _start(result: Scan, row: int) -> int:
    """The offset at which a row begins; the end of the text for the row behind the last."""
    return result.starts[row] if row < len(result.starts) else len(result.source.text)


def _split(result: Scan) -> None:
    """Lets dockerfile-parse split the masked text, and gives each logical line the keyword that it found."""
    keywords = [keyword_of(line.text, line.parts) for line in result.lines]
    if KEYWORDS.issuperset(keywords):
        # of these it says the same (a test compares); its import alone takes as long as reading a Dockerfile
        for line, keyword in zip(result.lines, keywords, strict=True):
            line.keyword = keyword
        return
    with PutOff():  # it loads json and logging, which splitting does without
        from dockerfile_parse import DockerfileParser  # noqa: PLC0415

    text = "\n".join(result.masked) + "\n"
    if not text.isascii() or any(char in text for char in "\x1c\x1d\x1e\x1f"):
        text = re.sub(_ODD_SPACES, _NO_SPACE, text)
    entries = DockerfileParser(fileobj=io.BytesIO(text.encode("utf-8", "replace")), env_replace=False).structure
    found = {entry["startline"]: entry for entry in entries if entry["content"] != "#\n"}
    for line, keyword in zip(result.lines, keywords, strict=True):
        entry = found.get(line.first_row)
        # an empty keyword, and one with characters that the masked text replaces, are nothing that it could know
        plain = keyword.isascii() and keyword.isprintable() and keyword != ""
        line.keyword = entry["instruction"] if entry is not None and plain else keyword


def foreign_syntax(source: Source, directives: list[Directive]) -> Directive | None:
    """The syntax directive when it names a frontend other than Docker's own: then this is another language.

    BuildKit also looks behind a first `#!` line and for `// syntax=`.
    """
    syntax = next((directive for directive in directives if directive.name == "syntax"), None)
    if syntax is None and source.text.startswith(("#!", "//")):
        line, _, rest = source.text.partition("\n")
        offset = len(line) + 1 if line.startswith("#!") else 0
        row = (rest if line.startswith("#!") else line).partition("\n")[0].rstrip("\r")
        found = _read_directive(source, row, offset, "#") or _read_directive(source, row, offset, "//")
        if found is not None and found.name == "syntax":
            syntax = found
    if syntax is None:
        return None
    image = syntax.value.split()[0].partition("@")[0]
    repository, _, name = image.rpartition("/")
    name = name.partition(":")[0]
    # a registry mirror keeps the last two parts of the name
    if name in ("dockerfile", "dockerfile-upstream") and repository.rpartition("/")[2] == "docker":
        return None
    return syntax
