"""Instructions that hold a command: RUN, CMD, ENTRYPOINT and HEALTHCHECK, and SHELL, which says how they run.

A command has the exec form (a JSON array), the shell form, or is a heredoc. Its script is parsed at the first question.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

from dockerlint_fastapi.model.dockerfile import Cmd, Command, Entrypoint, Healthcheck, Heredoc, Mount, Run, Shell
from dockerlint_fastapi.parsers.dockerfile import heredocs
from dockerlint_fastapi.parsers.dockerfile.clause import Clause, RefusedError
from dockerlint_fastapi.parsers.dockerfile.flags import wrong_setting, wrong_time
from dockerlint_fastapi.parsers.dockerfile.shells import DEFAULT_SHELL, is_posix, is_posix_shebang, shell_words
from dockerlint_fastapi.parsers.dockerfile.stages import Stages
from dockerlint_fastapi.parsers.dockerfile.words import Stretch, first_blank
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.shell import Script


_BEGINS_WITH_VARIABLE = pattern(r"(?:^|[&|;\n])[ \t]*\$")
_SHORT = 20_000  # characters of a script that need not be counted


def run(clause: Clause, stages: Stages) -> Run:
    """RUN."""
    made = clause.fill(Run())
    array = clause.json()
    made.command = _command(clause, stages, clause.parts.start, array, made.heredocs)
    made.mounts = _mounts(clause, made) if made.flags else ()
    for flag in made.flags:
        clause.object(wrong_setting(flag))
    return made


def _mounts(clause: Clause, made: Run) -> tuple[Mount, ...]:
    mounts: list[Mount] = []
    for flag, stretch in zip(made.flags, clause.parts.flags, strict=True):
        if flag.name == "mount" and flag.value is not None:
            # imported here: few Dockerfiles have a mount
            from dockerlint_fastapi.parsers.dockerfile.mounts import read_mount  # noqa: PLC0415

            mount, problem = read_mount(flag, stretch.value.partition("=")[2])
            mounts.append(mount)
            clause.object(problem)
    return tuple(mounts)


def cmd(clause: Clause, stages: Stages) -> Cmd:
    """CMD."""
    made = clause.fill(Cmd())
    made.command = _command(clause, stages, clause.parts.start, clause.json())
    return made


def entrypoint(clause: Clause, stages: Stages) -> Entrypoint:
    """ENTRYPOINT."""
    made = clause.fill(Entrypoint())
    made.command = _command(clause, stages, clause.parts.start, clause.json())
    return made


def healthcheck(clause: Clause, stages: Stages) -> Healthcheck:
    """HEALTHCHECK, its type and its durations."""
    start, end = clause.parts.start, clause.parts.end
    if start == end:
        raise RefusedError(clause.keyword_span, "HEALTHCHECK needs an argument", "`CMD …` or `NONE`")
    gap = first_blank(clause.line.text, start, end)
    type_end, command_start = gap if gap is not None else (end, end)
    written = clause.line.text[start:type_end]
    kind = written.upper()
    check = clause.fill(Healthcheck(), checked=kind != "NONE")
    parts = clause.parts._replace(start=command_start)
    inner = Clause(clause.scan, clause.line, parts, "HEALTHCHECK", clause.lookup, onbuild=clause.onbuild)
    array = inner.json()
    if kind == "NONE":
        if command_start < end and (array is None or array):
            raise RefusedError(
                clause.span(command_start, end), "HEALTHCHECK NONE takes no arguments", "`HEALTHCHECK NONE`"
            )
        check.command = None
        return check
    if kind != "CMD":
        raise RefusedError(clause.span(start, type_end), f"HEALTHCHECK has no type `{written}`", "`CMD …` or `NONE`")
    if command_start == end or array == []:
        raise RefusedError(clause.span(start, end), "HEALTHCHECK CMD needs a command", "`HEALTHCHECK CMD command`")
    check.command = _command(clause, stages, command_start, array)
    for flag in check.flags:
        clause.object(wrong_time(flag))
    return check


def shell(clause: Clause, stages: Stages) -> Shell:
    """SHELL: the JSON form only."""
    array = clause.json()
    if array is None and clause.parts.start < clause.parts.end:
        raise RefusedError(clause.behind, "SHELL takes a JSON array", '`SHELL ["executable", "parameter"]`')
    if not array:
        raise RefusedError(clause.behind, "SHELL needs an argument", '`SHELL ["executable", "parameter"]`')
    made = clause.fill(Shell())
    made.words = tuple(clause.json_word(one, expanded=False) for one in array)
    if not clause.onbuild and stages.scope is not None:
        stages.scope.shell = shell_words(made)
    return made


def _command(
    clause: Clause, stages: Stages, start: int, array: list[Stretch] | None, bodies: tuple[Heredoc, ...] = ()
) -> Command:
    """The command that stands at `[start, end)` of the clause's line, `array` when it has the exec form."""
    line, end = clause.line, clause.parts.end
    scope = stages.scope
    shell = scope.shell if scope is not None else DEFAULT_SHELL
    text = line.text[start:end]
    span = line.span(start, end)
    if array is not None:
        words = tuple(clause.json_word(one, expanded=False) for one in array)
        return Command(exec_form=True, text=text, words=words, shell=shell, span=span, parse=_no_script)
    posix = (scope is None or scope.windows is not None or shell != DEFAULT_SHELL) and is_posix(shell)
    windows = scope is not None and scope.windows is not False
    locate = line.locator(start)
    read = _parse_run if clause.keyword == "RUN" else _parse_script
    if bodies and line.bodies and heredocs.is_opener(text):
        return _heredoc_command(clause, line.bodies[0], bodies[0], shell, posix=posix, windows=windows)
    script = text
    if clause.keyword == "RUN" and "$" in text and _BEGINS_WITH_VARIABLE.search(text) is not None:
        # imported here: hardly any RUN takes its program from a variable
        from dockerlint_fastapi.parsers.dockerfile.chosen_programs import with_programs  # noqa: PLC0415

        found = with_programs(text, clause.lookup)
        if found is not None:
            script, locate = found[0], found[1](locate)
    return Command(
        exec_form=False,
        text=text,
        words=(),
        shell=shell,
        span=span,
        parse=(lambda: read(script, locate)) if posix and _readable(clause, text) else _no_script,
    )


