"""Keys that code hands to clients of services elsewhere as literals: `cloudinary.config(api_secret="…")`,
`stripe.api_key = "…"`, `requests.get(url, auth=("user", "…"))`. Only what looks drawn by lot, or chosen by somebody, is
one: a stand-in is refused there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dockerlint_fastapi.model.environment.settings_class import SecretDefault
from dockerlint_fastapi.model.secrets import holds_a_secret, is_drawn, is_fill_me_in, is_made_up
from dockerlint_fastapi.model.secrets.secret_tokens import is_token
from dockerlint_fastapi.parsers.python.names import Module, Scope, dotted
from dockerlint_fastapi.parsers.python.values import literal_span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

# What clients call the secret half of what they are given, as arguments and as attributes of their modules.
KEYWORDS: Final = (
    r"(?:\bapi_?key|\bapi_secret|\bclient_secret|\b(?:aws_)?secret_access_key|\bauth_token)[ \t]*=[ \t]*[\"']"
)
_NAMES: Final = frozenset(
    "api_key apikey api_secret client_secret aws_secret_access_key secret_access_key auth_token".split()
)
_BASIC: Final = frozenset(
    {"requests.auth.HTTPBasicAuth", "requests.auth.HTTPDigestAuth", "httpx.BasicAuth", "httpx.DigestAuth"}
)
_CLIENTS: Final = ("requests.", "httpx.", "aiohttp.")
_LEAST: Final = 8  # characters


def client_keys(module: Module) -> Iterator[SecretDefault]:
    """The keys and passwords in the calls and assignments of a module, each where it stands."""
    scope = Scope(module)
    for node in ast.walk(module.text.syntax.tree):
        given: list[tuple[str, ast.expr]] = []
        if isinstance(node, ast.Call):
            given = [(one.arg, one.value) for one in node.keywords if one.arg is not None and one.arg.lower() in _NAMES]
            given += (("password", one) for one in _passwords(node, scope))
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
            target = node.targets[0]
            # of a module: `stripe.api_key`; an object's own attribute is told where it is given
            if target.attr.lower() in _NAMES and isinstance(target.value, ast.Name) and target.value.id != "self":
                given = [(target.attr, node.value)]
        for name, value in given:
            span = literal_span(value, scope)
            if span is not None and isinstance(value, ast.Constant) and looks_issued(name, str(value.value)):
                yield SecretDefault(name, span, "constant")


def _passwords(node: ast.Call, scope: Scope) -> Iterator[ast.expr]:
    """What a client of HTTP logs in with: `auth=("user", "…")`, `HTTPBasicAuth("user", "…")`."""
    name = dotted(node.func, scope) or ""
    if name in _BASIC and len(node.args) == 2:
        yield node.args[1]
    elif name.startswith(_CLIENTS):
        for keyword in node.keywords:
            if keyword.arg == "auth" and isinstance(keyword.value, ast.Tuple) and len(keyword.value.elts) == 2:
                yield keyword.value.elts[1]


def looks_issued(name: str, text: str) -> bool:
    """Whether a literal looks like a key that somebody was given, or a password of somebody's own."""
    text = text.strip()
    real = is_drawn(text) or not is_made_up(text)
    if is_token(text):
        return False  # told as what it is
    return real and len(text) >= _LEAST and not is_fill_me_in(text) and holds_a_secret(name, text)
