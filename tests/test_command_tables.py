"""What command lines and scripts start: tables of words and of scripts, with what each of their programs is."""

from __future__ import annotations

import pytest
from commands import exec_form, shell_form, shown, split, words

from dockerlint_fastapi.parsers.command import programs, programs_of

# Words, split at spaces (`·` stands for a space within one), and what they start.
EXEC = [
    ("uvicorn a:b", "uvicorn a:b"),
    ("/app/.venv/bin/uvicorn a:b", "/app/.venv/bin/uvicorn a:b"),
    ("./.venv/bin/python -m uvicorn a:b", "{python -m} uvicorn a:b"),
    # the shell's own words are no programs
    ("exec uvicorn a:b", "exec uvicorn a:b"),
    ("cd /app", "cd /app"),
    # coreutils and util-linux
    ("env A=b uvicorn a:b", "{env} uvicorn a:b"),
    ("/usr/bin/env -i A=b C=d uvicorn a:b", "{env} uvicorn a:b"),
    ("env -u A --unset=B -C /app uvicorn a:b", "{env} uvicorn a:b"),
    ("env -- A=b uvicorn a:b", "{env} uvicorn a:b"),
    ("env A=b -- uvicorn a:b", "{env} -- uvicorn a:b"),  # GNU env says: '--': No such file or directory
    ("env -S uvicorn·a:b", "env -S uvicorn a:b"),
    ("env A=b", "env A=b"),
    ("nice uvicorn a:b", "{nice} uvicorn a:b"),
    ("nice -n 10 uvicorn a:b", "{nice} uvicorn a:b"),
    ("nice -n10 uvicorn a:b", "{nice} uvicorn a:b"),
    ("nice -10 uvicorn a:b", "{nice} uvicorn a:b"),
    ("nice --adjustment=5 uvicorn a:b", "{nice} uvicorn a:b"),
    ("nohup uvicorn a:b", "{nohup} uvicorn a:b"),
    ("nohup", "nohup"),
    ("time -p uvicorn a:b", "{time} uvicorn a:b"),
    ("timeout 30 uvicorn a:b", "{timeout} uvicorn a:b"),
    ("timeout -k 5 --signal=TERM --preserve-status 30s uvicorn a:b", "{timeout} uvicorn a:b"),
    ("timeout -s", "timeout -s"),
    ("stdbuf -oL -e 0 uvicorn a:b", "{stdbuf} uvicorn a:b"),
    ("setsid -w uvicorn a:b", "{setsid} uvicorn a:b"),
    ("ionice -c2 -n 7 uvicorn a:b", "{ionice} uvicorn a:b"),
    ("chroot --userspec=app /srv uvicorn a:b", "{chroot} uvicorn a:b"),
    ("taskset -c 0,1 uvicorn a:b", "{taskset} uvicorn a:b"),
    ("xvfb-run -a --server-args=x uvicorn a:b", "{xvfb-run} uvicorn a:b"),
    # process 1
    ("tini uvicorn a:b", "{tini} uvicorn a:b"),
    ("/usr/bin/tini -- uvicorn a:b", "{tini} uvicorn a:b"),
    ("tini -g -s -p SIGTERM -e 143 -- uvicorn a:b", "{tini} uvicorn a:b"),
    ("tini -vvg -- uvicorn a:b", "{tini} uvicorn a:b"),
    ("/sbin/docker-init -- uvicorn a:b", "{docker-init} uvicorn a:b"),
    ("dumb-init uvicorn a:b", "{dumb-init} uvicorn a:b"),
    ("dumb-init --single-child --rewrite 15:2 -- uvicorn a:b", "{dumb-init} uvicorn a:b"),
    ("dumb-init -r 15:2 -c -- uvicorn a:b", "{dumb-init} uvicorn a:b"),
    ("catatonit -g -- uvicorn a:b", "{catatonit} uvicorn a:b"),
    ("tini --", "tini --"),
    ("tini --new-option x uvicorn", "tini --new-option x uvicorn"),
    # users
    ("gosu app uvicorn a:b", "{gosu} uvicorn a:b"),
    ("su-exec app:app uvicorn a:b", "{su-exec} uvicorn a:b"),
    ("setpriv --reuid=1000 --regid 1000 --init-groups --no-new-privs uvicorn a:b", "{setpriv} uvicorn a:b"),
    ("runuser -u app -- uvicorn a:b", "{runuser} uvicorn a:b"),
    ("runuser -u app uvicorn a:b", "{runuser} uvicorn a:b"),
    ("runuser app -c uvicorn·a:b", "{runuser} uvicorn a:b"),
    ("runuser app", "runuser app"),
    ("sudo -u app -E uvicorn a:b", "{sudo} uvicorn a:b"),
    ("sudo -Eu app A=b uvicorn a:b", "{sudo} uvicorn a:b"),
    ("sudo -i uvicorn", "sudo -i uvicorn"),
    ("su app -c exec·uvicorn·a:b", "{su} uvicorn a:b"),
    ("su - app -c uvicorn·a:b", "{su} uvicorn a:b"),
    ("su -s /bin/bash -c uvicorn·a:b app", "{su} uvicorn a:b"),
    ("su -c uvicorn·a:b app", "{su} uvicorn a:b"),
    ("su app", "su app"),
    # project managers
    ("uv run uvicorn a:b", "{uv run} uvicorn a:b"),
    ("uv run --no-sync uvicorn a:b --port 80", "{uv run} uvicorn a:b --port 80"),
    ("uv run --frozen --no-dev --package x --with y uvicorn a:b", "{uv run} uvicorn a:b"),
    ("uv --directory /app run --locked --project=x -- uvicorn a:b", "{uv run} uvicorn a:b"),
    ("uv run --env-file .env uvicorn a:b", "{uv run} uvicorn a:b"),
    ("uv run -m uvicorn a:b", "{uv run} uvicorn a:b"),
    ("uv run --module app.worker", "{uv run} app.worker"),
    ("uv run python -m uvicorn a:b", "{uv run} {python -m} uvicorn a:b"),
    ("uv run main.py --x", "{uv run} main.py --x"),
    ("uv run -p 3.12 -q fastapi run", "{uv run} fastapi run"),
    ("uv run --brand-new x uvicorn a:b", "uv run --brand-new x uvicorn a:b"),
    ("uv run --brand-new=x uvicorn a:b", "{uv run} uvicorn a:b"),
    ("uv sync", "uv sync"),
    ("uv run", "uv run"),
    ("uvx --from x uvicorn a:b", "{uvx} uvicorn a:b"),
    ("uv tool run uvicorn a:b", "{uv tool run} uvicorn a:b"),
    ("poetry run uvicorn a:b", "{poetry run} uvicorn a:b"),
    ("poetry -C /app --no-ansi run python -m uvicorn a:b", "{poetry run} {python -m} uvicorn a:b"),
    ("pdm run uvicorn a:b", "{pdm run} uvicorn a:b"),
    ("pdm run -p /app --venv x uvicorn a:b", "{pdm run} uvicorn a:b"),
    ("pipenv run uvicorn a:b", "{pipenv run} uvicorn a:b"),
    ("hatch run uvicorn a:b", "{hatch run} uvicorn a:b"),
    ("hatch -e prod run uvicorn a:b", "{hatch run} uvicorn a:b"),
    ("hatch run prod:uvicorn a:b", "{hatch run} uvicorn a:b"),
    ("rye run uvicorn a:b", "{rye run} uvicorn a:b"),
    ("conda run -n app --no-capture-output uvicorn a:b", "{conda run} uvicorn a:b"),
    ("conda run --live-stream --name=app python -m uvicorn a:b", "{conda run} {python -m} uvicorn a:b"),
    ("micromamba run -p /opt/env uvicorn a:b", "{micromamba run} uvicorn a:b"),
    # the interpreter
    ("python -m uvicorn a:b", "{python -m} uvicorn a:b"),
    ("python3.12 -u -O -X dev -W ignore -m uvicorn a:b", "{python -m} uvicorn a:b"),
    ("python -um uvicorn a:b", "{python -m} uvicorn a:b"),
    ("python -Xdev -Werror -muvicorn a:b", "{python -m} uvicorn a:b"),
    ("python3.13t -m gunicorn.app.wsgiapp a:b", "{python -m} gunicorn=gunicorn.app.wsgiapp a:b"),
    ("python -m fastapi_cli run", "{python -m} fastapi=fastapi_cli run"),
    ("python -m app.worker", "{python -m} app.worker"),
    ("python main.py", "python main.py"),
    ("python -u main.py -m uvicorn", "python -u main.py -m uvicorn"),
    ("python -c import·x", "python -c import x"),
    ("python -m", "python -m"),
    ("python --version", "python --version"),
    ("pythonic -m uvicorn", "pythonic -m uvicorn"),
    # instrumentation
    ("opentelemetry-instrument uvicorn a:b", "{opentelemetry-instrument} uvicorn a:b"),
    (
        "opentelemetry-instrument --traces_exporter console --service_name=x uvicorn a:b",
        "{opentelemetry-instrument} uvicorn a:b",
    ),
    ("ddtrace-run uvicorn a:b", "{ddtrace-run} uvicorn a:b"),
    ("ddtrace-run --info", "ddtrace-run --info"),
    ("newrelic-admin run-program uvicorn a:b", "{newrelic-admin run-program} uvicorn a:b"),
    ("python -m newrelic.admin run-program uvicorn a:b", "{python -m} {newrelic-admin run-program} uvicorn a:b"),
    ("newrelic-admin generate-config x", "newrelic-admin generate-config x"),
    ("coverage run -m uvicorn a:b", "{coverage run} uvicorn a:b"),
    ("coverage run --source=app --branch -m uvicorn a:b", "{coverage run} uvicorn a:b"),
    ("python -m coverage run -p main.py", "{python -m} {coverage run} main.py"),
    (
        "python -m debugpy --listen 0.0.0.0:5678 --wait-for-client -m uvicorn a:b",
        "{python -m} {debugpy} uvicorn a:b",
    ),
    ("python -m cProfile -o out -m uvicorn a:b", "{python -m} {cProfile} uvicorn a:b"),
    ("memray run -o x -m uvicorn a:b", "{memray run} uvicorn a:b"),
    # restarting
    ("watchfiles uvicorn·a:b·--port·80 app", "{watchfiles} uvicorn a:b --port 80"),
    ("watchfiles --filter python 'uvicorn'·a:b app", "{watchfiles} uvicorn a:b"),
    ("watchfiles app.main.run app", "watchfiles app.main.run app"),
    (
        "watchmedo auto-restart -d . -p *.py --recursive -- celery -A a worker",
        "{watchmedo auto-restart} celery -A a worker",
    ),
    # secrets and environment
    ("doppler run -- uvicorn a:b", "{doppler run} uvicorn a:b"),
    ("doppler run --command uvicorn·a:b", "{doppler run} uvicorn a:b"),
    ("infisical run --env=prod -- uvicorn a:b", "{infisical run} uvicorn a:b"),
    ("chamber exec svc other -- uvicorn a:b", "{chamber exec} uvicorn a:b"),
    ("aws-vault exec prof -- uvicorn a:b", "{aws-vault exec} uvicorn a:b"),
    ("dotenv run -- uvicorn a:b", "{dotenv run} uvicorn a:b"),
    ("dotenv -f .env.prod run uvicorn a:b", "{dotenv run} uvicorn a:b"),
    ("doppler run uvicorn", "doppler run uvicorn"),
    # waiting
    ("./wait-for-it.sh db:5432 -t 30 --strict -- uvicorn a:b", "{wait-for-it.sh} uvicorn a:b"),
    ("wait-for-it.sh db:5432", "wait-for-it.sh db:5432"),
    ("./wait-for db:5432 -- uvicorn a:b", "{wait-for} uvicorn a:b"),
    ("dockerize -wait tcp://db:5432 -timeout 60s uvicorn a:b", "{dockerize} uvicorn a:b"),
    ("dockerize -wait=tcp://db:5432 -template a:b uvicorn a:b", "{dockerize} uvicorn a:b"),
    # shells
    ("sh -c uvicorn·a:b", "{sh -c} uvicorn a:b"),
    ("/bin/bash -lc uvicorn·a:b", "{bash -c} uvicorn a:b"),
    ("bash -e -u -c uvicorn·a:b", "{bash -c} uvicorn a:b"),
    ("bash -c -e uvicorn·a:b", "{bash -c} uvicorn a:b"),
    ("bash -euxo pipefail -c uvicorn·a:b", "{bash -c} uvicorn a:b"),
    ("bash --login -o pipefail -c uvicorn·a:b", "{bash -c} uvicorn a:b"),
    ("ash -c uvicorn·a:b", "{ash -c} uvicorn a:b"),
    ("dash -c uvicorn·a:b", "{dash -c} uvicorn a:b"),
    ("zsh -c uvicorn·a:b", "{zsh -c} uvicorn a:b"),
    ("busybox sh -c uvicorn·a:b", "{busybox} {sh -c} uvicorn a:b"),
    ("/usr/bin/env bash -c uvicorn·a:b", "{env} {bash -c} uvicorn a:b"),
    ("sh -c sh·-c·'sh·-c·\"uvicorn·a:b\"'", "{sh -c} {sh -c} {sh -c} uvicorn a:b"),
    ('sh -c exec·"$@" -- uvicorn a:b', "{sh -c} uvicorn a:b"),
    ('sh -c exec·gosu·app·"$@" sh uvicorn a:b', "{sh -c} {gosu} uvicorn a:b"),
    ("sh -c exec·$X", "{sh -c} ?"),
    ("sh -c echo·hi", ""),
    ("sh /start.sh a", "sh /start.sh a"),
    ("bash", "bash"),
    ("sh -c", "sh -c"),
    # not wrappers
    ("/entrypoint.sh uvicorn a:b", "/entrypoint.sh uvicorn a:b"),
    ("supervisord -n", "supervisord -n"),
    # layered
    (
        "tini -g -- gosu app env A=b uv run --no-sync opentelemetry-instrument python -m uvicorn a:b",
        "{tini} {gosu} {env} {uv run} {opentelemetry-instrument} {python -m} uvicorn a:b",
    ),
]

