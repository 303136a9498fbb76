"""YAML text -> nodes: values as go-yaml reads them, exact places, and every bad input as one clear problem."""

from __future__ import annotations

import math
import re
import sys
from io import StringIO

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from dockerlint_fastapi.model.compose import Mapping, Node, Scalar, Sequence
from dockerlint_fastapi.parsers.compose.yaml_nodes import read_yaml, resolve_plain
from dockerlint_fastapi.source import Problem, Source


def load(text: str) -> Node:
    read = read_yaml(Source.of(text, "compose.yaml"))
    assert read.problems == ()
    (document,) = read.documents
    return document


def root(text: str) -> Mapping:
    document = load(text)
    assert isinstance(document, Mapping)
    return document


def plain(node: Node | None) -> object:
    """A node as Python data."""
    if isinstance(node, Mapping):
        return {entry.key.text: plain(entry.value) for entry in node}
    if isinstance(node, Sequence):
        return [plain(item) for item in node]
    assert isinstance(node, Scalar)
    return node.value


def only_problem(data: str | bytes) -> Problem:
    source = Source("compose.yaml", data) if isinstance(data, bytes) else Source.of(data, "compose.yaml")
    (problem,) = read_yaml(source).problems
    return problem


def nodes(node: Node) -> list[Node]:
    """A node and all below it; aliases are not followed."""
    found: list[Node] = []
    waiting = [node]
    while waiting:
        node = waiting.pop()
        found.append(node)
        if node.use is not None:
            continue
        if isinstance(node, Mapping):
            waiting.extend(part for entry in node if not entry.merged for part in (entry.key, entry.value))
        elif isinstance(node, Sequence):
            waiting.extend(node.items)
    return found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("nUll", "nUll"),
        ("true", True),
        ("True", True),
        ("yes", "yes"),
        ("on", "on"),
        ("No", "No"),
        ("22:22", "22:22"),
        ("190:20:30", "190:20:30"),
        ("0777", 511),
        ("010", 8),
        ("08", 8.0),
        ("0o17", 15),
        ("0x1F", 31),
        ("0b101", 5),
        ("1_000", 1000),
        ("+5", 5),
        ("-5", -5),
        ("1e3", 1000.0),
        ("3.10", 3.1),
        (".5", 0.5),
        ("5.", 5.0),
        ("0.0", 0.0),
        ("0", 0),
        (".", "."),
        ("1.2.3", "1.2.3"),
        ("-", "-"),
        ("18446744073709551615", 18446744073709551615),
        ("18446744073709551616", 18446744073709551616.0),
        ("1" * 400, "1" * 400),
        ("2024-01-01", "2024-01-01"),
        ("16-alpine", "16-alpine"),
        (".inf", math.inf),
        ("0x", "0x"),
        ("_1", "_1"),
        ("\u0661", "\u0661"),  # a digit, but not an ASCII one
    ],
)
def test_plain_scalars_have_the_types_that_go_yaml_gives(text: str, value: object) -> None:
    assert resolve_plain(text) == value
    assert type(resolve_plain(text)) is type(value)


def test_raw_text_stays_beside_the_value() -> None:
    scalar = root("a: 0777\n").get("a")
    assert isinstance(scalar, Scalar)
    assert (scalar.value, scalar.text, scalar.span.text) == (511, "0777", "0777")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:\t1\n", {"a": 1}),
        ("a: b\t# c\n", {"a": "b"}),
        ("a: b\tc\n", {"a": "b\tc"}),
        ("a: [8080:80, {b: http://x:80}]\n", {"a": ["8080:80", {"b": "http://x:80"}]}),
        ("t: [CMD, curl, http://localhost:80]\n", {"t": ["CMD", "curl", "http://localhost:80"]}),
        ("a: |\t# c\n  x\n  y\n", {"a": "x\ny\n"}),
        ("a: >-2\n   x\n  y\n", {"a": " x\ny"}),
        ("a: |+\n  x\n\nb: 1\n", {"a": "x\n\n", "b": 1}),
        ("a:\r\n  b: 'c\r\n\r\n    d'\r\n", {"a": {"b": "c\nd"}}),
        ("a: !!str 5\nb: !!int '7'\nc: !!float 1\nd: ! 5\n", {"a": "5", "b": 7, "c": 1.0, "d": "5"}),
        ("? a\n: 1\n", {"a": 1}),
        ("\ufeffa: 1\n", {"a": 1}),
        ("'<<': 1\n", {"<<": 1}),
        ("%YAML 1.1\n---\na: yes\n", {"a": "yes"}),
        ("a: \U0001f600 x\nb: 'é'\n", {"a": "\U0001f600 x", "b": "é"}),
    ],
)
def test_values(text: str, expected: object) -> None:
    assert plain(load(text)) == expected


