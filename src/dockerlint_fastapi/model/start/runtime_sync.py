"""`uv run` in a start command: what it installs before it starts anything (docs.astral.sh/uv, "Automatic syncing")."""

from __future__ import annotations

from dockerlint_fastapi.model.command import UNKNOWN, Unknown
from dockerlint_fastapi.model.context.passage import place_of
from dockerlint_fastapi.model.files.image_files import Placed
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.install.distributions import Installation

# `uv run` in an array, a list or a command, with the options in front of the program.
_CALL = pattern(r"(?<![\w-])([\"']?)uv\1[\s,]+(?:-[ \t]+)?(([\"']?)run(?![\w-])\3)")
_MOST_BEFORE = 400  # characters between `uv` and the program
_FALSE = frozenset(("", "0", "false", "f", "no", "n", "off"))  # what uv takes for "no" in a variable
# Options with which it installs nothing of the project, or other things than the project's environment holds.
_OTHERWISE = pattern(
    r"--(?:no-sync|no-project|isolated|script|project|directory|package|all-packages|offline|with\S*|active|python)\b|-[sp]\b"
)
_LEAVES_OUT = pattern(r"--(?:no-dev|no-default-groups|no-group|only-group|only-dev)\b")
_VARIABLES = ("UV_NO_SYNC", "UV_OFFLINE", "UV_PROJECT", "UV_WORKING_DIR", "UV_NO_PROJECT")
_GROUP_VARIABLES = ("UV_NO_DEV", "UV_NO_DEFAULT_GROUPS", "UV_NO_GROUP")


class RuntimeSync(NamedTuple):
    """A start by `uv run` that syncs. `kind` tells what it installs anew in each container: `all` of the dependencies,
    `groups` that the build left out, the `project` itself, or `nothing` that is known. `span` is `uv run`, `run` its
    second word.
    """

    kind: str
    span: Span
    run: Span
    groups: tuple[str, ...]
    build: Span | None  # the last `uv sync` of the build
    read_only: bool  # the root file system is


def runtime_sync(container: Container) -> RuntimeSync | None:
    """How the main program of a container is started by `uv run`; None when it is not, when nothing is synced, or when
    that cannot be told.
    """
    program, image = container.program, container.image
    if program is None or image is None or "uv run" not in program.wrappers:
        return None
    source, start = program.span.source, program.span.start
    before = source.text[max(0, start - _MOST_BEFORE) : start]
    call = next(reversed(list(_CALL.finditer(before))), None)
    if call is None or _OTHERWISE.search(before, call.end()) or any(_may_be_set(container, one) for one in _VARIABLES):
        return None
    directory = container.directory
    if directory is None or not _is_project(container, directory):
        return None
    at = start - len(before)
    span, run = source.span(at + call.start(), at + call.end()), source.span(at + call.start(2), at + call.end())
    read_only = container.service.setting("read_only") if container.service is not None else None
    frozen = read_only is not None and read_only.value == "true"
    last = _last_sync(container, directory)
    if last is None:
        return RuntimeSync("all" if _has_none(container) else "nothing", span, run, (), None, frozen)
    chosen = _LEAVES_OUT.search(before, call.end()) or any(_may_be_set(container, one) for one in _GROUP_VARIABLES)
    groups = () if chosen else _left_out(last)
    if groups:
        return RuntimeSync("groups", span, run, groups, last.step.head, frozen)
    project = last.projects[0]
    unbuilt = project.package and project.name is not None and last.step.has("--no-install-project")
    return RuntimeSync("project" if unbuilt else "nothing", span, run, (), last.step.head, frozen)


def _may_be_set(container: Container, name: str) -> bool:
    """Whether a variable switches something on in the container, or may."""
    found = container.environment.get(name)
    if found is UNKNOWN or isinstance(found, Unknown):
        # An env file that nobody has read holds settings of the application, not of its installer.
        service, image = container.service, container.image
        own = service.environment if service is not None else ()
        return (image is not None and name in image.environment) or any(one.name == name for one in own)
    return found is not None and found.text.strip().lower() not in _FALSE


def _is_project(container: Container, directory: str) -> bool:
    """Whether the working directory certainly holds a project when the container starts."""
    place = place_of("pyproject.toml", directory)
    return place is not None and isinstance(container.file_at(place), Placed)


def _last_sync(container: Container, directory: str) -> Installation | None:
    """The `uv sync` that decides what the environment holds; None when there is none, or it cannot be read."""
    image = container.image
    steps = [one for one in image.installed.steps if one.step.manager == "uv"] if image is not None else []
    syncs = [one for one in steps if one.step.subcommand == "sync"]
    last = next((one for one in reversed(syncs) if one.directory == directory), None)
    if last is None or last.step.conditional or not last.step.complete or len(last.projects) != 1:
        return None
    return None if last.step.has("--package", "--all-packages", "--project", "--directory") else last


def _has_none(container: Container) -> bool:
    """Whether the image certainly holds no environment that uv would take for the project's."""
    image = container.image
    if image is None or image.virtual_environments or image.distributions.get("uvicorn") is UNKNOWN:
        return False
    names = ("UV_PROJECT_ENVIRONMENT", "VIRTUAL_ENV")
    environments = any(_may_be_set(container, one) for one in names)
    steps = [one for one in image.installed.steps if one.step.manager != "pip" and one.step.program != "uv pip"]
    mounted = container.service is not None and container.service.volumes
    return not environments and not steps and not mounted and None not in image.installed.places


def _left_out(last: Installation) -> tuple[str, ...]:
    """The default groups of the project that its build did not install."""
    project, taken = last.projects[0], {group.name for group in last.groups}
    return tuple(one for one in project.default_groups if project.groups.get(one) and one not in taken)
