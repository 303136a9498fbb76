"""One list of words, wrappers stripped down to the program or the script behind them."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint_fastapi.model.command import SHELLS, Argument, Program, is_python
from dockerlint_fastapi.parsers.command.interpreters import (
    WATCHFILES,
    behind_exec,
    command_words,
    python_module,
    python_unbuffered,
    shell_script,
    shell_string,
)
from dockerlint_fastapi.parsers.command.way import MAX_DEPTH, Walk, Way, bare
from dockerlint_fastapi.parsers.wrappers import MODULES, WAITING, WRAPPERS

Held = tuple[Argument, Way]
"""A script held in one argument, as behind `sh -c`, and the way to it."""


def started(
    words: tuple[Argument, ...] | list[Argument], way: Way, *, may_exec: bool = True
) -> Iterator[Program | Held]:
    """What one list of words starts: one program, or the script that it leads into."""
    walk = Walk(list(words), way)
    arguments = walk.arguments
    execs = way.execs
    module = False
    while walk.at < len(arguments):
        head = arguments[walk.at]
        if head.value is None:
            yield _program(walk, "", way, execs=execs)
            return
        name = bare(head.value)
        if module:
            name = MODULES.get(head.value, head.value)
        # `exec` and `command` belong to the shell: where there is none, they are programs that do not exist
        if not module and way.shell is not None and head.value in ("exec", "command", "builtin"):
            behind = behind_exec(arguments, walk.at)
            if behind is None or behind >= len(arguments):
                return
            execs = execs or (head.value == "exec" and may_exec)
            walk.at = behind
            continue
        if name in SHELLS and not module:
            found = shell_string(arguments, walk.at)
            waiting = _waiting(arguments, walk.at) if found is None else None
            if waiting is not None:
                walk.at = waiting
                continue
            if found is None or way.depth >= MAX_DEPTH:
                yield _program(walk, name, way, execs=execs)
                return
            walk.wrappers.append(f"{name} -c")
            inner = _inner(walk, way, name, tuple(arguments[found + 2 :]))
            if arguments[found].value is None:
                walk.at = found
                yield _program(walk, "", inner, execs=False)
                return
            yield arguments[found], inner
            return
        if is_python(name) and not module:
            walk.unbuffered = python_unbuffered(arguments, walk.at)
            behind_python = python_module(arguments, walk.at)
            if behind_python is None:
                yield _program(walk, name, way, execs=execs)
                return
            walk.wrappers.append("python -m")
            walk.at = behind_python
            module = True
            continue
        wrapper = WATCHFILES if name == "watchfiles" else WRAPPERS.get(name)
        if wrapper is None:
            yield _program(walk, name, way, execs=execs)
            return
        from dockerlint_fastapi.parsers.command.strip import (  # noqa: PLC0415  # only wrappers need it
            Inline,
            past_options,
            strip_wrapper,
        )

        if wrapper is WATCHFILES:
            target = past_options(arguments, walk.at + 1, wrapper)
            if target is not None and way.depth < MAX_DEPTH and target[0] < len(arguments):
                split = command_words(arguments[target[0]])
                if split is not None:
                    walk.wrappers.append("watchfiles")
                    yield from started(split, _inner(walk, way, way.shell, None)._replace(execs=execs))
                    return
            yield _program(walk, name, way, execs=execs)
            return
        passed = strip_wrapper(walk, name, wrapper)
        if passed is None:
            yield _program(walk, name, way, execs=execs)
            return
        if isinstance(passed, Inline):
            if way.depth >= MAX_DEPTH or passed.argument.value is None:
                yield _program(walk, name, way, execs=execs)
                return
            yield passed.argument, _inner(walk, way, passed.shell, ())
            return
        module = passed


def _waiting(arguments: list[Argument], at: int) -> int | None:
    """The place of a known script that waits for others and then is what stands behind its `--`, run by a shell:
    `bash wait-for-it.sh db:5432 -- uvicorn`.
    """
    place = shell_script(arguments, at)
    name = bare(arguments[place].value or "") if place is not None else ""
    behind = (one.value for one in arguments[place or at :])
    return place if name in WAITING and "--" in behind else None


def _inner(walk: Walk, way: Way, shell: str | None, positional: tuple[Argument, ...] | None) -> Way:
    """The way onward into a string that another shell parses."""
    return way._replace(
        shell=shell,
        execs=False,
        wrappers=tuple(walk.wrappers),
        inherits=walk.inherits,
        environment=walk.environment,
        positional=positional,
        depth=way.depth + 1,
        moves=walk.moves,
    )


def _program(walk: Walk, name: str, way: Way, *, execs: bool) -> Program:
    """The program that the walk has come to."""
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
        moves=walk.moves,
        unbuffered=walk.unbuffered,
        bash_stays=way.bash_stays,
    )
