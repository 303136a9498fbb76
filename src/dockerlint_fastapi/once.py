"""One fault, one finding: what a rule says of several places in the same words, or for one cause, is told at one."""

from __future__ import annotations

import re
import sys
from bisect import bisect_right, insort
from collections.abc import Iterable

from dockerlint_fastapi.finding import HERE, SEVERITIES, Creation, Edit, Finding, Fix, Note
from dockerlint_fastapi.report import Diagnostic
from dockerlint_fastapi.tree import parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.report import Report
    from dockerlint_fastapi.source import Source, Span

_NAMED = "`[^`]*`"
_LISTED = f"{_NAMED}(?:, {_NAMED})*(?: and (?:{_NAMED}|[0-9]+ more))?"


def told_once(diagnostics: Iterable[Diagnostic], *, in_files: bool = False) -> list[Diagnostic]:
    """The diagnostics, of those that `Finding.once` marks one for each file or for the project: the first of those that
    one rule says with one severity in the same words, whatever they name in backticks, with notes to the others and
    with their fixes. Of those marked `value`, one for each file, what several files say in the same words of the same
    text (a password), or one file with several severities, is told in the first, at its highest severity, as is what is
    said of a project in the very same words. With `in_files`, habits of the project are left as they are: the
    diagnostics are those of a part of it, and will be gone through again with all others.
    """
    kept: list[Diagnostic] = []
    alike: dict[tuple[object, ...], list[Diagnostic]] = {}
    said = list(diagnostics) if in_files else _of_one_value(list(diagnostics))
    for one in said:
        where = one.finding.once
        if where is None or (in_files and where != "file"):
            kept.append(one)
            continue
        file = one.finding.span.source if where != "project" else None
        words = re.sub(_NAMED, "`", one.finding.message)
        alike.setdefault((one.rule.name, one.severity, words, file), []).append(one)
    for group in alike.values():
        first, *others = sorted(group, key=lambda one: (not one.finding.first, one.order))
        kept.append(_together(first, others))
    return kept


