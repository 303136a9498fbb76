"""The full Python image, with compilers that nothing in it uses."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image


def check(image: Image) -> Iterator[Finding]:
    base = image.base
    if base is None or base.family != "python" or base.variant != "full" or image.development:
        return
    use = image.full_base_use if image.containers else None
    if use is None:
        return
    what = "this is Python's full image: about 1 GB, most of it compilers and headers that"
    if use:
        advice = "install into a virtual environment in a stage of it, and copy that into one of the slim image"
        message = f"{what} only the build uses, for `{use}`"
        yield Finding.at(image.lineage[0].from_.image, message, help=advice)
        return
    finding = Finding.at(image.lineage[0].from_.image, f"{what} nothing here uses")
    yield finding.fixed_by("take the slim one", edits.bases.slim(image, image.lineage[0]), safe=False, names="base")
