"""Which names and values are secrets: BuildKit's whole-word names, less what only sounds like one."""

from __future__ import annotations

import re

# BuildKit, check SecretsUsedInArgOrEnv: these words between underscores, or at either end of the name,
# and none of those (docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/).
_SECRET = re.compile(
    r"(?:_|^)(?:apikey|auth|credential|credentials|key|password|pword|passwd|secret|token)(?:_|$)", re.IGNORECASE
)
_ALLOWED = re.compile(r"(?:_|^)(?:public|file|version)(?:_|$)", re.IGNORECASE)

# What follows the word turns it into a setting about the secret: TOKEN_EXPIRE_MINUTES, KEY_PREFIX, AUTH_METHOD.
_ABOUT = re.compile(
    r"_(?:expire|expires|expiry|expiration|expired|lifetime|ttl|timeout|minutes|min|seconds|hours|days|prefix|suffix|method|mode"
    r"|type|types|header|headers|name|names|id|url|uri|urls|endpoint|host|port|path|paths|dir|folder|issuer|audience|algorithm"
    r"|algorithms|alg|scheme|schemes|length|size|limit|limits|max|count|required|enabled|disabled|enable|disable|rotation"
    r"|policy|provider|backend|class|store|mount|format|model|domain|scope|scopes|realm|cookie|secure|refresh|encoding"
    r"|tokens|budget|window|overlap)(?:_|$)",
    re.IGNORECASE,
)
_NAMES = frozenset(("GPG_KEY", "PGP_KEY", "SSH_KNOWN_HOSTS", "AUTH", "KEY", "DISABLE_AUTH", "NO_AUTH", "USE_AUTH"))
# POSTGRES_HOST_AUTH_METHOD=trust, KEYCLOAK_..., sort keys and the like have no secret as their value
_PLAIN_VALUE = re.compile(r"(?:true|false|yes|no|on|off|none|null|[+-]?\d{1,5})\Z", re.IGNORECASE)
_CREDENTIALS = re.compile(r"[a-z][a-z0-9+.\-]*://[^\s/:@]*:(?P<password>[^\s/@]+)@[^\s/]", re.IGNORECASE)


def names_a_secret(name: str) -> bool:
    """Whether a variable of that name holds a secret, by whole words; `PUBLIC_KEY`, `TOKEN_EXPIRE_MINUTES` do not."""
    if not _SECRET.search(name) or _ALLOWED.search(name) or name.upper() in _NAMES:
        return False
    return not _ABOUT.search(name)


def holds_a_secret(value: str) -> bool:
    """Whether a literal can be a secret at all: not empty, not a switch or a small number, not the path of a file."""
    text = value.strip()
    return bool(text) and not _PLAIN_VALUE.match(text) and not text.startswith(("/", "./", "~/", "file:"))


def password_in_url(value: str) -> tuple[int, int] | None:
    """Where the literal password of a `scheme://user:password@host` stands in a text; None when there is none,
    or when it is made of a variable (`$PASSWORD`, `${…}`) or a placeholder (`<password>`)."""
    match = _CREDENTIALS.search(value)
    if match is None or "$" in match["password"] or match["password"][0] in "<{%[*":
        return None
    return match.span("password")
