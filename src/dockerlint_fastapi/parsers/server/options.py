"""A command line sorted into options and positional words by a server's option table.

The tables are those of data/servers: option names by kind (flag, switch, value, repeated, optional, ending).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from dockerlint_fastapi.model.command import UNKNOWN, Argument, Unknown, Value
from dockerlint_fastapi.parsers.command.places import locator
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Line:
    """One command line, sorted into options and positional words by an option table.

    click: a value may look like an option; long names are exact. argparse (`abbreviate`): a value may not begin
    with `-`; an unambiguous beginning of a long name stands for it.
    """

    __slots__ = (
        "_longs",
        "abbreviate",
        "certain",
        "ending",
        "given",
        "hidden",
        "positional",
        "unknown",
        "values",
        "words",
    )

    def __init__(self, table: Mapping[str, Any], arguments: Iterable[Argument], *, abbreviate: bool = False) -> None:
        self._longs: dict[str, tuple[str, str]] = made_of(table, "spellings", _longs)
        self.abbreviate = abbreviate
        # For each option by its long name every value in order, None for one that cannot be told.
        self.given: dict[str, list[Value | None]] = {}
        self.values: dict[str, list[Argument]] = {}  # for each of those the word, or part of one, that is the value
        self.words: dict[str, list[Argument]] = {}  # all words that an option is made of
        self.positional: list[Argument] = []
        self.certain = True  # the first positional word is no value of an unknown option
        self.unknown: list[Argument] = []  # words that look like options but are none
        self.hidden = False  # some word may hold further options; then only the last value of each counts
        self.ending = False  # --help, --version
        self._sort(list(arguments))

    @property
    def complete(self) -> bool:
        """Whether an option that is not given is certainly not given."""
        return not self.hidden and not self.unknown and all(value for values in self.given.values() for value in values)

    def last(self, name: str) -> Value | Unknown | None:
        """The value that counts for an option given once or more; None when it is certainly not given."""
        values = self.given.get(name)
        if values:
            return UNKNOWN if values[-1] is None else values[-1]
        return UNKNOWN if self.hidden or self.unknown else None

    def _sort(self, arguments: list[Argument]) -> None:
        at = 0
        while at < len(arguments):
            argument = arguments[at]
            value = argument.value
            at += 1
            if value is None:
                self._sort_unknown(argument)
            elif value == "--":
                self.positional.extend(arguments[at:])
                if any(_may_be_several(rest) for rest in arguments[at:]):
                    self.hidden = True
                return
            elif value.startswith("--"):
                at = self._long(arguments, at, argument, value)
            elif self._like_option(value):
                at = self._short(arguments, at, argument, value)
            else:
                self.positional.append(argument)

    def _like_option(self, value: str) -> bool:
        """Whether the parser takes a word for options. argparse leaves out negative numbers, and words with spaces
        that do not begin with an option.
        """
        if not value.startswith("-") or len(value) == 1:
            return False
        if not self.abbreviate:
            return True
        if value[1:].replace(".", "", 1).isdecimal():
            return False
        return " " not in value or self._lookup(value.partition("=")[0] if value[1] == "-" else value[:2]) is not None

    def _not_an_option(self, argument: Argument) -> None:
        self.unknown.append(argument)
        if not self.positional and "=" not in (argument.value or ""):
            self.certain = False

    def _long(self, arguments: list[Argument], at: int, argument: Argument, value: str) -> int:
        written, equals, text = value.partition("=")
        found = self._lookup(written)
        if found is None:
            self._not_an_option(argument)
            return at
        name, kind = found
        if kind in ("flag", "off", "ending"):
            if equals:
                self._not_an_option(argument)
            else:
                self._flag(name, kind, argument)
            return at
        if equals:
            start = len(written) + 1
            self._add(name, Value(text, locator(argument)(start, len(value)), "option"), argument)
            return at
        return self._value(arguments, at, argument, name, optional=kind == "optional")

    def _short(self, arguments: list[Argument], at: int, argument: Argument, value: str) -> int:
        """`-w4`, `-w 4`, `-w=4` (argparse), and flags in front of it as in `-Dw4`."""
        for place in range(1, len(value)):
            found = self._lookup("-" + value[place])
            if found is None:
                self._not_an_option(argument)
                return at
            name, kind = found
            if kind in ("flag", "off", "ending"):
                self._flag(name, kind, argument)
                continue
            start = place + 1
            if start == len(value):
                return self._value(arguments, at, argument, name, optional=kind == "optional")
            if self.abbreviate and place == 1 and value[start] == "=":
                start += 1
            self._add(name, Value(value[start:], locator(argument)(start, len(value)), "option"), argument)
            return at
        return at

    def _value(self, arguments: list[Argument], at: int, option: Argument, name: str, *, optional: bool) -> int:
        following = arguments[at] if at < len(arguments) else None
        if following is None or (
            self.abbreviate and following.value is not None and self._like_option(following.value)
        ):
            # Without its value the server stops with an error; an optional value (`--proxy-protocol`) may be left out.
            self._add(name, Value("", None, "option") if optional else None, option)
            return at
        if optional:
            # Only newer gunicorns take a value here: for the others it is the application.
            self._add(name, None, option)
            return at + 1
        self._add(name, value_of(following), option, following)
        return at + 1

    def _add(self, name: str, value: Value | None, *words: Argument) -> None:
        self.given.setdefault(name, []).append(value)
        self.values.setdefault(name, []).append(words[-1])
        self.words.setdefault(name, []).extend(words)

    def _flag(self, name: str, kind: str, argument: Argument) -> None:
        if kind == "ending":
            self.ending = True
        else:
            self._add(name, Value("false" if kind == "off" else "true", argument.span, "option"), argument)

    def _lookup(self, written: str) -> tuple[str, str] | None:
        """An option's long name and kind; None when there is no such option, or several begin like that."""
        found = self._longs.get(written)
        if found is None and self.abbreviate and len(written) > 2:
            names = {found for long, found in self._longs.items() if long.startswith(written)}
            if len(names) == 1:
                return names.pop()
        return found

    def _sort_unknown(self, argument: Argument) -> None:
        text = argument.text.lstrip("\"'")
        written, equals, _ = text.partition("=")
        if text.startswith("-"):
            # `--port=$PORT`, `-w$N`: which option is known, its value not
            found = self._lookup(written if text.startswith("--") else text[:2])
            if found is not None and found[1] in ("value", "repeated") and (equals or not text.startswith("--")):
                start = len(argument.text) - len(text) + (len(written) + 1 if text.startswith("--") else 2)
                span = argument.span
                if span.text == argument.text:
                    span = Span(span.source, span.start + start, span.end)
                self._add(found[0], None, argument)
                self.values[found[0]][-1] = Argument(None, argument.text[start:], span)
                return
        elif not text.startswith(("$", "`")) or _names_application(text):
            self.positional.append(argument)
            return
        # It may hold options that override all that came before, and any number of words.
        self.hidden = True
        self.positional.append(Argument(None, argument.text, argument.span))
        for values in self.given.values():
            values[-1] = None


