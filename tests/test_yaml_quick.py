"""What is read of YAML by the shorter way is what the longer one reads: the same nodes at the same places."""

# ruff: noqa: E501 - samples stand as they are written

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from dockerlint_fastapi.model.compose import Mapping, Node, Scalar, Sequence
from dockerlint_fastapi.parsers.compose.yaml_nodes import read_yaml
from dockerlint_fastapi.parsers.compose.yaml_quick import read_quickly
from dockerlint_fastapi.source import Source

ROOT = Path(__file__).parent.parent
LINES = (
    "services:", "web:", "image: python:3.12", "build: .", "ports:", '- "8000:8000"  # port', "- 80:80", "command: a b", "a: 'b'",
    'x: "y"', "x-base: &base", "<<: *base", "<<: [*base, *c]", "c: &c d", "e: *c", "- *c", "- &c e", "- name: x", "  other: y",
    'test: ["CMD", curl, -f, \'x\', *c]', "list: []", "map: {}", "map: {a: b}", "empty:", "empty: ", "null: ~", "on: yes", "n: 0x1F", "1: a",
    "# comment", "", "   ", "a: |", "a: |-", "a: >", "text line", "key: value # c", "key: value#c", "url: http://x:80/y", "a: b: c",
    "a:b", "- - x", "-", "- ", "---", "...", "a: -f", "a: - b", "a: 'it''s'", 'a: "\\n"', "a: &x", "a: &x &y b", "a: !reset b", "é: ü",
    "a: *c # d", "a: [a b, c]", "a: [a, ]", "a: [ a ]", "a: [a: b]", "a: [-, a]", "a: {}#", "a: []x", '"q": x', "a b: c", "t: true", "<<: x",
    "a: b\tc", "a: .5", "a: @x", "a: ? b", "? a", "a: $x", "a: ${X:-y}", "a: 1_0", "a : b", "a: | # c", "a: |+", "a: |2", "a: b:", "a:  b ",
    "a: *c*c", "a: &", "- a:", "- a: b # c", "a: [", "]", "a: [*c ]", 'a: ["x"y]', 'a: "x" y', "a: %x", "a: (x)", "a: =", "=: a", "a: x #",
    "a: \\x", "a: ^x", "a: ;", "a: x'y\"z", "a: [x'y]", "a: [a#b]", "a: [http://x]", "~: a", "/: a", ".: a", "a: [~, null, 1]", "a: --x", "a: -",
)  # fmt: skip


def plain(node: Node) -> Any:
    """A node in plain values."""
    use = node.use and (node.use.start, node.use.end)
    about = (type(node).__name__, node.span.start, node.span.end, node.tag, node.anchor, use)
    if isinstance(node, Scalar):
        return (*about, node.text, type(node.value), repr(node.value), node.plain)
    if isinstance(node, Mapping):
        return (
            *about,
            node.cleared,
            [(plain(e.key), plain(e.value), e.merged, e.span.start, e.span.end) for e in node],
        )
    assert isinstance(node, Sequence)
    return (*about, [plain(item) for item in node])


def same(text: str) -> bool:
    """Whether the shorter way takes a text; fails when it then reads another thing."""
    source = Source.of(text, "compose.yaml")
    quick = read_quickly(source)
    if quick is None:
        return False
    slow = read_yaml(source)
    assert not slow.problems, text
    assert not slow.broken, text
    assert [plain(one) for one in quick.documents] == [plain(one) for one in slow.documents], text
    return True


def test_the_compose_files_of_the_fixtures_read_alike() -> None:
    found = [path for path in sorted((ROOT / "fixtures").rglob("*.y*ml")) if path.is_file()]
    taken = [same(path.read_bytes().decode("utf-8", "replace")) for path in found]
    assert len(taken) > 50
    assert sum(taken) > len(taken) * 0.7


@pytest.mark.parametrize("seed", range(5))
def test_lines_at_any_indentation_read_alike(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a test's data
    taken = 0
    for _ in range(1500):
        level, rows = 0, []
        for _ in range(chance.randint(1, 14)):
            row = chance.choice(LINES)
            rows.append(" " * level + row)
            level = max(
                0, chance.choice((level, level, level + 2 * row.endswith((":", "|", "|-")), level - 2, level + 1))
            )
            if row.startswith("- ") and chance.random() < 0.5:
                level += 2
        taken += same("\n".join(rows) + chance.choice(("\n", "", "\n\n", "  \n", "\n# end")))
    assert taken > 40


@pytest.mark.parametrize("seed", range(3))
def test_damaged_compose_files_read_alike(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a test's data
    texts = [path.read_text() for path in sorted((ROOT / "fixtures").rglob("compose*.yaml")) if path.is_file()]
    texts = [text for text in texts if len(text) < 1500]
    for _ in range(250):
        text = chance.choice(texts)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(text) + 1)
            put = chance.choice(
                (" ", "\n", ":", "- ", "#", " #", "'", '"', "&a ", "*a", "[", "]", ",", "|", "\t", "", "", "x", "~")
            )
            text = text[:at] + put + text[at + chance.randint(0, 2) :]
        same(text)


@pytest.mark.parametrize(
    "text",
    ["", "\n", "a", "- a\n", " a: b\n", "a: b\n---\nc: d\n", "a: b\n...\n", "a:\tb\n", "a: b\r\n", "a: b\n  c\n", "a: 1\na: 2\n", "a: *x\n",
     "a: &x b\nc: &x d\n", "a: b\x00\n", "a: |\n  b", "a:\n" + "".join(f"{' ' * at}a:\n" for at in range(1, 200))],
)  # fmt: skip
def test_what_is_unusual_is_left_to_the_longer_way(text: str) -> None:
    assert read_quickly(Source.of(text)) is None
