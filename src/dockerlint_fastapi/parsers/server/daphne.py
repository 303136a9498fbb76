"""daphne's command line and twisted's endpoints; it uses argparse."""

from __future__ import annotations

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.command import UNKNOWN, Bind, Environment, Program, Server, Value
from dockerlint_fastapi.parsers.server.options import Line
from dockerlint_fastapi.parsers.server.reader import Configure, Exists, application, made
from dockerlint_fastapi.parsers.server.settings import Settings, or_default


def read(program: Program, environment: Environment, _exists: Exists, _configure: Configure, /) -> Server | None:
    """daphne: `-b` and `-p` each bring the other's default; `-u`, `--fd` and `-e` alone listen on no TCP port besides.
    One process, no reloader, no variables.
    """
    known = table("servers/daphne")
    line = Line(known, program.argv[1:], abbreviate=True)
    if line.ending:
        return None
    settings = Settings(line, environment, known)
    options, complete = settings.options()
    return made(
        program,
        "daphne",
        line,
        app=application(line),
        binds=_all_binds(line),
        workers=Value("1", None, "default"),
        reload=Value("false", None, "default"),
        options=options,
        complete=complete,
    )


def _all_binds(line: Line) -> tuple[Bind, ...] | None:
    if line.hidden or line.unknown:
        hosts, ports = line.given.get("bind"), line.given.get("port")
        if hosts and hosts[-1] is not None:
            return (Bind(hosts[-1], ports[-1] if ports else None),)
        return None
    endpoints = line.given.get("endpoint", ())
    found = [Bind(None, None) if given is None else _twisted_endpoint(given) for given in endpoints]
    for option, kind in (("unix-socket", "unix"), ("fd", "fd")):
        value = line.last(option)
        if isinstance(value, Value):
            found.append(Bind(value._replace(text=f"{kind}:{value.text}"), None))
        elif value is UNKNOWN:
            found.append(Bind(None, None))
    host_given, port_given = line.last("bind"), line.last("port")
    if host_given is not None or port_given is not None or not found:
        host = or_default(host_given, "127.0.0.1")
        if host is not None:
            host = host._replace(text=host.text.strip("[]"))
        found.append(Bind(host, or_default(port_given, "8000")))
    return tuple(found)


def _twisted_endpoint(value: Value) -> Bind:
    """`tcp:8000:interface=0.0.0.0`, `ssl:port=443:…`, `unix:path`; a colon in a value has a backslash before it."""
    parts = [part.replace("\0", ":") for part in value.text.replace("\\:", "\0").split(":")]
    kind, words = parts[0], parts[1:]
    named = dict(word.split("=", 1) for word in words if "=" in word)
    first = next((word for word in words[:1] if "=" not in word), None)
    if kind == "unix":
        path = named.get("address", first)
        return Bind(value._replace(text=f"unix:{path}") if path else None, None)
    if kind == "fd":
        number = named.get("fileno", first)
        return Bind(value._replace(text=f"fd:{number}") if number else None, None)
    if kind not in ("tcp", "ssl", "tcp6"):
        return Bind(None, None)
    port = named.get("port", first)
    interface = named.get("interface", "::" if kind == "tcp6" else "0.0.0.0")  # noqa: S104  # twisted's default
    return Bind(value._replace(text=interface), value._replace(text=port) if port else None)