def value_of(argument: Argument) -> Value | None:
    """An option's value from the word that is it; the span leaves quotes out where that is possible."""
    if argument.value is None:
        return None
    return Value(argument.value, locator(argument)(0, len(argument.value)), "option")


_MOST_TABLES = 64
_made: dict[tuple[int, str], tuple[Mapping[str, Any], Any]] = {}


def made_of(table: Mapping[str, Any], what: str, make: Callable[[Mapping[str, Any]], Any]) -> Any:
    """What is made of a table of options: once, since every command line of a server asks for it, and no table
    changes.
    """
    key = (id(table), what)
    known = _made.get(key)
    if known is None:
        if len(_made) >= _MOST_TABLES:
            _made.clear()
        known = _made[key] = (table, make(table))  # with the table itself, so that no other one gets its `id`
    return known[1]


def _longs(table: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Every spelling of an option, dashes included, with its long name and its kind."""
    spellings: dict[str, tuple[str, str]] = {}
    for key, kind in (("flags", "flag"), ("values", "value"), ("repeated", "repeated"), ("optional", "optional")):
        for name in table.get(key, ()):
            spellings[f"--{name}"] = (name, kind)
    for name in table.get("ending", ()):
        spellings[f"--{name}"] = (name, "ending")
    for name in table.get("switches", ()):
        spellings[f"--{name}"] = (name, "flag")
        spellings[f"--no-{name}"] = (name, "off")
    for other, name in table.get("aliases", {}).items():
        spellings[other] = spellings[f"--{name}"]
    return spellings


def _may_be_several(argument: Argument) -> bool:
    """Whether a word that cannot be told may become none or several: it has an expansion without quotes, or `$@`."""
    if argument.value is not None:
        return False
    text = argument.text
    return "$@" in text or "${@" in text or not (text.startswith('"') and text.endswith('"') and text.count('"') == 2)


def _names_application(text: str) -> bool:
    """`$MODULE:app`, `${MODULE}:${NAME}`: expansions, but joined as an import string is."""
    depth = 0
    for char, following in zip(text, text[1:] + " ", strict=True):
        if char == "$" and following == "(":
            return False
        depth += (char == "{") - (char == "}")
        if char == ":" and depth == 0:
            return True
    return False
