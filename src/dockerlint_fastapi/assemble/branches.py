"""Installs of which a RUN certainly makes one: `if [ $DEV ]; then poetry install; else poetry install --no-dev; fi`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from dockerlint_fastapi.model.install.distributions import Distributions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.install import Call, Step

_BLANK = r"(?:[\s;]|\\\n)*"
_ENOUGH = 100  # characters in front of a command and behind it
# In front of a command, with nothing else between: `if [ -f requirements.txt ]; then`.
_IF_THERE = (
    r"(?<!\w)if[ \t]+(?:\[\[?|test)[ \t]+-[efrs][ \t]+[\"']?([\w./-]+)[\"']?(?:[ \t]+\]{1,2})?"
    rf"[ \t]*;{_BLANK}then{_BLANK}\Z"
)


def either(steps: Sequence[tuple[Call, Step | None]]) -> dict[int, Step]:
    """By the position of an install that is all there is behind an `else`, the one that is all there is behind the
    `then` of it, of the same manager.
    """
    return dict(_pairs([(at, step) for at, (_, step) in enumerate(steps) if step is not None and _is_branch(step)]))


def needed_file(step: Step) -> str | None:
    """The file that a step hangs on, and on nothing else: `if [ -f requirements.txt ]; then pip install …`; None where
    there is no such condition, or another one.
    """
    command = step.command
    if command is None or not step.conditional:
        return None
    found = re.search(_IF_THERE, step.span.source.text[max(0, step.span.start - 2 * _ENOUGH) : step.span.start])
    outside = [name for name in command.nesting if name not in ("subshell", "group")]
    return found[1] if found is not None and outside == ["if"] else None


def _is_branch(step: Step) -> bool:
    """Whether an install is the one command of a branch of an `if` that nothing else holds."""
    command = step.command
    if command is None or not step.conditional or step.action not in ("install", "sync"):
        return False
    outside = [name for name in command.nesting if name not in ("subshell", "group")]
    return outside == ["if"] and not command.before and not command.after


def _pairs(branches: list[tuple[int, Step]]) -> Iterator[tuple[int, Step]]:
    for (_, one), (at, other) in pairwise(branches):
        text, start, end = one.span.source.text, one.span.start, other.span.end
        if (
            one.manager == other.manager
            and one.span.source is other.span.source
            and re.search(rf"\bthen{_BLANK}\Z", text[max(0, start - _ENOUGH) : start])
            and re.fullmatch(rf"{_BLANK}\belse{_BLANK}", text[one.span.end : other.span.start])
            and re.match(rf"{_BLANK}\bfi\b", text[end : end + _ENOUGH])
        ):
            yield at, one


def of_both(one: Distributions, other: Distributions) -> Distributions:
    """What is there after either of two installs: for certain what both bring."""
    joined = one.joined(other)
    both = {name: found for name, found in other.found.items() if name in one.found}
    return Distributions(
        both,
        possible=joined.possible.union(name for name in joined.found if name not in both),
        doubts=joined.doubts,
        followed=joined.followed,
    )
