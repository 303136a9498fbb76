"""Commands of a shell script: of RUN, of shell forms, of script files."""

from __future__ import annotations

import re

from dockerlint_fastapi.finding import Edit
from dockerlint_fastapi.model.shell import Script, SimpleCommand
from dockerlint_fastapi.source import Span

_BLANKS = r"(?:[ \t\r\n]|[\\`][ \t]*\r?\n)*"


def in_front(command: SimpleCommand, text: str) -> Edit | None:
    """A word in front of a command, such as `exec `. Behind assignments `exec` needs `env` to take them."""
    if not command.words:
        return None
    if command.assignments and command.assignments[0].span.start < command.words[0].span.start:
        return Edit.before(command.assignments[0].span, "exec env " if text == "exec " else text)
    return Edit.before(command.words[0].span, text)


def without_command(script: Script, command: SimpleCommand) -> Edit | None:
    """Removes a command of a list with the `&&` or `;` that joins it to the one before it, or else behind it; None when
    it is part of a construct or a pipe, when it is the only one, or when comments stand between.
    """
    if command.nesting or command.before not in ("", "&&", ";") or command.after not in ("", "&&", ";"):
        return None
    if command.before == "&&" and command.after == ";":
        return None
    beside = [one for one in script.commands if not one.nesting]
    at = next((number for number, one in enumerate(beside) if one.span == command.span), None)
    if at is None or len(beside) < 2 or command.span.source is not script.span.source:
        return None
    if command.before:
        cut = Span(command.span.source, beside[at - 1].span.end, command.span.end)
        between = cut.text[: command.span.start - cut.start]
    else:
        if at + 1 >= len(beside):
            return None
        cut = Span(command.span.source, command.span.start, beside[at + 1].span.start)
        between = cut.text[command.span.end - cut.start :]
    return Edit(cut, "") if re.fullmatch(rf"{_BLANKS}(?:&&|;)?{_BLANKS}", between) else None
