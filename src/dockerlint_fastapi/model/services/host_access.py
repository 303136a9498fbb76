"""What a service may do to the host that it runs on: Docker's socket, the host's own files, and privileges that take
the walls of a container away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.command import UNKNOWN
from dockerlint_fastapi.model.compose.nodes import Mapping, items_of
from dockerlint_fastapi.model.compose.settings import setting, settings
from dockerlint_fastapi.model.dockerfile import Run, Transfer
from dockerlint_fastapi.model.evidence import tokens
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.bases.base_image import Reference
    from dockerlint_fastapi.model.compose import Mount, Service
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.source import Span

# What stands beside `proxy` in the name of a service that hands on Docker's API.
_PROXIED = frozenset(("socket", "dockersocket", "docker", "sock"))
_SOCKETS = ("/var/run/docker.sock", "/run/docker.sock")
_VOLUMES = "/var/lib/docker/volumes/"
_HOST = r"(?:/|/etc|/root|/proc|/sys|/boot|/var/lib/docker(?:/.*)?)"
_MEASURES = ("/proc", "/sys")  # where the kernel tells of the load
_CREDENTIALS = r"(?:~|/root|/home/[^/]+|/Users/[^/]+)/\.(?:ssh|aws|kube)(?P<file>/.+)?"
_ALMIGHTY = ("ALL", "SYS_ADMIN")
# DAC_OVERRIDE is not among them: every container has it by default.
_STRONG = r"NET_ADMIN|SYS_PTRACE|DAC_READ_SEARCH"
_UNCONFINED = r"(?:seccomp|apparmor)[:=]unconfined|label[:=]disable"
_SHARED = ("network_mode", "pid", "ipc", "uts", "userns_mode", "cgroup")
# The interfaces of AMD's graphics cards, and what AMD has people start programs with beside them: memory that is mapped
# and shared (rocm.docs.amd.com, "Running ROCm Docker containers", "PyTorch on ROCm installation", read 2026-11-24).
_OF_AMD = frozenset(("/dev/kfd", "/dev/dri"))
# By which a program mounts file systems of its own: Docker's profiles forbid `mount`, which wants that capability
# (moby/moby#41880, docker/for-linux#321, read 2026-11-24).
_OF_FUSE = "/dev/fuse"
# Roles whose services need nothing of the host.
_CONFINED = ("server", "worker", "one-shot", "other-web", "database", "cache", "broker")


class Socket(NamedTuple):
    """Docker's socket in a container. `purpose` is `proxy` (it hands on parts of the API), `agent` (its work is the
    host's containers), `runner` (it runs tests or builds), `app` (the project's own web service, whose code can be
    read), `own` (another of its programs) or `other`. `need` is where
    the project says what it has it for.
    """

    span: Span
    purpose: str
    need: Span | None = None


class HostMount(NamedTuple):
    """A folder of the host with its configuration or credentials, mounted. `path` is the host's, `~` for the home; as
    written where it holds another variable. `to_read` tells that it is mounted to be read only, `told` that a variable
    of the service tells its program where (`HOST_PROC=/host/proc`), or that it installs psutil: it measures the host.
    `meant` tells that a comment gives the reason.
    """

    span: Span
    path: str
    credentials: bool
    to_read: bool
    told: bool = False
    meant: bool = False


class Privilege(NamedTuple):
    """One setting that takes a wall of the container away. `kind` is `privileged`, `capability`, `confinement` or
    `namespace`; `expected` tells that images of this kind need it, that it adds nothing to Docker's socket
    beside it, or that the project says why. `need` is a sign of what it may be for, where it is more than that needs.
    """

    span: Span
    kind: str
    text: str
    almighty: bool  # it is as good as root on the host
    expected: bool
    need: Span | None = None


def is_listed(reference: Reference | None, *names: str) -> bool:
    """Whether an image is in one of the lists of `data/service_images.toml`."""
    if reference is None:
        return False
    facts = table("service_images")
    return any(one in facts[name].split() for name in names for one in (reference.name, reference.full_repository))


def holds_tunnel(image: Image) -> bool:
    """Whether its build brings the core of a virtual private network or of a proxy, which opens ports that its users
    choose while it runs: they cannot be published one by one.
    """
    names = "|".join(map(re.escape, table("service_images")["tunnels"].split()))
    stages = (*image.lineage, *image.builders)
    return any(
        re.search(rf"(?<![\w-])(?:{names})(?![\w-])", one.text)
        for stage in stages
        for one in stage.instructions
        if isinstance(one, (Run, Transfer))
    )


def docker_sockets(container: Container) -> Iterator[Socket]:
    """Where a service gets Docker's socket."""
    service = container.service
    if service is None:
        return
    api = service.setting("use_api_socket")
    spans = [mount.span for mount in service.volumes if _source(mount) in _SOCKETS]
    if api is not None and api.flag:
        spans.append(api.span)
    if spans:
        from dockerlint_fastapi.model.services.socket_needs import comment, declared_need  # noqa: PLC0415 - few have it

        purpose = _purpose(container)
        for span in spans:
            need = declared_need(container, span) if purpose == "app" else None
            # What does jobs is told apart by its packages and its code, which `declared_need` has looked into.
            read = container.role == "worker" or (container.serves and container.application is not UNKNOWN)
            own = purpose if purpose != "app" or read else "own"
            yield Socket(span, own, comment(span) if purpose == "other" else need)


