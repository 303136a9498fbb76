"""From logical lines to instructions: words, flags, pairs, commands and stages, and what Docker refuses in them.

What is refused follows BuildKit's instruction parser. Two kinds of errors that BuildKit raises a step later are
reported too, as they do not depend on anything outside the file: words that cannot be expanded (an open quote,
`${`), and bad `--mount` options.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeVar

from dockerlint_fastapi.model import dockerfile as model
from dockerlint_fastapi.model.dockerfile import Command, Flag, Heredoc, Instruction, Mount, Pair, Word
from dockerlint_fastapi.parsers.dockerfile import heredocs
from dockerlint_fastapi.parsers.dockerfile.scan import KEYWORDS, Joined, Scan, keyword_of
from dockerlint_fastapi.parsers.dockerfile.variables import (
    PLATFORM_ARGS,
    UNKNOWN,
    Lookup,
    Scope,
    Unknown,
    expand,
    nothing_known,
)
from dockerlint_fastapi.parsers.dockerfile.words import (
    NotStringsError,
    Parts,
    Stretch,
    first_blank,
    json_words,
    plain_words,
    quoted_words,
    split_instruction,
)
from dockerlint_fastapi.source import Problem, Source, Span

if TYPE_CHECKING:
    from dockerlint_fastapi.model.shell import Script

InstructionT = TypeVar("InstructionT", bound=Instruction)
TransferT = TypeVar("TransferT", bound=model.Transfer)

BOOL, STRING, STRINGS = "bool", "string", "strings"  # kinds of flags; only the last may be repeated
FLAGS: Final[dict[str, dict[str, str]]] = {
    "ADD": {
        "checksum": STRING,
        "chmod": STRING,
        "chown": STRING,
        "exclude": STRINGS,
        "keep-git-dir": BOOL,
        "link": BOOL,
        "unpack": BOOL,
    },
    "COPY": {"chmod": STRING, "chown": STRING, "exclude": STRINGS, "from": STRING, "link": BOOL, "parents": BOOL},
    "FROM": {"platform": STRING},
    "HEALTHCHECK": {
        "interval": STRING,
        "retries": STRING,
        "start-interval": STRING,
        "start-period": STRING,
        "timeout": STRING,
    },
    "RUN": {"device": STRINGS, "mount": STRINGS, "network": STRING, "security": STRING},
}
# Docker does not look at the flags of these at all.
UNCHECKED_FLAGS = frozenset({"ARG", "STOPSIGNAL"})
EXPANDED_FLAGS = frozenset({"chmod", "chown", "checksum", "platform"})

MOUNT_TYPES = ("bind", "cache", "secret", "ssh", "tmpfs")
MOUNT_KEYS = frozenset(
    {
        "type", "from", "source", "src", "target", "dst", "destination", "readonly", "ro", "readwrite", "rw",
        "required", "size", "id", "sharing", "mode", "uid", "gid", "env",
    }
)  # fmt: skip
_BARE_MOUNT_KEYS = frozenset({"readonly", "ro", "readwrite", "rw", "required"})
_TRUTH = frozenset({"1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"})

DEFAULT_SHELL = ("/bin/sh", "-c")
WINDOWS_SHELL = ("cmd", "/S", "/C")
_WINDOWS_NAMES = ("nanoserver", "windowsservercore", "dotnet/framework/", "microsoft.com/windows", "microsoft/windows")
_POSIX_SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh", "mksh"})
# Patterns stay text: compiling them costs start-up time, and most files need none of them.
_STAGE_NAME = r"[a-z][a-z0-9\-_.]*\Z"
_DURATION = r"([-+]?)((?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+|0)\Z"
_DURATION_PART = r"([0-9]*\.?[0-9]*)(ns|us|µs|μs|ms|s|m|h)"
_INTEGER = r"[-+]?[0-9]+\Z"
_SIZE = r"[0-9]+(?:\.[0-9]*)? ?(?:[kmgtpKMGTP]?[iI]?[bB]?)"
_NANOSECONDS = {"ns": 1, "us": 1e3, "µs": 1e3, "μs": 1e3, "ms": 1e6, "s": 1e9, "m": 6e10, "h": 3.6e12}


class RefusedError(Exception):
    """An instruction that Docker does not accept: the place, what is wrong, what was expected."""

    def __init__(self, span: Span, message: str, expected: str = "") -> None:
        super().__init__(message)
        self.problem = Problem(span, message, expected)


class Clause:
    """One instruction in a joined line, with the means to make its tokens. Behind ONBUILD it is a part of the line."""

    __slots__ = ("escape", "keyword", "line", "lookup", "onbuild", "parts", "problem")

    def __init__(self, line: Joined, parts: Parts, keyword: str, escape: str, lookup: Lookup, *, onbuild: bool) -> None:
        self.line = line
        self.parts = parts
        self.keyword = keyword
        self.escape = escape
        self.lookup = lookup
        self.onbuild = onbuild
        self.problem: Problem | None = None  # the first thing that Docker would refuse, when the rest still makes sense

    @property
    def text(self) -> str:
        """The arguments, joined."""
        return self.line.text[self.parts.start : self.parts.end]

    def span(self, start: int, end: int) -> Span:
        """The place of a stretch of the line."""
        return self.line.span(start, end)

    @property
    def keyword_span(self) -> Span:
        """The place of the keyword."""
        return self.line.span(self.parts.keyword_start, self.parts.keyword_end)

    @property
    def behind(self) -> Span:
        """The place of the arguments; the keyword's when there are none."""
        return (
            self.line.span(self.parts.start, self.parts.end) if self.parts.start < self.parts.end else self.keyword_span
        )

    def object(self, span: Span, message: str, expected: str = "") -> None:
        """Notes a problem that leaves the instruction readable; the first one counts."""
        if self.problem is None:
            self.problem = Problem(span, message, expected)

    def value(self, text: str, start: int) -> str | None:
        """A word's value; `start` is its offset in the line, for the place of what is wrong with it."""
        result = expand(text, self.lookup, self.escape)
        if result.error:
            at = min(start + result.at, max(self.parts.end - 1, start))
            self.object(self.span(at, at + 1), result.error, "a complete word")
        return result.value

    def word(self, stretch: Stretch) -> Word:
        """A word that Docker expands."""
        start, end, _ = stretch
        text = self.line.text[start:end]
        return Word(text, self.value(text, start), self.line.span(start, end))

    def json_word(self, stretch: Stretch, *, expanded: bool) -> Word:
        """A string of a JSON array, as one word."""
        start, end, value = stretch
        return Word(
            self.line.text[start:end],
            self.value(value, start) if expanded else value,
            self.line.span(start, end),
        )

    def json(self) -> list[Stretch] | None:
        """The arguments as a JSON array of strings; None when they are none."""
        if not self.line.text.startswith("[", self.parts.start, self.parts.end):
            return None
        try:
            return json_words(self.line.text, self.parts.start, self.parts.end)
        except NotStringsError:
            raise RefusedError(
                self.behind, "a JSON array may hold only strings", "every element in double quotes"
            ) from None

    def words(self) -> list[Word]:
        """The arguments as words: a JSON array, or parted by blanks; both are expanded."""
        array = self.json()
        if array is not None:
            return [self.json_word(one, expanded=True) for one in array]
        return [self.word(one) for one in plain_words(self.line.text, self.parts.start, self.parts.end)]

    def rest(self) -> Word:
        """All the arguments as one word (WORKDIR, USER, STOPSIGNAL)."""
        if self.parts.start == self.parts.end:
            raise RefusedError(self.keyword_span, f"{self.keyword} needs an argument", "exactly one argument")
        return self.word(Stretch(self.parts.start, self.parts.end, ""))

    def flags(self) -> tuple[Flag, ...]:
        """The flags in front of the arguments."""
        if not self.parts.flags:
            return ()
        flags: list[Flag] = []
        for start, end, word in self.parts.flags:
            name, equals, value = word[2:].partition("=")
            written = self.line.text[start:end].partition("=")
            flags.append(
                Flag(
                    name,
                    None if not equals else self.value(value, start) if name in EXPANDED_FLAGS else value,
                    written[2],
                    self.line.span(start, end),
                )
            )
        return tuple(flags)

    def check_flags(self, flags: tuple[Flag, ...]) -> None:
        """Notes the first flag that this instruction does not take."""
        known = FLAGS.get(self.keyword, {})
        seen: set[str] = set()
        for flag, stretch in zip(flags, self.parts.flags, strict=True):
            kind = known.get(flag.name)
            has_value = "=" in stretch.value
            value = stretch.value.partition("=")[2]
            if kind is None:
                self.object(flag.span, f"{self.keyword} has no flag `--{flag.name}`", _choice(flag.name, known, "--"))
            elif flag.name in seen and kind != STRINGS:
                self.object(flag.span, f"flag `--{flag.name}` is given twice", "it once")
            elif kind == BOOL:
                if has_value and value.lower() not in ("true", "false"):
                    self.object(flag.span, f"`{value}` is no value for `--{flag.name}`", "`true` or `false`")
            elif not has_value:
                self.object(flag.span, f"flag `--{flag.name}` needs a value", f"`--{flag.name}=…`")
            seen.add(flag.name)


