"""Entries of `ports:` that are written without quotes, and what YAML 1.1 makes of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.model.compose.nodes import Scalar, items_of
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import Service

# YAML 1.1, tag:yaml.org,2002:int, base 60
_SEXAGESIMAL = r"[1-9][0-9]{0,5}(?::[0-5]?[0-9])+"


class UnquotedPort(NamedTuple):
    """One mapping of ports without quotes. `number` is what YAML 1.1 reads instead of the text; None for a text."""

    scalar: Scalar
    number: int | None

    @property
    def quoted(self) -> str:
        """The same with quotes."""
        return f'"{self.scalar.text}"'


def unquoted_ports(service: Service) -> Iterator[UnquotedPort]:
    """The mappings without quotes in a service's `ports:`. A single port is a number to everybody, and what holds a
    variable is a text.
    """
    for item in items_of(service.node("ports")):
        if isinstance(item, Scalar) and item.plain and item.tag is None and ":" in item.text and "$" not in item.text:
            number: int | None = None
            if re.fullmatch(_SEXAGESIMAL, item.text, re.ASCII):
                number = 0
                for digits in item.text.split(":"):
                    number = number * 60 + int(digits)
            yield UnquotedPort(item, number)
