"""One fault, one finding: where rules overlap, the more specific one speaks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dockerlint_fastapi.report import Diagnostic
from dockerlint_fastapi.source import Span


def most_specific(said: Iterable[tuple[object, list[Diagnostic]]]) -> Iterator[list[Diagnostic]]:
    """What rules said of each node, without what a more specific rule says too: of the same node, or of a place that
    overlaps. Which rule supersedes which stands on the page of the more specific one. A finding that the settings leave
    out supersedes nothing.
    """
    groups = [(node, group) for node, group in said if group]
    told: dict[str, list[tuple[object, Span]]] = {}
    for node, group in groups:
        for one in group:
            if one.severity != "off":
                for name in one.rule.supersedes:
                    told.setdefault(name, []).append((node, one.finding.span))
    for node, group in groups:
        yield [one for one in group if not _is_told(node, one.finding.span, told.get(one.rule.name, ()))]


def _is_told(node: object, span: Span, others: Iterable[tuple[object, Span]]) -> bool:
    return any(node is other or _overlap(span, place) for other, place in others)


def _overlap(one: Span, other: Span) -> bool:
    return one.source is other.source and max(one.start, other.start) < min(one.end, other.end)
