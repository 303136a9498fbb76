"""From logical lines to instructions: each in its stage, with what Docker refuses in it.

What is refused follows BuildKit's instruction parser. Two kinds of errors that BuildKit raises a step later are
reported too, as they do not depend on anything outside the file: words that cannot be expanded (an open quote,
`${`), and bad `--mount` options.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from dockerlint_fastapi.model.dockerfile import (
    Add,
    Copy,
    Dockerfile,
    Expose,
    From,
    Instruction,
    Maintainer,
    Onbuild,
    Stopsignal,
    Transfer,
    User,
    Volume,
    Word,
    Workdir,
)
from dockerlint_fastapi.parsers.dockerfile import assignments, commands, heredocs
from dockerlint_fastapi.parsers.dockerfile.clause import Clause, RefusedError
from dockerlint_fastapi.parsers.dockerfile.scan import KEYWORDS, Scan, keyword_of
from dockerlint_fastapi.parsers.dockerfile.stages import Stages
from dockerlint_fastapi.parsers.dockerfile.suggestions import nearest
from dockerlint_fastapi.parsers.dockerfile.variables import expand, nothing_known
from dockerlint_fastapi.parsers.dockerfile.words import plain_words, split_instruction
from dockerlint_fastapi.source import Problem, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, TypeVar

    TransferT = TypeVar("TransferT", bound=Transfer)


_STAGE_NAME = r"[a-z][a-z0-9\-_.]*\Z"


class Assembler:
    """Goes through the logical lines once, and fills the Dockerfile."""

    __slots__ = ("dockerfile", "problems", "scan", "stages", "strays")

    def __init__(self, scan: Scan, dockerfile: Dockerfile) -> None:
        self.scan = scan
        self.dockerfile = dockerfile
        self.stages = Stages(dockerfile, scan.escape)
        self.problems: list[Problem] = []
        self.strays: list[Problem] = []  # instructions before the first FROM

    def run(self) -> None:
        """Reads every line."""
        for line in self.scan.lines:
            parts = line.parts
            lookup = self.stages.global_lookup if line.keyword == "FROM" else self.stages.lookup
            clause = Clause(self.scan, line, parts, line.keyword, lookup, onbuild=False)
            try:
                self._take(clause)
            except RefusedError as refused:
                self.problems.append(refused.problem)
            else:
                if clause.problem is not None:
                    self.problems.append(clause.problem)
        self.stages.finish()
        self.dockerfile.stages = tuple(self.stages.all)
        self.dockerfile.global_args = tuple(self.stages.global_args)
        if self.stages.all:
            self.problems.extend(self.strays)
        elif not any(problem.expected == "`FROM`" for problem in self.problems):
            # without a FROM all are stray, and one says so; none when FROM itself is misspelt
            self.problems.extend(self.strays[:1])
        if not self.scan.lines:
            self.problems.append(Problem(Span(self.scan.source, 0, 0), "the file holds no instruction", "`FROM image`"))
        elif not self.stages.all and not self.strays and not self.problems:
            first = self.scan.lines[0]
            self.problems.append(
                Problem(first.span(first.parts.keyword_start, first.parts.end), "no FROM in this file", "`FROM image`")
            )

    def _take(self, clause: Clause) -> None:
        """Reads one instruction and puts it in its place."""
        keyword, stages = clause.keyword, self.stages
        if keyword == "FROM":
            stages.begin(_from(clause))
            return
        instruction = _build(clause, stages)  # what is wrong with it in itself comes first
        if not stages.all and keyword != "ARG":
            message, expected = f"{keyword} stands before the first FROM", "a FROM above it: only ARG may come before"
            self.strays.append(Problem(clause.keyword_span, message, expected))
            return
        stages.add(instruction)


def _build(clause: Clause, stages: Stages) -> Instruction:
    """The instruction of a clause. Raises RefusedError."""
    alone = _ALONE.get(clause.keyword)
    if alone is not None:
        return alone(clause)
    staged = _STAGED.get(clause.keyword)
    if staged is not None:
        return staged(clause, stages)
    raise _unknown(clause)


@lru_cache(maxsize=64)
def _meant(word: str) -> str | None:
    """The keyword that a misspelt one means: what is no Dockerfile has the same words in thousands of lines."""
    return nearest(word, KEYWORDS)


def _unknown(clause: Clause) -> RefusedError:
    """The refusal of a keyword that is none."""
    parts = clause.parts
    if parts.keyword_start == parts.keyword_end:
        return RefusedError(
            clause.span(0, len(clause.line.text)), "a continuation with no instruction", "an instruction"
        )
    written = clause.line.text[parts.keyword_start : parts.keyword_end]
    near = _meant(written.upper()) if len(written) < 20 else None
    expected = f"`{near}`" if near else "an instruction"
    if near is None and clause.keyword_span.column > 1:  # what is indented was meant to continue the line above
        expected = f"an instruction, or `{clause.escape}` at the end of the line above"
    return RefusedError(clause.keyword_span, f"unknown instruction `{written[:60]}`", expected)


def _from(clause: Clause) -> From:
    """FROM. One with wrong arguments begins a stage as well: what follows belongs to it."""
    words = plain_words(clause.line.text, clause.parts.start, clause.parts.end)
    made = From()
    problem: Problem | None = None
    made.name = None
    if len(words) == 3 and words[1].value.lower() == "as":
        name = words[2].value.lower()
        span = clause.span(words[2].start, words[2].end)
        if re.match(_STAGE_NAME, name):
            made.name = Word(words[2].value, name, span)
        else:
            problem = Problem(
                span, f"invalid stage name `{words[2].value}`", "a letter, then letters, digits, `-`, `_` or `.`"
            )
    elif len(words) != 1:
        span = clause.span(words[1].start, words[-1].end) if words else clause.keyword_span
        problem = Problem(
            span, "FROM takes an image, or an image and `AS name`", "`FROM image` or `FROM image AS name`"
        )
    clause.object(problem)
    clause.fill(made)
    made.image = clause.word(words[0]) if words else Word("", None, clause.span(clause.parts.start, clause.parts.end))
    made.platform = made.flag("platform")
    return made


def _transfer(transfer: TransferT, clause: Clause) -> TransferT:
    """COPY and ADD."""
    words = clause.words()
    if len(words) < 2:
        raise RefusedError(
            clause.behind,
            f"{clause.keyword} needs a source and a destination",
            f"`{clause.keyword} source destination`",
        )
    clause.fill(transfer)
    transfer.destination = words.pop()
    transfer.sources = tuple(word for word in words if not heredocs.is_opener(word.text))
    transfer.from_ = transfer.flag("from")
    if heredocs.is_opener(transfer.destination.text):
        clause.object(
            Problem(transfer.destination.span, f"the destination of {clause.keyword} cannot be a heredoc", "a path")
        )
    from_ = transfer.from_
    if clause.keyword == "COPY" and from_ is not None and from_.value:
        plain = expand(from_.value, lambda _name: None, clause.escape)
        if plain.error or plain.value != from_.value:
            clause.object(
                Problem(from_.span, "`--from` does not expand variables", "a stage that is built FROM that image")
            )
    return transfer


def _copy(clause: Clause) -> Copy:
    """COPY."""
    return _transfer(Copy(), clause)


def _add(clause: Clause) -> Add:
    """ADD."""
    return _transfer(Add(), clause)


def _workdir(clause: Clause) -> Workdir:
    """WORKDIR."""
    workdir = Workdir()
    workdir.path = clause.rest()
    return clause.fill(workdir)


def _user(clause: Clause) -> User:
    """USER."""
    user = User()
    user.user = clause.rest()
    return clause.fill(user)


def _stopsignal(clause: Clause) -> Stopsignal:
    """STOPSIGNAL."""
    stopsignal = Stopsignal()
    stopsignal.signal = clause.rest()
    return clause.fill(stopsignal, checked=False)


def _maintainer(clause: Clause) -> Maintainer:
    """MAINTAINER; its text is not expanded."""
    if clause.parts.start == clause.parts.end:
        raise RefusedError(clause.keyword_span, "MAINTAINER needs an argument", "exactly one argument")
    return clause.fill(Maintainer())


def _expose(clause: Clause) -> Expose:
    """EXPOSE."""
    words = plain_words(clause.line.text, clause.parts.start, clause.parts.end)
    if not words:
        raise RefusedError(clause.keyword_span, "EXPOSE needs a port", "`EXPOSE port`")
    expose = Expose()
    expose.ports = tuple(clause.word(word) for word in words)
    return clause.fill(expose)


def _volume(clause: Clause) -> Volume:
    """VOLUME."""
    words = clause.words()
    if not words:
        raise RefusedError(clause.behind, "VOLUME needs a path", "`VOLUME path`")
    volume = Volume()
    volume.paths = tuple(words)
    for word in words:
        if word.text.startswith('"') and not word.text.strip('" \t'):
            clause.object(Problem(word.span, "a VOLUME cannot be an empty string", "a path"))
    return clause.fill(volume)


def _onbuild(clause: Clause, stages: Stages) -> Onbuild:
    """ONBUILD and the instruction that it defers."""
    line = clause.line
    if clause.parts.start == clause.parts.end:
        raise RefusedError(clause.keyword_span, "ONBUILD needs an instruction", "`ONBUILD instruction`")
    parts = split_instruction(line.text, clause.parts.start, clause.parts.end, clause.escape)
    keyword = keyword_of(line.text, parts)
    inner = Clause(clause.scan, line, parts, keyword, nothing_known, onbuild=True)
    if clause.onbuild or keyword in ("ONBUILD", "FROM", "MAINTAINER"):
        raise RefusedError(inner.keyword_span, f"ONBUILD cannot defer {keyword}", "another instruction")
    deferred = _build(inner, stages)
    made = clause.fill(Onbuild())
    made.deferred = deferred
    clause.object(inner.problem)
    stages.defer(deferred)
    return made


# what is read by itself, and what depends on the lines before it
_ALONE: Final[dict[str, Callable[[Clause], Instruction]]] = {
    "ADD": _add,
    "COPY": _copy,
    "EXPOSE": _expose,
    "LABEL": assignments.label,
    "MAINTAINER": _maintainer,
    "STOPSIGNAL": _stopsignal,
    "USER": _user,
    "VOLUME": _volume,
    "WORKDIR": _workdir,
}
_STAGED: Final[dict[str, Callable[[Clause, Stages], Instruction]]] = {
    "ARG": assignments.arg,
    "CMD": commands.cmd,
    "ENTRYPOINT": commands.entrypoint,
    "ENV": assignments.env,
    "HEALTHCHECK": commands.healthcheck,
    "ONBUILD": _onbuild,
    "RUN": commands.run,
    "SHELL": commands.shell,
}
