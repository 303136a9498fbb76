"""docs/writing-rules.md and docs/quick-start.md, followed to the letter: the output is compared."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(("name", "commands"), [("writing-rules.md", 10), ("quick-start.md", 7)])
def test_the_page_can_be_followed(monkeypatch: pytest.MonkeyPatch, name: str, commands: int) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    from follow import followed  # noqa: PLC0415

    page = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert page.count("\n$ dlf ") == commands
    assert followed(page) == page, "run `python docs/generate.py`, and read the difference"


def test_a_page_that_cannot_be_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    from follow import followed  # noqa: PLC0415

    assert followed("```console\n$ dlf --version\nold\n$ other\nx\n```\n").startswith(
        "```console\n$ dlf --version\ndlf "
    )
    assert followed("```console\n$ dlf --version\n...\n```\n").endswith("--version\n...\n```\n")
    with pytest.raises(SystemExit, match="no such file"):
        followed("```console\n$ dlf check missing\n```\n")


def test_the_section_that_is_blessed_is_shown_as_it_is_printed() -> None:
    page = (ROOT / "docs" / "writing-rules.md").read_text(encoding="utf-8")
    (blessed,) = re.findall(r"````markdown\n```console\n(.*)\n```\n````", page)
    assert f"  +{blessed}\n" in page


def test_the_pyproject_that_is_shown_is_that_of_the_example() -> None:
    page = (ROOT / "docs" / "writing-rules.md").read_text(encoding="utf-8")
    example = (ROOT / "fixtures" / "plugin-example" / "pyproject.toml").read_text(encoding="utf-8")
    shown = re.search(r"```toml\n(\[project\]\n.*?)```", page, re.DOTALL)
    assert shown
    assert [line for line in shown[1].splitlines() if line not in example.splitlines()] == []
