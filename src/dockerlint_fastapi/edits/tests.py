"""The tests of health checks in the form that was meant: CMD for the words of one program, CMD-SHELL for a script."""

from __future__ import annotations

import re

from dockerlint_fastapi.edits import compose, dockerfile, words
from dockerlint_fastapi.finding import Edit
from dockerlint_fastapi.model.compose import ComposeFile, Service
from dockerlint_fastapi.model.compose.nodes import Entry, Mapping, Scalar, Sequence
from dockerlint_fastapi.model.dockerfile import Healthcheck
from dockerlint_fastapi.model.environment.host_variables import OF_THE_HOST
from dockerlint_fastapi.model.environment.interpolation import in_file, references
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
    service, entry = _entry(node, fault)
    items = entry.value.items if entry is not None and isinstance(entry.value, Sequence) else ()
    if service is None or entry is None or not items or not all(isinstance(one, Scalar) for one in items):
        return None
    texts = [one.text for one in items if isinstance(one, Scalar)]
    reaching = [_reaching(service, one) for one in items if isinstance(one, Scalar)]
    if reaching == texts:
        return _rewritten(entry, fault, texts)
    # What Compose would fill in with nothing: only a shell of the container can.
    shell = _script(reaching[1:]) if fault.kind in ("one-word", "words") else None
    return None if shell is None else compose.value(entry, dockerfile.array(("CMD-SHELL", shell)))


def _rewritten(entry: Entry, fault: ProbeFault, texts: list[str]) -> Edit | None:
    """The list of a test with the same words in another form."""
    items = [one for one in entry.value.items if isinstance(one, Scalar)] if isinstance(entry.value, Sequence) else []
    single = len(texts) == 1 and re.search(r"\s", texts[0]) is not None
    if fault.kind == "form" and texts[0].upper() in ("CMD", "CMD-SHELL", "NONE"):
        return words.instead(items[0].span, texts[0].upper())
    if fault.kind == "form":
        return _in_front(items[0], "CMD-SHELL" if single else "CMD")
    if fault.kind == "one-word" and len(texts) == 2:
        return words.instead(items[0].span, "CMD-SHELL")
    operators = any(re.fullmatch(_OPERATORS, one) or "$" in one for one in texts[1:])
    if fault.kind == "words" and not operators and not re.search(r"\s", texts[1]):
        return words.instead(items[0].span, "CMD")
    script = _script(texts[1:])
    return None if script is None else compose.value(entry, dockerfile.array(("CMD-SHELL", script)))


def _reaching(service: Service, scalar: Scalar) -> str | None:
    """A word whose references Compose leaves to the container where only that has the variables; None where nobody is
    known to have one.
    """
    lookup = in_file(service.lookup, scalar.span.source.path)
    own = {one.name: one.raw or "" for one in service.environment}
    text = scalar.text
    for one in reversed(list(references(text))):
        if one.operator or one.name in OF_THE_HOST or isinstance(lookup(one.name), str):
            continue
        asked = rf"\$\{{?{one.name}\b"  # by other values, too: then Compose is to have it
        if own.get(one.name) and "$" not in own[one.name]:
            text = f"{text[: one.start]}${text[one.start :]}"
        elif one.name not in own and len(re.findall(asked, scalar.span.source.text)) == 1:
            return None
    return text


def _entry(file: ComposeFile, fault: ProbeFault) -> tuple[Service | None, Entry | None]:
    """The `test:` in which a fault stands, and whose it is."""
    for service in file.services.values():
        body = service.node("healthcheck")
        entry = body.entry("test") if isinstance(body, Mapping) else None
        place = entry.value.place if entry is not None else None
        if place is not None and place.source is fault.span.source and place.start <= fault.span.start <= place.end:
            return service, entry
    return None, None


def _script(found: list[str] | list[str | None]) -> str | None:
    """Words as a shell's script; one alone is a script already, and of several one with blanks is several words."""
    texts = [one for one in found if one is not None]
    if len(texts) < len(found):
        return None
    if len(texts) == 1:
        return texts[0] if "\n" not in texts[0] else None
    parts = [part for one in texts for part in one.split() or [""]]
    return " ".join(parts) if all(re.fullmatch(_PLAIN, one) for one in parts) else None


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
