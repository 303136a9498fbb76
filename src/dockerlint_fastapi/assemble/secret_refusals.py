"""What code does about secrets that nobody has set: validators that see them, comparisons with the default that end the
program or do without the secret, variables that it demands.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from dockerlint_fastapi.assemble.imported_modules import of_text
from dockerlint_fastapi.assemble.settings_uses import derives_settings
from dockerlint_fastapi.model.environment.settings_class import SecretDefault
from dockerlint_fastapi.parsers.python.names import Definition, Module, Scope, dotted, resolve
from dockerlint_fastapi.parsers.python.settings import settings_class

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

GETTERS: Final = frozenset({"os.getenv", "os.environ.get", "decouple.config"})
_GIVEN_TO: Final = r"([A-Za-z_]\w*)[ \t]*(?::[^=\n]+)?=[ \t]*os\.(?:getenv|environ\.get)\("
_COLLECTIONS: Final = frozenset({"frozenset", "set", "tuple", "list"})


def guarded_names(module: Module, bases: frozenset[str]) -> Iterator[str]:
    """The variables, in lower case, of the settings fields that validators see."""
    if not derives_settings(module, bases):
        return
    for node in module.text.syntax.tree.body:
        settings = settings_class(Definition(node, Scope(module))) if isinstance(node, ast.ClassDef) else None
        for field in settings.fields if settings is not None else ():
            if field.guarded:
                yield from (name.lower() for name in field.env_names or (field.name,))


def refuses(module: Module, secret: SecretDefault) -> bool:
    """Whether code outside of the settings class compares a secret with its default, and then ends the program."""
    written = {secret.name.lower()}
    if secret.kind == "variable" and module.text.syntax.source is secret.span.source:
        # `KEY = os.getenv("SECRET_KEY", "…")`, and then `if KEY == "…": raise`
        given = re.match(_GIVEN_TO, secret.span.source.line(secret.span.line))
        written |= {given[1].lower()} if given is not None else set()
    lower = of_text(module, "lower", str.lower)
    names = [one for one in sorted(written) if one in lower and _may_be_compared(module, one)]
    if not names:
        return False
    default, scope = secret.span.text, Scope(module)  # the text between the quotes
    if "refusals" not in module.text.memo:
        module.text.memo["refusals"] = tuple(_refusals(module.text.syntax.tree))
    for comparison in module.text.memo["refusals"]:
        operands = (comparison.left, *comparison.comparators)
        named = any(_names(one, name) for one in operands for name in names)
        if named and any(_holds(one, default, scope) for one in operands):
            return True
    return False


def is_taken_for_none(secret: SecretDefault, modules: tuple[Module, ...]) -> bool:
    """Whether all code that names a secret, outside of its settings class, first asks whether it is still the default,
    and does without it then: `if settings.key in ("", "set me"): return value`.
    """
    name, own = secret.name.lower(), secret.span.source
    users = [one for one in modules if name in of_text(one, "lower", str.lower)]
    others = [one for one in users if one.text.syntax.source is not own]
    if not any(_compares(one, secret) for one in others):
        return False
    once = len(re.findall(rf"(?i)\b{re.escape(name)}\b", own.text)) == 1
    return once and all(_does_without(one, secret, modules) for one in others)


def _compares(module: Module, secret: SecretDefault) -> bool:
    """Whether a module may compare a secret with its default, by its text."""
    text, word = module.text.syntax.source.text, re.escape(secret.name)
    return (
        secret.span.text.strip("\"'") in text
        and re.search(rf"(?i)\b{word}\b[^\n]{{0,30}}(?:[=!]=|\bin\b)", text) is not None
    )


def _does_without(module: Module, secret: SecretDefault, modules: tuple[Module, ...]) -> bool:
    """Whether the functions of a module that name a secret leave it alone where it is the default, or are only called
    by some that do.
    """
    scope, tree, name = Scope(module), module.text.syntax.tree, secret.name.lower()
    functions = [one for one in ast.walk(tree) if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef))]
    inside = {id(part) for function in functions for part in ast.walk(function)}
    if any(id(one) not in inside and _is_named(one, name) for one in ast.walk(tree)):
        return False
    default = secret.span.text

    def asks(node: ast.expr) -> bool:
        operands = (node.left, *node.comparators) if isinstance(node, ast.Compare) else ()
        return any(_names(one, name) for one in operands) and any(_holds(one, default, scope) for one in operands)

    predicates: dict[str, bool] = {}  # whether each is true for the default
    for function in functions:
        last = function.body[-1]
        test = last.value if isinstance(last, ast.Return) and len(function.body) <= 2 else None
        if isinstance(test, ast.Compare) and asks(test):
            predicates[function.name] = isinstance(test.ops[0], (ast.Eq, ast.In, ast.Is))
    guarded = {one.name for one in functions if any(_leaves(node, asks, predicates) for node in one.body)}
    named = [one for one in functions if any(_is_named(part, name) for part in ast.walk(one))]
    rest = {one.name for one in named} - guarded - predicates.keys()
    for function in functions:
        if function.name not in guarded and function.name not in predicates:
            called = {part.id for part in ast.walk(function) if isinstance(part, ast.Name)}
            if not rest.isdisjoint(called):
                return False
    elsewhere = [one.text.syntax.source.text for one in modules if one is not module]
    return bool(guarded) and not any(re.search(rf"\b{one}\b", text) for one in sorted(rest) for text in elsewhere)


def _is_named(node: ast.AST, name: str) -> bool:
    own = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return own.lower() == name


def _leaves(statement: ast.stmt, asks: Callable[[ast.expr], bool], predicates: dict[str, bool]) -> bool:
    """Whether a function ends at a statement where a test finds the default: `if not is_configured(): return value`."""
    if not isinstance(statement, ast.If) or not isinstance(statement.body[-1], (ast.Return, ast.Raise)):
        return False
    pending: list[tuple[ast.expr, bool]] = [(statement.test, True)]
    while pending:
        node, wanted = pending.pop()
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            pending.extend((one, wanted) for one in node.values)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            pending.append((node.operand, not wanted))
        elif isinstance(node, ast.Compare):
            if asks(node) and isinstance(node.ops[0], (ast.Eq, ast.In, ast.Is)) is wanted:
                return True
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and predicates.get(node.func.id) is wanted:
            return True
    return False


def _comparing_lines(text: str) -> str:
    """The lines of a module in which something may be compared."""
    return "\n".join(line for line in text.split("\n") if re.search(r"[=!]=|\bin\b", line))


def _may_be_compared(module: Module, name: str) -> bool:
    """Whether a name stands in a comparison, by the text alone."""
    memo: dict[str, bool] = module.text.memo.setdefault("names compared", {})
    if name not in memo:
        word, lines = re.escape(name), of_text(module, "compared", _comparing_lines)
        written = rf"(?i)\b{word}\b[^=!\n]{{0,30}}(?:[=!]=|\bin\b)|[=!]=[ \t]*[\w.]*\b{word}\b"
        memo[name] = re.search(written, lines) is not None
    return memo[name]


def stands_in_fields(module: Module, secret: SecretDefault, bases: frozenset[str] | None) -> bool:
    """Whether a constant is the default of fields of settings in its own module, all of which validators see."""
    if bases is None or not derives_settings(module, bases):
        return False
    found = (
        settings_class(Definition(one, Scope(module)))
        for one in ast.walk(module.text.syntax.tree)
        if isinstance(one, ast.ClassDef) and one.bases
    )
    fields = [one for settings in found if settings is not None for one in settings.fields]
    users = [one for one in fields if one.default_span is not None and one.default_span == secret.span]
    return bool(users) and all(one.guarded for one in users)


def demands(module: Module, secret: SecretDefault) -> bool:
    """Whether code ends the program where nothing sets the variable: `if not os.getenv("JWT_SECRET"): sys.exit(1)`."""
    names = {secret.name, *secret.variables}
    text = module.text.syntax.source.text
    if secret.kind == "constant" or ("environ" not in text and "getenv" not in text):
        return False
    if not any(f"{quote}{name}{quote}" in text for name in names for quote in "\"'"):
        return False
    if "demanded" not in module.text.memo:
        module.text.memo["demanded"] = frozenset(_demanded(module.text.syntax.tree, Scope(module)))
    return not names.isdisjoint(module.text.memo["demanded"])


def _demanded(tree: ast.Module, scope: Scope) -> Iterator[str]:
    """The variables without which a program ends: asked for in a test, or in a list of those that are missing."""
    tests: list[ast.expr] = []
    assigned: dict[str, ast.expr] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and any(map(_ends, node.body)):
            tests.append(node.test)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            assigned[node.targets[0].id] = node.value
    tested = {one.id for test in tests for one in ast.walk(test) if isinstance(one, ast.Name)}
    for test in tests:
        yield from _absent(test, scope)
    for made in (assigned[name] for name in sorted(tested & assigned.keys())):
        each = made.generators[0] if isinstance(made, ast.ListComp) else None
        if each is None or not isinstance(each.target, ast.Name):
            continue
        if any(f"${each.target.id}" in _absent(one, scope) for one in each.ifs):
            listed = assigned.get(each.iter.id) if isinstance(each.iter, ast.Name) else each.iter
            names = listed.keys if isinstance(listed, ast.Dict) else getattr(listed, "elts", [])
            yield from (one.value for one in names if isinstance(one, ast.Constant) and isinstance(one.value, str))


def _absent(test: ast.expr, scope: Scope) -> Iterator[str]:
    """The variables that a test finds not to be set, a name that stands for one with `$` in front."""
    pending: list[tuple[ast.expr, bool]] = [(test, False)]
    while pending:
        node, negated = pending.pop()
        if isinstance(node, ast.BoolOp):
            pending.extend((one, negated) for one in node.values)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            pending.append((node.operand, not negated))
        elif isinstance(node, ast.Compare) and len(node.ops) == 1:
            operator, other = node.ops[0], node.comparators[0]
            if isinstance(operator, ast.NotIn) and not negated and dotted(other, scope) == "os.environ":
                yield from _asked_name(node.left)
            empty = isinstance(other, ast.Constant) and not other.value
            if empty and isinstance(operator, (ast.Is, ast.Eq)) and not negated:
                pending.append((node.left, True))
        elif isinstance(node, ast.Call) and negated and node.args and dotted(node.func, scope) in GETTERS:
            others = [*node.args[1:], *(one.value for one in node.keywords)]
            if all(isinstance(one, ast.Constant) and not one.value for one in others):
                yield from _asked_name(node.args[0])


def _asked_name(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Name):
        yield f"${node.id}"


def _refusals(tree: ast.Module) -> Iterator[ast.Compare]:
    """The comparisons that end a program when they find two things alike: `if key == "changeme": raise …`. What ends
    when they differ (`if given != API_KEY: raise …`) asks for the very value.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            yield from _compared(node.test, alike=False)
        elif isinstance(node, ast.If):
            if any(map(_ends, node.body)):
                yield from _compared(node.test, alike=True)
            if any(map(_ends, node.orelse)):
                yield from _compared(node.test, alike=False)


