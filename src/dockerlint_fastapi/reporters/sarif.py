"""The report as SARIF 2.1.0, made for GitHub code scanning and checked with Microsoft's SARIF validator.

Every run carries the whole rule catalogue, byte for byte the same whatever was found. What each property holds is in
docs/output.md; the standard is OASIS "Static Analysis Results Interchange Format (SARIF) Version 2.1.0 Plus Errata 01".
"""

from __future__ import annotations

import json
import posixpath
from urllib.parse import quote

from dockerlint_fastapi import __version__
from dockerlint_fastapi.model.secrets import is_made_up
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.reporters.line_hash import line_hashes
from dockerlint_fastapi.reporters.visible import visible, well_formed
from dockerlint_fastapi.reporters.withheld import STAR, hidden, kind_of_secrets, shown
from dockerlint_fastapi.source import Source, Span, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from dockerlint_fastapi.checkout import Checkout
    from dockerlint_fastapi.finding import Edit, Finding, Fix
    from dockerlint_fastapi.report import Diagnostic, Report, RuleInfo, Suppression

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
INFORMATION_URI = "https://github.com/dockerlint-fastapi/dlf"
ROOT = "SRCROOT"  # the name that the standard's own examples give to the root of the sources
REPOSITORY = "REPOROOT"  # likewise, to the top of a checkout
MESSAGE = "default"
# GitHub takes 10 MB, compressed. A Dockerfile has 2 kB, so few logs come near.
MOST_OF_A_FILE, MOST_OF_A_LOG = 200_000, 4_000_000  # characters
LONGEST_SNIPPET = 4_000  # characters
SHORTEST_SECRET = 6  # characters; a shorter word of a message may well stand for something else
BESIDE = 200  # characters of a line, before and behind an edit, that tell what is written there
AROUND = 2  # lines of context above and below
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


