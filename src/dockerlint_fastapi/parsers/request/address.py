"""Addresses in a text: URLs as their clients read them, and `host:port`."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.command import Program, Value
from dockerlint_fastapi.model.environment.interpolation import PLACEHOLDER
from dockerlint_fastapi.model.health.probe import Request
from dockerlint_fastapi.parsers.request.expansion import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


DEFAULT_PORTS: Final = {"http": "80", "https": "443"}
GET: Final = Value("GET", None, "default")
_URL: Final = r"(?:([A-Za-z][A-Za-z0-9+.-]*)://)?(?:[^/?#@\s]*@)?(\[[^\]\s]*\]|[^/?#:\s]*)(?::([^/?#\s]*))?(/[^?#\s]*)?"


def url(text: Text, program: Program, method: Value | None = GET, *, bare: bool = True) -> Request | None:
    """The request for a URL; `bare` says whether the client takes one without a scheme for HTTP.

    None for a scheme that is not HTTP's, and for what is no URL.
    """
    unknown = Request(program, text.whole, None, None, None, None, method)
    match = re.match(_URL, text.value)
    if match is None:
        return None
    scheme, host, port, path = match.groups()
    hidden = text.value.startswith(PLACEHOLDER) or (scheme is None and PLACEHOLDER in text.value.partition("/")[0])
    # `$URL/health`, `$HOST:8000/health`: only a port behind it tells where the address ends
    if hidden and (port is None or not port.isdecimal() or scheme is not None):
        return unknown
    if scheme is None and not bare:
        return None
    scheme = (scheme or "http").lower()
    if scheme not in DEFAULT_PORTS or (not host and not port):
        return None
    sure = PLACEHOLDER not in host or port is not None
    return Request(
        program,
        text.whole,
        scheme,
        text.part(*match.span(2)) if PLACEHOLDER not in match[0][: match.end(2)] else None,
        _port(text, match, scheme) if sure else None,
        _path(text, match, path) if sure else None,
        method,
    )


def _port(text: Text, match: re.Match[str], scheme: str) -> Value | None:
    if not match[3]:
        return Value(DEFAULT_PORTS[scheme], None, "default")
    found = text.part(*match.span(3))
    return found if found is not None and found.number is not None else None


def _path(text: Text, match: re.Match[str], path: str | None) -> Value | None:
    return Value("/", None, "default") if path is None else text.part(*match.span(4))


def connection(host: Text, port: Text, program: Program | None) -> Request:
    """A bare connection to a host and a port."""
    found = port.part(0, len(port.value))
    span = host.whole
    last = port.whole
    if last.source is span.source and last.end >= span.start:
        span = span.to(last)
    return Request(
        program,
        span,
        "tcp",
        host.part(0, len(host.value)),
        found if found is not None and found.number is not None else None,
        None,
        None,
    )
