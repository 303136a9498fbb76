"""What is set for a server, by precedence: the command line, then its variables, then defaults."""

from __future__ import annotations

from collections.abc import Mapping

from dockerlint_fastapi.model.command import UNKNOWN, Bind, Environment, Unknown, Value
from dockerlint_fastapi.parsers.server.options import Line, made_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final


_CLICK_TRUE: Final = frozenset({"1", "true", "t", "yes", "y", "on"})
_CLICK_FALSE: Final = frozenset({"0", "false", "f", "no", "n", "off"})


def _variable(environment: Environment, name: str) -> Value | Unknown | None:
    """A variable as click reads it: one that is empty is not set."""
    value = environment.get(name)
    return None if isinstance(value, Value) and not value.text else value


class Settings:
    """The settings of a server by precedence: the command line, then its variables, then defaults."""

    __slots__ = ("_table", "environment", "line", "prefix")

    def __init__(self, line: Line, environment: Environment, table: Mapping[str, Any], prefix: str = "") -> None:
        self.line = line
        self.environment = environment
        self.prefix = prefix
        self._table = table

    def get(self, name: str) -> Value | Unknown | None:
        """What is set; None when nothing is, so that the default counts."""
        value = self.line.last(name)
        if value is not None:
            return value
        return self.from_variable(name)

    def from_variable(self, name: str) -> Value | Unknown | None:
        """What the option's own variable sets."""
        variable = self.variable(name)
        return None if variable is None else self._value_of(name, variable)

    def _value_of(self, name: str, variable: str) -> Value | Unknown | None:
        """What a variable sets an option to."""
        value = _variable(self.environment, variable)
        if isinstance(value, Value) and (
            name in self._table.get("flags", ()) or name in self._table.get("switches", ())
        ):
            text = value.text.strip().lower()
            if text not in _CLICK_TRUE and text not in _CLICK_FALSE:
                return UNKNOWN
            return value._replace(text="true" if text in _CLICK_TRUE else "false")
        return value

    def variable(self, name: str) -> str | None:
        """The name of the variable that stands for an option."""
        named: str | None = self._table.get("variables", {}).get(name)
        if named is None and self.prefix:
            return self.prefix + name.replace("-", "_").upper()
        return named

    def _variables(self, table: Mapping[str, Any]) -> list[tuple[str, str]]:
        """The options that a variable may set, each with that."""
        names = [name for key in ("flags", "switches", "values", "repeated") for name in table.get(key, ())]
        return [(name, variable) for name in names if (variable := self.variable(name)) is not None]

    def known(self, name: str, default: str | None) -> Value | None:
        """The value that counts, or None when it cannot be told, or is not set and has no default."""
        return or_default(self.get(name), default)

    def options(self) -> tuple[dict[str, Value], bool]:
        """Every option set, on the line or by variables, and whether nothing else can be set."""
        found: dict[str, Value] = {}
        complete = self.line.complete
        if self.prefix or "variables" in self._table:
            pairs: list[tuple[str, str]] = made_of(self._table, f"variables {self.prefix}", self._variables)
            for name, variable in pairs:
                if self.environment.closed and variable not in self.environment.values:
                    continue
                value = self._value_of(name, variable)
                if value is UNKNOWN:
                    complete = complete and name in self.line.given
                elif isinstance(value, Value):
                    found[name] = value
        for name, values in self.line.given.items():
            last = values[-1]
            if last is None:
                found.pop(name, None)
            else:
                found[name] = last
        return found, complete


def or_default(value: Value | Unknown | None, default: str | None) -> Value | None:
    """The value as it is set, or the default; None when it cannot be told, or neither is there."""
    if isinstance(value, Value):
        return value
    return Value(default, None, "default") if value is None and default is not None else None


def concurrency(environment: Environment) -> Value | Unknown | None:
    """The number of workers by WEB_CONCURRENCY, which several servers share."""
    return environment.get("WEB_CONCURRENCY")


def or_one(workers: Value | Unknown | None) -> Value | Unknown | None:
    """The count as uvicorn takes it: 0 is 1."""
    return workers._replace(text="1") if isinstance(workers, Value) and workers.number == 0 else workers


def socket_or_tcp(settings: Settings, sockets: Mapping[str, str], host: str, port: str) -> tuple[Bind, ...]:
    """One bind from options that each name a socket of another kind, and else from `host` and `port`."""
    for option, kind in sockets.items():
        value = settings.get(option)
        if isinstance(value, Value):
            return (Bind(value._replace(text=f"{kind}:{value.text}"), None),)
        if value is UNKNOWN and option in settings.line.given:
            return (Bind(None, None),)
        if value is UNKNOWN:
            # It may be a socket, but hardly where a host or port is given as well.
            return (Bind(settings.known("host", None), settings.known("port", None)),)
    return (Bind(settings.known("host", host), settings.known("port", port)),)
