"""Process managers: which programs of a Procfile they start, and when that cannot be told."""

import pytest

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.assemble.procfile import of_procfile
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model.command import Program
from dockerlint_fastapi.model.container import Container
from dockerlint_fastapi.parsers.command import programs_of_script
from dockerlint_fastapi.parsers.shell import parse_script
from dockerlint_fastapi.source import Source
from dockerlint_fastapi.tree import text_files

PROCFILE = "web: uvicorn a:b --port $PORT\nworker: celery -A tasks worker\n# web: nothing\n"


def container(files: dict[str, str]) -> Container:
    tree = text_files({"Dockerfile": "FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\n", **files}.items())
    return assemble(tree, find(tree)).containers[0]


def started(command: str, files: dict[str, str] | None = None, directory: str | None = "/app") -> list[str] | None:
    """The programs that a manager starts, `?` behind those of which it is one among others; None: cannot be told."""
    source = Source.of(command)
    (manager,) = programs_of_script(parse_script(command, source.span), "sh")
    found = of_procfile(container({"Procfile": PROCFILE} if files is None else files), manager, directory)
    return None if found is None else [line(one) for one in found]


def line(program: Program) -> str:
    return " ".join(one.text for one in program.argv) + "?" * program.conditional


BOTH = ["uvicorn a:b --port $PORT", "celery -A tasks worker"]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("honcho start", BOTH),
        ("foreman s", BOTH),
        ("hivemind", BOTH),
        ("hivemind Procfile", BOTH),
        ("honcho start web", BOTH[:1]),
        ("honcho start web worker", BOTH),
        ("overmind start -l web,worker", BOTH),
        ("overmind start --processes=worker", BOTH[1:]),
        ("honcho -f Procfile start --no-colour", BOTH),
        ("honcho -d /app start", BOTH),
        ("honcho -e .env start", BOTH),
        ("foreman start -c web=2", BOTH),
        ("honcho start -c web=2", None),  # and none of the others
        ("honcho", None),
        ("honcho run python x.py", None),
        ("honcho start cron", None),
        ("honcho start web cron", None),
        ("honcho start $WHICH", None),
        ("honcho start --unheard-of", None),
        ("honcho start -f", None),
        ("honcho -f Procfile.dev start", None),
        ("honcho -d /elsewhere start", None),
    ],
)
def test_what_is_started(command: str, expected: list[str] | None) -> None:
    assert started(command) == expected


def test_where_the_procfile_is() -> None:
    assert started("honcho start", directory=None) is None
    assert started("honcho start", {}) is None
    assert started("honcho -d deploy start", {"deploy/Procfile": "web: uvicorn a:b\n"}) == ["uvicorn a:b"]
    assert started("honcho -f /app/dev/Procfile start", {"dev/Procfile": "web: uvicorn a:b\n"}) == ["uvicorn a:b"]


def test_lines_that_are_none() -> None:
    assert started("honcho start", {"Procfile": ""}) is None
    assert started("honcho start", {"Procfile": "no line\n: x\nweb:\n"}) is None
    assert started("honcho start", {"Procfile": "web: uvicorn a:b\r\n"}) == ["uvicorn a:b"]
    many = "".join(f"p{number}: sleep {number}\n" for number in range(51))
    assert started("honcho start", {"Procfile": many}) is None
    assert started("honcho start p50", {"Procfile": many}) == ["sleep 50"]


def test_of_several_servers_none_is_the_container_s() -> None:
    two = {"Procfile": "a: uvicorn a:b\nb: gunicorn c:d\nw: celery -A t worker\n"}
    assert started("honcho start", two) == ["uvicorn a:b?", "gunicorn c:d?", "celery -A t worker?"]
    assert started("honcho start a w", two) == ["uvicorn a:b", "celery -A t worker"]


def test_what_runs_under_a_manager_says_so_and_stands_in_the_procfile() -> None:
    files = {"Procfile": PROCFILE, "Dockerfile": "FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nCMD honcho start\n"}
    programs = container(files).programs
    assert [one.name for one in programs] == ["uvicorn", "celery"]
    assert "honcho" in programs[0].wrappers
    assert programs[0].inherits is None
    assert (programs[0].span.source.path, programs[0].span.line) == ("Procfile", 1)
