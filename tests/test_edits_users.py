"""A user for what runs as root: the folders that the code writes to, and where no user can be given at all."""

from __future__ import annotations

import pytest

from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.fixer import fix
from dockerlint_fastapi.model.files.code_writes import UNTOLD, Write
from dockerlint_fastapi.parsers.python.writes import writes_in
from dockerlint_fastapi.rule import BUILT_IN, Rule
from dockerlint_fastapi.source import Source
from dockerlint_fastapi.tree import text_files

SLIM = "FROM python:3.12-slim\n"
CODE = "WORKDIR /code\nCOPY . .\n"
START = 'CMD ["uvicorn", "main:app", "--host", "0.0.0.0"]\n'
MADE = "RUN useradd --create-home app"
COMPOSE = "services:\n  web:\n    build: .\n"


def made(folder: str) -> str:
    """The steps that make a folder and give it whole."""
    return f"mkdir -p {folder} && chown -R app {folder}"


def fixed(stem: str, files: dict[str, str]) -> dict[str, str]:
    """The files that the fixes of one rule change."""
    rule = Rule(BUILT_IN, stem)
    settings = Settings((rule,), frozenset((rule.name,)), today="2026-11-22", profile="pedantic")
    outcome = fix(text_files(files.items()), lambda each: lint(each, settings), unsafe=True)
    assert outcome.refused == ()
    return {change.path: change.after.decode() for change in outcome.changes}


def given(files: dict[str, str], before: str = CODE, start: str = START) -> str | None:
    """What the new RUN does behind making the user; None when there is no fix."""
    after = fixed("runs_as_root", {"Dockerfile": SLIM + before + start, **files}).get("Dockerfile")
    if after is None:
        return None
    (line,) = (one for one in after.replace(" \\\n   ", "").splitlines() if one.startswith(MADE))
    assert after.endswith(f"USER app\n{start}")
    return line.removeprefix(MADE).removeprefix(" && ")


@pytest.mark.parametrize(
    ("code", "steps"),
    [
        ("", ""),
        ("open('data.txt')\nopen('data.txt', mode='rb')\n", ""),
        (
            "import tempfile as t\nopen(t.mkdtemp() + '/x', 'w')\nf = t.NamedTemporaryFile()\nopen(f.name, 'w')\n",
            "",
        ),
        ("open('/dev/null', 'w')\n", ""),
        ("'''open('x', 'w') and sqlite:///./x.db'''\n", ""),
        ("URL = 'sqlite:///./app.db'\n", "chown app /code"),
        ("URL = 'sqlite+aiosqlite:////data/app.db'\n", made("/data")),
        ("URL = 'sqlite://'\nOTHER = 'sqlite:///:memory:'\n", ""),
        ("import os\nURL = os.getenv('DB', 'sqlite:///store/app.db')\n", made("/code/store")),
        ("import sqlite3\nsqlite3.connect('app.db')\n", "chown app /code"),
        ("import os\nos.makedirs('uploads', exist_ok=True)\n", made("/code/uploads")),
        ("open('reports/day.csv', 'a')\n", made("/code/reports")),
        ("def save(name):\n    open(f'reports/{name}.csv', 'w')\n", made("/code/reports")),
        ("from pathlib import Path\n(Path('a') / 'b' / 'c.txt').write_text('')\n", made("/code/a/b")),
        ("from pathlib import Path\np = Path('a/c.json')\nwith p.open(mode='w') as f: ...\n", made("/code/a")),
        (
            "from pathlib import Path\nBASE = Path(__file__).resolve().parent\n(BASE / 'out').mkdir()\n",
            made("/code/out"),
        ),
        ("import logging\nlogging.FileHandler('logs/a.log')\n", made("/code/logs")),
        (
            "import loguru, sys\nlogger.add(sys.stderr)\nlogger.add('logs/a.log', rotation='1 day')\n",
            made("/code/logs"),
        ),
        ("from settings import settings\nopen(settings.folder + '/x', 'w')\n", made("/code/kept")),
        # nobody knows where
        ("def save(path):\n    open(path, 'wb')\n", None),
        ("import os\nos.makedirs(os.environ['PLACE'])\n", None),
        ("open('/etc/shop.conf', 'w')\n", None),
    ],
)
def test_the_folders_that_the_code_writes_to(code: str, steps: str | None) -> None:
    settings = "class Settings:\n    folder: str = 'kept'\n\nsettings = Settings()\n"
    assert given({"main.py": code, "settings.py": settings}) == steps


