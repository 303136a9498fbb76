"""Servers' command lines: host, port, workers, reload and application, by each server's own rules."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.command import UNKNOWN, Argument, Environment, Server, Unknown, Value, is_loopback
from dockerlint_fastapi.parsers.command import programs_of, programs_of_script
from dockerlint_fastapi.parsers.server import server
from dockerlint_fastapi.parsers.shell import parse_script
from dockerlint_fastapi.source import Source, Span


def variables(**values: str | Unknown) -> dict[str, Value | Unknown]:
    return {name: Value(v, None, "environment") if isinstance(v, str) else v for name, v in values.items()}


def of_script(text: str, environment: Environment | None = None, *, config: bool | None = False) -> Server | None:
    """The last program's server, as the shell reads the text; `config` says whether gunicorn.conf.py is there."""
    source = Source.of(text)
    programs = programs_of_script(parse_script(text, lambda start, end: Span(source, start, end)), "sh")
    return server(programs[-1], environment or Environment(), lambda _path: config)


def of_words(values: list[str | None], environment: Environment | None = None) -> Server | None:
    """As from exec form; None is a word that cannot be told."""
    texts = ["$X" if value is None else value for value in values]
    source = Source.of("".join(texts))
    arguments, at = [], 0
    for value, text in zip(values, texts, strict=True):
        arguments.append(Argument(value, text, Span(source, at, at + len(text))))
        at += len(text)
    (program,) = programs_of(tuple(arguments))
    return server(program, environment or Environment(), lambda _path: False)


def text_of(value: Value | None) -> str:
    return "?" if value is None else value.text


def shown(found: Server | None) -> str:
    """host port workers reload app, `?` for what cannot be told, and `…` behind it when more may be given."""
    if found is None:
        return "none"
    fields = (found.host, found.port, found.workers, found.reload, found.app)
    return " ".join(text_of(field) for field in fields) + ("" if found.complete else " …")


