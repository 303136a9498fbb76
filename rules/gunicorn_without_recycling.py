"""Workers that are never replaced, all replaced at once, or never missed when they hang."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container
from dockerlint_fastapi.model.command import Server


def check(container: Container) -> Iterator[Finding]:
    """Speaks of servers with several workers: of the limit that has no jitter, of the timeout that is off."""
    server = container.server
    if server is None or server.several is None or container.development:
        return
    options, program = server.options, server.program
    if server.kind == "uvicorn" and not container.pins_below("uvicorn", 0, 41):  # which had no jitter
        limit, jitter = options.get("limit-max-requests"), options.get("limit-max-requests-jitter")
        severity, name = "info", "--limit-max-requests-jitter"
    elif server.kind == "gunicorn":
        limit, jitter = options.get("max-requests"), options.get("max-requests-jitter")
        severity, name = "warning", "--max-requests-jitter"
    else:
        return
    if limit is not None and limit.number and container.settled and (jitter is None or jitter.number == 0):
        message = f"workers end after {limit.text} requests, without `{name}`: all restart at about the same time"
        change = edits.options.given(server, name, jitter, str(max(1, limit.number // 10)))
        yield Finding.at(
            limit.span or program, message, severity=severity, help=f"add `{name}`, a tenth or so of the limit"
        ).fixed_by(f"add `{name}`", change, safe=False, names=("command", f"server:{name.lstrip('-')}"))
    if server.kind == "gunicorn":
        yield from _unwatched(container, server)


def _unwatched(container: Container, server: Server) -> Iterator[Finding]:
    """Of gunicorn: a timeout that is off, no limit at all."""
    timeout, limit = server.options.get("timeout"), server.options.get("max-requests")
    if timeout is not None and timeout.number == 0:
        message = "a timeout of 0 turns off the watch over workers: one that hangs is never replaced"
        yield Finding.at(
            timeout.span or server.program, message, severity="warning", help="set the seconds that a request may need"
        ).fixed_by(
            "wait 120 s", edits.options.another(timeout, "120"), safe=False, names=("here", "command", "server:timeout")
        )
    if (limit is None or limit.number == 0) and container.settled:
        message = "`gunicorn` never replaces its workers: what they leak adds up until the container is restarted"
        help_ = "set `--max-requests` and `--max-requests-jitter`"
        change = edits.options.behind(server, "--max-requests", "1000", "--max-requests-jitter", "100")
        where = server.program.argv[0].span
        finding = Finding.at(where, message, severity="info", help=help_, in_guide="off", pedantic=True)
        yield finding.fixed_by(
            "replace each after 1000 requests",
            change if limit is None else None,
            safe=False,
            names=("command", "server:max-requests", "server:max-requests-jitter"),
        )
