"""What the cache gives back is what a fresh run says, to the byte; and whatever a report depended on makes it void."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dockerlint_fastapi import cache as module
from dockerlint_fastapi import transport
from dockerlint_fastapi.cache import AskedTree, Cache, Notes, clear
from dockerlint_fastapi.cli import run
from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.places import folder_of, usable
from dockerlint_fastapi.report import Report
from dockerlint_fastapi.reporters import FORMATS, render
from dockerlint_fastapi.rule import Rule, load_rules
from dockerlint_fastapi.transport import Gathered, packed_report, report_pieces, sources_of
from dockerlint_fastapi.tree import DiskTree, Listing, Tree

RULES = load_rules()
POSIX = pytest.mark.skipif(os.name == "nt", reason="links and rights of POSIX")

FILES = {
    "api/Dockerfile": "FROM python:3.12-slim\nWORKDIR /app\nCOPY requirements.txt .\n"
    "RUN pip install -r requirements.txt\n"
    'COPY . .\nCMD ["sh", "/app/start.sh"]\n',
    "api/requirements.txt": "fastapi==0.115.0\nuvicorn==0.34.0\n",
    "api/start.sh": "uvicorn app.main:app --host 0.0.0.0\n",
    "api/app/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
    "compose.yaml": "services:\n  api:\n    build: ./api\n    env_file: .env\n    ports: ['${PORT:-8000}:8000']\n"
    "  db:\n    image: postgres\n",
    ".env": "PORT=8000\nSECRET_KEY=abc\n",
    ".gitignore": "*.log\n",
    "notes.txt": "nothing of use\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    (root / ".git").mkdir()
    return root


class Runs:
    """Runs with one cache, counting those that really linted."""

    def __init__(self, root: Path, folder: Path, rules: tuple[Rule, ...] = RULES) -> None:
        self.root = root
        self.rules = rules
        self.cache = Cache(str(folder), rules)
        self.linted = 0

    def __call__(self, paths: list[str] | None = None, **settings: object) -> Report:
        every = Settings(
            self.rules, frozenset(rule.name for rule in self.rules), profile="pedantic", today="2026-11-22"
        )
        chosen = every._replace(**settings)

        def fresh(tree: Tree) -> Report:
            self.linted += 1
            return lint(tree, chosen, paths=paths)

        tree = DiskTree(str(self.root))
        return self.cache.lint(tree, chosen, paths=paths, shown=str, root=str(self.root), lint=fresh)


@pytest.fixture
def runs(project: Path, tmp_path: Path) -> Runs:
    return Runs(project, tmp_path / "cache")


def test_a_kept_report_is_the_fresh_one_in_every_format(runs: Runs) -> None:
    fresh, kept = runs(), runs()
    assert runs.linted == 1
    assert fresh.diagnostics
    assert any(one.finding.fix is not None for one in fresh.diagnostics)
    assert any(one.finding.notes for one in fresh.diagnostics)
    for name in FORMATS:
        assert render(name, fresh) == render(name, kept)
    told = [(one.finding.span.source.path, one.finding._replace(span=None), one.severity) for one in fresh.diagnostics]  # type: ignore[arg-type]
    again = [(one.finding.span.source.path, one.finding._replace(span=None), one.severity) for one in kept.diagnostics]  # type: ignore[arg-type]
    assert [one[1].message for one in told] == [one[1].message for one in again]
    fixes = [
        [
            one.finding.fix and [(edit.span.start, edit.text) for edit in one.finding.fix.edits]
            for one in report.diagnostics
        ]
        for report in (fresh, kept)
    ]
    assert fixes[0] == fixes[1]


def edited(root: Path) -> None:
    (root / "api/start.sh").write_text("uvicorn app.main:app --reload\n", "utf-8")


def same_size_and_time(root: Path) -> None:
    path = root / "compose.yaml"
    info = path.stat()
    path.write_text(path.read_text("utf-8").replace("postgres", "postgras"), "utf-8")
    os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))


def new_file(root: Path) -> None:
    (root / "api/.dockerignore").write_text(".git\n", "utf-8")


def new_dockerfile_far_away(root: Path) -> None:
    (root / "deep/down").mkdir(parents=True)
    (root / "deep/down/Dockerfile").write_text("FROM scratch\n", "utf-8")


def deleted(root: Path) -> None:
    (root / "api/requirements.txt").unlink()


def gitignore(root: Path) -> None:
    (root / ".gitignore").write_text(".env\n", "utf-8")


def env_file(root: Path) -> None:
    (root / ".env").write_text("PORT=9000\n", "utf-8")


def context_file(root: Path) -> None:
    (root / "api/.venv").mkdir()
    (root / "api/.venv/x").write_text("x", "utf-8")


@pytest.mark.parametrize(
    "change",
    [edited, same_size_and_time, new_file, new_dockerfile_far_away, deleted, gitignore, env_file, context_file],
    ids=lambda one: str(one.__name__),
)
def test_what_a_report_depended_on_makes_it_void(project: Path, runs: Runs, change: Callable[[Path], None]) -> None:
    runs()
    change(project)
    told = runs()
    assert runs.linted == 2
    fresh = lint(DiskTree(str(project)), told_settings())
    assert render("json", told) == render("json", fresh)


def told_settings() -> Settings:
    return Settings(RULES, frozenset(rule.name for rule in RULES), profile="pedantic", today="2026-11-22")


@POSIX
def test_where_a_link_leads_counts(project: Path, runs: Runs) -> None:
    (project / "other.yaml").write_text("services:\n  x:\n    image: redis\n", "utf-8")
    (project / "docker-compose.dev.yml").symlink_to("compose.yaml")
    runs()
    (project / "docker-compose.dev.yml").unlink()
    (project / "docker-compose.dev.yml").symlink_to("other.yaml")
    runs()
    assert runs.linted == 2


def test_an_unchanged_env_file_that_git_ignores_is_not_depended_on(project: Path, runs: Runs) -> None:
    gitignore(project)
    runs()
    env_file(project)
    runs()
    assert runs.linted == 1


def test_settings_day_paths_and_rules_each_have_their_own_entry(runs: Runs, project: Path, tmp_path: Path) -> None:
    runs()
    runs(profile="default")
    runs(today="2031-01-01")
    runs(severities={"runs-as-root": "info"})
    runs(["compose.yaml"])
    assert runs.linted == 5
    runs()
    assert runs.linted == 5
    fewer = Runs(project, tmp_path / "cache", RULES[:5])
    fewer()
    assert fewer.linted == 1


def test_a_changed_rule_makes_all_entries_void(project: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    page = "---\nseverity: info\ncategory: base-image\nhelp: x\nsince: 1.0\n---\n# X\n\nText.\n"
    (own / "my_rule.md").write_text(page, "utf-8")
    code = (
        "from dockerlint_fastapi.finding import Finding\nfrom dockerlint_fastapi.model import Stage\n\n\n"
        "def check(node: Stage):\n    yield Finding.at(node, '{}')\n"
    )
    messages = []
    for message in ("one", "another"):
        (own / "my_rule.py").write_text(code.format(message), "utf-8")
        rules = (Rule(str(own), "my_rule"),)
        found = Runs(project, tmp_path / "cache", rules)()
        messages.append({one.finding.message for one in found.diagnostics})
    assert messages == [{"one"}, {"another"}]


@pytest.mark.parametrize(
    "damage",
    ["", "{", "[]", "null", '[]\n{"open": {"x": ""}}\n["end"]', '[]\n["diagnostics", [0, 1, 2]]\n["end"]', "\x00\xff"],
)
def test_a_damaged_entry_counts_as_none(runs: Runs, tmp_path: Path, damage: str) -> None:
    first = runs()
    (entry,) = (tmp_path / "cache").glob("*.dlf.json")
    entry.write_bytes(damage.encode("latin-1"))
    assert render("json", runs()) == render("json", first)
    assert runs.linted == 2
    assert any("listing" in json.loads(line) for line in entry.read_bytes().splitlines())


def test_an_entry_that_is_cut_off_between_two_lines_counts_as_none(runs: Runs, tmp_path: Path) -> None:
    runs()
    (entry,) = (tmp_path / "cache").glob("*.dlf.json")
    lines = entry.read_bytes().splitlines(keepends=True)
    for end in range(1, len(lines)):
        entry.write_bytes(b"".join(lines[:end]))
        before = runs.linted
        runs()
        assert runs.linted == before + 1


def test_an_entry_cannot_name_what_is_no_record_or_no_place(runs: Runs, tmp_path: Path) -> None:
    runs()
    (entry,) = (tmp_path / "cache").glob("*.dlf.json")
    for old, new in (('["Diagnostic"', '["system"'), ('["Finding",[0,', '["Finding",[0,99999999,')):
        text = entry.read_text("utf-8")
        assert old in text
        entry.write_text(text.replace(old, new, 1), "utf-8")
        before = runs.linted
        runs()
        assert runs.linted == before + 1


def test_a_report_is_the_same_in_pieces_as_at_once(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_TOGETHER", 2)
    report = runs()
    pieces = [*report_pieces(report)]
    for name in ("diagnostics", "suppressed", "notices", "files"):
        held = [one for piece in pieces if piece[0] == name for one in piece[1:]]
        assert held == packed_report(report)[name][1:]
    assert len(pieces) > len(report.diagnostics) // 2
    assert max(map(len, pieces)) == 3
    gathered = Gathered(sources_of(report).__getitem__, RULES)
    for piece in pieces:
        gathered.add(json.loads(json.dumps(piece)))
    assert gathered.report() == report


def test_the_folder_is_bounded_and_the_oldest_go_first(
    runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs()
    (entry,) = (tmp_path / "cache").glob("*.dlf.json")
    os.utime(entry, ns=(1, 1))
    monkeypatch.setattr(module, "MOST_BYTES", entry.stat().st_size + 100)
    runs(profile="default")
    assert not entry.exists()
    assert len(list((tmp_path / "cache").glob("*.dlf.json"))) == 1


def test_the_folder_tells_git_and_backups_to_pass_it_over_and_clear_leaves_others(runs: Runs, tmp_path: Path) -> None:
    runs()
    folder = tmp_path / "cache"
    (folder / "mine.txt").write_text("x", "utf-8")
    assert (folder / ".gitignore").read_text("utf-8") == "*\n"
    assert (folder / "CACHEDIR.TAG").exists()
    assert clear(str(folder)) == 1
    assert sorted(path.name for path in folder.iterdir()) == [".gitignore", "CACHEDIR.TAG", "mine.txt"]


@POSIX
def test_a_folder_that_others_may_write_to_is_not_used(tmp_path: Path) -> None:
    open_to_all = tmp_path / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    assert not usable(str(open_to_all))
    open_to_all.chmod(0o700)
    assert usable(str(open_to_all))
    assert usable(str(tmp_path / "not-yet"))


def test_where_the_folder_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DLF_CACHE_DIR", str(tmp_path / "env"))
    assert folder_of(None) == str(tmp_path / "env")
    assert folder_of(str(tmp_path / "given")) == str(tmp_path / "given")
    monkeypatch.delenv("DLF_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    if sys.platform == "linux":
        assert folder_of(None) == str(tmp_path / "xdg" / "dlf")


def test_a_report_with_a_fault_of_the_linter_is_not_kept(project: Path, tmp_path: Path) -> None:
    class Broken:
        name, built_in, options, page_path, nodes, preview = (
            "broken",
            False,
            None,
            RULES[0].page_path,
            RULES[0].nodes,
            False,
        )
        supersedes = ()

        def __init__(self) -> None:
            from dockerlint_fastapi.model import Project  # noqa: PLC0415

            self.nodes = (Project,)

        @staticmethod
        def check(_node: object) -> list[object]:
            raise ValueError("no")

        @staticmethod
        def configured(_values: object) -> None:
            return None

    runs = Runs(project, tmp_path / "cache", (Broken(),))  # type: ignore[arg-type]
    assert runs().failures
    assert runs().failures
    assert runs.linted == 2


def test_a_tree_notes_what_is_asked_and_says_the_same(project: Path) -> None:
    plain, asked = DiskTree(str(project)), AskedTree(DiskTree(str(project)))
    for path in ("compose.yaml", "api", "none", "none/at/all", ""):
        for question in ("read", "is_file", "is_dir", "size", "executable", "names", "listing", "resolve"):
            assert getattr(asked, question)(path) == getattr(plain, question)(path), (question, path)
    assert asked.notes.answers["listing"].keys() >= {"", "api"}


@POSIX
def test_what_is_not_there_is_noted_once_with_the_directory_above(project: Path) -> None:
    asked = AskedTree(DiskTree(str(project)))
    for number in range(100):
        for path in (f"api/none/{number}/x.py", f"api/Dockerfile/{number}", f"api/{number}.py"):
            assert asked.read(path) is None
            assert not asked.is_file(path)
            assert not asked.is_dir(path)
            assert asked.size(path) is asked.executable(path) is None
            assert asked.listing(path) == Listing()
    assert {question: [*known] for question, known in asked.notes.answers.items()} == {"listing": ["api"]}


@POSIX
def test_what_is_behind_a_link_or_in_an_empty_directory_is_noted_itself(project: Path, tmp_path: Path) -> None:
    (project / "empty").mkdir()
    (project / "out").symlink_to(tmp_path / "elsewhere")
    asked = AskedTree(DiskTree(str(project)))
    for path in ("empty/x", "out/x", "out/x/y"):
        assert not asked.is_file(path)
    assert asked.notes.answers["is_file"].keys() == {"empty/x", "out/x", "out/x/y"}


def test_a_report_of_files_that_changed_meanwhile_is_not_kept(project: Path, tmp_path: Path) -> None:
    cache = Cache(str(tmp_path / "cache"), RULES)

    def changing(tree: Tree) -> Report:
        tree.read("notes.txt")
        (project / "notes.txt").write_text("something else\n", "utf-8")
        tree.read("notes.txt")
        return lint(tree, told_settings())

    cache.lint(DiskTree(str(project)), told_settings(), paths=None, shown=str, root=str(project), lint=changing)
    assert not [*(tmp_path / "cache").glob("*.dlf.json")]


def test_notes_of_another_process_are_added_and_those_that_were_counted_are_not_told_again() -> None:
    here, there = Notes(), Notes()
    for notes in (here, there):
        notes.note("read", "a", b"x")
    counted = there.count()
    there.note("read", "b", None)
    there.note("is_dir", "c", answer=True)
    told = [*there.pieces(counted)]
    assert [[*json.loads(piece)] for piece in told] == [["read"], ["is_dir"]]
    for piece in told:
        here.take(piece)
    assert here.answers == there.answers
    there.note("read", "a", b"y")
    for piece in there.pieces(counted):
        here.take(piece)
    assert "changed" in here.answers


def test_the_command_removes_entries_and_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "kept"
    folder.mkdir(mode=0o700)
    for name in ("a.dlf.json", "b.dlf.json", "mine.txt"):
        (folder / name).write_text("{}")
    assert run(["cache", "dir", "--cache-dir", str(folder)]) == 0
    assert capsys.readouterr().out == f"{folder}\n"
    assert run(["cache", "clean", "--cache-dir", str(folder)]) == 0
    assert capsys.readouterr().out == f"Removed 2 entries from {folder}\n"
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]
    assert run(["cache", "clean", "--cache-dir", str(tmp_path / "none")]) == 0
    assert run(["cache", "burn"]) == 2


@POSIX
def test_the_command_leaves_the_folders_of_others_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o777)
    (folder / "a.dlf.json").write_text("{}")
    assert run(["cache", "clean", "--cache-dir", str(folder)]) == 2
    assert "not yours alone" in capsys.readouterr().err
    assert (folder / "a.dlf.json").exists()
