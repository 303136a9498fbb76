"""The report as a Code Quality report of GitLab: a JSON array of issues, shown in merge requests.

GitLab reads `description`, `check_name`, `fingerprint`, `severity` and `location`; `type` and `categories` are what the
Code Climate format, which it took over, asks for besides.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter

from dockerlint_fastapi.reporters.sarif import SECURITY_CATEGORIES
from dockerlint_fastapi.reporters.visible import visible, well_formed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from dockerlint_fastapi.report import Diagnostic, Report

SEVERITIES = {"error": "critical", "warning": "major", "info": "minor"}


def identity(diagnostic: Diagnostic) -> bytes:
    """What makes a finding the same one in another revision: rule, file, and the text of its line, blanks aside.

    Of a file of variables only the name counts, so that no hash of a secret is handed on.
    """
    span = diagnostic.finding.span
    line = span.source.line(span.line)
    if span.source.private:
        line = line.partition("=")[0]
    parts = (diagnostic.rule.name, span.source.shown, " ".join(line.split()))
    return "\0".join(parts).encode("utf-8", "surrogatepass")


def issue(diagnostic: Diagnostic, fingerprint: str) -> dict[str, Any]:
    """One finding."""
    rule, span = diagnostic.rule, diagnostic.finding.span
    notes = [
        f"; {visible(note.message)} ({visible(note.span.source.shown)}:{note.span.line})"
        for note in diagnostic.finding.notes
    ]
    return {
        "type": "issue",
        "check_name": visible(rule.name),
        "description": visible(diagnostic.finding.message) + "".join(notes),
        "categories": ["Security" if rule.category in SECURITY_CATEGORIES else "Bug Risk"],
        "severity": SEVERITIES[diagnostic.severity],
        "fingerprint": fingerprint,
        "location": {
            "path": well_formed(span.source.shown),
            "lines": {"begin": span.line, "end": span.end_line},
        },
    }


def render(report: Report) -> str:
    """The report: ASCII only, two blanks of indentation, one line break at the end; `[]` when nothing was found."""
    seen: Counter[bytes] = Counter()
    issues = []
    for diagnostic in report.diagnostics:
        known = identity(diagnostic)
        # GitLab shows one of several issues with the same fingerprint: alike ones are numbered
        fingerprint = hashlib.sha256(known + b"\0%d" % seen[known]).hexdigest()
        seen[known] += 1
        issues.append(issue(diagnostic, fingerprint))
    return json.dumps(issues, indent=2) + "\n"
