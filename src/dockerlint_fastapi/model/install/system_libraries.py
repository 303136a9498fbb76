"""Libraries of the system that distributions from PyPI need, and programs that code starts, which the stage at hand
certainly lacks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.bases.base_image import BaseImage, Reference, base_image
from dockerlint_fastapi.model.dockerfile import Add, Copy, Instruction, Run, Stage
from dockerlint_fastapi.model.install import SYSTEM_MANAGERS, calls_and_steps
from dockerlint_fastapi.model.install.distributions import Distribution, Installation
from dockerlint_fastapi.model.programs.run_programs import runs_unread
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.project import Project
    from dockerlint_fastapi.source import Span

_MOST_FILES = 5_000  # of Python, in which a name is looked for
_INSTALLING = frozenset(("apt", "apt-get", "apk", "dnf", "conda", "mamba"))
_PROGRAM_FOLDERS = ("/", "/bin", "/usr", "/usr/bin", "/usr/local", "/usr/local/bin", "/opt")
_OWN = r"libpq5|libpq-dev|libpq|default-libmysqlclient-dev|libmariadb3"
# Options and variables by which an installer may find wheels elsewhere.
_OTHER_INDEX = ("--extra-index-url", "--index-url", "--find-links", "--no-index", "--default-index", "--index")
_OTHER_INDEX_VARIABLES = (
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "UV_INDEX_URL",
    "UV_EXTRA_INDEX_URL",
    "UV_DEFAULT_INDEX",
    "UV_INDEX",
    "UV_FIND_LINKS",
)


class MissingLibrary(NamedTuple):
    """A library that a distribution needs and a stage lacks."""

    distribution: Distribution
    library: str
    building: bool  # it is missing where the distribution is built, else where it is imported
    compiled: bool  # the distribution is compiled against it, and cannot be imported without it
    compiler: bool  # the headers are there, and only a C compiler is missing
    error: str  # what the user will see
    packages: str  # what would bring it, by the stage's package manager
    manager: str  # `apt-get install`, `apk add`
    instead: str | None  # a distribution that needs none of this
    stage: Stage  # that lacks it
    installation: Installation  # that brings the distribution
    idle: bool  # no Python file of the project has its name in it


@cache
def _facts() -> dict[str, Any]:
    return table("system_libraries")


@cache
def _words(key: str) -> frozenset[str]:
    return frozenset(_facts()[key].split())


def missing_libraries(image: Image) -> Iterator[MissingLibrary]:
    """What certainly is not there for the distributions of an image, each distribution once."""
    told: set[str] = set()
    for installation in image.installed.steps:
        for row in _facts()["libraries"]:
            name = row["distribution"]
            found = installation.contents.found.get(name)
            if found is None or name in told or _comes_otherwise(image, installation, row, found):
                continue
            missing = _for_build(image, installation, row, found) or _for_import(image, installation, row, found)
            if missing is not None:
                told.add(name)
                yield missing


class ForWindows(NamedTuple):
    """Distributions that are published for Windows alone, and that a step asks for on Linux."""

    distributions: tuple[Distribution, ...]
    installation: Installation


def made_for_windows(image: Image) -> Iterator[ForWindows]:
    """The steps that certainly stop at such distributions, each with all of them."""
    from dockerlint_fastapi.model.install.failing import stops_build  # noqa: PLC0415 - few images are asked

    for one in image.installed.steps:
        names = _words("windows") | (frozenset() if one.step.has("--no-deps") else _words("needs_windows"))
        found = [each for name in sorted(names) if (each := one.contents.found.get(name)) is not None]
        asked = tuple(each for each in found if each.via is None)
        base = _base(image, one.stage) if asked else None
        if base is None or base.distribution is None or _has_other_index(one) or not stops_build(one.run, one.step):
            continue  # `windowsservercore` names no distribution
        yield ForWindows(asked, one)


class LoadedLibrary(NamedTuple):
    """A package of the system that a distribution needs for nothing but the library that it brings along."""

    package: str  # `libpq-dev`
    library: str  # the package that has the library alone
    distribution: str


def loaded_libraries(image: Image, packages: Sequence[str]) -> Iterator[LoadedLibrary]:
    """Which packages with headers are the only ones that bring a library to a distribution that loads it without being
    compiled against it.
    """
    installed = image.distributions
    kept = frozenset(name for _, step in image.steps if step.action == "install" for name in step.names)
    for row in _facts()["libraries"]:
        if "headers" in row or row["distribution"] not in installed.found:
            continue
        if any(installed.get(other) is not None for other in row.get("unless", "").split()):
            continue
        runs = row["alpine_run" if image.base is not None and image.base.distribution == "alpine" else "debian_run"]
        bringing = [name for name in kept if re.fullmatch(row["runtime"], name)]
        if len(bringing) == 1 and bringing[0] in packages and bringing[0] != runs and " " not in runs:
            yield LoadedLibrary(bringing[0], runs, row["distribution"])


def _comes_otherwise(image: Image, installation: Installation, row: Mapping[str, Any], found: Distribution) -> bool:
    """Whether the distribution may come as a wheel, or something else brings what it needs."""
    if _has_other_index(installation):
        return True
    if "wheels" in row and (found.version or found.specifier.lstrip("=~<>! ")).startswith(row["wheels"]):
        return True
    others = row.get("unless", "").split()
    return any(
        installation.contents.get(other) is not None or image.distributions.get(other) is not None for other in others
    )


def _has_other_index(installation: Installation) -> bool:
    """Whether something else than PyPI may have wheels for the step."""
    return installation.step.has(*_OTHER_INDEX) or any(
        installation.stage.variable(name, before=installation.run) is not None for name in _OTHER_INDEX_VARIABLES
    )


def _for_build(
    image: Image, installation: Installation, row: Mapping[str, Any], found: Distribution
) -> MissingLibrary | None:
    headers = row.get("headers")
    if headers is None:
        return None
    packages = _packages(image, installation.stage, installation.run)
    if packages is None:
        return None
    has_headers = _has(packages, headers, inert=_facts()["compilers"])
    has_compiler = _has(packages, _facts()["compilers"], inert=headers)
    if has_headers is False or (has_headers and has_compiler is False):
        return _missing(image, installation, row, found, building=True, compiler=bool(has_headers))
    return None


def _for_import(
    image: Image, installation: Installation, row: Mapping[str, Any], found: Distribution
) -> MissingLibrary | None:
    if "headers" in row and installation.stage in image.lineage:
        return None  # built here: what its headers brought may stay, in whatever way
    if found.name not in image.distributions.found or ("headers" not in row and found.via is not None):
        return None  # what only another distribution asks for may never be imported
    packages = _packages(image, image.stage, None)
    if packages is None or _has(packages, row["runtime"], inert=_facts()["compilers"]) is not False:
        return None
    return _missing(image, installation, row, found, building=False, compiler=False)


def _missing(
    image: Image,
    installation: Installation,
    row: Mapping[str, Any],
    found: Distribution,
    *,
    building: bool,
    compiler: bool,
) -> MissingLibrary:
    stage = installation.stage if building else image.stage
    base = _base(image, stage)
    alpine = base is not None and "alpine" in (base.distribution, base.variant, base.family)
    packages = row[f"{'alpine' if alpine else 'debian'}_{'build' if building else 'run'}"]
    return MissingLibrary(
        found,
        "a C compiler" if compiler else row["library"],
        building,
        "headers" in row,
        compiler,
        "gcc: No such file or directory" if compiler else row["build_error" if building else "start_error"],
        packages,
        "apk add" if alpine else "apt-get install",
        row.get("instead"),
        stage,
        installation,
        not building and "imported" in row and not image.project.index.answer(_is_spoken_of, row["imported"]),
    )


def _is_spoken_of(project: Project, name: str) -> bool:
    """Whether a Python file of the project says a name, be it to import what is called so."""
    paths = project.index.ending(".py")
    if not paths or len(paths) > _MOST_FILES:
        return True  # that cannot be told
    sources = map(project.source_of, paths)
    return any(one is not None and name in one.text for one in sources)


def _base(image: Image, stage: Stage) -> BaseImage | None:
    if stage.first is image.lineage[0]:
        return image.base
    name = stage.first.from_.image.value
    return base_image(Reference.parse(name)) if name else None


def _is_bare(base: BaseImage | None) -> bool:
    """Whether a base image holds none of the table's libraries."""
    if base is None or base.family not in _words("families"):
        return False
    return base.family not in ("python", "uv") or base.variant in _words("variants")


