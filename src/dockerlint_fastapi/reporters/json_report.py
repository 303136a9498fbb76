"""The report for programs. `schema` has the same document as pydantic models; docs/output.md explains the fields."""

from __future__ import annotations

import json

from dockerlint_fastapi import __version__
from dockerlint_fastapi.finding import SEVERITIES
from dockerlint_fastapi.reporters.visible import well_formed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from dockerlint_fastapi.finding import Fix
    from dockerlint_fastapi.report import Diagnostic, Report
    from dockerlint_fastapi.source import Span

VERSION = 1  # rises when a field goes away or changes its meaning, not when one is added


def start(span: Span) -> dict[str, Any]:
    """Where a span begins."""
    line, column = span.source.position(span.start)
    return {"path": well_formed(span.source.shown), "line": line, "column": column}


def region(span: Span) -> dict[str, Any]:
    """Where a span begins, and the place behind its last character."""
    line, column = span.source.position(span.end)
    return {**start(span), "end_line": line, "end_column": column}


def fix(found: Fix | None) -> dict[str, Any] | None:
    """A fix; None also when its text holds bytes that are not UTF-8, which JSON cannot carry unchanged."""
    if found is None:
        return None
    texts = (*(edit.text for edit in found.edits), *(creation.text for creation in found.creations))
    if any(well_formed(text) != text for text in texts):
        return None
    return {
        "title": well_formed(found.title),
        "applicability": found.applicability,
        "edits": [{**region(edit.span), "text": edit.text} for edit in found.edits],
        "creations": [{"path": well_formed(one.shown or one.path), "text": one.text} for one in found.creations],
    }


def entry(diagnostic: Diagnostic) -> dict[str, Any]:
    """One finding."""
    rule, finding = diagnostic.rule, diagnostic.finding
    return {
        "rule": rule.name,
        "code": rule.code or None,
        "severity": diagnostic.severity,
        "category": rule.category,
        "message": well_formed(finding.message),
        **region(finding.span),
        "notes": [{"message": well_formed(note.message), **start(note.span)} for note in finding.notes],
        "fix": fix(finding.fix),
        "stricter_than_guide": diagnostic.stricter,
        "url": rule.url,
    }


def document(report: Report) -> dict[str, Any]:
    """The whole report."""
    return _document(report, [entry(diagnostic) for diagnostic in report.diagnostics])


def _document(report: Report, findings: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "version": VERSION,
        "tool": {"name": "dlf", "version": __version__},
        "findings": findings,
        "notices": [{"message": well_formed(notice.message), **start(notice.span)} for notice in report.notices],
        "files": [well_formed(file) for file in report.files],
        "summary": {
            **{severity: report.count(severity) for severity in reversed(SEVERITIES)},
            "files": len(report.files),
            "suppressed": len(report.suppressed),
        },
    }


def render(report: Report) -> str:
    """The report as JSON: ASCII only, two blanks of indentation, one line break at the end."""
    return "".join(pieces(report))


def pieces(report: Report) -> Iterator[str]:
    """The same, finding by finding."""
    head, _, tail = json.dumps(_document(report, []), indent=2).partition('"findings": []')
    yield head + '"findings": ['
    between = "\n    "
    for diagnostic in report.in_turn():
        yield between + json.dumps(entry(diagnostic), indent=2).replace("\n", "\n    ")
        between = ",\n    "
    yield ("\n  ]" if report.diagnostics else "]") + tail + "\n"
