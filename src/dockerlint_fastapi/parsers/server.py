"""From a program and its environment to the server that it is, by that server's own rules.

Option names come from the tables in data/servers, which a test compares with the packages. What the options mean
(precedence, defaults, variables) is written here: each function says what its server does, tried with the versions
named in the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.command import (
    UNKNOWN,
    Argument,
    Bind,
    Environment,
    Program,
    Server,
    Unknown,
    Value,
    is_loopback,
)
from dockerlint_fastapi.parsers.command import locator
from dockerlint_fastapi.source import Source, Span

Exists = Callable[[str], bool | None]
"""Whether a file of that name is in the directory where the server starts; None when that cannot be told."""

_CLICK_TRUE: Final = frozenset({"1", "true", "t", "yes", "y", "on"})
_CLICK_FALSE: Final = frozenset({"0", "false", "f", "no", "n", "off"})


def _cannot_tell(_path: str) -> None:
    return None


def server(program: Program, environment: Environment, exists: Exists = _cannot_tell) -> Server | None:
    """The server that a program is; None when it is none, or one that only prints its version or help.

    `environment` is what the container gives to its command; assignments on the command line are applied here.
    `exists` decides about gunicorn.conf.py, which gunicorn reads unasked: where it cannot be told, nor can defaults.
    """
    read = _READERS.get(program.name)
    return None if read is None else read(program, environment.seen_by(program), exists)


# The words


class _Line:
    """One command line, sorted into options and positional words by an option table.

    click: a value may look like an option; long names are exact. argparse (`abbreviate`): a value may not begin
    with `-`; an unambiguous beginning of a long name stands for it.
    """

    __slots__ = (
        "_longs",
        "abbreviate",
        "certain",
        "ending",
        "given",
        "hidden",
        "positional",
        "unknown",
        "values",
        "words",
    )

    def __init__(self, table: Mapping[str, Any], arguments: Iterable[Argument], *, abbreviate: bool = False) -> None:
        self._longs = _longs(table)
        self.abbreviate = abbreviate
        # For each option by its long name every value in order, None for one that cannot be told.
        self.given: dict[str, list[Value | None]] = {}
        self.values: dict[str, list[Argument]] = {}  # for each of those the word, or part of one, that is the value
        self.words: dict[str, list[Argument]] = {}  # all words that an option is made of
        self.positional: list[Argument] = []
        self.certain = True  # the first positional word is no value of an unknown option
        self.unknown: list[Argument] = []  # words that look like options but are none
        self.hidden = False  # some word may hold further options; then only the last value of each counts
        self.ending = False  # --help, --version
        self._sort(list(arguments))

    @property
    def complete(self) -> bool:
        """Whether an option that is not given is certainly not given."""
        return not self.hidden and not self.unknown and all(value for values in self.given.values() for value in values)

    def last(self, name: str) -> Value | Unknown | None:
        """The value that counts for an option given once or more; None when it is certainly not given."""
        values = self.given.get(name)
        if values:
            return UNKNOWN if values[-1] is None else values[-1]
        return UNKNOWN if self.hidden or self.unknown else None

    def _sort(self, arguments: list[Argument]) -> None:
        at = 0
        while at < len(arguments):
            argument = arguments[at]
            value = argument.value
            at += 1
            if value is None:
                self._sort_unknown(argument)
            elif value == "--":
                self.positional.extend(arguments[at:])
                if any(_may_be_several(rest) for rest in arguments[at:]):
                    self.hidden = True
                return
            elif value.startswith("--"):
                at = self._long(arguments, at, argument, value)
            elif self._like_option(value):
                at = self._short(arguments, at, argument, value)
            else:
                self.positional.append(argument)

    def _like_option(self, value: str) -> bool:
        """Whether the parser takes a word for options. argparse leaves out negative numbers, and words with spaces
        that do not begin with an option.
        """
        if not value.startswith("-") or len(value) == 1:
            return False
        if not self.abbreviate:
            return True
        if value[1:].replace(".", "", 1).isdecimal():
            return False
        return " " not in value or self._lookup(value.partition("=")[0] if value[1] == "-" else value[:2]) is not None

    def _not_an_option(self, argument: Argument) -> None:
        self.unknown.append(argument)
        if not self.positional and "=" not in (argument.value or ""):
            self.certain = False

    def _long(self, arguments: list[Argument], at: int, argument: Argument, value: str) -> int:
        written, equals, text = value.partition("=")
        found = self._lookup(written)
        if found is None:
            self._not_an_option(argument)
            return at
        name, kind = found
        if kind in ("flag", "off", "ending"):
            if equals:
                self._not_an_option(argument)
            else:
                self._flag(name, kind, argument)
            return at
        if equals:
            start = len(written) + 1
            self._add(name, Value(text, locator(argument)(start, len(value)), "option"), argument)
            return at
        return self._value(arguments, at, argument, name, optional=kind == "optional")

    def _short(self, arguments: list[Argument], at: int, argument: Argument, value: str) -> int:
        """`-w4`, `-w 4`, `-w=4` (argparse), and flags in front of it as in `-Dw4`."""
        for place in range(1, len(value)):
            found = self._lookup("-" + value[place])
            if found is None:
                self._not_an_option(argument)
                return at
            name, kind = found
            if kind in ("flag", "off", "ending"):
                self._flag(name, kind, argument)
                continue
            start = place + 1
            if start == len(value):
                return self._value(arguments, at, argument, name, optional=kind == "optional")
            if self.abbreviate and place == 1 and value[start] == "=":
                start += 1
            self._add(name, Value(value[start:], locator(argument)(start, len(value)), "option"), argument)
            return at
        return at

    def _value(self, arguments: list[Argument], at: int, option: Argument, name: str, *, optional: bool) -> int:
        following = arguments[at] if at < len(arguments) else None
        if following is None or (
            self.abbreviate and following.value is not None and self._like_option(following.value)
        ):
            # Without its value the server stops with an error; an optional value (`--proxy-protocol`) may be left out.
            self._add(name, Value("", None, "option") if optional else None, option)
            return at
        if optional:
            # Only newer gunicorns take a value here: for the others it is the application.
            self._add(name, None, option)
            return at + 1
        self._add(name, value_of(following), option, following)
        return at + 1

    def _add(self, name: str, value: Value | None, *words: Argument) -> None:
        self.given.setdefault(name, []).append(value)
        self.values.setdefault(name, []).append(words[-1])
        self.words.setdefault(name, []).extend(words)

    def _flag(self, name: str, kind: str, argument: Argument) -> None:
        if kind == "ending":
            self.ending = True
        else:
            self._add(name, Value("false" if kind == "off" else "true", argument.span, "option"), argument)

    def _lookup(self, written: str) -> tuple[str, str] | None:
        """An option's long name and kind; None when there is no such option, or several begin like that."""
        found = self._longs.get(written)
        if found is None and self.abbreviate and len(written) > 2:
            names = {found for long, found in self._longs.items() if long.startswith(written)}
            if len(names) == 1:
                return names.pop()
        return found

    def _sort_unknown(self, argument: Argument) -> None:
        text = argument.text.lstrip("\"'")
        written, equals, _ = text.partition("=")
        if text.startswith("-"):
            # `--port=$PORT`, `-w$N`: which option is known, its value not
            found = self._lookup(written if text.startswith("--") else text[:2])
            if found is not None and found[1] in ("value", "repeated") and (equals or not text.startswith("--")):
                start = len(argument.text) - len(text) + (len(written) + 1 if text.startswith("--") else 2)
                span = argument.span
                if span.text == argument.text:
                    span = Span(span.source, span.start + start, span.end)
                self._add(found[0], None, argument)
                self.values[found[0]][-1] = Argument(None, argument.text[start:], span)
                return
        elif not text.startswith(("$", "`")) or _names_application(text):
            self.positional.append(argument)
            return
        # It may hold options that override all that came before, and any number of words.
        self.hidden = True
        self.positional.append(Argument(None, argument.text, argument.span))
        for values in self.given.values():
            values[-1] = None