class Files:
    """The files that a run speaks of: where they lie, and what of their text may be told."""

    def __init__(self, checkout: Checkout | None, *, sources: bool) -> None:
        self.checkout = checkout
        self._sources = sources
        self._shown: dict[int, tuple[Source, str]] = {}  # each with its source, so that no other gets its number
        self._secrets: dict[int, tuple[str, ...]] = {}

    def location(self, path: str) -> dict[str, Any]:
        """A file, relative to where dlf was run or to the top of the checkout."""
        below = None if self.checkout is None else self._in_checkout(path, self.checkout)
        if below is None:
            return artifact_location(path)
        return {"uri": percent_encoded(below), "uriBaseId": REPOSITORY}

    def _in_checkout(self, path: str, checkout: Checkout) -> str | None:
        """The path from the top of the checkout, of a file that lies in it and not below the working directory."""
        if checkout.below is None:
            inside = path.startswith(f"{checkout.shown}/")
            return path[len(checkout.shown) + 1 :] if inside else None
        if not path.startswith("../") or not checkout.below:
            return None
        below = posixpath.normpath(posixpath.join(checkout.below, path))
        return None if below == ".." or below.startswith("../") else below

    def is_inside(self, location: dict[str, Any]) -> bool:
        """Whether a location leads into the checkout."""
        if self.checkout is None:
            return False
        bases = (REPOSITORY,) if self.checkout.below is None else (REPOSITORY, ROOT)
        return location.get("uriBaseId") in bases

    def place(self, span: Span, *, context: bool = False) -> dict[str, Any]:
        """A file and a region of it, with its text; and the lines round it, when they are asked for."""
        place = {"artifactLocation": self.location(span.source.shown), "region": self.region(span)}
        if context and self._sources:
            place["contextRegion"] = self._context(span)
        return place

    def region(self, span: Span) -> dict[str, Any]:
        """A region with its text, unless that is long."""
        return {**region(span), **self._snippet(span)}

    def _context(self, span: Span) -> dict[str, Any]:
        """The lines of a span and some round it, in whole lines."""
        source, starts = span.source, span.source.starts
        first = max(1, span.line - AROUND)
        last = max(span.end_line, min(len(starts) - (starts[-1] == len(source.text)), span.end_line + AROUND))
        lines = Span(source, starts[first - 1], source.line_span(last).end)
        return {"startLine": first, "endLine": last, **self._snippet(lines)}

    def _snippet(self, span: Span) -> dict[str, Any]:
        if span.end - span.start > LONGEST_SNIPPET or (text := self.text(span.source)) is None:
            return {}
        return {"snippet": {"text": text[span.start : span.end]}}

    def text(self, source: Source) -> str | None:
        """The text of a file as it may be told; None for one that is too large, or when no source is to be told."""
        return self._told(source) if self._sources and len(source.text) <= MOST_OF_A_FILE else None

    def _told(self, source: Source) -> str:
        known = self._shown.get(id(source))
        if known is None:
            known = self._shown[id(source)] = (source, shown(source))
        return known[1]

    def without_secrets(self, text: str, *sources: Source, quoted: bool = False) -> str:
        """A message without the secrets of the files that it may quote: what is quoted stands between backticks, or is
        all of it when `quoted`. Elsewhere a stand-in such as `secret` may be a word like any other, and stays.
        """
        secrets = {one for source in sources for one in self._values(source) if one in text}
        for secret in sorted(secrets, key=lambda one: (-len(one), one)):
            if quoted or not is_made_up(secret):
                text = text.replace(secret, STAR * len(secret))
            else:
                parts = text.split("`")
                for at in range(1, len(parts) - 1, 2):
                    parts[at] = parts[at].replace(secret, STAR * len(secret))
                text = "`".join(parts)
        return text

    def tells_secrets(self, edit: Edit, *sources: Source) -> bool:
        """Whether what an edit writes repeats a secret of some files, or is one where it is written."""
        span, text = edit
        source = span.source
        if kind_of_secrets(source) is not None or self.repeats_secrets(text, *sources, source):
            return True
        if span.start == span.end and self._hides(source, span.start - 1):
            return False  # more in a place of which all is hidden, since nobody can tell where its secret ends
        start = max(span.start - BESIDE, source.text.rfind("\n", 0, span.start) + 1)
        before, behind = source.text[start : span.start], source.text[span.end : span.end + BESIDE].partition("\n")[0]
        told = shown(Source(source.path, encode(f"{before}{text}{behind}")))
        return any(one == STAR != other for one, other in zip(told[len(before) :], text, strict=False))

    def _hides(self, source: Source, at: int) -> bool:
        """Whether a character of a file is part of what is hidden."""
        return at >= 0 and self._told(source)[at] == STAR != source.text[at]

    def repeats_secrets(self, text: str, *sources: Source) -> bool:
        """Whether a text repeats a secret of some files."""
        return any(secret in text for source in sources for secret in self._values(source))

    def _values(self, source: Source) -> tuple[str, ...]:
        """The secrets of a file, word by word; also when its text is not told."""
        if id(source) not in self._secrets:
            words: tuple[str, ...] = ()
            if kind_of_secrets(source) is None:  # of what is hidden as a whole, rules say no more than they may
                told = self._told(source)
                # a word that is to be seen elsewhere in the file (`postgres`) may be meant as that
                words = tuple(one for one in hidden(source.text, told, SHORTEST_SECRET) if one not in told)
            self._secrets[id(source)] = words
        return self._secrets[id(source)]


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


def braced(text: str) -> str:
    """A text in which no brace begins the place of an argument."""
    return text.replace("{", "{{").replace("}", "}}")


