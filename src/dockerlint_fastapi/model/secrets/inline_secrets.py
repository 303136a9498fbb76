"""Secrets that stand as literals in a compose file: in `environment`, as a URL's password, behind a command's flag."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dockerlint_fastapi.model.bases.reference import Reference
from dockerlint_fastapi.model.command import Argument
from dockerlint_fastapi.model.compose import Service, Variable
from dockerlint_fastapi.model.environment.interpolation import PLACEHOLDER, render
from dockerlint_fastapi.model.secrets import (
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

# A flag within a script (`sh -c "redis-server --requirepass x"`).
_IN_SCRIPT = pattern(r"(?<!\S)(--?[A-Za-z][\w-]*)(?:=|[ \t]+)(?P<quote>[\"']?)([^\s\"';&|]+)(?P=quote)")
# What stands in front of a value in a block of YAML: `NAME: `, `- NAME=`, `- "NAME=`.
_ON_ITS_OWN = pattern(r"""\s*(?:(["']?)[A-Za-z_]\w*\1\s*:\s+|-\s+["']?[A-Za-z_]\w*=)""", re.ASCII)
_IN_A_URL = pattern(rf"(?:{_ON_ITS_OWN.pattern})[\"']?[a-z][a-z0-9+.-]*://[^\s\"'{{}}#]*", re.ASCII)
# A flag that turns something on or off takes no value from the next word.
_SWITCHES = ("--no-", "--enable", "--disable", "--use-", "--require-", "--with", "--allow")

# Files in which what is mounted is told an address or an account.
_CONFIGURATIONS = (".yml", ".yaml", ".json", ".toml", ".conf", ".cfg", ".ini", ".xml", ".properties", ".hcl", ".alloy")
_MOST_CHARACTERS = 200_000
_MIN_LITERAL = 4


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
        return is_made_up(self.span.text)

    @property
    def guards_a_test(self) -> bool:
        """Whether it is for a tool that tests others, such as a browser without a screen, and which holds nothing."""
        image = self.service.image if self.service.build is None else None
        reference = Reference.parse(image.value or image.default or "") if image is not None else None
        return reference is not None and reference.is_run_by_hand

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
            and one.span.text.strip("\"'") == self.span.text
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


def other_sides(deployment: Deployment, secret: InlineSecret, others: Iterable[InlineSecret]) -> Iterator[Span]:
    """Where files that services mount, and what services run, say the same literal: whoever changes the one has to
    change the other. What is told as a secret itself is none.
    """
    literal = secret.span.text.strip("\"'")
    if len(literal) < _MIN_LITERAL or deployment.project is None:
        return
    said = re.compile(rf"(?<![\w-]){re.escape(literal)}(?![\w=:-])")
    seen: set[str] = set()
    for service in deployment.merged.services.values():
        for command in (service.entrypoint, service.command):
            found = said.search(command.span.text) if command is not None else None
            if command is not None and found is not None:
                start = command.span.start + found.start()
                side = Span(command.span.source, start, start + len(literal))
                if not any(_meet(side, one.span) for one in others):
                    yield side
        for mount in service.volumes:
            path = deployment.merged.resolve(mount.source) if mount.source is not None else None
            if path and path not in seen and path.endswith(_CONFIGURATIONS) and deployment.project.tree.is_file(path):
                seen.add(path)
                source = deployment.project.source_of(path)
                found = said.search(source.text, 0, _MOST_CHARACTERS) if source is not None else None
                if source is not None and found is not None:
                    yield source.span(found.start(), found.end())


def _meet(one: Span, other: Span) -> bool:
    return one.source is other.source and one.start < other.end and other.start < one.end


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
            if not is_guest(text, start, end):
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
