"""Joins a project's files into what will really run: compose services, the images they build, what these start."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial

from dockerlint_fastapi.assemble.containers import contain
from dockerlint_fastapi.assemble.contexts import GitIgnores, IgnoreFiles
from dockerlint_fastapi.assemble.images import Link, images_of, links_of, meant_contexts
from dockerlint_fastapi.assemble.orchestration import Orchestration
from dockerlint_fastapi.assemble.python_modules import PythonModules, writes_of
from dockerlint_fastapi.discover import Found, is_template, walk
from dockerlint_fastapi.model.compose import ComposeFile
from dockerlint_fastapi.model.dockerfile import Dockerfile
from dockerlint_fastapi.model.evidence import tokens
from dockerlint_fastapi.model.project import Project
from dockerlint_fastapi.parsers.dockerfile import parse_dockerfile
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Problem, Source
from dockerlint_fastapi.tree import Tree, Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date
    from typing import Any

    from dockerlint_fastapi.model.context import WorkflowBuild
    from dockerlint_fastapi.model.evidence import Evidence
    from dockerlint_fastapi.model.files.compose_stacks import ComposeStacks
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.install.distributions import Installed
    from dockerlint_fastapi.model.parts import Part, Whole


class Sources:
    """The texts of a project's files, each read once. What cannot be read is an empty text and a reason."""

    def __init__(self, tree: Tree, shown: Callable[[str], str], unreadable: dict[str, str] | None = None) -> None:
        self._tree = tree
        self._shown = shown
        self._read: dict[str, Source | None] = {}
        self.unreadable: dict[str, str] = {} if unreadable is None else unreadable

    def __call__(self, path: str) -> Source | None:
        """The text of a file; None when there is none."""
        if path not in self._read:
            try:
                data = self._tree.read(path)
            except Unreadable as error:
                self.unreadable[path] = str(error)
                data = b""
            self._read[path] = None if data is None else Source(path, data, self._shown(path))
        return self._read[path]

    def read(self) -> tuple[Source, ...]:
        """The files that were asked for until now and are there, in that order."""
        return tuple(source for source in self._read.values() if source is not None)

    def problem(self, source: Source) -> tuple[Problem, ...]:
        """The problem of a file that exists but cannot be read; empty for any other."""
        reason = self.unreadable.get(source.path)
        return (Problem(source.span(0, 0), f"the file cannot be read: {reason}"),) if reason else ()


class _InstalledIn:
    """What the Python of an image has installed; the readers of manifests are imported when that is first asked."""

    def __init__(self) -> None:
        self._answer: Callable[[Image], Installed] | None = None

    def __call__(self, image: Image) -> Installed:
        """What an image has."""
        if self._answer is None:
            from dockerlint_fastapi.assemble.distributions import DistributionsOf  # noqa: PLC0415

            self._answer = DistributionsOf()
        return self._answer(image)


class Place(NamedTuple):
    """A part of a project: the whole, the folder that the part is, and its number."""

    whole: Whole
    folder: str
    number: int


def whole_of(
    tree: Tree,
    found: Found,
    *,
    shown: Callable[[str], str] = str,
    deployment: str = "auto",
    today: date | None = None,
) -> Whole:
    """What the parts of a project have in common. The arguments are as of `assemble`."""
    from dockerlint_fastapi.model.parts import Whole  # noqa: PLC0415 - large projects only

    sources = Sources(tree, shown)
    whole = Whole(tree, sources, **_on_files(tree, deployment), sources_read=sources.read, today=today)
    whole.unreadable = sources.unreadable
    whole.workflow_builds_in = _workflow_builds
    whole.deployment_setting = deployment
    whole.count_of_compose_files = len(found.compose_files)
    whole.has_dockerfiles = bool(found.dockerfiles)
    return whole


def _on_files(tree: Tree, deployment: str) -> dict[str, Any]:
    """How a project learns of what its files alone tell."""
    tracks = _git_tracks(tree)
    return {
        "walk": partial(walk, tree),
        "orchestration_of": Orchestration(tree, deployment),
        "platform_probes_in": lambda files: _platform_probes(tree, files),
        "host_of": partial(_host_of, tree),
        "git_ignores": GitIgnores(tree, tracks),
        "git_tracks": tracks,
    }


