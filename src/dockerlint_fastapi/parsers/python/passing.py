"""What a validator does with a text: whether it hands it on as it is, or may refuse or change it."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Callable

from dockerlint_fastapi.parsers.python.names import Function, Scope, dotted, resolve
from dockerlint_fastapi.parsers.python.values import evaluate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_MAX_STEPS: Final = 2000  # of one validator, on one text
_MAX_TEXT: Final = 200  # characters of a text, and of an expression that it is searched with
_STRINGS: Final = {
    f"string.{name}": getattr(string, name) for name in string.__all__ if isinstance(getattr(string, name), str)
}
_METHODS: Final = frozenset(
    "lower upper strip lstrip rstrip casefold title isupper islower isdigit isdecimal isnumeric isalpha isalnum isascii"
    " isspace startswith endswith count find".split()
)
_MATCHING: Final = frozenset({"re.search", "re.match", "re.fullmatch"})
_SAYING: Final = r"(?:\w+\.)?(?:logg?(?:er|ing)?|warnings)\.\w+\Z|print\Z"
_GATHERING: Final[dict[str, Callable[..., object]]] = {
    "any": any,
    "all": all,
    "sum": sum,
    "set": frozenset,
    "bool": bool,
    "str": str,
}
_OPERATORS: Final[dict[type[ast.cmpop], Callable[..., object]]] = {
    ast.Eq: lambda one, other: one == other,
    ast.NotEq: lambda one, other: one != other,
    ast.Lt: lambda one, other: one < other,
    ast.LtE: lambda one, other: one <= other,
    ast.Gt: lambda one, other: one > other,
    ast.GtE: lambda one, other: one >= other,
    ast.In: lambda one, other: one in other,
    ast.NotIn: lambda one, other: one not in other,
    ast.Is: lambda one, other: one is other,
    ast.IsNot: lambda one, other: one is not other,
}


_OF_TEXTS: Final = frozenset({"str", "SecretStr", "Optional", "None"})  # annotations of nothing but texts


class _UnknownError(Exception):
    """Something that cannot be told."""


class _RefusedError(Exception):
    """The validator raises."""


def hands_on(function: Function, text: str, scope: Scope, annotation: str = "") -> bool:
    """Whether a validator certainly returns a text as it gets it: one that asks for a length or for kinds of characters
    which the text has, or whether it is of a class that its annotation does not name. False where it looks at anything
    else.
    """
    names = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
    names = names[1:] if names[:1] in (["cls"], ["self"]) else names
    if not names or len(text) > _MAX_TEXT:
        return False
    try:
        return _Walk(scope, {names[0]: text}, annotation).run(function.body) == (text,)
    except (_UnknownError, _RefusedError, TypeError, ValueError, AttributeError, RecursionError):
        return False


class _Walk:
    """A function that is followed with the values of some of its names; whatever else it asks for is unknown."""

    __slots__ = ("_annotation", "_scope", "_steps", "_values")

    def __init__(self, scope: Scope, values: dict[str, object], annotation: str) -> None:
        self._annotation = annotation
        self._scope = scope
        self._values = values
        self._steps = 0

    def run(self, body: list[ast.stmt]) -> tuple[object] | None:
        """What statements return; None when they go on."""
        for statement in body:
            match statement:
                case ast.Expr(value=ast.Constant()) | ast.Pass() | ast.Import() | ast.ImportFrom():
                    continue
                case ast.Expr(value=ast.Call(func=func)) if re.match(_SAYING, ast.unparse(func)):
                    continue
                case ast.If():
                    returned = self.run(statement.body if self._value(statement.test) else statement.orelse)
                    if returned is not None:
                        return returned
                case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                    self._values[name] = self._value(statement.value)
                case ast.Assert():
                    if not self._value(statement.test):
                        raise _RefusedError
                case ast.Raise():
                    raise _RefusedError
                case ast.Return():
                    return (self._value(statement.value),)
                case _:
                    raise _UnknownError
        return None

    def _value(self, node: ast.expr | None) -> object:
        self._steps += 1
        if self._steps > _MAX_STEPS:
            raise _UnknownError
        match node:
            case ast.Constant():
                return node.value
            case ast.Name() if node.id in self._values:
                return self._values[node.id]
            case ast.Tuple() | ast.List() | ast.Set():
                return tuple(self._value(one) for one in node.elts)
            case ast.UnaryOp(op=ast.Not()):
                return not self._value(node.operand)
            case ast.BoolOp():
                return self._both_or_either(node)
            case ast.Compare():
                left = self._value(node.left)
                for operation, one in zip(node.ops, node.comparators, strict=True):
                    right = self._value(one)
                    if not _OPERATORS[type(operation)](left, right):
                        return False
                    left = right
                return True
            case ast.Call():
                return self._call(node)
            case ast.Name() | ast.Attribute():
                return self._named(node)
        raise _UnknownError

    def _both_or_either(self, node: ast.BoolOp) -> bool:
        """`and` and `or`: one operand may decide, whatever the others are."""
        deciding, unknown = isinstance(node.op, ast.Or), False
        for one in node.values:
            try:
                if bool(self._value(one)) is deciding:
                    return deciding
            except _UnknownError:
                unknown = True
        if unknown:
            raise _UnknownError
        return not deciding

    def _named(self, node: ast.Name | ast.Attribute) -> object:
        """A constant of a module of the project, or one of the standard library's lists of characters."""
        name = dotted(node, self._scope)
        if name in _STRINGS:
            return _STRINGS[name]
        known = evaluate(node, self._scope)
        if known is None or known.origin != "option":
            raise _UnknownError
        return known.value

    def _call(self, node: ast.Call) -> object:
        function = node.func
        if isinstance(function, ast.Attribute) and not node.keywords:
            if function.attr == "get_secret_value" and not node.args:
                return self._value(function.value)
            if function.attr in _METHODS and dotted(function.value, self._scope) not in ("re", "string"):
                held = self._value(function.value)
                if isinstance(held, str):
                    return getattr(held, function.attr)(*map(self._value, node.args))
                raise _UnknownError
        name = dotted(function, self._scope)
        if name in _MATCHING and len(node.args) == 2 and not node.keywords:
            return self._matches(name, *map(self._value, node.args))
        if len(node.args) != 1 or node.keywords:
            if name == "isinstance" and len(node.args) == 2 and not node.keywords:
                return self._is_of(node.args[0], node.args[1])
            raise _UnknownError
        given = self._each(node.args[0])
        if name == "len" and isinstance(given, (str, tuple)):
            return len(given)
        if name in _GATHERING:
            return _GATHERING[name](given)
        raise _UnknownError

    def _is_of(self, node: ast.expr, kind: ast.expr) -> bool:
        """`isinstance`: of `str`, and of a class of the project, of which the literal of a field for texts never is."""
        value = self._value(node)
        if ast.unparse(kind) == "str":
            return isinstance(value, str)
        words = frozenset(re.findall(r"\w+", self._annotation))
        found = resolve(kind, self._scope) if words and words <= _OF_TEXTS else None
        if found is None or not isinstance(found.node, ast.ClassDef) or found.node.keywords:
            raise _UnknownError
        return False

    def _each(self, node: ast.expr) -> object:
        """The argument of `any`: `c.isdigit() for c in v`, or any other value."""
        if not isinstance(node, (ast.GeneratorExp, ast.ListComp)):
            return self._value(node)
        loop = node.generators[0]
        over = self._value(loop.iter)
        if len(node.generators) > 1 or not isinstance(loop.target, ast.Name) or not isinstance(over, (str, tuple)):
            raise _UnknownError
        made: list[object] = []
        for self._values[loop.target.id] in over:
            if all(self._value(one) for one in loop.ifs):
                made.append(self._value(node.elt))
        del self._values[loop.target.id]
        return tuple(made)

    @staticmethod
    def _matches(name: str, expression: object, text: object) -> bool:
        """Whether an expression of the linted code finds something; only plain ones, which take no time."""
        if not isinstance(expression, str) or not isinstance(text, str) or max(len(expression), len(text)) > _MAX_TEXT:
            raise _UnknownError
        bare = re.sub(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", "x", expression)
        if re.search(r"[()]", bare) or len(re.findall(r"[*+{]", bare)) > 2:
            raise _UnknownError
        try:
            return getattr(re, name.partition(".")[2])(expression, text) is not None
        except re.error:
            raise _UnknownError from None
