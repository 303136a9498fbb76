"""Hosts in a container's environment against the services that are there: what is out of reach, or not declared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dockerlint_fastapi.model.bases.base_image import Reference
from dockerlint_fastapi.model.command import is_loopback, is_python
from dockerlint_fastapi.model.network.endpoints import DATABASES, PURPOSES, SCHEMES, Endpoint, Host
from dockerlint_fastapi.model.network.service_names import MOST_STARTED
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import Service
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.deployment import Deployment
    from dockerlint_fastapi.model.environment.variables import ContainerVariable

# The program that would have to run in the container itself for its own loopback interface to be right.
_DAEMONS = {
    "postgres": ("postgres", "pg_ctl", "pg_ctlcluster"),
    "mysql": ("mysqld", "mariadbd"),
    "mongodb": ("mongod",),
    "redis": ("redis-server", "valkey-server"),
    "memcached": ("memcached",),
    "rabbitmq": ("rabbitmq-server",),
    "smtp": ("postfix", "exim4", "sendmail"),
}

# Docker Desktop knows it by itself; Docker on Linux only by `extra_hosts: ["host.docker.internal:host-gateway"]`
# (moby/moby#40007, docker/docs#17679).
_HOST_OF_DESKTOP = "host.docker.internal"
_MOST_FILES = 400  # of Python, that are looked into
_CODE = (".py", ".sh", ".js", ".ts", ".mako", ".ini", ".toml")  # what may ask for a variable


class Unreachable(NamedTuple):
    """A host that the container cannot reach. `why` is `loopback` (its own interface, on which nothing of the kind
    listens), `apart` (from `service`, with which it shares no network), `nameless` (no service has that name) ,
    `outside` (the host's name on Docker Desktop, for a port that `service` beside it publishes), `example` (as
    `loopback`, in a file that people copy to the one that is used) or `default` (likewise, of a setting in the code).
    For `loopback` and `nameless`, `service` is the one that is most likely meant.
    """

    endpoint: Endpoint
    host: Host
    why: str
    service: Service | None


def unreachable_hosts(container: Container) -> Iterator[Unreachable]:
    """The hosts in the environment of a service that certainly lead nowhere."""
    service, deployment = container.service, container.deployment
    if (
        service is None
        or deployment is None
        or not container.is_whole
        or container.role in (*PURPOSES, "proxy", "frontend")
    ):
        return
    names = deployment.service_names
    for endpoint in container.endpoints:
        for host in endpoint.hosts:
            name = host.name.value
            if name is None or _overridden(container, endpoint.variable) or not is_read(container, endpoint.variable):
                continue
            if is_loopback(name):
                if container.shares_network is False and _alone(container, endpoint.kind):
                    yield Unreachable(endpoint, host, "loopback", meant(container, endpoint.kind))
            elif name.lower() == _HOST_OF_DESKTOP:
                if service.network_mode is None and not names.leads_elsewhere(name, service):
                    yield from _round_by_the_host(container, endpoint, host)
            elif _is_bare(name) and service.network_mode is None and not names.leads_elsewhere(name, service):
                found = names.named(name, service)
                nowhere = found is None and names.certain and not names.external(service)
                if nowhere and (_is_awaited(deployment, name) or _is_not_chosen(container, endpoint)):
                    continue  # Compose refuses the file for it, or nothing connects there
                if nowhere and not deployment.elsewhere(name) and not _is_external_otherwise(container):
                    yield Unreachable(endpoint, host, "nameless", meant(container, endpoint.kind))
                elif found is not None and names.share_network(service, found) is False:
                    yield Unreachable(endpoint, host, "apart", found)
    yield from _loopback_by_default(container)
    yield from _loopback_in_example(container)
    yield from _loopback_in_settings(container)
    yield from _loopback_in_code(container)


def _loopback_by_default(container: Container) -> Iterator[Unreachable]:
    """The defaults of variables that lead to the container itself (`${DB_HOST:-localhost}`), where an example of the
    env file says the same, and another service of the set is what is meant.
    """
    if container.shares_network is not False or not any("$" in one.text for one in container.variables.values()):
        return
    from dockerlint_fastapi.model.network.default_endpoints import shown_defaults  # noqa: PLC0415 - for a few

    yield from _leading_home(container, shown_defaults(container), "loopback")


def _loopback_in_example(container: Container) -> Iterator[Unreachable]:
    """The settings of an example of the env file that lead to the container itself, where another service of the set is
    what is meant.
    """
    if not container.env_files or container.shares_network is not False or container.image is None:
        return
    from dockerlint_fastapi.model.network.example_endpoints import example_endpoints  # noqa: PLC0415 - for a few

    yield from _leading_home(container, example_endpoints(container), "example")


def _loopback_in_settings(container: Container) -> Iterator[Unreachable]:
    """The hosts that settings have by default, though compose sets the rest of the account: the one that was forgotten
    leads to the container itself.
    """
    if container.shares_network is not False or container.image is None or not _sets_an_account(container):
        return
    from dockerlint_fastapi.model.network.default_endpoints import settings_hosts  # noqa: PLC0415 - for a few

    yield from _leading_home(container, settings_hosts(container), "default")


def _sets_an_account(container: Container) -> bool:
    """Whether variables of a container name a user, a password or a database, as parts of an address do."""
    return any(name.upper().endswith(("_USER", "_PASSWORD", "_DB")) for name in container.variables)


def _leading_home(container: Container, endpoints: Iterable[Endpoint], reason: str) -> Iterator[Unreachable]:
    """Those of what the container reads that lead to itself, where one other service is what is meant."""
    for endpoint in endpoints:
        service = meant(container, endpoint.kind)
        if service is None or not _alone(container, endpoint.kind) or not is_read(container, endpoint.variable):
            continue
        for host in endpoint.hosts:
            if host.name.value is not None and is_loopback(host.name.value):
                yield Unreachable(endpoint, host, reason, service)


def _round_by_the_host(container: Container, endpoint: Endpoint, host: Host) -> Iterator[Unreachable]:
    """The service that a container reaches by the host's name on Docker Desktop, though it stands on the same network:
    the one that publishes exactly that port.
    """
    service, deployment = container.service, container.deployment
    port = host.port.value if host.port is not None else None
    if service is None or deployment is None or port is None or container.development:
        return
    for other in deployment.merged.services.values():
        published = {one.published.value for one in other.ports if one.published is not None}
        if other is not service and port in published and deployment.service_names.share_network(service, other):
            yield Unreachable(endpoint, host, "outside", other)
            return


def _loopback_in_code(container: Container) -> Iterator[Unreachable]:
    """The addresses in a container's code that lead to itself, where another service of the set is what is meant."""
    if container.shares_network is not False:
        return
    for endpoint in container.code_endpoints:
        service = meant(container, endpoint.kind)
        alone = service is not None and (_alone(container, endpoint.kind) or _is_a_script(container, endpoint.kind))
        for host in endpoint.hosts if alone else ():
            if host.name.value is not None and is_loopback(host.name.value):
                yield Unreachable(endpoint, host, "loopback", service)


