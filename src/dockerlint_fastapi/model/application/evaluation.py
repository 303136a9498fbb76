"""The routes of an application: its modules are walked through as Python would run them, with only what makes routes
in view. Nothing is imported or run.

Whatever is handed an application or a router and cannot be followed may add any route to it: it becomes `open`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from dockerlint_fastapi.model.application.application import absolute
from dockerlint_fastapi.model.application.expression import (
    Assign,
    Call,
    Class,
    Constant,
    Do,
    Expression,
    Function,
    Give,
    Import,
    Joined,
    Loop,
    Many,
    Member,
    Name,
    Other,
    Statement,
    Text,
)
from dockerlint_fastapi.model.application.import_path import Found, ImportPath
from dockerlint_fastapi.model.application.routes import ANYTHING, Path, Route, joined
from dockerlint_fastapi.model.command import UNKNOWN, Unknown
from dockerlint_fastapi.source import Span

if TYPE_CHECKING:
    from dockerlint_fastapi.model.application.application import Application
    from dockerlint_fastapi.model.application.module import Module

_MAX_STEPS: Final = 200_000  # expressions and statements walked through for one application
_MAX_TEXT: Final = 1_200_000  # characters of all its modules; an application of more takes seconds to be followed
_MAX_DEPTH: Final = 25  # calls within each other
_MAX_IMPORTS: Final = 80  # imports within each other
# What a module does at its top to routers of others; any other is run only when something of it is wanted.
_RELEVANT: Final = (
    r"\.(?:include_router|mount|add_api_route|add_route|add_api_websocket_route)\("
    r"|@\w+(?:\.\w+)*\.(?:get|post|put|delete|patch|head|options|websocket|api_route|route|on_event)\("
)
_MAX_ROUTES: Final = 5_000
_MAX_ITEMS: Final = 300

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
_METHODS: Final = frozenset(("get", "post", "put", "delete", "patch", "options", "head", "trace"))
_HTTP: Final = frozenset(("GET", "HEAD"))
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


class Site:
    """An application or a router under construction: its routes, and those of the routers that it takes in."""

    __slots__ = ("documents", "includes", "is_router", "prefix", "root_path", "routes")

    def __init__(self, *, is_router: bool, prefix: Path = ()) -> None:
        self.is_router = is_router
        self.prefix = prefix
        self.routes: list[Route] = []
        self.includes: list[tuple[Site, Path, bool]] = []
        self.root_path: Path = ()
        self.documents: tuple[Path, ...] = ()

    def open(self, by: Span | None, below: Path = ()) -> None:
        """From here on it may have any route at and below a path, because of what stands at `by`."""
        self.routes.append(Route(below, None, certain=False, span=by, open=True))


class _Items:
    """A list, a tuple or a set whose items are known."""

    __slots__ = ("items",)

    def __init__(self, items: list[_Value]) -> None:
        self.items = items


class _Text:
    """A string, of which pieces may be unknown."""

    __slots__ = ("path",)

    def __init__(self, path: Path) -> None:
        self.path = path


class _Constant:
    """None, True, False or a number."""

    __slots__ = ("value",)

    def __init__(self, value: int | None) -> None:
        self.value = value


class _Foreign:
    """Something from a module that the project does not have, by its dotted name; `made`: returned by a call."""

    __slots__ = ("made", "name", "sites")

    def __init__(self, name: str, *, made: bool = False, sites: tuple[Site, ...] = ()) -> None:
        self.name = name
        self.made = made
        self.sites = sites  # those that it was given


class _Scope:
    """Names and their values; `outer` is the scope that a function reads from."""

    __slots__ = ("of_class", "outer", "record", "values")

    def __init__(self, record: _Record, outer: _Scope | None = None, *, of_class: bool = False) -> None:
        self.of_class = of_class
        self.values: dict[str, _Value] = {}
        self.outer = outer
        self.record = record


class _Record:
    """A module of the project as far as it has been run."""

    __slots__ = ("found", "module", "scope", "state")

    def __init__(self, found: Found, module: Module) -> None:
        self.found = found
        self.module = module
        self.scope = _Scope(self)
        self.state = "new"


class _Defined:
    """A function of the project, and what it is bound to."""

    __slots__ = ("first", "function", "scope")

    def __init__(self, function: Function, scope: _Scope, first: _Value | None = None) -> None:
        self.function = function
        self.scope = scope
        self.first = first


class _Type:
    """A class of the project; `base` is what it is built on, when that makes applications or routers."""

    __slots__ = ("base", "body", "plain")

    def __init__(self, base: _Value | None, body: _Scope, *, plain: bool) -> None:
        self.base = base
        self.body = body
        self.plain = plain  # it is built on classes of the project only: others (BaseSettings) fill their fields


class _Object:
    """An object of a class of the project."""

    __slots__ = ("type", "values")

    def __init__(self, of: _Type) -> None:
        self.type = of
        self.values: dict[str, _Value] = {}


class _Method:
    """A method of an application or router, not yet called."""

    __slots__ = ("name", "site")

    def __init__(self, site: Site, name: str) -> None:
        self.site = site
        self.name = name


class _Later:
    """A module, or a name of one, that is run when it is wanted."""

    __slots__ = ("attribute", "name", "value")

    def __init__(self, name: str, attribute: str | None) -> None:
        self.name = name
        self.attribute = attribute
        self.value: _Value | None = None  # once it was wanted


_Value = (
    _Later | Site | _Items | _Text | _Constant | _Foreign | _Record | _Defined | _Type | _Object | _Method | Unknown
)


def routes_of(application: Application) -> tuple[Route, ...]:
    """The routes of an application."""
    world = _World(application.import_path)
    try:
        value = world.application(application)
    except RecursionError:
        world.exhausted = True
        value = UNKNOWN
    if not isinstance(value, Site) or world.gave_up:
        return (Route((), None, certain=False, span=None, open=True),)
    found: list[Route] = []
    for route in _flat(value, (), certain=True, above=()):
        found.append(route)
        if len(found) > _MAX_ROUTES:
            return (Route((), None, certain=False, span=None, open=True),)
    root = _root_path(application, value)
    if root:
        found += [route._replace(path=joined(root, route.path), certain=False) for route in tuple(found)]
    return tuple(found)


def _root_path(application: Application, site: Site) -> Path:
    """The `root_path` under which requests are answered as well."""
    option = application.search.server.options.get("root-path")
    return joined((option.text.rstrip("/"),)) if option is not None else site.root_path


def _flat(site: Site, prefix: Path, *, certain: bool, above: tuple[Site, ...]) -> Iterator[Route]:
    """The routes of a site and of those in it, with their full paths."""
    if site in above or len(above) > _MAX_DEPTH:
        return
    for route in site.routes:
        yield route._replace(path=joined(prefix, route.path), certain=certain and route.certain)
    for path in site.documents if not site.is_router else ():
        yield Route(joined(prefix, path), _HTTP, certain=certain, span=None)
    for inner, below, sure in site.includes:
        yield from _flat(inner, joined(prefix, below), certain=certain and sure, above=(*above, site))


class _World:
    """The modules that have been run, and what may still be spent on others."""

    def __init__(self, path: ImportPath) -> None:
        self.path = path
        self.records: dict[str, _Record | None] = {}
        self._relevant = path.relevant
        self._running: list[Function] = []  # the functions that are being called
        self.steps = 0
        self.text = 0
        self.depth = 0
        self.imports = 0
        self.exhausted = False

    @property
    def gave_up(self) -> bool:
        """Whether something was left out, so that routes may be missing."""
        records = (one for one in self.records.values() if one is not None)
        return self.exhausted or any(one.module.truncated() for one in records)

    def application(self, application: Application) -> _Value:
        """The value that the server serves."""
        record = _Record(application.found, application.module)
        self.records[application.found.name] = record
        self.run(record)
        if not application.attributes:
            return self._picked(record)
        value: _Value = record
        for name in application.attributes:
            value = self._member(value, name)
        if isinstance(value, _Defined):  # a factory, with or without `--factory`
            value = self._invoke(value, [], {})
        return value

    @staticmethod
    def _picked(record: _Record) -> _Value:
        """The object that `fastapi run` picks: `app`, `api`, else the first application by name."""
        values = record.scope.values
        for name in ("app", "api", *sorted(values)):
            value = values.get(name)
            if isinstance(value, Site) and not value.is_router:
                return value
        return UNKNOWN

    # modules

    def load(self, name: str) -> _Value:
        """A module by its dotted name, run."""
        top = name.partition(".")[0]
        if top in _KNOWN_FOREIGN or top in sys.stdlib_module_names:
            return _Foreign(name)
        if name not in self.records:
            found = self.path.find(name)
            if found is None or (found is UNKNOWN and not self._is_ours(top)):
                return _Foreign(name)
            if isinstance(found, Found):
                self.text += len(found.placed.text)
                self.exhausted = self.exhausted or self.text > _MAX_TEXT
            module = self.path.parse(found.placed) if isinstance(found, Found) and not self.exhausted else None
            self.records[name] = _Record(found, module) if isinstance(found, Found) and module is not None else None
        record = self.records[name]
        if record is None:
            return UNKNOWN
        self.run(record)
        return record

    def _is_found(self, name: str) -> bool:
        """Whether a module is there, of a package that is not known to be somebody else's."""
        top = name.partition(".")[0]
        if top in _KNOWN_FOREIGN or top in sys.stdlib_module_names or top == "builtins":
            return False
        return isinstance(self.path.find(name), Found)

    def _is_ours(self, top: str) -> bool:
        return any(name.partition(".")[0] == top for name, record in self.records.items() if record is not None)

    def run(self, record: _Record) -> None:
        """Runs a module once; one that is being run is left as it is, as Python does."""
        if record.state != "new":
            return
        if self.imports >= _MAX_IMPORTS:
            return
        record.state = "run"
        self.imports += 1
        package = record.found.name.rpartition(".")[0]
        if package and self._matters(package):
            self.load(package)
        self._block(record.module.body, record.scope)
        self.imports -= 1

    def _matters(self, name: str) -> bool:
        """Whether a module has to be run where it is imported."""
        if name.partition(".")[0] in _KNOWN_FOREIGN or name.partition(".")[0] in sys.stdlib_module_names:
            return True
        if name not in self._relevant:
            found = self.path.find(name)
            wanted = not isinstance(found, Found) or re.search(_RELEVANT, found.placed.text) is not None
            self._relevant[name] = wanted
        return self._relevant[name]

    def _is_submodule(self, name: str) -> bool:
        return isinstance(self.path.find(name), Found) and self._matters(name)

    def _now(self, value: _Value) -> _Value:
        """A value that was put off."""
        if not isinstance(value, _Later):
            return value
        if value.value is None:
            value.value = UNKNOWN  # for modules that import each other
            module = self.load(value.name)
            value.value = module if value.attribute is None else self._from(module, value.attribute)
        return value.value

    def _from(self, module: _Value, name: str) -> _Value:
        """What `from module import name` brings: an attribute, or else a submodule."""
        if isinstance(module, _Record) and module.found.package and name not in module.scope.values:
            return self._submodule(module, name)
        return self._member(module, name)

    def _enter(self) -> bool:
        if self.depth >= _MAX_DEPTH:
            return False
        self.depth += 1
        return True

    def _spend(self) -> bool:
        self.steps += 1
        if self.steps > _MAX_STEPS:
            self.exhausted = True
        return not self.exhausted

    # statements

    def _block(self, body: tuple[Statement, ...], scope: _Scope, *, certain: bool = True) -> list[_Value]:
        """Runs a block; what it returns, in order."""
        given: list[_Value] = []
        for one in body:
            if not self._spend():
                break
            sure = certain and one.certain
            match one:
                case Assign():
                    self._assign(one.target, self._value(one.value, scope, sure=sure), scope)
                case Do():
                    self._value(one.value, scope, sure=sure)
                case Import():
                    self._import(one, scope)
                case Function():
                    self._define(one, scope, sure=sure)
                case Class():
                    self._class(one, scope)
                case Give():
                    given.append(self._value(one.value, scope, sure=sure))
                case Loop():
                    given += self._loop(one, scope, sure=sure)
        return given

    def _loop(self, loop: Loop, scope: _Scope, *, sure: bool) -> list[_Value]:
        items = self._value(loop.items, scope, sure=sure)
        given: list[_Value] = []
        if isinstance(items, _Items) and len(items.items) <= _MAX_ITEMS:
            for item in list(items.items):
                self._assign(loop.target, item, scope)
                given += self._block(loop.body, scope, certain=sure)
        else:
            self._assign(loop.target, UNKNOWN, scope)
            given += self._block(loop.body, scope, certain=False)
        return given

    def _assign(self, target: Expression, value: _Value, scope: _Scope) -> None:
        match target:
            case Name():
                old = scope.values.get(target.name)
                # An application that is replaced by something unknown (`app = wrapped(app)`) has been opened already.
                if value is UNKNOWN and isinstance(old, Site):
                    old.open(target.span)
                    return
                scope.values[target.name] = value
            case Many():
                parts = value.items if isinstance(value, _Items) and len(value.items) == len(target.items) else None
                for at, inner in enumerate(target.items):
                    self._assign(inner, parts[at] if parts is not None else UNKNOWN, scope)
            case Member():
                owner = self._value(target.of, scope)
                if isinstance(owner, _Object):
                    owner.values[target.name] = value
                elif isinstance(owner, Site) and target.name in ("router", "routes", "openapi_url", "docs_url"):
                    owner.open(target.span)

    def _import(self, one: Import, scope: _Scope) -> None:
        name = absolute(one, scope.record.found)
        if name is None:
            scope.values[one.name] = UNKNOWN
            return
        plain = one.attribute != "*" and (one.name != "" or "." not in name)
        # A submodule may matter although its package does not.
        inner = name if one.attribute is None else f"{name}.{one.attribute}"
        if plain and not self._matters(name) and not self._is_submodule(inner):
            scope.values[one.name or name] = _Later(name, one.attribute)
            return
        if one.attribute is None:
            module = self.load(name)
            if one.name:
                scope.values[one.name] = module
            else:
                top = name.partition(".")[0]
                scope.values[top] = self.load(top) if "." in name else module
            return
        module = self.load(name)
        if one.attribute == "*":
            if isinstance(module, _Record):
                public = {key: value for key, value in module.scope.values.items() if not key.startswith("_")}
                scope.values.update(public)
            return
        scope.values[one.name] = self._from(module, one.attribute)

    def _define(self, function: Function, scope: _Scope, *, sure: bool) -> None:
        value: _Value = _Defined(function, scope)
        for decorator in reversed(function.decorators):
            made = self._value(decorator, scope, sure=sure)
            self._decorated(decorator, made, value)
        scope.values[function.name] = value

    def _decorated(self, decorator: Expression, made: _Value, value: _Value) -> None:
        """`@app.on_event("startup")`: the function is run when the application starts, and may add to it."""
        if isinstance(decorator, Call) and isinstance(decorator.function, Member) and isinstance(value, _Defined):
            name = decorator.function.name
            if name == "on_event" and isinstance(made, Site):
                self._invoke(value, [], {}, sure=False)
            elif name == "exception_handler" and isinstance(made, Site) and _is_404(decorator.arguments):
                made.open(decorator.span)

    def _class(self, node: Class, scope: _Scope) -> None:
        bases = [self._value(one, scope) for one in node.bases]
        base = next((one for one in bases if _makes(one) is not None or isinstance(one, _Type)), None)
        body = _Scope(scope.record, scope, of_class=True)
        for decorator in node.decorators:
            self._value(decorator, scope)
        if self._enter():
            self._block(node.body, body)
            self.depth -= 1
        plain = all(isinstance(one, _Type) and one.plain for one in bases)
        scope.values[node.name] = _Type(base, body, plain=plain)

    # expressions

    def _value(self, node: Expression, scope: _Scope, *, sure: bool = True) -> _Value:
        if not self._spend():
            return UNKNOWN
        match node:
            case Text():
                return _Text((node.value,))
            case Constant():
                return _Constant(node.value)
            case Name():
                return self._lookup(node.name, scope)
            case Member():
                return self._member(self._value(node.of, scope, sure=sure), node.name)
            case Call():
                return self._call(node, scope, sure=sure)
            case Many():
                return _Items([self._value(one, scope, sure=sure) for one in node.items])
            case Joined():
                return self._joined([self._value(one, scope, sure=sure) for one in node.parts])
            case Other():
                values = [self._value(one, scope, sure=False) for one in node.parts]
                sites = {id(one): one for one in values if isinstance(one, Site)}
                if len(values) == 1:
                    return values[0] if isinstance(values[0], Site) else UNKNOWN
                for site in sites.values():
                    site.open(node.span)
        return UNKNOWN

    @staticmethod
    def _joined(values: list[_Value]) -> _Value:
        if values and all(isinstance(one, _Items) for one in values):
            items = [item for one in values if isinstance(one, _Items) for item in one.items]
            return _Items(items) if len(items) <= _MAX_ITEMS else UNKNOWN
        if any(isinstance(one, _Items | Site) for one in values):
            return UNKNOWN
        return _Text(joined(*(_as_path(one) for one in values)))

    def _lookup(self, name: str, scope: _Scope | None) -> _Value:
        first = scope
        while scope is not None:
            if name in scope.values:
                value = scope.values[name] = self._now(scope.values[name])
                return value
            scope = scope.outer
        if first is not None and (name in first.record.module.names or first.record.module.stars):
            return UNKNOWN
        return _Foreign(f"builtins.{name}")

    def _member(self, value: _Value, name: str) -> _Value:
        match value:
            case _Foreign():
                full = f"{value.name}.{name}"
                if not value.made and self._is_found(full):
                    return self.load(full)  # a folder without `__init__.py`
                return _Foreign(full, made=value.made, sites=value.sites)
            case _Record():
                if name in value.scope.values:
                    return self._now(value.scope.values[name])
                if value.found.package and name not in value.module.names:
                    return self._submodule(value, name)
            case Site():
                if name == "router" and not value.is_router:
                    return value
                if name in (
                    "routes",
                    "state",
                    "openapi_tags",
                    "title",
                    "version",
                    "dependency_overrides",
                    "description",
                ):
                    return UNKNOWN
                return _Method(value, name)
            case _Object():
                if name in value.values:
                    return value.values[name]
                return self._of_type(value.type, name, value)
            case _Type():
                return self._of_type(value, name, None)
        return UNKNOWN

    def _submodule(self, package: _Record, name: str) -> _Value:
        full = f"{package.found.name}.{name}"
        if self.path.find(full) is None and package.module.dynamic:
            return UNKNOWN
        found = self.load(full)
        return UNKNOWN if isinstance(found, _Foreign) else found

    def _of_type(self, of: _Type, name: str, me: _Value | None) -> _Value:
        seen = 0
        one: _Value | None = of
        while isinstance(one, _Type) and seen < _MAX_DEPTH:
            seen += 1
            if name in one.body.values:
                found = one.body.values[name]
                if isinstance(found, _Defined) and me is not None:
                    static = any(isinstance(d, Name) and d.name == "staticmethod" for d in found.function.decorators)
                    bound = _Defined(found.function, found.scope, None if static else me)
                    if any(
                        isinstance(d, Name | Member) and d.name in ("property", "cached_property")
                        for d in found.function.decorators
                    ):
                        return self._invoke(bound, [], {})
                    return bound
                return found if one.plain or not isinstance(found, _Text | _Constant) else UNKNOWN
            one = one.base
        return UNKNOWN

    # calls

    def _call(self, node: Call, scope: _Scope, *, sure: bool) -> _Value:
        function = self._value(node.function, scope, sure=sure)
        arguments = [self._value(one, scope, sure=sure) for one in node.arguments]
        keywords = {name: self._value(one, scope, sure=sure) for name, one in node.keywords}
        if isinstance(function, _Method):
            return self._on_site(function.site, function.name, node, arguments, keywords, sure=sure)
        if isinstance(function, _Defined):
            return self._invoke(function, arguments, keywords, sure=sure)
        if isinstance(function, _Type):
            return self._instance(function, node, arguments, keywords, sure=sure)
        if isinstance(function, _Foreign):
            return self._foreign(function, node, arguments, keywords)
        if isinstance(node.function, Member) and node.function.name in ("append", "extend", "add"):
            owner = self._value(node.function.of, scope)
            if isinstance(owner, _Items) and len(arguments) == 1 and len(owner.items) < _MAX_ITEMS:
                if node.function.name == "extend":
                    owner.items += arguments[0].items if isinstance(arguments[0], _Items) else [UNKNOWN]
                else:
                    owner.items.append(arguments[0])
                return _Constant(None)
        self._escape(node.span, arguments, keywords)
        return UNKNOWN

    @staticmethod
    def _escape(by: Span, arguments: list[_Value], keywords: Mapping[str, _Value]) -> None:
        """Opens every application and router that goes where nobody can follow."""
        for value in (*arguments, *keywords.values()):
            for site in _sites_in(value):
                site.open(by)

    def _invoke(
        self, function: _Defined, arguments: list[_Value], keywords: Mapping[str, _Value], *, sure: bool = True
    ) -> _Value:
        if any(one is function.function for one in self._running) or not self._enter():
            self._escape(function.function.span, arguments, keywords)
            return UNKNOWN
        self._running.append(function.function)
        scope = _Scope(function.scope.record, _reading(function.scope))
        given = arguments if function.first is None else [function.first, *arguments]
        for at, name in enumerate(function.function.parameters):
            scope.values[name] = given[at] if at < len(given) else keywords.get(name, UNKNOWN)
        if len(given) > len(function.function.parameters):
            self._escape(function.function.span, given[len(function.function.parameters) :], {})
        self._escape(
            function.function.span, [], {k: v for k, v in keywords.items() if k not in function.function.parameters}
        )
        returned = self._block(function.function.body(), scope, certain=sure)
        self._running.pop()
        self.depth -= 1
        known = {id(one): one for one in returned}
        if len(known) == 1:
            return next(iter(known.values()))
        self._escape(function.function.span, returned, {})
        return UNKNOWN

    def _instance(
        self, of: _Type, node: Call, arguments: list[_Value], keywords: Mapping[str, _Value], *, sure: bool
    ) -> _Value:
        base: _Value | None = of
        own: set[str] = set()
        for _ in range(_MAX_DEPTH):
            if not isinstance(base, _Type):
                break
            own.update(base.body.values)
            base = base.base
        if base is not None and _makes(base) is not None:
            site = self._site(_makes(base) or "", node, keywords)
            # It may do anything in its own methods.
            if not own.isdisjoint(("__init__", "__new__", "include_router", "setup", "add_api_route", *_METHODS)):
                site.open(node.span, ANYTHING)
            return site
        me = _Object(of)
        start = self._of_type(of, "__init__", me)
        if isinstance(start, _Defined):
            self._invoke(start, arguments, keywords, sure=sure)
        else:
            self._escape(node.span, arguments, keywords)
        return me

    def _foreign(
        self, function: _Foreign, node: Call, arguments: list[_Value], keywords: Mapping[str, _Value]
    ) -> _Value:
        kind = _makes(function)
        if kind is not None:
            return self._site(kind, node, keywords)
        values = [*arguments, *keywords.values()]
        sites = [site for one in values for site in _sites_in(one)]
        last = function.name.rpartition(".")[2]
        if last in _TRANSPARENT and sites:
            return sites[0]
        if "Instrumentator" in function.name:
            if last == "expose":
                self._exposed(sites, function.sites, keywords)
            return _Foreign(function.name, made=True, sites=tuple(sites) or function.sites)
        if function.name in ("typing.cast", "asyncio.run", "functools.partial") and arguments:
            return arguments[-1] if function.name == "typing.cast" else UNKNOWN
        if function.name in _BELOW:
            word, usual = _BELOW[function.name]
            for site in sites:
                site.open(node.span, _as_path(keywords[word]) if word in keywords else usual)
        elif last not in _HARMLESS and ".".join(function.name.split(".")[-2:]) not in _HARMLESS:
            for site in sites:
                site.open(node.span)
            for one in function.sites:
                one.open(node.span)
            # What keeps an application may add to it whenever it is called.
            return _Foreign(f"{function.name}()", made=True, sites=(*sites, *function.sites))
        return _Foreign(f"{function.name}()", made=True)

    @staticmethod
    def _exposed(sites: list[Site], before: tuple[Site, ...], keywords: Mapping[str, _Value]) -> None:
        """`Instrumentator().instrument(app).expose(app)` adds `/metrics`."""
        path = _as_path(keywords["endpoint"]) if "endpoint" in keywords else ("/metrics",)
        for site in sites or before:
            site.routes.append(Route(path, _HTTP, certain=False, span=None))

    # applications and routers

    def _site(self, kind: str, node: Call, keywords: Mapping[str, _Value]) -> Site:
        site = Site(is_router=kind == "router")
        if "prefix" in keywords:
            site.prefix = _as_path(keywords["prefix"])
        if kind == "fastapi":
            site.documents = tuple(_documents(keywords, complete=node.complete))
        root = keywords.get("root_path", keywords.get("openapi_prefix"))
        if root is not None:
            site.root_path = _as_path(root)
        if "routes" in keywords and not (isinstance(keywords["routes"], _Items) and not keywords["routes"].items):
            site.open(node.span, site.prefix)
        if "default" in keywords:
            site.open(node.span)
        for name in ("lifespan", "on_startup"):
            value = keywords.get(name)
            for one in value.items if isinstance(value, _Items) else [value]:
                if isinstance(one, _Defined):
                    self._invoke(one, [site] if name == "lifespan" else [], {}, sure=False)
        if isinstance(keywords.get("exception_handlers"), Unknown | _Foreign):
            site.open(node.span)
        return site

    def _on_site(
        self,
        site: Site,
        name: str,
        node: Call,
        arguments: list[_Value],
        keywords: Mapping[str, _Value],
        *,
        sure: bool,
    ) -> _Value:
        """A method of an application or router is called; it returns the site, for decorators and chains."""
        first = arguments[0] if arguments else keywords.get("path", keywords.get("prefix"))
        if name in _METHODS:
            self._add(site, first, frozenset((name.upper(),)), node.span, sure=sure)
        elif name in ("api_route", "add_api_route", "route", "add_route"):
            given = keywords.get("methods")
            if given is None and name.startswith("add_route") and len(arguments) > 2:
                given = arguments[2]
            self._add(site, first, _methods(given), node.span, sure=sure)
        elif name == "include_router":
            router = arguments[0] if arguments else keywords.get("router", UNKNOWN)
            below = _as_path(keywords["prefix"]) if "prefix" in keywords else _second(arguments)
            if not node.complete and "prefix" not in keywords:
                below = ANYTHING
            full = joined(site.prefix, below)
            if isinstance(router, Site):
                site.includes.append((router, full, sure))
            else:
                site.open(node.span, full)
        elif name == "mount":
            below = joined(site.prefix if site.is_router else (), _mounted(first))
            app = arguments[1] if len(arguments) > 1 else keywords.get("app")
            if isinstance(app, Site):
                site.includes.append((app, below, sure))
            else:
                site.open(node.span, below)
        elif name == "add_exception_handler":
            if _is_404(node.arguments):
                site.open(node.span)
        elif name == "add_event_handler":
            for one in (*arguments, *keywords.values()):
                if isinstance(one, _Defined):
                    self._invoke(one, [], {}, sure=False)
        elif name == "add_middleware":
            kind = arguments[0] if arguments else UNKNOWN
            # A middleware of one's own answers what it likes, but its paths stand in the project's code.
            if kind is UNKNOWN or (isinstance(kind, _Foreign) and re.search(r"(?i)health|probe|admin", kind.name)):
                site.open(node.span)
        elif name not in _HARMLESS_METHODS:
            site.open(node.span)
            self._escape(node.span, arguments, keywords)
        return site

    @staticmethod
    def _add(site: Site, path: _Value | None, methods: frozenset[str] | None, span: Span, *, sure: bool) -> None:
        below = _as_path(path) if path is not None else ANYTHING
        site.routes.append(Route(joined(site.prefix, below), methods, certain=sure, span=span))


