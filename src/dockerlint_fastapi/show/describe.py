"""From the model of a project to its description. Nothing is read and nothing parsed here: the model answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerlint_fastapi.model.base_image import Reference, base_image
from dockerlint_fastapi.model.compose import OVERRIDE_NAMES
from dockerlint_fastapi.model.dockerfile import Volume as VolumeInstruction
from dockerlint_fastapi.model.evidence import setting_of_path
from dockerlint_fastapi.show.commands import command_of, test_of, test_of_compose
from dockerlint_fastapi.show.description import (
    Base,
    Bind,
    Build,
    Container,
    Context,
    Dependency,
    Deployment,
    Description,
    EnvFile,
    Fact,
    HealthCheck,
    Place,
    Port,
    Program,
    Reason,
    Server,
    Timing,
    Unread,
    Variable,
    Volume,
    Written,
)
from dockerlint_fastapi.show.unknowns import fault_of, unknowns_of
from dockerlint_fastapi.tree import normal, parent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dockerlint_fastapi import model
    from dockerlint_fastapi.model import command as commands
    from dockerlint_fastapi.model import compose
    from dockerlint_fastapi.model.base_image import BaseImage
    from dockerlint_fastapi.model.dockerfile import Healthcheck
    from dockerlint_fastapi.model.evidence import Evidence
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.source import Span


def describe(
    project: model.Project, *, files: frozenset[str] | None = None, shown: Callable[[str], str] = str
) -> Description:
    """What dlf understood of a project; of `files` (relative to the root) only, where they are given. `shown` turns a
    path into what the user sees.
    """
    describer = _Describer(project, files, shown)
    return Description(tuple(describer.deployments()), tuple(describer.images()), tuple(describer.unread()))


def together(descriptions: Iterable[Description]) -> Description:
    """Descriptions of several projects, or of parts of one, as one; what two of them hold alike is told once."""
    deployments: dict[tuple[object, ...], Deployment] = {}
    images: dict[Container, None] = {}
    unread: dict[Unread, None] = {}
    for description in descriptions:
        for deployment in description.deployments:
            key = (deployment.files, deployment.setting, deployment.incomplete)
            before = deployments.get(key)
            containers = (*(before.containers if before is not None else ()), *deployment.containers)
            deployments[key] = deployment._replace(containers=tuple(dict.fromkeys(containers)))
        images.update(dict.fromkeys(description.images))
        unread.update(dict.fromkeys(description.unread))
    return Description(tuple(deployments.values()), tuple(images), tuple(unread))


def _place(span: Span | None) -> Place | None:
    return None if span is None else Place.of(span)


class _Describer:
    """One project, the files that were asked for, and how paths are shown."""

    __slots__ = ("files", "project", "shown")

    def __init__(self, project: model.Project, files: frozenset[str] | None, shown: Callable[[str], str]) -> None:
        self.project = project
        self.files = files
        self.shown = shown

    def deployments(self) -> Iterator[Deployment]:
        """The deployments that have something to show."""
        for one in self.project.deployments:
            named = self.files is None or any(file.source.path in self.files for file in one.merged.files)
            containers = tuple(self.container(each) for each in one.containers if named or self.concerns(each))
            if containers:
                files = tuple(file.source.shown for file in one.files)
                yield Deployment(files, one.setting, _why(one), self.incomplete(one), containers)

    def incomplete(self, deployment: model.Deployment) -> str | None:
        """Why settings may be missing from a deployment."""
        if deployment.whole:
            return None
        if deployment.merged.incomplete:
            return "a file that it takes in cannot be read"
        for one in self.project.deployments:
            if one is not deployment and not {*deployment.files}.isdisjoint({*one.merged.files} - {*one.files}):
                return f"`{one.files[0].source.shown}` takes parts of it"
        return "its base is missing"

    def images(self) -> Iterator[Container]:
        """The containers that no service starts."""
        for one in self.project.containers:
            if one.service is None and self.concerns(one):
                yield self.container(one)

    def concerns(self, container: model.Container) -> bool:
        """Whether one of the files that were asked for takes part in its image."""
        image = container.image
        if self.files is None:
            return True
        if image is None:
            return False
        ignore_files = (image.ignore_file(context) for context in image.contexts)
        return image.dockerfile.source.path in self.files or any(path in self.files for path in ignore_files if path)

    def unread(self) -> Iterator[Unread]:
        """The files that say less than they might."""
        for file in self.project.files:
            if self.files is not None and file.source.path not in self.files:
                continue
            span, reason = fault_of(file)
            if reason:
                yield Unread(file.source.shown, reason, Place.of(span))

    def container(self, one: model.Container) -> Container:
        """One container."""
        service, image = one.service, one.image
        base = image.base if image is not None else _pulled(service)
        return Container(
            service=service.name if service is not None else None,
            place=Place.of(one.span),
            role=one.role,
            setting=one.setting,
            development=_reason(one.development),
            profiles=tuple(written(profile) for profile in service.profiles) if service is not None else (),
            image=_fact_of(service.image) if service is not None else None,
            build=self.build(one, image) if image is not None else None,
            base=_base(image),
            command=command_of(one, base),
            program=_program(one.program),
            server=_server(one.server),
            ports=tuple(_port(port) for port in service.ports) if service is not None else (),
            network_mode=_fact_of(service.network_mode) if service is not None else None,
            user=_user(one, base),
            health_check=_health_check(one, base),
            volumes=tuple(_volumes(one)),
            variables=tuple(_variables(one)),
            env_files=tuple(
                EnvFile(written(file.path), file.required, Place.of(file.span))
                for file in (service.env_files if service is not None else ())
            ),
            depends_on=tuple(
                Dependency(dependency.name, dependency.condition, dependency.required, Place.of(dependency.span))
                for dependency in (service.depends_on if service is not None else ())
            ),
            unknown=tuple(dict.fromkeys(unknowns_of(one, base))),
        )

    def build(self, container: model.Container, image: Image) -> Build:
        """How an image is built; from the context that the service names, if one starts it."""
        service = container.service
        target = service.build.target if service is not None and service.build is not None else None
        last = image.dockerfile.stages[-1]
        chosen_by = "target" if target is not None else "last stage" if image.stage is last else "name"
        if service is None and chosen_by == "name" and any(_targets(one) for one in image.containers):
            chosen_by = "target"
        own = self.own_context(container)
        contexts = (own,) if own in image.contexts else image.contexts
        return Build(
            dockerfile=image.dockerfile.source.shown,
            stage=image.stage.name,
            stage_index=image.stage.index,
            chosen_by=chosen_by,
            place=Place.of(image.span),
            contexts=tuple(Context(self.folder(path), self.ignore_file(image, path)) for path in contexts),
            contexts_named=image.contexts_named,
        )

    def own_context(self, container: model.Container) -> str | None:
        """The context that the container's service names: a path from the folder of the first file of its set."""
        service, deployment = container.service, container.deployment
        build = service.build if service is not None else None
        if build is None or deployment is None:
            return None
        text = "." if build.context is None else build.context.intended
        above = parent(deployment.files[0].source.path)
        return None if text is None else normal(f"{above}/{text}" if above else text)

    def folder(self, path: str) -> str:
        """A folder as the user names it; `.` for the working directory."""
        return self.shown(path) if path else self.shown("").rstrip("/") or "."

    def ignore_file(self, image: Image, context: str) -> str | None:
        """The ignore file of a build as the user names it."""
        path = image.ignore_file(context)
        return None if path is None else self.shown(path)