def _of_one_value(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """The diagnostics, of those marked `value` that several files say of the same text only those of the first file, of
    those where it weighs most, with notes to the others and with their fixes; of those marked `project` that say the
    same with several severities only those with the highest.
    """
    alike: dict[tuple[object, ...], list[Diagnostic]] = {}
    for one in diagnostics:
        if one.finding.once == "value":
            text = one.finding.span.text.strip("\"'")
            alike.setdefault((one.rule.name, one.finding.message, text), []).append(one)
        elif one.finding.once == "project":
            alike.setdefault((one.rule.name, one.finding.message), []).append(one)
    joined: dict[int, Diagnostic | None] = {}
    for group in alike.values():
        first, *others = sorted(group, key=_most_severe)
        if first.finding.once == "project":  # of one severity they are joined with all that is said in such words
            elsewhere = [one for one in others if one.severity != first.severity]
        else:
            # what is as severe in that file is joined with all that is said in such words
            there = (first.finding.span.source, first.severity)
            elsewhere = [one for one in others if (one.finding.span.source, one.severity) != there]
        if elsewhere:
            joined.update((id(one), None) for one in elsewhere)
            joined[id(first)] = _together(first, elsewhere)
    return [told for one in diagnostics if (told := joined.get(id(one), one)) is not None]


def _most_severe(one: Diagnostic) -> tuple[object, ...]:
    return (-SEVERITIES.index(one.severity) if one.severity in SEVERITIES else 1, not one.finding.first, one.order)


def _most_usual(one: Diagnostic) -> tuple[object, ...]:
    """The most severe; of equals the one in the file that is laid beneath the others, which has the shortest name."""
    severity, first, order = _most_severe(one)
    return (severity, first, len(one.path), order)


def one_fault(report: Report) -> Report:
    """The report on a project as it is told: of the findings of one rule that have one `Finding.cause` the one that
    weighs most, with notes to the others. So is what is said of the same place of files that hold the same text, a copy
    and its original: but for the folders of the files, in the same words, with the same advice. And so is what is said
    of the same line of the same service in several compose files of a folder, the variants of one set.

    It is the last thing that happens to a report. Whoever mends, ignores or accepts findings does so with each of them:
    copies that are no longer alike, or linted alone, are told apart.
    """
    kept: list[Diagnostic] = []
    causes: dict[tuple[object, ...], list[Diagnostic]] = {}
    for one in report.diagnostics:
        cause = one.finding.cause
        (kept if cause is None else causes.setdefault((one.rule.name, cause), [])).append(one)
    kept += map(_heaviest, causes.values())
    copies = _copies(kept)
    places: dict[tuple[object, ...], list[Diagnostic]] = {}
    told: list[Diagnostic] = []
    for one in kept:
        span = one.finding.span
        if span.source in copies:
            key = (one.rule.name, span.source.text, span.start, span.end, _words(one.finding))
            places.setdefault(key, []).append(one)
        else:
            told.append(one)
    told += map(_heaviest, places.values())
    told = _of_variants(told)
    return report if len(told) == len(report.diagnostics) else report._replace(diagnostics=_in_order(told))


def _in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    return tuple(sorted(diagnostics, key=lambda one: one.order))


def _heaviest(alike: list[Diagnostic]) -> Diagnostic:
    """The most severe of several that speak of one fault, with notes to the places of the others."""
    if len(alike) == 1:
        return alike[0]
    first, *others = sorted(alike, key=_most_severe)
    return _together(first, others)


def _together(first: Diagnostic, others: list[Diagnostic]) -> Diagnostic:
    """A diagnostic that speaks of the places of others, too. It is stricter than the guide when all of them are."""
    finding = _joined(first.finding, [one.finding for one in others])
    return first._replace(finding=finding, stricter=first.stricter and all(one.stricter for one in others))


def _copies(diagnostics: Iterable[Diagnostic]) -> set[Source]:
    """The files in which something is found and that hold the same text as another one of them."""
    alike: dict[str, list[Source]] = {}
    for source in dict.fromkeys(one.finding.span.source for one in diagnostics):
        alike.setdefault(source.text, []).append(source)
    return {source for sources in alike.values() if len(sources) > 1 for source in sources}


def _of_variants(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """The diagnostics, of those that say the same of the same line below the same keys of YAML files that lie in one
    folder (of `compose.yaml` and `compose.prod.yaml`, and of what has joined a copy of these) the heaviest.
    """
    alike: dict[tuple[str, str], list[Diagnostic]] = {}
    told: list[Diagnostic] = []
    for one in diagnostics:
        if one.path.endswith((".yml", ".yaml")):
            words = _anywhere(one.finding.message, one.finding)
            words = words if one.finding.once is None else re.sub(_NAMED, "`", words)
            alike.setdefault((one.rule.name, words), []).append(one)
        else:
            told.append(one)
    keys: dict[Source, list[tuple[str, ...]]] = {}
    for group in alike.values():
        files: dict[str, set[Source]] = {}
        for one in group:
            for span in one.finding.told:
                files.setdefault(parent(span.source.path), set()).add(span.source)
        beside = [any(len(files[parent(span.source.path)]) > 1 for span in one.finding.told) for one in group]
        told += (one for one, others in zip(group, beside, strict=True) if not others)
        if any(beside):
            from dockerlint_fastapi.ties import companies  # noqa: PLC0415 - few projects have such files

            some = [one for one, others in zip(group, beside, strict=True) if others]
            for variants in companies(some, [_lines(one.finding, keys) for one in some]):
                first, *others = sorted(variants, key=_most_usual)
                told.append(_together(first, others) if others else first)
    return told


def _lines(finding: Finding, keys: dict[Source, list[tuple[str, ...]]]) -> list[str]:
    """What a finding speaks of, as it is known again in another file of the folder: by the keys above, and its text."""
    found: list[str] = []
    for span in finding.told:
        source = span.source
        if source not in keys:
            keys[source] = _keys_above(source)
        found.append("\n".join((parent(source.path), *keys[source][span.line - 1], span.text)))
    return found


def _keys_above(source: Source) -> list[tuple[str, ...]]:
    """For each line of a YAML file the keys under which it stands, by their indentation."""
    found: list[tuple[str, ...]] = []
    above: list[tuple[int, str]] = []
    for line in source.text.split("\n"):
        text = line.lstrip(" ")
        if text and text[0] not in "#\r":
            indent, item = len(line) - len(text), text.startswith("- ")
            while above and above[-1][0] >= indent + item:  # an item may stand as far to the left as its key
                above.pop()
            found.append(tuple(key for _, key in above))
            key, colon, _ = text.partition(":")
            if colon:
                above.append((indent + 2 * item, key))
        else:
            found.append(())
    return found


def _words(finding: Finding) -> str:
    """What is said, and advised."""
    words = (finding.message, finding.help or "", finding.fix.title if finding.fix is not None else "")
    return _anywhere("\n".join(words), finding)


def _anywhere(words: str, finding: Finding) -> str:
    """Words of a finding, as they would be of the same file in another folder."""
    folder = parent(finding.span.source.path)
    return words.replace(f"`{folder}/", "`./").replace(f"`{folder}`", "`.`") if folder else words


def _joined(first: Finding, others: list[Finding]) -> Finding:
    """A finding that speaks of the places of others, too. Their fixes come along when they are of the same kind."""
    said = {first.span, *(note.span for note in first.notes)}
    fixes = _Fixes()
    for other in (first, *others):
        if other.fix is not None:
            fixes.add(other.fix)
    notes = list(first.notes)
    for other in others:
        label = _label(other, first)
        alike = ((one.span, label if one.message == HERE else one.message) for one in other.notes if one.tells_more)
        for span, message in ((other.span, label), *alike):
            if span not in said:
                said.add(span)
                notes.append(Note(span, message))
    return first._replace(notes=tuple(notes), fix=fixes.joined())


def _label(other: Finding, first: Finding) -> str:
    """What a note says of another finding: what it names first, where it is not said in the same words. Where only the
    cause is the same, the words may differ although both name the same.
    """
    if _anywhere(other.message, other) == _anywhere(first.message, first):
        return HERE
    names = _NAMED if first.cause is None else _LISTED
    named, same = (re.search(names, one.message) for one in (other, first))
    if named is None or (first.cause is not None and same is not None and named.group() == same.group()):
        return HERE
    return f"{named.group()}, too"


class _Fixes:
    """Several fixes as one, where they are of one kind and do not meet; of those that do, the first: the other waits
    for its turn.
    """

    def __init__(self) -> None:
        self._first: Fix | None = None
        self._alone = True
        self._edits: dict[Edit, None] = {}
        self._creations: dict[Creation, None] = {}
        self._reveals = False
        self._names: dict[str, None] = {}
        self._named_places: dict[Span, None] = {}
        self._places: dict[str, list[tuple[int, int]]] = {}  # of the edits in each file, sorted
        self._paths: set[str] = set()  # of the creations

    def joined(self) -> Fix | None:
        """All that was added; None when nothing was."""
        if self._first is None or self._alone:
            return self._first
        return self._first._replace(
            edits=tuple(self._edits),
            creations=tuple(self._creations),
            reveals=self._reveals,
            names=tuple(self._names),
            places=tuple(self._named_places),
        )

    def add(self, fix: Fix) -> None:
        """One fix more, when it goes with the others."""
        edits = [edit for edit in fix.edits if edit not in self._edits]
        creations = [new for new in fix.creations if new not in self._creations]
        if self._first is None:
            self._first = fix
        elif (
            fix.applicability != self._first.applicability
            or any(self._meets(edit) for edit in edits)
            or any(new.path in self._paths for new in creations)
        ):
            return
        else:
            self._alone = False
        self._reveals = self._reveals or fix.reveals
        self._names.update(dict.fromkeys(fix.names))
        self._named_places.update(dict.fromkeys(fix.places))
        self._creations.update(dict.fromkeys(creations))
        self._paths.update(new.path for new in creations)
        for edit in edits:
            self._edits[edit] = None
            insort(self._places.setdefault(edit.span.source.path, []), (edit.span.start, edit.span.end))

    def _meets(self, edit: Edit) -> bool:
        """Whether an edit cannot be applied together with those that are there. They do not overlap, so that only its
        neighbours are asked.
        """
        start, end = edit.span.start, edit.span.end
        places = self._places.get(edit.span.source.path, [])
        at = bisect_right(places, (end, sys.maxsize))
        while at and places[at - 1][1] >= start:
            at -= 1
            low, high = places[at]
            insertion = low == high or start == end  # one may not even touch
            if (low <= end and start <= high) if insertion else (low < end and start < high):
                return True
        return False
