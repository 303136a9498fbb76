"""One build of an image from one folder: what Docker is sent of it, and by which instruction it reaches the image."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import dropwhile

from dockerlint_fastapi.cached import cached_property
from dockerlint_fastapi.model.context.glob import Glob, problem
from dockerlint_fastapi.model.context.needed_files import Lost, lost_files, readmes_in
from dockerlint_fastapi.model.context.passage import Passage
from dockerlint_fastapi.model.context.stowaways import Bulk, SecretFile, bulk, secret_files
from dockerlint_fastapi.model.install.manifest import plain
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Source, Span
from dockerlint_fastapi.tree import parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.context.announced_secrets import AnnouncedSecret
    from dockerlint_fastapi.model.context.exclusion import Proposal
    from dockerlint_fastapi.model.context.ignore_file import IgnoreFile, Pattern
    from dockerlint_fastapi.model.context.odd_contexts import OddContext
    from dockerlint_fastapi.model.context.sent import Sent
    from dockerlint_fastapi.model.context.told_environments import ToldEnvironment
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.project import Project

_CACHE = "__pycache__"  # its pattern takes in all bytecode: that of the files is not told as well
_CACHES = frozenset((_CACHE, f"*{_CACHE}", f"*{_CACHE}*", f"{_CACHE}*"))
_BYTECODE = _CACHES | frozenset(("*.pyc", "*.py[co]", "*.py[oc]", "*.py[cod]", "*.py[cdo]", "*.py?"))
_TESTED = r"(?i)test|\btox\b|\bnox\b"
_DELETES = r"\brm\b|-delete\b"
# Names that lie about anywhere in a project; in a `.gitignore` they need no more than this.
_ANYWHERE = _BYTECODE | frozenset(
    (
        "*.env", "*.log", "*.pyo", ".DS_Store", ".coverage", ".env", ".env.*", ".env*", ".mypy_cache", ".pytest_cache",
        ".ruff_cache", ".venv", "node_modules", "venv",
    )
)  # fmt: skip
# What people make beside a file of that name.
_MADE_BESIDE = {
    ".env.example": ".env",
    ".env.sample": ".env",
    ".env.template": ".env",
    ".env.dist": ".env",
    "package.json": "node_modules",
    "uv.lock": ".venv",
    "pdm.lock": ".venv",
    "poetry.toml": ".venv",  # where it says `in-project`
}
_IN_PROJECT = r"(?m)^\s*(?:virtualenvs\.)?in-project\s*=\s*true"  # in Poetry's settings
# What a project of Node says of itself.
_OF_NODE = r"\"(?:name|scripts|workspaces|(?:dev|peer|optional)?[dD]ependencies)\"\s*:"
_READMES = ("README.md", "Readme.md", "readme.md", "README.rst", "README")
_MOST_CHARACTERS = 200_000  # of a readme
_MOST_SECRETS = 20  # of which it is asked what reads them
# A path from the project's root: no variable, no absolute path and none of another project in front of it.
_ENVIRONMENT_PATH = r"(?<![\w./~$}@:\\-])(?:\./)?((?:[\w-][\w.-]*/){1,4}\.env)(?![\w./-])"
# Directories of a program's own making, whose files nobody looks at one by one.
_CLOSED = frozenset(
    (
        ".eggs", ".git", ".hg", ".hypothesis", ".idea", ".ipynb_checkpoints", ".mypy_cache", ".next", ".nox",
        ".pytest_cache", ".ruff_cache", ".svn", ".terraform", ".tox", ".vscode", "__pycache__", "__pypackages__",
        "htmlcov", "node_modules",
    )
)  # fmt: skip

_MANIFESTS = ("requirements.txt", "requirements.in", "base.txt", "pyproject.toml", "pipfile", "setup.py", "setup.cfg")
# Where a tool of development leaves a trace; and folders that people call both ways.
_SETTINGS = (".txt", ".in", ".toml", ".cfg", ".ini", "Pipfile", ".lock", ".yaml", ".yml", "Makefile", "noxfile.py")
_PLURALS = {"tests": "test", "test": "tests", "docs": "doc", "doc": "docs"}
_READERS = r"(?i)python[-_]dotenv|pydantic[-_]settings|decouple|environs|dynaconf|starlette[-_]config"
_ASKS = r"\benv_file\b|\$\{\w"


class Entry(NamedTuple):
    """Something that is sent: a file, or a directory of a program's own making (`closed`) with all that is in it."""

    path: str  # relative to the context
    closed: bool


