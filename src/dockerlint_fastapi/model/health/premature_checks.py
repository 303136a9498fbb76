"""Health checks of PostgreSQL that succeed too early.

When the data folder is empty, the entrypoint of Docker's image starts a server that listens on its unix socket only,
runs the initialisation scripts, and stops it again. `pg_isready` without `-h` asks that socket.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from dockerlint_fastapi.model.compose import Sequence
from dockerlint_fastapi.model.services.host_access import is_listed
from dockerlint_fastapi.source import Span

if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import Healthcheck
    from dockerlint_fastapi.model.container import Container

_HOST_OPTION = r"(?:\A|\s)(?:-h|--host)(?:[=\s\"']|\Z|[\w$])|://|\bhost(?:addr)?="


class PrematureCheck(NamedTuple):
    """One call of `pg_isready` that asks the socket. `addition` is what may be written behind `span` to ask over TCP,
    "" where that is not known. `waiter` is where another service waits for its success.
    """

    span: Span
    addition: str
    waiter: Span | None


def premature_checks(container: Container) -> Iterator[PrematureCheck]:
    """The calls in a service's health check."""
    service = container.service
    check = service.healthcheck if service is not None else None
    if service is None or check is None or check.disabled or not is_listed(container.origin, "postgres"):
        return
    if container.role != "database" or {"PGHOST", "PGHOSTADDR", "PGSERVICE"} & {*container.variables}:
        return
    for span, addition in _calls(check):
        yield PrematureCheck(span, addition, _waiter(container))


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


def _waiter(container: Container) -> Span | None:
    """Where another service waits until this one is healthy."""
    name = container.service.name if container.service is not None else None
    for service in container.deployment.merged.services.values() if container.deployment is not None else ():
        for dependency in service.depends_on:
            if dependency.name == name and dependency.condition == "service_healthy":
                return dependency.span
    return None
