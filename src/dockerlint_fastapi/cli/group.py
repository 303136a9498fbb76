"""The program for click: help, errors of usage, completion, and every command line that is not plain."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

from dockerlint_fastapi import __version__
from dockerlint_fastapi.cli import COMMANDS
from dockerlint_fastapi.cli.completion import VARIABLE, equipped
from dockerlint_fastapi.cli.declared import Command
from dockerlint_fastapi.cli.help import GroupedCommand
from dockerlint_fastapi.cli.outcome import FAILURE, Interrupted
from dockerlint_fastapi.cli.output import say, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class Commands(click.Group):
    """The subcommands, each imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """See click."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """See click."""
        if cmd_name not in COMMANDS:
            return None
        module, function = COMMANDS[cmd_name]
        command = getattr(import_module(f"dockerlint_fastapi.cli.{module}"), function)
        made = command.click() if isinstance(command, Command) else command
        if cmd_name == "check":
            made = GroupedCommand.of(made)
        return equipped(made) if VARIABLE in os.environ else made


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", prog_name="dlf", message="%(prog)s %(version)s")
def group() -> None:
    """Lint the Dockerfiles, compose files and .dockerignore of FastAPI projects.

    dlf joins these files to what will really run, and says where that departs from good deployment practice.

    \b
    Examples:
      dlf check                    lint the project here
      dlf rule shell-form-cmd      what a rule finds, why it matters, how to mend it
      dlf show                     what will really run, as dlf understands it
      dlf init --hook              a configuration, and the pre-commit hook

    \b
    Exit codes:
      0  nothing that fails a build
      1  findings
      2  wrong usage or configuration, or something could not be linted
    """  # noqa: D301 - \b is for click: keep these lines as they are


def run(arguments: Sequence[str] | None) -> object:
    """Runs a command line and gives the exit code, or what the command returns. Raises Interrupted, and whatever
    commands raise.
    """
    try:
        return group.main(arguments, prog_name="dlf", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        write(sys.stderr, f"{error.format_message()}\n")
        return FAILURE
    except click.ClickException as error:
        usage = error.ctx.get_usage() + "\n" if isinstance(error, click.UsageError) and error.ctx is not None else ""
        say(f"{usage}error: {error.format_message()}")
        return FAILURE
    except click.Abort as error:
        raise Interrupted from error
