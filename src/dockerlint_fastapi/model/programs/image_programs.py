"""Whether an image has a program at the end of its Dockerfile: what its base holds and what RUN, COPY and ADD bring."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.bases.base_image import BaseImage, base_image
from dockerlint_fastapi.model.bases.reference import Reference
from dockerlint_fastapi.model.dockerfile import Add, From, Run, Stage, Transfer, Workdir
from dockerlint_fastapi.model.install import calls_and_steps
from dockerlint_fastapi.model.programs.program_presence import (
    PROGRAM_FOLDERS,
    PROGRAM_TREES,
    Presence,
    absolute,
    basename,
)
from dockerlint_fastapi.model.programs.run_programs import apply_run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockerlint_fastapi.model.dockerfile import Instruction
    from dockerlint_fastapi.model.install import Call

# Families whose /usr/local/bin is known: Python, uv and Node themselves, or nothing.
_PLAIN_FAMILIES = frozenset(("python", "uv", "node", "debian", "ubuntu", "alpine", "buildpack-deps"))
_LOCAL_PROGRAMS = frozenset(["python", "python3", "pip", "pip3", "uv", "uvx", "node", "npm", "npx"])


def has_program(lineage: Sequence[Stage], base: BaseImage | None, name: str) -> bool | None:
    """Whether an image has a program at the end of `lineage` (first stage first; `base` is what that one is built on).

    True when the base has it, or a package or COPY brings it, and nothing takes it away. False only when the base is
    known to lack it and every instruction is known not to bring it. None otherwise: a script that is not read, a
    package that is not known.
    """
    return _has_program(lineage, base, name, packages=True, depth=0)


def _has_program(
    lineage: Sequence[Stage], base: BaseImage | None, name: str, *, packages: bool, depth: int
) -> bool | None:
    """The same; `packages=False` asks for what is put under /usr/local: installs of apt and its like do not count."""
    there = base.contains(name) if base is not None else None
    if base is None and lineage and _base_name(lineage[0].from_) == "scratch":
        there = False
    if not packages and base is not None and base.family in _PLAIN_FAMILIES:
        there = base.contains(name) if base.family in ("python", "uv", "node") and name in _LOCAL_PROGRAMS else False
    presence = Presence(there)
    workdir: str | None = "/" if base is not None else None
    for stage in lineage:
        for instruction in stage.instructions:
            if isinstance(instruction, Workdir):
                workdir = absolute(instruction.path.value, workdir)
            elif isinstance(instruction, Run):
                apply_run(instruction.command, name, presence, packages=packages)
            elif isinstance(instruction, Transfer):
                effect = _effect_of_copy(instruction, stage, name, workdir, depth)
                presence.apply("brings" if effect else "nothing" if effect is False else "unknown")
    return presence.there


def _base_name(from_: From) -> str | None:
    return from_.image.value


# -- COPY and ADD


def _effect_of_copy(transfer: Transfer, stage: Stage, name: str, workdir: str | None, depth: int) -> bool | None:
    """Whether a COPY or ADD brings the program: False for certainly not."""
    destination = absolute(transfer.destination.value, workdir)
    directory = (transfer.destination.value or "").endswith(("/", "/.")) or len(transfer.sources) > 1
    relative = transfer.destination.value is not None and not transfer.destination.value.startswith("/")
    if destination is None:
        if transfer.destination.value is None and transfer.from_ is not None:
            return None
        # From the build context to an unknown place: only a file of that name could be it.
        possible = any(basename(word.value) in (name, None) for word in transfer.sources)
        return None if possible and not relative else False
    if basename(destination) == name and not directory:
        return True
    found: bool | None = False
    for word in transfer.sources:
        one = _effect_of_source(transfer, stage, name, source=word.value, destination=destination, depth=depth)
        if one:
            return True
        found = None if one is None else found
    return found


def _effect_of_source(
    transfer: Transfer, stage: Stage, name: str, *, source: str | None, destination: str, depth: int
) -> bool | None:
    visible = destination in PROGRAM_FOLDERS or destination in PROGRAM_TREES
    if source is None:
        return None if visible else False
    last = basename(source)
    if last == name and destination in PROGRAM_FOLDERS:
        return True
    if last == name:
        return None  # a directory that happens to be called so, or a file that PATH may reach
    if not visible:
        return False
    if isinstance(transfer, Add) and re.search(r"\.(tar|tgz|tbz2|txz)(\.[a-z0-9]+)?\Z", source) and "://" not in source:
        return None
    if isinstance(transfer, Add) and "://" in source:
        return False  # one file of another name
    if destination in PROGRAM_FOLDERS and _looks_like_file(transfer, source):
        return False
    if transfer.from_ is None and _is_text(source):
        return False
    if transfer.from_ is not None:
        return _effect_of_stage(transfer, stage, source, name, depth)
    if destination in PROGRAM_TREES and last in _PLAIN_FOLDERS:
        return False
    return None


# Directories of an application that hold no programs.
_PLAIN_FOLDERS = frozenset(
    [
        "app",
        "src",
        "backend",
        "api",
        "server",
        "docs",
        "tests",
        "alembic",
        "migrations",
        "config",
        "requirements",
        "static",
        "templates",
        "scripts",
    ]
)


def _looks_like_file(transfer: Transfer, source: str) -> bool:
    """A single file of a name without wildcards: it lies in a directory of programs, has an ending, or is uv's own."""
    if source.endswith("/") or re.search(r"[*?\[]", source):
        return False
    folder, _, last = source.rpartition("/")
    if folder in PROGRAM_FOLDERS or re.search(r"[^.]\.[a-z0-9]{1,5}\Z", last):
        return True
    image = transfer.from_.value if transfer.from_ else None
    return image is not None and last in ("uv", "uvx") and folder == "" and "uv" in image