# Script, environment as NAME=value words (`NAME=?` for set to an unknown value), and what the server makes of them.
CASES = [
    # uvicorn
    ("uvicorn a:b", "", "127.0.0.1 8000 1 false a:b"),
    ("uvicorn a:b --host 0.0.0.0 --port 80", "", "0.0.0.0 80 1 false a:b"),
    ("uvicorn --host=0.0.0.0 --port=80 a:b", "", "0.0.0.0 80 1 false a:b"),
    ("uvicorn a:b --host '::'", "", ":: 8000 1 false a:b"),
    ("uvicorn a:b --host 127.0.0.1 --host 0.0.0.0", "", "0.0.0.0 8000 1 false a:b"),
    ("uvicorn a:b --port 1 --port=2", "", "127.0.0.1 2 1 false a:b"),
    ("uvicorn a:b --reload --workers 4", "", "127.0.0.1 8000 4 true a:b"),
    ("uvicorn a:b --host --port 80", "", "--port 8000 1 false a:b"),  # click takes what follows
    ("uvicorn a:b --host", "", "? 8000 1 false a:b …"),
    ("uvicorn a:b --uds /tmp/s", "", "unix:/tmp/s ? 1 false a:b"),
    ("uvicorn a:b --fd 3 --host 0.0.0.0", "", "fd:3 ? 1 false a:b"),
    ("uvicorn a:b -- --reload", "", "127.0.0.1 8000 1 false a:b"),
    ("uvicorn --reload-dir src a:b --reload", "", "127.0.0.1 8000 1 true a:b"),
    ("uvicorn a:b --no-access-log --proxy-headers", "", "127.0.0.1 8000 1 false a:b"),
    ("python -m uvicorn a:b --port 80", "", "127.0.0.1 80 1 false a:b"),
    ("uvicorn a:b", "UVICORN_HOST=0.0.0.0 UVICORN_PORT=9", "0.0.0.0 9 1 false a:b"),
    ("uvicorn a:b --port 80", "UVICORN_PORT=9", "127.0.0.1 80 1 false a:b"),
    ("uvicorn a:b", "UVICORN_PORT=", "127.0.0.1 8000 1 false a:b"),
    ("uvicorn a:b", "UVICORN_RELOAD=1 UVICORN_WORKERS=3", "127.0.0.1 8000 3 true a:b"),
    ("uvicorn a:b", "UVICORN_RELOAD=off", "127.0.0.1 8000 1 false a:b"),
    ("uvicorn a:b", "UVICORN_RELOAD=maybe", "127.0.0.1 8000 1 ? a:b …"),
    ("uvicorn a:b", "UVICORN_HOST=?", "? 8000 1 false a:b …"),
    ("uvicorn a:b --host 0.0.0.0", "UVICORN_HOST=?", "0.0.0.0 8000 1 false a:b"),
    ("uvicorn", "UVICORN_APP=a:b", "127.0.0.1 8000 1 false a:b"),
    ("uvicorn a:b", "WEB_CONCURRENCY=5 PORT=9 HOST=x", "127.0.0.1 8000 5 false a:b"),
    ("uvicorn a:b --workers 0", "WEB_CONCURRENCY=5", "127.0.0.1 8000 1 false a:b"),
    ("uvicorn a:b --workers 2", "WEB_CONCURRENCY=5", "127.0.0.1 8000 2 false a:b"),
    ("uvicorn a:b", "WEB_CONCURRENCY=?", "127.0.0.1 8000 ? false a:b"),
    ("uvicorn a:b --env-file .env", "", "127.0.0.1 8000 ? false a:b"),
    ("uvicorn a:b --env-file .env", "WEB_CONCURRENCY=2", "127.0.0.1 8000 2 false a:b"),
    ("UVICORN_HOST=0.0.0.0 uvicorn a:b", "", "0.0.0.0 8000 1 false a:b"),
    ("env UVICORN_PORT=$X uvicorn a:b", "UVICORN_PORT=9", "127.0.0.1 ? 1 false a:b …"),
    ("env -i uvicorn a:b", "UVICORN_PORT=9", "127.0.0.1 8000 1 false a:b"),
    (". ./env && uvicorn a:b --host 0.0.0.0", "", "0.0.0.0 ? ? ? a:b …"),
    ("export UVICORN_PORT=9; exec uvicorn a:b", "", "127.0.0.1 9 1 false a:b"),
    ("uvicorn a:b --port $PORT", "", "127.0.0.1 ? 1 false a:b …"),
    ("uvicorn a:b --port ${PORT:-8000} --host 0.0.0.0", "", "0.0.0.0 ? 1 false a:b …"),
    ("uvicorn a:b --port=$PORT", "", "127.0.0.1 ? 1 false a:b …"),
    ('uvicorn a:b "--port=$PORT"', "", "127.0.0.1 ? 1 false a:b …"),
    ("uvicorn a:b --port $PORT --port 80", "", "127.0.0.1 80 1 false a:b …"),
    ("uvicorn a:b --host 0.0.0.0 $ARGS", "", "? ? ? ? a:b …"),
    ("uvicorn a:b $ARGS --host 0.0.0.0", "", "0.0.0.0 ? ? ? a:b …"),
    ('uvicorn "$@"', "", "? ? ? ? ? …"),
    ("uvicorn $MODULE:app --port 80", "", "127.0.0.1 80 1 false ?"),
    ("uvicorn app.$X:app --port 80", "", "127.0.0.1 80 1 false ?"),
    ("uvicorn ${MODULE}:${NAME} --port 80", "", "127.0.0.1 80 1 false ?"),
    ("uvicorn ${MODULE:-a:b} --port 80", "", "? 80 ? ? ? …"),
    ("uvicorn $(echo a:b) --port 80", "", "? 80 ? ? ? …"),
    ("uvicorn ${APP} --port 80", "", "? 80 ? ? ? …"),
    ("uvicorn a:b --brand-new --port 80", "", "? 80 ? ? a:b …"),
    ("uvicorn a:b -w 4 --port 80", "", "? 80 ? ? a:b …"),
    ("uvicorn -w 4 a:b", "", "? ? ? ? ? …"),
    ("uvicorn a:b --reload=true", "", "? ? ? ? a:b …"),
    ("uvicorn a:b --por 80", "", "? ? ? ? a:b …"),  # click knows no abbreviations
    ("uvicorn --version", "", "none"),
    ("uvicorn", "", "127.0.0.1 8000 1 false ?"),
    ("uvicorn --factory a:make", "", "127.0.0.1 8000 1 false a:make"),
    # gunicorn
    ("gunicorn a:b", "", "127.0.0.1 8000 1 false a:b"),
    ("gunicorn -b 0.0.0.0:80 -w 4 a:b", "", "0.0.0.0 80 4 false a:b"),
    ("gunicorn -w4 -b0.0.0.0:80 a:b", "", "0.0.0.0 80 4 false a:b"),
    ("gunicorn -w=4 a:b", "", "127.0.0.1 8000 4 false a:b"),
    ("gunicorn --bind=[::]:80 a:b", "", ":: 80 1 false a:b"),
    ("gunicorn --bin :80 a:b", "", "0.0.0.0 80 1 false a:b"),
    ("gunicorn --bind 0.0.0.0 a:b", "", "0.0.0.0 8000 1 false a:b"),
    ("gunicorn --bind tcp://0.0.0.0:80 a:b", "", "0.0.0.0 80 1 false a:b"),
    ("gunicorn --bind unix:/tmp/s a:b", "", "unix:/tmp/s ? 1 false a:b"),
    ("gunicorn --bind fd://3 a:b", "", "fd:3 ? 1 false a:b"),
    ("gunicorn -b 127.0.0.1:1 -b 0.0.0.0:2 a:b", "", "0.0.0.0 2 1 false a:b"),
    ("gunicorn -b 127.0.0.1:1 -b 127.0.0.2:2 a:b", "", "127.0.0.1 1 1 false a:b"),
    ("gunicorn a:b --reload", "", "127.0.0.1 8000 1 true a:b"),
    ("gunicorn a:b --work 4", "", "? ? ? ? a:b …"),  # --workers, --worker-class …
    ("gunicorn -Dw4 a:b", "", "127.0.0.1 8000 4 false a:b"),
    ("gunicorn a:b", "PORT=80", "0.0.0.0 80 1 false a:b"),
    ("gunicorn a:b -b 127.0.0.1:1", "PORT=80", "127.0.0.1 1 1 false a:b"),
    ("gunicorn a:b", "PORT=?", "? ? 1 false a:b"),
    ("gunicorn a:b", "WEB_CONCURRENCY=3 UVICORN_HOST=x", "127.0.0.1 8000 3 false a:b"),
    ("gunicorn a:b", "GUNICORN_CMD_ARGS=--bind=0.0.0.0:9·--workers·2", "0.0.0.0 9 2 false a:b"),
    ("gunicorn a:b -w 5 -b :1", "GUNICORN_CMD_ARGS=--bind=0.0.0.0:9·--workers·2", "0.0.0.0 1 5 false a:b"),
    ("gunicorn a:b", "GUNICORN_CMD_ARGS=?", "? ? ? ? a:b …"),
    ("gunicorn a:b", "GUNICORN_CMD_ARGS='", "? ? ? ? a:b …"),
    ("gunicorn a:b -c conf.py", "", "? ? ? ? a:b …"),
    ("gunicorn a:b -c conf.py", "PORT=80 WEB_CONCURRENCY=2", "? ? ? ? a:b …"),
    ("gunicorn a:b -c conf.py -b :80 -w 2 --reload", "", "0.0.0.0 80 2 true a:b …"),
    ("gunicorn a:b", "GUNICORN_CMD_ARGS=-c·conf.py", "? ? ? ? a:b …"),
    ("gunicorn a:b --bind 0.0.0.0:$PORT", "", "0.0.0.0 ? 1 false a:b …"),
    ('gunicorn a:b --bind "0.0.0.0:${PORT:-80}"', "", "0.0.0.0 ? 1 false a:b …"),
    ("gunicorn a:b --bind=0.0.0.0:$PORT", "", "0.0.0.0 ? 1 false a:b …"),
    ("gunicorn a:b -b0.0.0.0:$PORT", "", "0.0.0.0 ? 1 false a:b …"),
    ("gunicorn a:b -b $BIND", "", "? ? 1 false a:b …"),
    ("gunicorn a:b -w $(nproc)", "", "127.0.0.1 8000 ? false a:b …"),
    ("gunicorn a:b --host 0.0.0.0", "", "? ? ? ? a:b …"),
    ("gunicorn a:b -b --reload", "", "? ? 1 true a:b …"),
    ("gunicorn --access-logfile - -b :80 a:b", "", "0.0.0.0 80 1 false a:b"),
    ("gunicorn -t -1 a:b", "", "127.0.0.1 8000 1 false a:b"),
    ("gunicorn --check-config a:b", "", "none"),
    ("python -m gunicorn -k uvicorn.workers.UvicornWorker a:b", "", "127.0.0.1 8000 1 false a:b"),
    # hypercorn
    ("hypercorn a:b", "PORT=9 WEB_CONCURRENCY=3", "127.0.0.1 8000 1 false a:b"),
    ("hypercorn -b 0.0.0.0:80 -w 2 --reload a:b", "", "0.0.0.0 80 2 true a:b"),
    ("hypercorn --bind [::]:80 a:b", "", ":: 80 1 false a:b"),
    ("hypercorn --bind 0.0.0.0 a:b", "", "0.0.0.0 8000 1 false a:b"),
    ("hypercorn --bind unix:/tmp/s a:b", "", "unix:/tmp/s ? 1 false a:b"),
    ("hypercorn -c conf.toml a:b", "", "? ? ? ? a:b …"),
    ("hypercorn -c conf.toml -b :80 a:b", "", "0.0.0.0 80 ? ? a:b …"),
    ("hypercorn --insecure-bind 0.0.0.0:80 a:b", "", "127.0.0.1 8000 1 false a:b"),
    ("hypercorn --insecure-bind 0.0.0.0:80 --certfile c --keyfile k a:b", "", "0.0.0.0 80 1 false a:b"),
    ("hypercorn --quic-bind 0.0.0.0:443 a:b", "", "127.0.0.1 8000 1 false a:b"),
    # granian
    ("granian a:b", "", "127.0.0.1 8000 1 false a:b"),
    ("granian --interface asgi --host 0.0.0.0 --port 80 --workers 2 a:b", "", "0.0.0.0 80 2 false a:b"),
    ("granian a:b --reload --no-reload", "", "127.0.0.1 8000 1 false a:b"),
    ("granian a:b", "GRANIAN_HOST=h GRANIAN_PORT=9 GRANIAN_WORKERS=3 GRANIAN_RELOAD=true", "h 9 3 true a:b"),
    ("granian a:b --no-reload", "GRANIAN_RELOAD=true", "127.0.0.1 8000 1 false a:b"),
    ("granian a:b", "UVICORN_HOST=0.0.0.0 WEB_CONCURRENCY=3", "127.0.0.1 8000 1 false a:b"),
    ("granian --uds /tmp/s a:b", "", "unix:/tmp/s ? 1 false a:b"),
    # daphne
    ("daphne a:b", "", "127.0.0.1 8000 1 false a:b"),
    ("daphne -b 0.0.0.0 -p 80 a:b", "", "0.0.0.0 80 1 false a:b"),
    ("daphne -p 80 a:b", "", "127.0.0.1 80 1 false a:b"),
    ("daphne --bind 0.0.0.0 a:b", "", "0.0.0.0 8000 1 false a:b"),
    ("daphne -u /tmp/s a:b", "", "unix:/tmp/s ? 1 false a:b"),
    ("daphne --fd 3 a:b", "", "fd:3 ? 1 false a:b"),
    ("daphne -e tcp:80:interface=0.0.0.0 a:b", "", "0.0.0.0 80 1 false a:b"),
    ("daphne -e ssl:443:privateKey=k a:b", "", "0.0.0.0 443 1 false a:b"),
    ("daphne -e 'tcp:port=80:interface=127.0.0.1' a:b", "", "127.0.0.1 80 1 false a:b"),
    ("daphne -b $HOST -p 80 a:b", "", "? 80 1 false a:b …"),
    # fastapi
    ("fastapi run", "", "0.0.0.0 8000 1 false ?"),
    ("fastapi run app/main.py --port 80", "", "0.0.0.0 80 1 false app/main.py"),
    ("fastapi --verbose run x.py", "", "0.0.0.0 8000 1 false x.py"),
    ("fastapi run -e a:b", "", "0.0.0.0 8000 1 false a:b"),
    ("fastapi run --entrypoint=a:b --workers 3", "", "0.0.0.0 8000 3 false a:b"),
    ("fastapi run", "PORT=9 WEB_CONCURRENCY=2 UVICORN_HOST=x UVICORN_PORT=7", "0.0.0.0 9 2 false ?"),
    ("fastapi run --port 80", "PORT=9", "0.0.0.0 80 1 false ?"),
    ("fastapi run --host 127.0.0.1 --reload", "", "127.0.0.1 8000 1 true ?"),
    ("fastapi dev", "", "127.0.0.1 8000 1 true ?"),
    ("fastapi dev --host 0.0.0.0 --no-reload x.py", "", "0.0.0.0 8000 1 false x.py"),
    ("fastapi dev --workers 2", "", "? ? ? ? ? …"),
    ("python -m fastapi run x.py", "", "0.0.0.0 8000 1 false x.py"),
    ("fastapi run $X", "", "? ? ? ? ? …"),
    ("fastapi $X", "", "none"),
    ("fastapi", "", "none"),
    ("fastapi deploy", "", "none"),
    ("fastapi run --help", "", "none"),
    # no servers
    ("python main.py", "", "none"),
    ("celery worker", "", "none"),
    ('exec "$@"', "", "none"),
]  # fmt: skip


