"""What a container's application asks of its environment: the settings classes that its modules make objects of, and
the secrets that they hold as defaults.

Only modules that are certainly imported count: those that the application's module imports at its top level, and
these in turn.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from dockerlint_fastapi.assemble.python_starts import PythonStarts, directory_of
from dockerlint_fastapi.model.application import Application
from dockerlint_fastapi.model.application.import_path import Found
from dockerlint_fastapi.model.command import UNKNOWN
from dockerlint_fastapi.model.deployment import Container
from dockerlint_fastapi.model.secrets import holds_a_secret, names_a_secret
from dockerlint_fastapi.model.settings_class import SecretDefault, SettingsClass, SettingsField, SettingsUse
from dockerlint_fastapi.parsers.python.names import Definition, Library, Module, PythonText, Scope, dotted, resolve
from dockerlint_fastapi.parsers.python.settings import set_in_environment, settings_class
from dockerlint_fastapi.parsers.python.values import evaluate, sets_variable

_MAX_MODULES: Final = 400  # of one application; where there are more, those that are found first are read
_GETTERS: Final = frozenset({"os.getenv", "os.environ.get", "decouple.config"})
_MIN_SECRET: Final = 3  # characters; what is shorter is a marker
_LAST: Final = frozenset("secret password passwd pwd passphrase token".split())
# What a key that nobody may know is called: `SECRET_KEY`, `API_KEY`; other keys name an entry of something.
_KEYS: Final = frozenset(
    "secret api private encryption encrypt signing sign jwt fernet access aes hmac master session auth crypto cipher"
    " app security".split()
)
_STAND_INS: Final = frozenset(
    "dev development test tests testing local example dummy fake sample fallback insecure mock".split()
)
_FILLED_IN: Final = (
    r"(?i)place.?holder|local|dummy|empty|none|your|change.?me|example|test|fake|xxx|todo|fill.?me|\bna\b"
)
_DEPENDS: Final = frozenset({"fastapi.Depends", "fastapi.params.Depends"})
_WORDS: Final = r"(?i)secret|passw|token|key|credential"  # one of them is in every name of a secret, but for a few
_DOTENV: Final = "dotenv"


class _Imports(Library):
    """The modules that an application can import, found where Python finds them in its container."""

    __slots__ = ("_application", "_starts", "_texts", "found")

    def __init__(self, starts: PythonStarts, container: Container, application: Application) -> None:
        program = container.program
        environment = container.environment if program is None else container.environment.seen_by(program)
        directory = container.directory if program is None else directory_of(container, program)
        super().__init__(lambda _place: UNKNOWN, (), environment, starts.has_file(container, directory))
        self._starts = starts
        self._application = application
        # Containers of one image with the same mounts over their code find the same files.
        roots = tuple(root.name for root in application.import_path.roots)
        mounts = tuple(
            (one.target, one.path, one.empty)
            for one in container.covers
            if one.target is None or any(_overlap(one.target, root) for root in roots)
        )
        self._texts = starts.texts.setdefault((id(container.image), mounts, roots), {})
        self.found: dict[str, Module | None] = {}

    def find(self, name: str, importer: Module | None = None) -> Module | None:
        """See Library."""
        full = name
        if name.startswith("."):
            full = _absolute(name, importer) or ""
        if full not in self.found:
            self.found[full] = self._module(full) if full else None
        return self.found[full]

    def _module(self, name: str) -> Module | None:
        if name not in self._texts:
            found = self._application.import_path.find(name)
            read = self._starts.text_of(found.placed) if isinstance(found, Found) else UNKNOWN
            self._texts[name] = read if isinstance(read, PythonText) else None
        text = self._texts[name]
        return Module(text, self, name) if text is not None else None


def _overlap(one: str, other: str) -> bool:
    """Whether one folder holds the other."""
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def _absolute(name: str, importer: Module | None) -> str | None:
    """The full name of a module that is imported with dots in front."""
    if importer is None or importer.name is None:
        return None
    bare = name.lstrip(".")
    up = len(name) - len(bare) - (1 if importer.text.place.endswith("/__init__.py") else 0)
    parts = importer.name.split(".")
    if up >= len(parts) + (0 if bare else 1):
        return None
    package = parts[: len(parts) - up] if up else parts
    return ".".join((*package, bare)) if bare else ".".join(package)


def imported_modules(starts: PythonStarts, container: Container) -> tuple[Module, ...]:
    """The project's modules that importing the application certainly runs; none where that cannot be told."""
    application = container.application
    if not isinstance(application, Application):
        return ()
    imports = _Imports(starts, container, application)
    reached: dict[str, Module] = {}
    waiting = [application.found.name]
    while waiting and len(reached) < _MAX_MODULES:
        name = waiting.pop(0)
        parts = name.split(".")
        for end in range(1, len(parts) + 1):  # importing `a.b` runs `a` first
            part = ".".join(parts[:end])
            above = reached.get(".".join(parts[: end - 1]))
            if above is not None and not above.text.place.endswith("/__init__.py"):
                break  # `from a.b import c` of a module that is no package: `c` is none either
            module = imports.find(part) if part not in reached else None
            if module is not None:
                reached[part] = module
                waiting.extend(one for one in _imported(module) if one not in reached)
    return tuple(reached.values())


