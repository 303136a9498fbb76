"""`dlf check --fix`, `--diff`, `--fix-only`: what is found is mended, in memory first, then in the files."""

from __future__ import annotations

import os
import sys
from functools import partial

from dockerlint_fastapi.cli.faults import internal
from dockerlint_fastapi.cli.jobs import STDIN, excluded, stack_of
from dockerlint_fastapi.cli.outcome import FAILURE, FINDINGS, Stop
from dockerlint_fastapi.cli.output import colored, complain, say, write, write_bytes
from dockerlint_fastapi.config import shown_path
from dockerlint_fastapi.discover import kind_of, matches
from dockerlint_fastapi.fixer import Change, Fixed, fix, identity
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.reporters.closing import counted
from dockerlint_fastapi.reporters.diff import unified
from dockerlint_fastapi.tree import Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dockerlint_fastapi.cli.jobs import Job, Options
    from dockerlint_fastapi.cli.reports import Outputs
    from dockerlint_fastapi.model.project import Project
    from dockerlint_fastapi.report import Report
    from dockerlint_fastapi.tree import Tree

    Linted = list[tuple[Job, Report]]

MOST_TOLD = 10  # of the fixes that were refused, one line each


class Asked(NamedTuple):
    """The options of the command line. `fix` and `unsafe` are None where it does not say and the configuration does."""

    fix: bool | None = None
    unsafe: bool | None = None
    diff: bool = False
    only: bool = False

    def fixes(self, job: Job) -> bool:
        """Whether the files of a job are to be fixed, or what that would change be shown."""
        return self.diff or self.only or (job.configuration.fix if self.fix is None else self.fix)

    def unsafely(self, job: Job) -> bool:
        """Whether unsafe fixes count too."""
        return job.configuration.unsafe_fixes if self.unsafe is None else self.unsafe


def check_asked(asked: Asked, *, others: bool) -> None:
    """Stops at options that contradict each other; `others` says whether findings are taken in rather than mended."""
    if asked.diff and (asked.fix or asked.only):
        raise Stop("--diff changes nothing: it excludes --fix and --fix-only")
    if asked.fix is False and asked.only:
        raise Stop("--no-fix and --fix-only exclude each other")
    if others:
        raise Stop("fixing excludes --write-baseline, --update-baseline and --add-ignores: do one after the other")


class Result(NamedTuple):
    """What fixing came to: the reports of what is left, and the exit code when nothing else is to be printed."""

    linted: Linted
    failed: bool = False
    code: int | None = None
    to_stderr: bool = False  # standard output has the fixed text, so the report goes elsewhere


def fixed(
    linted: Linted, asked: Asked, options: Options, judged: Callable[[Job], Report], paths: tuple[str, ...]
) -> Result:
    """Fixes what the reports hold. `judged` lints a job again, whatever baseline there is."""
    left: Linted = []
    done: list[tuple[Job, Fixed]] = []
    failed = False
    for job, report in linted:
        if not asked.fixes(job):
            left.append((job, report))
            continue
        try:
            outcome = _fixed(job, report, asked, options, judged)
        except Exception as error:  # noqa: BLE001 - told, and nothing of this project is changed
            internal(error, shown_path(job.root))
            failed = True
            left.append((job, report))
            continue
        done.append((job, outcome))
        left.append((job, outcome.report))
    stdin = paths == (STDIN,)
    if asked.diff:
        changes = [change for _, outcome in done for change in outcome.changes]
        _show(changes)
    elif stdin and done:
        _print_text(done[0])
    else:
        failed = not _write(done) or failed
    _tell(done, asked, options)
    code = None
    if asked.diff or asked.only:
        changed = any(outcome.changes for _, outcome in done)
        code = FAILURE if failed else FINDINGS if asked.diff and changed else 0
    return Result(left, failed, code, stdin and bool(done))


def _fixed(job: Job, report: Report, asked: Asked, options: Options, judged: Callable[[Job], Report]) -> Fixed:
    """A job's project, fixed in memory. What its baseline holds is left as it is."""
    known = {identity(one): one for one in report.suppressed if one.suppression and one.suppression.kind == "baseline"}

    def reported(found: Report) -> Report:
        if not known:
            return found
        hidden = tuple(known[identity(one)] for one in found.diagnostics if identity(one) in known)
        return found._replace(
            diagnostics=tuple(one for one in found.diagnostics if identity(one) not in known),
            suppressed=(*found.suppressed, *hidden),
        )

    def assembled(tree: Tree, *, code: bool) -> Project:
        from dockerlint_fastapi.assemble import assemble  # noqa: PLC0415 - only fixing needs it
        from dockerlint_fastapi.discover import find  # noqa: PLC0415 - as above

        files = None if job.files is None else sorted(job.files)
        stack = stack_of(job.root, job.configuration, options)
        found = find(tree, exclude, named=(*(files or ()), *stack))
        return assemble(tree, found, paths=files, shown=job.shown, stack=stack, code=code)

    exclude = excluded(options, job.configuration, job.root)
    outcome = fix(
        job.tree,
        lambda tree: judged(job._replace(tree=tree)),
        unsafe=asked.unsafely(job),
        reported=reported,
        forbidden=partial(_forbidden, job, exclude, write=not asked.diff),
        assembled=assembled,
    )
    return outcome._replace(report=reported(outcome.report))