# Scripts and what each of their programs is: shown, then flags x(ecs) l(ast) b(ackground) c(onditional).
SCRIPTS = [
    ("uvicorn a:b", ["uvicorn a:b/l"]),
    ("exec uvicorn a:b", ["uvicorn a:b/xl"]),
    ("exec -a name uvicorn a:b", ["uvicorn a:b/xl"]),
    ("command uvicorn a:b", ["uvicorn a:b/l"]),
    ("command -v uvicorn", []),
    ("exec > /log", []),
    ("alembic upgrade head && uvicorn a:b", ["alembic upgrade head/", "uvicorn a:b/l"]),
    ("alembic upgrade head && exec uvicorn a:b", ["alembic upgrade head/", "uvicorn a:b/xl"]),
    ("set -e; cd /app; uvicorn a:b", ["uvicorn a:b/l"]),
    ("uvicorn a:b; echo done", ["uvicorn a:b/"]),
    ("uvicorn a:b || exit 1", ["uvicorn a:b/"]),
    ("alembic upgrade head || true; uvicorn a:b", ["alembic upgrade head/", "uvicorn a:b/l"]),
    ("false || uvicorn a:b", ["uvicorn a:b/lc"]),
    ("test -f x && alembic upgrade head; exec uvicorn a:b", ["alembic upgrade head/c", "uvicorn a:b/xl"]),
    ('[ -n "$M" ] && alembic upgrade head; exec uvicorn a:b', ["alembic upgrade head/c", "uvicorn a:b/xl"]),
    ("celery -A a worker & uvicorn a:b", ["celery -A a worker/b", "uvicorn a:b/l"]),
    ("uvicorn a:b & wait", ["uvicorn a:b/b"]),
    ("nohup uvicorn a:b &", ["{nohup} uvicorn a:b/lb"]),
    ("alembic upgrade head && uvicorn a:b &", ["alembic upgrade head/b", "uvicorn a:b/lb"]),
    ("(uvicorn a:b) &", ["uvicorn a:b/lb"]),
    ("{ uvicorn a:b; celery worker; } & sleep infinity", ["uvicorn a:b/b", "celery worker/b", "sleep infinity/l"]),
    ("(exec uvicorn a:b)", ["uvicorn a:b/l"]),
    ("{ exec uvicorn a:b; }", ["uvicorn a:b/xl"]),
    ("uvicorn a:b | tee log", ["uvicorn a:b/", "tee log/l"]),
    ("exec uvicorn a:b | tee log", ["uvicorn a:b/", "tee log/l"]),
    ("exec uvicorn a:b 2>&1", ["uvicorn a:b/xl"]),
    ("if [ $D ]; then exec uvicorn a:b; else exec gunicorn a:b; fi", ["uvicorn a:b/xc", "gunicorn a:b/xlc"]),
    ("case $1 in web) exec uvicorn a:b;; worker) exec arq w;; esac", ["uvicorn a:b/xc", "arq w/xlc"]),
    ("while ! nc -z db 5432; do sleep 1; done; exec uvicorn a:b", ["nc -z db 5432/c", "sleep 1/c", "uvicorn a:b/xl"]),
    ("f() { pytest; }\nexec uvicorn a:b", ["uvicorn a:b/xl"]),
    ("exec uvicorn a:b --workers $(nproc)", ["uvicorn a:b --workers ?/xl"]),
    ('exec "$@"', ["?/xl"]),
    ('alembic upgrade head\nexec "$@"\n', ["alembic upgrade head/", "?/xl"]),
    ("exec sh -c 'uvicorn a:b'", ["{sh -c} uvicorn a:b/l"]),
    ("sh -c 'exec uvicorn a:b'; echo", ["{sh -c} uvicorn a:b/x"]),
    ("sh -c 'exec uvicorn a:b' &", ["{sh -c} uvicorn a:b/xlb"]),
    (". ./env.sh && uvicorn a:b", [". ./env.sh/", "uvicorn a:b/l"]),
    ("uvicorn a:b # exec", ["uvicorn a:b/l"]),
    ("", []),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), EXEC)
def test_words(line: str, expected: str) -> None:
    found = programs(exec_form(*split(line)))
    assert "; ".join(shown(program) for program in found) == expected


@pytest.mark.parametrize(("line", "expected"), EXEC)
def test_words_of_a_compose_list_mean_the_same(line: str, expected: str) -> None:
    assert "; ".join(shown(program) for program in programs_of(words(*split(line)))) == expected


@pytest.mark.parametrize(("script", "expected"), SCRIPTS)
def test_scripts(script: str, expected: list[str]) -> None:
    found = [
        shown(program)
        + "/"
        + "x" * program.execs
        + "l" * program.last
        + "b" * program.background
        + "c" * program.conditional
        for program in programs(shell_form(script))
    ]
    assert found == expected


def test_the_tables_are_large_enough_to_mean_something() -> None:
    assert len(EXEC) + len(SCRIPTS) >= 180
