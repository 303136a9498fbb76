"""The syntax tree of a Python file -> `Module`: what it binds and does, in the few terms that the model needs.

Everything is bounded: an expression or a block that is nested deeper than anyone writes is `Other`, or makes the module
`dynamic`, so that nothing is said to be missing from it. This module is imported when the first Python file is read.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache

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
from dockerlint_fastapi.model.application.module import Module
from dockerlint_fastapi.parsers.python.syntax import PythonSyntax, parse_python
from dockerlint_fastapi.source import Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


_MAX_DEPTH: Final = 60
_SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_GLOBAL: Final = r"(?m)(?:^|[;:])[ \t]*global[ \t\\]"
# What may bind names that nobody can see.
_DYNAMIC: Final = r"\b(?:globals|vars|locals|exec|setattr)\s*\(|\bsys\.modules\b|\b__dict__\b|\b__getattr__\b"


def parse_module(source: Source) -> Module | None:
    """The module that a Python file is; None when it cannot be parsed."""
    syntax = parse_python(source)
    return None if syntax is None else module_of(syntax)


def module_of(syntax: PythonSyntax) -> Module:
    """The module with that syntax tree."""
    reader = _Reader(syntax)
    body = tuple(reader.block(syntax.tree.body, certain=True, depth=0))
    names = reader.names(syntax.tree.body)
    dynamic = reader.deep or re.search(_DYNAMIC, syntax.source.text) is not None
    return Module(syntax.source, names=names, body=body, dynamic=dynamic, truncated=lambda: reader.deep)


class _Reader:
    """Walks one tree. `deep` tells that it met something nested too deep to be read."""

    def __init__(self, syntax: PythonSyntax) -> None:
        self.syntax = syntax
        self.deep = False

    def names(self, body: list[ast.stmt]) -> dict[str, Span]:
        """Every name that running the block binds in its scope, with its first place, and those that functions declare
        `global`.
        """
        found: dict[str, ast.AST] = {}
        waiting: list[ast.AST] = list(reversed(body))
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found.setdefault(node.name, node)
                waiting.extend(reversed(node.decorator_list))
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.setdefault(node.id, node)
            elif isinstance(node, ast.alias):
                found.setdefault(node.asname or node.name.partition(".")[0], node)
            elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
                found.setdefault(node.name, node)
            elif isinstance(node, ast.MatchMapping) and node.rest:
                found.setdefault(node.rest, node)
            if not isinstance(node, _SCOPES):
                waiting.extend(reversed(list(ast.iter_child_nodes(node))))
        if re.search(_GLOBAL, self.syntax.source.text):
            for node in ast.walk(self.syntax.tree):
                if isinstance(node, ast.Global):
                    for name in node.names:
                        found.setdefault(name, node)
        found.pop("*", None)
        return {name: self._head(node) for name, node in found.items()}

    def _head(self, node: ast.AST) -> Span:
        """The place of what binds a name; of a definition its first line only."""
        span = self.syntax.span(node)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            end = span.source.text.find("\n", span.start, span.end)
            if end >= 0:
                return Span(span.source, span.start, end)
        return span

    def block(self, body: Iterable[ast.stmt], *, certain: bool, depth: int) -> Iterator[Statement]:
        """The statements of a block, those of the blocks in it included."""
        if depth > _MAX_DEPTH:
            self.deep = True
            return
        for node in body:
            yield from self._statement(node, certain=certain, depth=depth)

    def _statement(self, node: ast.stmt, *, certain: bool, depth: int) -> Iterator[Statement]:
        match node:
            case ast.Expr(value=value):
                yield from self._effects(value, certain=certain)
            case ast.Assign(targets=targets, value=value):
                made = self.expression(value)
                for target in targets:
                    yield Assign(self.expression(target), made, certain)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                yield Assign(self.expression(target), self.expression(value), certain)
            case ast.AugAssign(target=target, value=value):
                both = (self.expression(target), self.expression(value))
                yield Assign(both[0], Joined(both, self.syntax.span(node)), certain)
            case ast.Import(names=names):
                for alias in names:
                    yield Import(alias.asname or "", alias.name, None, 0, certain)
            case ast.ImportFrom(module=module, names=names, level=level):
                for alias in names:
                    yield Import(alias.asname or alias.name, module or "", alias.name, level, certain)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield self._function(node, certain=certain, depth=depth)
            case ast.ClassDef():
                yield Class(
                    node.name,
                    tuple(self.expression(one) for one in node.bases),
                    tuple(self.expression(one) for one in node.decorator_list),
                    tuple(self.block(node.body, certain=True, depth=depth + 1)),
                    certain,
                    self.syntax.span(node),
                )
            case ast.Return(value=ast.expr() as value):
                yield Give(self.expression(value), certain)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    made = self.expression(item.context_expr)
                    if item.optional_vars is not None:
                        yield Assign(self.expression(item.optional_vars), Other((made,), made.span), certain)
                    else:
                        yield Do(made, certain)
                yield from self.block(node.body, certain=certain, depth=depth + 1)
            case ast.For() | ast.AsyncFor():
                body = tuple(self.block([*node.body, *node.orelse], certain=certain, depth=depth + 1))
                yield Loop(self.expression(node.target), self.expression(node.iter), body, certain)
            case ast.If():
                yield from self._branches(node, depth)
            case _:
                yield from self._blocks_of(node, certain=certain, depth=depth)

    def _branches(self, node: ast.If, depth: int) -> Iterator[Statement]:
        """An `if` with all its `elif`, which the tree nests. What `python file.py` alone does is left out."""
        last: ast.stmt = node
        while isinstance(last, ast.If):
            if not _is_main_guard(last.test):
                yield from self.block(last.body, certain=False, depth=depth + 1)
            if len(last.orelse) != 1 or not isinstance(last.orelse[0], ast.If):
                yield from self.block(last.orelse, certain=False, depth=depth + 1)
                return
            last = last.orelse[0]

    def _blocks_of(self, node: ast.stmt, *, certain: bool, depth: int) -> Iterator[Statement]:
        """What stands in the blocks of `try`, `while` and `match`, and in the `finally` of a `try`."""
        for field, value in ast.iter_fields(node):
            if not isinstance(value, list):
                continue
            if value and isinstance(value[0], ast.stmt):
                yield from self.block(value, certain=certain and field == "finalbody", depth=depth + 1)
            for part in value:
                if isinstance(part, ast.ExceptHandler | ast.match_case):
                    yield from self.block(part.body, certain=False, depth=depth + 1)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, *, certain: bool, depth: int) -> Function:
        arguments = node.args

        @cache
        def body() -> tuple[Statement, ...]:
            return tuple(self.block(node.body, certain=True, depth=depth + 1))

        return Function(
            node.name,
            tuple(one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)),
            tuple(self.expression(one) for one in node.decorator_list),
            body,
            self.expression(node.returns) if node.returns is not None else None,
            certain,
            self.syntax.span(node),
        )

    def _effects(self, value: ast.expr, *, certain: bool) -> Iterator[Statement]:
        if isinstance(value, ast.Await):
            value = value.value
        if isinstance(value, ast.Yield):
            if value.value is not None:
                yield Give(self.expression(value.value), certain)
        elif not isinstance(value, ast.Constant):
            yield Do(self.expression(value), certain)

    def expression(self, node: ast.expr, depth: int = 0) -> Expression:
        """An expression."""
        span = self.syntax.span(node)
        if depth > _MAX_DEPTH:
            self.deep = True
            return Other((), span)
        below = depth + 1
        match node:
            case ast.Constant(value=str() as text):
                return Text(text, span)
            case ast.Constant(value=bool() | int() | None as value):
                return Constant(value, span)
            case ast.Name(id=name):
                return Name(name, span)
            case ast.Attribute(value=value, attr=name):
                return Member(self.expression(value, below), name, span)
            case ast.Call():
                return self._call(node, below)
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                if any(isinstance(one, ast.Starred) for one in items):
                    return Other(tuple(self.expression(one, below) for one in items), span)
                return Many(tuple(self.expression(one, below) for one in items), span)
            case ast.JoinedStr(values=parts):
                return Joined(tuple(self.expression(one, below) for one in parts), span)
            case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
                return self.expression(value, below)
            case ast.BinOp(op=ast.Add()):
                return Joined(tuple(self.expression(one, below) for one in _terms(node)), span)
            case ast.Await(value=value) | ast.Starred(value=value) | ast.NamedExpr(value=value):
                return self.expression(value, below)
            case ast.Lambda() | ast.GeneratorExp() | ast.ListComp() | ast.SetComp() | ast.DictComp():
                # It may do anything with what it names.
                names = [one for one in ast.walk(node) if isinstance(one, ast.Name)]
                return Other((*(Name(one.id, span) for one in names), Other((), span)), span)
        parts = [one for one in ast.iter_child_nodes(node) if isinstance(one, ast.expr)]
        return Other(tuple(self.expression(one, below) for one in parts), span)

    def _call(self, node: ast.Call, depth: int) -> Call:
        plain = [one for one in node.args if not isinstance(one, ast.Starred)]
        named = tuple((one.arg, self.expression(one.value, depth)) for one in node.keywords if one.arg is not None)
        return Call(
            self.expression(node.func, depth),
            tuple(self.expression(one, depth) for one in plain),
            named,
            len(plain) == len(node.args) and len(named) == len(node.keywords),
            self.syntax.span(node),
        )


def _terms(node: ast.expr) -> list[ast.expr]:
    """The terms of a sum, which the tree nests to the left."""
    terms: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        terms.append(node.right)
        node = node.left
    return [node, *reversed(terms)]


def _is_main_guard(test: ast.expr) -> bool:
    """`__name__ == "__main__"`."""
    match test:
        case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant(value="__main__")]):
            return True
    return False
