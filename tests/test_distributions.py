"""What an image's Python has installed, and the three questions that rules ask of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.assemble.closure import closure, locked_closure
from dockerlint_fastapi.data import table
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model.command import UNKNOWN
from dockerlint_fastapi.model.image import Image
from dockerlint_fastapi.model.install.development_tools import listed_tools
from dockerlint_fastapi.model.install.distributions import Distribution, Distributions, Doubt
from dockerlint_fastapi.model.install.manifest import Requirement
from dockerlint_fastapi.model.project import Project
from dockerlint_fastapi.parsers.manifests.requirement import parse_requirement
from dockerlint_fastapi.parsers.manifests.uv_lock import parse_uv_lock
from dockerlint_fastapi.source import Source, Span
from dockerlint_fastapi.tree import MemoryTree


def project_of(texts: dict[str, str]) -> Project:
    tree = MemoryTree({path: text.encode() for path, text in texts.items()})
    return assemble(tree, find(tree))


def image(dockerfile: str, texts: dict[str, str] | None = None) -> Image:
    (found,) = project_of({"Dockerfile": dockerfile, **(texts or {})}).images
    return found


def there(one: Image, *names: str) -> str:
    """`+` for installed, `-` for certainly not, `?` for what cannot be told."""
    answers = [one.distributions.get(name) for name in names]
    return "".join("+" if isinstance(answer, Distribution) else "-" if answer is None else "?" for answer in answers)


def requirement(text: str) -> Requirement:
    source = Source.of(text)
    found = parse_requirement(text, source.span(0, len(text)))
    assert found is not None
    return found


def test_requirements_in_utf_16_are_as_loose_as_others() -> None:
    dockerfile = "FROM python:3.12-slim\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n"
    listed = "\ufefffastapi\r\nuvicorn==0.34.0\r\nhttpx\r\n".encode("utf-16-le")
    tree = MemoryTree({"Dockerfile": dockerfile.encode(), "requirements.txt": listed})
    (found,) = assemble(tree, find(tree)).images
    assert [one.names for one in found.loose_requirements] == [("fastapi", "httpx")]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_requirements_in_utf_16_are_read_by_all(encoding: str) -> None:
    dockerfile = (
        "FROM python:3.12-slim\nCOPY requirements.txt requirements-dev.txt ./\n"
        "RUN pip install -r requirements.txt\nRUN pip install -r requirements-dev.txt\n"
        'COPY app app\nCMD ["uvicorn", "app.main:app"]\n'
    )
    files = {
        "Dockerfile": dockerfile.encode(),
        "requirements.txt": "\ufefffastapi==0.115.0\r\nuvicorn==0.34.0\r\npytest==8.0.0\r\n".encode(encoding),
        "requirements-dev.txt": "\ufeff# för\r\nmypy==1.0\r\n".encode(encoding),
        "app/main.py": b"from fastapi import FastAPI\napp = FastAPI()\n",
    }
    tree = MemoryTree(files)
    (found,) = assemble(tree, find(tree)).images
    (listed,), (asked,) = listed_tools(found), found.development_installs
    assert (listed.names, listed.span.text.replace("\0", "")) == (("pytest",), "pytest")
    assert (asked.tools, asked.where.text.replace("\0", "")) == (("mypy",), "mypy")


# -- the set itself


def test_three_answers() -> None:
    span = Source.of("a").span(0, 1)
    found = {"a": Distribution("a", None, "", frozenset(), span)}
    some = Distributions(found, possible=["b"], followed=frozenset(("c",)))
    assert some.get("A") is found["a"]
    assert some.get("b") is UNKNOWN
    assert some.get("c") is None
    assert some.get("d") is UNKNOWN  # without a lock file only the names of the table are followed
    assert Distributions(found).get("d") is None
    assert Distributions(found, doubts=[Doubt("why", None)]).get("d") is UNKNOWN
    both = Distributions(found).joined(Distributions(possible=["b"]))
    assert (both.get("a"), both.get("b"), both.get("x")) == (found["a"], UNKNOWN, None)
    assert some.uncertain.get("a") is UNKNOWN


# -- the table


def test_the_table_is_dated_and_consistent() -> None:
    facts = table("distributions")
    assert facts["as_of"]
    assert facts["source"]
    followed = set(facts["followed"].split())
    plain = facts["plain"].split()
    assert len(plain) == len(set(plain))
    rows = [line.partition(": ") for line in facts["brings"].splitlines() if line]
    assert len({name for name, _, _ in rows}) == len(rows)
    assert not set(plain) & {name for name, _, _ in rows}
    for _, _, brought in rows:
        assert brought
        assert {word.rstrip("?") for word in brought.split()} <= followed
    for entry in facts["older"]:
        assert {word.rstrip("?") for word in entry["brings"].split()} <= followed


def test_the_needs_are_followed() -> None:
    followed = set(table("distributions")["followed"].split())
    needed = table("needed_distributions")
    for key in ("programs", "workers", "drivers", "uvicorn"):
        for names in needed[key].values():
            assert set(names.split()) <= followed, names


@pytest.mark.parametrize(
    ("asked", "name", "answer"),
    [
        ("fastapi", "uvicorn", "-"),
        ("fastapi", "starlette", "+"),
        ("fastapi[standard]", "uvicorn", "+"),
        ("fastapi[standard]", "fastapi-cli", "+"),
        ("fastapi[standard]", "gunicorn", "-"),
        ("fastapi==0.111.0", "uvicorn", "+"),
        ("fastapi<0.112", "fastapi-cli", "+"),
        ("fastapi>=0.100,<1", "uvicorn", "-"),
        ("fastapi==0.110.0", "uvicorn", "-"),
        ("uvicorn[standard]", "uvloop", "+"),
        ("uvicorn", "uvloop", "-"),
        ("sqlalchemy[asyncio]", "greenlet", "+"),
        ("sqlalchemy", "greenlet", "?"),  # it depends on the machine
        ("celery[redis]", "redis", "+"),
        ("uvicorn-worker", "gunicorn", "+"),
        ("our-own-kit", "uvicorn", "?"),
        ("fastapi[unheard-of]", "uvicorn", "?"),
        ("uvicorn @ https://example.com/uvicorn.zip", "gunicorn", "?"),
        ("uvicorn; sys_platform == 'win32'", "uvicorn", "-"),
        ("uvicorn; platform_machine == 'x86_64'", "uvicorn", "?"),
        ("fastapi", "some-name-that-is-not-followed", "?"),
    ],
)
def test_what_a_requirement_brings(asked: str, name: str, answer: str) -> None:
    found = closure([requirement(asked)], "3.12").get(name)
    assert ("+" if isinstance(found, Distribution) else "-" if found is None else "?") == answer


def test_a_lock_file_is_exact() -> None:
    source = Source.of(
        """\
