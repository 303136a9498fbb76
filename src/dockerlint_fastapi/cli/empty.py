"""What to tell of a directory in which nothing was found to lint."""

from __future__ import annotations

import os

from dockerlint_fastapi.discover import find, kind_of, matches
from dockerlint_fastapi.tree import DiskTree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.tree import Tree

MAX_NAMED = 5
MAX_FOLDERS = 2000  # that are looked through for what is ignored


def remark(path: str, tree: Tree, under: str, exclude: tuple[str, ...]) -> str:
    """That a directory holds nothing to lint, and what of it was left out and why."""
    lines = [f"no Dockerfile or compose file under {path}"]
    plain = find(tree, (), under)
    excluded = [one for one in (*plain.dockerfiles, *plain.compose_files) if matches(exclude, one)]
    if excluded:
        lines.append(f"  left out by `exclude`: {_named(excluded)}")
    known = {*plain.all}
    ignored = [one for one in _everywhere(tree, under) if one not in known]
    if ignored:
        lines.append(f"  left out since .gitignore ignores it: {_named(ignored)}")
    if excluded or ignored:
        lines.append("  a file is linted all the same when it is named: `dlf check PATH`")
    else:
        lines.append(
            "  looked for Dockerfile, Dockerfile.*, *.Dockerfile, Containerfile, compose*.yml, docker-compose*.yml"
            " and their likes; name a file to lint it whatever it is called"
        )
    return "\n".join(lines)


def _named(paths: list[str]) -> str:
    more = len(paths) - MAX_NAMED
    return ", ".join(sorted(paths)[:MAX_NAMED]) + (f" and {more} more" if more > 0 else "")


def _everywhere(tree: Tree, under: str) -> list[str]:
    """The Dockerfiles and compose files by their names, whatever ignores them; not in other people's directories."""
    from dockerlint_fastapi.discover import SKIPPED  # noqa: PLC0415

    if not isinstance(tree, DiskTree):
        return []
    found: list[str] = []
    waiting, seen = [under], 0
    while waiting and seen < MAX_FOLDERS:
        folder = waiting.pop()
        seen += 1
        listing = tree.listing(folder)
        if "pyvenv.cfg" in listing.files:
            continue
        prefix = f"{folder}/" if folder else ""
        found += [prefix + name for name in listing.files if kind_of(name) in ("dockerfile", "compose")]
        waiting += [prefix + name for name in listing.directories if name not in SKIPPED]
    return [path for path in found if os.path.basename(path)]
