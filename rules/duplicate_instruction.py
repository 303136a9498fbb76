"""A CMD, ENTRYPOINT or HEALTHCHECK that a later one in the same stage replaces."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Cmd, Entrypoint, Healthcheck, Instruction, Stage


def check(stage: Stage) -> Iterator[Finding]:
    """Speaks of each but the last."""
    last: dict[str, Instruction] = {}
    for instruction in reversed(stage.instructions):
        if not isinstance(instruction, (Cmd, Entrypoint, Healthcheck)):
            continue
        kept = last.setdefault(instruction.keyword, instruction)
        if kept is not instruction:
            keyword = instruction.keyword
            finding = Finding.at(
                instruction, f"this `{keyword}` does nothing: of several in a stage only the last one counts"
            ).note(kept.keyword_span, f"this `{keyword}` counts")
            yield finding.fixed_by("remove it", edits.dockerfile.without(instruction), safe=False)
