"""An exec form that is no JSON, so that Docker takes it for a shell command."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Instruction, Transfer


def check(instruction: Instruction) -> Iterator[Finding]:
    """Speaks of what begins with a bracket and is neither an array nor the shell's own test."""
    array = instruction.broken_array
    if array is None:
        return
    if hasattr(instruction, "command"):
        what = "no array, and Docker hands the text to a shell, which finds no such program"
    elif isinstance(instruction, Transfer):
        what = "no array, and Docker takes the brackets and quotes for parts of the file names"
    else:
        what = "no array, and Docker takes the brackets and quotes for a part of the path"
    finding = Finding.at(array.span, f"{array.fault}: this is {what}")
    if array.repaired is not None:
        finding = finding.fixed_by(
            "write a JSON array", Edit(array.span, array.repaired), reveals=True, names=("here", "server")
        )
    yield finding
