"""The fixes of the rules on starts, health checks, ports, bases and users: what they write, and what they refuse."""

from __future__ import annotations

import re

import pytest

from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.fixer import fix
from dockerlint_fastapi.rule import BUILT_IN, Rule
from dockerlint_fastapi.source import Source, Span
from dockerlint_fastapi.tree import text_files

SLIM = "FROM python:3.12-slim\n"
UVICORN = 'CMD ["uvicorn", "app:app", "--host", "0.0.0.0"]\n'


def fixed(stem: str, files: dict[str, str]) -> tuple[dict[str, str], set[str]]:
    """The files that the fixes of one rule change, and how applicable the fixes are."""
    rule = Rule(BUILT_IN, stem)
    settings = Settings((rule,), frozenset((rule.name,)), today="2026-11-22", profile="pedantic")
    tree = text_files(files.items())
    found = [one.finding.fix for one in lint(tree, settings).diagnostics]
    outcome = fix(tree, lambda each: lint(each, settings), unsafe=True)
    assert outcome.refused == ()
    return (
        {change.path: change.after.decode() for change in outcome.changes},
        {one.applicability if one is not None else "none" for one in found},
    )


@pytest.mark.parametrize(
    ("stem", "before", "after", "how"),
    [
        # shell forms
        ("shell_form_cmd", "CMD uvicorn 'a b:app'\n", 'CMD ["uvicorn", "a b:app"]\n', "safe"),
        ("shell_form_cmd", "CMD  exec-me; uvicorn a:b\n", 'CMD  ["sh", "-c", "exec-me; exec uvicorn a:b"]\n', "unsafe"),
        ("shell_form_cmd", "CMD uvicorn a:b \\\n  --port 80\n", 'CMD ["uvicorn", "a:b", "--port", "80"]\n', "safe"),
        ("shell_form_cmd", "CMD uvicorn a:b \\\n  # why\n  --port 80\n", None, "none"),
        ("shell_form_cmd", "CMD uvicorn a:b --port $P\n", 'CMD ["sh", "-c", "exec uvicorn a:b --port $P"]\n', "unsafe"),
        (
            "shell_form_cmd",
            'CMD X="1 2" uvicorn a:b\n',
            'CMD ["sh", "-c", "exec env X=\\"1 2\\" uvicorn a:b"]\n',
            "unsafe",
        ),
        (
            "shell_form_cmd",
            "CMD a && \\\n  # why\n  uvicorn a:b\n",
            "CMD a && \\\n  # why\n  exec uvicorn a:b\n",
            "unsafe",
        ),
        ("shell_form_cmd", "CMD uvicorn a:b | tee log\n", None, "none"),
        ("shell_form_cmd", "CMD uvicorn a:b; echo end\n", None, "none"),
        ("shell_form_cmd", "CMD (uvicorn a:b)\n", None, "none"),
        ("shell_form_cmd", "CMD trap 'x' TERM; uvicorn a:b\n", None, "none"),
        ("shell_form_cmd", "CMD while :; do uvicorn a:b; done\n", None, "none"),
        ("shell_form_cmd", 'ENTRYPOINT uvicorn a:b\nCMD ["--port", "80"]\n', None, "none"),
        # `sh -c`
        (
            "sh_c_without_exec",
            'CMD ["sh", "-c", "A=1 B=2 uvicorn a:b > /dev/null 2>&1"]\n',
            'CMD ["sh", "-c", "exec env A=1 B=2 uvicorn a:b > /dev/null 2>&1"]\n',
            "safe",
        ),
        (
            "sh_c_without_exec",
            'CMD ["sh", "-c", "a; python -m uvicorn a:b"]\n',
            'CMD ["sh", "-c", "a; exec python -m uvicorn a:b"]\n',
            "unsafe",
        ),
        ("sh_c_without_exec", 'CMD ["sh", "-c", "uvicorn a:b | tee x"]\n', None, "none"),
        ("sh_c_without_exec", 'CMD ["sh", "-c", "time uvicorn a:b"]\n', None, "none"),
        ("sh_c_without_exec", 'CMD ["sh", "-c", "uvicorn a:b && echo x"]\n', None, "none"),
        # the reloader
        (
            "reload_in_production",
            'CMD ["uvicorn", \\\n  "a:b", \\\n  "--reload-dir", "x", \\\n  "--reload"]\n',
            'CMD ["uvicorn", \\\n  "a:b"]\n',
            "safe",
        ),
        (
            "reload_in_production",
            'CMD ["uvicorn", "a:b", "--reload", "--workers", "2"]\n',
            'CMD ["uvicorn", "a:b", "--workers", "2"]\n',
            "unsafe",
        ),
        ("reload_in_production", "CMD exec uvicorn a:b --reload\n", "CMD exec uvicorn a:b\n", "safe"),
        # hosts
        (
            "loopback_bind",
            "CMD exec gunicorn a:b -b 127.0.0.1:${PORT:-80}\n",
            "CMD exec gunicorn a:b -b 0.0.0.0:${PORT:-80}\n",
            "safe",
        ),
        ("loopback_bind", "CMD exec uvicorn a:b > log\n", "CMD exec uvicorn a:b --host 0.0.0.0 > log\n", "safe"),
        (
            "loopback_bind",
            "CMD exec uvicorn \\\n    a:b \\\n    --port 80\n",
            "CMD exec uvicorn \\\n    a:b \\\n    --port 80 --host 0.0.0.0\n",
            "safe",
        ),
        (
            "loopback_bind",
            "ENV UVICORN_HOST=localhost\nCMD exec uvicorn a:b\n",
            "ENV UVICORN_HOST=0.0.0.0\nCMD exec uvicorn a:b\n",
            "safe",
        ),
        # options
        (
            "unknown_server_option",
            'CMD ["uvicorn", "a:b", "--worker=4"]\n',
            'CMD ["uvicorn", "a:b", "--workers=4"]\n',
            "safe",
        ),
        ("unknown_server_option", 'CMD ["uvicorn", "a:b", "--host", "x", "-b", "0.0.0.0:80"]\n', None, "none"),
        ("workers_under_orchestrator", "CMD exec uvicorn a:b\n", None, "any"),
        ("invalid_start_command", 'ENTRYPOINT ["uvicorn"]\nCMD [ "uvicorn" , "a:b"]\n', "same", "safe"),
        # health checks
        (
            "healthcheck_missing_tool",
            "HEALTHCHECK CMD curl -H 'A: b' -f http://localhost/ || exit 1\n" + UVICORN,
            None,
            "none",
        ),
        ("healthcheck_missing_tool", "HEALTHCHECK CMD curl -f https://localhost/\n" + UVICORN, None, "none"),
        ("healthcheck_missing_tool", "HEALTHCHECK CMD curl -f http://localhost/?a=1\n" + UVICORN, None, "none"),
        ("healthcheck_missing_tool", "HEALTHCHECK CMD curl -f http://localhost/$X\n" + UVICORN, None, "none"),
        (
            "healthcheck_missing_tool",
            "HEALTHCHECK \\\n  --timeout=5s \\\n  # why\n  CMD curl -sf \\\n  http://localhost:8000/up\n" + UVICORN,
            "HEALTHCHECK \\\n  --timeout=5s \\\n  # why\n  CMD "
            '["python", "-c", "import urllib.request as u; u.urlopen(\'http://127.0.0.1:8000/up\', timeout=3)"]\n'
            + UVICORN,
            "safe",
        ),
        (
            "untimed_healthcheck",
            "HEALTHCHECK --interval=30s \\\n  CMD x\n" + UVICORN,
            "HEALTHCHECK --interval=30s --timeout=5s \\\n  CMD x\n" + UVICORN,
            "safe",
        ),
        ("missing_healthcheck", "CMD exec uvicorn a:b --ssl-keyfile k\n", None, "none"),
        # bases, users
        ("run_without_effect", "RUN export A=1 B=2\n" + UVICORN, "ENV A=1 B=2\n" + UVICORN, "unsafe"),
        ("run_without_effect", "RUN cd /x && export A=1\n" + UVICORN, None, "none"),
        ("runs_as_root", UVICORN, "RUN useradd --create-home app\nUSER app\n" + UVICORN, "unsafe"),
        (
            "runs_as_root",
            "# it serves\n" + UVICORN + "RUN pip install x\n",
            "# it serves\n" + UVICORN + "RUN pip install x\nRUN useradd --create-home app\nUSER app\n",
            "unsafe",
        ),
        ("legacy_syntax", "RUN a \\\n\n \n  b\n\nUSER x\n", "RUN a \\\n  b\n\nUSER x\n", "safe"),
        (
            "expose_mismatch",
            "# it serves\n" + UVICORN,
            "EXPOSE 8000\n# it serves\n" + UVICORN,
            "safe",
        ),
    ],
)
def test_a_dockerfile_is_fixed_or_left(stem: str, before: str, after: str | None, how: str) -> None:
    changes, found = fixed(stem, {"Dockerfile": SLIM + before})
    if after == "same":
        after = before.replace('"uvicorn" , ', "")
    assert changes == ({} if after is None else {"Dockerfile": SLIM + after})
    assert how == "any" or found == {how}


