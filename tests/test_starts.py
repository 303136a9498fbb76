"""Start scripts: which program runs behind them, with which arguments, and how its shell stands to it."""

from __future__ import annotations

from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model.command import Argument, Program
from dockerlint_fastapi.model.container import Container
from dockerlint_fastapi.parsers.command.branches import taken
from dockerlint_fastapi.parsers.command.way import Known
from dockerlint_fastapi.parsers.shell import parse_script
from dockerlint_fastapi.rule import BUILT_IN, Rule
from dockerlint_fastapi.source import Source
from dockerlint_fastapi.tree import text_files

BASE = "FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\n"


def container(start: str, scripts: dict[str, str], compose: str = "") -> Container:
    files = {"Dockerfile": f"{BASE}{start}\n", **scripts}
    if compose:
        files["compose.yaml"] = compose
    tree = text_files(files.items())
    project = assemble(tree, find(tree))
    assert not project.failures
    return project.containers[0]


def line(program: Program) -> str:
    """A program as `name arguments`, with `!` for `exec`, `?` for a branch, `&` for the background."""
    words = [program.name, *(one.value if one.value is not None else one.text for one in program.argv[1:])]
    marks = ("!" if program.execs else "", "?" if program.conditional else "", "&" if program.background else "")
    return " ".join(words) + "".join(marks)


def lines(script: str, start: str = 'CMD ["./start.sh"]', **more: str) -> list[str]:
    named = {name.replace("_sh", ".sh"): text for name, text in more.items()}
    return [line(one) for one in container(start, {"start.sh": script, **named}).programs]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("#!/bin/sh\nexec uvicorn a:b\n", ["uvicorn a:b!"]),
        ("#!/bin/sh\r\nexec uvicorn a:b\r\n", ["uvicorn a:b!"]),
        ("#!/bin/bash\nset -e\nalembic upgrade head\nuvicorn a:b\n", ["alembic upgrade head", "uvicorn a:b"]),
        ("#!/bin/sh\nuvicorn a:b &\nwait\n", ["uvicorn a:b&"]),
        ("#!/bin/sh\nuvicorn a:b --port ${PORT:-8000}\n", ["uvicorn a:b --port 8000"]),
        ("#!/bin/sh\nPORT=81\nexec uvicorn a:b --port $PORT\n", ["uvicorn a:b --port 81!"]),
        ('#!/bin/sh\nOPTS="--host ::"\nexec uvicorn a:b $OPTS\n', ["uvicorn a:b --host ::!"]),
        ("#!/bin/sh\nPORT=$(cat /port)\nexec uvicorn a:b --port $PORT\n", ["uvicorn a:b --port $PORT!"]),
        ("#!/bin/sh\nread PORT\nexec uvicorn a:b --port $PORT\n", ["uvicorn a:b --port $PORT!"]),
        ("#!/bin/sh\nexec uvicorn a:b\necho never\n", ["uvicorn a:b!"]),
        ('#!/bin/sh\nrun() { uvicorn a:b --port "$1"; }\nrun 82\n', ["uvicorn a:b --port 82"]),
        ('#!/bin/sh\nrun() { exec "$@"; }\nrun uvicorn a:b\n', ["uvicorn a:b!"]),
        ('#!/bin/sh\nif [ -n "$X" ]; then exec celery -A a worker; fi\nexec uvicorn a:b\n', ["uvicorn a:b!"]),
        (
            '#!/bin/sh\nX=1\nif [ -n "$X" ]; then exec celery -A a worker; fi\nexec uvicorn a:b\n',
            ["celery -A a worker!"],
        ),
        (
            "#!/bin/sh\nif curl x; then exec celery -A a worker; fi\nexec uvicorn a:b\n",
            ["curl x?", "celery -A a worker!?", "uvicorn a:b!?"],
        ),
        (
            '#!/bin/sh\nif [ "$(hostname)" = x ]; then uvicorn a:b; else uvicorn c:d; fi\n',
            ["uvicorn a:b?", "uvicorn c:d?"],
        ),
        ('#!/bin/sh\n[ "$1" = x ] && exec celery -A a worker\nexec uvicorn a:b\n', ["uvicorn a:b!"]),
        ('#!/bin/sh\n[ -z "$1" ] && set -- uvicorn a:b\nexec "$@"\n', ["uvicorn a:b!"]),
        ("#!/bin/sh\nalembic upgrade head || exit 1\nexec uvicorn a:b\n", ["alembic upgrade head", "uvicorn a:b!"]),
        ("#!/bin/sh\nwhile true; do uvicorn a:b; done\n", ["uvicorn a:b?"]),
        ('#!/bin/sh\nif [ -z "$DB" ]; then echo no; exit 1; fi\nexec uvicorn a:b\n', ["uvicorn a:b!"]),
        ('#!/bin/sh\n[ -n "$DB" ] || exit 64\nexec uvicorn a:b\n', ["uvicorn a:b!"]),
        (
            '#!/bin/sh\nif [ -z "$DB" ]; then exec celery -A a worker; exit 0; fi\nexec uvicorn a:b\n',
            ["celery -A a worker!"],
        ),
        ('#!/bin/sh\nif [ -z "$DB" ]; then alembic x; exit; fi\nexec uvicorn a:b\n', ["alembic x"]),
        ('#!/bin/sh\ncase "$1" in a) ;; *) exit 1 ;; esac\nexec uvicorn a:b\n', ["uvicorn a:b!?"]),
        ("#!/bin/sh\nalembic x\nexit 1\nuvicorn a:b\n", ["alembic x"]),
        ("#!/bin/sh\nfor i in 1 2; do sleep $i; done\nexec uvicorn a:b\n", ["sleep $i?", "uvicorn a:b!"]),
        (
            '#!/bin/sh\neval "$X"\nexec uvicorn a:b --port ${PORT:-8000}\n',
            ["eval ", "uvicorn a:b --port ${PORT:-8000}!"],
        ),
        ("#!/bin/sh\n(exec uvicorn a:b)\n", ["uvicorn a:b"]),
        ("#!/bin/sh\nexec sh -c 'uvicorn a:b'\n", ["uvicorn a:b"]),
        (
            "#!/bin/sh\nif [ -f main.py ]; then exec uvicorn main:app; fi\nexec uvicorn app.main:app\n",
            ["uvicorn app.main:app!"],
        ),
        (
            "#!/bin/sh\nif [ -f start.sh ]; then exec uvicorn main:app; fi\nexec uvicorn app.main:app\n",
            ["uvicorn main:app!"],
        ),
        ("#!/bin/sh\nif [[ $HOME =~ x ]]; then\n", ["start.sh!"]),
        ("#!/bin/sh\necho nothing\n", ["start.sh!"]),
        ("#!/bin/sh\n./start.sh\n", ["start.sh"]),
        ("#!/usr/bin/env python3\nimport x\n", ["python3 ./start.sh!"]),
        ("#!/usr/bin/env -S node\nx()\n", ["start.sh!"]),
    ],
)
def test_script(script: str, expected: list[str]) -> None:
    assert lines(script) == expected


