"""Hostile file systems and broken surroundings: links, pipes, devices, files that vanish, full disks, Ctrl-C, closed pipes.

Nothing outside of a project is opened, nothing hangs, no file is left half written, and no user sees a traceback.
"""

# ruff: noqa: E501 - a hostile text reads best on one line
from __future__ import annotations

import json
import os
import re
import resource
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from dockerlint_fastapi.cli import output
from dockerlint_fastapi.cli import run as run_here
from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.reporters import FORMATS
from dockerlint_fastapi.rule import load_rules
from dockerlint_fastapi.tree import MAX_BYTES, DiskTree, MemoryTree, Unreadable

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes, devices and signals of a POSIX system")

PLAIN = "FROM python:3.12-slim\nCOPY . .\nCMD uvicorn main:app --reload\n"
COMPOSE = "services:\n  a:\n    build: .\n    ports:\n      - 80:80\n"
ROOT = Path(__file__).parents[1]
RULES = load_rules()
NAMES = frozenset(rule.name for rule in RULES)
ALL = Settings(RULES, NAMES, profile="pedantic", preview=True, named=NAMES, today="2026-11-22")
CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
LONGEST = 60  # seconds; what hangs would never end


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    return folder


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "NO_COLOR", "COLUMNS")}
    return kept | {"PYTHONPATH": str(ROOT / "src"), "XDG_CACHE_HOME": os.devnull}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "dockerlint_fastapi", *arguments]


def dlf(
    folder: Path, *arguments: str, limit: Callable[[], None] | None = None, **more: object
) -> subprocess.CompletedProcess[bytes]:
    """A run of the program in a folder; it may neither hang nor show a traceback nor hand an escape sequence on."""
    done: subprocess.CompletedProcess[bytes] = subprocess.run(  # type: ignore[call-overload]
        command(*arguments), cwd=folder, env=environment(), capture_output=True, timeout=LONGEST, check=False, preexec_fn=limit, **more
    )  # fmt: skip
    assert b"Traceback" not in done.stderr + done.stdout
    assert b"fault of dlf" not in done.stderr
    assert not CONTROL.search(done.stdout + done.stderr)
    return done


def write(folder: Path, name: str | bytes, text: str | bytes = PLAIN) -> None:
    path = os.path.join(os.fsencode(folder), os.fsencode(name))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(text.encode() if isinstance(text, str) else text)


# -- what lies in the folder


def test_links_in_circles(project: Path) -> None:
    (project / "Dockerfile").symlink_to("Dockerfile")
    (project / "self").symlink_to(".")
    (project / "a").symlink_to("b")
    (project / "b").symlink_to("a")
    write(project, "compose.yaml", "services:\n  a:\n    build: ./self\n    env_file: [a]\n")
    done = dlf(project, "check")
    assert done.returncode in (0, 1)
    assert b"1 file" in done.stdout


