"""One fault, one finding: where rules overlap, the more specific one speaks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dockerlint_fastapi.report import Diagnostic
from dockerlint_fastapi.source import Source, Span


def most_specific(said: Iterable[tuple[object, list[Diagnostic]]]) -> Iterator[list[Diagnostic]]:
    """What rules said of each node, without what a more specific rule says too: of the same node, or of a place that
    overlaps, or for the same `Finding.cause`. Which rule supersedes which stands on the page of the more specific one.
    A finding that the settings leave out supersedes nothing.
    """
    groups = [(node, group) for node, group in said if group]
    nodes: dict[str, set[int]] = {}  # by the rule that is superseded: of which nodes, and where, another one speaks
    places: dict[tuple[str, Source], list[Span]] = {}
    causes: set[tuple[str, str | None]] = set()
    for node, group in groups:
        for one in group:
            if one.severity != "off":
                for name in one.rule.supersedes:
                    nodes.setdefault(name, set()).add(id(node))
                    places.setdefault((name, one.finding.span.source), []).append(one.finding.span)
                    causes.add((name, one.finding.cause))
    for node, group in groups:
        yield [
            one
            for one in group
            if one.rule.name not in nodes
            or not (
                id(node) in nodes[one.rule.name]
                or (one.finding.cause is not None and (one.rule.name, one.finding.cause) in causes)
                or _overlaps(one.finding.span, places.get((one.rule.name, one.finding.span.source), ()))
            )
        ]


def _overlaps(one: Span, others: Iterable[Span]) -> bool:
    return any(max(one.start, other.start) < min(one.end, other.end) for other in others)
