"""Options that several commands have, and how their values are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable


def comma_separated(_context: click.Context, _parameter: click.Parameter, values: Iterable[str]) -> tuple[str, ...]:
    """`--select a,b --select c` as one tuple."""
    return tuple(name for value in values for name in value.replace(",", " ").split())


def iso_date(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """A date as it is written in ISO 8601: `2026-11-22`."""
    if value is None:
        return None
    from datetime import date  # noqa: PLC0415

    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a date such as 2026-11-22") from None


exclude_option = click.option(
    "--exclude",
    metavar="PATTERN",
    multiple=True,
    help="Leave out files or directories, in the syntax of .gitignore. May be repeated.",
)

compose_file_option = click.option(
    "--compose-file",
    "compose_files",
    metavar="FILE",
    multiple=True,
    help="A compose file that is used, as `docker compose -f FILE`. Repeat it for files laid over each other, in order."
    " Without it, names and contents tell which belong together.",
)

force_exclude_option = click.option(
    "--force-exclude", is_flag=True, help="Apply excludes also to files named on the command line."
)

config_option = click.option("--config", metavar="FILE", help="Use this dlf.toml or pyproject.toml and no other.")

isolated_option = click.option("--isolated", is_flag=True, help="Read no configuration file.")

rules_option = click.option(
    "--rules",
    "rule_dirs",
    metavar="DIR",
    multiple=True,
    help="A folder with rules of your own, besides the built-in ones. Its Python files are executed. May be repeated.",
)
