"""A start script that runs the server without `exec`."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Container
from dockerlint_fastapi.model.shell import SimpleCommand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.start.start_script import Passed

LONG_RUNNING = ("server", "worker", "other-web")

_OWN = "put `exec` and the program of the environment itself in its place, by its path or with that on `PATH`"
FORWARD = "put `exec` in front of it in place of `&` and `wait`, or hand the signal on: `trap 'kill $!; wait' TERM`"
SEVERAL = (
    "keep the id of each program (`first=$!`, `second=$!`) and hand the signal on: `trap 'kill $first $second; wait'"
    " TERM`; or give each a container of its own, with `exec` in place of `&`"
)
GOSU = "start it by `exec gosu USER` or `exec setpriv`, which turn into the program"


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the command in the script, at each script on the way whose shell stays."""
    yield from _of(container)
    for one in container.read_manifests():
        for finding in _of(one):
            yield finding.note(container.image, "of the image that is built here")


def _of(container: Container) -> Iterator[Finding]:
    """Speaks of one container, as Docker, a service or a manifest starts it."""
    program = container.program
    if program is None or container.python is False:
        return
    if not container.long_running:
        for way in container.read_arms(container):
            arm = way[-1].program
            if arm.role in LONG_RUNNING and not (arm.background or arm.is_for_work):
                yield from _of_way(container, way, grave=not arm.monitors)
        return
    if program.background:
        yield from _deaf(container)
        return
    grave = container.role is not None and not program.monitors and not container.is_for_work_alone
    yield from _of_way(container, container.way, grave=grave)


def _of_way(container: Container, way: tuple["Passed", ...], *, grave: bool) -> Iterator[Finding]:
    """Speaks of each step on a way at which a shell stays."""
    for step in way:
        if not step.stays or step.in_argument or step.in_group:
            continue  # `sh-c-without-exec` speaks of an argument that is `sh -c "…"`
        if step.by_su:
            yield from _of_su(container, step)
            continue
        where = step.program.span if step.in_string else step.call
        shown = '"$@"' if step.call.text.startswith('"$@"') else step.program.title
        finding = Finding.at(
            where,
            f"`{shown}` without `exec` in a start script: the shell gets SIGTERM in its place,"
            " and it is killed without a clean shutdown",
            severity="info" if _is_at_work(container) else "error" if grave else "warning",
            once="file" if step.following is None else None,
        ).note(container.start_span, f"the container starts `{step.script.runner.title}`")
        if step.following is not None:
            finding = _with_following(finding, step.following)
        if step.waiting:
            finding = finding._replace(help=f"`{step.waiting}` passes no signal on either: {_OWN}")
        if step.may_exec:
            change = Edit(where.source.span(where.start, where.start), "exec ")
            # a server that gets the signal may take longer than Docker waits
            finding = finding.fixed_by("put `exec` in front", change, reveals=True, names=("here", "command"))
        yield finding


def _of_su(container: Container, step: "Passed") -> Iterator[Finding]:
    """Speaks of `exec su -c`. BusyBox' turns into the shell, and that into the program; that of Debian stays, sends its
    shell SIGTERM, and kills it two seconds later.
    """
    if container.image is None or container.image.sh in (None, "busybox"):
        return
    yield Finding.at(
        step.call,
        f"`su` stays in front of `{step.program.title}`: it hands SIGTERM to its shell alone,"
        " and kills that two seconds later",
        severity="info" if _is_at_work(container) else "warning",
        help=GOSU,
        once="file",
    ).note(container.start_span, f"the container starts `{step.script.runner.title}`")


def _is_at_work(container: Container) -> bool:
    """Whether only developers start it so: no workflow pushes the image, which would start by the same script."""
    image, service = container.image, container.service
    own = service is not None and (service.command is not None or service.entrypoint is not None)
    return container.development is not None and (own or image is None or not image.is_pushed)


def _with_following(finding: Finding, following: SimpleCommand) -> Finding:
    """With the command that would never run behind `exec`."""
    told = f"what follows (line {following.span.line}) only runs when the server has ended: start it elsewhere"
    finding = finding.note(following.span, "this waits for the server's end")
    return finding._replace(help=f"{told}, and put `exec` in front of the server")


def _deaf(container: Container) -> Iterator[Finding]:
    """Speaks of a script that waits for a server in the background: of its handler, or that it has none."""
    severity = "info" if _is_at_work(container) else "error" if container.role is not None else "warning"
    step = container.unheard
    if step is not None:
        yield Finding.at(
            step.program,
            f"`{step.program.title}` in the background of a start script without `trap`: the shell gets SIGTERM in its"
            " place, and it is killed without a clean shutdown",
            severity=severity,
            help=FORWARD if step.script.alone_behind else SEVERAL,
        ).note(container.start_span, f"the container starts `{step.script.runner.title}`")
    for step in container.way:
        trap = step.script.deaf_trap if step.stays else None
        if trap is not None:
            yield Finding.at(
                trap,
                f"this handler of SIGTERM hands nothing on to `{step.program.title}`,"
                " which is killed without a clean shutdown",
                severity="warning" if container.development else "error",
                help='send it the signal, `kill -TERM "$child"`, and wait for it again; or start it by `exec`',
            ).note(container.start_span, f"the container starts `{step.script.runner.title}`")
