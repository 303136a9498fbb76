"""One run of `dlf check`, step by step: lint, leave out what is known, mend, report."""

from __future__ import annotations

from dockerlint_fastapi.cli.jobs import (
    FEWEST,
    STDIN,
    Configurations,
    Job,
    Options,
    Plan,
    check_compose_files,
    check_config_options,
    preview_remarks,
    settings_of,
    size_of,
    stdin_job,
)
from dockerlint_fastapi.cli.outcome import FAILURE, FINDINGS, Stop
from dockerlint_fastapi.cli.output import complain, say, watched
from dockerlint_fastapi.cli.reports import outputs, publish
from dockerlint_fastapi.config import ConfigError, Configuration, shown_path
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.cli.progress import Progress
    from dockerlint_fastapi.cli.running import Running
    from dockerlint_fastapi.engine import Settings
    from dockerlint_fastapi.report import Report


class Request(NamedTuple):
    """What the command line asks for, by the names of its options."""

    paths: tuple[str, ...]
    select: tuple[str, ...]
    extend_select: tuple[str, ...]
    ignore: tuple[str, ...]
    profile: str | None
    preview: bool | None
    deployment: str | None
    today: str | None
    output_format: str | None
    output_files: tuple[str, ...]
    fail_on: str | None
    exit_zero: bool
    statistics: bool
    quiet: bool
    fix: bool | None
    unsafe_fixes: bool | None
    diff: bool
    fix_only: bool
    baseline: str | None
    write_baseline: bool
    update_baseline: bool
    no_baseline: bool
    compose_files: tuple[str, ...]
    exclude: tuple[str, ...]
    force_exclude: bool
    config: str | None
    isolated: bool
    stdin_filename: str | None
    rule_dirs: tuple[str, ...]
    no_plugins: bool
    processes: str | None
    no_cache: bool
    cache_dir: str | None

    @property
    def on_stdin(self) -> bool:
        """Whether standard input is linted."""
        return self.paths == (STDIN,)

    @property
    def on_baselines(self) -> tuple[str | None, bool, bool, bool]:
        """What it says of baselines."""
        return self.baseline, self.write_baseline, self.update_baseline, self.no_baseline

    @property
    def options(self) -> Options:
        """What of it bears on what is linted, and how."""
        from dockerlint_fastapi.config.choices import Choices  # noqa: PLC0415 - help does without

        choices = Choices(
            self.select or None,
            self.extend_select,
            self.ignore,
            self.exclude,
            self.profile,
            self.deployment,
            self.preview,
            self.isolated,
        )
        return Options(choices, self.compose_files, self.force_exclude, self.config, self.today, self.quiet)

    def check(self) -> None:
        """Stops at options that contradict each other."""
        check_config_options(self.config, isolated=self.isolated)
        if STDIN in self.paths and len(self.paths) > 1:
            raise Stop("`-` (standard input) cannot be linted together with other paths")
        if self.stdin_filename is not None and not self.on_stdin:
            raise Stop("--stdin-filename names what is read from standard input: it needs the path `-`")
        if any(self.on_baselines):
            from dockerlint_fastapi.cli.baseline import Given, check_given  # noqa: PLC0415

            check_given(Given(*self.on_baselines), stdin=self.on_stdin)


