"""`dlf check --fix`, `--diff`, `--fix-only`: what is printed, what is written, and with which exit code."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from house import everything

from dockerlint_fastapi import cli, fixer
from dockerlint_fastapi.cli import fixing
from dockerlint_fastapi.engine import lint
from dockerlint_fastapi.ties import companies
from dockerlint_fastapi.tree import text_files

BAD = b"services:\r\n  git:\r\n    image: gitea/gitea:1.22\r\n    ports:\r\n      - 22:22\r\n"
GOOD = BAD.replace(b"22:22", b'"22:22"')
ARGUMENTS = ("check", "--isolated", "--select", "unquoted-port")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "compose.yaml").write_bytes(BAD)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_fix_writes_and_reports_what_is_left(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.chmod(project / "compose.yaml", 0o640)
    assert cli.run([*ARGUMENTS, "--fix"]) == 0
    out, err = capsys.readouterr()
    assert (project / "compose.yaml").read_bytes() == GOOD
    assert (project / "compose.yaml").stat().st_mode & 0o777 == 0o640
    assert out.startswith("All checks passed")
    assert err == "fixed 1 finding in 1 file\n"
    assert sorted(os.listdir(project)) == [".git", "compose.yaml"]
    assert cli.run([*ARGUMENTS, "--fix"]) == 0
    assert capsys.readouterr().err == ""


def test_diff_changes_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([*ARGUMENTS, "--diff"]) == 1
    out, err = capsys.readouterr()
    assert out == (
        "--- compose.yaml\n+++ compose.yaml\n@@ -2,4 +2,4 @@\n   git:\r\n     image: gitea/gitea:1.22\r\n"
        "     ports:\r\n"
        '-      - 22:22\r\n+      - "22:22"\r\n'
    )
    assert err == "would fix 1 finding in 1 file\n"
    assert (project / "compose.yaml").read_bytes() == BAD
    (project / "compose.yaml").write_bytes(GOOD)
    assert cli.run([*ARGUMENTS, "--diff"]) == 0
    assert capsys.readouterr().out == ""


def test_fix_only_reports_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["check", "--isolated", "--fix-only"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert err.endswith("in 1 file\n")
    assert b'"22:22"' in (project / "compose.yaml").read_bytes()


def test_standard_input_is_printed_fixed(
    project: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BAD)))
    assert cli.run([*ARGUMENTS, "--fix", "-", "--stdin-filename", "compose.yaml"]) == 0
    out, err = capfdbinary.readouterr()
    assert out == GOOD
    assert err.startswith(b"fixed 1 finding")
    assert b"All checks passed" in err
    assert (project / "compose.yaml").read_bytes() == BAD


def test_findings_are_marked(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([*ARGUMENTS, "--output-format", "concise"]) == 1
    first, *_, last = capsys.readouterr().out.splitlines()
    assert first.endswith(" [*]")
    assert last == "[*] 1 fixable with `--fix`."
    assert cli.run(list(ARGUMENTS)) == 1
    assert "= fix: add quotes, with `--fix`\n" in capsys.readouterr().out
    assert (project / "compose.yaml").read_bytes() == BAD


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--diff", "--fix"], "--diff changes nothing"),
        (["--no-fix", "--fix-only"], "exclude each other"),
        (["--fix", "--write-baseline"], "fixing excludes"),
    ],
)
def test_contradictions_stop(project: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str) -> None:
    assert cli.run([*ARGUMENTS, *options]) == 2
    assert said in capsys.readouterr().err
    assert (project / "compose.yaml").read_bytes() == BAD


def test_the_configuration_may_ask_for_it(project: Path) -> None:
    (project / "dlf.toml").write_text('select = ["unquoted-port"]\nfix = true\n')
    assert cli.run(["check", "--no-fix"]) == 1
    assert (project / "compose.yaml").read_bytes() == BAD
    assert cli.run(["check"]) == 0
    assert (project / "compose.yaml").read_bytes() == GOOD


def test_what_changed_meanwhile_is_left(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    original = fixing._write

    def late(done: object) -> bool:
        (project / "compose.yaml").write_bytes(b"services: {}\n")
        return original(done)  # type: ignore[arg-type]

    monkeypatch.setattr(fixing, "_write", late)
    assert cli.run([*ARGUMENTS, "--fix"]) == 2
    assert "error: compose.yaml: has changed since it was read; it was left as it is\n" in capsys.readouterr().err
    assert (project / "compose.yaml").read_bytes() == b"services: {}\n"


def test_a_read_only_file_is_left_and_others_are_fixed(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "b").mkdir()
    (project / "b" / "compose.yaml").write_bytes(BAD)
    readonly = os.path.realpath(project / "compose.yaml")
    writable = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: path != readonly and writable(path, mode))  # also for root
    assert cli.run([*ARGUMENTS, "--fix"]) == 1
    assert "not fixed: compose.yaml:5: unquoted-port: compose.yaml is read-only\n" in capsys.readouterr().err
    assert (project / "compose.yaml").read_bytes() == BAD
    assert (project / "b" / "compose.yaml").read_bytes() == GOOD


def test_a_link_is_followed_and_stays_one(project: Path) -> None:
    (project / "real.yaml").write_bytes(BAD)
    (project / "compose.yaml").unlink()
    (project / "compose.yaml").symlink_to("real.yaml")
    assert cli.run([*ARGUMENTS, "--fix"]) == 0
    assert (project / "compose.yaml").is_symlink()
    assert (project / "real.yaml").read_bytes() == GOOD


def test_what_is_ignored_or_in_the_baseline_is_not_fixed(project: Path) -> None:
    ignored = BAD.replace(b"- 22:22", b"- 22:22  # dlf: ignore[unquoted-port] reason")
    (project / "compose.yaml").write_bytes(ignored)
    assert cli.run([*ARGUMENTS, "--fix"]) == 0
    assert (project / "compose.yaml").read_bytes() == ignored
    (project / "compose.yaml").write_bytes(BAD)
    assert cli.run([*ARGUMENTS, "--write-baseline"]) == 0
    assert cli.run([*ARGUMENTS, "--baseline", "dlf-baseline.json", "--fix"]) == 0
    assert (project / "compose.yaml").read_bytes() == BAD


def test_only_named_files_are_changed(project: Path) -> None:
    (project / "other.yaml").write_bytes(BAD)
    assert cli.run([*ARGUMENTS, "--fix", "compose.yaml"]) == 0
    assert (project / "other.yaml").read_bytes() == BAD
    assert (project / "compose.yaml").read_bytes() == GOOD


def test_any_two_fixes_are_also_looked_at_apart() -> None:
    def fixes(rule: str, count: int) -> list[Any]:
        return [SimpleNamespace(rule=SimpleNamespace(name=rule), number=number) for number in range(count)]

    for count in (1, 2, 4, 5, 8, 9, 33, 100):
        ours, others = fixes("a", count), fixes("b", 3)
        batches = [{id(one) for one in some} for some in fixer._batches([*others, *ours])]
        for one in ours:
            mine = [some for some in batches if id(one) in some]
            assert mine
            assert not any(id(other) in some for some in mine for other in others)
            assert all(any(id(other) not in some for some in mine) for other in ours if other is not one)
    assert len(fixer._batches(fixes("a", 100))) == 9


def test_companies_are_what_has_something_in_common() -> None:
    things = [["a"], ["b", "c"], ["d"], ["c", "e"], ["a", "f"], ["e"]]
    assert companies(range(6), things) == [[0, 4], [1, 3, 5], [2]]


def test_fixes_of_one_rule_add_lines_at_one_place() -> None:
    names = [f"db{number}" for number in range(20)]
    services = "".join(
        f"  {name}:\n    image: postgres:16\n    restart: always\n    environment: [POSTGRES_PASSWORD]\n"
        for name in names
    )
    services += "  api:\n    image: example/api:1.0\n    restart: always\n"
    before = text_files([("compose.yaml", f"services:\n{services}\nvolumes:\n  other:\n")])
    settings = everything(profile="default")
    after = fixer.fix(before, lambda tree: lint(tree, settings), unsafe=True)
    (change,) = after.changes
    text = change.after.decode()
    assert all(f"\n  {name}_data:" in text for name in names)
    assert "database-without-volume" not in {one.rule.name for one in after.report.diagnostics}
