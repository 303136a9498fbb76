"""Records: `typing.NamedTuple` for a program that starts a thousand times a day.

`class Span(NamedTuple)` makes the same kind of tuple as the standard library's: fields, defaults, `_replace`,
`_asdict`, `_make`, equality, pattern matching, pickling. Only the making differs. The standard library compiles a
constructor out of text for every class (0.1 ms each, and there are two hundred); here it is one of a few that are
compiled already, with the fields' names put in. Nor are annotations looked at. Type checkers read `typing.NamedTuple`
and know all about it. So it is with `Enum`: the standard library's takes longer to import than twenty modules of ours.
"""

from __future__ import annotations

try:
    from _collections import _tuplegetter  # type: ignore[import-not-found, unused-ignore]
except ImportError:  # not CPython

    def _tuplegetter(at: int, doc: str) -> object:
        return property(lambda self: tuple.__getitem__(self, at), doc=doc)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from enum import Enum
    from types import CodeType, FunctionType
    from typing import Any, NamedTuple

    Function = FunctionType
else:
    Function = type(lambda: None)

__all__ = ["Enum", "NamedTuple"]

_make = tuple.__new__
_GLOBALS = {"_make": _make, "__builtins__": {}, "__name__": __name__}
# Constructors by the number of fields. `__new__` of a record takes one of them under its own fields' names.
_CONSTRUCTORS: list[Callable[..., Any]] = [
    lambda _cls: _make(_cls, ()),
    lambda _cls, a: _make(_cls, (a,)),
    lambda _cls, a, b: _make(_cls, (a, b)),
    lambda _cls, a, b, c: _make(_cls, (a, b, c)),
    lambda _cls, a, b, c, d: _make(_cls, (a, b, c, d)),
    lambda _cls, a, b, c, d, e: _make(_cls, (a, b, c, d, e)),
    lambda _cls, a, b, c, d, e, f: _make(_cls, (a, b, c, d, e, f)),
    lambda _cls, a, b, c, d, e, f, g: _make(_cls, (a, b, c, d, e, f, g)),
    lambda _cls, a, b, c, d, e, f, g, h: _make(_cls, (a, b, c, d, e, f, g, h)),
    lambda _cls, a, b, c, d, e, f, g, h, i: _make(_cls, (a, b, c, d, e, f, g, h, i)),
    lambda _cls, a, b, c, d, e, f, g, h, i, j: _make(_cls, (a, b, c, d, e, f, g, h, i, j)),
    lambda _cls, a, b, c, d, e, f, g, h, i, j, k: _make(_cls, (a, b, c, d, e, f, g, h, i, j, k)),
    lambda _cls, a, b, c, d, e, f, g, h, i, j, k, m: _make(_cls, (a, b, c, d, e, f, g, h, i, j, k, m)),
    lambda _cls, a, b, c, d, e, f, g, h, i, j, k, m, n: _make(_cls, (a, b, c, d, e, f, g, h, i, j, k, m, n)),
    lambda _cls, a, b, c, d, e, f, g, h, i, j, k, m, n, o: _make(_cls, (a, b, c, d, e, f, g, h, i, j, k, m, n, o)),
    lambda _cls, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p: _make(
        _cls, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p)
    ),
    lambda _cls, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q: _make(
        _cls, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q)
    ),
    lambda _cls, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r: _make(
        _cls, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r)
    ),
    lambda _cls, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s: _make(
        _cls, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s)
    ),
    lambda _cls, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t: _make(
        _cls, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t)
    ),
]


def _code(size: int) -> CodeType:
    """The compiled constructor of a record with that many fields."""
    if size < len(_CONSTRUCTORS):
        made = _CONSTRUCTORS[size]
    else:
        names = "".join(f"_{at}, " for at in range(size))
        made = eval(f"lambda _cls, {names}: _make(_cls, ({names}))", _GLOBALS)  # noqa: S307 - our own text
    code: CodeType = made.__code__
    return code


