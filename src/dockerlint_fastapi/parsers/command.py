"""From a command's words to the programs that it starts.

Wrappers (`tini --`, `uv run`, `sh -c "…"`, `python -m`) are stripped as their own option rules say. A wrapper that
cannot be read stands as the program itself, since that much is known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from dockerlint_fastapi.model.command import PYTHON_VALUED, SHELLS, Argument, Program, is_python
from dockerlint_fastapi.model.dockerfile import Command
from dockerlint_fastapi.model.shell import Script, ShellWord, SimpleCommand
from dockerlint_fastapi.parsers.wrappers import MODULES, WRAPPERS, Wrapper, word_set
from dockerlint_fastapi.source import Span

Entry = Command | tuple[Argument, ...]
"""What starts a container: one instruction's command, or the words joined from two."""

_MAX_VARIABLES: Final = 500  # each program carries those exported before it; with more they are not told
_MAX_WORDS: Final = 10_000  # of one command, up to which `"$@"` is replaced
_DEPTH: Final = 8  # shells within shells that are followed; no real file has more than three

# Commands of the shell itself that start nothing. `eval`, `.` and `source` may start anything, so they stay.
_BUILTINS: Final = word_set(
    ": [ [[ alias bg break cd continue declare dirs disown echo exit export false fg getopts hash jobs kill let local "
    "popd printf pushd pwd read readonly return set shift shopt test times trap true type typeset ulimit umask "
    "unalias unset wait"
)
_TESTS: Final = frozenset({"[", "[[", "test"})
_LOOPS_AND_BRANCHES: Final = frozenset({"if", "while", "until", "for", "select", "case"})
_ELSEWHERE: Final = frozenset({"function", "substitution"})  # not run in place, or not for its own sake


class _Way(NamedTuple):
    """What is known of the way to a program: the wrappers passed and what they did."""

    shell: str | None = None
    execs: bool = True
    last: bool = True
    background: bool = False
    conditional: bool = False
    wrappers: tuple[str, ...] = ()
    inherits: bool | None = True
    environment: Mapping[str, tuple[str | None, Span]] = {}
    positional: tuple[Argument, ...] | None = None  # "$@" of the shell in force, where known
    depth: int = 0


def programs(command: Entry) -> tuple[Program, ...]:
    """Every program that a command starts at its top level, in order, wrappers stripped.

    Empty for a shell that is not POSIX-like. A word in a program's place that cannot be told gives a program named "".
    """
    if isinstance(command, tuple):
        return programs_of(command)
    if command.exec_form:
        return programs_of(tuple(Argument(word.value, word.text, word.span) for word in command.words))
    script = command.script
    if script is None:
        return ()
    shell = _bare(command.shell[0]) if command.shell else "sh"
    return tuple(_of_script(script, _Way(shell=shell, execs=False)))


def programs_of(arguments: tuple[Argument, ...], shell: str | None = None) -> tuple[Program, ...]:
    """The programs started by words passed on as they are; `shell` names the shell that parsed them, if one did."""
    return tuple(_of_words(arguments, _Way(shell=shell, execs=shell is None)))


def programs_of_script(script: Script, shell: str) -> tuple[Program, ...]:
    """The programs that a parsed script starts when the named shell runs it."""
    return tuple(_of_script(script, _Way(shell=shell, execs=False)))


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


def entry_of(entrypoint: Entry | None, cmd: Entry | None) -> Entry | None:
    """What Docker starts for an ENTRYPOINT and a CMD (or their compose counterparts); None when there is nothing.

    Exec words of CMD are appended to those of ENTRYPOINT; a shell-form CMD is appended as `/bin/sh -c text`, which
    Docker does too; a shell-form ENTRYPOINT drops CMD. Spans stay those of the words.
    """
    first, second = _given(entrypoint), _given(cmd)
    if first is None or second is None:
        return first if second is None else second
    if isinstance(first, Command):
        if not first.exec_form:
            return first
        first = tuple(Argument(word.value, word.text, word.span) for word in first.words)
    if isinstance(second, tuple):
        return first + second
    if second.exec_form:
        return first + tuple(Argument(word.value, word.text, word.span) for word in second.words)
    words = tuple(Argument(word, word, second.span) for word in second.shell)
    return (*first, *words, Argument(second.text, second.text, second.span))