@pytest.mark.parametrize(
    ("stem", "before", "after"),
    [
        ("sh_c_without_exec", "command: &c sh -c 'a && uvicorn a:b'", "command: &c sh -c 'a && exec uvicorn a:b'"),
        ("sh_c_without_exec", "command: [sh, -c, uvicorn a:b]", None),
        (
            "sh_c_without_exec",
            "command:\n      - sh  # the shell\n      - -c\n      - >-\n        a &&\n        uv run uvicorn a:b",
            (
                "command:\n      - sh  # the shell\n      - -c\n      - >-\n        a &&\n"
                "        exec uv run uvicorn a:b"
            ),
        ),
        (
            "sh_c_without_exec",
            "command:\n      - sh\n      - -c\n      - |\n        a  # b\n        uvicorn a:b\n    init: true",
            "command:\n      - sh\n      - -c\n      - |\n        a  # b\n        exec uvicorn a:b\n    init: true",
        ),
        ("loopback_bind", "command: [uvicorn, 'a:b']  # c", "command: [uvicorn, 'a:b', '--host', '0.0.0.0']  # c"),
        (
            "loopback_bind",
            "command:\n      - uvicorn\n      - a:b  # c",
            'command:\n      - uvicorn\n      - a:b  # c\n      - --host\n      - "0.0.0.0"',
        ),
        (
            "reload_in_production",
            "command:\n      - uvicorn\n      - a:b\n      - --reload  # c\n      - --host=0.0.0.0",
            "command:\n      - uvicorn\n      - a:b\n      - --host=0.0.0.0",
        ),
        (
            "untimed_healthcheck",
            "healthcheck:\n      test: [CMD, x]  # c",
            "healthcheck:\n      test: [CMD, x]  # c\n      timeout: 5s",
        ),
        ("untimed_healthcheck", "healthcheck: {test: [CMD, x]}", "healthcheck: {test: [CMD, x], timeout: 5s}"),
        (
            "healthcheck_missing_tool",
            "healthcheck:\n      test:\n        - CMD\n        - curl\n        - http://localhost:8000/up\n      retries: 2",  # noqa: E501
            (
                'healthcheck:\n      test: ["CMD", "python", "-c", "import urllib.request as u; '
                "u.urlopen('http://127.0.0.1:8000/up', timeout=3)\"]\n      retries: 2"
            ),
        ),
        ("healthcheck_missing_tool", "healthcheck:\n      test: &t [CMD, curl, http://localhost:8000/up]", None),
        (
            "invalid_healthcheck_test",
            "healthcheck:\n      test:\n        - curl  # c\n        - http://x/",
            'healthcheck:\n      test:\n        - "CMD"\n        - curl  # c\n        - http://x/',
        ),
        (
            "invalid_healthcheck_test",
            "healthcheck:\n      test: [CMD-SHELL, redis-cli, -a, '$${PASSWORD}', ping]",
            'healthcheck:\n      test: ["CMD-SHELL", "redis-cli -a $${PASSWORD} ping"]',
        ),
        ("invalid_healthcheck_test", "healthcheck:\n      test: [CMD, echo, a b, '|', cat]", None),
        ("published_port_mismatch", 'ports: ["80:81"]', 'ports: ["80:8000"]'),
        ("published_port_mismatch", 'ports: ["81-82:81-82"]', None),
    ],
)
def test_a_compose_file_is_fixed_or_left(stem: str, before: str, after: str | None) -> None:
    head = "services:\n  web:\n    build: .\n    "
    for ending in ("\n", "\r\n"):
        text = (head + before + "\n").replace("\n", ending)
        changes, _found = fixed(stem, {"Dockerfile": SLIM + UVICORN, "compose.yaml": text})
        expected = None if after is None else (head + after + "\n").replace("\n", ending)
        assert changes == ({} if expected is None else {"compose.yaml": expected})


