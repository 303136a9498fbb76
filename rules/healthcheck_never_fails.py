"""A health check that passes although the server answers with an error."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Container, Image

MESSAGES = {
    "curl": "`curl` without `-f` ends well for a 500 too: the container never becomes unhealthy while the server runs",
    "python": "this request takes a 500 for an answer like any other: the container never becomes unhealthy",
    "ends": "`{}` makes the health check pass whatever came before: the container can never become unhealthy",
}


def check(node: Image | Container) -> Iterator[Finding]:
    """Speaks of HEALTHCHECK for the image, and of compose's `healthcheck` for the container."""
    image, probe = node if isinstance(node, Image) else node.image, node.probe
    found = probe.never_fails if probe is not None else None
    if found is None or probe is None or image is None or not (image.python or image.serves):
        return
    finding = Finding.at(found.span, MESSAGES[found.kind].format(found.span.text.strip("\"'")))
    if found.kind == "curl" and probe.script is not None and found.span.text == "curl":
        finding = finding.fixed_by("fail on errors", Edit.behind(found.span, " -f"))
    yield finding