def identifier(rule: RuleInfo) -> str:
    """The id of a rule: its code, or its name when it has none."""
    return rule.code or rule.name


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
    properties |= {"name": rule.name, "since": rule.since, "sources": list(rule.sources)}
    # The page of a rule from `--rules DIR` has no address, only a place on somebody's disk.
    published = rule.url.startswith(("https://", "http://"))
    title = without_marks(rule.title)
    heading, _, page = rule.markdown.partition("\n")
    code = f"{rule.code}, " if rule.code else ""
    ignoring = f"`{rule.name}` ({code}what `# dlf: ignore[{rule.name}] reason` ignores)"
    return {
        "id": identifier(rule),
        "name": pascal_case(rule.name),
        "shortDescription": {"text": f"{rule.name}: {title}"},
        "fullDescription": {"text": rule.summary},
        "messageStrings": {MESSAGE: {"text": f"{braced(title)}: '{{0}}'."}},
        "help": {
            "text": "\n\n".join([f"{rule.name}: {rule.summary}", rule.help, *([rule.url] if published else [])]),
            "markdown": f"{heading}\n\n{ignoring}\n{page}",
        },
        **({"helpUri": rule.url} if published else {}),
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": properties,
    }


class Results:
    """The findings of a run as SARIF results. Line hashes are made once a file."""

    __slots__ = ("_hashes", "_indexes", "files")

    def __init__(self, rules: Iterable[RuleInfo], files: Files) -> None:
        self.files = files
        self._indexes = {rule.name: index for index, rule in enumerate(rules)}
        self._hashes: dict[int, tuple[Source, list[str]]] = {}

    def result(self, diagnostic: Diagnostic) -> dict[str, Any]:
        """One finding."""
        rule, finding, suppression = diagnostic.rule, diagnostic.finding, diagnostic.suppression
        result: dict[str, Any] = {"ruleId": identifier(rule)}
        if rule.name in self._indexes:
            result["ruleIndex"] = self._indexes[rule.name]
        text = finding.message if finding.message.strip() else rule.title  # GitHub refuses an empty one
        read = sources_of(finding)
        text = self.files.without_secrets(text, *read)
        result |= {
            "level": LEVELS[diagnostic.severity],
            # GitHub and most others show `text`. With `id` and `arguments` it can be worded anew, or translated.
            "message": {**message(text), "id": MESSAGE, "arguments": [visible(text)]},
            "locations": [{"physicalLocation": self.files.place(finding.span, context=True)}],
            "partialFingerprints": {"primaryLocationLineHash": self._line_hash(finding.span)},
        }
        if finding.notes:
            result["relatedLocations"] = [
                {
                    "id": number,
                    "physicalLocation": self.files.place(note.span),
                    "message": message(self.files.without_secrets(note.message, *read)),
                }
                for number, note in enumerate(finding.notes, start=1)
            ]
        if finding.fix and (mended := self._fix(finding.fix, read)):
            result["fixes"] = [mended]
        if diagnostic.stricter:
            result["properties"] = {"stricterThanGuide": True}
        if suppression:
            # A baseline has no place in the sources: it suppresses from outside.
            kind = "external" if suppression.span is None else "inSource"
            reason = self._reason(suppression)
            result["suppressions"] = [{"kind": kind, "status": "accepted", **reason}]
            if suppression.span is not None:
                result["suppressions"][0]["location"] = {"physicalLocation": self._plain_place(suppression.span)}
        return result

    def _reason(self, suppression: Suppression) -> dict[str, Any]:
        """Why a finding is ignored, in the words of a comment."""
        text = suppression.reason
        if suppression.span is not None:
            text = self.files.without_secrets(text, suppression.span.source, quoted=True)
        return {"justification": well_formed(text)} if text else {}

    def _plain_place(self, span: Span) -> dict[str, Any]:
        return {"artifactLocation": self.files.location(span.source.shown), "region": region(span)}

    def _line_hash(self, span: Span) -> str:
        """The fingerprint of the line in which a span begins."""
        source = span.source
        known = self._hashes.get(id(source))
        if known is None:
            known = self._hashes[id(source)] = (source, line_hashes(source.data))
        return known[1][span.line - 1]

    def _fix(self, found: Fix, read: tuple[Source, ...]) -> dict[str, Any] | None:
        """A fix, its edits gathered by file; None when it writes nothing, bytes that are not UTF-8, or a secret."""
        changes: dict[str, list[dict[str, Any]]] = {}
        for edit in found.edits:
            span, text = edit
            if well_formed(text) != text or self.files.tells_secrets(edit, *read):
                return None
            replacement = {"deletedRegion": region(span), "insertedContent": {"text": text}}
            changes.setdefault(span.source.shown, []).append(replacement)
        for path, text, shown_path in found.creations:
            if well_formed(text) != text or self.files.repeats_secrets(text, *read):
                return None
            start = {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1}  # of a file that is not there yet
            replacement = {"deletedRegion": start, "insertedContent": {"text": text}}
            changes.setdefault(shown_path or path, []).append(replacement)
        if not changes:
            return None
        safety = "" if found.applicability == "safe" else " (unsafe: may change behaviour)"
        return {
            "description": message(self.files.without_secrets(found.title, *read) + safety),
            "artifactChanges": [
                {"artifactLocation": self.files.location(path), "replacements": replacements}
                for path, replacements in changes.items()
            ],
        }