CASE = """#!/bin/sh
case "$1" in
  api|web) shift; exec uvicorn a:b "$@" ;;
  work*) exec celery -A a worker ;;
  "") exit 1 ;;
  *) exec "$@" ;;
esac
"""


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ('"api"', ["uvicorn a:b!"]),
        ('"web", "--port", "90"', ["uvicorn a:b --port 90!"]),
        ('"worker"', ["celery -A a worker!"]),
        ('"gunicorn", "a:b"', ["gunicorn a:b!"]),
        ('""', ["start.sh !"]),
    ],
)
def test_arguments_decide(arguments: str, expected: list[str]) -> None:
    assert lines(CASE, f'ENTRYPOINT ["/app/start.sh"]\nCMD [{arguments}]') == expected


def test_an_option_as_the_first_argument() -> None:
    script = '#!/bin/sh\nif [ "${1#-}" != "$1" ]; then set -- uvicorn a:b "$@"; fi\nexec "$@"\n'
    assert lines(script, 'ENTRYPOINT ["./start.sh"]\nCMD ["--port", "90"]') == ["uvicorn a:b --port 90!"]
    assert lines(script, 'ENTRYPOINT ["./start.sh"]\nCMD ["gunicorn", "a:b"]') == ["gunicorn a:b!"]


def test_the_environment_decides() -> None:
    script = '#!/bin/sh\nif [ "$MODE" = dev ]; then exec uvicorn a:b --reload; else exec uvicorn a:b; fi\n'
    assert lines(script) == ["uvicorn a:b!"]
    assert lines(script, 'ENV MODE=dev\nCMD ["./start.sh"]') == ["uvicorn a:b --reload!"]
    compose = "services:\n  web:\n    build: .\n    environment:\n      MODE: ${MODE}\n"
    found = container('CMD ["./start.sh"]', {"start.sh": script}, compose)
    assert [line(one) for one in found.programs] == ["uvicorn a:b --reload!?", "uvicorn a:b!?"]
    # Either of them serves: what they agree on is known.
    assert found.program is found.programs[-1]
    assert found.server is not None
    assert found.role == "server"
    assert found.server.app is not None
    assert (found.server.app.text, found.server.reload) == ("a:b", None)


