"""Compose files that are used together: what one `docker compose up` starts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from dockerlint_fastapi.cached import cached_property
from dockerlint_fastapi.model.compose import DEFAULT_NAMES, OVERRIDE_NAMES
from dockerlint_fastapi.model.evidence import MACHINES, Evidence, setting_of_name, setting_of_path, tokens
from dockerlint_fastapi.source import Source, Span
from dockerlint_fastapi.tree import parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import ComposeFile, Service
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.environment.env_file import EnvFileUse
    from dockerlint_fastapi.model.network.port_conflicts import PortConflict
    from dockerlint_fastapi.model.network.service_names import ServiceNames
    from dockerlint_fastapi.model.project import Project
    from dockerlint_fastapi.model.secrets.agreement import Agreement
    from dockerlint_fastapi.model.secrets.defaulted_secrets import DefaultedSecret
    from dockerlint_fastapi.model.secrets.inline_secrets import InlineSecret
    from dockerlint_fastapi.model.secrets.secret_arguments import LiteralArgument
    from dockerlint_fastapi.model.services.broken_references import DependencyCycle, UnfilledResource
    from dockerlint_fastapi.model.services.compose_conflicts import Conflict
    from dockerlint_fastapi.model.services.readiness import Impossible, Unawaited


def _unread(path: str | None) -> EnvFileUse:
    from dockerlint_fastapi.model.environment.env_file import EnvFileUse  # noqa: PLC0415  # for models made without files

    return EnvFileUse(path, None, "it is not read")


class Deployment:
    """Compose files that are used together, merged: one `docker compose -f ... up`.

    `setting` is `production`, `development`, or `base` for a file whose name says neither (the guide calls that
    "local development and staging").
    """

    def __init__(
        self,
        files: Sequence[ComposeFile],
        merged: ComposeFile,
        setting: str,
        development_of: Callable[[Service], Evidence | None],
        *,
        whole: bool = True,
        base_setting: str = "base",
        given: bool = False,
    ) -> None:
        self.extended_by: tuple[Deployment, ...] = ()  # whole ones that lay more files over these, such as an override
        # the set for production over the same first file, of one whose names say nothing: there, this comes on top
        self.shipped: Deployment | None = None
        self.for_scans = False  # it holds a scanner, by which its files are for tests whatever its services say
        # the user says that these files are used together, or a command starts the one although it lacks what it names;
        # else their names and contents say so
        self.given = given
        self.files = tuple(files)
        self.merged = merged
        self.setting = setting
        self.development_of = development_of
        self.base_setting = base_setting  # of a file whose name says nothing: development beside one for production
        self.whole = whole  # False for an overlay whose base is not known: nothing can be said to be missing from it
        self.containers: list[Container] = []
        self.project: Project | None = None  # that it is of
        # how a path is read as an env file, and what `env_file:` of a service names, in order
        self.env_file_at: Callable[[str], EnvFileUse] = _unread
        self.env_files_of: Callable[[Service], tuple[EnvFileUse, ...]] = lambda service: tuple(
            _unread(None) for _ in service.env_files
        )

    def __repr__(self) -> str:
        return f"Deployment({[file.source.path for file in self.files]})"

    @cached_property
    def mounted_names(self) -> frozenset[str]:
        """What its services mount, as it is written: names of volumes, and paths."""
        mounts = (mount for service in self.merged.services.values() for mount in service.volumes)
        return frozenset(mount.source.text for mount in mounts if mount.source is not None)

    @cached_property
    def containers_by_name(self) -> Mapping[str, Container]:
        """What it starts, by the names of the services."""
        return {one.service.name: one for one in self.containers if one.service is not None}

    @property
    def dotenv(self) -> EnvFileUse:
        """The `.env` in the folder of its first file, which Compose reads for `${NAME}` in its files."""
        folder = parent(self.files[0].source.path)
        return self.env_file_at(f"{folder}/.env" if folder else ".env")

    @cached_property
    def service_names(self) -> ServiceNames:
        """By which names its services find each other."""
        from dockerlint_fastapi.model.network.service_names import ServiceNames  # noqa: PLC0415  # few rules ask for a name

        return ServiceNames(self.merged)

    def service_named(self, host: str, asker: Service | None = None) -> Service | None:
        """The service that a host name leads to: by name, container name, host name or alias."""
        return self.service_names.named(host, asker)

    def elsewhere(self, host: str) -> bool:
        """Whether another set of compose files of the project has a service of that name."""
        project = self.project
        return project is not None and (
            any(
                one is not self and one.service_named(host) is not None
                for one in project.index.deployments_naming(host)
            )
            or project.index.names_elsewhere(host)
        )

    @property
    def is_default(self) -> bool:
        """Whether it is what a plain `docker compose up` starts, with or without an override."""
        return self.files[0].source.path.rpartition("/")[2] in DEFAULT_NAMES

    @cached_property
    def is_variant(self) -> bool:
        """Whether it is what a plain `docker compose up` starts, for another kind of machine or in a later version: one
        file beside that one, called after it and the kind (`docker-compose.gpu.yml`, `compose-v2.yml`).
        """
        folder, _, name = self.files[0].source.path.rpartition("/")
        words = [word for word in tokens(name) if word not in ("docker", "compose", "yml", "yaml")]
        if len(self.files) > 1 or not words or self.project is None or "compose" not in name:
            return False
        if not all(word in MACHINES or word == "multi" or re.fullmatch(r"v\d+", word) for word in words):
            return False
        return any(self.project.tree.is_file(f"{folder}/{one}".lstrip("/")) for one in DEFAULT_NAMES)

    @cached_property
    def usual(self) -> Deployment | None:
        """The set with the automatic override, which a plain `docker compose up` starts in place of this one; None when
        there is no override, or something is seen to run this file alone.
        """
        size = len(self.files)
        usual = next(
            (
                one
                for one in self.extended_by
                if size == 1 and len(one.files) == 2 and one.files[1].source.path.rpartition("/")[2] in OVERRIDE_NAMES
            ),
            None,
        )
        if usual is None or self.project is None or self.given:
            return None
        from dockerlint_fastapi.model.files.recipes import is_run_alone  # noqa: PLC0415 - few projects have an override

        return None if is_run_alone(self.project, self.files[0].source.path) else usual

    @property
    def is_only_one(self) -> bool:
        """Whether the project has no other set of compose files, so that all that runs by Compose runs by this one."""
        return self.project is not None and self.project.count_of_compose_files == 1

    @property
    def span(self) -> Span:
        """The beginning of its first file."""
        return self.files[0].span

    def setting_of(self, source: Source) -> str:
        """The setting of one of its files by that file's own name, else `base` or what a file beside it makes of it."""
        said = setting_of_path(source.path)
        if self.setting == "base" and (said == "production" or len(self.files) == 1):
            said = None  # what it holds says something else
        return said or (self.base_setting if source is self.files[0].source else "base")

    def setting_at(self, service: Service, source: Source) -> str:
        """What is for a service in one of its files: the setting of that file, or where this names none, `development`
        of a service whose names say that. Where nothing but a file beside it makes the file one for development, a
        service that says production is not.
        """
        if self.for_scans:
            return "development"
        setting = self.setting_of(source)
        if setting == "base" and self.setting == "base" and self.development_of(service):
            return "development"
        if setting == "development" and setting_of_path(source.path) is None and self._says_production(service):
            return "base"
        return setting

    def _says_production(self, service: Service) -> bool:
        from dockerlint_fastapi.model.development import says_production  # noqa: PLC0415  # compose files are read late

        return says_production(service, by_target=False)

    def is_for_developers_of(self, service: Service) -> bool:
        """Whether nobody but developers reaches a service of it: it is for them, and the service does not call itself
        one for production, unless that is only what is tested there.
        """
        return self.is_for_developers and (self.for_scans or not self._says_production(service))

    @property
    def inline_secrets(self) -> Iterator[InlineSecret]:
        """The secrets that stand as literals in its files, each as written: also those that an overlay replaces."""
        from dockerlint_fastapi.model.secrets.inline_secrets import inline_secrets  # noqa: PLC0415  # few runs ask

        for file in self.merged.files:
            for service in file.services.values():
                yield from inline_secrets(service)

    @cached_property
    def agreement(self) -> Agreement:
        """Which places of its files hold the same secret."""
        from dockerlint_fastapi.model.secrets.agreement import Agreement  # noqa: PLC0415  # as above

        return Agreement(self, tuple(self.inline_secrets))

    def repeats_default(self, secret: InlineSecret) -> bool:
        """Whether a secret is the default that the code of one of its services has for a setting."""
        return secret.literal in self._code_defaults

    @cached_property
    def _code_defaults(self) -> frozenset[str]:
        defaults = (one for container in self.containers for one in container.secret_defaults)
        return frozenset(one.span.text.strip("\"'") for one in defaults)

    @property
    def committed_secrets(self) -> Iterator[InlineSecret]:
        """The real secrets in its env files that git does not ignore."""
        from dockerlint_fastapi.model.secrets.inline_secrets import committed_secrets  # noqa: PLC0415  # as above

        return committed_secrets(self)

    @property
    def filled_secrets(self) -> Iterator[InlineSecret]:
        """The secrets that its variables take from a committed `.env` beside its first file."""
        from dockerlint_fastapi.model.secrets.filled_secrets import filled_secrets  # noqa: PLC0415  # as above

        return filled_secrets(self)

    def is_filled(self, variable: str | None) -> bool:
        """Whether the committed `.env` beside its first file sets a variable."""
        file = self.dotenv.file
        return file is not None and any(one.name == variable for one in file.assignments)

    @property
    def defaulted_secrets(self) -> Iterator[DefaultedSecret]:
        """The secret variables in its files without which its services start all the same."""
        from dockerlint_fastapi.model.secrets.defaulted_secrets import defaulted_secrets  # noqa: PLC0415  # few rules ask

        return defaulted_secrets(self)

    @property
    def literal_arguments(self) -> Iterator[LiteralArgument]:
        """The secrets that stand as literals in `build.args` of its files."""
        from dockerlint_fastapi.model.secrets.secret_arguments import literal_arguments  # noqa: PLC0415  # as above

        return literal_arguments(self)

    @property
    def dependency_cycles(self) -> Iterator[DependencyCycle]:
        """The circles in which its services wait for each other."""
        from dockerlint_fastapi.model.services.broken_references import dependency_cycles  # noqa: PLC0415  # few runs ask

        return dependency_cycles(self)

    @property
    def unfilled_resources(self) -> Iterator[UnfilledResource]:
        """The secrets and configs of which no one key says what is in them."""
        from dockerlint_fastapi.model.services.broken_references import unfilled_resources  # noqa: PLC0415  # as above

        return unfilled_resources(self)

    @property
    def impossible_waits(self) -> Iterator[Impossible]:
        """The conditions of `depends_on` that cannot come true."""
        from dockerlint_fastapi.model.services.readiness import impossible_waits  # noqa: PLC0415  # as above

        return impossible_waits(self)

    @property
    def unawaited(self) -> Iterator[Unawaited]:
        """The databases and brokers for whose readiness nothing waits."""
        from dockerlint_fastapi.model.services.readiness import unawaited  # noqa: PLC0415  # as above

        return unawaited(self)

    @property
    def imageless(self) -> Iterator[Service]:
        """The services that say nothing of the image that they start."""
        from dockerlint_fastapi.model.services.imageless import imageless  # noqa: PLC0415  # as above

        return imageless(self)

    @property
    def conflicts(self) -> Iterator[Conflict]:
        """The keys of its services that exclude each other."""
        from dockerlint_fastapi.model.services.compose_conflicts import conflicts  # noqa: PLC0415  # as above

        return conflicts(self)

    @property
    def port_conflicts(self) -> Iterator[PortConflict]:
        """The ports of the host that two of its services want."""
        from dockerlint_fastapi.model.network.port_conflicts import port_conflicts  # noqa: PLC0415  # as above

        return port_conflicts(self.merged)

    def is_started_by_name(self, service: Service) -> bool:
        """Whether people start a service by its name, in place of the whole set, as recipes and readmes tell."""
        from dockerlint_fastapi.model.files.recipes import is_started_by_name  # noqa: PLC0415  # as above

        return self.project is not None and is_started_by_name(self.project, service.name)

    @cached_property
    def is_started_in_parts(self) -> bool:
        """Whether nobody is seen to start all of it: each command of the project names the services that it starts."""
        from dockerlint_fastapi.model.files.recipes import names_services_always  # noqa: PLC0415  # as above

        return self.project is not None and names_services_always(self.project)

    def runs_once(self, service: Service) -> bool:
        """Whether another service waits for it to end (`service_completed_successfully`)."""
        return service.name in self._awaited

    @cached_property
    def _awaited(self) -> frozenset[str]:
        """The services that another one waits for to end."""
        return frozenset(
            dependency.name
            for service in self.merged.services.values()
            for dependency in service.depends_on
            if dependency.condition == "service_completed_successfully"
        )

    @cached_property
    def network_modes(self) -> frozenset[str]:
        """The values of `network_mode` of its services, as far as they are known."""
        modes = (service.network_mode for service in self.merged.services.values())
        return frozenset(mode.value for mode in modes if mode is not None and mode.value is not None)

    @cached_property
    def is_doubtful(self) -> bool:
        """Whether a file of it is named for production, and the set is not, as all in that is called development: then
        it is judged as a set that names no setting, and no name in it tells more.
        """
        if self.setting != "base":
            return False
        names = (file.source.path.rpartition("/")[2] for file in self.files)
        return any(setting_of_name(name) == "production" for name in names)

    @cached_property
    def development(self) -> Evidence | None:
        """Why all of it is for work on the project: by its files' names, or by what runs in it."""
        from dockerlint_fastapi.model.development import of_deployment  # noqa: PLC0415  # compose files are read late

        return of_deployment(self)

    @cached_property
    def is_deployed(self) -> bool:
        """Whether a workflow, or a script that goes there, starts it on a server, or a readme has people do so."""
        from dockerlint_fastapi.model.local_stacks import is_deployed  # noqa: PLC0415  # few sets need to know

        return is_deployed(self, far=True)

    @cached_property
    def is_published(self) -> bool:
        """Whether it starts what the project has published, for those who use that, and builds nothing."""
        from dockerlint_fastapi.model.local_stacks import is_published  # noqa: PLC0415  # few sets need to know

        return is_published(self)

    @cached_property
    def orchestrated(self) -> bool:
        """Whether an orchestrator runs something of what it builds; of the project, where it builds nothing."""
        images = [one.image for one in self.containers if one.image is not None]
        if self.project is None or not self.project.orchestrated:
            return False
        return any(one.orchestrated for one in images) if images else True

    @cached_property
    def purpose(self) -> str | None:
        """`development` or `production` when the comment at the top of one of its files says that (`model.purpose`)."""
        return next((one for one in ("production", "development") if one in self.saying), None)

    @cached_property
    def saying(self) -> Mapping[str | None, ComposeFile]:
        """The files whose comments say what they are for, by that."""
        from dockerlint_fastapi.model.purpose import (  # noqa: PLC0415  # few files say so
            comment_above,
            purpose_of,
            said_of_the_whole,
        )

        found: dict[str | None, ComposeFile] = {}
        for file in self.files:
            text, name = file.source.text, file.source.path.rpartition("/")[2]
            for one in (comment_above(text), said_of_the_whole(text)):
                if one.strip():
                    found.setdefault(purpose_of(one, name), file)
        return found

    @cached_property
    def losing(self) -> int:
        """How many of its containers keep data on no volume."""
        return sum(next(one.lost_data, None) is not None for one in self.containers)

    @cached_property
    def holds_no_program(self) -> bool:
        """Whether it holds only what the project's own programs need, which are started elsewhere."""
        from dockerlint_fastapi.model.services.companions import holds_no_program  # noqa: PLC0415  # few rules ask

        return holds_no_program(self)

    @property
    def is_for_developers(self) -> bool:
        """Whether nobody but developers reaches what it starts, as far as the files show: it is for development, or
        holds nothing that could serve others.
        """
        return self.development is not None or self.holds_no_program

    @cached_property
    def stands_aside(self) -> bool:
        """Whether it keeps nothing up, and another set of files does so with the same services of the project: that one
        is for a server.
        """
        from dockerlint_fastapi.model.services.companions import stands_aside  # noqa: PLC0415  # few rules ask

        return stands_aside(self)

    @cached_property
    def is_swarm(self) -> bool:
        """Whether it is made for `docker stack deploy`, whose services restart by default: by its name, or by settings
        that only Swarm reads (Compose deploy specification).
        """
        if any(not {"stack", "swarm"}.isdisjoint(tokens(file.source.path)) for file in self.files):
            return True
        return any(
            service.node("deploy", key) is not None
            for service in self.merged.services.values()
            for key in ("placement", "update_config", "rollback_config", "endpoint_mode", "labels")
        )
