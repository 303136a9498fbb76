"""Compose files: the YAML with every place kept, and services that answer questions about it.

A `Mapping` may hold entries from several files once overlays are merged: every node knows its own source.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple, Self

from dockerlint_fastapi.model.command import SHELLS, Argument
from dockerlint_fastapi.model.interpolation import (
    PLACEHOLDER,
    Lookup,
    Reference,
    Rendered,
    interpolate,
    or_unset,
    references,
    render,
    unknown,
)
from dockerlint_fastapi.source import Problem, Source, Span

if TYPE_CHECKING:
    from dockerlint_fastapi.model.shell import ShellWord

Literal = str | int | float | bool | None


class Node:
    """What every YAML node has. `span` covers the node's own text, without anchor and tag in front of it;
    `tag` is an explicit tag (`!reset`, `!!str`), else None.

    An alias (`*a`) yields the anchored node again; `use` is then where the alias stands, else None.
    """

    __slots__ = ("anchor", "span", "tag", "use")
    span: Span
    tag: str | None
    anchor: str | None
    use: Span | None

    def used(self, use: Span) -> Self:
        """The same node as an alias at `use` yields it."""
        from copy import copy  # noqa: PLC0415 - only an alias needs it

        other = copy(self)
        other.use = use
        return other

    @property
    def place(self) -> Span:
        """Where the value stands in its mapping or sequence: the alias, or the node itself."""
        return self.use or self.span


class Scalar(Node):
    """A string, number, boolean or null. `value` has the type that go-yaml gives it; `text` is without quotes.

    `plain` is True when it was written without quotes and not as a block. An empty value (`a:`) has an empty span
    behind its key.
    """

    __slots__ = ("_places", "plain", "text", "value")
    text: str
    value: Literal
    plain: bool
    _places: tuple[int, ...] | None

    def __init__(
        self,
        text: str,
        value: Literal,
        span: Span,
        *,
        plain: bool = True,
        tag: str | None = None,
        anchor: str | None = None,
    ) -> None:
        self.text = text
        self.value = value
        self.span = span
        self.plain = plain
        self.tag = tag
        self.anchor = anchor
        self.use = None
        self._places = None

    def __repr__(self) -> str:
        return f"Scalar({self.text!r})"

    def locate(self, start: int, end: int) -> Span:
        """The place of `text[start:end]` in the file: through quotes, escapes, folding and indentation."""
        if self._places is None:
            self._places = _places(self)
        places = self._places
        if not places:
            return self.span
        limit = self.span.end
        start, end = max(start, 0), min(end, len(places) - 1)
        if start >= end:
            at = min(places[min(start, len(places) - 1)], limit)
            return self.span._replace(start=at, end=at)
        # the end is behind the last character, not before the next, which may be on another line
        last = places[end - 1]
        behind = max(last + 1, min(places[end], last + _width(self, last)))
        return self.span._replace(start=min(places[start], limit), end=min(behind, limit))


class Entry(NamedTuple):
    """One `key: value` of a mapping. `merged`: it came through `<<`; `span` runs from the key to the value's end."""

    key: Scalar
    value: Node
    merged: bool
    span: Span


class Mapping(Node):
    """A mapping, `<<` merge keys already applied by YAML's rule (own keys win); the `<<` itself is no entry.

    Of a duplicate key, `entry` gives the first.
    """

    __slots__ = ("_index", "entries")
    entries: tuple[Entry, ...]
    _index: dict[str, Entry] | None

    def __init__(self) -> None:
        self._index = None
        self.entries = ()
        self.tag = self.anchor = self.use = None

    def __repr__(self) -> str:
        return f"Mapping({[entry.key.text for entry in self.entries]})"

    @classmethod
    def of(cls, entries: Iterable[Entry], span: Span) -> Mapping:
        """A mapping made of entries, such as a merged one."""
        made = cls()
        made.entries = tuple(entries)
        made.span = span
        return made

    def entry(self, key: str) -> Entry | None:
        """The entry of that key (compared as text), or None."""
        if self._index is None:
            self._index = {entry.key.text: entry for entry in reversed(self.entries)}
        return self._index.get(key)

    def get(self, key: str) -> Node | None:
        """The value of that key, or None when it is absent."""
        entry = self.entry(key)
        return entry.value if entry else None

    def scalar(self, key: str) -> Scalar | None:
        """The value of that key when it is a scalar that is not null, else None."""
        value = self.get(key)
        return value if isinstance(value, Scalar) and value.value is not None else None

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)


