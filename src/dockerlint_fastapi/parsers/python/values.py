"""What an expression certainly evaluates to, as far as the text and the container's environment say it."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterator

from dockerlint_fastapi.model.command import UNKNOWN, Unknown, Value
from dockerlint_fastapi.parsers.python.names import MAX_DEPTH, Library, Module, Scope, dotted, resolve
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


_MAX_TEXT: Final = 10_000  # characters of a string that is put together
_COMPARED: Final[dict[type[ast.cmpop], Callable[[object, object], bool]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Is: lambda one, other: one is other or (one == other and isinstance(other, (bool, type(None)))),
    ast.IsNot: lambda one, other: not (one is other or (one == other and isinstance(other, (bool, type(None))))),
    ast.In: lambda one, other: isinstance(other, (str, tuple)) and one in other,
    ast.NotIn: lambda one, other: isinstance(other, (str, tuple)) and one not in other,
}
_METHODS: Final[dict[str, Callable[[str], str]]] = {
    "lower": str.lower,
    "upper": str.upper,
    "strip": str.strip,
    "casefold": str.casefold,
}
_WRITES: Final = frozenset({"os.environ.setdefault", "os.environ.pop", "os.putenv", "os.unsetenv"})
_GETTERS: Final = frozenset({"os.getenv", "os.environ.get"})
# What makes another list of `sys.argv` than the words behind the program.
_WORDS_CHANGED: Final = (
    r"\bsys\.argv\s*(?:=(?!=)|\+=|\[[^\]\n]*\]\s*=(?!=)|\.(?:append|clear|extend|insert|pop|remove)\b)"
    r"|\bdel\s+sys\.argv|\bfrom\s+sys\s+import\b"
)


class Known(NamedTuple):
    """A value that is known: a string, a number, a boolean, None or a tuple of those; and where it is written."""

    value: object
    span: Span | None  # None for a default that stands nowhere
    origin: str  # "option" for what the code says, "environment" for what a variable says

    @property
    def text(self) -> str:
        """The value as a server's option would be written."""
        return str(self.value).lower() if isinstance(self.value, bool) else str(self.value)

    def as_value(self) -> Value:
        """The same as a setting of a server."""
        return Value(self.text, self.span, self.origin)


def evaluate(node: ast.AST | None, scope: Scope, depth: int = 0) -> Known | None:
    """The value of an expression; None when it cannot be told."""
    if node is None or depth > MAX_DEPTH:
        return None
    match node:
        case ast.Constant():
            plain = node.value is None or isinstance(node.value, (str, int, float, bool))
            return Known(node.value, _place(node, scope), "option") if plain else None
        case ast.Name():
            return _name(node, scope, depth)
        case ast.Attribute():
            return _attribute(node, scope, depth)
        case ast.Call():
            return _call(node, scope, depth)
        case ast.Subscript():
            if dotted(node.value, scope) == "os.environ":
                name = evaluate(node.slice, scope, depth + 1)
                found = None if name is None else _variable(name, scope)
                return found if isinstance(found, Known) else None
            return _word(node, scope) if dotted(node.value, scope) == "sys.argv" else _item(node, scope, depth)
        case ast.JoinedStr():
            return _joined(node, scope, depth)
        case ast.BinOp():
            return _binary(node, scope, depth)
        case ast.UnaryOp():
            return _unary(node, scope, depth)
        case ast.BoolOp():
            return _boolean(node, scope, depth)
        case ast.Compare():
            return _comparison(node, scope, depth)
        case ast.IfExp():
            test = evaluate(node.test, scope, depth + 1)
            if test is not None:
                return evaluate(node.body if test.value else node.orelse, scope, depth + 1)
            one, other = evaluate(node.body, scope, depth + 1), evaluate(node.orelse, scope, depth + 1)
            return one if one is not None and other is not None and _same(one.value, other.value) else None
        case ast.Tuple() | ast.List() | ast.Set():
            values = [evaluate(one, scope, depth + 1) for one in node.elts]
            if any(one is None for one in values):
                return None
            return Known(tuple(one.value for one in values if one), scope.module.span(node), "option")
    return None


