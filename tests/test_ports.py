"""The ports of a container and of an image: where its server listens, what EXPOSE says, whose health check runs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.model.container import Container
from dockerlint_fastapi.model.network.listening import port_numbers
from dockerlint_fastapi.model.project import Project
from dockerlint_fastapi.parsers.dockerfile import parse_dockerfile
from dockerlint_fastapi.rule import BUILT_IN, Rule
from dockerlint_fastapi.source import Source
from dockerlint_fastapi.tree import text_files

SLIM = "FROM python:3.12-slim\n"


def project_of(dockerfile: str, compose: str = "", *more: tuple[str, str]) -> Project:
    files = [("Dockerfile", dockerfile), *more]
    if compose:
        files.append(("compose.yaml", compose))
    tree = text_files(files)
    return assemble(tree, find(tree))


def alone(dockerfile: str, *more: tuple[str, str]) -> Container:
    (container,) = project_of(dockerfile, "", *more).containers
    return container


@pytest.mark.parametrize(
    ("dockerfile", "ports", "words"),
    [
        ('CMD ["uvicorn", "a:b"]', {8000}, "`uvicorn` listens on 8000 by default"),
        ('CMD ["uvicorn", "a:b", "--port", "9000"]', {9000}, "`uvicorn` listens on 9000"),
        ('ENV UVICORN_PORT=9000\nCMD ["uvicorn", "a:b"]', {9000}, "`uvicorn` listens on 9000"),
        ('CMD ["fastapi", "run", "a.py"]', {8000}, "`fastapi run` listens on 8000 by default"),
        ('ENV PORT=9000\nCMD ["fastapi", "run", "a.py"]', {9000}, "`fastapi run` listens on 9000"),
        ('CMD ["gunicorn", "a:b", "-b", ":9000", "-b", ":9001"]', {9000, 9001}, "`gunicorn` listens on 9000"),
        ('CMD ["hypercorn", "a:b", "--bind", "0.0.0.0:7000"]', {7000}, "`hypercorn` listens on 7000"),
        ('CMD ["granian", "a:b", "--port", "7000"]', {7000}, "`granian` listens on 7000"),
        ('CMD ["gunicorn", "a:b", "-b", "unix:/x.sock"]', None, None),
        ('CMD ["gunicorn", "a:b", "-b", "unix:/x.sock", "-b", ":9000"]', None, None),
        ('CMD ["uvicorn", "a:b", "--fd", "3"]', None, None),
        ('CMD ["uvicorn", "a:b", "--port", "0"]', None, None),
        ("CMD uvicorn a:b --port $PORT", None, None),
        ("CMD nginx && exec uvicorn a:b", None, None),
        ('CMD uvicorn a:b & exec streamlit run "c.py"', None, None),
        ('CMD ["celery", "-A", "a", "worker"]', None, None),
        ('CMD ["/start.sh"]', None, None),
    ],
)
def test_where_a_server_listens(dockerfile: str, ports: set[int] | None, words: str | None) -> None:
    found = alone(f"{SLIM}{dockerfile}\n").listening
    assert (None if found is None else set(found.ports)) == ports
    assert (None if found is None else found.words) == words


def test_the_place_is_that_of_the_port_or_of_the_words_that_start_the_server() -> None:
    written = alone(f'{SLIM}CMD ["uvicorn", "a:b", "--port=9000"]\n').listening
    default = alone(f'{SLIM}CMD ["uvicorn", "a:b"]\n').listening
    assert written is not None
    assert default is not None
    assert written.span.text == "9000"
    assert default.span.text == '"uvicorn", "a:b"'


TIANGOLO = "FROM tiangolo/uvicorn-gunicorn-fastapi:python3.11\nCOPY . /app\n"


@pytest.mark.parametrize(
    ("more", "ports"),
    [
        ("", {80}),
        ("ENV PORT=9000\n", {9000}),
        ("ENV BIND=0.0.0.0:7000\n", None),
        ("ARG PORT\nENV PORT=$PORT\n", None),
        ('CMD ["uvicorn", "a:b", "--port", "7000"]\n', {7000}),
        ('CMD ["celery", "-A", "a", "worker"]\n', None),
    ],
)
def test_a_base_image_that_starts_a_server(more: str, ports: set[int] | None) -> None:
    found = alone(TIANGOLO + more).listening
    assert (None if found is None else set(found.ports)) == ports


def test_a_configuration_of_ones_own_may_move_it() -> None:
    assert alone(TIANGOLO, ("app/gunicorn_conf.py", "bind = ':7000'\n")).listening is None


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("8000", range(8000, 8001)),
        ("8000-8010", range(8000, 8011)),
        ("8000/tcp", range(8000, 8001)),
        ("8000/TCP", range(8000, 8001)),
        ("8000/udp", None),
        ("8000:80", None),
        ("", None),
        (None, None),
        ("70000", None),
    ],
)
def test_port_numbers(text: str | None, numbers: range | None) -> None:
    assert port_numbers(text) == numbers


@pytest.mark.parametrize(
    ("word", "ports", "protocol", "fault"),
    [
        ("8000", range(8000, 8001), "tcp", None),
        ("8000-8010/UDP", range(8000, 8011), "udp", None),
        ("${X}", None, None, None),
        ("8080:80", range(80, 81), "tcp", "a port of the host"),
        ("127.0.0.1:8080:80", range(80, 81), "tcp", "an address of the host"),
        ("[::1]:8080:80", range(80, 81), "tcp", "an address of the host"),
        ("65535", range(65535, 65536), "tcp", None),
        ("65536", None, "tcp", "above 65535"),
        ("9-5", None, "tcp", "ends before it begins"),
        ("http", None, "tcp", "is no port"),
        ("8000,8001", None, "tcp", "is no port"),
        ("80/http", None, None, "no protocol"),
        ("8000:", None, "tcp", "is no port"),
    ],
)
def test_the_words_of_expose(word: str, ports: range | None, protocol: str | None, fault: str | None) -> None:
    image = alone(f"FROM python\nARG X\nEXPOSE {word}\n").image
    assert image is not None
    (one,) = image.exposes[0].exposed
    assert (one.ports, one.protocol) == (ports, protocol)
    assert (fault is None) == (one.fault is None)
    assert fault is None or fault in (one.fault or "")


@settings(deadline=None, max_examples=200)
@given(st.text("0123456789:/-.[]tcpudp${}X\u0663", max_size=20))
def test_any_word_of_expose_can_be_read(word: str) -> None:
    file = parse_dockerfile(Source.of(f"FROM python\nEXPOSE x{word}\nEXPOSE 1{word}\n"))
    for instruction in file.instructions:  # none in a template: `{{}}`
        for one in getattr(instruction, "exposed", ()):
            assert one.ports is None or 0 <= one.ports[0] <= one.ports[-1] <= 65535


@pytest.mark.parametrize(
    ("expose", "matches"),
    [
        ("EXPOSE 8000\n", True),
        ("EXPOSE 80\n", False),
        ("EXPOSE 80 8000\n", True),
        ("EXPOSE 7999-8001\n", True),
        ("EXPOSE 80\nEXPOSE $X\n", None),
        ("EXPOSE 8000/udp\n", False),
        ("", False),
    ],
)
def test_whether_an_image_exposes_its_port(expose: str, *, matches: bool | None) -> None:
    image = alone(f'{SLIM}{expose}CMD ["uvicorn", "a:b"]\n').image
    assert image is not None
    assert image.exposure is not None
    assert image.exposure.matches is matches
    assert image.exposure.absent is (not expose)


def test_an_image_that_starts_no_server_exposes_what_it_likes() -> None:
    image = alone(f'{SLIM}EXPOSE 80\nCMD ["celery", "-A", "a", "worker"]\n').image
    assert image is not None
    assert image.exposure is None


COMPOSE = """
services:
  web: {build: .}
  worker: {build: ., command: celery -A a worker}
  own: {build: ., command: celery -A a worker, healthcheck: {test: [CMD, celery, inspect, ping]}}
  other: {build: ., command: uvicorn a:b --port 9000}
  variable: {build: ., environment: {UVICORN_PORT: 9000}}
