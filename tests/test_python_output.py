"""What the model says of a server's standard output, and of where gunicorn keeps its workers' heartbeat."""

import pytest

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model import Container
from dockerlint_fastapi.model.environment.python_output import prints_at_once
from dockerlint_fastapi.tree import text_files

FROM = "FROM python:3.12-slim\nWORKDIR /code\n"


def containers(files: dict[str, str]) -> tuple[Container, ...]:
    tree = text_files(files.items())
    return assemble(tree, find(tree), deployment="auto").containers


def container(lines: str, compose: str = "", base: str = FROM) -> Container:
    files = {"Dockerfile": f"{base}{lines}\n"}
    if compose:
        files["compose.yaml"] = f"services:\n  api:\n    build: .\n{compose}\n"
    (one,) = containers(files)
    return one


@pytest.mark.parametrize(
    ("command", "unbuffered"),
    [
        ('["python", "-u", "-m", "uvicorn", "a:b"]', True),
        ('["python3.12", "-Bum", "uvicorn", "a:b"]', True),
        ('["python", "-X", "dev", "-W", "ignore", "-u", "-m", "uvicorn", "a:b"]', True),
        ('["tini", "--", "python", "-u", "-muvicorn", "a:b"]', True),
        ("exec python -u -m gunicorn a:b -k asgi", True),
        ('["python", "-Xdevu", "-m", "uvicorn", "a:b"]', False),
        ('["python", "-Wu", "-m", "uvicorn", "a:b"]', False),
        ('["python", "-m", "gunicorn", "-u", "1000", "a:b"]', False),
        ('["python", "-mu"]', False),
        ('["uvicorn", "a:b", "-u"]', False),
    ],
)
def test_u_is_the_interpreter_s(command: str, *, unbuffered: bool) -> None:
    program = container(f"CMD {command}").program
    assert program is not None
    assert program.unbuffered is unbuffered


SERVER = 'CMD ["uvicorn", "a:b", "--host", "0.0.0.0"]'


@pytest.mark.parametrize(
    ("lines", "compose", "told"),
    [
        (SERVER, "", False),
        (f"ENV PYTHONUNBUFFERED=\n{SERVER}", "", False),
        (f"ENV PYTHONUNBUFFERED=0\n{SERVER}", "", True),
        (f"ENV PYTHONUNBUFFERED=$X\n{SERVER}", "", None),
        (f"ENV PYTHONUNBUFFERED=1\n{SERVER}", '    environment: {PYTHONUNBUFFERED: ""}', False),
        (SERVER, "    environment: [PYTHONUNBUFFERED]", None),
        (SERVER, "    env_file: nowhere.env", None),
        (SERVER, "    tty: true", True),
        (SERVER, "    tty: false", False),
        (SERVER, "    tty: ${TTY}", None),
        ('CMD ["celery", "-A", "a", "worker"]', "", None),
    ],
)
def test_whether_a_server_prints_at_once(lines: str, compose: str, *, told: bool | None) -> None:
    assert prints_at_once(container(lines, compose)) is told


@pytest.mark.parametrize(
    ("base", "told"),
    [
        ("debian:trixie", False),
        ("ghcr.io/astral-sh/uv:python3.13-trixie-slim", False),
        ("python@sha256:" + "0" * 64, False),
        ("tiangolo/uvicorn-gunicorn-fastapi:python3.11", True),
        ("registry.access.redhat.com/ubi9/python-312", None),
        ("team/python", None),
    ],
)
def test_what_the_base_image_sets(base: str, *, told: bool | None) -> None:
    assert prints_at_once(container(SERVER, base=f"FROM {base}\n")) is told


def test_services_decide_over_the_image_alone() -> None:
    files = {
        "Dockerfile": f"{FROM}{SERVER}\n",
        "compose.yaml": "services:\n  a:\n    build: .\n    command: uvicorn a:b\n    env_file: nowhere.env\n",
    }
    images = {one.image for one in containers(files)}
    assert [one.buffered_server for one in images if one is not None] == [None]
    files["compose.yaml"] += "  b:\n    build: .\n"
    (image,) = {one.image for one in containers(files)}
    assert image is not None
    found = image.buffered_server
    assert found is not None
    assert found.container.service is not None
    assert (found.container.service.name, found.empty, found.others) == ("b", None, False)


GUNICORN = 'CMD ["gunicorn", "a:b", "-k", "asgi"]'


@pytest.mark.parametrize(
    ("lines", "compose", "on_disk"),
    [
        (GUNICORN, "", True),
        (GUNICORN, "    tmpfs: [/run]", True),
        (GUNICORN, "    tmpfs: [/run, '/tmp:size=1m']", False),
        (GUNICORN, "    volumes: ['memory:/tmp']", False),
        (GUNICORN, "    volumes: ['memory:${PLACE}']", False),
        (GUNICORN, "    volumes: ['memory:/tmp/x']", True),
        (GUNICORN, "    read_only: true", False),
        (GUNICORN, "    environment: [TMPDIR]", False),
        (f"ENV TMPDIR=/dev/shm\n{GUNICORN}", "", False),
        (f"ENV GUNICORN_CMD_ARGS='--worker-tmp-dir=/dev/shm'\n{GUNICORN}", "", False),
        ("CMD exec gunicorn a:b -k asgi $MORE", "", False),
        (SERVER, "", False),
    ],
)
def test_where_the_heartbeat_of_gunicorn_lies(lines: str, compose: str, *, on_disk: bool) -> None:
    assert container(lines, compose).heartbeat_on_disk is on_disk
