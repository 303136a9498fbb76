"""The linter as a call: what is in memory is judged as on disk, and nothing but that is looked at."""

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import dockerlint_fastapi
from dockerlint_fastapi import lint_files
from dockerlint_fastapi.cli import run
from dockerlint_fastapi.config import ConfigError
from dockerlint_fastapi.held import HeldTree, placed
from dockerlint_fastapi.tree import DiskTree, Unreadable

ROOT = Path(__file__).parents[1]
TODAY = "2026-11-22"
FILES = {
    "Dockerfile": b"FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n"
    b'ENTRYPOINT ["./start.sh"]\n',
    "start.sh": b"#!/bin/sh\nuvicorn app.main:app --host 0.0.0.0 --reload\n",
    "requirements.txt": b"fastapi==0.115.0\nuvicorn==0.34.0\n",
    "app/main.py": b"from fastapi import FastAPI\n\napp = FastAPI()\n",
    "compose.yaml": b"services:\n  api:\n    build: .\n    ports: ['8000:8000']\n    restart: always\n",
}
SAMPLES = sorted(path for path in (ROOT / "fixtures" / "projects").iterdir() if path.is_dir())


def held(root: Path) -> dict[str, Any]:
    """A folder as the arguments of `lint_files`."""
    files, links, executable = {}, {}, set()
    for path in root.rglob("*"):
        name = path.relative_to(root).as_posix()
        if path.is_symlink():
            links[name] = os.readlink(path)
        elif path.is_file():
            files[name] = path.read_bytes()
            if path.stat().st_mode & 0o111:
                executable.add(name)
    return {"files": files, "links": links, "executable": executable}


