"""A report as text: one module a format, each with `render(report, ...) -> str`.

Rendering is pure: no input, no output, no look at the environment.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from dockerlint_fastapi.report import Report

# The names of `--output-format`, and where each is rendered. A module is imported when its format is asked for.
FORMATS = {
    "text": "dockerlint_fastapi.reporters.text",
    "concise": "dockerlint_fastapi.reporters.concise",
    "json": "dockerlint_fastapi.reporters.json_report",
    "sarif": "dockerlint_fastapi.reporters.sarif",
    "github": "dockerlint_fastapi.reporters.github",
    "gitlab": "dockerlint_fastapi.reporters.gitlab",
    "junit": "dockerlint_fastapi.reporters.junit",
    "rdjson": "dockerlint_fastapi.reporters.rdjson",
    "markdown": "dockerlint_fastapi.reporters.markdown",
}

# The format that a report file's name tells, when nothing else does.
SUFFIXES = {".sarif": "sarif", ".json": "json", ".xml": "junit", ".md": "markdown"}

# The formats that `--statistics` has.
COUNTED = ("text", "concise", "json", "markdown")

# The formats for people: they know colour and a summary; the others are for programs.
FOR_PEOPLE = frozenset({"text", "concise"})


def render(output_format: str, report: Report, *, color: bool = False, summary: bool = True) -> str:
    """The report in one of FORMATS, ending in a line break.

    In the formats for people, `color` adds terminal colours and `summary` the lines that count; no other format heeds
    them. KeyError when there is no such format.
    """
    return "".join(render_pieces(output_format, report, color=color, summary=summary))


def render_pieces(output_format: str, report: Report, *, color: bool = False, summary: bool = True) -> Iterable[str]:
    """The same text in pieces, which need not be in memory together: a large report takes as much as all findings. Of
    some formats it is one piece.
    """
    module = __import__(FORMATS[output_format], fromlist=("",))
    options = {"color": color, "summary": summary} if output_format in FOR_PEOPLE else {}
    in_pieces = getattr(module, "pieces", None)
    found: Iterable[str] = (module.render(report, **options),) if in_pieces is None else in_pieces(report, **options)
    return found


def render_statistics(output_format: str, report: Report, *, color: bool = False, summary: bool = True) -> str:
    """How many findings each rule has, in one of COUNTED, ending in a line break. `color` and `summary` as above."""
    from dockerlint_fastapi.reporters.statistics import render as rendered  # noqa: PLC0415

    return rendered(report, output_format, color=color, summary=summary)
