"""The description for programs. `schema` has the same document as pydantic models; docs/show.md explains the fields."""

from __future__ import annotations

import json

from dockerlint_fastapi import __version__
from dockerlint_fastapi.reporters.visible import well_formed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from dockerlint_fastapi.show.description import Description

VERSION = 1  # rises when a field goes away or changes its meaning, not when one is added


def plain(value: object) -> Any:
    """A part of a description as JSON has it: named tuples are objects, other tuples are lists."""
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, tuple):
        fields: tuple[str, ...] | None = getattr(value, "_fields", None)
        if fields is None:
            return [plain(one) for one in value]
        return {name: plain(one) for name, one in zip(fields, value, strict=True)}
    return value


def document(description: Description) -> dict[str, Any]:
    """The whole document."""
    return {"version": VERSION, "tool": {"name": "dlf", "version": __version__}, **plain(description)}


def render(description: Description) -> str:
    """The description as JSON: ASCII only, two blanks of indentation, one line break at the end."""
    return json.dumps(document(description), indent=2) + "\n"
