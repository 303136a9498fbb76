"""An image from elsewhere that is named without a version."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Container, Image


def check(node: Image | Container) -> Iterator[Finding]:
    """Speaks of FROM, COPY and mounts for the image, and of compose's `image` for the container."""
    for pull in node.pulls:
        reference = pull.reference
        certain = pull.way != "image" or reference.is_public
        severity = "warning" if reference.drift == "latest" and certain and not node.development else "info"
        again = "the next pull may bring another version"
        if reference.drift == "latest":
            message = f"`{reference.text}` is whatever is newest on the day it is pulled: {again}"
            yield Finding.at(pull, message, severity=severity)
        elif reference.drift == "series":
            message = f"the tag `{reference.tag or 'latest'}` of `{reference.full_repository}` moves on: {again}"
            yield Finding.at(pull, message, severity=severity)
