"""Classes that hold settings: pydantic's `BaseSettings` with its rules for names and sources, and plain classes.

Tried with pydantic-settings 2.16: an alias takes the place of prefix and name; variables are compared without regard to
case unless `case_sensitive` is set; arguments of the call win over variables, these over `env_file`, that over
`secrets_dir`, that over defaults.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dockerlint_fastapi.model.command import UNKNOWN, Unknown
from dockerlint_fastapi.model.environment.settings_class import SettingsClass, SettingsField
from dockerlint_fastapi.parsers.python.names import MAX_DEPTH, Definition, Function, Scope, bindings, dotted, resolve
from dockerlint_fastapi.parsers.python.values import Known, evaluate, literal_span, variable
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


_BASES: Final = frozenset({"pydantic_settings.BaseSettings", "pydantic_settings.main.BaseSettings"})
_OLD_BASES: Final = frozenset(
    {"pydantic.BaseSettings", "pydantic.v1.BaseSettings", "pydantic.env_settings.BaseSettings"}
)
_MODELS: Final = frozenset({"pydantic.BaseModel", "pydantic.v1.BaseModel", "object", "abc.ABC"})
_FIELD: Final = frozenset({"pydantic.Field", "pydantic.fields.Field", "pydantic.v1.Field"})
_CONFIGS: Final = frozenset({"pydantic_settings.SettingsConfigDict", "dict", "pydantic.ConfigDict"})
_VALIDATORS: Final = frozenset({"field_validator", "validator"})
_MODEL_VALIDATORS: Final = frozenset({"model_validator", "root_validator"})
_TRUE: Final = frozenset({"1", "true", "t", "yes", "y", "on"})
_FALSE: Final = frozenset({"0", "false", "f", "no", "n", "off"})
# What a validator looks names of fields up in, besides its own text.
_FOLLOWED: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Dict, ast.List, ast.Set, ast.Tuple)
_ALL_FIELDS: Final = frozenset({"model_fields", "__fields__"})
_MAX_FOLLOWED: Final = 50  # functions and tables of one validator
# Options of the configuration that say nothing of where values come from.
_HARMLESS: Final = frozenset(
    "env_prefix case_sensitive env_nested_delimiter env_file env_file_encoding secrets_dir extra validate_default"
    " arbitrary_types_allowed frozen env_ignore_empty str_strip_whitespace populate_by_name use_enum_values title"
    " validate_by_name validate_by_alias"
    " protected_namespaces validate_assignment env_parse_none_str env_parse_enums from_attributes json_schema_extra"
    " nested_model_default_partial_update orm_mode anystr_strip_whitespace schema_extra hide_input_in_errors".split()
)


class _Options(NamedTuple):
    """What `model_config` or `class Config` sets; an option that cannot be evaluated is in `unknown`."""

    values: dict[str, Known]
    unknown: frozenset[str]

    def get(self, name: str) -> Known | Unknown | None:
        """An option's value; None when it is not set."""
        return UNKNOWN if name in self.unknown else self.values.get(name)

    def text(self, name: str) -> str | None:
        """An option that is a text, "" when it is not set; None when that cannot be told."""
        found = self.get(name)
        if found is None or (isinstance(found, Known) and found.value is None):
            return ""
        return found.value if isinstance(found, Known) and isinstance(found.value, str) else None


class _Naming(NamedTuple):
    """How the variables of fields are called: the prefix, and whether a field with an alias keeps its own name too."""

    prefix: str | None
    by_name: bool


class _Family(NamedTuple):
    """A class and the classes of the project that it derives from, itself first."""

    members: tuple[Definition, ...]
    old: bool  # pydantic 1, where `Optional` means that there is a default
    complete: bool  # every base is known


def settings_class(found: Definition) -> SettingsClass | None:
    """The settings class that a definition is; None when it certainly or possibly is none."""
    if found.scope.parent is not None or found.scope.arguments:
        return _settings_class(found)
    memo: dict[object, SettingsClass | None] = found.scope.module.library.memo
    key = ("settings", found.node)
    if key not in memo:
        memo[key] = None  # for a class whose options ask for itself
        memo[key] = _settings_class(found)
    return memo[key]


