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
            "script-without-exec",
            {
                "Dockerfile": DOCKERFILE.format('["./start.sh"]'),
                "start.sh": "#!/bin/bash\nuvicorn main:app --host 0.0.0.0 &\ncelery -A tasks worker &\nwait\n",
            },
            "trap 'kill $first $second; wait' TERM",  # `kill $(jobs -p)` says nothing to anybody in dash
        ),
        (
            "script-without-exec",
            {
                "Dockerfile": DOCKERFILE.format('["./start.sh"]'),
                "start.sh": "#!/bin/sh\nexec su app -s /bin/sh -c 'uvicorn main:app --host 0.0.0.0'\n",
            },
            "exec gosu USER",
        ),
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
        (
            "code-copied-before-install",
            {
                "Dockerfile": INSTALL.format("pip install --prefix=/install ."),
                "setup.py": "from setuptools import setup\n\n"
                'setup(name="shop", install_requires=["fastapi", "httpx"])\n',
                "main.py": APP,
            },
            "keep the list of `setup.py` in a file, install that with the same options",
        ),
        (
            "python-end-of-life",
            {"Dockerfile": SERVER.replace("3.13-slim", "3.9"), "main.py": APP},
            "such as `python:3.12` (to October 2028)",
        ),
        (
            "python-end-of-life",
            {
                "Dockerfile": SERVER.replace("3.13", "3.9"),
                "pyproject.toml": MANIFEST + 'requires-python = ">=3.9,<3.12"\n',
                "main.py": APP,
            },
            "such as `python:3.11-slim` (to October 2027)",
        ),
        (
            "database-without-volume",
            {"compose.yaml": "services:\n  web:\n    build: .\n  db:\n    image: postgres\n", "Dockerfile": SERVER},
            "at `/var/lib/postgresql`, or at `/var/lib/postgresql/data` with `postgres:17`",
        ),
        (
            "unpinned-database-image",
            {
                "compose.yaml": "services:\n  db:\n    image: postgres\n    volumes: ['data:/var/lib/postgresql']\n"
                "volumes:\n  data:\n"
            },
            "`postgres:18` where there are none yet",
        ),
        (
            "unpinned-database-image",
            {
                "compose.yaml": "services:\n  db:\n    image: mysql:8.0\n"
                "    command: --default-authentication-plugin=mysql_native_password\n"
                "    volumes: ['data:/var/lib/mysql']\nvolumes:\n  data:\n"
            },
            "take `--default-authentication-plugin` out of `command:` then",
        ),
        (
            "unpinned-base-image",
            {
                "Dockerfile": INSTALL.replace("3.13-slim", "latest").format("pip install ."),
                "pyproject.toml": MANIFEST + 'requires-python = ">=3.13"\n',
                "main.py": APP,
            },
            "such as `python:3.13-slim`",
        ),
        (
            "code-copied-before-install",
            {
                "Dockerfile": "FROM condaforge/miniforge3:25.3.1-0\nWORKDIR /app\nCOPY . .\n"
                'RUN conda env update -n base -f environment.yml\nCMD ["uvicorn", "main:app"]\n',
                "environment.yml": "name: base\ndependencies:\n  - python=3.13\n  - fastapi\n",
                "main.py": APP,
            },
            "copy `environment.yml` alone, install from it",
        ),
        (
            "package-cache-left",
            {
                "Dockerfile": "FROM python:3.13-slim AS base\nRUN apt-get update && apt-get install -y curl\n"
                'FROM base AS gpu\nRUN apt-get install -y git\nFROM base\nCMD ["uvicorn", "main:app"]\n',
                "main.py": APP,
            },
            "once the later ones fetch lists of their own",
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


def test_no_version_of_python_is_named_that_a_pin_has_no_wheel_for() -> None:
    files = {
        "Dockerfile": INSTALL.replace("3.13", "3.9").format("pip install -r requirements.txt"),
        "requirements.txt": "fastapi==0.88.0\ngreenlet==1.1.0\n",
        "main.py": APP,
    }
    chosen = tuple(one for one in RULES if one.name == "python-end-of-life")
    report = lint(
        MemoryTree({path: text.encode() for path, text in files.items()}),
        Settings(chosen, frozenset(("python-end-of-life",)), today=TODAY),
    )
    helps = [one.finding.help or "" for one in report.diagnostics]
    assert helps
    assert not any("python:" in one for one in helps)