def _distance(left: str, right: str, limit: int) -> int:
    """The edit distance of two words, or `limit` when it is at least that."""
    if abs(len(left) - len(right)) >= limit:
        return limit
    row = list(range(len(right) + 1))
    for number, char in enumerate(left, 1):
        previous, row[0] = row[0], number
        for column, other in enumerate(right, 1):
            previous, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, previous + (char != other))
    return min(row[-1], limit)


def nearest(word: str, names: frozenset[str] | dict[str, str] | tuple[str, ...]) -> str | None:
    """The name that was probably meant: fewer than three edits away."""
    best, distance = None, 3
    for name in sorted(names):
        one = _distance(word, name, distance)
        if one < distance and one < max(len(word), len(name)):
            best, distance = name, one
    return best


def _choice(word: str, names: dict[str, str] | tuple[str, ...], prefix: str = "") -> str:
    """What to write instead: the nearest name, or all of them."""
    near = nearest(word, names)
    if near is not None:
        return f"`{prefix}{near}`"
    if not names:
        return "no flag"
    return "one of " + ", ".join(f"`{prefix}{name}`" for name in sorted(names))


class Assembler:
    """Goes through the logical lines once, keeps the scope of the current stage, and fills the Dockerfile."""

    def __init__(self, scan: Scan, dockerfile: model.Dockerfile) -> None:
        self.scan = scan
        self.source: Source = scan.source
        self.escape = scan.escape
        self.dockerfile = dockerfile
        self.problems: list[Problem] = []
        self.global_args: list[model.Arg] = []
        self.globals: dict[str, str | Unknown] = dict.fromkeys(PLATFORM_ARGS, UNKNOWN)
        self.stages: list[model.Stage] = []
        self.instructions: list[Instruction] = []  # of the current stage
        self.scopes: list[Scope] = []  # of each stage, as it stands at its end
        self.by_name: dict[str, model.Stage] = {}
        self.deferred: dict[int, list[Instruction]] = {}  # by stage index: what ONBUILD defers
        self.strays: list[Problem] = []

    def run(self) -> None:
        """Reads every line."""
        for line in self.scan.lines:
            parts = line.parts
            lookup = self.scopes[-1].lookup if self.scopes else self.global_lookup
            if line.keyword == "FROM":
                lookup = self.global_lookup
            clause = Clause(line, parts, line.keyword, self.escape, lookup, onbuild=False)
            try:
                self.take(clause)
            except RefusedError as refused:
                self.problems.append(refused.problem)
            else:
                if clause.problem is not None:
                    self.problems.append(clause.problem)
        self.finish_stage()
        self.dockerfile.stages = tuple(self.stages)
        self.dockerfile.global_args = tuple(self.global_args)
        if self.stages:
            self.problems.extend(self.strays)
        elif not any(problem.expected == "`FROM`" for problem in self.problems):
            # without a FROM all are stray, and one says so; none when FROM itself is misspelt
            self.problems.extend(self.strays[:1])
        if not self.scan.lines:
            self.problems.append(Problem(Span(self.source, 0, 0), "the file holds no instruction", "`FROM image`"))
        elif not self.stages and not self.strays and not self.problems:
            first = self.scan.lines[0]
            self.problems.append(
                Problem(first.span(first.parts.keyword_start, first.parts.end), "no FROM in this file", "`FROM image`")
            )

    def global_lookup(self, name: str) -> str | Unknown | None:
        """What FROM sees: global ARGs and nothing else."""
        return self.globals.get(name)

    def finish_stage(self) -> None:
        """Gives the current stage its instructions."""
        if self.stages:
            self.stages[-1].instructions = tuple(self.instructions)
        self.instructions = []

    def take(self, clause: Clause) -> None:
        """Reads one instruction and puts it in its place."""
        keyword = clause.keyword
        if keyword == "FROM":
            self.take_from(clause)
            return
        if not self.stages and keyword != "ARG":
            self.build(clause)  # what is wrong with it in itself comes first
            self.strays.append(Problem(clause.keyword_span, f"{keyword} stands before the first FROM", "only ARG may"))
            return
        instruction = self.build(clause)
        if not self.stages:
            if isinstance(instruction, model.Arg):
                self.global_args.append(instruction)
            return
        self.instructions.append(instruction)

    def build(self, clause: Clause) -> Instruction:
        """The instruction of a clause. Raises RefusedError."""
        build = _BUILDERS.get(clause.keyword)
        if build is None:
            raise unknown(clause)
        return build(self, clause)

    def fill(self, instruction: InstructionT, clause: Clause, *, checked: bool = True) -> InstructionT:
        """Sets what every instruction has; notes flags that the instruction does not take."""
        line, parts = clause.line, clause.parts
        instruction.keyword = clause.keyword
        instruction.keyword_span = clause.keyword_span
        instruction.span = line.span(parts.keyword_start, parts.end)
        instruction.text = clause.text
        instruction.arguments_span = line.span(parts.start, parts.end)
        instruction.flags = flags = clause.flags()
        instruction.onbuild = clause.onbuild
        instruction.heredocs = ()
        instruction.full_span = instruction.span
        if line.bodies:
            instruction.heredocs = tuple(_heredoc(line, body) for body in line.bodies)
            source = self.source
            end = self.scan.starts[line.end_row] + len(self.scan.rows[line.end_row].rstrip("\r"))
            end = max(
                end, instruction.span.end, line.bodies[-1].end
            )  # a body without its terminator ends with its line
            instruction.full_span = Span(source, instruction.span.start, end)
        base = parts.start
        instruction._locate = lambda start, end: line.span(base + start, base + end)  # noqa: SLF001 - the parser fills the model
        if flags and checked:
            clause.check_flags(flags)
        return instruction

    # -- stages ---------------------------------------------------------------------------------------------------

    def take_from(self, clause: Clause) -> None:
        """Begins a stage. A FROM with wrong arguments begins one as well: what follows belongs to it."""
        self.finish_stage()
        words = plain_words(clause.line.text, clause.parts.start, clause.parts.end)
        from_ = model.From()
        problem: Problem | None = None
        from_.name = None
        if len(words) == 3 and words[1].value.lower() == "as":
            name = words[2].value.lower()
            span = clause.span(words[2].start, words[2].end)
            if re.match(_STAGE_NAME, name):
                from_.name = Word(words[2].value, name, span)
            else:
                problem = Problem(
                    span, f"invalid stage name `{words[2].value}`", "a letter, then letters, digits, `-`, `_` or `.`"
                )
        elif len(words) != 1:
            span = clause.span(words[1].start, words[-1].end) if words else clause.keyword_span
            problem = Problem(
                span, "FROM takes an image, or an image and `AS name`", "`FROM image` or `FROM image AS name`"
            )
        if problem is not None:
            clause.object(*problem)
        self.fill(from_, clause)
        from_.image = (
            clause.word(words[0]) if words else Word("", None, clause.span(clause.parts.start, clause.parts.end))
        )
        from_.platform = from_.flag("platform")
        base = self.by_name.get((from_.image.value or "").lower())
        stage = model.Stage(self.dockerfile, len(self.stages), from_, base)
        self.scopes.append(self.scope_on(from_, base))
        self.stages.append(stage)
        if stage.name is not None:
            self.by_name[stage.name] = stage

    def scope_on(self, from_: model.From, base: model.Stage | None) -> Scope:
        """The scope with which a stage begins."""
        if base is not None:
            scope = self.scopes[base.index].child()
            for trigger in self.deferred.get(base.index, ()):  # ONBUILD runs now
                if isinstance(trigger, model.Env | model.Arg):
                    for pair in trigger.pairs:
                        scope.forget(pair.name)
                elif isinstance(trigger, model.Shell):
                    scope.shell = _shell_of(trigger)
            return scope
        image = from_.image.value
        windows = self.is_windows(from_, image)
        return Scope(closed=image == "scratch", shell=WINDOWS_SHELL if windows else DEFAULT_SHELL, windows=windows)

    def is_windows(self, from_: model.From, image: str | None) -> bool | None:
        """Whether a base image is a Windows one; None when that is open."""
        if from_.platform is not None and from_.platform.value is not None:
            return from_.platform.value.lower().startswith("windows")
        written = (image if image is not None else from_.image.text).lower()
        if any(name in written for name in _WINDOWS_NAMES):
            return True
        # The backtick is there for Windows paths: then an image that the file does not name may be anything.
        return None if image is None and self.escape == "`" else False

    # -- commands -------------------------------------------------------------------------------------------------

    def command(
        self, clause: Clause, start: int, array: list[Stretch] | None, bodies: tuple[Heredoc, ...] = ()
    ) -> Command:
        """The command that stands at `[start, end)` of the clause's line, `array` when it has the exec form."""
        line, end = clause.line, clause.parts.end
        scope = self.scopes[-1] if self.scopes else None
        shell = scope.shell if scope is not None else DEFAULT_SHELL
        text = line.text[start:end]
        span = line.span(start, end)
        if array is not None:
            words = tuple(clause.json_word(one, expanded=False) for one in array)
            return Command(exec_form=True, text=text, words=words, shell=shell, span=span, parse=_no_script)
        posix = (scope is None or scope.windows is not None or shell != DEFAULT_SHELL) and is_posix(shell)
        windows = scope is not None and scope.windows is not False

        def locate(first: int, last: int) -> Span:
            return line.span(start + first, start + last)

        if bodies and line.bodies and heredocs.is_opener(text):
            return _heredoc_command(self.source, line.bodies[0], bodies[0], shell, posix=posix, windows=windows)
        return Command(
            exec_form=False,
            text=text,
            words=(),
            shell=shell,
            span=span,
            parse=(lambda: _parse_script(text, locate)) if posix else _no_script,
        )

    def run_(self, clause: Clause) -> model.Run:
        """RUN."""
        run = self.fill(model.Run(), clause)
        array = clause.json()
        run.command = self.command(clause, clause.parts.start, array, run.heredocs)
        run.mounts = (
            tuple(
                _mount(clause, flag, stretch.value.partition("=")[2])
                for flag, stretch in zip(run.flags, clause.parts.flags, strict=True)
                if flag.name == "mount" and flag.value is not None
            )
            if run.flags
            else ()
        )
        for flag in run.flags:
            if flag.name == "network" and flag.value is not None and flag.value not in ("default", "none", "host"):
                clause.object(flag.span, f"`{flag.value}` is no network mode", "`default`, `none` or `host`")
            elif flag.name == "security" and flag.value is not None and flag.value not in ("insecure", "sandbox"):
                clause.object(flag.span, f"`{flag.value}` is no security mode", "`sandbox` or `insecure`")
        return run

    def cmd(self, clause: Clause) -> model.Cmd:
        """CMD."""
        cmd = self.fill(model.Cmd(), clause)
        cmd.command = self.command(clause, clause.parts.start, clause.json())
        return cmd

    def entrypoint(self, clause: Clause) -> model.Entrypoint:
        """ENTRYPOINT."""
        entrypoint = self.fill(model.Entrypoint(), clause)
        entrypoint.command = self.command(clause, clause.parts.start, clause.json())
        return entrypoint

    def healthcheck(self, clause: Clause) -> model.Healthcheck:
        """HEALTHCHECK, its type and its durations."""
        start, end = clause.parts.start, clause.parts.end
        if start == end:
            raise RefusedError(clause.keyword_span, "HEALTHCHECK needs an argument", "`CMD …` or `NONE`")
        gap = first_blank(clause.line.text, start, end)
        type_end, command_start = gap if gap is not None else (end, end)
        written = clause.line.text[start:type_end]
        kind = written.upper()
        check = self.fill(model.Healthcheck(), clause, checked=kind != "NONE")
        inner = Clause(
            clause.line,
            clause.parts._replace(start=command_start),
            "HEALTHCHECK",
            self.escape,
            clause.lookup,
            onbuild=clause.onbuild,
        )
        array = inner.json()
        if kind == "NONE":
            if command_start < end and (array is None or array):
                raise RefusedError(
                    clause.span(command_start, end), "HEALTHCHECK NONE takes no arguments", "`HEALTHCHECK NONE`"
                )
            check.command = None
            return check
        if kind != "CMD":
            raise RefusedError(
                clause.span(start, type_end), f"HEALTHCHECK has no type `{written}`", "`CMD …` or `NONE`"
            )
        if command_start == end or array == []:
            raise RefusedError(clause.span(start, end), "HEALTHCHECK CMD needs a command", "`HEALTHCHECK CMD command`")
        check.command = self.command(clause, command_start, array)
        for flag in check.flags:
            if flag.name == "retries":
                _check_retries(clause, flag)
            elif flag.name in FLAGS["HEALTHCHECK"] and flag.value:
                _check_duration(clause, flag, flag.value)
        return check

    def shell(self, clause: Clause) -> model.Shell:
        """SHELL: the JSON form only."""
        array = clause.json()
        if array is None and clause.parts.start < clause.parts.end:
            raise RefusedError(clause.behind, "SHELL takes a JSON array", '`SHELL ["executable", "parameter"]`')
        if not array:
            raise RefusedError(clause.behind, "SHELL needs an argument", '`SHELL ["executable", "parameter"]`')
        shell = self.fill(model.Shell(), clause)
        shell.words = tuple(clause.json_word(one, expanded=False) for one in array)
        if not clause.onbuild and self.scopes:
            self.scopes[-1].shell = _shell_of(shell)
        return shell

    # -- files ----------------------------------------------------------------------------------------------------

    def transfer(self, transfer: TransferT, clause: Clause) -> TransferT:
        """COPY and ADD."""
        words = clause.words()
        if len(words) < 2:
            raise RefusedError(
                clause.behind,
                f"{clause.keyword} needs a source and a destination",
                f"`{clause.keyword} source destination`",
            )
        self.fill(transfer, clause)
        transfer.destination = words.pop()
        transfer.sources = tuple(word for word in words if not heredocs.is_opener(word.text))
        transfer.from_ = transfer.flag("from")
        if heredocs.is_opener(transfer.destination.text):
            clause.object(
                transfer.destination.span, f"the destination of {clause.keyword} cannot be a heredoc", "a path"
            )
        from_ = transfer.from_
        if clause.keyword == "COPY" and from_ is not None and from_.value:
            plain = expand(from_.value, lambda _name: None, self.escape)
            if plain.error or plain.value != from_.value:
                clause.object(from_.span, "`--from` does not expand variables", "a stage that is built FROM that image")
        return transfer

    def copy(self, clause: Clause) -> model.Copy:
        """COPY."""
        return self.transfer(model.Copy(), clause)

    def add(self, clause: Clause) -> model.Add:
        """ADD."""
        return self.transfer(model.Add(), clause)

    # -- settings -------------------------------------------------------------------------------------------------

    def pairs(self, clause: Clause) -> tuple[tuple[Pair, ...], bool]:
        """The pairs of ENV or LABEL, and whether the form is the old one with a space."""
        text, keyword = clause.line.text, clause.keyword
        start, end = clause.parts.start, clause.parts.end
        words = quoted_words(text, start, end, self.escape)
        if not words:
            raise RefusedError(clause.keyword_span, f"{keyword} needs an argument", f"`{keyword} name=value`")
        if "=" not in words[0].value:
            gap = first_blank(text, start, end)
            if gap is None:
                raise RefusedError(clause.behind, f"{keyword} needs a name and a value", f"`{keyword} name=value`")
            return (self.pair(clause, start, gap[0], gap[1], end),), True
        for word in words:
            if "=" not in word.value:
                raise RefusedError(
                    clause.span(word.start, word.end),
                    f"`{word.value}` has no `=`",
                    f"`{keyword} name=value name=value`",
                )
        pairs: list[Pair] = []
        for word in words:
            equals = word.start + word.value.index("=")
            if equals == word.start:
                raise RefusedError(
                    clause.span(word.start, word.end), f"{keyword} needs a name before `=`", "`name=value`"
                )
            pairs.append(self.pair(clause, word.start, equals, equals + 1, word.end))
        return tuple(pairs), False

    def pair(self, clause: Clause, start: int, name_end: int, value_start: int, end: int) -> Pair:
        """One name and value of ENV or LABEL; both are expanded."""
        text = clause.line.text
        name, raw = text[start:name_end], text[value_start:end]
        expanded = clause.value(name, start)
        return Pair(
            name if expanded is None else expanded,
            clause.value(raw, value_start),
            assigned=True,
            raw=raw,
            span=clause.span(start, end),
            name_span=clause.span(start, name_end),
            value_span=clause.span(value_start, end),
        )

    def env(self, clause: Clause) -> model.Env:
        """ENV. Every value sees the variables as they were before the line."""
        pairs, legacy = self.pairs(clause)
        env = self.fill(model.Env(), clause)
        env.pairs, env.legacy = pairs, legacy
        if not clause.onbuild and self.scopes:
            for pair in pairs:
                self.scopes[-1].set_env(pair.name, pair.value)
        return env

    def label(self, clause: Clause) -> model.Label:
        """LABEL."""
        pairs, legacy = self.pairs(clause)
        label = self.fill(model.Label(), clause)
        label.pairs, label.legacy = pairs, legacy
        return label

    def arg(self, clause: Clause) -> model.Arg:
        """ARG. A value sees the names to its left."""
        text = clause.line.text
        words = quoted_words(text, clause.parts.start, clause.parts.end, self.escape)
        if not words:
            raise RefusedError(clause.keyword_span, "ARG needs a name", "`ARG name` or `ARG name=default`")
        arg = self.fill(model.Arg(), clause, checked=False)
        pairs: list[Pair] = []
        for start, end, word in words:
            equals = word.find("=")
            if equals == 0:
                raise RefusedError(clause.span(start, end), "ARG needs a name before `=`", "`name=default`")
            assigned = equals > 0
            name = word[:equals] if assigned else word
            name_end = start + len(name)
            raw = text[name_end + 1 : end] if assigned else ""
            value = clause.value(raw, name_end + 1) if assigned else None
            if not clause.onbuild:
                value = self.declare(name, value, assigned=assigned)
            pairs.append(
                Pair(
                    name,
                    value,
                    assigned,
                    raw,
                    clause.span(start, end),
                    clause.span(start, name_end),
                    clause.span(name_end + assigned, end) if assigned else clause.span(name_end, name_end),
                )
            )
        arg.pairs = tuple(pairs)
        return arg

    def declare(self, name: str, value: str | None, *, assigned: bool) -> str | None:
        """Enters an ARG into the scope, and answers with its value: the default, or for a bare one the global value."""
        if not self.scopes:
            if assigned:
                self.globals[name] = UNKNOWN if value is None else value
            else:
                self.globals.setdefault(name, UNKNOWN)
            return value
        inherited = False
        if not assigned and name in self.globals:
            known = self.globals[name]
            value = None if isinstance(known, Unknown) else known
            inherited = True
        self.scopes[-1].set_arg(name, value, assigned=assigned or inherited)
        return value

    def workdir(self, clause: Clause) -> model.Workdir:
        """WORKDIR."""
        workdir = model.Workdir()
        workdir.path = clause.rest()
        return self.fill(workdir, clause)

    def user(self, clause: Clause) -> model.User:
        """USER."""
        user = model.User()
        user.user = clause.rest()
        return self.fill(user, clause)

    def stopsignal(self, clause: Clause) -> model.Stopsignal:
        """STOPSIGNAL."""
        stopsignal = model.Stopsignal()
        stopsignal.signal = clause.rest()
        return self.fill(stopsignal, clause, checked=False)

    def maintainer(self, clause: Clause) -> model.Maintainer:
        """MAINTAINER; its text is not expanded."""
        if clause.parts.start == clause.parts.end:
            raise RefusedError(clause.keyword_span, "MAINTAINER needs an argument", "exactly one argument")
        return self.fill(model.Maintainer(), clause)

    def expose(self, clause: Clause) -> model.Expose:
        """EXPOSE."""
        words = plain_words(clause.line.text, clause.parts.start, clause.parts.end)
        if not words:
            raise RefusedError(clause.keyword_span, "EXPOSE needs a port", "`EXPOSE port`")
        expose = model.Expose()
        expose.ports = tuple(clause.word(word) for word in words)
        return self.fill(expose, clause)

    def volume(self, clause: Clause) -> model.Volume:
        """VOLUME."""
        words = clause.words()
        if not words:
            raise RefusedError(clause.behind, "VOLUME needs a path", "`VOLUME path`")
        volume = model.Volume()
        volume.paths = tuple(words)
        for word in words:
            if word.text.startswith('"') and not word.text.strip('" \t'):
                clause.object(word.span, "a VOLUME cannot be an empty string", "a path")
        return self.fill(volume, clause)

    def onbuild(self, clause: Clause) -> model.Onbuild:
        """ONBUILD and the instruction that it defers."""
        line = clause.line
        if clause.parts.start == clause.parts.end:
            raise RefusedError(clause.keyword_span, "ONBUILD needs an instruction", "`ONBUILD instruction`")
        parts = split_instruction(line.text, clause.parts.start, clause.parts.end, self.escape)
        keyword = keyword_of(line.text, parts)
        inner = Clause(line, parts, keyword, self.escape, nothing_known, onbuild=True)
        if clause.onbuild or keyword in ("ONBUILD", "FROM", "MAINTAINER"):
            raise RefusedError(inner.keyword_span, f"ONBUILD cannot defer {keyword}", "another instruction")
        deferred = self.build(inner)
        onbuild = self.fill(model.Onbuild(), clause)
        onbuild.deferred = deferred
        if inner.problem is not None:
            clause.object(*inner.problem)
        if self.stages:
            self.deferred.setdefault(len(self.stages) - 1, []).append(deferred)
        return onbuild


