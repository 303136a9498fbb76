"""A server, or another long-running program, that Docker does not watch."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Container


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the first program that is in the background, or of the supervisor in front of several."""
    python = container.server is not None or (container.image is not None and container.image.python)
    at_work = not python or container.development
    yield from () if at_work else _of_daemon(container)
    one = None if at_work else container.unattended
    if one is None:
        return
    name = one.program.title
    beside = f"`{one.watched.title}`" if one.watched is not None and one.watched.title else "another program"
    if one.kind == "supervisor":
        message = f"`{name}` runs the programs of this container: Docker sees none of them crash"
    elif one.kind == "together":
        message = f"`{name}` runs several programs: when one ends, all end, and none can be scaled or updated alone"
    elif one.ends:
        message = f"`{name}` goes into the background: the start command ends, and the container stops with it"
    elif one.kind == "beside":
        message = f"`{name}` runs in the background beside {beside}: when it crashes, Docker does not see it"
    else:
        message = f"`{name}` goes into the background: Docker watches {beside}, and does not see the server crash"
    managed = one.kind in ("supervisor", "together")
    severity = None if one.ends else "info" if managed else "warning"
    once = "project" if managed else None
    start = container.start_span
    yield Finding.at(one.span, message, severity=severity, once=once, pedantic=one.kind == "together").note(
        None if start is None or one.span.source is start.source else start, "the container starts with this"
    )


def _of_daemon(container: Container) -> Iterator[Finding]:
    """Speaks of a process manager whose daemon nobody watches, and nobody's signals reach."""
    one = container.daemonized
    if one is not None:
        yield Finding.at(
            one.span,
            f"`{one.name} start` hands its programs to a daemon: SIGTERM reaches none, and Docker sees none crash",
            severity="warning",
            help=f"let `exec {one.name}-runtime start …` run them in the foreground, or make a service of each",
            once="file",
        ).note(container.start_span, "the container starts with this")
