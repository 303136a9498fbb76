"""`dlf check`: lint, and print the report."""

from __future__ import annotations

from dockerlint_fastapi.cli.declared import Choice, argument, command, option
from dockerlint_fastapi.cli.faults import broken_rules, internal
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
from dockerlint_fastapi.cli.options import (
    comma_separated,
    compose_file_option,
    config_option,
    contract_options,
    exclude_option,
    fix_options,
    force_exclude_option,
    iso_date,
    isolated_option,
    no_plugins_option,
    rules_option,
    speed_options,
)
from dockerlint_fastapi.cli.outcome import FAILURE, FINDINGS, Stop
from dockerlint_fastapi.cli.output import complain, say, watched
from dockerlint_fastapi.cli.reports import outputs, publish
from dockerlint_fastapi.config import DEPLOYMENTS, PROFILES, ConfigError, Configuration, shown_path
from dockerlint_fastapi.finding import SEVERITIES
from dockerlint_fastapi.reporters import FORMATS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from dockerlint_fastapi.cli.progress import Progress
    from dockerlint_fastapi.cli.running import Running
    from dockerlint_fastapi.report import Report
    from dockerlint_fastapi.rule import Rule


@command("check", short_help="Lint files and directories.", no_args_is_help=False)
@argument("paths", metavar="[PATH]...", nargs=-1)
@option(
    "--select",
    metavar="RULE",
    multiple=True,
    callback=comma_separated,
    help="Run only these: rules, categories, or `all`; separated by commas.",
)
@option(
    "--extend-select",
    metavar="RULE",
    multiple=True,
    callback=comma_separated,
    help="Run these besides what is selected.",
)
@option(
    "--ignore",
    metavar="RULE",
    multiple=True,
    callback=comma_separated,
    help="Do not run these. A rule outweighs its category, a category `all`.",
)
@option(
    "--profile",
    type=Choice(PROFILES),
    help="How strict: what the deployment guide asks for, the usual, or everything.",
)
@option(
    "--deployment",
    type=Choice(DEPLOYMENTS),
    help="What runs the containers. Default: auto, by evidence in the project.",
)
@option("--output-format", type=Choice(tuple(FORMATS)), help="How to print findings. Default: text.")
@option(
    "--output-file",
    "output_files",
    metavar="[FORMAT:]FILE",
    multiple=True,
    help="Write a report to a file too, as a whole or not at all. May be repeated. The format is the one in front,"
    " else --output-format, else by suffix: .sarif, .json, .xml (JUnit), .md.",
)
@option(
    "--fail-on",
    type=Choice(tuple(reversed(SEVERITIES))),
    help="The lowest severity that exits with 1. Default: warning.",
)
@option("--exit-zero", is_flag=True, help="Exit with 0 even when there are findings.")
@option("--statistics", is_flag=True, help="Count findings by rule instead of showing them.")
@option("-q", "--quiet", is_flag=True, help="Print findings and errors, and nothing else.")
@fix_options
@contract_options
@compose_file_option
@exclude_option
@force_exclude_option
@config_option
@isolated_option
@option("--stdin-filename", metavar="FILE", help="The name of what is read from standard input (PATH `-`).")
@option("--today", metavar="DATE", callback=iso_date, help="Judge ages as of this day, YYYY-MM-DD, instead of today.")
@rules_option
@no_plugins_option
@speed_options
def check(**given: Any) -> int:
    """Lint files and directories (default: the working directory).

    A directory is searched for Dockerfiles and compose files; what .gitignore ignores is left out. A file is linted
    whatever ignores it. Either way dlf reads the project round it, up to the nearest directory with .git, because
    a compose file decides what a Dockerfile is used for. `-` reads standard input.

    \b
    Examples:
      dlf check                                   the project here
      dlf check api/Dockerfile compose.yaml       these files
      dlf check --select signals,health           two categories
      dlf check --output-format sarif --output-file dlf.sarif
      dlf check - --stdin-filename Dockerfile < Dockerfile

    \b
    Exit codes:
      0  nothing at or above --fail-on
      1  findings
      2  wrong usage or configuration, or a path that cannot be linted
    """  # noqa: D301 - \b is for click: keep these lines as they are
    adds, reason = given.pop("add_ignores"), given.pop("reason")
    if adds:
        from dockerlint_fastapi.cli.add_ignores import add_ignores  # noqa: PLC0415

        return add_ignores(_check, given, reason)
    if reason is not None:
        raise Stop("--reason is what the comments of --add-ignores say: it needs that option")
    return _check(**given)


