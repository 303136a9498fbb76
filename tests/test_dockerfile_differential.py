"""Our parser against two others, on generated files: BuildKit's own (in Go, v0.12.5) and a Python port of a later one.

The ordinary run takes 3,000 files. The long one prints its counts:

    DLF_DIFFERENTIAL=20000 pytest -s tests/test_dockerfile_differential.py

Every difference that is allowed is one of `explained`, with its reason and a condition on the file.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import re
from collections import Counter
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from dockerlint_fastapi.model.dockerfile import (
    Arg,
    Command,
    Dockerfile,
    Env,
    Expose,
    From,
    Healthcheck,
    Instruction,
    Label,
    Maintainer,
    Onbuild,
    Shell,
    Transfer,
    Volume,
)
from dockerlint_fastapi.parsers.dockerfile.instructions import Assembler
from dockerlint_fastapi.parsers.dockerfile.scan import KEYWORDS, scan
from dockerlint_fastapi.source import Source

COUNT = int(os.environ.get("DLF_DIFFERENTIAL", "3000"))
SEED = int(os.environ.get("DLF_SEED", "20240607"))

_spec = importlib.util.spec_from_file_location(
    "dockerfile_generator", Path(__file__).with_name("dockerfile_generator.py")
)
assert _spec is not None
assert _spec.loader is not None
generator = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(generator)


class Line(NamedTuple):
    """One instruction in a form that all three parsers can give."""

    keyword: str
    first: int
    last: int
    joined: str
    flags: tuple[str, ...]
    heredocs: tuple[tuple[str, int, str], ...]
    arguments: tuple[str, ...] | None  # None: the model left the instruction out, or it has another form there


class Outcome(NamedTuple):
    lines: tuple[Line, ...]
    error: str


# -- ours -------------------------------------------------------------------------------------------------------------

# What BuildKit's first step already refuses; our other problems come from its later steps.
FIRST_STEP = re.compile(
    "never ended|^heredoc: |^directive `|invalid escape|only strings|has no `=`"
    "|needs a name and a value|holds no instruction|line is longer"
)


def ours(text: str) -> Outcome:
    source = Source.of(text)
    scanned = scan(source)
    dockerfile = Dockerfile(source)
    assembler = Assembler(scanned, dockerfile)
    assembler.run()
    built = {instruction.keyword_span.start: instruction for instruction in dockerfile.instructions}
    lines = []
    for line in scanned.lines:
        place = line.span(line.parts.keyword_start, line.parts.keyword_end).start
        instruction = built.get(place)
        lines.append(
            Line(
                line.keyword,
                line.first_row + 1,
                line.end_row + 1,
                line.text,
                tuple(flag.value for flag in line.parts.flags),
                tuple((body.opener.name, body.opener.fd, source.text[body.start : body.end]) for body in line.bodies),
                None if instruction is None else arguments(instruction, scanned.escape),
            )
        )
    problems = [problem.message for problem in (*scanned.problems, *assembler.problems)]
    return Outcome(tuple(lines), next(filter(FIRST_STEP.search, problems), ""))


def arguments(instruction: Instruction, escape: str) -> tuple[str, ...] | None:
    """The arguments that the model holds, in the form of BuildKit's tree."""
    match instruction:
        case Onbuild():
            return arguments(instruction.deferred, escape)
        case Env() | Label():
            parts = []
            for pair in instruction.pairs:
                parts += [generator.joined(pair.name_span.text, escape), pair.raw]
            return tuple(parts)
        case Arg():
            return tuple(pair.name + "=" * pair.assigned + pair.raw for pair in instruction.pairs)
        case Shell():
            return tuple(word.value or "" for word in instruction.words)
        case Healthcheck():
            return ("NONE",) if instruction.command is None else ("CMD", *command(instruction.command))
        case From():
            written = tuple(re.findall(r"[^\t\v\f\r ]+", instruction.text))
            assert instruction.image.text == (written[0] if written else "")
            assert instruction.name is None or instruction.name.text == written[2]
            return written
        case Maintainer():
            return (instruction.text,)
        case Transfer():
            return (
                None
                if "<<" in instruction.text
                else words(instruction, (*instruction.sources, instruction.destination))
            )
        case Expose():
            return words(instruction, instruction.ports)
        case Volume():
            return words(instruction, instruction.paths)
    for name in ("path", "user", "signal"):
        if hasattr(instruction, name):
            return (getattr(instruction, name).text,)
    if instruction.heredocs:
        return (instruction.text,)
    return command(instruction.command)  # type: ignore[attr-defined]


