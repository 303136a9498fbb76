"""Whether PATH leads to the virtual environment in which a container's program is installed."""

from __future__ import annotations

import re

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.command import UNKNOWN
from dockerlint_fastapi.model.dockerfile import Env, Run, Shell
from dockerlint_fastapi.model.install.virtual_environments import VirtualEnvironment, expanded
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.command import Program
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.install.distributions import Installation

# Families of images whose PATH holds no virtual environment.
_PLAIN = frozenset("python uv debian ubuntu alpine buildpack-deps".split())
_SYSTEM = ("/usr/local", "/usr", "/")
_ACTIVE = ("VIRTUAL_ENV", "CONDA_PREFIX")
# What looks for an environment by itself.
_RUNNERS = ("uv run", "poetry run", "pdm run", "pipenv run", "hatch run", "rye run", "conda run", "uvx", "uv tool")


# The name of an environment in its file.
_NAMED = r"(?m)^name[ \t]*:[ \t]*[\"']?([\w.-]+)[\"']?[ \t]*(?:#.*)?$"


class OffPath(NamedTuple):
    """A program that is started by its bare name, and installed in an environment that PATH does not lead to."""

    program: Program
    span: Span  # the word that names it
    place: str  # the environment
    made: Span  # what makes or brings it
    interpreter: bool  # it is Python itself, which then is the system's, without what is installed
    fixed: bool = True  # the environment lies at a place of a known name


def off_path(container: Container) -> OffPath | None:
    """The main program of a container, when it certainly is not found; None when it is, or that cannot be told."""
    image, program = container.image, container.program
    if image is None or program is None or not program.known or not program.argv or not container.is_whole:
        return None
    word = program.argv[0].value
    if word is None or "/" in word or any(one in program.wrappers for one in _RUNNERS):
        return None
    interpreter = "python -m" in program.wrappers or program.name.startswith("python")
    if interpreter and program.role != "server" and container.server is None:
        return None  # a script may need nothing that is installed
    name = table("needed_distributions")["programs"].get(program.name)
    if name is None and not interpreter:
        return None
    if _is_activated(container) or any(one.name in ("pip", "pip3") for one in container.programs):
        return None  # or the start installs it itself, somewhere else
    of_conda = _in_conda(container, image, name) if name is not None else None
    if of_conda is not None:
        return OffPath(program, program.argv[0].span, of_conda[0], of_conda[1], interpreter)
    cached = _in_cache(image, name or program.name)
    if cached is not None and "PATH" not in image.environment and not _by_compose(container):
        return OffPath(program, program.argv[0].span, cached[0], cached[1], interpreter, fixed=False)
    environment = _only_environment(image)
    if environment is None or _is_found(container, image, environment.place):
        return None
    if name is not None and image.distributions.get(name) is None:
        return None  # it is not installed at all
    return OffPath(program, program.argv[0].span, environment.place, environment.span, interpreter)


def _in_cache(image: Image, name: str) -> tuple[str, Span] | None:
    """Where Poetry, Pipenv and Hatch make an environment that nobody told them to make elsewhere, in a directory with a
    name of its own, and the step that does so; None when a distribution may come from another step, or lie elsewhere.
    """
    if image.base is None or image.base.family not in _PLAIN or any(one in image.environment for one in _ACTIVE):
        return None
    found: tuple[str, Span] | None = None
    for one in image.installed.steps:
        if one.step.bootstrap or one.step.program.endswith(" self") or one.contents.get(name) is None:
            continue
        place = _cache_of(image, one)
        if place is None or one.stage not in image.lineage:
            return None
        found = found or (place, one.step.head)
    return found


def _in_conda(container: Container, image: Image, name: str) -> tuple[str, Span] | None:
    """The environment of conda that holds a distribution, beside the base one whose `bin` is on PATH, and the step that
    makes it; None when the distribution may lie elsewhere as well, or something may lead to it.
    """
    root = image.base.conda if image.base is not None and image.base.family == "miniconda" else None
    if root is None or any(image.every(Shell)) or _by_compose(container):
        return None
    if any(pair.name in ("PATH", *_ACTIVE) for env in image.every(Env) for pair in env.pairs):
        return None
    texts = [run.text for run in image.every(Run)]
    if any(word in text for text in texts for word in ("ln ", "/bin/", "activate", ".bashrc", ".profile", "init ")):
        return None
    found: tuple[str, Span] | None = None
    for one in image.installed.steps:
        if one.step.bootstrap:
            continue
        if one.step.manager != "conda":
            if one.contents.get(name) is not None:
                return None
            continue
        asked = one.listed.found if one.listed is not None else dict.fromkeys(one.step.names)
        place = conda_place(one, root)
        if place is None or place == root or one.step.conditional or one.stage not in image.lineage:
            return None
        found = found or ((place, one.step.head) if name in asked else None)
    return found


