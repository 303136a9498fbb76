"""The application as a server is told of it: `app.main:app`, `main.py`, `main:create()`, each server's own way.

Tried with uvicorn 0.54, gunicorn 27.0, hypercorn 0.18, granian 2.8, daphne 4.2 and fastapi-cli 0.0.34.
"""

from __future__ import annotations

import re

from dockerlint_fastapi.model.command import Server, Value
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

_CALL = r"([^\W\d]\w*)\s*\(.*\)\s*"


class Target(NamedTuple):
    """What an import string asks for.

    `folder` is the folder in which the module's first name is searched, relative to the working directory, where the
    string holds a path; "" otherwise. `attributes` are the names behind the colon; empty where the server looks for
    the application itself. They are None when they are an expression that nobody evaluates here.
    """

    module: str  # dotted; "" where it is a path
    path: str  # the path of a file or package, where the server takes one; else ""
    attributes: tuple[str, ...] | None
    called: bool  # the attribute is called: `--factory`, `main:create()`
    module_span: Span | None
    attribute_span: Span | None


class Malformed(NamedTuple):
    """An import string that its server refuses, whatever the files hold."""

    span: Span
    text: str
    reason: str  # what the server wants
    better: str | None = None  # the same in the right form, when that is clear


def target_of(server: Server) -> Target | Malformed | None:
    """What a server is told to import; None when it is told nothing, or that cannot be told."""
    app = server.app
    if app is None or app.span is None or not app.text.strip():
        return None
    match server.kind:
        case "uvicorn":
            return _colon_required(app, server)
        case "daphne":
            return _colon_required(app, server)
        case "gunicorn":
            return _gunicorn(app)
        case "hypercorn":
            return _hypercorn(app)
        case "granian":
            return _granian(app, server)
        case "fastapi":
            return _fastapi(app, server)
    return None


def _colon_required(app: Value, server: Server) -> Target | Malformed | None:
    """What uvicorn and daphne want: `<module>:<attribute>`, both dotted."""
    module, colon, attribute = app.text.partition(":")
    span = app.span
    if span is None:
        return None
    wanted = "`<module>:<attribute>`"
    if not colon or not module or not attribute:
        better = None
        if module and not attribute and _as_module(module):
            better = f"{_as_module(module)}:app"
        return Malformed(span, app.text, f"`{server.kind}` wants {wanted}", better)
    if module.endswith(".py") or "/" in module:
        dotted = _as_module(module)
        better = f"{dotted}:{attribute}" if dotted else None
        wanted = f"`{server.kind}` wants a module's name in front of the colon, not a path"
        return Malformed(_part(app, 0, len(module)), module, wanted, better)
    if module.startswith("."):
        return Malformed(_part(app, 0, len(module)), module, f"`{server.kind}` imports no relative name")
    if re.fullmatch(_CALL, attribute):
        wanted = f"`{server.kind}` calls nothing in an import string"
        better = f"{module}:{attribute.partition('(')[0].strip()}"
        return Malformed(_part(app, len(module) + 1, len(app.text)), attribute, wanted, better)
    called = "factory" in server.options and server.options["factory"].on
    return _target(app, module, tuple(attribute.split(".")), called=called)


def _gunicorn(app: Value) -> Target | Malformed | None:
    """gunicorn: `module`, `module:name`, `module:name(literals)`; the name is `application` when none is given."""
    module, colon, attribute = app.text.partition(":")
    span = app.span
    if span is None:
        return None
    if not colon:
        attribute = "application"
    if module.endswith(".py") or "/" in module:
        dotted = _as_module(module)
        better = f"{dotted}:{attribute}" if dotted and colon else None
        where = _part(app, 0, len(module))
        return Malformed(where, module, "`gunicorn` wants a module's name, not a path", better)
    if not module or module.startswith("."):
        return Malformed(span, app.text, "`gunicorn` wants `<module>:<attribute>`")
    called = re.fullmatch(_CALL, attribute)
    if called:
        return _target(app, module, (called[1],), called=True)
    if "." in attribute and attribute.replace(".", "").isidentifier():
        where = _part(app, len(module) + 1, len(app.text))
        return Malformed(where, attribute, "`gunicorn` wants one name or a call behind the colon")
    return _target(app, module, (attribute,) if attribute.isidentifier() else None)


def _hypercorn(app: Value) -> Target | Malformed | None:
    """hypercorn: a module or the path of one, `app` when no name is given, in front of it perhaps `asgi:`; the name is
    evaluated as an expression.
    """
    text, start = app.text, 0
    if text.count(":") == 2 and text.startswith(("asgi:", "wsgi:")):
        start = 5
    module, _, attribute = text[start:].partition(":")
    if not module or ":" in attribute:
        return None
    names = tuple((attribute or "app").split("."))
    called = re.fullmatch(_CALL, attribute)
    if called:
        names = (called[1],)
    known = names if all(one.isidentifier() for one in names) else None
    if "/" in module or module.endswith(".py"):
        return _target(app, "", known, path=module, start=start, called=bool(called))
    return _target(app, module, known, start=start, called=bool(called))


def _granian(app: Value, server: Server) -> Target | Malformed | None:
    """granian: a module or the path of one; `app` when no name is given."""
    match = re.match(r"(.*?)(?::(?![\\/])(.*))?\Z", app.text, re.DOTALL)
    if match is None or not match[1]:
        return None
    called = "factory" in server.options and server.options["factory"].on
    names = tuple((match[2] or "app").split("."))
    if "/" in match[1] or match[1].endswith(".py"):
        return _target(app, "", names, path=match[1], called=called)
    return _target(app, match[1], names, called=called)


def _fastapi(app: Value, server: Server) -> Target | Malformed | None:
    """`fastapi run`: a path, with the name in `--app`; or `--entrypoint module:name`."""
    named = server.options.get("app")
    entry = server.options.get("entrypoint")
    if entry is not None and entry.text == app.text and entry.span == app.span:
        module, _, attribute = app.text.partition(":")
        if not module or not attribute:
            where = app.span
            return None if where is None else Malformed(where, app.text, "`--entrypoint` wants `<module>:<name>`")
        return _target(app, module, (attribute,))
    names = (named.text,) if named is not None else ()
    target = _target(app, "", names, path=app.text)
    return None if target is None else target._replace(attribute_span=named.span if named is not None else app.span)


def _target(
    app: Value,
    module: str,
    attributes: tuple[str, ...] | None,
    *,
    path: str = "",
    start: int = 0,
    called: bool = False,
) -> Target | None:
    if app.span is None:
        return None
    end = start + len(path or module)
    behind = _part(app, end + 1, len(app.text)) if end < len(app.text) else app.span
    return Target(module, path, attributes, called, _part(app, start, end), behind)


def _part(value: Value, start: int, end: int) -> Span:
    """A stretch of an import string, where its place is exact; else all of it."""
    span = value.span
    assert span is not None  # noqa: S101 - every caller has looked
    if span.end - span.start == len(value.text):
        return Span(span.source, span.start + start, span.start + end)
    return span


def _as_module(path: str) -> str | None:
    """The dotted name of a path such as `app/main.py`; None when it is no relative path of identifiers."""
    names = path.removesuffix(".py").removeprefix("./").split("/")
    if names[-1] == "__init__" and len(names) > 1:
        names.pop()
    dotted = ".".join(names)
    return dotted if all(part.isidentifier() for part in dotted.split(".")) else None