def notification(kind: str, text: str, location: dict[str, Any] | None = None) -> dict[str, Any]:
    """What is told of the run itself: one of NOTIFICATIONS, and where."""
    index = next(index for index, one in enumerate(NOTIFICATIONS) if one["id"] == kind)
    place = {} if location is None else {"locations": [{"physicalLocation": location}]}
    return {
        "descriptor": {"id": kind, "index": index},
        "level": NOTIFICATIONS[index]["defaultConfiguration"]["level"],
        "message": message(text),
        **place,
    }


def notifications(report: Report, files: Files) -> Iterator[dict[str, Any]]:
    """What could not be read, parsed, linted or judged. Each file that was not parsed in full is told once."""

    def place(span: Span) -> dict[str, Any]:
        return {"artifactLocation": files.location(span.source.shown), "region": region(span)}

    for text in report.unread:
        yield notification(NOT_READ, text)
    problems: dict[str, list[Diagnostic]] = {}
    for diagnostic in (*report.diagnostics, *report.suppressed):
        if diagnostic.rule.name in SYNTAX_RULES:
            problems.setdefault(diagnostic.path, []).append(diagnostic)
    for first, *more in problems.values():
        also = f" (and {len(more)} more)" if more else ""
        told = files.without_secrets(first.finding.message, first.finding.span.source)
        yield notification(NOT_PARSED, f"not read in full: {told}{also}", place(first.finding.span))
    for notice in report.notices:
        told = files.without_secrets(notice.message, notice.span.source)
        yield notification(NOT_LINTED, told, place(notice.span))
    for failure in report.failures:
        what = f"the rule `{failure.rule}`" if failure.rule else "a parser"
        where = None if failure.span is None else place(failure.span)
        yield notification(BROKEN, f"{what} failed: {type(failure.error).__name__}", where)


def sources_of(finding: Finding) -> tuple[Source, ...]:
    """The files that a finding speaks of and mends."""
    spans = [finding.span, *(note.span for note in finding.notes)]
    spans += (edit.span for edit in (finding.fix.edits if finding.fix else ()))
    return tuple({id(span.source): span.source for span in spans}.values())


def sources(report: Report) -> Iterator[Source]:
    """Every source that the report points into, those of findings first; some more than once."""
    diagnostics = (*report.diagnostics, *report.suppressed)
    yield from (diagnostic.finding.span.source for diagnostic in diagnostics)
    for diagnostic in diagnostics:
        finding = diagnostic.finding
        yield from (note.span.source for note in finding.notes)
        yield from (edit.span.source for edit in (finding.fix.edits if finding.fix else ()))
        if diagnostic.suppression and diagnostic.suppression.span:
            yield diagnostic.suppression.span.source
    yield from (notice.span.source for notice in report.notices)
    yield from (failure.span.source for failure in report.failures if failure.span is not None)


