"""Modules of this package and rules, loaded with less ado than `import` makes: a run loads three hundred of them.

What Python compiled and keeps in `__pycache__` is taken under Python's own conditions, that the source has the date and
size it was compiled from. In every other case, and whenever anything is unusual, Python's own loader does the work.

`Bundle` keeps what a run of `dlf check` needs of it in one file, under the same conditions: names that three hundred
files repeat are read once there.
"""

from __future__ import annotations

import os
import sys

# `importlib` gives these, too, but imports `warnings` for what no run needs: 1 ms.
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import MAGIC_NUMBER, SourceFileLoader
from marshal import dumps, loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import CodeType, ModuleType
else:
    ModuleType = type(sys)  # `types` is put off (`late`)

_PLAIN = MAGIC_NUMBER + bytes(4)  # how a file begins that is checked by date and size
_ENDING = f".{sys.implementation.cache_tag}.pyc"
_READING = os.O_RDONLY | getattr(os, "O_BINARY", 0)
_HERE = os.path.dirname(os.path.abspath(__file__))
# The package, and the rules beside it in a checkout.
_OURS = (_HERE + os.sep, os.path.join(os.path.dirname(os.path.dirname(_HERE)), "rules") + os.sep)
_ENOUGH = 16  # files that a bundle lacks, or that a run needs of a part and leaves, before it is written anew
_MOST_PARTS = 6  # of modules
_WORDED = sys.version_info < (3, 12) and sys.implementation.name == "cpython"
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
        stamp = (int(state.st_mtime) & 0xFFFFFFFF).to_bytes(4, "little") + (state.st_size & 0xFFFFFFFF).to_bytes(
            4, "little"
        )
        bundle = _opened[0] if _opened else None
        if bundle is not None and (held := bundle.take(path, stamp)) is not None:
            return held
        file = os.open(place(path), _READING)
    except OSError:
        return None
    try:
        data = os.read(file, os.fstat(file).st_size)
    except OSError:
        return None
    finally:
        os.close(file)
    if data[:16] != _PLAIN + stamp:
        return None
    try:
        code: CodeType = loads(memoryview(data)[16:])  # noqa: S302 - what Python itself would load
    except (EOFError, ValueError, TypeError):  # half written
        return None
    if bundle is not None:
        bundle.lacks(path, stamp, code)
    return code


