"""Where the entries of a TOML file stand. `tomllib` tells no places, so they are looked for in the text: an entry gets
a place only when it is the one that it can be, else that of its key, of its table, or the beginning of the file.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Callable

from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


Locate = Callable[[int, int], Span]

_HEADER = r"(?m)^[ \t]*(\[\[?)[ \t]*([^\]\r\n]+?)[ \t]*\]\]?[ \t]*(?:#[^\n]*)?\r?$"
_KEY_PARTS = r"\"([^\"]*)\"|'([^']*)'|([A-Za-z0-9_-]+)"
_KEY = r"(?m)^[ \t]*(?:\"([^\"\n]*)\"|'([^'\n]*)'|([A-Za-z0-9_-]+))[ \t]*[=.]"
MAX_CHARACTERS = 8_000_000


def load_toml(text: str) -> dict[str, Any] | None:
    """The document; None when it is none. Never raises."""
    if len(text) > MAX_CHARACTERS:
        return None
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return None


class TomlText:
    """A TOML file's text, with the places of its tables and keys."""

    def __init__(self, text: str, locate: Locate) -> None:
        self.text = text
        self.locate = locate
        self._tables: list[tuple[int, int, str]] = []  # begin, behind the header, dotted name
        for found in re.finditer(_HEADER, text):
            name = ".".join(next(filter(None, one), "") for one in re.findall(_KEY_PARTS, found[2]))
            self._tables.append((found.start(2), found.end(), name))
        self._begins = [begin for begin, _, _ in self._tables]
        self._keys: dict[tuple[int, int], dict[str, list[tuple[int, int]]]] = {}  # of each table that was asked for

    @property
    def whole(self) -> Span:
        """The beginning of the file: where something is when no better place is certain."""
        return self.locate(0, 0)

    def table(self, name: str, number: int = 0) -> tuple[int, int] | None:
        """The text behind a header up to the next one: that of the n-th table of that name; None without one."""
        count = 0
        for at, (_, end, one) in enumerate(self._tables):
            if one == name:
                if count == number:
                    return end, self._tables[at + 1][0] if at + 1 < len(self._tables) else len(self.text)
                count += 1
        return None

    def tables(self, name: str) -> list[tuple[int, int]]:
        """The texts of all tables of a name, in order."""
        return [
            (end, self._tables[at + 1][0] if at + 1 < len(self._tables) else len(self.text))
            for at, (_, end, one) in enumerate(self._tables)
            if one == name
        ]

    def header_span(self, offset: int) -> Span:
        """The name in the header in front of an offset."""
        at = bisect_right(self._begins, offset) - 1
        if at < 0:
            return self.whole
        begin, end, _ = self._tables[at]
        stop = self.text.find("]", begin, end)
        return self.locate(begin, stop if stop > 0 else begin)

    def key(self, table: str, key: str) -> tuple[int, int] | None:
        """The text of one key's value in a table, up to the next key that begins a line; None when it is not found."""
        region = self.table(table)
        if region is None:
            # `dependencies` under `[project]` may be written `project.dependencies` in the table above, or inline
            return None
        begin, end = region
        found = list(re.finditer(rf"(?m)^[ \t]*[\"']?{re.escape(key)}[\"']?[ \t]*=", self.text[begin:end]))
        if len(found) != 1:
            return None
        start = begin + found[0].end()
        # The next key of the table: a line that begins with a bare or quoted key and an equals sign.
        following = re.compile(r"(?m)^[ \t]*(?:[A-Za-z0-9_-]+|\"[^\"\n]*\")[ \t]*=").search(self.text, start, end)
        return start, following.start() if following else end

    def string(self, value: str, region: tuple[int, int] | None) -> Span:
        """Where a string stands, quotes left out; the first of several alike within a region."""
        if region is None:
            return self.whole
        begin, end = region
        places = [
            found + 1 for quoted in (f'"{value}"', f"'{value}'") if (found := self.text.find(quoted, begin, end)) >= 0
        ]
        if not places:
            return self.header_span(begin)
        return self.locate(min(places), min(places) + len(value))

    def key_span(self, table: str, key: str) -> Span:
        """Where a key of a table stands; its table's header when that is not certain."""
        region = self.table(table)
        if region is None:
            return self.whole
        found = self._keys_of(region).get(key, ())
        return self.locate(*found[0]) if len(found) == 1 else self.header_span(region[0])

    def _keys_of(self, region: tuple[int, int]) -> dict[str, list[tuple[int, int]]]:
        """Where the keys of a table stand that begin a line, by their names; of a dotted one the first part."""
        keys = self._keys.get(region)
        if keys is None:
            keys = self._keys[region] = {}
            for found in re.compile(_KEY).finditer(self.text, *region):
                part = found.lastindex or 0
                keys.setdefault(found[part], []).append(found.span(part))
        return keys
