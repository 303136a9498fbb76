"""What a service of compose waits for before it is started, whether that can ever come, and whether it is enough."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.bases.base_image import Reference
from dockerlint_fastapi.model.command import Unknown
from dockerlint_fastapi.model.compose.relations import Dependency
from dockerlint_fastapi.model.compose.settings import settings
from dockerlint_fastapi.model.network.service_names import MOST_STARTED
from dockerlint_fastapi.model.services.waiting_evidence import waiting
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span
from dockerlint_fastapi.tree import parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.command import Program
    from dockerlint_fastapi.model.compose import Service
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.deployment import Deployment

STATEFUL = ("database", "broker")  # what needs seconds until it takes connections
_ENDLESS = ("server", "worker", "other-web", "database", "cache", "broker", "proxy", "frontend")
_KEPT_UP = ("always", "unless-stopped")
_MANY = 5  # starts, between which more than three seconds pass
_STARTED, _HEALTHY, _ENDED = "service_started", "service_healthy", "service_completed_successfully"


class Impossible(NamedTuple):
    """A condition of `depends_on` that cannot come true.

    `reason` is `no-healthcheck`, `healthcheck-off`, `restarts`, `runs`, `profile` (a plain start leaves the other out)
    or `other-profile` (only some profiles do).
    """

    service: Service
    dependency: Dependency
    other: Container
    reason: str
    span: Span | None  # what says so, at the other end


class Unawaited(NamedTuple):
    """A stateful service that another one needs, and that it does not wait for to be ready."""

    container: Container
    dependency: Dependency
    other: Container
    waits: Span | None  # where the container waits by itself

    @property
    def is_harmless(self) -> bool:
        """Whether what is refused at first hurts nobody: only developers start it, it waits by itself, its driver does,
        it connects with the first request, as Django does, it has nothing to connect with, or it is started again until
        the other one is ready.
        """
        container = self.container
        return bool(
            self.waits is not None
            or (container.development is not None and not container.development.weak)
            or (container.service is not None and _is_tried_again(container.service))
            or container.connects_late
            or _asks_late(container, self.other)
            or _waits_by_driver(container, self.other)
            or has_no_client(container, self.other)
            or _names_none(container, self.other)
            or (self.other.role == "database" and (_opens_none(container) or _serves_django(container)))
        )


def _is_tried_again(service: Service) -> bool:
    """Whether what ends with an error is started again, and not only a few times: Docker waits a tenth of a second, and
    each time twice as long. Compose hands `deploy.restart_policy` to Docker in place of `restart` (pkg/compose/
    create.go, getRestartPolicy), but without a `condition` as one that restarts nothing.
    """
    policy, restart = service.restart_policy, service.restart
    if policy is not None:
        condition = service.setting("deploy", "restart_policy", "condition")
        attempts = service.setting("deploy", "restart_policy", "max_attempts")
        again = condition is not None and condition.value in (*_KEPT_UP, "any", "on-failure")
        count = attempts.value if attempts is not None else "0"
    else:
        name, _, count = (restart.value or "" if restart is not None else "").partition(":")
        again = name in (*_KEPT_UP, "on-failure")
    return again and (count or "0").isdigit() and not 0 < int(count or "0") < _MANY


def has_healthcheck(container: Container) -> bool | None:
    """Whether Docker tests the health of a container: by compose, its image, or the image that is built on."""
    check = container.service.healthcheck if container.service is not None else None
    if check is not None:
        if check.disabled is not False:
            return None if check.disabled is None else False
        if check.test is not None:
            return True
    if container.image is not None:
        own = container.image.healthcheck
        if own is not None:
            return own.command is not None
        known = container.image.inherits_healthcheck
        return False if known is None and _has_none(container.image.reference) else known
    service = container.service
    image = service.image if service is not None and service.build is None else None
    text = (image.value or image.default) if image is not None else None
    return False if text and _has_none(Reference.parse(text)) else None


def _has_none(reference: Reference | None) -> bool:
    return reference is not None and reference.full_repository in table("image_healthchecks")["none"].split()


def impossible_waits(deployment: Deployment) -> Iterator[Impossible]:
    """The conditions that cannot come true. Swarm reads no `depends_on`; of an overlay alone nothing can be told, and
    what the automatic override mends is no fault of the base.
    """
    spans = [{found.dependency.span for found in _impossible(one)} for one in deployment.extended_by]
    for found in _impossible(deployment):
        if all(found.dependency.span in one for one in spans):
            yield found


def _impossible(deployment: Deployment) -> Iterator[Impossible]:
    if not deployment.whole or deployment.is_swarm:
        return
    containers = _containers(deployment)
    for container in containers.values():
        service = container.service
        for dependency in service.depends_on if service is not None else ():
            other = containers.get(dependency.name)
            if service is None or other is None or other.service is None:
                continue
            found = _left_out(deployment, service, dependency, other) or _never(service, dependency, other)
            if found is not None:
                yield found


def _containers(deployment: Deployment) -> dict[str, Container]:
    return {one.service.name: one for one in deployment.containers if one.service is not None}


def _never(service: Service, dependency: Dependency, other: Container) -> Impossible | None:
    """A condition that the other service cannot meet."""
    there = other.service
    if there is None:
        return None
    if dependency.condition == _HEALTHY and has_healthcheck(other) is False:
        off = there.healthcheck
        if off is not None and off.disabled:
            return Impossible(service, dependency, other, "healthcheck-off", off.span)
        none = other.image.healthcheck if other.image is not None else None
        return Impossible(service, dependency, other, "no-healthcheck", none.span if none is not None else there.span)
    if dependency.condition == _ENDED:
        if there.restart is not None and there.restart.value in _KEPT_UP:
            return Impossible(service, dependency, other, "restarts", there.restart.span)
        if other.role in _ENDLESS and (other.program is None or other.long_running):
            return Impossible(service, dependency, other, "runs", other.start_span or there.span)
    return None


def _left_out(deployment: Deployment, service: Service, dependency: Dependency, other: Container) -> Impossible | None:
    """A service that is not started when the one that needs it is, for want of a profile."""
    there = other.service
    profiles = [one.value for one in there.profiles] if there is not None else []
    own = [one.value for one in service.profiles]
    if there is None or not profiles or None in profiles or None in own or dependency.required is not True:
        return None
    if own and set(own) <= set(profiles):
        return None
    if _chosen(deployment, [one for one in profiles if one]):
        return None
    reason = "other-profile" if own else "profile"
    return Impossible(service, dependency, other, reason, there.key_span("profiles") or there.span)


def _chosen(deployment: Deployment, profiles: list[str]) -> bool:
    """Whether the project's recipes, or its `.env` files, always turn profiles on."""
    texts = [file.source.text for file in deployment.merged.files]
    project = deployment.project
    if project is not None:
        texts.extend(source.text for source in project.recipes)
        folder = parent(deployment.files[0].source.path)
        for name in project.tree.names(folder):
            if name.startswith((".env", "env", "README", "readme")):
                source = project.source_of(f"{folder}/{name}" if folder else name)
                texts.extend((source.text,) if source is not None else ())
    names = "|".join(re.escape(one) for one in profiles)
    pattern = rf"(?:--profile[= ]+[\"']?|COMPOSE_PROFILES=[^\n]{{0,200}})(?:{names}|\*)(?![\w-])"
    return any(re.search(pattern, text) for text in texts)


