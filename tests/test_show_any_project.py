"""`dlf show` of any project: nothing raises, and no name breaks out of a label or a line."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import dockerfile_generator
import project_generator
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shown import check_all, check_chart, described

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.show import description, mermaid, render
from dockerlint_fastapi.show.describe import describe
from dockerlint_fastapi.show.description import Description
from dockerlint_fastapi.tree import DiskTree, MemoryTree

ROOT = Path(__file__).parents[1]
PROJECTS = sorted(path for path in (ROOT / "fixtures" / "projects").iterdir() if path.is_dir())


# ---------------------------------------------------------------- hostile names

HOSTILE = (
    'a"]; click x "javascript:alert(1)"', "%%{init: {}}%%", "style x:#1;", "classDef a:#f;", "`md`", "<script>",
    "end", "a\nb", "\x1b[31m", "\u202e", "\udcff", "|x|", "#quot;", "fa:fa-car", "x" * 200, "\\", "$$x$$", "{{x}}",
    "---",
)  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_breaks_out_of_the_chart(name: str) -> None:
    check_chart(f"flowchart LR\n    d0s0[{mermaid.label(name, name)}]\n")


def test_hostile_names_in_files() -> None:
    quoted = json.dumps('a"]\x1b[31m\u202e<b>')
    body = f"image: {quoted}\n    ports: [{quoted}]\n    volumes: [{quoted}]\n    depends_on: [{quoted}]\n"
    found = described({"compose.yaml": f"services:\n  {quoted}:\n    {body}"})
    check_all(found)
    assert r"a\"]\x1b[31m\u202e<b>".replace('\\"', '"') in render("text", found)


# ---------------------------------------------------------------- any project


SAMPLES = [
    {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for folder in PROJECTS
]


def made(seed: int, count: int) -> Iterator[dict[str, bytes]]:
    yield from islice(project_generator.projects(seed, SAMPLES, dockerfile_generator.dockerfiles(seed)), count)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_any_project_can_be_shown(seed: int) -> None:
    for files in made(seed, 8):
        tree = MemoryTree(files)
        project = assemble(tree, find(tree))
        found = describe(project)
        check_all(found)
        other = MemoryTree(dict(reversed(files.items())))
        assert describe(assemble(other, find(other))) == found
        shown = [each for deployment in found.deployments for each in deployment.containers] + list(found.images)
        assert len(shown) == len(project.containers)
        for path in find(tree).all:
            only = describe(assemble(tree, find(tree, named=[path]), paths=[path]), files=frozenset([path]))
            check_all(only)
        check_start(project.containers, found)


def check_start(containers: tuple[Any, ...], found: Description) -> None:
    """The last part of a command is what the model says starts the container."""
    shown = [each for deployment in found.deployments for each in deployment.containers] + list(found.images)
    by_place = {(each.service, each.place, each.command) for each in shown}
    for container in containers:
        place = description.Place.of(container.span)
        name = container.service.name if container.service is not None else None
        commands = [command for service, where, command in by_place if (service, where) == (name, place)]
        parts = [part.place for command in commands if command is not None for part in command.parts if part.place]
        span = container.start_span
        if container.programs and span is not None:
            # an instruction begins at its keyword, its command somewhere behind it
            lines = range(span.line, span.end_line + 1)
            assert any(part.path == span.source.shown and part.line in lines for part in parts)


@pytest.mark.parametrize("folder", PROJECTS, ids=lambda path: path.name)
def test_every_fixture_project_can_be_shown(folder: Path) -> None:
    tree = DiskTree(str(folder))
    check_all(describe(assemble(tree, find(tree))))
