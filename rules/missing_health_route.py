"""A health check that asks the application for a path that it does not have, or one without anything to ask for."""

import re
from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Container
from dockerlint_fastapi.model.application import Application, lacks_health_route, unrouted


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the path that is asked for; an application without any such route gets a hint where it is made."""
    if not container.is_whole or container.role != "server":
        return
    application = container.application
    made = application.span if isinstance(application, Application) else None
    missing = unrouted(container)
    for one in missing:
        message = f"no route answers `{one.path}`, for which {one.asker} asks: it gets 404"
        finding = Finding.at(one.span, message)
        if one.similar is not None:
            finding = finding.note(one.similar.span, f"`{one.similar.text}` is there")
            literal = one.span.text == one.path and re.fullmatch(r"[\w./-]+", one.similar.text)
            change = Edit(one.span, one.similar.text) if literal else None
            finding = finding.fixed_by(f"ask for `{one.similar.text}`", change, safe=False, names="health check")
        else:
            finding = finding.note(made, "the application is made here")
        yield finding.caused_by(made, one.path)
    if missing or container.development:
        return
    lacking = lacks_health_route(container)
    if lacking is not None and lacking.span is not None:
        message = f"`{lacking.name}` has no route like `/health`: a health check has nothing to ask for"
        yield Finding.at(lacking.span, message, severity="info", pedantic=True, in_guide="info")
