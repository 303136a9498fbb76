"""A bar on standard error that shows how far a long run has come, at a terminal where somebody is watching.

A run that ends within DELAY seconds shows none. Nothing here is imported when there is no such terminal.
"""

from __future__ import annotations

import shutil
import sys
import time
from contextlib import suppress

from dockerlint_fastapi.reporters.visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

DELAY = 1.0  # seconds before the bar is drawn
PAUSE = 0.1  # seconds between two drawings
FULL = "━"
WIDTH = 24  # columns of the bar itself
CLEARED = "\r\x1b[K"


class Progress:
    """Where a run stands: which project of how many, and how much of that one is done."""

    def __init__(self, projects: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.projects = projects
        self.done = 0
        self._name = ""
        self._clock = clock
        self._next = clock() + DELAY
        self._drawn = False

    def project(self, name: str) -> Callable[[int, int], None]:
        """Begins a project, and gives what its linting calls with the steps that are done and their number."""
        self.done = min(self.done + 1, self.projects)  # a project that is mended is linted again
        self._name = name
        self._step(0, 0)
        return self._step

    def _step(self, done: int, steps: int) -> None:
        now = self._clock()
        if now < self._next:
            return
        self._next = now + PAUSE
        self._drawn = True
        self._write(CLEARED + self.line(done, steps, shutil.get_terminal_size().columns - 1))

    def line(self, done: int, steps: int, columns: int) -> str:
        """The bar as text, no wider than some columns. A project counts as read when its steps begin."""
        part = (self.done - 1 + (done / steps if steps else 0)) / self.projects
        filled = min(WIDTH, int(part * WIDTH))
        bar = FULL * filled + " " * (WIDTH - filled)
        count = f"project {self.done} of {self.projects}: " if self.projects > 1 else ""
        what = f"checking {done} of {steps}" if steps else "reading"
        text = f"{bar} {part:>4.0%} {count}{visible(self._name)}: {what}"
        return text if len(text) <= columns else text[: max(columns, 0)]

    def clear(self) -> None:
        """Takes the bar away, before anything else is printed."""
        if self._drawn:
            self._drawn = False
            self._write(CLEARED)

    def _write(self, text: str) -> None:
        stream = sys.stderr
        with suppress(OSError, ValueError):
            encoding = getattr(stream, "encoding", None) or "utf-8"
            if encoding.lower().replace("-", "") != "utf8":  # it may have no such line
                text = text.replace(FULL, "#").encode(encoding, "replace").decode(encoding)
            stream.write(text)
            stream.flush()
