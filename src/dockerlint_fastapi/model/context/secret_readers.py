"""What names the secret files that a copy takes along: a start script that hands a key to `--ssl-keyfile`, a later COPY
from the stage, a RUN, the configuration of a server. Without the file nothing would be built, or start. So it is with
an environment that lies in the context, from which a container starts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from dockerlint_fastapi.model.context.env_reading import code_of, is_bare
from dockerlint_fastapi.model.context.stowaways import is_environment_file
from dockerlint_fastapi.model.dockerfile import Transfer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.context.image_build import ImageBuild
    from dockerlint_fastapi.source import Source, Span

_KEYWORDS: Final = frozenset(("RUN", "CMD", "ENTRYPOINT", "ENV", "HEALTHCHECK"))
# Files in which servers and libraries are told where their keys lie; Compose's own are read on the host.
_SETTINGS: Final = (".conf", ".cnf", ".cfg", ".ini", ".toml", ".yaml", ".yml", ".json", ".xml", ".properties")
_OF_THE_HOST: Final = (
    r"(?:\A|/)(?:(?:docker-)?compose[^/]*\.ya?ml|\.(?:github|gitlab|circleci|vscode|idea)/|\.pre-commit)"
)
_MOST: Final = 200  # of such files
_MOST_CHARACTERS: Final = 100_000
_MAKES: Final = r"(?:\A|[\s\"'&;|])make(?![\w.-])"
_INSTALLS: Final = r"\b(?:venv|virtualenv|uv|poetry|pdm|pipenv|hatch|conda)\b"
_DELETED: Final = r"\brm\s[^&|;]*\Z"


def reader_of(build: ImageBuild, path: str) -> Span | None:
    """Where a build step, a start or a configuration file in the image names a file of the context; None also where
    every service of the image mounts something at its place.
    """
    if path not in build.readers:
        build.readers[path] = None if _is_mounted_over(build, path) else next(_named(build, path), None)
    return build.readers[path]


def is_needed(build: ImageBuild, path: str) -> bool:
    """Whether something in the image certainly reads a file of the context, and nothing else brings it: what
    `reader_of` finds, code that speaks of it by its name, or that loads the `.env` of a service without variables.
    """
    if path not in build.needed:
        build.needed[path] = reader_of(build, path) is not None or _is_loaded(build, path)
    return build.needed[path]


def is_of_build(build: ImageBuild, reader: Span) -> bool:
    """Whether a place lies in a RUN: what reads there is a step of the build, and gone before anything starts."""
    return any(one.source is reader.source and one.start <= reader.start < one.end for one in _runs(build))


def _is_loaded(build: ImageBuild, path: str) -> bool:
    name = path.rpartition("/")[2]
    if not is_environment_file(name.lower()):
        said = any(name in _words(source) for _, source in code_of(build))
        return said and not _is_mounted_over(build, path) and build.reads_any([path])
    services = [one for one in build.image.containers if one.service is not None]
    if not any(map(is_bare, services)):
        return False
    return build.reads_any([path]) or (name == ".env" and build.reads_env_file)


def is_started(build: ImageBuild, path: str) -> bool:
    """Whether a start names a virtual environment that lies in the context, and no step of the build makes one."""
    name = path.rpartition("/")[2]
    key = f"{name}/"  # of all environments of that name
    if key not in build.needed:
        found = _by_word(build).get(name, ())
        said = rf"(?<![\w.-]){re.escape(name)}/"
        named = any(True for span in found for _ in _places(span.text, said))
        build.needed[key] = named and not any(re.search(_INSTALLS, span.text) for span in _runs(build))
    return build.needed[key]


def _runs(build: ImageBuild) -> Iterator[Span]:
    stages = (*build.image.lineage, *build.image.builders)
    return (one.span for stage in stages for one in stage.instructions if one.keyword == "RUN")


def _named(build: ImageBuild, path: str) -> Iterator[Span]:
    name = path.rpartition("/")[2]
    said = rf"(?<![\w.-]){re.escape(name)}(?![\w-]|\.\w)"
    for span in _by_word(build).get(name, ()):
        for start, end in _places(span.text, said):
            yield span.source.span(span.start + start, span.start + end)
    for container in build.image.containers:
        for script in container.scripts:
            if script.placed.path is not None and name in script.placed.text:  # else it stands in an instruction
                for start, end in _places(script.placed.text, said):
                    yield script.placed.locate(start, end)
    if any(re.search(_MAKES, span.text) for span in _commands(build)) and (source := build.text_of("Makefile")):
        for start, end in _places(source.text[:_MOST_CHARACTERS], said):
            yield source.span(start, end)
    if is_environment_file(name.lower()):
        return  # which a `compose.yaml` names, and whatever runs outside
    for other in islice(_settings(build), _MOST):
        source = build.text_of(other)
        if source is not None and name in _words(source):
            for start, end in _places(source.text[:_MOST_CHARACTERS], said):
                yield source.span(start, end)


def _words(source: Source) -> frozenset[str]:
    """What may be names of files in a text; many builds ask the same of it."""
    known = source.parsed.get("names of files")
    if not isinstance(known, frozenset):
        source.parsed["names of files"] = known = frozenset(_names_in(source.text[:_MOST_CHARACTERS]))
    return known


def _names_in(text: str) -> Iterator[str]:
    for found in re.findall(r"[\w.-]+", text):
        yield found
        if found.endswith("."):
            yield found.rstrip(".")


def _by_word(build: ImageBuild) -> dict[str, list[Span]]:
    """The instructions and the like that may read what is copied, by what may be names of files in them."""
    if build.commands is None:
        build.commands = {}
        for span in _commands(build):
            for name in frozenset(_names_in(span.text)):
                build.commands.setdefault(name, []).append(span)
    return build.commands


def _commands(build: ImageBuild) -> Iterator[Span]:
    """The instructions that may read what is copied, and what services start and set."""
    image = build.image
    for stage in (*image.lineage, *image.builders):
        for one in stage.instructions:
            if one.keyword in _KEYWORDS or (isinstance(one, Transfer) and one.from_ is not None):
                yield one.span
    for container in image.containers:
        if container.service is not None:
            if container.start is None and container.start_span is not None:
                yield container.start_span
            yield from (one.value_span for one in container.service.environment)


def _settings(build: ImageBuild) -> Iterator[str]:
    for path, closed in build.entries:
        if not closed and path.endswith(_SETTINGS) and re.search(_OF_THE_HOST, path) is None:
            yield path


def _places(text: str, said: str) -> Iterator[tuple[int, int]]:
    """Where an expression is found, but in comments and among what `rm` deletes."""
    for found in re.finditer(said, text):
        before = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
        if not before.lstrip().startswith(("#", ";", "//")) and re.search(_DELETED, before) is None:
            yield found.start(), found.end()


def _is_mounted_over(build: ImageBuild, path: str) -> bool:
    """Whether every service of the image mounts something at the place of a file that is copied, or above it."""
    services = [one.service for one in build.image.containers if one.service is not None]
    places = {place for one in build.takers(path) if (place := one.arrival(path)) is not None}
    if not services or not places:
        return False
    return all(
        any(
            f"{place}/".startswith(f"{(one.target.value or one.target.text).rstrip('/')}/")
            for one in service.volumes
            if one.target is not None
            for place in places
        )
        for service in services
    )
