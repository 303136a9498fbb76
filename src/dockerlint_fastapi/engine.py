"""Runs rules over a project: files in, a report out. No global state, no printing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from dockerlint_fastapi import suppress
from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find, is_template, matches
from dockerlint_fastapi.finding import SEVERITIES, Finding
from dockerlint_fastapi.model.deployment import Project
from dockerlint_fastapi.report import Diagnostic, Notice, Report
from dockerlint_fastapi.rule import Rule
from dockerlint_fastapi.source import Source
from dockerlint_fastapi.tree import Tree

UNUSED_IGNORE = suppress.UNUSED
ALWAYS = frozenset(("dockerfile-syntax", "compose-syntax", UNUSED_IGNORE))


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
    today: str | None = None


def lint(
    tree: Tree,
    settings: Settings,
    *,
    paths: Sequence[str] | None = None,
    shown: Callable[[str], str] = str,
) -> Report:
    """Everything that the selected rules say of the project under one root.

    `paths` are the files (relative to the root) that the user named; None means the whole project. The rest of
    the project is read all the same where a rule needs it, and what is reported concerns the named files: findings
    in them, and findings elsewhere that point into them. `shown` turns a root-relative path into what the user sees.
    """
    found = find(tree, settings.exclude, named=paths or ())
    project = assemble(tree, found, paths=paths, shown=shown)
    known = frozenset((*found.dockerfiles, *found.compose_files))
    scope = known if paths is None else frozenset(paths)
    linted = [file.source for file in project.files if file.source.path in scope]
    diagnostics = [
        one
        for one in _strongest(_diagnostics(project, settings))
        if one.finding.span.source.path in known and _concerns(one.finding, scope)
    ]
    kept, hidden = _suppressed(diagnostics, project, linted, settings)
    return Report(
        diagnostics=tuple(sorted(kept, key=lambda one: one.order)),
        suppressed=tuple(sorted(hidden, key=lambda one: one.order)),
        notices=tuple(
            Notice(file.template, "a template, not linted: render it first, then check the result")
            for file in project.files
            if file.template is not None and file.source.path in scope
        ),
        files=tuple(sorted(source.shown for source in linted)),
        rules=settings.rules,
    )


def _diagnostics(project: Project, settings: Settings) -> Iterator[Diagnostic]:
    """Every finding of every selected rule, graded."""
    wanted: dict[type, list[tuple[Rule, object]]] = {}
    selected = [
        (rule, rule.configured(settings.options.get(rule.name, {})))
        for rule in settings.rules
        if rule.name in settings.select
    ]
    for node in project.nodes():
        kind = type(node)
        if kind not in wanted:
            wanted[kind] = [
                (rule, options) for rule, options in selected if any(issubclass(kind, one) for one in rule.nodes)
            ]
        for rule, options in wanted[kind]:
            findings = rule.check(node) if rule.options is None else rule.check(node, options)
            for finding in findings:
                severity = _graded(rule, finding, settings)
                if severity is not None:
                    yield Diagnostic(rule, severity, finding)


def _suppressed(
    diagnostics: list[Diagnostic], project: Project, linted: list[Source], settings: Settings
) -> tuple[list[Diagnostic], list[Diagnostic]]:
    """Diagnostics that no comment ignores, with those about ignores that did nothing; and the ignored ones."""
    # In a template that was not linted, no ignore can be said to be of no use.
    ignores = {
        file.source: suppress.ignores(file.source, kind)
        for kind, files in (("dockerfile", project.dockerfiles), ("compose", project.compose_files))
        for file in files
        if file.template is None
    }
    if not any(ignores.values()):
        return diagnostics, []
    names = {rule.name for rule in settings.rules}
    active = {rule.name for rule in settings.rules if rule.name in settings.select and _in_profile(rule, settings)}
    applied = suppress.apply(diagnostics, ignores, known=names, active=active)
    rule = next((rule for rule in settings.rules if rule.name == UNUSED_IGNORE), None)
    told = [
        Diagnostic(rule, severity, finding)
        for finding in applied.unused
        if rule is not None and rule.name in settings.select and finding.span.source in linted
        if (severity := _graded(rule, finding, settings)) is not None
    ]
    return [*applied.kept, *told], applied.suppressed


def _graded(rule: Rule, finding: Finding, settings: Settings) -> str | None:
    """The severity of a finding under the settings; None when the profile leaves it out."""
    for pattern, names in settings.per_file_ignores:
        if rule.name in names and matches((pattern,), finding.span.source.path):
            return None
    if not _in_profile(rule, settings):
        return None
    if settings.profile == "guide":
        if finding.in_guide == "off":
            return None
        if finding.in_guide is not None and rule.name not in settings.severities:
            return finding.in_guide
    return settings.severities.get(rule.name) or finding.severity or rule.severity


def _in_profile(rule: Rule, settings: Settings) -> bool:
    """Whether the profile has the rule. Faults of the files' own syntax are told in every profile: nothing else can be
    judged while they stand."""
    return settings.profile != "guide" or bool(rule.guide) or rule.name in ALWAYS


def _strongest(diagnostics: Iterator[Diagnostic]) -> list[Diagnostic]:
    """One diagnostic for each rule and place: what two containers share is told once, at its highest severity."""
    best: dict[tuple[str, Source, int, int], Diagnostic] = {}
    for one in diagnostics:
        span = one.finding.span
        key = (one.rule.name, span.source, span.start, span.end)
        other = best.get(key)
        if other is None or SEVERITIES.index(one.severity) > SEVERITIES.index(other.severity):
            best[key] = one
    return list(best.values())


def _concerns(finding: Finding, scope: frozenset[str]) -> bool:
    return finding.span.source.path in scope or any(note.span.source.path in scope for note in finding.notes)
