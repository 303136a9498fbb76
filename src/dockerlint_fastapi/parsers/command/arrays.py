"""Bash's arrays that a script fills with words and hands to a command: `ARGS=(-w 4)`, `gunicorn "${ARGS[@]}"`."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.command import Argument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.shell import Assignment

_ALL: Final = r"\"\$\{([A-Za-z_]\w*)\[@\]\}\""
_MOST_WORDS: Final = 1_000


class Arrays:
    """The arrays of one script, as far as it has been read. A word without a value stands for what cannot be told."""

    def __init__(self) -> None:
        self._words: dict[str, list[Argument]] = {}

    def set(self, assignment: Assignment, *, conditional: bool) -> None:
        """Notes what an assignment gives an array; what one that is conditional gives may or may not be there."""
        name, text = assignment.name, assignment.word.text
        if not text.startswith("("):
            self._words.pop(name, None)
            return
        unknown = Argument(None, text, assignment.word.span)
        before = self._words.get(name, [unknown]) if assignment.append else []
        added = None if conditional else _elements(assignment)
        if conditional and not assignment.append:
            self._words[name] = [unknown]
        else:
            self._words[name] = [*before, *([unknown] if added is None else added)][:_MOST_WORDS]

    def expanded(self, arguments: list[Argument]) -> list[Argument]:
        """The words of a command, with the elements of each array that is handed over whole."""
        if not self._words:
            return arguments
        found: list[Argument] = []
        for one in arguments:
            named = re.fullmatch(_ALL, one.text) if "[@]" in one.text else None
            found += self._words.get(named[1], [one]) if named is not None else [one]
        return found


def _elements(assignment: Assignment) -> list[Argument] | None:
    """The words between the parentheses; None when they cannot be told apart."""
    from dockerlint_fastapi.parsers.shell import parse_script  # noqa: PLC0415 - few scripts have arrays

    word = assignment.word
    if word.span.text != word.text or not word.text.endswith(")"):
        return None
    source, start = word.span.source, word.span.start + 1
    commands = parse_script(word.text[1:-1], lambda at, end: source.span(start + at, start + end)).commands
    if any(one.assignments or one.redirects or one.nesting or one.before not in ("", "\n", ";") for one in commands):
        return None
    return [Argument(one.value, one.text, one.span) for command in commands for one in command.words]
