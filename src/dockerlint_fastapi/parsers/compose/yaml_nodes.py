"""YAML text -> nodes that know their place, read as Compose reads it (go-yaml), with what it refuses as problems.

The events come from ruamel.yaml's pure Python parser; nodes are made from them here, because its composer loses where
an alias stands and because its scalar types are not those of go-yaml. `yaml_quick` reads the usual text with less work.
This module imports ruamel.yaml: import it late.
"""

from __future__ import annotations

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
)

from dockerlint_fastapi.model.compose import Entry, Literal, Mapping, Node, Scalar, Sequence
from dockerlint_fastapi.parsers.compose.yaml_quick import MAX_MERGED, YamlDocuments
from dockerlint_fastapi.parsers.compose.yaml_scanner import QuickParser, QuickReader, QuickScanner
from dockerlint_fastapi.parsers.compose.yaml_values import resolve_plain
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.source import Problem, Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

MAX_DEPTH = 100  # levels of nesting; real files stay below 15
MAX_DOCUMENTS = 100  # in one file; each is laid over those before it

# What is none of YAML's printable characters; go-yaml refuses it, and so does ruamel. (`[^…]` of the printable ones,
# with their range beyond U+FFFF, takes ten times as long to compile.)
_UNPRINTABLE = pattern("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_STAND_IN = "\ufffd"

# an anchor or a tag in front of a node, with the blanks and comments behind it
_PROPERTY = pattern(r"[&!][^\s,\[\]{}]*(?:[ \t]+|(?=[\r\n])|\Z)(?:\s+|#[^\n]*)*")
_COLON = pattern(r"[ \t]*:")
_WORD = pattern(r"\S+")


class _RefusedError(Exception):
    """Reading cannot go on; carries the problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def read_yaml(source: Source) -> YamlDocuments:
    """Every document of a YAML text. Never raises; the first error of the syntax ends it and is the last problem."""
    problems: list[Problem] = []
    text = source.text
    bad = _UNPRINTABLE.search(text)
    if bad:
        problems.append(_unprintable(source, bad.start()))
        text = _UNPRINTABLE.sub(_STAND_IN, text)
    builder = _Builder(source, text, problems)
    documents: list[Node] = []
    broken = False
    try:
        documents.extend(builder.documents())
    except _RefusedError as refused:
        problems.append(refused.problem)
        broken = True
    except MarkedYAMLError as error:
        problems.append(_syntax_problem(source, text, error))
        broken = True
    except Exception:  # noqa: BLE001 - ruamel lets ValueError, OverflowError and others out for strange escapes and directives
        at = min(builder.index, len(text))
        problems.append(Problem(_word_at(source, at), "this cannot be read as YAML", "valid YAML"))
        broken = True
    return YamlDocuments(tuple(documents), tuple(problems), broken)


def _unprintable(source: Source, at: int) -> Problem:
    char = source.text[at]
    if "\udc80" <= char <= "\udcff":
        line, column = source.position(at)
        what = f"byte 0x{ord(char) - 0xDC00:02x} in line {line}, column {column} is not UTF-8"
        return Problem(source.span(at, at + 1), what, "a file encoded as UTF-8")
    return Problem(
        source.span(at, at + 1),
        f"control character U+{ord(char):04X} is not allowed in YAML",
        f'printable text; in double quotes it can be written as "\\x{ord(char):02x}"' if ord(char) < 256 else "",
    )


class _Builder:
    """Nodes from the events of one text. `index` is how far the reading has come."""

    def __init__(self, source: Source, text: str, problems: list[Problem]) -> None:
        self.source = source
        self.text = text
        self.problems = problems
        self.index = 0
        self.anchors: dict[str, Node] = {}
        self.unfinished: set[int] = set()
        self.merged = 0
        self.stream: Iterator[Any] = iter(())

    def documents(self) -> Iterator[Node]:
        """The root node of each document."""
        yaml = YAML(typ="safe", pure=True)  # one per file: an error leaves it unusable
        yaml.Reader, yaml.Scanner, yaml.Parser = QuickReader, QuickScanner, QuickParser
        self.stream = yaml.parse(self.text)
        count = 0
        for event in self.stream:
            if isinstance(event, DocumentStartEvent):
                count += 1
                if count > MAX_DOCUMENTS:
                    at = self.source.span(event.start_mark.index, event.end_mark.index)
                    raise _RefusedError(
                        Problem(at, f"more than {MAX_DOCUMENTS} documents, which dlf does not read", "one document")
                    )
                self.anchors = {}
                yield self.node(self.following(), 1, event.end_mark.index)
            elif isinstance(event, DocumentEndEvent):
                self.index = event.end_mark.index

    def following(self) -> Any:
        """The next event."""
        return next(self.stream)

    def node(self, event: Any, depth: int, behind: int) -> Node:
        """The node that begins with an event; `behind` is where an empty one stands."""
        if isinstance(event, AliasEvent):
            return self.alias(event)
        start = event.start_mark.index
        if event.anchor is not None or event.ctag is not None:
            start = self.past_properties(start)
        if isinstance(event, ScalarEvent):
            return self.scalar(event, start, behind)
        if depth > MAX_DEPTH:
            raise _RefusedError(
                Problem(
                    self.source.span(start, min(start + 1, len(self.text))),
                    f"nested deeper than {MAX_DEPTH} levels, which dlf does not read",
                    f"at most {MAX_DEPTH} levels",
                )
            )
        if isinstance(event, MappingStartEvent):
            return self.mapping(event, start, depth)
        return self.sequence(event, start, depth)

    def past_properties(self, start: int) -> int:
        """Where a node's own text begins, behind its anchor and tag."""
        while True:
            match = _PROPERTY.match(self.text, start)
            if match is None or match.end() == start:
                return start
            start = match.end()

    def alias(self, event: Any) -> Node:
        """The anchored node once more, with the place where the alias stands."""
        use = self.source.span(event.start_mark.index, event.end_mark.index)
        self.index = use.end
        target = self.anchors.get(event.anchor)
        if target is None:
            raise _RefusedError(
                Problem(
                    use, f"the alias `*{event.anchor}` has no anchor", f"`&{event.anchor}` further up in this document"
                )
            )
        if id(target) in self.unfinished:
            self.problems.append(Problem(use, f"the anchor `&{event.anchor}` contains itself", "another value"))
            null = Scalar("", None, self.source.span(use.start, use.start))
            null.use = use
            return null
        return target.used(use)

    def scalar(self, event: Any, start: int, behind: int) -> Scalar:
        """A scalar, with the type that go-yaml gives it."""
        text: str = event.value
        plain = not event.style
        end = event.end_mark.index
        if plain and not text:
            # The parser gives an empty value the place of the next token, which may be lines below.
            start = end = behind if event.anchor is None and event.ctag is None else start
            if start > behind:
                start = end = behind + len(self.text[behind:start].rstrip())
        elif not plain and event.style in "|>":
            end = self.block_end(start, end)
        if not plain and "\ud800" <= max(text, default="") <= "\udfff" and any("\ud800" <= c <= "\udfff" for c in text):
            raise _RefusedError(
                Problem(
                    self.source.span(start, end),
                    "half of a surrogate pair as an escape",
                    "`\\U` with the whole character",
                )
            )
        tag = _short_tag(event.ctag)
        node = Scalar(
            text,
            _tagged(tag, text) if tag else resolve_plain(text) if plain else text,
            self.source.span(start, max(start, end)),
            plain=plain,
            tag=tag,
            anchor=event.anchor,
        )
        self.index = max(self.index, end)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def block_end(self, start: int, end: int) -> int:
        """The end of a block scalar without the blank lines that follow it, which only `+` keeps."""
        header = self.text[start : start + 3].partition("\n")[0]
        if "+" in header:
            return end
        return start + len(self.text[start:end].rstrip())

    def mapping(self, event: Any, start: int, depth: int) -> Mapping:
        """A mapping with its merge keys applied."""
        node = Mapping()
        node.tag, node.anchor = _short_tag(event.ctag), event.anchor
        if event.anchor is not None:
            self.anchors[event.anchor] = node
            self.unfinished.add(id(node))
        entries: list[Entry] = []
        merges: list[Node] = []
        seen: dict[str, Scalar] = {}
        end = start
        while True:
            event_ = self.following()
            if isinstance(event_, CollectionEndEvent):
                break
            key = self.node(event_, depth + 1, event_.start_mark.index)
            key_end = (key.use or key.span).end
            colon = _COLON.match(self.text, key_end)
            value = self.node(self.following(), depth + 1, colon.end() if colon else key_end)
            end = max(key_end, (value.use or value.span).end)
            if not isinstance(key, Scalar):
                self.problems.append(Problem(key.span, "a key must be a string", "`key: value`"))
                continue
            if key.text in seen:
                line, column = self.source.position(seen[key.text].span.start)
                self.problems.append(
                    Problem(
                        key.span,
                        f"duplicate key `{key.text}`: it is already defined in line {line}, column {column}",
                        "each key once in a mapping",
                    )
                )
            else:
                seen[key.text] = key
            if key.plain and key.tag in (None, "!!merge") and key.text == "<<":  # go-yaml writes the tag
                merges.extend(self.merge_sources(value))
                continue
            if not isinstance(key.value, str) and key.tag is None:
                self.problems.append(
                    Problem(key.span, f"the key `{key.text}` is not a string", f'quotes: `"{key.text}":`')
                )
            entries.append(
                Entry(key, value, False, self.source.span(key.span.start if key.use is None else key.use.start, end))
            )
        if event.flow_style and self.text[start : start + 1] == "{":
            end = event_.end_mark.index
        for source in merges:
            self.merge_into(entries, seen, source)
        node.entries = tuple(entries)
        node.span = self.source.span(start, max(start, end))
        self.unfinished.discard(id(node))
        self.index = max(self.index, end)
        return node

    def merge_sources(self, value: Node) -> list[Node]:
        """What a `<<` names: a mapping or a sequence of them."""
        sources: list[Node] = list(value.items) if isinstance(value, Sequence) else [value]
        for source in sources:
            if not isinstance(source, Mapping):
                where = source.use or source.span or value.span
                self.problems.append(
                    Problem(where, "`<<` merges mappings only", "a mapping, an alias of one, or a list of them")
                )
        return [source for source in sources if isinstance(source, Mapping)]

    def merge_into(self, entries: list[Entry], seen: dict[str, Scalar], source: Node) -> None:
        """The entries of a merged mapping whose keys are not there yet: own keys win, then the earlier source."""
        for entry in source.entries if isinstance(source, Mapping) else ():
            self.merged += 1
            if self.merged > MAX_MERGED:
                raise _RefusedError(
                    Problem(
                        source.use or source.span,
                        f"merge keys bring more than {MAX_MERGED} entries",
                        "fewer or smaller `<<` merges",
                    )
                )
            if entry.key.text not in seen:
                seen[entry.key.text] = entry.key
                entries.append(entry._replace(merged=True))

    def sequence(self, event: Any, start: int, depth: int) -> Sequence:
        """A sequence."""
        node = Sequence()
        node.tag, node.anchor = _short_tag(event.ctag), event.anchor
        if event.anchor is not None:
            self.anchors[event.anchor] = node
            self.unfinished.add(id(node))
        items: list[Node] = []
        end = start
        flow = bool(event.flow_style)
        while True:
            event_ = self.following()
            if isinstance(event_, CollectionEndEvent):
                break
            item = self.node(
                event_,
                depth + 1,
                self.behind_dash(end, event_.start_mark.index) if not flow else event_.start_mark.index,
            )
            items.append(item)
            end = max(end, (item.use or item.span).end)
        if flow:
            end = event_.end_mark.index
        node.items = tuple(items)
        node.span = self.source.span(start, max(start, end))
        self.unfinished.discard(id(node))
        self.index = max(self.index, end)
        return node

    def behind_dash(self, start: int, limit: int) -> int:
        """The place behind the next `-` of a block sequence, comments left out."""
        at = start
        while at < limit:
            char = self.text[at]
            if char == "-":
                return at + 1
            if char == "#":
                at = self.text.find("\n", at)
                if at < 0:
                    break
            at += 1
        return limit


def _short_tag(ctag: Any) -> str | None:
    """An explicit tag as written in short: `!reset`, `!!str`."""
    if ctag is None:
        return None
    return str(ctag).replace("tag:yaml.org,2002:", "!!", 1)


def _tagged(tag: str, text: str) -> Literal:
    """The value of a scalar with an explicit tag."""
    if tag in ("!!int", "!!bool", "!!float", "!!null"):
        value = resolve_plain(text)
        return float(value) if tag == "!!float" and type(value) is int else value
    return resolve_plain(text) if tag in ("!reset", "!override") else text


def _word_at(source: Source, at: int) -> Span:
    """The word that begins at an offset; empty at a line's or the file's end."""
    match = _WORD.match(source.text, at)
    return source.span(at, match.end() if match else at)


def _syntax_problem(source: Source, text: str, error: MarkedYAMLError) -> Problem:
    """The parser's complaint in plain words, at the place that has to change."""
    said = str(error.problem or error.context or "")
    at = _index(error.problem_mark, len(text))
    context = _index(error.context_mark, len(text)) if error.context_mark is not None else at
    here = _word_at(source, at)
    found = text[at : at + 1]
    if "cannot start any token" in said:
        if found == "\t":
            end = at + len(text[at:]) - len(text[at:].lstrip("\t "))
            return Problem(source.span(at, end), "a tab cannot indent YAML", "spaces")
        return Problem(here, f"`{found}` cannot begin a value", "quotes round the value")
    if "mapping values are not allowed" in said:
        return Problem(
            source.span(at, at + 1),
            "`:` does not fit here: a value cannot hold another `key: value` on its line",
            "quotes round a text with `: `, or the right indentation",
        )
    if "could not find expected ':'" in said:
        line, _ = source.position(context)
        end = source.line_span(line).end
        return Problem(source.span(context, max(context, end)), "a key without `:`", "`key: value`")
    if said in ("found unexpected end of stream", "found unexpected document separator") and error.context_mark:
        return Problem(
            source.span(context, context + 1),
            "this quote is never closed",
            f"a closing `{text[context : context + 1]}`",
        )
    if "unknown escape character" in said:
        return Problem(
            source.span(at - 1, at + len(found)),  # nothing is found at the end of the text
            f"`\\{found}` is no escape in double quotes",
            "`\\\\`, or single quotes",
        )
    if "hexdecimal" in said:
        return Problem(here, "an escape with too few hexadecimal digits", "`\\xHH`, `\\uHHHH` or `\\UHHHHHHHH`")
    for close, what in (("]", "list"), ("}", "mapping")):
        if f"expected ',' or '{close}'" in said:
            opened = text[context : context + 1]
            if source.position(at)[0] != source.position(context)[0]:
                return Problem(
                    source.span(context, context + 1), f"this `{opened}` is never closed", f"a closing `{close}`"
                )
            return Problem(
                here, f"the {what} opened by `{opened}` goes on without `,` or `{close}`", f"`,` or `{close}`"
            )
    if "expected <block end>" in said or "expected '<document start>'" in said:
        return Problem(
            here, "this does not fit the indentation of the lines above", "the indentation of its neighbours"
        )
    if "sequence entries are not allowed" in said or "mapping keys are not allowed" in said:
        return Problem(here, f"`{found}` is not allowed here", "a list item on its own line")
    if "undefined tag handle" in said:
        return Problem(here, f"the tag `{here.text}` is not known", "`!reset` or `!override`")
    if said.startswith("expected the node content"):
        return Problem(here, "a value is missing here", "a value")
    return Problem(here, f"this is not valid YAML: {said}" if said else "this is not valid YAML", "valid YAML")


def _index(mark: Any, length: int) -> int:
    return length if mark is None else min(mark.index, length)
