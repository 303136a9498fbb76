"""A server or worker that a shell-form CMD or ENTRYPOINT starts without `exec`."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Cmd, Container, Entrypoint
from dockerlint_fastapi.model.command import Program
from dockerlint_fastapi.model.evidence import setting_of_name


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the instruction whose command runs, when a shell stands between Docker and a long-running program."""
    start, program = container.handed_on or (container.start, container.launched)
    if start is None or start.command.exec_form or program is None or program.execs or program.background:
        return
    if not container.long_running or container.python is False:
        return
    finding = _told(container, start, program)
    if isinstance(start, Entrypoint) and container.image is not None:
        finding = finding.note(container.image.cmd, "a shell-form `ENTRYPOINT` ignores this `CMD`")
    plain = edits.start.exec_form(container, start)
    if plain is not None:
        # a server that gets the signal may take longer than Docker waits
        told = "write it as a JSON array"
        yield finding.fixed_by(told, plain[0], safe=plain[1], reveals=True, names="command")
    elif edits.dockerfile.plain_words(start.command) is None:
        change = edits.start.shell_array(start, program)
        yield finding.fixed_by("let `exec` start it", change, safe=False, reveals=True, names="command")
    else:
        yield finding


def _told(container: Container, start: Cmd | Entrypoint, program: Program) -> Finding:
    """What the shell does with the signal, which depends on the shell."""
    shell, work = container.shell_of(program), container.development is not None
    lenient = shell in ("bash", "busybox")  # they exec a last command by themselves, dash does not
    if lenient and program.last and not (shell == "bash" and program.bash_stays):
        gets = f"`{program.title}` gets SIGTERM only as long as `{shell}` execs it by itself"
        message = f"`{start.keyword}` in shell form: {gets}"
        return Finding.at(start.command, message, severity="info", pedantic=work, once="project")
    idle = container.image is not None and container.image.is_unclaimed
    # a script of the project's own that serves nobody may take no notice of the signal
    own = container.server is None and container.role == "worker" and program.script is not None
    mild = lenient or shell is None or idle or own or container.role is None or program.monitors
    severity = "info" if work else "warning" if mild else "error"
    message = (
        f"`{start.keyword}` in shell form: the shell gets SIGTERM in place of `{program.title}`,"
        " which is killed without a clean shutdown"
    )
    return Finding.at(start.command, message, severity=severity, pedantic=_has_other_stage(container))


def _has_other_stage(container: Container) -> bool:
    """Whether what starts is a stage that is named for development, and another one of the file is for production."""
    image = container.image
    if image is None or setting_of_name(image.stage.name or "") != "development":
        return False
    return any(setting_of_name(stage.name or "") == "production" for stage in image.dockerfile.stages)
