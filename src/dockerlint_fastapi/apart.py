"""A large project linted part by part: what is held in memory is one part at a time, and several processes share them.

A part is a folder with all that lies below it, where no Dockerfile, compose file or ignore file lies above. Each is
assembled twice: to be asked what the others need to know of it, and to be linted. Where a part has to do with another
(a build context outside, a question about the whole project that was not foreseen), the project is linted as a whole.
"""

from __future__ import annotations

import gc
import json
from contextlib import suppress

from dockerlint_fastapi.assemble import Place, assemble, whole_of
from dockerlint_fastapi.discover import Found
from dockerlint_fastapi.model.parts import Part
from dockerlint_fastapi.model.project import NotApartError
from dockerlint_fastapi.suppress import ignores
from dockerlint_fastapi.tree import parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date
    from typing import Any

    from dockerlint_fastapi.model.parts import Told, Whole
    from dockerlint_fastapi.report import Report
    from dockerlint_fastapi.rule import Rule
    from dockerlint_fastapi.source import Source
    from dockerlint_fastapi.tree import Tree

FEWEST_FILES = 100  # below, several processes cost more than they save
FEWEST_ALONE = 2000  # files that one process lints part by part; with fewer, memory is no matter
_KEPT = 600  # files whose parts are not assembled a second time
_BETWEEN = 40  # files between two collections of what finished parts leave behind


class Apart:
    """How to lint parts in `jobs` processes. `again` is called with the signal by which a child ended before its work
    was done, and the work is then done here.
    """

    def __init__(self, jobs: int, again: Callable[[int], None] = lambda _signal: None) -> None:
        self.jobs = jobs
        self._again = again

    def fits(self, found: Found) -> bool:
        """Whether a project is large enough."""
        return len(found.all) >= (FEWEST_ALONE if self.jobs < 2 else FEWEST_FILES)

    def reports(
        self,
        tree: Tree,
        found: Found,
        judge: Callable[[Part, Found], Report],
        *,
        rules: tuple[Rule, ...],
        shown: Callable[[str], str],
        deployment: str,
        today: date | None,
        progress: Callable[[int, int], None] | None = None,
    ) -> list[Report] | None:
        """What `judge` says of each part; None when the project cannot be taken apart."""
        folders = parts_of(found)
        if len(folders) < 2:
            return None
        whole = whole_of(tree, found, shown=shown, deployment=deployment, today=today)
        run = _Run(whole, folders, judge, shown=shown, deployment=deployment, rules=rules, progress=progress)
        collecting = gc.isenabled()
        gc.disable()
        try:
            return run.reports(self.jobs, self._again)
        except NotApartError:
            return None
        finally:
            if collecting:
                gc.enable()


def parts_of(found: Found) -> dict[str, Found]:
    """The files of each part, by its folder; one for the whole when something lies at the top."""
    tops: dict[str, tuple[list[str], list[str], list[str]]] = {}
    of: dict[str, str] = {}  # a folder with files to the part that it lies in

    for folder in sorted({parent(path) for path in found.all}, key=lambda one: one.count("/") if one else -1):
        above, top = folder, folder
        while above:
            above = parent(above)
            if above in of:
                top = of[above]
                break
        of[folder] = top
        tops.setdefault(top, ([], [], []))
    for at, paths in enumerate((found.dockerfiles, found.compose_files, found.ignore_files)):
        for path in paths:
            tops[of[parent(path)]][at].append(path)
    return {top: Found(*map(tuple, kinds)) for top, kinds in sorted(tops.items())}


