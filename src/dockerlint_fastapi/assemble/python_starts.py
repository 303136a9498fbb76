"""Containers that start Python code: which server that code runs, and what gunicorn's or hypercorn's file sets.

`python main.py`, `python -m app`, a script with a shebang and the commands that a project declares for itself
(`[project.scripts]`) lead to a module of the project, whose text is followed to `uvicorn.run(…)` and its like.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from dockerlint_fastapi.model.command import UNKNOWN, Environment, Program, Unknown, Value, is_interpreter, is_python
from dockerlint_fastapi.model.dockerfile import Run
from dockerlint_fastapi.model.files.image_files import Placed
from dockerlint_fastapi.tree import normal, parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from dockerlint_fastapi.model.command import Server
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.environment.hardcoded_settings import HardcodedAddress
    from dockerlint_fastapi.model.environment.settings_class import SecretDefault, SettingsUse
    from dockerlint_fastapi.model.network.endpoints import Endpoint
    from dockerlint_fastapi.model.project import Project
    from dockerlint_fastapi.model.start.start_script import Passed
    from dockerlint_fastapi.parsers.python.names import Library, Module, PythonText
    from dockerlint_fastapi.parsers.python.starts import Outcome
    from dockerlint_fastapi.source import Span

_CD: Final = r"(?:^|[\s;&|(\"'])(?:cd|pushd)\s+(?:--\s+)?([^\s;&|()]+)"
_SERVING_WORDS: Final = frozenset(("run", "serve", "server", "start", "runserver"))
_SERVING_FILES: Final = ("app.py", "main.py", "server.py", "asgi.py")
_RUNS: Final = "uvicorn.run("
_LISTENING_OPTIONS: Final = frozenset(("--address", "--bind", "--host", "--listen", "--port"))
_MANIFESTS: Final = ("pyproject.toml", "setup.cfg", "setup.py")
# Without one of these words nobody need look for what the names say, nor load what looks. Functions may import more.
_READ_FILES: Final = (".yaml", ".yml", ".ini", ".cfg", ".conf", ".toml", ".json", ".env")
_CLIENTS: Final = (
    "psycopg", "asyncpg", "redis", "mysql", "MySQLdb", "asyncmy", "pymongo", "motor", "create_engine",
    "create_async_engine", "databases", "elery", "pika", "mariadb", "peewee", "    from ", "\tfrom ",
)  # fmt: skip


class PythonStarts:
    """Reads what containers of a project start in Python."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._memos: dict[str, dict[str, Any]] = {}
        self.texts: dict[
            tuple[object, ...], dict[str, PythonText | None]
        ] = {}  # of imports, by where they are looked up
        self._modules: dict[int, tuple[Module, ...]] = {}

    def read(self, container: Container, *, code: bool = True) -> None:
        """Gives a container the server that its Python code runs, where its command itself names none; with `code`
        False only what the server that its command names is configured with.
        """
        container.read_settings, container.read_secrets = self.settings_of, self.secrets_of
        container.read_laziness, container.read_imports = self.is_lazy, self.imports_of
        container.read_code_endpoints, container.read_file_endpoints = self.endpoints_of, self.file_endpoints_of
        container.read_calls, container.read_addresses = self.calls_of, self.addresses_of
        program = container.program
        if container.server is not None:
            container.server = self._configured(container, container.server)
            return
        if code and container.foreground is not None:
            self._read_foreground(container, *container.foreground)
        if not code or program is None or container.server is not None or program.role in ("other-web", "idle"):
            return
        followed = self._followed(container, program)
        server = None if followed is None else self._server_of(container, program, *followed)
        if server is not None:
            container.server = server
            container.role = "server"
            if server.program is not program:
                container.programs = (*container.programs, server.program)
        elif followed is not None and followed[0].found and _serves(container, program, followed[0]):
            container.role = "server"  # which of several servers, settings decide
        elif followed is not None and container.role is None and _only_polls(followed[0]):
            container.role = "worker"
        elif container.role is None and server is None and self._starts_beside(container, program):
            container.role = "server"

    def _read_foreground(self, container: Container, program: Program, way: tuple[Passed, ...]) -> None:
        """Makes the Python that a script waits for the main program where its code serves: what stands in the
        background (`mlflow server &`) is beside it.
        """
        followed = self._followed(container, program)
        server = None if followed is None else self._server_of(container, program, *followed)
        if server is not None:
            container.program, container.way = program, way
            container.server, container.role = server, "server"

    def _starts_beside(self, container: Container, program: Program) -> bool:
        """Whether a command that the project declares is told to run what serves: the module beside it that calls
        uvicorn, in an image that says on which port it is reached. How it comes there cannot be told.
        """
        image, targets = container.image, self._scripts.get(program.name, ()) if not program.known else ()
        if image is None or len(targets) != 1 or not any(True for _ in image.exposes):
            return False
        if not any(one.value in _SERVING_WORDS for one in program.argv[1:]):
            return False
        places = (_join(directory_of(container, program), name) for name in _SERVING_FILES)
        found = (container.file_at(place) for place in places if place is not None)
        return any(isinstance(one, Placed) and _RUNS in one.text for one in found)

    def settings_of(self, container: Container) -> tuple[SettingsUse, ...]:
        """The settings classes that a container's application makes objects of."""
        if not self.modules_of(container):
            return ()
        from dockerlint_fastapi.assemble.settings_uses import settings_uses  # noqa: PLC0415  # few rules ask

        return tuple(settings_uses(self, container))

    def secrets_of(self, container: Container) -> tuple[SecretDefault, ...]:
        """The secrets that stand in the code of a container's application, and in the files that its code reads."""
        if not self._runs_code(container):
            return ()
        secrets: tuple[SecretDefault, ...] = ()
        if self._mentions(container, *_READ_FILES):
            from dockerlint_fastapi.assemble.read_files import file_secrets  # noqa: PLC0415  # as above

            secrets = tuple(file_secrets(self, container))
        if self.project.index.ending("alembic.ini"):
            from dockerlint_fastapi.assemble.read_files import migration_secrets  # noqa: PLC0415  # as above

            secrets = (*secrets, *migration_secrets(container))
        from dockerlint_fastapi.assemble.secret_defaults import secret_defaults  # noqa: PLC0415  # as above

        return (*secret_defaults(self, container), *secrets)

    def endpoints_of(self, container: Container) -> tuple[Endpoint, ...]:
        """Where a container's code connects to by addresses that stand in it."""
        if not self._runs_code(container) or not self._mentions(container, *_CLIENTS):
            return ()
        from dockerlint_fastapi.assemble.code_connections import code_endpoints  # noqa: PLC0415  # as above

        return tuple(code_endpoints(self, container))

    def addresses_of(self, container: Container) -> tuple[HardcodedAddress, ...]:
        """The addresses that a container's code hands to clients as literals."""
        if not self._runs_code(container):
            return ()
        from dockerlint_fastapi.assemble.hardcoded_addresses import hardcoded_addresses  # noqa: PLC0415  # few rules ask

        return tuple(hardcoded_addresses(self, container))

    def file_endpoints_of(self, container: Container) -> tuple[Endpoint, ...]:
        """Where a container's code connects to by files that it reads."""
        if not self._runs_code(container) or not self._mentions(container, *_READ_FILES):
            return ()
        from dockerlint_fastapi.assemble.read_files import file_endpoints  # noqa: PLC0415  # as above

        return tuple(file_endpoints(self, container))

    def _mentions(self, container: Container, *words: str) -> bool:
        """Whether a module of a container's application holds one of some words; True where it serves none."""
        modules = self.modules_of(container)
        return not modules or any(word in one.text.syntax.source.text for one in modules for word in words)

    def _runs_code(self, container: Container) -> bool:
        """Whether a container may run Python of the project: an application, or what its command names."""
        program = container.program
        if self.modules_of(container):
            return True
        if program is None or container.image is None or container.role in ("server", "one-shot", "idle"):
            return False
        named = "python -m" in program.wrappers or program.name == "celery"
        return named or (program.script is not None and is_python(program.name))

    def imports_of(self, container: Container, names: frozenset[str]) -> tuple[tuple[str, Span], ...]:
        """Which of some modules that are not the project's own a container's application certainly imports, or the
        script that its Python runs instead.
        """
        from dockerlint_fastapi.assemble.certain_imports import certain_imports, imports_at_start  # noqa: PLC0415  # few rules ask

        if self.modules_of(container):
            return tuple(certain_imports(self, container, names))
        module = self._script_of(container) if container.server is None else None
        return () if module is None else tuple(imports_at_start(self, module, names))

    def _script_of(self, container: Container) -> Module | None:
        """The file that the Python of a container is given to run."""
        program = container.program
        script = program.script if program is not None and is_python(program.name) else None
        if program is None or script is None:
            return None
        directory = directory_of(container, program)
        place = _join(directory, script)
        if place is None:
            return None
        return self.library(container, program, (parent(place) or "/",), directory).at(place, "__main__")

    def calls_of(self, container: Container, names: frozenset[str]) -> tuple[tuple[str, Span], ...]:
        """Which of some programs the code of a container's application calls."""
        if not self.modules_of(container) or not self._mentions(container, "subprocess"):
            return ()
        from dockerlint_fastapi.assemble.program_calls import program_calls  # noqa: PLC0415  # few rules ask

        return tuple(program_calls(self, container, names))

    def is_lazy(self, container: Container, client: str = "") -> bool:
        """Whether a container's application certainly connects to nothing before its first request; to nothing of one
        kind (`qdrant`), if that is named.
        """
        if not self.modules_of(container):
            return False
        from dockerlint_fastapi.assemble.lazy_starts import asks_nothing, connects_to_nothing  # noqa: PLC0415  # as above

        return asks_nothing(self, container, client) if client else connects_to_nothing(self, container)

    def _server_of(
        self, container: Container, program: Program, outcome: Outcome, directory: str | None
    ) -> Server | None:
        """The server that a program's code runs; None when it runs none, or that cannot be told."""
        if not _serves(container, program, outcome):
            return None
        from dockerlint_fastapi.parsers.command import programs_of  # noqa: PLC0415  # only for Python that serves
        from dockerlint_fastapi.parsers.python.starts import ServingCall  # noqa: PLC0415
        from dockerlint_fastapi.parsers.server import server  # noqa: PLC0415
        from dockerlint_fastapi.parsers.server.code import agreed, server_of_call  # noqa: PLC0415

        servers: list[Server] = []
        environment = container.environment.seen_by(program)
        for start in outcome.found:
            if isinstance(start, ServingCall):
                servers.append(server_of_call(start, program, directory))
                continue
            child = next(one for one in programs_of(start.words) if one.role == "server")
            child = child._replace(execs=start.execs and child.execs)
            made = server(child, environment)
            if made is None:
                return None
            servers.append(self._configured(container, made))
        return agreed(servers) if servers else None

    def _configured(self, container: Container, server: Server) -> Server:
        """A server with what its configuration file sets, where that can be read."""
        if server.kind not in ("gunicorn", "hypercorn") or (server.kind == "hypercorn" and server.config is None):
            return server
        from dockerlint_fastapi.parsers.server import Configuration  # noqa: PLC0415  # only for these servers
        from dockerlint_fastapi.parsers.server import server as server_of  # noqa: PLC0415

        program = server.program
        directory = directory_of(container, program)
        answers: list[object] = []

        def configure(written: str | None) -> Configuration | Unknown | None:
            answers.append(self._configuration(container, program, directory, written))
            answer = answers[-1]
            return answer if isinstance(answer, (Configuration, Unknown)) else None

        again = server_of(program, container.environment, lambda _name: None, configure)
        # Where the file cannot be read, what was found without it stands.
        return server if again is None or UNKNOWN in answers else again

    def _configuration(
        self, container: Container, program: Program, directory: str | None, written: str | None
    ) -> object:
        """The configuration file of a name, as `Configure` answers."""
        from dockerlint_fastapi.parsers.python.configuration import of_module, of_toml  # noqa: PLC0415  # as above

        name = "gunicorn.conf.py" if written is None else written
        if directory is None:
            return UNKNOWN
        library = self.library(container, program, (directory,), directory)
        if name.startswith("python:"):
            module = library.find(name.removeprefix("python:"))
            return UNKNOWN if module is None else of_module(module)
        place = _join(directory, name.removeprefix("file:"))
        found = UNKNOWN if place is None else container.file_at(place)
        if not isinstance(found, Placed):
            return UNKNOWN if written is not None else found
        if program.name == "hypercorn" and not name.startswith("file:"):
            return of_toml(found.text, found.locate)
        module = library.at(found.place)
        return UNKNOWN if module is None else of_module(module)

    def _followed(self, container: Container, program: Program) -> tuple[Outcome, str | None] | None:
        """Where running a program leads to, and the folder that Python searches first."""
        if container.image is None or container.image.python is False:
            return None
        directory = directory_of(container, program)
        if "python -m" in program.wrappers:
            return self._module(container, program, directory)
        script = program.script
        if script is None and not is_interpreter(program.name):
            return self._command(container, program, directory)
        if script is None or not (is_python(program.name) or script.endswith(".py")):
            return None
        return self._script(container, program, directory, script)

    def _script(
        self, container: Container, program: Program, directory: str | None, script: str
    ) -> tuple[Outcome, str | None] | None:
        from dockerlint_fastapi.parsers.python.starts import starts_of_module  # noqa: PLC0415  # as above

        place = _join(directory, script)
        if place is None:
            return None
        values = [argument.value for argument in program.argv]
        words = values[values.index(script) + 1 :] if script in values else [None]
        folder = parent(place) or "/"
        library = self.library(container, program, (folder,), directory)
        library.words = program.argv[values.index(script) + 1 :] if script in values else None
        module = library.at(place, "__main__")
        return None if module is None else (starts_of_module(module, words), folder)

    def _module(
        self, container: Container, program: Program, directory: str | None
    ) -> tuple[Outcome, str | None] | None:
        from dockerlint_fastapi.parsers.python.starts import starts_of_module  # noqa: PLC0415  # as above

        name = program.argv[0].value
        if directory is None or name is None or not all(part.isidentifier() for part in name.split(".")):
            return None
        library = self.library(container, program, (directory,), directory)
        library.words = program.argv[1:]
        for root in library.roots:
            stem = f"{root.rstrip('/')}/{name.replace('.', '/')}"
            for place in (f"{stem}/__main__.py", f"{stem}.py"):
                module = library.at(place, "__main__")
                if module is not None:
                    return starts_of_module(module, [one.value for one in program.argv[1:]]), directory
        module = self._installed(container, program, name)
        return None if module is None else (starts_of_module(module, [one.value for one in program.argv[1:]]), None)

    def _installed(self, container: Container, program: Program, name: str) -> Module | None:
        """The module of the one package of the project that a container can have installed under a name: beside its
        manifest, or in `src` there.
        """
        image = container.image
        stages = () if image is None else (*image.lineage, *image.builders)
        if not any(_installs_project(run) for stage in stages for run in stage.of(Run)):
            return None
        roots = self.project.index.answer(_package_roots, name.partition(".")[0])
        if len(roots) != 1:
            return None
        library = self._project_library(container, program, roots)
        library.words = program.argv[1:]
        stem = f"{roots[0]}/{name.replace('.', '/')}"
        found = (library.at(place, "__main__") for place in (f"{stem}/__main__.py", f"{stem}.py"))
        return next((one for one in found if one is not None), None)

    def _command(
        self, container: Container, program: Program, directory: str | None
    ) -> tuple[Outcome, str | None] | None:
        """A program of the project's own: a script with a shebang, or an entry point of its package."""
        written = program.argv[0].value
        if written is None or program.known or not program.name:
            return None
        if "/" in written and not written.rpartition("/")[0].endswith("bin"):
            place = _join(directory, written)
            found = container.file_at(place) if place is not None else UNKNOWN
            if isinstance(found, Placed) and re.match(r"#![^\n]*python", found.text):
                return self._script(container, program, directory, written)
            return None
        targets = self._scripts.get(program.name, [])
        if len(targets) != 1:
            return None
        manifest, target = targets[0]
        name, _, function = target.partition(":")
        folder = parent(manifest)
        from dockerlint_fastapi.parsers.python.starts import starts_of_function  # noqa: PLC0415  # as above

        stem = f"/{folder}" if folder else ""
        library = self._project_library(container, program, (stem, f"{stem}/src", f"{stem}/backend"))
        library.words = program.argv[1:]
        module = library.find(name.strip())
        if module is None:
            return None
        words = [one.value for one in program.argv[1:]]
        return starts_of_function(module, function.partition("[")[0].strip(), words), None

    @property
    def _scripts(self) -> dict[str, list[tuple[str, str]]]:
        """The commands that packages of the project declare: by name the file that does and `module:function`."""
        return self.project.index.answer(_entry_points)

    def library(self, container: Container, program: Program, first: Iterable[str], directory: str | None) -> Library:
        """What code can import in a container: from where Python searches, and from where packages are that a project
        installs in place.
        """
        from dockerlint_fastapi.parsers.python.names import Library  # noqa: PLC0415  # as above

        environment = container.environment.seen_by(program)
        roots = list(first)
        path = environment.get("PYTHONPATH")
        if isinstance(path, Value):
            roots.extend(one for one in path.text.split(":") if one.startswith("/"))
        if directory is not None:
            roots.extend((directory, f"{directory.rstrip('/')}/src"))
        unique = tuple(dict.fromkeys(one.rstrip("/") for one in roots))
        return Library(
            lambda place: self._text(container, place),
            unique,
            environment,
            self.has_file(container, directory),
            self._text_at(container, directory),
        )

    def _project_library(self, container: Container, program: Program, roots: tuple[str, ...]) -> Library:
        """What an installed package of the project can import of it."""
        from dockerlint_fastapi.parsers.python.names import Library  # noqa: PLC0415  # as above

        environment: Environment = container.environment.seen_by(program)
        directory = directory_of(container, program)
        return Library(self._of_project, roots, environment, self.has_file(container, directory))

    @staticmethod
    def has_file(container: Container, directory: str | None) -> Callable[[str], bool | None]:
        """Whether a file is at a place, or at a path from a working directory; None when that cannot be told."""

        def has_file(path: str) -> bool | None:
            place = _join(directory, path)
            found = UNKNOWN if place is None else container.file_at(place)
            return None if found is UNKNOWN else found is not None

        return has_file

    @staticmethod
    def _text_at(container: Container, directory: str | None) -> Callable[[str], str | None]:
        """The text of a file that an image or container holds, by its place or its path from a working directory."""

        def text_at(path: str) -> str | None:
            place = _join(directory, path)
            found = UNKNOWN if place is None else container.file_at(place)
            return found.text if isinstance(found, Placed) else None

        return text_at

    def _text(self, container: Container, place: str) -> PythonText | Unknown | None:
        found = container.file_at(place)
        return self.text_of(found) if isinstance(found, Placed) else found

    def text_of(self, found: Placed, *, deferred: bool = False) -> PythonText | Unknown:
        """The Python of a file; UNKNOWN when it cannot be parsed. A `deferred` one is parsed when it is asked for its
        tree, and may then have the tree of an empty file.
        """
        from dockerlint_fastapi.parsers.python.names import PythonText  # noqa: PLC0415  # as above
        from dockerlint_fastapi.parsers.python.syntax import defer_python, parse_python  # noqa: PLC0415
        from dockerlint_fastapi.source import Source  # noqa: PLC0415

        written = found.path is None  # by an instruction
        source = Source.of(found.text, found.place) if written else self.project.source_of(found.path or "")
        parse = defer_python if deferred else parse_python
        syntax = parse(source) if source is not None else None
        return (
            UNKNOWN
            if syntax is None
            else PythonText(found.place, syntax, found.path, found.locate, self._memo(found.path))
        )

    def _of_project(self, place: str) -> PythonText | Unknown | None:
        from dockerlint_fastapi.parsers.python.names import PythonText  # noqa: PLC0415  # as above

        path = place.lstrip("/")
        source = self.project.source_of(path) if self.project.tree.is_file(path) else None
        if source is None:
            return None
        from dockerlint_fastapi.parsers.python.syntax import parse_python  # noqa: PLC0415  # as above

        syntax = parse_python(source)
        return UNKNOWN if syntax is None else PythonText(place, syntax, path, source.span, self._memo(path))

    def _memo(self, path: str | None) -> dict[str, Any]:
        return {} if path is None else self._memos.setdefault(path, {})

    def modules_of(self, container: Container) -> tuple[Module, ...]:
        """The project's modules that importing a container's application certainly runs."""
        if container.application in (None, UNKNOWN):
            return ()
        if id(container) not in self._modules:
            from dockerlint_fastapi.assemble.imported_modules import imported_modules  # noqa: PLC0415  # few rules ask

            self._modules[id(container)] = imported_modules(self, container)
        return self._modules[id(container)]


