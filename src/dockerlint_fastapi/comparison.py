"""What differs between a file before and after edits, beyond what the edits touch.

A Dockerfile is compared instruction by instruction, a script command by command, a compose file scalar by scalar with
the keys above it: each that no edit touches is read as before, at the place where the edits have moved it, and what is
new stands where an edit put it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from dockerlint_fastapi.discover import kind
from dockerlint_fastapi.finding import Edit, Finding
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose.nodes import Node
    from dockerlint_fastapi.model.dockerfile import Dockerfile
    from dockerlint_fastapi.model.shell import Script
    from dockerlint_fastapi.tree import Tree


class Item(NamedTuple):
    """Something that was read: where, and as what."""

    span: Span
    sense: tuple[object, ...]
    above: tuple[int, ...] = ()  # where the keys stand that lead to it


class Moves:
    """The way from offsets before some edits to those after."""

    def __init__(self, source: Source, edits: Iterable[Edit]) -> None:
        self.text = source.text
        self.edits = sorted(edits, key=lambda one: (one.span.start, one.span.end))
        self.ends = [one.span.end for one in self.edits]
        self.shifts = [0]
        self.regions: list[tuple[int, int]] = []  # of what is new, in the text after the edits
        for edit in self.edits:
            start = edit.span.start + self.shifts[-1]
            self.regions.append((start, start + len(edit.text)))
            self.shifts.append(self.shifts[-1] + len(edit.text) - (edit.span.end - edit.span.start))
        self.region_ends = [end for _, end in self.regions]

    def __call__(self, offset: int) -> int:
        """Where a character is afterwards that no edit removes."""
        return offset + self.shifts[bisect_right(self.ends, offset)]

    def touches(self, start: int, end: int) -> bool:
        """Whether an edit changes what stands between two offsets, or joins something to it on its own line."""
        for edit in self._near(start, end):
            if edit.span.end == start and self._apart_behind(edit):
                continue
            if edit.span.start == end and self._apart_before(edit):
                continue
            return True
        return False

    def overlaps(self, start: int, end: int) -> bool:
        """Whether an edit is within what stands between two offsets."""
        return any(edit.span.start < end and start < edit.span.end for edit in self._near(start, end))

    def is_new(self, start: int, end: int) -> bool:
        """Whether something of the text after the edits stands, in part, where an edit was."""
        at = bisect_left(self.region_ends, start)  # the first region that does not end before
        return at < len(self.regions) and self.regions[at][0] <= end

    def _near(self, start: int, end: int) -> Iterator[Edit]:
        """The edits that reach what stands between two offsets."""
        for at in range(bisect_left(self.ends, start), len(self.edits)):
            if self.edits[at].span.start > end:
                return
            yield self.edits[at]

    def _apart_behind(self, edit: Edit) -> bool:
        """Whether what follows an edit begins a line, as it did before."""
        if edit.text:
            return edit.text.endswith("\n")
        return self._begins(edit.span.start) and self._begins(edit.span.end)

    def _apart_before(self, edit: Edit) -> bool:
        """Whether what stands before an edit ends a line, as it did before."""
        if edit.text:
            return edit.text.startswith(("\n", "\r\n")) or self._begins(edit.span.start)
        return self.text.startswith(("\n", "\r\n"), edit.span.start)

    def _begins(self, offset: int) -> bool:
        return offset == 0 or self.text[offset - 1] == "\n"


def difference(
    tree: Tree, source: Source, edits: Sequence[Edit], after: bytes, findings: Sequence[Finding]
) -> str | None:
    """What is read otherwise than before some edits, though none touches it; None when there is no such thing.

    `tree` has the file as it is afterwards. Fragments that are used in several places may be edited only for `findings`
    that stand in them.
    """
    new = Source(source.path, after, source.shown)
    moves = Moves(source, edits)
    if source.undecodable() is None and new.undecodable() is not None:
        return f"{source.shown} would not be UTF-8"
    sort = kind(tree, source.path)
    if sort == "dockerfile":
        return _of_dockerfile(source, new, moves)
    if sort == "compose":
        return _of_compose(source, new, moves, findings)
    if source.path.endswith(".py"):
        broken = _is_python(source.text) and not _is_python(new.text)
        return f"{source.shown} would be no Python" if broken else None
    if source.path.endswith((".sh", ".bash")) or source.text.startswith("#!"):
        return _of_script(source, new, moves)
    return None


def _compared(before: Iterable[Item], after: Iterable[Item], moves: Moves) -> str | None:
    """Where two readings of a file do not agree."""
    found = {one.span.start: one for one in after}
    expected: set[int] = set()
    for one in before:
        start = moves(one.span.start)
        expected.add(start)
        if moves.touches(one.span.start, one.span.end):
            # what edits only adjoin is still there, though it may be longer: nothing else swallows it
            if not moves.overlaps(one.span.start, one.span.end) and start not in found:
                grown = (now for now in found.values() if now.span.start <= start < now.span.end)
                if not any(moves.is_new(now.span.start, now.span.start) for now in grown):
                    return f"line {one.span.line} of {one.span.source.shown} would be read otherwise"
            continue
        now = found.get(start)
        if now is None or now.sense != one.sense or now.above != tuple(moves(at) for at in one.above):
            return f"line {one.span.line} of {one.span.source.shown} would be read otherwise"
    for start, now in found.items():
        if start not in expected and not moves.is_new(start, now.span.end):
            return f"something new would be read in line {now.span.line} of {now.span.source.shown}"
    return None


@lru_cache(maxsize=1)
def _as_it_is(source: Source) -> Dockerfile:
    """A Dockerfile before any edit: each fix of it is compared with that."""
    from dockerlint_fastapi.parsers.dockerfile import parse_dockerfile  # noqa: PLC0415 - by kind

    return parse_dockerfile(source)


def _of_dockerfile(source: Source, new: Source, moves: Moves) -> str | None:
    from dockerlint_fastapi.parsers.dockerfile import parse_dockerfile  # noqa: PLC0415 - by kind

    before, after = _as_it_is(source), parse_dockerfile(new)
    if before.template is not None or after.template is not None:
        return f"{source.shown} is a template"
    if len(after.problems) > len(before.problems) or len(after.warnings) > len(before.warnings):
        return f"Docker would have more against {source.shown}"
    if [(one.name, one.value) for one in before.directives] != [(one.name, one.value) for one in after.directives]:
        return f"the parser directives of {source.shown} would be others"

    def items(file: Dockerfile) -> Iterator[Item]:
        for one in file.instructions:
            inner = getattr(one, "deferred", one)
            command = getattr(inner, "command", None)
            words = () if command is None else (command.exec_form, tuple(word.text for word in command.words))
            flags = tuple((flag.name, flag.raw) for flag in inner.flags)
            bodies = tuple((heredoc.name, heredoc.body) for heredoc in inner.heredocs)
            yield Item(one.full_span, (one.keyword, inner.keyword, inner.text, flags, bodies, words))

    return _compared(items(before), items(after), moves)


def _of_script(source: Source, new: Source, moves: Moves) -> str | None:
    from dockerlint_fastapi.parsers.shell import parse_script_source  # noqa: PLC0415 - by kind

    before, after = parse_script_source(source), parse_script_source(new)
    if len(after.problems) > len(before.problems):
        return f"a shell would have more against {source.shown}"

    def items(script: Script) -> Iterator[Item]:
        for one in script.commands:
            words = tuple(word.text for word in one.words)
            targets = tuple((r.operator, r.target.text if r.target is not None else None) for r in one.redirects)
            yield Item(one.span, (words, targets, one.nesting, one.before, one.after))

    return _compared(items(before), items(after), moves)


def _of_compose(source: Source, new: Source, moves: Moves, findings: Sequence[Finding]) -> str | None:
    from dockerlint_fastapi.parsers.compose import parse_compose  # noqa: PLC0415 - by kind

    before, after = parse_compose(source), parse_compose(new)
    if before.template is not None or after.template is not None:
        return f"{source.shown} is a template"
    if len(after.problems) > len(before.problems):
        return f"Compose would have more against {source.shown}"
    if (before.root is None) != (after.root is None) or len(before.documents) != len(after.documents):
        return f"{source.shown} would be read otherwise"
    reason = _compared(_scalars(before.documents), _scalars(after.documents), moves)
    if reason is not None:
        return reason
    shared = [
        one for one in _anchored(after.documents) if any(one.start <= s and e <= one.end for s, e in moves.regions)
    ]
    old = [
        one
        for one in _anchored(before.documents)
        if any(one.start <= edit.span.start and edit.span.end <= one.end for edit in moves.edits)
    ]
    places = [place for finding in findings for place in finding.told if place.source.path == source.path]
    for one in old:
        if not any(one.start <= place.start and place.end <= one.end for place in places):
            return f"what line {one.line} of {source.shown} holds is used elsewhere too"
    for one in shared:
        if not any(one.start <= moves(place.start) <= one.end for place in places):
            return f"what line {one.line} of {source.shown} holds is used elsewhere too"
    return None


def _scalars(documents: Iterable[Node]) -> Iterator[Item]:
    """Every scalar and alias of a file with the keys above it, and every empty collection, in the file's order."""
    from dockerlint_fastapi.model.compose.nodes import Mapping, Scalar  # noqa: PLC0415 - by kind
    from dockerlint_fastapi.model.compose.nodes import Sequence as Items  # noqa: PLC0415

    waiting: list[tuple[Node, tuple[int, ...]]] = [(one, ()) for one in documents]
    seen: set[int] = set()
    while waiting:
        node, above = waiting.pop()
        if node.use is not None:
            yield Item(node.use, ("alias", node.anchor), above)
            continue
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Scalar):
            if node.span.start < node.span.end:
                yield Item(node.span, (node.text, repr(node.value), node.tag, node.anchor), above)
        elif isinstance(node, Mapping):
            for entry in node.entries:
                if entry.merged:
                    continue
                key = entry.key.use or entry.key.span
                yield Item(key, ("key", entry.key.text), above)
                waiting.append((entry.value, (*above, key.start)))
        elif isinstance(node, Items):
            waiting.extend((item, (*above, -1)) for item in node.items)


def _anchored(documents: Iterable[Node]) -> list[Span]:
    """The anchored nodes of a file that an alias or `<<` uses."""
    from dockerlint_fastapi.model.compose.nodes import Mapping  # noqa: PLC0415 - by kind
    from dockerlint_fastapi.model.compose.nodes import Sequence as Items  # noqa: PLC0415

    found: list[Span] = []
    waiting = list(documents)
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if node.use is not None or id(node) in seen:
            continue
        seen.add(id(node))
        if node.anchor is not None and f"*{node.anchor}" in node.span.source.text:
            found.append(node.span)
        if isinstance(node, Mapping):
            waiting.extend(entry.value for entry in node.entries if not entry.merged)
        elif isinstance(node, Items):
            waiting.extend(node.items)
    return found


def _is_python(text: str) -> bool:
    from dockerlint_fastapi.parsers.python.syntax import tree_of  # noqa: PLC0415 - few fixes make a script

    return tree_of(text) is not None
