"""`volumes:` of a service: what is mounted into the container, and where."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.compose.nodes import Mapping, Node, items_of
from dockerlint_fastapi.model.compose.settings import Setting, flag, setting, short_syntax
from dockerlint_fastapi.model.environment.interpolation import Lookup, unknown
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span


class Mount(NamedTuple):
    """One entry of `volumes:`. `type` is bind, volume, tmpfs, npipe, cluster or image; None when it cannot be told.

    `default_type` is what it is when no variable that cannot be told is set. `source` is None for an anonymous volume.
    """

    type: str | None
    default_type: str | None
    source: Setting | None
    target: Setting | None
    read_only: bool | None
    span: Span


def mounts(node: Node | None, lookup: Lookup) -> tuple[Mount, ...]:
    """`volumes:` in either syntax."""
    return tuple(made for made in (mount(item, lookup) for item in items_of(node)) if made)


def mount(node: Node, lookup: Lookup = unknown) -> Mount | None:
    """One entry of `volumes:`, in either syntax; None when it is neither a scalar nor a mapping."""
    if isinstance(node, Mapping):
        kind = setting(node.get("type"), lookup)
        return Mount(
            kind.value if kind else None,
            kind.default if kind else None,
            setting(node.get("source"), lookup),
            setting(node.get("target"), lookup),
            flag(node, "read_only", lookup, absent=False),
            node.place,
        )
    parts = short_syntax(node, lookup, _mount_parts)
    if parts is None:
        return None
    source, options = parts.get("source"), parts.get("options")
    read_only: bool | None = False
    if options is not None:
        read_only = None if options.value is None else "ro" in options.value.split(",")
    return Mount(
        _mount_type(source.text if source.value is None and not source.text.startswith("$") else source.value)
        if source
        else "volume",  # the beginning of a source decides, so `./${DIR}` is certain
        _mount_type(source.default) if source else "volume",
        source,
        parts.get("target"),
        read_only,
        node.place,
    )


def _mount_type(source: str | None) -> str | None:
    if source is None:
        return None
    path = source.startswith((".", "/", "~", "\\\\")) or re.match(r"[^\W\d_]:", source)
    return "bind" if path else "volume"


def _mount_parts(text: str) -> dict[str, tuple[int, int]]:
    """`[source:]target[:options]`: where each part stands; a drive letter's colon does not part."""
    bounds: list[tuple[int, int]] = []
    start = 0
    for at, char in enumerate(text):
        if char == ":" and not (at == start + 1 and text[start].isalpha()):
            bounds.append((start, at))
            start = at + 1
    bounds.append((start, len(text)))
    if len(bounds) == 1 or len(text) <= 2:
        return {"target": (0, len(text))}
    return dict(zip(("source", "target", "options"), bounds, strict=False))
