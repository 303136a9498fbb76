"""Comments that suppress findings: dlf's own, and those of hadolint and BuildKit for rules that mean the same.

    # dlf: ignore[rule, other-rule] reason      the next instruction of a Dockerfile; in YAML the entry below,
                                                or, at the end of a line, that line's own; in a `.dockerignore`
                                                the pattern below
    # dlf: ignore-file[rule] reason             the whole file
    # hadolint ignore=DL3025,SC2086             the next instruction
    # hadolint global ignore=DL3006             the whole file
    # check=skip=JSONArgsRecommended            the whole file as a directive at its top, else the next instruction

A comment between the continuation lines of an instruction, or in a heredoc of a RUN, speaks of that instruction.
`ignore[all]` means every rule. A finding belongs to the place where its primary span begins. An ignore of ours that
suppresses nothing, names no rule or is misspelt is told; a pragma of another tool that does nothing here is not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from dockerlint_fastapi.finding import Finding
from dockerlint_fastapi.report import Suppression
from dockerlint_fastapi.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from dockerlint_fastapi.report import Diagnostic

UNUSED = "unused-ignore"
"""The rule under which what `apply` finds wrong with an ignore is reported."""

HADOLINT: Mapping[str, frozenset[str]] = {
    "DL1000": frozenset({"dockerfile-syntax"}),
    "DL3002": frozenset({"runs-as-root"}),
    "DL3006": frozenset({"unpinned-base-image"}),
    "DL3007": frozenset({"unpinned-base-image"}),
    "DL3009": frozenset({"package-cache-left"}),
    "DL3013": frozenset({"unpinned-requirements"}),
    "DL3015": frozenset({"apt-installs-recommends"}),
    "DL3019": frozenset({"package-cache-left"}),
    "DL3020": frozenset({"add-instead-of-copy"}),
    "DL3025": frozenset({"shell-form-cmd"}),
    "DL3032": frozenset({"package-cache-left"}),
    "DL3036": frozenset({"package-cache-left"}),
    "DL3040": frozenset({"package-cache-left"}),
    "DL3042": frozenset({"pip-cache-kept"}),
    "DL3057": frozenset({"missing-healthcheck"}),
    "DL3061": frozenset({"dockerfile-syntax"}),
}
"""hadolint's rules that mean the same as ours. Where theirs is only a part of ours, it is left out."""

BUILDKIT: Mapping[str, frozenset[str]] = {
    "CopyIgnoredFile": frozenset({"ignored-needed-file"}),
    "JSONArgsRecommended": frozenset({"shell-form-cmd"}),
    "MultipleInstructionsDisallowed": frozenset({"duplicate-instruction"}),
    "SecretsUsedInArgOrEnv": frozenset({"secret-in-arg", "secret-in-env"}),
    "UndefinedVar": frozenset({"undefined-variable"}),
}
"""BuildKit's build checks that mean the same as ours."""

_BUILDKIT_FOLDED = {name.lower(): rules for name, rules in BUILDKIT.items()} | {
    "all": frozenset().union(*BUILDKIT.values())
}

# A comment: at the beginning of a line or behind a space, as shells and YAML have it.
_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#[ \t]*(?=dlf\b|hadolint\b|check[ \t]*=)", re.IGNORECASE | re.MULTILINE)
# What a comment says, as texts: `re` compiles them when the first such comment is met, and most files have none.
_OWN = r"(?i)dlf[ \t]*:[ \t]*ignore(?P<file>-file)?[ \t]*\[(?P<names>[^\]\n]*)\](?P<reason>.*)"
_MEANT = (
    r"(?i)dlf\b(?P<mark>[ \t:=,;-]*)(?P<word>ignore|ignore[-_ ](?:next[-_ ]?line|line|file)"
    r"|disable[sd]?|noqa|no-?lint|skip|suppress|allow|off)"
    r"(?![\w.])(?P<rest>.*)"
)
_HADOLINT = (
    r"(?i)hadolint[ \t]+(?P<file>global[ \t]+)?ignore[ \t]*=[ \t]*"
    r"(?P<names>[A-Z]+[0-9]+(?:[ \t]*,[ \t]*[A-Z]+[0-9]+)*)(?P<reason>.*)"
)
_CHECK = r"(?i)check[ \t]*=[ \t]*(?P<settings>.*)"
_RULE_NAME = r"[a-z0-9]+(?:[-_][a-z0-9]+)+|\ball\b"

