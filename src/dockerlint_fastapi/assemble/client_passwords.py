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
from dockerlint_fastapi.parsers.python.names import Module, resolve
from dockerlint_fastapi.parsers.python.values import evaluate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_HOST: Final = r"@(\[[^\]]*\]|[^:/?#,]*)"
_NO_HOST: Final = r"(?i)(?:host(?:name|\.docker\.internal)?|server|.*<.*|.*\bexample\.\w+|your\W.*)?\Z"


def client_passwords(module: Module) -> Iterator[SecretDefault]:
    """The passwords in a module for servers that are not on one's own machine, each where it stands."""
    for call in client_calls(module):
        yield from _in_url(call)
        local = call.address is not None and not call.is_url and is_loopback(str(call.address.value))
        for node in call.passwords if call.placed and not local else ():
            known = evaluate(node, call.scope) if isinstance(node, ast.Constant) else None
            if known is None or known.span is None or not isinstance(known.value, str):
                continue
            if known.value != "guest" and is_secret("password", known.value, value=True):
                yield SecretDefault("password", known.span, "constant")


def _in_url(call: ClientCall) -> Iterator[SecretDefault]:
    """The password in a URL that is a literal, or a constant."""
    found = resolve(call.node, call.scope) if call.is_url and call.node is not None else None
    span = call.address.span if call.address is not None else None
    if found is None or span is None or not isinstance(found.node, ast.Constant) or call.address is None:
        return
    text = str(call.address.value)
    at = span.text.find(text)
    for start, end in passwords_in_urls(text) if at >= 0 else ():
        host = re.match(_HOST, text[end:])
        named = host is not None and not re.match(_NO_HOST, host[1]) and not is_loopback(host[1])
        if named and not is_guest(text, start, end) and is_secret("password", text[start:end], value=True):
            place = span.source.span(span.start + at + start, span.start + at + end)
            yield SecretDefault("password", place, "constant")
