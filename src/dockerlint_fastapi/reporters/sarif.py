"""The report as SARIF 2.1.0, made for GitHub code scanning and checked with Microsoft's SARIF validator.

Every run carries the whole rule catalogue, byte for byte the same whatever was found. What each property holds is in
docs/output.md; the standard is OASIS "Static Analysis Results Interchange Format (SARIF) Version 2.1.0 Plus Errata 01".
"""

from __future__ import annotations

import json
from urllib.parse import quote

from dockerlint_fastapi import __version__
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.reporters.line_hash import line_hashes
from dockerlint_fastapi.reporters.visible import visible, well_formed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from dockerlint_fastapi.finding import Fix
    from dockerlint_fastapi.report import Diagnostic, Report, RuleInfo
    from dockerlint_fastapi.source import Source, Span

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
INFORMATION_URI = "https://github.com/dockerlint-fastapi/dlf"
ROOT = "SRCROOT"  # the name that the standard's own examples give to the root of the sources
CATEGORY = "dlf"
NOT_LINTED = "not-linted"
NOT_PARSED = "not-parsed"
NOT_READ = "not-read"
BROKEN = "internal-fault"
SYNTAX_RULES = frozenset({"dockerfile-syntax", "compose-syntax"})  # they speak of what could not be read or parsed
LEVELS = {"error": "error", "warning": "warning", "info": "note"}
PROBLEM_SEVERITIES = {"error": "error", "warning": "warning", "info": "recommendation"}
SECURITY_CATEGORIES = frozenset({"secrets", "compose-security", "users"})
# GitHub's scale: from 7.0 high, from 4.0 medium, below low.
SECURITY_SEVERITIES = {"error": "8.0", "warning": "5.5", "info": "3.0"}
# A rule speaks only on certainty; an error also needs its whole chain resolved.
PRECISIONS = {"error": "very-high", "warning": "high", "info": "high"}
LINK = pattern(r"\[(?=[^][]*\]\()")
DRIVE = pattern(r"[A-Za-z]:/")


def event(kind: str, level: str, short: str, full: str, remedy: str) -> dict[str, Any]:
    """The descriptor of a kind of notification."""
    return {
        "id": kind,
        "name": "".join(word.capitalize() for word in kind.split("-")),
        "shortDescription": {"text": short},
        "fullDescription": {"text": full},
        # Microsoft's validator asks for `help` here too (GH2012), though GitHub shows no notification's help.
        "help": {"text": remedy},
        "defaultConfiguration": {"level": level},
    }


NOTIFICATIONS = [
    event(
        NOT_LINTED,
        "note",
        "A file was not linted.",
        "A file was found that dlf cannot judge, such as a template. It is no fault.",
        "Exclude the file, or lint what the template renders to.",
    ),
    event(
        NOT_PARSED,
        "warning",
        "A file could not be read or parsed in full.",
        "What Docker or Compose would refuse in a file is a result too. The rest of the file was linted.",
        "Mend what the result at the same place says.",
    ),
    event(
        NOT_READ,
        "error",
        "A path could not be linted.",
        "A path of the command line does not exist, cannot be read, or is no file of a kind that dlf reads.",
        "Name a path that exists and may be read.",
    ),
    event(
        BROKEN,
        "error",
        "A rule or a parser of dlf failed.",
        "What it has to say is missing, and all other results are there.",
        "Report it to the makers of the rule, or of dlf.",
    ),
]


def percent_encoded(path: str) -> str:
    """A path as the path of a URI; bytes that are not UTF-8 become what they are in the file system."""
    try:
        return quote(path.encode("utf-8", "surrogateescape"), safe="/")
    except UnicodeEncodeError:  # a surrogate that stands for no byte
        return quote(path.encode("utf-8", "replace"), safe="/")


def artifact_location(path: str) -> dict[str, Any]:
    """A file: relative to the root of the sources where it lies below it, else absolute."""
    if DRIVE.match(path):
        return {"uri": f"file:///{path[:2]}{percent_encoded(path[2:])}"}
    if path.startswith("/"):
        return {"uri": f"file://{percent_encoded(path)}"}
    if path == ".." or path.startswith("../"):
        return {"uri": percent_encoded(path)}  # above the root: SARIF wants no `..` under a base
    return {"uri": percent_encoded(path), "uriBaseId": ROOT}


def region(span: Span) -> dict[str, Any]:
    """A region in lines and columns, the end behind its last character."""
    position = span.source.position
    line, column = position(span.start)
    end_line, end_column = position(span.end)
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}


def physical_location(span: Span) -> dict[str, Any]:
    """A file and a region of it."""
    return {"artifactLocation": artifact_location(span.source.shown), "region": region(span)}


