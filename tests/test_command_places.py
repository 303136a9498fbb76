"""Where the words of a command stand in the file, through escapes, compose strings and scripts."""

from __future__ import annotations

import pytest
from commands import exec_form, only, shell_form, words
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.model.command import Argument
from dockerlint_fastapi.model.dockerfile import Command
from dockerlint_fastapi.parsers.command import locator, programs, programs_of
from dockerlint_fastapi.parsers.compose import parse_compose
from dockerlint_fastapi.source import Source, Span


def test_exec_form_has_no_shell() -> None:
    program = only(exec_form("tini", "--", "uvicorn", "a:b"))
    assert (program.shell, program.execs, program.last, program.background) == (None, True, True, False)


def test_the_innermost_shell_counts() -> None:
    assert only(shell_form("uvicorn a:b")).shell == "sh"
    assert only(shell_form("uvicorn a:b", ("/bin/bash", "-o", "pipefail", "-c"))).shell == "bash"
    assert only(shell_form("exec bash -c 'uvicorn a:b'")).shell == "bash"
    assert only(exec_form("su", "-s", "/bin/zsh", "app", "-c", "uvicorn a:b")).shell == "zsh"


def test_words_parsed_by_a_shell_can_be_given_as_such() -> None:
    (program,) = programs_of(words("exec", "uvicorn", "a:b"), "sh")
    assert (program.name, program.shell, program.execs) == ("uvicorn", "sh", True)


def test_a_shell_that_is_not_posix_starts_nothing_that_is_known() -> None:
    command = Command(  # noqa: S604
        exec_form=False,
        text="uvicorn",
        words=(),
        shell=("powershell", "-Command"),
        span=Span(Source.of("uvicorn"), 0, 7),
        parse=lambda: None,
    )
    assert programs(command) == ()


def test_spans_point_at_the_words_themselves() -> None:
    program = only(exec_form("tini", "--", "uvicorn", "a:b"))
    assert program.span.text == '"uvicorn", "a:b"'
    program = only(exec_form("sh", "-c", "cd /app && exec uvicorn a:b"))
    assert program.span.text == "uvicorn a:b"
    assert [argument.span.text for argument in program.argv] == ["uvicorn", "a:b"]


def test_spans_reach_through_escapes() -> None:
    program = only(exec_form("sh", "-c", 'echo "x"\t; exec "uvicorn" "a:b" é'))
    assert [argument.span.text for argument in program.argv] == [r"\"uvicorn\"", r"\"a:b\"", r"\u00e9"]


def test_a_string_that_does_not_spell_its_source_is_located_as_a_whole() -> None:
    source = Source.of("abc")
    argument = Argument("xyz", "abc", Span(source, 0, 3))
    assert locator(argument)(1, 2) == Span(source, 0, 3)


def test_dollars_doubled_for_compose_are_one() -> None:
    source = Source.of("sh -c exec $$X uvicorn")
    argument = Argument("exec $X uvicorn", "exec $$X uvicorn", Span(source, 6, 22))
    assert locator(argument)(8, 15).text == "uvicorn"


COMPOSE = """services:
  literal:
    command:
      - sh
      - -c
      - |
        cd /code

        uvicorn a:b
  folded:
    command:
      - sh
      - -c
      - >-
        alembic upgrade &&
        uvicorn $$X
          --port 80

        uvicorn
  string:
    command: >
      bash -c "
        echo hi &&
        uvicorn a:b
      "
  quoted:
    command: ["sh", "-c", "alembic upgrade &&
       uvicorn a:b"]
  variables:
    command: sh -c "alembic upgrade ${REVISION:-${HEAD:-head}} $MORE && uvicorn a:b --port ${PORT}"
"""


@pytest.mark.parametrize(
    ("service", "places"),
    [
        ("literal", [(9, 9)]),
        ("folded", [(16, 9), (19, 9)]),
        ("string", [(24, 9)]),
        ("quoted", [(28, 8)]),
        ("variables", [(30, 73)]),
    ],
)
def test_spans_reach_into_the_scripts_of_compose_files(service: str, places: list[tuple[int, int]]) -> None:
    found = parse_compose(Source.of(COMPOSE, "compose.yaml")).services[service].command
    assert found is not None
    assert found.arguments is not None
    servers = [program for program in programs_of(found.arguments) if program.name == "uvicorn"]
    assert [(program.span.line, program.span.column) for program in servers] == places
    assert all(program.argv[0].span.text == "uvicorn" for program in servers)


def test_a_variable_of_compose_within_a_script_cannot_be_told() -> None:
    found = parse_compose(Source.of(COMPOSE, "compose.yaml")).services["variables"].command
    assert found is not None
    assert found.arguments is not None
    assert not found.certain
    alembic, server = programs_of(found.arguments)
    assert [argument.value for argument in alembic.argv] == ["alembic", "upgrade", None, None]
    assert [argument.value for argument in server.argv] == ["uvicorn", "a:b", "--port", None]
    assert server.argv[-1].span.text == "${PORT}"


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab \n\\$_{}|>'\"", max_size=24), st.text(alphabet="ab \n\\$_{}", max_size=16))
def test_a_place_is_always_within_the_argument(raw: str, value: str) -> None:
    source = Source.of("x" + raw + "x")
    span = Span(source, 1, 1 + len(raw))
    locate = locator(Argument(value, raw, span))
    for start in range(len(value) + 1):
        for end in range(start, len(value) + 1):
            found = locate(start, end)
            assert span.start <= found.start <= found.end <= span.end
