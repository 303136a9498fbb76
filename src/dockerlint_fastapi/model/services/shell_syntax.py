"""Shell operators in compose commands, which no shell reads.

Compose splits a string into words and drops everything from the first unquoted operator on; in a list an operator is
one more argument.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.model.command import SHELLS
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.command import Argument
    from dockerlint_fastapi.model.compose import CommandSetting, Service
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.source import Span

_OPERATORS = frozenset(("&&", "||", ";", "|", "|&", "&", ">", ">>", "<", "<<", "2>", "2>&1", "&>", "1>&2", ">&2"))
# What is lost changes only where the output goes, or what a failure counts for.
_HARMLESS = r"(?:\s*(?:\|\|\s*(?:true|:|exit\s+\d+)(?=\s|\Z)|[0-9&]?>{1,2}\s*(?:&\s*)?[^\s;&|<>]+))*\s*"


class Operator(NamedTuple):
    """One operator that nothing reads. `span` is the operator; in a string all that is dropped with it."""

    span: Span
    text: str
    dropped: bool  # of a string: it and all behind it is thrown away; else it is passed to the program

    @property
    def harmless(self) -> bool:
        """Whether only a redirection or the handling of a failure is lost, and the program still runs."""
        return self.dropped and re.fullmatch(_HARMLESS, self.span.text.rstrip("\"'")) is not None


def operators(container: Container) -> Iterator[Operator]:
    """The operators in a service's `entrypoint`, `command` and hooks; of a list only where the program that gets them
    is certain: a script in front may put its arguments into a shell.
    """
    service = container.service
    if service is None:
        return
    passed = {argument.span for program in _plain_programs(container) for argument in program}
    for command in (service.entrypoint, service.command, *service.hooks):
        if command is not None and command.dropped is not None:
            yield Operator(command.dropped, _first(command.dropped.text), True)
        elif command is not None and not command.string and not _is_shell(command):
            found = [one for one in (command.arguments or ())[1:] if one.value in _OPERATORS]
            if found and (found[0].span in passed or _is_hook(service, command)):
                yield Operator(found[0].span, found[0].value or "", False)


def _plain_programs(container: Container) -> Iterator[tuple[Argument, ...]]:
    """The arguments of the programs that are started directly and are no scripts of somebody's own."""
    for program in container.programs:
        if program.shell is None and program.known and program.name not in SHELLS:
            yield program.argv


def _is_shell(command: CommandSetting) -> bool:
    words = [one.value or "" for one in command.arguments or ()]
    return any(word.rpartition("/")[2] in SHELLS for word in words[:3])


def _is_hook(service: Service, command: CommandSetting) -> bool:
    return command not in (service.entrypoint, service.command)


def _first(text: str) -> str:
    match = re.match(r"[0-9]*(?:&&|\|\||>>|[;&|<>])", text)
    return match[0] if match else text[:1]
