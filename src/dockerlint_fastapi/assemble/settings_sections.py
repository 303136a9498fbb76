"""The secrets in parts of settings that are no `BaseSettings` themselves: models of pydantic and dataclasses that are
made without arguments, such as `auth: AuthSettings = AuthSettings()`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from dockerlint_fastapi.assemble.secret_defaults import is_secret
from dockerlint_fastapi.model.environment.settings_class import SecretDefault, signs
from dockerlint_fastapi.parsers.python.names import Module, Scope, dotted
from dockerlint_fastapi.parsers.python.values import literal_span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_NAMED: Final = r"(?:Settings?|Config|Configuration)\Z"
# How one is made without arguments, as the default of a field or for a module.
_MADE: Final = (r"\b(\w+)\(\)", r"\bdefault_factory[ \t]*=[ \t]*(\w+)")
_ASIDE: Final = r"(?i)test|dev|local|example|demo|mock"
_MODELS: Final = frozenset({"pydantic.BaseModel", "pydantic.v1.BaseModel"})
_DATACLASSES: Final = frozenset({"dataclasses.dataclass", "pydantic.dataclasses.dataclass"})
_FIELDS: Final = frozenset({"pydantic.Field", "pydantic.v1.Field", "dataclasses.field"})


def section_secrets(module: Module) -> Iterator[SecretDefault]:
    """The defaults of fields that sign, and of passwords, in the parts of settings of a module; not of those of which a
    method of the class speaks.
    """
    scope, text = Scope(module), module.text.syntax.source.text
    made: set[str] | None = None
    for node in module.text.syntax.tree.body:
        if not isinstance(node, ast.ClassDef) or not re.search(_NAMED, node.name) or re.search(_ASIDE, node.name):
            continue
        made = {name for one in _MADE for name in re.findall(one, text)} if made is None else made
        if node.name not in made or not _is_section(node, scope):
            continue
        methods = [ast.unparse(one) for one in node.body if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef))]
        for statement in node.body:
            if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
                continue
            name, value = statement.target.id, _default(statement.value, scope)
            span = literal_span(value, scope)
            if span is None or value is None or any(name in one for one in methods):
                continue
            if (signs(name) or name.lower().endswith("password")) and is_secret(name, str(value.value), value=True):
                yield SecretDefault(name, span, "field")


def _is_section(node: ast.ClassDef, scope: Scope) -> bool:
    if any(dotted(one, scope) in _MODELS for one in node.bases):
        return True
    made = (one.func if isinstance(one, ast.Call) else one for one in node.decorator_list)
    return not node.bases and any(dotted(one, scope) in _DATACLASSES for one in made)


def _default(value: ast.expr | None, scope: Scope) -> ast.Constant | None:
    """The literal that a field has by default, also within `Field("…")`."""
    if isinstance(value, ast.Call) and dotted(value.func, scope) in _FIELDS:
        given = [*value.args[:1], *(one.value for one in value.keywords if one.arg == "default")]
        value = given[0] if given else None
    return value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None
