"""YAML of the usual kind -> nodes, in one pass and without ruamel.yaml.

Nearly all compose files are one document of block mappings and lists, plain keys, and values on one line: plain, quoted
without escapes, lists in brackets, literal blocks, anchors and aliases. `read_quickly` makes of such a text the same
nodes as `yaml_nodes.read_yaml` does, several times as fast. Whatever is of another kind, or wrong, it leaves alone: it
says nothing of it, and the text is read once more, from its beginning, by that one. `tests/test_yaml_quick.py` holds
the two to the same nodes.
"""

from __future__ import annotations

from dockerlint_fastapi.model.compose import Entry, Mapping, Node, Scalar, Sequence
from dockerlint_fastapi.parsers.compose.yaml_values import resolve_plain
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Problem, Source, Span

MAX_MERGED = 100_000  # entries that `<<` may bring; Compose itself gives up after visiting 100,000 nodes
_MAX_DEPTH = 50


class YamlDocuments(NamedTuple):
    """The documents of one YAML text. `broken` is True when reading stopped at the last problem."""

    documents: tuple[Node, ...]
    problems: tuple[Problem, ...]
    broken: bool


# Characters that are not printable, line ends but the line feed, tabs, the byte order mark.
_UNUSUAL = pattern("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
# From the end of a line: empty lines and comments, and the indentation of the line behind them.
_NEXT = pattern(r"(?: *(?:#[^\n]*)?\n)*( *)")
_FIRST = pattern(r"(?: *(?:#[^\n]*)?\n)*--- *(?:#[^\n]*)?\n")
_KEY = pattern(r"(?:[A-Za-z_0-9./$~][^\n :#,\[\]{}\"'&*!|>%@`?\\]{0,200}|<<):(?=[ \n]) *(?:#(?<= #)[^\n]*)?")
_PLAIN = pattern(
    r"(?:[A-Za-z0-9_/$~.+(=^;\\]|-(?=[^ \n]))[^\n:# ]*(?:(?::(?![ \n])|(?<=[^ ])#| +(?![ #\n]))[^\n:# ]*)*"
)
_QUOTED = pattern(r"\"[^\"\\\n]*\"|'[^'\n]*'")
# An item of a list in brackets, with what ends it.
_ITEM = pattern(
    r" *(?:(\"[^\"\\\n]*\"|'[^'\n]*')"
    r"|((?:[A-Za-z0-9_/$~.]|-(?=[A-Za-z0-9-]))[^\n,\[\]{}:#'\"? ]*)"
    r"|\*([A-Za-z0-9_-]+)) *([,\]])"
)
_ANCHOR = pattern(r"&([A-Za-z0-9_-]+)(?: +(?=[^ #\n])|(?= *\n))")
_ALIAS = pattern(r"\*([A-Za-z0-9_-]+)")
_END = pattern(r" *(?:(?<= )#[^\n]*)?\n")  # what may follow a value on its line
_DASH = pattern(r"- +(?=[^ #\n])")
_LITERAL = pattern(r"\|(-?) *\n")
_SPACES = pattern(r" *")


class _UnusualError(Exception):
    """The text is of another kind."""


def read_documents(source: Source) -> YamlDocuments:
    """Every document of a YAML text, by the shorter way where that can be. Never raises."""
    read = read_quickly(source)
    if read is None:
        # ruamel.yaml takes 23 ms to import
        from dockerlint_fastapi.parsers.compose.yaml_nodes import read_yaml  # noqa: PLC0415

        read = read_yaml(source)
    return read


def read_quickly(source: Source) -> YamlDocuments | None:
    """The document of a text of the usual kind; None for any other text."""
    text = source.text
    if _UNUSUAL.search(text) is not None:
        return None
    reader = _Reader(source, text if text.endswith("\n") else text + "\n", whole=text.endswith("\n"))
    try:
        return YamlDocuments((reader.document(),), (), False)
    except _UnusualError:
        return None


class _Reader:
    """Reads one text. `at` is the place of the next content, `indent` its column when a line begins with it."""

    __slots__ = ("anchors", "at", "indent", "length", "merged", "source", "text", "whole")

    def __init__(self, source: Source, text: str, *, whole: bool) -> None:
        self.source = source
        self.text = text
        self.whole = whole  # the last line of the file has an end
        self.length = len(text)
        self.at = self.indent = 0
        self.anchors: dict[str, Node] = {}
        self.merged = 0

    def document(self) -> Node:
        """The root, which is a block mapping at the margin."""
        start = _FIRST.match(self.text)
        self.go_on(start.end() if start is not None else 0)
        if self.indent or self.at == self.length:
            raise _UnusualError
        node = self.mapping(0, 1)
        if self.at != self.length:
            raise _UnusualError
        return node

    def go_on(self, at: int) -> None:
        """Goes to the next content, from a line's beginning."""
        found = _NEXT.match(self.text, at)
        self.at = end = found.end()  # type: ignore[union-attr]  # it matches anywhere
        self.indent = end - found.start(1) if end < self.length else -1  # type: ignore[union-attr]

    def mapping(self, indent: int, depth: int) -> Mapping:
        """A block mapping whose keys stand in one column, from the first one."""
        if depth > _MAX_DEPTH:
            raise _UnusualError
        text, source = self.text, self.source
        begin = self.at
        entries: list[Entry] = []
        merges: list[Node] = []
        seen: dict[str, Scalar] = {}
        end = begin
        while True:
            at = self.at
            found = _KEY.match(text, at)
            if found is None:
                raise _UnusualError
            colon = text.index(":", at)
            name = text[at:colon]
            if name in seen:
                raise _UnusualError
            value_of_name = resolve_plain(name)
            if not isinstance(value_of_name, str):
                raise _UnusualError
            key = Scalar(name, value_of_name, Span(source, at, colon))
            seen[name] = key
            value = self.value(found.end(), colon + 1, indent, depth)
            end = (value.use or value.span).end
            if name == "<<":
                merges.extend(value.items if isinstance(value, Sequence) else (value,))
            else:
                entries.append(Entry(key, value, False, Span(source, at, end)))
            if self.indent != indent:
                if self.indent > indent:
                    raise _UnusualError
                break
        for one in merges:
            self.merge(entries, seen, one)
        node = Mapping()
        node.entries = tuple(entries)
        node.span = Span(source, begin, end)
        return node

    def merge(self, entries: list[Entry], seen: dict[str, Scalar], node: Node) -> None:
        """The entries of a merged mapping whose keys are not there yet."""
        if not isinstance(node, Mapping):
            raise _UnusualError
        self.merged += len(node.entries)
        if self.merged > MAX_MERGED:
            raise _UnusualError
        for entry in node.entries:
            if entry.key.text not in seen:
                seen[entry.key.text] = entry.key
                entries.append(entry._replace(merged=True))

    def sequence(self, indent: int, depth: int) -> Sequence:
        """A block sequence whose dashes stand in one column."""
        if depth > _MAX_DEPTH:
            raise _UnusualError
        text = self.text
        begin = self.at
        items: list[Node] = []
        while True:
            found = _DASH.match(text, self.at)
            if found is None:
                raise _UnusualError
            at = found.end()
            if _KEY.match(text, at) is not None:
                column = indent + at - self.at
                self.at = at
                items.append(self.mapping(column, depth + 1))
            else:
                items.append(self.value(at, -1, indent, depth))
            if self.indent != indent or text[self.at] != "-":
                if self.indent > indent:
                    raise _UnusualError
                break
        node = Sequence()
        node.items = tuple(items)
        last = items[-1]
        node.span = Span(self.source, begin, (last.use or last.span).end)
        return node

    def value(self, at: int, behind: int, indent: int, depth: int) -> Node:
        """What stands behind a key or a dash; `behind` is the place behind the key's colon, where an empty value is."""
        text = self.text
        first = text[at]
        if first == "&":
            found = _ANCHOR.match(text, at)
            if found is None or found[1] in self.anchors or text.startswith(("&", "*"), found.end()):
                raise _UnusualError
            node = self.value(found.end(), -1, indent, depth) if behind < 0 else self.behind(found.end(), indent, depth)
            node.anchor = found[1]
            self.anchors[found[1]] = node
            return node
        if first == "\n":
            return self.below(at, behind, indent, depth)
        if first == "*":
            found = _ALIAS.match(text, at)
            if found is None:
                raise _UnusualError
            node = self.alias(found[1], at)
            end = found.end()
        elif first == '"' or first == "'":  # noqa: PLR1714 - asked of every value
            found = _QUOTED.match(text, at)
            if found is None:
                raise _UnusualError
            end = found.end()
            inner = text[at + 1 : end - 1]
            node = Scalar(inner, inner, Span(self.source, at, end), plain=False)
        elif first == "[":
            node = self.brackets(at)
            end = node.span.end
        elif first == "{" and text.startswith("{}", at):
            end = at + 2
            node = Mapping.of((), Span(self.source, at, end))
        elif first == "|":
            return self.literal(at, indent)
        else:
            found = _PLAIN.match(text, at)
            if found is None:
                raise _UnusualError
            end = found.end()
            plain = found[0]
            node = Scalar(plain, resolve_plain(plain), Span(self.source, at, end))
        tail = _END.match(text, end)
        if tail is None:
            raise _UnusualError
        self.go_on(tail.end())
        if self.indent > indent:  # it may go on there
            raise _UnusualError
        return node

    def behind(self, at: int, indent: int, depth: int) -> Node:
        """What an anchor behind a key is of; there must be something."""
        node = self.value(at, at, indent, depth)
        if node.place.start == node.place.end:
            raise _UnusualError
        return node

    def below(self, at: int, behind: int, indent: int, depth: int) -> Node:
        """The block below a key; or nothing, which is null."""
        if behind < 0:
            raise _UnusualError
        self.go_on(at + 1)
        inner, text = self.indent, self.text
        if inner > indent:
            if text[self.at] == "-":
                return self.sequence(inner, depth + 1)
            return self.mapping(inner, depth + 1)
        if inner == indent and text.startswith("- ", self.at):
            return self.sequence(indent, depth + 1)
        return Scalar("", None, Span(self.source, behind, behind))

    def alias(self, name: str, at: int) -> Node:
        """The anchored node once more."""
        target = self.anchors.get(name)
        if target is None:
            raise _UnusualError
        return target.used(Span(self.source, at, at + 1 + len(name)))

    def brackets(self, at: int) -> Sequence:
        """A list in brackets, on one line, of scalars and aliases."""
        text, source = self.text, self.source
        end = _SPACES.match(text, at + 1).end()  # type: ignore[union-attr]  # it matches anywhere
        items: list[Node] = []
        if text[end] != "]":
            end = at + 1
            while True:
                found = _ITEM.match(text, end)
                if found is None:
                    raise _UnusualError
                end = found.end()
                which = 1 if found[1] is not None else 2 if found[2] is not None else 3
                begin, stop = found.span(which)
                if which == 1:
                    inner = text[begin + 1 : stop - 1]
                    items.append(Scalar(inner, inner, Span(source, begin, stop), plain=False))
                elif which == 2:
                    plain = found[2]
                    items.append(Scalar(plain, resolve_plain(plain), Span(source, begin, stop)))
                else:
                    items.append(self.alias(found[3], begin - 1))
                if found[4] == "]":
                    break
        else:
            end += 1
        node = Sequence()
        node.items = tuple(items)
        node.span = Span(source, at, end)
        return node

    def literal(self, at: int, indent: int) -> Scalar:
        """A block that begins with `|` or `|-`, and whose first line is not empty."""
        text = self.text
        head = _LITERAL.match(text, at)
        if head is None:
            raise _UnusualError
        begin = head.end()
        inner = _SPACES.match(text, begin).end() - begin  # type: ignore[union-attr]  # it matches anywhere
        if inner <= indent or text[begin + inner : begin + inner + 1] in ("", "\n"):
            raise _UnusualError
        margin = " " * inner
        rows: list[str] = []
        line = begin
        while line < self.length:
            stop = text.index("\n", line)
            if text.startswith(margin, line):
                rows.append(text[line + inner : stop])
            elif text[line:stop].strip(" "):
                break
            else:
                rows.append("")
            line = stop + 1
        if line == self.length and not self.whole:
            raise _UnusualError  # the last line has no end, and so has the value none
        while not rows[-1]:
            rows.pop()
        if not rows[-1].strip(" "):
            raise _UnusualError
        said = "\n".join(rows) + ("" if head[1] else "\n")
        end = at + len(text[at:line].rstrip())
        self.go_on(line)
        if self.indent > indent:
            raise _UnusualError
        return Scalar(said, said, Span(self.source, at, end), plain=False)