def _is_not_chosen(container: Container, endpoint: Endpoint) -> bool:
    """Whether a variable names another product as what the application works with (`APP_BACKEND=redis`), to which a
    variable of the container leads as well: the address is there for another choice.
    """
    named = (one for name, one in container.variables.items() if re.search(r"(?i)BACK_?END\Z", name))
    chosen = {(one.value or "").lower() for one in named} - {""}
    kinds = {SCHEMES.get(one, one) for one in chosen}
    return endpoint.kind not in kinds and any(one.kind in kinds for one in container.endpoints)


def _is_awaited(deployment: Deployment, name: str) -> bool:
    """Whether a service of a set is started after one of that name, which then has to be there."""
    return any(one.name == name for service in deployment.merged.services.values() for one in service.depends_on)


def _is_external_otherwise(container: Container) -> bool:
    """Whether the service joins a network of others when its compose file is used without what is laid over it here."""
    service, deployment = container.service, container.deployment
    if service is None or deployment is None or deployment.project is None:
        return False
    beside = deployment.project.deployments_with
    return any(
        other.merged.services[service.name].networks
        and other.service_names.external(other.merged.services[service.name])
        for file in deployment.files
        for other in beside.get(file, ())
        if other is not deployment and service.name in other.merged.services
    )


def _overridden(container: Container, variable: ContainerVariable) -> bool:
    """Whether another set with some of the same compose files gives the variable of the service another value: what
    stands here is then not meant for the container.
    """
    service, deployment = container.service, container.deployment
    if service is None or deployment is None or deployment.project is None:
        return False
    beside = deployment.project.deployments_with
    for other in {other: None for file in deployment.files for other in beside.get(file, ())}:
        if other is not deployment:
            named = (one for one in other.containers if one.service is not None and one.service.name == service.name)
            theirs = [one.variables.get(variable.name) for one in named]
            if any(one is not None and one.text != variable.text for one in theirs):
                return True
    return False


