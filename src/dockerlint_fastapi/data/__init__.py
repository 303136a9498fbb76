"""Dated facts as TOML files beside this module, each with `as_of` and `source`, read when first asked for."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any


@cache
def table(name: str) -> dict[str, Any]:
    """The facts in `NAME.toml` (`servers/uvicorn`). Read once a run; callers do not change it."""
    import tomllib  # noqa: PLC0415  # costs more than the files themselves; a run without tables does not pay it

    with Path(__file__).parent.joinpath(f"{name}.toml").open("rb") as file:
        return tomllib.load(file)