"""


def test_whose_health_check_runs() -> None:
    dockerfile = f'{SLIM}HEALTHCHECK CMD curl http://localhost:8000\nCMD ["uvicorn", "a:b"]\n'
    project = project_of(dockerfile, COMPOSE)
    found = {one.service.name: one.inherits_probe for one in project.containers if one.service is not None}
    assert found == {"web": False, "worker": True, "own": False, "other": True, "variable": False}


def test_a_health_check_that_fits_nobody_is_nobodys() -> None:
    dockerfile = f"{SLIM}HEALTHCHECK CMD curl http://localhost:80\n"
    project = project_of(dockerfile, "services:\n  web: {build: ., command: uvicorn a:b}\n")
    assert not any(one.inherits_probe for one in project.containers)


@pytest.mark.parametrize(
    ("host", "answers"),
    [
        ("localhost:8000", True),
        ("localhost", False),
        ("127.9.9.9:8000", True),
        ("0.0.0.0:80", False),
        ("[::1]:8000", True),
        ("web:80", False),
        ("WEB:8000", True),
        ("shop:80", False),
        ("box:80", False),
        ("db:80", None),
        ("$HOST:80", None),
        ("localhost:$ANY", None),
    ],
)
def test_what_a_container_answers_to_itself(host: str, *, answers: bool | None) -> None:
    dockerfile = (
        f'FROM example.com/python\nHEALTHCHECK CMD curl http://{host}/\nCMD ["uvicorn", "a:b", "--port", "8000"]\n'
    )
    compose = "services:\n  web: {build: ., container_name: shop, hostname: box}\n"
    container = next(one for one in project_of(dockerfile, compose).containers if one.service is not None)
    assert container.probe is not None
    (request,) = container.probe.requests or ()
    assert container.answers(request) is answers


def test_a_service_takes_what_another_one_builds_by_its_name() -> None:
    compose = (
        "services:\n  web: {build: ., image: 'shop:${TAG-1}'}\n"
        "  worker: {image: 'shop:${TAG-1}', command: celery -A a worker}\n  other: {image: 'shop:2'}\n"
    )
    project = project_of(f'{SLIM}CMD ["uvicorn", "a:b"]\n', compose)
    found = {one.service.name: one.image is not None for one in project.containers if one.service is not None}
    assert found == {"web": True, "worker": True, "other": False}


def fixed(stem: str, files: dict[str, str]) -> tuple[dict[str, str], int]:
    """The files with every fix of a rule applied, and how many findings are left then."""
    rule = Rule(BUILT_IN, stem)
    chosen = Settings((rule,), frozenset((rule.name,)), profile="pedantic")
    found = lint(text_files(files.items()), chosen).diagnostics
    assert found
    edits = {edit for one in found if one.finding.fix for edit in one.finding.fix.edits}
    after = dict(files)
    for edit in sorted(edits, key=lambda one: -one.span.start):
        text = after[edit.span.source.path]
        after[edit.span.source.path] = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return after, len(lint(text_files(after.items()), chosen).diagnostics)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('EXPOSE 80\nCMD ["uvicorn", "a:b"]\n', 'EXPOSE 8000\nCMD ["uvicorn", "a:b"]\n'),
        ('CMD ["uvicorn", "a:b"]\n', 'EXPOSE 8000\nCMD ["uvicorn", "a:b"]\n'),
        ('USER app\nENTRYPOINT ["uvicorn"]\nCMD ["a:b", "--port", "1"]\n', None),
    ],
)
def test_fixing_expose(before: str, after: str | None) -> None:
    files, left = fixed("expose_mismatch", {"Dockerfile": SLIM + before})
    assert left == 0
    expected = after or 'EXPOSE 1\nUSER app\nENTRYPOINT ["uvicorn"]\nCMD ["a:b", "--port", "1"]\n'
    assert files["Dockerfile"] == SLIM + expected


def test_fixing_an_inherited_check() -> None:
    dockerfile = f'{SLIM}HEALTHCHECK CMD curl http://localhost:8000\nCMD ["uvicorn", "a:b"]\n'
    compose = "services:\n  web:\n    build: .\n  worker:\n    build: .\n    command: celery -A a worker\n"
    files, left = fixed("inherited_healthcheck", {"Dockerfile": dockerfile, "compose.yaml": compose})
    assert left == 0
    assert files["compose.yaml"].endswith(
        "  worker:\n    build: .\n    command: celery -A a worker\n    healthcheck:\n      disable: true\n"
    )


def test_fixing_quotes() -> None:
    compose = "services:\n  a:\n    image: x\n    ports:\n      - 2222:22 # ssh\n      - 80:8000\n      - 81:8001/tcp\n"
    files, left = fixed("unquoted_port", {"compose.yaml": compose})
    assert left == 0
    assert files["compose.yaml"].endswith('- "2222:22" # ssh\n      - "80:8000"\n      - "81:8001/tcp"\n')


CONFLICTS = [
    (["80:80"], ["80:81"], True),
    (["80:80"], ["0.0.0.0:80:81"], True),
    (["80:80"], ["[::]:80:81"], True),
    (["127.0.0.1:80:80"], ["127.0.0.1:80:81"], True),
    (["127.0.0.1:80:80"], ["80:81"], False),
    (["80:80/udp"], ["80:80"], False),
    (["80"], ["80"], False),
    (["80-81:80-81"], ["80-81:80-81"], False),
    (["$X:80"], ["$X:80"], False),
]


@pytest.mark.parametrize(("first", "second", "conflict"), CONFLICTS)
def test_ports_of_the_host(first: list[str], second: list[str], *, conflict: bool) -> None:
    compose = f"services:\n  a: {{image: x, ports: {first}}}\n  b: {{image: x, ports: {second}}}\n"
    tree = text_files([("compose.yaml", compose)])
    (deployment,) = assemble(tree, find(tree)).deployments
    assert len(list(deployment.port_conflicts)) == conflict
