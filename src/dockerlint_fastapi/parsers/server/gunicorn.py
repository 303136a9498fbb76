"""gunicorn's command line, variables and addresses; it uses argparse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.command import UNKNOWN, Argument, Bind, Environment, Program, Server, Unknown, Value
from dockerlint_fastapi.parsers.server.binds import default_port, part, repeated_binds
from dockerlint_fastapi.parsers.server.options import Line
from dockerlint_fastapi.parsers.server.reader import Configuration, Configure, Exists, application, made
from dockerlint_fastapi.parsers.server.settings import concurrency, or_default
from dockerlint_fastapi.source import Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final


_ASKED = ("graceful-timeout",)  # of which a rule asks whether they are set at all
_DEFAULT_FILE: Final = "gunicorn.conf.py"
_NOWHERE: Final = Span(Source.of("", ""), 0, 0)  # the words of a variable share its place, which is filled in behind


def read(program: Program, environment: Environment, exists: Exists, configure: Configure, /) -> Server | None:
    """gunicorn: the command line over GUNICORN_CMD_ARGS over a configuration file (`-c`, else ./gunicorn.conf.py) over
    PORT and WEB_CONCURRENCY, which are part of the defaults. A list of binds replaces the one below it. The file is
    searched where gunicorn is started, whatever `--chdir` says.
    """
    known = table("servers/gunicorn")
    line = Line(known, program.argv[1:], abbreviate=True)
    if line.ending or "check-config" in line.given or "print-config" in line.given:
        return None
    lines = [line]
    arguments = environment.get("GUNICORN_CMD_ARGS")
    blind = arguments is UNKNOWN
    if isinstance(arguments, Value):
        words = _shell_words(arguments)
        if words is None:
            blind = True
        else:
            other = Line(known, words, abbreviate=True)
            for values in other.given.values():
                values[:] = [
                    None if value is None else Value(value.text, arguments.span, "environment") for value in values
                ]
            lines.append(other)

    def given(name: str) -> Value | Unknown | None:
        for one in lines:
            value = one.last(name)
            if value is not None:
                return value
        return UNKNOWN if blind else None

    config = given("config")
    if isinstance(config, Value) and not config.text:
        config = None
    file: Configuration | Unknown | None = UNKNOWN
    if config is not UNKNOWN:
        file = configure(config.text if isinstance(config, Value) else None)
    if file is UNKNOWN and config is None and exists(_DEFAULT_FILE) is False:
        file = None
    names = {option: setting for setting, option in known.get("settings", {}).items()}

    def set_for(name: str) -> Value | Unknown | None:
        value = given(name)
        if value is None and file is not None:
            value = UNKNOWN if isinstance(file, Unknown) else file.get(names.get(name, name.replace("-", "_")))
        return value

    workers = set_for("workers")
    if workers is None:
        workers = concurrency(environment)
    options: dict[str, Value] = {}
    if isinstance(file, Configuration):
        options.update(_options(file, known))
    for one in reversed(lines):
        for name, values in one.given.items():
            last = values[-1]
            if last is None:
                options.pop(name, None)
            else:
                options[name] = last
    return made(
        program,
        "gunicorn",
        line,
        app=application(line),
        binds=_all_binds(lines, environment, file, blind=blind),
        workers=or_default(workers, "1"),
        reload=or_default(set_for("reload"), "false"),
        options=options,
        complete=all(one.complete for one in lines) and not blind and _is_whole(file),
        config=config if isinstance(config, Value) else _found(file),
    )._replace(unset=frozenset(name for name in _ASKED if set_for(name) is None))


def _is_whole(file: Configuration | Unknown | None) -> bool:
    """Whether all that a file sets is known."""
    if isinstance(file, Unknown):
        return False
    return file is None or (file.complete and not any(isinstance(one, Unknown) for one in file.settings.values()))


def _found(file: Configuration | Unknown | None) -> Value | None:
    """The file that is read unasked."""
    return Value(_DEFAULT_FILE, file.file, "default") if isinstance(file, Configuration) else None


def _options(file: Configuration, known: Mapping[str, Any]) -> Iterator[tuple[str, Value]]:
    """What the file sets, by the names of the options; its hooks are none, and `sendfile` is the opposite of its."""
    names = known.get("settings", {})
    options = {name for key in ("flags", "values", "repeated", "optional") for name in known.get(key, ())}
    for setting, values in file.settings.items():
        name = names.get(setting, setting.replace("_", "-"))
        if name in options and setting != "sendfile" and not isinstance(values, Unknown):
            yield name, values[-1]


def _all_binds(
    lines: list[Line], environment: Environment, file: Configuration | Unknown | None, *, blind: bool
) -> tuple[Bind, ...] | None:
    for line in lines:
        binds = repeated_binds(line, "bind", _address)
        if binds is None or binds:
            return binds
    if blind or isinstance(file, Unknown):
        return None
    if file is not None and file.get("bind") is not None:
        values = file.settings.get("bind", UNKNOWN)
        return None if isinstance(values, Unknown) else tuple(_address(one.text, one) for one in values)
    port = environment.get("PORT")
    if port is UNKNOWN:
        return None
    if isinstance(port, Value):
        return (Bind(port._replace(text="0.0.0.0"), port),)  # noqa: S104  # gunicorn's default where PORT is set
    return (Bind(Value("127.0.0.1", None, "default"), Value("8000", None, "default")),)


def _address(text: str, value: Value) -> Bind:
    """As gunicorn reads an address: `unix:PATH`, `fd://N`, `[tcp://]HOST[:PORT]`, `[IPV6]:PORT`, "" for all."""
    if text.startswith("unix:"):
        path = text.removeprefix("unix:").removeprefix("//")
        return Bind(value._replace(text=f"unix:{path}"), None)
    if text.startswith("fd://"):
        return Bind(value._replace(text=f"fd:{text[5:]}"), None)
    start = 6 if text.startswith("tcp://") else 0
    rest = text[start:]
    if not rest:
        return Bind(value._replace(text="0.0.0.0"), Value("8000", None, "default"))  # noqa: S104
    if "[" in rest and "]" in rest:
        close = rest.index("]")
        host = part(value, start + 1, start + close)
        behind = rest.find("]:")
        port = part(value, start + behind + 2, len(text)) if behind >= 0 else default_port(value)
    elif ":" in rest:
        colon = rest.index(":")
        host = part(value, start, start + colon)
        end = rest.find(":", colon + 1)
        port = part(value, start + colon + 1, start + end if end >= 0 else len(text))
    else:
        host, port = part(value, start, len(text)), default_port(value)
    host = host._replace(text=host.text.lower())
    # An empty host (`:8000`) is every interface to the socket library.
    return Bind(host if host.text else host._replace(text="0.0.0.0"), port)  # noqa: S104


def _shell_words(value: Value) -> list[Argument] | None:
    """GUNICORN_CMD_ARGS as gunicorn splits it; None when a quote is not closed."""
    import shlex  # noqa: PLC0415  # rarely needed

    try:
        words = shlex.split(value.text)
    except ValueError:
        return None
    return [Argument(word, word, _NOWHERE) for word in words]
