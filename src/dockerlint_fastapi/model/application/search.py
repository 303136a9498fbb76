"""From a container's server to the application that it imports: the search that Python and the server make."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from dockerlint_fastapi.cached import cached_property
from dockerlint_fastapi.model.application.console_script import script_root
from dockerlint_fastapi.model.application.expression import Assign, Call, Function, Member, Name
from dockerlint_fastapi.model.application.import_path import Found, ImportPath, Root
from dockerlint_fastapi.model.application.import_string import Malformed, Target, target_of
from dockerlint_fastapi.model.application.module import Module
from dockerlint_fastapi.model.application.own_imports import Lack, WayOut, fails_inside, lacking, way_out
from dockerlint_fastapi.model.command import UNKNOWN, Server, Unknown, Value
from dockerlint_fastapi.model.context.glob import clean
from dockerlint_fastapi.model.context.passage import place_of
from dockerlint_fastapi.model.files.image_files import Answer, Placed
from dockerlint_fastapi.model.install.installed_projects import InstalledProjects
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.application.application import Application
    from dockerlint_fastapi.model.container import Container

# What `fastapi run` tries when it is told no path, in order (fastapi_cli/discover.py).
DEFAULT_PATHS: Final = ("main.py", "app.py", "api.py", "app/main.py", "app/app.py", "app/api.py")
_WHOLE_VARIABLE: Final = pattern(r"[\"']?\$\{?(\w+)\}?[\"']?\Z")
_VARIABLE: Final = r"\$\{?([A-Za-z_]\w*)"
_MAKERS: Final = ("FastAPI", "Starlette")


class Candidate(NamedTuple):
    """What was probably meant: an import string under which there is an application, and where that is made. It is no
    better where the module itself imports what the container lacks.
    """

    text: str
    span: Span
    lack: Lack | None = None


class Fault(NamedTuple):
    """Why the server cannot import its application.

    `kind` is `form` (the server refuses the string itself), `file` (a path that is not there), `module`, or
    `attribute` (the module is there, and binds no such name). `span` is the part of the import string at fault.
    """

    kind: str
    span: Span
    text: str  # that part
    reason: str  # for `form`, what the server wants; else where it was looked for
    module: Span | None = None  # of `attribute`: where the module begins
    candidates: tuple[Candidate, ...] = ()


class Search:
    """One container's application as its server looks for it. `why` says in a few words why it cannot be told."""

    def __init__(self, container: Container, server: Server) -> None:
        self.container = container
        self.server = server
        self.why = ""

    @cached_property
    def target(self) -> Target | Malformed | None:
        """What the server is told to import."""
        return target_of(self.server)

    @cached_property
    def directory(self) -> str | None:
        """The directory in which the server is started; None when it cannot be told."""
        directory = self.container.directory
        for move in self.server.program.moves:
            directory = place_of(move, directory)
        return directory

    @cached_property
    def result(self) -> Application | Fault | Unknown:
        """The application, or what is wrong with the import string, or UNKNOWN."""
        image = self.container.image
        if image is None:
            return self._unknown("the image is not built here")
        call = self.server.call
        if call is not None and call.app_object:
            return self._of_object()
        if self.server.kind == "fastapi" and self.server.app is None:
            return self._discovered()
        target = self.target
        app = self.server.app
        if target is None or (app is not None and app.span is not None and self._is_open(app.span)):
            return self._unknown("no application is named, or it cannot be told")
        if isinstance(target, Malformed):
            return Fault("form", target.span, target.text, target.reason, candidates=self._better(target))
        if target.path:
            return self._of_path(target)
        return self._of_module(target, target.module, self.import_path)

    def _is_open(self, span: Span) -> bool:
        """Whether a stretch of the command has a variable that nothing sets: whoever starts the container may."""
        if "$" not in span.text:
            return False
        known = self.container.environment.seen_by(self.server.program).values
        return any(name not in known for name in re.findall(_VARIABLE, span.text))

    @property
    def takes_more(self) -> bool:
        """Whether the command ends in a variable that nothing sets (`uvicorn main:app $OPTIONS`): it is for options."""
        span = self.container.start_span
        words = span.text.split() if span is not None else []
        known = self.container.environment.seen_by(self.server.program).values
        for before, word in pairwise(words):
            match = _WHOLE_VARIABLE.match(word) if "$" in word else None
            if match is not None and match[1] not in known and not before.startswith("-"):
                return True
        return False

    def _unknown(self, why: str) -> Unknown:
        self.why = why
        return UNKNOWN

    # sys.path

    @cached_property
    def import_path(self) -> ImportPath:
        """`sys.path` as the server searches it."""
        return self._path(self._folders())

    def _path(self, folders: list[str | None]) -> ImportPath:
        roots = [self._root(folder) for folder in folders]
        script = script_root(self.container, self.server.program, self.directory) if self.server.call is None else None
        roots += [script] if script is not None else []
        roots += self._python_path()
        roots += [Root(folder, self._in_project(folder)) for folder in self.installed.folders]
        if not self._is_complete or self.takes_more:
            # A configuration file or a variable that nobody has read may name other folders; what is found all the same
            # is hardly another module of that name.
            roots.append(Root("?", None))
        if roots[0].at is not None and any(root.at is None for root in roots) and self._is_without_modules:
            roots = [root for root in roots if root.at is not None]  # none of those that are not known holds one
        # Containers of one image with the same mounts over their code find the same modules.
        image = self.container.image
        assert image is not None  # noqa: S101 - a search without an image ends earlier
        key = (tuple(root.name for root in roots), self.mounts(roots), self.installed.anything)
        if key not in image.import_paths:
            image.import_paths[key] = ImportPath(tuple(roots), self._parse, self.installed.provides)
        return image.import_paths[key]

    def mounts(self, roots: Sequence[Root]) -> tuple[tuple[str | None, str | None, bool], ...]:
        """What compose mounts over, into or above folders from which modules are imported."""
        return tuple(
            (one.target, one.path, one.empty)
            for one in self.container.covers
            if one.target is None or any(_overlap(one.target, root.name) for root in roots)
        )

    @property
    def _is_complete(self) -> bool:
        """Whether nothing else can name folders. Values of uvicorn's options that cannot be told (`--port $PORT`) name
        none, but that of `--app-dir`.
        """
        server = self.server
        if server.complete or server.kind != "uvicorn" or server.call is not None:
            return server.complete
        folder = self.container.environment.seen_by(server.program).get("UVICORN_APP_DIR")
        return not server.may_give("app-dir") and not server.unknown_options and folder is not UNKNOWN

    def _root(self, folder: str | None) -> Root:
        place = place_of(folder, self.directory) if folder is not None else None
        return Root("?", None) if place is None else Root(place, self._in_container(place))

    def _in_container(self, place: str) -> Callable[[str], Answer]:
        return lambda path: self.container.file_at(clean(f"{place}/{path}"))

    def _in_project(self, folder: str) -> Callable[[str], Answer]:
        def at(path: str) -> Answer:
            full = f"{folder}/{path}" if folder else path
            assert self.container.image is not None  # noqa: S101 - a search without an image ends earlier
            source = self.container.image.project.source_of(full)
            if source is None or not self.container.image.project.tree.is_file(full):
                return None
            return Placed(f"/{full}", full, source.text, source.span, source.span(0, 0))

        return at

    def _folders(self) -> list[str | None]:
        """What stands in front of PYTHONPATH: what the server itself inserts, and what starting it inserts."""
        server = self.server
        if server.call is not None:
            return [server.call.directory]
        option = {"uvicorn": "app-dir", "gunicorn": "chdir", "granian": "working-dir"}.get(server.kind)
        chosen: Value | None = server.options.get(option) if option is not None else None
        folders: list[str | None] = [chosen.text if chosen is not None else "."]
        if chosen is None and option is not None and server.may_give(option):
            folders.insert(0, None)
        if server.kind == "gunicorn" and "pythonpath" in server.options:
            folders = [*reversed(server.options["pythonpath"].text.split(",")), *folders]
        if "python -m" in server.program.wrappers:
            folders.append(".")
        return folders

    def _python_path(self) -> list[Root]:
        value = self.container.environment.seen_by(self.server.program).get("PYTHONPATH")
        if value is None:
            return []
        if self._is_never_set:
            return []
        if value is UNKNOWN or not isinstance(value, Value):
            return [*self._written_path(), Root("?", None)]
        return [self._root(part or ".") for part in value.text.split(":")]

    @property
    def _is_never_set(self) -> bool:
        """Whether PYTHONPATH is unknown only since the start script has others read in its place, or evaluates a text,
        while neither it nor these speak of it.
        """
        scripts = {one.placed.place.rpartition("/")[2]: one for one in self.container.scripts}
        if not scripts or self.container.environment.get("PYTHONPATH") is not None:
            return False
        if any("PYTHONPATH" in one.placed.text for one in scripts.values()):
            return False
        read = (one for one in self.container.programs if one.name in (".", "source"))
        return all(len(one.argv) > 1 and (one.argv[1].value or "").rpartition("/")[2] in scripts for one in read)

    @property
    def _is_without_modules(self) -> bool:
        """Whether nothing of the project's code is anywhere in the container: nothing copies or mounts any."""
        image = self.container.image
        assert image is not None  # noqa: S101 - as above
        if not image.without_code or self.container.covers:
            return False
        others = (one for one in image.transfers if one.from_ is not None)
        return all(image.dockerfile.stage(one.from_.value or "") is not None for one in others if one.from_ is not None)

    def _written_path(self) -> Iterator[Root]:
        """The folders that are written into a PYTHONPATH of which the rest cannot be told (`$PYTHONPATH:/app`), or that
        an env file which nobody has read may set, too.
        """
        variable = self.container.variables.get("PYTHONPATH")
        for part in variable.text.strip("\"'").split(":") if variable is not None else ():
            if part.startswith("/") and "$" not in part:
                yield self._root(part)

    @cached_property
    def installed(self) -> InstalledProjects:
        """The projects whose code is in site-packages."""
        assert self.container.image is not None  # noqa: S101 - as above
        return InstalledProjects(self.container.image, self.server.program)

    def _parse(self, placed: Placed) -> Module | None:
        assert self.container.image is not None  # noqa: S101 - as above
        return self.container.image.project.module_of(placed)

    # the ways in which servers name an application

    def _of_module(
        self, target: Target, name: str, path: ImportPath, found: Found | None = None
    ) -> Application | Fault | Unknown:
        answer = found if found is not None else path.find(name)
        if answer is None:
            assert target.module_span is not None  # noqa: S101 - what is searched was written somewhere
            where = next((root.name for root in path.roots if root.at is not None), "")
            fault = Fault("module", target.module_span, name, where)
            return fault._replace(candidates=tuple(self._same_elsewhere(name, target)))
        if not isinstance(answer, Found):
            return self._unknown(f"where the module `{name}` comes from cannot be told")
        module = path.parse(answer.placed)
        if module is None:
            return self._unknown(f"`{answer.placed.path or answer.placed.place}` cannot be parsed")
        return self._in_module(target, answer, module, path)

    def _in_module(
        self, target: Target, found: Found, module: Module, path: ImportPath
    ) -> Application | Fault | Unknown:
        from dockerlint_fastapi.model.application.application import Application, binds  # noqa: PLC0415  # a cycle

        if target.attributes is None:
            return self._unknown("the application is an expression")
        if not target.attributes:
            return Application(self, path, found, module, (), called=False)
        first = target.attributes[0]
        bound = binds(path, found, module, first)
        if bound is False:
            span = target.attribute_span or target.module_span
            assert span is not None  # noqa: S101 - as above
            begin = module.source.span(0, 0) if found.placed.path is not None else None
            made = [
                Candidate(self._as_written(target, found.name, name), where) for name, where in applications_in(module)
            ]
            fault = Fault("attribute", span, ".".join(target.attributes), found.placed.path or found.placed.place)
            return fault._replace(module=begin, candidates=tuple(made))
        if bound is None:
            return self._unknown(f"the names of the module `{found.name}` cannot be told")
        return Application(self, path, found, module, target.attributes, called=target.called)

    def _of_path(self, target: Target) -> Application | Fault | Unknown:
        """A file or a package that is named by its path: hypercorn, granian, fastapi."""
        place = place_of(target.path, self.directory)
        if place is None:
            return self._unknown("the working directory cannot be told")
        at = self.container.file_at
        placed = at(place) if self.server.kind != "hypercorn" or place.endswith(".py") else at(f"{place}.py")
        package = False
        if not isinstance(placed, Placed):
            inside = at(f"{place}/__init__.py")
            without = at(f"{place}.py") if self.server.kind == "granian" and not place.endswith(".py") else None
            package = isinstance(inside, Placed)
            placed = inside if package else without if isinstance(without, Placed) else placed
            if not isinstance(placed, Placed):
                if placed is UNKNOWN or inside is UNKNOWN or without is UNKNOWN or not place.endswith(".py"):
                    return self._unknown(f"whether `{place}` is there cannot be told")
                assert target.module_span is not None  # noqa: S101 - as above
                fault = Fault("file", target.module_span, target.path, place)
                name = target.path.removesuffix(".py").rpartition("/")[2]
                return fault._replace(candidates=tuple(self._same_elsewhere(name, target)))
        return self._of_file(target, placed, package=package or placed.place.endswith("/__init__.py"))

    def _of_file(self, target: Target, placed: Placed, *, package: bool) -> Application | Fault | Unknown:
        """A file as the module that it is: of the packages that it lies in (not for hypercorn)."""
        folder, _, name = placed.place.rpartition("/")
        names = [] if package else [name.removesuffix(".py")]
        if package:
            folder, _, name = folder.rpartition("/")
            names = [name]
        if self.server.kind != "hypercorn":
            while folder and isinstance(self.container.file_at(f"{folder}/__init__.py"), Placed):
                folder, _, name = folder.rpartition("/")
                names.insert(0, name)
        root = self._root(folder or "/")
        # fastapi and hypercorn do not search the working directory besides.
        aside = self.server.kind == "granian" or "python -m" in self.server.program.wrappers
        path = self._path([folder or "/", *(["."] if aside else [])])
        found = Found(".".join(names), placed, package, root)
        return self._of_module(target, found.name, path, found)

    def _discovered(self) -> Application | Fault | Unknown:
        """What `fastapi run` finds by itself: `[tool.fastapi] entrypoint`, else the first file of its list."""
        server = self.server
        if self.directory is None or not server.complete:
            return self._unknown("the working directory or the options cannot be told")
        span = server.program.span
        where = self.directory
        manifest = self.container.file_at(clean(f"{where}/pyproject.toml"))
        named = server.options.get("app")
        names = (named.text,) if named is not None else ()
        if manifest is UNKNOWN and named is None:
            return self._unknown("whether there is a `[tool.fastapi]` cannot be told")
        if isinstance(manifest, Placed) and named is None:
            entry = _entrypoint(manifest.text)
            if entry is not None:
                begin, end = entry
                module, _, attribute = manifest.text[begin:end].partition(":")
                first = manifest.locate(begin, begin + len(module))
                second = manifest.locate(begin + len(module) + 1, end)
                target = Target(module, "", (attribute,), called=False, module_span=first, attribute_span=second)
                if not module or not attribute:
                    reason = "`entrypoint` wants `<module>:<name>`"
                    return Fault("form", manifest.locate(begin, end), manifest.text[begin:end], reason)
                return self._of_module(target, module, self._path(["."]))
        target = Target("", "", names, called=False, module_span=span, attribute_span=named.span if named else span)
        for path in DEFAULT_PATHS:
            placed = self.container.file_at(clean(f"{where}/{path}"))
            if placed is UNKNOWN:
                return self._unknown(f"whether `{path}` is there cannot be told")
            if isinstance(placed, Placed):
                return self._of_file(target, placed, package=False)
        return Fault("file", span, "", where, candidates=tuple(self._same_elsewhere("main", target)))

    def _of_object(self) -> Application | Fault | Unknown:
        """The application that Python code hands to the server itself."""
        call = self.server.call
        if call is None or call.defined is None or call.directory is None:
            return self._unknown("the application is an object of which nothing is known")
        path, name = call.defined
        parts = path.split("/")
        for at in range(len(parts)):
            placed = self.container.file_at(clean(f"{call.directory}/{'/'.join(parts[at:])}"))
            if isinstance(placed, Placed) and placed.path == path:
                names = parts[at:]
                package = names[-1] == "__init__.py"
                dotted = ".".join(names[:-1] if package else [*names[:-1], names[-1].removesuffix(".py")])
                found = Found(dotted, placed, package, self._root(call.directory))
                target = Target(dotted, "", (name,), called=False, module_span=call.span, attribute_span=call.app)
                return self._of_module(target, dotted, self._path([call.directory]), found)
        return self._unknown("the module of the application cannot be told")

    @cached_property
    def lack(self) -> Lack | None:
        """The module of the project that the application's module imports, and that the container certainly lacks."""
        from dockerlint_fastapi.model.application.application import Application  # noqa: PLC0415  # a cycle

        found = self.result
        if not isinstance(found, Application) or self.container.image is None or self.server.call is not None:
            return None
        return lacking(self.container.image.project, found.import_path, found.found.placed, found.module)

    @cached_property
    def way_out(self) -> WayOut | None:
        """Where the application's module imports by dots that lead out of the package by which it is found."""
        from dockerlint_fastapi.model.application.application import Application  # noqa: PLC0415  # a cycle

        found = self.result
        if not isinstance(found, Application) or self.server.call is not None:
            return None
        return way_out(found.found.name, found.found.placed, found.module)

    # what was meant

    def _as_written(self, target: Target, module: str, name: str) -> str:
        return f"{target.path or module}:{name}"

    def _better(self, malformed: Malformed) -> tuple[Candidate, ...]:
        """The import string in the right form, where it leads to an application."""
        if malformed.better is None:
            return ()
        module, _, name = malformed.better.partition(":")
        found = self.import_path.find(module)
        parsed = self._parse(found.placed) if isinstance(found, Found) else None
        if parsed is None:
            return ()
        where = parsed.names.get(name)
        return (Candidate(malformed.better, where),) if where is not None else ()

    def _same_elsewhere(self, name: str, target: Target) -> Iterator[Candidate]:
        """Modules of the same last name that are in the image and have the attribute (or any application)."""
        image = self.container.image
        directory = self.directory
        if image is None or directory is None or not self.import_path.roots:
            return
        last = name.rpartition(".")[2]
        seen: set[str] = set()
        root = self._folders()[0]
        base = place_of(root, directory)
        if base is None:
            return
        for build in image.builds:
            for path, _ in build.entries:
                if not (path == f"{last}.py" or path.endswith((f"/{last}.py", f"/{last}/__init__.py"))):
                    continue
                for taker in build.takers(path):
                    place = taker.arrival(path)
                    if place is None or place in seen or not place.startswith(f"{base.rstrip('/')}/"):
                        continue
                    seen.add(place)
                    placed = self.container.file_at(place)
                    if not isinstance(placed, Placed) or placed.path is None:
                        continue
                    rest = place[len(base.rstrip("/")) + 1 :]
                    names = rest.removesuffix(".py").removesuffix("/__init__").split("/")
                    module = self._parse(placed)
                    if module is None or not all(one.isidentifier() for one in names):
                        continue
                    if target.module and fails_inside(".".join(names), placed, module):
                        continue
                    made = dict(applications_in(module))
                    wanted = target.attributes[0] if target.attributes else None
                    if wanted is not None and wanted in module.names:
                        made = {wanted: module.names[wanted]}
                    for attribute, where in made.items():
                        text = f"{'.'.join(names)}:{attribute}" if target.module else rest
                        yield Candidate(text, where, lacking(image.project, self.import_path, placed, module))


