"""Until when versions are mended, and as of which day that is judged."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.model.bases.base_image import Reference
from dockerlint_fastapi.model.bases.end_of_life import (
    DATABASES,
    database_lifetime,
    floating_database,
    lifetime,
    released,
    way_on,
)
from dockerlint_fastapi.model.bases.pull import Pull
from dockerlint_fastapi.model.project import Project
from dockerlint_fastapi.rule import BUILT_IN, Rule
from dockerlint_fastapi.source import Source
from dockerlint_fastapi.tree import text_files

DATA = Path(__file__).parents[1] / "src/dockerlint_fastapi/data/end_of_life.toml"
TODAY = date(2026, 11, 22)


def project_of(today: date | None = TODAY, **files: str) -> Project:
    tree = text_files(files.items())
    return assemble(tree, find(tree), today=today)


def said(today: str, dockerfile: str) -> list[str]:
    rules = (Rule(BUILT_IN, "python_end_of_life"), Rule(BUILT_IN, "os_end_of_life"))
    tree = text_files((("Dockerfile", dockerfile),))
    report = lint(tree, Settings(rules, frozenset(rule.name for rule in rules), today=today))
    assert not report.failures
    return [f"{one.severity} {one.rule.name}" for one in report.diagnostics]


def test_the_table_is_whole() -> None:
    facts = tomllib.loads(DATA.read_text(encoding="utf-8"))
    products = {name: one for name, one in facts.items() if isinstance(one, dict)}
    assert set(products) >= {
        "python",
        "debian",
        "alpine",
        "ubuntu",
        "postgres",
        "mysql",
        "mariadb",
        "redis",
        "mongo",
        "rabbitmq",
    }
    for name, one in products.items():
        assert one["as_of"] == facts["as_of"], name
        assert one["sources"], name
        assert all(source.startswith("https://") for source in one["sources"]), name
        assert all(type(day) is date for day in one["end"].values()), name
        for cycle, day in one.get("longer", {}).items():
            assert day >= one["end"][cycle], (name, cycle)


@pytest.mark.parametrize(
    ("product", "version", "name", "ended"),
    [
        ("python", "3.10", "Python 3.10", True),
        ("python", "3.10.4", "Python 3.10", True),
        ("python", "3.11", "Python 3.11", False),
        ("python", "3", "Python 3", False),
        ("python", "3.1", "Python 3.1", True),
        ("debian", "buster", "Debian 10 (buster)", True),
        ("debian", "bullseye", "Debian 11 (bullseye)", True),
        ("debian", "bookworm", "Debian 12 (bookworm)", False),
        ("alpine", "3.21", "Alpine 3.21", True),
        ("alpine", "3.22.1", "Alpine 3.22", False),
        ("ubuntu", "focal", "Ubuntu 20.04", True),
        ("ubuntu", "24.04", "Ubuntu 24.04", False),
        ("postgres", "14.6", "PostgreSQL 14", True),
        ("postgres", "15", "PostgreSQL 15", False),
        ("postgres", "9.6.24", "PostgreSQL 9.6", True),
        ("mysql", "8", "MySQL 8", False),
        ("mysql", "8.0.36", "MySQL 8.0", True),
        ("mariadb", "10", "MariaDB 10", False),
        ("redis", "6", "Redis 6", False),
        ("redis", "6.0", "Redis 6.0", True),
        ("rabbitmq", "3", "RabbitMQ 3", True),
    ],
)
def test_lifetimes(product: str, version: str, name: str, *, ended: bool) -> None:
    found = lifetime(product, version)
    assert found is not None
    assert (found.name, found.ended(TODAY)) == (name, ended)


@pytest.mark.parametrize(
    ("product", "version"),
    [("python", "4.0"), ("postgres", "19"), ("redis", "8"), ("rabbitmq", "4"), ("nginx", "1"), ("debian", "sid")],
)
def test_what_is_not_known_has_no_lifetime(product: str, version: str) -> None:
    assert lifetime(product, version) is None


def test_the_last_day_is_still_a_day() -> None:
    python = lifetime("python", "3.10")
    assert python is not None
    assert not python.ended(date(2026, 10, 31))
    assert python.ended(date(2026, 11, 1))


def test_volunteers_go_on() -> None:
    bookworm = lifetime("debian", "bookworm")
    assert bookworm is not None
    assert bookworm.only_longer(TODAY)
    assert not bookworm.only_longer(date(2026, 7, 11))
    assert not bookworm.only_longer(date(2029, 1, 1))


def test_plans_that_are_old_are_not_trusted() -> None:
    ended, planned = lifetime("python", "3.9"), lifetime("python", "3.11")
    assert ended is not None
    assert planned is not None
    assert planned.ended(date(2027, 11, 1))
    late = date(2029, 1, 1)
    assert not planned.ended(late)
    assert ended.ended(late)


def test_releases_to_come() -> None:
    assert released("python", "3.16", TODAY) is False
    assert released("python", "3.15", TODAY) is True
    assert released("python", "3.15", date(2026, 9, 1)) is False
    assert released("python", "3.12", TODAY) is True
    assert released("python", "4.0", TODAY) is None


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("postgres:14-alpine", "PostgreSQL 14"),
        ("docker.io/library/mysql:5.7.44-debian", "MySQL 5.7"),
        ("postgres:latest", None),
        ("postgres", None),
        ("bitnami/postgresql:14", None),
        ("postgres:alpine3.20", None),
    ],
)
def test_databases_by_their_tag(image: str, name: str | None) -> None:
    reference = Reference.parse(image)
    assert reference is not None
    found = database_lifetime(Pull(reference, "image", Source.of(image).span(0, 1)))
    assert (found and found.name) == name


def pulled(image: str) -> Pull:
    reference = Reference.parse(image)
    assert reference is not None
    return Pull(reference, "image", Source.of(image).span(0, 1))


@pytest.mark.parametrize(
    ("image", "part"),
    [
        ("postgres:14-alpine", "`postgres:17-alpine`: dump the data"),
        ("mysql:8.0.36", "move to `mysql:8.4`, which converts them at its start"),
        ("mysql:5.7", "go through `mysql:8.0`"),
        ("rabbitmq:3-management-alpine", "move to `rabbitmq:4-management-alpine`"),
        ("rabbitmq:3.12-management", "go through `rabbitmq:3.13-management`"),
        ("mariadb:10.6.4-focal", "move to `mariadb:11.4` with"),
        ("bitnami/postgresql:11", None),
        ("postgres", None),
    ],
)
def test_what_to_move_to(image: str, part: str | None) -> None:
    advice = way_on(pulled(image))
    assert advice == part or (advice is not None and part is not None and part in advice)


def test_what_is_advised_is_mended_for_a_year() -> None:
    table = tomllib.loads(DATA.read_text(encoding="utf-8"))
    for product in DATABASES.values():
        life = lifetime(product, table[product]["advised"])
        assert life is None or life.end.year > TODAY.year, product


@pytest.mark.parametrize(
    ("image", "role", "remedy"),
    [
        ("mysql", "database", "name the major version that wrote the data; `mysql:8.4` where there are none yet"),
        ("postgres:alpine", "database", "name the major version that wrote the data; `postgres:17-alpine`"),
        ("neo4j", "database", "name the major version that wrote the data"),
        ("timescale/timescaledb:latest-pg16", "database", "name the version of the extension in the tag, too"),
        ("postgis/postgis:latest", "database", "name the version in the tag, PostgreSQL's too"),
        ("pgvector/pgvector:pg16", "database", None),
        ("redis", "cache", None),
        ("acme/mysql", "database", None),
        ("nginx", "proxy", None),
    ],
)
def test_databases_that_move_on(image: str, role: str, remedy: str | None) -> None:
    found = floating_database(pulled(image), role)
    assert (found is None) == (remedy is None)
    assert found is None or remedy is None or found.remedy.startswith(remedy)


def test_today_is_chosen_or_that_of_the_clock() -> None:
    assert project_of(Dockerfile="FROM python").today == TODAY
    assert isinstance(project_of(None, Dockerfile="FROM python").today, date)


def test_the_day_decides() -> None:
    dockerfile = 'FROM python:3.10-slim-bookworm\nCMD ["uvicorn", "app:app"]\n'
    assert said("2026-07-01", dockerfile) == []
    assert said("2026-11-22", dockerfile) == ["warning python-end-of-life"]
    assert said("2027-06-01", dockerfile) == ["error python-end-of-life"]


def test_a_day_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="2026-13-01"):
        said("2026-13-01", "FROM python\n")


def test_places_of_versions() -> None:
    project = project_of(Dockerfile="ARG V=3.9\nFROM python:${V}-slim AS a\nFROM python:3.9.2\nCOPY --from=a / /\n")
    image = project.images[-1]
    assert [(one.version, one.span.text, one.shipped) for one in image.python_ages] == [
        ("3.9", "3.9", True),
        ("3.9", "python:${V}-slim", False),
    ]


@pytest.mark.parametrize(
    ("tag", "such"),
    [("3.8", "`python:3.12` "), ("3.8-bookworm", "`python:3.12` "), ("3.8-alpine", "`python:3.12-alpine` ")],
)
def test_the_advice_names_a_tag_of_the_same_kind(tag: str, such: str) -> None:
    """A slim image lacks what the RUNs of a full one may call."""
    rule = Rule(BUILT_IN, "python_end_of_life")
    tree = text_files((("Dockerfile", f'FROM python:{tag}\nCMD ["uvicorn", "app:app"]\n'),))
    (told,) = lint(tree, Settings((rule,), frozenset((rule.name,)), today="2026-11-22")).diagnostics
    assert such in (told.finding.help or "")


@pytest.mark.parametrize(("listed", "library"), [("psycopg2==2.9.10", True), ("psycopg[binary]==3.2.3", False)])
def test_the_advice_of_a_slim_image_names_libraries_that_are_loaded(listed: str, library: bool) -> None:  # noqa: FBT001
    rule = Rule(BUILT_IN, "full_base_image")
    text = f'FROM python:3.12\nRUN pip install {listed} fastapi==0.115.0 uvicorn==0.34.0\nCMD ["uvicorn", "app:app"]\n'
    settings = Settings((rule,), frozenset((rule.name,)), today="2026-11-22")
    found = lint(text_files((("Dockerfile", text),)), settings).diagnostics
    assert any("`libpq5` installed there" in (one.finding.help or "") for one in found) is library