def test_an_anchored_service_that_others_use_is_left() -> None:
    text = "services:\n  web: &w\n    build: .\n    user: root\n  two:\n    <<: *w\n"
    changes, _found = fixed("runs_as_root", {"Dockerfile": f"{SLIM}USER app\n{UVICORN}", "compose.yaml": text})
    assert changes == {}


def test_a_check_is_put_where_the_port_is_chosen() -> None:
    for command, where in (("", "Dockerfile"), ("    command: uvicorn a:b --host 0.0.0.0 --port 90\n", "compose.yaml")):
        files = {"Dockerfile": SLIM + UVICORN, "compose.yaml": f"services:\n  web:\n    build: .\n{command}"}
        changes, found = fixed("missing_healthcheck", files)
        assert list(changes) == [where]
        assert found == {"unsafe"}


def test_a_check_asks_the_health_route() -> None:
    code = (
        "from fastapi import FastAPI\napp = FastAPI()\n"
        '@app.get("/auth/setup-status")\ndef a(): ...\n@app.get("/")\ndef b(): ...\n'
        '@app.get("/api/healthz")\ndef c(): ...\n'
    )
    files = {"Dockerfile": f"{SLIM}WORKDIR /code\nCOPY app.py .\n{UVICORN}", "app.py": code}
    text = fixed("missing_healthcheck", files)[0]["Dockerfile"]
    assert "http://127.0.0.1:8000/api/healthz" in text
    files["app.py"] = code.replace("/api/healthz", "/x")
    assert "http://127.0.0.1:8000/'" in fixed("missing_healthcheck", files)[0]["Dockerfile"]


