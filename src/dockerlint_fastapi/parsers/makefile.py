"""The plain part of a Makefile: rules with their recipes, variables, what is included.

Conditions, `define`, other prefixes of recipes and whatever else changes how lines are read make the whole untold (GNU
make, "Writing Makefiles"); pattern rules are passed over.
"""

from __future__ import annotations

import re

from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

_ASSIGNMENT: Final = r"[ ]*(?:export[ \t]+)?([A-Za-z_.][\w.-]*)[ \t]*(\?=|:{0,3}=|\+=|!=)[ \t]*(.*)"
_RULE: Final = r"([^:=#\t]+)(::?)(?!=)(.*)"
_CHANGING: Final = r"[ ]*(?:if|ifn?(?:eq|def)|else|endif|define|endef|override|undefine|vpath|private|load|-load)\b"
_UNTOLD: Final = frozenset((".RECIPEPREFIX", ".SHELLFLAGS", "MAKEFLAGS", "GNUMAKEFLAGS"))
_MOST: Final = 50_000  # characters


class Recipe(NamedTuple):
    """A rule for one target; `lines` are the stretches of the text that its commands are."""

    prerequisites: tuple[str, ...]
    lines: tuple[tuple[int, int], ...]


class Makefile(NamedTuple):
    """A Makefile as far as it is plain. A rule or a variable that cannot be told is None; `weak` variables are set by
    `?=`, where the environment has none of the name.
    """

    rules: dict[str, Recipe | None]
    variables: dict[str, str | None]
    weak: frozenset[str]
    phony: frozenset[str]
    exports: bool
    includes: tuple[tuple[str, bool], ...]  # each with whether it may be missing
    goal: str | None


def read_makefile(text: str) -> Makefile | None:
    """None for a Makefile that is not plain."""
    reader = _Reader()
    if len(text) > _MOST:
        return None
    for start, end in _lines(text):
        if not reader.read(text, start, end):
            return None
    return reader.made()


class _Reader:
    def __init__(self) -> None:
        self.prerequisites: dict[str, list[str]] = {}
        self.commands: dict[str, list[tuple[int, int]]] = {}
        self.untold: set[str] = set()
        self.variables: dict[str, str | None] = {}
        self.weak: set[str] = set()
        self.phony: set[str] = set()
        self.includes: list[tuple[str, bool]] = []
        self.exports = False
        self.goal: str | None = None
        self.current: tuple[str, ...] | None = None  # the targets of the rule whose recipe may follow
        self.fresh: set[str] = set()  # those of them that have no command of this rule yet

    def made(self) -> Makefile:
        rules = {
            name: None if name in self.untold else Recipe(tuple(before), tuple(self.commands.get(name, ())))
            for name, before in self.prerequisites.items()
        }
        return Makefile(
            rules,
            self.variables,
            frozenset(self.weak),
            frozenset(self.phony),
            self.exports,
            tuple(self.includes),
            self.goal,
        )

    def read(self, text: str, start: int, end: int) -> bool:
        """Takes one logical line; False when that changes how others are read."""
        line = text[start:end]
        if line.startswith("\t") and self.current is not None:
            self._command(start + 1, end)
            return True
        plain = re.sub(r"\\\r?\n[ \t]*", " ", line).strip("\r")
        bare = plain.strip()
        if not bare or bare.startswith("#"):
            return True
        if re.match(_CHANGING, plain) or plain.startswith("\t"):
            return False
        self.current = None
        included = re.match(r"[ ]*([-s]?)include[ \t]+(.+)", plain)
        if included is not None:
            self.includes += [(name, bool(included[1])) for name in _uncommented(included[2]).split()]
            return True
        if re.match(r"[ ]*(?:un)?export\b(?![ \t]*[:?+!]?=)", plain):
            self.exports = True
            if "=" not in plain:
                return True
        assigned = re.match(_ASSIGNMENT, plain)
        if assigned is not None:
            return self._assign(assigned[1], assigned[2], _uncommented(assigned[3]).rstrip())
        rule = re.match(_RULE, plain)
        if rule is None or not rule[1].strip():
            return False
        return self._rule(rule[1].split(), rule[2], _uncommented(rule[3]))

    def _assign(self, name: str, operator: str, value: str) -> bool:
        if name in _UNTOLD:
            return "j" not in value and name.endswith("MAKEFLAGS")
        if name == ".DEFAULT_GOAL":
            self.goal = value
            return True
        if operator == "?=":
            if name not in self.variables:
                self.weak.add(name)
                self.variables[name] = value
            return True
        self.weak.discard(name)
        self.variables[name] = value if operator not in ("+=", "!=") else None
        return True

    def _rule(self, targets: list[str], colons: str, behind: str) -> bool:
        if targets[0] == ".PHONY":
            self.phony.update(behind.split())
        if targets[0] == ".EXPORT_ALL_VARIABLES":
            self.exports = True
        if targets[0] in (".ONESHELL", ".POSIX", ".DEFAULT", ".SECONDEXPANSION"):
            return False
        self.current = tuple(one for one in targets if "$" not in one and "%" not in one)
        self.fresh = set(self.current)
        if self.goal is None and self.current and not self.current[0].startswith("."):
            self.goal = self.current[0]
        odd = colons == "::" or "$" in behind or ";" in behind or "=" in behind or ":" in behind
        for name in self.current:
            self.prerequisites.setdefault(name, []).extend(one for one in behind.split() if one != "|")
            if odd:
                self.untold.add(name)
        return True

    def _command(self, start: int, end: int) -> None:
        for name in self.current or ():
            if name in self.fresh and name in self.commands:
                self.untold.add(name)  # a second recipe
            self.fresh.discard(name)
            self.commands.setdefault(name, []).append((start, end))


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """Where each line stands, with those that a backslash joins to it."""
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        while end > 0 and _goes_on(text, end):
            end = text.find("\n", end + 1)
        end = len(text) if end < 0 else end
        yield at, end
        at = end + 1


def _goes_on(text: str, end: int) -> bool:
    """Whether a line that ends there does with a backslash that nothing escapes."""
    last = end - (text[end - 1] == "\r")
    at = last
    while at > 0 and text[at - 1] == "\\":
        at -= 1
    return (last - at) % 2 == 1


def _uncommented(text: str) -> str:
    return re.sub(r"(?:^|[ \t])#.*|(?<!\\)#.*", "", text)
