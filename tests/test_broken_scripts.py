"""Start scripts that cannot run, on a real disk: modes and line ends are not in the examples on pages."""

import os
from pathlib import Path

import pytest

from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.rule import BUILT_IN, Rule
from dockerlint_fastapi.tree import DiskTree, MemoryTree, OverlayTree

RULE = Rule(BUILT_IN, "broken_entrypoint_script")
SCRIPT = b"#!/bin/sh\nexec uvicorn app.main:app\n"


def told(root: Path, dockerfile: str, script: bytes = SCRIPT, mode: int = 0o644, **files: str) -> list[str]:
    """The places and first words of what the rule says of a small project."""
    (root / "Dockerfile").write_text(dockerfile)
    (root / "start.sh").write_bytes(script)
    (root / "start.sh").chmod(mode)
    for name, text in files.items():
        (root / name.replace("_", ".")).write_text(text)
    report = lint(DiskTree(str(root)), Settings((RULE,), frozenset((RULE.name,))))
    return [
        f"{one.finding.span.source.path}:{one.finding.span.line} {one.finding.message.split(':')[0]}"
        for one in report.diagnostics
    ]


MODE = ["Dockerfile:3 the script is started directly but not executable"]


@pytest.mark.parametrize(
    ("dockerfile", "mode", "expected"),
    [
        ("COPY start.sh /\nCMD ['/start.sh']", 0o644, MODE),
        ("COPY start.sh /\nCMD ['/start.sh']", 0o755, []),
        ("COPY start.sh /\nCMD ['sh', '/start.sh']", 0o644, []),
        ("COPY start.sh /\nCMD exec /start.sh", 0o644, MODE),
        ("COPY --chmod=755 start.sh /\nCMD ['/start.sh']", 0o644, []),
        ("COPY . /code/\nENTRYPOINT ['/code/start.sh']", 0o644, MODE),
        ("COPY start.sh /\nRUN chmod +x /start.sh\nCMD ['/start.sh']", 0o644, []),
        ("COPY . /code/\nRUN chmod +x /code/*.sh\nCMD ['/code/start.sh']", 0o644, []),
        ("COPY . /code/\nRUN chmod -R 755 /code\nCMD ['/code/start.sh']", 0o644, []),
        ("COPY start.sh /\nRUN chmod 600 /etc/hosts\nENTRYPOINT ['/start.sh']", 0o644, ["Dockerfile:4" + MODE[0][12:]]),
        ("COPY start.sh /start\nENTRYPOINT ['/start']", 0o644, MODE),
    ],
)
def test_the_right_to_be_executed(tmp_path: Path, dockerfile: str, mode: int, expected: list[str]) -> None:
    assert told(tmp_path, "FROM python:3.12-slim\n" + dockerfile.replace("'", '"') + "\n", mode=mode) == expected


@pytest.mark.parametrize(("name", "severity"), [("compose_prod_yaml", "error"), ("compose_dev_yaml", "warning")])
def test_what_mends_the_right_of_a_mounted_script(tmp_path: Path, name: str, severity: str) -> None:
    compose = "services:\n  web:\n    build: .\n    volumes: ['.:/code']\n"
    start = 'FROM python:3.12-slim\nWORKDIR /code\nCOPY . .\nRUN chmod +x start.sh\nCMD ["./start.sh"]\n'
    told(tmp_path, start, **{name: compose})
    report = lint(DiskTree(str(tmp_path)), Settings((RULE,), frozenset((RULE.name,))))
    found = [(one.severity, one.finding.help, one.finding.fix) for one in report.diagnostics]
    git = "record the right in git, `git update-index --chmod=+x start.sh`"
    assert found == [(severity, f"{git}, or start it by its shell, `sh /code/start.sh`", None)]


def test_a_mode_that_is_not_kept_is_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DiskTree, "executable", lambda _self, _path: None)
    assert told(tmp_path, 'FROM python:3.12-slim\nCOPY start.sh /\nCMD ["/start.sh"]\n') == []


CRLF = SCRIPT.replace(b"\n", b"\r\n")
START = 'FROM python:3.12-slim\nCOPY --chmod=755 start.sh /\n{}CMD ["/start.sh"]\n'


def test_line_ends_of_windows(tmp_path: Path) -> None:
    assert told(tmp_path, START.format(""), CRLF) == ["start.sh:1 the lines end as on Windows"]


@pytest.mark.parametrize("run", ["RUN sed -i 's/\\r$//' /start.sh\n", "RUN dos2unix /start.sh\n"])
def test_line_ends_that_the_build_mends(tmp_path: Path, run: str) -> None:
    assert told(tmp_path, START.format(run), CRLF) == []


def test_line_ends_that_git_mends(tmp_path: Path) -> None:
    assert told(tmp_path, START.format(""), CRLF, _gitattributes="*.sh text eol=lf\n") == []
    assert told(tmp_path, START.format(""), CRLF, _gitattributes="# *.sh eol=lf\n") != []


def test_executable_of_each_tree(tmp_path: Path) -> None:
    for name, mode in (("a", 0o644), ("b", 0o755), ("c", 0o654)):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(mode)
    tree = DiskTree(str(tmp_path))
    known = os.name != "nt"
    assert [tree.executable(name) for name in "abc"] == ([False, True, True] if known else [None] * 3)
    assert tree.executable("none") is None
    assert tree.executable("") is None
    assert MemoryTree({"a": b""}).executable("a") is None
    assert OverlayTree(tree, "b", b"text").executable("b") is (True if known else None)


@pytest.mark.parametrize(
    ("mode", "command", "expected"),
    [
        (0o644, "['./wait-for-it.sh', 'db:5432', '--', 'uvicorn', 'app.main:app']", ["compose.yaml:4" + MODE[0][12:]]),
        (0o755, "['./wait-for-it.sh', 'db:5432', '--', 'uvicorn', 'app.main:app']", []),
        (0o644, "['sh', './wait-for-it.sh', 'db:5432', '--', 'uvicorn', 'app.main:app']", []),
    ],
)
def test_the_right_of_a_script_that_waits(tmp_path: Path, mode: int, command: str, expected: list[str]) -> None:
    (tmp_path / "wait-for-it.sh").write_text("#!/bin/sh\n")
    (tmp_path / "wait-for-it.sh").chmod(mode)
    compose = f"services:\n  web:\n    build: .\n    command: {command}\n    volumes: ['.:/code']\n"
    start = 'FROM python:3.12-slim\nWORKDIR /code\nCOPY . .\nCMD ["uvicorn", "app.main:app"]\n'
    assert told(tmp_path, start, compose_yaml=compose) == expected
