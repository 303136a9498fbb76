"""Where reports go: several files of several formats beside the terminal, counts, and the bar of a long run."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from dockerlint_fastapi import cli
from dockerlint_fastapi.cli import output
from dockerlint_fastapi.cli.outcome import Stop
from dockerlint_fastapi.cli.progress import DELAY, Progress
from dockerlint_fastapi.cli.reports import Target, outputs
from dockerlint_fastapi.config.file import load
from dockerlint_fastapi.reporters import FORMATS

ROOT = Path(__file__).parents[1]
BAD = 'FROM python:3.13-slim\nWORKDIR /code\nCOPY ./app /code/app\nCMD uvicorn app.main:app --host "0.0.0.0"\n'


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "Dockerfile").write_text(BAD)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli.run(["check", "--select", "shell-form-cmd", *arguments])
    return code, *capfd.readouterr()


# ---- which format where ----


@pytest.mark.parametrize(
    ("given", "files", "configured", "terminal", "formats"),
    [
        (None, [], None, "text", []),
        ("json", [], None, "json", []),
        (None, [], "concise", "concise", []),
        (
            None,
            ["a.sarif", "b.json", "c.xml", "d.MD", "e.txt"],
            None,
            "text",
            ["sarif", "json", "junit", "markdown", "text"],
        ),
        (None, ["a.sarif", "b"], "concise", "concise", ["sarif", "concise"]),
        (None, ["a.sarif", "b"], "gitlab", "text", ["sarif", "gitlab"]),
        ("json", ["a.sarif"], None, "text", ["json"]),
        ("github", ["sarif:a", "junit:b.json"], None, "github", ["sarif", "junit"]),
        ("json", ["sarif:a", "b"], None, "text", ["sarif", "json"]),
        (None, ["gitlab:C:/x.json"], None, "text", ["gitlab"]),
    ],
)
def test_the_format_of_each_report(
    given: str | None, files: list[str], configured: str | None, terminal: str, formats: list[str]
) -> None:
    planned = outputs(given, files, configured, statistics=False)
    assert planned.terminal == terminal
    assert [target.output_format for target in planned.files] == formats


def test_only_a_format_counts_as_a_prefix() -> None:
    planned = outputs(None, ["C:\\dlf\\report.sarif", "sarif:a:b", "pdf:x.json"], None, statistics=False)
    assert planned.files == (
        Target("C:\\dlf\\report.sarif", "sarif"),
        Target("a:b", "sarif"),
        Target("pdf:x.json", "json"),
    )


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (["sarif:"], "has no file behind the format"),
        ([""], "has no name"),
        (["a.json", "sarif:./a.json"], "two reports cannot go to one file"),
    ],
)
def test_what_names_no_file_is_refused(files: list[str], message: str) -> None:
    with pytest.raises(Stop, match=message):
        outputs(None, files, None, statistics=False)


def test_a_configuration_takes_every_format(tmp_path: Path) -> None:
    for name in FORMATS:
        file = tmp_path / "dlf.toml"
        file.write_text(f'output-format = "{name}"\n')
        configuration = load(str(file), (), ())
        assert configuration
        assert configuration.output_format == name


# ---- files beside the terminal ----


def test_one_run_writes_every_format(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    names = ["dlf.sarif", "dlf.json", "dlf.xml", "dlf.md", "gitlab:quality", "github:log", "rdjson:rd", "concise:one"]
    code, out, err = run(capfd, *(word for name in names for word in ("--output-file", name)))
    assert (code, err) == (1, "")
    assert out.startswith("error[shell-form-cmd]: ")
    assert json.loads((project / "dlf.sarif").read_text())["version"] == "2.1.0"
    assert json.loads((project / "dlf.json").read_text())["summary"]["error"] == 1
    assert ET.parse(project / "dlf.xml").getroot().get("failures") == "1"  # noqa: S314 - our own
    assert "| 4:5 |" in (project / "dlf.md").read_text()
    assert len(json.loads((project / "quality").read_text())) == 1
    assert (project / "log").read_text().startswith("::error file=Dockerfile,line=4,")
    assert len(json.loads((project / "rd").read_text())["diagnostics"]) == 1
    assert (project / "one").read_text().startswith("Dockerfile:4:5: error[shell-form-cmd]: ")


def test_quiet_leaves_only_findings_on_the_terminal(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capfd, "-q", "--output-file", "dlf.json", "--output-file", "concise:x")
    assert "Found" not in out
    assert "shell-form-cmd" in out
    (project / "Dockerfile").write_text("FROM python:3.13-slim\n")
    assert run(capfd, "-q", "--output-file", "dlf.json") == (0, "", "")
    assert json.loads((project / "dlf.json").read_text())["findings"] == []


def test_a_file_that_cannot_be_written_costs_no_other(
    project: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, err = run(capfd, "--output-file", "no/such/a.json", "--output-file", "b.json")
    assert (code, err) == (2, "error: no/such/a.json: cannot be written: No such file or directory\n")
    assert "shell-form-cmd" in out
    assert json.loads((project / "b.json").read_text())["version"] == 1

    def full(*_: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    (project / "b.json").write_text("old")
    assert run(capfd, "--output-file", "b.json")[::2] == (
        2,
        "error: b.json: cannot be written: No space left on device\n",
    )
    assert (project / "b.json").read_text() == "old"
    assert sorted(os.listdir(project)) == [".git", "Dockerfile", "b.json"]


@pytest.mark.parametrize("target", ["/dev/stdout", "json:/dev/fd/1"])
def test_a_file_that_is_standard_output_stands_there_alone(project: Path, target: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dockerlint_fastapi", "check", "--output-format", "json", "--output-file", target],
        cwd=project, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    assert json.loads(done.stdout)["version"] == 1


def test_a_path_that_is_not_there_is_told_in_every_report(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    files = ("--output-file", "a.sarif", "--output-file", "b.xml", "--output-file", "c.md")
    code, _, err = run(capfd, "gone\x1b[31m", *files)
    assert code == 2
    assert "no such file or directory" in err
    [invocation] = json.loads((project / "a.sarif").read_text())["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    [told] = invocation["toolExecutionNotifications"]
    assert (told["level"], told["descriptor"]["id"]) == ("error", "not-read")
    assert told["message"]["text"] == "gone\\x1b\\[31m: no such file or directory".replace("\\[", "[")
    assert ET.parse(project / "b.xml").getroot().get("errors") == "1"  # noqa: S314 - our own
    assert "### Not linted" in (project / "c.md").read_text()


@pytest.mark.parametrize("name", ["sarif", "github", "gitlab", "junit", "rdjson"])
def test_statistics_stop_where_they_have_no_form(project: Path, capfd: pytest.CaptureFixture[str], name: str) -> None:
    for arguments in (("--output-format", name), ("--output-file", f"{name}:x")):
        code, out, err = run(capfd, "--statistics", *arguments)
        assert (code, out) == (2, "")
        assert f"--statistics has no form in {name}" in err
    assert not (project / "x").exists()


def test_statistics_go_to_files_too(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capfd, "--statistics", "--output-file", "s.json", "--output-file", "s.md")
    assert code == 1
    assert out.startswith("1  error    shell-form-cmd")
    assert json.loads((project / "s.json").read_text())[0]["count"] == 1
    assert "| 1 | 🔴 error |" in (project / "s.md").read_text()


# ---- the bar ----


class Terminal(io.StringIO):
    """A terminal that somebody watches."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "terminal", "quiet", "watched"),
    [
        ({}, True, False, True),
        ({}, False, False, False),
        ({}, True, True, False),
        ({"CI": "true"}, True, False, False),
        ({"TERM": "dumb"}, True, False, False),
        ({"TERM": ""}, True, False, False),
    ],
)
def test_a_bar_is_for_somebody_who_watches(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], *, terminal: bool, quiet: bool, watched: bool
) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stderr", Terminal() if terminal else io.StringIO())
    assert output.watched(quiet=quiet) is watched


