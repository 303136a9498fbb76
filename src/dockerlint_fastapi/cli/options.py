"""Options that several commands have, and how their values are read."""

from __future__ import annotations

from dockerlint_fastapi.cli.declared import Choice, option
from dockerlint_fastapi.config import DEPLOYMENTS, PROFILES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeVar

    import click

    Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def comma_separated(
    _context: click.Context | None, _parameter: click.Parameter | None, values: Iterable[str]
) -> tuple[str, ...]:
    """`--select a,b --select c` as one tuple."""
    return tuple(name for value in values for name in value.replace(",", " ").split())


def iso_date(_context: click.Context | None, _parameter: click.Parameter | None, value: str | None) -> str | None:
    """A date as it is written in ISO 8601: `2026-11-22`."""
    if value is None:
        return None
    from datetime import date  # noqa: PLC0415

    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        import click  # noqa: PLC0415

        raise click.BadParameter(f"{value!r} is not a date such as 2026-11-22") from None


def selection_options(command: Decorated) -> Decorated:
    """The options on which rules run, and by what they judge."""
    for one in (
        option(
            "--today",
            metavar="DATE",
            callback=iso_date,
            help="Judge ages as of this day, YYYY-MM-DD, instead of today.",
        ),
        option(
            "--deployment",
            type=Choice(DEPLOYMENTS),
            help="What runs the containers. Default: auto, by evidence in the project.",
        ),
        option(
            "--preview/--no-preview",
            default=None,
            help="Run rules in preview too, which a later release may change or take away.",
        ),
        option(
            "--profile",
            type=Choice(PROFILES),
            help="How strict: what the deployment guide asks for, the usual, or everything.",
        ),
        option(
            "--ignore",
            metavar="RULE",
            multiple=True,
            callback=comma_separated,
            help="Do not run these. A rule outweighs its category, a category `all`.",
        ),
        option(
            "--extend-select",
            metavar="RULE",
            multiple=True,
            callback=comma_separated,
            help="Run these besides what is selected.",
        ),
        option(
            "--select",
            metavar="RULE",
            multiple=True,
            callback=comma_separated,
            help="Run only these: rules, categories, or `all`; separated by commas.",
        ),
    ):
        command = one(command)
    return command


def contract_options(command: Decorated) -> Decorated:
    """The options on what may break a build: baselines, and ignores that are written."""
    for one in (
        option("--reason", metavar="TEXT", help="Why the findings may stay: what the comments of --add-ignores say."),
        option(
            "--add-ignores",
            is_flag=True,
            help="Write `# dlf: ignore[rule] reason` into the files for all that is reported, then lint again.",
        ),
        option("--no-baseline", is_flag=True, help="Report everything, whatever baseline a configuration names."),
        option(
            "--update-baseline",
            is_flag=True,
            help="Take findings that are gone out of the baseline. It never takes new ones in.",
        ),
        option(
            "--write-baseline",
            is_flag=True,
            help="Take all present findings into the baseline. Without --baseline: dlf-baseline.json.",
        ),
        option(
            "--baseline", metavar="FILE", help="Report only what is not in this file, which --write-baseline makes."
        ),
    ):
        command = one(command)
    return command


def fix_options(command: Decorated) -> Decorated:
    """The options that mend what is found."""
    for one in (
        option("--fix-only", is_flag=True, help="Fix, and report nothing of what is left."),
        option("--diff", is_flag=True, help="Print what --fix would change, and change nothing. Exits with 1 if so."),
        option(
            "--unsafe-fixes/--no-unsafe-fixes",
            default=None,
            help="Fix also what may change behaviour or needs a look; alone, show that it could be fixed.",
        ),
        option("--fix/--no-fix", default=None, help="Fix what can be fixed without changing behaviour."),
    ):
        command = one(command)
    return command


def speed_options(command: Decorated) -> Decorated:
    """The options on processes and on the cache."""
    for one in (
        option("--cache-dir", metavar="DIR", help="Keep results of large runs here. Default: the user's cache folder."),
        option("--no-cache", is_flag=True, help="Neither use results of earlier runs nor keep those of this one."),
        option(
            "--jobs",
            "processes",
            metavar="N",
            help="How many processes lint. Default: auto, by the number of files and of CPUs.",
        ),
    ):
        command = one(command)
    return command


exclude_option = option(
    "--exclude",
    metavar="PATTERN",
    multiple=True,
    help="Leave out files or directories, in the syntax of .gitignore. May be repeated.",
)

compose_file_option = option(
    "--compose-file",
    "compose_files",
    metavar="FILE",
    multiple=True,
    help="A compose file that is used, as `docker compose -f FILE`. Repeat it for files laid over each other, in order."
    " Without it, names and contents tell which belong together.",
)

force_exclude_option = option(
    "--force-exclude",
    is_flag=True,
    help="Apply excludes also to files named on the command line, and pass over those of no kind that dlf reads.",
)

config_option = option("--config", metavar="FILE", help="Use this dlf.toml or pyproject.toml and no other.")

isolated_option = option(
    "--isolated", is_flag=True, help="Read no configuration file, and load no rules of installed packages."
)

rules_option = option(
    "--rules",
    "rule_dirs",
    metavar="DIR",
    multiple=True,
    help="A folder with rules of your own, besides the built-in ones. Its Python files are executed. May be repeated.",
)

no_plugins_option = option("--no-plugins", is_flag=True, help="Load no rules of installed packages.")
