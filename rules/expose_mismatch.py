"""EXPOSE that names no port, or another one than the server's, or that is not there."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Expose, Image


def check(node: Expose | Image) -> Iterator[Finding]:
    """Speaks of each word that Docker objects to, and of the first of an image when none is the server's port."""
    if isinstance(node, Expose):
        for one in node.exposed:
            if one.fault is not None:
                yield Finding.at(one.word, f"in EXPOSE, {one.fault}")
        return
    found = node.exposure
    if found is None or found.matches is not False:
        return
    container, server = found.containers[0], found.servers[0]
    title, number = f"expose {server.port.text}", server.port.text
    if found.absent and container.as_built and not node.development:
        where = server.span if server.span.source is node.dockerfile.source else container.start_span or node.span
        message = f"the image does not say that {server.words}: `docker run -P` and proxies look for EXPOSE"
        services = any(one.service is not None for one in node.containers)
        known = services or node.project.orchestrated  # what starts it says which ports it has
        finding = Finding.at(where, message, severity="info", in_guide="off", pedantic=known, once="project")
        finding = finding if where is server.span else finding.note(server.told, "the server listens here")
        start = container.start
        yield finding.fixed_by(title, Edit.before(start, f"EXPOSE {number}\n")) if start is not None else finding
    elif found.exposes and not any(one.fault for one in found.exposes):
        word = found.exposes[0].word
        message = f"EXPOSE names {word.value}, but {server.words}: `docker run -P` and proxies go to the wrong port"
        finding = Finding.at(word, message).note(server.span, "the server listens here")
        literal = len(found.exposes) == 1 and word.text.isdecimal()
        yield finding.fixed_by(title, Edit(word.span, number)) if literal else finding
