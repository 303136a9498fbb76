"""Docker's socket in a container."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Container

SEVERITY = {
    "app": "error",
    "own": "warning",
    "other": "warning",
    "agent": "warning",
    "runner": "warning",
    "proxy": "info",
}
LOWER = {"error": "warning", "warning": "info", "info": "info"}
NEEDED = "put a socket proxy in between that lets only the requests through that this service makes"


def check(container: Container) -> Iterator[Finding]:
    """Speaks once of a project's mounts, graded by what the service is for; of what needs the socket for its work
    (Traefik, agents, what runs tests), and of files for development, only in `pedantic`.
    """
    for one in container.docker_sockets:
        if one.purpose == "runner" and container.development:
            continue
        severity = "warning" if one.need is not None else SEVERITY[one.purpose]
        severity = LOWER[severity] if container.development else severity
        if one.purpose == "proxy":
            message = "this proxy has Docker's whole socket: what it lets through is all that others can do with it"
        else:
            message = "whoever controls this service controls Docker, and with it is root on the host"
        # What an agent or a proxy is there for is its maker's documented way; what a comment tells of others, a choice.
        chosen = one.purpose == "other" and one.need is not None
        known = one.purpose in ("proxy", "agent") or (one.purpose == "runner" and container.setting != "production")
        known = known or chosen
        known = known or (container.development is not None and not container.development.weak)
        finding = Finding.at(
            one.span, message, severity=severity, in_guide=severity if known else None, pedantic=known, once="project"
        )
        if one.need is not None:
            finding = finding._replace(help=NEEDED).note(one.need, "this is what it is for")
        yield finding
