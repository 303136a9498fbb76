"""What Python code writes to, as its text tells: paths that only a container completes.

A path is put together of what is written, and of marks: for the file that the code itself stands in, for a variable of
the environment, for a name that another module gives a value, and for what cannot be told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from dockerlint_fastapi.model.context.glob import clean
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

UNTOLD: Final = "\0"
OWN_FILE: Final = "\1"
SCRATCH: Final = "/tmp"  # noqa: S108 - where everybody may write
_VARIABLE: Final = "\2"
_SETTING: Final = "\3"
# Nothing is written where none of these stands.
_HINTS: Final = (
    r"\bopen\(|open_file\(|mkdir|makedirs|FileHandler|sqlite|write_text|write_bytes|\.touch\(|\.add\(|basicConfig|savefig"
    r"|imwrite|\.save\w*\(|\.to_\w+\(|PersistentClient|TinyDB|shelve|duckdb|lancedb|urlretrieve|\.dump\(|\.copy|\.move\("
    r"|clone_from|extractall|persist_directory|local_dir|cache_dir|cache_folder|download_root"
)
_MOST: Final = 8  # values of one path
_DEEPEST: Final = 6  # names that stand for names


class Write(NamedTuple):
    """One path that is written to. `folder` tells that it is a folder which is made or filled; `sure` that it is a path
    on the disk in any case: of what may be a stream or an object as well, an unknown one says nothing.
    """

    path: str
    folder: bool
    sure: bool


class CodeWrites(NamedTuple):
    """What a module writes to, and what its names and those of its classes and objects are given, as paths."""

    writes: tuple[Write, ...]
    settings: Mapping[str, tuple[str, ...]]


NOTHING: Final = CodeWrites((), {})


def may_write(text: str) -> bool:
    """Whether a Python text holds a word by which files are written."""
    return re.search(_HINTS, text) is not None


def from_variable(name: str, default: str | None) -> str:
    """The mark for a variable of the environment, with the default that the code has for it."""
    plain = default is not None and not re.search("[\0-\3]", default)
    return f"{_VARIABLE}{name}={default if plain else UNTOLD}{_VARIABLE}"


def setting(name: str) -> str:
    """The mark for the name of a setting, or of what another module gives a value."""
    return f"{_SETTING}{name}{_SETTING}"


def joined(*parts: str) -> str:
    """Paths behind each other; an absolute one begins anew."""
    path = ""
    for part in parts:
        path = part if not path or part.startswith(("/", OWN_FILE)) else f"{path}/{part}"
    return path


Known = Callable[[str], "str | None"]  # the value of a variable, "" when it is not set, None when that cannot be told
Given = Mapping[str, frozenset[tuple[str, "str | None"]]]  # what names are given, and the place of the file that does
_NAMED: Final = f"{_SETTING}([^{_SETTING}]*){_SETTING}"
_ASKED: Final = f"{_VARIABLE}([^={_VARIABLE}]*)=([^{_VARIABLE}]*){_VARIABLE}"


def asked_settings(path: str) -> frozenset[str]:
    """The settings that a path hangs on."""
    return frozenset(re.findall(_NAMED, path))


def resolved(path: str, own: str | None, variable: Known, settings: Given) -> frozenset[str] | None:
    """What a path may be, with UNTOLD for what cannot be told; None when it cannot be told where it begins. `own` is
    the place of the file that names it.
    """
    waiting = [(path, own, 0)]
    found: set[str] = set()
    while waiting:
        text, place, depth = waiting.pop()
        named = re.search(_NAMED, text)
        if named is None:
            text = re.sub(_ASKED, lambda one: variable(one[1]) or one[2], text)
            if OWN_FILE in text:
                if place is None or not text.startswith(OWN_FILE):
                    return None
                text = text.replace(OWN_FILE, place, 1)
            found.add(clean(text))
            continue
        chosen = variable(named[1].upper())
        values = {(chosen, place)} if chosen else settings.get(named[1], frozenset())
        if not values or depth >= _DEEPEST or len(found) + len(waiting) + len(values) > _MOST:
            return None
        for value, at in values:
            anew = value.startswith(("/", OWN_FILE))  # whatever stands in front of it
            rest = value + text[named.end() :]
            begun = at if value.startswith(OWN_FILE) else place
            waiting.append((rest if anew else text[: named.start()] + rest, begun, depth + 1))
    return frozenset(found)


def folder_of(path: str, *, folder: bool) -> str | None:
    """The folder that must be writable for a path: itself, or the one that the file lies in, up to what cannot be told;
    None when nothing of it can.
    """
    if UNTOLD not in path:
        return path if folder else clean(f"{path}/..")
    known = path[: path.index(UNTOLD)].rpartition("/")[0]
    return known or None
