"""A large project linted part by part says what it says as a whole; where it cannot be taken apart, it is not."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import generated
import pytest
from house import RULES, everything

from dockerlint_fastapi import apart
from dockerlint_fastapi.apart import Apart, parts_of
from dockerlint_fastapi.discover import Found, find
from dockerlint_fastapi.engine import lint
from dockerlint_fastapi.model.project import NotApartError
from dockerlint_fastapi.model.questions import GATHERED
from dockerlint_fastapi.report import Report
from dockerlint_fastapi.reporters import render
from dockerlint_fastapi.tree import DiskTree, MemoryTree, text_files

EVERYTHING = everything(profile="pedantic")
ROOT = Path(__file__).parent.parent
FORKS = os.name != "nt" and sys.platform != "darwin"


@pytest.fixture(autouse=True)
def every_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "FEWEST_FILES", 1)
    monkeypatch.setattr(apart, "FEWEST_ALONE", 1)


class Watched(Apart):
    """Notes whether a project was taken apart."""

    def __init__(self, jobs: int = 1) -> None:
        self.killed: list[int] = []
        super().__init__(jobs, self.killed.append)
        self.parts: int | None = None

    def reports(self, *arguments: Any, **named: Any) -> list[Report] | None:
        found = super().reports(*arguments, **named)
        self.parts = len(found) if found is not None else None
        return found


def compared(tree: Any, jobs: int = 1) -> int | None:
    """Of how many parts a project was made, when it says the same as a whole; None when it was taken as a whole."""
    whole = lint(tree, EVERYTHING)
    watched = Watched(jobs)
    parts = lint(tree, EVERYTHING, apart=watched)
    assert render("json", parts) == render("json", whole)
    assert parts.files == whole.files
    assert [one.span.source.path for one in parts.notices] == [one.span.source.path for one in whole.notices]
    return watched.parts


@pytest.mark.parametrize("jobs", [1, pytest.param(3, marks=pytest.mark.skipif(not FORKS, reason="nothing is forked"))])
def test_a_monorepo_is_taken_apart(jobs: int) -> None:
    # When this fails with None, somebody goes through all images, containers … of a project: see `model.questions`.
    assert compared(text_files(generated.services(48)), jobs) == 12


def test_what_settings_leave_out_and_habits_are_no_other_by_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_BETWEEN", 4)
    tree, usual = text_files(generated.services(24)), EVERYTHING._replace(profile="default")
    whole, parts = lint(tree, usual), lint(tree, usual, apart=Watched())
    assert any(one.finding.once == "project" and one.finding.notes for one in whole.diagnostics)
    assert any(one.finding.once == "file" and one.finding.notes for one in whole.diagnostics)
    assert render("json", parts) == render("json", whole)


def test_finished_parts_hold_equal_words_and_places_once() -> None:
    report = lint(text_files(generated.services(4)), EVERYTHING)
    alike = apart._Alike()
    first, second = alike.of(report), alike.of(lint(text_files(generated.services(4)), EVERYTHING))
    assert first == report
    assert render("json", second) == render("json", first)
    pairs = [*zip(first.diagnostics, second.diagnostics, strict=True)]
    assert all(one.finding.message is other.finding.message for one, other in pairs)
    spans = [edit.span for one in first.diagnostics if one.finding.fix is not None for edit in one.finding.fix.edits]
    spans += [one.finding.span for one in first.diagnostics]
    assert len({*map(id, spans)}) == len({*spans})


@pytest.mark.skipif(not FORKS, reason="nothing is forked")
@pytest.mark.parametrize(("work", "after"), [("_asked", 0), ("_asked", 1), ("_linted", 0), ("_linted", 1)])
def test_a_child_that_is_killed_costs_nothing_but_time(monkeypatch: pytest.MonkeyPatch, work: str, after: int) -> None:
    parent, done = os.getpid(), [0]
    real = getattr(apart._Run, work)

    def dies(self: Any, number: int, **named: Any) -> Any:
        if os.getpid() != parent:
            if done[0] == after:
                os.kill(os.getpid(), signal.SIGKILL)
            done[0] += 1
        elif number:
            time.sleep(0.02)  # so that children have their part
        return real(self, number, **named)

    tree = text_files(generated.services(32))
    whole = lint(tree, EVERYTHING)
    monkeypatch.setattr(apart._Run, work, dies)
    watched = Watched(3)
    assert render("json", lint(tree, EVERYTHING, apart=watched)) == render("json", whole)
    assert watched.parts == 8
    assert watched.killed == [signal.SIGKILL] * 2
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)  # nobody is left behind


@pytest.mark.skipif(not FORKS, reason="nothing is forked")
@pytest.mark.parametrize("work", ["_asked", "_linted"])
def test_an_interrupt_ends_the_children_too(monkeypatch: pytest.MonkeyPatch, work: str) -> None:
    parent = os.getpid()
    real = getattr(apart._Run, work)

    def waits(self: Any, number: int, **named: Any) -> Any:
        if os.getpid() != parent:
            time.sleep(60)
        elif number:
            raise KeyboardInterrupt
        return real(self, number, **named)

    monkeypatch.setattr(apart._Run, work, waits)
    before = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        lint(text_files(generated.services(16)), EVERYTHING, apart=Watched(2))
    assert time.monotonic() - before < 30
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.mark.skipif(not FORKS, reason="nothing is forked")
def test_parts_are_kept_up_to_a_number_of_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_KEPT", 5)  # so that a process keeps two parts, and others are dealt out
    monkeypatch.setattr(apart, "_BETWEEN", 4)
    assert compared(text_files(generated.services(48)), 2) == 12


def test_each_part_is_linted_once_whoever_is_the_quickest() -> None:
    orders = [[3, 1], [0], [], [2, 4, 5]]  # what three have kept, and nobody has
    deals = [iter(range(6)) for _ in orders]
    assert [*apart._turns(1, orders, deals)] == [0, 2, 4, 5, 3, 1]
    assert [*apart._turns(0, orders, deals)] == []


def joined(folders: list[Path]) -> MemoryTree:
    """Several projects side by side in one."""
    files: dict[str, bytes] = {}
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                files[f"{folder.name}/{path.relative_to(folder).as_posix()}"] = path.read_bytes()
    return MemoryTree(files)


def test_the_sample_projects_side_by_side() -> None:
    folders = [one for one in sorted((ROOT / "fixtures" / "projects").iterdir()) if one.is_dir()]
    apart_ones = [compared(joined(folders[at : at + 3])) for at in range(0, len(folders), 3)]
    assert sum(one is not None for one in apart_ones) > len(apart_ones) // 2


BASE = {
    "a/Dockerfile": "FROM python:3.12-slim AS builder\nRUN pip install fastapi uvicorn\nFROM python:3.12-slim\n"
    'COPY --from=builder /usr /usr\nCOPY . .\nCMD ["uvicorn", "main:app"]\n',
    "a/main.py": "from fastapi import FastAPI\napp = FastAPI()\n",
    "a/compose.yaml": "services:\n  api:\n    build: .\n    environment:\n      URL: http://store:80/\n",
    "b/compose.yaml": "services:\n  db:\n    image: postgres:16\n",
    "b/Dockerfile": "FROM python:3.12-slim\nARG V\nCOPY . .\nRUN pip install fastapi uvicorn\n",
}


@pytest.mark.parametrize(
    ("files", "parts"),
    [
        ({}, 2),
        ({"compose.yaml": "services:\n  x:\n    image: redis:7\n"}, None),  # above all others
        ({"b/compose.yaml": "services:\n  db:\n    build: ../a\n"}, None),
        ({"b/compose.yaml": "services:\n  db:\n    extends: {file: ../a/compose.yaml, service: api}\n"}, None),
        ({"b/compose.yaml": "services:\n  store:\n    image: postgres:16\n"}, 2),  # a host that is known elsewhere
        ({"b/compose.yaml": "services:\n  db:\n    build: .\n    image: acme/db\n"}, 2),
        (
            {
                "a/compose.yaml": "services:\n  api:\n    image: acme/api\n    build: .\n",
                "b/compose.yaml": "services:\n  api:\n    image: acme/api\n",
            },
            None,  # one takes what the other builds
        ),
        ({"Makefile": "all:\n\tdocker build --target builder a\n"}, 2),
        ({"Makefile": "# dlf: ignore[unpinned-base-image] not here\nall:\n\tdocker build a\n"}, None),
        ({"k8s/deployment.yaml": "apiVersion: apps/v1\nkind: Deployment\n# a\nimage: acme/a\n"}, 2),
        ({"b/compose.prod.yaml": "services:\n  db:\n    image: postgres:16\n    command: [sh, -c, x]\n"}, 2),
        ({"b/.env": "POSTGRES_PASSWORD=hunter22\n", "a/.dockerignore": "**/*.md\n", "b/c/.dockerignore": "x\n"}, 2),
        ({".dockerignore": ".git\n"}, None),
    ],
)
def test_what_parts_have_to_do_with_each_other(files: Mapping[str, str], parts: int | None) -> None:
    assert compared(text_files({**BASE, **files}.items())) == parts


def test_the_parts_of_a_project() -> None:
    paths = ("a/Dockerfile", "a/x/y/Dockerfile", "ab/Dockerfile", "c/d/Dockerfile")
    assert parts_of(Found(paths, ("c/d/e/compose.yaml",), ("ab/.dockerignore",))) == {
        "a": Found(("a/Dockerfile", "a/x/y/Dockerfile"), (), ()),
        "ab": Found(("ab/Dockerfile",), (), ("ab/.dockerignore",)),
        "c/d": Found(("c/d/Dockerfile",), ("c/d/e/compose.yaml",), ()),
    }
    assert list(parts_of(Found((*paths, "Dockerfile"), (), ()))) == [""]


def test_a_rule_that_asks_for_all_of_a_project_has_it_taken_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    rule = next(rule for rule in RULES if rule.name == "unpinned-base-image")

    def check(image: Any, *_more: object) -> Iterator[object]:
        seen.append(len(image.project.images))
        return iter(())

    monkeypatch.setattr(rule, "check", check)
    monkeypatch.setattr(rule, "nodes", (type(_images()[0]),))
    watched = Watched()
    lint(text_files(BASE.items()), EVERYTHING, apart=watched)
    assert watched.parts is None
    assert set(seen) == {2}


def _images() -> tuple[object, ...]:
    from dockerlint_fastapi.assemble import assemble  # noqa: PLC0415

    tree = text_files(BASE.items())
    return assemble(tree, find(tree)).images


def test_a_question_that_parts_were_not_asked_is_not_answered() -> None:
    from dockerlint_fastapi.assemble import whole_of  # noqa: PLC0415

    tree = text_files(BASE.items())
    whole = whole_of(tree, find(tree))
    with pytest.raises(NotApartError):
        whole.index.gathered(GATHERED[0])
    whole.join([[["x"] for _ in GATHERED], [[] for _ in GATHERED]])
    assert whole.index.gathered(GATHERED[0]) == {"x": 0}
    with pytest.raises(NotApartError):
        whole.index.gathered(lambda _project: ())
    with pytest.raises(NotApartError):
        _ = whole.containers


def test_memory_holds_one_part_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import gc  # noqa: PLC0415

    from dockerlint_fastapi.model import Dockerfile  # noqa: PLC0415

    generated.write("services", 60, str(tmp_path))
    monkeypatch.setattr(apart, "_BETWEEN", 4)
    gc.unfreeze()  # what other tests left
    gc.collect()
    before = [one for one in gc.get_objects() if isinstance(one, Dockerfile)]  # so that no id is given again
    known = set(map(id, before))
    most: list[int] = []
    sweep = apart._Run._sweep

    def counted(self: Any, number: int) -> None:
        sweep(self, number)
        gc.unfreeze()  # what is frozen is not among the objects
        most.append(sum(isinstance(one, Dockerfile) and id(one) not in known for one in gc.get_objects()))

    monkeypatch.setattr(apart._Run, "_sweep", counted)
    report = lint(DiskTree(str(tmp_path)), EVERYTHING, apart=Apart(1))
    assert len(report.diagnostics) > 100
    assert len(most) == 30
    assert max(most) <= 6
