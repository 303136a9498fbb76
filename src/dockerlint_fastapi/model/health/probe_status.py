"""Health checks that pass although the server answers with an error: the status with which a test ends."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection

from dockerlint_fastapi.model.command import Program, is_python
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.health.probe import Probe
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.shell import SimpleCommand

_GOOD = frozenset(("true", ":", "echo", "printf"))
# curl: what makes an answer of 400 or more its own failure, and what may hide such an option.
_FAILS = ("--fail", "--fail-with-body")
_HIDES = ("--config", "--variable")
_VALUED = "AbcCdDeEFHKmoPQrtTuUwxXyYz"  # short options with a value; letters behind one are that value
# Python clients that answer an error like any other page, and what looks at it.
_CLIENTS = r"\b(?:requests|httpx)\.(?:get|head|post|request)\s*\("
_LOOKS = (
    r"raise_for_status|status_code|\.ok\b|is_success|is_error|\bassert\b|\bexit\b|_exit|\braise\b|\.json\(|\.text\b"
    r"|\.status\b"
)

# Programs that only end, and end well.
_PARTS = "os|sys|time|socket|json|re|pathlib|subprocess|urllib|http|asyncio"  # of what comes with every Python
_ENDS_WELL_IN_PYTHON = (
    rf"\s*(?:(?:import\s+(?:{_PARTS})(?:\.\w+)*(?:\s*,\s*(?:{_PARTS})(?:\.\w+)*)*"
    rf"|from\s+(?:{_PARTS})(?:\.\w+)*\s+import\s+\w+)\s*[;\n]\s*)*"
    r"(?:pass|(?:sys\.|os\._)?(?:exit|quit)\((?:0|"
    # the first process of a container is always there
    r"0 if os\.path\.(?:exists|isfile|isdir)\(([\"'])/proc(?:/(?:1|self)(?:/(?:cmdline|status|stat))?)?\1\) else \d+"
    r")?\))\s*;?\s*"
)
_ENDS_WELL_IN_NODE = r"\s*process\.exit\(0?\)\s*;?\s*"


class NeverFails(NamedTuple):
    """Why a test passes whatever the server answers: `curl` or `python` that takes an error for an answer, `ends`
    well by its last words, asks `nothing`. `program` is what asks, None for `ends`
    and for what a shell runs for `nothing`.
    """

    kind: str
    span: Span
    program: Program | None = None

    def imports_what_may_be_missing(self, image: Image) -> bool:
        """Whether it is a request in Python by a client that the image may not have: then it may fail each time."""
        if self.kind != "python" or self.program is None:
            return False
        from dockerlint_fastapi.model.health.probe_imports import imports_what_is_there  # noqa: PLC0415 - few ask so

        return not imports_what_is_there(self.program, image)

    @property
    def shown(self) -> str:
        """The test as a reader knows it: what asks `nothing` as a command, anything else without its quotes."""
        if self.kind == "nothing" and self.program is not None:
            return " ".join(_quoted(one.value) if one.value else one.text for one in self.program.argv)
        text = self.span.text
        return text[1:-1] if text[:1] in ("'", '"') and text.endswith(text[0]) else text


def never_fails(probe: Probe) -> NeverFails | None:
    """Why a test cannot fail when the server answers with an error; None when it may, or that cannot be told."""
    if probe.script is None:
        program = probe.programs[0] if len(probe.programs) == 1 else None
        if program is None:
            return None
        kind = _lenient(program)
        if kind is not None:
            return NeverFails(kind, program.argv[0].span if kind == "curl" else program.span, program)
        idle = (program.name in _GOOD and not program.wrappers) or _only_exits(program)
        return NeverFails("nothing", program.span, program) if idle else None
    commands = [one for one in probe.script.commands if "substitution" not in one.nesting]
    if probe.script.problems or not commands or any(one.nesting for one in commands):
        return None
    programs = _programs_of(commands, probe)
    lenient = {index: (kind, program) for index, program in programs.items() if (kind := _lenient(program)) is not None}
    good = {
        index
        for index, one in enumerate(commands)
        if (one.program in _GOOD and not one.redirects) or (index in programs and _only_exits(programs[index]))
    }
    always = _always_good(commands, good)
    if always is not None:
        return NeverFails("ends" if len(commands) > 1 else "nothing", commands[always].span)
    found = _always_good(commands, good | lenient.keys())
    if found is None or not lenient:
        return None
    kind, program = lenient[found] if found in lenient else next(iter(lenient.values()))
    return NeverFails(kind, program.argv[0].span if kind == "curl" else program.span, program)


def _programs_of(commands: list[SimpleCommand], probe: Probe) -> dict[int, Program]:
    """The program that each of some simple commands starts, its wrappers stripped, by the number of the command."""
    programs = sorted(probe.programs, key=lambda one: one.span.start)
    starts = [one.span.start for one in programs]
    found: dict[int, Program] = {}
    for index, command in enumerate(commands):
        span = command.span
        inside = [
            one
            for one in programs[bisect_left(starts, span.start) : bisect_right(starts, span.end)]
            if one.span.end <= span.end and one.span.source is span.source
        ]
        if len(inside) == 1:
            found[index] = inside[0]
    return found


def _always_good(commands: list[SimpleCommand], good: Collection[int]) -> int | None:
    """The command that makes a script end well whatever the others do; None when it may end badly.

    `good` are the commands that end well; of any other both is possible.
    """
    live, ended = (
        {True},
        set[bool](),
    )  # the statuses with which the script may come to a command, and with which it ends
    decisive: int | None = None
    first = ""
    for at, command in enumerate(commands):
        first = command.before if command.before not in ("|", "|&") else first
        if command.after == "&":
            return None
        if command.after in ("|", "|&"):
            continue  # the last command of a pipeline gives its status
        runs = {status for status in live if first not in ("&&", "||") or status is (first == "&&")}
        if not runs:
            continue
        outcomes = {True} if at in good else {False} if command.name == "false" else {True, False}
        live -= runs
        if command.name == "exit":
            outcomes = _exit_statuses(command, runs)
            ended |= outcomes
        else:
            live |= outcomes
        decisive = at if outcomes == {True} else decisive
    return None if False in live | ended else decisive


def _exit_statuses(command: SimpleCommand, before: set[bool]) -> set[bool]:
    """With what `exit` ends the script: its argument, or the status of what ran before it."""
    value = command.words[1].value if len(command.words) > 1 else None
    if len(command.words) == 1 or value is None:
        return before
    return {int(value[:9]) % 256 == 0} if value.isdecimal() else {True, False}


def _lenient(program: Program) -> str | None:
    """`curl` or `python` for a program that asks over HTTP and takes an error for an answer like any other."""
    values = [argument.value for argument in program.argv[1:]]
    if any(value is None for value in values):
        values = [argument.value if argument.value is not None else argument.text for argument in program.argv[1:]]
    words = [value or "" for value in values]
    if program.name == "curl":
        return "curl" if _is_http(words) and not _fails_on_errors(words) else None
    if is_python(program.name) and "-c" in words[:-1]:
        code = words[words.index("-c") + 1]
        return "python" if re.search(_CLIENTS, code) and not re.search(_LOOKS, code) else None
    return None


def _only_exits(program: Program) -> bool:
    """Whether an interpreter is told to do nothing but end well: `node -e "process.exit(0)"`."""
    if len(program.argv) != 3:
        return False
    option, code = program.argv[1].value, program.argv[2].value
    if option is None or code is None:
        return False
    if is_python(program.name) and option == "-c":
        return re.fullmatch(_ENDS_WELL_IN_PYTHON, code) is not None
    return (
        program.name in ("node", "nodejs")
        and option in ("-e", "--eval")
        and re.fullmatch(_ENDS_WELL_IN_NODE, code) is not None
    )


def _is_http(words: list[str]) -> bool:
    """Whether curl is given an address, and none of another protocol."""
    addresses = [word for word in words if not word.startswith("-")]
    schemes = [word.partition("://")[0].strip("\"'").lower() for word in addresses if "://" in word]
    return bool(addresses) and all(scheme in ("http", "https") for scheme in schemes)


def _fails_on_errors(words: list[str]) -> bool:
    """Whether curl is told to fail on errors, or may be."""
    for word in words:
        if word.startswith("--"):
            if word.startswith((*_FAILS, *_HIDES)) and word != "--fail-early":
                return True
        elif word.startswith("-"):
            for letter in word[1:]:
                if letter in "fK":
                    return True
                if letter in _VALUED:
                    break
        elif word.startswith("$"):
            return True  # options may be in it
    return False


def _quoted(word: str) -> str:
    """A word of the command as it is written in a shell."""
    mark = "'" if '"' in word else '"'
    return f"{mark}{word}{mark}" if any(char in " ;()" for char in word) else word
