"""The words of EXPOSE as Docker reads them: a port or a range of ports, with a protocol."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dockerlint_fastapi.model.command import Value
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.dockerfile import Expose, Word
    from dockerlint_fastapi.model.health.probe import Request
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.network.listening import Listening

_PROTOCOLS = ("tcp", "udp", "sctp")
_RANGE = r"([0-9]{1,9})(?:-([0-9]{1,9}))?"
# Base images that expose nothing.
_SILENT = frozenset(("alpine", "buildpack-deps", "debian", "distroless", "node", "pypy", "python", "ubuntu", "uv"))


class Exposed(NamedTuple):
    """One word of EXPOSE. `ports` is None when it cannot be told, `fault` says what Docker holds against the word.

    A mapping (`8000:80`) exposes its container side; Docker passes over the rest, and warns: `dropped`.
    """

    word: Word
    ports: range | None
    protocol: str | None
    fault: str | None = None
    dropped: bool = False


def exposed(words: Iterable[Word]) -> tuple[Exposed, ...]:
    """What each word of an EXPOSE says (moby, go-connections/nat; BuildKit's check ExposeInvalidFormat)."""
    return tuple(_read(word) for word in words)


def _read(word: Word) -> Exposed:
    value = word.value
    if value is None:
        return Exposed(word, None, None)
    address, slash, protocol = value.partition("/")
    protocol = protocol.lower() if slash else "tcp"
    if protocol not in _PROTOCOLS:
        return Exposed(word, None, None, f"`{protocol}` is no protocol that Docker knows: the build ends here")
    host, colon, number = address.rpartition(":")
    ports, fault = _ports(number)
    dropped = fault is None and bool(colon)
    if dropped:
        what = "an address" if "." in host or "[" in host else "a port"
        fault = f"`{value}` names {what} of the host: Docker drops that, and a later release refuses it"
    return Exposed(word, ports, protocol, fault, dropped)


def _ports(text: str) -> tuple[range | None, str | None]:
    """A port or a range, or what is wrong with it."""
    match = re.fullmatch(_RANGE, text, re.ASCII)
    if match is None:
        return None, f"`{text}` is no port: the build ends here"
    low, high = int(match[1]), int(match[2] or match[1])
    if high > 65535 or low > 65535:
        return None, f"`{text}` is above 65535, the last port: the build ends here"
    if low > high:
        return None, f"the range `{text}` ends before it begins: so does the build"
    return range(low, high + 1), None


class Exposure(NamedTuple):
    """What an image exposes by TCP, and where the servers listen that it starts: one, unless services differ."""

    exposes: tuple[Exposed, ...]
    containers: tuple[Container, ...]  # those that start the servers, in the same order
    servers: tuple[Listening, ...]
    matches: bool | None  # whether some word names one of their ports; None when that cannot be told
    absent: bool  # certainly nothing is exposed, by no EXPOSE and no base image
    seconded: bool = False  # a health check or `ports` of a service names an exposed port, too
    bypassed: bool = False  # every service that runs the image publishes the server's own port, and none goes by EXPOSE


def exposure(image: Image) -> Exposure | None:
    """None when the image starts no server, or it cannot be told where one of them listens.

    What compose alone decides, the port by a variable or the command, says nothing of an image that starts a server.
    """
    built = [one for one in image.containers if one.as_built]
    if not any(one.program is not None or one.serves for one in built):
        built = image.containers  # nothing starts without compose
    serving = sorted(built, key=lambda one: one.setting == "development")  # of two places, what ships is told
    found = [(one, one.listening) for one in serving if one.serves]
    servers = [(one, where) for one, where in found if where is not None]
    if not servers or len(servers) < len(found):
        return None
    of_image = [(one, where) for one, where in servers if not one.as_built or not _set_by_service(one, where)]
    words = tuple(one for expose in image.exposes for one in expose.exposed if one.protocol in (None, "tcp"))
    ports = {port for _, where in servers for port in where.ports}
    # a service with a command of its own may be what the EXPOSE is for
    ports.update(port for one in image.containers if one.listening is not None for port in one.listening.ports)
    if any(one.ports is not None and any(port in one.ports for port in ports) for one in words):
        matches: bool | None = True
    else:
        matches = None if any(one.ports is None for one in words) or not of_image else False
    if matches is False and any(agreeing_expose(one, _asked(one)) for one in image.containers):
        matches = None  # then the port of the server is the odd one, which is told of the health check
    if matches is False and words and any(_fits_another(image, one) for one in image.exposes):
        matches = None
    absent = not image.exposes and (image.scratch or (image.base is not None and image.base.family in _SILENT))
    containers = tuple(one for one, _ in of_image)
    seconded = matches is False and any(_seconds(one, words) for one in image.containers)
    return Exposure(
        words, containers, tuple(where for _, where in of_image), matches, absent, seconded, _bypassed(image)
    )


def _bypassed(image: Image) -> bool:
    """Whether services alone run an image, each says by itself which port is the server's, and no proxy finds them by
    their labels.
    """
    services = [(one, one.service) for one in image.containers if one.service is not None and one.serves]
    return bool(services) and all(
        service.node("labels") is None
        and (where := one.listening) is not None
        and any(where.missed_by((port.target,)) is None for port in service.ports if port.target is not None)
        for one, service in services
    )


def _seconds(container: Container, words: Iterable[Exposed]) -> bool:
    """Whether something else than EXPOSE says of a container that an exposed port is that of its server."""
    service, probe = container.service, container.probe
    targets = [port.target.value for port in service.ports if port.target is not None] if service is not None else []
    asked = [one.port.text for one in (probe.requests if probe is not None else None) or () if one.port is not None]
    named = [int(text) for text in (*targets, *asked) if text is not None and text.isdecimal()]
    return any(number in one.ports for one in words if one.ports is not None for number in named)


def _asked(container: Container) -> Request | None:
    """What the health check of a container asks for in vain."""
    probe = container.probe
    if probe is None or container.inherits_probe or not container.is_whole:
        return None
    return next(iter(probe.unanswered(container.answers)), None)


def agreeing_expose(container: Container, request: Request | None) -> Expose | None:
    """The EXPOSE that names the port for which a health check asks in vain: then the server, which starts as the image
    says, is likely the one that is wrong. None when compose's `ports` has the port of the server.
    """
    image, found, service = container.image, container.listening, container.service
    number = request.port.number if request is not None and request.port is not None else None
    if image is None or found is None or number is None or not container.as_built or _set_by_service(container, found):
        return None
    if service is not None and any(found.missed_by((one.target,)) is None for one in service.ports if one.target):
        return None
    named = (one for one in image.exposes if len(image.exposes) == 1 and len(one.exposed) == 1)
    return next((one for one in named if one.exposed[0].ports == range(number, number + 1)), None)


def _fits_another(image: Image, expose: Expose) -> bool:
    """Whether an EXPOSE that several images have from a stage of theirs names the port of another one."""
    for other in image.project.images_of.get(image.dockerfile, ()):  # an EXPOSE is of one Dockerfile
        if other is not image and expose in other.exposes:
            ports = {port for one in other.containers if one.listening is not None for port in one.listening.ports}
            if any(one.ports is not None and any(port in one.ports for port in ports) for one in expose.exposed):
                return True
    return False


def _set_by_service(container: Container, where: Listening) -> bool:
    """Whether compose says where the server of an image listens, be it by a variable that a script reads."""
    if container.service is None or where.port.span is None:
        return False
    source = where.port.span.source
    if source is (container.image.dockerfile.source if container.image else None):
        return False
    if where.port.origin == "environment":
        return True
    named = re.findall(r"\$\{?(\w+)", source.text) if source is not container.service.span.source else ()
    given = (container.environment.get(name) for name in set(named))
    behind = rf"(?:^|:){re.escape(where.port.text)}$"
    return any(isinstance(one, Value) and re.search(behind, one.text) for one in given)
