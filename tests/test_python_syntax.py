"""Python text to a tree with places: whatever the text is, nothing is raised, and spans are those of the source."""

from __future__ import annotations

import ast
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.parsers.python.module import parse_module
from dockerlint_fastapi.parsers.python.syntax import PythonSyntax, parse_python
from dockerlint_fastapi.source import Source


def parsed(text: str | bytes) -> PythonSyntax:
    data = text if isinstance(text, bytes) else text.encode()
    syntax = parse_python(Source("app.py", data))
    assert syntax is not None
    return syntax


def texts(text: str | bytes) -> list[str]:
    """The text of the span of each statement at the top."""
    syntax = parsed(text)
    return [syntax.span(one).text for one in syntax.tree.body]


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("x = 1; y = 2", ["x = 1", "y = 2"]),
        ("x = 'ä😀'; yy = 2\n", ["x = 'ä😀'", "yy = 2"]),
        ("ä = 1\r\nö = (1,\r\n 2)\r\n", ["ä = 1", "ö = (1,\r\n 2)"]),
        ("x = 1\ry = 'é'; z = 3\r", ["x = 1", "y = 'é'", "z = 3"]),
        ("\x0cx = 1\n\x0cdef f(): pass\n", ["x = 1", "def f(): pass"]),
        ("\ufeffx = 1\n", ["x = 1"]),
        ("# coding: utf-8\nx = 'ü'; y = 1", ["x = 'ü'", "y = 1"]),
        ("\tx" if False else "if x:\n\ty = 'ß'; z = 1\n", ["if x:\n\ty = 'ß'; z = 1"]),
    ],
)
def test_spans_count_characters(text: str, statements: list[str]) -> None:
    assert texts(text) == statements


def test_a_cookie_decides_what_bytes_may_be() -> None:
    assert texts(b"# -*- coding: latin-1 -*-\nx = '\xff\xe4'; y = 1") == ["x = '\udcff\udce4'", "y = 1"]
    assert texts(b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = '\x80'; y = 1")[1] == "y = 1"
    for refused in (
        b"x = '\xff'",  # no cookie: UTF-8
        b"# coding: utf-8\nx = '\xff'",
        b"# coding: ascii\nx = '\xc3\xa9'",
        b"# coding: nobody-knows\nx = 1",
        b"\xef\xbb\xbf# coding: latin-1\nx = '\xff'",
    ):
        assert parse_python(Source("app.py", refused)) is None
    # on the third line it is a comment like any other
    assert texts(b"\n\n# coding: nobody-knows\nx = 1") == ["x = 1"]


def test_a_node_without_a_place_is_the_file() -> None:
    syntax = parsed("def f(a): pass\n")
    function = syntax.tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    assert syntax.span(syntax.tree).text == "def f(a): pass\n"
    assert syntax.span(function.args).text == "def f(a): pass\n"


NESTED = ["(", "[", "{", "-", "not ", "lambda: ", "x if y else ", "a.", "a(", "f'{", "a[", "*", "@a\n", "1+", "await "]


@pytest.mark.parametrize("piece", NESTED)
@pytest.mark.parametrize("count", [90, 500, 3000, 50_000])
def test_nesting_never_raises(piece: str, count: int) -> None:
    for tail in ("", "1", "b"):
        source = Source.of(piece * count + tail, "app.py")
        parse_python(source)
        parse_module(source)


@pytest.mark.parametrize(
    "text",
    [
        "\0",
        "x = 1\0",
        "def broken(:",
        "x = " + "1" * 5000,
        "if 1:\npass",
        "\\",
        "'''",
        "return",
        "x = 'a\nb'",
        "if a:\n pass\n" + "elif b:\n pass\n" * 3000,
        "".join(" " * depth + "if a:\n" for depth in range(99)) + " " * 99 + "b = 1",
        "".join(" " * depth + "class A:\n" for depth in range(19)) + " " * 19 + "b = 1",
    ],
)
def test_odd_text_never_raises(text: str) -> None:
    source = Source.of(text, "app.py")
    syntax = parse_python(source)
    module = parse_module(source)
    assert (module is None) == (syntax is None)


def test_warnings_of_the_text_are_not_shown() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert texts("x = '\\d'\nif x is 1: pass\nassert (1, 'a')\n")[0] == "x = '\\d'"


PIECES = st.sampled_from(
    [
        *(
            "\n",
            "    ",
            "\0",
            "\r\n",
            "\x0c",
            "\\",
            "#",
            "'''",
            "f'{a}'",
            "'/x'",
            "é",
            "import ",
            "from ",
            "return ",
            "await ",
        ),
        *(
            "async ",
            "for x in y:",
            "match x:",
            "case {**rest}:",
            "except E as e:",
            "class A(B):",
            "lambda: ",
            "global app",
        ),
        *"if a: else: app = FastAPI() router . ( ) [ ] get @ def f( ): * try: := ,".split(),
    ]
)


@settings(deadline=None, max_examples=300)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_soup_never_raises(text: str) -> None:
    source = Source.of(text, "app.py")
    syntax = parse_python(source)
    module = parse_module(source)
    if syntax is None or module is None:
        assert syntax is None
        assert module is None
        return
    for node in ast.walk(syntax.tree):
        span = syntax.span(node)
        assert 0 <= span.start <= span.end <= len(source.text)
        if isinstance(node, ast.Name):
            assert span.text == node.id


@settings(deadline=None, max_examples=150)
@given(
    st.binary(max_size=60),
    st.sampled_from([b"", b"\xef\xbb\xbf", b"# coding: latin-1\n", b"# coding: utf-16\n", b"x = '"]),
)
def test_bytes_never_raise(data: bytes, start: bytes) -> None:
    source = Source("app.py", start + data)
    syntax = parse_python(source)
    for node in ast.walk(syntax.tree) if syntax is not None else ():
        span = syntax.span(node) if syntax is not None else source.span(0, 0)
        assert 0 <= span.start <= span.end <= len(source.text)
    parse_module(source)


IDENTIFIERS = st.text("aäßд你_1", min_size=1, max_size=4).filter(str.isidentifier)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(IDENTIFIERS, st.sampled_from(["\n", "\r\n", "\r", "; "])), min_size=1, max_size=8))
def test_each_name_has_its_own_place(names: list[tuple[str, str]]) -> None:
    text = "".join(f"{name} = '😀{name}'{end}" for name, end in names)
    syntax = parsed(text)
    at = 0
    for (name, end), statement in zip(names, syntax.tree.body, strict=True):
        assert isinstance(statement, ast.Assign)
        assert syntax.span(statement.targets[0]) == syntax.source.span(at, at + len(name))
        at += len(f"{name} = '😀{name}'{end}")
