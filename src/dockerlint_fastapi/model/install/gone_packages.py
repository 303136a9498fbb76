"""Packages that a RUN asks apt for and that the Debian of its stage has not."""

from __future__ import annotations

import re

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.bases.base_image import BaseImage, Reference, base_image
from dockerlint_fastapi.model.dockerfile import Run
from dockerlint_fastapi.model.install.failing import stops_build
from dockerlint_fastapi.model.install.readers import calls_and_steps
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerlint_fastapi.model.dockerfile import Stage
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.install.step import Package, Step
    from dockerlint_fastapi.source import Span

_NUMBERS = {"bookworm": 12, "trixie": 13}
# What adds other sources of packages, or may: a script of somebody else's, packages that are brought along.
_SOURCES = (
    r"/etc/apt|sources\.list|add-apt-repository|extrepo|\bdpkg\b|\.deb\b"
    r"|\|\s*(?:sudo\s+)?(?:-\S+\s+)*(?:ba|da)?sh\b|\.sh\b"
)


class GonePackages(NamedTuple):
    """Packages of one step that are not there, each with what does its work ("" for nothing of another name)."""

    step: Step
    packages: tuple[tuple[Package, str], ...]
    release: str  # `trixie`
    number: int
    base: Span  # the name of the image that is of that release
    moving: bool  # its tag names no release, and this is what it means now

    @property
    def span(self) -> Span:
        """The first of them."""
        return self.packages[0][0].word.span


def gone_packages(image: Image) -> Iterator[GonePackages]:
    """The steps at which the build of an image certainly stops, as its release of Debian has not what they install."""
    gone = table("gone_packages")
    for stage in (*image.lineage, *image.builders):
        release: str | None = None
        for run in stage.of(Run):
            for step in image.steps_of(run):
                if step.manager != "apt" or step.action != "install":
                    continue
                found = tuple((one, instead) for one in step.packages if (instead := _named(gone, one)) is not None)
                release = release or (_release(image, stage) if found else None)
                if release is not None and found and stops_build(run, step) and not _has_sources(stage, run):
                    missing = tuple(one for one in found if release == "trixie" or one[0].name in gone["bookworm"])
                    if missing:
                        base = stage.first.from_.image.span
                        yield GonePackages(step, missing, release, _NUMBERS[release], base, release not in base.text)


class GoneProgram(NamedTuple):
    """A call of `apt-key`, which apt has not any more since 2.9.15, and so not in Debian 13."""

    span: Span
    base: Span
    moving: bool


def gone_programs(image: Image) -> Iterator[GoneProgram]:
    """The calls of `apt-key` at which the build of an image certainly stops: `command not found`."""
    for stage in (*image.lineage, *image.builders):
        for run in stage.of(Run):
            for call, _ in calls_and_steps(run.command) if "apt-key" in run.text else ():
                if call.name == "apt-key" and stops_build(run, call) and _release(image, stage) == "trixie":
                    base = stage.first.from_.image.span
                    yield GoneProgram(call.arguments[0].span, base, "trixie" not in base.text)


def _named(gone: dict[str, dict[str, str]], package: Package) -> str | None:
    name = package.name
    return None if name is None else gone["trixie"].get(name, gone["bookworm"].get(name))


def _has_sources(stage: Stage, run: Run) -> bool:
    """Whether something before the end of a RUN may bring packages from elsewhere."""
    for one in (each for part in stage.lineage for each in part.instructions):
        if re.search(_SOURCES, one.text) is not None:
            return True
        if one is run:
            break
    return False


def _release(image: Image, stage: Stage) -> str | None:
    """The Debian that a stage certainly is made of, of the two that the table knows."""
    word = stage.first.from_.image
    base = image.base if stage.first is image.lineage[0] else base_image(Reference.parse(word.value or ""))
    if base is None or base.distribution != "debian" or base.reference.digest:
        return None
    if base.release is not None:
        return base.release if base.release in _NUMBERS else None
    return "trixie" if _is_built_now(base) else None


def _is_built_now(base: BaseImage) -> bool:
    """Whether a tag of Python's images without a release is of those that are, or were at last, built on trixie."""
    if base.family != "python":
        return False
    major, _, rest = (base.python_version or "3").partition(".")
    minor, _, patch = rest.partition(".")
    first = table("gone_packages")["images"].get(f"{major}.{minor}")
    if not minor:
        return major == "3"
    return first is not None and (not patch or (patch.isdecimal() and int(patch) >= first))
