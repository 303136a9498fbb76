"""The account with which a database's own health check logs in."""

import pytest

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.tree import text_files

COMPOSE = """\
services:
  db:
    image: {image}
    environment: {{POSTGRES_PASSWORD: one{variables}}}
    healthcheck:
      test: {test}
{more}"""


def strange(test: str, *, image: str = "postgres:17", variables: str = ", POSTGRES_USER: shop", more: str = "") -> str:
    """The user whom the database does not have, as written; "" for none."""
    text = COMPOSE.format(image=image, variables=variables, test=test, more=more)
    tree = text_files({"compose.yaml": text, "init.sql": "CREATE ROLE reader;", "init.sh": "createuser reader"}.items())
    (container,) = assemble(tree, find(tree)).containers
    found = container.strange_probe_account
    return "" if found is None else found.user


@pytest.mark.parametrize(
    "test",
    [
        '["CMD", "psql", "-U", "root", "-c", "SELECT 1"]',
        '["CMD", "psql", "-Uroot"]',
        '["CMD", "psql", "--username=root"]',
        '["CMD-SHELL", "psql -U root -d shop -c \'SELECT 1\' || exit 1"]',
        "PGPASSWORD=one psql -h localhost -U root",
        '["CMD", "psql", "host=db user=root dbname=shop"]',
        '["CMD", "psql", "-U", "shop", "user=root"]',  # a connection string wins
        '["CMD", "psql", "-d", "postgresql://root:one@127.0.0.1/shop"]',
    ],
)
def test_psql_as_somebody_who_is_not_there(test: str) -> None:
    assert strange(test) == "root"


@pytest.mark.parametrize(
    "test",
    [
        '["CMD", "pg_isready", "-U", "root"]',  # logs in nobody
        '["CMD", "psql", "-U", "shop"]',
        '["CMD", "psql", "-c", "SELECT 1"]',  # the user of the system, which is told elsewhere
        '["CMD", "psql", "-h", "elsewhere", "-U", "root"]',
        '["CMD", "psql", "host=elsewhere user=root"]',
        '["CMD", "psql", "postgresql://root@elsewhere/x"]',
        '["CMD", "psql", "-U", "$$POSTGRES_USER"]',
        '["CMD", "psql", "user=$$POSTGRES_USER"]',
        "psql -U root || pg_isready",
        "psql -U root; true",
        "psql -U $$POSTGRES_USER",
        "psql -U ${WHO}",
        '["CMD", "psql", "-U", "shop", "-c", "SELECT 1 WHERE user = root"]',
        '["NONE"]',
        '["CMD"]',
        '"psql"',
    ],
)
def test_what_says_nothing_of_an_account(test: str) -> None:
    assert not strange(test)


def test_what_may_make_the_account() -> None:
    test = '["CMD", "psql", "-U", "reader"]'
    assert strange(test) == "reader"
    assert not strange(test, more="    volumes: ['./init.sql:/docker-entrypoint-initdb.d/a.sql']\n")
    assert not strange(test, more="    volumes: ['./init.sh:/docker-entrypoint-initdb.d/a.sh']\n")
    assert not strange(test, more="    volumes: ['./none.sql:/docker-entrypoint-initdb.d/a.sql']\n")
    assert not strange(test, more="    volumes: ['old:/var/lib/postgresql']\nvolumes: {old: {external: true}}\n")
    assert not strange(test, more="    env_file: unread.env\n", variables="")
    assert strange(test, more="    env_file: unread.env\n") == "reader"
    other = '["CMD", "psql", "-U", "writer"]'
    assert strange(other, more="    volumes: ['./init.sql:/docker-entrypoint-initdb.d/a.sql']\n") == "writer"
    assert not strange(test, image="bitnami/postgresql:17")
    assert strange('["CMD", "psql", "-U", "shop"]', variables="") == "shop"  # the image makes `postgres`
