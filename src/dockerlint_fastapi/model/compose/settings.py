"""Values of a compose file as Compose reads them: interpolated, and as text, number, boolean, duration or ports."""

from __future__ import annotations

import re
from collections.abc import Callable

from dockerlint_fastapi.model.compose.nodes import Mapping, Node, Scalar, Sequence
from dockerlint_fastapi.model.environment.interpolation import (
    PLACEHOLDER,
    Lookup,
    Reference,
    in_file,
    interpolate,
    or_unset,
    references,
    render,
    unknown,
)
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span


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
    def intended(self) -> str | None:
        """The value, or what it is by defaults when each of its variables has one (`${FOLDER:-.}`); else None."""
        if self.value is not None or not all(one.operator in (":-", "-") for one in self.references):
            return self.value
        return self.default

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
        if self.value is None or not re.fullmatch(_DURATION, self.value, re.ASCII):
            return None
        return sum(float(number) * _UNITS[unit] for number, unit in re.findall(_DURATION_PART, self.value, re.ASCII))


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
# patterns stay text: compiling them costs start-up time
_DURATION_PART = r"(\d{1,15}(?:\.\d{0,15})?)(ns|us|µs|ms|s|m|h|d|w)"
_DURATION = rf"(?:{_DURATION_PART})+"


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
    if "$" not in node.text:
        return Setting(node.text, node.text, node.text, node.span)
    lookup = in_file(lookup, node.span.source.path)
    return Setting(interpolate(node.text, lookup), interpolate(node.text, or_unset(lookup)), node.text, node.span)


def settings(node: Node | None, lookup: Lookup = unknown) -> tuple[Setting, ...]:
    """A list of scalars, or a single one, as settings."""
    nodes = node.items if isinstance(node, Sequence) else () if node is None else (node,)
    return tuple(made for made in (setting(item, lookup) for item in nodes) if made is not None)


def value_of(node: Node | None, lookup: Lookup) -> str | None:
    """The value of a setting alone; None also when it is absent."""
    made = setting(node, lookup)
    return made.value if made else None


def flag(body: Mapping, key: str, lookup: Lookup, *, absent: bool) -> bool | None:
    """A key with a boolean: None when it cannot be told, `absent` when it is not there."""
    made = setting(body.get(key), lookup)
    return made.flag if made else absent


def short_syntax(
    node: Node, lookup: Lookup, parse: Callable[[str], dict[str, tuple[int, int]]]
) -> dict[str, Setting] | None:
    """The parts of a short syntax, parsed after interpolation as Compose does, each with its place as written."""
    if not isinstance(node, Scalar) or node.value is None:
        return None
    text = node.text if isinstance(node.value, str) else go_text(node.value)
    lookup = in_file(lookup, node.span.source.path)
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