def _installs_project(run: Run) -> bool:
    """Whether a RUN installs a wheel that lies there, or the project in a folder."""
    text = run.text
    return "install" in text and (".whl" in text or re.search(r"\binstall\b[^\n;&|]*\s\.", text) is not None)


def _only_polls(outcome: Outcome) -> bool:
    """Whether a program is a bot that asks for its messages, or works without an end, and starts nothing else."""
    return outcome.polls and not outcome.found


def _serves(container: Container, program: Program, outcome: Outcome) -> bool:
    """Whether a program certainly serves, as far as it stays up: of one that may end before, nothing must be known that
    it is told to do instead, and somebody must reach it.
    """
    if outcome.certain or not outcome.stays:
        return outcome.certain
    values = [one.value for one in program.argv]
    words = values[values.index(program.script) + 1 if program.script in values[1:] else 1 :]
    if words and _LISTENING_OPTIONS.isdisjoint(words):
        return False
    image, service = container.image, container.service
    if service is not None and (service.ports or not container.as_built):
        return bool(service.ports)
    return image is not None and any(True for _ in image.exposes)


def directory_of(container: Container, program: Program) -> str | None:
    """Where a program starts: the container's working directory, or the one that its script changes to in front of it;
    None when that cannot be told.
    """
    directory = container.directory
    if program.shell is None:
        return directory
    source = program.span.source
    within = container.start_span
    start = within.start if within is not None and within.source is source else 0
    for match in re.finditer(_CD, source.text[start : program.span.start]):
        target = match[1].strip("\"'")
        if any(char in target for char in "$`*~\\-"):
            return None
        directory = _join(directory, target)
    return directory