def value_of(argument: Argument) -> Value | None:
    """An option's value from the word that is it; the span leaves quotes out where that is possible."""
    if argument.value is None:
        return None
    return Value(argument.value, locator(argument)(0, len(argument.value)), "option")


def _longs(table: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Every spelling of an option, dashes included, with its long name and its kind."""
    spellings: dict[str, tuple[str, str]] = {}
    for key, kind in (("flags", "flag"), ("values", "value"), ("repeated", "repeated"), ("optional", "optional")):
        for name in table.get(key, ()):
            spellings[f"--{name}"] = (name, kind)
    for name in table.get("ending", ()):
        spellings[f"--{name}"] = (name, "ending")
    for name in table.get("switches", ()):
        spellings[f"--{name}"] = (name, "flag")
        spellings[f"--no-{name}"] = (name, "off")
    for other, name in table.get("aliases", {}).items():
        spellings[other] = spellings[f"--{name}"]
    return spellings


def _may_be_several(argument: Argument) -> bool:
    """Whether a word that cannot be told may become none or several: it has an expansion without quotes, or `$@`."""
    if argument.value is not None:
        return False
    text = argument.text
    return "$@" in text or "${@" in text or not (text.startswith('"') and text.endswith('"') and text.count('"') == 2)


def _names_application(text: str) -> bool:
    """`$MODULE:app`, `${MODULE}:${NAME}`: expansions, but joined as an import string is."""
    depth = 0
    for char, following in zip(text, text[1:] + " ", strict=True):
        if char == "$" and following == "(":
            return False
        depth += (char == "{") - (char == "}")
        if char == ":" and depth == 0:
            return True
    return False


# What the readers share


def _variable(environment: Environment, name: str) -> Value | Unknown | None:
    """A variable as click reads it: one that is empty is not set."""
    value = environment.get(name)
    return None if isinstance(value, Value) and not value.text else value


class _Settings:
    """The settings of a server by precedence: the command line, then its variables, then defaults."""

    __slots__ = ("_table", "environment", "line", "prefix")

    def __init__(self, line: _Line, environment: Environment, table: Mapping[str, Any], prefix: str = "") -> None:
        self.line = line
        self.environment = environment
        self.prefix = prefix
        self._table = table

    def get(self, name: str) -> Value | Unknown | None:
        """What is set; None when nothing is, so that the default counts."""
        value = self.line.last(name)
        if value is not None:
            return value
        return self.from_variable(name)

    def from_variable(self, name: str) -> Value | Unknown | None:
        """What the option's own variable sets."""
        variable = self.variable(name)
        value = None if variable is None else _variable(self.environment, variable)
        if isinstance(value, Value) and (
            name in self._table.get("flags", ()) or name in self._table.get("switches", ())
        ):
            text = value.text.strip().lower()
            if text not in _CLICK_TRUE and text not in _CLICK_FALSE:
                return UNKNOWN
            return value._replace(text="true" if text in _CLICK_TRUE else "false")
        return value

    def variable(self, name: str) -> str | None:
        """The name of the variable that stands for an option."""
        named: str | None = self._table.get("variables", {}).get(name)
        if named is None and self.prefix:
            return self.prefix + name.replace("-", "_").upper()
        return named

    def known(self, name: str, default: str | None) -> Value | None:
        """The value that counts, or None when it cannot be told, or is not set and has no default."""
        return _or_default(self.get(name), default)

    def options(self) -> tuple[dict[str, Value], bool]:
        """Every option set, on the line or by variables, and whether nothing else can be set."""
        found: dict[str, Value] = {}
        complete = self.line.complete
        if self.prefix or "variables" in self._table:
            for key in ("flags", "switches", "values", "repeated"):
                for name in self._table.get(key, ()):
                    value = self.from_variable(name)
                    if value is UNKNOWN:
                        complete = complete and name in self.line.given
                    elif isinstance(value, Value):
                        found[name] = value
        for name, values in self.line.given.items():
            last = values[-1]
            if last is None:
                found.pop(name, None)
            else:
                found[name] = last
        return found, complete


def _or_default(value: Value | Unknown | None, default: str | None) -> Value | None:
    if isinstance(value, Value):
        return value
    return Value(default, None, "default") if value is None and default is not None else None


def _application(line: _Line) -> Value | None:
    """The first positional word; None when there is none, or it may be another."""
    if not line.positional:
        return None
    first = line.positional[0]
    return value_of(first) if line.certain else None


def _concurrency(environment: Environment) -> Value | Unknown | None:
    return environment.get("WEB_CONCURRENCY")


def _companions(line: _Line) -> tuple[Argument, ...]:
    return tuple(word for name, words in line.words.items() if name.startswith("reload-") for word in words)


def _face(binds: tuple[Bind, ...] | None) -> tuple[Value | None, Value | None]:
    """The host and port by which a server is best reached."""
    if not binds:
        return None, None
    for bind in binds:
        if bind.host is not None and not is_loopback(bind.host.text):
            return bind.host, bind.port
    if any(bind.host is None for bind in binds):
        ports = {bind.port.text if bind.port else None for bind in binds}
        return None, binds[0].port if len(ports) == 1 else None
    return binds[0].host, binds[0].port


def _made(
    program: Program,
    kind: str,
    line: _Line,
    *,
    app: Value | None,
    binds: tuple[Bind, ...] | None,
    workers: Value | None,
    reload: Value | None,
    options: Mapping[str, Value],
    complete: bool,
    subcommand: str = "",
    config: Value | None = None,
) -> Server:
    host, port = _face(binds)
    return Server(
        program=program,
        kind=kind,
        subcommand=subcommand,
        app=app,
        host=host,
        port=port,
        workers=workers,
        reload=reload,
        reload_options=_companions(line),
        options=options,
        complete=complete,
        binds=binds,
        unknown_options=tuple(line.unknown),
        config=config,
    )


def _socket_or_tcp(settings: _Settings, sockets: Mapping[str, str], host: str, port: str) -> tuple[Bind, ...]:
    """One bind from options that each name a socket of another kind, and else from `host` and `port`."""
    for option, kind in sockets.items():
        value = settings.get(option)
        if isinstance(value, Value):
            return (Bind(value._replace(text=f"{kind}:{value.text}"), None),)
        if value is UNKNOWN and option in settings.line.given:
            return (Bind(None, None),)
        if value is UNKNOWN:
            # It may be a socket, but hardly where a host or port is given as well.
            return (Bind(settings.known("host", None), settings.known("port", None)),)
    return (Bind(settings.known("host", host), settings.known("port", port)),)


# uvicorn and granian, which are click programs


def _uvicorn(program: Program, environment: Environment, _exists: Exists) -> Server | None:
    """uvicorn: `UVICORN_NAME` stands for every option; workers also WEB_CONCURRENCY, which `--env-file` may set."""
    known = table("servers/uvicorn")
    line = _Line(known, program.argv[1:])
    if line.ending:
        return None
    settings = _Settings(line, environment, known, "UVICORN_")
    workers = _or_one(settings.get("workers"))
    if workers is None:
        workers = _concurrency(environment)
        if workers is None and settings.get("env-file") is not None:
            workers = UNKNOWN
    app = _application(line)
    if app is None and not line.positional and not line.hidden:
        app = _or_default(settings.from_variable("app"), None)
    options, complete = settings.options()
    return _made(
        program,
        "uvicorn",
        line,
        app=app,
        binds=_socket_or_tcp(settings, {"uds": "unix", "fd": "fd"}, "127.0.0.1", "8000"),
        workers=_or_default(workers, "1"),
        reload=settings.known("reload", "false"),
        options=options,
        complete=complete,
    )


def _or_one(workers: Value | Unknown | None) -> Value | Unknown | None:
    """The count as uvicorn takes it: 0 is 1."""
    return workers._replace(text="1") if isinstance(workers, Value) and workers.number == 0 else workers


def _granian(program: Program, environment: Environment, _exists: Exists) -> Server | None:
    """granian: `GRANIAN_NAME` stands for every option, by the parameter's name, which is not always the option's."""
    known = table("servers/granian")
    line = _Line(known, program.argv[1:])
    if line.ending:
        return None
    settings = _Settings(line, environment, known, "GRANIAN_")
    options, complete = settings.options()
    return _made(
        program,
        "granian",
        line,
        app=_application(line),
        binds=_socket_or_tcp(settings, {"uds": "unix"}, "127.0.0.1", "8000"),
        workers=settings.known("workers", "1"),
        reload=settings.known("reload", "false"),
        options=options,
        complete=complete,
    )


# fastapi, a typer program


def _fastapi(program: Program, environment: Environment, _exists: Exists) -> Server | None:
    """`fastapi run|dev`: PORT, and WEB_CONCURRENCY by way of uvicorn; never UVICORN_*."""
    known = table("servers/fastapi")
    at = 1
    while at < len(program.argv):
        value = program.argv[at].value
        if value is None or not value.startswith("-"):
            break
        if value not in ("--verbose", "--no-verbose"):
            return None
        at += 1
    subcommand = program.argv[at].value if at < len(program.argv) else None
    if subcommand not in ("run", "dev"):
        return None
    line = _Line(known[subcommand], program.argv[at + 1 :])
    if line.ending:
        return None
    settings = _Settings(line, environment, known[subcommand])
    workers = _or_one(settings.get("workers"))
    if workers is None:
        workers = _concurrency(environment)
    reload = settings.get("reload")
    if reload is None:
        dev = subcommand == "dev"
        reload = Value("true" if dev else "false", program.argv[at].span if dev else None, "default")
    entrypoint = line.last("entrypoint")
    app = _application(line)
    if app is None and not line.positional and isinstance(entrypoint, Value):
        app = entrypoint
    options, complete = settings.options()
    host = "127.0.0.1" if subcommand == "dev" else "0.0.0.0"  # noqa: S104  # the server's own default
    return _made(
        program,
        "fastapi",
        line,
        app=app,
        binds=(Bind(settings.known("host", host), settings.known("port", "8000")),),
        workers=_or_default(workers, "1"),
        reload=_or_default(reload, None),
        options=options,
        complete=complete,
        subcommand=subcommand,
    )


# gunicorn, hypercorn and daphne, which use argparse


def _gunicorn(program: Program, environment: Environment, exists: Exists) -> Server | None:
    """gunicorn: the command line over GUNICORN_CMD_ARGS over a configuration file (`-c`, else ./gunicorn.conf.py) over
    PORT and WEB_CONCURRENCY, which are part of the defaults. A list of binds replaces the one below it.
    """
    known = table("servers/gunicorn")
    line = _Line(known, program.argv[1:], abbreviate=True)
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
            other = _Line(known, words, abbreviate=True)
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
    from_file = config is not None or exists("gunicorn.conf.py") is not False

    def known_or(name: str, default: str) -> Value | None:
        value = given(name)
        return None if value is None and from_file else _or_default(value, default)

    workers = given("workers")
    if workers is None and not from_file:
        workers = _concurrency(environment)
    elif workers is None:
        workers = UNKNOWN
    options: dict[str, Value] = {}
    for one in reversed(lines):
        for name, values in one.given.items():
            last = values[-1]
            if last is None:
                options.pop(name, None)
            else:
                options[name] = last
    return _made(
        program,
        "gunicorn",
        line,
        app=_application(line),
        binds=_gunicorn_binds(lines, environment, blind=blind, from_file=from_file),
        workers=_or_default(workers, "1"),
        reload=known_or("reload", "false"),
        options=options,
        complete=all(one.complete for one in lines) and not blind and not from_file,
        config=config if isinstance(config, Value) else None,
    )


def _gunicorn_binds(
    lines: list[_Line], environment: Environment, *, blind: bool, from_file: bool
) -> tuple[Bind, ...] | None:
    for line in lines:
        binds = _binds(line, "bind", _gunicorn_address)
        if binds is None or binds:
            return binds
    if blind or from_file:
        return None
    port = environment.get("PORT")
    if port is UNKNOWN:
        return None
    if isinstance(port, Value):
        return (Bind(port._replace(text="0.0.0.0"), port),)  # noqa: S104  # gunicorn's default where PORT is set
    return (Bind(Value("127.0.0.1", None, "default"), Value("8000", None, "default")),)


def _binds(line: _Line, option: str, read: Callable[[str, Value], Bind]) -> tuple[Bind, ...] | None:
    """The binds of an option that may be repeated; empty when it is not given, None when that cannot be told."""
    values = line.given.get(option)
    if not values:
        return None if line.hidden or line.unknown else ()
    if line.hidden:
        return None
    return tuple(
        _partly_known(word) if value is None else read(value.text, value)
        for value, word in zip(values, line.values[option], strict=True)
    )


def _partly_known(word: Argument) -> Bind:
    """`0.0.0.0:$PORT`: the host is known although the port is not."""
    if word.value is not None:
        return Bind(None, None)
    quote = word.text[:1] if word.text[:1] in ('"', "'") else ""
    literal = word.text[len(quote) :].partition("$")[0]
    host = literal[:-1]
    if not literal.endswith(":") or not host or any(char in host for char in "\\\"'`*?:/"):
        return Bind(None, None)
    start = word.span.start + len(quote)
    exact = word.span.text == word.text
    span = Span(word.span.source, start, start + len(host)) if exact else word.span
    return Bind(Value(host, span, "option"), None)


def _part(value: Value, start: int, end: int) -> Value:
    """A stretch of a value, with its own place where the value's place is exact."""
    span = value.span
    if span is not None and span.end - span.start == len(value.text):
        span = Span(span.source, span.start + start, span.start + end)
    return Value(value.text[start:end], span, value.origin)


def _default_port(value: Value) -> Value:
    return Value("8000", None, "default") if value.text else value


def _gunicorn_address(text: str, value: Value) -> Bind:
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
        host = _part(value, start + 1, start + close)
        behind = rest.find("]:")
        port = _part(value, start + behind + 2, len(text)) if behind >= 0 else _default_port(value)
    elif ":" in rest:
        colon = rest.index(":")
        host = _part(value, start, start + colon)
        end = rest.find(":", colon + 1)
        port = _part(value, start + colon + 1, start + end if end >= 0 else len(text))
    else:
        host, port = _part(value, start, len(text)), _default_port(value)
    host = host._replace(text=host.text.lower())
    # An empty host (`:8000`) is every interface to the socket library.
    return Bind(host if host.text else host._replace(text="0.0.0.0"), port)  # noqa: S104


def _hypercorn_address(text: str, value: Value) -> Bind:
    """As hypercorn reads one: `unix:PATH`, `fd://N`, and HOST:PORT by the last colon; 8000 when that is no number."""
    if text.startswith("unix:"):
        return Bind(value, None)
    if text.startswith("fd://"):
        return Bind(value._replace(text=f"fd:{text[5:]}"), None)
    colon = text.rfind(":")
    digits = text[colon + 1 :]
    if colon < 0 or not (digits.isascii() and digits.isdecimal()):
        host, port = value, _default_port(value)
    else:
        host, port = _part(value, 0, colon), _part(value, colon + 1, len(text))
    bare = host.text.replace("[", "").replace("]", "")
    return Bind(host._replace(text=bare or "0.0.0.0"), port)  # noqa: S104


def _hypercorn(program: Program, environment: Environment, _exists: Exists) -> Server | None:
    """hypercorn: the command line over the file of `-c`, which is only read when it is given. No variables."""
    known = table("servers/hypercorn")
    line = _Line(known, program.argv[1:], abbreviate=True)
    if line.ending:
        return None
    config = line.last("config")
    settings = _Settings(line, environment, known)

    def known_or(name: str, default: str) -> Value | None:
        value = settings.get(name)
        return None if value is None and config is not None else _or_default(value, default)

    binds = _binds(line, "bind", _hypercorn_address)
    if binds == ():
        default = Bind(Value("127.0.0.1", None, "default"), Value("8000", None, "default"))
        binds = None if config is not None else (default,)
    if "insecure-bind" in line.given and binds is not None:
        # Listened on besides `--bind` once there is a certificate and a key; without, it is ignored.
        more = _binds(line, "insecure-bind", _hypercorn_address)
        secure = [settings.get("certfile"), settings.get("keyfile")]
        if None not in secure:
            binds = None if more is None or UNKNOWN in secure else binds + more
        elif config is not None:
            binds = None
    options, complete = settings.options()
    return _made(
        program,
        "hypercorn",
        line,
        app=_application(line),
        binds=binds,
        workers=known_or("workers", "1"),
        reload=known_or("reload", "false"),
        options=options,
        complete=complete and config is None,
        config=config if isinstance(config, Value) else None,
    )


def _daphne(program: Program, environment: Environment, _exists: Exists) -> Server | None:
    """daphne: `-b` and `-p` each bring the other's default; `-u`, `--fd` and `-e` alone listen on no TCP port besides.
    One process, no reloader, no variables.
    """
    known = table("servers/daphne")
    line = _Line(known, program.argv[1:], abbreviate=True)
    if line.ending:
        return None
    settings = _Settings(line, environment, known)
    options, complete = settings.options()
    return _made(
        program,
        "daphne",
        line,
        app=_application(line),
        binds=_daphne_binds(line),
        workers=Value("1", None, "default"),
        reload=Value("false", None, "default"),
        options=options,
        complete=complete,
    )


def _daphne_binds(line: _Line) -> tuple[Bind, ...] | None:
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
        host = _or_default(host_given, "127.0.0.1")
        if host is not None:
            host = host._replace(text=host.text.strip("[]"))
        found.append(Bind(host, _or_default(port_given, "8000")))
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


def _shell_words(value: Value) -> list[Argument] | None:
    """GUNICORN_CMD_ARGS as gunicorn splits it; None when a quote is not closed."""
    import shlex  # noqa: PLC0415  # rarely needed

    try:
        words = shlex.split(value.text)
    except ValueError:
        return None
    return [Argument(word, word, _NOWHERE) for word in words]


_NOWHERE: Final = Span(Source.of("", ""), 0, 0)  # the words of a variable share its place, which is filled in behind


_READERS: Final[Mapping[str, Callable[[Program, Environment, Exists], Server | None]]] = {
    "uvicorn": _uvicorn,
    "gunicorn": _gunicorn,
    "hypercorn": _hypercorn,
    "granian": _granian,
    "daphne": _daphne,
    "fastapi": _fastapi,
}
