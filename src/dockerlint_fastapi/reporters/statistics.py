"""How many findings each rule has, the most first: for people, as JSON, and as Markdown."""

from __future__ import annotations

from dockerlint_fastapi.finding import SEVERITIES
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.reporters.closing import summary_lines
from dockerlint_fastapi.reporters.paint import Paint
from dockerlint_fastapi.reporters.visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.report import Report, RuleInfo


class Count(NamedTuple):
    """The findings of one rule: how many, the highest severity among them, and how many have a fix."""

    rule: RuleInfo
    severity: str
    findings: int
    fixable: int


def counts(report: Report) -> list[Count]:
    """A count for each rule that has findings, the most first, then by name."""
    found: dict[str, Count] = {}
    for one in report.diagnostics:
        fixable = one.finding.fix is not None
        known = found.get(one.rule.name)
        if known is None:
            found[one.rule.name] = Count(one.rule, one.severity, 1, int(fixable))
        else:
            severity = max(known.severity, one.severity, key=SEVERITIES.index)
            found[one.rule.name] = Count(one.rule, severity, known.findings + 1, known.fixable + fixable)
    return sorted(found.values(), key=lambda row: (-row.findings, row.rule.name))


def table(rows: list[Count], paint: Paint) -> list[str]:
    """The counts in columns; `[*]` stands where every finding of a rule has a fix, `[-]` where some have."""
    width = max((len(visible(row.rule.name)) for row in rows), default=0)
    digits = max((len(str(row.findings)) for row in rows), default=0)
    marked = any(row.fixable for row in rows)
    lines = []
    for row in rows:
        mark = ("[*] " if row.fixable == row.findings else "[-] " if row.fixable else "    ") if marked else ""
        severity = paint(row.severity, row.severity) + " " * (len("warning") - len(row.severity))
        name = f"{visible(row.rule.name):<{width}}"
        lines.append(f"{row.findings:>{digits}}  {severity}  {name}  {mark}{visible(row.rule.title)}".rstrip())
    if marked:
        lines += ["", "[*] has a fix, [-] has one for some"]
    return lines


def as_json(rows: list[Count]) -> str:
    """The counts as a JSON array."""
    import json  # noqa: PLC0415

    entries = [
        {
            "rule": row.rule.name,
            "severity": row.severity,
            "category": row.rule.category,
            "count": row.findings,
            "fixable": row.fixable,
        }
        for row in rows
    ]
    return json.dumps(entries, indent=2) + "\n"


def as_markdown(rows: list[Count], report: Report) -> str:
    """The counts as a Markdown table below the headline of a report."""
    from dockerlint_fastapi.reporters.markdown import BADGES, cell, headline, linked  # noqa: PLC0415

    lines = ["## dlf", "", headline(report)]
    if rows:
        lines += ["", "| findings | severity | rule | with a fix | fault |", "|---:|---|---|---:|---|"]
    for row in rows:
        title = cell(row.rule.title).replace("|", "\\|")
        lines.append(f"| {row.findings} | {BADGES[row.severity]} | {linked(row.rule)} | {row.fixable} | {title} |")
    return "".join(f"{line}\n" for line in lines)


def render(report: Report, output_format: str, *, color: bool = False, summary: bool = True) -> str:
    """The counts in one of the formats that have them. Only the pages of rules with findings are read."""
    rows = counts(report)
    if output_format == "json":
        return as_json(rows)
    if output_format == "markdown":
        return as_markdown(rows, report)
    paint = Paint(color=color)
    lines = table(rows, paint)
    if summary:
        lines += [*([""] if rows else []), *summary_lines(report, paint)]
    return "".join(f"{line}\n" for line in lines)
