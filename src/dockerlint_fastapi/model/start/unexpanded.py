"""Variables that nobody expands: `$PORT` in a command that no shell reads."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.model.command import Argument, Program, is_python
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.container import Container

_VARIABLE: Final = r"\$(?:\{[A-Za-z_][A-Za-z0-9_]*[^}]*\}|[A-Za-z_][A-Za-z0-9_]*)"
# In code `$` may mean anything, but not in the middle of a URL; an f-string has braces of its own.
_IN_URL: Final = r"(?<![fF])[\"']https?://[^\s\"']*?(\$\{?[A-Z_][A-Z0-9_]*\}?)"
_CLIENTS: Final = frozenset(("curl", "wget", "http", "nc"))


class Unexpanded(NamedTuple):
    """A variable that reaches a program as it is written."""

    text: str  # `$PORT`
    span: Span
    program: Program
    checks: bool  # it stands in a health check


def unexpanded(container: Container) -> Iterator[Unexpanded]:
    """The variables in a container's start command and health check that no shell expands, each where it is written."""
    start, within = container.start, container.start_span
    exec_form = start.command.exec_form if start is not None else container.service is not None
    for program in container.programs:
        if not _takes_words(program) or (program.shell is not None and not (container.way and exec_form)):
            continue
        for argument in program.argv[1:]:
            # What a script passes on (`exec "$@"`) is as it was written in front of it.
            if program.shell is None or (within is not None and _holds(within, argument.span)):
                yield from _in_word(argument, program, _VARIABLE, checks=False)
    probe = container.probe
    if probe is not None and probe.shell is None:
        for program in probe.programs:
            if program.shell is not None:
                continue
            if program.name in _CLIENTS or _takes_words(program):
                for argument in program.argv[1:]:
                    yield from _in_word(argument, program, _VARIABLE, checks=True)
            elif is_python(program.name):
                for argument in program.argv[1:]:
                    yield from _in_word(argument, program, _IN_URL, checks=True)


def _holds(whole: Span, part: Span) -> bool:
    return part.source is whole.source and whole.start <= part.start and part.end <= whole.end


def _takes_words(program: Program) -> bool:
    """Whether a program certainly takes its words as they are: a server, a worker, or a Python script."""
    return program.role in ("server", "worker") or (is_python(program.name) and "-c" not in _values(program))


def _values(program: Program) -> tuple[str | None, ...]:
    return tuple(one.value for one in program.argv)


def _in_word(argument: Argument, program: Program, pattern: str, *, checks: bool) -> Iterator[Unexpanded]:
    value = argument.value
    match = re.search(pattern, value) if value is not None and "$" in value and "$$" not in value else None
    if match is not None:
        text, span = match[match.re.groups], argument.span
        at = span.text.find(text)
        if at >= 0:
            span = Span(span.source, span.start + at, span.start + at + len(text))
        yield Unexpanded(text, span, program, checks)
