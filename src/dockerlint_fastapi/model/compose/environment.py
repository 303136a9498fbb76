"""Environment variables of a service, and what is written like them: build arguments, labels; and `env_file:`."""

from __future__ import annotations

from dockerlint_fastapi.model.compose.nodes import Entry, Mapping, Node, Scalar, Sequence
from dockerlint_fastapi.model.compose.settings import Setting, flag, setting
from dockerlint_fastapi.model.environment.interpolation import PLACEHOLDER, Lookup, in_file, or_unset, render, unknown
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

_WITH_COLON = pattern(r"[A-Za-z_][A-Za-z0-9_]*:[^=]*")


class Variable(NamedTuple):
    """One environment variable of a service, a build argument or a label.

    `value` is None when it is taken from the host (`- NAME`, `NAME:`; `raw` is None then) or cannot be told; `raw` is
    the text as written, interpolation included. `default` is the value when no variable that cannot be told is set.
    """

    name: str
    value: str | None
    raw: str | None
    span: Span
    value_span: Span
    default: str | None = None

    @property
    def with_equals(self) -> str | None:
        """What an item of a list was to say that has a colon in place of `=` (`- PORT:8000`), and so is the name of a
        variable that no shell can have; None of any other.
        """
        if self.raw is not None or self.value is not None or _WITH_COLON.fullmatch(self.span.text.strip("\"'")) is None:
            return None
        return self.span.text.replace(":", "=", 1)

    def locate(self, start: int, end: int) -> Span:
        """The place of `raw[start:end]`; the whole value where it is written with escapes or over several lines."""
        span = self.value_span
        at = span.text.find(self.raw) if self.raw else -1
        return span if at < 0 else Span(span.source, span.start + at + start, span.start + at + end)


def variables(node: Node | None, lookup: Lookup = unknown) -> tuple[Variable, ...]:
    """`NAME: value` or `- NAME=value` as variables; of two with one name the later counts.

    An item whose name holds a variable is left out.
    """
    found: dict[str, Variable] = {}
    if isinstance(node, Mapping):
        for entry in node:
            made = _from_entry(entry, lookup)
            if made is not None:
                found[made.name] = made
    elif isinstance(node, Sequence):
        for item in node:
            if isinstance(item, Scalar) and isinstance(item.value, str):
                made = _from_item(item, lookup)
                if PLACEHOLDER not in made.name:
                    found[made.name] = made
    return tuple(found.values())


def _from_host(name: str, lookup: Lookup) -> str | None:
    answer = lookup(name)
    return answer if isinstance(answer, str) else None


def _from_entry(entry: Entry, lookup: Lookup) -> Variable | None:
    name, value = entry.key.text, entry.value
    if not isinstance(value, Scalar):
        return None
    if value.value is None:
        lookup = in_file(lookup, entry.key.span.source.path)
        return Variable(name, _from_host(name, lookup), None, entry.key.span, value.span)
    made = setting(value, lookup)
    if made is None:
        return None
    span = entry.span if value.use is None or value.use.source is entry.span.source else entry.key.span
    return Variable(name, made.value, made.text, span, value.span, made.default)


def _from_item(item: Scalar, lookup: Lookup) -> Variable:
    lookup = in_file(lookup, item.span.source.path)
    rendered = render(item.text, lookup)
    name, equals, value = rendered.text.partition("=")
    if not equals:
        behind = item.span._replace(start=item.span.end)
        return Variable(name, _from_host(name, lookup), None, item.span, behind)
    start, end = rendered.origin(len(name) + 1, len(rendered.text))
    start = end if not value else start
    default = render(item.text, or_unset(lookup))
    return Variable(
        name,
        None if PLACEHOLDER in value else value,
        item.text[start:],
        item.span,
        item.locate(start, len(item.text)),
        default.text.partition("=")[2] if default.certain else None,
    )


class EnvFile(NamedTuple):
    """One file of `env_file:`. `format` is None for Compose's own; `raw` takes every line as it is."""

    path: Setting
    required: bool | None
    span: Span
    format: Setting | None = None


def env_files(node: Node | None, lookup: Lookup) -> tuple[EnvFile, ...]:
    """`env_file:` in every syntax: one path, a list of paths, or of mappings."""
    found: list[EnvFile] = []
    for item in node.items if isinstance(node, Sequence) else (node,):
        if isinstance(item, Mapping):
            path = setting(item.get("path"), lookup)
            if path is not None:
                required = flag(item, "required", lookup, absent=True)
                found.append(EnvFile(path, required, item.place, setting(item.get("format"), lookup)))
        else:
            path = setting(item, lookup)
            if path is not None:
                found.append(EnvFile(path, True, path.span))
    return tuple(found)