class Bundle:
    """The compiled forms of many files, in parts: what every run needs together, and what some need besides.

    A part is read when something in it is asked for. Of which a run needs much and leaves much, that is made two, so
    that soon a plain run reads next to nothing else. Each form has the date and size of the source that it was made
    of, and is taken for no other.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._stamp = (_PLAIN, sys.version)
        self._index: dict[str, tuple[int, bytes]] = {}  # by source file: the part, and the source's date and size
        self._parts: list[memoryview] = []
        self._loaded: dict[int, dict[str, CodeType]] = {}
        self._used: dict[str, tuple[bytes, CodeType]] = {}
        self._lacking: dict[str, tuple[bytes, CodeType]] = {}
        self._stale = self._damaged = False
        try:
            file = os.open(path, _READING)
        except OSError:
            return
        try:
            # not read: its pages would be copied into fresh ones, a fifth of all that a run touches
            from mmap import ACCESS_READ, mmap  # noqa: PLC0415 - where there is no bundle, it is not needed

            data = memoryview(mmap(file, 0, access=ACCESS_READ))
            begin = 8 + int.from_bytes(data[:8], "little")
            stamp, index, sizes = loads(data[8:begin])  # noqa: S302 - beside what Python itself would load
            if stamp == self._stamp and begin + sum(sizes) == len(data):
                for size in sizes:
                    self._parts.append(data[begin : begin + size])
                    begin += size
                self._index = index
        except (ImportError, OSError, EOFError, ValueError, TypeError):  # damaged
            self._parts.clear()
        finally:
            os.close(file)

    def take(self, path: str, stamp: bytes) -> CodeType | None:
        """The compiled form of a source file of a date and size; None when it is not held."""
        part, made_of = self._index.get(path, (-1, b""))
        if part < 0:
            return None
        if made_of != stamp:
            self._stale = True
            return None
        codes = self._loaded.get(part)
        if codes is None:
            try:
                codes = loads(self._parts[part])  # noqa: S302 - as above
            except (EOFError, ValueError, TypeError):
                codes, self._stale, self._damaged = {}, True, True
            self._loaded[part] = codes
        code = codes.get(path)
        if code is not None:
            self._used[path] = (stamp, code)
        return code

    def lacks(self, path: str, stamp: bytes, code: CodeType) -> None:
        """Notes what a run needed and did not find here."""
        if path.startswith(_OURS):
            self._lacking[path] = (stamp, code)

    def keep(self) -> None:
        """Writes the file when it lacks enough, or when a part of it is to be two; what has become stale goes, with
        what this run did not need.
        """
        lacking = len(self._lacking) >= _ENOUGH or self._damaged
        full = len({part for path, (part, _) in self._index.items() if path.endswith(".py")}) >= _MOST_PARTS
        mixed = () if full or self._stale else tuple(filter(self._is_mixed, self._loaded))
        if not (lacking or mixed) or sys.dont_write_bytecode or not os.access(os.path.dirname(self._path), os.W_OK):
            return
        index: dict[str, tuple[int, bytes]] = {}
        parts: list[bytes] = []

        def add(group: dict[str, tuple[bytes, CodeType]]) -> None:
            modules = [path for path in group if path.endswith(".py")]
            # a table is read in few runs, and so is a part of its own
            for together in (modules, *([path] for path in group if not path.endswith(".py"))):
                if together:
                    index.update((path, (len(parts), group[path][0])) for path in together)
                    parts.append(dumps({path: group[path][1] for path in together}))

        if self._stale or (full and lacking):
            add(self._used | self._lacking)
        else:
            for part, data in enumerate(self._parts):
                stamps = {path: stamp for path, (at, stamp) in self._index.items() if at == part}
                if part in mixed:
                    codes = {path: (stamps[path], code) for path, code in self._loaded[part].items()}
                    add({path: one for path, one in codes.items() if path in self._used})
                    add({path: one for path, one in codes.items() if path not in self._used})
                else:
                    index.update((path, (len(parts), stamp)) for path, stamp in stamps.items())
                    parts.append(bytes(data))
            add(self._lacking if lacking else {})
        self._parts.clear()  # Windows replaces no file that is in use
        header = dumps((self._stamp, index, [len(one) for one in parts]))
        written(self._path, b"".join((len(header).to_bytes(8, "little"), header, *parts)))

    def _is_mixed(self, part: int) -> bool:
        """Whether this run read a part of which it needed enough, and left enough."""
        needed = sum(path in self._used for path in self._loaded[part])
        return min(needed, len(self._loaded[part]) - needed) >= _ENOUGH


def written(path: str, data: bytes) -> bool:
    """Writes a file as a whole, or not at all."""
    from contextlib import suppress  # noqa: PLC0415 - seldom asked for

    beside = f"{path}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(beside, "xb") as file:
            file.write(data)
        os.replace(beside, path)
    except OSError:
        with suppress(OSError):
            os.unlink(beside)
        return False
    return True


class _Leaf(ModuleType):
    """A module that is no package. `from … import …` asks every module for `__path__`, also in functions that run a
    hundred times for each file; Python 3.11 words an exception for each that has none, which takes as long as linting
    with a rule does (measured: 4% of a long run). Looked up as in any other object, it is just not there.
    """

    __getattribute__ = object.__getattribute__


class Loader(SourceFileLoader):
    """Python's loader of source files, which looks for what is kept in the short way first."""

    def __init__(self, fullname: str, path: str, state: os.stat_result | None = None) -> None:
        super().__init__(fullname, path)
        self._state = state

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """See importlib."""
        return _Leaf(spec.name) if _WORDED and spec.submodule_search_locations is None else None

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


_opened: list[Bundle] = []


def hasten(*, whole: bool = False) -> Callable[[], None]:
    """Lets this process import the modules of this package in the short way, and gives what is to be called at its end.
    Only the program does so. `whole`: the process will lint, and so need most of a bundle.
    """
    package, _, _ = __name__.rpartition(".")
    if not _USUAL:
        return lambda: None
    sys.meta_path.insert(0, Finder(package, _HERE))
    if not whole:
        return lambda: None
    bundle = Bundle(os.path.join(_HERE, "__pycache__", f"bundle.{sys.implementation.cache_tag}.bin"))
    _opened.append(bundle)
    return bundle.keep
