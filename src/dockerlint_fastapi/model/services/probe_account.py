"""The account with which a database's own health check logs in, when the database has none of that name.

`pg_isready` and `mysqladmin ping` are content with any name, since they only ask whether somebody answers; psql logs
in. Docker's image makes the role of POSTGRES_USER alone, no `postgres` besides (its entrypoint: `initdb --username`).
"""

from __future__ import annotations

import re

from dockerlint_fastapi.model.services.database_account import INIT, account_made, database_kind
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import Healthcheck, Service
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.source import Source

_SCRIPT = r"\s*(?:PGPASSWORD=\S+[ \t]+)?(psql\s[^|&;$`]*?)(?:\|\|\s*exit\s+1\s*)?"
_WORD = r"\"([^\"]*)\"|'([^']*)'|(\S+)"
_USER = r"(?:\A|\s)user\s*=\s*([A-Za-z_][\w-]*)(?=\s|\Z)"
_HOST = r"(?:\A|\s)host\s*=\s*(\S+)"
_URL = r"postgres(?:ql)?://([A-Za-z_][\w-]*)(?::[^@\s]*)?@([\w.-]+)"
# Options whose value is no account and no server.
_VALUED = frozenset("-c --command -f --file -v --set --variable -o --output -L --log-file -P --pset -p --port".split())
_HERE = ("localhost", "127.0.0.1", "::1")


class ProbeAccount(NamedTuple):
    """A health check that logs in as `user`, whom the database does not have; `other` is the place of what it has."""

    user: str
    span: Span
    other: Span


def strange_account(container: Container) -> ProbeAccount | None:
    """The account of a health check that cannot log in; None when there is none, or that cannot be told."""
    service = container.service
    check = service.healthcheck if service is not None else None
    if service is None or check is None or check.disabled or database_kind(container, unread=True) != "postgres":
        return None
    found = _login(check, service)
    made = container.variables.get("POSTGRES_USER")
    unread = any(use.file is None for use in container.env_files)
    if found is None or "POSTGRES_USER_FILE" in container.variables or (unread and made is None):
        return None
    user, span = found
    account = account_made("postgres", container)
    known = account.user.value if account is not None and account.user is not None else None
    if account is None or account.user is None or known is None or known == user:
        return None
    return None if _may_be_made(container, service, user) else ProbeAccount(user, span, account.user.span)


def _login(check: Healthcheck, service: Service) -> tuple[str, Span] | None:
    """The user that psql is given, and where; None when there is none, or another server is asked."""
    words: list[tuple[str, Span]]
    if check.form == "CMD":
        words = [(one.span.text if one.value is None else one.value, one.span) for one in check.arguments]
    else:
        text = check.script.value if check.script is not None else None
        match = re.fullmatch(_SCRIPT, text) if text is not None else None
        if match is None or check.script is None:
            return None
        words = [(one[1] or one[2] or one[3] or "", check.script.span) for one in re.finditer(_WORD, match[1])]
    if not words or words[0][0] != "psql":
        return None
    return _named(words[1:], {*_HERE, service.name})


def _named(words: list[tuple[str, Span]], here: set[str]) -> tuple[str, Span] | None:
    user: tuple[str, Span] | None = None
    said: tuple[str, Span] | None = None  # by a connection string, which wins over the options
    for at, (word, span) in enumerate(words):
        before = words[at - 1][0] if at else ""
        if before in _VALUED:
            continue
        option = re.match(r"(?:-U|--username=)(\S+)\Z", word)
        host = re.match(r"(?:-h|--host=)(\S+)\Z", word)
        if before in ("-U", "--username") or option is not None:
            name = option[1] if option is not None else word
            user = (name, span) if re.fullmatch(r"[A-Za-z_][\w-]*", name) else None
            if user is None:
                return None
        elif before in ("-h", "--host") or host is not None:
            if (host[1] if host is not None else word) not in here:
                return None
        elif re.search(_URL, word):
            url = re.search(_URL, word)
            if url is None or url[2] not in here:
                return None
            said = url[1], span
        elif "=" in word and not word.startswith("-"):
            there = re.search(_HOST, word)
            if there is not None and there[1] not in here:
                return None
            found = re.search(_USER, word)
            said = (found[1], _narrow(span, found[1])) if found is not None else said
            if found is None and re.search(r"\buser\s*=", word):
                return None
    return said or user


def _narrow(span: Span, user: str) -> Span:
    """The name alone, where it stands once behind `user=` in what is written."""
    found = re.search(rf"\buser\s*=\s*({re.escape(user)})\b", span.text)
    return span if found is None else span._replace(start=span.start + found.start(1), end=span.start + found.end(1))


def _names(user: str, source: Source) -> str:
    """A pattern for what may make an account: anything that names it in a script; in SQL, a statement about it."""
    word = rf"\b{re.escape(user)}\b"
    if not source.path.endswith(".sql"):
        return word
    return rf"(?i)\b(?:user|role)\s+(?:if\s+not\s+exists\s+)?[\"'%]?{word}|\b(?:user|role)\s+[%:$]|\\i\b|\bexecute\b"


def _may_be_made(container: Container, service: Service, user: str) -> bool:
    """Whether a script of the first start may make the account, or the data come from elsewhere."""
    project = container.deployment.project if container.deployment is not None else None
    for mount in service.volumes:
        target = mount.target.value if mount.target is not None else None
        if target is None:
            return True
        if target.startswith(INIT):
            merged = container.deployment.merged if container.deployment is not None else None
            path = merged.resolve(mount.source) if merged is not None and mount.source is not None else None
            source = project.source_of(path) if project is not None and path else None
            if source is None or re.search(_names(user, source), source.text):
                return True
        elif mount.source is not None and (mount.type or "volume") == "volume":
            declared = service.file.declared("volumes").get(mount.source.value or "")
            if declared is not None and "external" in declared.span.text:
                return True
    return bool(service.configs) or any("MULTIPLE" in variable.name for variable in service.environment)
