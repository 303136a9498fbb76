"""How long a server takes to stop, and how long Docker lets it."""

from __future__ import annotations

from dockerlint_fastapi.model.command import Value
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose.settings import Setting
    from dockerlint_fastapi.model.container import Container

DEFAULT_GRACE = 10.0  # seconds between SIGTERM and SIGKILL (docker stop, compose's stop_grace_period)
_OPTIONS = {"gunicorn": "graceful-timeout", "uvicorn": "timeout-graceful-shutdown", "hypercorn": "graceful-timeout"}
_DEFAULTS = {"gunicorn": 30, "hypercorn": 3}  # uvicorn waits as long as connections are open


class ShutdownTime(NamedTuple):
    """What a server is given to finish requests. `seconds` is None when it waits without a limit; `given` is where that
    is set, None for the server's default. `grace` is what compose sets, `granted` its seconds or Docker's default.
    """

    server: str
    option: str
    seconds: int | None
    given: Value | None
    grace: Setting | None
    granted: float


def shutdown_time(container: Container) -> ShutdownTime | None:
    """How the times of a server and of its service go together; None when one of them cannot be told, and where a shell
    keeps the signal: then the server never begins to stop, and the longer it is given, the longer every stop takes.
    """
    server, service = container.server, container.service
    option = _OPTIONS.get(server.kind) if server is not None else None
    if server is None or service is None or option is None or server.call is not None or _is_kept_by_shell(container):
        return None
    grace = service.setting("stop_grace_period")
    granted = DEFAULT_GRACE if grace is None else grace.seconds
    if granted is None:
        return None
    given = server.options.get(option)
    if given is None:
        if not server.complete and option not in server.unset:
            return None
        return ShutdownTime(server.kind, f"--{option}", _DEFAULTS.get(server.kind), None, grace, granted)
    return (
        None if given.number is None else ShutdownTime(server.kind, f"--{option}", given.number, given, grace, granted)
    )


def _is_kept_by_shell(container: Container) -> bool:
    """Whether SIGTERM ends at a shell that is still there when the server runs: of a script, or of a command's string
    (dash stays, bash and BusyBox replace themselves by a last command).
    """
    if any(one.stays for one in container.way):
        return True
    program = container.launched
    if program is None or program.shell is None or program.execs or program.background:
        return False
    shell = container.shell_of(program)
    replaced = program.last and (shell in (None, "busybox") or (shell == "bash" and not program.bash_stays))
    return not replaced