# The key of a YAML entry: outer space, dashes of sequences, the key, and its value if one stands beside it.
_ENTRY = (
    r"(?P<before>[ \t]*(?:-[ \t]+)*)"
    r"(?:\"(?:[^\"\\]|\\.)*\"|'[^']*'|[^\s#'\"\[\]{},:][^:#\n]*?)[ \t]*:(?:[ \t]+(?P<value>.*))?$"
)
_ITEM = r"(?P<before>[ \t]*(?:-[ \t]+)*)-[ \t]+(?P<value>\S.*)$"
_PROPERTIES = r"(?:[&!]\S*[ \t]*)*(?:#.*)?"


class Named(NamedTuple):
    """One name in an ignore: as written, where, and the rules that it stands for (None: every rule)."""

    text: str
    span: Span
    rules: frozenset[str] | None


class Ignore(NamedTuple):
    """One comment that suppresses. `start` and `end` are the offsets between which a finding must begin."""

    span: Span  # from the `#` to the end of the line
    kind: str  # "dlf", "hadolint", "check"
    names: tuple[Named, ...]
    start: int
    end: int
    reason: str = ""
    problem: str | None = None  # why it cannot be obeyed

    def suppresses(self, rule: str, at: int) -> Iterator[Named]:
        """The names by which it hides a finding of that rule that begins at that offset."""
        if self.start <= at <= self.end:
            yield from (named for named in self.names if named.rules is None or rule in named.rules)


class Applied(NamedTuple):
    """What is left after ignores: findings kept, findings hidden (with their Suppression), what to say of ignores."""

    kept: list[Diagnostic]
    suppressed: list[Diagnostic]
    unused: list[Finding]  # to be reported as the rule UNUSED


def ignores(source: Source, kind: str) -> tuple[Ignore, ...]:
    """The ignores in a file. `kind` is `dockerfile`, `compose` or `dockerignore`. Never raises; nearly free for a file
    without any.
    """
    matches = list(_COMMENT.finditer(source.text))
    if not matches:
        return ()
    places: _InDockerfile | _InYaml
    if kind == "dockerfile":
        places = _InDockerfile(source)
    else:
        places = _InYaml(source) if kind == "compose" else _InIgnoreFile(source)
    return tuple(ignore for match in matches if (ignore := _read(source, match, places)) is not None)


def _read(source: Source, match: re.Match[str], places: _InDockerfile | _InYaml) -> Ignore | None:
    """The ignore that a comment makes; None when it is no pragma of a tool we know."""
    begin, at = match.start(), match.end()
    row = source.position(at)[0] - 1
    end = at + len(source.line(row + 1)) - (at - source.starts[row])
    span = Span(source, begin, end)
    body = source.text[at:end]
    whole = (0, len(source.text))

    def near() -> tuple[int, int]:
        # From the comment itself on, so that an `ignore[unused-ignore]` covers the ignores beside it.
        first, last = places.scope(row, begin)
        return (first, last) if first < 0 else (min(first, begin), last)

    if found := re.match(_OWN, body):
        scope = whole if found["file"] else near()
        names = tuple(_names(source, at + found.start("names"), found["names"]))
        problem = places.misplaced(row, begin)
        if not names:
            problem = "names no rule: write `# dlf: ignore[rule] reason`, or `ignore[all]`"
        return Ignore(span, "dlf", names if problem is None else (), *scope, found["reason"].strip(" \t#:;-"), problem)
    if (found := re.match(_MEANT, body)) and (":" in found["mark"] or _names_follow(found["rest"])):
        return Ignore(span, "dlf", (), 0, 0, problem=_spelling(found))
    if isinstance(places, _InYaml):
        return None
    if found := re.match(_HADOLINT, body):
        scope = whole if found["file"] else near()
        names = tuple(
            Named(
                name[0],
                Span(source, at + found.start("names") + name.start(), at + found.start("names") + name.end()),
                rules,
            )
            for name in re.finditer(r"\w+", found["names"])
            if (rules := HADOLINT.get(name[0].upper()))
        )
        return Ignore(span, "hadolint", names, *scope, found["reason"].strip(" \t#:;-"))
    if found := re.match(_CHECK, body):
        scope = whole if row in places.directive_rows else near()
        return Ignore(span, "check", tuple(_checks(source, at + found.start("settings"), found["settings"])), *scope)
    return None


def _names(source: Source, at: int, text: str) -> Iterator[Named]:
    for name in re.finditer(r"[^\s,]+", text):
        rules = None if name[0].lower() == "all" else frozenset({name[0]})
        yield Named(name[0], Span(source, at + name.start(), at + name.end()), rules)


