"""The programs that a container's code calls by names that it spells out: `subprocess.run(["git", "clone", url])`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from dockerlint_fastapi.assemble.python_starts import PythonStarts
from dockerlint_fastapi.model.container import Container
from dockerlint_fastapi.parsers.python.names import Module, Scope, bindings, dotted
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_CALLS: Final = frozenset(
    (
        *(f"subprocess.{name}" for name in ("run", "call", "check_call", "check_output", "Popen")),
        "asyncio.create_subprocess_exec",
        "asyncio.subprocess.create_subprocess_exec",
    )
)
# Code that looks whether a program is there, or where it runs, knows what it does.
_LOOKS: Final = r"\bwhich\b|find_executable|sys\.platform|platform\.system|os\.name\b|os\.access|FileNotFoundError"
_CAUGHT: Final = frozenset(
    ("FileNotFoundError", "OSError", "EnvironmentError", "IOError", "Exception", "BaseException")
)
_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)


def program_calls(starts: PythonStarts, container: Container, names: frozenset[str]) -> Iterator[tuple[str, Span]]:
    """Which of some programs the modules of an application call, each at its first call; not those whose absence is
    looked for, or caught.
    """
    quoted = rf"[\"'](?:{'|'.join(sorted(map(re.escape, names)))})[\"']"
    modules = starts.modules_of(container)
    found: list[tuple[str, str, Span]] = []
    for module in modules:
        text = module.text.syntax.source.text
        if "subprocess" in text and re.search(quoted, text) and not re.search(_LOOKS, text):
            found += _Calls(module).of(names)
    caught = {name for module in modules for name in _names_caught(module)} if found else set[str]()
    told: set[str] = set()
    for name, function, span in found:
        if name not in told and function not in caught:
            told.add(name)
            yield name, span


class _Calls:
    """The calls of programs in a module."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.scope = Scope(module)

    def of(self, names: frozenset[str]) -> Iterator[tuple[str, str, Span]]:
        """The programs among `names`, with the function that calls them (its outermost name) and the place."""
        for call, within, function in self._calls(self.module.text.syntax.tree, "", None):
            word = self._first(call, function)
            if word is not None and word.value in names:
                yield str(word.value), within, self.module.span(word)

    def _calls(
        self, node: ast.AST, within: str, function: ast.AST | None
    ) -> Iterator[tuple[ast.Call, str, ast.AST | None]]:
        """The calls that start a program, outside of what catches its absence and of what only a program of its own
        runs.
        """
        if isinstance(node, ast.Try) and _catches(node):
            parts: list[ast.stmt] = [*node.orelse, *node.finalbody]
        elif isinstance(node, ast.If) and "__name__" in ast.dump(node.test):
            parts = node.orelse
        else:
            if isinstance(node, ast.Call) and dotted(node.func, self.scope) in _CALLS:
                yield node, within, function
            if isinstance(node, _FUNCTIONS):
                within, function = within or node.name, node
            for child in ast.iter_child_nodes(node):
                yield from self._calls(child, within, function)
            return
        for part in parts:
            yield from self._calls(part, within, function)

    def _first(self, call: ast.Call, function: ast.AST | None) -> ast.Constant | None:
        """The word that names the program; None where it is not written out, or a shell reads it."""
        if not call.args or any(one.arg in ("shell", "executable", "env") for one in call.keywords):
            return None
        first = call.args[0]
        if isinstance(first, ast.Name) and isinstance(function, _FUNCTIONS):
            bound = bindings(function.body).get(first.id)
            first = bound.node if bound is not None and isinstance(bound.node, ast.expr) else first
        if isinstance(first, (ast.List, ast.Tuple)) and first.elts:
            first = first.elts[0]
        return first if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def _catches(statement: ast.Try) -> bool:
    """Whether a `try` goes on when a program is not there."""
    for handler in statement.handlers:
        kinds = [handler.type] if not isinstance(handler.type, ast.Tuple) else handler.type.elts
        if any(kind is None or (isinstance(kind, ast.Name) and kind.id in _CAUGHT) for kind in kinds):
            return True
    return False


def _names_caught(module: Module) -> Iterator[str]:
    """The names of what is called where a `try` goes on without it."""
    if "except" not in module.text.syntax.source.text:
        return
    for node in ast.walk(module.text.syntax.tree):
        for part in node.body if isinstance(node, ast.Try) and _catches(node) else ():
            for one in ast.walk(part):
                if isinstance(one, ast.Call) and isinstance(one.func, (ast.Name, ast.Attribute)):
                    yield one.func.id if isinstance(one.func, ast.Name) else one.func.attr