def test_values_of_env_files_are_not_filled_in() -> None:
    compose = "services:\n  web:\n    build: .\n    env_file: web.env\n"
    files = {"start.sh": "#!/bin/sh\nexec uvicorn a:b --port $PORT\n", "web.env": "PORT=8123\n"}
    (program,) = container('CMD ["./start.sh"]', files, compose).programs
    assert program.argv[-1].value is None


@pytest.mark.parametrize(
    ("start", "shell"),
    [
        ('CMD ["./start.sh"]', "bash"),
        ('CMD ["sh", "start.sh"]', "sh"),
        ('CMD ["bash", "-e", "/app/start.sh"]', "bash"),
        ("CMD ./start.sh", "bash"),
        ('CMD ["/bin/sh", "-c", "exec ./start.sh"]', "bash"),
        ('ENTRYPOINT ["tini", "--", "./start.sh"]', "bash"),
        ('COPY start.sh /usr/local/bin/go\nCMD ["go"]', "bash"),
        ('COPY start.sh /go.sh\nCMD ["/go.sh"]', "bash"),
        ('RUN mv start.sh run.sh\nCMD ["./run.sh"]', "bash"),
        ('WORKDIR /\nCMD ["app/start.sh"]', "bash"),
    ],
)
def test_ways_to_start_it(start: str, shell: str) -> None:
    found = container(start, {"start.sh": "#!/bin/bash\nexec uvicorn a:b\n"})
    assert found.server is not None
    assert found.server.program.shell == shell
    assert [one.placed.path for one in found.scripts] == ["start.sh"]
    assert found.server.program.span.source.path == "start.sh"
    assert found.launched is found.scripts[0].runner


@pytest.mark.parametrize(
    "start",
    ['CMD ["./other.sh"]', 'CMD ["sh", "-c", "$X"]', 'RUN ./make > start.sh\nCMD ["./start.sh"]', "CMD ./$X.sh"],
)
def test_what_cannot_be_told(start: str) -> None:
    found = container(start, {"start.sh": "#!/bin/sh\nexec uvicorn a:b\n"})
    assert found.scripts == ()
    assert found.server is None


def test_scripts_that_run_scripts() -> None:
    scripts = {
        "start.sh": "#!/bin/sh\nset -e\n. ./env.sh\ncd /app/sub\n../run.sh 90\n",
        "env.sh": "export UVICORN_HOST=0.0.0.0\n",
        "run.sh": '#!/bin/bash\nexec uvicorn a:b --port "$1"\n',
    }
    found = container('ENTRYPOINT ["/app/start.sh"]', scripts)
    assert [line(one) for one in found.programs] == [". ./env.sh", "uvicorn a:b --port 90!"]
    assert [one.placed.path for one in found.scripts] == ["start.sh", "env.sh", "run.sh"]
    assert [(step.script.placed.path, step.call.text, step.stays) for step in found.way] == [
        ("start.sh", "../run.sh 90", True),
        ("run.sh", 'exec uvicorn a:b --port "$1"', False),
    ]
    assert found.program is not None
    assert found.program.moves == ("/app/sub",)


def test_the_same_script_as_another_user() -> None:
    script = '#!/bin/sh\nif [ "$(id -u)" = 0 ]; then exec gosu app "$0" "$@"; fi\nexec "$@"\n'
    found = container('ENTRYPOINT ["./start.sh"]\nCMD ["uvicorn", "a:b"]', {"start.sh": script})
    assert [line(one) for one in found.programs] == ["uvicorn a:b!"]
    assert found.drops_privileges is True
    found = container('USER app\nENTRYPOINT ["./start.sh"]\nCMD ["uvicorn", "a:b"]', {"start.sh": script})
    assert found.drops_privileges is False
    assert found.program is not None
    assert found.program.wrappers == ()


