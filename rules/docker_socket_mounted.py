"""Docker's socket in a container."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Container

SEVERITY = {"app": "error", "other": "warning", "agent": "warning", "runner": "warning", "proxy": "info"}
LOWER = {"error": "warning", "warning": "info", "info": "info"}


def check(container: Container) -> Iterator[Finding]:
    """Speaks once of a file's mounts, graded by what the service is for; of what needs the socket for its work
    (Traefik, agents, what runs tests) only in `pedantic`.
    """
    for one in container.docker_sockets:
        if one.purpose == "runner" and container.development:
            continue
        severity = SEVERITY[one.purpose]
        severity = LOWER[severity] if container.development else severity
        if one.purpose == "proxy":
            message = "this proxy has Docker's whole socket: what it lets through is all that others can do with it"
        else:
            message = "whoever controls this service controls Docker, and with it is root on the host"
        # What an agent or a proxy is there for is its maker's documented way.
        known = one.purpose in ("proxy", "agent") or (bool(container.development) and one.purpose != "app")
        known = known or (one.purpose == "runner" and container.setting != "production")
        yield Finding.at(
            one.span, message, severity=severity, in_guide=severity if known else None, pedantic=known, once="file"
        )
