"""The report for people: each finding with its source lines, what is meant underlined, and the other end beside it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import pairwise

from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.reporters.closing import notice_line, place, summary_lines
from dockerlint_fastapi.reporters.paint import Paint
from dockerlint_fastapi.reporters.visible import cells, plain, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dockerlint_fastapi.report import Diagnostic, Report
    from dockerlint_fastapi.source import Source, Span

WIDTH = 140  # terminal columns of source that a line may take before it is cut round what is meant
CUT = "..."
EDGE = 1000  # how many blanks at the edge of a line are looked at; what is beyond them is underlined


class Mark(NamedTuple):
    """A stretch of a source to be underlined, and the label behind its last line."""

    start: int
    end: int
    first: int  # line of the first character
    last: int  # line of the last character
    symbol: str
    label: str
    style: str


class Extent(NamedTuple):
    """The part of one line that a mark covers, as offsets into the text."""

    start: int
    end: int
    mark: Mark


class View(NamedTuple):
    """One line of source as it is shown: offsets of what is visible, the text, and each character's width."""

    start: int
    end: int
    text: str
    widths: list[int] | None  # None when every character is one column wide
    cut: bool  # something before it was left out

    def column(self, offset: int) -> int:
        """The terminal column of an offset, from 0."""
        inside = max(0, min(offset, self.end) - self.start)
        before = inside if self.widths is None else sum(self.widths[:inside])
        return before + (len(CUT) if self.cut else 0)


def mark(span: Span, symbol: str, label: str, style: str) -> Mark:
    """A span as a mark, kept inside its text."""
    size = len(span.source.text)
    start = min(max(span.start, 0), size)
    end = min(max(span.end, start), size)
    position = span.source.position
    return Mark(start, end, position(start)[0], position(max(start, end - 1))[0], symbol, label, style)


def bounds(source: Source, line: int) -> tuple[int, int]:
    """The offsets of a line's first character and of the place behind its last one, its ending left out."""
    starts, text = source.starts, source.text
    start = starts[line - 1]
    end = starts[line] - 1 if line < len(starts) else len(text)
    return start, end - 1 if end > start and text[end - 1] == "\r" else end


def extent(source: Source, line: int, what: Mark) -> Extent | None:
    """What a mark covers of a line, without the blanks at the edges that are only indentation; None when nothing."""
    start, end = bounds(source, line)
    if what.first < line:
        edge = source.text[start : min(end, start + EDGE)]
        start += len(edge) - len(edge.lstrip())
    else:
        start = min(what.start, end)
    if what.last > line:
        edge = source.text[max(start, end - EDGE) : end]
        end -= len(edge) - len(edge.rstrip())
    else:
        end = max(start, min(what.end, end))
    return Extent(start, end, what) if start < end or line in {what.first, what.last} else None


