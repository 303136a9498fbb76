"""Whether a test of the shell holds: `[ … ]`, `test …`, `[[ … ]]`. None when that cannot be told."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase

from dockerlint_fastapi.parsers.shell.expansion import Exists, Lookup, pattern_of, value_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


_NUMBERS: Final[dict[str, Callable[[int, int], bool]]] = {
    "-eq": lambda a, b: a == b,
    "-ne": lambda a, b: a != b,
    "-gt": lambda a, b: a > b,
    "-ge": lambda a, b: a >= b,
    "-lt": lambda a, b: a < b,
    "-le": lambda a, b: a <= b,
}
_WORD: Final = r"""(?:[^\s"'\\$]|\\.|"(?:[^"\\]|\\.)*"|'[^']*'|\$\{[^}]*\}|\$)+"""
# The same where parentheses group; an expression (`=~`), a pattern (`@(a|b)`) and a substitution have others.
_OUTSIDE: Final = _WORD.replace(r"'\\$]|", r"'\\$()]|", 1)
_NO_GROUPS: Final = r"=~|[@?*+!=<>]\("
_QUOTED: Final = r"\"(?:[^\"\\]|\\.)*\"|'[^']*'"
_MOST_WORDS: Final = 60


def holds(words: Sequence[str], lookup: Lookup, exists: Exists) -> bool | None:
    """Whether `test` holds for these words, as written, without the brackets."""
    if words and words[0] == "!" and len(words) > 1:
        inner = holds(words[1:], lookup, exists)
        return None if inner is None else not inner
    for operator in ("-o", "-a"):
        if operator in words[1:-1]:
            at = words.index(operator, 1)
            return _both(operator == "-a", holds(words[:at], lookup, exists), holds(words[at + 1 :], lookup, exists))
    return _simple(words, lookup, exists, patterns=False)


def holds_in_brackets(text: str, lookup: Lookup, exists: Exists) -> bool | None:
    """Whether what stands within `[[ … ]]` holds."""
    grouped = "(" in text
    if grouped and ("$(" in text or "`" in text or re.search(_NO_GROUPS, re.sub(_QUOTED, "", text))):
        return None
    words = re.findall(rf"&&|\|\||[()]|{_OUTSIDE}" if grouped else rf"&&|\|\||{_WORD}", text)
    return _any_of(words, lookup, exists) if len(words) < _MOST_WORDS else None


def _any_of(words: Sequence[str], lookup: Lookup, exists: Exists) -> bool | None:
    grouped = "(" in words
    outside = _outside(words) if grouped else words
    for operator in ("||", "&&"):
        if operator in outside:
            at = outside.index(operator)
            first = _any_of(words[:at], lookup, exists)
            return _both(operator == "&&", first, _any_of(words[at + 1 :], lookup, exists))
    if words and words[0] == "!":
        inner = _any_of(words[1:], lookup, exists)
        return None if inner is None else not inner
    if grouped:
        inside = words[0] == "(" and words[-1] == ")" and not any(outside)
        return _any_of(words[1:-1], lookup, exists) if inside else None
    return _simple(words, lookup, exists, patterns=True)


def _outside(words: Sequence[str]) -> list[str]:
    """The words that stand in no parentheses; empty ones in the place of all others."""
    found: list[str] = []
    depth = 0
    for word in words:
        depth += word == "("
        found.append("" if depth else word)
        depth -= word == ")"
    return found


def _both(conjunction: bool, first: bool | None, second: bool | None) -> bool | None:  # noqa: FBT001 - of a pair
    """Two answers joined by "and", or by "or"."""
    decisive = not conjunction
    if first is decisive or second is decisive:
        return decisive
    return None if first is None or second is None else conjunction


def _simple(words: Sequence[str], lookup: Lookup, exists: Exists, *, patterns: bool) -> bool | None:
    if len(words) == 1:
        value = value_of(words[0], lookup)
        return None if value is None else value != ""
    if len(words) == 2:
        value = value_of(words[1], lookup)
        if value is None:
            return None
        if words[0] in ("-z", "-n"):
            return (value == "") is (words[0] == "-z")
        return exists(words[0], value) if words[0] in ("-f", "-e", "-s", "-r", "-x", "-d") else None
    if len(words) != 3:
        return None
    left, operator, right = value_of(words[0], lookup), words[1], value_of(words[2], lookup)
    if left is None or right is None:
        return None
    if operator in ("=", "==", "!="):
        if patterns:
            pattern = pattern_of(words[2], lookup)
            equal = None if pattern is None else fnmatchcase(left, pattern)
        else:
            equal = left == right
        return None if equal is None else equal is (operator != "!=")
    if operator == "=~" and patterns:
        # An expression without groups, classes and counts means the same to Python.
        plain = re.fullmatch(r"\^?[A-Za-z0-9_. /:*-]*\$?", words[2]) is not None and "**" not in words[2]
        return re.search(words[2], left) is not None if plain and not words[2].lstrip("^").startswith("*") else None
    compare = _NUMBERS.get(operator)
    if compare is None or not all(re.fullmatch(r"-?[0-9]{1,15}", one, re.ASCII) for one in (left, right)):
        return None
    return compare(int(left), int(right))
