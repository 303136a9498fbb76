"""Secrets of compose files that become variables: everywhere where they have to be the same, or nowhere."""

from __future__ import annotations

import pytest

from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.fixer import fix
from dockerlint_fastapi.rule import load_rules
from dockerlint_fastapi.tree import MemoryTree

RULES = load_rules()
WEB = "services:\n  web:\n    build: .\n    environment:\n"
DB = "  db:\n    image: postgres:17\n    environment:\n      POSTGRES_USER: app\n      POSTGRES_PASSWORD: q8wZ4nTr\n"
VARIABLE = "${POSTGRES_PASSWORD:?set POSTGRES_PASSWORD}"


def fixed(files: dict[str, str]) -> str:
    """The compose file after all fixes of the rules on its secrets."""
    chosen = frozenset(("inline-compose-secret", "defaulted-compose-secret"))
    settings = Settings(RULES, chosen, today="2026-11-22", profile="pedantic")
    tree = MemoryTree({"Dockerfile": b"FROM python:3.13-slim\nCOPY . .\n", **{k: v.encode() for k, v in files.items()}})
    outcome = fix(tree, lambda one: lint(one, settings), unsafe=True)
    data = outcome.tree.read("compose.yaml")
    assert data is not None
    return data.decode()


@pytest.mark.parametrize(
    "line",
    [
        "      DATABASE_URL: postgresql://app:q8wZ4nTr@db:5432/app\n",
        '      DATABASE_URL: "postgresql://app:q8wZ4nTr@db:5432/app"\n',
        "      POSTGRES_PASSWORD: q8wZ4nTr\n",
        "      DB_HOST: db\n      DB_PASSWORD: q8wZ4nTr\n",
        "      DATABASE_URL: ${DATABASE_URL:-postgresql://app:q8wZ4nTr@db/app}\n",
        "      DB_PASSWORD: ${DB_PASSWORD:-q8wZ4nTr}\n",
    ],
)
def test_a_server_and_its_clients_get_one_variable(line: str) -> None:
    text = WEB + line + DB
    assert fixed({"compose.yaml": text}) == text.replace("q8wZ4nTr", VARIABLE)


def test_what_is_not_the_server_s_keeps_its_own_variable() -> None:
    text = fixed({"compose.yaml": f"{WEB}      ADMIN_PASSWORD: q8wZ4nTr\n{DB}"})
    assert "ADMIN_PASSWORD: ${ADMIN_PASSWORD:?set ADMIN_PASSWORD}" in text
    assert VARIABLE in text


@pytest.mark.parametrize(
    "client",
    [
        "  c: {image: x, environment: {DATABASE_URL: postgresql://app:q8wZ4nTr@db/app}}\n",
        "  c:\n    image: x\n    command: x --dsn postgresql://app:q8wZ4nTr@db/app\n",
        "  c:\n    image: x\n    environment:\n      DATABASE_URL: >-\n        postgresql://app:q8wZ4nTr@db/app\n",
    ],
)
def test_a_client_that_cannot_have_it_keeps_the_server_as_it_is(client: str) -> None:
    text = f"services:\n{client}{DB}"
    assert fixed({"compose.yaml": text}) == text


@pytest.mark.parametrize(
    ("path", "said", "mended"),
    [
        ("app/config.yml", "password: 'q8wZ4nTr'\n", False),
        ("app/secret.env", "DB_PASSWORD=q8wZ4nTr\n", False),
        ("app/init.sql", "CREATE USER app PASSWORD 'q8wZ4nTr';\n", False),
        ("app/settings.py", "URL = 'postgresql://app:q8wZ4nTr@db/app'\n", False),
        (".env", "POSTGRES_PASSWORD=q8wZ4nTr\n", True),
        ("alembic.ini", "url = postgresql://app:q8wZ4nTr@localhost/app\n", True),
        ("app/config.example.yml", "password: q8wZ4nTr\n", True),
        ("README.md", "The password is q8wZ4nTr\n", True),
        ("tests/settings.yml", "password: q8wZ4nTr\n", True),
        ("k8s/secret.yaml", "apiVersion: v1\nkind: Secret\nstringData:\n  password: q8wZ4nTr\n", True),
    ],
)
def test_a_file_that_is_read_says_the_same(path: str, said: str, mended: bool) -> None:  # noqa: FBT001
    text = f"services:\n  web:\n    build: .\n{DB}"
    assert (VARIABLE in fixed({"compose.yaml": text, path: said})) is mended


def test_code_counts_only_where_the_compose_file_does_not_give_it() -> None:
    text = f"{WEB}      DATABASE_URL: postgresql://app:q8wZ4nTr@db:5432/app\n{DB}"
    files = {"compose.yaml": text, "app/settings.py": "URL = 'postgresql://app:q8wZ4nTr@db/app'\n"}
    assert fixed(files) == text.replace("q8wZ4nTr", VARIABLE)


def test_the_account_of_a_url_chooses_among_the_variables_of_mysql() -> None:
    text = (
        "services:\n  web:\n    build: .\n    environment:\n      DATABASE_URL: mysql://root:q8wZ4nTr@db/app\n"
        "  db:\n    image: mysql:8.4\n    environment:\n      MYSQL_ROOT_PASSWORD: q8wZ4nTr\n      MYSQL_USER: app\n"
        "      MYSQL_PASSWORD: q8wZ4nTr\n"
    )
    assert "mysql://root:${MYSQL_ROOT_PASSWORD:?set MYSQL_ROOT_PASSWORD}@db" in fixed({"compose.yaml": text})
