"""From the paths of the command line to calls of the engine: one for each project and configuration."""

from __future__ import annotations

import os
import sys

from dockerlint_fastapi.cli.outcome import Stop
from dockerlint_fastapi.config import Configuration, candidates, shown_path
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.rule import Names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dockerlint_fastapi.config.choices import Choices
    from dockerlint_fastapi.engine import Settings
    from dockerlint_fastapi.rule import Rule
    from dockerlint_fastapi.tree import Tree

STDIN = "-"
FEWEST = 16  # files of a project; with fewer, a look into the cache takes as long as linting

_NO_KIND = "is no file of a kind that dlf reads, by its name or by its content"


class Options(NamedTuple):
    """The command line of `check` and `show` as far as it bears on what is read, what is linted and how."""

    choices: Choices
    compose_files: tuple[str, ...] = ()
    force_exclude: bool = False
    config: str | None = None
    today: str | None = None
    quiet: bool = False


class Job(NamedTuple):
    """One call of the engine: a project, the files that one configuration is for (None: all), how to show paths."""

    tree: Tree
    files: frozenset[str] | None
    configuration: Configuration
    root: str
    shown: Callable[[str], str]
    stdin: bool = False  # the text is that of standard input


class Configurations:
    """The configuration that is nearest to each directory, going up; each file is read once."""

    def __init__(self, options: Options, rules: Sequence[Rule]) -> None:
        self._rules = Names(rules)
        self._nearest: dict[str, Configuration] = {}
        self._fixed: Configuration | None = Configuration(home=os.getcwd()) if options.choices.isolated else None
        if options.config is not None:
            self._fixed = self._load(options.config)
            if self._fixed is None:
                raise Stop(f"{shown_path(options.config)}: has no table `[tool.dlf]`")

    def _load(self, path: str) -> Configuration | None:
        # imported here: tomllib and pydantic, which a project without a configuration does not need
        from dockerlint_fastapi.config.file import load  # noqa: PLC0415
        from dockerlint_fastapi.rule import CATEGORIES  # noqa: PLC0415

        return load(path, self._rules, CATEGORIES)

    def nearest(self, folder: str) -> Configuration:
        """The configuration for what lies in an absolute directory."""
        if self._fixed is not None:
            return self._fixed
        passed: list[str] = []
        while folder not in self._nearest:
            found = next((one for path in candidates(folder) if (one := self._load(path)) is not None), None)
            above = os.path.dirname(folder)
            if found is None and above == folder:
                found = Configuration()
            if found is not None:
                self._nearest[folder] = found
                break
            passed.append(folder)
            folder = above
        for below in passed:
            self._nearest[below] = self._nearest[folder]
        return self._nearest[folder]