class Run:
    """One run: what is to be linted, what was found so far, and what went wrong. Raises Stop at wrong usage."""

    def __init__(self, request: Request, *, taken_in: bool) -> None:
        """Plans the run; `taken_in` says that the caller does something else with what is found than to report it."""
        from dockerlint_fastapi.plugins import load  # noqa: PLC0415 - not before the usage is right

        request.check()
        self._request = request
        self._options = request.options
        self._taken_in = taken_in or request.write_baseline or request.update_baseline
        self._rules = load(request.rule_dirs, installed=not (request.isolated or request.no_plugins))
        try:
            self._options.choices.check(self._rules, options=True)
        except ConfigError as error:
            raise Stop(str(error)) from None
        configurations = Configurations(self._options, self._rules)
        self._plan = Plan(self._options, configurations)
        if request.on_stdin:
            self._jobs = [stdin_job(request.stdin_filename, configurations)]
            self._first = self._jobs[0].configuration
        else:
            for path in request.paths or (".",):
                self._plan.add(path)
            self._jobs = self._plan.jobs()
            self._first = self._plan.first or Configuration()
        check_compose_files(request.compose_files, self._jobs)
        self._outputs = outputs(
            request.output_format, request.output_files, self._first.output_format, statistics=request.statistics
        )
        self._progress = self._progress_line()
        self._running = self._speed()
        self.linted: list[tuple[Job, Report]] = []
        self._unread = list(self._plan.problems)
        self._failed = False  # something is missing from the report that should be in it
        self._aside = False  # the report goes to standard error

    def _progress_line(self) -> Progress | None:
        if not watched(quiet=self._request.quiet):
            return None
        from dockerlint_fastapi.cli.progress import Progress  # noqa: PLC0415 - on terminals only

        return Progress(len(self._jobs))

    def _speed(self) -> Running | None:
        """What knows of the cache and of other processes; None for a run that is too small for both."""
        request, jobs = self._request, self._jobs
        if request.processes is None and len(jobs) == 1 and size_of(jobs[0], self._settings(jobs[0])) < FEWEST:
            return None
        from dockerlint_fastapi.cli.running import Running  # noqa: PLC0415 - as it says

        running = Running(
            self._rules,
            jobs=request.processes,
            no_cache=request.no_cache,
            cache_dir=request.cache_dir,
            single=len(jobs) == 1,
        )
        if len(jobs) > 1:
            running.prepare([(job, self._settings(job), _files(job)) for job in jobs])
        return running

    def _settings(self, job: Job) -> Settings:
        return settings_of(job, self._options, self._rules)

    def lint(self) -> None:
        """Lints all jobs. A fault of dlf in one of them is told, and the others are linted all the same."""
        from dockerlint_fastapi.rule import OptionsError, RuleError  # noqa: PLC0415 - loaded with the rules

        for job in self._jobs:
            try:
                report = self._judged(job)
            except OptionsError as error:
                where = f"{shown_path(job.configuration.path)}: " if job.configuration.path else ""
                raise Stop(f"{where}{error}") from None
            except (RuleError, Stop):
                raise
            except Exception as error:  # noqa: BLE001 - told, and the other projects are still linted
                from dockerlint_fastapi.cli.faults import internal  # noqa: PLC0415 - it should not happen

                internal(error, shown_path(job.root))
                self._unread.append(f"{shown_path(job.root)}: not linted: a fault of dlf")
                self._failed = True
                continue
            if report.failures:
                from dockerlint_fastapi.cli.faults import broken_rules  # noqa: PLC0415 - likewise

                broken_rules(report.failures)
                self._failed = True
            self.linted.append((job, report))

    def _judged(self, job: Job) -> Report:
        """The report of one job, without what is for another configuration of the same project to judge."""
        others = (one.files or () for one in self._jobs if one.root == job.root and one.files != job.files)
        return self._report_of(job).owning(job.files or frozenset(), frozenset().union(*others))

    def _report_of(self, job: Job) -> Report:
        from dockerlint_fastapi.engine import lint  # noqa: PLC0415 - after the usage is right

        settings, files = self._settings(job), _files(job)
        step = self._progress.project(shown_path(job.root)) if self._progress is not None else None
        try:
            if self._running is not None:
                return self._running.lint(job, settings, files, step)
            return lint(job.tree, settings, paths=files, shown=job.shown, progress=step)
        finally:
            if self._progress is not None:
                self._progress.clear()

    def leave_out_known(self) -> None:
        """Suppresses what baselines hold, and writes those that are to be written."""
        request = self._request
        if request.no_baseline or not (
            any(request.on_baselines) or any(job.configuration.baseline for job in self._jobs)
        ):
            return
        from dockerlint_fastapi.cli.baseline import Given, applied  # noqa: PLC0415

        whole = not self._failed and not self._plan.problems
        outcome = applied(
            self.linted, Given(*request.on_baselines), self._options, self._rules, request.paths, whole=whole
        )
        self.linted = list(zip((job for job, _ in self.linted), outcome.reports, strict=True))
        self._plan.remarks += [*outcome.remarks, *outcome.written]

    def mend(self) -> int | None:
        """Fixes what is to be fixed; gives the exit code when nothing else is to be printed."""
        request = self._request
        configured = request.fix is None and not self._taken_in and any(job.configuration.fix for job in self._jobs)
        if not (request.fix or request.diff or request.fix_only or configured):
            return None
        from dockerlint_fastapi.cli.fixing import Asked, check_asked, fixed  # noqa: PLC0415

        asked = Asked(request.fix, request.unsafe_fixes, request.diff, request.fix_only)
        check_asked(asked, others=self._taken_in)
        result = fixed(self.linted, asked, self._options, self._judged, request.paths)
        self.linted, self._aside = result.linted, result.to_stderr
        self._failed = self._failed or result.failed
        if result.code is None:
            return None
        for problem in self._plan.problems:
            complain(problem)
        return FAILURE if self._plan.problems or self._failed else result.code

    def report(self) -> int:
        """Publishes what was found, and gives the exit code."""
        request = self._request
        report = self._together()
        planned = self._outputs
        if self._aside:
            from dockerlint_fastapi.cli.fixing import aside  # noqa: PLC0415

            planned = aside(report, planned, quiet=request.quiet)
        written = publish(
            report, planned, statistics=request.statistics, quiet=request.quiet, anything=bool(self._jobs)
        )
        if not request.quiet:
            for remark in (*preview_remarks(self._jobs, self._options, self._rules), *self._plan.remarks):
                say(remark)
        for problem in self._plan.problems:
            complain(problem)
        if self._plan.problems or self._failed or not written:
            return FAILURE
        return FINDINGS if self._reached() and not request.exit_zero else 0

    def _together(self) -> Report:
        """The reports of all jobs as one."""
        from dockerlint_fastapi.once import one_fault  # noqa: PLC0415 - loaded with the engine
        from dockerlint_fastapi.report import Report, together  # noqa: PLC0415 - as above

        reports = [one_fault(report) for _, report in self.linted]
        report = together(reports) if reports else Report((), (), (), (), self._rules)
        unsafe = self._request.unsafe_fixes
        return report._replace(
            sources=all(one.sarif_sources for one in (self._first, *(job.configuration for job in self._jobs))),
            unread=tuple(self._unread),
            fixes="all" if (self._first.unsafe_fixes if unsafe is None else unsafe) else "safe",
        )

    def _reached(self) -> bool:
        """Whether anything was found that counts as a failure."""
        return any(
            report.reaches(self._request.fail_on or job.configuration.fail_on or "warning")
            for job, report in self.linted
        )


def _files(job: Job) -> list[str] | None:
    return None if job.files is None else sorted(job.files)
