"""YAML of compose files, by the places of its nodes.

What is anchored and used elsewhere, what came by an alias or `<<`, block scalars, tabs, and flow style that goes over
several lines are refused: None.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingType
from collections.abc import Sequence as SequenceType
from functools import lru_cache

from dockerlint_fastapi.aspects import ASPECT_OF_KEY
from dockerlint_fastapi.edits import lines
from dockerlint_fastapi.edits.words import in_json
from dockerlint_fastapi.finding import Edit
from dockerlint_fastapi.model.compose import ComposeFile, Service
from dockerlint_fastapi.model.compose.nodes import Entry, Mapping, Node, Scalar, Sequence
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.source import Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias


Value: TypeAlias = "str | SequenceType[Value] | MappingType[str, Value]"
"""What is written as a value: YAML text of a scalar, items of a list, entries of a mapping."""

_STEP = pattern(r"(?m)^( +)(?:[\w.\"'-]+:|- )")
# A plain scalar that is a string to every reader, alone or in brackets.
_PLAIN = r"[A-Za-z_./][A-Za-z0-9_./@+=%-]*(?::[A-Za-z0-9_./@+=%-]+)*"
_NO_STRINGS = frozenset("y n yes no on off true false null ~".split())


def text(value: str) -> str:
    """A string as YAML text: plain where every reader takes it for that string, else in double quotes."""
    bare = re.sub(r"\$\{[^{}\s\"#]*\}", "x", value)
    plain = re.fullmatch(_PLAIN, bare) is not None and value.lower() not in _NO_STRINGS
    return value if plain else in_json(value)


def aspect(key: str) -> str:
    """What a key of a service says something of, as a fix names it."""
    return ASPECT_OF_KEY.get(key, f"settings:{key}")


def with_key(
    mapping: Mapping, key: str, value: Value, *, source: Source | None = None, instead: bool = False
) -> Edit | None:
    """A new entry at the end of a mapping. `source` chooses the file where a merged mapping has several; `instead` lets
    it take the place of what came by `<<`.
    """
    own = _own(mapping, source or mapping.span.source)
    there = mapping.entry(key)
    if mapping.use is not None or _shared(mapping) or (there is not None and not (instead and there.merged)):
        return None
    if own:
        last, column = own[-1], _column(own)
        span = last.span._replace(end=_end(last.span.source, last.span.start, max(last.span.end, last.value.place.end)))
    else:
        span = mapping.span  # nothing but `<<: *other`
        head = span.source.line(span.line)[: span.column - 1]
        column = head if span.text.startswith("<<") and not head.strip(" ") else None
    if column is None:
        return _flow_key(mapping, key, value)
    return lines.below(span, _entry(key, value, "", _step_below(own, column) or _step(span.source)), indent=column)


def _step_below(own: SequenceType[Entry], column: str) -> str:
    """By how much the values of a mapping's entries are indented, as the first of them has it; "" for none."""
    for one in own:
        inner = _own(one.value, one.span.source) if isinstance(one.value, Mapping) and one.value.use is None else []
        below = _column(inner)
        if below is not None and len(below) > len(column) and inner[0].key.span.line > one.key.span.line:
            return below[len(column) :]
    return ""


def _flow_key(mapping: Mapping, key: str, value: Value) -> Edit | None:
    """A new entry in braces that are written on one line."""
    written = mapping.span.text
    inside = written[1:-1].rstrip()
    if not (written.startswith("{") and written.endswith("}")) or "\n" in written or "#" in written:
        return None
    last = mapping.entries[-1].value if mapping.entries else None
    if last is not None and not last.span.text and last.use is None:  # behind nothing there is no place
        at = mapping.span.start + 1
        return Edit(mapping.span.source.span(at, at), f"{key}: {_flow(value)}, ")
    apart = "" if not inside.strip() else " " if inside.endswith(",") else ", "
    at = mapping.span.start + 1 + len(inside)
    return Edit(mapping.span.source.span(at, at), f"{apart}{key}: {_flow(value)}")


def _flow(value: Value) -> str:
    """A value in braces and brackets."""
    if isinstance(value, str):
        return value or "{}"
    if isinstance(value, MappingType):
        return "{" + ", ".join(f"{key}: {_flow(one)}" for key, one in value.items()) + "}"
    return "[" + ", ".join(map(_flow, value)) + "]"


def service_key(service: Service, key: str, value: Value) -> Edit | None:
    """A new entry at the end of what a service says in its own file; None when it has that key, from wherever."""
    body = written(service)
    return None if body is None or service.body.entry(key) is not None else with_key(body, key, value)


