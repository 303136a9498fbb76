"""Everything that is known of the files under one root, and every node that a rule may ask for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from dockerlint_fastapi.cached import cached_property
from dockerlint_fastapi.model.bases.base_image import Reference
from dockerlint_fastapi.model.context import BuildContext, contexts_of
from dockerlint_fastapi.model.context.unread_ignore import UnreadIgnoreFile, unread_ignore_files
from dockerlint_fastapi.model.evidence import Evidence
from dockerlint_fastapi.source import Problem, Source, Span
from dockerlint_fastapi.tree import parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date

    from dockerlint_fastapi.model.application import Module
    from dockerlint_fastapi.model.compose import ComposeFile
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.context import WorkflowBuild
    from dockerlint_fastapi.model.context.ignore_file import IgnoreFile
    from dockerlint_fastapi.model.deployment import Deployment
    from dockerlint_fastapi.model.dockerfile import Dockerfile
    from dockerlint_fastapi.model.files.code_writes import CodeWrites
    from dockerlint_fastapi.model.files.image_files import Placed
    from dockerlint_fastapi.model.files.missing_files import MissingFile
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.index import Index
    from dockerlint_fastapi.model.install.distributions import Installed
    from dockerlint_fastapi.model.instructions.stage_names import StageFault
    from dockerlint_fastapi.model.instructions.undefined_variables import Undefined
    from dockerlint_fastapi.model.services.broken_references import BrokenReference
    from dockerlint_fastapi.tree import Tree


class NotApartError(Exception):
    """A question that no part of a project can answer (`model.parts`)."""


class Own:
    """The models of a project's files, and what they come to."""

    __slots__ = ("compose_files", "containers", "deployments", "dockerfiles", "images")

    def __init__(self) -> None:
        self.dockerfiles: tuple[Dockerfile, ...] = ()
        self.compose_files: tuple[ComposeFile, ...] = ()
        self.deployments: tuple[Deployment, ...] = ()
        self.images: tuple[Image, ...] = ()
        self.containers: tuple[Container, ...] = ()

    @property
    def files(self) -> tuple[Dockerfile | ComposeFile, ...]:
        """The Dockerfiles and the compose files."""
        return (*self.dockerfiles, *self.compose_files)


