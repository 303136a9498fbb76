"""An image: a stage as it ships, with everything that it inherits through FROM."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence

from dockerlint_fastapi.cached import cached_property
from dockerlint_fastapi.model.bases.base_image import BaseImage, Reference, base_image
from dockerlint_fastapi.model.bases.pull import Pull, pulls_of
from dockerlint_fastapi.model.context.image_build import ImageBuild, builds_of
from dockerlint_fastapi.model.context.passage import Passage, passages_of, workdirs
from dockerlint_fastapi.model.dockerfile import (
    Arg,
    Cmd,
    Dockerfile,
    Entrypoint,
    Env,
    Expose,
    Healthcheck,
    Instruction,
    Pair,
    Run,
    Shell,
    Stage,
    Stopsignal,
    Transfer,
    User,
    Workdir,
)
from dockerlint_fastapi.model.install import Step, steps
from dockerlint_fastapi.model.install.build_time import BuildTool, build_tools, building_stages
from dockerlint_fastapi.model.install.installer_settings import configured_from
from dockerlint_fastapi.model.install.layer_order import LateInstall, fetches, late_install
from dockerlint_fastapi.model.programs.image_programs import has_program
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    from dockerlint_fastapi.model.application import Route
    from dockerlint_fastapi.model.application.import_path import ImportPath
    from dockerlint_fastapi.model.bases.end_of_life import Age
    from dockerlint_fastapi.model.bases.musl import MuslCost
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.context.needed_files import Need
    from dockerlint_fastapi.model.context.own_package import LackingPackage
    from dockerlint_fastapi.model.dockerfile import Command
    from dockerlint_fastapi.model.environment.hardcoded_settings import HardcodedSetting
    from dockerlint_fastapi.model.environment.python_output import BufferedServer
    from dockerlint_fastapi.model.evidence import Evidence
    from dockerlint_fastapi.model.files.image_files import Answer, ImageFiles
    from dockerlint_fastapi.model.files.written_places import WrittenPlaces
    from dockerlint_fastapi.model.health.health_times import HealthTimes
    from dockerlint_fastapi.model.health.probe import Probe, Request
    from dockerlint_fastapi.model.install.apt_lists import AptFault
    from dockerlint_fastapi.model.install.cache_mounts import CacheFault
    from dockerlint_fastapi.model.install.copied_environments import MisplacedEnvironment
    from dockerlint_fastapi.model.install.development_tools import DevelopmentInstall
    from dockerlint_fastapi.model.install.distributions import Distributions, Installed
    from dockerlint_fastapi.model.install.gone_packages import GonePackages, GoneProgram
    from dockerlint_fastapi.model.install.installer_caches import KeptCache
    from dockerlint_fastapi.model.install.locks import LockUse
    from dockerlint_fastapi.model.install.loose_requirements import LooseRequirement
    from dockerlint_fastapi.model.install.own_wheels import OwnWheel
    from dockerlint_fastapi.model.install.poetry_options import PoetryInstall, RemovedOption
    from dockerlint_fastapi.model.install.python_versions import VersionMismatch
    from dockerlint_fastapi.model.install.system_libraries import MissingLibrary, MissingProgram
    from dockerlint_fastapi.model.install.virtual_environments import VirtualEnvironment
    from dockerlint_fastapi.model.instructions.root_folders import RootFolder
    from dockerlint_fastapi.model.network.exposed import Exposure
    from dockerlint_fastapi.model.project import Project
    from dockerlint_fastapi.model.secrets.image_secrets import ImageSecret
    from dockerlint_fastapi.model.secrets.secret_arguments import SecretArgument
    from dockerlint_fastapi.model.secrets.secret_copies import SecretCopy

    Kind = TypeVar("Kind", bound=Instruction)


class Image:
    """What `docker build` makes of one target stage.

    `contexts` are the folders of the project that may be its build context: those that compose files name, or, when
    none does, every folder from the Dockerfile's upwards that holds what it copies. `named_development` tells why it is
    not meant for production, when a name or what builds it says so; `development` knows what starts it as well.
    """

    def __init__(
        self,
        project: Project,
        dockerfile: Dockerfile,
        stage: Stage,
        *,
        contexts: tuple[str, ...],
        development: Evidence | None,
        contexts_named: bool = False,
        contexts_disputed: bool = False,
        base_name: str | None,
    ) -> None:
        self.project = project
        self.known_workdirs: dict[Stage, tuple[str | None, ...]] = {}  # see model.context.passage.workdirs
        self.dockerfile = dockerfile
        self.stage = stage
        self.contexts = contexts
        self.contexts_named = contexts_named  # by compose files
        self.contexts_disputed = contexts_disputed  # they may mean each of several
        self.named_development = development
        self.base_name = base_name  # what the first FROM names, with the build arguments of compose; None if unknown
        self.containers: list[Container] = []  # filled by the assembly: at least one
        # what the project itself builds under the name that it begins with, filled by the assembly
        self.built_on: Image | None = None
        self._steps: dict[Run, tuple[Step, ...]] = {}
        self._fetching: dict[Stage, bool] = {}
        self._lone_runs: dict[str, Sequence[tuple[Stage, Run]]] = {}
        self._kinds: dict[type, tuple[Any, ...]] = {}  # the instructions of each kind that was asked for
        # the routes of the applications that are served from it, by all that they depend on
        self.routes: dict[tuple[object, ...], tuple[Route, ...]] = {}
        self.import_paths: dict[tuple[object, ...], ImportPath] = {}  # likewise: where their modules are found
        # the scripts that its RUNs start, each read as a command of that RUN; found when first asked for
        self.read_run_scripts: Callable[[Image], Iterator[tuple[Run, Command]]] = lambda _image: iter(())
        self.probe: Probe | None = None  # the test of its HEALTHCHECK, filled by the assembly; None when it has none

    def __repr__(self) -> str:
        return f"Image({self.dockerfile.source.path!r}, {self.stage!r})"

    @property
    def span(self) -> Span:
        """Where the shipped stage begins."""
        return self.stage.from_.span

    @cached_property
    def lineage(self) -> tuple[Stage, ...]:
        """The stages whose layers are in the image, the first one first."""
        return self.stage.lineage

    @cached_property
    def instructions(self) -> tuple[Instruction, ...]:
        """Everything that takes part in the image, in the order of execution; the FROMs are left out."""
        return tuple(instruction for stage in self.lineage for instruction in stage.instructions)

    def every(self, kind: type[Kind]) -> Iterator[Kind]:
        """The instructions of one kind, in order."""
        return iter(self._of_kind(kind))

    def last(self, kind: type[Kind]) -> Kind | None:
        """The last instruction of a kind, the one that counts, or None."""
        found = self._of_kind(kind)
        return found[-1] if found else None

    def _of_kind(self, kind: type[Kind]) -> tuple[Kind, ...]:
        known: tuple[Kind, ...] | None = self._kinds.get(kind)
        if known is None:
            known = self._kinds[kind] = tuple([one for stage in self.lineage for one in stage.of(kind)])
        return known

    @cached_property
    def reference(self) -> Reference | None:
        """The name of the image it all begins with; None for `scratch` and where it cannot be told."""
        return None if self.base_name is None or self.base_name == "scratch" else Reference.parse(self.base_name)

    @property
    def scratch(self) -> bool:
        """Whether it begins with nothing at all."""
        return self.base_name == "scratch"

    @cached_property
    def base(self) -> BaseImage | None:
        """What is known of the base image; None when it is not a known one."""
        return base_image(self.reference) if self.reference else None

    def base_of(self, stage: Stage) -> tuple[bool, BaseImage | None]:
        """Whether a stage begins with nothing at all, and what is known of the image that it begins with."""
        first = stage.first
        if first is self.stage.first:
            return self.base_name == "scratch", self.base
        name = first.from_.image.value
        reference = Reference.parse(name) if name and name != "scratch" else None
        return name == "scratch", base_image(reference) if reference is not None else None

    @property
    def healthcheck(self) -> Healthcheck | None:
        """The HEALTHCHECK in force; one whose `command` is None is `HEALTHCHECK NONE`."""
        return self.last(Healthcheck)

    @cached_property
    def checks_by_command(self) -> Mapping[tuple[str | None, ...], tuple[Request, ...]]:
        """What services that are started from it and have a check of their own are asked, by their commands."""
        from dockerlint_fastapi.model.health.sibling_checks import checks_by_command  # noqa: PLC0415  # one rule asks

        return checks_by_command(self)

    @property
    def unchecked_servers(self) -> tuple[Container, ...]:
        """The containers that serve from it and that certainly no health check asks, the most important one first."""
        from dockerlint_fastapi.model.health.unchecked import unchecked_servers  # noqa: PLC0415 - few rules ask

        return unchecked_servers(self)

    @property
    def is_started_otherwise(self) -> bool:
        """Whether the services that use it all give it another command than the one that is built in."""
        services = [one for one in self.containers if one.service is not None]
        return bool(services) and not any(one.as_built for one in services)

    @property
    def composed(self) -> bool:
        """Whether a service uses it."""
        return any(one.service is not None for one in self.containers)

    @cached_property
    def is_unclaimed(self) -> bool:
        """Whether certainly no file of the project builds it, while another Dockerfile is what ships: it has a name of
        its own, by which every build must call it, and nothing does. Whoever builds it does so by hand.
        """
        from dockerlint_fastapi.model.files.recipes import is_unclaimed  # noqa: PLC0415 - only asked of faulty images

        return is_unclaimed(self)

    @property
    def is_left_for_another(self) -> bool:
        """Whether nothing of the project is seen to build it, and services build one for development beside it."""
        if self.composed or self.is_built_by_project:
            return False
        beside = self.project.index.images_beside(self.dockerfile.source.path)
        return any(one.composed and one.development is not None for one in beside)

    @cached_property
    def is_built_by_project(self) -> bool:
        """Whether a service, a workflow or a recipe of the project builds it, a platform does, or it is the one in the
        root, which everybody builds by `docker build .`.
        """
        from dockerlint_fastapi.model.files.recipes import is_built_by_hand  # noqa: PLC0415 - only asked of faulty images

        path = self.dockerfile.source.path
        folder = path.rpartition("/")[0]
        if self.composed or not folder or self.host is not None:
            return True
        if any(one.dockerfile in (path, None) and one.context in (folder, "") for one in self.project.workflow_builds):
            return True
        return is_built_by_hand(self.project, folder)

    def target_begun_by(self, start: Span) -> Span | None:
        """Where its stage begins, if another one, on which it is built, has the instruction that starts it."""
        own = (one.span for one in (self.stage.from_, *self.stage.instructions))
        above = start.source is self.dockerfile.source and not any(one.start <= start.start < one.end for one in own)
        return self.stage.span if above else None

    @cached_property
    def is_pushed(self) -> bool:
        """Whether a workflow of the project pushes it to a registry: it ships as it is built, whatever files for work
        on the project mount over it or ask of it.
        """
        path, name = self.dockerfile.source.path, self.stage.name
        builds = (one for one in self.project.workflow_builds if one.pushed and one.dockerfile == path)
        last = self.stage is self.dockerfile.stages[-1]
        return any(last if one.target is None else name == one.target for one in builds)

    @cached_property
    def is_pushed_by_hand(self) -> bool:
        """Whether a recipe or a readme of the project has people build it and push it to a registry."""
        from dockerlint_fastapi.model.files.recipes import is_pushed_by_hand  # noqa: PLC0415 - only asked of faulty images

        folder, _, name = self.dockerfile.source.path.rpartition("/")
        last = self.stage is self.dockerfile.stages[-1]
        return last and name.lower() in ("dockerfile", "containerfile") and is_pushed_by_hand(self.project, folder)

    @cached_property
    def hardly_ships(self) -> bool:
        """Whether it goes nowhere, as far as the files show: nothing builds it, or its stage is called one for
        development, although it is all that there is to build, and everything that starts it is, too; or it holds no
        Python, and lies in a folder for what the project had once, or the service that builds it is commented out.
        """
        from dockerlint_fastapi.model.development import of_stage  # noqa: PLC0415 - only asked of faulty images
        from dockerlint_fastapi.model.evidence import is_put_aside  # noqa: PLC0415 - likewise

        aside = not self.python and (is_put_aside(self.dockerfile.source.path) or self._is_commented_out)
        return aside or self.is_unclaimed or (self.only_for_work and of_stage(self.stage) is not None)

    @cached_property
    def opens_host_ports(self) -> bool:
        """Whether it holds the core of a virtual private network or the like, and everything that starts it does so on
        the host's own network: there the ports below 1024 are root's.
        """
        services = [one.service for one in self.containers if one.service is not None]
        modes = [one.setting("network_mode") for one in services]
        if not modes or not all(one is not None and one.value == "host" for one in modes):
            return False
        from dockerlint_fastapi.model.services.host_access import holds_tunnel  # noqa: PLC0415 - few share the network

        return holds_tunnel(self)

    @property
    def is_taken_apart(self) -> bool:
        """Whether it starts nothing, so that only its files are taken out of it."""
        from dockerlint_fastapi.model.install.build_time import is_taken_apart  # noqa: PLC0415 - asked of faulty images

        return is_taken_apart(self)

    @property
    def is_for_one_job(self) -> bool:
        """Whether services run it, and all that it starts does one thing and ends (migrations, a first filling of a
        database): nobody reaches it from outside.
        """
        return self.composed and all(one.role == "one-shot" for one in self.containers)

    @cached_property
    def is_sample(self) -> bool:
        """Whether its Dockerfile is to be copied to where a program is, and is built from no folder of the project."""
        from dockerlint_fastapi.model.files.samples import is_sample  # noqa: PLC0415 - only asked of faulty images

        return is_sample(self.project, self.dockerfile.source.path)

    @property
    def _is_commented_out(self) -> bool:
        """Whether nothing but a comment of a compose file builds it."""
        from dockerlint_fastapi.model.files.recipes import is_commented_out  # noqa: PLC0415 - only asked of faulty images

        return not self.composed and bool(self.project.own.deployments) and is_commented_out(self)

    @cached_property
    def development(self) -> Evidence | None:
        """Why it is not meant for production (`model.development`); asked of projects that are put together."""
        if self.named_development is not None and self._starts_in_production:
            return None
        if self.named_development is not None or not self.project.own.deployments:
            return self.named_development
        from dockerlint_fastapi.model.development import of_image  # noqa: PLC0415 - compose files are read late
        from dockerlint_fastapi.model.files.production_builds import built_beside  # noqa: PLC0415 - likewise

        return of_image(self) or built_beside(self)

    @property
    def _starts_in_production(self) -> bool:
        """Whether a compose file that is named for production starts it, whatever its stage is called."""
        from dockerlint_fastapi.model.evidence import setting_of_name  # noqa: PLC0415 - few stages are named so

        sets = [one.deployment for one in self.containers if one.service is not None]
        return any(
            one is not None
            and one.setting == "production"
            and setting_of_name(one.files[-1].source.path.rpartition("/")[2]) == "production"
            for one in sets
        )

    @cached_property
    def only_for_work(self) -> bool:
        """Whether all services that use it are for development and bring the project's code into it themselves."""
        services = [one for one in self.containers if one.service is not None]
        return bool(services) and all((one.mounts_source or one.syncs_source) and one.development for one in services)

    @cached_property
    def is_only_watched(self) -> bool:
        """Whether all services that use it get the sources by `develop.watch`, for development, and readmes have people
        start the project by that alone: nobody runs it as it is built.
        """
        services = [one for one in self.containers if one.service is not None]
        if not services or not all(one.syncs_source and one.development for one in services):
            return False
        from dockerlint_fastapi.model.files.deploying_guides import is_only_watched  # noqa: PLC0415 - few sync sources

        return is_only_watched(self.project)

    @cached_property
    def without_code(self) -> bool:
        """Whether no Python file of the project gets into it: somebody has to mount the code. A folder that is to be
        copied, and is not there, was to bring some.
        """
        if any("." not in (lost.source or ".").rpartition("/")[2] for build in self.builds for lost in build.missing):
            return False
        return all(
            not build.takers(path)
            for build in self.builds
            for path, closed in build.entries
            if not closed and path.endswith(".py")
        )

    @property
    def inherits_healthcheck(self) -> bool | None:
        """Whether the base image has a HEALTHCHECK of its own; None when that is not known."""
        if self.scratch:
            return False
        below = self.built_on
        if below is not None and self.base is None:
            return True if below.healthcheck is not None else below.base.healthcheck if below.base is not None else None
        return self.base.healthcheck if self.base is not None else None

    @property
    def entrypoint(self) -> Entrypoint | None:
        """The ENTRYPOINT in force."""
        return self.last(Entrypoint)

    @cached_property
    def cmd(self) -> Cmd | None:
        """The CMD in force. An ENTRYPOINT in a later stage clears the CMD that the stage inherited
        (docs.docker.com/reference/dockerfile, "Understand how CMD and ENTRYPOINT interact").
        """
        found: Cmd | None = None
        for stage in self.lineage:
            cmds = stage.of(Cmd)
            if stage.of(Entrypoint):
                found = None
            if cmds:
                found = cmds[-1]
        return found

    @property
    def user(self) -> User | None:
        """The USER in force; None when the lineage has none, so that the base image decides."""
        return self.last(User)

    @property
    def workdir(self) -> Workdir | None:
        """The last WORKDIR."""
        return self.last(Workdir)

    @property
    def stopsignal(self) -> Stopsignal | None:
        """The STOPSIGNAL in force."""
        return self.last(Stopsignal)

    @property
    def exposes(self) -> tuple[Expose, ...]:
        """Every EXPOSE: they add up."""
        return tuple(self.every(Expose))

    @property
    def exposure(self) -> Exposure | None:
        """What it exposes, and where the server that it starts listens; None when the latter cannot be told."""
        from dockerlint_fastapi.model.network.exposed import exposure  # noqa: PLC0415 - only one rule asks for it

        return exposure(self)

    @cached_property
    def host(self) -> Evidence | None:
        """Why a hosting platform runs it; None when nothing says so, or a service starts it, but for development."""
        if any(one.service is not None and one.serves and not one.development for one in self.containers):
            return None
        path = self.dockerfile.source.path
        return self.project.platform_probes.get(path) or self.project.host_of(path)

    @cached_property
    def is_for_lambda(self) -> bool:
        """Whether AWS Lambda runs it: it holds the adapter by which a server answers there, and no service starts it
        but for development.
        """
        brought = any(one.from_ is not None and "/aws-lambda-adapter:" in one.from_.raw for one in self.transfers)
        return brought and not any(one.service is not None and not one.development for one in self.containers)

    @cached_property
    def orchestrated(self) -> bool:
        """Whether something says that an orchestrator restarts and probes what is built from its Dockerfile."""
        return self.project.orchestration_of(self.dockerfile.source.path) is not None

    @cached_property
    def environment(self) -> Mapping[str, Pair]:
        """The ENV variables of the image by name, the last assignment of each."""
        return {pair.name: pair for env in self.every(Env) for pair in env.pairs}

    def variable(self, name: str, before: Instruction) -> Pair | None:
        """The ENV or ARG pair in force in front of an instruction of the image; None when nothing sets it there."""
        position = self.position(before)
        found: Pair | None = None
        for assigned in self._assignments.get(name, ()):  # ENV, then ARG with a value, then bare ARG
            at = bisect_left(assigned, position, key=_first_of) - 1
            if at >= 0 and found is None:
                found = assigned[at][1]
        return found

    def position(self, instruction: Instruction) -> int:
        """Where an instruction stands among those of the image, from 0; behind all of them when it is none of these."""
        return self._positions.get(id(instruction), len(self.instructions))

    @cached_property
    def _positions(self) -> dict[int, int]:
        return {id(instruction): at for at, instruction in enumerate(self.instructions)}

    @cached_property
    def _assignments(self) -> dict[str, tuple[list[tuple[int, Pair]], ...]]:
        found: dict[str, tuple[list[tuple[int, Pair]], ...]] = {}
        for at, instruction in enumerate(self.instructions):
            if isinstance(instruction, (Env, Arg)):
                for pair in instruction.pairs:
                    rank = 0 if isinstance(instruction, Env) else 1 if pair.assigned else 2
                    found.setdefault(pair.name, ([], [], []))[rank].append((at, pair))
        return found

    @cached_property
    def plain_containers(self) -> tuple[Container, ...]:
        """What `docker run` starts of it: no service."""
        return tuple(one for one in self.containers if one.service is None)

    @cached_property
    def gets_user(self) -> bool:
        """Whether OpenShift starts it, and no service: that gives each project a range of users of its own, and root to
        nobody who was not granted that.
        """
        found = self.project.orchestration_of(self.dockerfile.source.path)
        if found is None:
            return False
        from dockerlint_fastapi.model.files.production_builds import is_built_by_openshift  # noqa: PLC0415 - few are

        openshift = found.platform == "openshift" or is_built_by_openshift(self)
        return openshift and not any(one.service is not None and not one.development for one in self.containers)

    @cached_property
    def belongs_to_host(self) -> bool:
        """Whether services start it, and each of them has Docker's socket: who may use that is root of the host anyhow,
        and to most other users it is closed.
        """
        services = [one for one in self.containers if one.service is not None]
        return bool(services) and all(any(one.docker_sockets) for one in services)

    def steps_of(self, run: Run) -> tuple[Step, ...]:
        """What package managers do in one RUN, of the image or of a stage that it copies from, in order."""
        if run not in self._steps:
            self._steps[run] = steps(run.command)
        return self._steps[run]

    @cached_property
    def run_scripts(self) -> tuple[tuple[Run, Command], ...]:
        """The shell scripts of the project that its RUNs start, each read as a command of that RUN."""
        return tuple(self.read_run_scripts(self))

    @cached_property
    def configured_from(self) -> Mapping[str, int]:
        """The position of the first instruction that writes, or may write, a configuration file of pip or apt."""
        return configured_from(self)

    @cached_property
    def named_packages(self) -> frozenset[str]:
        """The packages that its installs name, with those that certainly come with them."""
        from dockerlint_fastapi.model.install.debian_relations import dependencies  # noqa: PLC0415 - only a fix asks

        named = frozenset(one.name for _, step in self.steps for one in step.packages if one.name)
        return named | dependencies(named)

    @cached_property
    def steps(self) -> tuple[tuple[Run, Step], ...]:
        """What package managers do in the image's RUNs, in order."""
        return tuple((run, step) for run in self.every(Run) for step in self.steps_of(run))

    def fetches(self, stage: Stage) -> bool:
        """Whether a stage, or one that it is built on, installs dependencies or downloads them."""
        if stage not in self._fetching:
            self._fetching[stage] = fetches(self, stage)
        return self._fetching[stage]

    def lone_runs(self, command: str) -> Sequence[tuple[Stage, Run]]:
        """The RUNs that are that command and nothing else, and the stage of each, as in the file."""
        if command not in self._lone_runs:
            self._lone_runs[command] = [
                (stage, one)
                for stage in self.dockerfile.stages
                for one in stage.instructions
                if isinstance(one, Run) and not one.flags and one.arguments_span.text.strip() == command
            ]
        return self._lone_runs[command]

    @cached_property
    def last_use_of_lists(self) -> int:
        """Where the last RUN of the file begins that looks packages up in apt's lists without fetching any; else -1."""
        from dockerlint_fastapi.model.install.installer_settings import last_use_of_lists  # noqa: PLC0415 - few ask

        return last_use_of_lists(self)

    @property
    def transfers(self) -> Iterator[Transfer]:
        """COPY and ADD, in order."""
        return self.every(Transfer)

    @property
    def context_transfers(self) -> Iterator[Transfer]:
        """The COPY and ADD that bring files of the build context, in the image and in the stages it copies from."""
        instructions = [*self.instructions, *(one for stage in self.builders for one in stage.instructions)]
        return (one for one in instructions if isinstance(one, Transfer) and one.from_ is None and one.sources)

    @cached_property
    def builders(self) -> tuple[Stage, ...]:
        """The stages from which it copies or mounts, also indirectly, without being built on them; in file order."""
        shipped = set(self.lineage)
        found: set[Stage] = set()
        waiting = list(self.lineage)
        while waiting:
            for source in _stages_used_by(waiting.pop()):
                for stage in source.lineage:
                    if stage not in shipped and stage not in found:
                        found.add(stage)
                        waiting.append(stage)
        return tuple(stage for stage in self.dockerfile.stages if stage in found)

    @cached_property
    def build_tools(self) -> tuple[BuildTool, ...]:
        """What only its build needs and yet stays in it: compilers, headers, installers, the tools of a front end."""
        return tuple(build_tools(self))

    @property
    def lone_installer(self) -> BuildTool | None:
        """The installer that is all that its one stage ships of what only its build needs."""
        kinds = {tool.kind for tool in self.build_tools}
        alone = kinds == {"installer"} and self.python and len(building_stages(self)) == 1
        return self.build_tools[0] if alone else None

    def late_install(self, stage: Stage) -> LateInstall | None:
        """The install of dependencies in a stage that comes after the application's code although it needs only a
        manifest; None when there is none, and when that cannot be told.
        """
        return late_install(self, stage)

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """Every way from the build context into it and into the stages it copies from, in file order."""
        return tuple(passages_of(self))

    @cached_property
    def builds(self) -> tuple[ImageBuild, ...]:
        """It as built from each of its contexts."""
        return builds_of(self)

    @property
    def gone_packages(self) -> Iterator[GonePackages]:
        """The packages that apt is asked for and that its Debian has not."""
        if "apt" not in self.dockerfile.source.text:
            return iter(())
        from dockerlint_fastapi.model.install.gone_packages import gone_packages  # noqa: PLC0415 - one rule asks

        return gone_packages(self)

    @property
    def gone_programs(self) -> Iterator[GoneProgram]:
        """The calls of `apt-key` at which the build stops, as the Debian has it not."""
        if "apt-key" not in self.dockerfile.source.text:
            return iter(())
        from dockerlint_fastapi.model.install.gone_packages import gone_programs  # noqa: PLC0415 - few call it

        return gone_programs(self)

    @cached_property
    def likely_contexts(self) -> tuple[str, ...]:
        """The folders that it may be built from; of several that hold all that it copies the one that a workflow, a
        command or a RUN tells of.
        """
        if self.contexts_named or len(self.contexts) == 1 or not all(one.holds_everything for one in self.builds):
            return self.contexts
        return tuple(one.context for one in self.builds if one.certain) or self.contexts

    @cached_property
    def files_by_build(self) -> tuple[ImageFiles, ...]:
        """The files in it, for each folder that it may be built from; for the certain ones when there are any."""
        from dockerlint_fastapi.model.files.image_files import ImageFiles  # noqa: PLC0415  # most runs ask for no file

        certain = [one for one in self.builds if one.certain]
        return tuple(ImageFiles(one) for one in certain or self.builds)

    def file_at(self, place: str, *, stage: Stage | None = None, before: Instruction | None = None) -> Answer:
        """The file at an absolute path, at the end of it or of another stage, or as an instruction finds it.

        None when certainly none is there, UNKNOWN when that cannot be told.
        """
        from dockerlint_fastapi.model.files.image_files import file_at  # noqa: PLC0415  # as above

        return file_at(self, place, stage, before)

    @cached_property
    def directory(self) -> str | None:
        """The working directory at its end, an absolute path; None when it cannot be told."""
        *_, last = workdirs(self, self.stage)
        return last

    @cached_property
    def secret_copies(self) -> tuple[SecretCopy, ...]:
        """The secret files that it copies by name."""
        from dockerlint_fastapi.model.secrets.secret_copies import secret_copies  # noqa: PLC0415  # few rules ask

        return tuple(secret_copies(self))

    @property
    def secret_arguments(self) -> Iterator[SecretArgument]:
        """The secrets among its build arguments."""
        from dockerlint_fastapi.model.secrets.secret_arguments import secret_arguments  # noqa: PLC0415  # as above

        return secret_arguments(self)

    @property
    def uncopied_readmes(self) -> Iterator[Need]:
        """The readmes without which a step of its build cannot build the project, and that no COPY brings."""
        from dockerlint_fastapi.model.context.needed_files import uncopied_readmes  # noqa: PLC0415 - one rule asks

        return uncopied_readmes(self)

    @property
    def missing_programs(self) -> Iterator[MissingProgram]:
        """The programs that the code of its containers calls and that it certainly lacks."""
        from dockerlint_fastapi.model.install.system_libraries import missing_programs  # noqa: PLC0415 - one rule asks

        return missing_programs(self)

    @property
    def lacking_packages(self) -> Iterator[LackingPackage]:
        """The steps of Poetry that install the project itself with none of its packages at hand."""
        if "poetry" not in self.dockerfile.source.text:
            return iter(())
        from dockerlint_fastapi.model.context.own_package import lacking_packages  # noqa: PLC0415 - one rule asks

        return lacking_packages(self)

    @property
    def buffered_server(self) -> BufferedServer | None:
        """The first server that is started from it and certainly prints into a buffer; None when there is none."""
        from dockerlint_fastapi.model.environment.python_output import buffered_server  # noqa: PLC0415  # as above

        return buffered_server(self)

    @property
    def made_folders(self) -> Iterator[RootFolder]:
        """The folders that its build makes for the application and leaves to root."""
        from dockerlint_fastapi.model.instructions.root_folders import made_folders  # noqa: PLC0415  # as above

        return made_folders(self)

    @cached_property
    def written_places(self) -> WrittenPlaces | None:
        """The folders that what it starts writes to; None when these cannot all be told."""
        from dockerlint_fastapi.model.files.written_places import written_places  # noqa: PLC0415 - only a fix asks

        return written_places(self)

    @cached_property
    def is_mounted_over(self) -> bool:
        """Whether compose may mount something over the folders that its build makes."""
        from dockerlint_fastapi.model.files.written_places import is_mounted_over  # noqa: PLC0415 - only a fix asks

        folders = [one.path for one in self.made_folders]
        return any(is_mounted_over(one, folders) for one in self.containers)

    @property
    def closed_place(self) -> Span | None:
        """Where it says that something which is run lies under `/root`; None when nothing says so."""
        from dockerlint_fastapi.model.instructions.root_folders import closed_place  # noqa: PLC0415  # as above

        return closed_place(self)

    @property
    def hardcoded_settings(self) -> Iterator[HardcodedSetting]:
        """The settings of one environment that its ENV fixes."""
        from dockerlint_fastapi.model.environment.hardcoded_settings import hardcoded_settings  # noqa: PLC0415  # as above

        return hardcoded_settings(self)

    def secret_in_env(self, pair: Pair) -> ImageSecret:
        """What is known of a pair of its ENV that holds a secret."""
        from dockerlint_fastapi.model.secrets.image_secrets import image_secret  # noqa: PLC0415  # few images have one

        return image_secret(self, pair)

    @property
    def prepares(self) -> bool:
        """Whether every container of it that serves does work before its server answers."""
        serving = [one for one in self.containers if one.serves]
        return bool(serving) and all(one.prepares for one in serving)

    @property
    def health_times(self) -> HealthTimes | None:
        """The times of its HEALTHCHECK; None when it has none."""
        if self.healthcheck is None:
            return None
        from dockerlint_fastapi.model.health.health_times import times_of_image  # noqa: PLC0415  # as above

        return times_of_image(self)

    @cached_property
    def virtual_environments(self) -> tuple[VirtualEnvironment, ...]:
        """The virtual environments that its build puts into it."""
        from dockerlint_fastapi.model.install.virtual_environments import virtual_environments  # noqa: PLC0415 - few rules ask

        return virtual_environments(self)

    @cached_property
    def installed(self) -> Installed:
        """What its Python has installed, and the steps that put it there."""
        from dockerlint_fastapi.model.install.distributions import UNTOLD  # noqa: PLC0415  # few rules ask

        answer = self.project.installed_in
        return UNTOLD if answer is None else answer(self)

    @property
    def distributions(self) -> Distributions:
        """What its Python has installed: `.get(name)` is the distribution, None when it is certainly not there, or
        UNKNOWN.
        """
        return self.installed.distributions

    @property
    def missing_libraries(self) -> Iterator[MissingLibrary]:
        """The libraries of the system that its distributions need, and that certainly are not there."""
        from dockerlint_fastapi.model.install.system_libraries import missing_libraries  # noqa: PLC0415  # as above

        return missing_libraries(self)

    @property
    def python_ages(self) -> Iterator[Age]:
        """The versions of Python in it and in the stages that it copies from, with how long each is mended."""
        from dockerlint_fastapi.model.bases.end_of_life import python_ages  # noqa: PLC0415  # only one rule asks for it

        return python_ages(self)

    @property
    def system_ages(self) -> Iterator[Age]:
        """The releases of Debian, Ubuntu and Alpine that its tags name, with how long each is mended."""
        from dockerlint_fastapi.model.bases.end_of_life import system_ages  # noqa: PLC0415  # as above

        return system_ages(self)

    @cached_property
    def full_base_use(self) -> str | None:
        """What makes use of what Python's full image has over the slim one: "" for nothing, a name where only the build
        does, None where something else does, or may, or where it is another image.
        """
        base = self.base
        if base is None or base.family != "python" or base.variant != "full" or not self.containers:
            return None
        from dockerlint_fastapi.model.bases.full_base import full_base_use  # noqa: PLC0415  # few images have it

        return full_base_use(self)

    @property
    def apt_faults(self) -> Iterator[AptFault]:
        """Where its build misuses apt: package lists of another day, or questions that nobody answers."""
        from dockerlint_fastapi.model.install.apt_lists import apt_faults  # noqa: PLC0415  # only one rule asks for it

        return apt_faults(self)

    @property
    def absent_pip(self) -> Step | None:
        """The first step that calls a pip which its system certainly has not; None when there is none."""
        if self.base is None or self.base.family not in ("ubuntu", "debian", "alpine"):
            return None  # others may come with a Python
        from dockerlint_fastapi.model.install.absent_pip import absent_pip  # noqa: PLC0415 - few begin with a system

        return absent_pip(self)

    @property
    def musl_cost(self) -> MuslCost | None:
        """What Alpine costs its distributions; None when it costs nothing, or it is not on Alpine."""
        from dockerlint_fastapi.model.bases.musl import musl_cost  # noqa: PLC0415  # only one rule asks for it

        return musl_cost(self)

    @property
    def uses_alpine(self) -> bool:
        """Whether something in its build is written for Alpine, or may be."""
        from dockerlint_fastapi.model.bases.musl import uses_alpine  # noqa: PLC0415  # as above

        return uses_alpine(self)

    @cached_property
    def lock_uses(self) -> tuple[LockUse, ...]:
        """The steps that install a project which has, or could have, a lock file."""
        from dockerlint_fastapi.model.install.locks import lock_uses  # noqa: PLC0415  # few rules ask

        return tuple(lock_uses(self))

    @cached_property
    def made_locks(self) -> frozenset[tuple[Stage, str]]:
        """Where its build itself makes lock files."""
        from dockerlint_fastapi.model.install.locks import made_locks  # noqa: PLC0415  # few images make one

        return made_locks(self)

    @property
    def development_installs(self) -> Iterator[DevelopmentInstall]:
        """The tools of development that its build installs although it serves."""
        from dockerlint_fastapi.model.install.development_tools import development_installs  # noqa: PLC0415  # one rule asks

        return development_installs(self)

    @property
    def kept_caches(self) -> Iterator[KeptCache]:
        """The steps of Poetry and Pipenv whose downloads stay in it."""
        from dockerlint_fastapi.model.install.installer_caches import kept_caches  # noqa: PLC0415  # one rule asks

        return kept_caches(self)

    @cached_property
    def own_wheels(self) -> tuple[OwnWheel, ...]:
        """The steps that install a wheel of the project which it builds, with what that needs."""
        if ".whl" not in self.dockerfile.source.text:
            return ()
        from dockerlint_fastapi.model.install.own_wheels import own_wheels  # noqa: PLC0415 - few images do

        return tuple(own_wheels(self))

    @property
    def loose_requirements(self) -> Iterator[LooseRequirement]:
        """What its build installs in whatever version is newest."""
        from dockerlint_fastapi.model.install.loose_requirements import loose_requirements  # noqa: PLC0415  # one rule asks

        return loose_requirements(self)

    @property
    def cache_faults(self) -> Iterator[CacheFault]:
        """The cache mounts that are of no use, or of less than they could be."""
        from dockerlint_fastapi.model.install.cache_mounts import cache_faults  # noqa: PLC0415  # one rule asks

        return cache_faults(self)

    @property
    def misplaced_environments(self) -> Iterator[MisplacedEnvironment]:
        """The virtual environments and packages that it copies from a stage which does not fit."""
        from dockerlint_fastapi.model.install.copied_environments import misplaced_environments  # noqa: PLC0415  # as above

        return misplaced_environments(self)

    @cached_property
    def poetry_installs(self) -> Mapping[Stage, Sequence[PoetryInstall]]:
        """What installs Poetry in its stages and in those that it copies from, in order."""
        from dockerlint_fastapi.model.install.poetry_options import poetry_installs  # noqa: PLC0415  # few rules ask

        return poetry_installs(self)

    @property
    def removed_poetry_options(self) -> Iterator[RemovedOption]:
        """What its build asks of Poetry that version 2 does not know any more."""
        from dockerlint_fastapi.model.install.poetry_options import removed_options  # noqa: PLC0415  # one rule asks

        return removed_options(self)

    @property
    def python_mismatches(self) -> Iterator[VersionMismatch]:
        """Where its Python is not the one that its project asks for."""
        from dockerlint_fastapi.model.install.python_versions import version_mismatches  # noqa: PLC0415  # as above

        return version_mismatches(self)

    def ignore_file(self, context: str) -> str | None:
        """The ignore file that applies when it is built from that context: `<Dockerfile>.dockerignore` beside the
        Dockerfile wins over `.dockerignore` in the context's root (buildkit, frontend/dockerui/config.go).
        """
        own = self.dockerfile.source.path + ".dockerignore"
        general = f"{context}/.dockerignore" if context else ".dockerignore"
        return next((path for path in (own, general) if self.project.tree.is_file(path)), None)

    def is_filtered(self, context: str) -> bool:
        """Whether an ignore file applies when it is built from that context, and has patterns."""
        path = self.ignore_file(context)
        ignore = self.project.ignore_file_at(path) if path is not None else None
        return path is not None and (ignore is None or not ignore.is_blank)

    def has(self, program: str) -> bool | None:
        """Whether the image holds a program; None when that cannot be told."""
        return has_program(self.lineage, self.base, program)

    @cached_property
    def shell(self) -> str | None:
        """The shell that runs shell-form commands at the end (`dash`, `bash` ...); None when it cannot be told."""
        chosen = self.last(Shell)
        if chosen and chosen.words:
            value = chosen.words[0].value
            name = value.rpartition("/")[2] if value else None
            if name != "sh":
                return name
        return self._own_shell

    @cached_property
    def _own_shell(self) -> str | None:
        """The shell of the base image; of an unknown one, what its name or an installer in a RUN says."""
        if self.base is not None and self.base.shell is not None:
            return self.base.shell
        from dockerlint_fastapi.model.bases.shells import shell_of  # noqa: PLC0415 - few images need it

        return shell_of(self)

    @cached_property
    def shell_program(self) -> str:
        """The bare name of the program that runs shell-form commands at the end: that of the last SHELL, else `sh`."""
        chosen = self.last(Shell)
        value = chosen.words[0].value if chosen and chosen.words else None
        return value.rpartition("/")[2] if value else "sh"

    @cached_property
    def pulls(self) -> tuple[Pull, ...]:
        """The images from elsewhere that its build takes something from: those of its FROM, COPY and mounts, and of the
        stages it copies from. What the project itself builds is left out. What it begins with is named as its services
        have it built: they may give the build arguments in it other values than the Dockerfile does.
        """
        stages = sorted((*self.lineage, *self.builders), key=lambda stage: stage.index)
        begin, reference = self.stage.first.from_.image, self.reference
        pulls = list(pulls_of(stages))
        if begin.value != self.base_name:
            other = [pull for pull in pulls if pull.span != begin.span]
            same = [pull._replace(reference=reference) for pull in pulls if pull.span == begin.span and reference]
            pulls = [*same, *other]
        return tuple(pull for pull in pulls if not self.project.makes(pull.reference))

    @cached_property
    def sh(self) -> str | None:
        """What `/bin/sh` is: the base image's own (`dash`, `busybox`), or what a RUN links it to; None when unknown."""
        for run in reversed(tuple(self.every(Run))):
            if "/sh" not in run.command.text:
                continue
            script = run.command.script
            for call in reversed(script.commands if script is not None else ()):
                if call.program == "ln" and call.argv[-1] in ("/bin/sh", "/usr/bin/sh") and len(call.argv) > 2:
                    target = call.argv[-2]
                    return target.rpartition("/")[2] if target else None
        return self._own_shell

    @cached_property
    def python(self) -> bool | None:
        """Whether it is a Python image: the base says so, or a Python installer runs in it, or in the stage that
        lends it what `PATH` leads to, or its own command is a server that is written in Python; on a base of which
        nothing is known, also its name: `registry.example/python`.

        None when none of these speaks: then it may be anything.
        """
        if self.base is not None and self.base.python:
            return True
        if any(step.manager in _PYTHON_INSTALLERS for _, step in self.steps):
            return True
        if self.base is None and (self._is_named_python or self._commands_python):
            return True
        # With Node.js it is there for node-gyp, which compiles packages of npm, unless a container starts it.
        asks = self.base is None or self.base.family != "node" or self._starts_python
        if asks and any(
            step.manager in ("apt", "apk", "dnf") and any(name.startswith("python3") for name in step.names)
            for _, step in self.steps
        ):
            return True
        if asks and any("python3" in run.text and re.search(_APT_PYTHON, run.text) for run in self.every(Run)):
            return True
        if self._copies_python:
            return True
        return False if self.base is not None and self.base.python is False else None

    @property
    def _copies_python(self) -> bool:
        """Whether it takes an environment out of a stage that a Python installer works in, and finds programs there."""
        pair = self.environment.get("PATH")
        folders = pair.raw.strip("\"'").split(":") if pair is not None else []
        for one in self.transfers:
            place = (one.destination.value or "").rstrip("/")
            if one.from_ is None or f"{place}/bin" not in folders or not place:
                continue
            other = self.dockerfile.stage(one.from_.value or "")
            runs = other.of(Run) if other is not None else ()
            if any(step.manager in _PYTHON_INSTALLERS for run in runs for step in self.steps_of(run)):
                return True
        return False

    @property
    def _is_named_python(self) -> bool:
        """Whether what it begins with is called `python`: a copy of Docker's image in a registry of somebody's own."""
        return re.search(r"(?:\A|[/}])python(?::|@|\Z)", self.stage.first.from_.image.text) is not None

    @property
    def _commands_python(self) -> bool:
        """Whether its own ENTRYPOINT, or else its CMD, begins with Python or a server that is written in it."""
        own = self.entrypoint or self.cmd
        words = own.command.words if own is not None else ()
        first = words[0].value if words else re.sub(r"\A\s*exec\s+", "", own.command.text) if own is not None else None
        return re.match(_PYTHON_PROGRAM, ((first or "").split() or [""])[0].rpartition("/")[2]) is not None

    @property
    def _starts_python(self) -> bool:
        """Whether a container starts Python, or a server that is written in it, also through the entrypoint of the
        images of Node.js, which runs what it is given.
        """
        return any(
            container.server is not None
            or any(re.search(_PYTHON_PROGRAM, word.value or "") for one in container.programs for word in one.argv)
            for container in self.containers
        )

    @cached_property
    def serves(self) -> bool:
        """Whether some container certainly starts a web server from it."""
        return any(container.serves for container in self.containers)


# Also behind a wrapper of the project's own: `with-retries apt-get install -y python3.11`.
_APT_PYTHON = r"\bapt(?:-get)?[ \t]+(?:-[\w=-]+[ \t]+)*install\b[^&;|]{0,2000}\spython3"
_PYTHON_PROGRAM = r"(?<![\w.-])(python[0-9.]*|uvicorn|gunicorn|hypercorn|granian|daphne|fastapi|celery)(?![\w.-])"
_PYTHON_INSTALLERS = frozenset(("pip", "uv", "poetry", "pdm", "pipenv", "hatch", "conda"))


def _first_of(entry: tuple[int, Pair]) -> int:
    return entry[0]


def _stages_used_by(stage: Stage) -> Iterator[Stage]:
    for instruction in stage.instructions:
        names: list[str | None] = []
        if isinstance(instruction, Transfer) and instruction.from_:
            names.append(instruction.from_.value)
        elif isinstance(instruction, Run):
            names.extend(mount.options.get("from") for mount in instruction.mounts)
        for name in names:
            found = stage.dockerfile.stage(name) if name else None
            if found is not None and found.index < stage.index:
                yield found
