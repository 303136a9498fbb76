"""How often and how patiently Docker runs a health check: interval, timeout, retries and the grace at the start."""

from __future__ import annotations

from dockerlint_fastapi.model.compose.settings import Setting
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.image import Image

DEFAULT_INTERVAL = 30.0  # seconds (docs.docker.com/reference/dockerfile/#healthcheck)
_DEFAULT_RETRIES = 3
PATIENT = 60.0  # seconds that migrations may well take
_SHORTEST = 2.0  # seconds between two checks that are worth their cost
_LONGEST = 35.0  # seconds from one failed check to the end of the next with the guide's times, 30 s and 5 s


class HealthTimes(NamedTuple):
    """The times of a health check, each as written; None for one that is left at Docker's default.

    `span` is the HEALTHCHECK, or the key `healthcheck`.
    """

    interval: Setting | None
    timeout: Setting | None
    retries: Setting | None
    start_period: Setting | None
    start_interval: Setting | None
    span: Span

    @property
    def fault(self) -> tuple[str, Setting | None] | None:
        """The worst of its times, and what is wrong with it: `retries` of 0, an `interval` below two seconds, an
        `overlong` timeout, no `timeout` at all; None when nothing is.
        """
        if self.retries is not None and self.retries.number == 0:
            return "retries", self.retries
        if self.interval is not None and self.interval.seconds is not None and 0 < self.interval.seconds < _SHORTEST:
            return "interval", self.interval
        if self.overlong:
            return "overlong", self.timeout
        return ("timeout", None) if self.timeout is None and self.readable else None

    @property
    def patience(self) -> float | None:
        """The seconds of failing checks after which a container counts as unhealthy, at least; None when that cannot be
        told.
        """
        interval = DEFAULT_INTERVAL if self.interval is None else self.interval.seconds
        retries = _DEFAULT_RETRIES if self.retries is None else self.retries.number
        if interval is None or retries is None:
            return None
        return (interval or DEFAULT_INTERVAL) * (retries or _DEFAULT_RETRIES)

    @property
    def readable(self) -> bool:
        """Whether what is written can be told and is a time: Docker refuses anything else."""
        written = (self.interval, self.timeout, self.start_period, self.start_interval)
        return all(one is None or one.seconds is not None for one in written)

    @property
    def overlong(self) -> bool:
        """Whether one probe may take as long as the time between two, by what is written, and both together longer than
        with the times of the guide: with 5 s and 5 s a server that hangs is noticed sooner.
        """
        if self.timeout is None:
            return False
        timeout, interval = self.timeout.seconds, DEFAULT_INTERVAL
        if self.interval is not None:
            seconds = self.interval.seconds
            if seconds is None:
                return False
            interval = seconds or DEFAULT_INTERVAL
        return timeout is not None and timeout >= interval and timeout + interval > _LONGEST


_MIGRATIONS = frozenset(("alembic", "aerich", "yoyo", "prisma", "piccolo", "dbmate", "flyway"))


def prepares(container: Container) -> bool:
    """Whether it certainly does work that takes its time before the server answers: migrations in the start command."""
    main = container.program
    if main is None or container.role != "server":
        return False
    before = container.programs[: container.programs.index(main)] if main in container.programs else ()
    return any(one.name in _MIGRATIONS and not one.conditional for one in before)


def times_of_image(image: Image) -> HealthTimes | None:
    """The times of an image's HEALTHCHECK; None when it has none."""
    check = image.healthcheck
    if check is None or check.command is None:
        return None
    flags = {flag.name: Setting(flag.value, flag.value, flag.raw, flag.span) for flag in check.flags}
    return HealthTimes(
        flags.get("interval"),
        flags.get("timeout"),
        flags.get("retries"),
        flags.get("start-period"),
        flags.get("start-interval"),
        check.span,
    )


def times_of_service(container: Container) -> HealthTimes | None:
    """The times of the health check that a service sets itself; what it leaves out, it takes from its image's
    HEALTHCHECK. None when it sets none, or switches it off.
    """
    check = container.service.healthcheck if container.service is not None else None
    if check is None or check.disabled is not False:
        return None
    below = times_of_image(container.image) if container.image is not None else None
    return HealthTimes(
        check.interval or (below.interval if below is not None else None),
        check.timeout or (below.timeout if below is not None else None),
        check.retries or (below.retries if below is not None else None),
        check.start_period or (below.start_period if below is not None else None),
        check.start_interval or (below.start_interval if below is not None else None),
        check.span,
    )
