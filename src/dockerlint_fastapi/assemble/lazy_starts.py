"""Whether an application connects to nothing as it starts: its engine or client is first used by a request."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from dockerlint_fastapi.assemble.python_starts import PythonStarts
from dockerlint_fastapi.model.container import Container
from dockerlint_fastapi.parsers.python.names import Module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

# What opens a connection at once, wherever it stands.
_OPENS: Final = (
    r"\b(?:create_all|drop_all|create_pool|reflect|init_beanie|register_tortoise|RegisterTortoise|BlockingConnection"
    r"|connect_robust|run_migrations?|init_db|init_models|initialize_database|generate_schemas)\b|\bTortoise\.init\b"
    r"|(?<!signals)\.connect\(|\bconnect\(|\bcommand\.upgrade\b|\bautomap_base\b"
)
_MAKES: Final = r"\b(?:FastAPI|Starlette|Litestar|Flask)\("
_BEGINS: Final = r"\bon_event\b|\blifespan\b|\bon_startup\b|\badd_event_handler\b|\basynccontextmanager\b"
_QUIET: Final = frozenset("print log logger logging logfire structlog loguru asynccontextmanager".split())
_QUIET_METHODS: Final = frozenset("debug info warning error exception critical bind setup_logging".split())
# What SQLAlchemy, redis-py, httpx and pydantic make without a connection, by its own name or by that of a wrapper.
_MAKERS: Final = (
    r"(?:create_(?:async_)?engine|(?:async_)?sessionmaker|from_url|Redis|AsyncClient|Settings|getLogger|get_logger"
    r"|(?:get|load)_(?:settings|config)|(?:configure|setup|init)_(?:logging|logger)"
    r"|(?:make|create|build|get)_(?:async_)?(?:engine|session_?maker|session_factory)"
    r"|[A-Z]\w*(?:Cache|Settings|Config))\Z"
)
_NAMES: Final = r"(?i)start_?up|life_?span|shut_?down"


def connects_to_nothing(starts: PythonStarts, container: Container) -> bool:
    """Whether, as far as the modules that it imports show, an application opens no connection before its first request.
    False where that cannot be told.
    """
    modules = starts.modules_of(container)
    made = any(re.search(_MAKES, module.text.syntax.source.text) for module in modules)
    return made and not any(_may_connect(module) for module in modules)


def _may_connect(module: Module) -> bool:
    memo = module.text.memo
    if "connects" not in memo:
        text = module.text.syntax.source.text
        memo["connects"] = re.search(_OPENS, text) is not None or (
            re.search(_BEGINS, text) is not None and any(_does_something(one) for one in _beginnings(module))
        )
    return bool(memo["connects"])


def _beginnings(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | None]:
    """The functions that run as the application starts; None for one that stands elsewhere."""
    found = False
    for node in ast.walk(module.text.syntax.tree):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        decorators = " ".join(ast.dump(one) for one in node.decorator_list)
        if re.search(_NAMES, node.name) or "on_event" in decorators or "asynccontextmanager" in decorators:
            found = True
            yield node
    if not found and re.search(r"\b(?:on_startup|add_event_handler)\b", module.text.syntax.source.text):
        yield None


def _does_something(function: ast.FunctionDef | ast.AsyncFunctionDef | None) -> bool:
    """Whether a function calls more than a logger in front of its `yield`, or enters something."""
    if function is None:
        return True
    if isinstance(function, ast.FunctionDef) and not function.decorator_list and not re.search(_NAMES, function.name):
        return False
    for statement in _before_yield(function.body):
        nodes = tuple(ast.walk(statement))
        awaited = {id(node.value) for node in nodes if isinstance(node, ast.Await)}
        for node in nodes:
            if isinstance(node, (ast.With, ast.AsyncWith, ast.AsyncFor)):
                return True
            if isinstance(node, ast.Call) and not _is_quiet(node.func) and (id(node) in awaited or not _makes(node)):
                return True
    return False


def _before_yield(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements in front of a function's `yield`: what follows is run at the end."""
    for statement in body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Yield):
            return
        if isinstance(statement, ast.Try) and any(isinstance(node, ast.Yield) for node in ast.walk(statement)):
            yield from _before_yield(statement.body)
            return
        yield statement


def _makes(call: ast.Call) -> bool:
    """Whether a call, by its name, only makes what connects later: an engine, a factory of sessions, a client."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return re.match(_MAKERS, name) is not None


def _is_quiet(node: ast.expr) -> bool:
    last = node.attr if isinstance(node, ast.Attribute) else ""
    while isinstance(node, ast.Attribute):
        node = node.value
    root = node.id if isinstance(node, ast.Name) else ""
    return root in _QUIET or (last in _QUIET_METHODS and "log" in root.lower())
