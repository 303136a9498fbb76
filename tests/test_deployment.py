"""What a container says of itself: user, shell, network, setting, and whether it is meant for work on the code."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model.container import Account, Container
from dockerlint_fastapi.model.project import Project
from dockerlint_fastapi.tree import text_files

SERVER = 'CMD ["uvicorn", "main:app", "--host", "0.0.0.0"]\n'
SLIM = "FROM python:3.12-slim\n"


def project(**files: str) -> Project:
    """A project; `Dockerfile=`, `compose=` and `compose_prod=` are file names, `files` others by path."""
    names = {"compose": "compose.yaml", "compose_prod": "compose.prod.yaml", "override": "compose.override.yaml"}
    return project_of({names.get(name, name): textwrap.dedent(text) for name, text in files.items()})


def project_of(files: dict[str, str]) -> Project:
    tree = text_files(files.items())
    return assemble(tree, find(tree))


def image_alone(dockerfile: str) -> Container:
    """What `docker run` starts of one Dockerfile."""
    (container,) = project(Dockerfile=dockerfile).containers
    assert container.service is None
    return container


def service(
    compose: str, dockerfile: str = SLIM + SERVER, *, named: str = "web", file: str = "compose.yaml"
) -> Container:
    """One service, its keys given as the body of a compose service that builds the Dockerfile."""
    text = f"services:\n  {named}:\n" + textwrap.indent(textwrap.dedent(compose), "    ")
    found = project_of({"Dockerfile": dockerfile, file: text})
    return next(one for one in found.containers if one.service is not None and one.service.name == named)


# The user


@pytest.mark.parametrize(
    ("dockerfile", "text"),
    [
        (SLIM + SERVER, "root"),
        (SLIM + "USER app\n" + SERVER, "app"),
        (SLIM + "USER app\nUSER 0:0\n" + SERVER, "0:0"),
        (SLIM.strip() + " AS base\nUSER app\nFROM base\n" + SERVER, "app"),
        (SLIM.strip() + " AS base\nUSER app\n" + SLIM + SERVER, "root"),
        ("FROM gcr.io/distroless/python3-debian13:nonroot\n", "nonroot"),
        ("FROM registry.example.com/python:3\n" + SERVER, None),
        ("FROM registry.example.com/python:3\nUSER 1000\n" + SERVER, "1000"),
        (SLIM + "ARG WHO\nUSER $WHO\n" + SERVER, None),
        (SLIM + "ARG WHO=app\nUSER $WHO\n" + SERVER, "app"),
    ],
)
def test_the_user_of_an_image(dockerfile: str, text: str | None) -> None:
    account = image_alone(dockerfile).account
    assert (account.text if account else None) == text


@pytest.mark.parametrize(
    ("compose", "text"),
    [
        ("build: .\n", "app"),
        ("build: .\nuser: root\n", "root"),
        ('build: .\nuser: "1000:1000"\n', "1000:1000"),
        ("build: .\nuser: 0\n", "0"),
        ('build: .\nuser: "${UID:-1000}"\n', None),
        ("image: example/web:1\n", None),
        ("image: example/web:1\nuser: app\n", "app"),
    ],
)
def test_the_user_of_a_service(compose: str, text: str | None) -> None:
    account = service(compose, SLIM + "USER app\n" + SERVER).account
    assert (account.text if account else None) == text


def test_the_user_stands_where_it_is_set() -> None:
    account = service("build: .\nuser: root\n").account
    assert account is not None
    assert account.span is not None
    assert (account.span.source.path, account.span.text) == ("compose.yaml", "root")
    alone = image_alone(SLIM + SERVER).account
    assert alone is not None
    assert alone.span is None  # the base image's own


@pytest.mark.parametrize("text", ["root", "0", "root:root", "0:0", "0:app"])
def test_root_by_name_and_number(text: str) -> None:
    assert Account(text, None).is_root


@pytest.mark.parametrize("text", ["app", "1000", "1000:0", "app:root", "00x", "rooty", ""])
def test_anybody_else_is_not_root(text: str) -> None:
    assert not Account(text, None).is_root


@pytest.mark.parametrize(
    ("command", "drops"),
    [
        ('["uvicorn", "main:app"]', False),
        ('["gosu", "app", "uvicorn", "main:app"]', True),
        ('["tini", "--", "su-exec", "app:app", "uvicorn", "main:app"]', True),
        ('["setpriv", "--reuid=app", "--init-groups", "uvicorn", "main:app"]', True),
        ('["s6-setuidgid", "app", "uvicorn", "main:app"]', True),
        ('["su", "app", "-c", "uvicorn main:app"]', True),
        ('["sh", "-c", "chown app /data && exec gosu app uvicorn main:app"]', True),
        ('["gunicorn", "--user", "app", "main:app"]', True),
        ('["gunicorn", "-u", "app", "main:app"]', True),
        ('["celery", "-A", "tasks", "worker", "--uid=app"]', True),
        ('["celery", "-A", "tasks", "worker", "--uid", "app"]', True),
        ('["celery", "-A", "tasks", "worker"]', False),
        ('["python", "main.py"]', False),
        ('["python", "-m", "app.worker"]', False),
        ('["./start-worker.sh"]', None),
        ('["bash", "/app/start-worker.sh"]', None),
        ('["my-program"]', None),
    ],
)
def test_whether_rights_are_dropped(command: str, *, drops: bool | None) -> None:
    assert image_alone(SLIM + f"CMD {command}\n").drops_privileges is drops


def test_nothing_is_known_of_an_entry_point_script() -> None:
    container = image_alone(SLIM + 'ENTRYPOINT ["/entrypoint.sh"]\n' + SERVER)
    assert container.drops_privileges is None
    assert container.server is None
    assert not container.long_running


# The shell


@pytest.mark.parametrize(
    ("dockerfile", "shell"),
    [
        (SLIM + "CMD uvicorn main:app\n", "dash"),
        ("FROM python:3.12\nCMD uvicorn main:app\n", "dash"),
        ("FROM python:3.12-alpine\nCMD uvicorn main:app\n", "busybox"),
        ("FROM example/python\nCMD uvicorn main:app\n", None),
        ("FROM example/python\nRUN apt-get update && apt-get install -y curl\nCMD uvicorn main:app\n", "dash"),
        (SLIM + 'SHELL ["/bin/bash", "-c"]\nCMD uvicorn main:app\n', "bash"),
        (SLIM + 'SHELL ["/bin/sh", "-c"]\nCMD uvicorn main:app\n', "dash"),
        # the shell that the exec form names, whatever SHELL says
        (SLIM + 'SHELL ["/bin/bash", "-c"]\nCMD ["sh", "-c", "uvicorn main:app"]\n', "dash"),
        (SLIM + 'CMD ["bash", "-c", "uvicorn main:app"]\n', "bash"),
        (SLIM + 'CMD ["/bin/sh", "-c", "bash -c \'uvicorn main:app\'"]\n', "bash"),
        (SLIM + "RUN ln -sf /bin/bash /bin/sh\nCMD uvicorn main:app\n", "bash"),
        (SLIM + "RUN ln -sf /bin/bash /bin/sh\nRUN ln -sf dash /bin/sh\nCMD uvicorn main:app\n", "dash"),
        (SLIM + "RUN ln -sf $SHELL /bin/sh\nCMD uvicorn main:app\n", None),
        (SLIM + "RUN ln -sf /bin/bash /usr/local/bin/sh\nCMD uvicorn main:app\n", "dash"),
        (SLIM + 'CMD ["uvicorn", "main:app"]\n', None),
    ],
)
def test_the_shell_that_parses_a_program(dockerfile: str, shell: str | None) -> None:
    container = image_alone(dockerfile)
    assert container.program is not None
    assert container.program.name == "uvicorn"
    assert container.shell_of(container.program) == shell


def test_the_shell_of_a_service_is_that_of_the_image_it_builds() -> None:
    container = service('build: .\ncommand: sh -c "uvicorn main:app"\n', "FROM python:3.12-alpine\n")
    assert container.program is not None
    assert container.shell_of(container.program) == "busybox"
    pulled = service('image: example/web\ncommand: sh -c "uvicorn main:app"\n')
    assert pulled.program is not None
    assert pulled.shell_of(pulled.program) is None


# What runs


@pytest.mark.parametrize(
    ("command", "runs"),
    [
        ('["uvicorn", "main:app"]', True),
        ('["celery", "-A", "tasks", "worker"]', True),
        ('["celery", "-A", "tasks", "beat"]', True),
        ('["streamlit", "run", "app.py"]', True),
        ('["python", "-m", "app.worker"]', True),
        ('["alembic", "upgrade", "head"]', False),
        ('["celery", "-A", "tasks", "inspect", "ping"]', False),
        ('["python", "main.py"]', False),  # nobody knows
        ('["sleep", "infinity"]', False),
        ('["./start-worker.sh"]', False),
    ],
)
def test_what_certainly_runs_until_it_is_stopped(command: str, *, runs: bool) -> None:
    assert image_alone(SLIM + f"CMD {command}\n").long_running is runs


@pytest.mark.parametrize(
    ("dockerfile", "python"),
    [
        (SLIM + SERVER, True),
        ("FROM example/app\n" + SERVER, True),
        ('FROM example/app\nCMD ["other"]\n', None),
        ('FROM nginx:1.27\nCMD ["nginx", "-g", "daemon off;"]\n', False),
        (SLIM + 'CMD ["crond", "-f"]\n', False),
        (SLIM + 'CMD ["celery", "-A", "tasks", "worker"]\n', True),
    ],
)
def test_whether_it_is_python(dockerfile: str, *, python: bool | None) -> None:
    assert image_alone(dockerfile).python is python


@pytest.mark.parametrize(
    ("script", "companions"),
    [
        ("exec uvicorn main:app", []),
        ("alembic upgrade head && uvicorn main:app", []),
        ("nginx && uvicorn main:app", ["nginx"]),
        ("service nginx start; uvicorn main:app", ["service"]),
        ("tailscaled & uvicorn main:app", ["tailscaled"]),
        ("celery -A tasks worker & uvicorn main:app", ["celery"]),
    ],
)
def test_the_programs_beside_the_main_one(script: str, companions: list[str]) -> None:
    container = image_alone(SLIM + f'CMD ["sh", "-c", "{script}"]\n')
    assert container.program is not None
    assert container.program.name == "uvicorn"
    assert [program.name for program in container.companions] == companions


# The network


@pytest.mark.parametrize(
    ("compose", "shares"),
    [
        ("build: .\n", False),
        ("build: .\nnetwork_mode: bridge\n", False),
        ("build: .\nnetwork_mode: none\n", False),
        ("build: .\nnetwork_mode: host\n", True),
        ('build: .\nnetwork_mode: "service:vpn"\n', True),
        ('build: .\nnetwork_mode: "container:other"\n', True),
        ("build: .\nnetwork_mode: ${MODE}\n", None),
    ],
)
def test_whose_network_it_uses(compose: str, *, shares: bool | None) -> None:
    assert service(compose).shares_network is shares


@pytest.mark.parametrize("mode", ["service:web", "container:shop"])
def test_a_service_that_joins_it_sees_its_loopback_interface(mode: str) -> None:
    found = project(
        Dockerfile=SLIM + SERVER,
        compose=f"""
        services:
          web:
            build: .
            container_name: shop
          other:
            build: .
          proxy:
            image: nginx
            network_mode: "{mode}"
        """,
    )
    assert {one.service.name: one.shares_network for one in found.containers if one.service} == {
        "web": True,
        "other": False,
        "proxy": True,
    }


def test_an_image_alone_has_a_network_of_its_own() -> None:
    assert image_alone(SLIM + SERVER).shares_network is False


@pytest.mark.parametrize(
    ("path", "editor"),
    [
        (".devcontainer/compose.yaml", True),
        ("backend/.devcontainer/docker-compose.yml", True),
        ("compose.yaml", False),
        ("deploy/compose.yaml", False),
    ],
)
def test_containers_that_an_editor_starts(path: str, *, editor: bool) -> None:
    assert service("image: example/web\n", file=path).in_editor is editor


# What it is for


@pytest.mark.parametrize(
    ("file", "compose", "setting"),
    [
        ("compose.yaml", "build: .\n", "base"),
        ("docker-compose.yml", "build: .\n", "base"),
        ("compose.prod.yaml", "build: .\n", "production"),
        ("docker-compose.staging.yml", "build: .\n", "production"),
        ("docker-compose.prod.local.yml", "build: .\n", "production"),
        ("deploy/compose.yaml", "build: ..\n", "production"),
        ("compose.dev.yaml", "build: .\n", "development"),
        ("compose.override.yaml", "build: .\n", "development"),
        ("examples/compose.yaml", "build: ..\n", "development"),
        ("compose.yaml", "build: .\nprofiles: [dev]\n", "development"),
        ("compose.yaml", "build: .\nprofiles: [dev, web]\n", "base"),
        ("compose.yaml", "build: .\nprofiles: [backup]\n", "base"),
        ("compose.yaml", "build: .\nenvironment:\n  ENVIRONMENT: development\n", "development"),
        ("compose.yaml", "build: .\nenvironment:\n  - FASTAPI_ENV=dev\n", "development"),
        ("compose.yaml", "build: .\nenvironment:\n  ENVIRONMENT: production\n", "base"),
        ("compose.yaml", "build: .\nenvironment:\n  ENVIRONMENT: ${ENVIRONMENT:-development}\n", "development"),
        ("compose.yaml", "build: .\nenvironment:\n  ENVIRONMENT: ${ENVIRONMENT}\n", "base"),
        ("compose.yaml", "build:\n  context: .\n  dockerfile: Dockerfile.dev\n", "development"),
        ("compose.yaml", "build:\n  context: .\n  target: dev\n", "development"),
        # a production name wins over what a service says of itself
        ("compose.prod.yaml", "build: .\nenvironment:\n  ENVIRONMENT: development\n", "production"),
        # the fault that a rule looks for is no evidence
        ("compose.yaml", "build: .\ncommand: uvicorn main:app --reload\n", "base"),
        ("compose.yaml", "build: .\ncommand: fastapi run main.py\nvolumes: [.:/code]\nrestart: always\n", "base"),
        # mounted code is, where nobody keeps it up
        ("compose.yaml", "build: .\ncommand: fastapi run main.py\nvolumes: [.:/code]\n", "development"),
        # mounted code and a reloader together are
        ("compose.yaml", "build: .\ncommand: fastapi dev main.py\nvolumes: [.:/code]\n", "development"),
        ("compose.prod.yaml", "build: .\ncommand: fastapi dev main.py\nvolumes: [.:/code]\n", "production"),
    ],
)
def test_the_setting_of_a_service(file: str, compose: str, setting: str) -> None:
    assert service(compose, file=file).setting == setting


def test_the_setting_of_an_image_alone() -> None:
    assert image_alone(SLIM + SERVER).setting == "production"
    (container,) = project_of({"Dockerfile.dev": SLIM + SERVER}).containers
    assert container.setting == "development"
    assert container.development is not None
    assert "Dockerfile.dev" in container.development.reason


WATCH = "develop:\n  watch:\n    - action: {}\n      path: .\n      target: /code\n"


@pytest.mark.parametrize(
    ("file", "command", "action", "development"),
    [
        ("compose.yaml", "fastapi dev main.py", "sync", True),
        ("compose.yaml", "uvicorn main:app --reload", "sync+restart", True),
        ("compose.yaml", "fastapi run main.py", "sync", False),
        ("compose.yaml", "fastapi dev main.py", "rebuild", False),
        ("compose.prod.yaml", "fastapi dev main.py", "sync", False),
    ],
)
def test_watching_and_reloading_together_are_development(
    file: str, command: str, action: str, *, development: bool
) -> None:
    container = service(f"build: .\ncommand: {command}\n" + WATCH.format(action), file=file)
    assert (container.development is not None) is development


@pytest.mark.parametrize(
    ("volume", "mounts"),
    [
        (".:/code", True),
        ("./:/code", True),
        ("./app:/code/app", True),
        ("./app:/code/app:ro", True),
        ("./src:/code/src", True),  # Python files two folders below
        ("${PWD}:/code", True),
        ("$PWD/app:/code/app", True),
        ("./data:/data", False),
        ("./missing:/code/app", False),
        ("./.env:/code/.env", False),
        (".env:/code/.env", False),
        ("./nginx.conf:/etc/nginx/nginx.conf", False),
        ("./app/main.py:/code/app/main.py", False),
        ("app:/code/app", False),  # a volume of that name
        ("/srv/app:/code/app", False),
        ("/code", False),
        ("../../..:/code", False),
    ],
)
def test_whether_the_source_is_mounted(volume: str, *, mounts: bool) -> None:
    found = project_of(
        {
            "Dockerfile": SLIM + SERVER,
            "app/main.py": "",
            "src/shop/api/main.py": "",
            "data/seed.json": "{}",
            ".env": "",
            "nginx.conf": "",
            "compose.yaml": f"services:\n  web:\n    build: .\n    volumes:\n      - '{volume}'\n",
        }
    )
    (container,) = found.containers
    assert container.mounts_source is mounts


def test_mounted_folders_are_relative_to_the_first_file() -> None:
    found = project_of(
        {
            "deploy/compose.yaml": "services:\n  web:\n    build: ..\n    volumes:\n      - ../app:/code/app\n",
            "Dockerfile": SLIM + SERVER,
            "app/main.py": "",
        }
    )
    assert found.containers[0].mounts_source


def test_for_a_pulled_image_the_folder_s_name_decides() -> None:
    assert service("image: example/web\nvolumes: [./backend:/code]\n").mounts_source
    assert not service("image: example/web\nvolumes: [./logs:/code/logs]\n").mounts_source
    assert not service("image: example/web\nvolumes: [.env:/code/.env]\n").mounts_source


def test_a_long_mount() -> None:
    text = "build: .\nvolumes:\n  - type: {}\n    source: .\n    target: /code\n"
    assert service(text.format("bind")).mounts_source
    assert not service(text.format("volume")).mounts_source


def test_work_on_the_code_takes_both_the_mount_and_the_reloader() -> None:
    reload = "build: .\ncommand: uvicorn main:app --host 0.0.0.0 --reload\n"
    assert service(reload + "volumes: [.:/code]\n").worked_on
    assert not service(reload).worked_on
    assert not service("build: .\nvolumes: [.:/code]\n").worked_on


def test_where_a_container_stands() -> None:
    assert image_alone(SLIM + SERVER).span.text.startswith("FROM")
    assert service("build: .\n").span.text == "web"


# Whatever is written, every question has an answer

WORDS = st.lists(
    st.sampled_from(
        [*"[]{}\"'$&;|", "sh", "-c", "exec", "uvicorn", "main:app", "--reload", "gosu", "app", "celery", "worker"]
    ),
    max_size=8,
).map(" ".join)
VALUES = st.one_of(
    WORDS, st.sampled_from(["root", "host", "service:web", "${X:-y}", "[.:/code]", "{a: b}", "null", "1.5"])
)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            ["build", "image", "command", "entrypoint", "user", "network_mode", "volumes", "profiles", "environment"]
        ),
        VALUES,
    ),
    WORDS,
)
def test_no_question_raises(keys: dict[str, str], cmd: str) -> None:
    body = "".join(f"    {key}: {value}\n" for key, value in keys.items())
    found = project_of({"Dockerfile": SLIM + f"CMD {cmd}\n", "compose.yaml": f"services:\n  web:\n{body}"})
    assert found.containers
    for one in found.containers:
        assert one.setting in ("production", "base", "development")
        assert one.shares_network in (True, False, None)
        assert one.drops_privileges in (True, False, None)
        assert one.python in (True, False, None)
        assert {one.long_running, one.mounts_source, one.worked_on, one.in_editor, one.syncs_source} <= {True, False}
        assert one.account is None or one.account.is_root in (True, False)
        assert one.program not in one.companions
        if one.program is not None:
            one.shell_of(one.program)
