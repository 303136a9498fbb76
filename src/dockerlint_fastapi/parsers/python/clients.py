"""Where code connects to by what it hands to a client of a database, cache or broker: `redis.Redis(host="cache")`,
`create_engine("postgresql://…")`.

The names of parameters are those of the libraries as of 2026-11: redis-py 7, SQLAlchemy 2, psycopg 3, asyncpg 0.31,
PyMongo 4, Celery 5, PyMySQL 1, psycopg_pool 3, peewee 3, MariaDB Connector/Python 1, aiomysql 0.3,
mysql-connector-python 9, pika 1, aio-pika 9, databases 0.9.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from dockerlint_fastapi.parsers.python.names import Module, Scope, bindings, dotted
from dockerlint_fastapi.parsers.python.values import Known, evaluate
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


class _Client(NamedTuple):
    """A callable that connects: to which product, by which parameters. `first` are the names of its positional ones."""

    kind: str
    first: tuple[str, ...]
    urls: tuple[str, ...] = ()  # parameters that are URLs
    hosts: tuple[str, ...] = ("host",)
    passwords: tuple[str, ...] = ("password",)


_POSTGRES: Final = _Client("postgres", ("dsn",), ("dsn",))
_POOL: Final = _POSTGRES._replace(first=("minconn", "maxconn", "dsn"))
_CONNINFO: Final = _Client("postgres", ("conninfo",), ("conninfo",), (), ())
_REDIS: Final = _Client("redis", ("host", "port", "db", "password"))
_REDIS_URL: Final = _Client("redis", ("url",), ("url",), (), ("password",))
_MYSQL: Final = _Client("mysql", (), (), ("host",), ("password", "passwd"))
_MONGO: Final = _Client("mongodb", ("host", "port"), ("host",), ("host",))
_ENGINE: Final = _Client("database", ("url",), ("url",), (), ())
_AMQP: Final = _Client("rabbitmq", ("url", "host"), ("url",))
_CLIENTS: Final = {
    **dict.fromkeys(("psycopg2.connect", "psycopg.connect", "psycopg.AsyncConnection.connect"), _POSTGRES),
    **dict.fromkeys(("psycopg.Connection.connect", "asyncpg.connect", "asyncpg.create_pool"), _POSTGRES),
    **dict.fromkeys(("redis.Redis", "redis.StrictRedis", "redis.asyncio.Redis", "redis.asyncio.StrictRedis"), _REDIS),
    **dict.fromkeys(("redis.ConnectionPool", "redis.asyncio.ConnectionPool"), _REDIS._replace(first=())),
    **dict.fromkeys(("redis.from_url", "redis.asyncio.from_url", "aioredis.from_url"), _REDIS_URL),
    **dict.fromkeys(("redis.Redis.from_url", "redis.asyncio.Redis.from_url", "redis.StrictRedis.from_url"), _REDIS_URL),
    **dict.fromkeys(("redis.ConnectionPool.from_url", "redis.asyncio.ConnectionPool.from_url"), _REDIS_URL),
    **dict.fromkeys(("pymysql.connect", "MySQLdb.connect", "mysql.connector.connect", "aiomysql.connect"), _MYSQL),
    **dict.fromkeys(("aiomysql.create_pool", "asyncmy.connect", "asyncmy.create_pool"), _MYSQL),
    **dict.fromkeys(("mariadb.connect", "mariadb.ConnectionPool"), _MYSQL),
    **dict.fromkeys(("peewee.MySQLDatabase", "playhouse.pool.PooledMySQLDatabase"), _MYSQL),
    **dict.fromkeys(("peewee.PostgresqlDatabase", "playhouse.pool.PooledPostgresqlDatabase"), _POOL._replace(first=())),
    **dict.fromkeys(("psycopg2.pool.SimpleConnectionPool", "psycopg2.pool.ThreadedConnectionPool"), _POOL),
    **dict.fromkeys(("psycopg_pool.ConnectionPool", "psycopg_pool.AsyncConnectionPool"), _CONNINFO),
    **dict.fromkeys(("pymongo.MongoClient", "pymongo.AsyncMongoClient"), _MONGO),
    "motor.motor_asyncio.AsyncIOMotorClient": _MONGO,
    **dict.fromkeys(("sqlalchemy.create_engine", "sqlalchemy.ext.asyncio.create_async_engine"), _ENGINE),
    **dict.fromkeys(("sqlmodel.create_engine", "sqlalchemy.engine.create_engine", "databases.Database"), _ENGINE),
    "celery.Celery": _Client("broker", (), ("broker", "backend"), (), ()),
    **dict.fromkeys(("aio_pika.connect", "aio_pika.connect_robust"), _AMQP),
    "pika.URLParameters": _AMQP,
    "pika.ConnectionParameters": _Client("rabbitmq", ("host",)),
    "pika.PlainCredentials": _Client("rabbitmq", ("username", "password"), (), ()),
}
# One of them is in every text that makes one of these, whatever it is called there.
_MAKES: Final = (
    r"\b(?:psycopg2?|psycopg_pool|peewee|playhouse|mariadb|asyncpg|redis|aioredis|pymysql|MySQLdb|mysql|aiomysql|asyncmy|pymongo|motor|create_engine"
    r"|create_async_engine|databases|celery|aio_pika|pika)\b"
)
_NAMES: Final = frozenset(name.rpartition(".")[2] for name in _CLIENTS)
_MAIN: Final = '__name__ == "__main__"'


class ClientCall(NamedTuple):
    """One call that makes a client, with what is known of its arguments; a string that is put together is not."""

    name: str  # of the callable, as it is imported
    kind: str
    call: ast.Call
    scope: Scope
    node: ast.expr | None  # the address as the call has it
    address: Known | None  # a URL or a host that certainly is what it gets
    is_url: bool
    passwords: tuple[ast.expr, ...]
    placed: bool  # whether it is told at all where to connect to
    certain: bool  # whether it is reached whenever its function runs, and for nothing else that failed
    takes_url: bool  # whether the address that it is given is a URL by its parameter
    within: str  # the function that it stands in; "" at the top of its module or of a class, and in what handles routes


def client_calls(module: Module) -> tuple[ClientCall, ...]:
    """The calls of a module that make clients; those of what runs only when it is started itself left out, unless it
    is.
    """
    memo: dict[str, bool] = module.text.memo
    if "clients" not in memo:
        memo["clients"] = re.search(_MAKES, module.text.syntax.source.text) is not None and _calls_one(module)
    if not memo["clients"]:
        return ()
    return tuple(_in_body(module.text.syntax.tree.body, Scope(module), "", certain=True))


def _calls_one(module: Module) -> bool:
    """Whether a module calls anything that is named, where it is imported from, as something that connects."""
    nodes = list(ast.walk(module.text.syntax.tree))
    names = set(_NAMES)
    for node in nodes:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names.update(one.asname for one in node.names if one.asname and one.name.rpartition(".")[2] in _NAMES)
    called = (node.func for node in nodes if isinstance(node, ast.Call))
    return any((one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", "")) in names for one in called)


def _in_body(
    body: list[ast.stmt], scope: Scope, within: str, *, certain: bool, in_class: bool = False
) -> Iterator[ClientCall]:
    for statement in body:
        if isinstance(statement, ast.If):
            if ast.unparse(statement.test).replace("'", '"') == _MAIN:
                if scope.module.name == "__main__":
                    yield from _in_body(statement.body, scope, within, certain=certain)
                continue
            yield from _in_nodes([statement.test], scope, within, certain=certain)
            test = evaluate(statement.test, scope)
            for branch, run in ((statement.body, True), (statement.orelse, False)):
                if test is None or bool(test.value) is run:
                    yield from _in_body(branch, scope, within, certain=certain and test is not None)
                    certain = certain and not _leaves(branch)
        elif isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            arguments = statement.args
            given = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
            bound = {**bindings(statement.body), **dict.fromkeys(one.arg for one in given if one is not None)}
            outer = (
                scope.parent if in_class and scope.parent is not None else scope
            )  # a method sees nothing of its class
            inner = Scope(scope.module, bound=bound, parent=outer)
            yield from _in_nodes(statement.decorator_list, scope, within, certain=certain)
            handled = any(
                isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) for one in statement.decorator_list
            )
            yield from _in_body(statement.body, inner, "" if handled else statement.name, certain=True)
        elif isinstance(statement, ast.ClassDef):
            inner = Scope(scope.module, bound=bindings(statement.body), parent=scope)
            yield from _in_body(statement.body, inner, within, certain=certain, in_class=True)
        elif isinstance(statement, ast.Try):
            yield from _in_body([*statement.body, *statement.orelse], scope, within, certain=certain)
            for handler in statement.handlers:
                yield from _in_body(handler.body, scope, within, certain=False)
            yield from _in_body(statement.finalbody, scope, within, certain=certain)
        elif isinstance(statement, (ast.With, ast.AsyncWith, ast.For, ast.AsyncFor, ast.While)):
            heads = [one for one in ast.iter_child_nodes(statement) if not isinstance(one, ast.stmt)]
            yield from _in_nodes(heads, scope, within, certain=certain)
            yield from _in_body(statement.body, scope, within, certain=certain)
        else:
            yield from _in_nodes([statement], scope, within, certain=certain and not isinstance(statement, ast.Match))


def _leaves(branch: list[ast.stmt]) -> bool:
    return bool(branch) and isinstance(branch[-1], (ast.Return, ast.Raise, ast.Continue, ast.Break))


def _in_nodes(nodes: Iterable[ast.AST], scope: Scope, within: str, *, certain: bool) -> Iterator[ClientCall]:
    """The calls in expressions."""
    pending = [(one, certain) for one in nodes]
    while pending:
        node, sure = pending.pop()
        if isinstance(node, ast.Call):
            name = dotted(node.func, scope) or ""
            client = _CLIENTS.get(name)
            if client is not None:
                yield from _of_call(name, client, node, scope, within, certain=sure)
        sure = sure and not isinstance(node, (ast.IfExp, ast.BoolOp, ast.Lambda, ast.GeneratorExp, ast.ListComp))
        pending.extend((one, sure) for one in ast.iter_child_nodes(node))


def _of_call(
    name: str, client: _Client, call: ast.Call, scope: Scope, within: str, *, certain: bool
) -> Iterator[ClientCall]:
    given = dict(zip(client.first, call.args, strict=False))
    given.update({one.arg: one.value for one in call.keywords if one.arg is not None})
    passwords = tuple(given[one] for one in client.passwords if one in given)
    keys = tuple(dict.fromkeys((*client.urls, *client.hosts)))
    placed = not keys or any(one in given for one in keys)
    made = ClientCall(name, client.kind, call, scope, None, None, False, passwords, placed, certain, False, within)
    found = False
    for key in keys:
        known = evaluate(given[key], scope) if key in given else None
        if known is not None and isinstance(known.value, str) and known.span is not None:
            is_url = key in client.urls and ("://" in known.value or (key == "dsn" and "=" in known.value))
            if is_url or key in client.hosts:
                found = True
                yield made._replace(node=given[key], address=known, is_url=is_url, takes_url=key in client.urls)
    if not found:
        key = next((one for one in keys if one in given), "")
        yield made._replace(node=given.get(key), takes_url=key in client.urls)
