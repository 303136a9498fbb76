"""action.yml, the snippets of docs/ci.md, the container image: by their schemas, and as far as they run here."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml

from dockerlint_fastapi import cli
from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import Found
from dockerlint_fastapi.tree import DiskTree

ROOT = Path(__file__).parents[1]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
SCHEMAS = {
    ".github/workflows/dlf.yml": "vendor.github-workflows",
    ".gitlab-ci.yml": "vendor.gitlab-ci",
    "azure-pipelines.yml": "vendor.azure-pipelines",
}
SNIPPETS = re.findall(r'```\w+ title="([^"]+)"\n(.*?)```', PAGE, re.DOTALL)
BAD = "FROM python:3.13.1-slim\nCMD uvicorn app.main:app --host 0.0.0.0\n"

Step = Callable[..., subprocess.CompletedProcess[str]]


def valid(schema: str, path: Path) -> None:
    # the schema of Azure holds expressions that only this dialect takes, as check-jsonschema's own hook has it
    options = ("--builtin-schema", schema, "--regex-variant", "nonunicode")
    command = [sys.executable, "-m", "check_jsonschema", *options, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# ---------------------------------------------------------------- the action


def test_the_action_is_one_by_its_schema() -> None:
    valid("vendor.github-actions", ROOT / "action.yml")


def test_no_input_is_part_of_a_script_and_no_action_can_change_under_it() -> None:
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
        assert ("run" in step) == (step.get("shell") == "bash")
        if "uses" in step:
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"])


def test_every_input_is_used_and_documented() -> None:
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    for name in ACTION["inputs"]:
        assert re.search(rf"\${{{{ inputs\.{name}\b", text), name
    assert re.findall(r"^\| `([\w-]+)` \|", PAGE, re.MULTILINE) == list(ACTION["inputs"])


class Run:
    """One run of the step `check`, and what it left behind."""

    def __init__(self, step: Step, dlf: Path, project: Path, temp: Path, **given: str) -> None:
        temp.mkdir(exist_ok=True)
        self.done = step("check", project, temp, **{"DLF": str(dlf), "DLF_PATHS": ".", "DLF_DIRECTORY": "."} | given)
        assert self.done.returncode == 0, self.done.stdout + self.done.stderr
        self.outputs = dict(line.split("=", 1) for line in (temp / "output").read_text().splitlines())
        self.summary = (temp / "summary").read_text() if (temp / "summary").exists() else ""
        sarif = Path(self.outputs["sarif-file"]) if "sarif-file" in self.outputs else None
        self.sarif: Any = json.loads(sarif.read_text()) if sarif else None

    @property
    def places(self) -> set[str]:
        results = self.sarif["runs"][0]["results"]
        return {unquote(one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]) for one in results}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "api").mkdir(parents=True)
    (folder / "it's a $(touch x)").mkdir()
    (folder / "api" / "Dockerfile").write_text(BAD)
    (folder / "it's a $(touch x)" / "Dockerfile").write_text(BAD + "# no copy\n")
    (folder / ".git").mkdir()
    return folder


def test_a_run_with_findings(action_step: Step, installed: Path, project: Path, tmp_path: Path) -> None:
    run = Run(action_step, installed / "dlf", project, tmp_path / "temp")
    assert run.outputs["exit-code"] == "1"
    assert run.places == {"api/Dockerfile", "it's a $(touch x)/Dockerfile"}
    assert "shell-form-cmd" in run.summary
    assert re.search(r"^::error .*file=api/Dockerfile,", run.done.stdout, re.MULTILINE)
    assert "\x1b[" in run.done.stdout  # the log has colours
    assert not (project / "x").exists()
    # the verdict comes after the upload
    ids = [step.get("id") for step in ACTION["runs"]["steps"]]
    assert ids[-1] == "verdict"
    assert "upload-sarif@" in ACTION["runs"]["steps"][-2]["uses"]
    assert action_step("verdict", project, tmp_path, DLF_EXIT_CODE="1").returncode == 1
    assert action_step("verdict", project, tmp_path, DLF_EXIT_CODE="0").returncode == 0
    assert action_step("verdict", project, tmp_path).returncode == 2


def test_inputs_reach_the_command_line(action_step: Step, installed: Path, project: Path, tmp_path: Path) -> None:
    def run(**given: str) -> Run:
        shutil.rmtree(tmp_path / "temp", ignore_errors=True)
        return Run(action_step, installed / "dlf", project, tmp_path / "temp", **given)

    assert run(DLF_DIRECTORY="api").places == {"api/Dockerfile"}
    assert run(DLF_PATHS="api/Dockerfile\n\nit's a $(touch x)\n").outputs["exit-code"] == "1"
    assert "it's a $(touch x)/Dockerfile" in run(DLF_PATHS="it's a $(touch x)").places
    assert run(DLF_ARGS="--exit-zero\n --select  shell-form-cmd").outputs["exit-code"] == "0"
    assert run(DLF_ARGS="--select unpinned-base-image", DLF_FAIL_ON="error").outputs["exit-code"] == "0"
    assert run(DLF_PROFILE="guide").outputs["exit-code"] == "1"
    for hostile in ("$(touch x)", "`touch x`", "; touch x", '"; touch x; "', "*"):
        wrong = run(DLF_ARGS=f"--select {hostile}")
        assert wrong.outputs == {"exit-code": "2"}
        assert run(DLF_PROFILE=hostile).outputs["exit-code"] == "2"
        assert run(DLF_PATHS=hostile).outputs["exit-code"] == "2"
    assert run(DLF_PATHS="--exit-zero").outputs["exit-code"] == "2"  # a path, and there is no such file
    assert not list(project.rglob("x"))


def test_lines_of_the_repository_give_the_runner_no_commands(
    action_step: Step, installed: Path, project: Path, tmp_path: Path
) -> None:
    (project / "api" / "Dockerfile").write_text("FROM x\nCMD uvicorn a:b ##[set-output name=exit-code]0\n")
    lines = Run(action_step, installed / "dlf", project, tmp_path / "temp").done.stdout.splitlines()
    (start,) = [at for at, line in enumerate(lines) if line.startswith("::stop-commands::")]
    token = lines[start].removeprefix("::stop-commands::")
    assert re.fullmatch("[0-9a-f]{32}", token)
    end = lines.index(f"::{token}::")
    quoted = [at for at, line in enumerate(lines) if "##[set-output" in line and not line.startswith("::")]
    assert quoted
    assert all(start < at < end for at in quoted)


def test_what_installs_nothing_of_the_linted_repository(
    action_step: Step, installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first step stands in the checkout; `installed` has run it. Here it is stopped before it would load much."""
    assert (installed / "dlf").exists()
    for name in ("venv", "pip", "ensurepip", "sitecustomize", "runpy"):
        (tmp_path / f"{name}.py").write_text("import pathlib; pathlib.Path('run').touch()\n")
    temp = tmp_path / "temp"
    temp.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    python = shutil.copy(ROOT / "action.yml", tmp_path / "not-python")
    assert action_step("install", tmp_path, temp, DLF_PYTHON=str(python)).returncode != 0
    done = action_step("install", tmp_path, temp, DLF_PYTHON=sys.executable, DLF_VERSION="1.0 --index-url=x")
    assert done.returncode != 0
    assert "Invalid requirement" in done.stdout + done.stderr
    assert not (tmp_path / "run").exists()


