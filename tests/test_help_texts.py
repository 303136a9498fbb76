"""What is advised where the general words of a page cannot be followed, or would name the wrong thing."""

from __future__ import annotations

import pytest

from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.examples import TODAY
from dockerlint_fastapi.rule import load_rules
from dockerlint_fastapi.tree import MemoryTree

RULES = load_rules(())
DOCKERFILE = "FROM python:3.13-slim\nWORKDIR /code\nCOPY . .\nCMD {}\n"
SERVER = DOCKERFILE.format('["uvicorn", "main:app", "--host", "0.0.0.0"]')
INSTALL = SERVER.replace("COPY . .\n", "COPY . .\nRUN {}\n")
MANIFEST = '[project]\nname = "shop"\nversion = "1"\ndependencies = ["fastapi", "httpx"]\n'
APP = "from fastapi import FastAPI\nfrom sqlalchemy import create_engine\n\napp = FastAPI()\n"


@pytest.mark.parametrize(
    ("rule", "files", "advice"),
    [
        (
            "published-internal-port",
            {
                "compose.yaml": "services:\n  db:\n    image: postgres:17\n    ports: ['5432:5432']\n"
                "    deploy: {replicas: 1, update_config: {order: start-first}, placement: {constraints: [a==b]}}\n"
            },
            "Swarm publishes on every address",
        ),
        (
            "uvicorn-run-misuse",
            {
                "Dockerfile": DOCKERFILE.format('["python", "main.py"]'),
                "main.py": "import os\n\nimport uvicorn\n\n"
                'uvicorn.run("app:app", host="0.0.0.0", reload=bool(os.environ["RELOAD"]))\n',
                "compose.yaml": "services:\n  web:\n    build: .\n    restart: always\n"
                '    environment:\n      RELOAD: "false"\n',
            },
            '`bool("false")` is true',
        ),
        (
            "secret-default-in-settings",
            {
                "Dockerfile": SERVER,
                "main.py": APP + 'SHOP_URL = (\n    "postgresql://shop:q8wZ4nTr@db:5432/shop"\n)\n'
                "engine = create_engine(SHOP_URL)\n",
            },
            '`os.environ["SHOP_URL"]`',
        ),
        (
            "secret-default-in-settings",
            {"Dockerfile": SERVER, "main.py": APP + 'create_engine("postgresql://shop:q8wZ4nTr@db:5432/shop")\n'},
            '`os.environ["DATABASE_URL"]`',
        ),
        (
            "code-copied-before-install",
            {
                "Dockerfile": INSTALL.format("pip install --prefix=/install ."),
                "pyproject.toml": MANIFEST,
                "main.py": APP,
            },
            "uv pip install --prefix /install --system -r pyproject.toml`, then copy the code, `pip install --prefix",
        ),
        (
            "code-copied-before-install",
            {
                "Dockerfile": INSTALL.format("pip install --user ."),
                "pyproject.toml": MANIFEST,
                "requirements.txt": "fastapi\n",
                "main.py": APP,
            },
            "copy `pyproject.toml`, install what it lists with the same options",
        ),
        (
            "code-copied-before-install",
            {
                "Dockerfile": INSTALL.format("pip install --user ."),
                "pyproject.toml": MANIFEST,
                "requirements.txt": "fastapi\nhttpx\n",
                "main.py": APP,
            },
            "`pip install --user -r requirements.txt`, then copy the code, `pip install --user --no-deps .`",
        ),
        (
            "unused-lockfile",
            {
                "Dockerfile": INSTALL.format("pip install ."),
                "pyproject.toml": MANIFEST,
                "poetry.lock": '[[package]]\nname = "fastapi"\nversion = "0.115.0"\n',
                "main.py": APP,
            },
            "`poetry.lock` has no `httpx`: renew it or delete it",
        ),
    ],
)
def test_advice_fits_the_place(rule: str, files: dict[str, str], advice: str) -> None:
    chosen = tuple(one for one in RULES if one.name == rule)
    settings = Settings(chosen, frozenset((rule,)), today=TODAY)
    report = lint(MemoryTree({path: text.encode() for path, text in files.items()}), settings)
    told = [one for one in report.diagnostics if one.rule.name == rule]
    assert told
    assert all(advice in (one.finding.help or "") for one in told)
