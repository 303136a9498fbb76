"""Sources of COPY, ADD and bind mounts that are not in the build context."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Image


def check(image: Image) -> Iterator[Finding]:
    """Speaks where it is known from which folder the image is built, and of readmes that no COPY brings."""
    yield from _readmes(image)
    secrets = {copy.span for copy in image.secret_copies}
    for build in (build for build in image.builds if build.certain):
        for passage in build.missing:
            where = f"`{build.context}`" if build.context else "the build context"
            if passage.glob is not None:
                yield Finding.at(
                    passage.span,
                    f"`{passage.source}` matches nothing in {where}: nothing is copied",
                    severity="warning",
                )
            elif passage.is_built or (passage.span in secrets and build.git_ignores(passage.source or "")):
                continue  # another tool makes it before the build, or copied-secret-file says to copy it no more
            elif build.git_ignores(passage.source or ""):
                yield Finding.at(
                    passage.span,
                    f"`{passage.source}` is not in {where}, and git ignores it: something has to make it first",
                    severity="warning",
                )
            elif passage.outside:
                yield Finding.at(
                    passage.span,
                    f"`{passage.text}` leads out of the build context: Docker looks for `{passage.source}` in it",
                )
            else:
                yield Finding.at(passage.span, f"`{passage.source}` is not in {where}: the build stops here")


def _readmes(image: Image) -> Iterator[Finding]:
    for need in image.uncopied_readmes:
        name = need.place.rpartition("/")[2]
        yield Finding.at(
            need.span,
            f"`{need.message}` builds the project, whose readme `{name}` no `COPY` brings: the build stops here",
            help=f"copy `{name}` too, or leave the project itself out of this step",
        )
