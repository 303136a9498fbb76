"""Tools of development in images, `uv run` at a start, and secrets of which git alone is told."""

from __future__ import annotations

import pytest

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model.container import Container
from dockerlint_fastapi.model.image import Image
from dockerlint_fastapi.model.install.development_tools import is_tool
from dockerlint_fastapi.tree import text_files

POETRY = """\
[tool.poetry.dependencies]
python = "^3.13"
uvicorn = "^0.34"

[tool.poetry.group.dev.dependencies]
pytest = "^8"

[tool.poetry.group.lint.dependencies]
ruff = "^0.9"

[tool.poetry.group.server.dependencies]
gunicorn = "^23"

[tool.poetry.group.docs]
optional = true

[tool.poetry.group.docs.dependencies]
mkdocs = "^1"
"""
UV = """\
[project]
name = "shop"
version = "1"
dependencies = ["uvicorn"]

[project.optional-dependencies]
test = ["pytest"]

[tool.uv]
default-groups = ["dev", "server"]

[dependency-groups]
dev = ["mypy", {include-group = "lint"}]
lint = ["ruff"]
server = ["gunicorn"]
"""


def image_of(files: dict[str, str]) -> Image:
    tree = text_files(files.items())
    (image,) = assemble(tree, find(tree)).images
    return image


def taken(run: str, manifest: str) -> list[tuple[tuple[str, ...], tuple[str, ...], bool]]:
    """Groups, tools and whether they are the default, of what a RUN installs."""
    dockerfile = f'FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nRUN {run}\nCMD ["uvicorn", "a:app"]\n'
    image = image_of({"Dockerfile": dockerfile, "pyproject.toml": manifest})
    return [(one.groups, one.tools, one.implied) for one in image.development_installs]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", [(("dev", "lint"), ("pytest", "ruff"), True)]),
        ("--without dev", [(("lint",), ("ruff",), True)]),
        ("--only main,server", []),
        ("--with docs", [(("dev", "lint", "docs"), ("pytest", "ruff", "mkdocs"), False)]),
        ("--only main,dev", [(("dev",), ("pytest",), False)]),
        ("--only-root", []),
        ("$OPTIONS", []),
    ],
)
def test_poetry(options: str, expected: list[object]) -> None:
    assert taken(f"poetry config virtualenvs.create false && poetry install {options}", POETRY) == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("uv sync", [(("dev",), ("mypy", "ruff"), True)]),
        ("uv sync --no-dev", []),
        ("uv sync --no-group dev", []),
        ("uv sync --no-default-groups", []),
        ("UV_NO_DEV=1 uv sync", []),
        ("UV_NO_DEFAULT_GROUPS=1 uv sync", []),
        ("uv sync --no-dev --extra test", [(("test",), ("pytest",), False)]),
        ("uv sync --all-groups", [(("dev", "lint"), ("mypy", "ruff"), False)]),
        ("uv sync && uv sync --no-dev", []),
        ("uv sync --no-dev && uv sync", [(("dev",), ("mypy", "ruff"), True)]),
        ('if [ "$DEV" ]; then uv sync; fi', []),
        ("uv pip install --system .[test]", [(("test",), ("pytest",), False)]),
    ],
)
def test_uv(command: str, expected: list[object]) -> None:
    environment = "" if "--system" in command else 'ENV PATH="/app/.venv/bin:$PATH"\nRUN '
    assert taken(f"true\n{environment}{command}" if environment else command, UV) == expected


@pytest.mark.parametrize("name", ["pytest", "pytest-cov", "types-requests", "boto3-stubs", "ruff", "flake8-bugbear"])
def test_tools(name: str) -> None:
    assert is_tool(name)


@pytest.mark.parametrize("name", ["fastapi", "uvicorn", "types", "stubs", "httpx", "rich", "typer", "gunicorn"])
def test_no_tools(name: str) -> None:
    assert not is_tool(name)


