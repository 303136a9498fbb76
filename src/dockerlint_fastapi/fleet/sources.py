"""SOURCE to repositories: a folder of checkouts, a list of bundles and archives, or Parquet."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from dockerlint_fastapi.fleet import FleetError
from dockerlint_fastapi.reporters.visible import well_formed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".zip")
BUNDLES = (".bundle",)
DEPTH = 4  # folders between SOURCE and a checkout: host/group/subgroup/name
COLUMNS = ("repo", "path", "content")  # that Parquet must have
FURTHER = ("size", "link", "executable")  # that it may have


class Origin(NamedTuple):
    """One repository and where it is read from."""

    repo: str  # its name in the output
    kind: str  # checkout, bare, bundle, archive, parquet
    place: str  # an absolute path
    groups: tuple[tuple[str, int], ...] = ()  # of Parquet: the files and row groups that hold it


def found(source: str) -> list[Origin]:
    """The repositories of a source, sorted by name, no two of one name. Raises FleetError."""
    if not os.path.exists(source):
        raise FleetError(f"{source}: no such file or directory")
    files = parquet_files(source)
    if files:
        origins: Iterable[Origin] = _in_parquet(files)
    elif os.path.isdir(source):
        origins = _checkouts(os.path.abspath(source))
    elif source.endswith((*ARCHIVES, *BUNDLES)):
        raise FleetError(f"{source}: is one repository; SOURCE may be a text file that lists such files, one a line")
    else:
        origins = _listed(source)
    named = [one._replace(repo=well_formed(one.repo)) for one in origins]
    names = [one.repo for one in named]
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise FleetError(f"{source}: names a repository twice: {twice[0]}")
    return sorted(named)


def parquet_files(source: str) -> list[str]:
    """The Parquet files of a source, as absolute paths; none when it is something else."""
    if os.path.isdir(source):
        names = sorted(name for name in os.listdir(source) if name.endswith(".parquet") and name[:1] not in "._")
        return [os.path.abspath(os.path.join(source, name)) for name in names]
    return [os.path.abspath(source)] if source.endswith(".parquet") else []


def _checkouts(root: str) -> Iterator[Origin]:
    """Every repository below a folder; a direct subfolder without any is a project itself."""
    for name in sorted(os.listdir(root)):
        path = os.path.join(root, name)
        if name.startswith(".") or os.path.islink(path) or not os.path.isdir(path):
            continue
        below = list(_repositories(path, DEPTH))
        yield from (
            Origin(os.path.relpath(place, root).replace(os.sep, "/"), kind, place)
            for kind, place in below or [("checkout", path)]
        )


def _repositories(path: str, depth: int) -> Iterator[tuple[str, str]]:
    """The kind and path of each repository at a folder or below it; what lies within one is its own business."""
    try:
        with os.scandir(path) as entries:
            inside = {one.name: one.is_dir(follow_symlinks=False) for one in entries}
    except OSError:
        return
    if ".git" in inside:
        yield "checkout", path
    elif "HEAD" in inside and inside.get("objects") and inside.get("refs"):
        yield "bare", path
    elif depth > 1:
        for name in sorted(inside):
            if inside[name] and not name.startswith("."):
                yield from _repositories(os.path.join(path, name), depth - 1)


def _listed(source: str) -> Iterator[Origin]:
    """The repositories that a text file lists: a path a line, relative to the file; `#` begins a comment line."""
    try:
        with open(source, encoding="utf-8", errors="surrogateescape") as file:
            lines = [line.strip() for line in file.read(100_000_000).split("\n")]
    except OSError as error:
        raise FleetError(f"{source}: cannot be read: {error.strerror or error}") from error
    home = os.path.dirname(os.path.abspath(source))
    written: list[tuple[str, str, str]] = []
    for number, line in enumerate(lines, start=1):
        if not line or line.startswith("#"):
            continue
        if "\0" in line:
            raise FleetError(f"{source}: is no list of bundles and archives, and holds no Parquet")
        stem, kind = _stem(line, os.path.isdir(os.path.join(home, line)))
        if kind is None:
            known = ", ".join((*BUNDLES, *ARCHIVES))
            raise FleetError(
                f"{source}:{number}: {well_formed(line)[:200]}: is neither a bundle or an archive by its name ({known})"
                " nor a directory"
            )
        written.append((line, os.path.normpath(stem).replace(os.sep, "/"), kind))
    stems = [stem for _, stem, _ in written]
    several = {stem for stem in stems if stems.count(stem) > 1} if len(set(stems)) < len(stems) else set()
    for line, stem, kind in written:
        yield Origin(line if stem in several else stem, kind, os.path.normpath(os.path.join(home, line)))


def _stem(line: str, directory: bool) -> tuple[str, str | None]:  # noqa: FBT001
    """A path without the suffix that tells its kind, and that kind."""
    if directory:
        bare = os.path.basename(line.rstrip("/")).endswith(".git")
        return (line.rstrip("/").removesuffix(".git"), "bare") if bare else (line, "checkout")
    for suffixes, kind in ((BUNDLES, "bundle"), (ARCHIVES, "archive")):
        for suffix in sorted(suffixes, key=len, reverse=True):
            if line.lower().endswith(suffix) and len(os.path.basename(line)) > len(suffix):
                return line[: -len(suffix)], kind
    return line, None


def _in_parquet(files: list[str]) -> Iterator[Origin]:
    """The repositories of Parquet files. Only the column `repo` is read."""
    import pyarrow as pa  # noqa: PLC0415 - of the extra
    import pyarrow.parquet as pq  # noqa: PLC0415

    groups: dict[str, list[tuple[str, int]]] = {}
    for path in files:
        try:
            with pq.ParquetFile(path) as file:
                missing = [name for name in COLUMNS if name not in file.schema_arrow.names]
                if missing:
                    raise FleetError(f"{path}: has no column `{missing[0]}`; it needs {', '.join(COLUMNS)}")
                for group in range(file.num_row_groups):
                    column = file.read_row_group(group, columns=["repo"]).column("repo")
                    for repo in column.cast(pa.string()).unique().to_pylist():
                        if repo:
                            groups.setdefault(repo, []).append((path, group))
        except (OSError, pa.ArrowException) as error:
            raise FleetError(f"{path}: cannot be read as Parquet: {error}") from error
    for repo, places in groups.items():
        yield Origin(repo, "parquet", places[0][0], tuple(places))


def scattered(origins: Iterable[Origin]) -> bool:
    """Whether the rows of repositories are so far apart in Parquet that much of it would be read again and again.

    Where those of a repository stand together, a row group is read once, and now and then a repository begins in one
    and ends in the next.
    """
    origins = [one for one in origins if one.kind == "parquet"]
    reads = sum(len(one.groups) for one in origins)
    distinct = len({group for one in origins for group in one.groups})
    return reads > len(origins) + 2 * distinct
