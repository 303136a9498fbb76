"""`dlf show`: what it says of three projects to the letter, and what holds for any.

`DLF_BLESS=1 pytest tests/test_show.py` writes fixtures/shown again: read the difference.
"""

import importlib.util
import json
import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, get_args, get_type_hints

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi import cli
from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.reporters.visible import visible
from dockerlint_fastapi.show import FORMATS, description, mermaid, render, schema
from dockerlint_fastapi.show import text as show_text
from dockerlint_fastapi.show.describe import describe, together
from dockerlint_fastapi.show.description import Container, Description
from dockerlint_fastapi.show.masking import masked, masked_words
from dockerlint_fastapi.tree import DiskTree, MemoryTree, text_files

ROOT = Path(__file__).parents[1]
PROJECTS = sorted(path for path in (ROOT / "fixtures" / "projects").iterdir() if path.is_dir())
SHOWN = ROOT / "fixtures" / "shown"
ENDINGS = {"text": "txt", "json": "json", "mermaid": "mmd"}
SCHEMA = jsonschema.Draft202012Validator(schema.json_schema())
SLIM = "FROM python:3.12-slim\n"
SERVER = 'CMD ["uvicorn", "main:app", "--host", "0.0.0.0"]\n'


def described(files: dict[str, str], *named: str) -> Description:
    """What is understood of files in memory, or of those that are named."""
    tree = text_files(files.items())
    project = assemble(tree, find(tree, named=named), paths=named or None)
    return describe(project, files=frozenset(named) if named else None)


def one(files: dict[str, str]) -> Container:
    """The first container of files in memory."""
    found = described(files)
    return [*(each for deployment in found.deployments for each in deployment.containers), *found.images][0]