class Plan:
    """The paths of the command line, sorted into jobs: one for each project and configuration."""

    def __init__(self, options: Options, configurations: Configurations) -> None:
        self.options = options
        self.configurations = configurations
        self.problems: list[str] = []
        self.remarks: list[str] = []
        self.first: Configuration | None = None  # of the first path: it says how the report looks
        self._trees: dict[str, Tree] = {}
        self._files: dict[tuple[str, str | None], dict[str, None]] = {}
        self._whole: set[tuple[str, str | None]] = set()
        self._configuration: dict[tuple[str, str | None], Configuration] = {}

    def add(self, path: str) -> None:
        """Takes in one path."""
        absolute = os.path.abspath(path)
        if os.path.isdir(absolute):
            self._add_directory(path, os.path.realpath(absolute))
        elif os.path.isfile(absolute):
            folder, name = os.path.split(absolute)
            self._add_file(path, os.path.join(os.path.realpath(folder), name))
        elif os.path.exists(absolute):
            self.problems.append(f"{path}: is neither a file nor a directory")
        elif os.path.islink(absolute):
            self.problems.append(f"{path}: is a link that leads nowhere")
        else:
            self.problems.append(f"{path}: no such file or directory")

    def _add_directory(self, path: str, real: str) -> None:
        from dockerlint_fastapi.discover import find, matches, root_of  # noqa: PLC0415

        root = root_of(real)
        tree = self._tree(root)
        own = self._nearest(real)
        under = _relative(real, root)
        found = find(tree, excluded(self.options, own, root), under, named=stack_of(root, own, self.options))
        if not found.dockerfiles and not found.compose_files:
            from dockerlint_fastapi.cli.empty import remark  # noqa: PLC0415 - a project seldom is empty

            self.remarks.append(remark(path, tree, under, excluded(self.options, own, root)))
            return
        keys = set()
        for file in found.all:
            configuration = self._nearest(os.path.dirname(os.path.join(root, *file.split("/"))))
            if configuration is not own and matches(excluded(self.options, configuration, root), file):
                continue
            keys.add(self._take(root, file, configuration))
        if not under and len(keys) == 1:
            self._whole |= keys

    def _add_file(self, path: str, real: str) -> None:
        from dockerlint_fastapi.discover import kind, kind_when_found, matches, may_take_part, root_of  # noqa: PLC0415
        from dockerlint_fastapi.tree import Unreadable  # noqa: PLC0415

        root = root_of(real)
        tree = self._tree(root)
        configuration = self._nearest(os.path.dirname(real))
        file = _relative(real, root)
        force = self.options.force_exclude or configuration.force_exclude
        if force and matches(excluded(self.options, configuration, root), file):
            return
        try:
            # Hooks name every file that changed and has such a name: what a search would pass over is no problem then.
            if force and kind_when_found(tree, file) is None and not may_take_part(tree, file):
                return
            linted = kind(tree, file) is not None or may_take_part(tree, file)
        except Unreadable as error:
            self.problems.append(f"{path}: cannot be read: {error}")
            return
        if not tree.is_file(file):
            self.problems.append(f"{path}: is a link that leads out of the project, so it is not followed")
        elif not linted:
            self.problems.append(f"{path}: {_NO_KIND}")
        else:
            self._take(root, file, configuration)

    def _tree(self, root: str) -> Tree:
        from dockerlint_fastapi.tree import DiskTree  # noqa: PLC0415

        if root not in self._trees:
            self._trees[root] = DiskTree(root)
        return self._trees[root]

    def _nearest(self, folder: str) -> Configuration:
        configuration = self.configurations.nearest(folder)
        if self.first is None:
            self.first = configuration
        return configuration

    def _take(self, root: str, file: str, configuration: Configuration) -> tuple[str, str | None]:
        key = (root, configuration.path)
        self._configuration[key] = configuration
        self._files.setdefault(key, {})[file] = None
        return key

    def jobs(self) -> list[Job]:
        """The calls of the engine, in the order of the paths."""
        return [
            Job(
                self._trees[key[0]],
                None if key in self._whole else frozenset(files),
                self._configuration[key],
                key[0],
                _shown(key[0]),
            )
            for key, files in self._files.items()
        ]


def excluded(options: Options, configuration: Configuration, root: str) -> tuple[str, ...]:
    """The exclude patterns of a configuration and of the command line, relative to the root."""
    from dockerlint_fastapi.discover import rebased  # noqa: PLC0415

    here = os.getcwd()
    own = [rebased(pattern, configuration.home or here, root) for pattern in configuration.exclude]
    given = [rebased(pattern, os.path.realpath(here), root) for pattern in options.choices.exclude]
    return tuple(pattern for pattern in (*own, *given) if pattern is not None)


def _relative(path: str, root: str) -> str:
    relative = os.path.relpath(path, root).replace(os.sep, "/")
    return "" if relative == "." else relative


def _shown(root: str) -> Callable[[str], str]:
    """How the user at the working directory names a file of a root."""
    prefix = shown_path(root)
    if prefix == ".":
        return str
    if prefix.startswith(".."):
        return lambda path: shown_path(os.path.join(root, path))
    return lambda path: f"{prefix}/{path}"


