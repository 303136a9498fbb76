"""What a script sets when another one reads it in its place: `. ./prestart.sh`."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.shell import too_long

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Final

    from dockerlint_fastapi.model.shell import SimpleCommand

    Text = Callable[[str], str | None]

_kept: dict[str, frozenset[str] | None] = {}  # by text: a script may read the same one many times, and itself
_MOST_KEPT: Final = 16
MOST_READ: Final = 20  # scripts that one reads in its place and that are looked into; each has to be parsed
# What sets variables, arguments or the directory in ways that are not followed, or ends the script that reads it.
_UNFOLLOWED: Final = frozenset(
    ". source eval exec exit return trap alias shift cd pushd popd read getopts mapfile readarray printf let"
    " wait".split()
)
_DECLARING: Final = frozenset(("export", "declare", "typeset", "readonly", "local", "unset"))
_LOOPS: Final = frozenset(("for", "select", "function"))
_ASSIGNING: Final = r"\$\{\w+:?=|\(\("  # `${NAME:=value}`, `((count++))`


def set_by_sourcing(path: str | None, text_at: Text) -> frozenset[str] | None:
    """The variables that the script at a path may set in the one that reads it; None when that cannot be told."""
    text = text_at(path) if path is not None and "/" in path else None
    if text is None:
        return None
    if text not in _kept:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        _kept[text] = _set_in(text)
    return _kept[text]


def _set_in(text: str) -> frozenset[str] | None:
    if too_long(text) or re.search(_ASSIGNING, text):
        return None
    from dockerlint_fastapi.parsers.shell import parse_script  # noqa: PLC0415 - few scripts read others
    from dockerlint_fastapi.source import Source  # noqa: PLC0415 - as above

    script = parse_script(text, Source.of(text, "script").span)
    if script.problems:
        return None
    names: set[str] = set()
    for command in script.commands:
        found = None if _LOOPS.intersection(command.nesting) else [*_set_by(command)]
        if found is None or None in found:
            return None
        names.update(name for name in found if name is not None)
    return frozenset(names)


def _set_by(command: SimpleCommand) -> Iterator[str | None]:
    """The variables that one command sets, None among them for what cannot be told."""
    if not command.words:
        yield from (one.name for one in command.assignments)
        return
    name, rest = command.name, command.words[1:]
    if name is None or name in _UNFOLLOWED:
        yield None
    elif name == "set":
        if not all((word.value or "").startswith(("-", "+")) and word.value != "--" for word in rest):
            yield None
    elif name in _DECLARING:
        for word in rest:
            variable = (word.text if word.value is None else word.value).partition("=")[0]
            if not variable.startswith("-"):
                yield variable if variable.isidentifier() else None
