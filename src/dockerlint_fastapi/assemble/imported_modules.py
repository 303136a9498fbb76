"""The modules that importing an application certainly runs: those that its module imports at its top level, and these
in turn.
"""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Callable, Iterator

from dockerlint_fastapi.assemble.python_starts import PythonStarts, directory_of
from dockerlint_fastapi.model.application import Application
from dockerlint_fastapi.model.application.import_path import Found
from dockerlint_fastapi.model.command import UNKNOWN
from dockerlint_fastapi.model.container import Container
from dockerlint_fastapi.parsers.python.imports import imports_of_text
from dockerlint_fastapi.parsers.python.names import Library, Module, PythonText, Scope
from dockerlint_fastapi.parsers.python.values import evaluate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, TypeVar

    _T = TypeVar("_T")

_MAX_MODULES: Final = 400  # of one application; where there are more, those that are found first are read


class _Imports(Library):
    """The modules that an application can import, found where Python finds them in its container."""

    __slots__ = ("_application", "_starts", "_texts", "found")

    def __init__(self, starts: PythonStarts, container: Container, application: Application) -> None:
        program = container.program
        environment = container.environment if program is None else container.environment.seen_by(program)
        directory = container.directory if program is None else directory_of(container, program)
        super().__init__(lambda _place: UNKNOWN, (), environment, starts.has_file(container, directory))
        self._starts = starts
        self._application = application
        # Containers of one image with the same mounts over their code find the same files.
        roots = tuple(root.name for root in application.import_path.roots)
        mounts = tuple(
            (one.target, one.path, one.empty)
            for one in container.covers
            if one.target is None or any(_overlap(one.target, root) for root in roots)
        )
        self._texts = starts.texts.setdefault((id(container.image), mounts, roots), {})
        self.found: dict[str, Module | None] = {}

    def find(self, name: str, importer: Module | None = None) -> Module | None:
        """See Library."""
        full = name
        if name.startswith("."):
            full = _absolute(name, importer) or ""
        if full not in self.found:
            self.found[full] = self._module(full) if full else None
        return self.found[full]

    def _module(self, name: str) -> Module | None:
        if name not in self._texts:
            found = self._application.import_path.find(name)
            read = self._starts.text_of(found.placed, deferred=True) if isinstance(found, Found) else UNKNOWN
            self._texts[name] = read if isinstance(read, PythonText) and _is_python(read) else None
        text = self._texts[name]
        return Module(text, self, name) if text is not None else None


def _is_python(text: PythonText) -> bool:
    """Whether a file can be read: its text tells all that it imports, or it parses."""
    if "imports" not in text.memo:
        text.memo["imports"] = imports_of_text(text.syntax.source.text)
    return text.memo["imports"] is not None or text.syntax.parses


def _overlap(one: str, other: str) -> bool:
    """Whether one folder holds the other."""
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def _absolute(name: str, importer: Module | None) -> str | None:
    """The full name of a module that is imported with dots in front."""
    if importer is None or importer.name is None:
        return None
    bare = name.lstrip(".")
    up = len(name) - len(bare) - (1 if importer.text.place.endswith("/__init__.py") else 0)
    parts = importer.name.split(".")
    if up >= len(parts) + (0 if bare else 1):
        return None
    package = parts[: len(parts) - up] if up else parts
    return ".".join((*package, bare)) if bare else ".".join(package)


def imported_modules(starts: PythonStarts, container: Container) -> tuple[Module, ...]:
    """The project's modules that importing the application certainly runs; none where that cannot be told."""
    application = container.application
    if not isinstance(application, Application):
        return ()
    imports = _Imports(starts, container, application)
    reached: dict[str, Module] = {}
    waiting = deque((application.found.name,))
    met = set(waiting)
    while waiting and len(reached) < _MAX_MODULES:
        name = waiting.popleft()
        parts = name.split(".")
        for end in range(1, len(parts) + 1):  # importing `a.b` runs `a` first
            part = ".".join(parts[:end])
            above = reached.get(".".join(parts[: end - 1]))
            if above is not None and not above.text.place.endswith("/__init__.py"):
                break  # `from a.b import c` of a module that is no package: `c` is none either
            module = imports.find(part) if part not in reached else None
            if module is not None:
                reached[part] = module
                for one in _imported(module):
                    if one not in met:
                        met.add(one)
                        waiting.append(one)
    return tuple(reached.values())


def _imported(module: Module) -> tuple[str, ...]:
    """The full names that a module certainly imports when it is run; some may be no modules."""
    key = f"imported as {module.name}"
    if key not in module.text.memo:
        names = tuple(dict.fromkeys(_names_imported(module)))
        text = module.text.syntax.source.text
        if module.text.memo.get("imports") is None and ("environ" in text or "getenv" in text):
            return names  # what it imports may depend on variables
        module.text.memo[key] = names
    known: tuple[str, ...] = module.text.memo[key]
    return known


def _names_imported(module: Module) -> Iterator[str]:
    if _is_python(module.text) and module.text.memo["imports"] is not None:
        for level, name, names in module.text.memo["imports"]:
            if level is None:
                yield from names
                continue
            full = _absolute("." * level + name, module) if level else name
            if full:
                yield full
                yield from (f"{full}.{one}" for one in names if one != "*")
        return
    for statement in certainly_run(module.text.syntax.tree.body, Scope(module), guarded=True):
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            written = "." * statement.level + (statement.module or "")
            full = _absolute(written, module) if statement.level else written
            if full:
                yield full
                yield from (f"{full}.{alias.name}" for alias in statement.names if alias.name != "*")


def certainly_run(body: list[ast.stmt], scope: Scope, *, guarded: bool) -> Iterator[ast.stmt]:
    """The statements of a module or class that are certainly run; with `guarded` those of `try` too."""
    for statement in body:
        if isinstance(statement, ast.If):
            test = evaluate(statement.test, scope)
            if test is not None:
                yield from certainly_run(statement.body if test.value else statement.orelse, scope, guarded=guarded)
        elif isinstance(statement, ast.Try):
            if guarded:
                yield from certainly_run(statement.body, scope, guarded=guarded)
        elif isinstance(statement, (ast.With, ast.ClassDef)):
            yield statement
            yield from certainly_run(statement.body, scope, guarded=guarded)
        elif not isinstance(statement, (ast.For, ast.While)):
            yield statement


def of_text(module: Module, key: str, read: Callable[[str], _T]) -> _T:
    """What a module's text alone tells, read once for all containers."""
    memo: dict[str, _T] = module.text.memo
    if key not in memo:
        memo[key] = read(module.text.syntax.source.text)
    return memo[key]


def modules_from(first: Module) -> tuple[Module, ...]:
    """A module and those of the project that importing it certainly runs."""
    reached: dict[str, Module] = {first.text.place: first}
    waiting = deque((first,))
    while waiting and len(reached) < _MAX_MODULES:
        module = waiting.popleft()
        for name in _imported(module):
            found = module.library.find(name, module)
            if found is not None and found.text.place not in reached:
                reached[found.text.place] = found
                waiting.append(found)
    return tuple(reached.values())
