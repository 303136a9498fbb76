"""A health check with times that nobody chose, or that do not go together."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Container, Image

MESSAGES = {
    "retries": "`{}` retries are no number for Docker: it takes them for its default, 3",
    "interval": "a health check every {} starts a process as often, which costs more than it tells",
    "overlong": "the timeout ({}) is no shorter than the interval: a hung server is noticed late",
    "timeout": "the health check has no timeout of its own: Docker waits 30 s for an answer before it counts as failed",
}
SEVERITIES = {"timeout": "info", "overlong": "info"}


def check(node: Image | Container) -> Iterator[Finding]:
    """Speaks once for each check, of the worst of its times."""
    times = node.health_times
    image, whole = (node, True) if isinstance(node, Image) else (node.image, node.is_whole)
    if times is None or not whole:
        return
    if isinstance(node, Container) and times.start_interval is not None and times.start_period is None:
        message = "`start_interval` without `start_period`: the container cannot be created"
        yield Finding.at(times.start_interval.span, message)
    elif image is None or not (image.python or image.serves) or node.development:
        return
    elif times.fault is not None:
        kind, setting = times.fault
        message = MESSAGES[kind].format(setting.value if setting is not None else "")
        where = setting.span if setting is not None else times.span
        severity = SEVERITIES.get(kind, "warning")
        yield Finding.at(
            where, message, severity=severity, in_guide="info", pedantic=severity == "info", once="project"
        )
    elif times.start_period is None and node.prepares:
        message = "no start period, but migrations run before the server: checks fail as long as they do"
        yield Finding.at(times.span, message, severity="info", in_guide="off")
