"""Where what an image starts writes to while it runs: a user who is not root must be given these folders.

The code of the project is read for paths that are opened for writing, made, or named as an SQLite database or the file
of a log; so are the files that configure logging, the variables of the containers, and the commands in front of their
programs. A path that cannot be told leaves nothing certain, and neither does a mount over what is written to: what is
mounted belongs to whom the host, or an older container, gave it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from dockerlint_fastapi.model.command import Value
from dockerlint_fastapi.model.context.env_reading import code_of
from dockerlint_fastapi.model.context.glob import clean
from dockerlint_fastapi.model.context.passage import place_of
from dockerlint_fastapi.model.dockerfile import Run
from dockerlint_fastapi.model.files.code_writes import (
    SCRATCH,
    UNTOLD,
    Write,
    asked_settings,
    folder_of,
    may_write,
    resolved,
)
from dockerlint_fastapi.model.files.image_files import Placed
from dockerlint_fastapi.model.files.recipes import is_run_in_containers
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.tree import parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.command import Program
    from dockerlint_fastapi.model.compose import Mount
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.context.image_build import ImageBuild
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.source import Source

_MOST: Final = 8  # folders that are given
_ROUNDS: Final = 4  # of names that stand for names
_SQLITE: Final = r"sqlite(?:\+\w+)?:///(?!:memory:|file:)([^?\s\"'#]+)"
_SETS_SQLITE: Final = rf"(?m)^[ \t]*[\w.]+[ \t]*=[ \t]*[\"']?{_SQLITE}"
# Files that say how to log, by their names, and where in them a handler's file is named.
_CONFIGURES: Final = r"(?i)(?:[\w.-]*log[\w.-]*\.(?:ya?ml|ini|conf|cfg|json|toml)|alembic\.ini)"
_HANDLER: Final = "FileHandler"
_HANDLED: Final = r"\bfilename[\"']?[ \t]*[:=][ \t]*[\"']?([^\s\"',}]+)|\bargs[ \t]*=[ \t]*\(\s*[\"']([^\"']+)"
_ENV_FILE: Final = r"\.env(?:\.(?!example|sample|template|dist|tpl)\w+)?"
_CONFIGURED: Final = rf"{_CONFIGURES}|{_ENV_FILE}"
_MOST_FILES: Final = 40
# Commands of a start that root runs, or that change files nobody can name.
_OF_ROOT: Final = frozenset(
    "adduser addgroup apk apt apt-get chgrp chmod chown cp cron crond curl dpkg groupadd groupmod install ln mv"
    " nginx npm npx pip pip3 prisma rsync sed service setcap sshd supervisord sysctl tar tee unzip useradd usermod"
    " wget yarn".split()
)
# What somebody installs into a container that runs.
_INSTALLS: Final = r"\b(?:pip3?|uv pip|apt|apt-get|apk|poetry|uv)[ \t]+(?:install|add|sync)\b"
_MAKES: Final = frozenset(("mkdir", "touch"))
# Options of servers that name a file to write.
_OPTIONS: Final = frozenset(
    "access-log access-logfile access-log-file error-log error-logfile log-file pid pid-file pidfile uds".split()
)
# Where everybody may write.
_OPEN: Final = (f"{SCRATCH}/", "/dev/", "/proc/", "/var/tmp/")  # noqa: S108 - in the container
# Places that belong to the system: who gives them away opens more than a folder.
_SYSTEM: Final = tuple(f"/{one}/" for one in "bin boot dev etc home lib lib64 proc root run sbin sys tmp usr".split())
_STORES: Final = (".db", ".sqlite", ".sqlite3", ".log")


class WrittenPlaces(NamedTuple):
    """The folders that a user needs for what is started. `given` are there, and hold the program as well: they are
    given without what is in them. `made` are to be made where they are not there, and given whole.
    """

    given: tuple[str, ...]
    made: tuple[str, ...]


def written_places(image: Image) -> WrittenPlaces | None:
    """The folders that what is started from an image writes to; None when these cannot all be told."""
    if image.project.index.answer(is_run_in_containers, _INSTALLS):
        return None
    found: dict[str, set[str]] = {}  # each folder with the files in it that are known
    build = next((one for one in image.builds if one.certain), next(iter(image.builds), None))
    code = _Code(build) if build is not None else None
    for container in image.containers:
        own = tuple(_of_container(container))
        for write, file in (*(code.writes if code is not None else ()), *own):
            places = _places(write, file, container, code)
            if places is None and write.sure:
                return None
            for folder, name in places or ():
                if not f"{folder}/".startswith(_OPEN):
                    found.setdefault(folder, set()).update((name,) if name is not None else ())
        if _is_root_s(container):
            return None
    if any(is_mounted_over(container, found) for container in image.containers):
        return None
    return _sorted_out(image, build, found)


class _Code:
    """What the files of a build write to, each with the file that says so, and the values of the names on which it
    hangs.
    """

    def __init__(self, build: ImageBuild) -> None:
        self._build = build
        sources = dict(code_of(build))
        project = build.image.project
        self.writes: list[tuple[Write, str | None]] = []
        for path, source in sources.items():
            if may_write(source.text):
                read = project.writes_in(source)
                self.writes += [(one, path) for one in (read.writes if read is not None else ())]
        self.writes += [(one, None) for one in _configured(build)]
        self.settings: dict[str, frozenset[tuple[str, str | None]]] = {}
        wanted = {name for one, _ in self.writes for name in asked_settings(one.path)}
        for _ in range(_ROUNDS):
            new = wanted - self.settings.keys()
            if not new:
                break
            self._define(sources, new)
            values = (value for name in new for value, _ in self.settings[name])
            wanted = {name for value in values for name in asked_settings(value)}

    def _define(self, sources: Mapping[str, Source], names: set[str]) -> None:
        """Looks for what names are given."""
        found: dict[str, set[tuple[str, str | None]]] = {name: set() for name in names}
        named = rf"\b(?:{'|'.join(map(re.escape, sorted(names)))})\b"
        for path, source in sources.items():
            if not any(name in source.text for name in names) or re.search(named, source.text) is None:
                continue
            read = self._build.image.project.writes_in(source)
            settings = read.settings if read is not None else {}
            for name in names & settings.keys():
                found[name].update((value, self.place(path)) for value in settings[name])
        self.settings.update((name, frozenset(values)) for name, values in found.items())

    def place(self, path: str) -> str | None:
        """Where a file of the context arrives; None when that cannot be told."""
        return arrival_of(self._build, path)


def _configured(build: ImageBuild) -> Iterator[Write]:
    """What the files beside the code name: those of logging, and variables that the code reads from a `.env`."""
    paths = (path for path, closed in build.entries if not closed)
    files = [path for path in paths if re.fullmatch(_CONFIGURED, path.rpartition("/")[2])]
    for path in files[:_MOST_FILES]:
        source = build.text_of(path)
        text = source.text if source is not None else ""
        yield from (Write(one, folder=False, sure=True) for one in re.findall(_SETS_SQLITE, text))
        if _HANDLER in text:
            named = [one[0] or one[1] for one in re.findall(_HANDLED, text)]
            yield from (Write(UNTOLD if "$" in one or "%" in one else one, folder=False, sure=True) for one in named)


def _of_container(container: Container) -> Iterator[tuple[Write, None]]:
    """What the variables, the commands and the server's options of a container name."""
    for one in container.variables.values():
        found = re.fullmatch(rf"{_SQLITE}\S*", one.value or "")
        if found is not None:
            yield Write(found[1], folder=False, sure=True), None
    for program in container.programs:
        yield from ((one, None) for one in _of_program(program))
    for script in container.scripts:
        targets = (one.target for command in script.script.commands for one in command.redirects if ">" in one.operator)
        for target in targets:
            if target is not None and not (target.value or target.text).isdecimal() and target.value != "-":
                yield Write(target.value or UNTOLD, folder=False, sure=True), None
    options = container.server.options if container.server is not None else {}
    for name, value in options.items():
        if name in _OPTIONS and value.text not in ("", "-", "none", "None"):
            yield Write(value.text, folder=False, sure=True), None
    host = container.server.host if container.server is not None else None
    if host is not None and host.text.startswith("unix:"):
        yield Write(host.text.removeprefix("unix:"), folder=False, sure=True), None