def _readable(clause: Clause, text: str) -> bool:
    """Whether a script is short enough to be read; one that is not is noted."""
    if len(text) <= _SHORT:
        return True
    from dockerlint_fastapi.model.shell import too_long  # noqa: PLC0415 - next to no script is so long

    if not too_long(text):
        return True
    clause.scan.unread.append(clause.keyword_span)
    return False


def _heredoc_command(
    clause: Clause, body: heredocs.Body, heredoc: Heredoc, shell: tuple[str, ...], *, posix: bool, windows: bool
) -> Command:
    """The command of a RUN that is only a heredoc: Docker hands the body to the shell, or runs it by its `#!`."""
    source = clause.scan.source
    text = heredoc.body
    if text.startswith("#!") and not windows:
        posix = is_posix_shebang(text)
    starts, offsets = [0], [body.start]
    if heredoc.chomp:
        starts, offsets = _chomped(heredoc.body_span.text, body.start)

    def locate(first: int, last: int) -> Span:
        def place(index: int) -> int:
            piece = bisect_right(starts, index) - 1
            return offsets[piece] + index - starts[piece]

        if first < last:
            return Span(source, place(first), place(last - 1) + 1)
        at = place(first - 1) + 1 if first > 0 else offsets[0]
        return Span(source, at, at)

    return Command(
        exec_form=False,
        text=text,
        words=(),
        shell=shell,
        span=heredoc.body_span,
        parse=(lambda: _parse_script(text, locate)) if posix and _readable(clause, text) else _no_script,
    )


def _chomped(body: str, start: int) -> tuple[list[int], list[int]]:
    """Where each line of a body without its leading tabs begins: in the text so made, and in the file."""
    starts: list[int] = []
    offsets: list[int] = []
    length = at = 0
    for row in body.split("\n"):
        kept = len(row.lstrip("\t"))
        starts.append(length)
        offsets.append(start + at + len(row) - kept)
        length += kept + 1
        at += len(row) + 1
    return starts, offsets


def _no_script() -> Script | None:
    return None


def _parse_script(text: str, locate: Callable[[int, int], Span]) -> Script | None:
    # imported here: most rules never ask for a script
    from dockerlint_fastapi.parsers.shell import parse_script  # noqa: PLC0415

    return parse_script(text, locate)


def _parse_run(text: str, locate: Callable[[int, int], Span]) -> Script | None:
    """The script of a RUN, with what it hands to another shell."""
    script = _parse_script(text, locate)
    if script is None or "sh -" not in text:
        return script
    from dockerlint_fastapi.parsers.dockerfile.handed_scripts import unfolded  # noqa: PLC0415 - few do so

    return unfolded(script, text, locate)
