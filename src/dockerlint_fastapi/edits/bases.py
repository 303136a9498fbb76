"""Other tags of base images: a later Python, a slim variant. What Docker Hub has is known of Python's own image."""

from __future__ import annotations

import re

from dockerlint_fastapi.data import table
from dockerlint_fastapi.dates import date
from dockerlint_fastapi.finding import Edit
from dockerlint_fastapi.model.dockerfile import MOST_STAGES, Run, Transfer
from dockerlint_fastapi.model.install.distributions import bounds
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
# What stands in front of the version elsewhere: in names of folders and programs, and for uv.
_SAYS_VERSION = r"(?:(?<=python)|(?<=/__pypackages__/)|(?<=UV_PYTHON=)|(?<=--python[ =]))"
# Packages whose names belong to one release: those of Python 2, of one Python, of a program's major version.
_OF_A_RELEASE = (
    r"python-(?!(?:dev-)?is-python3\Z)[a-z].*|(?:lib)?python[23]\.\d+.*|(?!lib)[a-z][a-z+]*(?:-[a-z]+)*-\d+(?:\.\d+)?(?:-[a-z]+)*"
    r"|libssl1\.\d.*|libicu\d+|libffi[67]|libboost-.*\d\.\d+.*|libprotobuf\d+|libwebp6|libjpeg8|libmysqlclient\d+"
)
# Up to which version a project says that it goes: `requires-python = ">=3.10,<3.12"`, Poetry's `python = "~3.11"`.
_UPPER = r"(?m)^[ \t]*(?:requires-python|python)[ \t]*=[ \t]*[\"'][^\"'\n]*?(<=?|~(?!=))[ \t]*3\.([0-9]{1,2})"
# From which on: `requires-python = ">=3.13"`, Poetry's `python = "^3.13"`.
_LOWER = r"(?m)^[ \t]*(?:requires-python|python)[ \t]*=[ \t]*[\"'][^\"'\n]*?(?:>=|\^|~=?)[ \t]*3\.([0-9]{1,2})"
_LASTING = ("bookworm", _RELEASE)  # for which those that are still mended have images


def with_python(image: Image, stage: Stage, ended: str, today: date) -> tuple[Edit, ...] | None:
    """The oldest Python that is still mended in place of another, in all stages that have that one, as they copy
    from each other what it made, and in the names of folders (`python3.8`); a release in the tag goes, as the new
    version has no image on an old one. None where certainly something is installed that does not go with it.
    """
    alive = [version for version, _ in _mended(today)]
    if not alive or not _allows(image, alive[0]):
        return None
    others = [one for one in stage.dockerfile.stages if one is not stage and _python_of(image, one) == ended]
    tags = [_raised(image, one, ended, alive[0]) for one in (stage, *others)]
    if any(one is None for one in tags):
        return None
    source = stage.from_.image.span.source
    folders = re.finditer(rf"{_SAYS_VERSION}{re.escape(ended)}(?![\d.])", source.text)
    lines = (source.span(*one.span()) for one in folders)
    named = [Edit(one, alive[0]) for one in lines if not re.match(r"(?i)\s*(?:FROM|#)", source.line(one.line))]
    return (*(one for one in tags if one is not None), *named)


def _mended(today: date) -> list[tuple[str, date]]:
    """The versions of Python that are still mended, the oldest first, each with its last day."""
    ends: dict[str, date] = table("end_of_life")["python"]["end"]
    return sorted(((one, end) for one, end in ends.items() if end > today), key=lambda one: int(one[0][2:]))


def advised_python(image: Image, today: date) -> tuple[str, date] | None:
    """The version to name to who has one that has ended, or none, with its last day: the second oldest that is still
    mended, or the oldest, or a later one, where what is installed and the project's manifest allow it; None where they
    allow none.
    """
    mended = _mended(today)
    later = () if any(_is_too_old(image, one[0]) for one in mended[:1]) else mended[2:]
    return next((one for one in (*mended[1:2], *mended[:1], *later) if _allows(image, one[0])), None)


def _allows(image: Image, version: str) -> bool:
    """Whether nothing is known to stand in the way of a version: a pin without wheels for it, or a project that is for
    older ones alone.
    """
    if _is_too_old(image, version):
        return False
    project = image.project
    folders = {image.dockerfile.source.path.rpartition("/")[0], *(one.context for one in image.builds)}
    paths = (f"{one}/pyproject.toml".lstrip("/") for one in folders if one is not None)
    sources = (project.source_of(path) for path in paths if project.tree.is_file(path))
    texts, minor = [one.text for one in sources if one is not None], int(version[2:])
    upper = (found for text in texts for found in re.finditer(_UPPER, text))
    lower = (int(found[1]) for text in texts for found in re.finditer(_LOWER, text))
    return all(minor < int(one[2]) + (one[1] != "<") for one in upper) and all(minor >= one for one in lower)


def _python_of(image: Image, stage: Stage) -> str | None:
    """The minor version of Python of the image that a stage begins with."""
    base = image.base_of(stage)[1] if stage.base is None else None
    version = base.python_version if base is not None and base.family in ("python", "uv") else None
    return ".".join(version.split(".")[:2]) if version else None


