"""The Python of an image against the versions that its project allows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.bases.base_image import Reference, base_image
from dockerlint_fastapi.model.dockerfile import Run
from dockerlint_fastapi.model.files.image_files import Placed
from dockerlint_fastapi.model.install.distributions import Installation
from dockerlint_fastapi.model.programs.run_programs import runs_unread
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.dockerfile import Stage
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.install.manifest import PythonBound


# The first line of a `.python-version` that is no comment.
_FIRST_LINE = r"(?:[ \t]*(?:#[^\n]*)?\n)*[ \t]*(?:cpython-?|python-?)?(3\.[0-9]+)(\.[0-9]+)?[ \t]*(?:\r|\n|\Z)"


# What the official images of Python are built on: a tag that names an older release has an older patch.
_BUILT = (None, "bookworm", "trixie")
_TO_COME = 20  # patch releases
# What `python3` is in a release of Ubuntu, and with it the Python that its `pip3` installs for
# (https://packages.ubuntu.com/search?keywords=python3&exact=1).
_OF_UBUNTU = {
    **dict.fromkeys(("18.04", "bionic"), "3.6"),
    **dict.fromkeys(("20.04", "focal"), "3.8"),
    **dict.fromkeys(("22.04", "jammy"), "3.10"),
    **dict.fromkeys(("24.04", "noble"), "3.12"),
}
# What gives the system another `python3`, brings another pip, or leads a Python to what lies elsewhere.
_LED_ELSEWHERE = (
    r"update-alternatives|\bln\s|get-pip|ensurepip|\bvenv\b|virtualenv|\bconda\b|\buv\b|PYTHONPATH|PYTHONHOME|site-packages"
    r"|dist-packages|\bPATH=|\bmake\b|\.pth\b|python3\.\d+\s+-m\s+pip|python3?\.\d+-pip"
)


class VersionMismatch(NamedTuple):
    """A Python that is not the one that is asked for.

    `kind` is `bound` (a project allows other versions), `pin` (a `.python-version` names another one), `moved` (what
    was installed for one version is copied beside another one) or `started` (the container runs another Python than the
    one of the system, for which pip has installed).
    """

    kind: str
    span: Span  # the image's name, the source of the COPY, or the program that is started
    python: str  # what the image has: `3.12`, `3.11.16 or later`
    wanted: str  # as written: `>=3.13`, `3.13`
    key: str  # `requires-python`, `.python-version`, …
    other: Span | None  # where that is asked for
    step: Installation | None
    fails: bool  # the build or the start fails; else another interpreter is downloaded, or a warning is printed
    manager: str  # pip, uv, poetry, pdm, pipenv
    start: Span | None = None  # the `uv run` that asks for it when a container starts


def version_mismatches(image: Image) -> Iterator[VersionMismatch]:
    """The mismatches of an image, each place once."""
    allows = image.installed.allows_python
    told: set[object] = set()
    for step in image.installed.steps:
        base = step.stage.first.from_.image.span
        if step.python is None or step.step.conditional or not _is_of_image(step):
            continue
        bounds = [project.python for project in step.projects if project.python is not None]
        for bound in bounds:
            if (base, bound.span) in told:
                continue
            found = _bound(image, step, base, bound)
            patches = patches_of(image, step.stage) if allows(bound.specifier, step.python) is None else None
            if patches is not None and allows(bound.specifier, step.python, patches) is False:
                more = f".{patches.start}" + (" or later" if len(patches) > 1 else "")
                found = found._replace(python=f"{step.python}{more}")
            elif allows(bound.specifier, step.python) is not False:
                continue
            told.add((base, bound.span))
            yield found
        if step.step.manager == "uv" and not _any_forbids(bounds, step.python, allows):
            pin = _pin(image, step)
            if pin is not None and (base, pin.other) not in told:
                told.add((base, pin.other))
                yield pin
    yield from image.installed.moved
    yield from _started(image)
    if not told:  # else the build is wrong about it already
        yield from (one for one in list(_at_start(image))[:1])


def _started(image: Image) -> Iterator[VersionMismatch]:
    """A start by `python3.11`, which looks into directories of its own, where all that is installed came by the `pip3`
    of Ubuntu, for the Python of that release (`/usr/local/lib/python3.10/dist-packages`).
    """
    reference = Reference.parse(image.lineage[0].from_.image.value or "")
    tag = (reference.tag if reference is not None else None) or ""
    named = re.search(r"(?:\A|-)ubuntu-?(\d\d\.\d\d)\b", tag) or (
        re.match(r"(\d\d\.\d\d|[a-z]+)\b", tag) if reference is not None and reference.repository == "ubuntu" else None
    )
    system = _OF_UBUNTU.get(named[1]) if named is not None else None
    installs = [one for one in image.installed.steps if one.stage in image.lineage]
    if system is None or not installs or len(installs) != len(image.installed.steps):
        return
    by_pip = all(one.step.program in ("pip", "pip3") and not one.step.has("--target", "--prefix") for one in installs)
    read = (run.command for run in image.every(Run))
    if not by_pip or not any(one.contents.found for one in installs) or any(runs_unread(command) for command in read):
        return
    if any(re.search(_LED_ELSEWHERE, one.text) for stage in image.lineage for one in stage.instructions):
        return
    for container in image.containers:
        words = container.start.command.words if container.start is not None else ()
        found = re.fullmatch(r"(?:/usr/bin/)?python(3\.\d+)", (words[0].value or "") if words else "")
        if found is None or found[1] == system or container.environment.get("PYTHONPATH") is not None:
            continue
        if any(one.target is None or one.target.startswith("/usr") for one in container.covers):
            continue
        step, word = installs[-1], words[0].span
        yield VersionMismatch("started", word, found[1], system, "", step.step.head, step, fails=True, manager="pip")
        return


def patches_of(image: Image, stage: Stage) -> range | None:
    """The patch releases of Python that the base image of a stage may have: that of its tag, or the newest one and
    those to come where the tag goes on being built (https://github.com/docker-library/official-images); else None.
    """
    base = image.base_of(stage.first)[1]
    found = re.fullmatch(r"(3\.[0-9]+)(?:\.([0-9]+))?", (base.python_version if base is not None else None) or "")
    if base is None or base.family != "python" or found is None:
        return None
    if found[2]:
        return range(int(found[2]), int(found[2]) + 1)
    newest = table("end_of_life")["python"]["patches"].get(found[1])
    if newest is None or base.reference.digest is not None or base.release not in _BUILT:
        return None
    return range(newest, newest + _TO_COME)


def _at_start(image: Image) -> Iterator[VersionMismatch]:
    """What `uv run` finds at a start: a `.python-version` that came after the install, or where uv did not install."""
    base = image.lineage[0].from_.image.span
    version = re.match(r"3\.[0-9]+", (image.base.python_version if image.base is not None else None) or "")
    python = version[0] if version is not None else None
    for container in image.containers:
        sync, home = container.runtime_sync, container.directory
        if sync is None or home is None or python is None or container.development:
            continue
        if "UV_PYTHON" in image.environment or container.environment.get("UV_PYTHON") is not None:
            continue
        placed = container.file_at(f"{home.rstrip('/')}/.python-version")
        found = re.match(_FIRST_LINE, placed.text) if isinstance(placed, Placed) else None
        if found is not None and found[1] != python and isinstance(placed, Placed):
            other = placed.locate(found.start(1), found.end(2) if found[2] else found.end(1))
            wanted = found[1] + (found[2] or "")
            yield VersionMismatch(
                "pin", base, python, wanted, ".python-version", other, None, fails=False, manager="uv", start=sync.span
            )


def _any_forbids(bounds: list[PythonBound], python: str, allows: Callable[[str, str], bool | None]) -> bool:
    """Whether some bound does not allow a version."""
    return any(allows(bound.specifier, python) is False for bound in bounds)


def _is_of_image(step: Installation) -> bool:
    """Whether the installer works with the Python of the base image: it is told no other one."""
    if step.step.has("--python", "--target", "--prefix", "--no-deps") and step.step.option("--python") is not None:
        return False
    return step.stage.variable("UV_PYTHON", before=step.run) is None and "UV_PYTHON" not in step.step.environment


def _bound(image: Image, step: Installation, base: Span, bound: PythonBound) -> VersionMismatch:
    manager = step.step.manager
    if manager == "uv" and not step.step.program.endswith(" pip"):
        # uv fetches an interpreter that fits, into the image; a virtual environment alone is of no use elsewhere.
        fails = _uv_fails(image, step)
    elif manager == "pipenv":
        # A virtual environment of that version cannot be made. With `--system` only Pipenv of 2026 looks at the version
        # (https://github.com/pypa/pipenv/pull/6453).
        fails = not step.step.has("--system") and _holds_one_python(image, step.stage)
    elif manager == "hatch":
        fails = False  # since 1.8 it fetches an interpreter that fits (hatch/env/virtual.py, `python-sources`)
    elif manager in ("poetry", "pdm"):
        fails = _holds_one_python(image, step.stage)
    else:
        fails = True
    assert step.python is not None  # noqa: S101 - asked by the caller
    return VersionMismatch("bound", base, step.python, bound.text, bound.key, bound.span, step, fails, manager)


def _uv_fails(image: Image, step: Installation) -> bool:
    """Whether uv finds no interpreter that fits, or takes one that stays behind in a builder."""
    if step.stage not in image.lineage:
        return True
    return _without_downloads(step) and _holds_one_python(image, step.stage)


def _holds_one_python(image: Image, stage: Stage) -> bool:
    """Whether the image has no other interpreter: Debian's own Python is in the full images, and may be the one."""
    if stage.first is image.lineage[0]:
        base = image.base
    else:
        name = stage.first.from_.image.value
        base = base_image(Reference.parse(name)) if name else None
    return base is not None and base.variant in ("slim", "alpine")


def _without_downloads(step: Installation) -> bool:
    """Whether uv may not download an interpreter."""
    if step.step.has("--no-python-downloads", "--no-managed-python"):
        return True
    downloads = step.stage.variable("UV_PYTHON_DOWNLOADS", before=step.run)
    preference = step.stage.variable("UV_PYTHON_PREFERENCE", before=step.run)
    managed = step.stage.variable("UV_NO_MANAGED_PYTHON", before=step.run)
    return (
        (downloads is not None and downloads.value in ("0", "never", "false"))
        or (preference is not None and preference.value == "only-system")
        or (managed is not None and managed.value in ("1", "true"))
    )


def _pin(image: Image, step: Installation) -> VersionMismatch | None:
    """A `.python-version` beside the project that names another version than the image has."""
    home = step.directory
    if home is None or step.python is None or step.step.program.endswith((" pip", " tool")):
        return None
    placed = image.file_at(f"{home.rstrip('/')}/.python-version", stage=step.stage, before=step.run)
    if not isinstance(placed, Placed):
        return None
    found = re.match(
        r"(?:\s*#[^\n]*\n|\s*\n)*\s*(?:cpython-?|python-?)?(3\.[0-9]+)(\.[0-9]+)?\s*(?:\n|\r|\Z)", placed.text
    )
    if found is None or found[1] == step.python:
        return None
    base = step.stage.first.from_.image.span
    fails = _uv_fails(image, step)
    other = placed.locate(found.start(1), found.end(2) if found[2] else found.end(1))
    wanted = found[1] + (found[2] or "")
    return VersionMismatch("pin", base, step.python, wanted, ".python-version", other, step, fails, "uv")


def moved(stage: Stage, source: Span, was: str, python: str) -> VersionMismatch:
    """What was installed for another version than that of the stage it is copied to."""
    base = stage.first.from_.image.span
    return VersionMismatch("moved", source, python, was, "", base, None, fails=True, manager="")