def test_places_of_keys_and_values() -> None:
    text = "a:\n\n# c\nb: &x # c\n  c: 1\nd: !reset []\ne:\n- p\n-\n- q # r\nf: |\n  g\n\nh: *x\n"
    mapping = root(text)
    spans = {entry.key.text: (entry.value.span.text, entry.span.text) for entry in mapping}
    assert spans["a"] == ("", "a:")
    assert spans["b"] == ("c: 1", "b: &x # c\n  c: 1")
    assert spans["d"] == ("[]", "d: !reset []")
    assert spans["e"] == ("- p\n-\n- q", "e:\n- p\n-\n- q")
    assert spans["f"] == ("|\n  g", "f: |\n  g")
    assert spans["h"] == ("c: 1", "h: *x")
    alias = mapping.get("h")
    assert alias is not None
    assert alias.use is not None
    assert alias.use.text == alias.place.text == "*x"
    items = mapping.get("e")
    assert isinstance(items, Sequence)
    assert [(item.span.line, item.span.column) for item in items] == [(8, 3), (9, 2), (10, 3)]
    tagged = mapping.get("d")
    assert tagged is not None
    assert tagged.tag == "!reset"


def test_columns_count_characters() -> None:
    value = root("a: '\U0001f600'\nb: [\U0001f600, x]\n").get("b")
    assert isinstance(value, Sequence)
    assert (value.items[1].span.line, value.items[1].span.column) == (2, 8)


def test_merge_keys_are_applied_and_own_keys_win() -> None:
    mapping = root("x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz:\n  <<: [*x, *y]\n  a: 0\n").get("z")
    assert plain(mapping) == {"a": 0, "b": 2, "c": 4}
    assert isinstance(mapping, Mapping)
    assert {entry.key.text: entry.merged for entry in mapping} == {"a": False, "b": True, "c": True}
    merged = mapping.entry("c")
    assert merged is not None
    assert merged.span.text == "c: 4"
    assert mapping.entry("<<") is None


def test_a_merge_key_may_have_its_tag() -> None:
    mapping = root("x: &x {a: 1}\nz:\n  !!merge <<: *x\n  b: 2\n").get("z")
    assert plain(mapping) == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("text", "at", "covers", "says", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", (3, 1), "a", "line 1, column 1", "each key once in a mapping"),
        ("a: *b\n", (1, 4), "*b", "`*b` has no anchor", "`&b` further up in this document"),
        ("a: &a [*a]\n", (1, 8), "*a", "contains itself", "another value"),
        ("a:\n\tb: 1\n", (2, 1), "\t", "a tab cannot indent YAML", "spaces"),
        ("a: 'x\nb: c\n", (1, 4), "'", "this quote is never closed", "a closing `'`"),
        ("a: [1,\nb: 2\n", (1, 4), "[", "this `[` is never closed", "a closing `]`"),
        ("a: {b: c d: e}\n", (1, 11), ":", "goes on without `,` or `}`", "`,` or `}`"),
        ("a: b: c\n", (1, 5), ":", "`:` does not fit here", "quotes round a text with `: `, or the right indentation"),
        ("a:\n  b: 1\n c: 2\n", (3, 2), "c:", "indentation", "the indentation of its neighbours"),
        ("a: 1\nbcd e\n", (2, 1), "bcd e", "a key without `:`", "`key: value`"),
        ("a: @b\n", (1, 4), "@b", "`@` cannot begin a value", "quotes round the value"),
        ('a: "\\d"\n', (1, 5), "\\d", "no escape", "`\\\\`, or single quotes"),
        ('a: "\\x4"\n', (1, 7), '4"', "too few hexadecimal digits", "`\\xHH`, `\\uHHHH` or `\\UHHHHHHHH`"),
        ('a: "\\ud800"\n', (1, 4), '"\\ud800"', "surrogate", "`\\U` with the whole character"),
        ("a: - b\n", (1, 4), "-", "not allowed here", "a list item on its own line"),
        ("a: !x!y z\n", (1, 4), "!x!y", "is not known", "`!reset` or `!override`"),
        ("<<: 5\n", (1, 5), "5", "merges mappings only", "a mapping, an alias of one, or a list of them"),
        ("5: a\n", (1, 1), "5", "is not a string", 'quotes: `"5":`'),
        ("? [a]\n: b\n", (1, 3), "[a]", "a key must be a string", "`key: value`"),
        ("a: \x01\n", (1, 4), "\x01", "U+0001", 'printable text; in double quotes it can be written as "\\x01"'),
    ],
)
def test_a_bad_input_is_one_problem_at_its_place(
    text: str, at: tuple[int, int], covers: str, says: str, expected: str
) -> None:
    problem = only_problem(text)
    assert (problem.span.line, problem.span.column) == at
    assert problem.span.text == covers
    assert says in problem.message
    assert problem.expected == expected


