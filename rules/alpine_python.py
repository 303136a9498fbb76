"""Python on Alpine, where distributions without wheels for musl are compiled."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image


def check(image: Image) -> Iterator[Finding]:
    cost = image.musl_cost
    if cost is None:
        return
    severity = "info" if image.development else None
    change = None if image.uses_alpine else edits.bases.slim(image, image.lineage[0])
    if cost.kind == "no wheel":
        message = f"the libc of Alpine is musl, for which `{cost.name}` has no wheel: it is compiled, slowly, or fails"
        finding = Finding.at(cost, message, severity=severity).note(cost.word, "asked for here")
        yield finding.fixed_by("take the slim one", change, safe=False, names="base")
    elif cost.kind == "compiled":
        message = f"on Alpine this build brings `{cost.name}` to compile, where slim images get nearly all as wheels"
        yield Finding.at(cost, message, severity=severity).note(cost.word, "installed here")
    elif not image.development:
        message = "the libc of Alpine is musl: what has no wheels for it is compiled; memory and DNS behave otherwise"
        finding = Finding.at(cost, message, severity="info", pedantic=True)
        yield finding.fixed_by("take the slim one", change, safe=False, names="base")