class Project:
    """Everything that dlf knows of the files under one root.

    A large one is taken apart where it can be (`model.parts`), and a part is a project of its own to whoever asks it:
    `own` is what that has, and `dockerfiles`, `images` … are those of the whole, which a part cannot give. A question
    that a part answers as well as the whole goes through `own`; one to all parts is asked by `index.gathered`, and one
    to the files alone by `index.answer`.
    """

    def __init__(
        self,
        tree: Tree,
        source_of: Callable[[str], Source | None],
        *,
        walk: Callable[[], Iterable[str]] = tuple,
        orchestration_of: Callable[..., Evidence | None] = lambda *_asked, **_named: None,
        platform_probes_in: Callable[[Iterable[str]], Mapping[str, Evidence]] = lambda _paths: {},
        host_of: Callable[[Iterable[str], str, Iterable[str]], Evidence | None] = lambda _near, _file, _others: None,
        ignore_file_at: Callable[[str], IgnoreFile | None] = lambda _path: None,
        git_ignores: Callable[[str], bool] = lambda _path: False,
        git_tracks: Callable[[str], bool | None] = lambda _path: None,
        sources_read: Callable[[], Iterable[Source]] = tuple,
        installed_in: Callable[[Image], Installed] | None = None,
        today: date | None = None,
    ) -> None:
        self.tree = tree
        # the Python module that a file is, parsed once; None when it cannot be parsed
        self.workflow_builds_in: Callable[[Project], Iterable[WorkflowBuild]] = lambda _project: ()
        self.module_of: Callable[[Placed], Module | None] = lambda _placed: None
        self.writes_in: Callable[[Source], CodeWrites | None] = lambda _source: None  # what a Python file writes to
        self.sources_read = sources_read  # the files whose text was asked for until now
        self.installed_in = installed_in  # what an image's Python has installed; None when nobody can say
        self._today = today
        self.ignore_file_at = ignore_file_at  # the parsed `.dockerignore` at a path; None when there is none
        self.git_ignores = git_ignores  # whether git ignores a path, be it there or not
        self.git_tracks = git_tracks  # whether git's index has a path; None when that cannot be told
        self.ignore_files: tuple[str, ...] = ()  # Docker's, by path; none when not every Dockerfile was read
        self.source_of = source_of  # the text of any file of the project, memoised; None when there is none
        self._walk = walk
        self._orchestration_of = orchestration_of
        self._platform_probes_in = platform_probes_in
        self._host_of = host_of
        self._hosts: dict[str, Evidence | None] = {}
        self._orchestration_near: dict[str, Evidence | None] = {}
        self.own = Own()
        self.deployment_setting = "auto"  # the setting `deployment`: auto, orchestrated or single-server
        self.failures: list[tuple[Span, Exception]] = []  # files that a parser broke on, which is a fault of dlf

    @property
    def _all(self) -> Own:
        """What the whole project has; a part does not have it."""
        return self.own

    @property
    def dockerfiles(self) -> tuple[Dockerfile, ...]:
        """Its Dockerfiles, by path."""
        return self._all.dockerfiles

    @property
    def compose_files(self) -> tuple[ComposeFile, ...]:
        """Its compose files, by path."""
        return self._all.compose_files

    @property
    def deployments(self) -> tuple[Deployment, ...]:
        """The sets of compose files that are used together."""
        return self._all.deployments

    @property
    def images(self) -> tuple[Image, ...]:
        """What its Dockerfiles build."""
        return self._all.images

    @property
    def containers(self) -> tuple[Container, ...]:
        """What is started."""
        return self._all.containers

    @property
    def files(self) -> tuple[Dockerfile | ComposeFile, ...]:
        """The Dockerfiles and the compose files."""
        return self._all.files

    @property
    def count_of_compose_files(self) -> int:
        """How many there are."""
        return len(self._all.compose_files)

    @property
    def has_dockerfiles(self) -> bool:
        """Whether there are any."""
        return bool(self._all.dockerfiles)

    def inside(self, path: str) -> str:
        """A path that something is asked of. A part answers for those that lie in it, and for no others."""
        return path

    @cached_property
    def today(self) -> date:
        """The day as of which ages are judged: the chosen one, else that of this machine's clock."""
        from dockerlint_fastapi.dates import date  # noqa: PLC0415  # few rules ask

        return self._today or date.today()  # a day sooner or later is all the same

    @cached_property
    def paths(self) -> frozenset[str]:
        """Every file of the project that git does not ignore. The first question costs a walk through the tree."""
        return frozenset(self._walk())

    @cached_property
    def index(self) -> Index:
        """What it has at which place."""
        from dockerlint_fastapi.model.index import Index  # noqa: PLC0415 - small projects may not ask

        return Index(self)

    @cached_property
    def has_poetry_settings(self) -> bool:
        """Whether a file of it may tell Poetry where to make its environments."""
        return any(path.endswith("poetry.toml") for path in self.paths)

    @cached_property
    def python_names(self) -> frozenset[str]:
        """The names of its Python files, without the ending, and of the folders that hold one."""
        files = [path[:-3] for path in self.paths if path.endswith(".py")]
        return frozenset(name for path in files for name in path.split("/"))

    @cached_property
    def requires_itself(self) -> bool:
        """Whether a requirements file or a manifest asks for a folder of the project."""
        from dockerlint_fastapi.model.install.installed_projects import requires_itself  # noqa: PLC0415 - few runs ask

        return requires_itself(self)

    @cached_property
    def orchestration(self) -> Evidence | None:
        """Why somebody else restarts and probes the containers (Kubernetes, ECS, Cloud Run, ...); None when nothing
        says so. The first question costs a walk and a look into a few files.
        """
        return self._orchestration_of(lambda: self.paths)

    def orchestration_near(self, dockerfile: str) -> Evidence | None:
        """The same for what one Dockerfile builds: a sign that speaks of it, rather than of another service."""
        if self.orchestration is None:
            return None
        if dockerfile not in self._orchestration_near:
            near = (dockerfile, lambda: self.index.gathered(dockerfile_paths))
            self._orchestration_near[dockerfile] = self._orchestration_of(lambda: self.paths, near)
        return self._orchestration_near[dockerfile]

    def orchestration_of(self, dockerfile: str) -> Evidence | None:
        """The same, of the signs that may be about what one Dockerfile builds: not those that name others, or lie in
        the folder of another component.
        """
        return self._orchestration_of(lambda: self.paths, of=dockerfile) if self.orchestrated else None

    @cached_property
    def platform_probes(self) -> Mapping[str, Evidence]:
        """Why a hosting platform probes the container of a Dockerfile, by the Dockerfile's path. It costs the same."""
        return {} if self.deployment_setting == "single-server" else self._platform_probes_in(self.paths)

    def host_of(self, dockerfile: str) -> Evidence | None:
        """Why a hosting platform (Cloud Run, Railway, Heroku) runs what a Dockerfile builds; None when nothing says so.
        It costs the same.
        """
        if self.deployment_setting == "single-server":
            return None
        if dockerfile not in self._hosts:
            near = self.index.files_in(parent(dockerfile), "", "docs")
            others = self.index.answer(_called_dockerfiles)
            self._hosts[dockerfile] = self._host_of(near, dockerfile, others)
        return self._hosts[dockerfile]

    @cached_property
    def workflow_builds(self) -> tuple[WorkflowBuild, ...]:
        """The builds of its workflows. The first question reads them."""
        return tuple(self.workflow_builds_in(self))

    @property
    def merge_problems(self) -> Iterator[Problem]:
        """What Compose refuses although each file by itself is sound, in every whole set that it belongs to: a key
        that one set leaves empty may be filled in another, as by the automatic override.
        """
        whole = [one for one in self.own.deployments if one.whole]
        sets: dict[Source, list[frozenset[Problem]]] = {}
        for one in whole:
            problems = frozenset(one.merged.problems)
            for file in one.merged.files:
                sets.setdefault(file.source, []).append(problems)
        for problem in dict.fromkeys(problem for one in whole for problem in one.merged.problems):
            where = problem.span.source
            if all(problem in problems for problems in sets.get(where, ())):
                yield problem

    @property
    def undefined_variables(self) -> Iterator[Undefined]:
        """The variables that its Dockerfiles expand and nothing sets."""
        from dockerlint_fastapi.model.instructions.undefined_variables import undefined_variables  # noqa: PLC0415 - one rule asks

        return undefined_variables(self)

    @property
    def stage_faults(self) -> Iterator[StageFault]:
        """What is wrong with the names of stages in its Dockerfiles."""
        from dockerlint_fastapi.model.instructions.stage_names import stage_faults  # noqa: PLC0415 - as above

        return stage_faults(self)

    @property
    def broken_references(self) -> Iterator[BrokenReference]:
        """The names in compose files that nothing declares."""
        from dockerlint_fastapi.model.services.broken_references import broken_references  # noqa: PLC0415  # few runs ask

        return broken_references(self)

    @property
    def missing_files(self) -> Iterator[MissingFile]:
        """What compose files name of the project and is not there."""
        from dockerlint_fastapi.model.files.missing_files import missing_files  # noqa: PLC0415  # as above

        return missing_files(self)

    @cached_property
    def recipes(self) -> tuple[Source, ...]:
        """The Makefiles, task runners' files, workflows and scripts. The first question costs a walk."""
        from dockerlint_fastapi.model.files.recipes import recipes_of, workflow_files  # noqa: PLC0415  # as above

        return tuple(recipes_of(self, workflow_files(self)))

    def retries_below(self, *folders: str) -> Span | None:
        """Where the Python code below some folders tries again to connect; None when none is seen to. The first
        question costs a walk.
        """
        from dockerlint_fastapi.model.services.waiting_evidence import retries_of  # noqa: PLC0415  # as above

        return self.index.answer(retries_of, *folders)

    def dockerfile_at(self, path: str) -> Dockerfile | None:
        """The Dockerfile of a path; where there is no `Dockerfile`, BuildKit takes `dockerfile`."""
        folder, _, name = path.rpartition("/")
        lower = f"{self.inside(folder)}/dockerfile" if folder else "dockerfile"
        return self._by_path.get(path) or (self._by_path.get(lower) if name == "Dockerfile" else None)

    @cached_property
    def _by_path(self) -> dict[str, Dockerfile]:
        return {file.source.path: file for file in self.own.dockerfiles}

    @cached_property
    def compose_files_in(self) -> Mapping[str, Sequence[ComposeFile]]:
        """The compose files of each folder that holds some."""
        found: dict[str, list[ComposeFile]] = {}
        for file in self.own.compose_files:
            found.setdefault(parent(file.source.path), []).append(file)
        return found

    def compose_files_above(self, folder: str, *, own: bool) -> Iterator[ComposeFile]:
        """The compose files of the folders above one, the outermost first, and at the end its own when wanted."""
        parts = self.inside(folder).split("/") if folder else []
        for at in range(len(parts) + own):
            yield from self.compose_files_in.get("/".join(parts[:at]), ())

    @cached_property
    def deployments_with(self) -> Mapping[ComposeFile, Sequence[Deployment]]:
        """The sets of compose files that each file was put into, but for those that only take it in."""
        found: dict[ComposeFile, list[Deployment]] = {}
        for one in self.own.deployments:
            for file in one.files:
                found.setdefault(file, []).append(one)
        return found

    @cached_property
    def images_of(self) -> Mapping[Dockerfile, Sequence[Image]]:
        """The images of each Dockerfile that has some."""
        found: dict[Dockerfile, list[Image]] = {}
        for image in self.own.images:
            found.setdefault(image.dockerfile, []).append(image)
        return found

    def in_submodule(self, path: str) -> bool:
        """Whether a path lies in a git submodule, which a checkout may not hold."""
        return any(f"{path}/".startswith(f"{root}/") for root in self._submodules)

    @cached_property
    def _submodules(self) -> tuple[str, ...]:
        modules = self.source_of(".gitmodules")
        return tuple(re.findall(r"(?m)^[ \t]*path[ \t]*=[ \t]*(\S+)", modules.text)) if modules is not None else ()

    @property
    def orchestrated(self) -> bool:
        """Whether somebody else restarts and probes the containers."""
        return self.orchestration is not None

    @property
    def unread_ignore_files(self) -> Iterator[UnreadIgnoreFile]:
        """The ignore files that certainly no build reads."""
        return unread_ignore_files(self)

    @cached_property
    def contexts(self) -> tuple[BuildContext, ...]:
        """The folders from which its images are built."""
        return tuple(contexts_of(self.own.images))

    @cached_property
    def unread_ignores(self) -> frozenset[str]:
        """The paths of the ignore files that certainly no build reads."""
        return frozenset(one.source.path for one in self.unread_ignore_files)

    def makes(self, reference: Reference) -> bool:
        """Whether an image of that name is the project's own: it can only be a local name, a service is built under
        a name of the same owner, or it is no known product and called like the project, or a folder or program at its
        top.
        """
        if reference.is_local or (reference.namespace != "" and reference.namespace in self.index.gathered(makers)):
            return True
        return not reference.is_public and not self._names.isdisjoint(reference.repository.split("/"))

    def is_of_others(self, reference: Reference) -> bool:
        """Whether an image certainly belongs to somebody else: its owner is none of those under whose names the
        project's own images are known, and it is not called like the project either.
        """
        owner = reference.namespace
        owners = {*self.index.gathered(makers), *self.index.gathered(publishers)} - {""}
        named = not self._names.isdisjoint(reference.repository.split("/"))
        return bool(owner and owners) and owner not in owners and not named

    @cached_property
    def _names(self) -> frozenset[str]:
        """What the project is called: by pyproject.toml, and by the folders and Python programs at its top."""
        source = self.source_of("pyproject.toml") if self.tree.is_file("pyproject.toml") else None
        named = re.findall(r"(?m)^name\s*=\s*[\"']([^\"']+)", source.text if source is not None else "")
        listing = self.tree.listing("")
        programs = (name.removesuffix(".py") for name in listing.files if name.endswith(".py"))
        return frozenset(name.lower() for name in (*named, *listing.directories, *programs))

    def nodes(self) -> Iterator[object]:
        """Every node that a rule may ask for, the smallest first."""
        for dockerfile in self.own.dockerfiles:
            yield dockerfile
            for stage in dockerfile.stages:
                yield stage
                yield stage.from_
                yield from stage.instructions
        yield from self.own.compose_files
        yield from self.own.images
        yield from self.own.containers
        yield from self.own.deployments
        yield from self.contexts
        yield self


