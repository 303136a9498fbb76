"""Names in Python code: what a module, function or class binds them to, and what that means across a project's modules.

A name counts only where one statement of its scope binds it, so that nothing depends on the order in which code runs.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from dockerlint_fastapi.model.command import UNKNOWN, Environment, Unknown
from dockerlint_fastapi.parsers.python.syntax import PythonSyntax
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from dockerlint_fastapi.model.command import Argument

MAX_DEPTH: Final = 24  # names followed from one to the next; code that people write needs three or four

Function = ast.FunctionDef | ast.AsyncFunctionDef
_GLOBAL: Final = r"(?m)(?:^|[;:])[ \t]*global[ \t\\]"
_SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class PythonText(NamedTuple):
    """A Python file that parses, where it stands, and how to point into it."""

    place: str  # absolute, in the container or below the project's root
    syntax: PythonSyntax
    path: str | None  # the project's file, None for one that an instruction writes
    locate: Callable[[int, int], Span]
    memo: dict[str, Any]  # what was found in its tree, shared by all containers that hold the file


Reader = Callable[[str], PythonText | Unknown | None]
"""The Python file at a place: UNKNOWN when there may be one that cannot be read, None when there is certainly none."""


class Binding(NamedTuple):
    """What binds a name: the node (an expression, a function, a class, an import) and, of an import, what it names."""

    node: ast.AST
    module: str | None = None  # of `import a.b` and `from a.b import c`: `a.b`, with dots in front if relative
    attribute: str | None = None  # of `from a.b import c`: `c`


def bindings(body: Sequence[ast.stmt]) -> dict[str, Binding | None]:
    """What the statements of one scope bind, in branches and loops too; None for a name that several of them bind."""
    found: dict[str, Binding | None] = {}

    def bind(name: str, binding: Binding | None) -> None:
        found[name] = binding if name not in found else None

    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                bound = Binding(node, alias.name if alias.asname else name)
                known = found.get(name)
                if known is None or known.module != bound.module or known.attribute is not None:
                    bind(name, bound)  # `import a.b` and `import a.c` both bind `a`
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if alias.name != "*":
                    module = "." * node.level + (node.module or "")
                    bind(alias.asname or alias.name, Binding(node, module, alias.name))
        elif isinstance(node, _SCOPES):
            bind(node.name, Binding(node))
            pending.extend(node.decorator_list)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                _bind_target(target, node.value, bind)
            pending.append(node.value)
        elif isinstance(node, ast.AnnAssign):
            if isinstance(node.target, ast.Name) and node.value is not None:
                bind(node.target.id, Binding(node.value))
        elif isinstance(node, ast.NamedExpr):
            bind(node.target.id, Binding(node.value))
            pending.append(node.value)
        elif isinstance(node, ast.Name):
            if isinstance(node.ctx, (ast.Store, ast.Del)):
                bind(node.id, None)
        elif isinstance(node, ast.ExceptHandler):
            if node.name:
                bind(node.name, None)
            pending.extend(node.body)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            for name in node.names:
                bind(name, None)
        elif isinstance(node, ast.AugAssign):
            if isinstance(node.target, ast.Name):
                found[node.target.id] = None
        elif not isinstance(node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            pending.extend(ast.iter_child_nodes(node))
    return found


def _bind_target(target: ast.expr, value: ast.expr, bind: Callable[[str, Binding | None], None]) -> None:
    if isinstance(target, ast.Name):
        bind(target.id, Binding(value))
    elif isinstance(target, (ast.Tuple, ast.List)):
        plain = isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts)
        for at, one in enumerate(target.elts):
            if isinstance(one, ast.Name):
                bind(one.id, Binding(value.elts[at]) if plain and isinstance(value, (ast.Tuple, ast.List)) else None)
            elif isinstance(one, ast.Starred) and isinstance(one.value, ast.Name):
                bind(one.value.id, None)


class Module:
    """A module of the project: its text, its name where that is known, and what its top level binds."""

    __slots__ = ("_bound", "library", "name", "text")

    def __init__(self, text: PythonText, library: Library, name: str | None) -> None:
        self.text = text
        self.library = library
        self.name = name  # as it is imported, "__main__" for the one that is run; None when that cannot be told
        self._bound: dict[str, Binding | None] | None = None

    def __repr__(self) -> str:
        return f"Module({self.text.place!r})"

    @property
    def bound(self) -> dict[str, Binding | None]:
        """What its top level binds; None for a name that several statements bind, or a function by `global`."""
        if self._bound is None:
            memo = self.text.memo
            if "bound" not in memo:
                bound = bindings(self.text.syntax.tree.body)
                bound.update(dict.fromkeys(self._changed_elsewhere()))
                memo["bound"] = bound
            self._bound = memo["bound"]
        return self._bound

    def _changed_elsewhere(self) -> Iterator[str]:
        """The names that functions change through `global`."""
        if not re.search(_GLOBAL, self.text.syntax.source.text):
            return
        for node in ast.walk(self.text.syntax.tree):
            if isinstance(node, ast.Global):
                yield from node.names

    @property
    def stars(self) -> Iterator[str]:
        """The modules of which everything is imported."""
        memo = self.text.memo
        if "stars" not in memo:
            memo["stars"] = tuple(self._stars()) if "*" in self.text.syntax.source.text else ()
        stars: tuple[str, ...] = memo["stars"]
        return iter(stars)

    def _stars(self) -> Iterator[str]:
        for node in self.text.syntax.tree.body:
            if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
                yield "." * node.level + (node.module or "")

    def span(self, node: ast.AST) -> Span:
        """Where a node of it stands."""
        span = self.text.syntax.span(node)
        return self.text.locate(span.start, span.end)

    @property
    def folder(self) -> str:
        """The folder that it stands in."""
        return self.text.place.rpartition("/")[0]


class Scope:
    """Where an expression is read: in a module, or in a function of it with the arguments that it was called with."""

    __slots__ = ("arguments", "bound", "module", "parent")

    def __init__(
        self,
        module: Module,
        *,
        bound: Mapping[str, Binding | None] | None = None,
        arguments: Mapping[str, object] | None = None,
        parent: Scope | None = None,
    ) -> None:
        self.module = module
        self.bound = module.bound if bound is None else bound
        self.arguments: Mapping[str, object] = {} if arguments is None else arguments  # by name; see values.Known
        self.parent = parent

    def holder_of(self, name: str) -> Scope | None:
        """The scope that binds a name, inner ones first; None when none does."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.bound or name in scope.arguments:
                return scope
            scope = scope.parent
        return None


