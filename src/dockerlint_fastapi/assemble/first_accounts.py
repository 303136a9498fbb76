"""Secrets that code makes of literals while an application starts: the password of the account that it creates
(`User(password_hash=hash_password("…"))`), and the key that a function gives to Fernet where nothing else is set.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from dockerlint_fastapi.assemble.secret_defaults import is_secret
from dockerlint_fastapi.model.environment.settings_class import SecretDefault
from dockerlint_fastapi.parsers.python.names import Module, Scope
from dockerlint_fastapi.parsers.python.values import evaluate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    _Function = ast.FunctionDef | ast.AsyncFunctionDef

_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
_OF_ACCOUNT: Final = r"(?i)(?:hashed_?)?(?:password|passwd)(?:_?hash(?:ed)?)?\Z"
_HASHES: Final = r"(?i)\w*hash\w*\Z"
_STARTS: Final = r"(?:asynccontextmanager|on_event\(['\"]startup['\"]\))\Z"  # the two forms of FastAPI
# What only a developer's or a demonstration's start does, by a test or by the name of a function.
_ASIDE: Final = (
    r"(?i)(?<![a-z])(?:dev|develop|development|debug|demo|env|environment|fake|local|mock|sample|seed|test|testing)"
)
_LEAST: Final = 8  # characters of a text of which somebody makes a key


def first_accounts(module: Module) -> Iterator[SecretDefault]:
    """The passwords that a module gives to accounts as literals when it is imported, or when the application starts."""
    functions = {one.name: one for one in module.text.syntax.tree.body if isinstance(one, _FUNCTIONS)}
    scope = Scope(module)
    for node in _run(module.text.syntax.tree, functions):
        for keyword in node.keywords if isinstance(node, ast.Call) else ():
            value = keyword.value
            if keyword.arg is None or not re.match(_OF_ACCOUNT, keyword.arg) or not isinstance(value, ast.Call):
                continue
            name = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
            literal = value.args[0] if len(value.args) == 1 and not value.keywords else None
            if re.match(_HASHES, name) and isinstance(literal, ast.Constant) and isinstance(literal.value, str):
                known = evaluate(literal, scope)
                if known is not None and known.span is not None and is_secret("password", literal.value, value=True):
                    yield SecretDefault("password", known.span, "constant")


def _run(tree: ast.Module, functions: dict[str, _Function]) -> Iterator[ast.AST]:
    """What certainly or probably runs at a start: the statements at the top, the functions that FastAPI calls then, and
    those of the module that these call; not what is for development by its name, or by the condition above it.
    """
    starts = [one for one in functions.values() if any(re.search(_STARTS, ast.unparse(d)) for d in one.decorator_list)]
    waiting: list[ast.AST] = [one for one in tree.body if not isinstance(one, (*_FUNCTIONS, ast.ClassDef))]
    waiting += [statement for one in starts for statement in one.body]
    seen = {one.name for one in starts}
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and re.search(rf"{_ASIDE}|__name__", ast.unparse(node.test)):
            waiting += node.orelse
            continue
        yield node
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id not in seen:
            called = functions.get(node.func.id)
            if called is not None and not re.search(_ASIDE, called.name):
                seen.add(called.name)
                waiting += called.body
        if not isinstance(node, (*_FUNCTIONS, ast.Lambda, ast.ClassDef)):
            waiting += ast.iter_child_nodes(node)


def fernet_keys(module: Module) -> Iterator[SecretDefault]:
    """The texts of which functions make the keys that they return, where a module hands what they return to Fernet."""
    functions = {one.name: one for one in module.text.syntax.tree.body if isinstance(one, _FUNCTIONS)}
    scope = Scope(module)
    for node in ast.walk(module.text.syntax.tree):
        if (
            not isinstance(node, ast.Call)
            or not re.search(r"\bFernet\Z", ast.unparse(node.func))
            or len(node.args) != 1
        ):
            continue
        asked = node.args[0]
        made = functions.get(getattr(asked.func, "id", "")) if isinstance(asked, ast.Call) and not asked.args else None
        last = made.body[-1] if made is not None else None
        if made is None or not isinstance(last, ast.Return) or last.value is None:
            continue
        assigned = {
            one.targets[0].id: one.value
            for one in made.body
            if isinstance(one, ast.Assign) and len(one.targets) == 1 and isinstance(one.targets[0], ast.Name)
        }
        yield from _behind(last.value, assigned, scope)


def _behind(value: ast.expr, assigned: dict[str, ast.expr], scope: Scope) -> Iterator[SecretDefault]:
    """The literals in an expression, and in what is assigned to the names in it: `key = text.encode()[:32]`."""
    waiting, seen = [("key", value)], set[str]()
    while waiting:
        name, expression = waiting.pop()
        if isinstance(expression, ast.Constant) and isinstance(expression.value, str):
            known = evaluate(expression, scope)
            if len(expression.value) >= _LEAST and known is not None and known.span is not None:
                yield SecretDefault(name, known.span, "constant")
            continue
        for node in ast.walk(expression):
            if isinstance(node, ast.Name) and node.id in assigned and node.id not in seen:
                seen.add(node.id)
                waiting.append((node.id, assigned[node.id]))
