"""Programs that start the server as their child and keep SIGTERM for themselves."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.command import Program, is_python
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.start.start_script import Passed

_INITS = frozenset(("tini", "dumb-init", "catatonit", "docker-init"))
# What a launcher that passes signals on calls.
_FORWARDS = r"\bsignal\.signal\s*\(|\badd_signal_handler\s*\(|\.send_signal\s*\(|\bos\.killpg?\s*\(|\.terminate\s*\("


class Launcher(NamedTuple):
    """What gets the signals in place of the server: `conda run`, `hatch run`, or Python code; where it is written, and,
    for code, where it starts the server.
    """

    name: str
    span: Span
    server: str
    call: Span | None = None


def launcher(container: Container) -> Launcher | None:
    """What stands between Docker and the server; None when signals reach it, another rule tells why they do not, or
    that cannot be told.
    """
    program = container.program
    if program is None or _has_init(container, program) or not program.execs:
        return None
    if program.waiting is not None and container.long_running:
        return Launcher(program.waiting, container.start_span or program.span, program.title)
    server = container.server
    if server is None or server.call is not None or server.program is program or server.program.execs:
        return None
    child = server.program
    if not (is_python(program.name) or "python -m" in program.wrappers or (program.script or "").endswith(".py")):
        return None
    if child.span.source is program.span.source or re.search(_FORWARDS, child.span.source.text):
        return None
    return Launcher(program.script or program.name, program.span, child.name, child.span)


def _has_init(container: Container, program: Program) -> bool:
    """Whether an init stands in front, or may: then the launcher is no process 1, and a signal ends it at once."""
    if not _INITS.isdisjoint(program.wrappers):
        return True
    return container.service is not None and container.service.init is not False


def unheard(container: Container) -> Passed | None:
    """The script that starts the program, where it waits for that and hands it no signal on. An init
    may send them to all processes (`dumb-init`, `tini -g`), and where one script has a `trap`, nobody knows who gets
    them.
    """
    last = container.way[-1]
    if not last.stays or last.in_string or not _INITS.isdisjoint(last.program.wrappers):
        return None
    if any("trap" in one.placed.text for one in container.scripts):
        return None
    return last if last.script.hears_nothing else None
