"""`command:` and `entrypoint:` of a service: the words that Compose makes of a string or a list."""

from __future__ import annotations

from collections.abc import Callable

from dockerlint_fastapi.model.command import SHELLS, Argument
from dockerlint_fastapi.model.compose.nodes import Entry, Scalar, Sequence
from dockerlint_fastapi.model.compose.settings import go_text, setting
from dockerlint_fastapi.model.environment.interpolation import PLACEHOLDER, Lookup, Rendered, in_file, or_unset, render
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Problem, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.shell import ShellWord


class CommandSetting(NamedTuple):
    """`command:` or `entrypoint:`. Compose starts no shell: a string is split into words and executed like a list.

    `arguments` is None when the string cannot be split (`problem` says why). A word with a variable that cannot be told
    has the value None; `certain` is False then, and unquoted it may even be several words or none. Only in the script
    of `sh -c` such a variable becomes one of the shell, `${_}`, for the rest of it can be told. `default` is the
    command when no such variable is set, None when it cannot be had. `()` (`[]` or an empty string) clears an
    entrypoint; an empty command is as none. `dropped` is what Compose throws away from a string: all from the first
    unquoted operator (`&&`, `|`, `>`) on.
    """

    arguments: tuple[Argument, ...] | None
    default: tuple[Argument, ...] | None
    certain: bool
    string: bool  # written as a string
    problem: Problem | None
    scalar: Scalar | None  # the string
    span: Span
    key_span: Span
    dropped: Span | None = None

    @property
    def cleared(self) -> bool:
        """Whether it is explicitly empty."""
        return self.arguments == ()


Words = tuple["tuple[ShellWord, ...]", Span | None, Problem | None]
"""A split command string: its words, what Compose drops, and why it refuses it."""

Splitter = Callable[[str, Callable[[int, int], Span]], Words]
"""What splits a command string as Compose does; given the text and the way from its offsets to places."""


def command(entry: Entry, lookup: Lookup, split: Splitter | None) -> CommandSetting | None:
    """A `command:` or `entrypoint:`; None when it is null or a mapping."""
    node = entry.value
    lookup = in_file(lookup, node.span.source.path)
    if isinstance(node, Sequence):
        scalars = [item for item in node if isinstance(item, Scalar)]
        found = [(item, setting(item, lookup)) for item in scalars]
        arguments = tuple(Argument(made.value if made else None, item.span.text, item.span) for item, made in found)
        default = tuple(Argument(made.default if made else None, item.span.text, item.span) for item, made in found)
        certain = all(argument.value is not None for argument in arguments)
        arguments = _with_scripts(arguments, [render(item.text, lookup).text for item in scalars])
        return CommandSetting(arguments, default, certain, False, None, None, node.place, entry.key.span)
    if not isinstance(node, Scalar) or node.value is None:
        return None
    text = node.text if isinstance(node.value, str) else go_text(node.value)
    rendered = render(text, lookup)
    arguments_, dropped, problem = _words(node, rendered, split)
    default_ = arguments_
    if not rendered.certain:
        # what it would be with nothing set; None where Compose would stop (`${X:?}`)
        plain = render(text, or_unset(lookup))
        default_ = _words(node, plain, split)[0] if plain.certain else None
    span, key_span = node.place, entry.key.span
    return CommandSetting(arguments_, default_, rendered.certain, True, problem, node, span, key_span, dropped)


def _words(
    node: Scalar, rendered: Rendered, split: Splitter | None
) -> tuple[tuple[Argument, ...] | None, Span | None, Problem | None]:
    if split is None:
        return None, None, None
    words, dropped, problem = split(rendered.text, lambda start, end: node.locate(*rendered.origin(start, end)))
    if problem is not None:
        return None, dropped, problem
    arguments = tuple(
        Argument(None if word.value is None or PLACEHOLDER in word.value else word.value, word.span.text, word.span)
        for word in words
    )
    return _with_scripts(arguments, [word.value for word in words]), dropped, None


def _with_scripts(arguments: tuple[Argument, ...], rendered: list[str | None]) -> tuple[Argument, ...]:
    """The arguments with the script of `sh -c` in its place also when a variable in it cannot be told."""
    for at in range(2, len(arguments)):
        text, option, shell = rendered[at], arguments[at - 1].value, arguments[at - 2].value
        if arguments[at].value is not None or not (text and option and shell):
            continue
        if option[0] == "-" and option[-1] == "c" and shell.rpartition("/")[2] in SHELLS:
            script = arguments[at]._replace(value=text.replace(PLACEHOLDER, "${_}"))
            return (*arguments[:at], script, *arguments[at + 1 :])
    return arguments
