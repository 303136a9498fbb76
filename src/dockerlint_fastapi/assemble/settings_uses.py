"""What a container's application asks of its environment: the settings classes that its modules make objects of, and
the secrets that they hold as defaults.

Only modules that are certainly imported count: those that the application's module imports at its top level, and
these in turn.
"""

from __future__ import annotations

import ast
import re
from collections import deque
from collections.abc import Callable, Iterator

from dockerlint_fastapi.assemble.python_starts import PythonStarts, directory_of
from dockerlint_fastapi.model.application import Application
from dockerlint_fastapi.model.application.import_path import Found
from dockerlint_fastapi.model.command import UNKNOWN
from dockerlint_fastapi.model.container import Container
from dockerlint_fastapi.model.environment.settings_class import (
    SecretDefault,
    SettingsClass,
    SettingsField,
    SettingsUse,
    is_own_key,
    signs,
)
from dockerlint_fastapi.model.secrets import (
    holds_a_secret,
    is_drawn,
    is_guest,
    is_made_up,
    names_a_secret,
    passwords_in_urls,
    signs_as_it_is,
    without_purpose,
)
from dockerlint_fastapi.parsers.python.imports import imports_of_text
from dockerlint_fastapi.parsers.python.names import Definition, Library, Module, PythonText, Scope, dotted, resolve
from dockerlint_fastapi.parsers.python.settings import set_in_environment, settings_class
from dockerlint_fastapi.parsers.python.values import evaluate, sets_variable
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, TypeVar

    _T = TypeVar("_T")

_MAX_MODULES: Final = 400  # of one application; where there are more, those that are found first are read
_GETTERS: Final = frozenset({"os.getenv", "os.environ.get", "decouple.config"})
_COLLECTIONS: Final = frozenset({"frozenset", "set", "tuple", "list"})
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
# Passwords that are words of their own names: `POSTGRES_PASSWORD = "postgres"`.
_USUAL: Final = frozenset("password secret postgres mysql mariadb mongo root admin redis rabbitmq neo4j minio".split())
_FILLED_IN: Final = (
    r"(?i)place.?holder|local|dummy|empty|none|your|change.?me|example|test|fake|xxx|todo|fill.?me|\bna\b"
)
_DEPENDS: Final = frozenset({"fastapi.Depends", "fastapi.params.Depends"})
# What stands beside a password that opens something: `DB_USER`, `DB_HOST`.
_ACCOUNT: Final = frozenset(
    "user username login email account host hostname server port name database db schema url uri dsn id".split()
)
_PLAIN: Final = r"[A-Za-z]+(?:[-_.:][A-Za-z]+)*"
# One of them is in every name of a secret, but for a few.
_WORDS: Final = ("secret", "passw", "token", "key", "credential")
_DOTENV: Final = "dotenv"
# Texts that may hold what is looked for; the trees of all others are never made.
_CLASS: Final = r"class[ \t]+(\w+)[^(:\n]*\(([^:]*(?::[^:]*?)??)\)\s*:"
_RENAMED: Final = r"\b(\w+)[ \t]+as[ \t]+(\w+)"
_ASSIGNED: Final = r"(?m)^[ \t]*(\w+)[ \t]*(?::[^=\n]*)?=[ \t]*([\w.]+)[ \t]*$"
_FUNCTION: Final = r"(?m)^(?:async[ \t]+)?def[ \t]+(\w+)"
# `getenv("NAME"`; with an empty first group for what is no plain string.
_GETTER: Final = (
    r"(?:\bgetenv|\benviron[ \t]*\.[ \t]*get|\bconfig)[ \t]*\("
    r"\s*(?:[rRuU]?([\"'])([^\"'\n]*)\1(?=\s*[,)])|)"
)
_GETTER_RENAMED: Final = r"\b(?:getenv|environ|config|decouple|get)[ \t]+as[ \t]|\bgetenv\b(?!\s*[(,\n)])"
_FIELD: Final = r"(?im)(?:^[ \t]+|[:;][ \t]*)\w*(?:secret|passw|pwd|passphrase|token|key)\w*[ \t]*[:=]"
# The same for what asks in the project's own words: `get_env("NAME", "…")`, `config("NAME", default="…")`.
_ADDRESS: Final = r"://[^\s/:@\"']+:[^\s/@\"']+@"  # with a password
_OWN_MACHINE: Final = r"(?i)@(?:localhost|127\.[\d.]+|0\.0\.0\.0|\[::1?\]|host\.docker\.internal)(?![\w.-])"
_CAST: Final = "cast=Secret"  # of Starlette's configuration
_ASKED: Final = (
    r"\b(\w{0,40}(?:env|config|setting|secret|var)\w{0,40}(?:[ \t]*\.[ \t]*\w+)?)[ \t]*\(\s*[\"'](\w+)[\"']\s*,"
)
# A key of one's own that is handed on as it stands: `SessionMiddleware, secret_key="…"`, `jwt.encode(claims, "…")`.
_KEYWORDS: Final = frozenset(
    "secret_key jwt_secret jwt_secret_key signing_key authjwt_secret_key storage_secret".split()
)
_SIGNERS: Final = r"(?i)session|jwt|auth|csrf|sign|token|serializer|middleware|\bui\.run(?:_with)?\Z"  # NiceGUI's
_OF_JWT: Final = frozenset({"jwt.encode", "jwt.decode", "jose.jwt.encode", "jose.jwt.decode"})
_HANDED_ON: Final = (
    r"(?i)\b(?:authjwt_)?(?:secret_key|jwt_secret(?:_key)?|signing_key|storage_secret)[ \t]*=[ \t]*[\"']"
    r"|\bjwt\s*\.\s*(?:en|de)code\("
)
_READERS: Final = frozenset({"starlette.config.Config", "environs.Env", "environ.Env", "environ.FileAwareEnv"})
_ASSIGNED_INSIDE: Final = r"(?m)^[ \t]+(\w+)[ \t]*(?::[ \t]*\w+[ \t]*)?=[ \t]*[rRuU]?[\"']"
# Bases of classes whose attributes are no values of the program: those of enumerations, fields of models, of tests.
_NO_HOLDERS: Final = (
    r"(?i)enum|model|schema|settings|typeddict|namedtuple|protocol|error|exception|test|serializer|base"
)
# An address that a method of a settings class gives itself.
_SET_IN_SELF: Final = r"__setattr__\(self, ['\"](\w*(?:url|uri|dsn))['\"]|\bself\.(\w*(?:url|uri|dsn)) = "
_ASSIGNED_AT_TOP: Final = r"(?:\n|;[ \t]*)(\w+)[ \t]*[:=\\]"


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
            read = self._starts.text_of(found.placed, deferred=True) if isinstance(found, Found) else UNKNOWN
            self._texts[name] = read if isinstance(read, PythonText) and _is_python(read) else None
        text = self._texts[name]
        return Module(text, self, name) if text is not None else None


