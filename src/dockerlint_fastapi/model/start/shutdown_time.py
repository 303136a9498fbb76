"""How long a server takes to stop, and how long Docker lets it."""

from __future__ import annotations

from dockerlint_fastapi.model.command import Value
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose.settings import Setting
    from dockerlint_fastapi.model.container import Container

DEFAULT_GRACE = 10.0  # seconds between SIGTERM and SIGKILL (docker stop, compose's stop_grace_period)
_OPTIONS = {"gunicorn": "graceful-timeout", "uvicorn": "timeout-graceful-shutdown", "hypercorn": "graceful-timeout"}
_NUMBERS = {"2": "INT", "3": "QUIT", "15": "TERM"}
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
    if server.kind == "gunicorn" and stop_signal(container) is not None:
        return None  # it stops in another way, see `deaf_workers`
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


class StopSignal(NamedTuple):
    """The signal with which Docker asks a container to stop, where that is not SIGTERM, and where it is set."""

    name: str  # `SIGINT`; "" where it cannot be told
    span: Span


def stop_signal(container: Container) -> StopSignal | None:
    """Another signal than SIGTERM, by `stop_signal` of the service or STOPSIGNAL of the image; None for SIGTERM."""
    setting = container.service.setting("stop_signal") if container.service is not None else None
    if setting is not None:
        value, span = setting.value, setting.span
    else:
        told = container.image.stopsignal if container.image is not None else None
        if told is None:
            return None
        value, span = told.signal.value, told.signal.span
    name = (value or "").upper().removeprefix("SIG")
    name = _NUMBERS.get(name, name)
    return None if name == "TERM" else StopSignal(f"SIG{name}" if name else "", span)


def deaf_workers(container: Container) -> StopSignal | None:
    """The signal at which gunicorn's workers of uvicorn go on serving, until gunicorn kills them.

    Gunicorn sends them SIGQUIT at SIGINT and SIGQUIT, which sets a mark that uvicorn's loop never reads. (Tried with
    gunicorn 27.0 and uvicorn-worker 0.4, gunicorn 21.2 and uvicorn 0.27: it took all of `--graceful-timeout`, and the
    lifespan's end did not run.)
    """
    server = container.server
    if server is None or server.kind != "gunicorn" or server.call is not None or _is_kept_by_shell(container):
        return None
    signal = stop_signal(container)
    if signal is None or signal.name not in ("SIGINT", "SIGQUIT"):
        return None
    from dockerlint_fastapi.model.start.worker_class import is_of_uvicorn  # noqa: PLC0415 - few images set a signal

    return signal if is_of_uvicorn(container) else None


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
