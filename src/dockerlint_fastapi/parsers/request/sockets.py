"""Connections that the shell itself makes: bash's `/dev/tcp/HOST/PORT`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.model.command import Argument, Environment
from dockerlint_fastapi.model.health.probe import Request
from dockerlint_fastapi.model.shell import ShellWord, SimpleCommand
from dockerlint_fastapi.parsers.request.expansion import as_run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


_DEVICE: Final = r"/dev/tcp/([^/\s]+)/([^/\s'\"<>|&;()]+)"


def connections(command: SimpleCommand, environment: Environment) -> Iterator[Request]:
    """The connections that the redirections of one command open, also within `bash -c "…"`."""
    targets = [redirect.target for redirect in command.redirects]
    for word in (*targets, *command.words):
        if word is not None and "/dev/tcp/" in word.text:
            yield from _of_word(word, environment)


def _of_word(word: ShellWord, environment: Environment) -> Iterator[Request]:
    text = as_run(Argument(word.value, word.text, word.span), environment, in_shell=True)
    for match in re.finditer(_DEVICE, text.value):
        port = text.part(*match.span(2))
        known = port is not None and port.number is not None
        yield Request(
            None, text.span(*match.span()), "tcp", text.part(*match.span(1)), port if known else None, None, None
        )
