"""One habit, one finding: what a rule says in the same words of several places."""

from __future__ import annotations

from pathlib import Path

from dockerlint_fastapi.api import lint_files
from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.once import one_fault
from dockerlint_fastapi.rule import Rule
from dockerlint_fastapi.tree import MemoryTree

TODAY = "2026-01-02"
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
    message = {message}
    severity = "info" if workdir.path.text == "/c" else None
    yield Finding.at(workdir.path, message, severity=severity, once={once!r}).caused_by({cause}).fixed_by(
        "go to `/`", Edit(workdir.path.span, "/")
    )
"""


MESSAGE = 'f"`{workdir.path.text}` is a directory"'


def said(
    folder: Path,
    once: str | None,
    files: dict[str, str],
    paths: list[str] | None = None,
    *,
    message: str = MESSAGE,
    cause: str = "None",
) -> list[tuple[str, str, list[str], int]]:
    """Severity, message, notes and the number of edits of each diagnostic."""
    (folder / "work_directory.md").write_text(PAGE, encoding="utf-8")
    (folder / "work_directory.py").write_text(
        FUNCTION.format(once=once, message=message, cause=cause), encoding="utf-8"
    )
    rule = Rule(str(folder), "work_directory")
    linted = lint(
        MemoryTree({path: text.encode() for path, text in files.items()}),
        Settings((rule,), frozenset((rule.name,))),
        paths=paths,
    )
    report = one_fault(linted)
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


def test_copies_of_a_file_are_told_at_the_first_of_them(tmp_path: Path) -> None:
    text = "FROM python:3.12-slim\nWORKDIR /a\nWORKDIR /c\n"
    files = {"dist/Dockerfile": text, "src/Dockerfile": text, "src/Dockerfile.api": text, "x/Dockerfile": text + "\n"}
    places = ["src/Dockerfile: here too", "src/Dockerfile.api: here too"]
    assert said(tmp_path, None, files) == [
        ("warning", "`/a` is a directory", places, 3),
        ("info", "`/c` is a directory", places, 3),
        ("warning", "`/a` is a directory", [], 1),
        ("info", "`/c` is a directory", [], 1),
    ]


def test_habits_of_copies_are_told_with_them(tmp_path: Path) -> None:
    text = "FROM python:3.12-slim\nWORKDIR /a\nWORKDIR /b\n"
    assert said(tmp_path, "file", {"dist/Dockerfile": text, "src/Dockerfile": text}) == [
        (
            "warning",
            "`/a` is a directory",
            ["dist/Dockerfile: `/b`, too", "src/Dockerfile: here too", "src/Dockerfile: `/b`, too"],
            4,
        )
    ]


def test_a_copy_that_is_linted_alone_tells_of_its_faults_itself(tmp_path: Path) -> None:
    text = "FROM python:3.12-slim\nWORKDIR /a\n"
    files = {"dist/Dockerfile": text, "src/Dockerfile": text}
    assert said(tmp_path, None, files, ["src/Dockerfile"]) == [("warning", "`/a` is a directory", [], 1)]


def test_copies_are_told_apart_by_what_is_said_and_not_by_their_folders(tmp_path: Path) -> None:
    text = "FROM python:3.12-slim\nWORKDIR /a\n"
    files = {f"{folder}/Dockerfile": text for folder in ("src", "dist", "alone")}
    message = 'f"`{workdir.span.source.path}` has a directory"'
    assert said(tmp_path, None, files, message=message) == [
        ("warning", "`alone/Dockerfile` has a directory", ["dist/Dockerfile: here too", "src/Dockerfile: here too"], 3)
    ]
    message = 'f"a directory of {len(workdir.span.source.path)} letters"'
    assert [notes for _, _, notes, _ in said(tmp_path, None, files, message=message)] == [[], [], []]


def test_the_gravest_of_several_findings_with_one_cause_is_told(tmp_path: Path) -> None:
    files = {
        "Dockerfile": "FROM python:3.12-slim\nWORKDIR /c\nWORKDIR /b\nWORKDIR /a\n",
        "x/Dockerfile": "FROM python:3.12-slim\nWORKDIR /a\n",
    }
    cause = "workdir.span.source.path"
    assert said(tmp_path, None, files, cause=cause) == [
        ("warning", "`/b` is a directory", ["Dockerfile: `/a`, too", "Dockerfile: `/c`, too"], 3),
        ("warning", "`/a` is a directory", [], 1),
    ]
    assert len(said(tmp_path, None, files, cause="'one'")) == 1


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


COMPOSE = """
from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Container


