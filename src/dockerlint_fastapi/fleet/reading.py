"""One repository to a tree of its files. Nothing of an archive or a bundle is ever written out as files.

Everything here is read as from a stranger: names that lead out of the project and files within files are left out,
links are kept as links, sizes are limited, and git runs neither hooks nor transports.
"""

from __future__ import annotations

import os
import stat
import subprocess
import tarfile
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from dockerlint_fastapi.fleet import SourceError
from dockerlint_fastapi.fleet.sources import FURTHER, Origin
from dockerlint_fastapi.held import HeldTree, placed
from dockerlint_fastapi.tree import MAX_BYTES, DiskTree, Tree, Unreadable, normal

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_HELD = 500_000_000  # bytes of one repository that are held in memory
MAX_FILES = 1_000_000  # names in one repository
MAX_LINK = 4096  # bytes of a link: PATH_MAX
_KEPT_OF_GIT = (".git/HEAD", ".git/info/exclude")


@contextmanager
def opened(origin: Origin, scratch: str) -> Iterator[Tree]:
    """The files of a repository, as long as the context lasts. `scratch` is an empty folder for git's objects.

    Raises SourceError.
    """
    with ExitStack() as stack:
        try:
            tree = _tree(origin, scratch, stack)
        except (OSError, tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            what = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
            raise SourceError(f"cannot be read: {what}") from error
        yield tree


def _tree(origin: Origin, scratch: str, stack: ExitStack) -> Tree:
    if origin.kind == "checkout":
        if not os.path.isdir(origin.place):
            raise SourceError("cannot be read: no such directory")
        return DiskTree(origin.place)
    if origin.kind in ("bundle", "bare"):
        return _git_tree(origin, scratch, stack)
    if origin.kind == "parquet":
        return _parquet_tree(origin)
    return _zip_tree(origin.place, stack) if origin.place.lower().endswith(".zip") else _tar_tree(origin.place)


class _Names:
    """What an archive lists, by the paths of the project."""

    def __init__(self) -> None:
        self.files: dict[str, Any] = {}
        self.links: dict[str, str] = {}
        self.sizes: dict[str, int] = {}
        self.executable: set[str] = set()

    def add(self, name: str, *, file: Any = None, size: int = 0, link: str | None = None, mode: int = 0) -> None:
        """One member; a later one of the same name takes its place. What leads out of the project is left out."""
        path = normal(name)
        if not path:
            return
        for table in (self.files, self.links, self.sizes):
            table.pop(path, None)
        self.executable.discard(path)
        if link is not None:
            self.links[path] = link
            return
        self.sizes[path] = size
        if file is not None:
            self.files[path] = file
        if mode & 0o111:
            self.executable.add(path)
        if len(self.sizes) + len(self.links) > MAX_FILES:
            raise SourceError(f"holds more than {MAX_FILES} files")

    def tree(self, files: Mapping[str, bytes], *, rights: bool = True, within: str = "") -> HeldTree:
        """The tree, once nothing is added any more. `within` is the folder that is the project."""
        paths = placed((*self.sizes, *self.links))
        prefix = f"{within}/" if within else ""
        here = {path: path.removeprefix(prefix) for path in paths if path.startswith(prefix)}
        return HeldTree(
            _Renamed(files, {short: path for path, short in here.items() if path in self.files}),
            links={here[path]: link for path, link in self.links.items() if path in here},
            sizes={here[path]: size for path, size in self.sizes.items() if path in here},
            executable={here[path] for path in self.executable if path in here} if rights else None,
        )

    @property
    def top(self) -> str:
        """The one folder that everything lies in, as in what a forge packs; "" when there is no such."""
        tops = {path.partition("/")[0] for path in (*self.sizes, *self.links)}
        inside = all("/" in path for path in (*self.sizes, *self.links))
        return tops.pop() if len(tops) == 1 and inside else ""


class _Renamed(Mapping[str, bytes]):
    """Another mapping's bytes by other keys, fetched when they are asked for."""

    def __init__(self, below: Mapping[str, bytes], keys: Mapping[str, str]) -> None:
        self._below = below
        self._keys = keys

    def __getitem__(self, key: str) -> bytes:
        return self._below[self._keys[key]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


def _tar_tree(path: str) -> HeldTree:
    """A tar archive, read once from front to end; files beyond what dlf reads are passed over."""
    names = _Names()
    held = 0
    hard: list[tuple[str, str]] = []
    with tarfile.open(path, "r|*") as archive:
        for member in archive:
            if member.issym():
                names.add(member.name, link=member.linkname[:MAX_LINK])
            elif member.islnk():
                hard.append((member.name, member.linkname))
            elif member.isreg():
                data = None
                if member.size <= MAX_BYTES and _is_read(member.name):
                    held += member.size
                    if held > MAX_HELD:
                        raise SourceError(f"holds more than {MAX_HELD} bytes of files that dlf could read")
                    file = archive.extractfile(member)
                    data = file.read(MAX_BYTES) if file is not None else None
                names.add(member.name, file=data, size=member.size, mode=member.mode)
    for name, target in hard:
        other = normal(target)
        if other in names.sizes:
            mode = 0o111 if other in names.executable else 0
            names.add(name, file=names.files.get(other), size=names.sizes[other], mode=mode)
    return names.tree(names.files, within=names.top)


def _is_read(path: str) -> bool:
    """Whether dlf may read a file: of a `.git` it reads next to nothing."""
    _, inside, rest = f"/{path}".rpartition("/.git/")
    return not inside or f".git/{rest}" in _KEPT_OF_GIT


class _Zipped(Mapping[str, bytes]):
    """The files of a zip archive, unpacked in memory when they are asked for."""

    def __init__(self, archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo]) -> None:
        self._archive = archive
        self._members = members

    def __getitem__(self, key: str) -> bytes:
        try:
            with self._archive.open(self._members[key]) as file:
                return file.read(MAX_BYTES + 1)
        except (OSError, RuntimeError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise Unreadable(str(error) or type(error).__name__) from error

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)


def _zip_tree(path: str, stack: ExitStack) -> HeldTree:
    names = _Names()
    archive = stack.enter_context(zipfile.ZipFile(path))
    rights = False
    for member in archive.infolist():
        mode = member.external_attr >> 16
        rights = rights or bool(mode)
        if member.is_dir():
            continue
        if stat.S_ISLNK(mode):
            with archive.open(member) as file:
                names.add(member.filename, link=os.fsdecode(file.read(MAX_LINK)))
        elif not stat.S_IFMT(mode) or stat.S_ISREG(mode):
            names.add(member.filename, file=member, size=member.file_size, mode=mode)
    return names.tree(_Zipped(archive, names.files), rights=rights, within=names.top)


_GIT = (
    "git",
    *("-c", "safe.directory=*"),  # the owner of a mirror is often another user; nothing of it is executed
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "protocol.allow=never"),
    *("-c", "gc.auto=0"),
)
_OWN_ENV = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",  # a promisor's missing object must not start a transport
    "GIT_NO_REPLACE_OBJECTS": "1",
    "LC_ALL": "C",
}


