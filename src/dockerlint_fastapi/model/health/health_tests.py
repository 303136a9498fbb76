"""Health check tests that are not what their author meant: lists without CMD, shell words where no shell is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from dockerlint_fastapi.model.command import SHELLS
from dockerlint_fastapi.model.compose.nodes import Scalar
from dockerlint_fastapi.model.compose.nodes import Sequence as Items
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import ComposeFile
    from dockerlint_fastapi.model.compose.healthcheck import Healthcheck
    from dockerlint_fastapi.model.dockerfile import Healthcheck as Instruction

FORMS = ("CMD", "CMD-SHELL", "NONE")
_OPERATORS = frozenset(("||", "&&", "|", ";", ">", ">>", "<", "&", "2>&1", ">/dev/null", "2>/dev/null"))
_ENOUGH = ("pg_isready",)  # asks the server beside it without any argument
# Alone they read commands from what nobody types, and end well at its end, whether a server is there or not.
_PASSES = ("redis-cli", "valkey-cli", "keydb-cli")
_ELSEWHERE = ("-h", "-p", "--host", "--port")  # but where that listens elsewhere


class ProbeFault(NamedTuple):
    """One fault of a test: `kind` is `form`, `one-word`, `operator`, `words` or `disabled`; `text` is what
    the message shows. `works`: what is run in place of what was meant asks for the same; `passes`: it asks for nothing
    and always passes.
    """

    kind: str
    text: str
    span: Span
    works: bool = False
    passes: bool = False


def faults_of_instruction(check: Instruction) -> Iterator[ProbeFault]:
    """The faults of HEALTHCHECK in exec form."""
    if check.command is not None and check.command.exec_form:
        words = [(word.value or "", word.span) for word in check.command.words]
        yield from _of_words(words)


def faults_of_file(file: ComposeFile) -> Iterator[ProbeFault]:
    """The faults of the tests in a compose file, as they are written there."""
    for service in file.services.values():
        check = service.healthcheck
        if check is not None:
            yield from _of_check(check)


def _of_check(check: Healthcheck) -> Iterator[ProbeFault]:
    if check.test is None:
        return
    if check.disable and check.form != "NONE":
        yield ProbeFault("disabled", "disable: true", check.test.place)
        return
    if not isinstance(check.test, Items) or not check.test.items:
        return
    first = check.test.items[0]
    if not isinstance(first, Scalar):
        return
    if "$" not in first.text and first.text not in FORMS:
        yield ProbeFault("form", first.text, first.span)
    elif first.text == "CMD":
        yield from _of_words([(one.value or "", one.span) for one in check.arguments])
    elif first.text == "CMD-SHELL" and len(check.arguments) > 1:
        words = [one.value or one.text for one in check.arguments]
        works = words[0] in _ENOUGH and not any(one.startswith(_ELSEWHERE) for one in words[1:])
        yield ProbeFault("words", words[0], check.arguments[1].span, works, words[0] in _PASSES)


def _of_words(words: Sequence[tuple[str, Span]]) -> Iterator[ProbeFault]:
    """The faults of words that are started without a shell."""
    if not words:
        return
    program, span = words[0]
    if re.search(r"\S\s+\S", program) and (len(words) == 1 or _is_several(program)):
        yield ProbeFault("one-word", program, span)
        return
    if program.rpartition("/")[2] in SHELLS:
        return
    for text, where in words[1:]:
        if text in _OPERATORS:
            yield ProbeFault("operator", text, where)
            return


def _is_several(program: str) -> bool:
    """Whether a word with blanks, in front of others, is no program's name: none on PATH has any, nor an option."""
    return "/" not in program.split(maxsplit=1)[0] or re.search(r"\s-", program) is not None
