"""What readmes say that compose files are for, and what else weighs for or against work on the project."""

from __future__ import annotations

import pytest

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model.deployment import Deployment
from dockerlint_fastapi.tree import MemoryTree

DOCKERFILE = 'FROM python:3.13-slim\nCOPY . .\nCMD ["uvicorn", "main:app", "--host", "0.0.0.0"]\n'
KEPT = "services:\n  web: {build: ., restart: unless-stopped}\n  db: {image: 'postgres:17', restart: always}\n"
FRONT = "  ui: {image: 'node:22', command: npm run dev, volumes: ['./ui:/ui'], restart: on-failure}"
FILES = {"Dockerfile": DOCKERFILE, "main.py": "from fastapi import FastAPI\napp = FastAPI()\n", "compose.yaml": KEPT}


def set_of(files: dict[str, str], *paths: str) -> Deployment:
    tree = MemoryTree({name: text.encode() for name, text in {**FILES, **files}.items()})
    made = assemble(tree, find(tree)).deployments
    return next(one for one in made if [file.source.path for file in one.files] == list(paths or ["compose.yaml"]))


def weight(deployment: Deployment) -> str | None:
    found = deployment.development
    return None if found is None else "weak" if found.weak else "strong"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The `compose.yaml` file is for local development.\n", "weak"),
        ("#### Using `compose.yaml` for local development\n", "weak"),
        ("```\n.\n├── Dockerfile\n├── compose.yaml   # Local development stack\n└── main.py\n```\n", "weak"),
        ("| File | |\n|---|---|\n| `compose.yaml` | Local development |\n", "weak"),
        ("```\n├── compose.yaml  # 로컬 개발용 실행 설정\n```\n", "weak"),
        ("- Docker Compose stack for local development (API, database).\n", "weak"),
        ("## Development (Docker Compose)\n", "weak"),
        ("Docker Compose для локальной разработки.\n", "weak"),
        # said to those who use it, too
        ("Run it locally with Docker Compose.\n", None),
        ("## Running the app locally with Docker Compose\n", None),
        # of all of the project, and of another file
        ("A copy of the project on your local machine for development and testing purposes.\n", None),
        ("`compose.dev.yaml` is for local development.\n", None),
        ("`sub/compose.yaml` is for local development.\n", None),
        # production of the same file takes it back
        ("Docker Compose for development and production.\n", None),
        ("- Docker Compose for local development.\n- `compose.yaml`: Production deployment\n", None),
        ("`compose.yaml` is for local development.\n\n## Deployment\n```sh\ndocker compose up -d\n```\n", None),
        # to be done, for that
        ("For development, change the ports in `compose.yaml`.\n", None),
        ("## Start\n```sh\ndocker compose up  # development\n```\n", None),
    ],
)
def test_what_a_readme_says_of_compose_files(text: str, expected: str | None) -> None:
    assert weight(set_of({"README.md": f"# Shop\n\n{text}"})) == expected


def test_a_readme_in_another_folder_speaks_of_the_file_beside_it() -> None:
    files = {"README.md": "# Shop\n\nDocker Compose for local development.\n", "server/compose.yaml": KEPT}
    assert weight(set_of(files)) == "weak"
    assert weight(set_of(files, "server/compose.yaml")) is None


@pytest.mark.parametrize(
    ("compose", "expected"),
    [
        ("web: {build: ., command: python -m debugpy --listen 0.0.0.0:5678 -m uvicorn main:app}", "strong"),
        ("web: {build: ., command: python -m debugpy -m uvicorn main:app, restart: always}", None),
        ("web: {image: 'shop/web:1', environment: {ENV: '${ENV:-local}'}}", "strong"),
        # one of them may be a product that says so to everybody
        ("web: {image: 'shop/web:1', environment: {ENV: dev}}\n  chat: {image: 'other/chat:1'}", None),
        # the front end is served by its development server, the server beside it as it was built
        (f"web: {{build: ., restart: on-failure}}\n{FRONT}", "weak"),
        (f"web: {{build: .}}\n{FRONT}", "weak"),
        (f"web: {{build: ., command: uvicorn main:app --reload, volumes: ['.:/app']}}\n{FRONT}", "strong"),
    ],
)
def test_what_runs_beside_it(compose: str, expected: str | None) -> None:
    assert weight(set_of({"compose.yaml": f"services:\n  {compose}\n", "ui/package.json": "{}"})) == expected


def test_an_env_file_for_development() -> None:
    made = set_of({"compose.yaml": "services:\n  web: {build: ., env_file: .env.dev}\n"})
    assert made.containers[0].development is not None
    made = set_of({"compose.yaml": "services:\n  web: {build: ., env_file: [.env.dev, .env]}\n"})
    assert made.containers[0].development is None


def test_a_comment_outweighs_keys_of_swarm() -> None:
    placed = "services: {web: {image: 'shop/web:1', deploy: {placement: {constraints: [node.role == manager]}}}}\n"
    assert weight(set_of({"compose.yaml": placed})) is None
    made = set_of({"compose.yaml": f"# IMPORTANT: this stack is NOT used in the deployed version\n{placed}"})
    assert weight(made) == "strong"


@pytest.mark.parametrize(
    ("path", "policy", "setting"),
    [
        ("docs/examples/compose.yaml", "restart: always", "base"),
        ("examples/compose-full.yaml", "restart: unless-stopped", "base"),
        ("examples/compose.yaml", "stop_grace_period: 1m", "development"),  # to try it
        ("tests/examples/compose.yaml", "restart: always", "development"),
        ("examples/compose.test.yaml", "restart: always", "development"),
    ],
)
def test_what_a_project_shows_to_those_who_serve_it(path: str, policy: str, setting: str) -> None:
    made = set_of({path: f"services: {{web: {{image: 'shop/web:1', {policy}}}}}\n"}, path)
    assert made.setting == setting
    assert (made.development is None) is (setting == "base")


def test_an_image_that_nobody_knows_is_not_what_a_program_needs() -> None:
    assert not set_of({"compose.yaml": "services: {web: {image: 'shop/web:1', ports: ['80:80']}}\n"}).is_for_developers
    assert set_of({"compose.yaml": "services: {db: {image: 'postgres:17'}}\n"}).is_for_developers
    assert set_of({"compose.yaml": "services: {tunnel: {image: ngrok/ngrok}}\n"}).is_for_developers