def words(instruction: Instruction, items: tuple[Any, ...]) -> tuple[str, ...]:
    array = None
    if isinstance(instruction, Transfer | Volume):
        with contextlib.suppress(ValueError):
            array = json.loads(instruction.text)
    if isinstance(array, list):
        return tuple(json.loads(item.text) for item in items)
    return tuple(item.text for item in items)


def undangled(line: Line) -> tuple[str, ...]:
    """The words without an escape character that ends the line: it is in the file, but BuildKit leaves it out."""
    parts = line.arguments
    if parts and line.keyword in ("ENV", "LABEL", "ARG", "ONBUILD") and parts[-1].endswith(("\\", "`")):
        return (*parts[:-1], parts[-1][:-1])
    return parts or ()


def command(one: Command) -> tuple[str, ...]:
    if one.exec_form:
        return tuple(word.value or "" for word in one.words)
    return (one.text,) if one.text else ()


# -- theirs -----------------------------------------------------------------------------------------------------------


def buildkit(text: str) -> Outcome | None:
    """None when BuildKit cut a character in two (as its flags do) and the binding cannot make text of it."""
    dockerfile = pytest.importorskip(
        "dockerfile", reason="wheels of `dockerfile` exist for Linux and Windows on x86-64 only"
    )
    try:
        commands = dockerfile.parse_string(text)
    except dockerfile.GoParseError as error:
        return Outcome((), str(error))
    except UnicodeDecodeError:
        return None
    lines = [
        Line(
            one.cmd or "",
            one.start_line,
            one.end_line,
            one.original or "",
            tuple(one.flags),
            tuple((doc.name, doc.file_descriptor, doc.content) for doc in one.heredocs),
            tuple(one.value),
        )
        for one in commands
    ]
    return Outcome(tuple(lines), "")


def port(text: str) -> Outcome:
    module = pytest.importorskip("e2b_dockerfile_utils")
    try:
        tree = module.parse_dockerfile_ast(text)
    except module.DockerfileSyntaxError as error:
        return Outcome((), str(error))
    lines = [
        Line(
            one.name,
            one.start_line,
            one.end_line,
            one.original or "",
            tuple(one.flags),
            tuple((doc.name, doc.file_descriptor, doc.content) for doc in one.heredocs),
            tuple(one.args),
        )
        for one in tree.instructions
    ]
    return Outcome(tuple(lines), "")


# -- differences that have a reason -----------------------------------------------------------------------------------


class Explained(NamedTuple):
    """A difference that is allowed: why, for which parser, and on which files."""

    reason: str
    parser: str  # "buildkit", "port" or "both"
    applies: Callable[[str, Outcome, Outcome], bool]  # the file, ours, theirs


def _top(text: str) -> list[str]:
    """The comment rows with which a file begins, in lower case."""
    rows = []
    for row in text.removeprefix("\ufeff").split("\n"):
        if not row.lstrip(generator.SPACES).startswith("#"):
            break
        rows.append(row.lower())
    return rows


def _check_directive(text: str, _ours: Outcome, _theirs: Outcome) -> bool:
    return any(re.match(r"\s*#\s*check\s*=", row) for row in _top(text))


def _spaced_heredoc(_text: str, mine: Outcome, _theirs: Outcome) -> bool:
    return any(re.search(r"<<[ \t\r]", line.joined) for line in mine.lines)


def _json_and_more(_text: str, mine: Outcome, _theirs: Outcome) -> bool:
    for line in mine.lines:
        start = line.joined.find("[")
        while start >= 0:
            try:
                _, end = json.JSONDecoder().raw_decode(line.joined, start)
            except ValueError:
                pass
            else:
                if line.joined[end:].strip(generator.SPACES):
                    return True
            start = line.joined.find("[", start + 1)
    return False


def _odd_flag(_text: str, mine: Outcome, _theirs: Outcome) -> bool:
    """Everything is equal but for lines with flags and other characters than ASCII."""
    return any(not line.joined.isascii() and re.search(r"\s--", line.joined) for line in mine.lines)


