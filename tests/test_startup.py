"""What `dlf check` imports: cold start is a feature of a pre-commit hook, and imports are most of it."""

import importlib.util
import json
import os
import py_compile
import re
import subprocess
import sys
from pathlib import Path

import pytest

import dockerlint_fastapi
from dockerlint_fastapi import bytecode, data

# What a plain run can do without.
HEAVY = {
    "dockerlint_fastapi.api", "dockerlint_fastapi.fleet", "dockerlint_fastapi.held", "numpy", "pandas", "pyarrow",
    "ray",
    "annotated_types", "asyncio", "click", "concurrent.futures", "dataclasses", "dis", "inspect",
    "gettext", "dockerlint_fastapi.config.file",
    "dockerlint_fastapi.examples", "dockerlint_fastapi.reporters.json_report", "dockerlint_fastapi.reporters.sarif",
    "email", "hashlib", "http", "importlib.metadata", "importlib.resources", "jsonschema", "multiprocessing",
    "pydantic", "pydantic_core", "random", "rich", "socket", "ssl", "subprocess", "tempfile", "typing_extensions",
    "unicodedata", "urllib.request", "xml", "yaml",
}  # fmt: skip
# ruamel.yaml brings some of these, pydantic others; without both nothing needs them. What takes a millisecond is one.
SPARED = {
    "ast", "contextlib", "copy", "datetime", "dockerfile_parse", "glob", "importlib.util", "ipaddress", "logging",
    "pathlib", "pickle", "shlex", "statistics", "tomllib", "typing", "urllib.parse", "weakref",
}  # fmt: skip
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
    keeping = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for _ in range(2):  # the first run of all compiles the tables
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True, env=keeping)
        code, names = json.loads(done.stderr.splitlines()[-1])
        if "tomllib" not in names:
            break
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
    assert "ruamel.yaml" not in imported
    (project / "compose.yaml").write_text("services: {api: {build: .}}\n")  # not of the usual kind
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
        "dockerlint_fastapi.bytecode",
        "dockerlint_fastapi.expressions",
        "dockerlint_fastapi.late",
        "dockerlint_fastapi.finding",
        "dockerlint_fastapi.pattern",
        "dockerlint_fastapi.record",
        "dockerlint_fastapi.reporters",
        "dockerlint_fastapi.rule",
        "dockerlint_fastapi.show",
        "dockerlint_fastapi.source",
    }


COUNTING = """
import json, re._compiler, sys
compiled, compile = [], re._compiler.compile
def counted(pattern, flags=0):
    compiled.append(str(pattern))
    return compile(pattern, flags)
re._compiler.compile = counted
from dockerlint_fastapi.cli import run
from dockerlint_fastapi.cli.check import check
loading = len(compiled)
run(sys.argv[1:])
ours = [name for name in sys.modules if name.startswith("dockerlint_fastapi")]
print(json.dumps([loading, len(compiled), len(ours)]), file=sys.stderr)
"""


@pytest.mark.parametrize(("arguments", "most"), [(("Dockerfile",), (0, 120, 255)), ((), (0, 130, 260))])
def test_modules_and_regular_expressions_are_few(
    project: Path, arguments: tuple[str, ...], most: tuple[int, int, int]
) -> None:
    """Regular expressions compiled by the imports of the program, and in the whole run; modules of our own."""
    command = [sys.executable, "-c", COUNTING, "check", *arguments]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    counts = json.loads(done.stderr.splitlines()[-1])
    assert [count <= limit for count, limit in zip(counts, most, strict=True)] == [True] * 3, counts


def test_no_module_makes_the_standard_library_s_named_tuples_or_compiles_patterns() -> None:
    """Each costs a tenth of a millisecond in every run: `record.NamedTuple` and `pattern.pattern` do not."""
    package = Path(__file__).parents[1] / "src" / "dockerlint_fastapi"
    cold = {
        "cli/fleet.py",
        "fleet",
        "config/file.py",
        "examples.py",
        "show/schema.py",
        "record.py",
        "edits",
        "reporters",
        "fixer.py",
        "comparison.py",
    }
    dear: list[str] = []
    for path in package.rglob("*.py"):
        name = path.relative_to(package).as_posix()
        if name in cold or name.split("/")[0] in cold:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
            if line.startswith("from typing import") or re.match(r"\w+(?:: \w+)? = re\.compile\(", line):
                dear.append(f"{name}:{number}: {line}")
    assert dear == []


def test_tables_are_kept_compiled_and_never_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "_HERE", str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    file = tmp_path / "facts.toml"
    for text, value in (("a = 1\nday = 2026-11-22\n", 1), ("a = 22\n", 22)):
        file.write_text(text)
        for _ in range(2):  # read, then from what was kept
            data.table.cache_clear()
            assert data.table("facts")["a"] == value
    assert [one.name for one in (tmp_path / "__pycache__").iterdir()] == [f"facts.{sys.implementation.cache_tag}.pyc"]
    data.table.cache_clear()


def test_bytecode_is_taken_only_for_the_source_it_was_made_of(tmp_path: Path) -> None:
    file = tmp_path / "one.py"
    file.write_text("answer = 1\n")
    assert bytecode.kept(str(file)) is None
    py_compile.compile(str(file))
    code = bytecode.kept(str(file))
    assert code is not None
    assert code.co_names == ("answer",)
    file.write_text("answer = 1000\n")
    assert bytecode.kept(str(file)) is None
    kept = Path(bytecode.place(str(file)))
    py_compile.compile(str(file))
    kept.write_bytes(kept.read_bytes()[:30])
    assert bytecode.kept(str(file)) is None
    assert bytecode.kept(str(tmp_path / "absent.py")) is None


def test_only_packages_answer_for_names_that_they_have_not() -> None:
    """The modules that `bytecode` makes look names up as any object does: a `__getattr__` in one would not be asked."""
    package = Path(__file__).parents[1] / "src" / "dockerlint_fastapi"
    asking = [
        path for path in package.rglob("*.py") if re.search(r"(?m)^(?:    )?def __getattr__\(name", path.read_text())
    ]
    assert asking
    assert [path.name for path in asking] == ["__init__.py"] * len(asking)


def test_the_finder_finds_what_python_finds() -> None:
    finder = bytecode.Finder("dockerlint_fastapi", next(iter(dockerlint_fastapi.__path__)))
    for name in ("dockerlint_fastapi.model", "dockerlint_fastapi.rule", "dockerlint_fastapi.model.compose.file"):
        ours, theirs = finder.find_spec(name), importlib.util.find_spec(name)
        assert ours is not None
        assert theirs is not None
        for attribute in ("name", "origin", "cached", "has_location", "submodule_search_locations", "parent"):
            assert getattr(ours, attribute) == getattr(theirs, attribute), attribute
    assert finder.find_spec("dockerlint_fastapi.absent") is None
    assert finder.find_spec("json") is None
