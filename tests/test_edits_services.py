"""The words of fixes on services of compose files, and how the fixes of several places become one."""

from __future__ import annotations

import pytest

from dockerlint_fastapi import edits
from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.finding import Edit, meet
from dockerlint_fastapi.fixer import edited, fix
from dockerlint_fastapi.model.container import Container
from dockerlint_fastapi.model.project import Project
from dockerlint_fastapi.report import Report
from dockerlint_fastapi.rule import load_rules
from dockerlint_fastapi.source import Source
from dockerlint_fastapi.tree import MemoryTree, Tree, text_files

RULES = load_rules(())
APP = ("Dockerfile", 'FROM python:3.12-slim\nCOPY . .\nCMD ["uvicorn", "app:app", "--host", "0.0.0.0"]\n')


def project(text: str, **others: str) -> Project:
    files = [APP, ("compose.yaml", text), *((f"compose.{name}.yaml", other) for name, other in others.items())]
    tree = text_files(files)
    return assemble(tree, find(tree))


def container(text: str, name: str) -> Container:
    return next(one for one in project(text).containers if one.service is not None and one.service.name == name)


def after(change: Edit | tuple[Edit, ...] | None) -> str | None:
    """The file after some edits; None for a refusal."""
    if change is None:
        return None
    changes = (change,) if isinstance(change, Edit) else change
    return edited(changes[0].span.source, changes).decode()


def fixed(rule: str, text: str) -> str:
    """A compose file after the fixes of one rule, the others looking on."""
    settings = Settings(RULES, frozenset(one.name for one in RULES), today="2026-11-22", profile="pedantic")

    def run(tree: Tree) -> Report:
        return lint(tree, settings)

    def own(report: Report) -> Report:
        return report._replace(diagnostics=tuple(one for one in report.diagnostics if one.rule.name == rule))

    tree = MemoryTree({APP[0]: APP[1].encode(), "compose.yaml": text.encode()})
    outcome = fix(tree, run, unsafe=True, reported=own)
    assert outcome.refused == ()
    data = outcome.tree.read("compose.yaml")
    assert data is not None
    return data.decode()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("  a:\n    image: x\n", "  a:\n    image: x\n    init: true\n"),
        ("  a:\n    image: x", "  a:\n    image: x\n    init: true"),
        ("  a:\n    image: x\r\n", "  a:\n    image: x\r\n    init: true\n"),
        ("  a: {image: x}\n", "  a: {image: x, init: true}\n"),
        ("  a: { image: x, }\n", "  a: { image: x, init: true }\n"),
        ("  a: {image: }\n", "  a: {init: true, image: }\n"),
        ("  a:\n    <<: {image: x}\n", "  a:\n    <<: {image: x}\n    init: true\n"),
        ("  a: {image: x, # no\n    user: y}\n", None),
        ("  a: &a {image: x}\n  b: *a\n", None),
        ("  a:\n    init: false\n", None),
    ],
)
def test_a_key_of_a_service(body: str, expected: str | None) -> None:
    one = container(f"services:\n{body}", "a").service
    assert one is not None
    found = after(edits.compose.service_key(one, "init", "true"))
    assert found == (None if expected is None else f"services:\n{expected}")


def test_new_lines_are_indented_as_those_beside_them() -> None:
    text = (
        "x-a:\n   b: c\nservices:\n  a:\n    image: x\n    build:\n      context: .\n"
        "    depends_on:\n        - b\n  b: {image: y}\n"
    )
    one = container(text, "a").service
    assert one is not None
    found = after(edits.compose.service_key(one, "healthcheck", {"test": "x"}))
    assert found is not None
    assert "\n    healthcheck:\n      test: x\n" in found
    found = after(edits.services.condition(one, one.depends_on[0], "service_healthy"))
    assert found is not None
    assert "\n    depends_on:\n        b:\n            condition: service_healthy\n" in found


def test_what_a_service_extends_is_not_changed_for_it() -> None:
    text = "services:\n  a:\n    image: x\n    init: true\n  b:\n    extends: a\n    user: y\n"
    one = container(text, "b").service
    assert one is not None
    assert edits.compose.service_key(one, "init", "false") is None
    assert after(edits.compose.service_key(one, "tty", "true")) == f"{text}    tty: true\n"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('"5432:5432"', '"127.0.0.1:5432:5432"'),
        ("5432:5432", '"127.0.0.1:5432:5432"'),
        ("'0.0.0.0:5432:5432'", "'127.0.0.1:5432:5432'"),
        ('"[::]:5432:5432"', '"127.0.0.1:5432:5432"'),
        ("5432", '"127.0.0.1::5432"'),
        ('"5432/tcp"', '"127.0.0.1::5432/tcp"'),
        ('"5432-5433:5432-5433"', '"127.0.0.1:5432-5433:5432-5433"'),
        ('"${PORT:-5432}:5432"', '"127.0.0.1:${PORT:-5432}:5432"'),
        ("{target: 5432}", "{host_ip: 127.0.0.1, target: 5432}"),
        ("target: 5432\n        mode: host", "host_ip: 127.0.0.1\n        target: 5432\n        mode: host"),
        ("target: 5432\n        host_ip: 0.0.0.0", 'target: 5432\n        host_ip: "127.0.0.1"'),
    ],
)
def test_a_port_of_the_host_alone(written: str, expected: str) -> None:
    text = "services:\n  a:\n    image: x\n    ports:\n      - {}  # kept\n"
    one = container(text.format(written), "a").service
    assert one is not None
    assert after(edits.services.local_port(one, one.ports[0].span)) == text.format(expected)


