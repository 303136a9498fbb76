"""The addresses of databases, caches and brokers that an application's code hands to a client as literals, so that no
variable can lead it anywhere else: `create_engine("sqlite:///./app.db")`, `redis.Redis(host="cache")`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from dockerlint_fastapi.assemble.code_connections import ASIDE, code_modules, is_used
from dockerlint_fastapi.assemble.python_starts import PythonStarts
from dockerlint_fastapi.model.command import is_loopback
from dockerlint_fastapi.model.container import Container
from dockerlint_fastapi.model.environment.hardcoded_settings import HardcodedAddress
from dockerlint_fastapi.model.secrets import names_a_secret
from dockerlint_fastapi.parsers.python.clients import ClientCall, client_calls
from dockerlint_fastapi.parsers.python.names import Module, Scope, resolve
from dockerlint_fastapi.parsers.python.values import literal_span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_UNKNOWN: Final = "\0"  # stands for a part that is no literal
_SERVER: Final = r"[a-z][a-z0-9]*(?:\+[a-z0-9_]+)?://(?:([^@/\s]*)@)?([A-Za-z0-9][\w.-]*)(?=[:/?,]|\Z)"
# In the working directory; a file in a folder of its own may be where a volume is meant to be.
_FILE: Final = r"sqlite(?:\+[a-z0-9_]+)?:///(?:\./)?[^\0?/:]+\Z"
_HOST: Final = r"[A-Za-z0-9][\w.-]*\Z"
_LOCAL: Final = r"(?i)host\.docker\.internal\Z|.*\bexample\.\w+\Z|your\W.*"
# Celery takes `CELERY_BROKER_URL` and `CELERY_RESULT_BACKEND` before what its code says.
_OPEN: Final = frozenset({"celery.Celery"})


def hardcoded_addresses(starts: PythonStarts, container: Container) -> Iterator[HardcodedAddress]:
    """The addresses that the modules of a container hold, each once; none of one's own machine."""
    modules = code_modules(starts, container)
    told: set[tuple[str, int]] = set()
    names = {one.name for one in container.variables.values() if one.origin != "image" and not names_a_secret(one.name)}
    for module in modules:
        for one in (*_of_module(module, modules), *_of_names(module, names)):
            at = (one.span.source.path, one.span.start)
            if at not in told:
                told.add(at)
                yield one


def _of_module(module: Module, modules: tuple[Module, ...]) -> Iterator[HardcodedAddress]:
    if re.search(ASIDE, module.text.place):
        return
    calls = [one for one in client_calls(module) if one.certain and one.node is not None and one.name not in _OPEN]
    chosen = set(_chosen(module.text.syntax.tree.body)) if calls else set()
    for call in calls:
        found = _address(call) if (call.call.lineno, call.call.col_offset) not in chosen else None
        if found is not None and not (call.within and not is_used(call, modules)):
            yield found


def _chosen(body: list[ast.stmt], *, under: bool = False) -> Iterator[tuple[int, int]]:
    """The calls that are made for one outcome of some test alone, whatever that is in this container: another value of
    a variable may lead elsewhere.
    """
    for statement in body:
        tests = isinstance(statement, (ast.If, ast.Match, ast.While))
        inner: list[ast.stmt] = []
        pending: list[ast.AST] = [statement]
        while pending:
            node = pending.pop()
            if isinstance(node, ast.Call) and under:
                yield node.lineno, node.col_offset
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.stmt):
                    inner.append(child)
                elif isinstance(child, ast.IfExp) and not under:
                    yield from ((one.lineno, one.col_offset) for one in ast.walk(child) if isinstance(one, ast.Call))
                else:
                    pending.append(child)
        is_main = isinstance(statement, ast.If) and "__name__" in ast.unparse(statement.test)
        of_function = isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        yield from _chosen(inner, under=(under and not of_function) or (tests and not is_main))
        leaves = isinstance(statement, ast.If) and any(isinstance(one, (ast.Return, ast.Raise)) for one in inner)
        under = under or leaves


def _of_names(module: Module, names: set[str]) -> Iterator[HardcodedAddress]:
    """The constants of a module that are strings and called as variables that its container is given."""
    text = module.text.syntax.source.text
    if re.search(ASIDE, module.text.place) or not any(f"\n{name}" in text for name in names):
        return
    for statement in module.text.syntax.tree.body:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else None
        if isinstance(target, ast.Name) and target.id in names and isinstance(statement, ast.Assign):
            found = resolve(target, Scope(module))
            once = found is not None and found.node is statement.value
            span = literal_span(statement.value, Scope(module)) if once else None
            if span is not None:
                yield HardcodedAddress(target.id, "", span, None)


def _address(call: ClientCall) -> HardcodedAddress | None:
    """What a call is given, where its host is a literal, or it is the file of a database."""
    node = call.node
    found = resolve(node, call.scope) if node is not None else None
    if node is None or found is None:
        return None
    text = _text(found.node, found.scope)
    span = literal_span(found.node, found.scope) or found.scope.module.span(found.node)
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    if text is None:
        return None
    client = call.name.rpartition(".")[2] if call.takes_url else call.name
    server = re.match(_SERVER, text)
    host = server[2] if server is not None else text if not call.takes_url and re.match(_HOST, text) else None
    if host is not None:
        if is_loopback(host) or re.match(_LOCAL, host):
            return None
        account = (server[1] or "") if server is not None else ""
        return HardcodedAddress(name, client, span, host, ":" in account and _UNKNOWN not in account.partition(":")[2])
    return HardcodedAddress(name, client, span, None) if re.match(_FILE, text) else None


def _text(node: ast.AST, scope: Scope) -> str | None:
    """The text of a literal, also of one with places that are filled in; None for anything else."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if not isinstance(node, ast.JoinedStr):
        return None
    parts: list[str] = []
    for part in node.values:
        inner = part.value if isinstance(part, ast.FormattedValue) else part
        found = resolve(inner, scope) if isinstance(inner, (ast.Name, ast.Attribute)) else None
        value = found.node if found is not None else inner
        constant = isinstance(value, ast.Constant) and isinstance(value.value, (str, int))
        parts.append(str(value.value) if constant and isinstance(value, ast.Constant) else _UNKNOWN)
    return "".join(parts)
