"""Several processes say what one says, in the same order; and none is left behind when something goes wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import generated
import pytest
from house import RULES, everything

from dockerlint_fastapi import shares, workers
from dockerlint_fastapi.cli import run, running
from dockerlint_fastapi.cli.jobs import Job
from dockerlint_fastapi.cli.outcome import Stop
from dockerlint_fastapi.cli.running import Running, processes
from dockerlint_fastapi.config import Configuration
from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.report import Report
from dockerlint_fastapi.reporters import render
from dockerlint_fastapi.shares import Spread
from dockerlint_fastapi.tree import DiskTree, text_files
from dockerlint_fastapi.workers import Crew, Line, Worker

pytestmark = pytest.mark.skipif(
    os.name == "nt" or sys.platform == "darwin", reason="processes are forked where that is safe"
)
EVERYTHING = everything(profile="pedantic")
ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def every_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "FEWEST_FILES", 1)


@pytest.fixture(scope="module")
def alone() -> Report:
    """What one process says of sixty services."""
    return lint(text_files(generated.services(60)), EVERYTHING)


@pytest.mark.parametrize("jobs", [2, 3, 7])
def test_one_project_by_several_processes(alone: Report, jobs: int) -> None:
    tree = text_files(generated.services(60))
    spread = lint(tree, EVERYTHING, spread=Spread(jobs))
    assert len(alone.diagnostics) > 100
    assert render("json", spread) == render("json", alone)
    assert spread.files == alone.files


def test_the_sample_projects_by_several_processes() -> None:
    for folder in sorted((ROOT / "fixtures" / "projects").iterdir()):
        if folder.is_dir():
            tree = DiskTree(str(folder))
            assert render("json", lint(tree, EVERYTHING, spread=Spread(2))) == render("json", lint(tree, EVERYTHING))


def test_groups_hold_each_node_once_and_folders_together() -> None:
    tree = text_files(generated.services(40))
    nodes: list[object] = []

    class Seen(Spread):
        def judge(self, project: Any, rules: Any, judge: Any, failures: Any) -> Any:  # noqa: ARG002
            nodes.extend(project.nodes())
            return iter(())

    lint(tree, EVERYTHING, spread=Seen(2))
    parts = shares._groups(nodes, 4)
    assert len(parts) > 10
    assert parts[1] == [len(nodes) - 1], "the project as a whole, which is the most work"
    assert sorted(at for part in parts for at in part) == list(range(len(nodes)))
    assert all(part for part in parts)
    where = {shares._folder(nodes[at]): number for number, part in enumerate(parts) for at in part}
    assert all(where[shares._folder(nodes[at])] == number for number, part in enumerate(parts) for at in part)


def test_a_rule_that_breaks_in_a_child_is_told_as_ever() -> None:
    class Broken:
        name, built_in, options, preview, supersedes, guide, severity = "broken", False, None, False, (), (), "info"

        def __init__(self) -> None:
            from dockerlint_fastapi.model import Stage  # noqa: PLC0415

            self.nodes = (Stage,)

        @staticmethod
        def check(_node: object) -> list[object]:
            raise ValueError("no")

        @staticmethod
        def configured(_values: object) -> None:
            return None

    settings = Settings((Broken(),), frozenset(("broken",)))  # type: ignore[arg-type]
    tree = text_files(generated.dockerfiles(12))
    failures = [lint(tree, settings, spread=spread).failures for spread in (None, Spread(3))]
    told = [[(one.rule, one.span and one.span.source.path, str(one.error)) for one in some] for some in failures]
    assert sorted(told[0]) == sorted(told[1])
    assert len(told[0]) == 12


def test_a_child_that_is_killed_costs_nothing_but_time(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = text_files(generated.dockerfiles(12))
    parent = os.getpid()
    said: list[int] = []
    rule = next(rule for rule in RULES if rule.name == "unpinned-base-image")
    check = rule.check

    def dies(node: Any, *more: Any) -> Any:
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return check(node, *more)

    alone = lint(tree, EVERYTHING)
    monkeypatch.setattr(rule, "check", dies)
    report = lint(tree, EVERYTHING, spread=Spread(2, said.append))
    assert render("json", report) == render("json", alone)
    assert said == [signal.SIGKILL]
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)  # nobody is left behind


def test_an_interrupt_ends_the_children_too(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = text_files(generated.dockerfiles(12))
    parent = os.getpid()
    rule = next(rule for rule in RULES if rule.name == "unpinned-base-image")

    def check(_node: object, *_more: object) -> list[object]:
        if os.getpid() == parent:
            raise KeyboardInterrupt
        time.sleep(60)
        return []

    monkeypatch.setattr(rule, "check", check)
    before = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        lint(tree, EVERYTHING, spread=Spread(2))
    assert time.monotonic() - before < 30
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_a_worker_gives_plain_values_or_nothing() -> None:
    def fails(_line: object) -> None:
        raise ValueError("no")

    worker, broken = Worker(lambda _line: {"a": [1, None, "é"]}), Worker(fails)
    assert worker.result() == {"a": [1, None, "é"]}
    assert worker.result() is None
    assert broken.result() is None
    assert broken.killed is None


def test_a_worker_talks_of_more_than_a_pipe_holds() -> None:
    much = ["x" * 300_000, 1]

    def work(line: Line) -> object:
        line.tell(much)
        line.tell(None)
        heard = line.hear()
        line.tell("é")
        return heard

    with Crew(work, 3) as children:
        for child in children:
            assert child.hear() == much
            assert child.hear() is None
        for child in children:
            child.tell(much)
        for child in children:
            said: list[object] = []
            while not said:
                said += child.heard()
            assert said[0] == "é"
            assert (said[1:] or [child.hear()]) == [much]
            assert not child.well
            assert child.hear() is None
            assert child.well
    assert not any(child.killed for child in children)


def test_children_do_not_outlive_this_process() -> None:
    def waits(line: Line) -> object:
        return line.hear()  # for ever, if nobody notices

    def work(line: Line) -> None:
        with Crew(waits, 3) as children:
            line.tell([child.pid for child in children])
            time.sleep(60)

    worker = Worker(work)
    pids = worker.hear()
    os.kill(worker.pid, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while any(map(alive, pids)):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert worker.hear() is None
    assert worker.killed == signal.SIGKILL


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and whose parent has not heard of it does not."""
    try:
        os.kill(pid, 0)
        stat = Path(f"/proc/{pid}/stat")
        return not stat.exists() or stat.read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def repositories(folder: Path, count: int) -> list[str]:
    for path, text in generated.repositories(count):
        full = folder / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(text, "utf-8")
    return sorted(str(path.parent.relative_to(folder)) for path in folder.rglob(".git"))


