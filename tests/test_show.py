"""`dlf show`: what it says of three projects to the letter, of commands, of secrets, and of what cannot be told.

`DLF_BLESS=1 pytest tests/test_show.py` writes fixtures/shown again: read the difference.
"""

import os
from pathlib import Path

import pytest
from shown import ENDINGS, SERVER, SHOWN, SLIM, TWO, described, one, service, unknown

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.show import FORMATS, description, render
from dockerlint_fastapi.show.describe import describe, together
from dockerlint_fastapi.show.description import Description
from dockerlint_fastapi.show.masking import masked, masked_words
from dockerlint_fastapi.tree import DiskTree

ROOT = Path(__file__).parents[1]


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
        ("", "FROM tensorflow/tensorflow:2.17.0\n", "user", "`tensorflow/tensorflow:2.17.0` may set any"),
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


# ---------------------------------------------------------------- single files


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
