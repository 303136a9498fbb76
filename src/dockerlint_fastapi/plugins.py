"""Rules that installed packages bring: entry points of the group `dockerlint_fastapi.rules`.

An entry point names a package whose folder holds rules, a page and a function each; they come through `load_rules` like
everyone's. Which there are is read from the metadata beside the packages, as `importlib.metadata` would tell it: that
one costs more to import than a Dockerfile costs to lint. The package itself is found, but not imported.
"""

from __future__ import annotations

import os
import sys
from _frozen_importlib_external import PathFinder  # `importlib` imports what no run needs: see `bytecode`

from dockerlint_fastapi import rule as door
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.rule import RuleError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dockerlint_fastapi.rule import Rule

GROUP = "dockerlint_fastapi.rules"
_READING = os.O_RDONLY | getattr(os, "O_BINARY", 0)
_WITHOUT = "; `--no-plugins` leaves installed rules out"


class EntryPoint(NamedTuple):
    """One entry point of the group: its name, what it names, and the folder of metadata that says so."""

    name: str
    value: str
    metadata: str

    @property
    def distribution(self) -> str:
        """The distribution that brings it, with its version: `acme-dlf-rules 0.1.0`."""
        fields = _fields(self.metadata)
        stem, _, version = os.path.basename(self.metadata).rpartition(".")[0].partition("-")
        return f"{fields.get('name') or stem} {fields.get('version') or version.split('-')[0]}".strip()


class Plugin(NamedTuple):
    """A folder of rules that an installed distribution brings."""

    entry_point: EntryPoint
    folder: str

    @property
    def shown(self) -> str:
        """How messages name it."""
        return f"the plugin {self.entry_point.distribution} (entry point `{self.entry_point.name}`)"


def entry_points(path: Sequence[str] | None = None) -> tuple[EntryPoint, ...]:
    """The entry points of the group in the directories of a path (`sys.path` unless given), sorted.

    Of two distributions of one name the first on the path counts. The working directory is passed over, should it be
    on the path: what lies there is linted, and never run.
    """
    here, group = os.getcwd(), GROUP.encode()
    seen: list[str] = []  # the folders of metadata so far, in order
    found: list[EntryPoint] = []
    for directory in dict.fromkeys(sys.path if path is None else path):
        if not os.path.isabs(directory) or directory == here:
            continue
        for metadata in _metadata(directory):
            # Most have no such file, and of those that have one nearly none names the group.
            data = _data(f"{metadata}{os.sep}entry_points.txt")
            if group in data and (own := list(_group(_text(data)))):
                name = _normalized(metadata)
                if all(_normalized(one) != name for one in seen):
                    found += [EntryPoint(key, value, metadata) for key, value in own]
            seen.append(metadata)
    return tuple(sorted(found))


def _fields(metadata: str) -> dict[str, str]:
    """What a folder of metadata says of its distribution, by the lower case names of the fields."""
    fields: dict[str, str] = {}
    for file in ("METADATA", "PKG-INFO"):
        for line in _text(_data(os.path.join(metadata, file))).split("\n\n", 1)[0].split("\n"):
            key, _, value = line.partition(":")
            fields.setdefault(key.lower(), value.strip())
    return fields


def _metadata(directory: str) -> list[str]:
    """The folders of metadata in one directory of the path; none where it is an archive, or is not there."""
    try:
        names = os.listdir(directory)
    except OSError:
        return []
    endings = (".dist-info", ".egg-info")
    found = [f"{directory}{os.sep}{name}" for name in names if name.lower().endswith(endings)]
    if directory.lower().endswith(".egg") and "EGG-INFO" in names:
        found.append(os.path.join(directory, "EGG-INFO"))
    return found


def _normalized(metadata: str) -> str:
    """The name of a distribution by the folder of its metadata, however it is spelled there."""
    stem = os.path.basename(metadata).rpartition(".")[0].partition("-")[0] or _fields(metadata).get("name", "")
    return "_".join(part for part in stem.lower().replace("-", "_").replace(".", "_").split("_") if part)


