"""Settings: what `dlf.toml` or `[tool.dlf]` says, and which rules that and the command line turn on.

Nothing here imports pydantic: a project without a configuration does not pay for it. `config.file` does.
"""

from __future__ import annotations

import os

from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

PROFILES = ("guide", "default", "pedantic")
DEPLOYMENTS = ("auto", "orchestrated", "single-server")


class ConfigError(Exception):
    """Settings that cannot be used. The message is for the user: where, what is wrong, what was meant."""


class Configuration(NamedTuple):
    """What one configuration file says, names checked; the defaults are those of no file at all.

    `home` is the directory that its patterns are relative to. None means that the file does not say.
    """

    path: str | None = None
    home: str = ""
    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    preview: bool | None = None
    baseline: str | None = None
    fix: bool = False
    unsafe_fixes: bool = False
    exclude: tuple[str, ...] = ()
    compose_files: tuple[str, ...] = ()
    force_exclude: bool = False
    fail_on: str | None = None
    profile: str | None = None
    deployment: str | None = None
    output_format: str | None = None
    sarif_sources: bool = True
    severity: Mapping[str, str] = {}
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    options: Mapping[str, Mapping[str, object]] = {}


def shown_path(path: str) -> str:
    """A path as a user at the working directory would write it, `/`-separated."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive of Windows
        relative = path
    return relative.replace(os.sep, "/")


def candidates(folder: str) -> list[str]:
    """The files of one directory that may hold settings, first the one that counts: `dlf.toml`, then a `pyproject.toml`
    that has the letters `dlf` in it anywhere (so nearly every other one is never parsed).
    """
    found: list[str] = []
    own = os.path.join(folder, "dlf.toml")
    if os.path.isfile(own):
        found.append(own)
    shared = os.path.join(folder, "pyproject.toml")
    if os.path.isfile(shared):
        try:
            with open(shared, "rb") as file:
                if b"dlf" in file.read():
                    found.append(shared)
        except OSError:  # as good as absent: it is another tool's file
            pass
    return found


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """` (did you mean …?)`, or nothing when no name is close."""
    # imported here: only a misspelt name needs it
    from difflib import get_close_matches  # noqa: PLC0415

    close = get_close_matches(name.lower().replace("_", "-"), sorted(names), 1, 0.6)
    return f" (did you mean `{close[0]}`?)" if close else ""


def json_schema() -> dict[str, Any]:
    """The JSON schema of a configuration, made from the pydantic model."""
    from dockerlint_fastapi.config import file  # noqa: PLC0415 - it imports pydantic

    return file.json_schema()
