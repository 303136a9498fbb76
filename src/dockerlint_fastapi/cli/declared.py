"""Commands as they are declared, before click is imported.

click takes longer to import than a Dockerfile takes to lint. So commands are declared with the decorators of this
module, which are written as click's and remember what they are told. A plain command line is read right here
(`Command.read`); whatever is not plain, be it help or a mistake, is for click, which gets the same declarations
(`Command.click`). `tests/test_command_line.py` holds the two to the same answers.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeVar

    import click

    Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_PLAIN = frozenset(("callback", "default", "help", "is_flag", "metavar", "multiple", "nargs", "type"))


class Choice:
    """The type of an option that is one of a few words, spelled exactly."""

    __slots__ = ("words",)

    def __init__(self, words: Sequence[str]) -> None:
        self.words = tuple(words)


class Parameter:
    """One option or argument: its names and settings as click has them."""

    __slots__ = ("is_option", "names", "settings")

    def __init__(self, names: tuple[str, ...], settings: dict[str, Any], *, is_option: bool) -> None:
        self.names = names
        self.settings = settings
        self.is_option = is_option

    @property
    def key(self) -> str:
        """The name of the function's parameter."""
        own = [name for name in self.names if not name.startswith("-")]
        return own[0] if own else self.names[-1].split("/")[0].lstrip("-").replace("-", "_")

    @property
    def spellings(self) -> dict[str, bool]:
        """The option's names on the command line; False for one that turns a flag off."""
        found: dict[str, bool] = {}
        for name in self.names:
            if name.startswith("-"):
                on, slash, off = name.partition("/")
                found[on] = True
                if slash:
                    found[off] = False
        return found

    @property
    def is_flag(self) -> bool:
        """Whether it takes no value."""
        return bool(self.settings.get("is_flag")) or any("/" in name for name in self.names)

    @property
    def plain(self) -> bool:
        """Whether `Command.read` knows all that it is declared with."""
        kind = self.settings.get("type")
        default = self.settings.get("default")
        return (
            self.settings.keys() <= _PLAIN
            and (kind is None or isinstance(kind, Choice))
            and (default is None or isinstance(default, str))
            and ("nargs" not in self.settings) == self.is_option
            and all(name.startswith("--") or len(name) == 2 for name in self.names if name.startswith("-"))
        )

    def click(self) -> Callable[[Any], Any]:
        """The same as a decorator of click."""
        import click  # noqa: PLC0415

        settings = dict(self.settings)
        if isinstance(kind := settings.get("type"), Choice):
            settings["type"] = click.Choice(kind.words)
        return (click.option if self.is_option else click.argument)(*self.names, **settings)


class Command:
    """One command: a function, and the parameters that it takes from the command line."""

    __slots__ = ("function", "name", "parameters", "settings")

    def __init__(self, name: str, settings: dict[str, Any], function: Callable[..., Any]) -> None:
        self.name = name
        self.settings = settings
        self.function = function
        self.parameters: list[Parameter] = list(reversed(getattr(function, "declared", ())))

    def __call__(self, *arguments: Any, **given: Any) -> Any:
        """Calls the function itself."""
        return self.function(*arguments, **given)

    def click(self) -> click.Command:
        """The command for click."""
        import click  # noqa: PLC0415

        function: Any = self.function
        for parameter in reversed(self.parameters):
            function = parameter.click()(function)
        declare: Any = click.command(self.name, **self.settings)
        made: click.Command = declare(function)
        return made

    def read(self, arguments: Sequence[str]) -> dict[str, Any] | None:
        """What the function is to be called with, as click would; None when click is to be asked."""
        if not all(one.plain for one in self.parameters):
            return None
        options = {name: (one, on) for one in self.parameters for name, on in one.spellings.items()}
        given: dict[str, Any] = {}
        words: list[str] = []
        waiting = iter(arguments)
        for word in waiting:
            if word[:1] != "-" or word == "-":
                words.append(word)
                continue
            name, equals, value = word.partition("=")
            if name not in options:
                return None
            parameter, on = options[name]
            if parameter.is_flag:
                if equals:
                    return None
                given[parameter.key] = on
                continue
            if not equals:
                value = next(waiting, "-")
                if value[:1] == "-":
                    return None
            elif name[:2] != "--":
                return None
            kind = parameter.settings.get("type")
            if isinstance(kind, Choice) and value not in kind.words:
                return None
            if parameter.settings.get("multiple"):
                given.setdefault(parameter.key, []).append(value)
            else:
                given[parameter.key] = value
        return self._whole(given, words)

    def _whole(self, given: dict[str, Any], words: list[str]) -> dict[str, Any] | None:
        """All parameters: those given, and the others by their defaults; None when click is to be asked."""
        whole: dict[str, Any] = {}
        for one in self.parameters:
            settings = one.settings
            if not one.is_option:
                if settings["nargs"] != -1:
                    return None
                value: Any = tuple(words)
            elif settings.get("multiple"):
                value = tuple(given.get(one.key, ()))
            else:
                value = given.get(one.key, settings.get("default", False if one.is_flag else None))
            if "callback" in settings:
                try:
                    value = settings["callback"](None, None, value)
                except Exception:  # noqa: BLE001 - click says what is wrong, with the usage
                    return None
            whole[one.key] = value
        return whole


def command(name: str, **settings: Any) -> Callable[[Callable[..., Any]], Command]:
    """As `click.command`."""

    def declare(function: Callable[..., Any]) -> Command:
        return Command(name, settings, function)

    return declare


def option(*names: str, **settings: Any) -> Callable[[Decorated], Decorated]:
    """As `click.option`."""
    return _declared(Parameter(names, settings, is_option=True))


def argument(*names: str, **settings: Any) -> Callable[[Decorated], Decorated]:
    """As `click.argument`."""
    return _declared(Parameter(names, settings, is_option=False))


def _declared(parameter: Parameter) -> Callable[[Decorated], Decorated]:
    def remember(function: Decorated) -> Decorated:
        function.__dict__.setdefault("declared", []).append(parameter)
        return function

    return remember
