"""Dated facts as TOML files beside this module, each with `as_of` and `source`, read when first asked for."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

_HERE = os.path.dirname(__file__)


@cache
def table(name: str) -> dict[str, Any]:
    """The facts in `NAME.toml` (`servers/uvicorn`). Read once a run; callers do not change it."""
    import tomllib  # noqa: PLC0415  # costs more than the files themselves; a run without tables does not pay it

    with open(os.path.join(_HERE, f"{name}.toml"), "rb") as file:
        return tomllib.load(file)