def _is_python(text: PythonText) -> bool:
    """Whether a file can be read: its text tells all that it imports, or it parses."""
    if "imports" not in text.memo:
        text.memo["imports"] = imports_of_text(text.syntax.source.text)
    return text.memo["imports"] is not None or text.syntax.parses


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
    waiting = deque((application.found.name,))
    met = set(waiting)
    while waiting and len(reached) < _MAX_MODULES:
        name = waiting.popleft()
        parts = name.split(".")
        for end in range(1, len(parts) + 1):  # importing `a.b` runs `a` first
            part = ".".join(parts[:end])
            above = reached.get(".".join(parts[: end - 1]))
            if above is not None and not above.text.place.endswith("/__init__.py"):
                break  # `from a.b import c` of a module that is no package: `c` is none either
            module = imports.find(part) if part not in reached else None
            if module is not None:
                reached[part] = module
                for one in _imported(module):
                    if one not in met:
                        met.add(one)
                        waiting.append(one)
    return tuple(reached.values())


def _imported(module: Module) -> tuple[str, ...]:
    """The full names that a module certainly imports when it is run; some may be no modules."""
    key = f"imported as {module.name}"
    if key not in module.text.memo:
        names = tuple(dict.fromkeys(_names_imported(module)))
        text = module.text.syntax.source.text
        if module.text.memo.get("imports") is None and ("environ" in text or "getenv" in text):
            return names  # what it imports may depend on variables
        module.text.memo[key] = names
    known: tuple[str, ...] = module.text.memo[key]
    return known


def _names_imported(module: Module) -> Iterator[str]:
    if _is_python(module.text) and module.text.memo["imports"] is not None:
        for level, name, names in module.text.memo["imports"]:
            if level is None:
                yield from names
                continue
            full = _absolute("." * level + name, module) if level else name
            if full:
                yield full
                yield from (f"{full}.{one}" for one in names if one != "*")
        return
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
    bases = _settings_names(modules)
    for module in modules:
        if "Settings" in module.text.syntax.source.text and _derives(module, bases):
            scope = Scope(module)
            classes = [one for one in module.text.syntax.tree.body if isinstance(one, ast.ClassDef)]
            names.update(one.name for one in classes if settings_class(Definition(one, scope)) is not None)
    for module in modules if names else ():
        text = module.text.syntax.source.text
        if any(name in text for name in names):
            names.update(_of_text(module, "functions", lambda text: tuple(re.findall(_FUNCTION, text))))
    return r"\b(?:" + "|".join(map(re.escape, sorted(names))) + r")\b" if names else ""


def _of_text(module: Module, key: str, read: Callable[[str], _T]) -> _T:
    """What a module's text alone tells, read once for all containers."""
    memo: dict[str, _T] = module.text.memo
    if key not in memo:
        memo[key] = read(module.text.syntax.source.text)
    return memo[key]


