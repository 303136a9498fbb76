"""Secret files that a copy of a directory takes into the image."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.context.stowaways import enumerated


def check(image: Image) -> Iterator[Finding]:
    """Speaks of each source of a COPY that is a directory: what lies in it, and else what may be put there."""
    for build in (build for build in image.builds if build.certain):
        for passage in (one for one in image.passages if one.copies and not one.names_a_secret):
            shipped = passage.stage in image.lineage and not image.development
            found = [one for one in build.secret_files if passage.takes(one.path) and one.path != passage.source]
            if found:
                paths = enumerated([one.path for one in found])
                where = "a development image" if passage.stage in image.lineage else "a layer of the build"
                into = "the image: whoever has that can read it" if shipped else where
                sure = any(one.sure for one in found)
                yield Finding.at(
                    passage.span,
                    f"`{passage.words}` takes {paths} into {into}",
                    severity=("error" if sure else "warning") if shipped else "warning" if sure else "info",
                ).note(build.ignore, "no pattern in here leaves it out")
            elif shipped and passage.takes_all and build.ignore and image.python and not build.excludes(".env"):
                yield Finding.at(
                    passage.span,
                    f"`{passage.words}` takes a `.env` along as soon as there is one, with every password in it",
                    severity="warning",
                ).note(
                    build.deciding(".env") or build.ignore,
                    "this takes it back in" if build.deciding(".env") else "no pattern in here leaves `.env` out",
                )
