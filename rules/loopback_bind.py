"""A server that listens on its container's loopback interface only."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the host that is written, or of the server's words when the default is at fault."""
    server = container.server
    if server is None or server.loopback is not True or container.shares_network is not False:
        return
    if server.call is not None:
        return  # `uvicorn-run-misuse` speaks of code
    if container.companions or container.in_editor:
        return  # a proxy in the same container, or an editor, reaches the loopback interface
    severity = "warning" if container.development else "error"
    name = " ".join(filter(None, (server.kind, server.subcommand)))
    host = server.host
    if host is not None and host.span is not None:
        where, how = host.span, f"`{host.text}`"
    else:
        where, how = server.program.span, "`127.0.0.1` by default"
    message = f"`{name}` listens on {how}: nothing outside the container can reach it"
    ports = container.service.ports if container.service is not None else ()
    finding = Finding.at(where, message, severity=severity).note(
        ports[0] if ports else None, "what comes in at this published port is refused"
    )
    change = edits.options.open_to_all(server)
    yield finding.fixed_by(
        "listen on `0.0.0.0`",
        change,
        safe=container.start_span is not None and (where.source is container.start_span.source),
        names=("here", "command", "server:host", "server:bind"),
    )