def split(text: str) -> list[str]:
    return text.split()


def environment_of(text: str) -> Environment:
    pairs = (word.split("=", 1) for word in text.split())
    return Environment(
        variables(**{name: UNKNOWN if value == "?" else value.replace("·", " ") for name, value in pairs})
    )


@pytest.mark.parametrize(("script", "environment", "expected"), CASES)
def test_servers(script: str, environment: str, expected: str) -> None:
    assert shown(of_script(script, environment_of(environment))) == expected


def test_the_table_is_large_enough_to_mean_something() -> None:
    assert len(CASES) >= 120


def some(found: Server | None) -> Server:
    assert found is not None
    return found


@pytest.mark.parametrize("config", [True, None])
def test_gunicorn_may_read_a_file_unasked(config: bool | None) -> None:  # noqa: FBT001
    assert shown(of_script("gunicorn a:b", config=config)) == "? ? ? ? a:b …"
    assert shown(of_script("gunicorn a:b -b :80 -w 2", config=config)) == "0.0.0.0 80 2 ? a:b …"


def test_an_open_environment_leaves_variables_unknown() -> None:
    unknown = Environment(closed=False)
    assert shown(of_script("uvicorn a:b --host 0.0.0.0", unknown)) == "0.0.0.0 ? ? ? a:b …"
    assert shown(of_script("hypercorn a:b", unknown)) == "127.0.0.1 8000 1 false a:b"
    assert shown(of_script("env -i uvicorn a:b", unknown)) == "127.0.0.1 8000 1 false a:b"
    assert shown(of_script("UVICORN_PORT=9 uvicorn a:b", unknown)) == "? 9 ? ? a:b …"


