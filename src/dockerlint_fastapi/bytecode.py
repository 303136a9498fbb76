"""Modules of this package and rules, loaded with less ado than `import` makes: a run loads three hundred of them.

What Python compiled and keeps in `__pycache__` is taken under Python's own conditions, that the source has the date and
size it was compiled from. In every other case, and whenever anything is unusual, Python's own loader does the work.
"""

from __future__ import annotations

import os
import sys
from importlib._bootstrap_external import MAGIC_NUMBER
from importlib.machinery import ModuleSpec, SourceFileLoader
from marshal import loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import CodeType, ModuleType

_PLAIN = MAGIC_NUMBER + bytes(4)  # how a file begins that is checked by date and size
_ENDING = f".{sys.implementation.cache_tag}.pyc"
_USUAL = sys.pycache_prefix is None and not sys.flags.optimize and sys.implementation.cache_tag is not None


def place(path: str) -> str:
    """Where Python keeps the compiled form of a source file."""
    folder, _, name = path.rpartition(os.sep)
    return f"{folder}{os.sep}__pycache__{os.sep}{name.rpartition('.')[0]}{_ENDING}"


def kept(path: str, state: os.stat_result | None = None) -> CodeType | None:
    """The compiled form of a source file, when Python keeps one that is not stale; None when it is to be asked."""
    if not _USUAL:
        return None
    try:
        if state is None:
            state = os.stat(path)
        file = os.open(place(path), os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except OSError:
        return None
    try:
        data = os.read(file, os.fstat(file).st_size)
    except OSError:
        return None
    finally:
        os.close(file)
    stamp = (int(state.st_mtime) & 0xFFFFFFFF).to_bytes(4, "little") + (state.st_size & 0xFFFFFFFF).to_bytes(
        4, "little"
    )
    if data[:16] != _PLAIN + stamp:
        return None
    try:
        code: CodeType = loads(memoryview(data)[16:])  # noqa: S302 - what Python itself would load
    except (EOFError, ValueError, TypeError):  # half written
        return None
    return code


class Loader(SourceFileLoader):
    """Python's loader of source files, which looks for what is kept in the short way first."""

    def __init__(self, fullname: str, path: str, state: os.stat_result | None = None) -> None:
        super().__init__(fullname, path)
        self._state = state

    def get_code(self, fullname: str) -> CodeType | None:
        """See importlib."""
        code = kept(self.path, self._state)
        return super().get_code(fullname) if code is None else code


class Finder:
    """Finds the modules of this package where they must be, in front of Python's search through directories."""

    def __init__(self, package: str, folder: str) -> None:
        self._prefix = f"{package}."
        self._folder = folder

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 - see importlib
        target: ModuleType | None = None,  # noqa: ARG002 - likewise
    ) -> ModuleSpec | None:
        """See importlib. None for what is no module of the package: then Python searches."""
        if not fullname.startswith(self._prefix):
            return None
        base = self._folder + os.sep + fullname[len(self._prefix) :].replace(".", os.sep)
        for file in (f"{base}.py", f"{base}{os.sep}__init__.py"):
            try:
                state = os.stat(file)
            except (OSError, ValueError):
                continue
            spec = ModuleSpec(fullname, Loader(fullname, file, state), origin=file)
            spec.has_location = True
            spec.cached = place(file)
            if not file.startswith(f"{base}."):
                spec.submodule_search_locations = [base]
            return spec
        return None


def hasten() -> None:
    """Lets this process import the modules of this package in the short way. Only the program does so."""
    package, _, _ = __name__.rpartition(".")
    if _USUAL:
        sys.meta_path.insert(0, Finder(package, os.path.dirname(os.path.abspath(__file__))))
