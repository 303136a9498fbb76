"""How a run ends: its exit codes, and why one cannot begin.

0 nothing at or above `--fail-on`, 1 findings, 2 wrong usage or settings, a path that cannot be linted, or a fault of
dlf itself; 130 after Ctrl-C.
"""

from __future__ import annotations

FINDINGS, FAILURE, INTERRUPTED = 1, 2, 130


class Stop(Exception):  # noqa: N818 - it is no error of the program
    """A run that cannot begin: the message for the user."""


class Interrupted(Exception):  # noqa: N818 - likewise
    """The user broke the run off."""
