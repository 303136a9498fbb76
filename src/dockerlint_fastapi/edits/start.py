"""Start commands: exec forms, and `exec` where a shell stays in front of a server."""

from __future__ import annotations

import re

from dockerlint_fastapi.edits import dockerfile, shell
from dockerlint_fastapi.finding import Edit
from dockerlint_fastapi.model.command import Program
from dockerlint_fastapi.model.dockerfile import Cmd, Command, Entrypoint, Instruction
from dockerlint_fastapi.model.shell import SimpleCommand
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.container import Container

# Round a command that ends its script in whichever branch is taken; of a loop, or a pipe, nothing is its end.
_BRANCHES = frozenset(("group", "if", "case"))
# Words of the shell that look like programs; `exec` finds no such file.
_NO_PROGRAMS = frozenset(". : [ builtin cd command eval exec exit export return set source time trap wait".split())
_WORD = r"[A-Za-z0-9_./:=@%+,-]+"
_BLANKS = r"(?:[ \t]|\\\r?\n)+"
# What a command inside a string begins behind: the quote that opens the string, an operator, the line before.
_BEGIN = r"(?:(?<=[\s\[,])([\"'])|(&&)|(;)|(?<!\\)\r?(\n))[ \t]*"
_END = r"(?:[ \t]+[0-9]?>>?&?[ \t]*[\w./-]+)*[ \t]*(?:[\"']|\r?\n|\Z)"
_WINDOW = 400  # characters in front of a program that are looked at for the beginning of its command


def exec_form(container: Container, instruction: Cmd | Entrypoint) -> tuple[Edit, bool] | None:
    """A shell form that needs no shell as an array of its words, and whether that is safe; None when it needs one, and
    for an ENTRYPOINT that would take a CMD for its arguments which it passes over as it is.
    """
    words, image = dockerfile.plain_words(instruction.command), container.image
    edit = None if words is None else dockerfile.arguments(instruction, dockerfile.array(words))
    if edit is None or image is None:
        return None
    if isinstance(instruction, Entrypoint):
        handed = any(one.service is not None and one.service.command is not None for one in image.containers)
        return None if image.cmd is not None else (edit, not handed)
    # Another entrypoint may look at the words; a file without a first line `#!` needs a shell.
    alone = image.entrypoint is None and image.base is not None and not image.base.entrypoint
    return edit, alone and container.launched is not None and container.launched.published


def shell_array(instruction: Cmd | Entrypoint, program: Program) -> Edit | None:
    """A shell form as `["sh", "-c", "… exec …"]`, in which the program takes the place of the shell; one that goes over
    several lines stays as it is, with `exec` in front of the program. None where `exec` would change more.
    """
    command = instruction.command
    found = _call(command, program)
    edit = None if found is None else shell.in_front(found, "exec ")
    written = command.span.text.rstrip()
    if edit is None or written != command.text.rstrip() or not command.shell:
        return edit
    at = edit.span.start - command.span.start
    name = "sh" if command.shell[0] == "/bin/sh" else command.shell[0]
    return dockerfile.arguments(
        instruction, dockerfile.array((name, *command.shell[1:], written[:at] + edit.text + written[at:]))
    )


def _call(command: Command, program: Program) -> SimpleCommand | None:
    """The command of a shell form by which a program is started, when it may be started by `exec`."""
    script = command.script
    if script is None or script.problems or not program.last:
        return None
    if any(one.program == "trap" or "function" in one.nesting for one in script.commands):
        return None
    start = program.span.start
    around = [one for one in script.commands if one.words and one.words[0].span.start <= start < one.span.end]
    if not around or program.span.source is not command.span.source:
        return None
    found = around[-1]
    plain = found.after in ("", ";") and found.before not in ("|", "|&") and _BRANCHES.issuperset(found.nesting)
    return found if plain and found.name is not None and found.name not in _NO_PROGRAMS else None


def exec_in_string(program: Program) -> tuple[Edit, bool] | None:
    """`exec` in front of a program within the string of `sh -c`, and whether that is safe: it stands at the string's
    beginning or behind `&&`. None where it cannot be told from the text where its command begins and ends.
    """
    span, text = program.span, program.span.source.text
    last = max((at for at, name in enumerate(program.wrappers) if name.endswith(" -c")), default=None)
    start = max(0, span.start - _WINDOW)
    before = re.search(rf"{_BEGIN}((?:{_WORD}{_BLANKS})*)\Z", text[start : span.start])
    if not text.startswith(program.argv[0].text, span.start):
        return None  # its place is not known any better than that of the whole string
    if last is None or not program.last or before is None or not re.compile(_END).match(text, span.end):
        return None
    wrappers, words = program.wrappers[last + 1 :], before[5].split()
    assigned = bool(words) and re.match(r"[A-Za-z_]\w*=", words[0]) is not None
    if not assigned and bool(wrappers) != bool(words):
        return None  # `python -m` stands for any interpreter
    if wrappers and not assigned and not words[0].rpartition("/")[2].startswith(wrappers[0].split()[0]):
        return None
    if (words and words[0] in _NO_PROGRAMS) or re.search(r"\btrap\b", text[start : span.start]):
        return None
    at = span.source.span(start + before.start(5), start + before.start(5))
    return Edit(at, "exec env " if assigned else "exec "), before[1] is not None or before[2] is not None


def through_shell(container: Container, where: Span, *, checks: bool) -> Edit | None:
    """The array of a start command as `["sh", "-c", "exec …"]`, that of a HEALTHCHECK in shell form, so that a shell
    puts the value of a variable in its place. A port that nothing sets gets the usual one, 8000.
    """
    image, start = container.image, container.start
    if image is None or image.has("sh") is False:
        return None
    check = image.healthcheck
    if checks and check is not None and check.command is not None and _holds(check, where):
        text = _script(container, check.command)
        return None if text is None else dockerfile.arguments(check, f"CMD {text}")
    if checks or start is None or not start.command.exec_form or not _holds(start, where):
        return None
    if isinstance(start, Cmd) and (image.entrypoint is not None or image.base is None or image.base.entrypoint):
        return None
    if isinstance(start, Entrypoint) and image.cmd is not None:
        return None
    text = _script(container, start.command)
    return None if text is None else dockerfile.arguments(start, dockerfile.array(("sh", "-c", f"exec {text}")))


def _holds(instruction: Instruction, where: Span) -> bool:
    span = instruction.span
    return span.source is where.source and span.start <= where.start < span.end


_SAFE = r"[A-Za-z0-9_@%+=:,./-]+"  # what no shell wants quotes round


def _quoted(value: str) -> str:
    """A word in quotes, as a shell reads it."""
    import shlex  # noqa: PLC0415 - takes half a millisecond, and few words need it

    return shlex.quote(value)


def _script(container: Container, command: Command) -> str | None:
    """The words of an array as a shell reads them; None for words that need thought."""
    parts: list[str] = []
    for at, word in enumerate(command.words):
        value = word.value
        if value is None or re.search(r"[`'\"\\\s]|\$\(", value):
            return None
        if "$" not in value:
            parts.append(value if re.fullmatch(_SAFE, value) else _quoted(value))
            continue
        port = re.fullmatch(r"(.*?)\$\{?(\w+)\}?", value)
        before = command.words[at - 1].value or "" if at else ""
        unset = port is not None and container.environment.get(port[2]) is None
        if port is not None and unset and (before in ("-p", "--port") or port[1].endswith((":", "--port="))):
            value = f"{port[1]}${{{port[2]}:-8000}}"
        parts.append(value)
    return " ".join(parts)
