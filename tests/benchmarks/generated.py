"""Projects of realistic shape and size, made from a seed: the same seed gives the same bytes on every machine.

The shapes are those of public FastAPI projects: how long files are, which instructions they have, how often they have
which fault, how many services a compose file joins. As a command: `python generated.py KIND COUNT DIRECTORY [SEED]`.
"""

# ruff: noqa: E501 - lines of sample files stand here as they are written

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Iterator

Files = dict[str, str]

WORDS = (
    "api auth billing catalog chat documents events exports gateway inventory invoices jobs ledger mailer media metrics"
    " notes orders payments pricing profiles quotes ratings reports search sessions shipping stock tasks tickets users"
).split()
BASES = (
    "python:3.12-slim", "python:3.12-slim", "python:3.11-slim", "python:3.13-slim", "python:3.12", "python:3.11-slim-bookworm",
    "python:3.10", "python:3.12-alpine", "python:3.9-slim", "ghcr.io/astral-sh/uv:python3.12-bookworm-slim",
    "tiangolo/uvicorn-gunicorn-fastapi:python3.11",
)  # fmt: skip
SYSTEM = "build-essential gcc libpq-dev curl git ca-certificates libffi-dev libssl-dev pkg-config libpq5 netcat-openbsd".split()
DISTRIBUTIONS = (
    "fastapi==0.115.6 uvicorn[standard]==0.34.0 sqlalchemy==2.0.36 asyncpg==0.30.0 alembic==1.14.0 pydantic-settings==2.7.1"
    " httpx==0.28.1 redis==5.2.1 celery==5.4.0 python-multipart==0.0.20 passlib[bcrypt]==1.7.4 gunicorn==23.0.0 orjson==3.10.13"
    " structlog==24.4.0 sentry-sdk==2.19.2 boto3==1.35.90 psycopg2-binary==2.9.10 jinja2==3.1.5 tenacity==9.0.0"
).split()
COMMENTS = (
    "# install what the wheels need", "# the code changes most often, so it comes last", "# never run as root", "# see README.md",
    "# keep the layers small", "# dependencies", "# TODO: pin the digest", "# the port of the service", "# runtime image",
)  # fmt: skip


