"""`dlf check --baseline`: which file, and what becomes of it."""

from __future__ import annotations

import os

from dockerlint_fastapi import baseline
from dockerlint_fastapi.cli.jobs import settings_of
from dockerlint_fastapi.cli.outcome import Stop
from dockerlint_fastapi.cli.output import write_file
from dockerlint_fastapi.config import PROFILES, shown_path
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockerlint_fastapi.cli.jobs import Job, Options
    from dockerlint_fastapi.report import Diagnostic, Report
    from dockerlint_fastapi.rule import Rule

DEFAULT = "dlf-baseline.json"
"""The file that `--write-baseline` makes in the working directory when none is named."""

MAX_TOLD = 20  # findings that are gone and told one by one


class Given(NamedTuple):
    """What the command line says of baselines."""

    file: str | None = None
    write: bool = False
    update: bool = False
    off: bool = False


class Outcome(NamedTuple):
    """What is left of the reports, what to tell, and what to say of files that were written."""

    reports: list[Report]
    remarks: list[str]
    written: list[str]


def check_given(given: Given, *, stdin: bool) -> None:
    """Stops at options that contradict each other."""
    if given.off and (given.file is not None or given.write or given.update):
        raise Stop("--no-baseline excludes the other options on baselines")
    if given.write and given.update:
        raise Stop("--write-baseline takes in all that is found, --update-baseline nothing new: name one of them")
    if stdin and (given.write or given.update):
        raise Stop("a baseline is written for files, not for standard input")


def applied(
    linted: Sequence[tuple[Job, Report]],
    given: Given,
    options: Options,
    rules: tuple[Rule, ...],
    paths: Sequence[str],
    *,
    whole: bool,
) -> Outcome:
    """The reports without the findings that their baselines hold; writes the baselines when that was asked for.

    `paths` are those of the command line; `whole` says that all of them could be linted by every rule. Raises Stop.
    """
    reports = [report for _, report in linted]
    by_file: dict[str, list[int]] = {}
    for at, (job, _) in enumerate(linted):
        if (file := _file_of(job, given)) is not None:
            by_file.setdefault(file, []).append(at)
    remarks: list[str] = []
    told: list[str] = []
    if given.update and not by_file:
        raise Stop("--update-baseline: no baseline is named, neither by --baseline nor in a configuration")
    if (given.write or given.update) and not whole:
        raise Stop("the baseline is left as it was, since not everything could be linted")
    for file, members in by_file.items():
        one = _Baseline(file, [linted[at] for at in members], options, rules, paths)
        compared = one.compare(writes=given.write)
        hidden = {diagnostic.order for diagnostic in compared.known}
        if given.write:
            entries = baseline.together([*compared.left, *baseline.entries_of(compared.new, one.path_of)])
            hidden.update(diagnostic.order for diagnostic in compared.new)
            told.append(one.save(entries, created=len(compared.new), dropped=compared.gone))
        else:
            if given.update and compared.left != one.entries:
                told.append(one.save(compared.left, created=0, dropped=compared.gone))
            remarks += one.remarks(compared, updated=given.update)
        for at in members:
            reports[at] = reports[at].hiding(hidden, one.shown)
    return Outcome(reports, remarks, told)


def _file_of(job: Job, given: Given) -> str | None:
    """The baseline of a job, as an absolute path."""
    configuration = job.configuration
    if given.off:
        return None
    if given.file is not None:
        return os.path.abspath(given.file)
    if configuration.baseline is not None:
        return os.path.abspath(os.path.join(configuration.home, configuration.baseline))
    return os.path.abspath(DEFAULT) if given.write else None


