"""Credentials that give themselves away by their form, wherever they stand: access tokens, private keys, URLs with a
password.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.model.secrets import is_stand_in, passwords_in_urls
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.dockerfile import Dockerfile

# Prefixes that their makers chose so that scanners find them, each followed by as much as a real one has.
_TOKENS = (
    (r"(?:AKIA|ASIA)[0-9A-Z]{16}", "an AWS access key"),
    (r"gh[pousr]_[A-Za-z0-9]{36}", "a GitHub token"),
    (r"github_pat_[A-Za-z0-9_]{40,}", "a GitHub token"),
    (r"glpat-[A-Za-z0-9_-]{20,}", "a GitLab token"),
    (r"xox[abeprs]-[A-Za-z0-9-]{20,}", "a Slack token"),
    (r"AIza[A-Za-z0-9_-]{35}", "a Google API key"),
    (r"sk-ant-[A-Za-z0-9_-]{32,}", "an Anthropic API key"),
    (r"sk-or-v1-[0-9a-f]{64}", "an OpenRouter API key"),
    (r"sk-(?!ant-|or-v1-)(?:proj-|svcacct-)?[A-Za-z0-9_-]{32,}", "an OpenAI API key"),
    (r"gsk_[A-Za-z0-9]{52}", "a Groq API key"),
    (r"GOCSPX-[A-Za-z0-9_-]{28}", "a Google client secret"),
    (r"ATATT3[A-Za-z0-9_=-]{180,}", "an Atlassian API token"),
    (r"dop_v1_[0-9a-f]{64}", "a DigitalOcean token"),
    (r"[0-9]{8,10}:AA[A-Za-z0-9_-]{33}", "a Telegram bot token"),
    (r"[rs]k_live_[A-Za-z0-9]{20,}", "a Stripe key"),
    (r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}", "a SendGrid key"),
    (r"hf_[A-Za-z]{34}", "a Hugging Face token"),
    (r"npm_[A-Za-z0-9]{36}", "an npm token"),
    (r"pypi-AgE[A-Za-z0-9_-]{50,}", "a PyPI token"),
    (r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----", "a private key"),
)  # fmt: skip
# A file without any of these holds none of them; most files are read no further.
_BEGINNINGS = (
    b"AKIA", b"ASIA", b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_", b"github_pat_", b"glpat-", b"xox", b"AIza", b"sk-",
    b"k_live_", b"SG.", b"hf_", b"npm_", b"pypi-AgE", b"PRIVATE KEY", b"gsk_", b"GOCSPX-", b"ATATT3", b"dop_v1_",
    b":AA",
)  # fmt: skip
# What documentation writes in the place of a real one.
_MADE_UP = (
    r"(?i)example|your|changeme|change[-_]me|placeholder|dummy|fake|sample|redacted|insert|replace|xxxx|0000|1234567"
    r"|abcdef"
)
_NO_DOMAIN = r"@(?:[A-Za-z0-9_-]+|127\.0\.0\.1)(?![\w.@-])"  # as a container, or one's own machine, is named
# A server in the domain of somebody; the last part is no name that stays at home (RFC 6761, RFC 8375).
_OUTSIDE = (
    r"@(?:[A-Za-z0-9_-]+\.)+(?!(?i:local|localhost|localdomain|internal|intern|lan|home|arpa|test|example|invalid|svc)"
    r"\b)[A-Za-z]{2,}(?![\w.-])"
)
# What documentation writes for a user, a password or a host.
_NO_ACCOUNT = (
    r"(?i)\b(?:your|my)?(?:user|username|usr|name|login)(?:name)?:|example|your|sample|dummy|<|xxx|placeholder|\bhost\."
    r"|:(?:my|the|some)?[-_]?(?:db|user)?[-_]?(?:pass(?:word|wd)?|pwd|secret|changeme|change[-_]me)@"
)
_OF_DOCUMENTATION = r"(?i)@(?:[\w-]+\.)*example(?:\.(?:com|net|org))?(?![\w.-])"  # RFC 2606
_NEAR = 200  # characters in front of a password that are looked at
_SHORTEST = 20  # characters of a token
_DISTINCT = 8  # characters that a random token has at least


class Credential(NamedTuple):
    """A credential in a file: what it is, in words, and where; never what it says. `made_up` is for a password in a URL
    that opens no more than a container beside (`postgres:postgres@db`): nobody issued it.
    """

    what: str
    span: Span
    in_url: bool = False
    made_up: bool = False


def tokens(source: Source) -> Iterator[Credential]:
    """The tokens and private keys that stand in a text, comments included."""
    if not any(beginning in source.data for beginning in _BEGINNINGS):
        return
    for pattern, what in _TOKENS:
        for match in re.finditer(rf"(?<![A-Za-z0-9_-]){pattern}", source.text):
            if what == "a private key" or _may_be_real(match[0]):
                yield Credential(what, source.span(match.start(), match.end()))


def is_token(text: str) -> bool:
    """Whether a text is an access token of somebody's service by its form, and none that documentation shows."""
    if len(text) < _SHORTEST or not _may_be_real(text):
        return False
    return any(re.match(rf"{one}\Z", text) is not None for one, _ in _TOKENS)


