"""Dependencies that are installed in whatever version is newest."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Image


def check(image: Image) -> Iterator[Finding]:
    if image.development:
        return
    for loose in image.loose_requirements:
        first, *others = (f"`{name}`" for name in loose.names)
        names = f"{first} and {len(others)} more" if len(others) > 1 else " and ".join((first, *others))
        verb = "have" if others else "has"
        message = f"{names} {verb} no version: tomorrow's build may bring another one than today's"
        finding = Finding.at(loose, message, severity="info" if loose.listed else None, pedantic=loose.for_tools)
        yield finding.note(loose.installation.step.head, "installed here") if loose.listed else finding
