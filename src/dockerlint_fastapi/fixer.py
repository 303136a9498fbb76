"""Applies fixes in memory, and believes none before it has looked: what a fix leaves is parsed and linted again.

A fix is refused when its finding is still there, when a finding comes that was not there before, when a file can be
parsed less well, and when anything is read otherwise that no edit touches (`comparison`). Nothing is written here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations, zip_longest
from math import comb
from operator import is_

from dockerlint_fastapi.discover import kind_of
from dockerlint_fastapi.finding import SEVERITIES
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.selection import disjoint
from dockerlint_fastapi.source import BOM, Source, encode
from dockerlint_fastapi.ties import companies as companies_of
from dockerlint_fastapi.tree import OverlayTree, Tree, Unreadable, normal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from dockerlint_fastapi.finding import Edit, Fix
    from dockerlint_fastapi.model.project import Project
    from dockerlint_fastapi.projection import Projection
    from dockerlint_fastapi.report import Diagnostic, Report
    from dockerlint_fastapi.source import Span

    class Assembled(Protocol):
        """How the model of a tree is made."""

        def __call__(self, tree: Tree, *, code: bool) -> Project:
            """The model of a tree; with `code`, with the servers that Python code starts."""


_MOST_REFUSED = 60  # fixes of one pass that are told from their neighbours: each takes some looks at the files
PASSES = 12  # how often a project is looked at again for fixes that the ones before made possible

Key = tuple[str, str, str, tuple[str, ...]]


class Refused(NamedTuple):
    """A fix that was not applied, and why."""

    diagnostic: Diagnostic
    reason: str


class Change(NamedTuple):
    """A file before and after. `before` is None for a file that was made."""

    path: str
    shown: str
    before: bytes | None
    after: bytes


class Fixed(NamedTuple):
    """What fixing came to: the files that differ, the fixes in the order in which they were applied, and those refused.

    `report` is what the linter says of the files as they are then.
    """

    changes: tuple[Change, ...]
    applied: tuple[Diagnostic, ...]
    refused: tuple[Refused, ...]
    report: Report
    tree: Tree


def applicable(fix: Fix | None, *, unsafe: bool) -> bool:
    """Whether there is a fix that may be applied."""
    return fix is not None and (unsafe or fix.applicability == "safe")


def _assembled(tree: Tree, *, code: bool) -> Project:
    """The model of a whole tree."""
    from dockerlint_fastapi.assemble import assemble  # noqa: PLC0415 - only a fix needs it
    from dockerlint_fastapi.discover import find  # noqa: PLC0415 - as above

    return assemble(tree, find(tree), code=code)


def fix(
    tree: Tree,
    lint: Callable[[Tree], Report],
    *,
    unsafe: bool = False,
    reported: Callable[[Report], Report] = lambda report: report,
    forbidden: Callable[[str], str | None] = lambda _path: None,
    assembled: Assembled = _assembled,
) -> Fixed:
    """Fixes what `lint` finds in a tree, until nothing more can be. Only what `reported` leaves of a report is fixed,
    and `forbidden` says of a file why it may not be changed or made. `assembled` gives the model of a tree that `lint`
    judges (without `code`, without the servers that Python code starts), of which a fix changes only what it names.
    """
    return _Fixer(tree, lint, reported, forbidden, _Models(assembled), unsafe=unsafe).run()


class _State(NamedTuple):
    """The project with some files changed, and what the linter says of it."""

    tree: Tree
    files: dict[str, Change]
    report: Report


class _Models:
    """What the models of trees say, each of those that were last asked for made once."""

    def __init__(self, assembled: Assembled) -> None:
        self.assembled = assembled
        self.kept: list[tuple[Tree, tuple[bool, bool], Projection]] = []

    def __call__(self, tree: Tree, *, sent: bool, code: bool) -> Projection:
        """What the model of a tree says; with `sent`, of the files that builds are sent, with `code`, of servers that
        Python code starts.
        """
        for at, (other, asked, known) in enumerate(self.kept):
            if other is tree and asked == (sent, code):
                self.kept.append(self.kept.pop(at))
                return known
        from dockerlint_fastapi.projection import projection  # noqa: PLC0415 - only a fix needs it

        made = projection(self.assembled(tree, code=code), sent=sent)
        self.kept = [*self.kept[-3:], (tree, (sent, code), made)]
        return made


class _Fixer:
    """One run."""

    def __init__(
        self,
        tree: Tree,
        lint: Callable[[Tree], Report],
        reported: Callable[[Report], Report],
        forbidden: Callable[[str], str | None],
        models: _Models,
        *,
        unsafe: bool,
    ) -> None:
        self.below = tree
        self.lint = lint
        self.reported = reported
        self.forbidden = forbidden
        self.models = models
        self.unsafe = unsafe
        self.applied: list[Diagnostic] = []
        # the last trees that were made, by the state and the fixes: looked at by one step after the other
        self.tried: list[tuple[_State, list[Diagnostic], _Applied]] = []
        self.attempted: tuple[_State, list[Diagnostic], _State | str] | None = None
        self.refused: dict[Key, Refused] = {}

    def run(self) -> Fixed:
        """Pass after pass."""
        state = _State(self.below, {}, self.lint(self.below))
        again = False  # something was applied since a fix was refused, which may go now
        for _ in range(PASSES):
            waiting = self.waiting(state.report)
            if not waiting:
                if not again or not self.refused:
                    break
                self.refused.clear()
                again = False
                continue
            following = self.step(state, self.sound(state, disjoint(waiting)))
            again = again or following is not state
            state = following
        changes = tuple(change for change in state.files.values() if change.before != change.after)
        return Fixed(changes, tuple(self.applied), tuple(self.refused.values()), state.report, state.tree)

    def waiting(self, report: Report) -> list[Diagnostic]:
        """The diagnostics whose fixes are to be tried."""
        return [
            one
            for one in self.reported(report).diagnostics
            if applicable(one.finding.fix, unsafe=self.unsafe) and identity(one) not in self.refused
        ]

    def sound(self, state: _State, chosen: list[Diagnostic]) -> list[Diagnostic]:
        """Those of some fixes that change nothing but what they touch, of the files and of the model. Fixes that may
        hide it of each other, when one spoils what the other touches, are also looked at apart (`_batches`).
        """
        files = [_paths_of(one) for one in chosen]
        unspoilt = self.passing(companies_of(chosen, files), lambda some: self.unlike(state, some))
        good = [one for one in chosen if id(one) in unspoilt]
        if not good:
            return []
        rounds = [[good]]
        if len(good) > 1:
            from dockerlint_fastapi.projection import unrelated  # noqa: PLC0415 - only a fix needs it

            # a model is of the whole project: one for each fix would take time that grows with the square of its size
            model = self.models(state.tree, sent=False, code=False)
            numbers = unrelated(model, _with_places(good))
            rounds = [[[good[at] for at in company] for company in some] for some in numbers]
        kept = {one for some in rounds for one in self.passing(some, lambda few: self.immodest(state, few))}
        return [one for one in good if id(one) in kept]

    def unlike(self, state: _State, chosen: list[Diagnostic]) -> str | None:
        """What some fixes change in their files that none of them touches."""
        found = self.applied_to(state, chosen)
        return found if isinstance(found, str) else found.difference(chosen)

    def immodest(self, state: _State, chosen: list[Diagnostic]) -> str | None:
        """What some fixes change of the model that none of them names."""
        found = self.applied_to(state, chosen)
        return found if isinstance(found, str) else self.otherwise(state, found, chosen)

    def passing(
        self, companies: list[list[Diagnostic]], reason_against: Callable[[list[Diagnostic]], str | None]
    ) -> set[int]:
        """Those of some fixes, by `id`, that nothing is against in any batch that they are in; the others are refused.
        The first batches of all companies, which have nothing to do with each other, are looked at at once, then the
        second ones.
        """
        bad: set[int] = set()
        for turn in zip_longest(*map(_batches, companies), fillvalue=()):
            batch = [one for some in turn for one in some if id(one) not in bad]
            for one, reason in self.culprits(batch, reason_against, _MOST_REFUSED - len(bad)):
                bad.add(id(one))
                self.refused[identity(one)] = Refused(one, reason)
        return {id(one) for some in companies for one in some} - bad

    def culprits(
        self, chosen: list[Diagnostic], reason_against: Callable[[list[Diagnostic]], str | None], most: int
    ) -> list[tuple[Diagnostic, str]]:
        """Those of some fixes against which something is, found by halves; where there are very many, all of them."""
        reason = reason_against(chosen) if chosen else None
        if reason is None:
            return []
        if len(chosen) == 1 or most <= 0:
            return [(one, reason) for one in chosen]
        middle = len(chosen) // 2
        first = self.culprits(chosen[:middle], reason_against, most)
        return [*first, *self.culprits(chosen[middle:], reason_against, most - len(first))]

    def step(self, state: _State, chosen: list[Diagnostic]) -> _State:
        """The project with as many of the chosen fixes as go; the same when none does."""
        good = self.good(state, chosen) if chosen else []
        if not good:
            return state
        following = self.attempt(state, good)
        while isinstance(following, str):  # each goes alone, and together they do not
            good = good[: len(good) // 2]
            following = self.attempt(state, good)
        self.applied += good
        return following

    def good(self, state: _State, chosen: list[Diagnostic]) -> list[Diagnostic]:
        """Those of some fixes that can be applied; the others are refused."""
        outcome = self.attempt(state, chosen)
        if not isinstance(outcome, str):
            return chosen
        if len(chosen) == 1:
            self.refused[identity(chosen[0])] = Refused(chosen[0], outcome)
            return []
        from dockerlint_fastapi.projection import companies  # noqa: PLC0415 - only a fix needs it

        company_of = companies(self.models(state.tree, sent=False, code=False))
        apart: dict[str, list[Diagnostic]] = {}
        others: list[Diagnostic] = []
        for one in chosen:
            fix_ = one.finding.fix
            spans = [one.finding.span, *(edit.span for edit in (fix_.edits if fix_ is not None else ()))]
            near = {company_of.get(span.source.path) for span in spans}
            company = near.pop() if len(near) == 1 and fix_ is not None and not fix_.creations else None
            others.append(one) if company is None else apart.setdefault(company, []).append(one)
        if len(apart) < 2:
            return self.halved(state, chosen)
        kept = {id(one) for one in self.side_by_side(state, apart, company_of)}
        kept.update(id(one) for one in (self.good(state, others) if others else ()))
        return [one for one in chosen if id(one) in kept]

    def halved(self, state: _State, chosen: list[Diagnostic]) -> list[Diagnostic]:
        """Those of some fixes that cannot be applied together that can be, found by halves."""
        if len(chosen) == 1:
            return self.good(state, chosen)
        middle = len(chosen) // 2
        return [*self.good(state, chosen[:middle]), *self.good(state, chosen[middle:])]

    def side_by_side(
        self, state: _State, apart: dict[str, list[Diagnostic]], company_of: Mapping[str, str]
    ) -> list[Diagnostic]:
        """The same of fixes in companies of files that have nothing to do with each other: of each company a half is
        tried at a time, all in one run of the linter, and judged by what that says of the company's own files.
        """
        good: list[Diagnostic] = []
        waiting = {company: [some] for company, some in apart.items()}
        before = _Told(state.report)
        while waiting:
            turn = {company: queue.pop() for company, queue in waiting.items()}
            waiting = {company: queue for company, queue in waiting.items() if queue}
            tried = [one for some in turn.values() for one in some]
            found = self.applied_to(state, tried)
            after = None
            if not isinstance(found, str) and self.difference(state, found, tried) is None:
                after = _Told(self.lint(found.tree))
                if _worse_elsewhere(before, after, company_of):
                    after = None  # whose fault that is, nobody can say
            for company, some in turn.items():
                if after is None:
                    good += self.halved(state, some)
                    continue
                reason = _worse(before, after, some, [path for path in after.paths if company_of.get(path) == company])
                if reason is None:
                    good += some
                elif len(some) == 1:
                    self.refused[identity(some[0])] = Refused(some[0], reason)
                else:
                    middle = len(some) // 2
                    waiting.setdefault(company, []).extend((some[:middle], some[middle:]))
        return good

    def attempt(self, state: _State, chosen: list[Diagnostic]) -> _State | str:
        """The project with all of some fixes, or why that may not be; what was tried last is not tried again."""
        last = self.attempted
        if last is None or last[0] is not state or len(last[1]) != len(chosen) or not all(map(is_, last[1], chosen)):
            self.attempted = last = (state, list(chosen), self.tried_out(state, chosen))
        return last[2]

    def tried_out(self, state: _State, chosen: list[Diagnostic]) -> _State | str:
        """The same, tried now."""
        found = self.applied_to(state, chosen)
        if isinstance(found, str):
            return found
        reason = self.difference(state, found, chosen)
        if reason is not None:
            return reason
        report = self.lint(found.tree)
        before, after = _Told(state.report), _Told(report)
        return _worse(before, after, chosen, after.paths) or _State(found.tree, found.files, report)

    def difference(self, state: _State, found: _Applied, chosen: list[Diagnostic]) -> str | None:
        """What some fixes change that none of them touches or names."""
        return found.difference(chosen) or self.otherwise(state, found, chosen)

    def otherwise(self, state: _State, found: _Applied, chosen: list[Diagnostic]) -> str | None:
        """What some fixes change of the model that none of them names."""
        from dockerlint_fastapi.projection import difference  # noqa: PLC0415 - only a fix needs it

        touched = {*found.edits, *(new.path for one in chosen if one.finding.fix for new in one.finding.fix.creations)}
        sent = any(kind_of(path) == "dockerignore" for path in touched)
        code = any(path.endswith(".py") for path in touched)
        before, after = (self.models(tree, sent=sent, code=code) for tree in (state.tree, found.tree))
        return difference(before, after, _with_places(chosen))

    def applied_to(self, state: _State, chosen: list[Diagnostic]) -> _Applied | str:
        """The project with all of some fixes, not yet looked at; or why they cannot be applied."""
        for before, fixes, known in self.tried:
            if before is state and len(fixes) == len(chosen) and all(map(is_, fixes, chosen)):
                return known
        made = self.made(state, chosen)
        if not isinstance(made, str):
            self.tried = [*self.tried[-3:], (state, list(chosen), made)]
        return made

    def made(self, state: _State, chosen: list[Diagnostic]) -> _Applied | str:
        """The same, made now."""
        edits: dict[str, dict[Edit, None]] = {}
        files = dict(state.files)
        for one in chosen:
            fix_ = one.finding.fix
            for edit in fix_.edits if fix_ else ():
                edits.setdefault(edit.span.source.path, {})[edit] = None
            for creation in fix_.creations if fix_ else ():
                shown = creation.shown or creation.path
                if normal(creation.path) != creation.path:
                    return f"`{creation.path}` is no path in the project"
                if reason := self.forbidden(creation.path):
                    return f"{shown} {reason}"
                if state.tree.is_file(creation.path) or state.tree.is_dir(creation.path):
                    return f"`{creation.path}` is there already"
                files[creation.path] = Change(creation.path, shown, None, encode(creation.text))
        for path, found in edits.items():
            source = next(iter(found)).span.source
            if reason := self.forbidden(path):
                return f"{source.shown} {reason}"
            try:
                data = state.tree.read(path)
            except Unreadable:
                data = None
            if data is None or data != source.data:
                return f"{source.shown} cannot be read again"
            before = files[path].before if path in files else data
            files[path] = Change(path, source.shown, before, edited(source, found))
        tree = self.below
        for path, change in files.items():
            tree = OverlayTree(tree, path, change.after)
        return _Applied(tree, files, {path: tuple(found) for path, found in edits.items()})


def _batches(chosen: Sequence[Diagnostic]) -> list[list[Diagnostic]]:
    """Some fixes in batches, such that of any two there is a batch with the one and without the other, and that those
    of different rules, which name different things, are in no batch together. Of a hundred fixes of one rule there are
    9 batches: each fix is in other four of them than any other fix (Sperner's theorem: no four hold other four).
    """
    by_rule: dict[str, list[Diagnostic]] = {}
    for one in chosen:
        by_rule.setdefault(one.rule.name, []).append(one)
    found: list[list[Diagnostic]] = []
    for some in by_rule.values():
        number = 1
        while number < len(some) and comb(number, number // 2) < len(some):
            number += 1
        batches: list[list[Diagnostic]] = [[] for _ in range(number)]
        size = 1 if number == len(some) else number // 2
        for one, places in zip(some, combinations(range(number), size), strict=False):
            for place in places:
                batches[place].append(one)
        found += (batch for batch in batches if batch)
    return found


def _paths_of(one: Diagnostic) -> list[str]:
    """The files that a fix edits or makes."""
    fix_ = one.finding.fix
    edits = fix_.edits if fix_ is not None else ()
    made = fix_.creations if fix_ is not None else ()
    return [*(edit.span.source.path for edit in edits), *(new.path for new in made)] or [one.finding.span.source.path]


def _with_places(chosen: Sequence[Diagnostic]) -> list[tuple[Fix, tuple[Span, ...]]]:
    """The fixes of some diagnostics, each with the places that its finding speaks of."""
    return [
        (one.finding.fix, (one.finding.span, *(note.span for note in one.finding.notes)))
        for one in chosen
        if one.finding.fix is not None
    ]


class _Applied(NamedTuple):
    """The project with some fixes, and the edits that they make, by file."""

    tree: Tree
    files: dict[str, Change]
    edits: dict[str, tuple[Edit, ...]]

    def difference(self, fixed: Sequence[Diagnostic]) -> str | None:
        """What the edits change besides what they touch."""
        from dockerlint_fastapi.comparison import difference  # noqa: PLC0415 - only a fix needs it

        findings = [one.finding for one in fixed]
        for path, edits in self.edits.items():
            reason = difference(self.tree, edits[0].span.source, edits, self.files[path].after, findings)
            if reason is not None:
                return reason
        return None


def edited(source: Source, edits: Iterable[Edit]) -> bytes:
    """The bytes of a file after some edits that do not overlap. Of insertions at one place the first stands first."""
    text = source.text
    parts: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda one: (one.span.start, one.span.end)):
        parts += (text[at : edit.span.start], edit.text)
        at = edit.span.end
    parts.append(text[at:])
    return (BOM if source.bom else b"") + encode("".join(parts))


def identity(diagnostic: Diagnostic) -> Key:
    """What tells a diagnostic from others, also after lines above it were changed."""
    finding = diagnostic.finding
    texts = tuple(edit.text for edit in finding.fix.edits) if finding.fix else ()
    return diagnostic.rule.name, finding.span.source.path, f"{finding.message}\n{finding.span.text}", texts


class _Told:
    """What a report says, by file and rule."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.paths: dict[str, dict[str, _Count]] = {}
        for (rule, path), count in _counts(report).items():
            self.paths.setdefault(path, {})[rule] = count
        # of findings in other files that speak of a file too (`Finding.once`): how severe
        self.beside: dict[tuple[str, str], list[int]] = {}
        for one in report.diagnostics:
            own = one.finding.span.source.path
            for path in {span.source.path for span in one.finding.told} - {own}:
                self.beside.setdefault((one.rule.name, path), []).append(SEVERITIES.index(one.severity))

    def moved(self, after: _Told, key: tuple[str, str]) -> int:
        """How many findings that spoke of a file from another one no longer do, and may be told there now."""
        there, now = self.beside.get(key, []), after.beside.get(key, [])
        worst = max(after.paths[key[1]][key[0]].severities)
        return max(len(there) - len(now), 0) if there and worst <= max(there) else 0


def _worse(before: _Told, after: _Told, fixed: list[Diagnostic], paths: Iterable[str]) -> str | None:
    """What the linter says of some files after a fix that it did not say before, or still; None when all is as it
    should be.
    """
    if len(after.report.failures) > len(before.report.failures):
        failure = after.report.failures[-1]
        return f"`{failure.rule or 'a parser'}` fails afterwards"
    meant = Counter((one.rule.name, one.finding.span.source.path) for one in fixed)
    revealing = any(one.finding.fix is not None and one.finding.fix.reveals for one in fixed)
    nothing = _Count([], 0)
    for path in paths:
        counts = before.paths.get(path, {})
        for rule, now in after.paths[path].items():
            key, earlier = (rule, path), counts.get(rule, nothing)
            gathered = key in meant and now.places < earlier.places  # fewer places of what is told once for several
            more = len(now.severities) - len(earlier.severities) + (0 if gathered else meant[key])
            if more > 0 and (key in meant or more > before.moved(after, key)):
                if key in meant and not (revealing and _gone(fixed, after.report)):
                    return f"`{rule}` is still found in {path}"
                if not revealing or rule in _SYNTAX:
                    return f"`{rule}` would be found in {path}"
            elif more <= 0 and any(new > old for new, old in zip(now.severities, earlier.severities, strict=False)):
                return f"`{rule}` would be more severe in {path}"
    return None


def _worse_elsewhere(before: _Told, after: _Told, company_of: Mapping[str, str]) -> bool:
    """Whether it says anything new of files that are in no company, or a rule fails."""
    return _worse(before, after, [], [path for path in after.paths if path not in company_of]) is not None


def _gone(fixed: list[Diagnostic], after: Report) -> bool:
    """Whether none of some findings is told any more in the same words."""
    told = {(one.rule.name, one.finding.span.source.path, one.finding.message) for one in after.diagnostics}
    return all((one.rule.name, one.finding.span.source.path, one.finding.message) not in told for one in fixed)


_SYNTAX = frozenset(("dockerfile-syntax", "compose-syntax", "invalid-json-form", "broken-entrypoint-script"))


class _Count(NamedTuple):
    """The findings of one rule in one file: how severe, the worst first, and of how many places they speak."""

    severities: list[int]
    places: int


def _counts(report: Report) -> dict[tuple[str, str], _Count]:
    """The findings by rule and file."""
    found: dict[tuple[str, str], _Count] = {}
    for one in (*report.diagnostics, *report.suppressed):
        key = (one.rule.name, one.finding.span.source.path)
        severities, places = found.get(key, _Count([], 0))
        found[key] = _Count([*severities, SEVERITIES.index(one.severity)], places + 1 + len(one.finding.notes))
    return {key: _Count(sorted(count.severities, reverse=True), count.places) for key, count in found.items()}
