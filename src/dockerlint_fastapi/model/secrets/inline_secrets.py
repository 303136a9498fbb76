"""Secrets that stand as literals in a compose file: in `environment`, as a URL's password, behind a command's flag."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from dockerlint_fastapi.cached import cached_property
from dockerlint_fastapi.model.bases.reference import Reference
from dockerlint_fastapi.model.command import Argument
from dockerlint_fastapi.model.compose import Service, Variable
from dockerlint_fastapi.model.environment.interpolation import PLACEHOLDER, render
from dockerlint_fastapi.model.secrets import (
    decoded,
    holds_a_secret,
    is_drawn,
    is_guest,
    is_made_up,
    names_a_secret,
    passwords_in_urls,
)
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.deployment import Deployment
    from dockerlint_fastapi.model.project import Project

# A flag within a script (`sh -c "redis-server --requirepass x"`).
_IN_SCRIPT = pattern(r"(?<!\S)(--?[A-Za-z][\w-]*)(?:=|[ \t]+)(?P<quote>[\"']?)([^\s\"';&|]+)(?P=quote)")
# What stands in front of a value in a block of YAML: `NAME: `, `- NAME=`, `- "NAME=`.
_ON_ITS_OWN = pattern(r"""\s*(?:(["']?)[A-Za-z_]\w*\1\s*:\s+|-\s+["']?[A-Za-z_]\w*=)""", re.ASCII)
_IN_A_URL = pattern(rf"(?:{_ON_ITS_OWN.pattern})[\"']?[a-z][a-z0-9+.-]*://[^\s\"'{{}}#]*", re.ASCII)
# A flag that turns something on or off takes no value from the next word.
_SWITCHES = ("--no-", "--enable", "--disable", "--use-", "--require-", "--with", "--allow")
# What turns logins on, behind the name of a program, and what only these need.
_ENABLES_LOGINS = pattern(r"(\w+?_)(?:ENABLE_AUTH|AUTH_ENABLED|ENABLE_AUTHENTICATION|AUTHENTICATION_ENABLED|USE_AUTH)")
_OF_LOGINS = pattern(r"(?:AUTH_|JWT_|SESSION_)?SECRET(?:_KEY)?|(?:DEFAULT_|INITIAL_)*ADMIN_(?:INITIAL_)?PASSWORD")

# Files in which what is mounted is told an address or an account.
_CONFIGURATIONS = (".yml", ".yaml", ".json", ".toml", ".conf", ".cfg", ".ini", ".xml", ".properties", ".hcl", ".alloy")
_MOST_CHARACTERS = 200_000
_MIN_LITERAL = 4
_NEAR = 200  # characters of a line that are looked at in front of a literal, and at its beginning


class InlineSecret(NamedTuple):
    """One literal secret: the variable, flag or key that holds it, where it stands, and in which service.

    `name` is the variable whose whole value it is; None for a part of a value and for a flag's.
    """

    holder: str
    span: Span
    service: Service
    name: str | None = None

    @property
    def is_made_up(self) -> bool:
        """Whether it is a stand-in of development by its looks (`postgres`), and nobody's own secret."""
        return is_made_up(self.literal)

    @property
    def literal(self) -> str:
        """The secret itself, as who gets it has it: of a URL's password what its escapes (`%40`) stand for."""
        text = self.span.text.strip("\"'")
        return text if self.name is not None or "%" not in text else decoded(text)

    @property
    def guards_a_test(self) -> bool:
        """Whether it is for a tool that tests others, such as a browser without a screen, and which holds nothing."""
        image = self.service.image if self.service.build is None else None
        reference = Reference.parse(image.value or image.default or "") if image is not None else None
        return reference is not None and reference.is_run_by_hand

    def is_idle(self, project: Project | None) -> bool:
        """Whether it is a stand-in for a field of settings that no code of the project reads, in a service that the
        project builds: nothing is opened by it.
        """
        if project is None or self.name is None or self.service.build is None or not self.is_made_up:
            return False
        from dockerlint_fastapi.model.environment.settings_class import sets_unread_field  # noqa: PLC0415 - few get here

        return bool(project.index.answer(sets_unread_field, self.name))

    @property
    def is_switched_off(self) -> bool:
        """Whether a variable beside it turns off what it is for, as `PHOENIX_ENABLE_AUTH=false` `PHOENIX_SECRET`."""
        name = self.name or ""
        for variable in self.service.environment:
            match = _ENABLES_LOGINS.fullmatch(variable.name)
            prefix = match[1] if match is not None else ""
            if prefix and name.startswith(prefix) and _OF_LOGINS.fullmatch(name[len(prefix) :]):
                return (variable.value or "").lower() in ("false", "0", "no", "off")
        return False

    @property
    def variable(self) -> str | None:
        """What could stand in its place: a variable of the same name without which Compose does not start.

        None for a part of a value, and where it is not written on a line of its own (`{A: b}`, `[A=b]`, a block).
        """
        if self.name is None or not self._stands_behind(_ON_ITS_OWN):
            return None
        text = _required(self.name)
        return f'"{text}"' if self.span.text.startswith(("'", '"')) else text

    def variable_of(self, others: Iterable[InlineSecret]) -> str | None:
        """What could stand in place of a URL's password: the variable of another service of the file that holds the
        same password alone. None when there is no such one, or more.
        """
        if self.name is not None or not self._stands_behind(_IN_A_URL):
            return None
        names = {
            one.name
            for one in others
            if one.name is not None
            and "PASS" in one.name
            and one.span.source is self.span.source
            and one.variable is not None
            and one.literal == self.span.text
        }
        return _required(names.pop()) if len(names) == 1 else None

    def _stands_behind(self, head: re.Pattern[str]) -> bool:
        """Whether what is in front of it in its line is that of a block of YAML."""
        before = self.span.source.line(self.span.line)[: self.span.column - 1]
        return self.span.end_line == self.span.line and head.fullmatch(before) is not None


def _required(name: str) -> str:
    return f"${{{name}:?set {name}}}"


def inline_secrets(service: Service) -> Iterator[InlineSecret]:
    """The literal secrets of a service, in the order of its keys. What is made of a variable, or of the default of one,
    is not literal.
    """
    for variable in service.environment:
        yield from _in_variable(service, variable)
    for command in (service.entrypoint, service.command):
        if command is not None and command.arguments:
            yield from _in_command(service, command.arguments)


def with_other_sides(
    deployment: Deployment, secrets: Sequence[InlineSecret]
) -> Iterator[tuple[InlineSecret, tuple[Span, ...]]]:
    """Each secret of a deployment with the other places that say the same literal."""
    other_sides = _OtherSides(deployment, secrets)
    return ((one, tuple(other_sides(one))) for one in secrets)


class _OtherSides:
    """Where files that services mount, and what services run, say the same literal as a secret: whoever changes the one
    has to change the other. What is told as a secret itself is none.
    """

    def __init__(self, deployment: Deployment, secrets: Iterable[InlineSecret]) -> None:
        self._deployment = deployment
        self._told = sorted((one.span.source.path, one.span.start, one.span.end) for one in secrets)

    def __call__(self, secret: InlineSecret) -> Iterator[Span]:
        """The places for one secret."""
        literal = secret.literal
        if len(literal) < _MIN_LITERAL:
            return
        for where, text, own in self._texts:
            side = _said(literal, where, text) if literal in text else None
            if side is not None and not (own and self._is_told(side)):
                yield side

    def _is_told(self, side: Span) -> bool:
        """Whether a secret that is told stands there."""
        at = bisect_left(self._told, (side.source.path, side.end))
        path, _, end = self._told[at - 1] if at else ("", 0, 0)
        return path == side.source.path and side.start < end

    @cached_property
    def _texts(self) -> tuple[tuple[Span, str, bool], ...]:
        """What is looked through: its place, its text, and whether secrets are looked for in it."""
        project, merged = self._deployment.project, self._deployment.merged
        found: dict[tuple[str, int], tuple[Span, str, bool]] = {}
        for service in merged.services.values() if project is not None else ():
            for command in (service.entrypoint, service.command):
                if command is not None:
                    span = command.span
                    found[span.source.path, span.start] = (span, span.text, True)
            for mount in service.volumes:
                path = merged.resolve(mount.source) if mount.source is not None else None
                if not path or (path, 0) in found or not path.endswith(_CONFIGURATIONS) or project is None:
                    continue
                source = project.source_of(path) if project.tree.is_file(path) else None
                if source is not None:
                    span = source.span(0, min(len(source.text), _MOST_CHARACTERS))
                    found[path, 0] = (span, span.text, False)
        return tuple(found.values())


def _said(literal: str, where: Span, text: str) -> Span | None:
    """Where a text says a literal as a secret. A plain word (`postgres`) is as often the name of a program, a database
    or an account, so it has to stand behind the name of a secret or in a URL, unless it is such a name itself.
    """
    source = where.source
    plain = re.fullmatch(r"[A-Za-z_]+", literal) is not None and not names_a_secret(literal)
    for found in re.finditer(rf"(?<![\w-]){re.escape(literal)}(?![\w=:-])", text):
        start = text.rfind("\n", 0, found.start()) + 1
        if text[start : start + _NEAR].lstrip().startswith(("#", ";", "//")):
            continue
        before = text[max(start, found.start() - _NEAR) : found.start()]
        key = re.search(r"([\w.-]+)[\"']?\s*[\s:=]\s*[\"']?\Z", before)
        in_url = re.search(r"://[^\s/@]*:\Z", before) is not None and text.startswith("@", found.end())
        if not plain or in_url or (key is not None and names_a_secret(key[1].lstrip("-"))):
            return source.span(where.start + found.start(), where.start + found.end())
    return None


def committed_secrets(deployment: Deployment) -> Iterator[InlineSecret]:
    """The secrets in the env files of a deployment that git does not ignore, as far as they look real: a stand-in in
    such a file is an example for others.
    """
    for service in deployment.merged.services.values():
        for use in deployment.env_files_of(service):
            for one in use.file.assignments if use.file is not None else ():
                text = one.text or ""
                if "$" in text or (is_made_up(text) and not is_drawn(text)):
                    continue
                if names_a_secret(one.name) and holds_a_secret(one.name, text):
                    yield InlineSecret(one.name, one.value_span, service)


def _in_variable(service: Service, variable: Variable) -> Iterator[InlineSecret]:
    raw = variable.raw
    if raw is None:
        return
    rendered = render(raw)
    if rendered.certain and names_a_secret(variable.name) and holds_a_secret(variable.name, rendered.text):
        yield InlineSecret(variable.name, variable.value_span, service, variable.name)
        return
    for start, end in passwords_in_urls(rendered.text):
        if PLACEHOLDER not in rendered.text[start:end] and not is_guest(rendered.text, start, end):
            span = _within(variable.value_span, raw, *rendered.origin(start, end))
            yield InlineSecret(variable.name, span, service)


def _in_command(service: Service, arguments: tuple[Argument, ...]) -> Iterator[InlineSecret]:
    following = (*arguments[1:], None)
    for argument, behind in zip(arguments, following, strict=True):
        text = argument.value
        if text is None:
            continue
        for start, end in passwords_in_urls(text):
            if "$" not in text[start:end] and not is_guest(text, start, end):  # a variable that cannot be told
                yield InlineSecret("command", _within(argument.span, text, start, end), service)
        if any(char.isspace() for char in text):
            for match in _IN_SCRIPT.finditer(text):
                if _announces(match[1]) and "$" not in match[3] and holds_a_secret(match[1], match[3]):
                    yield InlineSecret(match[1], _within(argument.span, text, *match.span(3)), service)
            continue
        flag, equals, value = text.partition("=")
        if not flag.startswith("-") or not _announces(flag):
            continue
        if equals and "$" not in value and holds_a_secret(flag, value):
            start = len(flag) + 1
            yield InlineSecret(flag, _within(argument.span, text, start, len(text)), service)
        elif not equals and behind is not None and _is_value(flag, behind.value):
            yield InlineSecret(flag, behind.span, service)


def _announces(flag: str) -> bool:
    return not flag.startswith(_SWITCHES) and names_a_secret(flag)


def _is_value(flag: str, value: str | None) -> bool:
    if value is None or value.startswith("-") or "$" in value or flag.endswith("auth"):
        return False
    return holds_a_secret(flag, value)


def _within(span: Span, text: str, start: int, end: int) -> Span:
    """The place of `text[start:end]` where the text stands in a span as it is; the whole span where it is escaped."""
    at = span.text.find(text)
    return span if at < 0 else Span(span.source, span.start + at + start, span.start + at + end)
