"""Here-documents behind instructions that take none: Docker reads their lines as instructions."""

from __future__ import annotations

import re

from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerlint_fastapi.model.dockerfile import Dockerfile

_TAKE = frozenset(("RUN", "COPY", "ADD"))
_OPENS = r"(?<!<)<<-?[ \t]*([\"']?)([A-Za-z_]\w*)\1"


class StrayDocument(NamedTuple):
    """One of them: `span` is what opens it, `lines` go up to the mark that was to end it."""

    keyword: str
    span: Span
    lines: Span

    def holds(self, span: Span) -> bool:
        """Whether something stands in it."""
        return self.lines.start <= span.start < self.lines.end


def stray_documents(dockerfile: Dockerfile) -> Iterator[StrayDocument]:
    """The here-documents that are none, each with a line that is its mark alone."""
    source = dockerfile.source
    for one in dockerfile.instructions if "<<" in source.text else ():
        found = re.search(_OPENS, one.span.text) if one.keyword not in _TAKE else None
        end = None
        if found is not None:
            end = re.compile(rf"(?m)^[ \t]*{found[2]}[ \t]*\r?$").search(source.text, one.span.end)
        if found is not None and end is not None:
            start = one.span.start + found.start()
            yield StrayDocument(
                one.keyword, source.span(start, one.span.start + found.end()), source.span(one.span.end, end.end())
            )
