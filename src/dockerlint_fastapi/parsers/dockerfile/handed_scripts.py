"""Scripts that a RUN hands to another shell: `RUN bash -c "if …; then poetry install; fi"`.

What stands between the quotes is read as a script of its own, and takes the place of the shell's call. The shell that
Docker starts expands variables between double quotes first, and a variable has no known value here in either case.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from dockerlint_fastapi.model.shell import Script, ShellWord, SimpleCommand
from dockerlint_fastapi.parsers.shell import parse_script
from dockerlint_fastapi.source import Span

_SHELLS = frozenset(("sh", "bash", "dash", "ash"))
# Options that change nothing of what the commands are; a login shell reads files first that set variables.
_OPTIONS = r"(?:-[euxv]*o pipefail |-[euxv]+ )*-[euxv]*c"
_BEFORE = frozenset(("", ";", "&&"))


def unfolded(script: Script, text: str, locate: Callable[[int, int], Span]) -> Script:
    """A script with the commands of those that it hands on in place of the calls; `text` is its own, `locate` gives the
    span of a part of that.
    """
    commands: list[SimpleCommand] = []
    behind = 0  # the last word that was handed on
    for command in script.commands:
        word = _handed(command)
        at = text.find(word.text, behind) if word is not None else -1
        inner: tuple[SimpleCommand, ...] = ()
        if word is not None and at >= 0 and locate(at, at + len(word.text)) == word.span:
            behind = at + len(word.text)
            inner = _inside(word.text[1:-1], at + 1, locate)
        around = (*command.nesting, "subshell")
        commands += [one._replace(nesting=(*around, *one.nesting)) for one in inner] or [command]
    return script._replace(commands=tuple(commands))


def _handed(command: SimpleCommand) -> ShellWord | None:
    """The word that a shell is to read as a script; None where it is no shell, or the word is not written out."""
    if command.program not in _SHELLS or len(command.words) < 3 or command.before not in _BEFORE or command.redirects:
        return None
    options, word = " ".join(one.value or "" for one in command.words[1:-1]), command.words[-1]
    quote, body = word.text[:1], word.text[1:-1]
    whole = len(word.text) > 2 and quote in "\"'" and word.text[-1] == quote
    if not whole or quote in body or "\\" in body or "`" in body or re.fullmatch(_OPTIONS, options) is None:
        return None
    return word


def _inside(body: str, first: int, locate: Callable[[int, int], Span]) -> tuple[SimpleCommand, ...]:
    """The commands of a text that begins at `first`; none where a shell would refuse it, or it writes files."""
    inner = parse_script(body, lambda start, end: locate(first + start, first + end))
    return () if inner.problems or any(one.redirects for one in inner.commands) else inner.commands
