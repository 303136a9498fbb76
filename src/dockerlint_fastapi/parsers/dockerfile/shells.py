"""Shells of a Dockerfile: what SHELL is when nothing sets it, and which shells the shell parser can read."""

from __future__ import annotations

import re
from functools import lru_cache

from dockerlint_fastapi.model.dockerfile import Shell

DEFAULT_SHELL = ("/bin/sh", "-c")
WINDOWS_SHELL = ("cmd", "/S", "/C")
_POSIX_SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh", "mksh"})


def shell_words(shell: Shell) -> tuple[str, ...]:
    """The words of a SHELL instruction; one that cannot be told is empty."""
    return tuple(word.value or "" for word in shell.words)


@lru_cache(maxsize=64)
def is_posix(shell: tuple[str, ...]) -> bool:
    """Whether a SHELL hands its last argument to a POSIX-like shell: `sh`, options, and `-c` at the end."""
    words = list(shell)
    if words and _program(words[0]) == "env":
        words = words[1:]
    if words and _program(words[0]) == "busybox":
        words = words[1:]
    if len(words) < 2 or _program(words[0]) not in _POSIX_SHELLS:
        return False
    last = words[-1]
    return last.startswith("-") and not last.startswith("--") and "c" in last


def is_posix_shebang(text: str) -> bool:
    """Whether a `#!` line names a shell that the shell parser reads."""
    words = text.partition("\n")[0][2:].split()
    if words and _program(words[0]) == "env":
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    return bool(words) and (_program(words[0]) in _POSIX_SHELLS or _program(words[0]) == "busybox")


def _program(path: str) -> str:
    """A program's bare name."""
    return re.split(r"[/\\]", path)[-1].lower().removesuffix(".exe")