def is_of_outside(password: Span) -> bool:
    """Whether the password at a place within a URL is that of an account at a server outside, and no stand-in."""
    text = password.source.text
    host = re.match(_OUTSIDE, text[password.end : password.end + _NEAR])
    if host is None:
        return False
    user = re.search(r"://[^\s/]*\Z", text[max(password.start - _NEAR, 0) : password.start])
    return user is not None and re.search(_NO_ACCOUNT, user[0] + password.text + host[0]) is None


def is_of_documentation(url: str, end: int) -> bool:
    """Whether the password that ends at a place of a URL is for a server that only documentation has."""
    return re.match(_OF_DOCUMENTATION, url[end:]) is not None


def _may_be_real(token: str) -> bool:
    return (
        len(set(token)) > _DISTINCT
        and any(map(str.isdigit, token + "1" * token.startswith("hf_")))
        and not re.search(_MADE_UP, token)
    )


def url_passwords(dockerfile: Dockerfile) -> Iterator[Credential]:
    """The passwords in URLs of a Dockerfile's instructions, those made of variables left out."""
    if b"://" not in dockerfile.source.data:
        return
    for instruction in dockerfile.instructions:
        for start, end in passwords_in_urls(instruction.text):
            if _is_literal(instruction.text[start:end]):
                made_up = _is_made_up(instruction.text, start, end)
                yield Credential("the password", instruction.locate(start, end), in_url=True, made_up=made_up)
        for document in instruction.heredocs:
            body = document.body_span
            for start, end in passwords_in_urls(body.text):
                if _is_literal(body.text[start:end]):
                    span = body.source.span(body.start + start, body.start + end)
                    made_up = _is_made_up(body.text, start, end)
                    yield Credential("the password", span, in_url=True, made_up=made_up)


def _is_literal(password: str) -> bool:
    """Whether a password is written out: made of no variable, and not the bare token that GitHub's URLs name."""
    return not any(char in password for char in "$`{") and password not in ("x-oauth-basic", "x-access-token")


def _is_made_up(text: str, start: int, end: int) -> bool:
    """Whether a password at a place of a URL is a stand-in, or the user's name, at a host without a domain."""
    password, user = text[start:end], re.split(r"[/\"'\s]", text[max(start - _NEAR, 0) : start - 1])[-1]
    if re.match(_NO_DOMAIN, text[end:]) is None:
        return False
    return password == user or is_stand_in(password)


def of_dockerfile(dockerfile: Dockerfile) -> Iterator[Credential]:
    """All that stands in a Dockerfile; a token within a URL is told once."""
    found = list(tokens(dockerfile.source))
    yield from found
    for one in url_passwords(dockerfile):
        if not any(other.span.start < one.span.end and one.span.start < other.span.end for other in found):
            yield one
