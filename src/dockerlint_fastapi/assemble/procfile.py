"""honcho, foreman and their like: the programs that a Procfile names."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.context.passage import place_of
from dockerlint_fastapi.model.files.image_files import Placed
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.command import Program
    from dockerlint_fastapi.model.container import Container

MANAGERS: Final = frozenset(("honcho", "foreman", "goreman", "overmind", "hivemind"))
_LINE: Final = r"(?m)^([A-Za-z0-9_-]+):[ \t]*(\S[^\n]*?)[ \t\r]*$"
_MOST: Final = 50  # lines that are followed
# Options with a value, by what they are: the file, its folder, the processes; any other is passed over.
_FILE: Final = frozenset(("-f", "--procfile"))
_FOLDER: Final = frozenset(("-d", "--app-root", "--root", "-basedir", "--basedir"))
_CHOICE: Final = frozenset(("-l", "--processes"))
_VALUED: Final = frozenset(
    "-e --env -p --port -c --concurrency -q --quiet -t --timeout -b -P --port-step -T --title".split()
)
_PLAIN: Final = frozenset(("--no-colour", "--no-color", "--no-prefix", "--color", "--colour", "--no-timestamp"))


class _Asked(NamedTuple):
    """What a manager is asked to start."""

    file: str
    folder: str | None
    names: frozenset[str]


def of_procfile(container: Container, program: Program, directory: str | None) -> tuple[Program, ...] | None:
    """What a process manager starts; None when that cannot be told. Of several servers none is the container's: they
    stand as in branches.
    """
    asked = _asked(program)
    if asked is None:
        return None
    folder = directory if asked.folder is None else place_of(asked.folder, directory)
    place = place_of(asked.file, folder)
    placed = container.file_at(place) if place is not None else None
    if not isinstance(placed, Placed):
        return None
    from dockerlint_fastapi.parsers.command import programs_of_script  # noqa: PLC0415 - few containers start one
    from dockerlint_fastapi.parsers.shell import parse_script  # noqa: PLC0415

    lines = [one for one in re.finditer(_LINE, placed.text) if not asked.names or one[1] in asked.names]
    if not lines or len(lines) > _MOST or (asked.names and {one[1] for one in lines} != asked.names):
        return None
    found: list[Program] = []
    for line in lines:
        at = line.start(2)
        script = parse_script(line[2], lambda start, end, at=at: placed.locate(at + start, at + end))  # type: ignore[misc]
        found += programs_of_script(script, "sh")
    servers = sum(one.role == "server" for one in found)
    return tuple(_within(one, program, conditional=servers > 1) for one in found) or None


def _within(one: Program, manager: Program, *, conditional: bool) -> Program:
    """A program as its manager runs it, which gives it `PORT` and what `.env` says."""
    return one._replace(
        wrappers=(*manager.wrappers, manager.name, *one.wrappers),
        moves=(*manager.moves, *one.moves),
        inherits=None,
        conditional=manager.conditional or conditional or one.conditional,
    )


def _asked(program: Program) -> _Asked | None:
    """What the words behind the manager say; None when one of them cannot be told."""
    file, folder, names = "Procfile", None, []
    words = [one.value for one in program.argv[1:]]
    started = program.name == "hivemind"
    at = 0
    while at < len(words):
        word = words[at]
        if word is None:
            return None
        name, equals, value = word.partition("=")
        at += 1
        if not word.startswith("-"):
            if not started and word in ("start", "s"):
                started = True
            elif not started:
                return None  # another task than to start
            elif program.name == "hivemind":
                file = word
            else:
                names.append(word)
            continue
        if name in _PLAIN:
            continue
        if name not in _FILE | _FOLDER | _CHOICE | _VALUED:
            return None
        given = value if equals else words[at] if at < len(words) else None
        at += not equals
        if given is None:
            return None
        if name in _FILE:
            file = given
        elif name in _FOLDER:
            folder = given
        elif name in _CHOICE:
            names += given.split(",")
        elif name in ("-c", "--concurrency") and program.name == "honcho":
            return None  # how many of each: none of some
    return _Asked(file, folder, frozenset(names)) if started else None