def test_values_know_their_place_and_origin() -> None:
    found = some(of_script("gunicorn -b '0.0.0.0:80' --workers=4 a:b --reload"))
    places = [
        value.span.text
        for value in (found.host, found.port, found.workers, found.reload, found.app)
        if value and value.span
    ]
    assert places == ["0.0.0.0", "80", "4", "--reload", "a:b"]
    assert {value.origin for value in (found.host, found.workers) if value} == {"option"}
    default = some(of_script("uvicorn a:b")).host
    assert default == Value("127.0.0.1", None, "default")


def test_values_from_the_environment_keep_the_place_of_the_variable() -> None:
    source = Source.of("ENV PORT=80 GUNICORN_CMD_ARGS='-w 3'")
    port = Value("80", source.span(9, 11), "environment")
    arguments = Value("-w 3", source.span(31, 35), "environment")
    found = some(of_script("gunicorn a:b", Environment({"PORT": port, "GUNICORN_CMD_ARGS": arguments})))
    assert found.port == port
    assert found.host == Value("0.0.0.0", port.span, "environment")
    assert found.workers == Value("3", arguments.span, "environment")
    assert found.options["workers"].origin == "environment"
    nowhere = some(of_script("gunicorn a:b", Environment(variables(GUNICORN_CMD_ARGS="-w 3"))))
    assert nowhere.workers == Value("3", None, "environment")


