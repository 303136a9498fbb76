"""`dlf init`, `dlf completion`, help, and what is said of a project in which there is nothing to lint."""
# ruff: noqa: E501 - tables of messages read best on one line each

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from dockerlint_fastapi import __version__, cli
from dockerlint_fastapi.cli.init import GITHUB, GITLAB, HOOK, template
from dockerlint_fastapi.config.file import Keys, load
from dockerlint_fastapi.rule import CATEGORIES, load_rules

Run = Callable[..., tuple[int, str, str]]
ROOT = Path(__file__).parent.parent


@pytest.fixture
def dlf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = cli.run(arguments)
        out, err = capsys.readouterr()
        return code, out, err

    return run


def read(path: Path) -> object:
    return YAML(typ="safe", pure=True).load(path.read_text())


# ---------------------------------------------------------------- init


def test_the_template_holds_every_key_and_is_read_when_its_marks_are_taken_away(tmp_path: Path) -> None:
    names = {rule.name for rule in load_rules()}
    for name, table in (("dlf.toml", ""), ("pyproject.toml", "[tool.dlf]")):
        text = template(table)
        file = tmp_path / name
        file.write_text(text)
        assert load(str(file), names, CATEGORIES) is not None
        file.write_text(re.sub(r"^# (?=[\w-]+ = |\[|\")", "", text, flags=re.MULTILINE))
        assert load(str(file), names, CATEGORIES) is not None
        inner = tomllib.loads(file.read_text())
        inner = inner["tool"]["dlf"] if table else inner
        assert set(inner) == {field.alias for field in Keys.model_fields.values()}


def test_a_configuration_is_written_once(dlf: Run, tmp_path: Path) -> None:
    code, out, err = dlf("init")
    assert (code, err) == (0, "")
    assert out.startswith("wrote dlf.toml\n")
    assert f"rev: v{__version__}" in out
    (tmp_path / "dlf.toml").write_text("# mine\n")
    assert dlf("init") == (2, "", "error: dlf.toml: is there already; --force replaces it\n")
    assert (tmp_path / "dlf.toml").read_text() == "# mine\n"
    assert dlf("init", "--force")[0] == 0
    assert (tmp_path / "dlf.toml").read_text() == template()


def test_into_pyproject(dlf: Run, tmp_path: Path) -> None:
    assert dlf("init", "--pyproject")[0] == 2
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert dlf("init", "--pyproject")[0] == 0
    text = (tmp_path / "pyproject.toml").read_text()
    assert text == "[project]\nname = 'x'\n\n" + template("[tool.dlf]")
    assert tomllib.loads(text) == {"project": {"name": "x"}, "tool": {"dlf": {}}}
    for arguments in (("--pyproject",), ()):
        code, out, err = dlf("init", *arguments)
        assert (code, out) == (2, "")
        assert "pyproject.toml: has a table `[tool.dlf]` already" in err
    assert (tmp_path / "pyproject.toml").read_text() == text
    (tmp_path / "pyproject.toml").write_text("[")
    assert dlf("init", "--pyproject")[0] == 2


@pytest.mark.parametrize(
    "text",
    [
        "repos:\n- repo: https://example.org/a\n  rev: v1\n  hooks:\n  - id: a\n",
        "repos:\n  - repo: https://example.org/a\n    rev: v1\n    hooks:\n      - id: a",
        "# mine\nrepos:\n  - repo: local\n    hooks: []\n\n# the end\nci:\n  skip: [a]\n",
        "default_stages: [pre-commit]\r\nrepos:\r\n- repo: meta\r\n  hooks:\r\n  - id: identity\r\n",
    ],
)
def test_the_hook_joins_the_others(dlf: Run, tmp_path: Path, text: str) -> None:
    file = tmp_path / ".pre-commit-config.yaml"
    file.write_bytes(text.encode())
    code, _, err = dlf("init", "--hook")  # nobody is there to agree
    assert code == 2
    assert "--yes adds this to it" in err
    assert file.read_bytes() == text.encode()
    before = read(file)
    assert dlf("init", "--hook", "--yes")[0] == 0
    after = read(file)
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    *others, ours = after["repos"]
    assert others == before["repos"]
    assert (ours["rev"], [hook["id"] for hook in ours["hooks"]]) == (f"v{__version__}", ["dlf"])
    made = file.read_bytes()
    rows = made.splitlines(keepends=True)
    assert all(row in rows or row + b"\n" in rows for row in text.encode().splitlines(keepends=True))
    code, out, _ = dlf("init", "--hook")
    assert (code, out) == (0, ".pre-commit-config.yaml: runs dlf already\n")
    assert file.read_bytes() == made


