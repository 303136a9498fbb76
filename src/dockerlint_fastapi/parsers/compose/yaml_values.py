"""The values that go-yaml gives to plain scalars."""

from __future__ import annotations

import math

from dockerlint_fastapi.pattern import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import Literal

_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_WORDS: dict[str, Literal] = {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
    ".nan": math.nan,
    ".NaN": math.nan,
    ".NAN": math.nan,
    ".inf": math.inf,
    ".Inf": math.inf,
    ".INF": math.inf,
    "+.inf": math.inf,
    "+.Inf": math.inf,
    "+.INF": math.inf,
    "-.inf": -math.inf,
    "-.Inf": -math.inf,
    "-.INF": -math.inf,
    "-0": -0.0,
    "-0.0": -0.0,
}
_INTEGER = pattern(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))\Z")
_FLOAT = pattern(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")


def resolve_plain(text: str) -> Literal:
    """The value that go-yaml v3 and later give to a plain scalar.

    It is YAML 1.2 with remains of 1.1: `0777` is octal, `0b1` binary, `1_000` a number; `yes`, `on` and `22:22` are
    strings. A timestamp stays a string here.
    """
    if text in _NULLS:
        return None
    if text[0] not in "+-.0123456789tTfF":
        return text
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in "tTfF":
        return text
    if text[0] == ".":
        return _decimal(text, text) if _FLOAT.match(text) else text
    digits = text.replace("_", "")
    match = _INTEGER.match(digits) if len(digits) < 80 else None
    if match:
        sign, hexadecimal, binary, octal, decimal = match.groups()
        number = (
            int(hexadecimal, 16)
            if hexadecimal
            else int(binary, 2)
            if binary
            else int(octal, 8)
            if octal
            else int(decimal)
        )
        number = -number if sign == "-" else number
        if -(2**63) <= number < 2**63 or (not sign and number < 2**64):
            return number
    return _decimal(digits, text) if _FLOAT.match(digits) else text


def _decimal(digits: str, text: str) -> Literal:
    number = float(digits)
    return text if math.isinf(number) else number