def unawaited(deployment: Deployment) -> Iterator[Unawaited]:
    """The databases and brokers that a program of the project needs, and for whose readiness nothing waits."""
    if not deployment.whole or deployment.is_swarm:
        return
    containers = _containers(deployment)
    for container in containers.values():
        service = container.service
        if service is None or not _connects(container):
            continue
        ready: frozenset[str] | None = None
        for dependency in (*service.depends_on, *_links(service)):
            other = containers.get(dependency.name)
            if other is None or dependency.condition != _STARTED or other.role not in STATEFUL:
                continue
            if other.role == "database" and _speaks_to_broker_alone(container):
                continue
            ready = _ready_before(service.name, containers) if ready is None else ready
            if ready is None:
                break  # for all of them
            if dependency.name not in ready:
                waits = waiting(container)
                if not isinstance(waits, Unknown):
                    yield Unawaited(container, dependency, other, waits)


def connects_late(container: Container) -> bool:
    """Whether a container certainly starts nothing but a server, whose application connects with its first request."""
    if container.server is None or any(one.role == "one-shot" or not one.known for one in container.programs):
        return False
    return container.read_laziness(container)


def _asks_late(container: Container, other: Container) -> bool:
    """Whether a container certainly starts nothing but a server, whose application asks another, one of those whose
    clients connect with each question, nothing before its first request.
    """
    name = other.origin.name if other.origin is not None else ""
    if name != "qdrant" or container.server is None or any(not one.known for one in container.programs):
        return False
    return container.read_laziness(container, name)


# What connects to a database or a broker from Python, by the last word of its image's repository.
_CLIENTS = {
    **dict.fromkeys(
        ("postgres", "postgis", "pgvector", "timescaledb"),
        "asyncpg psycopg psycopg-binary psycopg-c psycopg2 psycopg2-binary psycopg2cffi pg8000",
    ),
    **dict.fromkeys(("mysql", "mariadb"), "pymysql aiomysql asyncmy mysqlclient mysql-connector-python"),
    "mongo": "pymongo motor",
}
_TOOLKITS = frozenset("alembic databases ormar peewee piccolo pony prisma sqlalchemy sqlmodel tortoise-orm".split())
_SERVERS = frozenset("fastapi granian gunicorn hypercorn starlette uvicorn".split())