def is_read(container: Container, variable: ContainerVariable) -> bool:
    """Whether a container may ask for a variable of an env file, which as a rule holds more than one service needs: the
    project builds it, and its own code (as far as there is some) names the variable, with its prefix or without.
    """
    service, project = container.service, container.project
    if variable.origin != "env_file" or service is None or project is None:
        return True
    if container.image is None and service.build is None:
        return False
    folders = _folders_of(container)
    paths = [one for one in project.index.ending(*_CODE) if folders is None or one.startswith(folders)]
    if variable.name.startswith("PG") or not project.index.ending(".py") or len(paths) > _MOST_FILES:
        return True
    sources = [source for path in paths if (source := project.source_of(path)) is not None]
    prefixed = any(word in one.text for one in sources for word in ("env_prefix", "env_nested_delimiter"))
    parts = variable.name.strip("_").split("_")
    names = ["_+".join(map(re.escape, parts[number:])) for number in range(len(parts) if prefixed else 1)]
    pattern = rf"(?i)(?<![a-z0-9])(?:{'|'.join(names)})(?![a-z0-9])"
    return any(re.search(pattern, one.text) for one in sources)


def _folders_of(container: Container) -> tuple[str, ...] | None:
    """The folders of the project that a service has code of: its build context, and what is mounted into it, each as
    the beginning of paths; None when that cannot be told, or is all of it.
    """
    service, deployment = container.service, container.deployment
    build = service.build if service is not None else None
    if service is None or deployment is None or build is None or service.node("build", "additional_contexts"):
        return None
    found = [deployment.merged.context_of(build)]
    found += [deployment.merged.resolve(one.source) for one in service.volumes if one.type == "bind" and one.source]
    return None if not all(found) else tuple(f"{one}/" for one in found)


def _is_bare(name: str) -> bool:
    """Whether a name is one that only Docker's DNS can know: without a dot, and no number."""
    return re.fullmatch(r"(?=.*[A-Za-z])[A-Za-z0-9][A-Za-z0-9_-]*", name) is not None


def _alone(container: Container, kind: str) -> bool:
    """Whether certainly nothing in the container itself listens for that: it runs one known program, or the image has
    none that would.
    """
    program = container.program
    if program is None or container.companions:
        return False
    others = [one for one in container.programs if one is not program]
    if program.known and program.role is not None and all(one.known or one.role == "one-shot" for one in others):
        return True
    daemons = _DAEMONS.get(kind) or tuple(name for names in _DAEMONS.values() for name in names)
    return container.image is not None and all(container.image.has(name) is False for name in daemons)


