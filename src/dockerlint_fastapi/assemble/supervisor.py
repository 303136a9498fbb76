"""supervisord: the programs that its configuration starts."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.context.passage import place_of
from dockerlint_fastapi.model.dockerfile import Run
from dockerlint_fastapi.model.files.image_files import Placed
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Final

    from dockerlint_fastapi.model.command import Argument, Program
    from dockerlint_fastapi.model.container import Container

# Where it looks for its configuration when none is named (supervisor/options.py).
_DEFAULTS: Final = ("/etc/supervisord.conf", "/etc/supervisor/supervisord.conf")
_DEBIAN: Final = "/etc/supervisor/conf.d"  # what the configuration of Debian's package includes
_MAX_PROGRAMS: Final = 50
_VARIABLE: Final = r"%\(ENV_(\w+)\)s"


def supervised(container: Container, program: Program, directory: str | None) -> tuple[Program, ...] | None:
    """What supervisord starts; None when its configuration cannot be read.

    Of several servers none is the container's: they stand as in branches.
    """
    files = _configurations(container, program, directory)
    lookup = _lookup(container, program)
    found = [one for placed in files for section in _sections(placed) for one in _programs(section, program, lookup)]
    servers = sum(one.role == "server" for one in found)
    return tuple(one._replace(conditional=servers > 1) for one in found) or None


def _configurations(container: Container, program: Program, directory: str | None) -> list[Placed]:
    """The files of its configuration: the one that is named or found, and what that includes. Debian's own, which the
    project does not have, includes all of `conf.d`.
    """
    named: str | None = None
    for at, argument in enumerate(program.argv[1:], 1):
        value = argument.value
        if value is None:
            return []
        if value in ("-c", "--configuration") and at + 1 < len(program.argv):
            named = program.argv[at + 1].value
        elif value.startswith("--configuration="):
            named = value.partition("=")[2]
        elif value.startswith("-c") and not value.startswith("--"):
            named = value[2:] or named
    place = place_of(named, directory) if named is not None else None
    answers = [container.file_at(one) for one in ((place,) if named is not None else _DEFAULTS) if one is not None]
    placed = next((one for one in answers if isinstance(one, Placed)), None)
    if placed is not None:
        return [placed, *_in_folder(container, _included(placed))]
    image = container.image
    installed = image is not None and any(
        "supervisor" in step.names for _, step in image.steps if step.manager == "apt"
    )
    return _in_folder(container, _DEBIAN) if installed and (named is None or place == _DEFAULTS[1]) else []


def _included(placed: Placed) -> str | None:
    """The folder of which a configuration includes all files: `files = /etc/supervisor/conf.d/*.conf`."""
    found = re.search(
        r"(?m)^[ \t]*\[include\][^\[]*?^[ \t]*files[ \t]*[=:][ \t]*(/[\w./-]+)/\*\.\w+[ \t]*$", placed.text
    )
    return found[1] if found is not None else None


def _in_folder(container: Container, folder: str | None) -> list[Placed]:
    """The files that the project's build puts into a folder of an image, by name."""
    image = container.image
    if folder is None or image is None:
        return []
    if container.service is not None and any(one.base and "$" in one.from_.image.text for one in image.lineage):
        return []  # which stage it is may hang on an argument of the service
    places: set[str] = set()
    for passage in image.passages:
        if passage.stage not in image.lineage or not passage.copies or passage.source is None:
            continue
        paths = [passage.source]
        for context in image.contexts:
            inside = f"{context}/{passage.source}".strip("/")
            paths += [f"{passage.source}/{name}".strip("/") for name in image.project.tree.names(inside)]
        arrivals = (passage.arrival(path) for path in paths if path.endswith((".conf", ".ini")))
        places.update(one for one in arrivals if one is not None and one.rpartition("/")[0] == folder)
    for run in image.every(Run):
        if folder in run.text:  # `cat > /etc/supervisor/conf.d/web.conf <<EOF`
            places.update(re.findall(rf"{re.escape(folder)}/[\w.-]+\.(?:conf|ini)\b", run.text))
    answers = (container.file_at(place) for place in sorted(places)[:_MAX_PROGRAMS])
    return [one for one in answers if isinstance(one, Placed)]


