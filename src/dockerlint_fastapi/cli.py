"""The command line: the only module that prints, reads standard input or exits.

Exit codes: 0 nothing at or above `--fail-on`, 1 findings, 2 wrong usage or settings, a path that cannot be linted, or a
fault of dlf itself; 130 after Ctrl-C. What a run does not need is imported where it is needed.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import click

from dockerlint_fastapi import __version__
from dockerlint_fastapi.config import DEPLOYMENTS, PROFILES, ConfigError, Configuration, candidates, shown_path
from dockerlint_fastapi.finding import SEVERITIES
from dockerlint_fastapi.reporters import FOR_PEOPLE, FORMATS
from dockerlint_fastapi.show import FORMATS as SHOW_FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import TracebackType

    from dockerlint_fastapi.engine import Settings
    from dockerlint_fastapi.report import Failure, Report
    from dockerlint_fastapi.rule import Rule
    from dockerlint_fastapi.show.description import Description
    from dockerlint_fastapi.tree import Tree

FINDINGS, FAILURE, INTERRUPTED = 1, 2, 130
STDIN = "-"

# ---------------------------------------------------------------- streams


def _write(stream: IO[str] | None, text: str, *, encoding: str | None = None) -> None:
    """Writes text whatever the stream's encoding (what it cannot hold is replaced); silent when the pipe is closed."""
    if stream is None or not text:
        return
    data = text.encode(encoding or getattr(stream, "encoding", None) or "utf-8", "replace")
    try:
        stream.flush()
        binary = getattr(stream, "buffer", None)
        if binary is None:
            stream.write(data.decode("utf-8", "replace"))
        else:
            binary.write(data)
        stream.flush()
    except OSError as error:
        # What is still in the buffer would fail once more at the interpreter's end, with a message and a code of its
        # own: into nothing with it.
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if not isinstance(error, BrokenPipeError):  # a reader that has enough (`dlf check | head`) is no failure
            raise


def _say(text: str) -> None:
    """One line on standard error."""
    from dockerlint_fastapi.reporters.visible import visible  # noqa: PLC0415 - most runs have nothing to say

    _write(sys.stderr, "".join(f"{visible(line)}\n" for line in text.split("\n")))


def _error(text: str) -> None:
    """A message for a run that cannot do all that was asked."""
    _say(f"error: {text}")


