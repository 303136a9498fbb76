"""Ignore files: `.dockerignore` and those of single Dockerfiles."""

from __future__ import annotations

from collections.abc import Iterable

from dockerlint_fastapi.edits import lines
from dockerlint_fastapi.finding import Edit
from dockerlint_fastapi.source import Source


def with_patterns(source: Source, patterns: Iterable[str]) -> Edit | None:
    """Patterns at the end of an ignore file, those left out that stand there already and are not overruled; None when
    none is left. A later pattern wins, so the end is where a pattern certainly counts.
    """
    present = [line.strip() for line in source.text.splitlines()]
    last_exception = max((at for at, line in enumerate(present) if line.startswith("!")), default=-1)
    new = [one for one in patterns if one not in present[last_exception + 1 :]]
    return lines.at_end(source, "\n".join(new)) if new else None
