"""What a command starts: environment, main program, roles, scripts, unknown words, ENTRYPOINT with CMD; any words."""

from __future__ import annotations

import json

import pytest
from commands import exec_form, only, shell_form, shown, split, words
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.model.command import Environment, Value, is_python
from dockerlint_fastapi.model.dockerfile import Command
from dockerlint_fastapi.parsers.command import entry_of, main_program, programs, programs_of, role
from dockerlint_fastapi.parsers.wrappers import WRAPPERS, Wrapper

# The environment on the way


@pytest.mark.parametrize(
    ("script", "environment", "inherits"),
    [
        ("A=b uvicorn a:b", {"A": "b"}, True),
        ("env A=b C=d uvicorn a:b", {"A": "b", "C": "d"}, True),
        ("A=b env A=c uvicorn a:b", {"A": "c"}, True),
        ("env A=$X uvicorn a:b", {"A": None}, True),
        ("A=b env -i C=d uvicorn a:b", {"C": "d"}, False),
        ("A=b env -u A uvicorn a:b", {"A": None}, True),
        ("export A=b && uvicorn a:b", {"A": "b"}, True),
        ("export A=b C; uvicorn a:b", {"A": "b"}, True),
        ("A=b; export A; uvicorn a:b", {"A": "b"}, True),
        ("A=b; uvicorn a:b", {"A": None}, True),  # only exported if the container sets it already
        ("export A=$X; uvicorn a:b", {"A": None}, True),
        ("export A=b; unset A; uvicorn a:b", {"A": None}, True),
        ("if [ $X ]; then export A=b; fi; uvicorn a:b", {"A": None}, True),
        ("(export A=b); uvicorn a:b", {"A": None}, True),
        ("declare -x A=b; uvicorn a:b", {"A": "b"}, True),
        ("export $(cat .env); uvicorn a:b", {}, None),
        ("export A=b; . ./env; uvicorn a:b", {"A": None}, None),
        ("source ./env; export A=b; uvicorn a:b", {"A": "b"}, None),
        (". /app/.venv/bin/activate && uvicorn a:b", {}, True),
        ('eval "$X"; uvicorn a:b', {}, None),
        ("export A=b; sh -c 'C=d uvicorn a:b'", {"A": "b", "C": "d"}, True),
        ("A=b dotenv run -- uvicorn a:b", {"A": None}, None),
        ("A=b uv run uvicorn a:b", {"A": "b"}, True),
        ("uv run --env-file .env uvicorn a:b", {}, None),
        ("sudo -u x A=b uvicorn a:b", {"A": "b"}, None),
        ("doppler run -- env A=b uvicorn a:b", {"A": "b"}, None),
    ],
)
def test_environment(script: str, environment: dict[str, str | None], inherits: bool | None) -> None:  # noqa: FBT001
    program = programs(shell_form(script))[-1]
    assert (program.name, program.environment, program.inherits) == ("uvicorn", environment, inherits)
    assert set(program.environment_spans) == set(environment)


def test_assignments_know_their_place() -> None:
    program = only(shell_form("PORT=80 env HOST=x uvicorn a:b"))
    assert {name: span.text for name, span in program.environment_spans.items()} == {
        "PORT": "PORT=80",
        "HOST": "HOST=x",
    }
    value = Environment().seen_by(program).get("PORT")
    assert isinstance(value, Value)
    assert (value.text, value.origin) == ("80", "environment")


# The main program, roles, scripts