def _colored(stream: IO[str] | None) -> bool:
    """Whether to use colour: NO_COLOR (no-color.org) forbids it, FORCE_COLOR demands it, else it is for terminals."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "") not in ("", "0"):
        return True
    return stream is not None and os.environ.get("TERM") != "dumb" and stream.isatty()


def _write_file(path: str, text: str) -> None:
    """Writes a file as a whole or not at all: beside its place, then renamed to it. Raises OSError."""
    data = text.encode("utf-8", "replace")
    target = os.path.realpath(path)
    if os.path.exists(target) and not os.path.isfile(target):  # /dev/stdout, a pipe: nothing to rename onto
        with open(target, "wb") as file:
            file.write(data)
        return
    beside = os.path.join(os.path.dirname(target), f".{os.path.basename(target)}.{os.getpid()}.tmp")
    try:
        with open(beside, "xb") as file:
            file.write(data)
        if os.path.exists(target):
            os.chmod(beside, os.stat(target).st_mode & 0o7777)
        os.replace(beside, target)
    except BaseException:
        if os.path.exists(beside):
            os.unlink(beside)
        raise


# ---------------------------------------------------------------- what to lint


class _Stop(Exception):  # noqa: N818 - it is no error of the program
    """A run that cannot begin: the message for the user."""


class _Options(NamedTuple):
    """The command line of `check` and `show` as far as it bears on what is read, what is linted and how."""

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    force_exclude: bool = False
    config: str | None = None
    isolated: bool = False
    fail_on: str | None = None
    profile: str | None = None
    deployment: str | None = None
    today: str | None = None
    quiet: bool = False


class _Job(NamedTuple):
    """One call of the engine: a project, the files that one configuration is for (None: all), how to show paths."""

    tree: Tree
    files: frozenset[str] | None
    configuration: Configuration
    root: str
    shown: Callable[[str], str]


class _Configurations:
    """The configuration that is nearest to each directory, going up; each file is read once."""

    def __init__(self, options: _Options, rules: Sequence[Rule]) -> None:
        self._rules = {rule.name for rule in rules}
        self._nearest: dict[str, Configuration] = {}
        self._fixed: Configuration | None = Configuration(home=os.getcwd()) if options.isolated else None
        if options.config is not None:
            self._fixed = self._load(options.config)
            if self._fixed is None:
                raise _Stop(f"{shown_path(options.config)}: has no table `[tool.dlf]`")

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


class _Plan:
    """The paths of the command line, sorted into jobs: one for each project and configuration."""

    def __init__(self, options: _Options, configurations: _Configurations) -> None:
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
        found = find(tree, excluded(self.options, own, root), under)
        if not found.dockerfiles and not found.compose_files:
            self.remarks.append(f"no Dockerfile or compose file under {path}")
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
        from dockerlint_fastapi.discover import kind, matches, root_of  # noqa: PLC0415
        from dockerlint_fastapi.tree import Unreadable  # noqa: PLC0415

        root = root_of(real)
        tree = self._tree(root)
        configuration = self._nearest(os.path.dirname(real))
        file = _relative(real, root)
        force = self.options.force_exclude or configuration.force_exclude
        if force and matches(excluded(self.options, configuration, root), file):
            return
        try:
            what = kind(tree, file)
        except Unreadable as error:
            self.problems.append(f"{path}: cannot be read: {error}")
            return
        if not tree.is_file(file):
            self.problems.append(f"{path}: is a link that leads out of the project, so it is not followed")
        elif what is None:
            self.problems.append(f"{path}: is neither a Dockerfile nor a compose file, by its name or by its content")
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

    def jobs(self) -> list[_Job]:
        """The calls of the engine, in the order of the paths."""
        return [
            _Job(
                self._trees[key[0]],
                None if key in self._whole else frozenset(files),
                self._configuration[key],
                key[0],
                _shown(key[0]),
            )
            for key, files in self._files.items()
        ]


def excluded(options: _Options, configuration: Configuration, root: str) -> tuple[str, ...]:
    """The exclude patterns of a configuration and of the command line, relative to the root."""
    from dockerlint_fastapi.discover import rebased  # noqa: PLC0415

    here = os.getcwd()
    own = [rebased(pattern, configuration.home or here, root) for pattern in configuration.exclude]
    given = [rebased(pattern, os.path.realpath(here), root) for pattern in options.exclude]
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


def _stdin_job(filename: str | None, configurations: _Configurations) -> _Job:
    """The text on standard input, in its place in the project when it is named, else alone."""
    from dockerlint_fastapi.discover import kind, kind_by_content, root_of  # noqa: PLC0415
    from dockerlint_fastapi.tree import DiskTree, MemoryTree, OverlayTree  # noqa: PLC0415

    data = sys.stdin.buffer.read() if sys.stdin is not None else b""
    if filename is None:
        # Alone, and without a name, it is a Dockerfile unless it says otherwise.
        name = "compose.yaml" if kind_by_content(data) == "compose" else "Dockerfile"
        here = os.getcwd()
        return _Job(MemoryTree({name: data}), frozenset({name}), configurations.nearest(here), here, lambda _: STDIN)
    folder, name = os.path.split(os.path.abspath(filename))
    real = os.path.join(os.path.realpath(folder), name)
    root = root_of(real)
    file = _relative(real, root)
    tree = OverlayTree(DiskTree(root), file, data)
    if kind(tree, file) is None:
        raise _Stop(f"{filename}: is neither a Dockerfile nor a compose file, by its name or by its content")
    return _Job(tree, frozenset({file}), configurations.nearest(os.path.dirname(real)), root, _shown(root))


def _settings(job: _Job, options: _Options, rules: tuple[Rule, ...]) -> Settings:
    """The engine's settings for a job: its configuration, and the command line over it."""
    from dockerlint_fastapi.config.selection import Layer, chosen, rules_of  # noqa: PLC0415
    from dockerlint_fastapi.discover import rebased  # noqa: PLC0415
    from dockerlint_fastapi.engine import Settings  # noqa: PLC0415

    configuration = job.configuration
    layers = (
        Layer(configuration.select, configuration.extend_select, configuration.ignore),
        Layer(options.select, options.extend_select, options.ignore),
    )
    per_file = (
        (pattern, frozenset(name for selector in selectors for name in rules_of(selector, rules)))
        for written, selectors in configuration.per_file_ignores
        if (pattern := rebased(written, configuration.home, job.root)) is not None
    )
    return Settings(
        rules=rules,
        select=chosen(rules, layers),
        severities=configuration.severity,
        options=configuration.options,
        exclude=excluded(options, configuration, job.root),
        per_file_ignores=tuple(per_file),
        profile=options.profile or configuration.profile or "default",
        deployment=options.deployment or configuration.deployment or "auto",
        today=options.today,
    )