def service(body: str, dockerfile: str = SLIM + SERVER) -> Container:
    """The service `web` with further keys, built from a Dockerfile."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return one({"compose.yaml": f"services:\n  web:\n    build: .\n{lines}", "Dockerfile": dockerfile})


def unknown(container: Container) -> dict[str, str]:
    return {each.what: each.reason for each in container.unknown}


# ---------------------------------------------------------------- to the letter


@pytest.mark.parametrize("output_format", FORMATS)
@pytest.mark.parametrize("name", ["guide-good", "compose-overlays", "broken"])
def test_what_is_shown_of_a_project(name: str, output_format: str) -> None:
    tree = DiskTree(str(ROOT / "fixtures" / "projects" / name))
    rendered = render(output_format, describe(assemble(tree, find(tree))))
    path = SHOWN / f"{name}.{ENDINGS[output_format]}"
    if os.environ.get("DLF_BLESS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(rendered, encoding="utf-8")
    assert rendered == path.read_text(encoding="utf-8")


def test_the_good_example_of_the_guide() -> None:
    tree = DiskTree(str(ROOT / "fixtures" / "projects" / "guide-good"))
    found = describe(assemble(tree, find(tree)))
    assert (found.images, found.unread, len(found.deployments)) == ((), (), 1)
    web, database = found.deployments[0].containers
    assert (web.unknown, database.unknown) == ((), ())
    assert web.server
    assert web.command
    assert web.build
    assert [each and each.value for each in (web.server.app, web.server.host, web.server.port, web.server.workers)] == [
        "app.main:app", "0.0.0.0", "8000", "4",
    ]  # fmt: skip
    assert [(part.origin, part.place and part.place.line) for part in web.command.parts] == [("CMD", 25)]
    assert web.build.contexts == (description.Context(".", ".dockerignore", 3, 226, more=False),)
    assert [(port.published and port.published.value, port.place.line) for port in web.ports] == [("8000", 5)]
    assert [each.name for each in web.variables] == ["DATABASE_URL", "SECRET_KEY", "PATH"]
    assert database.role == "database"


# ---------------------------------------------------------------- commands


@pytest.mark.parametrize(
    ("dockerfile", "body", "text", "origins"),
    [
        ('CMD ["a", "b c"]', "", "a 'b c'", ["CMD"]),
        ("CMD a b", "", "/bin/sh -c 'a b'", ["CMD"]),
        ('SHELL ["/bin/bash", "-ec"]\nCMD a', "", "/bin/bash -ec a", ["CMD"]),
        ('ENTRYPOINT ["e"]\nCMD ["a"]', "", "e a", ["ENTRYPOINT", "CMD"]),
        ('ENTRYPOINT ["e"]\nCMD a', "", "e /bin/sh -c a", ["ENTRYPOINT", "CMD"]),
        ('ENTRYPOINT e\nCMD ["a"]', "", "/bin/sh -c e", ["ENTRYPOINT"]),
        ('ENTRYPOINT ["e"]\nCMD ["a"]', "command: c d", "e c d", ["ENTRYPOINT", "command"]),
        ('ENTRYPOINT ["e"]\nCMD ["a"]', "entrypoint: x y", "x y", ["entrypoint"]),
        ('ENTRYPOINT ["e"]\nCMD ["a"]', "entrypoint: [x]\ncommand: [y]", "x y", ["entrypoint", "command"]),
        ('ENTRYPOINT ["e"]\nCMD ["a"]', "entrypoint: []\ncommand: [y]", "y", ["command"]),
        ('ENTRYPOINT ["e"]\nCMD ["a"]', "command: []", "e a", ["ENTRYPOINT", "CMD"]),
        ("", "", "python3", ["base image CMD"]),
        ('ENTRYPOINT ["e"]', "", "e", ["ENTRYPOINT"]),
        ('CMD ["a"]', "command: [x, '${PORT:-80}', '$$HOME']", "x ${PORT:-80} $HOME", ["command"]),
        ('CMD ["a"]', "command: x --port ${PORT}", "x --port ${PORT}", ["command"]),
    ],
)
def test_the_command_and_where_it_is_from(dockerfile: str, body: str, text: str, origins: list[str]) -> None:
    command = service(body, f"{SLIM}{dockerfile}\n").command
    assert command
    assert command.text == text
    assert [part.origin for part in command.parts] == origins


def test_an_entrypoint_of_a_later_stage_drops_the_inherited_cmd() -> None:
    found = one({"Dockerfile": f'{SLIM.strip()} AS base\nCMD ["a"]\nFROM base\nENTRYPOINT ["e"]\n'})
    assert found.command
    assert [part.origin for part in found.command.parts] == ["ENTRYPOINT"]


def test_the_command_of_an_image_from_elsewhere_as_far_as_it_is_known() -> None:
    compose = "services:\n  db:\n    image: postgres:16\n    command: postgres -N 5\n  x:\n    image: acme/x:1\n"
    database, other = described({"compose.yaml": compose}).deployments[0].containers
    assert database.command
    assert database.command.text == "docker-entrypoint.sh postgres -N 5"
    assert other.command is None
    assert unknown(other) == {"image": "nothing is known of what `acme/x:1` sets and starts"}


# ---------------------------------------------------------------- secrets


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["redis-server", "--requirepass", "letmein7"], "redis-server --requirepass ***"),
        (["x", "--db-password=hunter2"], "x --db-password=***"),
        (["sh", "-c", "API_TOKEN=abc123 x --api-key 'q w' "], "sh -c API_TOKEN=*** x --api-key 'q w' "),
        (["psql", "postgresql://app:hunter2@db/app"], "psql postgresql://app:***@db/app"),
        (["mysqladmin", "ping", "-phunter2"], "mysqladmin ping -p***"),
        (["sh", "-c", "mysqladmin ping -uroot -p'hunter2'"], "sh -c mysqladmin ping -uroot -p'***'"),
        (["redis-cli", "-a", "hunter2", "ping"], "redis-cli -a *** ping"),
        (["x", "--password", "$PASSWORD"], "x --password $PASSWORD"),
        (["x", "--password=${PASSWORD:?}"], "x --password=${PASSWORD:?}"),
        (["x", "--port", "8000", "-p", "80", "--token-url", "/login"], "x --port 8000 -p 80 --token-url /login"),
        (["cp", "-a", "src", "-pr"], "cp -a src -pr"),
    ],
)
def test_literal_secrets_in_commands_are_hidden(words: list[str], shown: str) -> None:
    assert " ".join(masked_words(words)) == shown


def test_no_value_of_the_environment_and_no_announced_secret_is_shown() -> None:
    compose = """services:
  web:
    build: {context: ., args: {TOKEN: leak-1}}
    environment: {SECRET_KEY: leak-2, PLAIN: leak-3}
    command: uvicorn main:app --header password:x --ssl-keyfile-password leak-4
    healthcheck: {test: "curl -f http://u:leak-5@localhost/ || mysqladmin -pleak-6 ping"}
    labels: {token: leak-7}
  list:
    image: redis
    environment: [API_KEY=leak-8, FROM_HOST]
    command: [redis-server, --requirepass, leak-9]
