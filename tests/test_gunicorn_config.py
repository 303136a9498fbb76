"""Configuration files of gunicorn and hypercorn, compared with what the servers themselves make of them."""

from __future__ import annotations

import contextlib
import io
import re
import sys
from importlib import import_module
from pathlib import Path

import pytest

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model.command import Server, Value
from dockerlint_fastapi.tree import text_files

APP = "async def app(scope, receive, send): ...\n"


def server_of(files: dict[str, str], words: list[str], lines: str = "") -> Server:
    """The server of an image that holds these files, started by these words in their folder."""
    command = ", ".join(f'"{word}"' for word in words)
    dockerfile = f"FROM python:3.12-slim\nWORKDIR /code\nCOPY . .\n{lines}CMD [{command}]\n"
    tree = text_files({"Dockerfile": dockerfile, "app.py": APP, **files}.items())
    found = assemble(tree, find(tree)).containers[0].server
    assert found is not None
    return found


def text(value: Value | None) -> str | None:
    return value.text if value is not None else None


def binds_of(server: Server) -> list[str] | None:
    if server.binds is None:
        return None
    return [f"{text(one.host)}:{text(one.port)}" for one in server.binds]


CONF = "gunicorn.conf.py"
GUNICORN: list[tuple[dict[str, str], list[str], dict[str, str]]] = [
    ({}, [], {}),
    ({}, [], {"PORT": "9", "WEB_CONCURRENCY": "3"}),
    ({CONF: 'bind = "0.0.0.0:7000"\nworkers = 5\nreload = True\n'}, [], {}),
    ({CONF: 'bind = "0.0.0.0:7000"\nworkers = 5\n'}, [], {"PORT": "9", "WEB_CONCURRENCY": "3"}),
    ({CONF: 'bind = "0.0.0.0:7000"\nworkers = 5\n'}, [], {"GUNICORN_CMD_ARGS": "--bind 1.1.1.1:1 -w 9"}),
    ({CONF: "workers = 5\n"}, ["-w", "8"], {"GUNICORN_CMD_ARGS": "-w 9"}),
    ({CONF: "workers = 5\n"}, ["-b", "[::]:1", "-b", "0.0.0.0:2"], {}),
    ({CONF: "workers = 5\n"}, [], {"PORT": "9"}),
    ({CONF: 'bind = ["0.0.0.0:1", "[::1]:2"]\n'}, [], {}),
    ({CONF: "workers = 5\n", "other.py": "Workers = 7\ntimeout = 33\n"}, ["-c", "other.py"], {}),
    ({"other.py": 'bind = "0.0.0.0:1"\n'}, ["-c", "python:other"], {}),
    ({"other.py": 'bind = "0.0.0.0:1"\n'}, ["-c", "file:other.py"], {}),
    ({"conf/other.py": 'bind = "0.0.0.0:1"\n'}, ["--config", "./conf/other.py"], {}),
    ({"a.py": "workers = 2\n", "b.py": "workers = 3\n"}, ["-c", "b.py"], {"GUNICORN_CMD_ARGS": "-c a.py"}),
    ({"a.py": "workers = 2\n"}, [], {"GUNICORN_CMD_ARGS": "-c a.py"}),
    ({CONF: "workers = 5\n"}, ["-c", ""], {}),
    ({CONF: "import os\nworkers = int(os.getenv('N', '2'))\n"}, [], {"N": "6"}),
    ({CONF: "import os\nworkers = int(os.getenv('N', '2'))\n"}, [], {}),
    ({CONF: "import os\nbind = f\"0.0.0.0:{os.environ.get('PORT', 8000)}\"\n"}, [], {"PORT": "81"}),
    ({CONF: 'workers = "3"\nreload = "False"\nunknown = 1\n'}, [], {}),
    ({CONF: "from base import *\nworkers = 4\n", "base.py": 'bind = "0.0.0.0:5"\nworkers = 3\n'}, [], {}),
    ({CONF: "from base import workers\n", "base.py": "workers = 3\n"}, [], {}),
    ({CONF: "_n = 2\nworkers = _n * 2 + 1\n\n\ndef on_starting(server):\n    pass\n"}, [], {}),
    ({CONF: 'DEFAULTS = {"workers": 6}\nworkers = DEFAULTS["workers"]\n'}, [], {}),
]


