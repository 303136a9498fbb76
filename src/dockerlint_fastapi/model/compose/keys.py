"""Keys of a compose file that the specification does not know, and the one that was probably meant.

Compose refuses a file for an unknown key. The specification grows, so that only a key that is spelt almost like a known
one of the same place counts.
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.compose.nodes import Entry, Mapping, Node, Scalar, Sequence
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.spelling import edits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.source import Span

_LONGEST = 40  # letters of a key that is compared


class UnknownKey(NamedTuple):
    """One key that Compose does not know where it stands. `meant` is the known key that it is spelt like, `wrong` the
    number of letters in which they differ.
    """

    key: Scalar
    meant: str
    where: str  # the key that holds it, such as `build`; the service's name; "" at the top
    taken: Span | None  # where the known key stands beside it, if it does
    wrong: int

    @property
    def span(self) -> Span:
        """The key."""
        return self.key.span


def unknown_keys(root: Node | None) -> Iterator[UnknownKey]:
    """The misspelt keys of one document, each place once, however often an alias repeats it."""
    known = {path: frozenset(names.split()) for path, names in table("compose_keys")["keys"].items()}
    parts = frozenset(path[:at] for path in known for at in range(len(path) + 1) if path[at : at + 1] in ("", "."))
    seen: set[tuple[int, str]] = set()
    told: set[Span] = set()
    waiting: list[tuple[Node | None, str, str]] = [(root, "", "")]
    while waiting:
        node, path, name = waiting.pop()
        if isinstance(node, Sequence):
            waiting.extend((item, path, name) for item in reversed(node.items) if isinstance(item, Mapping))
        if not isinstance(node, Mapping) or (id(node.entries), path) in seen:
            continue
        seen.add((id(node.entries), path))
        inside: list[tuple[Node | None, str, str]] = []
        for entry in node:
            key = entry.key.text
            below = f"{path}.*" if f"{path}.*" in parts else f"{path}.{key}" if path else key
            if path in known and below not in parts and key not in known[path]:
                found = _misspelt(entry, node, known[path], name)
                if found is not None and found.span not in told:
                    told.add(found.span)
                    yield found
            elif below in parts:
                inside.append((entry.value, below, key))
        waiting.extend(reversed(inside))


def _misspelt(entry: Entry, holder: Mapping, known: frozenset[str], where: str) -> UnknownKey | None:
    key = entry.key.text
    if key.startswith("x-") or len(key) > _LONGEST or key in table("compose_keys")["old"].split():
        return None
    if not isinstance(entry.key.value, str) or entry.value.tag in ("!reset", "!override"):
        return None
    written = key.lower().replace("-", "_")  # neither counts
    likely = sorted((edits(written, name.lower(), 3), name) for name in known if abs(len(name) - len(key)) <= 2)
    if not likely:
        return None
    distance, meant = likely[0]
    # two wrong letters of four make another word, and so does one of three
    if distance > (2 if len(meant) > 5 else 1 if len(meant) > 3 else 0) or (
        len(likely) > 1 and likely[1][0] == distance
    ):
        return None
    beside = holder.entry(meant)
    return UnknownKey(entry.key, meant, where, beside.key.span if beside is not None else None, distance)
