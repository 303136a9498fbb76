"""Python code -> the files and folders that it writes to: `open(…, "w")`, `mkdir`, handlers of logs, SQLite.

Paths come as the code puts them together, with marks for what only a container can tell (model.files.code_writes).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from dockerlint_fastapi.model.files.code_writes import (
    NOTHING,
    OWN_FILE,
    SCRATCH,
    UNTOLD,
    CodeWrites,
    Write,
    from_variable,
    joined,
    setting,
)
from dockerlint_fastapi.parsers.python.syntax import parse_python

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.source import Source

_DEEPEST: Final = 12  # steps from a path to what it is made of
_MOST_STEPS: Final = 400  # for one path
_MOST_VALUES: Final = 6  # of one name
_KEY: Final = "writes"  # in Source.parsed
_MODE: Final = r"[rwaxbtU+]{0,4}"
_SQLITE: Final = r"sqlite(?:\+\w+)?:///([^?\s]+)(?:\?\S*)?"
_OPENERS: Final = frozenset(("io", "codecs", "aiofiles", "gzip", "bz2", "lzma", "anyio", "builtins"))
# What makes a file or folder, with the place of the path among its arguments and the name that it may be given by;
# whether it is a folder; and whether nothing else is called so: what such a call gets is a path, be it known or not.
_CALLS: Final[Mapping[str, tuple[int, str, bool, bool]]] = {
    "makedirs": (0, "name", True, True),
    "FileHandler": (0, "filename", False, True),
    "RotatingFileHandler": (0, "filename", False, True),
    "TimedRotatingFileHandler": (0, "filename", False, True),
    "WatchedFileHandler": (0, "filename", False, True),
    "ConcurrentRotatingFileHandler": (0, "filename", False, True),
    "basicConfig": (-1, "filename", False, True),
    "PersistentClient": (0, "path", True, True),
    "TinyDB": (0, "path", False, True),
    "open_file": (0, "file", False, False),
    "savefig": (0, "fname", False, False),
    "imwrite": (0, "filename", False, False),
    "save": (0, "fp", False, False),
    "save_pretrained": (0, "save_directory", True, False),
    "save_local": (0, "folder_path", True, False),
    "to_csv": (0, "path_or_buf", False, False),
    "to_excel": (0, "excel_writer", False, False),
    "to_parquet": (0, "path", False, False),
    "to_json": (0, "path_or_buf", False, False),
    "to_pickle": (0, "path", False, False),
    "urlretrieve": (1, "filename", False, False),
    "dump": (1, "filename", False, False),
    "copy": (1, "dst", False, False),
    "copy2": (1, "dst", False, False),
    "copyfile": (1, "dst", False, False),
    "copytree": (1, "dst", True, False),
    "move": (1, "dst", False, False),
    "clone_from": (1, "to_path", True, False),
    "extractall": (0, "path", True, False),
}
# Options by which a library is told where to keep what it writes.
_FOLDERS: Final = frozenset(("persist_directory", "local_dir", "cache_dir", "cache_folder", "download_root"))
_CONNECTS: Final = frozenset(("sqlite3", "aiosqlite", "duckdb", "lancedb", "shelve", "dbm"))
# What stands for the path that it is called on, or given.
_SAME: Final = frozenset(
    "resolve absolute expanduser as_posix abspath realpath normpath expandvars fspath str rstrip strip".split()
)
_PATHS: Final = frozenset(("Path", "PurePath", "PosixPath", "PurePosixPath", "AsyncPath", "UPath"))
_SCRATCHES: Final = frozenset(
    "gettempdir mkdtemp mkstemp mktemp TemporaryDirectory NamedTemporaryFile TemporaryFile SpooledTemporaryFile"
    " BytesIO StringIO home".split()
)
_VARIABLES: Final = frozenset(("getenv", "config", "env"))
# What holds nothing else, and no text: most nodes of a module.
_LEAVES: Final = frozenset(
    (ast.Name, ast.Load, ast.Store, ast.Del, ast.arg, ast.alias, ast.Pass, ast.Break, ast.Continue)
)
_LOGGERS: Final = r"(?i)\w*log(?:ger)?"


def writes_in(source: Source) -> CodeWrites:
    """What a Python file writes to, and the values of its names; nothing where it cannot be parsed. Never raises."""
    known = source.parsed.get(_KEY)
    if not isinstance(known, CodeWrites):
        source.parsed[_KEY] = known = _read(source)
    return known


def _read(source: Source) -> CodeWrites:
    syntax = parse_python(source)
    if syntax is None:
        return NOTHING
    reader = _Reader("sqlite" in source.text)
    try:
        reader.read(syntax.tree, _Scope(None))
        return CodeWrites(tuple(dict.fromkeys(reader.writes())), reader.settings())
    except RecursionError:
        return NOTHING


class _Scope:
    """The names of a module, a class or a function, each with what it is given, in order."""

    __slots__ = ("names", "outer", "parameters", "returns")

    def __init__(self, outer: _Scope | None) -> None:
        self.outer = outer
        self.names: dict[str, list[ast.expr]] = {}
        self.parameters: dict[str, ast.expr | None] = {}
        self.returns: dict[str, tuple[ast.expr, _Scope]] = {}  # functions that are one expression


class _Reader:
    """Goes through a module once and keeps what is looked at when all names are known."""

    def __init__(self, sqlite: bool) -> None:  # noqa: FBT001 - whether its text says so anywhere
        self._sqlite = sqlite
        self._calls: list[tuple[ast.expr, _Scope]] = []
        self._attributes: list[tuple[str, ast.expr, _Scope]] = []  # of classes, of objects, and of the module
        self._imported: set[str] = set()
        self._busy: set[int] = set()
        self._steps = 0

    def read(self, node: ast.AST, scope: _Scope) -> None:
        """Reads what stands in a node."""
        for child in ast.iter_child_nodes(node):
            if type(child) in _LEAVES:
                continue
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                self._function(child, scope, isinstance(node, ast.ClassDef))
            elif isinstance(child, ast.ClassDef):
                self.read(child, _Scope(scope))
            elif isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
                continue  # a docstring
            else:
                self._note(child, scope, module=scope.outer is None or isinstance(node, ast.ClassDef))
                if not isinstance(child, ast.JoinedStr):
                    self.read(child, scope)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scope: _Scope, method: bool) -> None:  # noqa: FBT001
        inner = _Scope(scope)
        given, defaults = [*node.args.posonlyargs, *node.args.args], node.args.defaults
        values: list[ast.expr | None] = [None] * (len(given) - len(defaults)) + [*defaults]
        inner.parameters.update({one.arg: value for one, value in zip(given, values, strict=True)})
        inner.parameters.update(
            {one.arg: value for one, value in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)}
        )
        if not isinstance(node, ast.Lambda):
            found = [one.value for one in node.body if isinstance(one, ast.Return) and one.value is not None]
            if len(found) == 1:
                if method:
                    self._attributes.append((node.name, found[0], inner))
                else:
                    scope.returns[node.name] = (found[0], inner)
        self.read(node, inner)

    def _note(self, node: ast.AST, scope: _Scope, *, module: bool) -> None:
        if isinstance(node, (ast.Call, ast.Dict)) or (
            self._sqlite and isinstance(node, ast.expr) and _begins_sqlite(node)
        ):
            self._calls.append((node, scope))
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            self._imported.update(alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.withitem) and isinstance(node.optional_vars, ast.Name):
            scope.names.setdefault(node.optional_vars.id, []).append(node.context_expr)
        elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else (node.target,):
                if isinstance(target, ast.Name):
                    scope.names.setdefault(target.id, []).append(node.value)
                    if module:
                        self._attributes.append((target.id, node.value, scope))
                elif isinstance(target, ast.Attribute):
                    self._attributes.append((target.attr, node.value, scope))

    def settings(self) -> Mapping[str, tuple[str, ...]]:
        """What the names of the module, its classes and objects are given, as paths."""
        found: dict[str, tuple[str, ...]] = {}
        for name, value, scope in self._attributes:
            if isinstance(value, ast.Constant) and value.value is None:
                continue
            if len(found.get(name, ())) > _MOST_VALUES:
                continue
            text = self._text(value, scope)
            if setting(name) not in text:
                found[name] = tuple(dict.fromkeys((*found.get(name, ()), text)))
        return found

    def writes(self) -> Iterator[Write]:
        """What the module writes to."""
        for node, scope in self._calls:
            if isinstance(node, ast.Call):
                yield from self._of_call(node, scope)
            elif isinstance(node, ast.Dict):
                yield from self._of_handler(node, scope)
            else:
                text = self._text(node, scope)
                found = re.fullmatch(_SQLITE, text) if text.startswith("sqlite") else None
                if found is not None and not found[1].startswith((":memory:", "file:")):
                    yield Write(found[1], folder=False, sure=True)

    def _of_handler(self, node: ast.Dict, scope: _Scope) -> Iterator[Write]:
        """A handler of `logging.config.dictConfig`."""
        keys = {
            one.value: value for one, value in zip(node.keys, node.values, strict=True) if isinstance(one, ast.Constant)
        }
        kind = keys.get("class") or keys.get("()")
        if "filename" in keys and isinstance(kind, ast.Constant) and "FileHandler" in str(kind.value):
            yield Write(self._text(keys["filename"], scope), folder=False, sure=True)

    def _of_call(self, node: ast.Call, scope: _Scope) -> Iterator[Write]:
        func, args = node.func, node.args
        keywords = {one.arg: one.value for one in node.keywords if one.arg is not None}
        on = func.value if isinstance(func, ast.Attribute) else None
        base = on.id if isinstance(on, ast.Name) else ""
        name = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
        for key in _FOLDERS.intersection(keywords):
            yield Write(self._text(keywords[key], scope), folder=True, sure=False)
        if name == "open" and (on is None or base in _OPENERS):
            mode = args[1] if len(args) > 1 else keywords.get("mode")
            path = args[0] if args else keywords.get("file")
            if path is not None and _writes(mode):
                yield Write(self._text(path, scope), folder=False, sure=True)
        elif name == "open" and on is not None and base not in _CONNECTS:
            mode = args[0] if args else keywords.get("mode")
            if isinstance(mode, ast.Constant) and _writes(mode):
                yield Write(self._text(on, scope), folder=False, sure=True)
        elif base in _CONNECTS and name in ("connect", "open"):
            path = args[0] if args else keywords.get("database", keywords.get("uri"))
            text = self._text(path, scope) if path is not None else ":memory:"
            if not text.startswith((":memory:", "file:")):
                yield Write(text, folder=base == "lancedb", sure=True)
        elif name == "mkdir" and on is not None:
            if base == "os" and args:
                yield Write(self._text(args[0], scope), folder=True, sure=True)
            elif base != "os" and not (args and not isinstance(args[0], ast.Constant)):
                yield Write(self._text(on, scope), folder=True, sure=True)
        elif name in ("write_text", "write_bytes") and on is not None:
            yield Write(self._text(on, scope), folder=False, sure=True)
        elif name == "touch" and on is not None and not args:
            yield Write(self._text(on, scope), folder=False, sure=False)
        elif name == "add" and on is not None and args and re.fullmatch(_LOGGERS, base):
            told = not {"rotation", "retention", "compression", "enqueue"}.isdisjoint(keywords)
            stream = (
                isinstance(args[0], ast.Attribute) and isinstance(args[0].value, ast.Name) and args[0].value.id == "sys"
            )
            if not stream:
                yield Write(self._text(args[0], scope), folder=False, sure=told)
        elif name in _CALLS:
            at, key, folder, sure = _CALLS[name]
            path = keywords.get(key) or (args[at] if 0 <= at < len(args) else None)
            if path is not None and not (isinstance(path, ast.Constant) and path.value is None):
                yield Write(self._text(path, scope), folder=folder, sure=sure)

    def _text(self, node: ast.expr, scope: _Scope, depth: int = 0) -> str:
        """A path as text, with marks."""
        self._steps = self._steps + 1 if depth else 0
        if depth > _DEEPEST or self._steps > _MOST_STEPS or id(node) in self._busy:
            return UNTOLD
        self._busy.add(id(node))
        try:
            return self._told(node, scope, depth + 1)
        finally:
            self._busy.discard(id(node))

    def _told(self, node: ast.expr, scope: _Scope, depth: int) -> str:
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) and node.value.isprintable() else UNTOLD
        if isinstance(node, ast.JoinedStr):
            return "".join(self._text(one, scope, depth) for one in node.values)
        if isinstance(node, (ast.FormattedValue, ast.NamedExpr, ast.Await)):
            return self._text(node.value, scope, depth)
        if isinstance(node, ast.Name):
            return self._of_name(node.id, scope, depth)
        if isinstance(node, ast.Attribute):
            return self._of_attribute(node, scope, depth)
        if isinstance(node, ast.Subscript):
            return self._of_subscript(node, scope, depth)
        if isinstance(node, ast.BinOp):
            left = self._text(node.left, scope, depth)
            if isinstance(node.op, ast.Mod):
                return re.sub(r"%[-\d.()\w]*[sdrf]", UNTOLD, left)
            right = self._text(node.right, scope, depth)
            return joined(left, right) if isinstance(node.op, ast.Div) else left + right
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            first = self._text(node.values[0], scope, depth)
            return first if UNTOLD not in first else self._text(node.values[-1], scope, depth)
        if isinstance(node, ast.IfExp):
            ways = (node.body, node.orelse)
            texts = {self._text(one, scope, depth) for one in ways if not isinstance(one, ast.Constant) or one.value}
            return texts.pop() if len(texts) == 1 else UNTOLD
        return self._of_value(node, scope, depth) if isinstance(node, ast.Call) else UNTOLD

    def _of_name(self, name: str, scope: _Scope, depth: int) -> str:
        if name == "__file__":
            return OWN_FILE
        where: _Scope | None = scope
        while where is not None:
            if name in where.names:
                if len(where.names[name]) > _MOST_VALUES:
                    return UNTOLD
                texts = [self._text(one, where, depth) for one in where.names[name]]
                known = list(dict.fromkeys(one for one in texts if one != UNTOLD))
                return known[-1] if known and (where is scope or len(known) == 1) else UNTOLD
            if name in where.parameters:
                value = where.parameters[name]
                return self._text(value, where, depth) if value is not None else UNTOLD
            where = where.outer
        return setting(name) if name in self._imported else UNTOLD

    def _of_attribute(self, node: ast.Attribute, scope: _Scope, depth: int) -> str:
        if node.attr == "parent":
            return f"{self._text(node.value, scope, depth)}/.."
        base = node.value.id if isinstance(node.value, ast.Name) else ""
        if base == "sys" or node.attr in ("stem", "suffix", "filename", "value"):
            return UNTOLD
        if node.attr == "name":
            text = self._text(node.value, scope, depth)
            return text if text.startswith(SCRATCH) else UNTOLD
        return setting(node.attr)

    def _of_subscript(self, node: ast.Subscript, scope: _Scope, depth: int) -> str:
        on, key = node.value, node.slice
        value = key.value if isinstance(key, ast.Constant) else None
        if isinstance(on, ast.Attribute) and on.attr == "parents" and isinstance(value, int) and 0 <= value < _DEEPEST:
            return self._text(on.value, scope, depth) + "/.." * (value + 1)
        named = on.attr if isinstance(on, ast.Attribute) else on.id if isinstance(on, ast.Name) else ""
        return from_variable(value, None) if named == "environ" and isinstance(value, str) else UNTOLD

    def _of_value(self, node: ast.Call, scope: _Scope, depth: int) -> str:
        func, args = node.func, node.args
        on = func.value if isinstance(func, ast.Attribute) else None
        name = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
        outer = on.attr if isinstance(on, ast.Attribute) else on.id if isinstance(on, ast.Name) else ""
        if name in _SCRATCHES:
            return f"{SCRATCH}/{UNTOLD}" if name != "gettempdir" else SCRATCH
        if name in ("cwd", "getcwd"):
            return "."
        if name in _PATHS or (name == "join" and outer in ("path", "os")):
            parts = [self._text(one, scope, depth) for one in args]
            return joined(*parts) if parts else "."
        if name == "joinpath" and on is not None:
            return joined(self._text(on, scope, depth), *(self._text(one, scope, depth) for one in args))
        if name == "dirname" and args:
            return f"{self._text(args[0], scope, depth)}/.."
        if name in _SAME:
            inner = on if on is not None and outer not in ("path", "os") else args[0] if args else None
            return self._text(inner, scope, depth) if inner is not None else UNTOLD
        if name == "format" and on is not None:
            return re.sub(r"\{[^{}]*\}", UNTOLD, self._text(on, scope, depth))
        keywords = {one.arg: one.value for one in node.keywords}
        if name == "Field":
            value = keywords.get("default") or (args[0] if args else None)
            return self._text(value, scope, depth) if value is not None else UNTOLD
        asks = name in _VARIABLES or (name in ("get", "str", "path") and outer in ("environ", "env"))
        if asks and args and isinstance(args[0], ast.Constant) and isinstance(args[0].value, str):
            given = keywords.get("default") or (args[1] if len(args) > 1 else None)
            return from_variable(args[0].value, self._text(given, scope, depth) if given is not None else None)
        if isinstance(func, ast.Name):
            where: _Scope | None = scope
            while where is not None:
                if name in where.returns:
                    value, inside = where.returns[name]
                    return self._text(value, inside, depth)
                where = where.outer
        return UNTOLD


def _begins_sqlite(node: ast.expr) -> bool:
    """Whether an expression is a text that begins as the address of an SQLite database does."""
    while isinstance(node, ast.BinOp):
        node = node.left
    if isinstance(node, ast.JoinedStr) and node.values:
        node = node.values[0]
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("sqlite")


def _writes(mode: ast.expr | None) -> bool:
    """Whether a mode of `open` is one for writing, or may be."""
    if mode is None:
        return False
    if not isinstance(mode, ast.Constant):
        return True
    value = mode.value
    return isinstance(value, str) and re.fullmatch(_MODE, value) is not None and not set(value).isdisjoint("wax+")
