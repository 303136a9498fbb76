"""Programs of a container that Docker does not watch: it watches the first process only."""

from __future__ import annotations

import re

from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.command import Program
    from dockerlint_fastapi.model.container import Container

_LONG_RUNNING: Final = ("server", "worker", "other-web")
_SUPERVISORS: Final = frozenset("supervisord goreman circusd runsvdir s6-svscan".split())
# They end what else they run, and themselves, when one program ends: honcho/manager.py, foreman's engine.rb, the
# READMEs of overmind, hivemind and multirun.
_TOGETHER: Final = frozenset("honcho foreman overmind hivemind multirun".split())
_GOES_ON: Final = r"-c\b|-r\b|--(?:any-)?can-die|--auto-restart"  # options of overmind that say otherwise
_DAEMONIZING: Final = frozenset(("nginx", "caddy", "cron", "crond"))  # they go into the background by themselves
_WAITS: Final = r"(?:^|[\s;&|({\"'])(?:wait|fg)(?:$|[\s;&|)}\"'])"


class Unattended(NamedTuple):
    """A program that Docker does not watch.

    `kind` is `daemon` (the server puts itself into the background), `background` (a `&` does), `beside` (another
    program runs in the background beside the main one), `supervisor` or `together` (by a manager that ends when one of
    its programs does, which Docker sees). `ends` says whether the container stops when
    the start command has gone on to its end; `watched` is what Docker watches in its place.
    """

    kind: str
    program: Program
    span: Span
    ends: bool
    watched: Program | None


def unattended(container: Container) -> Unattended | None:
    """The first such program of a container whose programs are known; None when there is none. One for which a script
    waits (`wait`, `wait -n`) is watched.
    """
    programs = container.programs
    main = container.program
    if main is None:
        return None
    supervised = _supervisor(container)
    if supervised is not None:
        return supervised
    server = container.server
    if server is not None and server.call is None:
        daemon = server.options.get("daemon")
        if daemon is not None and daemon.on and server.kind == "gunicorn":  # hypercorn's means its workers
            at = _index(programs, server.program)
            ends, watched = _behind(programs[at + 1 :])
            return Unattended("daemon", server.program, daemon.span or server.program.span, ends, watched)
    leaving = [
        at for at, one in enumerate(programs) if not one.conditional and one.role in _LONG_RUNNING and _leaves(one)
    ]
    if leaving and _waits(container):
        return None
    staying = next((at for at in range(len(programs) - 1, -1, -1) if _stays(programs[at])), -1)
    for at in leaving:
        one = programs[at]
        beside = at < staying and programs[staying] is main and one is not main
        if not beside and one is not main:
            continue  # what becomes of a helper beside an unknown program is not known
        ends, watched = _behind(programs[at + 1 :])
        return Unattended("beside" if beside else "background", one, one.span, ends, watched)
    return None


def daemonized(container: Container) -> Program | None:
    """The first `pm2 start` of a container: it hands programs to a daemon of its own, and ends. `--no-daemon` and
    `pm2-runtime`, which are for containers, stay in front.
    """
    for one in container.programs:
        words = [argument.value for argument in one.argv[1:]]
        stays = "--no-daemon" in words or "--attach" in words
        if one.name == "pm2" and words[:1] == ["start"] and not (one.conditional or stays):
            return one
    return None


def _leaves(program: Program) -> bool:
    """Whether a program goes into the background, so that what stands behind it runs beside it."""
    return program.background or (program.name in _DAEMONIZING and not program.last and "off;" not in program.span.text)


def _stays(program: Program) -> bool:
    return not program.background and program.role != "one-shot"


def _behind(rest: tuple[Program, ...]) -> tuple[bool, Program | None]:
    """Whether the start command ends after what is left of it, and the program that keeps it up if not."""
    staying = [one for one in rest if _stays(one)]
    # A loop may go on for ever, whatever is in it.
    return not staying and not any(one.conditional for one in rest), staying[-1] if staying else None


def _index(programs: tuple[Program, ...], wanted: Program) -> int:
    return next((at for at, one in enumerate(programs) if one is wanted), len(programs))


def _waits(container: Container) -> bool:
    """Whether the text that starts it, or a script on the way, waits for what it put into the background, or takes it
    to the front again (`set -m`, `fg %1`).
    """
    if any(True for script in container.scripts for _ in script.script.simple("wait", "fg")):
        return True
    start = container.start_span
    return start is not None and re.search(_WAITS, start.text) is not None


def _supervisor(container: Container) -> Unattended | None:
    """The process manager that a container starts."""
    for one in container.programs:
        name = next((label for label in (one.name, *one.wrappers) if label in _SUPERVISORS | _TOGETHER), None)
        if name is None and one.argv and one.argv[0].value == "/init" and _has_overlay(container):
            name = "s6-overlay"
        if name is None or (one.conditional and name == one.name):
            continue
        where = container.start_span if name != one.name or container.way else one.span
        named = one._replace(name=name)
        kind = "together" if name in _TOGETHER else "supervisor"
        if kind == "together" and name != one.name and sum(name in other.wrappers for other in container.programs) < 2:
            return None  # it was asked for this one alone
        if name == "overmind" and where is not None and re.search(_GOES_ON, where.text):
            kind = "supervisor"
        return Unattended(kind, named, where or one.span, ends=False, watched=None)
    return None


def _has_overlay(container: Container) -> bool:
    """Whether the Dockerfile speaks of s6-overlay, whose first process is `/init`."""
    return container.image is not None and "s6-overlay" in container.image.dockerfile.source.text