# ---------------------------------------------------------------- faults of our own


def _blamed(traceback: TracebackType | None) -> str:
    """The file, and the rule, that was at work where an exception came from; empty when the frames do not show it."""
    from dockerlint_fastapi.source import Source  # noqa: PLC0415

    file = rule = ""
    while traceback is not None:  # from the outermost frame to the innermost: the last word is the nearest
        for name, value in traceback.tb_frame.f_locals.items():
            source = value if isinstance(value, Source) else getattr(value, "__dict__", {}).get("source")
            if source is None and not isinstance(value, type):
                try:
                    source = getattr(getattr(value, "span", None), "source", None)
                except Exception:  # noqa: BLE001, S112 - a node may be what is broken
                    continue
            if isinstance(source, Source):
                file = source.shown
            if name == "rule" and isinstance(getattr(value, "name", None), str):
                rule = f" (rule `{value.name}`)"
        traceback = traceback.tb_next
    return file + rule


def _internal(error: Exception, where: str) -> None:
    """Tells of a fault of dlf: one line, and the traceback for whoever wants to mend it."""
    if os.environ.get("DLF_DEBUG"):
        import traceback  # noqa: PLC0415

        _write(sys.stderr, "".join(traceback.format_exception(error)))
    blamed = _blamed(error.__traceback__) or where
    what = _what(error)
    place = f" on {blamed}" if blamed else ""
    _error(
        f"dlf {__version__} failed{place}: {what}. This is a fault of dlf, not of your files: please report it with"
        " this line and the file (DLF_DEBUG=1 shows the traceback)"
    )


def _what(error: Exception) -> str:
    """An exception on one line."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - a house rule may raise anything
        text = ""
    return " ".join(f"{type(error).__name__}: {text}".rstrip(": ").split())[:300]


def _broken_rules(failures: Sequence[Failure]) -> None:
    """Tells of rules that raised, each once however many files they broke on, and of parsers that did."""
    from dockerlint_fastapi.reporters.closing import counted, place  # noqa: PLC0415 - as in `_internal`

    by_rule: dict[str | None, list[Failure]] = {}
    for failure in failures:
        by_rule.setdefault(failure.rule, []).append(failure)
    for name, several in by_rule.items():
        first, *more = several
        if name is None or first.built_in:
            _internal(first.error, "" if first.span is None else place(first.span))
            continue
        if os.environ.get("DLF_DEBUG"):
            import traceback  # noqa: PLC0415

            _write(sys.stderr, "".join(traceback.format_exception(first.error)))
        where = f" on {place(first.span)}" if first.span is not None else ""
        also = f" and in {counted(len(more), 'more file')}" if more else ""
        _error(
            f"the rule `{name}` failed{where}{also}: {_what(first.error)}{_line_of(name, first.error.__traceback__)}."
            " What it has to say there is missing (DLF_DEBUG=1 shows the traceback)"
        )


def _line_of(rule: str, traceback: TracebackType | None) -> str:
    """The line of a rule's own file that an exception came through last, in brackets; empty when none is known."""
    line = ""
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if os.path.basename(file) == rule.replace("-", "_") + ".py":
            line = f" ({shown_path(os.path.abspath(file))}:{traceback.tb_lineno})"
        traceback = traceback.tb_next
    return line


