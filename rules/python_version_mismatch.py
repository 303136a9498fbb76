"""An image whose Python is not one that the project allows, or not the one that its dependencies were installed for."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.install.python_versions import VersionMismatch


def check(image: Image) -> Iterator[Finding]:
    """Speaks of the image's name in FROM, or of the COPY that brings what was installed for another version."""
    for found in image.python_mismatches:
        severity = None if found.fails else "warning"
        if found.kind == "moved":
            message = (
                f"this was installed for Python {found.wanted}, and here is Python {found.python}: it is not found"
            )
            yield Finding.at(found.span, message, help="build both stages on the same version of Python").note(
                found.other, f"the version of this stage is Python {found.python}"
            )
            continue
        if found.kind == "started":
            message = f"this runs Python {found.python}, and `pip` of the system installed for Python {found.wanted}: "
            message += "nothing of it can be imported"
            help_ = f"start `python3`, or install by `python{found.python} -m pip`, in an environment of that Python"
            yield Finding.at(found.span, message, help=help_).note(found.other, "installed here")
            continue
        wanted = f"`{found.key}` of the project is `{found.wanted}`" if found.kind == "bound" else f"`{found.wanted}`"
        says = wanted if found.kind == "bound" else f"`.python-version` asks for {wanted}"
        message = f"the image has Python {found.python}, but {says}: {consequence(found)}"
        finding = Finding.at(found.span, message, severity=severity).note(found.other, "asked for here")
        finding = finding.note(found.step.step.head if found.step is not None else None, "installed here")
        yield finding.note(found.start, "`uv run` looks for it whenever a container starts")


def consequence(found: VersionMismatch) -> str:
    """What the installer does about it."""
    if found.manager == "uv" and not found.fails:
        return "uv takes another interpreter, and downloads one if it has to"
    if found.manager == "uv":
        return "uv takes another interpreter, which the image that ships lacks, or fails"
    if not found.fails and found.step is not None:
        if found.step.step.has("--system"):
            return "Pipenv installs what was locked for another version, or refuses"
        return f"`{found.step.step.words}` takes another interpreter, or fails"
    return f"`{found.step.step.words if found.step is not None else found.manager}` fails"
