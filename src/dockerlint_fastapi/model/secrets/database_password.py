"""Databases in compose files that have no password: their image does not start, or lets everybody in."""

from __future__ import annotations

from collections.abc import Mapping

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.bases.base_image import Reference
from dockerlint_fastapi.model.compose.nodes import Mapping as Nodes
from dockerlint_fastapi.model.compose.nodes import is_external
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.environment.variables import ContainerVariable

# Images with the entrypoint of the official ones (docker-library postgres, mysql, mariadb: docker-entrypoint.sh).
_KINDS = {
    **dict.fromkeys(
        (
            "postgres", "postgis/postgis", "imresamu/postgis", "timescale/timescaledb", "timescale/timescaledb-ha",
            "pgvector/pgvector", "ankane/pgvector",
        ),
        "postgres",
    ),
    "mysql": "mysql",
    "mariadb": "mariadb",
    "mongo": "mongo",
}  # fmt: skip
_PREFIXES = {"mysql": ("MYSQL_",), "mariadb": ("MARIADB_", "MYSQL_")}
_EMPTY = ("ALLOW_EMPTY_PASSWORD", "ALLOW_EMPTY_ROOT_PASSWORD")
_GIVEN = (
    "ROOT_PASSWORD",
    "ROOT_PASSWORD_FILE",
    "ROOT_PASSWORD_HASH",
    "ROOT_PASSWORD_HASH_FILE",
    "RANDOM_ROOT_PASSWORD",
)


# By which `mongod` asks for an account though the image has made none (mongod's options), or may do so.
_ACCESS_CONTROL = ("--auth", "--keyFile", "--config", "--clusterAuthMode", "--transitionToAuth", "--setParameter", "-f")
_BINDS = "--bind_ip"  # to addresses that may be its own only
_MONGO_ROOT = "MONGO_INITDB_ROOT_"


class OpenDatabase(NamedTuple):
    """A database without a password. `opened` is the setting that lets everybody in; None when there is no password at
    all, so that the image refuses to make the database, or `starts` all the same and asks nobody for one.
    """

    product: str
    wanted: str  # the variable that is missing
    opened: Span | None
    by: str  # the name of that setting
    starts: bool = False
    has_password: bool = False  # which that setting makes of no use
    switch: bool = False  # that setting is to be taken out, or turned, and such a password set


def open_database(container: Container) -> OpenDatabase | None:
    """What a database container lacks; None when it has a password, or that cannot be told."""
    switch = _switch(container)
    if switch is not None:
        return switch
    kind = _kind(container)
    if kind is None or _has_data(container):
        return None
    if any(one.file is None for one in container.env_files):  # a password that may be in one is asked of nobody then
        return _trusting(container.variables) if kind == "postgres" else None
    if kind == "mongo":
        found = _mongo(container)
    else:
        found = _postgres(container.variables) if kind == "postgres" else _mysql(kind, container.variables)
    if found is not None and found.opened is None and container.usual is not None:
        return found if open_database(container.usual) is not None else None  # the override may bring the password
    return found


def _switch(container: Container) -> OpenDatabase | None:
    """The setting of a search engine or a graph database that asks nobody for a password, where its port is open to
    everyone: within its own network it is common to do without.
    """
    name = container.origin.full_repository if container.origin is not None else ""
    for row in table("service_images")["open"]:
        variable = container.variables.get(row["variable"]) if name in row["repositories"].split() else None
        if variable is None or (variable.value or "").lower() != row["value"] or container.internal_port is None:
            continue
        given = _is_set(container.variables.get(row["wanted"])) and row["wanted"] != row["variable"]
        product = name.rpartition("/")[2]
        return OpenDatabase(product, row["wanted"], variable.span, variable.name, has_password=given, switch=True)
    return None


def _postgres(variables: Mapping[str, ContainerVariable]) -> OpenDatabase | None:
    if variables.get("POSTGRES_HOST_AUTH_METHOD") is not None:
        return _trusting(variables)
    if _is_set(variables.get("POSTGRES_PASSWORD")) or _is_set(variables.get("POSTGRES_PASSWORD_FILE")):
        return None
    return OpenDatabase("postgres", "POSTGRES_PASSWORD", None, "")


def _trusting(variables: Mapping[str, ContainerVariable]) -> OpenDatabase | None:
    """The setting by which the image writes `host all all all trust`, whatever password there is
    (docker-library/postgres, docker-entrypoint.sh).
    """
    trust = variables.get("POSTGRES_HOST_AUTH_METHOD")
    if trust is None or trust.value != "trust":
        return None
    given = _is_set(variables.get("POSTGRES_PASSWORD"))
    return OpenDatabase("postgres", "POSTGRES_PASSWORD", trust.span, trust.name, has_password=given)


def _mysql(kind: str, variables: Mapping[str, ContainerVariable]) -> OpenDatabase | None:
    prefixes = _PREFIXES[kind]
    if any(_is_set(variables.get(prefix + end)) for prefix in prefixes for end in _GIVEN):
        return None
    wanted = f"{prefixes[0]}ROOT_PASSWORD"
    for empty in (variables.get(prefix + end) for prefix in prefixes for end in _EMPTY):
        if empty is not None and empty.value != "":
            return OpenDatabase(kind, wanted, empty.span, empty.name) if empty.value is not None else None
    return OpenDatabase(kind, wanted, None, "")


def _mongo(container: Container) -> OpenDatabase | None:
    """The image switches access control on where it is told of a root user, and starts without it else
    (docker-library/mongo, docker-entrypoint.sh).
    """
    service = container.service
    if service is None or service.entrypoint is not None or container.image is not None:
        return None
    if any(_is_set(one) for name, one in container.variables.items() if name.startswith(_MONGO_ROOT)):
        return None
    words = [one.value for one in service.command.arguments or ()] if service.command is not None else []
    if service.command is not None and service.command.arguments is None:
        return None
    if words and words[0] == "mongod":
        del words[0]
    elif words and not (words[0] or "").startswith("-"):
        return None  # a shell, which may do anything, or a client
    if any(word is None or word.startswith(_ACCESS_CONTROL) or word.partition("=")[0] == _BINDS for word in words):
        return None
    return OpenDatabase("mongo", f"{_MONGO_ROOT}USERNAME", None, "", starts=True)


def _kind(container: Container) -> str | None:
    """Which database it runs; None for anything else, and for images with rules of their own."""
    if container.role != "database" or container.service is None:
        return None
    if container.image is not None:
        if container.image.entrypoint is not None:
            return None
        reference = container.image.reference
    else:
        image = container.service.image
        text = image.intended if image is not None else None
        reference = Reference.parse(text) if text else None
    return _KINDS.get(reference.full_repository) if reference is not None else None


def _is_set(variable: ContainerVariable | None) -> bool:
    """Whether a variable may hold something: it is there, and not certainly empty."""
    return variable is not None and variable.value != ""


def _has_data(container: Container) -> bool:
    """Whether it may find a database that somebody made before: a volume from elsewhere is mounted."""
    root = container.deployment.merged.root if container.deployment is not None else None
    volumes = root.get("volumes") if root is not None else None
    if container.service is None or not isinstance(volumes, Nodes):
        return False
    bodies = [volumes.get(one.source.value or "") for one in container.service.volumes if one.source is not None]
    return any(isinstance(body, Nodes) and is_external(body) for body in bodies)