def _data(path: str) -> bytes:
    """What a small file holds; nothing where there is none that can be read. Not `open`, which costs twice as much."""
    try:
        file = os.open(path, _READING)
    except OSError:
        return b""
    try:
        data = b""
        while block := os.read(file, 65536):
            data += block
    except OSError:
        return b""
    finally:
        os.close(file)
    return data


def _text(data: bytes) -> str:
    """The text of a file of metadata."""
    return data.decode("utf-8", "replace").replace("\r\n", "\n")


def _group(text: str) -> Iterator[tuple[str, str]]:
    """Name and value of each entry point of the group in an `entry_points.txt`."""
    section = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            section = line.strip("[]")
        elif section == GROUP and line and not line.startswith("#"):
            name, _, value = line.partition("=")
            yield name.strip(), value.strip()


def plugins(path: Sequence[str] | None = None) -> tuple[Plugin, ...]:
    """Every folder of rules that installed packages bring. Raises RuleError for one that is not there."""
    return tuple(Plugin(one, folder) for one in entry_points(path) for folder in _folders(one))


def _folders(one: EntryPoint) -> list[str]:
    """The folders of the package that an entry point names: one, or several of a package without `__init__.py`."""
    where: Sequence[str] | None = None
    full = ""
    for part in one.value.split("."):
        full = f"{full}.{part}" if full else part
        try:
            where = _search(full, where) if part.isidentifier() else None
        except Exception as error:  # a finder of an editable install may break
            raise _broken(one, f"`{full}` cannot be found: {type(error).__name__}: {error}") from error
        if where is None:
            raise _broken(
                one, f"`{one.value}` is no package: an entry point names the package whose folder holds rules"
            )
    return list(where or ())


def _search(package: str, where: Sequence[str] | None) -> Sequence[str] | None:
    """The folders of a package, without importing it or what it lies in; None where it is a module, or nothing."""
    if where is not None:
        # By its last name, as a package at the top of where it lies is found: one without `__init__.py` would have what
        # it lies in looked up among the imported modules else.
        spec = PathFinder.find_spec(package.rpartition(".")[2], where)
        if spec is not None:
            return spec.submodule_search_locations
    for finder in sys.meta_path:
        spec = finder.find_spec(package, where, None)
        if spec is not None:
            return spec.submodule_search_locations
    return None


def _broken(one: EntryPoint, what: str) -> RuleError:
    return RuleError(f"the plugin {one.distribution} (entry point `{one.name} = {one.value}`): {what}{_WITHOUT}")


def load(directories: Sequence[str] = (), *, installed: bool = True) -> tuple[Rule, ...]:
    """The built-in rules, those of installed packages, and those of further folders. Raises RuleError, which names the
    distribution where a plugin is at fault.
    """
    given = {os.path.realpath(directory) for directory in directories}
    # A package that is developed is installed and named by `--rules` too: its rules are there once.
    own = {real: one for one in (plugins() if installed else ()) if (real := os.path.realpath(one.folder)) not in given}
    if not own:
        return door.load_rules(directories)
    try:
        return door.load_rules((*(one.folder for one in own.values()), *directories))
    except RuleError as error:
        raise RuleError(_told(str(error), tuple(own.values()))) from error


def _told(message: str, own: Sequence[Plugin]) -> str:
    """A message of `load_rules` with the plugins that it speaks of."""
    speaks = [(message.find(one.folder + os.sep), one) for one in own]
    speaks = sorted(pair for pair in speaks if pair[0] >= 0)
    first = f"{speaks[0][1].shown}: " if speaks and speaks[0][0] == 0 else ""
    others = "".join(f", of {one.shown}" for at, one in speaks if at > 0)
    # An empty folder, or one that cannot be read, is named without anything in it.
    if not speaks:
        first = next((f"{one.shown}: " for one in own if message.startswith(one.folder)), "")
    return f"{first}{message}{others}{_WITHOUT if first or others else ''}"


def origin(rule: Rule, known: Sequence[Plugin]) -> str:
    """Where a rule is from: `built-in`, a distribution such as `acme-dlf-rules 0.1.0`, or its folder."""
    folder = os.path.dirname(rule.page_path)
    if rule.built_in:
        return "built-in"
    return next((one.entry_point.distribution for one in known if one.folder == folder), folder)
