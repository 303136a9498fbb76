"""Sources of COPY, ADD and bind mounts that are not in the build context."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.context.image_build import ImageBuild
from dockerlint_fastapi.model.context.passage import Passage


def check(image: Image) -> Iterator[Finding]:
    """Speaks where it is known from which folder the image is built, and of readmes that no COPY brings."""
    yield from _readmes(image)
    secrets = {copy.span for copy in image.secret_copies}
    for build in (build for build in image.builds if build.certain):
        for passage in build.missing:
            ignored = build.git_ignores(passage.source or "")
            if passage.glob is not None and (passage.source or "").endswith((".crt", ".cer", ".pem")):
                continue  # whose network looks into TLS puts its certificates there, and nobody else has any
            if passage.glob is None and (passage.is_built or (passage.span in secrets and ignored)):
                continue  # another tool makes it before the build, or copied-secret-file says to copy it no more
            if passage.glob is None and not passage.outside and build.is_made(passage):
                continue
            yield _finding(build, passage, ignored=ignored)


def _finding(build: ImageBuild, passage: Passage, *, ignored: bool) -> Finding:
    where = f"`{build.context}`" if build.context else "the build context"
    severity, told = "warning", False
    if passage.glob is not None:
        message = f"`{passage.source}` matches nothing in {where}: nothing is copied"
    elif ignored:
        message = f"`{passage.source}` is not in {where}, and git ignores it: something has to make it first"
        told = build.is_told_of(passage)
    else:
        message = f"`{passage.source}` is not in {where}: the build stops here"
        if passage.outside:
            message = f"`{passage.text}` leads out of the build context: Docker looks for `{passage.source}` in it"
        if not build.image.is_unclaimed:  # whoever builds the other kind does so by hand, if anybody does
            severity = "error"
    return Finding.at(passage.span, message, severity=severity, pedantic=told)


def _readmes(image: Image) -> Iterator[Finding]:
    for need in image.uncopied_readmes:
        name = need.place.rpartition("/")[2]
        yield Finding.at(
            need.span,
            f"`{need.message}` builds the project, whose readme `{name}` no `COPY` brings: the build stops here",
            help=f"copy `{name}` too, or leave the project itself out of this step",
        )