def test_a_python_that_has_ended_is_replaced_everywhere() -> None:
    before = (
        "FROM python:3.8.10-slim-buster AS build\nRUN python3.8 -m venv /venv\n# python3.8 is old\n"
        "FROM python:3.8-slim-buster\nCOPY --from=build /usr/lib/python3.8/x /usr/lib/python3.8/x\n" + UVICORN
    )
    after = (
        "FROM python:3.11-slim AS build\nRUN python3.11 -m venv /venv\n# python3.8 is old\n"
        "FROM python:3.11-slim\nCOPY --from=build /usr/lib/python3.11/x /usr/lib/python3.11/x\n" + UVICORN
    )
    assert fixed("python_end_of_life", {"Dockerfile": before})[0] == {"Dockerfile": after}


@pytest.mark.parametrize(
    ("stem", "before", "after"),
    [
        ("full_base_image", "python:3.12", "python:3.12-slim"),
        (
            "full_base_image",
            "docker.io/library/python:3.12.4-bookworm",
            "docker.io/library/python:3.12.4-slim-bookworm",
        ),
        ("full_base_image", "python:bookworm", "python:slim-bookworm"),
        ("full_base_image", "python", None),
        ("alpine_python", "python:3.12-alpine3.22", "python:3.12-slim"),
        ("os_end_of_life", "python:3.12-slim-buster", "python:3.12-slim-trixie"),
        ("os_end_of_life", "python:3.8-slim-buster", None),
        ("python_end_of_life", "python:3.8-alpine3.18", "python:3.11-alpine"),
        ("python_end_of_life", "python:3.9-slim-bookworm@sha256:" + 64 * "a", None),
        (
            "python_end_of_life",
            "ghcr.io/astral-sh/uv:python3.9-bookworm-slim",
            "ghcr.io/astral-sh/uv:python3.11-bookworm-slim",
        ),
    ],
)
def test_tags(stem: str, before: str, after: str | None) -> None:
    changes, _found = fixed(stem, {"Dockerfile": f"FROM {before}\n{UVICORN}"})
    assert changes == ({} if after is None else {"Dockerfile": f"FROM {after}\n{UVICORN}"})


