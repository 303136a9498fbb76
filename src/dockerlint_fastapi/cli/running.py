"""How jobs are linted: out of the cache, by several processes, or here and now."""

from __future__ import annotations

import sys
from contextlib import suppress

from dockerlint_fastapi.cli.jobs import FEWEST, size_of
from dockerlint_fastapi.cli.outcome import Stop
from dockerlint_fastapi.cli.output import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dockerlint_fastapi.apart import Apart
    from dockerlint_fastapi.cache import Cache
    from dockerlint_fastapi.cli.jobs import Job
    from dockerlint_fastapi.engine import Settings
    from dockerlint_fastapi.report import Report
    from dockerlint_fastapi.rule import Rule
    from dockerlint_fastapi.shares import Spread
    from dockerlint_fastapi.tree import Tree
    from dockerlint_fastapi.workers import Line

MOST_JOBS = 8  # processes that are started without being asked for
_BETWEEN = 100  # files between two collections of what finished projects leave behind
_LITTLE = 20  # files whose remains may stay while a large project is linted


class Running:
    """What the command line says of cache and processes, and what follows from it for each job."""

    def __init__(
        self, rules: Sequence[Rule], *, jobs: str | None, no_cache: bool, cache_dir: str | None, single: bool = False
    ) -> None:
        self._rules = rules
        self._single = single  # one project is linted, and then the program is nearly done
        self._asked = processes(jobs)
        self._caching = not no_cache
        self._cache_dir = cache_dir
        self._cache: Cache | None = None
        self._spread: Spread | None = None
        self._ready: dict[int, Report] = {}  # of jobs that were linted ahead
        self._texts: dict[int, str] = {}  # of jobs that other processes linted: their reports, as they told them
        self._unswept = 0

    def lint(
        self,
        job: Job,
        settings: Settings,
        paths: Sequence[str] | None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Report:
        """The report of a job, as `engine.lint` gives it."""
        ready = self._ready.pop(id(job), None)
        if ready is not None:
            return ready
        text = self._texts.pop(id(job), "")
        taken = self._taken(job, settings, text) if text else None
        if taken is not None:
            return taken
        import gc  # noqa: PLC0415 - as in cli.main

        # What a project is made of lives until it is done: looking through it for garbage finds none, and takes a tenth
        # of the time.
        collecting = gc.isenabled()
        gc.disable()
        try:
            report = self._lint(job, settings, paths, progress)
            if not self._single:
                _let_go(report)
                _forget(job.tree)
            return report
        finally:
            if collecting:
                if self._single:
                    gc.freeze()  # or else all of it would be looked through now
                    self._single = False
                gc.enable()

    def _lint(
        self, job: Job, settings: Settings, paths: Sequence[str] | None, progress: Callable[[int, int], None] | None
    ) -> Report:
        from dockerlint_fastapi.engine import lint  # noqa: PLC0415

        size = size_of(job, settings)
        cache = self._cache_for(job, size)
        spread = self._spread_for(size)
        self._sweep(size)
        self._unswept += size
        apart = self._apart_for(job, size)
        if cache is None:
            return lint(job.tree, settings, paths=paths, shown=job.shown, progress=progress, spread=spread, apart=apart)
        return cache.lint(
            job.tree,
            settings,
            paths=paths,
            shown=job.shown,
            root=job.root,
            lint=lambda tree: lint(
                tree, settings, paths=paths, shown=job.shown, progress=progress, spread=spread, apart=apart
            ),
        )

    def prepare(self, jobs: Sequence[tuple[Job, Settings, Sequence[str] | None]]) -> None:
        """Has several projects linted by several processes, when there is enough to do."""
        sizes = [size_of(job, settings) for job, settings, _ in jobs]
        count = min(self._processes(sum(sizes)), len(jobs))
        if count < 2:
            return
        import gc  # noqa: PLC0415 - several large projects only

        from dockerlint_fastapi.workers import Crew, Deal  # noqa: PLC0415 - as above

        here, self._asked = self._asked, 1  # a child has no children
        # The largest come first, so that none is left over at the end; whoever is done takes the next. The very first
        # is linted before there are children: what it imports they have then.
        first, *others = sorted(range(len(jobs)), key=lambda one: (-sizes[one], one))
        self._lint_ahead(*jobs[first])
        numbers = Deal(len(others))
        gc.freeze()  # a collection in a child would copy what it shares with this process

        def work(_line: Line) -> list[tuple[int, str]]:
            return [(others[number], self._told(*jobs[others[number]])) for number in numbers]

        try:
            with Crew(work, min(count - 1, len(others))) as workers:
                for number in numbers:
                    self._lint_ahead(*jobs[others[number]])
                for worker in workers:
                    held = worker.result()
                    if worker.killed is not None:
                        again(worker.killed)
                    for at, text in held or ():
                        self._texts[id(jobs[at][0])] = text
        finally:
            self._asked = here

    def _lint_ahead(self, job: Job, settings: Settings, paths: Sequence[str] | None) -> None:
        """Lints a job before its report is asked for. What goes wrong there is told when it is linted again."""
        with suppress(Exception):
            self._ready[id(job)] = self.lint(job, settings, paths)

    def _told(self, job: Job, settings: Settings, paths: Sequence[str] | None) -> str:
        """The report of a job as text for the process that asked; empty when it is to be linted there."""
        import json  # noqa: PLC0415 - as above

        from dockerlint_fastapi.transport import NotPortableError, packed_report  # noqa: PLC0415 - as above

        try:
            return json.dumps(packed_report(self.lint(job, settings, paths)), separators=(",", ":"))
        except KeyboardInterrupt:
            raise
        except (NotPortableError, Exception):  # noqa: BLE001 - whatever it is, it comes again
            return ""

    def _taken(self, job: Job, settings: Settings, text: str) -> Report | None:
        """What another process told of a job; None when that is nothing."""
        import json  # noqa: PLC0415 - as above

        from dockerlint_fastapi.transport import NotPortableError, unpacked_report  # noqa: PLC0415 - as above

        try:
            report = unpacked_report(json.loads(text), job.tree.read, job.shown, settings.rules)
        except (NotPortableError, TypeError, KeyError, IndexError, ValueError, OSError):
            return None
        _let_go(report)
        _forget(job.tree)
        return report

    def _processes(self, size: int) -> int:
        from dockerlint_fastapi.shares import FEWEST_FILES  # noqa: PLC0415 - large runs only

        if self._asked is not None:
            return self._asked
        if size < FEWEST_FILES:
            return 1
        from dockerlint_fastapi.workers import available  # noqa: PLC0415 - as above

        return min(available(), MOST_JOBS)

    def _spread_for(self, size: int) -> Spread | None:
        # Within one project only when it was asked for: reading and joining it stays in one process, and with two, 400
        # and 1,000 files took no less time than with one (docs/performance.md).
        if size < FEWEST or self._asked is None or self._asked < 2:
            return None
        from dockerlint_fastapi.shares import Spread  # noqa: PLC0415 - as above

        self._spread = self._spread or Spread(self._asked, again)
        return self._spread

    def _apart_for(self, job: Job, size: int) -> Apart | None:
        from dockerlint_fastapi.shares import FEWEST_FILES  # noqa: PLC0415 - large runs only

        if size < FEWEST_FILES or job.files is not None:
            return None
        from dockerlint_fastapi.apart import Apart  # noqa: PLC0415 - as above

        return Apart(self._processes(size), again)

    def _cache_for(self, job: Job, size: int) -> Cache | None:
        from dockerlint_fastapi.tree import DiskTree  # noqa: PLC0415

        if not self._caching or size < FEWEST or not isinstance(job.tree, DiskTree):
            return None
        if self._cache is None:
            from dockerlint_fastapi.cache import Cache  # noqa: PLC0415 - large runs only
            from dockerlint_fastapi.places import folder_of, usable  # noqa: PLC0415 - likewise

            folder = folder_of(self._cache_dir)
            if not usable(folder):
                self._caching = False
                if self._cache_dir is not None:
                    say(f"{self._cache_dir}: not used as a cache: it is not yours alone to write to")
                return None
            self._cache = Cache(folder, self._rules)
        return self._cache

    def _sweep(self, size: int) -> None:
        """Collects what finished projects leave behind, when it is much, or not little before a large one."""
        if self._unswept > _BETWEEN or (self._unswept > _LITTLE and size > _BETWEEN):
            import gc  # noqa: PLC0415

            gc.collect()
            gc.freeze()  # reports stay: there is no need to look through them each time
            self._unswept = 0


def _let_go(report: Report) -> None:
    """Forgets what parsers made of the files that a report speaks of: it leads to the whole project."""
    for one in (*report.diagnostics, *report.suppressed):
        finding = one.finding
        finding.span.source.let_go()
        for note in finding.notes:
            note.span.source.let_go()
        for edit in finding.fix.edits if finding.fix is not None else ():
            edit.span.source.let_go()
    for notice in report.notices:
        notice.span.source.let_go()


def _forget(tree: Tree) -> None:
    """Gives back what a tree remembers of its directories, which the report does not need."""
    from dockerlint_fastapi.tree import DiskTree  # noqa: PLC0415

    if isinstance(tree, DiskTree):
        tree.forget()


def processes(given: str | None) -> int | None:
    """`--jobs` as a number; None for `auto`. Stops at what is neither."""
    if given is None or given == "auto":
        return None
    if not given.isdecimal() or not 1 <= int(given) <= 256:
        raise Stop(f"--jobs: {given!r} is neither `auto` nor a number from 1 to 256")
    if int(given) > 1 and sys.platform in ("win32", "darwin"):
        say(f"--jobs {given}: one process does it all: on this system processes cannot be forked safely")
        return 1
    return int(given)


def again(signal: int) -> None:
    """Tells that a child process ended too soon."""
    say(f"a process that linted a part was ended by signal {signal}: its part is linted again by this one")