def written(service: Service) -> Mapping | None:
    """What a service says where it is named: nothing laid over it, nothing from what it extends beneath it. None for an
    alias, and for a service that says nothing there.
    """
    for file in service.file.files:
        for document in file.documents if file.source.path == service.span.source.path else ():
            services = document.get("services") if isinstance(document, Mapping) else None
            entry = services.entry(service.name) if isinstance(services, Mapping) else None
            if entry is not None and entry.key.span == service.span and isinstance(entry.value, Mapping):
                return entry.value if entry.value.use is None else None
    return None


@lru_cache(maxsize=1)
def _ends_early(text: str, start: int) -> bool:
    """Whether a mark of the end of a document, or of the next, stands behind the start of one."""
    return re.search(r"(?m)^(?:\.\.\.|---)", text[start:]) is not None


@lru_cache(maxsize=1)
def _apart(text: str) -> str:
    """What stands between the last key of a file and a new one: an empty line where the file has such, never two."""
    if re.search(r"\n[ \t]*\r?\n\Z", text[-200:]):
        return ""
    return "\n" if re.search(r"\n[ \t]*\r?\n\S", text) else ""


def top_level(file: ComposeFile, kind: str, name: str, value: Value = "") -> Edit | None:
    """Declares `name:` under `volumes:`, `networks:`, `secrets:` and the like, which is made where it is not there.

    Of several files laid over each other, the first is the one that is changed.
    """
    source = file.source
    document = next((one for one in file.documents if isinstance(one, Mapping)), file.root)
    if document is None or len(file.documents) > 1 or file.template is not None:
        return None
    entry = document.entry(kind)
    step = _step(source)
    if entry is None:
        if _ends_early(source.text, document.span.start) or _column(_own(document, source)) != "":
            return None
        return lines.at_end(source, f"{_apart(source.text)}{kind}:\n{step}" + _entry(name, value, step, step))
    if entry.span.source is not source or entry.merged:
        return None
    if isinstance(entry.value, Mapping):
        return with_key(entry.value, name, value, source=source)
    if isinstance(entry.value, Scalar) and entry.value.value is None and not entry.value.span.text:
        return lines.below(entry.key.span, _entry(name, value, "", step), indent=step)
    return None


def scalar(node: Node | None, new: str) -> Edit | None:
    """Another text in place of a scalar's, in the same quotes; quotes are added where a plain one needs them."""
    if not isinstance(node, Scalar) or node.use is not None:
        return None
    written = node.span.text
    if written[:1] in ("|", ">") and not node.plain:
        return None
    if written[:1] == "'" and "\n" not in new:
        return Edit(node.span, "'" + new.replace("'", "''") + "'")
    if written[:1] == '"':
        return Edit(node.span, in_json(new))
    return Edit(node.span, text(new)) if written else None


def quoted(node: Node | None) -> Edit | None:
    """A plain scalar in double quotes."""
    if not isinstance(node, Scalar) or not node.plain or node.use is not None or node.tag is not None:
        return None
    return Edit(node.span, in_json(node.text)) if node.span.text else None


def without_key(mapping: Mapping, key: str) -> Edit | None:
    """Removes an entry of a block mapping with its lines; None when it is the only one there."""
    entry = mapping.entry(key)
    if entry is None or entry.merged or entry.value.anchor is not None or mapping.use is not None:
        return None
    own = _own(mapping, entry.span.source)
    if len(own) < 2 or _column(own) is None or _shared(mapping):
        return None
    source = entry.span.source
    end = _end(source, entry.span.start, max(entry.span.end, entry.value.place.end))
    edit = lines.without(entry.span._replace(end=end), comment=True)
    if edit is not None and edit.span.start == 0:  # a file does not begin with the blank lines that stood behind it
        return _with_blank_lines(edit)
    line = edit.span.line if edit is not None else 0
    return _with_blank_lines(edit) if edit is not None and line > 1 and not source.line(line - 1).strip() else edit


def _with_blank_lines(edit: Edit) -> Edit:
    """The empty lines behind what is removed go with it."""
    blank = re.compile(r"(?:[ \t]*\r?\n)*").match(edit.span.source.text, edit.span.end)
    return Edit(edit.span._replace(end=blank.end()), "") if blank is not None else edit


