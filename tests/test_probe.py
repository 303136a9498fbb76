"""Health checks: the programs of each way in which a test can pass, and what an image lacks for it."""

from __future__ import annotations

import json

import pytest

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model.container import Container
from dockerlint_fastapi.model.image import Image
from dockerlint_fastapi.tree import text_files

SLIM = "FROM python:3.12-slim\n"


def image_of(dockerfile: str) -> Image:
    tree = text_files([("Dockerfile", dockerfile)])
    (image,) = assemble(tree, find(tree)).images
    return image


def service_of(healthcheck: str, dockerfile: str = SLIM) -> Container:
    compose = f"services:\n  web:\n    build: .\n    healthcheck: {healthcheck}\n"
    tree = text_files([("Dockerfile", dockerfile), ("compose.yaml", compose)])
    return next(one for one in assemble(tree, find(tree)).containers if one.service is not None)


def ways(script: str) -> list[str] | None:
    probe = image_of(f"{SLIM}HEALTHCHECK CMD {script}\n").probe
    assert probe is not None
    return None if probe.ways is None else [" ".join(one.name for one in way) for way in probe.ways]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("curl -f x", ["curl"]),
        ('["curl", "-f", "x"]', ["curl"]),
        ('["sh", "-c", "curl -f x || exit 1"]', ["curl"]),
        ('["/bin/bash", "-c", "curl x || wget y"]', ["curl", "wget"]),
        ("curl -f x || exit 1", ["curl"]),
        ("curl -f x || exit $?", ["curl"]),
        ("curl -f x || false", ["curl"]),
        ("curl -f x && exit 0 || exit 1", ["curl"]),
        ("curl -f x && exit 0; exit 1", ["curl"]),
        ("wget x || curl y || exit 1", ["wget", "curl"]),
        ("curl x && wget y", ["curl wget"]),
        ("(curl x)", None),
        ("if curl x; then true; fi", None),
        ("curl x || true", ["curl", ""]),
        ("curl x || exit 0", [""]),
        ("curl x; exit", None),
        ("curl x; python -c y", ["python"]),
        ("exit 1", []),
        ("exit $STATUS", None),
        ("! curl x", None),
        ("curl -s x | grep -q ok", ["curl grep"]),
        ("curl -s x | grep -v ok", ["grep"]),
        ("curl -s x | jq .", ["jq"]),
        ("ps aux | grep -v grep | grep celery", ["ps grep grep"]),
        ('[ "$(curl -s x)" = 200 ]', ["curl"]),
        ("test $(curl -s x | head -1) -eq 200", ["curl"]),
        ('[ "$(curl -s x)" != 500 ]', [""]),
        ('[ -z "$(curl -s x)" ]', [""]),
        ('[ "$(curl -s x || echo 0)" = 0 ]', [""]),
        ('[ "$(ps aux | wc -l)" = 0 ]', [""]),
        ("test -f /tmp/alive", [""]),
        ("timeout 5 curl x", ["curl"]),
        ("sh -c 'curl x || wget y'", [""]),
        ("curl 'x", None),
    ],
)
def test_ways_to_pass(script: str, expected: list[str] | None) -> None:
    assert ways(script) == expected


def test_very_many_ways_are_not_told() -> None:
    assert ways(" && ".join(["a || b"] * 1)) == ["a", "b"]
    assert ways(" || ".join(f"p{number}" for number in range(40))) is None


def lacks(dockerfile: str) -> list[tuple[str, str]]:
    image = image_of(dockerfile)
    assert image.probe is not None
    return [(lack.program, lack.span.text) for lack in image.probe.lacks(image)]


@pytest.mark.parametrize(
    ("dockerfile", "expected"),
    [
        (SLIM + "HEALTHCHECK CMD curl x\n", [("curl", "curl")]),
        (SLIM + "HEALTHCHECK CMD wget x || curl y\n", [("wget", "wget"), ("curl", "curl")]),
        (SLIM + "HEALTHCHECK CMD curl x || curl y\n", [("curl", "curl")]),
        (SLIM + "HEALTHCHECK CMD /usr/bin/curl x\n", [("curl", "/usr/bin/curl")]),
        (SLIM + "HEALTHCHECK CMD /opt/bin/curl x\n", []),
        (SLIM + "HEALTHCHECK CMD ./curl x\n", []),
        (SLIM + "HEALTHCHECK CMD curl x || python -c y\n", []),
        (SLIM + "HEALTHCHECK CMD $CHECK\n", []),
        (SLIM + 'HEALTHCHECK CMD ["uv", "run", "python"]\n', [("uv", '["uv", "run", "python"]')]),
        (SLIM + "HEALTHCHECK CMD python -m app.health\n", []),
        (SLIM + "HEALTHCHECK CMD echo ok\n", []),
        ("FROM alpine:3.23\nRUN apk add python3\nHEALTHCHECK CMD python3 -m http.client\n", []),
        ("FROM scratch\nHEALTHCHECK CMD /api\n", [("sh", "/api")]),
        ('FROM scratch\nHEALTHCHECK CMD ["/api"]\n', []),
        ("FROM registry.example/x\nHEALTHCHECK CMD curl x\n", []),
        (SLIM + "RUN pip install -r requirements.txt\nHEALTHCHECK CMD celery -A x inspect ping\n", []),
        (SLIM + "RUN pip install -r requirements.txt\nHEALTHCHECK CMD curl x\n", [("curl", "curl")]),
        (SLIM + "RUN pip install x\nHEALTHCHECK CMD celery -A x inspect ping\n", [("celery", "celery")]),
    ],
)
def test_what_an_image_lacks(dockerfile: str, expected: list[tuple[str, str]]) -> None:
    assert lacks(dockerfile) == expected


def test_the_shell_that_nobody_wrote() -> None:
    image = image_of("FROM scratch\nHEALTHCHECK CMD /api\n")
    assert image.probe is not None
    assert [lack.is_shell for lack in image.probe.lacks(image)] == [True]


@pytest.mark.parametrize(
    ("healthcheck", "expected"),
    [
        ('{test: ["CMD", "curl", "x"]}', ["curl"]),
        ('{test: ["CMD-SHELL", "curl x || exit 1"]}', ["curl"]),
        ('{test: "curl x$$Y || exit 1"}', ["curl"]),
        ('{test: ["CMD", "sh", "-c", "curl x"]}', ["curl"]),
        ("{interval: 5s}", ["wget"]),
        ('{test: ["CMD-SHELL", "${CHECK}"]}', None),
        ('{test: ["CMD-SHELL", "${CHECK:-curl x}"]}', None),
    ],
)
def test_the_test_of_a_service(healthcheck: str, expected: list[str] | None) -> None:
    probe = service_of(healthcheck, SLIM + "HEALTHCHECK CMD wget x\n").probe
    assert probe is not None
    assert (None if probe.ways is None else [" ".join(one.name for one in way) for way in probe.ways]) == expected


@pytest.mark.parametrize("healthcheck", ["{disable: true}", '{test: ["NONE"]}', '{test: ["curl"]}', "{test: []}"])
def test_no_test(healthcheck: str) -> None:
    assert service_of(healthcheck).probe is None


def test_a_place_behind_a_dollar_is_exact() -> None:
    test = json.dumps("test $$A = b || curl x")
    probe = service_of(f"{{test: {test}}}").probe
    assert probe is not None
    assert [one.argv[0].span.text for one in probe.programs] == ["curl"]
