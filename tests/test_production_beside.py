"""What is for development because something beside it, by its name, stands for production in its place; and what is
not, as the project hands it out to others.
"""

from __future__ import annotations

import pytest

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model.project import Project
from dockerlint_fastapi.model.purpose import purpose_of, said_of_the_whole
from dockerlint_fastapi.tree import MemoryTree

IMAGE = 'FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nCMD ["uvicorn", "main:app", "--host", "0.0.0.0"]\n'
RELOADING = 'FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nCMD ["uvicorn", "main:app", "--reload"]\n'
MOUNTED = "services:\n  api:\n    build: .\n    volumes: ['.:/app']\n"
CODE = "from fastapi import FastAPI\n\napp = FastAPI()\n"


def assembled(files: dict[str, str]) -> Project:
    tree = MemoryTree({path: text.encode() for path, text in {"main.py": CODE, **files}.items()})
    return assemble(tree, find(tree))


def of_image(files: dict[str, str], path: str = "Dockerfile") -> str | None:
    image = next(one for one in assembled(files).images if one.dockerfile.source.path == path)
    return image.development.reason if image.development is not None else None


def of_set(files: dict[str, str], path: str = "compose.yaml") -> str | None:
    made = assembled(files).deployments
    found = next(one for one in made if [file.source.path for file in one.files] == [path])
    return found.development.reason if found.development is not None else None


def test_a_dockerfile_that_development_alone_builds_beside_one_for_production() -> None:
    files = {"Dockerfile": RELOADING, "Dockerfile.prod": IMAGE, "compose.yaml": MOUNTED}
    assert of_image(files) == "`Dockerfile.prod` is for production, and only development builds this one"
    assert of_image(files, "Dockerfile.prod") is None


@pytest.mark.parametrize(
    "files",
    [
        {"Dockerfile": RELOADING, "compose.yaml": MOUNTED},
        {"Dockerfile": RELOADING, "Dockerfile.worker.prod": IMAGE, "compose.yaml": MOUNTED},
        {"Dockerfile": RELOADING, "Dockerfile.prod": IMAGE},
        {"Dockerfile": IMAGE, "Dockerfile.prod": IMAGE, "compose.yaml": "services:\n  api:\n    build: .\n"},
        {
            "Dockerfile": RELOADING,
            "Dockerfile.prod": IMAGE,
            "compose.yaml": MOUNTED,
            "fly.toml": "app = 'shop'\n[build]\n  dockerfile = 'Dockerfile'\n",
        },
        {
            "Dockerfile": RELOADING,
            "Dockerfile.prod": IMAGE,
            "compose.yaml": MOUNTED,
            ".github/workflows/push.yml": (
                "on: push\njobs:\n  push:\n    runs-on: ubuntu-latest\n    steps:\n"
                "      - uses: docker/build-push-action@v6\n        with:\n          context: .\n"
                "          push: true\n          tags: acme/shop:1\n"
            ),
        },
    ],
    ids=["none beside it", "of another program", "nothing builds it", "no development", "on a platform", "pushed"],
)
def test_a_dockerfile_that_may_ship_all_the_same(files: dict[str, str]) -> None:
    assert of_image(files) is None


BASE = (
    "services:\n  api: {build: ./api, restart: unless-stopped}\n  jobs: {build: ./jobs, restart: unless-stopped}\n"
    "  cache: {image: 'redis:8', restart: unless-stopped}\n"
)


def elsewhere(text: str) -> dict[str, str]:
    return {"api/Dockerfile": IMAGE, "jobs/Dockerfile": IMAGE, "compose.yaml": BASE, "deploy/compose.prod.yaml": text}


def test_a_base_file_whose_programs_a_complete_file_for_production_starts_as_published() -> None:
    published = "services:\n  api: {image: 'acme/shop:1'}\n  jobs: {image: 'acme/shop:1'}\n"
    assert of_set(elsewhere(published)) == "`compose.yaml` is for development"