@pytest.mark.parametrize(
    ("files", "steps"),
    [
        ({".env": "DATABASE_URL=sqlite:///./app.db\n"}, "chown app /code"),
        ({"logging.yml": "a:\n  class: logging.FileHandler\n  filename: logs/a.log\n"}, made("/code/logs")),
        ({"logging.ini": "[handler_a]\nclass=FileHandler\nargs=('logs/a.log', 'a')\n"}, made("/code/logs")),
        ({"compose.yaml": COMPOSE + "    environment:\n      DB: sqlite:////data/a.db\n"}, made("/data")),
        (
            {"compose.yaml": COMPOSE + "  beat:\n    build: .\n    command: celery -A main beat -l info\n"},
            "chown app /code",
        ),
        ({"compose.yaml": COMPOSE + "  beat:\n    build: .\n    command: celery -A main beat -s /tmp/beat\n"}, ""),
        # mounts belong to whom the host gives them
        ({"compose.yaml": COMPOSE + "    volumes: ['data:/code/data']\nvolumes:\n  data:\n"}, None),
        ({"compose.yaml": COMPOSE + "    volumes: ['./uploads:/code/uploads']\n"}, None),
        ({"compose.yaml": COMPOSE + "    volumes: ['./conf:/code/conf:ro']\n"}, ""),
        ({"compose.yaml": COMPOSE + "    volumes: ['./src:/code/src']\n", "src/a.py": ""}, ""),
        ({"compose.yaml": COMPOSE + "    volumes: ['./src:/code/src']\n", "src/a.py": "open('src/x', 'w')\n"}, None),
        ({"compose.yaml": COMPOSE + "    volumes: ['/var/run/docker.sock:/var/run/docker.sock']\n"}, None),
        # what comes with the image, or is made while it is built, stays root's
        ({"main.py": "URL = 'sqlite:///./app.db'\n", "app.db": "x"}, None),
        # somebody installs into the container that runs
        ({"Makefile": "tools:\n\tdocker compose exec web pip install black\n"}, None),
    ],
)
def test_the_folders_that_other_files_name(files: dict[str, str], steps: str | None) -> None:
    assert given({"main.py": "", **files}) == steps


@pytest.mark.parametrize(
    ("before", "start", "steps"),
    [
        ("ENV LOGS=logs\nWORKDIR /srv/shop\nRUN mkdir $LOGS\n", START, "chown -R app /srv/shop/logs"),
        (CODE + "RUN python seed.py\n", START, ""),
        (CODE, 'CMD ["sh", "-c", "mkdir -p /data && exec uvicorn main:app --host 0.0.0.0"]\n', made("/data")),
        (CODE, 'CMD ["sh", "-c", "pip install x && exec uvicorn main:app --host 0.0.0.0"]\n', None),
        (CODE, 'CMD ["gunicorn", "main:app", "-k", "uvicorn.workers.UvicornWorker", "--access-logfile", "-"]\n', ""),
        (
            CODE,
            'CMD ["gunicorn", "main:app", "-k", "uvicorn.workers.UvicornWorker", "--access-logfile", "/logs/a"]\n',
            made("/logs"),
        ),
        # below the home of root
        ("RUN pip install poetry\nCOPY pyproject.toml ./\nRUN poetry install\n", START, None),
        ("COPY pyproject.toml ./\nRUN poetry config virtualenvs.create false && poetry install\n", START, ""),
        ("ENV POETRY_VIRTUALENVS_IN_PROJECT=true\nCOPY pyproject.toml ./\nRUN poetry install\n", START, ""),
        ("ENV VIRTUAL_ENV=/opt/venv\nCOPY pyproject.toml ./\nRUN poetry install\n", START, ""),
        ("RUN pip install --user uvicorn\n", START, None),
        ("RUN pipx install uvicorn\n", START, None),
        ("RUN pip install pipenv\nCOPY Pipfile ./\nRUN pipenv install --deploy\n", START, None),
        ("RUN pip install pipenv\nCOPY Pipfile ./\nRUN pipenv install --deploy --system\n", START, ""),
        ("COPY --from=ghcr.io/astral-sh/uv /uv /bin/\nRUN uv python install 3.13\n", START, None),
        ("COPY --from=ghcr.io/astral-sh/uv /uv /bin/\nRUN uv venv --python 3.13 /venv\n", START, None),
        ("COPY --from=ghcr.io/astral-sh/uv /uv /bin/\nRUN uv venv --python 3.12 /venv\n", START, ""),
        ("ENV UV_PYTHON_INSTALL_DIR=/python\nRUN uv python install 3.13\n", START, ""),
        ("RUN pip install playwright && playwright install chromium\n", START, None),
        ("ENV PLAYWRIGHT_BROWSERS_PATH=/browsers\nRUN playwright install chromium\n", START, ""),
        ("WORKDIR /root/shop\nCOPY main.py .\n", START, None),
    ],
)
def test_what_a_build_and_a_start_leave_to_root(before: str, start: str, steps: str | None) -> None:
    files = {"main.py": "", "seed.py": "", "Pipfile": "", "pyproject.toml": "[tool.poetry]\nname = 'x'\n"}
    assert given(files, before, start) == steps