def test_invalid_utf_8_is_a_problem_and_the_rest_is_read() -> None:
    source = Source("compose.yaml", b"# caf\xe9\na: b\xff\n")
    read = read_yaml(source)
    (problem,) = read.problems
    assert problem.message == "byte 0xe9 in line 1, column 6 is not UTF-8"
    assert problem.expected == "a file encoded as UTF-8"
    assert plain(read.documents[0]) == {"a": "b\ufffd"}


def test_documents() -> None:
    read = read_yaml(Source.of("---\na: 1\n---\nb: 2\n...\n", "compose.yaml"))
    assert [plain(document) for document in read.documents] == [{"a": 1}, {"b": 2}]
    assert read_yaml(Source.of("# nothing\n", "compose.yaml")).documents == ()
    assert "documents" in only_problem("---\na: 1\n" * 200).message


def test_anchors_end_with_their_document() -> None:
    assert "no anchor" in only_problem("a: &x 1\n---\nb: *x\n").message


@pytest.mark.parametrize("text", ["a: " + "[" * 5000, "".join(" " * i + "a:\n" for i in range(200)), "- " * 5000])
def test_deep_nesting_is_a_problem(text: str) -> None:
    assert only_problem(text).message == "nested deeper than 100 levels, which dlf does not read"


def test_a_bomb_of_aliases_shares_its_content() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30)]
    mapping = root("\n".join(lines))
    top = mapping.get("a29")
    assert isinstance(top, Sequence)
    assert len({id(item.items) for item in top if isinstance(item, Sequence)}) == 1


def test_a_bomb_of_merge_keys_has_the_keys_once() -> None:
    lines = ["a0: &a0 {k: 1}"] + [f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 9)}]}}" for i in range(1, 30)]
    assert plain(root("\n".join(lines)).get("a29")) == {"k": 1}


def test_merge_keys_without_end_are_refused() -> None:
    keys = ", ".join(f"k{i}: 1" for i in range(1000))
    text = f"a: &a {{{keys}}}\nb:\n" + "".join(f"  x{i}: {{<<: *a}}\n" for i in range(200))
    assert only_problem(text).message == "merge keys bring more than 100000 entries"


def test_a_chain_of_merges_over_one_key_is_no_bomb() -> None:
    lines = ["a0: &a0 {k: 1}"] + [f"a{i}: &a{i} {{<<: *a{i - 1}, k{i}: 1}}" for i in range(1, 100)]
    last = root("\n".join(lines)).get("a99")
    assert isinstance(last, Mapping)
    assert len(last.entries) == 100


# Places within a scalar