@pytest.mark.parametrize(
    "text",
    [
        "services:\n  api: {image: 'acme/shop:1'}\n",
        "services:\n  api: {image: 'acme/shop:1'}\n  jobs: {image: 'redis:8'}\n",
        "services:\n  api: {image: 'acme/shop:1'}\n  other: {image: 'acme/shop:1'}\n",
    ],
    ids=["one is missing", "a product of others", "another name"],
)
def test_a_base_file_whose_programs_nobody_else_starts(text: str) -> None:
    assert of_set(elsewhere(text)) is None


DEV_TARGET = (
    "services:\n  api:\n    build: {{context: ., target: dev}}\n    restart: {}\n  db:\n    image: postgres:18\n{}"
)


@pytest.mark.parametrize(
    ("restart", "more", "expected"),
    [
        ("on-failure", "    restart: always\n", "its build target is `dev`"),
        ("always", "    restart: always\n", None),
        ("'no'", "    restart: always\n  cache:\n    image: redis:8\n    restart: always\n", None),
    ],
)
def test_a_database_kept_up_beside_the_one_program_that_is_built_for_development(
    restart: str, more: str, expected: str | None
) -> None:
    files = {"Dockerfile": IMAGE.replace("slim", "slim AS dev"), "compose.yaml": DEV_TARGET.format(restart, more)}
    database = next(one for one in assembled(files).containers if one.service is not None and one.service.name == "db")
    assert (database.development.reason if database.development is not None else None) == expected


@pytest.mark.parametrize(
    ("expected", "comment"),
    [
        ("development", "# No password. This stack is a local development and review\n    # environment: nobody else."),
        ("development", "# NOTE: this stack is only for development of the services."),
        ("production", "# This compose file is for production."),
        ("development", "# IMPORTANT: This stack IS NOT used in the deployed version"),
        ("development", "# The rest\n    # IMPORTANT: This stack IS NOT used in the deployed version"),
        (None, "# This stack is what the book calls one."),
        (None, "# Replaced by another: that stack is for local development."),
        (None, "# For local development, say so here."),
    ],
)
def test_what_a_sentence_of_a_comment_says_of_the_whole_file(expected: str | None, comment: str) -> None:
    text = f"services:\n  api:\n    build: .\n    {comment}\n    init: true\n"
    assert purpose_of(said_of_the_whole(text), "compose.yaml") == expected


PUBLISHED = (
    "services:\n  api: {image: 'ghcr.io/acme/shop:1', build: ., restart: unless-stopped}\n"
    "  db: {image: 'postgres:18'}\n"
)
CHART = {"chart/Chart.yaml": "name: shop\n", "chart/templates/web.yaml": "kind: Deployment\nmetadata: {name: shop}\n"}
RELEASE = (
    "on: release\njobs:\n  files:\n    runs-on: ubuntu-latest\n    steps:\n"
    "      - uses: softprops/action-gh-release@v2\n        with:\n          files: |\n            ./compose.yaml\n"
)
FETCHED = "# Install\n\nDownload <https://github.com/acme/shop/releases/latest/download/compose.yaml> first.\n"
RAW = "    curl -LO https://raw.githubusercontent.com/acme/shop/main/compose.yaml\n"


def handed(text: str = PUBLISHED, **more: str) -> str | None:
    return of_set({"Dockerfile": IMAGE, "compose.yaml": text, **CHART, **more})


@pytest.mark.parametrize(
    "more",
    [
        {".github/workflows/release.yml": RELEASE},
        {".github/workflows/release.yml": "jobs:\n  a:\n    steps:\n      - run: gh release upload v1 compose.yaml\n"},
        {"INSTALL.md": FETCHED},
        {"README.md": RAW},
    ],
)
def test_a_file_that_the_project_hands_out_is_for_those_who_get_it(more: dict[str, str]) -> None:
    assert handed(**more) is None


