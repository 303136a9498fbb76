"""Services that do their work again and again: an endless loop in what compose has them run."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.command import SHELLS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.compose import Service
    from dockerlint_fastapi.model.container import Container

_LOOP: Final = r"\bwhile\s+(?::|true|\[\s+1\s+\])\s*[;\n]\s*do\b(.*)\bdone\b"
_MAIN_MODULES: Final = frozenset("index.js index.mjs main.js main.mjs worker.js bot.js".split())
_SERVER_MODULES: Final = frozenset(("server.js", "server.mjs"))
_LEFT: Final = r"\b(?:break|exit|return|exec|kill)\b"
_BETWEEN: Final = r"&&|\|\||[;&|\n]"
# What fills the time between two turns, or says that it does; alone they keep a container open for its developer.
_NO_WORK: Final = frozenset(("", "sleep", "wait", "echo", "printf", "date", ":", "true", "tail", "trap", "cat"))


def is_developers_shell(service: Service) -> bool:
    """Whether all that a service runs is a shell on a terminal, into which its developer goes: `command: bash` with
    `tty: true`. Without a terminal such a shell ends at once.
    """
    words = [one.value for one in ((service.command.arguments if service.command is not None else None) or ())]
    if service.entrypoint is not None or len(words) != 1 or (words[0] or "").rpartition("/")[2] not in SHELLS:
        return False
    said = (service.setting("tty"), service.setting("stdin_open"))
    return any(one is not None and (one.value or "").lower() == "true" for one in said)


def waits_in_node(container: Container) -> bool:
    """Whether a service runs the main module of a program of Node (`node dist/index.js`) and waits for others of the
    project to be ready: a bot, a worker; or one that is called a server. Migrations have files of their own names.
    """
    program, service = container.program, container.service
    words = [one.value or "" for one in program.argv] if program is not None else []
    if words[:1] == ["docker-entrypoint.sh"]:  # of Node's image, which runs what it is given
        del words[0]
    if service is None or len(words) != 2 or words[0] != "node":
        return False
    name = words[1].rpartition("/")[2]
    waits = any(one.condition == "service_healthy" for one in service.depends_on)
    return name in _SERVER_MODULES or (waits and name in _MAIN_MODULES)


def is_endless(service: Service) -> bool:
    """Whether a service runs for ever, by a loop that nothing leaves and that starts a program in each turn:
    `while :; do certbot renew; sleep 12h; done`.
    """
    for one in (service.entrypoint, service.command):
        text = one.span.text if one is not None else ""
        found = re.search(_LOOP, text, re.DOTALL) if "while" in text else None
        if found is not None:
            programs = {part.strip(" \t\"'").partition(" ")[0] for part in re.split(_BETWEEN, found[1])}
            return re.search(_LEFT, found[1]) is None and not _NO_WORK.issuperset(programs)
    return False