def on_disk(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """The JSON report of `dlf check` in the working directory."""
    run(["check", "--output-format", "json", "--today", TODAY, "--no-plugins", "--no-cache", *arguments])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def write(root: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)


def names(report: dict[str, Any]) -> list[tuple[str, str, int]]:
    return [(one["rule"], one["path"], one["line"]) for one in report["findings"]]


@pytest.mark.parametrize("root", SAMPLES, ids=lambda path: path.name)
def test_the_same_as_dlf_check(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    # a copy: below no .git, so that the sample is a project itself
    arguments = held(root)
    write(tmp_path / "copy", arguments["files"])
    for name, target in arguments["links"].items():
        (tmp_path / "copy" / name).symlink_to(target)
    for name in arguments["executable"]:
        (tmp_path / "copy" / name).chmod(0o755)
    monkeypatch.chdir(tmp_path / "copy")
    report = lint_files(arguments.pop("files"), today=TODAY, **arguments)
    assert report.pop("failures") == []
    assert report == on_disk(capsys)
    assert json.loads(json.dumps(report)) == report


CONFIGURED = {
    **FILES,
    "dlf.toml": b"profile = 'pedantic'\nignore = ['runs-as-root']\nseverity = { 'reload-in-production' = 'info' }\n"
    b"baseline = 'known/baseline.json'\n[per-file-ignores]\n'compose.yaml' = ['all']\n",
    "sub/Dockerfile": FILES["Dockerfile"],
    "sub/pyproject.toml": b"[tool.dlf]\nselect = ['signals', 'shell-form-cmd', 'runs-as-root']\n",
    "other/Dockerfile": FILES["Dockerfile"],
    "other/dlf.toml": b"exclude = ['Dockerfile']\n",
}


def test_the_project_s_own_configurations_and_baseline_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, CONFIGURED)
    (tmp_path / "known").mkdir()
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    known = ("--baseline", "known/baseline.json", "--select", "pip-cache-kept,code-copied-before-install")
    assert run(["check", "--write-baseline", *known]) in (0, 1)
    capsys.readouterr()
    arguments = held(tmp_path)
    files = arguments.pop("files")
    report = lint_files(files, today=TODAY, **arguments)
    assert report.pop("failures") == []
    expected = on_disk(capsys)
    assert report == expected
    assert report["summary"]["suppressed"] > 0
    assert {one["path"] for one in report["findings"]} >= {"Dockerfile", "start.sh"}
    alone = lint_files(files, today=TODAY, isolated=True, profile="guide", **arguments)
    del alone["failures"]
    assert alone == on_disk(capsys, "--isolated", "--profile", "guide")
    assert names(alone) != names(report)


AUDITED = """
import json, os, sys
before = [os.path.realpath(one) for one in {sys.prefix, sys.base_prefix, *sys.path} if one]
import dockerlint_fastapi
from dockerlint_fastapi import lint_files
from dockerlint_fastapi.rule import BUILT_IN
own = [*before, os.path.dirname(os.path.realpath(dockerlint_fastapi.__file__)), os.path.realpath(BUILT_IN)]
seen, on = [], False
WATCHED = {"open", "os.listdir", "os.scandir", "socket.connect", "subprocess.Popen", "os.exec", "os.remove", "os.mkdir"}
def hook(event, arguments):
    if not on or event not in WATCHED:
        return
    path = arguments[0] if arguments else None
    if isinstance(path, bytes):
        path = os.fsdecode(path)
    if not isinstance(path, str) or not any((path + os.sep).startswith(one + os.sep) for one in own):
        seen.append([event, str(path)])
sys.addaudithook(hook)
files = {name: text.encode() for name, text in json.load(sys.stdin).items()}
on = True
first = lint_files(files, today="2026-11-22")
own[:] = []
again = lint_files(files, today="2026-11-22")
on = False
print(json.dumps([first == again, seen, len(first["findings"])]))
"""


def test_no_file_is_opened_but_dlf_s_own_and_the_second_time_none(tmp_path: Path) -> None:
    files = {name: data.decode() for name, data in CONFIGURED.items()}
    del files["dlf.toml"]  # it names a baseline
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")  # what lies here is none of its business
    (tmp_path / "dlf.toml").write_text("not toml")
    home = Path(dockerlint_fastapi.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-P", "-c", AUDITED], input=json.dumps(files), cwd=tmp_path, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": str(home)}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    same, seen, count = json.loads(done.stdout)
    assert (same, seen) == (True, [])
    assert count > 5


def test_call_and_result_can_be_pickled() -> None:
    call, arguments = pickle.loads(pickle.dumps((lint_files, {"files": FILES, "today": TODAY})))  # noqa: S301 - our own
    report = call(**arguments)
    assert pickle.loads(pickle.dumps(report)) == report == lint_files(FILES, today=TODAY)  # noqa: S301 - likewise
    assert [one["rule"] for one in report["findings"]].count("reload-in-production") == 1


def test_the_day_is_the_caller_s() -> None:
    with pytest.raises(TypeError):
        lint_files(FILES)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="clock"):
        lint_files(FILES, today=None)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="is not a date"):
        lint_files(FILES, today="yesterday")


def test_links_sizes_and_rights_are_facts_of_the_project() -> None:
    files = {name: data for name, data in FILES.items() if name != "start.sh"}
    files["bin/start"] = FILES["start.sh"]
    linked = lint_files(files, today=TODAY, links={"start.sh": "bin/start"}, executable={"bin/start"})
    assert ("reload-in-production", "start.sh", 2) in names(linked)
    out = lint_files(files, today=TODAY, links={"start.sh": "../start.sh"}, executable=set())
    assert "reload-in-production" not in {one["rule"] for one in out["findings"]}
    right = names(lint_files(FILES, today=TODAY, executable={"start.sh"}))
    none = names(lint_files(FILES, today=TODAY, executable=set()))
    assert [one for one in none if one not in right] == [("broken-entrypoint-script", "Dockerfile", 5)]
    large = lint_files({k: v for k, v in FILES.items() if k != "Dockerfile"}, today=TODAY, sizes={"Dockerfile": 10**9})
    messages = [one["message"] for one in large["findings"] if one["path"] == "Dockerfile"]
    assert messages == ["the file cannot be read: 1000000000 bytes is more than dlf reads (20000000)"]


@pytest.mark.parametrize("path", ["../Dockerfile", "/Dockerfile", "a//b", "./Dockerfile", "", "a/../b"])
def test_paths_out_of_the_project_are_refused(path: str) -> None:
    with pytest.raises(ValueError, match="no path within a project"):
        lint_files({path: b""}, today=TODAY)