def artifacts(report: Report, files: Files) -> dict[str, Any]:
    """The files that were linted, and those that only findings point into, with their text. Microsoft's validator
    takes a list without any text amiss (SARIF2013), so the files of a run that found nothing are told as a property.
    """
    linted = set(report.files)
    texts: dict[str, dict[str, Any]] = {}
    paths = set(linted)
    room = MOST_OF_A_LOG
    for source in sources(report):
        path = source.shown
        paths.add(path)
        if path not in texts and len(source.text) <= room and (text := files.text(source)) is not None:
            room -= len(text)
            texts[path] = {"contents": {"text": text}}
    if not texts and report.sources:
        return {"properties": {"linted": [files.location(path)["uri"] for path in sorted(paths)]}} if paths else {}
    return {
        "artifacts": [
            {
                "location": files.location(path),
                **({"roles": ["analysisTarget"]} if path in linted else {}),
                **texts.get(path, {}),
            }
            for path in sorted(paths)
        ]
    }


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


def origins(checkout: Checkout | None, root: str | None) -> dict[str, Any]:
    """What paths start from: where dlf was run, and the top of the checkout when that is another place."""
    here: dict[str, Any] = {} if root is None else {"uri": artifact_location(f"{root.rstrip('/')}/")["uri"]}
    here["description"] = {"text": "The directory in which dlf was run."}
    if checkout is None or checkout.below == "":
        return {ROOT: here}
    top: dict[str, Any] = {"description": {"text": "The top of the checkout."}}
    if checkout.below is None:
        if not checkout.shown.startswith("../"):
            top = {"uri": f"{percent_encoded(checkout.shown)}/", "uriBaseId": ROOT, **top}
    elif root is None:
        here = {"uri": f"{percent_encoded(checkout.below)}/", "uriBaseId": REPOSITORY, **here}
    return {ROOT: here, REPOSITORY: top}


def provenance(report: Report, files: Files) -> dict[str, Any]:
    """The commit of the files; nothing where some lie outside of the checkout, of which it would say too much."""
    checkout = files.checkout
    places = (files.location(one.path) for one in (*report.diagnostics, *report.suppressed))
    if checkout is None or not all(map(files.is_inside, places)):
        return {}
    details: dict[str, Any] = {"repositoryUri": checkout.repository}
    if checkout.revision is not None:
        details["revisionId"] = checkout.revision
    if checkout.branch is not None:
        details["branch"] = visible(checkout.branch)
    details["mappedTo"] = {"uriBaseId": ROOT if checkout.below == "" else REPOSITORY}
    return {"versionControlProvenance": [details]}


def document(report: Report, files: Files, category: str, root: str | None) -> dict[str, Any]:
    """The whole log, with one run, and no result in it yet."""
    run = {
        "tool": {"driver": driver(report.rules)},
        "automationDetails": {"id": f"{category}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": origins(report.checkout, root),
        **provenance(report, files),
        "invocations": [
            {
                "executionSuccessful": not (report.failures or report.unread),
                "toolExecutionNotifications": list(notifications(report, files)),
            }
        ],
        **artifacts(report, files),
        "results": [],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def render(report: Report, *, category: str = CATEGORY, root: str | None = None) -> str:
    """The report as SARIF: ASCII only, two blanks of indentation, one line break at the end.

    `category` is what GitHub tells apart several uploads of one commit by. `root` is the absolute path of the directory
    that relative paths start from; without it the log is the same on every machine, and consumers use their checkout.
    """
    return "".join(pieces(report, category=category, root=root))


def pieces(report: Report, *, category: str = CATEGORY, root: str | None = None) -> Iterator[str]:
    """The same, result by result: as one tree of dictionaries, a large log would have all memory looked through again
    and again for what can be given back.
    """
    files = Files(report.checkout, sources=report.sources)
    results = Results(report.rules, files)
    head, _, tail = json.dumps(document(report, files, category, root), indent=2).rpartition('"results": []')
    yield f'{head}"results": ['
    found = (*report.diagnostics, *report.suppressed)
    between = indentation = "\n" + " " * 8
    for diagnostic in found:
        yield between + json.dumps(results.result(diagnostic), indent=2).replace("\n", indentation)
        between = f",{indentation}"
    yield ("\n      ]" if found else "]") + tail + "\n"
