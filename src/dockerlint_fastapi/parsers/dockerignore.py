"""Reads `.dockerignore`: moby/patternmatcher/ignorefile, read 2026-11-22."""

from __future__ import annotations

from dockerlint_fastapi.model.context.glob import Glob, clean, problem, separator
from dockerlint_fastapi.model.context.ignore_file import IgnoreFile, Pattern
from dockerlint_fastapi.source import Problem, Source, Span

# What Go's `strings.TrimSpace` takes for space; Python's `strip` takes more.
_SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"


MAX_LINES = 2_000  # every path of a context is held against every pattern; real files have some dozens
MAX_CHARACTERS = 1_000_000


def parse_dockerignore(source: Source) -> IgnoreFile:
    """The patterns of an ignore file. `#` begins a comment only as the first character of a line. Never raises."""
    if len(source.text) > MAX_CHARACTERS or source.text.count("\n") > MAX_LINES:
        return IgnoreFile(source, (), unread=f"longer than dlf reads ({MAX_LINES} lines, or 1 MB)")
    patterns: list[Pattern] = []
    problems: list[Problem] = []
    start = 0
    for line in source.text.split("\n"):
        written = line.strip(_SPACE)
        if written and not line.startswith("#"):
            begin = start + line.index(written)
            span = Span(source, begin, begin + len(written))
            negated = written.startswith("!")
            text = written[1:].strip(_SPACE) if negated else written
            glob = clean(text) if text else ""
            if len(glob) > 1:
                glob = glob.removeprefix("/")
            why = problem(glob) if glob else "takes nothing back: a `!` stands alone"
            escape = separator(glob) if why is None and "\\" in glob else None
            if escape is not None and escape[1]:
                why = f"has `{escape[0]}`, which escapes nothing outside of Windows"
            if why is None:
                patterns.append(Pattern(len(patterns), Glob(glob, double_star=True), negated, span))
            else:
                problems.append(Problem(span, f"it {why}"))
        start += len(line) + 1
    return IgnoreFile(source, patterns, problems)