@pytest.mark.parametrize(
    ("text", "more"),
    [
        (PUBLISHED, {}),
        (PUBLISHED, {".github/workflows/release.yml": RELEASE.replace("compose.yaml", "shop.tar.gz")}),
        (PUBLISHED, {".github/workflows/release.yml": RELEASE.replace("softprops/action-gh-release", "acme/look")}),
        (PUBLISHED, {"README.md": RAW.replace("acme/shop", "other/shop")}),
        (PUBLISHED, {"README.md": RAW.replace("main/compose", "main/other/compose")}),
        (PUBLISHED.replace("image: 'ghcr.io/acme/shop:1', ", ""), {"README.md": RAW}),
    ],
    ids=["nothing", "another file", "another action", "another owner", "another folder", "it is built alone"],
)
def test_a_file_that_nobody_hands_out(text: str, more: dict[str, str]) -> None:
    assert handed(text, **more) == "an orchestrator runs the project elsewhere"


PUSHING = (
    "on: push\njobs:\n  push:\n    runs-on: ubuntu-latest\n    steps:\n"
    "      - uses: docker/build-push-action@v6\n        with:\n          context: .\n"
    "          push: true\n          tags: acme/shop:1\n"
)
WORKSHOP = "services:\n  api:\n    build: {context: ., dockerfile: docker/Dockerfile}\n    volumes: ['.:/app']\n"


@pytest.mark.parametrize(
    ("dockerfile", "expected"),
    [
        (IMAGE, "another image of the same code ships"),
        (
            "FROM python:3.13-slim AS made\nCOPY main.py .\nFROM debian:13\nCOPY --from=made / /\n",
            "another image of the same code ships",
        ),
        ("FROM python:3.13-slim\nCOPY other.py .\n", None),
    ],
    ids=["the same", "by a stage", "another program"],
)
def test_an_image_that_development_alone_builds_while_a_workflow_pushes_its_code(
    dockerfile: str, expected: str | None
) -> None:
    files = {
        "docker/Dockerfile": RELOADING.replace("COPY . .", "COPY main.py ."),
        "Dockerfile": dockerfile,
        "compose.yaml": WORKSHOP,
        "other.py": "",
        ".github/workflows/push.yml": PUSHING,
    }
    assert of_image(files, "docker/Dockerfile") == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("app/local_whisper/Dockerfile", None),
        ("docker/local-llm.dockerfile", None),
        ("docker/local/Dockerfile", "`docker/local/Dockerfile` is a path for development"),
        ("local_dev_llm/Dockerfile", "`local_dev_llm/Dockerfile` is a path for development"),
        ("Dockerfile.local-db", "`Dockerfile.local-db` is a path for development"),
    ],
)
def test_what_local_is_said_of(path: str, expected: str | None) -> None:
    assert of_image({path: IMAGE}, path) == expected


def test_a_set_that_is_named_as_an_example() -> None:
    text = "name: shop-callbacks-example\nservices:\n  api: {image: 'acme/shop:1'}\n"
    assert of_set({"compose.yaml": text}) == "the set is named `shop-callbacks-example`"
    assert of_set({"compose.yaml": text.replace("-example", "-demo")}) is None


def test_a_file_for_production_in_a_folder_of_tests() -> None:
    text = "services:\n  db: {image: 'postgres:18'}\n"
    assert of_set({"tests/compose.prod.yaml": text}, "tests/compose.prod.yaml") is not None
    assert of_set({"deploy/compose.prod.yaml": text}, "deploy/compose.prod.yaml") is None


USED = {"compose.yaml": "services:\n  api: {build: .}\n", "Dockerfile": IMAGE}
TOOL = 'FROM python:3.13-slim\nCOPY list.py .\nENTRYPOINT ["python", "list.py"]\n'


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("scripts/list/Dockerfile", TOOL, "`scripts/list/Dockerfile` lies with scripts and tools, and serves nothing"),
        ("scripts/list/Dockerfile", IMAGE, None),
        ("scripts/list/Dockerfile", TOOL.replace("COPY", "EXPOSE 80\nCOPY"), None),
        ("scripts/list/Dockerfile", "FROM acme/list:1\nCOPY list.py .\n", None),
        ("jobs/list/Dockerfile", TOOL, None),
    ],
    ids=["a script", "a server", "a port", "an unknown start", "another folder"],
)
def test_an_image_among_scripts_that_serves_nothing(path: str, text: str, expected: str | None) -> None:
    assert of_image({**USED, path: text, "list.py": "print('a')\n"}, path) == expected
