"""Texts that instructions write into files: here-documents, `echo` and `printf`, with the place of every character."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from dockerlint_fastapi.model.dockerfile import Heredoc
from dockerlint_fastapi.model.shell import Redirect, ShellWord
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "'": "'", "a": "\a", "b": "\b", "f": "\f"}


class Piece(NamedTuple):
    """A stretch of a written text; `locate` gives the span of `text[start:end]`."""

    text: str
    locate: Callable[[int, int], Span]


class Written(NamedTuple):
    """A text that an instruction writes, piece by piece."""

    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def by(self) -> Span:
        """Where it is written."""
        first, last = self.pieces[0].locate(0, 0), self.pieces[-1].locate(0, len(self.pieces[-1].text))
        return first.to(last) if first.source is last.source and first.start <= last.end else first

    def locate(self, start: int, end: int) -> Span:
        """The span of `text[start:end]`."""
        first = self._in_piece(start, at_end=False)
        last = self._in_piece(end, at_end=True)
        if first.source is not last.source or last.end < first.start:
            return first
        return first.to(last)

    def _in_piece(self, offset: int, *, at_end: bool) -> Span:
        behind = 0
        for piece in self.pieces:
            size = len(piece.text)
            within = behind < offset <= behind + size if at_end else behind <= offset < behind + size
            if within:
                at = offset - behind
                return piece.locate(at - 1, at) if at_end else piece.locate(at, at + 1)
            behind += size
        piece = self.pieces[0] if offset <= 0 else self.pieces[-1]
        at = 0 if offset <= 0 else len(piece.text)
        return piece.locate(at, at)


def of_heredoc(redirect: Redirect, document: Heredoc | None) -> tuple[Piece, ...] | None:
    """The text of a here-document; None when something in it is replaced on the way, or it was not found.

    `document` is Docker's own reading of it, where it stands directly behind a RUN.
    """
    if document is not None:
        text, span, expand = document.body, document.body_span, document.expand
    elif redirect.body is not None and redirect.target is not None:
        span = redirect.body
        text = span.text
        if redirect.operator == "<<-":
            text = re.sub(r"(?m)^\t+", "", text)
        expand = redirect.target.text == redirect.target.value
    else:
        return None
    if expand and any(char in text for char in "$`\\"):
        return None
    return (Piece(text, _within(span, text)),)


def of_copied(document: Heredoc) -> Written | None:
    """The text of a here-document that COPY writes; None when Docker replaces something in it."""
    if document.expand and any(char in document.body for char in "$\\"):
        return None
    return Written((Piece(document.body, _within(document.body_span, document.body)),))


def _within(span: Span, text: str) -> Callable[[int, int], Span]:
    if span.text == text:
        return lambda start, end: span.source.span(span.start + start, span.start + end)
    return lambda _start, _end: span


def of_echo(words: Sequence[ShellWord], shell: str | None) -> tuple[Piece, ...] | None:
    """What `echo` writes in a shell; None when it cannot be told.

    dash replaces escapes always and knows no `-e`; bash and busybox replace them with `-e` only.
    """
    flags: list[str] = []
    rest = list(words)
    while rest and rest[0].value is not None and re.fullmatch("-[neE]+", rest[0].value):
        flags.append(rest.pop(0).value or "")
    options = "".join(flags).replace("-", "")
    if any(word.value is None for word in rest):
        return None
    escaped = any("\\" in (word.value or "") for word in rest)
    if shell in ("dash", None) and ("e" in options or "E" in options):
        # Where `sh` is dash, `-e` is written out.
        return None
    replaces = shell == "dash" or "e" in options
    if escaped and shell is None:
        return None
    pieces: list[Piece] = []
    for at, word in enumerate(rest):
        piece = _of_word(word, escapes=replaces)
        if piece is None:
            return None
        if at:
            pieces.append(_filler(" ", piece.locate(0, 0)))
        pieces.append(piece)
    if "n" not in options:
        pieces.append(_filler("\n", pieces[-1].locate(len(pieces[-1].text), len(pieces[-1].text)) if pieces else words[0].span))  # fmt: skip # noqa: E501
    return tuple(pieces)


def of_printf(words: Sequence[ShellWord]) -> tuple[Piece, ...] | None:
    """What `printf` writes: a format without conversions, or one whose only conversions are `%s`; else None."""
    if not words or any(word.value is None for word in words):
        return None
    form, arguments = words[0], words[1:]
    text = form.value or ""
    if text.startswith("-"):
        return None
    if "%" not in text:
        piece = _of_word(form, escapes=True)
        return None if piece is None else (piece,)
    if text not in (r"%s\n", "%s", "%s\n"):
        return None
    pieces: list[Piece] = []
    for word in arguments:
        piece = _of_word(word, escapes=False)
        if piece is None:
            return None
        pieces.append(piece)
        if text != "%s":
            pieces.append(_filler("\n", piece.locate(len(piece.text), len(piece.text))))
    return tuple(pieces) or None


def _filler(text: str, span: Span) -> Piece:
    """A character that the program adds itself."""
    return Piece(text, lambda _start, _end: span)


def _of_word(word: ShellWord, *, escapes: bool) -> Piece | None:
    """The text of a word as it is written, its escapes replaced if the program does so; None for an unknown escape."""
    value = word.value or ""
    text = value
    if escapes and "\\" in value:
        parts = re.split(r"\\(.?)", value, flags=re.DOTALL)
        for at in range(1, len(parts), 2):
            if parts[at] not in _ESCAPES:
                return None
            parts[at] = _ESCAPES[parts[at]]
        text = "".join(parts)
    places = _places(word.span.text, text)
    span = word.span
    if places is None:
        return Piece(text, lambda _start, _end: span)
    first = span.start
    return Piece(text, lambda start, end: span.source.span(first + places[start], first + places[end]))


def _places(raw: str, text: str) -> list[int] | None:
    """For each offset of `text`, and its end, the offset in `raw`, which spells it with quotes and escapes and over
    continued lines; None when it does not.
    """
    places: list[int] = []
    at = 0
    for char in text:
        while True:
            continued = re.compile(r"\\[ \t]*\r?\n").match(raw, at) if raw.startswith("\\", at) else None
            if continued is not None:
                at = continued.end()
            elif raw[at : at + 1] in ("'", '"') and raw[at] != char:
                at += 1
            else:
                break
        places.append(at)
        if raw.startswith("\\\\", at) and _ESCAPES.get(raw[at + 2 : at + 3]) == char and char != "\\":
            at += 3  # `\\n` in double quotes
        elif raw.startswith("\\", at) and _ESCAPES.get(raw[at + 1 : at + 2], raw[at + 1 : at + 2]) == char:
            at += 2
        elif raw.startswith(char, at):
            at += 1
        else:
            return None
    places.append(at)
    return places