def test_circles_end() -> None:
    assert lines("#!/bin/sh\n./two.sh\n", two_sh="#!/bin/sh\n./start.sh\n") == ["start.sh"]
    assert len(lines("#!/bin/sh\n" + "./two.sh\n" * 50, two_sh="#!/bin/sh\n" + "./three.sh\n" * 50)) < 3000


def test_a_written_script() -> None:
    text = "RUN echo '#!/bin/sh\\n\\\nuvicorn a:b --port 9000\\n' > /s.sh\nCMD [\"/s.sh\"]"
    found = container(text, {})
    assert found.server is not None
    assert found.server.port is not None
    assert found.server.port.text == "9000"
    assert found.server.program.span.source.path == "Dockerfile"
    assert found.server.program.span.text == "uvicorn a:b --port 9000"
    assert found.way[0].call.text == "uvicorn a:b --port 9000"


def test_a_mounted_script() -> None:
    compose = (
        "services:\n  web:\n    build: .\n    command: /scripts/run.sh\n    volumes: ['./start.sh:/scripts/run.sh']\n"
    )
    found = container("CMD []", {"start.sh": "#!/bin/sh\nexec uvicorn a:b\n"}, compose)
    assert [line(one) for one in found.programs] == ["uvicorn a:b!"]


SUPERVISOR = """[supervisord]
nodaemon=true

[program:web]
command=uvicorn a:b --port 80 ; the server
directory=/app/src
user=app

[program:worker]
command = celery -A a worker

[program:off]
command=gunicorn c:d
autostart=false
"""


def test_supervisord() -> None:
    start = 'COPY s.conf /etc/supervisord.conf\nCMD ["supervisord", "-n"]'
    found = container(start, {"s.conf": SUPERVISOR})
    assert [line(one) for one in found.programs] == ["uvicorn a:b --port 80!", "celery -A a worker!"]
    assert found.server is not None
    assert found.server.port is not None
    assert found.server.port.span is not None
    assert found.server.port.span.text == "80"
    assert found.server.program.moves == ("/app/src",)
    assert found.drops_privileges is True
    assert [one.name for one in found.companions] == ["celery"]
    two = container(start, {"s.conf": SUPERVISOR.replace("autostart=false", "")})
    assert two.program is None
    assert two.server is None
    assert container(start, {"s.conf": "no section\n"}).server is None
    named = container('CMD ["sh", "-c", "exec supervisord -c /app/s.conf"]', {"s.conf": SUPERVISOR})
    assert named.server is not None


def test_supervisord_fills_variables_in() -> None:
    start = 'COPY s.conf /etc/supervisord.conf\nENV API_HOST=::\nCMD ["supervisord", "-n"]'
    command = "uvicorn a:b --host %(ENV_API_HOST)s --port %(ENV_OTHER)s --log-config /%%x/%(program_name)s"
    found = container(start, {"s.conf": f"[program:web]\ncommand={command}\n"})
    assert [one.value for one in found.programs[0].argv[2:]] == ["--host", "::", "--port", None, "--log-config", None]
    assert found.server is not None
    assert found.server.host is not None
    assert found.server.host.span is not None
    assert found.server.host.span.text == "%(ENV_API_HOST)s"
    assert found.server.port is None


def test_supervisord_reads_the_folder_that_its_configuration_includes() -> None:
    start = 'COPY web.conf /etc/supervisor/conf.d/\nCMD ["/usr/bin/supervisord", "-n"]'
    installed = f"RUN apt-get update && apt-get install -y supervisor\n{start}"
    found = container(installed, {"web.conf": SUPERVISOR})
    assert found.server is not None
    assert found.server.kind == "uvicorn"
    assert container(start, {"web.conf": SUPERVISOR}).server is None  # nobody knows what is in the other file
    assert container(installed.replace("/conf.d/", "/"), {"web.conf": SUPERVISOR}).server is None
    own = 'COPY s.conf /s.conf\nCOPY confs /confs\nCMD ["supervisord", "-c", "/s.conf"]'
    includes = "[supervisord]\n\n[include]\nfiles = /confs/*.conf\n"
    assert container(own, {"s.conf": includes, "confs/a.conf": SUPERVISOR}).server is not None
    assert container(own, {"s.conf": includes.replace("/confs", "/other"), "confs/a.conf": SUPERVISOR}).server is None


