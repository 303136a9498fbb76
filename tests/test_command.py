"""Command words and scripts to the programs that they start."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.model.command import Argument, Environment, Program, Value, is_python
from dockerlint_fastapi.model.dockerfile import Command, Word
from dockerlint_fastapi.parsers.command import entry_of, locator, main_program, programs, programs_of, role
from dockerlint_fastapi.parsers.compose import parse_compose
from dockerlint_fastapi.parsers.shell import parse_script
from dockerlint_fastapi.parsers.wrappers import WRAPPERS, Wrapper
from dockerlint_fastapi.source import Source, Span


def exec_form(*words: str) -> Command:
    """As `CMD ["a", "b"]`, each word's span with its quotes."""
    text = json.dumps(words)
    source = Source.of(text)
    found, at = [], 1
    for word in words:
        raw = json.dumps(word)
        start = text.index(raw, at)
        at = start + len(raw)
        found.append(Word(raw, word, Span(source, start, at)))
    return Command(  # noqa: S604  # a model of a command, run by nobody
        exec_form=True,
        text=text,
        words=tuple(found),
        shell=("/bin/sh", "-c"),
        span=Span(source, 0, len(text)),
        parse=lambda: None,
    )


def shell_form(text: str, shell: tuple[str, ...] = ("/bin/sh", "-c")) -> Command:
    source = Source.of(text)
    return Command(
        exec_form=False,
        text=text,
        words=(),
        shell=shell,
        span=Span(source, 0, len(text)),
        parse=lambda: parse_script(text, lambda start, end: Span(source, start, end)),
    )


def words(*values: str | None) -> tuple[Argument, ...]:
    """As from a compose list; None is a word that cannot be told, written `$X`."""
    text = " ".join("$X" if value is None else value for value in values)
    source = Source.of(text, "compose.yaml")
    found, at = [], 0
    for value in values:
        raw = "$X" if value is None else value
        found.append(Argument(value, raw, Span(source, at, at + len(raw))))
        at += len(raw) + 1
    return tuple(found)


def shown(program: Program) -> str:
    """The wrappers in braces and the values of argv, as one line; `name=` in front where argv[0] does not say it."""
    values = " ".join("?" if argument.value is None else argument.value for argument in program.argv)
    wrappers = "".join(f"{{{wrapper}}} " for wrapper in program.wrappers)
    bare = (program.argv[0].value or "").rpartition("/")[2]
    return wrappers + ("" if bare == program.name or not program.name else f"{program.name}=") + values


