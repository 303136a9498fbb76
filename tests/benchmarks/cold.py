"""Cold start: whole runs of dlf beside other linters, by turns, on one Dockerfile, one compose file, one small project.

    python tests/benchmarks/cold.py [ROUNDS]

The others are in the dependency group `bench`; one that is not installed is left out. Everything is measured as the
shell starts it, from the installed `dlf` beside this Python. Ratios are of medians in this very run.
"""

from __future__ import annotations

import os
import sys
import tempfile

from measuring import Command, Result, interleaved, load, megabytes, milliseconds, program, spread, table

DOCKERFILE = """\
# syntax=docker/dockerfile:1
FROM python:3.12-slim AS builder
ENV PYTHONDONTWRITEBYTECODE=1 \\
    PYTHONUNBUFFERED=1
WORKDIR /app
RUN apt-get update && apt-get install -y --no-install-recommends build-essential \\
    && rm -rf /var/lib/apt/lists/*
COPY requirements.txt .
RUN pip install --no-cache-dir --prefix=/install -r requirements.txt

FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1
WORKDIR /app
COPY --from=builder /install /usr/local
COPY . .
RUN useradd -m app && chown -R app /app
USER app
EXPOSE 8000
HEALTHCHECK --interval=30s CMD curl -f http://localhost:8000/health || exit 1
CMD uvicorn app.main:app --host 0.0.0.0 --port 8000 --reload
"""
COMPOSE = """\
services:
  api:
    build: .
    ports: ["8000:8000"]
    environment:
      DATABASE_URL: postgresql://app:app@db:5432/app
    depends_on: [db]
  db:
    image: postgres:16
    environment:
      POSTGRES_USER: app
      POSTGRES_PASSWORD: app
    volumes: ["data:/var/lib/postgresql/data"]
volumes:
  data:
"""
ONE = {"Dockerfile": DOCKERFILE, "requirements.txt": "fastapi\nuvicorn[standard]\n"}
SMALL = ONE | {
    "compose.yaml": COMPOSE,
    ".dockerignore": ".git\n.venv\n**/__pycache__\n",
    ".gitignore": ".venv\n__pycache__\n",
    "app/__init__.py": "",
    "app/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get('/health')\ndef health():\n"
    "    return {}\n",
}
SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "src")
TARGETS = {"hadolint": 3.0, "compose-lint": 0.6, "tally": 0.25}


def projects(folder: str) -> tuple[str, str, str]:
    """The directories of the three projects: one Dockerfile, one compose file alone, a small project."""
    found = []
    for name, files in (("one", ONE), ("compose", {"compose.yaml": COMPOSE}), ("small", SMALL)):
        root = os.path.join(folder, name)
        for path, text in {".git/HEAD": "ref: refs/heads/main\n", **files}.items():
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(text)
        found.append(root)
    return found[0], found[1], found[2]


def commands(folder: str) -> list[Command]:
    """What is measured: dlf three times, the others once each, and the floor under every Python program."""
    one, compose, small = projects(folder)
    wanted = [
        ("dlf Dockerfile", "dlf", ("check", "Dockerfile"), one),
        ("dlf compose file", "dlf", ("check", "compose.yaml"), compose),
        ("dlf small project", "dlf", ("check",), small),
        ("hadolint", "hadolint", ("Dockerfile",), one),
        ("compose-lint", "compose-lint", ("compose.yaml",), compose),
        ("tally", "tally", ("lint", "Dockerfile"), one),
    ]
    found = []
    for name, tool, arguments, root in wanted:
        path = program(tool)
        if path is not None:
            found.append(Command(name, (path, *arguments), cwd=root))
        elif tool == "dlf":  # not installed: the checkout's
            started = (sys.executable, "-m", "dockerlint_fastapi", *arguments)
            found.append(Command(name, started, cwd=root, env={"PYTHONPATH": SOURCES}))
    return [*found, Command("python -c pass", (sys.executable, "-c", "pass"), cwd=one)]


def rows(results: list[Result]) -> list[list[str]]:
    """A row a command: its median, spread and memory, and how many times as long it takes as each of the others."""
    by_name = {one.command.name: one for one in results}
    peers = [name for name in TARGETS if name in by_name]
    return [
        [
            one.command.name,
            milliseconds(one.wall),
            spread(one),
            milliseconds(one.cpu),
            megabytes(one.peak),
            *(f"{one.wall / by_name[name].wall:.2f}" for name in peers),
        ]
        for one in results
    ]


def main() -> None:
    """Measures and prints; the exit code says nothing of the targets, since machines differ."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    busy = load()
    with tempfile.TemporaryDirectory() as folder:
        results = interleaved(commands(folder), rounds=rounds, warm_up=2)
    peers = [name for name in TARGETS if any(one.command.name == name for one in results)]
    header = ["command", "median", "lowest to highest", "CPU", "peak memory", *(f"x {name}" for name in peers)]
    print(table(header, rows(results)), end="")
    print(f"\n{rounds} rounds; load of the machine {busy:.1f} before, {load():.1f} after")
    for name in peers:
        print(f"target of `dlf Dockerfile`: at most {TARGETS[name]} x {name}")


if __name__ == "__main__":
    main()
