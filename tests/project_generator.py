"""Small projects made at random from a seed: Dockerfiles, compose files and ignore files, sound and broken.

A plain module: tests load it by path. `projects(seed, samples, dockerfiles)` never ends.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

Files = dict[str, bytes]
T = TypeVar("T")

DOCKERFILE_NAMES = (
    "Dockerfile", "Dockerfile", "Dockerfile", "Dockerfile.dev", "api/Dockerfile", "api/prod.Dockerfile",
    "Dockerfile.j2", "tests/Dockerfile", ".devcontainer/Dockerfile", "ignored/Dockerfile",
)  # fmt: skip
COMPOSE_NAMES = (
    "compose.yaml", "compose.yaml", "docker-compose.yml", "docker-compose.prod.yml", "compose.override.yaml",
    "docker-compose.dev.yml", "api/compose.yml", "compose.template.yml", "ignored/compose.yaml",
    ".devcontainer/compose.yaml",
)  # fmt: skip
OTHERS: Mapping[str, tuple[bytes, ...]] = {
    ".dockerignore": (b".git\n", b"*\n!app\n", b"\xff\n[\n", b"", b"**/.env\n!\n#\n", b".venv\r\n"),
    "Dockerfile.dockerignore": (b"*\n", b"!"),
    ".gitignore": (b"ignored/\n", b"*.dev\n", b"*\n", b"!\n[\n\\\n"),
    ".env": (b"TAG=1\nSECRET=hunter2\n", b"=\n\xff", b"PORT='80"),
    "requirements.txt": (b"fastapi\nuvicorn[standard]\n", b"psycopg2\n-r other.txt\n", b"\xff"),
    "app/main.py": (b"from fastapi import FastAPI\n\napp = FastAPI()\n", b"def\n"),
    "gunicorn.conf.py": (b"bind = '127.0.0.1:80'\n",),
    "k8s/deployment.yaml": (b"apiVersion: apps/v1\nkind: Deployment\n",),
    "pyproject.toml": (b"[project]\nname = 'x'\n", b"["),
    "common.yml": (b"services:\n  base:\n    build: .\n    command: uvicorn app.main:app --reload\n", b"services: 1\n"),
}
FROMS = (
    "python:3.12-slim", "python", "python:3.12-alpine", "python:3.8", "tiangolo/uvicorn-gunicorn-fastapi:python3.11",
    "ghcr.io/astral-sh/uv:python3.12-bookworm-slim", "ubuntu:24.04", "scratch", "node:20", "${BASE}", "builder", "base",
    "acme/python@sha256:00", "python:${TAG:-3.12}", "nginx", "gcr.io/distroless/python3",
)  # fmt: skip
BODY = (
    "WORKDIR /app", "COPY . .", "COPY requirements.txt .", "COPY --from=builder /app /app", "COPY app app",
    "RUN pip install -r requirements.txt", "RUN pip install --no-cache-dir --user fastapi", "RUN uv sync --locked",
    "RUN apt-get update && apt-get install -y gcc curl", "RUN apk add --no-cache build-base", "RUN poetry install",
    "RUN apt-get update && \\\n apt-get install -y --no-install-recommends gcc && \\\n  rm -rf /var/lib/apt/lists/*",
    "RUN --mount=type=cache,target=/root/.cache pip install fastapi", "USER app", "USER root", "USER 0:0",
    "USER ${UID}",
    "ENV API_KEY=sk_live_51Habcdefgh PATH=/x:$PATH", "ENV UVICORN_RELOAD=1 WEB_CONCURRENCY=4", "ARG TAG=3.12",
    "LABEL password=hunter22x", "EXPOSE 8000", "EXPOSE $PORT", "HEALTHCHECK CMD curl -f http://localhost:8000/",
    "HEALTHCHECK NONE", 'HEALTHCHECK --interval=5s CMD ["wget", "x"]', 'SHELL ["/bin/bash", "-c"]', "VOLUME /data",
    "ADD https://example.org/x.tar.gz /", "ADD . /app", "STOPSIGNAL SIGINT", "ONBUILD RUN pip install x",
    "RUN useradd app",
    "RUN <<EOF\npip install fastapi\nEOF", "COPY <<EOF /start.sh\nuvicorn app.main:app\nEOF",
    "RUN {{ cookiecutter.x }}",
    "# dlf: ignore[runs-as-root] as we wish", "# dlf: ignore[all]", "# hadolint ignore=DL3042", "# check=skip=all",
    "# dlf: ignore-file[shell-form-cmd]", "# dlf: ignore[no-such-rule]", "RUN export A=1 && sudo pip install x",
)  # fmt: skip
COMMANDS = (
    "uvicorn app.main:app --host 0.0.0.0 --port 8000", "uvicorn app.main:app --reload", "fastapi run app/main.py",
    "fastapi dev", "gunicorn -k uvicorn.workers.UvicornWorker app.main:app", "exec uvicorn app.main:app --host=$HOST",
    "alembic upgrade head && uvicorn app.main:app --workers 4", "celery -A app worker", "python -m uvicorn x:y",
    "poetry run uvicorn app:app --port $PORT", "./start.sh", "hypercorn app:app --bind 127.0.0.1:80",
    "tail -f /dev/null",
    "granian --interface asgi app:app", "sh -c 'uvicorn a:b & wait'", "gosu app uvicorn a:b", "'", "$(x",
    "nginx -g 'daemon off;'",
    "uvicorn app:app --host 0.0.0.0 --port 8000 --workers 2 --reload --proxy-headers", "sleep infinity",
    "python app/main.py",
)  # fmt: skip
IMAGES = (
    "postgres:16",
    "redis",
    "nginx:1.27",
    "acme/api:${TAG}",
    "${IMAGE:-python:3.12}",
    "rabbitmq:3-management",
    "''",
)
ENTRIES: tuple[str, ...] = (
    "build: .", "build: ./api", "build: {context: ., dockerfile: api/Dockerfile, target: builder}", "build: 1",
    "build: {context: ., target: dev}", "build: {dockerfile_inline: 'FROM scratch'}", "build: {context: ${DIR:-.}}",
    "image: acme/api", "restart: always", "restart: 'no'", "restart: {}", "ports: ['8000:8000']", "ports: 8000",
    "ports: ['127.0.0.1:80:80', {target: 80}]", "environment: {SECRET_KEY: hunter22, UVICORN_RELOAD: 1}",
    "environment: [POSTGRES_PASSWORD=postgres, ENVIRONMENT=development, X]", "env_file: .env", "user: root",
    "user: '1000:1000'", "network_mode: host", "network_mode: service:db",
    "volumes: ['.:/app', 'data:/d', './src:/src:ro']",
    "volumes: [{type: bind, source: ., target: /app}]", "depends_on: [db]", "profiles: [dev]", "profiles: x",
    "depends_on: {db: {condition: service_healthy}}", "healthcheck: {test: curl localhost}",
    "healthcheck: {disable: true}",
    "healthcheck: {test: [CMD, wget, x], interval: 5}", "develop: {watch: [{action: sync, path: .}]}", "extends: web",
    "extends: {file: common.yml, service: base}", "deploy: {placement: {}, restart_policy: {condition: any}}",
    "<<: *common", "command: !reset null", "entrypoint: []", "entrypoint: [sh, -c]", "command: []", "container_name: x",
    "secrets: [db]", "expose: [8000]", "init: true", "# dlf: ignore[missing-restart-policy]", "# dlf: ignore[all] x",
    "privileged: true",
)  # fmt: skip
SERVICES = ("web", "api", "db", "worker", "proxy", "web", "migrate")
YAML_SOUP = (
    "services", "web", ":", ": ", "\n", "\n  ", "\n    ", "- ", "[", "]", "{", "}", ",", "&a ", "*a", "<<: *a", "!x ",
    "'", '"',
    "|\n", ">\n", "# c", "\t", "---\n", "...\n", "? ", "build", "command", "${X}", "$$", "${X:-", "null", "~", "1",
    "é", "\x00",
    "\ufeff", "\r\n", "\u2028", "%YAML 1.1\n", "@", "`", "include", "extends",
)  # fmt: skip
BYTES = (b"\xff", b"\x00", b"\xef\xbb\xbf", b"\r", b"\xc3", b"\xed\xa0\x80", b"\x1b[31m", b"\xe2\x80\xa8")


class Maker:
    """Makes one project after the other from one random stream."""

    def __init__(self, seed: int, samples: Sequence[Files], dockerfiles: Iterator[str]) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a test's data, no secret
        self.samples = samples
        self.dockerfiles = dockerfiles

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def pick(self, things: Sequence[T]) -> T:
        return self.random.choice(things)

    def project(self) -> Files:
        """The next project."""
        if self.samples and self.chance(0.4):
            files = dict(self.pick(self.samples))
            for path in list(files):
                if self.chance(0.5):
                    files[path] = self.mutated(files[path])
            if self.chance(0.3):
                files.update(self.pick(self.samples))
        else:
            files = {}
            for _ in range(self.random.choice((1, 1, 1, 2, 3))):
                files[self.pick(DOCKERFILE_NAMES)] = self.dockerfile()
            for _ in range(self.random.choice((0, 1, 1, 2, 3))):
                files[self.pick(COMPOSE_NAMES)] = self.compose()
        for _ in range(self.random.choice((0, 0, 1, 2))):
            path = self.pick(tuple(OTHERS))
            files[path] = self.pick(OTHERS[path])
        return files

    def dockerfile(self) -> bytes:
        """A Dockerfile: of instructions that mean something, or of the parser's own tests; at times mutated."""
        if self.chance(0.3):
            text = next(self.dockerfiles)
        else:
            rows: list[str] = []
            for number in range(self.random.choice((1, 1, 1, 2, 3))):
                name = self.pick(("", "", " AS builder", " AS base", " AS dev", " AS production"))
                rows.append(f"FROM {self.pick(FROMS)}{name}" if number or self.chance(0.95) else "ARG BASE=python:3.12")
                rows.extend(self.pick(BODY) for _ in range(self.random.randint(0, 7)))
            rows.extend(
                f"{self.pick(('CMD', 'CMD', 'ENTRYPOINT'))} {self.started()}" for _ in range(self.random.randint(0, 2))
            )
            text = ("\r\n" if self.chance(0.1) else "\n").join([*rows, ""])
        data = text.encode("utf-8", "surrogatepass")
        return self.mutated(data) if self.chance(0.3) else data

    def started(self) -> str:
        """A command in shell form, exec form, or something between."""
        command = self.pick(COMMANDS)
        form = self.random.random()
        if form < 0.4:
            return command
        if form < 0.6:
            return '["sh", "-c", "' + command.replace('"', "'") + '"]'
        return "[" + ", ".join(f'"{word}"' for word in command.split()) + "]"

    def compose(self) -> bytes:
        """A compose file: of entries that mean something, or token soup; at times mutated."""
        if self.chance(0.15):
            text = "".join(self.pick(YAML_SOUP) for _ in range(self.random.randint(0, 40)))
            return text.encode()
        rows: list[str] = []
        if self.chance(0.2):
            rows += ["x-common: &common", "  restart: always", "  build: ."]
        if self.chance(0.1):
            rows.append(
                self.pick(("include: [api/compose.yml]", "include: compose.yaml", "version: '3'", "name: ${X}"))
            )
        rows.append("services:")
        for name in {self.pick(SERVICES): 0 for _ in range(self.random.randint(1, 3))}:
            rows.append(f"  {name}:" if self.chance(0.97) else f"  {name}: null")
            keys: set[str] = set()
            for _ in range(self.random.randint(0, 6)):
                kind = self.random.random()
                if kind < 0.2:
                    entry = f"command: {self.pick(COMMANDS)}"
                elif kind < 0.3:
                    entry = f"command: {self.started()}"
                elif kind < 0.4:
                    entry = f"image: {self.pick(IMAGES)}"
                else:
                    entry = self.pick(ENTRIES)
                if entry.partition(":")[0] not in keys or self.chance(0.02):
                    rows.append(f"    {entry}" + (" # dlf: ignore[all]" if self.chance(0.03) else ""))
                keys.add(entry.partition(":")[0])
        data = "\n".join([*rows, ""]).encode()
        return self.mutated(data) if self.chance(0.25) else data

    def mutated(self, data: bytes) -> bytes:
        """The data with a few things cut out, doubled, or put in."""
        for _ in range(self.random.randint(1, 4)):
            at = self.random.randint(0, len(data))
            to = min(len(data), at + self.random.choice((0, 0, 1, 3, 20, 80)))
            new = self.random.choice(
                (
                    b"",
                    self.pick(BYTES),
                    self.pick(YAML_SOUP).encode(),
                    self.pick(BODY).encode() + b"\n",
                    data[at:to] * 2,
                )
            )
            data = data[:at] + new + data[to:]
        return data


def projects(seed: int, samples: Sequence[Files], dockerfiles: Iterator[str]) -> Iterator[Files]:
    """Projects without end; the same seed gives the same ones."""
    maker = Maker(seed, samples, dockerfiles)
    while True:
        yield maker.project()
