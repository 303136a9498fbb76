"""pyproject.toml, setup.cfg, setup.py, Pipfile and conda's environment files."""

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.model.install.manifest import ProjectFile
from dockerlint_fastapi.parsers.manifests.conda_environment import parse_conda_environment, parse_conda_list
from dockerlint_fastapi.parsers.manifests.hatch_environments import parse_hatch_toml
from dockerlint_fastapi.parsers.manifests.pipfile import parse_pipfile, parse_pipfile_lock
from dockerlint_fastapi.parsers.manifests.poetry_versions import specifier_of
from dockerlint_fastapi.parsers.manifests.pyproject import parse_pyproject
from dockerlint_fastapi.parsers.manifests.requirement import allows
from dockerlint_fastapi.parsers.manifests.setup_files import parse_setup_cfg, parse_setup_py
from dockerlint_fastapi.source import Source


def pyproject(text: str) -> ProjectFile:
    source = Source.of(text, "pyproject.toml")
    found = parse_pyproject(source.text, source.span)
    assert found is not None
    return found


STANDARD = """\
[project]
name = "My.Shop"
requires-python = ">=3.12"
dependencies = [
    "fastapi[standard]>=0.115",  # "fastapi" again
    'uvicorn',
]

[project.optional-dependencies]
postgres = ["asyncpg", "my-shop[migrations]"]
migrations = ["alembic"]

[dependency-groups]
dev = ["pytest", { include-group = "lint" }]
lint = ["ruff"]

[tool.uv]
default-groups = ["lint"]
"""


def test_the_standard_tables() -> None:
    project = pyproject(STANDARD)
    assert project.name == "my-shop"
    assert project.python is not None
    assert (project.python.specifier, project.python.span.text) == (">=3.12", ">=3.12")
    assert [one.name for one in project.dependencies or ()] == ["fastapi", "uvicorn"]
    assert [one.span.text for one in project.dependencies or ()] == ["fastapi[standard]>=0.115", "uvicorn"]
    assert [one.span.line for one in project.dependencies or ()] == [5, 6]
    assert {name: [one.name for one in found] for name, found in project.extras.items()} == {
        "postgres": ["asyncpg", "my-shop"],
        "migrations": ["alembic"],
    }
    assert {name: [one.name for one in found] for name, found in project.groups.items()} == {
        "dev": ["pytest", "ruff"],
        "lint": ["ruff"],
    }
    assert project.default_groups == ("lint",)
    assert project.complete


def test_groups_that_include_themselves_are_incomplete() -> None:
    assert not pyproject("[dependency-groups]\na = [{include-group = 'b'}]\nb = [{include-group = 'a'}]\n").complete


def test_what_is_dynamic_is_not_known_unless_a_file_says_it() -> None:
    text = "[project]\nname = 'x'\ndynamic = ['dependencies']\n"
    assert pyproject(text).dependencies is None
    project = pyproject(text + "[tool.setuptools.dynamic]\ndependencies = { file = ['requirements.txt'] }\n")
    assert project.dependency_files == ("requirements.txt",)


POETRY = """\
[tool.poetry]
name = "shop"

[tool.poetry.dependencies]
python = "^3.11"
fastapi = "^0.115"
uvicorn = { version = "~0.30", extras = ["standard"] }
asyncpg = { version = "*", optional = true }
shared = { path = "../shared" }

[tool.poetry.extras]
postgres = ["asyncpg"]

[tool.poetry.group.dev.dependencies]
pytest = "8.*"

[tool.poetry.group.docs]
optional = true

[tool.poetry.group.docs.dependencies]
mkdocs = "*"
"""


