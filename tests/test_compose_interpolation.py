"""Compose's interpolation, against what compose-go's template package does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.model.environment.interpolation import (
    PLACEHOLDER,
    UNSET,
    Unset,
    interpolate,
    malformed,
    or_unset,
    references,
    render,
    unknown,
    unset,
)

KNOWN = {"A": "a", "E": "", "N": "8"}


def environment(name: str) -> str | Unset | None:
    """A lookup that knows everything: what is not listed is not set."""
    return KNOWN.get(name, UNSET)


def partly(name: str) -> str | Unset | None:
    """A lookup that knows a few variables and nothing of the rest."""
    return KNOWN.get(name)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", ""),
        ("plain", "plain"),
        ("$A", "a"),
        ("${A}b", "ab"),
        ("$A$N", "a8"),
        ("$$A", "$A"),
        ("$$$A", "$a"),
        ("$5", "$5"),
        ("a$", "a$"),
        ("$-", "$-"),
        ("${X}", ""),
        ("${X:-d}", "d"),
        ("${E:-d}", "d"),
        ("${E-d}", ""),
        ("${X-d}", "d"),
        ("${X:?m}", None),
        ("${E:?m}", None),
        ("${E?m}", ""),
        ("${X?m}", None),
        ("${A?m}", "a"),
        ("${A:+y}", "y"),
        ("${E:+y}", ""),
        ("${E+y}", "y"),
        ("${X+y}", ""),
        ("${X:-${A:-q}z}", "az"),
        ("${X:-${Y-${Z:-deep}}}", "deep"),
        ('${X:-{"k":1}}', '{"k":1}'),
        ("${X:-{}}", "{}"),
        ("${X:-$$a}", "$a"),
        ("${X:-a?b}", "a?b"),
        ("${X-a:-b}", "a:-b"),
        ("${A} ${X:-b} ${N}", "a b 8"),
        ("${X:-a\nb}", None),
        ("${X:-${Y}", None),
        ("${X%y}", None),
        ("${A:-b} ${C%x}", None),
        ("${", None),
        ("${}", None),
        ("${1}", None),
    ],
)
def test_interpolation_with_a_known_environment(text: str, value: str | None) -> None:
    assert interpolate(text, environment) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$A", "a"),
        ("$X", None),
        ("${X:-d}", None),
        ("${A:-$X}", "a"),
        ("${E:-$X}", None),
        ("${A:+$X}", None),
        ("${E:+$X}", ""),
        ("$$X", "$X"),
    ],
)
def test_what_is_unknown_stays_unknown(text: str, value: str | None) -> None:
    assert interpolate(text, partly) == value


def test_the_default_is_what_happens_when_nothing_is_set() -> None:
    assert interpolate("${X:-d}$A", or_unset(partly)) == "da"
    assert interpolate("${X:-d}", unset) == "d"
    assert interpolate("${X:-d}", unknown) is None


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("a ${X%y}", 2),
        ("${A} ${", 5),
        ("${X:-a\nb}", 0),
        ("$$ $5 ${A:-b}", None),
        ("plain", None),
        ("${A:-${B%c}}", None),
    ],
)
def test_malformed(text: str, at: int | None) -> None:
    assert malformed(text) == at


def test_references_with_those_in_defaults() -> None:
    text = "$A-${B:-x${C:?m}}$$D"
    found = references(text)
    assert [(one.name, one.operator, one.operand, one.required) for one in found] == [
        ("A", "", "", False),
        ("B", ":-", "x${C:?m}", False),
        ("C", ":?", "m", True),
    ]
    assert [text[one.start : one.end] for one in found] == ["$A", "${B:-x${C:?m}}", "${C:?m}"]


def test_rendered_text_knows_where_it_came_from() -> None:
    text = "x $A $$ ${Q:-z}/${N}"
    rendered = render(text, partly)
    assert rendered.text == f"x a $ {PLACEHOLDER}/8"
    assert not rendered.certain
    for part, origin in (
        ("a", "$A"),
        ("$", "$$"),
        (PLACEHOLDER, "${Q:-z}"),
        ("8", "${N}"),
        ("x", "x"),
        ("a $", "$A $$"),
    ):
        start = rendered.text.index(part)
        raw = rendered.origin(start, start + len(part))
        assert text[raw[0] : raw[1]] == origin


def test_nesting_without_end_is_unknown() -> None:
    text = "${A0:-" * 2000 + "x" + "}" * 2000
    assert interpolate(text, unset) is None
    assert len(references(text)) < 100


SOUP = st.lists(
    st.sampled_from(["$", "{", "}", "A", "X", ":-", "-", ":?", "+", " ", "\n", "$$", "${", "${A:-", "é"]), max_size=30
)


@settings(deadline=None, max_examples=500)
@given(SOUP.map("".join))
def test_any_text(text: str) -> None:
    for lookup in (environment, partly, unknown, unset):
        value = interpolate(text, lookup)
        rendered = render(text, lookup)
        assert value == (rendered.text if rendered.certain else None)
        for at in range(len(rendered.text)):
            start, end = rendered.origin(at, at + 1)
            assert 0 <= start <= end <= len(text)
    for one in references(text):
        assert text[one.start] == "$"
        assert one.name in text[one.start : one.end]