def test_dev_turns_reload_on() -> None:
    reload = some(of_script("fastapi dev x.py")).reload
    assert reload is not None
    assert reload.span is not None
    assert (reload.text, reload.span.text, reload.origin) == ("true", "dev", "default")


def test_options_by_their_long_names() -> None:
    found = some(of_script("gunicorn -k uvicorn.workers.UvicornWorker -t 60 --no-sendfile --log-file=- a:b"))
    assert {name: value.text for name, value in found.options.items()} == {
        "worker-class": "uvicorn.workers.UvicornWorker",
        "timeout": "60",
        "no-sendfile": "true",
        "error-logfile": "-",
    }
    found = some(of_script("uvicorn a:b --no-access-log", environment_of("UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN=5")))
    assert {name: (value.text, value.origin) for name, value in found.options.items()} == {
        "access-log": ("false", "option"),
        "timeout-graceful-shutdown": ("5", "environment"),
    }


def test_options_with_unknown_values_are_left_out() -> None:
    assert "port" not in some(of_script("uvicorn a:b --port $X")).options


def test_the_companions_of_reload() -> None:
    found = some(of_script("uvicorn a:b --reload --reload-dir src --reload-delay=1 --port 80"))
    assert [argument.value for argument in found.reload_options] == ["--reload-dir", "src", "--reload-delay=1"]