def message(text: str) -> dict[str, Any]:
    """A plain text message, with nothing in it that a viewer would obey. What looks like an embedded link, `[text](1)`,
    is escaped, since dlf writes none.
    """
    return {"text": LINK.sub(r"\\[", visible(text))}


def without_marks(markdown: str) -> str:
    """A line of Markdown as plain text: its code marks taken away."""
    return markdown.replace("`", "")


def pascal_case(name: str) -> str:
    """A rule's name as one word; a single letter joins the word before it (`sh-c`: `Shc`), as the validator asks."""
    words = name.split("-")
    return "".join(word.capitalize() if len(word) > 1 or not at else word for at, word in enumerate(words))


def descriptor(rule: RuleInfo) -> dict[str, Any]:
    """A rule of the catalogue."""
    security = rule.category in SECURITY_CATEGORIES
    properties: dict[str, Any] = {
        "tags": [rule.category, "docker", "fastapi", *(["security"] if security else []), *rule.guide],
        "precision": PRECISIONS[rule.severity],
        "problem.severity": PROBLEM_SEVERITIES[rule.severity],
    }
    if security:
        properties["security-severity"] = SECURITY_SEVERITIES[rule.severity]
    properties |= {"since": rule.since, "sources": list(rule.sources)}
    # The page of a rule from `--rules DIR` has no address, only a place on somebody's disk.
    published = rule.url.startswith(("https://", "http://"))
    return {
        "id": rule.name,
        "name": pascal_case(rule.name),
        "shortDescription": {"text": without_marks(rule.title)},
        "fullDescription": {"text": rule.summary},
        "help": {
            "text": "\n\n".join([rule.summary, rule.help, *([rule.url] if published else [])]),
            "markdown": rule.markdown,
        },
        **({"helpUri": rule.url} if published else {}),
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": properties,
    }


def fix(found: Fix) -> dict[str, Any] | None:
    """A fix, its edits gathered by file; None when it writes nothing, or bytes that are not UTF-8."""
    changes: dict[str, list[dict[str, Any]]] = {}
    for span, text in found.edits:
        if well_formed(text) != text:
            return None
        replacement = {"deletedRegion": region(span), "insertedContent": {"text": text}}
        changes.setdefault(span.source.shown, []).append(replacement)
    for path, text, shown in found.creations:
        if well_formed(text) != text:
            return None
        start = {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1}  # of a file that is not there yet
        changes.setdefault(shown or path, []).append({"deletedRegion": start, "insertedContent": {"text": text}})
    if not changes:
        return None
    safety = "" if found.applicability == "safe" else " (unsafe: may change behaviour)"
    return {
        "description": message(found.title + safety),
        "artifactChanges": [
            {"artifactLocation": artifact_location(path), "replacements": replacements}
            for path, replacements in changes.items()
        ],
    }


class Results:
    """The findings of a run as SARIF results. Line hashes are made once a file."""

    __slots__ = ("hashes", "indexes")

    def __init__(self, rules: Iterable[RuleInfo]) -> None:
        self.indexes = {rule.name: index for index, rule in enumerate(rules)}
        self.hashes: dict[int, list[str]] = {}

    def result(self, diagnostic: Diagnostic) -> dict[str, Any]:
        """One finding."""
        rule, finding, suppression = diagnostic.rule, diagnostic.finding, diagnostic.suppression
        result: dict[str, Any] = {"ruleId": rule.name}
        if rule.name in self.indexes:
            result["ruleIndex"] = self.indexes[rule.name]
        result |= {
            "level": LEVELS[diagnostic.severity],
            "message": message(
                finding.message if finding.message.strip() else rule.title
            ),  # GitHub refuses an empty one
            "locations": [{"physicalLocation": physical_location(finding.span)}],
            "partialFingerprints": {"primaryLocationLineHash": self.line_hash(finding.span)},
        }
        if finding.notes:
            result["relatedLocations"] = [
                {"id": number, "physicalLocation": physical_location(note.span), "message": message(note.message)}
                for number, note in enumerate(finding.notes, start=1)
            ]
        if finding.fix and (mended := fix(finding.fix)):
            result["fixes"] = [mended]
        if diagnostic.stricter:
            result["properties"] = {"stricterThanGuide": True}
        if suppression:
            # A baseline has no place in the sources: it suppresses from outside.
            kind = "external" if suppression.span is None else "inSource"
            reason = {"justification": well_formed(suppression.reason)} if suppression.reason else {}
            result["suppressions"] = [{"kind": kind, "status": "accepted", **reason}]
            if suppression.span is not None:
                result["suppressions"][0]["location"] = {"physicalLocation": physical_location(suppression.span)}
        return result

    def line_hash(self, span: Span) -> str:
        """The fingerprint of the line in which a span begins."""
        source = span.source
        hashes = self.hashes.get(id(source))
        if hashes is None:
            hashes = self.hashes[id(source)] = line_hashes(source.data)
        return hashes[span.line - 1]


