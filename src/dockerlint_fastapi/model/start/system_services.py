"""Services of the system, such as cron, that a start script starts in front of the program that it is there for."""

from __future__ import annotations

import re

from dockerlint_fastapi.source import Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.container import Container

_STARTED = (
    r"(?m)(?:^|[;&|(\"']|\b(?:then|CMD|ENTRYPOINT|command:|entrypoint:))[ \t]*"
    r"((?:(?:/usr)?/sbin/)?service[ \t]+[\w.@-]+[ \t]+(?:re)?start\b|/etc/init\.d/[\w.@-]+[ \t]+(?:re)?start\b)"
)


def service_starter(container: Container) -> Span | None:
    """Where a container starts a service of the system in front of its program, in a script or in the same command;
    None as well when that cannot be read.
    """
    program, image, service = container.program, container.image, container.service
    if program is None or not program.known:
        return None
    source, end = program.span.source, program.span.start
    commands = [one for one in (image.cmd, image.entrypoint) if one is not None] if image is not None else []
    settings = [one for one in (service.command, service.entrypoint) if one is not None] if service is not None else []
    spans = [one.span for one in (*commands, *settings) if one.span.source is source]
    begin = max((one.start for one in spans if one.start <= end < one.end), default=None)
    if begin is None and (spans or not _is_script(source)):
        return None
    found = re.search(_STARTED, source.text[begin or 0 : end])
    return source.span((begin or 0) + found.start(1), (begin or 0) + found.end(1)) if found is not None else None


def _is_script(source: Source) -> bool:
    name = source.path.rpartition("/")[2]
    return name.endswith((".sh", ".bash")) or ("." not in name and source.text.startswith("#!"))
