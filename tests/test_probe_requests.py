"""What a health check asks for: the requests of curl, wget, nc, Python and scripts, with the place of each part."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model.command import Environment, Value
from dockerlint_fastapi.model.container import Container
from dockerlint_fastapi.model.health.probe import Request
from dockerlint_fastapi.parsers.command import programs_of_script
from dockerlint_fastapi.parsers.request import Reader
from dockerlint_fastapi.parsers.shell import parse_script_source
from dockerlint_fastapi.source import Source
from dockerlint_fastapi.tree import text_files

START = 'CMD ["uvicorn", "app.main:app"]\n'


def container_of(healthcheck: str, *files: tuple[str, str], base: str = "python:3.12", more: str = "") -> Container:
    dockerfile = f"FROM {base}\nWORKDIR /code\n{more}HEALTHCHECK CMD {healthcheck}\n{START}"
    tree = text_files([("Dockerfile", dockerfile), *files])
    (container,) = assemble(tree, find(tree)).containers
    return container


def asked(healthcheck: str, *files: tuple[str, str], more: str = "", base: str = "python:3.12") -> object:
    """Scheme, host, port, path and method of each request; None where the test cannot be read."""
    probe = container_of(healthcheck, *files, more=more, base=base).probe
    assert probe is not None
    requests = probe.requests
    return None if requests is None else [brief(one) for one in requests]


def brief(one: Request) -> str:
    parts = [one.scheme, *(None if value is None else value.text for value in one[3:])]
    return " ".join("-" if part is None else part for part in parts)


@pytest.mark.parametrize(
    ("healthcheck", "expected"),
    [
        # curl
        ("curl -f http://localhost:8000/health || exit 1", ["http localhost 8000 /health GET"]),
        ('["curl", "-f", "http://localhost:8000/health"]', ["http localhost 8000 /health GET"]),
        ("curl localhost", ["http localhost 80 / GET"]),
        ("curl https://localhost/x?y=1#z", ["https localhost 443 /x GET"]),
        ("curl -I http://[::1]:8000", ["http [::1] 8000 / HEAD"]),
        ("curl -fsSo/dev/null -m5 --retry 3 -H 'Host: x' http://a:1/b", ["http a 1 /b GET"]),
        ("curl -X PUT -d x http://a:1/b", ["http a 1 /b PUT"]),
        ("curl --data=x http://a:1/b", ["http a 1 /b POST"]),
        ("curl --url http://a:1/b", ["http a 1 /b GET"]),
        ("curl --url=http://a:1/b --fail", ["http a 1 /b GET"]),
        ("curl http://user:word@a:1/b", ["http a 1 /b GET"]),
        ("curl http://a:1 http://b:2", ["http a 1 / GET", "http b 2 / GET"]),
        ("curl -f -- http://a:1", ["http a 1 / GET"]),
        ("curl http://a:port/", ["http a - / GET"]),
        ("curl ftp://a/b", None),
        ("curl --unix-socket /run/x.sock http://a/b", None),
        ("curl -x http://proxy http://a/b", None),
        ("curl -K config", None),
        ("curl", None),
        # wget
        ("wget -qO- http://127.0.0.1:8000/h || exit 1", ["http 127.0.0.1 8000 /h GET"]),
        ("wget -q -O - -T 5 --tries 1 http://a:1/h", ["http a 1 /h GET"]),
        ("wget --spider http://a:1/h", ["http a 1 /h -"]),
        ("wget --post-data x http://a:1/h", ["http a 1 /h POST"]),
        ("wget -i list", None),
        # bare connections
        ("nc -z localhost 8000", ["tcp localhost 8000 - -"]),
        ("nc -zvw3 localhost 8000", ["tcp localhost 8000 - -"]),
        ("nc -z -w 3 localhost 8000", ["tcp localhost 8000 - -"]),
        ("nc -zu localhost 8000", None),
        ("nc -l 8000", None),
        ('["bash", "-c", "</dev/tcp/localhost/8000"]', ["tcp localhost 8000 - -"]),
        ("bash -c 'echo > /dev/tcp/127.0.0.1/8000' || exit 1", ["tcp 127.0.0.1 8000 - -"]),
        ('timeout 1 bash -c "</dev/tcp/localhost/$PORT"', ["tcp localhost 9000 - -"]),
        # within other commands
        ("[ \"$(curl -so /dev/null -w '%{http_code}' http://a:1/h)\" = 200 ]", ["http a 1 /h GET"]),
        ("if curl http://a:1; then exit 0; else exit 1; fi", ["http a 1 / GET"]),
        ("curl http://a:1 | grep -q ok", ["http a 1 / GET"]),
        ("curl http://a:1 || wget http://b:2", ["http a 1 / GET", "http b 2 / GET"]),
        ("timeout 3 curl http://a:1", ["http a 1 / GET"]),
        ("sh -c 'curl http://a:1 || exit 1'", ["http a 1 / GET"]),
        # nothing is asked
        ("pgrep -f celery", []),
        ("celery -A app inspect ping", []),
        ("pg_isready -h db", []),
        ("test -f /tmp/alive", []),
        # cannot be read
        ("node check.js", None),
        ("/usr/local/bin/check", None),
        ("curl http://a:1 && ./more", None),
        ("curl 'http://a:1", None),
    ],
)
def test_programs(healthcheck: str, expected: object) -> None:
    assert asked(healthcheck, more="ENV PORT=9000\n") == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import urllib.request; urllib.request.urlopen('http://a:1/h')", ["http a 1 /h GET"]),
        ("import urllib.request as u; u.urlopen('http://a:1/h', timeout=3)", ["http a 1 /h GET"]),
        ("from urllib.request import urlopen as get; get('http://a:1/h')", ["http a 1 /h GET"]),
        ("from urllib import request; request.urlopen('http://a/h')", ["http a 80 /h GET"]),
        ("import urllib.request as u; u.urlopen(u.Request('http://a:1/h', method='HEAD'))", ["http a 1 /h HEAD"]),
        ("import urllib.request as u; u.urlopen('http://a:1/h', b'x')", ["http a 1 /h POST"]),
        ("__import__('urllib.request').request.urlopen('http://a:1/h')", ["http a 1 /h GET"]),
        ("import requests; requests.get('http://a:1/h').raise_for_status()", ["http a 1 /h GET"]),
        ("import requests; s = requests.Session(); s.head('http://a:1/h')", ["http a 1 /h HEAD"]),
        ("import requests; requests.request('post', 'http://a:1/h')", ["http a 1 /h POST"]),
        ("import httpx; httpx.get(url='http://a:1/h')", ["http a 1 /h GET"]),
        ("import httpx; httpx.Client(base_url='http://a:1/api/').get('/h')", ["http a 1 /api/h GET"]),
        ("import httpx\nwith httpx.Client() as c: c.get('http://a:1/h')", ["http a 1 /h GET"]),
        ("import http.client as h; c = h.HTTPConnection('a', 1); c.request('GET', '/h?x')", ["http a 1 /h GET"]),
        ("import http.client as h; h.HTTPConnection('a:1').request('HEAD', '/h')", ["http a 1 /h HEAD"]),
        ("import http.client; http.client.HTTPSConnection('a').request('GET', '/')", ["https a 443 / GET"]),
        ("import socket; socket.create_connection(('a', 1), timeout=3)", ["tcp a 1 - -"]),
        ("import socket; s = socket.socket(); s.connect(('a', int('1')))", ["tcp a 1 - -"]),
        ("import asyncio; asyncio.run(asyncio.open_connection('a', 1))", ["tcp a 1 - -"]),
        ("import urllib3; urllib3.PoolManager().request('GET', 'http://a:1/h')", ["http a 1 /h GET"]),
        # values
        ("import urllib.request as u; P = 8000; u.urlopen(f'http://a:{P}/h')", ["http a 8000 /h GET"]),
        ("import os, urllib.request as u; u.urlopen('http://a:' + os.environ['PORT'])", ["http a 9000 / GET"]),
        ("import os, urllib.request as u; u.urlopen(f'http://a:{os.getenv(\"PORT\", 1)}/')", ["http a 9000 / GET"]),
        ("import os, urllib.request as u; u.urlopen(f'http://a:{os.getenv(\"NO\", 1)}/')", ["http a 1 / GET"]),
        ("import os, urllib.request as u; u.urlopen(f'http://a:{os.getenv(\"NO\") or 2}/')", ["http a 2 / GET"]),
        ("import os, urllib.request as u; u.urlopen(f'http://a:{os.environ[\"NO\"]}/h')", ["http a - /h GET"]),
        ("import urllib.request as u\nfor p in (1, 2): u.urlopen(f'http://a:{p}/h')", ["http a - /h GET"]),
        ("import urllib.request as u; p = 1; p = 2; u.urlopen(f'http://a:{p}/h')", ["http a - /h GET"]),
        ("import sys, urllib.request as u; u.urlopen(sys.argv[1])", ["- - - - GET"]),
        # nothing, or nobody knows
        ("import sys; sys.exit(0)", []),
        ("from app.health import check; check()", None),
        ("import subprocess; subprocess.run(['curl', 'http://a:1'])", None),
        ("import os; os.system('curl http://a:1')", None),
        ("this is no Python", None),
    ],
)
def test_python_code(code: str, expected: object) -> None:
    assert asked(json.dumps(["python", "-c", code]), more="ENV PORT=9000\n") == expected
    assert asked(json.dumps(["/usr/bin/python3", "-u", "-Sc", code]), more="ENV PORT=9000\n") == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("http://localhost:$PORT/h", "http localhost 9000 /h GET"),
        ('"http://localhost:${PORT}/h"', "http localhost 9000 /h GET"),
        ("http://localhost:${PORT:-1}/h", "http localhost 9000 /h GET"),
        ("http://localhost:${NO:-1}/h", "http localhost 1 /h GET"),
        ("http://localhost:${NO-1}/h", "http localhost 1 /h GET"),
        ("http://localhost:${PORT:+1}/h", "http localhost 1 /h GET"),
        ("http://localhost:${EMPTY-1}/h", "http localhost 80 /h GET"),
        ("http://localhost:${EMPTY:-1}/h", "http localhost 1 /h GET"),
        ("http://localhost:${LATER}/h", "http localhost - /h GET"),
        ("http://localhost:$(cat port)/h", "http localhost - /h GET"),
        ("http://localhost:`cat port`/h", "http localhost - /h GET"),
        ("http://localhost:${NO:?}/h", "http localhost - /h GET"),
        ("http://localhost:${PORT%0}/h", "http localhost - /h GET"),
        ("http://$LATER:8000/h", "http - 8000 /h GET"),
        ("http://$LATER/h", "http - - - GET"),
        ("$LATER/h", "- - - - GET"),
        ("'http://localhost:8000/$PORT'", "http localhost 8000 /$PORT GET"),
        ('"http://localhost":8000/\\$PORT', "http localhost 8000 /$PORT GET"),
    ],
)
def test_variables_of_the_container(word: str, expected: str) -> None:
    more = "ARG LATER\nENV PORT=9000 EMPTY= LATER=$LATER\n"
    assert asked(f"curl {word}", more=more) == [expected]


def test_an_unknown_base_may_set_any_variable() -> None:
    assert asked("curl http://a:$PORT/h", base="registry.example.com/x") == ["http a - /h GET"]
    assert asked("curl http://a:${PORT:-8000}/h", base="registry.example.com/x") == ["http a - /h GET"]


def test_compose_sets_what_the_check_sees() -> None:
    compose = (
        "services:\n  web:\n    build: .\n    environment: {PORT: 7000}\n"
        "    healthcheck:\n      test: curl -f http://localhost:$${PORT}/h\n"
        "  own:\n    build: .\n    environment: {PORT: 6000}\n"
        '  listed:\n    build: .\n    healthcheck: {test: [CMD, curl, "http://localhost:${PORT}/h"]}\n'
    )
    dockerfile = f"FROM python:3.12\nENV PORT=8000\nHEALTHCHECK CMD curl http://localhost:$PORT/h\n{START}"
    tree = text_files([("Dockerfile", dockerfile), ("compose.yaml", compose)])
    project = assemble(tree, find(tree))
    found = {one.service.name: one.probe.requests for one in project.containers if one.service and one.probe}
    ports = {name: [one.port.text if one.port else None for one in requests or ()] for name, requests in found.items()}
    assert ports == {"web": ["7000"], "own": ["6000"], "listed": [None]}
    (web,) = found["web"] or ()
    assert web.port is not None
    assert web.port.span is not None
    assert (web.span.text, web.port.span.text) == ("http://localhost:$${PORT}/h", "$${PORT}")


@pytest.mark.parametrize(
    ("healthcheck", "parts"),
    [
        ("curl -f 'http://localhost:8000/h?x' ", ("http://localhost:8000/h?x", "localhost", "8000", "/h")),
        ('["curl", "http://localhost:8000/h"]', ("http://localhost:8000/h", "localhost", "8000", "/h")),
        ("nc -z localhost 8000", ("localhost 8000", "localhost", "8000", None)),
        (
            "python -c \"import urllib.request as u; u.urlopen('http://a:8000/h')\"",
            ("http://a:8000/h", "a", "8000", "/h"),
        ),
        (
            '["python", "-c", "import urllib.request as u; u.urlopen(\\"http://a:8000/h\\")"]',
            ("http://a:8000/h", "a", "8000", "/h"),
        ),
        ("curl \\\n    http://localhost:8000/h", ("http://localhost:8000/h", "localhost", "8000", "/h")),
        ("bash -c '</dev/tcp/a/8000'", ("/dev/tcp/a/8000", "a", "8000", None)),
        ("curl http://localhost:${PORT}/h", ("http://localhost:${PORT}/h", "localhost", "${PORT}", "/h")),
    ],
)
def test_places(healthcheck: str, parts: tuple[str | None, ...]) -> None:
    probe = container_of(healthcheck, more="ENV PORT=9000\n").probe
    assert probe is not None
    (request,) = probe.requests or ()
    spans = [None if value is None or value.span is None else value.span.text for value in request[3:6]]
    assert (request.span.text, *spans) == parts


def test_what_is_by_default_has_no_place() -> None:
    probe = container_of("curl http://localhost").probe
    assert probe is not None
    (request,) = probe.requests or ()
    assert [(one.origin, one.span) for one in request[4:] if one is not None] == [("default", None)] * 3


SHELL = """#!/bin/sh
set -eu
PORT=${PORT:-8000}
HOST=localhost
probe() {
  curl -fsS "http://$HOST:$PORT/health" > /dev/null
}
probe || exit 1
"""

PYTHON = """import os
import sys
import urllib.request

