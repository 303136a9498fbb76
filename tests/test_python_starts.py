"""Servers that Python code starts: from the start command through the project's modules to the call."""

from __future__ import annotations

import ast
import asyncio
import importlib
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model.command import UNKNOWN, Environment, Server, Unknown, Value
from dockerlint_fastapi.model.container import Container
from dockerlint_fastapi.parsers.python.entry_points import entry_points
from dockerlint_fastapi.parsers.python.names import Library, Module, PythonText, Scope, bindings, dotted
from dockerlint_fastapi.parsers.python.syntax import parse_python
from dockerlint_fastapi.parsers.python.values import evaluate
from dockerlint_fastapi.source import Source
from dockerlint_fastapi.tree import text_files

DOCKERFILE = "FROM python:3.12-slim\nWORKDIR /code\nCOPY . .\n"
MAIN = 'if __name__ == "__main__":\n'


def container_of(files: dict[str, str], command: str = '["python", "main.py"]', lines: str = "") -> Container:
    """The container of a project with one Dockerfile that copies everything."""
    tree = text_files({"Dockerfile": f"{DOCKERFILE}{lines}CMD {command}\n", **files}.items())
    return assemble(tree, find(tree)).containers[0]


def server_of(main: str, command: str = '["python", "main.py"]', lines: str = "", **files: str) -> Server:
    found = container_of({"main.py": main, **files}, command, lines).server
    assert found is not None
    return found


def call_of(arguments: str, before: str = "", lines: str = "") -> Server:
    """`uvicorn.run(…)` in main.py, with what stands in front of it."""
    return server_of(f"import os\nimport uvicorn\n{before}\nuvicorn.run({arguments})\n", lines=lines)


def text(value: Value | None) -> str | None:
    return value.text if value is not None else None


def test_the_call_is_a_server_with_its_places_in_the_code() -> None:
    container = container_of(
        {"main.py": f'import uvicorn\n{MAIN}    uvicorn.run("app.main:app", host="0.0.0.0", port=9000, workers=4)\n'}
    )
    server = container.server
    assert server is not None
    assert (container.role, server.kind, text(server.app)) == ("server", "uvicorn", "app.main:app")
    assert (text(server.host), text(server.port), text(server.workers)) == ("0.0.0.0", "9000", "4")
    assert server.complete
    assert server.host is not None
    assert server.host.span is not None
    assert (server.host.span.source.path, server.host.span.text) == ("main.py", "0.0.0.0")
    assert server.program is container.program
    assert server.call is not None
    assert (server.call.name, server.call.span.text, server.call.app_object) == ("uvicorn.run", "uvicorn.run", False)
    assert server.call.directory == "/code"
    assert container.long_running
    assert container.python


def test_defaults_are_those_of_the_command_line() -> None:
    server = call_of('"main:app"')
    assert (text(server.host), text(server.port)) == ("127.0.0.1", "8000")
    assert (text(server.workers), text(server.reload)) == ("1", "false")
    assert server.loopback is True
    assert server.complete


@pytest.mark.parametrize(
    ("arguments", "before", "lines", "host", "port"),
    [
        ("app, host=HOST, port=PORT", 'HOST = "0.0.0.0"\nPORT = 9000', "", "0.0.0.0", "9000"),
        ("app, host=HOST", 'HOST = "a"\nHOST = "b"', "", None, "8000"),
        ("app, host=HOST", 'if x:\n    HOST = "a"\nelse:\n    HOST = "b"', "", None, "8000"),
        ('app, port=int(os.getenv("PORT", 8000))', "", "", "127.0.0.1", "8000"),
        ('app, port=int(os.getenv("PORT", "8000"))', "", "ENV PORT=9000\n", "127.0.0.1", "9000"),
        ('app, port=int(os.environ["PORT"])', "", "ENV PORT=9000\n", "127.0.0.1", "9000"),
        ('app, port=int(os.environ["PORT"])', "", "", "127.0.0.1", None),
        ('app, port=int(os.getenv("PORT") or 8000)', "", "", "127.0.0.1", "8000"),
        ('app, port=int(os.environ.get("PORT", default="7"))', "", "ENV PORT=$UNSET_ARG\n", "127.0.0.1", ""),
        ('app, host="0.0.0.0" if os.getenv("X") == "1" else "127.0.0.1"', "", "ENV X=1\n", "0.0.0.0", "8000"),
        ('app, host="0.0.0.0" if unknown else "127.0.0.1"', "", "", None, "8000"),
        ('app, host=f"0.0.{A}.0"', "A = 0", "", "0.0.0.0", "8000"),
        ('app, host="0.0." + "0.0", port=8000 + 80', "", "", "0.0.0.0", "8080"),
        ('app, host=D["host"]', 'D = {"host": "0.0.0.0"}', "", "0.0.0.0", "8000"),
        ('app, host=D["host"]', 'D = {"host": "0.0.0.0"}\nD["host"] = "::1"', "", None, "8000"),
        ("app, host=Config.HOST", 'class Config:\n    HOST = "0.0.0.0"', "", "0.0.0.0", "8000"),
        ("app, host=Config().HOST", 'class Config:\n    HOST = "0.0.0.0"', "", "0.0.0.0", "8000"),
        ("app, **options", "", "", None, None),
        ('app, **{"host": "0.0.0.0"}', "", "", "0.0.0.0", "8000"),
        ('app, **dict(host="0.0.0.0", port=1)', "", "", "0.0.0.0", "1"),
        ("app, host=None", "", "", "127.0.0.1", "8000"),
        ('app, host=""', "", "", "0.0.0.0", "8000"),
        ("app, host=compute()", "", "", None, "8000"),
    ],
)
def test_arguments_are_evaluated_as_far_as_they_are_certain(
    arguments: str, before: str, lines: str, host: str | None, port: str | None
) -> None:
    server = call_of(arguments, before, lines)
    if port == "":  # `ENV PORT=$UNSET_ARG` sets an empty text: `int("")` raises
        port = None
    assert (text(server.host), text(server.port)) == (host, port)


