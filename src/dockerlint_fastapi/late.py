"""Modules that are put off until something of them is used that C does not give, for a program that starts a thousand
times a day.

`re` brings `enum`, `functools` and `collections`, which together take longer to import than all rules. A run needs a
few functions of them, and no regular expression compiled that is not kept (`expressions`). So a module stands for each
of them that has those; whatever else is asked of it comes from the real one, which then takes its place.
dockerfile-parse imports json, logging and shlex, of which splitting a Dockerfile uses nothing.

Only the program puts modules off (`hasten`, `PutOff`); where dlf is a library, imports are Python's own.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import ModuleType
    from typing import Any
else:
    ModuleType = type(sys)  # `types` is put off, too

_state = {"hastened": False}
_standing: dict[str, tuple[ModuleType, Callable[[Any], object] | None]] = {}


def standing(
    name: str,
    given: Mapping[str, Any] | Callable[[], Mapping[str, Any]],
    *,
    package: bool = False,
    ready: Callable[[Any], object] | None = None,
) -> None:
    """Puts a module in the place of one of the standard library that is not imported yet. `given` is what it has, or
    what gives that when it is first asked for; `ready` is called with the real one when that is imported, because
    something else is asked for.
    """
    if name in sys.modules:
        return

    def ask(attribute: str) -> Any:
        if attribute == "__path__":  # what `from … import …` asks of every module
            raise AttributeError(attribute)
        if waiting:
            vars(stands).update(waiting.pop()())
        else:
            # from now on it has all that the real one has, and is asked as fast
            known = vars(real(name)) | vars(stands)
            del known["__getattr__"]
            vars(stands).clear()
            vars(stands).update(known)
        return getattr(stands, attribute)

    stands = sys.modules[name] = ModuleType(name)
    waiting = [given] if callable(given) else []
    vars(stands).update({} if callable(given) else given, __getattr__=ask)
    if package:
        vars(stands)["__path__"] = [os.path.join(os.path.dirname(os.__file__), name)]
    _standing[name] = (stands, ready)


def _stands(name: str) -> bool:
    """Whether another module stands for one at the moment."""
    return name in _standing and sys.modules.get(name) is _standing[name][0]


def real(name: str) -> ModuleType:
    """The module itself, which takes the place of the one that stands for it."""
    if _stands(name):
        del sys.modules[name]
        __import__(name)
        _, ready = _standing[name]
        if ready is not None:
            ready(sys.modules[name])
    elif name not in sys.modules:
        __import__(name)
    return sys.modules[name]


def _lru_cache(maxsize: Any = 128, typed: bool = False) -> Any:  # noqa: FBT001, FBT002 - as in functools
    """`functools.lru_cache`."""
    if typed or not isinstance(maxsize, int):
        return real("functools").lru_cache(maxsize, typed)
    return lambda function: _cache(function, maxsize)


def _cache(function: Any, most: int | None = None) -> Any:
    """`functools.cache`."""
    from _functools import _lru_cache_wrapper  # type: ignore[import-not-found, unused-ignore]  # noqa: PLC0415

    cached = _lru_cache_wrapper(function, most, False, lambda *counts: real("functools")._CacheInfo(*counts))  # noqa: SLF001
    for name in ("__module__", "__name__", "__qualname__", "__doc__"):
        if hasattr(function, name):  # a `partial` has no name
            setattr(cached, name, getattr(function, name))
    cached.__wrapped__ = function
    return cached


def _ast() -> Mapping[str, Any]:
    """`ast` as far as C has it, and what reads and walks trees."""
    import _ast  # noqa: PLC0415

    def parse(source: str) -> Any:
        return compile(source, "<unknown>", "exec", _ast.PyCF_ONLY_AST, dont_inherit=True)

    def iter_fields(node: Any) -> Iterator[tuple[str, Any]]:
        for name in node._fields:
            if hasattr(node, name):
                yield name, getattr(node, name)

    def iter_child_nodes(node: Any) -> Iterator[Any]:
        for name in node._fields:
            field = getattr(node, name, None)
            if isinstance(field, list):
                yield from [one for one in field if isinstance(one, _ast.AST)]
            elif isinstance(field, _ast.AST):
                yield field

    def walk(node: Any) -> Iterator[Any]:
        nodes = [node]
        for one in nodes:
            nodes.extend(iter_child_nodes(one))
            yield one

    functions = {one.__name__: one for one in (parse, iter_fields, iter_child_nodes, walk)}
    return {name: value for name, value in vars(_ast).items() if name[:2] != "__"} | functions


def hasten() -> None:
    """Lets this process put modules off. Only the program does so."""
    _state["hastened"] = True
    if sys.implementation.name != "cpython":
        return
    import _collections_abc  # noqa: PLC0415 - this is `collections.abc`, which Python imports at its start
    from _collections import defaultdict, deque  # type: ignore[import-not-found, unused-ignore]  # noqa: PLC0415 - what C gives, as below
    from _functools import partial, reduce  # noqa: PLC0415

    if not {"collections", "collections.abc"} & sys.modules.keys():
        standing(
            "collections",
            {"abc": _collections_abc, "defaultdict": defaultdict, "deque": deque},
            package=True,
            ready=lambda collections: setattr(collections, "abc", _collections_abc),
        )
        sys.modules["collections.abc"] = _collections_abc
    standing("ast", _ast)
    standing("functools", {"cache": _cache, "lru_cache": _lru_cache, "partial": partial, "reduce": reduce})
    standing(
        "types",
        {
            "FunctionType": type(hasten),
            "MappingProxyType": type(vars(type)),
            "ModuleType": ModuleType,
            "SimpleNamespace": type(sys.implementation),
            "UnionType": type(int | str),
        },
    )


class _Logger:
    """Stands for a logger; what is asked of it comes from the one of that name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(real("logging").getLogger(self._name), name)


def _quote(text: str) -> str:
    quoted: str = real("shlex").quote(text)
    return quoted


_GIVEN: Mapping[str, Mapping[str, Any]] = {"json": {}, "logging": {"getLogger": _Logger}, "shlex": {"quote": _quote}}


class PutOff:
    """While the block runs, imports of json, logging and shlex are put off, unless they are there already."""

    def __enter__(self) -> None:
        for name, given in _GIVEN.items() if _state["hastened"] else ():
            standing(name, given)

    def __exit__(self, *_: object) -> None:
        for name in filter(_stands, _GIVEN):
            del sys.modules[name]
