"""A health check's test: what it starts, and what must be there for it to pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dockerlint_fastapi.model.command import Program
from dockerlint_fastapi.source import Span

if TYPE_CHECKING:
    from dockerlint_fastapi.model.image import Image

# Where a shell looks programs up in the images that we know; of any other place nothing is known.
_ON_PATH = ("/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin")


class Probe(NamedTuple):
    """The test of a HEALTHCHECK or of compose's `healthcheck`, as Docker runs it in the container.

    `ways` are the programs of each way in which it can pass: `wget … || curl …` has two, `curl … && python …` one of
    two programs, `curl … || true` also the empty one. None when they cannot be told.
    """

    span: Span
    shell: str | None  # the bare name of the shell that runs it; None when it starts one program directly
    programs: tuple[Program, ...]  # everything that it starts, in order
    ways: tuple[tuple[Program, ...], ...] | None

    def lacks(self, image: Image) -> tuple[Lack, ...]:
        """What the image lacks so that the test can never pass: one thing for each way. Empty when it may pass."""
        if self.shell is not None and image.has(self.shell) is False:
            return (Lack(self.shell, self.span, is_shell=True),)
        found: list[Lack] = []
        for way in self.ways or ():
            missing = next((lack for program in way for lack in _lacks(program, image, self.span)), None)
            if missing is None:
                return ()
            found.append(missing)
        return tuple({lack.program: lack for lack in reversed(found)}.values())[::-1]


class Lack(NamedTuple):
    """A program that a test needs and its image does not have."""

    program: str
    span: Span  # where the test names it; the whole test for a wrapper and for the shell that is to run it
    is_shell: bool = False  # the shell that the test is to run in


def _lacks(program: Program, image: Image, test: Span) -> list[Lack]:
    """Which of the programs of one call the image lacks: the wrappers in front of it, and itself."""
    found: list[Lack] = []
    for label in program.wrappers:
        # `python -m` stands for whichever interpreter was called.
        name = label.partition(" ")[0]
        if name not in ("python", "pypy") and image.has(name) is False:
            found.append(Lack(name, test))
    path = program.argv[0].value if program.argv else None
    module = program.wrappers[-1:] == ("python -m",)
    if path is None or module or not program.name:
        return found
    folder = path.rpartition("/")[0]
    if ("/" not in path or folder in _ON_PATH) and image.has(program.name) is False:
        found.append(Lack(program.name, program.argv[0].span))
    return found
