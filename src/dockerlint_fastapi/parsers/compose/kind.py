"""What a YAML file called compose really is: a compose file, a template, the old format, or something else."""

from __future__ import annotations

import re
from bisect import bisect_left

from dockerlint_fastapi.model.compose import Entry, Mapping, Node, Scalar, Sequence
from dockerlint_fastapi.pattern import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dockerlint_fastapi.source import Source, Span

TOP_LEVEL = frozenset(("configs", "include", "models", "name", "networks", "secrets", "services", "version", "volumes"))

# A Jinja expression: a name, attributes and items of it, filters. `{{.Task.Slot}}` and `{{index . "x"}}` are Docker's
# own templates (Go) and legitimate values.
_JINJA_EXPRESSION = pattern(r"\{\{[-+]?\s*[A-Za-z_]\w*(?:\.\w+|\[[^\]{}]*\]|\([^(){}]*\))*\s*(?:\|[^{}]*)?[-+]?\}\}")
# What somebody is to fill in, but for Go's templates.
_TO_FILL_IN = pattern(r"\{\{(?!(?:[^{}\n]*\s)?\.)[^{}\n]+\}\}")
_GENERATOR = pattern(r"\{\{[-+]?\s*(?:cookiecutter|copier__\w+|_copier_\w+)\b")
_STATEMENT = pattern(r"(?:^|(?<=\s))\{#[-\s]|\{%[-+]?\s*\w", re.MULTILINE)
# no YAML that Compose takes has `{{` where a value begins; an unquoted placeholder of Swarm is a mistake, no template
_AT_VALUE = pattern(r"(?:^|[:\-,\[]\s)[ \t]*(\{\{)(?![ \t]*\.(?:Node|Service|Task)\b)", re.MULTILINE)
_QUOTED_OR_COMMENT = pattern(
    r"""(?<![\w"'])"(?:[^"\\\n]|\\.)*"|(?<![\w"'])'(?:[^'\n]|'')*'|(?:^|(?<=\s))#[^\n]*""", re.MULTILINE
)


def template_marker(source: Source, documents: Iterable[Node]) -> Span | None:
    """The first marker of Jinja (or of a chart for Helm) outside quotes, block scalars and comments, or None.

    `documents` are those of the text as far as it is YAML; in what is not, only quotes within a line are known. Where
    all markers stand within plain values of sound YAML, the file is no template: `with_unknowns` then makes these
    values unknown.
    """
    text = source.text
    if not any(marker in text for marker in ("{{", "{%", "{#")):
        return None
    generator = _GENERATOR.search(text)
    if generator:
        return source.span(generator.start(), generator.start() + 2)
    parts: list[str] = []
    at = 0
    for start, end in sorted(_quoted(documents)):
        parts.extend((text[at:start], " " * (end - max(at, start))))
        at = max(at, end)
    bare = _QUOTED_OR_COMMENT.sub(lambda match: " " * len(match[0]), "".join(parts) + text[at:])
    found = [
        match.start(group) for pattern, group in ((_STATEMENT, 0), (_AT_VALUE, 1)) if (match := pattern.search(bare))
    ]
    inside = [match.start() for match in _JINJA_EXPRESSION.finditer(bare)]
    if inside and not found and "{{" not in source.path:
        values = sorted((one.span.start, one.span.end) for one in _scalars(documents) if one.plain and "{{" in one.text)
        starts = [start for start, _ in values]
        if all((number := bisect_left(starts, at)) and at < values[number - 1][1] for at in inside):
            return None
    found.extend(inside[:1])
    return source.span(min(found), min(found) + 2) if found else None


def with_unknowns(documents: Iterable[Node]) -> None:
    """Puts a variable that nobody knows in place of what somebody is to fill in (`{{name}}`) in plain values. It is as
    long as that, so that offsets in a text stay.
    """
    for one in _scalars(documents):
        if one.plain and isinstance(one.value, str) and "{{" in one.text:
            one.text = _TO_FILL_IN.sub(lambda match: "${" + "_" * (len(match[0]) - 4) + "?}", one.text)
            one.value = one.text


def _quoted(documents: Iterable[Node]) -> set[tuple[int, int]]:
    """Where the scalars in quotes and the block scalars stand."""
    return {(one.span.start, one.span.end) for one in _scalars(documents, keys=True) if not one.plain}


def _scalars(documents: Iterable[Node], *, keys: bool = False) -> Iterator[Scalar]:
    """The scalars that are values, each at its anchor, and the keys if asked for."""
    seen: set[int] = set()
    waiting = list(documents)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Scalar):
            yield node
            continue
        content = node.entries if isinstance(node, Mapping) else node.items if isinstance(node, Sequence) else ()
        if id(content) not in seen:
            seen.add(id(content))
            for item in content:
                if isinstance(item, Entry):
                    waiting.extend((item.key, item.value) if keys else (item.value,))
                else:
                    waiting.append(item)


def is_foreign(document: Node) -> bool:
    """Whether a document is clearly no compose file, though it is sound YAML."""
    if isinstance(document, Sequence):
        return any(
            isinstance(item, Mapping) and any(item.get(key) for key in ("hosts", "tasks", "name", "import_playbook"))
            for item in document
        )
    if not isinstance(document, Mapping):
        return False
    if document.get("services"):
        return document.get("apiVersion") is not None and document.get("kind") is not None
    if document.get("apiVersion") and document.get("kind"):
        return True
    if document.get("jobs") and (document.get("on") or document.get("steps") or document.get("workflows")):
        return True
    return not any(entry.key.text in TOP_LEVEL for entry in document)


def legacy_service(document: Node) -> Span | None:
    """The first service's name in a file of Compose 1.5 and older, where services stand at the top; else None."""
    if not isinstance(document, Mapping) or any(entry.key.text in TOP_LEVEL - {"volumes"} for entry in document):
        return None
    entries = [entry for entry in document if not entry.key.text.startswith("x-")]
    if not entries or not all(isinstance(entry.value, Mapping) for entry in entries):
        return None
    for entry in entries:
        body = entry.value
        if isinstance(body, Mapping) and (isinstance(body.get("image"), Scalar) or body.get("build")):
            return entry.key.span
    return None
