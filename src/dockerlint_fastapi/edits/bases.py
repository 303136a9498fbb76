"""Other tags of base images: a later Python, a slim variant. What Docker Hub has is known of Python's own image."""

from __future__ import annotations

import re

from dockerlint_fastapi.data import table
from dockerlint_fastapi.dates import date
from dockerlint_fastapi.finding import Edit
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.dockerfile import Stage
    from dockerlint_fastapi.model.image import Image

# A tag of Python's image: version, then what it is built on.
_TAG = (
    r"(?P<version>3(?:\.\d+){0,2})?(?:-?(?P<slim>slim))?"
    r"(?:-?(?P<release>bullseye|bookworm|trixie|buster|stretch|jessie))?"
)
_ALPINE = r"(?P<version>3(?:\.\d+){0,2})?-?alpine(?P<release>3\.\d+)?"
_RELEASE = "trixie"  # for which every Python from 3.9 on has images
_FIRST = 9
_LASTING = ("bookworm", _RELEASE)  # for which those that are still mended have images


def with_python(image: Image, stage: Stage, ended: str, today: date) -> tuple[Edit, ...] | None:
    """The oldest Python that is still mended in place of another, also in the names of folders (`python3.8`); a release
    in the tag goes, as the new version has no image on an old one.
    """
    tag, ends = _tag(image, stage), table("end_of_life")["python"]["end"]
    alive = sorted((one for one in ends if ends[one] > today), key=lambda one: int(one.partition(".")[2]))
    base = image.base_of(stage)[1]
    if alive and stage.base is None and base is not None and base.family == "uv" and "@" not in stage.from_.image.text:
        span = stage.from_.image.span  # `uv:python3.9-bookworm-slim`
        name = re.search(rf"(?<=:python){re.escape(ended)}(?=-|\Z)", span.text)
        return None if name is None else (Edit(_within(span, name.start(), name.end()), alive[0]),)
    if tag is None or not alive:
        return None
    found = re.fullmatch(_TAG, tag.text) or re.fullmatch(_ALPINE, tag.text)
    if found is None or not found["version"] or not re.match(rf"{re.escape(ended)}(?!\d)", found["version"]):
        return None
    variant = "-alpine" if "alpine" in tag.text else "-slim" if found["slim"] else ""
    variant += f"-{found['release']}" if found["release"] in _LASTING else ""
    source = tag.source
    folders = re.finditer(rf"(?m)(?<=python){re.escape(ended)}(?![\d.])", source.text)
    lines = (source.span(*one.span()) for one in folders)
    others = [Edit(one, alive[0]) for one in lines if not re.match(r"(?i)\s*(?:FROM|#)", source.line(one.line))]
    return Edit(tag, f"{alive[0]}{variant}"), *others


def with_release(image: Image, stage: Stage) -> Edit | None:
    """A release that is still mended in the tag of Python's image."""
    tag = _tag(image, stage)
    found = re.fullmatch(_TAG, tag.text) if tag is not None else None
    if tag is not None and found is not None and found["release"]:
        minor = (found["version"] or "3").split(".")[1:2]
        if minor and int(minor[0]) < _FIRST:
            return None
        at = tag.start + found.start("release")
        return Edit(Span(tag.source, at, at + len(found["release"])), _RELEASE)
    found = re.fullmatch(_ALPINE, tag.text) if tag is not None else None
    if tag is None or found is None or not found["release"]:
        return None
    at = tag.start + found.start("release")
    return Edit(Span(tag.source, at, at + len(found["release"])), "")


def slim(image: Image, stage: Stage) -> Edit | None:
    """The slim variant of Python's image, on the same release where the tag names one of Debian's."""
    tag = _tag(image, stage)
    found = re.fullmatch(_TAG, tag.text) if tag is not None else None
    if tag is not None and found is not None and not found["slim"]:
        at = tag.start + found.end("version") if found["version"] else tag.start
        return Edit(Span(tag.source, at, at), "-slim" if found["version"] else "slim-")
    found = re.fullmatch(_ALPINE, tag.text) if tag is not None else None
    if tag is None or found is None:
        return None
    return Edit(tag, f"{found['version']}-slim" if found["version"] else "slim")


def _within(span: Span, start: int, end: int) -> Span:
    return Span(span.source, span.start + start, span.start + end)


def _tag(image: Image, stage: Stage) -> Span | None:
    """Where the tag of a stage's image stands, when that is Python's own, written out and without a digest."""
    base, span = image.base_of(stage)[1], stage.from_.image.span
    if stage.base is not None or base is None or base.family != "python" or base.reference.full_repository != "python":
        return None
    found = re.fullmatch(r"(?:[\w.-]+/)*python:([\w.-]+)", span.text)
    return None if found is None else Span(span.source, span.start + found.start(1), span.end)
