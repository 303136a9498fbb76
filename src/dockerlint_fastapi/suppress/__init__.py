"""Comments that suppress findings: dlf's own, and those of hadolint and BuildKit for rules that mean the same.

    # dlf: ignore[rule, other-rule] reason      the next instruction of a Dockerfile; in YAML the entry below,
                                                or, at the end of a line, that line's own; in a `.dockerignore`
                                                the pattern below; in scripts, Python, TOML, requirements
                                                and files of variables the line or statement that it ends,
                                                or the one below
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

from dockerlint_fastapi.finding import Finding
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.report import Suppression
from dockerlint_fastapi.rule import Names, near_code
from dockerlint_fastapi.source import Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from dockerlint_fastapi.report import Diagnostic
    from dockerlint_fastapi.suppress.places import InDockerfile, InYaml

UNUSED = "unused-ignore"
"""The rule under which what `apply` finds wrong with an ignore is reported."""

UNREASONED = "ignore-without-reason"
"""The rule under which ignores are reported that do not say why."""

_MANY = 16  # ignores in a file, from which on those of a place are looked up

HADOLINT: Mapping[str, frozenset[str]] = {
    "DL1000": frozenset({"dockerfile-syntax"}),
    "DL3000": frozenset({"relative-workdir"}),
    "DL3002": frozenset({"runs-as-root"}),
    "DL3003": frozenset({"run-without-effect"}),
    "DL3006": frozenset({"unpinned-base-image"}),
    "DL3007": frozenset({"unpinned-base-image"}),
    "DL3009": frozenset({"package-cache-left"}),
    "DL3012": frozenset({"duplicate-instruction"}),
    "DL3013": frozenset({"unpinned-requirements"}),
    "DL3014": frozenset({"apt-update-alone"}),
    "DL3015": frozenset({"apt-installs-recommends"}),
    "DL3019": frozenset({"package-cache-left"}),
    "DL3020": frozenset({"add-instead-of-copy"}),
    "DL3021": frozenset({"relative-workdir"}),
    "DL3022": frozenset({"unknown-stage"}),
    "DL3023": frozenset({"unknown-stage"}),
    "DL3024": frozenset({"unknown-stage"}),
    "DL3025": frozenset({"shell-form-cmd"}),
    "DL3027": frozenset({"apt-update-alone"}),
    "DL3029": frozenset({"legacy-syntax"}),
    "DL3032": frozenset({"package-cache-left"}),
    "DL3036": frozenset({"package-cache-left"}),
    "DL3040": frozenset({"package-cache-left"}),
    "DL3042": frozenset({"pip-cache-kept"}),
    "DL3044": frozenset({"undefined-variable"}),
    "DL3045": frozenset({"relative-workdir"}),
    "DL3057": frozenset({"missing-healthcheck", "unwatched-workers"}),
    "DL3061": frozenset({"dockerfile-syntax"}),
    "DL3063": frozenset({"unknown-stage"}),
    "DL3064": frozenset({"secret-in-arg", "secret-in-env"}),
    "DL4000": frozenset({"legacy-syntax"}),
    "DL4003": frozenset({"duplicate-instruction"}),
    "DL4004": frozenset({"duplicate-instruction"}),
}
"""hadolint's rules that mean the same as ours, or a part of it. Left out is what would hide other faults besides."""

BUILDKIT: Mapping[str, frozenset[str]] = {
    "ConsistentInstructionCasing": frozenset({"legacy-syntax"}),
    "CopyIgnoredFile": frozenset({"ignored-needed-file"}),
    "DuplicateStageName": frozenset({"unknown-stage"}),
    "ExposeProtoCasing": frozenset({"legacy-syntax"}),
    "FromAsCasing": frozenset({"legacy-syntax"}),
    "FromPlatformFlagConstDisallowed": frozenset({"legacy-syntax"}),
    "InvalidDefaultArgInFrom": frozenset({"undefined-variable"}),
    "JSONArgsRecommended": frozenset({"shell-form-cmd"}),
    "LegacyKeyValueFormat": frozenset({"legacy-syntax"}),
    "MaintainerDeprecated": frozenset({"legacy-syntax"}),
    "MultipleInstructionsDisallowed": frozenset({"duplicate-instruction"}),
    "NoEmptyContinuation": frozenset({"legacy-syntax"}),
    "ReservedStageName": frozenset({"unknown-stage"}),
    "SecretsUsedInArgOrEnv": frozenset({"secret-in-arg", "secret-in-env"}),
    "StageNameCasing": frozenset({"unknown-stage"}),
    "UndefinedArgInFrom": frozenset({"undefined-variable"}),
    "UndefinedVar": frozenset({"undefined-variable"}),
    "WorkdirRelativePath": frozenset({"relative-workdir"}),
}
"""BuildKit's build checks that mean the same as ours."""

_BUILDKIT_FOLDED = {name.lower(): rules for name, rules in BUILDKIT.items()} | {
    "all": frozenset().union(*BUILDKIT.values())
}

# A comment: at the beginning of a line or behind a space, as shells and YAML have it.
_COMMENT = pattern(r"(?:^|(?<=[ \t]))#[ \t]*(?=dlf\b|hadolint\b|check[ \t]*=)", re.IGNORECASE | re.MULTILINE)
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
    unreasoned: list[Finding]  # to be reported as the rule UNREASONED


def ignores(source: Source, kind: str) -> tuple[Ignore, ...]:
    """The ignores in a file. `kind` is `dockerfile`, `compose`, `dockerignore`, or `elsewhere` for a file whose name
    says what it is: a script, Python, requirements, TOML, YAML, variables. Never raises; nearly free for a file without
    any.
    """
    if kind == "elsewhere" and b"dlf" not in source.data.lower():
        return ()  # a lock file may be large
    matches = list(_COMMENT.finditer(source.text))
    if not matches:
        return ()
    from dockerlint_fastapi.suppress.places import places_of  # noqa: PLC0415 - few files hold a pragma

    places = places_of(source, kind)
    return tuple(
        ignore for match in matches if places.holds(match.start()) and (ignore := _read(source, match, places))
    )


