"""Health checks that curl takes for passed when the application only sends it on: `/health` where the route is
`/health/`.
"""

from __future__ import annotations

import re

from dockerlint_fastapi.model.application import Application
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.application.routes import Route
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.health.probe import Request
    from dockerlint_fastapi.source import Span

# curl's own words for going where it is sent, and what may hide them.
_FOLLOWS = r"-[a-zA-Z]*L[a-zA-Z]*\Z|--location|--config|-[a-zA-Z]*K"


class Redirected(NamedTuple):
    """A path that is asked for, where it stands, and the route to which that is sent on."""

    path: str
    span: Span
    route: Route


def redirected(container: Container) -> Redirected | None:
    """The path for which Starlette certainly answers with a redirect to one with, or without, a slash at its end; None
    when anything else may answer it, or what asks goes on.
    """
    application, probe = container.application, container.probe
    if not isinstance(application, Application) or container.companions or probe is None or container.inherits_probe:
        return None
    requests = probe.requests or ()
    if len(requests) != 1 or not _is_of_curl(requests[0]) or not container.asks_itself(requests[0]):
        return None
    request = requests[0]
    path = request.path.text if request.path is not None else ""
    if len(path) < 2 or not path.startswith("/") or container.answers(request) is False:
        return None
    found: Route | None = None
    for one in application.routes:
        answer = one.matches(path, "GET")
        if answer is None or one.open or one.text == path:
            return None  # it may answer itself
        found = one if answer and found is None else found
    if found is None or application.mentions(path):
        return None
    if any("redirect_slashes" in one.text for one in application.sources()):
        return None
    return Redirected(path, request.path.span or request.span if request.path else request.span, found)


def _is_of_curl(request: Request) -> bool:
    """Whether it is asked by a curl that stays where it is."""
    program = request.program
    if program is None or program.name != "curl" or request.scheme not in ("http", "https"):
        return False
    words = [one.value for one in program.argv[1:]]
    return None not in words and not any(re.match(_FOLLOWS, word or "") for word in words)