def test_poetry() -> None:
    project = pyproject(POETRY)
    assert project.python is not None
    assert (project.python.text, project.python.specifier, project.python.key) == ("^3.11", ">=3.11,<4", "python")
    assert project.python.span.text == "^3.11"
    found = {one.name: one for one in project.dependencies or ()}
    assert set(found) == {"fastapi", "uvicorn", "shared"}
    assert found["uvicorn"].extras == {"standard"}
    assert found["uvicorn"].specifier == ">=0.30,<0.31"
    assert found["uvicorn"].span.text == "uvicorn"
    assert (found["shared"].direct, found["shared"].place) == (True, "../shared")
    assert [one.name for one in project.extras["postgres"]] == ["asyncpg"]
    assert project.default_groups == ("dev",)
    assert set(project.groups) == {"dev", "docs"}


@pytest.mark.parametrize(
    ("more", "dependencies", "extras"),
    [
        ("", {"uvicorn"}, {"e": ["redis"]}),
        ("dependencies = []\n", {"uvicorn"}, {"e": ["redis"]}),
        ("dynamic = ['dependencies']\n", {"uvicorn"}, {"e": ["redis"]}),
        ("dependencies = ['fastapi']\n", {"fastapi"}, {}),
        ("[project.optional-dependencies]\ny = ['loguru']\n", set(), {"y": ["loguru"]}),
        (
            "dynamic = ['dependencies']\n[project.optional-dependencies]\ny = ['loguru']\n",
            {"uvicorn"},
            {"y": ["loguru"]},
        ),
    ],
)
def test_poetry_reads_its_own_table_where_the_project_lists_nothing(
    more: str, dependencies: set[str], extras: dict[str, list[str]]
) -> None:
    """As Poetry 2.1 and later do, asked for each of these."""
    text = f"""\
[project]
name = "shop"
version = "1"
{more}
[tool.poetry.dependencies]
python = "^3.12"
uvicorn = "^0.30"
redis = {{ version = "5", optional = true }}
[tool.poetry.extras]
e = ["redis"]
"""
    project = pyproject(text)
    assert {one.name for one in project.dependencies or ()} == dependencies
    assert {name: [one.name for one in found] for name, found in project.extras.items()} == extras
    other = pyproject(text + "[build-system]\nbuild-backend = 'hatchling.build'\n").dependencies
    assert other is None or {one.name for one in other} == dependencies


@pytest.mark.parametrize(
    ("constraint", "specifier"),
    [
        ("^1.2.3", ">=1.2.3,<2"),
        ("^0.2.3", ">=0.2.3,<0.3"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("^0", ">=0,<1"),
        ("~1.2.3", ">=1.2.3,<1.3"),
        ("~1", ">=1,<2"),
        ("*", ""),
        ("1.2", "==1.2"),
        (">=3.9,<3.13", ">=3.9,<3.13"),
        (">=3.9 <3.13", ">=3.9,<3.13"),
        ("^3.9 || ^4", None),
        ("nonsense", None),
    ],
)
def test_versions_as_poetry_writes_them(constraint: str, specifier: str | None) -> None:
    assert specifier_of(constraint) == specifier


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=3), st.lists(st.integers(0, 6), min_size=3, max_size=3))
def test_a_caret_allows_what_keeps_the_first_number_that_is_not_zero(base: list[int], version: list[int]) -> None:
    specifier = specifier_of("^" + ".".join(map(str, base)))
    assert specifier is not None
    whole = [*base, 0, 0][:3]
    fixed = next((at for at, one in enumerate(base) if one), len(base) - 1)
    expected = version >= whole and version[: fixed + 1] == base[: fixed + 1]
    assert allows(specifier, ".".join(map(str, version))) is expected


def test_setup_cfg() -> None:
    source = Source.of(
        "[metadata]\nname = shop\n\n[options]\npython_requires = >=3.9\ninstall_requires =\n    fastapi\n"
        "    # a note\n    uvicorn[standard]>=0.30\n\n[options.extras_require]\ndev = pytest\n",
        "setup.cfg",
    )
    found = parse_setup_cfg(source.text, source.span)
    assert found is not None
    assert [one.span.text for one in found.dependencies or ()] == ["fastapi", "uvicorn[standard]>=0.30"]
    assert found.python is not None
    assert found.python.span.text == ">=3.9"
    assert [one.name for one in found.extras["dev"]] == ["pytest"]