@pytest.mark.parametrize(
    ("script", "main"),
    [
        ("alembic upgrade head && uvicorn a:b", "uvicorn"),
        ("uvicorn a:b & celery worker", "uvicorn"),
        ("uvicorn a:b & gunicorn a:b", "gunicorn"),
        ("python seed.py; python main.py", "python"),
        ('alembic upgrade head; exec "$@"', ""),
        ("streamlit run x.py; echo", "streamlit"),
        ("if [ $D ]; then uvicorn a:b --reload; else gunicorn a:b; fi", None),
        ("if [ $D ]; then uvicorn a:b; fi", "uvicorn"),
        ("case $1 in web) uvicorn a:b;; w) celery worker;; esac", None),
        ("if [ $M ]; then alembic upgrade head; fi; exec uvicorn a:b", "uvicorn"),
        ("cd /app", None),
    ],
)
def test_main_program(script: str, main: str | None) -> None:
    found = main_program(programs(shell_form(script)))
    assert (None if found is None else found.name) == main


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("uvicorn a:b", "server"),
        ("gunicorn a:b", "server"),
        ("gunicorn a.asgi:application", "server"),
        ("gunicorn -k uvicorn.workers.UvicornWorker a.wsgi", "server"),
        ("gunicorn -w 4 proj.wsgi", "other-web"),
        ("gunicorn proj.wsgi:application", "other-web"),
        ("python -m hypercorn a:b", "server"),
        ("fastapi run", "server"),
        ("fastapi --verbose dev x.py", "server"),
        ("fastapi deploy", "one-shot"),
        ("fastapi", None),
        ("celery -A a.worker worker -l info", "worker"),
        ("celery -A a beat", "worker"),
        ("celery --app=a flower", "worker"),
        ("celery -A a inspect ping", "one-shot"),
        ("arq a.Settings", "worker"),
        ("dramatiq a", "worker"),
        ("rq worker high", "worker"),
        ("taskiq worker a:broker", "worker"),
        ("huey_consumer a.huey", "worker"),
        ("faststream run a:app", "worker"),
        ("python -m app.worker", "worker"),
        ("python -m app.email_worker", "worker"),
        ("python worker.py", "worker"),
        ("alembic upgrade head", "one-shot"),
        ("aerich upgrade", "one-shot"),
        ("pytest -q", "one-shot"),
        ("python -m pytest", "one-shot"),
        ("python -m app.seed", "one-shot"),
        ("python scripts/seed_db.py", "one-shot"),
        ("python app/initial_data.py", "one-shot"),
        ("bash scripts/prestart.sh", "one-shot"),
        ("./migrate.sh", "one-shot"),
        ("streamlit run x.py", "other-web"),
        ("jupyter lab", "other-web"),
        ("flask run", "other-web"),
        ("flask --app a run --host 0.0.0.0", "other-web"),
        ("python manage.py runserver 0.0.0.0:8000", "other-web"),
        ("./manage.py migrate", "one-shot"),
        ("python manage.py rqworker", "worker"),
        ("python -m http.server", "other-web"),
        ("sleep infinity", "idle"),
        ("sleep 5", "one-shot"),
        ("tail -f /dev/null", "idle"),
        ("tail -f log", None),
        ("python main.py", None),
        ("python", None),
        ("/start.sh", None),
        ("myprogram", None),
        ("--reload", None),
    ],
)
def test_role(line: str, expected: str | None) -> None:
    assert role(only(exec_form(*line.split()))) == expected


@pytest.mark.parametrize(
    ("line", "script"),
    [
        ("python main.py", "main.py"),
        ("python -u -X dev app/main.py -x", "app/main.py"),
        ("python -O -s main.py", "main.py"),
        ("python -Wmodule main.py", "main.py"),
        ("python -c x", None),
        ("python -", None),
        ("python", None),
        ("sh -e /start.sh", "/start.sh"),
        ("bash -o pipefail start", "start"),
        ("bash -- start", "start"),
        ("sh -s", None),
        ("/start.sh a", "/start.sh"),
        ("uv run main.py", "main.py"),
        ("uvicorn main.py", None),
    ],
)
def test_script(line: str, script: str | None) -> None:
    assert only(exec_form(*line.split())).script == script


@pytest.mark.parametrize("name", ["python", "python3", "python3.12", "python3.13t", "pypy3"])
def test_interpreters(name: str) -> None:
    assert is_python(name)


@pytest.mark.parametrize("name", ["pythonic", "python-config", "python3-config", "ipython", ""])
def test_what_is_no_interpreter(name: str) -> None:
    assert not is_python(name)


# Words that cannot be told


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((None, "a:b"), "? a:b"),
        (("tini", "--", None), "{tini} ?"),
        (("gosu", None, "uvicorn"), "{gosu} uvicorn"),
        (("uv", "run", None, "uvicorn"), "uv run ? uvicorn"),
        (("uv", None, "run"), "uv ? run"),
        (("sh", "-c", None), "{sh -c} ?"),
        (("python", None, "uvicorn"), "python ? uvicorn"),
        (("env", None, "uvicorn"), "env ? uvicorn"),
        (("timeout", "-k", None, "5", "uvicorn"), "{timeout} uvicorn"),
        (("conda", "run", "-n", None, "uvicorn"), "{conda run} uvicorn"),
        (("nohup", None, "a:b"), "{nohup} ? a:b"),
        ((), ""),
    ],
)
def test_unknown_words(values: tuple[str | None, ...], expected: str) -> None:
    assert "; ".join(shown(program) for program in programs_of(words(*values))) == expected


# ENTRYPOINT and CMD


def started(entrypoint: Command | None, cmd: Command | None) -> str:
    entry = entry_of(entrypoint, cmd)
    return "nothing" if entry is None else "; ".join(shown(program) for program in programs(entry))


