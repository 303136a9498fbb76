"""One line a finding: `path:line:column: severity[rule]: message`, with its notes indented below it."""

from __future__ import annotations

from dockerlint_fastapi.reporters.closing import notice_line, place, summary_lines
from dockerlint_fastapi.reporters.paint import Paint
from dockerlint_fastapi.reporters.visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dockerlint_fastapi.report import Diagnostic, Report

PLAIN = Paint(color=False)


def lines(
    diagnostics: Iterable[Diagnostic], paint: Paint = PLAIN, marked: Callable[[Diagnostic], bool] | None = None
) -> list[str]:
    """The lines of some findings and their notes: what a `console` block on a rule's page shows. Those that are
    `marked` end in `[*]`.
    """
    shown: list[str] = []
    for diagnostic in diagnostics:
        severity, finding = diagnostic.severity, diagnostic.finding
        badge = paint(severity, f"{severity}[{visible(diagnostic.rule.name)}]")
        mark = " [*]" if marked is not None and marked(diagnostic) else ""
        shown.append(f"{paint('strong', place(finding.span))}: {badge}: {visible(finding.message)}{mark}")
        shown.extend(f"  {place(note.span)}: {visible(note.message)}" for note in finding.notes)
    return shown


def render(report: Report, *, color: bool = False, summary: bool = True) -> str:
    """The report, a line a finding. `summary` adds the lines that count."""
    return "".join(pieces(report, color=color, summary=summary))


def pieces(report: Report, *, color: bool = False, summary: bool = True) -> Iterator[str]:
    """The same, line by line."""
    paint = Paint(color=color)
    for one in report.in_turn():
        yield from (f"{line}\n" for line in lines((one,), paint, report.marks))
    yield from (f"{notice_line(notice, paint)}\n" for notice in report.notices)
    if summary:
        yield from (f"{line}\n" for line in summary_lines(report, paint))
