"""What RUN lines install, clean up and leave behind: a table of the forms that real projects use."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.model.dockerfile import Command, Run
from dockerlint_fastapi.model.install import Step, build_tool, calls, cleanups, kept_packages, provides, steps
from dockerlint_fastapi.parsers.dockerfile import parse_dockerfile
from dockerlint_fastapi.source import Source


def command(line: str, before: str = "") -> Command:
    dockerfile = parse_dockerfile(Source.of(f"FROM x\n{before}RUN {line}\n"))
    instruction = dockerfile.stages[0].instructions[-1]
    assert isinstance(instruction, Run)
    return instruction.command


def one(line: str) -> Step:
    found = steps(command(line))
    assert len(found) == 1, found
    return found[0]


def show(step: Step) -> str:
    """`manager/program action names -r files`, as short as the tables below want it."""
    parts = [f"{step.manager}/{step.program}", step.action]
    parts += [package.name or "?" for package in step.packages]
    parts += [f"-r {argument.value or '?'}" for argument in step.requirements]
    parts += [f"-c {argument.value or '?'}" for argument in step.constraints]
    parts += [f"-e {argument.value or '?'}" for argument in step.editable]
    parts += [f"file:{argument.value or '?'}" for argument in step.local]
    parts += ["~"] if not step.complete else []
    parts += ["if"] if step.conditional else []
    parts += ["boot"] if step.bootstrap else []
    return " ".join(parts)


# fmt: off
TABLE = [
    # -- apt
    ("apt-get update", ["apt/apt-get update"]),
    ("apt-get -qq update", ["apt/apt-get update"]),
    ("apt-get update && apt-get install -y curl", ["apt/apt-get update", "apt/apt-get install curl"]),
    ("apt-get -y install gcc libpq-dev", ["apt/apt-get install gcc libpq-dev"]),
    ("apt-get install -yqq --no-install-recommends gcc", ["apt/apt-get install gcc"]),
    ("apt-get install --yes --quiet=2 gcc", ["apt/apt-get install gcc"]),
    ("apt-get install -q=2 -y gcc", ["apt/apt-get install gcc"]),
    ("apt install -y gcc", ["apt/apt install gcc"]),
    ("aptitude install -y gcc", ["apt/aptitude install gcc"]),
    ("DEBIAN_FRONTEND=noninteractive apt-get install -y gcc", ["apt/apt-get install gcc"]),
    ("sudo apt-get install -y gcc", ["apt/apt-get install gcc"]),
    ("sudo -E DEBIAN_FRONTEND=noninteractive apt-get install -y gcc", ["apt/apt-get install gcc"]),
    ("env DEBIAN_FRONTEND=noninteractive apt-get install -y gcc", ["apt/apt-get install gcc"]),
    ("eatmydata apt-get install -y gcc", ["apt/apt-get install gcc"]),
    ("apt-get install -y -o APT::Install-Recommends=false gcc", ["apt/apt-get install gcc"]),
    ("apt-get install -y -oDebug::x=1 -t bookworm-backports gcc", ["apt/apt-get install gcc"]),
    ("apt-get install -y libpq5=15.6-0+deb12u1 gcc:amd64 python3/bookworm", ["apt/apt-get install libpq5 gcc python3"]),
    ("apt-get install -y libpq5=$PG", ["apt/apt-get install libpq5"]),
    ("apt-get install -y postgresql-client-$PG", ["apt/apt-get install ? ~"]),
    ("apt-get install -y $PACKAGES", ["apt/apt-get install ? ~"]),
    ("apt-get install -y $(cat packages.txt)", ["apt/apt-get install ? ~"]),
    ("apt-get install -y 'libfoo*'", ["apt/apt-get install ? ~"]),
    ("xargs apt-get install -y < packages.txt", ["apt/apt-get install ~"]),
    ("cat packages.txt | xargs -r sudo apt-get install -y", ["apt/apt-get install ~"]),
    ("apt-get install -y ./google-chrome.deb", ["apt/apt-get install file:./google-chrome.deb"]),
    ("apt-get install -y /tmp/x.deb curl", ["apt/apt-get install curl file:/tmp/x.deb"]),
    ("apt-get build-dep -y python3", ["apt/apt-get install python3 ~"]),
    ("apt-get upgrade -y", ["apt/apt-get upgrade"]),
    ("apt-get dist-upgrade -y", ["apt/apt-get upgrade"]),
    ("apt-get purge -y --auto-remove gcc", ["apt/apt-get remove gcc"]),
    ("apt-get autoremove -y", ["apt/apt-get remove"]),
    ("apt-get clean", ["apt/apt-get clean"]),
    ("apt-get dist-clean", ["apt/apt-get clean"]),
    ("apt-get moo", ["apt/apt-get other"]),
    ("/usr/bin/apt-get install -y gcc", ["apt/apt-get install gcc"]),
    ("set -eux; apt-get update; apt-get install -y gcc; rm -rf /x", ["apt/apt-get update", "apt/apt-get install gcc"]),
    ("apt-get install -y \\\n    gcc \\\n    # headers\n    libpq-dev", ["apt/apt-get install gcc libpq-dev"]),
    ("dpkg -i /tmp/x.deb", ["dpkg/dpkg install file:/tmp/x.deb"]),
    ("dpkg --add-architecture i386", ["dpkg/dpkg other"]),
    # -- apk
    ("apk add --no-cache curl", ["apk/apk install curl"]),
    ("apk --no-cache add --virtual .build-deps gcc musl-dev", ["apk/apk install gcc musl-dev"]),
    ("apk add -t .build gcc", ["apk/apk install gcc"]),
    ("apk add --update --no-cache 'gcc>1' g++~=12 'tini@edge'", ["apk/apk install gcc g++ tini"]),
    ("apk -U add bash", ["apk/apk install bash"]),
    ("apk add -X https://x/edge gdal", ["apk/apk install gdal"]),
    ("apk del .build-deps", ["apk/apk remove .build-deps"]),
    ("apk update && apk upgrade", ["apk/apk update", "apk/apk upgrade"]),
    # -- rpm
    ("dnf install -y gcc && dnf clean all", ["dnf/dnf install gcc", "dnf/dnf clean all"]),
    ("yum -y install --setopt=tsflags=nodocs python3 gcc-c++", ["dnf/yum install python3 gcc-c++"]),
    ("yum update -y", ["dnf/yum upgrade"]),
    ("microdnf install -y --nodocs tar", ["dnf/microdnf install tar"]),
    ("yum groupinstall -y 'Development Tools'", ["dnf/yum install ? ~"]),
    ("dnf group install -y x", ["dnf/dnf install x ~"]),
    ("dnf install -y https://x/y.rpm", ["dnf/dnf install file:https://x/y.rpm"]),
    ("zypper -n in gcc", ["zypper/zypper install gcc"]),
    ("rpm -ivh https://x/y.rpm", ["rpm/rpm install file:https://x/y.rpm"]),
    # -- pip
    ("pip install fastapi uvicorn", ["pip/pip install fastapi uvicorn"]),
    ("pip3 install --no-cache-dir -r requirements.txt", ["pip/pip3 install -r requirements.txt"]),
    ("pip install --no-cache-dir --upgrade -r /code/requirements.txt", ["pip/pip install -r /code/requirements.txt"]),
    ("pip install -rrequirements.txt", ["pip/pip install -r requirements.txt"]),
    ("pip install -Ur requirements.txt", ["pip/pip install -r requirements.txt"]),
    ("pip install --requirement=a.txt -r b.txt -c c.txt", ["pip/pip install -r a.txt -r b.txt -c c.txt"]),
    ("pip install -r $REQ", ["pip/pip install -r ? ~"]),
    ("python -m pip install -U pip", ["pip/python -m pip install pip boot"]),
    ("python3.12 -m pip install x", ["pip/python3.12 -m pip install x"]),
    ("python -I -m pip install x", ["pip/python -m pip install x"]),
    ("/opt/venv/bin/pip install x", ["pip/pip install x"]),
    ("/opt/venv/bin/python3 -m pip install x", ["pip/python3 -m pip install x"]),
    ('"$VENV/bin/pip" install x', ["pip/pip install x"]),
    ("${VIRTUAL_ENV}/bin/python -m pip install x", ["pip/python -m pip install x"]),
    ("pip install --upgrade pip setuptools wheel", ["pip/pip install pip setuptools wheel boot"]),
    ("pip install pip && pip install uv==0.5", ["pip/pip install pip boot", "pip/pip install uv boot"]),
    ("pip install poetry==$POETRY_VERSION", ["pip/pip install poetry boot"]),
    ('pip install "poetry==${V}" poetry-plugin-export', ["pip/pip install poetry poetry-plugin-export boot"]),
    ("pip install poetry fastapi", ["pip/pip install poetry fastapi"]),
    ("pip install 'uvicorn[standard]>=0.30,<1'", ["pip/pip install uvicorn"]),
    ("pip install 'x @ https://h/x.whl'", ["pip/pip install x"]),
    ("pip install x@https://h/x.whl", ["pip/pip install x"]),
    ("pip install git+https://h/x.git@v1", ["pip/pip install ?"]),
    ("pip install .", ["pip/pip install file:."]),
    ("pip install '.[dev]'", ["pip/pip install file:.[dev]"]),
    ("pip install ./pkg /src dist/x.whl", ["pip/pip install file:./pkg file:/src file:dist/x.whl"]),
    ("pip install --no-cache /wheels/*", ["pip/pip install file:/wheels/*"]),
    ("pip install -e . -e ./lib", ["pip/pip install -e . -e ./lib"]),
    ("pip install --editable=.", ["pip/pip install -e ."]),
    ("pip install --target /x --prefix=/install -i https://i --extra-index-url https://j a", ["pip/pip install a"]),
    ("pip install $PKG", ["pip/pip install ? ~"]),
    ("pip wheel --wheel-dir /w -r requirements.txt", ["pip/pip download -r requirements.txt"]),
    ("pip download x", ["pip/pip download x"]),
    ("pip uninstall -y x", ["pip/pip remove x"]),
    ("pip cache purge", ["pip/pip clean"]),
    ("pip list", ["pip/pip other"]),
    ("pip config set global.index-url x", ["pip/pip other"]),
    ("pip-sync", ["pip/pip-sync sync"]),
    ("pip-compile requirements.in", ["pip/pip-compile lock -r requirements.in"]),
    ("python get-pip.py", ["script/python install pip boot"]),
    ("curl -sS https://bootstrap.pypa.io/get-pip.py | python3.12", ["script/python3.12 install pip boot"]),
    ("curl -sSL https://install.python-poetry.org | python3 -", ["script/python3 install poetry boot"]),
    ("curl -LsSf https://astral.sh/uv/install.sh | sh", ["script/sh install uv boot"]),
    ("curl https://example.org/x.sh | sh", []),
    ("pipx install poetry==1.8", ["pipx/pipx install poetry boot"]),
    # -- uv
    ("uv pip install --system -r requirements.txt", ["uv/uv pip install -r requirements.txt"]),
    ("uv pip install --system --no-cache .", ["uv/uv pip install file:."]),
    ("uv pip sync requirements.txt", ["uv/uv pip sync -r requirements.txt"]),
    ("python -m uv pip install x", ["uv/python -m uv pip install x"]),
    ("uv sync --frozen --no-dev", ["uv/uv sync"]),
    ("UV_LINK_MODE=copy uv sync --locked --no-install-project", ["uv/uv sync"]),
    ("/bin/uv sync", ["uv/uv sync"]),
    ("uv add fastapi", ["uv/uv install fastapi"]),
    ("uv lock", ["uv/uv lock"]),
    ("uv export --no-hashes -o requirements.txt", ["uv/uv export"]),
    ("uv tool install poetry", ["uv/uv tool install poetry boot"]),
    ("uv venv /opt/venv", ["uv/uv other"]),
    ("uv python install 3.12", ["uv/uv other"]),
    ("uv cache clean", ["uv/uv clean"]),
    ("uv run --with httpx python -m x", ["uv/uv other"]),
    ("uv run pip install x", ["pip/pip install x"]),
    ("uv --project /app sync", ["uv/uv sync"]),
    # -- poetry, pdm, pipenv, hatch
    ("poetry install --only main --no-root", ["poetry/poetry install"]),
    ("poetry install --no-interaction --no-ansi --without dev,test", ["poetry/poetry install"]),
    ("poetry sync --only main", ["poetry/poetry sync"]),
    ("poetry config virtualenvs.create false && poetry install", ["poetry/poetry other", "poetry/poetry install"]),
    ("poetry export -f requirements.txt --output r.txt", ["poetry/poetry export"]),
    ("poetry add httpx", ["poetry/poetry install httpx"]),
    ("poetry self add poetry-plugin-export", ["poetry/poetry self install poetry-plugin-export boot"]),
    ("poetry run pip install torch", ["pip/pip install torch"]),
    ("poetry run python -c 1", ["poetry/poetry other"]),
    ("python -m poetry install", ["poetry/python -m poetry install"]),
    ("poetry cache clear --all pypi", ["poetry/poetry clean"]),
    ("pdm install --prod --frozen-lockfile --no-editable", ["pdm/pdm install"]),
    ("pdm sync --prod", ["pdm/pdm sync"]),
    ("pipenv install --system --deploy", ["pipenv/pipenv install"]),
    ("pipenv sync", ["pipenv/pipenv sync"]),
    ("pipenv install -r requirements.txt", ["pipenv/pipenv install -r requirements.txt"]),
    ("hatch env create prod", ["hatch/hatch install"]),
    ("hatch -v -e prod env create", ["hatch/hatch install"]),
    ("python3 -m hatch env create $NAME", ["hatch/python3 -m hatch install ~"]),
    ("hatch dep show requirements -p -f web > r.txt", ["hatch/hatch export"]),
    ("hatch dep lock", ["hatch/hatch lock"]),
    ("hatch -e prod run pip list", ["hatch/hatch other"]),
    ("hatch build", ["hatch/hatch other"]),
    # -- conda
    ("conda install -y -c conda-forge numpy=1.26 python=3.11", ["conda/conda install numpy python"]),
    ("conda env update -n base -f environment.yml", ["conda/conda install -r environment.yml ~"]),
    ("conda env create", ["conda/conda install ~"]),
    ("micromamba install -y -n base -f /tmp/env.yaml", ["conda/micromamba install -r /tmp/env.yaml ~"]),
    ("mamba create -n x conda-forge::gdal", ["conda/mamba install gdal"]),
    ("conda run -n x pip install y", ["pip/pip install y"]),
    ("conda clean -afy", ["conda/conda clean"]),
    # -- others
    ("npm ci", ["npm/npm sync"]),
    ("npm install -g @angular/cli@17 yarn", ["npm/npm install @angular/cli yarn"]),
    ("npm run build", ["npm/npm other"]),
    ("yarn", ["yarn/yarn install"]),
    ("yarn install --frozen-lockfile", ["yarn/yarn install"]),
    ("pnpm i", ["pnpm/pnpm install"]),
    ("cargo install ripgrep", ["cargo/cargo install ripgrep"]),
    # -- shells
    ('if [ "$DEV" = 1 ]; then pip install -r dev.txt; fi', ["pip/pip install -r dev.txt if"]),
    ("[ -f x ] && pip install x || pip install y", ["pip/pip install x if", "pip/pip install y if"]),
    ('[ -n "$A" ] && cd /x && pip install x', ["pip/pip install x if"]),
    ("for i in a b; do pip install $i; done", ["pip/pip install ? ~"]),
    ("(cd /x && pip install x)", ["pip/pip install x"]),
    ("timeout 60 pip install x", ["pip/pip install x"]),
    ("echo apt-get install curl", []),
    ("echo pip install x # apt-get install y", []),
    ("command -v pip", []),
    ("$PIP install x", []),
    ("python setup.py install", []),
    ("python -c 'import pip'", []),
    ('["apt-get", "install", "-y", "curl"]', ["apt/apt-get install curl"]),
    ('["python", "-m", "pip", "install", "-r", "r.txt"]', ["pip/python -m pip install -r r.txt"]),
    ("<<EOF\napt-get update\napt-get install -y gcc\npip install x\nEOF", ["apt/apt-get update", "apt/apt-get install gcc", "pip/pip install x"]),  # noqa: E501
    ("--mount=type=cache,target=/root/.cache/pip pip install x", ["pip/pip install x"]),
]
# fmt: on


@pytest.mark.parametrize(("line", "expected"), TABLE, ids=[line for line, _ in TABLE])
def test_steps(line: str, expected: list[str]) -> None:
    assert [show(step) for step in steps(command(line))] == expected


def test_table_is_large_enough() -> None:
    assert len(TABLE) >= 100


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("apt-get install -y x", True),
        ("apt-get install -y --no-install-recommends x", False),
        ("apt-get install -y -o APT::Install-Recommends=false x", False),
        ("apt-get -o APT::Install-Recommends=0 install -y x", False),
        ('apt-get install -o=APT::Install-Recommends="false" x', False),
        ("apt-get install -oAPT::Install-Recommends=no x", False),
        ("apt-get install -o APT::Install-Suggests=false x", True),
        ("apt-get install -o APT::Install-Recommends=true x", True),
    ],
)
def test_recommends(line: str, *, expected: bool) -> None:
    assert one(line).recommends is expected


@pytest.mark.parametrize(
    ("line", "option"),
    [
        ("pip install --no-cache x", "--no-cache-dir"),
        ("pip install --no-cache-dir x", "--no-cache-dir"),
        ("pip --no-cache-dir install x", "--no-cache-dir"),
        ("pip install -qU x", "--upgrade"),
        ("uv pip install --no-cache-dir x", "--no-cache"),
        ("uv pip install -n x", "--no-cache"),
        ("uv --no-cache sync", "--no-cache"),
        ("apt-get -qy install x", "--yes"),
        ("apt-get install --assume-yes x", "--yes"),
        ("apk --no-cache add x", "--no-cache"),
        ("pipenv install -d", "--dev"),
        ("pdm install --production", "--prod"),
        ("conda clean -tipsy", "--tarballs"),
    ],
)
def test_options_have_one_name(line: str, option: str) -> None:
    assert one(line).has(option)


@pytest.mark.parametrize(
    ("line", "manifests", "project"),
    [
        ("pip install -r a.txt -r b.txt", ("a.txt", "b.txt"), False),
        ("pip install .", ("pyproject.toml",), True),
        ("pip install ./pkg[x]", ("pkg/pyproject.toml",), False),
        ("pip install -e .[dev]", ("pyproject.toml",), True),
        ("pip install dist/x.whl", (), False),
        ("pip install --group dev", ("pyproject.toml",), False),
        ("uv sync", ("pyproject.toml", "uv.lock"), True),
        ("uv sync --frozen --no-install-project", ("pyproject.toml", "uv.lock"), False),
        ("uv sync --project backend", ("backend/pyproject.toml", "backend/uv.lock"), True),
        ("uv sync --only-group docker", ("pyproject.toml", "uv.lock"), False),
        ("poetry install", ("pyproject.toml", "poetry.lock"), True),
        ("poetry install --no-root", ("pyproject.toml", "poetry.lock"), False),
        ("poetry -C app install", ("app/pyproject.toml", "app/poetry.lock"), True),
        ("pdm install --no-self", ("pyproject.toml", "pdm.lock"), False),
        ("pipenv install --deploy", ("Pipfile", "Pipfile.lock"), None),
        ("pipenv sync", ("Pipfile.lock",), None),
        ("conda env create", ("environment.yml",), None),
        ("npm ci", ("package.json", "package-lock.json"), None),
        ("npm install -g x", (), None),
        ("uv add x", ("pyproject.toml", "uv.lock"), True),
        ("uv lock", ("pyproject.toml", "uv.lock"), None),
    ],
)
def test_manifests(line: str, manifests: tuple[str, ...], *, project: bool | None) -> None:
    step = one(line)
    assert step.reads_manifest == manifests
    assert step.installs_project is project


def test_places() -> None:
    line = "set -e; pip install --no-cache-dir \\\n  -r requirements.txt && echo done"
    step = one(line)
    assert step.action_span is not None
    assert step.action_span.text == "install"
    assert step.span.text == "pip install --no-cache-dir \\\n  -r requirements.txt"
    assert one("conda env update -f x").action_span is not None
    assert one("conda env update -f x").subcommand == "env update"
    assert [package.requirement for package in one("pip install 'uvicorn[standard]==0.30' x").packages] == [
        "[standard]==0.30",
        "",
    ]
    assert one("apt-get install -y gcc=1.2 curl").packages[0].requirement == "=1.2"


def test_variables_of_the_run() -> None:
    assert one("UV_FROZEN=1 uv sync").environment == {"UV_FROZEN": "1"}
    assert one("export PIP_NO_CACHE_DIR=off A=$B && pip install x").environment == {
        "PIP_NO_CACHE_DIR": "off",
        "A": None,
    }
    assert one("A=1; pip install x").environment == {}
    assert one("export A=1; A=2; pip install x").environment == {"A": "2"}
    assert one("env A=1 B=$C sudo D=2 apt-get update").environment == {"A": "1", "B": None, "D": "2"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("apt-get update && apt-get install -y x && rm -rf /var/lib/apt/lists/*", True),
        ("apt-get update && apt-get install -y x && rm -rf /tmp/* /var/lib/apt/lists/* /var/tmp/*", True),
        ("apt-get update && apt-get install -y x && rm -fr /var/lib/apt/lists/", True),
        ("apt-get update && apt-get install -y x && rm -r /var/lib/apt/lists", True),
        ("apt-get update && apt-get install -y x && rm -rf /var/lib/apt", True),
        ("apt-get update && apt-get install -y x && rm -rf /var/lib/apt/*", True),
        ("apt-get update && apt-get install -y x && find /var/lib/apt/lists -type f -delete", True),
        ("apt-get update && apt-get install -y x && apt-get dist-clean", True),
        ("apt-get update && apt-get install -y x && rm -rf $CACHE /var/lib/apt/lists/*", True),
        ("apt-get update && apt-get install -y x && sudo rm -rf /var/lib/apt/lists/*", True),
        ("apt-get update && apt-get install -y x && apt-get clean", False),
        ("apt-get update && apt-get install -y x", False),
        ("rm -rf /var/lib/apt/lists/* && apt-get update && apt-get install -y x", False),
        ("apt-get update && apt-get install -y x && rm -rf /var/lib/apt/lists/partial", False),
        ("apt-get update && apt-get install -y x && rm -rf /var/cache/apt/*", False),
        # dash has no brace expansion: nothing is removed
        ("apt-get update && apt-get install -y x && rm -rf /var/lib/{apt,dpkg}/", False),
        ("apt-get update && apt-get install -y x && rm -rf /var/lib/dpkg", False),
        ("apt-get update && rm -rf /var/lib/apt/lists/* && apt-get install -y x", True),
    ],
)
def test_apt_lists(line: str, *, expected: bool) -> None:
    assert cleanups(command(line)).apt_lists is expected


def test_apt_lists_by_braces_in_bash() -> None:
    line = "apt-get update && apt-get install -y x && rm -rf /var/lib/{apt,dpkg}/"
    assert cleanups(command(line, 'SHELL ["/bin/bash", "-c"]\n')).apt_lists


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("apk add x && rm -rf /var/cache/apk/*", "apk_cache"),
        ("apk add x && rm -f /var/cache/apk/*", "apk_cache"),
        ("dnf install -y x && dnf clean all", "dnf_cache"),
        ("yum install -y x && rm -rf /var/cache/yum", "dnf_cache"),
        ("conda install x && conda clean -afy", "conda_cache"),
        ("conda install x && conda clean --all --yes", "conda_cache"),
        ("pip install x && pip cache purge", "pip_cache"),
        ("pip install x && rm -rf ~/.cache", "pip_cache"),
        ("pip install x && rm -rf /root/.cache/pip", "pip_cache"),
        ('pip install x && rm -rf "$HOME/.cache"', "pip_cache"),
        ("uv sync && rm -rf /root/.cache/uv", "uv_cache"),
        ("npm ci && npm cache clean --force", "npm_cache"),
    ],
)
def test_other_caches(line: str, field: str) -> None:
    assert getattr(cleanups(command(line)), field) is True
    assert getattr(cleanups(command(line.split(" && ", maxsplit=1)[0])), field) is False
    swapped = " && ".join(reversed(line.split(" && ")))
    assert getattr(cleanups(command(swapped)), field) is False


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("apt-get install -y gcc libpq5", "gcc libpq5"),
        ("apt-get install -y gcc libpq5 && pip install x && apt-get purge -y gcc", "libpq5 x"),
        ("apt-get install -y gcc libpq5 && apt-get remove -y --auto-remove gcc libpq5", ""),
        ("apt-get install -y gcc g++ && apt-get purge -y 'g*'", ""),
        ("apt-get install -y gcc && apt-get autoremove -y", "gcc"),
        (
            "apt-get install -y gcc libpq5 && apt-mark auto . && apt-mark manual libpq5 && apt-get purge --auto-remove",
            "libpq5",
        ),
        ("apt-get install -y $DEPS curl && apt-get purge -y $DEPS", "curl"),
        ("apt-get install -y $DEPS curl && apt-get purge -y $OTHER", ""),
        ("apt-get install -y gcc curl && dpkg -l | xargs apt-get purge -y", ""),
        ("apt-get install -y gcc && apt-get purge -y $DEPS", ""),
        ("apk add --no-cache --virtual .build-deps gcc musl-dev && pip install x && apk del .build-deps", "x"),
        ("apk add --no-cache libpq && apk add -t .b gcc && apk del .b", "libpq"),
        ("apk add gcc libpq && apk del gcc", "libpq"),
        ("apk add gcc && apk del .other", "gcc"),
        ("apt-get install -y gcc && apk del gcc", "gcc"),
    ],
)
def test_kept_packages(line: str, expected: str) -> None:
    assert [kept.package.name for kept in kept_packages(command(line))] == expected.split()


def test_provides() -> None:
    assert provides("curl") == {"curl"}
    assert {"ps", "pgrep", "pkill", "top"} <= provides("procps")
    assert "nc" in provides("netcat-openbsd")
    assert "pg_isready" in provides("postgresql-client")
    assert "pg_isready" in provides("postgresql-client-16")
    assert "psql" in provides("postgresql16-client")
    assert "redis-cli" in provides("redis-tools")
    assert "mysqladmin" in provides("default-mysql-client")
    assert "http" in provides("httpie")
    assert provides("libpq5") == frozenset()
    assert provides("") == frozenset()


@pytest.mark.parametrize(
    ("package", "kind"),
    [
        ("gcc", "compiler"),
        ("gcc-12", "compiler"),
        ("g++", "compiler"),
        ("clang-15", "compiler"),
        ("build-essential", "compiler"),
        ("build-base", "compiler"),
        ("rustc", "compiler"),
        ("cargo", "compiler"),
        ("make", "build system"),
        ("cmake", "build system"),
        ("libpq-dev", "headers"),
        ("python3-dev", "headers"),
        ("python3-devel", "headers"),
        ("musl-dev", "headers"),
        ("linux-headers", "headers"),
        ("git", "source control"),
        ("libpq5", None),
        ("curl", None),
        ("gettext", None),
        ("python3", None),
        ("tzdata", None),
        ("libgcc-s1", None),
        ("gcc-12-base", None),
    ],
)
def test_build_tool(package: str, kind: str | None) -> None:
    assert build_tool(package) == kind


WORDS = st.sampled_from(
    [
        "apt-get",
        "apt",
        "install",
        "-y",
        "-qq",
        "update",
        "&&",
        "||",
        ";",
        "|",
        "&",
        "(",
        ")",
        "if",
        "then",
        "fi",
        "for",
        "do",
        "done",
        "$X",
        "$(ls)",
        "${A:-b}",
        "pip",
        "python",
        "-m",
        "uv",
        "sync",
        "run",
        "poetry",
        "-r",
        "--requirement=",
        "requirements.txt",
        ".",
        "-e",
        ".[dev]",
        "apk",
        "add",
        "del",
        ".b",
        "-t",
        "--virtual",
        "conda",
        "env",
        "update",
        "-f",
        "rm",
        "-rf",
        "/var/lib/apt/lists/*",
        "xargs",
        "sudo",
        "env",
        "A=b",
        "[",
        "]",
        "!",
        "--",
        "-",
        "''",
        '\\"',
        "'",
        "\\",
        "<",
        ">",
        ">>",
        "<<",
        "EOF",
        "{",
        "}",
        "*",
        "{a,b}",
        "#",
        "npm",
        "yarn",
        "global",
        "@s/p@1",
        "curl",
        "https://astral.sh/uv",
        "sh",
        "timeout",
        "5",
        "hatch",
        "-o",
        "-c",
        "x==1",
        "x@",
        "@",
        ":",
        "=",
        "~",
        "purge",
        "$(cat\x00x)",
        "é",
    ]
)


@settings(deadline=None, max_examples=400)
@given(st.lists(WORDS, max_size=14).map(" ".join))
def test_any_script_is_read(line: str) -> None:
    dockerfile = parse_dockerfile(Source.of(f"FROM x\nRUN {line}\n"))
    for stage in dockerfile.stages:
        for instruction in stage.instructions:
            if isinstance(instruction, Run):
                source = instruction.span.source
                for step in steps(instruction.command):
                    assert 0 <= step.span.start <= step.span.end <= len(source.text)
                    assert step.names == {package.name for package in step.packages if package.name}
                cleanups(instruction.command)
                kept_packages(instruction.command)
                assert all(call.arguments for call in calls(instruction.command))


def test_linear() -> None:
    many = "apt-get install -y " + " ".join(f"lib{number}" for number in range(20_000))
    assert len(one(many).packages) == 20_000
    chain = " && ".join("pip install x" for _ in range(5_000))
    assert len(steps(command(chain))) == 5_000
    nested = one("sudo " * 5_000 + "apt-get update")
    assert nested.manager == "apt"
