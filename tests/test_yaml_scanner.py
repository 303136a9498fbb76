"""The quick scanner and parser of YAML say what ruamel's own say of the same text, errors and places included."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from dockerlint_fastapi.parsers.compose.yaml_scanner import QuickParser, QuickReader, QuickScanner, TabScanner

ROOT = Path(__file__).parent.parent
SOUP = (
    "services", "web", ":", ": ", ":", "\n", "\n", "\n  ", "\n    ", "\n\n  ", "\n  \n", "- ", "-", "[", "]", "{", "}",
    ",", ", ", "&a ", "*a", "<<: *a", "!x ", "!!str ", "'", '"', "'q r'", '"q\\n"', "|\n", ">-\n", "# c", " # c\n", "#",
    "\t", "\t\n", "---\n", "---", "\n--- ", "...\n", "? ", "?", "a b", "a\n  b", "a:b", "http://x:80/", "8080:80", "~",
    "1", "é", "\ufeff", "\r\n", "\r", "\u2028", "\x85", "%YAML 1.1\n", "%", "@", "`", "x: 1\n", "  y: z\n", "key:\n",
    " ", "  ", "k: 'v'\n", "- a\n", "- a: 1\n  b: 2\n", "a" * 1100,
)  # fmt: skip


def events(text: str, *, quick: bool) -> list[Any]:
    """What a parser says of a text, in plain values; the error with which it ends is the last."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Scanner = TabScanner
    if quick:
        yaml.Reader, yaml.Scanner, yaml.Parser = QuickReader, QuickScanner, QuickParser
    said: list[Any] = []
    try:
        for event in yaml.parse(text):
            marks = [(mark.index, mark.line, mark.column) for mark in (event.start_mark, event.end_mark)]
            known = ("anchor", "ctag", "implicit", "value", "style", "flow_style", "explicit", "version", "tags")
            said.append((type(event).__name__, marks, [str(getattr(event, name, None)) for name in known]))
    except MarkedYAMLError as error:
        marks = [mark and (mark.index, mark.line, mark.column) for mark in (error.problem_mark, error.context_mark)]
        said.append((type(error).__name__, error.problem, error.context, marks))
    except Exception as error:  # noqa: BLE001 - ruamel lets others out, and the same have to come
        said.append((type(error).__name__, str(error)))
    return said


def test_the_compose_files_of_the_fixtures_read_alike() -> None:
    found = [path for folder in ("fixtures", "rules") for path in sorted((ROOT / folder).rglob("*")) if path.is_file()]
    texts = [path.read_bytes().decode("utf-8", "replace") for path in found if path.suffix in (".yml", ".yaml", ".md")]
    assert len(texts) > 100
    for text in texts:
        if "\0" not in text:
            assert events(text, quick=True) == events(text, quick=False)


@pytest.mark.parametrize("seed", range(4))
def test_token_soup_reads_alike(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a test's data
    for _ in range(400):
        text = "".join(chance.choices(SOUP, k=chance.randint(1, 40)))
        assert events(text, quick=True) == events(text, quick=False), text


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet="ab:- \n#'\"[]{},&*!|>?\t\r\x85\u2028\ufeff%.", max_size=40))
def test_any_text_reads_alike(text: str) -> None:
    assert events(text, quick=True) == events(text, quick=False)
