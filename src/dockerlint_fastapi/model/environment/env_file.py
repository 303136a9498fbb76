"""Env files (`.env`, what `env_file:` names): assignments with their places, and what they are worth together."""

from __future__ import annotations

from collections.abc import Mapping

from dockerlint_fastapi.model.environment.interpolation import Lookup, Rendered, Unset, render, unknown
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Problem, Source, Span

MAX_EXPANSION = 1_000_000  # characters that the references of one value may bring in; doubling chains go beyond


class Assignment(NamedTuple):
    """One `NAME=value`, or a name alone, which is taken from the environment that Compose runs in (`text` is None).

    `text` is the value without quotes and escapes, its references still in it. `expands` is False where a `$` is
    itself: in single quotes, and in a file with `format: raw`.
    """

    name: str
    text: str | None
    expands: bool
    span: Span
    name_span: Span
    value_span: Span  # without quotes; empty behind a name alone
    places: tuple[int, ...] = ()  # the offset of each character of `text`, where it does not stand there as it is

    def __repr__(self) -> str:
        return f"Assignment({self.name!r}, line {self.span.line})"  # the value may be a secret

    def locate(self, start: int, end: int) -> Span:
        """The place of `text[start:end]` in the file."""
        if not self.places:
            begin = self.value_span.start
            return self.value_span._replace(start=begin + start, end=max(begin + start, begin + end))
        if start >= len(self.places):
            return self.value_span._replace(start=self.value_span.end)
        last = self.places[min(end, len(self.places)) - 1] if end > start else self.places[start] - 1
        return self.value_span._replace(start=self.places[start], end=last + 1)


class Assigned(NamedTuple):
    """What an assignment comes to: `rendered` is None for a name alone that nothing is known of."""

    assignment: Assignment
    rendered: Rendered | None

    @property
    def value(self) -> str | None:
        """The value; None when it cannot be told."""
        return self.rendered.text if self.rendered is not None and self.rendered.certain else None


class EnvironmentFile:
    """A parsed env file. With a problem in it Compose refuses the file, and with it the whole project."""

    __slots__ = ("assignments", "problems", "source")

    def __init__(self, source: Source, assignments: tuple[Assignment, ...], problems: tuple[Problem, ...]) -> None:
        self.source = source
        self.assignments = assignments
        self.problems = problems

    def __repr__(self) -> str:
        return f"EnvironmentFile({self.source.path!r}, {len(self.assignments)} assignments)"

    def assigned(self, lookup: Lookup = unknown, before: Mapping[str, Assigned] | None = None) -> dict[str, Assigned]:
        """The variables after this file, by name: those from `before`, and its own over them.

        A reference is answered by `lookup` (what Compose itself runs with) first, else by what was assigned before it.
        """
        found = dict(before or {})
        for one in self.assignments:
            if one.text is None:
                answer = lookup(one.name)
                if not isinstance(answer, Unset):
                    rendered = None if answer is None else Rendered(answer, True, ())
                    found[one.name] = Assigned(one, rendered)
            elif not one.expands or "$" not in one.text:
                size = len(one.text)
                found[one.name] = Assigned(one, Rendered(one.text, True, ((0, size, 0, size),)))
            else:
                found[one.name] = Assigned(one, render(one.text, _either(lookup, found)))
        return found


def _either(lookup: Lookup, found: Mapping[str, Assigned]) -> Lookup:
    """The lookup of one value: the environment first, then what was assigned before, up to a sum of characters."""
    left = MAX_EXPANSION

    def answer(name: str) -> str | Unset | None:
        nonlocal left
        value = lookup(name)
        if not isinstance(value, str) and name in found:
            value = found[name].value
        if isinstance(value, str):
            left -= len(value)
            if left < 0:
                return None
        return value

    return answer


class EnvFileUse(NamedTuple):
    """An env file that Compose reads, and whether dlf read it: `file` is None when not, and `why` says why.

    A file that git ignores is one machine's own: what it holds is not used, so that a laptop and CI find the same.
    """

    path: str | None  # from the project's root; None when it cannot be told
    file: EnvironmentFile | None
    why: str | None
    optional: bool = False  # Compose does without it when it is not there
