"""What asks an application whether it is healthy: the health check and the proxy's, against its routes."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.application.application import Application
from dockerlint_fastapi.model.application.routes import Route
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.health.probe import Request

# Of words that others hold (`/delivery`, `/shipping`, `/checkout`, `/sign-up`), only the words by themselves.
# `/check-email` and `/order-status` tell of something else.
_HEALTH: Final = (
    r"health|heart|alive|readiness|probe|monitor|(?<![^/])up(?![^/])"
    r"|(?:(?<![a-z][-_])|(?:get|check|server|services?|system|app|api|backend|db|database|redis|models?|llm|engine|workers?"
    r"|celery|scheduler|bot|node|cluster|site)[-_])status(?!es)"
    r"|(?<![a-z])(?:live(?:z|ness)?|readyz?|ping)(?![a-z])"
    r"|(?<![a-z])checks?(?![a-z]|[-_](?:user|e?mail|phone|name|avail|slug|token|password|permission|exist|access|login))"
)
_HEALTH_ROUTE: Final = (
    r"(?i)/(?:health\w*|health[-_]?check\w*|live(?:z|ness)?|alive|readyz?|readiness|ping|heartbeat|up|status)/?\Z"
)
_FILES: Final = r"\b\w*StaticFiles\("
_TRAEFIK: Final = r"(?i)traefik\.http\.services\.[^.]+\.loadbalancer\.healthcheck\.path"


class Unrouted(NamedTuple):
    """A path that something asks for and that certainly no route answers."""

    path: str
    span: Span
    asker: str  # `the health check`, `Traefik`
    similar: Route | None  # the route that is there for the purpose


def unrouted(container: Container) -> tuple[Unrouted, ...]:
    """The paths that the health check of a container, or Traefik's, asks its application for in vain."""
    application = container.application
    if not isinstance(application, Application) or container.companions:
        return ()
    found = [*_by_probe(container, application), *_by_traefik(container, application)]
    if not found:
        return ()
    health = [one for one in application.routes if one.span is not None and _is_health(one)]
    return tuple(Unrouted(path, span, asker, _similar(health, path)) for path, span, asker in found)


def _similar(routes: list[Route], path: str) -> Route | None:
    """The route that is meant by a path: the only one, or of those that are so called at the end (`/api/v1/health`) the
    one that lies highest; None when there is no such one.
    """
    if len({one.text for one in routes}) > 1:
        routes = [one for one in routes if one.text.endswith(f"/{path.strip('/')}")]
        top = min((one.text.count("/") for one in routes), default=0)
        routes = [one for one in routes if one.text.count("/") == top]
    return routes[0] if len({one.text for one in routes}) == 1 else None


def _by_probe(container: Container, application: Application) -> list[tuple[str, Span, str]]:
    probe = container.probe
    if probe is None or container.inherits_probe:
        return []

    def answered(request: Request) -> bool | None:
        if request.path is None or request.scheme not in ("http", "https"):
            return None
        # Another host is another's; of a port on which nothing listens another rule speaks.
        if not container.asks_itself(request) or container.answers(request) is False:
            return None
        return _answers(application, request.path.text)

    refused = probe.unanswered(answered)
    return [
        (one.path.text, one.path.span or one.span, "the health check") for one in refused[:1] if one.path is not None
    ]


def _by_traefik(container: Container, application: Application) -> list[tuple[str, Span, str]]:
    service = container.service
    labels = service.labels if service is not None else ()
    return [
        (label.value, label.span, "Traefik")
        for label in labels
        if label.value and re.fullmatch(_TRAEFIK, label.name) and _answers(application, label.value) is False
    ]


def _answers(application: Application, path: str) -> bool | None:
    """Whether a route answers; None also where the path stands in the code elsewhere."""
    answer = application.route(path, None)
    return None if answer is False and application.mentions(path) else answer


def lacks_health_route(container: Container) -> Application | None:
    """The application of a container when all its routes are known and none of them is there to tell that it is
    healthy; None also where a health check asks it for something.
    """
    application = container.application
    if not isinstance(application, Application) or container.companions:
        return None
    asked = container.probe.requests if container.probe is not None else ()
    # Most projects that have such a route say so somewhere, and are spared the search for all routes.
    if asked is None or asked or any("health" in source.text.lower() for source in application.sources()):
        return None
    routes = application.routes
    closed = routes and not any(_is_health(one) or (one.open and not _holds_files(one)) for one in routes)
    return application if closed and application.found.placed.path is not None else None


def health_path(container: Container) -> str | None:
    """The path that a health check had best ask the application of a container for: of its route for that purpose, or
    `/` when it answers there; None when neither is certain.
    """
    application = container.application
    if not isinstance(application, Application):
        return None
    plain = [
        one.text
        for one in application.routes
        if one.certain
        and not one.open
        and None not in one.path
        and "GET" in (one.methods or ())
        and "{" not in one.text
    ]
    health = [text for text in plain if re.search(_HEALTH_ROUTE, text)]
    if health:
        return min(health, key=lambda text: ("health" not in text.lower(), len(text), text))
    return "/" if "/" in plain else None


def _is_health(route: Route) -> bool:
    """Whether a route is there for the purpose, by its path: `POST /account_check` is not, and what has a parameter
    (`/orders/{id}/status`) tells of one thing.
    """
    asked = route.methods is None or not {"GET", "HEAD"}.isdisjoint(route.methods)
    words = _HEALTH if asked and "{" not in route.text else r"health|heart|alive"
    return any(piece is not None and re.search(words, _in_words(piece)) for piece in route.path)


def _holds_files(route: Route) -> bool:
    """Whether what is mounted below a path serves files from a folder: `app.mount("/media", StaticFiles(…))`."""
    literal = None not in route.path and route.path != () and "{" not in route.text and route.path != ("",)
    return literal and route.span is not None and re.search(_FILES, route.span.text) is not None


def _in_words(text: str) -> str:
    """A text in lower case, with `isReady` written `is_ready`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text).lower()
