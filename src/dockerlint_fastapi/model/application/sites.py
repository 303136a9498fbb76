"""What FastAPI, Starlette and packages around them do to applications and routers: which calls make one, add a route to
it, or leave it as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from dockerlint_fastapi.model.application import objects
from dockerlint_fastapi.model.application.expression import Call, Constant, Expression
from dockerlint_fastapi.model.application.routes import ANYTHING, Path, Route, joined
from dockerlint_fastapi.model.command import UNKNOWN, Unknown
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

Run = Callable[[objects.Defined, list[objects.Value]], None]
"""Runs a function of the project that the application calls, if at all, at a time of its own."""

_APPLICATIONS: Final = frozenset(
    ("fastapi.FastAPI", "fastapi.applications.FastAPI", "starlette.applications.Starlette")
)
_ROUTERS: Final = frozenset(
    (
        "fastapi.APIRouter",
        "fastapi.routing.APIRouter",
        "starlette.routing.Router",
        "fastapi_utils.inferring_router.InferringRouter",
    )
)
METHODS: Final = frozenset(("get", "post", "put", "delete", "patch", "options", "head", "trace"))
HTTP: Final = frozenset(("GET", "HEAD"))
_ADDING: Final = ("api_route", "add_api_route", "route", "add_route")
# What is done to an application and adds no route.
_HARMLESS_METHODS: Final = frozenset(
    "add_event_handler add_exception_handler add_middleware build_middleware_stack exception_handler middleware"
    " on_event openapi setup url_path_for websocket_route add_websocket_route add_api_websocket_route websocket".split()
)
# Functions and classes of others that take an application and add no route, by the end of their dotted name.
_HARMLESS: Final = frozenset(
    "FastAPIInstrumentor.instrument_app instrument_app instrument_fastapi add_pagination TestClient AsyncClient"
    " ASGITransport uvicorn.run uvicorn.Config Config register_tortoise RegisterTortoise Mangum print isinstance"
    " hasattr getattr id str repr len cbv cast logfire.instrument_fastapi"
    " type bool iter sorted inject Limiter setup_dishka".split()
)
# Wrappers that pass every request on: what they return answers what the application answers.
_TRANSPARENT: Final = (
    "CORSMiddleware", "GZipMiddleware", "TrustedHostMiddleware", "HTTPSRedirectMiddleware", "SessionMiddleware",
    "ProxyHeadersMiddleware", "SentryAsgiMiddleware", "CorrelationIdMiddleware", "OpenTelemetryMiddleware",
    "BaseHTTPMiddleware", "AuthenticationMiddleware", "RawContextMiddleware", "SlowAPIMiddleware",
    "PrometheusMiddleware", "TimeoutMiddleware", "WSGIMiddleware",
)  # fmt: skip
# What adds routes below one path: the argument that names it, and its default.
_BELOW: Final[Mapping[str, tuple[str, Path]]] = {
    "sqladmin.Admin": ("base_url", ("/admin",)),
    "gradio.mount_gradio_app": ("path", ANYTHING),
}


class Arguments(NamedTuple):
    """The call of something, with the values of its arguments."""

    node: Call
    values: list[objects.Value]
    named: Mapping[str, objects.Value]

    def first(self, *names: str) -> objects.Value | None:
        """The first argument, which may also be given by one of some names; None when it is not there."""
        if self.values:
            return self.values[0]
        return next((self.named[name] for name in names if name in self.named), None)

    def all(self) -> list[objects.Value]:
        """Every value that is handed over."""
        return [*self.values, *self.named.values()]


def makes(value: objects.Value | None) -> str | None:
    """What kind of site a call of a value makes: fastapi, starlette, router; None for anything else."""
    if not isinstance(value, objects.Foreign):
        return None
    if value.name in _ROUTERS:
        return "router"
    if value.name in _APPLICATIONS:
        return "fastapi" if value.name.startswith("fastapi") else "starlette"
    return None


def made(kind: str, given: Arguments, run: Run) -> objects.Site:
    """The application or router that a call makes; `kind` as `makes` names it."""
    named, node = given.named, given.node
    site = objects.Site(is_router=kind == "router")
    if "prefix" in named:
        site.prefix = as_path(named["prefix"])
    if kind == "fastapi":
        site.documents = tuple(_documents(named, complete=node.complete))
    root = named.get("root_path", named.get("openapi_prefix"))
    if root is not None:
        site.root_path = as_path(root)
    elif kind == "fastapi" and not node.complete:
        site.root_path = ANYTHING  # `**options` may hold one
    routes = named.get("routes")
    if routes is not None and not (isinstance(routes, objects.Items) and not routes.items):
        site.open(node.span, site.prefix)
    if "default" in named:
        site.open(node.span)
    _run_lifespan(site, named, run)
    if isinstance(named.get("exception_handlers"), Unknown | objects.Foreign):
        site.open(node.span)
    return site


def _run_lifespan(site: objects.Site, named: Mapping[str, objects.Value], run: Run) -> None:
    for name in ("lifespan", "on_startup"):
        value = named.get(name)
        for one in value.items if isinstance(value, objects.Items) else [value]:
            if isinstance(one, objects.Defined):
                run(one, [site] if name == "lifespan" else [])


def change(site: objects.Site, method: str, given: Arguments, run: Run, *, sure: bool) -> objects.Site:
    """A method of an application or router is called; it returns the site, for decorators and chains."""
    if method in METHODS:
        _add(site, given, frozenset((method.upper(),)), sure=sure)
    elif method in _ADDING:
        methods = given.named.get("methods")
        if methods is None and method == "add_route" and len(given.values) > 2:
            methods = given.values[2]
        _add(site, given, _methods(methods), sure=sure)
    elif method == "include_router":
        _include(site, given, sure=sure)
    elif method == "mount":
        _mount(site, given, sure=sure)
    elif method == "add_exception_handler":
        if is_404(given.node.arguments):
            site.open(given.node.span)
    elif method == "add_event_handler":
        for one in given.all():
            if isinstance(one, objects.Defined):
                run(one, [])
    elif method == "add_middleware":
        _add_middleware(site, given)
    elif method not in _HARMLESS_METHODS:
        site.open(given.node.span)
        escape(given.node.span, given.all())
    return site


def _add(site: objects.Site, given: Arguments, methods: frozenset[str] | None, *, sure: bool) -> None:
    path = given.first("path", "prefix")
    below = as_path(path) if path is not None else ANYTHING
    site.routes.append(Route(joined(site.prefix, below), methods, certain=sure, span=given.node.span))


def _include(site: objects.Site, given: Arguments, *, sure: bool) -> None:
    router = given.first("router")
    if "prefix" in given.named:
        below = as_path(given.named["prefix"])
    elif not given.node.complete:
        below = ANYTHING
    else:
        below = as_path(given.values[1]) if len(given.values) > 1 else ()
    full = joined(site.prefix, below)
    if isinstance(router, objects.Site):
        site.includes.append((router, full, sure))
    else:
        site.open(given.node.span, full)


def _mount(site: objects.Site, given: Arguments, *, sure: bool) -> None:
    path = as_path(given.first("path", "prefix"))
    # The slash at its end says nothing.
    path = (*path[:-1], path[-1].rstrip("/")) if path and path[-1] is not None else path
    below = joined(site.prefix if site.is_router else (), path)
    app = given.values[1] if len(given.values) > 1 else given.named.get("app")
    if isinstance(app, objects.Site):
        site.includes.append((app, below, sure))
    else:
        site.open(given.node.span, below)


def _add_middleware(site: objects.Site, given: Arguments) -> None:
    kind = given.values[0] if given.values else UNKNOWN
    # A middleware of one's own answers what it likes, but its paths stand in the project's code.
    if kind is UNKNOWN or (isinstance(kind, objects.Foreign) and re.search(r"(?i)health|probe|admin", kind.name)):
        site.open(given.node.span)


def pass_on(function: objects.Foreign, given: Arguments) -> objects.Value:
    """What a function or class of somebody else returns, and what it does to the sites that it is given."""
    node, values = given.node, given.all()
    sites = [site for one in values for site in _sites_in(one)]
    last = function.name.rpartition(".")[2]
    if last in _TRANSPARENT and sites:
        return sites[0]
    if "Instrumentator" in function.name:
        if last == "expose":
            _expose(sites or function.sites, given.named)
        return objects.Foreign(function.name, made=True, sites=tuple(sites) or function.sites)
    if function.name in ("typing.cast", "asyncio.run", "functools.partial") and given.values:
        return given.values[-1] if function.name == "typing.cast" else UNKNOWN
    if function.name in _BELOW:
        word, usual = _BELOW[function.name]
        for site in sites:
            site.open(node.span, as_path(given.named[word]) if word in given.named else usual)
    elif last not in _HARMLESS and ".".join(function.name.split(".")[-2:]) not in _HARMLESS:
        for site in (*sites, *function.sites):
            site.open(node.span)
        # What keeps an application may add to it whenever it is called.
        return objects.Foreign(f"{function.name}()", made=True, sites=(*sites, *function.sites))
    return objects.Foreign(f"{function.name}()", made=True)


def _expose(sites: Iterable[objects.Site], named: Mapping[str, objects.Value]) -> None:
    """`Instrumentator().instrument(app).expose(app)` adds `/metrics`."""
    path = as_path(named["endpoint"]) if "endpoint" in named else ("/metrics",)
    for site in sites:
        site.routes.append(Route(path, HTTP, certain=False, span=None))


def escape(by: Span, values: Iterable[objects.Value]) -> None:
    """Opens every application and router that goes where nobody can follow."""
    for value in values:
        for site in _sites_in(value):
            site.open(by)


def _sites_in(value: objects.Value) -> list[objects.Site]:
    """The applications and routers that whoever gets a value can change."""
    match value:
        case objects.Site():
            return [value]
        case objects.Items():
            return [one for one in value.items if isinstance(one, objects.Site)]
        case objects.Object():
            return [one for one in value.values.values() if isinstance(one, objects.Site)]
        case objects.Method():
            return [value.site]
    return []


def as_path(value: objects.Value | None) -> Path:
    """The path that a value stands for; ANYTHING when it cannot be told."""
    match value:
        case objects.Text():
            return value.path
        case objects.Constant(value=None):
            return ()
        case objects.Constant(value=number):
            return (str(number),)
    return ANYTHING


def _methods(value: objects.Value | None) -> frozenset[str] | None:
    """The methods of a route that names them; GET when it does not."""
    if value is None:
        return HTTP
    if not isinstance(value, objects.Items):
        return None
    texts = [one.path[0] if isinstance(one, objects.Text) and len(one.path) == 1 else None for one in value.items]
    known = frozenset(text.upper() for text in texts if text is not None)
    return None if None in texts else known


def _documents(named: Mapping[str, objects.Value], *, complete: bool) -> Iterator[Path]:
    """The paths of the schema and of the pages that show it."""
    schema = named.get("openapi_url")
    if isinstance(schema, objects.Constant) and schema.value is None:
        return
    defaults = {"openapi_url": "/openapi.json", "docs_url": "/docs", "redoc_url": "/redoc"}
    for name, usual in defaults.items():
        value = named.get(name)
        if isinstance(value, objects.Constant) and value.value is None:
            continue
        if name == "docs_url":
            yield ("/docs/oauth2-redirect",)  # wherever the page itself is
        if value is None:
            yield (usual,)
        else:
            path = as_path(value)
            # One that is not known at all is hardly that of a health check.
            yield path if any(piece for piece in path) else (None, usual)
    if not complete:
        yield (None, "openapi.json")


def is_404(arguments: tuple[Expression, ...]) -> bool:
    """Whether a handler answers what no route does: it may say anything."""
    return any(isinstance(one, Constant) and one.value == 404 for one in arguments[:1])
