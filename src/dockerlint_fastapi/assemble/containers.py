"""Images and services as they are started: command, environment, server, role."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

from dockerlint_fastapi.assemble.images import Link
from dockerlint_fastapi.assemble.probes import probe_of_instruction, probe_of_service
from dockerlint_fastapi.model.base_image import Reference
from dockerlint_fastapi.model.command import UNKNOWN, Argument, Environment, Program, Unknown, Value
from dockerlint_fastapi.model.compose import Service
from dockerlint_fastapi.model.deployment import DAEMONS, ROLES, Container, Deployment, Project
from dockerlint_fastapi.model.dockerfile import Add, Cmd, Entrypoint, Instruction, Run, Transfer
from dockerlint_fastapi.model.image import Image
from dockerlint_fastapi.model.probe import Probe
from dockerlint_fastapi.model.pull import pull_of
from dockerlint_fastapi.parsers.command import Entry, entry_of, main_program, programs
from dockerlint_fastapi.parsers.server import server as server_of
from dockerlint_fastapi.source import Span


def contain(project: Project, links: Sequence[Link]) -> None:
    """Gives the project its containers: one for each service of each deployment, and one for each image that no
    service outside development starts with the image's own command.
    """
    images = {image.stage: image for image in project.images}
    built = {(id(link.deployment), link.service.name): images.get(link.stage) for link in links}
    everything: list[Container] = []

    for image in project.images:
        image.probe = probe_of_instruction(image.healthcheck)

    @cache
    def names() -> frozenset[str]:
        return frozenset(path.rpartition("/")[2] for path in project.paths)

    for deployment in project.deployments:
        for service in deployment.merged.services.values():
            one = _container(built.get((id(deployment), service.name)), service, deployment, names)
            pull = pull_of(service)
            one.pulls = () if pull is None or project.makes(pull.reference) else (pull,)
            deployment.containers.append(one)
            everything.append(one)
    for image in project.images:
        image.containers.extend(one for one in everything if one.image is image)
        # What only development starts says nothing of how an image for production runs.
        if not any(one.as_built and (image.development or not one.development) for one in image.containers):
            one = _container(image, None, None, names)
            image.containers.append(one)
            everything.append(one)
    project.containers = tuple(everything)


def _container(
    image: Image | None, service: Service | None, deployment: Deployment | None, names: Callable[[], frozenset[str]]
) -> Container:
    """One container, with what its start command says. `names` are those of all files of the project."""
    entrypoint: Cmd | Entrypoint | None = image.entrypoint if image else None
    cmd: Cmd | Entrypoint | None = image.cmd if image else None
    entry, start = _entry(image, entrypoint, cmd), _start_of(entrypoint, cmd)
    start_span = start.span if start else None
    if service is not None and _overrides(service, entrypoint):
        start = None
        entry, start_span = _overridden(service, _first(image, entrypoint), cmd)
    started = programs(entry) if entry is not None else ()
    program = main_program(started)
    if not _entrypoint_known(image, service) and (program is None or program.role not in _LONG_RUNNING):
        # An unknown image may put any program in front of its CMD. In front of a server's name that is one which
        # starts its arguments, else they would not be written so.
        started, program = (), None
    environment = _environment(image, service)
    return Container(
        image=image,
        service=service,
        deployment=deployment,
        programs=started,
        program=program,
        server=server_of(program, environment, _exists(image, service, names)) if program else None,
        role=_role(image, service, program),
        start=start,
        start_span=start_span,
        environment=environment,
        probe=_probe(image, service),
    )


_LONG_RUNNING = ("server", "worker", "other-web")


def _probe(image: Image | None, service: Service | None) -> Probe | None:
    """The health check that runs in a container of an image that we know."""
    if image is None:
        return None
    return image.probe if service is None else probe_of_service(service, image)


def _exists(
    image: Image | None, service: Service | None, names: Callable[[], frozenset[str]]
) -> Callable[[str], bool | None]:
    """Whether a file may be in the directory where the image starts: False when no file of the project has that name
    and nothing else that the build does can bring one; None otherwise.
    """

    def exists(name: str) -> bool | None:
        if image is None or image.base is None or (service is not None and service.volumes):
            return None
        stages = (*image.lineage, *image.builders)
        made = any(_may_bring(one, name, image) for stage in stages for one in stage.instructions)
        return None if made or name in names() else False

    return exists


def _may_bring(instruction: Instruction, name: str, image: Image) -> bool:
    """Whether an instruction may make a file of that name out of something else than a file of that name."""
    if name in instruction.text or any(name in document.body for document in instruction.heredocs):
        return True
    if isinstance(instruction, Run):
        return any(word in instruction.text for word in ("git clone", "tar ", "unzip"))
    if isinstance(instruction, Transfer) and instruction.from_ is not None:
        # Another image's programs (`COPY --from=ghcr.io/astral-sh/uv /uv /bin/`) land beside no application.
        if (instruction.destination.value or "").startswith(("/bin", "/usr", "/sbin", "/lib", "/opt", "/etc")):
            return False
        return instruction.from_.value is None or image.dockerfile.stage(instruction.from_.value) is None
    return isinstance(instruction, Add) and any(".tar" in one.text or ":" in one.text for one in instruction.sources)


def _overrides(service: Service, entrypoint: Cmd | Entrypoint | None) -> bool:
    """Whether a service sets a command of its own. An empty `command` leaves the image's; an empty entrypoint not.
    Under an ENTRYPOINT in shell form a `command` does nothing: it becomes arguments that the script does not read.
    """
    if service.entrypoint is not None:
        return True
    deaf = entrypoint is not None and not entrypoint.command.exec_form
    return service.command is not None and not service.command.cleared and not deaf


def _entry(image: Image | None, entrypoint: Cmd | Entrypoint | None, cmd: Cmd | Entrypoint | None) -> Entry | None:
    """What the image starts by itself; a known base image's own ENTRYPOINT stands in front when no stage sets one."""
    return entry_of(_first(image, entrypoint), cmd.command if cmd else None)