def _of_program(program: Program) -> Iterator[Write]:
    """What a command is known to write to."""
    values = [one.value for one in program.argv[1:]]
    if program.name in _MAKES:
        for one in values:
            if one is None or not one.startswith("-"):
                yield Write(one or UNTOLD, folder=program.name == "mkdir", sure=True)
    elif program.name == "celery" and not {"beat", "-B", "--beat"}.isdisjoint(values):
        yield from _of_beat(values)


def _of_beat(values: list[str | None]) -> Iterator[Write]:
    """The schedule of `celery beat`: in the working directory, unless an option names another place or a scheduler
    that keeps it elsewhere.
    """
    words = " ".join(one if one is not None else UNTOLD for one in values)
    if re.search(r"(?<!\S)(?:-S|--scheduler)(?![\w-])(?![= ]\S*PersistentScheduler)", words) is not None:
        return
    named = re.search(r"(?<!\S)(?:-s|--schedule)(?:[= ]|(?=[/\w]))(\S+)", words)
    yield Write(named[1] if named is not None else "celerybeat-schedule", folder=False, sure=True)


def _places(
    write: Write, file: str | None, container: Container, code: _Code | None
) -> set[tuple[str, str | None]] | None:
    """The folders of a container that a path needs, each with the file in it; None when they cannot be told."""

    def variable(name: str) -> str | None:
        found = container.environment.get(name)
        plain = isinstance(found, Value) and re.search(r"[:,\s]", found.text) is None
        return found.text if plain and isinstance(found, Value) else None

    own = code.place(file) if code is not None and file is not None else None
    paths = resolved(write.path, own, variable, code.settings if code is not None else {})
    places: set[tuple[str, str | None]] = set()
    for path in paths or ():
        folder = folder_of(path, folder=write.folder)
        place = place_of(folder, container.directory) if folder is not None else None
        if place is None or re.fullmatch(r"[\w./+@-]+", place) is None:
            return None
        places.add((place, place_of(path, container.directory) if not write.folder and UNTOLD not in path else None))
    return places if paths is not None else None


