"""Every example on every page, every edge case and every whole project prints what it says."""

import difflib
import re
from pathlib import Path

import pytest

from dockerlint_fastapi.examples import Example, examples, run
from dockerlint_fastapi.finding import SEVERITIES
from dockerlint_fastapi.rule import BUILT_IN, Rule, load_rules

ROOT = Path(__file__).parents[1]
RULES = load_rules()
FOLDERS = (BUILT_IN, *(str(ROOT / "fixtures" / name) for name in ("cases", "forms", "projects")))
EXAMPLES: list[Example] = [example for folder in FOLDERS for example in examples(folder, RULES)]


PAGES: dict[str, list[Example]] = {}
for one in EXAMPLES:
    PAGES.setdefault(one.path, []).append(one)


# A page at a time: of three thousand tests as short as these, pytest and its workers take longer than what they test.
@pytest.mark.parametrize("page", PAGES, ids=lambda path: f"{Path(path).parent.name}: {Path(path).stem}")
def test_prints_what_it_says(page: str) -> None:
    wrong = []
    for example in PAGES[page]:
        printed = example.printed
        if printed != example.expected:
            difference = difflib.unified_diff(
                example.expected.splitlines(), printed.splitlines(), "expected", "printed", lineterm=""
            )
            wrong.append("\n".join((f"{example.place}: {example.heading}", *difference)))
    assert not wrong, "\n" + "\n\n".join(wrong)


def test_every_page_has_its_function_and_the_reverse() -> None:
    pages = sorted(path.stem for path in Path(BUILT_IN).glob("*.md"))
    functions = sorted(path.stem for path in Path(BUILT_IN).glob("*.py"))
    assert pages == functions
    assert pages


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_severity_of_a_page_is_the_highest_that_the_rule_gives_on_it(rule: Rule) -> None:
    """docs/rules.md, `dlf rules` and SARIF's rules say it of the rule."""
    given = {
        severity
        for example in EXAMPLES
        if example.rule is rule and Path(example.path).parent == Path(BUILT_IN)
        for severity in re.findall(rf"^\S.*?: (\w+)\[{rule.name}\]: ", example.expected, re.MULTILINE)
    }
    assert max(given, key=SEVERITIES.index) == rule.severity


def test_every_page_of_cases_belongs_to_a_rule() -> None:
    names = {rule.name.replace("-", "_") for rule in RULES}
    assert {path.stem for path in (ROOT / "fixtures" / "cases").glob("*.md")} <= names


def test_a_wrong_expectation_fails_and_bless_mends_it(tmp_path: Path) -> None:
    stem = "shell_form_cmd"
    for suffix in (".py", ".md"):
        text = (Path(BUILT_IN) / (stem + suffix)).read_text(encoding="utf-8")
        text = text.replace("shell-form-cmd", "house-rule").replace("\ncode: DLF", "\ncode: HOUSE")
        (tmp_path / ("house_rule" + suffix)).write_text(text, encoding="utf-8")
    page = tmp_path / "house_rule.md"
    good = page.read_text(encoding="utf-8")
    assert run(str(tmp_path)).failed == 0
    page.write_text(good.replace("house-rule]:", "house-rule]: WRONG"), encoding="utf-8")
    outcome = run(str(tmp_path))
    assert outcome.failed > 0
    assert "WRONG" in outcome.text
    run(str(tmp_path), bless=True)
    assert page.read_text(encoding="utf-8") == good