def makers(project: Project) -> Iterator[str]:
    """The owners in the names under which services are built."""
    settings = [
        service.image
        for file in project.own.compose_files
        for service in file.services.values()
        if service.build is not None and service.image is not None
    ]
    texts = [one.value or one.default for one in settings]
    references = [Reference.parse(text) for text in texts if text]
    return (one.namespace for one in references if one is not None)


def publishers(project: Project) -> Iterator[str]:
    """The owners of the images called like the project that services take from a registry."""
    names = project._names  # noqa: SLF001 - of this module
    for file in project.own.compose_files:
        for service in file.services.values():
            text = (service.image.value or service.image.default) if service.image is not None else None
            reference = Reference.parse(text) if text else None
            if reference is not None and reference.name in names:
                yield reference.namespace


def _called_dockerfiles(project: Project) -> tuple[str, ...]:
    """The files of a project that are Dockerfiles by their names."""
    return tuple(sorted(path for path in project.paths if "dockerfile" in path.rpartition("/")[2].lower()))


def dockerfile_paths(project: Project) -> Iterator[str]:
    """Where its Dockerfiles are."""
    return (file.source.path for file in project.own.dockerfiles)


def compose_paths(project: Project) -> Iterator[str]:
    """Where its compose files are."""
    return (file.source.path for file in project.own.compose_files)


def compose_texts(project: Project) -> Iterator[str]:
    """What its compose files hold."""
    return (file.source.text for file in project.own.compose_files)


def production_sets(project: Project) -> Iterator[str]:
    """The sets of compose files that are for production by their names."""
    sets = (one for one in project.own.deployments if one.setting == "production" or one.is_swarm)
    return (one.files[0].source.path for one in sets)


def built_services(project: Project) -> Iterator[str]:
    """The names of services that are built."""
    services = (one for deployment in project.own.deployments for one in deployment.merged.services.values())
    return (one.name for one in services if one.build is not None)
