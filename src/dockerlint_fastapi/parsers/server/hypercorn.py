"""hypercorn's command line and addresses; it uses argparse."""

from __future__ import annotations

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.command import UNKNOWN, Bind, Environment, Program, Server, Unknown, Value
from dockerlint_fastapi.parsers.server.binds import default_port, part, repeated_binds
from dockerlint_fastapi.parsers.server.options import Line
from dockerlint_fastapi.parsers.server.reader import Configuration, Configure, Exists, application, made
from dockerlint_fastapi.parsers.server.settings import Settings, or_default

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


# What the options are called in a configuration file, where that is not the option's own name.
_SETTINGS: Final = {
    "reload": "use_reloader",
    "access-logformat": "access_log_format",
    "access-logfile": "accesslog",
    "error-logfile": "errorlog",
    "log-level": "loglevel",
    "log-config": "logconfig",
    "keep-alive": "keep_alive_timeout",
    "pid": "pid_path",
    "server-name": "server_names",
}


def read(program: Program, environment: Environment, _exists: Exists, configure: Configure, /) -> Server | None:
    """hypercorn: the command line over the file of `-c`, which is only read when it is given (TOML, `file:` for
    Python, `python:` for a module). No variables.
    """
    known = table("servers/hypercorn")
    line = Line(known, program.argv[1:], abbreviate=True)
    if line.ending:
        return None
    config = line.last("config")
    settings = Settings(line, environment, known)

    file: Configuration | Unknown | None = None
    if config is not None:
        file = UNKNOWN if config is UNKNOWN else configure(config.text)
        file = UNKNOWN if file is None else file  # it would not start

    def from_file(name: str) -> Value | Unknown | None:
        if file is None:
            return None
        return UNKNOWN if isinstance(file, Unknown) else file.get(_SETTINGS.get(name, name.replace("-", "_")))

    def known_or(name: str, default: str) -> Value | None:
        value = settings.get(name)
        return or_default(from_file(name) if value is None else value, default)

    binds = repeated_binds(line, "bind", _address)
    if binds == ():
        binds = _binds_of(file)
    if "insecure-bind" in line.given and binds is not None:
        # Listened on besides `--bind` once there is a certificate and a key; without, it is ignored.
        more = repeated_binds(line, "insecure-bind", _address)
        secure = [settings.get("certfile"), settings.get("keyfile")]
        if None not in secure:
            binds = None if more is None or UNKNOWN in secure else binds + more
        elif config is not None:
            binds = None
    options, complete = settings.options()
    if isinstance(file, Configuration):
        names = {setting: option for option, setting in _SETTINGS.items()}
        for setting, values in file.settings.items():
            if not isinstance(values, Unknown):
                options.setdefault(names.get(setting, setting.replace("_", "-")), values[-1])
        complete = complete and file.complete and not any(isinstance(one, Unknown) for one in file.settings.values())
    return made(
        program,
        "hypercorn",
        line,
        app=application(line),
        binds=binds,
        workers=known_or("workers", "1"),
        reload=known_or("reload", "false"),
        options=options,
        complete=complete and not isinstance(file, Unknown),
        config=config if isinstance(config, Value) else None,
    )


def _binds_of(file: Configuration | Unknown | None) -> tuple[Bind, ...] | None:
    """What it listens on when the command line does not say."""
    if isinstance(file, Unknown):
        return None
    if file is not None and file.get("bind") is not None:
        values = file.settings.get("bind", UNKNOWN)
        secure = any(name in file.settings for name in ("insecure_bind", "quic_bind"))
        return None if isinstance(values, Unknown) or secure else tuple(_address(one.text, one) for one in values)
    return (Bind(Value("127.0.0.1", None, "default"), Value("8000", None, "default")),)


def _address(text: str, value: Value) -> Bind:
    """As hypercorn reads one: `unix:PATH`, `fd://N`, and HOST:PORT by the last colon; 8000 when that is no number."""
    if text.startswith("unix:"):
        return Bind(value, None)
    if text.startswith("fd://"):
        return Bind(value._replace(text=f"fd:{text[5:]}"), None)
    colon = text.rfind(":")
    digits = text[colon + 1 :]
    if colon < 0 or not (digits.isascii() and digits.isdecimal()):
        host, port = value, default_port(value)
    else:
        host, port = part(value, 0, colon), part(value, colon + 1, len(text))
    bare = host.text.replace("[", "").replace("]", "")
    return Bind(host._replace(text=bare or "0.0.0.0"), port)  # noqa: S104
