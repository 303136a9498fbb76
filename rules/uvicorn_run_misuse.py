"""Code that starts a server in a way that does not work in a container, or only for development."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Container, Server
from dockerlint_fastapi.model.command import Call

FALSE = ("false", "no", "off", "0", "f", "n")
BOOL = 'leave the variable empty, or compare its text in the code: `bool("{}")` is true, as all text but the empty is'


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the arguments of the call that the start command certainly leads to."""
    server = container.server
    if server is None or server.call is None:
        return
    work, started = container.started_for_work, "the command that runs this code"
    if server.call.app_object and server.processes:
        yield _of_object(server, server.call).note(container.start_span, started)
    elif server.reload is not None and server.reload.on and (work is None or not work.firm):
        name = container.reload_variable
        unless = f"unless `{name}` is set, " if name is not None else ""
        why = "made for development: it restarts whenever a file changes"
        message = f"{unless}`{server.call.name}` runs the reloader, {why}"
        severity = "info" if work is not None or name is not None else "warning"
        where = server.reload.span or server.call.span
        written = where.text.replace(":", "=").rpartition("=")[2].strip("\"'\r\n ")
        misread = written.lower() in FALSE and "bool(" in server.call.span.source.text
        help_ = BOOL.format(written) if misread and server.reload.origin == "environment" else None
        finding = Finding.at(where, message, severity=severity, help=help_)
        yield _with_call(finding, server.call).note(container.start_span, started)
    unreachable = server.loopback is True and container.shares_network is False
    if unreachable and not container.companions and not container.in_editor:
        severity = "warning" if work is not None else "error"
        yield _of_host(server, server.call, severity).note(container.start_span, started)


def _of_object(server: Server, call: Call) -> Finding:
    cause = server.processes
    what = "the reloader cannot" if cause is None or cause is server.reload else f"none of {cause.text} workers can"
    text = call.app.text if call.app is not None else "app"
    message = f"`{text}` is an object, which {what} import: `{call.name}` exits with status 3"
    return Finding.at(call.app or call.span, message).note(cause.span if cause else None, "this needs an import string")


def _of_host(server: Server, call: Call, severity: str) -> Finding:
    host = server.host
    where, how = call.span, "`127.0.0.1` by default"
    if host is not None and host.span is not None:
        where, how = host.span, f"`{host.text}`"
    message = f"`{call.name}` listens on {how}: nothing outside the container can reach it"
    return _with_call(Finding.at(where, message, severity=severity), call)


def _with_call(finding: Finding, call: Call) -> Finding:
    """The finding, with the call where it does not stand in it."""
    at, all_of_it = finding.span, call.arguments
    within = at.source is all_of_it.source and all_of_it.start <= at.start <= all_of_it.end
    return finding if within or at == call.span else finding.note(call.span, "the call that takes it")
