"""The account and the database that an official database image makes at its first start, and URLs that want others.

What the images do with their variables: their entrypoints in docker-library (postgres, mysql, mongo), read 2026-11-22.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from dockerlint_fastapi.model.bases.base_image import Reference
from dockerlint_fastapi.model.compose.nodes import Mapping as Nodes
from dockerlint_fastapi.model.compose.nodes import is_external
from dockerlint_fastapi.model.compose.settings import port_range
from dockerlint_fastapi.model.environment.variables import Part
from dockerlint_fastapi.model.network.endpoints import DATABASES, Endpoint, Host
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import Mount, Port, Service
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.environment.variables import ContainerVariable

# Images with the entrypoint of the official one, by their repositories.
_IMAGES = {
    "postgres": ("postgres", "postgis/postgis", "pgvector/pgvector", "ankane/pgvector", "timescale/timescaledb"),
    "mysql": ("mysql", "mariadb"),
    "mongodb": ("mongo",),
}
_KINDS = {repository: kind for kind, repositories in _IMAGES.items() for repository in repositories}
INIT = "/docker-entrypoint-initdb.d"
# What makes or changes accounts, what makes databases, and what takes in other files, in scripts of the first start.
_MAKES_ACCOUNTS = (
    r"(?i)\b(?:create|alter|rename|drop)\s+(?:or\s+replace\s+)?(?:user|role|group)\b|\bidentified\b|\bset\s+password\b"
    r"|\bcreateuser\b|\b(?:create|update|add)User\b|\bchangeUserPassword\b"
)
_MAKES_DATABASES = r"(?i)\b(?:create|alter)\s+(?:database|schema)\b|\bcreatedb\b"
_TAKES_IN = (
    r"(?im)^[ \t]*(?:\\i|\\ir|\\include\w*|source|\.)\s"
    r"|\bexecute\s+(?:format\b|immediate\b|'|\w+\s*(?:\|\||;))|\\gexec\b|\bload\s*\("
)
_RUNS_OTHERS = r"(?:-f\b|--file\b|(?<!<)<(?!<)|\bcurl\b|\bwget\b|\bpg_restore\b|\bpython|\beval\b|\bmongorestore\b)"
_SCRIPTS = (".sql", ".sh", ".js")
# There from the beginning, whatever the variables say.
_BUILT_IN = frozenset(("postgres", "template0", "template1", "mysql", "information_schema", "admin", "local"))


class Account(NamedTuple):
    """What the image makes: the names of its variables, and their values; None for one that it does not make."""

    user: Part | None
    password: Part | None
    database: Part | None


class Mismatch(NamedTuple):
    """A part of an endpoint that is not what the service has. `what` is `user`, `password`, `database` or `port`, or
    `none` for a password that is asked for and not in the URL: then `part` is the host.

    `part` is where the endpoint says it, `other` the place of what is true: a variable, or the published port.
    """

    endpoint: Endpoint
    service: Service
    what: str
    part: Part
    other: Span
    port: int | None = None  # of the container, for the published port


def mismatches(container: Container) -> Iterator[Mismatch]:
    """What the endpoints of a container say of the services that they lead to, and is not so."""
    service, deployment = container.service, container.deployment
    if service is None or deployment is None or not container.is_whole:
        return
    urls = {endpoint.kind for endpoint in container.endpoints if endpoint.is_url}
    for endpoint in container.endpoints:
        if not endpoint.is_url and not urls.isdisjoint(DATABASES if endpoint.kind in DATABASES else (endpoint.kind,)):
            continue  # which of the two the program reads cannot be told
        for host in endpoint.hosts:
            found = deployment.service_names.named(host.name.value, service) if host.name.value else None
            other = next((one for one in deployment.containers if one.service is found), None) if found else None
            if found is None or other is None or other is container:
                continue
            yield from _of_port(container, endpoint, host, other, found)
            if len(endpoint.hosts) == 1:
                yield from _of_account(endpoint, other, found)
                if endpoint.kind == "redis" and endpoint.is_url:
                    yield from _of_redis(container, endpoint, other, found)


def _of_redis(container: Container, endpoint: Endpoint, other: Container, service: Service) -> Iterator[Mismatch]:
    """A password that Redis asks for, where the URL has another one, or none."""
    from dockerlint_fastapi.model.services import redis_password  # noqa: PLC0415 - few services are a Redis

    if endpoint.variable.origin == "env_file" and not container.runs_own_code:
        return  # it has the whole file, and reads other lines of it
    wanted = redis_password.required_password(other, service)
    if wanted is None or any(use.file is None for use in (*container.env_files, *other.env_files)):
        return
    mine = endpoint.password
    if mine is not None and mine.value != "":
        if mine.same_as(wanted) is False and not re.search("%", mine.text):
            yield Mismatch(endpoint, service, "password", mine, wanted.span)
    elif redis_password.is_certain(wanted) and not redis_password.gives_apart(container):
        yield Mismatch(endpoint, service, "none", endpoint.hosts[0].name, wanted.span)


def _of_port(
    container: Container, endpoint: Endpoint, host: Host, other: Container, service: Service
) -> Iterator[Mismatch]:
    """A port that only the host knows: it is published from another one, and nothing names it inside."""
    text = host.port.value if host.port is not None else None
    if host.port is None or text is None or service.network_mode is not None:
        return
    pairs = [(port, _number(port.published), _number(port.target)) for port in service.ports]
    inside = {target for _, _, target in pairs}
    if any(target is None for target in inside) or not text.isdecimal():
        return
    wanted = int(text)
    for port, published, target in pairs:
        if published == wanted and target is not None and wanted not in inside and not _listens(other, text, port):
            from dockerlint_fastapi.model.network.reachability import is_read  # noqa: PLC0415 - few get here

            if is_read(container, container.variables.get(host.port.name, endpoint.variable)):
                yield Mismatch(endpoint, service, "port", host.port, port.span, target)
            return


def _number(setting: object) -> int | None:
    value = getattr(setting, "value", None)
    numbers = port_range(value)
    return numbers[0] if numbers is not None and len(numbers) == 1 else None


def _listens(other: Container, port: str, published: Port) -> bool:
    """Whether anything but its published port says that a service may listen on a port."""
    service = other.service
    if service is None or published.target is None:
        return True
    texts = [one.text for one in service.expose]
    for command in (service.entrypoint, service.command):
        if command is not None:
            texts.extend(one.text for one in command.arguments or ())
    texts.extend(one.pattern or "" for one in other.variables.values())
    return any(port in text for text in texts)


def _of_account(endpoint: Endpoint, other: Container, service: Service) -> Iterator[Mismatch]:
    kind = database_kind(other)
    if kind is None or endpoint.kind not in (kind, "database"):
        return
    scripts = _scripts(other, service)
    if scripts is None:
        return
    account = _account(kind, other.variables, endpoint, service)
    if account is None:
        return
    if endpoint.user is not None and account.user is not None and not re.search(_MAKES_ACCOUNTS, scripts):
        same = endpoint.user.same_as(account.user)
        if same is False:
            yield Mismatch(endpoint, service, "user", endpoint.user, account.user.span)
            return
        mine, theirs = endpoint.password, account.password
        if same and mine is not None and theirs is not None and mine.same_as(theirs) is False:
            yield Mismatch(endpoint, service, "password", mine, theirs.span)
    wanted, made = endpoint.database, account.database
    if wanted is None or not wanted.value or wanted.value in _BUILT_IN or made is None:
        return
    if re.search(_MAKES_DATABASES, scripts):
        return
    if wanted.same_as(made) is False:
        yield Mismatch(endpoint, service, "database", wanted, made.span)


def database_kind(other: Container, *, unread: bool = False) -> str | None:
    """Which database an official image is that starts as it is meant to; None for any other, and for one with an env
    file that nobody has read, unless these count as well.
    """
    service = other.service
    if service is None or service.build is not None or service.image is None or other.role != "database":
        return None
    text = service.image.value or service.image.default
    reference = Reference.parse(text) if text else None
    if reference is None or (not unread and any(use.file is None for use in other.env_files)):
        return None
    return _KINDS.get(reference.repository.removeprefix("docker.io/").removeprefix("library/"))


def is_database(reference: Reference) -> bool:
    """Whether a name is that of a database as its makers publish it."""
    return reference.repository in _KINDS


def _scripts(container: Container, service: Service) -> str | None:
    """What the scripts of the first start say, all together; None when they cannot be read, or data from elsewhere may
    hold more accounts and databases.
    """
    if any("MULTIPLE" in variable.name for variable in service.environment):
        return None
    found: list[str] = []
    for mount in service.volumes:
        target = mount.target.value if mount.target is not None else None
        if target is None:
            return None
        if target.startswith(INIT):
            text = _mounted(container, mount)
            if text is None:
                return None
            found.append(text)
        name = mount.source.value if mount.source is not None else None
        declared = service.file.declared("volumes").get(name or "")
        body = declared.value if declared is not None else None
        if isinstance(body, Nodes) and is_external(body):
            return None
    targets = [one.target.value for one in service.configs if one.target is not None]
    return None if any(target is None or target.startswith(INIT) for target in targets) else "\n".join(found)


def _mounted(container: Container, mount: Mount) -> str | None:
    """The text of the scripts that a mount brings; None when one of them cannot be read, or takes in others."""
    deployment = container.deployment
    project = deployment.project if deployment is not None else None
    path = deployment.merged.resolve(mount.source) if deployment is not None and mount.source is not None else None
    if project is None or not path:
        return None
    names = project.tree.names(path)
    paths = [f"{path}/{name}" for name in sorted(names)] if names else [path]
    found: list[str] = []
    for one in paths:
        if names and not one.endswith((*_SCRIPTS, ".gz", ".xz", ".zst", ".dump")):
            continue  # the entrypoint passes over it
        source = project.source_of(one) if one.endswith(_SCRIPTS) else None
        if source is None or re.search(_TAKES_IN, source.text):
            return None
        if not one.endswith(".sql") and re.search(_RUNS_OTHERS, source.text):
            return None
        found.append(source.text)
    return "\n".join(found) if found else None


def account_made(kind: str, container: Container) -> Account | None:
    """What the image of a database makes, as far as no connection decides it."""
    if container.service is None or kind == "mysql":
        return None
    return _account(kind, container.variables, None, container.service)


def _account(
    kind: str, variables: Mapping[str, ContainerVariable], endpoint: Endpoint | None, service: Service
) -> Account | None:
    def part(*names: str) -> Part | None:
        """The value of the first of some variables that is there."""
        for name in names:
            found = variables.get(name)
            if found is not None and found.pattern is not None:
                return found.part(0, len(found.pattern))
            if found is not None or f"{name}_FILE" in variables:
                return Part(None, f"${{{name}_FILE:?}}", service.span)
        return None

    if kind == "postgres":
        user = part("POSTGRES_USER") or Part("postgres", "postgres", service.span)
        trusted = variables.get("POSTGRES_HOST_AUTH_METHOD")
        password = None if trusted is not None and trusted.value != "scram-sha-256" else part("POSTGRES_PASSWORD")
        return Account(user, password, part("POSTGRES_DB") or user)
    if kind == "mysql":
        database = part("MYSQL_DATABASE", "MARIADB_DATABASE")
        if endpoint is not None and endpoint.user is not None and endpoint.user.value == "root":
            return Account(endpoint.user, part("MYSQL_ROOT_PASSWORD", "MARIADB_ROOT_PASSWORD"), database)
        user_ = part("MYSQL_USER", "MARIADB_USER")
        return Account(user_, part("MYSQL_PASSWORD", "MARIADB_PASSWORD"), database)
    user_ = part("MONGO_INITDB_ROOT_USERNAME")
    return Account(user_, part("MONGO_INITDB_ROOT_PASSWORD"), None)
