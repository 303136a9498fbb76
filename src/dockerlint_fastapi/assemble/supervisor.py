"""supervisord: the programs that its configuration starts."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.context.passage import place_of
from dockerlint_fastapi.model.files.image_files import Placed
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from dockerlint_fastapi.model.command import Argument, Program
    from dockerlint_fastapi.model.container import Container

# Where it looks for its configuration when none is named (supervisor/options.py).
_DEFAULTS: Final = ("/etc/supervisord.conf", "/etc/supervisor/supervisord.conf")
_MAX_PROGRAMS: Final = 50


def supervised(container: Container, program: Program, directory: str | None) -> tuple[Program, ...] | None:
    """What supervisord starts; None when its configuration cannot be read.

    Of several servers none is the container's: they stand as in branches.
    """
    placed = _configuration(container, program, directory)
    if placed is None:
        return None
    found = [one for section in _sections(placed) for one in _programs(section, program)]
    servers = sum(one.role == "server" for one in found)
    return tuple(one._replace(conditional=servers > 1) for one in found) or None


def _configuration(container: Container, program: Program, directory: str | None) -> Placed | None:
    named: str | None = None
    for at, argument in enumerate(program.argv[1:], 1):
        value = argument.value
        if value is None:
            return None
        if value in ("-c", "--configuration") and at + 1 < len(program.argv):
            named = program.argv[at + 1].value
        elif value.startswith("--configuration="):
            named = value.partition("=")[2]
        elif value.startswith("-c") and not value.startswith("--"):
            named = value[2:] or named
    if named is not None:
        place = place_of(named, directory)
        found = container.file_at(place) if place is not None else None
        return found if isinstance(found, Placed) else None
    answers = [container.file_at(place) for place in _DEFAULTS]
    return next((one for one in answers if isinstance(one, Placed)), None)


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


def _programs(section: _Section, program: Program) -> Iterator[Program]:
    """What one section starts: the words of its `command`, split as supervisord does."""
    from dockerlint_fastapi.model.command import Argument  # noqa: PLC0415  # as above
    from dockerlint_fastapi.parsers.command import programs_of  # noqa: PLC0415
    from dockerlint_fastapi.parsers.command.interpreters import command_words  # noqa: PLC0415

    command, span = section.get("command", ("", program.span))
    if not command or section.get("autostart", ("true", span))[0].lower() in ("false", "no", "off", "0"):
        return
    text = None if "%(" in command else command
    words: list[Argument] | None = command_words(Argument(text, command, span))
    if words is None:
        return
    user = ("supervisord", "setpriv") if "user" in section else ("supervisord",)
    directory = (section["directory"][0],) if "directory" in section else ()
    for one in programs_of(tuple(words)):
        yield one._replace(
            wrappers=(*program.wrappers, *user, *one.wrappers),
            moves=(*program.moves, *directory, *one.moves),
            inherits=None if "environment" in section else one.inherits,
            conditional=program.conditional,
        )
