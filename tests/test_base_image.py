"""What base images hold, and whether an image has a program at the end of its Dockerfile."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dockerlint_fastapi.data
from dockerlint_fastapi.model.bases.base_image import BaseImage, Reference, base_image
from dockerlint_fastapi.model.programs.image_programs import has_program
from dockerlint_fastapi.parsers.dockerfile import parse_dockerfile
from dockerlint_fastapi.source import Source

DATA = Path(dockerlint_fastapi.data.__file__).parent
DIGEST = "sha256:" + "a" * 64


def known(text: str) -> BaseImage:
    found = base_image(Reference.parse(text))
    assert found is not None
    return found


def has(dockerfile: str, program: str) -> bool | None:
    stage = parse_dockerfile(Source.of(dockerfile)).stages[-1]
    text = stage.lineage[0].from_.image.value
    return has_program(stage.lineage, base_image(Reference.parse(text) if text else None), program)


def test_tables_are_dated() -> None:
    tables = sorted(DATA.glob("*.toml"))
    assert len(tables) >= 6
    for path in tables:
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
        assert facts["as_of"], path.name
        assert facts["source"], path.name


def test_tables_agree() -> None:
    facts = tomllib.loads((DATA / "base_images.toml").read_text(encoding="utf-8"))
    contents = facts["contents"]
    for image in facts["images"]:
        assert image["repositories"]
        for layers in image.get("layers", {}).values():
            assert set(layers) <= set(contents), image["family"]
    for name, content in contents.items():
        has_, lacks = content.get("has", "").split(), content.get("lacks", "").split()
        assert not set(has_) & set(lacks), name
    dependencies = tomllib.loads((DATA / "debian_dependencies.toml").read_text(encoding="utf-8"))
    listed = {**dependencies["depends"], **dependencies["recommends"]}
    assert not set(dependencies["inert"].split()) & set(listed)
    packages = tomllib.loads((DATA / "programs.toml").read_text(encoding="utf-8"))["packages"]
    brought = {one for value in listed.values() for one in value.split()}
    assert brought <= set(packages)


# fmt: off
REFERENCES = [
    ("python", "docker.io", "python", None, None),
    ("python:3.12-slim", "docker.io", "python", "3.12-slim", None),
    ("library/python:3", "docker.io", "python", "3", None),
    ("docker.io/library/python", "docker.io", "python", None, None),
    ("docker.io/python:3", "docker.io", "python", "3", None),
    ("index.docker.io/library/python:3", "docker.io", "python", "3", None),
    ("public.ecr.aws/docker/library/python:3.12", "docker.io", "python", "3.12", None),
    ("public.ecr.aws/lambda/python:3.12", "public.ecr.aws", "lambda/python", "3.12", None),
    ("mirror.gcr.io/library/python:3", "docker.io", "python", "3", None),
    ("mirror.gcr.io/python:3", "docker.io", "python", "3", None),
    ("arm32v7/python:3.7-slim", "docker.io", "python", "3.7-slim", None),
    ("docker.io/arm64v8/postgres", "docker.io", "postgres", None, None),
    ("arm64v8/shop:1", "docker.io", "arm64v8/shop", "1", None),
    ("registry.example/arm64v8/python:3", "registry.example", "arm64v8/python", "3", None),
    ("PYTHON:3", "docker.io", "python", "3", None),
    ("tiangolo/uvicorn-gunicorn:python3.11", "docker.io", "tiangolo/uvicorn-gunicorn", "python3.11", None),
    ("ghcr.io/astral-sh/uv:0.5.1-python3.12-alpine", "ghcr.io", "astral-sh/uv", "0.5.1-python3.12-alpine", None),
    ("localhost:5000/a/b:1", "localhost:5000", "a/b", "1", None),
    ("registry.example:5000/python", "registry.example:5000", "python", None, None),
    (f"python@{DIGEST}", "docker.io", "python", None, DIGEST),
    (f"python:3.12-slim@{DIGEST}", "docker.io", "python", "3.12-slim", DIGEST),
    ("a__b/c--d:1.2_3-x", "docker.io", "a__b/c--d", "1.2_3-x", None),
]
# fmt: on


@pytest.mark.parametrize(("text", "registry", "repository", "tag", "digest"), REFERENCES)
def test_reference(text: str, registry: str, repository: str, tag: str | None, digest: str | None) -> None:
    found = Reference.parse(text)
    assert found is not None
    assert (found.registry, found.repository, found.tag, found.digest) == (registry, repository, tag, digest)
    assert found.text == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "$IMAGE",
        "python:${TAG}",
        "python:",
        ":3",
        "a b",
        "python:3:4",
        "python@sha256:x",
        "/python",
        "https://x/y",
        "a//b:",
    ],
)
def test_no_reference(text: str) -> None:
    assert Reference.parse(text) is None


def test_long_references_are_read_in_linear_time() -> None:
    for text in ("a" * 100_000, "a" * 50_000 + "$", "a-" * 50_000, "a/" * 50_000 + "$", "a." * 50_000 + ":"):
        Reference.parse(text)


def test_moving() -> None:
    moving = {text: Reference.parse(text) for text in ("python", "python:latest", "python:3", f"python@{DIGEST}")}
    assert [found.moving for found in moving.values() if found] == [True, True, False, False]


@pytest.mark.parametrize(
    ("text", "drift"),
    [
        ("python", "latest"),
        ("python:latest", "latest"),
        ("ghcr.io/astral-sh/uv:latest", "latest"),
        (f"python@{DIGEST}", None),
        (f"python:latest@{DIGEST}", None),
        ("python:3", "series"),
        ("python:3-slim", "series"),
        ("python:slim", "series"),
        ("python:alpine3.23", "series"),
        ("python:3.12", None),
        ("python:3.13-rc-slim", None),
        ("alpine:3", "series"),
        ("alpine:3.23", None),
        ("alpine:20240329", None),
        ("node:lts-slim", "series"),
        ("node:22", None),
        ("postgres:16-alpine", None),
        ("postgres:alpine", "series"),
        ("debian:bookworm-slim", None),
        ("debian:stable-slim", "series"),
        ("rust:bookworm", "series"),
        ("timescale/timescaledb:latest-pg16", "series"),
        ("shop/model:latest-gpu", "latest"),
        ("ghcr.io/astral-sh/uv:python3.12-bookworm-slim", None),
        ("ghcr.io/astral-sh/uv:debian-slim", "series"),
        ("gcr.io/distroless/python3-debian12", "series"),
        ("shop/web:a1b2c3d", None),
        ("shop/web:release-candidate", None),
        ("shop/web:main", "series"),
    ],
)
def test_drift(text: str, drift: str | None) -> None:
    found = Reference.parse(text)
    assert found is not None
    assert found.drift == drift


@pytest.mark.parametrize(
    ("text", "versionless"),
    [
        ("nginx:alpine", True),
        ("python:slim", True),
        ("nginx:stable-alpine", False),  # a channel that its makers keep
        ("node:lts", False),
        ("nginx", False),
        ("nginx:1.27-alpine", False),
        ("debian:bookworm", False),
    ],
)
def test_versionless(text: str, versionless: bool) -> None:  # noqa: FBT001
    found = Reference.parse(text)
    assert found is not None
    assert found.is_versionless is versionless


@pytest.mark.parametrize(
    ("text", "local", "public", "namespace"),
    [
        ("python", False, True, ""),
        ("docker.io/library/python", False, True, ""),
        ("web", True, False, ""),
        ("localhost/web", True, False, "localhost"),
        ("localhost:5000/shop/web", True, False, "localhost:5000/shop"),
        ("grafana/grafana", False, True, "grafana"),
        ("ghcr.io/astral-sh/uv", False, True, "ghcr.io/astral-sh"),
        ("mcr.microsoft.com/playwright/python", False, True, "mcr.microsoft.com/playwright"),
        ("shop/web", False, False, "shop"),
        ("ghcr.io/grafana/web", False, False, "ghcr.io/grafana"),
    ],
)
def test_whose_image_it_is(text: str, *, local: bool, public: bool, namespace: str) -> None:
    found = Reference.parse(text)
    assert found is not None
    assert (found.is_local, found.is_public, found.namespace) == (local, public, namespace)


@pytest.mark.parametrize(
    ("text", "deprecated", "ended"),
    [
        ("tiangolo/uvicorn-gunicorn-fastapi:python3.11", True, False),
        ("tiangolo/uvicorn-gunicorn-fastapi:python3.10-slim", True, False),
        ("tiangolo/uvicorn-gunicorn-fastapi", True, False),
        ("tiangolo/uvicorn-gunicorn:python3.9", True, True),
        ("tiangolo/uvicorn-gunicorn:python3.8-slim-2024-11-02", True, True),
        ("tiangolo/uvicorn-gunicorn-starlette:python3.11-alpine3.19", True, True),
        ("tiangolo/meinheld-gunicorn:python3.9", True, True),
        ("tiangolo/uwsgi-nginx:python3.9", False, False),
        ("python:3.9", False, False),
    ],
)
def test_deprecated_images(text: str, *, deprecated: bool, ended: bool) -> None:
    assert (known(text).deprecated, known(text).ended) == (deprecated, ended)


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet="python/:.-_@sha256$ 3{}A\n", max_size=60) | st.text(max_size=30))
def test_any_reference(text: str) -> None:
    found = Reference.parse(text)
    if found is not None:
        assert found.repository
        base_image(found)
        assert found.drift in (None, "latest", "series")
        assert not (found.is_local and found.is_public)


# fmt: off
IMAGES = [
    # reference, family, variant, distribution, release, python version, python, shell
    ("python", "python", "full", "debian", None, None, True, "dash"),
    ("python:3", "python", "full", "debian", None, "3", True, "dash"),
    ("python:3.12", "python", "full", "debian", None, "3.12", True, "dash"),
    ("python:3.12.4-slim", "python", "slim", "debian", None, "3.12.4", True, "dash"),
    ("python:slim", "python", "slim", "debian", None, None, True, "dash"),
    ("python:3.12-slim-bookworm", "python", "slim", "debian", "bookworm", "3.12", True, "dash"),
    ("python:3.13-trixie", "python", "full", "debian", "trixie", "3.13", True, "dash"),
    ("python:3.12-alpine", "python", "alpine", "alpine", None, "3.12", True, "busybox"),
    ("python:3.12-alpine3.20", "python", "alpine", "alpine", "3.20", "3.12", True, "busybox"),
    ("python:3.15-rc-slim", "python", "slim", "debian", None, "3.15", True, "dash"),
    ("python:3.13.0rc2-slim", "python", "slim", "debian", None, "3.13.0", True, "dash"),
    ("python:3.12-windowsservercore-ltsc2022", "python", None, None, None, None, True, None),
    (f"python@{DIGEST}", "python", None, None, None, None, True, None),
    (f"python:3.12-slim@{DIGEST}", "python", "slim", "debian", None, "3.12", True, "dash"),
    ("ghcr.io/astral-sh/uv", "uv", "binary", None, None, None, False, "none"),
    ("ghcr.io/astral-sh/uv:0.5", "uv", "binary", None, None, None, False, "none"),
    ("ghcr.io/astral-sh/uv:0.5.1", "uv", "binary", None, None, None, False, "none"),
    ("astral/uv:debian", "uv", "full", "debian", None, None, None, "dash"),
    ("ghcr.io/astral-sh/uv:debian-slim", "uv", "slim", "debian", None, None, None, "dash"),
    ("ghcr.io/astral-sh/uv:alpine", "uv", "alpine", "alpine", None, None, None, "busybox"),
    ("ghcr.io/astral-sh/uv:python3.12-bookworm-slim", "uv", "python-slim", "debian", "bookworm", "3.12", True, "dash"),
    ("ghcr.io/astral-sh/uv:0.5.1-python3.13-trixie", "uv", "python-full", "debian", "trixie", "3.13", True, "dash"),
    ("ghcr.io/astral-sh/uv:python3.12-alpine3.21", "uv", "python-alpine", "alpine", "3.21", "3.12", True, "busybox"),
    ("ghcr.io/astral-sh/uv:python3.12-dhi", "uv", None, None, None, "3.12", None, None),
    ("debian:12-slim", "debian", "slim", "debian", "bookworm", None, False, "dash"),
    ("debian:bookworm-20240812-slim", "debian", "slim", "debian", "bookworm", None, False, "dash"),
    ("debian", "debian", "full", "debian", None, None, False, "dash"),
    ("ubuntu:22.04", "ubuntu", "full", "ubuntu", "22.04", None, False, "dash"),
    ("ubuntu:jammy", "ubuntu", "full", "ubuntu", "jammy", None, False, "dash"),
    ("alpine:3.19", "alpine", "alpine", "alpine", "3.19", None, False, "busybox"),
    ("node:22-bookworm-slim", "node", "slim", "debian", "bookworm", None, None, "dash"),
    ("node:lts-alpine", "node", "alpine", "alpine", None, None, None, "busybox"),
    ("nginx:stable-alpine", "nginx", "alpine", "alpine", None, None, False, "busybox"),
    ("nginx:alpine-slim", "nginx", "alpine-slim", "alpine", None, None, False, None),
    ("gcr.io/distroless/python3-debian12", "distroless", "full", "debian", "bookworm", "3.11", True, "none"),
    ("gcr.io/distroless/python3-debian13:debug-nonroot", "distroless", "debug", "debian", "trixie", "3.13", True, None),
    ("tiangolo/uvicorn-gunicorn-fastapi:python3.11", "tiangolo", "full", "debian", None, "3.11", True, "dash"),
    ("tiangolo/uvicorn-gunicorn-fastapi:python3.11-slim-2024-11-02", "tiangolo", "slim", "debian", None, "3.11", True, "dash"),  # noqa: E501
    ("nvidia/cuda:12.4.1-runtime-ubuntu22.04", "cuda", None, None, None, None, False, None),
    ("public.ecr.aws/lambda/python:3.12", "aws-lambda", "full", None, None, None, True, None),
    ("continuumio/miniconda3", "miniconda", "full", "debian", None, None, True, "dash"),
]
# fmt: on


@pytest.mark.parametrize(
    ("text", "family", "variant", "distribution", "release", "version", "python", "shell"),
    IMAGES,
    ids=[i[0] for i in IMAGES],
)
def test_image(
    text: str,
    family: str,
    *,
    variant: str | None,
    distribution: str | None,
    release: str | None,
    version: str | None,
    python: bool | None,
    shell: str | None,
) -> None:
    found = known(text)
    assert found.family == family
    assert (found.variant, found.distribution, found.release) == (variant, distribution, release)
    assert (found.python_version, found.python, found.shell) == (version, python, shell)


@pytest.mark.parametrize("text", ["foo/bar", "registry.example/python:3.12", "me/python", "scratch", "quay.io/python"])
def test_unknown_images(text: str) -> None:
    assert base_image(Reference.parse(text)) is None


def test_no_reference_is_no_image() -> None:
    assert base_image(None) is None


# fmt: off
CONTENTS = [
    # image, has, lacks, cannot be told; from docker-library's Dockerfiles (see base_images.toml)
    ("python:3.12", "bash curl wget ps pgrep gcc make git python python3.12 pip perl tar",
     "nc jq pg_isready redis-cli http telnet", "some-program python3.11"),
    ("python:3.12-slim", "sh bash python python3 pip perl tar sed timeout openssl",
     "curl wget ps pgrep nc gcc git jq pg_isready ping anything-else", "python3.11 adduser"),
    ("python:3.12-alpine", "sh wget ps pgrep nc python3 timeout apk",
     "bash curl gcc git jq pg_isready", "telnet openssl"),
    ("ghcr.io/astral-sh/uv:python3.12-bookworm-slim", "uv uvx python bash", "curl wget ps gcc", ""),
    ("ghcr.io/astral-sh/uv:python3.12-bookworm", "uv python curl wget gcc ps", "nc", ""),
    ("ghcr.io/astral-sh/uv:0.5", "uv uvx", "sh bash curl python", ""),
    ("gcr.io/distroless/python3-debian13", "python python3 python3.13", "sh bash curl wget nc ls pip", "openssl"),
    ("gcr.io/distroless/python3-debian13:debug", "python busybox wget", "curl bash", ""),
    ("debian:bookworm-slim", "sh bash apt-get", "curl wget python3 python3.11 ps", ""),
    ("ubuntu:24.04", "sh bash ps apt-get", "curl wget python3 nc", "whatever"),
    ("alpine:3.20", "sh wget nc ps", "curl bash git", "python3"),
    ("tiangolo/uvicorn-gunicorn-fastapi:python3.11", "curl python", "nc", "uvicorn"),
    ("postgres:16-alpine", "pg_isready psql", "", "curl sh"),
    ("redis:7", "redis-cli", "", "curl"),
    ("nginx:1.27", "nginx curl sh", "", "wget"),
    ("node:22-slim", "node npm sh", "curl wget", "yarn"),
    ("continuumio/miniconda3", "conda python wget ps git", "nc pg_isready", "curl jq"),
    ("python:3.6", "curl", "", "ping nc"),
    ("python:2.7-slim-stretch", "python bash", "", "curl ping ps"),
    ("nvidia/cuda:12.4.1-runtime-ubuntu22.04", "", "", "curl sh"),
    (f"python@{DIGEST}", "", "", "curl sh wget"),
]
# fmt: on


@pytest.mark.parametrize(("text", "present", "absent", "unknown"), CONTENTS, ids=[row[0] for row in CONTENTS])
def test_contains(text: str, present: str, absent: str, unknown: str) -> None:
    image = known(text)
    assert {program: image.contains(program) for program in present.split()} == dict.fromkeys(present.split(), True)
    assert {program: image.contains(program) for program in absent.split()} == dict.fromkeys(absent.split(), False)
    assert {program: image.contains(program) for program in unknown.split()} == dict.fromkeys(unknown.split())


def test_packages_of_images() -> None:
    assert known("python:3.12").has_package("gcc") is True
    assert known("python:3.12").has_package("libpq-dev") is True
    assert known("python:3.12").has_package("curl") is True
    assert known("python:3.12-slim").has_package("gcc") is False
    assert known("python:3.12-slim").has_package("libpq5") is False
    assert known("python:3.12-slim").has_package("ca-certificates") is True
    assert known("python:3.12-slim").has_package("adduser") is None
    assert known("python:3.12-slim-buster").has_package("libpq5") is None
    assert known("python:3.12-alpine").has_package("gcc") is None
    assert known("ubuntu:22.04").has_package("gcc") is None


def test_how_images_start() -> None:
    python = known("python:3.12-slim")
    assert (python.cmd, python.entrypoint, python.user, python.healthcheck) == (("python3",), (), "root", False)
    uv = known("ghcr.io/astral-sh/uv:python3.12-alpine")
    assert (uv.cmd, uv.entrypoint, uv.healthcheck) == (("/usr/local/bin/uv",), (), False)
    binary = known("ghcr.io/astral-sh/uv:latest")
    assert (binary.cmd, binary.entrypoint) == ((), ("/uv",))
    distroless = known("gcr.io/distroless/python3-debian12")
    assert (distroless.entrypoint, distroless.user) == (("/usr/bin/python3.11",), "root")
    assert known("gcr.io/distroless/python3-debian12:nonroot").user == "nonroot"
    tiangolo = known("tiangolo/uvicorn-gunicorn-fastapi:python3.11")
    assert (tiangolo.server, tiangolo.port, tiangolo.cmd) == ("gunicorn", 80, ("/start.sh",))
    assert tiangolo.environment["PYTHONPATH"] == "/app"
    lambda_ = known("public.ecr.aws/lambda/python:3.12")
    assert (lambda_.cmd, lambda_.user, lambda_.healthcheck) == (None, None, None)
    windows = known("python:3.12-windowsservercore-ltsc2022")
    assert (windows.cmd, windows.user) == (None, None)
    cuda = known("nvidia/cuda:13.0.1-cudnn-runtime-ubuntu22.04")  # no word of its tags names another user
    assert (cuda.cmd, cuda.user, cuda.healthcheck) == (None, "root", False)


SLIM = "FROM python:3.12-slim\n"
# fmt: off
PROGRAMS = [
    # Dockerfile, program, answer
    (SLIM, "curl", False),
    (SLIM, "wget", False),
    (SLIM, "python", True),
    ("FROM python:3.12\n", "curl", True),
    ("FROM python:3.12-alpine\n", "curl", False),
    ("FROM python:3.12-alpine\n", "wget", True),
    ("FROM foo/bar\n", "curl", None),
    ("FROM $BASE\n", "curl", None),
    ("FROM scratch\n", "curl", False),
    ("FROM scratch\nCOPY --from=x /usr/bin/curl /usr/bin/curl\n", "curl", True),
    # packages
    (SLIM + "RUN apt-get update && apt-get install -y --no-install-recommends curl\n", "curl", True),
    ("FROM foo/bar\nRUN apt-get update && apt-get install -y curl\n", "curl", True),
    (SLIM + "RUN apt-get install -y procps\n", "pgrep", True),
    (SLIM + "RUN apt-get install -y gcc libpq-dev && rm -rf /var/lib/apt/lists/*\n", "curl", False),
    (SLIM + "RUN apt-get install -y build-essential git ca-certificates\n", "curl", False),
    (SLIM + "RUN apt-get install -y libfoo7 fonts-dejavu-core\n", "curl", False),
    (SLIM + "RUN apt-get install -y libbigwig0\n", "curl", None),
    (SLIM + "RUN apt-get install -y some-package\n", "curl", None),
    (SLIM + "RUN apt-get install -y google-perftools\n", "curl", True),
    (SLIM + "RUN apt-get install -y gettext\n", "curl", None),
    (SLIM + "RUN apt-get install -y --no-install-recommends gettext\n", "curl", False),
    (SLIM + "RUN apt-get install -y cmake\n", "ps", True),
    (SLIM + "RUN apt-get install -y postgresql\n", "pg_isready", True),
    (SLIM + "RUN apt-get install -y libpq5\n", "pg_isready", False),
    (SLIM + "RUN apt-get install -y gcc\n", "grpc_health_probe", None),
    (SLIM + "RUN apt-get install -y $PACKAGES\n", "curl", None),
    (SLIM + "RUN xargs apt-get install -y < packages.txt\n", "curl", None),
    (SLIM + "RUN apt-get install -y ./x.deb\n", "curl", None),
    (SLIM + "RUN dpkg -i x.deb\n", "curl", None),
    (SLIM + "RUN dpkg -i /tmp/wkhtmltox_0.12.6.1-3.bookworm_amd64.deb\n", "curl", False),
    (SLIM + "RUN dpkg -i ./wkhtmltox_*_amd64.deb\n", "curl", False),
    (SLIM + "RUN dpkg -i /tmp/*.deb\n", "curl", None),
    (SLIM + "RUN dpkg -i $NAME_1.0.deb\n", "curl", None),
    (SLIM + "RUN dpkg -i curl_8.5.0-2_amd64.deb\n", "curl", None),
    (SLIM + "RUN dpkg -i chrome_1.0_amd64.deb || apt-get -fy install\n", "wget", None),
    (SLIM + "RUN apt install --fix-broken -y\n", "wget", None),
    (SLIM + "RUN apt-get install -y curl && apt-get purge -y curl\n", "curl", False),
    (SLIM + "RUN apt-get install -y curl\nRUN apt-get purge -y --auto-remove curl\n", "curl", False),
    (SLIM + "RUN apt-get install -y curl && apt-mark auto '.*' && apt-get purge -y --auto-remove\n", "curl", None),
    (SLIM + "RUN apt-get install -y curl gcc && apt-get purge -y gcc\n", "curl", True),
    (SLIM + 'RUN if [ -n "$DEV" ]; then apt-get install -y curl; fi\n', "curl", None),
    ("FROM python:3.12-alpine\nRUN apk add --no-cache curl\n", "curl", True),
    ("FROM python:3.12-alpine\nRUN apk add --no-cache gcc musl-dev libffi-dev\n", "curl", False),
    ("FROM python:3.12-alpine\nRUN apk add --no-cache alpine-sdk\n", "curl", None),
    ("FROM python:3.12-alpine\nRUN apk add --virtual .b curl && apk del .b\n", "curl", False),
    ("FROM python:3.12-alpine\nRUN apk add --virtual .b curl && apk del .c\n", "curl", True),
    # harmless commands
    ((SLIM + "WORKDIR /app\nCOPY requirements.txt .\nRUN pip install --no-cache-dir -r requirements.txt\nCOPY . .\n"
     "RUN useradd -m app && chown -R app /app && mkdir -p /data\nUSER app\n"), "curl", False),
    (SLIM + "RUN python -m venv /v && . /v/bin/activate && uv sync && poetry install\n", "curl", False),
    (SLIM + "RUN curl -sSL https://install.python-poetry.org | python3 -\n", "wget", False),
    (SLIM + "RUN curl -LsSf https://astral.sh/uv/install.sh | sh\n", "wget", False),
    (SLIM + "RUN curl -fsSL https://example.org/setup | bash -\n", "wget", None),
    (SLIM + "RUN ./install.sh\n", "curl", None),
    (SLIM + "RUN bash install.sh\n", "curl", None),
    (SLIM + "RUN make install\n", "curl", None),
    (SLIM + "RUN $INSTALL\n", "curl", None),
    (SLIM + 'RUN ["/bin/sh", "-c", "x"]\n', "curl", None),
    (SLIM + 'RUN ["pip", "install", "x"]\n', "curl", False),
    (SLIM + "RUN playwright install chromium\n", "curl", False),
    (SLIM + "RUN playwright install --with-deps chromium\n", "curl", None),
    (SLIM + "RUN python -m playwright install-deps\n", "curl", None),
    (SLIM + "RUN find /x -name y -exec rm {} + && chmod +x /x\n", "curl", False),
    (SLIM + "RUN find /x -name y -exec sh {} +\n", "curl", None),
    (SLIM + "RUN echo x > /usr/bin/curl\n", "curl", None),
    (SLIM + "RUN cp x /usr/local/bin/ && ln -s /a/uvicorn /usr/bin/uvicorn\n", "curl", False),
    (SLIM + "RUN cp -r bin/. /usr/local/bin/\n", "curl", None),
    (SLIM + "RUN ln -s /x/curl /usr/bin/\n", "curl", None),
    (SLIM + "RUN tar -xzf x.tgz -C /opt/x\n", "curl", False),
    (SLIM + "RUN tar -xzf x.tgz -C /usr/local\n", "curl", None),
    (SLIM + "RUN wget -O /usr/bin/curl https://x\n", "curl", None),
    (SLIM + "RUN echo 'unclosed\n", "curl", None),
    (SLIM + "RUN ./x.sh\nRUN apt-get install -y curl && apt-get purge -y curl\n", "curl", None),
    ("FROM python:3.12\nRUN apt-get purge -y curl\n", "curl", False),
    (SLIM + "RUN echo x | tee /etc/x.conf\n", "curl", False),
    (SLIM + "RUN echo x | tee /usr/bin/curl\n", "curl", None),
    (SLIM + "RUN mv a b && cp x .\n", "curl", False),
    (SLIM + "RUN apt-get install -y postgresql-client-16\n", "curl", False),
    (SLIM + "RUN apt-get install -y postgresql-client-16\n", "pg_isready", True),
    (SLIM + "RUN apt-get install -y netcat\n", "nc", True),
    # what pip may bring
    (SLIM + "RUN pip install httpie\n", "http", True),
    (SLIM + "RUN pip install -r requirements.txt\n", "http", None),
    (SLIM + "RUN pip install fastapi\n", "http", False),
    (SLIM + "RUN conda install -y curl\n", "curl", True),
    (SLIM + "RUN conda env update -f environment.yml\n", "curl", None),
    # COPY and ADD
    (SLIM + "COPY --from=x /usr/bin/curl /usr/bin/\n", "curl", True),
    (SLIM + "COPY --from=x /a/b /usr/local/bin/curl\n", "curl", True),
    (SLIM + "COPY curl /usr/local/bin/\n", "curl", True),
    (SLIM + "COPY --from=ghcr.io/astral-sh/uv:latest /uv /uvx /bin/\n", "curl", False),
    (SLIM + "COPY --from=x /tools /usr/local/bin\n", "curl", None),
    (SLIM + "COPY --from=x / /\n", "curl", None),
    (SLIM + "COPY --from=x /usr/bin /usr/bin\n", "curl", None),
    (SLIM + "COPY rootfs/ /\n", "curl", None),
    (SLIM + "COPY entrypoint.sh /usr/local/bin/\n", "curl", False),
    (SLIM + "COPY entrypoint /usr/local/bin/entrypoint\n", "curl", False),
    (SLIM + "COPY scripts /usr/local/bin\n", "curl", None),
    (SLIM + "COPY . $APP_HOME\n", "curl", False),
    (SLIM + "WORKDIR $X\nCOPY . .\n", "curl", False),
    (SLIM + "ADD x.tar.gz /\n", "curl", None),
    (SLIM + "ADD x.tar.gz /opt/x\n", "curl", False),
    (SLIM + "ADD https://x/y.sh /usr/bin/\n", "curl", False),
    (SLIM + "COPY --from=builder /opt/venv /opt/venv\n", "curl", False),
    # another stage
    (("FROM python:3.12-slim AS b\nRUN apt-get update && apt-get install -y curl gcc && pip install x\n"
     "FROM python:3.12-slim\nCOPY --from=b /usr/local/bin /usr/local/bin\n"), "curl", False),
    (("FROM python:3.12-slim AS b\nRUN ./install.sh\n"
     "FROM python:3.12-slim\nCOPY --from=b /usr/local/bin /usr/local/bin\n"), "curl", None),
    (("FROM python:3.12-slim AS b\nCOPY curl /usr/local/bin/\n"
     "FROM python:3.12-slim\nCOPY --from=b /usr/local /usr/local\n"), "curl", True),
    ("FROM foo AS b\nFROM python:3.12-slim\nCOPY --from=b /usr/local/bin /usr/local/bin\n", "curl", None),
    ("FROM foo AS b\nFROM python:3.12-slim\nCOPY --from=b /usr/local/lib/python3.12/site-packages /usr/local/lib/python3.12/site-packages\n", "curl", False),  # noqa: E501
    ("FROM python:3.12-slim AS base\nRUN apt-get install -y curl\nFROM base\n", "curl", True),
    ("FROM python:3.12 AS base\nFROM python:3.12-slim\n", "curl", False),
]
# fmt: on


@pytest.mark.parametrize(("dockerfile", "program", "expected"), PROGRAMS)
def test_has_program(dockerfile: str, program: str, *, expected: bool | None) -> None:
    assert has(dockerfile, program) is expected


LINES = st.sampled_from(
    [
        "RUN apt-get install -y curl",
        "RUN apt-get purge -y curl",
        "RUN apt-get install -y $X gcc",
        "RUN pip install -r x && cp a b",
        "RUN curl x | sh",
        "RUN tar x",
        "RUN cp",
        "RUN ln -s a",
        "RUN find -exec",
        "RUN .",
        "RUN env",
        "RUN xargs",
        'RUN ["curl"]',
        "RUN []",
        "COPY a /usr/bin/",
        "COPY --from=0 /usr/local /usr/local",
        "COPY --from=s /usr/local/bin/x /usr/local/bin/",
        "COPY . $X",
        "ADD a.tgz /usr",
        "WORKDIR ..",
        "WORKDIR $Y",
        "FROM s AS t",
        "FROM python:3-slim AS s",
        "FROM $X",
        "COPY --from=1 /usr/local/bin /usr/local/bin",
        "HEALTHCHECK CMD curl x",
        'COPY ["a", "/"]',
    ]
)


@settings(deadline=None, max_examples=300)
@given(st.lists(LINES, max_size=10))
def test_any_dockerfile(lines: list[str]) -> None:
    dockerfile = parse_dockerfile(Source.of("FROM python:3.12-slim AS s\n" + "\n".join(lines) + "\n"))
    for stage in dockerfile.stages:
        text = stage.lineage[0].from_.image.value
        base = base_image(Reference.parse(text)) if text else None
        for program in ("curl", "http", "nc", ""):
            assert has_program(stage.lineage, base, program) in (True, False, None)


@pytest.mark.parametrize(
    ("text", "official"),
    [
        ("docker.mirror.example/library/python:3.10-slim", True),
        ("harbor.example.com/proxy/library/python:3.10-slim", True),
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/docker-hub/library/python:3.10", True),
        ("gitlab.example.com/group/dependency_proxy/containers/python:3.10", True),
        ("artifacts.example.com/docker-remote/python:3.10", True),
        ("artifacts.example.com/docker-local/python:3.10", False),
        ("registry.example.com/team/python:3.10", False),
        ("registry.example.com/python:3.10", False),
        ("registry.example.com/library/shop:3.10", False),
        ("registry.example.com/library/team/python:3.10", False),
    ],
)
def test_official_images_behind_a_mirror(text: str, *, official: bool) -> None:
    reference = Reference.parse(text)
    assert reference is not None
    assert (reference.full_repository == "python") is official
