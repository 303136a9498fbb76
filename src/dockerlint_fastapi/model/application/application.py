"""A container's ASGI application: which module and object it is, and which paths it answers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.cached import cached_property
from dockerlint_fastapi.model.application.expression import Import
from dockerlint_fastapi.model.application.import_path import Found, ImportPath
from dockerlint_fastapi.model.application.module import Module
from dockerlint_fastapi.model.application.routes import Route
from dockerlint_fastapi.source import Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.application.search import Search

_MIN_MENTION = 2  # `/` stands in every file
_MAX_STARS = 20  # modules that are looked through for one name
# What stands in front of a path in the address that a client of HTTP asks: `session.get(f"{url}` and `httpx.get("http://x`.
_ASKS = (
    r"\b(?:requests|httpx|\w{0,40}(?:session|client|http))\s*\.\s*(?:get|head|post|request)\(\s*"
    r"(?:[\"'][A-Z]+[\"']\s*,\s*)?(?:url\s*=\s*)?[rRfF]{0,2}[\"'](?:\{[^{}\n]*\}|https?://)[^\s\"']*\Z"
)
_NEAR = 200  # characters in front of a path


class Application:
    """What a server serves.

    `module` is the one that the import string names, `attributes` the names behind the colon (empty when the server
    picks the object itself), `called` whether it is a factory.
    """

    def __init__(
        self,
        search: Search,
        path: ImportPath,
        found: Found,
        module: Module,
        attributes: tuple[str, ...],
        *,
        called: bool,
    ) -> None:
        self.search = search
        self.import_path = path
        self.found = found
        self.module = module
        self.attributes = attributes
        self.called = called

    def __repr__(self) -> str:
        return f"Application({self.name!r})"

    @property
    def name(self) -> str:
        """The import string in its usual form: `app.main:app`."""
        attribute = ".".join(self.attributes) or (self._picked[0] if self._picked is not None else "")
        return f"{self.found.name}:{attribute}" if attribute else self.found.name

    @cached_property
    def _picked(self) -> tuple[str, Span] | None:
        """The object that `fastapi run` picks, as far as the module's own text tells: `app`, `api`, else the first."""
        from dockerlint_fastapi.model.application.search import objects_in  # noqa: PLC0415  # a cycle

        made = objects_in(self.module)
        name = next((one for one in ("app", "api", *sorted(made)) if one in made), None)
        return None if name is None else (name, made[name])

    @property
    def span(self) -> Span | None:
        """Where the object's name is bound first; None when it comes from a star import."""
        if not self.attributes:
            return self._picked[1] if self._picked is not None else self.module.source.span(0, 0)
        return self.module.names.get(self.attributes[0])

    @cached_property
    def routes(self) -> tuple[Route, ...]:
        """Every route that can be told; one that is `open` stands for those that cannot."""
        from dockerlint_fastapi.model.application.evaluation import routes_of  # noqa: PLC0415  # few rules ask

        image = self.search.container.image
        if image is None:
            return routes_of(self)
        # What a service mounts, and where Python looks, make another application of the same module.
        roots = tuple(root.name for root in self.import_path.roots)
        options = self.search.server.options.get("root-path")
        mounts = self.search.mounts(self.import_path.roots)
        key = (self.module, self.attributes, self.found.name, roots, mounts, options)
        if key not in image.routes:
            image.routes[key] = routes_of(self)
        return image.routes[key]

    @property
    def closed(self) -> bool:
        """Whether all its routes are known, up to parts of their paths."""
        return not any(one.open for one in self.routes)

    def mentions(self, path: str) -> bool:
        """Whether a Python file beside its modules holds that path somewhere else than in a route that is known, or in
        the address of another server that a client asks: then something may answer it that was not seen, as a
        middleware does. A question costs a walk through the project.
        """
        if len(path) < _MIN_MENTION:
            return True
        word = re.compile(re.escape(path.rstrip("/")) + r"(?![\w-])")
        known = [one.span for one in self.routes if one.span is not None and not one.open]
        for source in self.sources():
            for match in word.finditer(source.text):
                at = match.start()
                if any(span.source is source and span.start <= at < span.end for span in known):
                    continue
                if re.search(_ASKS, source.text[max(0, at - _NEAR) : at]) is None:
                    return True
        return self.found.placed.path is None

    @property
    def root(self) -> str:
        """The folder of the project from which its modules are imported, with a `/` at its end; empty for the root."""
        depth = self.found.name.count(".") + (1 if self.found.package else 0)
        folder = "/".join((self.found.placed.path or "").split("/")[: -depth - 1])
        return f"{folder}/" if folder else ""

    def sources(self) -> Iterator[Source]:
        """The Python files of the project in the folder from which its modules are imported, and below. A walk."""
        image = self.search.container.image
        if self.found.placed.path is None or image is None:
            return
        for path in image.project.index.python_files_from(self.root):
            source = image.project.source_of(path)
            if source is not None:
                yield source

    def route(self, path: str, method: str | None = "GET") -> bool | None:
        """Whether it answers a request for a path, which may have a query; None when that cannot be told.

        Any method will do when `method` is None. A parameter in a route's path (`/{page}`) takes the request, but what
        it answers is unknown.
        """
        wanted = re.split(r"[?#]", path, maxsplit=1)[0]
        if not wanted.startswith("/"):
            wanted = f"/{wanted}"
        answer: bool | None = False
        for one in self.routes:
            found = one.matches(wanted, method)
            if found:
                return True
            if found is None:
                answer = None
        return answer


def binds(path: ImportPath, found: Found, module: Module, name: str) -> bool | None:
    """Whether a module has an attribute when it is imported; None when that cannot be told."""
    waiting = [(found, module)]
    seen = {found.name}
    unsure = False
    while waiting:
        where, one = waiting.pop()
        if name in one.names:
            return True
        unsure = unsure or one.dynamic or len(seen) > _MAX_STARS
        if where.package and where is found:
            # A submodule is an attribute of its package once something has imported it.
            unsure = unsure or path.find(f"{where.name}.{name}") is not None
        for star in one.stars:
            full = absolute(star, where)
            other = path.find(full) if full is not None else None
            parsed = path.parse(other.placed) if isinstance(other, Found) else None
            if not isinstance(other, Found) or parsed is None:
                unsure = True
            elif other.name not in seen:
                seen.add(other.name)
                waiting.append((other, parsed))
    return None if unsure else False


def absolute(one: Import, where: Found) -> str | None:
    """The full name of the module that an import in the module `where` names; None when it leads above the top."""
    if not one.level:
        return one.module
    parts = where.name.split(".")
    drop = one.level - 1 if where.package else one.level
    if drop >= len(parts):
        return None
    base = parts[: len(parts) - drop]
    return ".".join([*base, one.module] if one.module else base)