def test_code_that_writes_to_the_environment_makes_the_variable_unknown() -> None:
    argument = 'app, host=os.getenv("HOST", "127.0.0.1")'
    assert text(call_of(argument, 'os.environ["HOST"] = "0.0.0.0"').host) is None
    assert text(call_of(argument, 'os.environ.setdefault("HOST", "0.0.0.0")').host) is None
    assert text(call_of(argument, "os.environ.update(x)").host) is None
    assert text(call_of(argument, 'os.environ["OTHER"] = "0.0.0.0"').host) == "127.0.0.1"


def test_a_dotenv_that_may_be_there_makes_absence_unknown() -> None:
    code = (
        "import os\nimport uvicorn\nfrom dotenv import load_dotenv\nload_dotenv()\n"
        'uvicorn.run(app, host=os.getenv("HOST", "::1"))\n'
    )
    assert text(server_of(code).host) == "::1"
    assert text(server_of(code, **{".env": "HOST=0.0.0.0\n"}).host) is None
    assert text(server_of(code, **{".env": "HOST=0.0.0.0\n", ".dockerignore": ".env\n"}).host) == "::1"
    # what it names, and be it in a comment, may be set
    assert text(server_of(code, **{".env": "# HOST\nA=1\n"}).host) is None
    assert text(server_of(code, **{".env": "PORT=80\n"}).host) == "::1"


def test_a_dotenv_that_is_copied_under_another_name_is_read() -> None:
    code = (
        "import os\nimport uvicorn\nfrom dotenv import load_dotenv\nload_dotenv()\n"
        'uvicorn.run("main:app", host=os.getenv("HOST", "::1"))\n'
    )
    lines = "COPY .env.production .env\n"
    assert text(server_of(code, lines=lines, **{".env.production": "PORT=80\n", ".env": "HOST=a\n"}).host) == "::1"
    assert text(server_of(code, lines=lines, **{".env.production": "HOST=b\n"}).host) is None


