"""What a command really starts: the program behind wrappers, and the server it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from dockerlint_fastapi.model.shell import SHELLS as READABLE_SHELLS
from dockerlint_fastapi.record import Enum, NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.start.misread_options import MisreadOption

# Tried with hatch 1.7 and 1.18: `subprocess.run` through a shell, and no handler. Those of uv and PDM pass signals on,
# those of Poetry, Pipenv and Rye replace themselves by the program.
_WAITING: Final = frozenset(("conda run", "hatch run"))
# They signal the process group of what they started, so the shell and what that runs: managers of a Procfile (honcho's
# compat.py, tried with 2.0; hivemind's process.go), and supervisord where it is told to.
SIGNAL_GROUPS: Final = frozenset(("honcho", "hivemind", "supervisord stopasgroup"))
# Scripts of tiangolo's base images, which run a server with options of their own.
BASE_SCRIPTS: Final = frozenset(("start.sh", "start-reload.sh"))
_NOTHING: Final[Mapping[str, Span]] = MappingProxyType({})

# The options of the interpreter itself, `python --help`. `-c`, `-m` and a file end them.
PYTHON_VALUED: Final = frozenset({"-X", "-W", "--check-hash-based-pycs"})


class Unknown(Enum):
    """The type of `UNKNOWN`, so that type checkers tell it from a value and from None."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown.UNKNOWN
"""The answer "cannot tell" where None already means "certainly absent"."""


class Argument(NamedTuple):
    """One argument of a program, from whichever form it came. `value` is None when it cannot be told."""

    value: str | None
    text: str  # as written
    span: Span


