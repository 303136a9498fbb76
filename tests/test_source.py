from hypothesis import given
from hypothesis import strategies as st

from dockerlint_fastapi.source import BOM, Source, encode


@given(st.binary())
def test_nothing_is_lost(data: bytes) -> None:
    source = Source("f", data)
    assert (BOM if source.bom else b"") + encode(source.text) == data


@given(st.text(alphabet="ab\r\n\t é"), st.data())
def test_positions_count_lines_as_an_editor_does(text: str, data: st.DataObject) -> None:
    source = Source.of(text)
    offset = data.draw(st.integers(0, len(text)))
    line, column = source.position(offset)
    before = text[:offset]
    assert line == before.count("\n") + 1
    assert column == len(before) - (before.rfind("\n") + 1) + 1


@given(st.text(alphabet="ab\r\n"))
def test_lines_are_the_text_without_endings(text: str) -> None:
    source = Source.of(text)
    expected = [row.removesuffix("\r") for row in text.split("\n")]
    # a last line that no line feed ends keeps what a lone carriage return is: an ending
    assert [source.line(number) for number in range(1, len(expected) + 1)] == expected
    assert source.line(0) == source.line(len(expected) + 1) == ""


def test_a_span_knows_both_ends() -> None:
    span = Source.of("FROM a\nRUN x \\\n  y\n").span(7, 16)
    assert (span.text, span.line, span.column, span.end_line, span.end_column) == ("RUN x \\\n ", 2, 1, 3, 2)


def test_a_byte_order_mark_is_no_column() -> None:
    source = Source("Dockerfile", BOM + b"FROM a")
    assert (source.text, source.position(0)) == ("FROM a", (1, 1))


def test_the_first_undecodable_byte_is_found_where_it_stands() -> None:
    span = Source("Dockerfile", "é ".encode() + b"\xff\xfe").undecodable()
    assert span is not None
    assert (span.start, span.end, encode(span.text)) == (2, 3, b"\xff")
    assert Source("Dockerfile", "é".encode()).undecodable() is None


@given(st.binary(max_size=40), st.booleans())
def test_what_is_let_go_can_be_found_out_again(data: bytes, marked: bool) -> None:  # noqa: FBT001
    data = BOM + data if marked else data
    source = Source("Dockerfile", data)
    starts = list(source.starts)
    source.parsed["python"] = object()
    source.let_go()
    assert not source.parsed
    assert source.data == data
    assert source.starts == starts
