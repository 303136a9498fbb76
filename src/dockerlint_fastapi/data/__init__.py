"""Dated facts as TOML files beside this module, each with `as_of` and `source`, read when first asked for."""

from __future__ import annotations

import os
import sys
from _frozen_importlib_external import SourceFileLoader  # `importlib` imports what no run needs: see `bytecode`
from functools import cache

from dockerlint_fastapi.bytecode import kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

_HERE = os.path.dirname(os.path.abspath(__file__))


class _Tables(SourceFileLoader):
    """Keeps a TOML file as Python keeps a module, compiled, in `__pycache__`, for as long as the file is the same one:
    reading TOML takes thirty times as long.
    """

    def __init__(self, path: str, found: dict[str, Any]) -> None:
        super().__init__(f"{__name__} {os.path.basename(path)}", path)
        self._found = found

    def source_to_code(self, data: Any, path: Any, *, _optimize: int = -1) -> CodeType:  # type: ignore[override]  # noqa: ARG002 - see importlib
        """A program that makes the table: literals, and dates."""
        text = repr(self._found)
        dates = "from dockerlint_fastapi import dates as datetime\n" if "datetime." in text else ""
        code: CodeType = compile(f"{dates}table = {text}", path, "exec", dont_inherit=True)
        return code


@cache
def words(name: str, *keys: str) -> frozenset[str]:
    """The words of the text at a path of keys in `NAME.toml`."""
    found: Any = table(name)
    for key in keys:
        found = found[key]
    return frozenset(found.split())


@cache
def table(name: str) -> dict[str, Any]:
    """The facts in `NAME.toml` (`servers/uvicorn`). Read once a run; callers do not change it."""
    path = os.path.join(_HERE, *f"{name}.toml".split("/"))
    code = kept(path)
    if code is not None:
        made: dict[str, Any] = {}
        exec(code, made)  # noqa: S102 - our own literals
        found: dict[str, Any] = made["table"]
        return found
    import tomllib  # noqa: PLC0415 - most runs find the tables compiled

    with open(path, "rb") as file:
        found = tomllib.load(file)
    if not sys.dont_write_bytecode and os.access(os.path.dirname(path), os.W_OK):
        _Tables(path, found).get_code(f"{__name__} {os.path.basename(path)}")
    return found
