"""The documents say what the code does."""

import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from dockerlint_fastapi import __version__
from dockerlint_fastapi.config.file import load
from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.examples import examples
from dockerlint_fastapi.rule import BUILT_IN, CATEGORIES, load_rules
from dockerlint_fastapi.tree import MemoryTree

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_generated_documents_are_current() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_first_screen_of_the_readme_holds_its_two_commands_and_real_output() -> None:
    main = re.search(r"<!-- main -->\n```console\n(python3 .+)\n```", README)
    tests = re.search(r"<!-- tests -->\n```console\n(python3 .+)\n```", README)
    assert main
    assert tests
    assert "fixtures/projects/bad-practice" in main[1]
    assert "pytest" in tests[1]
    assert README[: tests.end()].count("\n") < 60  # one screen


def test_the_output_on_the_readme_is_what_is_printed() -> None:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    shown = re.search(r"<!-- output -->\n```text\n(.*?)```", README, re.DOTALL)
    assert shown
    assert shown[1] == module.readme_output()


def test_every_rule_named_in_a_document_exists() -> None:
    names = {rule.name for rule in load_rules()}
    known_words = {"python-multipart"}
    for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        text = path.read_text(encoding="utf-8")
        for name in re.findall(r"\[([a-z]+(?:-[a-z]+){1,3})\]\(\.\./rules", text):
            assert name in names | known_words, f"{path.name}: {name}"


@pytest.mark.parametrize("path", sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]), ids=lambda p: p.name)
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    text = re.sub(r"````.*?````|```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (path.parent / target).exists(), target


def test_the_changelog_names_the_version() -> None:
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_configuration_that_is_shown_is_one_that_dlf_takes(tmp_path: Path) -> None:
    names = {rule.name: rule for rule in load_rules()}
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    blocks = [*re.findall(r"```toml\n(.*?)```", page, re.DOTALL), *re.findall(r"```toml\n(.*?)```", README, re.DOTALL)]
    assert len(blocks) == 2
    for block in blocks:
        file = tmp_path / ("pyproject.toml" if block.startswith("[tool.dlf]") else "dlf.toml")
        file.write_text(block, encoding="utf-8")
        configuration = load(str(file), names, CATEGORIES)
        assert configuration
        assert configuration.ignore
        for name, table in configuration.options.items():
            assert names[name].configured(table) is not None


def test_the_ignores_that_are_shown_each_suppress_something() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    shown = page[page.index("## Ignoring a finding") :]
    dockerfile = re.search(r"```dockerfile\n(.*?)```", shown, re.DOTALL)
    compose = re.search(r"```yaml\n(.*?)```", shown, re.DOTALL)
    assert dockerfile
    assert compose
    text = f"FROM python:3.12-slim\n{dockerfile[1]}"
    tree = MemoryTree({"Dockerfile": text.encode(), "compose.yaml": compose[1].encode()})
    rules = load_rules()
    report = lint(tree, Settings(rules, frozenset(rule.name for rule in rules)))
    assert not [one for one in report.diagnostics if one.rule.name == "unused-ignore"]
    assert len(report.suppressed) == 4


def test_every_practice_of_the_guide_is_checked_or_says_why_not() -> None:
    practices = tomllib.loads((ROOT / "docs" / "guide.toml").read_text(encoding="utf-8"))["practice"]
    assert [practice["id"] for practice in practices] == [f"G{number}" for number in range(1, 49)]
    shown: dict[str, set[bool]] = {}
    for example in examples(BUILT_IN):
        for practice in example.rule.guide if example.rule is not None else ():
            shown.setdefault(practice, set()).add(bool(example.expected))
    assert shown.keys() <= {practice["id"] for practice in practices}
    for practice in practices:
        sides = shown.get(practice["id"], set())
        assert sides == {True, False} or (not sides and practice["reason"]), f"{practice['id']} lacks an example"