def view(source: Source, line: int, focus: Extent, width: int) -> View:
    """A line, cut round its focus when it is wider than `width` columns."""
    low, high = bounds(source, line)
    start, end = low, high
    if high - low > width:
        if focus.end - low <= width:
            end = low + width
        else:
            spare = width - min(width, focus.end - focus.start)
            start = max(low, min(focus.start - spare // 2, high - width))
            end = min(high, start + width)
    text = source.text[start:end] if not source.private else masked(source.text[low:high])[start - low : end - low]
    if plain(text):
        return framed((start, end), (low, high), text, None)
    drawn = cells(text)
    if text.count("\0") * 3 > len(text):  # UTF-16 without its mark: every other character is a zero
        drawn = [("", 0) if char == "\0" else one for char, one in zip(text, drawn, strict=True)]
    total = sum(size for _, size in drawn)
    right, left = len(drawn), 0
    while total > width and right + start > max(focus.end, focus.start + 1):
        right -= 1
        total -= drawn[right][1]
    while total > width and left + start < focus.start:
        total -= drawn[left][1]
        left += 1
    while total > width and right > left + 1:
        right -= 1
        total -= drawn[right][1]
    drawn = drawn[left:right]
    shown = "".join(char for char, _ in drawn)
    return framed((start + left, start + right), (low, high), shown, [size for _, size in drawn])


def masked(line: str) -> str:
    """A line of a file whose values may be secrets, as long as before: a name and a star for each character behind it.

    A line without a name may go on with a value that began above.
    """
    if line.lstrip().startswith("#"):
        return line
    ends = [at for at in (line.find("="), line.find(":")) if at >= 0]
    start = min(ends) + 1 if ends else 0
    return line[:start] + "".join(char if char.isspace() else "*" for char in line[start:])


def framed(part: tuple[int, int], line: tuple[int, int], text: str, widths: list[int] | None) -> View:
    """The view of a part of a line, with dots where the line goes on."""
    before = CUT if part[0] > line[0] else ""
    after = CUT if part[1] < line[1] else ""
    return View(*part, f"{before}{text}{after}", widths, cut=bool(before))


class Snippet:
    """The marked lines of one source, with line numbers in a gutter."""

    __slots__ = ("gutter", "marks", "paint", "source", "width")

    def __init__(self, source: Source, marks: list[Mark], paint: Paint, gutter: int, width: int) -> None:
        self.source = source
        self.marks = marks
        self.paint = paint
        self.gutter = gutter
        self.width = width

    def lines(self) -> Iterator[str]:
        """The snippet, line by line."""
        previous = 0
        numbers = self.numbers()
        covering: dict[int, list[Mark]] = {line: [] for line in numbers}
        for what in self.marks:  # there may be thousands of both
            for at in range(bisect_left(numbers, what.first), bisect_right(numbers, what.last)):
                covering[numbers[at]].append(what)
        for line in numbers:
            if previous and line > previous + 1:
                yield self.paint("frame", CUT)
            previous = line
            yield from self.line(line, covering[line])

    def numbers(self) -> list[int]:
        """The lines to show: where a mark begins and ends, and a single line between two that are shown."""
        ends = sorted({line for what in self.marks for line in (what.first, what.last)})
        between = [line + 1 for line, following in pairwise(ends) if following == line + 2]
        return sorted([*ends, *between])

    def line(self, line: int, covering: list[Mark]) -> Iterator[str]:
        """A line of source and what is underlined in it; shown again for a mark that a cut would hide."""
        waiting = [found for found in (extent(self.source, line, what) for what in covering) if found]
        low, high = bounds(self.source, line)
        if not waiting:
            waiting_for = Extent(low, low, self.marks[0])
            yield self.row(str(line), view(self.source, line, waiting_for, self.width).text)
        while waiting:
            seen = view(self.source, line, waiting[0], self.width)
            yield self.row(str(line), seen.text)
            hidden: list[Extent] = []
            for found in waiting:
                inside = seen.start <= found.start and (found.end <= seen.end or found is waiting[0])
                if inside or (seen.start == low and seen.end == high):
                    yield self.underline(seen, found, line)
                else:
                    hidden.append(found)
            waiting = hidden

    def underline(self, seen: View, found: Extent, line: int) -> str:
        """The row that underlines one mark."""
        begin = seen.column(found.start)
        under = found.mark.symbol * max(1, seen.column(found.end) - begin)
        if found.mark.label and line == found.mark.last:
            under = f"{under} {found.mark.label}".rstrip()
        return self.row("", " " * begin + self.paint(found.mark.style, under))

    def row(self, number: str, text: str) -> str:
        """A row of the snippet: the gutter, and what stands to its right."""
        frame = self.paint("frame", f"{number:>{self.gutter}} |")
        return f"{frame} {text}".rstrip()


class Drawing:
    """One finding, drawn."""

    __slots__ = ("diagnostic", "fixes", "paint", "width")

    def __init__(self, diagnostic: Diagnostic, paint: Paint, width: int, fixes: str = "") -> None:
        self.diagnostic = diagnostic
        self.paint = paint
        self.width = width
        self.fixes = fixes  # as in Report

    def lines(self) -> Iterator[str]:
        """The finding: what is wrong, where, the other end, and what to do."""
        rule, severity, finding = self.diagnostic.rule, self.diagnostic.severity, self.diagnostic.finding
        badge = self.paint(severity, f"{severity}[{visible(rule.name)}]")
        marked = finding.fix is not None and (
            self.fixes == "all" or (self.fixes and finding.fix.applicability == "safe")
        )
        mark = " [*]" if marked else ""
        yield f"{badge}{self.paint('strong', f': {visible(finding.message)}')}{mark}"
        groups = self.groups()
        gutter = len(str(max(what.last for _, marks in groups for what in marks)))
        pad = " " * gutter
        bar = self.paint("frame", f"{pad} |")
        for number, (span, marks) in enumerate(groups):
            yield f"{pad}{self.paint('frame', ':::' if number else '-->')} {place(span)}"
            yield bar
            yield from Snippet(span.source, marks, self.paint, gutter, self.width).lines()
            yield bar
        yield from self.advice(f"{pad} {self.paint('frame', '=')}", gutter)

    def groups(self) -> list[tuple[Span, list[Mark]]]:
        """The marks by file: the finding's own first, then each file that its notes point into."""
        finding = self.diagnostic.finding
        found: dict[int, tuple[Span, list[Mark]]] = {
            id(finding.span.source): (finding.span, [mark(finding.span, "^", "", self.diagnostic.severity)])
        }
        for note in finding.notes:
            group = found.setdefault(id(note.span.source), (note.span, []))
            group[1].append(mark(note.span, "-", visible(note.message), "frame"))
        return list(found.values())

    def advice(self, start: str, gutter: int) -> Iterator[str]:
        """What to do about it, and whether dlf can do it."""
        finding = self.diagnostic.finding
        words = self.diagnostic.rule.help if finding.help is None else finding.help
        if words:
            first, *more = words.splitlines()
            yield f"{start} {self.paint('strong', 'help')}: {visible(first)}"
            yield from (f"{' ' * (gutter + 9)}{visible(line)}".rstrip() for line in more)
        if self.fixes and finding.fix is not None:
            option = "--fix" if finding.fix.applicability == "safe" else "--fix --unsafe-fixes"
            yield f"{start} {self.paint('strong', 'fix')}: {visible(finding.fix.title)}, with `{option}`"
        if self.diagnostic.stricter:
            yield f"{start} {self.paint('strong', 'note')}: stricter than the guide, and so off with `--profile guide`"


def render(report: Report, *, color: bool = False, summary: bool = True, width: int = WIDTH) -> str:
    """The report, drawn. `summary` adds the lines that count; `width` limits the columns of a source line."""
    return "".join(pieces(report, color=color, summary=summary, width=width))


def pieces(report: Report, *, color: bool = False, summary: bool = True, width: int = WIDTH) -> Iterator[str]:
    """The same, finding by finding."""
    paint = Paint(color=color)
    between = ""
    for lines in _blocks(report, paint, max(width, 20), summary=summary):
        yield between + "\n".join(lines) + "\n"
        between = "\n"


def _blocks(report: Report, paint: Paint, width: int, *, summary: bool) -> Iterator[Iterable[str]]:
    for one in report.in_turn():
        yield Drawing(one, paint, width, report.fixes).lines()
    if report.notices:
        yield (notice_line(notice, paint) for notice in report.notices)
    if summary:
        yield summary_lines(report, paint)