class Program(NamedTuple):
    """One program that a command starts, its wrappers stripped.

    `argv[0]` is the program as named (`uvicorn`, `/venv/bin/uvicorn`); `name` its bare name
    (`python -m uvicorn` has the name `uvicorn`), "" when it cannot be told (`exec "$@"`).
    `wrappers` are the bare names of what stood in front, outermost first (`tini`, `uv run`, `env`, `sh -c`,
    `python -m`; `exec` is not one).

    `inherits` says whether the container's environment reaches it: True as a rule, False when it was cleared
    (`env -i`), None when something on the way may have added or removed variables (`dotenv run`, `. ./env.sh`, `sudo`).
    """

    name: str
    argv: tuple[Argument, ...]
    wrappers: tuple[str, ...]
    environment: Mapping[str, str | None]  # assignments made on the way (`env A=b`, `A=b cmd`, `export A=b`)
    shell: (
        str | None
    )  # the bare name of the innermost shell that parses it (`sh`, `bash`, …), None when exec'd directly
    execs: bool  # it replaces that shell (`exec`), or there is no shell
    last: bool  # nothing runs after it in its script
    background: bool  # followed by `&`
    span: Span  # from the program's name to its last argument
    conditional: bool = False  # it stands in a branch or loop, or behind `||` or a test
    inherits: bool | None = True
    environment_spans: Mapping[str, Span] = _NOTHING  # where each of `environment` was assigned
    # the directories changed to on the way (`cd app`, `uv run --directory app`), None for what cannot be told
    moves: tuple[str | None, ...] = ()
    unbuffered: bool = False  # its Python is given `-u`
    bash_stays: bool = False  # bash would not replace itself by it, though it is the last command of its string

    @property
    def script(self) -> str | None:
        """The script file that is run: the operand of `python …` or `sh …`, or the program that ends in .py or .sh."""
        if self.name.endswith((".py", ".sh")) and "/" not in self.name:
            return self.argv[0].value
        if not is_interpreter(self.name):
            return None
        at, python = 1, is_python(self.name)
        while at < len(self.argv):
            value = self.argv[at].value
            if value is None or value == "-":
                return None
            if not value.startswith(("-", "+")):
                return value or None
            if value == "--":
                return (self.argv[at + 1].value or None) if at + 1 < len(self.argv) else None
            cluster = not value.startswith(("--", "-W", "-X"))
            # -c and -m bring code of their own; a shell's -s reads standard input
            if cluster and any(char in value[1:] for char in ("cm" if python else "cms")):
                return None
            valued = PYTHON_VALUED if python else ("-o", "+o", "-O", "+O", "--rcfile", "--init-file")
            at += 2 if value in valued else 1
        return None

    @property
    def base_script(self) -> str | None:
        """The script of its base image by which it is run, and which passes no options on: its words are written there,
        or stand for variables.
        """
        return self.wrappers[-1] if self.wrappers and self.wrappers[-1] in BASE_SCRIPTS else None

    @property
    def waiting(self) -> str | None:
        """What stands in front of it, waits for it and keeps SIGTERM to itself: `conda run`, `hatch run`."""
        return next((one for one in self.wrappers if one in _WAITING), None)

    @property
    def title(self) -> str:
        """What a reader calls it: the bare name of the script that a shell runs, else its own."""
        script = self.script if self.name in SHELLS else None
        return script.rpartition("/")[2] if script else self.name

    @property
    def role(self) -> str | None:
        """What it is for: "server" (of ASGI applications), "other-web", "worker", "one-shot" (it ends by itself),
        "idle" (it only keeps the container up), or None when that cannot be told from its words.
        """
        return _role(self.name, tuple(argument.value for argument in self.argv[1:]), self.script)

    @property
    def is_for_work(self) -> bool:
        """Whether it is started as for work on the code: under a debugger, with a reloader, or by `fastapi dev`."""
        words = {argument.value or "" for argument in self.argv[1:]}
        if "debugpy" in self.wrappers or not words.isdisjoint(("--reload", "--debug", "runserver")):
            return True
        return self.name == "fastapi" and "dev" in words

    @property
    def monitors(self) -> bool:
        """Whether it is a page that shows what workers do, and holds nothing that an end by SIGKILL loses: Flower."""
        return self.name == "flower" or (
            self.name == "celery" and any(argument.value == "flower" for argument in self.argv[1:])
        )

    @property
    def published(self) -> bool:
        """Whether it is a published program, by its name: none of the project's own, in whatever language."""
        return self.name in _ROLES or self.name in _SUBCOMMAND_ROLES

    @property
    def may_be_script(self) -> bool:
        """Whether it may be a shell script of the project, or start what another file says (supervisord)."""
        if self.name in SHELLS:
            return self.script is not None
        return self.name in (".", "source", "supervisord") or (bool(self.name) and not self.known)

    @property
    def known(self) -> bool:
        """Whether it is a published program, or Python code: not a shell script or a program of the project's own, that
        may do anything before it does what its name says.
        """
        if is_python(self.name) or "python -m" in self.wrappers or self.name.endswith(".py"):
            return True
        return self.published


def _roles(role: str, names: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), role)


# Programs whose name says what they are for, whatever the arguments.
_ROLES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("uvicorn", "hypercorn", "granian", "daphne", "gunicorn"), "server"),
    **_roles(
        "worker",
        "arq dramatiq dramatiq-gevent rqworker rqscheduler huey_consumer huey_consumer.py saq flower cron crond "
        "supercronic",
    ),
    **_roles(
        "other-web",
        "gradio jupyter jupyter-lab jupyter-notebook jupyter-server voila waitress-serve uwsgi nginx caddy "
        "http.server tensorboard jupyterhub",
    ),
    **_roles(
        "one-shot",
        "alembic aerich pytest py.test tox nox yoyo dbmate flyway goose mypy ruff black flake8 pylint isort bandit "
        "pip pip3 apt-get apk mkdir chown chmod cp mv ln rm ls cat echo printf grep sed touch envsubst curl wget nc "
        "pg_isready redis-cli psql mysqladmin wait-for-it.sh wait-for-it wait-for wait-for.sh true false id "
        "env date find which test unittest compileall venv nslookup ping createdb",
    ),
}

