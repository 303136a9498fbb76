"""Env files, read as compose-go and docker's kvfile read them."""

from io import StringIO

import dotenv
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.model.environment.env_file import EnvironmentFile
from dockerlint_fastapi.model.environment.interpolation import UNSET, Lookup, Unset, unknown, unset
from dockerlint_fastapi.parsers.dotenv import parse_env_file
from dockerlint_fastapi.source import Source


def parse(text: str, *, raw: bool = False) -> EnvironmentFile:
    return parse_env_file(Source.of(text, ".env"), raw=raw)


def values(text: str, lookup: Lookup = unset, *, raw: bool = False) -> dict[str, str | None]:
    file = parse(text, raw=raw)
    assert not file.problems, file.problems
    return {name: one.value for name, one in file.assigned(lookup).items()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A=b", {"A": "b"}),
        ("A = b ", {"A": "b"}),
        ("A: b", {"A": "b"}),
        ("A: b=c", {"A": "b=c"}),
        ("A=1:b", {"A": "1:b"}),
        ("export A=b", {"A": "b"}),
        ("\texport\tA=b", {"A": "b"}),
        ("exportA=b", {"exportA": "b"}),
        ("export.A= b", {"export.A": "b"}),
        ("A.B-C[0]=d", {"A.B-C[0]": "d"}),
        ("A=", {"A": ""}),
        ("A=\nB=c", {"A": "", "B": "c"}),
        ("A=b=", {"A": "b="}),
        ("A=b # comment", {"A": "b"}),
        ("A=b #comment", {"A": "b"}),
        ("A=b#c", {"A": "b#c"}),
        ("A=b\t#c", {"A": "b\t#c"}),
        ("A=#b", {"A": "#b"}),
        ("A= # b", {"A": "# b"}),  # the blank in front of the `#` was skipped before
        ("# c\n \t# d\nA=b", {"A": "b"}),
        ("A=a\\tb", {"A": "a\\tb"}),
        ("A=a b  c", {"A": "a b  c"}),
        ("A=a\r\nB=c\r\n", {"A": "a", "B": "c"}),
        ("A=1\nA=2", {"A": "2"}),
        ("\ufeffA=1", {"A": "1"}),
    ],
)
def test_a_line_without_quotes(text: str, expected: dict[str, str]) -> None:
    assert values(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A='b'", {"A": "b"}),
        ('A="b"', {"A": "b"}),
        ('A = "b" # c', {"A": "b"}),
        ('A="b#c"#d', {"A": "b#c"}),
        ("A=\"'b'\"", {"A": "'b'"}),
        (r'A="a\"b"', {"A": 'a"b'}),
        (r"A='a\'b'", {"A": "a'b"}),
        (r"A='a\nb'", {"A": r"a\nb"}),
        (r'A="a\nb\tc"', {"A": "a\nb\tc"}),
        (r'A="bar\n\ b\az"', {"A": "bar\n\\ b\az"}),
        (r'A="bar\\\n\ b\az"', {"A": "bar\\\n\\ b\az"}),
        (r'A="bar\\r\ b\az"', {"A": "bar\\r\\ b\az"}),
        (r'A="Z\0123Z"', {"A": "ZSZ"}),
        (r'A="\012"', {"A": r"\12"}),
        (r'A="\0777"', {"A": r"\777"}),
        (r'A="\x07\c"', {"A": r"\x07\c"}),
        ('A="one\ntwo"\nB=c', {"A": "one\ntwo", "B": "c"}),
        ("A='one\ntwo'", {"A": "one\ntwo"}),
        ('A="b"C=d', {"A": "b", "C": "d"}),  # what follows the quote is the next statement
        ("A=b'c'", {"A": "b'c'"}),
    ],
)
def test_a_value_in_quotes(text: str, expected: dict[str, str]) -> None:
    assert values(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A=x\nB=$A", "x"),
        ("A=x\nB=${A}y", "xy"),
        ('A=x\nB="q $A"', "q x"),
        ("A=x\nB='q $A'", "q $A"),
        ("B=$A", ""),
        ("B=${A:-z}", "z"),
        (r'B="foo\$A"', "foo$A"),
        ("B=$$A", "$A"),
        ('A=x\nB="foo\\${A} ${A}"', "foo${A} x"),
        ("A=1\nA=2\nB=$A\nA=3", "2"),
        ("B=a$", "a$"),
    ],
)
def test_references_mean_what_stands_above(text: str, expected: str) -> None:
    assert values(text)["B"] == expected


def test_what_compose_runs_with_wins_over_the_file() -> None:
    def shell(name: str) -> str | Unset | None:
        return {"A": "shell"}.get(name, UNSET)

    assert values("A=file\nB=$A", shell) == {"A": "file", "B": "shell"}


def test_a_variable_of_nowhere_cannot_be_told() -> None:
    assert values("B=$A\nC=${B}d\nD=e", unknown) == {"B": None, "C": None, "D": "e"}


def test_a_name_alone_is_inherited() -> None:
    text = "A\nB=c\n"
    assert values(text, lambda name: "x" if name == "A" else UNSET) == {"A": "x", "B": "c"}
    assert values(text, unset) == {"B": "c"}
    assert values(text, unknown) == {"A": None, "B": "c"}


