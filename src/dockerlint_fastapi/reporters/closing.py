"""What stands below the findings: notices, and the line that counts."""

from __future__ import annotations

from dockerlint_fastapi.finding import SEVERITIES
from dockerlint_fastapi.reporters.visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.report import Notice, Report
    from dockerlint_fastapi.reporters.paint import Paint
    from dockerlint_fastapi.source import Span


def place(span: Span) -> str:
    """`path:line:column`, safe to print."""
    line, column = span.source.position(span.start)
    return f"{visible(span.source.shown)}:{line}:{column}"


def notice_line(notice: Notice, paint: Paint) -> str:
    """A notice on one line."""
    return f"{place(notice.span)}: {paint('info', 'notice')}: {visible(notice.message)}"


def counted(number: int, word: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def listed(parts: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(part for part in (", ".join(parts[:-1]), parts[-1]) if part)


def summary_lines(report: Report, paint: Paint) -> list[str]:
    """How many findings in how many files."""
    files = len(report.files)
    known = sum(one.suppression is not None and one.suppression.kind == "baseline" for one in report.suppressed)
    hidden = [f"{len(report.suppressed) - known} suppressed"] if len(report.suppressed) > known else []
    hidden += [f"{known} in the baseline"] if known else []
    suppressed = f" ({', '.join(hidden)})" if hidden else ""
    if not report.diagnostics:
        if not files:
            return [f"No files to check{suppressed}."]
        if report.failures or report.unread:
            return [f"Found nothing in {counted(files, 'file')}, but not everything could be checked{suppressed}."]
        return [f"{paint('good', 'All checks passed')}: {counted(files, 'file')}{suppressed}."]
    counts = [(report.count(severity), severity) for severity in reversed(SEVERITIES)]
    found = listed([counted(number, severity) for number, severity in counts if number])
    where = f" in {counted(files, 'file')}" if files else ""
    return [f"{paint('strong', f'Found {found}')}{where}{suppressed}.", *_fixable(report)]


def _fixable(report: Report) -> list[str]:
    """How many findings can be fixed, and with which option."""
    safe, unsafe = report.fixable
    if report.fixes == "all" and safe + unsafe:
        return [f"[*] {safe + unsafe} fixable with `--fix --unsafe-fixes`."]
    if safe:
        return [f"[*] {safe} fixable with `--fix`" + (f" ({unsafe} more with `--unsafe-fixes`)." if unsafe else ".")]
    return [f"{unsafe} fixable with `--fix --unsafe-fixes`."] if unsafe else []
