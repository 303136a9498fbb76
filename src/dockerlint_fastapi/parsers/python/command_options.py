"""What click and Typer make of the words behind a command: `@click.option("--reload/--no-reload", default=False)`.

An option that is not among the words has its default, and one of two flags its own side (click.palletsprojects.com,
"Options"; typer.tiangolo.com, "CLI Options"). No name may be shortened. Words that are not the names of these options,
or values of theirs, leave nothing certain.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from dockerlint_fastapi.parsers.python.names import Definition, Scope, arguments_of, dotted
from dockerlint_fastapi.parsers.python.values import Known, converted, evaluate
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.command import Argument

# What has a variable or a file decide where no word does.
_DECIDED_ELSEWHERE: Final = r"auto_envvar_prefix|default_map|token_normalize_func"
_UNSURE: Final = frozenset(("envvar", "callback", "multiple", "nargs", "count", "flag_value", None))
_TYPER: Final = ("typer.Option", "typer.Argument")


class _Option(NamedTuple):
    """An option by its parameter: the names that turn it on or take a value, those that turn it off, and its default.
    `kind` is the type of its value, `flag` of one without; empty where it is not followed.
    """

    name: str
    on: tuple[str, ...]
    off: tuple[str, ...]
    default: Known | None
    kind: str


def parameters_of(found: Definition, argv: Sequence[str | None]) -> dict[str, Known | None]:
    """The parameters of a function that takes them from the command line, by the words behind its name; None for those
    that cannot be told.
    """
    node = found.node
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return {}
    unknown: dict[str, Known | None] = {name: None for name, _ in arguments_of(node)}
    clicks, typers = list(_click_options(found)), list(_typer_options(found))
    if not argv:
        return {**unknown, **{one.name: one.default for one in (*typers, *clicks)}}
    options = clicks or (typers if _is_command(node) else [])
    if not options or re.search(_DECIDED_ELSEWHERE, found.scope.module.text.syntax.source.text):
        return unknown
    result = {**unknown, **{one.name: one.default for one in options}}
    words = _spans(argv, found)
    at = 0
    while at < len(argv):
        name, equals, rest = (argv[at] or "").partition("=")
        one = next((each for each in options if name in each.on or name in each.off), None)
        if one is None or not one.kind:
            return unknown
        span = words[at].span if words is not None else None
        if one.kind == "flag":
            if equals:
                return unknown
            result[one.name] = Known(name in one.on, span, "option")
        else:
            at += not equals
            value = rest if equals else argv[at] if at < len(argv) else None
            if value is None:
                return unknown
            span = words[at].span if words is not None else None
            result[one.name] = converted(one.kind, Known(value, span, "option"))
        at += 1
    return result


def _is_command(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a decorator makes it a command, so that its parameters are options: `@app.command()`."""
    called = (one.func if isinstance(one, ast.Call) else one for one in node.decorator_list)
    return any(isinstance(one, ast.Attribute) and one.attr in ("command", "callback") for one in called)


def _spans(argv: Sequence[str | None], found: Definition) -> Sequence[Argument] | None:
    """The words as they are written; None where these are not the last ones of the command line."""
    words = found.scope.module.library.words
    tail = words[len(words) - len(argv) :] if words is not None and len(words) >= len(argv) else None
    return tail if tail is not None and [one.value for one in tail] == list(argv) else None


def _click_options(found: Definition) -> Iterator[_Option]:
    """What `@click.option("--host", default="…")` sets."""
    node = found.node
    for decorator in node.decorator_list if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) else ():
        if not isinstance(decorator, ast.Call) or dotted(decorator.func, found.scope) != "click.option":
            continue
        names = [one.value for one in decorator.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        plain = [name for name in names if not name.startswith("-")]
        dashed = [name for name in names if name.startswith("-")]
        longs = [name for name in dashed if name.startswith("--")]
        if not plain and not longs:
            continue
        key = plain[0] if plain else longs[0].partition("/")[0].strip().lstrip("-").replace("-", "_").lower()
        yield _of_click(key, dashed, {one.arg: one.value for one in decorator.keywords}, found.scope)


def _of_click(key: str, dashed: list[str], named: dict[str | None, ast.expr], scope: Scope) -> _Option:
    on = tuple(one.partition("/")[0].strip() for one in dashed)
    off = tuple(one.partition("/")[2].strip() for one in dashed if "/" in one)
    flag = bool(off) or "is_flag" in named
    default = evaluate(named["default"], scope) if "default" in named else None
    if not named.keys().isdisjoint(("envvar", "callback", None)):
        default = None
    elif flag and "default" not in named:
        default = Known(value=False, span=None, origin="option")
    if not named.keys().isdisjoint(_UNSURE):
        kind = ""
    elif flag:
        known = None if off else evaluate(named["is_flag"], scope)
        kind = "flag" if off or (known is not None and known.value is True and not (default and default.value)) else ""
    else:
        kind = _kind(named.get("type"), default, scope)
    return _Option(key, on, off, default, kind)


def _kind(given: ast.expr | None, default: Known | None, scope: Scope) -> str:
    """The type of an option's value: as it is named, else that of its default."""
    if given is not None:
        name = dotted(given, scope) or ""
        return {"str": "str", "int": "int", "click.STRING": "str", "click.INT": "int"}.get(name, "")
    value = default.value if default is not None else None
    return "int" if type(value) is int else "str" if isinstance(value, str) or value is None else ""


def _typer_options(found: Definition) -> Iterator[_Option]:
    """The parameters of a function of Typer's that have a default: `port: int = typer.Option(8000, "--port", "-p")`."""
    node = found.node
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return
    every = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
    annotations = {one.arg: one.annotation for one in every}
    for name, default in arguments_of(node):
        if default is None:
            continue
        known, names, kind = evaluate(default, found.scope), [f"--{name.replace('_', '-')}"], ""
        annotation = annotations.get(name)
        plain = dotted(annotation, found.scope) if annotation is not None else None
        if isinstance(default, ast.Call):
            known = _typer_default(default, found.scope)
            said = [one.value for one in default.args[1:] if isinstance(one, ast.Constant)]
            names = [one for one in said if isinstance(one, str)] or names
            simple = dotted(default.func, found.scope) == "typer.Option" and len(said) == len(default.args[1:])
            plain = plain if simple and {one.arg for one in default.keywords} <= {"help", "show_default"} else None
        if plain in ("str", "int"):
            kind = plain
        elif plain == "bool":
            kind = "flag"
        on = tuple(one.partition("/")[0].strip() for one in names)
        off = tuple(one.partition("/")[2].strip() for one in names if "/" in one)
        if kind == "flag" and on == (f"--{name.replace('_', '-')}",) and not isinstance(default, ast.Call):
            off = (f"--no-{name.replace('_', '-')}",)
        yield _Option(name, on, off, known, kind)


def _typer_default(call: ast.Call, scope: Scope) -> Known | None:
    """`typer.Option("127.0.0.1")`; one that a variable may set cannot be told."""
    if dotted(call.func, scope) not in _TYPER or not call.args:
        return None
    return None if any(one.arg in ("envvar", None) for one in call.keywords) else evaluate(call.args[0], scope)
