"""The port at which other services check the same command, where a service keeps its image's check of another one."""

from __future__ import annotations

from dockerlint_fastapi.model.command import Unknown
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.health.probe import Request
    from dockerlint_fastapi.model.image import Image


class CheckedElsewhere(NamedTuple):
    """What its image's check asks in vain, and what a service with the same command is asked."""

    asked: Request
    other: Request


def checked_elsewhere(container: Container) -> CheckedElsewhere | None:
    """For a program of the project of which no server is known: the ports at which its other services are checked, none
    of which the check asks that it inherits. None when it may pass, or that cannot be told.
    """
    words, probe, image = _words(container), container.probe, container.image
    if not words or probe is None or image is None or container.server is not None:
        return None
    found = image.checks_by_command.get(words, ())
    ports = {one.port.text for one in found if one.port is not None}

    def answered(request: Request) -> bool | None:
        if request.port is None or not container.asks_itself(request):
            return None
        return request.port.text in ports

    asked = next(iter(probe.unanswered(answered)), None) if ports else None
    return None if asked is None else CheckedElsewhere(asked, found[0])


def monitor_port(container: Container) -> str | None:
    """The port of Flower: its option `--port`, else FLOWER_PORT, else 5555 (its manual, "Configuration"). None where
    something else is started, or that cannot be told: it may read a file (`--conf`).
    """
    program = container.program
    if program is None or not program.monitors:
        return None
    words = [one.value for one in program.argv]
    if None in words or any(word and word.startswith("--conf") for word in words):
        return None
    for at, word in enumerate(words):
        name, equals, value = (word or "").partition("=")
        if name == "--port":
            number = value if equals else "".join(word or "" for word in words[at + 1 : at + 2])
            return number if number.isdecimal() else None
    port = container.environment.get("FLOWER_PORT")
    return "5555" if port is None else None if isinstance(port, Unknown) else port.text


def _words(container: Container) -> tuple[str | None, ...]:
    """The words of a program of the project's own; none for others, and where one of them cannot be told."""
    program = container.program
    if program is None or program.published or not program.known:
        return ()
    words = (*program.wrappers, *(one.value for one in program.argv))
    return () if None in words else words


def checks_by_command(image: Image) -> Mapping[tuple[str | None, ...], tuple[Request, ...]]:
    """What the checks of services that have one of their own ask of them, by their commands."""
    found: dict[tuple[str | None, ...], tuple[Request, ...]] = {}
    for container in image.containers:
        requests = _own_requests(container)
        if requests and (words := _words(container)):
            found[words] = (*found.get(words, ()), *requests)
    return found


def _own_requests(container: Container) -> tuple[Request, ...]:
    """What the check of a service asks of it, where that is not its image's."""
    service, probe, image = container.service, container.probe, container.image
    if service is None or service.healthcheck is None or probe is None or image is None:
        return ()
    if image.probe is not None and probe.span == image.probe.span:
        return ()
    requests = probe.requests or ()
    return requests if all(one.port is not None and container.asks_itself(one) for one in requests) else ()
