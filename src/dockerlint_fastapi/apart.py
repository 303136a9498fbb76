"""A large project linted part by part: what is held in memory is one part at a time, and several processes share them.

A part is a folder with all that lies below it, where no Dockerfile, compose file or ignore file lies above. Each is
asked what the others need to know of it, and then linted; one process has to assemble it twice for that. Where a part
has to do with another (a build context outside, a question about the whole project that was not foreseen), the project
is linted as a whole.
"""

from __future__ import annotations

import gc
from contextlib import suppress

from dockerlint_fastapi.assemble import Place, assemble, whole_of
from dockerlint_fastapi.discover import Found
from dockerlint_fastapi.model.parts import Part
from dockerlint_fastapi.model.project import NotApartError
from dockerlint_fastapi.source import Span
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
    from dockerlint_fastapi.workers import Line, Worker

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
        run = _Run(
            whole, folders, judge, shown=shown, deployment=deployment, rules=rules, progress=progress, jobs=self.jobs
        )
        collecting = gc.isenabled()
        gc.disable()
        try:
            return run.reports(self._again)
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
        jobs: int,
    ) -> None:
        self._whole = whole
        self._folders = [*folders.items()]
        self._judge = judge
        self._shown = shown
        self._deployment = deployment
        self._rules = rules
        self._progress = progress
        self._jobs = jobs
        self._done: dict[int, Report] = {}
        self._kept: dict[int, Part] = {}  # the parts that need not be assembled again
        self._keeps = jobs > 1
        self._room = _KEPT  # files whose parts can still be kept
        self._unswept = 0
        self._alike = _Alike()
        self._fresh: list[int] = []  # parts whose reports still stand amid what these were made of
        self._large = sum(len(found.all) for _, found in self._folders) >= FEWEST_ALONE

    def reports(self, again: Callable[[int], None]) -> list[Report]:
        """What is said of each part. Raises NotApartError."""
        gc.freeze()
        if self._jobs < 2:
            self._alone()
        else:
            self._together(again)
        self._check_ignores()
        self._whole.told = {}  # texts of all compose files among it, which nobody asks for any more
        return [self._done[number] for number in range(len(self._folders))]

    def _alone(self) -> None:
        told = []
        for number in range(len(self._folders)):
            told.append(self._asked(number))
            self._sweep(number)
        self._whole.join(told)
        told.clear()
        for number in range(len(self._folders)):
            self._lint(number)

    def _together(self, again: Callable[[int], None]) -> None:
        """The work of several processes. Each asks some parts, and keeps them; when it has been told what all say, it
        lints these, then some that nobody has kept, and at the end those that others have kept and not come to.
        """
        from dockerlint_fastapi.workers import Crew, Deal  # noqa: PLC0415 - several processes only

        count = len(self._folders)
        hands = min(self._jobs, count)
        # the first is asked before there are children: what it imports, they have then
        told = {0: self._asked(0, keep=True)}
        gc.freeze()  # a collection in a child would copy what it shares with this process
        asking = Deal(count - 1)
        linting = [Deal(count) for _ in range(hands + 1)]  # what each has kept, and what nobody has

        def share(line: Line) -> Any:
            with suppress(NotApartError):
                return self._share(line, asking, linting)
            return {"apart": False}

        with Crew(share, hands - 1) as workers:
            for turn in asking:
                told[turn + 1] = self._asked(turn + 1, keep=True)
                self._sweep(turn + 1)
            kept = [[*self._kept]]
            for worker in workers:
                said = worker.hear() or {"told": (), "kept": []}
                if "told" not in said:
                    raise NotApartError
                told.update(said["told"])
                kept.append(said["kept"])
            for number in range(count):
                if number not in told:  # whoever was to say so was killed
                    told[number] = self._asked(number)
            self._whole.join([told[number] for number in range(count)])
            told.clear()
            held = {number for numbers in kept for number in numbers}
            orders = [*kept, [number for number in range(count) if number not in held]]
            joined = self._whole.joined
            for hand, worker in enumerate(workers, 1):
                worker.tell({"hand": hand, "orders": orders, "joined": joined})
            partners = [_Partner(worker, self._unpacked) for worker in workers]
            for number in _turns(0, orders, linting):
                self._lint(number)
                for partner in partners:
                    partner.listen()
            for partner in partners:
                partner.finish()
                if partner.worker.killed is not None:
                    again(partner.worker.killed)
                for number, report in partner.reports.items():
                    self._take(number, report)
                for piece in partner.asked:
                    self._whole.tree.notes.take(piece)  # type: ignore[attr-defined]
        for number in range(count):
            if number not in self._done:  # nobody told
                self._lint(number)

    def _share(self, line: Line, asking: Iterable[int], linting: Sequence[Iterable[int]]) -> Any:
        """The work of a child, and what it has to say at the end. Raises NotApartError."""
        from dockerlint_fastapi.transport import packed_report  # noqa: PLC0415 - as above

        self._kept.clear()  # its parent has it
        notes = getattr(self._whole.tree, "notes", None)  # what was asked of the tree, as a cache wants to know it
        known = notes.count() if notes is not None else None
        told = []
        for turn in asking:
            told.append((turn + 1, self._asked(turn + 1, keep=True)))
            self._sweep(turn + 1)
        line.tell({"told": told, "kept": [*self._kept]})
        told.clear()
        held = line.hear()
        self._whole.take(held["joined"])
        for number in _turns(held["hand"], held["orders"], linting):
            line.tell({"number": number, "report": packed_report(self._linted(number))})
            self._sweep(number)
        self._check_ignores()
        for piece in notes.pieces(known) if notes is not None else ():
            line.tell({"asked": piece})
        return {}

    def _lint(self, number: int) -> None:
        """Lints a part in this process."""
        self._take(number, self._linted(number))
        self._fresh.append(number)
        self._sweep(number)

    def _take(self, number: int, report: Report) -> None:
        self._done[number] = report
        if self._progress is not None:
            self._progress(len(self._done), len(self._folders))

    def _check_ignores(self) -> None:
        """Raises NotApartError for an ignore in a file outside the parts: only the whole tells whether it is of use."""
        known = {path for _, found in self._folders for path in found.all}
        if any(ignores(one, "elsewhere") for one in self._whole.sources_read() if one.path not in known):
            raise NotApartError

    def _asked(self, number: int, *, keep: bool = False) -> Told:
        part = self._part(number)
        if keep and self._room > 0:
            self._room -= len(self._folders[number][1].all)
            self._kept[number] = part
        return part.told()

    def _linted(self, number: int) -> Report:
        part = self._kept.pop(number, None)
        if part is None:
            if self._keeps:
                self._keeps = False
                self._kept.clear()  # they came first; if any are left, others have linted them
                gc.unfreeze()
            part = self._part(number)
        report = self._judge(part, self._folders[number][1])
        if report.failures or part.failures:
            raise NotApartError
        for one in (*report.diagnostics, *report.suppressed):
            part.inside(one.finding.span.source.path)
        for source in _sources(report) if self._large else ():  # else it is dearer to give back than to hold
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
            # Made again only now, reports stand close together: else each page of memory keeps a few of their records.
            for one in self._fresh:
                self._done[one] = self._alike.of(self._done[one])
            self._fresh.clear()
            gc.freeze()  # reports stay: there is no need to look through them each time

    def _unpacked(self, number: int, held: Any) -> Report:
        from dockerlint_fastapi.transport import unpacked_report  # noqa: PLC0415 - several processes only

        folder = self._folders[number][0]

        def known(path: str) -> Source | None:
            return None if f"{path}/".startswith(f"{folder}/") else self._whole.source_of(path)

        report = unpacked_report(held, self._whole.tree.read, self._shown, self._rules, known)
        for source in _sources(report) if self._large else ():
            if known(source.path) is None:
                source.let_go()
        return self._alike.of(report) if self._large else report