@pytest.mark.parametrize(
    ("text", "word", "covers"),
    [
        ("a: one two\n", "two", "two"),
        ("a: 'it''s two'\n", "two", "two"),
        ("a: 'it''s two'\n", "it's", "it''s"),
        ('a: "x\\ty two"\n', "two", "two"),
        ('a: "x\\ty two"\n', "\t", "\\t"),
        ('a: "one \\\n   two"\n', "two", "two"),
        ("a: one\n  two three\n", "three", "three"),
        ("a: >\n  one\n  two\n\n  three\n", "three", "three"),
        ("a: |\n  one\n    two\n", "two", "two"),
        ("a: |-\r\n  one\r\n  two\r\n", "two", "two"),
        ("a: &x !!str 'one two'\n", "two", "two"),
        ('a: "\\u00e9 two"\n', "é", "\\u00e9"),
    ],
)
def test_locate_finds_a_word_of_a_scalar(text: str, word: str, covers: str) -> None:
    scalar = root(text).get("a")
    assert isinstance(scalar, Scalar)
    start = scalar.text.index(word)
    assert scalar.locate(start, start + len(word)).text == covers


# Properties

TOKENS = """
a b: c - : , [ ] { } & * &a *a << <<: ! !reset !!str | > |- ' " # ? % @ ` --- ... \\ {{ {% $ ${ } $$ services: image: 5
""".split()
BLANKS = [" ", "\n", "\n  ", "\n    ", "\n- ", ": ", "\t", "\r\n", "\u2028", "\x85"]
STRANGE = ["é", "\U0001f600", "\x00", "\ud800"]
YAML_TOKENS = st.sampled_from([*TOKENS, *BLANKS, *BLANKS, *STRANGE])
SOUP = st.lists(YAML_TOKENS, max_size=40).map("".join)


def assert_sound(source: Source) -> None:
    read = read_yaml(source)
    length = len(source.text)
    for problem in read.problems:
        assert 0 <= problem.span.start <= problem.span.end <= length
        assert problem.message
    for document in read.documents:
        for node in nodes(document):
            assert 0 <= node.span.start <= node.span.end <= length
            if isinstance(node, Scalar):
                located = node.locate(0, len(node.text))
                assert node.span.start <= located.start <= located.end <= node.span.end
            if isinstance(node, Mapping):
                for entry in node:
                    assert entry.span.start <= entry.span.end


@settings(deadline=None, max_examples=400)
@given(st.binary(max_size=120))
def test_any_bytes_are_read(data: bytes) -> None:
    assert_sound(Source("compose.yaml", data))


@settings(deadline=None, max_examples=1500)
@given(SOUP)
@example('"\\')
def test_any_soup_of_tokens_is_read(text: str) -> None:
    assert_sound(Source("compose.yaml", text.encode("utf-8", "surrogatepass")))


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co"), include_characters="\n\t"), max_size=20
).filter(lambda text: re.match("[-+]?0[XBO]", text) is None)  # go-yaml, which Compose has, reads 0X1F as a number
LEAF = st.one_of(
    TEXT, st.integers(-(2**40), 2**40), st.booleans(), st.none(), st.floats(allow_nan=False, allow_infinity=False)
)
DATA = st.recursive(
    LEAF, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXT, inner, max_size=4)), max_leaves=15
)


@settings(deadline=None, max_examples=300)
@given(st.dictionaries(TEXT, DATA, max_size=5))
def test_what_a_dumper_writes_is_read_back(data: dict[str, object]) -> None:
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    out = StringIO()
    yaml.dump(data, out)
    document = load(out.getvalue())
    assert plain(document) == data
    for node in nodes(document):
        if isinstance(node, Scalar) and node.span.start < node.span.end:
            again = read_yaml(Source.of(" " + node.span.text + "\n", "compose.yaml"))
            if node.plain or node.span.text[0] in "'\"":
                assert plain(again.documents[0]) == node.value


def test_the_work_is_in_proportion_to_the_text() -> None:
    """Counted in calls, not timed."""
    counts = []
    for number in (200, 800):
        calls = 0

        def count(_frame: object, event: str, _arg: object) -> None:
            nonlocal calls
            calls += event == "call"

        text = "".join(f"k{i}: {{a: [1, 'b'], c: d}}\n" for i in range(number))
        sys.setprofile(count)
        try:
            load(text)
        finally:
            sys.setprofile(None)
        counts.append(calls / number)
    assert counts[1] < counts[0] * 1.1
