"""The worker class that gunicorn runs its application in: WSGI's, ASGI's, or the deprecated one of uvicorn."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from dockerlint_fastapi.model.application.application import Application
from dockerlint_fastapi.model.application.import_path import Found
from dockerlint_fastapi.model.application.search import applications_in
from dockerlint_fastapi.model.command import Unknown, Value
from dockerlint_fastapi.model.distributions import Distribution
from dockerlint_fastapi.source import Span

if TYPE_CHECKING:
    from dockerlint_fastapi.model.deployment import Container
    from dockerlint_fastapi.model.image import Image

DEPRECATED: Final = "uvicorn.workers."
_DEPRECATED_SINCE: Final = (0, 30)  # https://uvicorn.dev/release-notes/, 0.30.0
_WSGI: Final = frozenset("sync gthread gevent gevent_wsgi gevent_pywsgi eventlet tornado".split())
_IMPORT: Final = r"(?m)^[ \t]*(from[ \t]+uvicorn\.workers[ \t]+import|import[ \t]+uvicorn\.workers)\b[^\n]*"
# What may make a WSGI application of an ASGI one, or is a WSGI framework itself.
_OTHERS: Final = ("a2wsgi", "flask", "django", "bottle", "falcon", "pyramid", "asgiref")


class DeprecatedWorker(NamedTuple):
    """A worker class out of `uvicorn.workers`, or a class of the project's own that is made of one."""

    name: str
    span: Span  # where gunicorn is told
    made_of: Span | None  # the import in the project's own module; None when gunicorn is told uvicorn's class itself


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
    chosen = server.options.get("worker-class") if server is not None and server.kind == "gunicorn" else None
    if chosen is None or chosen.span is None or _is_old(container.image):
        return None
    if chosen.text.startswith(DEPRECATED):
        return DeprecatedWorker(chosen.text, chosen.span, None)
    made_of = _import_in(container, chosen)
    return None if made_of is None else DeprecatedWorker(chosen.text, chosen.span, made_of)


def wsgi_worker(container: Container) -> WsgiWorker | None:
    """The WSGI worker class with which a container's gunicorn serves what is an ASGI application."""
    server = container.server
    if server is None or server.kind != "gunicorn":
        return None
    chosen = server.options.get("worker-class")
    if chosen is None and not server.complete:
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
    """Whether its own module makes it by `FastAPI(…)` or `Starlette(…)`, and wraps it in nothing of WSGI's."""
    made = dict(applications_in(application.module))
    text = application.module.source.text
    return application.attributes[:1] and application.attributes[0] in made and "wsgi" not in text.lower() or False


def _has_only_asgi(image: Image | None, application: Application | Unknown | None) -> bool:
    """Whether FastAPI is installed and certainly nothing that a WSGI application could be made with."""
    if image is None or application is None:
        return False
    installed = image.distributions
    return isinstance(installed.get("fastapi"), Distribution) and all(installed.get(one) is None for one in _OTHERS)


def _is_old(image: Image | None) -> bool:
    """Whether uvicorn is pinned to a version from before the deprecation."""
    found = image.distributions.get("uvicorn") if image is not None else None
    if not isinstance(found, Distribution) or found.version is None:
        return False
    match = re.match(r"([0-9]{1,6})\.([0-9]{1,6})", found.version, re.ASCII)
    return match is not None and (int(match[1]), int(match[2])) < _DEPRECATED_SINCE


def _import_in(container: Container, chosen: Value) -> Span | None:
    """Where the module of a class of the project's own imports uvicorn's."""
    module, dot, _ = chosen.text.rpartition(".")
    if not dot or container.image is None or container.search is None:
        return None
    found = container.search.import_path.find(module)
    match = re.search(_IMPORT, found.placed.text) if isinstance(found, Found) else None
    return found.placed.locate(*match.span()) if match is not None and isinstance(found, Found) else None
