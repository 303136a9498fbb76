"""A secret file that COPY names."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Image


def check(image: Image) -> Iterator[Finding]:
    """Speaks of the source."""
    for copy in image.secret_copies:
        if copy.shipped:
            where = "the image: whoever has that can read it, also when a later step deletes it"
        else:
            where = "a layer of the build, and into its cache"
        shipped = copy.shipped and not image.development
        yield Finding.at(
            copy.span, f"`{copy.words}` puts the file into {where}", severity="error" if shipped else "warning"
        )