class Maker:
    """Makes one file after the other from one random stream."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - sample data, no secret

    def chance(self, probability: float) -> bool:
        """True with that probability."""
        return self.random.random() < probability

    def some(self, things: list[str] | tuple[str, ...], low: int, high: int) -> list[str]:
        """So many different ones of some things, in their order."""
        count = min(len(things), self.random.randint(low, high))
        chosen = set(self.random.sample(range(len(things)), count))
        return [one for at, one in enumerate(things) if at in chosen]

    def comment(self) -> list[str]:
        """Now and then a comment or an empty line."""
        return [self.random.choice(COMMENTS)] if self.chance(0.35) else [""] if self.chance(0.5) else []

    def dockerfile(self, port: int = 8000) -> str:
        """A Dockerfile of 8 to 80 lines, 30 in the middle."""
        base = self.random.choice(BASES)
        staged = self.chance(0.35)
        rows = ["# syntax=docker/dockerfile:1"] if self.chance(0.3) else []
        rows += ["ARG PYTHON_VERSION=3.12"] if self.chance(0.12) else []
        rows += [f"FROM {base} AS builder" if staged else f"FROM {base}", ""]
        if self.chance(0.7):
            rows += self._variables()
        rows += ["WORKDIR /app", *self.comment()]
        if self.chance(0.55):
            rows += self._system(alpine="alpine" in base)
        rows += self._install()
        if staged:
            rows += ["", f"FROM {base} AS runtime", *self.comment()]
            rows += self._variables() if self.chance(0.6) else []
            rows += ["WORKDIR /app"]
            rows += self._system(alpine="alpine" in base) if self.chance(0.3) else []
            source = self.random.choice(("/usr/local", "/opt/venv", "/app/.venv", "/install"))
            rows += [f"COPY --from=builder {source} {source}"]
        for _ in range(self.random.choice((0, 0, 0, 1, 2, 4))):
            rows += [*self.comment(), self.random.choice((
                "RUN mkdir -p /app/static /app/logs", "COPY alembic.ini ./", "COPY alembic ./alembic", "COPY scripts ./scripts",
                "RUN chmod +x scripts/start.sh", "ARG GIT_SHA=unknown", "ENV GIT_SHA=${GIT_SHA}", "VOLUME /data",
                "LABEL org.opencontainers.image.source=https://example.org/x \\\n      org.opencontainers.image.licenses=MIT",
                "RUN python -m compileall -q /usr/local/lib || true", "STOPSIGNAL SIGTERM",
            ))]  # fmt: skip
        rows += [
            *self.comment(),
            self.random.choice(("COPY . .", "COPY . /app", "COPY app ./app", "COPY ./app /app/app", "COPY src ./src")),
        ]
        if self.chance(0.35):
            user = self.random.choice(("app", "appuser", "1000", "nobody"))
            if user not in ("1000", "nobody"):
                rows += [
                    f"RUN groupadd --system {user} && \\\n    useradd --system --gid {user} --home /app {user} && \\\n    chown -R {user}:{user} /app"
                ]
            rows += [f"USER {user}"]
        rows += [f"EXPOSE {port}"] if self.chance(0.75) else []
        if self.chance(0.25):
            probe = self.random.choice(
                (
                    f"curl -fsS http://localhost:{port}/health || exit 1",
                    f"python -c \"import urllib.request; urllib.request.urlopen('http://127.0.0.1:{port}/health')\"",
                )
            )
            rows += [f"HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \\\n    CMD {probe}"]
        rows += ["", self._command(port)]
        return "\n".join(rows) + "\n"

    def _variables(self) -> list[str]:
        names = [
            "PYTHONDONTWRITEBYTECODE=1",
            "PYTHONUNBUFFERED=1",
            "PIP_NO_CACHE_DIR=1",
            "PIP_DISABLE_PIP_VERSION_CHECK=on",
            "PYTHONPATH=/app",
            "POETRY_VIRTUALENVS_CREATE=false",
            "UV_COMPILE_BYTECODE=1",
            "UV_LINK_MODE=copy",
            "TZ=UTC",
        ]
        chosen = self.some(names, 1, 5)
        return [f"ENV {one}" for one in chosen] if self.chance(0.5) else ["ENV " + " \\\n    ".join(chosen)]

    def _system(self, *, alpine: bool) -> list[str]:
        packages = self.some(SYSTEM, 1, 6)
        if alpine:
            return ["RUN apk add --no-cache \\\n    " + " \\\n    ".join(packages)]
        option = " --no-install-recommends" if self.chance(0.7) else ""
        clean = " \\\n    && apt-get clean \\\n    && rm -rf /var/lib/apt/lists/*" if self.chance(0.8) else ""
        return [
            f"RUN apt-get update \\\n    && apt-get install -y{option} \\\n        "
            + " \\\n        ".join(packages)
            + clean,
            *self.comment(),
        ]

    def _install(self) -> list[str]:
        kind = self.random.random()
        if kind < 0.6:
            options = " --no-cache-dir" if self.chance(0.6) else ""
            rows = ["COPY requirements.txt ."]
            rows += ["RUN pip install --upgrade pip"] if self.chance(0.3) else []
            return [*rows, f"RUN pip install{options} -r requirements.txt"]
        if kind < 0.8:
            mount = "--mount=type=cache,target=/root/.cache/uv \\\n    " if self.chance(0.5) else ""
            return [
                "COPY --from=ghcr.io/astral-sh/uv:0.5.11 /uv /bin/uv",
                "COPY pyproject.toml uv.lock ./",
                f"RUN {mount}uv sync --frozen --no-dev",
            ]
        if kind < 0.9:
            return [
                "RUN pip install poetry==1.8.5",
                "COPY pyproject.toml poetry.lock* ./",
                "RUN poetry config virtualenvs.create false \\\n    && poetry install --only main --no-interaction --no-ansi",
            ]
        return [
            "RUN <<EOF\nset -e\npython -m venv /opt/venv\n/opt/venv/bin/pip install --no-cache-dir fastapi uvicorn\nEOF",
            'ENV PATH="/opt/venv/bin:$PATH"',
        ]

    def _command(self, port: int) -> str:
        words = self.random.choice((
            f"uvicorn app.main:app --host 0.0.0.0 --port {port}", f"uvicorn app.main:app --host 0.0.0.0 --port {port} --workers 4",
            f"fastapi run app/main.py --port {port}", f"gunicorn app.main:app -k uvicorn.workers.UvicornWorker -b 0.0.0.0:{port} -w 4",
            f"uvicorn app.main:app --host 0.0.0.0 --port {port} --reload", "python -m app.main", "./scripts/start.sh",
            f"uvicorn app.main:app --host 0.0.0.0 --port {port} --proxy-headers",
        )).split()  # fmt: skip
        if self.chance(0.12):
            return f"CMD {' '.join(words)}"
        if self.chance(0.08):
            return f'CMD ["sh", "-c", "alembic upgrade head && exec {" ".join(words)}"]'
        return "CMD [" + ", ".join(f'"{word}"' for word in words) + "]"

    def compose(self, builds: list[tuple[str, str, int]]) -> str:
        """A compose file that builds services (name, folder, port) beside a database and others: 25 to 160 lines."""
        rows = ['version: "3.9"', ""] if self.chance(0.4) else []
        if self.chance(0.15):
            rows += [
                "x-common: &common",
                "  restart: unless-stopped",
                "  logging:",
                "    driver: json-file",
                "    options:",
                '      max-size: "10m"',
                "",
            ]
        common = any(row.startswith("x-common") for row in rows)
        rows += ["services:"]
        others = self.some(("db", "redis", "worker", "proxy", "adminer", "rabbitmq"), 1, 4)
        for name, folder, port in builds:
            rows += self._service(name, folder, port, others, common=common)
        for other in others:
            rows += ["", *self._other(other, builds[0])]
        volumes = [f"  {name}_data:" for name in ("db", "redis") if name in others]
        rows += ["", "volumes:", *volumes] if volumes else []
        if self.chance(0.4):
            rows += ["", "networks:", "  backend:", "    driver: bridge"]
        return "\n".join(rows) + "\n"

    def _service(self, name: str, folder: str, port: int, others: list[str], *, common: bool) -> list[str]:
        rows = ["", f"  {name}:"]
        rows += ["    <<: *common"] if common else []
        rows += (
            ["    build:", f"      context: {folder}", "      dockerfile: Dockerfile"]
            if self.chance(0.6)
            else [f"    build: {folder}"]
        )
        rows += [f"    container_name: {name}"] if self.chance(0.4) else []
        if self.chance(0.45):
            rows += [
                f"    command: uvicorn app.main:app --host 0.0.0.0 --port {port}{self.random.choice(('', ' --reload', ' --workers 2'))}"
            ]
        rows += ["    ports:", f'      - "{port}:{port}"  # the API']
        rows += ["    volumes:", f"      - {folder}/app:/app/app"] if self.chance(0.5) else []
        rows += ["    environment:"]
        pairs = self.some(
            (
                "DATABASE_URL=postgresql+asyncpg://app:secret@db:5432/app",
                "REDIS_URL=redis://redis:6379/0",
                "SECRET_KEY=${SECRET_KEY}",
                "ENVIRONMENT=${ENVIRONMENT:-production}",
                "LOG_LEVEL=info",
                "SENTRY_DSN=",
                "CORS_ORIGINS=http://localhost:3000",
                "WORKERS=2",
            ),
            2,
            6,
        )
        listed = self.chance(0.5)
        rows += [f"      - {pair}" if listed else f"      {pair.replace('=', ': ', 1)}" for pair in pairs]
        wanted = [one for one in others if one in ("db", "redis", "rabbitmq")]
        if wanted and self.chance(0.8):
            rows += ["    depends_on:"]
            waits = self.chance(0.45)
            for one in wanted:
                rows += (
                    [f"      {one}:", f"        condition: {'service_healthy' if one == 'db' else 'service_started'}"]
                    if waits
                    else [f"      - {one}"]
                )
        rows += (
            [f"    restart: {self.random.choice(('always', 'unless-stopped'))}"]
            if not common and self.chance(0.55)
            else []
        )
        if self.chance(0.25):
            rows += [
                "    healthcheck:",
                f'      test: ["CMD", "curl", "-f", "http://localhost:{port}/health"]',
                "      interval: 30s",
                "      timeout: 5s",
                "      retries: 3",
            ]
        rows += (
            ["    deploy:", "      resources:", "        limits:", '          cpus: "1.0"', "          memory: 512M"]
            if self.chance(0.15)
            else []
        )
        rows += ["    networks:", "      - backend"] if self.chance(0.3) else []
        return rows

    def _other(self, other: str, first: tuple[str, str, int]) -> list[str]:
        name, folder, port = first
        texts = {
            "db": '  db:\n    image: postgres:16-alpine\n    restart: always\n    environment:\n      POSTGRES_USER: app\n      POSTGRES_PASSWORD: secret\n      POSTGRES_DB: app\n    volumes:\n      - db_data:/var/lib/postgresql/data\n    healthcheck:\n      test: ["CMD-SHELL", "pg_isready -U app"]\n      interval: 5s\n      timeout: 5s\n      retries: 5',
            "redis": "  redis:\n    image: redis:7-alpine\n    command: redis-server --appendonly yes\n    volumes:\n      - redis_data:/data",
            "worker": f"  worker:\n    build: {folder}\n    command: celery -A app.worker worker --loglevel=info\n    environment:\n      - REDIS_URL=redis://redis:6379/0",
            "proxy": f'  proxy:\n    image: nginx:1.27-alpine\n    ports:\n      - "80:80"\n    volumes:\n      - ./nginx.conf:/etc/nginx/conf.d/default.conf:ro\n    depends_on:\n      - {name}',
            "adminer": f'  adminer:\n    image: adminer\n    ports:\n      - "{port + 80}:8080"',
            "rabbitmq": '  rabbitmq:\n    image: rabbitmq:3-management\n    ports:\n      - "5672:5672"\n      - "15672:15672"',
        }  # fmt: skip
        return texts[other].split("\n")

    def application(self) -> Files:
        """What lies beside a Dockerfile: the program, its requirements, an ignore file at times."""
        routes = "".join(
            f'\n\n@app.get("/{word}")\nasync def {word}() -> dict[str, str]:\n    return {{"status": "ok"}}\n'
            for word in ("health", *self.some(WORDS, 1, 5))
        )
        files = {
            "app/__init__.py": "",
            "app/main.py": f"from fastapi import FastAPI\n\nfrom app.settings import settings\n\napp = FastAPI(title=settings.title)\n{routes}",
            "app/settings.py": 'from pydantic_settings import BaseSettings\n\n\nclass Settings(BaseSettings):\n    title: str = "service"\n    database_url: str = "postgresql://localhost/app"\n\n\nsettings = Settings()\n',
            "requirements.txt": "\n".join(self.some(DISTRIBUTIONS, 4, 14)) + "\n",
        }
        if self.chance(0.5):
            files[".dockerignore"] = ".git\n.venv\n**/__pycache__\n" + ("*.md\n.env\n" if self.chance(0.5) else "")
        return files


def dockerfiles(count: int, seed: int = 1) -> Iterator[tuple[str, str]]:
    """So many Dockerfiles, each in a folder of its own with nothing beside it."""
    maker = Maker(seed)
    for number in range(count):
        yield f"{_folder(number)}/Dockerfile", maker.dockerfile(port=8000 + number % 100)


def compose_files(count: int, seed: int = 2) -> Iterator[tuple[str, str]]:
    """So many compose files, each in a folder of its own with nothing beside it."""
    maker = Maker(seed)
    for number in range(count):
        names = maker.some(WORDS, 1, 3)
        yield (
            f"{_folder(number)}/compose.yaml",
            maker.compose([(name, f"./{name}", 8000 + at) for at, name in enumerate(names)]),
        )


def services(count: int, seed: int = 3) -> Iterator[tuple[str, str]]:
    """So many linted files as one monorepo has them: per team a folder with a compose file and three services, each with
    its Dockerfile, its program and its requirements. Of four linted files one is a compose file.
    """
    maker = Maker(seed)
    for team in range(max(1, count // 4)):
        names = maker.random.sample(WORDS, 3)
        builds = [(name, f"./{name}", 8000 + at) for at, name in enumerate(names)]
        yield f"{_folder(team)}/compose.yaml", maker.compose(builds)
        for name, _, port in builds:
            yield f"{_folder(team)}/{name}/Dockerfile", maker.dockerfile(port)
            for path, text in maker.application().items():
                yield f"{_folder(team)}/{name}/{path}", text


def repositories(count: int, seed: int = 4) -> Iterator[tuple[str, str]]:
    """The same in a project for each team: each has a `.git`."""
    seen: set[str] = set()
    for path, text in services(count, seed):
        top = "/".join(path.split("/")[:2])
        if top not in seen:
            seen.add(top)
            yield f"{top}/.git/HEAD", "ref: refs/heads/main\n"
        yield path, text


def long_dockerfile(lines: int, seed: int = 5) -> Iterator[tuple[str, str]]:
    """One Dockerfile of so many lines: instructions of all kinds in one stage after the other."""
    maker = Maker(seed)
    rows: list[str] = []
    while len(rows) < lines:
        rows += maker.dockerfile().split("\n")
    yield "Dockerfile", "\n".join(rows[:lines]) + "\n"


def long_run(lines: int, seed: int = 6) -> Iterator[tuple[str, str]]:
    r"""One Dockerfile of so many lines, nearly all of them one RUN instruction with `\` at the ends."""
    del seed
    rows = [f"    && echo step-{number} >> /log \\" for number in range(lines - 5)]
    yield (
        "Dockerfile",
        "\n".join(
            [
                "FROM python:3.12-slim",
                "WORKDIR /app",
                "RUN true \\",
                *rows,
                "    && true",
                'CMD ["uvicorn", "app.main:app"]',
                "",
            ]
        ),
    )


def long_heredoc(lines: int, seed: int = 7) -> Iterator[tuple[str, str]]:
    """One Dockerfile of so many lines, nearly all of them the body of a heredoc."""
    del seed
    rows = [f"echo step-{number} >> /log" for number in range(lines - 5)]
    yield (
        "Dockerfile",
        "\n".join(
            ["FROM python:3.12-slim", "WORKDIR /app", "RUN <<EOF", *rows, "EOF", 'CMD ["uvicorn", "app.main:app"]', ""]
        ),
    )


def stages(lines: int, seed: int = 8) -> Iterator[tuple[str, str]]:
    """One Dockerfile in which each stage stands on the one before it, four lines a stage."""
    del seed
    rows = ["FROM python:3.12-slim AS s0"]
    for number in range(1, max(2, lines // 4)):
        rows += [f"FROM s{number - 1} AS s{number}", "COPY . .", "RUN pip install -r requirements.txt", "ENV A=1"]
    yield "Dockerfile", "\n".join([*rows, 'CMD ["uvicorn", "app.main:app"]', ""])


def long_compose(lines: int, seed: int = 9) -> Iterator[tuple[str, str]]:
    """One compose file of so many lines, ten lines a service."""
    del seed
    rows = ["services:"]
    for number in range(max(1, lines // 10)):
        rows += [
            f"  s{number}:", "    image: acme/api:1.2.3", "    restart: always", "    environment:", "      - LOG_LEVEL=info",
            f"      - NEXT_URL=http://s{number + 1}:8000", "    ports:", f'      - "{10000 + number % 50000}:8000"', "    depends_on:", f"      - s{max(0, number - 1)}" if number else "      []",
        ]  # fmt: skip
    yield "compose.yaml", "\n".join(rows) + "\n"


KINDS: dict[str, Callable[[int, int], Iterator[tuple[str, str]]]] = {
    one.__name__: one
    for one in (
        dockerfiles,
        compose_files,
        services,
        repositories,
        long_dockerfile,
        long_run,
        long_heredoc,
        stages,
        long_compose,
    )
}


def _folder(number: int) -> str:
    return f"{WORDS[number // 100 % len(WORDS)]}-{number // 3200}/{number % 100:02d}"


def write(kind: str, count: int, directory: str, seed: int | None = None) -> int:
    """Writes the files of a kind below a directory; how many there are."""
    made = KINDS[kind](count) if seed is None else KINDS[kind](count, seed)
    written = 0
    for path, text in made:
        full = os.path.join(directory, *path.split("/"))
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        written += 1
    return written


if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]) if len(sys.argv) > 4 else None)
