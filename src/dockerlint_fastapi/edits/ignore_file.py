"""Ignore files: `.dockerignore` and those of single Dockerfiles."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dockerlint_fastapi.edits import lines
from dockerlint_fastapi.finding import Creation, Edit
from dockerlint_fastapi.model.context.exclusion import are_run, pattern_for, without_needed
from dockerlint_fastapi.model.context.ignore_file import Pattern
from dockerlint_fastapi.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.context.exclusion import Proposal
    from dockerlint_fastapi.model.context.image_build import ImageBuild


def made(new: Proposal) -> Creation | Edit:
    """An ignore file that was missing; what is proposed behind the comments of one without patterns."""
    return Creation(new.path, new.text) if new.blank is None else lines.at_end(new.blank, new.text)


def with_patterns(source: Source, patterns: Iterable[str]) -> Edit | None:
    """Patterns at the end of an ignore file, those left out that stand there already and are not overruled; None when
    none is left. A later pattern wins, so the end is where a pattern certainly counts.
    """
    present = [line.strip() for line in source.text.splitlines()]
    last_exception = max((at for at, line in enumerate(present) if line.startswith("!")), default=-1)
    new = [one for one in patterns if one not in present[last_exception + 1 :]]
    return lines.at_end(source, "\n".join(new)) if new else None


def needless(build: ImageBuild, patterns: Iterable[str]) -> Edit | None:
    """Patterns at the end of the ignore file of a build; None when it has none, or needs what they would leave out."""
    found = without_needed(tuple(dict.fromkeys(patterns)), build)
    return None if found is None or build.ignore is None else with_patterns(build.ignore.source, found)


def left_out(build: ImageBuild, paths: Iterable[str]) -> Edit | None:
    """Patterns for files and directories of the context, in the same way."""
    return needless(build, [pattern_for(path) for path in paths])


def back_in(pattern: Pattern | None, path: str) -> Edit | None:
    """A `!` for a path below the pattern that leaves it out, in front of later ones, which stay in force."""
    return None if pattern is None or re.search(r"[*?\[\\#\s]", path) else lines.below(pattern, f"!{path}", indent="")


def anywhere(build: ImageBuild, patterns: Iterable[Pattern]) -> list[Edit] | None:
    """Patterns that match at any depth in place of ones that match in the root only; None when a build needs what they
    would leave out.
    """
    edits = [Edit(one.span, f"**/{one.glob.text}") for one in patterns]
    return edits if without_needed(tuple(one.text for one in edits), build) is not None else None


def spelled(build: ImageBuild, pattern: Pattern, text: str) -> Edit | None:
    """A pattern in place of a misspelt one; None when a build needs what it would leave out, or tests are run."""
    tests = text.strip("/") in ("test", "tests") and are_run([build])
    return None if tests or without_needed((text,), build) is None else Edit(pattern.span, text)


def moved_behind(pattern: Pattern, later: Pattern) -> tuple[Edit, ...] | None:
    """A pattern below a later one instead of where it stands."""
    gone = lines.without(pattern)
    return None if gone is None else (gone, lines.below(later, pattern.text, indent=""))


def without_remark(pattern: Pattern) -> Edit | tuple[Edit, ...] | None:
    """A remark that begins the line, or one on a line of its own above what the pattern is without it."""
    remark, span = pattern.remark, pattern.span
    if remark is None:
        return None
    line = span.source.starts[span.line - 1]
    if span.text.startswith(remark):
        return Edit(span.source.span(line, span.start), "") if line < span.start else None
    kept = span.text[: -len(remark)].rstrip()
    if not kept.strip("!") or not span.text.endswith(remark):
        return None
    tail = span.source.span(span.start + len(kept), span.end)
    return (lines.above(span, remark, indent=""), Edit(tail, ""))