def _join(directory: str | None, path: str) -> str | None:
    """A path from a working directory, as an absolute place; None when it cannot be told."""
    if path.startswith("/"):
        inside = normal(path.lstrip("/"))
    elif directory is None:
        return None
    else:
        inside = normal(f"{directory.strip('/')}/{path}")
    return None if inside is None else f"/{inside}"


def _package_roots(project: Project, name: str) -> tuple[str, ...]:
    """The folders with a package of that name, beside a manifest or in `src` there, as absolute places."""
    roots = {}
    for path in project.index.ending(*_MANIFESTS):
        folder = parent(path)
        for root in (folder, f"{folder}/src".lstrip("/")) if path.rpartition("/")[2] in _MANIFESTS else ():
            if project.tree.is_dir(f"{root}/{name}".lstrip("/")):
                roots[f"/{root}" if root else ""] = True
    return tuple(roots)


def _entry_points(project: Project) -> dict[str, list[tuple[str, str]]]:
    from dockerlint_fastapi.parsers.python.entry_points import entry_points  # noqa: PLC0415  # few containers start one

    found: dict[str, list[tuple[str, str]]] = {}
    for path in project.index.ending(*_MANIFESTS):
        source = project.source_of(path) if path.rpartition("/")[2] in _MANIFESTS else None
        for name, target in entry_points(source) if source is not None else ():
            found.setdefault(name, []).append((path, target))
    return found