def test_links_that_lead_out_are_not_followed(project: Path) -> None:
    outside = project.parent / "outside"
    write(outside, "Dockerfile", "FROM secret-image\nRUN sudo secret-command\n")
    write(outside, "main.py", "secret_name = 1\n")
    for name in ("Dockerfile", ".env", "main.py", "requirements.txt", ".dockerignore"):
        (project / name).symlink_to(outside / ("Dockerfile" if name != "main.py" else "main.py"))
    (project / "folder").symlink_to(outside)
    text = f"""services:
  a:
    build: ./folder
    env_file: [{outside}/Dockerfile, ./folder/Dockerfile, ../outside/Dockerfile]
    extends: {{file: {outside}/Dockerfile, service: x}}
include: [{outside}/Dockerfile, ../outside/Dockerfile]
"""
    write(project, "compose.yaml", text)
    opened: list[str] = []
    tree = DiskTree(str(project))
    assert tree.read("Dockerfile") is None
    assert tree.read("folder/Dockerfile") is None
    assert not tree.is_file("folder/Dockerfile")
    assert not tree.is_dir("folder")
    assert tree.names("folder") == []

    def audit(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event in ("open", "os.listdir", "os.scandir"):
            opened.append(os.path.realpath(os.fsdecode(arguments[0])) if isinstance(arguments[0], str | bytes) else "")

    watching = True
    sys.addaudithook(audit)
    report = lint(DiskTree(str(project)), ALL)
    watching = False
    assert not [path for path in opened if path.startswith(str(outside))]
    assert not report.failures
    for output_format in ("text", "json"):
        done = dlf(project, "check", "--output-format", output_format)
        assert b"secret-image" not in done.stdout
        assert b"secret_name" not in done.stdout
    assert b"leads out of the project" in dlf(project, "check", "Dockerfile").stderr


def test_pipes_and_sockets_are_no_files(project: Path) -> None:
    names = ("Dockerfile", "compose.yaml", ".dockerignore", ".env", "main.py", "requirements.txt", ".gitignore")
    for name in names:
        os.mkfifo(project / name)
    write(
        project,
        "api/Dockerfile",
        'FROM python:3.12\nCOPY . .\nRUN pip install -r requirements.txt\nCMD ["uvicorn", "main:app"]\n',
    )
    for name in ("main.py", "requirements.txt", ".dockerignore"):
        os.mkfifo(project / "api" / name)
    done = dlf(project, "check", "--output-format", "concise")
    assert done.returncode == 1
    assert b"api/Dockerfile" in done.stdout
    assert dlf(project, "check", "Dockerfile").stderr == b"error: Dockerfile: is neither a file nor a directory\n"


@pytest.mark.parametrize("name", ["dlf.toml", "pyproject.toml"])
def test_a_configuration_that_is_a_pipe_or_a_device(project: Path, name: str) -> None:
    write(project, "Dockerfile")
    os.mkfifo(project / name)
    assert dlf(project, "check").returncode in (1, 2)
    (project / name).unlink()
    (project / name).symlink_to("/dev/zero")
    assert dlf(project, "check").returncode in (1, 2)


def test_devices_are_no_files(project: Path) -> None:
    for name, device in (
        ("Dockerfile", "zero"),
        ("compose.yaml", "zero"),
        (".dockerignore", "random"),
        (".gitignore", "zero"),
        (".env", "zero"),
    ):
        (project / name).symlink_to(f"/dev/{device}")
    write(project, "api/Dockerfile")
    done = dlf(project, "check", "--output-format", "concise")
    assert done.returncode == 1
    assert b"api/Dockerfile" in done.stdout
    try:
        os.mknod(project / "prod.Dockerfile", stat.S_IFCHR | 0o666, os.makedev(1, 5))
    except OSError:
        return  # only root may
    assert dlf(project, "check").returncode == 1


def test_directories_with_names_of_files(project: Path) -> None:
    for name in ("Dockerfile", "compose.yaml", ".dockerignore", ".env", ".gitignore", "requirements.txt"):
        (project / name).mkdir()
    write(project, "Dockerfile/Dockerfile")
    done = dlf(project, "check", "--output-format", "concise")
    assert done.returncode == 1
    assert b"Dockerfile/Dockerfile:" in done.stdout


class Odd(MemoryTree):
    """A tree whose files cannot be read, or change, vanish or come while they are read."""

    def __init__(self, files: dict[str, bytes], odd: Callable[[str, int], bytes | None]) -> None:
        super().__init__(files)
        self.odd = odd
        self.asked: dict[str, int] = {}

    def read(self, path: str) -> bytes | None:
        self.asked[path] = self.asked.get(path, 0) + 1
        return self.odd(path, self.asked[path]) if path in self.files else None


FILES = {
    "Dockerfile": PLAIN.encode(),
    "compose.yaml": COMPOSE.encode() + b"    env_file: .env.prod\n",
    ".dockerignore": b".env\n",
    ".env.prod": b"A=1\n",
    "main.py": b"from fastapi import FastAPI\napp = FastAPI()\n",
    "requirements.txt": b"fastapi\n",
    "aside/Dockerfile": PLAIN.encode(),
}


@pytest.mark.parametrize("path", FILES)
def test_a_file_that_cannot_be_read_costs_no_other(path: str) -> None:
    def unreadable(asked: str, _time: int) -> bytes:
        if asked == path:
            raise Unreadable("Permission denied")
        return FILES[asked]

    report = lint(Odd(FILES, unreadable), ALL)
    assert not report.failures
    said = [one.finding.message for one in report.diagnostics if one.path == path]
    if path in ("Dockerfile", "compose.yaml", "aside/Dockerfile"):
        assert said == ["the file cannot be read: Permission denied"]
    elif path == ".dockerignore":
        told = [one.message for one in report.notices]
        assert told == ["cannot be read: Permission denied, so what it leaves out is not known"]
        assert not any(one.rule.name == "secrets-in-build-context" for one in report.diagnostics)
    places = {
        span.source.path
        for one in report.diagnostics
        for span in (one.finding.span, *(note.span for note in one.finding.notes))
    }
    assert {"Dockerfile", "compose.yaml", "aside/Dockerfile"} <= places


def test_rights_are_the_systems(project: Path) -> None:
    write(project, "Dockerfile")
    write(project, "aside/Dockerfile")
    (project / "Dockerfile").chmod(0)
    done = dlf(project, "check", "--output-format", "concise")
    assert done.returncode == 1
    assert b"aside/Dockerfile:" in done.stdout
    if os.geteuid() != 0:  # root may read it all the same
        assert b"the file cannot be read: Permission denied" in done.stdout


@pytest.mark.parametrize("seen", [1, 2])
@pytest.mark.parametrize("path", FILES)
def test_files_that_vanish_or_change_between_two_looks(path: str, seen: int) -> None:
    for after in (None, b"", b"\xff" * 50, b"FROM x\n" * 9):
        report = lint(
            Odd(FILES, lambda asked, time, after=after: after if asked == path and time >= seen else FILES[asked]), ALL
        )  # type: ignore[misc]
        assert not report.failures
        for one in report.diagnostics:  # no place is measured in one text and shown in another
            assert 0 <= one.finding.span.start <= one.finding.span.end <= len(one.finding.span.source.text)


def test_a_folder_that_vanishes_while_it_is_searched(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(project, "Dockerfile")
    write(project, "gone/Dockerfile")
    scan = os.scandir

    def scandir(path: str) -> object:
        if str(path).endswith("gone"):
            raise FileNotFoundError(2, "No such file or directory", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)
    report = lint(DiskTree(str(project)), ALL)
    assert not report.failures
    assert {one.path for one in report.diagnostics} == {"Dockerfile"}


def test_a_file_that_grows_while_it_is_read_is_read_up_to_the_limit(project: Path) -> None:
    write(project, "Dockerfile")
    os.truncate(project / "Dockerfile", MAX_BYTES + 1)
    with pytest.raises(Unreadable, match="is more than dlf reads"):
        DiskTree(str(project)).read("Dockerfile")


@pytest.mark.parametrize(
    "name", ["Dockerfile", "compose.yaml", ".dockerignore", ".gitignore", "main.py", "requirements.txt", ".env"]
)
def test_files_of_50_mb(project: Path, name: str) -> None:
    write(project, "Dockerfile")
    write(project, "compose.yaml", COMPOSE)
    write(project, "aside/Dockerfile")
    write(project, name, b"FROM python\n")
    os.truncate(project / name, 50_000_000)  # takes no room on the disk

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (400_000_000, 400_000_000))

    done = dlf(project, "check", "--output-format", "concise", "--jobs", "1", limit=small)
    assert done.returncode == 1
    assert b"aside/Dockerfile:" in done.stdout
    if name in ("Dockerfile", "compose.yaml"):
        assert b"50000000 bytes is more than dlf reads" in done.stdout


def test_very_deep_folders(project: Path) -> None:
    deep = os.open(project, os.O_RDONLY)
    for _ in range(1200):
        os.mkdir("dd", dir_fd=deep)
        inner = os.open("dd", os.O_RDONLY, dir_fd=deep)
        os.close(deep)
        deep = inner
    os.close(deep)
    write(project, "Dockerfile")
    try:
        assert dlf(project, "check").returncode == 1
    finally:
        subprocess.run(["rm", "-rf", str(project / "dd")], check=True)


ODD_NAMES: Sequence[bytes] = (
    b"with space", b"new\nline", "emoji\U0001f600".encode(), b"tab\tx", b"esc\x1b[31mred", b"quote\"'`$(x)", b"::error::x", b"|pipe|<b>", b"-rf",
    b"bad\xff\xfe", b"\xc2\x9b31m", "\u202eabc".encode(), b"%0A::warning::x", b"*", b"[x]", b"a:1:2", "é".encode() * 80, b"..x", b"\\",
)  # fmt: skip


@pytest.fixture
def oddly_named(project: Path) -> Path:
    for name in ODD_NAMES:
        try:
            write(project, name + b"/Dockerfile")
        except OSError:
            continue  # a disk that refuses such names
        write(project, name + b"/compose.yaml", COMPOSE)
    return project


@pytest.mark.parametrize("output_format", FORMATS)
def test_odd_paths(oddly_named: Path, output_format: str) -> None:
    done = dlf(oddly_named, "check", "--output-format", output_format)
    assert done.returncode == 1
    done.stdout.decode()
    for sign in (b"\xc2\x9b", "\u202e".encode()):
        assert sign not in done.stdout
    if output_format in ("json", "sarif", "gitlab", "rdjson"):
        json.loads(done.stdout)
    if output_format == "concise":
        for name in (b"with space", b"new\\nline", b"bad\\xff\\xfe", b"esc\\x1b[31mred", "emoji\U0001f600".encode()):
            assert name + b"/Dockerfile:" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "--statistics"), ("show",), ("show", "--output-format", "json"),
        ("show", "--output-format", "mermaid"), ("check", "--fix-only"), ("check", "--write-baseline"), ("rules",), ("rule", "esc\x1b[31m"),
        ("check", "no\x1b[31m-such"), ("check", "--select", "\x1b[31m"), ("check", "--config", "\x1b[31m"), ("check", "--rules", "\x1b[31m"),
        ("check", "--compose-file", "\x1b[31m"), ("check", "--output-file", "\x1b[31m/x"), ("check", "--exclude", "\x1b[31m"), ("\x1b[31m",),
        ("check", "--\x1b[31m"), ("check", "--today", "\x1b[31m"), ("check", "--output-format", "\x1b[31m"), ("init", "\x1b[31m"), ("test", "\x1b[31m"),
    ],
    ids=lambda given: " ".join(given).replace("\x1b", "ESC"),
)  # fmt: skip
def test_no_command_and_no_message_hands_escapes_on(oddly_named: Path, arguments: tuple[str, ...]) -> None:
    done = dlf(oddly_named, *arguments)
    assert done.returncode in (0, 1, 2)


