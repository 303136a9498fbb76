"""Whether an image makes use of what Python's full image has over the slim one: compilers, headers, git, curl."""

from __future__ import annotations

import re

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.dockerfile import Run
from dockerlint_fastapi.model.install import build_tool, provides
from dockerlint_fastapi.model.install.layer_order import manifest_texts
from dockerlint_fastapi.model.install.readers import calls_and_steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.install import Step
    from dockerlint_fastapi.model.install.distributions import Distributions
    from dockerlint_fastapi.model.project import Project

# Programs of buildpack-deps that the slim image lacks.
_PROGRAMS = frozenset(
    "autoconf automake cc convert curl file g++ gcc git hg make mysql_config pg_config pkg-config scp ssh svn wget"
    " xz".split()
)
# What fetches from a repository, or calls git when it runs; and what calls a compiler.
_NEEDS_GIT = r"(?im)git\+|\bgit\s*=\s*[\"']|^\s*[\"']?(gitpython|pygit2|dulwich|setuptools[-_.]scm|dvc)\b"
_NEEDS = r"(?im)^\s*[\"']?(cython|numba)\b"
# Releases without wheels for arm64, which are compiled there.
_OLD = r"(?im)^\s*asyncmy\s*==\s*0\.2\.10\b"


# Calls of programs in Python, as far as their names are written there.
_CALLS = (
    r"(?:\b(?:run|call|check_call|check_output|Popen|getoutput|system|popen|which|create_subprocess_exec|create_subprocess_shell)"
    r"\(\s*[\[(]?\s*|\bcmd\s*=\s*\[\s*)f?[\"']([\w+.-]+)[\s\"']"
)
_MOST = 400  # files of Python that are looked into
_MOST_CHARACTERS = 200_000  # of each


def _called_by_code(project: Project) -> frozenset[str]:
    """The programs of these that files of Python of the project call."""
    return _called_in(project, (path for path in project.paths if path.endswith(".py")))


def _called_in(project: Project, found: Iterable[str]) -> frozenset[str]:
    """The programs of these that files of Python call."""
    called: set[str] = set()
    for path in sorted(found, key=lambda one: (one.count("/"), one))[:_MOST]:
        source = project.source_of(path)
        if source is None:
            continue
        known = source.parsed.get("calls of programs")  # images share their files
        if not isinstance(known, frozenset):
            text = source.text[:_MOST_CHARACTERS]
            called_here = (one[1] for one in re.finditer(_CALLS, text)) if "(" in text else ()
            source.parsed["calls of programs"] = known = _PROGRAMS.intersection(called_here)
        called |= known
    return frozenset(called)


def _called_by_copied_code(image: Image) -> frozenset[str]:
    """The programs of these that the Python files in an image call; that all of the project do, where it cannot be told
    which those are.
    """
    called = image.project.index.answer(_called_by_code)
    services = [one.service for one in image.containers if one.service is not None]
    builds = image.builds
    if not called or not builds or not all(one.certain for one in builds) or any(one.volumes for one in services):
        return called
    return called_by_passed_code(image)


def called_by_passed_code(image: Image) -> frozenset[str]:
    """The programs of these that the Python files call which COPYs bring, from whichever folder it may be built."""
    return _called_in(
        image.project,
        {
            build.project_path(path)
            for build in image.builds
            for path, closed in build.entries
            if not closed and path.endswith(".py") and build.takers(path)
        },
    )


