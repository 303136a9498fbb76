"""From a command's words to the programs that it starts.

Wrappers (`tini --`, `uv run`, `sh -c "…"`, `python -m`) are stripped as their own option rules say. A wrapper that
cannot be read stands as the program itself, since that much is known.
"""

from __future__ import annotations

from collections.abc import Callable

from dockerlint_fastapi.model.command import Argument, Program
from dockerlint_fastapi.model.shell import Script
from dockerlint_fastapi.parsers.command.entry import Entry, entry_of
from dockerlint_fastapi.parsers.command.places import locator
from dockerlint_fastapi.parsers.command.scripts import of_script, of_text, of_words
from dockerlint_fastapi.parsers.command.way import Known, Way, bare

# What they start stands as in branches, but runs at once.
_SIDE_BY_SIDE = frozenset("supervisord honcho foreman overmind hivemind multirun goreman".split())

__all__ = [
    "Entry",
    "alternatives",
    "entry_of",
    "locator",
    "main_program",
    "programs",
    "programs_of",
    "programs_of_script",
    "role",
]


def programs(command: Entry, known: Callable[[Way], Known] | None = None) -> tuple[Program, ...]:
    """Every program that a command starts at its top level, in order, wrappers stripped.

    `known` answers for the surroundings of a shell's text; without it no variable is known, and all branches may run.
    Empty for a shell that is not POSIX-like. A word in a program's place that cannot be told gives a program named "".
    """
    if isinstance(command, tuple):
        return programs_of(command, known=known)
    if command.exec_form:
        words = tuple(Argument(word.value, word.text, word.span) for word in command.words)
        return programs_of(words, known=known)
    script = command.script
    if script is None:
        return ()
    shell = bare(command.shell[0]) if command.shell else "sh"
    return tuple(of_text(command.text, script, Way(shell=shell, execs=False, known=known)))


def programs_of(
    arguments: tuple[Argument, ...], shell: str | None = None, known: Callable[[Way], Known] | None = None
) -> tuple[Program, ...]:
    """The programs started by words passed on as they are; `shell` names the shell that parsed them, if one did."""
    return tuple(of_words(arguments, Way(shell=shell, execs=shell is None, known=known)))


def programs_of_script(script: Script, shell: str) -> tuple[Program, ...]:
    """The programs that a parsed script starts when the named shell runs it."""
    return tuple(of_script(script, Way(shell=shell, execs=False)))


def main_program(programs: tuple[Program, ...]) -> Program | None:
    """The long-running program that the container is about: the server when one is recognised, else the last.

    None when branches start different servers or workers, so that which one runs cannot be told.
    """
    for kinds in (("server",), ("other-web", "worker")):
        found = [program for program in programs if program.role in kinds]
        certain = [program for program in found if not program.conditional]
        if certain:
            return next((program for program in reversed(certain) if not program.background), certain[-1])
        if found:
            long_running = [p for p in programs if p.conditional and p.role in ("server", "other-web", "worker")]
            return found[0] if len(long_running) == 1 else None
    return programs[-1] if programs else None


def alternatives(programs: tuple[Program, ...]) -> tuple[Program, ...]:
    """The servers that different branches start and of which one runs, the last one first: `if …; then uvicorn …
    --reload; else uvicorn …; fi`. None where a branch may start something else in their place.
    """
    branched = [program for program in programs if program.conditional]
    serving = [program for program in branched if program.role == "server"]
    # by one variable (`$server &`) that branches have set, only one of them starts, wherever that may be
    chosen = len({one.argv[0].span for one in serving}) == 1
    if len(serving) < 2 or any(not _SIDE_BY_SIDE.isdisjoint(one.wrappers) for one in serving):
        return ()
    if not chosen and any(one.background for one in serving):
        return ()
    if any(program.role in ("server", "other-web", "worker") and not program.conditional for program in programs):
        return ()
    others = [program for program in branched if program.role != "server"]
    if any(one.role in ("other-web", "worker", "idle") or not one.name or one.execs for one in others):
        return ()
    return tuple(reversed(serving))


def role(program: Program) -> str | None:
    """What a program is for; see `Program.role`."""
    return program.role
