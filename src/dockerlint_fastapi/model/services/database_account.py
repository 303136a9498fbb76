"""The account and the database that an official database image makes at its first start, and URLs that want others.

What the images do with their variables: their entrypoints in docker-library (postgres, mysql, mongo), read 2026-11-22.
"""

from __future__ import annotations

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
    from dockerlint_fastapi.model.compose import Port, Service
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
# There from the beginning, whatever the variables say.
_BUILT_IN = frozenset(("postgres", "template0", "template1", "mysql", "information_schema", "admin", "local"))


class Account(NamedTuple):
    """What the image makes: the names of its variables, and their values; None for one that it does not make."""

    user: Part | None
    password: Part | None
    database: Part | None


class Mismatch(NamedTuple):
    """A part of an endpoint that is not what the service has. `what` is `user`, `password`, `database` or `port`.

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
            yield from _of_port(endpoint, host, other, found)
            if len(endpoint.hosts) == 1:
                yield from _of_account(endpoint, other, found)


def _of_port(endpoint: Endpoint, host: Host, other: Container, service: Service) -> Iterator[Mismatch]:
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
    if kind is None or endpoint.kind not in (kind, "database") or _has_scripts(service):
        return
    account = _account(kind, other.variables, endpoint, service)
    if account is None:
        return
    if endpoint.user is not None and account.user is not None:
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


def _has_scripts(service: Service) -> bool:
    """Whether scripts may make more accounts and databases, or data from elsewhere may hold some."""
    if any("MULTIPLE" in variable.name for variable in service.environment):
        return True
    for mount in service.volumes:
        target = mount.target.value if mount.target is not None else None
        if target is None or target.startswith(INIT):
            return True
        name = mount.source.value if mount.source is not None else None
        declared = service.file.declared("volumes").get(name or "")
        body = declared.value if declared is not None else None
        if isinstance(body, Nodes) and is_external(body):
            return True
    targets = [one.target.value for one in service.configs if one.target is not None]
    return any(target is None or target.startswith(INIT) for target in targets)


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
