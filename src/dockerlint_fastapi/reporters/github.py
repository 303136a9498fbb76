"""The report as workflow commands of GitHub Actions: annotations on the files of a pull request, without an upload.

A command is a line `::error file=...,line=...,title=...::message`. The runner decodes `%25`, `%0D` and `%0A` in the
message, and `%3A` and `%2C` besides in a property, so exactly these are encoded; nothing that a linted file says can
begin a line of its own. docs/output.md tells how many annotations GitHub shows.
"""

from __future__ import annotations

from dockerlint_fastapi.reporters.closing import counted, listed, place, summary_lines
from dockerlint_fastapi.reporters.paint import Paint
from dockerlint_fastapi.reporters.visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerlint_fastapi.report import Diagnostic, Report
    from dockerlint_fastapi.source import Span

COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}
SHOWN_A_STEP = 10  # annotations of each of the three kinds; GitHub drops what is beyond


def data(text: str) -> str:
    """The message of a command, encoded."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def value(text: str) -> str:
    """The value of a command's property, encoded."""
    return data(text).replace(":", "%3A").replace(",", "%2C")


def command(name: str, span: Span, title: str, lines: list[str]) -> str:
    """One annotation. Columns are given only within one line: GitHub refuses them for several."""
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    properties = {"file": visible(span.source.shown), "line": line}
    if end_line == line:
        properties |= {"col": column, "endLine": end_line, "endColumn": end_column}
    else:
        properties |= {"endLine": end_line}
    properties["title"] = title
    written = ",".join(f"{key}={value(str(one))}" for key, one in properties.items())
    return f"::{name} {written}::{data(chr(10).join(lines))}"


def annotation(diagnostic: Diagnostic) -> str:
    """One finding. The log of a job shows only the message, so that says the place too."""
    rule, finding = diagnostic.rule, diagnostic.finding
    lines = [f"{place(finding.span)}: {visible(finding.message)}"]
    lines += [f"  {place(note.span)}: {visible(note.message)}" for note in finding.notes]
    words = rule.help if finding.help is None else finding.help
    if words:
        first, *more = words.splitlines() or [""]
        lines += [f"help: {visible(first)}", *(f"  {visible(line)}" for line in more)]
    lines.append(visible(rule.url))
    return command(COMMANDS[diagnostic.severity], finding.span, f"dlf ({visible(rule.name)})", lines)


def limits(report: Report) -> Iterator[str]:
    """A line that says so when GitHub will not show every annotation."""
    counts = [(report.count(severity), severity) for severity in COMMANDS]
    over = [counted(number, severity) for number, severity in counts if number > SHOWN_A_STEP]
    if over:
        yield (
            f"GitHub shows the first {SHOWN_A_STEP} annotations of each kind in a step:"
            f" of {listed(over)} the others are in this log only."
        )


def render(report: Report) -> str:
    """The report: a command a finding and notice, and a last line that counts."""
    lines = [annotation(diagnostic) for diagnostic in report.diagnostics]
    for notice in report.notices:
        told = f"{place(notice.span)}: {visible(notice.message)}"
        lines.append(command("notice", notice.span, "dlf", [told]))
    lines += [*limits(report), *summary_lines(report, Paint(color=False))]
    return "".join(f"{line}\n" for line in lines)