class ImageBuild:
    """An image as it is built from one folder. All paths are relative to that folder, but for `project_path`.

    `certain` is False when nothing says that it is this folder: no compose file does, and it is not the only one that
    holds what the Dockerfile copies. So it is when the ignore file was not read: what is sent cannot be told then.
    """

    def __init__(self, image: Image, context: str, ignore: IgnoreFile | None, *, certain: bool) -> None:
        self.image = image
        self.context = context
        self.ignore = ignore
        self.certain = certain
        self._nested: dict[str, str | None] = {}
        self._shipped: dict[str, bool] = {}
        self.readers: dict[str, Span | None] = {}  # of secret files, what `reader_of` and `needs` have found
        self.needed: dict[str, bool] = {}
        self.commands: dict[str, list[Span]] | None = None  # by the names in them

    def __repr__(self) -> str:
        return f"ImageBuild({self.image!r}, {self.context!r})"

    @property
    def span(self) -> Span:
        """Where the shipped stage begins."""
        return self.image.span

    def project_path(self, path: str) -> str:
        """A path of the context as one of the project."""
        return f"{self.context}/{path}" if self.context and path else self.context or path

    def exists(self, path: str) -> bool:
        """Whether a file, a directory or a link is there, sent or not."""
        tree = self.image.project.tree
        place = self.project_path(path)
        if tree.is_file(place) or tree.is_dir(place):
            return True
        folder, _, name = place.rpartition("/")
        return name in tree.listing(folder).links

    def is_file(self, path: str) -> bool:
        """Whether a file is there, sent or not."""
        return self.image.project.tree.is_file(self.project_path(path))

    def is_dir(self, path: str) -> bool:
        """Whether a directory is there, sent or not."""
        return self.image.project.tree.is_dir(self.project_path(path))

    def text_of(self, path: str) -> Source | None:
        """The text of a file; None when there is none."""
        return self.image.project.source_of(self.project_path(path))

    @property
    def expects_env_file(self) -> bool:
        """Whether people put a `.env` into the folder, as far as it shows: an example or another `.env.…` lies there, a
        compose file in it asks for variables, or its packages read such files.
        """
        project = self.image.project
        names = project.tree.listing(self.context).files
        if any(".env" in name.lower() or "env" in name.lower().split(".") for name in names):
            return True
        if any(re.search(_ASKS, one.text) for one in project.index.composed_in(self.context)):
            return True
        lists = (self.text_of(name) for name in names if name.lower().endswith(_MANIFESTS))
        return any(one is not None and re.search(_READERS, plain(one.text)) for one in lists)

    def announces(self, folder: str) -> bool:
        """Whether people put a `.env` into a folder of the context, as far as an example there or the readme tells."""
        names = self.image.project.tree.listing(self.project_path(folder)).files
        path = self.project_path(f"{folder}/.env".lstrip("/"))
        examples = (one for one, made in _MADE_BESIDE.items() if made == ".env")
        return not set(names).isdisjoint(examples) or path in self.image.project.index.answer(_environments_in_readme)

    @property
    def is_told_to_have_variables(self) -> bool:
        """Whether a readme tells people to make a `.env` in the folder: who follows it has one."""
        from dockerlint_fastapi.model.files.recipes import guides, maker_of  # noqa: PLC0415 - few builds get here

        project = self.image.project
        made = maker_of(project, self.project_path(".env"), guides(project))
        return made is not None and made.certain

    def git_ignores(self, path: str) -> bool:
        """Whether git ignores what would be there, so that a fresh checkout does not have it."""
        return self.image.project.git_ignores(self.project_path(path))

    def is_told_of(self, passage: Passage) -> bool:
        """Whether a readme tells people how to make what a passage names: who follows it has that."""
        from dockerlint_fastapi.model.files.recipes import guides, maker_of  # noqa: PLC0415 - few name what git ignores

        project = self.image.project
        return maker_of(project, self.project_path(passage.source or "").rstrip("/"), guides(project)) is not None

    def example_of(self, passage: Passage) -> str | None:
        """A file beside a source that is not there, to be copied to it first: `settings.yaml.example`."""
        from dockerlint_fastapi.model.files.missing_files import example_of  # noqa: PLC0415 - as a rule, it is there

        path = (passage.source or "").rstrip("/")
        return example_of(self.image.project, self.project_path(path)) if path and passage.glob is None else None

    def is_made(self, passage: Passage) -> bool:
        """Whether a recipe certainly makes what a passage names and is not there, or DVC fetches it."""
        from dockerlint_fastapi.model.files.recipes import maker_of  # noqa: PLC0415 - as a rule, what is named is there

        project, place = self.image.project, self.project_path(passage.source or "").rstrip("/")
        if not any(map(str.isalnum, place.rpartition("/")[2])):
            return False  # `||` of a command that COPY is not
        if project.tree.is_file(f"{place}.dvc"):
            return True
        made = maker_of(project, place)
        return made is not None and made.certain

    def maker_of(self, passage: Passage) -> Span | None:
        """Where something may make what a passage names and is not there: a recipe in a folder that cannot be told, a
        program of the project.
        """
        from dockerlint_fastapi.model.files.recipes import maker_of  # noqa: PLC0415 - as above
        from dockerlint_fastapi.model.files.writers import told_maker, writer_of  # noqa: PLC0415 - as above

        project, place = self.image.project, self.project_path(passage.source or "").rstrip("/")
        if place.lower().endswith((*_MANIFESTS, ".lock")):
            return None  # which people write, and everybody names
        made = maker_of(project, place)
        if made is not None:
            return made.span
        if "." not in place.rpartition("/")[2].lstrip("."):
            return None  # folders are named everywhere
        writer = writer_of(project, place)
        return writer.span if writer is not None else told_maker(project, place)

    def may_appear(self, path: str) -> bool:
        """Whether what is not there now may be there at a build: git ignores it, it lies in a submodule, or a template
        of it is there.
        """
        in_submodule = self.image.project.in_submodule(self.project_path(path))
        return in_submodule or self.git_ignores(path) or self._is_rendered(path)

    def _is_rendered(self, path: str) -> bool:
        from dockerlint_fastapi.model.files.rendered import is_rendered  # noqa: PLC0415 - as a rule, what is named is there

        return is_rendered(self.image.project.tree, self.project_path(path))

    def excludes(self, path: str) -> bool:
        """Whether the ignore file leaves a file or directory out."""
        return self.ignore is not None and self.ignore.excludes(path)

    def deciding(self, path: str) -> Pattern | None:
        """The pattern that decides whether a path is sent."""
        return self.ignore.deciding(path) if self.ignore is not None else None

    def sends(self, path: str) -> bool:
        """Whether a path that is there is sent: a file that is not left out, or a directory with anything in it that is
        not (an empty one that is not left out itself counts).
        """
        if self.ignore is None or not self.is_dir(path):
            return not self.excludes(path)
        if self.ignore.prunes(path):
            return False
        return not self.ignore.excludes(path) or any(True for _ in self._walk(path))

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Everything that is sent, sorted: of the folders that some instruction names, what is not left out. BuildKit
        does not ask for the rest.
        """
        found = {entry for top in self.tops if self.is_dir(top) for entry in self._walk(top)}
        found.update(Entry(top, closed=False) for top in self.tops if self.is_file(top) and not self.excludes(top))
        return tuple(sorted(found))

    @property
    def tops(self) -> frozenset[str]:
        """The paths that instructions name, none of them in another."""
        tops = {top for one in self.image.passages if one.source is not None for top in self._tops_of(one)}
        return frozenset(one for one in tops if tops.isdisjoint(_above(one)))

    @cached_property
    def sent(self) -> Sent:
        """How much that is. The first question costs a look at every file."""
        from dockerlint_fastapi.model.context.sent import sent  # noqa: PLC0415 - `dlf show` asks, and no rule

        return sent(self)

    def _tops_of(self, passage: Passage) -> tuple[str, ...]:
        """What BuildKit asks for: the path that a passage names, or the paths that match (fsutil, FollowLinks); for one
        with `**` the folder in which it begins to vary.
        """
        source = passage.source or ""
        if passage.glob is None:
            return (source,)
        steps = source.split("/")
        if "**" not in steps:
            return self.matches(passage)
        first = next(at for at, step in enumerate(steps) if any(char in step for char in "*?[\\"))
        return ("/".join(steps[:first]),)

    def _walk(self, top: str) -> Iterator[Entry]:
        tree = self.image.project.tree
        waiting = [top]
        while waiting:
            folder = waiting.pop()
            listing = tree.listing(self.project_path(folder))
            prefix = f"{folder}/" if folder else ""
            for name in (*listing.files, *listing.links):
                if not self.excludes(prefix + name):
                    yield Entry(prefix + name, closed=False)
            for name in listing.directories:
                path = prefix + name
                if self.ignore is not None and self.ignore.prunes(path):
                    continue
                if name in _CLOSED or tree.is_file(self.project_path(f"{path}/pyvenv.cfg")):
                    inside = next(iter(tree.names(self.project_path(path))), "config")
                    if not self.excludes(path) and not self.excludes(f"{path}/{inside}"):
                        yield Entry(path, closed=True)
                else:
                    waiting.append(path)

    @cached_property
    def secret_files(self) -> tuple[SecretFile, ...]:
        """The secrets among what is sent."""
        return tuple(secret_files(self))

    def is_secret(self, path: str) -> bool:
        """Whether a file that is sent is one of these."""
        return any(one.path == path for one in self.secret_files)

    @cached_property
    def announced_secrets(self) -> tuple[AnnouncedSecret, ...]:
        """The private keys and credentials that are not there, and that it would be sent if they were."""
        from dockerlint_fastapi.model.context.announced_secrets import announced_secrets  # noqa: PLC0415 - one rule asks

        return tuple(announced_secrets(self))

    @cached_property
    def bulk(self) -> tuple[Bulk, ...]:
        """What is sent and no image needs."""
        return tuple(bulk(self))

    @cached_property
    def built_before(self) -> frozenset[str]:
        """The names of directories of Node that are made there before the build, and that the image starts from."""
        if not any(path.endswith("package.json") for path, _ in self.entries):
            return frozenset()
        from dockerlint_fastapi.model.context.built_before import built_before  # noqa: PLC0415 - few images have Node

        return built_before(self.image)

    @cached_property
    def lost_files(self) -> tuple[Lost, ...]:
        """What is needed, would be copied with its directory, and is left out by the ignore file."""
        return tuple(lost_files(self))

    @cached_property
    def needless(self) -> dict[tuple[str, ...], bool]:
        """Of patterns that somebody has asked about: whether no build needs what they leave out."""
        return {}

    @property
    def proposal(self) -> Proposal | None:
        """A `.dockerignore` for the folder, when it has none."""
        from dockerlint_fastapi.model.context.exclusion import proposal  # noqa: PLC0415 - only a fix asks

        return proposal(self.image.project, self.context)

    @cached_property
    def reads_env_file(self) -> bool:
        """Whether code in the image reads the `.env` that lies there, and nothing else gives a container variables."""
        from dockerlint_fastapi.model.context.env_reading import reads_env_file  # noqa: PLC0415 - few rules ask

        return reads_env_file(self)

    def reads_any(self, paths: Sequence[str]) -> bool:
        """Whether code in the image reads one of these files by its name."""
        from dockerlint_fastapi.model.context.env_reading import reads_any  # noqa: PLC0415 - few rules ask

        return reads_any(self, paths)

    def reader_of(self, paths: Sequence[str]) -> Span | None:
        """Where a build step, a start or a configuration file in the image names the first of some secret files."""
        from dockerlint_fastapi.model.context.secret_readers import reader_of  # noqa: PLC0415 - few contexts hold one

        return next((span for one in paths[:_MOST_SECRETS] if (span := reader_of(self, one)) is not None), None)

    def is_step(self, reader: Span) -> bool:
        """Whether a place lies in a RUN of the build."""
        from dockerlint_fastapi.model.context.secret_readers import is_of_build  # noqa: PLC0415 - as above

        return is_of_build(self, reader)

    def needs(self, *paths: str) -> bool:
        """Whether something in the image certainly reads one of some secret files, and nothing else brings it."""
        if not paths:
            return False
        from dockerlint_fastapi.model.context.secret_readers import is_needed  # noqa: PLC0415 - as above

        return any(is_needed(self, one) for one in paths[:_MOST_SECRETS])

    def starts(self, path: str) -> bool:
        """Whether a start names an environment that is sent, and no step of the build makes one."""
        from dockerlint_fastapi.model.context.secret_readers import is_started  # noqa: PLC0415 - as above

        return is_started(self, path)

    def is_committed(self, path: str) -> bool:
        """Whether a file that is there is in the repository too: by git's index, or else as far as it shows, since git
        is told what to leave out, and not this.
        """
        tracked = self.image.project.git_tracks(self.project_path(path))
        if tracked is not None:
            return tracked
        tree = self.image.project.tree
        told = tree.is_file(".gitignore") or (bool(self.context) and tree.is_file(f"{self.context}/.gitignore"))
        return told and not self.git_ignores(path)

    def ships(self, path: str) -> bool:
        """Whether a file of the context gets into the image itself, by way of its builders too, or may."""
        from dockerlint_fastapi.model.context.env_reading import reaches  # noqa: PLC0415 - as above

        if path not in self._shipped:
            self._shipped[path] = reaches(self.image, self, path)
        return self._shipped[path]

    @property
    def runs_tests(self) -> bool:
        """Whether something runs tests in the image: one of its steps, its start, or the command of a service."""
        started = [one.start_span.text for one in self.image.containers if one.start_span is not None]
        steps = [one for stage in self.image.lineage for one in stage.instructions]
        run = [one.text for one in steps if one.keyword in ("RUN", "CMD", "ENTRYPOINT")]
        return any(re.search(_TESTED, text) for text in (*run, *started))

    def is_readme(self, path: str) -> bool:
        """Whether the project's manifest names a file as its readme: a build of the project reads it."""
        manifest = self.text_of("pyproject.toml")
        return manifest is not None and path in readmes_in(manifest.text)

    @cached_property
    def python_directories(self) -> tuple[str, ...]:
        """The directories with Python files that are sent and that some COPY takes as part of a directory, sorted."""
        found = {path.rpartition("/")[0] for path, closed in self.entries if not closed and path.endswith(".py")}
        return tuple(sorted(one for one in found if self.takers(f"{one}/x" if one else "x")))

    @property
    def odd_contexts(self) -> tuple[OddContext, ...]:
        """The services that build from this folder where it lacks what is copied, and others from one that fits."""
        if len(self.image.builds) < 2 or not self.image.contexts_named:
            return ()
        from dockerlint_fastapi.model.context.odd_contexts import odd_contexts  # noqa: PLC0415 - few have two folders

        return odd_contexts(self)

    @property
    def missing(self) -> Iterator[Passage]:
        """What is named and certainly not there: neither what the ignore file would leave out anyway, nor a pattern
        that is meant to match nothing at times, nor what lies in a git submodule or is still a template, nor git's own
        folder, which every clone has at its top.
        """
        for one in self.image.passages:
            if not one.source or self.matches(one) or (one.glob is None and self.excludes(one.source)):
                continue
            if one.is_optional or (one.glob is not None and self._has_companion(one)):
                continue
            place = self.project_path(one.source)
            elsewhere = self.image.project.in_submodule(place) or place.partition("/")[0] == ".git"
            if not elsewhere and not self._is_rendered(one.source):
                yield one

    def first_missing(self, passage: Passage) -> str | None:
        """The uppermost part of the path of a source that is not there; None for one that has a pattern in it."""
        path = ""
        for name in (passage.source or "").split("/"):
            path = f"{path}/{name}".lstrip("/")
            if any(char in name for char in "*?[\\"):
                return None
            if not self.exists(path):
                return path
        return None

    def _has_companion(self, passage: Passage) -> bool:
        """Whether another source of the same instruction is there."""
        return any(
            one is not passage and one.instruction is passage.instruction and bool(self.matches(one))
            for one in self.image.passages
        )

    @property
    def holds_everything(self) -> bool:
        """Whether everything that is copied is there; a pattern for what may be there may match nothing."""
        return all(map(self._holds, self.image.passages))

    @property
    def holds_all_within(self) -> bool:
        """Whether everything is there but for what is looked for above the context, where Docker never looks."""
        return all(one.outside or self._holds(one) for one in self.image.passages)

    def _holds(self, one: Passage) -> bool:
        return bool(self.matches(one)) or one.source is None or one.is_optional

    def unsent(self, passage: Passage) -> Pattern | None:
        """The pattern by which nothing of what a passage names is sent; None when something is, or nothing is there."""
        if not passage.source or self.ignore is None:
            return None
        named = self.matches(passage)
        if any(self.sends(one) for one in named):
            return None
        if named:
            return self.ignore.deciding(named[0])
        gone = passage.glob is None and self.ignore.prunes(passage.source)
        return self.ignore.deciding(passage.source) if gone else None

    def root_only(self, pattern: Pattern) -> str | None:
        """A path below the root that is sent and copied although a pattern means to leave out whatever has that name:
        one that is there, or that running the code will make. None when there is none, or the name may be meant for the
        root alone.
        """
        if pattern.negated or pattern.text.startswith("/") or pattern.glob.text not in _ANYWHERE:
            return None
        if pattern.text.endswith("/") and pattern.glob.text == ".env" and self._ignores_environments:
            return None  # one of the names that virtual environments have, at the top
        if pattern.glob.text not in self._nested:
            self._nested[pattern.glob.text] = self._find_nested(pattern.glob)
        return self._nested[pattern.glob.text]

    def meant_for(self, path: str) -> Pattern | None:
        """The pattern that means to leave out what has a name, and does so in the root only, of something below it."""
        patterns = self.ignore.patterns if self.ignore is not None else ()
        return next((one for one in patterns if one.means(path) and self.root_only(one) is not None), None)

    def meant(self, pattern: Pattern) -> tuple[str, str] | None:
        """The name that a pattern misspells, and a path of that name which is sent and copied: one that is there, or
        that running the code will make. None when it is no such pattern, or names something that is there.
        """
        name = pattern.misspelt or _PLURALS.get(pattern.text.strip("/"))
        if name is None or any(pattern.glob.matches(path) for path in self._written):
            return None
        if name in _PLURALS:
            return (name, name) if self.is_dir(name) and self.sends(name) and self._is_carried(name) else None
        if name.endswith("_cache") and not self._has_tool(name[1:].removesuffix("_cache")):
            return None
        if (name == ".git" and self.context) or (name == "node_modules" and not self.is_file("package.json")):
            return None  # it is not there
        folders = self.python_directories if name in _BYTECODE else ("",)
        file = f"{_CACHE}/main.cpython-313.pyc" if name in _BYTECODE else name
        for folder in folders:
            place = f"{folder}/{file}".lstrip("/")
            if not self.excludes(place) and self.takers(place) and self._is_carried(place):
                return name, place.removesuffix("/main.cpython-313.pyc") if name == _CACHE else place
        return None

    def _has_tool(self, name: str) -> bool:
        """Whether the project uses a tool, as far as its lists, settings and recipes say: else it makes no cache."""
        if self.exists(f".{name}_cache"):
            return True
        listed = [one for one in self.image.project.tree.listing(self.context).files if one.endswith(_SETTINGS)]
        sources = (*self.image.project.recipes, *(self.text_of(one) for one in listed))
        return any(one is not None and name in one.text for one in sources)

    @cached_property
    def _written(self) -> tuple[str, ...]:
        """The paths of what is there at the top of the context, and of all that is sent, with the folders above."""
        top = self.image.project.tree.names(self.project_path(""))
        above = {folder for path, _ in self.entries for folder in _above(path) if folder}
        return (*top, *sorted(above), *(path for path, _ in self.entries))

    @property
    def _ignores_environments(self) -> bool:
        """Whether the ignore file lists virtual environments by their folders' names."""
        patterns = self.ignore.patterns if self.ignore is not None else ()
        return any(one.glob.text in (".venv", "venv", "env", "ENV") and one.text.endswith("/") for one in patterns)

    def _find_nested(self, glob: Glob) -> str | None:
        others = self.ignore.patterns if self.ignore is not None else ()
        bytecode = glob.text in _BYTECODE and (
            glob.text in _CACHES or not any(one.glob.text in _CACHES and not one.negated for one in others)
        )
        found: str | None = None  # the first that only a builder gets
        for directory in self.python_directories if bytecode else ():
            place = f"{directory}/{_CACHE}/main.cpython-313.pyc"
            if directory and not self.excludes(place):
                place = place if glob.text not in _CACHES else f"{directory}/{_CACHE}"
                if self._ships(place):
                    return place
                found = found or place
        told = {parent(one.path) for one in self.secret_files}
        entries = self.entries
        if glob.matches("node_modules"):  # of a front end, before those of what it has copies of in its folders
            entries = tuple(sorted(entries, key=lambda one: one.path.count("/")))
        for path, _ in entries:
            folder, _, name = path.rpartition("/")
            made = _MADE_BESIDE.get(name.lower(), name)
            place = f"{folder}/{made}"
            if made != name and made == ".env" and folder in told:
                continue  # the real ones that lie there are told
            if name == "package.json" and made != name and self._is_of_a_cache(path):
                continue
            if name == "poetry.toml" and not self._has_environment_inside(path):
                continue
            if folder and glob.matches(made) and not self.excludes(place) and self._is_carried(place):
                if self._ships(place):
                    return place
                found = found or place
        for place in self._environments_told if glob.matches(".env") else ():
            if not self.excludes(place) and self._is_carried(place):
                if self._ships(place):
                    return place
                found = found or place
        return found

    def _is_of_a_cache(self, path: str) -> bool:
        """Whether a `package.json` is no project's, which somebody installs: it lies in a folder of a tool's own
        making, or only says how modules are loaded there.
        """
        source = None if _CLOSED.intersection(path.split("/")[:-1]) else self.text_of(path)
        return source is None or (":" in source.text and re.search(_OF_NODE, source.text) is None)

    def _has_environment_inside(self, path: str) -> bool:
        """Whether Poetry's settings in a file have it make virtual environments in the project."""
        source = self.text_of(path)
        return source is not None and re.search(_IN_PROJECT, source.text) is not None

    @property
    def _environments_told(self) -> Iterator[str]:
        """The `.env` files in folders of the context that are not there, and that the project's readme speaks of by
        their path: whoever follows it has them.
        """
        inside = f"{self.context}/" if self.context else ""
        for path in self.image.project.index.answer(_environments_in_readme):
            place = path[len(inside) :]
            if path.startswith(inside) and self.is_dir(parent(place)) and not self.exists(place):
                yield place

    def _ships(self, path: str) -> bool:
        """Whether a stage of the image itself takes a path."""
        return any(one.stage in self.image.lineage for one in self.takers(path))

    def _is_carried(self, path: str) -> bool:
        return any(one.source != path for one in self.takers(path))

    def takers(self, path: str) -> tuple[Passage, ...]:
        """The COPY and ADD sources that bring a path of the context, as far as it is sent."""
        return tuple(one for one in self.image.passages if one.copies and one.takes(path))

    @property
    def told_environment(self) -> ToldEnvironment | None:
        """The virtual environment that the readme of the folder has everyone make in it."""
        from dockerlint_fastapi.model.context.told_environments import told_environment  # noqa: PLC0415 - one rule asks

        return told_environment(self)

    def first_taker(self, path: str) -> Passage:
        """The first of `takers`, those of stages that ship before those of builders. Raises IndexError without any."""
        takers = self.takers(path)
        return next((one for one in takers if one.stage in self.image.lineage), takers[0])

    def cleans(self, path: str, passage: Passage) -> bool:
        """Whether a path is bytecode, and a RUN behind the COPY that brings it deletes all bytecode of the stage."""
        if _CACHE not in path:
            return False
        behind = dropwhile(lambda one: one is not passage.instruction, passage.stage.instructions)
        return any(one.keyword == "RUN" and _CACHE in one.text and re.search(_DELETES, one.text) for one in behind)

    def matches(self, passage: Passage) -> tuple[str, ...]:
        """The paths of the context that a passage names, sent or not; empty when nothing is there."""
        if passage.source is None:
            return ()
        if passage.glob is None:
            return (passage.source,) if not passage.source or self.exists(passage.source) else ()
        if problem(passage.source) is not None:
            return ()
        tree = self.image.project.tree
        found = [""]
        for segment in passage.source.split("/"):
            step = Glob(segment, double_star=False)
            below: list[str] = []
            for folder in found:
                if step.literal is not None:
                    names: tuple[str, ...] | list[str] = [segment]
                else:
                    names = [name for name in tree.names(self.project_path(folder)) if step.matches(name)]
                below += [f"{folder}/{name}" if folder else name for name in names]
            found = below
        return tuple(path for path in found if self.exists(path))