def test_uvicorn_run_reads_web_concurrency_and_none_of_uvicorns_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen with uvicorn 0.54: Config takes WEB_CONCURRENCY where `workers` is None; UVICORN_* and PORT are not read."""
    uvicorn = importlib.import_module("uvicorn")
    for name, value in (("UVICORN_HOST", "0.0.0.0"), ("UVICORN_PORT", "9"), ("PORT", "9"), ("UVICORN_WORKERS", "3")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("WEB_CONCURRENCY", "4")
    lines = "ENV UVICORN_HOST=0.0.0.0 UVICORN_PORT=9 PORT=9 UVICORN_WORKERS=3 WEB_CONCURRENCY=4\n"
    for arguments in ('"main:app"', '"main:app", workers=None', '"main:app", workers=1', '"main:app", workers=2'):
        theirs = eval(f"uvicorn.Config({arguments})", {"uvicorn": uvicorn})  # noqa: S307  # our own text
        ours = call_of(arguments, lines=lines)
        assert (text(ours.host), text(ours.port), text(ours.workers)) == (
            theirs.host,
            str(theirs.port),
            str(theirs.workers),
        )


@pytest.mark.parametrize("arguments", ["workers=2", "reload=True"])
def test_uvicorn_refuses_an_object_where_processes_import_for_themselves(arguments: str) -> None:
    """Seen with uvicorn 0.54: status 3, "You must pass the application as an import string"."""
    uvicorn = importlib.import_module("uvicorn")

    async def app(_scope: Any, _receive: Any, _send: Any) -> None: ...

    with pytest.raises(SystemExit) as stopped:
        eval(f"uvicorn.run(app, {arguments})", {"uvicorn": uvicorn, "app": app})  # noqa: S307  # our own text
    assert stopped.value.code == 3
    server = call_of(f"app, {arguments}", "from fastapi import FastAPI\napp = FastAPI()")
    assert server.call is not None
    assert server.call.app_object is True
    assert server.processes is not None
    assert asyncio.iscoroutinefunction(app)


def test_a_server_object_serves_alone() -> None:
    server = server_of(
        'import uvicorn\nconfig = uvicorn.Config("main:app", host="0.0.0.0", workers=4, reload=True)\n'
        "server = uvicorn.Server(config=config)\nserver.run()\n"
    )
    assert (text(server.host), text(server.workers), text(server.reload)) == ("0.0.0.0", "1", "false")
    assert server.call is not None
    assert server.call.name == "uvicorn.Server"


def test_a_configuration_that_is_changed_is_not_read() -> None:
    server = server_of(
        'import uvicorn\nconfig = uvicorn.Config("main:app")\nconfig.host = "0.0.0.0"\nuvicorn.Server(config).run()\n'
    )
    assert server.kind == "uvicorn"
    assert server.binds is None
    assert not server.complete
    assert server.loopback is None


APP = "from fastapi import FastAPI\n\napp = FastAPI()\n"


@pytest.mark.parametrize(
    ("argument", "before", "is_object", "defined"),
    [
        ('"main:app"', "", False, None),
        ("app", APP, True, ("main.py", "app")),
        ("application", "from app import application", True, ("app.py", "application")),
        ("app.application", "import app", True, ("app.py", "application")),
        ("NAME", 'NAME = "main:app"', False, None),
        ("FastAPI()", APP, True, None),
        ("make()", APP, None, None),
        ("something", "", None, None),
        ('f"{x}:app"', "", None, None),
        ("app if x else 'main:app'", APP, None, None),
    ],
)
def test_the_application_is_an_object_or_an_import_string(
    argument: str,
    before: str,
    is_object: bool | None,  # noqa: FBT001
    defined: tuple[str, str] | None,
) -> None:
    files = {"app.py": "from fastapi import FastAPI\napplication = FastAPI()\n"}
    server = server_of(f"import uvicorn\n{before}\nuvicorn.run({argument})\n", **files)
    assert server.call is not None
    assert server.call.app_object is is_object
    assert server.call.defined == defined
    assert server.app is None or is_object is not True


FOLLOWED = 'import uvicorn\n\n\ndef main(port=9000):\n    uvicorn.run("main:app", port=port)\n\n\n'


@pytest.mark.parametrize(
    ("code", "port"),
    [
        (FOLLOWED + MAIN + "    main()\n", "9000"),
        (FOLLOWED + MAIN + "    main(1)\n", "1"),
        (FOLLOWED + MAIN + "    main(port=2)\n", "2"),
        (FOLLOWED + MAIN + "    main(*sys.argv)\n", None),
        (FOLLOWED + "def other():\n    return main(3)\n\n\nraise SystemExit(other())\n", "3"),
        (FOLLOWED + "try:\n    main(4)\nexcept KeyboardInterrupt:\n    pass\n", "4"),
        (FOLLOWED + "while True:\n    main(5)\n", "5"),
        (FOLLOWED + "with lock:\n    main(6)\n", "6"),
        (FOLLOWED + "import asyncio\n\n\nasync def go():\n    main(7)\n\n\nasyncio.run(go())\n", "7"),
        (FOLLOWED + "import anyio\nanyio.run(main)\n", "9000"),
        (FOLLOWED + "if not ready:\n    raise SystemExit(1)\nmain(8)\n", "8"),
        (FOLLOWED + "if not ready:\n    sys.exit(1)\nmain(8)\n", "8"),
        (FOLLOWED + "if DEBUG:\n    main(9)\nelse:\n    main(9)\n", "9"),
        (FOLLOWED + "if DEBUG:\n    main(9)\nelse:\n    main(10)\n", None),
        (FOLLOWED + "if DEBUG:\n    main(9)\nmain(10)\n", None),
        (FOLLOWED + "if False:\n    main(9)\nmain(10)\n", "10"),
        (FOLLOWED + "main(11)\nmain(12)\n", "11"),
    ],
)
def test_functions_and_branches_are_followed(code: str, port: str | None) -> None:
    assert text(server_of(code).port) == port


@pytest.mark.parametrize(
    "code",
    [
        FOLLOWED,  # only defined
        FOLLOWED + "if DEBUG:\n    main()\n",
        FOLLOWED + "for one in several:\n    main()\n",
        FOLLOWED + "run = lambda: main()\n",
        FOLLOWED + "raise SystemExit\nmain()\n",
        FOLLOWED + "import sys\nsys.exit()\nmain()\n",
        FOLLOWED + "def worker():\n    if x:\n        return\n    main()\n\n\nworker()\n",
        'import uvicorn\nif __name__ == "worker":\n    uvicorn.run("main:app")\n',
        "def main():\n    main()\n\n\nmain()\n",
        "import subprocess\nsubprocess.run(['alembic', 'upgrade', 'head'])\n",
        "this is not python\n",
        "",
    ],
)
def test_nothing_is_known_where_the_call_may_not_be_reached(code: str) -> None:
    container = container_of({"main.py": code})
    assert container.server is None
    assert container.role is None


CHOSEN = "import sys\nimport uvicorn\n\n\ndef serve(port):\n    uvicorn.run('main:app', port=port)\n\n\n"


@pytest.mark.parametrize(
    ("words", "code", "port"),
    [
        ('"api"', "if len(sys.argv) != 2:\n    sys.exit(1)\nkind = sys.argv[1].lower()\n", "1"),
        ('"API"', "kind = sys.argv[1].lower()\n", "1"),
        ('"work", "api"', "kind = sys.argv[2]\n", "1"),
        ('"admin"', "kind = sys.argv[1]\n", "2"),
        ('"work"', "kind = sys.argv[1]\n", None),
        ("", "kind = sys.argv[1]\n", None),
        ('"api"', "kind = sys.argv[0]\n", None),
        ('"$KIND"', "sys.argv.append('api')\nkind = sys.argv[1]\n", None),
        ('"api"', "sys.argv.insert(1, 'work')\nkind = sys.argv[1]\n", None),
    ],
)
def test_the_word_behind_a_program_chooses_what_it_starts(words: str, code: str, port: str | None) -> None:
    branches = "if kind == 'api':\n    serve(1)\nelif kind == 'admin':\n    serve(2)\n"
    command = f'["python", "main.py"{", " if words else ""}{words}]'
    server = container_of({"main.py": CHOSEN + code + branches}, command).server
    assert text(server.port if server is not None else None) == port


@pytest.mark.parametrize(
    ("command", "files"),
    [
        ('["python", "-u", "src/main.py"]', {"src/main.py": "from lib.run import go\ngo()\n"}),
        ('["python3", "-m", "app"]', {"app/__main__.py": "from .server import go\ngo()\n"}),
        ('["python", "-m", "app.start"]', {"app/start.py": "from app.server import go\ngo()\n"}),
        ('["uv", "run", "start.py"]', {"start.py": "from app import server\nserver.go()\n"}),
        ('["uv", "run", "python", "start.py"]', {"start.py": "import app.server\napp.server.go()\n"}),
        ('["./serve"]', {"serve": "#!/usr/bin/env python3\nfrom app.server import go\ngo()\n"}),
        ("cd app && exec python server.py", {"app/server.py": "import lib.run\nlib.run.go()\n"}),
        ('["sh", "-c", "exec python start.py"]', {"start.py": "from app.server import *\ngo()\n"}),
    ],
)
def test_start_commands_lead_to_their_file(command: str, files: dict[str, str]) -> None:
    go = 'import uvicorn\n\n\ndef go():\n    uvicorn.run("app.main:app", port=9000)\n'
    places = ("app/server.py", "src/lib/run.py", "app/lib/run.py")
    container = container_of({**dict.fromkeys(places, go), "app/__init__.py": "", **files}, command)
    assert container.server is not None
    assert text(container.server.port) == "9000"


@pytest.mark.parametrize(
    ("manifest", "content"),
    [
        ("pyproject.toml", '[project.scripts]\nserve = "api.cli:main"\n'),
        ("pyproject.toml", '[tool.poetry.scripts]\nserve = "api.cli:main"\n'),
        ("pyproject.toml", '[tool.poetry.scripts]\nserve = { reference = "api.cli:main", type = "console" }\n'),
        ("setup.cfg", "[options.entry_points]\nconsole_scripts =\n    other = api.x:y\n    serve = api.cli:main\n"),
        ("setup.py", 'from setuptools import setup\nsetup(entry_points={"console_scripts": ["serve=api.cli:main"]})\n'),
    ],
)
@pytest.mark.parametrize("folder", ["", "src/"])
def test_the_projects_own_commands(manifest: str, content: str, folder: str) -> None:
    files = {manifest: content, f"{folder}api/cli.py": "from .run import main\n", f"{folder}api/run.py": FOLLOWED}
    container = container_of(files, '["uv", "run", "serve"]')
    assert container.server is not None
    assert text(container.server.port) == "9000"
    assert container.server.call is not None
    assert container.server.call.span.source.path == f"{folder}api/run.py"


def test_a_command_that_two_packages_declare_is_not_followed() -> None:
    script = '[project.scripts]\nserve = "api.cli:main"\n'
    files = {
        "a/pyproject.toml": script,
        "b/pyproject.toml": script,
        "a/api/cli.py": FOLLOWED.replace("main:app", "x:y"),
    }
    assert container_of(files, '["serve"]').server is None


@pytest.mark.parametrize(
    "content",
    ["", "[project", "[project]\nscripts = 3\n", "[tool]\npoetry = []\n", '[project.scripts]\nx = ["a"]\n', "\x00"],
)
@pytest.mark.parametrize("name", ["pyproject.toml", "setup.cfg", "setup.py"])
def test_odd_manifests_declare_nothing(name: str, content: str) -> None:
    assert not list(entry_points(Source.of(content, name)))


TYPER = (
    "import typer\nimport uvicorn\n\ncli = typer.Typer()\n\n\n"
    '@cli.command()\ndef serve(host: str = "0.0.0.0"):\n    uvicorn.run("main:app", host=host)\n\n\n'
)
CLICK = (
    'import click\nimport uvicorn\n\n\n@click.command()\n@click.option("--host", default="0.0.0.0")\n'
    '@click.option("--reload", is_flag=True)\ndef serve(host, reload):\n'
    '    uvicorn.run("main:app", host=host, reload=reload)\n\n\n'
)


@pytest.mark.parametrize(
    ("code", "words", "host"),
    [
        (TYPER + "cli()\n", "", "0.0.0.0"),
        (TYPER + "cli()\n", ', "--host", "::1"', "::1"),
        (TYPER + "cli()\n", ', "--host=::1"', "::1"),
        (TYPER + "cli()\n", ', "--ho", "::1"', None),
        (TYPER + "cli()\n", ', "--port", "80"', None),
        (TYPER + "cli()\n", ', "::1"', None),
        (
            TYPER.replace("cli = typer.Typer()", "cli = typer.Typer(context_settings=dict(default_map={}))")
            + "cli()\n",
            ', "--host", "::1"',
            None,
        ),
        (TYPER.replace('"0.0.0.0"', 'typer.Option("0.0.0.0", "--bind", "-b")') + "cli()\n", ', "-b", "::1"', "::1"),
        (TYPER.replace('"0.0.0.0"', 'typer.Option("0.0.0.0", "--bind")') + "cli()\n", ', "--host", "::1"', None),
        (TYPER + "@cli.command()\ndef work():\n    pass\n\n\ncli()\n", ', "serve"', "0.0.0.0"),
        (TYPER.replace('"0.0.0.0"', 'typer.Option("0.0.0.0")') + "cli()\n", "", "0.0.0.0"),
        (TYPER.replace('"0.0.0.0"', 'typer.Option("0.0.0.0", envvar="HOST")') + "cli()\n", "", None),
        (CLICK + "serve()\n", "", "0.0.0.0"),
        (CLICK + "serve()\n", ', "--reload"', "0.0.0.0"),
        (CLICK + "serve()\n", ', "--reload", "--host", "::1"', "::1"),
        (CLICK + "serve()\n", ', "--host"', None),
        (CLICK + "serve()\n", ', "--", "--host", "::1"', None),
        (CLICK.replace("default=", "nargs=1, default=") + "serve()\n", ', "--host", "::1"', None),
        (CLICK.replace("default=", 'envvar="HOST", default=') + "serve()\n", ', "--reload"', None),
    ],
)
def test_commands_of_typer_and_click(code: str, words: str, host: str | None) -> None:
    assert text(server_of(code, f'["python", "main.py"{words}]').host) == host


SWITCHED = (
    "import click\nimport uvicorn\n\n\n@click.group()\ndef cli():\n    pass\n\n\n@cli.command()\n"
    '@click.option("--port", default=8000)\n@click.option("--prod/--no-prod", "-p/-d", default=False)\n'
    '@click.option("--name", default=None)\ndef start(port, prod, name):\n'
    '    uvicorn.run("main:app", port=port, reload=(not prod))\n\n\n@cli.command()\ndef reset():\n    pass\n\n\ncli()\n'
)


@pytest.mark.parametrize(
    ("words", "port", "reload"),
    [
        ('"start"', "8000", True),
        ('"start", "--port", "80"', "80", True),
        ('"start", "--prod"', "8000", False),
        ('"start", "-p", "--port=80"', "80", False),
        ('"start", "--prod", "-d"', "8000", True),
        ('"start", "--name", "--prod"', "8000", True),
    ],
)
def test_switches_of_click(words: str, port: str, reload: bool) -> None:  # noqa: FBT001 - what is expected
    server = server_of(SWITCHED, f'["python", "main.py", {words}]')
    assert (text(server.port), server.reload is not None and server.reload.on) == (port, reload)


def test_a_group_of_commands_without_a_name_is_not_followed() -> None:
    code = TYPER + "@cli.command()\ndef work():\n    pass\n\n\ncli()\n"
    assert container_of({"main.py": code}).server is None
    assert container_of({"main.py": code}, '["python", "main.py", "work"]').server is None


def test_a_server_as_a_child_is_not_process_1() -> None:
    words = '[sys.executable, "-m", "uvicorn", "main:app", "--port", "9"]'
    container = container_of({"main.py": f"import subprocess, sys\nsubprocess.run({words})\n"})
    server = container.server
    assert server is not None
    assert (server.kind, text(server.port), server.call, container.role) == ("uvicorn", "9", None, "server")
    assert not server.program.execs
    assert server.program in container.programs
    assert server.program.span.source.path == "main.py"
    assert container.companions == ()


def test_a_server_that_python_becomes() -> None:
    container = container_of({"main.py": 'import os\nos.execvp("uvicorn", ["uvicorn", "main:app", "--host", "::"])\n'})
    assert container.server is not None
    assert container.server.program.execs
    assert text(container.server.host) == "::"


STANDALONE = (
    "from gunicorn.app.base import BaseApplication\n\n\nclass Standalone(BaseApplication):\n    pass\n\n\n"
    "Standalone(app).run()\n"
)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ('from granian import Granian\nGranian("main:app", address="0.0.0.0", port=9000).serve()\n', "granian"),
        ("import asyncio\nfrom hypercorn.asyncio import serve\nasyncio.run(serve(app, config))\n", "hypercorn"),
        (STANDALONE, "gunicorn"),
    ],
)
def test_other_servers(code: str, kind: str) -> None:
    server = server_of(code)
    assert server.kind == kind
    assert server.call is not None
    assert (text(server.host), text(server.port)) == (("0.0.0.0", "9000") if kind == "granian" else (None, None))


def test_a_file_that_a_mount_covers_is_read_from_there() -> None:
    tree = text_files(
        {
            "Dockerfile": f'{DOCKERFILE}CMD ["python", "main.py"]\n',
            "main.py": FOLLOWED + "main()\n",
            "dev/main.py": FOLLOWED + "main(1)\n",
            "compose.yaml": "services:\n  api:\n    build: .\n    volumes: [./dev:/code]\n",
        }.items()
    )
    found = {str(one.service): one.server for one in assemble(tree, find(tree)).containers}
    assert min(text(one.port) or "" for one in found.values() if one is not None) == "1"


# the evaluator, and what names mean


def scope_of(code: str, **variables: str | Unknown) -> Scope:
    source = Source.of(code, "m.py")
    syntax = parse_python(source)
    assert syntax is not None
    values = {name: Value(v, None, "environment") if isinstance(v, str) else v for name, v in variables.items()}
    library = Library(lambda _place: None, ("",), Environment(values), lambda _path: False)
    return Scope(Module(PythonText("/m.py", syntax, "m.py", source.span, {}), library, "__main__"))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1", 1),
        ("-1", -1),
        ("not 0", True),
        ("'a' 'b'", "ab"),
        ("[1, 'a']", (1, "a")),
        ("A", "x"),
        ("A.upper()", "X"),
        ("A in ('x', 'y')", True),
        ("A == 'y'", False),
        ("None is None", True),
        ("True is not None", True),
        ("A and 1", 1),
        ("'' or A", "x"),
        ("int('7') * 2 - 1", 13),
        ("bool('')", False),
        ("str(8) + A", "8x"),
        ("f'{A}-{1}'", "x-1"),
        ("f'{A!s}'", "x"),
        ("os.getenv('SET')", "yes"),
        ("os.getenv('ABSENT')", None),
        ("os.environ.get('ABSENT', 'd')", "d"),
        ("os.getenv('SET', 'no').lower() in ('1', 'true', 'yes')", True),
        ("__name__ == '__main__'", True),
    ],
)
def test_expressions_have_the_value_that_python_gives_them(expression: str, value: object) -> None:
    scope = scope_of(f"import os\nA = 'x'\nR = {expression}\n", SET="yes")
    binding = scope.bound["R"]
    assert binding is not None
    known = evaluate(binding.node, scope)
    assert known is not None
    assert known.value == value
    assert type(known.value) is type(value)


UNTOLD = (
    "x|A()|A.b|A[0]|os.getenv('UNKNOWN')|os.environ['ABSENT']|f'{x}'|x or 1|1 / 2|[x]|int('')|int('a')|{'a': 1}['b']"
    "|lambda: 1|...|b'x'|10 ** 10 ** 10|'a' * 10 ** 9|R|1 < 2 < 3"
)


@pytest.mark.parametrize("expression", UNTOLD.split("|"))
def test_what_cannot_be_told_is_none(expression: str) -> None:
    scope = scope_of(f"import os\nA = 'x'\nR = {expression}\n", UNKNOWN=UNKNOWN)
    binding = scope.bound["R"]
    assert binding is None or evaluate(binding.node, scope) is None


def test_names_are_bound_once_or_not_known() -> None:
    found = bindings(
        ast.parse(
            "import a.b, a.c\nimport d as e\nfrom f import g\nx: int = 1\ny, z = 1, 2\nw = v = 3\nx2: int\n"
            "for i in []: pass\nwith q as r: pass\nu = 1\nu += 1\nt = 1\ndel t\ndef h(): inner = 1\n"
            "try:\n    from p import o\nexcept ImportError:\n    o = None\n[n for n in []]\n(k := 4)\n"
        ).body
    )
    known = {name for name, binding in found.items() if binding is not None}
    assert known == {"a", "e", "g", "x", "y", "z", "w", "v", "h", "k"}
    assert {"i", "r", "u", "t", "o"} <= found.keys()
    assert "inner" not in found
    assert "n" not in found


def test_dotted_names_follow_imports() -> None:
    scope = scope_of("import uvicorn as uv\nimport os.path\nfrom uvicorn import run as go\nx = 1\n")

    def name(text: str) -> str | None:
        return dotted(ast.parse(text, mode="eval").body, scope)

    assert name("uv.run") == "uvicorn.run"
    assert name("os.environ.get") == "os.environ.get"
    assert name("go") == "uvicorn.run"
    assert name("int") == "int"
    assert name("x.y") is None
    assert name("f().y") is None


PIECES = [
    "import uvicorn",
    "import os, sys",
    "from app import *",
    'HOST = os.getenv("HOST", "127.0.0.1")',
    "HOST = HOST",
    "A = B\nB = A",
    "class S:\n    x = S.x",
    "def main(x=1, *a, y, **k):\n    main(x)\n    uvicorn.run(app, host=HOST, **k)",
    "async def go():\n    await uvicorn.Server(config).serve()",
    'uvicorn.run("a:b", port=int(os.environ["P"]))',
    "uvicorn.run(*args)",
    "uvicorn.run()",
    "uvicorn.Server()",
    "if x:\n    main()\nelif y:\n    go()",
    "try:\n    main()\nfinally:\n    go()",
    "match x:\n    case 1:\n        main()",
    "while HOST:\n    main()",
    "lambda: main()",
    "subprocess.run(['uvicorn', *x])",
    "asyncio.run(go())",
    "config = uvicorn.Config(app, host=HOST)",
    "main()",
    "cli = typer.Typer()\n@cli.command(name=3)\ndef c(): pass\ncli()",
    "@click.option\n@click.option()\ndef d(): pass\nd()",
    "x = [y for y in main()]",
]


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(PIECES), max_size=10), st.sampled_from(["main.py", "app/__main__.py"]))
def test_no_program_breaks_the_reader(pieces: list[str], place: str) -> None:
    command = '["python", "main.py"]' if place == "main.py" else '["python", "-m", "app"]'
    code = "\n".join(pieces) + "\n"
    container = container_of({place: code, "app/__init__.py": "from app import *\nfrom . import x\n"}, command)
    server = container.server
    assert server is None or server.call is None or server.call.span.source.path == place


def test_deep_and_long_code_is_followed_no_further_than_it_costs() -> None:
    deep = "".join(f"def f{n}():\n    f{n + 1}()\n\n\n" for n in range(3000)) + "f0()\n"
    assert container_of({"main.py": deep}).server is None
    ways = "".join(f"def f{n}():\n    f{n + 1}()\n    f{n + 1}()\n\n\n" for n in range(40)) + "f0()\n"
    assert container_of({"main.py": ways}).server is None
    chain = "".join(f"A{n} = A{n + 1}\n" for n in range(3000)) + "import uvicorn\nuvicorn.run(app, host=A0)\n"
    assert text(server_of(chain).host) is None
    sums = "import uvicorn\nuvicorn.run(app, host=" + "+".join(["'a'"] * 900) + ")\n"
    assert text(server_of(sums).host) is None
    shuffled = list(range(200))
    random.Random(1).shuffle(shuffled)  # noqa: S311  # no secret
    branches = "".join(f"if x == {n}:\n    pass\n" for n in shuffled) + FOLLOWED + "main()\n"
    assert text(server_of(branches).port) == "9000"


THREADS = """
import multiprocessing
import sys
import threading
import time
from threading import Thread
import uvicorn