def test_a_patch_changes_the_files_that_it_is_of_and_no_other(oddly_named: Path) -> None:
    # A patch holds the lines of the files as they are; the names in it are quoted as git quotes them.
    write(oddly_named, b"x\n--- victim\n+++ victim\n@@ -1 +1 @@\n-old\n+new\n/Dockerfile")
    write(oddly_named, "victim", "old\n")
    done = subprocess.run(command("check", "--diff", "--unsafe-fixes"), cwd=oddly_named, env=environment(), capture_output=True, timeout=LONGEST, check=False)  # fmt: skip
    assert done.returncode == 1
    assert not CONTROL.search(done.stdout)
    names = [row for row in done.stdout.split(b"\n") if row.startswith((b"--- ", b"+++ "))]
    assert all(name.endswith((b"Dockerfile", b".yaml", b"ignore", b'"', b"/dev/null")) for name in names), names
    applied = subprocess.run(
        ["git", "apply", "-p0", "--whitespace=nowarn", "-"],
        cwd=oddly_named,
        env=os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},  # not the developer's
        input=done.stdout,
        capture_output=True,
        check=False,
    )
    assert applied.returncode == 0, applied.stderr
    assert (oddly_named / "victim").read_text() == "old\n"
    assert dlf(oddly_named, "check", "--diff", "--unsafe-fixes").stdout == b""