def test_scripts_that_supervisord_starts_are_followed() -> None:
    start = 'COPY s.conf /etc/supervisord.conf\nCMD ["supervisord", "-n"]'
    conf = "[program:a]\ncommand=/app/a.sh\n"
    files = {"s.conf": conf, "a.sh": "#!/bin/sh\nexec uvicorn a:b\n", "b.sh": "#!/bin/sh\nexec gunicorn c:d\n"}
    found = container(start, files)
    assert found.server is not None
    assert found.server.kind == "uvicorn"
    files["s.conf"] = f"{conf}[program:b]\ncommand=/app/b.sh\n"
    assert container(start, files).server is None  # which of them is the container's nobody can tell
    files["s.conf"] = "[program:a]\ncommand=supervisord\n"
    assert container(start, files).server is None


def test_a_name_tells_what_the_script_does_not() -> None:
    found = container('CMD ["./worker.sh"]', {"worker.sh": "#!/bin/sh\nexec ./mill\n"})
    assert found.role == "worker"


def test_plain_servers_ask_for_no_file() -> None:
    class Watching(dict[str, bytes]):
        """The files of a tree; those that were read."""

        read: ClassVar[list[str]] = []

        def get(self, key: str, default: object = None) -> object:  # type: ignore[override]
            self.read.append(key)
            return super().get(key, default)  # type: ignore[call-overload]

    tree = text_files({"Dockerfile": f'{BASE}CMD ["uvicorn", "a:b"]\n', "a.py": "", "start.sh": ""}.items())
    tree.files = Watching(tree.files)
    assemble(tree, find(tree))
    assert not {"start.sh", "a.py"} & set(Watching.read)


PIECES = st.sampled_from(
    [
        "if",
        "then",
        "else",
        "elif",
        "fi",
        "case",
        "$1",
        "in",
        "a)",
        "*)",
        ";;",
        "esac",
        "while",
        "do",
        "done",
        "for x in",
        "{",
        "}",
        "(",
        ")",
        "f()",
        "f",
        "exec",
        "uvicorn a:b",
        '"$@"',
        "$@",
        "shift",
        "set --",
        "[ -n $1 ]",
        "[[ a == a ]]",
        "&&",
        "||",
        "|",
        "&",
        ";",
        "\n",
        "#",
        "'",
        '"',
        "`",
        "$(",
        "<<E",
        "E",
        "exit",
        "return",
        "$((1+1))",
        "((",
        "))",
        "export A=$B",
        "A=1",
        "${A:-b}",
        "${A",
        "\\\n",
        ".",
        "./start.sh",
        "eval",
        "!",
        "test",
        "=~",
        "local x=1",
        "${1#-}",
    ]
)


@given(st.lists(PIECES, max_size=25), st.sampled_from([" ", "\n", ""]))
@settings(deadline=None, max_examples=300)
def test_never_raises(pieces: list[str], glue: str) -> None:
    text = "#!/bin/sh\n" + glue.join(pieces)
    script = parse_script(text, Source.of(text).span)
    words = (Argument("a", "a", Source.of("a").span(0, 1)),)
    made = taken(
        text, script, Known("/s.sh", words, lambda _name: None, lambda _option, _path: None), Source.of(text).span
    )
    if made is not None:
        assert len(made[0].commands) == len(made[1])
    container('ENTRYPOINT ["./start.sh"]\nCMD ["a"]', {"start.sh": text})


@pytest.mark.parametrize(
    "text", ["if x; then " * 300, "{ " * 500, "( " * 400, "case a in a) " * 200, "f() { f; }; f\n"]
)
def test_depth_is_bounded(text: str) -> None:
    container('CMD ["./start.sh"]', {"start.sh": f"#!/bin/sh\n{text}\n"})


def test_calls_that_multiply_are_bounded() -> None:
    text = "#!/bin/sh\n" + "".join(f"f{n}() {{ f{n + 1}; f{n + 1}; }}\n" for n in range(30)) + "f30() { x; }\nf0\n"
    container('CMD ["./start.sh"]', {"start.sh": text})


