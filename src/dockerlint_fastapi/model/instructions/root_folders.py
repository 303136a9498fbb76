"""Folders of an image that stay root's: those that a build makes for the application, and what lies under `/root`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.model.context.passage import behind_workdirs, place_of
from dockerlint_fastapi.model.dockerfile import Env, Run, Transfer, Workdir
from dockerlint_fastapi.model.install.virtual_environments import expanded
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.shell import SimpleCommand

_HOME: Final = "/root/"
_DEEPEST: Final = 40  # folders within each other
# Made for the system, or for what is built: no application keeps its files there.
_SYSTEM: Final = tuple(
    f"/{name}/"
    for name in "bin boot dev etc home lib mnt opt proc root run sbin sys tmp usr var/cache var/lib/apt var/run".split()
)
_OPEN: Final = ("777", "0777", "1777", "a+w", "o+w", "ugo+rwx", "a+rwx")


class RootFolder(NamedTuple):
    """A folder that belongs to root, and where it is made or named."""

    path: str
    span: Span


def made_folders(image: Image) -> Iterator[RootFolder]:
    """The folders that RUNs of an image make and leave to root, and that nothing is copied into: the application writes
    there. Those that another user is given, that everybody may write to, or that are removed again are left out.
    """
    made: list[RootFolder] = []
    gone: set[str] = set()  # given away, or removed
    filled: set[str] = set()  # directories in which the application itself lies
    for stage in image.lineage:
        for one, workdir in behind_workdirs(image, stage):
            if isinstance(one, Workdir) and workdir is not None:
                filled.add(workdir)
            elif isinstance(one, Transfer):
                filled.add(place_of(one.destination.value, workdir) or "")
            elif isinstance(one, Run):
                made.extend(_made(image, one, workdir))
                gone.update(_given_away(one, workdir))
    full = {above for place in filled for above in _upwards(place)}
    told: set[str] = set()
    for folder in made:
        if folder.path not in told and folder.path not in full and gone.isdisjoint(_upwards(folder.path)):
            told.add(folder.path)
            yield folder


def closed_place(image: Image) -> Span | None:
    """Where an image first says that something which is run lies under `/root`, which no other user may enter: in PATH,
    as the target of a COPY, as the working directory, or by a step that installs it there.
    """
    for stage in image.lineage:
        for one, workdir in behind_workdirs(image, stage):
            if isinstance(one, Transfer) and (place_of(one.destination.value, workdir) or "").startswith(_HOME):
                return one.destination.span
            if isinstance(one, Env):
                found = next((pair for pair in one.pairs if pair.name == "PATH" and _HOME in pair.span.text), None)
                if found is not None:
                    return found.span
    if f"{image.directory}/".startswith(_HOME) and image.workdir is not None:
        return image.workdir.span
    from dockerlint_fastapi.model.install.root_home import closed_step  # noqa: PLC0415 - as a rule, few images get here

    return closed_step(image)


def _upwards(path: str) -> Iterator[str]:
    """A path and the folders that hold it, up to `""`; of one that is deeper than any real one, the first few."""
    for _ in range(_DEEPEST):
        yield path
        if not path:
            return
        path = path.rpartition("/")[0]


def _commands(run: Run, *names: str) -> Iterator[SimpleCommand]:
    script = run.command.script if any(name in run.command.text for name in names) else None
    return iter(script.simple(*names) if script is not None else ())


def _made(image: Image, run: Run, workdir: str | None) -> Iterator[RootFolder]:
    moved = next(_commands(run, "cd", "pushd"), None)
    for command in _commands(run, "mkdir"):
        if any(sign in (word or "") for word in command.argv for sign in _OPEN):
            continue
        for word in command.operands("-m", "--mode"):
            value = word.value if "$" not in word.text else _expanded(image, run, word.text)
            path = place_of(value, workdir if moved is None else None)
            if path is not None and not any(sign in path for sign in "{}$*?`\"' ") and not _is_system(path):
                yield RootFolder(path, word.span)


def _expanded(image: Image, run: Run, text: str) -> str | None:
    """A word of a RUN with its ENV and ARG variables; None where one of them is not known."""
    names = re.findall(r"\$(?:(\w+)|\{(\w+)\})", text)
    pairs = {name: image.variable(name, run) for one, other in names if (name := one or other)}
    return expanded(text, {name: pair.value for name, pair in pairs.items() if pair is not None})


def _is_system(path: str) -> bool:
    return f"{path}/".startswith(_SYSTEM) or path == "/"


def _given_away(run: Run, workdir: str | None) -> Iterator[str]:
    """The places that a RUN gives to somebody, opens to everybody, or removes; all of them, where that is not known."""
    for command in _commands(run, "chown", "chgrp", "chmod", "rm", "rmdir", "setfacl", "install"):
        if command.program == "chmod" and not any(word in _OPEN for word in command.argv):
            continue
        for word in command.argv[1:]:
            if word is None:
                yield ""  # any
            elif not word.startswith("-"):
                yield (place_of(word.rstrip("*").rstrip("/") or "/", workdir) or "").rstrip("/")