def test_setup_py_counts_when_its_lists_are_literal() -> None:
    source = Source.of(
        "from setuptools import setup\nsetup(name='ä', python_requires='>=3', install_requires=['é; x', 'fastapi'])\n",
        "setup.py",
    )
    found = parse_setup_py(source.text, source.span)
    assert found is not None
    assert found.dependencies is None  # `é; x` is no requirement
    source = Source.of(
        "setup(name='ä', install_requires=['fastapi', \"uvicorn\"], extras_require={'a': read()})\n", "setup.py"
    )
    found = parse_setup_py(source.text, source.span)
    assert found is not None
    assert [one.span.text for one in found.dependencies or ()] == ["'fastapi'", '"uvicorn"']
    assert not found.complete
    source = Source.of("setup(install_requires=open('requirements.txt').readlines())\n", "setup.py")
    found = parse_setup_py(source.text, source.span)
    assert found is not None
    assert found.dependencies is None


def test_pipfile_and_its_lock() -> None:
    source = Source.of(
        '[packages]\nfastapi = "*"\nuvicorn = {extras = ["standard"], version = "==0.30"}\n\n'
        '[dev-packages]\npytest = "*"\n'
        '\n[requires]\npython_version = "3.10"\n',
        "Pipfile",
    )
    found = parse_pipfile(source.text, source.span)
    assert found is not None
    assert [one.span.text for one in found.dependencies or ()] == ["fastapi", "uvicorn"]
    assert [one.name for one in found.groups["dev-packages"]] == ["pytest"]
    assert found.python is not None
    assert (found.python.specifier, found.python.span.text) == ("==3.10.*", "3.10")
    lock = Source.of(
        '{"_meta": {}, "default": {"fastapi": {"version": "==1"}}, "develop": {"fastapi": {}}}', "Pipfile.lock"
    )
    read = parse_pipfile_lock(lock.text, lock.span)
    assert read is not None
    assert read.flat is not None
    assert [one.version for one in read.flat["default"]] == ["1"]
    assert read.flat["develop"][0].span.start > read.flat["default"][0].span.start


def test_conda_environment() -> None:
    source = Source.of(
        "name: x\nchannels: [a]\ndependencies:\n  - python=3.11\n  - conda-forge::uvicorn>=0.30  # note\n"
        "  - pip\n  - pip:\n"
        "    - fastapi[standard]\n    - 'httpx'\n",
        "environment.yml",
    )
    found = parse_conda_environment(source.text, source.span)
    assert [one.name for one in found.names] == ["python", "uvicorn", "pip"]
    assert [one.span.text for one in found.requirements] == ["fastapi[standard]", "httpx"]
    assert found.complete
    flow = Source.of("dependencies: [python, pip]\n", "environment.yml")
    assert not parse_conda_environment(flow.text, flow.span).complete


PIECES = st.sampled_from(
    [
        "[project]", "[tool.poetry]", "[tool.poetry.dependencies]", "[dependency-groups]", "[[package]]", "[packages]",
        "[project.optional-dependencies]", "name = 'x'", "name = 3", "dependencies = ['a', 'b>=1', 3]",
        "dependencies = 'a'",
        "dependencies = {}", "python = '^3.9'", "python = 3", "requires-python = '>=3'", "requires-python = []",
        "a = '*'",
        "a = {version = 1}", "a = [{version='1'}, 'x']", "a = [{include-group = 'a'}]", "[tool.uv]",
        "default-groups = 'all'",
        "default-groups = 3", "dev-dependencies = ['x']", "[tool.pdm.dev-dependencies]", "[requires]",
        "python_version = '3.9'", "python_version = 3", "[tool]", "poetry = 3", "dynamic = ['dependencies']",
        "é = 'ü'",
        "x = '''\n[project]\n'''",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=8).map("\n".join))
