"""The linter as a call, for other programs: a project's files in, its report out, as plain data.

Nothing is kept between calls, nothing printed, and no file is opened but dlf's own. What goes in and what comes out can
be pickled and sent anywhere; the same input gives the same output, today and in a year.
"""

from __future__ import annotations

import posixpath
from functools import lru_cache

from dockerlint_fastapi import baseline, plugins
from dockerlint_fastapi.config import ConfigError, Configuration
from dockerlint_fastapi.config.choices import Choices
from dockerlint_fastapi.discover import find, matches, rebased
from dockerlint_fastapi.engine import lint
from dockerlint_fastapi.held import HeldTree
from dockerlint_fastapi.once import one_fault
from dockerlint_fastapi.report import Report, together
from dockerlint_fastapi.rule import CATEGORIES, Names
from dockerlint_fastapi.tree import Unreadable, normal, parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import Any

    from dockerlint_fastapi.engine import Settings
    from dockerlint_fastapi.report import Failure
    from dockerlint_fastapi.rule import Rule
    from dockerlint_fastapi.tree import Tree

_ROOT = "/"  # where a project stands for patterns, which know absolute folders only


def lint_files(
    files: Mapping[str, bytes],
    *,
    today: str,
    links: Mapping[str, str] | None = None,
    sizes: Mapping[str, int] | None = None,
    executable: Collection[str] | None = None,
    select: Sequence[str] | None = None,
    extend_select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    exclude: Sequence[str] = (),
    profile: str | None = None,
    deployment: str | None = None,
    preview: bool | None = None,
    isolated: bool = False,
    rules: Sequence[Rule] | None = None,
) -> dict[str, Any]:
    """What `dlf check` finds in a project whose files are in memory: the document of `--output-format json`, as a
    dictionary, with `failures` (of rules that broke) besides.

    `files` maps paths relative to the project's root (`api/Dockerfile`) to bytes. `links` are symbolic links, by path,
    with what is written in them; they are followed within the project only. `sizes` are the sizes of files that are
    there and not worth holding. `executable` are the files with that right; None when the caller does not know.
    `today` is the day as of which ages are judged, `2026-11-22`. The project's own dlf.toml counts, under the other
    arguments, unless `isolated`. `rules` are the built-in ones, or what `plugins.load` gives.

    Raises ConfigError for a selector that does not exist and for a project's configuration that cannot be used,
    ValueError for a path out of the project and a day that is no date, RuleError for rules that cannot be read.
    """
    tree = HeldTree(files, links=links, sizes=sizes, executable=executable)
    choices = Choices(
        None if select is None else tuple(select),
        tuple(extend_select),
        tuple(ignore),
        tuple(exclude),
        profile,
        deployment,
        preview,
        isolated,
    )
    return as_document(lint_tree(tree, choices, today=today, rules=rules))


def lint_tree(tree: Tree, choices: Choices, *, today: str, rules: Sequence[Rule] | None = None) -> Report:
    """The same for files in any tree, as a report. Raises what `lint_files` raises."""
    if not isinstance(today, str):
        raise TypeError("`today` is a date such as 2026-11-22: what a project is told must not depend on the clock")
    known = built_in_rules() if rules is None else tuple(rules)
    choices.check(known)
    project = _Project(tree, choices, known)
    jobs = project.jobs()
    reports: list[Report] = []
    for configuration, paths in jobs:
        report = lint(tree, project.settings(configuration, today), paths=None if paths is None else sorted(paths))
        others = frozenset().union(*(other or () for one, other in jobs if one is not configuration))
        reports.append(report.owning(paths or frozenset(), others))
    reports = project.without_known(jobs, reports)
    return one_fault(together(reports))._replace(rules=known)


def as_document(report: Report) -> dict[str, Any]:
    """A report as plain data: what `--output-format json` prints, and `failures`."""
    from dockerlint_fastapi.reporters.json_report import document  # noqa: PLC0415 - with its own imports

    return {**document(report), "failures": [_failure(one) for one in report.failures]}


def _failure(failure: Failure) -> dict[str, Any]:
    from dockerlint_fastapi.reporters.visible import well_formed  # noqa: PLC0415 - as above

    path = failure.span.source.shown if failure.span is not None else None
    return {
        "rule": failure.rule,
        "path": None if path is None else well_formed(path),
        "error": well_formed(f"{type(failure.error).__name__}: {failure.error}"),
    }


@lru_cache(maxsize=1)
def built_in_rules() -> tuple[Rule, ...]:
    """The rules that come with dlf; they have no state, so they are read once."""
    return plugins.load(installed=False)


