"""Regular expressions as Python compiles them, kept from one run of the program to the next: a run meets a hundred, and
compiling them takes a fifth of its time.

What is kept hangs on nothing but the text of an expression, its flags and the interpreter, so it cannot become stale.
Only expressions that stand in programs are kept, none that are made of what is linted. The table lies in `__pycache__`
beside the package, as bytecode does, or where that cannot be written, in the user's cache. What is unusual in any way
is compiled as ever.
"""

from __future__ import annotations

import os
import sys
from marshal import dumps, loads

from dockerlint_fastapi.bytecode import written

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

    Kept = tuple[int, bytes, int, dict[str, int], tuple[str | None, ...]]

MOST = 2_000  # expressions in a table; the program and what it uses have a few hundred
_NAME = f"expressions.{sys.implementation.cache_tag}.bin"


def _beside() -> str:
    """The table beside the package."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "__pycache__", _NAME)


def _in_cache() -> str | None:
    """The table in the user's cache; None when others may write there too."""
    from dockerlint_fastapi.places import folder_of, usable  # noqa: PLC0415 - seldom asked for

    folder = folder_of(None)
    return os.path.join(folder, _NAME) if usable(folder) else None


class Expressions:
    """Stands for `re._compiler.compile` in a process that asked for it (`hasten`)."""

    def __init__(self, compiler: Any) -> None:
        self._compile: Callable[..., re.Pattern[str]] = compiler.compile
        self._sre = compiler._sre  # noqa: SLF001 - what `re` itself calls
        self._stamp = (sys.version, self._sre.MAGIC, self._sre.CODESIZE)
        self._kept: dict[tuple[str, int], Kept] = {}
        self._new: dict[tuple[str, int], Kept] = {}
        self._made: tuple[Any, ...] = ()
        for place in (_beside, _in_cache):
            path = place()
            if path is not None and (kept := self._read(path)) is not None:
                self._kept = kept
                break

    def _read(self, path: str) -> dict[tuple[str, int], Kept] | None:
        """What a table holds; None when there is none, or one of another interpreter, or half of one."""
        try:
            file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        except OSError:
            return None
        try:
            stamp, kept = loads(os.read(file, os.fstat(file).st_size))  # noqa: S302 - beside our own bytecode
        except (OSError, EOFError, ValueError, TypeError):
            return None
        finally:
            os.close(file)
        return kept if stamp == self._stamp and type(kept) is dict else None

    def compile(self, pattern: Any, flags: int = 0) -> re.Pattern[str]:
        """As `re._compiler.compile`."""
        if type(pattern) is not str:
            return self._compile(pattern, flags)
        key = (pattern, int(flags))
        kept = self._kept.get(key)
        if kept is not None:
            try:
                final, code, groups, numbers, names = kept
                made: re.Pattern[str] = self._sre.compile(
                    pattern, final, memoryview(code).cast("I").tolist(), groups, numbers, names
                )
            except (RuntimeError, TypeError, ValueError, OverflowError):  # damaged
                del self._kept[key]
            else:
                return made
        self._made = ()
        made = self._compile(pattern, flags)
        if len(self._made) == 6 and self._made[0] is pattern and _stands(pattern):
            _, final, numbered, groups, numbers, names = self._made
            if all(0 <= one < 1 << 32 for one in numbered):
                code = b"".join(one.to_bytes(4, sys.byteorder) for one in numbered)
                self._new[key] = (int(final), code, groups, dict(numbers), names)
        return made

    def note(self, *arguments: Any) -> Any:
        """As `_sre.compile`, whose arguments are what is kept."""
        self._made = arguments
        return self._sre.compile(*arguments)

    def keep(self) -> None:
        """Writes the table, when it lacks something."""
        if not self._new or sys.dont_write_bytecode or len(self._kept) + len(self._new) > MOST:
            return
        data = dumps((self._stamp, self._kept | self._new))
        path = _beside()
        if not (os.access(os.path.dirname(path), os.W_OK) and written(path, data)):
            other = _in_cache()
            if other is not None:
                written(other, data)


def _stands(text: str) -> bool:
    """Whether an expression that is being compiled stands in the program that asks for it, as it is."""
    frame: FrameType | None = sys._getframe(2)  # noqa: SLF001 - `inspect` costs more than compiling
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module == "dockerlint_fastapi.pattern":
            return True
        if module != "re" and not module.startswith("re."):
            constants = (*frame.f_code.co_consts, *frame.f_globals.values())
            return any(one is text for one in constants)
        frame = frame.f_back
    return False


def hasten() -> Callable[[], None]:
    """Lets this process take expressions from what is kept, and gives what keeps new ones at its end. Only the program
    does so.
    """
    try:
        from re import _compiler  # type: ignore[attr-defined]  # noqa: PLC0415
        from types import SimpleNamespace  # noqa: PLC0415

        made = Expressions(_compiler)
        _compiler._sre = SimpleNamespace(**{**vars(_compiler._sre), "compile": made.note})  # noqa: SLF001 - as above
        _compiler.compile = made.compile
    except (ImportError, AttributeError):  # another Python than those we know
        return lambda: None
    return made.keep
