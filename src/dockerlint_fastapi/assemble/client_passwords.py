"""Passwords that code hands to a client of a server as literals: `psycopg2.connect(host="db", password="…")`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from dockerlint_fastapi.assemble.secret_defaults import is_secret
from dockerlint_fastapi.model.command import is_loopback
from dockerlint_fastapi.model.environment.settings_class import SecretDefault
from dockerlint_fastapi.model.secrets import is_guest, passwords_in_urls
from dockerlint_fastapi.parsers.python.clients import ClientCall, client_calls
from dockerlint_fastapi.parsers.python.names import Module, Scope, resolve
from dockerlint_fastapi.parsers.python.values import evaluate, literal_span
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_UNKNOWN: Final = "\0"  # stands for a part that is no literal
_HOST: Final = r"@(\[[^\]]*\]|[^:/?#,]*)"
_NO_HOST: Final = r"(?i)(?:host(?:name|\.docker\.internal)?|server|.*<.*|.*\bexample\.\w+|your\W.*)?\Z"


def client_passwords(module: Module) -> Iterator[SecretDefault]:
    """The passwords in a module for servers that are not on one's own machine, each where it stands."""
    for call in client_calls(module):
        yield from _in_url(call)
        local = call.address is not None and not call.is_url and is_loopback(str(call.address.value))
        for node in call.passwords if call.placed and not local else ():
            found = resolve(node, call.scope)  # a constant's name is as good as what it holds
            literal = found is not None and isinstance(found.node, ast.Constant)
            known = evaluate(found.node, found.scope) if found is not None and literal else None
            if known is None or known.span is None or not isinstance(known.value, str):
                continue
            if known.value != "guest" and is_secret("password", known.value, value=True):
                yield SecretDefault("password", known.span, "constant")


def _in_url(call: ClientCall) -> Iterator[SecretDefault]:
    """The password in a URL that is a literal, or a constant; also where it is put together of constants."""
    found = resolve(call.node, call.scope) if call.takes_url and call.node is not None else None
    pieces = _pieces(found.node, found.scope) if found is not None else []
    text = "".join(one for one, _ in pieces)
    for start, end in passwords_in_urls(text) if "://" in text else ():
        host = re.match(_HOST, text[end:])
        named = host is not None and not re.match(_NO_HOST, host[1]) and not is_loopback(host[1])
        secret = named and not is_guest(text, start, end) and is_secret("password", text[start:end], value=True)
        place = _place(pieces, start, end) if secret and _UNKNOWN not in text[start:end] else None
        if place is not None:
            yield SecretDefault("password", place, "constant")


def _pieces(node: ast.AST, scope: Scope) -> list[tuple[str, Span | None]]:
    """The parts of a string, each with the literal that it stands in; a part that is no literal is unknown."""
    if isinstance(node, ast.Constant):
        return [(node.value, literal_span(node, scope))] if isinstance(node.value, str) else []
    pieces: list[tuple[str, Span | None]] = []
    for part in node.values if isinstance(node, ast.JoinedStr) else ():
        inner = part.value if isinstance(part, ast.FormattedValue) else part
        found = resolve(inner, scope)
        value = found.node if found is not None else inner
        if found is None or not isinstance(value, ast.Constant) or not isinstance(value.value, (str, int)):
            pieces.append((_UNKNOWN, None))
        elif inner is part:
            pieces.append((str(value.value), scope.module.span(node)))
        else:
            pieces.append((str(value.value), literal_span(value, found.scope) or found.scope.module.span(value)))
    return pieces


def _place(pieces: list[tuple[str, Span | None]], start: int, end: int) -> Span | None:
    """Where a stretch of a string stands, if it stands in one literal."""
    at = 0
    for text, span in pieces:
        if at <= start and end <= at + len(text) and span is not None:
            before = span.text.find(text)
            if before < 0:
                return span
            begin = span.start + before + start - at
            return span.source.span(begin, begin + end - start)
        at += len(text)
    return None