def serve(port=8000, host="0.0.0.0"):
    uvicorn.run("app:app", host=host, port=port)
"""


@pytest.mark.parametrize(
    ("main", "host", "port"),
    [
        (
            "t = threading.Thread(target=serve, daemon=True)\nt.start()\nwhile True:\n    time.sleep(9)",
            "0.0.0.0",
            "8000",
        ),
        ("Thread(target=serve, args=(9000,)).start()", "0.0.0.0", "9000"),
        ("Thread(None, serve, kwargs={'port': 9000}).start()", None, None),
        ("Thread(target=serve, args=words()).start()", None, None),
        ("p = multiprocessing.Process(target=serve, args=[9000, '::'])\np.start()\np.join()", "::", "9000"),
        ("Thread(target=uvicorn.run, args=('app:app',), kwargs={'port': 9000}).start()", "127.0.0.1", "9000"),
        ("def main():\n    def run():\n        serve(7000)\n    Thread(target=run).start()\nmain()", "0.0.0.0", "7000"),
        # both serve
        ("Thread(target=serve, args=(9000,)).start()\nserve(8000)", "0.0.0.0", None),
        ("Thread(target=serve).start()\nThread(target=serve).start()", "0.0.0.0", "8000"),
    ],
)
def test_threads_and_processes_that_serve(main: str, host: str | None, port: str | None) -> None:
    server = server_of(f"{THREADS}\n{main}\n")
    assert (text(server.host), text(server.port)) == (host, port)


@pytest.mark.parametrize(
    "main",
    [
        "Thread(target=serve)",  # `start` is nowhere
        "if words():\n    Thread(target=serve).start()",
        "Thread(target=other).start()",
        "Thread(target=lambda: serve()).start()",
        "Thread().start()",
    ],
)
def test_threads_that_may_not_serve(main: str) -> None:
    assert container_of({"main.py": f"{THREADS}\n{main}\n"}).server is None


CLASSES = """
import threading
import uvicorn