def _is_a_script(container: Container, kind: str) -> bool:
    """Whether all that a container runs is a Python script, which is not known to serve anything, in an image of a
    known base whose Dockerfile says nothing of a server of that kind: so the script can start none.
    """
    program, image = container.program, container.image
    if program is None or image is None or image.base is None or container.companions or kind not in _DAEMONS:
        return False
    if not is_python(program.name) or program.script is None:
        return False
    if any(one is not program and one.role != "one-shot" for one in container.programs):
        return False
    text = image.dockerfile.source.text.lower()
    return not any(name in text for name in (kind, *_DAEMONS[kind]))


# The repositories' last words by what they are, for the service that was meant.
_IMAGES = {
    "postgres": ("postgres", "postgresql", "postgis", "pgvector", "timescaledb", "timescaledb-ha"),
    "mysql": ("mysql", "mariadb", "percona"),
    "mongodb": ("mongo", "mongodb"),
    "redis": ("redis", "valkey", "keydb", "dragonfly", "redis-stack", "redis-stack-server"),
    "rabbitmq": ("rabbitmq",),
    "elasticsearch": ("elasticsearch", "opensearch"),
    "kafka": ("kafka", "cp-kafka", "redpanda"),
}


def meant(container: Container, kind: str) -> Service | None:
    """The one service that a loopback address most likely means: the only one with such an image; None for several."""
    images = _IMAGES.get(kind, ())
    found: Service | None = None
    for other in container.deployment.containers if container.deployment is not None else ():
        service = other.service
        image = service.image if service is not None and service.build is None else None
        reference = Reference.parse(image.value or image.default or "") if image is not None else None
        name = reference.repository.rpartition("/")[2] if reference is not None else None
        if service is not None and (name in images or (kind in PURPOSES and other.role == kind)):
            if found is not None:
                return None
            found = service
    return found


# What connects to each kind, by the modules that code imports.
_CLIENTS = {
    "redis": (
        r"\b(?:redis|aioredis|valkey|coredis|aiocache|fastapi_cache|celery|arq|rq|dramatiq|kombu|taskiq|huey|limits)\b"
    ),
    "postgres": r"\b(?:sqlalchemy|sqlmodel|asyncpg|psycopg2?|tortoise|peewee|django|databases|piccolo|ormar|prisma)\b",
    "mysql": (
        r"\b(?:sqlalchemy|sqlmodel|aiomysql|asyncmy|pymysql|MySQLdb|mysql|mariadb|tortoise|peewee|django|databases)\b"
    ),
    "mongodb": r"\b(?:pymongo|motor|beanie|odmantic|mongoengine)\b",
    "rabbitmq": r"\b(?:pika|aio_pika|aiormq|kombu|celery|faststream|taskiq|dramatiq)\b",
}


def _is_used(container: Container, endpoint: Endpoint) -> bool:
    """Whether the project's code may read a setting, as far as it has code: it names it elsewhere than where a settings
    class declares it, or imports a client for that.
    """
    project = container.project
    paths = project.index.ending(".py") if project is not None else ()
    if project is None or not paths or len(paths) > _MOST_FILES or endpoint.kind not in _CLIENTS:
        return True
    name = re.escape(endpoint.variable.name)
    imports = r"(?m)^[ \t]*(?:from|import)[^\n]*" + _CLIENTS[endpoint.kind]
    for path in paths:
        source = project.source_of(path)
        text = source.text if source is not None else ""
        if re.search(imports, text) or re.search(rf"(?im)(?<![\w]){name}(?!\w|[ \t]*:)", text):
            return True
    return False


# Files of tests, whose settings are no setting of the service.
_TESTING = pattern(r"(?:^|/)(?:tests?/|test_[^/]*\Z|conftest\.py\Z)")


class Undeclared(NamedTuple):
    """A service that a container connects to by its environment, and is not started after."""

    endpoint: Endpoint
    host: Host
    service: Service


