"""What the model tells of apt, lock files, cache mounts, Poetry, copied environments and databases' volumes."""

from __future__ import annotations

import textwrap

import pytest

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model.image import Image
from dockerlint_fastapi.model.project import Project
from dockerlint_fastapi.tree import text_files

PROJECT = '[project]\nname = "shop"\nversion = "1"\ndependencies = ["uvicorn"]\n'


def project_of(**files: str) -> Project:
    tree = text_files((path.replace("__", "."), textwrap.dedent(text)) for path, text in files.items())
    return assemble(tree, find(tree))


def image_of(dockerfile: str, **files: str) -> Image:
    (image,) = project_of(Dockerfile=dockerfile, **files).images
    return image


@pytest.mark.parametrize(
    ("run", "kinds"),
    [
        ("apt-get install -y x", ["missing"]),
        ("apt-get update && apt-get install -y x", []),
        ("apt-get update && apt-get install gcc", ["prompt"]),
        ("apt-get update && apt-get install x", ["perhaps"]),
        ("apt-get update && apt-get install $X gcc", []),
        ("apt-get update && apt-get install tree make", []),
        ("apt-get update && apt-get install --reinstall make", ["perhaps"]),
        ("apt-get update && apt-get install -y gcc && apt-get install libgomp1 binutils", []),
        ("apt-get update && apt-get install -y gcc && apt-get install libgomp1 tree", ["prompt"]),
        ("apt-get update && apt-get install -y gcc && apt-get remove -y gcc && apt-get install libgomp1", []),
        ("apt-get update && apt-get install -y gcc && apt-get remove -y gcc && apt-get install gcc", ["prompt"]),
        ("apt-get update && apt-get install -qq x", []),
        ("apt-get update && apt-get install -q=2 x", []),
        ("apt-get update && apt-get install -q gcc", ["prompt"]),
        ("apt-get update && apt-get -o APT::Get::Assume-Yes=yes install x", []),
        ("apt-get update && yes | apt-get install x", []),
        ("apt-get update && apt-get install x < answers", []),
        ("apt-get update && apt-get install -s x", []),
        ("apt-get update && apt-get install -y x && apt-get autoremove", []),
        ("apt update && apt install -y x", ["interactive"]),
        ("./setup.sh && apt-get install -y x", []),
        ("add-apt-repository ppa:x && apt-get install -y x", []),
        ("apt-get install -y ./x.deb", []),
    ],
)
def test_apt(run: str, kinds: list[str]) -> None:
    assert [one.kind for one in image_of(f"FROM debian:trixie\nRUN {run}\n").apt_faults] == kinds


def test_lists_go_with_the_stage_below() -> None:
    image = image_of(
        """\
        FROM debian:trixie AS base
        RUN apt-get update
        FROM base
        RUN apt-get install -y x
        RUN apt-get update
        RUN apt-get install -y y
        RUN apt-get install -y z
        """
    )
    assert [(one.kind, one.span.line) for one in image.apt_faults] == [("split", 5)]


@pytest.mark.parametrize(
    ("image", "run", "kinds"),
    [
        ("python:3.12-slim", "--mount=type=cache,target=/root/.cache/pip pip install --no-cache-dir x", ["off"]),
        ("python:3.12-slim", "--mount=type=cache,target=/root/.cache pip install --no-cache-dir x", ["off"]),
        ("python:3.12-slim", "--mount=type=cache,target=/root/.cache/pip pip install x", []),
        ("python:3.12-slim", "--mount=type=cache,target=/root/.cache/pip PIP_NO_CACHE_DIR=0 pip install x", ["off"]),
        ("python:3.12-slim", "--mount=type=cache,target=/root/.cache/uv UV_NO_CACHE=0 uv sync", ["link"]),
        ("python:3.12-slim", "--mount=type=cache,target=/root/.cache/uv uv sync --link-mode=copy", []),
        ("python:3.12-slim", "--mount=type=cache,target=/root/.cache/uv pip install x", ["elsewhere"]),
        ("python:3.12-slim", "--mount=type=cache,target=/root/.cache/uv ./x.sh", []),
        ("python:3.12-slim", "--mount=type=cache,target=/var/cache/apt apt-get update", ["cleaned"]),
        ("python:3.12-slim", "--mount=type=cache,target=/var/cache/apt,sharing=locked apt-get update", ["cleaned"]),
        ("registry.example/x:1", "--mount=type=cache,target=/var/cache/apt,sharing=locked apt-get update", []),
    ],
)
def test_cache_mounts(image: str, run: str, kinds: list[str]) -> None:
    assert [one.kind for one in image_of(f"FROM {image}\nRUN {run}\n").cache_faults] == kinds