def _classes_in(text: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """The names of a text's classes that have bases, with every word that stands among these."""
    return tuple((name, frozenset(re.findall(r"\w+", bases))) for name, bases in re.findall(_CLASS, text))


def _other_names(text: str) -> tuple[tuple[str, str], ...]:
    """Names and the names that they get besides: `import a as b`, `b = module.a`."""
    assigned = ((value.rpartition(".")[2], name) for name, value in re.findall(_ASSIGNED, text))
    return (*re.findall(_RENAMED, text), *assigned)


def _settings_names(modules: tuple[Module, ...]) -> frozenset[str]:
    """Every name that a settings class may have in these modules, by their texts alone: more than there are."""
    found = {"BaseSettings"}
    waiting = ["BaseSettings"]
    while waiting:
        base = waiting.pop()
        for module in modules:
            if base not in module.text.syntax.source.text:
                continue
            others = [name for name, bases in _of_text(module, "classes", _classes_in) if base in bases]
            others += [other for name, other in _of_text(module, "renamed", _other_names) if name == base]
            for name in others:
                if name not in found:
                    found.add(name)
                    waiting.append(name)
    return frozenset(found)


def _derives(module: Module, names: frozenset[str]) -> bool:
    """Whether a class in a module has one of these names among its bases."""
    return any(not names.isdisjoint(bases) for _, bases in _of_text(module, "classes", _classes_in))


def _made(module: Module, modules: tuple[Module, ...]) -> Iterator[tuple[ast.Call, Scope]]:
    """The calls that running a module certainly leads to, those in functions of the project that it calls or names as a
    dependency included.
    """
    scope = Scope(module)
    for statement in _run(module.text.syntax.tree.body, scope, guarded=False):
        for call in _calls_in(statement, module):
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
        for statement in _run(function.node.body, scope, guarded=False):
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


def secret_defaults(starts: PythonStarts, container: Container) -> Iterator[SecretDefault]:
    """The secrets that the application's modules hold as defaults or constants, and with which it starts."""
    modules = starts.modules_of(container)
    bases: frozenset[str] | None = None
    guarded: frozenset[str] | None = None
    for module in modules:
        if "secrets" not in module.text.memo:
            # A field whose default is `os.getenv(…)` is met twice: the variable is what can be set.
            bases = _settings_names(modules) if bases is None else bases
            by_place = {one.span.start: one for one in _secrets_in(module, bases)}
            module.text.memo["secrets"] = tuple(one for _, one in sorted(by_place.items()))
        for secret in module.text.memo["secrets"]:
            if secret.kind == "variable":
                if guarded is None:
                    bases = _settings_names(modules) if bases is None else bases
                    guarded = frozenset(name for one in modules for name in _guarded(one, bases))
                if secret.name.lower() in guarded:
                    continue
            if secret.kind == "constant" and _stands_in_fields(module, secret, bases):
                continue
            if secret.kind == "empty" and not _signs_though_empty(secret, modules, container):
                continue
            if any(_refuses(one, secret) or _demands(one, secret) for one in modules):
                continue
            if not _is_taken_for_none(secret, modules):
                yield secret


def _guarded(module: Module, bases: frozenset[str]) -> Iterator[str]:
    """The variables, in lower case, of the settings fields that validators see."""
    if not _derives(module, bases):
        return
    for node in module.text.syntax.tree.body:
        settings = settings_class(Definition(node, Scope(module))) if isinstance(node, ast.ClassDef) else None
        for field in settings.fields if settings is not None else ():
            if field.checked:
                yield from (name.lower() for name in field.env_names or (field.name,))


def _refuses(module: Module, secret: SecretDefault) -> bool:
    """Whether code outside of the settings class compares a secret with its default, and then ends the program."""
    name = secret.name.lower()
    if name not in _of_text(module, "lower", str.lower):
        return False
    if not _may_be_compared(module, name):
        return False
    default, scope = secret.span.text, Scope(module)  # the text between the quotes
    if "refusals" not in module.text.memo:
        module.text.memo["refusals"] = tuple(_refusals(module.text.syntax.tree))
    for comparison in module.text.memo["refusals"]:
        operands = (comparison.left, *comparison.comparators)
        if any(_names(one, name) for one in operands) and any(_holds(one, default, scope) for one in operands):
            return True
    return False


def _is_taken_for_none(secret: SecretDefault, modules: tuple[Module, ...]) -> bool:
    """Whether all code that names a secret, outside of its settings class, first asks whether it is still the default,
    and does without it then: `if settings.key in ("", "set me"): return value`.
    """
    name, own = secret.name.lower(), secret.span.source
    users = [one for one in modules if name in _of_text(one, "lower", str.lower)]
    others = [one for one in users if one.text.syntax.source is not own]
    if not any(_compares(one, secret) for one in others):
        return False
    once = len(re.findall(rf"(?i)\b{re.escape(name)}\b", own.text)) == 1
    return once and all(_does_without(one, secret, modules) for one in others)


def _compares(module: Module, secret: SecretDefault) -> bool:
    """Whether a module may compare a secret with its default, by its text."""
    text, word = module.text.syntax.source.text, re.escape(secret.name)
    return (
        secret.span.text.strip("\"'") in text
        and re.search(rf"(?i)\b{word}\b[^\n]{{0,30}}(?:[=!]=|\bin\b)", text) is not None
    )


def _does_without(module: Module, secret: SecretDefault, modules: tuple[Module, ...]) -> bool:
    """Whether the functions of a module that name a secret leave it alone where it is the default, or are only called
    by some that do.
    """
    scope, tree, name = Scope(module), module.text.syntax.tree, secret.name.lower()
    functions = [one for one in ast.walk(tree) if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef))]
    inside = {id(part) for function in functions for part in ast.walk(function)}
    if any(id(one) not in inside and _is_named(one, name) for one in ast.walk(tree)):
        return False
    default = secret.span.text

    def asks(node: ast.expr) -> bool:
        operands = (node.left, *node.comparators) if isinstance(node, ast.Compare) else ()
        return any(_names(one, name) for one in operands) and any(_holds(one, default, scope) for one in operands)

    predicates: dict[str, bool] = {}  # whether each is true for the default
    for function in functions:
        last = function.body[-1]
        test = last.value if isinstance(last, ast.Return) and len(function.body) <= 2 else None
        if isinstance(test, ast.Compare) and asks(test):
            predicates[function.name] = isinstance(test.ops[0], (ast.Eq, ast.In, ast.Is))
    guarded = {one.name for one in functions if any(_leaves(node, asks, predicates) for node in one.body)}
    named = [one for one in functions if any(_is_named(part, name) for part in ast.walk(one))]
    rest = {one.name for one in named} - guarded - predicates.keys()
    for function in functions:
        if function.name not in guarded and function.name not in predicates:
            called = {part.id for part in ast.walk(function) if isinstance(part, ast.Name)}
            if not rest.isdisjoint(called):
                return False
    elsewhere = [one.text.syntax.source.text for one in modules if one is not module]
    return bool(guarded) and not any(re.search(rf"\b{one}\b", text) for one in sorted(rest) for text in elsewhere)