@pytest.mark.parametrize("text", ["repos: []\n", "- a\n", "x: [\n", "ci: {}\n"])
def test_a_hook_file_that_cannot_be_added_to_is_left_alone(dlf: Run, tmp_path: Path, text: str) -> None:
    file = tmp_path / ".pre-commit-config.yaml"
    file.write_text(text)
    code, _, err = dlf("init", "--hook", "--yes")
    assert code == 2
    assert "put this into it" in err
    assert file.read_text() == text


def test_jobs(dlf: Run, tmp_path: Path) -> None:
    assert dlf("init", "--hook", "--ci", "github")[0] == 0
    workflow = read(tmp_path / ".github" / "workflows" / "dlf.yml")
    assert isinstance(workflow, dict)
    steps = workflow["jobs"]["dlf"]["steps"]
    assert [step["uses"].partition("@")[0] for step in steps] == ["actions/checkout", "dockerlint-fastapi/dlf"]
    hooks = read(tmp_path / ".pre-commit-config.yaml")
    assert isinstance(hooks, dict)
    gitlab = tmp_path / ".gitlab-ci.yml"
    gitlab.write_text("stages: [test]\nx:\n  script: !reference [y, script]\n")
    assert dlf("init", "--ci", "gitlab")[0] == 2
    assert dlf("init", "--ci", "gitlab", "--yes")[0] == 0
    assert gitlab.read_text().startswith("stages: [test]\nx:\n  script: !reference [y, script]\n\ndlf:\n")
    assert dlf("init", "--ci", "gitlab")[1] == ".gitlab-ci.yml: runs dlf already\n"


def test_the_jobs_are_those_of_the_document() -> None:
    text = (Path(__file__).parents[1] / "docs" / "ci.md").read_text(encoding="utf-8")
    for made in (GITHUB, GITLAB, HOOK):
        shown = [row.strip() for row in made.splitlines()]
        assert " ".join(" ".join(shown).split()) in " ".join(text.split()), made


# ---------------------------------------------------------------- completion


def completed(*words: str) -> list[str]:
    """What bash is told may stand in the place of the last word."""
    environment = {
        **os.environ,
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": str(len(words) - 1),
        "_DLF_COMPLETE": "bash_complete",
    }
    done = subprocess.run(
        [sys.executable, "-m", "dockerlint_fastapi"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("dlf", "co"), ["plain,completion"]),
        (("dlf", "rule", "shell-f"), ["plain,shell-form-cmd"]),
        (("dlf", "check", "--select", "shell-f"), ["plain,shell-form-cmd"]),
        (("dlf", "check", "--ignore", "signals,shell-f"), ["plain,signals,shell-form-cmd"]),
        (("dlf", "check", "--select", "comp"), None),
        (("dlf", "check", "--write"), ["plain,--write-baseline"]),
        (("dlf", "check", "--fail-on", "w"), ["plain,warning"]),
        (("dlf", "check", "Docker"), ["file,Docker"]),
        (("dlf", "check", "--rules", "x"), ["dir,x"]),
        (("dlf", "check", "--baseline", "x"), ["file,x"]),
        (("dlf", "completion", "f"), ["plain,fish"]),
    ],
)  # fmt: skip
def test_words_are_completed(words: tuple[str, ...], expected: list[str] | None) -> None:
    found = completed(*words)
    if expected is None:
        assert {"plain,compose", "plain,compose-security", "plain,compose-syntax"} <= set(found)
    else:
        assert found == expected


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts_are_printed_and_are_valid(dlf: Run, tmp_path: Path, shell: str) -> None:
    code, out, err = dlf("completion", shell)
    assert (code, err) == (0, "")
    assert f"{shell}_complete" in out
    program = shutil.which(shell)
    if program is not None:
        script = tmp_path / "script"
        script.write_text(out)
        subprocess.run([program, "-n", str(script)], check=True, capture_output=True)