def _settings_class(found: Definition) -> SettingsClass | None:
    family = _family(found)
    if family is None or not isinstance(found.node, ast.ClassDef):
        return None
    options = _options(family)
    known_options = options is not None and options.values.keys() | options.unknown <= _HARMLESS
    options = options or _Options({}, frozenset())
    prefix = options.text("env_prefix")
    by_name = family.old or any(options.get(one) is not None for one in ("populate_by_name", "validate_by_name"))
    sensitive = options.get("case_sensitive")
    delimiter = options.text("env_nested_delimiter")
    fields: dict[str, SettingsField] = {}
    mentioned = _mentioned_by_validators(family)
    validators = _field_validators(family)
    filled = frozenset(_filled(family))
    for holder in reversed(family.members):
        for field in _fields(holder, _Naming(prefix, by_name), old=family.old):
            seeing = [*validators.get(field.name, ()), *validators.get("*", ())]
            otherwise = field.checked or field.name in mentioned or "*" in mentioned
            passed = not otherwise and bool(seeing) and all(_passes(field, *one) for one in seeing)
            fields[field.name] = field._replace(
                checked=otherwise or bool(seeing), passed=passed, filled=field.name in filled or "*" in filled
            )
    custom = any(
        isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef))
        and one.name in ("settings_customise_sources", "customise_sources", "__init__", "__new__")
        for member in family.members
        for one in (member.node.body if isinstance(member.node, ast.ClassDef) else ())
    )
    span = found.scope.module.span(found.node)
    at = span.text.find(found.node.name, span.text.find("class ") + 6)
    return SettingsClass(
        name=found.node.name,
        span=span.source.span(span.start + at, span.start + at + len(found.node.name)) if at >= 0 else span,
        fields=tuple(fields.values()),
        case_sensitive=isinstance(sensitive, Known) and bool(sensitive.value),
        nested_delimiter=delimiter or None,
        env_files=_env_files(options),
        secrets_dir=options.get("secrets_dir") is not None,
        complete=family.complete and known_options and not custom and prefix is not None and delimiter is not None,
    )


def _family(found: Definition) -> _Family | None:
    """The classes between a class and `BaseSettings`; None when it does not derive from that."""
    members: list[Definition] = []
    settings = old = False
    complete = True
    pending = [(found, 0)]
    while pending:
        one, depth = pending.pop(0)
        if not isinstance(one.node, ast.ClassDef) or depth > MAX_DEPTH or len(members) > 50:
            complete = False
            continue
        members.append(one)
        for base in one.node.bases:
            name = dotted(base, one.scope)
            if name in _BASES or name in _OLD_BASES:
                settings, old = True, old or name in _OLD_BASES
                continue
            if name in _MODELS:
                continue
            definition = resolve(base, one.scope)
            if definition is not None and isinstance(definition.node, ast.ClassDef):
                pending.append((definition, depth + 1))
            else:
                complete = False
    return _Family(tuple(members), old, complete) if settings else None


def _options(family: _Family) -> _Options | None:
    """The configuration of a class, that of its bases below its own; None when some of it cannot be read."""
    values: dict[str, Known] = {}
    unknown: set[str] = set()
    for holder in reversed(family.members):
        if not isinstance(holder.node, ast.ClassDef):
            return None
        pairs: list[tuple[str | None, ast.expr]] = [(one.arg, one.value) for one in holder.node.keywords]
        for statement in holder.node.body:
            if isinstance(statement, ast.ClassDef) and statement.name == "Config":
                pairs.extend(_assigned(statement.body))
            else:
                for name, value in _assigned([statement]):
                    if name == "model_config":
                        made = _pairs(value, holder.scope)
                        if made is None:
                            return None
                        pairs.extend(made)
        for key, value in pairs:
            if key is None:
                return None
            known = evaluate(value, holder.scope)
            unknown.discard(key)
            values.pop(key, None)
            if known is None:
                unknown.add(key)
            else:
                values[key] = known
    return _Options(values, frozenset(unknown))


def _pairs(value: ast.expr, scope: Scope) -> list[tuple[str | None, ast.expr]] | None:
    """The keys and values of `SettingsConfigDict(…)` or `{…}`."""
    if isinstance(value, ast.Call) and dotted(value.func, scope) in _CONFIGS and not value.args:
        return [(one.arg, one.value) for one in value.keywords]
    if isinstance(value, ast.Dict):
        return [
            (key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else None, one)
            for key, one in zip(value.keys, value.values, strict=True)
        ]
    return None


