"""The command line: the only part that prints, reads standard input or exits.

`outcome` holds the exit codes. Each command is a module of its own, imported when it is called; what a run does not
need is imported where it is needed.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING

import click

from dockerlint_fastapi import __version__
from dockerlint_fastapi.cli.faults import internal
from dockerlint_fastapi.cli.outcome import FAILURE, INTERRUPTED, Stop
from dockerlint_fastapi.cli.output import complain, say, write
from dockerlint_fastapi.config import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

# The commands, in the order in which they are listed: the module and the function of each.
COMMANDS = {
    "check": ("check", "check"),
    "show": ("show", "show"),
    "rules": ("catalogue", "list_rules"),
    "rule": ("catalogue", "explain"),
    "test": ("examples", "run_examples"),
}


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
        assert isinstance(command, click.Command)  # noqa: S101 - by COMMANDS
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", prog_name="dlf", message="%(prog)s %(version)s")
def group() -> None:
    """Lint the Dockerfiles, compose files and .dockerignore of FastAPI projects.

    dlf joins these files to what will really run, and says where that departs from good deployment practice.
    """


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs the program and gives its exit code. Nothing but the code comes out of it, whatever happens."""
    try:
        return _run(arguments)
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except OSError as error:
        # a full disk, a terminal that went away
        with suppress(OSError):
            complain(f"{error.filename or 'output'}: {error.strerror or error}")
        return FAILURE


def _run(arguments: Sequence[str] | None) -> int:
    from dockerlint_fastapi.rule import RuleError  # noqa: PLC0415

    try:
        code = group.main(arguments, prog_name="dlf", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        write(sys.stderr, f"{error.format_message()}\n")
        return FAILURE
    except click.ClickException as error:
        usage = error.ctx.get_usage() + "\n" if isinstance(error, click.UsageError) and error.ctx is not None else ""
        say(f"{usage}error: {error.format_message()}")
        return FAILURE
    except (Stop, ConfigError, RuleError) as error:
        complain(str(error))
        return FAILURE
    except (KeyboardInterrupt, click.Abort, OSError):
        raise
    except Exception as error:  # noqa: BLE001 - no traceback reaches a user
        internal(error, "")
        return FAILURE
    return code if isinstance(code, int) else 0


def main() -> None:
    """The program `dlf`."""
    import gc  # noqa: PLC0415 - only the program may set how its process collects

    # A run makes next to no garbage in circles: what it builds is modules and a model that live to its end. Looking
    # through them again and again, and once more when the interpreter ends, takes an eighth of the time of linting one
    # Dockerfile. A long run is still collected now and then.
    gc.set_threshold(50_000, 20, 20)
    code = run()
    gc.freeze()
    sys.exit(code)
