"""A server or worker within the string of `sh -c`, without `exec`."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the program's words, in whichever file the string stands."""
    start, program = container.handed_on or (container.start, container.launched)
    if program is None or program.shell is None or program.execs or program.background:
        return
    if start is not None and not start.command.exec_form:
        return  # `shell-form-cmd` speaks of that one
    if not container.long_running or container.python is False:
        return
    shell = container.shell_of(program)
    if shell in ("bash", "busybox") and program.last:
        kept, harmless = f"it gets SIGTERM only as long as `{shell}` execs it by itself", True
    else:
        kept = "the shell gets SIGTERM in its place, and it is killed without a clean shutdown"
        harmless = container.development is not None
    finding = Finding.at(
        program,
        f"`{program.title}` without `exec` in `{program.shell} -c`: {kept}",
        severity="info" if harmless else "warning",
        pedantic=harmless,
        in_guide="info" if harmless else None,
        once="project",
    )
    change = edits.start.exec_in_string(program)
    yield (
        finding
        if change is None
        else finding.fixed_by("put `exec` in front", change[0], safe=change[1], names="command")
    )
