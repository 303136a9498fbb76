"""Installed packages that are copied between stages which do not fit: another libc, an older Debian, another path."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.command import is_python
from dockerlint_fastapi.model.context.passage import behind_workdirs, place_of
from dockerlint_fastapi.model.dockerfile import Env, Run, Transfer
from dockerlint_fastapi.model.install import PYTHON_MANAGERS
from dockerlint_fastapi.model.install.search_path import conda_place
from dockerlint_fastapi.model.install.virtual_environments import VirtualEnvironment, environments_of
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerlint_fastapi.model.bases.base_image import BaseImage
    from dockerlint_fastapi.model.dockerfile import Stage, Word
    from dockerlint_fastapi.model.image import Image

_LIBCS = {"alpine": "musl", "debian": "glibc", "ubuntu": "glibc"}
_DEBIAN = "jessie stretch buster bullseye bookworm trixie forky".split()
_PACKAGES = r"/python(3\.[0-9]+)/(?:site|dist)-packages(?:/|\Z)"
_PREFIXES = ("/root/.local", "/install", "/usr/local/lib", "/opt/conda")


class MisplacedEnvironment(NamedTuple):
    """A copy that brings what does not work here. `kind`: `libc`, `release` (the builder's Debian is newer), `path`
    (its scripts name the place where they were made), `version` (this Python looks in another directory).
    """

    kind: str
    span: Span  # the source of the copy, or its destination
    was: str  # `musl`, `trixie`, `/build/.venv`, `3.13`
    now: str  # `glibc`, `bookworm`, `/app/.venv`, `3.12`
    other: Span  # the builder's base image, or what makes the environment
    certain: bool  # the program that is started is one of its scripts


class _Copy(NamedTuple):
    """One source of a COPY from another stage (`other`, None for an image), and where it arrives."""

    stage: Stage
    transfer: Transfer
    word: Word
    target: str | None
    other: Stage | None


def misplaced_environments(image: Image) -> Iterator[MisplacedEnvironment]:
    """The copies of installed packages in an image that do not fit, each once."""
    moved = {one.span for one in image.installed.moved}
    for stage in image.lineage:
        for transfer, directory in behind_workdirs(image, stage):
            if not isinstance(transfer, Transfer):
                continue
            name = transfer.from_.value if transfer.from_ is not None else None
            other = stage.dockerfile.stage(name) if name else None
            for word in transfer.sources:
                if transfer.from_ is not None and word.span not in moved:
                    target = place_of(transfer.destination.value, directory)
                    yield from _of_source(image, _Copy(stage, transfer, word, target, other))


def _of_source(image: Image, copy: _Copy) -> Iterator[MisplacedEnvironment]:
    stage, transfer, word, target, other = copy
    source = place_of(word.value, "/")
    here = image.base_of(stage)[1]
    version = here.python_version if here is not None and here.family in ("python", "uv") else None
    into = re.search(_PACKAGES, target or "")
    if into and version is not None and re.match(r"3\.[0-9]+", version) and not f"{version}.".startswith(f"{into[1]}."):
        minor = ".".join(version.split(".")[:2])
        yield MisplacedEnvironment("version", transfer.destination.span, into[1], minor, stage.from_.image.span, True)
        return
    if other is None or other.index >= stage.index or source is None or target is None or other in stage.lineage:
        return
    held = (*environments_of(image, other), *_of_conda(image, other))
    environment = next((one for one in held if f"{one.place}/".startswith(f"{source.rstrip('/')}/")), None)
    if environment is None and not _holds_packages(image, other, source):
        return
    there = image.base_of(other)[1]
    base = other.lineage[0].from_.image.span
    difference = _difference(there, here)
    if environment is not None and environment.manager == "conda":  # its packages are made for old releases of glibc
        alpine = here is not None and here.distribution == "alpine"
        difference = ("libc", "glibc", "musl") if alpine else None
    if difference is not None:
        yield MisplacedEnvironment(
            difference[0], word.span, difference[1], difference[2], base, difference[0] == "libc"
        )
    elif environment is not None and not _is_relocatable(other):
        arrives = environment.moved(source, target, word.span)
        if arrives is not None and arrives.place.rstrip("/") != environment.place.rstrip("/"):
            certain = _is_started(image, arrives.place)
            yield MisplacedEnvironment(
                "path", transfer.destination.span, environment.place, arrives.place, environment.span, certain
            )


def _of_conda(image: Image, stage: Stage) -> Iterator[VirtualEnvironment]:
    """The environments that conda fills in a stage: each holds an interpreter of its own, and its scripts name it."""
    base = image.base_of(stage)[1]
    for one in image.installed.steps:
        if one.step.manager != "conda" or one.stage not in stage.lineage or one.step.conditional:
            continue
        root = base.conda if base is not None else None
        place = conda_place(one, root or "") if root is not None or one.step.has("--prefix") else None
        if place:
            yield VirtualEnvironment(place, one.step.head, "conda")


def _difference(there: BaseImage | None, here: BaseImage | None) -> tuple[str, str, str] | None:
    """How two base images differ so that compiled code of the one does not run on the other."""
    if there is None or here is None:
        return None
    was, now = _LIBCS.get(there.distribution or ""), _LIBCS.get(here.distribution or "")
    if was is not None and now is not None and was != now:
        return "libc", was, now
    both = there.release in _DEBIAN and here.release in _DEBIAN
    if both and _DEBIAN.index(there.release or "") > _DEBIAN.index(here.release or ""):
        return "release", there.release or "", here.release or ""
    return None


def _holds_packages(image: Image, stage: Stage, source: str) -> bool:
    """Whether a directory of a stage certainly is where an installer of Python put packages."""
    if re.search(_PACKAGES, source):
        return True
    if not source.startswith(_PREFIXES) and source != "/usr/local":
        return False
    runs = [one for each in stage.lineage for one in each.of(Run)]
    steps = [step for run in runs for step in image.steps_of(run)]
    texts = " ".join(run.text for run in runs)
    installs = any(step.manager in PYTHON_MANAGERS and step.action in ("install", "sync") for step in steps)
    if source in ("/usr/local", "/opt/conda"):
        return False  # the interpreter comes along, and may be all that it needs
    return installs and (source.startswith("/usr/local/lib") or f"{source}" in texts or "--user" in texts)


def _is_relocatable(stage: Stage) -> bool:
    """Whether a stage makes environments that may be moved."""
    return any(
        "relocatable" in one.text.lower()
        for each in stage.lineage
        for one in each.instructions
        if isinstance(one, (Run, Env))
    )


def _is_started(image: Image, place: str) -> bool:
    """Whether the containers start a script of an environment, by its path or by PATH."""
    path = image.environment.get("PATH")
    found = path is not None and f"{place}/bin" in path.raw
    for one in image.containers:
        program = one.server.program if one.server is not None else one.program
        name = program.argv[0].value or "" if program is not None and program.argv else ""
        if program is None or "python -m" in program.wrappers or is_python(program.name):
            continue  # that starts wherever it lies
        if name.startswith(f"{place}/bin/") or (found and one.server is not None and name and "/" not in name):
            return True
    return False
