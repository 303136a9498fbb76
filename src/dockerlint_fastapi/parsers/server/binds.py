"""Addresses of an option that may be repeated (`--bind`), as far as gunicorn and hypercorn write them alike."""

from __future__ import annotations

from collections.abc import Callable

from dockerlint_fastapi.model.command import Argument, Bind, Value
from dockerlint_fastapi.parsers.server.options import Line
from dockerlint_fastapi.source import Span


def repeated_binds(line: Line, option: str, read: Callable[[str, Value], Bind]) -> tuple[Bind, ...] | None:
    """The binds of an option that may be repeated; empty when it is not given, None when that cannot be told."""
    values = line.given.get(option)
    if not values:
        return None if line.hidden or line.unknown else ()
    if line.hidden:
        return None
    return tuple(
        _partly_known(word) if value is None else read(value.text, value)
        for value, word in zip(values, line.values[option], strict=True)
    )


def _partly_known(word: Argument) -> Bind:
    """`0.0.0.0:$PORT`: the host is known although the port is not."""
    if word.value is not None:
        return Bind(None, None)
    quote = word.text[:1] if word.text[:1] in ('"', "'") else ""
    literal = word.text[len(quote) :].partition("$")[0]
    host = literal[:-1]
    if not literal.endswith(":") or not host or any(char in host for char in "\\\"'`*?:/"):
        return Bind(None, None)
    start = word.span.start + len(quote)
    exact = word.span.text == word.text
    span = Span(word.span.source, start, start + len(host)) if exact else word.span
    return Bind(Value(host, span, "option"), None)


def part(value: Value, start: int, end: int) -> Value:
    """A stretch of a value, with its own place where the value's place is exact."""
    span = value.span
    if span is not None and span.end - span.start == len(value.text):
        span = Span(span.source, span.start + start, span.start + end)
    return Value(value.text[start:end], span, value.origin)


def default_port(value: Value) -> Value:
    """The port of an address that names none: 8000; an empty address stays as it is."""
    return Value("8000", None, "default") if value.text else value
