"""Secret files that a copy of a directory takes into the image."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.stowaways import enumerated


def check(image: Image) -> Iterator[Finding]:
    """Speaks of each source of a COPY that is a directory: what lies in it, and else what may be put there."""
    for build in (build for build in image.builds if build.certain):
        for passage in (passage for passage in image.passages if passage.copies):
            shipped = passage.stage in image.lineage and not image.development
            found = [one for one in build.secret_files if passage.takes(one.path) and one.path != passage.source]
            if found:
                paths = enumerated([one.path for one in found])
                into = "the image: whoever has it can read them" if shipped else "a layer of the build"
                sure = any(one.sure for one in found)
                yield Finding.at(
                    passage.span,
                    f"`{passage.text}` takes {paths} into {into}",
                    severity=("error" if sure else "warning") if shipped else "warning" if sure else "info",
                ).note(build.ignore, "no pattern in here leaves it out")
            elif shipped and passage.takes_all and build.ignore is not None and not build.excludes(".env"):
                yield Finding.at(
                    passage.span,
                    f"`{passage.text}` takes a `.env` along as soon as there is one, with every password in it",
                    severity="warning",
                ).note(build.ignore, "no pattern in here leaves `.env` out")
