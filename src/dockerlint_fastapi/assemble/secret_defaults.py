"""The secrets that an application's modules hold as defaults or constants, and with which it starts."""

from __future__ import annotations

import ast
import re
from collections import deque
from collections.abc import Iterator

from dockerlint_fastapi.assemble.code_connections import code_modules
from dockerlint_fastapi.assemble.imported_modules import of_text
from dockerlint_fastapi.assemble.python_starts import PythonStarts
from dockerlint_fastapi.assemble.second_addresses import is_part_of_second
from dockerlint_fastapi.assemble.secret_refusals import (
    GETTERS,
    demands,
    guarded_names,
    is_taken_for_none,
    refuses,
    stands_in_fields,
)
from dockerlint_fastapi.assemble.settings_uses import derives_settings, settings_names
from dockerlint_fastapi.model.application import Application
from dockerlint_fastapi.model.command import Value
from dockerlint_fastapi.model.container import Container
from dockerlint_fastapi.model.environment.settings_class import (
    SecretDefault,
    SettingsClass,
    is_of_a_server,
    is_own_key,
    signs,
)
from dockerlint_fastapi.model.secrets import (
    holds_a_secret,
    is_app_password,
    is_drawn,
    is_guest,
    is_made_up,
    names_a_secret,
    passwords_in_urls,
    signs_as_it_is,
    without_purpose,
)
from dockerlint_fastapi.model.secrets.secret_tokens import tokens
from dockerlint_fastapi.parsers.python.names import Definition, Module, Scope, dotted, resolve
from dockerlint_fastapi.parsers.python.settings import settings_class
from dockerlint_fastapi.parsers.python.values import evaluate, literal_span
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.secrets.secret_tokens import Credential

_MIN_SECRET: Final = 3  # characters; what is shorter is a marker
_LAST: Final = frozenset("secret password passwd pwd passphrase token".split())
# Whose `pass` is a password (`db_pass`); else it is a turn (`first_pass`).
_OF_PASS: Final = frozenset(
    "amqp clickhouse couchdb database db elastic elasticsearch email ftp imap influx influxdb ldap mail mariadb minio"
    " mongo mongodb mqtt mssql mysql neo4j opensearch oracle pg postgres postgresql rabbit rabbitmq redis sftp smtp"
    " sql".split()
)
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
# What stands beside a password that opens something: `DB_USER`, `DB_HOST`.
_ACCOUNT: Final = frozenset(
    "user username login email account host hostname server port name database db schema url uri dsn id".split()
)
_PLAIN: Final = r"[A-Za-z]+(?:[-_.:][A-Za-z]+)*"
# One of them is in every name of a secret, but for a few.
_WORDS: Final = ("secret", "passw", "_pass", "token", "key", "credential")
# `getenv("NAME"`; with an empty first group for what is no plain string.
_GETTER: Final = (
    r"(?:\bgetenv|\benviron[ \t]*\.[ \t]*get|\bconfig)[ \t]*\("
    r"\s*(?:[rRuU]?([\"'])([^\"'\n]*)\1(?=\s*[,)])|)"
)
_GETTER_RENAMED: Final = r"\b(?:getenv|environ|config|decouple|get)[ \t]+as[ \t]|\bgetenv\b(?!\s*[(,\n)])"
_FIELD: Final = r"(?im)(?:^[ \t]+|[:;][ \t]*)\w*(?:(?:secret|passw|pwd|passphrase|token|key)\w*|_pass)[ \t]*[:=]"
# The same for what asks in the project's own words: `get_env("NAME", "…")`, `config("NAME", default="…")`.
# What follows the first line of a private key that is one, also where it is written as the text of a program.
_BODY: Final = r"(?:\\[nr]|[\s\"'()+\\])*[A-Za-z0-9+/]{40}"
_NEAR: Final = 200  # characters
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
_GIVEN: Final = r"(?:\bpassw(?:or)?d[ \t]*=[ \t]*|PlainCredentials\()[^\n]*[\"']"  # to a client
_LOGGED_IN: Final = r"\bauth[ \t]*=[ \t]*\(|\bHTTP(?:Basic|Digest)Auth\(|\bhttpx\.(?:Basic|Digest)Auth\("
_HASHED: Final = r"(?i)pass\w*\s*=\s*[\w.]*hash\w*\(\s*[rRuU]?[\"']"  # `password_hash=hash_password("…")`
_READERS: Final = frozenset({"starlette.config.Config", "environs.Env", "environ.Env", "environ.FileAwareEnv"})
_SECTION: Final = r"(?:Settings?|Config|Configuration)\(BaseModel\)|\bdataclass\b"  # a part of settings
_ASSIGNED_INSIDE: Final = r"(?m)^[ \t]+(\w+)[ \t]*(?::[ \t]*\w+[ \t]*)?=[ \t]*[bBrRuU]?[\"']"
# Bases of classes whose attributes are no values of the program: those of enumerations, fields of models, of tests.
_NO_HOLDERS: Final = (
    r"(?i)enum|model|schema|settings|typeddict|namedtuple|protocol|error|exception|test|serializer|base"
)
# An address that a method of a settings class gives itself.
_ASKED_ADDRESS: Final = r"(?i)\w+ = os\.(?:getenv|environ\.get)\('\w*(?:URL|URI|DSN)'\)"
_SET_IN_SELF: Final = r"__setattr__\(self, ['\"](\w*(?:url|uri|dsn))['\"]|\bself\.(\w*(?:url|uri|dsn)) = "
_ASSIGNED_AT_TOP: Final = r"(?:\n|;[ \t]*)(\w+)[ \t]*[:=\\]"
_CONFIGURED: Final = ".config["
_FLASK_KEYS: Final = frozenset({"SECRET_KEY", "JWT_SECRET_KEY", "WTF_CSRF_SECRET_KEY", "SECURITY_PASSWORD_SALT"})