_BUILDERS: Final[dict[str, Callable[[Assembler, Clause], Instruction]]] = {
    "ADD": Assembler.add,
    "ARG": Assembler.arg,
    "CMD": Assembler.cmd,
    "COPY": Assembler.copy,
    "ENTRYPOINT": Assembler.entrypoint,
    "ENV": Assembler.env,
    "EXPOSE": Assembler.expose,
    "HEALTHCHECK": Assembler.healthcheck,
    "LABEL": Assembler.label,
    "MAINTAINER": Assembler.maintainer,
    "ONBUILD": Assembler.onbuild,
    "RUN": Assembler.run_,
    "SHELL": Assembler.shell,
    "STOPSIGNAL": Assembler.stopsignal,
    "USER": Assembler.user,
    "VOLUME": Assembler.volume,
    "WORKDIR": Assembler.workdir,
}


def unknown(clause: Clause) -> RefusedError:
    """The refusal of a keyword that is none."""
    parts = clause.parts
    if parts.keyword_start == parts.keyword_end:
        return RefusedError(
            clause.span(0, len(clause.line.text)), "a continuation with no instruction", "an instruction"
        )
    written = clause.line.text[parts.keyword_start : parts.keyword_end]
    near = nearest(written.upper(), KEYWORDS) if len(written) < 20 else None
    expected = f"`{near}`" if near else "an instruction"
    if near is None and clause.keyword_span.column > 1:  # what is indented was meant to continue the line above
        expected = f"an instruction, or `{clause.escape}` at the end of the line above"
    return RefusedError(clause.keyword_span, f"unknown instruction `{written[:60]}`", expected)