def _of(cls: type, values: Iterable[Any]) -> Any:
    """A record of values in the order of the fields. Raises TypeError when they are too few or too many."""
    made: Any = _make(cls, values)
    if len(made) != len(made._fields):
        raise TypeError(f"Expected {len(made._fields)} arguments, got {len(made)}")
    return made


def _replace(self: Any, /, **changes: Any) -> Any:
    """The same record with some fields changed. Raises ValueError for a name that is no field."""
    made = _make(type(self), map(changes.pop, self._fields, self))
    if changes:
        raise ValueError(f"Got unexpected field names: {list(changes)!r}")
    return made


def _asdict(self: Any) -> dict[str, Any]:
    """The fields by name."""
    return dict(zip(self._fields, self, strict=True))


def _repr(self: Any) -> str:
    shown = ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
    return f"{type(self).__name__}({shown})"


def _getnewargs(self: Any) -> tuple[Any, ...]:
    return tuple(self)


_METHODS: dict[str, Any] = {
    "_make": classmethod(_of),
    "_replace": _replace,
    "__replace__": _replace,
    "_asdict": _asdict,
    "__repr__": _repr,
    "__getnewargs__": _getnewargs,
    "__slots__": (),
}


def _fields(body: dict[str, Any]) -> tuple[str, ...]:
    """The names that a class body annotates, in order."""
    if "__annotations__" in body:
        return tuple(body["__annotations__"])
    annotate = body.get("__annotate_func__") or body.get("__annotate__")  # from Python 3.14 on
    return tuple(annotate(1)) if annotate else ()


class _Maker(type):
    """Turns the body of a class into a tuple class: it is the metaclass of `NamedTuple` alone, not of the records."""

    def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
        """A record class. Raises TypeError where `typing.NamedTuple` does."""
        if not bases:
            return super().__new__(cls, name, bases, body)
        if len(bases) > 1:
            raise TypeError("a record has no other bases than NamedTuple")
        fields = _fields(body)
        defaults: dict[str, Any] = {}
        made = _METHODS | body
        for at, field in enumerate(fields):
            if field[:1] == "_":
                raise TypeError(f"a field begins with a letter, not as {field!r}")
            if field in body:
                defaults[field] = body[field]
            elif defaults:
                raise TypeError(f"the field {field!r} has no default, but one before it has")
            made[field] = _tuplegetter(at, "")
        made["_fields"] = made["__match_args__"] = fields
        made["_field_defaults"] = defaults
        called = f"{name}.__new__"
        code = _code(len(fields)).replace(co_varnames=("_cls", *fields), co_name="__new__", co_qualname=called)
        made["__new__"] = Function(code, _GLOBALS, "__new__", tuple(defaults.values()))
        return type.__new__(type, name, (tuple,), made)


if not TYPE_CHECKING:

    class NamedTuple(metaclass=_Maker):
        """The base of a record, as `typing.NamedTuple`."""

    class _Members(type):
        """Turns the texts in the body of a class into the only instances of it: the metaclass of `Enum`."""

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            values = {key: body.pop(key) for key in tuple(body) if bases and key[0] != "_" and type(body[key]) is str}
            made = super().__new__(cls, name, bases, body)
            for key, value in values.items():
                member = object.__new__(made)
                member.name, member.value = key, value
                setattr(made, key, member)
            return made

        def __call__(cls, value: str) -> Any:
            """The member of a value. Raises ValueError."""
            for member in vars(cls).values():
                if isinstance(member, cls) and member.value == value:
                    return member
            raise ValueError(f"{value!r} is not a valid {cls.__qualname__}")

    class Enum(metaclass=_Members):
        """The base of a class with a few instances that have names, as `enum.Enum` of texts."""

        __slots__ = ("name", "value")

        def __repr__(self) -> str:
            return f"<{type(self).__name__}.{self.name}: {self.value!r}>"

        def __reduce__(self) -> tuple[Any, ...]:
            return type(self), (self.value,)
