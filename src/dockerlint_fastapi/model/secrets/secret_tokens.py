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
    (r"sk-(?!ant-)(?:proj-|svcacct-)?[A-Za-z0-9_-]{32,}", "an OpenAI API key"),
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
    b"k_live_", b"SG.", b"hf_", b"npm_", b"pypi-AgE", b"PRIVATE KEY",
)  # fmt: skip
# What documentation writes in the place of a real one.
_MADE_UP = (
    r"(?i)example|your|changeme|change[-_]me|placeholder|dummy|fake|sample|redacted|insert|replace|xxxx|0000|1234567"
    r"|abcdef"
)
_NO_DOMAIN = r"@(?:[A-Za-z0-9_-]+|127\.0\.0\.1)(?![\w.@-])"  # as a container, or one's own machine, is named
_NEAR = 200  # characters in front of a password that are looked at
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
