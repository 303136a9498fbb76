"""The projects that a build installs, so that their modules are found wherever the program starts."""

from __future__ import annotations

import re

from dockerlint_fastapi.cached import cached_property
from dockerlint_fastapi.model.command import Program
from dockerlint_fastapi.model.context.passage import behind_workdirs, place_of
from dockerlint_fastapi.model.dockerfile import Run
from dockerlint_fastapi.model.files.image_files import Placed
from dockerlint_fastapi.model.install import Step
from dockerlint_fastapi.model.install.manifest import plain
from dockerlint_fastapi.source import Span
from dockerlint_fastapi.tree import parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.project import Project

_MANIFESTS: Final = ("pyproject.toml", "setup.py", "setup.cfg")
_ACTIONS: Final = frozenset(("install", "sync", "upgrade"))
# Modules of these names are written for a project, never installed from an index.
_OWN_NAMES: Final = frozenset(
    "__main__ api app application apps asgi backend core main manage project run serve server service services src"
    " web webapp wsgi".split()
)
_MOST_BELOW: Final = 8  # folders of projects that one image installs
_BESIDE: Final = frozenset(("docs", "scripts", "setup", "test", "tests"))  # what lies beside the code of a project
_LOCAL_REQUIREMENT: Final = r"(?m)^[ \t]*(?:-e\b|--editable\b|\.{0,2}/|\.[ \t]*$|file:|[^#\n]*@[ \t]*file:)"
_LOCAL_DEPENDENCY: Final = r"\bpath[ \t]*=[ \t]*[\"']|\bworkspace[ \t]*=[ \t]*true|@[ \t]*file:"


class InstalledProjects:
    """The project's own code in an image's site-packages.

    `folders` are those of the project whose modules are then at hand; they are named only where one install certainly
    brings them.
    """

    def __init__(self, image: Image, program: Program) -> None:
        self.image = image
        self.program = program

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Everything that installs Python packages, in the image and in the stages that it copies from."""
        return tuple(step for step in self._all_steps if step.action in _ACTIONS)

    @cached_property
    def _all_steps(self) -> tuple[Step, ...]:
        found: list[Step] = []
        for stage in (*self.image.lineage, *self.image.builders):
            for one in stage.instructions:
                if isinstance(one, Run):
                    found += self.image.steps_of(one)
        return tuple(found)

    @property
    def _builds_own(self) -> bool:
        """Whether a wheel is made of a folder (`pip wheel ./api`), which is installed by the project's name then."""
        return any(step.manager == "pip" and step.action == "download" and step.local for step in self._all_steps)

    @cached_property
    def anything(self) -> bool:
        """Whether code of the project itself may be installed."""
        if "pdm run" in self.program.wrappers or ("uv run" in self.program.wrappers and not self._packless):
            return True
        own = [step for step in self.steps if _installs_own(step) and step.span not in self._packless]
        return bool(own) or self._builds_own or self._indirectly or self._by_script

    @cached_property
    def _packless(self) -> frozenset[Span]:
        """The `uv sync` steps that install no project: what uv finds there has no build system, so that it takes it for
        no package (docs.astral.sh/uv/concepts/projects/config, "Build systems").
        """
        return frozenset(
            one.step.span
            for one in self.image.installed.steps
            if one.step.manager == "uv"
            and one.step.installs_project
            and not (one.step.local or one.step.editable)
            and one.projects
            and not any(project.package or project.members for project in one.projects)
        )

    @property
    def _indirectly(self) -> bool:
        """Whether a requirements file or a manifest asks for a folder of the project."""
        return self.image.project.requires_itself

    @property
    def _by_script(self) -> bool:
        """Whether a RUN calls what installs without being an installer: setup.py, make, a script."""
        words = ("setup.py", "make ", "flit ", "pip_install", "site-packages", ".pth", ".whl", "install.sh", "just ")
        return any(
            word in one.text
            for stage in (*self.image.lineage, *self.image.builders)
            for one in stage.instructions
            if isinstance(one, Run)
            for word in words
        )

    @cached_property
    def folders(self) -> tuple[str, ...]:
        """The folders of the project that installs put on the path: those of the one project that it can be, or of the
        several that are named, where no two have a module of one name.
        """
        if not self.anything:
            return ()
        project = self.image.project
        contexts = {one.context for one in self.image.builds if one.certain} or {
            one.context for one in self.image.builds
        }
        if len(contexts) != 1:
            return ()
        (context,) = contexts
        tops = [f"{context}/{name}" if context else name for name in _MANIFESTS]
        below = (context,) if any(project.tree.is_file(path) for path in tops) else self._below
        sources = {one: f"{one}/src" if one else "src" for one in below}
        inside = {one: (sources[one], one) if project.tree.is_dir(sources[one]) else (one,) for one in below}
        if len(below) > 1:
            modules = [name for folders in inside.values() for name in self._modules(folders[0])]
            if len(below) > _MOST_BELOW or len(modules) != len(set(modules)):
                return ()
        return tuple(place for folders in inside.values() for place in folders)

    def _modules(self, folder: str) -> set[str]:
        """The names by which what lies in a folder is imported."""
        listing = self.image.project.tree.listing(folder)
        names = {one.removesuffix(".py") for one in listing.files if one.endswith(".py")} | set(listing.directories)
        return names - _BESIDE

    @property
    def _below(self) -> tuple[str, ...]:
        """The folders that installs name (`pip install ./api`), where the project has a manifest in them."""
        found: set[str] = set()
        for stage in (*self.image.lineage, *self.image.builders):
            directories = dict(behind_workdirs(self.image, stage))
            for run in stage.of(Run):
                words = [word for step in self.image.steps_of(run) for word in (*step.local, *step.editable)]
                for word in words:
                    place = place_of((word.value or "?").partition("[")[0], directories[run])
                    for name in _MANIFESTS if place is not None else ():
                        manifest = self.image.file_at(f"{place}/{name}", stage=stage, before=run)
                        if isinstance(manifest, Placed) and manifest.path is not None:
                            found.add(parent(manifest.path))
        return tuple(sorted(found))

    def provides(self, name: str) -> bool | None:
        """Whether site-packages hold a module of that top-level name: certainly not when the project has such a module
        and none of its code is installed.
        """
        if self.anything or self.image.base is None:
            return None
        if any(not step.complete and not step.requirements for step in self.steps):
            return None
        return False if name in _OWN_NAMES or self._is_own(name) else None

    def _is_own(self, name: str) -> bool:
        return name in self.image.project.python_names


def _installs_own(step: Step) -> bool:
    return bool(step.installs_project or step.local or step.editable)


def requires_itself(project: Project) -> bool:
    """Whether a requirements file or a manifest of a project asks for a folder of it."""
    for path in _paths_named(project.paths, ("requirements", ".txt"), ("pyproject", ".toml"), ("Pipfile", "")):
        source = project.source_of(path)
        pattern = _LOCAL_REQUIREMENT if path.endswith(".txt") else _LOCAL_DEPENDENCY
        if source is not None and re.search(pattern, plain(source.text)):
            return True
    return False


def _paths_named(paths: frozenset[str], *patterns: tuple[str, str]) -> list[str]:
    names = ((path, path.rpartition("/")[2]) for path in paths)
    return [
        path for path, name in names if any(name.startswith(start) and name.endswith(end) for start, end in patterns)
    ]
