"""Keys of one service that cannot both be had: Compose refuses them (compose-go, loader/validate.go), Docker has the
port or the name only once, or one of the two silently does nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint_fastapi.model.compose import Mapping, Sequence
from dockerlint_fastapi.model.compose.settings import Setting, value_of
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import Mount, Port, Service
    from dockerlint_fastapi.model.deployment import Deployment

# A limit of the service, and the one of `deploy.resources` that must be the same.
_LIMITS = (
    ("cpus", ("limits", "cpus")),
    ("mem_limit", ("limits", "memory")),
    ("mem_reservation", ("reservations", "memory")),
    ("pids_limit", ("limits", "pids")),
)
_UNITS = {"": 1, "b": 1, "k": 1024, "kb": 1024, "m": 1024**2, "mb": 1024**2, "g": 1024**3, "gb": 1024**3}


class Conflict(NamedTuple):
    """Two keys that exclude each other. `kind` is `network-mode`, `host-ports`, `container-name`, `replicas`,
    `fixed-port`, `limit`, `mounts`, `tmpfs`, `watch` or `dockerfile`.
    """

    kind: str
    service: Service
    span: Span
    other: Span
    text: str = ""  # the key, port or path that it is about
    containers: int = 0  # that are asked for


def conflicts(deployment: Deployment) -> Iterator[Conflict]:
    """Every conflict of a whole set of files; what is only Swarm's business is left to it."""
    if not deployment.whole:
        return
    for service in deployment.merged.services.values():
        yield from _of_network(service)
        yield from _of_limits(service)
        yield from _of_build(service)
        yield from _of_tmpfs(service)
        if not deployment.is_swarm and value_of(service.node("deploy", "mode"), service.lookup) is None:
            yield from _of_replicas(service)
    for file in deployment.merged.files:
        for service in file.services.values():
            yield from _of_mounts(service)


def _of_network(service: Service) -> Iterator[Conflict]:
    mode, networks, ports = service.network_mode, service.body.entry("networks"), service.body.entry("ports")
    if mode is None or not mode.value:
        return
    if networks is not None and isinstance(networks.value, (Mapping, Sequence)) and tuple(networks.value):
        yield Conflict("network-mode", service, networks.key.span, mode.span, mode.text)
    if ports is not None and mode.value == "host" and service.ports:
        yield Conflict("host-ports", service, ports.key.span, mode.span)


def _of_limits(service: Service) -> Iterator[Conflict]:
    for key, path in _LIMITS:
        one, other = service.setting(key), service.setting("deploy", "resources", *path)
        if one is None or other is None:
            continue
        first, second = _amount(one, key), _amount(other, key)
        if first is not None and second is not None and first not in (0.0, second):
            yield Conflict("limit", service, one.span, other.span, key)


def _amount(written: Setting, key: str) -> float | None:
    """A limit as a number: CPUs, processes, or bytes; None when it cannot be told."""
    text = (written.value or "").strip().lower()
    digits = text.rstrip("bkmg")
    factor = _UNITS.get(text[len(digits) :]) if key.startswith("mem") else 1 if digits == text else None
    try:
        return float(digits) * factor if factor is not None else None
    except ValueError:
        return None


def _of_build(service: Service) -> Iterator[Conflict]:
    build = service.build
    if build is not None and build.dockerfile is not None and build.inline is not None:
        yield Conflict("dockerfile", service, build.inline.span, build.dockerfile.span)
    for watch in service.watch:
        if (watch.action or "").startswith("sync") and watch.target is None:
            yield Conflict("watch", service, watch.span, service.span, watch.action or "")


def _of_tmpfs(service: Service) -> Iterator[Conflict]:
    """A volume, and a tmpfs, at one place."""
    places = {(one.value or "").partition(":")[0]: one.span for one in service.tmpfs}
    for mount in service.volumes:
        target = mount.target.value if mount.target is not None else None
        if target and target in places:
            yield Conflict("tmpfs", service, mount.span, places[target], _written(mount))


def _of_mounts(service: Service) -> Iterator[Conflict]:
    """Two volumes of one file at one place: Compose keeps the later one."""
    places: dict[str, Span] = {}
    for mount in service.volumes:
        target = mount.target.value if mount.target is not None else None
        if target and target in places and places[target].text != mount.span.text:
            yield Conflict("mounts", service, places[target], mount.span, _written(mount))
        if target:
            places[target] = mount.span


def _written(mount: Mount) -> str:
    """Where a volume is mounted, as written: what a variable holds may be a secret."""
    return mount.target.text if mount.target is not None else ""


def _of_replicas(service: Service) -> Iterator[Conflict]:
    scale, replicas = service.setting("scale"), service.setting("deploy", "replicas")
    if scale is not None and replicas is not None:
        if scale.number is not None and replicas.number is not None and scale.number != replicas.number:
            yield Conflict("replicas", service, scale.span, replicas.span)
        return
    wanted = scale or replicas
    count = wanted.number if wanted is not None else None
    if wanted is None or count is None or count < 2:
        return
    name = service.setting("container_name")
    if name is not None:
        yield Conflict("container-name", service, name.span, wanted.span, name.text, count)
    for port in service.ports:
        if _is_too_few(port, count):
            at = port.published.span if port.published is not None else port.span
            yield Conflict("fixed-port", service, at, wanted.span, port.published.text if port.published else "", count)


def _is_too_few(port: Port, count: int) -> bool:
    """Whether an entry of `ports` certainly has fewer ports of the host than there are containers."""
    numbers = port.published.numbers if port.published is not None else None
    return numbers is not None and 0 not in numbers and len(numbers) < count
