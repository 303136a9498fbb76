"""Faults of dlf itself and of house rules, told in one line each."""

from __future__ import annotations

import os
import sys

from dockerlint_fastapi import __version__
from dockerlint_fastapi.cli.output import complain, write
from dockerlint_fastapi.config import shown_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from dockerlint_fastapi.report import Failure


def internal(error: Exception, where: str) -> None:
    """Tells of a fault of dlf: one line, and the traceback for whoever wants to mend it."""
    if os.environ.get("DLF_DEBUG"):
        import traceback  # noqa: PLC0415

        write(sys.stderr, "".join(traceback.format_exception(error)))
    blamed = _blamed(error.__traceback__) or where
    what = _what(error)
    place = f" on {blamed}" if blamed else ""
    complain(
        f"dlf {__version__} failed{place}: {what}. This is a fault of dlf, not of your files: please report it with"
        " this line and the file (DLF_DEBUG=1 shows the traceback)"
    )


def broken_rules(failures: Sequence[Failure]) -> None:
    """Tells of rules that raised, each once however many files they broke on, and of parsers that did."""
    from dockerlint_fastapi.reporters.closing import counted, place  # noqa: PLC0415 - as in `internal`

    by_rule: dict[str | None, list[Failure]] = {}
    for failure in failures:
        by_rule.setdefault(failure.rule, []).append(failure)
    for name, several in by_rule.items():
        first, *more = several
        if name is None or first.built_in:
            internal(first.error, "" if first.span is None else place(first.span))
            continue
        if os.environ.get("DLF_DEBUG"):
            import traceback  # noqa: PLC0415

            write(sys.stderr, "".join(traceback.format_exception(first.error)))
        where = f" on {place(first.span)}" if first.span is not None else ""
        also = f" and in {counted(len(more), 'more file')}" if more else ""
        complain(
            f"the rule `{name}` failed{where}{also}: {_what(first.error)}{_line_of(name, first.error.__traceback__)}."
            " What it has to say there is missing (DLF_DEBUG=1 shows the traceback)"
        )


def _blamed(traceback: TracebackType | None) -> str:
    """The file, and the rule, that was at work where an exception came from; empty when the frames do not show it."""
    from dockerlint_fastapi.source import Source  # noqa: PLC0415

    file = rule = ""
    while traceback is not None:  # from the outermost frame to the innermost: the last word is the nearest
        for name, value in traceback.tb_frame.f_locals.items():
            source = value if isinstance(value, Source) else getattr(value, "__dict__", {}).get("source")
            if source is None and not isinstance(value, type):
                try:
                    source = getattr(getattr(value, "span", None), "source", None)
                except Exception:  # noqa: BLE001, S112 - a node may be what is broken
                    continue
            if isinstance(source, Source):
                file = source.shown
            if name == "rule" and isinstance(getattr(value, "name", None), str):
                rule = f" (rule `{value.name}`)"
        traceback = traceback.tb_next
    return file + rule


def _what(error: Exception) -> str:
    """An exception on one line."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - a house rule may raise anything
        text = ""
    return " ".join(f"{type(error).__name__}: {text}".rstrip(": ").split())[:300]


def _line_of(rule: str, traceback: TracebackType | None) -> str:
    """The line of a rule's own file that an exception came through last, in brackets; empty when none is known."""
    line = ""
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if os.path.basename(file) == rule.replace("-", "_") + ".py":
            line = f" ({shown_path(os.path.abspath(file))}:{traceback.tb_lineno})"
        traceback = traceback.tb_next
    return line