# -- heredocs ---------------------------------------------------------------------------------------------------------


def _heredoc(line: Joined, body: heredocs.Body) -> Heredoc:
    opener = body.opener
    span = Span(line.source, body.start, body.end)
    text = span.text
    return Heredoc(
        opener.name,
        heredocs.strip_tabs(text) if opener.chomp else text,
        span,
        opener.expand,
        opener.chomp,
        opener.fd,
        line.span(opener.start, opener.end),
    )


def _heredoc_command(
    source: Source, body: heredocs.Body, heredoc: Heredoc, shell: tuple[str, ...], *, posix: bool, windows: bool
) -> Command:
    """The command of a RUN that is only a heredoc: Docker hands the body to the shell, or runs it by its `#!`."""
    text = heredoc.body
    if text.startswith("#!") and not windows:
        posix = _posix_shebang(text)
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
        parse=(lambda: _parse_script(text, locate)) if posix else _no_script,
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


def _posix_shebang(text: str) -> bool:
    """Whether a `#!` line names a shell that the shell parser reads."""
    words = text.partition("\n")[0][2:].split()
    if words and _program(words[0]) == "env":
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    return bool(words) and (_program(words[0]) in _POSIX_SHELLS or _program(words[0]) == "busybox")


# -- shells -----------------------------------------------------------------------------------------------------------


