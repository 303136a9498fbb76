"""Which places of a deployment hold one secret, and one variable could hold for all of them: a server's password, and
those of its clients, also within the default of another variable (`${DATABASE_URL:-postgresql://app:…@db/app}`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain

from dockerlint_fastapi.cached import cached_property
from dockerlint_fastapi.model.environment.interpolation import Reference, references
from dockerlint_fastapi.model.secrets import decoded, is_guest, names_a_secret, passwords_in_urls
from dockerlint_fastapi.model.secrets.other_sides import OtherSide, OtherSides
from dockerlint_fastapi.model.services.host_access import is_listed
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import Service
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.deployment import Deployment
    from dockerlint_fastapi.model.secrets.inline_secrets import InlineSecret

_SERVERS = ("database", "cache", "broker")
_SERVER_LISTS = ("search", "storage", "sql_servers")
# Words in the name of a client's variable by which its password is that of such a server.
_OF_SERVERS = frozenset(
    "amqp broker cache clickhouse database db mariadb mongo mongodb mysql pg postgres postgresql rabbit rabbitmq redis"
    " sql timescale".split()
)
# What stands in front of a value in a block of YAML: `NAME: `, `- NAME=`, `- "NAME=`.
_ON_ITS_OWN = pattern(r"""\s*(?:(["']?)[A-Za-z_]\w*\1\s*:\s+|-\s+["']?[A-Za-z_]\w*=)""", re.ASCII)
_MOST_PLACES = 50  # that one fix changes: each of their findings has it
_FLAG = ""  # in place of the variable of a server that is told its password by a flag
_URL = r"[a-z][a-z0-9+.-]*://[^\s\"'{}#]*"
_IN_A_URL = pattern(rf"(?:{_ON_ITS_OWN.pattern})[\"']?{_URL}", re.ASCII)
_IN_QUOTES = pattern(rf".*[\s\[{{,][\"'](?:[A-Za-z_]\w*=)?{_URL}", re.ASCII)  # in braces and brackets, too


class Place(NamedTuple):
    """Where a secret is written: its literal, and what a variable would take the place of (`span`).

    `name` is the variable whose whole value it is, or that it is the default of; None for a URL's password. `user` and
    `host` are those of the URL. `form` is what the variable is written into, None where it cannot be. `holder` is the
    variable of the container.
    """

    literal: str
    span: Span
    service: Service
    name: str | None
    user: str
    host: str
    form: str | None
    url: bool = False
    default: bool = False  # it is one that another value may be given in place of
    holder: str = ""


class Agreement:
    """The secrets of a deployment by the variables that could hold them."""

    def __init__(self, deployment: Deployment, secrets: Sequence[InlineSecret]) -> None:
        self._deployment = deployment
        self._secrets = secrets
        places = self._places = [*map(written_place, secrets), *_of_defaults(deployment)]
        self._others = OtherSides(deployment, (one.span for one in secrets))
        self._servers = {one.service.name for one in deployment.containers if one.service and _is_server(one)}
        # which run code of the project: what another program is told says nothing of what that has as its default
        self._built = {one.service.name for one in deployment.containers if one.service and one.image is not None}
        # by literal: the variables of each server, and all that may be a password's
        self._of_server: dict[str, dict[str, set[str]]] = {}
        self._passwords: dict[str, set[str]] = {}
        for one in places:
            if one.name is None and not one.url and one.service.name in self._servers:
                self._of_server.setdefault(one.literal, {}).setdefault(one.service.name, set()).add(_FLAG)
            if one.name is not None and ("PASS" in one.name.upper() or "PASS" in one.holder.upper()):
                self._passwords.setdefault(one.literal, set()).add(one.name)
                if one.service.name in self._servers:
                    self._of_server.setdefault(one.literal, {}).setdefault(one.service.name, set()).add(one.name)
        self._all = {literal: set(chain.from_iterable(found.values())) for literal, found in self._of_server.items()}
        self._groups: dict[tuple[str, str], list[tuple[Span, str]]] = {}
        self._apart: set[tuple[str, str]] = set()  # which one of their places cannot be made to agree
        self._variables: dict[Span, str | None] = {}
        self._clients: set[tuple[str, str | None]] = set()
        self._written: dict[tuple[str, str], tuple[tuple[Span, str], ...] | None] = {}
        self._sides: dict[tuple[str, str | None], tuple[OtherSide, ...]] = {}
        self._holders: dict[str, set[str]] = {}
        for one in places:
            self._sort(one)
            self._holders.setdefault(one.literal, set()).update(filter(None, (one.name, one.holder)))

    def _sort(self, place: Place) -> None:
        names = self._variables_for(place)
        name = min(names) or None if len(names) == 1 else None
        self._variables[place.span] = name
        if place.service.name in self._built and place.service.name not in self._servers:
            self._clients.update((place.literal, one) for one in names)
        if name is None or place.form is None:
            self._apart.update((place.literal, one) for one in names)
            return
        own = f"${{{name}:?set {name}}}"
        span, form = place.span, place.form
        if place.default and place.name is not None and place.name != name:  # within `${OTHER:-…}`
            at = span.start + span.text.index("-") + 1
            span, form = span._replace(start=at, end=span.end - 1), "{}"
        self._groups.setdefault((place.literal, name), []).append((span, form.format(own)))

    def opens_a_server(self, literal: str) -> bool:
        """Whether a database, a cache or the like of the deployment has a literal as its password."""
        return literal in self._all

    def variable_of(self, span: Span) -> str | None:
        """The variable that could hold the literal at a place; None where that cannot be told."""
        return self._variables.get(span)

    def repeated(self, secret: InlineSecret) -> tuple[Span, ...]:
        """The defaults that hold the same secret in the same file, in services that are for the same as its own; of
        several literals the first has them.
        """
        return self._repeated.get(secret.span, ())

    @cached_property
    def repeating(self) -> frozenset[Span]:
        """The places of such defaults: the literal's finding speaks of them."""
        return frozenset(chain.from_iterable(self._repeated.values()))

    @cached_property
    def _repeated(self) -> dict[Span, tuple[Span, ...]]:
        defaults: dict[tuple[object, ...], list[Span]] = {}
        for one in self._places:
            if one.default and not one.url and self.variable_of(one.span) is not None:
                defaults.setdefault(self._kind_of(one.literal, one.span, one.service), []).append(one.span)
        found: dict[Span, tuple[Span, ...]] = {}
        for secret in self._secrets if defaults else ():
            spans = defaults.pop(self._kind_of(secret.literal, secret.span, secret.service), None)
            if spans:
                found[secret.span] = tuple(spans)
        return found

    def _kind_of(self, literal: str, span: Span, service: Service) -> tuple[object, ...]:
        """By what two places have one secret: with what the service is for, which says how much it weighs there."""
        deployment, source = self._deployment, span.source
        kind = deployment.setting_at(service, source), deployment.is_for_developers_of(service)
        return (literal, self.variable_of(span), source, *kind)

    def written(self, literal: str, variable: str | None) -> tuple[tuple[Span, str], ...] | None:
        """What a variable takes the place of, and what stands there then; None where places that need the same value
        would no longer have it.
        """
        if variable is None or (literal, variable) in self._apart:
            return None
        key = (literal, variable)
        if key not in self._written:
            places = tuple(dict.fromkeys(self._groups.get(key, ())))
            self._written[key] = places if 0 < len(places) <= _MOST_PLACES else None
        return self._written[key]

    def other_sides(self, literal: str, variable: str | None) -> tuple[OtherSide, ...]:
        """Where anything else says the same literal, which no variable reaches."""
        key = (literal, variable)
        if key not in self._sides:
            names = frozenset(self._holders.get(literal, ()))
            self._sides[key] = tuple(self._others(literal, variable, names, clients=key in self._clients))
        return self._sides[key]

    def _variables_for(self, place: Place) -> set[str]:
        """The variables one of which it is that should hold what stands in a place."""
        own, service = self._of_server.get(place.literal, {}), place.service.name
        everyone = self._all.get(place.literal, set())
        if place.name is not None:
            words = place.name.lower().split("_")
            alone = service in self._servers or place.name in everyone or not everyone
            if alone or _OF_SERVERS.isdisjoint(words):
                return {place.name}
            return self._led_to(place) or everyone
        if not place.url and service in self._servers:
            return {_FLAG}
        other = self._deployment.service_named(place.host, place.service) if place.host else None
        if other is not None and other.name in self._servers:
            return _of_user(own.get(other.name, set()), place.user)
        return _of_user(everyone or self._passwords.get(place.literal, set()), place.user)

    def _led_to(self, place: Place) -> set[str]:
        """The variables of the server that a client's password is for, by the host beside it."""
        container = self._deployment.containers_by_name.get(place.service.name)
        for one in container.endpoints if container is not None else ():
            if one.password is None or not _within(one.password.span, place.span):
                continue
            for host in one.hosts:
                found = self._deployment.service_named(host.name.value or "", place.service)
                names = self._of_server.get(place.literal, {}).get(found.name if found is not None else "")
                if names:
                    return _of_user(names, one.user.value or "" if one.user is not None else "")
        return set()


def _of_user(names: set[str], user: str) -> set[str]:
    """Of the variables of a server those that are for an account; MySQL has one for `root` and one for another user."""
    if len(names) < 2 or not user:
        return names
    root = {one for one in names if "ROOT" in one.split("_")}
    return (root if user == "root" else names - root) or names


def _within(span: Span, other: Span) -> bool:
    return span.source is other.source and span.start <= other.end and other.start <= span.end


def _is_server(container: Container) -> bool:
    return container.role in _SERVERS or is_listed(container.origin, *_SERVER_LISTS)


def _head(span: Span) -> str:
    """What stands in front of a place in its line."""
    return span.source.line(span.line)[: span.column - 1] if span.end_line == span.line else "\n"


def written_place(secret: InlineSecret) -> Place:
    """How a literal is written."""
    span = secret.span
    head = _head(span)
    if secret.name is not None:
        quoted = span.text.startswith(("'", '"'))
        form = ('"{}"' if quoted else "{}") if _ON_ITS_OWN.fullmatch(head) is not None else None
        return Place(secret.literal, span, secret.service, secret.name, "", "", form)
    host = re.compile(r"@([\w.-]+)").match(span.source.text, span.end)
    user = re.search(r"://([^\s/@:]*):\Z", head)
    url = _IN_A_URL.fullmatch(head) is not None or _IN_QUOTES.fullmatch(head) is not None
    names = (user[1] if user is not None else "", host[1] if host is not None else "")
    return Place(secret.literal, span, secret.service, None, *names, "{}" if url else None, url=host is not None)


def _of_defaults(deployment: Deployment) -> Iterator[Place]:
    """The literals in the defaults of variables."""
    for service in (one for file in deployment.merged.files for one in file.services.values()):
        for variable in service.environment:
            for reference in references(variable.raw or ""):
                if _has_default(reference):
                    span = variable.locate(reference.start, reference.end)
                    whole = reference.start == 0 and reference.end == len(variable.raw or "")
                    yield from _of_default(service, reference, span, variable.name if whole else "")
        for command in (service.entrypoint, service.command):
            for argument in (command.arguments or ()) if command is not None else ():
                for reference in references(argument.span.text):
                    if _has_default(reference):
                        start = argument.span.start
                        span = argument.span._replace(start=start + reference.start, end=start + reference.end)
                        yield from _of_default(service, reference, span)


def _has_default(reference: Reference) -> bool:
    return reference.operator.endswith("-") and reference.operand != "" and "$" not in reference.operand


def _of_default(service: Service, reference: Reference, span: Span, holder: str = "") -> Iterator[Place]:
    operand, text = reference.operand, span.text
    certain = text == f"${{{reference.name}{reference.operator}{operand}}}"
    head = _head(span)
    plain = certain and "#" not in head and (_ON_ITS_OWN.match(head) is not None or head.count('"') % 2 == 1)
    if "://" in operand:
        for start, end in passwords_in_urls(operand):
            if is_guest(operand, start, end):
                continue
            at = span.start + reference.operand_start - reference.start
            inside = span._replace(start=at + start, end=at + end) if certain else span
            user = re.search(r"://([^\s/@:]*):\Z", operand[:start])
            host = re.match(r"@([\w.-]+)", operand[end:])
            names = (user[1] if user is not None else "", host[1] if host is not None else "")
            literal = decoded(operand[start:end])
            yield Place(literal, inside, service, None, *names, "{}" if plain else None, url=True, default=True)
    elif names_a_secret(reference.name) or names_a_secret(holder):
        form = "{}" if certain else None
        yield Place(operand, span, service, reference.name, "", "", form, default=True, holder=holder)