# Words, split at spaces (`·` stands for a space within one), and what they start.
EXEC = [
    ("uvicorn a:b", "uvicorn a:b"),
    ("/app/.venv/bin/uvicorn a:b", "/app/.venv/bin/uvicorn a:b"),
    ("./.venv/bin/python -m uvicorn a:b", "{python -m} uvicorn a:b"),
    # the shell's own words are no programs
    ("exec uvicorn a:b", "exec uvicorn a:b"),
    ("cd /app", "cd /app"),
    # coreutils and util-linux
    ("env A=b uvicorn a:b", "{env} uvicorn a:b"),
    ("/usr/bin/env -i A=b C=d uvicorn a:b", "{env} uvicorn a:b"),
    ("env -u A --unset=B -C /app uvicorn a:b", "{env} uvicorn a:b"),
    ("env -- A=b uvicorn a:b", "{env} uvicorn a:b"),
    ("env A=b -- uvicorn a:b", "{env} -- uvicorn a:b"),  # GNU env says: '--': No such file or directory
    ("env -S uvicorn·a:b", "env -S uvicorn a:b"),
    ("env A=b", "env A=b"),
    ("nice uvicorn a:b", "{nice} uvicorn a:b"),
    ("nice -n 10 uvicorn a:b", "{nice} uvicorn a:b"),
    ("nice -n10 uvicorn a:b", "{nice} uvicorn a:b"),
    ("nice -10 uvicorn a:b", "{nice} uvicorn a:b"),
    ("nice --adjustment=5 uvicorn a:b", "{nice} uvicorn a:b"),
    ("nohup uvicorn a:b", "{nohup} uvicorn a:b"),
    ("nohup", "nohup"),
    ("time -p uvicorn a:b", "{time} uvicorn a:b"),
    ("timeout 30 uvicorn a:b", "{timeout} uvicorn a:b"),
    ("timeout -k 5 --signal=TERM --preserve-status 30s uvicorn a:b", "{timeout} uvicorn a:b"),
    ("timeout -s", "timeout -s"),
    ("stdbuf -oL -e 0 uvicorn a:b", "{stdbuf} uvicorn a:b"),
    ("setsid -w uvicorn a:b", "{setsid} uvicorn a:b"),
    ("ionice -c2 -n 7 uvicorn a:b", "{ionice} uvicorn a:b"),
    ("chroot --userspec=app /srv uvicorn a:b", "{chroot} uvicorn a:b"),
    ("taskset -c 0,1 uvicorn a:b", "{taskset} uvicorn a:b"),
    ("xvfb-run -a --server-args=x uvicorn a:b", "{xvfb-run} uvicorn a:b"),
    # process 1
    ("tini uvicorn a:b", "{tini} uvicorn a:b"),
    ("/usr/bin/tini -- uvicorn a:b", "{tini} uvicorn a:b"),
    ("tini -g -s -p SIGTERM -e 143 -- uvicorn a:b", "{tini} uvicorn a:b"),
    ("tini -vvg -- uvicorn a:b", "{tini} uvicorn a:b"),
    ("/sbin/docker-init -- uvicorn a:b", "{docker-init} uvicorn a:b"),
    ("dumb-init uvicorn a:b", "{dumb-init} uvicorn a:b"),
    ("dumb-init --single-child --rewrite 15:2 -- uvicorn a:b", "{dumb-init} uvicorn a:b"),
    ("dumb-init -r 15:2 -c -- uvicorn a:b", "{dumb-init} uvicorn a:b"),
    ("catatonit -g -- uvicorn a:b", "{catatonit} uvicorn a:b"),
    ("tini --", "tini --"),
    ("tini --new-option x uvicorn", "tini --new-option x uvicorn"),
    # users
    ("gosu app uvicorn a:b", "{gosu} uvicorn a:b"),
    ("su-exec app:app uvicorn a:b", "{su-exec} uvicorn a:b"),
    ("setpriv --reuid=1000 --regid 1000 --init-groups --no-new-privs uvicorn a:b", "{setpriv} uvicorn a:b"),
    ("runuser -u app -- uvicorn a:b", "{runuser} uvicorn a:b"),
    ("runuser -u app uvicorn a:b", "{runuser} uvicorn a:b"),
    ("runuser app -c uvicorn·a:b", "{runuser} uvicorn a:b"),
    ("runuser app", "runuser app"),
    ("sudo -u app -E uvicorn a:b", "{sudo} uvicorn a:b"),
    ("sudo -Eu app A=b uvicorn a:b", "{sudo} uvicorn a:b"),
    ("sudo -i uvicorn", "sudo -i uvicorn"),
    ("su app -c exec·uvicorn·a:b", "{su} uvicorn a:b"),
    ("su - app -c uvicorn·a:b", "{su} uvicorn a:b"),
    ("su -s /bin/bash -c uvicorn·a:b app", "{su} uvicorn a:b"),
    ("su -c uvicorn·a:b app", "{su} uvicorn a:b"),
    ("su app", "su app"),
    # project managers
    ("uv run uvicorn a:b", "{uv run} uvicorn a:b"),
    ("uv run --no-sync uvicorn a:b --port 80", "{uv run} uvicorn a:b --port 80"),
    ("uv run --frozen --no-dev --package x --with y uvicorn a:b", "{uv run} uvicorn a:b"),
    ("uv --directory /app run --locked --project=x -- uvicorn a:b", "{uv run} uvicorn a:b"),
    ("uv run --env-file .env uvicorn a:b", "{uv run} uvicorn a:b"),
    ("uv run -m uvicorn a:b", "{uv run} uvicorn a:b"),
    ("uv run --module app.worker", "{uv run} app.worker"),
    ("uv run python -m uvicorn a:b", "{uv run} {python -m} uvicorn a:b"),
    ("uv run main.py --x", "{uv run} main.py --x"),
    ("uv run -p 3.12 -q fastapi run", "{uv run} fastapi run"),
    ("uv run --brand-new x uvicorn a:b", "uv run --brand-new x uvicorn a:b"),
    ("uv run --brand-new=x uvicorn a:b", "{uv run} uvicorn a:b"),
    ("uv sync", "uv sync"),
    ("uv run", "uv run"),
    ("uvx --from x uvicorn a:b", "{uvx} uvicorn a:b"),
    ("uv tool run uvicorn a:b", "{uv tool run} uvicorn a:b"),
    ("poetry run uvicorn a:b", "{poetry run} uvicorn a:b"),
    ("poetry -C /app --no-ansi run python -m uvicorn a:b", "{poetry run} {python -m} uvicorn a:b"),
    ("pdm run uvicorn a:b", "{pdm run} uvicorn a:b"),
    ("pdm run -p /app --venv x uvicorn a:b", "{pdm run} uvicorn a:b"),
    ("pipenv run uvicorn a:b", "{pipenv run} uvicorn a:b"),
    ("hatch run uvicorn a:b", "{hatch run} uvicorn a:b"),
    ("hatch -e prod run uvicorn a:b", "{hatch run} uvicorn a:b"),
    ("hatch run prod:uvicorn a:b", "{hatch run} uvicorn a:b"),
    ("rye run uvicorn a:b", "{rye run} uvicorn a:b"),
    ("conda run -n app --no-capture-output uvicorn a:b", "{conda run} uvicorn a:b"),
    ("conda run --live-stream --name=app python -m uvicorn a:b", "{conda run} {python -m} uvicorn a:b"),
    ("micromamba run -p /opt/env uvicorn a:b", "{micromamba run} uvicorn a:b"),
    # the interpreter
    ("python -m uvicorn a:b", "{python -m} uvicorn a:b"),
    ("python3.12 -u -O -X dev -W ignore -m uvicorn a:b", "{python -m} uvicorn a:b"),
    ("python -um uvicorn a:b", "{python -m} uvicorn a:b"),
    ("python -Xdev -Werror -muvicorn a:b", "{python -m} uvicorn a:b"),
    ("python3.13t -m gunicorn.app.wsgiapp a:b", "{python -m} gunicorn=gunicorn.app.wsgiapp a:b"),
    ("python -m fastapi_cli run", "{python -m} fastapi=fastapi_cli run"),
    ("python -m app.worker", "{python -m} app.worker"),
    ("python main.py", "python main.py"),
    ("python -u main.py -m uvicorn", "python -u main.py -m uvicorn"),
    ("python -c import·x", "python -c import x"),
    ("python -m", "python -m"),
    ("python --version", "python --version"),
    ("pythonic -m uvicorn", "pythonic -m uvicorn"),
    # instrumentation
    ("opentelemetry-instrument uvicorn a:b", "{opentelemetry-instrument} uvicorn a:b"),
    (
        "opentelemetry-instrument --traces_exporter console --service_name=x uvicorn a:b",
        "{opentelemetry-instrument} uvicorn a:b",
    ),
    ("ddtrace-run uvicorn a:b", "{ddtrace-run} uvicorn a:b"),
    ("ddtrace-run --info", "ddtrace-run --info"),
    ("newrelic-admin run-program uvicorn a:b", "{newrelic-admin run-program} uvicorn a:b"),
    ("python -m newrelic.admin run-program uvicorn a:b", "{python -m} {newrelic-admin run-program} uvicorn a:b"),
    ("newrelic-admin generate-config x", "newrelic-admin generate-config x"),
    ("coverage run -m uvicorn a:b", "{coverage run} uvicorn a:b"),
    ("coverage run --source=app --branch -m uvicorn a:b", "{coverage run} uvicorn a:b"),
    ("python -m coverage run -p main.py", "{python -m} {coverage run} main.py"),
    (
        "python -m debugpy --listen 0.0.0.0:5678 --wait-for-client -m uvicorn a:b",
        "{python -m} {debugpy} uvicorn a:b",
    ),
    ("python -m cProfile -o out -m uvicorn a:b", "{python -m} {cProfile} uvicorn a:b"),
    ("memray run -o x -m uvicorn a:b", "{memray run} uvicorn a:b"),
    # restarting
    ("watchfiles uvicorn·a:b·--port·80 app", "{watchfiles} uvicorn a:b --port 80"),
    ("watchfiles --filter python 'uvicorn'·a:b app", "{watchfiles} uvicorn a:b"),
    ("watchfiles app.main.run app", "watchfiles app.main.run app"),
    (
        "watchmedo auto-restart -d . -p *.py --recursive -- celery -A a worker",
        "{watchmedo auto-restart} celery -A a worker",
    ),
    # secrets and environment
    ("doppler run -- uvicorn a:b", "{doppler run} uvicorn a:b"),
    ("doppler run --command uvicorn·a:b", "{doppler run} uvicorn a:b"),
    ("infisical run --env=prod -- uvicorn a:b", "{infisical run} uvicorn a:b"),
    ("chamber exec svc other -- uvicorn a:b", "{chamber exec} uvicorn a:b"),
    ("aws-vault exec prof -- uvicorn a:b", "{aws-vault exec} uvicorn a:b"),
    ("dotenv run -- uvicorn a:b", "{dotenv run} uvicorn a:b"),
    ("dotenv -f .env.prod run uvicorn a:b", "{dotenv run} uvicorn a:b"),
    ("doppler run uvicorn", "doppler run uvicorn"),
    # waiting
    ("./wait-for-it.sh db:5432 -t 30 --strict -- uvicorn a:b", "{wait-for-it.sh} uvicorn a:b"),
    ("wait-for-it.sh db:5432", "wait-for-it.sh db:5432"),
    ("./wait-for db:5432 -- uvicorn a:b", "{wait-for} uvicorn a:b"),
    ("dockerize -wait tcp://db:5432 -timeout 60s uvicorn a:b", "{dockerize} uvicorn a:b"),
    ("dockerize -wait=tcp://db:5432 -template a:b uvicorn a:b", "{dockerize} uvicorn a:b"),
    # shells
    ("sh -c uvicorn·a:b", "{sh -c} uvicorn a:b"),
    ("/bin/bash -lc uvicorn·a:b", "{bash -c} uvicorn a:b"),
    ("bash -e -u -c uvicorn·a:b", "{bash -c} uvicorn a:b"),
    ("bash -c -e uvicorn·a:b", "{bash -c} uvicorn a:b"),
    ("bash -euxo pipefail -c uvicorn·a:b", "{bash -c} uvicorn a:b"),
    ("bash --login -o pipefail -c uvicorn·a:b", "{bash -c} uvicorn a:b"),
    ("ash -c uvicorn·a:b", "{ash -c} uvicorn a:b"),
    ("dash -c uvicorn·a:b", "{dash -c} uvicorn a:b"),
    ("zsh -c uvicorn·a:b", "{zsh -c} uvicorn a:b"),
    ("busybox sh -c uvicorn·a:b", "{busybox} {sh -c} uvicorn a:b"),
    ("/usr/bin/env bash -c uvicorn·a:b", "{env} {bash -c} uvicorn a:b"),
    ("sh -c sh·-c·'sh·-c·\"uvicorn·a:b\"'", "{sh -c} {sh -c} {sh -c} uvicorn a:b"),
    ('sh -c exec·"$@" -- uvicorn a:b', "{sh -c} uvicorn a:b"),
    ('sh -c exec·gosu·app·"$@" sh uvicorn a:b', "{sh -c} {gosu} uvicorn a:b"),
    ("sh -c exec·$X", "{sh -c} ?"),
    ("sh -c echo·hi", ""),
    ("sh /start.sh a", "sh /start.sh a"),
    ("bash", "bash"),
    ("sh -c", "sh -c"),
    # not wrappers
    ("/entrypoint.sh uvicorn a:b", "/entrypoint.sh uvicorn a:b"),
    ("supervisord -n", "supervisord -n"),
    # layered
    (
        "tini -g -- gosu app env A=b uv run --no-sync opentelemetry-instrument python -m uvicorn a:b",
        "{tini} {gosu} {env} {uv run} {opentelemetry-instrument} {python -m} uvicorn a:b",
    ),
]

