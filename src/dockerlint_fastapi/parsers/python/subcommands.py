"""The function that argparse has a command's word choose: `commands.add_parser("serve").set_defaults(func=serve)`, and
then `args.func(args)` (docs.python.org/3/library/argparse.html, "Sub-commands").
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from dockerlint_fastapi.parsers.python.arguments import Option, Parsed, option_of, parser_of
from dockerlint_fastapi.parsers.python.names import Definition, Scope, resolve
from dockerlint_fastapi.record import NamedTuple


class _Command(NamedTuple):
    """An `add_parser(…)`: the variable that it is bound to, and the statements behind it in which that still is it."""

    name: str
    statements: Sequence[ast.stmt]
    scope: Scope


def chosen(node: ast.Attribute, scope: Scope) -> tuple[Definition, Parsed] | None:
    """The function that an attribute of parsed arguments is by the words behind the program, and what these words mean
    to its command; None when that cannot be told, and for any other attribute.
    """
    words = scope.module.library.words
    if not words or any(one.value is None for one in words) or (words[0].value or "-").startswith("-"):
        return None
    made = parser_of(node.value, scope)
    if made is None:
        return None
    found = [one for place in _places(made) for one in _commands(*place, words[0].value or "")]
    if len(found) != 1:
        return None
    options: list[Option] = []
    defaults: dict[str, ast.expr] = {}
    for method, call in _calls_of(found[0]):
        if method == "add_argument":
            options += option_of(call)
        elif method == "set_defaults":
            if any(one.arg is None for one in call.keywords):
                return None
            defaults.update({one.arg: one.value for one in call.keywords if one.arg is not None})
    function = resolve(defaults[node.attr], found[0].scope) if node.attr in defaults else None
    if function is None or not isinstance(function.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return None
    return function, Parsed(tuple(options), frozenset(defaults), words[1:], found[0].scope)


def _places(made: Scope) -> Iterator[tuple[ast.AST, Scope]]:
    """Where a parser's commands are added: the module that makes it, and the functions that this hands them to."""
    module = made.module
    tree = module.text.syntax.tree
    yield tree, Scope(module)
    assigned = [one for one in ast.walk(tree) if isinstance(one, ast.Assign) and _adds(one.value, "add_subparsers")]
    names = {target.id for one in assigned for target in one.targets if isinstance(target, ast.Name)}
    for call in ast.walk(tree) if names else ():
        if isinstance(call, ast.Call) and any(isinstance(one, ast.Name) and one.id in names for one in call.args):
            found = resolve(call.func, made)
            if found is not None and isinstance(found.node, ast.FunctionDef) and found.scope.module is not module:
                yield found.node, Scope(found.scope.module)


def _adds(node: ast.expr, method: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method


def _commands(place: ast.AST, scope: Scope, word: str) -> Iterator[_Command]:
    """The parsers for a command of that name that are made in a tree."""
    for node in ast.walk(place):
        for field in ("body", "orelse", "finalbody"):
            found = getattr(node, field, None)
            body: list[ast.stmt] = found if isinstance(found, list) else []
            for at, one in enumerate(body):
                if not isinstance(one, ast.Assign) or not isinstance(one.targets[0], ast.Name):
                    continue
                if isinstance(one.value, ast.Call) and _adds(one.value, "add_parser") and _named(one.value) == word:
                    yield _Command(one.targets[0].id, _until_bound(one.targets[0].id, body[at + 1 :]), scope)


def _named(call: ast.Call) -> object:
    given = call.args[0] if call.args else next((one.value for one in call.keywords if one.arg == "name"), None)
    return given.value if isinstance(given, ast.Constant) else None


def _until_bound(name: str, statements: list[ast.stmt]) -> list[ast.stmt]:
    """The statements in front of the one that binds the name anew."""
    for at, one in enumerate(statements):
        if isinstance(one, ast.Assign) and any(isinstance(on, ast.Name) and on.id == name for on in one.targets):
            return statements[:at]
    return statements


def _calls_of(command: _Command) -> Iterator[tuple[str, ast.Call]]:
    """The calls of methods of a command's parser, by the method's name."""
    for statement in command.statements:
        call = statement.value if isinstance(statement, ast.Expr) else None
        function = call.func if isinstance(call, ast.Call) else None
        if isinstance(call, ast.Call) and isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
            yield from [(function.attr, call)] if function.value.id == command.name else ()
