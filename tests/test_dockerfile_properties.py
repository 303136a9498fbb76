"""What holds of the Dockerfile parser on any input: it never raises, and every token is where it says."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.model.dockerfile import (
    Arg,
    Cmd,
    Command,
    Dockerfile,
    Entrypoint,
    Env,
    Expose,
    From,
    Healthcheck,
    Instruction,
    Label,
    Onbuild,
    Run,
    Shell,
    Stopsignal,
    Transfer,
    User,
    Volume,
    Word,
    Workdir,
)
from dockerlint_fastapi.parsers.dockerfile import parse_dockerfile
from dockerlint_fastapi.parsers.dockerfile.scan import scan
from dockerlint_fastapi.source import Source, Span

_spec = importlib.util.spec_from_file_location(
    "dockerfile_generator", Path(__file__).with_name("dockerfile_generator.py")
)
assert _spec is not None
assert _spec.loader is not None
generator = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(generator)


def words(instruction: Instruction) -> Iterator[Word]:
    match instruction:
        case From():
            yield instruction.image
            if instruction.name is not None:
                yield instruction.name
        case Transfer():
            yield from instruction.sources
            yield instruction.destination
        case Expose():
            yield from instruction.ports
        case Volume():
            yield from instruction.paths
        case Shell():
            yield from instruction.words
        case Workdir():
            yield instruction.path
        case User():
            yield instruction.user
        case Stopsignal():
            yield instruction.signal


def command(instruction: Instruction) -> Command | None:
    return instruction.command if isinstance(instruction, Run | Cmd | Entrypoint | Healthcheck) else None


def tokens(instruction: Instruction) -> Iterator[tuple[str, Span]]:
    """Every token of an instruction: the text it stands for, and where it says it stands."""
    yield instruction.text, instruction.arguments_span
    for word in words(instruction):
        yield word.text, word.span
    for flag in instruction.flags:
        yield (
            f"={flag.raw}" if flag.raw else "",
            Span(flag.span.source, flag.span.end, flag.span.end) if not flag.raw else flag.span,
        )
    if isinstance(instruction, Env | Label | Arg):
        for pair in instruction.pairs:
            yield pair.raw, pair.value_span
    one = command(instruction)
    if one is not None:
        for word in one.words:
            yield word.text, word.span
        if one.span != next((heredoc.body_span for heredoc in instruction.heredocs), None):
            yield one.text, one.span
    length = len(instruction.text)
    for start, end in ((0, length), (length // 3, length // 2), (length // 2, length)):
        yield instruction.text[start:end], instruction.locate(start, end)


def spans(instruction: Instruction) -> Iterator[Span]:
    yield from (instruction.span, instruction.keyword_span, instruction.full_span)
    for heredoc in instruction.heredocs:
        yield from (heredoc.span, heredoc.body_span)
    for _, span in tokens(instruction):
        yield span


def hold(source: Source) -> Dockerfile:
    """Parses a source and asserts everything that must hold of any."""
    dockerfile = parse_dockerfile(source)
    size = len(source.text)
    for problem in (*dockerfile.problems, *dockerfile.warnings):
        assert 0 <= problem.span.start <= problem.span.end <= size
        assert problem.message
    instructions = list(dockerfile.instructions)
    instructions += [one.deferred for one in instructions if isinstance(one, Onbuild)]
    for instruction in instructions:
        for span in spans(instruction):
            assert 0 <= span.start <= span.end <= size
            assert instruction.full_span.start <= span.start
            assert span.end <= instruction.full_span.end
        keyword = generator.joined(instruction.keyword_span.text, dockerfile.escape)
        assert keyword.upper() == instruction.keyword
        for text, span in tokens(instruction):
            found = generator.joined(span.text, dockerfile.escape)
            assert found == text or (text.startswith("=") and found.endswith(text))
        one = command(instruction)
        if one is not None and one.script is not None:
            for simple in one.script.commands:
                assert one.span.start <= simple.span.start <= simple.span.end <= one.span.end
    return dockerfile


PIECES = (*generator.SOUP, *generator.VALUES, *generator.SHELL, *generator.FLAGS, *generator.COMMENTS)


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    hold(Source.of(text))


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    hold(Source("Dockerfile", b"FROM a\n" + data))


@settings(deadline=None, max_examples=500)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_any_soup(text: str) -> None:
    hold(Source.of("FROM a\n" + text))


def test_generated_files() -> None:
    count = 0
    for text in islice(generator.dockerfiles(11), 2500):
        count += sum(1 for _ in hold(Source.of(text)).instructions)
    assert count > 5000


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_every_row_belongs_to_one_line_at_most(text: str) -> None:
    scanned = scan(Source.of(text))
    last = -1
    for line in scanned.lines:
        assert last < line.first_row <= line.last_row <= line.end_row < len(scanned.rows)
        last = line.end_row
    assert len(scanned.masked) == len(scanned.rows)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_what_follows_cannot_change_what_stands_before(text: str) -> None:
    """Files are read from top to bottom: an instruction in front is the same whatever comes behind it."""
    head = "FROM alpine AS x\nENV A=1 B=$A\nRUN a \\\n b\n"
    whole = parse_dockerfile(Source.of(head + text))
    alone = parse_dockerfile(Source.of(head))
    if whole.template is None:
        for left, right in zip(alone.stages[0].instructions, whole.stages[0].instructions, strict=False):
            assert (left.keyword, left.text, left.span[1:]) == (right.keyword, right.text, right.span[1:])