def _is_root_s(container: Container) -> bool:
    """Whether a start does what only root may, or what changes files that cannot be told."""
    if any(program.name in _OF_ROOT for program in container.programs):
        return True
    return any(True for _ in container.docker_sockets) or _installs(container)


def _installs(container: Container) -> bool:
    """Whether a start by `uv run` installs something in front of the program, into an environment that is root's."""
    program = container.program
    if program is None or "uv run" not in program.wrappers:
        return False
    sync = container.runtime_sync
    if sync is None:
        image, where = container.image, container.start_span
        off = image is not None and (pair := image.environment.get("UV_NO_SYNC")) is not None and pair.value != "0"
        return not off and (where is None or "--no-sync" not in where.text)
    if sync.kind != "nothing" or sync.build is None:
        return True
    manifest = container.file_at(place_of("pyproject.toml", container.directory) or "")
    # the project itself is built anew when its manifest is younger
    return not isinstance(manifest, Placed) or "[build-system]" in manifest.text


def is_mounted_over(container: Container, places: Iterable[str]) -> bool:
    """Whether compose mounts something into a container that it may write to, and that nobody gives to its user: all
    but the code, single files of the project, and what is only read.
    """
    service = container.service
    if service is None:
        return False
    covers = {one.span: one.path for one in container.covers}
    return any(_is_written(container, mount, covers.get(mount.span), places) for mount in service.volumes)


def _is_written(container: Container, mount: Mount, path: str | None, places: Iterable[str]) -> bool:
    target = mount.target.intended if mount.target is not None else None
    kind = mount.type or mount.default_type
    if mount.read_only is True or kind in ("tmpfs", "image"):
        return False
    image = container.image
    if target is None or image is None or path is None or kind != "bind":
        return True
    target = clean(target)
    if any(f"{one}/".startswith(f"{target}/") for one in places):
        return True
    tree = image.project.tree
    if tree.is_file(path):
        return path.endswith(_STORES)
    return not any(True for one in image.project.index.python_files_from(f"{path}/" if path else ""))


def _sorted_out(image: Image, build: ImageBuild | None, places: Mapping[str, set[str]]) -> WrittenPlaces | None:
    """The folders that are given, none of them in another that is given whole; None where one is the system's, or a
    file that is written to comes with the image and would stay root's.
    """
    code = {one.directory for one in image.containers if one.directory is not None}
    if len(places) > _MOST or any(_is_system(one, code) for one in places):
        return None
    folders = build.python_directories if build is not None else ()
    for folder in folders:
        arrival = arrival_of(build, f"{folder}/x.py".lstrip("/")) if build is not None else None
        code.add(parent(arrival) if arrival is not None else "/")
    given = sorted(one for one in places if any(f"{below}/".startswith(f"{one}/") for below in code))
    brought = {file for one in given for file in places[one] if isinstance(image.file_at(file), Placed)}
    if brought or (places and _runs_code(image)):
        return None
    made: list[str] = []
    for one in sorted(places.keys() - set(given)):
        if not made or not one.startswith(f"{made[-1]}/"):
            made.append(one)
    return WrittenPlaces(tuple(given), tuple(made))


def _is_system(place: str, directories: Iterable[str]) -> bool:
    """Whether a folder is one of the system's, and none of the program's own below it."""
    own = any(f"{place}/".startswith(f"{one}/") for one in directories if one.count("/") > 1)
    return not own and (place == "/" or f"{place}/".startswith(_SYSTEM))


def arrival_of(build: ImageBuild, path: str) -> str | None:
    """Where a file of the context arrives; None when that cannot be told."""
    takers = build.takers(path)
    own = [one for one in takers if one.stage in build.image.lineage] or takers
    return own[-1].arrival(path) if own else None


def _runs_code(image: Image) -> bool:
    """Whether a RUN of the image runs the project's code, or its migrations: what that makes is root's."""
    for run in image.every(Run):
        script = run.command.script
        for command in script.commands if script is not None else ():
            words = " ".join(one or "" for one in command.argv[:3])
            if re.match(r"(?:\S*/)?(?:python[\d.]* (?!setup\.py|get-pip\.py)\S+\.py|alembic )", words) is not None:
                return True
    return False