def _is_named(node: ast.AST, name: str) -> bool:
    own = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return own.lower() == name


def _leaves(statement: ast.stmt, asks: Callable[[ast.expr], bool], predicates: dict[str, bool]) -> bool:
    """Whether a function ends at a statement where a test finds the default: `if not is_configured(): return value`."""
    if not isinstance(statement, ast.If) or not isinstance(statement.body[-1], (ast.Return, ast.Raise)):
        return False
    pending: list[tuple[ast.expr, bool]] = [(statement.test, True)]
    while pending:
        node, wanted = pending.pop()
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            pending.extend((one, wanted) for one in node.values)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            pending.append((node.operand, not wanted))
        elif isinstance(node, ast.Compare):
            if asks(node) and isinstance(node.ops[0], (ast.Eq, ast.In, ast.Is)) is wanted:
                return True
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and predicates.get(node.func.id) is wanted:
            return True
    return False


def _comparing_lines(text: str) -> str:
    """The lines of a module in which something may be compared."""
    return "\n".join(line for line in text.split("\n") if re.search(r"[=!]=|\bin\b", line))


def _may_be_compared(module: Module, name: str) -> bool:
    """Whether a name stands in a comparison, by the text alone."""
    memo: dict[str, bool] = module.text.memo.setdefault("names compared", {})
    if name not in memo:
        word, lines = re.escape(name), _of_text(module, "compared", _comparing_lines)
        written = rf"(?i)\b{word}\b[^=!\n]{{0,30}}(?:[=!]=|\bin\b)|[=!]=[ \t]*[\w.]*\b{word}\b"
        memo[name] = re.search(written, lines) is not None
    return memo[name]


def _stands_in_fields(module: Module, secret: SecretDefault, bases: frozenset[str] | None) -> bool:
    """Whether a constant is the default of fields of settings in its own module, all of which validators see."""
    if bases is None or not _derives(module, bases):
        return False
    found = (
        settings_class(Definition(one, Scope(module)))
        for one in ast.walk(module.text.syntax.tree)
        if isinstance(one, ast.ClassDef) and one.bases
    )
    fields = [one for settings in found if settings is not None for one in settings.fields]
    users = [one for one in fields if one.default_span is not None and one.default_span == secret.span]
    return bool(users) and all(one.checked for one in users)


def _demands(module: Module, secret: SecretDefault) -> bool:
    """Whether code ends the program where nothing sets the variable: `if not os.getenv("JWT_SECRET"): sys.exit(1)`."""
    names = {secret.name, *secret.variables}
    text = module.text.syntax.source.text
    if secret.kind == "constant" or ("environ" not in text and "getenv" not in text):
        return False
    if not any(f"{quote}{name}{quote}" in text for name in names for quote in "\"'"):
        return False
    if "demanded" not in module.text.memo:
        module.text.memo["demanded"] = frozenset(_demanded(module.text.syntax.tree, Scope(module)))
    return not names.isdisjoint(module.text.memo["demanded"])


def _demanded(tree: ast.Module, scope: Scope) -> Iterator[str]:
    """The variables without which a program ends: asked for in a test, or in a list of those that are missing."""
    tests: list[ast.expr] = []
    assigned: dict[str, ast.expr] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and any(map(_ends, node.body)):
            tests.append(node.test)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            assigned[node.targets[0].id] = node.value
    tested = {one.id for test in tests for one in ast.walk(test) if isinstance(one, ast.Name)}
    for test in tests:
        yield from _absent(test, scope)
    for made in (assigned[name] for name in sorted(tested & assigned.keys())):
        each = made.generators[0] if isinstance(made, ast.ListComp) else None
        if each is None or not isinstance(each.target, ast.Name):
            continue
        if any(f"${each.target.id}" in _absent(one, scope) for one in each.ifs):
            listed = assigned.get(each.iter.id) if isinstance(each.iter, ast.Name) else each.iter
            names = listed.keys if isinstance(listed, ast.Dict) else getattr(listed, "elts", [])
            yield from (one.value for one in names if isinstance(one, ast.Constant) and isinstance(one.value, str))


def _absent(test: ast.expr, scope: Scope) -> Iterator[str]:
    """The variables that a test finds not to be set, a name that stands for one with `$` in front."""
    pending: list[tuple[ast.expr, bool]] = [(test, False)]
    while pending:
        node, negated = pending.pop()
        if isinstance(node, ast.BoolOp):
            pending.extend((one, negated) for one in node.values)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            pending.append((node.operand, not negated))
        elif isinstance(node, ast.Compare) and len(node.ops) == 1:
            operator, other = node.ops[0], node.comparators[0]
            if isinstance(operator, ast.NotIn) and not negated and dotted(other, scope) == "os.environ":
                yield from _asked_name(node.left)
            empty = isinstance(other, ast.Constant) and not other.value
            if empty and isinstance(operator, (ast.Is, ast.Eq)) and not negated:
                pending.append((node.left, True))
        elif isinstance(node, ast.Call) and negated and node.args and dotted(node.func, scope) in _GETTERS:
            others = [*node.args[1:], *(one.value for one in node.keywords)]
            if all(isinstance(one, ast.Constant) and not one.value for one in others):
                yield from _asked_name(node.args[0])


