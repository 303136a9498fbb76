"""Which fixes may be tried together: those whose edits do not meet, and none that writes into what another reveals."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator, Mapping, Sequence

from dockerlint_fastapi.finding import meet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.finding import Edit, Fix
    from dockerlint_fastapi.report import Diagnostic


def disjoint(diagnostics: Sequence[Diagnostic]) -> list[Diagnostic]:
    """As many diagnostics, in their order, as have fixes that do not meet. Equal edits of two fixes are one, and fixes
    of one rule may add lines at one place: names under a key that is there. What a fix reveals is read anew before
    another rule changes it: a list in which the one puts `CMD` for `CMD-SHELL` is no script any more, into which the
    other would write.
    """
    chosen: list[int] = []
    revealed = _Revealed()
    taken: dict[str, list[Edit]] = {}  # in the order of the text
    by: dict[Edit, str] = {}  # the rule of each
    made: dict[str, str] = {}
    first = sorted(range(len(diagnostics)), key=lambda at: not _reveals(diagnostics[at]))
    for at, one in ((at, diagnostics[at]) for at in first):
        fix_ = one.finding.fix
        if fix_ is None or any(made.get(new.path, new.text) != new.text for new in fix_.creations):
            continue
        rule = one.rule.name
        if revealed.of_another(rule, fix_):
            continue
        met = (other for edit in fix_.edits for other in _met(edit, taken.get(edit.span.source.path, []), by, rule))
        if next(met, None) is not None:
            continue
        for edit in fix_.edits:
            by[edit] = rule
            insort(taken.setdefault(edit.span.source.path, []), edit, key=_start)
        made.update((new.path, new.text) for new in fix_.creations)
        revealed.add(rule, fix_)
        chosen.append(at)
    return [diagnostics[at] for at in sorted(chosen)]


def _reveals(one: Diagnostic) -> bool:
    return one.finding.fix is not None and one.finding.fix.reveals


class _Revealed:
    """What fixes make readable that was not so before: by which rules, of the files that they edit."""

    def __init__(self) -> None:
        self._rules: dict[tuple[str, str], set[str]] = {}

    def of_another(self, rule: str, fix_: Fix) -> bool:
        """Whether a fix of a rule changes what another rule's fix reveals."""
        return any(self._rules.get(key, {rule}) != {rule} for key in _named(fix_))

    def add(self, rule: str, fix_: Fix) -> None:
        """Takes in a fix that goes."""
        for key in _named(fix_) if fix_.reveals else ():
            self._rules.setdefault(key, set()).add(rule)


def _named(fix_: Fix) -> Iterator[tuple[str, str]]:
    """What a fix changes: what it names, in the files that it edits."""
    return ((path, name) for path in {edit.span.source.path for edit in fix_.edits} for name in fix_.names)


def _start(edit: Edit) -> int:
    return edit.span.start


def _met(edit: Edit, taken: Sequence[Edit], by: Mapping[Edit, str], rule: str) -> Iterator[Edit]:
    """Those of some edits, in the order of the text, that an edit of a rule meets."""
    at = bisect_right(taken, edit.span.end, key=_start)
    while at and taken[at - 1].span.end >= edit.span.start:
        at -= 1
        other = taken[at]
        if meet(edit, other) and not (by[other] == rule and _adds_below(edit) and _adds_below(other)):
            yield other


def _adds_below(edit: Edit) -> bool:
    """Whether an edit adds lines that are further in than the first column, and nothing else."""
    lines = edit.text.split("\n")
    whole = not lines[0].strip() or not lines[-1].strip()
    return edit.span.start == edit.span.end and whole and all(one[:1] in ("", " ") for one in lines)