def _checks(source: Source, at: int, settings: str) -> Iterator[Named]:
    """The names behind `skip=` in the value of a check directive (`skip=A,B;error=true`)."""
    for setting in re.finditer(r"[^;]+", settings):
        key, equals, value = setting[0].partition("=")
        if key.strip().lower() != "skip":
            continue
        offset = at + setting.start() + len(key) + len(equals)
        for name in re.finditer(r"[^\s,]+", value):
            if rules := _BUILDKIT_FOLDED.get(name[0].lower()):
                yield Named(name[0], Span(source, offset + name.start(), offset + name.end()), rules)


def _names_follow(rest: str) -> bool:
    """Whether names stand right behind the word, so that it is no prose: `# dlf ignore shell-form-cmd`."""
    rest = rest.lstrip(" \t:=(")
    return rest.startswith("[") or re.match(_RULE_NAME, rest) is not None


def _spelling(found: re.Match[str]) -> str:
    """What to write instead of an ignore that is not written as one."""
    word = "ignore-file" if "file" in found["word"].lower() or found["rest"].lower().startswith("-file") else "ignore"
    names = ", ".join(name[0].replace("_", "-") for name in re.finditer(_RULE_NAME, found["rest"])) or "rule"
    return f"is not understood, so it suppresses nothing: write `# dlf: {word}[{names}] reason`"


class _InDockerfile:
    """Where a comment of a Dockerfile speaks of: by the logical lines as BuildKit joins them."""

    def __init__(self, source: Source) -> None:
        # imported here: few files hold a pragma
        from dockerlint_fastapi.parsers.dockerfile.scan import scan  # noqa: PLC0415

        scanned = scan(source)
        self.source = source
        self.lines = [(line.first_row, line.last_row, line.end_row, line.keyword.upper()) for line in scanned.lines]
        self.directive_rows = {directive.span.line - 1 for directive in scanned.directives}

    def scope(self, row: int, _begin: int) -> tuple[int, int]:
        """The offsets of the instruction that the comment is in, or of the next one."""
        for first, _, last, _ in self._from(row):
            return _rows(self.source, first, last)
        return (-1, -1)

    def misplaced(self, row: int, begin: int) -> str | None:
        """Why Docker takes this for no comment, or None."""
        for first, last, _, keyword in self._from(row):
            alone = not self.source.text[self.source.starts[row] : begin].strip()
            if first <= row <= last and not alone and keyword != "RUN":
                return f"is no comment to Docker but a part of the {keyword}: put it on the line above"
            break
        return None

    def _from(self, row: int) -> Iterator[tuple[int, int, int, str]]:
        """The logical lines from the one that holds the row, or the first below it."""
        low, high = 0, len(self.lines)
        while low < high:
            middle = (low + high) // 2
            if self.lines[middle][2] < row:
                low = middle + 1
            else:
                high = middle
        yield from self.lines[low : low + 1]


class _InYaml:
    """Where a comment of a compose file speaks of: by lines and their indentation."""

    directive_rows: frozenset[int] = frozenset()

    def __init__(self, source: Source) -> None:
        self.source = source
        self.rows = [row.removesuffix("\r") for row in source.text.split("\n")]
        self._lasts: dict[int, int] = {}
        self._next = [0] * len(self.rows)  # for each row, the first from it on that is more than a comment
        following = len(self.rows)
        for row in range(len(self.rows) - 1, -1, -1):
            text = self.rows[row].lstrip()
            if text and text[0] != "#":
                following = row
            self._next[row] = following

    def scope(self, row: int, begin: int) -> tuple[int, int]:
        """The offsets of the entry that begins on the comment's line or, for a comment alone on its line, below it.

        A value that goes on over further lines belongs to the entry; what is nested below it does not.
        """
        first = row
        if not self.source.text[self.source.starts[row] : begin].strip():
            first = self._next[row]
        if first >= len(self.rows):
            return (-1, -1)
        if first not in self._lasts:
            self._lasts[first] = self._last(first)
        return _rows(self.source, first, self._lasts[first])

    def misplaced(self, _row: int, _begin: int) -> str | None:
        """YAML takes a `#` behind a space for a comment everywhere that matters here."""
        return None

    def _last(self, first: int) -> int:
        """The last row of the value that begins on a row."""
        line = self.rows[first]
        entry = re.match(_ENTRY, line)
        item = None if entry else re.match(_ITEM, line)
        value = (entry["value"] or "") if entry else (item["value"] if item else "")
        if re.fullmatch(_PROPERTIES, value):
            return first
        head = entry or item
        if head is None:
            return first
        column = len(head["before"])
        last = first
        for row in range(first + 1, len(self.rows)):
            text = self.rows[row]
            stripped = text.lstrip(" \t")
            if not stripped:
                continue
            closing = value[:1] in "[{" and len(text) - len(stripped) == column and stripped[0] in "]}"
            if len(text) - len(stripped) <= column and not closing:
                break
            last = row
        return last


