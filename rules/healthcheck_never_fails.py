"""A health check that passes although the server answers with an error."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container, Image

MESSAGES = {
    "curl": "`curl` without `-f` ends well for a 500 too: the container never becomes unhealthy while the server runs",
    "python": "this request takes a 500 for an answer like any other: the container never becomes unhealthy while the"
    " server runs",
    "nothing": "`{}` tests nothing and always passes: the container can never become unhealthy",
    "ends": "`{}` makes the health check pass whatever came before: the container can never become unhealthy",
}

IDLE = "look at what the program does, such as the age of a file that it writes to, or leave the check out"


def check(node: Image | Container) -> Iterator[Finding]:
    """Speaks of HEALTHCHECK for the image, and of compose's `healthcheck` for the container."""
    image, probe = node if isinstance(node, Image) else node.image, node.probe
    found = probe.never_fails if probe is not None else None
    if found is None and probe is not None and isinstance(node, Container):
        yield from _sent_on(node)
    ours = image is not None and bool(image.python or image.serves)
    if found is None or (image is not None and found.imports_what_may_be_missing(image)):
        return
    # A server that is gone is noticed by a request that looks at no status, too.
    asks = found.kind in ("curl", "python")
    waiter = node.health_waiter if not ours and not asks and isinstance(node, Container) else None
    if not (ours or waiter is not None or (found.kind == "curl" and _is_web(node))):
        return
    beside = _is_beside(node) if isinstance(node, Container) else image is not None and _is_unasked(image)
    mild = asks or waiter is not None or beside
    severity = ("info" if node.development else "warning") if mild else None
    message = MESSAGES[found.kind].format(found.shown)
    if waiter is not None:
        message = message.partition(": ")[0] + ": whoever waits until this is healthy waits for nothing"
    used = isinstance(node, Container)  # by whom it is told, when the image has the very same one
    finding = Finding.at(found.span, message, severity=severity, first=used).note(waiter, "it is waited for here")
    finding = finding.caused_by(image.dockerfile.source.path if image is not None else None, message)
    finding = finding._replace(help=IDLE) if beside and not asks else finding
    change = edits.words.behind(found.span, "-f") if found.kind == "curl" else None
    # where nothing answers at that path, the container is unhealthy from now on
    yield finding.fixed_by("fail on errors", change, safe=False, names="health check")


def _sent_on(container: Container) -> Iterator[Finding]:
    """Speaks of a path with, or without, the slash at its end: curl takes the redirect for a good answer."""
    one = container.redirected_probe if container.is_whole and container.role == "server" else None
    if one is not None:
        message = (
            f"`curl` takes the redirect from `{one.path}` to `{one.route.text}` for a good answer:"
            " what answers there never runs"
        )
        finding = Finding.at(one.span, message, severity="info", help=f"ask for `{one.route.text}`")
        yield finding.note(one.route.span, "this is the route")


def _is_beside(container: Container) -> bool:
    """Whether it starts what nobody can ask, a bot, be the server of its image started by another service."""
    image, service = container.image, container.service
    if image is None or container.serves or container.server is not None:
        return False
    if service is not None and (service.ports or any(service.expose)):
        return False
    return _is_unasked(image) or (service is not None and image.serves)


def _is_unasked(image: Image) -> bool:
    """Whether nothing that an image starts is known to serve, and it names no port: a bot, or a worker."""
    return not (image.serves or image.exposes)


def _is_web(node: Image | Container) -> bool:
    """Whether it is a web server in front of the application or beside it. Of a database any answer is a sign of life,
    as one that wants a password first.
    """
    roles = {one.role for one in (node.containers if isinstance(node, Image) else (node,))}
    return roles.isdisjoint(("database", "cache", "broker")) and not node.development