class Sequence(Node):
    """A sequence."""

    __slots__ = ("items",)
    items: tuple[Node, ...]

    def __init__(self) -> None:
        self.items = ()
        self.tag = self.anchor = self.use = None

    def __repr__(self) -> str:
        return f"Sequence({list(self.items)})"

    @classmethod
    def of(cls, items: Iterable[Node], span: Span) -> Sequence:
        """A sequence made of nodes, such as a merged one."""
        made = cls()
        made.items = tuple(items)
        made.span = span
        return made

    def __iter__(self) -> Iterator[Node]:
        return iter(self.items)


def _width(scalar: Scalar, at: int) -> int:
    """How many characters write the one at an offset: more than one for an escape."""
    raw = scalar.span.source.text
    if raw[at : at + 1] == "\\" and raw.startswith('"', scalar.span.start):
        return {"x": 4, "u": 6, "U": 10}.get(raw[at + 1 : at + 2], 2)
    return 2 if raw.startswith("''", at) and raw.startswith("'", scalar.span.start) else 1


def _places(scalar: Scalar) -> tuple[int, ...]:
    """The offset in the source of each character of a scalar's text, and of its end; empty when there is no match."""
    text, span = scalar.text, scalar.span
    source, end = span.source.text, span.end
    first = source[span.start : span.start + 1]
    if scalar.plain or first not in ("'", '"', "|", ">"):
        at, quote = span.start, ""
    elif first in ("'", '"'):
        at, quote = span.start + 1, first
        end -= 1
    else:
        at, quote = source.find("\n", span.start, end) + 1, ""
        if at == 0:
            return ()
    if source[at:end] == text:
        return tuple(range(at, end + 1))
    found: list[int] = []
    index, length = 0, len(text)
    while index < length:
        if at >= end:
            # a block scalar's last line break, which its span leaves out
            found.extend([end] * (length - index) if text[index:].isspace() else ())
            break
        raw, char = source[at], text[index]
        if quote == '"' and raw == "\\":
            escaped = source[at + 1 : at + 2]
            if escaped in "\r\n":  # a continued line
                at += 2
                while at < end and source[at] in " \t\r\n":
                    at += 1
                continue
            found.append(at)
            at += {"x": 4, "u": 6, "U": 10}.get(escaped, 2)
        elif quote == "'" and raw == "'":
            found.append(at)
            at += 2
        elif char in (raw, "\ufffd") or (raw in " \t\r\n" and char in " \n"):
            found.append(at)
            at += 1
        elif raw in " \t\r\n":  # indentation, and line breaks that were folded
            at += 1
            continue
        else:
            return ()
        index += 1
    return (*found, min(at, end)) if len(found) == length else ()


def go_text(value: str | float | bool) -> str:  # noqa: FBT001 - a YAML value
    """A scalar's value as Compose writes it into an environment: `1e3` becomes 1000, `True` becomes true."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, float):
        return str(value)
    if value != value:  # noqa: PLR0124 - NaN
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "+Inf" if value > 0 else "-Inf"
    if value == 0:
        return "-0" if str(value).startswith("-") else "0"
    return str(int(value)) if value.is_integer() and abs(value) < 1e21 else repr(value)


class Setting(NamedTuple):
    """One value as Compose reads it.

    `value` is None when it holds a variable that cannot be told; `default` is then what it is when no such variable is
    set, or None when Compose stops for that (`${X:?}`). `text` is as written, without quotes.
    """

    value: str | None
    default: str | None
    text: str
    span: Span

    @property
    def references(self) -> tuple[Reference, ...]:
        """The variables that it refers to."""
        return references(self.text)

    @property
    def number(self) -> int | None:
        """The value as a whole number."""
        return int(self.value) if self.value is not None and re.fullmatch(r"[0-9]{1,9}", self.value, re.ASCII) else None

    @property
    def numbers(self) -> range | None:
        """The value as a port or a range of ports (`8000-8005`)."""
        return port_range(self.value)

    @property
    def flag(self) -> bool | None:
        """The value as a boolean, by Compose's reading."""
        return _FLAGS.get(self.value.lower()) if self.value is not None else None

    @property
    def seconds(self) -> float | None:
        """The value as a duration (`1m30s`), in seconds."""
        if self.value is None or not _DURATION.fullmatch(self.value):
            return None
        return sum(float(number) * _UNITS[unit] for number, unit in _DURATION_PART.findall(self.value))


_FLAGS = {
    "true": True,
    "y": True,
    "yes": True,
    "on": True,
    "false": False,
    "n": False,
    "no": False,
    "off": False,
}
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_DURATION_PART = re.compile(r"(\d{1,15}(?:\.\d{0,15})?)(ns|us|µs|ms|s|m|h|d|w)", re.ASCII)
_DURATION = re.compile(rf"(?:{_DURATION_PART.pattern})+", re.ASCII)


