"""`RUN --mount=…`: its options, and what Docker refuses in them."""

from __future__ import annotations

import re
from types import MappingProxyType

from dockerlint_fastapi.model.dockerfile import Flag, Mount
from dockerlint_fastapi.parsers.dockerfile.suggestions import choice, nearest
from dockerlint_fastapi.source import Problem

MOUNT_TYPES = ("bind", "cache", "secret", "ssh", "tmpfs")
MOUNT_KEYS = frozenset(
    {
        "type", "from", "source", "src", "target", "dst", "destination", "readonly", "ro", "readwrite", "rw",
        "required", "size", "id", "sharing", "mode", "uid", "gid", "env",
    }
)  # fmt: skip
_BARE_KEYS = frozenset({"readonly", "ro", "readwrite", "rw", "required"})
_TRUTH = frozenset({"1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"})
_SIZE = r"[0-9]+(?:\.[0-9]*)? ?(?:[kmgtpKMGTP]?[iI]?[bB]?)"


def read_mount(flag: Flag, value: str) -> tuple[Mount, Problem | None]:
    """A `--mount` with the first thing that Docker refuses in it, as far as no variable hides that."""
    options: dict[str, str] = {}
    kind = "bind"
    wrong: tuple[str, str] | None = None
    fields = _fields(value)
    if fields is None:
        wrong = ("`--mount` has stray quotes", "`key=value` pairs with commas between them")
        fields = []
    for field in fields:
        name, equals, text = field.partition("=")
        key = name.lower()
        options[key] = text if equals else "true"
        if key == "type" and equals:
            kind = text.lower()
        wrong = wrong or _wrong_option(key, text, kind, field, given=bool(equals))
    if kind in MOUNT_TYPES:
        wrong = wrong or _wrong_together(kind, options)
    return Mount(kind, MappingProxyType(options), flag.span), Problem(flag.span, *wrong) if wrong else None


def _fields(value: str) -> list[str] | None:
    """The fields of one line of CSV; None when its quotes are wrong."""
    if '"' not in value:
        return value.split(",") if value else []
    fields: list[str] = []
    rest = value
    while True:
        if rest.startswith('"'):
            found = re.match(r'"((?:[^"]|"")*)"(,|\Z)', rest)
            if found is None:
                return None
            fields.append(found.group(1).replace('""', '"'))
            rest, comma = rest[found.end() :], found.group(2)
        else:
            field, comma, rest = rest.partition(",")
            if '"' in field:
                return None
            fields.append(field)
        if not comma:
            return fields


def _wrong_option(key: str, value: str, kind: str, field: str, *, given: bool) -> tuple[str, str] | None:
    """What is wrong with one option of a mount: message and what was expected."""
    if not given:
        if key not in _BARE_KEYS:
            return f"`{field}` is no option of `--mount`", "`key=value`"
    elif key not in MOUNT_KEYS:
        near = nearest(key, MOUNT_KEYS)
        return (
            f"`--mount` has no option `{key}`",
            f"`{near}`" if near else "an option such as `type`, `target` or `source`",
        )
    if key == "from" and "$" in value[:-1]:
        return "`from` does not expand variables", "a stage that is built FROM that image"
    if "$" in kind or (key == "required" and kind not in MOUNT_TYPES):
        return None
    if key == "required" and kind not in ("secret", "ssh"):
        return f"`required` does not go with a mount of type `{kind}`", "type `secret` or `ssh`"
    if key == "size" and kind != "tmpfs" and kind in MOUNT_TYPES:
        return f"`size` does not go with a mount of type `{kind}`", "type `tmpfs`"
    if not given or "$" in value or "'" in value or '"' in value or "\\" in value:
        return None
    if key == "type" and kind not in MOUNT_TYPES:
        return f"unsupported mount type `{value}`", choice(kind, MOUNT_TYPES)
    if key in ("readonly", "ro", "readwrite", "rw", "required") and value not in _TRUTH:
        return f"`{value}` is no value for `{key}`", "`true` or `false`"
    if key == "sharing" and value.lower() not in ("shared", "private", "locked"):
        return f"unsupported sharing `{value}`", "`shared`, `private` or `locked`"
    if key == "mode" and not re.fullmatch("[0-7]{1,11}", value):
        return f"`{value}` is no mode", "an octal number such as `0755`"
    if key in ("uid", "gid") and not re.fullmatch("[0-9]{1,10}", value):
        return f"`{value}` is no {key}", "a number"
    if key == "size" and not re.fullmatch(_SIZE, value):
        return f"`{value}` is no size", "a number with a unit, such as `64m`"
    return None


def _wrong_together(kind: str, options: dict[str, str]) -> tuple[str, str] | None:
    """What is wrong with the options of a mount taken together."""
    if kind in ("bind", "tmpfs"):
        for key in ("mode", "uid", "gid"):
            if key in options:
                return f"`{key}` does not go with a mount of type `{kind}`", "type `cache`, `secret` or `ssh`"
    if kind != "cache" and options.get("sharing"):
        return f"`sharing` does not go with a mount of type `{kind}`", "type `cache`"
    if kind == "secret":
        source = options.get("source") or options.get("src")
        target = options.get("target") or options.get("dst") or options.get("destination")
        if options.get("from"):
            return "a secret mount takes no `from`", "`id` or `source`"
        if not source and not target and not options.get("id"):
            return "a secret mount needs an `id`", "`--mount=type=secret,id=…`"
        if source and options.get("id"):
            return "a secret mount takes `id` or `source`, not both", "`id`"
    return None