class _Project:
    """One project: which configuration of its own is for which of its files."""

    def __init__(self, tree: Tree, choices: Choices, rules: tuple[Rule, ...]) -> None:
        self._tree = tree
        self._choices = choices
        self._rules = rules
        self._nearest: dict[str, Configuration] = {}

    def jobs(self) -> list[tuple[Configuration, frozenset[str] | None]]:
        """Each configuration with the files that it is for; None stands for all of them."""
        own = self._configuration("")
        found = find(self._tree, self._excluded(own), named=self._stack(own))
        if not found.dockerfiles and not found.compose_files:
            return []
        files: dict[str | None, set[str]] = {}
        configurations: dict[str | None, Configuration] = {}
        for file in found.all:
            one = self._configuration(parent(file))
            if one is not own and matches(self._excluded(one), file):
                continue
            configurations[one.path] = one
            files.setdefault(one.path, set()).add(file)
        if len(files) == 1:
            return [(next(iter(configurations.values())), None)]
        return [(configurations[path], frozenset(some)) for path, some in files.items()]

    def _configuration(self, folder: str) -> Configuration:
        """The configuration that is nearest to a directory, going up to the root."""
        if folder not in self._nearest:
            found = None if self._choices.isolated else self._loaded(folder)
            if found is None:
                found = self._configuration(parent(folder)) if folder else Configuration(home=_ROOT)
            self._nearest[folder] = found
        return self._nearest[folder]

    def _loaded(self, folder: str) -> Configuration | None:
        for name in ("dlf.toml", "pyproject.toml"):
            path = f"{folder}/{name}" if folder else name
            try:
                data = self._tree.read(path)
            except Unreadable as error:
                if name == "pyproject.toml":
                    continue
                raise ConfigError(f"{path}: cannot be read: {error}") from None
            if data is None or (name == "pyproject.toml" and b"dlf" not in data):
                continue
            from dockerlint_fastapi.config.file import parsed  # noqa: PLC0415 - it imports pydantic

            found = parsed(data, _ROOT + path, path, Names(self._rules), CATEGORIES)
            if found is not None:
                return found._replace(path=path, home=_ROOT + folder)
        return None

    def settings(self, configuration: Configuration, today: str) -> Settings:
        """The engine's settings: a configuration, and over it what the caller chose."""
        return self._choices.settings(
            configuration,
            self._rules,
            root=_ROOT,
            exclude=self._excluded(configuration),
            stack=self._stack(configuration),
            today=today,
        )

    def _excluded(self, configuration: Configuration) -> tuple[str, ...]:
        own = (rebased(pattern, configuration.home, _ROOT) for pattern in configuration.exclude)
        return (*(pattern for pattern in own if pattern is not None), *self._choices.exclude)

    def _stack(self, configuration: Configuration) -> tuple[str, ...]:
        return tuple(self._named(configuration, file, "compose-files") for file in configuration.compose_files)

    def _named(self, configuration: Configuration, file: str, key: str) -> str:
        """A file that a configuration names, by its path in the project."""
        path = normal(f"{configuration.home}/{file}".removeprefix(_ROOT).lstrip("/")) if file[:1] != "/" else None
        if path is None:
            raise ConfigError(f"{configuration.path}: `{key}`: {file}: lies outside of the project")
        if not self._tree.is_file(path):
            raise ConfigError(f"{configuration.path}: `{key}`: {file}: no such file")
        return path

    def without_known(
        self, jobs: Sequence[tuple[Configuration, frozenset[str] | None]], reports: list[Report]
    ) -> list[Report]:
        """The reports without the findings that the project's own baselines hold."""
        by_file: dict[str, list[int]] = {}
        for at, (configuration, _) in enumerate(jobs):
            if configuration.baseline is not None:
                by_file.setdefault(self._named(configuration, configuration.baseline, "baseline"), []).append(at)
        for file, members in by_file.items():
            try:
                entries = baseline.read(self._tree.read(file) or b"", file)
            except (baseline.BaselineError, Unreadable) as error:
                raise ConfigError(f"{file}: cannot be used: {error}") from error
            home = parent(file)
            said = {one.order: one for at in members for one in reports[at].diagnostics}
            compared = baseline.compare(
                tuple(said.values()),
                entries,
                lambda one, home=home: posixpath.relpath(_ROOT + one.finding.span.source.path, _ROOT + home),  # type: ignore[misc]
                lambda _: False,
                lambda path, home=home: self._is_there(home, path),  # type: ignore[misc]
            )
            hidden = {one.order for one in compared.known}
            for at in members:
                reports[at] = reports[at].hiding(hidden, file)
        return reports

    def _is_there(self, home: str, path: str) -> bool:
        place = normal(f"{home}/{path}".lstrip("/"))
        return place is not None and (self._tree.is_file(place) or self._tree.is_dir(place))
