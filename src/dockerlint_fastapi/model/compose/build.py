"""How the image of a service is made: `build:`, and `develop.watch`, which makes it again."""

from __future__ import annotations

from dockerlint_fastapi.model.compose.environment import Variable, variables
from dockerlint_fastapi.model.compose.nodes import Mapping, Node, items_of
from dockerlint_fastapi.model.compose.settings import Setting, setting, value_of
from dockerlint_fastapi.model.environment.interpolation import Lookup
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span


class Build(NamedTuple):
    """`build:` in either syntax. Paths as written; None when absent. An absent context is the file's folder."""

    context: Setting | None
    dockerfile: Setting | None
    target: Setting | None
    inline: Setting | None  # dockerfile_inline
    args: tuple[Variable, ...]
    span: Span


def build(node: Node | None, lookup: Lookup) -> Build | None:
    """`build:` in either syntax; None when absent."""
    if isinstance(node, Mapping):
        return Build(
            setting(node.get("context"), lookup),
            setting(node.get("dockerfile"), lookup),
            setting(node.get("target"), lookup),
            setting(node.get("dockerfile_inline"), lookup),
            variables(node.get("args"), lookup),
            node.place,
        )
    context = setting(node, lookup)
    return Build(context, None, None, None, (), context.span) if context is not None else None


class Watch(NamedTuple):
    """One entry of `develop.watch`."""

    path: Setting | None
    action: str | None
    target: Setting | None
    span: Span


def watches(node: Node | None, lookup: Lookup) -> tuple[Watch, ...]:
    """The entries of `develop.watch`."""
    return tuple(
        Watch(
            setting(item.get("path"), lookup),
            value_of(item.get("action"), lookup),
            setting(item.get("target"), lookup),
            item.place,
        )
        for item in items_of(node)
        if isinstance(item, Mapping)
    )
