"""What argparse makes of the words behind a program: `args.port` after `args = parser.parse_args()`.

An option that is not among the words has its default, so that a flag (`action="store_true"`) is False; what the words
say is converted by `type`, as are defaults that are text (docs.python.org/3/library/argparse.html, `default`, `type`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dockerlint_fastapi.parsers.python.names import MAX_DEPTH, Definition, Scope, bindings, dotted, resolve
from dockerlint_fastapi.parsers.python.values import Known, converted, evaluate
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.command import Argument

_PARSES: Final = frozenset({"parse_args", "parse_known_args"})
_PARSER: Final = "argparse.ArgumentParser"
_SWITCHES: Final = {"store_true": True, "store_false": False}
_MAX_CALLS: Final = 3  # functions that return what another returns


class Option(NamedTuple):
    """One `add_argument(…)`: its flags (none for a positional one) and its keywords."""

    flags: tuple[str, ...]
    settings: dict[str, ast.expr]


class Parsed(NamedTuple):
    """What a parameter holds: the arguments of one command, as its own parser reads the words behind its name."""

    options: tuple[Option, ...]
    defaults: frozenset[str]  # what `set_defaults` sets
    words: tuple[Argument, ...]
    scope: Scope

    def get(self, name: str, depth: int) -> Known | None:
        """One of them; None when it cannot be told."""
        wanted = [one for one in self.options if _destination(one) == name and one.flags]
        if len(wanted) != 1 or name in self.defaults:
            return None
        known = frozenset(flag for one in self.options for flag in one.flags)
        return _value(wanted[0], known, self.words, self.scope, depth)


class Handed(NamedTuple):
    """What a parameter holds: the parsed arguments that a call hands to the function, by a name of where it stands."""

    name: ast.Name
    scope: Scope


def handed(node: ast.Name, scope: Scope) -> Handed | Parsed | None:
    """The parsed arguments that a name stands for; None for anything else."""
    holder = scope.holder_of(node.id)
    given = holder.arguments.get(node.id) if holder is not None else None
    if isinstance(given, Parsed | Handed):
        return given
    return Handed(node, scope) if parser_of(node, scope) is not None else None


def parser_of(node: ast.expr, scope: Scope) -> Scope | None:
    """Where the parser is made whose arguments an expression stands for; None for anything else."""
    return None if scope.module.library.words is None else _parsed(node, scope, 0)


def argument_of(node: ast.Attribute, scope: Scope, depth: int) -> Known | None:
    """The value of an attribute of parsed arguments; None when that cannot be told, and for any other attribute."""
    holder = scope.holder_of(node.value.id) if isinstance(node.value, ast.Name) else None
    given = holder.arguments.get(node.value.id) if holder is not None and isinstance(node.value, ast.Name) else None
    if isinstance(given, Parsed | Handed):
        if depth > MAX_DEPTH or _is_set(node, scope):
            return None
        if isinstance(given, Parsed):
            return given.get(node.attr, depth)
        return argument_of(ast.Attribute(given.name, node.attr, ast.Load()), given.scope, depth + 1)
    words = scope.module.library.words
    if words is None or any(one.value is None for one in words) or not isinstance(node.value, ast.Name):
        return None
    made = _parsed(node.value, scope, 0)
    if made is None or _is_set(node, scope) or _is_set(node, made):
        return None
    tree = made.module.text.syntax.tree
    calls = [one for one in ast.walk(tree) if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute)]
    named = {one.func.attr for one in calls if isinstance(one.func, ast.Attribute)}
    if "set_defaults" in named:
        return None
    options = [one for call in calls for one in option_of(call)]
    wanted = [one for one in options if _destination(one) == node.attr]
    if len(wanted) != 1:
        chosen = None if wanted else _subcommand(calls, node.attr)
        return None if chosen is None else _first(words)
    if not wanted[0].flags:
        alone = sum(not one.flags for one in options) == 1 and "add_subparsers" not in named
        return _positional(wanted[0], words, made, depth) if alone else None
    known = frozenset(flag for one in options for flag in one.flags)
    return _value(wanted[0], known, words, made, depth)


def _parsed(node: ast.expr, scope: Scope, calls: int) -> Scope | None:
    """Where the parser is made whose arguments an expression stands for; None for anything else."""
    if calls > _MAX_CALLS:
        return None
    found = resolve(node, scope)
    if found is None:
        return _parsed_often(node, scope) if isinstance(node, ast.Name) else None
    call = found.node
    if not isinstance(call, ast.Call):
        return None
    if _parses(call):
        return _of_parser(call, found.scope)
    returned = _returned(call, found.scope)
    return _parsed(*returned, calls + 1) if returned is not None else None


def _parsed_often(node: ast.Name, scope: Scope) -> Scope | None:
    """The same of a name that is bound several times, or with the words that are left (`args, rest = …`), where each
    time the same parser is asked.
    """
    if scope.holder_of(node.id) is None or node.id in scope.arguments:
        return None
    stored = [
        one
        for one in ast.walk(scope.module.text.syntax.tree)
        if isinstance(one, ast.Name) and one.id == node.id and isinstance(one.ctx, ast.Store)
    ]
    values = [
        one.value
        for one in ast.walk(scope.module.text.syntax.tree)
        if isinstance(one, ast.Assign) and len(one.targets) == 1 and _is_first(one.targets[0], node.id)
    ]
    if not values or len(values) != len(stored):
        return None
    made = [_of_parser(one, scope) if isinstance(one, ast.Call) and _parses(one) else None for one in values]
    return made[0] if None not in made and len({ast.dump(one) for one in values}) <= len(_PARSES) else None


def _is_first(target: ast.expr, name: str) -> bool:
    """Whether an assignment gives a name the value, or the first one of a pair."""
    if isinstance(target, ast.Tuple) and len(target.elts) == 2:
        target = target.elts[0]
    return isinstance(target, ast.Name) and target.id == name


def _parses(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in _PARSES and not call.args and not call.keywords


def _of_parser(call: ast.Call, scope: Scope) -> Scope | None:
    """The scope in which the parser of `parser.parse_args()` is made."""
    found = _made(call.func.value, scope, 0) if isinstance(call.func, ast.Attribute) else None
    if found is None or not isinstance(found.node, ast.Call):
        return None
    given = {one.arg for one in found.node.keywords}
    return None if given & {None, "argument_default", "fromfile_prefix_chars", "prefix_chars"} else found.scope


def _made(node: ast.expr, scope: Scope, calls: int) -> Definition | None:
    """The call that makes the parser which an expression stands for, be it in a function that returns it."""
    found = resolve(node, scope)
    if found is None or not isinstance(found.node, ast.Call) or calls > _MAX_CALLS:
        return None
    if dotted(found.node.func, found.scope) == _PARSER:
        return found
    returned = _returned(found.node, found.scope)
    return _made(*returned, calls + 1) if returned is not None else None


def _returned(call: ast.Call, scope: Scope) -> tuple[ast.expr, Scope] | None:
    """What a function of the project that is called returns, where it has one `return`, and the scope of that."""
    function = resolve(call.func, scope)
    if function is None or not isinstance(function.node, ast.FunctionDef):
        return None
    returned = [one.value for one in ast.walk(function.node) if isinstance(one, ast.Return)]
    if len(returned) != 1 or returned[0] is None:
        return None
    return returned[0], Scope(function.scope.module, bound=bindings(function.node.body), parent=function.scope)


def _is_set(node: ast.Attribute, scope: Scope) -> bool:
    """Whether a module may set the attribute itself: `args.port = 80`."""
    if "setattr" in scope.module.text.syntax.source.text:
        return True
    return any(
        isinstance(one, ast.Attribute) and one.attr == node.attr and isinstance(one.ctx, ast.Store)
        for one in ast.walk(scope.module.text.syntax.tree)
    )


def option_of(call: ast.Call) -> Iterator[Option]:
    """What an `add_argument(…)` adds; nothing for other calls."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "add_argument":
        return
    names = [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    settings = {one.arg: one.value for one in call.keywords if one.arg is not None}
    if len(names) < len(call.args) or len(settings) < len(call.keywords):
        return
    flags = tuple(name for name in names if name.startswith("-"))
    if names and not flags:
        settings.setdefault("dest", ast.Constant(names[0]))
    yield Option(flags, settings)


def _destination(option: Option) -> str | None:
    """The attribute that it sets."""
    given = option.settings.get("dest")
    if given is not None:
        return given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else None
    longs = [flag for flag in option.flags if flag.startswith("--")]
    named = longs or list(option.flags)
    return named[0].lstrip("-").replace("-", "_") if named else None


def _subcommand(calls: list[ast.Call], name: str) -> ast.Call | None:
    """The `add_subparsers(dest="command")` that sets an attribute."""
    for call in calls:
        if isinstance(call.func, ast.Attribute) and call.func.attr == "add_subparsers":
            given = next((one.value for one in call.keywords if one.arg == "dest"), None)
            if isinstance(given, ast.Constant) and given.value == name:
                return call
    return None


def _first(words: tuple[Argument, ...]) -> Known | None:
    """The first word, where it is no option; None where options come before it."""
    if not words:
        return Known(None, None, "option")
    value = words[0].value
    return None if value is None or value.startswith("-") else Known(value, words[0].span, "option")


def _positional(option: Option, words: tuple[Argument, ...], scope: Scope, depth: int) -> Known | None:
    """The value of the only argument that is no option."""
    count = option.settings.get("nargs")
    if count is not None and not (isinstance(count, ast.Constant) and count.value == "?"):
        return None
    if not words:
        return _default(option, scope, depth) if count is not None else None
    given = _first(words)
    return None if given is None else _typed(option, given, scope)


def _value(
    option: Option, known: frozenset[str], words: tuple[Argument, ...], scope: Scope, depth: int
) -> Known | None:
    """The value of an option: of the last time that it is given, else its default."""
    action = option.settings.get("action")
    named = action.value if isinstance(action, ast.Constant) else None
    if "nargs" in option.settings or not (action is None or named == "store" or named in _SWITCHES):
        return None
    switch = _SWITCHES.get(named) if isinstance(named, str) else None
    found: Known | None = None
    for at, word in enumerate(words):
        value = word.value or ""
        name, equals, rest = value.partition("=")
        if value == "--":
            break
        if name in option.flags and switch is not None and not equals:
            found = Known(switch, word.span, "option")
        elif name in option.flags and switch is None:
            if not equals and at + 1 >= len(words):
                return None
            given = word if equals else words[at + 1]
            found = _typed(option, Known(rest if equals else given.value, given.span, "option"), scope)
            if found is None:
                return None
        elif name not in known and any(_may_mean(name, flag) for flag in option.flags):
            return None
    if found is not None:
        return found
    if switch is not None and "default" not in option.settings:
        return Known(not switch, None, "option")
    return _default(option, scope, depth)


def _may_mean(word: str, flag: str) -> bool:
    """Whether a word may be an abbreviation of a flag, or begin with a short one: `--po` and `-p8000`."""
    if word.startswith("--"):
        return len(word) > 2 and flag.startswith(word)
    return len(word) > 1 and word.startswith("-") and (word.startswith(flag) or flag[1:] in word)


def _default(option: Option, scope: Scope, depth: int) -> Known | None:
    given = option.settings.get("default")
    if given is None:
        return Known(None, None, "option")
    known = evaluate(given, scope, depth + 1)
    return _typed(option, known, scope) if known is not None and isinstance(known.value, str) else known


def _typed(option: Option, known: Known, scope: Scope) -> Known | None:
    """A text as `type` converts it; None for a conversion that is not followed."""
    kind = option.settings.get("type")
    name = "str" if kind is None else dotted(kind, scope)
    return converted(name, known) if name in ("str", "int") else None
