"""The harness of the examples itself: profiles of projects, further rules on a page, what is missing or wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerlint_fastapi.examples import MISSING, ExampleError, examples, run
from dockerlint_fastapi.rule import load_rules

RULES = load_rules()
COMPOSE = (
    "services:\n  db:\n    image: postgres:16-alpine\n    environment:\n      POSTGRES_PASSWORD: hunter2\n"
    "  web:\n    build: .\n"
)
PLACE = "compose.yaml:5:26: {}[inline-compose-secret]: "


def project(folder: Path, **expected: str) -> Path:
    inside = folder / "projects" / "shop"
    inside.mkdir(parents=True)
    (inside / "compose.yaml").write_text(COMPOSE, encoding="utf-8")
    for name, text in expected.items():
        (inside / (name.replace("_", ".") + ".txt")).write_text(text, encoding="utf-8")
    return inside


def test_a_project_is_run_once_for_each_profile(tmp_path: Path) -> None:
    inside = project(tmp_path, expected="", expected_guide="")
    plain, guide = examples(str(inside.parent), RULES)
    assert (plain.heading, guide.heading) == ("shop", "shop, profile guide")
    assert PLACE.format("warning") in plain.printed
    assert "missing-restart-policy" in plain.printed
    assert PLACE.format("info") in guide.printed
    assert "missing-restart-policy" not in guide.printed


def test_blessing_writes_each_file_and_what_is_blessed_passes(tmp_path: Path) -> None:
    inside = project(tmp_path, expected_guide="")
    outcome = run(str(inside.parent))
    assert (outcome.ran, outcome.failed) == (2, 2)
    assert MISSING.strip() in outcome.text
    run(str(inside.parent), bless=True)
    assert "warning" in (inside / "expected.txt").read_text(encoding="utf-8")
    assert "info" in (inside / "expected.guide.txt").read_text(encoding="utf-8")
    assert run(str(inside.parent)).failed == 0


def test_a_project_without_findings_needs_an_empty_file(tmp_path: Path) -> None:
    inside = project(tmp_path)
    (inside / "compose.yaml").unlink()
    assert run(str(inside.parent)).failed == 1
    run(str(inside.parent), bless=True)
    assert (inside / "expected.txt").read_text(encoding="utf-8") == ""
    assert run(str(inside.parent)).failed == 0


def page(folder: Path, settings: str) -> Path:
    cases = folder / "cases"
    cases.mkdir()
    text = f'# Cases\n\n## Bad: both\n\n```toml title="dlf.toml"\n{settings}\n```\n\n```yaml\n{COMPOSE}```\n'
    (cases / "inline_compose_secret.md").write_text(text, encoding="utf-8")
    return cases


def test_a_page_can_run_other_rules_beside_its_own(tmp_path: Path) -> None:
    (example,) = examples(str(page(tmp_path, 'select = ["missing-restart-policy"]')), RULES)
    assert [line.partition("[")[2].partition("]")[0] for line in example.printed.splitlines()] == [
        "missing-restart-policy",
        "inline-compose-secret",
    ]


def test_a_page_runs_its_own_rule_only(tmp_path: Path) -> None:
    (example,) = examples(str(page(tmp_path, 'profile = "guide"')), RULES)
    assert example.printed.startswith(PLACE.format("info"))


def test_a_page_cannot_select_what_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(ExampleError, match="no-such-rule"):
        list(examples(str(page(tmp_path, 'select = ["no-such-rule"]')), RULES))