class _Baseline:
    """One baseline file, and what was linted that it is for."""

    def __init__(
        self,
        file: str,
        linted: Sequence[tuple[Job, Report]],
        options: Options,
        rules: tuple[Rule, ...],
        paths: Sequence[str],
    ) -> None:
        self.file = file
        self.shown = shown_path(file)
        self.home = os.path.realpath(os.path.dirname(file))
        self.linted = linted
        self.rules = {rule.name: rule for rule in rules}
        self.entries: tuple[baseline.Entry, ...] = ()
        self._settings = [settings_of(job, options, rules) for job, _ in linted]
        self._roots: dict[int, str] = {
            id(one): job.root for job, report in linted for one in (*report.diagnostics, *report.suppressed)
        }
        self._folders = [os.path.realpath(path) for path in paths or (".",) if os.path.isdir(path)]
        self._files = {os.path.join(job.root, *path.split("/")) for job, _ in linted for path in job.files or ()}

    def path_of(self, diagnostic: Diagnostic) -> str:
        """The file of a finding, relative to the baseline's directory."""
        root = self._roots.get(id(diagnostic), self.linted[0][0].root)
        path = os.path.join(root, *diagnostic.finding.span.source.path.split("/"))
        try:
            return os.path.relpath(path, self.home).replace(os.sep, "/")
        except ValueError:  # another drive of Windows
            return path.replace(os.sep, "/")

    def compare(self, *, writes: bool) -> baseline.Compared:
        """The findings of all jobs against the file. Raises Stop."""
        self.entries = self._read(writes=writes)
        diagnostics = {one.order: one for _, report in self.linted for one in report.diagnostics}
        return baseline.compare(tuple(diagnostics.values()), self.entries, self.path_of, self._judged, self._exists)

    def _read(self, *, writes: bool) -> tuple[baseline.Entry, ...]:
        try:
            with open(self.file, "rb") as file:
                data = file.read()
        except FileNotFoundError:
            if writes:
                return ()
            raise Stop(f"{self.shown}: no such file; `dlf check --write-baseline` makes a baseline") from None
        except OSError as error:
            raise Stop(f"{self.shown}: cannot be read: {error.strerror or error}") from error
        try:
            return baseline.read(data, self.shown)
        except baseline.BaselineError as error:
            raise Stop(str(error)) from None

    def _exists(self, path: str) -> bool:
        return os.path.lexists(os.path.join(self.home, *path.split("/")))

    def _judged(self, entry: baseline.Entry) -> bool:
        """Whether this run would have found an entry again: its rule ran, and its file was asked for."""
        if not any(self._runs(entry.rule, at) for at in range(len(self.linted))):
            return False
        path = os.path.normpath(os.path.join(self.home, *entry.path.split("/")))
        return path in self._files or any(_inside(path, folder) for folder in self._folders)

    def _runs(self, name: str, at: int) -> bool:
        from dockerlint_fastapi.engine import ALWAYS  # noqa: PLC0415 - the engine was imported to lint

        settings, rule = self._settings[at], self.rules.get(name)
        if rule is None or name not in settings.select:
            return False
        usual = self.linted[at][0].configuration.profile or "default"
        if PROFILES.index(settings.profile) < PROFILES.index(usual):
            return False  # a run for once with less than is usual here
        return (settings.profile != "guide" or bool(rule.guide) or name in ALWAYS) and (
            settings.preview or not rule.preview
        )

    def remarks(self, compared: baseline.Compared, *, updated: bool) -> list[str]:
        """What to tell of a baseline that was held against findings."""
        from dockerlint_fastapi.config.selection import meant  # noqa: PLC0415
        from dockerlint_fastapi.reporters.closing import counted  # noqa: PLC0415

        told = [
            f"{self.shown}: there is no rule `{name}`{meant(name, self.rules)}, of which it holds findings"
            for name in sorted({one.rule for one in self.entries if one.rule not in self.rules})
        ]
        if compared.gone and not updated:
            number = sum(one.times for one in compared.gone)
            what = f"{counted(number, 'finding')} of it {'is' if number == 1 else 'are'} gone"
            told.append(f"{self.shown}: {what}; --update-baseline takes {'it' if number == 1 else 'them'} out:")
            told += [f"  {_line(one)}" for one in compared.gone[:MAX_TOLD]]
            if len(compared.gone) > MAX_TOLD:
                told.append(f"  and {len(compared.gone) - MAX_TOLD} more")
        return told

    def save(self, entries: tuple[baseline.Entry, ...], *, created: int, dropped: Sequence[baseline.Entry]) -> str:
        """Writes the file, as a whole or not at all, and gives what to tell. Raises Stop."""
        from dockerlint_fastapi.reporters.closing import counted  # noqa: PLC0415

        try:
            write_file(self.file, baseline.written(entries))
        except OSError as error:
            raise Stop(f"{self.shown}: cannot be written: {error.strerror or error}") from error
        number = sum(one.times for one in entries)
        gone = sum(one.times for one in dropped)
        changes = [f"{created} new"] * bool(created) + [f"{gone} gone and taken out"] * bool(gone)
        return f"{self.shown}: holds {counted(number, 'finding')}" + (f" ({', '.join(changes)})" if changes else "")


def _line(entry: baseline.Entry) -> str:
    times = f" ({entry.times} times)" if entry.times > 1 else ""
    return f"{entry.path}: {entry.rule}{times}: {entry.message}"


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