def _imported(module: Module) -> tuple[str, ...]:
    """The full names that a module certainly imports when it is run; some may be no modules."""
    key = f"imported as {module.name}"
    if key not in module.text.memo:
        names = tuple(dict.fromkeys(_names_imported(module)))
        if "environ" in module.text.syntax.source.text or "getenv" in module.text.syntax.source.text:
            return names  # what it imports may depend on variables
        module.text.memo[key] = names
    known: tuple[str, ...] = module.text.memo[key]
    return known


def _names_imported(module: Module) -> Iterator[str]:
    for statement in _run(module.text.syntax.tree.body, Scope(module), guarded=True):
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            written = "." * statement.level + (statement.module or "")
            full = _absolute(written, module) if statement.level else written
            if full:
                yield full
                yield from (f"{full}.{alias.name}" for alias in statement.names if alias.name != "*")


def _run(body: list[ast.stmt], scope: Scope, *, guarded: bool) -> Iterator[ast.stmt]:
    """The statements of a module or class that are certainly run; with `guarded` those of `try` too."""
    for statement in body:
        if isinstance(statement, ast.If):
            test = evaluate(statement.test, scope)
            if test is not None:
                yield from _run(statement.body if test.value else statement.orelse, scope, guarded=guarded)
        elif isinstance(statement, ast.Try):
            if guarded:
                yield from _run(statement.body, scope, guarded=guarded)
        elif isinstance(statement, (ast.With, ast.ClassDef)):
            yield statement
            yield from _run(statement.body, scope, guarded=guarded)
        elif not isinstance(statement, (ast.For, ast.While)):
            yield statement


def settings_uses(starts: PythonStarts, container: Container) -> Iterator[SettingsUse]:
    """The settings classes of which an application makes objects when it is imported."""
    modules = starts.modules_of(container)
    if not any("BaseSettings" in module.text.syntax.source.text for module in modules):
        return
    told: set[int] = set()
    makers = _makers(modules)
    for module in modules:
        if not makers or not re.search(makers, module.text.syntax.source.text):
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


def _makers(modules: tuple[Module, ...]) -> str:
    """A pattern of the names by which objects of settings classes are made: the classes, and functions beside them."""
    names: set[str] = set()
    for module in modules:
        tree, text = module.text.syntax.tree, module.text.syntax.source.text
        if "Settings" in text:
            scope = Scope(module)
            classes = [one for one in tree.body if isinstance(one, ast.ClassDef)]
            names.update(one.name for one in classes if settings_class(Definition(one, scope)) is not None)
    for module in modules if names else ():
        if any(name in module.text.syntax.source.text for name in names):
            body = module.text.syntax.tree.body
            names.update(one.name for one in body if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef)))
    return r"\b(?:" + "|".join(map(re.escape, sorted(names))) + r")\b" if names else ""


def _made(module: Module, modules: tuple[Module, ...]) -> Iterator[tuple[ast.Call, Scope]]:
    """The calls that running a module certainly leads to, those in functions of the project that it calls or names as a
    dependency included.
    """
    scope = Scope(module)
    for statement in _run(module.text.syntax.tree.body, scope, guarded=False):
        for call in _calls_of(statement):
            yield call, scope
            function = resolve(call.func, scope)
            if function is not None and not call.args and not call.keywords:
                yield from _returned(function)
    if "Depends" in module.text.syntax.source.text:
        for node in ast.walk(module.text.syntax.tree):
            if isinstance(node, ast.Call) and node.args and dotted(node.func, scope) in _DEPENDS:
                function = resolve(node.args[0], scope)
                if function is not None and function.scope.module in modules:
                    yield from _returned(function)


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
        for statement in _run(function.node.body, scope, guarded=False):
            if isinstance(statement, (ast.Return, ast.Assign, ast.Expr)):
                yield from ((call, scope) for call in _calls_of(statement))
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


def secret_defaults(starts: PythonStarts, container: Container) -> Iterator[SecretDefault]:
    """The secrets that the application's modules hold as defaults or constants."""
    for module in starts.modules_of(container):
        if "secrets" not in module.text.memo:
            # A field whose default is `os.getenv(…)` is met twice: the variable is what can be set.
            by_place = {one.span.start: one for one in _secrets_in(module)}
            module.text.memo["secrets"] = tuple(one for _, one in sorted(by_place.items()))
        yield from module.text.memo["secrets"]