[[package]]
name = "a"
version = "1"
dependencies = [{ name = "b", extra = ["x"] }, { name = "win", marker = "sys_platform == 'win32'" }, { name = "a" }]
[[package]]
name = "b"
version = "2"
dependencies = [{ name = "m", marker = "platform_machine == 'aarch64'" }]
[package.optional-dependencies]
x = [{ name = "c" }]
y = [{ name = "d" }]
[[package]]
name = "c"
version = "3"
[[package]]
name = "d"
version = "4"
[[package]]
name = "m"
version = "5"
""",
        "uv.lock",
    )
    lock = parse_uv_lock(source.text, source.span)
    assert lock is not None
    found = locked_closure(lock, [requirement("a")], "3.12")
    assert set(found.found) == {"a", "b", "c"}
    assert found.found["c"].version == "3"
    assert found.found["c"].via == "b"
    assert found.get("m") is UNKNOWN
    assert found.get("d") is None
    assert found.get("win") is None
    assert found.get("anything") is None
    assert locked_closure(lock, [requirement("absent")], "3.12").get("anything") is UNKNOWN


# -- installers


PROJECT = """\
[project]
name = "shop"
version = "1"
requires-python = ">=3.11"
dependencies = ["fastapi"]
[project.optional-dependencies]
pg = ["asyncpg"]
[dependency-groups]
dev = ["pytest"]
prod = ["gunicorn"]
"""
POETRY = """\
[tool.poetry]
name = "shop"
[tool.poetry.dependencies]
python = "^3.11"
fastapi = "*"
asyncpg = { version = "*", optional = true }
[tool.poetry.extras]
pg = ["asyncpg"]
[tool.poetry.group.dev.dependencies]
pytest = "*"
[tool.poetry.group.prod]
optional = true
[tool.poetry.group.prod.dependencies]
gunicorn = "*"
"""
NAMES = ("fastapi", "asyncpg", "pytest", "gunicorn")


@pytest.mark.parametrize(
    ("command", "answers"),
    [
        ("uv sync", "+-+-"),
        ("uv sync --no-dev", "+---"),
        ("uv sync --no-default-groups", "+---"),
        ("uv sync --extra pg --group prod", "++++"),
        ("uv sync --all-extras --no-dev", "++--"),
        ("uv sync --all-groups", "+-++"),
        ("uv sync --only-group prod", "---+"),
        ("uv sync --only-dev", "--+-"),
        ("uv sync --no-install-project --no-dev", "+---"),
        ("uv sync --group $GROUP", "????"),
        ("UV_NO_DEV=1 uv sync", "+---"),
        ("uv pip install --system .", "+---"),
        ("uv pip install --system -r pyproject.toml --extra pg", "++--"),
        ("pip install .", "+---"),
        ("pip install .[pg]", "++--"),
        ("pip install -e '.[pg]'", "++--"),
        ("pip install --no-deps .", "----"),
        ("pip install --group prod", "---+"),
        ("pip install . gunicorn", "+--+"),
        ("cd /srv && pip install .", "????"),
    ],
)
def test_the_standard_project(command: str, answers: str) -> None:
    one = image(f"FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nRUN {command}\n", {"pyproject.toml": PROJECT})
    assert there(one, *NAMES) == answers


@pytest.mark.parametrize(
    ("command", "answers"),
    [
        ("poetry install", "+-+-"),
        ("poetry install --no-root --only main", "+---"),
        ("poetry install --only=main,prod", "+--+"),
        ("poetry install --without dev", "+---"),
        ("poetry install --no-dev", "+---"),
        ("poetry install --with prod --extras pg", "++++"),
        ("poetry install -E pg --only main", "++--"),
        ("poetry install --all-extras --only main", "++--"),
        ("poetry install --only-root", "----"),
        ("poetry install --with $GROUPS", "????"),
        ("poetry export -o r.txt && pip install -r r.txt", "+---"),
        ("poetry export --with prod > r.txt && pip install -r r.txt", "+--+"),
    ],
)
def test_poetry(command: str, answers: str) -> None:
    one = image(f"FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nRUN {command}\n", {"pyproject.toml": POETRY})
    assert there(one, *NAMES) == answers


@pytest.mark.parametrize(
    ("command", "answers"),
    [
        ("pipenv install --system --deploy", "+---"),
        ("pipenv sync --system --dev", "+-+-"),
        ("pipenv install --system --skip-lock", "+--+"),
        ("pipenv requirements > r.txt && pip install -r r.txt", "+---"),
    ],
)
def test_pipenv(command: str, answers: str) -> None:
    files = {
        "Pipfile": "[packages]\nfastapi = '*'\ngunicorn = '*'\n[dev-packages]\npytest = '*'\n",
        "Pipfile.lock": '{"default": {"fastapi": {}}, "develop": {"pytest": {}}}',
    }
    one = image(f"FROM python:3.12-slim\nCOPY . .\nRUN {command}\n", files)
    assert there(one, *NAMES) == answers


def test_pdm() -> None:
    lock = "".join(f'[[package]]\nname = "{name}"\nversion = "1"\n' for name in ("fastapi", "pytest", "gunicorn"))
    files = {"pyproject.toml": PROJECT, "pdm.lock": lock}
    one = image("FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN pdm sync --prod\n", files)
    assert there(one, *NAMES, "celery") == "+----"
    one = image("FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN pdm install\n", files)
    assert there(one, *NAMES, "celery") == "+-++-"


def test_requirements_include_constrain_and_refer() -> None:
    files = {
        "requirements/prod.txt": "-r base.txt\n-c ../constraints.txt\n-e ./libs/shared\ngunicorn\n",
        "requirements/base.txt": "fastapi\n",
        "constraints.txt": "fastapi==0.111.0\ncelery==5\n",
        "libs/shared/pyproject.toml": "[project]\nname='shared'\nversion='1'\ndependencies=['alembic']\n",
    }
    text = "FROM python:3.12\nWORKDIR /srv\nCOPY . .\nRUN pip install -r requirements/prod.txt\n"
    one = image(text, files)
    assert there(one, "fastapi", "gunicorn", "alembic", "shared", "celery", "uvicorn") == "++++-+"
    missing = {path: text for path, text in files.items() if not path.endswith("base.txt")}
    assert there(image(text, missing), "gunicorn", "uvicorn") == "+?"
    one = image(text + "RUN pip uninstall -y gunicorn\n", files)
    assert there(one, "gunicorn", "alembic") == "?+"


SITE = "/usr/local/lib/python3.12/site-packages"
VENV = "COPY --from=builder /venv /venv"


@pytest.mark.parametrize(
    ("build", "copy", "answer"),
    [
        ("RUN pip install uvicorn", f"COPY --from=builder {SITE} {SITE}", "+"),
        ("RUN pip install uvicorn", "COPY --from=builder /usr/local /usr/local", "+"),
        ("RUN pip install uvicorn", "COPY --from=builder /usr/local/bin /usr/local/bin", "-"),
        ("RUN pip install uvicorn", "COPY --from=builder /app /app", "-"),
        ("RUN pip install --prefix=/install uvicorn", "COPY --from=builder /install /usr/local", "+"),
        ("RUN pip install --target /deps uvicorn", "COPY --from=builder /deps /deps", "+"),
        ("RUN pip install --user uvicorn", "COPY --from=builder /root/.local /root/.local", "+"),
        ("RUN python -m venv /venv && /venv/bin/pip install uvicorn", "COPY --from=builder /venv /venv", "+"),
        ("RUN python -m venv /venv && . /venv/bin/activate && pip install uvicorn", VENV, "+"),
        ("ENV VIRTUAL_ENV=/venv PATH=/venv/bin:$PATH\nRUN pip install uvicorn", "COPY --from=builder /venv /venv", "+"),
        ("ENV VIRTUAL_ENV=/venv\nRUN uv pip install uvicorn", "COPY --from=builder /venv /venv", "+"),
        ("RUN pip install uvicorn", "COPY --from=builder /venv /venv", "?"),
        ("RUN pip wheel -w /wheels uvicorn", "COPY --from=builder /wheels /w\nRUN pip install --no-index /w/*", "+"),
        ("RUN pip wheel -w /wheels uvicorn", "COPY --from=builder /wheels /w", "-"),
        ("RUN pip wheel -w /w uvicorn", "RUN --mount=from=builder,source=/w,target=/x pip install /x/*.whl", "+"),
        ("RUN true", "COPY --from=ghcr.io/astral-sh/uv:latest /uv /uvx /bin/", "-"),
        ("RUN true", "COPY --from=company/python-deps /opt/deps /opt/deps", "?"),
    ],
)  # fmt: skip
def test_what_copy_from_brings(build: str, copy: str, answer: str) -> None:
    one = image(f"FROM python:3.12-slim AS builder\n{build}\nFROM python:3.12-slim\n{copy}\n")
    assert there(one, "uvicorn") == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("FROM tiangolo/uvicorn-gunicorn:python3.11\nRUN pip install httpx", "?"),
        ("FROM company/base\nRUN pip install httpx", "?"),
        ("FROM python:3.12\nRUN ./install.sh", "?"),
        ("FROM python:3.12\nRUN conda env create -f e.yml", "?"),
        ("FROM debian:bookworm\nRUN apt-get update && apt-get install -y python3-uvicorn", "?"),
        ("FROM debian:bookworm\nRUN apt-get update && apt-get install -y python3-pip python3-venv", "-"),
        ("FROM python:3.12\nARG P\nRUN pip install $P", "?"),
        ("FROM python:3.12\nRUN if [ -n x ]; then pip install uvicorn; fi", "?"),
        ("FROM python:3.12\nRUN pip install --dry-run uvicorn", "-"),
        ("FROM python:3.12\nRUN pip install poetry", "-"),
        ("FROM python:3.12 AS a\nRUN pip install uvicorn\nFROM a", "+"),
    ],
)
def test_open_and_closed_worlds(text: str, answer: str) -> None:
    assert there(image(text + "\n"), "uvicorn") == answer


def test_uv_reads_the_lock_file_by_mounts_and_of_a_workspace() -> None:
    lock = """\
