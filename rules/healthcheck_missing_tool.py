"""A health check that calls a program which the image does not have."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container, Image


def check(node: Image | Container) -> Iterator[Finding]:
    """Speaks of HEALTHCHECK for the image, and of compose's `healthcheck` for the container."""
    image, probe = node if isinstance(node, Image) else node.image, node.probe
    lacks = probe.lacks(image) if image is not None and probe is not None else ()
    if not lacks or image is None:
        return
    first, names = lacks[0], " nor ".join(f"`{lack.program}`" for lack in lacks)
    if first.is_shell:
        message = f"the health check is run by the shell {names}, which the image does not have: it can never pass"
    elif len(lacks) == 1:
        message = f"the health check calls {names}, which the image does not have: it can never pass"
    else:
        message = f"the image has neither {names}: the health check can never pass"
    base = image.lineage[0].from_.image
    removed = image.base is not None and image.base.contains(first.program)
    reason = (
        "has it, but a later step takes it away" if removed else "comes without it, and no later step adds it to stay"
    )
    finding = Finding.at(first.span, message).note(base, f"`{image.base_name}` {reason}")
    change = edits.health.instead(node, probe) if probe is not None else None
    yield (
        finding
        if change is None
        else finding.fixed_by("ask in Python", change[0], safe=change[1], names="health check")
    )
