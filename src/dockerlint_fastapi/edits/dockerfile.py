"""Instructions of a Dockerfile."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from dockerlint_fastapi.edits import lines, words
from dockerlint_fastapi.finding import Edit
from dockerlint_fastapi.model.dockerfile import (
    Cmd,
    Command,
    Dockerfile,
    Entrypoint,
    Flag,
    Healthcheck,
    Instruction,
    Mount,
    Pair,
    Run,
    Stage,
    Transfer,
    User,
)
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.source import Span

_DIRECTIVE = pattern(r"(?i)#\s*(?:syntax|escape|check)\s*=")
# What a shell does itself, so that no program of that name need exist; and what only makes sense in one.
_BUILTINS = frozenset(
    ". : [ alias bg break builtin cd command continue declare dirs echo eval exit export false fg getopts hash jobs "
    "kill let local popd printf pushd pwd read readonly return set shift shopt source test time times trap true type "
    "typeset ulimit umask unalias unset wait".split()
)


def below(instruction: Instruction, text: str) -> Edit | None:
    """Whole instructions below another one and its here-documents."""
    return None if instruction.onbuild else lines.below(instruction.full_span, text, indent="")


def at_start(stage: Stage, text: str) -> Edit | None:
    """Whole instructions at the beginning of a stage, below its FROM and the comments that belong to it."""
    if stage.dockerfile.template is not None:
        return None
    span = stage.from_.full_span
    source, line = span.source, lines.last_line(span)
    last = line
    while last < len(source.starts) and source.line(last + 1).lstrip().startswith("#"):
        last += 1
    if last < len(source.starts) and not source.line(last + 1).strip():
        line = last  # else they belong to what follows
    at = source.starts[line - 1]
    return lines.below(source.span(at, at), cased(stage.dockerfile, text), indent="")


def above(instruction: Instruction, text: str) -> Edit | None:
    """Whole instructions above another one and the comments that belong to it."""
    if instruction.onbuild:
        return None
    source = instruction.span.source
    at = source.starts[_first_line(instruction) - 1]
    return lines.above(source.span(at, at), text, indent="")


def _first_line(instruction: Instruction) -> int:
    """The first line of the comments that belong to an instruction, or of itself."""
    source, line = instruction.span.source, instruction.span.line
    while line > 1 and source.line(line - 1).lstrip().startswith("#"):
        if _DIRECTIVE.match(source.line(line - 1).strip()):
            break
        line -= 1
    return line


def before_start(stage: Stage, text: str) -> Edit | None:
    """Whole instructions above the first CMD, ENTRYPOINT or HEALTHCHECK of a stage, else at its end. Where an empty
    line stands above that one, another one follows the new instructions.
    """
    first = next((one for one in stage.instructions if isinstance(one, (Cmd, Entrypoint, Healthcheck))), None)
    return _apart_from(first, cased(stage.dockerfile, text)) if first is not None else at_end(stage, text)


def exposing(stage: Stage, port: str) -> Edit | None:
    """`EXPOSE` in front of what starts a stage, and of the USER that starts it."""
    first = next((one for one in stage.instructions if isinstance(one, (Cmd, Entrypoint, Healthcheck))), None)
    at = stage.instructions.index(first) if first is not None else 0
    if at and isinstance(stage.instructions[at - 1], User):
        at -= 1
        made = stage.instructions[at - 1] if at else None
        beside = made is not None and lines.last_line(made.full_span) == _first_line(stage.instructions[at]) - 1
        if isinstance(made, Run) and beside and re.search(r"\b(?:useradd|adduser)\b", made.text):
            at -= 1
    text = cased(stage.dockerfile, f"EXPOSE {port}")
    return _apart_from(stage.instructions[at], text) if first is not None else at_end(stage, text)


def _apart_from(instruction: Instruction, text: str) -> Edit | None:
    """Whole instructions above another one, with an empty line between them where one is above it now."""
    source, line = instruction.span.source, _first_line(instruction)
    blank = line > 1 and not source.line(line - 1).strip()
    return above(instruction, f"{text}\n\n" if blank else text)


def is_lower(file: Dockerfile) -> bool:
    """Whether most instructions of a file are written in small letters."""
    words = [one.keyword_span.text for one in file.instructions]
    return sum(word.islower() for word in words) * 2 > len(words)


def cased(file: Dockerfile, text: str) -> str:
    """Whole instructions, with their names in small letters where those of the file are."""
    return re.sub(r"(?m)^[A-Z]+\b", lambda word: word[0].lower(), text) if is_lower(file) else text


def at_end(stage: Stage, text: str) -> Edit | None:
    """Whole instructions below the last one of a stage."""
    if stage.dockerfile.template is not None:
        return None
    text = cased(stage.dockerfile, text)
    return lines.below((stage.instructions or (stage.from_,))[-1].full_span, text, indent="")


def without(instruction: Instruction) -> Edit | None:
    """Removes an instruction with its lines. Comments above it stay."""
    return None if instruction.onbuild else lines.without(instruction.full_span)


def without_blank_lines(dockerfile: Dockerfile, where: Span) -> tuple[Edit, ...] | None:
    """Removes the empty lines within the instruction that a place is in; None when it has here-documents."""
    within = (one for one in dockerfile.instructions if one.span.start <= where.start < one.span.end)
    found = next(within, None)
    if found is None or found.heredocs:
        return None
    source = found.span.source
    numbers = range(found.span.line + 1, lines.last_line(found.span) + 1)
    blank = [number for number in numbers if not source.line(number).strip()]
    return tuple(Edit(source.span(source.starts[number - 1], source.starts[number]), "") for number in blank)


def another(instruction: Instruction, text: str) -> Edit | None:
    """Another instruction in place of one, on one line; None when it holds comments or here-documents."""
    span = instruction.full_span
    if instruction.onbuild or instruction.heredocs or re.search(r"\n[ \t]*#", span.text):
        return None
    return Edit(span._replace(end=span.start + len(span.text.rstrip())), text)


def with_packages(stage: Stage, manager: str, packages: str) -> Edit | None:
    """Packages of the system at the beginning of a stage, by `apt-get install` or `apk add`."""
    if is_lower(stage.dockerfile) or "`" in packages:
        return None
    if manager == "apk add":
        return below(stage.from_, f"RUN apk add --no-cache {packages}")
    if manager != "apt-get install":
        return None
    lists = "rm -rf /var/lib/apt/lists/*"
    install = f"apt-get install -y --no-install-recommends {packages}"
    escape = stage.dockerfile.escape
    return below(stage.from_, f"RUN apt-get update {escape}\n    && {install} {escape}\n    && {lists}")


def with_flag(instruction: Instruction, flag: str) -> Edit:
    """A flag such as `--mount=…` in front of the others."""
    return Edit.behind(instruction.keyword_span, f" {flag}")


def without_flag(instruction: Instruction, flag: Flag) -> Edit | None:
    """Removes a flag with the blanks behind it."""
    span, limit = flag.span, instruction.arguments_span.start
    gap = re.compile(r"(?:[ \t]|[\\`][ \t]*\r?\n)*").match(span.source.text, span.end)
    end = span.end if gap is None else gap.end()
    following = next((one for one in instruction.flags if one.span.start > span.start), None)
    if end != (following.span.start if following is not None else limit):
        return None
    return Edit(span._replace(end=end), "")


def without_source(instruction: Transfer, source: Span) -> Edit | tuple[Edit, ...] | None:
    """Removes a source of COPY or ADD; the whole instruction when it is the only one."""
    if len(instruction.sources) + len(instruction.heredocs) < 2:
        return without(instruction)
    return words.without([source])


def mount_option(mount: Mount, name: str, value: str) -> Edit | None:
    """An option of a `--mount=…`, in place of one of that name or at the end."""
    span = mount.span
    if name not in mount.options:
        return Edit.behind(span, f",{name}={value}")
    found = re.search(rf"(?i)(?<=[,=]){re.escape(name)}=([^,\s]*)", span.text)
    return (
        None if found is None else Edit(span.source.span(span.start + found.start(1), span.start + found.end(1)), value)
    )


def arguments(instruction: Instruction, text: str) -> Edit | None:
    """All arguments of an instruction, flags left alone; None when they hold a comment or here-documents."""
    span = instruction.arguments_span
    if instruction.heredocs or re.search(r"\n[ \t]*#", span.text):
        return None
    return Edit(span._replace(end=span.start + len(span.text.rstrip())), text)


def without_pair(instruction: Instruction, pair: Pair) -> Edit | None:
    """Removes a pair of ENV, ARG or LABEL; the whole instruction when it is the only one."""
    pairs: tuple[Pair, ...] = getattr(instruction, "pairs", ())
    if len(pairs) < 2:
        return without(instruction)
    if getattr(instruction, "legacy", False):
        return None
    at = next((number for number, one in enumerate(pairs) if one is pair or one.span == pair.span), None)
    if at is None:
        return None
    span = pair.span
    cut = span._replace(start=pairs[at - 1].span.end) if at else span._replace(end=pairs[1].span.start)
    gap = span.source.text[cut.start : span.start] + span.source.text[span.end : cut.end]
    return Edit(cut, "") if not re.sub(r"[\\`][ \t]*\r?\n|[ \t]", "", gap) else None


def apart(instruction: Instruction, pair: Pair) -> Edit | None:
    """Begins an instruction of its own with the last pair of an ENV, which sees what the other pairs set then."""
    pairs: tuple[Pair, ...] = getattr(instruction, "pairs", ())
    if len(pairs) < 2 or pairs[-1].span != pair.span or getattr(instruction, "legacy", False):
        return None
    gap = pair.span._replace(start=pairs[-2].span.end, end=pair.span.start)
    blank = not re.sub(r"[\\`][ \t]*\r?\n|[ \t]", "", gap.text)
    return Edit(gap, f"\n{instruction.span.text[: len(instruction.keyword)]} ") if blank else None


def without_variable(file: Dockerfile, instruction: Instruction, pair: Pair) -> Edit | None:
    """Removes a pair that nothing else in the file expands; None where something does."""
    return None if pair.name in file.expanded else without_pair(instruction, pair)


def without_variables(file: Dockerfile, instruction: Instruction, gone: Sequence[Pair]) -> tuple[Edit, ...] | None:
    """Removes several pairs of one instruction that nothing else in the file expands; None where something does."""
    pairs: tuple[Pair, ...] = getattr(instruction, "pairs", ())
    if any(one.name in file.expanded for one in gone):
        return None
    spans = {one.span for one in gone}
    kept = next((number for number, one in enumerate(pairs) if one.span not in spans), None)
    if kept is None:
        whole = without(instruction)
        return (whole,) if whole is not None else None
    rest = [without_pair(instruction, one) for one in pairs[kept:] if one.span in spans]
    if kept:  # those in front go together with what is between them
        cut = pairs[0].span._replace(end=pairs[kept].span.start)
        between = cut.text
        for one in pairs[:kept]:
            between = between.replace(one.span.text, "", 1)
        rest.append(Edit(cut, "") if not re.sub(r"[\\`][ \t]*\r?\n|[ \t]", "", between) else None)
    edits = tuple(one for one in rest if one is not None)
    return edits if len(edits) == len(rest) else None


def array(values: Iterable[str]) -> str:
    """The text of a JSON array, as exec forms have it."""
    return f"[{', '.join(map(words.in_json, values))}]"


def plain_words(command: Command) -> tuple[str, ...] | None:
    """The words of a shell form that needs no shell, without an `exec` in front; None when a shell does anything for
    it: variables, patterns, operators, redirections, assignments, built-in commands, a login shell.
    """
    script = command.script
    if command.exec_form or script is None or script.problems or script.comments or len(script.commands) != 1:
        return None
    if len(command.shell) != 2 or not re.fullmatch(r"-[eux]*c", command.shell[1]):
        return None
    (only,) = script.commands
    if only.assignments or only.redirects or only.nesting or only.after or only.before or not only.words:
        return None
    words = only.words[1:] if only.name == "exec" else only.words
    values: list[str] = []
    for word in words:
        unquoted = re.sub(r"'[^']*'|\"[^\"]*\"|\\.", "", word.text)
        if word.value is None or re.search(r"[*?\[\]{}~!]", unquoted):
            return None
        values.append(word.value)
    return tuple(values) if values and values[0] not in _BUILTINS and not values[0].startswith("-") else None