def test_what_is_no_option_is_named() -> None:
    found = some(of_script("uvicorn a:b -w 4 --bind 0.0.0.0"))
    assert [argument.value for argument in found.unknown_options] == ["-w", "--bind"]
    assert not some(of_script("uvicorn a:b")).unknown_options


def test_the_configuration_file_is_named() -> None:
    config = some(of_script("gunicorn -c conf.py a:b")).config
    assert config is not None
    assert config.text == "conf.py"
    assert some(of_script("gunicorn a:b", config=True)).config is None


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("uvicorn a:b", True),
        ("uvicorn a:b --host 0.0.0.0", False),
        ("uvicorn a:b --host ::1", True),
        ("uvicorn a:b --host localhost", True),
        ("uvicorn a:b --host $X", None),
        ("uvicorn a:b --uds /tmp/s", False),
        ("gunicorn a:b -b 127.0.0.1:1 -b $X", None),
        ("gunicorn a:b -b 0.0.0.0:1 -b $X", False),
        ("gunicorn a:b -b 127.0.0.1:1 -b [::1]:2", True),
        ("gunicorn a:b -c conf.py", None),
        ("gunicorn a:b -b 127.0.0.1:$PORT", True),
        ("fastapi run", False),
        ("fastapi dev", True),
    ],
)
def test_loopback(script: str, expected: bool | None) -> None:  # noqa: FBT001
    assert some(of_script(script)).loopback is expected


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "127.8.9.10", "localhost", "LOCALHOST", "::1", "[::1]"])
def test_loopback_hosts(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "", "10.127.0.1", "127.example.com", "unix:/x", "localhost.localdomain"]
)
def test_other_hosts(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("text", "number"), [("80", 80), ("0", 0), ("", None), ("x", None), ("-1", None), ("٣", None), ("9" * 5000, None)]
)
def test_numbers(text: str, number: int | None) -> None:
    assert Value(text, None, "option").number == number


# What the packages themselves make of a command line

Reader = Callable[[list[str]], dict[str, Any] | None]


