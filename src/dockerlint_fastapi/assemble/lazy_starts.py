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
    r"\b(?:create_all|drop_all|create_pool|init_beanie|register_tortoise|RegisterTortoise|BlockingConnection"
    r"|connect_robust|run_migrations?|init_db|init_models|initialize_database|generate_schemas)\b|\bTortoise\.init\b"
    r"|\.reflect\(|(?<!signals)\.connect\(|\bconnect\(|\bcommand\.upgrade\b|\bautomap_base\b"
)
_COMMENT: Final = r"(?m)^[ \t]*#.*$"  # a line of its own, such as one that is no longer run
_MAKES: Final = r"\b(?:FastAPI|Starlette|Litestar|Flask)\("
_BEGINS: Final = r"\bon_event\b|\blifespan\b|\bon_startup\b|\badd_event_handler\b|\basynccontextmanager\b"
_QUIET: Final = frozenset("print re log logger logging logfire structlog loguru asynccontextmanager".split())
_QUIET_METHODS: Final = frozenset("debug info warning error exception critical bind setup_logging".split())
# What SQLAlchemy, redis-py, httpx and pydantic make without a connection, by its own name or by that of a wrapper.
_MAKERS: Final = (
    r"(?:create_(?:async_)?engine|(?:async_)?sessionmaker|from_url|Redis|AsyncClient|Settings|getLogger|get_logger"
    r"|(?:get|load)_(?:settings|config)|(?:configure|setup|init)_(?:logging|logger)"
    r"|(?:make|create|build|get)_(?:async_)?(?:engine|session_?maker|session_factory)"
    r"|[A-Z]\w*(?:Cache|Settings|Config))\Z"
)
_DEFINES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
# What asks a server whose client makes a connection for each question, by the names of the client's methods.
_ASKS: Final = {
    "qdrant": frozenset(
        "Qdrant QdrantVectorStore add_documents add_texts collection_exists construct_instance count create_collection"
        " create_payload_index delete delete_collection from_documents from_existing_collection from_texts"
        " get_collection get_collections info query query_points recreate_collection retrieve scroll search set_payload"
        " update_collection upload_collection upload_points upsert".split()
    )
}
_NAMES: Final = r"(?i)start_?up|life_?span|shut_?down"


def connects_to_nothing(starts: PythonStarts, container: Container) -> bool:
    """Whether, as far as the modules that it imports show, an application opens no connection before its first request.
    False where that cannot be told.
    """
    modules = starts.modules_of(container)
    made = any(re.search(_MAKES, module.text.syntax.source.text) for module in modules)
    return made and not any(_may_connect(module) for module in modules)


def asks_nothing(starts: PythonStarts, container: Container, client: str) -> bool:
    """Whether, as far as the modules that it imports show, an application asks a server, whose client connects with
    each question, nothing before its first request: neither its modules nor its start, nor what these call, by the
    names that are called. False where that cannot be told.
    """
    modules = starts.modules_of(container)
    if not any(re.search(_MAKES, module.text.syntax.source.text) for module in modules):
        return False
    asked, defined = _ASKS[client], _definitions(modules)
    waiting: list[ast.AST | None] = []
    for module in modules:
        waiting.extend(one for one in module.text.syntax.tree.body if not isinstance(one, _DEFINES))
        waiting.extend(_beginnings(module) if re.search(_BEGINS, module.text.syntax.source.text) else ())
    followed: set[str] = set()
    while waiting:
        node = waiting.pop()
        if node is None:
            return False
        for call in _calls(node):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if name in asked and not _is_quiet(call.func):
                return False
            handed = (one.value for one in call.keywords if one.arg == "target")  # of a thread
            names = {name, *(one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", "") for one in handed)}
            for new in names - followed:
                waiting.extend(defined.get(new, ()))
            followed |= names
    return True


def _definitions(modules: tuple[Module, ...]) -> dict[str, list[ast.AST]]:
    """The functions of modules by their names, those that make an object by the name of its class as well."""
    found: dict[str, list[ast.AST]] = {}
    for module in modules:
        for node in ast.walk(module.text.syntax.tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                found.setdefault(node.name, []).extend(node.body)
            elif isinstance(node, ast.ClassDef):
                made = (one for one in node.body if isinstance(one, ast.FunctionDef) and one.name.startswith("__"))
                found.setdefault(node.name, []).extend(one for each in made for one in each.body)
    return found


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    """The calls in a statement, those in the definition of another function left out."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, ast.Call):
            yield one
        waiting.extend(each for each in ast.iter_child_nodes(one) if not isinstance(each, _DEFINES))


def _may_connect(module: Module) -> bool:
    memo = module.text.memo
    if "connects" not in memo:
        text = re.sub(_COMMENT, "", module.text.syntax.source.text)
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