# ---------------------------------------------------------------- commands


class _Commands(click.Group):
    """The subcommands, listed in the order in which they are written here."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """See click."""
        return list(self.commands)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", prog_name="dlf", message="%(prog)s %(version)s")
def group() -> None:
    """Lint the Dockerfiles, compose files and .dockerignore of FastAPI projects.

    dlf joins these files to what will really run, and says where that departs from good deployment practice.
    """


def _names(_context: click.Context, _parameter: click.Parameter, values: Iterable[str]) -> tuple[str, ...]:
    """`--select a,b --select c` as one tuple."""
    return tuple(name for value in values for name in value.replace(",", " ").split())


def _date(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value is None:
        return None
    from datetime import date  # noqa: PLC0415

    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a date such as 2026-11-22") from None


_exclude_option = click.option(
    "--exclude",
    metavar="PATTERN",
    multiple=True,
    help="Leave out files or directories, in the syntax of .gitignore. May be repeated.",
)
_force_exclude_option = click.option(
    "--force-exclude", is_flag=True, help="Apply excludes also to files named on the command line."
)
_config_option = click.option("--config", metavar="FILE", help="Use this dlf.toml or pyproject.toml and no other.")
_isolated_option = click.option("--isolated", is_flag=True, help="Read no configuration file.")
_rules_option = click.option(
    "--rules",
    "rule_dirs",
    metavar="DIR",
    multiple=True,
    help="A folder with rules of your own, besides the built-in ones. Its Python files are executed. May be repeated.",
)


@group.command(short_help="Lint files and directories.", no_args_is_help=False)
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option(
    "--select",
    metavar="RULE",
    multiple=True,
    callback=_names,
    help="Run only these: rules, categories, or `all`; separated by commas.",
)
@click.option(
    "--extend-select", metavar="RULE", multiple=True, callback=_names, help="Run these besides what is selected."
)
@click.option(
    "--ignore",
    metavar="RULE",
    multiple=True,
    callback=_names,
    help="Do not run these. A rule outweighs its category, a category `all`.",
)
@click.option(
    "--profile",
    type=click.Choice(PROFILES),
    help="How strict: what the deployment guide asks for, the usual, or everything.",
)
@click.option(
    "--deployment",
    type=click.Choice(DEPLOYMENTS),
    help="What runs the containers. Default: auto, by evidence in the project.",
)
@click.option("--output-format", type=click.Choice(tuple(FORMATS)), help="How to print findings. Default: text.")
@click.option("--output-file", metavar="FILE", help="Write the report to a file, as a whole or not at all.")
@click.option(
    "--fail-on",
    type=click.Choice(tuple(reversed(SEVERITIES))),
    help="The lowest severity that exits with 1. Default: warning.",
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even when there are findings.")
@click.option("--statistics", is_flag=True, help="Count findings by rule instead of showing them.")
@click.option("-q", "--quiet", is_flag=True, help="Print findings and errors, and nothing else.")
@_exclude_option
@_force_exclude_option
@_config_option
@_isolated_option
@click.option("--stdin-filename", metavar="FILE", help="The name of what is read from standard input (PATH `-`).")
@click.option(
    "--today", metavar="DATE", callback=_date, help="Judge ages as of this day, YYYY-MM-DD, instead of today."
)
@_rules_option
def check(**given: Any) -> int:
    """Lint files and directories (default: the working directory).

    A directory is searched for Dockerfiles and compose files; what .gitignore ignores is left out. A file is linted
    whatever ignores it. Either way dlf reads the project round it, up to the nearest directory with .git, because
    a compose file decides what a Dockerfile is used for. `-` reads standard input.

    \b
    Examples:
      dlf check                                   the project here
      dlf check api/Dockerfile compose.yaml       these files
      dlf check --select signals,health           two categories
      dlf check --output-format sarif --output-file dlf.sarif
      dlf check - --stdin-filename Dockerfile < Dockerfile

    \b
    Exit codes:
      0  nothing at or above --fail-on
      1  findings
      2  wrong usage or configuration, or a path that cannot be linted
    """  # noqa: D301 - \b is for click: keep these lines as they are
    return _check(**given)


def _check_config_options(config: str | None, *, isolated: bool) -> None:
    if isolated and config is not None:
        raise _Stop("--isolated and --config exclude each other")


def _check(
    *,
    paths: tuple[str, ...],
    select: tuple[str, ...],
    extend_select: tuple[str, ...],
    ignore: tuple[str, ...],
    profile: str | None,
    deployment: str | None,
    output_format: str | None,
    output_file: str | None,
    fail_on: str | None,
    exit_zero: bool,
    statistics: bool,
    quiet: bool,
    exclude: tuple[str, ...],
    force_exclude: bool,
    config: str | None,
    isolated: bool,
    stdin_filename: str | None,
    today: str | None,
    rule_dirs: tuple[str, ...],
) -> int:
    from dockerlint_fastapi.config.selection import check_selector  # noqa: PLC0415
    from dockerlint_fastapi.rule import CATEGORIES, OptionsError, RuleError, load_rules  # noqa: PLC0415

    _check_config_options(config, isolated=isolated)
    if STDIN in paths and len(paths) > 1:
        raise _Stop("`-` (standard input) cannot be linted together with other paths")
    if stdin_filename is not None and paths != (STDIN,):
        raise _Stop("--stdin-filename names what is read from standard input: it needs the path `-`")
    options = _Options(
        select=select or None,
        extend_select=extend_select,
        ignore=ignore,
        exclude=exclude,
        force_exclude=force_exclude,
        config=config,
        isolated=isolated,
        fail_on=fail_on,
        profile=profile,
        deployment=deployment,
        today=today,
        quiet=quiet,
    )
    rules = load_rules(rule_dirs)
    names = {rule.name for rule in rules}
    for option, selectors in (("--select", select), ("--extend-select", extend_select), ("--ignore", ignore)):
        for selector in selectors:
            try:
                check_selector(selector, names, CATEGORIES)
            except ConfigError as error:
                raise _Stop(f"{option}: {error}") from None
    configurations = _Configurations(options, rules)
    plan = _Plan(options, configurations)
    if paths == (STDIN,):
        jobs = [_stdin_job(stdin_filename, configurations)]
        first = jobs[0].configuration
    else:
        for path in paths or (".",):
            plan.add(path)
        jobs = plan.jobs()
        first = plan.first or Configuration()
    chosen_format = output_format or first.output_format or "text"
    if statistics and chosen_format == "sarif":
        raise _Stop("--statistics has no SARIF form")

    reports: list[Report] = []
    failed = reached = False
    for job in jobs:
        others = frozenset().union(
            *(other.files or () for other in jobs if other is not job and other.root == job.root)
        )
        try:
            report = _own(_lint(job, options, rules), job.files or frozenset(), others)
        except OptionsError as error:
            where = f"{shown_path(job.configuration.path)}: " if job.configuration.path else ""
            raise _Stop(f"{where}{error}") from None
        except RuleError:
            raise
        except Exception as error:  # noqa: BLE001 - told, and the other projects are still linted
            _internal(error, shown_path(job.root))
            failed = True
            continue
        if report.failures:
            _broken_rules(report.failures)
            failed = True
        reports.append(report)
        reached = reached or report.reaches(fail_on or job.configuration.fail_on or "warning")
    report = _together(reports, rules)
    text = (
        _statistics(report, chosen_format)
        if statistics
        else _rendered(report, chosen_format, quiet=quiet, to_file=output_file is not None)
    )
    if jobs or chosen_format not in FOR_PEOPLE:
        _deliver(text, chosen_format, output_file)
    if not quiet:
        for remark in plan.remarks:
            _say(remark)
    for problem in plan.problems:
        _error(problem)
    if plan.problems or failed:
        return FAILURE
    return FINDINGS if reached and not exit_zero else 0


def _lint(job: _Job, options: _Options, rules: tuple[Rule, ...]) -> Report:
    from dockerlint_fastapi.engine import lint  # noqa: PLC0415

    files = None if job.files is None else sorted(job.files)
    return lint(job.tree, _settings(job, options, rules), paths=files, shown=job.shown)


def _own(report: Report, files: frozenset[str], others: frozenset[str]) -> Report:
    """A report without findings in files that another job of the same project judges by its own configuration."""
    if not others:
        return report

    def mine(path: str) -> bool:
        return path in files or path not in others

    return report._replace(
        diagnostics=tuple(one for one in report.diagnostics if mine(one.finding.span.source.path)),
        suppressed=tuple(one for one in report.suppressed if mine(one.finding.span.source.path)),
    )


def _together(reports: list[Report], rules: tuple[Rule, ...]) -> Report:
    """The reports of all jobs as one; what two of them say alike of a file that is neither's is said once."""
    from dockerlint_fastapi.report import Report, merged  # noqa: PLC0415

    if len(reports) == 1:
        return reports[0]
    if not reports:
        return Report((), (), (), (), rules)
    report = merged(reports)
    return report._replace(
        diagnostics=tuple({one.order: one for one in report.diagnostics}.values()),
        suppressed=tuple({one.order: one for one in report.suppressed}.values()),
    )