def without_item(sequence: Sequence, item: Node) -> Edit | None:
    """Removes an item: of a block with its lines, in brackets with its comma. None when it is the only one."""
    if sequence.use is not None or len(sequence.items) < 2 or item.anchor is not None or _shared(sequence):
        return None
    span, source = item.place, item.place.source
    if _in_brackets(sequence):
        at = next((number for number, one in enumerate(sequence.items) if one is item), None)
        if at is None or "\n" in sequence.span.text:
            return None
        if at:
            return Edit(source.span(sequence.items[at - 1].place.end, span.end), "")
        return Edit(source.span(span.start, sequence.items[1].place.start), "")
    dash = _dash(span)
    return None if dash is None else lines.without(source.span(dash, _end(source, span.start, span.end)), comment=True)


def with_item(sequence: Sequence, item: str) -> Edit | None:
    """A new item at the end; `item` is YAML text (see `text`)."""
    if sequence.use is not None or _shared(sequence):
        return None
    source = sequence.span.source
    if _in_brackets(sequence):
        if "\n" in sequence.span.text:
            return None
        if not sequence.items:
            return Edit(sequence.span, f"[{item}]")
        return Edit.behind(sequence.items[-1].place, f", {item}")
    last = sequence.items[-1].place if sequence.items else None
    dash = _dash(last) if last is not None and last.source is source else None
    if last is None or dash is None:
        return None
    start = source.starts[source.position(dash)[0] - 1]
    head = source.text[start:dash]
    if head.strip():
        return None
    whole = source.span(dash, _end(source, last.start, last.end))
    gap = source.text[dash + 1 : last.start] if "\n" not in source.text[dash : last.start] else " "
    return lines.below(whole, f"-{gap}{item}", indent=head)


def value(entry: Entry, new: Value) -> Edit | None:
    """Another value of an entry, written as a block; None when comments stand in the old one."""
    node, source = entry.value, entry.span.source
    if entry.merged or node.anchor is not None or node.use is not None or node.span.source is not source:
        return None
    line = source.line(entry.key.span.line)
    column = entry.key.span.column - 1
    start = entry.key.span.end
    end = _end(source, entry.span.start, max(entry.span.end, node.span.end))
    old = source.text[start:end]
    if line[:column].strip() or "\t" in line[:column] or re.search(r"(?:^|\s)#", old) or not old.startswith(":"):
        return None
    inner = re.search(r"\n( *)\S", old)
    deeper = len(inner[1]) - column if inner is not None else 0
    rendered = _entry("", new, line[:column], " " * deeper if deeper > 0 else _step(source))
    return Edit(source.span(start, end), rendered)


def _entry(key: str, value: Value, indent: str, step: str) -> str:
    """`key: value`, whose own first line is not indented."""
    if isinstance(value, str):
        return f"{key}: {value}" if value else f"{key}:"
    return f"{key}:\n" + "\n".join(_lines(value, indent + step, step))


def _lines(value: Value, indent: str, step: str) -> list[str]:
    found: list[str] = []
    if isinstance(value, MappingType):
        for key, one in value.items():
            found.append(indent + _entry(key, one, indent, step))
    elif not isinstance(value, str):
        found.extend(f"{indent}- {one}" for one in value)
    return found


def _own(mapping: Mapping, source: Source) -> list[Entry]:
    """The entries that a mapping has in one file by itself, in their order there."""
    own = [one for one in mapping if not one.merged and one.key.use is None and one.key.span.source is source]
    return sorted(own, key=lambda one: one.key.span.start)


def _column(own: list[Entry]) -> str | None:
    """The indentation of a block mapping's entries; None for flow style, tabs, and a mapping in a list."""
    found = set()
    for one in own:
        span = one.key.span
        found.add(span.source.line(span.line)[: span.column - 1])
    blank = found.pop() if len(found) == 1 else None
    return blank if blank is not None and not blank.strip(" ") else None


def _shared(node: Node) -> bool:
    """Whether a node is anchored and its anchor used."""
    return node.anchor is not None and re.search(rf"\*{re.escape(node.anchor)}\b", node.span.source.text) is not None


def _in_brackets(sequence: Sequence) -> bool:
    return sequence.span.text[:1] == "["


def _dash(item: Span | None) -> int | None:
    """Where the dash of a block item stands."""
    if item is None:
        return None
    before = re.search(r"-[ ]+(?:[&!]\S+ +)*\Z", item.source.text[item.source.starts[item.line - 1] : item.start])
    return None if before is None else item.source.starts[item.line - 1] + before.start()


def _end(source: Source, start: int, end: int) -> int:
    """The end of a node without the blanks and line ends behind it."""
    return start + len(source.text[start:end].rstrip())


def _step(source: Source) -> str:
    """By how much a file indents, as its first indented line has it."""
    found = _STEP.search(source.text)
    return found[1] if found else "  "