def _packages(image: Image, stage: Stage, before: Run | None) -> frozenset[str] | None:
    """The system packages that were named in a stage in front of (and in) an instruction, also those that were taken
    away again; None when there may be more than those and what they bring.
    """
    if not _is_bare(_base(image, stage)):
        return None
    names: set[str] = set()
    for instruction in _until(stage, before):
        if isinstance(instruction, Copy | Add):
            if _brings_libraries(instruction):
                return None
        elif isinstance(instruction, Run):
            if runs_unread(instruction.command):
                return None
            for call, step in calls_and_steps(instruction.command):
                if step is None or step.manager not in SYSTEM_MANAGERS or step.action not in ("install", "upgrade"):
                    if call.name in ("cp", "ln", "mv", "tar", "ldconfig") and "lib" in instruction.command.text:
                        return None
                    continue
                if step.local or not step.complete or (step.action == "upgrade" and step.packages):
                    return None
                names.update(step.names)
    return frozenset(names)


def _until(stage: Stage, before: Run | None) -> Sequence[Instruction]:
    found: list[Instruction] = []
    for one in stage.lineage:
        for instruction in one.instructions:
            found.append(instruction)
            if instruction is before:
                return found
    return found


def _brings_libraries(transfer: Copy | Add) -> bool:
    """Whether a COPY or ADD may bring libraries of the system: from another stage or image, out of its directories."""
    if transfer.from_ is None:
        return any((word.value or "").endswith((".deb", ".apk", ".so", ".tar.gz")) for word in transfer.sources)
    for word in transfer.sources:
        value = word.value
        if value is None or value == "/" or re.match(r"/(usr/)?(lib|lib64|include)(/|\Z)|/usr/?\Z", value):
            return True
        # what was built by hand lies under /usr/local/lib, besides Python itself
        if re.match(r"/usr/local/lib/?(?!/?python)", value) and "python" not in value:
            return True
    return False