def assemble(
    tree: Tree,
    found: Found,
    *,
    paths: Sequence[str] | None = None,
    shown: Callable[[str], str] = str,
    deployment: str = "auto",
    stack: Sequence[str] = (),
    today: date | None = None,
    code: bool = True,
    place: Place | None = None,
) -> Project:
    """The model of a project, or of a part of it: then `found` lists the files of that part. Raises NotApartError for a
    part that has to do with others.

    `found` lists its files. What is said of a file must not depend on whether it was named alone, so all are read, also
    when `paths` names some of them: Dockerfiles share build contexts, and compose files decide which of them ship, also
    by the name of an image that is built elsewhere. `deployment` is the setting.
    `stack` names the compose files that are used together, in order; when it is empty, names and contents tell.
    `today` is the day as of which ages are judged, None for that of the clock. With `code` False, the servers that
    Python code starts are left out: what can be compared without them is known sooner.
    """
    if place is None:
        read = Sources(tree, shown)
        project = Project(
            tree,
            read,
            **_on_files(tree, deployment),
            installed_in=_InstalledIn(),
            sources_read=read.read,
            today=today,
        )
    else:
        project, read = _part(place, shown, deployment)
    sources = project.source_of
    project.ignore_file_at = IgnoreFiles(sources, read.unreadable)
    project.module_of = PythonModules(sources)
    project.writes_in = writes_of
    project.workflow_builds_in = _workflow_builds
    project.deployment_setting = deployment
    named = None if paths is None else frozenset(paths)
    if named is not None and not named.isdisjoint(found.ignore_files):
        named = None  # what an ignore file does is told by every build that reads it
    compose: dict[str, ComposeFile | None] = {}

    def compose_file(path: str) -> ComposeFile | None:
        if path not in compose:
            source = sources(project.inside(path))
            compose[path] = None if source is None else _compose_file(source, read, project)
        return compose[path]

    own = project.own
    own.compose_files = tuple(file for path in found.compose_files if (file := compose_file(path)) is not None)
    stacked = [file for path in stack if (file := compose_file(path)) is not None and file.root is not None]
    if own.compose_files or stacked:
        from dockerlint_fastapi.assemble.deployments import deployments_of  # noqa: PLC0415 - as for YAML: many have none
        from dockerlint_fastapi.assemble.env_files import EnvFiles  # noqa: PLC0415 - likewise

        env_files = EnvFiles(sources, project.git_ignores, read.unreadable)
        said = cache(partial(_stacks_of, project, own.compose_files))
        own.deployments = tuple(deployments_of(own.compose_files, compose_file, stacked, env_files, said))
    for one in own.deployments:
        one.project = project
        one.merged.is_own_name = partial(_is_own_name, project)
    dockerfiles: dict[str, Dockerfile | None] = {}

    def dockerfile(path: str) -> Dockerfile | None:
        if path not in dockerfiles:
            source = sources(project.inside(path))
            dockerfiles[path] = None if source is None else _dockerfile(source, read, project)
        return dockerfiles[path]

    for path in found.dockerfiles:
        dockerfile(path)
    links = tuple(links_of(own.deployments, dockerfile, project.tree))
    _put_aside(project, dockerfiles, links, named or frozenset())
    own.dockerfiles = tuple(file for _, file in sorted(dockerfiles.items()) if file is not None)
    project.ignore_files = found.ignore_files if dockerfiles.keys() >= set(found.dockerfiles) else ()
    of_file: dict[Dockerfile, list[Link]] = {}
    for link in links:
        of_file.setdefault(link.stage.dockerfile, []).append(link)
    meant = meant_contexts(own.deployments, dockerfiles.get, project.tree)
    own.images = tuple(
        image
        for file in own.dockerfiles
        for image in images_of(project, file, of_file.get(file, ()), meant.get(file.source.path, ()))
    )
    contain(project, links, code=code)
    return project


def _stacks_of(project: Project, files: Sequence[ComposeFile]) -> ComposeStacks:
    """Which compose files the project's own commands name together."""
    from dockerlint_fastapi.model.files.compose_stacks import compose_stacks  # noqa: PLC0415 - for two in one folder

    return compose_stacks(project, files)


def _is_own_name(project: Project, name: str) -> bool:
    """Whether the project calls its folder so."""
    from dockerlint_fastapi.model.files.own_name import is_own_name  # noqa: PLC0415 - for paths that lead out

    return is_own_name(project, name)


def _part(place: Place, shown: Callable[[str], str], deployment: str) -> tuple[Part, Sources]:
    """A part without its models, and its texts."""
    from dockerlint_fastapi.model.parts import Part  # noqa: PLC0415 - large projects only

    whole = place.whole
    read = Sources(whole.tree, shown, whole.unreadable)
    part = Part(
        whole,
        place.folder,
        place.number,
        host_of=partial(_host_of, whole.tree),
        git_ignores=whole.git_ignores,
        git_tracks=whole.git_tracks,
        installed_in=_InstalledIn(),
        sources_read=read.read,
    )
    part.text_inside = read
    part.deployment_setting = deployment
    return part, read