def _is_text(source: str) -> bool:
    """A file of the project by its ending, which is no program of another name: `COPY start.sh /`."""
    return re.search(r"[^/.*?\[]\.(?:sh|py|txt|toml|lock|json|ya?ml|ini|cfg|conf|md)\Z", source) is not None


def _effect_of_stage(transfer: Transfer, stage: Stage, source: str, name: str, depth: int) -> bool | None:
    """A tree such as /usr/local or /usr/local/bin taken from another stage.

    Distributions install nothing there, so that only what was put there by hand counts.
    """
    path = absolute(source, "/")
    if path is None or depth > 8:
        return None
    apart = path.count("/") == 1 and path[1:] not in _SYSTEM_FOLDERS
    if not (apart or path == "/usr/local" or path.startswith("/usr/local/")):
        return None
    if path.startswith("/usr/local/lib"):
        return False
    wanted = transfer.from_.value if transfer.from_ else None
    other = stage.dockerfile.stage(wanted) if wanted is not None else None
    if other is None or other.index >= stage.index:
        return None
    lineage = other.lineage
    first = _base_name(lineage[0].from_)
    base = base_image(Reference.parse(first)) if first else None
    if base is None or base.family not in _PLAIN_FAMILIES:
        return None
    if apart and not all(_only_installs(one, path) for each in lineage for one in each.instructions):
        return None
    return _has_program(lineage, base, name, packages=False, depth=depth + 1)


# What a folder at the root is that an installer fills and that is no distribution's: any but these.
_SYSTEM_FOLDERS = frozenset(
    "bin boot dev etc home lib lib64 media mnt opt proc root run sbin srv sys tmp usr var".split()
)
# They make a folder, or change what is in it, and bring no program there.
_TIDYING = frozenset(("mkdir", "rm", "chmod", "chown", "find", "du", "ls", "test", "echo"))


def _only_installs(instruction: Instruction, path: str) -> bool:
    """Whether an instruction puts into a folder what Python's installers are told to (`pip install --prefix=/install`),
    or nothing.
    """
    if path not in instruction.text:
        return True
    if isinstance(instruction, Transfer):
        return not f"{instruction.destination.value or path}/".startswith(f"{path}/")
    if isinstance(instruction, Workdir):
        return False
    if not isinstance(instruction, Run):
        return True
    command = instruction.command
    if command.exec_form or command.script is None or command.script.problems:
        return False
    return all(
        call.name in _TIDYING if step is None else step.manager in ("pip", "uv")
        for call, step in calls_and_steps(command)
        if any(path in one.text for one in call.arguments) or _is_written(call, path)
    )


def _is_written(call: Call, path: str) -> bool:
    """Whether what a call prints goes into a folder."""
    redirects = call.command.redirects if call.command is not None else ()
    return any(one.target is not None and path in one.target.text for one in redirects)
