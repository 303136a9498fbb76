"""What a Python environment has installed, by distribution: there, certainly not there, or cannot tell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.command import UNKNOWN, Unknown
from dockerlint_fastapi.model.install.manifest import normal_name
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.dockerfile import Run, Stage
    from dockerlint_fastapi.model.files.image_files import Answer
    from dockerlint_fastapi.model.install import Step
    from dockerlint_fastapi.model.install.manifest import Group, HatchEnvironment, ProjectFile
    from dockerlint_fastapi.model.install.python_versions import VersionMismatch

_VERSION = r"([0-9]{1,6})(?:\.([0-9]{1,6}))?"
_BOUND = r"(<=?|~=|==(?=.*\.\*\Z))[ \t]*" + _VERSION + r"(?:\.([0-9]{1,6}))?(?:\.\*|[.0-9]{0,40})"


class Distribution(NamedTuple):
    """An installed distribution."""

    name: str  # normalised
    version: str | None  # when it is pinned or locked
    specifier: str  # what its requirement says otherwise
    extras: frozenset[str]  # those that were asked for
    span: Span  # the requirement, lock entry or word of a RUN that brings it
    via: str | None = None  # the distribution that needs it; None when it is asked for by name

    def older_than(self, major: int, minor: int) -> bool:
        """Whether it is pinned, locked or bounded to versions below `major.minor`; False where that is not known."""
        match = re.match(_VERSION, self.version or "", re.ASCII)
        if match is not None:
            return (int(match[1]), int(match[2] or 0)) < (major, minor)
        return any(bound <= (major, minor) for bound in bounds(self.specifier))


def bounds(specifier: str) -> Iterator[tuple[int, int]]:
    """The first `major.minor` that each part of a specifier keeps out, with all behind it (PEP 440)."""
    for part in specifier.split(","):
        found = re.fullmatch(_BOUND, part.strip(), re.ASCII)
        if found is None:
            continue
        sign, first, second, third = found[1], int(found[2]), int(found[3] or 0), found[4]
        if sign == "~=" and third is None:
            yield first + 1, 0
        elif sign == "<" and not int(third or 0):
            yield first, second
        else:  # `<0.30.1`, `<=0.29`, `~=0.29.1`, `==0.29.*`
            yield (first, second + 1) if found[3] else (first + 1, 0)


class Doubt(NamedTuple):
    """Why there may be more installed than is known, and where that shows."""

    reason: str
    span: Span | None
    brought: str | None = None  # the distribution from an index of which it is not known what it brings
    frozen: bool = False  # what it brings should stand beside it: see `Requirement.frozen`


_BROUGHT: dict[bool, dict[str, tuple[str, ...]]] = {}


def _brought(*, rare: bool) -> dict[str, tuple[str, ...]]:
    """The distributions that bring each module of the table of needs; with `rare` only modules that others hardly bring
    along.
    """
    if rare not in _BROUGHT:
        facts = table("needed_distributions")
        found = {module: tuple(words.split()) for module, words in facts["imports"].items()}
        _BROUGHT[rare] = {
            module: names for module, names in found.items() if not rare or facts["rare"].keys() >= {*names}
        }
    return _BROUGHT[rare]


class Distributions:
    """A set of distributions, three-way.

    `possible` are those that may be there (in a branch of a RUN, under a marker that depends on the machine).
    With any `doubts` a distribution that is not named may be there all the same. `followed` holds the names whose
    absence is known though no lock file lists everything; None when every name is known.
    """

    __slots__ = ("_unlikely", "doubts", "followed", "found", "possible")

    def __init__(
        self,
        found: Mapping[str, Distribution] | None = None,
        *,
        possible: Iterable[str] = (),
        doubts: Iterable[Doubt] = (),
        followed: frozenset[str] | None = None,
    ) -> None:
        self.found: Mapping[str, Distribution] = {} if found is None else found
        self.possible = frozenset(possible)
        self.doubts = tuple(doubts)
        self.followed = followed
        self._unlikely: frozenset[str] | None = None

    def __repr__(self) -> str:
        return f"Distributions({sorted(self.found)}, possible={sorted(self.possible)}, doubts={self.doubts!r})"

    def __iter__(self) -> Iterator[Distribution]:
        """Those that are certainly there."""
        return iter(self.found.values())

    def get(self, name: str) -> Distribution | Unknown | None:
        """The distribution of a name; None when it is certainly not installed; UNKNOWN when that cannot be told."""
        name = normal_name(name)
        found = self.found.get(name)
        if found is not None:
            return found
        if name in self.possible or self.doubts:
            return UNKNOWN
        return None if self.followed is None or name in self.followed else UNKNOWN

    def hardly_has(self, name: str) -> bool:
        """Whether a distribution is not there, but for what distributions bring of which that is not known: these are
        named, from an index, and stand in a list of everything, or none is of the few that bring it (`rare` in the
        table of needs).
        """
        name = normal_name(name)
        if name in self.found or name in self.possible or (self.followed is not None and name not in self.followed):
            return False
        unlisted = [one for one in self.doubts if not one.frozen]
        bringers = table("needed_distributions")["rare"].get(name) if unlisted else ""
        if bringers is None or any(one.brought is None for one in unlisted):
            return False
        return not any(re.search(bringers, one.brought or "") for one in unlisted)

    def unlikely_imports(self) -> frozenset[str]:
        """The modules of the table of needs of which it has none of the distributions that bring them, but for what
        `hardly_has` leaves open.
        """
        if self._unlikely is None:
            brought = _brought(rare=any(not one.frozen for one in self.doubts))
            self._unlikely = frozenset(
                module for module, names in brought.items() if all(self.hardly_has(name) for name in names)
            )
        return self._unlikely

    def joined(self, *others: Distributions) -> Distributions:
        """What all hold together; of a name that several have, what the first of them has."""
        followed = self.followed
        found: dict[str, Distribution] = {}
        doubts = dict.fromkeys(self.doubts)
        for other in others:
            if other.followed is not None:
                followed = other.followed if followed is None else followed & other.followed
            doubts.update(dict.fromkeys(other.doubts))
        for one in (*reversed(others), self):
            found.update(one.found)
        return Distributions(
            found, possible=self.possible.union(*(one.possible for one in others)), doubts=doubts, followed=followed
        )

    @property
    def uncertain(self) -> Distributions:
        """The same as something that may be there or not."""
        return Distributions({}, possible=self.possible.union(self.found), doubts=self.doubts, followed=self.followed)


NOTHING = Distributions()


# What an installer reads when it installs a project.
_MANIFESTS = {**dict.fromkeys(("uv", "poetry", "pdm", "hatch"), "pyproject.toml"), "pipenv": "Pipfile"}


class Installation(NamedTuple):
    """A step of a RUN that installs distributions, with what it installs."""

    stage: Stage
    run: Run
    step: Step
    python: str | None  # the minor version of Python that it installs for (`3.12`); None when it cannot be told
    directory: str | None  # the working directory of its command, or of the project that it names
    contents: Distributions
    projects: tuple[ProjectFile, ...]  # the projects that it installs, or whose dependencies
    exact: bool  # only what a lock file lists
    place: str | None = None  # the directory of the environment that it works on; None when it cannot be told
    find: Callable[[str], Answer] = lambda _place: (
        UNKNOWN
    )  # the file that it finds at an absolute path, mounts included
    groups: tuple[Group, ...] = ()  # of the projects, that it installs besides their dependencies
    listed: Distributions | None = None  # what a file asks conda for, whose names need not be those of Python
    hatch: HatchEnvironment | None = None  # the environment that Hatch makes, where it can be read

    @property
    def never_runs(self) -> bool:
        """Whether it stands behind a condition (`if [ -f pyproject.toml ]`), and none of the files that it reads is
        there.
        """
        if not self.step.conditional or self.directory is None:
            return False
        manifest = _MANIFESTS.get(self.step.manager)
        names = [word.value for word in self.step.requirements] or [manifest]
        folder = f"{self.directory.rstrip('/')}/"
        return all(
            name is not None and self.find(name if name.startswith("/") else folder + name) is None for name in names
        )


class Installed(NamedTuple):
    """What an image's Python has, and the steps that put it there (also those of the stages that it copies from)."""

    distributions: Distributions
    steps: tuple[Installation, ...]
    places: tuple[str | None, ...]  # the directories of its environments; None for one that cannot be told
    synced: Callable[[], Distributions]  # what `uv run` in the working directory may install when it starts
    moved: tuple[VersionMismatch, ...]  # environments that were copied beside a Python of another version
    allows_python: Callable[..., bool | None]  # whether a specifier allows a minor version of Python, and these patches


_OPEN = Distributions(doubts=(Doubt("nobody has read what is installed", None),))
UNTOLD = Installed(_OPEN, (), (None,), lambda: _OPEN, (), lambda *_: None)
"""The answer where the project's files are not at hand."""
