"""What a copy of a directory takes into the image and no image needs."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.context.stowaways import enumerated

WHY = {
    ".git": "every commit builds what follows anew, and all old versions are there to be read",
    "node_modules": "packages of another machine take the place of those that the build installs",
}
ENVIRONMENT = "an environment of another machine breaks this one"


def check(image: Image) -> Iterator[Finding]:
    """Speaks of what an ignore file lets through; where there is none, `missing-dockerignore` does."""
    for build in (build for build in image.builds if build.certain and build.ignore is not None):
        for passage in (passage for passage in image.passages if passage.copies):
            shipped = passage.stage in image.lineage and not image.development
            taken = [one for one in build.bulk if passage.takes(one.path) and one.path != passage.source]
            heavy = [one for one in taken if one.heavy]
            if heavy:
                things, why, severity = heavy, WHY.get(heavy[0].name, ENVIRONMENT), None if shipped else "info"
            elif shipped and passage.takes_all and image.python and not all(one.trifling for one in taken):
                things, why, severity = taken, "no server needs that", "info"
            else:
                continue
            names = enumerated([one.text for one in things])
            yield Finding.at(passage.span, f"`{passage.words}` takes {names} along: {why}", severity=severity).note(
                build.ignore, "no pattern in here leaves it out"
            )
