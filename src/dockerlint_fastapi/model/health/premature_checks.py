"""Health checks of PostgreSQL that succeed too early.

When the data folder is empty, the entrypoint of Docker's image starts a server that listens on its unix socket only,
runs the initialisation scripts, and stops it again. `pg_isready` without `-h` asks that socket.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.model.compose import Mapping, Sequence
from dockerlint_fastapi.model.compose.nodes import is_external
from dockerlint_fastapi.model.health.health_times import DEFAULT_INTERVAL
from dockerlint_fastapi.model.services.host_access import is_listed
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import Healthcheck
    from dockerlint_fastapi.model.container import Container

_AGAIN = ("always", "unless-stopped", "on-failure")
_LONG = 10.0  # seconds until the first probe, in which a start that runs no scripts of the project is long over
_HOST_OPTION = r"(?:\A|\s)(?:-h|--host)(?:[=\s\"']|\Z|[\w$])|://|\bhost(?:addr)?="


class PrematureCheck(NamedTuple):
    """One call of `pg_isready` that asks the socket. `addition` is what may be written behind `span` to ask over TCP,
    "" where that is not known. `waiter` is where another service waits for its success, and `recovers` whether all that
    do so come back, or may, when they were started too early, or connect to nothing then; or whether the first probe
    certainly comes when that start is over; or whether there is none, as the data are in a volume from outside.
    """

    span: Span
    addition: str
    waiter: Span | None
    recovers: bool


def premature_checks(container: Container) -> Iterator[PrematureCheck]:
    """The calls in a service's health check."""
    service = container.service
    check = service.healthcheck if service is not None else None
    if service is None or check is None or check.disabled or not is_listed(container.origin, "postgres"):
        return
    if container.role != "database" or {"PGHOST", "PGHOSTADDR", "PGSERVICE"} & {*container.variables}:
        return
    waiters = health_waiters(container)
    hurt = next((span for other, span in waiters if not _stands(other, container)), None)
    waiter = hurt or next((span for _, span in waiters), None)
    for span, addition in _calls(check):
        recovers = hurt is None or _asks_late(container, check) or _has_data(container)
        yield PrematureCheck(span, addition, waiter, recovers)


def _has_data(container: Container) -> bool:
    """Whether its data lie in a volume that is `external`: somebody made it before, and as a rule for what is in it."""
    deployment, service = container.deployment, container.service
    if deployment is None or service is None:
        return False
    entries = deployment.merged.declared("volumes")
    for mount in service.volumes:
        entry = entries.get(mount.source.value or "") if mount.source is not None else None
        target = (mount.target.value or "") if mount.target is not None else ""
        outside = entry is not None and isinstance(entry.value, Mapping) and is_external(entry.value)
        if outside and target.startswith("/var/lib/postgresql"):
            return True
    return False


def _asks_late(container: Container, check: Healthcheck) -> bool:
    """Whether the first start has nothing to do but to make an empty database, and the first probe comes long after.
    Docker probes for the first time when an interval is over, which during a `start_period` is `start_interval`.
    """
    service = container.service
    if service is None or container.image is not None or check.start_period or check.start_interval:
        return False
    targets = [one.target.value if one.target is not None else None for one in service.volumes]
    if any(one is None or one.startswith("/docker-entrypoint-initdb.d") for one in targets) or service.node("configs"):
        return False
    seconds = DEFAULT_INTERVAL if check.interval is None else check.interval.seconds
    return seconds is not None and (seconds or DEFAULT_INTERVAL) >= _LONG


def _calls(check: Healthcheck) -> Iterator[tuple[Span, str]]:
    """The calls without a host, with what may be written behind them."""
    if check.form == "CMD":
        words = [one.value or one.text for one in check.arguments]
        if words[:1] == ["pg_isready"] and not any(re.search(_HOST_OPTION, word) for word in words[1:]):
            span = check.arguments[0].span
            flow = isinstance(check.test, Sequence) and check.test.span.text.startswith("[")
            quote = span.text[:1] if span.text[:1] in "\"'" else '"'
            yield span, f", {quote}-h{quote}, {quote}127.0.0.1{quote}" if flow else ""
    elif check.script_scalar is not None:
        text = check.script_scalar.text
        if re.search(_HOST_OPTION, text):
            return
        for match in re.finditer(r"(?<![\w/.-])pg_isready(?![\w.-])", text):
            yield check.script_scalar.locate(match.start(), match.end()), " -h 127.0.0.1"


def _beside(container: Container) -> list[Container]:
    """All that is started together with it, and itself."""
    return container.deployment.containers if container.deployment is not None else []


def health_waiters(container: Container) -> list[tuple[Container, Span]]:
    """The services that wait until this one is healthy, and where they say so."""
    name = container.service.name if container.service is not None else None
    return [
        (other, dependency.span)
        for other in _beside(container)
        for dependency in (other.service.depends_on if other.service is not None else ())
        if dependency.name == name and dependency.condition == "service_healthy"
    ]


def _stands(container: Container, database: Container) -> bool:
    """Whether it stands a database that is not there yet, or may: it is started again, waits by itself, or connects to
    nothing as it starts. Of what others publish, beside what is built here, nobody can tell.
    """
    built = any(one.service is not None and one.service.build is not None for one in _beside(container))
    if built and container.pulls and not container.runs_own_code:
        return True
    if container.service is not None and container.service.profiles and container.development is not None:
        return True  # a tool of developers, which a plain start leaves out
    restart = container.service.restart if container.service is not None else None
    if restart is not None and (restart.value or "").startswith(_AGAIN):
        return True
    from dockerlint_fastapi.model.services.readiness import has_no_client  # noqa: PLC0415 - few runs ask
    from dockerlint_fastapi.model.services.script_clients import connects_to_no_database  # noqa: PLC0415 - likewise
    from dockerlint_fastapi.model.services.waiting_evidence import waiting  # noqa: PLC0415 - likewise

    if waiting(container) is not None or container.connects_late:
        return True
    return has_no_client(container, database) or connects_to_no_database(container)