def _new_modifier(_text: str, mine: Outcome, _theirs: Outcome) -> bool:
    return any("<<" in line.joined and re.search(r"\$\{\w*:?[/#%]", line.joined) for line in mine.lines)


def _lost_word(_text: str, mine: Outcome, _theirs: Outcome) -> bool:
    return any(re.search(r"<<\S*\$\{", line.joined) for line in mine.lines)


def _chained(_text: str, mine: Outcome, theirs: Outcome) -> bool:
    chained = any(
        re.search(r"onbuild\s(?:.*\s)?onbuild\s", line.joined, re.IGNORECASE | re.DOTALL) for line in mine.lines
    )
    return chained and not mine.error and bool(theirs.error)


def _flag_escape(text: str, mine: Outcome, _theirs: Outcome) -> bool:
    other = any(re.match(r"\s*#\s*escape\s*=\s*`", row) for row in _top(text))
    return other and any(re.search(r"\s--.*[\\`]", line.joined, re.DOTALL) for line in mine.lines)


def _onbuild(_text: str, mine: Outcome, _theirs: Outcome) -> bool:
    return any(
        line.keyword == "ONBUILD" and (line.heredocs or mine.error or line.last > line.first) for line in mine.lines
    )


EXPLAINED = (
    Explained("`# check=` became a directive after v0.12; before, it ended them", "buildkit", _check_directive),
    Explained("`<< EOF` with a blank opens a heredoc since v0.13", "buildkit", _spaced_heredoc),
    Explained(
        "v0.12 takes the JSON array and drops what stands behind it; later versions see no array",
        "buildkit",
        _json_and_more,
    ),
    Explained(
        "BuildKit reads flags byte by byte, which turns other characters than ASCII into two", "buildkit", _odd_flag
    ),
    Explained("v0.12 cannot lex `${x/a/b}` and finds no heredoc on such a line", "buildkit", _new_modifier),
    Explained("since v0.13 the word in front of `${x:-…}` is lost where openers are looked for", "both", _lost_word),
    Explained("ours says that ONBUILD cannot defer ONBUILD, theirs what is wrong behind that", "both", _chained),
    Explained("v0.12 has `\\\\` for escape character in flags, whatever the directive says", "buildkit", _flag_escape),
    Explained("the port keeps half of a surrogate pair in JSON", "port", lambda text, *_: "\\ud800" in text),
    Explained(
        "the port lets NaN, Infinity and numbers out of range be JSON",
        "port",
        lambda text, *_: re.search("NaN|Infinity|1e999", text) is not None,
    ),
    Explained(
        "the port takes U+001C to U+001F for spaces",
        "port",
        lambda text, *_: re.search("[\x1c-\x1f]", text) is not None,
    ),
    Explained(
        "the port opens a heredoc without a name",
        "port",
        lambda text, *_: re.search("<<-?(''|\"\")", text) is not None,
    ),
    Explained(
        "the port does not look behind ONBUILD: no heredocs, no errors of the instruction there", "port", _onbuild
    ),
)


def explained(parser: str, text: str, mine: Outcome, theirs: Outcome) -> str:
    """The reason for a difference; "" when there is none."""
    for one in EXPLAINED:
        if one.parser in (parser, "both") and one.applies(text, mine, theirs):
            return one.reason
    return ""


# -- the comparison ---------------------------------------------------------------------------------------------------