class _Section(dict[str, tuple[str, Span]]):
    """The keys of one `[program:x]`, each with its value and where that stands."""


def _sections(placed: Placed) -> Iterator[_Section]:
    """The programs of a configuration. `configparser` tells what is there; the places are found line by line."""
    import configparser  # noqa: PLC0415  # only where supervisord runs

    parser = configparser.RawConfigParser(inline_comment_prefixes=(";", " #"), strict=False, allow_no_value=True)
    try:
        parser.read_string(placed.text)
    except (configparser.Error, ValueError):
        return
    for name in parser.sections()[:_MAX_PROGRAMS]:
        if not name.startswith("program:"):
            continue
        header = re.search(rf"(?m)^[ \t]*\[{re.escape(name)}\]", placed.text)
        start = header.end() if header is not None else 0
        following = re.compile(r"(?m)^[ \t]*\[").search(placed.text, start)
        end = following.start() if following is not None else len(placed.text)
        section = _Section()
        for key, value in parser.items(name):
            written = re.compile(rf"(?mi)^[ \t]*{re.escape(key)}[ \t]*[=:][ \t]*").search(placed.text, start, end)
            text = " ".join((value or "").split())
            at = written.end() if written is not None else start
            line = placed.text.find("\n", at)
            stop = min(end, len(placed.text) if line < 0 else line)
            exact = placed.text.startswith(text, at)
            section[key] = (text, placed.locate(at, at + len(text) if exact else stop))
        yield section


def _lookup(container: Container, program: Program) -> Callable[[str], str | None]:
    """The value of a variable as supervisord finds it; None where it cannot be told, and of an env file."""
    from dockerlint_fastapi.model.command import Unknown  # noqa: PLC0415  # as above

    environment = container.environment.seen_by(program)

    def answer(name: str) -> str | None:
        one, found = container.variables.get(name), environment.get(name)
        if found is None or isinstance(found, Unknown) or (one is not None and one.origin == "env_file"):
            return None
        return found.text

    return answer


def _expanded(word: Argument, lookup: Callable[[str], str | None]) -> Argument:
    """A word of a command with its `%(ENV_NAME)s`; without a value where one of them is not known, nor anything else
    of the kind (supervisor/options.py, expand).
    """
    value = word.value
    if value is None or "%" not in value:
        return word
    found = {name: lookup(name) for name in re.findall(_VARIABLE, value)}
    rest = re.sub(_VARIABLE, "", value).replace("%%", "")
    if "%" in rest or None in found.values():
        return word._replace(value=None)
    return word._replace(value=re.sub(_VARIABLE, lambda one: found[one[1]] or "", value).replace("%%", "%"))


def _programs(section: _Section, program: Program, lookup: Callable[[str], str | None]) -> Iterator[Program]:
    """What one section starts: the words of its `command`, split as supervisord does."""
    from dockerlint_fastapi.model.command import Argument  # noqa: PLC0415  # as above
    from dockerlint_fastapi.parsers.command import programs_of  # noqa: PLC0415
    from dockerlint_fastapi.parsers.command.interpreters import command_words  # noqa: PLC0415

    command, span = section.get("command", ("", program.span))
    if not command or section.get("autostart", ("true", span))[0].lower() in ("false", "no", "off", "0"):
        return
    words: list[Argument] | None = command_words(Argument(command, command, span))
    if words is None:
        return
    group = section.get("stopasgroup", ("", span))[0].lower() in ("true", "yes", "on", "1")
    user = (
        "supervisord",
        *(("supervisord stopasgroup",) if group else ()),
        *(("setpriv",) if "user" in section else ()),
    )
    directory = (section["directory"][0],) if "directory" in section else ()
    for one in programs_of(tuple(_expanded(word, lookup) for word in words)):
        yield one._replace(
            wrappers=(*program.wrappers, *user, *one.wrappers),
            moves=(*program.moves, *directory, *one.moves),
            inherits=None if "environment" in section else one.inherits,
            conditional=program.conditional,
        )