def undeclared_dependencies(container: Container) -> Iterator[Undeclared]:
    """The databases, caches and brokers of the same deployment that a service connects to without `depends_on`, each
    once, by what is known or by the defaults of variables. Those that only start with another profile are left out.
    """
    service, deployment = container.service, container.deployment
    if service is None or deployment is None or container.role in PURPOSES:
        return
    from dockerlint_fastapi.model.network.default_endpoints import default_endpoints, settings_endpoints  # noqa: PLC0415 - for one question

    told: set[str] | None = None
    said = (*container.endpoints, *default_endpoints(container))
    for endpoint in (
        *said,
        *container.code_endpoints,
        *container.file_endpoints,
        *settings_endpoints(container),
    ):
        for host in endpoint.hosts:
            name = host.name.value
            found = deployment.service_names.named(name, service) if name and _is_bare(name) else None
            if found is None or found is service:
                continue
            if told is None:
                told = _started_before(container)
                if told is None:
                    return
            if found.name in told or _is_alternative(host, endpoint, told):
                continue
            if not _is_for_it(container, endpoint) or not _is_used(container, endpoint):
                continue
            if found.profiles and {one.text for one in found.profiles} != {one.text for one in service.profiles}:
                continue
            told.add(found.name)
            yield Undeclared(endpoint, host, found)


def _is_alternative(host: Host, endpoint: Endpoint, started: set[str]) -> bool:
    """Whether another host of the same list is started before: of the sentinels or brokers that a list names, a client
    takes the first one that answers.
    """
    return any(other is not host and other.name.value in started for other in endpoint.hosts)


def _is_for_it(container: Container, endpoint: Endpoint) -> bool:
    """Whether a setting is meant for a service: not one that merely comes with the settings of the whole project, in an
    env file of several services that its own code does not read, or for a job also in an anchored mapping of several.
    A migration needs the database.
    """
    span = endpoint.variable.span
    job = container.role == "one-shot"
    if container.deployment is None or (job and endpoint.kind in DATABASES) or not (job or span.source.private):
        return True
    others = (one for one in container.deployment.containers if one is not container)
    shared = (one.variables.get(endpoint.variable.name) for one in others)
    return all(one is None or one.span != span for one in shared) or (not job and _is_read_by_own(container, endpoint))


def _is_read_by_own(container: Container, endpoint: Endpoint) -> bool:
    """Whether the code that only this service is built from reads a setting, elsewhere than a class declares it: the
    code below the one folder of its build.
    """
    image, deployment = container.image, container.deployment
    folders = image.contexts if image is not None else ()
    if image is None or deployment is None or len(folders) != 1 or not folders[0]:
        return False
    others = [one.image for one in deployment.containers if one is not container and one.image is not None]
    if any(f"{path}/".startswith(f"{folders[0]}/") for one in others for path in one.contexts):
        return False
    paths = [path for path in image.project.index.ending(".py") if path.startswith(f"{folders[0]}/")]
    name = re.escape(endpoint.variable.name)
    used = re.compile(rf"(?i)\.{name}(?!\w)|[\"']{name}[\"']")
    sources = (image.project.source_of(path) for path in paths[:_MOST_FILES] if not _TESTING.search(path))
    return any(one is not None and used.search(one.text) is not None for one in sources)


def _started_before(container: Container) -> set[str] | None:
    """The services that are started before it, directly or through others, itself included; None when they are more
    than are looked at.
    """
    service, deployment = container.service, container.deployment
    found: set[str] = set()
    if service is None or deployment is None:
        return found
    services = deployment.merged.services
    waiting = [service.name]
    while waiting:
        name = waiting.pop()
        if name not in found and name in services:
            found.add(name)
            if len(found) > MOST_STARTED:
                return None
            waiting.extend(deployment.service_names.started_first(services[name]))
    return found
