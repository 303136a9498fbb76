"""What the lock formats share: the blocks of a TOML lock file with their places, and its dependency lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dockerlint_fastapi.model.install.manifest import Requirement, normal_name
from dockerlint_fastapi.parsers.manifests.toml_text import Locate, TomlText
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def blocks(document: Mapping[str, Any], key: str, text: str, locate: Locate) -> Iterator[tuple[dict[str, Any], Span]]:
    """Each table of an array of tables (`[[package]]`) with the place of its `name`."""
    entries = document.get(key)
    if not isinstance(entries, list):
        return
    places = TomlText(text, locate)
    regions = places.tables(key)
    for at, entry in enumerate(entries):
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            continue
        # Written in one order by a tool: the n-th block is the n-th entry, unless the file was made by hand.
        span = places.whole
        if len(regions) == len(entries):
            span = places.string(entry["name"], regions[at])
        yield entry, span


def requirement(entry: object, span: Span) -> Requirement | None:
    """`{ name = "x", extra = ["y"], version = "1", marker = "…" }`, as uv writes a dependency."""
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        return None
    extras = entry.get("extra", [])
    version, marker = entry.get("version"), entry.get("marker")
    return Requirement(
        name=normal_name(entry["name"]),
        extras=frozenset(normal_name(one) for one in extras if isinstance(one, str))
        if isinstance(extras, list)
        else frozenset(),
        specifier=f"=={version}" if isinstance(version, str) else "",
        marker=marker if isinstance(marker, str) else None,
        direct=False,
        span=span,
    )


def requirements(value: object, span: Span) -> tuple[Requirement, ...]:
    """A list of those."""
    entries = value if isinstance(value, list) else []
    return tuple(one for entry in entries if (one := requirement(entry, span)) is not None)


def text_of(entry: Mapping[str, Any], key: str) -> str | None:
    """A string of a table, or None."""
    value = entry.get(key)
    return value if isinstance(value, str) else None


def strings(value: object) -> list[str]:
    """The strings of a list."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
