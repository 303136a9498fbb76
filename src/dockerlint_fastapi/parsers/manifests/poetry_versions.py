"""Poetry's own ways of writing versions (`^1.2`, `~1.2`, `1.2`) as PEP 440 specifiers."""

from __future__ import annotations

import re

_NUMBERS = r"v?(\d+(?:\.\d+)*)(.*)\Z"


def specifier_of(constraint: str) -> str | None:
    """The PEP 440 specifier of a constraint; "" for any version; None when it cannot be put so (alternatives, `||`)."""
    text = constraint.strip()
    if text in ("", "*"):
        return ""
    if "|" in text or " or " in text:
        return None
    parts: list[str] = []
    # blanks join constraints just as commas do, but for those behind an operator
    for one in re.split(r"\s*,\s*|(?<=[0-9*])\s+(?=[\^~<>=!0-9])", text):
        part = _one(one.strip())
        if part is None:
            return None
        if part:
            parts.append(part)
    return ",".join(parts)


def _one(text: str) -> str | None:
    if text in ("", "*"):
        return ""
    operator = re.match(r"(\^|~=|~|>=|<=|!=|==|=|>|<)?\s*", text)
    sign, rest = (operator[1] or "", text[operator.end() :]) if operator else ("", text)
    if sign in (">=", "<=", "!=", ">", "<", "~="):
        return f"{sign}{rest}" if re.match(_NUMBERS, rest) else None
    if sign in ("", "=", "=="):
        return f"=={rest}" if re.match(_NUMBERS, rest) else None
    found = re.match(_NUMBERS, rest)
    if found is None or "*" in found[2] or any(len(one) > 9 for one in found[1].split(".")):
        return None
    numbers = [int(one) for one in found[1].split(".")]
    if sign == "~":
        upper = [numbers[0], numbers[1] + 1] if len(numbers) > 1 else [numbers[0] + 1]
    else:
        # the first number that is not zero may not change
        place = next((at for at, number in enumerate(numbers) if number), len(numbers) - 1)
        upper = [*numbers[:place], numbers[place] + 1]
    return f">={rest},<{'.'.join(map(str, upper))}"
