"""Files of shell scripts as a whole."""

from __future__ import annotations

from dockerlint_fastapi.finding import Edit
from dockerlint_fastapi.source import Span


def mended(where: Span, kind: str) -> tuple[Edit, ...] | None:
    """A script with line ends of Linux (`crlf`), or with a first line for `sh` (`shebang`); None for a script that
    stands within another file.
    """
    source = where.source
    if source.path.rpartition("/")[2].lower().startswith(("dockerfile", "compose", "docker-compose")) or (
        source.path.lower().endswith((".dockerfile", ".yml", ".yaml", ".py"))
    ):
        return None
    if kind == "crlf":
        ends = [at for at in range(len(source.text)) if source.text.startswith("\r\n", at)]
        return tuple(Edit(source.span(at, at + 1), "") for at in ends)
    if kind == "shebang" and not source.bom:
        return (Edit(source.span(0, 0), "#!/bin/sh\n"),)
    return None
