"""A shell script as its simple commands: what rules ask of RUN, CMD, health checks and start scripts."""

from __future__ import annotations

from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerlint_fastapi.source import Problem, Span

MAX_CHARACTERS = 1_000_000  # of a script; a longer one is not read
MAX_STEPS = 20_000  # line ends and operators in one; hundreds are much in a real script, and each costs some 40 µs


def too_long(text: str) -> bool:
    """Whether a script is longer than dlf reads, so that nothing can be told of it."""
    if len(text) <= MAX_STEPS:
        return False
    return len(text) > MAX_CHARACTERS or sum(map(text.count, "\n;&|(`")) > MAX_STEPS


class ShellWord(NamedTuple):
    """One word of a simple command.

    `text` is the word as written (quotes included, continuations removed), `value` what the program
    receives, or None when the word holds an expansion (`$x`, `$(…)`, a glob is still a literal).
    """

    text: str
    value: str | None
    span: Span


class Assignment(NamedTuple):
    """`NAME=value` in front of a command, or alone."""

    name: str
    word: ShellWord  # the part behind `=`; text is "" for `NAME=`
    span: Span
    append: bool = False  # `NAME+=value`


class Redirect(NamedTuple):
    """`2>&1`, `> file`, `<<EOF`: operator and target; for `<<` its value is the delimiter, quotes removed."""

    fd: str  # the digits in front (or bash's `{name}`), "" when none
    operator: str  # one of < > >> <> >| >& <& &> &>> << <<- <<<
    target: ShellWord | None
    span: Span
    body: Span | None = None  # of a here-document that was found: its lines, without the delimiter's


class SimpleCommand(NamedTuple):
    """One program call: assignments, words and redirections, and how it hangs together with its neighbours.

    `before` and `after` are the control operators on either side at the same level:
    `&&`, `||`, `|`, `|&`, `;` (also a line end), `&`, or "" at the beginning or end of its list. A `;` or line end with
    nothing behind it in its list counts as the end: `after` is "" exactly for a foreground command that ends its list.
    `nesting` names the compound commands round it, outermost first, of
    `subshell`, `group`, `if`, `while`, `until`, `for`, `select`, `case`, `function`, `substitution`, `negated`.
    """

    words: tuple[ShellWord, ...]
    assignments: tuple[Assignment, ...]
    redirects: tuple[Redirect, ...]
    before: str
    after: str
    nesting: tuple[str, ...]
    span: Span

    @property
    def name(self) -> str | None:
        """The program's literal name as written (a path stays a path); None when unknown or absent."""
        return self.words[0].value if self.words else None

    @property
    def program(self) -> str | None:
        """The program's bare name, without the directory; None when unknown or absent."""
        name = self.name
        return None if name is None else name.rpartition("/")[2]

    @property
    def argv(self) -> tuple[str | None, ...]:
        """The values of all words, the name first; None where a word has an expansion."""
        return tuple(word.value for word in self.words)

    @property
    def arguments(self) -> tuple[ShellWord, ...]:
        """The words behind the name."""
        return self.words[1:]

    def flag(self, *names: str) -> ShellWord | None:
        """The first argument that gives one of these options; None when none is seen.

        Understood are `--long`, `--long=value`, `-y`, and `-y` among others as in `-qy`. Behind `--` are no options.
        """
        long = tuple(name + "=" for name in names if name.startswith("--"))
        short = {name[1] for name in names if len(name) == 2 and name[0] == "-"}
        for word in self.words[1:]:
            value = word.value
            if value == "--":
                return None
            if value is None or not value.startswith("-"):
                continue
            if value in names or value.startswith(long):
                return word
            # only letters can be a group; `-oAPT::Get::Assume-Yes` and `-fsSL=x` are an option with its value
            if value[1:].isalpha() and not short.isdisjoint(value[1:]):
                return word
        return None

    def has_flag(self, *names: str) -> bool | None:
        """Whether one of these options is given; None when none is seen but an argument with an expansion may be it."""
        if self.flag(*names) is not None:
            return True
        for word in self.words[1:]:
            if word.value == "--":
                break
            if word.value is None:
                return None
        return False

    def operands(self, *valued: str) -> tuple[ShellWord, ...]:
        """The arguments that are no options. `valued` names the options whose value is the next argument.

        A word with an expansion counts as an operand, with its value None.
        """
        found: list[ShellWord] = []
        waiting = only = False
        for word in self.words[1:]:
            value = word.value
            if waiting:
                waiting = False
            elif only or value is None or not value.startswith("-") or value == "-":
                found.append(word)
            elif value == "--":
                only = True
            else:
                waiting = value in valued
        return tuple(found)


SHELLS = frozenset({"ash", "bash", "busybox", "dash", "ksh", "mksh", "sh", "zsh"})
"""Bare names of the shells whose language the parser reads."""


class Script(NamedTuple):
    """A parsed script: every simple command in source order, those within substitutions included.

    `problems` holds what a POSIX/bash shell would refuse (an unclosed quote, a stray `)`); the commands found are
    still there. `comments` are the `# …` texts with their spans. `shebang` is the interpreter line of a script file or
    heredoc without its `#!`, "" when none; a script for an interpreter that is no shell has no commands.
    """

    commands: tuple[SimpleCommand, ...]
    problems: tuple[Problem, ...]
    comments: tuple[Span, ...]
    shebang: str
    span: Span

    @property
    def interpreter(self) -> str:
        """The bare name of the program that the shebang starts, looking through `env`; "" without one."""
        words = self.shebang.split()
        if words and words[0].rpartition("/")[2] == "env":
            words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
        return words[0].rpartition("/")[2] if words else ""

    @property
    def last(self) -> SimpleCommand | None:
        """The simple command that ends the script, in the foreground and in no construct; None when it ends otherwise.

        In `a && b` it is `b`, though `a` may fail; in `a | b` it is `b`.
        """
        for command in reversed(self.commands):
            if not command.nesting and not command.after:
                return command
        return None

    def simple(self, *programs: str) -> Iterator[SimpleCommand]:
        """The commands of these programs by bare name, in order."""
        return (command for command in self.commands if command.program in programs)
