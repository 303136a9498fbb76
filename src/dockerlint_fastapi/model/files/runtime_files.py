"""Files that a container reads when it starts: scripts, configuration files of servers and of alembic."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.model.command import SHELLS, Program, is_python
from dockerlint_fastapi.model.context.passage import place_of
from dockerlint_fastapi.model.files.image_files import Placed
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.context.passage import Passage
    from dockerlint_fastapi.model.dockerfile import Stage
    from dockerlint_fastapi.model.image import Image

# Options of servers that name a file, and what happens without it.
_SERVER_FILES: Final = {
    ("uvicorn", "log-config"): "`uvicorn` reads it at the start, and stops without it",
    ("fastapi", "log-config"): "`fastapi` reads it at the start, and stops without it",
    ("gunicorn", "config"): "`gunicorn` reads it at the start, and stops without it",
    ("gunicorn", "log-config"): "`gunicorn` reads it at the start, and stops without it",
    ("hypercorn", "config"): "`hypercorn` reads it at the start, and stops without it",
}
# A name that only a file has.
_FILE_NAME: Final = r"(?:\A|/)[^/.][^/]*\.(?:cfg|conf|env|ini|json|lock|md|py|sh|toml|txt|ya?ml)\Z"


class AbsentFile(NamedTuple):
    """A file that the start reads, and that is certainly not there."""

    place: str  # the absolute path in the container
    span: Span  # where it is named
    message: str
    found: Source | None  # a file of the project that is meant, as it seems


class _Need(NamedTuple):
    path: str
    program: Program
    span: Span
    message: str


def absent_files(container: Container) -> Iterator[AbsentFile]:
    """The files that the programs of a container need, and that are certainly not in it."""
    image = container.image
    if image is None:
        return
    lost = {one.need.place for build in image.builds for one in build.lost_files}
    told: set[str] = set()
    for need in _needs(container):
        directory = container.directory
        for move in need.program.moves:
            directory = place_of(move, directory)
        place = place_of(need.path, directory)
        if place is None or place in lost or place in told:
            continue
        if container.file_at(place) is None and not is_refused(image, place, image.stage):
            told.add(place)
            yield AbsentFile(place, need.span, need.message, _meant(container, need.path))
    yield from _absent_modules(container, image)


def _absent_modules(container: Container, image: Image) -> Iterator[AbsentFile]:
    """The modules that `python -m` is to run."""
    for program in container.programs:
        if program.conditional or "python -m" not in program.wrappers or not program.argv:
            continue
        from dockerlint_fastapi.model.application.started_module import absent_module  # noqa: PLC0415 - few programs

        found = absent_module(container, program)
        if found is not None and container.is_whole and not is_refused(image, found[1], image.stage):
            message = f"`python -m {found[0].value}` finds no such module, and stops"
            yield AbsentFile(found[1], found[0].span, message, None)


def is_refused(image: Image, place: str, stage: Stage) -> bool:
    """Whether a COPY that should have brought a file to a stage gets nothing, which is what is wrong then: its source
    is not there, or the ignore file leaves it out.
    """
    for build in image.builds:
        if not build.certain:
            continue
        for passage in image.passages:
            if not passage.copies or passage.stage not in stage.lineage or not _would_bring(passage, place):
                continue
            if build.unsent(passage) is not None or any(one is passage for one in build.missing):
                return True
    return False


def _would_bring(passage: Passage, place: str) -> bool:
    if passage.glob is None or passage.target is None:
        origin = passage.origin(place)
        # what is called `alembic.ini` is a file, and no folder with others in it, be it there or not
        alone = re.search(_FILE_NAME, passage.source or "") is not None
        return origin is not None and (origin == passage.source or not alone)
    folder, _, name = place.rpartition("/")
    beside = (passage.source or "").rpartition("/")[0]
    return folder == passage.target.rstrip("/") and passage.glob.matches(f"{beside}/{name}".lstrip("/"))


def _meant(container: Container, path: str) -> Source | None:
    """The file of the build context that a path means: the same one, or the only one of its name beside it."""
    image = container.image
    for build in image.builds if image is not None else ():
        relative = path.removeprefix("./").lstrip("/")
        for candidate in (relative, relative.rpartition("/")[2]):
            if build.certain and candidate and build.is_file(candidate):
                return build.text_of(candidate)
    return None


def _needs(container: Container) -> Iterator[_Need]:
    for script in container.scripts:  # one that lies elsewhere is read as well, as it is meant
        if not script.runner.conditional and script.runner.argv:
            yield from _of_script(script.runner)
    for program in container.programs:
        if program.conditional or not program.argv:
            continue
        yield from _of_script(program)
        if program.name == "alembic":
            yield from _of_alembic(container, program)
        elif program.name == "supervisord":
            named = _valued(program, "-c", "--configuration")
            if named is not None and named[0]:
                yield _Need(named[0], program, named[1], "`supervisord` reads it at the start, and stops without it")
    server = container.server
    if server is not None and not server.program.conditional and server.call is None:
        for (kind, option), message in _SERVER_FILES.items():
            value = server.options.get(option) if server.kind == kind else None
            if value is None or value.span is None or value.origin != "option":
                continue
            path = value.text.removeprefix("file:")
            if path and not path.startswith(("python:", "ini:")) and " " not in path:
                yield _Need(path, server.program, value.span, message)


def _of_script(program: Program) -> Iterator[_Need]:
    """The script that a shell or Python runs, or that is started itself."""
    first = program.argv[0]
    if program.name in SHELLS or is_python(program.name):
        path = program.script
        if path is None:
            return
        span = next((one.span for one in program.argv[1:] if one.value == path), program.span)
        yield _Need(path, program, span, f"`{program.name}` is to run it")
    elif first.value is not None and "/" in first.value and first.value.endswith((".sh", ".py")):
        yield _Need(first.value, program, first.span, "the container is to start it")


def _of_alembic(container: Container, program: Program) -> Iterator[_Need]:
    named = _valued(program, "-c", "--config")
    path, span = named if named is not None else ("alembic.ini", program.span)
    if not path:
        return
    directory = container.directory
    for move in program.moves:
        directory = place_of(move, directory)
    manifest = place_of("pyproject.toml", directory)
    project = container.file_at(manifest) if manifest is not None else None
    # Since 1.16 alembic also reads its settings from `[tool.alembic]`.
    if (
        named is None
        and project is not None
        and not (isinstance(project, Placed) and "tool.alembic" not in project.text)
    ):
        return
    if named is None and "ALEMBIC_CONFIG" in {*container.environment.values, *program.environment}:
        return
    yield _Need(path, program, span, "`alembic` reads it, and stops without it")


def _valued(program: Program, short: str, long: str) -> tuple[str | None, Span] | None:
    """The value of an option, None for one that cannot be told, and its place; None when it is not given."""
    for at, argument in enumerate(program.argv[1:], 1):
        value = argument.value
        if value is None:
            return None, argument.span
        if value in (short, long):
            following = program.argv[at + 1] if at + 1 < len(program.argv) else None
            return (following.value, following.span) if following is not None else (None, argument.span)
        if value.startswith(f"{long}="):
            return value.partition("=")[2], argument.span
    return None