def stdin_job(filename: str | None, configurations: Configurations) -> Job:
    """The text on standard input, in its place in the project when it is named, else alone."""
    from dockerlint_fastapi.discover import kind, kind_by_content, may_take_part, root_of  # noqa: PLC0415
    from dockerlint_fastapi.tree import DiskTree, MemoryTree, OverlayTree  # noqa: PLC0415

    data = sys.stdin.buffer.read() if sys.stdin is not None else b""
    if filename is None:
        # Alone, and without a name, it is a Dockerfile unless it says otherwise.
        name = "compose.yaml" if kind_by_content(data) == "compose" else "Dockerfile"
        here = os.getcwd()
        configuration = configurations.nearest(here)
        return Job(MemoryTree({name: data}), frozenset({name}), configuration, here, lambda _: STDIN, stdin=True)
    folder, name = os.path.split(os.path.abspath(filename))
    real = os.path.join(os.path.realpath(folder), name)
    root = root_of(real)
    file = _relative(real, root)
    tree = OverlayTree(DiskTree(root), file, data)
    if kind(tree, file) is None and not may_take_part(tree, file):
        raise Stop(f"{filename}: {_NO_KIND}")
    return Job(tree, frozenset({file}), configurations.nearest(os.path.dirname(real)), root, _shown(root), stdin=True)


def settings_of(job: Job, options: Options, rules: tuple[Rule, ...]) -> Settings:
    """The engine's settings for a job: its configuration, and the command line over it."""
    configuration = job.configuration
    return options.choices.settings(
        configuration,
        rules,
        root=job.root,
        exclude=excluded(options, configuration, job.root),
        stack=stack_of(job.root, configuration, options),
        today=options.today,
    )


def preview_remarks(jobs: Sequence[Job], options: Options, rules: tuple[Rule, ...]) -> list[str]:
    """What to tell of rules that are selected by name and do not run, since they are in preview."""
    from dockerlint_fastapi.config.selection import named  # noqa: PLC0415

    asked: set[str] = set()
    for job in jobs:
        if not options.choices.with_preview(job.configuration):
            asked |= named(rules, options.choices.layers(job.configuration))
    return [
        f"the rule `{rule.name}` is in preview, so selecting it has no effect: add --preview, or `preview = true`"
        for rule in rules
        if rule.name in asked and rule.preview
    ]


def size_of(job: Job, settings: Settings) -> int:
    """How many files of a kind of ours a job's project has; the search for them is remembered."""
    from dockerlint_fastapi.discover import find  # noqa: PLC0415

    return len(find(job.tree, settings.exclude, named=(*(job.files or ()), *settings.stack)).all)


def stack_of(root: str, configuration: Configuration, options: Options) -> tuple[str, ...]:
    """The compose files of one project that are used together, relative to its root: those of the command line, else
    those of the configuration. Those of the command line that are another project's are left out.
    """
    home = "" if options.compose_files else configuration.home
    found: list[str] = []
    for file in options.compose_files or configuration.compose_files:
        path = _real(os.path.join(home, file))
        relative = _relative(path, root)
        inside = not relative.startswith("../") and not os.path.isabs(relative)
        if not os.path.isfile(path) or not (inside or options.compose_files):
            given = options.compose_files
            where = "--compose-file" if given else f"{shown_path(configuration.path or '')}: `compose-files`"
            raise Stop(f"{where}: {file}: {'lies outside of the project' if os.path.isfile(path) else 'no such file'}")
        if inside:
            found.append(relative)
    return tuple(found)


def _real(path: str) -> str:
    """An absolute path whose directories are no links; the file itself may be one."""
    folder, name = os.path.split(os.path.abspath(path))
    return os.path.join(os.path.realpath(folder), name)


def check_compose_files(files: tuple[str, ...], jobs: list[Job]) -> None:
    """Stops at a compose file of the command line that no linted project holds."""
    for file in files:
        path = _real(file)
        if jobs and all(_relative(path, job.root).startswith("../") for job in jobs):
            raise Stop(f"--compose-file: {file}: lies outside of the project")


def check_config_options(config: str | None, *, isolated: bool) -> None:
    """Stops at options that contradict each other."""
    if isolated and config is not None:
        raise Stop("--isolated and --config exclude each other")