@pytest.mark.parametrize(("files", "words", "variables"), GUNICORN)
def test_gunicorn_reads_its_file_as_we_do(
    files: dict[str, str], words: list[str], variables: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`gunicorn --print-config`, run in this process, against the same project as an image."""
    for path, content in {"app.py": APP, **files}.items():
        target = tmp_path / path
        target.parent.mkdir(exist_ok=True)
        target.write_text(content)
    for name in ("PORT", "WEB_CONCURRENCY", "GUNICORN_CMD_ARGS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    before = set(sys.modules)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setattr(sys, "argv", ["gunicorn", *words, "--print-config", "app:app"])
    monkeypatch.chdir(tmp_path)
    config = import_module("gunicorn.config")
    monkeypatch.setattr(
        config.Bind, "default", [f"0.0.0.0:{variables['PORT']}"] if "PORT" in variables else ["127.0.0.1:8000"]
    )
    monkeypatch.setattr(config.Chdir, "default", str(tmp_path))
    monkeypatch.setattr(config.Workers, "default", int(variables.get("WEB_CONCURRENCY", 1)))
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), pytest.raises(SystemExit) as stopped:
        import_module("gunicorn.app.wsgiapp").run()
    for name in set(sys.modules) - before:
        if name in ("app", "base", "other", "a", "b", "__config__"):
            del sys.modules[name]
    assert stopped.value.code == 0
    theirs = dict(re.findall(r"(?m)^(bind|workers|reload) +=[ ](.*)$", printed.getvalue()))
    lines = "".join(f'ENV {name}="{value}"\n' for name, value in variables.items())
    ours = server_of(files, ["gunicorn", *words, "app:app"], lines)
    shown = [
        f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        for host, port in (b.rsplit(":", 1) for b in binds_of(ours) or ())
    ]
    assert (str(shown), text(ours.workers)) == (theirs["bind"], theirs["workers"])
    assert ours.reload is not None
    assert str(ours.reload.on) == theirs["reload"]


def test_what_the_file_says_has_its_place_there() -> None:
    server = server_of({CONF: 'bind = "0.0.0.0:80"\nworkers = 4\ntimeout = 120\n'}, ["gunicorn", "app:app"])
    assert server.complete
    assert server.host is not None
    assert server.host.span is not None
    assert (server.host.span.source.path, server.host.span.text, server.host.origin) == (CONF, "0.0.0.0", "file")
    assert server.port is not None
    assert server.port.span is not None
    assert server.port.span.text == "80"
    assert {name: value.text for name, value in server.options.items()} == {
        "bind": "0.0.0.0:80",
        "workers": "4",
        "timeout": "120",
    }
    assert text(server.config) == CONF


def test_settings_have_the_names_of_options() -> None:
    server = server_of({CONF: 'accesslog = "-"\nkeepalive = 5\nworker_tmp_dir = "/dev/shm"\n'}, ["gunicorn", "app:app"])
    assert server.options.keys() == {"access-logfile", "keep-alive", "worker-tmp-dir"}


@pytest.mark.parametrize(
    ("conf", "bind", "workers"),
    [
        ("import multiprocessing\nworkers = multiprocessing.cpu_count() * 2 + 1\n", ["127.0.0.1:8000"], None),
        ('if x:\n    bind = "0.0.0.0:1"\n', None, "1"),
        ("bind = compute()\n", None, "1"),
        ("bind = None\nfrom elsewhere import *\n", None, None),
        ('globals()["bind"] = "0.0.0.0:1"\n', None, None),
        ("workers = 1\nworkers = 2\n", ["127.0.0.1:8000"], None),
        ("from elsewhere import bind\n", None, "1"),
        ("def (", None, None),
        ("", ["127.0.0.1:8000"], "1"),
    ],
)
def test_what_cannot_be_evaluated_is_unknown(conf: str, bind: list[str] | None, workers: str | None) -> None:
    server = server_of({CONF: conf}, ["gunicorn", "app:app"])
    assert (binds_of(server), text(server.workers)) == (bind, workers)
    assert server.complete is (conf == "")


def test_a_file_that_is_not_there_leaves_everything_unknown() -> None:
    server = server_of({}, ["gunicorn", "-c", "made_later.py", "app:app"])
    assert server.binds is None
    assert not server.complete


def test_a_file_that_docker_is_not_sent_is_not_read() -> None:
    server = server_of({CONF: 'bind = "0.0.0.0:1"\n', ".dockerignore": "*.conf.py\n"}, ["gunicorn", "app:app"])
    assert binds_of(server) == ["127.0.0.1:8000"]


HYPERCORN = [
    ({"h.toml": 'bind = "0.0.0.0:7000"\nworkers = 3\nuse_reloader = true\n[x]\nbind = "y"\n'}, ["-c", "h.toml"]),
    ({"h.toml": 'bind = ["0.0.0.0:1", "0.0.0.0:2"]\n'}, ["--config", "h.toml"]),
    ({"h.py": 'bind = "0.0.0.0:9"\nworkers = 4\nreload = True\n'}, ["-c", "file:h.py"]),
    ({"h.py": 'bind = "0.0.0.0:9"\n'}, ["-c", "python:h"]),
    ({"h.toml": 'bind = "0.0.0.0:7000"\nworkers = 3\n'}, ["-c", "h.toml", "-b", "1.1.1.1:1", "-w", "9"]),
    ({}, []),
]


@pytest.mark.parametrize(("files", "words"), HYPERCORN)
def test_hypercorn_reads_its_file_as_we_do(
    files: dict[str, str], words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path, content in files.items():
        (tmp_path / path).write_text(content)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    main = import_module("hypercorn.__main__")
    configured = []
    monkeypatch.setattr(main, "run", lambda config: configured.append(config) or 0)
    main.main([*words, "app:app"])
    sys.modules.pop("h", None)
    theirs = configured[0]
    ours = server_of(files, ["hypercorn", *words, "app:app"])
    assert (binds_of(ours), text(ours.workers)) == (theirs.bind, str(theirs.workers))
    assert ours.reload is not None
    assert ours.reload.on is theirs.use_reloader


def test_a_toml_value_has_its_place() -> None:
    server = server_of(
        {"h.toml": '# a comment\n"bind" = "0.0.0.0:7000" # all\n'}, ["hypercorn", "-c", "h.toml", "app:app"]
    )
    assert server.host is not None
    assert server.host.span is not None
    assert (server.host.span.source.path, server.host.span.line) == ("h.toml", 2)


@pytest.mark.parametrize("content", ["x = ", "\x00", "bind = 3.5\n", "bind = [[1]]\n", "[bind]\n"])
def test_odd_toml_is_no_exception(content: str) -> None:
    server = server_of({"h.toml": content}, ["hypercorn", "-c", "h.toml", "app:app"])
    assert server.kind == "hypercorn"