"""
    dockerfile = f"{SLIM}ENV API_KEY=leak-10\nARG B=leak-11\nENTRYPOINT DB_PASSWORD=leak-12 ./run\n"
    found = described({"compose.yaml": compose, "Dockerfile": dockerfile, ".env": "X=leak-13\n"})
    for output_format in FORMATS:
        assert "leak" not in render(output_format, found)
    assert "from the host (compose.yaml:10): FROM_HOST" in render("text", found)


def test_secrets_within_secrets_are_hidden_once() -> None:
    assert (
        masked("--password=PASSWORD=hunter2 --password redis://a:hunter2@b")
        == "--password=*** --password redis://a:***@b"
    )


def test_masking_changes_nothing_else() -> None:
    assert masked("uvicorn main:app --port ${PORT:-80} && echo 'a = b'") == (
        "uvicorn main:app --port ${PORT:-80} && echo 'a = b'"
    )


# ---------------------------------------------------------------- what is unknown


@pytest.mark.parametrize(
    ("body", "dockerfile", "what", "reason"),
    [
        ("", f"FROM acme/base:1\n{SERVER}", "base image", "nothing is known of what `acme/base:1` sets and starts"),
        ("", f"FROM $BASE\n{SERVER}", "base image", "`$BASE` holds a variable that no file sets"),
        ("", f'{SLIM}CMD ["./start.sh"]\n', "command", "script `./start.sh` is not read"),
        ("", f'{SLIM}ENTRYPOINT ["/e.sh"]\n{SERVER}', "command", "script `/e.sh` is not read"),
        ("", f'{SLIM}CMD ["python", "main.py"]\n', "command", "script `main.py` is not read"),
        ("", f'{SLIM}CMD ["serve-it"]\n', "command", "`serve-it` is no program that dlf knows"),
        ("", 'FROM node:20\nCMD ["node", "x.js"]\n', "command",
         "the base image's own script `docker-entrypoint.sh` is not read"),
        ("", 'FROM acme/base:1\nCMD ["./x"]\n', "program",
         "the base image may put an ENTRYPOINT in front of the command"),
        ("command: uvicorn main:app --port ${PORT}", SLIM, "port", "`${PORT}` has no value that can be told"),
        ("command: gunicorn main:app -c conf.py", SLIM, "host, port, workers, reload", "`conf.py` is not read"),
        ("command: fastapi run", SLIM, "app", "none is named, and the code is not read"),
        ("env_file: .env", SLIM + SERVER, "environment", "env_file `.env` is not read: it is not there"),
        ("env_file: .env", SLIM + SERVER, "port, workers, reload", "an env_file may set it"),
        ("user: $WHO", SLIM, "user", "`$WHO` holds a variable that no file sets"),
        ("", f"{SLIM}ARG WHO\nUSER $WHO\n", "user", "`$WHO` holds a variable that no file sets"),
        ("", "FROM nvidia/cuda:12.0.0-base-ubuntu22.04\n", "command",
         "it is not known what `nvidia/cuda:12.0.0-base-ubuntu22.04` starts by itself"),
        ("", "FROM pytorch/pytorch:2.4.0\n", "user", "`pytorch/pytorch:2.4.0` may set any"),
        ("command: 'a \"b'", SLIM, "command", "it cannot be split into words"),
        ("ports: ['$PORT:80']\nvolumes: ['${DATA:?}:/data']", SLIM, "variables",
         "no value for `PORT`, `DATA` in the files"),
        ("healthcheck: {test: [CURL, x]}", SLIM, "health check", "its test is of no form that can be told"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_has_its_reason(body: str, dockerfile: str, what: str, reason: str) -> None:
    assert unknown(service(body, dockerfile))[what] == reason


@pytest.mark.parametrize(
    ("build", "reason"),
    [
        ("build: ./absent", "`absent/Dockerfile` is not there, or cannot be read"),
        ("build: {context: ., target: prod}", "`Dockerfile` is not there, or has no stage `prod`"),
        ("build: {context: '${DIR}'}", "`${DIR}` holds a variable that no file sets"),
        ("build: {context: '${DIR:-absent}'}", "`absent/Dockerfile` is not there, or cannot be read"),
        ("build: {dockerfile_inline: FROM scratch}", "`dockerfile_inline` is not read"),
        ("build: https://example.org/x.git", "it is built from another place than this project"),
        ("build: ../elsewhere", "its Dockerfile lies outside the project"),
        ("restart: always", "the service names neither `image` nor `build`"),
    ],
)
def test_a_build_that_cannot_be_followed_has_its_reason(build: str, reason: str) -> None:
    found = described({"compose.yaml": f"services:\n  web:\n    {build}\n", "Dockerfile": SLIM + SERVER})
    assert unknown(found.deployments[0].containers[0])["image"] == reason


def test_a_build_argument_may_choose_another_base_than_the_default() -> None:
    files = {"Dockerfile": f"ARG V=3.12\nFROM python:${{V}}-slim\n{SERVER}"}
    found = one({**files, "compose.yaml": "services:\n  web:\n    build: {context: ., args: {V: '3.13', W: x}}\n"})
    assert unknown(found) == {}
    assert "python:3.13-slim, from python:${V}-slim" in render("text", Description((), (found,), ()))
    found = one({**files, "compose.yaml": "services:\n  web:\n    build: {context: ., args: [V]}\n"})
    assert unknown(found)["base image"] == "the build argument `V` chooses it"
    assert unknown(one({**files, "compose.yaml": "services:\n  web:\n    build: .\n"})) == {}


def test_several_folders_from_which_it_may_be_built() -> None:
    found = one({"a/b/Dockerfile": f"{SLIM}COPY . .\n{SERVER}", "a/.dockerignore": ".git\n"})
    assert found.build
    assert found.build.contexts == tuple(
        description.Context(path, ignore, None, None, more=False)
        for path, ignore in (("a/b", None), ("a", "a/.dockerignore"), (".", None))
    )
    assert unknown(found)["build context"] == "no compose file builds it, and 3 folders fit"


# ---------------------------------------------------------------- the other facts


def test_a_service_has_its_own_context_among_those_of_the_image() -> None:
    compose = "services:\n  a:\n    build: .\n  b:\n    build: {context: sub, dockerfile: ../Dockerfile}\n"
    found = described({"compose.yaml": compose, "Dockerfile": SLIM + SERVER, "sub/.dockerignore": "x\n"})
    contexts = [each.build.contexts for each in found.deployments[0].containers if each.build]
    assert contexts == [
        (description.Context(".", None, 0, 0, more=False),),
        (description.Context("sub", "sub/.dockerignore", 0, 0, more=False),),
    ]


@pytest.mark.parametrize(
    ("body", "dockerfile", "shown"),
    [
        ("", SLIM, "none"),
        ("", f"{SLIM}HEALTHCHECK NONE\n", "switched off by HEALTHCHECK (Dockerfile:2)"),
        ("healthcheck: {disable: true}", f"{SLIM}HEALTHCHECK CMD x\n", "switched off by compose (compose.yaml:4)"),
        ("healthcheck: {test: [NONE]}", SLIM, "switched off by compose (compose.yaml:4)"),
        ("", f"{SLIM}HEALTHCHECK --interval=5s CMD x y\n",
         "x y\n  HEALTHCHECK (Dockerfile:2), shell form, interval 5s"),
        ("healthcheck: {interval: 9s}", f'{SLIM}HEALTHCHECK --retries=2 --interval=5s CMD ["x"]\n',
         "x\n  HEALTHCHECK (Dockerfile:2), exec form, interval 9s, retries 2"),
        ("healthcheck: {test: curl x, timeout: 3s}", SLIM,
         "curl x\n  compose (compose.yaml:4), shell form, timeout 3s\n  asks GET http://x/ (compose.yaml:4)"),
        ("healthcheck: {test: [CMD, ./x, x y]}", SLIM, "./x 'x y'\n  compose (compose.yaml:4), exec form"),
    ],
)  # fmt: skip
def test_health_checks(body: str, dockerfile: str, shown: str) -> None:
    found = service(body, dockerfile)
    rendered = render("text", Description((), (found,), ()))
    rows = re.search(r"health check  (.*?)\n     \S", rendered + "     x", re.DOTALL)
    assert rows
    assert re.sub(r"\n {19}", "\n", rows[1]) == shown


def test_the_network_of_a_service() -> None:
    found = service("network_mode: host")
    assert found.network_mode == description.Fact("host", "compose", description.Place("compose.yaml", 4, 19))
    assert "network       host (compose.yaml:4)" in render("text", Description((), (found,), ()))


def test_a_known_base_of_unknown_start_is_no_matter_where_compose_starts_something() -> None:
    base = "FROM nvidia/cuda:12.0.0-base-ubuntu22.04\n"
    assert "command" not in unknown(service("entrypoint: [uvicorn, 'main:app']", base))


def test_why_a_deployment_has_its_setting() -> None:
    web = "services:\n  web:\n    build: .\n"
    files = {
        "Dockerfile": SLIM + SERVER,
        "compose.yaml": web,
        "compose.override.yaml": "services:\n  web:\n    init: true\n",
    }
    found = described(
        {**files, "compose.prod.yaml": web, "qa/compose.staging.yml": "services:\n  x:\n    init: true\n"}
    )
    assert {each.files: (each.setting, each.reason, each.incomplete) for each in found.deployments} == {
        ("compose.prod.yaml",): ("production", "`compose.prod.yaml` is named for production", None),
        ("compose.yaml", "compose.override.yaml"): (
            "development",
            "`compose.override.yaml` is named for development (Compose takes it in by itself)",
            None,
        ),
        ("compose.yaml",): ("development", "a complete file for production stands beside it", None),
        ("qa/compose.staging.yml",): (
            "production",
            "`qa/compose.staging.yml` is named for production",
            "its base is missing",
        ),
    }


def test_a_part_of_another_set_is_incomplete() -> None:
    files = {
        "compose.yaml": "include: [db/compose.yaml]\nservices:\n  web:\n    image: a/b:1\n",
        "db/compose.yaml": "services:\n  db:\n    image: postgres:16\n",
    }
    incomplete = {each.files[0]: each.incomplete for each in described(files).deployments}
    assert incomplete == {"compose.yaml": None, "db/compose.yaml": "`compose.yaml` takes parts of it"}


def test_files_that_are_not_understood() -> None:
    found = described(
        {
            "Dockerfile": "{% if x %}\nFROM a\n{% endif %}\n",
            "compose.yaml": "services: [\n",
            "a/compose.yaml": "volumes:\n  x:\n",
            "b/Dockerfile": "FORM x\n",
            "c/compose.yml": "web:\n  image: a\n",
        }
    )
    assert found.deployments == ()
    assert {each.path: each.reason for each in found.unread} == {
        "Dockerfile": "a template: render it first",
        "compose.yaml": "1 fault of syntax, which `dlf check` explains",
        "a/compose.yaml": "has no services",
        "b/Dockerfile": found.unread[1].reason,
        "c/compose.yml": "its services stand outside `services:`, as before version 2",
    }
    assert "which `dlf check` explains" in found.unread[1].reason


# ---------------------------------------------------------------- what is behind the command


STARTED = {
    "Dockerfile": f'{SLIM}WORKDIR /srv\nCOPY . .\nEXPOSE 8000 9000/udp\nENTRYPOINT ["./start.sh"]\n',
    "start.sh": "#!/bin/sh\nset -e\n. ./env.sh\nexec python -m api.serve\n",
    "env.sh": "export PORT=9000\n",
    "requirements.txt": "fastapi==0.121.0\nuvicorn[standard]>=0.30\n",
    "api/__init__.py": "",
    "api/serve.py": (
        "import uvicorn\n\nif __name__ == '__main__':\n    uvicorn.run('api.main:app', host='0.0.0.0', port=9000)\n"
    ),
    "api/main.py": (
        "from fastapi import FastAPI\n\napp = FastAPI(openapi_url=None)\n\n\n@app.get('/')\ndef root(): ...\n"
    ),
}


def test_scripts_the_call_in_python_and_the_application() -> None:
    files = {
        **STARTED,
        "Dockerfile": STARTED["Dockerfile"].replace("EXPOSE", "RUN pip install -r requirements.txt\nEXPOSE"),
    }
    found = one(files)
    assert [(each.path, each.file, each.shell, each.sourced) for each in found.scripts] == [
        ("/srv/start.sh", "start.sh", "sh", False),
        ("/srv/env.sh", "env.sh", "sh", True),
    ]
    assert found.scripts[0].brought_by == description.Place("Dockerfile", 3, 6)
    assert found.scripts[1].run_by.path == "start.sh"
    assert found.server
    assert (found.server.kind, found.server.port and found.server.port.value) == ("uvicorn", "9000")
    assert found.server.call == description.Call("uvicorn.run", description.Place("api/serve.py", 4, 5))
    assert found.application == description.Application(
        "api.main:app", False, description.Place("api/main.py", 3, 1), 1, True
    )
    assert [(each.name, each.version, each.place.path) for each in found.packages] == [
        ("fastapi", "0.121.0", "requirements.txt"),
        ("uvicorn", None, "requirements.txt"),
    ]
    assert [each.port for each in found.exposed] == ["8000", "9000/udp"]
    text = render("text", described(files))
    assert "scripts       /srv/start.sh, which is start.sh (Dockerfile:3), run by sh (Dockerfile:" in text
    assert "server        uvicorn, behind `python -m`, started by `uvicorn.run` (api/serve.py:4)" in text
    assert "application   api.main:app (api/main.py:3)\n                     1 route\n" in text
    assert (
        "packages      fastapi 0.121.0 (requirements.txt:1)\n                   uvicorn >=0.30 (requirements.txt:2)"
        in text
    )


def test_an_application_that_is_not_there() -> None:
    found = one({**STARTED, "api/main.py": "other = 1\n"})
    assert found.application is None
    assert found.no_application
    assert found.no_application.reason == "the module binds no `app`"
    assert found.no_application.place
    assert found.no_application.place.path == "api/serve.py"


def test_what_a_health_check_asks_for() -> None:
    check = "HEALTHCHECK CMD curl -f http://localhost:8000/health || nc -z 127.0.0.1 8000\n"
    found = one({"Dockerfile": SLIM + check + SERVER}).health_check
    assert found
    assert [(each.method, each.url) for each in found.requests or ()] == [
        ("GET", "http://localhost:8000/health"),
        (None, "tcp://127.0.0.1:8000"),
    ]


def test_a_path_that_a_variable_gives_is_not_shown() -> None:
    check = 'HEALTHCHECK CMD curl "http://localhost:$PORT/$TOKEN"\n'
    found = one({"Dockerfile": f"{SLIM}ENV PORT=8000 TOKEN=very-secret\n{check}{SERVER}"}).health_check
    assert found
    assert [each.url for each in found.requests or ()] == ["http://localhost:8000/?"]


def test_env_files_that_are_read_give_names_and_no_values() -> None:
    files = {
        "Dockerfile": SLIM + SERVER,
        "compose.yaml": "services:\n  web:\n    build: .\n    env_file: [app.env, other.env]\n",
        "app.env": "TOKEN=very-secret-value\nDEBUG=1\n",
    }
    found = described(files)
    (web,) = found.deployments[0].containers
    assert [(each.path, each.read) for each in web.env_files] == [("app.env", True), ("other.env", False)]
    assert [(each.name, each.source) for each in web.variables if each.source == "env_file"] == [
        ("TOKEN", "env_file"),
        ("DEBUG", "env_file"),
    ]
    for name in FORMATS:
        assert "very-secret" not in render(name, found)
    assert unknown(web)["environment"].startswith("env_file `other.env` is not read")


def test_what_a_build_is_sent() -> None:
    files = {
        "Dockerfile": f"{SLIM}COPY . .\n{SERVER}",
        "compose.yaml": "services:\n  web:\n    build: .\n",
        ".dockerignore": "*.log\nnode_modules/deep\n",
        "a.py": "12345",
        "a.log": "x" * 50,
        "node_modules/x/index.js": "123",
        "node_modules/x/b.log": "123",
        "node_modules/x/c.log.js": "1",
        "node_modules/deep/y.js": "1234567",
        ".git/objects/ab/c": "12",
    }
    sent = ["Dockerfile", "compose.yaml", ".dockerignore", "a.py", "node_modules/x/index.js", "node_modules/x/b.log"]
    sent += ["node_modules/x/c.log.js", ".git/objects/ab/c"]
    (web,) = described(files).deployments[0].containers
    assert web.build
    size = sum(len(files[name]) for name in sent)
    assert web.build.contexts == (description.Context(".", ".dockerignore", len(sent), size, more=False),)


def test_the_count_of_files_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    from dockerlint_fastapi.model.context import sent  # noqa: PLC0415

    monkeypatch.setattr(sent, "MOST", 5)
    files = {"Dockerfile": f"{SLIM}COPY . .\n", "compose.yaml": "services: {web: {build: .}}\n"}
    files |= {f".git/{name}": "1" for name in range(20)}
    (web,) = described(files).deployments[0].containers
    assert web.build
    assert (web.build.contexts[0].files, web.build.contexts[0].more) == (5, True)
    assert "more than " in render("text", described(files))


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1.0 kB"), (9949, "9.9 kB"), (9960, "10 kB"),
     (999_600, "1.0 MB"), (123_456_789, "123 MB"), (5 * 10**13, "50 TB"), (5 * 10**16, "50000 TB")],
)  # fmt: skip
def test_sizes_in_words(count: int, words: str) -> None:
    assert show_text.size_in_words(count) == words


# ---------------------------------------------------------------- single files

TWO = {
    "compose.yaml": "services:\n  a:\n    build: ./a\n  b:\n    build: ./b\n  db:\n    image: postgres:16\n",
    "a/Dockerfile": SLIM + SERVER,
    "b/Dockerfile": SLIM + SERVER,
    "c/Dockerfile": SLIM + SERVER,
    "b/.dockerignore": ".git\n",
}


@pytest.mark.parametrize(
    ("named", "services", "images"),
    [
        (("compose.yaml",), ["a", "b", "db"], 0),
        (("a/Dockerfile",), ["a"], 0),
        (("c/Dockerfile",), [], 1),
        (("b/.dockerignore",), ["b"], 0),
        (("a/Dockerfile", "c/Dockerfile"), ["a"], 1),
        ((), ["a", "b", "db"], 1),
    ],
)
def test_of_single_files_the_containers_that_they_concern(
    named: tuple[str, ...], services: list[str], images: int
) -> None:
    found = described(TWO, *named)
    assert [each.service for deployment in found.deployments for each in deployment.containers] == services
    assert len(found.images) == images


@pytest.mark.parametrize(
    ("named", "services"),
    [("a/start.sh", ["a"]), ("b/x.py", []), ("b.env", ["b"]), ("b/y.py", ["b"]), ("README.md", [])],
)
def test_of_a_script_or_of_code_the_containers_that_carry_it(named: str, services: list[str]) -> None:
    files = {
        **TWO,
        "compose.yaml": TWO["compose.yaml"].replace("build: ./b", "build: ./b\n    env_file: b.env"),
        "a/Dockerfile": f"{SLIM}COPY start.sh /\n{SERVER}",
        "a/start.sh": "",
        "b/Dockerfile": f"{SLIM}COPY . /srv\n{SERVER}",
        "b/.dockerignore": "x.py\n",
        "b/x.py": "",
        "b/y.py": "",
        "b.env": "A=b\n",
        "README.md": "",
    }
    found = described(files, named)
    assert [each.service for deployment in found.deployments for each in deployment.containers] == services
    assert found.images == ()


def test_descriptions_of_parts_are_put_together_once() -> None:
    parts = [described(TWO, "a/Dockerfile"), described(TWO, "b/Dockerfile"), described(TWO, "b/.dockerignore")]
    found = together(parts)
    assert [[each.service for each in deployment.containers] for deployment in found.deployments] == [["a", "b"]]
    assert together([]) == Description((), (), ())


# ---------------------------------------------------------------- hostile names

HOSTILE = (
    'a"]; click x "javascript:alert(1)"', "%%{init: {}}%%", "style x:#1;", "classDef a:#f;", "`md`", "<script>",
    "end", "a\nb", "\x1b[31m", "\u202e", "\udcff", "|x|", "#quot;", "fa:fa-car", "x" * 200, "\\", "$$x$$", "{{x}}",
    "---",
)  # fmt: skip
LABEL = r'"(?:[A-Za-z0-9 _./:,()+@=-]|#\d+;|<br>|[^\x00-\x7f])*"'
CHART = re.compile(
    rf"flowchart LR|  end|  subgraph d\d+\[{LABEL}\]"
    rf"|    d\d+[sxv]\d+(?:\[{LABEL}\]|\[\({LABEL}\)\]|\[/{LABEL}/\])"
    rf"|    d\d+p\d+\(\[{LABEL}\]\) -->\|{LABEL}\| d\d+s\d+"
    rf"|    d\d+s\d+ (?:-->(?:\|{LABEL}\|)?|-\.-\|{LABEL}\|) d\d+[svx]\d+"
)


def check_chart(chart: str) -> None:
    """Every line is one of those that the renderer writes, so no name has ended its label."""
    assert chart.endswith("\n")
    for line in chart[:-1].split("\n"):
        assert CHART.fullmatch(line), line
        assert "style" not in line
        assert "classDef" not in line


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_breaks_out_of_the_chart(name: str) -> None:
    check_chart(f"flowchart LR\n    d0s0[{mermaid.label(name, name)}]\n")


def test_hostile_names_in_files() -> None:
    quoted = json.dumps('a"]\x1b[31m\u202e<b>')
    body = f"image: {quoted}\n    ports: [{quoted}]\n    volumes: [{quoted}]\n    depends_on: [{quoted}]\n"
    found = described({"compose.yaml": f"services:\n  {quoted}:\n    {body}"})
    check_all(found)
    assert r"a\"]\x1b[31m\u202e<b>".replace('\\"', '"') in render("text", found)


# ---------------------------------------------------------------- any project


def check_all(found: Description) -> None:
    """What holds for the renderings of any description."""
    text = render("text", found)
    assert all(visible(line) == line for line in text.split("\n"))
    text.encode("utf-8")
    painted = render("text", found, color=True)
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == text
    document = render("json", found)
    assert document.isascii()
    SCHEMA.validate(json.loads(document))
    check_chart(render("mermaid", found))


def module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec
    assert spec.loader
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


PROJECT_GENERATOR, DOCKERFILE_GENERATOR = module("project_generator"), module("dockerfile_generator")
SAMPLES = [
    {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for folder in PROJECTS
]


def made(seed: int, count: int) -> Iterator[dict[str, bytes]]:
    yield from islice(PROJECT_GENERATOR.projects(seed, SAMPLES, DOCKERFILE_GENERATOR.dockerfiles(seed)), count)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_any_project_can_be_shown(seed: int) -> None:
    for files in made(seed, 8):
        tree = MemoryTree(files)
        project = assemble(tree, find(tree))
        found = describe(project)
        check_all(found)
        other = MemoryTree(dict(reversed(files.items())))
        assert describe(assemble(other, find(other))) == found
        shown = [each for deployment in found.deployments for each in deployment.containers] + list(found.images)
        assert len(shown) == len(project.containers)
        for path in find(tree).all:
            only = describe(assemble(tree, find(tree, named=[path]), paths=[path]), files=frozenset([path]))
            check_all(only)
        check_start(project.containers, found)


def check_start(containers: tuple[Any, ...], found: Description) -> None:
    """The last part of a command is what the model says starts the container."""
    shown = [each for deployment in found.deployments for each in deployment.containers] + list(found.images)
    by_place = {(each.service, each.place, each.command) for each in shown}
    for container in containers:
        place = description.Place.of(container.span)
        name = container.service.name if container.service is not None else None
        commands = [command for service, where, command in by_place if (service, where) == (name, place)]
        parts = [part.place for command in commands if command is not None for part in command.parts if part.place]
        span = container.start_span
        if container.programs and span is not None:
            # an instruction begins at its keyword, its command somewhere behind it
            lines = range(span.line, span.end_line + 1)
            assert any(part.path == span.source.shown and part.line in lines for part in parts)


@pytest.mark.parametrize("folder", PROJECTS, ids=lambda path: path.name)
def test_every_fixture_project_can_be_shown(folder: Path) -> None:
    tree = DiskTree(str(folder))
    check_all(describe(assemble(tree, find(tree))))


# ---------------------------------------------------------------- documents


def named_tuples(kind: Any) -> Iterator[type[NamedTuple]]:
    """The named tuples in an annotation."""
    if isinstance(kind, type) and hasattr(kind, "_fields"):
        yield kind
    for argument in get_args(kind):
        yield from named_tuples(argument)


def test_the_schema_has_the_fields_of_the_description_in_their_order() -> None:
    seen: set[Any] = {Description}
    waiting: list[Any] = [Description]
    while waiting:
        kind = waiting.pop()
        model = schema.JsonShow if kind is Description else getattr(schema, f"Shown{kind.__name__}")
        own = ("version", "tool") if kind is Description else ()
        fields = [name for name in model.model_fields if name not in own]
        assert fields == list(kind._fields)
        for annotation in get_type_hints(kind).values():
            for found in named_tuples(annotation):
                if found not in seen:
                    seen.add(found)
                    waiting.append(found)
    assert len(seen) > 20


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec
    assert spec.loader
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def test_the_page_shows_what_is_printed_and_the_schema_file_is_current() -> None:
    page = (ROOT / "docs" / "show.md").read_text(encoding="utf-8")
    assert page == generator().show_page()
    for name in ("text", "mermaid"):
        assert (
            f"<!-- {name} -->\n```{name}\n{(SHOWN / f'guide-good.{ENDINGS[name]}').read_text(encoding='utf-8')}```"
            in page
        )
    stored = json.loads((ROOT / "docs" / "schema" / "show.schema.json").read_text(encoding="utf-8"))
    assert stored == schema.json_schema()


def test_every_field_of_a_container_is_on_the_page() -> None:
    page = (ROOT / "docs" / "show.md").read_text(encoding="utf-8")
    kinds = (Description, description.Deployment, Container)
    assert [name for kind in kinds for name in kind._fields if f"`{name}`" not in page] == []


# ---------------------------------------------------------------- the command line


class Program:
    """`dlf show` in a project of its own."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self.capsys = capsys

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        code = cli.run(["show", *arguments])
        out, err = self.capsys.readouterr()
        return code, out, err


