"""Whether a program that is one Python file of the project can connect to a database at all, by what it imports."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint_fastapi.model.files.image_files import Placed
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.project import Project

_MOST_FILES = 300  # that one program imports
# What speaks to no database of SQL or documents, beside the standard library: queues on Redis, settings, logs, HTTP.
_KEEPS_OFF = frozenset(
    "aiohttp anyio arq attr attrs click colorama dotenv fakeredis httpx hiredis huey jinja2 loguru msgpack orjson"
    " prometheus_client psutil pydantic pydantic_settings pytz redis requests rich rq rq_scheduler schedule sentry_sdk"
    " structlog tenacity tqdm typer typing_extensions ujson uvloop yaml".split()
)
_DATABASES_OF_PYTHON = frozenset(("sqlite3", "dbm"))  # in the standard library, and on no other host


class Script(NamedTuple):
    """The file that a program starts, the folder in which its imports begin, and the name under which it is found."""

    source: Source
    folder: str
    name: str


def script_of(container: Container, project: Project) -> Script | None:
    """The Python file that a container starts (`python worker.py`, `python -m app.worker`); None when it cannot be told
    which of the project's it is.
    """
    program = container.program
    path = program.script if program is not None else None
    module = program is not None and program.wrappers[-1:] == ("python -m",)
    if program is not None and module:
        path = f"{program.name.replace('.', '/')}.py"
    place = container.place_of(path) if path is not None and path.endswith(".py") else None
    file = container.file_at(place) if place is not None else None
    source = project.source_of(file.path) if isinstance(file, Placed) and file.path is not None else None
    if source is None or path is None:
        return None
    module = module or (program is not None and program.script is None)
    # a module is found from the directory in which Python is started, of a script its own
    folder = source.path.removesuffix(path) if module else source.path[: source.path.rfind("/") + 1]
    return Script(source, folder, _name(source.path.removeprefix(folder)))


def connects_to_no_database(container: Container) -> bool:
    """Whether all that a container starts is one file of the project that certainly imports no client of a database, in
    itself or through the project's modules: a worker of rq, which opens Redis alone and imports a job when it is
    there.
    """
    project = container.deployment.project if container.deployment is not None else None
    known = len(container.programs) == 1 and container.programs[0].known
    script = script_of(container, project) if project is not None and known and container.server is None else None
    if project is None or script is None:
        return False
    return all(name in _KEEPS_OFF or name in _standard_library() for name in _outside(project, script))


def _outside(project: Project, script: Script) -> Iterator[str]:
    """The first words of the names that a script and what it imports of the project take from elsewhere."""
    from dockerlint_fastapi.model.environment.printing import imported_names  # noqa: PLC0415 - few programs ask

    waiting, met = [(script.source, script.name)], {script.source.path}
    while waiting:
        source, name = waiting.pop()
        if len(met) > _MOST_FILES or "import_module(" in source.text or "__import__(" in source.text:
            yield ""  # nobody knows what that is
            return
        for full in imported_names(source, name):
            parts = full.split(".")
            ours = False
            for end in range(1, len(parts) + 1):
                inner = script.folder + "/".join(parts[:end])
                for path in (f"{inner}.py", f"{inner}/__init__.py"):
                    found = project.source_of(path) if project.tree.is_file(path) else None
                    ours = ours or found is not None
                    if found is not None and path not in met:
                        met.add(path)
                        waiting.append((found, ".".join(parts[:end])))
            if not ours:
                yield parts[0]


def _standard_library() -> frozenset[str]:
    import sys  # noqa: PLC0415 - few programs ask

    return sys.stdlib_module_names - _DATABASES_OF_PYTHON | frozenset(("__future__",))


def _name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