def notification(kind: str, text: str, span: Span | None = None) -> dict[str, Any]:
    """What is told of the run itself: one of NOTIFICATIONS, and where."""
    index = next(index for index, one in enumerate(NOTIFICATIONS) if one["id"] == kind)
    place = {} if span is None else {"locations": [{"physicalLocation": physical_location(span)}]}
    return {
        "descriptor": {"id": kind, "index": index},
        "level": NOTIFICATIONS[index]["defaultConfiguration"]["level"],
        "message": message(text),
        **place,
    }


def notifications(report: Report) -> Iterator[dict[str, Any]]:
    """What could not be read, parsed, linted or judged. Each file that was not parsed in full is told once."""
    for text in report.unread:
        yield notification(NOT_READ, text)
    problems: dict[str, list[Diagnostic]] = {}
    for diagnostic in (*report.diagnostics, *report.suppressed):
        if diagnostic.rule.name in SYNTAX_RULES:
            problems.setdefault(diagnostic.path, []).append(diagnostic)
    for first, *more in problems.values():
        also = f" (and {len(more)} more)" if more else ""
        yield notification(NOT_PARSED, f"not read in full: {first.finding.message}{also}", first.finding.span)
    for notice in report.notices:
        yield notification(NOT_LINTED, notice.message, notice.span)
    for failure in report.failures:
        what = f"the rule `{failure.rule}`" if failure.rule else "a parser"
        yield notification(BROKEN, f"{what} failed: {type(failure.error).__name__}", failure.span)


def sources(report: Report) -> Iterator[Source]:
    """Every source that the report points into; some more than once."""
    for diagnostic in (*report.diagnostics, *report.suppressed):
        finding = diagnostic.finding
        yield finding.span.source
        yield from (note.span.source for note in finding.notes)
        yield from (edit.span.source for edit in (finding.fix.edits if finding.fix else ()))
        if diagnostic.suppression and diagnostic.suppression.span:
            yield diagnostic.suppression.span.source
    yield from (notice.span.source for notice in report.notices)
    yield from (failure.span.source for failure in report.failures if failure.span is not None)


def artifacts(report: Report) -> list[dict[str, Any]]:
    """The files that were linted, and those that only findings point into."""
    linted = set(report.files)
    paths = sorted(linted.union(source.shown for source in sources(report)))
    return [
        {"location": artifact_location(path), **({"roles": ["analysisTarget"]} if path in linted else {})}
        for path in paths
    ]


def driver(rules: Iterable[RuleInfo]) -> dict[str, Any]:
    """The program and its rules."""
    return {
        "name": "dlf",
        "fullName": f"dlf {__version__}",
        "organization": "The dlf authors",
        "version": __version__,
        "semanticVersion": __version__,
        "informationUri": INFORMATION_URI,
        "shortDescription": {
            "text": "A linter for the Dockerfiles, compose files and .dockerignore of FastAPI projects."
        },
        "rules": [descriptor(rule) for rule in rules],
        "notifications": NOTIFICATIONS,
    }


def document(report: Report, category: str, root: str | None) -> dict[str, Any]:
    """The whole log, with one run."""
    results = Results(report.rules)
    base: dict[str, Any] = {} if root is None else {"uri": artifact_location(f"{root.rstrip('/')}/")["uri"]}
    base["description"] = {"text": "The directory in which dlf was run."}
    run = {
        "tool": {"driver": driver(report.rules)},
        "automationDetails": {"id": f"{category}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: base},
        "invocations": [
            {
                "executionSuccessful": not (report.failures or report.unread),
                "toolExecutionNotifications": list(notifications(report)),
            }
        ],
        "artifacts": artifacts(report),
        "results": [results.result(diagnostic) for diagnostic in (*report.diagnostics, *report.suppressed)],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def render(report: Report, *, category: str = CATEGORY, root: str | None = None) -> str:
    """The report as SARIF: ASCII only, two blanks of indentation, one line break at the end.

    `category` is what GitHub tells apart several uploads of one commit by. `root` is the absolute path of the directory
    that relative paths start from; without it the log is the same on every machine, and consumers use their checkout.
    """
    return json.dumps(document(report, category, root), indent=2) + "\n"
