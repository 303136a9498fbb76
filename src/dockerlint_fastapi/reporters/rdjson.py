"""The report in the Reviewdog Diagnostic Format (`rdjson`), from which reviewdog comments on pull requests anywhere.

Columns of this format count bytes of UTF-8, and an end is the place behind the last byte. A safe fix is a suggestion,
which a reviewer takes over with a click; one that reaches into other files cannot be said in it.
"""

from __future__ import annotations

import json

from dockerlint_fastapi.reporters.visible import visible, well_formed
from dockerlint_fastapi.source import BOM, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from dockerlint_fastapi.finding import Fix
    from dockerlint_fastapi.report import Diagnostic, Report, RuleInfo
    from dockerlint_fastapi.source import Source, Span

INFORMATION_URI = "https://github.com/dockerlint-fastapi/dlf"
SEVERITIES = {"error": "ERROR", "warning": "WARNING", "info": "INFO"}


def position(source: Source, offset: int) -> dict[str, int]:
    """A place: the line, and the byte of that line, both from 1. A byte order mark belongs to the first line."""
    line, column = source.position(offset)
    before = source.text[offset - column + 1 : offset]
    mark = len(BOM) if source.bom and line == 1 else 0
    return {"line": line, "column": mark + len(encode(before)) + 1}


def extent(source: Source, start: int, end: int) -> dict[str, Any]:
    """A stretch of a source."""
    return {"start": position(source, start), "end": position(source, end)}


def location(span: Span) -> dict[str, Any]:
    """A stretch of a file."""
    return {"path": well_formed(span.source.shown), "range": extent(span.source, span.start, span.end)}


def suggestion(found: Fix, source: Source) -> dict[str, Any] | None:
    """A fix as one replacement, from its first edit to its last, since suggestions are taken over one by one.

    None when it is not safe, reaches into other files, contradicts itself, or writes bytes that are not UTF-8.
    """
    if found.applicability != "safe" or not found.edits or found.creations:
        return None
    if any(edit.span.source.shown != source.shown for edit in found.edits):
        return None
    edits = sorted(found.edits, key=lambda edit: (edit.span.start, edit.span.end))
    text, at = "", edits[0].span.start
    for edit in edits:
        if edit.span.start < at:
            return None
        text += source.text[at : edit.span.start] + edit.text
        at = edit.span.end
    if well_formed(text) != text:
        return None
    return {"range": extent(source, edits[0].span.start, at), "text": text}


def code(rule: RuleInfo) -> dict[str, Any]:
    """The rule, with its page when that is published."""
    published = rule.url.startswith(("https://", "http://"))
    return {"value": visible(rule.name), **({"url": rule.url} if published else {})}


def entry(diagnostic: Diagnostic) -> dict[str, Any]:
    """One finding."""
    rule, finding = diagnostic.rule, diagnostic.finding
    mended = suggestion(finding.fix, finding.span.source) if finding.fix else None
    return {
        "message": visible(finding.message if finding.message.strip() else rule.title),
        "location": location(finding.span),
        "severity": SEVERITIES[diagnostic.severity],
        "code": code(rule),
        **({"suggestions": [mended]} if mended else {}),
        **(
            {
                "related_locations": [
                    {"message": visible(note.message), "location": location(note.span)} for note in finding.notes
                ]
            }
            if finding.notes
            else {}
        ),
    }


def render(report: Report) -> str:
    """The report: ASCII only, two blanks of indentation, one line break at the end."""
    document = {
        "source": {"name": "dlf", "url": INFORMATION_URI},
        "diagnostics": [entry(diagnostic) for diagnostic in report.diagnostics],
    }
    return json.dumps(document, indent=2) + "\n"
