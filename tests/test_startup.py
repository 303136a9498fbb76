"""What `dlf check` imports: cold start is a feature of a pre-commit hook, and imports are most of it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

# click brings inspect, datetime and more of the standard library; these are what a plain run can do without.
HEAVY = {
    "annotated_types", "asyncio", "concurrent.futures", "dataclasses", "dockerlint_fastapi.config.file",
    "dockerlint_fastapi.examples", "dockerlint_fastapi.reporters.json_report", "dockerlint_fastapi.reporters.sarif",
    "email", "hashlib", "http", "importlib.metadata", "importlib.resources", "jsonschema", "multiprocessing",
    "pydantic", "pydantic_core", "random", "rich", "socket", "ssl", "subprocess", "tempfile", "typing_extensions",
    "unicodedata", "urllib.request", "xml", "yaml",
}  # fmt: skip
# ruamel.yaml brings some of these, pydantic the others; without both nothing needs them.
SPARED = {"copy", "glob", "importlib.util", "ipaddress", "pathlib", "pickle", "statistics", "urllib.parse"}
COMPOSE = {"ruamel", "ruamel.yaml", "dockerlint_fastapi.parsers.compose"}

PROGRAM = """
import json, sys
from dockerlint_fastapi.cli import run
code = run(sys.argv[1:])
print(json.dumps([code, sorted(sys.modules)]), file=sys.stderr)
"""


def modules(root: Path, *arguments: str) -> tuple[int, set[str]]:
    """The exit code of a run in a directory, and every module that it imported."""
    command = [sys.executable, "-c", PROGRAM, *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    code, names = json.loads(done.stderr.splitlines()[-1])
    return code, set(names)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "Dockerfile").write_text("FROM python:3.13-slim\nCOPY . .\nCMD uvicorn app.main:app --host 0.0.0.0\n")
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    return tmp_path


def bare() -> set[str]:
    """What an interpreter of this environment imports before any program (`.pth` files, coverage)."""
    done = subprocess.run(
        [sys.executable, "-c", "import json, sys; print(json.dumps(sorted(sys.modules)))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return set(json.loads(done.stdout))


@pytest.mark.parametrize(
    "arguments", [("check", "Dockerfile"), ("check",), ("check", "--output-format", "concise", "-q")]
)
def test_a_lone_dockerfile_needs_nothing_heavy(project: Path, arguments: tuple[str, ...]) -> None:
    code, imported = modules(project, *arguments)
    assert code == 1
    assert (imported - bare()) & (HEAVY | SPARED | COMPOSE) == set()


def test_a_compose_file_brings_yaml_and_no_more(project: Path) -> None:
    (project / "compose.yaml").write_text("services:\n  api:\n    build: .\n")
    _, imported = modules(project, "check")
    assert (imported - bare()) & HEAVY <= {"dataclasses", "typing_extensions"}
    assert "ruamel.yaml" in imported


def test_a_configuration_brings_pydantic(project: Path) -> None:
    (project / "dlf.toml").write_text("fail-on = 'error'\n")
    assert "pydantic" in modules(project, "check", "Dockerfile")[1]
    assert "pydantic" not in modules(project, "check", "Dockerfile", "--isolated")[1]


def test_the_end_of_the_program_looks_for_no_garbage(project: Path) -> None:
    """Modules and model live to the end: tens of thousands of objects that need not be looked through once more."""
    program = """
import atexit, gc, sys
atexit.register(lambda: print(gc.get_freeze_count() > 10_000, gc.isenabled(), file=sys.stderr))
from dockerlint_fastapi.cli import main
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", program, "check", "-q"], cwd=project, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, "True True\n")


@pytest.mark.parametrize("arguments", [("--version",), ("--help",), ("check", "--help")])
def test_help_and_version_need_no_linter(project: Path, arguments: tuple[str, ...]) -> None:
    code, imported = modules(project, *arguments)
    assert code == 0
    ours = {name for name in imported if name.startswith("dockerlint_fastapi.")}
    assert not {name for name in ours if not name.startswith("dockerlint_fastapi.cli.")} - {
        "dockerlint_fastapi.cli",
        "dockerlint_fastapi.config",
        "dockerlint_fastapi.finding",
        "dockerlint_fastapi.reporters",
        "dockerlint_fastapi.rule",
        "dockerlint_fastapi.show",
        "dockerlint_fastapi.source",
    }