def _assigned(body: list[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    """The names that statements assign at their own level, with the values."""
    for statement in body:
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    yield target.id, statement.value
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
            yield statement.target.id, statement.value


def _env_files(options: _Options) -> tuple[str, ...] | None:
    found = options.get("env_file")
    if found is None or (isinstance(found, Known) and found.value is None):
        return ()
    if isinstance(found, Known):
        several = found.value if isinstance(found.value, tuple) else (found.value,)
        if all(isinstance(one, str) for one in several):
            return tuple(one for one in several if isinstance(one, str))
    return None


def _mentioned_by_validators(family: _Family) -> frozenset[str]:
    """The names that the validators of whole objects speak of; `*` where one sees all fields."""
    names: set[str] = set()
    for holder in family.members:
        for statement in holder.node.body if isinstance(holder.node, ast.ClassDef) else ():
            if not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            if statement.name == "model_post_init" or any(
                bare in _MODEL_VALIDATORS and not _asks_for_none(statement)
                for bare, _ in _decorators(statement, holder)
            ):
                names.update(_mentioned(statement, holder, family))
    return frozenset(names)


def _asks_for_none(function: Function) -> bool:
    """Whether all that a validator does with its object is to ask whether fields are None, which a text never is:
    `if getattr(self, name) is None: missing.append(name)`.
    """
    own = function.args.args[0].arg if len(function.args.args) == 1 else ""
    asked: set[int] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.Is, ast.IsNot)) and len(node.ops) == 1:
            other, left = node.comparators[0], node.left
            if not isinstance(other, ast.Constant) or other.value is not None:
                continue
            if isinstance(left, ast.Attribute):
                asked.add(id(left.value))
            elif isinstance(left, ast.Call) and isinstance(left.func, ast.Name) and left.func.id == "getattr":
                asked.add(id(left.args[0]) if left.args else 0)
        elif isinstance(node, ast.Return):
            asked.add(id(node.value))
    uses = [one for one in ast.walk(function) if isinstance(one, ast.Name) and one.id == own]
    return own == "self" and bool(asked) and all(id(one) in asked for one in uses)


def _decorators(function: Function, holder: Definition) -> Iterator[tuple[str, ast.expr]]:
    """The decorators of a method, each with its bare name in front."""
    for one in function.decorator_list:
        yield (dotted(one.func if isinstance(one, ast.Call) else one, holder.scope) or "").rpartition(".")[2], one


def _field_validators(family: _Family) -> dict[str, list[tuple[Function, Scope]]]:
    """The validators of single fields, by the names of these; `*` for those that see each."""
    found: dict[str, list[tuple[Function, Scope]]] = {}
    for holder in family.members:
        for statement in holder.node.body if isinstance(holder.node, ast.ClassDef) else ():
            if not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            for bare, decorator in _decorators(statement, holder):
                if bare in _VALIDATORS and isinstance(decorator, ast.Call):
                    given = [one.value for one in decorator.args if isinstance(one, ast.Constant)]
                    for name in given:
                        if isinstance(name, str):
                            found.setdefault(name, []).append((statement, holder.scope))
    return found


def _passes(field: SettingsField, function: Function, scope: Scope) -> bool:
    """Whether a validator certainly hands a field's default on as it is."""
    from dockerlint_fastapi.parsers.python.passing import hands_on  # noqa: PLC0415  # few settings have validators

    return field.default is not None and hands_on(function, field.default, scope, field.annotation)


def _filled(family: _Family) -> Iterator[str]:
    """The names of the fields to which a model validator that runs first may give values."""
    for holder in family.members:
        for statement in holder.node.body if isinstance(holder.node, ast.ClassDef) else ():
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
                for decorator in statement.decorator_list:
                    called = decorator.func if isinstance(decorator, ast.Call) else decorator
                    bare = (dotted(called, holder.scope) or "").rpartition(".")[2]
                    words = (
                        {one.arg: one.value for one in decorator.keywords} if isinstance(decorator, ast.Call) else {}
                    )
                    mode = words.get("mode")
                    after = isinstance(mode, ast.Constant) and mode.value == "after"
                    if (bare == "model_validator" and not after) or (bare == "root_validator" and "pre" in words):
                        yield from _mentioned(statement, holder, family)


def _mentioned(function: Function, holder: Definition, family: _Family) -> Iterator[str]:
    """The attributes and keys that a function of a class speaks of; also those in methods that it calls and in tables
    that it looks names up in. `*` where it goes through all fields.
    """
    members = _members(family)
    pending: list[tuple[ast.AST, Scope]] = [(function, holder.scope)]
    seen: set[int] = set()
    while pending:
        top, scope = pending.pop()
        if id(top) in seen or len(seen) > _MAX_FOLLOWED:
            continue
        seen.add(id(top))
        for node in ast.walk(top):
            if isinstance(node, ast.Attribute):
                yield "*" if node.attr in _ALL_FIELDS else node.attr
                if node.attr in members:
                    pending.append(members[node.attr])
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value != "*":
                yield node.value
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                found = resolve(node, scope)
                if found is not None and isinstance(found.node, _FOLLOWED):
                    pending.append((found.node, found.scope))


