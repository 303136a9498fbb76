"""Health checks in which BusyBox's `wget` asks for `localhost`, which is `::1` to it, where no server listens."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.health.probe import Request
    from dockerlint_fastapi.model.image import Image


def unanswered_localhost(container: Container) -> Request | None:
    """The request for `localhost` at which a test fails because BusyBox tries `::1` only; None when there is none, when
    the test may pass in another way, or when that cannot be told.
    """
    image, probe, server = container.image, container.probe, container.server
    if image is None or probe is None or server is None or not has_busybox_wget(image):
        return None
    hosts = [bind.host for bind in server.binds or ()]
    if not hosts or any(host is None or not _is_ipv4(host.text) for host in hosts):
        return None

    def answered(request: Request) -> bool | None:
        program, host = request.program, request.host
        asks = program is not None and program.name == "wget" and host is not None and host.text == "localhost"
        return False if asks else None

    return next(iter(probe.unanswered(answered)), None)


def has_busybox_wget(image: Image) -> bool:
    """Whether `wget` in an image is certainly BusyBox's: Alpine, and no step installs another."""
    base = image.base
    if base is None or base.distribution != "alpine" or base.contains("wget") is not True:
        return False
    return not any(name.partition("=")[0].startswith("wget") for _, step in image.steps for name in step.names)


def _is_ipv4(host: str) -> bool:
    parts = host.split(".")
    return len(parts) == 4 and all(part.isdecimal() for part in parts)