def decoded(ignores: Sequence[Ignore], names: Names) -> tuple[Ignore, ...]:
    """The ignores with the names of the rules that they call by their codes, `# dlf: ignore[DLF015] reason`. Pages are
    read only when a word may be a code.
    """
    if not any(named.text.isupper() for one in ignores if one.kind == "dlf" for named in one.names):
        return tuple(ignores)
    return tuple(
        one._replace(names=tuple(_decoded(named, names) for named in one.names)) if one.kind == "dlf" else one
        for one in ignores
    )


def _decoded(named: Named, names: Names) -> Named:
    if named.rules is None:
        return named
    return named._replace(rules=frozenset(map(names.name_of, named.rules)))


def _read(source: Source, match: re.Match[str], places: InDockerfile | InYaml) -> Ignore | None:
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
    if not places.knows_others:
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
    holding = {source: _holding(all_of_source) for source, all_of_source in ignores_by_source.items()}
    for diagnostic in diagnostics:
        where = diagnostic.finding.span
        first: Ignore | None = None
        for ignore in holding[where.source](where.start) if where.source in holding else ():
            for named in ignore.suppresses(diagnostic.rule.name, where.start):
                first = first or ignore
                used.add((ignore.span, named.span))
        if first is None:
            kept.append(diagnostic)
        else:
            suppressed.append(diagnostic._replace(suppression=Suppression(first.span, first.reason, first.kind)))
    unused: list[Finding] = []
    unreasoned: list[Finding] = []
    for all_of_source in ignores_by_source.values():
        told = [
            finding
            for ignore in all_of_source
            if ignore.kind == "dlf"
            for finding in _told(ignore, used, known, active)
        ]
        unused.extend(_shown(UNUSED, told, all_of_source))
        bare = [_bare(one) for one in all_of_source if one.kind == "dlf" and one.problem is None and not one.reason]
        unreasoned.extend(_shown(UNREASONED, bare, all_of_source))
    return Applied(kept, suppressed, unused, unreasoned)


def _bare(ignore: Ignore) -> Finding:
    """That an ignore does not say why."""
    names = ", ".join(f"`{named.text}`" for named in ignore.names)
    return Finding.at(ignore.span, f"this ignore of {names} gives no reason: nobody can tell when it may go")


def _told(
    ignore: Ignore, used: set[tuple[Span, Span]], known: Collection[str], active: Collection[str] | None
) -> Iterator[Finding]:
    """What is wrong with an ignore."""
    if ignore.problem is not None:
        yield Finding.at(ignore.span, f"this ignore {ignore.problem}")
        return
    for named in ignore.names:
        if (ignore.span, named.span) in used or (named.rules or set()) & {UNUSED, UNREASONED}:
            continue
        if named.rules is None:
            if active is None or (known and set(known) <= {*active, UNUSED, UNREASONED}):
                yield Finding.at(named.span, "this ignore suppresses nothing")
        elif known and named.rules.isdisjoint(known):
            yield Finding.at(
                named.span,
                f"there is no rule `{named.text}`{_meant(named.text, known)}, so this ignore suppresses nothing",
            )
        elif active is None or not named.rules.isdisjoint(active):
            yield Finding.at(named.span, f"this ignore of `{named.text}` suppresses nothing")


def _shown(rule: str, findings: Sequence[Finding], ignores_of_source: Sequence[Ignore]) -> Iterator[Finding]:
    """What is wrong with ignores, and no ignore of the rule by its name covers. `ignore[all]` does not: it would always
    hide that it is useless itself.
    """
    naming = [one for one in ignores_of_source if any(rule in (named.rules or ()) for named in one.names)]
    holding = _holding(naming)
    for finding in findings:
        at = finding.span.start
        if not any(named.rules is not None for one in holding(at) for named in one.suppresses(rule, at)):
            yield finding


def _holding(all_of_source: Sequence[Ignore]) -> Callable[[int], Sequence[Ignore]]:
    """Which ignores of a file hold at an offset, in their order, and maybe others. Of many, those of a place are looked
    up, for a file may have thousands, with a finding at each.
    """
    if len(all_of_source) < _MANY:
        return lambda _offset: all_of_source
    from bisect import bisect_right  # noqa: PLC0415 - few files have so many

    wide = [at for at, one in enumerate(all_of_source) if one.start == 0]
    order = sorted((one.start, at) for at, one in enumerate(all_of_source) if one.start)
    starts = [start for start, _ in order]
    reach: list[int] = []  # how far an ignore up to this one holds
    for _, at in order:
        reach.append(max(all_of_source[at].end, reach[-1] if reach else 0))

    def held(offset: int) -> Sequence[Ignore]:
        found = list(wide)
        last = bisect_right(starts, offset) - 1
        while last >= 0 and reach[last] >= offset:
            found.append(order[last][1])
            last -= 1
        return [all_of_source[at] for at in sorted(found)]

    return held


def _meant(name: str, known: Collection[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only a misspelt name needs it

    rules = set().union(
        *(rules for table in (HADOLINT, BUILDKIT) for key, rules in table.items() if key.lower() == name.lower())
    )
    close = sorted(rules & set(known)) or get_close_matches(name.lower().replace("_", "-"), sorted(known), 1, 0.6)
    if not close and isinstance(known, Names) and (code := near_code(name, known.codes)):
        close = [code]
    return f" (did you mean `{close[0]}`?)" if close else ""