def _reading(scope: _Scope) -> _Scope:
    """The scope that a function reads from: a method does not see the names of its class."""
    return scope.outer if scope.of_class and scope.outer is not None else scope


def _makes(value: _Value) -> str | None:
    """What kind of site a call of a value makes: fastapi, starlette, router; None for anything else."""
    if not isinstance(value, _Foreign):
        return None
    if value.name in _ROUTERS:
        return "router"
    if value.name in _APPLICATIONS:
        return "fastapi" if value.name.startswith("fastapi") else "starlette"
    return None


def _sites_in(value: _Value) -> list[Site]:
    """The applications and routers that whoever gets a value can change."""
    match value:
        case Site():
            return [value]
        case _Items():
            return [one for one in value.items if isinstance(one, Site)]
        case _Object():
            return [one for one in value.values.values() if isinstance(one, Site)]
        case _Method():
            return [value.site]
    return []


def _as_path(value: _Value | None) -> Path:
    match value:
        case _Text():
            return value.path
        case _Constant(value=None):
            return ()
        case _Constant(value=number):
            return (str(number),)
    return ANYTHING


def _second(arguments: list[_Value]) -> Path:
    return _as_path(arguments[1]) if len(arguments) > 1 else ()


def _mounted(value: _Value | None) -> Path:
    """Where something is mounted, without the slash at its end."""
    path = _as_path(value)
    return (*path[:-1], path[-1].rstrip("/")) if path and path[-1] is not None else path


