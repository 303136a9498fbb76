"""A version of Python that nobody mends any more, or that is not released yet."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.bases.end_of_life import Age

GRACE = 180  # days in which a version that has just ended is no more than a warning

# What the new version is written into: FROM, and folders such as `/usr/local/lib/python3.8` wherever the file has them.
NAMED = ("base", "arguments", "command", "environment", "files", "health check", "steps", "user", "workdir")


# The tag's own kind: what the RUNs of a full image call, a slim one lacks; what is built for musl needs musl.
MENDED = "take a version that is still mended and for which your pins have wheels"
SUCH = MENDED + ", such as `python:{}{}` (to {:%B %Y})"


def _advice(image: Image, age: Age) -> str:
    """The advice, with a tag of the same kind as the one in FROM, of a version that the project allows; without one
    where that is not known.
    """
    base = image.base_of(age.stage)[1] if age.stage is not None else None
    tag = base.reference.tag or "" if base is not None and base.family == "python" else "slim"
    advised = edits.bases.advised_python(image, image.project.today)
    kind = "-slim" if "slim" in tag else "-alpine" if "alpine" in tag else ""
    return SUCH.format(advised[0], kind, advised[1]) if advised is not None else MENDED


def _ages(image: Image) -> Iterator[Age]:
    """The ages of what is not out of date as a whole image, of which deprecated-fastapi-image tells."""
    for age in image.python_ages:
        base = image.base_of(age.stage)[1] if age.stage is not None else None
        if base is None or not base.ended:
            yield age


def check(image: Image) -> Iterator[Finding]:
    today = image.project.today
    for age in _ages(image):
        matters = age.shipped and not image.development
        if age.preview:
            yield Finding.at(
                age,
                f"version {age.version} of Python is not released yet: it still changes, and little has wheels for it",
                severity="warning" if matters else "info",
            )
        elif age.lifetime is not None and age.lifetime.ended(today):
            late = (today - age.lifetime.end).days > GRACE
            mild = not matters or image.is_unclaimed or age.aside is not None
            finding = Finding.at(
                age,
                f"support for {age.lifetime.name} ended on {age.lifetime.end}: whatever is found in it now stays open",
                severity="info" if mild else None if late and not image.is_for_one_job else "warning",
                pedantic=not matters,
                in_guide=None if matters else "info",
                once="project",
                help=_advice(image, age),
            )
            if age.aside is not None:
                finding = finding.note(age.aside, "the program runs on this one, which uv fetches")
            change = edits.bases.with_python(image, age.stage, age.version, today) if age.stage is not None else None
            yield finding.fixed_by(
                "take a version that is mended", change, safe=False, names=NAMED, also=image.dockerfile.stages
            )
