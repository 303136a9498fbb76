"""The four places that name a port: the server, EXPOSE, the health check and compose's `ports`, in all combinations.

Each row is a project on disk. The server always listens on 8000: by an option of CMD, by a variable of the image, or by
compose's command where the image has no CMD. What is wrong says 80, 81 or 82, so that no span looks like another.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.finding import place
from dockerlint_fastapi.rule import BUILT_IN, Rule
from dockerlint_fastapi.source import Span
from dockerlint_fastapi.tree import DiskTree

RULES = tuple(
    Rule(BUILT_IN, stem)
    for stem in ("expose_mismatch", "healthcheck_port_mismatch", "inherited_healthcheck", "published_port_mismatch")
)
SETTINGS = Settings(RULES, frozenset(rule.name for rule in RULES))

EXPOSE, HEALTH, PORTS = "expose-mismatch", "healthcheck-port-mismatch", "published-port-mismatch"
OPTION, VARIABLE, COMMAND = "option", "variable", "command"

STARTS = {
    OPTION: ('CMD ["uvicorn", "app.main:app", "--host", "0.0.0.0", "--port", "8000"]\n', ""),
    VARIABLE: ('ENV UVICORN_PORT=8000\nCMD ["uvicorn", "app.main:app", "--host", "0.0.0.0"]\n', ""),
    COMMAND: ("", "    command: uvicorn app.main:app --host 0.0.0.0 --port 8000\n"),
}
# where each says that the server listens on 8000: file, line, and the span's text
SERVERS = {
    OPTION: ("Dockerfile", 6, "8000"),
    VARIABLE: ("Dockerfile", 6, "UVICORN_PORT=8000"),
    COMMAND: ("compose.yaml", 4, "8000"),
}


class Row(NamedTuple):
    """One combination: how the server gets its port, whether each of the others is right, and what must be said."""

    server: str
    expose: bool
    health: bool
    ports: bool
    expected: dict[str, tuple[str, int, int, str]]  # rule: file, line, column and text of the span


# EXPOSE is line 4 of the Dockerfile, the check line 5; `ports` is the last line of compose.yaml.
AT_EXPOSE = ("Dockerfile", 4, 8, "80")
AT_HEALTH = ("Dockerfile", 5, 42, "81")
AT_PORTS = ("compose.yaml", 5, 15, "82")
AT_LATER_PORTS = ("compose.yaml", 6, 15, "82")  # under compose's command

TABLE = [
    Row(OPTION, True, True, True, {}),
    Row(OPTION, False, True, True, {EXPOSE: AT_EXPOSE}),
    Row(OPTION, True, False, True, {HEALTH: AT_HEALTH}),
    Row(OPTION, True, True, False, {PORTS: AT_PORTS}),
    Row(OPTION, False, False, True, {EXPOSE: AT_EXPOSE, HEALTH: AT_HEALTH}),
    Row(OPTION, False, True, False, {EXPOSE: AT_EXPOSE, PORTS: AT_PORTS}),
    Row(OPTION, True, False, False, {HEALTH: AT_HEALTH, PORTS: AT_PORTS}),
    Row(OPTION, False, False, False, {EXPOSE: AT_EXPOSE, HEALTH: AT_HEALTH, PORTS: AT_PORTS}),
    Row(VARIABLE, True, True, True, {}),
    Row(VARIABLE, False, True, True, {EXPOSE: AT_EXPOSE}),
    Row(VARIABLE, True, False, True, {HEALTH: AT_HEALTH}),
    Row(VARIABLE, True, True, False, {PORTS: AT_PORTS}),
    Row(VARIABLE, False, False, True, {EXPOSE: AT_EXPOSE, HEALTH: AT_HEALTH}),
    Row(VARIABLE, False, True, False, {EXPOSE: AT_EXPOSE, PORTS: AT_PORTS}),
    Row(VARIABLE, True, False, False, {HEALTH: AT_HEALTH, PORTS: AT_PORTS}),
    Row(VARIABLE, False, False, False, {EXPOSE: AT_EXPOSE, HEALTH: AT_HEALTH, PORTS: AT_PORTS}),
    Row(COMMAND, True, True, True, {}),
    Row(COMMAND, False, True, True, {EXPOSE: AT_EXPOSE}),
    Row(COMMAND, True, False, True, {HEALTH: AT_HEALTH}),
    Row(COMMAND, True, True, False, {PORTS: AT_LATER_PORTS}),
    Row(COMMAND, False, False, True, {EXPOSE: AT_EXPOSE, HEALTH: AT_HEALTH}),
    Row(COMMAND, False, True, False, {EXPOSE: AT_EXPOSE, PORTS: AT_LATER_PORTS}),
    Row(COMMAND, True, False, False, {HEALTH: AT_HEALTH, PORTS: AT_LATER_PORTS}),
    Row(COMMAND, False, False, False, {EXPOSE: AT_EXPOSE, HEALTH: AT_HEALTH, PORTS: AT_LATER_PORTS}),
]


def write(folder: Path, row: Row) -> None:
    """The two files of one row."""
    cmd, command = STARTS[row.server]
    (folder / "Dockerfile").write_text(
        "FROM python:3.12\n"
        "WORKDIR /code\n"
        "COPY app app\n"
        f"EXPOSE {8000 if row.expose else 80}\n"
        f"HEALTHCHECK CMD curl -f http://127.0.0.1:{8000 if row.health else 81}/health || exit 1\n"
        f"{cmd}",
        encoding="utf-8",
    )
    (folder / "compose.yaml").write_text(
        f'services:\n  web:\n    build: .\n{command}    ports:\n      - "8080:{8000 if row.ports else 82}"\n',
        encoding="utf-8",
    )


def shown(span: Span) -> tuple[str, int, int, str]:
    return span.source.path, span.line, span.column, span.text


def name(row: Row) -> str:
    return f"{row.server}: " + ", ".join(
        f"{what} {'right' if right else 'wrong'}"
        for what, right in (("EXPOSE", row.expose), ("check", row.health), ("ports", row.ports))
    )


@pytest.mark.parametrize("row", TABLE, ids=name)
def test_what_is_said_and_where(row: Row, tmp_path: Path) -> None:
    write(tmp_path, row)
    report = lint(DiskTree(str(tmp_path)), SETTINGS)
    found = {one.rule.name: one.finding for one in report.diagnostics}
    assert len(found) == len(report.diagnostics)
    assert {rule: shown(place(finding.span)) for rule, finding in found.items()} == row.expected
    for finding in found.values():
        assert "8000" in finding.message
        assert [(path, line, text) for path, line, _, text in (shown(note.span) for note in finding.notes)] == [
            SERVERS[row.server]
        ]


def test_the_table_is_complete() -> None:
    assert len({row[:4] for row in TABLE}) == len(TABLE) == 3 * 2**3