def _methods(value: _Value | None) -> frozenset[str] | None:
    """The methods of a route that names them; GET when it does not."""
    if value is None:
        return _HTTP
    if not isinstance(value, _Items):
        return None
    texts = [one.path[0] if isinstance(one, _Text) and len(one.path) == 1 else None for one in value.items]
    known = frozenset(text.upper() for text in texts if text is not None)
    return None if None in texts else known


def _documents(keywords: Mapping[str, _Value], *, complete: bool) -> Iterator[Path]:
    """The paths of the schema and of the pages that show it."""
    schema = keywords.get("openapi_url")
    if isinstance(schema, _Constant) and schema.value is None:
        return
    defaults = {"openapi_url": "/openapi.json", "docs_url": "/docs", "redoc_url": "/redoc"}
    for name, usual in defaults.items():
        value = keywords.get(name)
        if isinstance(value, _Constant) and value.value is None:
            continue
        if name == "docs_url":
            yield ("/docs/oauth2-redirect",)  # wherever the page itself is
        if value is None:
            yield (usual,)
        else:
            path = _as_path(value)
            # One that is not known at all is hardly that of a health check.
            yield path if any(piece for piece in path) else (None, usual)
    if not complete:
        yield (None, "openapi.json")


def _is_404(arguments: tuple[Expression, ...]) -> bool:
    """Whether a handler answers what no route does: it may say anything."""
    return any(isinstance(one, Constant) and one.value == 404 for one in arguments[:1])


# Modules that are met in every project; nobody calls a folder of his own so.
_KNOWN_FOREIGN: Final = frozenset(
    "fastapi starlette pydantic pydantic_settings uvicorn gunicorn sqlalchemy sqlmodel alembic redis celery httpx"
    " requests jinja2 loguru structlog prometheus_fastapi_instrumentator prometheus_client opentelemetry sentry_sdk"
    " asyncpg aiohttp orjson typer click rich numpy pandas torch openai anthropic langchain boto3 dotenv jose passlib"
    " jwt tortoise motor pymongo beanie slowapi fastapi_users fastapi_pagination fastapi_cache fastapi_limiter sqladmin"
    " starlette_exporter starlette_context socketio strawberry ariadne graphene mangum tenacity yaml".split()
)