def test_lock_files() -> None:
    image = image_of(
        """\
        FROM python:3.12-slim
        WORKDIR /a
        COPY pyproject.toml uv.lock ./
        RUN uv sync
        RUN uv sync --locked
        WORKDIR /b
        COPY pyproject.toml ./
        RUN uv sync --frozen
        RUN uv sync --script x.py
        """,
        pyproject__toml=PROJECT,
        uv__lock="version = 1\n",
    )
    found = [(one.lock is not None, one.left_out is not None, one.held) for one in image.lock_uses]
    assert found == [(True, False, False), (True, False, True), (False, True, True)]


@pytest.mark.parametrize(
    ("install", "major"),
    [
        ("pip install poetry==1.8.3", 1),
        ("pip install 'poetry~=1.7'", 1),
        ("pip install 'poetry<2'", 1),
        ("pip install 'poetry>=1.2,<2.0'", 1),
        ("pip install poetry", 2),
        ("pip install 'poetry>=1.8'", 2),
        ("pip install 'poetry<3'", 2),
        ("pipx install poetry==2.1", 2),
        ("pip install poetry==$UNKNOWN", None),
        ("curl -sSL https://install.python-poetry.org | python3 - --version 1.5.1", 1),
        ("curl -sSL https://install.python-poetry.org | POETRY_VERSION=1.5.1 python3 -", 1),
        ("curl -sSL https://install.python-poetry.org | python3 -", 2),
        ("true", None),
    ],
)
def test_which_poetry(install: str, major: int | None) -> None:
    image = image_of(f"FROM python:3.12-slim\nRUN {install}\nRUN poetry install --no-dev\n")
    (found,) = image.removed_poetry_options
    assert (found.kind, found.major, found.span.text) == ("option", major, "--no-dev")


@pytest.mark.parametrize(
    ("builder", "final", "target", "kinds"),
    [
        ("python:3.12-slim", "python:3.12-slim", "/opt/venv", []),
        ("python:3.12-alpine", "python:3.12-slim", "/opt/venv", ["libc"]),
        ("python:3.12-slim-trixie", "python:3.12-slim-bookworm", "/opt/venv", ["release"]),
        ("python:3.12-slim-bookworm", "python:3.12-slim-trixie", "/opt/venv", []),
        ("python:3.12-slim", "python:3.12-slim", "/venv", ["path"]),
        ("python:3.12-slim", "registry.example/x:1", "/opt/venv", []),
        ("python:3.11-slim", "python:3.12-slim", "/opt/venv", []),  # another rule's
    ],
)
def test_copied_environments(builder: str, final: str, target: str, kinds: list[str]) -> None:
    image = image_of(
        f"FROM {builder} AS build\nRUN python -m venv /opt/venv && /opt/venv/bin/pip install fastapi==0.115.6\n"
        f"FROM {final}\nCOPY --from=build /opt/venv {target}\n"
    )
    assert [one.kind for one in image.misplaced_environments] == kinds


@pytest.mark.parametrize(
    ("image", "target", "refuses"),
    [
        ("postgres", "/var/lib/postgresql/data", True),
        ("postgres:18", "/var/lib/postgresql/data/", True),
        ("postgres:18", "/var/lib/postgresql", None),
        ("postgres:17", "/var/lib/postgresql/data", None),
        ("postgres:17", "/var/lib/postgresql", False),
        ("postgres:17", "/backups", None),
        ("postgres:${X}", "/var/lib/postgresql/data", None),
        ("mysql:8.4", "/var/lib/mysql", None),
        ("mysql:8.4", "/var/lib/mysql-data", False),
        ("mongo:8", "/data", None),
        ("mongo:8", "/data/mongo", False),
        ("rabbitmq:4", "/var/lib/rabbitmq/mnesia", None),
        ("redis:7", "/var/lib/redis", False),
    ],
)
def test_volumes_of_databases(image: str, target: str, *, refuses: bool | None) -> None:
    project = project_of(
        compose__yaml=f"services:\n  db:\n    image: {image}\n    volumes: ['vol:{target}']\nvolumes:\n  vol:\n"
    )
    found = project.containers[0].stray_volume
    assert (None if found is None else found.refuses) is refuses
