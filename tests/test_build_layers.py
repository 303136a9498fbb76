"""What the model says of an image's build: caches, settings of installers, build tools, the order of layers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model.dockerfile import Copy, Run
from dockerlint_fastapi.model.image import Image
from dockerlint_fastapi.model.install.installer_settings import (
    cache_is_elsewhere,
    downloads_left,
    pip_cache_is_off,
    recommends_are_off,
)
from dockerlint_fastapi.model.install.layer_order import brings_code, context_files, manifest_texts
from dockerlint_fastapi.tree import text_files

CMD = 'CMD ["uvicorn", "app.main:app"]\n'


def image(dockerfile: str, **files: str) -> Image:
    """The last image of a Dockerfile; `files` have `__` for `/` and `_dot_` for `.` in their names."""
    named = {name.replace("__", "/").replace("_dot_", "."): text for name, text in files.items()}
    tree = text_files({"Dockerfile": dockerfile, **named}.items())
    project = assemble(tree, find(tree, ()))
    return project.images[-1]


def run_of(dockerfile: str) -> Run:
    return next(image("FROM python:3.12-slim\n" + dockerfile).every(Run))


@pytest.mark.parametrize(
    ("mount", "directory", "expected"),
    [
        ("type=cache,target=/root/.cache/pip", "~/.cache/pip", True),
        ("type=cache,target=/root/.cache/", "~/.cache/pip", True),
        ("type=cache,target=/home/app/.cache", "~/.cache/pip", True),
        ("type=cache,target=/root", "~/.cache/pip", True),
        ("type=cache,target=/root/.cache/uv", "~/.cache/pip", False),
        ("type=cache,target=/root/.cache/pipenv", "~/.cache/pip", False),
        ("type=cache,target=/var/lib/apt", "/var/lib/apt/lists", True),
        ("type=cache,target=/var/lib/ap", "/var/lib/apt/lists", False),
        ("type=cache,target=/var/cache/apt", "/var/lib/apt/lists", False),
        ("type=tmpfs,target=/var/lib/apt/lists", "/var/lib/apt/lists", True),
        ("type=cache,target=$CACHE", "/var/lib/apt/lists", True),
        ("type=bind,source=lists,target=/var/lib/apt/lists", "/var/lib/apt/lists", False),
    ],
)
def test_what_a_run_keeps_out_of_its_layer(mount: str, directory: str, *, expected: bool) -> None:
    assert run_of(f"RUN --mount={mount} true\n").volatile(directory) is expected


def test_a_run_without_mounts_keeps_everything() -> None:
    assert not run_of("RUN true\n").volatile("/var/lib/apt/lists", "~/.cache")


@pytest.mark.parametrize(
    ("lines", "off"),
    [
        ("RUN pip install x", False),
        ("RUN pip install --no-cache-dir x", True),
        ("ENV PIP_NO_CACHE_DIR=1\nRUN pip install x", True),
        ("ENV PIP_NO_CACHE_DIR=off\nRUN pip install x", True),
        ("ENV PIP_NO_CACHE_DIR 0\nRUN pip install x", True),
        ("ENV PIP_NO_CACHE_DIR=\nRUN pip install x", False),
        ("ENV PIP_NO_CACHE_DIR=1\nENV PIP_NO_CACHE_DIR=\nRUN pip install x", False),
        ("ARG PIP_NO_CACHE_DIR\nRUN pip install x", True),
        ("RUN pip install x\nENV PIP_NO_CACHE_DIR=1", False),
        ("RUN PIP_NO_CACHE_DIR=true pip install x", True),
        ("RUN PIP_NO_CACHE_DIR= pip install x", False),
        ("RUN pip config set global.no-cache-dir true && pip install x", True),
        ("RUN printf '[global]\\nno-cache-dir = true' > /etc/pip.conf && pip install x", True),
        ("COPY pip.conf /etc/\nRUN pip install x", True),
        ("COPY app.conf /etc/\nRUN pip install x", False),
        ("ENV PIP_CONFIG_FILE=/x\nRUN pip install x", True),
    ],
)
def test_whether_pip_keeps_a_cache(lines: str, *, off: bool) -> None:
    built = image(f"FROM python:3.12-slim\n{lines}\n")
    run, step = next((run, step) for run, step in built.steps if step.action == "install")
    assert pip_cache_is_off(built, run, step) is off


@pytest.mark.parametrize(
    ("lines", "elsewhere"),
    [
        ("RUN --mount=type=cache,target=/root/.cache/pip pip install x", True),
        ("RUN --mount=type=cache,target=/c pip install --cache-dir=/c x", True),
        ("RUN --mount=type=cache,target=/root/.cache/pip pip install --cache-dir=/c x", False),
        ("ENV PIP_CACHE_DIR=/c\nRUN --mount=type=cache,target=/c pip install x", True),
        ("ARG PIP_CACHE_DIR\nRUN pip install x", True),
        ("ENV PIP_CACHE_DIR=/c\nRUN pip install x", False),
        ("RUN pip install x", False),
    ],
)
def test_where_pip_keeps_its_cache(lines: str, *, elsewhere: bool) -> None:
    built = image(f"FROM python:3.12-slim\n{lines}\n")
    run, step = built.steps[-1]
    assert cache_is_elsewhere(built, run, step) is elsewhere


@pytest.mark.parametrize(
    ("lines", "off"),
    [
        ("", False),
        ("RUN echo 'APT::Install-Recommends \"0\";' > /etc/apt/apt.conf.d/99x\n", True),
        ("COPY x.conf /etc/apt/apt.conf.d/\n", True),
        ("COPY etc/ /etc/\n", True),
        ("COPY x.list /etc/apt/sources.list.d/x.list\n", False),
        ("COPY x.conf /etc/app/\n", False),
        ("ENV APT_CONFIG=/x\n", True),
    ],
)
def test_whether_apt_leaves_recommendations_out(lines: str, *, off: bool) -> None:
    built = image(f"FROM python:3.12-slim\n{lines}RUN apt-get install -y curl\n")
    assert recommends_are_off(built, list(built.every(Run))[-1]) is off


def test_downloads_left_names_the_step_that_fetches() -> None:
    built = image(
        "FROM python:3.12-slim\n"
        "RUN apt-get update\n"
        "RUN apt-get install -y curl && rm -rf /var/lib/apt/lists/*\n"
        "RUN apt-get update && rm -rf /var/lib/apt/lists/* && apt-get -q update\n"
        "RUN npm ci && conda install -y numpy && conda clean -afy\n"
    )
    assert [(step.words, step.span.line) for _, step in downloads_left(built)] == [
        ("apt-get update", 2),
        ("apt-get update", 4),
        ("npm ci", 5),
    ]
    assert [step.span.text for _, step in downloads_left(built)][1] == "apt-get -q update"


@pytest.mark.parametrize(
    ("line", "words", "head"),
    [
        ("apt-get -y install curl", "apt-get install", "apt-get -y install"),
        ("python -m pip install x", "python -m pip install", "python -m pip install"),
        ("uv pip install x", "uv pip install", "uv pip install"),
        ("uv sync --locked", "uv sync", "uv sync"),
        ("yarn", "yarn", "yarn"),
    ],
)
def test_a_step_in_words(line: str, words: str, head: str) -> None:
    built = image(f"FROM python:3.12-slim\nRUN {line}\n")
    step = built.steps[0][1]
    assert (step.words, step.head.text) == (words, head)


@pytest.mark.parametrize(
    ("line", "offline"),
    [
        ("pip install x", False),
        ("pip install --no-index x", True),
        ("pip install /wheels/*", True),
        ("pip install dist/x-1.0-py3-none-any.whl", True),
        ("pip install /wheels/* x", False),
        ("pip install .", False),
        ("pip install --no-deps .", True),
        ("pip install --no-deps -r requirements.txt", False),
    ],
)
def test_an_install_that_fetches_nothing(line: str, *, offline: bool) -> None:
    assert image(f"FROM python:3.12-slim\nRUN {line}\n").steps[0][1].offline is offline


@pytest.mark.parametrize(
    ("lines", "tools"),
    [
        ("RUN apt-get install -y gcc curl libpq-dev\n" + CMD, ["compiler gcc", "headers libpq-dev"]),
        ("RUN apt-get install -y gcc && apt-get purge -y gcc\n" + CMD, []),
        ("RUN pip install poetry cmake\n" + CMD, ["installer poetry"]),
        ("RUN pip install -U pip setuptools\n" + CMD, []),
        ("RUN pip install poetry && pip uninstall -y poetry\n" + CMD, []),
        ("RUN curl -sSL https://install.python-poetry.org | python3 -\n" + CMD, ["installer poetry"]),
        ("COPY --from=ghcr.io/astral-sh/uv:0.9 /uv /bin/\n" + CMD, ["installer uv"]),
        ('COPY --from=ghcr.io/astral-sh/uv:0.9 /uv /bin/\nCMD ["uv", "run", "uvicorn", "app.main:app"]\n', []),
        ("RUN npm ci\n" + CMD, ["node npm"]),
        ("RUN npm install -g x\n" + CMD, []),
        ("RUN npm ci && pip install poetry\n", []),  # nothing says what starts
        ('RUN npm ci && pip install poetry\nCMD ["./start.sh"]\n', []),
        ("RUN apt-get install -y git\n" + CMD, []),
        (
            "RUN apt-get install -y git && pip install git+https://x/y.git\n" + CMD,
            ["source control git"],
        ),
        ("RUN apt-get install -y git && pip install git+https://x/y.git GitPython\n" + CMD, []),
        ('RUN apt-get install -y make\nCMD ["make", "run"]\n', []),
    ],
)
def test_what_only_the_build_needs(lines: str, tools: list[str]) -> None:
    assert [f"{tool.kind} {tool.name}" for tool in image("FROM python:3.12-slim\n" + lines).build_tools] == tools


@pytest.mark.parametrize(
    ("copy", "code"),
    [
        ("COPY . .", True),
        ("COPY ./ /app/", True),
        ("COPY * /app/", True),
        ("ADD . /app", True),
        ("COPY app /app", True),
        ("COPY app/* /app/", True),
        ("COPY main.py .", True),
        ("COPY *.py .", True),
        ("COPY setup.py gunicorn.conf.py ./", False),
        ("COPY requirements.txt pyproject.toml ./", False),
        ("COPY requirements*.txt ./", False),
        ("COPY poetry.lock* ./", None),  # no such file is there
        ("COPY scripts/ /scripts/", False),
        ("COPY static /static", False),
        ("COPY missing /x", None),
        ("COPY $DIR /x", None),
        ("COPY missing app /x", True),
        ("COPY --from=builder /app /app", False),
        ("ADD https://example.com/x.py /x.py", False),
        ("COPY app/__init__.py /app/", False),
    ],
)
def test_which_copy_brings_code(copy: str, *, code: bool | None) -> None:
    built = image(
        f"FROM python:3.12-slim\n{copy}\n",
        app__core__main_dot_py="",
        app____init___dot_py="",
        main_dot_py="",
        scripts__wait_dot_py="",
        static__x_dot_css="",
        requirements_dot_txt="",
        pyproject_dot_toml="",
    )
    if copy == "COPY poetry.lock* ./":
        code = False  # the pattern names no Python file, whatever it matches
    assert brings_code(built, next(built.transfers)) is code


def test_the_late_install_is_found_through_stages() -> None:
    built = image("FROM python:3.12-slim AS a\nCOPY . .\n\nFROM a\nRUN pip install -U pip && pip install -r r.txt\n")
    late = built.late_install(built.stage)
    assert late is not None
    assert isinstance(late.code, Copy)
    assert late.step.head.text == "pip install"
    assert late.manifests == "`r.txt`"
    assert built.late_install(built.lineage[0]) is None


@pytest.mark.parametrize(
    "requirements",
    [
        "-e .",
        "-e ./lib",
        "--editable=lib",
        ".",
        "./lib",
        "..[x]",
        "file:lib",
        "x @ file:///lib",
        "-r more.txt",
    ],
)
def test_requirements_that_point_into_the_project(requirements: str) -> None:
    lines = "FROM python:3.12-slim\nCOPY . .\nRUN pip install -r requirements.txt\n"
    built = image(lines, requirements_dot_txt=requirements, more_dot_txt="./lib\n")
    assert built.late_install(built.stage) is None


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_project_among_other_requirements(end: str) -> None:
    lines = "FROM python:3.12-slim\nCOPY . .\nRUN pip install -r requirements.txt\n"
    built = image(lines, requirements_dot_txt=f"x{end}-e .{end}", more_dot_txt="")
    late = built.late_install(built.stage)
    assert late is not None
    assert (late.own_line, late.files) == ("-e .", ("requirements.txt",))


@pytest.mark.parametrize(
    "requirements",
    [
        "",
        "fastapi==1\n",
        "# -e .\n",
        "-e git+https://x/y.git#egg=y\n",
        "x @ https://x/y.whl\n",
        "--index-url https://x\n",
    ],
)
def test_requirements_that_do_not(requirements: str) -> None:
    lines = "FROM python:3.12-slim\nCOPY . .\nRUN pip install -r requirements.txt\n"
    built = image(lines, requirements_dot_txt=requirements)
    assert built.late_install(built.stage) is not None


def test_a_circle_of_requirements_ends() -> None:
    built = image(
        "FROM python:3.12-slim\nCOPY . .\nRUN pip install -r a.txt\n", a_dot_txt="-r b.txt\n", b_dot_txt="-r a.txt\nx\n"
    )
    assert sorted(manifest_texts(built, ["a.txt"])) == ["-r a.txt\nx\n", "-r b.txt\n"]


def test_files_of_the_context_by_the_end_of_their_path() -> None:
    built = image(
        "FROM python:3.12-slim\nCOPY backend /code\nRUN pip install -r /code/requirements/prod.txt\n",
        backend__requirements__prod_dot_txt="",
        requirements__prod_dot_txt="",
    )
    assert set(context_files(built, "/code/requirements/prod.txt")) == {
        "requirements/prod.txt",
        "backend/requirements/prod.txt",
    }
    assert context_files(built, "/nowhere/x.txt") == ()


@given(
    st.text(alphabet=" ./-*[]$\\\"'abpyr\n#{}@:=", max_size=60).filter(
        lambda text: "{#" not in text and "{{" not in text
    ),
    st.text(max_size=40),
)  # a template is not read
@settings(deadline=None, max_examples=150)
def test_nothing_raises(words: str, requirements: str) -> None:
    line = words.replace("\n", " \\\n")
    built = image(
        f"FROM python:3.12-slim\nCOPY {line}\nCOPY . .\nRUN pip install {line} -r requirements.txt\n",
        requirements_dot_txt=requirements.encode("utf-8", "replace").decode(),
    )
    for stage in built.lineage:
        built.late_install(stage)
    assert isinstance(built.build_tools, tuple)
    for run, step in built.steps:
        assert pip_cache_is_off(built, run, step) in (True, False)
        assert recommends_are_off(built, run) in (True, False)
    list(downloads_left(built))


SETTINGS = st.lists(
    st.sampled_from(["ENV A=1", "ENV A=2 B=3", "ARG A", "ARG A=4", "ARG B", "FROM s", "RUN x"]), max_size=12
)


@given(SETTINGS)
@settings(deadline=None, max_examples=100)
def test_a_variable_of_the_image_is_that_of_its_stage(lines: list[str]) -> None:
    """Image.variable looks it up in an index; Stage.variable walks backwards."""
    text, count = "FROM python:3.12-slim AS s0\n", 0
    for line in lines:
        if line == "FROM s":
            line, count = f"FROM s{count} AS s{count + 1}", count + 1  # noqa: PLW2901
        text += line + "\n"
    built = image(text + "RUN x\n")
    for stage in built.lineage:
        for run in (one for one in stage.instructions if isinstance(one, Run)):
            for name in ("A", "B", "C"):
                assert built.variable(name, run) == stage.variable(name, run)
