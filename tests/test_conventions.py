"""What every rule keeps to: names, pages, messages, examples on both sides, and small functions."""

import ast
import re
from pathlib import Path

import pytest

from dockerlint_fastapi.examples import Example, examples
from dockerlint_fastapi.rule import BUILT_IN, CATEGORIES, Rule, load_rules

ROOT = Path(__file__).parents[1]
RULES = load_rules()
IDS = [rule.name for rule in RULES]
PLACE = r"\S+:\d+:\d+: "
MESSAGE = re.compile(rf"^(?:{PLACE}(?:error|warning|info)\[[\w-]+\]: |{PLACE}notice: |  {PLACE})(?P<text>.+)$")
MOVED = ("www.uvicorn.org", "github.com/encode/", "docs.gunicorn.org", "docs.docker.com/engine/reference/builder")
HEADINGS = ("Bad", "Good", "Fixed", "When not to", "Fix", "Options", "Stricter than the guide", "The guide", "Sources")


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_the_name_is_the_fault_in_two_to_five_words(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+){1,4}", rule.name)
    assert not rule.name.startswith(("no-", "require-", "prefer-", "disallow-"))


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_the_page_is_whole(rule: Rule) -> None:
    assert rule.category in CATEGORIES
    assert all(re.fullmatch(r"G\d{1,2}", practice) for practice in rule.guide)
    assert rule.sources or rule.category == "dlf"
    assert all(source.startswith("https://") for source in rule.sources)
    assert not any(moved in rule.markdown + " ".join(rule.sources) for moved in MOVED)
    assert len(rule.summary) > 40
    assert rule.help
    assert not rule.help.endswith(".")
    assert re.fullmatch(r"\d+\.\d+\.\d+", rule.since)
    headings = re.findall(r"^## (.+)$", rule.markdown, re.MULTILINE)
    assert all(heading.startswith(HEADINGS) for heading in headings), headings
    assert "When not to" in headings


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_the_page_shows_both_sides(rule: Rule) -> None:
    found = [example for example in PAGE_EXAMPLES if example.rule is not None and example.rule.name == rule.name]
    assert any(example.expected and example.heading.startswith("Bad") for example in found)
    assert any(not example.expected and example.heading.startswith("Good") for example in found)
    shown = [example for example in found if not example.fixed]
    assert all(bool(example.expected) == example.heading.startswith("Bad") for example in shown)


PAGE_EXAMPLES: list[Example] = list(examples(BUILT_IN, RULES))
CASE_EXAMPLES: list[Example] = list(examples(str(ROOT / "fixtures" / "cases"), RULES))


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_messages_read_as_one_sentence_part(rule: Rule) -> None:
    shown = [one for one in PAGE_EXAMPLES + CASE_EXAMPLES if one.rule is rule and not one.fixed]
    for line in (line for example in shown for line in example.expected.splitlines()):
        match = MESSAGE.match(line)
        assert match, line
        text = match["text"]
        assert not text.endswith("."), line
        assert text[0] in "`'\"(${" or text[0].islower() or text.split()[0].isupper(), line
        assert len(text) < 200, line


def test_every_example_is_one_of_a_rule() -> None:
    assert {id(one.rule) for one in PAGE_EXAMPLES + CASE_EXAMPLES} == {id(rule) for rule in RULES}


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_the_function_is_short(rule: Rule) -> None:
    path = Path(BUILT_IN) / (rule.name.replace("-", "_") + ".py")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 30, f"{path.name}: `{node.name}`: the model is missing a word"


def test_the_page_of_forms_names_every_folder() -> None:
    folder = ROOT / "fixtures" / "forms"
    patterns = re.findall(r"`((?:trap-)?\d\d)-\*`", (folder / "README.md").read_text(encoding="utf-8"))
    there = {re.match(r"(?:trap-)?\d\d", path.name)[0] for path in folder.iterdir() if path.is_dir()}  # type: ignore[index]
    assert there == set(patterns)
    assert {f"{number:02}" for number in range(1, 28)} <= there
