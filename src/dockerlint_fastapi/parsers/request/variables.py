"""The variables that the commands of a script see: the container's, and those that the script itself assigns."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.command import UNKNOWN, Argument, Environment, Unknown, Value
from dockerlint_fastapi.model.shell import Script, ShellWord
from dockerlint_fastapi.parsers.request.expansion import as_run

_DECLARES = frozenset(("declare", "export", "local", "readonly", "typeset"))
_LOOP = r"\b(?:for|select)\s+([A-Za-z_]\w*)"


_Given = tuple[str, ShellWord | None, bool]
"""A name, the word that it is set to (None when that does not show), and whether it is added to what it holds."""


def script_environment(script: Script, environment: Environment) -> Environment:
    """The environment with what a script assigns once and in the open; what it may set in another way is unknown."""
    values: dict[str, Value | Unknown] = dict(environment.values)
    seen: set[str] = set()
    closed = environment.closed
    for command in script.commands:
        given: list[_Given] = (
            [(one.name, one.word, one.append) for one in command.assignments] if not command.words else []
        )
        name = command.name
        if name in _DECLARES:
            given.extend(_declared(word) for word in command.words[1:])
        elif name in (".", "source", "eval"):
            values, closed = {}, False
        elif name in ("read", "getopts", "mapfile", "printf"):
            given.extend((word.value or "", None, False) for word in command.words[1:])
        for assigned, word, append in given:
            sure = word is not None and not append and assigned not in seen and not command.nesting
            sure = sure and command.before in ("", ";")
            now = Environment(values, closed=closed)
            values[assigned] = _value(word, now) if sure and word is not None else UNKNOWN
            seen.add(assigned)
    for loop in re.findall(_LOOP, script.span.text, re.ASCII):
        values[loop] = UNKNOWN
    return Environment(values, closed=closed)


def _declared(word: ShellWord) -> _Given:
    """`NAME=value` behind `export` and the like; a bare name keeps its value."""
    name, equals, text = word.text.partition("=")
    if not equals:
        return "", None, False
    value = word.value.partition("=")[2] if word.value is not None else None
    span = word.span
    if span.text == word.text:
        span = span._replace(start=span.start + len(name) + 1)
    return name, ShellWord(text, value, span), False


def _value(word: ShellWord, environment: Environment) -> Value | Unknown:
    text = as_run(Argument(word.value, word.text, word.span), environment, in_shell=True)
    return Value(text.value, word.span, "environment") if text.known else UNKNOWN