class Base:
    def serve(self, port):
        uvicorn.run("app:app", host="0.0.0.0", port=port)

    @staticmethod
    def fixed():
        uvicorn.run("app:app", host="0.0.0.0", port=6000)

    @property
    def odd(self):
        return 1


class Api(Base):
    def __init__(self):
        self.port = 1

    def start(self, port=8000):
        def run():
            self.serve(port)

        t = threading.Thread(target=run)
        t.start()
        return t

    def run(self):
        if not self.start():
            raise SystemExit(1)
        while True:
            pass

    def again(self):
        self.again()

    def own(self):
        self.serve(self.port)
"""


@pytest.mark.parametrize(
    ("main", "port"),
    [
        ("Api().serve(9000)", "9000"),
        ("api = Api()\napi.run()", "8000"),
        ("def main():\n    api = Api()\n    api.start(port=7000)\nmain()", "7000"),
        ("Api().fixed()", "6000"),
        ("Api().own()", None),
        ("threading.Thread(target=Api().run).start()", "8000"),
    ],
)
def test_methods_of_instances_that_the_program_makes(main: str, port: str | None) -> None:
    server = server_of(f"{CLASSES}\n{main}\n")
    assert (text(server.host), text(server.port)) == ("0.0.0.0", port)


@pytest.mark.parametrize("main", ["Api().again()", "Api().nothing()", "make().run()", "Api().odd()", "Api.run()"])
def test_methods_that_lead_nowhere(main: str) -> None:
    assert container_of({"main.py": f"{CLASSES}\n{main}\n"}).server is None


PARSER = """import argparse, sys
import uvicorn

