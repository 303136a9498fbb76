"""Whether a file is a template (Jinja, cookiecutter, Go) from which a Dockerfile is still to be made.

A template cannot be linted, but braces alone prove nothing: `docker inspect -f '{{.State}}'`, an nginx
configuration in a heredoc or a log format in ENV hold them in ready Dockerfiles too. So:

* `{%` or `{#` at the beginning of a line outside heredoc bodies is a template's, whatever the instruction.
* `{{` at the place of an instruction's keyword is a template's.
* `{{` in FROM, or unquoted in COPY, ADD, WORKDIR, USER, EXPOSE, VOLUME, STOPSIGNAL, ENV, ARG or LABEL, is a template's.
* Quoted in one of these, or in an exec form, it is a template's only when it holds a name, as in `{{ project }}`;
  Go's formats hold `.Field`, and those stay.
* In the shell form of CMD and ENTRYPOINT the same, but unquoted only: there a quoted one is the program's.
* In RUN and HEALTHCHECK text only `{{ cookiecutter.name }}` counts; everything else may be the command's own.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from dockerlint_fastapi.parsers.dockerfile.scan import Joined, Scan, keyword_of
from dockerlint_fastapi.parsers.dockerfile.words import split_instruction
from dockerlint_fastapi.source import Span

MAX_INSIDE = 200  # characters between the braces that are looked at

_QUOTED = r"\"(?:\\.|[^\"\\])*\"|'[^']*'"
_COOKIECUTTER = r"-?\s*(?:cookiecutter|copier|_copier_conf)\b"
_NAME = r"[-~]?\s*[A-Za-z_]"
_GO_FIELD = r"(?:^|[\s(])[.$]"
_WORDS = frozenset({"ADD", "ARG", "COPY", "ENV", "EXPOSE", "LABEL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"})
_COMMANDS = frozenset({"CMD", "ENTRYPOINT", "SHELL"})


def template_marker(scan: Scan) -> Span | None:
    """The first marker that only a template has, or None."""
    text = scan.source.text
    if "{{" not in text and "{%" not in text and "{#" not in text:
        return None
    for line in scan.lines:
        found = _in_rows(scan, line) or _in_line(scan, line)
        if found is not None:
            return found
    return None


def _in_rows(scan: Scan, line: Joined) -> Span | None:
    for row in range(line.first_row, line.last_row + 1):
        stripped = scan.rows[row].lstrip()
        if stripped.startswith(("{%", "{#")):
            start = scan.starts[row] + len(scan.rows[row]) - len(stripped)
            return Span(scan.source, start, start + 2)
    return None


def _in_line(scan: Scan, line: Joined) -> Span | None:
    text, parts = line.text, line.parts
    if "{{" not in text:
        return None
    if text.startswith("{{", parts.keyword_start):
        return line.span(parts.keyword_start, parts.keyword_start + 2)
    keyword = line.keyword
    if keyword == "ONBUILD":
        parts = split_instruction(text, parts.start, parts.end, scan.escape)
        keyword = keyword_of(text, parts)
    quoted = _quoted_stretches(text, parts.start)
    start = text.find("{{", parts.keyword_end)
    close = -1
    while start >= 0:
        if close < start:
            close = text.find("}}", start)
            if close < 0:
                return None
        inside = text[start + 2 : min(close, start + MAX_INSIDE)]
        number = bisect_right(quoted, (start, start)) - 1
        in_quotes = number >= 0 and start < quoted[number][1]
        name = re.match(_NAME, inside) is not None and re.search(_GO_FIELD, inside) is None
        if (
            keyword == "FROM"
            or (keyword in _WORDS and (name or not in_quotes))
            or (keyword in _COMMANDS and name and (not in_quotes or text.startswith("[", parts.start)))
            or re.match(_COOKIECUTTER, inside)
        ):
            return line.span(start, start + 2)
        start = text.find("{{", start + 2)
    return None


def _quoted_stretches(text: str, start: int) -> list[tuple[int, int]]:
    """The offsets of quoted strings, in order, roughly: escapes outside quotes do not count."""
    return [found.span() for found in re.compile(_QUOTED).finditer(text, start)]
