"""`dlf check --add-ignores --reason TEXT`: comments that ignore what is found, written into the files."""

from __future__ import annotations

import os

from dockerlint_fastapi.cli.jobs import STDIN
from dockerlint_fastapi.cli.outcome import Stop
from dockerlint_fastapi.cli.output import complain, say, write_bytes
from dockerlint_fastapi.discover import kind
from dockerlint_fastapi.reporters.closing import counted
from dockerlint_fastapi.source import Source
from dockerlint_fastapi.suppress.insert import Inserted, Wanted, one_line, with_ignores

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from dockerlint_fastapi.cli.jobs import Job
    from dockerlint_fastapi.report import Diagnostic, Report

    Linted = list[tuple[Job, Report]]

ROUNDS = 3  # a comment may be what a rule on comments speaks of


def add_ignores(check: Callable[..., int], given: dict[str, Any], reason: str | None) -> int:
    """Lints, writes ignores for all that is reported, lints again and reports what is left; gives the exit code.

    `check` is the command itself: with `collect` it hands over what it found in place of printing it. Raises Stop.
    """
    text = one_line(reason or "")
    if not text:
        raise Stop('--add-ignores needs the reason that each comment will give: --reason "…"')
    if given["paths"] == (STDIN,):
        raise Stop("--add-ignores writes into files, not into standard input")
    if given["write_baseline"]:
        raise Stop("--add-ignores and --write-baseline both take in what is found: name one of them")
    ignored = 0
    changed: set[str] = set()
    refused: dict[str, str] = {}
    for _ in range(ROUNDS):
        linted: Linted = []
        check(**given, collect=linted)
        written = _write(linted, text, changed, refused)
        ignored += written
        if not written:
            break
    if changed and not given["quiet"]:
        say(f"added ignores for {counted(ignored, 'finding')} to {counted(len(changed), 'file')}")
    for path, why in sorted(refused.items()):
        complain(f"{path}: nothing was ignored here: {why}")
    return check(**given)


def _write(linted: Linted, reason: str, changed: set[str], refused: dict[str, str]) -> int:
    """Writes the comments of one round, and says for how many findings."""
    by_file: dict[str, tuple[Job, list[Diagnostic]]] = {}
    for job, report in linted:
        for one in report.diagnostics:
            path = os.path.join(job.root, *one.finding.span.source.path.split("/"))
            by_file.setdefault(path, (job, []))[1].append(one)
    written = 0
    for path, (job, diagnostics) in by_file.items():
        first = diagnostics[0].finding.span.source
        if first.shown in refused:
            continue
        inserted = _inserted(job, path, diagnostics, reason)
        if inserted.data is None:
            refused[first.shown] = inserted.reason
        elif inserted.data != first.data:
            try:
                write_bytes(path, inserted.data)
            except OSError as error:
                refused[first.shown] = f"cannot be written: {error.strerror or error}"
                continue
            changed.add(first.shown)
            written += len(diagnostics)
    return written


def _inserted(job: Job, path: str, diagnostics: Sequence[Diagnostic], reason: str) -> Inserted:
    """A file as it is on the disk, with comments for what was found in it."""
    source = diagnostics[0].finding.span.source
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        return Inserted(None, f"cannot be read: {error.strerror or error}")
    if data != source.data:
        return Inserted(None, "it is not what was linted")
    what = kind(job.tree, source.path) or "elsewhere"
    fresh = Source(source.path, data, source.shown)
    fresh.private = source.private
    return with_ignores(fresh, what, [Wanted(one.rule.name, one.finding.span.start) for one in diagnostics], reason)