parser = argparse.ArgumentParser(description="a server")
parser.add_argument("--host", default="127.0.0.1")
parser.add_argument("-p", "--port", type=int, default="8000")
parser.add_argument("--seed", action="store_true")
parser.add_argument("--no-reload", dest="reload", action="store_false", default=True)
args, rest = parser.parse_known_args()
if args.seed:
    fill()
    sys.exit(0)
uvicorn.run("app:app", host=args.host, port=args.port, reload=args.reload)
"""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], ("127.0.0.1", "8000", "true")),
        (["--host", "0.0.0.0", "--port=9000", "--no-reload"], ("0.0.0.0", "9000", "false")),
        (["-p", "1", "--port", "2"], ("127.0.0.1", "2", "true")),
        (["-p9000"], ("127.0.0.1", None, "true")),
        (["--po", "9000"], ("127.0.0.1", None, "true")),
        (["--port", "many"], ("127.0.0.1", None, "true")),
        (["--port"], ("127.0.0.1", None, "true")),
        (["--", "--port", "1"], ("127.0.0.1", "8000", "true")),
    ],
)
def test_argparse_tells_what_the_words_behind_a_program_mean(
    words: list[str], expected: tuple[str | None, ...]
) -> None:
    command = str(["python", "main.py", *words]).replace("'", '"')
    server = server_of(PARSER, command)
    assert (text(server.host), text(server.port), text(server.reload)) == expected


def test_a_flag_of_argparse_may_keep_the_server_from_starting() -> None:
    assert container_of({"main.py": PARSER}, '["python", "main.py", "--seed"]').server is None


@pytest.mark.parametrize(
    "changed",
    [
        PARSER.replace("if args.seed", "args.port = 80\nif args.seed"),
        PARSER.replace("if args.seed", "parser.set_defaults(port=80)\nif args.seed"),
        PARSER.replace(
            'parser.add_argument("--seed"', 'other.add_argument("--port", default=1)\nparser.add_argument("--seed"'
        ),
        PARSER.replace("argparse.ArgumentParser(", "configargparse.ArgumentParser("),
        PARSER.replace('description="a server"', 'fromfile_prefix_chars="@"'),
        PARSER.replace("type=int", "type=port"),
        PARSER.replace("parse_known_args()", "parse_known_args(words)"),
    ],
)
def test_arguments_that_argparse_does_not_decide_alone_are_unknown(changed: str) -> None:
    found = container_of({"main.py": changed.replace("if args.seed:\n    fill()\n    sys.exit(0)\n", "")}).server
    assert found is not None
    assert found.port is None


def test_argparse_in_functions_and_with_commands() -> None:
    main = """import argparse, uvicorn