def _has(packages: frozenset[str], pattern: str, *, inert: str) -> bool | None:
    """Whether one of the packages is of a kind; None when one that is not known may bring it. `inert` are others that
    bring none of that kind.
    """
    if any(re.fullmatch(pattern, name) for name in packages):
        return True
    known = _words("plain") | _words("tools")
    unknown = [name for name in packages if name not in known and not re.fullmatch(inert, name)]
    # the table's own libraries bring none of each other
    return False if all(re.fullmatch(_OWN, name) for name in unknown) else None


class MissingProgram(NamedTuple):
    """A program that is called and not there, with the package that would bring it."""

    name: str
    span: Span  # the word in the code that names it
    package: str
    manager: str  # `apt-get install`, `apk add`


def missing_programs(image: Image) -> Iterator[MissingProgram]:
    """The programs that the application of a container of an image calls, each once."""
    facts = table("called_programs")
    told: set[str] = set()
    for container in image.containers:
        if container.development or container.server is None or container.read_calls is None:
            continue
        if any(program.name in _INSTALLING for program in container.programs):
            continue
        for name, span in container.read_calls(container, frozenset(facts["debian"])):
            if name in told or _is_mounted(container, name) or image.has(name) is not False:
                continue
            told.add(name)
            alpine = image.base is not None and image.base.distribution == "alpine"
            package = facts["debian"][name]
            package = facts["alpine"].get(name, package) if alpine else package
            yield MissingProgram(name, span, package, "apk add" if alpine else "apt-get install")


def _is_mounted(container: Container, name: str) -> bool:
    """Whether a volume may bring a program."""
    return any(
        one.target is None or one.target in _PROGRAM_FOLDERS or one.target.endswith(f"/{name}")
        for one in container.covers
    )