class _InIgnoreFile(_InYaml):
    """Where a comment of a `.dockerignore` speaks of: the pattern below it."""

    def scope(self, row: int, _begin: int) -> tuple[int, int]:
        """The offsets of the next line that is more than a comment."""
        first = self._next[row]
        return _rows(self.source, first, first) if first < len(self.rows) else (-1, -1)

    def misplaced(self, row: int, begin: int) -> str | None:
        """Why Docker takes this for no comment, or None."""
        if begin == self.source.starts[row]:
            return None
        return "is no comment to Docker but a part of the pattern: put it on a line of its own, in the first column"


def _rows(source: Source, first: int, last: int) -> tuple[int, int]:
    """The offsets from the beginning of a row to the end of another."""
    return source.starts[first], source.line_span(last + 1).end


def apply(
    diagnostics: Iterable[Diagnostic],
    ignores_by_source: Mapping[Source, Sequence[Ignore]],
    *,
    known: Collection[str] = (),
    active: Collection[str] | None = None,
) -> Applied:
    """Parts diagnostics by ignores, and finds the ignores that did nothing.

    `known` are the names of all rules: any other name in an ignore of ours is told (when empty, names are not checked).
    `active` are the rules that ran (None: all): an ignore of another one cannot be judged, so it is not called unused.
    """
    kept: list[Diagnostic] = []
    suppressed: list[Diagnostic] = []
    used: set[tuple[Span, Span]] = set()
    for diagnostic in diagnostics:
        where = diagnostic.finding.span
        first: Ignore | None = None
        for ignore in ignores_by_source.get(where.source, ()):
            for named in ignore.suppresses(diagnostic.rule.name, where.start):
                first = first or ignore
                used.add((ignore.span, named.span))
        if first is None:
            kept.append(diagnostic)
        else:
            suppressed.append(diagnostic._replace(suppression=Suppression(first.span, first.reason, first.kind)))
    unused: list[Finding] = []
    for all_of_source in ignores_by_source.values():
        told = [
            finding
            for ignore in all_of_source
            if ignore.kind == "dlf"
            for finding in _told(ignore, used, known, active)
        ]
        unused.extend(finding for finding in told if not _hidden(finding, all_of_source))
    return Applied(kept, suppressed, unused)


def _told(
    ignore: Ignore, used: set[tuple[Span, Span]], known: Collection[str], active: Collection[str] | None
) -> Iterator[Finding]:
    """What is wrong with an ignore."""
    if ignore.problem is not None:
        yield Finding.at(ignore.span, f"this ignore {ignore.problem}")
        return
    for named in ignore.names:
        if (ignore.span, named.span) in used or named.text == UNUSED:
            continue
        if named.rules is None:
            if active is None or (known and set(known) <= {*active, UNUSED}):
                yield Finding.at(named.span, "this ignore suppresses nothing")
        elif known and named.text not in known:
            yield Finding.at(
                named.span,
                f"there is no rule `{named.text}`{_meant(named.text, known)}, so this ignore suppresses nothing",
            )
        elif active is None or named.text in active:
            yield Finding.at(named.span, f"this ignore of `{named.text}` suppresses nothing")


def _hidden(finding: Finding, ignores_of_source: Sequence[Ignore]) -> bool:
    """Whether `ignore[unused-ignore]` covers it. `ignore[all]` does not: it would always hide that it is useless."""
    at = finding.span.start
    return any(named.rules is not None for ignore in ignores_of_source for named in ignore.suppresses(UNUSED, at))


def _meant(name: str, known: Collection[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only a misspelt name needs it

    rules = set().union(
        *(rules for table in (HADOLINT, BUILDKIT) for key, rules in table.items() if key.lower() == name.lower())
    )
    close = sorted(rules & set(known)) or get_close_matches(name.lower().replace("_", "-"), sorted(known), 1, 0.6)
    return f" (did you mean `{close[0]}`?)" if close else ""