def _asked_name(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Name):
        yield f"${node.id}"


def _refusals(tree: ast.Module) -> Iterator[ast.Compare]:
    """The comparisons that end a program when they find two things alike: `if key == "changeme": raise …`. What ends
    when they differ (`if given != API_KEY: raise …`) asks for the very value.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            yield from _compared(node.test, alike=False)
        elif isinstance(node, ast.If):
            if any(map(_ends, node.body)):
                yield from _compared(node.test, alike=True)
            if any(map(_ends, node.orelse)):
                yield from _compared(node.test, alike=False)


def _compared(test: ast.expr, *, alike: bool) -> Iterator[ast.Compare]:
    """The comparisons in a test that speak for its being true when they find things alike, or else when not."""
    pending: list[tuple[ast.AST, bool]] = [(test, alike)]
    while pending:
        node, wanted = pending.pop()
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.Eq, ast.In, ast.Is)) is wanted:
            yield node
        negates = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
        pending.extend((child, wanted is not negates) for child in ast.iter_child_nodes(node))


def _ends(statement: ast.stmt) -> bool:
    """Whether a statement raises or exits: `raise …`, `sys.exit(1)`."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        called = statement.value.func
        return (called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")) in ("exit", "_exit")
    return isinstance(statement, ast.Raise)


def _names(node: ast.expr, name: str) -> bool:
    """Whether an operand is something of that name, in lower case: `settings.secret_key`, `SECRET_KEY`."""
    return any(
        (isinstance(one, ast.Attribute) and one.attr.lower() == name)
        or (isinstance(one, ast.Name) and one.id.lower() == name)
        for one in ast.walk(node)
    )


def _holds(node: ast.expr, default: str, scope: Scope) -> bool:
    """Whether an operand is a text, or a list of texts that has it; through a name too, but not what asks for a
    variable with that default.
    """
    found = resolve(node, scope) if isinstance(node, (ast.Name, ast.Attribute)) else None
    pending: list[ast.AST] = [node if found is None else found.node]
    while pending:
        one = pending.pop()
        if isinstance(one, ast.Constant) and one.value == default:
            return True
        if isinstance(one, (ast.Tuple, ast.List, ast.Set)):
            pending.extend(one.elts)
        elif isinstance(one, ast.Dict):
            pending.extend(key for key in one.keys if key is not None)
        elif isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id in _COLLECTIONS:
            pending.extend(one.args)
    return False


def _secrets_in(module: Module, bases: frozenset[str]) -> Iterator[SecretDefault]:
    text = module.text.syntax.source.text
    address = "://" in text and re.search(_ADDRESS, text) is not None
    if _is_aside(module.text.place) or not (
        address or any(word in _of_text(module, "lower", str.lower) for word in _WORDS)
    ):
        return
    asked = _CAST in text or any(_has_secret_name(name) for _, name in _of_text(module, "asked", _asked))
    getters = asked or (("environ" in text or "getenv" in text or "decouple" in text) and _gets_secrets(text))
    classes = _derives(module, bases) and (address or re.search(_FIELD, text) is not None)
    constants = any(_has_secret_name(name) for name in _of_text(module, "top", _assigned_at_top))
    arguments = re.search(_HANDED_ON, text) is not None
    if not (getters or classes or constants or arguments):
        return
    scope = Scope(module)
    for node in ast.walk(module.text.syntax.tree) if getters or classes or arguments else ():
        if arguments and isinstance(node, ast.Call):
            yield from _of_arguments(node, scope)
        if isinstance(node, ast.ClassDef):
            settings = settings_class(Definition(node, scope)) if node.bases else None
            if settings is not None and _STAND_INS.isdisjoint(_split(settings.name)):
                yield from _of_fields(settings, module, node)
        elif getters and isinstance(node, ast.Call) and _is_getter(node.func, scope, asked=asked):
            yield from _of_getter(node, scope)
        elif getters and isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            yield from _of_alternatives(node, scope)
    yield from _of_constants(module)


def _assigned_at_top(text: str) -> frozenset[str]:
    """The names that stand at the margin in front of `=` or `:`, or further in before a string, and more than these."""
    inside = re.findall(_ASSIGNED_INSIDE, text) if "class " in text else ()
    return frozenset((*re.findall(_ASSIGNED_AT_TOP, "\n" + text), *inside))


def _asked(text: str) -> tuple[tuple[str, str], ...]:
    """What is called with a name and more, by names that speak of an environment."""
    return tuple(re.findall(_ASKED, text))


def _is_getter(function: ast.expr, scope: Scope, *, asked: bool) -> bool:
    """Whether a call of this returns a variable, or its second argument: the standard library's, a library's reader of
    variables, or a function of the project that hands both on.
    """
    if dotted(function, scope) in _GETTERS:
        return True
    if not asked:
        return False
    owner = function.value if isinstance(function, ast.Attribute) else function
    found = resolve(owner, scope) if isinstance(owner, ast.Name) else None
    if found is not None and isinstance(found.node, ast.Call):
        return dotted(found.node.func, found.scope) in _READERS  # `config = Config(".env")`, `env = Env()`
    if found is None and isinstance(owner, ast.Name) and _reads_in_all_branches(owner.id, scope):
        return True
    found = resolve(function, scope) if isinstance(function, (ast.Name, ast.Attribute)) else None
    if found is None or not isinstance(found.node, ast.FunctionDef):
        return False
    first = [one.arg for one in found.node.args.args][:2]
    return len(first) == 2 and any(_hands_on(node, first, found.scope) for node in ast.walk(found.node))


def _reads_in_all_branches(name: str, scope: Scope) -> bool:
    """Whether a name that is bound more than once at the top of a module is a library's reader of variables each time:
    `if is_prod(): config = Config(".env.prod")`, `else: config = Config(".env.dev")`.
    """
    if scope.module.bound.get(name, scope) is not None:
        return False
    made: list[ast.expr] = []
    pending: list[ast.stmt] = [*scope.module.text.syntax.tree.body]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If):
            pending += [*node.body, *node.orelse]
        elif isinstance(node, ast.Assign) and any(isinstance(one, ast.Name) and one.id == name for one in node.targets):
            made.append(node.value)
    return bool(made) and all(isinstance(one, ast.Call) and dotted(one.func, scope) in _READERS for one in made)


