"""`dlf check`: lint, and print the report."""

from __future__ import annotations

from dockerlint_fastapi.cli.declared import Choice, argument, command, option
from dockerlint_fastapi.cli.linting import Request, Run
from dockerlint_fastapi.cli.options import (
    compose_file_option,
    config_option,
    contract_options,
    exclude_option,
    fix_options,
    force_exclude_option,
    isolated_option,
    no_plugins_option,
    rules_option,
    selection_options,
    speed_options,
)
from dockerlint_fastapi.cli.outcome import Stop
from dockerlint_fastapi.finding import SEVERITIES
from dockerlint_fastapi.reporters import FORMATS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from dockerlint_fastapi.cli.jobs import Job
    from dockerlint_fastapi.report import Report


@command("check", short_help="Lint files and directories.", no_args_is_help=False)
@argument("paths", metavar="[PATH]...", nargs=-1)
@selection_options
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


def _check(*, collect: list[tuple[Job, Report]] | None = None, **given: Any) -> int:
    """One run; with `collect` what was found is handed over in place of being printed."""
    run = Run(Request(**given), taken_in=collect is not None)
    run.lint()
    run.leave_out_known()
    code = run.mend()
    if collect is not None:
        collect += run.linted
        return 0
    return run.report() if code is None else code
