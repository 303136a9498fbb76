"""A project's files held by the caller: bytes by path, with links, sizes and rights beside them. No file system."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from dockerlint_fastapi.tree import MAX_BYTES, Listing, Unreadable, normal, parent

_MOST_LINKS = 40  # that one path may lead through, as on Linux


class HeldTree:
    """Files in a mapping from path to bytes, which may fetch them when asked.

    `links` are symbolic links by path, with what is written in each; they are followed within the project and never out
    of it. `sizes` says how many bytes a file has without fetching it; one that is in `sizes` alone is there, but
    cannot be read. `executable` are the files that somebody may execute; None when no such right is kept.
    Raises ValueError for a path that is not relative to the project's root, or lies in what is no directory.
    """

    def __init__(
        self,
        files: Mapping[str, bytes],
        *,
        links: Mapping[str, str] | None = None,
        sizes: Mapping[str, int] | None = None,
        executable: Collection[str] | None = None,
    ) -> None:
        self._files = files
        self._links = links or {}
        self._sizes = sizes or {}
        self._executable = executable
        self._regular = {*files, *self._sizes}
        self._directories: dict[str, set[str]] = {"": set()}
        for path in (*self._regular, *self._links):
            self._place(path)
        for path in self._directories:
            if path in self._regular or path in self._links:
                raise ValueError(f"{path!r} holds other files, and is a file itself")

    def _place(self, path: str) -> None:
        if not path or normal(path) != path:
            raise ValueError(f"{path!r} is no path within a project, such as `api/Dockerfile`")
        while path:
            folder, name = parent(path), path.rpartition("/")[2]
            names = self._directories.get(folder)
            if names is not None and name in names:
                return
            self._directories.setdefault(folder, set()).add(name)
            path = folder

    def resolve(self, path: str) -> str | None:
        """See Tree. None also for links in a circle."""
        waiting = path.split("/")[::-1]
        real: list[str] = []
        followed = 0
        while waiting:
            part = waiting.pop()
            if part in ("", "."):
                continue
            if part == "..":
                if not real:
                    return None
                real.pop()
                continue
            real.append(part)
            target = self._links.get("/".join(real)) if self._links else None
            if target is not None:
                followed += 1
                if followed > _MOST_LINKS or target.startswith("/"):
                    return None
                real.pop()
                waiting.extend(target.split("/")[::-1])
        return "/".join(real)

    def read(self, path: str) -> bytes | None:
        """See Tree."""
        real = self.resolve(path)
        if real is None or real not in self._regular:
            return None
        size = self._sizes.get(real)
        if real in self._files and (size is None or size <= MAX_BYTES):
            data = self._files[real]
            size = len(data)
            if size <= MAX_BYTES:
                return data
        if size is not None and size <= MAX_BYTES:
            raise Unreadable("its content is not at hand")
        raise Unreadable(f"{size} bytes is more than dlf reads ({MAX_BYTES})")

    def is_file(self, path: str) -> bool:
        """See Tree."""
        return self.resolve(path) in self._regular

    def size(self, path: str) -> int | None:
        """See Tree."""
        folder = self.resolve(parent(path))
        if folder is None:
            return None
        name = path.rpartition("/")[2]
        real = f"{folder}/{name}" if folder else name
        if real in self._links:
            return 0
        if real not in self._regular:
            return None
        size = self._sizes.get(real)
        return len(self._files[real]) if size is None else size

    def executable(self, path: str) -> bool | None:
        """See Tree."""
        real = self.resolve(path)
        if self._executable is None or real not in self._regular:
            return None
        return real in self._executable

    def is_dir(self, path: str) -> bool:
        """See Tree."""
        return self.resolve(path) in self._directories

    def names(self, path: str) -> list[str]:
        """See Tree."""
        real = self.resolve(path)
        return sorted(self._directories.get(real, ())) if real is not None else []

    def listing(self, path: str) -> Listing:
        """See Tree."""
        real = self.resolve(path)
        prefix = f"{real}/" if real else ""
        names = self.names(path)
        return Listing(
            tuple(name for name in names if prefix + name in self._directories),
            tuple(name for name in names if prefix + name in self._regular),
            tuple(name for name in names if prefix + name in self._links),
        )


def placed(paths: Iterable[str]) -> set[str]:
    """Those paths that can stand in one project: relative and plain, and none within another that is a file."""
    plain = {path for path in paths if path and "\0" not in path and normal(path) == path}

    def within(path: str) -> bool:
        while path := parent(path):
            if path in plain:
                return True
        return False

    return {path for path in plain if not within(path)}
