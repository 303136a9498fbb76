"""How far apart two words are spelt: as the textbook counts, and bounded."""

from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.spelling import MOST_LETTERS, MOST_NAMES, alike_in_length, edits


def textbook(one: str, other: str) -> int:
    """The optimal string alignment distance, from the whole table."""
    table = {(-1, column): column + 1 for column in range(-1, len(other))}
    table |= {(row, -1): row + 1 for row in range(-1, len(one))}
    for row, left in enumerate(one):
        for column, right in enumerate(other):
            table[row, column] = min(
                table[row - 1, column] + 1, table[row, column - 1] + 1, table[row - 1, column - 1] + (left != right)
            )
            if row and column and left == other[column - 1] and one[row - 1] == right:
                table[row, column] = min(table[row, column], table[row - 2, column - 2] + 1)
    return table[len(one) - 1, len(other) - 1]


@settings(deadline=None, max_examples=400)
@given(st.text("abc", max_size=9), st.text("abc", max_size=9), st.integers(1, 5))
def test_edits_are_those_of_the_whole_table(one: str, other: str, limit: int) -> None:
    assert edits(one, other, limit) == min(textbook(one, other), limit)
    assert edits(other, one, limit) == edits(one, other, limit)


def test_generated_names_are_alike_only_when_equal() -> None:
    long = "n" * (MOST_LETTERS + 1)
    assert edits(long, long, 3) == 0
    assert edits(long, long[:-1] + "m", 3) == 3
    assert edits(long[:-1], long[:-2] + "m", 3) == 1


def test_among_very_many_names_none_is_meant() -> None:
    names = [f"N{number:03}" for number in range(MOST_NAMES + 1)]
    assert alike_in_length("N00", names, 3) == []
    assert alike_in_length("N00", names[1:], 3) == names[1:]
    assert alike_in_length("N00", [*names[1:], "MUCH_LONGER"], 3) == names[1:]