def _compared(test: ast.expr, *, alike: bool) -> Iterator[ast.Compare]:
    """The comparisons in a test that speak for its being true when they find things alike, or else when not."""
    pending: list[tuple[ast.AST, bool]] = [(test, alike)]
    while pending:
        node, wanted = pending.pop()
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.Eq, ast.In, ast.Is)) is wanted:
            yield node
        negates = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
        pending.extend((child, wanted is not negates) for child in ast.iter_child_nodes(node))


def _ends(statement: ast.stmt) -> bool:
    """Whether a statement raises or exits: `raise …`, `sys.exit(1)`."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        called = statement.value.func
        return (called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")) in ("exit", "_exit")
    return isinstance(statement, ast.Raise)


def _names(node: ast.expr, name: str) -> bool:
    """Whether an operand is something of that name, in lower case: `settings.secret_key`, `SECRET_KEY`."""
    return any(
        (isinstance(one, ast.Attribute) and one.attr.lower() == name)
        or (isinstance(one, ast.Name) and one.id.lower() == name)
        for one in ast.walk(node)
    )


def _holds(node: ast.expr, default: str, scope: Scope) -> bool:
    """Whether an operand is a text, or a list of texts that has it; through a name too, but not what asks for a
    variable with that default.
    """
    found = resolve(node, scope) if isinstance(node, (ast.Name, ast.Attribute)) else None
    pending: list[ast.AST] = [node if found is None else found.node]
    while pending:
        one = pending.pop()
        if isinstance(one, ast.Constant) and one.value == default:
            return True
        if isinstance(one, (ast.Tuple, ast.List, ast.Set)):
            pending.extend(one.elts)
        elif isinstance(one, ast.Dict):
            pending.extend(key for key in one.keys if key is not None)
        elif isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id in _COLLECTIONS:
            pending.extend(one.args)
    return False
