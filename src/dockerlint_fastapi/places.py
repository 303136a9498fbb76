"""Where the program may keep what it need not compute again."""

from __future__ import annotations

import os
import sys


def folder_of(given: str | None) -> str:
    """The folder of the cache: the one that is given, DLF_CACHE_DIR, or the user's own place for such things."""
    if given is None:
        given = os.environ.get("DLF_CACHE_DIR") or None
    if given is not None:
        return os.path.abspath(given)
    if sys.platform == "win32":
        return os.path.join(os.environ.get("LOCALAPPDATA") or os.path.expanduser("~"), "dlf", "cache")
    if sys.platform == "darwin":
        return os.path.expanduser("~/Library/Caches/dlf")
    return os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "dlf")


def usable(folder: str) -> bool:
    """Whether a folder is not there yet, or is the user's own and nobody else's to write to."""
    try:
        info = os.stat(folder)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return not hasattr(os, "geteuid") or (info.st_uid == os.geteuid() and not info.st_mode & 0o022)
