"""Passwords that code asks for only to put an address together where another variable has no whole one:
`URL = os.getenv("DATABASE_URL") or f"postgresql://app:{PASSWORD}@…"`.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

from dockerlint_fastapi.assemble.secret_refusals import GETTERS
from dockerlint_fastapi.parsers.python.names import Scope, dotted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_ADDRESS: Final = r"(?i)\w*(?:URL|URI|DSN)\Z"


def is_part_of_second(node: ast.expr, scope: Scope) -> bool:
    """Whether an expression is what a name at the top of a module is given that stands only in such addresses."""
    memo = scope.module.text.memo
    if "in second addresses" not in memo:
        memo["in second addresses"] = frozenset(_in_second_addresses(scope))
    return (node.lineno, node.col_offset) in memo["in second addresses"]


def _in_second_addresses(scope: Scope) -> Iterator[tuple[int, int]]:
    """Where what stands that the names of a module are given which are only in second addresses."""
    tree, second = scope.module.text.syntax.tree, list[ast.expr]()
    said: Counter[str] = Counter()
    for one in ast.walk(tree):
        if isinstance(one, ast.Name):
            said[one.id] += 1
        elif isinstance(one, ast.BoolOp) and isinstance(one.op, ast.Or) and _asks_for_address(one.values[0], scope):
            second += one.values[1:]
        elif isinstance(one, ast.Call) and len(one.args) == 2 and _asks_for_address(one, scope):
            second.append(one.args[1])
    inside = Counter(part.id for one in second for part in ast.walk(one) if isinstance(part, ast.Name))
    for statement in tree.body if inside else ():
        target = statement.targets[0] if isinstance(statement, ast.Assign) else None
        if isinstance(target, ast.Name) and inside[target.id] and inside[target.id] == said[target.id] - 1:
            value = statement.value if isinstance(statement, ast.Assign) else target
            yield value.lineno, value.col_offset


def _asks_for_address(node: ast.expr, scope: Scope) -> bool:
    """Whether an expression asks for a variable that is a whole address."""
    if not isinstance(node, ast.Call) or not node.args or dotted(node.func, scope) not in GETTERS:
        return False
    name = node.args[0].value if isinstance(node.args[0], ast.Constant) else None
    return isinstance(name, str) and re.match(_ADDRESS, name) is not None