def difference(mine: Outcome, theirs: Outcome, parser: str) -> str:
    """The first difference between two outcomes, in words; "" when there is none."""
    unknown = re.search(r"line (\d+): unknown instruction: (.*)", theirs.error, re.DOTALL)
    if unknown is not None and not mine.error:  # the port looks at keywords at once
        strangers = [line.keyword for line in mine.lines if line.first == int(unknown[1])]
        return "" if strangers and strangers[0] not in KEYWORDS else f"{unknown[0]!r} / {strangers}"
    if parser == "port" and not theirs.lines and "no instruction" in mine.error:
        return ""  # for the port an empty file is fine
    if bool(mine.error) != bool(theirs.error):
        return f"error {mine.error!r} / {theirs.error!r}"
    if theirs.error:
        return ""
    if len(mine.lines) != len(theirs.lines):
        return f"{len(mine.lines)} instructions / {len(theirs.lines)}"
    for left, right in zip(mine.lines, theirs.lines, strict=True):
        if left.keyword != (right.keyword.upper() if right.keyword.isascii() else right.keyword):
            return f"keyword {left.keyword!r} / {right.keyword!r}"
        if (left.first, left.last) != (right.first, right.last):
            return f"lines {left.first, left.last} / {right.first, right.last}"
        # the binding adds the heredocs to `original`
        if left.joined != right.joined and not (left.heredocs and right.joined.startswith(left.joined + "\n")):
            return f"joined {left.joined!r} / {right.joined!r}"
        if left.flags != right.flags:
            return f"flags {left.flags} / {right.flags}"
        # the binding shows no heredocs behind ONBUILD, though it skips their lines
        if left.heredocs != right.heredocs and not (parser == "buildkit" and left.keyword == "ONBUILD"):
            return f"heredocs {left.heredocs} / {right.heredocs}"
        if left.arguments is not None:
            theirs_arguments = their_arguments(left, right, parser)
            if theirs_arguments not in (None, left.arguments, undangled(left)):
                return f"arguments of {left.keyword} {left.arguments} / {theirs_arguments}"
    return ""


def their_arguments(left: Line, right: Line, parser: str) -> tuple[str, ...] | None:
    """Their arguments in the form that `arguments` gives ours; None where theirs follow other rules."""
    keyword, theirs = left.keyword, right.arguments
    assert theirs is not None
    behind_onbuild = re.match(r"\s*onbuild\b[^\[]*\bhealthcheck\b", left.joined, re.IGNORECASE)
    if theirs and theirs[0].upper() in ("CMD", "NONE") and (keyword == "HEALTHCHECK" or behind_onbuild):
        theirs = (theirs[0].upper(), *theirs[1:])
    if parser == "port":
        if keyword == "ONBUILD":
            return None
        if keyword in ("ENV", "LABEL"):
            theirs = tuple(value for number, value in enumerate(theirs) if number % 3 < 2)
        if keyword in ("COPY", "ADD", "VOLUME") and re.search(r"[\\`'\"]|[^\x00-\x7f]", left.joined):
            return None  # it lets quotes and escapes hold words together here, and Unicode spaces part them
    return theirs


# -- the tests --------------------------------------------------------------------------------------------------------


def for_buildkit(text: str) -> str:
    """The binding hands C strings over: a file ends at its first NUL."""
    return text.partition("\0")[0]


def for_port(text: str) -> str:
    """The port stops at the first unknown instruction: their lines are emptied."""
    rows = text.split("\n")
    for line in scan(Source.of(text)).lines:
        if line.keyword not in KEYWORDS:
            rows[line.first_row : line.last_row + 1] = [""] * (line.last_row + 1 - line.first_row)
    return "\n".join(rows)


def compare(parser: str, count: int, seed: int) -> tuple[Counter[str], list[str]]:
    """What came of `count` files: counts by outcome, and the differences that nothing explains."""
    theirs_of, prepare = {"buildkit": (buildkit, for_buildkit), "port": (port, for_port)}[parser]
    counts: Counter[str] = Counter()
    unexplained: list[str] = []
    for made in islice(generator.dockerfiles(seed), count):
        text = prepare(made)
        mine, theirs = ours(text), theirs_of(text)
        if theirs is None:
            counts["not shown by the binding"] += 1
            continue
        counts["refused by both" if mine.error and theirs.error else "files"] += 1
        counts["instructions compared"] += len(theirs.lines)
        counts["arguments compared"] += sum(line.arguments is not None for line in mine.lines[: len(theirs.lines)])
        found = difference(mine, theirs, parser)
        if found:
            reason = explained(parser, text, mine, theirs)
            counts[f"explained: {reason}" if reason else "unexplained"] += 1
            if not reason:
                unexplained.append(f"{found}\n    in {text!r}")
    return counts, unexplained


@pytest.mark.parametrize("parser", ["buildkit", "port"])
def test_generated_files(parser: str) -> None:
    counts, unexplained = compare(parser, COUNT, SEED)
    print(f"\n{parser}, {COUNT} files, seed {SEED}:")  # noqa: T201
    for name, count in sorted(counts.items()):
        print(f"{count:8} {name}")  # noqa: T201 - the figures of the long run
    assert not unexplained, "\n".join(unexplained[:5])
    assert counts["arguments compared"] > COUNT  # the comparison has something to compare
