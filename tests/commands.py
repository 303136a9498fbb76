"""Commands of one line, as tests write them."""

from __future__ import annotations

import json

from dockerlint_fastapi.model.command import Argument, Program
from dockerlint_fastapi.model.dockerfile import Command, Word
from dockerlint_fastapi.parsers.command import programs
from dockerlint_fastapi.parsers.shell import parse_script
from dockerlint_fastapi.source import Source, Span


def exec_form(*words: str) -> Command:
    """As `CMD ["a", "b"]`, each word's span with its quotes."""
    text = json.dumps(words)
    source = Source.of(text)
    found, at = [], 1
    for word in words:
        raw = json.dumps(word)
        start = text.index(raw, at)
        at = start + len(raw)
        found.append(Word(raw, word, Span(source, start, at)))
    return Command(  # noqa: S604  # a model of a command, run by nobody
        exec_form=True,
        text=text,
        words=tuple(found),
        shell=("/bin/sh", "-c"),
        span=Span(source, 0, len(text)),
        parse=lambda: None,
    )


def shell_form(text: str, shell: tuple[str, ...] = ("/bin/sh", "-c")) -> Command:
    source = Source.of(text)
    return Command(
        exec_form=False,
        text=text,
        words=(),
        shell=shell,
        span=Span(source, 0, len(text)),
        parse=lambda: parse_script(text, lambda start, end: Span(source, start, end)),
    )


def words(*values: str | None) -> tuple[Argument, ...]:
    """As from a compose list; None is a word that cannot be told, written `$X`."""
    text = " ".join("$X" if value is None else value for value in values)
    source = Source.of(f"[{text}]", "compose.yaml")  # the bracket is there also because a BOM is none inside a file
    found, at = [], 1
    for value in values:
        raw = "$X" if value is None else value
        found.append(Argument(value, raw, Span(source, at, at + len(raw))))
        at += len(raw) + 1
    return tuple(found)


def shown(program: Program) -> str:
    """The wrappers in braces and the values of argv, as one line; `name=` in front where argv[0] does not say it."""
    values = " ".join("?" if argument.value is None else argument.value for argument in program.argv)
    wrappers = "".join(f"{{{wrapper}}} " for wrapper in program.wrappers)
    bare = (program.argv[0].value or "").rpartition("/")[2]
    return wrappers + ("" if bare == program.name or not program.name else f"{program.name}=") + values


def only(command: Command | tuple[Argument, ...]) -> Program:
    (program,) = programs(command)
    return program


def split(line: str) -> list[str]:
    return [word.replace("·", " ") for word in line.split(" ")]