@pytest.mark.parametrize(
    ("written", "expected", "certain"),
    [
        ("a && uvicorn b:c", 'sh -c "a && exec uvicorn b:c"', True),
        ("'a && uvicorn b:c'", "'sh -c \"a && exec uvicorn b:c\"'", True),
        ("\"a 'b' && uvicorn b:c\"", None, False),
        ("a 'b' && c", "sh -c \"a 'b' && exec c\"", False),
        ("a 'b' && c \"d\"", None, False),
        ("a; b", 'sh -c "a; exec b"', False),
        ("a && cd b", 'sh -c "a && cd b"', False),
        ("a && exec uvicorn b", 'sh -c "a && exec uvicorn b"', True),
        ("a | b", 'sh -c "a | b"', False),
        ("a > b", 'sh -c "exec a > b"', False),
        ("http://a?b=1&c=2", None, False),
        ("sh -c a b && uvicorn c", 'sh -c "a b && exec uvicorn c"', True),
        ("bash -lc 'a b' && uvicorn c", None, False),
        ("a \\ b && c", None, False),
        ('["a", "&&", "uvicorn", "b:c"]', '["sh", "-c", "a && exec uvicorn b:c"]', True),
        ('["a", "b c", ";", "d"]', '["sh", "-c", "a \'b c\' ; exec d"]', False),
        ('["a", "it\'s", ";", "d"]', None, False),
        ("|\n      a &&\n      uvicorn b", '|\n      sh -c "a &&\n      exec uvicorn b"', True),
        ("|\n      a\n      && uvicorn b", None, False),
        (">\n      a\n      && uvicorn b", '>\n      sh -c "a\n      && exec uvicorn b"', True),
    ],
)
def test_a_command_in_a_shell(written: str, expected: str | None, certain: bool) -> None:  # noqa: FBT001
    text = "services:\n  a:\n    image: x\n    command: {}\n"
    one = container(text.format(written), "a").service
    assert one is not None
    assert one.command is not None
    found = edits.services.in_shell(one, one.command.span)
    assert (found and after(found[0])) == (None if expected is None else text.format(expected))
    assert found is None or found[1] is certain


def test_a_health_check_for_a_known_database_only() -> None:
    text = "services:\n  a:\n    image: {}\n"
    assert "mongosh" in (after(edits.services.health_check(container(text.format("mongo:8"), "a"))) or "")
    assert '"mongo"' in (after(edits.services.health_check(container(text.format("mongo:4.4"), "a"))) or "")
    for image in ("acme/db", "memcached:1", "mongo:8\n    healthcheck: {disable: true}"):
        assert edits.services.health_check(container(text.format(image), "a")) is None


def test_two_places_of_one_finding_are_mended_at_once_though_only_one_can_be() -> None:
    text = (
        "services:\n  web:\n    build: .\n    environment:\n      A_PASSWORD: hunter2\n"
        "    command: uvicorn app:app --password hunter3\n"
    )
    assert "A_PASSWORD: ${A_PASSWORD:?set A_PASSWORD}" in fixed("inline-compose-secret", text)


def test_places_whose_fixes_meet_are_mended_one_after_the_other() -> None:
    text = (
        "services:\n  web:\n    build: .\n    depends_on: [db, broker]\n  db:\n    image: postgres:17\n"
        "  broker:\n    image: rabbitmq:4\n"
    )
    found = fixed("dependency-not-awaited", text)
    assert found.count("condition: service_healthy") == 2
    assert found.count("healthcheck:") == 2


def test_a_dependency_that_would_close_a_circle_is_not_added() -> None:
    text = (
        "services:\n  web:\n    build: .\n    environment: {REDIS_URL: redis://cache/0}\n"
        "  cache:\n    image: redis:8\n    depends_on: [web]\n"
    )
    assert fixed("missing-depends-on", text) == text


def test_edits_meet_where_they_overlap_or_touch_an_insertion() -> None:
    source, other = Source.of("abcdef", "x"), Source.of("abcdef", "y")
    one = Edit(source.span(1, 3), "-")
    assert meet(one, Edit(source.span(2, 4), "-"))
    assert meet(one, Edit(source.span(3, 3), "-"))
    assert not meet(one, Edit(source.span(3, 4), "-"))
    assert not meet(one, one)
    assert not meet(one, Edit(other.span(1, 3), "+"))


def test_a_key_between_empty_lines_leaves_one_of_them() -> None:
    before = "# what it is for\n\nversion: '3'\n\nservices:\n  web: {build: .}\n"
    assert fixed("unportable-compose", before) == before.replace("version: '3'\n\n", "")
