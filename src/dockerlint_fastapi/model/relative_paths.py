"""Relative directories in a stage that has not said where it works: they begin where the base image happens to stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dockerlint_fastapi.model.base_image import Reference, base_image
from dockerlint_fastapi.model.dockerfile import Copy, Instruction, Stage, Transfer, Word, Workdir
from dockerlint_fastapi.model.passage import DIRECTORIES, place_of


class RelativePath(NamedTuple):
    """A relative directory. `begins` is where the base image stands, `place` the directory that comes out, both
    absolute; None when that cannot be told.
    """

    instruction: Instruction
    word: Word
    begins: str | None
    place: str | None


def relative_paths(stage: Stage) -> Iterator[RelativePath]:
    """The relative WORKDIRs in front of any absolute one, and the relative destinations in front of any WORKDIR.

    Nothing is told of an image that begins with nothing (`scratch`), where all there is lies in `/`.
    """
    first = stage.lineage[0].from_.image
    if first.value == "scratch":
        return
    reference = Reference.parse(first.value) if first.value else None
    base = base_image(reference) if reference is not None else None
    begins = DIRECTORIES.get(base.family) if base is not None else None
    settled = any(_settles(one) for earlier in stage.lineage[:-1] for one in earlier.instructions)
    placed = settled or any(isinstance(one, Workdir) for earlier in stage.lineage[:-1] for one in earlier.instructions)
    current = begins
    for instruction in stage.instructions:
        if isinstance(instruction, Workdir):
            if not settled and not _settles(instruction):
                current = place_of(instruction.path.value, current)
                yield RelativePath(instruction, instruction.path, begins, current)
            settled, placed = settled or _settles(instruction), True
        elif isinstance(instruction, Transfer) and not placed and _is_relative(instruction.destination):
            place = place_of(instruction.destination.value, begins)
            yield RelativePath(instruction, instruction.destination, begins, place)


def _settles(instruction: Instruction) -> bool:
    """Whether a WORKDIR is absolute, or may be: one that begins with a variable that cannot be told."""
    return isinstance(instruction, Workdir) and not _is_relative(instruction.path)


def _is_relative(word: Word) -> bool:
    value = word.value
    if value is None:
        return False
    drive = value[1:2] == ":" and value[:1].isalpha()
    return bool(value) and not value.startswith(("/", "\\")) and not drive


def overwritten_target(transfer: Transfer) -> bool:
    """Whether several files are copied to a destination that does not end in a slash, so that Docker takes it for the
    name of one file.
    """
    value = transfer.destination.value
    if value is None or len(transfer.sources) < 2 or transfer.flag("parents") is not None:
        return False
    return not (value.endswith(("/", "/.", "/..")) or value in (".", "..") or isinstance(transfer, Copy) is None)
