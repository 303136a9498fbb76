"""The presence of one program in an image, instruction by instruction, and the places where it would be found."""

from __future__ import annotations

from functools import lru_cache

# Where programs are looked up by default; what is copied elsewhere is not run by its bare name.
PROGRAM_FOLDERS = frozenset(
    [
        "/bin",
        "/sbin",
        "/usr/bin",
        "/usr/sbin",
        "/usr/local/bin",
        "/usr/local/sbin",
        "/root/.local/bin",
        "/opt/venv/bin",
        "/venv/bin",
        "/app/.venv/bin",
    ]
)
# Directories that hold such folders: what is copied there as a tree may bring programs.
PROGRAM_TREES = frozenset(("/", "/usr", "/usr/local", "/opt", "/root/.local"))


class Presence:
    """Whether a program is there so far, and whether something unread may have brought it a second time."""

    __slots__ = ("doubt", "there")

    def __init__(self, there: bool | None) -> None:  # noqa: FBT001  # the one thing that it is made from
        self.there = there
        self.doubt = there is None

    def apply(self, effect: str) -> None:
        """What `brings`, `removes`, `unknown` or `nothing` makes of it."""
        if effect == "brings":
            self.there = True
        elif effect == "removes":
            self.there = None if self.doubt else False
        elif effect == "unknown":
            self.doubt = True
            self.there = self.there or None


@lru_cache(maxsize=1024)
def absolute(value: str | None, workdir: str | None) -> str | None:
    """An absolute path without `.`, doubled or trailing slashes; None when it cannot be told."""
    if value is None:
        return None
    if not value.startswith("/"):
        if workdir is None:
            return None
        value = f"{workdir}/{value}"
    parts: list[str] = []
    for part in value.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)


def basename(path: str | None) -> str | None:
    """The last part of a path, whether or not a slash follows it; None when the path cannot be told."""
    return path.rstrip("/").rpartition("/")[2] if path is not None else None