def _rendered(report: Report, output_format: str, *, quiet: bool, to_file: bool) -> str:
    from dockerlint_fastapi.reporters import render  # noqa: PLC0415

    color = not to_file and _colored(sys.stdout)
    if quiet and output_format in FOR_PEOPLE:
        if not report.diagnostics:
            return ""
        return render(output_format, report._replace(notices=()), color=color, summary=False)
    return render(output_format, report, color=color)


def _statistics(report: Report, output_format: str) -> str:
    """How many findings each rule has, the most first."""
    counts: dict[str, list[str]] = {}
    for one in report.diagnostics:
        counts.setdefault(one.rule.name, []).append(one.severity)
    rows = [(len(severities), name, max(severities, key=SEVERITIES.index)) for name, severities in counts.items()]
    rows.sort(key=lambda row: (-row[0], row[1]))
    if output_format == "json":
        import json  # noqa: PLC0415

        return (
            json.dumps(
                [{"rule": name, "severity": severity, "count": count} for count, name, severity in rows], indent=2
            )
            + "\n"
        )
    if not rows:
        return "No findings.\n"
    width = max(len(name) for _, name, _ in rows)
    return "".join(f"{count:>5}  {name:<{width}}  {severity}\n" for count, name, severity in rows)


def _deliver(text: str, output_format: str, output_file: str | None) -> None:
    """Puts a report where it was asked for. Formats for programs are UTF-8 whatever the terminal is."""
    if output_file is None:
        _write(sys.stdout, text, encoding=None if output_format in FOR_PEOPLE else "utf-8")
        return
    try:
        _write_file(output_file, text)
    except OSError as error:
        raise _Stop(f"{output_file}: cannot be written: {error.strerror or error}") from error


