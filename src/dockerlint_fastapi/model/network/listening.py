"""On which ports a container listens, and what of that its published ports and its health check meet."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dockerlint_fastapi.model.command import Unknown, Value, is_loopback
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.command import Server
    from dockerlint_fastapi.model.compose import Setting
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.health.probe import Request

_EVERYWHERE: Final = frozenset(("0.0.0.0", "::", "[::]", "0"))  # noqa: S104 - to a client, its own host
_AUXILIARY: Final = frozenset((5678,))  # debugpy, which a process opens by itself


class Listening(NamedTuple):
    """The TCP ports of a container's only server; nothing else in the container listens, as far as its commands say.

    `port` is the one by which it is best reached; its origin is "default" when nobody chose it.
    """

    ports: frozenset[int]
    port: Value
    server: str  # as people call it: `uvicorn`, `fastapi run`
    span: Span  # where the port is written, or else what starts the server
    shown: bool = True  # False when an env file says the port: what stands there is for nobody's eyes

    @property
    def words(self) -> str:
        """What it does, for a message."""
        if not self.shown:
            return f"`{self.server}` listens on another one, which an env file names"
        by = " by default" if self.port.origin == "default" else ""
        return f"`{self.server}` listens on {self.port.text}{by}"

    @property
    def is_assigned(self) -> bool:
        """Whether the port is the one that a platform hands to the container as `PORT`, and the number its default."""
        return re.search(r"\bPORT\b", self.span.text) is not None

    @property
    def told(self) -> Span | None:
        """Where it may be pointed at; None for a line of an env file."""
        return self.span if self.shown or self.port.text not in self.span.text else None

    def missed_by(self, targets: Iterable[Setting]) -> Setting | None:
        """The first of some target ports when certainly none of them is one of its own; None when one is, or may be.

        A port of a debugger is none that could be wrong.
        """
        wrong: Setting | None = None
        for target in targets:
            numbers = port_numbers(target.value)
            if numbers is None or any(number in numbers for number in self.ports):
                return None
            if wrong is None and not any(number in numbers for number in _AUXILIARY):
                wrong = target
        return wrong


def port_numbers(text: str | None) -> range | None:
    """`8000`, `8000-8010` or `8000/tcp` as port numbers; None for anything else."""
    if text is None:
        return None
    from dockerlint_fastapi.model.compose.settings import port_range  # noqa: PLC0415 - only compose files need it

    number, _, protocol = text.partition("/")
    return port_range(number) if protocol.lower() in ("", "tcp") else None


def listening(container: Container) -> Listening | None:
    """Where the server of a container listens; None when it has none, or that cannot be told."""
    if container.companions:
        return None  # a proxy in front of it, or another server beside it
    found = _of_server(container.server) if container.server is not None else _of_base(container)
    return found if found is None or shows(container, found.port) else found._replace(shown=False)


def shows(container: Container, value: Value) -> bool:
    """Whether a value may be told: it stands in a Dockerfile, a compose file or a program, not in an env file alone."""
    if value.origin != "environment":
        return True
    same = [one for one in container.variables.values() if one.value == value.text]
    return not same or any(one.shown and value.text in one.text for one in same)


def _of_server(server: Server) -> Listening | None:
    if not server.binds or server.port is None:
        return None
    ports = [bind.port.number if bind.port is not None else None for bind in server.binds]
    if server.port.number is None or not all(ports):  # a socket of another kind, a port that is unknown, or any (0)
        return None
    name = " ".join(filter(None, (server.kind, server.subcommand)))
    numbers = frozenset(port for port in ports if port)
    return Listening(numbers, server.port, name, server.port.span or server.program.span)


def _of_base(container: Container) -> Listening | None:
    """The server that a base image starts by itself, as tiangolo's does on 80: PORT changes that, BIND and a
    configuration of one's own may.
    """
    image = container.image
    base = image.base if image is not None else None
    if image is None or base is None or base.server is None or base.port is None or container.role != "server":
        return None
    port = container.environment.get("PORT")
    if isinstance(port, Unknown) or container.environment.get("BIND") is not None:
        return None
    if "gunicorn_conf.py" in image.project.index.names:
        return None
    value = Value(str(base.port), None, "default") if port is None else port
    if not value.number:
        return None
    return Listening(frozenset((value.number,)), value, base.server, value.span or image.lineage[0].from_.image.span)


def answers(container: Container, request: Request) -> bool | None:
    """Whether something in a container answers what is asked from within it; None when that cannot be told, as of a
    request to another host.
    """
    found = container.listening
    if found is None or container.shares_network is not False or not asks_itself(container, request):
        return None
    number = request.port.number if request.port is not None else None
    return None if number is None else number in found.ports


def asks_itself(container: Container, request: Request) -> bool:
    """Whether a request goes to the container that makes it: by its loopback interface, or by a name of its own."""
    if request.host is None:
        return False
    host = request.host.text.lower()
    if is_loopback(host) or host in _EVERYWHERE:
        return True
    service = container.service
    if service is None:
        return False
    own = [service.setting("container_name"), service.setting("hostname")]
    names = {service.name, *(one.value for one in own if one is not None and one.value)}
    return host in {name.lower() for name in names}


def inherits_probe(container: Container) -> bool:
    """Whether its health check is one that its image has for what it starts elsewhere: the service sets a command of
    its own but no test, and another container of the image may pass that test.
    """
    service, image, probe = container.service, container.image, container.probe
    if service is None or image is None or probe is None or container.as_built:
        return False
    check = service.healthcheck
    if check is not None and check.test is not None:
        return False
    return any(_may_pass(one) for one in image.containers if one is not container)


def _may_pass(container: Container) -> bool:
    """Whether a container starts something that its health check may find healthy."""
    if container.probe is None or container.role in ("worker", "one-shot"):
        return False
    starts = container.program is not None or container.serves or container.start is not None
    return starts and not container.probe.unanswered(container.answers)
