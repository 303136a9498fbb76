"""The manifests of a build: which file stands where an installer looks for it, parsed, and what it asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from dockerlint_fastapi.assemble.closure import closure, listed, with_frozen
from dockerlint_fastapi.model.command import UNKNOWN, Unknown
from dockerlint_fastapi.model.context.passage import place_of
from dockerlint_fastapi.model.files.image_files import Placed
from dockerlint_fastapi.model.install.distributions import Distribution, Distributions, Doubt
from dockerlint_fastapi.model.install.manifest import Group, Lock, ProjectFile, Reference, Requirement
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from dockerlint_fastapi.model.dockerfile import Mount, Run, Stage
    from dockerlint_fastapi.model.image import Image

_MAX_FILES = 200  # that one step may read


class Manifests:
    """The parsed manifests of a project, each text once."""

    def __init__(self) -> None:
        self._parsed: dict[tuple[str, str | None, str], Any] = {}

    def parsed(self, kind: str, placed: Placed) -> Any:  # what the parser of that kind gives
        """What a file says, by the parser of its kind."""
        key = (kind, placed.path or f"{placed.by.source.path}:{placed.by.start}", placed.text)
        if key not in self._parsed:
            self._parsed[key] = _parser(kind)(placed.text, placed.locate)
        return self._parsed[key]


def _parser(kind: str) -> Callable[[str, Callable[[int, int], Span]], Any]:
    # Imported here: a project has one or two of these formats.
    if kind == "requirements":
        from dockerlint_fastapi.parsers.manifests.requirements_file import parse_requirements  # noqa: PLC0415

        return parse_requirements
    if kind == "pyproject.toml":
        from dockerlint_fastapi.parsers.manifests.pyproject import parse_pyproject  # noqa: PLC0415

        return parse_pyproject
    if kind in ("setup.cfg", "setup.py"):
        from dockerlint_fastapi.parsers.manifests import setup_files  # noqa: PLC0415

        return setup_files.parse_setup_cfg if kind == "setup.cfg" else setup_files.parse_setup_py
    if kind == "uv.lock":
        from dockerlint_fastapi.parsers.manifests.uv_lock import parse_uv_lock  # noqa: PLC0415

        return parse_uv_lock
    if kind == "poetry.lock":
        from dockerlint_fastapi.parsers.manifests.poetry_lock import parse_poetry_lock  # noqa: PLC0415

        return parse_poetry_lock
    if kind == "pdm.lock":
        from dockerlint_fastapi.parsers.manifests.pdm_lock import parse_pdm_lock  # noqa: PLC0415

        return parse_pdm_lock
    if kind == "pylock.toml":
        from dockerlint_fastapi.parsers.manifests.pylock import parse_pylock  # noqa: PLC0415

        return parse_pylock
    if kind == "hatch.toml":
        from dockerlint_fastapi.parsers.manifests.hatch_environments import parse_hatch_toml  # noqa: PLC0415

        return parse_hatch_toml
    if kind == "environment.yml":
        from dockerlint_fastapi.parsers.manifests.conda_environment import parse_conda_environment  # noqa: PLC0415

        return parse_conda_environment
    if kind == "conda list":
        from dockerlint_fastapi.parsers.manifests.conda_environment import parse_conda_list  # noqa: PLC0415

        return parse_conda_list
    if kind in ("Pipfile", "Pipfile.lock"):
        from dockerlint_fastapi.parsers.manifests import pipfile  # noqa: PLC0415

        return pipfile.parse_pipfile if kind == "Pipfile" else pipfile.parse_pipfile_lock
    raise KeyError(kind)


class Wanted(NamedTuple):
    """What an install step asks for, read so far."""

    requirements: list[Requirement]
    constraints: dict[str, str]  # name -> specifier
    contents: list[Distributions]  # what is known exactly (locks, compiled files)
    doubts: list[Doubt]
    projects: list[ProjectFile]
    groups: list[Group]  # of the projects, that are asked for besides their dependencies

    def result(self, python: str | None, *, dependencies: bool = True) -> Distributions:
        """Everything that comes of it."""
        found = closure(self.requirements, python, constraints=self.constraints, dependencies=dependencies)
        found = found.joined(Distributions(doubts=self.doubts))
        if not self.requirements:
            found = Distributions(found.found, possible=found.possible, doubts=found.doubts)
        for one in self.contents:
            found = found.joined(one)
        return found


class Site:
    """Where an installer runs: an instruction of a stage, with the working directory of its command."""

    def __init__(
        self,
        manifests: Manifests,
        image: Image,
        stage: Stage,
        run: Run | None,
        *,
        directory: str | None,
        python: str | None,
        made: Callable[[str], tuple[Distributions, tuple[Group, ...]] | None] = lambda _place: None,
    ) -> None:
        self.manifests = manifests
        self.image = image
        self.stage = stage
        self.run = run  # None for the finished stage
        self.directory = directory
        self.python = python
        # The requirements that an installer wrote into a file at a place (`poetry export`), and the groups among them.
        self.made = made
        self._left = _MAX_FILES

    @property
    def mounts(self) -> tuple[Mount, ...]:
        """The mounts of the RUN."""
        return tuple(self.run.mounts) if self.run is not None else ()

    def place(self, path: str | None, directory: str | None = None) -> str | None:
        """A path of the command made absolute."""
        return place_of(path, self.directory if directory is None else directory)

    def file(self, place: str | None) -> Placed | Unknown | None:
        """The file at an absolute path, as the RUN finds it, its mounts included."""
        if place is None or self._left <= 0:
            return UNKNOWN
        for mount in self.mounts:
            target = place_of(mount.target, self.directory) if mount.target else None
            if mount.type != "bind" or (target is not None and not f"{place}/".startswith(f"{target.rstrip('/')}/")):
                continue
            if target is None:
                return UNKNOWN
            return self._mounted(place, target)
        return self.image.file_at(place, stage=self.stage, before=self.run)

    def _mounted(self, place: str, target: str) -> Placed | Unknown | None:
        mount = next(
            one
            for one in reversed(self.mounts)
            if one.type == "bind" and one.target and place_of(one.target, self.directory) == target
        )
        from_ = mount.options.get("from")
        source = mount.options.get("source") or mount.options.get("src") or ""
        if "$" in source:
            return UNKNOWN
        rest = place[len(target.rstrip("/")) :].lstrip("/")
        if from_:
            other = self.stage.dockerfile.stage(from_)
            if other is None or other.index >= self.stage.index:
                return UNKNOWN
            inside = place_of(f"{source or '/'}/{rest}" if rest else source, "/")
            return UNKNOWN if inside is None else self.image.file_at(inside, stage=other)
        passages = [one for one in self.image.passages if one.instruction is self.run and one.span == mount.span]
        paths = {path for one in passages if (path := one.origin(place)) is not None}
        found = {
            build.project_path(path) if build.sends(path) else UNKNOWN
            for path in paths
            for build in self.image.builds
            if build.exists(path)
        }
        if not found and paths:
            return None
        one = found.pop() if len(found) == 1 else UNKNOWN
        text = None if isinstance(one, Unknown) else self.image.project.source_of(one)
        if text is None or isinstance(one, Unknown):
            return UNKNOWN
        return Placed(place, one, text.text, text.span, mount.span)

    def read(self, kind: str, place: str | None) -> Any:
        """The parsed file at a place; None when certainly none is there, UNKNOWN when that cannot be told."""
        self._left -= 1
        placed = self.file(place)
        if isinstance(placed, Unknown) and kind.endswith(".lock"):
            return None if (self.stage, place or "") in self.image.made_locks else placed
        if not isinstance(placed, Placed):
            return placed
        parsed = self.manifests.parsed(kind, placed)
        return UNKNOWN if parsed is None else parsed

    def wanted(self) -> Wanted:
        """Nothing asked for yet."""
        return Wanted([], {}, [], [], [], [])

    def requirements_file(
        self, place: str | None, span: Span, wanted: Wanted, seen: frozenset[str] = frozenset(), *, exact: bool = False
    ) -> None:
        """Adds what a requirements file asks for, with the files that it names."""
        if place is None or place in seen or len(seen) > 20:
            if place is None:
                wanted.doubts.append(Doubt("which requirements are installed cannot be told", span))
            return
        made = self.made(place)
        if made is not None:
            wanted.contents.append(made[0])
            wanted.groups.extend(made[1])
            return
        name = place.rpartition("/")[2]
        if name in ("pyproject.toml", "setup.cfg", "setup.py"):
            self.project(place.rpartition("/")[0] or "/", span, wanted)
            return
        if name.startswith("pylock.") and name.endswith(".toml"):
            lock = self.read("pylock.toml", place)
            if isinstance(lock, Lock) and lock.flat is not None:
                wanted.contents.append(listed(lock.flat["default"], self.python))
                return
            wanted.doubts.append(Doubt(f"`{name}` cannot be read", span))
            return
        file = self.read("requirements", place)
        if file is None or isinstance(file, Unknown):
            wanted.doubts.append(Doubt(f"`{name}` is not at hand", span))
            return
        for one in file.constraints:
            self._constrain(self.place(one.path, place.rpartition("/")[0] or "/"), wanted)
        for one in file.includes:
            path = None if one.path is None else self.place(one.path, place.rpartition("/")[0] or "/")
            self.requirements_file(path, one.span, wanted, seen | {place}, exact=exact)
        for span_of in file.unread:
            wanted.doubts.append(Doubt("this line may ask for anything", span_of))
        for one in file.folders:
            self.folder(one, wanted)
        if exact or file.closed:
            wanted.contents.append(listed(file.requirements, self.python))
        else:
            alone = not (file.unread or file.includes or file.folders)
            wanted.requirements.extend(with_frozen(file.requirements) if alone else file.requirements)

    def _constrain(self, place: str | None, wanted: Wanted) -> None:
        file = self.read("requirements", place)
        if file is not None and not isinstance(file, Unknown):
            for one in file.requirements:
                before = wanted.constraints.get(one.name)
                wanted.constraints[one.name] = f"{before},{one.specifier}" if before else one.specifier

    def constrain(self, path: str | None, wanted: Wanted) -> None:
        """Adds the versions that a constraints file allows."""
        self._constrain(self.place(path), wanted)

    def folder(self, reference: Reference, wanted: Wanted) -> None:
        """Adds a project of the build, or an archive, that is installed by its path."""
        if reference.path is None or reference.path.endswith((".whl", ".zip", ".gz", ".bz2", ".xz")):
            wanted.doubts.append(Doubt("what this brings is not known", reference.span))
            return
        self.project(self.place(reference.path), reference.span, wanted, extras=reference.extras)

    def project_at(self, folder: str | None) -> ProjectFile | Unknown | None:
        """The project in a folder: its pyproject.toml, with what setup.cfg and setup.py add."""
        if folder is None:
            return UNKNOWN
        found = self.read("pyproject.toml", f"{folder.rstrip('/')}/pyproject.toml")
        # a manifest with settings of tools alone leaves all else to the older files
        if isinstance(found, ProjectFile) and (
            found.dependency_files
            or (found.dependencies is not None and (found.dependencies or found.name or found.members))
        ):
            return found
        if isinstance(found, Unknown):
            return UNKNOWN
        for name in ("setup.cfg", "setup.py"):
            old = self.read(name, f"{folder.rstrip('/')}/{name}")
            if isinstance(old, ProjectFile) and old.dependencies is not None:
                return old if found is None else found._replace(dependencies=old.dependencies, extras=old.extras)
            if isinstance(old, Unknown):
                return UNKNOWN
        return found if isinstance(found, ProjectFile) else None

    def project(
        self,
        folder: str | None,
        span: Span,
        wanted: Wanted,
        *,
        extras: Iterable[str] = (),
        every_extra: bool = False,
        groups: Iterable[str] = (),
        itself: bool = True,
    ) -> None:
        """Adds the dependencies of the project in a folder."""
        project = self.project_at(folder)
        if not isinstance(project, ProjectFile):
            wanted.doubts.append(Doubt("the project that is installed cannot be read", span))
            return
        wanted.projects.append(project)
        if itself and project.name:
            wanted.contents.append(Distributions({project.name: _itself(project.name, span)}))
        for name in project.dependency_files:
            self.requirements_file(self.place(name, folder), span, wanted)
        if project.dependencies is None and not project.dependency_files:
            wanted.doubts.append(Doubt("the dependencies of the project are not written out", span))
        chosen = project.extras if every_extra else extras
        needed = [*(project.dependencies or ()), *self.of_extras(project, chosen, span, wanted)]
        for group in groups:
            if group in project.groups:
                needed.extend(project.groups[group])
                wanted.groups.append(Group(group, project.groups[group]))
            else:
                wanted.doubts.append(Doubt(f"the group `{group}` cannot be read", span))
        if not project.complete:
            wanted.doubts.append(Doubt("a part of the project's manifest cannot be read", span))
        self.add(needed, wanted)

    def of_extras(
        self, project: ProjectFile, extras: Iterable[str], span: Span, wanted: Wanted
    ) -> Iterator[Requirement]:
        """What extras of a project ask for; an extra may name others of the same project."""
        waiting, seen = list(extras), set[str]()
        while waiting:
            extra = waiting.pop()
            if extra in seen:
                continue
            seen.add(extra)
            if extra not in project.extras:
                wanted.doubts.append(Doubt(f"the extra `{extra}` cannot be read", span))
                continue
            wanted.groups.append(Group(extra, project.extras[extra]))
            for one in project.extras[extra]:
                if one.name == project.name:
                    waiting.extend(one.extras)
                else:
                    yield one

    def add(self, requirements: Iterable[Requirement], wanted: Wanted) -> None:
        """Adds requirements of a project."""
        wanted.requirements.extend(requirements)


def _itself(name: str, span: Span) -> Distribution:
    return Distribution(name, None, "", frozenset(), span)
