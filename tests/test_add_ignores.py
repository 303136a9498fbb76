"""`--add-ignores`: whatever is found is ignored afterwards, and the files mean what they meant."""
# ruff: noqa: E501 - tables of messages read best on one line each

import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dockerlint_fastapi import cli
from dockerlint_fastapi.cli import add_ignores
from dockerlint_fastapi.source import Source
from dockerlint_fastapi.suppress import ignores, meaning
from dockerlint_fastapi.suppress.insert import Wanted, one_line, with_ignores
from dockerlint_fastapi.suppress.places import places_of

ROOT = Path(__file__).parents[1]
PROJECTS = sorted(path for path in (ROOT / "fixtures" / "projects").iterdir() if path.is_dir())
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def dlf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = cli.run(["check", "--output-format", "concise", "--today", "2026-11-22", *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def added(
    text: str, *wanted: tuple[str, str], kind: str = "dockerfile", path: str = "Dockerfile", why: str = "why"
) -> str:
    """A text with ignores for findings, each given as (rule, the text at which it begins)."""
    source = Source.of(text, path)
    inserted = with_ignores(source, kind, [Wanted(rule, text.index(needle)) for rule, needle in wanted], why)
    assert inserted.data is not None, inserted.reason
    changed = Source(path, inserted.data)
    assert meaning.of(changed, kind, places_of(changed, kind)) == meaning.of(source, kind, places_of(source, kind))
    at = {needle: changed.text.index(needle) for _, needle in wanted if changed.text.count(needle) == 1}
    for rule, needle in wanted:
        if needle in at and rule != "ignore-without-reason":
            assert any(any(one.suppresses(rule, at[needle])) for one in ignores(changed, kind)), (rule, needle)
    return inserted.data.decode()


def test_above_an_instruction_and_never_inside_it() -> None:
    text = "FROM a\nRUN x \\\n  # note\n  && y <<EOF\nz\nEOF\n"
    for needle in ("x", "&& y", "z"):
        assert added(text, ("a-rule", needle)) == text.replace("RUN", "# dlf: ignore[a-rule] why\nRUN")


def test_directives_stay_first() -> None:
    text = "# syntax=docker/dockerfile:1\n# escape=`\n# check=skip=X\nFROM a\n"
    assert added(text, ("b-b", "FROM"), ("a-a", "FROM")) == text.replace("FROM", "# dlf: ignore[a-a, b-b] why\nFROM")
    assert added(text, ("a-a", "# syntax")) == text.replace("FROM", "# dlf: ignore-file[a-a] why\nFROM")


@pytest.mark.parametrize(
    ("comment", "then"),
    [
        ("# dlf: ignore[x-x] why", "# dlf: ignore[x-x, a-a] why"),
        ("# dlf: ignore[x-x]", "# dlf: ignore[x-x, a-a] why"),
        ("#dlf:ignore[ x-x ] -- why", "#dlf:ignore[x-x, a-a] -- why"),
        ("# dlf: ignore[a-a]", "# dlf: ignore[a-a] why"),
        ("# dlf: ignore[x-x] another reason", "# dlf: ignore[x-x] another reason\n# dlf: ignore[a-a] why"),
        ("# hadolint ignore=DL3025", "# hadolint ignore=DL3025\n# dlf: ignore[a-a] why"),
    ],
)
def test_names_join_a_comment_of_the_same_reason(comment: str, then: str) -> None:
    assert added(f"FROM a\n{comment}\nCMD b\n", ("a-a", "CMD")) == f"FROM a\n{then}\nCMD b\n"


def test_a_comment_that_is_of_no_use_is_excused_by_its_own_names() -> None:
    text = "FROM a\n# dlf: ignore[x-x] why not\nCMD b\n"
    assert added(text, ("unused-ignore", "x-x")) == text.replace("x-x]", "x-x, unused-ignore]")
    bare = "FROM a\n# dlf: ignore[x-x]\nCMD b\n"
    assert added(bare, ("ignore-without-reason", "# dlf")) == bare.replace("x-x]", "x-x] why")


def test_line_ends_and_byte_order_mark_stay(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbfFROM a\r\nCMD \xff b"
    inserted = with_ignores(Source("Dockerfile", data), "dockerfile", [Wanted("a-a", 0), Wanted("b-b", 8)], "why")
    assert inserted.data == b"\xef\xbb\xbf# dlf: ignore[a-a] why\r\nFROM a\r\n# dlf: ignore[b-b] why\r\nCMD \xff b"
    assert tmp_path


YAML = """\
services:
  web:
    command: >
      uvicorn a:b
      --reload
    ports: ["80:80",
      "81:81"]
    environment:
      - A=b
      - "C=d"
  db: {image: postgres}
"""


@pytest.mark.parametrize(
    ("needle", "above"),
    [
        ("services", "services:"),
        ("web", "  web:"),
        ("--reload", "    command: >"),
        ('"81:81"', '    ports: ["80:80",'),
        ("A=b", "      - A=b"),
        ("postgres", "  db: {image: postgres}"),
    ],
)
def test_in_yaml_with_the_indentation_of_the_entry(needle: str, above: str) -> None:
    indentation = above[: len(above) - len(above.lstrip())]
    then = YAML.replace(above, f"{indentation}# dlf: ignore[a-a] why\n{above}")
    assert added(YAML, ("a-a", needle), kind="compose", path="compose.yaml") == then


@pytest.mark.parametrize(
    ("path", "kind", "text", "needle", "then"),
    [
        (".dockerignore", "dockerignore", "*.pyc\n  .env\n", ".env", "*.pyc\n# dlf: ignore[a-a] why\n  .env\n"),
        ("app/main.py", "elsewhere", "def f():\n    return g(\n        1,\n    )\n", "1,",
         "def f():\n    # dlf: ignore[a-a] why\n    return g(\n        1,\n    )\n"),
        ("app/main.py", "elsewhere", "#!/usr/bin/python\n# coding: utf-8\nx = '''\n a\n'''\n", " a\n",
         "#!/usr/bin/python\n# coding: utf-8\n# dlf: ignore[a-a] why\nx = '''\n a\n'''\n"),
        ("start.sh", "elsewhere", "#!/bin/sh\nset -e\nexec a \\\n  b\n", "  b", "#!/bin/sh\nset -e\n# dlf: ignore[a-a] why\nexec a \\\n  b\n"),
        ("start.sh", "elsewhere", "#!/bin/sh\nset -e\n", "#!", "#!/bin/sh\n# dlf: ignore-file[a-a] why\nset -e\n"),
        ("start.sh", "elsewhere", "#!/bin/sh\ncat <<E\nx y\nE\n", "x y", "#!/bin/sh\n# dlf: ignore-file[a-a] why\ncat <<E\nx y\nE\n"),
        ("pyproject.toml", "elsewhere", "[project]\ndependencies = [\n  'a',\n]\n", "'a'",
         "[project]\n# dlf: ignore[a-a] why\ndependencies = [\n  'a',\n]\n"),
        ("requirements.txt", "elsewhere", "fastapi\n", "fastapi", "# dlf: ignore[a-a] why\nfastapi\n"),
        (".env", "elsewhere", "A=1\nB='x\ny'\n", "y'", "# dlf: ignore-file[a-a] why\nA=1\nB='x\ny'\n"),
    ],
)  # fmt: skip
def test_other_files(path: str, kind: str, text: str, needle: str, then: str) -> None:
    assert added(text, ("a-a", needle), kind=kind, path=path) == then


@pytest.mark.parametrize("path", ["package.json", "uv.lock", "logo.svg"])
def test_files_that_hold_no_comments_are_left_alone(path: str) -> None:
    assert with_ignores(Source.of("{}\n", path), "elsewhere", [Wanted("a-a", 0)], "why").data is None


@pytest.mark.parametrize(
    ("reason", "text"),
    [("a\nb  c", "a b c"), ("ends in \\", "ends in"), (" \t", ""), ("tick `", "tick"), ("x\x1b[1m", "x [1m")],
)
def test_a_reason_is_one_harmless_line(reason: str, text: str) -> None:
    assert one_line(reason) == text


def test_through_the_command(dlf: Run, tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    file.write_bytes(b"FROM python:3.12\r\nCMD uvicorn app.main:app\r\n")
    file.chmod(0o640)
    code, out, err = dlf("--add-ignores", "--reason", "known")
    assert (code, err.split(" for ")[0]) == (0, "added ignores")
    assert "suppressed" in out
    data = file.read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert dlf()[0] == 0
    assert dlf("--add-ignores", "--reason", "known")[0] == 0
    assert file.read_bytes() == data
    assert not list(tmp_path.glob(".*.tmp"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--add-ignores",), "--add-ignores needs the reason"),
        (("--add-ignores", "--reason", " "), "--add-ignores needs the reason"),
        (("--reason", "x"), "--reason is what the comments of --add-ignores say"),
        (("-", "--add-ignores", "--reason", "x"), "--add-ignores writes into files"),
        (("--write-baseline", "--add-ignores", "--reason", "x"), "--add-ignores and --write-baseline"),
    ],
)
def test_wrong_usage(dlf: Run, arguments: tuple[str, ...], message: str) -> None:
    code, out, err = dlf(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {message}")


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_after_it_a_project_has_no_findings(dlf: Run, tmp_path: Path, project: Path) -> None:
    shutil.copytree(project, tmp_path, dirs_exist_ok=True)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    _, out, err = dlf("--profile", "pedantic", "--add-ignores", "--reason", "it is a fixture")
    left = [line for line in out.splitlines() if "]: " in line and not line.startswith("  ")]
    named = {line.split(": ")[1] for line in err.splitlines() if line.startswith("error: ")}
    assert {line.split(":")[0] for line in left} <= named, out
    for path, data in before.items():
        now = path.read_bytes()
        ours = [row for row in now.splitlines(keepends=True) if b"dlf: ignore" not in row]
        theirs = [row for row in data.splitlines(keepends=True) if b"dlf: ignore" not in row]
        assert ours == theirs, path
    assert dlf("--profile", "pedantic")[1] == out


DOCKERFILE_ROWS = st.lists(
    st.sampled_from([
        "FROM python:3.12", "RUN a \\", "  && b", "# note", "", "CMD x", "RUN <<EOF", "EOF", "# dlf: ignore[a-a]",
        "# escape=`", "# dlf: ignore[b-b] why", "COPY <<-X /y", "X", "\tX", "ENV A=b \\", "'", "# check=skip=all",
    ]), min_size=1, max_size=12,
)  # fmt: skip
YAML_ROWS = st.lists(
    st.sampled_from([
        "services:", "  web:", "    image: x", "    command: >-", "      a", "      # b", "    ports:", "      - '80'",
        "", "# c", "    x: [a,", "      b]", "    y: 'a", "      b'", "  # dlf: ignore[a-a]", "---", "  db: &x {a: b}", "    <<: *x",
    ]), min_size=1, max_size=12,
)  # fmt: skip


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(st.tuples(st.just("dockerfile"), DOCKERFILE_ROWS), st.tuples(st.just("compose"), YAML_ROWS)),
    st.sampled_from(["\n", "\r\n"]),
    st.data(),
)
def test_whatever_the_file_its_meaning_stays(made: tuple[str, list[str]], ending: str, data: st.DataObject) -> None:
    kind, rows = made
    source = Source.of(ending.join(rows), "Dockerfile" if kind == "dockerfile" else "compose.yaml")
    at = data.draw(st.lists(st.integers(0, max(0, len(source.text) - 1)), min_size=1, max_size=3))
    inserted = with_ignores(source, kind, [Wanted("a-rule", one) for one in at], "why")
    if inserted.data is None:
        return
    changed = Source(source.path, inserted.data)
    assert meaning.of(changed, kind, places_of(changed, kind)) == meaning.of(source, kind, places_of(source, kind))
    assert _others(changed) == _others(source)


def _others(source: Source) -> list[str]:
    """The rows that hold no ignore."""
    return [row for row in source.text.replace("\r\n", "\n").split("\n") if "dlf: ignore" not in row and row]


def test_a_dockerfile_of_any_name_and_one_within_a_compose_file(dlf: Run, tmp_path: Path) -> None:
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "api.image").write_text("FROM python:3.12-slim\nCMD uvicorn app.main:app\n")
    (tmp_path / "compose.yaml").write_text(
        "services:\n  api:\n    build: {context: ., dockerfile: build/api.image}\n  inline:\n    build:\n"
        "      dockerfile_inline: |\n        FROM python:3.12-slim\n        CMD uvicorn app.main:app\n"
    )
    named = ("build/api.image", "compose.yaml")
    assert "build/api.image:2:" in dlf(*named)[1]
    code, out, err = dlf(*named, "--add-ignores", "--reason", "x")
    assert "error" not in err
    assert (code, "Found" in out) == (0, False), out
    assert (tmp_path / "build" / "api.image").read_text().count("# dlf: ignore[") == 2
    text = (tmp_path / "compose.yaml").read_text()
    assert text.endswith("|\n        FROM python:3.12-slim\n        CMD uvicorn app.main:app\n")


def test_a_file_that_may_not_be_written_is_named(dlf: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str, _data: bytes) -> None:
        raise PermissionError(13, "Permission denied", path)

    (tmp_path / "Dockerfile").write_text("FROM python:3.12-slim\nCMD uvicorn app.main:app\n")
    monkeypatch.setattr(add_ignores, "write_bytes", refuse)
    code, out, err = dlf("--add-ignores", "--reason", "x")
    assert code == 1
    assert "shell-form-cmd" in out
    assert err.splitlines()[0] == "error: Dockerfile: nothing was ignored here: cannot be written: Permission denied"
