"""The documents say what the code does."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dockerlint_fastapi import __version__
from dockerlint_fastapi.rule import load_rules

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