def _hands_on(node: ast.AST, parameters: list[str], scope: Scope) -> bool:
    """Whether an expression asks for the variable of the first parameter, with the second as its default."""
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
        call, *others = node.values
    elif isinstance(node, ast.Call):
        call, others = node, [*node.args[1:], *(one.value for one in node.keywords if one.arg == "default")]
    else:
        return False
    if not isinstance(call, ast.Call) or dotted(call.func, scope) not in _GETTERS or not call.args:
        return False
    names = [one.id if isinstance(one, ast.Name) else "" for one in (call.args[0], *others)]
    return names[:2] == parameters


def _gets_secrets(text: str) -> bool:
    """Whether a text may ask for a variable that is named like a secret."""
    if re.search(_GETTER_RENAMED, text):
        return True
    return any(not quote or _has_secret_name(name) for quote, name in re.findall(_GETTER, text))


def _is_aside(place: str) -> bool:
    """Whether a module is named for tests or development: `settings/test.py`."""
    return not _STAND_INS.isdisjoint(_split(place.removesuffix(".py")))


def _of_fields(settings: SettingsClass, module: Module, node: ast.ClassDef) -> Iterator[SecretDefault]:
    idle = ",".join(f"{one.lineno}-{one.end_lineno}" for one in _idle_validators(settings, node))
    for field in settings.fields:
        at = field.default_span
        if at is None or field.checked or at.source is not module.span(module.text.syntax.tree).source:
            continue
        if _is_secret(field.name, field.default or "", value=True):
            names = field.env_names or ()
            fills_in = _fills_in(field.name, node)
            yield SecretDefault(field.name, at, "field", idle, fills_in, names, not settings.case_sensitive)
        elif (password := _password_in(field)) is not None and _STAND_INS.isdisjoint(_split(field.name)):
            names = field.env_names or ()
            yield SecretDefault(field.name, password, "url", "", False, names, not settings.case_sensitive)
        elif field.default == "" and names_a_secret(field.name) and _has_secret_name(field.name):
            empty = SecretDefault(
                field.name, at, "empty", "", False, field.env_names or (), not settings.case_sensitive
            )
            if empty.signs:
                yield empty


def _signs_though_empty(secret: SecretDefault, modules: tuple[Module, ...], container: Container) -> bool:
    """Whether all that code does with a key that is empty by default is to hand it to what makes and checks tokens, and
    nothing that is seen sets it.
    """
    application = container.application
    names = {spelling for one in (secret.name, *secret.variables) for spelling in (one, one.upper(), one.lower())}
    if not isinstance(application, Application) or any(container.variables.get(one) is not None for one in names):
        return False
    read = {module.text.syntax.source.path: module for module in modules}
    word, signs = rf"(?i)\b{re.escape(secret.name)}\b", False
    for source in application.sources():
        said = len(re.findall(word, source.text))
        if not said or not _STAND_INS.isdisjoint(_split(source.path)):
            continue
        module = read.get(source.path)
        if module is None:
            return False
        handed = _handed_to_jwt(module, secret)
        if said > handed + (source is secret.span.source):
            return False  # it may be looked at there
        signs = signs or handed > 0
    return signs


def _handed_to_jwt(module: Module, secret: SecretDefault) -> int:
    """How often a module hands a settings field as the key to what makes or checks tokens, by an algorithm."""
    scope, times = Scope(module), 0
    for node in ast.walk(module.text.syntax.tree) if "jwt" in module.text.syntax.source.text else ():
        if not isinstance(node, ast.Call) or dotted(node.func, scope) not in _OF_JWT:
            continue
        keys = [*node.args[1:2], *(one.value for one in node.keywords if one.arg == "key")]
        others = [*node.args[2:], *(one.value for one in node.keywords if one.arg in ("algorithm", "algorithms"))]
        asked = {part.attr for one in others for part in ast.walk(one) if isinstance(part, ast.Attribute)}
        unset = (rf"\b{name}\b[^=\n]*=[ \t]*(?:\w+\((?:default=)?)?(?:\"\"|'')" for name in asked)
        if not any(re.search(one, secret.span.source.text) for one in unset):
            times += sum(isinstance(one, ast.Attribute) and one.attr == secret.name for one in keys)
    return times