@pytest.mark.parametrize(
    ("start", "script", "fixed"),
    [
        ('CMD ["./start.sh"]', "set -e\nuvicorn a:b --port 1\n", "set -e\nexec uvicorn a:b --port 1\n"),
        ('ENTRYPOINT ["./start.sh"]\nCMD ["uvicorn", "a:b"]', 'a=1\n"$@"\n', 'a=1\nexec "$@"\n'),
        ('CMD ["./start.sh"]', "alembic upgrade head && uvicorn a:b", "alembic upgrade head && exec uvicorn a:b"),
        ('CMD ["./start.sh"]', "if true; then uvicorn a:b; fi\n", "if true; then exec uvicorn a:b; fi\n"),
        ('CMD ["./start.sh"]', "uvicorn a:b > /log 2>&1\n", "exec uvicorn a:b > /log 2>&1\n"),
        ('CMD ["./start.sh"]', "gosu app uvicorn a:b\n", "exec gosu app uvicorn a:b\n"),
        ('CMD ["./start.sh"]', "uvicorn a:b; echo\n", None),
        ('CMD ["./start.sh"]', "uvicorn a:b | tee x\n", None),
        ('CMD ["./start.sh"]', "tee x | uvicorn a:b\n", None),
        ('CMD ["./start.sh"]', "trap x EXIT\nuvicorn a:b\n", None),
        ('CMD ["./start.sh"]', "A=1 uvicorn a:b\n", None),
        ('CMD ["./start.sh"]', "(uvicorn a:b)\n", None),
        ('CMD ["./start.sh"]', "! uvicorn a:b\n", None),
        ('CMD ["./start.sh"]', "while true; do uvicorn a:b; done\n", None),
        ('CMD ["./start.sh"]', "exec sh -c 'uvicorn a:b'\n", None),
    ],
)
def test_the_fix_of_script_without_exec(start: str, script: str, fixed: str | None) -> None:
    rule = Rule(BUILT_IN, "script_without_exec")
    one = container(start, {"start.sh": f"#!/bin/sh\n{script}"})
    (finding,) = rule.check(one)
    if fixed is None:
        assert finding.fix is None
        return
    assert finding.fix is not None
    assert finding.fix.applicability == "safe"
    (edit,) = finding.fix.edits
    text = edit.span.source.text
    mended = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert mended == f"#!/bin/sh\n{fixed}"
    assert list(rule.check(container(start, {"start.sh": mended}))) == []


SOURCING = """#!/bin/sh
if [ -f ./prestart.sh ]; then
    . ./prestart.sh
fi
export APP_MODULE=${APP_MODULE-shop.main:app}
export HOST=${HOST:-0.0.0.0}
exec uvicorn --host $HOST "$APP_MODULE"
"""


@pytest.mark.parametrize(
    ("prestart", "expected"),
    [
        ("alembic upgrade head\npython seed.py\n", "uvicorn --host 0.0.0.0 shop.main:app!"),
        ("set -e\nexport OTHER=1\nX=2\n", "uvicorn --host 0.0.0.0 shop.main:app!"),
        ("export HOST=::\n", "uvicorn --host $HOST shop.main:app!"),
        ("HOST=::\n", "uvicorn --host $HOST shop.main:app!"),
        ("unset HOST\n", "uvicorn --host $HOST shop.main:app!"),
        ("X=1 python seed.py\n", "uvicorn --host 0.0.0.0 shop.main:app!"),
        (". ./more.sh\n", 'uvicorn --host $HOST "$APP_MODULE"!'),
        ("export $(cat .env)\n", 'uvicorn --host $HOST "$APP_MODULE"!'),
        ("read HOST\n", 'uvicorn --host $HOST "$APP_MODULE"!'),
        (": ${HOST:=::}\n", 'uvicorn --host $HOST "$APP_MODULE"!'),
        ("for HOST in a b; do echo; done\n", 'uvicorn --host $HOST "$APP_MODULE"!'),
        ("set -- a b\n", 'uvicorn --host $HOST "$APP_MODULE"!'),
    ],
)
def test_a_script_that_is_read_in_place_sets_what_its_text_sets(prestart: str, expected: str) -> None:
    found = container('CMD ["./start.sh"]', {"start.sh": SOURCING, "prestart.sh": prestart}).programs
    assert line(found[-1]) == expected


def test_a_default_of_a_script_stands_unless_the_service_sets_it() -> None:
    files = {"start.sh": SOURCING, "prestart.sh": "alembic upgrade head\n"}
    compose = "services:\n  web:\n    build: .\n    environment: {APP_MODULE: 'other:app'}\n"
    found = container('CMD ["./start.sh"]', files, compose)
    assert line(found.programs[-1]) == "uvicorn --host 0.0.0.0 other:app!"
    assert found.server is not None
