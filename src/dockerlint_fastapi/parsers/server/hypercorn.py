"""hypercorn's command line and addresses; it uses argparse."""

from __future__ import annotations

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.command import UNKNOWN, Bind, Environment, Program, Server, Value
from dockerlint_fastapi.parsers.server.binds import default_port, part, repeated_binds
from dockerlint_fastapi.parsers.server.options import Line
from dockerlint_fastapi.parsers.server.reader import Exists, application, made
from dockerlint_fastapi.parsers.server.settings import Settings, or_default


def read(program: Program, environment: Environment, _exists: Exists, /) -> Server | None:
    """hypercorn: the command line over the file of `-c`, which is only read when it is given. No variables."""
    known = table("servers/hypercorn")
    line = Line(known, program.argv[1:], abbreviate=True)
    if line.ending:
        return None
    config = line.last("config")
    settings = Settings(line, environment, known)

    def known_or(name: str, default: str) -> Value | None:
        value = settings.get(name)
        return None if value is None and config is not None else or_default(value, default)

    binds = repeated_binds(line, "bind", _address)
    if binds == ():
        default = Bind(Value("127.0.0.1", None, "default"), Value("8000", None, "default"))
        binds = None if config is not None else (default,)
    if "insecure-bind" in line.given and binds is not None:
        # Listened on besides `--bind` once there is a certificate and a key; without, it is ignored.
        more = repeated_binds(line, "insecure-bind", _address)
        secure = [settings.get("certfile"), settings.get("keyfile")]
        if None not in secure:
            binds = None if more is None or UNKNOWN in secure else binds + more
        elif config is not None:
            binds = None
    options, complete = settings.options()
    return made(
        program,
        "hypercorn",
        line,
        app=application(line),
        binds=binds,
        workers=known_or("workers", "1"),
        reload=known_or("reload", "false"),
        options=options,
        complete=complete and config is None,
        config=config if isinstance(config, Value) else None,
    )


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
