"""What a rule says about one place, and how it could be mended."""

from __future__ import annotations

from typing import NamedTuple

from dockerlint_fastapi.source import Located, Span

SEVERITIES = ("info", "warning", "error")  # rising


class Note(NamedTuple):
    """The other end of a finding: a place, often in another file, and what is there."""

    span: Span
    message: str


class Edit(NamedTuple):
    """Replace a span by `text`."""

    span: Span
    text: str

    @classmethod
    def behind(cls, where: Located | Span, text: str) -> Edit:
        """Insert `text` directly behind a node or span."""
        span = place(where)
        return cls(Span(span.source, span.end, span.end), text)

    @classmethod
    def before(cls, where: Located | Span, text: str) -> Edit:
        """Insert `text` directly in front of a node or span."""
        span = place(where)
        return cls(Span(span.source, span.start, span.start), text)


class Fix(NamedTuple):
    """Edits that mend a finding. `applicability` is `safe` (same behaviour but for the correction) or `unsafe`."""

    title: str
    edits: tuple[Edit, ...]
    applicability: str = "safe"


def place(where: Located | Span) -> Span:
    """The span of anything located."""
    return where if isinstance(where, Span) else where.span


class Finding(NamedTuple):
    """One fault at one place. What is true of every finding of a rule stands on the rule's page.

    `severity` is None for the page's own; a rule sets it where the catalogue grades by evidence.
    `help` says what to do here; None takes the page's `help`. `in_guide` is the severity in the profile `guide`
    when it differs; `off` for a finding that is stricter than the guide. `pedantic` is for what only the
    profile of that name tells, and `guide` where `in_guide` says how severely.
    """

    span: Span
    message: str
    severity: str | None = None
    notes: tuple[Note, ...] = ()
    help: str | None = None
    fix: Fix | None = None
    in_guide: str | None = None
    pedantic: bool = False

    @classmethod
    def at(
        cls,
        where: Located | Span,
        message: str,
        *,
        severity: str | None = None,
        help: str | None = None,  # noqa: A002 - the word that users see in the output
        in_guide: str | None = None,
        pedantic: bool = False,
    ) -> Finding:
        """A finding at a node or span.

        The message says what is, then why it hurts; lower case, no full stop, code in backticks.
        """
        return cls(place(where), message, severity, (), help, None, in_guide, pedantic)

    def note(self, where: Located | Span | None, message: str) -> Finding:
        """The same finding with a note at another place; unchanged when there is no such place."""
        return self if where is None else self._replace(notes=(*self.notes, Note(place(where), message)))

    def fixed_by(self, title: str, *edits: Edit, safe: bool = True) -> Finding:
        """The same finding with a fix."""
        return self._replace(fix=Fix(title, edits, "safe" if safe else "unsafe"))