def _secrets_in(module: Module) -> Iterator[SecretDefault]:
    text = module.text.syntax.source.text
    if _is_aside(module.text.place) or not re.search(_WORDS, text):
        return
    scope = Scope(module)
    getters = "environ" in text or "getenv" in text or "decouple" in text
    for node in ast.walk(module.text.syntax.tree) if getters or "class " in text else ():
        if isinstance(node, ast.ClassDef):
            settings = settings_class(Definition(node, scope)) if node.bases else None
            if settings is not None and _STAND_INS.isdisjoint(_split(settings.name)):
                yield from _of_fields(settings, module)
        elif getters and isinstance(node, ast.Call) and dotted(node.func, scope) in _GETTERS:
            yield from _of_getter(node, scope)
    yield from _of_constants(module)


def _is_aside(place: str) -> bool:
    """Whether a module is named for tests or development: `settings/test.py`."""
    return not _STAND_INS.isdisjoint(_split(place.removesuffix(".py")))


def _of_fields(settings: SettingsClass, module: Module) -> Iterator[SecretDefault]:
    for field in settings.fields:
        at = field.default_span
        if at is None or field.checked or at.source is not module.span(module.text.syntax.tree).source:
            continue
        if _is_secret(field.name, field.default or ""):
            yield SecretDefault(field.name, at, "field")


def _of_getter(node: ast.Call, scope: Scope) -> Iterator[SecretDefault]:
    name = evaluate(node.args[0], scope) if node.args else None
    default = node.args[1] if len(node.args) > 1 else next((k.value for k in node.keywords if k.arg == "default"), None)
    if not isinstance(default, ast.Constant) or not isinstance(default.value, str) or name is None:
        return
    if isinstance(name.value, str) and _is_secret(name.value, default.value):
        literal = evaluate(default, scope)
        if literal is not None and literal.span is not None:
            yield SecretDefault(name.value, literal.span, "variable")


def _of_constants(module: Module) -> Iterator[SecretDefault]:
    """`SECRET_KEY = "…"` at the top of a module, with a value that looks like none of a program's own words."""
    scope = Scope(module)
    for statement in module.text.syntax.tree.body:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target: ast.expr = statement.targets[0]
        elif isinstance(statement, ast.AnnAssign):
            target = statement.target
        else:
            continue
        value = statement.value
        if not isinstance(target, ast.Name) or not isinstance(value, ast.Constant) or not isinstance(value.value, str):
            continue
        text = value.value
        wordy = " " in text or not (_is_random(text) or {"secret", "password"} & set(_split(text)))
        if wordy or not _is_secret(target.id, text):
            continue
        literal = evaluate(value, scope)
        if literal is not None and literal.span is not None:
            yield SecretDefault(target.id, literal.span, "constant")


def _split(text: str) -> list[str]:
    return [word for word in re.split(r"[^a-z0-9]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", text).lower()) if word]


def _is_secret(name: str, text: str) -> bool:
    """Whether a literal can be the secret of that name: not a word of the name itself (`API_KEY = "api_key"`), not one
    that is named as a stand-in, and not the name of a place (`RUN_TAG_KEY = "run:tag"`).
    """
    words = _split(name)
    while words and (words[-1] in ("default", "value", "prod", "production") or words[-1].isdecimal()):
        words.pop()
    if not words or not _STAND_INS.isdisjoint(words) or len(text.strip()) < _MIN_SECRET:
        return False
    if words[-1] == "key":
        if len(words) < 2 or words[-2] not in _KEYS:
            return False
    elif words[-1] not in _LAST and not words[-1].endswith("password"):
        return False
    if not names_a_secret(name) or not holds_a_secret(name, text) or not re.search(r"[A-Za-z0-9]", text):
        return False
    # A key to another's service that is a stand-in opens nothing; a key of one's own that is one opens all.
    named = len(words) > 2  # `OPENAI_API_KEY`, not `API_KEY`
    if words[-2:] == ["api", "key"] and (re.search(_FILLED_IN, text) or (named and not _is_random(text))):
        return False
    own, said = "".join(_split(name)), "".join(_split(text))
    return said not in own or (said in ("password", "secret") and own != said)


def _is_random(text: str) -> bool:
    """Whether a text looks made up by a machine: long, with letters and digits."""
    return (
        len(text) >= 16
        and not re.search(r"[\[\](){}|<>\\]", text)
        and bool(re.search(r"[A-Za-z]", text))
        and bool(re.search(r"\d", text))
    )
