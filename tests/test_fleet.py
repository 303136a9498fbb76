"""`dlf fleet` on a real Ray of this machine with two workers, some of which die."""

import errno
import io
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dockerlint_fastapi.api import lint_files
from dockerlint_fastapi.cli import run
from dockerlint_fastapi.config.choices import Choices
from dockerlint_fastapi.fleet import FleetError, SourceError
from dockerlint_fastapi.fleet.plan import Plan, shipped, unpacked
from dockerlint_fastapi.fleet.reading import opened
from dockerlint_fastapi.fleet.scratch import Scratch
from dockerlint_fastapi.fleet.sources import Origin, found, scattered

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")
pytest.importorskip("ray")

pytestmark = [
    # Ray's own: descriptors that it leaves to the end of the process, and settings of its that it finds old
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:ray"),
    pytest.mark.filterwarnings("ignore::FutureWarning:ray"),
    pytest.mark.skipif(sys.platform == "win32", reason="processes are watched as Unix has them"),
    pytest.mark.xdist_group("fleet"),
]

TODAY = "2026-11-22"
FROM = "FROM python:3.13-slim\nWORKDIR /app\n"
PYTHON = "from fastapi import FastAPI\n\napp = FastAPI()\n"

# A rule that does what a comment of the Dockerfile says: to its own process, or to the worker of Ray that started it.
POISON = '''"""What may happen to a worker."""

import os
import signal
import time

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Dockerfile


def check(file: Dockerfile):
    for line in file.source.text.split("\\n"):
        word, _, rest = line.removeprefix("# poison: ").partition(" ")
        if line.startswith("# poison: "):
            if word == "raise":
                raise ValueError("poison")
            if word == "hang":
                time.sleep(600)
            if word == "eat":
                held = [b"x" * (8 << 20) for _ in range(100_000)]
            if word == "die":
                os.kill(os.getpid(), signal.SIGKILL)
            if word == "print":
                os.write(1, b"not a frame")
                print("nor is this")
            if word == "once":
                try:
                    os.close(os.open(rest, os.O_CREAT | os.O_EXCL))
                except FileExistsError:
                    continue
                os.kill(os.getppid(), signal.SIGKILL)
                time.sleep(600)
            if word == "always":
                os.kill(os.getppid(), signal.SIGKILL)
                time.sleep(600)
    yield from ()
'''
PAGE = """---
severity: info
category: signals
guide: []
since: 0.1.0
sources: []
help: Take the comment away.
---

# Poison

Does what a comment says.
"""


def project(number: int, poison: str = "") -> dict[str, str]:
    """A small project, no two alike."""
    files = {
        "Dockerfile": f"{poison and f'# poison: {poison}'}\n{FROM}COPY . .\nRUN pip install fastapi=={number}.0\n"
        f'EXPOSE {8000 + number}\nENTRYPOINT ["./start.sh"]\n',
        "start.sh": "#!/bin/sh\nuvicorn app.main:app --host 0.0.0.0 --reload\n",
        "app/main.py": PYTHON,
    }
    if number % 2:
        files["compose.yaml"] = f"services:\n  api:\n    build: .\n    ports: ['{8000 + number}:8000']\n"
    return files


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if name.endswith(".sh"):
            path.chmod(0o755)


def checkouts(root: Path, projects: dict[str, dict[str, str]]) -> Path:
    for repo, files in projects.items():
        write(root / repo, {**files, ".git/HEAD": "ref: refs/heads/main\n"})
    return root


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    """One Ray for all tests: it takes longer to start than they take to run."""
    from dockerlint_fastapi.fleet.run import Cluster  # noqa: PLC0415 - it imports ray

    with Cluster(2, None):
        yield


Fleet = Callable[..., tuple[int, str, str]]


