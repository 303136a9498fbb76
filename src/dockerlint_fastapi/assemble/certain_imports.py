"""The modules of others that starting an application imports whatever happens: no `if`, no `try` stands in front."""

from __future__ import annotations

import ast
import re
from collections import deque
from collections.abc import Iterator

from dockerlint_fastapi.assemble.python_starts import PythonStarts
from dockerlint_fastapi.model.application import Application
from dockerlint_fastapi.model.container import Container
from dockerlint_fastapi.parsers.python.names import Module
from dockerlint_fastapi.source import Span

_IMPORTED = r"(?m)^(?:from|import)[ \t]+(\w+)"


def certain_imports(starts: PythonStarts, container: Container, names: frozenset[str]) -> Iterator[tuple[str, Span]]:
    """Where the application's modules import one of `names`, top-level modules, in the order of the search."""
    application = container.application
    modules = {one.name: one for one in starts.modules_of(container) if one.name is not None}
    texts = (one.text.syntax.source.text for one in modules.values())
    if not isinstance(application, Application) or all(names.isdisjoint(re.findall(_IMPORTED, text)) for text in texts):
        return
    own = starts.project.python_names
    waiting = deque((application.found.name,))
    met = set(waiting)
    while waiting:
        module = modules.get(waiting.popleft())
        seen: set[int] = set()
        for name, statement in _imported(module) if module is not None else ():
            top = name.partition(".")[0]
            if module is not None and top in names and top not in own and id(statement) not in seen:
                seen.add(id(statement))
                yield top, module.span(statement)
            for one in _with_parents(name):
                if one not in met:
                    met.add(one)
                    waiting.append(one)


def imports_at_start(starts: PythonStarts, module: Module, names: frozenset[str]) -> Iterator[tuple[str, Span]]:
    """Where a script itself imports one of `names`, before it does anything else."""
    if names.isdisjoint(re.findall(_IMPORTED, module.text.syntax.source.text)):
        return
    own = starts.project.python_names
    for name, statement in _imported(module):
        top = name.partition(".")[0]
        if top in names and top not in own:
            yield top, module.span(statement)


def _with_parents(name: str) -> Iterator[str]:
    parts = name.split(".")
    yield from (".".join(parts[:end]) for end in range(1, len(parts) + 1))


def _imported(module: Module) -> Iterator[tuple[str, ast.stmt]]:
    """What a module imports at its margin, by full names, until something else may end it or catch an error."""
    for statement in module.text.syntax.tree.body:
        if isinstance(statement, ast.Import):
            yield from ((alias.name, statement) for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            full = _absolute(statement, module)
            if full:
                yield full, statement
                yield from ((f"{full}.{alias.name}", statement) for alias in statement.names if alias.name != "*")


def _absolute(statement: ast.ImportFrom, module: Module) -> str | None:
    """The full name of the module that a `from` names."""
    if not statement.level:
        return statement.module
    parts = (module.name or "").split(".")
    drop = statement.level - (1 if module.text.place.endswith("/__init__.py") else 0)
    if drop >= len(parts) + (0 if statement.module else 1):
        return None
    return ".".join([*parts[: len(parts) - drop], *([statement.module] if statement.module else [])])
