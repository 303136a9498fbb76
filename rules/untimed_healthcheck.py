"""A health check with times that nobody chose, or that do not go together."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container, Image
from dockerlint_fastapi.model.compose import Setting
from dockerlint_fastapi.model.health.health_times import PATIENT

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
        change = edits.health.timed(node, "start_period", "10s")
        yield Finding.at(times.start_interval.span, message).fixed_by(
            "add `start_period`", change, safe=False, names="health check"
        )
    elif image is None or not (image.python or image.serves) or node.development:
        return
    elif times.fault is not None:
        yield _fault(node, *times.fault)
    elif times.start_period is None and node.prepares and (times.patience or PATIENT) < PATIENT:
        message = "no start period, but migrations run before the server: checks fail as long as they do"
        change = edits.health.timed(node, "start_period", "30s")
        finding = Finding.at(times.span, message, severity="info", in_guide="off")
        yield finding.fixed_by("give it 30 s to start", change, safe=False, names="health check")


def _fault(node: Image | Container, kind: str, setting: Setting | None) -> Finding:
    """Speaks of one time that is wrong, or of the check that has no timeout."""
    message = MESSAGES[kind].format(setting.value if setting is not None else "")
    where = setting if setting is not None else node.health_times or node
    severity = SEVERITIES.get(kind, "warning")
    finding = Finding.at(
        where, message, severity=severity, in_guide="info", pedantic=severity == "info", once="project"
    )
    if kind == "timeout":
        return finding.fixed_by("wait 5 s", edits.health.timed(node, "timeout", "5s"), names="health check")
    new = {"retries": "3", "interval": "30s", "overlong": "5s"}[kind]
    change = edits.health.other_time(setting, new)
    return finding.fixed_by(f"make it {new}", change, safe=False, names="health check")