def _overlap(one: str, other: str) -> bool:
    """Whether one folder holds the other."""
    return f"{one.rstrip('/')}/".startswith(f"{other.rstrip('/')}/") or other.startswith(f"{one.rstrip('/')}/")


def applications_in(module: Module) -> Iterator[tuple[str, Span]]:
    """The names under which a module makes an application at its top, or by a function that says so."""
    seen: set[str] = set()
    for one in module.body:
        name = None
        if isinstance(one, Assign) and isinstance(one.target, Name) and isinstance(one.value, Call):
            function = one.value.function
            called = function.name if isinstance(function, Name | Member) else None
            name = one.target.name if called in _MAKERS else None
        elif isinstance(one, Function) and isinstance(one.returns, Name | Member) and one.returns.name in _MAKERS:
            name = one.name
        if name is not None and name not in seen:
            seen.add(name)
            yield name, module.names[name]


def objects_in(module: Module) -> dict[str, Span]:
    """The names that a module binds at its top to an application: one that is made there, or by a function of the
    module that says that it returns one.
    """
    makers = {
        one.name
        for one in module.body
        if isinstance(one, Function) and isinstance(one.returns, Name | Member) and one.returns.name in _MAKERS
    }
    found: dict[str, Span] = {}
    for one in module.body:
        if isinstance(one, Assign) and isinstance(one.target, Name) and isinstance(one.value, Call):
            function = one.value.function
            own = isinstance(function, Name) and function.name in makers
            if own or (isinstance(function, Name | Member) and function.name in _MAKERS):
                found.setdefault(one.target.name, module.names[one.target.name])
    return found


def _entrypoint(text: str) -> tuple[int, int] | None:
    """Where the value of `[tool.fastapi] entrypoint` stands in a pyproject.toml."""
    section = re.search(r"(?m)^[ \t]*\[[ \t]*tool[ \t]*\.[ \t]*fastapi[ \t]*\][^\n]*\n", text)
    if section is None:
        return None
    following = re.compile(r"(?m)^[ \t]*\[").search(text, section.end())
    end = following.start() if following is not None else len(text)
    match = re.compile(r"(?m)^[ \t]*entrypoint[ \t]*=[ \t]*[\"']([^\"'\n]*)[\"']").search(text, section.end(), end)
    return match.span(1) if match is not None else None
