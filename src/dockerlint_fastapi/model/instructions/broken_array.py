"""Arguments that were meant as a JSON array and are none: Docker takes them for plain text."""

from __future__ import annotations

import json
import re

from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.dockerfile import Command, Instruction
    from dockerlint_fastapi.source import Span

_OPENING = (
    "'\u2018\u2019\u201a\u201c\u201d\u201e«`"  # marks that somebody, or a text editor, put where a double quote belongs
)
# What follows the bracket of an array, and not that of the shell's test: a quoted word, or one before a comma. Patterns
# of file names have no quotes.
_MARK = f'["{_OPENING}]'
_QUOTED = rf"\[\s*{_MARK}(?:[^\s]*\s*(?:,|\]|{_MARK})|[^\"{_OPENING}]*{_MARK}\s*(?:,|\]))"
_LISTED = r"""\[\s*[^\s,\]"']+\s*,"""
_BARE = r"\[[^\s\]\[*?{}(),;&|$<>\"'\\]+(?:[ \t]+[^\s\]\[&|;$<>]+)*\]\Z"
_TEST = r"\s\]\s*(?:&&|\|\||;|\Z)"
_SINGLE = r"'([^'\"\\]*)'"


class BrokenArray(NamedTuple):
    """An argument that begins like a JSON array. `fault` says what makes it none; `repaired` is the array that is
    meant, None where that cannot be told.
    """

    span: Span
    fault: str
    repaired: str | None


def of_command(command: Command) -> BrokenArray | None:
    """The array that the text of a shell-form command was meant to be; None when it is a command."""
    text = command.text.strip()
    if command.exec_form or not text.startswith("["):
        return None
    if not any(re.match(pattern, text) for pattern in (_QUOTED, _LISTED, _BARE)):
        return None
    if text[1:2].isspace() and "," not in text and re.search(_TEST, text):
        return None  # the shell's own `[ "$X" = 1 ] && ...`
    return _broken(command.span, text)


def of_paths(instruction: Instruction) -> BrokenArray | None:
    """The same for the arguments of COPY, ADD and VOLUME, where a plain path may begin with a set (`[ab]*.txt`)."""
    text = instruction.text.strip()
    if not re.match(_QUOTED, text):
        return None
    try:
        json.loads(text)
    except ValueError:
        return _broken(instruction.arguments_span, text)
    except RecursionError:
        return None
    return None


def _broken(span: Span, text: str) -> BrokenArray:
    repaired = _repaired(text)
    return BrokenArray(span, _fault(text), repaired if "\n" not in span.text else None)


def _fault(text: str) -> str:
    """What is wrong, the first thing that a reader would mend."""
    end = text.rfind("]")
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', '""', text)  # without what stands in double quotes
    if end < 0:
        return "the closing bracket is missing"
    if "'" in bare:
        return "JSON has no single quotes"
    if any(mark in bare for mark in _OPENING):
        return 'these quote marks are not the plain `"`'
    if re.search(r",\s*\]", bare):
        return "JSON allows no comma at the end"
    if text[end + 1 :].strip():
        return "something stands behind the closing bracket"
    if re.search(r'""\s*""', bare):
        return "a comma is missing"
    if re.search(r"[^\s\[\],\"]", bare):
        return "every word needs double quotes"
    return "it is no JSON"


def _repaired(text: str) -> str | None:
    """The text with double quotes for others and without a comma at the end, if that is an array of strings."""
    mended = re.sub(_SINGLE, r'"\1"', text)
    mended = re.sub(r"[\u201c\u201d\u201e]", '"', mended)
    mended = re.sub(r",\s*\]\Z", "]", mended)
    try:
        words = json.loads(mended)
    except (ValueError, RecursionError):
        return None
    if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
        return None
    return json.dumps(words, ensure_ascii=False)