@group.command(short_help="Show what dlf understood.", no_args_is_help=False)
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option(
    "--output-format",
    type=click.Choice(tuple(SHOW_FORMATS)),
    default="text",
    show_default=True,
    help="How to print it.",
)
@click.option("--output-file", metavar="FILE", help="Write it to a file, as a whole or not at all.")
@_exclude_option
@_force_exclude_option
@_config_option
@_isolated_option
@_rules_option
def show(
    paths: tuple[str, ...],
    *,
    output_format: str,
    output_file: str | None,
    exclude: tuple[str, ...],
    force_exclude: bool,
    config: str | None,
    isolated: bool,
    rule_dirs: tuple[str, ...],
) -> int:
    """Show what dlf understood of a project (default: the working directory), to trust or correct it.

    For each deployment and each container: image, stage, command and where each part of it is written, server, ports,
    user, health check, volumes, the names of environment variables, and what is unknown and why. Of single files, the
    containers that they concern. Rules are not run; a folder of rules is only for a configuration that names some.

    \b
    Examples:
      dlf show                                    the project here
      dlf show --output-format mermaid            a chart for a README
      dlf show compose.yaml --output-format json  for programs
    """  # noqa: D301 - as above
    from dockerlint_fastapi.rule import load_rules  # noqa: PLC0415
    from dockerlint_fastapi.show import render  # noqa: PLC0415
    from dockerlint_fastapi.show.describe import together  # noqa: PLC0415

    _check_config_options(config, isolated=isolated)
    options = _Options(exclude=exclude, force_exclude=force_exclude, config=config, isolated=isolated)
    plan = _Plan(options, _Configurations(options, load_rules(rule_dirs)))
    for path in paths or (".",):
        plan.add(path)
    jobs = plan.jobs()
    failed: list[str] = []
    description = together([one for job in jobs if (one := _described(job, options, failed)) is not None])
    if jobs or output_format not in FOR_PEOPLE:
        color = output_file is None and _colored(sys.stdout)
        _deliver(render(output_format, description, color=color), output_format, output_file)
    for remark in plan.remarks:
        _say(remark)
    for problem in plan.problems:
        _error(problem)
    return FAILURE if plan.problems or failed else 0


