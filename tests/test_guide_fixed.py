"""The guide's bad practice, mended: `dlf check --fix --unsafe-fixes` makes of it the guide's good project, as far as a
machine can know. `fixtures/fixed/` holds the result as it was read and found right.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dockerlint_fastapi import cli
from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.report import Report
from dockerlint_fastapi.rule import load_rules
from dockerlint_fastapi.tree import DiskTree

ROOT = Path(__file__).parents[1]
BEFORE = ROOT / "fixtures" / "projects" / "bad-practice"
AFTER = ROOT / "fixtures" / "fixed" / "bad-practice"
RULES = load_rules()
TODAY = "2026-11-22"
ARGUMENTS = ("check", "--isolated", "--today", TODAY, "--fix", "--unsafe-fixes")
# What is left, and why no machine can mend it: which version was meant, and what belongs into which stage.
LEFT = ["build-tools-in-final-image", "unpinned-base-image"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "project"
    shutil.copytree(BEFORE, place, ignore=shutil.ignore_patterns("expected*"))
    monkeypatch.chdir(place)
    return place


def files(folder: Path) -> dict[str, str]:
    paths = (one for one in folder.rglob("*") if one.is_file() and "__pycache__" not in one.parts)
    return {one.relative_to(folder).as_posix(): one.read_text(encoding="utf-8") for one in paths}


def report(folder: Path, profile: str = "default") -> Report:
    chosen = Settings(RULES, frozenset(rule.name for rule in RULES), today=TODAY)
    return lint(DiskTree(str(folder)), chosen._replace(profile=profile))


def names(found: Report) -> list[str]:
    return sorted(one.rule.name for one in found.diagnostics)


def test_the_bad_practice_becomes_the_good_one(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = files(project)
    cli.run([*ARGUMENTS])
    err = capsys.readouterr().err
    assert "not fixed" not in err
    found = files(project)
    expected = files(AFTER)
    changed = {path: text for path, text in found.items() if before.get(path) != text}
    assert changed == expected
    assert {path: text for path, text in found.items() if path not in expected} == {
        path: text for path, text in before.items() if path not in expected
    }


def test_a_second_time_changes_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.run([*ARGUMENTS])
    once = files(project)
    capsys.readouterr()
    cli.run([*ARGUMENTS])
    assert files(project) == once
    assert capsys.readouterr().err == ""


def test_what_is_left_is_what_no_machine_can_know(project: Path) -> None:
    assert set(LEFT) < set(names(report(project)))
    cli.run([*ARGUMENTS])
    assert names(report(project)) == LEFT
    assert names(report(project, "guide")) == LEFT
    text = (project / "Dockerfile").read_text(encoding="utf-8")
    assert "--interval=30s --timeout=5s" in text  # the guide's own times
    assert "pip install --no-cache-dir -r requirements.txt\nCOPY . ." in text


def test_safe_fixes_alone_are_a_part_of_it(project: Path) -> None:
    cli.run([one for one in ARGUMENTS if one != "--unsafe-fixes"])
    safe = set(names(report(project)))
    assert {"shell-form-cmd", "loopback-bind", "healthcheck-missing-tool"}.isdisjoint(safe)
    assert {"missing-restart-policy", "pip-cache-kept", "package-cache-left", "missing-dockerignore"}.isdisjoint(safe)
    assert {"secret-in-env", "code-copied-before-install", "apt-installs-recommends"} < safe  # these wait to be asked