def _check(
    *,
    paths: tuple[str, ...],
    select: tuple[str, ...],
    extend_select: tuple[str, ...],
    ignore: tuple[str, ...],
    profile: str | None,
    deployment: str | None,
    output_format: str | None,
    output_files: tuple[str, ...],
    fail_on: str | None,
    exit_zero: bool,
    statistics: bool,
    quiet: bool,
    compose_files: tuple[str, ...],
    exclude: tuple[str, ...],
    force_exclude: bool,
    config: str | None,
    isolated: bool,
    stdin_filename: str | None,
    today: str | None,
    rule_dirs: tuple[str, ...],
    no_plugins: bool,
    preview: bool | None,
    baseline: str | None,
    write_baseline: bool,
    update_baseline: bool,
    no_baseline: bool,
    fix: bool | None,
    unsafe_fixes: bool | None,
    diff: bool,
    fix_only: bool,
    processes: str | None,
    no_cache: bool,
    cache_dir: str | None,
    collect: list[tuple[Job, Report]] | None = None,
) -> int:
    from dockerlint_fastapi.config.selection import check_selector  # noqa: PLC0415
    from dockerlint_fastapi.plugins import load  # noqa: PLC0415
    from dockerlint_fastapi.rule import CATEGORIES, OptionsError, RuleError  # noqa: PLC0415

    check_config_options(config, isolated=isolated)
    if STDIN in paths and len(paths) > 1:
        raise Stop("`-` (standard input) cannot be linted together with other paths")
    if stdin_filename is not None and paths != (STDIN,):
        raise Stop("--stdin-filename names what is read from standard input: it needs the path `-`")
    options = Options(
        select=select or None,
        extend_select=extend_select,
        ignore=ignore,
        exclude=exclude,
        compose_files=compose_files,
        force_exclude=force_exclude,
        config=config,
        isolated=isolated,
        fail_on=fail_on,
        profile=profile,
        deployment=deployment,
        today=today,
        preview=preview,
        quiet=quiet,
    )
    baselines = (baseline, write_baseline, update_baseline, no_baseline)
    if any(baselines):
        from dockerlint_fastapi.cli.baseline import Given, check_given  # noqa: PLC0415

        check_given(Given(*baselines), stdin=paths == (STDIN,))
    rules = load(rule_dirs, installed=not (isolated or no_plugins))
    names = {rule.name for rule in rules}
    for which, selectors in (("--select", select), ("--extend-select", extend_select), ("--ignore", ignore)):
        for selector in selectors:
            try:
                check_selector(selector, names, CATEGORIES)
            except ConfigError as error:
                raise Stop(f"{which}: {error}") from None
    configurations = Configurations(options, rules)
    plan = Plan(options, configurations)
    if paths == (STDIN,):
        jobs = [stdin_job(stdin_filename, configurations)]
        first = jobs[0].configuration
    else:
        for path in paths or (".",):
            plan.add(path)
        jobs = plan.jobs()
        first = plan.first or Configuration()
    check_compose_files(compose_files, jobs)
    planned = outputs(output_format, output_files, first.output_format, statistics=statistics)
    progress = None
    if watched(quiet=quiet):
        from dockerlint_fastapi.cli.progress import Progress  # noqa: PLC0415

        progress = Progress(len(jobs))

    running = _running(jobs, options, rules, processes=processes, no_cache=no_cache, cache_dir=cache_dir)
    linted: list[tuple[Job, Report]] = []
    failed = False
    unread = list(plan.problems)

    def judged(job: Job) -> Report:
        others = (other.files or () for other in jobs if other.root == job.root and other.files != job.files)
        return _own(_lint(job, options, rules, progress, running), job.files or frozenset(), frozenset().union(*others))

    for job in jobs:
        try:
            report = judged(job)
        except OptionsError as error:
            where = f"{shown_path(job.configuration.path)}: " if job.configuration.path else ""
            raise Stop(f"{where}{error}") from None
        except (RuleError, Stop):
            raise
        except Exception as error:  # noqa: BLE001 - told, and the other projects are still linted
            internal(error, shown_path(job.root))
            unread.append(f"{shown_path(job.root)}: not linted: a fault of dlf")
            failed = True
            continue
        if report.failures:
            broken_rules(report.failures)
            failed = True
        linted.append((job, report))
    if (any(baselines) or any(job.configuration.baseline for job in jobs)) and not no_baseline:
        from dockerlint_fastapi.cli.baseline import Given, applied  # noqa: PLC0415

        whole = not failed and not plan.problems
        outcome = applied(linted, Given(*baselines), options, rules, paths, whole=whole)
        linted = list(zip((job for job, _ in linted), outcome.reports, strict=True))
        plan.remarks += [*outcome.remarks, *outcome.written]
    to_stderr = False
    taken_in = write_baseline or update_baseline or collect is not None
    configured = fix is None and not taken_in and any(job.configuration.fix for job in jobs)
    if fix or diff or fix_only or configured:
        from dockerlint_fastapi.cli.fixing import Asked, check_asked, fixed  # noqa: PLC0415

        asked = Asked(fix, unsafe_fixes, diff, fix_only)
        check_asked(asked, others=taken_in)
        result = fixed(linted, asked, options, judged, paths)
        linted, to_stderr, failed = result.linted, result.to_stderr, failed or result.failed
        if result.code is not None:
            for problem in plan.problems:
                complain(problem)
            return FAILURE if plan.problems or failed else result.code
    if collect is not None:
        collect += linted
        return 0
    reports = [report for _, report in linted]
    reached = any(report.reaches(fail_on or job.configuration.fail_on or "warning") for job, report in linted)
    report = _together(reports, rules)._replace(
        unread=tuple(unread),
        fixes="all" if unsafe_fixes or (unsafe_fixes is None and first.unsafe_fixes) else "safe",
    )
    if to_stderr:
        from dockerlint_fastapi.cli.fixing import aside  # noqa: PLC0415

        planned = aside(report, planned, quiet=quiet)
    written = publish(report, planned, statistics=statistics, quiet=quiet, anything=bool(jobs))
    if not quiet:
        for remark in (*preview_remarks(jobs, options, rules), *plan.remarks):
            say(remark)
    for problem in plan.problems:
        complain(problem)
    if plan.problems or failed or not written:
        return FAILURE
    return FINDINGS if reached and not exit_zero else 0


