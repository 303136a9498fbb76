"""`ports:` of a service: what of the host leads to which port of the container."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.compose.nodes import Mapping, Node, items_of
from dockerlint_fastapi.model.compose.settings import Setting, setting, short_syntax
from dockerlint_fastapi.model.environment.interpolation import Lookup, unknown
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

# Variables from brace to brace, with what stands between them, and no colon but that of `:-`.
_WHOLE = r"(?:[^${}]|\$\w+|\$\{\w+(?::?[-?+][^{}:]*)?\})*"


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
    def shown(self) -> str | None:
        """The published port as a message may tell it: as written, but for a variable that holds its colon as well
        (`${DB_PORT-5432:}5432`), by what that is where nothing is set. None for a random port.
        """
        one = self.published
        if one is None or "$" not in one.text or re.fullmatch(_WHOLE, one.text):
            return one.text if one is not None else None
        return one.value or one.default or one.text

    @property
    def public(self) -> bool | None:
        """Whether it is open on every interface of the host."""
        if self.host_ip is None:
            first = self.published or self.target
            # a variable without default may hold `address:port` as well as a port
            if first is None or first.value is not None or first.default:
                return True
            return True if _names_a_port(first.text) else None
        if self.host_ip.value is None:
            return None
        return self.host_ip.value.strip("[]") in ("", "0.0.0.0", "::")  # noqa: S104


def _names_a_port(text: str) -> bool:
    """Whether what is written is one variable whose name says that it holds no more than a port: `${POSTGRES_PORT}`,
    `${POSTGRES_PORT:?must be set}`.
    """
    return re.fullmatch(r"\$(?:\{\w*PORT(?::?\?[^{}]*)?\}|\w*PORT)", text, re.ASCII | re.IGNORECASE) is not None


def ports(node: Node | None, lookup: Lookup) -> tuple[Port, ...]:
    """`ports:` in either syntax."""
    return tuple(made for made in (port(item, lookup) for item in items_of(node)) if made)


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
    parts = short_syntax(node, lookup, _port_parts)
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
