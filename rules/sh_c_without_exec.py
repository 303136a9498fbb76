"""A server or worker within the string of `sh -c`, without `exec`."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container, Program
from dockerlint_fastapi.model.command import SIGNAL_GROUPS

_BEHIND = "what follows waits until it has ended: move that in front of it, and put `exec` before it"
_OWN = "put `exec` and the program of the environment itself in its place, by its path or with that on `PATH`"


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the program's words, in whichever file the string stands."""
    yield from _of(container)
    for one in container.read_manifests():
        for finding in _of(one):
            yield finding._replace(fix=None).note(container.image, "of the image that is built here")


def _of(container: Container) -> Iterator[Finding]:
    """Speaks of one container, as Docker, a service or a manifest starts it."""
    start, program = container.handed_on or (container.start, container.launched)
    if program is None or program.shell is None or program.execs or program.background:
        return
    if not SIGNAL_GROUPS.isdisjoint(program.wrappers):
        return  # the manager signals the program, too
    if start is not None and not start.command.exec_form:
        return  # `shell-form-cmd` speaks of that one
    if not container.long_running or container.python is False:
        return
    kept, harmless = _gets(container, program)
    work = container.development
    mild = harmless or work is not None
    finding = Finding.at(
        program,
        f"`{program.title}` without `exec` in `{program.shell} -c`: {kept}",
        severity="info" if mild else "warning",
        pedantic=harmless or (work is not None and not work.weak),
        in_guide="info" if mild else None,
        once="project",
    )
    yield _with_help(finding, program)


def _with_help(finding: Finding, program: Program) -> Finding:
    """With what is to be done there, and the fix."""
    if program.waiting is not None:
        return finding._replace(help=f"`{program.waiting}` passes no signal on either: {_OWN}")
    if program.span.source.text[program.span.end :][:9].lstrip().startswith(("&&", ";")):
        finding = finding._replace(help=_BEHIND)
    change = edits.start.exec_in_string(program)
    if change is None:
        return finding
    # a server that gets the signal may take longer than Docker waits
    return finding.fixed_by("put `exec` in front", change[0], safe=change[1], reveals=True, names="command")


def _gets(container: Container, program: Program) -> tuple[str, bool]:
    """Who gets SIGTERM, in words, and whether that may well be the program."""
    shell = container.shell_of(program)
    if program.last and (shell == "busybox" or (shell == "bash" and not program.bash_stays)):
        return f"it gets SIGTERM only as long as `{shell}` execs it by itself", True
    if shell is None and container.image is None and program.role != "server" and program.last:
        # somebody else's image: most of those that are no server's are on Alpine
        return "it gets SIGTERM only where the shell of that image execs it by itself", True
    return "the shell gets SIGTERM in its place, and it is killed without a clean shutdown", False