def _running(
    jobs: list[Job],
    options: Options,
    rules: tuple[Rule, ...],
    *,
    processes: str | None,
    no_cache: bool,
    cache_dir: str | None,
) -> Running | None:
    """What knows of the cache and of other processes; None for a run that is too small for both."""
    if processes is None and len(jobs) == 1 and size_of(jobs[0], settings_of(jobs[0], options, rules)) < FEWEST:
        return None
    from dockerlint_fastapi.cli.running import Running  # noqa: PLC0415 - as it says

    running = Running(rules, jobs=processes, no_cache=no_cache, cache_dir=cache_dir, single=len(jobs) == 1)
    if len(jobs) > 1:
        running.prepare([(job, settings_of(job, options, rules), _files(job)) for job in jobs])
    return running


def _files(job: Job) -> list[str] | None:
    return None if job.files is None else sorted(job.files)


def _lint(
    job: Job, options: Options, rules: tuple[Rule, ...], progress: Progress | None, running: Running | None
) -> Report:
    from dockerlint_fastapi.engine import lint  # noqa: PLC0415

    settings, files = settings_of(job, options, rules), _files(job)
    step = progress.project(shown_path(job.root)) if progress is not None else None
    try:
        if running is not None:
            return running.lint(job, settings, files, step)
        return lint(job.tree, settings, paths=files, shown=job.shown, progress=step)
    finally:
        if progress is not None:
            progress.clear()


def _own(report: Report, files: frozenset[str], others: frozenset[str]) -> Report:
    """A report without findings in files that another job of the same project judges by its own configuration."""
    if not others:
        return report

    def mine(path: str) -> bool:
        return path in files or path not in others

    return report._replace(
        diagnostics=tuple(one for one in report.diagnostics if mine(one.finding.span.source.path)),
        suppressed=tuple(one for one in report.suppressed if mine(one.finding.span.source.path)),
    )


def _together(reports: list[Report], rules: tuple[Rule, ...]) -> Report:
    """The reports of all jobs as one; what two of them say alike of a file that is neither's is said once."""
    from dockerlint_fastapi.report import Report, merged  # noqa: PLC0415

    if len(reports) == 1:
        return reports[0]
    if not reports:
        return Report((), (), (), (), rules)
    report = merged(reports)
    return report._replace(
        diagnostics=tuple({one.order: one for one in report.diagnostics}.values()),
        suppressed=tuple({one.order: one for one in report.suppressed}.values()),
    )
