"""How often a server runs: its worker processes, the replicas of its container, and the CPUs that it may use."""

from __future__ import annotations

import math
import re
from itertools import islice

from dockerlint_fastapi.model.files.image_files import Placed
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.container import Container

_MOST_MANIFESTS: Final = 200  # files that are looked into
_CPUS: Final = r"[0-9]{1,6}(?:\.[0-9]{1,9})?|\.[0-9]{1,9}"
# `workers = multiprocessing.cpu_count() * 2 + 1`, as gunicorn's own example has it.
_COUNTED: Final = r"(?m)^workers[ \t]*=[^\n#]*?\b((?:multiprocessing|os)\.cpu_count\(\)|cpu_count\(\))"


class CpuLimit(NamedTuple):
    """The CPUs that a service may use at most, and where compose says so."""

    cpus: float
    span: Span

    @property
    def most_workers(self) -> int:
        """The guide's upper bound for worker processes, (2 x CPU) + 1: 5 for two CPUs, 2 for half a one."""
        return math.floor(2 * self.cpus) + 1


class Replication(NamedTuple):
    """Why containers of a server are multiplied by somebody else: in words, and where it shows if that is one place."""

    reason: str
    span: Span | None


def cpu_limit(container: Container) -> CpuLimit | None:
    """`deploy.resources.limits.cpus`, or `cpus`; None when neither is set, or it cannot be told. 0 is no limit."""
    service = container.service
    if service is None:
        return None
    limit = service.setting("deploy", "resources", "limits", "cpus") or service.setting("cpus")
    if limit is None or limit.value is None or not re.fullmatch(_CPUS, limit.value, re.ASCII):
        return None
    cpus = float(limit.value)
    return CpuLimit(cpus, limit.span) if cpus > 0 else None


def replication(container: Container) -> Replication | None:
    """Why its containers are multiplied outside; None when nothing says so, and on what is said to be a single server.

    Signs of Kubernetes and the like among the files concern what an image starts by itself: a service with a command
    of its own is run by Compose.
    """
    project = container.project
    if project is None or project.deployment_setting == "single-server":
        return None
    if project.deployment_setting == "orchestrated":
        return Replication("the setting `deployment` says that an orchestrator runs it", None)
    service, deployment = container.service, container.deployment
    if service is not None and deployment is not None:
        replicas = service.replicas
        if replicas is not None and (replicas.number or 0) > 1:
            return Replication(f"`{service.name}` runs in {replicas.number} replicas", replicas.span)
        if deployment.is_swarm:
            return Replication("the file is made for Docker Swarm", None)
    if container.as_built and container.image is not None:
        path = container.image.dockerfile.source.path
        sign = project.orchestration_near(path)
        if sign is None:
            host = project.host_of(path)  # Cloud Run starts as many as there are requests for
            sign = host if host is not None and host.platform == "cloud-run" else None
        if sign is None or _is_synchronous(container) or _is_started_elsewhere(container):
            return None
        return Replication(sign.reason, None)
    return None


def _is_synchronous(container: Container) -> bool:
    """Whether it serves WSGI by gunicorn's own workers, each of which answers one request at a time, or a few."""
    server, image = container.server, container.image
    if server is None or server.kind != "gunicorn" or image is None:
        return False
    kind = server.options.get("worker-class")
    if kind is not None:
        return kind.text in ("sync", "gthread", "gevent", "eventlet", "tornado")
    return any(name in image.distributions.found for name in ("flask", "django", "falcon", "bottle", "pyramid"))


def _is_started_elsewhere(container: Container) -> bool:
    """Whether a manifest for Kubernetes of the project names the server: it gives a command of its own."""
    project, server = container.project, container.server
    if project is None or server is None:
        return False
    paths = (one for one in project.index.ending(".yaml", ".yml") if not one.startswith("."))
    for path in islice(paths, _MOST_MANIFESTS):
        source = project.source_of(path)
        text = source.text if source is not None else ""
        if re.search(r"(?m)^kind:", text) and re.search(rf"(?<![\w/.-]){server.kind}[\s\"',]", text):
            return True
    return False


def counted_cpus(container: Container) -> Span | None:
    """Where the number of workers is made of the CPUs of the host: `cpu_count()` in gunicorn's configuration file, or
    `$(nproc)` on the command line. None when it is not, or cannot be told.
    """
    server = container.server
    if server is None or server.workers is not None:
        return None
    for argument in server.program.argv:
        if argument.value is None and "nproc" in argument.text:
            return argument.span
    if server.kind != "gunicorn" or server.config is None or container.search is None:
        return None
    directory = container.search.directory
    name = server.config.text.removeprefix("file:")
    if directory is None and not name.startswith("/"):
        return None
    found = container.file_at(name if name.startswith("/") else f"{(directory or '').rstrip('/')}/{name}")
    match = re.search(_COUNTED, found.text) if isinstance(found, Placed) else None
    return found.locate(*match.span(1)) if match is not None and isinstance(found, Placed) else None