def parse():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command")
    serve = commands.add_parser("serve")
    serve.add_argument("--port", type=int, default=8000)
    commands.add_parser("work")
    return parser.parse_args()
def main():
    args = parse()
    if args.command == "serve":
        uvicorn.run("app:app", host="0.0.0.0", port=args.port)
    else:
        work()
main()
"""
    assert text(server_of(main, '["python", "main.py", "serve", "--port", "81"]').port) == "81"
    assert text(server_of(main, '["python", "main.py", "serve"]').port) == "8000"
    assert container_of({"main.py": main}, '["python", "main.py", "work"]').server is None
    assert container_of({"main.py": main}, '["python", "main.py", "--verbose", "serve"]').server is None


@pytest.mark.parametrize("complaint", ['log.error("cannot run")', 'log.critical("x")\n        log.exception("y")'])
def test_a_way_that_only_complains_is_no_other_way(complaint: str) -> None:
    main = f"""import uvicorn
{MAIN}    api = make()
    if api:
        uvicorn.run(api, host=settings["HOST"])
    else:
        {complaint}
"""
    server = server_of(main)
    assert (server.kind, server.host, text(server.workers)) == ("uvicorn", None, "1")


def test_a_way_that_starts_something_else_is_one() -> None:
    main = f"""import uvicorn
{MAIN}    if serves:
        uvicorn.run("app:app")
    else:
        work()
"""
    assert container_of({"main.py": main}).server is None


COMMANDS = {
    "pyproject.toml": '[project.scripts]\nshop = "shop.__main__:main"\n',
    "shop/__init__.py": "",
    "shop/__main__.py": """import argparse
from shop import serve, seed

def parser():
    made = argparse.ArgumentParser()
    commands = made.add_subparsers()
    seed.add(commands)
    serve.add(commands, parents=[])
    return made

def main():
    args = parser().parse_args()
    if hasattr(args, "func"):
        args.func(args)
    else:
        print("no command")
        return 1
    return 0
""",
    "shop/serve.py": """import uvicorn

def add(commands, parents=()):
    one = commands.add_parser(name="serve")
    one.add_argument("--host", default="127.0.0.1")
    one.add_argument("--port", default=5050, type=int)
    one.set_defaults(func=run)

def run(args):
    config = uvicorn.Config(create(), host=args.host, port=args.port)
    uvicorn.Server(config).run()
""",
    "shop/seed.py": """def add(commands):
    one = commands.add_parser("seed")
    one.add_argument("--all", action="store_true")
    one.set_defaults(func=run)

def run(args):
    print(args.all)
""",
}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ('"serve"', ("127.0.0.1", "5050")),
        ('"serve", "--host", "0.0.0.0"', ("0.0.0.0", "5050")),
        ('"serve", "--port=80"', ("127.0.0.1", "80")),
        ('"serve", "--po=80"', ("127.0.0.1", None)),
    ],
)
def test_the_function_of_a_command(words: str, expected: tuple[str | None, str | None]) -> None:
    server = container_of(COMMANDS, f'["shop", {words}]').server
    assert server is not None
    assert (server.kind, text(server.host), text(server.port)) == ("uvicorn", *expected)


def test_other_commands_start_no_server() -> None:
    assert container_of(COMMANDS, '["shop", "seed"]').server is None
    assert container_of(COMMANDS, '["shop", "--debug", "serve"]').server is None
    assert container_of(COMMANDS, '["shop"]').server is None
    twice = COMMANDS | {"shop/seed.py": COMMANDS["shop/seed.py"].replace('"seed"', '"serve"')}
    assert container_of(twice, '["shop", "serve"]').server is None


def test_defaults_that_a_command_sets_for_its_options_are_not_followed() -> None:
    changed = COMMANDS["shop/serve.py"].replace("func=run", 'func=run, host="::"')
    server = container_of(COMMANDS | {"shop/serve.py": changed}, '["shop", "serve"]').server
    assert server is not None
    assert (server.host, text(server.port)) == (None, "5050")


def test_one_variable_for_several_commands() -> None:
    main = """import argparse, uvicorn
