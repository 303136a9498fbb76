"""Tasks that a manager of the project runs by name: which programs they start, and when that cannot be told."""

import pytest

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model.container import Container
from dockerlint_fastapi.tree import text_files

MANIFEST = """\
[project]
name = "shop"

[tool.pdm.scripts]
server = "app/server.py"
serve = {cmd = "uvicorn a:b --port 8000"}
words = {cmd = ["uvicorn", "a:b"]}
migrated = {shell = "alembic upgrade head && exec uvicorn a:b"}
all = {composite = ["alembic upgrade head", "serve"]}
circle = {composite = ["circle"]}
call = {call = "app.main:run"}
env = {cmd = "uvicorn a:b", env = {PORT = "1"}}

[tool.poe.tasks]
serve = "uvicorn a:b"
args = "uvicorn a:b --port {port}"
both = ["serve"]

[tool.taskipy.tasks]
start = "alembic upgrade head && uvicorn a:b"

[tool.hatch.envs.default.scripts]
serve = "uvicorn a:b {args:--port 1}"

[tool.rye.scripts]
serve = {chain = ["alembic upgrade head", "uvicorn a:b"]}
"""


def container(command: str, files: dict[str, str]) -> Container:
    dockerfile = f"FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nCMD {command}\n"
    tree = text_files({"Dockerfile": dockerfile, **files}.items())
    return assemble(tree, find(tree)).containers[0]


def started(command: str, files: dict[str, str] | None = None) -> list[str]:
    files = {"pyproject.toml": MANIFEST} if files is None else files
    return [" ".join(word.text for word in one.argv) for one in container(command, files).programs]


SERVER = "uvicorn a:b"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("pdm run server", ["python app/server.py"]),
        ("pdm run serve", [f"{SERVER} --port 8000"]),
        ("pdm run serve --workers 2", [f"{SERVER} --port 8000 --workers 2"]),
        ('["pdm", "run", "words"]', [SERVER]),
        ("pdm run migrated", ["alembic upgrade head", SERVER]),
        ("pdm run all", ["alembic upgrade head", f"{SERVER} --port 8000"]),
        ("pdm run circle", ["circle"]),
        ("pdm run call", ["call"]),
        ("pdm run env", ["env"]),
        ("pdm run other", ["other"]),
        ("uv run poe serve", [SERVER]),
        ("poe both", [SERVER]),
        ("poe args", ["poe args"]),
        ("poetry run task start", ["alembic upgrade head", SERVER]),
        ("task lint", ["task lint"]),
        ("hatch run serve", [f"{SERVER} --port 1"]),
        ("rye run serve", ["alembic upgrade head", SERVER]),
    ],
)
def test_what_a_task_starts(command: str, expected: list[str]) -> None:
    assert started(command) == expected


def test_pipenv_has_its_own_file() -> None:
    assert started("pipenv run start", {"Pipfile": f'[scripts]\nstart = "{SERVER}"\n'}) == [SERVER]


@pytest.mark.parametrize("command", ["", "    command: run start --reload\n"])
def test_pipenv_is_the_entrypoint_and_the_command_names_the_task(command: str) -> None:
    text = '["run", "start", "--reload"]'
    dockerfile = f'FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nENTRYPOINT ["pipenv"]\nCMD {text}\n'
    files = {"Dockerfile": dockerfile, "Pipfile": f'[scripts]\nstart = "{SERVER}"\n'}
    if command:
        files["compose.yaml"] = f"services:\n  api:\n    build: .\n{command}"
    tree = text_files(files.items())
    one = assemble(tree, find(tree)).containers[0]
    assert [[word.value for word in program.argv] for program in one.programs] == [[*SERVER.split(), "--reload"]]


@pytest.mark.parametrize("text", ["", "[tool.pdm\n", "[tool.pdm]\nscripts = 3\n", "[tool]\npdm = 'scripts'\n"])
def test_without_a_table_the_word_is_the_program(text: str) -> None:
    assert started("pdm run server", {"pyproject.toml": text}) == ["server"]


def test_the_command_stands_in_the_manifest() -> None:
    one = container("pdm run serve", {"pyproject.toml": MANIFEST})
    assert one.server is not None
    assert (one.server.program.span.source.path, one.server.program.span.text) == (
        "pyproject.toml",
        f"{SERVER} --port 8000",
    )