@pytest.mark.parametrize(
    ("text", "at", "word"),
    [
        ("lol$wut", (1, 4), "cannot stand"),
        ("A=1\nB C=2\nD=3", (2, 1), "blank"),
        ('A="b', (1, 3), "never closed"),
        ("A='b\\'", (1, 3), "never closed"),
        ("=b", (1, 1), "no name"),
        ("A=1\nNAME", (2, 1), "last line"),
        ("A=${", (1, 3), "malformed"),
        ('A="x ${b"', (1, 6), "malformed"),
    ],
)
def test_what_compose_refuses_has_a_place(text: str, at: tuple[int, int], word: str) -> None:
    (problem,) = parse(text).problems
    assert (problem.span.line, problem.span.column) == at
    assert word in problem.message


def test_a_refused_line_does_not_hide_the_others() -> None:
    file = parse("A=1\nB?=2\nC=3\n")
    assert [one.name for one in file.assignments] == ["A", "C"]
    assert len(file.problems) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A='b'", {"A": "'b'"}),
        ("A=b # c ", {"A": "b # c "}),
        ("A=$B", {"A": "$B"}),
        ("  A= b", {"A": " b"}),
        ("#A=b\n\nC=d\r\n", {"C": "d"}),
        ("A", {}),
    ],
)
def test_raw_lines_are_taken_as_they_are(text: str, expected: dict[str, str]) -> None:
    assert values(text, raw=True) == expected


@pytest.mark.parametrize("text", ["export A=b", "=b", "A B=c"])
def test_raw_names_hold_no_blanks(text: str) -> None:
    assert len(parse(text, raw=True).problems) == 1


def test_the_places_of_names_and_values() -> None:
    text = 'export HOST = "a\\"b ${X}"\nP=1 # c\n'
    host, port = parse(text).assignments
    assert host.name_span.text == "HOST"
    assert host.value_span.text == 'a\\"b ${X}'
    assert host.text == 'a"b ${X}'
    assert host.locate(4, 8).text == "${X}"
    assert host.locate(1, 3).text == '\\"b'[1:]
    assert (port.span.text, port.value_span.text, port.span.line) == ("P=1", "1", 2)


def test_no_value_shows_in_a_traceback() -> None:
    file = parse("PASSWORD=hunter2")
    assert "hunter2" not in repr(file.assignments) + repr(file)


def test_doubling_references_come_to_an_end() -> None:
    text = "A0=xxxxxxxx\n" + "".join(f"A{n + 1}=$A{n}$A{n}\n" for n in range(60))
    found = parse(text).assigned(unset)
    assert found["A10"].value == "x" * 8 * 2**10
    assert found["A60"].value is None
    assert max(len(one.value or "") for one in found.values()) <= 2_000_000


def test_a_large_file_is_not_read() -> None:
    file = parse("A=" + "x" * 1_000_001)
    assert not file.assignments
    assert "larger" in file.problems[0].message


ALPHABET = st.text(alphabet="AB=:\"'\\$#{}-? \t\r\n\u00a0ü\udc80x0[._", max_size=60)


@settings(deadline=None, max_examples=400)
@given(text=ALPHABET, raw=st.booleans())
def test_nothing_raises_and_every_span_is_inside(text: str, *, raw: bool) -> None:
    source = Source.of(text, ".env")
    file = parse_env_file(source, raw=raw)
    for one in file.assignments:
        size = len(one.text or "")
        for span in (one.span, one.name_span, one.value_span, one.locate(0, size), one.locate(size, size)):
            assert 0 <= span.start <= span.end <= len(source.text)
        assert one.name_span.text == one.name
        if one.text and not one.places:
            assert one.locate(0, size).text == one.text
    for problem in file.problems:
        assert 0 <= problem.span.start <= problem.span.end <= len(source.text)
    file.assigned(unset)
    file.assigned(unknown)


NAMES = st.from_regex(r"DLF_[A-Z_]{1,6}", fullmatch=True)
WORDS = st.text(alphabet="abcXYZ019_./:@,+-=&?%", max_size=12).filter(lambda text: not text.startswith("#"))
PLAIN = st.builds("{}{}".format, WORDS, st.sampled_from(["", " # a comment", "  ", "\r"])).filter(
    lambda text: not text.startswith(" #")  # of Compose's own: the value begins at the `#`
)
DOUBLE = st.lists(st.sampled_from([*"ab #'=", r"\n", r"\t", r"\"", "\n", "${DLF_A}", "${DLF_9:-d}"]), max_size=8).map(
    lambda parts: '"' + "".join(parts) + '"'
)
SINGLE = st.text(alphabet='ab #"=\n', max_size=12).map("'{}'".format)
LINES = st.one_of(
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from(["", "export ", " "]),
        NAMES | st.sampled_from(["DLF_A", "DLF_B"]),
        st.sampled_from(["=", " = ", "= "]),
        st.one_of(PLAIN, DOUBLE, SINGLE),
    ),
    st.sampled_from(["", "# comment", "  # DLF_C=1"]),
)


@settings(deadline=None, max_examples=400)
@given(st.lists(LINES, max_size=6))
def test_it_agrees_with_python_dotenv_where_the_dialects_do(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert values(text) == dict(dotenv.dotenv_values(stream=StringIO(text, newline="")))