def _program(path: str) -> str:
    """A program's bare name."""
    return re.split(r"[/\\]", path)[-1].lower().removesuffix(".exe")


def _shell_of(shell: model.Shell) -> tuple[str, ...]:
    return tuple(word.value or "" for word in shell.words)


@lru_cache(maxsize=64)
def is_posix(shell: tuple[str, ...]) -> bool:
    """Whether a SHELL hands its last argument to a POSIX-like shell: `sh`, options, and `-c` at the end."""
    words = list(shell)
    if words and _program(words[0]) == "env":
        words = words[1:]
    if words and _program(words[0]) == "busybox":
        words = words[1:]
    if len(words) < 2 or _program(words[0]) not in _POSIX_SHELLS:
        return False
    last = words[-1]
    return last.startswith("-") and not last.startswith("--") and "c" in last


def _no_script() -> Script | None:
    return None


def _parse_script(text: str, locate: Callable[[int, int], Span]) -> Script | None:
    # imported here: most rules never ask for a script
    from dockerlint_fastapi.parsers.shell import parse_script  # noqa: PLC0415

    return parse_script(text, locate)


# -- flags ------------------------------------------------------------------------------------------------------------


def _check_duration(clause: Clause, flag: Flag, value: str) -> None:
    found = re.match(_DURATION, value)
    if found is None:
        clause.object(flag.span, f"`{value}` is no duration", "a number with a unit, such as `30s` or `1m30s`")
        return
    amount = sum(
        float(number) * _NANOSECONDS[unit]
        for number, unit in re.findall(_DURATION_PART, found.group(2))
        if number != "."
    )
    if amount and (amount < 1e6 or found.group(1) == "-"):
        clause.object(flag.span, f"`--{flag.name}` cannot be less than one millisecond", "at least `1ms`")


