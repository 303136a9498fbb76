"""What a copy of a directory takes into the image and no image needs."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.stowaways import enumerated

WHY = {
    ".git/": "every commit builds the layers behind it anew, and the whole history is in the image",
    "node_modules/": "packages of another machine take the place of those that the build installs",
}


def check(image: Image) -> Iterator[Finding]:
    """Speaks of what an ignore file lets through; where there is none, `missing-dockerignore` does."""
    for build in (build for build in image.builds if build.certain and build.ignore is not None):
        for passage in (passage for passage in image.passages if passage.copies):
            taken = [one for one in build.bulk if passage.takes(one.path.rstrip("/")) and one.path.rstrip("/") != passage.source]
            heavy = [one.path for one in taken if one.heavy]
            light = [one.path for one in taken if not one.heavy]
            shipped = passage.stage in image.lineage and not image.development
            if heavy:
                why = WHY.get(heavy[0].rpartition("/")[0].rpartition("/")[2] + "/", "an environment of another machine breaks this one")
                yield Finding.at(
                    passage.span, f"`{passage.text}` takes {enumerated(heavy)} along: {why}", severity=None if shipped else "info"
                ).note(build.ignore, "no pattern in here leaves it out")
            elif light and shipped and passage.takes_all:
                yield Finding.at(
                    passage.span, f"`{passage.text}` takes {enumerated(light)} along, which no server needs", severity="info"
                ).note(build.ignore, "no pattern in here leaves it out")