def _members(family: _Family) -> dict[str, tuple[ast.AST, Scope]]:
    """The methods of a class and of its bases, and the tables in them, by name."""
    members: dict[str, tuple[ast.AST, Scope]] = {}
    for holder in reversed(family.members):
        for statement in holder.node.body if isinstance(holder.node, ast.ClassDef) else ():
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
                members[statement.name] = (statement, holder.scope)
        for name, value in _assigned(holder.node.body if isinstance(holder.node, ast.ClassDef) else []):
            if isinstance(value, _FOLLOWED):
                members[name] = (value, holder.scope)
    return members


def _fields(holder: Definition, naming: _Naming, *, old: bool) -> Iterator[SettingsField]:
    """The fields that one class brings."""
    module = holder.scope.module
    for statement in holder.node.body if isinstance(holder.node, ast.ClassDef) else ():
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            target, value, annotation = statement.target, statement.value, module.span(statement.annotation).text
        elif isinstance(statement, ast.Assign) and len(statement.targets) == 1 and old:
            only = statement.targets[0]
            if not isinstance(only, ast.Name):
                continue
            target, value, annotation = only, statement.value, ""
        else:
            continue
        if target.id.startswith("_") or target.id in ("model_config", "Config") or "ClassVar" in annotation:
            continue
        call = _field_call(value, statement, holder.scope)
        default, required = _default(value, call, holder.scope)
        if value is None and old and ("Optional" in annotation or "None" in annotation):
            required = False
        known = evaluate(default, holder.scope) if default is not None else None
        literal = known is not None and known.origin == "option" and isinstance(known.value, (str, int, float, bool))
        text, place = (known.text, known.span) if known is not None and literal else _bytes(default, holder.scope)
        yield SettingsField(
            name=target.id,
            span=module.span(target),
            annotation=annotation,
            required=required,
            env_names=_env_names(target.id, naming, call, holder.scope),
            default=text,
            default_span=place,
            checked="Validator(" in annotation,
        )


def _bytes(default: ast.expr | None, scope: Scope) -> tuple[str | None, Span | None]:
    """The text of a default that is bytes, with its place; None for any other."""
    if isinstance(default, ast.Constant) and isinstance(default.value, bytes) and default.value.isascii():
        return default.value.decode("ascii"), literal_span(default, scope)
    return None, None


def _field_call(value: ast.expr | None, statement: ast.stmt, scope: Scope) -> ast.Call | None:
    """The `Field(…)` of a field, as its value or within `Annotated[…]`."""
    if isinstance(value, ast.Call) and dotted(value.func, scope) in _FIELD:
        return value
    if isinstance(statement, ast.AnnAssign):
        for node in ast.walk(statement.annotation):
            if isinstance(node, ast.Call) and dotted(node.func, scope) in _FIELD:
                return node
    return None


def _default(value: ast.expr | None, call: ast.Call | None, scope: Scope) -> tuple[ast.expr | None, bool | None]:
    """The expression of a field's default, and whether it has none."""
    if value is not None and value is not call:
        ellipsis = isinstance(value, ast.Constant) and value.value is ...
        return (None, True) if ellipsis else (value, False)
    if call is None:
        return None, True
    if any(one.arg is None for one in call.keywords) or any(isinstance(one, ast.Starred) for one in call.args):
        return None, None
    given = call.args[0] if call.args else next((one.value for one in call.keywords if one.arg == "default"), None)
    if any(one.arg == "default_factory" for one in call.keywords):
        return None, False
    if given is None or (isinstance(given, ast.Constant) and given.value is ...):
        return None, True
    if dotted(given, scope) in ("pydantic_core.PydanticUndefined", "pydantic.fields.Undefined"):
        return None, None
    return given, False


def _env_names(name: str, naming: _Naming, call: ast.Call | None, scope: Scope) -> tuple[str, ...] | None:
    """The variables that set a field, in the order in which they are tried."""
    own = None if naming.prefix is None else (naming.prefix + name,)
    named = {one.arg: one.value for one in call.keywords} if call is not None else {}
    for key in ("validation_alias", "alias", "env"):
        value = named.get(key)
        if value is None:
            continue
        names: list[str] = []
        several = value.args if isinstance(value, ast.Call) else [value]
        if isinstance(value, ast.Call) and dotted(value.func, scope) != "pydantic.AliasChoices":
            return None
        for one in several:
            known = evaluate(one, scope)
            texts = known.value if known is not None and isinstance(known.value, tuple) else (known and known.value,)
            for text in texts:
                if not isinstance(text, str):
                    return None
                names.append(text)
        if not naming.by_name and key != "env":
            return tuple(names)
        # pydantic 1 reads `env` and no alias, pydantic 2 the other way round: all may count.
        return None if own is None else (*names, *(one for one in own if one not in names))
    return own