def _why(deployment: model.Deployment) -> str:
    """Why a deployment has its setting."""
    setting = deployment.setting
    for file in reversed(deployment.files):
        if setting_of_path(file.source.path) == setting:
            automatic = (
                " (Compose takes it in by itself)" if file.source.path.rpartition("/")[2] in OVERRIDE_NAMES else ""
            )
            return f"`{file.source.shown}` is named for {setting}{automatic}"
    if setting == "base":
        names = "its name says" if len(deployment.files) == 1 else "their names say"
        return f"{names} neither production nor development"
    return f"a complete file for {'production' if setting == 'development' else 'development'} stands beside it"


def _reason(evidence: Evidence | None) -> Reason | None:
    return None if evidence is None else Reason(evidence.reason, _place(evidence.span))


def _targets(container: model.Container) -> bool:
    service = container.service
    return service is not None and service.build is not None and service.build.target is not None


def written(setting: compose.Setting) -> str:
    """A setting's value, or as written when that cannot be told."""
    return setting.text if setting.value is None else setting.value


def _part(setting: compose.Setting | None) -> Written | None:
    return None if setting is None else Written(setting.text, setting.value, setting.default)


def _fact_of(setting: compose.Setting | None) -> Fact | None:
    return None if setting is None else Fact(written(setting), "compose", Place.of(setting.span))


def _pulled(service: compose.Service | None) -> BaseImage | None:
    """What is known of the image that a service takes from elsewhere."""
    image = service.image if service is not None and service.build is None else None
    text = (image.value or image.default) if image is not None else None
    return base_image(Reference.parse(text) if text else None)


def _base(image: Image | None) -> Base | None:
    if image is None:
        return None
    word = image.lineage[0].from_.image
    name = image.base_name or word.text
    return Base(name, word.text, image.scratch or image.base is not None, Place.of(word.span))