@pytest.mark.parametrize(
    ("sync", "manifest", "run", "steps"),
    [
        ("--frozen", "", "", ""),
        ("--frozen --no-dev", "[dependency-groups]\ndev = ['ruff']\n", "", None),
        ("--frozen --no-dev", "[dependency-groups]\ndev = ['ruff']\n", '"--no-sync", ', ""),
        ("--frozen", "[build-system]\nrequires = ['hatchling']\nbuild-backend = 'hatchling.build'\n", "", None),
    ],
)
def test_uv_run_installs_into_an_environment_of_root(sync: str, manifest: str, run: str, steps: str | None) -> None:
    project = "[project]\nname = 'shop'\nversion = '1'\nrequires-python = '>=3.12'\ndependencies = []\n"
    lock = "version = 1\n\n[[package]]\nname = 'shop'\nversion = '1'\nsource = { virtual = '.' }\n"
    files = {"main.py": "", "pyproject.toml": project + manifest, "uv.lock": lock}
    before = f"WORKDIR /code\nCOPY pyproject.toml uv.lock ./\nRUN uv sync {sync}\nCOPY main.py .\n"
    start = f'CMD ["uv", "run", {run}"uvicorn", "main:app", "--host", "0.0.0.0"]\n'
    assert given(files, before, start) == steps


def test_a_service_with_the_socket_of_docker_stays_root() -> None:
    image = SLIM + "RUN useradd app\nUSER app\n" + START
    root = COMPOSE + "    user: root\n"
    assert fixed("runs_as_root", {"Dockerfile": image, "compose.yaml": root}) == {"compose.yaml": COMPOSE}
    for mount in ("/var/run/docker.sock:/var/run/docker.sock", "data:/data", "./uploads:/uploads"):
        files = {"Dockerfile": image, "compose.yaml": f"{root}    volumes: ['{mount}']\nvolumes:\n  data:\n"}
        assert fixed("runs_as_root", files) == {}


def test_root_that_is_chosen_for_later_steps_stays() -> None:
    made = SLIM + "RUN useradd app\nUSER app\nUSER root\n"
    assert fixed("runs_as_root", {"Dockerfile": made + START})["Dockerfile"].count("USER app") == 2
    assert fixed("runs_as_root", {"Dockerfile": made + "RUN apt-get update\n" + START}) == {}


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("def f(:\n", []),
        ("open(x, 'w')", [UNTOLD]),
        ("x = x + 'a'\nopen(x, 'w')", [UNTOLD + "a"]),
        ("import shutil\nshutil.copy('a', 'b/c')\nshutil.copy(a, b)\n", ["b/c", UNTOLD]),
        ("sftp.mkdir(path)\nImage.open('photo.png')\n", []),
        ("import csv, io\nopen('a', 'r+')\nio.open('b', 'x')\nopen('c', 'rb')\n", ["a", "b"]),
    ],
)
def test_what_a_text_writes_to(text: str, paths: list[str]) -> None:
    found: tuple[Write, ...] = writes_in(Source.of(text, "a.py")).writes
    assert [one.path for one in found] == paths


def test_a_name_that_is_given_a_thousand_values_takes_no_time() -> None:
    text = "s = t = ''\n" + "".join(f"s = s + t + '{n}'\nt = s + t\n" for n in range(2000)) + "open(s, 'w')\n"
    assert [one.path for one in writes_in(Source.of(text, "a.py")).writes] == [UNTOLD]
