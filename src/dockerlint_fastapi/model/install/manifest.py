"""What files say is to be installed: requirements, projects and lock files, each entry with its place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

_SEPARATORS = pattern(r"[-_.]+")
# What a requirements file in UTF-16 begins with, as PowerShell writes it, and as `Source` has the bytes: pip goes by
# that mark (pip/_internal/utils/encoding.py), so whoever looks for names in such a file does.
_MARKS = (("\udcff\udcfe", "utf-16-le"), ("\udcfe\udcff", "utf-16-be"))


@lru_cache(maxsize=4096)
def normal_name(name: str) -> str:
    """A distribution's name as PEP 503 compares it: lower case, `-` for any run of `-`, `_` and `.`."""
    return _SEPARATORS.sub("-", name.strip()).lower()


class Requirement(NamedTuple):
    """A distribution that is asked for."""

    name: str  # normalised
    extras: frozenset[str]  # normalised
    specifier: str  # PEP 440, "" for any version
    marker: str | None  # PEP 508, None for always
    direct: bool  # from a URL, a repository or a folder: what it is, no index says
    span: Span
    place: str | None = None  # a folder beside the file, as written, when it comes from there
    frozen: bool = False  # it stands in what `pip freeze` wrote, beside all that it brings

    @property
    def version(self) -> str | None:
        """The one version that it allows (`==1.2`), else None."""
        found = re.fullmatch(r"\s*===?\s*([^\s,*;]+)\s*", self.specifier)
        return found[1] if found else None


class Reference(NamedTuple):
    """Another file or folder that a requirements file names (`-r`, `-c`, `-e`, a path); None where it is no path."""

    path: str | None
    extras: frozenset[str]
    span: Span


class RequirementsFile(NamedTuple):
    """A file in pip's format. `complete` is False when a line asks for what cannot be told."""

    requirements: tuple[Requirement, ...]
    includes: tuple[Reference, ...]  # -r
    constraints: tuple[Reference, ...]  # -c
    folders: tuple[Reference, ...]  # -e and plain paths
    unread: tuple[Span, ...]  # lines that ask for something that cannot be told
    hashed: bool  # every requirement has hashes: pip then refuses what is not listed
    compiled: bool  # written by a resolver with everything that is needed

    @property
    def closed(self) -> bool:
        """Whether nothing is installed but what it lists."""
        pinned = all(one.version is not None for one in self.requirements)
        return bool(self.requirements) and pinned and (self.hashed or self.compiled) and not self.folders


class PythonBound(NamedTuple):
    """Which Python versions a project allows: PEP 440 (Poetry's carets translated), as written, and where."""

    specifier: str
    text: str
    key: str  # `requires-python`, `python`, `python_version`, `python_full_version`
    span: Span


class HatchEnvironment(NamedTuple):
    """An environment that Hatch makes, what its template says joined (`[tool.hatch.envs.NAME]`)."""

    name: str
    requirements: tuple[Requirement, ...] = ()  # of its own: `dependencies` and `extra-dependencies`
    features: tuple[str, ...] = ()  # extras of the project, normalised
    groups: tuple[str, ...] = ()  # dependency groups of the project, normalised
    project: bool = True  # the project itself goes in, and with it its dependencies (no `skip-install`)
    installer: str = "pip"
    path: str = ""  # where it lies, when that is said
    locked: bool = False  # from a `pylock.toml`, by Hatch 1.17 and later
    complete: bool = True  # False for a matrix, another type than `virtual`, and what cannot be read


class ProjectFile(NamedTuple):
    """A pyproject.toml, setup.cfg, setup.py or Pipfile: what a project needs.

    `dependencies` is None when something else says them (`dynamic`, code). A group or an extra that cannot be read is
    missing from its mapping, with `complete` False.
    """

    name: str | None  # normalised
    python: PythonBound | None
    dependencies: tuple[Requirement, ...] | None
    extras: Mapping[str, tuple[Requirement, ...]]
    groups: Mapping[str, tuple[Requirement, ...]]
    default_groups: tuple[str, ...]  # those that its installer takes when nothing is said
    complete: bool
    members: bool = False  # it is the root of a workspace
    package: bool = True  # the project itself is installed
    dependency_files: tuple[str, ...] = ()  # requirements files that hold the dependencies (setuptools, `dynamic`)
    parts: tuple[tuple[str, ...], ...] = ()  # what Poetry makes the project itself of: one path of each must be there
    environments: Mapping[str, HatchEnvironment] | None = None  # those of Hatch; None when they cannot be told


class Group(NamedTuple):
    """A dependency group, or an extra, that an installer takes besides a project's dependencies; of Hatch all that an
    environment asks for itself.
    """

    name: str  # normalised; `dev-packages` for Pipenv's
    requirements: tuple[Requirement, ...]
    kind: str = ""  # `environment` for Hatch's


class Locked(NamedTuple):
    """A distribution in a lock file."""

    name: str  # normalised
    version: str | None
    dependencies: tuple[Requirement, ...]
    extras: Mapping[str, tuple[Requirement, ...]]
    groups: Mapping[str, tuple[Requirement, ...]]  # of a project of the workspace: its dependency groups
    folder: str | None  # where it lies in the workspace, when it is a project of it; "." for the root
    marker: str | None
    span: Span


class Lock(NamedTuple):
    """A lock file. `flat` ones list what is installed, by group, and not what needs what."""

    kind: str  # uv, poetry, pdm, pylock, pipenv
    packages: Mapping[str, tuple[Locked, ...]]
    flat: Mapping[str, tuple[Requirement, ...]] | None = None

    @property
    def roots(self) -> tuple[Locked, ...]:
        """The projects of the workspace."""
        return tuple(one for found in self.packages.values() for one in found if one.folder is not None)


class CondaEnvironment(NamedTuple):
    """A conda environment file: the names from channels, and what pip is to install."""

    names: tuple[Requirement, ...]
    requirements: tuple[Requirement, ...]
    complete: bool


def plain(text: str) -> str:
    """What a file in UTF-16 says; any other text as it is."""
    return decoded(text)[0]


def decoded(text: str) -> tuple[str, list[int] | None]:
    """What a file in UTF-16 says, with the offset of each of its characters in `text`; any other text as it is."""
    for mark, encoding in _MARKS:
        if text.startswith(mark):
            found = text.encode("utf-8", "surrogateescape")[2:].decode(encoding, "replace")
            if found.isascii() and len(text) == 2 + 2 * len(found):
                return found, [2 + 2 * at for at in range(len(found))]
            return found, _places(text, found)
    return text, None


def _places(text: str, found: str) -> list[int]:
    """Where in `text`, which was read as UTF-8, each character of what it is in UTF-16 begins."""
    of_bytes: list[int] = []
    for at, character in enumerate(text):
        of_bytes += [at] * len(character.encode("utf-8", "surrogateescape"))
    places: list[int] = []
    byte = 2  # behind the mark
    for character in found:
        places.append(of_bytes[min(byte, len(of_bytes) - 1)])
        byte += 4 if character > "\uffff" else 2
    return places