def test_paths_of_the_command_line(oddly_named: Path) -> None:
    for name in ODD_NAMES:
        if not os.path.isdir(os.path.join(os.fsencode(oddly_named), name)):
            continue
        done = subprocess.run([*map(os.fsencode, command("check", "--output-format", "concise", "--")), name + b"/Dockerfile"], cwd=oddly_named, env=environment(), capture_output=True, check=False)  # fmt: skip
        assert (done.returncode, done.stderr) == (1, b"")
        if name > b"e":
            break  # a few stand for all: each is a process


# -- what is written


def test_an_output_file_is_whole_or_as_it_was(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = project / "report.json"
    target.write_text("before")

    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", broken)
        with pytest.raises(OSError, match="No space"):
            output.write_file(str(target), "after")
    assert target.read_text() == "before"
    assert [path.name for path in project.iterdir()] == [".git", "report.json"] or len(list(project.iterdir())) == 2
    output.write_file(str(target), "after")
    assert target.read_text() == "after"


def test_a_full_disk(project: Path) -> None:
    write(project, "Dockerfile")
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command("check"), cwd=project, env=environment(), stdout=full, stderr=subprocess.PIPE, timeout=LONGEST, check=False)  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == b"error: output: No space left on device\n"
    done = dlf(project, "check", "--output-file", "/dev/full", "--output-format", "json")
    assert done.returncode == 2
    assert b"/dev/full" in done.stderr
    assert b"No space left on device" in done.stderr

    def no_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))

    (project / "report.json").write_text("before")
    done = dlf(project, "check", "--output-file", "report.json", "--no-cache", limit=no_room)
    assert done.returncode == 2
    assert (project / "report.json").read_text() == "before"
    done = dlf(project, "check", "--fix-only", "--unsafe-fixes", "--no-cache", limit=no_room)
    assert done.returncode == 2
    assert (project / "Dockerfile").read_text() == PLAIN
    assert sorted(path.name for path in project.iterdir()) == [".git", "Dockerfile", "report.json"]


