"""ENTRYPOINT and CMD, or their compose counterparts, joined as Docker joins them."""

from __future__ import annotations

from dockerlint_fastapi.model.command import Argument
from dockerlint_fastapi.model.dockerfile import Command

Entry = Command | tuple[Argument, ...]
"""What starts a container: one instruction's command, or the words joined from two."""


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


def _given(entry: Entry | None) -> Entry | None:
    """An entry that is not empty: `CMD []` and `ENTRYPOINT []` reset to nothing."""
    if entry is None or entry == ():
        return None
    if isinstance(entry, Command) and entry.exec_form and not entry.words:
        return None
    return entry
