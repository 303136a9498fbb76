"""EXPOSE that names no port, or another one than the server's, or that is not there."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding, edits
from dockerlint_fastapi.model import Container, Expose, Image
from dockerlint_fastapi.model.network.exposed import Exposure
from dockerlint_fastapi.model.network.listening import Listening


def check(node: Expose | Image) -> Iterator[Finding]:
    """Speaks of each word that Docker objects to, and of the first of an image when none is the server's port."""
    if isinstance(node, Expose):
        yield from _words(node)
        return
    found = node.exposure
    if found is None or found.matches is not False:
        return
    container, server = found.containers[0], found.servers[0]
    number = server.port.text
    if found.absent and container.as_built and not node.development:
        if not server.is_assigned and node.host is None:
            yield _absent(node, container, server)
    elif found.exposes and not any(one.fault and not one.dropped for one in found.exposes):
        word = found.exposes[0].word
        named = (word.value or "").rpartition(":")[2]
        message = f"EXPOSE names {named}, but {server.words}: `docker run -P` and proxies go to the wrong port"
        finding = Finding.at(word, message, severity=_severity(found))
        finding = finding.note(server.span, "the server listens here")
        old = word.text.removesuffix("/tcp")
        literal = len(found.exposes) == 1 and old.isdecimal()
        change = Edit(word.span, word.text.replace(old, number)) if literal else None
        yield finding.fixed_by(f"expose {number}", change, safe=not found.seconded, names="exposed")


def _severity(found: Exposure) -> str | None:
    """Milder where the image starts no server by itself: what a service adds may be meant for another port. And where
    services publish the right port: nobody goes by the wrong one.
    """
    if any(one.as_built for one in found.containers):
        return "warning" if found.bypassed else None
    return "info" if all(one.development for one in found.containers) else "warning"


def _absent(image: Image, container: Container, server: Listening) -> Finding:
    """What to say of an image that exposes nothing."""
    start = container.start
    where = server.span if server.span.source is image.dockerfile.source else container.start_span or image.span
    message = f"the image does not say that {server.words}: `docker run -P` and proxies look for EXPOSE"
    services = any(one.service is not None for one in image.containers)
    known = services or image.orchestrated  # what starts it says which ports it has
    finding = Finding.at(where, message, severity="info", in_guide="off", pedantic=known, once="project")
    finding = finding if where is server.span else finding.note(server.told, "the server listens here")
    stage = next((one for one in image.lineage if start in one.instructions), None)
    change = edits.dockerfile.exposing(stage, server.port.text) if stage is not None else None
    return finding.fixed_by(f"expose {server.port.text}", change, names="exposed")


def _words(expose: Expose) -> Iterator[Finding]:
    """Speaks of each word that Docker objects to. What it drops works until a release refuses it."""
    for one in expose.exposed:
        if one.fault is not None:
            severity = "warning" if one.dropped else None
            finding = Finding.at(one.word, f"in EXPOSE, {one.fault}", severity=severity)
            port = one.word.text.rpartition(":")[2] if one.ports is not None and '"' not in one.word.text else ""
            yield finding.fixed_by(f"expose {port}", Edit(one.word.span, port) if port else None, names="exposed")
