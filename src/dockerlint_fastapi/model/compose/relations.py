"""What a service names of its project: services (`depends_on:`, `extends:`), networks, secrets and configs."""

from __future__ import annotations

from dockerlint_fastapi.model.compose.nodes import Entry, Mapping, Node, items_of
from dockerlint_fastapi.model.compose.settings import Setting, flag, setting, settings
from dockerlint_fastapi.model.environment.interpolation import Lookup
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span


class Dependency(NamedTuple):
    """One service of `depends_on:`. `condition` is `service_started` for the short syntax."""

    name: str
    condition: str | None  # None when it cannot be told
    required: bool | None
    restart: bool | None
    span: Span  # where the service is named
    condition_span: Span | None


def dependencies(node: Node | None, lookup: Lookup) -> tuple[Dependency, ...]:
    """`depends_on:` in either syntax."""
    if isinstance(node, Mapping):
        return tuple(_dependency(entry, lookup) for entry in node)
    return tuple(
        Dependency(made.value, "service_started", True, None, made.span, None)
        for made in settings(node, lookup)
        if made.value is not None
    )


def _dependency(entry: Entry, lookup: Lookup) -> Dependency:
    body = entry.value
    if not isinstance(body, Mapping):
        return Dependency(entry.key.text, None, None, None, entry.key.span, None)
    condition = setting(body.get("condition"), lookup)
    return Dependency(
        entry.key.text,
        condition.value if condition else "service_started",
        flag(body, "required", lookup, absent=True),
        flag(body, "restart", lookup, absent=False),
        entry.key.span,
        condition.span if condition else None,
    )


class Extends(NamedTuple):
    """`extends:`; `file` is None for a service of the same file."""

    service: Setting
    file: Setting | None
    span: Span


def extends(node: Node | None, lookup: Lookup) -> Extends | None:
    """`extends:` in either syntax; None when absent."""
    inner = setting(node.get("service"), lookup) if isinstance(node, Mapping) else setting(node, lookup)
    if node is None or inner is None:
        return None
    return Extends(inner, setting(node.get("file"), lookup) if isinstance(node, Mapping) else None, node.place)


class Network(NamedTuple):
    """A network that a service joins."""

    name: str
    aliases: tuple[Setting, ...]
    span: Span


def networks(node: Node | None, lookup: Lookup) -> tuple[Network, ...]:
    """`networks:` in either syntax."""
    if isinstance(node, Mapping):
        return tuple(
            Network(
                entry.key.text,
                settings(entry.value.get("aliases"), lookup) if isinstance(entry.value, Mapping) else (),
                entry.key.span,
            )
            for entry in node
        )
    return tuple(Network(made.value, (), made.span) for made in settings(node, lookup) if made.value is not None)


class Grant(NamedTuple):
    """One entry of a service's `secrets:` or `configs:`; `target` is None when not given."""

    source: Setting
    target: Setting | None
    span: Span


def grants(node: Node | None, lookup: Lookup) -> tuple[Grant, ...]:
    """`secrets:` or `configs:` in either syntax."""
    found: list[Grant] = []
    for item in items_of(node):
        inner = item.get("source") if isinstance(item, Mapping) else item
        source = setting(inner, lookup)
        if source is not None:
            target = setting(item.get("target"), lookup) if isinstance(item, Mapping) else None
            found.append(Grant(source, target, item.place))
    return tuple(found)
