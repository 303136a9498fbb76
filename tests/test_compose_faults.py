"""What a compose file says that Compose, Docker or YAML takes otherwise: keys, values, commands, privileges, data."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.data import table
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.model.bases.base_image import Reference
from dockerlint_fastapi.model.container import Container
from dockerlint_fastapi.model.project import Project
from dockerlint_fastapi.model.services.host_access import is_listed
from dockerlint_fastapi.parsers.compose import parse_compose
from dockerlint_fastapi.parsers.compose.structure import FILE, Shape
from dockerlint_fastapi.rule import load_rules
from dockerlint_fastapi.source import Source
from dockerlint_fastapi.tree import text_files

RULES = load_rules()
SERVER = 'FROM python:3.13-slim\nCMD ["uvicorn", "main:app", "--host", "0.0.0.0"]\n'
NAMES = frozenset(
    "unknown-compose-key unportable-compose service-without-image shell-syntax-in-compose-command unescaped-dollar"
    " conflicting-compose-keys restart-never-triggered premature-pg-isready database-without-volume"
    " published-internal-port docker-socket-mounted sensitive-host-mount privileged-container".split()
)


def project(files: dict[str, str]) -> Project:
    tree = text_files(files.items())
    return assemble(tree, find(tree))


def container(compose: str, **others: str) -> Container:
    return project({"compose.yaml": compose, **others}).deployments[0].containers[0]


def misspelt(text: str) -> list[tuple[str, str]]:
    file = parse_compose(Source("compose.yaml", text.encode()))
    return [(one.key.text, one.meant) for one in file.unknown_keys]


# Keys


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("enviroment", "environment"),
        ("enviornment", "environment"),
        ("Environment", "environment"),
        ("port", "ports"),
        ("depend_on", "depends_on"),
        ("depends-on", "depends_on"),
        ("dependsOn", "depends_on"),
        ("healtcheck", "healthcheck"),
        ("commands", "command"),
        ("volums", "volumes"),
        ("network", "networks"),
        ("imgae", "image"),
        ("cpu", "cpus"),
    ],
)
def test_a_misspelt_key_is_known_by_the_key_that_was_meant(written: str, meant: str) -> None:
    assert misspelt(f"services:\n  web:\n    image_: x\n    {written}: x\n") == [("image_", "image"), (written, meant)]


@pytest.mark.parametrize(
    "key", ["some_new_key", "x-port", "net", "env", "tls", "pidx", "post_stop", "pre_build", "a" * 1000, "42", "'true'"]
)
def test_any_other_key_may_be_a_new_one(key: str) -> None:
    assert misspelt(f"services:\n  web:\n    image: x\n    {key}: x\n") == []


def test_every_known_key_is_known() -> None:
    for path, names in table("compose_keys")["keys"].items():
        lines, depth = "", 0
        for part in path.split(".") if path else ():
            lines += "  " * depth + ("any" if part == "*" else part) + ":\n"
            depth += 1
        lines += "".join("  " * depth + f"{name}: x\n" for name in names.split())
        assert misspelt(lines) == [], path


def test_the_table_of_keys_has_those_whose_values_are_checked() -> None:
    known = table("compose_keys")["keys"]

    def compare(shape: Shape, path: str) -> None:
        if shape.keys and path in known:
            assert set(shape.keys) - {"pids"} <= {*known[path].split()}, path  # of limits, not of reservations
        for key, inner in shape.keys.items():
            compare(inner, f"{path}.{key}" if path else key)
        for inner, below in ((shape.values, f"{path}.*"), (shape.items, path)):
            if inner is not None:
                compare(inner, below)

    compare(FILE, "")


def test_what_aliases_repeat_costs_nothing() -> None:
    layers = "".join(f"  l{n}: &l{n} {{a: *l{n - 1}, b: *l{n - 1}}}\n" for n in range(1, 40))
    bomb = f"x-bomb:\n  l0: &l0 {{enviroment: x}}\n{layers}services:\n  web: {{image: x, build: *l39, deploy: *l39}}\n"
    assert misspelt(bomb) == []


# What is read in two ways


def test_loose_values_are_those_that_two_readers_take_for_different_things() -> None:
    text = """\
services:
  web:
    image: x
    restart: no
    environment: {A: yes, B: 3.10, C: 012, D: 1.5, E: "on", F: true, PY_VERSION: 3.10, G: 22:22, H: 1e3, I: y}
