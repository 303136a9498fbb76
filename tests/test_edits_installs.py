"""The words of `edits` about installations, build secrets and ignore files: what they write, and when they refuse."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.fixer import Fixed, fix
from dockerlint_fastapi.report import Report
from dockerlint_fastapi.rule import load_rules
from dockerlint_fastapi.source import BOM
from dockerlint_fastapi.tree import MemoryTree, Tree

RULES = load_rules()
FROM = "FROM python:3.12-slim\n"
CODE = {"app/main.py": "import fastapi\n", "requirements.txt": "fastapi==0.121.0\n"}


def fixed(rule: str, files: Mapping[str, str | bytes]) -> Fixed:
    settings = Settings(RULES, frozenset((rule,)), today="2026-11-22", profile="pedantic")

    def run(tree: Tree) -> Report:
        return lint(tree, settings)

    data = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    outcome = fix(MemoryTree(data), run, unsafe=True)
    assert not outcome.report.failures
    return outcome


def mended(rule: str, text: str, **files: str) -> str:
    """The Dockerfile behind one FROM after the fixes of a rule, which no longer speaks when anything changed."""
    outcome = fixed(rule, {"Dockerfile": FROM + text, **CODE, **files})
    assert not outcome.refused, [one.reason for one in outcome.refused]
    data = outcome.tree.read("Dockerfile")
    assert data is not None
    assert not outcome.changes or not outcome.report.diagnostics
    return data.decode().removeprefix(FROM)


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        # options
        (
            "apt-installs-recommends",
            "RUN apt-get install -y curl\n",
            "RUN apt-get install -y --no-install-recommends curl\n",
        ),
        (
            "apt-installs-recommends",
            "RUN apt-get install curl -y\n",
            "RUN apt-get install --no-install-recommends curl -y\n",
        ),
        (
            "apt-installs-recommends",
            "RUN apt-get -y install curl\n",
            "RUN apt-get -y install --no-install-recommends curl\n",
        ),
        (
            "apt-installs-recommends",
            'RUN ["apt-get", "install", "-y", "curl"]\n',
            'RUN ["apt-get", "install", "-y", "--no-install-recommends", "curl"]\n',
        ),
        ("pip-cache-kept", 'RUN ["pip","install","x"]\n', 'RUN ["pip","install","--no-cache-dir","x"]\n'),
        ("pip-cache-kept", "RUN pip \\\n install \\\n  x\n", "RUN pip \\\n install \\\n --no-cache-dir \\\n  x\n"),
        # at the end of a RUN
        (
            "package-cache-left",
            "RUN apt-get update && apt-get install -y a || true\n",
            "RUN apt-get update && apt-get install -y a || true && rm -rf /var/lib/apt/lists/*\n",
        ),
        (
            "package-cache-left",
            "RUN apt-get update; apt-get install -y a;\n",
            "RUN apt-get update; apt-get install -y a;\n",
        ),
        ("package-cache-left", "RUN apt-get update && apt-get install -y a # b\n", None),
        ("package-cache-left", "RUN if true; then apt-get update; fi\n", None),
        ("package-cache-left", 'RUN ["apt-get", "update"]\n', None),
        ("package-cache-left", "RUN apt-get update && cat <<EOF\nx\nEOF\n", None),
        ("package-cache-left", "RUN npm ci && apt-get purge -y npm\n", None),
        ("package-cache-left", "RUN npm ci && node x\n", "RUN npm ci && node x && npm cache clean --force\n"),
        # two RUNs that are one
        (
            "apt-update-alone",
            "RUN apt-get update\nRUN A=b apt-get install -y a | cat\n",
            "RUN apt-get update && A=b apt-get install -y a | cat\n",
        ),
        ("apt-update-alone", "RUN apt-get update\nRUN apt-get install -y a || true\n", None),
        ("apt-update-alone", "RUN apt-get update # b\nRUN apt-get install -y a\n", None),
        ("apt-update-alone", "RUN --network=default apt-get update\nRUN apt-get install -y a\n", None),
        ("apt-update-alone", "RUN apt-get update\nRUN (apt-get install -y a)\n", None),
        ("apt-update-alone", "RUN apt-get update\nRUN <<EOF\napt-get install -y a\nEOF\n", None),
        # the code comes last
        (
            "code-copied-before-install",
            "COPY . /app\nWORKDIR /app\nRUN pip install -r requirements.txt\n",
            "COPY requirements.txt /app/\nWORKDIR /app\nRUN pip install -r requirements.txt\nCOPY . /app\n",
        ),
        ("code-copied-before-install", "COPY . app\nWORKDIR /app\nRUN pip install -r requirements.txt\n", None),
        ("code-copied-before-install", "WORKDIR /a\nADD . .\nRUN pip install -r requirements.txt\n", None),
        ("code-copied-before-install", "WORKDIR /a\nCOPY . .\nRUN pip install -r other.txt\n", None),
        ("code-copied-before-install", "WORKDIR /a\nCOPY . .\nRUN make && pip install -r requirements.txt\n", None),
        ("code-copied-before-install", "WORKDIR /a\nCOPY . .\nRUN make\nRUN pip install -r requirements.txt\n", None),
        (
            "code-copied-before-install",
            "WORKDIR /a\nCOPY app requirements.txt ./\nRUN pip install -r requirements.txt",
            "WORKDIR /a\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY app requirements.txt ./",
        ),
        # variables
        ("secret-in-env", "ENV SECRET_KEY=hunter2hunter2\nRUN echo $SECRET_KEY\n", None),
        ("secret-in-env", "ENV A=1 SECRET_KEY=hunter2hunter2\n", "ENV A=1\n"),
        ("secret-in-arg", "ARG API_TOKEN\nRUN x $API_TOKEN\nENV A=$API_TOKEN\n", None),
        ("secret-in-arg", 'ARG API_TOKEN\nRUN ["x", "$API_TOKEN"]\n', None),
        ("secret-in-arg", "ARG API_TOKEN\nRUN x\n", None),
        (
            "secret-in-arg",
            "ARG API_TOKEN\nRUN x ${API_TOKEN:?}\nRUN y $API_TOKENS\n",
            "RUN --mount=type=secret,id=api_token,env=API_TOKEN x ${API_TOKEN:?}\nRUN y $API_TOKENS\n",
        ),
        # cache mounts
        (
            "cache-mount-conflict",
            "RUN --mount=type=cache,target=/root/.cache/pip pip install --no-cache-dir x\n",
            "RUN --mount=type=cache,target=/root/.cache/pip pip install x\n",
        ),
        (
            "cache-mount-conflict",
            "ENV PIP_NO_CACHE_DIR=1\nRUN --mount=type=cache,target=/root/.cache/pip pip install --no-cache-dir x\n",
            None,
        ),
        (
            "cache-mount-conflict",
            "RUN --mount=type=cache,sharing=shared,target=/var/lib/apt apt-get update\n",
            "RUN --mount=type=cache,sharing=locked,target=/var/lib/apt apt-get update\n",
        ),
    ],
)
def test_a_fix_writes_this_or_nothing(rule: str, before: str, after: str | None) -> None:
    assert mended(rule, before) == (before if after is None else after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# a\n\nCOPY app app\n", "# a\nENV PYTHONUNBUFFERED=1\n\nCOPY app app\n"),
        ("# a\nCOPY app app\n", "ENV PYTHONUNBUFFERED=1\n# a\nCOPY app app\n"),
        ("\nCOPY app app\n", "ENV PYTHONUNBUFFERED=1\n\nCOPY app app\n"),
    ],
)
def test_a_stage_begins_below_its_own_comments(before: str, after: str) -> None:
    start = 'CMD ["uvicorn", "app.main:app"]\n'
    assert mended("buffered-python-output", before + start) == after + start


def test_poetry_before_1_2_has_no_only() -> None:
    text = "RUN pip install {} && poetry install --no-dev\n"
    assert "--no-dev" in mended("removed-poetry-option", text.format("poetry==1.1.15"))
    assert "--only main" in mended("removed-poetry-option", text.format("poetry==1.8.3"))


def test_a_service_gives_the_secret_that_it_passed_as_an_argument() -> None:
    dockerfile = FROM + "ARG API_TOKEN\nRUN x $API_TOKEN\n"
    service = "services:\n  web:\n    build:\n      context: .\n{}"
    gives = "      secrets:\n        - api_token\nsecrets:\n  api_token:\n    environment: {}\n"

    def compose(args: str) -> str:
        files = {"Dockerfile": dockerfile, "compose.yaml": service.format(args)}
        data = fixed("secret-in-arg", files).tree.read("compose.yaml")
        assert data is not None
        return data.decode()

    args = "      args:\n"
    assert compose(f"{args}        API_TOKEN: ${{OTHER:?set}}\n") == service.format(gives.format("OTHER"))
    assert compose(f"{args}        - API_TOKEN\n") == service.format(gives.format("API_TOKEN"))
    other = f"{args}        - A=1\n"
    assert compose(f"{other}        - API_TOKEN=$API_TOKEN\n") == service.format(other + gives.format("API_TOKEN"))
    flow = "      args: {A: 1, API_TOKEN: $API_TOKEN}\n"
    assert compose(flow) == service.format(flow)


def test_a_history_that_is_read_stays_in_the_context() -> None:
    files = {".git/HEAD": "x", "pyproject.toml": '[build-system]\nrequires = ["setuptools-scm"]\n'}
    text = FROM + "COPY . .\nRUN pip install .\n"
    made = fixed("missing-dockerignore", {"Dockerfile": text, **CODE, **files}).changes[0].after.decode()
    assert ".git" not in made.splitlines()


@pytest.mark.parametrize("rule", ["code-copied-before-install", "package-cache-left", "apt-update-alone"])
def test_line_endings_and_a_byte_order_mark_stay(rule: str) -> None:
    text = (
        FROM + "RUN apt-get update\n\nRUN apt-get install -y \\\n    # a\n    gcc\n"
        "WORKDIR /code\n# all\nCOPY . .\n\nRUN pip install -r requirements.txt\n"
        "RUN apt-get update && \\\n    apt-get install -y git\n"
    )
    plain = fixed(rule, {"Dockerfile": text, **CODE}).changes
    assert len(plain) == 1
    for mark, ending in ((b"", b"\r\n"), (BOM, b"\n")):
        other = fixed(rule, {"Dockerfile": mark + text.encode().replace(b"\n", ending), **CODE}).changes
        assert [one.after for one in other] == [mark + plain[0].after.replace(b"\n", ending)]


def ignored(rule: str, before: str, **files: str) -> str:
    """The `.dockerignore` after the fixes of a rule."""
    text = FROM + "WORKDIR /code\nCOPY . .\nRUN pip install -r requirements.txt\n"
    outcome = fixed(rule, {"Dockerfile": text, ".dockerignore": before, **CODE, **files})
    assert not outcome.refused, [one.reason for one in outcome.refused]
    data = outcome.tree.read(".dockerignore")
    assert data is not None
    return data.decode()


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        ("ineffective-dockerignore-pattern", "__pycache__/\n", "**/__pycache__\n"),
        ("ineffective-dockerignore-pattern", "a\n  # b", "a\n# b"),
        ("ineffective-dockerignore-pattern", "a # b\n", "# b\na\n"),
        ("ineffective-dockerignore-pattern", "a\n..\n", "a\n"),
        ("ineffective-dockerignore-pattern", "!README.md\na\n*.md\nb\n", "a\n*.md\n!README.md\nb\n"),
        ("ignored-needed-file", "*.txt\n*.log", "*.txt\n!requirements.txt\n*.log"),
        ("secrets-in-build-context", ".*\n!.env", ".*"),
        ("secrets-in-build-context", "*.md", "*.md\n**/.env"),
    ],
)
def test_an_ignore_file_is_mended_like_this(rule: str, before: str, after: str) -> None:
    assert ignored(rule, before) == after


def test_what_a_build_needs_is_never_left_out() -> None:
    secret = {".env": "SECRET_KEY=hunter2hunter2\n"}
    text = FROM + "COPY . .\nCOPY .env /etc/app.env\n"
    outcome = fixed("secrets-in-build-context", {"Dockerfile": text, ".dockerignore": "a\n", **CODE, **secret})
    assert (outcome.changes, outcome.report.diagnostics) == ((), ())  # copied-secret-file tells of the second COPY
    outcome = fixed("missing-dockerignore", {"Dockerfile": text + "COPY Dockerfile tests /x/\n", **CODE, **secret})
    made = outcome.changes[0].after.decode().splitlines()
    assert {".git", "**/.venv", "*.md"} < set(made)
    assert {"**/.env", "Dockerfile", "tests/"}.isdisjoint(made)


@pytest.mark.parametrize(
    ("files", "kept"),
    [
        ({}, False),
        ({"Makefile": "test:\n\tpytest tests\n"}, False),
        ({"Makefile": "test:\n\tdocker run --platform linux/amd64 --rm shop python -m pytest\n"}, True),
        ({"Makefile": "test:\n\t$(COMPOSE) exec web pytest tests/ -v\n"}, True),
        ({"scripts/check.sh": "docker compose \\\n  run --rm web \\\n  coverage run -m pytest\n"}, True),
        ({".github/workflows/a.yml": "    - run: docker run -e A app coverage run -m unittest\n"}, True),
        ({"README.md": "Run the tests:\n\n    docker-compose exec web bash scripts/tests-start.sh\n"}, True),
        ({"compose.yaml": "services:\n  web:\n    build: .\n  check:\n    build: .\n    command: pytest -q\n"}, True),
    ],
)
def test_tests_that_run_in_a_container_stay_in_the_context(files: dict[str, str], kept: bool) -> None:  # noqa: FBT001
    tests = {"tests/test_a.py": "", "Dockerfile": FROM + "COPY . .\n"}
    outcome = fixed("missing-dockerignore", {**tests, **CODE, **files})
    (made,) = (one.after.decode().splitlines() for one in outcome.changes if one.path == ".dockerignore")
    assert ("tests/" not in made) is kept


def test_a_new_ignore_file_is_unsafe_where_something_may_be_read() -> None:
    def applicability(**files: str) -> str:
        applied = fixed("missing-dockerignore", {"Dockerfile": FROM + "COPY . .\n", **CODE, **files}).applied
        assert applied[0].finding.fix is not None
        return applied[0].finding.fix.applicability

    assert applicability() == "safe"
    assert applicability(**{".git/HEAD": "x", "README.md": "x", "tests/a.py": ""}) == "safe"
    assert applicability(**{".env": "A=1"}) == "unsafe"
    assert applicability(**{".env.production": "A=1"}) == "unsafe"
    assert applicability(**{"env/pyvenv.cfg": ""}) == "unsafe"
    assert applicability(**{"web/node_modules/a/b.js": ""}) == "unsafe"
