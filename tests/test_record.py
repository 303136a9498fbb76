"""A record is what `typing.NamedTuple` makes, in all that a program can ask of it."""

import copy
import pickle
import typing
from collections.abc import Callable

import pytest

from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Source, Span

BODY = """
class Point({base}):
    "A place."
    x: int
    y: int = 2
    label: str = "p"

    @property
    def sum(self) -> int:
        return self.x + self.y

    @classmethod
    def zero(cls):
        return cls(0, 0)

    def __str__(self):
        return "%s:%s" % (self.x, self.y)
"""


def made(base: object, text: str = BODY, name: str = "Point") -> typing.Any:
    space = {"Base": base, "__name__": __name__}
    exec(text.format(base="Base"), space)  # noqa: S102
    return space[name]


OURS, THEIRS = made(NamedTuple), made(typing.NamedTuple)

QUESTIONS: list[Callable[[typing.Any], object]] = [
    lambda point: point(1),
    lambda point: repr(point(1, label="z")),
    lambda point: str(point(1)),
    lambda point: (point._fields, point._field_defaults, point.__match_args__, point.__doc__, point.__name__),
    lambda point: point.__module__,
    lambda point: point.__mro__[1:],
    type,
    lambda point: point(1)._asdict(),
    lambda point: point(1)._replace(y=5).sum,
    lambda point: point._make([1, 2, 3]),
    lambda point: point.zero().sum,
    lambda point: (point(1) == (1, 2, "p"), hash(point(1)) == hash((1, 2, "p")), point(1) < point(2), len(point(1))),
    lambda point: copy.deepcopy(point(1, 3)),
    lambda point: [*point(1)],
    lambda point: hasattr(point(1), "__dict__"),
    typing.get_type_hints,
    lambda point: point(),
    lambda point: point(1, 2, 3, 4),
    lambda point: point(1, z=3),
    lambda point: point(1, x=3),
    lambda point: point._make([1]),
    lambda point: point(1)._replace(z=3),
    lambda point: setattr(point(1), "x", 3),
    lambda point: setattr(point(1), "z", 3),
]


def answer(question: Callable[[typing.Any], object], kind: typing.Any) -> object:
    try:
        return question(kind)
    except Exception as error:  # noqa: BLE001
        # Of names that are no fields the standard library's `_replace` makes a TypeError from Python 3.13 on.
        kind_of_error = ValueError if str(error).startswith("Got unexpected field names") else type(error)
        return kind_of_error, str(error).replace("__new__()", "").replace(f"{kind.__name__}.", "")


@pytest.mark.parametrize("number", range(len(QUESTIONS)))
def test_it_answers_as_the_one_of_the_standard_library(number: int) -> None:
    ours, theirs = (answer(QUESTIONS[number], kind) for kind in (OURS, THEIRS))
    assert ours == theirs
    assert repr(ours) == repr(theirs)


def test_patterns_match_it() -> None:
    match OURS(1, 5):
        case OURS(x, y=5):
            assert x == 1
        case _:
            raise AssertionError


def test_it_can_be_sent_to_another_process() -> None:
    span = Span(Source.of("FROM x"), 0, 4)._replace(source=None)  # type: ignore[arg-type]
    assert pickle.loads(pickle.dumps(span)) == span  # noqa: S301


@pytest.mark.parametrize("size", [0, 1, 12, 13, 40])
def test_it_has_any_number_of_fields(size: int) -> None:
    fields = "".join(f"    f{at}: int\n" for at in range(size)) or "    pass\n"
    kind = made(NamedTuple, "class Many({base}):\n" + fields, "Many")
    assert kind(*range(size)) == tuple(range(size))
    assert size == 0 or kind(**{f"f{at}": at for at in range(size)})[-1] == size - 1


@pytest.mark.parametrize("fields", ["    _x: int", "    x: int = 1\n    y: int"])
def test_what_cannot_be_a_record_is_refused(fields: str) -> None:
    for base in (NamedTuple, typing.NamedTuple):
        with pytest.raises((TypeError, ValueError)):
            made(base, "class Wrong({base}):\n" + fields, "Wrong")


def test_a_pattern_is_compiled_when_it_is_used() -> None:
    late = pattern(r"a+(b)?")
    assert "(" in repr(late)
    assert late.fullmatch("aab")[1] == "b"  # type: ignore[index]
    assert late.sub("-", "xaay") == "x-y"
    assert late.groups == 1
    assert late.pattern == "a+(b)?"
