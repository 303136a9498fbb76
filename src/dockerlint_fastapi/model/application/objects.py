"""What stands behind a name while an application's modules are walked through: applications and routers under
construction, functions, classes, texts, and what comes from modules that the project does not have.
"""

from __future__ import annotations

from dockerlint_fastapi.model.application.routes import Path, Route
from dockerlint_fastapi.model.command import Unknown
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.application.expression import Function
    from dockerlint_fastapi.model.application.import_path import Found
    from dockerlint_fastapi.model.application.module import Module


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


class Items:
    """A list, a tuple or a set whose items are known."""

    __slots__ = ("items",)

    def __init__(self, items: list[Value]) -> None:
        self.items = items


class Text:
    """A string, of which pieces may be unknown."""

    __slots__ = ("path",)

    def __init__(self, path: Path) -> None:
        self.path = path


class Constant:
    """None, True, False or a number."""

    __slots__ = ("value",)

    def __init__(self, value: int | None) -> None:
        self.value = value


class Foreign:
    """Something from a module that the project does not have, by its dotted name; `made`: returned by a call."""

    __slots__ = ("made", "name", "sites")

    def __init__(self, name: str, *, made: bool = False, sites: tuple[Site, ...] = ()) -> None:
        self.name = name
        self.made = made
        self.sites = sites  # those that it was given


class Scope:
    """Names and their values; `outer` is the scope that a function reads from."""

    __slots__ = ("of_class", "outer", "record", "values")

    def __init__(self, record: Record, outer: Scope | None = None, *, of_class: bool = False) -> None:
        self.of_class = of_class
        self.values: dict[str, Value] = {}
        self.outer = outer
        self.record = record


class Record:
    """A module of the project as far as it has been run."""

    __slots__ = ("found", "module", "scope", "state")

    def __init__(self, found: Found, module: Module) -> None:
        self.found = found
        self.module = module
        self.scope = Scope(self)
        self.state = "new"


class Defined:
    """A function of the project, and what it is bound to."""

    __slots__ = ("first", "function", "scope")

    def __init__(self, function: Function, scope: Scope, first: Value | None = None) -> None:
        self.function = function
        self.scope = scope
        self.first = first


class Type:
    """A class of the project; `base` is what it is built on, when that makes applications or routers."""

    __slots__ = ("base", "body", "plain")

    def __init__(self, base: Value | None, body: Scope, *, plain: bool) -> None:
        self.base = base
        self.body = body
        self.plain = plain  # it is built on classes of the project only: others (BaseSettings) fill their fields


class Object:
    """An object of a class of the project."""

    __slots__ = ("type", "values")

    def __init__(self, of: Type) -> None:
        self.type = of
        self.values: dict[str, Value] = {}


class Method:
    """A method of an application or router, not yet called."""

    __slots__ = ("name", "site")

    def __init__(self, site: Site, name: str) -> None:
        self.site = site
        self.name = name


class Later:
    """A module, or a name of one, that is run when it is wanted."""

    __slots__ = ("attribute", "name", "value")

    def __init__(self, name: str, attribute: str | None) -> None:
        self.name = name
        self.attribute = attribute
        self.value: Value | None = None  # once it was wanted


Value = Later | Site | Items | Text | Constant | Foreign | Record | Defined | Type | Object | Method | Unknown