class Definition(NamedTuple):
    """What an expression stands for: an expression, a function or a class, and the scope in which it was written."""

    node: ast.AST
    scope: Scope


class Library:
    """The modules that code of a container can import from the project: by name along `roots`, as `sys.path` does."""

    __slots__ = ("_found", "_modules", "environment", "has_file", "memo", "read", "roots", "text_at", "words")

    def __init__(
        self,
        read: Reader,
        roots: Sequence[str],
        environment: Environment,
        has_file: Callable[[str], bool | None],
        text_at: Callable[[str], str | None] = lambda _path: None,
    ) -> None:
        self.read = read
        self.roots = tuple(roots)  # folders, as places
        self.environment = environment  # what the program finds in `os.environ`
        self.has_file = has_file  # whether a file is at a place, relative to the working directory if not absolute
        self.text_at = text_at  # the text of such a file; None when it cannot be told
        self._modules: dict[str, Module | None] = {}
        self._found: dict[tuple[str, str], Module | None] = {}
        self.memo: dict[Any, Any] = {}  # what was found in its modules with its environment
        self.words: tuple[Argument, ...] | None = None  # behind the program that is run; None when they are unknown

    def at(self, place: str, name: str | None = None) -> Module | None:
        """The module in the file at a place; None when there is none that can be read."""
        if place not in self._modules:
            text = self.read(place)
            self._modules[place] = Module(text, self, name) if isinstance(text, PythonText) else None
        return self._modules[place]

    def find(self, name: str, importer: Module | None = None) -> Module | None:
        """The module of that name (with dots in front: relative to the one that imports it); None if not to be told."""
        bare = name.lstrip(".")
        level = len(name) - len(bare)
        if level and importer is None:
            return None
        folder = importer.folder if level and importer is not None else ""
        if (name, folder) not in self._found:
            self._found[name, folder] = self._find(bare, level, folder)
        return self._found[name, folder]

    def _find(self, bare: str, level: int, folder: str) -> Module | None:
        roots: tuple[str, ...] = self.roots
        if level:
            for _ in range(level - 1):
                folder = folder.rpartition("/")[0]
            roots = (folder,)
        path = bare.replace(".", "/")
        for root in roots:
            stem = f"{root}/{path}" if path else root
            candidates = (f"{stem}/__init__.py", f"{stem}.py") if path else (f"{stem}/__init__.py",)
            answers = [self.read(place) for place in candidates]
            for place, answer in zip(candidates, answers, strict=True):
                if isinstance(answer, PythonText):
                    return self.at(place, None if level else bare)
            if UNKNOWN in answers:
                return None
        return None


