"""A health check that calls a program which the image does not have."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container, Image
from dockerlint_fastapi.model.health.probe import Lack, Probe
from dockerlint_fastapi.model.health.published_images import instead, lacking

ASK = "ask with `urllib.request`, which every Python has"


def check(node: Image | Container) -> Iterator[Finding]:
    """Speaks of HEALTHCHECK for the image, and of compose's `healthcheck` for the container."""
    image, probe = node if isinstance(node, Image) else node.image, node.probe
    if image is None:
        yield from _of_published(node, probe)
        return
    lacks = probe.lacks(image) if probe is not None else ()
    if not lacks:
        return
    first, message = lacks[0], _message(lacks)
    if first.is_module:
        yield _of_module(node, image, first, message)
        return
    base = image.lineage[0].from_.image
    removed = image.base is not None and image.base.contains(first.program)
    reason = (
        "has it, but a later step takes it away" if removed else "comes without it, and no later step adds it to stay"
    )
    mild = node.development or (isinstance(node, Image) and _is_replaced(node))
    finding = Finding.at(first.span, message, severity="warning" if mild else None, help=_without_python(image)).note(
        base, f"`{image.base_name}` {reason}"
    )
    change = edits.health.instead(node, probe) if probe is not None else None
    yield (
        finding
        if change is None
        else finding.fixed_by("ask in Python", change[0], safe=change[1], names="health check")
    )


def _without_python(image: Image) -> str | None:
    """What an image without Python has to ask with; None where it may have Python, of which the page speaks."""
    if image.python:
        return None
    if image.has("wget"):
        return "ask with `wget -q -O /dev/null`, which the image has"
    if image.has("node"):
        return "ask with `node -e \"fetch('http://localhost:3000/').then(r => process.exit(r.ok ? 0 : 1))\"`"
    if image.python is None:
        return None
    return "ask with a program that the image has, or install that one"


def _of_module(node: Image | Container, image: Image, lack: Lack, message: str) -> Finding:
    """On what a check in Python imports."""
    severity = None if lack.certain and not node.development else "warning"
    finding = Finding.at(lack.span, message, severity=severity, help=f"{ASK}, or install `{lack.program}`")
    return finding.note(image.installed.steps[-1].step.head, "what the image has installed ends with this step")


def _is_replaced(image: Image) -> bool:
    """Whether services start the image, and each has a health check of its own."""
    services = [one for one in image.containers if one.service is not None]
    return bool(services) and all(one.probe is not None and one.probe is not image.probe for one in services)


def _message(lacks: tuple[Lack, ...]) -> str:
    names = " nor ".join(f"`{lack.program}`" for lack in lacks)
    if lacks[0].is_shell:
        return f"the health check is run by the shell {names}, which the image does not have: it can never pass"
    if lacks[0].is_module:
        return f"the health check imports {names}, which nothing installs in the image: it can never pass"
    if len(lacks) == 1:
        return f"the health check calls {names}, which the image does not have: it can never pass"
    return f"the image has neither {names}: the health check can never pass"


def _of_published(node: Image | Container, probe: Probe | None) -> Iterator[Finding]:
    """The same of an image that others build, where its maker's Dockerfile is known."""
    for pull in node.pulls if isinstance(node, Container) and probe is not None else ():
        lacks = lacking(probe, pull.reference) if probe is not None else ()
        if lacks:
            severity = "warning" if node.development else None
            finding = Finding.at(
                lacks[0].span, _message(lacks), severity=severity, help="ask with a program that the image has"
            )
            said = instead(pull.reference)
            finding = finding._replace(help=f"ask {said}") if said is not None else finding
            yield finding.note(pull.span, "its maker leaves that out")
