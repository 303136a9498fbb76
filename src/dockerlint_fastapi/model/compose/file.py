"""Compose files: what one holds at its top, and which names Compose looks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as MappingType

from dockerlint_fastapi.model.compose.nodes import Entry, Mapping, Node, Scalar, items_of
from dockerlint_fastapi.model.compose.service import Service
from dockerlint_fastapi.model.compose.settings import Setting, setting, settings
from dockerlint_fastapi.model.environment.interpolation import Lookup, unknown
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Problem, Source, Span
from dockerlint_fastapi.tree import normal, parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose.build import Build
    from dockerlint_fastapi.model.compose.keys import UnknownKey
    from dockerlint_fastapi.model.compose.portability import LooseValue
    from dockerlint_fastapi.model.health.health_tests import ProbeFault
    from dockerlint_fastapi.model.secrets.secret_tokens import Credential


class Include(NamedTuple):
    """One entry of `include:`: files that form one model, the later ones laid over the first."""

    paths: tuple[Setting, ...]
    project_directory: Setting | None
    env_files: tuple[Setting, ...]
    span: Span


class ComposeFile:
    """One parsed compose file, or several merged into one model.

    `root` is what Compose makes of the documents: the later ones laid over the first, `!reset` applied. `source` is
    that of the first file; every node knows its own. `lookup` says what is known of the variables.
    """

    __slots__ = (
        "directories",
        "documents",
        "files",
        "foreign",
        "incomplete",
        "is_own_name",
        "legacy",
        "lookup",
        "problems",
        "root",
        "services",
        "source",
        "template",
    )

    def __init__(self, source: Source) -> None:
        self.source = source
        self.files: tuple[ComposeFile, ...] = (self,)  # what it was merged from, those of `include` and `extends` too
        # by the path of a file: the folder in which its relative paths start; None for a file that is used in two ways
        self.directories: MappingType[str, str | None] = {source.path: parent(source.path)}
        self.lookup: Lookup = unknown
        self.root: Mapping | None = None
        self.documents: tuple[Node, ...] = ()
        self.services: dict[str, Service] = {}
        self.problems: tuple[Problem, ...] = ()
        self.incomplete = False  # an included or extended file could not be read: nothing can be said to be missing
        self.template: Span | None = None  # the first Jinja marker, when it is a template
        self.legacy: Span | None = None  # the first service, when it is of the format before `services:` (Compose 1.5)
        self.is_own_name: Callable[[str], bool] | None = None  # whether the project's folder is called so
        self.foreign = False  # it is YAML of something else: Kubernetes, a workflow, Ansible, a chart's values

    def __repr__(self) -> str:
        return f"ComposeFile({self.source.path!r}, {list(self.services)})"

    @property
    def span(self) -> Span:
        """The beginning of the file."""
        return Span(self.source, 0, 0)

    @property
    def credentials(self) -> Iterator[Credential]:
        """The tokens and private keys in it, which show by their form what they are."""
        from dockerlint_fastapi.model.secrets.secret_tokens import tokens  # noqa: PLC0415 - only one rule asks

        return tokens(self.source)

    @property
    def test_faults(self) -> Iterator[ProbeFault]:
        """What is wrong with the tests of its health checks."""
        from dockerlint_fastapi.model.health.health_tests import faults_of_file  # noqa: PLC0415 - as above

        return faults_of_file(self)

    def resolve(self, path: Setting, *, default: bool = False) -> str | None:
        """A path of a value as Compose takes it, from the project's root; None when it is absolute, a URL or outside
        of the project, and when it cannot be told. What leaves the root and comes back by its name is inside. Relative
        paths start in the folder of the first file of a set; those of an extended file in its own, those of an included
        one in that or its `project_directory`.

        With `default`, variables that cannot be told count by their defaults.
        """
        text = path.intended if default else path.value
        folder = self.directories.get(path.span.source.path)
        if text is None or folder is None or is_elsewhere(text):
            return None
        return self.inside(f"{folder}/{text}" if folder else text)

    def inside(self, path: str) -> str | None:
        """A path from the project's root without `.` and `..`; None when it leads out of the project, and does not come
        back by its name.
        """
        found = normal(path)
        if found is None and self.is_own_name is not None:
            from dockerlint_fastapi.model.files.own_name import re_entered  # noqa: PLC0415 - few paths lead out

            found = re_entered(path, self.is_own_name)
        return found

    def context_of(self, build: Build) -> str | None:
        """The build context of a service, as `resolve` gives paths, defaults of variables counted; an absent one is
        the folder of the file.
        """
        if build.context is None:
            return self.directories.get(build.span.source.path)
        return self.resolve(build.context, default=True)

    def dockerfile_of(self, build: Build) -> str | None:
        """The Dockerfile of a service, which is named relative to the context (Compose specification, build)."""
        context = self.context_of(build)
        name = "Dockerfile" if build.dockerfile is None else build.dockerfile.intended
        if context is None or name is None or build.inline is not None or is_elsewhere(name):
            return None
        return normal(f"{context}/{name}" if context else name)

    def declared(self, kind: str) -> dict[str, Entry]:
        """What `volumes:`, `networks:`, `secrets:`, `configs:` or `models:` at the top declare, by name."""
        node = self.root.get(kind) if self.root is not None else None
        found: dict[str, Entry] = {}
        for entry in node.entries if isinstance(node, Mapping) else ():
            found.setdefault(entry.key.text, entry)
        return found

    @property
    def unknown_keys(self) -> Iterator[UnknownKey]:
        """The keys that Compose does not know, and that are spelt almost like one that it knows."""
        from dockerlint_fastapi.model.compose.keys import unknown_keys  # noqa: PLC0415 - one rule asks

        for document in self.documents if self.root is not None else ():
            yield from unknown_keys(document)

    @property
    def loose_values(self) -> Iterator[LooseValue]:
        """The values without quotes that are read in two ways."""
        from dockerlint_fastapi.model.compose.portability import loose_values  # noqa: PLC0415 - one rule asks

        return loose_values(self.services.values())

    @property
    def version(self) -> Entry | None:
        """`version:` at the top, which Compose ignores."""
        return self.root.entry("version") if self.root is not None else None

    @property
    def name(self) -> Scalar | None:
        """`name:` at the top: what Compose calls all that the file starts."""
        value = self.root.get("name") if self.root is not None else None
        return value if isinstance(value, Scalar) else None

    @property
    def includes(self) -> tuple[Include, ...]:
        """`include:` of every document, in order."""
        found: list[Include] = []
        for document in self.documents:
            for item in items_of(document.get("include") if isinstance(document, Mapping) else None):
                if isinstance(item, Mapping):
                    paths, directory = settings(item.get("path"), self.lookup), item.get("project_directory")
                    files = settings(item.get("env_file"), self.lookup)
                    found.append(Include(paths, setting(directory, self.lookup), files, item.place))
                else:
                    found.append(Include(settings(item, self.lookup), None, (), item.place))
        return tuple(found)


def is_elsewhere(path: str) -> bool:
    """Whether a path of a compose file is certainly none in the project: absolute, of the home, of Windows, a URL."""
    if path.startswith(("/", "~", "git@", "\\\\")) or "://" in path:
        return True
    return "\\" in path or (path[1:2] == ":" and path[0].isalpha()) or path.startswith("github.com/")


DEFAULT_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
OVERRIDE_NAMES = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)


def default_files(names: Iterable[str]) -> tuple[str, ...]:
    """Of the names in a folder, those that a plain `docker compose up` there reads: a file and its override, in order.

    Compose takes the first name of each list that exists, whether or not they match each other.
    """
    present = frozenset(names)
    main = next((name for name in DEFAULT_NAMES if name in present), None)
    if main is None:
        return ()
    override = next((name for name in OVERRIDE_NAMES if name in present), None)
    return (main,) if override is None else (main, override)
