"""The YAML of a compose file with every place kept: mappings, sequences and scalars.

A `Mapping` may hold entries from several files once overlays are merged: every node knows its own source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self


Literal = str | int | float | bool | None


class Node:
    """What every YAML node has. `span` covers the node's own text, without anchor and tag in front of it;
    `tag` is an explicit tag (`!reset`, `!!str`), else None.

    An alias (`*a`) yields the anchored node again; `use` is then where the alias stands, else None.
    """

    __slots__ = ("anchor", "span", "tag", "use")
    span: Span
    tag: str | None
    anchor: str | None
    use: Span | None

    def used(self, use: Span) -> Self:
        """The same node as an alias at `use` yields it."""
        from copy import copy  # noqa: PLC0415 - only an alias needs it

        other = copy(self)
        other.use = use
        return other

    @property
    def place(self) -> Span:
        """Where the value stands in its mapping or sequence: the alias, or the node itself."""
        return self.use or self.span


class Scalar(Node):
    """A string, number, boolean or null. `value` has the type that go-yaml gives it; `text` is without quotes.

    `plain` is True when it was written without quotes and not as a block. An empty value (`a:`) has an empty span
    behind its key.
    """

    __slots__ = ("_places", "plain", "text", "value")
    text: str
    value: Literal
    plain: bool
    _places: tuple[int, ...] | None

    def __init__(
        self,
        text: str,
        value: Literal,
        span: Span,
        *,
        plain: bool = True,
        tag: str | None = None,
        anchor: str | None = None,
    ) -> None:
        self.text = text
        self.value = value
        self.span = span
        self.plain = plain
        self.tag = tag
        self.anchor = anchor
        self.use = None
        self._places = None

    def __repr__(self) -> str:
        return f"Scalar({self.text!r})"

    def locate(self, start: int, end: int) -> Span:
        """The place of `text[start:end]` in the file: through quotes, escapes, folding and indentation."""
        if self._places is None:
            self._places = _places(self)
        places = self._places
        if not places:
            return self.span
        limit = self.span.end
        start, end = max(start, 0), min(end, len(places) - 1)
        if start >= end:
            at = min(places[min(start, len(places) - 1)], limit)
            return self.span._replace(start=at, end=at)
        # the end is behind the last character, not before the next, which may be on another line
        last = places[end - 1]
        behind = max(last + 1, min(places[end], last + _width(self, last)))
        return self.span._replace(start=min(places[start], limit), end=min(behind, limit))


class Entry(NamedTuple):
    """One `key: value` of a mapping. `merged`: it came through `<<`; `span` runs from the key to the value's end."""

    key: Scalar
    value: Node
    merged: bool
    span: Span


class Mapping(Node):
    """A mapping, `<<` merge keys already applied by YAML's rule (own keys win); the `<<` itself is no entry.

    Of a duplicate key, `entry` gives the first. `cleared` are the keys that a merging removed (`!reset`) or replaced
    (`!override`) because a later file says so by a tag.
    """

    __slots__ = ("_index", "cleared", "entries")
    entries: tuple[Entry, ...]
    cleared: frozenset[str]
    _index: dict[str, Entry] | None

    def __init__(self) -> None:
        self._index = None
        self.entries = ()
        self.cleared = frozenset()
        self.tag = self.anchor = self.use = None

    def __repr__(self) -> str:
        return f"Mapping({[entry.key.text for entry in self.entries]})"

    @classmethod
    def of(cls, entries: Iterable[Entry], span: Span) -> Mapping:
        """A mapping made of entries, such as a merged one."""
        made = cls()
        made.entries = tuple(entries)
        made.span = span
        return made

    def entry(self, key: str) -> Entry | None:
        """The entry of that key (compared as text), or None."""
        if self._index is None:
            self._index = {entry.key.text: entry for entry in reversed(self.entries)}
        return self._index.get(key)

    def get(self, key: str) -> Node | None:
        """The value of that key, or None when it is absent."""
        entry = self.entry(key)
        return entry.value if entry else None

    def scalar(self, key: str) -> Scalar | None:
        """The value of that key when it is a scalar that is not null, else None."""
        value = self.get(key)
        return value if isinstance(value, Scalar) and value.value is not None else None

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)


class Sequence(Node):
    """A sequence."""

    __slots__ = ("_by_place", "items")
    items: tuple[Node, ...]
    _by_place: dict[Span, Node] | None

    def __init__(self) -> None:
        self.items = ()
        self._by_place = None
        self.tag = self.anchor = self.use = None

    def __repr__(self) -> str:
        return f"Sequence({list(self.items)})"

    @classmethod
    def of(cls, items: Iterable[Node], span: Span) -> Sequence:
        """A sequence made of nodes, such as a merged one."""
        made = cls()
        made.items = tuple(items)
        made.span = span
        return made

    def item_at(self, place: Span) -> Node | None:
        """The first item that stands at a place, or None."""
        if self._by_place is None:
            self._by_place = {item.place: item for item in reversed(self.items)}
        return self._by_place.get(place)

    def __iter__(self) -> Iterator[Node]:
        return iter(self.items)


def is_external(resource: Mapping) -> bool:
    """Whether a volume, network, secret or config is made outside of the project: `external` in either form, but for
    `external: false`.
    """
    said = resource.get("external")
    return said is not None and not (isinstance(said, Scalar) and said.text.lower() in ("false", "no", "off", "n"))


def items_of(node: Node | None) -> tuple[Node, ...]:
    """The items of a sequence; none for anything else."""
    return node.items if isinstance(node, Sequence) else ()


def _width(scalar: Scalar, at: int) -> int:
    """How many characters write the one at an offset: more than one for an escape."""
    raw = scalar.span.source.text
    if raw[at : at + 1] == "\\" and raw.startswith('"', scalar.span.start):
        return {"x": 4, "u": 6, "U": 10}.get(raw[at + 1 : at + 2], 2)
    return 2 if raw.startswith("''", at) and raw.startswith("'", scalar.span.start) else 1


def _places(scalar: Scalar) -> tuple[int, ...]:
    """The offset in the source of each character of a scalar's text, and of its end; empty when there is no match."""
    text, span = scalar.text, scalar.span
    source, end = span.source.text, span.end
    first = source[span.start : span.start + 1]
    if scalar.plain or first not in ("'", '"', "|", ">"):
        at, quote = span.start, ""
    elif first in ("'", '"'):
        at, quote = span.start + 1, first
        end -= 1
    else:
        at, quote = source.find("\n", span.start, end) + 1, ""
        if at == 0:
            return ()
    if source[at:end] == text:
        return tuple(range(at, end + 1))
    found: list[int] = []
    index, length = 0, len(text)
    while index < length:
        if at >= end:
            # a block scalar's last line break, which its span leaves out
            found.extend([end] * (length - index) if text[index:].isspace() else ())
            break
        raw, char = source[at], text[index]
        if quote == '"' and raw == "\\":
            escaped = source[at + 1 : at + 2]
            if escaped in "\r\n":  # a continued line
                at += 2
                while at < end and source[at] in " \t\r\n":
                    at += 1
                continue
            found.append(at)
            at += {"x": 4, "u": 6, "U": 10}.get(escaped, 2)
        elif quote == "'" and raw == "'":
            found.append(at)
            at += 2
        elif char in (raw, "\ufffd") or (raw in " \t\r\n" and char in " \n"):
            found.append(at)
            at += 1
        elif raw in " \t\r\n":  # indentation, and line breaks that were folded
            at += 1
            continue
        else:
            return ()
        index += 1
    return (*found, min(at, end)) if len(found) == length else ()
