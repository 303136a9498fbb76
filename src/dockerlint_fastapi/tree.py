"""A project's files, read lazily: on disk, or in memory for examples and for callers without a file system."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterable, Mapping

from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol
else:
    Protocol = object

MAX_BYTES = 20_000_000  # no Dockerfile, compose file or manifest is larger; what is, is not read
_FEW = 8  # names that are looked through about as fast as a set is asked
_NO_NAMES = ("", ".", "..")  # what ends a path without naming anything in a folder


class Unreadable(Exception):  # noqa: N818 - the word that a reader of `except` expects
    """A file that exists but cannot be read; the message says why, for the user."""


class Listing(NamedTuple):
    """What a directory holds, each list sorted. Pipes, sockets and devices are in none of them."""

    directories: tuple[str, ...] = ()  # real ones: a link to a directory is a link
    files: tuple[str, ...] = ()  # regular files
    links: tuple[str, ...] = ()  # symbolic links, wherever they lead


class Tree(Protocol):
    """Files under one root. Paths are relative to it, `/`-separated, without `.` or `..`; "" is the root itself."""

    def read(self, path: str) -> bytes | None:
        """The file's bytes; None when there is no such regular file inside the root. Raises Unreadable."""

    def is_file(self, path: str) -> bool:
        """Whether a regular file is there (a link counts only when it stays inside the root)."""

    def size(self, path: str) -> int | None:
        """How many bytes a regular file holds, without reading it; 0 for a link; None when there is no such file."""

    def executable(self, path: str) -> bool | None:
        """Whether a regular file may be executed by somebody; None when there is none, or no such right is kept."""

    def is_dir(self, path: str) -> bool:
        """Whether a directory is there."""

    def names(self, path: str) -> list[str]:
        """The sorted names in a directory; empty when there is none."""

    def listing(self, path: str) -> Listing:
        """The names in a directory by what they are, without a look at each; empty when it cannot be read."""

    def resolve(self, path: str) -> str | None:
        """The path with every link followed; None when it leads out of the root."""


def normal(path: str) -> str | None:
    """A relative path without `.`, `..` and doubled slashes; None when it leaves the root or is absolute."""
    if path.startswith("/"):
        return None
    parts: list[str] = []
    for part in path.split("/"):
        if part in ("", "."):
            continue
        if part == "..":
            if not parts:
                return None
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def in_context(source: str) -> str:
    """A source of COPY as a path in the build context, "" for all of it: BuildKit cleans it from the root on, so that a
    leading `..` is dropped.
    """
    parts: list[str] = []
    for part in source.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def parent(path: str) -> str:
    """The directory that holds a path; "" for the root."""
    return path.rpartition("/")[0]


