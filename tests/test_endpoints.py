"""Connection settings in an environment, the services that they lead to, and what does not fit."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model import Container, Project
from dockerlint_fastapi.model.environment.interpolation import render
from dockerlint_fastapi.model.environment.variables import ContainerVariable, Part
from dockerlint_fastapi.model.network.endpoints import Endpoint, endpoints_of
from dockerlint_fastapi.source import Source
from dockerlint_fastapi.tree import text_files


def variables(**values: str) -> dict[str, ContainerVariable]:
    """Variables as a compose file writes them, nothing known of what they refer to."""
    found = {}
    for name, text in values.items():
        source = Source.of(text, "compose.yaml")
        found[name] = ContainerVariable(name, text, render(text), source.span(0, len(text)), source.span, "compose")
    return found


def endpoint(**values: str) -> Endpoint:
    (found,) = endpoints_of(variables(**values))
    return found


def said(part: Part | None) -> str | None:
    """What a part is worth, or how it is written."""
    if part is None:
        return None
    return part.value if part.value is not None else part.text


def parts(found: Endpoint) -> tuple[object, ...]:
    hosts = [(said(host.name), said(host.port)) for host in found.hosts]
    return (found.kind, hosts, said(found.user), said(found.password), said(found.database))


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("DATABASE_URL", "postgresql://u:p@db:5432/app", ("postgres", [("db", "5432")], "u", "p", "app")),
        ("DATABASE_URL", "postgresql+asyncpg://u@db/app?a=b", ("postgres", [("db", None)], "u", None, "app")),
        ("ANYTHING", "postgres://db", ("postgres", [("db", None)], None, None, None)),
        ("REDIS_URL", "redis://:p@redis:6379/0", ("redis", [("redis", "6379")], None, "p", "0")),
        ("X", "rediss://[::1]:1/0", ("redis", [("[::1]", "1")], None, None, "0")),
        ("CELERY_BROKER_URL", "amqp://u:p@mq//", ("rabbitmq", [("mq", None)], "u", "p", "")),
        ("RESULT", "db+mysql://u@my/d", ("mysql", [("my", None)], "u", None, "d")),
        ("KC_DB_URL", "jdbc:mysql://my:3306/k", ("mysql", [("my", "3306")], None, None, "k")),
        ("M", "mongodb://u:p%40q@a:1,b:2/d", ("mongodb", [("a", "1"), ("b", "2")], "u", "p@q", "d")),
        (
            "D",
            "${DRIVER:-x}",
            None,
        ),
        (
            "D",
            "postgresql+${DRIVER}://${U}:${P}@${H}:${PORT}/${DB}",
            ("postgres", [("${H}", "${PORT}")], "${U}", "${P}", "${DB}"),
        ),
        ("D", "host=db port=5432 user='u' dbname=d", ("postgres", [("db", "5432")], "u", None, "d")),
        ("DB_HOST", "db", ("database", [("db", None)], None, None, None)),
        ("DB_HOST", "db:1", ("database", [("db", "1")], None, None, None)),
        ("POSTGRES_SERVER", "db", ("postgres", [("db", None)], None, None, None)),
        ("KAFKA_BOOTSTRAP_SERVERS", "a:1, b:2", ("kafka", [("a", "1"), ("b", "2")], None, None, None)),
        ("SMTP_HOST", "mail", ("smtp", [("mail", None)], None, None, None)),
        ("QDRANT_URL", "http://q:6333", ("qdrant", [("q", "6333")], None, None, None)),
        ("FRONTEND_URL", "http://localhost:3000", None),
        ("API_URL", "http://api:8000", None),
        ("HOST", "localhost", None),
        ("SERVER_HOST", "localhost", None),
        ("DB_HOST", "/var/run/postgresql", None),
        ("TEST_DATABASE_URL", "postgresql://db/test", None),
        ("D", "sqlite:///./app.db", None),
        ("D", "postgresql:///app", None),
        ("D", "postgresql://u:p/w@db/app", None),  # a slash in the password: where the host is cannot be told
        ("DB_HOSTS_FILE", "db", None),
    ],
)
def test_an_endpoint_in_its_parts(name: str, text: str, expected: tuple[object, ...] | None) -> None:
    found = list(endpoints_of(variables(**{name: text})))
    assert [parts(one) for one in found] == ([expected] if expected is not None else [])


def test_the_place_of_each_part() -> None:
    text = " postgresql://user:pa%20ss@db:5432/app"
    found = endpoint(DATABASE_URL=text)
    (host,) = found.hosts
    assert host.port is not None
    assert found.user is not None
    assert found.password is not None
    assert found.database is not None
    spans = [part.span.text for part in (found.user, found.password, host.name, host.port, found.database)]
    assert spans == ["user", "pa%20ss", "db", "5432", "app"]
    assert found.password.value == "pa ss"


def test_a_host_takes_its_other_parts_from_the_variables_beside_it() -> None:
    values = {"DB_HOST": "db", "DB_PORT": "1", "DB_USER": "u", "DB_PASSWORD": "p", "DB_NAME": "d", "OTHER_PORT": "2"}
    assert parts(endpoint(**values)) == ("database", [("db", "1")], "u", "p", "d")
    values = {"PGHOST": "db", "PGPORT": "1", "PGUSER": "u", "PGDATABASE": "d"}
    assert parts(endpoint(**values)) == ("postgres", [("db", "1")], "u", None, "d")


def test_a_switch_to_sqlite_makes_the_host_idle() -> None:
    assert not list(endpoints_of(variables(DB_ENGINE="sqlite", DB_HOST="db")))


def test_no_password_shows_in_a_traceback() -> None:
    found = endpoint(DATABASE_URL="postgresql://u:hunter2@db/x")
    assert "hunter2" not in repr(found)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("${A}", "$A", True),
        ("${A}", "${A}", True),
        ("${A}", "${B}", None),
        ("${A:-x}", "${A}", None),
        ("${A}", "x", None),
        ("a${A}", "b${A}", None),
        ("x", "x", True),
        ("x", "y", False),
    ],
)
def test_parts_are_the_same_by_value_or_by_reference(one: str, other: str, *, expected: bool | None) -> None:
    found = variables(A_HOST=one, B_HOST=other)
    first, second = (found[name].part(0, len(found[name].pattern or "")) for name in ("A_HOST", "B_HOST"))
    assert first.same_as(second) is expected


TEXT = st.text(alphabet="ab:/@?#,=[]{}$% .-+1\n\ue000'", max_size=40)


@settings(deadline=None, max_examples=300)
@given(
    st.one_of(TEXT, st.builds("{}://{}".format, st.sampled_from(["postgresql", "redis", "mysql+x"]), TEXT)),
    st.sampled_from(["DATABASE_URL", "DB_HOST", "REDIS_HOSTS", "X"]),
)
def test_nothing_raises_and_every_part_is_inside(text: str, name: str) -> None:
    for found in endpoints_of(variables(**{name: text, "DB_PORT": text})):
        every = [found.user, found.password, found.database]
        every += [part for host in found.hosts for part in host]
        for part in every:
            if part is not None:
                assert 0 <= part.span.start <= part.span.end <= len(text)
                assert part.same_as(part) is True


DOCKERFILE = "FROM python:3.12-slim\nCMD uvicorn app.main:app --host 0.0.0.0\n"


def project(compose: str, **files: str) -> Project:
    root = text_files([("compose.yaml", compose), ("Dockerfile", DOCKERFILE), *files.items()])
    return assemble(root, find(root))


def named(compose: str, host: str, asker: str = "web") -> str | None:
    (deployment,) = project(compose).deployments
    found = deployment.service_named(host, deployment.merged.services[asker])
    return found.name if found is not None else None


NAMES = """
services:
  web:
    build: .
    links: ["db:linked", "cache"]
  db:
    image: postgres:17
    container_name: The-Database
    hostname: dbhost
    networks:
      default:
        aliases: [pg, "${ALIAS:-x}"]
  cache:
    image: redis:8
