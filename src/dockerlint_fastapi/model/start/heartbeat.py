"""Where gunicorn's workers tell that they live: a file each, whose times they change."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.container import Container

_TEMPORARY: Final = "/tmp"  # noqa: S108 - where Python's tempfile looks first, unless a variable names another place
_VARIABLES: Final = ("TMPDIR", "TEMP", "TMP")  # https://docs.python.org/3/library/tempfile.html#tempfile.gettempdir


def heartbeat_on_disk(container: Container) -> bool:
    """Whether the files of gunicorn's workers certainly lie in the container's `/tmp`, on the disk of the host."""
    server = container.server
    if server is None or server.kind != "gunicorn" or not container.settled or not container.is_whole:
        return False
    if "worker-tmp-dir" in server.options:
        return False
    if _is_on_cloud_run(container):
        return False  # all of its file system is memory (Cloud Run's container contract)
    environment = container.environment.seen_by(server.program)
    if any(environment.get(name) is not None for name in _VARIABLES):
        return False
    fixed = container.service.setting("read_only") if container.service is not None else None
    if fixed is not None and fixed.value != "false":
        return False  # then it needs another place anyway
    return all(one.target is not None and one.target not in (_TEMPORARY, "/") for one in container.covers)


def _is_on_cloud_run(container: Container) -> bool:
    """Whether nothing starts a container but Cloud Run: no service does, and what says so is all that speaks of an
    orchestrator.
    """
    image = container.image
    host = image.host if image is not None and container.service is None else None
    if image is None or host is None or host.platform != "cloud-run":
        return False
    other = image.project.orchestration_of(image.dockerfile.source.path)
    return other is None or other.reason.partition("` ")[0] == host.reason.partition("` ")[0]
