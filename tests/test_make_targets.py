"""make in a container: which programs its targets run, and when that cannot be told."""

import pytest

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model.command import Program
from dockerlint_fastapi.model.container import Container
from dockerlint_fastapi.tree import text_files

MAKEFILE = """HOST ?= 0.0.0.0
PORT := 8000
.PHONY: run migrate both loop
run: migrate ## starts it
\t@uvicorn a:b --host $(HOST) --port ${PORT} \\
\t  --log-level info
migrate:
\t-alembic upgrade head
both: run work
work:
\tcelery -A a worker
again:
\t$(MAKE) run PORT=81
loop:
\tmake loop
%.txt: %.in
\tpip-compile $<
unknown:
\tuvicorn a:b --port $(shell cat port) --host $$HOST
"""


def container(command: str, makefile: str = MAKEFILE, more: str = "", **files: str) -> Container:
    text = f"FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\n{more}\nCMD {command}\n"
    tree = text_files({"Dockerfile": text, "Makefile": makefile, **files}.items())
    project = assemble(tree, find(tree))
    assert not project.failures
    return project.containers[0]


def line(program: Program) -> str:
    words = [program.name, *(one.value if one.value is not None else one.text for one in program.argv[1:])]
    marks = ("?" if program.conditional else "", "&" if program.background else "")
    return " ".join(words) + "".join(marks)


MIGRATE = "alembic upgrade head"
RUN = "uvicorn a:b --host 0.0.0.0 --port 8000 --log-level info"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ('["make", "run"]', [MIGRATE, RUN]),
        ('["make"]', [MIGRATE, RUN]),
        ('["make", "-s", "--no-print-directory", "run"]', [MIGRATE, RUN]),
        ("exec make -C /app -f Makefile run", [MIGRATE, RUN]),
        ('["make", "run", "PORT=9"]', [MIGRATE, RUN.replace("8000", "9")]),
        ('["make", "migrate", "run"]', [MIGRATE, RUN]),
        ('["make", "again"]', [MIGRATE, RUN.replace("8000", "81")]),
        ('["make", "both"]', [MIGRATE, RUN, "celery -A a worker"]),
        ('["make", "-j", "2", "run", "work"]', [MIGRATE, "celery -A a worker&", RUN]),
        ('["make", "-j", "both"]', [MIGRATE, "celery -A a worker&", RUN]),
        ('["make", "-j1", "both"]', [MIGRATE, RUN, "celery -A a worker"]),
        ('["make", "unknown"]', ["uvicorn a:b --port ${_} --host $HOST"]),
        ('["make", "absent"]', ["make absent"]),
        ('["make", "-e", "run"]', ["make -e run"]),
        ('["make", "-f", "other.mk", "run"]', ["make -f other.mk run"]),
        ('["make", "a.txt"]', ["make a.txt"]),
    ],
)
def test_what_is_started(command: str, expected: list[str]) -> None:
    assert [line(one) for one in container(command).programs] == expected


def test_its_server() -> None:
    found = container('["make", "run"]')
    assert found.server is not None
    assert found.server.port is not None
    assert found.server.port.span is not None
    assert (found.server.port.text, found.server.port.span.text) == ("8000", "${PORT}")
    assert found.server.app is not None
    assert found.server.app.span is not None
    assert found.server.app.span.source.path == "Makefile"
    host = container('["make", "run"]', more="ENV HOST=127.0.0.1").server
    assert host is not None
    assert host.loopback is True  # `?=` gives way to the environment
    fixed = container('["make", "run"]', MAKEFILE.replace("?=", "="), more="ENV HOST=127.0.0.1").server
    assert fixed is not None
    assert fixed.loopback is False


def test_circles_end() -> None:
    assert [one.name for one in container('["make", "loop"]').programs] == ["make"]
    assert container('["make", "a"]', "a: b\n\ttrue\nb: a\n\tuvicorn a:b\n").server is not None


def test_an_included_file() -> None:
    text = "include .env\nexport\nrun:\n\tuvicorn a:b --port $(PORT)\n"
    found = container('["make", "run"]', text, **{".env": "PORT=82 # it\n"}).server
    assert found is not None
    assert found.port is not None
    assert found.port.text == "82"
    assert found.program.inherits is None
    unknown = container('["make", "run"]', text.replace(".env", "$(WHICH)")).server
    assert unknown is not None
    assert unknown.port is None


@pytest.mark.parametrize(
    "text",
    [
        "ifdef X\nendif\nrun:\n\tuvicorn a:b\n",
        "define x\nendef\nrun:\n\tuvicorn a:b\n",
        ".ONESHELL:\nrun:\n\tuvicorn a:b\n",
        ".RECIPEPREFIX = >\nrun:\n\tuvicorn a:b\n",
        "MAKEFLAGS += -j4\nrun:\n\tuvicorn a:b\n",
        "run: ; uvicorn a:b\n",
        "run: X = 1\nrun:\n\tuvicorn a:b\n",
        "run:: x\n\tuvicorn a:b\n",
        "run:\n\tuvicorn a:b\nrun:\n\tuvicorn c:d\n",
        "run: $(BEFORE)\n\tuvicorn a:b\n",
        "$(info hello)\nrun:\n\tuvicorn a:b\n",
        "",
        "run\n",
    ],
)
def test_makefiles_that_are_not_plain(text: str) -> None:
    assert [line(one) for one in container('["make", "run"]', text).programs] == ["make run"]


def test_a_target_that_is_there() -> None:
    text = "run:\n\tuvicorn a:b\n"
    assert container('["make", "run"]', text, run="").server is None
    assert container('["make", "run"]', text, **{"run/x.py": ""}).server is None
    assert container('["make", "run"]', f".PHONY: run\n{text}", run="").server is not None