def role(program: Program) -> str | None:
    """What a program is for; see `Program.role`."""
    return program.role


def _given(entry: Entry | None) -> Entry | None:
    """An entry that is not empty: `CMD []` and `ENTRYPOINT []` reset to nothing."""
    if entry is None or entry == ():
        return None
    if isinstance(entry, Command) and entry.exec_form and not entry.words:
        return None
    return entry


def _bare(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


# Scripts


def _of_script(script: Script, way: _Way) -> Iterator[Program]:
    """The programs of a script in order, with the variables that it exports on the way."""
    commands = [command for command in script.commands if _ELSEWHERE.isdisjoint(command.nesting)]
    background = _backgrounds(commands, script.span)
    exported = dict(way.environment)
    shell_variables: dict[str, tuple[str | None, Span]] = {}
    inherits = way.inherits
    tested = False
    for at, command in enumerate(commands):
        tested = command.before == "&&" and (tested or (at > 0 and commands[at - 1].name in _TESTS))
        conditional = tested or command.before == "||" or not _LOOPS_AND_BRANCHES.isdisjoint(command.nesting)
        piped = command.before in ("|", "|&") or command.after in ("|", "|&")
        apart = piped or background[at] or "subshell" in command.nesting
        if not command.words:
            for assignment in command.assignments:
                value = None if conditional or apart or assignment.append else assignment.word.value
                shell_variables[assignment.name] = (value, assignment.span)
                # It reaches programs only if the name is exported, which the container's environment decides too.
                exported[assignment.name] = (value if assignment.name in exported else None, assignment.span)
            continue
        arguments = _arguments(command.words, way.positional)
        name = arguments[0].value if arguments else None
        if name in ("export", "declare", "typeset", "unset", "readonly"):
            # In a subshell it holds for that one only: for what follows it cannot be told.
            if not _export(arguments[1:], name, shell_variables, exported, uncertain=conditional or apart):
                inherits = None
            continue
        if name in _BUILTINS:
            continue
        if name in (".", "source", "eval") and not _harmless(arguments):
            inherits = None
            exported = {key: (None, span) for key, (_, span) in exported.items()}
        if len(exported) > _MAX_VARIABLES:
            inherits, exported = None, {}
        environment = exported
        if command.assignments:
            own = {assignment.name: (assignment.word.value, assignment.span) for assignment in command.assignments}
            environment = {**exported, **own}
        yield from _of_words(
            arguments,
            way._replace(
                execs=False,
                last=way.last and at == len(commands) - 1,
                background=way.background or background[at],
                conditional=way.conditional or conditional,
                inherits=inherits,
                environment=dict(environment),
            ),
            may_exec=not apart,
        )


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
                tail = text[command.span.end : end].lstrip(" \t\r\n;")
                if tail[:1] in (")", "}"):
                    tail = tail[1:].lstrip(" \t")
                    following = tail.startswith("&") and not tail.startswith("&&")
                elif at + 1 < len(commands) and commands[at + 1].nesting == command.nesting:
                    following = result[at + 1] and commands[at + 1].after == ""
        result[at] = following
        end = command.span.start
    return result


def _harmless(arguments: list[Argument]) -> bool:
    """`. .venv/bin/activate` sets PATH and nothing that a server reads."""
    value = arguments[1].value if len(arguments) > 1 else None
    return arguments[0].value != "eval" and value is not None and _bare(value) == "activate"


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
        variable = _assigned(word)
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


def _assigned(word: Argument) -> str | None:
    """The NAME of a `NAME=…` word, also when the value cannot be told."""
    name, equals, _ = (word.text if word.value is None else word.value).partition("=")
    return name if equals and name.isidentifier() and name.isascii() else None


def _arguments(words: tuple[ShellWord, ...], positional: tuple[Argument, ...] | None) -> list[Argument]:
    """The words of a simple command as arguments, `"$@"` replaced where it is known."""
    result: list[Argument] = []
    for word in words:
        if positional is not None and len(result) < _MAX_WORDS and word.text in ('"$@"', '"${@}"'):
            result.extend(positional)
        else:
            result.append(Argument(word.value, word.text, word.span))
    return result


def _of_string(argument: Argument, way: _Way) -> Iterator[Program]:
    """The programs of a script held in one argument, as behind `sh -c`."""
    from dockerlint_fastapi.parsers.shell import parse_script  # noqa: PLC0415  # only commands with a shell need it

    if argument.value is not None:
        yield from _of_script(parse_script(argument.value, locator(argument)), way)


def locator(argument: Argument) -> Callable[[int, int], Span]:
    """Where `value[start:end]` of an argument stands.

    Exact for a word without escapes, for backslash escapes of JSON, YAML and the shell, and over the line ends of
    YAML's block scalars and of continued lines; else the whole argument.
    """
    value, span = argument.value or "", argument.span
    raw = span.text
    header = _BLOCK_HEADER.match(raw)
    if header is not None and raw != value:
        start = header.end() - 1  # the line end belongs to the text: the indentation of the first line follows it
        inner, value, first = raw[start:], "\n" + value, span.start + start
        lines = _unescaped_places(inner, value)
        if lines is None:
            return lambda _start, _end: span
        shifted = [first + place for place in lines[1:]]
        return lambda start, end: Span(span.source, shifted[start], shifted[end])
    quoted = len(raw) >= 2 and raw[0] == raw[-1] and raw[0] in "\"'"
    inner = raw[1:-1] if quoted else raw
    first = span.start + 1 if quoted else span.start
    if raw == value:
        first, inner = span.start, raw
    if inner == value:
        return lambda start, end: Span(span.source, first + start, first + end)
    places = _unescaped_places(inner, value)
    if places is None:
        return lambda _start, _end: span
    return lambda start, end: Span(span.source, first + places[start], first + places[end])


def _unescaped_places(raw: str, value: str) -> list[int] | None:
    """For each offset of `value`, and its end, the offset in `raw`; None when `raw` does not spell `value`."""
    places: list[int] = []
    at = behind = past = 0
    for index, char in enumerate(value):
        if index < behind:  # within `${_}`
            places.append(at)
            at = past if index == behind - 1 else at
            continue
        if raw.startswith("$", at) and not raw.startswith(("$$", "${_}"), at) and value.startswith("${_}", index):
            places.append(at)
            behind, past = index + 4, _behind_variable(raw, at + 1)
            continue
        while raw.startswith("\\\n", at) and char != "\\":  # a continued line
            at += 2
            while char != " " and raw.startswith(" ", at):
                at += 1
        places.append(at)
        if char in " \n" and raw.startswith("\n", at):
            at = _next_line(raw, at, value, index + 1)
        elif char == "\n" and at == len(raw):  # the last line end of a block scalar, which its span leaves out
            continue
        elif raw.startswith("\\", at):
            escape = raw[at + 1 : at + 2]
            if escape == "u":
                if raw[at + 2 : at + 6].lower() != f"{ord(char):04x}":
                    return None
                at += 6
            elif _ESCAPES.get(escape, escape) == char:
                at += 2
            elif char == "\\":  # a backslash that the shell keeps
                at += 1
            else:
                return None
        elif raw.startswith(char, at):
            # `$$` of a compose file
            at += 2 if char == "$" and raw.startswith("$$", at) else 1
        else:
            return None
    places.append(at)
    return places if not raw[at:].strip(" \n") else None


def _behind_variable(raw: str, at: int) -> int:
    """The place behind a compose variable, `NAME` or `{NAME:-other}`, whose `$` stands in front of `at`."""
    depth, end = 0, len(raw)
    if not raw.startswith("{", at):
        while at < end and (raw[at] == "_" or (raw[at].isascii() and raw[at].isalnum())):
            at += 1
        return at
    while at < end:
        depth += {"{": 1, "}": -1}.get(raw[at], 0)
        at += 1
        if depth == 0:
            break
    return at


def _next_line(raw: str, at: int, value: str, index: int) -> int:
    """Where the text goes on behind a line end that a block scalar folds, or keeps without its indentation."""
    while True:
        at += 1
        end = at
        while raw.startswith(" ", end):
            end += 1
        if raw.startswith("\n", end) and not value.startswith("\n", index):
            at = end  # an empty line that folding drops
            continue
        kept = index
        while value.startswith(" ", kept) and kept - index < end - at:
            kept += 1
        return end - (kept - index)


_BLOCK_HEADER: Final = re.compile(r"[|>][-+0-9]*[ \t]*(?:#[^\n]*)?\n")

_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


# Words


class _Walk:
    """The stripping of one word list: where it stands, and what the wrappers passed so far did."""

    __slots__ = ("arguments", "at", "environment", "inherits", "wrappers")

    def __init__(self, arguments: list[Argument], way: _Way) -> None:
        self.arguments = arguments
        self.at = 0
        self.wrappers = list(way.wrappers)
        self.environment = dict(way.environment)
        self.inherits = way.inherits

    def opaque(self) -> None:
        """From here on, variables of any name may be set."""
        self.inherits = None
        self.environment = {name: (None, span) for name, (_, span) in self.environment.items()}

    def clear(self) -> None:
        """From here on, no variable is set."""
        self.inherits = False
        self.environment = {}

    def assign(self, word: Argument, name: str) -> None:
        """A `NAME=value` word."""
        value = None if word.value is None else word.value.partition("=")[2]
        self.environment[name] = (value, word.span)


def _of_words(words: tuple[Argument, ...] | list[Argument], way: _Way, *, may_exec: bool = True) -> Iterator[Program]:
    """The programs that one list of words starts; one, unless it leads into a script."""
    walk = _Walk(list(words), way)
    arguments = walk.arguments
    execs = way.execs
    module = False
    while walk.at < len(arguments):
        head = arguments[walk.at]
        if head.value is None:
            yield _program(walk, "", way, execs=execs)
            return
        name = _bare(head.value)
        if module:
            name = MODULES.get(head.value, head.value)
        # `exec` and `command` belong to the shell: where there is none, they are programs that do not exist
        if not module and way.shell is not None and head.value in ("exec", "command", "builtin"):
            behind = _behind_exec(arguments, walk.at)
            if behind is None or behind >= len(arguments):
                return
            execs = execs or (head.value == "exec" and may_exec)
            walk.at = behind
            continue
        if name in SHELLS and not module:
            found = _shell_string(arguments, walk.at)
            if found is None or way.depth >= _DEPTH:
                yield _program(walk, name, way, execs=execs)
                return
            walk.wrappers.append(f"{name} -c")
            inner = _inner(walk, way, name, tuple(arguments[found + 2 :]))
            if arguments[found].value is None:
                walk.at = found
                yield _program(walk, "", inner, execs=False)
                return
            yield from _of_string(arguments[found], inner)
            return
        if is_python(name) and not module:
            behind_python = _python_module(arguments, walk.at)
            if behind_python is None:
                yield _program(walk, name, way, execs=execs)
                return
            walk.wrappers.append("python -m")
            walk.at = behind_python
            module = True
            continue
        if name == "watchfiles":
            target = _past_options(arguments, walk.at + 1, _WATCHFILES)
            if target is not None and way.depth < _DEPTH and target[0] < len(arguments):
                split = _split(arguments[target[0]])
                if split is not None:
                    walk.wrappers.append("watchfiles")
                    yield from _of_words(split, _inner(walk, way, way.shell, None)._replace(execs=execs))
                    return
            yield _program(walk, name, way, execs=execs)
            return
        wrapper = WRAPPERS.get(name)
        if wrapper is None:
            yield _program(walk, name, way, execs=execs)
            return
        passed = _strip(walk, name, wrapper)
        if passed is None:
            yield _program(walk, name, way, execs=execs)
            return
        if isinstance(passed, _Inline):
            if way.depth >= _DEPTH or passed.argument.value is None:
                yield _program(walk, name, way, execs=execs)
                return
            yield from _of_string(passed.argument, _inner(walk, way, passed.shell, ()))
            return
        module = passed


def _inner(walk: _Walk, way: _Way, shell: str | None, positional: tuple[Argument, ...] | None) -> _Way:
    """The way onward into a string that another shell parses."""
    return way._replace(
        shell=shell,
        execs=False,
        wrappers=tuple(walk.wrappers),
        inherits=walk.inherits,
        environment=walk.environment,
        positional=positional,
        depth=way.depth + 1,
    )


def _program(walk: _Walk, name: str, way: _Way, *, execs: bool) -> Program:
    argv = tuple(walk.arguments[walk.at :])
    first, last = argv[0].span, argv[-1].span
    span = first.to(last) if last.source is first.source and last.end >= first.start else first
    return Program(
        name=name,
        argv=argv,
        wrappers=tuple(walk.wrappers),
        environment={key: value for key, (value, _) in walk.environment.items()},
        shell=way.shell,
        execs=execs,
        last=way.last,
        background=way.background,
        span=span,
        conditional=way.conditional,
        inherits=walk.inherits,
        environment_spans={key: span for key, (_, span) in walk.environment.items()},
    )


class _Inline(NamedTuple):
    """A wrapper's program given as one string, and the shell that runs it."""

    argument: Argument
    shell: str


def _strip(walk: _Walk, name: str, wrapper: Wrapper) -> bool | _Inline | None:
    """Moves past a wrapper. True when a module's name follows, False when a program does, None if it is unreadable."""
    arguments = walk.arguments
    at = walk.at + 1
    label = name
    seen: dict[str, Argument | None] = {}
    while wrapper.subcommands is not None:
        past = _past_options(arguments, at, wrapper)
        if past is None or past[0] >= len(arguments):
            return None
        subcommand = arguments[past[0]].value
        inner = wrapper.subcommands.get(subcommand or "")
        if inner is None:
            return None
        label = f"{label} {subcommand}"
        wrapper, at = inner, past[0] + 1
    if wrapper.dashes:
        behind = _behind_dashes(arguments, at)
        if behind is None:
            if wrapper.command:
                past = _past_options(
                    arguments, at, wrapper._replace(any_valued=True, valued=frozenset({wrapper.command}))
                )
                held = past[1].get(wrapper.command) if past else None
                if held is not None:
                    walk.wrappers.append(label)
                    walk.opaque()
                    return _Inline(held, "sh")
            return None
        at = behind
    else:
        past = _past_options(arguments, at, wrapper)
        if past is None:
            return None
        at, seen = past
        inline = _user_command(walk, label, wrapper, at, seen)
        if inline is not None or (wrapper.command and label == "su"):
            return inline
        # With --user the program follows; without it, runuser's first word is the user of a login shell.
        if label == "runuser" and not {"-u", "--user"} & seen.keys():
            return None
        at += wrapper.operands
    assigned: list[tuple[Argument, str]] = []
    if wrapper.assigns:
        while at < len(arguments):
            variable = _assigned(arguments[at])
            if variable is None:
                break
            assigned.append((arguments[at], variable))
            at += 1
    if at >= len(arguments):
        return None
    if wrapper.clears_with & seen.keys():
        walk.clear()
    if wrapper.opaque or wrapper.opaque_with & seen.keys():
        walk.opaque()
    for option in ("-u", "--unset"):
        removed = seen.get(option)
        if name == "env" and option in seen:
            if removed is None or removed.value is None:
                walk.opaque()
            else:
                walk.environment[removed.value] = (None, removed.span)
    for word, variable in assigned:
        walk.assign(word, variable)
    walk.wrappers.append(label)
    walk.at = at
    if label == "hatch run":
        arguments[at] = _behind_colon(arguments[at])
    return wrapper.python and not {"-m", "--module"}.isdisjoint(seen)


def _user_command(
    walk: _Walk, label: str, wrapper: Wrapper, at: int, seen: Mapping[str, Argument | None]
) -> _Inline | None:
    """`su user -c "…"`: options may stand behind the user too. None when there is no command to be told."""
    if not wrapper.command:
        return None
    arguments = walk.arguments
    if at < len(arguments):
        rest = _past_options(arguments, at + 1, wrapper)
        if rest is None:
            return None
        seen = {**seen, **rest[1]}
    held = next((seen[option] for option in ("-c", "--command", "--session-command") if option in seen), None)
    if held is None:
        return None
    shell = next((seen[option] for option in ("-s", "--shell") if option in seen), None)
    walk.wrappers.append(label)
    if not {"-", "-l", "--login"}.isdisjoint(seen):
        walk.opaque()  # a login shell starts from another environment and reads profiles
    return _Inline(held, _bare(shell.value) if shell is not None and shell.value else "sh")


def _past_options(
    arguments: list[Argument], at: int, wrapper: Wrapper
) -> tuple[int, dict[str, Argument | None]] | None:
    """Where the options that begin at `at` end, and which were seen with which value; None when that cannot be told."""
    seen: dict[str, Argument | None] = {}
    while at < len(arguments):
        argument = arguments[at]
        value = argument.value
        if value is None:
            # It may be an option, several, or the program itself, unless there are no options (gosu, su-exec).
            known = not _may_hide_options(argument) or not (wrapper.flags or wrapper.valued or wrapper.any_valued)
            return (at, seen) if known else None
        if value == "--":
            return at + 1, seen
        if not value.startswith("-") or (value == "-" and "-" not in wrapper.flags):
            return at, seen
        if value in wrapper.unreadable:
            return None
        if value in wrapper.flags:
            seen[value] = None
            at += 1
            continue
        if value in wrapper.valued:
            if at + 1 >= len(arguments):
                return None
            seen[value] = arguments[at + 1]
            at += 2
            continue
        name, equals, text = value.partition("=")
        if equals and (value.startswith("--") or name in wrapper.valued):
            seen[name] = Argument(text, argument.text, argument.span)
            at += 1
            continue
        if value.startswith("--"):
            if not wrapper.any_valued or at + 1 >= len(arguments):
                return None
            seen[value] = arguments[at + 1]
            at += 2
            continue
        step = _cluster(arguments, at, wrapper, seen)
        if step is None:
            return None
        at += step
    return at, seen


def _may_hide_options(argument: Argument) -> bool:
    """Whether a word that cannot be told may be anything but the program: `$OPTIONS` may, `/opt/$X/bin/uvicorn` not."""
    return argument.text.lstrip("\"'").startswith(("$", "`"))


def _cluster(arguments: list[Argument], at: int, wrapper: Wrapper, seen: dict[str, Argument | None]) -> int | None:
    """How many words a group of short options (`-gv`, `-n10`) takes; None when one is not known."""
    argument = arguments[at]
    value = argument.value or ""
    for place in range(1, len(value)):
        option = "-" + value[place]
        if option in wrapper.unreadable:
            return None
        if option in wrapper.valued:
            attached = value[place + 1 :]
            if attached:
                seen[option] = Argument(attached, argument.text, argument.span)
                return 1
            if at + 1 >= len(arguments):
                return None
            seen[option] = arguments[at + 1]
            return 2
        if option not in wrapper.flags:
            # `nice -10`
            return 1 if value[1:].isdecimal() else None
        seen[option] = None
    return 1


def _behind_dashes(arguments: list[Argument], at: int) -> int | None:
    """The place behind the first literal `--`; or of the first word, when that is no option."""
    for place in range(at, len(arguments)):
        if arguments[place].value == "--":
            return place + 1 if place + 1 < len(arguments) else None
    return None


def _behind_exec(arguments: list[Argument], at: int) -> int | None:
    """The place behind `exec` or `command` and its options; None when nothing is started."""
    head = arguments[at].value
    at += 1
    while at < len(arguments):
        value = arguments[at].value
        if value == "--":
            return at + 1
        if value is None or not value.startswith("-") or value == "-":
            return at
        if head == "exec" and value.strip("-cl") == "":
            at += 1
        elif head == "exec" and value == "-a":
            at += 2
        elif head == "command" and value == "-p":
            at += 1
        else:
            return None
    return at


_BASH_FLAGS: Final = frozenset(
    {"--login", "--norc", "--noprofile", "--posix", "--restricted", "--verbose", "--noediting", "--debugger"}
)


def _shell_string(arguments: list[Argument], at: int) -> int | None:
    """The place of the command string behind a shell with `-c`; None when there is none to be told."""
    at += 1
    command = False
    while at < len(arguments):
        value = arguments[at].value
        if value is None:
            return at if command else None
        if value in ("--", "-"):
            at += 1
            break
        if value.startswith("--"):
            if value in ("--rcfile", "--init-file"):
                at += 1
            elif value not in _BASH_FLAGS:
                return None
        elif value.startswith(("-", "+")) and len(value) > 1:
            command = command or (value[0] == "-" and "c" in value)
            if "s" in value[1:] and value[0] == "-":
                return None
            # `-o pipefail`, also within `-euxo pipefail`, and bash's `-O`
            at += value.count("o") + value.count("O")
        else:
            break
        at += 1
    return at if command and at < len(arguments) else None


def _python_module(arguments: list[Argument], at: int) -> int | None:
    """The place of the module behind `python … -m`; None when a file or other code is run. Splits `-mname`."""
    at += 1
    while at < len(arguments):
        value = arguments[at].value
        if value is None or not value.startswith("-") or value in ("-", "--"):
            return None
        if value in PYTHON_VALUED:
            at += 2
            continue
        if value.startswith("--"):
            return None  # --help and --version end it
        for place in range(1, len(value)):
            char = value[place]
            if char == "m":
                attached = value[place + 1 :]
                if attached:
                    arguments[at] = _slice(arguments[at], place + 1)
                    return at
                return at + 1 if at + 1 < len(arguments) else None
            if char in "WX":
                at += 0 if value[place + 1 :] else 1
                break
            if char not in "bBdEiIOPqRsSuvx":
                return None  # -c runs code, -V and -h end it
        at += 1
    return None


def _slice(argument: Argument, start: int) -> Argument:
    """The rest of an argument from `start` on."""
    value = argument.value or ""
    return Argument(value[start:], value[start:], locator(argument)(start, len(value)))


def _behind_colon(argument: Argument) -> Argument:
    """`uvicorn` of hatch's `prod:uvicorn`, environment and program."""
    colon = (argument.value or "").find(":")
    return argument if colon < 0 else _slice(argument, colon + 1)


_WATCHFILES: Final = Wrapper(
    flags=frozenset({"--verbose", "--non-recursive", "--ignore-permission-denied"}),
    valued=frozenset(
        {"--ignore-paths", "--target-type", "--filter", "--args", "--verbosity", "--sigint-timeout", "--grace-period"}
        | {"--sigkill-timeout"}
    ),
    unreadable=frozenset({"-h", "--help", "-V", "--version"}),
)


def _split(argument: Argument) -> list[Argument] | None:
    """The words of watchfiles' command string, split as it does; None for a Python function or if it cannot be told."""
    value = argument.value
    if value is None:
        return None
    if " " not in value and "." in value and not value.endswith((".py", ".sh")) and "/" not in value:
        return None  # `module.function`
    locate = locator(argument)
    words: list[Argument] = []
    at, end = 0, len(value)
    while at < end:
        while at < end and value[at].isspace():
            at += 1
        if at == end:
            break
        start, text = at, []
        while at < end and not value[at].isspace():
            char = value[at]
            at += 1
            if char in "'\"":
                close = value.find(char, at)
                if close < 0:
                    return None
                text.append(value[at:close])
                at = close + 1
            elif char == "\\" and at < end:
                text.append(value[at])
                at += 1
            else:
                text.append(char)
        words.append(Argument("".join(text), value[start:at], locate(start, at)))
    return words or None