def output(arguments: Sequence[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = run(["check", "--no-cache", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_numbers_are_dealt_once() -> None:
    for count in (0, 1, 7, 10_001):
        numbers = workers.Deal(count)
        children = [Worker(lambda _line, numbers=numbers: list(numbers)) for _ in range(3)]  # type: ignore[misc]
        own = list(numbers)
        others: list[int] = [number for child in children for number in child.result()]
        assert sorted((*own, *others)) == list(range(count))


def test_what_a_finished_project_took_is_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import gc  # noqa: PLC0415

    from dockerlint_fastapi.model import Dockerfile, Project  # noqa: PLC0415

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(running, "_BETWEEN", 0)
    monkeypatch.setattr(running, "_LITTLE", 0)
    before = [one for one in gc.get_objects() if isinstance(one, Project | Dockerfile)]  # so that no id is given again
    known = set(map(id, before))
    held: list[int] = []

    class Counted(Running):
        def _lint(self, *given: Any) -> Any:
            report = super()._lint(*given)
            left = [one for one in gc.get_objects() if isinstance(one, Project) and id(one) not in known]
            held.append(len(left))
            return report

    paths = repositories(tmp_path, 20)
    jobs = [Job(DiskTree(path), None, Configuration(), path, str) for path in paths]
    one = Counted(RULES, jobs="1", no_cache=True, cache_dir=None)
    reports = [one.lint(job, EVERYTHING, None) for job in jobs]
    assert held == [1] * 5, "each time the one that was linted"
    one._sweep(0)
    gc.collect()
    alive = [one for one in gc.get_objects() if isinstance(one, Dockerfile) and id(one) not in known]
    assert not alive
    assert all(report.diagnostics for report in reports)
    sources = {d.finding.span.source for report in reports for d in report.diagnostics}
    assert not any(source.parsed or source._starts or source._data for source in sources)
    assert all(source.data == source.text.encode() for source in sources)
    assert not any(job.tree._folders for job in jobs)  # type: ignore[attr-defined]
    gc.unfreeze()


def test_several_projects_by_several_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    roots = repositories(tmp_path, 32)
    assert len(roots) == 8
    monkeypatch.chdir(tmp_path)
    for output_format in ("text", "json", "sarif"):
        arguments = ["--output-format", output_format, *roots]
        alone = output(["--jobs", "1", *arguments], capsys)
        assert alone == output(["--jobs", "3", *arguments], capsys)
        assert alone[0] == 1


def test_how_many_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert processes(None) is None
    assert processes("auto") is None
    assert processes("3") == 3
    for wrong in ("0", "-1", "two", "1.5", "257", ""):
        with pytest.raises(Stop):
            processes(wrong)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert processes("3") == 1
    assert workers.available() == 1


def test_automatic_from_a_number_of_files_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "FEWEST_FILES", 200)
    monkeypatch.setattr(workers, "available", lambda: 4)
    running = Running(RULES, jobs=None, no_cache=True, cache_dir=None)
    assert running._processes(199) == 1
    assert running._processes(200) == 4
    assert Running(RULES, jobs="1", no_cache=True, cache_dir=None)._processes(9999) == 1


def test_ctrl_c_ends_the_program_with_130_and_leaves_nobody(tmp_path: Path) -> None:
    for path, text in generated.dockerfiles(1500):
        full = tmp_path / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(text, "utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    program = subprocess.Popen(
        [sys.executable, "-m", "dockerlint_fastapi", "check", "--no-cache", "--jobs", "2"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    children = Path(f"/proc/{program.pid}/task/{program.pid}/children")
    while program.poll() is None and not (children.exists() and children.read_text().split()):
        time.sleep(0.02)
    os.killpg(program.pid, signal.SIGINT)
    _, error = program.communicate(timeout=60)
    assert program.returncode == 130
    assert b"Traceback" not in error
    # a child that Ctrl-C met before its parent knew of it has ended by itself, and is init's to bury
    ended = time.monotonic() + 30
    while _lives(program.pid) and time.monotonic() < ended:
        time.sleep(0.05)
    assert not _lives(program.pid)


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_system_that_cannot_fork_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert processes("2") == 1
    assert "--jobs 2: one process does it all" in capsys.readouterr().err
    assert processes("1") == 1
    assert capsys.readouterr().err == ""