@pytest.fixture
def show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Program:
    root = tmp_path / "project"
    (root / ".git").mkdir(parents=True)
    monkeypatch.chdir(root)
    for name in ("NO_COLOR", "FORCE_COLOR", "DLF_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    return Program(root, capsys)


def test_the_command(show: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    show.write(TWO)
    code, out, err = show()
    assert (code, err) == (0, "")
    assert out == render("text", described(TWO))
    assert show("--output-format", "json")[1] == render("json", described(TWO))
    assert show("--output-format", "mermaid", ".")[1] == render("mermaid", described(TWO))
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert show()[1] == render("text", described(TWO), color=True)
    assert show("--output-format", "json")[1] == render("json", described(TWO))
    assert show("--output-file", "out.txt")[:2] == (0, "")
    assert (show.root / "out.txt").read_text(encoding="utf-8") == render("text", described(TWO))


def test_single_files_and_folders_on_the_command_line(show: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    show.write(TWO)
    assert show("c/Dockerfile")[1] == render("text", described(TWO, "c/Dockerfile"))
    assert show("c")[1] == show("c/Dockerfile")[1]
    assert show("a/Dockerfile", "a")[1] == show("a/Dockerfile")[1]
    monkeypatch.chdir(show.root / "b")
    _, out, _ = show("Dockerfile")
    assert "built from Dockerfile, its only stage (Dockerfile:1)" in out
    assert "context       . (ignore file .dockerignore)" in out
    assert out.startswith("../compose.yaml: base")


def test_an_empty_project_gets_the_message_of_check(show: Program) -> None:
    code, out, err = show()
    assert (code, out) == (0, "")
    assert err.startswith("no Dockerfile or compose file under .\n  looked for Dockerfile, ")
    cli.run(["check"])
    assert show.capsys.readouterr().err == err
    empty = json.loads(show("--output-format", "json")[1])
    assert (empty["version"], empty["deployments"], empty["images"], empty["unread"]) == (1, [], [], [])


def test_paths_that_cannot_be_shown(show: Program) -> None:
    show.write({**TWO, "logo.svg": "<svg/>\n"})
    code, out, err = show("absent", "logo.svg", "a/Dockerfile")
    assert code == 2
    assert out == render("text", described(TWO, "a/Dockerfile"))
    assert err.splitlines() == [
        "error: absent: no such file or directory",
        "error: logo.svg: is no file of a kind that dlf reads, by its name or by its content",
    ]


def test_configuration(show: Program) -> None:
    show.write({**TWO, "dlf.toml": "exclude = ['b/', 'compose.yaml']\n", "other.toml": "exclude = ['a/']\n"})
    _, out, _ = show()
    assert ("a/Dockerfile" in out, "b/Dockerfile" in out, "compose.yaml" in out) == (True, False, False)
    assert "b/Dockerfile" in show("--isolated")[1]
    assert "c/Dockerfile" not in show("--isolated", "--exclude", "c")[1]
    assert "a/Dockerfile: server" not in show("--config", "other.toml", "--exclude", "compose.yaml")[1]
    assert show("--isolated", "--config", "x") == (2, "", "error: --isolated and --config exclude each other\n")
    show.write({"dlf.toml": "no-such-key = 1\n"})
    code, out, err = show()
    assert (code, out) == (2, "")
    assert "unknown key `no-such-key`" in err


def test_a_fault_of_dlf_is_told_and_the_rest_is_shown(show: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    show.write({"Dockerfile": SLIM + SERVER, "x/Dockerfile": SLIM + "RUN broken\n"})
    from dockerlint_fastapi import assemble as assembly  # noqa: PLC0415

    parse = assembly.parse_dockerfile  # type: ignore[attr-defined]  # for this test to replace

    def broken(source: Any) -> Any:
        if "broken" in source.text:
            raise AssertionError("deep inside")
        return parse(source)

    monkeypatch.setattr(assembly, "parse_dockerfile", broken)
    code, out, err = show()
    assert code == 2
    assert "Dockerfile: server" in out
    assert "AssertionError: deep inside. This is a fault of dlf" in err