def secret_defaults(starts: PythonStarts, container: Container) -> Iterator[SecretDefault]:
    """The secrets that the application's modules hold as defaults or constants, and with which it starts."""
    modules = code_modules(starts, container)
    bases: frozenset[str] | None = None
    guarded: frozenset[str] | None = None
    for module in modules:
        if "secrets" not in module.text.memo:
            # A field whose default is `os.getenv(…)` is met twice: the variable is what can be set.
            bases = settings_names(modules) if bases is None else bases
            by_place = {(one.span.source.path, one.span.start): one for one in _secrets_in(module, bases)}
            module.text.memo["secrets"] = tuple(one for _, one in sorted(by_place.items()))
        for secret in module.text.memo["secrets"]:
            if secret.kind == "variable":
                if guarded is None:
                    bases = settings_names(modules) if bases is None else bases
                    guarded = frozenset(name for one in modules for name in guarded_names(one, bases))
                if secret.name.lower() in guarded:
                    continue
            if secret.kind == "constant" and stands_in_fields(module, secret, bases):
                continue
            if secret.mode and not _is_chosen(secret, container):
                continue
            if secret.kind == "empty" and not _signs_though_empty(secret, modules, container):
                continue
            if any(refuses(one, secret) or demands(one, secret) for one in modules):
                continue
            if not is_taken_for_none(secret, modules):
                yield secret


def _is_whole(one: Credential) -> bool:
    """Whether what begins as a private key goes on as one: code that puts keys in form has the first line alone."""
    end = one.span.end
    return one.what != "a private key" or re.match(_BODY, one.span.source.text[end : end + _NEAR]) is not None