def port_range(text: str | None) -> range | None:
    """`8000` or `8000-8005` as a range of port numbers; None for anything else."""
    match = re.fullmatch(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", text, re.ASCII) if text is not None else None
    if match is None:
        return None
    low, high = int(match[1]), int(match[2] or match[1])
    return range(low, high + 1) if low <= high <= 65535 else None


def setting(node: Node | None, lookup: Lookup = unknown) -> Setting | None:
    """A scalar as a setting; None for an absent or null value and for a collection."""
    if not isinstance(node, Scalar) or node.value is None:
        return None
    if not isinstance(node.value, str):
        text = go_text(node.value)
        return Setting(text, text, node.text, node.span)
    return Setting(interpolate(node.text, lookup), interpolate(node.text, or_unset(lookup)), node.text, node.span)


def settings(node: Node | None, lookup: Lookup = unknown) -> tuple[Setting, ...]:
    """A list of scalars, or a single one, as settings."""
    nodes = node.items if isinstance(node, Sequence) else () if node is None else (node,)
    return tuple(made for made in (setting(item, lookup) for item in nodes) if made is not None)


class Variable(NamedTuple):
    """One environment variable of a service, a build argument or a label.

    `value` is None when it is taken from the host (`- NAME`, `NAME:`; `raw` is None then) or cannot be told; `raw` is
    the text as written, interpolation included. `default` is the value when no variable that cannot be told is set.
    """

    name: str
    value: str | None
    raw: str | None
    span: Span
    value_span: Span
    default: str | None = None


def variables(node: Node | None, lookup: Lookup = unknown) -> tuple[Variable, ...]:
    """`NAME: value` or `- NAME=value` as variables; of two with one name the later counts.

    An item whose name holds a variable is left out.
    """
    found: dict[str, Variable] = {}
    if isinstance(node, Mapping):
        for entry in node:
            made = _from_entry(entry, lookup)
            if made is not None:
                found[made.name] = made
    elif isinstance(node, Sequence):
        for item in node:
            if isinstance(item, Scalar) and isinstance(item.value, str):
                made = _from_item(item, lookup)
                if PLACEHOLDER not in made.name:
                    found[made.name] = made
    return tuple(found.values())


def _from_host(name: str, lookup: Lookup) -> str | None:
    answer = lookup(name)
    return answer if isinstance(answer, str) else None


def _from_entry(entry: Entry, lookup: Lookup) -> Variable | None:
    name, value = entry.key.text, entry.value
    if not isinstance(value, Scalar):
        return None
    if value.value is None:
        return Variable(name, _from_host(name, lookup), None, entry.key.span, value.span)
    made = setting(value, lookup)
    if made is None:
        return None
    span = entry.span if value.use is None or value.use.source is entry.span.source else entry.key.span
    return Variable(name, made.value, made.text, span, value.span, made.default)


def _from_item(item: Scalar, lookup: Lookup) -> Variable:
    rendered = render(item.text, lookup)
    name, equals, value = rendered.text.partition("=")
    if not equals:
        behind = item.span._replace(start=item.span.end)
        return Variable(name, _from_host(name, lookup), None, item.span, behind)
    start, end = rendered.origin(len(name) + 1, len(rendered.text))
    start = end if not value else start
    default = render(item.text, or_unset(lookup))
    return Variable(
        name,
        None if PLACEHOLDER in value else value,
        item.text[start:],
        item.span,
        item.locate(start, len(item.text)),
        default.text.partition("=")[2] if default.certain else None,
    )


class Build(NamedTuple):
    """`build:` in either syntax. Paths as written; None when absent. An absent context is the file's folder."""

    context: Setting | None
    dockerfile: Setting | None
    target: Setting | None
    inline: Setting | None  # dockerfile_inline
    args: tuple[Variable, ...]
    span: Span


class CommandSetting(NamedTuple):
    """`command:` or `entrypoint:`. Compose starts no shell: a string is split into words and executed like a list.

    `arguments` is None when the string cannot be split (`problem` says why). A word with a variable that cannot be told
    has the value None; `certain` is False then, and unquoted it may even be several words or none. Only in the script
    of `sh -c` such a variable becomes one of the shell, `${_}`, for the rest of it can be told. `default` is the
    command when no such variable is set, None when it cannot be had. `()` (`[]` or an empty string) clears an
    entrypoint; an empty command is as none. `dropped` is what Compose throws away from a string: all from the first
    unquoted operator (`&&`, `|`, `>`) on.
    """

    arguments: tuple[Argument, ...] | None
    default: tuple[Argument, ...] | None
    certain: bool
    string: bool  # written as a string
    problem: Problem | None
    scalar: Scalar | None  # the string
    span: Span
    key_span: Span
    dropped: Span | None = None

    @property
    def cleared(self) -> bool:
        """Whether it is explicitly empty."""
        return self.arguments == ()


class Port(NamedTuple):
    """One entry of `ports:`. Each part is None when absent; `published` absent means a random port of the host.

    `target` and `published` may be ranges (`Setting.numbers`).
    """

    host_ip: Setting | None
    published: Setting | None
    target: Setting | None
    protocol: str | None  # None when it cannot be told
    span: Span

    @property
    def public(self) -> bool | None:
        """Whether it is open on every interface of the host."""
        if self.host_ip is None:
            first = self.published or self.target
            # a variable without default may hold `address:port` as well as a port
            return None if first is not None and first.value is None and not first.default else True
        if self.host_ip.value is None:
            return None
        return self.host_ip.value.strip("[]") in ("", "0.0.0.0", "::")  # noqa: S104


class Mount(NamedTuple):
    """One entry of `volumes:`. `type` is bind, volume, tmpfs, npipe, cluster or image; None when it cannot be told.

    `default_type` is what it is when no variable that cannot be told is set. `source` is None for an anonymous volume.
    """

    type: str | None
    default_type: str | None
    source: Setting | None
    target: Setting | None
    read_only: bool | None
    span: Span


class Dependency(NamedTuple):
    """One service of `depends_on:`. `condition` is `service_started` for the short syntax."""

    name: str
    condition: str | None  # None when it cannot be told
    required: bool | None
    restart: bool | None
    span: Span  # where the service is named
    condition_span: Span | None


class EnvFile(NamedTuple):
    """One file of `env_file:`; relative to the compose file that names it."""

    path: Setting
    required: bool | None
    span: Span


class Healthcheck(NamedTuple):
    """`healthcheck:`. `form` is CMD, CMD-SHELL or NONE; None when there is no test, or none that can be told.

    CMD: `arguments` are the words behind it. CMD-SHELL and a test that is a string: `script` is the shell's text.
    """

    form: str | None
    arguments: tuple[Argument, ...]
    script: Setting | None
    script_scalar: Scalar | None
    test: Node | None
    disable: bool | None  # False when absent
    interval: Setting | None
    timeout: Setting | None
    retries: Setting | None
    start_period: Setting | None
    start_interval: Setting | None
    span: Span  # the key

    @property
    def disabled(self) -> bool | None:
        """Whether it switches the image's health check off."""
        return True if self.form == "NONE" else self.disable


class Grant(NamedTuple):
    """One entry of a service's `secrets:` or `configs:`; `target` is None when not given."""

    source: Setting
    target: Setting | None
    span: Span


class Network(NamedTuple):
    """A network that a service joins."""

    name: str
    aliases: tuple[Setting, ...]
    span: Span


class Extends(NamedTuple):
    """`extends:`; `file` is None for a service of the same file."""

    service: Setting
    file: Setting | None
    span: Span


class Watch(NamedTuple):
    """One entry of `develop.watch`."""

    path: Setting | None
    action: str | None
    target: Setting | None
    span: Span


class Include(NamedTuple):
    """One entry of `include:`: files that form one model, the later ones laid over the first."""

    paths: tuple[Setting, ...]
    project_directory: Setting | None
    env_files: tuple[Setting, ...]
    span: Span


Words = tuple["tuple[ShellWord, ...]", Span | None, Problem | None]
"""A split command string: its words, what Compose drops, and why it refuses it."""

Splitter = Callable[[str, Callable[[int, int], Span]], Words]
"""What splits a command string as Compose does; given the text and the way from its offsets to places."""


class Service:
    """One service. Questions answer None when the key is absent; a `Setting` that cannot be told has the value None."""

    __slots__ = ("_commands", "_split", "body", "file", "key", "name")

    def __init__(self, file: ComposeFile, key: Scalar, body: Mapping, split: Splitter | None = None) -> None:
        self.file = file
        self.key = key
        self.name = key.text
        self.body = body
        self._split = split
        self._commands: dict[str, CommandSetting | None] = {}

    def __repr__(self) -> str:
        return f"Service({self.name!r})"

    @property
    def span(self) -> Span:
        """Where the service is named."""
        return self.key.span

    @property
    def lookup(self) -> Lookup:
        """What is known of the variables of its file."""
        return self.file.lookup

    def setting(self, *path: str) -> Setting | None:
        """The scalar under a key, or under a path of keys."""
        return setting(self.node(*path), self.lookup)

    def node(self, *path: str) -> Node | None:
        """The value under a path of keys."""
        node: Node | None = self.body
        for key in path:
            node = node.get(key) if isinstance(node, Mapping) else None
        return node

    def key_span(self, key: str) -> Span | None:
        """Where a key of the service stands."""
        entry = self.body.entry(key)
        return entry.key.span if entry else None

    @property
    def beginning(self) -> Span | None:
        """The empty span in front of its first key, where another could be written on a line of its own; None when the
        service is written in one line or takes all its keys from elsewhere.
        """
        first = next((entry for entry in self.body if not entry.merged and entry.span.source is self.span.source), None)
        if first is None:
            return None
        at, source = first.key.span, first.key.span.source
        return source.span(at.start, at.start) if not source.line(at.line)[: at.column - 1].strip() else None

    @property
    def image(self) -> Setting | None:
        """`image:`."""
        return self.setting("image")

    @property
    def build(self) -> Build | None:
        """`build:` in either syntax."""
        node = self.node("build")
        if isinstance(node, Mapping):
            return Build(
                self.setting("build", "context"),
                self.setting("build", "dockerfile"),
                self.setting("build", "target"),
                self.setting("build", "dockerfile_inline"),
                variables(node.get("args"), self.lookup),
                node.place,
            )
        context = setting(node, self.lookup)
        return Build(context, None, None, None, (), context.span) if context is not None else None

    @property
    def command(self) -> CommandSetting | None:
        """`command:`; None when absent or null: the image's own."""
        return self._command("command")

    @property
    def entrypoint(self) -> CommandSetting | None:
        """`entrypoint:`; None when absent or null: the image's own. One that is given drops the image's CMD too."""
        return self._command("entrypoint")

    def _command(self, key: str) -> CommandSetting | None:
        if key not in self._commands:
            entry = self.body.entry(key)
            self._commands[key] = _command(entry, self.lookup, self._split) if entry else None
        return self._commands[key]

    @property
    def environment(self) -> tuple[Variable, ...]:
        """`environment:` in either syntax."""
        return variables(self.node("environment"), self.lookup)

    def variable(self, name: str) -> Variable | None:
        """The variable of that name in `environment:`."""
        return next((found for found in self.environment if found.name == name), None)

    @property
    def labels(self) -> tuple[Variable, ...]:
        """`labels:` in either syntax."""
        return variables(self.node("labels"), self.lookup)

    @property
    def env_files(self) -> tuple[EnvFile, ...]:
        """`env_file:` in every syntax; a later file wins over an earlier one, `environment:` over both."""
        node = self.node("env_file")
        found: list[EnvFile] = []
        for item in node.items if isinstance(node, Sequence) else (node,):
            if isinstance(item, Mapping):
                path = setting(item.get("path"), self.lookup)
                if path is not None:
                    found.append(EnvFile(path, _flag(item, "required", self.lookup, absent=True), item.place))
            else:
                path = setting(item, self.lookup)
                if path is not None:
                    found.append(EnvFile(path, True, path.span))
        return tuple(found)

    @property
    def ports(self) -> tuple[Port, ...]:
        """`ports:` in either syntax."""
        return tuple(made for made in (port(item, self.lookup) for item in _items(self.node("ports"))) if made)

    @property
    def expose(self) -> tuple[Setting, ...]:
        """`expose:`."""
        return settings(self.node("expose"), self.lookup)

    @property
    def volumes(self) -> tuple[Mount, ...]:
        """`volumes:` in either syntax."""
        return tuple(made for made in (mount(item, self.lookup) for item in _items(self.node("volumes"))) if made)

    @property
    def tmpfs(self) -> tuple[Setting, ...]:
        """`tmpfs:`, each `path[:options]`."""
        return settings(self.node("tmpfs"), self.lookup)

    @property
    def depends_on(self) -> tuple[Dependency, ...]:
        """`depends_on:` in either syntax."""
        node = self.node("depends_on")
        if isinstance(node, Mapping):
            return tuple(_dependency(entry, self.lookup) for entry in node)
        return tuple(
            Dependency(made.value, "service_started", True, None, made.span, None)
            for made in settings(node, self.lookup)
            if made.value is not None
        )

    @property
    def restart(self) -> Setting | None:
        """`restart:`."""
        return self.setting("restart")

    @property
    def restart_policy(self) -> Mapping | None:
        """`deploy.restart_policy`."""
        node = self.node("deploy", "restart_policy")
        return node if isinstance(node, Mapping) else None

    @property
    def replicas(self) -> Setting | None:
        """`scale:`, or else `deploy.replicas`."""
        return self.setting("scale") or self.setting("deploy", "replicas")

    @property
    def healthcheck(self) -> Healthcheck | None:
        """`healthcheck:`."""
        entry = self.body.entry("healthcheck")
        return (
            _healthcheck(entry.key.span, entry.value, self.lookup)
            if entry and isinstance(entry.value, Mapping)
            else None
        )

    @property
    def profiles(self) -> tuple[Setting, ...]:
        """`profiles:`; a service with none always starts."""
        return settings(self.node("profiles"), self.lookup)

    @property
    def user(self) -> Setting | None:
        """`user:`."""
        return self.setting("user")

    @property
    def network_mode(self) -> Setting | None:
        """`network_mode:`."""
        return self.setting("network_mode")

    @property
    def networks(self) -> tuple[Network, ...]:
        """`networks:` in either syntax."""
        node = self.node("networks")
        if isinstance(node, Mapping):
            return tuple(
                Network(
                    entry.key.text,
                    settings(entry.value.get("aliases"), self.lookup) if isinstance(entry.value, Mapping) else (),
                    entry.key.span,
                )
                for entry in node
            )
        return tuple(
            Network(made.value, (), made.span) for made in settings(node, self.lookup) if made.value is not None
        )

    @property
    def init(self) -> bool | None:
        """`init:`; False when absent, None when it cannot be told."""
        return _flag(self.body, "init", self.lookup, absent=False)

    @property
    def extends(self) -> Extends | None:
        """`extends:` in either syntax."""
        node = self.node("extends")
        inner = setting(node.get("service"), self.lookup) if isinstance(node, Mapping) else setting(node, self.lookup)
        if node is None or inner is None:
            return None
        return Extends(inner, setting(node.get("file"), self.lookup) if isinstance(node, Mapping) else None, node.place)

    @property
    def watch(self) -> tuple[Watch, ...]:
        """`develop.watch`."""
        return tuple(
            Watch(
                setting(item.get("path"), self.lookup),
                _value(item.get("action"), self.lookup),
                setting(item.get("target"), self.lookup),
                item.place,
            )
            for item in _items(self.node("develop", "watch"))
            if isinstance(item, Mapping)
        )

    @property
    def secrets(self) -> tuple[Grant, ...]:
        """`secrets:` in either syntax."""
        return _grants(self.node("secrets"), self.lookup)

    @property
    def configs(self) -> tuple[Grant, ...]:
        """`configs:` in either syntax."""
        return _grants(self.node("configs"), self.lookup)


def _items(node: Node | None) -> tuple[Node, ...]:
    return node.items if isinstance(node, Sequence) else ()


def _value(node: Node | None, lookup: Lookup) -> str | None:
    made = setting(node, lookup)
    return made.value if made else None


def _flag(body: Mapping, key: str, lookup: Lookup, *, absent: bool) -> bool | None:
    made = setting(body.get(key), lookup)
    return made.flag if made else absent


def _command(entry: Entry, lookup: Lookup, split: Splitter | None) -> CommandSetting | None:
    node = entry.value
    if isinstance(node, Sequence):
        scalars = [item for item in node if isinstance(item, Scalar)]
        found = [(item, setting(item, lookup)) for item in scalars]
        arguments = tuple(Argument(made.value if made else None, item.span.text, item.span) for item, made in found)
        default = tuple(Argument(made.default if made else None, item.span.text, item.span) for item, made in found)
        certain = all(argument.value is not None for argument in arguments)
        arguments = _with_scripts(arguments, [render(item.text, lookup).text for item in scalars])
        return CommandSetting(arguments, default, certain, False, None, None, node.place, entry.key.span)
    if not isinstance(node, Scalar) or node.value is None:
        return None
    text = node.text if isinstance(node.value, str) else go_text(node.value)
    rendered = render(text, lookup)
    arguments_, dropped, problem = _words(node, rendered, split)
    default_ = arguments_
    if not rendered.certain:
        # what it would be with nothing set; None where Compose would stop (`${X:?}`)
        plain = render(text, or_unset(lookup))
        default_ = _words(node, plain, split)[0] if plain.certain else None
    span, key_span = node.place, entry.key.span
    return CommandSetting(arguments_, default_, rendered.certain, True, problem, node, span, key_span, dropped)


def _words(
    node: Scalar, rendered: Rendered, split: Splitter | None
) -> tuple[tuple[Argument, ...] | None, Span | None, Problem | None]:
    if split is None:
        return None, None, None
    words, dropped, problem = split(rendered.text, lambda start, end: node.locate(*rendered.origin(start, end)))
    if problem is not None:
        return None, dropped, problem
    arguments = tuple(
        Argument(None if word.value is None or PLACEHOLDER in word.value else word.value, word.span.text, word.span)
        for word in words
    )
    return _with_scripts(arguments, [word.value for word in words]), dropped, None


def _with_scripts(arguments: tuple[Argument, ...], rendered: list[str | None]) -> tuple[Argument, ...]:
    """The arguments with the script of `sh -c` in its place also when a variable in it cannot be told."""
    for at in range(2, len(arguments)):
        text, option, shell = rendered[at], arguments[at - 1].value, arguments[at - 2].value
        if arguments[at].value is not None or not (text and option and shell):
            continue
        if option[0] == "-" and option[-1] == "c" and shell.rpartition("/")[2] in SHELLS:
            script = arguments[at]._replace(value=text.replace(PLACEHOLDER, "${_}"))
            return (*arguments[:at], script, *arguments[at + 1 :])
    return arguments


def port(node: Node, lookup: Lookup = unknown) -> Port | None:
    """One entry of `ports:`, in either syntax; None when it is neither a scalar nor a mapping."""
    if isinstance(node, Mapping):
        protocol = setting(node.get("protocol"), lookup)
        return Port(
            setting(node.get("host_ip"), lookup),
            setting(node.get("published"), lookup),
            setting(node.get("target"), lookup),
            protocol.value if protocol else "tcp",
            node.place,
        )
    parts = _parts(node, lookup, _port_parts)
    if parts is None:
        return None
    protocol = parts.get("protocol")
    return Port(
        parts.get("host_ip"),
        parts.get("published"),
        parts.get("target"),
        (protocol.value.lower() if protocol.value is not None else None) if protocol else "tcp",
        node.place,
    )


def _port_parts(text: str) -> dict[str, tuple[int, int]]:
    """`[[ip:]published:]target[/protocol]`: where each part stands. Ports and ranges are taken as they are."""
    end = len(text)
    found: dict[str, tuple[int, int]] = {}
    slash = text.find("/")
    if slash >= 0:
        found["protocol"] = (slash + 1, end)
        end = slash
    colon = text.rfind(":", 0, end)
    found["target"] = (colon + 1, end)
    if colon >= 0:
        second = text.rfind(":", 0, colon)
        if second + 1 < colon:
            found["published"] = (second + 1, colon)
        if second >= 0:
            found["host_ip"] = (0, second)
    return found


def mount(node: Node, lookup: Lookup = unknown) -> Mount | None:
    """One entry of `volumes:`, in either syntax; None when it is neither a scalar nor a mapping."""
    if isinstance(node, Mapping):
        kind = setting(node.get("type"), lookup)
        return Mount(
            kind.value if kind else None,
            kind.default if kind else None,
            setting(node.get("source"), lookup),
            setting(node.get("target"), lookup),
            _flag(node, "read_only", lookup, absent=False),
            node.place,
        )
    parts = _parts(node, lookup, _mount_parts)
    if parts is None:
        return None
    source, options = parts.get("source"), parts.get("options")
    read_only: bool | None = False
    if options is not None:
        read_only = None if options.value is None else "ro" in options.value.split(",")
    return Mount(
        _mount_type(source.text if source.value is None and not source.text.startswith("$") else source.value)
        if source
        else "volume",  # the beginning of a source decides, so `./${DIR}` is certain
        _mount_type(source.default) if source else "volume",
        source,
        parts.get("target"),
        read_only,
        node.place,
    )


def _mount_type(source: str | None) -> str | None:
    if source is None:
        return None
    path = source.startswith((".", "/", "~", "\\\\")) or re.match(r"[^\W\d_]:", source)
    return "bind" if path else "volume"


def _mount_parts(text: str) -> dict[str, tuple[int, int]]:
    """`[source:]target[:options]`: where each part stands; a drive letter's colon does not part."""
    bounds: list[tuple[int, int]] = []
    start = 0
    for at, char in enumerate(text):
        if char == ":" and not (at == start + 1 and text[start].isalpha()):
            bounds.append((start, at))
            start = at + 1
    bounds.append((start, len(text)))
    if len(bounds) == 1 or len(text) <= 2:
        return {"target": (0, len(text))}
    return dict(zip(("source", "target", "options"), bounds, strict=False))


def _parts(node: Node, lookup: Lookup, parse: Callable[[str], dict[str, tuple[int, int]]]) -> dict[str, Setting] | None:
    """The parts of a short syntax, parsed after interpolation as Compose does, each with its place as written."""
    if not isinstance(node, Scalar) or node.value is None:
        return None
    text = node.text if isinstance(node.value, str) else go_text(node.value)
    rendered = render(text, lookup)
    default = rendered if rendered.certain else render(text, or_unset(lookup))
    parsed = parse(rendered.text)
    by_default = parse(default.text) if default.certain else {}
    found: dict[str, Setting] = {}
    for name in (*parsed, *(name for name in by_default if name not in parsed)):
        start, end = parsed.get(name, (0, len(rendered.text)))
        value = rendered.text[start:end]
        raw_start, raw_end = rendered.origin(start, end)
        found[name] = Setting(
            None if name not in parsed or PLACEHOLDER in value else value,
            default.text[slice(*by_default[name])] if name in by_default else None,
            text[raw_start:raw_end],
            node.locate(raw_start, raw_end),
        )
    return found


def _dependency(entry: Entry, lookup: Lookup) -> Dependency:
    body = entry.value
    if not isinstance(body, Mapping):
        return Dependency(entry.key.text, None, None, None, entry.key.span, None)
    condition = setting(body.get("condition"), lookup)
    return Dependency(
        entry.key.text,
        condition.value if condition else "service_started",
        _flag(body, "required", lookup, absent=True),
        _flag(body, "restart", lookup, absent=False),
        entry.key.span,
        condition.span if condition else None,
    )


def _healthcheck(key: Span, body: Mapping, lookup: Lookup) -> Healthcheck:
    test = body.get("test")
    form: str | None = None
    arguments: tuple[Argument, ...] = ()
    script: Scalar | None = None
    if isinstance(test, Scalar) and test.value is not None:
        form, script = "CMD-SHELL", test
    elif isinstance(test, Sequence) and test.items:
        words = [(item, setting(item, lookup)) for item in test if isinstance(item, Scalar)]
        first = words[0][1].value if words and words[0][1] else None
        form = first if first in ("CMD", "CMD-SHELL", "NONE") else None
        arguments = tuple(Argument(made.value if made else None, item.span.text, item.span) for item, made in words[1:])
        if form == "CMD-SHELL" and len(words) > 1:
            script = words[1][0]
    return Healthcheck(
        form,
        arguments,
        setting(script, lookup),
        script,
        test,
        _flag(body, "disable", lookup, absent=False),
        setting(body.get("interval"), lookup),
        setting(body.get("timeout"), lookup),
        setting(body.get("retries"), lookup),
        setting(body.get("start_period"), lookup),
        setting(body.get("start_interval"), lookup),
        key,
    )


def _grants(node: Node | None, lookup: Lookup) -> tuple[Grant, ...]:
    found: list[Grant] = []
    for item in _items(node):
        inner = item.get("source") if isinstance(item, Mapping) else item
        source = setting(inner, lookup)
        if source is not None:
            target = setting(item.get("target"), lookup) if isinstance(item, Mapping) else None
            found.append(Grant(source, target, item.place))
    return tuple(found)


class ComposeFile:
    """One parsed compose file, or several merged into one model.

    `root` is what Compose makes of the documents: the later ones laid over the first, `!reset` applied. `source` is
    that of the first file; every node knows its own. `lookup` says what is known of the variables.
    """

    __slots__ = (
        "documents",
        "files",
        "foreign",
        "incomplete",
        "legacy",
        "lookup",
        "problems",
        "root",
        "services",
        "source",
        "template",
    )

    def __init__(self, source: Source) -> None:
        self.source = source
        self.files: tuple[ComposeFile, ...] = (self,)  # what it was merged from, those of `include` and `extends` too
        self.lookup: Lookup = unknown
        self.root: Mapping | None = None
        self.documents: tuple[Node, ...] = ()
        self.services: dict[str, Service] = {}
        self.problems: tuple[Problem, ...] = ()
        self.incomplete = False  # an included or extended file could not be read: nothing can be said to be missing
        self.template: Span | None = None  # the first Jinja marker, when it is a template
        self.legacy: Span | None = None  # the first service, when it is of the format before `services:` (Compose 1.5)
        self.foreign = False  # it is YAML of something else: Kubernetes, a workflow, Ansible, a chart's values

    def __repr__(self) -> str:
        return f"ComposeFile({self.source.path!r}, {list(self.services)})"

    @property
    def span(self) -> Span:
        """The beginning of the file."""
        return Span(self.source, 0, 0)

    def declared(self, kind: str) -> dict[str, Entry]:
        """What `volumes:`, `networks:`, `secrets:`, `configs:` or `models:` at the top declare, by name."""
        node = self.root.get(kind) if self.root is not None else None
        found: dict[str, Entry] = {}
        for entry in node.entries if isinstance(node, Mapping) else ():
            found.setdefault(entry.key.text, entry)
        return found

    @property
    def includes(self) -> tuple[Include, ...]:
        """`include:` of every document, in order."""
        found: list[Include] = []
        for document in self.documents:
            for item in _items(document.get("include") if isinstance(document, Mapping) else None):
                if isinstance(item, Mapping):
                    paths, directory = settings(item.get("path"), self.lookup), item.get("project_directory")
                    files = settings(item.get("env_file"), self.lookup)
                    found.append(Include(paths, setting(directory, self.lookup), files, item.place))
                else:
                    found.append(Include(settings(item, self.lookup), None, (), item.place))
        return tuple(found)


DEFAULT_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
OVERRIDE_NAMES = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)


def default_files(names: Iterable[str]) -> tuple[str, ...]:
    """Of the names in a folder, those that a plain `docker compose up` there reads: a file and its override, in order.

    Compose takes the first name of each list that exists, whether or not they match each other.
    """
    present = frozenset(names)
    main = next((name for name in DEFAULT_NAMES if name in present), None)
    if main is None:
        return ()
    override = next((name for name in OVERRIDE_NAMES if name in present), None)
    return (main,) if override is None else (main, override)
