"""The result of a run, as reporters see it."""

from __future__ import annotations

from dockerlint_fastapi.finding import SEVERITIES, Finding
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from typing import Protocol

    from dockerlint_fastapi.checkout import Checkout
    from dockerlint_fastapi.source import Source
else:
    Protocol = object


class RuleInfo(Protocol):
    """What a reporter may ask of a rule. All but `name` comes from its page, which is read when first asked for."""

    @property
    def name(self) -> str:
        """The id: `shell-form-cmd`."""

    @property
    def code(self) -> str:
        """The short name for consumers of SARIF, `DLF015`; empty for a rule from elsewhere that has none."""

    @property
    def title(self) -> str:
        """The page's heading, Markdown, one line."""

    @property
    def summary(self) -> str:
        """The page's first paragraph, plain text, one line."""

    @property
    def severity(self) -> str:
        """The page's severity: the highest that the rule gives."""

    @property
    def category(self) -> str:
        """The category's slug, such as `signals`."""

    @property
    def help(self) -> str:
        """What to do, one line."""

    @property
    def guide(self) -> tuple[str, ...]:
        """The practices of the guide that it checks (`G14`); empty when it is stricter than the guide."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Links that back the page."""

    @property
    def since(self) -> str:
        """The version that brought the rule."""

    @property
    def supersedes(self) -> tuple[str, ...]:
        """The rules that stay silent where it speaks of the same fault."""

    @property
    def preview(self) -> bool:
        """Whether it is not yet part of the contract, and runs only when preview rules are asked for."""

    @property
    def url(self) -> str:
        """Where the page can be read."""

    @property
    def markdown(self) -> str:
        """The page without its front matter."""


class Suppression(NamedTuple):
    """Why a finding is not reported: the comment that ignores it, or the baseline that holds it (it has no place)."""

    span: Span | None
    reason: str
    kind: str  # "dlf", "hadolint", "check", or "baseline"


class Diagnostic(NamedTuple):
    """One finding of one rule, with the severity it has after grading and configuration."""

    rule: RuleInfo
    severity: str
    finding: Finding
    suppression: Suppression | None = None
    stricter: bool = False  # it asks for more than the deployment guide does

    @property
    def path(self) -> str:
        """The file, as a user at the working directory names it."""
        return self.finding.span.source.shown

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """The order in which diagnostics are shown."""
        span = self.finding.span
        return (span.source.shown, span.start, span.end, self.rule.name, self.finding.message)


class Notice(NamedTuple):
    """Something to tell that is no fault: a template that was not linted. It never changes the exit code."""

    span: Span
    message: str


class Failure(NamedTuple):
    """A fault of the linter: a rule, or a parser, raised an exception where it should have spoken.

    What the same rule says elsewhere and what all others say is in the report all the same, but the report is not
    whole, so it cannot pass: exit code 2.
    """

    rule: str | None  # None for a parser
    built_in: bool  # False for a rule out of `--rules DIR`
    span: Span | None  # what was looked at; None when that is no place in a file
    error: Exception


class Report(NamedTuple):
    """Everything a run found. `diagnostics` are sorted, none of them suppressed; `files` were linted, as shown."""

    diagnostics: tuple[Diagnostic, ...]
    suppressed: tuple[Diagnostic, ...]
    notices: tuple[Notice, ...]
    files: tuple[str, ...]
    rules: tuple[RuleInfo, ...]  # the whole catalogue, sorted by name
    failures: tuple[Failure, ...] = ()  # one for each rule and file
    unread: tuple[str, ...] = ()  # what was asked for and could not be linted at all, with the reason, as messages
    fixes: str = ""  # which findings are marked as fixable: "safe", "all", or none for ""
    checkout: Checkout | None = None  # where the files are from, for formats that tell it
    sources: bool = True  # whether formats that can hold the text of files do so

    def marks(self, diagnostic: Diagnostic) -> bool:
        """Whether a finding is marked as one that `--fix` would mend, as it was called."""
        fix = diagnostic.finding.fix
        return bool(self.fixes) and fix is not None and (fix.applicability == "safe" or self.fixes == "all")

    @property
    def fixable(self) -> tuple[int, int]:
        """How many findings `--fix` would try to mend, and how many more with `--unsafe-fixes`; none without marks."""
        kinds = [one.finding.fix.applicability for one in self.diagnostics if one.finding.fix and self.fixes]
        return kinds.count("safe"), kinds.count("unsafe")

    def count(self, severity: str) -> int:
        """How many unsuppressed diagnostics have exactly that severity."""
        return sum(diagnostic.severity == severity for diagnostic in self.diagnostics)

    def in_turn(self) -> Iterator[Diagnostic]:
        """The diagnostics, for one look at each: where the lines of a file begin is forgotten behind it."""
        last: Source | None = None
        for one in self.diagnostics:
            source = one.finding.span.source
            if last is not None and last is not source:
                last.let_lines_go()
            last = source
            yield one

    def reaches(self, threshold: str) -> bool:
        """Whether any diagnostic is at or above a severity."""
        at = SEVERITIES.index(threshold)
        return any(SEVERITIES.index(diagnostic.severity) >= at for diagnostic in self.diagnostics)

    def owning(self, files: frozenset[str], others: frozenset[str]) -> Report:
        """Without the findings in files that are others' to judge: another configuration of the project is for them."""
        if not others:
            return self

        def own(one: Diagnostic) -> bool:
            path = one.finding.span.source.path
            return path in files or path not in others

        return self._replace(
            diagnostics=tuple(one for one in self.diagnostics if own(one)),
            suppressed=tuple(one for one in self.suppressed if own(one)),
        )

    def hiding(self, hidden: Collection[tuple[str, int, int, str, str]], baseline: str) -> Report:
        """With the findings that a baseline holds, by their `order`, among those that are suppressed."""
        reason = Suppression(None, f"in the baseline {baseline}", "baseline")
        known = [one._replace(suppression=reason) for one in self.diagnostics if one.order in hidden]
        return self._replace(
            diagnostics=tuple(one for one in self.diagnostics if one.order not in hidden),
            suppressed=tuple(sorted((*self.suppressed, *known), key=lambda one: one.order)),
        )


def merged(reports: Iterable[Report]) -> Report:
    """The reports of several projects as one."""
    reports = tuple(reports)
    return Report(
        tuple(sorted((d for report in reports for d in report.diagnostics), key=lambda d: d.order)),
        tuple(sorted((d for report in reports for d in report.suppressed), key=lambda d: d.order)),
        tuple(notice for report in reports for notice in report.notices),
        tuple(sorted({file for report in reports for file in report.files})),
        reports[0].rules if reports else (),
        tuple(failure for report in reports for failure in report.failures),
    )


def together(reports: Sequence[Report]) -> Report:
    """Reports on the files of one project as one; what two say alike of a file that is neither's is said once."""
    if len(reports) == 1:
        return reports[0]
    report = merged(reports)
    return report._replace(diagnostics=_distinct(report.diagnostics), suppressed=_distinct(report.suppressed))


def _distinct(diagnostics: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Diagnostics in their order; of those that say the same of one place the last."""
    last = len(diagnostics) - 1
    return tuple(
        one
        for at, one in enumerate(diagnostics)
        if at == last or one.path != diagnostics[at + 1].path or one.order != diagnostics[at + 1].order
    )
