"""A release of Debian, Ubuntu or Alpine that nobody mends any more, or that only volunteers still do."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.bases.base_image import base_image

# what was built on Alpine stays there: it is for musl, and Debian has glibc
ALPINE = "take a release that is still mended: `python:3.12-alpine` without a number is the newest one"


def _then(name: str) -> str:
    """What becomes of a release that has ended: those of Ubuntu for the long term stay on its mirrors."""
    lasting = name.startswith("Ubuntu ") and name.endswith(".04") and int(name[7:9]) % 2 == 0
    return "but for those with Ubuntu Pro" if lasting else "and its packages move to an archive"


def check(image: Image) -> Iterator[Finding]:
    today = image.project.today
    if not image.python:
        return
    frozen = [pull for pull in image.pulls if (base := base_image(pull.reference)) and base.deprecated and base.ended]
    for age in image.system_ages:
        life = age.lifetime
        if life is None or age.superseded:
            continue  # `python-end-of-life` speaks of the tag: there is no image of a newer Python on this release
        matters = age.shipped and not image.development
        if age.update is not None:
            message = f"`apt-get update` ends with 404, and the build stops: {life.name} is in the archive alone"
            finding = Finding.at(age, message, severity="error")
            finding = finding.note(age.update, "this asks for packages that have moved")
        elif life.ended(today) and any(pull.span.start <= age.span.start < pull.span.end for pull in frozen):
            continue  # `deprecated-fastapi-image` says that nobody builds this tag any more, and why
        elif life.ended(today):
            last = life.longer or life.end
            message = f"support for {life.name} ended on {last}: no fixes any more, {_then(life.name)}"
            severity = None if matters else "info"
            finding = Finding.at(age, message, severity=severity, pedantic=not matters, once="project")
        elif life.only_longer(today) and matters:
            message = f"the makers of {life.name} stopped on {life.end}: others mend a part of it until {life.longer}"
            finding = Finding.at(age, message, severity="info", pedantic=True, once="project")
        else:
            continue
        if life.name.startswith("Alpine"):
            finding = finding._replace(help=ALPINE)
        change = edits.bases.with_release(image, age.stage) if age.stage is not None else None
        yield finding.fixed_by("take a release that is mended", change, safe=False, names="base")