@pytest.fixture
def fleet(cluster: None, capsys: pytest.CaptureFixture[str]) -> Fleet:  # noqa: ARG001
    """`fleet(source, output, …)`: exit code, standard output and standard error."""

    def call(source: Path, output: Path, *arguments: str) -> tuple[int, str, str]:
        plain = ["--workers", "2", "--today", TODAY, "--no-plugins"]
        code = run(["fleet", str(source), "--output", str(output), *plain, *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture(scope="module")
def poison(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("poison")
    (folder / "poison_pill.py").write_text(POISON)
    (folder / "poison_pill.md").write_text(PAGE)
    return folder


def rows(output: Path, folder: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(output / folder).to_pylist()
    return found


def findings(output: Path) -> list[dict[str, Any]]:
    return sorted(rows(output, "findings"), key=lambda row: json.dumps(row, sort_keys=True))


def states(output: Path) -> dict[str, str | None]:
    """The error of each repository. No repository is there twice."""
    status = rows(output, "status")
    assert len({row["repo"] for row in status}) == len(status)
    return {row["repo"]: row["error"] for row in status}


def of_source(output: Path) -> list[dict[str, Any]]:
    """The status rows without what tells sources and runs apart."""
    kept = [
        {key: value for key, value in row.items() if key not in ("seconds", "source")} for row in rows(output, "status")
    ]
    return sorted(kept, key=lambda row: row["repo"])


TOLD = ("rule", "severity", "category", "message", "path", "line", "column", "end_line", "end_column", "notes", "url")


def test_rows_are_what_the_call_finds(tmp_path: Path, fleet: Fleet) -> None:
    projects = {f"team-{number % 2}/repo-{number}": project(number) for number in range(6)}
    source = checkouts(tmp_path / "source", projects)
    code, out, err = fleet(source, tmp_path / "out")
    assert (code, err) == (0, "")
    assert states(tmp_path / "out") == dict.fromkeys(projects)
    expected = []
    for repo, files in projects.items():
        data = {name: text.encode() for name, text in {**files, ".git/HEAD": "ref: refs/heads/main\n"}.items()}
        report = lint_files(data, today=TODAY, executable={"start.sh"})
        expected += [(repo, *(one[name] for name in TOLD)) for one in report["findings"]]
    told = [tuple(row[name] for name in ("repo", *TOLD)) for row in rows(tmp_path / "out", "findings")]
    assert sorted(map(repr, told)) == sorted(map(repr, expected))
    assert len(told) > 30
    assert {row["fixable"] for row in findings(tmp_path / "out")} == {None, "safe", "unsafe"}
    summary = pq.read_table(tmp_path / "out" / "summary.parquet").to_pylist()
    assert sum(row["findings"] for row in summary) == len(told)
    by_rule = {row["rule"]: row for row in summary}
    assert by_rule["reload-in-production"]["repositories"] == 6
    for row in summary:
        mine = [one for one in told if one[1] == row["rule"]]
        assert (row["findings"], row["repositories"]) == (len(mine), len({one[0] for one in mine}))
        assert row["errors"] + row["warnings"] + row["infos"] == row["findings"]
    assert f"6 repositories linted, 0 with an error; {len(told)} findings" in out
    told_run = json.loads((tmp_path / "out" / "run.json").read_text())
    assert (told_run["finished"], told_run["repositories"], told_run["settings"]["today"]) == (True, 6, TODAY)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        ".lock",
        "findings",
        "status",
        "summary.parquet",
        "run.json",
    }


def packed(root: Path, kind: str, target: Path) -> None:
    """A checkout as an archive with the folder that forges put round it, or a bundle."""
    files = sorted(path for path in root.rglob("*") if path.is_symlink() or path.is_file())
    if kind == "zip":
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in files:
                info = zipfile.ZipInfo(f"{root.name}-main/{path.relative_to(root).as_posix()}")
                info.external_attr = path.lstat().st_mode << 16
                archive.writestr(info, os.readlink(path) if path.is_symlink() else path.read_bytes())
    else:
        with tarfile.open(target, "w:gz" if kind == "tar.gz" else "w") as archive:
            archive.add(root, "./" if kind == "tar" else f"{root.name}-main")


def test_every_kind_of_source_gives_the_same_rows(tmp_path: Path, fleet: Fleet, git: Callable[..., str]) -> None:
    projects = {f"repo-{number}": project(number) for number in range(4)}
    source = tmp_path / "source"
    for repo, files in projects.items():
        write(source / repo, files)
        (source / repo / "linked.sh").symlink_to("start.sh")
        git(source / repo, "init", "-q")
        git(source / repo, "add", ".")
        git(source / repo, "commit", "-q", "-m", "all")
    assert fleet(source, tmp_path / "a")[0] == 0
    expected, status = findings(tmp_path / "a"), of_source(tmp_path / "a")
    assert len(expected) > 20

    packs = tmp_path / "packs"
    packs.mkdir()
    for (repo, _), kind in zip(projects.items(), ("tar", "tar.gz", "zip", "bundle"), strict=True):
        if kind == "bundle":
            git(source / repo, "bundle", "create", str(packs / f"{repo}.bundle"), "--all")
        else:
            packed(source / repo, kind, packs / f"{repo}.{kind}")
    listed = packs / "list.txt"
    listed.write_text("# all four\n\n" + "\n".join(path.name for path in sorted(packs.iterdir()) if path != listed))
    assert fleet(listed, tmp_path / "b")[0] == 0
    assert findings(tmp_path / "b") == expected
    assert of_source(tmp_path / "b") == status
    assert {row["source"] for row in rows(tmp_path / "b", "status")} == {"archive", "bundle"}

    bare = tmp_path / "bare"
    for repo in projects:
        git(tmp_path, "clone", "-q", "--mirror", str(source / repo), str(bare / repo))
    assert fleet(bare, tmp_path / "c")[0] == 0
    assert findings(tmp_path / "c") == expected
    assert of_source(tmp_path / "c") == status

    table = []
    for repo in projects:
        for path in sorted((source / repo).rglob("*")):
            name = path.relative_to(source / repo).as_posix()
            if path.is_symlink():
                table.append({"repo": repo, "path": name, "link": os.readlink(path)})
            elif path.is_file() and not name.startswith(".git/objects"):
                right = bool(path.stat().st_mode & 0o111)
                table.append({"repo": repo, "path": name, "content": path.read_bytes(), "executable": right})
    columns = {"repo": pa.string(), "path": pa.string(), "content": pa.binary(), "link": pa.string()}
    schema = pa.schema({**columns, "executable": pa.bool_()})
    pq.write_table(pa.Table.from_pylist(table, schema), tmp_path / "files.parquet", row_group_size=25)
    assert fleet(tmp_path / "files.parquet", tmp_path / "d")[0] == 0
    assert findings(tmp_path / "d") == expected
    assert of_source(tmp_path / "d") == status

    # rows all over the place: Ray Data brings them together first
    folder = tmp_path / "parquet"
    folder.mkdir()
    mixed = sorted(table, key=lambda row: (row["path"], row["repo"]))
    half = len(mixed) // 2
    for at, some in enumerate((mixed[:half], mixed[half:])):
        pq.write_table(pa.Table.from_pylist(some, schema), folder / f"{at}.parquet", row_group_size=8)
    assert scattered(found(str(folder)))
    assert fleet(folder, tmp_path / "e")[0] == 0
    assert findings(tmp_path / "e") == expected
    assert not (tmp_path / "e" / "sorted").exists()


def test_poisoned_repositories_cost_themselves_alone(tmp_path: Path, fleet: Fleet, poison: Path) -> None:
    killed = tmp_path / "killed"
    poisons = {3: "hang", 5: "die", 7: "raise", 8: f"once {killed}", 10: "always", 11: "eat", 12: "print"}
    projects = {f"repo-{number:02}": project(number, poisons.get(number, "")) for number in range(14)}
    source = checkouts(tmp_path / "source", projects)
    limits = ("--rules", str(poison), "--limit-seconds", "6", "--limit-memory", "400")
    code, out, err = fleet(source, tmp_path / "out", *limits)
    assert code == 1
    assert killed.exists()  # a worker was killed in mid-run
    told = states(tmp_path / "out")
    assert set(told) == set(projects)
    wrong = {repo: error for repo, error in told.items() if error is not None}
    assert set(wrong) == {"repo-03", "repo-05", "repo-07", "repo-10", "repo-11"}
    assert wrong["repo-03"] == "took longer than 6 seconds"
    assert wrong["repo-05"] == "the process that linted it was ended by signal 9, twice"
    assert "poison-pill: Dockerfile: ValueError: poison" in wrong["repo-07"]
    assert wrong["repo-10"] == "the worker of Ray that linted it died, again and again"
    assert "MB of memory, more than 400 MB" in wrong["repo-11"]
    assert "14 repositories linted, 5 with an error" in out
    assert "repo-03: took longer" in err

    healthy = checkouts(tmp_path / "healthy", {repo: files for repo, files in projects.items() if repo not in wrong})
    assert fleet(healthy, tmp_path / "alone", "--rules", str(poison))[0] == 0
    ours = [row for row in findings(tmp_path / "out") if row["repo"] not in wrong]
    assert ours == findings(tmp_path / "alone")
    # what else was found in the one whose rule broke is there too
    assert [row for row in findings(tmp_path / "out") if row["repo"] == "repo-07"]


def test_a_run_goes_on_where_it_ended(tmp_path: Path, fleet: Fleet) -> None:
    projects = {f"repo-{number}": project(number) for number in range(5)}
    source = checkouts(tmp_path / "source", projects)
    output = tmp_path / "out"
    assert fleet(source, output)[0] == 0
    whole = findings(output)
    before = {path: path.stat().st_mtime_ns for path in output.rglob("part-*")}

    # broken off: of one unit no part was written, of another the findings only, of a third half a file
    statuses = sorted((output / "status").iterdir())
    for path in statuses[:2]:
        path.unlink()
    (output / "findings" / statuses[0].name).unlink()
    (output / "findings" / f".{statuses[0].name}.123.tmp").write_bytes(b"half")
    orphan = output / "findings" / statuses[1].name
    orphan.rename(orphan.with_name("part-ffffffffffffffff.parquet"))
    code, out, _ = fleet(source, output)
    assert code == 0
    assert "5 repositories linted (3 of them by an earlier run)" in out
    assert findings(output) == whole
    assert set(states(output)) == set(projects)
    kept = [path for path, date in before.items() if path.exists() and path.stat().st_mtime_ns == date]
    assert len(kept) == 2 * 3
    assert not list((output / "findings").glob(".*"))

    # once more, with nothing to do; and with more to do
    assert "5 repositories linted (5 of them" in fleet(source, output)[1]
    checkouts(source, {"repo-5": project(5)})
    assert "6 repositories linted (5 of them" in fleet(source, output)[1]
    assert "repo-5" in states(output)

    code, _, err = fleet(source, output, "--profile", "pedantic")
    assert code == 2
    assert f"{output}: holds results of another run (profile was None and is 'pedantic'); give another folder" in err
    assert findings(output)[: len(whole)]
    code, out, _ = fleet(source, output, "--profile", "pedantic", "--restart")
    assert (code, "6 repositories linted, 0" in out) == (0, True)
    assert len(findings(output)) > len(whole)
    (output / "status" / "part-0123456789abcdef.parquet").write_bytes(b"no parquet")
    code, _, err = fleet(source, output, "--profile", "pedantic")
    assert (code, "is no part that dlf wrote" in err) == (2, True)


def test_the_day_of_an_unfinished_run_stays(tmp_path: Path, fleet: Fleet, capsys: pytest.CaptureFixture[str]) -> None:
    source = checkouts(tmp_path / "source", {"repo": project(1)})
    assert fleet(source, tmp_path / "out")[0] == 0
    assert run(["fleet", str(source), "--output", str(tmp_path / "out"), "--workers", "1", "--no-plugins", "-q"]) == 0
    assert capsys.readouterr() == ("", "")


def test_nothing_to_lint(tmp_path: Path, fleet: Fleet) -> None:
    (tmp_path / "source").mkdir()
    code, out, err = fleet(tmp_path / "source", tmp_path / "out")
    assert (code, err) == (0, "")
    assert "0 repositories linted, 0 with an error; 0 findings" in out
    assert (rows(tmp_path / "out", "status"), rows(tmp_path / "out", "findings")) == ([], [])
    assert "rule" in pq.read_schema(tmp_path / "out" / "summary.parquet").names
    (tmp_path / "source" / "plain").mkdir()
    assert fleet(tmp_path / "source", tmp_path / "out")[0] == 0
    assert states(tmp_path / "out") == {"plain": None}


def test_a_folder_that_is_not_ours_is_left_alone(tmp_path: Path, fleet: Fleet) -> None:
    source = checkouts(tmp_path / "source", {"repo": project(1)})
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    for arguments in ((), ("--restart",)):
        code, _, err = fleet(source, tmp_path / "out", *arguments)
        assert (code, "holds other things (thesis.txt)" in err) == (2, True)
    code, _, err = fleet(source, tmp_path / "out" / "thesis.txt")
    assert (code, "is a file" in err) == (2, True)
    code, _, err = fleet(tmp_path / "nowhere", tmp_path / "new")
    assert (code, "no such file or directory" in err, (tmp_path / "new").exists()) == (2, True, False)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.txt"]


def test_two_runs_do_not_write_into_one_folder(tmp_path: Path, fleet: Fleet) -> None:
    import fcntl  # noqa: PLC0415 - not on Windows

    source = checkouts(tmp_path / "source", {"repo": project(1)})
    assert fleet(source, tmp_path / "out")[0] == 0
    with (tmp_path / "out" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        code, _, err = fleet(source, tmp_path / "out", "--restart")
    assert (code, "another run writes there" in err) == (2, True)
    assert states(tmp_path / "out") == {"repo": None}


# what needs no Ray


def test_without_the_extra_it_says_how_to_install_it(tmp_path: Path) -> None:
    program = """
import sys
from importlib.machinery import PathFinder
class Without:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("ray", "pyarrow"):
            raise ImportError(name)
import importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name in ("ray", "pyarrow") else find(name, package)
sys.meta_path.insert(0, Without())
from dockerlint_fastapi.cli import run
sys.exit(run(sys.argv[1:]))
"""
    done = subprocess.run(
        [sys.executable, "-c", program, "fleet", ".", "--output", str(tmp_path / "out")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: dlf fleet needs ray, which comes with the extra `ray`: pip install ")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--workers", "0"), "--workers: '0' is no number from 1"),
        (("--limit-seconds", "soon"), "--limit-seconds: 'soon' is no number"),
        (("--select", "signal"), "did you mean `signals`"),
        (("--rules", "nowhere"), "nowhere: cannot be read as a folder of rules"),
    ],
)
def test_mistakes_are_told_before_anything_is_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    assert run(["fleet", str(tmp_path), "--output", str(tmp_path / "out"), *arguments]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_cluster_needs_a_number_of_workers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["fleet", str(tmp_path), "--output", str(tmp_path / "out"), "--address", "auto"]) == 2
    assert "--workers" in capsys.readouterr().err


def test_sources_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("one.bundle\nreadme.md\n")
    with pytest.raises(FleetError, match=r"list\.txt:2: readme\.md: is neither a bundle or an archive"):
        found(str(tmp_path / "list.txt"))
    (tmp_path / "list.txt").write_text("one.tar\none.tar\n")
    with pytest.raises(FleetError, match=r"names a repository twice: one\.tar"):
        found(str(tmp_path / "list.txt"))
    (tmp_path / "list.txt").write_text("one.tar\none.zip\ntwo.tgz\n")
    assert [one.repo for one in found(str(tmp_path / "list.txt"))] == ["one.tar", "one.zip", "two"]
    (tmp_path / "one.zip").write_bytes(b"")
    with pytest.raises(FleetError, match="is one repository"):
        found(str(tmp_path / "one.zip"))
    (tmp_path / "binary").write_bytes(b"\x7fELF\0\0\n\0")
    with pytest.raises(FleetError, match="is no list"):
        found(str(tmp_path / "binary"))
    (tmp_path / "broken.parquet").write_bytes(b"PAR1")
    with pytest.raises(FleetError, match="cannot be read as Parquet"):
        found(str(tmp_path / "broken.parquet"))
    pq.write_table(pa.table({"repo": ["a"], "path": ["b"]}), tmp_path / "narrow.parquet")
    with pytest.raises(FleetError, match="has no column `content`"):
        found(str(tmp_path / "narrow.parquet"))


def test_checkouts_are_found_where_forges_put_them(tmp_path: Path) -> None:
    for name in ("host/group/sub/one/.git", "host/two/.git", "three/src", ".hidden/.git", "host/two/vendor/four/.git"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("five/HEAD", "five/objects/x", "five/refs/x"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "three")
    assert [(one.repo, one.kind) for one in found(str(tmp_path))] == [
        ("five", "bare"), ("host/group/sub/one", "checkout"), ("host/two", "checkout"), ("three", "checkout"),
    ]  # fmt: skip


def tar_of(path: Path, members: list[tuple[str, bytes | str, bytes]]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, data, kind in members:
            info = tarfile.TarInfo(name)
            info.type = kind
            if isinstance(data, str):
                info.linkname = data
                archive.addfile(info)
            else:
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
    return path


def test_archives_of_strangers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, link, hard = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE
    path = tar_of(
        tmp_path / "one.tar.gz",
        [
            ("Dockerfile", b"FROM scratch\n", file), ("../outside", b"x", file), ("/etc/passwd", b"x", file),
            ("a/../../b", b"x", file), ("out", "/etc", link), ("out/passwd", b"x", file), ("up", "../..", link),
            ("file", b"1", file), ("file/within", b"2", file), ("same", "file", hard), ("gone", "nothing", hard),
            ("pipe", b"", tarfile.FIFOTYPE), ("twice", b"old", file), ("twice", b"new", file), ("dir/x", b"", file),
        ],
    )  # fmt: skip
    before = sorted(tmp_path.rglob("*"))
    with opened(Origin("one", "archive", str(path)), "") as tree:
        assert tree.names("") == ["Dockerfile", "dir", "file", "out", "same", "twice", "up"]
        assert (tree.read("same"), tree.read("twice"), tree.read("out"), tree.read("out/passwd")) == (
            b"1",
            b"new",
            None,
            None,
        )
        assert tree.resolve("up") is None
    assert sorted(tmp_path.rglob("*")) == before  # nothing is unpacked

    with monkeypatch.context() as small:
        small.setattr("dockerlint_fastapi.fleet.reading.MAX_HELD", 1000)
        big = tar_of(tmp_path / "big.tar.gz", [(f"{at}", b"x" * 600, file) for at in range(2)])
        with (
            pytest.raises(SourceError, match="holds more than 1000 bytes"),
            opened(Origin("b", "archive", str(big)), ""),
        ):
            pass
        small.setattr("dockerlint_fastapi.fleet.reading.MAX_FILES", 3)
        with pytest.raises(SourceError, match="holds more than 3 files"), opened(Origin("o", "archive", str(path)), ""):
            pass
    broken = {"none.tar.gz": None, "bad.tar.gz": b"\x1f\x8bxx", "bad.zip": b"PK", "cut.tar.gz": path.read_bytes()[:-40]}
    for name, data in broken.items():
        if data is not None:
            (tmp_path / name).write_bytes(data)
        with (
            pytest.raises(SourceError, match="cannot be read"),
            opened(Origin(name, "archive", str(tmp_path / name)), ""),
        ):
            pass


def test_zip_archives_of_strangers(tmp_path: Path) -> None:
    path = tmp_path / "one.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (("Dockerfile", b"FROM scratch\n"), ("../x", b""), ("/y", b""), ("bomb", bytes(30_000_000))):
            archive.writestr(name, data)
        info = zipfile.ZipInfo("link")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "../../etc/passwd")
    with opened(Origin("one", "archive", str(path)), "") as tree:
        assert tree.names("") == ["Dockerfile", "bomb", "link"]
        assert (tree.size("bomb"), tree.read("link"), tree.read("Dockerfile")) == (30_000_000, None, b"FROM scratch\n")


# Starts the process that lints, tells where its folder is, and waits to be killed.
_KEEPER = """
import sys, time
from dockerlint_fastapi.config.choices import Choices
from dockerlint_fastapi.fleet.isolation import Keeper
from dockerlint_fastapi.fleet.plan import Plan
keeper = Keeper(Plan(Choices(), "2026-11-22"))
print(keeper._start().path, flush=True)
time.sleep(600)
"""


def test_folders_of_killed_runs_go_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    command = [sys.executable, "-c", _KEEPER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as alive:
        assert alive.stdout is not None
        in_use = Path(alive.stdout.readline().strip())
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as killed:
            assert killed.stdout is not None
            left = Path(killed.stdout.readline().strip())
            killed.kill()
        young, old = tmp_path / "dlf-fleet-young", tmp_path / "dlf-fleet-old"
        for folder in (young, old):
            folder.mkdir()  # not yet locked, or never
        os.utime(old, (0, 0))
        (tmp_path / "dlf-fleet-file").write_text("not ours")
        (tmp_path / "dlf-fleet-link").symlink_to(young)
        assert left.is_dir(), "nobody could take it away when its maker was killed"

        mine = Scratch()

        assert not left.exists()
        assert not old.exists()
        assert in_use.is_dir()
        assert young.is_dir()
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
            ["dlf-fleet-file", "dlf-fleet-link", young.name, in_use.name, Path(mine.path).name]
        )
        mine.close()
        assert not Path(mine.path).exists()
        alive.kill()


def test_a_folder_can_be_had_where_there_are_no_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.ENOLCK, "no locks available")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("fcntl.flock", refused)
    first = Scratch()
    second = Scratch()
    assert Path(first.path).is_dir()
    for one in (first, second):
        one.close()
    assert list(tmp_path.iterdir()) == []


def test_bundles_need_git_and_a_head(tmp_path: Path, git: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    repo = tmp_path / "repo"
    write(repo, project(1))
    for line in ("init -q", "add .", "commit -q -m one", "branch other", "checkout -q -b third"):
        git(repo, *line.split())
    (repo / "Dockerfile").write_text("FROM scratch\n")
    git(repo, "commit", "-qam", "two")
    for name, refs in {"head": "HEAD", "branches": "main third", "none": "other third", "thin": "main..third"}.items():
        git(repo, "bundle", "create", "-q", str(tmp_path / f"{name}.bundle"), *refs.split())

    def read(name: str) -> bytes | None:
        scratch = tmp_path / f"scratch-{name}"
        scratch.mkdir()
        with opened(Origin(name, "bundle", str(tmp_path / f"{name}.bundle")), str(scratch)) as tree:
            assert tree.executable("start.sh")
            return tree.read("Dockerfile")

    assert read("head") == b"FROM scratch\n"
    assert (read("branches") or b"").startswith(b"\nFROM python")  # main, as a clone without a HEAD does
    with pytest.raises(SourceError, match="names no HEAD and several branches"):
        read("none")
    with pytest.raises(SourceError, match="git: error: Repository lacks these prerequisite commits"):
        read("thin")
    (tmp_path / "broken.bundle").write_bytes(b"no bundle")
    with pytest.raises(SourceError, match="cannot be read: git: "):
        read("broken")
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "head.bundle").rename(tmp_path / "again.bundle")
    with pytest.raises(SourceError, match="the program git, which is not installed"):
        read("again")


def test_a_plan_travels_and_is_known_again(poison: Path) -> None:
    plan = Plan(Choices(select=("signals",), preview=True), TODAY, shipped([str(poison)]), plugins=False, seconds=3.0)
    assert unpacked(plan.packed()) == plan
    assert plan.hash == unpacked(plan.packed()).hash
    others = [
        plan._replace(today="2026-11-23"), plan._replace(rules=()), plan._replace(plugins=True),
        plan._replace(choices=plan.choices._replace(profile="guide")),
    ]  # fmt: skip
    assert len({one.hash for one in (plan, *others)}) == 5
    assert plan._replace(seconds=9.0, memory=1).hash == plan.hash
    assert set(plan.rules[0]) == {"poison_pill.py", "poison_pill.md"}
