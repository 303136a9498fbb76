"""`dlf test`: run the examples of a folder of rules."""

from __future__ import annotations

import os
import sys

import click

from dockerlint_fastapi.cli.outcome import FINDINGS, Stop
from dockerlint_fastapi.cli.output import write


@click.command("test", short_help="Run the examples of a folder of rules.")
@click.argument("directory", metavar="DIR")
@click.option("--bless", is_flag=True, help="Write what is printed into the pages as what is expected.")
def run_examples(directory: str, *, bless: bool) -> int:
    """Run the examples on the pages of a folder of rules.

    Each `## Bad` section of a page must print exactly its console block, each `## Good` section nothing. The folder's
    Python files are executed.
    """
    from dockerlint_fastapi.examples import ExampleError, run  # noqa: PLC0415

    if not os.path.isdir(directory):
        raise Stop(f"{directory}: is no directory")
    try:
        outcome = run(directory, bless=bless)
    except ExampleError as error:
        raise Stop(str(error)) from None
    write(sys.stdout, outcome.text)
    return FINDINGS if outcome.failed else 0