def test_an_unknown_shell(dlf: Run) -> None:
    code, out, err = dlf("completion", "tcsh")
    assert (code, out) == (2, "")
    assert "'tcsh' is not one of 'bash', 'zsh', 'fish'" in err


# ---------------------------------------------------------------- help


@pytest.mark.parametrize("command", list(cli.COMMANDS))
def test_the_help_of_each_command_is_whole(dlf: Run, command: str) -> None:
    code, out, err = dlf(command, "--help")
    assert (code, err) == (0, "")
    if command != "completion":
        assert "Example" in out
        assert "Exit codes:" in out
    assert max(map(len, out.splitlines())) <= 110
    assert not re.search(r"^  --[\w-]+(?: [A-Z]+)?$\n(?!   )", out, re.MULTILINE)  # each option says what it does


def test_the_options_of_check_stand_in_groups(dlf: Run) -> None:
    out = dlf("check", "--help")[1]
    groups = re.findall(r"^(\S.*):$", out, re.MULTILINE)
    assert groups[-1] == "Options"
    for group in ("What is linted", "Which rules", "What is accepted", "What is printed", "The exit code"):
        assert group in groups
    assert re.findall(r"^  (-\S+)", out[out.index("\nOptions:\n") :], re.MULTILINE) == ["-h,"]
    assert "Examples:" in out
    assert "Exit codes:" in out


# ---------------------------------------------------------------- an empty project


def test_an_empty_project_is_told_where_dlf_looked(dlf: Run, tmp_path: Path) -> None:
    code, out, err = dlf("check")
    assert (code, out) == (0, "")
    assert err.splitlines()[0] == "no Dockerfile or compose file under ."
    assert "looked for Dockerfile" in err
    assert dlf("check", "-q") == (0, "", "")
    assert json.loads(dlf("check", "--output-format", "json")[1])["files"] == []
    (tmp_path / ".gitignore").write_text("build/\n")
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "compose.yaml").write_text("services: {}\n")
    err = dlf("check", "--exclude", "old")[2]
    assert err.splitlines() == [
        "no Dockerfile or compose file under .",
        "  left out by `exclude`: old/compose.yaml",
        "  left out since .gitignore ignores it: build/Dockerfile",
        "  a file is linted all the same when it is named: `dlf check PATH`",
    ]
    assert dlf("check", "build/Dockerfile")[0] in (0, 1)


def test_standard_input_has_the_name_that_it_is_given(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "api").mkdir()
    (tmp_path / "dlf.toml").write_text('select = ["shell-form-cmd"]\n')
    done = subprocess.run(
        [sys.executable, "-m", "dockerlint_fastapi", "check", "-", "--stdin-filename", "api/Dockerfile", "--output-format", "concise"],
        cwd=tmp_path, input="FROM python:3.12-slim\nCMD uvicorn a:b\n", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout.startswith("api/Dockerfile:2:5: error[shell-form-cmd]: ")


def test_a_local_hook_runs_the_installed_dlf_on_what_the_public_one_runs_on(dlf: Run, tmp_path: Path) -> None:
    assert dlf("init", "--hook", "--local")[0] == 0
    hooks = read(tmp_path / ".pre-commit-config.yaml")
    assert isinstance(hooks, dict)
    (ours,) = hooks["repos"][0]["hooks"]
    public = read(ROOT / ".pre-commit-hooks.yaml")
    assert isinstance(public, list)
    assert (ours["entry"], ours["require_serial"]) == (public[0]["entry"], public[0]["require_serial"])
    names = [
        "Dockerfile",
        "api/Dockerfile.dev",
        "x.dockerfile",
        "a/.dockerignore",
        "compose.yaml",
        "docker-compose.prod.yml",
        "main.py",
        "compose.py",
    ]
    assert [bool(re.search(ours["files"], name)) for name in names] == [
        bool(re.search(public[0]["files"], name)) for name in names
    ]
    assert dlf("init", "--local")[0] == 2
