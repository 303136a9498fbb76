"""A build that calls pip in a system which has no Python."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.dockerfile import Add, Run, Transfer
from dockerlint_fastapi.model.install import calls_and_steps
from dockerlint_fastapi.model.install.failing import stops_build
from dockerlint_fastapi.model.programs.program_presence import Presence
from dockerlint_fastapi.model.programs.run_programs import apply_run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.install import Step

# What may bring a Python, or a pip, under no name that a package has.
_BRINGS_PYTHON = (
    r"(?i)\b(?:uvx?|conda|mamba|micromamba|pyenv|pypy|asdf|mise|nix|brew|venv|virtualenv|get-pip|rye|hatch)\b"
)


def absent_pip(image: Image) -> Step | None:
    """The first step that calls a pip which a system without Python, and nothing that is installed on it, has: the
    build stops there. None where there is none, or that cannot be told.
    """
    base = image.base
    if base is None:
        return None
    so_far = {name: Presence(base.contains(name)) for name in ("pip", "pip3", "python3", "python")}
    for one in (one for stage in image.lineage for one in stage.instructions):
        if isinstance(one, Transfer) and (one.from_ is not None or isinstance(one, Add)):
            return None
        if not isinstance(one, Run):
            continue
        if re.search(_BRINGS_PYTHON, one.text):
            return None
        first = next(iter(calls_and_steps(one.command)), (None, None))[1]
        if first is not None and first.manager == "pip" and first.program in ("pip", "pip3"):
            gone = all(presence.there is False for presence in so_far.values())
            return first if gone and stops_build(one, first) else None
        for name, presence in so_far.items():
            apply_run(one.command, name, presence, packages=True)
    return None
