"""The tests of health checks in the form that was meant: CMD for the words of one program, CMD-SHELL for a script."""

from __future__ import annotations

import re

from dockerlint_fastapi.edits import compose, dockerfile, words
from dockerlint_fastapi.finding import Edit
from dockerlint_fastapi.model.compose import ComposeFile
from dockerlint_fastapi.model.compose.nodes import Entry, Mapping, Scalar, Sequence
from dockerlint_fastapi.model.dockerfile import Healthcheck
from dockerlint_fastapi.model.health.health_tests import ProbeFault

# What a shell reads as it is written, operators among it.
_PLAIN = r"(?:[A-Za-z0-9_./:=@%+,?-]|\$\$?(?:\w|\{\w+\}))+|\|\||&&|2>&1|>/dev/null|2>/dev/null"
_OPERATORS = r"\|\||&&|[|;&<>]|>>|2>&1|2?>/dev/null"


def meant(node: Healthcheck | ComposeFile, fault: ProbeFault) -> Edit | None:
    """A test without one fault; None where its words cannot be told, or would need quotes."""
    if fault.kind == "disabled":
        return None
    if isinstance(node, Healthcheck):
        found = None if node.command is None else [word.value for word in node.command.words]
        script = _script(found) if found is not None else None
        return None if script is None else dockerfile.arguments(node, f"CMD {script}")
    entry = _entry(node, fault)
    items = entry.value.items if entry is not None and isinstance(entry.value, Sequence) else ()
    if entry is None or not items or not all(isinstance(one, Scalar) for one in items):
        return None
    texts = [one.text for one in items if isinstance(one, Scalar)]
    single = len(texts) == 1 and re.search(r"\s", texts[0]) is not None
    if fault.kind == "form" and texts[0].upper() in ("CMD", "CMD-SHELL", "NONE"):
        return words.instead(items[0].span, texts[0].upper())
    if fault.kind == "form":
        return _in_front(items[0], "CMD-SHELL" if single else "CMD")
    if fault.kind == "one-word":
        return words.instead(items[0].span, "CMD-SHELL")
    operators = any(re.fullmatch(_OPERATORS, one) or "$" in one for one in texts[1:])
    if fault.kind == "words" and not operators:
        return words.instead(items[0].span, "CMD")
    script = _script(texts[1:])
    return None if script is None else compose.value(entry, dockerfile.array(("CMD-SHELL", script)))


def _entry(file: ComposeFile, fault: ProbeFault) -> Entry | None:
    """The `test:` in which a fault stands."""
    for service in file.services.values():
        body = service.node("healthcheck")
        entry = body.entry("test") if isinstance(body, Mapping) else None
        place = entry.value.place if entry is not None else None
        if place is not None and place.source is fault.span.source and place.start <= fault.span.start <= place.end:
            return entry
    return None


def _script(found: list[str] | list[str | None]) -> str | None:
    """Words as a shell's script; one alone is a script already."""
    texts = [one for one in found if one is not None]
    if len(texts) < len(found):
        return None
    if len(texts) == 1:
        return texts[0] if "\n" not in texts[0] else None
    return " ".join(texts) if all(re.fullmatch(_PLAIN, one) for one in texts) else None


def _in_front(first: object, word: str) -> Edit | None:
    """A word in front of the first item, in brackets or in a block."""
    if not isinstance(first, Scalar) or first.use is not None or first.anchor is not None:
        return None
    span = first.span
    source = span.source
    start = source.starts[span.line - 1]
    head = source.text[start : span.start]
    quoted = f"'{word}'" if span.text[:1] == "'" else f'"{word}"'
    if re.fullmatch(r" *-\s+", head):
        return Edit.before(span, f"{quoted}\n{head}")
    return Edit.before(span, f"{quoted}, ") if head.rstrip().endswith("[") else None
