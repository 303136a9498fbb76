"""What a rule says about one place, and how it could be mended."""

from __future__ import annotations

from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Located, Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

SEVERITIES = ("info", "warning", "error")  # rising


HERE = "here too"  # the note at a place that a finding speaks of as well


class Note(NamedTuple):
    """The other end of a finding: a place, often in another file, and what is there."""

    span: Span
    message: str

    @property
    def tells_more(self) -> bool:
        """Whether the finding is about this place as well."""
        return self.message == HERE or (self.message.startswith("`") and self.message.endswith(", too"))


class Edit(NamedTuple):
    r"""Replace a span by `text`; an empty span is an insertion, an empty text a removal.

    Lines in `text` end at `\n`; `Finding.fixed_by` gives them the ending that the file has.
    """

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


def meet(edit: Edit, other: Edit) -> bool:
    """Whether two edits of different fixes cannot be applied at once: they overlap, or insert at one place."""
    one, two = edit.span, other.span
    if edit == other or one.source.path != two.source.path:
        return False
    if one.start == one.end or two.start == two.end:  # an insertion may not even touch
        return one.start <= two.end and two.start <= one.end
    return one.start < two.end and two.start < one.end


class Creation(NamedTuple):
    """Make a file that is not there. `path` is relative to the project's root; `shown` is filled in by the engine."""

    path: str
    text: str
    shown: str = ""


class Fix(NamedTuple):
    """Edits that mend a finding, all of them or none. `applicability` is `safe` (same behaviour but for the
    correction) or `unsafe`. `title` says what is done, as an order: `add quotes`.

    The edits may lie in several files, in any order; no two of them overlap. Of insertions at one place the first
    stands first.
    """

    title: str
    edits: tuple[Edit, ...]
    applicability: str = "safe"
    creations: tuple[Creation, ...] = ()
    reveals: bool = False  # it makes readable what was not, so that other rules may have something to say then
    # The `aspects` that it changes, whole or one thing in them (`environment:PYTHONUNBUFFERED`); of what the finding
    # and its notes speak of, and of what stands at these places besides.
    names: tuple[str, ...] = ()
    places: tuple[Span, ...] = ()


if TYPE_CHECKING:
    # What a fix is made of: what the words of `edits` give. None is a refusal: then there is no fix at all.
    Change: TypeAlias = Edit | Creation | Iterable[Edit | Creation] | None


def place(where: Located | Span) -> Span:
    """The span of anything located."""
    return where if isinstance(where, Span) else where.span


class Finding(NamedTuple):
    """One fault at one place. What is true of every finding of a rule stands on the rule's page.

    `severity` is None for the page's own; a rule sets it where the catalogue grades by evidence.
    `help` says what to do here; None takes the page's `help`. `in_guide` is the severity in the profile `guide`
    when it differs; `off` for a finding that is stricter than the guide. `pedantic` is for what only the
    profile of that name tells, and `guide` where `in_guide` says how severely.
    `once` is for habits: `file` or `project`, in which the same words of a rule are told at the first place, with
    notes at the others; where some of them are `first`, at the first of these. `value` is `file`, and what other files
    say in the same words, names included, of the same text is told in the first of them.
    `cause` names what lies behind it, where the rule may find the same behind other findings, whatever their words
    (`caused_by`): the most severe of them is told, with notes at the places of the others.
    """

    span: Span
    message: str
    severity: str | None = None
    notes: tuple[Note, ...] = ()
    help: str | None = None
    fix: Fix | None = None
    in_guide: str | None = None
    pedantic: bool = False
    once: str | None = None
    first: bool = False
    cause: str | None = None

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
        once: str | None = None,
        first: bool = False,
    ) -> Finding:
        """A finding at a node or span.

        The message says what is, then why it hurts; lower case, no full stop, code in backticks.
        """
        return cls(place(where), message, severity, (), help, None, in_guide, pedantic, once, first)

    @property
    def told(self) -> tuple[Span, ...]:
        """Its place, and those of others that it speaks of as well (`once`, `cause`, and copies of its file)."""
        return (self.span, *(one.span for one in self.notes if one.tells_more))

    def note(self, where: Located | Span | None, message: str) -> Finding:
        """The same finding with a note at another place; unchanged when there is no such place."""
        return self if where is None else self._replace(notes=(*self.notes, Note(place(where), message)))

    def caused_by(self, *parts: Located | Span | str | None) -> Finding:
        """The same finding as one of those that have a cause in common: of the same rule, or of one that supersedes it,
        where the same places and words are given; unchanged when one of these is None.
        """
        named: list[str] = []
        for part in parts:
            if part is None:
                return self
            span = None if isinstance(part, str) else place(part)
            named.append(str(part) if span is None else f"{span.source.path}:{span.start}-{span.end}")
        return self._replace(cause="\n".join(named))

    def fixed_by(
        self,
        title: str,
        *changes: Change,
        safe: bool = True,
        reveals: bool = False,
        names: str | Iterable[str] = (),
        also: Iterable[Located | Span] = (),
    ) -> Finding:
        """The same finding with a fix; unchanged when one of the changes is None, or nothing would change.

        `reveals` is for what could not be read before, such as broken JSON: then other rules may speak afterwards.
        `names` is what the fix changes of what the model says (`aspects`); nothing else may change. It may do so where
        the finding and its notes stand, and where `also` does.
        """
        edits: list[Edit] = []
        creations: list[Creation] = []
        for change in changes:
            if change is None:
                return self
            for one in (change,) if isinstance(change, (Edit, Creation)) else change:
                if isinstance(one, Creation):
                    creations.append(one)
                else:
                    edits.append(one if "\n" not in one.text else one._replace(text=_ended(one.span.source, one.text)))
        if not edits and not creations:
            return self
        named = (names,) if isinstance(names, str) else tuple(names)
        places = tuple(place(one) for one in also)
        safety = "safe" if safe else "unsafe"
        return self._replace(fix=Fix(title, tuple(edits), safety, tuple(creations), reveals, named, places))


def _ended(source: Source, text: str) -> str:
    """A text with the line ending of a file's first line."""
    lines = source.text.find("\n")
    ending = "\r\n" if lines > 0 and source.text[lines - 1] == "\r" else "\n"
    return text.replace("\r\n", "\n").replace("\n", ending)