def _password_in(field: SettingsField) -> Span | None:
    """The password in the address that is a field's default, where it is a real one by its looks: no stand-in, and not
    for a server on one's own machine.
    """
    text, literal = field.default or "", field.default_span
    if literal is None or "://" not in text:
        return None
    for start, end in passwords_in_urls(text):
        local = re.match(_OWN_MACHINE, text[end:]) is not None or is_guest(text, start, end)
        at = literal.text.find(text)
        if at >= 0 and not local and (is_drawn(text[start:end]) or not is_made_up(text[start:end])):
            return literal.source.span(literal.start + at + start, literal.start + at + end)
    return None


def _idle_validators(settings: SettingsClass, node: ast.ClassDef) -> Iterator[ast.FunctionDef]:
    """The validators of a class that do nothing: they hand the value on when they get one, and it is always there
    because the field is required.
    """
    for method in node.body:
        if not isinstance(method, ast.FunctionDef) or len(method.args.args) < 2:
            continue
        calls = [one for one in method.decorator_list if isinstance(one, ast.Call)]
        names = [
            argument.value
            for one in calls
            if ast.unparse(one.func).rpartition(".")[2] in ("validator", "field_validator")
            for argument in one.args
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
        ]
        fields = [settings.field(name) for name in names]
        if not names or any(one is None or one.required is not True for one in fields):
            continue
        first = method.body[1] if len(method.body) > 1 and ast.get_docstring(method) is not None else method.body[0]
        if isinstance(first, ast.If) and _hands_back(first, method.args.args[1].arg):
            yield method


def _hands_back(statement: ast.If, name: str) -> bool:
    """Whether it is `if isinstance(v, str): return v` or `if v: return v`."""
    test, done = statement.test, statement.body[0]
    asked = test.args[0] if isinstance(test, ast.Call) and len(test.args) == 2 else test
    if isinstance(test, ast.Call) and ast.unparse(test) != f"isinstance({name}, str)":
        return False
    returned = done.value if isinstance(done, ast.Return) else None
    return all(isinstance(one, ast.Name) and one.id == name for one in (asked, returned))


def _fills_in(name: str, node: ast.ClassDef) -> bool:
    """Whether methods speak of a field only behind `if self.database_url: return self.database_url`, an address that a
    validator of the class fetches.
    """
    methods = [one for one in node.body if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef))]
    set_here = {found[1] or found[2] for method in methods for found in re.finditer(_SET_IN_SELF, ast.unparse(method))}
    users = [one for one in methods if set_here and any(_is_of_self(part, name) for part in ast.walk(one))]
    return bool(users) and all(
        any(
            isinstance(one, ast.If)
            and _is_of_self(one.test, *set_here)
            and isinstance(one.body[0], ast.Return)
            and one.body[0].value is not None
            and _is_of_self(one.body[0].value, *set_here)
            for one in method.body[:2]
        )
        for method in users
    )


def _is_of_self(node: ast.AST, *names: str) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in names


def _of_getter(node: ast.Call, scope: Scope) -> Iterator[SecretDefault]:
    name = evaluate(node.args[0], scope) if node.args else None
    default = node.args[1] if len(node.args) > 1 else next((k.value for k in node.keywords if k.arg == "default"), None)
    if not isinstance(default, ast.Constant) or not isinstance(default.value, str) or name is None:
        return
    kept = any(one.arg == "cast" and ast.unparse(one.value).endswith("Secret") for one in node.keywords)
    kept = kept and len(default.value.strip()) >= _MIN_SECRET  # whatever its name, the code says what it is
    if isinstance(name.value, str) and (kept or _is_secret(name.value, default.value, value=True)):
        literal = evaluate(default, scope)
        if literal is not None and literal.span is not None:
            yield SecretDefault(name.value, literal.span, "variable", variables=(name.value,))


def _of_alternatives(node: ast.BoolOp, scope: Scope) -> Iterator[SecretDefault]:
    """`os.getenv("SECRET_KEY") or "…"`, with any number of variables in front of the string."""
    *asked, default = node.values
    if not isinstance(default, ast.Constant) or not isinstance(default.value, str):
        return
    names: list[str] = []
    for one in asked:
        if not isinstance(one, ast.Call) or dotted(one.func, scope) not in _GETTERS or not one.args:
            return
        others = (*one.args[1:], *(keyword.value for keyword in one.keywords if keyword.arg == "default"))
        if any(not isinstance(other, ast.Constant) or other.value for other in others):
            return  # that default stands in front
        name = evaluate(one.args[0], scope)
        if name is None or not isinstance(name.value, str):
            return
        names.append(name.value)
    secret = next((name for name in names if _is_secret(name, default.value)), None)
    literal = evaluate(default, scope) if secret is not None else None
    if secret is not None and literal is not None and literal.span is not None:
        yield SecretDefault(secret, literal.span, "variable")


def _of_arguments(node: ast.Call, scope: Scope) -> Iterator[SecretDefault]:
    """The keys that a call is given as literals, to sign or to check with."""
    given: list[tuple[str, ast.expr]] = []
    if dotted(node.func, scope) in _OF_JWT:
        given += [("key", one) for one in node.args[1:2]]
        given += [("key", one.value) for one in node.keywords if one.arg == "key"]
    elif re.search(_SIGNERS, ast.unparse(node.func)):
        given += [(one.arg, one.value) for one in node.keywords if one.arg is not None and one.arg.lower() in _KEYWORDS]
    for name, value in given:
        if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
            continue
        is_key = _is_secret("secret_key", value.value) or value.value.isdecimal()  # a number is a key here, too
        literal = evaluate(value, scope) if is_key else None
        if literal is not None and literal.span is not None:
            yield SecretDefault(name, literal.span, "constant")


