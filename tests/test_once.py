"""One habit, one finding: what a rule says in the same words of several places."""

from __future__ import annotations

from pathlib import Path

from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.rule import Rule
from dockerlint_fastapi.tree import MemoryTree

PAGE = """---
severity: warning
category: users
help: do something else
since: 1.0.0
guide:
sources:
---

# A work directory

It is there.
"""
FUNCTION = """
from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Workdir


def check(workdir: Workdir) -> Iterator[Finding]:
    message = f"`{{workdir.path.text}}` is a directory"
    severity = "info" if workdir.path.text == "/c" else None
    yield Finding.at(workdir.path, message, severity=severity, once={once!r}).fixed_by(
        "go to `/`", Edit(workdir.path.span, "/")
    )
"""


def said(folder: Path, once: str | None, files: dict[str, str]) -> list[tuple[str, str, list[str], int]]:
    """Severity, message, notes and the number of edits of each diagnostic."""
    (folder / "work_directory.md").write_text(PAGE, encoding="utf-8")
    (folder / "work_directory.py").write_text(FUNCTION.format(once=once), encoding="utf-8")
    rule = Rule(str(folder), "work_directory")
    report = lint(
        MemoryTree({path: text.encode() for path, text in files.items()}), Settings((rule,), frozenset((rule.name,)))
    )
    assert not report.failures or once == "house"
    return [
        (
            one.severity,
            one.finding.message,
            [f"{note.span.source.path}: {note.message}" for note in one.finding.notes],
            len(one.finding.fix.edits) if one.finding.fix is not None else 0,
        )
        for one in report.diagnostics
    ]


FILES = {
    "Dockerfile": "FROM python:3.12-slim\nWORKDIR /a\nWORKDIR /a\nWORKDIR /b\nWORKDIR /c\n",
    "x/Dockerfile": "FROM python:3.12-slim\nWORKDIR /a\n",
}


def test_a_finding_is_told_at_each_place_unless_it_is_a_habit(tmp_path: Path) -> None:
    assert len(said(tmp_path, None, FILES)) == 5


def test_a_habit_of_a_file_is_told_at_its_first_place_with_the_fixes_of_all(tmp_path: Path) -> None:
    assert said(tmp_path, "file", FILES) == [
        ("warning", "`/a` is a directory", ["Dockerfile: here too", "Dockerfile: `/b`, too"], 3),
        ("info", "`/c` is a directory", [], 1),
        ("warning", "`/a` is a directory", [], 1),
    ]


def test_a_habit_of_the_project_is_told_once_for_each_severity(tmp_path: Path) -> None:
    assert said(tmp_path, "project", FILES) == [
        (
            "warning",
            "`/a` is a directory",
            ["Dockerfile: here too", "Dockerfile: `/b`, too", "x/Dockerfile: here too"],
            4,
        ),
        ("info", "`/c` is a directory", [], 1),
    ]


def test_a_place_that_is_ignored_is_not_noted(tmp_path: Path) -> None:
    text = FILES["Dockerfile"].replace("/b", "/b  # dlf: ignore[work-directory]")
    text = text.replace("WORKDIR /b  # dlf: ignore[work-directory]", "# dlf: ignore[work-directory]\nWORKDIR /b")
    ((_, _, notes, edits), *_) = said(tmp_path, "file", {"Dockerfile": text})
    assert (notes, edits) == (["Dockerfile: here too"], 2)


def test_copies_in_one_folder_are_told_at_the_first_of_them(tmp_path: Path) -> None:
    text = "FROM python:3.12-slim\nWORKDIR /a\nWORKDIR /c\n"
    files = {"Dockerfile": text, "Dockerfile.api": text, "x/Dockerfile": text}
    assert said(tmp_path, None, files) == [
        ("warning", "`/a` is a directory", ["Dockerfile.api: here too"], 2),
        ("info", "`/c` is a directory", ["Dockerfile.api: here too"], 2),
        ("warning", "`/a` is a directory", [], 1),
        ("info", "`/c` is a directory", [], 1),
    ]


def test_a_value_of_several_files_is_told_in_the_first_of_them(tmp_path: Path) -> None:
    files = {
        "x/Dockerfile": "FROM python:3.12-slim\nWORKDIR /a\nWORKDIR /b\nWORKDIR /a\n",
        "y/Dockerfile": "FROM python:3.12-slim\nWORKDIR /a\nWORKDIR /d\n",
        "z/Dockerfile": "FROM python:3.12-slim\nWORKDIR /d\n",
    }
    assert said(tmp_path, "value", files) == [
        (
            "warning",
            "`/a` is a directory",
            ["y/Dockerfile: here too", "x/Dockerfile: `/b`, too", "x/Dockerfile: here too"],
            4,
        ),
        ("warning", "`/d` is a directory", ["z/Dockerfile: here too"], 2),
    ]


def test_once_is_a_file_or_the_project(tmp_path: Path) -> None:
    assert said(tmp_path, "house", FILES) == []