def attribute_of(node: ast.Attribute, scope: Scope, depth: int) -> Known | None:
    """The value of an attribute of an object that is made from a class of the project; None when it cannot be told."""
    made = _instance(node.value, scope, depth)
    if made is None:
        return None
    found, call = made
    settings = settings_class(found)
    if settings is None:
        return None if call is not None and (call.args or call.keywords) else _plain_attribute(found, node.attr, depth)
    field = settings.field(node.attr)
    if call is None or call.args or call.keywords or field is None or not settings.complete:
        return None
    if field.checked and not field.passed:
        return None
    return _value_of(field, settings, found)


def _instance(node: ast.expr, scope: Scope, depth: int) -> tuple[Definition, ast.Call | None] | None:
    """The class of an object, and the call that makes it (None for the class itself)."""
    for _ in range(6):
        found = resolve(node, scope)
        if found is None or depth > MAX_DEPTH:
            return None
        if isinstance(found.node, ast.ClassDef):
            return found, None
        if not isinstance(found.node, ast.Call):
            return None
        call = found.node
        maker = resolve(call.func, found.scope)
        if maker is None:
            return None
        if isinstance(maker.node, ast.ClassDef):
            return maker, call
        if not isinstance(maker.node, (ast.FunctionDef, ast.AsyncFunctionDef)) or call.args or call.keywords:
            return None
        returned = [one.value for one in ast.walk(maker.node) if isinstance(one, ast.Return)]
        if len(returned) != 1 or returned[0] is None:
            return None
        scope = Scope(maker.scope.module, bound=bindings(maker.node.body), parent=maker.scope)
        node = returned[0]
    return None


def _plain_attribute(found: Definition, name: str, depth: int) -> Known | None:
    """An attribute that a plain class sets once in its body; None where code of it may set it otherwise."""
    if not isinstance(found.node, ast.ClassDef) or found.node.keywords:
        return None
    if found.node.bases and any(dotted(base, found.scope) != "object" for base in found.node.bases):
        return None
    for inner in ast.walk(found.node):
        if isinstance(inner, ast.Attribute) and isinstance(inner.ctx, ast.Store) and inner.attr == name:
            return None
        if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)) and inner.name in ("__getattr__", "__setattr__"):
            return None
    binding = bindings(found.node.body).get(name)
    if binding is None or binding.module is not None:
        return None
    inside = Scope(found.scope.module, bound=bindings(found.node.body), parent=found.scope)
    return evaluate(binding.node, inside, depth + 1)


def _value_of(field: SettingsField, settings: SettingsClass, found: Definition) -> Known | None:
    """What a field of a settings object holds: its variable's value, or its default where certainly nothing sets it."""
    module = found.scope.module
    set_by = set_in_environment(field, settings, found)
    if set_by is UNKNOWN:
        return None
    if isinstance(set_by, Known):
        if field.checked:
            return None  # a validator sees another value than the default
        if field.annotation == "bool" and isinstance(set_by.value, str):
            text = set_by.value.lower()
            return set_by._replace(value=text in _TRUE) if text in _TRUE or text in _FALSE else None
        return set_by
    if settings.secrets_dir or settings.env_files is None or field.default is None:
        return None
    if any(module.library.has_file(one) is not False for one in settings.env_files):
        return None
    value: object = field.default
    if field.annotation == "bool" or field.default in ("true", "false"):
        value = field.default.lower() in _TRUE
    elif field.annotation == "int" and field.default.isascii() and field.default.isdecimal():
        value = int(field.default[:18])
    return Known(value, field.default_span, "option")


def set_in_environment(field: SettingsField, settings: SettingsClass, found: Definition) -> Known | Unknown | None:
    """The variable that sets a field: its value, UNKNOWN, or None when certainly none does."""
    module = found.scope.module
    if field.env_names is None:
        return UNKNOWN
    for name in field.env_names:
        spellings = [name]
        if not settings.case_sensitive:
            spellings.extend(
                one for one in module.library.environment.values if one.lower() == name.lower() and one != name
            )
        for spelling in spellings:
            known = variable(spelling, module)
            if known is not None:
                return known
        if settings.nested_delimiter:
            start = (name + settings.nested_delimiter).lower()
            if any(one.lower().startswith(start) for one in module.library.environment.values):
                return UNKNOWN
    return None
