"""Whether a build stops when one of its install steps does, and whether that finds the project as it was copied."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.dockerfile import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.dockerfile import Stage
    from dockerlint_fastapi.model.install.call import Call
    from dockerlint_fastapi.model.install.distributions import Installation
    from dockerlint_fastapi.model.install.step import Step

    Rewrites = dict[Stage, int | None]  # by stage: where its first RUN begins that may write the project's files anew

# The end of the command, with what it redirects; then the end of the RUN, or another that runs only when it succeeds.
_LAST = r"(?:\s|\\\r?\n|[0-9]?>&?\s*[\w/.-]+|[)\"'\]])*(?:&&|\Z)"
_NEXT = r"\s*(?:;|\r?\n)"
_EACH = r"(?m)(?:^|[\s;&])set\s+-[a-z]*e|-o\s+errexit"
_REWRITING = (
    r"(?<![\w.-])(?:poetry|uv|pipenv)\b[^&|;\n]*[ \t](?:lock|update|upgrade|add|remove|version|init)\b"
    r"|\b(?:pyproject\.toml|poetry\.lock|uv\.lock|Pipfile)\b"
)


def stops_build(run: Run, step: Step | Call) -> bool:
    """Whether a failure of the step, or of a call, is certainly the failure of its RUN: it always runs, and nothing
    goes on behind it (`|| true`, a pipe, a `;` without `set -e`).
    """
    if step.conditional:
        return False
    behind = run.span.source.text[step.span.end : run.span.end]
    if re.match(_LAST, behind) is not None:
        return True
    return re.match(_NEXT, behind) is not None and re.search(_EACH, run.span.text) is not None


def is_rewritten(one: Installation, rewrites: Rewrites) -> bool:
    """Whether something in the build may have written the project's manifest or lock file before a step."""
    for stage in one.stage.lineage:
        if stage not in rewrites:
            rewrites[stage] = next((run.span.start for run in stage.of(Run) if _rewrites(run.span.text)), None)
        first = rewrites[stage]
        if first is not None and (stage is not one.stage or first < one.run.span.start):
            return True
    return _rewrites(one.run.span.source.text[one.run.span.start : one.step.span.start])


def _rewrites(text: str) -> bool:
    return re.search(_REWRITING, re.sub(r"--mount=\S+", "", text)) is not None