def dotted(node: ast.AST, scope: Scope) -> str | None:
    """The full name of what an expression names, imports resolved: `uv.run` after `import uvicorn as uv` is
    `uvicorn.run`. Names that nothing binds are builtins. None for anything bound otherwise.
    """
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    holder = scope.holder_of(node.id)
    if holder is None:
        root = node.id
    else:
        binding = holder.bound.get(node.id)
        if node.id in holder.arguments or binding is None or binding.module is None:
            return None
        root = binding.module if binding.attribute is None else f"{binding.module}.{binding.attribute}"
    return ".".join((root, *reversed(parts)))


def resolve(node: ast.AST, scope: Scope, depth: int = 0) -> Definition | None:
    """What a name or attribute finally stands for, through assignments and the project's own modules; None when it is
    bound several times, comes from elsewhere, or cannot be told.
    """
    if depth > MAX_DEPTH:
        return None
    if isinstance(node, ast.Name):
        holder = scope.holder_of(node.id)
        if holder is None:
            return _from_stars(node.id, scope, depth)
        if node.id in holder.arguments:
            return None
        return _bound(holder.bound[node.id], holder, depth)
    if isinstance(node, ast.Attribute):
        name = dotted(node.value, scope)
        holder = scope.holder_of(root.id) if isinstance(root := _root(node), ast.Name) else None
        if name is None or holder is None:
            return None
        module = scope.module.library.find(name, scope.module)
        return None if module is None else member(module, node.attr, depth + 1)
    return Definition(node, scope)


def member(module: Module, name: str, depth: int = 0) -> Definition | None:
    """What a module's attribute of that name stands for; None when it cannot be told."""
    outer = Scope(module)
    if name in module.bound:
        return _bound(module.bound[name], outer, depth)
    return _from_stars(name, outer, depth)


def _root(node: ast.AST) -> ast.AST:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node


def _bound(binding: Binding | None, scope: Scope, depth: int) -> Definition | None:
    if binding is None or depth > MAX_DEPTH:
        return None
    if binding.module is None:
        further = (
            resolve(binding.node, scope, depth + 1) if isinstance(binding.node, (ast.Name, ast.Attribute)) else None
        )
        return further or Definition(binding.node, scope)
    if binding.attribute is None:
        return None
    module = scope.module.library.find(binding.module, scope.module)
    if module is None:
        return None
    return member(module, binding.attribute, depth + 1)


def _from_stars(name: str, scope: Scope, depth: int) -> Definition | None:
    """A name that only an `import *` can bring."""
    if depth > MAX_DEPTH:
        return None
    found: list[Definition] = []
    for star in scope.module.stars:
        module = scope.module.library.find(star, scope.module)
        if module is not None and module is not scope.module and name in module.bound:
            definition = member(module, name, depth + 1)
            if definition is None:
                return None
            found.append(definition)
    return found[0] if len(found) == 1 else None


def arguments_of(function: Function) -> Iterator[tuple[str, ast.expr | None]]:
    """A function's parameters that can be given by name, with their defaults."""
    signature = function.args
    positional = [*signature.posonlyargs, *signature.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(signature.defaults))
    yield from ((one.arg, default) for one, default in zip(positional, [*defaults, *signature.defaults], strict=True))
    yield from ((one.arg, default) for one, default in zip(signature.kwonlyargs, signature.kw_defaults, strict=True))