[[package]]
name = "api"
version = "1"
source = { editable = "services/api" }
dependencies = [{ name = "fastapi" }]
[package.dev-dependencies]
dev = [{ name = "pytest" }]
[[package]]
name = "root"
version = "1"
source = { virtual = "." }
dependencies = [{ name = "gunicorn" }]
[[package]]
name = "fastapi"
version = "0.115"
[[package]]
name = "gunicorn"
version = "23"
[[package]]
name = "pytest"
version = "8"
"""
    files = {
        "pyproject.toml": "[project]\nname='root'\ndependencies=['gunicorn']\n[tool.uv.workspace]\nmembers=['*/*']\n",
        "services/api/pyproject.toml": "[project]\nname='api'\nversion='1'\ndependencies=['fastapi']\n",
        "uv.lock": lock,
    }
    mounted = (
        "FROM python:3.12\nWORKDIR /app\nRUN --mount=type=bind,source=uv.lock,target=uv.lock \\\n"
        "  --mount=type=bind,source=pyproject.toml,target=pyproject.toml uv sync --frozen --no-dev\n"
    )
    assert there(image(mounted, files), "gunicorn", "fastapi", "pytest", "celery") == "+---"
    member = "FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN uv sync --frozen --package api\n"
    assert there(image(member, files), "gunicorn", "fastapi", "pytest") == "-++"
    below = "FROM python:3.12\nWORKDIR /app\nCOPY . .\nWORKDIR /app/services/api\nRUN uv sync --frozen --no-dev\n"
    one = image(below, files)
    assert there(one, "gunicorn", "fastapi", "pytest") == "-+-"
    assert isinstance(found := one.distributions.get("fastapi"), Distribution)
    assert (found.span.source.path, found.span.text) == ("services/api/pyproject.toml", "fastapi")
    assert found.version == "0.115"


def test_a_second_sync_takes_away_what_it_does_not_want() -> None:
    text = "FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN uv sync\nRUN uv sync --no-dev\n"
    assert there(image(text, {"pyproject.toml": PROJECT}), "pytest", "fastapi") == "-+"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM python:3.12-slim\nRUN pip install psycopg2", [("psycopg2", True, "apt-get install")]),
        ("FROM python:3.12-alpine\nRUN pip install psycopg2", [("psycopg2", True, "apk add")]),
        ("FROM python:3.12-alpine\nRUN apk add --no-cache build-base postgresql-dev && pip install psycopg2", []),
        ("FROM python:3.12\nRUN pip install psycopg2", []),
        ("FROM python:3.12-slim\nRUN apt-get install -y gcc some-package && pip install psycopg2", []),
        ("FROM python:3.12-slim\nENV PIP_INDEX_URL=https://x.example\nRUN pip install psycopg2", []),
        ("FROM python:3.12-slim\nRUN pip install psycopg[c]", [("psycopg-c", True, "apt-get install")]),
    ],
)
def test_missing_libraries(text: str, expected: list[tuple[str, bool, str]]) -> None:
    found = [(one.distribution.name, one.building, one.manager) for one in image(text + "\n").missing_libraries]
    assert found == expected


def test_a_container_that_installs_when_it_starts_lacks_nothing() -> None:
    dockerfile = "FROM python:3.12-slim\nRUN pip install fastapi\nCMD {}\n"
    for command, lacking in (
        ('["uvicorn", "main:app"]', ["uvicorn"]),
        ("pip install uvicorn && uvicorn main:app", []),
        ('["python", "-m", "uvicorn", "main:app"]', ["uvicorn"]),
        ('["fastapi", "run"]', ["fastapi-cli"]),
        ('["./uvicorn", "main:app"]', []),
        ('["python", "main.py"]', []),
    ):
        (container,) = project_of({"Dockerfile": dockerfile.format(command)}).containers
        assert [name for one in container.lacking for name in one.names] == lacking, command


TOKENS = st.sampled_from(
    [
        "RUN pip install fastapi", "RUN uv sync", "RUN uv sync --package x --all-groups",
        "RUN poetry install --only main",
        "RUN pipenv sync", "RUN pdm sync", "RUN pip install -r requirements.txt -c c.txt -e .", "COPY . .",
        "WORKDIR /app",
        "COPY --from=0 /usr/local /usr/local", "COPY --from=a /app/.venv /app/.venv", "FROM python:3.12 AS a", "FROM a",
        "RUN cd $X && pip install .", "RUN pip wheel -w w . && pip install w/*", "ENV PATH=$PATH", "ENV VIRTUAL_ENV=$X",
        "RUN poetry export > requirements.txt", "RUN --mount=from=a,source=/,target=/m pip install /m/*.whl",
        "FROM scratch",
        "RUN pip uninstall -y fastapi", "RUN --mount=type=bind,source=.,target=. uv sync",
        "RUN uv pip sync requirements.txt",
    ]
)  # fmt: skip
FILES = st.dictionaries(
    st.sampled_from(["pyproject.toml", "uv.lock", "poetry.lock", "requirements.txt", "c.txt", "Pipfile", "setup.py"]),
    st.sampled_from([PROJECT, POETRY, "-r requirements.txt\n-e .\nfastapi", "", "[", "setup(install_requires=['a'])"]),
    max_size=4,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(TOKENS, max_size=8), FILES)
def test_never_raises(lines: list[str], files: dict[str, str]) -> None:
    found = project_of({"Dockerfile": "\n".join(["FROM python:3.12-slim", *lines, "CMD uvicorn main:app"]), **files})
    for one in found.images:
        distributions = one.distributions
        assert not distributions.possible & set(distributions.found) or distributions.get("fastapi") is not None
        list(one.missing_libraries)
        list(one.python_mismatches)
    for container in found.containers:
        list(container.lacking)


@pytest.mark.parametrize(
    "bound", ["<0.30", ">=0.11.3,<0.12", "~=0.29.1", "<=0.29", "<0.30.0", "==0.29.*", "!=0.30,<0", "==0.29.0"]
)
def test_a_bound_that_keeps_newer_ones_out(bound: str) -> None:
    assert asked_for(bound).older_than(0, 30)


@pytest.mark.parametrize("bound", ["", "~=0.29", "<0.30.1", ">=0.20", "==0.*", "<1", "==0.30.0", "<0.31,!=0.30"])
def test_a_bound_that_lets_newer_ones_in(bound: str) -> None:
    assert not asked_for(bound).older_than(0, 30)


def asked_for(specifier: str) -> Distribution:
    version = specifier.removeprefix("==") if specifier.startswith("==") and "*" not in specifier else None
    span = Span(Source("requirements.txt", b"uvicorn"), 0, 7)
    return Distribution("uvicorn", version, "" if version else specifier, frozenset(), span)


# -- branches


@pytest.mark.parametrize(
    ("run", "answers"),
    [
        ("bash -c \"if [ $DEV == 'true' ] ; then poetry install ; else poetry install --no-dev ; fi\"", "+?"),
        ("if [ $DEV = true ]; then \\\n poetry install; \\\n else \\\n poetry install --no-dev; fi", "+?"),
        ("if [ $DEV = true ]; then poetry install; else poetry install; fi", "++"),
        ("if [ $DEV = true ]; then poetry install; fi", "??"),
        ("if [ $DEV = true ]; then poetry install; elif [ $X ]; then poetry install --no-dev; fi", "??"),
        ("if [ $DEV = true ]; then poetry install; else echo; fi; if [ $X ]; then poetry install; fi", "??"),
        ("if [ $DEV = true ]; then true && poetry install; else poetry install; fi", "??"),
        ("if [ $A ]; then if [ $DEV = true ]; then poetry install; else poetry install; fi; fi", "??"),
    ],
)
def test_what_both_branches_install_is_there(run: str, answers: str) -> None:
    manifest = (
        '[tool.poetry]\nname = "shop"\npackage-mode = false\n[tool.poetry.dependencies]\nuvicorn = "0.34.0"\n'
        '[tool.poetry.group.dev.dependencies]\nruff = "0.9.0"\n'
    )
    dockerfile = f"FROM python:3.12-slim\nCOPY pyproject.toml .\nRUN {run}\n"
    assert there(image(dockerfile, {"pyproject.toml": manifest}), "uvicorn", "ruff") == answers
