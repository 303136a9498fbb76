"""The scripts of base images that start a server: what they run, and when the file is another one."""

import pytest

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model.application import Application
from dockerlint_fastapi.model.container import Container
from dockerlint_fastapi.tree import text_files

MAIN = "from fastapi import FastAPI\napp = FastAPI()\n"


def container(
    text: str, compose: str = "", base: str = "uvicorn-gunicorn-fastapi:python3.11", **files: str
) -> Container:
    dockerfile = f"FROM tiangolo/{base}\nCOPY ./app /app/app\n{text}\n"
    named = {"Dockerfile": dockerfile, "app/main.py": MAIN, "app/__init__.py": "", **files}
    if compose:
        named["compose.yaml"] = f"services:\n  web:\n    build: .\n{compose}"
    tree = text_files(named.items())
    project = assemble(tree, find(tree))
    assert not project.failures
    return project.containers[0]


def start(found: Container) -> str | None:
    """The command line of a container's server."""
    server = found.server
    words = server.program.argv if server is not None else ()
    return " ".join("?" if one.value is None else one.value for one in words) or None


RELOAD = "uvicorn --reload --host 0.0.0.0 --port 80 --log-level info app.main:app"
PLAIN = "gunicorn -k ? -c ? -b 0.0.0.0:80 app.main:app"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('CMD ["/start-reload.sh"]', RELOAD),
        ("CMD /start-reload.sh", RELOAD),
        ('CMD ["bash", "/start-reload.sh"]', RELOAD),
        ('ENTRYPOINT ["/start-reload.sh"]', RELOAD),
        ('CMD ["/start.sh"]', PLAIN),
        ("RUN chmod +x /start.sh\nCMD exec /start.sh", PLAIN),
        ('ENV PORT=8000 HOST=::\nCMD ["/start-reload.sh"]', RELOAD.replace("80 ", "8000 ").replace("0.0.0.0", "::")),
        ('ENV PORT=8000\nCMD ["/start.sh"]', PLAIN.replace(":80", ":8000")),
        ('ENV BIND=unix:/x\nCMD ["/start.sh"]', PLAIN.replace("0.0.0.0:80", "unix:/x")),
        ('ENV APP_MODULE=app.main:api\nCMD ["/start.sh"]', PLAIN.replace(":app", ":api")),
        ('ENV MODULE_NAME=a.b VARIABLE_NAME=c\nCMD ["/start.sh"]', PLAIN.replace("app.main:app", "a.b:c")),
        ('ENV WORKER_CLASS=a.B\nCMD ["/start.sh"]', PLAIN.replace("-k ?", "-k a.B")),
        ('ENV GUNICORN_CONF=/app/c.py\nCMD ["/start.sh"]', "gunicorn -k ? -c /app/c.py app.main:app"),
        ('CMD ["start.sh"]', None),
        ('CMD ["/other.sh"]', None),
        ('RUN printf "x" > /start.sh\nCMD ["/start.sh"]', None),
        ('COPY mine.sh /start.sh\nCMD ["/start.sh"]', None),
        ('RUN rm /start.sh\nCMD ["/start.sh"]', None),
    ],
)
def test_what_they_run(text: str, expected: str | None) -> None:
    assert start(container(text, **{"mine.sh": "#!/bin/sh\nexec ./mill\n"})) == expected


@pytest.mark.parametrize("base", ["uwsgi-nginx:python3.11", "meinheld-gunicorn:python3.9"])
def test_other_bases_have_other_scripts(base: str) -> None:
    assert container('CMD ["/start.sh"]', base=base).server is None


def test_their_server() -> None:
    found = container('CMD ["/start-reload.sh"]')
    server = found.server
    assert server is not None
    assert found.reloads
    assert found.role == "server"
    assert isinstance(found.application, Application)
    assert server.program.base_script == "start-reload.sh"
    assert found.program is not None
    assert found.program.execs
    settled = container('CMD ["/start.sh"]')
    assert not settled.settled  # how many workers it has depends on the machine
    assert settled.server is not None
    assert settled.server.workers is None
    assert settled.server.port is not None
    assert settled.server.port.text == "80"


def test_as_a_command_of_compose() -> None:
    assert start(container("", "    command: /start-reload.sh\n")) == RELOAD
    assert start(container("", "    command: bash -c 'sleep 2 && /start-reload.sh'\n")) == RELOAD
    mounted = "    command: /start.sh\n    volumes: ['./mine.sh:/start.sh']\n"
    assert start(container("", mounted, **{"mine.sh": "#!/bin/sh\nexec uvicorn a:b\n"})) == "uvicorn a:b"
    assert start(container("", "    command: /start.sh\n    volumes: ['./x:/']\n")) is None


def test_the_script_before() -> None:
    before = "COPY prestart.sh /app/prestart.sh\n"
    found = container(f'{before}CMD ["/start.sh"]', **{"prestart.sh": "#!/bin/sh\nalembic upgrade head\n"})
    assert [one.name for one in found.programs] == ["alembic", "gunicorn"]
    assert found.program is not None
    assert found.program.inherits is True
    sets = container(f'{before}CMD ["/start.sh"]', **{"prestart.sh": "export A=b\n"})
    assert sets.program is not None
    assert sets.program.inherits is None
    assert [one.name for one in container('CMD ["/start.sh"]').programs] == ["gunicorn"]


def test_what_is_in_an_env_file_is_not_told() -> None:
    compose = "    command: /start-reload.sh\n    env_file: [web.env]\n"
    found = container("", compose, **{"web.env": "PORT=8000\n"})
    assert start(found) == RELOAD.replace("--port 80", "--port ?")
