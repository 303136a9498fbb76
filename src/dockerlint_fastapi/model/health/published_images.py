"""Health checks of published images that call a program which these certainly lack."""

from __future__ import annotations

import re

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.bases.base_image import Reference
from dockerlint_fastapi.model.health.probe import Lack, Probe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.command import Program


def lacking(probe: Probe, image: Reference) -> tuple[Lack, ...]:
    """What an image from elsewhere lacks so that a test can never pass: one thing for each way. Empty when it may."""
    facts = table("published_programs")
    names = facts["lacks"].get(image.full_repository, "").split()
    if not names or not re.fullmatch(facts["tags"][image.full_repository], image.tag or "latest"):
        return ()
    if re.fullmatch(facts["empty"].get(image.full_repository, r"(?!)"), image.tag or "latest"):
        names += ["wget", "nc", "sh", "bash"]
    found: dict[str, Lack] = {}
    for way in probe.ways or ():
        missing = next((one for one in way if _is_named(one, names)), None)
        if missing is None:
            return ()
        found.setdefault(missing.name, Lack(missing.name, missing.argv[0].span))
    return tuple(found.values())


def is_known(name: str | None) -> bool:
    """Whether it is the name of such an image."""
    reference = Reference.parse(name) if name else None
    return reference is not None and reference.full_repository in table("published_programs")["lacks"]


def instead(image: Reference) -> str | None:
    """What such an image has to ask with, as advice; None when that is not known."""
    said: str | None = table("published_programs")["has"].get(image.full_repository)
    return said


def _is_named(program: Program, names: list[str]) -> bool:
    """Whether it is one of some programs, called by its bare name."""
    return program.name in names and bool(program.argv) and program.argv[0].value == program.name
