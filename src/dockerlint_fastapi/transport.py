"""What rules said, as plain values that JSON can hold, and back: for the cache, and for what processes tell each other.

Only the records of `source`, `finding` and `report` are known, by their names: nothing that is read can make or run
anything else. Rules go by their names, and files by their paths; whoever reads gives both.
"""

from __future__ import annotations

from dockerlint_fastapi.finding import Creation, Edit, Finding, Fix, Note
from dockerlint_fastapi.report import Diagnostic, Notice, Report, Suppression
from dockerlint_fastapi.source import Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from dockerlint_fastapi.report import RuleInfo

_RECORDS: Mapping[str, type] = {
    one.__name__: one for one in (Creation, Edit, Finding, Fix, Note, Diagnostic, Notice, Suppression)
}
_FIELDS: Mapping[type, int] = {one: len(getattr(one, "_fields")) for one in _RECORDS.values()}  # noqa: B009 - records, all of them


class NotPortableError(Exception):
    """Something that cannot be told in plain values, or plain values that tell nothing."""


class Packer:
    """Turns values into plain ones. `sources` are the files that they spoke of, in the order of their numbers."""

    def __init__(self) -> None:
        self.sources: list[Source] = []
        self._numbers: dict[int, int] = {}

    def __call__(self, value: Any) -> Any:
        """The value in plain form. Raises NotPortableError."""
        kind = type(value)
        if value is None or kind is str or kind is int or kind is bool:
            return value
        if kind is Span:
            source, start, end = value
            return [self._number(source), start, end]
        if kind is tuple:
            return ["", *(self(one) for one in value)]
        if kind is Diagnostic:
            rule, *rest = value
            return ["Diagnostic", rule.name, *(self(one) for one in rest)]
        if kind in _FIELDS:
            return [kind.__name__, *(self(one) for one in value)]
        raise NotPortableError(kind.__name__)

    def _number(self, source: Source) -> int:
        number = self._numbers.get(id(source))
        if number is None:
            number = self._numbers[id(source)] = len(self.sources)
            self.sources.append(source)
        return number


class Unpacker:
    """Turns plain values back. `source_at` gives the file of a number, `rules` the rules by name. Equal words and
    numbers become one object: rules say the same of thousands of files.
    """

    def __init__(self, source_at: Callable[[int], Source], rules: Mapping[str, RuleInfo]) -> None:
        self._source_at = source_at
        self._rules = rules
        self._known: dict[Any, Any] = {}

    def __call__(self, value: Any) -> Any:
        """The value. Raises NotPortableError for what a Packer never made."""
        kind = type(value)
        if kind is not list:
            return self._known.setdefault(value, value) if kind is str or kind is int else value
        first, *rest = value
        if type(first) is int:
            start, end = rest
            source = self._source_at(first)
            if not 0 <= start <= end <= len(source.text):
                raise NotPortableError("no place in the file")
            return Span(source, start, end)
        if first == "":
            return tuple([self(one) for one in rest])
        record = _RECORDS.get(first)
        if record is None or len(rest) != _FIELDS[record]:
            raise NotPortableError(str(first))
        if record is Diagnostic:
            return Diagnostic(self._rules[rest[0]], *(self(one) for one in rest[1:]))
        return record(*(self(one) for one in rest))


_PARTS = ("diagnostics", "suppressed", "notices", "files")


def sources_of(report: Report) -> list[Source]:
    """The files that a report speaks of."""
    pack = Packer()
    for name in _PARTS:
        for one in getattr(report, name):
            pack(one)
    return pack.sources


def packed_report(report: Report) -> dict[str, Any]:
    """A report in plain values. Raises NotPortableError for one that tells of faults of the linter: errors do not
    travel.
    """
    if report.failures:
        raise NotPortableError("failures")
    pack = Packer()
    held: dict[str, Any] = {name: pack(getattr(report, name)) for name in _PARTS}
    held["sources"] = [(source.path, source.private) for source in pack.sources]
    return held


_TOGETHER = 100  # findings, or whatever else a part of a report holds, in one piece


def report_pieces(report: Report) -> Iterator[list[Any]]:
    """What `packed_report` gives, but for the files, in pieces: the plain values of a large report take more than the
    report. Files have the numbers that they have in `sources_of`. Raises NotPortableError, maybe after some pieces.
    """
    if report.failures:
        raise NotPortableError("failures")
    pack = Packer()
    for name in _PARTS:
        values = getattr(report, name)
        for start in range(0, len(values), _TOGETHER):
            yield [name, *map(pack, values[start : start + _TOGETHER])]


class Gathered:
    """The report of such pieces. `source_at` gives the file of a number."""

    def __init__(self, source_at: Callable[[int], Source], rules: tuple[RuleInfo, ...]) -> None:
        self._unpack = Unpacker(source_at, {rule.name: rule for rule in rules})
        self._rules = rules
        self._parts: dict[str, list[Any]] = {name: [] for name in _PARTS}

    def add(self, piece: Any) -> None:
        """Takes the next piece. Raises NotPortableError, KeyError, TypeError, ValueError for what is none."""
        name, *values = piece
        self._parts[name] += map(self._unpack, values)

    def report(self) -> Report:
        """The report."""
        diagnostics, suppressed, notices, files = (tuple(self._parts[name]) for name in _PARTS)
        return Report(diagnostics, suppressed, notices, files, self._rules)


def unpacked_report(
    held: Any,
    read: Callable[[str], bytes | None],
    shown: Callable[[str], str],
    rules: tuple[RuleInfo, ...],
    known: Callable[[str], Source | None] = lambda _path: None,
) -> Report:
    """The report of plain values. `read` gives the texts that it speaks of, but for those that are `known`."""
    sources: list[Source] = []
    for path, private in held["sources"]:
        if (there := known(path)) is not None:
            sources.append(there)
            continue
        data = read(path)
        if data is None:
            raise NotPortableError(path)
        source = Source(path, data, shown(path))
        source.private = private
        sources.append(source)
    unpack = Unpacker(sources.__getitem__, {rule.name: rule for rule in rules})
    diagnostics, suppressed, notices, files = (unpack(held[name]) for name in _PARTS)
    return Report(diagnostics, suppressed, notices, files, rules)