def _secrets_in(module: Module, bases: frozenset[str]) -> Iterator[SecretDefault]:
    text = module.text.syntax.source.text
    address = "://" in text and re.search(_ADDRESS, text) is not None
    if not _is_aside(module.text.place):
        yield from (
            SecretDefault(one.what, one.span, "token") for one in tokens(module.text.syntax.source) if _is_whole(one)
        )
    if _is_aside(module.text.place) or not (
        address or any(word in of_text(module, "lower", str.lower) for word in _WORDS)
    ):
        return
    asked = _CAST in text or any(_has_secret_name(name) for _, name in of_text(module, "asked", _asked))
    asks = "environ" in text or "getenv" in text or "decouple" in text
    getters = asked or (asks and (address or _gets_secrets(text)))
    classes = derives_settings(module, bases) and (address or re.search(_FIELD, text) is not None)
    constants = any(_has_secret_name(name) for name in of_text(module, "top", _assigned_at_top))
    arguments = re.search(_HANDED_ON, text) is not None
    if ("BaseModel" in text or "dataclass" in text) and re.search(_SECTION, text) is not None:
        from dockerlint_fastapi.assemble.settings_sections import section_secrets  # noqa: PLC0415  # for few modules

        yield from section_secrets(module)
    if address or re.search(_GIVEN, text) is not None:
        from dockerlint_fastapi.assemble.client_passwords import client_passwords  # noqa: PLC0415  # for few modules

        yield from client_passwords(module)
    if "auth" in text or "api" in text or "secret" in text:
        from dockerlint_fastapi.assemble.client_keys import KEYWORDS, client_keys  # noqa: PLC0415  # for few modules

        if re.search(KEYWORDS, text) is not None or re.search(_LOGGED_IN, text) is not None:
            yield from client_keys(module)
    if "Fernet(" in text or re.search(_HASHED, text) is not None:
        from dockerlint_fastapi.assemble.first_accounts import fernet_keys, first_accounts  # noqa: PLC0415  # as above

        yield from first_accounts(module)
        yield from fernet_keys(module)
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
            elif settings is not None and (mode := _chosen_by(node, scope)):
                found = (one._replace(mode=mode) for one in _of_fields(settings, module, node))
                yield from (one for one in found if one.kind == "field" and one.looks_real)
        elif getters and isinstance(node, ast.Call) and _is_getter(node.func, scope, asked=asked):
            for one in _of_getter(node, scope):
                is_second = one.kind == "variable" and _is_behind_address(node, module, one.name)
                is_second = is_second or is_part_of_second(node, scope)
                yield one._replace(fills_in=True) if is_second else one
        elif getters and isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            for one in _of_alternatives(node, scope):
                yield one._replace(fills_in=True) if is_part_of_second(node, scope) else one
    yield from _of_constants(module)


def _chosen_by(node: ast.ClassDef, scope: Scope) -> str:
    """The variable by whose default a program takes the settings that are named for development: `DevelopmentConfig`,
    which the module makes, and `os.getenv("ENVIRONMENT", "DEVELOPMENT")`; "" when there is none.
    """
    words = _STAND_INS.intersection(_split(node.name))
    nodes = list(ast.walk(scope.module.text.syntax.tree))
    if not any(
        isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id == node.name for one in nodes
    ):
        return ""
    for one in nodes:
        if not isinstance(one, ast.Call) or len(one.args) != 2 or dotted(one.func, scope) not in GETTERS:
            continue
        name = _text_of(one.args[0])
        given = (_text_of(part).lower() for part in ast.walk(one.args[1]) if isinstance(part, ast.Constant))
        if re.search(r"(?:\A|_)(?:ENV|ENVIRONMENT|MODE|STAGE)\Z", name) and not words.isdisjoint(given):
            return name
    return ""


def _is_chosen(secret: SecretDefault, container: Container) -> bool:
    """Whether a container is not known to take other settings than those a secret stands in."""
    value = container.environment.get(secret.mode) if secret.mode else None
    return value is None or not isinstance(value, Value) or value.text.lower() in _STAND_INS


