"""Ports of databases, caches, brokers, search engines and their pages for administrators that are open to everyone who
reaches the host.
"""

from __future__ import annotations

from dockerlint_fastapi.model.services.host_access import is_listed
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import Port, Service
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.source import Span

_ROLES = ("database", "cache", "broker")
_LISTED = {"search": "search", "storage": "storage", "admin": "admin", "pools": "database", "sql_servers": "database"}


class InternalPort(NamedTuple):
    """A service that only others of its network need, published on every interface of the host.

    `kind` is database, cache, broker, search, admin (a page for administrators) or storage. `ports` are its public
    ones, at least one. `for_host` tells that it sends its clients to the host's own interface, so that nobody else can
    use it there.
    """

    kind: str
    ports: tuple[Port, ...]
    for_host: bool = False
    for_devices: bool = False  # MQTT's alone, which things outside of the network send to

    @property
    def span(self) -> Span:
        """The first entry of `ports`."""
        return self.ports[0].span


def internal_port(container: Container) -> InternalPort | None:
    """The public ports of a service that is internal by what it runs; None when there is none."""
    service = container.service
    kind = _kind(container) if service is not None and service.node("ports") is not None else None
    if service is None or kind is None:
        return None
    mode = service.network_mode
    if mode is not None and mode.value == "host":
        return None  # where `ports` do nothing
    ports = [one for one in service.ports if one.public is True]
    if kind == "proxy":  # of which only the page is internal
        ports = [one for one in ports if one.target is not None and one.target.number == 8080]
        kind = "admin"
    devices = [one for one in service.ports if kind == "broker" and _is_for_devices(container, one)]
    inside = [one for one in ports if one not in devices]
    if not ports or (not inside and len(devices) < len(service.ports)):
        return None  # what sensors elsewhere send to is worth a word only alone
    return InternalPort(kind, tuple(inside or ports), _is_for_host(service), not inside)


def _is_for_devices(container: Container, port: Port) -> bool:
    """Whether a port of a broker is MQTT's (IANA: 1883, 8883 with TLS), by which sensors and other things outside of
    the network send; EMQX has it on WebSockets, too, at 8083 and 8084.
    """
    number = port.target.number if port.target is not None else None
    named = container.origin is not None and container.origin.name == "emqx"
    return number in (1883, 8883) or (named and number in (8083, 8084))


def _is_for_host(service: Service) -> bool:
    """Whether a Kafka broker tells clients to come back to `localhost`: those on the host are meant (Kafka
    documentation, `advertised.listeners`). What it says as well to others of its network does not matter.
    """
    for one in service.environment:
        if one.name.upper().endswith("ADVERTISED_LISTENERS"):
            text = one.value or one.default or ""
            return "://localhost:" in text or "://127.0.0.1:" in text
    return False


def _kind(container: Container) -> str | None:
    origin, role = container.origin, container.role
    for name, kind in _LISTED.items():
        if is_listed(origin, name) and not container.serves:
            return kind
    if role in _ROLES:
        return role
    program = container.program
    if program is not None and program.name == "celery" and program.monitors:
        return "admin"
    command = container.service.command if container.service is not None else None
    words = [one.value for one in (command.arguments or ())] if command is not None else []
    insecure = "--api.insecure=true" in words or "--api.insecure" in words
    return "proxy" if role == "proxy" and insecure else None