def check(container: Container) -> Iterator[Finding]:
    for mount in container.service.volumes:
        name = container.service.name
        severity = "error" if "prod" in mount.span.source.path else None
        yield Finding.at(mount.span, f"`{name}` has a mount", severity=severity, once="file")
"""


def mounts(folder: Path, files: dict[str, str]) -> list[tuple[str, str, list[str]]]:
    """Severity, place and notes of what is said of mounts."""
    (folder / "mounted.md").write_text(PAGE, encoding="utf-8")
    (folder / "mounted.py").write_text(COMPOSE, encoding="utf-8")
    rule = Rule(str(folder), "mounted")
    tree = MemoryTree({path: text.encode() for path, text in files.items()})
    report = one_fault(lint(tree, Settings((rule,), frozenset((rule.name,)))))
    assert not report.failures
    return [
        (
            one.severity,
            f"{one.path}:{one.finding.span.line}",
            [f"{note.span.source.path}:{note.span.line} {note.message}" for note in one.finding.notes],
        )
        for one in report.diagnostics
    ]


def service(name: str, mount: str) -> str:
    return f"  {name}:\n    image: example.org/{name}\n    volumes:\n    - {mount}\n"


def test_the_same_line_of_a_service_is_told_once_in_the_variants_of_a_compose_file(tmp_path: Path) -> None:
    files = {
        "compose.yaml": "services:\n" + service("web", "/a:/b"),
        "compose.prod.yaml": "# deployed\nservices:\n" + service("web", "/a:/b"),
        "compose.test.yaml": "services:\n" + service("web", "/a:/c") + service("db", "/a:/b"),
        "tools/compose.yaml": "services:\n" + service("web", "/a:/b") + "#\n",
    }
    assert mounts(tmp_path, files) == [
        ("error", "compose.prod.yaml:6", ["compose.yaml:5 here too"]),
        ("warning", "compose.test.yaml:5", ["compose.test.yaml:9 `db`, too"]),
        ("warning", "tools/compose.yaml:5", []),
    ]


def test_variants_are_known_by_any_of_the_places_of_a_habit(tmp_path: Path) -> None:
    files = {
        "compose.yaml": "services:\n" + service("job", "/a:/b") + service("web", "/a:/b"),
        "compose.prod.yaml": "services:\n" + service("web", "/a:/b"),
    }
    assert mounts(tmp_path, files) == [
        ("error", "compose.prod.yaml:5", ["compose.yaml:5 `job`, too", "compose.yaml:9 `web`, too"]),
    ]


def test_variants_of_what_has_a_copy_join_its_folder(tmp_path: Path) -> None:
    files = {
        "a/compose.yaml": "services:\n" + service("web", "/a:/b"),
        "b/compose.yaml": "services:\n" + service("web", "/a:/b"),
        "b/compose.prod.yaml": "services:\n" + service("web", "/a:/b") + "#\n",
    }
    assert mounts(tmp_path, files) == [
        ("error", "b/compose.prod.yaml:5", ["a/compose.yaml:5 here too", "b/compose.yaml:5 here too"]),
    ]


def test_once_is_a_file_or_the_project(tmp_path: Path) -> None:
    assert said(tmp_path, "house", FILES) == []


def test_what_speaks_of_a_place_that_the_guide_asks_for_is_not_stricter() -> None:
    web = "  web:\n    build: .\n"
    work = "  work:\n    build: .\n    command: celery -A main worker\n"
    files = {"Dockerfile": 'FROM python:3.12-slim\nCMD ["uvicorn", "main:app", "--host", "0.0.0.0"]\n'}
    told = []
    for services in (work, work + web):
        texts = {name: text.encode() for name, text in {**files, "compose.yaml": f"services:\n{services}"}.items()}
        found = lint_files(texts, today=TODAY)["findings"]
        told += [one["stricter_than_guide"] for one in found if one["rule"] == "missing-restart-policy"]
    assert told == [True, False]
