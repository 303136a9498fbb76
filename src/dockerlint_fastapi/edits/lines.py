"""Whole lines of any file."""

from __future__ import annotations

import re

from dockerlint_fastapi.finding import Edit, place
from dockerlint_fastapi.source import Located, Source, Span


def indentation(source: Source, offset: int) -> str:
    """The blanks at the beginning of the line that holds an offset."""
    start = source.starts[source.position(offset)[0] - 1]
    end = start
    while source.text[end : end + 1] in (" ", "\t"):
        end += 1
    return source.text[start:end]


def last_line(span: Span) -> int:
    """The line that holds the last character of a span; the line itself of an empty one."""
    return span.source.position(max(span.start, span.end - 1))[0]


def below(where: Located | Span, text: str, *, indent: str | None = None) -> Edit:
    """New lines below the last line of a node, each with the indentation of its first line unless `indent` is given."""
    span = place(where)
    return _inserted_below(
        span.source,
        last_line(span),
        _indented(text, indentation(span.source, span.start) if indent is None else indent),
    )


def above(where: Located | Span, text: str, *, indent: str | None = None) -> Edit:
    """New lines above the first line of a node, each with its indentation unless `indent` is given."""
    span = place(where)
    start = span.source.starts[span.line - 1]
    block = _indented(text, indentation(span.source, span.start) if indent is None else indent)
    return Edit(span.source.span(start, start), block + "\n")


def without(where: Located | Span, *, comment: bool = False) -> Edit | None:
    """Removes the lines that a node stands on; None when something else stands there too.

    With `comment`, a `# …` behind the node goes with it.
    """
    span = place(where)
    source, starts = span.source, span.source.starts
    last = last_line(span)
    start = starts[span.line - 1]
    end = starts[last] if last < len(starts) else len(source.text)
    behind = source.text[span.end : end].strip()
    if source.text[start : span.start].strip() or (behind and not (comment and behind.startswith("#"))):
        return None
    if end == len(source.text) and not source.text.endswith("\n") and start > 0:
        start -= (
            2 if source.text[start - 2 : start] == "\r\n" else 1
        )  # the last line has no ending: take the one before
    return Edit(source.span(start, end), "")


def at_end(source: Source, text: str) -> Edit:
    """New lines at the end of a file; a last line without an ending stays without one."""
    if not source.text:
        return Edit(source.span(0, 0), _indented(text, "") + "\n")
    return _inserted_below(source, len(source.starts) - source.text.endswith("\n"), _indented(text, ""))


def _inserted_below(source: Source, line: int, block: str) -> Edit:
    starts = source.starts
    if line < len(starts):
        at = starts[line]
        return Edit(source.span(at, at), block + "\n")
    at = len(source.text)
    return Edit(source.span(at, at), "\n" + block)


def _indented(text: str, indent: str) -> str:
    text = text.removesuffix("\n")
    return re.sub(r"(?m)^(?=.)", indent, text) if indent else text