def _purpose(container: Container) -> str:
    for purpose, name in (("proxy", "socket_proxies"), ("agent", "socket_agents"), ("runner", "socket_runners")):
        if is_listed(container.origin, name):
            return purpose
    if container.runs_own_code:
        return "agent" if _is_monitor(container) else "app"
    called = tokens(container.service.name) if container.service is not None else []
    return "proxy" if "proxy" in called and not _PROXIED.isdisjoint(called) else "other"


def _is_monitor(container: Container) -> bool:
    """Whether a service for development talks to Docker by its image's own client, and serves no application that is
    known: its work is the host's containers.
    """
    image = container.image
    if image is None or not container.development or container.application is not None:
        return False
    steps = [
        step
        for one in image.lineage
        for run in one.instructions
        if isinstance(run, Run)
        for step in image.steps_of(run)
    ]
    from dockerlint_fastapi.model.services.socket_needs import CLIENTS  # noqa: PLC0415 - as above

    asked = {package.name for step in steps if step.action == "install" for package in step.packages}
    return not asked.isdisjoint(CLIENTS) or "docker" in image.distributions.found


def host_mounts(container: Container) -> Iterator[HostMount]:
    """The mounts of the host's own files into a service that has nothing to do with the host. One file that is mounted
    to be read is what a service may well need.
    """
    service = container.service
    if service is None or not (container.runs_own_code or container.role in _CONFINED):
        return
    if is_listed(container.origin, "monitors"):
        return
    from dockerlint_fastapi.model.services.right_needs import reason  # noqa: PLC0415 - few services have such mounts

    for mount in service.volumes:
        path = _source(mount)
        written = mount.source.text if mount.source is not None else ""
        shown = written if "$" in written and not path.startswith("~") else path
        credentials = re.fullmatch(_CREDENTIALS, path)
        if credentials is not None and not (credentials["file"] and mount.read_only is not False):
            meant = reason(mount.span) is not None
            yield HostMount(mount.span, shown, True, mount.read_only is True, meant=meant)
        elif path.startswith(_VOLUMES) and container.role in ("database", "cache", "broker"):
            continue  # the folder of a volume: nothing but what it writes itself
        elif re.fullmatch(_HOST, path):
            target = mount.target.value if mount.target is not None else None
            told = target is not None and any(one.value == target for one in service.environment)
            told = told or (container.image is not None and "psutil" in container.image.distributions.found)
            told, meant = told and path in _MEASURES, reason(mount.span) is not None
            yield HostMount(mount.span, shown, False, mount.read_only is True, told, meant)


