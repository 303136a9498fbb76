"""How Compose splits a command string (go-shellwords), by table and by property."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.parsers.go_shellwords import split_command, split_string
from dockerlint_fastapi.source import Problem, Source


def values(text: str) -> list[str | None] | str:
    found = split_command(text, Source.of(text).span)
    return found.message if isinstance(found, Problem) else [word.value for word in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("uvicorn app.main:app --host 0.0.0.0", ["uvicorn", "app.main:app", "--host", "0.0.0.0"]),
        ("  a\tb\r\nc  ", ["a", "b", "c"]),
        ("", []),
        (" \n ", []),
        ("a \"b c\" 'd e'", ["a", "b c", "d e"]),
        ("a \"\" '' b", ["a", "", "", "b"]),
        ("a'b'\"c\"d", ["abcd"]),
        ('sh -c "a && exec b"', ["sh", "-c", "a && exec b"]),
        ("bash -c 'a | b; c > d (e)'", ["bash", "-c", "a | b; c > d (e)"]),
        ("echo # not a comment", ["echo", "#", "not", "a", "comment"]),
        ("echo $HOME ${X} $$", ["echo", "$HOME", "${X}", "$$"]),
        ("a *.py ~/x {b,c}", ["a", "*.py", "~/x", "{b,c}"]),
        (r"a\ b \"c\" \\ \;", ["a b", '"c"', "\\", ";"]),
        (r"'a\b' " + r'"a\"b\x"', ["a\\b", 'a"bx']),
        (r"a\tb " + r"c\nd", [None, None]),
        ("echo `date +%F;x` y", ["echo", "`date +%F;x`", "y"]),
        ("echo $(date +%F | x) y", ["echo", "$(date +%F | x)", "y"]),
        ('echo `a "b"` y', ["echo", None, "y"]),
        ("echo \"`a`\" '(x)'", ["echo", "`a`", "(x)"]),
        ("a\u00a0b", ["a\u00a0b"]),
    ],
)
def test_words(text: str, expected: list[str | None]) -> None:
    assert values(text) == expected


@pytest.mark.parametrize(
    ("text", "expected", "dropped"),
    [
        ("alembic upgrade head && uvicorn app:app", ["alembic", "upgrade", "head"], "&& uvicorn app:app"),
        ("a; b", ["a"], "; b"),
        ("a;b", ["a"], ";b"),
        ("a | b", ["a"], "| b"),
        ("a & ", ["a"], "& "),
        ("a > log", ["a"], "> log"),
        ("a 2>&1", ["a"], "2>&1"),
        ("a x2>y", ["a", "x2"], ">y"),
        ("a 2x>y", ["a", None], ">y"),
        ("a 2<y", ["a", "2"], "<y"),
        ("curl http://x/?a=1&b=2", ["curl", "http://x/?a=1"], "&b=2"),
        ("a '' && b", ["a", ""], "&& b"),
        ("&& b", [], "&& b"),
        ("a && 'b", ["a"], "&& 'b"),
        ("a b", ["a", "b"], None),
    ],
)
def test_the_first_operator_ends_the_command(text: str, expected: list[str | None], dropped: str | None) -> None:
    split = split_string(text, Source.of(text).span)
    assert split.problem is None
    assert [word.value for word in split.words] == expected
    assert (split.dropped.text if split.dropped else None) == dropped


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a (b)", "("),
        ("a b)", ")"),
        ("a f(x)", "("),
        ("a $((1+2))", "("),
        ("a \\$ '\\$'(b)", "("),
        ("a 'b", "'"),
        ('a "b', '"'),
        ("a `b", "`"),
        ("a $(b", "$("),
        ("a b\\", "\\"),
    ],
)
def test_what_compose_refuses(text: str, where: str) -> None:
    problem = split_command(text, Source.of(text).span)
    assert isinstance(problem, Problem)
    assert problem.span.text == where
    assert [word.value for word in split_string(text, Source.of(text).span).words][:1] == ["a"]


@settings(deadline=None, max_examples=800)
@given(st.one_of(st.text("ab1 \t\n'\"\\`$();&|<>#é", max_size=40), st.text(max_size=40)))
def test_any_text(text: str) -> None:
    source = Source("x", text.encode("utf-8", "surrogatepass"))
    split = split_string(source.text, source.span)
    end = 0
    for word in split.words:
        assert end <= word.span.start < word.span.end <= len(source.text)
        assert word.span.text == word.text
        end = word.span.end
        if not any(char in word.text for char in "'\"\\`$2"):
            assert word.value == word.text or word.text[0].isdigit()
    if split.dropped is not None:
        assert split.dropped.start >= end
        assert split.dropped.end == len(source.text)
    if split.problem is not None:
        assert split.dropped is None


def test_one_word_of_many_substitutions_takes_linear_steps() -> None:
    text = "$(a)" * 100_000
    assert values(text) == [text]