def test_stages_with_one_python_are_raised_together() -> None:
    before = (
        "FROM python:3.8.10 AS builder\nWORKDIR /project\nRUN mkdir __pypackages__ && pdm install --prod\n"
        "FROM python:3.8.10-slim-buster\nRUN pip install python-dateutil\n"
        "COPY --from=builder /project/__pypackages__/3.8/lib /project/pkgs\n" + UVICORN
    )
    after = (
        before.replace("python:3.8.10-slim-buster", "python:3.11-slim").replace("3.8.10", "3.11").replace("3.8", "3.11")
    )
    assert fixed("python_end_of_life", {"Dockerfile": before})[0] == {"Dockerfile": after}
    pinned = before.replace("3.8.10 AS", f"3.8.10@sha256:{64 * 'a'} AS")
    assert fixed("python_end_of_life", {"Dockerfile": pinned})[0] == {}


@pytest.mark.parametrize(
    ("tag", "packages", "mended"),
    [
        ("3.8-slim-buster", "gcc libpq-dev libglib2.0-0 libgtk-3-0 python-is-python3", True),
        ("3.8-slim-buster", "python-mysqldb", False),
        ("3.8-slim-buster", "postgresql-client-13", False),
        ("3.8.10", "libssl1.1", False),
        ("3.8-slim-buster", "libgl1-mesa-glx", False),
        ("3.9-slim", "libgl1-mesa-glx", True),  # the same release before and after
        ("3.9-slim-bookworm", "libgl1-mesa-glx", True),
    ],
)
def test_a_python_is_not_raised_where_debian_lacks_a_package(tag: str, packages: str, mended: bool) -> None:  # noqa: FBT001
    before = f"FROM python:{tag}\nRUN apt-get update && apt-get install -y {packages}\n{UVICORN}"
    assert bool(fixed("python_end_of_life", {"Dockerfile": before})[0]) is mended


@pytest.mark.parametrize(
    ("asked", "mended"),
    [
        ("asyncpg==0.18.3", False),
        ("asyncpg==0.27.0", True),
        ("numpy==1.23.1", False),
        ("numpy<1.20", False),
        ("numpy<2", True),
        ("uvicorn~=0.11.3", False),
        ("typed-ast>=1.4", True),
        ("six==1.12.0", True),
    ],
)
def test_a_python_is_not_raised_above_the_wheels_of_pins(asked: str, mended: bool) -> None:  # noqa: FBT001
    files = {
        "Dockerfile": f"FROM python:3.9\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n{UVICORN}",
        "requirements.txt": f"{asked}\n",
    }
    assert bool(fixed("python_end_of_life", files)[0]) is mended