def _described(job: _Job, options: _Options, failed: list[str]) -> Description | None:
    """What dlf understood of one project. Where dlf itself breaks, on a file or on all of it (None then), that is told,
    and its name added to `failed`.
    """
    from dockerlint_fastapi.assemble import assemble  # noqa: PLC0415
    from dockerlint_fastapi.discover import find  # noqa: PLC0415
    from dockerlint_fastapi.show.describe import describe  # noqa: PLC0415

    files = None if job.files is None else sorted(job.files)
    try:
        found = find(job.tree, excluded(options, job.configuration, job.root), named=files or ())
        project = assemble(job.tree, found, paths=files, shown=job.shown)
        description = describe(project, files=job.files, shown=job.shown)
    except Exception as error:  # noqa: BLE001 - told, and the other projects are still shown
        failed.append(shown_path(job.root))
        _internal(error, failed[-1])
        return None
    for span, fault in project.failures:
        failed.append(span.source.shown)
        _internal(fault, failed[-1])
    return description


@group.command("rules", short_help="List all rules.")
@click.option(
    "--output-format", type=click.Choice(("text", "json")), default="text", show_default=True, help="How to print them."
)
@_rules_option
def list_rules(output_format: str, rule_dirs: tuple[str, ...]) -> int:
    """List all rules: name, severity, category and title."""
    from dockerlint_fastapi.reporters.paint import Paint  # noqa: PLC0415
    from dockerlint_fastapi.rule import load_rules  # noqa: PLC0415

    rules = load_rules(rule_dirs)
    if output_format == "json":
        import json  # noqa: PLC0415

        fields = ("name", "title", "summary", "severity", "category", "help", "guide", "sources", "since", "url")
        _write(
            sys.stdout,
            json.dumps([{field: getattr(rule, field) for field in fields} for rule in rules], indent=2) + "\n",
            encoding="utf-8",
        )
        return 0
    paint = Paint(color=_colored(sys.stdout))
    names = max(len(rule.name) for rule in rules)
    categories = max(len(rule.category) for rule in rules)
    _write(
        sys.stdout,
        "".join(
            f"{rule.name:<{names}}  {paint(rule.severity, f'{rule.severity:<7}')}"
            f"  {rule.category:<{categories}}  {rule.title}\n"
            for rule in rules
        ),
    )
    return 0


