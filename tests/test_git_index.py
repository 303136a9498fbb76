"""What git keeps, from its index, beside git's own answer."""

import subprocess
from pathlib import Path

import pytest

from dockerlint_fastapi.discover.git_index import GitTracks
from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.rule import load_rules
from dockerlint_fastapi.tree import DiskTree, MemoryTree

NAMES = (".env", "a/.env", "a/b/.env", "env", "x.env", "é/.env", "a b/c", "l" * 200 + "/" + "m" * 200)


def git(root: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=root, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    for name in NAMES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("A=b\n", "utf-8")
    return tmp_path


@pytest.mark.parametrize("version", ["2", "3"])
@pytest.mark.parametrize("kept", [NAMES[:1], NAMES[1:3], NAMES[3:], NAMES])
def test_it_answers_as_git_does(repository: Path, kept: tuple[str, ...], version: str) -> None:
    git(repository, "add", "-f", *kept)
    if version == "3":  # an entry with more flags, of a file that is to be added, takes that version
        git(repository, "rm", "-q", "--cached", kept[0])
        git(repository, "add", "-f", "-N", kept[0])
    listed = git(repository, "ls-files", "-z").split("\0")
    tracks = GitTracks(DiskTree(str(repository)))
    assert (repository / ".git/index").read_bytes()[7:8] == bytes([int(version)])
    assert {name: tracks(name) for name in NAMES} == {name: name in listed for name in NAMES}


def test_what_it_cannot_read_it_does_not_tell(repository: Path) -> None:
    assert GitTracks(DiskTree(str(repository)))(".env") is None  # nothing was added yet
    git(repository, "add", "-f", *NAMES)
    git(repository, "update-index", "--index-version", "4")
    assert GitTracks(DiskTree(str(repository)))(".env") is None
    assert GitTracks(MemoryTree({".git/index": b"no index"}))(".env") is None


def test_a_secret_that_everybody_has_is_no_error(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / ".env").write_text("SECRET_KEY=8f2b1c77e0d94a36\n")
    (tmp_path / "Dockerfile").write_text("FROM python:3.12-slim\nCOPY . /app\nCMD uvicorn app.main:app\n")
    (tmp_path / ".dockerignore").write_text(".git\n")
    rules = tuple(load_rules())

    def severities() -> list[str]:
        report = lint(DiskTree(str(tmp_path)), Settings(rules, frozenset(rule.name for rule in rules)))
        return [one.severity for one in report.diagnostics if one.rule.name == "secrets-in-build-context"]

    git(tmp_path, "add", "Dockerfile")
    assert severities() == ["error"]
    git(tmp_path, "add", "-f", ".env")
    assert severities() == ["warning"]