def test_the_bar_comes_after_a_while_and_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("COLUMNS", "100")
    now = [0.0]
    progress = Progress(4, lambda: now[0])
    step = progress.project("a\x1b[31m")
    step(1, 10)
    assert screen.getvalue() == ""
    now[0] = DELAY
    step(5, 10)
    step(6, 10)  # within the pause
    shown = screen.getvalue()
    assert re.fullmatch(r"\r\x1b\[K━━━ {21}  12% project 1 of 4: a\\x1b\[31m: checking 5 of 10", shown)
    now[0] += 1
    progress.project("b")
    assert screen.getvalue().endswith(" 25% project 2 of 4: b: reading")
    progress.clear()
    assert screen.getvalue().endswith("reading\r\x1b[K")
    progress.clear()
    assert screen.getvalue().count("\x1b[K") == 3


def test_a_bar_is_no_wider_than_the_terminal() -> None:
    progress = Progress(1)
    progress.project("x" * 300)
    for columns in (0, 1, 20, 80):
        assert len(progress.line(3, 4, columns)) <= columns


def test_a_run_at_a_terminal_leaves_nothing_of_the_bar(
    project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert project.is_dir()
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("CI", raising=False)
    plain = run(capfd)
    assert screen.getvalue() == ""  # a short run
    monkeypatch.setattr("dockerlint_fastapi.cli.progress.DELAY", -1.0)
    monkeypatch.setattr("dockerlint_fastapi.cli.progress.PAUSE", 0.0)
    assert run(capfd)[:2] == plain[:2]
    drawn = screen.getvalue()
    assert "checking" in drawn
    assert drawn.endswith("\r\x1b[K")
    screen.truncate(0)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False, raising=False)
    assert run(capfd, "-q")[0] == 1
    assert screen.getvalue().strip("\0") == ""


def test_without_a_terminal_the_bar_is_not_even_imported(project: Path) -> None:
    program = (
        "import sys; from dockerlint_fastapi.cli import run; run(['check', '-q']);"
        "print('dockerlint_fastapi.cli.progress' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=project, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    assert done.stderr == "False\n"


# ---- documents ----


def test_every_format_is_documented_with_what_it_prints() -> None:
    page = (ROOT / "docs" / "output.md").read_text(encoding="utf-8")
    for name in FORMATS:
        assert f"| `{name}`" in page
        assert f"\n## {name}\n" in page
        assert name == "sarif" or f"<!-- {name} -->\n```" in page  # kept current by docs/generate.py


def test_the_validators_run_in_ci() -> None:
    steps = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for script in sorted((ROOT / "tests" / "validators").glob("*.py")):
        if "__main__" in script.read_text(encoding="utf-8"):
            assert f"$bin/python tests/validators/{script.name}" in steps
