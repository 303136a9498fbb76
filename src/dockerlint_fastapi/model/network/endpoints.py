"""What a container's environment says of where it connects to: `DATABASE_URL`, `REDIS_HOST` and `REDIS_PORT`, brokers.

Only settings of backing services count (databases, caches, brokers, mail): the address in `FRONTEND_URL` is for a
browser. Parts that cannot be told keep what is written, so that two of them can be compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from dockerlint_fastapi.model.environment.interpolation import PLACEHOLDER
from dockerlint_fastapi.model.environment.variables import ContainerVariable, Part
from dockerlint_fastapi.record import NamedTuple

# URL schemes (the part before `+driver`) by what they connect to.
SCHEMES: Mapping[str, str] = {
    "amqp": "rabbitmq",
    "amqps": "rabbitmq",
    "bolt": "neo4j",
    "clickhouse": "clickhouse",
    "clickhousedb": "clickhouse",
    "cockroachdb": "postgres",
    "kafka": "kafka",
    "mariadb": "mysql",
    "memcached": "memcached",
    "mongodb": "mongodb",
    "mysql": "mysql",
    "nats": "nats",
    "neo4j": "neo4j",
    "postgres": "postgres",
    "postgresql": "postgres",
    "pyamqp": "rabbitmq",
    "redis": "redis",
    "rediss": "redis",
    "smtp": "smtp",
    "timescaledb": "postgres",
    "valkey": "redis",
    "valkeys": "redis",
}
# Words of a variable's name by what it is about: the product, or only its purpose.
_WORDS: Mapping[str, str] = {
    **dict.fromkeys(("postgres", "postgresql", "pg", "pgsql", "psql", "timescale", "timescaledb"), "postgres"),
    **dict.fromkeys(("mysql", "mariadb"), "mysql"),
    **dict.fromkeys(("mongo", "mongodb"), "mongodb"),
    **dict.fromkeys(("redis", "valkey", "dragonfly", "keydb"), "redis"),
    **dict.fromkeys(("memcache", "memcached"), "memcached"),
    **dict.fromkeys(("rabbit", "rabbitmq", "amqp"), "rabbitmq"),
    **dict.fromkeys(("elastic", "elasticsearch", "opensearch"), "elasticsearch"),
    **dict.fromkeys(("smtp", "mail", "email"), "smtp"),
    "ch": "clickhouse",
    **{one: one for one in ("kafka", "nats", "neo4j", "clickhouse", "cassandra", "qdrant", "weaviate", "milvus")},
    **dict.fromkeys(("chroma", "chromadb"), "chroma"),
    **{one: one for one in ("meilisearch", "typesense", "arangodb", "couchdb", "surrealdb")},
    **dict.fromkeys(("db", "database", "sql", "sqlalchemy"), "database"),
    **dict.fromkeys(("broker", "celery"), "broker"),
    "cache": "cache",
}
# Products that are spoken to by HTTP, so that a URL's scheme does not name them.
_OVER_HTTP = frozenset(
    "elasticsearch qdrant weaviate milvus clickhouse neo4j chroma meilisearch typesense arangodb couchdb"
    " surrealdb".split()
)
PURPOSES = ("database", "cache", "broker")
DATABASES = ("postgres", "mysql", "mongodb", "database")
_HOST_ENDS = frozenset("host hosts hostname server servers addr address brokers nodes endpoint ip".split())
# Behind these words a URL is meant; a client of a broker takes the host and its port as well.
_URL_ENDS = frozenset(("url", "uri", "urls"))
# Addresses for others than the container itself, and settings for work outside of it.
_FOR_OTHERS = frozenset(
    "public external advertised bind listen listener listeners allowed allow vite next react frontend browser"
    " test tests testing local callback redirect virtual jmx".split()
)
_PARTS: Mapping[str, tuple[str, ...]] = {
    "port": ("PORT",),
    "user": ("USER", "USERNAME"),
    "password": ("PASSWORD", "PASS", "PASSWD"),
    "database": ("DB", "DATABASE", "NAME", "DBNAME", "DB_NAME", "DATABASE_NAME"),
}

_URL = rf"(?:jdbc:|db\+)?([a-z][a-z0-9]*)((?:\+[a-z0-9_.{PLACEHOLDER}-]+)?)://([^/?#]*)(?:/([^?#]*))?\S*"
_HOST = rf"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.{PLACEHOLDER}-]+)(?::([0-9{PLACEHOLDER}]+))?"
_KEYWORD = r"(?:^|\s)(host|port|user|password|dbname)\s*=\s*('[^']*'|[^\s']\S*)"


class Host(NamedTuple):
    """A host that is connected to, and its port where one is given."""

    name: Part
    port: Part | None


class Endpoint(NamedTuple):
    """Where a variable says that the container connects to.

    `kind` is the product (`postgres`, `redis`, …), or `database`, `cache`, `broker` when only that is said. `is_url` is
    False for a host that stands alone; its other parts are then those of the variables beside it (`DB_PORT` and so on).
    """

    variable: ContainerVariable
    kind: str
    hosts: tuple[Host, ...]
    user: Part | None
    password: Part | None
    database: Part | None
    is_url: bool
    scheme: str = ""


def endpoints_of(variables: Mapping[str, ContainerVariable]) -> Iterator[Endpoint]:
    """The endpoints that an environment names, in the order of its variables."""
    for name, variable in variables.items():
        text = variable.pattern
        words = name.lower().split("_")
        if text is None or not _FOR_OTHERS.isdisjoint(words):
            continue
        match = re.fullmatch(_URL, text.strip()) if "://" in text else None
        if match is not None:
            found = _of_url(variable, match, words, len(text) - len(text.lstrip()))
        elif "://" in text:
            found = None
        elif "host" in text and "=" in text:
            found = _of_keywords(variable, text)
        else:
            found = _of_host(variable, text, words, variables)
        if found is not None and found.hosts:
            yield found


def _kind(words: list[str]) -> str | None:
    """What a variable is about by the words of its name; None when it is about no backing service."""
    kinds = [_WORDS[word] for word in words if word in _WORDS]
    return next((kind for kind in kinds if kind not in PURPOSES), kinds[0]) if kinds else None


def _of_url(variable: ContainerVariable, match: re.Match[str], words: list[str], lead: int) -> Endpoint | None:
    scheme, authority, path = match[1], match[3], match[4]
    kind = SCHEMES.get(scheme)
    if kind is None and scheme in ("http", "https") and not {"webhook", "ui", "admin", "dashboard"} & {*words}:
        kind = _kind(words)
        kind = kind if kind in _OVER_HTTP else None
    if kind is None or "@" in match[0][match.end(3) - match.start() :].partition("?")[0]:
        return None  # not about a backing service, or a password with a slash in it
    start = match.start(3) + lead
    account, at, hosts = authority.rpartition("@")
    user, colon, password = account.partition(":")
    begin = start + len(account) + len(at)
    database = None
    if path:
        first = path.partition("/")[0]
        database = _part(variable, match.start(4) + lead, first)
    return Endpoint(
        variable,
        kind,
        tuple(_hosts(variable, hosts, begin)),
        _part(variable, start, user) if user else None,
        _part(variable, start + len(user) + 1, password) if colon and password else None,
        database,
        True,
        scheme,
    )


def _part(variable: ContainerVariable, start: int, text: str) -> Part:
    """A part of a URL, its percent signs decoded."""
    made = variable.part(start, start + len(text))
    if made.value is not None and "%" in made.value:
        from urllib.parse import unquote  # noqa: PLC0415  # few passwords need it

        return Part(unquote(made.value), made.text, made.span, made.name)
    return made


def _hosts(variable: ContainerVariable, text: str, start: int) -> Iterator[Host]:
    """`host[:port]`, also several between commas; none when one of them is something else."""
    found: list[Host] = []
    for piece in re.finditer(r"[^,]+", text):
        match = re.fullmatch(_HOST, piece[0].strip())
        if match is None:
            return
        begin = start + piece.start() + len(piece[0]) - len(piece[0].lstrip())
        port = variable.part(begin + match.start(2), begin + match.end(2)) if match[2] else None
        found.append(Host(variable.part(begin, begin + match.end(1)), port))
    yield from found


def _of_keywords(variable: ContainerVariable, text: str) -> Endpoint | None:
    """The other syntax of libpq: `host=db port=5432 user=app dbname=app`."""
    parts: dict[str, Part] = {}
    for match in re.finditer(_KEYWORD, text):
        quoted = match[2].startswith("'")
        parts[match[1]] = variable.part(match.start(2) + quoted, match.end(2) - quoted)
    if "host" not in parts or "/" in (parts["host"].value or "") or "," in (parts["host"].value or ""):
        return None
    host = Host(parts["host"], parts.get("port"))
    return Endpoint(variable, "postgres", (host,), parts.get("user"), parts.get("password"), parts.get("dbname"), True)


def _of_host(
    variable: ContainerVariable, text: str, words: list[str], variables: Mapping[str, ContainerVariable]
) -> Endpoint | None:
    """A host by the name of its variable: `DB_HOST`, `PGHOST`, `KAFKA_BOOTSTRAP_SERVERS`."""
    name = variable.name
    if name == "PGHOST":
        kind: str | None = "postgres"
        prefix = "PG"
    else:
        kind = _kind(words[:-1])
        prefix = name[: len(name) - len(words[-1])]
    bare = words[-1] in _URL_ENDS and re.fullmatch(rf"{_HOST}(?:,{_HOST})*", text) is not None and ":" in text
    if kind is None or (name != "PGHOST" and words[-1] not in _HOST_ENDS and not bare):
        return None
    if kind in DATABASES and any(one.pattern == "sqlite" for one in variables.values()):
        return None  # a switch beside it chooses another database (`DB_ENGINE=sqlite`)
    hosts = tuple(_hosts(variable, text, 0))
    if len(hosts) == 1 and hosts[0].port is None:
        hosts = (hosts[0]._replace(port=_beside(variable, variables, prefix, "port")),)
    return Endpoint(
        variable,
        kind,
        hosts,
        _beside(variable, variables, prefix, "user"),
        _beside(variable, variables, prefix, "password"),
        _beside(variable, variables, prefix, "database"),
        False,
    )


def _beside(
    variable: ContainerVariable, variables: Mapping[str, ContainerVariable], prefix: str, part: str
) -> Part | None:
    """The variable beside a host that gives another part of the same endpoint, whole."""
    for end in _PARTS[part]:
        found = variables.get(prefix + end)
        if found is not None and found is not variable and found.pattern:
            return found.part(0, len(found.pattern))
    return None