def test_a_fix_goes_to_no_file_outside_and_keeps_rights(project: Path) -> None:
    outside = project.parent / "Dockerfile"
    outside.write_text(PLAIN)
    (project / "Dockerfile").symlink_to("../Dockerfile")
    write(project, "api/Dockerfile")
    (project / "api" / "Dockerfile").chmod(0o640)
    dlf(project, "check", "--fix-only", "--unsafe-fixes")
    assert outside.read_text() == PLAIN
    assert (project / "api" / "Dockerfile").read_text() != PLAIN
    assert stat.S_IMODE((project / "api" / "Dockerfile").stat().st_mode) == 0o640


COMMANDS = [("check",), ("check", "--output-format", "json"), ("check", "--statistics"), ("check", "--diff"), ("show",), ("show", "--output-format", "json"), ("rules",), ("rule", "shell-form-cmd"), ("init", "--help"), ("--help",), ("--version",), ("completion", "bash"), ("test", "rules")]  # fmt: skip


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_closed_pipe_is_silent(project: Path, arguments: tuple[str, ...]) -> None:
    write(project, "Dockerfile")
    write(project, "rules/x.md", "# x\n")
    read, closed = os.pipe()
    os.close(read)
    with open(closed, "wb") as pipe:
        done = subprocess.run(command(*arguments), cwd=project, env=environment(), stdout=pipe, stderr=subprocess.PIPE, timeout=LONGEST, check=False)  # fmt: skip
    assert b"Traceback" not in done.stderr
    assert b"Broken pipe" not in done.stderr
    assert b"Exception ignored" not in done.stderr
    assert done.returncode in (0, 1, 2)


# -- Ctrl-C


def interrupted(folder: Path, *arguments: str, after: Callable[[], bool]) -> tuple[int, bytes]:
    """Starts the program, sends SIGINT to its process group (as a terminal does) once something is true."""
    process = subprocess.Popen(command(*arguments), cwd=folder, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)  # fmt: skip
    end = time.monotonic() + LONGEST
    while not after() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=LONGEST)
    return process.returncode, told


@pytest.fixture
def slow_project(project: Path) -> Path:
    """Linting it blocks until it is interrupted: a rule of its own waits."""
    for at in range(40):
        write(project, f"p{at}/Dockerfile")
    write(
        project,
        "waiting/ever-waiting.md",
        (ROOT / "rules" / "shell_form_cmd.md").read_text().replace("shell-form-cmd", "ever-waiting"),
    )
    code = "import time\nfrom dockerlint_fastapi import Finding\nfrom dockerlint_fastapi.model import Dockerfile\n\n\ndef check(dockerfile: Dockerfile):\n    open('started', 'w').close()\n    time.sleep(100)\n    yield from ()\n"
    write(project, "waiting/ever_waiting.py", code)
    (project / "waiting" / "ever-waiting.md").rename(project / "waiting" / "ever_waiting.md")
    return project


@pytest.mark.parametrize(
    "arguments",
    [
        ("--no-cache",),
        ("--jobs", "2", "--no-cache"),
        ("--fix-only", "--unsafe-fixes"),
        ("--output-file", "report.json"),
        ("--write-baseline",),
    ],
    ids=" ".join,
)
def test_an_interrupt_ends_with_130_and_leaves_no_half_file(slow_project: Path, arguments: tuple[str, ...]) -> None:
    before = {path: path.read_bytes() for path in slow_project.rglob("Dockerfile")}
    marker = slow_project / "started"
    code, told = interrupted(slow_project, "check", "--rules", "waiting", *arguments, after=marker.exists)
    assert marker.exists()
    assert code == 130
    assert b"Traceback" not in told
    assert {path: path.read_bytes() for path in slow_project.rglob("Dockerfile")} == before
    assert not [path for path in slow_project.rglob("*") if path.name.endswith(".tmp") or path.name == "report.json"]