def _environments_in_readme(project: Project) -> tuple[str, ...]:
    """The paths of `.env` files in folders of a project that the readme at its top names, in their order."""
    name = next((one for one in _READMES if project.tree.is_file(one)), None)
    source = project.source_of(name) if name is not None else None
    found = re.findall(_ENVIRONMENT_PATH, source.text[:_MOST_CHARACTERS]) if source is not None else ()
    return tuple(dict.fromkeys(path for path in found if project.tree.is_dir(parent(path))))


def _above(path: str) -> Iterator[str]:
    """The folders above a path of the context, its root last."""
    while path:
        path = parent(path)
        yield path


def _by_workflow(image: Image, found: list[ImageBuild]) -> bool:
    """Makes the folder certain from which the project's workflows build a Dockerfile, where that is one."""
    path = image.dockerfile.source.path
    builds = [one for one in image.project.workflow_builds if one.dockerfile in (path, None)]
    contexts = {one.context for one in builds}
    if len(contexts) == 1 and all(one.certain and one.dockerfile for one in builds):
        (context,) = contexts
        for one in found:
            one.certain = one.context == context
    return any(one.certain for one in found)


def builds_of(image: Image) -> tuple[ImageBuild, ...]:
    """An image as built from each folder that may be its context."""
    ignored = [image.ignore_file(one) if image.is_filtered(one) else None for one in image.contexts]
    found = [
        ImageBuild(image, context, image.project.ignore_file_at(path) if path else None, certain=image.contexts_named)
        for context, path in zip(image.contexts, ignored, strict=True)
    ]
    if not image.contexts_named:
        # The only folder that holds all that is copied; or, when none does, the Dockerfile's own if that is the top.
        fits = [one for one in found if one.holds_everything] or [one for one in found if one.holds_all_within]
        own = parent(image.dockerfile.source.path)
        filtered = [one for one in fits if one.ignore is not None]
        if len(fits) == 1 or (len(found) == 1 and not found[0].context):
            (fits or found)[0].certain = True
        elif not _by_workflow(image, found):
            from dockerlint_fastapi.model.context.build_commands import told_folder  # noqa: PLC0415 - few have several

            told = told_folder(image, fits)
            if told is None and len(filtered) == 1 and filtered[0].context == own:
                told = filtered[0]  # somebody wrote an ignore file for that folder, and for no other
            if told is not None:
                told.certain = True
    for one in found:
        if (one.ignore is not None and one.ignore.unread) or image.is_sample:
            one.certain = False
    return tuple(found)