def _program(program: commands.Program | None) -> Program | None:
    if program is None or not program.name:
        return None
    return Program(program.name, program.script, program.wrappers, Place.of(program.span))


def _value(value: commands.Value | None) -> Fact | None:
    if value is None:
        return None
    origin = "base image" if value.origin == "environment" and value.span is None else value.origin
    return Fact(value.text, origin, _place(value.span))


def _server(server: commands.Server | None) -> Server | None:
    if server is None:
        return None
    binds = server.binds
    return Server(
        kind=server.kind,
        subcommand=server.subcommand or None,
        app=_value(server.app),
        host=_value(server.host),
        port=_value(server.port),
        workers=_value(server.workers),
        reload=_value(server.reload),
        binds=None if binds is None else tuple(Bind(_value(bind.host), _value(bind.port)) for bind in binds),
    )


def _port(port: compose.Port) -> Port:
    return Port(_part(port.host_ip), _part(port.published), _part(port.target), port.protocol, Place.of(port.span))


def _user(container: model.Container, base: BaseImage | None) -> Fact | None:
    account = container.account
    if account is not None:
        if account.span is None:
            return Fact(account.text, "base image", None)
        service = container.service
        chosen = service is not None and service.user is not None
        return Fact(account.text, "compose" if chosen else "Dockerfile", Place.of(account.span))
    pulled = container.image is None and (container.service is None or container.service.user is None)
    return Fact(base.user, "base image", None) if pulled and base is not None and base.user is not None else None


def _health_check(container: model.Container, base: BaseImage | None) -> HealthCheck | None:
    """The health check in force; None when that cannot be told."""
    check = container.service.healthcheck if container.service is not None else None
    own = _of_instruction(container, base)
    if check is None:
        return own
    place = Place.of(check.span)
    if check.disabled is None:
        return None
    if check.disabled:
        return HealthCheck("off", "compose", None, None, None, place)
    given = (check.interval, check.timeout, check.retries, check.start_period, check.start_interval)
    above = own.timing if own is not None and own.timing is not None else Timing(*(None,) * 5)
    # Docker fills each of them from the image when compose does not give it.
    timing = Timing(*(written(one) if one is not None else old for one, old in zip(given, above, strict=True)))
    if check.test is None:
        return own if own is None or own.state != "set" else own._replace(timing=timing)
    form, test = test_of_compose(check)
    return HealthCheck("set", "compose", form, test, timing, place)


def _of_instruction(container: model.Container, base: BaseImage | None) -> HealthCheck | None:
    image = container.image
    found: Healthcheck | None = image.healthcheck if image is not None else None
    if found is None:
        inherits = image.inherits_healthcheck if image is not None else base.healthcheck if base is not None else None
        state = {True: "inherited", False: "none"}.get(inherits) if inherits is not None else None
        return None if state is None else HealthCheck(state, None, None, None, None, None)
    place = Place.of(found.span)
    if found.command is None:
        return HealthCheck("off", "HEALTHCHECK", None, None, None, place)
    names = ("interval", "timeout", "retries", "start-period", "start-interval")
    flags = (found.flag(name) for name in names)
    timing = Timing(*(None if flag is None else flag.value or flag.raw for flag in flags))
    form, test = test_of(found.command)
    return HealthCheck("set", "HEALTHCHECK", form, test, timing, place)


def _volumes(container: model.Container) -> Iterator[Volume]:
    service, image = container.service, container.image
    for mount in service.volumes if service is not None else ():
        yield Volume(
            mount.type or mount.default_type,
            written(mount.source) if mount.source is not None else None,
            written(mount.target) if mount.target is not None else None,
            mount.read_only,
            Place.of(mount.span),
        )
    for one in service.tmpfs if service is not None else ():
        yield Volume("tmpfs", None, written(one), read_only=False, place=Place.of(one.span))
    for volume in image.every(VolumeInstruction) if image is not None else ():
        for path in volume.paths:
            target = path.text if path.value is None else path.value
            yield Volume("anonymous", None, target, read_only=False, place=Place.of(path.span))


def _variables(container: model.Container) -> Iterator[Variable]:
    """The names of the variables, those that compose sets first; each once, from the one that wins."""
    service, image = container.service, container.image
    seen: set[str] = set()
    for variable in service.environment if service is not None else ():
        seen.add(variable.name)
        yield Variable(variable.name, "host" if variable.raw is None else "compose", Place.of(variable.span))
    for name, pair in image.environment.items() if image is not None else ():
        if name not in seen:
            seen.add(name)
            yield Variable(name, "ENV", Place.of(pair.span))
    base = image.base if image is not None else None
    for name in base.environment if base is not None else ():
        if name not in seen:
            yield Variable(name, "base image", None)