def _assigned_at_top(text: str) -> frozenset[str]:
    """The names that stand at the margin in front of `=` or `:`, or further in before a string, and more than these."""
    inside = re.findall(_ASSIGNED_INSIDE, text) if "class " in text else ()
    keys = [one for one in _FLASK_KEYS if one in text] if _CONFIGURED in text else ()
    return frozenset((*re.findall(_ASSIGNED_AT_TOP, "\n" + text), *inside, *keys))


def _asked(text: str) -> tuple[tuple[str, str], ...]:
    """What is called with a name and more, by names that speak of an environment."""
    return tuple(re.findall(_ASKED, text))


def _is_getter(function: ast.expr, scope: Scope, *, asked: bool) -> bool:
    """Whether a call of this returns a variable, or its second argument: the standard library's, a library's reader of
    variables, or a function of the project that hands both on.
    """
    if dotted(function, scope) in GETTERS:
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
    if not isinstance(call, ast.Call) or dotted(call.func, scope) not in GETTERS or not call.args:
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
        if at is None or field.guarded or at.source is not module.span(module.text.syntax.tree).source:
            continue
        if is_secret(field.name, field.default or "", value=True):
            names = field.env_names or ()
            fills_in = _fills_in(field.name, node)
            yield SecretDefault(field.name, at, "field", idle, fills_in, names, not settings.case_sensitive)
        elif (password := password_in(field.default or "", at)) is not None and _STAND_INS.isdisjoint(
            _split(field.name)
        ):
            names = field.env_names or ()
            yield SecretDefault(field.name, password, "url", "", False, names, not settings.case_sensitive)
        elif field.default == "" and names_a_secret(field.name) and _has_secret_name(field.name):
            empty = SecretDefault(
                field.name, at, "empty", "", False, field.env_names or (), not settings.case_sensitive
            )
            if empty.signs:
                yield empty
    if '",' in module.text.syntax.source.text or "'," in module.text.syntax.source.text:
        yield from _in_tuples(node, module)


def _in_tuples(node: ast.ClassDef, module: Module) -> Iterator[SecretDefault]:
    """The keys in defaults that are tuples for the comma behind them: pydantic refuses them, and the code has them."""
    scope = Scope(module)
    for statement in node.body:
        value = statement.value if isinstance(statement, ast.AnnAssign) else None
        only = value.elts[0] if isinstance(value, ast.Tuple) and len(value.elts) == 1 else None
        literal = literal_span(only, scope)
        if literal is None or not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        found = SecretDefault(statement.target.id, literal, "constant")
        if is_secret(found.name, _text_of(only), value=True) and found.looks_real:
            yield found


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


def password_in(text: str, literal: Span | None) -> Span | None:
    """The password in the address that is a default, where it is a real one by its looks and no stand-in; of a server
    on one's own machine, too, as people use one password in many places, unless it is made of words of the address.
    """
    if literal is None or "://" not in text:
        return None
    for start, end in passwords_in_urls(text):
        at = literal.text.find(text)
        password = text[start:end]
        if re.match(_OWN_MACHINE, text[end:]) is not None and _repeats(password, text[:start] + text[end:]):
            continue
        if at >= 0 and not is_guest(text, start, end) and (is_drawn(password) or not is_made_up(password)):
            return literal.source.span(literal.start + at + start, literal.start + at + end)
    return None


