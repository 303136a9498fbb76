"""A folder for what a process unpacks. It goes away with whoever made it, at the latest when the next one is made.

Its maker holds a lock on a file in it for as long as it lives. A folder whose lock nobody holds is of a run that was
killed, on this machine or in a container that shares the temporary folder.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from contextlib import suppress

try:
    import fcntl
except ImportError:  # Windows: folders of killed runs stay there
    fcntl = None  # type: ignore[assignment]

PREFIX = "dlf-fleet-"
_LOCK = "lock"
_UNLOCKED = 3600.0  # seconds after which a folder that never got its lock was left behind


class Scratch:
    """An empty folder in the temporary folder. Raises OSError when there cannot be one."""

    def __init__(self) -> None:
        sweep()
        while True:
            self.path = tempfile.mkdtemp(prefix=PREFIX)
            self._lock = os.open(os.path.join(self.path, _LOCK), os.O_RDWR | os.O_CREAT, 0o600)
            try:
                if _locked(self._lock) and os.fstat(self._lock).st_nlink:
                    return
            except OSError:  # a file system without locks, where nobody sweeps
                return
            self.close()  # somebody swept just now

    def close(self) -> None:
        """Takes the folder away."""
        if fcntl is None:
            os.close(self._lock)  # Windows removes no open file
            shutil.rmtree(self.path, ignore_errors=True)
            return
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def sweep() -> None:
    """Takes away what killed runs of this user left behind."""
    if fcntl is None:
        return
    with suppress(OSError), os.scandir(tempfile.gettempdir()) as found:
        for one in found:
            if one.name.startswith(PREFIX):
                with suppress(OSError):
                    _sweep(one)


def _sweep(one: os.DirEntry[str]) -> None:
    info = one.stat(follow_symlinks=False)
    if not one.is_dir(follow_symlinks=False) or info.st_uid != os.getuid():
        return
    try:
        lock = os.open(os.path.join(one.path, _LOCK), os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        if time.time() - info.st_mtime > _UNLOCKED:
            shutil.rmtree(one.path, ignore_errors=True)
        return
    try:
        if _locked(lock):
            shutil.rmtree(one.path, ignore_errors=True)
    finally:
        os.close(lock)


def _locked(descriptor: int) -> bool:
    """Takes a lock; False when somebody else has it."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
