"""One habit, one finding: what a rule says in the same words of several places is told at the first of them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dockerlint_fastapi.finding import Finding
from dockerlint_fastapi.report import Diagnostic

_NAMED = "`[^`]*`"


def told_once(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The diagnostics, of those that `Finding.once` marks one for each file or for the project: the first of those that
    one rule says with one severity in the same words, whatever they name in backticks, with notes to the others and
    with their fixes. What the settings leave out (`off`) is neither told nor noted.
    """
    kept: list[Diagnostic] = []
    alike: dict[tuple[object, ...], list[Diagnostic]] = {}
    for one in diagnostics:
        where = one.finding.once
        if where is None or one.severity == "off":
            kept.append(one)
            continue
        file = one.finding.span.source if where == "file" else None
        words = re.sub(_NAMED, "`", one.finding.message)
        alike.setdefault((one.rule.name, one.severity, words, file), []).append(one)
    for group in alike.values():
        first, *others = sorted(group, key=lambda one: one.order)
        kept.append(first._replace(finding=_joined(first.finding, [one.finding for one in others])))
    return kept


def _joined(first: Finding, others: list[Finding]) -> Finding:
    """A finding that speaks of the places of others, too. Their fixes come along when they are of the same kind."""
    said = {first.span, *(note.span for note in first.notes)}
    fix = first.fix
    for other in others:
        if other.span not in said:
            said.add(other.span)
            named = re.search(_NAMED, other.message) if other.message != first.message else None
            first = first.note(other.span, f"{named.group()}, too" if named is not None else "here too")
        if fix is not None and other.fix is not None and other.fix.applicability == fix.applicability:
            new = tuple(edit for edit in other.fix.edits if edit not in fix.edits)
            fix = fix._replace(edits=(*fix.edits, *new))
    return first._replace(fix=fix)
