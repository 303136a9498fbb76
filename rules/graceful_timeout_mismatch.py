"""A server that takes longer to stop than Docker waits."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding, edits
from dockerlint_fastapi.model import Container, Service

SIGNAL = "leave it at Docker's own, SIGTERM, at which gunicorn lets requests end"


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the option, or of the service whose server has none, or of a signal at which nothing stops."""
    if container.development or not container.is_whole:
        return
    signal, time, service = container.deaf_workers, container.shutdown_time, container.service
    if signal is not None:
        message = f"at `{signal.name}` gunicorn's Uvicorn workers go on until they are killed: nothing is cleaned up"
        finding = Finding.at(signal.span, message, help=SIGNAL, once="project")
        yield finding.note(container.start_span, "it is started here")
        return
    if time is None or service is None:
        return
    end = f"Docker kills the server after {time.granted:g} s"
    if time.seconds is None:
        message = f"`{time.server}` has no `{time.option}`: it waits for open streams without end, until {end}"
        yield Finding.at(container, message, severity="info", in_guide="off", pedantic=True)
    elif time.seconds >= time.granted:
        if time.given is not None:
            message = f"`{time.option}` is {time.seconds} s, but {end}: requests are cut off, and nothing is cleaned up"
            finding = Finding.at(time.given.span or service, message, once="project")
            finding = finding.note(None if time.grace else service, "this service has no `stop_grace_period`")
        else:
            message = f"`{time.server}` takes up to {time.seconds} s to stop, but {end}: requests are cut off"
            finding = Finding.at(container, message, severity="info")
        finding = finding.note(time.grace.span if time.grace else None, "the time that Docker gives it")
        needed = f"{time.seconds + 5}s"
        help_ = f"give the service more time than the server takes, such as `stop_grace_period: {needed}`"
        yield _with_time(finding._replace(help=help_), service, needed)


def _with_time(finding: Finding, service: Service, needed: str) -> Finding:
    """The finding with the fix that gives the service the time that its server needs."""
    grace = service.setting("stop_grace_period")
    if grace is not None:
        return finding.fixed_by("give it the time", Edit(grace.span, needed), names="stopping")
    return finding.fixed_by(
        "give it the time", edits.compose.service_key(service, "stop_grace_period", needed), names="stopping"
    )
