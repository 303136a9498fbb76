"""The full Python image, with compilers that nothing in it uses."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.bases.full_base import loaded_packages


def check(image: Image) -> Iterator[Finding]:
    use = None if image.development else image.full_base_use
    if use is None:
        return
    what = "this is Python's full image: about 1 GB, most of it compilers and headers that"
    if use:
        advice = "install into a virtual environment in a stage of it, and copy that into one of the slim image"
        if libraries := loaded_packages(image):
            advice += f", with {' and '.join(f'`{name}`' for name in libraries)} installed there"
        message = f"{what} only the build uses, for `{use}`"
        finding, installer = Finding.at(image.lineage[0].from_.image, message, help=advice), image.lone_installer
        # of which `single-stage-build` would say the same
        yield finding.note(installer, f"that leaves `{installer.name}` behind as well" if installer else "")
        return
    finding = Finding.at(image.lineage[0].from_.image, f"{what} nothing here uses")
    yield finding.fixed_by("take the slim one", edits.bases.slim(image, image.lineage[0]), safe=False, names="base")