def _repeats(password: str, rest: str) -> bool:
    """Whether a word of a password stands in the rest of its address, as the user's or the database's name does."""
    return any(word in rest.lower() for word in re.findall(r"[a-z]{3,}", password.lower()))


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
    validator of the class fetches, or that is a field with nothing as its default.
    """
    methods = [one for one in node.body if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef))]
    if not any(_is_of_self(part, name) for method in methods for part in ast.walk(method)):
        return False
    set_here = {found[1] or found[2] for method in methods for found in re.finditer(_SET_IN_SELF, ast.unparse(method))}
    set_here.update(
        one.target.id
        for one in node.body
        if isinstance(one, ast.AnnAssign)
        and isinstance(one.target, ast.Name)
        and one.target.id.lower().endswith(("url", "uri", "dsn"))
        and "None" in ast.unparse(one).partition("=")[2]
    )
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


def _is_behind_address(node: ast.Call, module: Module, name: str) -> bool:
    """Whether a password's variable is asked for in a function only behind `url = os.getenv("DATABASE_URL")` and
    `if url: return url`.
    """
    if not is_of_a_server(name):
        return False
    for function in ast.walk(module.text.syntax.tree):
        if not isinstance(function, ast.FunctionDef) or not any(one is node for one in ast.walk(function)):
            continue
        asked: set[str] = set()
        for statement in function.body:
            if any(one is node for one in ast.walk(statement)):
                break
            if isinstance(statement, ast.Assign) and re.fullmatch(_ASKED_ADDRESS, ast.unparse(statement)) is not None:
                asked.update(one.id for one in statement.targets if isinstance(one, ast.Name))
            elif isinstance(statement, ast.If) and isinstance(statement.test, ast.Name) and statement.test.id in asked:
                done = statement.body[-1]
                if isinstance(done, ast.Return) and done.value is not None:
                    return True
    return False


def _is_of_self(node: ast.AST, *names: str) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in names


def _of_getter(node: ast.Call, scope: Scope) -> Iterator[SecretDefault]:
    name = evaluate(node.args[0], scope) if node.args else None
    default = node.args[1] if len(node.args) > 1 else next((k.value for k in node.keywords if k.arg == "default"), None)
    if name is None or not isinstance(name.value, str):
        return
    given, scope = _literal_of(default, scope)
    default = given if isinstance(given, ast.expr) else None
    if not isinstance(default, ast.Constant) or not isinstance(default.value, str):
        return
    if "://" in default.value:
        literal = evaluate(default, scope)
        password = password_in(default.value, literal.span if literal is not None else None)
        if password is not None and _STAND_INS.isdisjoint(_split(name.value)):
            yield SecretDefault(name.value, password, "url", variables=(name.value,))
        return
    kept = any(one.arg == "cast" and ast.unparse(one.value).endswith("Secret") for one in node.keywords)
    kept = kept and len(default.value.strip()) >= _MIN_SECRET  # whatever its name, the code says what it is
    if kept or is_secret(name.value, default.value, value=True):
        literal = evaluate(default, scope)
        if literal is not None and literal.span is not None:
            yield SecretDefault(name.value, literal.span, "variable", variables=(name.value,))


def _literal_of(node: ast.expr | None, scope: Scope) -> tuple[ast.AST | None, Scope]:
    """What stands behind a name that is given something once, in this module or another (`DEFAULT_KEY`), and where."""
    found = resolve(node, scope) if isinstance(node, (ast.Name, ast.Attribute)) else None
    if found is None or _is_aside(found.scope.module.text.place):
        return node, scope
    return found.node, found.scope


def _of_alternatives(node: ast.BoolOp, scope: Scope) -> Iterator[SecretDefault]:
    """`os.getenv("SECRET_KEY") or "…"`, with any number of variables in front of the string."""
    *asked, last = node.values
    default, its_scope = _literal_of(last, scope)
    if not isinstance(default, ast.Constant) or not isinstance(default.value, str):
        return
    names: list[str] = []
    for one in asked:
        if not isinstance(one, ast.Call) or dotted(one.func, scope) not in GETTERS or not one.args:
            return
        others = (*one.args[1:], *(keyword.value for keyword in one.keywords if keyword.arg == "default"))
        if any(not isinstance(other, ast.Constant) or other.value for other in others):
            return  # that default stands in front
        name = evaluate(one.args[0], scope)
        if name is None or not isinstance(name.value, str):
            return
        names.append(name.value)
    secret = next((name for name in names if is_secret(name, default.value, value=True)), None)
    literal = evaluate(default, its_scope) if secret is not None else None
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
        # a number is a key here, too, and so is `"..."`
        is_key = is_secret("secret_key", value.value) or value.value.isdecimal() or _is_blank_key(value.value)
        literal = evaluate(value, scope) if is_key else None
        if literal is not None and literal.span is not None:
            yield SecretDefault(name, literal.span, "constant")


def _is_blank_key(text: str) -> bool:
    return bool(text.strip()) and re.search(r"\w", text) is None


def _of_constants(module: Module) -> Iterator[SecretDefault]:
    """`SECRET_KEY = "…"` at the top of a module or class, with a value that is like none of a program's own words."""
    scope = Scope(module)
    constants = list(_constants(module))
    for name, value, text in constants:
        wordy = " " in text or not (_is_random(text) or {"secret", "password"} & set(_split(text)))
        if (wordy and not is_app_password(text)) or not is_secret(name, text) or _is_enumerated(name, constants):
            continue
        literal = literal_span(value, scope)
        if literal is not None:
            yield SecretDefault(name, literal, "constant")
    for statement in module.text.syntax.tree.body if _CONFIGURED in module.text.syntax.source.text else ():
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            key, text = _configured(statement.targets[0]), _text_of(statement.value)
            literal = literal_span(statement.value, scope) if is_secret(key, text, value=True) else None
            if literal is not None:
                yield SecretDefault(key, literal, "constant")