# Programs with subcommands; the first word that is one of these decides.
_SUBCOMMAND_ROLES: Final[Mapping[str, Mapping[str, str]]] = {
    "fastapi": {"run": "server", "dev": "server", "deploy": "one-shot", "login": "one-shot"},
    "celery": {
        **dict.fromkeys(("worker", "beat", "flower", "events", "multi"), "worker"),
        **dict.fromkeys(("inspect", "status", "control", "call", "purge", "report", "result", "upgrade"), "one-shot"),
    },
    "rq": {"worker": "worker", "worker-pool": "worker", "cron": "worker", "info": "one-shot", "empty": "one-shot"},
    "taskiq": {"worker": "worker", "scheduler": "worker"},
    "faststream": {"run": "worker"},
    "procrastinate": {"worker": "worker", "schema": "one-shot", "healthchecks": "one-shot"},
    "prefect": {"worker": "worker", "agent": "worker", "server": "other-web", "deploy": "one-shot"},
    "streamlit": {"run": "other-web"},
    "chainlit": {"run": "other-web"},
    "flask": {"run": "other-web", "db": "one-shot"},
    "quart": {"run": "other-web"},
    "litestar": {"run": "other-web"},
    "marimo": {"run": "other-web", "edit": "other-web"},
    "mlflow": {"server": "other-web", "ui": "other-web"},
    "panel": {"serve": "other-web"},
    "bokeh": {"serve": "other-web"},
    "mkdocs": {"serve": "other-web", "build": "one-shot"},
    "prisma": {"migrate": "one-shot", "db": "one-shot", "generate": "one-shot"},
    "piccolo": {"migrations": "one-shot"},
    "manage.py": {
        **dict.fromkeys(("runserver", "runserver_plus"), "other-web"),
        **dict.fromkeys(("qcluster", "rqworker", "celery", "run_huey", "rundramatiq", "process_tasks"), "worker"),
        **dict.fromkeys(
            ("migrate", "collectstatic", "createsuperuser", "makemigrations", "check", "test", "loaddata"), "one-shot"
        ),
    },
}
_ONE_SHOT_STEMS: Final = (
    "migrat",
    "seed",
    "prestart",
    "pre_start",
    "initial_data",
    "init_db",
    "initdb",
    "create_tables",
)
_ONE_SHOT_ENDS: Final = ("_migrations", "_migrate", "_seed", "_prestart", "_pre_start", "_initial_data", "_init_db")


def _role(name: str, arguments: tuple[str | None, ...], script: str | None) -> str | None:
    if script is not None:
        bare = script.rpartition("/")[2]
        if bare == "manage.py":
            return _subcommand_role("manage.py", arguments)
        return _role_by_stem(bare.rpartition(".")[0] or bare)
    if name == "gunicorn":
        return "other-web" if _serves_wsgi(arguments) else "server"
    if name in _ROLES:
        return _ROLES[name]
    if name in _SUBCOMMAND_ROLES:
        return _subcommand_role(name, arguments)
    if name == "sleep":
        return "idle" if arguments[:1] in (("infinity",), ("inf",)) else "one-shot"
    if name == "tail":
        return "idle" if arguments[-1:] == ("/dev/null",) and arguments[0] in ("-f", "-F", "--follow") else None
    # a module: `python -m app.worker`
    return _role_by_stem(name.rpartition(".")[2]) if name.replace(".", "").isidentifier() else None


def _subcommand_role(name: str, arguments: tuple[str | None, ...]) -> str | None:
    roles = _SUBCOMMAND_ROLES[name]
    return next((roles[word] for word in arguments if word is not None and word in roles), None)


def _role_by_stem(stem: str) -> str | None:
    stem = stem.lower().replace("-", "_")
    if stem in ("worker", "workers") or stem.endswith(("_worker", "_workers")):
        return "worker"
    if stem.removeprefix("run_").startswith(_ONE_SHOT_STEMS) or stem.endswith(_ONE_SHOT_ENDS):
        return "one-shot"
    return None