# Scripts and what each of their programs is: shown, then flags x(ecs) l(ast) b(ackground) c(onditional).
SCRIPTS = [
    ("uvicorn a:b", ["uvicorn a:b/l"]),
    ("exec uvicorn a:b", ["uvicorn a:b/xl"]),
    ("exec -a name uvicorn a:b", ["uvicorn a:b/xl"]),
    ("command uvicorn a:b", ["uvicorn a:b/l"]),
    ("command -v uvicorn", []),
    ("exec > /log", []),
    ("alembic upgrade head && uvicorn a:b", ["alembic upgrade head/", "uvicorn a:b/l"]),
    ("alembic upgrade head && exec uvicorn a:b", ["alembic upgrade head/", "uvicorn a:b/xl"]),
    ("set -e; cd /app; uvicorn a:b", ["uvicorn a:b/l"]),
    ("uvicorn a:b; echo done", ["uvicorn a:b/"]),
    ("uvicorn a:b || exit 1", ["uvicorn a:b/"]),
    ("alembic upgrade head || true; uvicorn a:b", ["alembic upgrade head/", "uvicorn a:b/l"]),
    ("false || uvicorn a:b", ["uvicorn a:b/lc"]),
    ("test -f x && alembic upgrade head; exec uvicorn a:b", ["alembic upgrade head/c", "uvicorn a:b/xl"]),
    ('[ -n "$M" ] && alembic upgrade head; exec uvicorn a:b', ["alembic upgrade head/c", "uvicorn a:b/xl"]),
    ("celery -A a worker & uvicorn a:b", ["celery -A a worker/b", "uvicorn a:b/l"]),
    ("uvicorn a:b & wait", ["uvicorn a:b/b"]),
    ("nohup uvicorn a:b &", ["{nohup} uvicorn a:b/lb"]),
    ("alembic upgrade head && uvicorn a:b &", ["alembic upgrade head/b", "uvicorn a:b/lb"]),
    ("(uvicorn a:b) &", ["uvicorn a:b/lb"]),
    ("{ uvicorn a:b; celery worker; } & sleep infinity", ["uvicorn a:b/b", "celery worker/b", "sleep infinity/l"]),
    ("(exec uvicorn a:b)", ["uvicorn a:b/l"]),
    ("{ exec uvicorn a:b; }", ["uvicorn a:b/xl"]),
    ("uvicorn a:b | tee log", ["uvicorn a:b/", "tee log/l"]),
    ("exec uvicorn a:b | tee log", ["uvicorn a:b/", "tee log/l"]),
    ("exec uvicorn a:b 2>&1", ["uvicorn a:b/xl"]),
    ("if [ $D ]; then exec uvicorn a:b; else exec gunicorn a:b; fi", ["uvicorn a:b/xc", "gunicorn a:b/xlc"]),
    ("case $1 in web) exec uvicorn a:b;; worker) exec arq w;; esac", ["uvicorn a:b/xc", "arq w/xlc"]),
    ("while ! nc -z db 5432; do sleep 1; done; exec uvicorn a:b", ["nc -z db 5432/c", "sleep 1/c", "uvicorn a:b/xl"]),
    ("f() { pytest; }\nexec uvicorn a:b", ["uvicorn a:b/xl"]),
    ("exec uvicorn a:b --workers $(nproc)", ["uvicorn a:b --workers ?/xl"]),
    ('exec "$@"', ["?/xl"]),
    ('alembic upgrade head\nexec "$@"\n', ["alembic upgrade head/", "?/xl"]),
    ("exec sh -c 'uvicorn a:b'", ["{sh -c} uvicorn a:b/l"]),
    ("sh -c 'exec uvicorn a:b'; echo", ["{sh -c} uvicorn a:b/x"]),
    ("sh -c 'exec uvicorn a:b' &", ["{sh -c} uvicorn a:b/xlb"]),
    (". ./env.sh && uvicorn a:b", [". ./env.sh/", "uvicorn a:b/l"]),
    ("uvicorn a:b # exec", ["uvicorn a:b/l"]),
    ("", []),
]  # fmt: skip


def split(line: str) -> list[str]:
    return [word.replace("·", " ") for word in line.split(" ")]


@pytest.mark.parametrize(("line", "expected"), EXEC)
def test_words(line: str, expected: str) -> None:
    found = programs(exec_form(*split(line)))
    assert "; ".join(shown(program) for program in found) == expected


@pytest.mark.parametrize(("line", "expected"), EXEC)
def test_words_of_a_compose_list_mean_the_same(line: str, expected: str) -> None:
    assert "; ".join(shown(program) for program in programs_of(words(*split(line)))) == expected


@pytest.mark.parametrize(("script", "expected"), SCRIPTS)
def test_scripts(script: str, expected: list[str]) -> None:
    found = [
        shown(program)
        + "/"
        + "x" * program.execs
        + "l" * program.last
        + "b" * program.background
        + "c" * program.conditional
        for program in programs(shell_form(script))
    ]
    assert found == expected


def test_the_tables_are_large_enough_to_mean_something() -> None:
    assert len(EXEC) + len(SCRIPTS) >= 180


def only(command: Command | tuple[Argument, ...]) -> Program:
    (program,) = programs(command)
    return program


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
    waiting = list(WRAPPERS.items())
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