@pytest.fixture(scope="module")
def readers() -> Mapping[str, Reader]:
    """For each server a function from arguments to its own parameters by the names used below; None when refused."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        click = import_module("click")
        typer_click = import_module("typer._click")
        group = import_module("typer.main").get_command(import_module("fastapi_cli.cli").app)
        uvicorn, granian = import_module("uvicorn.main").main, import_module("granian.cli").cli
        gunicorn = import_module("gunicorn.config").Config
        daphne = import_module("daphne.cli").CommandLineInterface
        generator = import_module_from_tests("server_tables")
        hypercorn = generator.hypercorn_parser()

    def of_click(command: Any, prefix: str | None, errors: Any) -> Reader:
        def read(arguments: list[str]) -> dict[str, Any] | None:
            try:
                context = command.make_context(
                    "x", list(arguments), **({"auto_envvar_prefix": prefix} if prefix else {})
                )
            except errors:
                return None
            return dict(context.params)

        return read

    def of_argparse(make: Callable[[], Any]) -> Reader:
        def read(arguments: list[str]) -> dict[str, Any] | None:
            try:
                return dict(vars(make().parse_args(list(arguments))))
            except SystemExit:
                return None

        return read

    def exceptions(module: Any) -> Any:
        return (module.exceptions.ClickException, getattr(module.exceptions, "Exit", SystemExit))

    return {
        "uvicorn": of_click(uvicorn, None, exceptions(click)),
        "granian": of_click(granian, "GRANIAN", exceptions(click)),
        "run": of_click(group.commands["run"], None, exceptions(typer_click)),
        "dev": of_click(group.commands["dev"], None, exceptions(typer_click)),
        "gunicorn": of_argparse(lambda: gunicorn().parser()),
        "hypercorn": of_argparse(lambda: hypercorn),
        "daphne": of_argparse(lambda: daphne().parser),
    }


def import_module_from_tests(name: str) -> Any:
    import importlib.util  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


VALUES = {
    "host": ["0.0.0.0", "::1"],
    "port": ["80", "81"],
    "workers": ["2", "3", "0"],
    "bind": ["0.0.0.0:80", "h:1", "x"],
}
CHOICES = {"loop": "auto", "http": "auto", "interface": "asgi", "lifespan": "on", "log-level": "info"}


@st.composite
def command_lines(draw: st.DrawFn, facts: dict[str, Any]) -> list[str]:
    """Arguments that mostly are what the server accepts: options of its table in every spelling, and an application."""
    shorts: dict[str, list[str]] = {}
    for alias, name in facts.get("aliases", {}).items():
        shorts.setdefault(name, []).append(alias)
    names = ["host", "port", "workers", "reload", "bind"]
    known = {name: key for key in ("flags", "switches", "values", "repeated") for name in facts.get(key, [])}
    plain = [name for name, key in known.items() if name not in ("env-file", "config", "paste")]
    result: list[str] = []
    application = draw(st.integers(0, 4))
    for at in range(draw(st.integers(0, 5))):
        if at == application:
            result.append("a.b:c")
        name = draw(st.sampled_from([name for name in names if name in known] * 3 + plain))
        spelling = draw(st.sampled_from([f"--{name}", *shorts.get(name, [])]))
        if known[name] in ("flags", "switches"):
            negative = known[name] == "switches" and draw(st.booleans())
            result.append(f"--no-{name}" if negative else spelling)
            continue
        value = draw(st.sampled_from(VALUES.get(name, [CHOICES.get(name, "5")])))
        form = draw(st.integers(0, 5))
        if form == 0:
            result.append(f"{spelling}={value}")
        elif form == 1 and len(spelling) == 2:
            result.append(spelling + value)
        else:
            result += [spelling, value]
    if application >= len(result):
        result.append("a.b:c")
    return result


def same(found: Value | None, value: object) -> bool:
    return found is not None and found.text == str(value)


def agrees(kind: str, found: Server, theirs: dict[str, Any]) -> list[str]:
    """The fields in which our reading differs from the package's."""
    wrong: list[str] = []

    def expect(field: str, value: Value | None, truth: object) -> None:
        if not same(value, truth):
            wrong.append(f"{field}: {value} is not {truth}")

    if kind in ("uvicorn", "granian", "run", "dev"):
        if theirs.get("uds"):
            expect("uds", found.host, f"unix:{theirs['uds']}")
        elif theirs.get("fd") is not None:
            expect("fd", found.host, f"fd:{theirs['fd']}")
        else:
            expect("host", found.host, theirs["host"])
            expect("port", found.port, theirs["port"])
        expect("reload", found.reload, str(theirs["reload"]).lower())
        expect("workers", found.workers, theirs.get("workers") or 1)
        app = theirs.get("app") if kind in ("uvicorn", "granian") else (theirs["path"] or theirs["entrypoint"])
    elif kind == "gunicorn":
        app = theirs["args"][0] if theirs["args"] else None
        expect("workers", found.workers, 1 if theirs["workers"] is None else theirs["workers"])
        expect("reload", found.reload, "true" if theirs["reload"] else "false")
        parse = import_module("gunicorn.util").parse_address
        binds = [parse(text) for text in theirs["bind"] or ["127.0.0.1:8000"]]
        ours = [(bind.host and bind.host.text, bind.port and bind.port.number) for bind in found.binds or ()]
        if ours != binds:
            wrong.append(f"binds: {ours} are not {binds}")
    elif kind == "hypercorn":
        app = theirs["application"]
        texts = theirs["binds"] or ["127.0.0.1:8000"]
        if len(texts) > len(found.binds or ()):
            wrong.append("binds")
    else:
        app = theirs["application"]
        if not theirs["socket_strings"] and not theirs["unix_socket"] and theirs["file_descriptor"] is None:
            expect("host", found.host, theirs["host"] or "127.0.0.1")
            expect("port", found.port, theirs["port"] if theirs["port"] is not None else 8000)
    if app is not None:
        expect("app", found.app, app)
    return wrong


