"""Values of a compose file that other readers of YAML, or Compose itself, take for something else than is written.

YAML 1.1, which PyYAML and with it much of the Python world reads, has `yes`, `no`, `on` and `off` for booleans and
`12:30` for a number of base 60. Compose reads YAML 1.2, in which a number is still a number: of `3.10` the environment
gets `3.1`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dockerlint_fastapi.model.compose.nodes import Mapping, Scalar
from dockerlint_fastapi.model.compose.settings import go_text
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose.service import Service
    from dockerlint_fastapi.source import Span

_TRUTHS = {**dict.fromkeys(("yes", "on"), "true"), **dict.fromkeys(("no", "off"), "false")}
_SEXAGESIMAL = r"[-+]?[1-9][0-9_]{0,5}(?::[0-5]?[0-9])+"
# `1.0`, `1e-5`, `2.5e-3`: whoever reads a number has the same one; `3.10` may be a version, `12e4` a commit.
_SAME_NUMBER = r"[-+]?(?:[0-9]+\.0|[0-9]+e-[0-9]+|[0-9]+\.[0-9]+e[-+]?[0-9]+)"
_VERSION_WORDS = frozenset(("version", "ver", "tag", "release"))


class LooseValue(NamedTuple):
    """One value without quotes that is read in two ways.

    `others` is what YAML 1.1 makes of it (`false`, a number); "" where only Compose's own reading differs from what is
    written, which is `own` then.
    """

    scalar: Scalar
    key: str
    others: str
    own: str

    @property
    def span(self) -> Span:
        """The value."""
        return self.scalar.span

    @property
    def quoted(self) -> str:
        """The same with quotes."""
        return f'"{self.scalar.text}"'

    @property
    def another(self) -> bool:
        """Whether the value that Compose hands on is certainly not the one that was meant: a version that loses a
        digit, a number that turns out to be octal.
        """
        text = self.scalar.text
        octal = re.fullmatch(r"0[0-7]*[1-7][0-7]*", text, re.ASCII) is not None
        words = _VERSION_WORDS.intersection(re.split(r"[^a-z]+", self.key.lower()))
        return bool(self.own) and (octal or (bool(words) and re.fullmatch(r"[0-9]+\.[0-9]+", text) is not None))


def loose_values(services: Iterable[Service]) -> Iterator[LooseValue]:
    """The loose values of the services' `restart`, `environment`, `labels` and `build.args`, each place once."""
    told: set[Span] = set()
    for service in services:
        holders = [service.node("environment"), service.node("labels"), service.node("build", "args")]
        entries = [entry for holder in holders if isinstance(holder, Mapping) for entry in holder]
        restart = service.body.entry("restart")
        for entry in (*entries, *((restart,) if restart is not None else ())):
            node = entry.value
            if isinstance(node, Scalar) and node.span not in told:
                told.add(node.span)
                yield from _loose(entry.key.text, node)


def _loose(key: str, scalar: Scalar) -> Iterator[LooseValue]:
    text, value = scalar.text, scalar.value
    if not scalar.plain or scalar.tag is not None or value is None or "$" in text:
        return
    if isinstance(value, str):
        if text.lower() in _TRUTHS and text in (text.lower(), text.upper(), text.capitalize()):
            yield LooseValue(scalar, key, _TRUTHS[text.lower()], "")
        elif len(text) < 20 and re.fullmatch(_SEXAGESIMAL, text, re.ASCII):
            yield LooseValue(scalar, key, "a number", "")
    elif not isinstance(value, bool) and go_text(value) != text:
        loose = LooseValue(scalar, key, "", go_text(value))
        if loose.another or re.fullmatch(_SAME_NUMBER, text, re.ASCII) is None:
            yield loose