def _check_retries(clause: Clause, flag: Flag) -> None:
    value = flag.value
    if not value:
        return
    if not re.match(_INTEGER, value) or len(value) > 11 or abs(int(value)) >= 2**31:
        clause.object(flag.span, f"`{value}` is no number", "a whole number")
    elif int(value) < 0:
        clause.object(flag.span, "`--retries` cannot be negative", "0 or more")


def _fields(value: str) -> list[str] | None:
    """The fields of one line of CSV; None when its quotes are wrong."""
    if '"' not in value:
        return value.split(",") if value else []
    fields: list[str] = []
    rest = value
    while True:
        if rest.startswith('"'):
            found = re.match(r'"((?:[^"]|"")*)"(,|\Z)', rest)
            if found is None:
                return None
            fields.append(found.group(1).replace('""', '"'))
            rest, comma = rest[found.end() :], found.group(2)
        else:
            field, comma, rest = rest.partition(",")
            if '"' in field:
                return None
            fields.append(field)
        if not comma:
            return fields


def _mount(clause: Clause, flag: Flag, value: str) -> Mount:
    """A `--mount`; notes what Docker refuses in it, as far as no variable hides that."""
    options: dict[str, str] = {}
    kind = "bind"
    fields = _fields(value)
    if fields is None:
        clause.object(flag.span, "`--mount` has stray quotes", "`key=value` pairs with commas between them")
        fields = []
    for field in fields:
        name, equals, text = field.partition("=")
        key = name.lower()
        options[key] = text if equals else "true"
        if key == "type" and equals:
            kind = text.lower()
        wrong = _wrong_option(key, text, kind, field, given=bool(equals))
        if wrong is not None:
            clause.object(flag.span, *wrong)
    if kind in MOUNT_TYPES:
        wrong = _wrong_mount(kind, options)
        if wrong is not None:
            clause.object(flag.span, *wrong)
    return Mount(kind, MappingProxyType(options), flag.span)


