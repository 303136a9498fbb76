"""Servers that Python code starts: `uvicorn.run(…)`, `uvicorn.Server(uvicorn.Config(…))`, `granian.Granian(…)`.

Tried with uvicorn 0.54 and granian 2.8: `uvicorn.run` reads no UVICORN_* variable and no PORT; it reads WEB_CONCURRENCY
where `workers` is not given or None (0 is taken as it is). Given an object instead of an import string it exits with
status 3 when there is a reloader or more than one worker, WEB_CONCURRENCY included. `uvicorn.Server(config).run()`
serves in its own process, whatever `workers` and `reload` say. `granian.Granian` reads no variable.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from dockerlint_fastapi.model.command import Bind, Call, Program, Server, Unknown, Value
from dockerlint_fastapi.parsers.python.names import dotted, resolve
from dockerlint_fastapi.parsers.python.starts import ServingCall
from dockerlint_fastapi.parsers.python.values import Known, evaluate, variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


# Parameters whose option on the command line has another name.
_OPTION_NAMES: Final = {
    "reload_dirs": "reload-dir",
    "reload_includes": "reload-include",
    "reload_excludes": "reload-exclude",
    "headers": "header",
    "address": "host",
}
_UNREAD: Final = frozenset({"log_config", "headers", "ssl_context_factory", "loop", "http", "ws", "log_dictconfig"})
_FIRST: Final = {"uvicorn": "app", "granian": "target"}
_POSITIONAL: Final = {"granian": ("target", "address", "port")}


def server_of_call(start: ServingCall, program: Program, directory: str | None) -> Server:
    """The server that a call starts; `directory` is where Python searches first."""
    module = start.scope.module
    span = module.span(start.call)
    function = module.span(start.call.func)
    if start.arguments is None:
        call = Call(start.name, function, span, None, None, None, directory)
        return _unread(start, program, call)
    settings, complete = _settings(start)
    given = settings.get(_FIRST[start.kind])
    app, is_object, defined = _application(given, start)
    call = Call(
        name=start.name,
        span=function,
        arguments=span,
        app=None if given is None else module.span(given),
        app_object=is_object,
        defined=defined,
        directory=directory,
    )
    values = {name: evaluate(node, start.scope) for name, node in settings.items()}
    host_name = "address" if start.kind == "granian" else "host"
    bind = _bind(values, settings, host_name, complete=complete)
    alone = start.name.endswith("Server") and start.kind == "uvicorn"
    workers = _setting("workers", "1", values, settings, complete=complete)
    if start.kind == "uvicorn" and complete and ("workers" not in settings or _is_none(values["workers"])):
        workers = _concurrency(start)
    reload = _setting("reload", "false", values, settings, complete=complete)
    if alone:
        workers, reload = Value("1", None, "default"), Value("false", None, "default")
    options: dict[str, Value] = {}
    for name, node in settings.items():
        known = values[name]
        if name == _FIRST[start.kind]:
            continue
        if known is not None and known.value is not None:
            options[_OPTION_NAMES.get(name, name.replace("_", "-"))] = known.as_value()
        elif known is None and name in _UNREAD:
            options[_OPTION_NAMES.get(name, name.replace("_", "-"))] = Value(
                module.span(node).text, module.span(node), "option"
            )
        elif known is None:
            complete = False
    return Server(
        program=program,
        kind=start.kind,
        subcommand="",
        app=app,
        host=bind.host,
        port=bind.port,
        workers=workers,
        reload=reload,
        reload_options=(),
        options=options,
        complete=complete,
        binds=(bind,),
        call=call,
    )


def _unread(start: ServingCall, program: Program, call: Call) -> Server:
    """A server of which nothing is known but its kind."""
    return Server.without_options(program, start.kind)._replace(complete=False, call=call)


def _settings(start: ServingCall) -> tuple[dict[str, ast.expr], bool]:
    """The arguments by name, and whether these are all: not with `**settings`."""
    settings: dict[str, ast.expr] = {}
    complete = True
    if start.arguments is None:
        return settings, False
    positional = _POSITIONAL.get(start.kind, (_FIRST[start.kind], "host", "port"))
    for name, node in zip(positional, start.arguments.args, strict=False):
        if isinstance(node, ast.Starred):
            complete = False
            break
        settings[name] = node
    for keyword in start.arguments.keywords:
        if keyword.arg is not None:
            settings[keyword.arg] = keyword.value
        elif not _spread(keyword.value, start, settings):
            complete = False
    return settings, complete


def _spread(node: ast.expr, start: ServingCall, settings: dict[str, ast.expr]) -> bool:
    """`**{"port": 8000}` and `**dict(port=8000)`, also by a name that is bound once; False when it cannot be read."""
    found = resolve(node, start.scope)
    if found is None or found.scope is not start.scope or not isinstance(node, (ast.Dict, ast.Call)):
        return False  # a dictionary with a name may be changed before it is used
    if isinstance(found.node, ast.Dict):
        for key, value in zip(found.node.keys, found.node.values, strict=True):
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                return False
            settings[key.value] = value
        return True
    if isinstance(found.node, ast.Call) and dotted(found.node.func, found.scope) == "dict" and not found.node.args:
        for keyword in found.node.keywords:
            if keyword.arg is None:
                return False
            settings[keyword.arg] = keyword.value
        return True
    return False


def _is_none(known: Known | None) -> bool:
    return known is not None and known.value is None


def _setting(
    name: str,
    default: str,
    values: Mapping[str, Known | None],
    settings: Mapping[str, ast.expr],
    *,
    complete: bool,
) -> Value | None:
    if name in settings:
        known = values[name]
        if known is None:
            return None
        return Value(default, None, "default") if known.value is None else known.as_value()
    return Value(default, None, "default") if complete else None


def _bind(
    values: Mapping[str, Known | None], settings: Mapping[str, ast.expr], host_name: str, *, complete: bool
) -> Bind:
    """The one place that it listens on."""
    for name, kind in (("uds", "unix"), ("fd", "fd")):
        known = values.get(name)
        if name in settings and known is None:
            return Bind(None, None)
        if known is not None and known.value is not None:
            return Bind(known._replace(value=f"{kind}:{known.text}").as_value(), None)
    host = _setting(host_name, "127.0.0.1", values, settings, complete=complete)
    port = _setting("port", "8000", values, settings, complete=complete)
    if host is not None and not host.text:
        host = host._replace(text="0.0.0.0")  # noqa: S104  # an empty host is every interface to the socket library
    return Bind(host, port)


def _concurrency(start: ServingCall) -> Value | None:
    found = variable("WEB_CONCURRENCY", start.scope.module)
    if isinstance(found, Unknown):
        return None
    return Value("1", None, "default") if found is None else found.as_value()


def _application(node: ast.expr | None, start: ServingCall) -> tuple[Value | None, bool | None, tuple[str, str] | None]:
    """The import string, or that it is an object, and where that is bound: the project's file and the name in it."""
    if node is None:
        return None, None, None
    known = evaluate(node, start.scope)
    if known is not None:
        return (known.as_value(), False, None) if isinstance(known.value, str) else (None, None, None)
    if isinstance(node, ast.IfExp):
        return _either_way(node, start), None, None
    if isinstance(node, (ast.JoinedStr, ast.BinOp)):
        return None, None, None
    if isinstance(node, ast.Call):
        made = dotted(node.func, start.scope)
        return None, (True if made is not None and made.rpartition(".")[2] in ("FastAPI", "Starlette") else None), None
    found = resolve(node, start.scope)
    if found is None or found.node is node:
        # `from app.main import app`, of a module that is not to be seen: an object, unless it is named as a constant
        name = node.id if isinstance(node, ast.Name) else ""
        holder = start.scope.holder_of(name) if name else None
        imported = holder is not None and dotted(node, start.scope) is not None and not name.isupper()
        return None, True if imported else None, None
    if isinstance(found.node, ast.Call):
        names = found.scope.module.bound  # a variable of a function is none of its module's
        bound = next((key for key, one in names.items() if one is not None and one.node is found.node), None)
        path = found.scope.module.text.path
        return None, True, (path, bound) if path is not None and bound is not None else None
    if isinstance(found.node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return None, True, None
    return None, None, None


def _either_way(node: ast.IfExp, start: ServingCall) -> Value | None:
    """`app if FROZEN else "main:app"` in `main.py`: the import string of the other branch's object."""
    for one, other in ((node.body, node.orelse), (node.orelse, node.body)):
        known = evaluate(one, start.scope)
        if isinstance(other, ast.Name) and known is not None and isinstance(known.value, str):
            module, _, name = known.value.partition(":")
            own = f"/{start.scope.module.text.place}".endswith(f"/{module.replace('.', '/')}.py")
            return known.as_value() if own and name == other.id in start.scope.module.bound else None
    return None


def agreed(servers: list[Server]) -> Server | None:
    """What servers of which one will run have in common; None when they are not of one kind."""
    first = servers[0]
    if any(one.kind != first.kind or (one.call is None) != (first.call is None) for one in servers):
        return None
    if len(servers) == 1:
        return first

    def same(values: list[Value | None]) -> Value | None:
        return values[0] if len({value.text if value else None for value in values}) == 1 else None

    binds = {tuple((b.host and b.host.text, b.port and b.port.text) for b in one.binds or ()) for one in servers}
    host, port = same([one.host for one in servers]), same([one.port for one in servers])
    return first._replace(
        app=same([one.app for one in servers]),
        host=host,
        port=port,
        workers=same([one.workers for one in servers]),
        reload=same([one.reload for one in servers]),
        options={
            name: value
            for name, value in first.options.items()
            if all(name in one.options and one.options[name].text == value.text for one in servers)
        },
        complete=False,
        binds=first.binds if len(binds) == 1 else (Bind(host, port),),
        call=first.call._replace(app_object=None, defined=None)
        if first.call is not None and len({one.call and one.call.app_object for one in servers}) > 1
        else first.call,
    )