@group.command("rule", short_help="Explain one rule.")
@click.argument("name", metavar="NAME")
@_rules_option
def explain(name: str, rule_dirs: tuple[str, ...]) -> int:
    """Print the page of one rule: what it finds, why it matters, and examples.

    \b
    Example:
      dlf rule shell-form-cmd
    """  # noqa: D301 - as above
    from dockerlint_fastapi.config.selection import meant  # noqa: PLC0415
    from dockerlint_fastapi.reporters.paint import Paint  # noqa: PLC0415
    from dockerlint_fastapi.rule import load_rules  # noqa: PLC0415

    rules = {rule.name: rule for rule in load_rules(rule_dirs)}
    rule = rules.get(name)
    if rule is None:
        raise _Stop(f"there is no rule `{name}`{meant(name, rules)}; `dlf rules` lists them all")
    paint = Paint(color=_colored(sys.stdout))
    facts = [paint(rule.severity, rule.severity), f"category {rule.category}", f"since {rule.since}"]
    if rule.guide:
        facts.append(f"guide {', '.join(rule.guide)}")
    lines = [paint("strong", rule.name), " · ".join(facts), ""]
    fenced = False
    for line in rule.markdown.rstrip("\n").split("\n"):
        if line.startswith("```"):
            fenced = not fenced
            lines.append(paint("frame", line))
        else:
            lines.append(paint("strong", line) if line.startswith("#") and not fenced else line)
    if rule.sources:
        lines += ["", paint("strong", "Sources"), "", *(f"- {source}" for source in rule.sources)]
    _write(sys.stdout, "\n".join(lines) + "\n")
    return 0


@group.command("test", short_help="Run the examples of a folder of rules.")
@click.argument("directory", metavar="DIR")
@click.option("--bless", is_flag=True, help="Write what is printed into the pages as what is expected.")
def run_examples(directory: str, *, bless: bool) -> int:
    """Run the examples on the pages of a folder of rules.

    Each `## Bad` section of a page must print exactly its console block, each `## Good` section nothing. The folder's
    Python files are executed.
    """
    from dockerlint_fastapi.examples import ExampleError, run  # noqa: PLC0415

    if not os.path.isdir(directory):
        raise _Stop(f"{directory}: is no directory")
    try:
        outcome = run(directory, bless=bless)
    except ExampleError as error:
        raise _Stop(str(error)) from None
    _write(sys.stdout, outcome.text)
    return FINDINGS if outcome.failed else 0


# ---------------------------------------------------------------- the way in and out


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs the program and gives its exit code. Nothing but the code comes out of it, whatever happens."""
    try:
        return _run(arguments)
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except OSError as error:
        # a full disk, a terminal that went away
        with suppress(OSError):
            _error(f"{error.filename or 'output'}: {error.strerror or error}")
        return FAILURE


def _run(arguments: Sequence[str] | None) -> int:
    from dockerlint_fastapi.rule import RuleError  # noqa: PLC0415

    try:
        code = group.main(arguments, prog_name="dlf", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        _write(sys.stderr, f"{error.format_message()}\n")
        return FAILURE
    except click.ClickException as error:
        usage = error.ctx.get_usage() + "\n" if isinstance(error, click.UsageError) and error.ctx is not None else ""
        _say(f"{usage}error: {error.format_message()}")
        return FAILURE
    except (_Stop, ConfigError, RuleError) as error:
        _error(str(error))
        return FAILURE
    except (KeyboardInterrupt, click.Abort, OSError):
        raise
    except Exception as error:  # noqa: BLE001 - no traceback reaches a user
        _internal(error, "")
        return FAILURE
    return code if isinstance(code, int) else 0


def main() -> None:
    """The program `dlf`."""
    import gc  # noqa: PLC0415 - only the program may set how its process collects

    # A run makes next to no garbage in circles: what it builds is modules and a model that live to its end. Looking
    # through them again and again, and once more when the interpreter ends, takes an eighth of the time of linting one
    # Dockerfile. A long run is still collected now and then.
    gc.set_threshold(50_000, 20, 20)
    code = run()
    gc.freeze()
    sys.exit(code)
