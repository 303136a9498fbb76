"""Configuration files of servers: Python code whose top-level names are settings (gunicorn, hypercorn), or TOML.

Tried with gunicorn 27 and hypercorn 0.18: names that are no settings are passed over; `bind` may be a text or a list;
gunicorn takes names in lower case only.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable, Iterator

from dockerlint_fastapi.model.command import UNKNOWN, Unknown, Value
from dockerlint_fastapi.parsers.python.names import Binding, Module, Scope, resolve
from dockerlint_fastapi.parsers.python.values import Known, evaluate
from dockerlint_fastapi.parsers.server.reader import Configuration
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


_WRITES_NAMES: Final = frozenset({"globals", "locals", "vars", "exec", "setattr"})
_TOML_KEY: Final = r"(?m)^[ \t]*(?:{0}|\"{0}\"|'{0}')[ \t]*=[ \t]*"


def of_module(module: Module, depth: int = 0) -> Configuration:
    """What the top level of a module sets."""
    tree = module.text.syntax.tree
    certain = set(_certain(tree.body))
    settings: dict[str, tuple[Value, ...] | Unknown] = {}
    complete = not any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _WRITES_NAMES
        for node in ast.walk(tree)
    )
    for star in module.stars:
        other = module.library.find(star, module)
        if other is None or other is module or depth > 3:
            complete = False
        else:
            below = of_module(other, depth + 1)
            settings.update(below.settings)
            complete = complete and below.complete
    scope = Scope(module)
    for name, binding in module.bound.items():
        if name.startswith("_") or _is_code(binding, name, scope):
            continue
        values = _values(binding, name, scope) if name in certain or (binding and binding.module) else UNKNOWN
        if values is None:
            settings.pop(name, None)
        else:
            settings[name] = values
    return Configuration(module.text.locate(0, 0), settings, complete)


def _certain(body: list[ast.stmt]) -> Iterator[str]:
    """The names that are assigned whatever happens."""
    for statement in body:
        if isinstance(statement, ast.Assign):
            yield from (
                one.id for one in ast.walk(statement) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
            )
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield statement.target.id
        elif isinstance(statement, ast.With):
            yield from _certain(statement.body)


def _is_code(binding: Binding | None, name: str, scope: Scope) -> bool:
    """Whether a name stands for a function, a class or a module: a hook, or no setting."""
    if binding is None:
        return False
    if binding.module is not None and binding.attribute is None:
        return True
    found = resolve(ast.Name(name, ast.Load()), scope)
    node = binding.node if found is None else found.node
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda))


def _values(binding: Binding | None, name: str, scope: Scope) -> tuple[Value, ...] | Unknown | None:
    """The values of a setting; None for one that is set to None, which is its default as a rule."""
    if binding is None:
        return UNKNOWN
    found = resolve(ast.Name(name, ast.Load()), scope)
    if found is not None and isinstance(found.node, (ast.List, ast.Tuple)):
        several = [evaluate(one, found.scope) for one in found.node.elts]
        known = [one for one in several if one is not None and not isinstance(one.value, tuple)]
        return tuple(one.as_value() for one in known) if len(known) == len(several) and known else UNKNOWN
    one: Known | None = evaluate(found.node, found.scope) if found is not None else None
    if one is None or isinstance(one.value, tuple):
        return UNKNOWN
    return None if one.value is None else (_of_file(one),)


def _of_file(known: Known) -> Value:
    """A value as a setting. gunicorn takes the texts "True" and "False" for flags, in any case."""
    text = known.text.lower() if known.text.lower() in ("true", "false") else known.text
    return Value(text, known.span, "file" if known.origin == "option" else known.origin)


def of_toml(text: str, locate: Callable[[int, int], Span]) -> Configuration | Unknown:
    """What a TOML file sets at its top level; UNKNOWN when it cannot be read."""
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return UNKNOWN
    settings: dict[str, tuple[Value, ...] | Unknown] = {}
    for name, value in data.items():
        if isinstance(value, dict):
            continue
        several = value if isinstance(value, list) else [value]
        span = _place(name, text, locate)
        if all(isinstance(one, (str, int, float)) for one in several):
            settings[name] = tuple(
                Value(str(one).lower() if isinstance(one, bool) else str(one), span, "file") for one in several
            )
        else:
            settings[name] = UNKNOWN
    return Configuration(locate(0, 0), {name: values or UNKNOWN for name, values in settings.items()}, complete=True)


def _place(name: str, text: str, locate: Callable[[int, int], Span]) -> Span:
    """Where the value of a key stands."""
    match = re.search(_TOML_KEY.format(re.escape(name)), text)
    if match is None:
        return locate(0, 0)
    end = text.find("\n", match.end())
    line = text[match.end() : len(text) if end < 0 else end].partition(" #")[0].rstrip()
    if len(line) > 1 and line[0] == line[-1] and line[0] in "\"'":
        return locate(match.end() + 1, match.end() + len(line) - 1)
    return locate(match.end(), match.end() + len(line))