def _wrong_option(key: str, value: str, kind: str, field: str, *, given: bool) -> tuple[str, str] | None:
    """What is wrong with one option of a mount: message and what was expected."""
    if not given:
        if key not in _BARE_MOUNT_KEYS:
            return f"`{field}` is no option of `--mount`", "`key=value`"
    elif key not in MOUNT_KEYS:
        near = nearest(key, MOUNT_KEYS)
        return (
            f"`--mount` has no option `{key}`",
            f"`{near}`" if near else "an option such as `type`, `target` or `source`",
        )
    if key == "from" and "$" in value[:-1]:
        return "`from` does not expand variables", "a stage that is built FROM that image"
    if "$" in kind or (key == "required" and kind not in MOUNT_TYPES):
        return None
    if key == "required" and kind not in ("secret", "ssh"):
        return f"`required` does not go with a mount of type `{kind}`", "type `secret` or `ssh`"
    if key == "size" and kind != "tmpfs" and kind in MOUNT_TYPES:
        return f"`size` does not go with a mount of type `{kind}`", "type `tmpfs`"
    if not given or "$" in value or "'" in value or '"' in value or "\\" in value:
        return None
    if key == "type" and kind not in MOUNT_TYPES:
        return f"unsupported mount type `{value}`", _choice(kind, MOUNT_TYPES)
    if key in ("readonly", "ro", "readwrite", "rw", "required") and value not in _TRUTH:
        return f"`{value}` is no value for `{key}`", "`true` or `false`"
    if key == "sharing" and value.lower() not in ("shared", "private", "locked"):
        return f"unsupported sharing `{value}`", "`shared`, `private` or `locked`"
    if key == "mode" and not re.fullmatch("[0-7]{1,11}", value):
        return f"`{value}` is no mode", "an octal number such as `0755`"
    if key in ("uid", "gid") and not re.fullmatch("[0-9]{1,10}", value):
        return f"`{value}` is no {key}", "a number"
    if key == "size" and not re.fullmatch(_SIZE, value):
        return f"`{value}` is no size", "a number with a unit, such as `64m`"
    return None


def _wrong_mount(kind: str, options: dict[str, str]) -> tuple[str, str] | None:
    """What is wrong with the options of a mount taken together."""
    if kind in ("bind", "tmpfs"):
        for key in ("mode", "uid", "gid"):
            if key in options:
                return f"`{key}` does not go with a mount of type `{kind}`", "type `cache`, `secret` or `ssh`"
    if kind != "cache" and options.get("sharing"):
        return f"`sharing` does not go with a mount of type `{kind}`", "type `cache`"
    if kind == "secret":
        source = options.get("source") or options.get("src")
        target = options.get("target") or options.get("dst") or options.get("destination")
        if options.get("from"):
            return "a secret mount takes no `from`", "`id` or `source`"
        if not source and not target and not options.get("id"):
            return "a secret mount needs an `id`", "`--mount=type=secret,id=…`"
        if source and options.get("id"):
            return "a secret mount takes `id` or `source`, not both", "`id`"
    return None
