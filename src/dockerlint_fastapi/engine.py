"""Runs rules over a project: files in, a report out. No global state, no printing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from dockerlint_fastapi import suppress
from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import SKIPPED, Found, find, kind_of, matches
from dockerlint_fastapi.finding import SEVERITIES, Finding
from dockerlint_fastapi.model.compose import ComposeFile
from dockerlint_fastapi.model.container import Container
from dockerlint_fastapi.model.dockerfile import Dockerfile
from dockerlint_fastapi.model.project import NotApartError, Project
from dockerlint_fastapi.once import told_once
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.report import Diagnostic, Failure, Notice, Report
from dockerlint_fastapi.rule import Names, Rule, RuleError
from dockerlint_fastapi.source import Source, Span
from dockerlint_fastapi.supersede import most_specific
from dockerlint_fastapi.tree import Tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date

    from dockerlint_fastapi.apart import Apart
    from dockerlint_fastapi.shares import Spread

UNUSED_IGNORE = suppress.UNUSED
IGNORE_WITHOUT_REASON = suppress.UNREASONED
ALWAYS = frozenset(("dockerfile-syntax", "compose-syntax", UNUSED_IGNORE))
_OFF = "off"  # of a finding that the settings leave out: an ignore that covers it is of use under others
_RANKS = {severity: rank for rank, severity in enumerate((_OFF, *SEVERITIES))}


class Settings(NamedTuple):
    """How to lint. `select` holds the names of the rules that are on, resolved from categories and `all`."""

    rules: tuple[Rule, ...]
    select: frozenset[str]
    severities: Mapping[str, str] = {}
    options: Mapping[str, Mapping[str, object]] = {}
    exclude: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, frozenset[str]], ...] = ()
    profile: str = "default"
    deployment: str = "auto"
    stack: tuple[str, ...] = ()  # the compose files that are used together; empty: names and contents tell
    today: str | None = None  # `2026-11-22`, the day as of which ages are judged; None for that of the clock
    preview: bool = False  # whether rules in preview run, as far as they are selected
    named: frozenset[str] = frozenset()  # the rules that somebody selected by their own names


def lint(
    tree: Tree,
    settings: Settings,
    *,
    paths: Sequence[str] | None = None,
    shown: Callable[[str], str] = str,
    progress: Callable[[int, int], None] | None = None,
    spread: Spread | None = None,
    apart: Apart | None = None,
) -> Report:
    """Everything that the selected rules say of the project under one root.

    `paths` are the files (relative to the root) that the user named; None means the whole project. The rest of
    the project is read all the same where a rule needs it, and what is reported concerns the named files: findings
    in them, and findings elsewhere that point into them. `shown` turns a root-relative path into what the user sees.
    `progress` is called while rules run, with how many nodes are judged and how many there are. `spread` has the nodes
    of a large project judged by several processes; `apart` has it linted part by part, where it can be.

    A rule that raises costs no other finding; the report then says so in `failures`. Raises RuleError for options
    that a rule does not have, and for a rule whose page cannot be read; ValueError when `today` is no date.
    """
    found = find(tree, settings.exclude, named=(*(paths or ()), *settings.stack))
    today = _date(settings.today)
    asked = _Asked(settings)
    reports: list[Report] | None = None
    if apart is not None and paths is None and not settings.stack and apart.fits(found):
        reports = apart.reports(
            tree,
            found,
            lambda part, its: _of_part(_report(part, its, settings, asked, shown=shown)),
            rules=settings.rules,
            shown=shown,
            deployment=settings.deployment,
            today=today,
            progress=progress,
        )
    if reports is None:
        project = assemble(
            tree,
            found,
            paths=paths,
            shown=shown,
            deployment=settings.deployment,
            stack=settings.stack,
            today=today,
        )
        reports = [_report(project, found, settings, asked, paths=paths, shown=shown, progress=progress, spread=spread)]
    scope = None if paths is None else frozenset(paths)
    return Report(
        diagnostics=_ordered(told_once(one for report in reports for one in report.diagnostics), scope),
        suppressed=_ordered((one for report in reports for one in report.suppressed), scope),
        notices=tuple(sorted((one for report in reports for one in report.notices), key=_Kinds(found))),
        files=tuple(sorted({path for report in reports for path in report.files})),
        rules=settings.rules,
        failures=tuple(one for report in reports for one in report.failures),
    )


class _Asked:
    """Which of the rules that are on are asked of a kind of node, and with which options. Raises RuleError."""

    def __init__(self, settings: Settings) -> None:
        self._options = {rule.name: rule.configured(settings.options.get(rule.name, {})) for rule in settings.rules}
        self._rules = [rule for rule in settings.rules if rule.name in settings.select and _in_profile(rule, settings)]
        self._of: dict[type, list[tuple[Rule, Callable[..., Iterator[Finding]]]]] = {}

    def of(self, kind: type) -> list[tuple[Rule, Callable[..., Iterator[Finding]]]]:
        """The rules for a kind of node, each with what is to be called with one."""
        if kind not in self._of:
            rules = [rule for rule in self._rules if any(issubclass(kind, one) for one in rule.nodes)]
            self._of[kind] = [(rule, rule.check if rule.options is None else self._bound(rule)) for rule in rules]
        return self._of[kind]

    def _bound(self, rule: Rule) -> Callable[..., Iterator[Finding]]:
        options = self._options[rule.name]
        return lambda node: rule.check(node, options)


def _report(
    project: Project,
    found: Found,
    settings: Settings,
    asked: _Asked,
    *,
    paths: Sequence[str] | None = None,
    shown: Callable[[str], str] = str,
    progress: Callable[[int, int], None] | None = None,
    spread: Spread | None = None,
) -> Report:
    """What is said of a project or a part of one, in no order, and each time that it is said."""
    reach = _Reach(project, found, paths, settings.exclude, shown)
    failures: dict[tuple[str | None, Source | None], Failure] = {}
    for span, error in project.failures:
        failures[None, span.source] = Failure(None, True, span, error)
    diagnostics = _strongest(
        [one for one in said if reach.reports(one.finding.span.source.path) and reach.may_concern(one.finding)]
        for said in most_specific(
            _all_said(project, settings, asked, failures, reach, progress=progress, spread=spread)
        )
    )
    elsewhere = reach.elsewhere(diagnostics)
    linted = [file.source for file in project.own.files if reach.names(file.source.path) and _is_linted(file)]
    kept, hidden = _suppressed(diagnostics, project, reach, elsewhere, settings)
    # what is said of ignores in a file that only notes point to counts as well
    said_of = {one.finding.span.source for one in (*diagnostics, *kept)} if paths is None else ()
    linted += [one for one in elsewhere if one in said_of or reach.names(one.path)]
    return Report(
        diagnostics=tuple(one for one in kept if one.severity != _OFF),
        suppressed=tuple(one for one in hidden if one.severity != _OFF),
        notices=tuple(_notices(project, reach)),
        files=tuple(source.shown for source in linted),
        rules=settings.rules,
        failures=tuple(failures.values()),
    )


def _of_part(report: Report) -> Report:
    """What is said of a part, with habits of its files told once: there is less to keep until all parts are done."""
    return report._replace(diagnostics=tuple(told_once(report.diagnostics, in_files=True)))


def _ordered(diagnostics: Iterable[Diagnostic], scope: frozenset[str] | None) -> tuple[Diagnostic, ...]:
    """Those that are told of what the user named, by their places."""
    told = (one for one in diagnostics if _concerns(one.finding, scope))
    return tuple(sorted(told, key=lambda one: one.order))


def _concerns(finding: Finding, scope: frozenset[str] | None) -> bool:
    """Whether a finding is in what the user named, or points into it."""
    if scope is None:
        return True
    return finding.span.source.path in scope or any(note.span.source.path in scope for note in finding.notes)


class _Kinds:
    """The order of notices: of Dockerfiles, of compose files, of ignore files."""

    def __init__(self, found: Found) -> None:
        self._compose = frozenset(found.compose_files)
        self._ignore = frozenset(found.ignore_files)

    def __call__(self, notice: Notice) -> tuple[int, str]:
        path = notice.span.source.path
        return (1 if path in self._compose else 2 if path in self._ignore else 0), path


def _date(text: str | None) -> date | None:
    """A date in ISO 8601. Raises ValueError."""
    if text is None:
        return None
    from datetime import date  # noqa: PLC0415  # only where a day is chosen

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"`today` is `{text}`, which is not a date such as 2026-11-22") from None


class _Reach:
    """What a report may speak of: the files that discovery found or the user named, and whatever else the containers
    use of the project, such as a script or the program's own code (`elsewhere`).
    """

    def __init__(
        self,
        project: Project,
        found: Found,
        paths: Sequence[str] | None,
        exclude: tuple[str, ...],
        shown: Callable[[str], str],
    ) -> None:
        self._project = project
        self._shown = shown
        self._exclude = exclude
        self._known = frozenset(found.all)
        self._ours = self._known.union(file.source.path for file in project.own.files)
        self._scope = None if paths is None else frozenset(paths)
        self._reports: dict[str, bool] = {}
        self.ignore_files = [one for path in found.ignore_files if (one := project.source_of(path)) is not None]

    def names(self, path: str) -> bool:
        """Whether the user named a file, alone or with the whole project that it was found in."""
        return path in (self._known if self._scope is None else self._scope)

    def reports(self, path: str) -> bool:
        """Whether findings in a file are told. A Dockerfile or compose file that the search left out has none, nor has
        what settings exclude, nor other people's code.
        """
        if path not in self._reports:
            named = path in self._known or (self._scope is not None and path in self._scope)
            left_out = path in self._ours or kind_of(path) is not None or matches(self._exclude, path)
            self._reports[path] = named or (not left_out and SKIPPED.isdisjoint(path.split("/")))
        return self._reports[path]

    def may_concern(self, finding: Finding) -> bool:
        """Whether it concerns what the user named, or will when it is told with others of the same words."""
        return finding.once is not None or _concerns(finding, self._scope)

    def tied(self, finding: Finding, node: object) -> Finding:
        """The finding, with a note to what makes a container of its file, when it is elsewhere and has no such note:
        the start command, or else the node that the rule was asked about. Files that its fix makes get their names.
        """
        if finding.fix is not None and finding.fix.creations:
            made = tuple(one._replace(shown=self._shown(one.path)) for one in finding.fix.creations)
            finding = finding._replace(fix=finding.fix._replace(creations=made))
        spans = (finding.span, *(note.span for note in finding.notes))
        if any(span.source.path in self._ours for span in spans):
            return finding
        start = node.start_span if isinstance(node, Container) else None
        if start is not None and start.source.path in self._ours:
            return finding.note(start, "the container starts with this")
        place = _place(node)
        known = place is not None and place.source.path in self._ours
        return finding.note(place, "in what is built or started here") if known else finding

    def elsewhere(self, diagnostics: Iterable[Diagnostic]) -> list[Source]:
        """The files of no kind of ours that were read, or that something is said of, each once."""
        said = (one.finding.span.source for one in diagnostics)
        sources = dict.fromkeys((*self._project.sources_read(), *said))
        return [one for one in sources if one.path not in self._ours and self.reports(one.path)]

    def judges(self, source: Source) -> bool:
        """Whether ignores of no use are told of a file that was read."""
        return self.names(source.path) or (self._scope is None and source.path not in self._ours)


def _is_linted(file: Dockerfile | ComposeFile) -> bool:
    return file.template is None and (isinstance(file, ComposeFile) or file.backup_of is None)


def _notices(project: Project, reach: _Reach) -> Iterator[Notice]:
    """Which files were not linted, and why."""
    for file in project.own.files:
        if not reach.names(file.source.path):
            continue
        if file.template is not None:
            yield Notice(file.template, "a template, not linted: render it first, then check the result")
        elif isinstance(file, Dockerfile) and file.backup_of is not None:
            of = file.backup_of.shown
            yield Notice(
                file.span, f"an earlier state of `{of}` that nothing builds, not linted: name it to have it checked"
            )
        elif isinstance(file, ComposeFile) and file.legacy is not None:
            yield Notice(file.legacy, "a service outside `services:`, as Compose had it before version 2, not linted")
        elif isinstance(file, Dockerfile):
            for span in file.unread:
                yield Notice(span, "a script longer than dlf reads (1 MB, or 20,000 steps), not linted")
    for path in project.ignore_files:
        ignore = project.ignore_file_at(path) if reach.names(path) else None
        if ignore is not None and ignore.unread:
            yield Notice(ignore.span, f"{ignore.unread}, so what it leaves out is not known")


def _all_said(
    project: Project,
    settings: Settings,
    asked: _Asked,
    failures: dict[tuple[str | None, Source | None], Failure],
    reach: _Reach,
    *,
    progress: Callable[[int, int], None] | None,
    spread: Spread | None,
) -> Iterator[tuple[object, list[Diagnostic]]]:
    """What the rules say of all nodes, in their order."""
    if spread is not None and spread.fits(project):
        return spread.judge(
            project, settings.rules, lambda nodes: _said(nodes, settings, asked, failures, reach), failures
        )
    nodes = project.nodes() if progress is None else _counted(project, progress)
    return _said(nodes, settings, asked, failures, reach)


def _said(
    nodes: Iterable[object],
    settings: Settings,
    asked: _Asked,
    failures: dict[tuple[str | None, Source | None], Failure],
    reach: _Reach,
) -> Iterator[tuple[object, list[Diagnostic]]]:
    """What each selected rule says of each node, graded; what goes wrong there is put into `failures`."""
    for node in nodes:
        for rule, check in asked.of(type(node)):
            said: list[Diagnostic] = []
            try:
                for finding in check(node):
                    if not settings.preview and rule.preview:
                        break  # asked here and not before: a page is read when its rule first has something to say
                    _check(finding)
                    said.append(_diagnostic(rule, reach.tied(finding, node), settings))
            except (RuleError, NotApartError):
                raise  # its page cannot be read, or the project is to be taken as a whole
            except Exception as error:  # noqa: BLE001 - rules are anyone's programs; one that breaks costs no other
                if not settings.preview and rule.preview:
                    continue
                span = _place(node)
                failures.setdefault((rule.name, span and span.source), Failure(rule.name, rule.built_in, span, error))
            if said:
                yield node, said


def _counted(project: Project, progress: Callable[[int, int], None]) -> Iterator[object]:
    """The nodes of a project, telling how many have been judged."""
    nodes = list(project.nodes())
    for done, node in enumerate(nodes):
        progress(done, len(nodes))
        yield node


def _check(finding: object) -> None:
    """Raises an exception for what a rule may not yield."""
    if not isinstance(finding, Finding):
        raise TypeError(f"a rule yields findings, not {type(finding).__name__}")
    if finding.severity is not None and finding.severity not in SEVERITIES:
        raise ValueError(f"`{finding.severity}` is no severity")
    if finding.in_guide is not None and finding.in_guide not in _RANKS:
        raise ValueError(f"`{finding.in_guide}` is no severity, nor `off`")
    if finding.once not in (None, "file", "value", "project"):
        raise ValueError(f"`once` is `file`, `value` or `project`, not `{finding.once}`")
    edits = finding.fix.edits if finding.fix is not None else ()
    for span in (finding.span, *(note.span for note in finding.notes), *(edit.span for edit in edits)):
        if not 0 <= span.start <= span.end <= len(span.source.text):
            raise ValueError(f"no place in the file: {span.start} to {span.end} of {len(span.source.text)}")
    if len(edits) > 1:
        places = sorted({(edit.span.source.path, edit.span.start, edit.span.end) for edit in edits})
        if any(one[0] == two[0] and two[1] < one[2] for one, two in zip(places, places[1:], strict=False)):  # noqa: RUF007 - no import for this
            raise ValueError(f"the edits of a fix overlap in {places[0][0]}")


def _place(node: object) -> Span | None:
    """Where a node stands, as far as it can still tell."""
    try:
        span = getattr(node, "span", None)
    except Exception:  # noqa: BLE001 - the node may be what is broken
        return None
    return span if isinstance(span, Span) else None


def _suppressed(
    diagnostics: list[Diagnostic], project: Project, reach: _Reach, elsewhere: list[Source], settings: Settings
) -> tuple[list[Diagnostic], list[Diagnostic]]:
    """Diagnostics that no comment ignores, with those about ignores that did nothing; and the ignored ones."""
    # In a template that was not linted, no ignore can be said to be of no use.
    ignores = {
        file.source: suppress.ignores(file.source, kind)
        for kind, files in (("dockerfile", project.own.dockerfiles), ("compose", project.own.compose_files))
        for file in files
        if _is_linted(file)
    }
    ignores.update((source, suppress.ignores(source, "dockerignore")) for source in reach.ignore_files)
    ignores.update((source, suppress.ignores(source, "elsewhere")) for source in elsewhere)
    if not any(ignores.values()):
        return diagnostics, []
    names = Names(settings.rules)
    ignores = {source: suppress.decoded(several, names) for source, several in ignores.items()}
    written: set[str] = set()
    for named in (named for several in ignores.values() for ignore in several for named in ignore.names):
        written |= {"all"} if named.rules is None else named.rules
    active = {
        rule.name
        for rule in settings.rules
        if rule.name in settings.select
        and _in_profile(rule, settings)
        # the page is read only of rules that an ignore names, or all of them for `ignore[all]`
        and (settings.preview or (rule.name not in written and "all" not in written) or not rule.preview)
    }
    applied = suppress.apply(diagnostics, ignores, known=names, active=active)
    told = [
        _diagnostic(rule, finding, settings)
        for name, findings in ((UNUSED_IGNORE, applied.unused), (IGNORE_WITHOUT_REASON, applied.unreasoned))
        for rule in settings.rules
        if rule.name == name and _speaks_of_ignores(rule, settings)
        for finding in findings
        if reach.judges(finding.span.source)
    ]
    return [*applied.kept, *told], applied.suppressed


def _speaks_of_ignores(rule: Rule, settings: Settings) -> bool:
    """Whether a rule on ignores is on. That each has a reason is asked for by the profile `pedantic`, or by name."""
    if rule.name == IGNORE_WITHOUT_REASON and settings.profile != "pedantic" and rule.name not in settings.named:
        return False
    return rule.name in settings.select


def _diagnostic(rule: Rule, finding: Finding, settings: Settings) -> Diagnostic:
    """A finding as it is told under the settings."""
    stricter = rule.built_in and rule.name not in ALWAYS and (not rule.guide or finding.in_guide == _OFF)
    return Diagnostic(rule, _graded(rule, finding, settings), finding, stricter=stricter)


def _graded(rule: Rule, finding: Finding, settings: Settings) -> str:
    """The severity of a finding under the settings; `off` when they leave it out."""
    for pattern, names in settings.per_file_ignores:
        if rule.name in names and matches((pattern,), finding.span.source.path):
            return _OFF
    if finding.pedantic and (settings.profile == "default" or (settings.profile == "guide" and not finding.in_guide)):
        return _OFF
    if settings.profile == "guide" and finding.in_guide is not None:
        if finding.in_guide == _OFF:
            return _OFF
        if rule.name not in settings.severities:
            return finding.in_guide
    return settings.severities.get(rule.name) or finding.severity or rule.severity


def _in_profile(rule: Rule, settings: Settings) -> bool:
    """Whether the profile has the rule. Faults of the files' own syntax are told in every profile: nothing else can be
    judged while they stand.
    """
    return settings.profile != "guide" or bool(rule.guide) or rule.name in ALWAYS


def _strongest(groups: Iterable[list[Diagnostic]]) -> list[Diagnostic]:
    """What is said of one place by one rule is told once, at its highest severity, however many nodes it was said of:
    two containers share a command. Different messages stay side by side only when they were said of the same node.
    """
    best: dict[tuple[str, Source, int, int], dict[str, Diagnostic]] = {}
    for group in groups:
        begun = set()
        for one in group:
            span = one.finding.span
            key = (one.rule.name, span.source, span.start, span.end)
            others = best.setdefault(key, {})
            same = others.get(one.finding.message)
            if same is not None:
                if _RANKS[one.severity] > _RANKS[same.severity]:
                    others[one.finding.message] = one
            elif not others or key in begun:
                begun.add(key)
                others[one.finding.message] = one
            elif all(_RANKS[one.severity] > _RANKS[other.severity] for other in others.values()):
                begun.add(key)
                best[key] = {one.finding.message: one}
    return [one for others in best.values() for one in others.values()]
