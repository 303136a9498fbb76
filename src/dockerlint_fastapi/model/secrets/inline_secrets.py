"""Secrets that stand as literals in a compose file: in `environment`, as a URL's password, behind a command's flag."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from dockerlint_fastapi.model.bases.reference import Reference
from dockerlint_fastapi.model.command import Argument
from dockerlint_fastapi.model.compose import Service, Variable
from dockerlint_fastapi.model.environment.interpolation import PLACEHOLDER, render
from dockerlint_fastapi.model.evidence import is_example, setting_of_path, tokens
from dockerlint_fastapi.model.secrets import (
    decoded,
    holds_a_secret,
    is_drawn,
    is_for_pages,
    is_guest,
    is_made_up,
    is_the_secret_of,
    names_a_secret,
    passwords_in_urls,
    repeats_name,
)
from dockerlint_fastapi.model.secrets.secret_tokens import is_of_documentation, is_of_outside, is_token
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.deployment import Deployment
    from dockerlint_fastapi.model.environment.env_file import Assignment, EnvironmentFile
    from dockerlint_fastapi.model.project import Project
    from dockerlint_fastapi.model.shell import ShellWord

# A flag within a script (`sh -c "redis-server --requirepass x"`).
_IN_SCRIPT = pattern(r"(?<!\S)(--?[A-Za-z][\w-]*)(?:=|[ \t]+)(?P<quote>[\"']?)([^\s\"';&|]+)(?P=quote)")
# A flag that turns something on or off takes no value from the next word.
_SWITCHES = ("--no-", "--enable", "--disable", "--use-", "--require-", "--with", "--allow")
# What turns logins on, behind the name of a program, and what only these need.
_ENABLES_LOGINS = pattern(r"(\w+?_)(?:ENABLE_AUTH|AUTH_ENABLED|ENABLE_AUTHENTICATION|AUTHENTICATION_ENABLED|USE_AUTH)")
_OF_LOGINS = pattern(r"(?:AUTH_|JWT_|SESSION_)?SECRET(?:_KEY)?|(?:DEFAULT_|INITIAL_)*ADMIN_(?:INITIAL_)?PASSWORD")
# What turns the logins of a search server off, and what its image asks for all the same: OpenSearch ("Disabling and
# enabling the Security plugin", "Docker", read 2026-11-23), Elasticsearch (without `xpack.security` nobody logs in).
_NO_LOGINS = {
    "plugins.security.disabled": "true",
    "DISABLE_SECURITY_PLUGIN": "true",
    "xpack.security.enabled": "false",
}
_OF_SEARCH = ("OPENSEARCH_INITIAL_ADMIN_PASSWORD", "ELASTIC_PASSWORD")
# What says of itself that everybody has an own one, under the names of accounts with somebody else.
_YOURS = pattern(r"(?i:your[-_ ].+)")
# What says that something else has to stand there first.
_REPLACED = pattern(
    r"(?i)change|your|replace|example|sample|todo|place.?holder|xxx|fill|here|dummy|fake|test|dev|local|[<>]"
)
_OF_ACCOUNTS = pattern(r".*(?:TOKEN|API_?KEY)")


class InlineSecret(NamedTuple):
    """One literal secret: the variable, flag or key that holds it, where it stands, and in which service.

    `name` is the variable whose whole value it is; None for a part of a value and for a flag's. `filled` is the line of
    a `.env` that Compose takes it from, of a reference.
    """

    holder: str
    span: Span
    service: Service
    name: str | None = None
    filled: Assignment | None = None

    @property
    def is_made_up(self) -> bool:
        """Whether it is a stand-in of development by its looks (`postgres`), and nobody's own secret."""
        return is_made_up(self.literal)

    @property
    def literal(self) -> str:
        """The secret itself, as who gets it has it: of a URL's password what its escapes (`%40`) stand for."""
        if self.filled is not None:
            return self.filled.text or ""
        text = self.span.text.strip("\"'")
        return text if self.name is not None or "%" not in text else decoded(text)

    @property
    def is_issued(self) -> bool:
        """Whether it opens something of somebody's whoever starts the file: a token by its form, or the password of an
        account at a server outside.
        """
        return is_token(self.literal) or (self.name is None and is_of_outside(self.span))

    @property
    def guards_a_test(self) -> bool:
        """Whether it is for a tool that tests others, such as a browser without a screen, and which holds nothing."""
        image = self.service.image if self.service.build is None else None
        reference = Reference.parse(image.value or image.default or "") if image is not None else None
        return reference is not None and reference.is_run_by_hand

    def is_idle(self, project: Project | None) -> bool:
        """Whether it is a stand-in for a field of settings that no code of the project reads, or for what the code has
        as a literal of its own, in a service that the project builds: nothing is opened by it.
        """
        if project is None or self.name is None or self.service.build is None or not self.is_made_up:
            return False
        from dockerlint_fastapi.model.environment.settings_class import (  # noqa: PLC0415 - few get here
            is_literal_in_code,
            sets_unread_field,
        )

        unread = project.index.answer(sets_unread_field, self.name)
        return bool(unread or project.index.answer(is_literal_in_code, self.name))

    @property
    def is_to_be_filled_in(self) -> bool:
        """Whether it stands for a token or a key that whoever uses a published image has of somebody else."""
        account = self.service.build is None and _OF_ACCOUNTS.fullmatch(self.name or "") is not None
        return account and (_YOURS.fullmatch(self.literal) is not None or repeats_name(self.name or "", self.literal))

    def is_for_a_service_beside(self, deployment: Deployment) -> bool:
        """Whether it is what a client wants to have as a key of an API, while a variable beside it leads it to another
        service of the set (`BASE_URL: http://backend:8000`) and nothing else in the files has that text: nobody asks
        for it. A token by its form is one all the same.
        """
        if self.name is None or not self.name.endswith("_API_KEY") or is_token(self.literal):
            return False
        prefix = self.name.removesuffix("API_KEY")
        named = (f"{prefix}BASE_URL", f"{prefix}API_BASE", f"{prefix}API_BASE_URL", f"{prefix}HOST", "BASE_URL")
        hosts = (
            re.match(r"https?://([\w-]+)(?=[:/]|\Z)", one.value or "")
            for one in self.service.environment
            if one.name in named
        )
        names = deployment.service_names
        beside = any(one is not None and names.named(one[1], self.service) is not None for one in hosts)
        return beside and deployment.project is not None and not _is_said_elsewhere(deployment.project, self)

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