def _word(node: ast.Subscript, scope: Scope) -> Known | None:
    """`sys.argv[1]`: the word behind the program, where all are known and no code changes their list."""
    words = scope.module.library.words
    at = node.slice.value if isinstance(node.slice, ast.Constant) else None
    if words is None or not isinstance(at, int) or not 0 < at <= len(words):
        return None
    value = words[at - 1].value
    if value is None or re.search(_WORDS_CHANGED, scope.module.text.syntax.source.text):
        return None
    return Known(value, words[at - 1].span, "option")


def _place(node: ast.Constant, scope: Scope) -> Span:
    """Where a literal stands, without the quotes of a plain string."""
    span = scope.module.span(node)
    inside = Span(span.source, span.start + 1, span.end - 1)
    return inside if node.value and inside.text == node.value else span


def literal_span(node: ast.AST | None, scope: Scope) -> Span | None:
    """Where a string or bytes stand, without the prefix and the quotes of plain ones; None for anything else."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, (str, bytes)):
        return None
    if isinstance(node.value, str):
        return _place(node, scope)
    span = scope.module.span(node)
    text = node.value.decode("latin-1")
    return Span(span.source, span.start + 2, span.end - 1) if span.text[2:-1] == text else span


def _same(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other


def _item(node: ast.Subscript, scope: Scope, depth: int) -> Known | None:
    """`DEFAULTS["bind"]`: an item of a dictionary that nothing in its module changes."""
    found = resolve(node.value, scope)
    key = evaluate(node.slice, scope, depth + 1)
    if found is None or key is None or not isinstance(found.node, ast.Dict):
        return None
    if isinstance(node.value, (ast.Name, ast.Attribute)) and _changes(node.value, found.scope.module):
        return None
    values = {
        one.value: value
        for one, value in zip(found.node.keys, found.node.values, strict=True)
        if isinstance(one, ast.Constant)
    }
    if len(values) < len(found.node.keys) or key.value not in values:
        return None
    return evaluate(values[key.value], found.scope, depth + 1)


def _changes(node: ast.Name | ast.Attribute, module: Module) -> bool:
    """Whether a module may change the object of that name: items are set, or methods called."""
    name = node.id if isinstance(node, ast.Name) else node.attr
    for one in ast.walk(module.text.syntax.tree):
        held = one.value if isinstance(one, (ast.Subscript, ast.Attribute)) else None
        if isinstance(held, ast.Name) and held.id == name:
            if isinstance(one, ast.Subscript) and not isinstance(one.ctx, ast.Load):
                return True
            if isinstance(one, ast.Attribute) and one.attr not in ("get", "keys", "items", "values", "copy"):
                return True
    return False


def _name(node: ast.Name, scope: Scope, depth: int) -> Known | None:
    holder = scope.holder_of(node.id)
    if holder is not None and node.id in holder.arguments:
        given = holder.arguments[node.id]
        return given if isinstance(given, Known) else None
    if node.id == "__name__" and holder is None:
        return Known(scope.module.name or "", None, "option") if scope.module.name else None
    found = resolve(node, scope)
    return None if found is None or isinstance(found.node, ast.Name) else evaluate(found.node, found.scope, depth + 1)


def _attribute(node: ast.Attribute, scope: Scope, depth: int) -> Known | None:
    found = resolve(node, scope)
    if found is not None and found.node is not node:
        return evaluate(found.node, found.scope, depth + 1)
    if isinstance(node.value, ast.Name) and scope.module.library.words is not None:
        from dockerlint_fastapi.parsers.python.arguments import argument_of  # noqa: PLC0415  # it evaluates defaults

        parsed = argument_of(node, scope, depth)
        if parsed is not None:
            return parsed
    from dockerlint_fastapi.parsers.python.settings import attribute_of  # noqa: PLC0415  # as above

    return attribute_of(node, scope, depth)


def _call(node: ast.Call, scope: Scope, depth: int) -> Known | None:
    function = node.func
    if isinstance(function, ast.Attribute) and function.attr in _METHODS and not node.args and not node.keywords:
        text = evaluate(function.value, scope, depth + 1)
        if text is not None and isinstance(text.value, str):
            return text._replace(value=_METHODS[function.attr](text.value))
        return None
    name = dotted(function, scope)
    if name in _GETTERS and node.args and not any(isinstance(one, ast.Starred) for one in node.args):
        return _getter(node, scope, depth)
    if name in ("int", "str", "bool", "float") and len(node.args) == 1 and not node.keywords:
        return converted(name, evaluate(node.args[0], scope, depth + 1))
    if name in ("pydantic.SecretStr", "pydantic.v1.SecretStr") and len(node.args) == 1:
        return evaluate(node.args[0], scope, depth + 1)
    if name == "hasattr" and len(node.args) == 2 and scope.module.library.words:
        return _has_function(node, scope)
    if name == "typing.cast" and len(node.args) == 2:
        return evaluate(node.args[1], scope, depth + 1)
    return None


def _has_function(node: ast.Call, scope: Scope) -> Known | None:
    """`hasattr(args, "func")`: whether the words behind the program choose a command with such a function."""
    from dockerlint_fastapi.parsers.python.subcommands import chosen  # noqa: PLC0415  # few programs ask so

    name = _literal(node.args[1])
    found = chosen(ast.Attribute(node.args[0], name, ast.Load()), scope) if name else None
    return None if found is None else Known(value=True, span=None, origin="option")


def _getter(node: ast.Call, scope: Scope, depth: int) -> Known | None:
    """`os.getenv(name, default)`: the variable; the default when it is certainly not set."""
    name = evaluate(node.args[0], scope, depth + 1)
    found = None if name is None else _variable(name, scope)
    if name is None or found is UNKNOWN:
        return None
    if isinstance(found, Known):
        return found
    default = node.args[1] if len(node.args) > 1 else next((k.value for k in node.keywords if k.arg == "default"), None)
    if default is None:
        return Known(None, None, "option")
    return evaluate(default, scope, depth + 1)


def converted(name: str, known: Known | None) -> Known | None:
    """A value as `int`, `str` or `bool` makes it; None for what they refuse, and for other functions."""
    if known is None or isinstance(known.value, tuple):
        return None
    value = known.value
    if name == "str":
        return known._replace(value=str(value))
    if name == "bool":
        return known._replace(value=bool(value))
    if isinstance(value, (int, float)) and name == "int":
        return known._replace(value=int(value)) if abs(value) < 1e15 else None
    if isinstance(value, str) and name == "int":
        text = value.strip()
        ok = text.removeprefix("-").isascii() and text.removeprefix("-").isdecimal() and len(text) < 18
        return known._replace(value=int(text)) if ok else None
    return None


def _variable(name: Known, scope: Scope) -> Known | Unknown | None:
    """An environment variable as the code finds it; code that sets variables itself makes what it sets unknown."""
    if not isinstance(name.value, str):
        return UNKNOWN
    return variable(name.value, scope.module)


def variable(name: str, module: Module) -> Known | Unknown | None:
    """What `os.environ` holds for a module: a value, UNKNOWN, or None when the variable is certainly not set.

    `load_dotenv` and the like bring what a `.env` sets that is not set already: with one beside the module, above it
    or in the working directory that names the variable, or that cannot be read, absence cannot be told.
    """
    text = module.text.syntax.source.text
    if sets_variable(module, name):
        return UNKNOWN
    library = module.library
    found = library.environment.get(name)
    if isinstance(found, Value):
        return Known(found.text, found.span, "environment")
    if found is None and "dotenv" in text and not _dotenv_leaves(name, module):
        return UNKNOWN
    return found


def _dotenv_leaves(name: str, module: Module) -> bool:
    """Whether certainly no `.env` that may be found from a module or the working directory sets a variable."""
    places, folder = [".env"], module.folder
    while folder:
        places.append(f"{folder}/.env")
        folder = folder.rpartition("/")[0]
    names = module.library.memo.setdefault("dotenv", {})
    for place in places:
        if place not in names:
            names[place] = _names_in(place, module.library)
        if names[place] is None or name.upper() in names[place]:
            return False
    return True


def _names_in(place: str, library: Library) -> frozenset[str] | None:
    """The variables that a `.env` may set, in capitals; none when it is not there, None when that cannot be told."""
    there = library.has_file(place)
    text = library.text_at(place) if there else None
    if there is None or (there and text is None):
        return None
    return frozenset(one.upper() for one in re.findall(r"[A-Za-z_]\w*", text or ""))


def sets_variable(module: Module, name: str) -> bool:
    """Whether the module writes to `os.environ` what may be that variable."""
    memo = module.text.memo
    if "written" not in memo:
        memo["written"] = frozenset(_written(module))
    written: frozenset[str | None] = memo["written"]
    return None in written or name in written


def _written(module: Module) -> Iterator[str | None]:
    """The variables that the module sets or removes; None for one whose name cannot be told."""
    text = module.text.syntax.source.text
    if "environ" not in text and "putenv" not in text and "unsetenv" not in text:
        return
    scope = Scope(module)
    for node in ast.walk(module.text.syntax.tree):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, (ast.Store, ast.Del)):
            if dotted(node.value, scope) == "os.environ":
                yield _literal(node.slice)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            called = dotted(node.func, scope)
            if called in ("os.environ.update", "os.environ.clear"):
                yield None
            elif called in _WRITES:
                yield _literal(node.args[0]) if node.args else None


def _literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _joined(node: ast.JoinedStr, scope: Scope, depth: int) -> Known | None:
    parts: list[str] = []
    origin = "option"
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value))
            continue
        if not isinstance(part, ast.FormattedValue) or part.format_spec is not None or part.conversion not in (-1, 115):
            return None
        known = evaluate(part.value, scope, depth + 1)
        if known is None or isinstance(known.value, tuple):
            return None
        parts.append(str(known.value))
        origin = "environment" if known.origin == "environment" else origin
    text = "".join(parts)
    return Known(text, scope.module.span(node), origin) if len(text) <= _MAX_TEXT else None


def _binary(node: ast.BinOp, scope: Scope, depth: int) -> Known | None:
    left, right = evaluate(node.left, scope, depth + 1), evaluate(node.right, scope, depth + 1)
    if left is None or right is None:
        return None
    one, other = left.value, right.value
    result: object
    if isinstance(one, str) and isinstance(other, str) and isinstance(node.op, ast.Add):
        result = one + other
        if len(one) + len(other) > _MAX_TEXT:
            return None
    elif isinstance(one, int) and isinstance(other, int) and max(abs(one), abs(other)) < 10**9:
        if isinstance(node.op, ast.Add):
            result = one + other
        elif isinstance(node.op, ast.Sub):
            result = one - other
        elif isinstance(node.op, ast.Mult):
            result = one * other
        else:
            return None
    else:
        return None
    return Known(result, scope.module.span(node), "option")


def _unary(node: ast.UnaryOp, scope: Scope, depth: int) -> Known | None:
    known = evaluate(node.operand, scope, depth + 1)
    if known is None:
        return None
    if isinstance(node.op, ast.Not):
        return known._replace(value=not known.value)
    if isinstance(node.op, ast.USub) and isinstance(known.value, (int, float)):
        return Known(-known.value, scope.module.span(node), known.origin)
    return None


def _boolean(node: ast.BoolOp, scope: Scope, depth: int) -> Known | None:
    """`a or b`, `a and b`; an unknown part may still be outweighed (`x and False`) only in its truth, so it is None."""
    stops = isinstance(node.op, ast.Or)
    known: Known | None = None
    for one in node.values:
        known = evaluate(one, scope, depth + 1)
        if known is None or bool(known.value) is stops:
            return known
    return known


def _comparison(node: ast.Compare, scope: Scope, depth: int) -> Known | None:
    if len(node.ops) != 1 or type(node.ops[0]) not in _COMPARED:
        return None
    left, right = evaluate(node.left, scope, depth + 1), evaluate(node.comparators[0], scope, depth + 1)
    if left is None or right is None:
        return None
    if (
        isinstance(node.ops[0], (ast.In, ast.NotIn))
        and isinstance(right.value, str)
        and not isinstance(left.value, str)
    ):
        return None
    result = _COMPARED[type(node.ops[0])](left.value, right.value)
    return Known(
        result, scope.module.span(node), "environment" if "environment" in (left.origin, right.origin) else "option"
    )
