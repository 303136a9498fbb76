"""The full Python image, with compilers that nothing in it uses."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image


def check(image: Image) -> Iterator[Finding]:
    base = image.base
    if base is None or base.family != "python" or base.variant != "full" or image.development:
        return
    if image.containers and not image.needs_full_base:
        finding = Finding.at(
            image.lineage[0].from_.image,
            "this is Python's full image: about 1 GB, most of it compilers and headers that nothing here uses",
        )
        yield finding.fixed_by("take the slim one", edits.bases.slim(image, image.lineage[0]), safe=False, names="base")