def full_base_use(image: Image) -> str | None:
    """What in an image makes use of those: "" for nothing, the name of a distribution that is compiled or of a package
    with a compiler or headers where only the build does, and None where something else does, or may: a program that a
    RUN, a health check, a start or the code calls and no earlier step installs, a library that is loaded; also when a
    RUN or a start cannot be read.
    """
    if image.shell_program in ("powershell", "pwsh", "cmd", "cmd.exe", "powershell.exe"):
        return None  # Windows, of which there is no slim image
    if any(not _PROGRAMS.isdisjoint(names) for names in _called(image)):
        return None
    found = image.distributions
    if any(one.brought is None for one in found.doubts):
        return None  # not all that is asked for can be read
    compiled = table("distributions")["source_only"].split()
    if any(name in found.possible for name in compiled):
        return None
    if any(name in found.found or name in found.possible for name in table("distributions")["loads_libraries"].split()):
        return None
    rows = (row for row in table("system_libraries")["libraries"] if row["distribution"] not in compiled)
    if any(_needs_library(found, row) for row in rows):
        return None
    manifests = dict.fromkeys(path for _, step in image.steps for path in step.reads_manifest)
    words = [package.word.text for _, step in image.steps for package in step.packages]
    texts = (*words, *manifest_texts(image, manifests))
    if any(re.search(_NEEDS, text) or re.search(_OLD, text) for text in texts):
        return None
    wanted = _called_by_copied_code(image)
    if any(re.search(_NEEDS_GIT, text) for text in texts):
        wanted |= {"git"}
    if not wanted <= _brought(image):
        return None
    fetches = any(re.search(_NEEDS_GIT, text) for text in texts) or _calls_source_control(image)
    tools = (
        name
        for _, step in image.steps
        if step.manager == "apt"
        for name in sorted(step.names)
        if (kind := build_tool(name)) is not None and (fetches or kind != "source control")
    )
    return next((name for name in compiled if name in found.found), next(tools, ""))


def _calls_source_control(image: Image) -> bool:
    """Whether a RUN clones or fetches: what apt brings and nothing calls, the slim image gets by apt as well."""
    calls = (call for run in image.every(Run) for call, _ in calls_and_steps(run.command))
    return any(call.name in ("git", "hg", "svn") for call in calls)


def loaded_packages(image: Image) -> tuple[str, ...]:
    """The packages of Debian with the libraries that distributions of an image load, where these are compiled against
    them: the full image has them, and the slim one gets them by apt.
    """
    found = image.distributions
    rows = (row for row in table("system_libraries")["libraries"] if "headers" in row and _needs_library(found, row))
    return tuple(dict.fromkeys(name for row in rows for name in row["debian_run"].split()))


def _needs_library(found: Distributions, row: dict[str, str]) -> bool:
    """Whether a distribution that is compiled against a library of the full image, or loads it, may be there."""
    if any(name in found.found for name in row.get("unless", "").split()):
        return False
    return row["distribution"] in found.found or row["distribution"] in found.possible


def _bring(step: Step, brought: set[str]) -> None:
    """Adds the names of packages that a step of apt installs for certain, and of programs that they bring; takes away
    those that it removes.
    """
    names = {name for package in step.names for name in (package, *provides(package))}
    if step.action == "remove":
        brought -= names
    elif not step.conditional:
        brought |= names


def _brought(image: Image) -> set[str]:
    """The names of packages that its own RUNs have installed at the end, and of programs that they bring."""
    brought: set[str] = set()
    for _, step in image.steps:
        if step.manager == "apt" and step.action in ("install", "remove"):
            _bring(step, brought)
    return brought


def _called(image: Image) -> Iterator[frozenset[str]]:
    """The names of programs that its RUNs, its health checks and its containers call, but for those that a package of
    their name has brought before: the slim image would get it, too.
    """
    brought: set[str] = set()
    for run in image.every(Run):
        for call, step in calls_and_steps(run.command):
            if step is not None and step.manager == "apt" and step.action in ("install", "remove"):
                _bring(step, brought)
            elif call.name:
                yield frozenset((call.name,)) - brought
    for probe in (image.probe, *(container.probe for container in image.containers)):
        if probe is not None:
            # One that cannot be read, for a variable in it say, is told by its text.
            unread = frozenset(re.findall(r"[\w.-]+", probe.span.text)) if not probe.programs else frozenset()
            yield unread.union(program.name for program in probe.programs) - brought
    for container in image.containers:
        yield frozenset(program.name for program in container.programs) - brought