def _configured(target: ast.expr) -> str:
    """What Flask signs with, as an entry of its configuration: `app.config["SECRET_KEY"]`; "" for anything else."""
    if not isinstance(target, ast.Subscript) or not isinstance(target.value, ast.Attribute):
        return ""
    key = _text_of(target.slice)
    return key if target.value.attr == "config" and key in _FLASK_KEYS else ""


def _text_of(node: ast.expr | None) -> str:
    """The text of a string, or of bytes that are one; "" for anything else."""
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, bytes) and value.isascii():
        return value.decode("ascii")
    return value if isinstance(value, str) else ""


def _constants(module: Module) -> Iterator[tuple[str, ast.Constant, str]]:
    """The names that a module gives to strings or bytes at its top or as attributes of a class, each with the text."""
    for statement in _assignments(module.text.syntax.tree.body):
        target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
        value = statement.value
        if isinstance(target, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, (str, bytes)):
            yield target.id, value, _text_of(value)


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
    if words[-1] == "pass":
        return len(words) > 1 and words[-2] in _OF_PASS
    return words[-1] in _LAST or words[-1].endswith("password")


def is_secret(name: str, text: str, *, value: bool = False) -> bool:
    """Whether a literal can be the secret of that name: not a word of the name itself (`API_KEY = "api_key"`), but for
    a password where it is certainly a `value`, not one that is named as a stand-in, and not the name of a place
    (`RUN_TAG_KEY = "run:tag"`).
    """
    words = _words_of(name)
    # of a password that is a value, a letter is one as well
    least = 1 if value and words[-1:] in (["password"], ["pass"]) and text.strip().isalpha() else _MIN_SECRET
    if len(text.strip()) < least or not _has_secret_name(name):
        return False
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
    if value and is_of_a_server(name) and words[-1] == "password" and said == words[0] and len(words) > 2:
        return True  # `SHOP_DB_PASSWORD: str = "shop"` is what the client sends
    # `POSTGRES_PASSWORD = "postgres"` is an account that works, and no name of something
    usual = words[-1] in ("password", "secret") or (value and words[-1].endswith("password"))  # PGPASSWORD
    return len(said) < _MIN_SECRET or said not in own or (said in _USUAL and usual and own != said)


def is_filled_in(text: str) -> bool:
    """Whether a text says that it stands for one that somebody is to fill in."""
    return re.search(_FILLED_IN, text) is not None


def _is_random(text: str) -> bool:
    """Whether a text looks made up by a machine: long, with letters and digits."""
    return (
        len(text) >= 16
        and not re.search(r"[\[\](){}|<>\\]", text)
        and bool(re.search(r"[A-Za-z]", text))
        and bool(re.search(r"\d", text))
    )
