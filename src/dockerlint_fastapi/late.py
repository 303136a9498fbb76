"""Modules that are put off until something of them is used, for a library that imports more than it uses.

dockerfile-parse imports json, logging and shlex, which take longer than it takes to split a Dockerfile, and of which
splitting uses nothing. Only the program puts them off (`hasten`); where dlf is a library, imports are Python's own.
"""

from __future__ import annotations

import sys
from types import ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_state = {"hastened": False}


def _real(name: str) -> ModuleType:
    """The module itself, whatever stands for it at the moment."""
    from importlib import import_module  # noqa: PLC0415

    if isinstance(sys.modules.get(name), _Late):
        del sys.modules[name]
    return import_module(name)


class _Late(ModuleType):
    """Stands for a module. Whatever is asked of it, but for what it was given, comes from the real one."""

    def __getattr__(self, name: str) -> Any:
        if name == "__path__":  # what `from … import …` asks of every module
            raise AttributeError(name)
        return getattr(_real(self.__name__), name)


class _Logger:
    """Stands for a logger; what is asked of it comes from the one of that name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(_real("logging").getLogger(self._name), name)


def _quote(text: str) -> str:
    quoted: str = _real("shlex").quote(text)
    return quoted


_GIVEN: dict[str, dict[str, Any]] = {"json": {}, "logging": {"getLogger": _Logger}, "shlex": {"quote": _quote}}


def hasten() -> None:
    """Lets this process put modules off. Only the program does so."""
    _state["hastened"] = True


class PutOff:
    """While the block runs, imports of json, logging and shlex are put off, unless they are there already."""

    def __enter__(self) -> None:
        for name, given in _GIVEN.items() if _state["hastened"] else ():
            if name not in sys.modules:
                sys.modules[name] = late = _Late(name)
                vars(late).update(given)

    def __exit__(self, *_: object) -> None:
        for name in _GIVEN:
            if isinstance(sys.modules.get(name), _Late):
                del sys.modules[name]
