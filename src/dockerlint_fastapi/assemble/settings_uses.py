"""What a container's application asks of its environment: the settings classes that its modules make objects of."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from dockerlint_fastapi.assemble.imported_modules import certainly_run, of_text
from dockerlint_fastapi.assemble.python_starts import PythonStarts
from dockerlint_fastapi.model.container import Container
from dockerlint_fastapi.model.environment.settings_class import SettingsClass, SettingsField, SettingsUse
from dockerlint_fastapi.parsers.python.names import Definition, Module, Scope, dotted, resolve
from dockerlint_fastapi.parsers.python.settings import set_in_environment, settings_class
from dockerlint_fastapi.parsers.python.values import sets_variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_DEPENDS: Final = frozenset({"fastapi.Depends", "fastapi.params.Depends"})
_DOTENV: Final = "dotenv"
# Texts that may hold what is looked for; the trees of all others are never made.
_CLASS: Final = r"class[ \t]+(\w+)[^(:\n]*\(([^:]*(?::[^:]*?)??)\)\s*:"
_RENAMED: Final = r"\b(\w+)[ \t]+as[ \t]+(\w+)"
_ASSIGNED: Final = r"(?m)^[ \t]*(\w+)[ \t]*(?::[^=\n]*)?=[ \t]*([\w.]+)[ \t]*$"
_FUNCTION: Final = r"(?m)^(?:async[ \t]+)?def[ \t]+(\w+)"


def settings_uses(starts: PythonStarts, container: Container) -> Iterator[SettingsUse]:
    """The settings classes of which an application makes objects when it is imported."""
    modules = starts.modules_of(container)
    if not any("BaseSettings" in module.text.syntax.source.text for module in modules):
        return
    told: set[int] = set()
    makers = _makers(modules)
    for module in modules:
        if not _names_one(module, makers):
            continue
        for call, scope in _made(module, modules):
            found = resolve(call.func, scope)
            if found is None or not isinstance(found.node, ast.ClassDef) or id(found.node) in told:
                continue
            settings = settings_class(found)
            if settings is not None:
                told.add(id(found.node))
                missing = tuple(_missing(settings, call, found, modules))
                yield SettingsUse(settings, scope.module.span(call), missing)


def _names_one(module: Module, makers: frozenset[str]) -> bool:
    """Whether a module's text has one of some names."""
    return not makers.isdisjoint(of_text(module, "words", _words_in))


def _words_in(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text))


def _makers(modules: tuple[Module, ...]) -> frozenset[str]:
    """The names by which objects of settings classes are made: those of the classes, and of functions beside them."""
    names: set[str] = set()
    bases = settings_names(modules)
    for module in modules:
        if "Settings" in module.text.syntax.source.text and derives_settings(module, bases):
            scope = Scope(module)
            classes = [one for one in module.text.syntax.tree.body if isinstance(one, ast.ClassDef)]
            names.update(one.name for one in classes if settings_class(Definition(one, scope)) is not None)
    for module in modules if names else ():
        if not names.isdisjoint(of_text(module, "words", _words_in)):
            names.update(of_text(module, "functions", lambda text: tuple(re.findall(_FUNCTION, text))))
    return frozenset(names)


