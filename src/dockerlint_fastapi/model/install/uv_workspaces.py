"""Workspaces of uv: the root is found upwards from where a command runs, and its lock file is the one in use.

uv takes the nearest `pyproject.toml`, then looks in the folders above for one with `[tool.uv.workspace]` whose
`members` name that project: lock files of members are passed over (tried with uv).
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from dockerlint_fastapi.model.command import Unknown
from dockerlint_fastapi.model.files.image_files import Placed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dockerlint_fastapi.model.files.image_files import Answer

_TABLE = "[tool.uv.workspace]"
_MOST = 200  # patterns


def upwards(place: str) -> Iterator[str]:
    """A directory and those that hold it."""
    yield place
    while place not in ("", "/"):
        place = place.rpartition("/")[0] or "/"
        yield place


def workspace_root(find: Callable[[str], Answer], start: str) -> str | None:
    """The folder of the root of the workspace whose member the nearest project is, or that is itself a root; None
    where there is none, or nobody can tell. `find` gives the file at an absolute path.
    """
    home: str | None = None
    for folder in upwards(start):
        found = find(f"{folder.rstrip('/')}/pyproject.toml")
        if isinstance(found, Unknown):
            return None
        if not isinstance(found, Placed):
            continue
        table = _TABLE in found.text
        if home is None:
            home = folder
            if table:
                return folder
        elif table:
            return folder if _holds(found.text, home[len(folder.rstrip("/")) :].strip("/")) else None
    return None


def _holds(text: str, path: str) -> bool:
    """Whether the table of a manifest names a path below it as a member."""
    table = text.partition(_TABLE)[2]
    table = table[: end.start()] if (end := re.search(r"(?m)^[ \t]*\[[\w\"']", table)) is not None else table
    members, excluded = _listed(table, "members"), _listed(table, "exclude")
    return any(_matches(path, one) for one in members) and not any(_matches(path, one) for one in excluded)


def _listed(table: str, key: str) -> list[str]:
    found = re.search(rf"(?m)^[ \t]*{key}[ \t]*=[ \t]*\[([^\]]*)\]", table)
    return re.findall(r"[\"']([^\"'\n]+)[\"']", found[1])[:_MOST] if found is not None else []


def _matches(path: str, pattern: str) -> bool:
    """Whether a glob of uv, in which `*` stays in one folder, means a path."""
    words, parts = path.split("/"), pattern.removeprefix("./").rstrip("/").split("/")
    if "**" in parts:
        return fnmatchcase(path, pattern.removeprefix("./").rstrip("/").replace("**", "*"))
    return len(words) == len(parts) and all(map(fnmatchcase, words, parts))