def test_an_interrupt_between_two_written_files_leaves_each_whole(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at in range(3):
        write(project, f"p{at}/Dockerfile")
    replace = os.replace
    written: list[str] = []

    def once(source: str, target: str) -> None:
        if target.endswith("Dockerfile") and any(one.endswith("Dockerfile") for one in written):
            raise KeyboardInterrupt
        replace(source, target)
        written.append(target)

    monkeypatch.chdir(project)
    monkeypatch.setattr(os, "replace", once)
    assert run_here(["check", "--fix-only", "--unsafe-fixes", "--no-cache"]) == 130
    changed = [path for path in sorted(project.rglob("Dockerfile")) if path.read_text() != PLAIN]
    assert len(changed) == 1
    assert b"CMD [" in changed[0].read_bytes() or changed[0].read_text().endswith("\n")
    assert not list(project.rglob("*.tmp"))


# -- what dlf never does


def test_linted_code_is_never_run(project: Path) -> None:
    mark = project / "ran"
    code = f"open({str(mark)!r}, 'w')\nfrom fastapi import FastAPI\napp = FastAPI()\n"
    for name in (
        "main.py",
        "gunicorn.conf.py",
        "setup.py",
        "conftest.py",
        "sitecustomize.py",
        "usercustomize.py",
        "click.py",
        "ruamel.py",
        "dockerlint_fastapi.py",
        "json.py",
    ):
        write(project, name, code)
    write(project, "start.sh", f"#!/bin/sh\ntouch {mark}\n")
    (project / "start.sh").chmod(0o755)
    write(
        project,
        "Dockerfile",
        f'FROM python:3.12-slim\nCOPY . .\nRUN touch {mark}\nENTRYPOINT ["./start.sh"]\nCMD ["uvicorn", "main:app"]\n',
    )
    write(
        project,
        "compose.yaml",
        "services:\n  a:\n    build: .\n    command: gunicorn main:app\n    x: !!python/object/apply:os.system ['touch ran']\n",
    )
    write(project, "rules/x.py", code)  # a linted project brings no rules
    write(project, "dlf.toml", 'profile = "pedantic"\n')
    # As installed: `python -m` would look for dlf itself in the working directory, before any line of dlf runs.
    program = project.parent / "dlf"
    program.write_text("from dockerlint_fastapi.cli import main\nmain()\n")
    for arguments in (("check",), ("show",), ("check", "--fix-only", "--unsafe-fixes"), ("check", "--jobs", "2")):
        done = subprocess.run([sys.executable, str(program), *arguments], cwd=project, env=environment(), capture_output=True, timeout=LONGEST, check=False)  # fmt: skip
        assert done.stdout + done.stderr
        assert not mark.exists(), arguments


def test_no_process_and_no_connection_is_made(project: Path) -> None:
    write(project, "Dockerfile", "ADD https://example.org/x /\n" + PLAIN)
    write(project, "compose.yaml", COMPOSE + "include: [https://example.org/compose.yaml]\n")
    write(project, "requirements.txt", "-r https://example.org/r.txt\n")
    code = (
        "import sys\n"
        "def audit(event, arguments):\n"
        "    if event.split('.')[0] in ('socket', 'subprocess', 'urllib', 'http', 'ftplib', 'smtplib', 'webbrowser', 'pty')"
        " or event in ('os.system', 'os.exec', 'os.posix_spawn', 'os.fork', 'os.forkpty', 'os.spawn'):\n"
        "        print('SEEN', event, file=sys.stderr)\n"
        "sys.addaudithook(audit)\n"
        "from dockerlint_fastapi.cli import run\n"
        "run(['check', '--jobs', '1'])\nrun(['show'])\nrun(['check', '--diff', '--unsafe-fixes'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project, env=environment(), capture_output=True, timeout=LONGEST, check=False
    )
    assert b"SEEN" not in done.stderr
    assert b"Dockerfile" in done.stdout
