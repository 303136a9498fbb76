"""What the model says of servers: misread options, workers and CPUs, worker classes, programs that nobody watches."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model import Container
from dockerlint_fastapi.tree import text_files

PYTHON = "FROM python:3.12-slim\nWORKDIR /code\nCOPY . .\n"


def containers(files: Mapping[str, str], deployment: str = "auto") -> tuple[Container, ...]:
    tree = text_files(files.items())
    return assemble(tree, find(tree), deployment=deployment).containers


def container(command: str, files: Mapping[str, str] | None = None, deployment: str = "auto") -> Container:
    (one,) = containers({"Dockerfile": f"{PYTHON}CMD {command}\n", **(files or {})}, deployment)
    return one


def misread(command: str) -> list[tuple[str, str, str]]:
    server = container(command).server
    assert server is not None
    return [(one.kind, one.span.text, one.meant) for one in server.misread_options]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("exec uvicorn a:b -w 4", [("foreign", "-w", "--workers")]),
        ("exec uvicorn a:b -w4", [("foreign", "-w", "--workers")]),
        ("exec uvicorn a:b --bind=0.0.0.0:80", [("foreign", "--bind", "--host` and `--port")]),
        ("exec uvicorn a:b -k x", [("foreign", "-k", "")]),
        ("exec uvicorn a:b --loglevel info", [("misspelt", "--loglevel", "--log-level")]),
        ("exec uvicorn a:b --work 4", [("misspelt", "--work", "--workers")]),
        ("exec uvicorn a:b --reload=1", [("valued", "--reload=1", "--reload")]),
        ("exec uvicorn a:b --new-thing 4", []),
        ("exec uvicorn a:b --log x", []),  # three letters say nothing
        ("exec uvicorn a:b --root-path -w", []),  # a value of click may look like an option
        ("exec gunicorn a:b --host x", [("foreign", "--host", "--bind HOST:PORT")]),
        ("exec gunicorn a:b --worker 4", [("ambiguous", "--worker", "--worker-class")]),
        ("exec gunicorn a:b --worker-cl asgi", []),
        ("exec fastapi dev --workers 4", [("development", "--workers", "")]),
        ("exec fastapi run --workers 4", []),
        ("exec fastapi run app.main:app", [("import-string", "app.main:app", "app/main.py")]),
        ("exec fastapi run -e app.main:app", []),
        ("exec uvicorn app.main:app", []),
        ('["uvicorn", "a:b", "--host", "\'::\'"]', [("quoted", "'::'", "--host")]),
        ("exec uvicorn a:b --host '::'", []),
        ("exec gunicorn a:b --access-logformat '\"%(r)s\"'", []),
    ],
)
def test_an_option_is_misread_for_one_reason(command: str, expected: list[tuple[str, str, str]]) -> None:
    assert misread(command) == expected


WORD = st.text("-=w4b:'\"abkhoprst.$", max_size=9).filter(lambda text: '"' not in text)


@given(
    st.sampled_from(("uvicorn", "gunicorn", "hypercorn", "granian", "daphne", "fastapi")), st.lists(WORD, max_size=6)
)
@settings(deadline=None, max_examples=60)
def test_no_words_break_the_questions(server: str, words: list[str]) -> None:
    listed = ", ".join(f'"{word}"' for word in (server, *(("run",) if server == "fastapi" else ()), *words))
    one = container(f"[{listed}]")
    assert all(found.span.text for found in (one.server.misread_options if one.server is not None else ()))
    assert all(found.text in found.span.text for found in one.unexpanded)
    assert one.unattended is None or one.unattended.kind in ("daemon", "background", "beside", "supervisor")
    assert one.wsgi_worker is None  # there is no application
    assert one.replication is None


@pytest.mark.parametrize(
    ("limit", "most"),
    [("cpus: 2", 5), ('cpus: "0.5"', 2), ("cpus: .5", 2), ("cpus: 1.25", 3), ("cpus: 0", None), ("cpus: many", None)],
)
def test_a_limit_of_cpus_bounds_the_workers(limit: str, most: int | None) -> None:
    files = {
        "Dockerfile": f"{PYTHON}CMD uvicorn a:b\n",
        "compose.yaml": f"services:\n  web:\n    build: .\n    {limit}\n",
    }
    (one,) = containers(files)
    assert (one.cpu_limit.most_workers if one.cpu_limit is not None else None) == most


def test_the_setting_decides_who_multiplies() -> None:
    replicas = {"compose.yaml": "services:\n  web:\n    build: .\n    scale: 3\n"}
    chart = {"deploy/chart/Chart.yaml": "name: x\n"}
    command = "exec uvicorn a:b --workers 4"
    said = [
        container(command, files, deployment).replication is not None
        for files in ({}, replicas, chart)
        for deployment in ("auto", "orchestrated", "single-server")
    ]
    assert said == [False, True, False, True, True, False, True, True, False]


def test_signs_of_kubernetes_say_nothing_of_a_command_of_compose() -> None:
    files = {
        "Dockerfile": f"{PYTHON}CMD uvicorn a:b\n",
        "compose.yaml": "services:\n  web:\n    build: .\n    command: uvicorn a:b --workers 4\n",
        "deploy/chart/Chart.yaml": "name: x\n",
    }
    assert [one.replication is None for one in containers(files) if one.service is not None] == [True]


def test_workers_that_count_the_cpus_of_the_host() -> None:
    conf = {"gunicorn.conf.py": "import multiprocessing\n\nworkers = multiprocessing.cpu_count() * 2 + 1\n"}
    counted = container("exec gunicorn a:b", conf).counted_cpus
    assert counted is not None
    assert (counted.source.path, counted.text) == ("gunicorn.conf.py", "multiprocessing.cpu_count()")
    assert container("exec gunicorn a:b -w 4", conf).counted_cpus is None
    assert container("exec gunicorn a:b -w $(nproc)").counted_cpus is not None


FASTAPI = "from fastapi import FastAPI\n\napp = FastAPI()\n"


@pytest.mark.parametrize(
    ("command", "main", "name"),
    [
        ("exec gunicorn main:app", FASTAPI, "sync"),
        ("exec gunicorn main:app -k gthread", FASTAPI, "gthread"),
        ("exec gunicorn main:app -k asgi", FASTAPI, None),
        ("exec gunicorn main:app -k own.Worker", FASTAPI, None),
        ("exec gunicorn main:app $OPTIONS", FASTAPI, None),
        ("exec gunicorn main:app -k sync $OPTIONS", FASTAPI, "sync"),
        ("exec uvicorn main:app", FASTAPI, None),
        ("exec gunicorn main:app", "from flask import Flask\n\napp = Flask(__name__)\n", None),
        ("exec gunicorn main:app", FASTAPI + "app = wrap(app)\n", None),
    ],
)
def test_a_worker_for_wsgi_is_told_for_asgi_alone(command: str, main: str, name: str | None) -> None:
    worker = container(command, {"main.py": main}).wsgi_worker
    assert (worker.name if worker is not None else None) == name


@pytest.mark.parametrize(
    ("version", "told"), [("0.29.0", False), ("0.30.0", True), ("1.0", True), ("0.4", False), ("", True)]
)
def test_the_worker_class_is_deprecated_by_version(version: str, told: bool) -> None:  # noqa: FBT001
    pinned = f"=={version}" if version else ""
    installed = f"RUN pip install uvicorn{pinned} gunicorn\n"
    dockerfile = f"FROM python:3.12-slim\n{installed}CMD gunicorn a:b -k uvicorn.workers.UvicornWorker\n"
    (one,) = containers({"Dockerfile": dockerfile})
    assert (one.deprecated_worker is not None) is told


@pytest.mark.parametrize(
    ("command", "kind", "ends"),
    [
        ("exec gunicorn a:b -D", "daemon", True),
        ("gunicorn a:b -D; tail -f /dev/null", "daemon", False),
        ("uvicorn a:b &", "background", True),
        ("uvicorn a:b & sleep infinity", "background", False),
        ("celery -A a worker & exec uvicorn a:b", "beside", False),
        ("exec supervisord -n", "supervisor", False),
        ("uvicorn a:b & while true; do sleep 60; done", "background", False),
        ("uvicorn a:b & wait", None, False),
        ("sleep 5 & exec uvicorn a:b", None, False),
        ("python warm.py & exec uvicorn a:b", None, False),
        ("exec uvicorn a:b", None, False),
        ('nginx -g "daemon off;" && uvicorn a:b', None, False),
    ],
)
def test_what_docker_does_not_watch(command: str, kind: str | None, ends: bool) -> None:  # noqa: FBT001
    found = container(command).unattended
    assert (None if found is None else (found.kind, found.ends)) == (None if kind is None else (kind, ends))


@pytest.mark.parametrize(
    ("command", "texts"),
    [
        ('["uvicorn", "a:b", "--port", "$PORT"]', ["$PORT"]),
        ('["uvicorn", "a:b", "--port=${PORT:-8000}"]', ["${PORT:-8000}"]),
        ('["tini", "--", "celery", "-A", "a", "worker", "-c", "$N"]', ["$N"]),
        ('["sh", "-c", "uvicorn a:b --port $PORT"]', []),
        ('["./own", "$PORT"]', []),
        ('["uvicorn", "a:b", "--root-path", "$$PORT"]', []),
        ('["uvicorn", "a:b", "--root-path", "a$"]', []),
        ("uvicorn a:b --port $PORT", []),
        ('["python", "-c", "print(\'$PORT\')"]', []),
    ],
)
def test_variables_that_nobody_expands(command: str, texts: list[str]) -> None:
    assert [one.text for one in container(command).unexpanded] == texts
