"""Scripts: the programs of their commands in order, and the variables that they export on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.model.command import Argument, Program
from dockerlint_fastapi.model.shell import Script, ShellWord, SimpleCommand, too_long
from dockerlint_fastapi.parsers.command.places import locator
from dockerlint_fastapi.parsers.command.sourced import MOST_READ, set_by_sourcing
from dockerlint_fastapi.parsers.command.way import Way, assigned_name, bare
from dockerlint_fastapi.parsers.command.words import started
from dockerlint_fastapi.parsers.wrappers import word_set
from dockerlint_fastapi.source import Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.parsers.command.arrays import Arrays

_MAX_VARIABLES: Final = 500  # each program carries those exported before it; with more they are not told
_MAX_WORDS: Final = 10_000  # of one command, up to which `"$@"` is replaced

# Commands of the shell itself that start nothing. `eval`, `.` and `source` may start anything, so they stay.
_BUILTINS: Final = word_set(
    ": [ [[ alias bg break cd continue declare dirs disown echo exit export false fg getopts hash jobs kill let local "
    "popd printf pushd pwd read readonly return set shift shopt test times trap true type typeset ulimit umask "
    "unalias unset wait"
)
# Only a text with one of these depends on what is round it.
_DECIDES: Final = ("$", "(", "[", "if ", "test ", "case ")
# The end of a group that leaves the script, which starts no program.
_LEAVING: Final = r"\A(?:exit|return)(?:[ \t]+\d+)?[\s;]*"
_MOVES: Final = frozenset({"cd", "popd", "pushd"})
_TESTS: Final = frozenset({"[", "[[", "test"})
_LOOPS_AND_BRANCHES: Final = frozenset({"if", "while", "until", "for", "select", "case"})
_ELSEWHERE: Final = frozenset({"function", "substitution"})  # not run in place, or not for its own sake


def of_words(words: tuple[Argument, ...] | list[Argument], way: Way, *, may_exec: bool = True) -> Iterator[Program]:
    """The programs that one list of words starts; one, unless it leads into a script."""
    for item in started(words, way, may_exec=may_exec):
        if isinstance(item, Program):
            yield item
        else:
            yield from _of_string(*item)


def of_script(script: Script, way: Way) -> Iterator[Program]:
    """The programs of a script in order, with the variables that it exports on the way."""
    commands = [command for command in script.commands if _ELSEWHERE.isdisjoint(command.nesting)]
    background = _backgrounds(commands, script.span)
    exported = dict(way.environment)
    shell_variables: dict[str, tuple[str | None, Span]] = {}
    inherits = way.inherits
    tested = False
    moves = way.moves
    arrays: Arrays | None = None
    read = 0  # scripts that it reads in its place
    for at, command in enumerate(commands):
        tested = command.before == "&&" and (tested or (at > 0 and commands[at - 1].name in _TESTS))
        conditional = tested or command.before == "||" or not _LOOPS_AND_BRANCHES.isdisjoint(command.nesting)
        piped = command.before in ("|", "|&") or command.after in ("|", "|&")
        apart = piped or background[at] or "subshell" in command.nesting
        if not command.words:
            for assignment in command.assignments:
                if assignment.word.text.startswith("(") or arrays is not None:
                    arrays = arrays or _arrays()
                    arrays.set(assignment, conditional=conditional or apart)
                value = None if conditional or apart or assignment.append else assignment.word.value
                shell_variables[assignment.name] = (value, assignment.span)
                # It reaches programs only if the name is exported, which the container's environment decides too.
                exported[assignment.name] = (value if assignment.name in exported else None, assignment.span)
            continue
        arguments = _arguments(command.words, way.positional)
        arguments = arguments if arrays is None else arrays.expanded(arguments)
        name = arguments[0].value if arguments else None
        if name in ("export", "declare", "typeset", "unset", "readonly"):
            # In a subshell it holds for that one only: for what follows it cannot be told.
            if not _export(arguments[1:], name, shell_variables, exported, uncertain=conditional or apart):
                inherits = None
            continue
        if name in _MOVES and (not apart or "subshell" in command.nesting):
            # What a subshell does is not known behind it.
            moves = (*moves, None if conditional or apart else _moved_to(arguments))
        if name in _BUILTINS:
            continue
        if name in (".", "source", "eval") and not _harmless(arguments):
            read += 1
            names = _set_by(arguments, way._replace(moves=moves)) if read <= MOST_READ else None
            inherits = None if names is None else inherits
            exported = {key: (None if names is None else value, span) for key, (value, span) in exported.items()}
            exported.update(dict.fromkeys(names or (), (None, command.span)))
        if len(exported) > _MAX_VARIABLES:
            inherits, exported = None, {}
        environment = exported
        if command.assignments:
            own = {assignment.name: (assignment.word.value, assignment.span) for assignment in command.assignments}
            environment = {**exported, **own}
        yield from of_words(
            arguments,
            way._replace(
                execs=False,
                last=way.last and at == len(commands) - 1,
                background=way.background or background[at],
                conditional=way.conditional or conditional,
                inherits=inherits,
                environment=dict(environment),
                moves=moves,
                bash_stays=way.bash_stays and at == len(commands) - 1,
            ),
            may_exec=not apart,
        )


def _arrays() -> Arrays:
    from dockerlint_fastapi.parsers.command.arrays import Arrays  # noqa: PLC0415 - few scripts have some

    return Arrays()


def _backgrounds(commands: list[SimpleCommand], whole: Span) -> list[bool]:
    """For each command whether it, its pipeline, its and-or list or the group round it is followed by `&`."""
    result = [False] * len(commands)
    text = whole.source.text
    following = False
    end = whole.end
    for at in range(len(commands) - 1, -1, -1):
        command = commands[at]
        if command.after == "&":
            following = True
        elif command.after not in ("&&", "||", "|", "|&"):
            following = False
            if ("subshell" in command.nesting or "group" in command.nesting) and command.span.source is whole.source:
                tail = re.sub(_LEAVING, "", text[command.span.end : end].lstrip(" \t\r\n;"))
                if tail[:1] in (")", "}"):
                    tail = tail[1:].lstrip(" \t")
                    following = tail.startswith("&") and not tail.startswith("&&")
                elif at + 1 < len(commands) and commands[at + 1].nesting == command.nesting:
                    following = result[at + 1] and commands[at + 1].after == ""
        result[at] = following
        end = command.span.start
    return result


def _keeps_bash(text: str, script: Script) -> bool:
    """Whether `bash -c` runs the last command of a script beside itself: redirected, in a pipeline or a compound
    command, behind `&`, or at the end of an and-or list that stands behind a `;` on its line (`a; b && c`). It replaces
    itself by the end of a list of nothing but `;`, or `&&` and `||`, from the start of the line (bash 5.1 and later).
    """
    commands = script.commands
    last = commands[-1] if commands else None
    if last is None:
        return False
    if last.redirects or last.nesting or last.before in ("|", "|&", "&"):
        return True
    at = len(commands) - 1
    while at > 0 and commands[at].before in ("&&", "||", "|", "|&"):
        at -= 1
    if at == len(commands) - 1 or commands[at].before != ";":
        return commands[at].before == "&"
    from dockerlint_fastapi.parsers.shell import parse_script  # noqa: PLC0415  # only commands with a shell need it

    # Offsets in the text itself: what it stands in may be folded.
    local = parse_script(text, Source.of(text, "script").span).commands
    between = text[local[at - 1].span.end : local[at].span.start] if len(local) == len(commands) else ""
    return ";" in between and "\n" not in between


def _moved_to(arguments: list[Argument]) -> str | None:
    """The directory that `cd` changes to; None for home, for the one before, and where it cannot be told."""
    words = [one.value for one in arguments[1:] if one.value not in ("--", "-P", "-L")]
    target = words[0] if len(words) == 1 else None
    return None if arguments[0].value != "cd" or not target or target.startswith(("-", "~")) else target


def _harmless(arguments: list[Argument]) -> bool:
    """`. .venv/bin/activate` sets PATH and nothing that a server reads."""
    value = arguments[1].value if len(arguments) > 1 else None
    return arguments[0].value != "eval" and value is not None and bare(value) == "activate"


def _set_by(arguments: list[Argument], way: Way) -> frozenset[str] | None:
    """The variables that a script sets which is read in place; None when that cannot be told."""
    if way.known is None or len(arguments) != 2 or arguments[0].value == "eval":
        return None
    return set_by_sourcing(arguments[1].value, way.known(way).text)


def _export(
    words: list[Argument],
    name: str,
    shell_variables: dict[str, tuple[str | None, Span]],
    exported: dict[str, tuple[str | None, Span]],
    *,
    uncertain: bool,
) -> bool:
    """Notes what `export A=b C` makes known; False when it exports names that cannot be told."""
    exports = name == "export"
    for word in words:
        if word.value is not None and word.value.startswith("-"):
            exports = exports or (name in ("declare", "typeset") and "x" in word.value)
            continue
        variable = assigned_name(word)
        if variable is not None:
            known = None if uncertain or word.value is None else word.value.partition("=")[2]
            shell_variables[variable] = (known, word.span)
            if exports or variable in exported:
                exported[variable] = (known, word.span)
        elif word.value is None:
            return False
        elif name == "unset":
            exported[word.value] = (None, word.span)
        elif exports and word.value in shell_variables:
            known, span = shell_variables[word.value]
            exported[word.value] = (None if uncertain else known, span)
    return True


def _arguments(words: tuple[ShellWord, ...], positional: tuple[Argument, ...] | None) -> list[Argument]:
    """The words of a simple command as arguments, `"$@"` replaced where it is known."""
    result: list[Argument] = []
    for word in words:
        if positional is not None and len(result) < _MAX_WORDS and word.text in ('"$@"', '"${@}"'):
            result.extend(positional)
        else:
            result.append(Argument(word.value, word.text, word.span))
    return result


def _of_string(argument: Argument, way: Way) -> Iterator[Program]:
    """The programs of a script held in one argument, as behind `sh -c`."""
    from dockerlint_fastapi.parsers.shell import parse_script  # noqa: PLC0415  # only commands with a shell need it

    if argument.value is not None and not too_long(argument.value):
        yield from of_text(argument.value, parse_script(argument.value, locator(argument)), way)


def of_text(text: str, script: Script, way: Way) -> Iterator[Program]:
    """The programs of a script that a shell is given as a text, as far as it runs in what is known to surround it."""
    way = way._replace(bash_stays=_keeps_bash(text, script))
    if way.known is not None and any(sign in text for sign in _DECIDES):
        from dockerlint_fastapi.parsers.command.branches import taken_of_string  # noqa: PLC0415  # as above

        script = taken_of_string(text, script, way.known(way))
        way = way._replace(positional=None)
    yield from of_script(script, way)
