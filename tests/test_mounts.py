"""What lies under a mount: the virtual environments of an image, and its code."""

import pytest

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model import Container, Project
from dockerlint_fastapi.tree import text_files

SLIM = "FROM python:3.12-slim\n"
APP = SLIM + "WORKDIR /app\n"


def project(files: dict[str, str]) -> Project:
    tree = text_files(files.items())
    return assemble(tree, find(tree))


def environments(dockerfile: str) -> list[tuple[str, str, str]]:
    image = project({"Dockerfile": dockerfile}).images[-1]
    return [(one.place, one.manager, one.span.text) for one in image.virtual_environments]


@pytest.mark.parametrize(
    ("dockerfile", "expected"),
    [
        (APP + "RUN uv sync\n", [("/app/.venv", "uv", "uv sync")]),
        (APP + "RUN cd api && uv sync --locked\n", [("/app/api/.venv", "uv", "uv sync")]),
        (APP + "RUN (cd api && true); uv sync\n", [("/app/.venv", "uv", "uv sync")]),
        (APP + "RUN uv sync --directory backend\n", [("/app/backend/.venv", "uv", "uv sync")]),
        (APP + "ENV UV_PROJECT_ENVIRONMENT=/opt/v\nRUN uv sync\n", [("/opt/v", "uv", "uv sync")]),
        (APP + "ENV UV_PROJECT_ENVIRONMENT=env\nRUN uv sync\n", [("/app/env", "uv", "uv sync")]),
        (APP + "ARG E\nENV UV_PROJECT_ENVIRONMENT=$E\nRUN uv sync\n", []),
        (APP + "ENV VIRTUAL_ENV=/v\nRUN uv sync --active\n", [("/v", "uv", "uv sync")]),
        (APP + "RUN uv pip install --system -r requirements.txt\n", []),
        (APP + "RUN if true; then uv sync; fi\n", []),
        (APP + "RUN uv venv && uv pip install .\n", [("/app/.venv", "venv", "uv venv")]),
        (APP + "RUN uv venv --python 3.12 /v\n", [("/v", "venv", "uv venv --python 3.12 /v")]),
        (APP + "RUN python -m venv --copies v\n", [("/app/v", "venv", "python -m venv --copies v")]),
        (APP + 'RUN virtualenv "$HOME/v"\n', []),
        (APP + "ENV V=/v\nRUN virtualenv ${V}/x\n", [("/v/x", "venv", "virtualenv ${V}/x")]),
        (APP + "RUN poetry install\n", []),
        (
            APP + "ENV POETRY_VIRTUALENVS_IN_PROJECT=true\nRUN poetry install\n",
            [("/app/.venv", "poetry", "poetry install")],
        ),
        (APP + "ENV POETRY_VIRTUALENVS_IN_PROJECT=0\nRUN poetry install\n", []),
        (
            APP + "ENV POETRY_VIRTUALENVS_IN_PROJECT=1 POETRY_VIRTUALENVS_CREATE=false\nRUN poetry install\n",
            [],
        ),
        (APP + "RUN poetry config virtualenvs.in-project true && poetry self add x\n", []),
        (APP + "RUN pdm sync --prod\n", [("/app/.venv", "pdm", "pdm sync")]),
        (APP + "RUN pipenv install --system\n", []),
        (APP + "RUN PIPENV_VENV_IN_PROJECT=1 pipenv install\n", [("/app/.venv", "pipenv", "pipenv install")]),
        ("FROM somebody/base\nRUN uv sync\n", []),
        (
            APP.replace("slim\n", "slim AS b\n") + "RUN uv sync\n" + SLIM + "COPY --from=b /app /srv\n",
            [("/srv/.venv", "uv", "/app")],
        ),
        (
            APP.replace("slim\n", "slim AS b\n") + "RUN uv sync\n" + SLIM + "COPY --from=b /app/.venv/ /v\n",
            [("/v", "uv", "/app/.venv/")],
        ),
        (APP.replace("slim\n", "slim AS b\n") + "RUN uv sync\n" + SLIM + "COPY --from=b /app/x /srv\n", []),
        (APP.replace("slim\n", "slim AS b\n") + "RUN uv sync\nFROM b\n", [("/app/.venv", "uv", "uv sync")]),
    ],
)
def test_where_the_virtual_environments_of_an_image_are(dockerfile: str, expected: list[tuple[str, str, str]]) -> None:
    assert environments(dockerfile) == expected


def test_many_copies_between_stages_cost_no_more_than_their_number() -> None:
    stages = ["FROM python:3.12-slim AS s0\nWORKDIR /app\nRUN uv sync\n"]
    stages += [
        f"FROM python:3.12-slim AS s{n}\nCOPY --from=s{n - 1} /app /app\nCOPY --from=s{n - 1} /app /app\n"
        for n in range(1, 60)
    ]
    assert [place for place, _, _ in environments("".join(stages))] == ["/app/.venv"]


def container(files: dict[str, str]) -> Container:
    return next(one for one in project(files).containers if one.service is not None)


UV = APP + 'COPY . .\nRUN uv sync\nENV PATH="/app/.venv/bin:$PATH"\nCMD ["uvicorn", "a:app"]\n'


@pytest.mark.parametrize(
    ("dockerfile", "service", "use"),
    [
        (UV, "", "PATH"),
        (UV, "    environment:\n      PATH: /usr/bin\n", None),
        (UV, "    command: /app/.venv/bin/python -m celery -A a worker\n", "/app/.venv/bin"),
        (UV, "    working_dir: /app/.venv\n    command: bin/uvicorn a:app\n", "PATH"),
        (UV, "    working_dir: /\n    command: app/.venv/bin/uvicorn a:app\n", "app/.venv/bin"),
        (UV, '    entrypoint: ["sh", "-c", ". .venv/bin/activate && exec uvicorn a:app"]\n', ".venv/bin"),
        (UV, "    command: uv run uvicorn a:app\n", "uv run"),
        (UV.replace("ENV PATH", "ENV OTHER"), "", None),
        (UV.replace(":$PATH", ""), "", "PATH"),
        (UV.replace("/app/.venv/bin", "/other/bin"), "", None),
    ],
)
def test_what_needs_a_hidden_environment(dockerfile: str, service: str, use: str | None) -> None:
    compose = f"services:\n  api:\n    build: .\n{service}    volumes:\n      - .:/app\n"
    found = container({"Dockerfile": dockerfile, "compose.yaml": compose}).hidden_environment
    assert (found.use.words if found else None) == use
    if found:
        assert found.recreated is (use == "uv run")
        assert found.mount.span.text == ".:/app"


def test_code_that_is_mounted_from_another_folder_than_it_was_copied_from() -> None:
    files = {
        "Dockerfile": APP + 'COPY . .\nCMD ["uvicorn", "a:app"]\n',
        "a.py": "",
        "other/a.py": "",
        "compose.yaml": "services:\n  api:\n    build: .\n    volumes:\n      - ./other:/app\n",
    }
    assert container(files).mounted_code == ()
    own = {**files, "compose.yaml": files["compose.yaml"].replace("./other:/app", "./a.py:/app/a.py")}
    assert container(own).mounted_code == ()  # a single file, not the folder that holds the code
    whole = {**files, "compose.yaml": files["compose.yaml"].replace("./other:/app", "./:/app/")}
    assert [(one.path, one.passage.text) for one in container(whole).mounted_code] == [("a.py", ".")]
