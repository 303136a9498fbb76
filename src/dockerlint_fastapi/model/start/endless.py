"""Services that do their work again and again: an endless loop in what compose has them run."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.compose import Service

_LOOP: Final = r"\bwhile\s+(?::|true|\[\s+1\s+\])\s*[;\n]\s*do\b(.*)\bdone\b"
_LEFT: Final = r"\b(?:break|exit|return|exec|kill)\b"
_BETWEEN: Final = r"&&|\|\||[;&|\n]"
# What fills the time between two turns, or says that it does; alone they keep a container open for its developer.
_NO_WORK: Final = frozenset(("", "sleep", "wait", "echo", "printf", "date", ":", "true", "tail", "trap", "cat"))


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