"""
    found = parse_compose(Source("compose.yaml", text.encode())).loose_values
    assert {(one.key, one.others, one.own, one.another) for one in found} == {
        ("restart", "false", "", False),
        ("A", "true", "", False),
        ("B", "", "3.1", False),
        ("C", "", "10", True),
        ("PY_VERSION", "", "3.1", True),
        ("G", "a number", "", False),
        ("H", "", "1000", False),
    }


# Images


@pytest.mark.parametrize(
    ("image", "listed"),
    [
        ("postgres", True),
        ("docker.io/library/postgres:17", True),
        ("pgvector/pgvector:pg17", True),
        ("bitnami/postgresql", False),
        ("somebody/pgvector", False),
    ],
)
def test_images_that_are_built_on_postgres(image: str, listed: bool) -> None:  # noqa: FBT001
    assert is_listed(Reference.parse(image), "postgres") is listed


def test_whose_code_a_container_runs() -> None:
    own = "services:\n  web: {build: .}\n"
    assert container(own, Dockerfile=SERVER).runs_own_code
    assert not container(own, Dockerfile="FROM postgres:17\n").runs_own_code
    assert not container("services:\n  db: {image: 'postgres:17'}\n").runs_own_code
    assert container("services:\n  web: {image: shop, command: uvicorn app:app}\n").runs_own_code
    assert str(container(own, Dockerfile="FROM postgres:17\n").origin.text) == "postgres:17"  # type: ignore[union-attr]


# Fixes

WEB = "services: {{web: {{image: x, {}}}}}\n"
DB = "services: {{db: {{image: postgres, volumes: [/var/lib/postgresql], healthcheck: {{test: {}}}}}}}\n"
FIXED = [
    (WEB.format("enviroment: {A: b}"), WEB.format("environment: {A: b}")),
    (f'version: "3"\n{WEB.format("init: true")}', WEB.format("init: true")),
    (f'# first\nversion: "3"  # old\n{WEB.format("init: true")}', f"# first\n{WEB.format('init: true')}"),
    (WEB.format("restart: no"), WEB.format('restart: "no"')),
    (DB.format("pg_isready -U a"), DB.format("pg_isready -h 127.0.0.1 -U a")),
    (DB.format("['CMD', 'pg_isready']"), DB.format("['CMD', 'pg_isready', '-h', '127.0.0.1']")),
    (
        WEB.format("command: uvicorn a:b --workers 2, restart: on-failure:3"),
        WEB.format("command: uvicorn a:b --workers 2, restart: unless-stopped"),
    ),
]


@pytest.mark.parametrize(("before", "after"), FIXED)
def test_a_fix_mends_what_was_told_and_nothing_else(before: str, after: str | None) -> None:
    def findings(text: str) -> list[object]:
        report = lint(text_files({"compose.yaml": text}.items()), Settings(RULES, NAMES, profile="pedantic"))
        return [one.finding for one in report.diagnostics]

    found = findings(before)
    assert len(found) == 1
    fix = found[0].fix  # type: ignore[attr-defined]
    if after is None:
        assert fix is None
        return
    text = before
    for edit in sorted(fix.edits, key=lambda one: -one.span.start):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert text == after
    assert findings(text) == []


# Anything at all

KEYS = st.sampled_from(
    "command entrypoint healthcheck test volumes ports environment image build restart scale deploy replicas"
    " network_mode privileged cap_add security_opt tmpfs networks container_name develop watch depends_on env_file"
    " labels args post_start cpus mem_limit resources limits memory version services x-a port".split()
)
SCALARS = st.sampled_from(
    "a && b|$X|${Y}|postgres:17|/var/run/docker.sock:/x|/:/h|~/.ssh:/s|8000:8000|no|3.10|012|on-failure|2|true|host|1e3"
    "|pg_isready -U a|uvicorn a:b --workers 2|[|sqlite:///a.db|512m||~|${|/data|- |for i in a; do $i".split("|")
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=14
)


def flow(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(flow(one) for one in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {flow(one)}' for key, one in value.items())}}}"
    text = str(value)
    return f'"{text}"' if any(char in text for char in "[]{},#&:$-|~") or not text else text


@settings(deadline=None, max_examples=120)
@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=9), st.dictionaries(KEYS, VALUES, max_size=5))
def test_the_rules_raise_on_no_service(one: dict[str, object], other: dict[str, object]) -> None:
    text = f"services:\n  db: {flow(one)}\n  web: {flow(other)}\n"
    files = {"compose.yaml": text, "Dockerfile": SERVER}
    report = lint(text_files(files.items()), Settings(RULES, NAMES))
    assert report.failures == ()
    for diagnostic in report.diagnostics:
        assert diagnostic.finding.span.end <= len(diagnostic.finding.span.source.text)


def test_what_env_files_hold_stands_in_no_message() -> None:
    text = """\
services:
  web:
    build: .
    env_file: web.env
    volumes: ["${ROOT}:/hidden-host", "a:${TARGET}", "b:${TARGET}"]
    restart: on-failure
  db: {image: "postgres:17", environment: {PGDATA: "${TARGET}"}}
  cache: {image: "redis:8", ports: ["${PORT}:6379"]}
volumes: {a: , b: }
"""
    files = {
        "compose.yaml": text,
        ".env": "ROOT=/var/lib/docker/hidden\nTARGET=/hidden\nPORT=61234\n",
        "web.env": "DATABASE_URL=sqlite:////srv/hidden.db\nWEB_CONCURRENCY=77\n",
        "Dockerfile": SERVER,
    }
    report = lint(text_files(files.items()), Settings(RULES, NAMES))
    said = [
        (one.rule.name, f"{one.finding.message} {one.finding.help} {one.finding.notes}") for one in report.diagnostics
    ]
    assert {name for name, _text in said} == {
        "database-without-volume",
        "published-internal-port",
        "restart-never-triggered",
        "sensitive-host-mount",
    }
    assert not [text for _name, text in said if "hidden" in text or "61234" in text or "77 " in text]


def test_other_yaml_has_no_misspelt_keys() -> None:
    text = "apiVersion: v1\nkind: Service\nservice: {port: 1}\nspec: {port: 80}\n"
    assert misspelt(text) == []