def _classes_in(text: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """The names of a text's classes that have bases, with every word that stands among these."""
    return tuple((name, frozenset(re.findall(r"\w+", bases))) for name, bases in re.findall(_CLASS, text))


def _other_names(text: str) -> tuple[tuple[str, str], ...]:
    """Names and the names that they get besides: `import a as b`, `b = module.a`."""
    assigned = ((value.rpartition(".")[2], name) for name, value in re.findall(_ASSIGNED, text))
    return (*re.findall(_RENAMED, text), *assigned)


def settings_names(modules: tuple[Module, ...]) -> frozenset[str]:
    """Every name that a settings class may have in these modules, by their texts alone: more than there are."""
    found = {"BaseSettings"}
    waiting = ["BaseSettings"]
    while waiting:
        base = waiting.pop()
        for module in modules:
            if base not in module.text.syntax.source.text:
                continue
            others = [name for name, bases in of_text(module, "classes", _classes_in) if base in bases]
            others += [other for name, other in of_text(module, "renamed", _other_names) if name == base]
            for name in others:
                if name not in found:
                    found.add(name)
                    waiting.append(name)
    return frozenset(found)


def derives_settings(module: Module, names: frozenset[str]) -> bool:
    """Whether a class in a module has one of these names among its bases."""
    return any(not names.isdisjoint(bases) for _, bases in of_text(module, "classes", _classes_in))


def _made(module: Module, modules: tuple[Module, ...]) -> Iterator[tuple[ast.Call, Scope]]:
    """The calls that running a module certainly leads to, those in functions of the project that it calls or names as a
    dependency included.
    """
    scope = Scope(module)
    for statement in certainly_run(module.text.syntax.tree.body, scope, guarded=False):
        for call in _calls_in(statement, module):
            yield call, scope
            function = resolve(call.func, scope)
            if function is not None and not call.args and not call.keywords:
                yield from _returned(function)
    if "Depends" in module.text.syntax.source.text:
        for call in _calls_with_arguments(module):
            if dotted(call.func, scope) in _DEPENDS:
                function = resolve(call.args[0], scope)
                if function is not None and function.scope.module in modules:
                    yield from _returned(function)


def _calls_with_arguments(module: Module) -> tuple[ast.Call, ...]:
    """All calls of a module that are given something, read once for all containers."""
    memo: dict[str, tuple[ast.Call, ...]] = module.text.memo
    if "given" not in memo:
        nodes = ast.walk(module.text.syntax.tree)
        memo["given"] = tuple(node for node in nodes if isinstance(node, ast.Call) and node.args)
    return memo["given"]


def _calls_in(statement: ast.stmt, module: Module) -> tuple[ast.Call, ...]:
    """The calls of `_calls_of`, read once for all containers."""
    memo: dict[ast.stmt, tuple[ast.Call, ...]] = module.text.memo.setdefault("calls", {})
    if statement not in memo:
        memo[statement] = tuple(_calls_of(statement))
    return memo[statement]


def _calls_of(statement: ast.stmt) -> Iterator[ast.Call]:
    """The calls in what a statement evaluates; not those in the functions that it defines."""
    pending: list[ast.AST] = [statement]
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            pending.extend([*node.args.defaults, *(one for one in node.args.kw_defaults if one is not None)])
            continue
        if isinstance(node, (ast.Lambda, ast.ClassDef, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            continue
        if isinstance(node, ast.Call):
            yield node
        pending.extend(ast.iter_child_nodes(node))


def _returned(function: Definition) -> Iterator[tuple[ast.Call, Scope]]:
    """`def get_settings(): return Settings()`: the calls in statements that the function certainly runs."""
    if isinstance(function.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        scope = Scope(function.scope.module)
        for statement in certainly_run(function.node.body, scope, guarded=False):
            if isinstance(statement, (ast.Return, ast.Assign, ast.Expr)):
                yield from ((call, scope) for call in _calls_in(statement, scope.module))
            elif not isinstance(statement, (ast.Import, ast.ImportFrom)):
                return


def _missing(
    settings: SettingsClass, call: ast.Call, found: Definition, modules: tuple[Module, ...]
) -> Iterator[SettingsField]:
    """The required fields that certainly neither the call nor the environment nor a file sets."""
    library = found.scope.module.library
    if not settings.complete or settings.secrets_dir or settings.env_files is None or call.args:
        return
    if any(one.arg is None or one.arg.startswith("_") for one in call.keywords):
        return
    given = {one.arg for one in call.keywords}
    files = set(settings.env_files)
    if any(_DOTENV in module.text.syntax.source.text.replace("pydantic-settings[dotenv]", "") for module in modules):
        files.add(".env")
    if any(library.has_file(one) is not False for one in files):
        return
    for field in settings.fields:
        if field.required is not True or field.name in given or field.filled or field.env_names is None:
            continue
        if set_in_environment(field, settings, found) is not None:
            continue
        names = {spelling for name in field.env_names for spelling in (name, name.upper(), name.lower())}
        if not any(sets_variable(module, name) for module in modules for name in names):
            yield field
