"""Regular expressions as Python compiles them, kept from one run of the program to the next: a run meets a hundred, and
compiling them takes a fifth of its time. What is left of `re` then are its functions, and `re` itself is imported only
for an expression that is not kept.

What is kept hangs on nothing but the text of an expression, its flags and the interpreter, so it cannot become stale.
Only expressions that stand in programs are kept, none that are made of what is linted. The table lies in `__pycache__`
beside the package, as bytecode does, or where that cannot be written, in the user's cache. What is unusual in any way
is compiled as ever.
"""

from __future__ import annotations

import os
import sys
from marshal import dumps, loads

from dockerlint_fastapi import late
from dockerlint_fastapi.bytecode import written

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator, Mapping
    from types import FrameType
    from typing import Any

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

    def __init__(self, sre: Any) -> None:
        self._sre = sre  # what `re` itself calls
        self._compile: Callable[[Any, int], re.Pattern[str]] = self._imported
        self._others: Callable[[Any, int], re.Pattern[str]] | None = None  # what compiles what is no text
        self._stamp = (sys.version, sre.MAGIC, sre.CODESIZE)
        # By text and flags what `_sre.compile` is called with, marshalled by itself: most of it no run needs.
        self._kept: dict[tuple[str, int], bytes] = {}
        self._new: dict[tuple[str, int], bytes] = {}
        self._made: tuple[Any, ...] = ()
        for place in (_beside, _in_cache):
            path = place()
            if path is not None and (kept := self._read(path)) is not None:
                self._kept = kept
                break

    def _read(self, path: str) -> dict[tuple[str, int], bytes] | None:
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
                final, code, groups, numbers, names = loads(kept)  # noqa: S302 - as in `_read`
                made: re.Pattern[str] = self._sre.compile(
                    pattern, final, memoryview(code).cast("I").tolist(), groups, numbers, names
                )
            except (RuntimeError, TypeError, ValueError, OverflowError, EOFError):  # damaged
                del self._kept[key]
            else:
                return made
        self._made = ()
        made = self._compile(pattern, flags)
        if len(self._made) == 6 and self._made[0] is pattern and _stands(pattern):
            _, final, numbered, groups, numbers, names = self._made
            if all(0 <= one < 1 << 32 for one in numbered):
                code = b"".join(one.to_bytes(4, sys.byteorder) for one in numbered)
                self._new[key] = dumps((int(final), code, groups, dict(numbers), names))
        return made

    def compiled(self, pattern: Any, flags: int) -> re.Pattern[str]:
        """As `re.compile`."""
        if type(pattern) is str:
            return self.compile(pattern, int(flags))
        if self._others is None:
            self.take_over(late.real("re"))
        made: re.Pattern[str] = self._others(pattern, flags)  # type: ignore[misc]
        return made

    def _imported(self, pattern: str, flags: int) -> re.Pattern[str]:
        """As the compiler of `re`, which is imported now."""
        self.take_over(late.real("re"))
        return self._compile(pattern, flags)

    def take_over(self, module: Any) -> None:
        """Lets `re` take from here what is kept, and tell what it compiles."""
        if self._others is not None:
            return
        self._compile = self._others = module.compile
        compiler = getattr(module, "_compiler", None)  # another Python than those we know has none
        if compiler is not None:
            self._compile = compiler.compile
            compiler._sre = type(sys.implementation)(**{**vars(compiler._sre), "compile": self.note})  # noqa: SLF001 - as above
            compiler.compile = self.compile

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


class _Programs(dict["tuple[Any, int]", "Any"]):
    """What was compiled in this process, by text and flags."""

    def __init__(self, compile: Callable[[Any, int], Any]) -> None:  # noqa: A002 - as in `re`
        super().__init__()
        self._compile = compile

    def __missing__(self, key: tuple[Any, int]) -> Any:
        if len(self) >= MOST:
            self.clear()
        made = self[key] = self._compile(*key)
        return made


def _stands(text: str) -> bool:
    """Whether an expression that is being compiled stands in the program that asks for it, as it is."""
    frame: FrameType | None = sys._getframe(2)  # noqa: SLF001 - `inspect` costs more than compiling
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module == "dockerlint_fastapi.pattern":
            return True
        if module not in ("re", __name__) and not module.startswith("re."):
            constants = (*frame.f_code.co_consts, *frame.f_globals.values())
            return any(one is text for one in constants)
        frame = frame.f_back
    return False


_ESCAPED = {ord(char): f"\\{char}" for char in "()[]{}?*+-|^$\\.&~# \t\n\r\v\f"}


def functions(compiled: Callable[[Any, int], Any]) -> Mapping[str, Any]:
    """The functions of `re`, and its flags, of what gives the compiled form of a text with flags."""
    programs = _Programs(compiled)

    def compile(pattern: Any, flags: int = 0) -> Any:  # noqa: A001 - as in `re`, here and below
        return programs[pattern, flags]

    def match(pattern: Any, string: Any, flags: int = 0) -> Any:
        return programs[pattern, flags].match(string)

    def fullmatch(pattern: Any, string: Any, flags: int = 0) -> Any:
        return programs[pattern, flags].fullmatch(string)

    def search(pattern: Any, string: Any, flags: int = 0) -> Any:
        return programs[pattern, flags].search(string)

    def findall(pattern: Any, string: Any, flags: int = 0) -> Any:
        return programs[pattern, flags].findall(string)

    def finditer(pattern: Any, string: Any, flags: int = 0) -> Iterator[Any]:
        found: Iterator[Any] = programs[pattern, flags].finditer(string)
        return found

    def split(pattern: Any, string: Any, maxsplit: int = 0, flags: int = 0) -> Any:
        return programs[pattern, flags].split(string, maxsplit)

    def sub(pattern: Any, repl: Any, string: Any, count: int = 0, flags: int = 0) -> Any:
        return programs[pattern, flags].sub(repl, string, count)

    def subn(pattern: Any, repl: Any, string: Any, count: int = 0, flags: int = 0) -> Any:
        return programs[pattern, flags].subn(repl, string, count)

    def escape(pattern: Any) -> Any:
        return pattern.translate(_ESCAPED) if isinstance(pattern, str) else late.real("re").escape(pattern)

    return {
        one.__name__: one for one in (compile, match, fullmatch, search, findall, finditer, split, sub, subn, escape)
    }


def _stand(made: Expressions) -> None:
    """Puts a module in the place of `re` that has its functions, and its flags as plain numbers."""
    own = functions(made.compiled)
    flags = {"IGNORECASE": 2, "MULTILINE": 8, "DOTALL": 16, "VERBOSE": 64, "ASCII": 256}

    def take_over(module: Any) -> None:
        made.take_over(module)
        vars(module).update(own)  # they are faster, too

    late.standing(
        "re", {**own, **flags, **{name[0]: flag for name, flag in flags.items()}}, package=True, ready=take_over
    )


def hasten(*, whole: bool = False) -> Callable[[], None]:
    """Lets this process take expressions from what is kept, and gives what keeps new ones at its end. Only the program
    does so. `whole`: it will lint, and so perhaps need nothing else of `re`.
    """
    try:
        import _sre  # type: ignore[import-not-found, unused-ignore]  # noqa: PLC0415

        made = Expressions(_sre)
        if whole and "re" not in sys.modules:
            _stand(made)
        else:
            made.take_over(late.real("re"))
    except (ImportError, AttributeError):  # another Python than those we know
        return lambda: None
    return made.keep
