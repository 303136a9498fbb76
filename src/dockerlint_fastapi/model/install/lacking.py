"""What the command of a container needs and its image certainly has not installed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.command import Value, is_python
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from dockerlint_fastapi.model.command import Program, Server
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.install.distributions import Distributions, Installation

# Programs that may put something into the environment before the others start.
_INSTALLERS = frozenset(
    "pip pip3 uv poetry pdm pipenv pipx hatch rye conda mamba micromamba apt apt-get apk make just task npm".split()
)
# Wrappers that make sure that a project is installed, or bring an environment of their own.
_SYNCING = frozenset(("hatch run", "rye run", "uvx", "pipx run", "conda run", "micromamba run", "mamba run", "uv tool"))
_PORTABLE_WRAPPERS = ("ddtrace-run", "newrelic-admin", "opentelemetry-instrument")
_DRIVER = r"[a-z0-9]+\+([a-z0-9_]+)://"


class Lacking(NamedTuple):
    """Something that needs a distribution, none of which is installed."""

    span: Span
    what: str  # as a reader knows it: `uvicorn`, `postgresql+asyncpg://`
    kind: str  # program, worker, driver, option, call, import
    names: tuple[str, ...]  # any of these distributions would do
    certain: bool  # it is needed as soon as the container starts
    step: Installation  # the last step that installs something


@cache
def _facts() -> dict[str, Any]:
    return table("needed_distributions")


def lacking(container: Container) -> Iterator[Lacking]:
    """What a container's start needs and its image lacks, each distribution once."""
    image = container.image
    if image is None or not image.python or not container.is_whole or not starts_as_built(container):
        return
    steps = image.installed.steps
    if not steps:
        return  # nothing at all is installed: the image is not meant to be all
    told: set[tuple[str, ...]] = set()
    for need in _needs(container):
        if need.names in told or (need.kind == "import" and told):
            continue  # without its program it imports nothing
        absent = all(_absent(container, need.program, name) for name in need.names)
        if absent or all(_hardly_there(container, need.program, name) for name in need.names):
            told.add(need.names)
            yield Lacking(need.span, need.what, need.kind, need.names, need.certain and absent, steps[-1])


class _Need(NamedTuple):
    span: Span
    what: str
    kind: str
    names: tuple[str, ...]
    certain: bool
    program: Program


def starts_as_built(container: Container) -> bool:
    """Whether nothing on the way to its programs may install more, and no mount brings an environment."""
    image = container.image
    if image is None:
        return False
    if any(one.name in _INSTALLERS or not one.name for one in container.programs):
        return False
    if any(one.may_be_script and one is not container.program for one in container.programs):
        return False
    places = image.installed.places
    for cover in container.covers:
        if cover.target is None:
            return False
        folder = cover.target.rstrip("/")
        if any(place is None or f"{place}/".startswith(f"{folder}/") for place in places):
            return False
    return True


def _absent(container: Container, program: Program, name: str) -> bool:
    """Whether a distribution is certainly not installed for a program."""
    image = container.image
    assert image is not None  # noqa: S101 - asked by `lacking`
    if not _SYNCING.isdisjoint(program.wrappers):
        return False
    found: Distributions = image.distributions
    if found.get(name) is not None:
        return False
    if "uv run" in program.wrappers:
        if re.search(r"--with|--extra|--group|--script|--isolated", _line_of(program)):
            return False
        return image.installed.synced().get(name) is None
    return True


def _hardly_there(container: Container, program: Program, name: str) -> bool:
    """Whether a distribution is as good as certainly not installed: see `Distributions.hardly_has`."""
    image = container.image
    assert image is not None  # noqa: S101 - asked by `lacking`
    return not program.wrappers and image.distributions.hardly_has(name)


def _line_of(program: Program) -> str:
    """The text in which a program is started, its wrappers included."""
    source, start = program.span.source, program.span.start
    return source.text[max(0, start - 400) : program.span.end]


def _needs(container: Container) -> Iterator[_Need]:
    programs = [one for one in container.programs if not one.conditional]
    facts = _facts()
    for program in programs:
        name = facts["programs"].get(program.name)
        shown = program.name if program.argv else ""
        if name and not _is_elsewhere(program):
            yield _Need(_word(program), f"`{shown}`", "program", (name,), certain=True, program=program)
        for wrapper in program.wrappers:
            if wrapper in _PORTABLE_WRAPPERS and wrapper in facts["programs"]:
                names = (facts["programs"][wrapper],)
                yield _Need(program.span, f"`{wrapper}`", "program", names, certain=True, program=program)
    server = container.server
    if server is not None:
        yield from _server_needs(server)
    if container.program is not None and (container.server is not None or container.role == "worker"):
        yield from _driver_needs(container, container.program)
        yield from _import_needs(container, container.program)
    elif container.program is not None and is_python(container.program.name) and container.program.script:
        yield from _import_needs(container, container.program)


def _word(program: Program) -> Span:
    """The word that names a program."""
    return program.argv[0].span if program.argv else program.span


def _is_elsewhere(program: Program) -> bool:
    """Whether a program is called by a path that may be anything: a script of the project, another environment."""
    value = program.argv[0].value if program.argv else None
    return value is None or ("/" in value and "/bin/" not in value)


def _server_needs(server: Server) -> Iterator[_Need]:
    facts = _facts()
    program = server.program
    if server.call is not None:
        name = facts["programs"].get(server.kind)
        if name and server.kind != "fastapi":
            yield _Need(server.call.span, f"`{server.call.name}`", "call", (name,), certain=True, program=program)
    if server.kind == "gunicorn":
        worker = server.options.get("worker-class")
        if worker is not None and worker.span is not None:
            module = worker.text.rpartition(".")[0] if "." in worker.text else worker.text
            name = facts["workers"].get(module)
            if name:
                yield _Need(worker.span, f"`{worker.text}`", "worker", (name,), certain=True, program=program)
    if server.kind == "uvicorn":
        for key, name in facts["uvicorn"].items():
            option, equals, value = key.partition("=")
            given = server.options.get(option)
            if given is not None and given.span is not None and (not equals or given.text == value):
                yield _Need(given.span, f"`--{option}`", "option", (name,), certain=True, program=program)


def _import_needs(container: Container, program: Program) -> Iterator[_Need]:
    """The first distribution that it lacks of those that the application's modules import, whatever happens."""
    image = container.image
    if image is None:
        return
    imports = _facts()["imports"]
    if image.distributions.doubts:
        absent = frozenset() if program.wrappers else image.distributions.unlikely_imports()
    else:
        absent = frozenset(
            module
            for module, words in imports.items()
            if all(_absent(container, program, one) for one in words.split())
        )
    for module, span in container.read_imports(container, absent) if absent else ():
        yield _Need(span, f"`{module}`", "import", tuple(imports[module].split()), certain=True, program=program)
        return


def _driver_needs(container: Container, program: Program) -> Iterator[_Need]:
    """The drivers in database URLs of its environment. SQLAlchemy is what reads such a URL."""
    image = container.image
    assert image is not None  # noqa: S101 - asked by `lacking`
    installed = image.distributions.get("sqlalchemy")
    if installed is None or installed not in tuple(image.distributions):
        return
    for name, value in container.environment.values.items():
        if not isinstance(value, Value) or value.span is None or "://" not in value.text:
            continue
        found = re.match(_DRIVER, value.text)
        names = _facts()["drivers"].get(found[1]) if found else None
        if found and names:
            what = f"`{found[0]}…` in `{name}`"
            yield _Need(value.span, what, "driver", tuple(names.split()), certain=False, program=program)