def _serves_wsgi(arguments: tuple[str | None, ...]) -> bool:
    """`gunicorn project.wsgi`: Django's and Flask's name for the module, unless an ASGI worker class is given."""
    wsgi = False
    for word in arguments:
        if word is None:
            return False
        if "uvicorn" in word.lower() or word in ("asgi", "-kasgi", "--worker-class=asgi"):
            return False
        module = word.partition(":")[0]
        wsgi = wsgi or (not word.startswith("-") and (module == "wsgi" or module.endswith((".wsgi", "_wsgi"))))
    return wsgi


def is_interpreter(name: str) -> bool:
    """Whether a bare program name is Python or a POSIX-like shell."""
    return name in SHELLS or is_python(name)


def is_python(name: str) -> bool:
    """Whether a bare program name is a Python interpreter (`python`, `python3`, `python3.12`, `pypy3`)."""
    for stem in ("python", "pypy"):
        if name.startswith(stem):
            version = name[len(stem) :].removesuffix("t")  # `python3.13t`, the free-threaded build
            return all(part.isdecimal() for part in version.split(".")) if version else True
    return False


SHELLS: Final = READABLE_SHELLS - {"busybox"}  # busybox is a wrapper: `busybox sh`


class Value(NamedTuple):
    """A setting that is known: its text, where it stands (None for a built-in default), and which way it came.

    The default reload of `fastapi dev` is the one default with a span: the word `dev` turns it on.
    """

    text: str
    span: Span | None
    origin: str  # "option", "environment", "file" (a configuration file), "default"

    @property
    def number(self) -> int | None:
        """The value as a whole number, or None. Absurdly long digits are not one."""
        text = self.text
        return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None

    @property
    def on(self) -> bool:
        """Whether a flag is set (text "true")."""
        return self.text == "true"


class Environment:
    """What a program finds in its environment, three-way: a known value, certainly absent, or cannot tell.

    `values` maps a name to its value, or to UNKNOWN when it is set but to what cannot be told.
    A name that is not there is absent when `closed`, else it cannot be told (an unreadable env_file, a base image
    of which nothing is known).
    """

    __slots__ = ("closed", "values")

    def __init__(self, values: Mapping[str, Value | Unknown] | None = None, *, closed: bool = True) -> None:
        self.values: Mapping[str, Value | Unknown] = {} if values is None else values
        self.closed = closed

    def __repr__(self) -> str:
        return f"Environment({dict(self.values)!r}, closed={self.closed})"

    def get(self, name: str) -> Value | Unknown | None:
        """The variable's value; None when it is certainly not set; UNKNOWN when that cannot be told."""
        return self.values.get(name, None if self.closed else UNKNOWN)

    def seen_by(self, program: Program) -> Environment:
        """The environment as that program finds it, the assignments on its command line applied."""
        if program.inherits is True and not program.environment:
            return self
        values: dict[str, Value | Unknown] = dict(self.values) if program.inherits is True else {}
        for name, text in program.environment.items():
            span = program.environment_spans.get(name)
            values[name] = UNKNOWN if text is None else Value(text, span, "environment")
        closed = program.inherits is False or (program.inherits is True and self.closed)
        return Environment(values, closed=closed)


class Bind(NamedTuple):
    """One place that a server listens on. A part is None when it cannot be told or, for a socket, does not exist.

    `host` is "unix:PATH" or "fd:NUMBER" for a socket that is not TCP; `port` is then None.
    """

    host: Value | None
    port: Value | None


class Call(NamedTuple):
    """The call in Python code that starts a server: `uvicorn.run("main:app", host="0.0.0.0")`.

    An application is given as an import string, which the server's processes import for themselves, or as an object,
    which only the process that has it can serve. `directory` is what Python puts in front of `sys.path` (the folder of
    the script, or the working directory for `python -m`), so that an import string is searched there: an absolute
    path of the container, or None when it cannot be told.
    """

    name: str  # the function as its package calls it: `uvicorn.run`, `uvicorn.Server`, `granian.Granian`
    span: Span  # the function, as it is written
    arguments: Span  # from there to the closing parenthesis
    app: Span | None  # the application, as it is written
    app_object: bool | None  # whether it is an object; None when that cannot be told
    defined: tuple[str, str] | None = None  # of an object: the project's file in which it is bound, and its name there
    directory: str | None = None