def _raised(image: Image, stage: Stage, ended: str, new: str) -> Edit | None:
    """A later Python in the tag of a stage's image; None as well where its Debian lacks a package."""
    base = image.base_of(stage)[1]
    if stage.base is None and base is not None and base.family == "uv" and "@" not in stage.from_.image.text:
        span = stage.from_.image.span  # `uv:python3.9-bookworm-slim`
        name = re.search(rf"(?<=:python){re.escape(ended)}(?=-|\Z)", span.text)
        return None if name is None else Edit(_within(span, name.start(), name.end()), new)
    tag = _tag(image, stage)
    if tag is None:
        return None
    found = re.fullmatch(_TAG, tag.text) or re.fullmatch(_ALPINE, tag.text)
    if found is None or not found["version"] or not re.match(rf"{re.escape(ended)}(?!\d)", found["version"]):
        return None
    lasting = found["release"] in _LASTING
    moves = not lasting and (found["release"] or found["version"] != ended or int(ended[2:]) < _FIRST)
    if moves and _needs_old_packages(image, stage):
        return None
    variant = "-alpine" if "alpine" in tag.text else "-slim" if found["slim"] else ""
    return Edit(tag, f"{new}{variant}{'-' + found['release'] if lasting else ''}")


def _needs_old_packages(image: Image, stage: Stage) -> bool:
    """Whether a stage installs a package that is not in the Debian of the new images: of Python 2, of a single version,
    or without a successor of its name.
    """
    steps = (step for run in stage.of(Run) for step in image.steps_of(run) if step.manager == "apt")
    names = {one.name for step in steps for one in step.packages if one.name is not None}
    gone = table("gone_packages")
    return any(name in gone["trixie"] or name in gone["bookworm"] for name in names) or any(
        re.fullmatch(_OF_A_RELEASE, name) for name in names
    )


def _is_too_old(image: Image, new: str) -> bool:
    """Whether a distribution is asked for in a version that has no wheel for another Python."""
    first: dict[str, str] = table("python_raise")["first"].get(new, {})
    asked: set[tuple[str, str | None, str]] = set()
    for step in image.installed.steps:
        asked.update((one.name, one.version, one.specifier) for one in step.contents)
        for project in step.projects:
            asked.update((one.name, one.version, one.specifier) for one in project.dependencies or ())
    return any(_is_below(version, specifier, first[name]) for name, version, specifier in asked if name in first)


def _is_below(version: str | None, specifier: str, first: str) -> bool:
    """Whether a requirement allows none but versions below another; "" is above all."""
    if version is not None:
        return not first or _number(version) < _number(first)
    return any(bound <= _number(first)[:2] for bound in bounds(specifier)) if first else False


def _number(version: str) -> tuple[int, ...]:
    """The numbers at the beginning of a version, three of them."""
    found = re.match(r"(\d{1,6})(?:\.(\d{1,6}))?(?:\.(\d{1,6}))?", version, re.ASCII)
    return tuple(int(one or 0) for one in found.groups()) if found is not None else (0, 0, 0)


def with_release(image: Image, stage: Stage) -> Edit | None:
    """A release that is still mended in the tag of Python's image."""
    tag = _tag(image, stage)
    found = re.fullmatch(_TAG, tag.text) if tag is not None else None
    if tag is not None and found is not None and found["release"]:
        minor = (found["version"] or "3").split(".")[1:2]
        if (minor and int(minor[0]) < _FIRST) or _needs_old_packages(image, stage):
            return None
        at = tag.start + found.start("release")
        return Edit(Span(tag.source, at, at + len(found["release"])), _RELEASE)
    found = re.fullmatch(_ALPINE, tag.text) if tag is not None else None
    if tag is None or found is None or not found["release"]:
        return None
    at = tag.start + found.start("release")
    return Edit(Span(tag.source, at, at + len(found["release"])), "")


def slim(image: Image, stage: Stage) -> Edit | None:
    """The slim variant of Python's image, on the same release where the tag names one of Debian's. None where it would
    take the place of Alpine and get what another stage has built for that, or give what it builds to one.
    """
    tag = _tag(image, stage)
    found = re.fullmatch(_TAG, tag.text) if tag is not None else None
    if tag is not None and found is not None and not found["slim"]:
        at = tag.start + found.end("version") if found["version"] else tag.start
        return Edit(Span(tag.source, at, at), "-slim" if found["version"] else "slim-")
    found = re.fullmatch(_ALPINE, tag.text) if tag is not None else None
    if tag is None or found is None or _copies_from_alpine(image) or _gives_to_alpine(stage):
        return None
    return Edit(tag, f"{found['version']}-slim" if found["version"] else "slim")


def _copies_from_alpine(image: Image) -> bool:
    """Whether a stage on Alpine that has Python, or may have it, gives its files, made for musl."""
    for transfer in image.transfers:
        name = transfer.from_.value if transfer.from_ is not None else None
        other = image.dockerfile.stage(name) if name else None
        if other is not None and other.depth <= MOST_STAGES and "alpine" in other.first.from_.image.text:
            base = image.base_of(other.first)[1]
            if base is None or base.python is not False:
                return True
    return False


def _gives_to_alpine(stage: Stage) -> bool:
    """Whether a stage that begins with another image of Alpine takes files from one that begins with this."""
    for other in stage.dockerfile.stages:
        if other.depth > MOST_STAGES:
            return True  # that cannot be told
        if other.first is not stage.first and "alpine" in other.first.from_.image.text:
            names = [one.from_.value for one in other.of(Transfer) if one.from_ is not None]
            origins = (stage.dockerfile.stage(name) for name in names if name)
            if any(one is not None and one.depth <= MOST_STAGES and one.first is stage.first for one in origins):
                return True
    return False


def _within(span: Span, start: int, end: int) -> Span:
    return Span(span.source, span.start + start, span.start + end)


def _tag(image: Image, stage: Stage) -> Span | None:
    """Where the tag of a stage's image stands, when that is Python's own, written out and without a digest."""
    base, span = image.base_of(stage)[1], stage.from_.image.span
    if stage.base is not None or base is None or base.family != "python" or base.reference.full_repository != "python":
        return None
    found = re.fullmatch(r"(?:[\w.-]+/)*python:([\w.-]+)", span.text)
    return None if found is None else Span(span.source, span.start + found.start(1), span.end)
