"""The routes of an application: its modules are walked through as Python would run them, with only what makes routes
in view. Nothing is imported or run.

Whatever is handed an application or a router and cannot be followed may add any route to it: it becomes `open`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping

from dockerlint_fastapi.model.application import objects, sites
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
from dockerlint_fastapi.model.command import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.application.application import Application

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


def routes_of(application: Application) -> tuple[Route, ...]:
    """The routes of an application."""
    world = _World(application.import_path)
    try:
        value = world.application(application)
    except RecursionError:
        world.exhausted = True
        value = UNKNOWN
    if not isinstance(value, objects.Site) or world.gave_up:
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


def _root_path(application: Application, site: objects.Site) -> Path:
    """The `root_path` under which requests are answered as well."""
    option = application.search.server.options.get("root-path")
    return joined((option.text.rstrip("/"),)) if option is not None else site.root_path


def _flat(site: objects.Site, prefix: Path, *, certain: bool, above: tuple[objects.Site, ...]) -> Iterator[Route]:
    """The routes of a site and of those in it, with their full paths."""
    if site in above or len(above) > _MAX_DEPTH:
        return
    for route in site.routes:
        yield route._replace(path=joined(prefix, route.path), certain=certain and route.certain)
    for path in site.documents if not site.is_router else ():
        yield Route(joined(prefix, path), sites.HTTP, certain=certain, span=None)
    for inner, below, sure in site.includes:
        yield from _flat(inner, joined(prefix, below), certain=certain and sure, above=(*above, site))


class _World:
    """The modules that have been run, and what may still be spent on others."""

    def __init__(self, path: ImportPath) -> None:
        self.path = path
        self.records: dict[str, objects.Record | None] = {}
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

    def application(self, application: Application) -> objects.Value:
        """The value that the server serves."""
        record = objects.Record(application.found, application.module)
        self.records[application.found.name] = record
        self.run(record)
        if not application.attributes:
            return self._picked(record)
        value: objects.Value = record
        for name in application.attributes:
            value = self._member(value, name)
        if isinstance(value, objects.Defined):  # a factory, with or without `--factory`
            value = self._invoke(value, [], {})
        return value

    @staticmethod
    def _picked(record: objects.Record) -> objects.Value:
        """The object that `fastapi run` picks: `app`, `api`, else the first application by name."""
        values = record.scope.values
        for name in ("app", "api", *sorted(values)):
            value = values.get(name)
            if isinstance(value, objects.Site) and not value.is_router:
                return value
        return UNKNOWN

    # modules

    def load(self, name: str) -> objects.Value:
        """A module by its dotted name, run."""
        top = name.partition(".")[0]
        if top in _KNOWN_FOREIGN or top in sys.stdlib_module_names:
            return objects.Foreign(name)
        if name not in self.records:
            found = self.path.find(name)
            if found is None or (found is UNKNOWN and not self._is_ours(top)):
                return objects.Foreign(name)
            if isinstance(found, Found):
                self.text += len(found.placed.text)
                self.exhausted = self.exhausted or self.text > _MAX_TEXT
            module = self.path.parse(found.placed) if isinstance(found, Found) and not self.exhausted else None
            self.records[name] = (
                objects.Record(found, module) if isinstance(found, Found) and module is not None else None
            )
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

    def run(self, record: objects.Record) -> None:
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

    def _now(self, value: objects.Value) -> objects.Value:
        """A value that was put off."""
        if not isinstance(value, objects.Later):
            return value
        if value.value is None:
            value.value = UNKNOWN  # for modules that import each other
            module = self.load(value.name)
            value.value = module if value.attribute is None else self._from(module, value.attribute)
        return value.value

    def _from(self, module: objects.Value, name: str) -> objects.Value:
        """What `from module import name` brings: an attribute, or else a submodule."""
        if isinstance(module, objects.Record) and module.found.package and name not in module.scope.values:
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

    def _block(self, body: tuple[Statement, ...], scope: objects.Scope, *, certain: bool = True) -> list[objects.Value]:
        """Runs a block; what it returns, in order."""
        given: list[objects.Value] = []
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

    def _loop(self, loop: Loop, scope: objects.Scope, *, sure: bool) -> list[objects.Value]:
        items = self._value(loop.items, scope, sure=sure)
        given: list[objects.Value] = []
        if isinstance(items, objects.Items) and len(items.items) <= _MAX_ITEMS:
            for item in list(items.items):
                self._assign(loop.target, item, scope)
                given += self._block(loop.body, scope, certain=sure)
        else:
            self._assign(loop.target, UNKNOWN, scope)
            given += self._block(loop.body, scope, certain=False)
        return given

    def _assign(self, target: Expression, value: objects.Value, scope: objects.Scope) -> None:
        match target:
            case Name():
                old = scope.values.get(target.name)
                # An application that is replaced by something unknown (`app = wrapped(app)`) has been opened already.
                if value is UNKNOWN and isinstance(old, objects.Site):
                    old.open(target.span)
                    return
                scope.values[target.name] = value
            case Many():
                parts = (
                    value.items if isinstance(value, objects.Items) and len(value.items) == len(target.items) else None
                )
                for at, inner in enumerate(target.items):
                    self._assign(inner, parts[at] if parts is not None else UNKNOWN, scope)
            case Member():
                owner = self._value(target.of, scope)
                if isinstance(owner, objects.Object):
                    owner.values[target.name] = value
                elif isinstance(owner, objects.Site) and target.name in ("router", "routes", "openapi_url", "docs_url"):
                    owner.open(target.span)

    def _import(self, one: Import, scope: objects.Scope) -> None:
        name = absolute(one, scope.record.found)
        if name is None:
            scope.values[one.name] = UNKNOWN
            return
        plain = one.attribute != "*" and (one.name != "" or "." not in name)
        # A submodule may matter although its package does not.
        inner = name if one.attribute is None else f"{name}.{one.attribute}"
        if plain and not self._matters(name) and not self._is_submodule(inner):
            scope.values[one.name or name] = objects.Later(name, one.attribute)
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
            if isinstance(module, objects.Record):
                public = {key: value for key, value in module.scope.values.items() if not key.startswith("_")}
                scope.values.update(public)
            return
        scope.values[one.name] = self._from(module, one.attribute)

    def _define(self, function: Function, scope: objects.Scope, *, sure: bool) -> None:
        value: objects.Value = objects.Defined(function, scope)
        for decorator in reversed(function.decorators):
            made = self._value(decorator, scope, sure=sure)
            self._decorated(decorator, made, value)
        scope.values[function.name] = value

    def _decorated(self, decorator: Expression, made: objects.Value, value: objects.Value) -> None:
        """`@app.on_event("startup")`: the function is run when the application starts, and may add to it."""
        if (
            isinstance(decorator, Call)
            and isinstance(decorator.function, Member)
            and isinstance(value, objects.Defined)
        ):
            name = decorator.function.name
            if name == "on_event" and isinstance(made, objects.Site):
                self._invoke(value, [], {}, sure=False)
            elif name == "exception_handler" and isinstance(made, objects.Site) and sites.is_404(decorator.arguments):
                made.open(decorator.span)

    def _class(self, node: Class, scope: objects.Scope) -> None:
        bases = [self._value(one, scope) for one in node.bases]
        base = next((one for one in bases if sites.makes(one) is not None or isinstance(one, objects.Type)), None)
        body = objects.Scope(scope.record, scope, of_class=True)
        for decorator in node.decorators:
            self._value(decorator, scope)
        if self._enter():
            self._block(node.body, body)
            self.depth -= 1
        plain = all(isinstance(one, objects.Type) and one.plain for one in bases)
        scope.values[node.name] = objects.Type(base, body, plain=plain)

    # expressions

    def _value(self, node: Expression, scope: objects.Scope, *, sure: bool = True) -> objects.Value:
        if not self._spend():
            return UNKNOWN
        match node:
            case Text():
                return objects.Text((node.value,))
            case Constant():
                return objects.Constant(node.value)
            case Name():
                return self._lookup(node.name, scope)
            case Member():
                return self._member(self._value(node.of, scope, sure=sure), node.name)
            case Call():
                return self._call(node, scope, sure=sure)
            case Many():
                return objects.Items([self._value(one, scope, sure=sure) for one in node.items])
            case Joined():
                return self._joined([self._value(one, scope, sure=sure) for one in node.parts])
            case Other():
                values = [self._value(one, scope, sure=False) for one in node.parts]
                if len(values) == 1:
                    return values[0] if isinstance(values[0], objects.Site) else UNKNOWN
                for site in {id(one): one for one in values if isinstance(one, objects.Site)}.values():
                    site.open(node.span)
        return UNKNOWN

    @staticmethod
    def _joined(values: list[objects.Value]) -> objects.Value:
        if values and all(isinstance(one, objects.Items) for one in values):
            items = [item for one in values if isinstance(one, objects.Items) for item in one.items]
            return objects.Items(items) if len(items) <= _MAX_ITEMS else UNKNOWN
        if any(isinstance(one, objects.Items | objects.Site) for one in values):
            return UNKNOWN
        return objects.Text(joined(*(sites.as_path(one) for one in values)))

    def _lookup(self, name: str, scope: objects.Scope | None) -> objects.Value:
        first = scope
        while scope is not None:
            if name in scope.values:
                value = scope.values[name] = self._now(scope.values[name])
                return value
            scope = scope.outer
        if first is not None and (name in first.record.module.names or first.record.module.stars):
            return UNKNOWN
        return objects.Foreign(f"builtins.{name}")

    def _member(self, value: objects.Value, name: str) -> objects.Value:
        match value:
            case objects.Foreign():
                full = f"{value.name}.{name}"
                if not value.made and self._is_found(full):
                    return self.load(full)  # a folder without `__init__.py`
                return objects.Foreign(full, made=value.made, sites=value.sites)
            case objects.Record():
                if name in value.scope.values:
                    return self._now(value.scope.values[name])
                if value.found.package and name not in value.module.names:
                    return self._submodule(value, name)
            case objects.Site():
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
                return objects.Method(value, name)
            case objects.Object():
                if name in value.values:
                    return value.values[name]
                return self._of_type(value.type, name, value)
            case objects.Type():
                return self._of_type(value, name, None)
        return UNKNOWN

    def _submodule(self, package: objects.Record, name: str) -> objects.Value:
        full = f"{package.found.name}.{name}"
        if self.path.find(full) is None and package.module.dynamic:
            return UNKNOWN
        found = self.load(full)
        return UNKNOWN if isinstance(found, objects.Foreign) else found

    def _of_type(self, of: objects.Type, name: str, me: objects.Value | None) -> objects.Value:
        seen = 0
        one: objects.Value | None = of
        while isinstance(one, objects.Type) and seen < _MAX_DEPTH:
            seen += 1
            if name in one.body.values:
                found = one.body.values[name]
                if isinstance(found, objects.Defined) and me is not None:
                    static = any(isinstance(d, Name) and d.name == "staticmethod" for d in found.function.decorators)
                    bound = objects.Defined(found.function, found.scope, None if static else me)
                    if any(
                        isinstance(d, Name | Member) and d.name in ("property", "cached_property")
                        for d in found.function.decorators
                    ):
                        return self._invoke(bound, [], {})
                    return bound
                return found if one.plain or not isinstance(found, objects.Text | objects.Constant) else UNKNOWN
            one = one.base
        return UNKNOWN

    # calls

    def _call(self, node: Call, scope: objects.Scope, *, sure: bool) -> objects.Value:
        function = self._value(node.function, scope, sure=sure)
        values = [self._value(one, scope, sure=sure) for one in node.arguments]
        given = sites.Arguments(node, values, {name: self._value(one, scope, sure=sure) for name, one in node.keywords})
        if isinstance(function, objects.Method):
            return sites.change(function.site, function.name, given, self._run_later, sure=sure)
        if isinstance(function, objects.Defined):
            return self._invoke(function, values, given.named, sure=sure)
        if isinstance(function, objects.Type):
            return self._instance(function, given, sure=sure)
        if isinstance(function, objects.Foreign):
            kind = sites.makes(function)
            return sites.made(kind, given, self._run_later) if kind is not None else sites.pass_on(function, given)
        if isinstance(node.function, Member) and node.function.name in ("append", "extend", "add"):
            owner = self._value(node.function.of, scope)
            if isinstance(owner, objects.Items) and len(values) == 1 and len(owner.items) < _MAX_ITEMS:
                if node.function.name == "extend":
                    owner.items += values[0].items if isinstance(values[0], objects.Items) else [UNKNOWN]
                else:
                    owner.items.append(values[0])
                return objects.Constant(None)
        sites.escape(node.span, given.all())
        return UNKNOWN

    def _run_later(self, function: objects.Defined, arguments: list[objects.Value]) -> None:
        self._invoke(function, arguments, {}, sure=False)

    def _invoke(
        self,
        function: objects.Defined,
        arguments: list[objects.Value],
        keywords: Mapping[str, objects.Value],
        *,
        sure: bool = True,
    ) -> objects.Value:
        called = function.function
        if any(one is called for one in self._running) or not self._enter():
            sites.escape(called.span, (*arguments, *keywords.values()))
            return UNKNOWN
        self._running.append(called)
        scope = objects.Scope(function.scope.record, _reading(function.scope))
        given = arguments if function.first is None else [function.first, *arguments]
        for at, name in enumerate(called.parameters):
            scope.values[name] = given[at] if at < len(given) else keywords.get(name, UNKNOWN)
        sites.escape(called.span, given[len(called.parameters) :])
        sites.escape(called.span, [value for name, value in keywords.items() if name not in called.parameters])
        returned = self._block(called.body(), scope, certain=sure)
        self._running.pop()
        self.depth -= 1
        known = {id(one): one for one in returned}
        if len(known) == 1:
            return next(iter(known.values()))
        sites.escape(called.span, returned)
        return UNKNOWN

    def _instance(self, of: objects.Type, given: sites.Arguments, *, sure: bool) -> objects.Value:
        base: objects.Value | None = of
        own: set[str] = set()
        for _ in range(_MAX_DEPTH):
            if not isinstance(base, objects.Type):
                break
            own.update(base.body.values)
            base = base.base
        kind = sites.makes(base)
        if kind is not None:
            site = sites.made(kind, given, self._run_later)
            # It may do anything in its own methods.
            if not own.isdisjoint(("__init__", "__new__", "include_router", "setup", "add_api_route", *sites.METHODS)):
                site.open(given.node.span, ANYTHING)
            return site
        me = objects.Object(of)
        start = self._of_type(of, "__init__", me)
        if isinstance(start, objects.Defined):
            self._invoke(start, given.values, given.named, sure=sure)
        else:
            sites.escape(given.node.span, given.all())
        return me


def _reading(scope: objects.Scope) -> objects.Scope:
    """The scope that a function reads from: a method does not see the names of its class."""
    return scope.outer if scope.of_class and scope.outer is not None else scope


# Modules that are met in every project; nobody calls a folder of his own so.
_KNOWN_FOREIGN: Final = frozenset(
    "fastapi starlette pydantic pydantic_settings uvicorn gunicorn sqlalchemy sqlmodel alembic redis celery httpx"
    " requests jinja2 loguru structlog prometheus_fastapi_instrumentator prometheus_client opentelemetry sentry_sdk"
    " asyncpg aiohttp orjson typer click rich numpy pandas torch openai anthropic langchain boto3 dotenv jose passlib"
    " jwt tortoise motor pymongo beanie slowapi fastapi_users fastapi_pagination fastapi_cache fastapi_limiter sqladmin"
    " starlette_exporter starlette_context socketio strawberry ariadne graphene mangum tenacity yaml".split()
)
