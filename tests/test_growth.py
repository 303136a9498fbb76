"""Cost grows with what there is to read and not faster: counted in calls of functions, whatever else a machine does."""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, ClassVar

import generated
import pytest
from house import everything

from dockerlint_fastapi import engine
from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.engine import lint
from dockerlint_fastapi.fixer import Fixed, fix
from dockerlint_fastapi.model.project import Project
from dockerlint_fastapi.tree import MemoryTree, text_files

EVERYTHING = everything(profile="pedantic")
DEFAULT = everything(profile="default")


def linted(tree: MemoryTree) -> object:
    return lint(tree, EVERYTHING)


def steps(files: Iterable[tuple[str, str]], run: Callable[[MemoryTree], object] = linted) -> int:
    """How many functions of Python a run calls."""
    tree: MemoryTree = text_files(files)
    count = 0

    def called(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        if event == "call":
            count += 1

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        run(tree)
    finally:
        sys.setprofile(before)
    return count


# four times as much costs at most so many times as much; six leaves room for what is looked up among the others
@pytest.mark.parametrize(
    ("kind", "small"),
    [
        ("dockerfiles", 16),
        ("compose_files", 10),
        ("services", 20),
        ("long_dockerfile", 300),
        ("long_run", 500),
        ("long_heredoc", 400),
        ("stages", 400),
        ("long_compose", 200),
    ],
)
def test_four_times_as_much_costs_about_four_times_as_much(kind: str, small: int) -> None:
    make = getattr(generated, kind)
    steps(
        make(5 if kind in ("dockerfiles", "compose_files", "services") else 100)
    )  # what is read once: tables, modules
    once, again = steps(make(small)), steps(make(4 * small))
    assert again < 6 * once, (once, again)


def test_a_long_chain_of_stages_is_no_deep_recursion() -> None:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(400)
    try:
        report = lint(text_files(generated.stages(1200)), EVERYTHING)
    finally:
        sys.setrecursionlimit(limit)
    assert not report.failures
    assert any(one.rule.name == "code-copied-before-install" for one in report.diagnostics)


def test_a_long_chain_of_copies_is_no_deep_recursion() -> None:
    copies = "".join(f"FROM python:3.12 AS s{at + 1}\nCOPY --from=s{at} /a /b\n" for at in range(1200))
    report = lint(
        text_files([("Dockerfile", f"FROM python:3.12 AS s0\n{copies}RUN pip install uvicorn\n")]), EVERYTHING
    )
    assert not report.failures
    assert any(one.rule.name == "unpinned-requirements" for one in report.diagnostics)


def chained(count: int) -> list[tuple[str, str]]:
    """A Dockerfile whose stages stand on each other and copy from each other."""
    stages = (
        f"FROM s{at - 1} AS s{at}\nCOPY --from=s{at // 2} /a /b\nRUN pip install x\nCOPY . .\n"
        for at in range(1, count)
    )
    return [("Dockerfile", f"FROM python:3.12 AS s0\n{''.join(stages)}CMD uvicorn main:app\n")]


def linked(count: int) -> list[tuple[str, str]]:
    """A compose file whose services each wait for the one before."""
    services = (
        f"  s{at}:\n    build: .\n    depends_on: [s{max(0, at - 1)}]\n    environment:\n      A: http://s{at}:80\n"
        for at in range(count)
    )
    dockerfile = "FROM python:3.12-slim\nCOPY . .\nCMD uvicorn main:app\n"
    return [("Dockerfile", dockerfile), ("compose.yaml", "services:\n" + "".join(services))]


def lonely(count: int) -> list[tuple[str, str]]:
    """Dockerfiles in folders of their own, of which no folder of the project holds what they copy."""
    text = "FROM python:3.12-slim\nCOPY gone.txt pattern*.txt ./\n"
    return [(f"s{at}/Dockerfile", text) for at in range(count // 3)]


def misspelt(count: int) -> list[tuple[str, str]]:
    """A Dockerfile of arguments, stages and accounts that are named almost as others are."""
    few = count // 6
    arguments = "".join(f"ARG BASE_IMAGE{at:03}X=1\n" for at in range(few))
    stages = "".join(
        f"FROM $BASE_IMAGE{at:03}Y AS stage{at:03}x\nCOPY --from=stage{at:03}y /a /b\n" for at in range(few)
    )
    users = "".join(f"RUN useradd account{at:03}x\nUSER account{at:03}y\nRUN echo $ACCOUNT{at}\n" for at in range(few))
    return [("Dockerfile", f"{arguments}{stages}FROM alpine:3.22\n{users}")]


@pytest.mark.parametrize("make", [chained, linked, lonely, misspelt])
def test_what_hangs_together_costs_in_proportion(make: Callable[[int], list[tuple[str, str]]]) -> None:
    steps(make(10))
    once, again = steps(make(300)), steps(make(1200))
    assert again < 6 * once, (once, again)


def dense() -> ModuleType:
    spec = importlib.util.spec_from_file_location("dense", Path(__file__).parent / "fuzz" / "dense.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["dense"] = module
    spec.loader.exec_module(module)
    return module


# each of these took time by the square once
CROWDED = {
    "COPY . .\n",
    "RUN pip wheel a\n",
    "RUN apt-get update\n",
    "RUN apt-get install a\n",
    "RUN poetry export -o a\n",
    "RUN pdm install\n",
    "ENV SECRET=abcdefg1234\n",
    "COPY --from=0 /a b\n",
    "uvicorn a:b &\n",
    "  - a@\n",
}
SHAPES = [one for one in dense().SHAPES if one.line in CROWDED]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape.path}-{shape.line[:20]}")
def test_many_short_lines_cost_in_proportion(shape: Any) -> None:
    steps(shape.files(400).items())
    once, again = steps(shape.files(4_000).items()), steps(shape.files(16_000).items())
    assert again < 6 * once, (once, again)


def fixed(tree: MemoryTree) -> Fixed:
    return fix(tree, partial(lint, settings=DEFAULT), unsafe=True)


def test_many_fixes_of_one_file_cost_in_proportion() -> None:
    shape = next(one for one in SHAPES if one.line == "ENV SECRET=abcdefg1234\n")
    assert len(fixed(text_files(shape.files(1_000).items())).applied) > 30
    once, again = (steps(shape.files(size).items(), fixed) for size in (1_500, 6_000))
    assert again < 8 * once, (once, again)  # and a batch or two more, as there are more binary digits


class Listed(tuple[object, ...]):
    """A list that counts how often somebody goes through it."""

    __slots__ = ()
    looks: ClassVar[Counter[str]] = Counter()

    def __iter__(self) -> Iterator[object]:
        code = sys._getframe(1).f_code
        self.looks[f"{Path(code.co_filename).name}:{code.co_firstlineno} {code.co_name}"] += 1
        return super().__iter__()


def looks(count: int, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Which functions go through all files, images, containers … of a project of so many services, and how often."""

    def counted(*arguments: Any, **options: Any) -> Project:
        project = assemble(*arguments, **options)
        for name in ("dockerfiles", "compose_files", "deployments", "images", "containers"):
            setattr(project.own, name, Listed(getattr(project.own, name)))
        vars(project)["paths"] = Listed(sorted(project.paths))
        return project

    Listed.looks.clear()
    with monkeypatch.context() as patched:
        patched.setattr(engine, "assemble", counted)
        lint(text_files(generated.services(count)), EVERYTHING)
    return Counter(Listed.looks)


def test_no_question_of_one_image_looks_at_all_of_a_project(monkeypatch: pytest.MonkeyPatch) -> None:
    few, many = looks(20, monkeypatch), looks(80, monkeypatch)
    assert {what: times for what, times in many.items() if times > 2 * few[what] + 1} == {}


def test_generated_files_are_the_same_every_time() -> None:
    for make in generated.KINDS.values():
        first, second = list(make(20)), list(make(20))
        assert first == second
        assert first