def conda_place(one: Installation, root: str) -> str | None:
    """The folder of the environment that a step of conda fills, below that of the base one; None when it cannot be
    told.
    """
    step = one.step
    chosen, prefix = step.option("--name"), step.option("--prefix")
    if prefix is not None:
        return prefix.value.rstrip("/") if prefix.value is not None and prefix.value.startswith("/") else None
    name = chosen.value if chosen is not None else None
    if chosen is None and step.subcommand.startswith("env ") and one.listed is not None:
        texts = {each.span.source.text for each in one.listed.found.values()}
        named = [re.search(_NAMED, text) for text in texts]
        name = named[0][1] if len(named) == 1 and named[0] is not None else None
    elif chosen is None and step.subcommand in ("install", "update", "upgrade"):
        return root
    if name is None or re.fullmatch(r"[\w.-]+", name) is None:
        return None
    return root if name in ("base", "root") else f"{root}/envs/{name}"


def _cache_of(image: Image, one: Installation) -> str | None:
    step = one.step
    if step.manager == "hatch" and one.hatch is not None and not one.hatch.path:
        told = any(name.startswith("HATCH_") for name in (*image.environment, *step.environment))
        texts = [run.text for run in image.every(Run)]
        words = ("dirs.", "HATCH_", "activate", "env find", "ln ", "/bin/")
        moved = told or any(word in text for text in texts for word in words)
        return None if moved else "~/.local/share/hatch/env/virtual"
    if step.manager not in ("poetry", "pipenv"):
        return None
    texts = [run.text for run in image.every(Run)]
    settings = [*image.environment, *step.environment]
    if any("activate" in text for text in texts):
        return None
    if step.manager == "poetry":
        chosen = any("virtualenvs" in text for text in texts) or any("VIRTUALENVS" in name for name in settings)
        return None if chosen or image.project.has_poetry_settings else "~/.cache/pypoetry/virtualenvs"
    if step.manager == "pipenv" and not step.has("--system"):
        chosen = any(name in settings for name in ("PIPENV_VENV_IN_PROJECT", "PIPENV_CUSTOM_VENV_NAME", "WORKON_HOME"))
        return None if chosen or "PIPENV_SYSTEM" in settings else "~/.local/share/virtualenvs"
    return None


def _only_environment(image: Image) -> VirtualEnvironment | None:
    """The virtual environment that holds everything that is installed but installers; None when something else may lie
    elsewhere.
    """
    if image.base is None or image.base.family not in _PLAIN or image.base.environment.get("PATH"):
        return None
    known = {one.place.rstrip("/"): one for one in image.virtual_environments}
    tools = _places_of_installers(image)
    used = [known.get((place or "").rstrip("/")) for place in image.installed.places if place not in tools]
    first = used[0] if used else None
    return first if all(one is not None for one in used) else None


def _places_of_installers(image: Image) -> frozenset[str]:
    """Where nothing but installers is installed."""
    for transfer in image.transfers:
        target = transfer.destination.value or "/"
        if transfer.from_ is not None and f"{target.rstrip('/')}/" in ("/", "/usr/", "/usr/local/", "/usr/local/lib/"):
            return frozenset()
    own = [one for one in image.installed.steps if one.stage in image.lineage]
    others = {one.place for one in own if not one.step.bootstrap}
    return frozenset(one.place for one in own if one.step.bootstrap and one.place and one.place not in others)


def _is_found(container: Container, image: Image, place: str) -> bool:
    """Whether PATH leads, or may lead, to an environment or a link to its programs lies where it does."""
    if place.rstrip("/") in _SYSTEM or ("PATH" in container.variables and _by_compose(container)):
        return True
    for env in image.every(Env):
        for pair in env.pairs:
            if pair.name == "PATH":
                known = {name: other.value for name, other in image.environment.items() if name != "PATH"}
                for part in pair.raw.strip("\"'").split(":"):
                    value = expanded(part, known)
                    if value is None and part not in ("$PATH", "${PATH}"):
                        return True
                    if value is not None and value.rstrip("/") == f"{place.rstrip('/')}/bin":
                        return True
    words = ("ln ", "cp ", "mv ", ".bashrc", ".profile", "install.sh", "/usr/local/bin")
    return any(word in run.text for run in image.every(Run) for word in words if place in run.text)


def _by_compose(container: Container) -> bool:
    """Whether compose sets PATH."""
    found = container.environment.get("PATH")
    image = container.image
    pair = image.environment.get("PATH") if image is not None else None
    return found is UNKNOWN or (found is not None and (pair is None or found.span != pair.span))


def _is_activated(container: Container) -> bool:
    """Whether a script on the way activates an environment, or sets PATH."""
    texts = [script.placed.text for script in container.scripts]
    texts += [container.start_span.text] if container.start_span is not None else []
    return any("activate" in text or "PATH=" in text for text in texts)
