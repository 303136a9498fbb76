"""From the model of a project to its description. Nothing is read and nothing parsed here: the model answers."""

from __future__ import annotations

from dockerlint_fastapi.model.bases.base_image import Reference, base_image
from dockerlint_fastapi.model.compose import OVERRIDE_NAMES
from dockerlint_fastapi.model.dockerfile import Volume as VolumeInstruction
from dockerlint_fastapi.model.evidence import setting_of_path
from dockerlint_fastapi.show.commands import command_of, text_of
from dockerlint_fastapi.show.description import (
    Base,
    Build,
    Container,
    Context,
    Dependency,
    Deployment,
    Description,
    EnvFile,
    Exposed,
    Fact,
    Place,
    Port,
    Reason,
    Unread,
    Variable,
    Volume,
    Written,
)
from dockerlint_fastapi.show.health import health_check_of
from dockerlint_fastapi.show.started import (
    application_of,
    no_application_of,
    packages_of,
    program_of,
    scripts_of,
    server_of,
)
from dockerlint_fastapi.show.unknowns import fault_of, unknowns_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dockerlint_fastapi import model
    from dockerlint_fastapi.model import compose
    from dockerlint_fastapi.model.bases.base_image import BaseImage
    from dockerlint_fastapi.model.context.image_build import ImageBuild
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
        """Whether one of the files that were asked for takes part in it: in its image, or as a file of variables."""
        if self.files is None or any(use.path in self.files for use in container.env_files):
            return True
        image = container.image
        if image is None:
            return False
        ignore_files = (image.ignore_file(context) for context in image.contexts)
        if image.dockerfile.source.path in self.files or any(path in self.files for path in ignore_files if path):
            return True
        return any(_carries(build, path) for build in image.builds for path in self.files)

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
            profiles=tuple(text_of(profile) for profile in service.profiles) if service is not None else (),
            image=_fact_of(service.image) if service is not None else None,
            build=self.build(one, image) if image is not None else None,
            base=_base(image),
            command=command_of(one, base),
            scripts=tuple(scripts_of(one)),
            program=program_of(one.program),
            server=server_of(one.server),
            application=application_of(one),
            no_application=no_application_of(one),
            packages=tuple(packages_of(one)),
            exposed=tuple(_exposed(image)) if image is not None else (),
            ports=tuple(_port(port) for port in service.ports) if service is not None else (),
            network_mode=_fact_of(service.network_mode) if service is not None else None,
            user=_user(one, base),
            health_check=health_check_of(one, base),
            volumes=tuple(_volumes(one)),
            variables=tuple(_variables(one)),
            env_files=tuple(_env_files(one)),
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
            contexts=tuple(self.context(build) for build in image.builds if build.context in contexts),
            contexts_named=image.contexts_named,
        )

    def context(self, build: ImageBuild) -> Context:
        """A folder, and what a build is sent of it."""
        path = self.folder(build.context)
        ignore_file = self.ignore_file(build.image, build.context)
        if not build.certain:
            return Context(path, ignore_file, None, None, more=False)
        sent = build.sent
        return Context(path, ignore_file, sent.files, sent.size, not sent.whole)

    def own_context(self, container: model.Container) -> str | None:
        """The context that the container's service names, from the project's root."""
        service, deployment = container.service, container.deployment
        build = service.build if service is not None else None
        if build is None or deployment is None:
            return None
        return deployment.merged.context_of(build)

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


def _carries(build: ImageBuild, path: str) -> bool:
    """Whether a build brings a file of the project into the image."""
    inside = f"{build.context}/" if build.context else ""
    if not path.startswith(inside):
        return False
    own = path[len(inside) :]
    return build.sends(own) and bool(build.takers(own))


def _reason(evidence: Evidence | None) -> Reason | None:
    return None if evidence is None else Reason(evidence.reason, _place(evidence.span))


def _targets(container: model.Container) -> bool:
    service = container.service
    return service is not None and service.build is not None and service.build.target is not None


def _part(setting: compose.Setting | None) -> Written | None:
    return None if setting is None else Written(setting.text, setting.value, setting.default)


def _fact_of(setting: compose.Setting | None) -> Fact | None:
    return None if setting is None else Fact(text_of(setting), "compose", Place.of(setting.span))


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


def _exposed(image: Image) -> Iterator[Exposed]:
    for expose in image.exposes:
        for word in expose.ports:
            yield Exposed(word.text if word.value is None else word.value, Place.of(word.span))


def _env_files(container: model.Container) -> Iterator[EnvFile]:
    files = container.service.env_files if container.service is not None else ()
    for file, use in zip(files, container.env_files, strict=False):
        yield EnvFile(text_of(file.path), file.required, use.file is not None, Place.of(file.span))


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


def _volumes(container: model.Container) -> Iterator[Volume]:
    service, image = container.service, container.image
    for mount in service.volumes if service is not None else ():
        yield Volume(
            mount.type or mount.default_type,
            text_of(mount.source) if mount.source is not None else None,
            text_of(mount.target) if mount.target is not None else None,
            mount.read_only,
            Place.of(mount.span),
        )
    for one in service.tmpfs if service is not None else ():
        yield Volume("tmpfs", None, text_of(one), read_only=False, place=Place.of(one.span))
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
    in_files = [one for one in container.variables.values() if one.origin == "env_file" and one.name not in seen]
    for one in sorted(in_files, key=lambda one: (one.span.source.path, one.span.start)):
        seen.add(one.name)
        yield Variable(one.name, "env_file", Place.of(one.span))
    for name, pair in image.environment.items() if image is not None else ():
        if name not in seen:
            seen.add(name)
            yield Variable(name, "ENV", Place.of(pair.span))
    base = image.base if image is not None else None
    for name in base.environment if base is not None else ():
        if name not in seen:
            yield Variable(name, "base image", None)