def test_files_within_files_are_refused_and_can_be_sorted_out() -> None:
    with pytest.raises(ValueError, match="is a file itself"):
        lint_files({"a": b"", "a/b": b""}, today=TODAY)
    with pytest.raises(ValueError, match="is a file itself"):
        lint_files({"a/b": b""}, links={"a": "c"}, today=TODAY)
    assert placed(["a", "a/b", "a/b/c", "../x", "/y", "d/e", "", "z\0"]) == {"a", "d/e"}


def test_mistakes_are_told() -> None:
    with pytest.raises(ConfigError, match="did you mean `signals`"):
        lint_files(FILES, today=TODAY, select=["signal"])
    with pytest.raises(ConfigError, match="no profile `strict`"):
        lint_files(FILES, today=TODAY, profile="strict")
    with pytest.raises(ConfigError, match="no deployment `swarm`"):
        lint_files(FILES, today=TODAY, deployment="swarm")
    with pytest.raises(ConfigError, match=r"dlf\.toml:1: "):
        lint_files({**FILES, "dlf.toml": b"profil = 1\n"}, today=TODAY)
    for data in (b"baseline = '../b.json'\n", b"compose-files = ['/etc/compose.yaml']\n"):
        with pytest.raises(ConfigError, match="lies outside of the project"):
            lint_files({**FILES, "dlf.toml": data}, today=TODAY)
    with pytest.raises(ConfigError, match="no such file"):
        lint_files({**FILES, "dlf.toml": b"baseline = 'b.json'\n"}, today=TODAY)
    with pytest.raises(ConfigError, match=r"b\.json: "):
        lint_files({**FILES, "dlf.toml": b"baseline = 'b.json'\n", "b.json": b"[]"}, today=TODAY)
    assert lint_files({}, today=TODAY)["findings"] == []
    assert lint_files({"README.md": b""}, today=TODAY)["files"] == []


def test_a_held_tree_answers_as_a_disk_does(tmp_path: Path) -> None:
    write(tmp_path, {"a/one": b"1", "a/two": b"22", "b/three": b"333", "top": b""})
    links = {"file": "a/one", "folder": "a", "a/up": "../b", "out": "../..", "gone": "nothing", "self": "self",
             "abs": "/etc/passwd", "chain": "file", "b/back": "../folder/up/three"}  # fmt: skip
    for name, target in links.items():
        (tmp_path / name).symlink_to(target)
    (tmp_path / "a/two").chmod(0o755)
    disk = DiskTree(str(tmp_path))
    arguments = held(tmp_path)
    tree = HeldTree(arguments.pop("files"), **arguments)
    asked = ["", "a", "b", "a/one", "a/two", "top", "a/none", "none/none", "file", "folder", "folder/two", "a/up/three",
             "folder/up/three", "out", "out/x", "gone", "abs", "chain", "b/back", "a/up"]  # fmt: skip
    for path in asked:
        for question in ("read", "is_file", "size", "executable", "is_dir", "names", "listing"):
            ours, theirs = getattr(tree, question)(path), getattr(disk, question)(path)
            assert ours == theirs, (question, path)
        if path != "gone":
            assert tree.resolve(path) == disk.resolve(path), path
    assert tree.read("self") is None
    assert not tree.is_file("self")


def test_a_held_tree_fetches_nothing_before_it_is_asked_for() -> None:
    class Counting(dict[str, bytes]):
        fetched: list[str] = []  # noqa: RUF012

        def __getitem__(self, key: str) -> bytes:
            self.fetched.append(key)
            return super().__getitem__(key)

    files = Counting(FILES)
    tree = HeldTree(files, sizes={name: len(data) for name, data in FILES.items()} | {"Dockerfile": 10**9, "kept": 3})
    assert tree.size("app/main.py") == len(FILES["app/main.py"])
    assert tree.listing("").files == ("Dockerfile", "compose.yaml", "kept", "requirements.txt", "start.sh")
    with pytest.raises(Unreadable, match="1000000000 bytes"):
        tree.read("Dockerfile")
    with pytest.raises(Unreadable, match="not at hand"):
        tree.read("kept")
    assert files.fetched == []
    assert tree.read("start.sh") == FILES["start.sh"]
    assert files.fetched == ["start.sh"]