"""


@pytest.mark.parametrize(
    ("host", "service"),
    [
        ("db", "db"),
        ("DB", "db"),
        ("the-database", "db"),
        ("dbhost", "db"),
        ("pg", "db"),
        ("linked", "db"),
        ("cache", "cache"),
        ("shop-db-1", "db"),
        ("shop_cache_1", "cache"),
        ("shop-other-1", None),
        ("redis", None),
        ("x", None),
    ],
)
def test_the_names_of_a_service(host: str, service: str | None) -> None:
    assert named(NAMES, host) == service


def test_a_name_that_cannot_be_told_leaves_doubt() -> None:
    (deployment,) = project(NAMES).deployments
    assert not deployment.service_names.certain


NETWORKS = """
services:
  a: {image: x, networks: [one, two]}
  b: {image: x, networks: [two]}
  c: {image: x, networks: [three]}
  d: {image: x}
  e: {image: x, network_mode: host}
  f: {image: x, networks: [outside]}
  g: {image: x, networks: [named]}
networks: {one: , two: , three: , outside: {external: true}, named: {name: n}}
"""


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("a", "b", True), ("a", "c", False), ("a", "d", False), ("a", "e", None), ("a", "f", None), ("c", "g", None)],
)
def test_services_that_share_a_network(one: str, other: str, *, expected: bool | None) -> None:
    (deployment,) = project(NETWORKS).deployments
    services = deployment.merged.services
    assert deployment.service_names.share_network(services[one], services[other]) is expected
    assert deployment.service_names.share_network(services[other], services[one]) is expected


def only(compose: str, **files: str) -> Container:
    return next(one for one in project(compose, **files).containers if one.service and one.service.name == "web")


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("uvicorn app.main:app", False),
        ("sh -c 'until pg_isready -h db; do sleep 1; done; uvicorn app.main:app'", True),
        ("/wait-for-it.sh db:5432 -- uvicorn app.main:app", True),
        ("sh -c 'python backend_pre_start.py && uvicorn app.main:app'", True),
        ("./unknown-starter --serve", None),
    ],
)
def test_waiting_for_others(command: str, *, expected: bool | None) -> None:
    assert only(f'services:\n  web:\n    build: .\n    command: "{command}"\n').waits is expected


def test_a_dependency_is_told_once_and_not_when_another_waits_for_it() -> None:
    compose = """