def _first(image: Image | None, entrypoint: Cmd | Entrypoint | None) -> Entry | None:
    if entrypoint is not None:
        return entrypoint.command
    words = image.base.entrypoint if image is not None and image.base is not None else None
    if image is None or not words:
        return None
    span = image.lineage[0].from_.image.span
    return tuple(Argument(word, word, span) for word in words)


def _start_of(entrypoint: Cmd | Entrypoint | None, cmd: Cmd | Entrypoint | None) -> Cmd | Entrypoint | None:
    """The instruction that names what runs: CMD, but a shell-form ENTRYPOINT drops CMD."""
    if entrypoint is not None and (cmd is None or not entrypoint.command.exec_form):
        return entrypoint
    return cmd


def _overridden(
    service: Service, first: Entry | None, cmd: Cmd | Entrypoint | None
) -> tuple[Entry | None, Span | None]:
    """What a service starts that sets `entrypoint` or `command`. A service's entrypoint also clears the image's CMD
    (Compose specification, entrypoint).
    """
    second: Entry | None = cmd.command if cmd else None
    span: Span | None = None
    if service.entrypoint is not None:
        if service.entrypoint.arguments is None:
            return None, service.entrypoint.span
        first, second, span = service.entrypoint.arguments, None, service.entrypoint.span
    if service.command is not None and not service.command.cleared:
        if service.command.arguments is None:
            return None, service.command.span
        second, span = service.command.arguments, service.command.span
    return entry_of(first, second), span


def _entrypoint_known(image: Image | None, service: Service | None) -> bool:
    if service is not None and service.entrypoint is not None:
        return True
    if image is None:
        return False
    known_base = image.base is not None and image.base.entrypoint is not None
    return image.entrypoint is not None or image.scratch or known_base


def _environment(image: Image | None, service: Service | None) -> Environment:
    """The variables of a container: those of compose over those of the image. Closed when nothing else may add some:
    every env_file is unread for now, and only a known base image is known to set none that a server reads.
    """
    values: dict[str, Value | Unknown] = {}
    closed = image is not None and (image.base is not None or image.scratch)
    if image is not None:
        for name, text in (image.base.environment if image.base is not None else {}).items():
            values[name] = Value(text, None, "environment")
        for name, pair in image.environment.items():
            values[name] = UNKNOWN if pair.value is None else Value(pair.value, pair.span, "environment")
    if service is not None:
        closed = closed and not service.env_files
        for variable in service.environment:
            known = variable.value
            values[variable.name] = UNKNOWN if known is None else Value(known, variable.span, "environment")
    return Environment(values, closed=closed)


def _role(image: Image | None, service: Service | None, program: Program | None) -> str | None:
    """What the container is for: by the program it starts, else by the image that it is, or is built from."""
    if program is not None and program.role is not None:
        return program.role
    if service is not None and not _keeps_daemon(service):
        return None
    if image is not None:
        if image.entrypoint is None and image.cmd is None and image.base is not None and image.base.server is not None:
            return "server"
        return _role_of(image.reference)
    pulled = service.image if service is not None and service.build is None else None
    text = (pulled.value or pulled.default) if pulled is not None else None
    return _role_of(Reference.parse(text) if text else None)


def _keeps_daemon(service: Service) -> bool:
    """Whether a service still starts what its image is for: it sets no command, or gives it options only, or names the
    daemon. A script that calls a client (`redis-cli --cluster create`) does something else with the same image.
    """
    both = (service.entrypoint, service.command)
    words = [one.value or "" for command in both if command is not None for one in command.arguments or ()]
    if not words or words[0].startswith("-"):
        return True
    return not DAEMONS.isdisjoint(re.findall(r"[a-z][a-z.-]*[a-z]", " ".join(words)))


def _role_of(reference: Reference | None) -> str | None:
    name = reference.repository.rpartition("/")[2] if reference is not None else None
    return next((role for role, names in ROLES.items() if name in names), None)