PORT = os.environ.get("PORT", "8000")
URL = f"http://localhost:{PORT}/health"


def main() -> int:
    with urllib.request.urlopen(URL, timeout=3) as answer:
        return 0 if answer.status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
"""


@pytest.mark.parametrize(
    ("healthcheck", "name", "text"),
    [
        ('["/code/check.sh"]', "check.sh", SHELL),
        ('["sh", "check.sh"]', "check.sh", SHELL),
        ("./check.sh || exit 1", "check.sh", SHELL),
        ("bash /code/check.sh", "check.sh", SHELL),
        ('["python", "check.py"]', "check.py", PYTHON),
        ("python /code/check.py", "check.py", PYTHON),
        ('["./check.py"]', "check.py", "#!/usr/bin/env python\n" + PYTHON),
    ],
)
def test_scripts_of_the_project(healthcheck: str, name: str, text: str) -> None:
    copy = f"COPY {name} .\n"
    assert asked(healthcheck, (name, text), more=copy) == ["http localhost 8000 /health GET"]
    assert asked(healthcheck, (name, text), more=copy + "ENV PORT=9000\n") == ["http localhost 9000 /health GET"]
    assert asked(healthcheck, (name, text)) is None  # it is not copied
    probe = container_of(healthcheck, (name, text), more=copy).probe
    assert probe is not None
    assert [one.span.source.path for one in probe.requests or ()] == [name]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("PORT=1\nPORT=2\ncurl http://a:$PORT\n", ["http a - / GET"]),
        ("if x; then PORT=1; fi\ncurl http://a:$PORT\n", None),
        ("[ -n x ] && PORT=1\ncurl http://a:$PORT\n", ["http a - / GET"]),
        ("for PORT in 1 2; do curl http://a:$PORT; done\n", ["http a - / GET"]),
        ("read PORT\ncurl http://a:$PORT\n", ["http a - / GET"]),
        ("export PORT=1\ncurl http://a:$PORT\n", ["http a 1 / GET"]),
        (". ./env\ncurl http://a:$PORT\n", None),
        ("check() { curl http://a:1; }\ncheck\n", ["http a 1 / GET"]),
        ("sh ./check.sh\n", None),  # itself, without end
    ],
)
def test_what_a_script_assigns(script: str, expected: object) -> None:
    files = ("check.sh", "#!/bin/sh\n" + script)
    assert asked("/code/check.sh", files, more="COPY check.sh .\n") == expected


def answered(request: Request) -> bool | None:
    return None if request.port is None else request.port.text == "8000"


@pytest.mark.parametrize(
    ("healthcheck", "expected"),
    [
        ("curl http://a:8000", []),
        ("curl http://a:1", ["1"]),
        ("curl http://a:1 || exit 1", ["1"]),
        ("curl http://a:1 || curl http://a:8000", []),
        ("curl http://a:1 || wget http://a:2", ["1", "2"]),
        ("curl http://a:8000 && curl http://a:2", ["2"]),
        ("curl http://a:1 || true", []),
        ("curl http://a:$X", []),
        ("curl http://a:1 || ./other", []),
        ("curl http://a:1 http://a:8000", []),
        ("python -c \"import socket; socket.create_connection(('a', 1))\"", ["1"]),
        ("pgrep x", []),
        ('["bash", "-c", "</dev/tcp/a/1"]', ["1"]),
        ('["bash", "-c", "echo > /dev/tcp/a/1 || exit 1"]', ["1"]),
        ('["bash", "-c", "</dev/tcp/a/8000"]', []),
        ('["bash", "-c", "</dev/tcp/a/1; true"]', []),
        ('["bash", "-c", "</dev/tcp/a/1 || true"]', []),
        ('["bash", "-c", "</dev/tcp/a/1 || exit 0"]', []),
        ('["bash", "-c", "</dev/tcp/a/$X"]', []),
        ("if curl http://a:1; then exit 0; fi", []),
    ],
)
def test_unanswered(healthcheck: str, expected: list[str]) -> None:
    probe = container_of(healthcheck, more="ARG X\nENV X=$X\n").probe
    assert probe is not None
    assert [one.port.text for one in probe.unanswered(answered) if one.port is not None] == expected


WORDS = st.text("abc:/.$ {}()[]'\"`\\\n-|&;<>=#%@PORT0123456789é\ue000", max_size=60)
COMMANDS = st.sampled_from(
    ("curl ", "wget ", "nc ", "python -c ", "python -c \"f'{", "bash -c ", "</dev/tcp/", "PORT=", "curl http://a:")
)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(COMMANDS, WORDS), max_size=3))
def test_anything_can_be_read(parts: list[tuple[str, str]]) -> None:
    source = Source.of("\n".join(command + word for command, word in parts), "check.sh")
    script = parse_script_source(source)
    environment = Environment({"PORT": Value("8000", None, "environment")}, closed=False)
    reader = Reader(environment, lambda _path: None)
    for request in reader.of_script(script, "sh") or ():
        assert 0 <= request.span.start <= request.span.end <= len(source.text)
        for value in request[3:]:
            assert value is None or value.span is None or value.span.end <= len(source.text)
    for program in programs_of_script(script, "sh"):
        reader.within(script).of_program(program)


CODE = [
    "import urllib.request as u\n",
    "u.urlopen(",
    "f'http://a:{",
    "os.getenv('PORT')",
    "import os\n",
    "requests.get(",
]
SIGNS = [
    ")",
    "x = ",
    "x",
    "'",
    "}",
    "\n",
    " or ",
    " + ",
    "[",
    "]",
    "lambda: ",
    "await ",
    "http://a",
    "é",
    "1",
    ", ",
    "(",
]
PIECES = st.sampled_from([*CODE, *SIGNS])


@settings(deadline=None, max_examples=150)
@given(st.lists(PIECES, max_size=14))
def test_any_code_can_be_read(parts: list[str]) -> None:
    code = "".join(parts)
    probe = container_of(json.dumps(["python", "-c", code])).probe
    assert probe is not None
    for request in probe.requests or ():
        assert request.span.source.path == "Dockerfile"


def test_deep_and_long_code_takes_no_time_that_grows_faster() -> None:
    chain = "x0 = 'http://a:1'\n" + "".join(f"x{n} = x{n - 1} + x{n - 1}\n" for n in range(1, 60))
    assert asked(json.dumps(["python", "-c", f"import urllib.request as u\n{chain}u.urlopen(x59)"])) is not None
    loop = "import urllib.request as u\nx = y\ny = x\nu.urlopen(x)"
    assert asked(json.dumps(["python", "-c", loop])) in (None, ["- - - - GET"])
    assert asked("curl " + "http://a:1/ " * 2000) == ["http a 1 / GET"] * 2000
