"""Images and services as they are started: command, environment, server, role."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial

from dockerlint_fastapi.assemble.environments import environment_of, variables_of
from dockerlint_fastapi.assemble.images import Link
from dockerlint_fastapi.assemble.probes import asking, probe_of_instruction, probe_of_service
from dockerlint_fastapi.assemble.python_starts import PythonStarts
from dockerlint_fastapi.assemble.surroundings import Surroundings
from dockerlint_fastapi.data import words
from dockerlint_fastapi.model.bases.base_image import Reference
from dockerlint_fastapi.model.command import Argument, Environment, Program, Server
from dockerlint_fastapi.model.compose import Service
from dockerlint_fastapi.model.container import DAEMONS, ROLES, Container
from dockerlint_fastapi.model.deployment import Deployment
from dockerlint_fastapi.model.dockerfile import Add, Cmd, Entrypoint, Instruction, Run, Stage, Transfer
from dockerlint_fastapi.model.health.probe import Probe
from dockerlint_fastapi.model.image import Image
from dockerlint_fastapi.model.project import Project
from dockerlint_fastapi.parsers.command import Entry, alternatives, entry_of, main_program, programs
from dockerlint_fastapi.parsers.server import server as server_of
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.assemble.built_nearby import BuiltNearby
    from dockerlint_fastapi.assemble.published import Published
    from dockerlint_fastapi.model.dockerfile import Command
    from dockerlint_fastapi.model.start.start_script import Passed

_LONG_RUNNING = ("server", "worker", "other-web")
_PASSES = r"\bexit[ \t]+0\b|\btrue\b|\|\|[ \t]*(?:echo|:)"  # what a health check that cannot fail has in its text


def contain(project: Project, links: Sequence[Link], *, code: bool = True) -> None:
    """Gives the project its containers: one for each service of each deployment, and one for each image that no
    service outside development starts with the image's own command. `code` is as of `assemble`.
    """
    images = {image.stage: image for image in project.own.images}
    built = {(id(link.deployment), link.service.name): images.get(link.stage) for link in links}
    everything: list[Container] = []

    for image in project.own.images:
        image.probe = probe_of_instruction(image.healthcheck)
        image.read_run_scripts = _run_scripts

    def names() -> frozenset[str]:
        return project.index.names

    by_name = _built_by_name(project, built)
    published = _published(project)
    nearby = _nearby(project, built)
    for image in project.own.images:
        name = image.base_name or ""
        if image.base is None and name != "scratch" and _is_own(name):
            image.built_on = by_name[name] if name in by_name else published().tagged(name)
    for deployment in project.own.deployments:
        beside = _built_beside(deployment, built)
        for service in deployment.merged.services.values():
            found = built.get((id(deployment), service.name))
            if found is None and service.build is None and service.image is not None:
                found = beside.get(service.image.intended or "")
            if found is None and service.build is None and service.image is not None:
                name = service.image.intended or ""
                found = by_name.get(name)
                if found is None and "/" in name and not deployment.development_of(service):
                    found = published().image(name)
                if found is None and name not in by_name and _is_own(name):
                    found = published().tagged(name) or nearby().of(service, deployment)
            one = _container(found, service, deployment, names)
            deployment.containers.append(one)
            everything.append(one)
    for one in everything:
        if one.image is not None:
            one.image.containers.append(one)
    for image in project.own.images:
        # What only development starts says nothing of how an image for production runs.
        if not any(one.as_built and (image.named_development or not _is_named(one)) for one in image.containers):
            one = _container(image, None, None, names)
            image.containers.append(one)
            everything.append(one)
    python_starts = PythonStarts(project)
    for one in everything:
        python_starts.read(one, code=code)
        _withdraw(one)
        one.probe = asking(one)
    for image in project.own.images:
        # The same of what is for development by what runs: the code that it mounts is in the image, too.
        started = [one for one in image.containers if one.as_built]
        if image.development is None and all(one.service is not None and _is_aside(one) for one in started):
            one = _container(image, None, None, names)
            python_starts.read(one)
            _withdraw(one)
            one.probe = asking(one)
            image.containers.append(one)
            everything.append(one)
        if image.containers and not image.named_development:
            image.containers[0].read_manifests = cache(partial(_of_manifests, image, published, names))
    project.own.containers = tuple(everything)


def _is_named(container: Container) -> bool:
    """Whether names say that a service is for development."""
    deployment, service = container.deployment, container.service
    return deployment is not None and service is not None and deployment.development_of(service) is not None


def _is_aside(container: Container) -> bool:
    """Whether a service says nothing of how its image is started elsewhere: it is for development. An image without
    code is started by nobody who does not bring some.
    """
    work, image = container.development, container.image
    if work is None or work.firm:
        return work is not None
    return not (container.mounts_source and image is not None and image.without_code)


def _published(project: Project) -> Callable[[], Published]:
    """What workflows and scripts build, by its names."""

    @cache
    def read() -> Published:
        from dockerlint_fastapi.assemble.published import Published  # noqa: PLC0415 - few services take such a name

        return Published(project)

    return read


def _with_override(service: Service | None, deployment: Deployment | None) -> Service | None:
    """A service as the automatic override makes it, where nothing is seen to start it without."""
    if service is None or deployment is None or not deployment.extended_by or deployment.usual is None:
        return None
    return deployment.usual.merged.services.get(service.name)


def _is_own(name: str) -> bool:
    """Whether a name may be one that the project gives to an image of its own."""
    reference = Reference.parse(name)
    return reference is not None and not reference.is_public


def _built_beside(deployment: Deployment, built: Mapping[tuple[int, str], Image | None]) -> dict[str, Image | None]:
    """The images by the names under which services of one set of files build them, for services that take them by that
    name; None where two services build different ones under one name.
    """
    found: dict[str, Image | None] = {}
    for one in deployment.merged.services.values():
        name = one.image.intended if one.build is not None and one.image is not None else None
        if name:
            image = built.get((id(deployment), one.name))
            found[name] = image if found.get(name, image) is image else None
    return found


def _nearby(project: Project, built: Mapping[tuple[int, str], Image | None]) -> Callable[[], BuiltNearby]:
    """What files of one folder build for the services of one name."""

    @cache
    def read() -> BuiltNearby:
        from dockerlint_fastapi.assemble.built_nearby import BuiltNearby  # noqa: PLC0415 - as above

        return BuiltNearby(project, built)

    return read


def _built_by_name(project: Project, built: Mapping[tuple[int, str], Image | None]) -> dict[str, Image | None]:
    """The images by the names under which compose files build them, as a stack for Swarm takes what
    `docker-compose.yml` builds; None where two have one name, and for those of development.
    """
    found: dict[str, Image | None] = {}
    for deployment in project.own.deployments:
        for one in deployment.merged.services.values():
            name = one.image.intended if one.build is not None and one.image is not None else None
            if name:
                image = built.get((id(deployment), one.name))
                same = image is not None and not image.named_development and found.get(name, image) is image
                found[name] = image if same else None
    return found


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
    env_files = deployment.env_files_of(service) if deployment is not None and service is not None else ()
    variables = variables_of(image, service, env_files)
    made = Container(
        image=image,
        service=service,
        deployment=deployment,
        programs=(),
        program=None,
        server=None,
        role=None,
        start=start,
        start_span=start_span,
        environment=environment_of(image, variables, env_files, override=_with_override(service, deployment)),
        probe=_probe(image, service),
    )
    made.variables, made.env_files = variables, env_files
    _launch(made, entry, names)
    return made


def _launch(made: Container, entry: Entry | None, names: Callable[[], frozenset[str]]) -> None:
    """Tells a container what its start command says."""
    image, service = made.image, made.service
    started = programs(entry, Surroundings(made).of_string) if entry is not None else ()
    program, ways = _main(started)
    exists = _exists(image, service, names)
    made.programs, made.program = started, program
    made.server = _server(made, ways, exists)
    made.role = _role(image, service, program)
    if any(one.may_be_script for one in started):
        _read_scripts(made, exists)


def _withdraw(made: Container, *, whole: bool = False) -> None:
    """Takes back what a container starts, where an unknown image may put any program in front of its CMD. In front of
    what serves, by its name, its script or its code, that is one which starts its arguments, else they would not be
    written so.
    """
    program = made.program
    if whole or _entrypoint_known(made.image, made.service) or made.server is not None:
        return
    if (program is None or program.role not in _LONG_RUNNING) and (made.role != "server" or not made.programs):
        made.programs, made.program, made.scripts, made.way, made.foreground = (), None, (), (), None
        made.role, made.read_arms = _role(made.image, made.service, None), _no_arms


def _run_scripts(image: Image) -> Iterator[tuple[Run, Command]]:
    if not any(".sh" in run.text for run in image.every(Run)):
        return iter(())
    from dockerlint_fastapi.assemble.run_scripts import run_scripts  # noqa: PLC0415 - few RUNs start one

    return run_scripts(image)


def _of_manifests(
    image: Image, published: Callable[[], Published], names: Callable[[], frozenset[str]]
) -> tuple[Container, ...]:
    """The containers that manifests of Kubernetes start from an image by commands of their own."""
    if not names() or not image.orchestrated:
        return ()
    from dockerlint_fastapi.assemble.manifest_starts import entry_of_manifest, manifested  # noqa: PLC0415 - few do

    found = []
    for one in manifested(image, lambda name: published().image(name)):
        cmd = image.cmd.command if image.cmd is not None else None
        entry, span = entry_of_manifest(one, _first(image, image.entrypoint), cmd)
        made = Container(
            image=image,
            service=None,
            deployment=None,
            programs=(),
            program=None,
            server=None,
            role=None,
            start=None,
            start_span=span,
            environment=Environment(closed=False),  # a manifest, and the cluster itself, may set any variable
        )
        made.covered_by(one.covers)
        _launch(made, entry, names)
        _withdraw(made, whole=one.command is not None)
        found.append(made)
    return tuple(found)


def _read_scripts(container: Container, exists: Callable[[str], bool | None]) -> None:
    """Puts what runs in the scripts of a container in their place."""
    from dockerlint_fastapi.assemble.starts import read_starts  # noqa: PLC0415  # most containers start no script

    found, scripts = read_starts(container, container.programs)
    if not scripts and all(one.program is before for one, before in zip(found, container.programs, strict=False)):
        return
    container.programs = tuple(one.program for one in found)
    container.scripts = scripts
    program, ways = _main(container.programs)
    container.program = program
    container.way = next((one.way for one in found if one.program is program), ())
    if program is not None and program.background and program.role != "server":
        last = found[-1].program
        if last.last and last.role is None and last.script and not (last.background or last.conditional):
            container.foreground = (last, found[-1].way)
    container.server = _server(container, ways, exists)
    if container.service is None and not container.way and len(scripts) == 1:
        container.read_arms = _read_arms
    # A name such as `worker.sh` tells what it is for, where the script itself does not.
    container.role = _role(container.image, container.service, program) or container.role


def _no_arms(_container: Container) -> tuple[tuple[Passed, ...], ...]:
    return ()


def _read_arms(container: Container) -> tuple[tuple[Passed, ...], ...]:
    from dockerlint_fastapi.assemble.starts import read_arms  # noqa: PLC0415  # as above

    return read_arms(container)


def _main(programs: tuple[Program, ...]) -> tuple[Program | None, tuple[Program, ...]]:
    """The program that a container is about, and all of which that is one."""
    program = main_program(programs)
    if program is not None:
        return program, (program,)
    ways = alternatives(programs)
    return (ways[0] if ways else None), ways


def _server(container: Container, ways: tuple[Program, ...], exists: Callable[[str], bool | None]) -> Server | None:
    """The server that one of several programs runs, as far as they agree; None where they do not, or none serves."""
    found = [server_of(one, container.environment, exists) for one in ways]
    servers = [one for one in found if one is not None]
    if len(servers) < 2 or len(servers) < len(found):
        return servers[0] if len(found) == len(servers) == 1 else None
    from dockerlint_fastapi.parsers.server.code import agreed  # noqa: PLC0415  # few scripts have such branches

    return agreed(servers)


def _probe(image: Image | None, service: Service | None) -> Probe | None:
    """The health check that runs in a container of an image that we know; of another image one by curl, which says all
    that is asked of it, one that may pass whatever is asked, or one of an image of which we know what it lacks.
    """
    if image is None:
        test = service.healthcheck.test if service is not None and service.healthcheck is not None else None
        asks = test is not None and ("curl" in test.span.text or re.search(_PASSES, test.span.text) is not None)
        if not asks and test is not None and "wget" in test.span.text and service is not None:
            from dockerlint_fastapi.model.health.published_images import is_known  # noqa: PLC0415 - few ask so

            asks = service.image is not None and is_known(service.image.intended)
        return probe_of_service(service, None) if service is not None and asks else None
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


def _role(image: Image | None, service: Service | None, program: Program | None) -> str | None:
    """What the container is for: by the program it starts, else by the image that it is, or is built from."""
    if _is_front_end(image, program):
        return "frontend"
    if program is not None and program.role is not None:
        return program.role
    if service is not None and not _keeps_daemon(service):
        return None
    if image is not None:
        if image.entrypoint is None and image.cmd is None and image.base is not None and image.base.server is not None:
            return "server"
        return _role_of(image.reference)
    if service is None:
        return None
    from dockerlint_fastapi.model.bases.pull import origin_of  # noqa: PLC0415 - for compose files

    return _role_of(origin_of(service)) or ("database" if _has_signs_of_postgres(service) else None)


def _has_signs_of_postgres(service: Service) -> bool:
    """Whether an image of unknown making certainly is a PostgreSQL, as those built from the official one are: it is
    given the password of its superuser, asks itself by `pg_isready`, and keeps its data where that does.
    """
    check = service.healthcheck.test if service.healthcheck is not None else None
    if check is None or "pg_isready" not in check.span.text or service.build is not None:
        return False
    given = any(one.name in ("POSTGRES_PASSWORD", "POSTGRES_PASSWORD_FILE") for one in service.environment)
    targets = [one.target.value or "" for one in service.volumes if one.target is not None]
    return given and any(one.startswith("/var/lib/postgresql") for one in targets)


# Servers of files, and the tools that serve a front end while it is made.
_FILE_SERVERS = frozenset(("nginx", "nginx-debug", "caddy", "httpd", "serve", "http-server"))
_FRONT_END_TOOLS = frozenset(("next", "ng", "nuxt", "react-scripts", "vite"))


def _is_front_end(image: Image | None, program: Program | None) -> bool:
    """Whether a container serves the pages of a front end: by a tool that does nothing else, or by a server of files
    that takes over what a stage with Node has built.
    """
    if program is not None and program.name in _FRONT_END_TOOLS:
        return not any(one.value == "build" for one in program.argv)
    if image is None or not any(_has_node(stage) for stage in image.builders):
        return False
    if program is not None and program.name:
        return program.name in _FILE_SERVERS or (program.name == "docker-entrypoint.sh" and _is_proxy(image))
    return _is_proxy(image)


def _is_proxy(image: Image) -> bool:
    return _role_of(image.reference) == "proxy"


def _has_node(stage: Stage) -> bool:
    name = stage.first.from_.image.value
    reference = Reference.parse(name) if name else None
    return reference is not None and reference.repository.rpartition("/")[2] in ("node", "bun")


def _keeps_daemon(service: Service) -> bool:
    """Whether a service still starts what its image is for: it sets no command, or gives it options only, or names the
    daemon. A script that calls a client (`redis-cli --cluster create`) does something else with the same image.
    """
    both = (service.entrypoint, service.command)
    words = [one.value or "" for command in both if command is not None for one in command.arguments or ()]
    if not words or words[0].startswith("-"):
        return True
    # A daemon's name behind an option is that option's value (`createdb -U postgres`), but for a shell's `-c`.
    parts = " ".join(words).split()
    named = (
        part for before, part in zip(("", *parts), parts, strict=False) if not re.match(r"-(?!-$|[a-z]*c$)", before)
    )
    return not DAEMONS.isdisjoint(part.strip("\"'();&|{}").rpartition("/")[2] for part in named)


def _role_of(reference: Reference | None) -> str | None:
    if reference is not None and reference.full_repository in words("service_images", "sql_servers"):
        return "database"
    name = reference.repository.rpartition("/")[2] if reference is not None else None
    return next((role for role, names in ROLES.items() if name in names), None)
