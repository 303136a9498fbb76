"""BusyBox's `wget` that asks for `localhost`."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Container


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the host."""
    request = container.unanswered_localhost
    if request is None or request.host is None:
        return
    span, server = request.host.span or request.span, container.server
    finding = Finding.at(
        span, "the `wget` of BusyBox asks `localhost` at `::1` alone, where nothing listens: the check never passes"
    )
    if server is not None:
        finding = finding.note(server.host.span if server.host is not None else None, "the server listens on IPv4")
    probe = container.probe
    hosts = [one.host.span for one in (probe.requests if probe is not None else None) or () if one.host is not None]
    edits = [Edit(one, "127.0.0.1") for one in dict.fromkeys(hosts) if one is not None and one.text == "localhost"]
    yield finding.fixed_by(
        "ask at the address", *edits if span in hosts and span.text == "localhost" else (), names="health check"
    )