def _git(*arguments: str) -> bytes:
    """What git prints. Raises SourceError with what it says is wrong."""
    try:
        command = [*_GIT, *arguments]
        done = subprocess.run(command, env=_git_env(), stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise SourceError("cannot be read: a bundle is read by the program git, which is not installed here") from error
    if done.returncode != 0:
        lines = [line for line in done.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
        said = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[-1] if lines else "")
        raise SourceError(f"cannot be read: git: {said or f'exit code {done.returncode}'}")
    return done.stdout


def _git_env() -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return inherited | _OWN_ENV


def _git_tree(origin: Origin, scratch: str, stack: ExitStack) -> HeldTree:
    """The files of the commit that a clone would check out, without checking it out."""
    folder = origin.place
    if origin.kind == "bundle":
        folder = os.path.join(scratch, "repository.git")
        _git("init", "--quiet", "--bare", "--template=", folder)
        if not os.path.isfile(origin.place):
            raise SourceError("cannot be read: no such file")
        _git("--git-dir", folder, "bundle", "unbundle", os.path.abspath(origin.place))
        commit = _head_of(_git("bundle", "list-heads", os.path.abspath(origin.place)))
    else:
        commit = (
            _git("--git-dir", folder, "rev-parse", "--verify", "--end-of-options", "HEAD^{commit}").decode().strip()
        )
    listed = _git("--git-dir", folder, "ls-tree", "-r", "-l", "-z", "--full-tree", f"{commit}^{{tree}}")
    names = _Names()
    names.add(".git/HEAD", file="", size=0)  # a checkout has one, and it is in the build context
    reader = _Blobs(folder)
    stack.callback(reader.close)
    for entry in listed.split(b"\0"):
        about, tab, path = entry.partition(b"\t")
        if not tab:
            continue
        mode, kind, blob, size = about.decode("ascii").split()
        name = os.fsdecode(path)
        if kind != "blob":
            continue  # a submodule: an empty folder, until it is fetched
        if mode == "120000":
            names.add(name, link=os.fsdecode(reader.blob(blob)[:MAX_LINK]))
        else:
            names.add(name, file=blob, size=int(size), mode=int(mode, 8))
    return names.tree(_GitFiles(reader, names.files))


def _head_of(listed: bytes) -> str:
    """The commit that a clone of a bundle checks out: HEAD, else the one branch, or main or master of several."""
    pairs = (line.split(" ", 1) for line in listed.decode("utf-8", "surrogateescape").splitlines() if " " in line)
    heads = {name: commit for commit, name in pairs}
    branches = {name: commit for name, commit in heads.items() if name.startswith("refs/heads/")}
    for name in ("HEAD", "refs/heads/main", "refs/heads/master"):
        if name in heads:
            return heads[name]
    if len(set((branches or heads).values())) == 1:
        return next(iter((branches or heads).values()))
    raise SourceError("cannot be read: the bundle names no HEAD and several branches, none of them main or master")


class _Blobs:
    """A process of git that gives objects by their names."""

    def __init__(self, folder: str) -> None:
        self._process = subprocess.Popen(
            [*_GIT, "--git-dir", folder, "cat-file", "--batch"],
            env=_git_env(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def blob(self, name: str) -> bytes:
        """The bytes of a blob. Raises Unreadable."""
        into, out = self._process.stdin, self._process.stdout
        assert into is not None  # noqa: S101 - for the type checker: both are pipes
        assert out is not None  # noqa: S101
        try:
            into.write(name.encode("ascii") + b"\n")
            into.flush()
            about = out.readline().split()
            if len(about) != 3 or about[1] != b"blob":
                raise Unreadable("git does not have it")
            return out.read(int(about[2]) + 1)[:-1]
        except OSError as error:
            raise Unreadable("git ended too soon") from error

    def close(self) -> None:
        """Ends the process."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait()


class _GitFiles(Mapping[str, bytes]):
    """The files of a commit, fetched when they are asked for."""

    def __init__(self, reader: _Blobs, blobs: Mapping[str, str]) -> None:
        self._reader = reader
        self._blobs = blobs

    def __getitem__(self, key: str) -> bytes:
        blob = self._blobs[key]
        return self._reader.blob(blob) if blob else b""

    def __iter__(self) -> Iterator[str]:
        return iter(self._blobs)

    def __len__(self) -> int:
        return len(self._blobs)


_kept: dict[tuple[str, int], tuple[Any, dict[str, list[int]]]] = {}  # the row group that was read last


def _row_group(place: tuple[str, int]) -> tuple[Any, dict[str, list[int]]]:
    """A row group, and at which rows of it each repository stands."""
    if place not in _kept:
        import pyarrow as pa  # noqa: PLC0415 - of the extra
        import pyarrow.parquet as pq  # noqa: PLC0415

        _kept.clear()
        path, group = place
        with pq.ParquetFile(path) as file:
            there = [name for name in FURTHER if name in file.schema_arrow.names]
            table = file.read_row_group(group, columns=["repo", "path", "content", *there], use_threads=False)
        rows: dict[str, list[int]] = {}
        for at, repo in enumerate(table.column("repo").cast(pa.string()).to_pylist()):
            rows.setdefault(repo, []).append(at)
        _kept[place] = table, rows
    return _kept[place]


def _parquet_tree(origin: Origin) -> HeldTree:
    """The rows of a repository: a file each; a link has its target in `link`, what is too large only a `size`."""
    names = _Names()
    held = 0
    rights = False
    for place in origin.groups:
        table, rows = _row_group((place[0], place[1]))
        for row in table.take(rows.get(origin.repo, [])).to_pylist():
            path, content = row["path"], row["content"]
            if isinstance(path, bytes):
                path = os.fsdecode(path)
            if not isinstance(path, str):
                continue
            if isinstance(content, str):
                content = content.encode("utf-8", "surrogateescape")
            if row.get("link") is not None:
                names.add(path, link=str(row["link"]))
                continue
            size = row.get("size")
            size = len(content) if content is not None else size if isinstance(size, int) else 0
            held += len(content or b"")
            if held > MAX_HELD:
                raise SourceError(f"holds more than {MAX_HELD} bytes")
            if content is not None and size > MAX_BYTES:
                content = None
            rights = rights or row.get("executable") is not None
            names.add(path, file=content, size=size, mode=0o111 if row.get("executable") else 0)
    return names.tree(names.files, rights=rights)
