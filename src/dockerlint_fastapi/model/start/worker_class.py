"""The worker class that gunicorn runs its application in: WSGI's, ASGI's, or the deprecated one of uvicorn."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.application.application import Application
from dockerlint_fastapi.model.application.import_path import Found
from dockerlint_fastapi.model.command import Unknown, Value
from dockerlint_fastapi.model.install.distributions import Distribution
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.command import Program
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.image import Image

DEPRECATED: Final = "uvicorn.workers."
_DEPRECATED_SINCE: Final = (0, 30)  # https://uvicorn.dev/release-notes/, 0.30.0
_WSGI: Final = frozenset("sync gthread gevent gevent_wsgi gevent_pywsgi eventlet tornado".split())
_IMPORT: Final = r"(?m)^[ \t]*(from[ \t]+uvicorn\.workers[ \t]+import|import[ \t]+uvicorn\.workers)\b[^\n]*"
# `export WORKER_CLASS=${WORKER_CLASS:-"uvicorn.workers.UvicornWorker"}`, as in the script of tiangolo's images.
_ASSIGNED: Final = r"(?m)^[ \t]*(?:export[ \t]+)?{}="
_DEFAULT: Final = r"\"?\$\{{{}:?[-=][\"']?(uvicorn\.workers\.\w+)[\"']?\}}\"?[ \t]*(?:\n|\Z)"
# What may make a WSGI application of an ASGI one, or is a WSGI framework itself.
_OTHERS: Final = ("a2wsgi", "flask", "django", "bottle", "falcon", "pyramid", "asgiref")


class DeprecatedWorker(NamedTuple):
    """A worker class out of `uvicorn.workers`, or a class of the project's own that is made of one."""

    name: str
    span: Span  # where gunicorn is told
    made_of: Span | None  # the import in the project's own module; None when gunicorn is told uvicorn's class itself
    default: bool = False  # of a variable in the start script, which may be set elsewhere


class WsgiWorker(NamedTuple):
    """A worker class that cannot call an ASGI application. `chosen` is False when it is gunicorn's default.

    `certain` says whether the application's own text shows that it is one; else what is installed does.
    """

    name: str
    span: Span
    chosen: bool
    certain: bool
    application: Span | None


def deprecated_worker(container: Container) -> DeprecatedWorker | None:
    """The deprecated worker class that a container's gunicorn runs; None when it runs another, when that cannot be
    told, or when uvicorn is pinned to a version that knew no better.
    """
    server = container.server
    if server is None:
        return _in_arguments(container)
    chosen = server.options.get("worker-class") if server.kind == "gunicorn" else None
    if server.kind == "gunicorn" and (chosen is None or chosen.span is None):
        return _by_default(container, server.program)
    if chosen is None or chosen.span is None or container.pins_below("uvicorn", *_DEPRECATED_SINCE):
        return None
    if chosen.text.startswith(DEPRECATED):
        return DeprecatedWorker(chosen.text, chosen.span, None)
    made_of = _import_in(container, chosen)
    return None if made_of is None else DeprecatedWorker(chosen.text, chosen.span, made_of)


def is_of_uvicorn(container: Container) -> bool:
    """Whether a container's gunicorn certainly runs a worker class of uvicorn's, or one that is made of it."""
    chosen = container.server.options.get("worker-class") if container.server is not None else None
    named = chosen is not None and chosen.text.startswith("uvicorn_worker.")
    return named or deprecated_worker(container) is not None


def _by_default(container: Container, program: Program) -> DeprecatedWorker | None:
    """The same for `-k "$WORKER_CLASS"` in a script that gives the variable a default, which stands unless somebody
    sets it, though the script reads others in between that may.
    """
    for before, word in zip(program.argv, program.argv[1:], strict=False):
        named = re.fullmatch(r"(?:--worker-class=)?\"?\$\{?([A-Za-z_]\w*)\}?\"?", word.text)
        if named is None or not (before.text in ("-k", "--worker-class") or "=" in word.text):
            continue
        name, source = named[1], word.span.source
        given = [*re.finditer(_ASSIGNED.format(name), source.text[: program.span.start])]
        if len(given) != 1 or name in container.environment.values:
            return None
        found = re.match(_DEFAULT.format(name), source.text[given[0].end() :])
        if found is None or container.pins_below("uvicorn", *_DEPRECATED_SINCE):
            return None
        start = given[0].end() + found.start(1)
        return DeprecatedWorker(found[1], source.span(start, start + len(found[1])), None, default=True)
    return None


def _in_arguments(container: Container) -> DeprecatedWorker | None:
    """The same for a CMD that is handed to a script which nobody can read: the name stands there for gunicorn alone."""
    start = container.start
    if start is None or container.role is not None or container.pins_below("uvicorn", *_DEPRECATED_SINCE):
        return None
    for word in start.command.words:
        if word.value is not None and word.value.startswith(DEPRECATED):
            return DeprecatedWorker(word.value, word.span, None)
    return None


def wsgi_worker(container: Container) -> WsgiWorker | None:
    """The WSGI worker class with which a container's gunicorn serves what is an ASGI application."""
    server = container.server
    if server is None or server.kind != "gunicorn":
        return None
    chosen = server.options.get("worker-class")
    if chosen is None and not container.settled:
        return None
    if chosen is not None and (chosen.text not in _WSGI or not (server.complete or chosen.origin == "option")):
        return None
    application = container.application
    made = application if isinstance(application, Application) else None
    certain = made is not None and _is_asgi(made)
    if not certain and not _has_only_asgi(container.image, application):
        return None
    where = chosen.span if chosen is not None else None
    return WsgiWorker(
        chosen.text if chosen is not None else "sync",
        where or server.program.argv[0].span,
        chosen is not None,
        certain,
        made.span if made is not None and certain else None,
    )


def _is_asgi(application: Application) -> bool:
    """Whether following its code ends at a FastAPI or Starlette object: then routes of it are known, or all of them."""
    return application.closed or any(not one.open for one in application.routes)


def _has_only_asgi(image: Image | None, application: Application | Unknown | None) -> bool:
    """Whether FastAPI is installed and certainly nothing that a WSGI application could be made with."""
    if image is None or application is None:
        return False
    installed = image.distributions
    return isinstance(installed.get("fastapi"), Distribution) and all(installed.get(one) is None for one in _OTHERS)


def _import_in(container: Container, chosen: Value) -> Span | None:
    """Where the module of a class of the project's own imports uvicorn's."""
    module, dot, _ = chosen.text.rpartition(".")
    if not dot or container.image is None or container.search is None:
        return None
    found = container.search.import_path.find(module)
    match = re.search(_IMPORT, found.placed.text) if isinstance(found, Found) else None
    return found.placed.locate(*match.span()) if match is not None and isinstance(found, Found) else None