def test_entrypoint_and_cmd() -> None:
    assert started(None, exec_form("uvicorn", "a:b")) == "uvicorn a:b"
    assert started(None, shell_form("uvicorn a:b")) == "uvicorn a:b"
    assert started(exec_form("tini", "--"), exec_form("uvicorn", "a:b")) == "{tini} uvicorn a:b"
    assert started(exec_form("tini", "--"), shell_form("exec uvicorn a:b")) == "{tini} {sh -c} uvicorn a:b"
    assert started(shell_form("uvicorn a:b"), exec_form("--reload")) == "uvicorn a:b"
    assert started(exec_form("uvicorn"), None) == "uvicorn"
    assert started(exec_form("sh", "-c", 'exec "$@"', "--"), exec_form("uvicorn", "a:b")) == "{sh -c} uvicorn a:b"
    assert started(exec_form(), exec_form("uvicorn")) == "uvicorn"
    assert started(exec_form("uvicorn"), exec_form()) == "uvicorn"
    assert started(None, None) == "nothing"
    first, second = words("a"), words("b")
    assert entry_of((), second) == second
    assert entry_of(first, second) == first + second


def test_a_span_does_not_cross_from_one_file_to_another() -> None:
    entry = entry_of(words("uvicorn"), exec_form("a:b"))
    assert isinstance(entry, tuple)
    assert only(entry).span.text == "uvicorn"


def test_a_shell_form_entrypoint_stays_a_script() -> None:
    entrypoint = shell_form("exec uvicorn a:b")
    assert entry_of(entrypoint, exec_form("x")) is entrypoint


# Nothing raises


WORD = st.one_of(
    st.sampled_from(sorted(WRAPPERS)),
    st.sampled_from(
        split(
            "- -- -c -m -u -n -i -e --x --x=y A=b A= = uvicorn a:b run exec python sh bash watchfiles run-program su "
            "-s -o -lc -mx -Wx -W $ ' \" uvicorn·a:b exec·uvicorn sh·-c·x {·x;·}·& command"
        )
    ),
    st.text(max_size=6),
    st.none(),
)


@given(st.lists(WORD, max_size=8))
@settings(max_examples=600, deadline=None)
@example(["sh"] * 8)
@example(["env", "-u"])
@example(["su", "-c"])
def test_any_words(values: list[str | None]) -> None:
    arguments = words(*values)
    found = programs_of(arguments)
    for program in found:
        assert program.argv
        assert program.role in (None, "server", "other-web", "worker", "one-shot", "idle")
        assert program.script is None or program.script
        for argument in program.argv:
            assert 0 <= argument.span.start <= argument.span.end <= len(argument.span.source.text)
    assert main_program(found) is None or main_program(found) in found
    # A word is never invented: the last program's words are the last of the line, or lie within one of its words.
    if len(found) == 1 and found[0].argv[-1] in arguments:
        assert found[0].argv[1:] == arguments[len(arguments) - len(found[0].argv) + 1 :]


@given(st.text(alphabet="ab =$&|;(){}\"'\\\n-!<>#", max_size=40))
@settings(max_examples=600, deadline=None)
def test_any_script(text: str) -> None:
    for command in (shell_form(text), exec_form("sh", "-c", text), exec_form("watchfiles", text)):
        for program in programs(command):
            assert program.argv


def test_long_lines_take_time_in_proportion() -> None:
    # Ten times the words would take a hundred times as long if each wrapper copied the rest; this would not end.
    for line in (["env"] * 60_000, ["env", "A=b"] * 30_000, ["nice", "--"] * 30_000, ["wait-for", "x"] * 30_000):
        (program,) = programs_of(words(*line))
        assert program.name


def test_long_scripts_take_time_in_proportion() -> None:
    text = "".join(f"export A{at}=1\nuvicorn a:b\n" for at in range(5_000))
    found = programs(shell_form(text))
    assert len(found) == 5_000
    assert found[0].environment == {"A0": "1"}
    assert found[-1].inherits is None


def test_shells_within_shells_end() -> None:
    text = "uvicorn a:b"
    for _ in range(12):
        text = "sh -c " + json.dumps(text)
    found = programs(shell_form(text))
    assert [program.name for program in found] == ["sh"]


# The table of wrappers


def every_wrapper() -> list[tuple[str, Wrapper]]:
    found: list[tuple[str, Wrapper]] = []
    waiting = sorted(WRAPPERS.items(), key=lambda item: item[0])  # the same order in each process
    while waiting:
        name, wrapper = waiting.pop()
        found.append((name, wrapper))
        if wrapper.subcommands:
            waiting += [(f"{name} {key}", value) for key, value in wrapper.subcommands.items()]
    return found


@pytest.mark.parametrize(
    ("name", "wrapper"), every_wrapper(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_wrappers_are_consistent(name: str, wrapper: Wrapper) -> None:
    assert name
    assert not wrapper.flags & wrapper.valued
    assert not wrapper.unreadable & (wrapper.flags | wrapper.valued)
    assert wrapper.opaque_with | wrapper.clears_with <= wrapper.flags | wrapper.valued
    for option in wrapper.flags | wrapper.valued | wrapper.unreadable:
        assert option.startswith("-")
        assert "=" not in option