def started(
    install: str, start: str, *, manifest: str = UV, compose: str = "", before: str = ""
) -> tuple[str, tuple[str, ...], str] | None:
    """Kind, groups and place of the `uv run` of a container."""
    dockerfile = f"FROM python:3.13-slim\nWORKDIR /app\n{before}\nCOPY . .\nRUN {install}\nCMD {start}\n"
    files = {"Dockerfile": dockerfile, "pyproject.toml": manifest}
    if compose:
        files["compose.yaml"] = compose
    container: Container = image_of(files).containers[0]
    found = container.runtime_sync
    return None if found is None else (found.kind, found.groups, found.span.text)


ARRAY = '["uv", "run", "uvicorn", "a:app"]'
BUILT = UV + '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'


@pytest.mark.parametrize(
    ("install", "start", "expected"),
    [
        ("uv sync", ARRAY, ("nothing", (), '"uv", "run"')),
        ("uv sync --no-dev", ARRAY, ("groups", ("dev",), '"uv", "run"')),
        ("uv sync --no-default-groups", "uv run uvicorn a:app", ("groups", ("dev", "server"), "uv run")),
        ("uv sync --no-dev", '["sh", "-c", "uv run uvicorn a:app"]', ("groups", ("dev",), "uv run")),
        ("uv sync --no-dev", '["uv", "run", "--frozen", "uvicorn", "a:app"]', ("groups", ("dev",), '"uv", "run"')),
        ("uv sync --no-dev", '["uv", "run", "--no-dev", "uvicorn", "a:app"]', ("nothing", (), '"uv", "run"')),
        ("uv sync --no-dev", '["uv", "run", "--no-sync", "uvicorn", "a:app"]', None),
        ("uv sync --no-dev", '["uv", "run", "--project", "/srv", "uvicorn", "a:app"]', None),
        ("uv sync --no-dev", '["uvicorn", "a:app"]', None),
        ("pip install uvicorn", ARRAY, ("all", (), '"uv", "run"')),
        ("if true; then uv sync --no-dev; fi", ARRAY, ("nothing", (), '"uv", "run"')),
    ],
)
def test_uv_run(install: str, start: str, expected: object) -> None:
    assert started(install, start) == expected


def test_uv_run_and_variables() -> None:
    assert started("uv sync --no-dev", ARRAY, before="ENV UV_NO_SYNC=1") is None
    assert started("uv sync --no-dev", ARRAY, before="ENV UV_NO_SYNC=0") == ("groups", ("dev",), '"uv", "run"')
    assert started("uv sync", ARRAY, before="ENV UV_NO_DEV=1") == ("nothing", (), '"uv", "run"')
    unread = "services:\n  api:\n    build: .\n    env_file: .env\n"
    assert started("uv sync --no-dev", ARRAY, compose=unread) == ("groups", ("dev",), '"uv", "run"')
    told = "services:\n  api:\n    build: .\n    environment:\n      UV_NO_SYNC: ${NO_SYNC}\n"
    assert started("uv sync --no-dev", ARRAY, compose=told) is None


def test_uv_run_builds_the_project() -> None:
    assert started("uv sync --no-install-project", ARRAY) == ("nothing", (), '"uv", "run"')
    assert started("uv sync --no-install-project", ARRAY, manifest=BUILT) == ("project", (), '"uv", "run"')
    twice = "uv sync --no-install-project && uv sync"
    assert started(twice, ARRAY, manifest=BUILT) == ("nothing", (), '"uv", "run"')


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("config/keys/private_key.pem", ["config/keys/private_key.pem"]),
        ("/server.key", ["server.key"]),
        ("**/service-account-key.json", ["service-account-key.json"]),
        ("firebase-credentials.json\r", ["firebase-credentials.json"]),
        ("id_ed25519", ["id_ed25519"]),
        ("*.pem", []),
        ("# server.key", []),
        ("!server.key", []),
        ("server.key.example", []),
        ("public_key.pem", []),
        ("certs/server.key", []),
        ("left/server.key", []),
        ("data.json", []),
        ("translations.key", []),
    ],
)
def test_announced_secrets(line: str, expected: list[str]) -> None:
    files = {
        "Dockerfile": "FROM python:3.13-slim\nCOPY . /code\n",
        ".dockerignore": "left\n",
        ".gitignore": f".venv\n{line}\n",
    }
    (build,) = image_of(files).builds
    assert [one.path for one in build.announced_secrets] == expected