class MemoryTree:
    """Files held in a mapping from path to bytes."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)
        self.directories: dict[str, set[str]] = {"": set()}
        for path in self.files:
            name = path
            while name:
                folder = parent(name)
                self.directories.setdefault(folder, set()).add(name.rpartition("/")[2])
                name = folder

    def read(self, path: str) -> bytes | None:
        """See Tree."""
        return self.files.get(path)

    def is_file(self, path: str) -> bool:
        """See Tree."""
        return path in self.files

    def size(self, path: str) -> int | None:
        """See Tree."""
        return len(self.files[path]) if path in self.files else None

    def executable(self, path: str) -> bool | None:  # noqa: ARG002 - it keeps no rights
        """See Tree."""
        return None

    def is_dir(self, path: str) -> bool:
        """See Tree."""
        return path in self.directories

    def names(self, path: str) -> list[str]:
        """See Tree."""
        return sorted(self.directories.get(path, ()))

    def listing(self, path: str) -> Listing:
        """See Tree."""
        names = self.names(path)
        prefix = f"{path}/" if path else ""
        directories = tuple(name for name in names if prefix + name in self.directories)
        return Listing(directories, tuple(name for name in names if prefix + name in self.files))

    def resolve(self, path: str) -> str | None:
        """See Tree."""
        return path


class _Folder:
    """What a real directory was seen to hold, to answer what else is asked of it. `others` are its links, pipes,
    sockets and devices, which have to be looked at.
    """

    __slots__ = ("directories", "files", "listing", "others")

    def __init__(self, listing: Listing, others: Iterable[str] = ()) -> None:
        self.listing = listing
        self.directories = _quick(listing.directories)
        self.files = _quick(listing.files)
        self.others = _quick((*listing.links, *others))

    @property
    def names(self) -> list[str]:
        """Everything that it holds, sorted."""
        return sorted((*self.listing.directories, *self.listing.files, *self.others))


def _quick(names: tuple[str, ...]) -> Collection[str]:
    """Names to look others up in. Few are kept as they are: most directories hold few, and a set takes 200 bytes."""
    return names if len(names) <= _FEW else frozenset(names)


_NOTHING = _Folder(Listing())


class DiskTree:
    """Files under a directory. Nothing outside it is opened, whatever links say; devices and pipes are no files.

    Each directory is listed once and remembered, so that a run sees it as it was at that moment. Names are those of the
    directory: on a disk that takes `dockerfile` for `Dockerfile`, they are two all the same, as they are for others.
    """

    def __init__(self, root: str) -> None:
        self.root = os.path.realpath(root)
        self._real = {""}  # directories that a listing has shown to be no links: they need not be resolved again
        self._prefix = self.root.rstrip(os.sep) + os.sep
        self._folders: dict[str, _Folder | None] = {}

    def forget(self) -> None:
        """Gives back the memory that it takes; whoever asks again has the directories listed once more."""
        self._real = {""}
        self._folders = {}

    def _folder(self, path: str) -> _Folder | None:
        """What a directory holds; empty when there is none. None when that cannot be told: a link is on the way to it,
        or it may not be read.
        """
        if path in self._folders:
            return self._folders[path]
        found: _Folder | None = None
        if path in self._real:
            found = self._scanned(os.path.join(self.root, path) if path else self.root)
            if found is not None:
                prefix = f"{path}/" if path else ""
                self._real.update(prefix + name for name in found.directories)
        else:
            above, _, name = path.rpartition("/")
            outer = self._folder(above) if name not in _NO_NAMES and os.name != "nt" and "\0" not in path else None
            if outer is not None and name in outer.directories:
                return self._folder(path)
            if outer is not None and name not in outer.others:
                found = _NOTHING
        self._folders[path] = found
        return found

    @staticmethod
    def _scanned(real: str) -> _Folder | None:
        directories: list[str] = []
        files: list[str] = []
        links: list[str] = []
        others: list[str] = []
        try:
            with os.scandir(real) as entries:
                for entry in entries:
                    # The kind comes with the directory itself on most file systems, so no file is touched.
                    if entry.is_symlink():
                        links.append(entry.name)
                    elif entry.is_dir(follow_symlinks=False):
                        directories.append(entry.name)
                    elif entry.is_file(follow_symlinks=False):
                        files.append(entry.name)
                    else:
                        others.append(entry.name)
        except OSError:  # no right to read it, or it went away meanwhile
            return None
        return _Folder(Listing(tuple(sorted(directories)), tuple(sorted(files)), tuple(sorted(links))), others)

    def _kind(self, path: str) -> str | None:
        """What a path is by its directory's listing: `file`, `directory` or `nothing`; None when it does not tell."""
        above, _, name = path.rpartition("/")
        if name in _NO_NAMES:
            return None
        folder = self._folder(above)
        if folder is None or name in folder.others:
            return None
        return "file" if name in folder.files else "directory" if name in folder.directories else "nothing"

    def _inside(self, path: str) -> str | None:
        """Where a path really is; None outside the root."""
        folder, _, name = path.rpartition("/")
        if folder in self._real and name not in _NO_NAMES and os.name != "nt":
            full = self._prefix + path
            try:
                if not stat.S_ISLNK(os.lstat(full).st_mode):
                    return full
            except OSError:  # nothing is there
                return full
            except ValueError:  # a NUL: `realpath` says what becomes of it
                pass
        full = os.path.join(self.root, path) if path else self.root
        real = os.path.realpath(full)
        if real == self.root or real.startswith(self._prefix):
            return real
        return None

    def read(self, path: str) -> bytes | None:
        """See Tree."""
        kind = self._kind(path)
        if kind in ("directory", "nothing"):
            return None
        real = self._prefix + path if kind == "file" else self._inside(path)
        if real is None:
            return None
        try:
            # O_NONBLOCK: opening a FIFO must not hang. The type is checked on the open file: it cannot change then.
            fd = os.open(real, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unreadable(error.strerror or str(error)) from error
        try:
            info = os.fstat(fd)
            if not stat.S_ISREG(info.st_mode):
                return None
            if info.st_size > MAX_BYTES:
                raise Unreadable(f"{info.st_size} bytes is more than dlf reads ({MAX_BYTES})")
            blocks: list[bytes] = []  # not by `open`, which makes room for all that may come: 50 MB for each file
            room = MAX_BYTES
            while room and (block := os.read(fd, min(room, max(info.st_size + 1, 4096)))):
                blocks.append(block)
                room -= len(block)
            return blocks[0] if len(blocks) == 1 else b"".join(blocks)
        except OSError as error:
            raise Unreadable(error.strerror or str(error)) from error
        finally:
            os.close(fd)

    def is_file(self, path: str) -> bool:
        """See Tree."""
        kind = self._kind(path)
        if kind is not None:
            return kind == "file"
        real = self._inside(path)
        return real is not None and os.path.isfile(real)

    def size(self, path: str) -> int | None:
        """See Tree."""
        folder, name = os.path.split(path)
        real = os.path.join(self.root, folder) if folder in self._real else self._inside(folder)
        try:
            info = os.lstat(os.path.join(real, name)) if real is not None else None
        except OSError:
            return None
        if info is None or stat.S_ISLNK(info.st_mode):
            return None if info is None else 0
        return info.st_size if stat.S_ISREG(info.st_mode) else None

    def executable(self, path: str) -> bool | None:
        """See Tree. A checkout on Windows has no such right to keep."""
        real = self._inside(path) if os.name != "nt" else None
        try:
            info = os.stat(real) if real is not None else None
        except OSError:
            return None
        return bool(info.st_mode & 0o111) if info is not None and stat.S_ISREG(info.st_mode) else None

    def is_dir(self, path: str) -> bool:
        """See Tree."""
        kind = self._kind(path)
        if kind is not None:
            return kind == "directory"
        real = self._inside(path)
        return real is not None and os.path.isdir(real)

    def names(self, path: str) -> list[str]:
        """See Tree."""
        folder = self._folder(path)
        if folder is not None:
            return folder.names
        real = self._inside(path)
        if real is None:
            return []
        try:
            return sorted(os.listdir(real))
        except OSError:
            return []

    def listing(self, path: str) -> Listing:
        """See Tree."""
        folder = self._folder(path)
        if folder is None:
            real = self._inside(path)
            folder = self._scanned(real) if real is not None else None
        return folder.listing if folder is not None else Listing()

    def resolve(self, path: str) -> str | None:
        """See Tree."""
        real = self._inside(path)
        if real is None:
            return None
        return "" if real == self.root else os.path.relpath(real, self.root).replace(os.sep, "/")


class OverlayTree:
    """A tree in which one file has other bytes than below, or exists only here: text from standard input."""

    def __init__(self, below: Tree, path: str, data: bytes) -> None:
        self.below = below
        self.path = path
        self.data = data

    def read(self, path: str) -> bytes | None:
        """See Tree."""
        return self.data if path == self.path else self.below.read(path)

    def is_file(self, path: str) -> bool:
        """See Tree."""
        return path == self.path or self.below.is_file(path)

    def size(self, path: str) -> int | None:
        """See Tree."""
        return len(self.data) if path == self.path else self.below.size(path)

    def executable(self, path: str) -> bool | None:
        """See Tree."""
        return self.below.executable(path)

    def is_dir(self, path: str) -> bool:
        """See Tree."""
        return self.below.is_dir(path) or (path == "" or self.path.startswith(f"{path}/"))

    def names(self, path: str) -> list[str]:
        """See Tree."""
        names = set(self.below.names(path))
        if path == parent(self.path):
            names.add(self.path.rpartition("/")[2])
        return sorted(names)

    def listing(self, path: str) -> Listing:
        """See Tree."""
        directories, files, links = self.below.listing(path)
        if path == parent(self.path):
            name = self.path.rpartition("/")[2]
            files = tuple(sorted({*files, name}))
            directories = tuple(other for other in directories if other != name)
            links = tuple(other for other in links if other != name)
        return Listing(directories, files, links)

    def resolve(self, path: str) -> str | None:
        """See Tree."""
        return path if path == self.path else self.below.resolve(path)


def text_files(files: Iterable[tuple[str, str]]) -> MemoryTree:
    """A memory tree from texts."""
    return MemoryTree({path: text.encode("utf-8", "surrogateescape") for path, text in files})
