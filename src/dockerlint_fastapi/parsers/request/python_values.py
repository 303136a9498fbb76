"""What names and expressions of a piece of Python code stand for, as far as that shows without running it."""

from __future__ import annotations

import ast
from collections.abc import Callable

from dockerlint_fastapi.model.command import Environment, Unknown
from dockerlint_fastapi.model.environment.interpolation import PLACEHOLDER
from dockerlint_fastapi.parsers.python.syntax import PythonSyntax
from dockerlint_fastapi.parsers.request.expansion import Text
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


_MAX_DEPTH: Final = 12
_MAX_TEXT: Final = 10_000


class Code:
    """A parsed piece of code: its calls in order, its imports, and what its names are bound to.

    `locate` gives the place of a stretch of it in the project's file.
    """

    __slots__ = ("_bound", "_environment", "_imported", "_locate", "_syntax", "calls", "modules")

    def __init__(self, syntax: PythonSyntax, locate: Callable[[int, int], Span], environment: Environment) -> None:
        self._syntax = syntax
        self._locate = locate
        self._environment = environment
        self._imported: dict[str, str] = {}
        self._bound: dict[
            str, ast.expr | None
        ] = {}  # None for a name that is bound more than once, or to what is hidden
        self.modules: set[str] = set()  # top-level packages that it imports
        self.calls: list[ast.Call] = []
        for node in ast.walk(syntax.tree):
            self._see(node)
        self.calls.sort(key=lambda call: (call.lineno, call.col_offset, -(call.end_col_offset or 0)))

    def _see(self, node: ast.AST) -> None:
        """Takes note of what one node binds or calls."""
        if isinstance(node, ast.Call):
            self.calls.append(node)
            if isinstance(node.func, ast.Name) and node.func.id == "__import__" and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    self.modules.add(first.value.partition(".")[0])
        elif isinstance(node, ast.Import):
            for alias in node.names:
                self.modules.add(alias.name.partition(".")[0])
                self._imported[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            self.modules.add(module.partition(".")[0])
            for alias in node.names:
                self._imported[alias.asname or alias.name] = f"{module}.{alias.name}"
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                self._bind(target, node.value)
        elif isinstance(node, ast.AnnAssign):
            if node.value is not None:
                self._bind(node.target, node.value)
        elif isinstance(node, ast.NamedExpr):
            self._bind(node.target, node.value)
        elif isinstance(node, ast.withitem):
            if node.optional_vars is not None:
                self._bind(node.optional_vars, node.context_expr)
        elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension | ast.AugAssign):
            self._bind(node.target, None)
        elif isinstance(node, ast.arg):
            self._bound[node.arg] = None

    def _bind(self, target: ast.expr, value: ast.expr | None) -> None:
        for name in ast.walk(target):
            if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store):
                alone = name is target and name.id not in self._bound
                self._bound[name.id] = value if alone else None

    def span(self, node: ast.AST) -> Span:
        """Where a node stands in the project."""
        place = self._syntax.span(node)
        return self._locate(place.start, place.end)

    def value(self, node: ast.expr | None) -> ast.expr | None:
        """The expression that a name stands for, when it is bound once; any other expression is itself."""
        for _ in range(_MAX_DEPTH):
            if not isinstance(node, ast.Name):
                return node.value if isinstance(node, ast.Await) else node
            if node.id not in self._bound or self._bound[node.id] is None:
                return node
            node = self._bound[node.id]
        return None

    def name(self, node: ast.expr, depth: int = 0) -> str | None:
        """The dotted name by which a thing is imported, `()` behind what is called; None when that is not known."""
        node = self.value(node) or node
        if depth > _MAX_DEPTH:
            return None
        if isinstance(node, ast.Name):
            if node.id in self._bound:
                return None
            return self._imported.get(node.id, node.id if node.id in ("exec", "eval", "__import__") else None)
        if isinstance(node, ast.Attribute):
            owner = self.name(node.value, depth + 1)
            return f"{owner}.{node.attr}" if owner is not None else None
        if isinstance(node, ast.Call):
            called = self.name(node.func, depth + 1)
            if called in ("__import__", "importlib.import_module"):
                return self._module(node, called)
            return f"{called}()" if called is not None else None
        return None

    def _module(self, call: ast.Call, called: str) -> str | None:
        """What `__import__("a.b")` gives: `a`, unless it is told what to take from `a.b`."""
        text = self.text(call.args[0]) if call.args else None
        if text is None or not text.known:
            return None
        whole = called != "__import__" or len(call.args) > 3 or any(one.arg == "fromlist" for one in call.keywords)
        return text.value if whole else text.value.partition(".")[0]

    def maker(self, method: ast.expr) -> ast.Call | None:
        """The call that made the object of a method: `Client(base_url=…)` of `Client(base_url=…).get`."""
        made = self.value(method.value) if isinstance(method, ast.Attribute) else None
        return made if isinstance(made, ast.Call) else None

    def text(self, node: ast.expr | None, depth: int = 0) -> Text | None:
        """An expression as text, an integer in digits; None when there is no expression, or it is Python's None.

        What cannot be told is a PLACEHOLDER.
        """
        node = self.value(node)
        if node is None or (isinstance(node, ast.Constant) and node.value is None):
            return None
        found = self._text(node, depth) if depth <= _MAX_DEPTH else None
        return self._unknown(node) if found is None else found

    def _unknown(self, node: ast.expr) -> Text:
        return self._whole(PLACEHOLDER, node, given=True)

    def _whole(self, text: str, node: ast.expr, *, given: bool = False) -> Text:
        """A text of which only the place of the whole is known."""
        place = self._syntax.span(node)
        made = Text(self._locate)
        made.put(text, place.start, place.end, given=given)
        return made

    def _text(self, node: ast.expr, depth: int) -> Text | None:
        """The text of an expression; None when nothing can be told of it."""
        if isinstance(node, ast.Constant):
            return self._constant(node)
        if isinstance(node, ast.JoinedStr):
            return self._joined(node, depth)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = self.text(node.left, depth + 1), self.text(node.right, depth + 1)
            if left is None or right is None:
                return None
            left = left.slice(0)
            left.add(right)
            return left if len(left.value) <= _MAX_TEXT else None
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            for value in node.values:
                found = self._variable(value, depth) if isinstance(value, ast.Call) else self.text(value, depth + 1)
                if found is not None and (found.value or value is node.values[-1]):
                    return found
            return None
        if isinstance(node, ast.Call | ast.Subscript):
            called = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else None
            if called in ("int", "str") and isinstance(node, ast.Call) and len(node.args) == 1:
                return self.text(node.args[0], depth + 1)
            return self._variable(node, depth)
        return None

    def _constant(self, node: ast.Constant) -> Text | None:
        value = node.value
        if isinstance(value, int) and not isinstance(value, bool):
            return self._whole(str(value), node) if abs(value) < 10**9 else None
        if isinstance(value, bytes):
            return self._whole(value.decode("latin-1"), node)
        if not isinstance(value, str) or len(value) > _MAX_TEXT:
            return None
        place = self._syntax.span(node)
        raw = self._syntax.source.text[place.start : place.end]
        at = raw.find(value)
        if at < 0:
            return self._whole(value, node)
        made = Text(self._locate)
        made.write(value, place.start + at)
        return made

    def _joined(self, node: ast.JoinedStr, depth: int) -> Text:
        """An f-string. The tree of Python 3.11 does not know where its parts stand, so they are looked for."""
        place = self._syntax.span(node)
        raw = self._syntax.source.text[place.start : place.end]
        made = Text(self._locate)
        at = 0
        for part in node.values:
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                found = raw.find(part.value, at)
                if found < 0:
                    made.put(part.value, place.start, place.end, given=False)
                else:
                    made.write(part.value, place.start + found)
                    at = found + len(part.value)
                continue
            inner = self.text(part.value, depth + 1) if isinstance(part, ast.FormattedValue) else None
            plain = isinstance(part, ast.FormattedValue) and part.format_spec is None and part.conversion in (-1, 115)
            close = raw.find("}", at)
            end = len(raw) if close < 0 else close + 1
            text = inner.value if inner is not None and plain else PLACEHOLDER
            variable = inner is None or inner.part(0, len(text)) is None or not self._literal(inner)
            made.put(text, place.start + at, place.start + end, given=variable)
            at = end
        return made

    def _literal(self, text: Text) -> bool:
        found = text.part(0, len(text.value))
        return found is not None and found.origin == "option"

    def _variable(self, node: ast.expr, depth: int) -> Text | None:
        """`os.environ["X"]`, `os.environ.get("X", other)` and `os.getenv("X", other)`; None for anything else, and for
        a variable that is certainly not set where there is no other value.
        """
        key: ast.expr | None = None
        other: ast.expr | None = None
        if isinstance(node, ast.Subscript) and self.name(node.value) == "os.environ":
            key = node.slice
        elif isinstance(node, ast.Call) and self.name(node.func) in ("os.getenv", "os.environ.get"):
            key = node.args[0] if node.args else None
            other = (
                node.args[1]
                if len(node.args) > 1
                else next((one.value for one in node.keywords if one.arg == "default"), None)
            )
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            return self._unknown(node)
        found = self._environment.get(key.value)
        if isinstance(found, Unknown):
            return self._unknown(node)
        if found is not None:
            return self._whole(found.text, node, given=True)
        default = self.text(other, depth + 1) if other is not None else None
        return self._whole(default.value, node, given=True) if default is not None else None