def work(args):
    pass
def serve(args):
    start(args)
def start(options):
    uvicorn.run("app:app", host="0.0.0.0", port=options.port)
parser = argparse.ArgumentParser()
commands = parser.add_subparsers(dest="command")
one = commands.add_parser("serve")
one.add_argument("--port", type=int, default=8001)
one.set_defaults(run=serve)
one = commands.add_parser("work")
one.add_argument("--port", type=int, default=9)
one.set_defaults(run=work)
args = parser.parse_args()
args.run(args)
"""
    assert text(server_of(main, '["python", "main.py", "serve"]').port) == "8001"
    assert container_of({"main.py": main}, '["python", "main.py", "work"]').server is None


def test_arguments_that_are_handed_on() -> None:
    main = """import argparse, uvicorn
def build():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8001)
    return parser
def outer(args):
    inner(given=args)
def inner(given):
    uvicorn.run("app:app", host="0.0.0.0", port=given.port)
def main():
    args = build().parse_args()
    outer(args)
main()
"""
    assert text(server_of(main).port) == "8001"
    assert text(server_of(main, '["python", "main.py", "--port", "9"]').port) == "9"
    assert server_of(main.replace("    uvicorn", "    given.port = other\n    uvicorn")).port is None


@pytest.mark.parametrize(
    "code",
    [
        "async def main():\n    await dp.start_polling(bot)\nasyncio.run(main())\n",
        "def main():\n    Application.builder().build().run_polling()\nmain()\n",
        "bot.infinity_polling()\n",
        "async def main():\n    await asyncio.Future()\nasyncio.get_event_loop().run_until_complete(main())\n",
        "async def main():\n    await asyncio.Event().wait()\nasyncio.run(main())\n",
    ],
)
def test_a_bot_that_polls_is_a_worker(code: str) -> None:
    container = container_of({"bot.py": f"import asyncio\n{code}"}, '["python", "bot.py"]')
    assert (container.role, container.server) == ("worker", None)


@pytest.mark.parametrize(
    "code",
    [
        "async def main():\n    async with serve(answer):\n        await asyncio.Future()\nasyncio.run(main())\n",
        "async def main():\n    await ready.wait()\nasyncio.run(main())\n",
    ],
)
def test_what_waits_for_others_is_no_worker(code: str) -> None:
    assert container_of({"bot.py": f"import asyncio\n{code}"}, '["python", "bot.py"]').role is None


def test_a_bot_beside_a_server_is_none() -> None:
    code = "import asyncio, uvicorn\nasyncio.create_task(dp.start_polling(bot))\nuvicorn.run('app:app')\n"
    assert container_of({"bot.py": code}, '["python", "bot.py"]').role == "server"
    code = "import uvicorn\nif webhook:\n    uvicorn.run('app:app')\nelse:\n    dp.run_polling()\n"
    assert container_of({"bot.py": code}, '["python", "bot.py"]').role is None


SERVES = """import asyncio, functools, os, subprocess, sys
import fire, uvicorn
from concurrent.futures import ThreadPoolExecutor
from fastapi import FastAPI
from gunicorn.app.wsgiapp import run

app = FastAPI()

class Web:
    def __init__(self):
        self.server = uvicorn.Server(uvicorn.Config(app))

    @classmethod
    def of_class(cls):
        uvicorn.run(app)

    @staticmethod
    def of_nobody():
        uvicorn.run(app)

def serve(port=9000):
    uvicorn.run(app, port=port)

"""


@pytest.mark.parametrize(
    "code",
    [
        "async def main():\n    await asyncio.get_event_loop().run_in_executor(None, serve, 1)\nasyncio.run(main())",
        "async def main():\n    await asyncio.to_thread(serve)\nasyncio.run(main())",
        "asyncio.new_event_loop().run_in_executor(None, lambda: uvicorn.run(app))",
        "with ThreadPoolExecutor() as pool:\n    pool.submit(functools.partial(uvicorn.run, app, port=9000))",
        "start = functools.partial(uvicorn.run, app)\nstart(port=9000)",
        "Web.of_class()",
        "Web.of_nobody()",
        "Web().server.run()",
        "fire.Fire(serve)",
        "uvicorn.main(['main:app', '--port', '9000'])",
        "sys.argv = ['gunicorn', 'main:app']\nsys.exit(run())",
    ],
)
def test_ways_to_hand_a_server_on(code: str) -> None:
    assert container_of({"main.py": SERVES + code}).role == "server"


@pytest.mark.parametrize("code", ["Web", "start = functools.partial(uvicorn.run, app)", "Web.unknown()", "fire.Fire()"])
def test_what_is_named_and_not_called_serves_nothing(code: str) -> None:
    assert container_of({"main.py": SERVES + code}).role is None


@pytest.mark.parametrize(
    "change", ['command.append("--host")', 'command.extend(["--host", host])', 'command += ["--host", host]']
)
def test_a_list_that_grows_holds_more_than_it_says(change: str) -> None:
    main = f'import subprocess\ncommand = ["uvicorn", "web:app"]\n{change}\nsubprocess.run(command)\n'
    server = server_of(main)
    assert (server.kind, server.host, server.complete) == ("uvicorn", None, False)
    fixed = server_of('import subprocess\ncommand = ["uvicorn", "web:app"]\nsubprocess.run(command)\n')
    assert text(fixed.host) == "127.0.0.1"