@pytest.mark.parametrize("kind", ["uvicorn", "granian", "run", "dev", "gunicorn", "hypercorn", "daphne"])
@given(data=st.data())
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_we_read_what_the_package_reads(
    kind: str,
    data: st.DataObject,
    readers: Mapping[str, Reader],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("PORT", "WEB_CONCURRENCY"):
        monkeypatch.delenv(name, raising=False)
    facts = table("servers/fastapi")[kind] if kind in ("run", "dev") else table(f"servers/{kind}")
    arguments = data.draw(command_lines(facts))
    theirs = readers[kind](arguments)
    prefix: list[str | None] = ["fastapi", kind] if kind in ("run", "dev") else [kind]
    found = of_words([*prefix, *arguments])
    if theirs is None or (found is None and kind == "gunicorn"):
        return  # refused, or only a check of the configuration
    assert not agrees(kind, some(found), theirs), arguments


@pytest.mark.parametrize("kind", ["uvicorn", "granian"])
@given(
    values=st.dictionaries(
        st.sampled_from(["HOST", "PORT", "WORKERS", "RELOAD", "UDS", "LOG_LEVEL"]),
        st.sampled_from(["", "5", "1", "0", "true", "off", "info", "0.0.0.0"]),
    )
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_we_read_the_variables_that_the_package_reads(
    kind: str, values: dict[str, str], readers: Mapping[str, Reader]
) -> None:
    named = {f"{kind.upper()}_{name}": value for name, value in values.items()}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in named.items():
            patch.setenv(name, value)
        theirs = readers[kind](["a.b:c"])
    if theirs is not None:
        found = some(of_words([kind, "a.b:c"], Environment(variables(**named))))
        assert not agrees(kind, found, theirs)


def test_gunicorn_takes_its_sources_in_the_order_that_we_say(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    application = import_module("gunicorn.app.wsgiapp").WSGIApplication
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "PORT": "7",
        "WEB_CONCURRENCY": "3",
        "GUNICORN_CMD_ARGS": "--workers 4 --bind 1.1.1.1:1",
    }.items():
        monkeypatch.setenv(name, value)

    def settings_of(*arguments: str) -> tuple[list[str], int]:
        monkeypatch.setattr("sys.argv", ["gunicorn", "a:b", *arguments])
        cfg = application().cfg
        return cfg.settings["bind"].get(), cfg.settings["workers"].get()

    assert settings_of() == (["1.1.1.1:1"], 4)
    assert settings_of("-w", "5", "-b", "2.2.2.2:2") == (["2.2.2.2:2"], 5)
    conf = tmp_path / "conf.py"
    conf.write_text("bind = '3.3.3.3:3'\nworkers = 9\n")
    assert settings_of("-c", str(conf)) == (["1.1.1.1:1"], 4)
    monkeypatch.delenv("GUNICORN_CMD_ARGS")
    assert settings_of("-c", str(conf)) == (["3.3.3.3:3"], 9)
    assert settings_of("-c", str(conf), "-w", "5") == (["3.3.3.3:3"], 5)


# Nothing raises

ODD = split(
    "run dev a:b -- - -b -bx -w --bind --bind= --host --port=1 -e tcp:1 tcp: : \\: [ ]: []: fd:// unix: tcp:// "
    "--reload -c -Dw -k= --uds --fd -1 -x --proxy-protocol --b --insecure-bind --certfile --keyfile"
)


@given(
    kind=st.sampled_from(["uvicorn", "gunicorn", "hypercorn", "granian", "daphne", "fastapi"]),
    values=st.lists(
        st.one_of(
            st.none(),
            st.text(max_size=8),
            st.sampled_from(ODD),
        ),
        max_size=8,
    ),
    environment=st.dictionaries(
        st.sampled_from(["PORT", "GUNICORN_CMD_ARGS", "UVICORN_RELOAD", "WEB_CONCURRENCY", "GRANIAN_HOST"]),
        st.one_of(st.just(UNKNOWN), st.text(max_size=6), st.just("-b : -w")),
    ),
    closed=st.booleans(),
)
@settings(max_examples=500, deadline=None)
def test_any_words(kind: str, values: list[str | None], environment: dict[str, str | Unknown], closed: bool) -> None:  # noqa: FBT001
    found = of_words([kind, *values], Environment(variables(**environment), closed=closed))
    if found is None:
        return
    assert found.kind == kind
    assert found.loopback in (True, False, None)
    for value in (found.host, found.port, found.workers, found.reload, found.app, *found.options.values()):
        if value is not None:
            assert value.origin in ("option", "environment", "default")
            assert value.span is None or 0 <= value.span.start <= value.span.end <= len(value.span.source.text)


def test_long_lines_take_time_in_proportion() -> None:
    values: list[str | None] = ["uvicorn", *["--port", "80"] * 20_000, *[None] * 20_000, "--x", "--host", "h"]
    found = some(of_words(values))
    assert (text_of(found.host), text_of(found.port)) == ("h", "?")
    long = Environment(
        {"GUNICORN_CMD_ARGS": Value("-b :80 " * 20_000, Span(Source.of("x" * 140_000), 0, 140_000), "environment")}
    )
    assert len(some(of_script("gunicorn a:b", long)).binds or ()) == 20_000