def _of_constants(module: Module) -> Iterator[SecretDefault]:
    """`SECRET_KEY = "…"` at the top of a module or class, with a value that is like none of a program's own words."""
    scope = Scope(module)
    constants = list(_constants(module))
    for name, value, text in constants:
        wordy = " " in text or not (_is_random(text) or {"secret", "password"} & set(_split(text)))
        if wordy or not _is_secret(name, text) or _is_enumerated(name, constants):
            continue
        literal = evaluate(value, scope)
        if literal is not None and literal.span is not None:
            yield SecretDefault(name, literal.span, "constant")


def _constants(module: Module) -> Iterator[tuple[str, ast.Constant, str]]:
    """The names that a module gives to strings at its top or as attributes of a class, each with the string."""
    for statement in _assignments(module.text.syntax.tree.body):
        target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
        value = statement.value
        if isinstance(target, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield target.id, value, value.value


def _assignments(body: list[ast.stmt]) -> Iterator[ast.Assign | ast.AnnAssign]:
    """The assignments of a module, and of its classes that hold values, to a single name."""
    pending = deque(body)
    while pending:
        statement = pending.popleft()
        if isinstance(statement, ast.AnnAssign) or (isinstance(statement, ast.Assign) and len(statement.targets) == 1):
            yield statement
        elif isinstance(statement, ast.ClassDef):
            bases = " ".join(map(ast.unparse, statement.bases))
            if not re.search(_NO_HOLDERS, bases) and _STAND_INS.isdisjoint(_split(statement.name)):
                pending.extend(statement.body)


def _is_enumerated(name: str, constants: list[tuple[str, ast.Constant, str]]) -> bool:
    """Whether a constant is one of an enumeration (`REASON_LOGOUT = "logout"`, `REASON_PASSWORD = "password_changed"`):
    at least two others begin with its first word, and all of them are plain words; not the parts of an account.
    """
    first = _split(name)[:1]
    family = {other: text for other, _, text in constants if _split(other)[:1] == first}
    if len(family) < 3 or any(_is_of_account(*one) for one in family.items()):
        return False
    return len(set(family.values())) == len(family) and all(re.fullmatch(_PLAIN, text) for text in family.values())


def _is_of_account(name: str, text: str) -> bool:
    """Whether a constant says who logs in or where (`DB_USER = "postgres"`), and not only its own name once more."""
    last = _split(name)[-1]
    return last in _ACCOUNT and last not in _split(text)


def _split(text: str) -> list[str]:
    return [word for word in re.split(r"[^a-z0-9]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", text).lower()) if word]


def _words_of(name: str) -> list[str]:
    """The words of a name, without those at its end that say nothing of what it holds."""
    words = _split(name)
    while words and (words[-1] in ("default", "value", "prod", "production") or words[-1].isdecimal()):
        words.pop()
    return without_purpose(words)


def _has_secret_name(name: str) -> bool:
    """Whether a name is one of a secret, and not of a stand-in or the name of a place (`RUN_TAG_KEY`)."""
    words = _words_of(name)
    if not words or not _STAND_INS.isdisjoint(words):
        return False
    if words[-1] == "key":
        return len(words) > 1 and words[-2] in _KEYS
    return words[-1] in _LAST or words[-1].endswith("password")


def _is_secret(name: str, text: str, *, value: bool = False) -> bool:
    """Whether a literal can be the secret of that name: not a word of the name itself (`API_KEY = "api_key"`), but for
    a password where it is certainly a `value`, not one that is named as a stand-in, and not the name of a place
    (`RUN_TAG_KEY = "run:tag"`).
    """
    if len(text.strip()) < _MIN_SECRET or not _has_secret_name(name):
        return False
    words = _words_of(name)
    held = holds_a_secret(name, text) or signs_as_it_is(name, text)
    if not names_a_secret(name) or not held or not re.search(r"[A-Za-z0-9]", text):
        return False
    # A key to another's service that is a stand-in opens nothing; a key of one's own that is one opens all.
    named = len(words) > 2  # `OPENAI_API_KEY`, not `API_KEY`
    foreign = words[-2:] == ["api", "key"] and not is_own_key(name)
    if foreign and (re.search(_FILLED_IN, text) or (named and not _is_random(text))):
        return False
    own, said = "".join(_split(name)), "".join(_split(text))
    if value and said == own and words[-1].endswith("password"):
        return True  # `neo4j_password: str = "neo4jpassword"` is what the client sends
    if value and said == "secret" and words[-1] == "key":
        return True  # `secret_key: str = "secret"` is what signs
    if value and said in own and {"secret", "signing", "encryption", "encrypt", "fernet"} & set(words) and signs(name):
        # `os.getenv("JWT_SECRET", "jwt-secret")` signs as well; `session_key = "session_key"` names an entry
        return said == own or "secret" in said
    # `POSTGRES_PASSWORD = "postgres"` is an account that works, and no name of something
    return said not in own or (said in _USUAL and words[-1] in ("password", "secret") and own != said)


def _is_random(text: str) -> bool:
    """Whether a text looks made up by a machine: long, with letters and digits."""
    return (
        len(text) >= 16
        and not re.search(r"[\[\](){}|<>\\]", text)
        and bool(re.search(r"[A-Za-z]", text))
        and bool(re.search(r"\d", text))
    )