class Server(NamedTuple):
    """A server's command line, read by that server's own rules. A field is None when it cannot be told.

    When Python code starts it, `call` says where, the values are those of the call's arguments, and `program` is the
    Python that runs the code.

    `host` and `port` are those of the bind that is reachable from outside if there is one, else of the first;
    `binds` holds all of them and is None when they cannot be told.
    """

    program: Program
    kind: str  # uvicorn | gunicorn | hypercorn | granian | daphne | fastapi
    subcommand: str  # "run" or "dev" for fastapi, else ""
    app: Value | None  # the import string or path; None also when none is given
    host: Value | None  # for a unix socket or an inherited one: text "unix:PATH" or "fd:NUMBER"
    port: Value | None  # None also for a socket that is not TCP
    workers: Value | None
    reload: Value | None  # text "true"/"false"; span at the option that turns it on
    reload_options: tuple[Argument, ...]  # `--reload-dir x` and the like, the companions, values included
    options: Mapping[str, Value]  # every option given, on the line or by the server's own variables, by its long name
    complete: bool  # False when some argument could not be told, so that an absent option may still be there
    binds: tuple[Bind, ...] | None = None
    unknown_options: tuple[Argument, ...] = ()  # written, but not an option of that server
    config: Value | None = None  # the configuration file that it reads: named by an option, or found by its name
    call: Call | None = None  # the call that starts it, when code does
    hidden: bool = False  # some word may hold further options, of which `options` then lacks those
    untold: frozenset[str] = frozenset()  # options, by their long names, that are given and whose value cannot be told
    unset: frozenset[str] = frozenset()  # of gunicorn's, those that certainly have their default though not all is told

    @classmethod
    def without_options(cls, program: Program, kind: str) -> Server:
        """A server that is given no options, and whose application its command does not name."""
        return cls(
            program=program,
            kind=kind,
            subcommand="",
            app=None,
            host=None,
            port=None,
            workers=None,
            reload=None,
            reload_options=(),
            options={},
            complete=True,
        )

    def may_give(self, option: str) -> bool:
        """Whether an option that is not among `options` may be on the command line all the same."""
        return self.hidden or option in self.untold

    @property
    def loopback(self) -> bool | None:
        """Whether nothing outside the container can reach it; None when that cannot be told. False for sockets of
        another kind, which may be shared.
        """
        if self.binds is None:
            return None if self.host is None else is_loopback(self.host.text)
        hosts = [bind.host for bind in self.binds]
        known = [is_loopback(host.text) for host in hosts if host is not None]
        if False in known:
            return False
        return None if len(known) < len(hosts) or not known else True

    @property
    def several(self) -> Value | None:
        """The number of workers when it is certainly more than one."""
        return self.workers if self.workers is not None and (self.workers.number or 0) > 1 else None

    @property
    def several_running(self) -> Value | None:
        """The same as far as they run: uvicorn drops its workers for a reloader."""
        dropped = self.kind in ("uvicorn", "fastapi") and self.reload is not None and self.reload.on
        return None if dropped else self.several

    @property
    def misread_options(self) -> Iterator[MisreadOption]:
        """What is written among its options and certainly refused, or taken otherwise than it was meant."""
        from dockerlint_fastapi.model.start.misread_options import misread_options  # noqa: PLC0415  # one rule asks

        return misread_options(self)

    @property
    def processes(self) -> Value | None:
        """The setting that makes it run its application in other processes: the reloader, or several workers."""
        if self.reload is not None and self.reload.on:
            return self.reload
        return self.several


def is_loopback(host: str) -> bool:
    """Whether a host names the loopback interface: 127.0.0.0/8, ::1 or localhost."""
    host = host.strip("[]").lower()
    if host in ("localhost", "::1", "0:0:0:0:0:0:0:1"):
        return True
    parts = host.split(".")
    return parts[0] == "127" and len(parts) <= 4 and all(part.isascii() and part.isdecimal() for part in parts)