def has_no_client(container: Container, other: Container) -> bool:
    """Whether a container certainly starts nothing but a server that cannot connect to another: no driver for it is
    installed, and no setting of its environment leads to a service of the kind.
    """
    reference, image = other.origin, container.image
    clients = _CLIENTS.get(reference.name) if reference is not None else None
    if clients is None or image is None or container.server is None:
        return False
    found = image.distributions.found
    if _SERVERS.isdisjoint(found) or not _TOOLKITS.isdisjoint(found):
        return False  # what it starts, or needs for a database, is not all that it installs: it may get more elsewhere
    if any(one.role == "one-shot" or not one.known for one in container.programs):
        return False
    if any(one.file is None for one in container.env_files) or any(True for _ in container.endpoints):
        return False
    return all(image.distributions.get(name) is None for name in clients.split())


def _names_none(container: Container, other: Container) -> bool:
    """Whether nothing in all of the project's Python, in its Dockerfile and among its variables names a client for a
    database that only such clients speak to.
    """
    project = container.deployment.project if container.deployment is not None else None
    if project is None or container.image is None or other.origin is None or other.origin.name not in _CLIENTS:
        return False
    from dockerlint_fastapi.model.services.named_clients import is_client_named, names_no_client  # noqa: PLC0415 - few do not wait

    texts = (container.image.dockerfile.source.text, *container.variables)
    return not any(map(is_client_named, texts)) and project.index.answer(names_no_client)


_PATIENT = ("pymongo", "motor", "beanie", "odmantic", "mongoengine", "umongo")  # they look for a server for 30 s


def _waits_by_driver(container: Container, other: Container) -> bool:
    reference = other.origin
    if reference is None or not reference.repository.rpartition("/")[2].startswith("mongo"):
        return False
    if container.image is None:
        return container.server is not None  # its code is in Python, and all drivers of Python are among these
    installed = container.image.distributions.found
    return any(name in installed for name in _PATIENT)


_WSGI = ("uwsgi", "gunicorn")
_KEEP_TO_FILES = frozenset("cat chmod chown cp echo envsubst find ln mkdir mv rm sed sleep touch".split())
# Commands of Django that read and write files alone.
_STATIC = frozenset(("collectstatic", "compilemessages", "compress"))


def _serves_django(container: Container) -> bool:
    """Whether a container certainly starts nothing but Django under a server of WSGI, which opens a connection "when it
    first makes a database query" (Django's notes on databases, "Connection management"), and migrates nothing.
    """
    image, program = container.image, container.program
    if image is None or program is None or program.name not in _WSGI:
        return False
    found = image.distributions.found
    if "django" not in found or "fastapi" in found:
        return False
    others = (one for one in container.programs if one is not program)
    return all(one.known and (one.name in _KEEP_TO_FILES or _is_static(one)) for one in others)


def _is_static(program: Program) -> bool:
    words = [word.value or "" for word in program.argv]
    place = next((at for at, word in enumerate(words) if word.rpartition("/")[2] == "manage.py"), len(words))
    return bool(_STATIC.intersection(words[place + 1 : place + 2]))


def _opens_none(container: Container) -> bool:
    if container.server is not None or container.deployment is None:
        return False
    from dockerlint_fastapi.model.services.script_clients import connects_to_no_database  # noqa: PLC0415 - few ask

    return connects_to_no_database(container)


def _links(service: Service) -> Iterator[Dependency]:
    """What only `links:` names: Compose starts it first, as the short syntax of `depends_on` does."""
    declared = {dependency.name for dependency in service.depends_on}
    for made in settings(service.node("links"), service.lookup):
        name = (made.value or "").partition(":")[0]
        if name and name not in declared:
            declared.add(name)
            yield Dependency(name, _STARTED, True, None, made.span, None)


def _connects(container: Container) -> bool:
    """Whether a container runs a program of the project that connects as it starts: no proxy, no front end, no tool."""
    if container.role in ("server", "worker", "one-shot", "other-web"):
        return container.python is not False
    return container.role is None and container.image is not None and container.image.python is True


def _speaks_to_broker_alone(container: Container) -> bool:
    """Whether it is Celery's beat or Flower, which no database is needed for: not a scheduler that keeps its plan in
    one (`--scheduler`).
    """
    program = container.program
    if program is None or program.name != "celery":
        return False
    words = [one.value or "" for one in program.argv]
    if "worker" in words or any(one.startswith(("-S", "--scheduler")) for one in words):
        return False
    return "beat" in words or "flower" in words


def _ready_before(name: str, containers: dict[str, Container]) -> frozenset[str] | None:
    """The services that are healthy, or have ended, before a service is started: awaited by itself, or by one that is
    started before it. None when more are started before it than are looked at.
    """
    ready: set[str] = set()
    seen = {name}
    waiting = [name]
    while waiting:
        service = containers[waiting.pop()].service
        for dependency in service.depends_on if service is not None else ():
            if dependency.condition in (_HEALTHY, _ENDED):
                ready.add(dependency.name)
            if dependency.name in containers and dependency.name not in seen:
                seen.add(dependency.name)
                waiting.append(dependency.name)
        if len(seen) > MOST_STARTED:
            return None
    return frozenset(ready)