def _turns(hand: int, orders: Sequence[Sequence[int]], deals: Sequence[Iterable[int]]) -> Iterator[int]:
    """The numbers of the parts that a process lints: of what it has kept, of what nobody has (the last), of what others
    have. Each is given to one process.
    """
    last = len(orders) - 1
    for at in (hand, last, *range(hand + 1, last), *range(hand)):
        for turn in deals[at]:
            if turn >= len(orders[at]):
                break
            yield orders[at][turn]


class _Partner:
    """What one child says of the parts that it has linted. It counts when the child comes to its end: only then is
    known what else it has read.
    """

    def __init__(self, worker: Worker, unpacked: Callable[[int, Any], Report]) -> None:
        self.worker = worker
        self.reports: dict[int, Report] = {}
        self.asked: list[str] = []  # the notes of what it asked of the tree, in pieces
        self._unpacked = unpacked

    def listen(self) -> None:
        """Takes what was said until now. Raises NotApartError."""
        for said in self.worker.heard():
            self._take(said)

    def finish(self) -> None:
        """Takes all that is still to come. Raises NotApartError."""
        while (said := self.worker.hear()) is not None:
            self._take(said)
        if not self.worker.well:
            self.reports.clear()
            self.asked.clear()

    def _take(self, said: Any) -> None:
        from dockerlint_fastapi.transport import NotPortableError  # noqa: PLC0415 - as above

        if "apart" in said:
            raise NotApartError
        if "asked" in said:
            self.asked.append(said["asked"])
            return
        with suppress(TypeError, KeyError, IndexError, ValueError, OSError, NotPortableError):
            self.reports[said["number"]] = self._unpacked(said["number"], said["report"])


class _Alike:
    """Findings that hold equal words, numbers and places once: rules say the same of thousands of files."""

    def __init__(self) -> None:
        self._known: dict[Any, Any] = {}  # words and numbers
        self._places: dict[Span, Span] = {}  # of one part

    def of(self, report: Report) -> Report:
        """The same report in less memory."""
        self._places.clear()
        made = report._replace(
            diagnostics=tuple(map(self._made, report.diagnostics)),
            suppressed=tuple(map(self._made, report.suppressed)),
            notices=tuple(map(self._made, report.notices)),
        )
        self._places.clear()
        return made

    def _made(self, value: Any) -> Any:
        kind = type(value)
        if kind is str or kind is int:
            return self._known.setdefault(value, value)
        if kind is Span:
            known = self._places.get(value)
            if known is None:
                source, start, end = value
                known = self._places[value] = Span(source, self._made(start), self._made(end))
            return known
        return tuple.__new__(kind, map(self._made, value)) if isinstance(value, tuple) else value


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