def test_a_file_that_cannot_be_mended_does_not_keep_others_from_it() -> None:
    files = {
        "a.Dockerfile": f"FROM python:3.9\n{UVICORN}",
        "b.Dockerfile": f"FROM python:3.9@sha256:{64 * 'a'}\n{UVICORN}",
    }
    assert {*fixed("python_end_of_life", files)[0]} == {"a.Dockerfile"}


@pytest.mark.parametrize("install", ["poetry install", "pip install -r absent.txt", "true"])
def test_no_worker_class_without_its_distribution(install: str) -> None:
    start = 'CMD ["gunicorn", "a:b", "-k", "uvicorn.workers.UvicornWorker"]'
    assert fixed("deprecated_uvicorn_worker", {"Dockerfile": f"{SLIM}RUN {install}\n{start}\n"})[0] == {}


def test_the_worker_class_comes_with_its_distribution() -> None:
    start = 'CMD ["gunicorn", "a:b", "-k", "uvicorn.workers.UvicornWorker"]'
    docker = f"{SLIM}COPY r.txt .\nRUN pip install -r r.txt\n{start}\n"
    changes, _found = fixed(
        "deprecated_uvicorn_worker", {"Dockerfile": docker, "r.txt": "gunicorn==23.0.0\nuvicorn==0.34.0\n"}
    )
    assert changes["r.txt"] == "gunicorn==23.0.0\nuvicorn-worker==0.3.0\nuvicorn==0.34.0\n"
    assert '"uvicorn_worker.UvicornWorker"' in changes["Dockerfile"]
    locked = "gunicorn==23.0.0 --hash=sha256:aa\nuvicorn==0.34.0 --hash=sha256:bb\n"
    assert fixed("deprecated_uvicorn_worker", {"Dockerfile": docker, "r.txt": locked})[0] == {}


def test_a_script_of_windows_gets_the_line_ends_of_linux() -> None:
    files = {
        "Dockerfile": f'{SLIM}WORKDIR /code\nCOPY --chmod=755 start.sh .\nCMD ["./start.sh"]\n',
        "start.sh": "#!/bin/sh\r\nset -e\r\nexec uvicorn a:b\r\n",
    }
    changes, found = fixed("broken_entrypoint_script", files)
    assert changes == {"start.sh": files["start.sh"].replace("\r\n", "\n")}
    assert found == {"safe"}


def test_places_of_words_in_a_folded_text_with_other_line_ends() -> None:
    from dockerlint_fastapi.model.command import Argument  # noqa: PLC0415
    from dockerlint_fastapi.parsers.command.places import locator  # noqa: PLC0415

    source = Source.of('x: "a\r\n  bc"\r\n', "c.yaml")
    span = Span(source, 3, source.text.index("\r\n", 8))
    where = locator(Argument("a bc", span.text, span))(2, 4)
    assert where.text == "bc"


HEALTHY = "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get('/health')\ndef health(): ...\n"


