"""Where the reports of a run go and in which format each: the terminal, and any number of files."""

from __future__ import annotations

import os
import sys

from dockerlint_fastapi.cli.outcome import Stop
from dockerlint_fastapi.cli.output import colored, complain, write, write_pieces
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.reporters import COUNTED, FOR_PEOPLE, FORMATS, SUFFIXES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dockerlint_fastapi.report import Report

_PIECE = 1_000_000  # characters of a report that are written at once


class Target(NamedTuple):
    """A file to write and the format of the report in it."""

    path: str
    output_format: str


class Outputs(NamedTuple):
    """The reports of a run. `terminal` is the format on standard output, None when something else is printed there."""

    terminal: str | None
    files: tuple[Target, ...]

    @property
    def formats(self) -> Iterator[str]:
        """The formats that are asked for."""
        if self.terminal is not None:
            yield self.terminal
        yield from (one.output_format for one in self.files)


def outputs(output_format: str | None, files: Sequence[str], configured: str | None, *, statistics: bool) -> Outputs:
    """What `--output-format`, each `--output-file` and the configuration's `output-format` come to. Raises Stop.

    A file's format is the one in front of it (`sarif:dlf.sarif`), else that of `--output-format`, else what its suffix
    tells, else the configured one. Beside files the terminal shows a format for people, unless `--output-format` is for
    none of the files.
    """
    named = [_prefixed(file) for file in files]
    taken = any(prefix is None for prefix, _ in named)
    targets = tuple(
        Target(path, prefix or output_format or SUFFIXES.get(os.path.splitext(path)[1].lower()) or configured or "text")
        for prefix, path in named
    )
    terminal = output_format or configured or "text"
    if files and (taken or output_format is None):
        terminal = configured if configured in FOR_PEOPLE else "text"
    for one in targets:
        if _is_standard_output(one.path):
            terminal = one.output_format
    planned = Outputs(terminal, tuple(one for one in targets if not _is_standard_output(one.path)))
    if statistics:
        known = f"{', '.join(COUNTED[:-1])} and {COUNTED[-1]}"
        for name in planned.formats:
            if name not in COUNTED:
                raise Stop(f"--statistics has no form in {name}; it has one in {known}")
    if len({os.path.realpath(one.path) for one in targets}) < len(targets):
        raise Stop("--output-file: two reports cannot go to one file")
    return planned


def _prefixed(given: str) -> tuple[str | None, str]:
    """`sarif:dlf.sarif` as format and path. Only the name of a format counts, so `C:/report.json` is a path."""
    prefix, colon, path = given.partition(":")
    if colon and prefix in FORMATS:
        if not path:
            raise Stop(f"--output-file {given}: has no file behind the format")
        return prefix, path
    if not given:
        raise Stop("--output-file: has no name")
    return None, given


def _is_standard_output(path: str) -> bool:
    """Whether a path is what standard output goes to: then its report is the one there, and no other is mixed in."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(sys.stdout.fileno()))
    except (OSError, ValueError, AttributeError):  # no such file yet; a stream that is no file
        return False


def publish(report: Report, planned: Outputs, *, statistics: bool, quiet: bool, anything: bool) -> bool:
    """Prints and writes a report; False when a file could not be written, which is told. The others are written.

    `anything` is False when there was nothing to lint: then people are told nothing, and programs an empty report.
    """
    if planned.terminal is not None and (anything or planned.terminal not in FOR_PEOPLE):
        encoding = None if planned.terminal in FOR_PEOPLE else "utf-8"
        color = colored(sys.stdout)
        for text in _rendered(report, planned.terminal, statistics=statistics, quiet=quiet, color=color):
            write(sys.stdout, text, encoding=encoding)
    written = True
    for path, output_format in planned.files:
        texts = _rendered(report, output_format, statistics=statistics, quiet=quiet, color=False)
        try:
            write_pieces(path, (text.encode("utf-8", "replace") for text in texts))
        except OSError as error:
            complain(f"{path}: cannot be written: {error.strerror or error}")
            written = False
    return written


def _placed(report: Report) -> Report:
    """A report with the checkout that its files lie in, by the first of them."""
    from dockerlint_fastapi.checkout import checkout_of  # noqa: PLC0415 - one format only

    try:
        here = os.getcwd()
    except OSError:  # it is gone
        return report
    first = os.path.join(here, report.files[0]) if report.files else os.path.join(here, "")
    return report._replace(checkout=checkout_of(os.path.dirname(first), here))


def _rendered(report: Report, output_format: str, *, statistics: bool, quiet: bool, color: bool) -> Iterator[str]:
    """The text of a report, in pieces that are neither small nor, for the formats that know how, a whole report."""
    from dockerlint_fastapi.reporters import render_pieces, render_statistics  # noqa: PLC0415

    if quiet and output_format in FOR_PEOPLE:
        if not report.diagnostics:
            return
        report = report._replace(notices=())
    if output_format == "sarif":
        report = _placed(report)
    if statistics:
        yield render_statistics(output_format, report, color=color, summary=not quiet)
        return
    held: list[str] = []
    size = 0
    for piece in render_pieces(output_format, report, color=color, summary=not quiet):
        held.append(piece)
        size += len(piece)
        if size > _PIECE:
            yield "".join(held)
            held, size = [], 0
    yield "".join(held)