def _source(mount: Mount) -> str:
    """The folder of the host that is mounted, `~` for the home; "" for none, or when it cannot be told."""
    if mount.source is None or "bind" not in (mount.type, mount.default_type, None):
        return ""
    text = mount.source.intended or mount.source.text
    text = re.sub(r"\A\$(?:HOME\b|\{HOME(?::?-[^}]*)?\})", "~", text)
    return re.sub(r"/+", "/", text).rstrip("/") or ("/" if text.startswith("/") else "")


def privileges(container: Container) -> Iterator[Privilege]:
    """The settings of a service that take walls of its container away, with what they are for."""
    for one in _privileges(container):
        if one.expected:
            yield one
            continue
        from dockerlint_fastapi.model.services.right_needs import reason, use  # noqa: PLC0415 - few services have any

        shared = one.kind == "namespace" and one.text != "network_mode: host"  # no program needs these for its work
        kind = "network" if one.text in ("NET_ADMIN", "network_mode: host") else one.kind
        devices = _devices(container.service) if container.service is not None else frozenset()
        used = use(container, devices, kind) if not shared else None
        said = reason(one.span) is not None or (used is not None and not one.almighty)
        yield one._replace(expected=said, need=used)


def _privileges(container: Container) -> Iterator[Privilege]:
    """The settings of a service that take walls of its container away. `privileged` gives every capability, and has no
    filters: what says so beside it adds nothing.
    """
    service = container.service
    if service is None:
        return
    # Whoever has Docker's socket is root on the host without any of this: that is told where it is mounted.
    expected = is_listed(container.origin, "privileged", "monitors") or any(docker_sockets(container))
    flag = service.setting("privileged")
    if flag is not None and flag.flag:
        yield Privilege(flag.span, "privileged", "privileged: true", True, expected)
    walls = flag is None or not flag.flag
    devices = _devices(service)
    mounts = _OF_FUSE in devices
    dropped = {(one.value or "").upper() for one in settings(service.node("cap_drop"), service.lookup)}
    for one in settings(service.node("cap_add"), service.lookup) if walls else ():
        name = (one.value or "").upper().removeprefix("CAP_")
        if name == "SYS_PTRACE" and service.setting("pid") is None:
            continue  # it traces the processes of its own PID namespace
        if name in _ALMIGHTY or re.fullmatch(_STRONG, name):
            # chosen one by one, by somebody who took all others away
            chosen = name not in _ALMIGHTY and "ALL" in dropped
            chosen = chosen or (mounts and name == "SYS_ADMIN")
            yield Privilege(one.span, "capability", name, name in _ALMIGHTY, expected or chosen)
    card = devices >= _OF_AMD
    for one in settings(service.node("security_opt"), service.lookup) if walls else ():
        if re.fullmatch(_UNCONFINED, (one.value or "").lower()):
            word = (one.value or "").lower()
            meant = (card and word.startswith("seccomp")) or (mounts and not word.startswith("label"))
            yield Privilege(one.span, "confinement", one.value or "", False, expected or meant)
    if container.runs_own_code:
        yield from _shared(container, service, expected=expected, card=card)


def _devices(service: Service) -> frozenset[str]:
    """The devices of the host that a service gets."""
    found: set[str] = set()
    for item in items_of(service.node("devices")):
        node = item.get("source") if isinstance(item, Mapping) else item
        one = setting(node, service.lookup) if node is not None else None
        found.add((one.value or "").partition(":")[0].rstrip("/") if one is not None else "")
    return frozenset(found)


def _shared(container: Container, service: Service, *, expected: bool, card: bool) -> Iterator[Privilege]:
    for key in _SHARED:
        one = service.setting(key)
        if one is not None and one.value == "host":
            meant = key == "ipc" and (card or is_listed(container.origin, "browsers"))
            meant = meant or (key == "network_mode" and container.image is not None and holds_tunnel(container.image))
            yield Privilege(one.span, "namespace", f"{key}: host", False, expected or meant)