def _is_said_elsewhere(project: Project, secret: InlineSecret) -> bool:
    """Whether a line of code or configuration has the text of a secret, but for comments and where that stands."""
    line = rf"(?m)^(?![ \t]*#).*(?<!\w){re.escape(secret.literal)}(?!\w)"
    for path in project.index.ending(".yaml", ".yml", ".env", ".py", ".json", ".toml", ".sh"):
        source = project.source_of(path)
        text = source.text if source is not None else ""
        if secret.literal in text and len(re.findall(line, text)) > (path == secret.span.source.path):
            return True
    return False


def inline_secrets(service: Service) -> Iterator[InlineSecret]:
    """The literal secrets of a service, in the order of its keys. What is made of a variable, or of the default of one,
    is not literal. The password of a search server that asks nobody for it guards nothing.
    """
    open_to_all = any((one.value or "").lower() == _NO_LOGINS.get(one.name, one) for one in service.environment)
    for variable in service.environment:
        if not (open_to_all and variable.name in _OF_SEARCH):
            yield from _in_variable(service, variable)
    for command in (service.entrypoint, service.command):
        if command is not None and command.arguments:
            for holder, span in secrets_in_arguments(command.arguments):
                yield InlineSecret(holder, span, service)


def committed_secrets(deployment: Deployment) -> Iterator[InlineSecret]:
    """The secrets in the env files of a deployment that git does not ignore, as far as they look real: a stand-in in
    such a file is an example for others, but for a key that signs, and asks nobody to replace it, in one which is named
    for what takes it (`web-variables.env`), is no example by its name, and is not for development: nobody has to copy
    that first.
    """
    for service in deployment.merged.services.values():
        for use in deployment.env_files_of(service):
            for one in use.file.assignments if use.file is not None else ():
                text = one.text or ""
                stand_in = is_made_up(text) and not is_drawn(text)
                stand_in = stand_in and "://" not in text
                if "$" in text or (stand_in and (deployment.development or not _signs_as_it_is(use.file, one))):
                    continue
                if is_the_secret_of(one.name, text) or (is_token(text) and not is_for_pages(one.name)):
                    yield InlineSecret(one.name, one.value_span, service, one.name)
                    continue
                for start, end in passwords_in_urls(text):
                    span = _within(one.value_span, text, start, end)
                    if is_of_outside(span):
                        yield InlineSecret(one.name, span, service)


def _signs_as_it_is(file: EnvironmentFile | None, one: Assignment) -> bool:
    path = file.source.path if file is not None else ".env"
    name = path.rpartition("/")[2]
    if name.startswith(".") or is_example(path) or setting_of_path(path) is not None or "default" in tokens(name):
        return False
    from dockerlint_fastapi.model.environment.settings_class import signs  # noqa: PLC0415 - few files are called so

    return bool(one.text) and signs(one.name) and not _REPLACED.search(one.text or "")


def _in_variable(service: Service, variable: Variable) -> Iterator[InlineSecret]:
    raw = variable.raw
    if raw is None:
        return
    rendered = render(raw)
    named = is_the_secret_of(variable.name, rendered.text)
    if rendered.certain and (named or (is_token(rendered.text) and not is_for_pages(variable.name))):
        yield InlineSecret(variable.name, variable.value_span, service, variable.name)
        return
    for start, end in passwords_in_urls(rendered.text):
        if is_of_documentation(rendered.text, end):
            continue
        if PLACEHOLDER not in rendered.text[start:end] and not is_guest(rendered.text, start, end):
            span = _within(variable.value_span, raw, *rendered.origin(start, end))
            yield InlineSecret(variable.name, span, service)


def secrets_in_arguments(arguments: Sequence[Argument | ShellWord]) -> Iterator[tuple[str, Span]]:
    """The literal secrets among the arguments of a command, each with the flag that it stands behind (`--requirepass`);
    `command` for the password in a URL.
    """
    for number, argument in enumerate(arguments):
        behind = arguments[number + 1] if number + 1 < len(arguments) else None
        text = argument.value
        if text is None:
            continue
        for start, end in passwords_in_urls(text):
            if "$" not in text[start:end] and not is_guest(text, start, end):  # a variable that cannot be told
                yield "command", _within(argument.span, text, start, end)
        if any(char.isspace() for char in text):
            for match in _IN_SCRIPT.finditer(text):
                if _announces(match[1]) and "$" not in match[3] and holds_a_secret(match[1], match[3]):
                    yield match[1], _within(argument.span, text, *match.span(3))
            continue
        flag, equals, value = text.partition("=")
        if not flag.startswith("-") or not _announces(flag):
            continue
        if equals and "$" not in value and holds_a_secret(flag, value):
            start = len(flag) + 1
            yield flag, _within(argument.span, text, start, len(text))
        elif not equals and behind is not None and _is_value(flag, behind.value):
            yield flag, behind.span


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