def test_never_raises_and_reads_what_is_toml(text: str) -> None:
    source = Source.of(text, "pyproject.toml")
    try:
        tomllib.loads(text)
        valid = True
    except tomllib.TOMLDecodeError:
        valid = False
    for parse in (parse_pyproject, parse_pipfile):
        found = parse(source.text, source.span)
        assert (found is not None) is valid
        if found is not None:
            groups = (found.dependencies or (), *found.extras.values(), *found.groups.values())
            for one in (one for group in groups for one in group):
                assert 0 <= one.span.start <= one.span.end <= len(text)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="setup(install_requires=['a']),{}[]\n\"#:*é\0- ", max_size=60))
def test_the_others_never_raise(text: str) -> None:
    source = Source.of(text, "x")
    parse_setup_cfg(source.text, source.span)
    parse_setup_py(source.text, source.span)
    parse_conda_environment(source.text, source.span)
    parse_pipfile_lock(source.text, source.span)


def test_setup_py_of_absurd_depth() -> None:
    source = Source.of("setup(" + "[" * 5_000, "setup.py")
    assert parse_setup_py(source.text, source.span) is None


HATCH = """\
[project]
name = "shop"
dependencies = ["fastapi"]

[tool.hatch]
lock-envs = true

[tool.hatch.envs.default]
locked = false
dependencies = ["pytest"]
extra-dependencies = ["ruff"]

[tool.hatch.envs.web]
dependencies = ["uvicorn"]
features = ["Post_Gres"]

[tool.hatch.envs.alone]
detached = true
installer = "uv"
path = ".venv"

[tool.hatch.envs.many]
template = "web"
matrix = [{ python = ["3.12"] }]

[tool.hatch.envs.lost]
template = "nowhere"

[tool.hatch.envs.filled]
dependencies = ["x @ {root:uri}/x"]
"""


def test_environments_of_hatch() -> None:
    found = pyproject(HATCH).environments
    assert found is not None
    assert {name: [one.name for one in each.requirements] for name, each in found.items()} == {
        "default": ["pytest", "ruff"],
        "web": ["uvicorn", "ruff"],
        "alone": [],
        "many": ["uvicorn", "ruff"],
        "lost": [],
        "filled": ["ruff"],
    }
    assert [name for name, each in found.items() if each.complete] == ["default", "web", "alone"]
    assert [name for name, each in found.items() if each.locked] == ["alone", "lost"]
    assert (found["web"].features, found["web"].project, found["web"].installer) == (("post-gres",), True, "pip")
    assert (found["alone"].project, found["alone"].installer, found["alone"].path) == (False, "uv", ".venv")
    assert [one.span.text for one in found["web"].requirements] == ["uvicorn", "ruff"]


def test_a_project_without_settings_of_hatch_has_its_default_environment() -> None:
    assert list(pyproject("[project]\nname = 'shop'\n").environments or {}) == ["default"]


@pytest.mark.parametrize("text", ["[", "[env]\ncollectors = { x = {} }\n[envs.a]\n", "envs = 3\n"])
def test_environments_that_cannot_be_told(text: str) -> None:
    source = Source.of(text, "hatch.toml")
    assert parse_hatch_toml(source.text, source.span) is None


def test_lists_for_conda() -> None:
    source = Source.of("# a list\nconda-forge::fastapi=0.115\nuvicorn >=0.30  # server\nhttpx\n\n", "list.txt")
    found = parse_conda_list(source.text, source.span)
    assert found is not None
    assert [(one.name, one.specifier) for one in found.names] == [
        ("fastapi", "=0.115"),
        ("uvicorn", ">=0.30"),
        ("httpx", ""),
    ]
    explicit = Source.of("@EXPLICIT\nhttps://conda.anaconda.org/x/noarch/a-1-0.conda\n", "list.txt")
    assert parse_conda_list(explicit.text, explicit.span) is None
