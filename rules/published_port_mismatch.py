"""A published port that leads to a port of the container on which nothing listens."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding, edits
from dockerlint_fastapi.model import Container


def check(container: Container) -> Iterator[Finding]:
    """Speaks once for `ports`, and once for `expose`, unless one of their ports is the server's."""
    service, found = container.service, container.listening or container.nginx_listening
    if service is None or found is None or not container.is_whole or container.shares_network is not False:
        return
    if not all(port.protocol for port in service.ports):
        return  # it may be UDP, or not
    targets = [port.target for port in service.ports if port.protocol == "tcp" and port.target is not None]
    wrong = found.missed_by(targets)
    if wrong is not None:
        # with `extends`, the entry stands at another service, where it may be right
        own = wrong.span.source is service.span.source and wrong.span.start > service.span.start
        words = found.words if own else f"in `{service.name}` {found.words}"
        message = f"the published port leads to {wrong.text}, but {words}: every connection is refused"
        finding = Finding.at(wrong, message).note(found.told, "the server listens here")
        literal = own and found.shown and wrong.span.text == wrong.text and wrong.text.isdecimal()
        yield finding.fixed_by(
            "lead it there", Edit(wrong.span, found.port.text) if literal else None, safe=False, names="ports"
        )
    elif targets:
        return
    inside = found.missed_by(service.expose)
    if inside is not None:
        message = f"the service exposes {inside.text}, but {found.words}: who connects there is refused"
        finding = Finding.at(inside, message).note(found.told, "the server listens here")
        literal = found.shown and inside.span.text.strip("\"'") == inside.text
        change = edits.words.instead(inside.span, found.port.text) if literal else None
        yield finding.fixed_by(f"expose {found.port.text}", change, safe=False, names="exposed")