services:
  web:
    build: .
    environment: {DATABASE_URL: "postgresql://db/a", DB_HOST: db, REDIS_HOST: cache, KAFKA_HOST: kafka}
    depends_on: [migrate]
  migrate: {build: ., depends_on: [cache]}
  db: {image: postgres}
  cache: {image: redis}
  kafka: {image: apache/kafka, profiles: [all]}
"""
    found = [(one.service.name, one.endpoint.variable.name) for one in only(compose).undeclared_dependencies]
    assert found == [("db", "DATABASE_URL")]


@pytest.mark.parametrize(
    ("url", "environment", "expected"),
    [
        ("postgresql://postgres:p@db/postgres", "{POSTGRES_PASSWORD: p}", []),
        ("postgresql://u:p@db/u", "{POSTGRES_USER: u, POSTGRES_PASSWORD: p}", []),
        ("postgresql://u:p@db/d", "{POSTGRES_USER: u, POSTGRES_PASSWORD: p}", ["database"]),
        ("postgresql://u:q@db/u", "{POSTGRES_USER: u, POSTGRES_PASSWORD: p}", ["password"]),
        ("postgresql://u:q@db/d", "{POSTGRES_PASSWORD: p}", ["user"]),
        ("postgresql://u:q@db/u", "{POSTGRES_USER: u, POSTGRES_HOST_AUTH_METHOD: trust}", []),
        ("postgresql://u:q@db/u", "{POSTGRES_USER: u, POSTGRES_PASSWORD_FILE: /run/secrets/p}", []),
        ("postgresql://${U}:q@db/d", "{POSTGRES_USER: u, POSTGRES_PASSWORD: p, POSTGRES_DB: d}", []),
        ("postgresql://${U}:q@db/d", "{POSTGRES_USER: $U, POSTGRES_PASSWORD: p, POSTGRES_DB: d}", ["password"]),
        ("postgresql://u@db/${D}", "{POSTGRES_USER: u, POSTGRES_DB: d}", []),
        ("postgresql://u@db:5433/u", "{POSTGRES_USER: u}", ["port"]),
        ("postgresql://u@db:5433/u", "{POSTGRES_USER: u, PGPORT: '5433'}", []),
    ],
)
def test_what_does_not_fit_the_database(url: str, environment: str, expected: list[str]) -> None:
    compose = f"""
services:
  web: {{image: x, environment: {{DATABASE_URL: "{url}"}}}}
  db: {{image: "postgres:17", environment: {environment}, ports: ["5433:5432"]}}
"""
    assert [one.what for one in only(compose).mismatches] == expected
