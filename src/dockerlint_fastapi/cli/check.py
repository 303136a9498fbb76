"""`dlf check`: lint, and print the report."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from dockerlint_fastapi.cli.faults import broken_rules, internal
from dockerlint_fastapi.cli.jobs import (
    STDIN,
    Configurations,
    Job,
    Options,
    Plan,
    check_compose_files,
    check_config_options,
    settings_of,
    stdin_job,
)
from dockerlint_fastapi.cli.options import (
    comma_separated,
    compose_file_option,
    config_option,
    exclude_option,
    force_exclude_option,
    iso_date,
    isolated_option,
    rules_option,
)
from dockerlint_fastapi.cli.outcome import FAILURE, FINDINGS, Stop
from dockerlint_fastapi.cli.output import colored, complain, deliver, say
from dockerlint_fastapi.config import DEPLOYMENTS, PROFILES, ConfigError, Configuration, shown_path
from dockerlint_fastapi.finding import SEVERITIES
from dockerlint_fastapi.reporters import FOR_PEOPLE, FORMATS

if TYPE_CHECKING:
    from dockerlint_fastapi.report import Report
    from dockerlint_fastapi.rule import Rule


@click.command("check", short_help="Lint files and directories.", no_args_is_help=False)
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option(
    "--select",
    metavar="RULE",
    multiple=True,
    callback=comma_separated,
    help="Run only these: rules, categories, or `all`; separated by commas.",
)
@click.option(
    "--extend-select",
    metavar="RULE",
    multiple=True,
    callback=comma_separated,
    help="Run these besides what is selected.",
)
@click.option(
    "--ignore",
    metavar="RULE",
    multiple=True,
    callback=comma_separated,
    help="Do not run these. A rule outweighs its category, a category `all`.",
)
@click.option(
    "--profile",
    type=click.Choice(PROFILES),
    help="How strict: what the deployment guide asks for, the usual, or everything.",
)
@click.option(
    "--deployment",
    type=click.Choice(DEPLOYMENTS),
    help="What runs the containers. Default: auto, by evidence in the project.",
)
@click.option("--output-format", type=click.Choice(tuple(FORMATS)), help="How to print findings. Default: text.")
@click.option("--output-file", metavar="FILE", help="Write the report to a file, as a whole or not at all.")
@click.option(
    "--fail-on",
    type=click.Choice(tuple(reversed(SEVERITIES))),
    help="The lowest severity that exits with 1. Default: warning.",
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even when there are findings.")
@click.option("--statistics", is_flag=True, help="Count findings by rule instead of showing them.")
@click.option("-q", "--quiet", is_flag=True, help="Print findings and errors, and nothing else.")
@compose_file_option
@exclude_option
@force_exclude_option
@config_option
@isolated_option
@click.option("--stdin-filename", metavar="FILE", help="The name of what is read from standard input (PATH `-`).")
@click.option(
    "--today", metavar="DATE", callback=iso_date, help="Judge ages as of this day, YYYY-MM-DD, instead of today."
)
@rules_option
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
    output_file: str | None,
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
) -> int:
    from dockerlint_fastapi.config.selection import check_selector  # noqa: PLC0415
    from dockerlint_fastapi.rule import CATEGORIES, OptionsError, RuleError, load_rules  # noqa: PLC0415

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
        quiet=quiet,
    )
    rules = load_rules(rule_dirs)
    names = {rule.name for rule in rules}
    for option, selectors in (("--select", select), ("--extend-select", extend_select), ("--ignore", ignore)):
        for selector in selectors:
            try:
                check_selector(selector, names, CATEGORIES)
            except ConfigError as error:
                raise Stop(f"{option}: {error}") from None
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
    chosen_format = output_format or first.output_format or "text"
    if statistics and chosen_format == "sarif":
        raise Stop("--statistics has no SARIF form")

    reports: list[Report] = []
    failed = reached = False
    for job in jobs:
        others = frozenset().union(
            *(other.files or () for other in jobs if other is not job and other.root == job.root)
        )
        try:
            report = _own(_lint(job, options, rules), job.files or frozenset(), others)
        except OptionsError as error:
            where = f"{shown_path(job.configuration.path)}: " if job.configuration.path else ""
            raise Stop(f"{where}{error}") from None
        except (RuleError, Stop):
            raise
        except Exception as error:  # noqa: BLE001 - told, and the other projects are still linted
            internal(error, shown_path(job.root))
            failed = True
            continue
        if report.failures:
            broken_rules(report.failures)
            failed = True
        reports.append(report)
        reached = reached or report.reaches(fail_on or job.configuration.fail_on or "warning")
    report = _together(reports, rules)
    text = (
        _statistics(report, chosen_format)
        if statistics
        else _rendered(report, chosen_format, quiet=quiet, to_file=output_file is not None)
    )
    if jobs or chosen_format not in FOR_PEOPLE:
        deliver(text, chosen_format, output_file)
    if not quiet:
        for remark in plan.remarks:
            say(remark)
    for problem in plan.problems:
        complain(problem)
    if plan.problems or failed:
        return FAILURE
    return FINDINGS if reached and not exit_zero else 0


def _lint(job: Job, options: Options, rules: tuple[Rule, ...]) -> Report:
    from dockerlint_fastapi.engine import lint  # noqa: PLC0415

    files = None if job.files is None else sorted(job.files)
    return lint(job.tree, settings_of(job, options, rules), paths=files, shown=job.shown)


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


def _rendered(report: Report, output_format: str, *, quiet: bool, to_file: bool) -> str:
    from dockerlint_fastapi.reporters import render  # noqa: PLC0415

    color = not to_file and colored(sys.stdout)
    if quiet and output_format in FOR_PEOPLE:
        if not report.diagnostics:
            return ""
        return render(output_format, report._replace(notices=()), color=color, summary=False)
    return render(output_format, report, color=color)


def _statistics(report: Report, output_format: str) -> str:
    """How many findings each rule has, the most first."""
    counts: dict[str, list[str]] = {}
    for one in report.diagnostics:
        counts.setdefault(one.rule.name, []).append(one.severity)
    rows = [(len(severities), name, max(severities, key=SEVERITIES.index)) for name, severities in counts.items()]
    rows.sort(key=lambda row: (-row[0], row[1]))
    if output_format == "json":
        import json  # noqa: PLC0415

        return (
            json.dumps(
                [{"rule": name, "severity": severity, "count": count} for count, name, severity in rows], indent=2
            )
            + "\n"
        )
    if not rows:
        return "No findings.\n"
    width = max(len(name) for _, name, _ in rows)
    return "".join(f"{count:>5}  {name:<{width}}  {severity}\n" for count, name, severity in rows)