@pytest.mark.parametrize(
    ("start", "script", "port"),
    [
        ('CMD ["sh", "-c", "uvicorn app:app --host 0.0.0.0 --port ${P:-8000}"]', "", "os.environ.get('P', '8000')"),
        ('CMD uvicorn app:app --host 0.0.0.0 --port "${PORT-8000}"', "", "os.environ.get('PORT', '8000')"),
        ("ENV P=80\nCMD uvicorn app:app --host 0.0.0.0 --port $P", "", "os.environ.get('P', '80')"),
        ("CMD gunicorn app:app -k uvicorn.workers.UvicornWorker -b :${PORT:-80}", "", "os.environ.get('PORT', '80')"),
        ('CMD ["sh", "a.sh"]', "exec uvicorn app:app --host 0.0.0.0 --port ${P:-81}\n", "os.environ.get('P', '81')"),
        (
            "ENV H=0.0.0.0 P=80\nCMD gunicorn app:app -k uvicorn.workers.UvicornWorker -b $H:$P",
            "",
            "os.environ.get('P', '80')",
        ),
        # the variable holds the whole command
        ('CMD ["sh", "a.sh"]', 'cmd="uvicorn app:app --host 0.0.0.0 --port 80"\nexec $cmd\n', None),
        # a variable of the script's own, which has another value in the check
        ('ENV PORT=80\nCMD ["sh", "a.sh"]', "PORT=90\nexec uvicorn app:app --host 0.0.0.0 --port $PORT\n", None),
        ('CMD ["uvicorn", "app:app", "--host", "0.0.0.0", "--port", "8000"]', "", None),
    ],
)
def test_a_check_reads_the_port_where_the_start_does(start: str, script: str, port: str | None) -> None:
    files = {"Dockerfile": f"{SLIM}COPY . .\n{start}\n", "app.py": HEALTHY, "a.sh": script}
    after = fixed("missing_healthcheck", files)[0]["Dockerfile"]
    if port is None:
        assert re.search(
            r"\"import urllib.request as u; u.urlopen\('http://127.0.0.1:\d+/health', timeout=3\)\"", after
        )
    else:
        code = f"import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + {port} + '/health', timeout=3)"
        assert f'CMD ["python", "-c", "{code}"]\n' in after


CHECK = (
    "HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \\\n"
    '    CMD ["python", "-c", "import socket; socket.create_connection((\'127.0.0.1\', 8000), timeout=3)"]\n'
)
MADE = "RUN useradd --create-home app\nUSER app\n"


@pytest.mark.parametrize(
    ("stem", "before", "after"),
    [
        # blocks that empty lines part stay so
        ("runs_as_root", f"WORKDIR /a\n\n# start\n{UVICORN}", f"WORKDIR /a\n\n{MADE}\n# start\n{UVICORN}"),
        ("runs_as_root", f"WORKDIR /a\n# start\n{UVICORN}", f"WORKDIR /a\n{MADE}# start\n{UVICORN}"),
        ("missing_healthcheck", f"USER a\n\n# start\n{UVICORN}", f"USER a\n\n{CHECK}\n# start\n{UVICORN}"),
        ("missing_healthcheck", f"USER a\n{UVICORN}", f"USER a\n{CHECK}{UVICORN}"),
        # EXPOSE in front of USER and HEALTHCHECK
        ("expose_mismatch", f"WORKDIR /a\n\n{UVICORN}", f"WORKDIR /a\n\nEXPOSE 8000\n\n{UVICORN}"),
        ("expose_mismatch", f"{CHECK}{UVICORN}", f"EXPOSE 8000\n{CHECK}{UVICORN}"),
        ("expose_mismatch", f"{MADE}{CHECK}{UVICORN}", f"EXPOSE 8000\n{MADE}{CHECK}{UVICORN}"),
        ("expose_mismatch", f"RUN a\nUSER b\n\n{UVICORN}", f"RUN a\nEXPOSE 8000\nUSER b\n\n{UVICORN}"),
    ],
)
def test_new_instructions_stand_in_their_place(stem: str, before: str, after: str) -> None:
    assert fixed(stem, {"Dockerfile": SLIM + before})[0]["Dockerfile"] == SLIM + after


def test_the_letters_of_most_instructions_count() -> None:
    def made(before: str) -> str:
        return fixed("runs_as_root", {"Dockerfile": before})[0]["Dockerfile"]

    upper, lower = "\nRUN useradd --create-home app\nUSER app\n", "\nrun useradd --create-home app\nuser app\n"
    assert upper in made(f"from python:3.12-slim\nWORKDIR /a\nCOPY a b\n{UVICORN}")
    assert lower in made(f"FROM python:3.12-slim\nworkdir /a\ncopy a b\n{UVICORN.lower()}")
