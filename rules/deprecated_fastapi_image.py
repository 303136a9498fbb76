"""A base image that its author has deprecated."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Container, Image
from dockerlint_fastapi.model.bases.base_image import base_image

# What others publish under these names is built on them, or in their place.
COPIES = ("uvicorn-gunicorn-fastapi", "uvicorn-gunicorn-starlette", "meinheld-gunicorn-flask")


def check(node: Image | Container) -> Iterator[Finding]:
    """Speaks of FROM for the image, and of compose's `image` for the container."""
    for pull in node.pulls:
        base = base_image(pull.reference)
        if base is None and pull.way in ("FROM", "image") and pull.reference.name in COPIES:
            message = f"`{pull.reference.repository}` has the name of an image that its author has deprecated"
            yield Finding.at(pull, message, severity="info", once="project")
        if base is None or not base.deprecated or pull.way not in ("FROM", "image"):
            continue
        name = pull.reference.repository
        if base.ended:
            tag = f"`{pull.reference.tag}` of `{name}`" if pull.reference.tag else f"`{name}`"
            message = f"{tag} is no longer built: it gets no fixes, and may vanish"
            finding = Finding.at(pull, message, first=not node.development)
            yield finding.caused_by(str(pull.reference.tag), name)  # in the Dockerfile for development, too
        else:
            message = f"`{name}` is deprecated by its author: uvicorn manages its workers itself now"
            yield Finding.at(pull, message, once="project")