# ---------------------------------------------------------------- the snippets


def test_there_is_a_snippet_for_each_system() -> None:
    assert {name for name, _ in SNIPPETS} == {*SCHEMAS, ".pre-commit-config.yaml", "Jenkinsfile"}


@pytest.mark.parametrize(("name", "text"), SNIPPETS)
def test_a_snippet_is_valid(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / Path(name).name
    path.write_text(text, encoding="utf-8")
    if name in SCHEMAS:
        valid(SCHEMAS[name], path)
    elif name == ".pre-commit-config.yaml":
        done = subprocess.run(
            [sys.executable, "-m", "pre_commit", "validate-config", str(path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (0, "")
        hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
        (repo,) = yaml.safe_load(text)["repos"]
        assert {hook["id"] for hook in repo["hooks"]} <= {hook["id"] for hook in hooks}
    else:
        assert text.count("{") == text.count("}")


def test_the_snippet_of_the_action_names_inputs_that_it_has() -> None:
    with_it = next(text for _, text in SNIPPETS if "dockerlint-fastapi/dlf@" in text)
    step = next(one for one in yaml.safe_load(with_it)["jobs"]["dlf"]["steps"] if "dlf@" in one["uses"])
    assert step["with"].keys() <= ACTION["inputs"].keys()


def commands() -> Iterator[str]:
    """Every command line of dlf that docs/ci.md shows."""
    for _, text in SNIPPETS:
        yield from re.findall(r"(?:^|[ /'])(dlf check\b[^'\n]*)", text)


@pytest.mark.parametrize("command", sorted(set(commands())))
def test_a_command_line_does_what_it_says(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Dockerfile").write_text(BAD)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNNER_TEMP", str(tmp_path))
    words = [word.replace("$RUNNER_TEMP", str(tmp_path)) for word in shlex.split(command)[1:]]
    assert cli.run(words) == 1
    assert capsys.readouterr().err == ""
    files = [word.partition(":")[2] for at, word in enumerate(words) if words[at - 1] == "--output-file"]
    assert all((tmp_path / file).read_text() for file in files)
    # and what the job hands on is what dlf wrote
    snippet = next(text for _, text in SNIPPETS if command in text)
    for file in files:
        assert snippet.count(Path(file).name) >= 2 or "junit:" in command, file


def test_versions_in_the_snippets_are_this_one() -> None:
    from dockerlint_fastapi import __version__  # noqa: PLC0415

    assert set(re.findall(r"(?:dockerlint_fastapi==|rev: v|dlf@v)([\d.]+)", PAGE)) == {__version__}


# ---------------------------------------------------------------- the container image


@pytest.mark.parametrize("profile", ["guide", "default", "pedantic"])
def test_the_container_image_passes_dlf(
    profile: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    command = ("check", "Dockerfile", ".dockerignore", "--profile", profile, "--fail-on", "info")
    assert cli.run([*command, "--isolated", "--today", "2026-11-22"]) == 0, capsys.readouterr().out


def test_what_the_container_image_is_sent_is_enough_to_build_it(tmp_path: Path) -> None:
    """No engine here: what .dockerignore lets through is built as the RUN line builds it, but for the registry."""
    project = assemble(DiskTree(str(ROOT)), Found(("Dockerfile",), (), (".dockerignore",)))
    (image,) = [image for image in project.images if image.stage.dockerfile.source.path == "Dockerfile"]
    (build,) = image.builds
    here = [path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("[!.]*"), *(ROOT / "src").rglob("*"))]
    here += [path.relative_to(ROOT).as_posix() for path in (ROOT / "rules").iterdir()]
    sent = [path for path in here if (ROOT / path).is_file() and build.sends(path)]
    assert not any("__pycache__" in path for path in sent)
    assert {path.split("/")[0] for path in sent} == {"src", "rules", "pyproject.toml", "README.md", "LICENSE"}
    for path in sent:
        (tmp_path / "context" / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / "context" / path)
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path)
    command = [sys.executable, "-m", "pip", "wheel", *map(str, options), "."]
    done = subprocess.run(command, cwd=tmp_path / "context", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(tmp_path.glob("*.whl"))
