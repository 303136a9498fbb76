"""A mount that lies over the virtual environment which a container's program needs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.model.command import UNKNOWN, Unknown
from dockerlint_fastapi.model.context.glob import clean
from dockerlint_fastapi.model.dockerfile import Volume
from dockerlint_fastapi.model.install.virtual_environments import VirtualEnvironment, expanded
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import Mount
    from dockerlint_fastapi.model.container import Container

_RUNNERS = {"poetry run": "poetry", "pdm run": "pdm", "pipenv run": "pipenv", "uv run": "uv"}
_INSTALLERS = frozenset(("uv", "poetry", "pdm", "pipenv", "pip", "pip3"))
_INSTALLS = frozenset(("sync", "install", "add", "pip", "venv"))
_FALSE = frozenset(("", "0", "false", "f", "no", "n", "off"))  # what uv takes for "no" in a variable


class Use(NamedTuple):
    """What looks for a virtual environment when a container starts: a word of its command, or the variable PATH."""

    span: Span
    words: str  # what it is, for a message


class HiddenEnvironment(NamedTuple):
    """A virtual environment of the image that a bind mount covers. `recreated`: `uv run` makes it anew at a start.
    `off_path`: the program would not be found without the mount either, as PATH does not lead there.
    """

    mount: Mount
    environment: VirtualEnvironment
    use: Use
    recreated: bool
    off_path: bool = False


def hidden_environment(container: Container) -> HiddenEnvironment | None:
    """The first virtual environment that is needed and hidden; None when there is none, or it cannot be told."""
    service, image, program = container.service, container.image, container.program
    if service is None or image is None or program is None or not program.known or not service.volumes:
        return None
    if program.role == "idle" or service.setting("volumes_from") is not None or _installs(container):
        return None
    kept = frozenset(_kept(container))
    for mount in service.volumes:
        target = _target(mount)
        if target is None:
            return None  # it may lie anywhere
        if (mount.type or mount.default_type) != "bind":
            continue
        for environment in image.virtual_environments:
            place = environment.place
            below = place.startswith(f"{target.rstrip('/')}/")
            if not below or any(f"{place}/".startswith(f"{one}/") for one in kept if len(one) > len(target)):
                continue
            use = _use(container, environment)
            if use is not None:
                if use.words in _RUNNERS and image.has(_RUNNERS[use.words]) is False:
                    continue  # only a builder has the tool: it finds nothing there, mount or not
                recreated = use.words == "uv run" and not mount.read_only and not _never_syncs(container)
                return HiddenEnvironment(mount, environment, use, recreated)
            lost = container.off_path
            if lost is None or not lost.fixed or lost.span.source is image.dockerfile.source:
                continue  # an image that is wrong by itself is told of that
            if lost.place.rstrip("/") == place.rstrip("/"):
                use = Use(lost.span, lost.span.text.strip("\"'"))
                return HiddenEnvironment(mount, environment, use, recreated=False, off_path=True)
    return None


def _target(mount: Mount) -> str | None:
    text = mount.target.intended if mount.target is not None else None
    return clean(text) if text is not None and text.startswith("/") else None


def _kept(container: Container) -> Iterator[str]:
    """The places over which something else lies than a mount of the folder above: a volume, which Docker fills from the
    image when it is new, or a mount that is meant to bring the environment itself.
    """
    service, image = container.service, container.image
    for mount in service.volumes if service is not None else ():
        target = _target(mount)
        if target is not None:
            yield target.rstrip("/")
    for one in service.tmpfs if service is not None else ():
        yield clean((one.intended or "").partition(":")[0])
    for volume in image.every(Volume) if image is not None else ():
        yield from (clean(path.value) for path in volume.paths if path.value)


def _installs(container: Container) -> bool:
    """Whether its command installs something itself before it starts the program."""
    return any(
        one.name in _INSTALLERS and any(word.value in _INSTALLS for word in one.argv[1:]) for one in container.programs
    )


def _use(container: Container, environment: VirtualEnvironment) -> Use | None:
    """What looks for an environment. A tool that makes it anew comes first, then the command, then PATH."""
    program = container.program
    for wrapper in program.wrappers if program is not None else ():
        if _RUNNERS.get(wrapper) == environment.manager and container.start_span is not None:
            return Use(container.start_span, wrapper)
    for text, where in _words(container):
        for place in _names(container, environment):
            if re.search(rf"(?:^|[\s\"'=;&|(]){re.escape(place)}/bin/", text):
                return Use(where, f"{place}/bin")
    path = container.environment.get("PATH")
    span = path.span if path is not None and path is not UNKNOWN else None
    image = container.image
    pair = image.environment.get("PATH") if image is not None else None
    if image is None or pair is None or (span is not None and span != pair.span):
        return None
    known = {name: other.value for name, other in image.environment.items() if name != "PATH"}
    for part in pair.raw.split(":"):
        if expanded(part, known) == f"{environment.place}/bin":
            return Use(pair.span, "PATH")
    return None


def _names(container: Container, environment: VirtualEnvironment) -> Iterator[str]:
    """How a command may name an environment: by its place, or from the working directory."""
    yield environment.place
    directory = container.directory
    if directory is not None and environment.place.startswith(f"{directory.rstrip('/')}/"):
        rest = environment.place[len(directory.rstrip("/")) + 1 :]
        yield from (rest, f"./{rest}")


def _words(container: Container) -> Iterator[tuple[str, Span]]:
    """The words of the command that starts it, from compose or the image, and the scripts on the way."""
    service, image = container.service, container.image
    entrypoint = service.entrypoint if service is not None else None
    command = service.command if service is not None else None
    for setting in (entrypoint, command):
        for word in (setting.arguments if setting is not None else None) or ():
            yield word.value or word.text, word.span
    own = (
        image.entrypoint if image is not None and entrypoint is None else None,
        image.cmd if image is not None and entrypoint is None and command is None else None,
    )
    for instruction in own:
        if instruction is not None and instruction.command.exec_form:
            yield from ((word.value or word.text, word.span) for word in instruction.command.words)
        elif instruction is not None:
            yield instruction.command.text, instruction.command.span


def _never_syncs(container: Container) -> bool:
    """Whether `uv run` is certainly told to install nothing; a variable that nobody can read says nothing."""
    if any("--no-sync" in text for text, _ in _words(container)):
        return True
    variable = container.environment.get("UV_NO_SYNC")
    if variable is None or isinstance(variable, Unknown):
        return False
    return variable.text.strip().lower() not in _FALSE