def _put_aside(
    project: Project, dockerfiles: dict[str, Dockerfile | None], links: Sequence[Link], named: frozenset[str]
) -> None:
    """Empties the Dockerfiles that only keep an earlier state of another, but for one that the user named without the
    other.
    """
    if len(dockerfiles) < 2:
        return
    _leave_over(project, [file for file in dockerfiles.values() if file is not None])
    from dockerlint_fastapi.assemble.backups import backups  # noqa: PLC0415 - most projects have one Dockerfile

    files = [file for file in dockerfiles.values() if file is not None]
    for file, of in tuple(backups(project, files, {link.stage.dockerfile for link in links})):
        if file.source.path not in named or of.source.path in named:
            aside = Dockerfile(file.source)
            aside.backup_of = of.source
            dockerfiles[file.source.path] = aside


def _leave_over(project: Project, files: Sequence[Dockerfile]) -> None:
    """Tells of empty Dockerfiles beside others whether something names them, be it a service that builds one."""
    built = any(file.stages for file in files)
    for file in files if built else ():
        folder, _, name = file.source.path.rpartition("/")
        usual = name.lower() in ("dockerfile", "containerfile")
        if not file.source.text.strip() and (folder or not usual):
            from dockerlint_fastapi.model.files.recipes import is_built_by_hand, is_named  # noqa: PLC0415 - few are empty

            # a file of the usual name is named by its folder, as a service does: `build: ./worker`
            builds = (f"{folder}/{name}", f": ./{folder}", f": {folder}\n", f": {folder}/")
            named = any(is_named(project, one) for one in (builds if usual else (name,)))
            file.left_over = not named and not (usual and is_built_by_hand(project, folder))


def _platform_probes(tree: Tree, paths: Iterable[str]) -> Mapping[str, Evidence]:
    from dockerlint_fastapi.assemble.platform_probes import platform_probes  # noqa: PLC0415 - asked for a server without a check

    return platform_probes(tree, paths)


def _git_tracks(tree: Tree) -> Callable[[str], bool | None]:
    """Asks git's index, and reads it when it is first asked."""
    known: list[Callable[[str], bool | None]] = []

    def tracks(path: str) -> bool | None:
        if not known:
            from dockerlint_fastapi.discover.git_index import GitTracks  # noqa: PLC0415 - as above

            known.append(GitTracks(tree))
        return known[0](path)

    return tracks


def _host_of(tree: Tree, near: Iterable[str], dockerfile: str, others: Iterable[str]) -> Evidence | None:
    from dockerlint_fastapi.assemble.hosting import host_of  # noqa: PLC0415 - as above

    return host_of(tree, near, dockerfile, others)


def _workflow_builds(project: Project) -> Iterable[WorkflowBuild]:
    from dockerlint_fastapi.assemble.published import workflow_builds  # noqa: PLC0415 - few projects build from folders

    return workflow_builds(project)


def _dockerfile(source: Source, sources: Sources, project: Project) -> Dockerfile:
    try:
        file = parse_dockerfile(source)
    except Exception as error:  # noqa: BLE001 - told as a fault of dlf; the other files are linted all the same
        project.failures.append((source.span(0, 0), error))
        file = Dockerfile(source)
    if _is_template(source, file.problems):
        file = Dockerfile(source)
        file.template = source.span(0, 0)
    file.problems = sources.problem(source) or file.problems
    return file


def _compose_file(source: Source, sources: Sources, project: Project) -> ComposeFile:
    # Imported here: YAML is the dearest import, and a project without compose files does not pay for it.
    from dockerlint_fastapi.parsers.compose import parse_compose  # noqa: PLC0415

    try:
        file = parse_compose(source)
    except Exception as error:  # noqa: BLE001 - as above
        project.failures.append((source.span(0, 0), error))
        file = ComposeFile(source)
    if _is_template(source, file.problems):
        file = ComposeFile(source)
        file.template = source.span(0, 0)
    file.problems = sources.problem(source) or file.problems
    return file


def _is_template(source: Source, problems: Sequence[Problem]) -> bool:
    """Whether a file is a template that its text does not show: by its ending (`Dockerfile.j2`), or because it calls
    itself one (`compose.template.yml`) and cannot be read as it is.
    """
    return is_template(source.path) or (bool(problems) and "template" in tokens(source.path.rpartition("/")[2]))
