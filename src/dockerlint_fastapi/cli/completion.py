"""`dlf completion`: completion of commands, options, rules and files for bash, zsh and fish."""

from __future__ import annotations

import os
import sys

import click
from click.shell_completion import CompletionItem, ShellComplete, get_completion_class

from dockerlint_fastapi.cli.output import write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

VARIABLE = "_DLF_COMPLETE"
"""Set by the scripts when they ask `dlf` what could stand next."""


@click.command("completion", short_help="Print a completion script for a shell.")
@click.argument("shell", metavar="SHELL", type=click.Choice(("bash", "zsh", "fish")))
def completion(shell: str) -> int:
    """Print the script that completes dlf's commands, options and rules in SHELL: bash, zsh or fish.

    \b
    For good:
      bash  dlf completion bash > ~/.local/share/bash-completion/completions/dlf
      zsh   dlf completion zsh > ~/.zfunc/_dlf      (~/.zfunc in $fpath before compinit)
      fish  dlf completion fish > ~/.config/fish/completions/dlf.fish
    \b
    For this shell only:
      bash  eval "$(dlf completion bash)"           (bash 4.4 or later)
      zsh   eval "$(dlf completion zsh)"
      fish  dlf completion fish | source
    """  # noqa: D301 - \b is for click: keep these lines as they are
    from dockerlint_fastapi.cli.group import group  # noqa: PLC0415 - it imports this module

    made = get_completion_class(shell)
    assert made is not None  # noqa: S101 - of the shells above
    # bash's own class would run bash to look at its version, which need not be the one that the script is for
    write(sys.stdout, ShellComplete.source(made(group, {}, "dlf", VARIABLE)))
    return 0


class RuleWords(click.ParamType):  # type: ignore[type-arg] # generic from click 8.2 on
    """Names of rules, several of them separated by commas; with categories and `all` where a selector is asked for."""

    name = "rule"

    def __init__(self, *, selectors: bool) -> None:
        self.selectors = selectors

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        """See click."""
        before, comma, last = incomplete.rpartition(",") if self.selectors else ("", "", incomplete)
        given = set(before.split(","))
        return [
            CompletionItem(before + comma + word, help=text)
            for word, text in _words(selectors=self.selectors)
            if word.startswith(last) and word not in given
        ]


def _words(*, selectors: bool) -> Iterator[tuple[str, str]]:
    """The names of the built-in rules, without loading them, and what else selects."""
    from dockerlint_fastapi.rule import BUILT_IN, CATEGORIES  # noqa: PLC0415

    if selectors:
        yield "all", "every rule"
        yield from CATEGORIES.items()
    for file in sorted(os.listdir(BUILT_IN)):
        if file.endswith(".md"):
            yield file[:-3].replace("_", "-"), ""


def equipped(command: click.Command) -> click.Command:
    """A command whose parameters know how to be completed, by what stands for their values in the help."""
    for param in command.params:
        if param.metavar == "RULE":
            param.type = RuleWords(selectors=True)
        elif param.metavar == "NAME":
            param.type = RuleWords(selectors=False)
        elif param.metavar == "DIR":
            param.type = click.Path(file_okay=False)
        elif param.metavar is not None and ("PATH" in param.metavar or param.metavar == "FILE"):
            param.type = click.Path()
    return command