class _Run:
    """One project, part by part."""

    def __init__(
        self,
        whole: Whole,
        folders: dict[str, Found],
        judge: Callable[[Part, Found], Report],
        *,
        shown: Callable[[str], str],
        deployment: str,
        rules: tuple[Rule, ...],
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self._whole = whole
        self._folders = [*folders.items()]
        self._judge = judge
        self._shown = shown
        self._deployment = deployment
        self._rules = rules
        self._progress = progress
        self._kept: dict[int, Part] = {}  # the parts that need not be assembled again
        self._unswept = 0
        self._large = sum(len(found.all) for _, found in self._folders) >= FEWEST_ALONE

    def reports(self, jobs: int, again: Callable[[int], None]) -> list[Report]:
        """What is said of each part. Raises NotApartError."""
        count = len(self._folders)
        gc.freeze()
        told = dict(self._shared(range(count), self._asked, json.dumps, self._heard, jobs=jobs, again=again))
        self._whole.join([told[number] for number in range(count)])
        told.clear()
        # what is kept comes first, so that every process has it
        order = [*self._kept, *(number for number in range(count) if number not in self._kept)]
        done: dict[int, Report] = {}
        for number, report in self._shared(order, self._linted, self._packed, self._unpacked, jobs=jobs, again=again):
            done[number] = report
            if self._progress is not None:
                self._progress(len(done), count)
        known = {path for _, found in self._folders for path in found.all}
        for source in self._whole.sources_read():
            if source.path not in known and ignores(source, "elsewhere"):
                raise NotApartError  # whether it is of use only the whole project tells
        return [done[number] for number in range(count)]

    def _asked(self, number: int, *, keep: bool) -> Told:
        part = self._part(number)
        if keep and sum(len(self._folders[one][1].all) for one in self._kept) < _KEPT:
            self._kept[number] = part
        return part.told()

    def _linted(self, number: int, *, keep: bool) -> Report:  # noqa: ARG002 - as `_asked`
        part = self._kept.get(number) or self._part(number)
        if self._kept and number not in self._kept:
            self._kept.clear()  # they came first
            gc.unfreeze()
        report = self._judge(part, self._folders[number][1])
        if report.failures or part.failures:
            raise NotApartError
        for one in (*report.diagnostics, *report.suppressed):
            part.inside(one.finding.span.source.path)
        for source in _sources(report):
            if part.holds(source.path):
                source.let_go()
        return report

    def _part(self, number: int) -> Part:
        folder, found = self._folders[number]
        place = Place(self._whole, folder, number)
        part = assemble(self._whole.tree, found, shown=self._shown, deployment=self._deployment, place=place)
        assert isinstance(part, Part)  # noqa: S101 - a place makes a part
        return part

    def _sweep(self, number: int) -> None:
        """Collects what finished parts leave behind, when it is much."""
        self._unswept += len(self._folders[number][1].all)
        if self._large and self._unswept >= _BETWEEN:
            self._unswept = 0
            gc.collect()
            gc.freeze()  # reports stay: there is no need to look through them each time

    def _heard(self, number: int, text: str) -> Told:  # noqa: ARG002 - as `_unpacked`
        told: Told = json.loads(text)
        return told

    @staticmethod
    def _packed(report: Report) -> str:
        from dockerlint_fastapi.transport import packed_report  # noqa: PLC0415 - several processes only

        return json.dumps(packed_report(report), separators=(",", ":"))

    def _unpacked(self, number: int, text: str) -> Report:
        from dockerlint_fastapi.transport import unpacked_report  # noqa: PLC0415 - as above

        folder = self._folders[number][0]

        def known(path: str) -> Source | None:
            return None if f"{path}/".startswith(f"{folder}/") else self._whole.source_of(path)

        report = unpacked_report(json.loads(text), self._whole.tree.read, self._shown, self._rules, known)
        for source in _sources(report):
            source.let_go()
        return report

    def _shared(
        self,
        numbers: Sequence[int],
        work: Callable[..., Any],
        packed: Callable[[Any], str],
        unpacked: Callable[[int, str], Any],
        *,
        jobs: int,
        again: Callable[[int], None],
    ) -> Iterator[tuple[int, Any]]:
        """What `work` makes of each number, done by several processes, in no useful order."""
        if jobs < 2:
            for number in numbers:
                yield number, work(number, keep=False)
                self._sweep(number)
            return
        from dockerlint_fastapi.transport import NotPortableError  # noqa: PLC0415 - as above
        from dockerlint_fastapi.workers import Crew, dealt  # noqa: PLC0415 - as above

        whole = self._whole
        asked: dict[str, dict[str, str | None]] | None = getattr(whole.tree, "answers", None)
        left = dict.fromkeys(numbers)
        # the first is done before there are children: what it imports, they have then
        first = next(iter(left))
        del left[first]
        yield first, work(first, keep=True)
        gc.freeze()  # a collection in a child would copy what it shares with this process
        turns = dealt(len(numbers) - 1)
        read = len(tuple(whole.sources_read()))

        def share() -> Any:
            told = []
            for turn in turns:
                number = numbers[turn + 1]
                told.append((number, packed(work(number, keep=False))))
                self._sweep(number)
            paths = [source.path for source in tuple(whole.sources_read())[read:]]
            return {"told": told, "read": paths, "asked": asked}

        with Crew(share, min(jobs, len(numbers)) - 1) as workers:
            for turn in turns:
                number = numbers[turn + 1]
                del left[number]
                yield number, work(number, keep=True)
            for worker in workers:
                held = worker.result()
                if worker.killed is not None:
                    again(worker.killed)
                for number, text in held["told"] if held is not None else ():
                    with suppress(TypeError, KeyError, IndexError, ValueError, OSError, NotPortableError):
                        yield number, unpacked(number, text)
                        del left[number]
                for path in held["read"] if held is not None else ():
                    whole.source_of(path)
                for question, answers in ((held["asked"] or {}) if held is not None else {}).items():
                    if asked is not None:
                        asked.setdefault(question, {}).update(answers)
            for number in left:  # what nobody told
                yield number, work(number, keep=False)


def _sources(report: Report) -> Iterable[Source]:
    """The files that a report speaks of."""
    found: dict[Source, None] = {}
    for one in (*report.diagnostics, *report.suppressed):
        finding = one.finding
        found[finding.span.source] = None
        found.update((note.span.source, None) for note in finding.notes)
        found.update((edit.span.source, None) for edit in (finding.fix.edits if finding.fix is not None else ()))
    found.update((notice.span.source, None) for notice in report.notices)
    return found
