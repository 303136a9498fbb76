"""The report as Markdown: a summary that people read, made for GitHub's job summaries and for comments.

What files and paths say is made harmless: a word that Markdown, or the forge that shows it, could take for anything but
text (HTML, links, `@names`, `#numbers`) stands as code, and a bar never ends a cell.
"""

from __future__ import annotations

import re

from dockerlint_fastapi.reporters.closing import summary_lines
from dockerlint_fastapi.reporters.paint import Paint
from dockerlint_fastapi.reporters.visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from dockerlint_fastapi.report import Diagnostic, Report, RuleInfo

# A word that means nothing to Markdown, unless it is one of those that forges make links of.
PLAIN = r"[(\"']?[^\W_]*(?:[.'=+%…—-]+[^\W_]+)*[.'=+%…—-]*[\"']?[.,;:!?)]*"
LINKED = r"(?i)www\.|GH-[0-9]|(?<![0-9a-z])[0-9a-f]{7,40}(?![0-9a-z])"
HEAD = "| place | severity | rule | finding |\n|---|---|---|---|\n"
MAX_BYTES = 900_000  # GitHub refuses a job summary of more than 1 MiB
BADGES = {"error": "🔴 error", "warning": "🟠 warning", "info": "🔵 info"}


def code(text: str) -> str:
    """A text as code: nothing in it is Markdown."""
    runs = [len(run) for run in re.findall(r"`+", text)]
    fence = "`" * next(number for number in range(1, len(runs) + 2) if number not in runs)
    blank = " " if text[:1] in "` " or text[-1:] in "` " else ""
    return f"{fence}{blank}{text}{blank}{fence}" if text else ""


def joined(parts: Iterable[str]) -> str:
    """Pieces of Markdown in a row, with a blank between two of code, whose marks would run together."""
    whole = ""
    for part in parts:
        whole += " " + part if whole.endswith("`") and part.startswith("`") else part
    return whole


def prose(text: str) -> str:
    """Words that are no code: those that could be taken for Markdown are made code."""
    harmless = (re.fullmatch(PLAIN, word) and not re.search(LINKED, word) for word in text.split())
    return " ".join(word if fine else code(word) for word, fine in zip(text.split(), harmless, strict=True))


def cell(message: str) -> str:
    """A message of a rule: what stands in backticks is code, the rest is prose."""
    parts = visible(message).split("`")
    if len(parts) % 2 == 0 or not all(parts[1::2]):
        return prose(visible(message))
    shown = []
    for index, part in enumerate(parts):
        if index % 2:
            shown.append(code(part))
        else:  # what is glued to code stays so, and a blank stays a blank
            shown += [" " * part[:1].isspace(), prose(part), " " * part[-1:].isspace()]
    return joined(shown).strip()


def linked(rule: RuleInfo) -> str:
    """The rule's name, with a link to its page when that is published."""
    name = rule.name if re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", rule.name) else code(visible(rule.name))
    plain = re.fullmatch(r"https?://[A-Za-z0-9./_~%#-]+", rule.url)
    return f"[{name}]({rule.url})" if plain else name


def row(diagnostic: Diagnostic) -> str:
    """One finding, a row of its file's table."""
    finding = diagnostic.finding
    line, column = finding.span.source.position(finding.span.start)
    notes = "".join(
        f"<br>↳ {code(f'{visible(note.span.source.shown)}:{note.span.line}')} {cell(note.message)}"
        for note in finding.notes
    )
    cells = (f"{line}:{column}", BADGES[diagnostic.severity], linked(diagnostic.rule), cell(finding.message) + notes)
    return f"| {' | '.join(one.replace('|', chr(92) + '|') for one in cells)} |\n"


class Marks(Paint):
    """Emphasis in Markdown, where a terminal has colours."""

    __slots__ = ()

    def __call__(self, style: str, text: str) -> str:
        """See Paint."""
        return f"✅ {text}" if style == "good" else f"**{text}**"


def headline(report: Report) -> str:
    """What was found, in one line."""
    return summary_lines(report, Marks(color=False))[0]


def blocks(report: Report) -> Iterable[str]:
    """The parts below the headline: a table for each file, rows and headings one by one, then what was not linted."""
    path = None
    for diagnostic in report.diagnostics:
        if diagnostic.path != path:
            path = diagnostic.path
            yield f"\n### {code(visible(path))}\n\n{HEAD}"
        yield row(diagnostic)
    if report.notices or report.unread:
        yield "\n### Not linted\n\n"
    for notice in report.notices:
        yield f"- {code(f'{visible(notice.span.source.shown)}:{notice.span.line}')}: {cell(notice.message)}\n"
    for message in report.unread:
        yield f"- {code(visible(message))}\n"


def render(report: Report) -> str:
    """The report, cut at MAX_BYTES with a line that says so."""
    parts = ["## dlf\n\n", headline(report), "\n"]
    size = 0
    for block in blocks(report):
        size += len(block.encode())
        if size > MAX_BYTES:
            parts.append("\nThere is more than fits here: the other formats have all of it.\n")
            break
        parts.append(block)
    return "".join(parts)
