"""Which commit of which repository a folder is: read from git's files, not from git, and told without secrets."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from dockerlint_fastapi import cli
from dockerlint_fastapi.checkout import Checkout, checkout_of, public_address

TOKEN = "ghp_hunter2hunter2"


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "protocol.file.allow=always")
    command = ["git", "-C", str(folder), *identity, *arguments]
    own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}  # and not the developer's
    done = subprocess.run(command, env=os.environ | own, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A repository with a commit, a branch and a remote whose address holds a token."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "remote", "add", "origin", f"https://bob:{TOKEN}@github.com/acme/shop.git")
    (folder / "Dockerfile").write_text("FROM python:3.13\nCMD uvicorn main:app\n")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "all")
    return folder


def found(folder: Path, here: Path | None = None) -> Checkout | None:
    return checkout_of(str(folder), str(here or folder))


def test_a_branch(top: Path) -> None:
    commit = git(top, "rev-parse", "HEAD")
    assert found(top) == Checkout(".", "", "https://github.com/acme/shop", commit, "main")
    git(top, "pack-refs", "--all")
    assert not (top / ".git" / "refs" / "heads" / "main").exists()
    assert found(top) == Checkout(".", "", "https://github.com/acme/shop", commit, "main")
    git(top, "checkout", "--quiet", "-b", "feature/two")
    assert found(top) == Checkout(".", "", "https://github.com/acme/shop", commit, "feature/two")
    git(top, "checkout", "--quiet", "--detach")
    assert found(top) == Checkout(".", "", "https://github.com/acme/shop", commit, None)


def test_where_it_is_seen_from(top: Path) -> None:
    below = top / "api" / "src"
    below.mkdir(parents=True)
    assert [
        (one.shown, one.below) for one in (found(below), found(top, top.parent), found(top, top.parent / "x")) if one
    ] == [
        ("../..", "api/src"),
        ("repository", None),
        ("../repository", None),
    ]


def test_a_worktree_and_a_submodule(top: Path, tmp_path: Path) -> None:
    git(top, "worktree", "add", "--quiet", "-b", "other", str(tmp_path / "tree"))
    commit = git(top, "rev-parse", "HEAD")
    assert found(tmp_path / "tree") == Checkout(".", "", "https://github.com/acme/shop", commit, "other")
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "--quiet")
    git(outer, "submodule", "--quiet", "add", str(top), "sub")
    git(outer / "sub", "remote", "set-url", "origin", "git@gitlab.com:acme/part.git")
    inner = found(outer / "sub")
    assert inner is not None
    assert (inner.repository, inner.revision) == ("https://gitlab.com/acme/part", commit)


def test_a_git_file_that_is_not_named_in_turn_is_not_believed(top: Path, tmp_path: Path) -> None:
    stranger = tmp_path / "unpacked"
    stranger.mkdir()
    (stranger / ".git").write_text(f"gitdir: {top / '.git'}\n")
    assert found(stranger) is None
    (stranger / ".git").unlink()
    (stranger / ".git").symlink_to(top / ".git")
    assert found(stranger) is None


@pytest.mark.parametrize(
    ("file", "text", "left"),
    [
        ("HEAD", "", (None, None)),
        ("HEAD", "ref: refs/heads/../../secret\n", (None, None)),
        ("HEAD", "ref: refs/heads/.invalid\n", (None, None)),
        ("HEAD", "\x00\xff", (None, None)),
        ("HEAD", "ref: refs/heads/gone\n", ("gone", None)),
        ("refs/heads/main", "not a commit\n", ("main", None)),
        ("config", "", None),
        ("config", "[remote", None),
        ("config", '[remote "origin"]\n\turl = /srv/git/x.git\n', None),
        ("config", '[url "https://secret/"]\n\tinsteadOf = gh:\n[remote "origin"]\n\turl = gh:a/b\n', None),
    ],
)
def test_what_cannot_be_read_is_left_out(top: Path, file: str, text: str, left: tuple[str, str] | None) -> None:
    (top / ".git" / file).write_text(text, encoding="latin-1")
    seen = found(top)
    assert (None if seen is None else (seen.branch, seen.revision)) == left


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes of POSIX")
def test_a_pipe_is_not_waited_for(top: Path) -> None:
    (top / ".git" / "HEAD").unlink()
    os.mkfifo(top / ".git" / "HEAD")
    seen = found(top)
    assert seen is not None
    assert seen.revision is None


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("git@github.com:o/r.git", "https://github.com/o/r"),
        ("ssh://git@github.com:22/o/r.git", "https://github.com/o/r"),
        (f"https://t:{TOKEN}@gitlab.com/a/b/c.git?x={TOKEN}#{TOKEN}", "https://gitlab.com/a/b/c"),
        ("git@git.corp.example:team/x.git", "ssh://git.corp.example/team/x.git"),
        (f"ssh://user:{TOKEN}@host:2222/x.git", "ssh://host:2222/x.git"),
        ("https://[::1]:80/x", "https://[::1]:80/x"),
        ("https://host/a b%zz", "https://host/a%20b%25zz"),
        (f"https://a@b:{TOKEN}@host/x", "https://host/x"),
        (f"user:{TOKEN}@host:o/r.git", None),
        (f"https:{TOKEN}@github.com/o/r", None),
        (f"https://user:12/{TOKEN}@host/x", None),
        ("/srv/git/x.git", None),
        ("../x", None),
        ("file:///x", None),
        ("C:/x", None),
        ("ext::sh -c x", None),
        ("https://evil\nhost/x", None),
        ("https://", None),
        ("", None),
    ],
)
def test_addresses(url: str, told: str | None) -> None:
    assert public_address(url) == told


def test_a_log_tells_it(top: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    below, beside = top / "api", top / "web"
    for folder in (below, beside):
        folder.mkdir()
        (folder / "Dockerfile").write_text(f"# {folder.name}\nFROM python:3.13\nCMD uvicorn main:app\n")

    def run(here: Path, *paths: str) -> dict[str, object]:
        monkeypatch.chdir(here)
        cli.run(["check", "--output-format", "sarif", *paths])
        output = capsys.readouterr().out
        assert TOKEN not in output
        only: dict[str, object]
        [only] = json.loads(output)["runs"]
        return only

    def mapped(of: dict[str, object]) -> object:
        details: object = of.get("versionControlProvenance")
        return details[0]["mappedTo"]["uriBaseId"] if isinstance(details, list) else None

    def bases(of: dict[str, object]) -> set[str]:
        results: object = of["results"]
        assert isinstance(results, list)
        places = [one["locations"][0]["physicalLocation"]["artifactLocation"] for one in results]
        return {f"{one.get('uriBaseId')}:{one['uri']}" for one in places}

    whole = run(top)
    assert mapped(whole) == "SRCROOT"
    part = run(below, ".", "../web")
    assert mapped(part) == "REPOROOT"
    assert bases(part) >= {"SRCROOT:Dockerfile", "REPOROOT:web/Dockerfile"}
    origins = part["originalUriBaseIds"]
    assert isinstance(origins, dict)
    assert (origins["SRCROOT"]["uri"], origins["SRCROOT"]["uriBaseId"]) == ("api/", "REPOROOT")
    above = run(top.parent, "repository")
    assert mapped(above) == "REPOROOT"
    assert "REPOROOT:Dockerfile" in bases(above)
    outside = top.parent / "elsewhere"
    outside.mkdir()
    (outside / "Dockerfile").write_text("FROM python:3.13\nCMD uvicorn main:app\n")
    assert mapped(run(top, ".", "../elsewhere")) is None
    assert mapped(run(outside)) is None