def _forbidden(job: Job, exclude: tuple[str, ...], path: str, *, write: bool) -> str | None:
    """Why a file of a project may not be changed or made; None when it may."""
    there = job.tree.is_file(path)
    if (
        job.files is not None
        and path not in job.files
        and (kind_of(path) is not None or job.stdin)
        and (there or job.stdin)
    ):
        return "is not among the files that are checked"
    if matches(exclude, path):
        return "is excluded"
    if not write or job.stdin:
        return None
    real = _real(job.root, path)
    folder = real if os.path.isdir(real) else os.path.dirname(real)
    if (there and not os.access(real, os.W_OK)) or (os.path.isdir(folder) and not os.access(folder, os.W_OK)):
        return "is read-only"
    return None


def _real(root: str, path: str) -> str:
    return os.path.realpath(os.path.join(root, *path.split("/")))


def _write(done: list[tuple[Job, Fixed]]) -> bool:
    """Puts the fixed texts into their files; says what could not be written, and whether all could."""
    whole = True
    written: dict[str, bytes] = {}
    for job, outcome in done:
        for change in outcome.changes:
            real = _real(job.root, change.path)
            reason = None
            if written.get(real) == change.after:
                continue  # another name of the same file
            try:
                if change.before is None:
                    reason = "is there by now" if os.path.lexists(os.path.join(job.root, change.path)) else None
                else:
                    with open(real, "rb") as file:
                        reason = None if file.read() == change.before else "has changed since it was read"
                if reason is None:
                    write_bytes(real, change.after)
                    written[real] = change.after
            except OSError as error:
                reason = f"cannot be written: {error.strerror or error}"
            if reason is not None:
                complain(f"{change.shown}: {reason}; it was left as it is")
                whole = False
    return whole


def _print_text(done: tuple[Job, Fixed]) -> None:
    """The text of standard input, fixed or as it came."""
    job, outcome = done
    path = next(iter(job.files or ()), "")
    data = next((change.after for change in outcome.changes if change.path == path), None)
    if data is None:
        try:
            data = job.tree.read(path)
        except Unreadable:
            data = None
    _write_raw(data or b"")


def _show(changes: list[Change]) -> None:
    """What would change, as a unified diff."""
    color = colored(sys.stdout)
    terminal = sys.stdout is not None and sys.stdout.isatty()
    for change in changes:
        diff = unified(change.shown, change.before, change.after, color=color, safe=terminal)
        if terminal:
            write(sys.stdout, diff)
        else:
            _write_raw(diff.encode("utf-8", "surrogateescape"))


def _write_raw(data: bytes) -> None:
    """Bytes as they are, where the stream takes bytes."""
    stream = sys.stdout
    binary = getattr(stream, "buffer", None)
    if binary is None:
        write(stream, data.decode("utf-8", "replace"))
        return
    try:
        stream.flush()
        binary.write(data)
        stream.flush()
    except BrokenPipeError:
        write(stream, "")


def aside(report: Report, planned: Outputs, *, quiet: bool) -> Outputs:
    """Prints a report on standard error, because standard output has the fixed text; gives what is left to publish."""
    from dockerlint_fastapi.reporters import render  # noqa: PLC0415

    if planned.terminal is not None and not (quiet and not report.diagnostics):
        write(sys.stderr, render(planned.terminal, report, color=colored(sys.stderr), summary=not quiet))
    return planned._replace(terminal=None)


def _tell(done: list[tuple[Job, Fixed]], asked: Asked, options: Options) -> None:
    """How much was fixed, and what was not."""
    refused = [one for _, outcome in done for one in outcome.refused]
    if options.quiet:
        return
    for one in refused[:MOST_TOLD]:
        span = one.diagnostic.finding.span
        say(f"not fixed: {span.source.shown}:{span.line}: {one.diagnostic.rule.name}: {one.reason}")
    if len(refused) > MOST_TOLD:
        say(f"not fixed: {len(refused) - MOST_TOLD} more")
    count = sum(len(outcome.applied) for _, outcome in done)
    files = len({change.shown for _, outcome in done for change in outcome.changes})
    if done and (count or asked.only):
        verb = "would fix" if asked.diff else "fixed"
        say(f"{verb} {counted(count, 'finding')}" + (f" in {counted(files, 'file')}" if files else ""))
