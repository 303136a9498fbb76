"""What of a script really runs, given its arguments and variables: branches decided, functions opened, words filled in.

The result is a script without the branches that are certainly not taken. What cannot be decided stays, and its commands
stand in a branch as before.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import fnmatchcase

from dockerlint_fastapi.model.command import UNKNOWN, Argument, Unknown
from dockerlint_fastapi.model.shell import Redirect, Script, ShellWord, SimpleCommand
from dockerlint_fastapi.parsers.command.sourced import MOST_READ, set_by_sourcing
from dockerlint_fastapi.parsers.command.way import Known
from dockerlint_fastapi.parsers.shell import parse_script
from dockerlint_fastapi.parsers.shell.conditions import holds, holds_in_brackets
from dockerlint_fastapi.parsers.shell.expansion import fields, pattern_of, value_of
from dockerlint_fastapi.parsers.shell.structure import Block, Case, If, Node, Simple, Test, structure
from dockerlint_fastapi.source import Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Final

_MAX_STEPS: Final = 5_000
_MAX_DEPTH: Final = 12
_TESTS: Final = frozenset({"[", "test"})
_ALL_ARGUMENTS: Final = frozenset({'"$@"', '"${@}"', "$@", "${@}", "$*", "${*}"})
# Commands that set variables in a way that is not followed.
_SETTERS: Final = frozenset({"read", "getopts", "mapfile", "readarray", "printf", "let", "wait"})
_KEPT: Final = frozenset({"subshell", "group", "negated"})
# A whole word that is a variable, which the shell splits; and what is in a text that is more than words.
_VARIABLE: Final = r"\$(?:(\w+)|\{(\w+)\})\Z"
_NO_WORDS: Final = frozenset("$`\"'\\*?[]{}()<>|&;#~\n")
_MOST_CHOICES: Final = 4


def taken(
    text: str, script: Script, known: Known, locate: Callable[[int, int], Span]
) -> tuple[Script, tuple[Span, ...]] | None:
    """The part of a script that runs, and where each of its commands is written; None when it cannot be followed.

    The spans of `script` are offsets in `text`; `locate` gives the real place of `text[start:end]`.
    """
    nodes = structure(text, script.commands)
    if nodes is None:
        return None
    walk = _Walk(known, locate)
    walk.run(nodes, sure=True)
    if walk.steps > _MAX_STEPS:
        return None
    whole = script._replace(commands=tuple(walk.found), span=locate(0, len(text)))
    return whole, tuple(walk.places)


class _Walk:
    """The way through a script, with what is known of its variables and arguments."""

    def __init__(self, known: Known, locate: Callable[[int, int], Span]) -> None:
        self.name = known.name
        self.arguments = list(known.arguments) if known.arguments is not None else None
        self.outer = known.lookup
        self.exists = known.exists
        self.text = known.text
        self.locate = locate
        self.variables: dict[str, str | Unknown | None] = {}
        # The values of which a variable has one, where branches that may be taken have set it.
        self.choices: dict[str, tuple[str, ...]] = {}
        self.opaque = False  # anything may have been set since the beginning
        self.functions: dict[str, list[Node] | None] = {}  # None: it has several bodies
        self.found: list[SimpleCommand] = []
        self.places: list[Span] = []
        self.gone = False  # nothing behind this place runs
        self.returned = False
        self.doubtful = False  # a branch that may be taken replaces the shell
        self.steps = 0
        self.depth = 0
        self.calling = 0
        self.branches = 0  # how many branches it stands in, and how many of these are arms of `case`
        self.cases = 0
        self.sourced = 0  # how many scripts it has read in its place

    def lookup(self, name: str) -> str | Unknown | None:
        """What a parameter holds."""
        if name.isdecimal() and len(name) < 5:
            if int(name) == 0:
                return UNKNOWN if self.name is None else self.name
            if self.arguments is None:
                return UNKNOWN
            at = int(name) - 1
            if at >= len(self.arguments):
                return None
            value = self.arguments[at].value
            return UNKNOWN if value is None else value
        if name == "#":
            return UNKNOWN if self.arguments is None else str(len(self.arguments))
        if name in ("@", "*"):
            values = [one.value for one in self.arguments] if self.arguments is not None else [None]
            return UNKNOWN if None in values else " ".join(value or "" for value in values)
        if not name.isidentifier():
            return self.outer(name)
        if name in self.variables:
            return self.variables[name]
        return UNKNOWN if self.opaque else self.outer(name)

    def run(self, nodes: Sequence[Node], *, sure: bool, background: bool = False) -> bool | None:
        """One list of commands; the answer is whether its last one succeeds, None when that cannot be told."""
        status: bool | None = None
        tested = False  # whether `status` comes from a test, so that what follows depends on it
        if self.depth >= _MAX_DEPTH:
            self.steps = _MAX_STEPS + 1
        self.depth += 1
        for at, node in enumerate(nodes):
            self.steps += 1
            if self.gone or self.returned or self.steps > _MAX_STEPS:
                break
            here = sure
            following = nodes[at + 1].operator if at + 1 < len(nodes) else ""
            piped = node.operator in ("|", "|&") or following in ("|", "|&")
            if node.operator == "&&":
                if status is False:
                    continue
                here = sure and not (tested and status is None)
            elif node.operator == "||":
                if status is True:
                    continue
                here = sure and status is False
            else:
                tested = False
            joined = node.operator in ("&&", "||")
            self.branches += joined
            status, decides = self._node(node, sure=here, piped=piped, background=background)
            self.branches -= joined
            tested = tested or decides
            if piped:
                status = None
        self.depth -= 1
        return status

    def _node(self, node: Node, *, sure: bool, piped: bool, background: bool) -> tuple[bool | None, bool]:
        """Whether a node succeeds, and whether it is there to be tested."""
        if isinstance(node, Simple):
            return self._simple(node.command, sure=sure, piped=piped, background=background)
        if isinstance(node, Test):
            result = holds_in_brackets(node.text, self.lookup, self._exists)
            return (result if not node.negated or result is None else not result), True
        if isinstance(node, If):
            return self._if(node, sure=sure, background=background), False
        if isinstance(node, Case):
            self._case(node, sure=sure, background=background)
            return None, False
        if isinstance(node, Block):
            return self._block(node, sure=sure and not piped, background=background)
        return None, False

    def _exists(self, option: str, path: str) -> bool | None:
        return self.exists(option, path)

    def _block(self, node: Block, *, sure: bool, background: bool) -> tuple[bool | None, bool]:
        if node.kind == "function":
            self.functions[node.name] = node.body if node.name not in self.functions else None
            return True, False
        if node.kind == "arithmetic":
            return None, True
        if node.kind == "loop":
            if node.name:
                self.choices.pop(node.name, None)
                self.variables[node.name] = UNKNOWN
            self.run(node.body, sure=False, background=background)
            return None, False
        if node.kind == "subshell":
            before = (dict(self.variables), self.arguments, self.opaque, self.gone, self.doubtful)
            self.run(node.body, sure=sure, background=background)
            self.variables, self.arguments, self.opaque, self.gone, self.doubtful = before
            return None, False
        result = self.run(node.body, sure=sure, background=background)
        return (None if node.negated else result), node.negated

    def _if(self, node: If, *, sure: bool, background: bool) -> bool | None:
        for condition, body in node.arms:
            if not condition:
                self.branches += 1
                status = self.run(body, sure=sure, background=background)
                self.branches -= 1
                return status
            result = self._condition(condition)
            if result is True:
                self.branches += 1
                status = self.run(body, sure=sure, background=background)
                self.branches -= 1
                return status
            if result is None:
                self.run(body, sure=False, background=background)
                sure = False
        return None

    def _condition(self, nodes: Sequence[Node]) -> bool | None:
        """Whether a condition holds; what it runs stands in a branch, as far as it is no test."""
        if _only_tests(nodes):
            return self.run(nodes, sure=True)
        self.run(nodes, sure=False)
        return None

    def _case(self, node: Case, *, sure: bool, background: bool) -> None:
        word = value_of(node.word, self.lookup)
        for patterns, body in node.arms:
            answers = [self._matches(word, pattern) for pattern in patterns]
            if True in answers:
                self.cases += 1
                self.branches += 1
                self.run(body, sure=sure, background=background)
                self.cases -= 1
                self.branches -= 1
                return
            if None in answers:
                self.run(body, sure=False, background=background)
                sure = False

    def _matches(self, word: str | None, written: str) -> bool | None:
        if written == "*":
            return True
        pattern = pattern_of(written, self.lookup)
        if word is None or pattern is None:
            return None
        return fnmatchcase(word, pattern)

    def _simple(self, command: SimpleCommand, *, sure: bool, piped: bool, background: bool) -> tuple[bool | None, bool]:
        sure = sure and not self.doubtful
        background = background or command.after == "&"
        alone = sure and not piped and not background
        negated = command.nesting[-1:] == ("negated",)
        if not command.words:
            for one in command.assignments:
                value = value_of(one.word.text, self.lookup) if not one.append else None
                self._choose(one.name, None if piped or background or alone else value)
                self.variables[one.name] = UNKNOWN if value is None or not alone else value
            self._emit(command, self._words(command), sure=sure, background=background)
            return (
                None if any("$(" in one.word.text or "`" in one.word.text for one in command.assignments) else True
            ), False
        chosen = self._chosen(command)
        if chosen:
            for words in chosen:
                self._emit(command, words, sure=False, background=background)
            return None, command.nesting[-1:] == ("negated",)
        words = self._words(command)
        if len(words) == 2 and words[0].value == "eval" and _is_plain(words[1].value):
            words = _split(words[1])  # `eval "$COMMAND"`
        name = words[0].value if words else None
        if name in _TESTS:
            written = [word.text for word in command.words[1:]]
            if name == "[" and written[-1:] == ["]"]:
                del written[-1]
            result = holds(written, self.lookup, self._exists)
            return (result if not negated or result is None else not result), True
        if name in (":", "true", "false"):
            return (name != "false") is not negated, True
        if name is not None and name in self.functions:
            self._call(self.functions[name], words[1:], sure=sure, background=background)
            return None, negated
        self._builtin(name, words, alone=alone)
        if name == "return" and self.calling:
            self.returned = alone
            return None, False
        if name in ("exit", "return"):
            self._leave(words, alone=alone)
            return None, False
        self._emit(command, words, sure=sure, background=background)
        if name == "exec" and len(words) > 1 and not piped and not background:
            if sure:
                self.gone = True
            else:
                self.doubtful = True
        return None, negated

    def _choose(self, name: str, value: str | None) -> None:
        """Keeps what a branch that may be taken makes of a variable, beside what it was."""
        before = self.variables.get(name)
        known = self.choices.pop(name, ()) if before is UNKNOWN else (before,) if isinstance(before, str) else ()
        if value is not None and known and len(known) < _MOST_CHOICES:
            self.choices[name] = (*known, value)

    def _chosen(self, command: SimpleCommand) -> list[list[ShellWord]]:
        """The commands that a variable in a command's place may be; none where they cannot be told."""
        first = command.words[0]
        found = re.match(_VARIABLE, first.text) if first.value is None else None
        name = (found[1] or found[2]) if found is not None else ""
        values = self.choices.get(name, ()) if self.variables.get(name) is UNKNOWN else ()
        if not values or not all(_is_plain(one) for one in values):
            return []
        rest = self._words(command._replace(words=command.words[1:]))
        word = first._replace(span=self.locate(first.span.start, first.span.end))
        return [[*_split(word._replace(value=one)), *rest] for one in values]

    def _leave(self, words: Sequence[ShellWord], *, alone: bool) -> None:
        """The end of the script. With an error it is not how the container is meant to run: a variable is missing that
        whoever starts it has to give, or an argument is not known.
        """
        fails = len(words) > 1 and words[1].value not in (None, "0")
        if not alone or (fails and self.branches == 0 and not self.calling):
            self.gone = alone
        elif not fails:
            self.gone = True
        elif self.cases:
            self.doubtful = True

    def _call(self, body: list[Node] | None, words: Sequence[ShellWord], *, sure: bool, background: bool) -> None:
        """A function that is called: its commands run in its place."""
        if body is None or self.calling >= _MAX_DEPTH:
            self.opaque = True
            return
        before = self.arguments
        self.arguments = [Argument(word.value, word.text, word.span) for word in words]
        self.calling += 1
        self.run(body, sure=sure, background=background)
        self.calling -= 1
        self.returned = False
        self.arguments = before

    def _builtin(self, name: str | None, words: Sequence[ShellWord], *, alone: bool) -> None:
        """What a command does to variables and arguments."""
        if name in ("export", "declare", "typeset", "readonly", "local"):
            for word in words[1:]:
                if word.value is None and "=" not in word.text:
                    self.opaque, self.variables, self.choices = True, {}, {}
                    continue
                variable, equals, _ = (word.text if word.value is None else word.value).partition("=")
                if equals and variable.isidentifier():
                    value = word.value.partition("=")[2] if word.value is not None and alone else UNKNOWN
                    self.choices.pop(variable, None)
                    self.variables[variable] = value
        elif name == "unset":
            for word in words[1:]:
                if word.value is not None:
                    self.choices.pop(word.value, None)
                    self.variables[word.value] = None if alone else UNKNOWN
        elif name == "shift":
            count = words[1].value if len(words) > 1 else "1"
            known = alone and self.arguments is not None and count is not None and count.isdecimal() and len(count) < 4
            self.arguments = self.arguments[int(count or 1) :] if known and self.arguments is not None else None
        elif name == "set":
            self._set(words[1:], alone=alone)
        elif name in (".", "source", "eval"):
            if not (name != "eval" and len(words) > 1 and (words[1].value or "").endswith("/activate")):
                read = words[1].value if name != "eval" and len(words) == 2 else None
                self.sourced += 1
                names = set_by_sourcing(read, self.text) if self.sourced <= MOST_READ else None
                if names is None:
                    self.opaque, self.variables = True, {}
                self.choices = {key: value for key, value in self.choices.items() if key not in (names or (key,))}
                self.variables.update(dict.fromkeys(names or (), UNKNOWN))
            if name == "eval":
                self.arguments = None
        elif name in _SETTERS:
            for word in words[1:]:
                if word.value is not None and word.value.isidentifier():
                    self.choices.pop(word.value, None)
                    self.variables[word.value] = UNKNOWN

    def _set(self, words: Sequence[ShellWord], *, alone: bool) -> None:
        at = next(
            (at for at, word in enumerate(words) if word.value is None or not word.value.startswith(("-", "+"))), None
        )
        dashes = next((at for at, word in enumerate(words) if word.value == "--"), None)
        if dashes is not None and (at is None or dashes < at):
            at = dashes + 1
        elif (
            at is not None and at > 0 and words[at - 1].value is not None and (words[at - 1].value or "").endswith("o")
        ):
            at = at + 1 if at + 1 < len(words) else None  # `set -o pipefail`
        if at is None:
            return
        given = [Argument(word.value, word.text, word.span) for word in words[at:]]
        self.arguments = given if alone and all(one.value is not None or one.text != '"$@"' for one in given) else None

    def _words(self, command: SimpleCommand) -> list[ShellWord]:
        """The words of a command, with what is known of the parameters in them."""
        result: list[ShellWord] = []
        for word in command.words:
            span = self.locate(word.span.start, word.span.end)
            if word.text in _ALL_ARGUMENTS and self.arguments is not None:
                result += [self._given(one, span) for one in self.arguments]
            elif word.text.startswith('"${@:') and word.text.endswith('}"') and self.arguments is not None:
                start = word.text[5:-2].strip()
                if start.isdecimal() and int(start[:4]) > 0:
                    result += [self._given(one, span) for one in self.arguments[int(start[:4]) - 1 :]]
                else:
                    result.append(ShellWord(word.text, word.value, span))
            elif word.value is not None or "$" not in word.text:
                result.append(ShellWord(word.text, word.value, span))
            else:
                made = self._own(word) or fields(word.text, self.lookup)
                if made is None:
                    result.append(ShellWord(word.text, None, span))
                elif isinstance(made, Argument):
                    result.append(self._given(made, span))
                else:
                    result += [ShellWord(word.text, value, span) for value in made]
        return result

    def _given(self, one: Argument, span: Span) -> ShellWord:
        """An argument of the script where it is written; one of a function where the function uses it."""
        return ShellWord(one.text, one.value, span if self.calling else one.span)

    def _own(self, word: ShellWord) -> Argument | None:
        """The argument that a word is, place and all: `"$1"`."""
        name = word.text.strip('"').strip("${}")
        if not name.isdecimal() or word.text not in (f'"${name}"', f'"${{{name}}}"') or self.arguments is None:
            return None
        at = int(name[:4]) - 1
        return self.arguments[at] if 0 <= at < len(self.arguments) else None

    def _emit(self, command: SimpleCommand, words: Sequence[ShellWord], *, sure: bool, background: bool) -> None:
        nesting = tuple(one for one in command.nesting if one in _KEPT)
        assignments = tuple(
            one._replace(word=self._filled(one.word), span=self.locate(one.span.start, one.span.end))
            for one in command.assignments
        )
        span = self.locate(command.span.start, command.span.end)
        self.found.append(
            command._replace(
                words=tuple(words),
                assignments=assignments,
                redirects=tuple(self._redirect(one) for one in command.redirects),
                before=command.before if command.before in ("|", "|&") else "",
                after="&" if background else command.after,
                nesting=nesting if sure else ("if", *nesting),
                span=span,
            )
        )
        self.places.append(span)

    def _redirect(self, one: Redirect) -> Redirect:
        target = one.target
        if target is not None:
            target = target._replace(span=self.locate(target.span.start, target.span.end))
        body = None if one.body is None else self.locate(one.body.start, one.body.end)
        return one._replace(target=target, span=self.locate(one.span.start, one.span.end), body=body)

    def _filled(self, word: ShellWord) -> ShellWord:
        value = word.value if word.value is not None else value_of(word.text, self.lookup)
        return ShellWord(word.text, value, self.locate(word.span.start, word.span.end))


def _is_plain(text: str | None) -> bool:
    """Whether a text is words and no more, so that a shell that reads it again gets the same. Brackets round an address
    are a pattern that fits no file.
    """
    if text is None or not text.strip():
        return False
    return _NO_WORDS.isdisjoint(text.replace("[::]", "")) and "=" not in text.split()[0]


def _split(word: ShellWord) -> list[ShellWord]:
    return [ShellWord(word.text, one, word.span) for one in (word.value or "").split()]


def _only_tests(nodes: Sequence[Node]) -> bool:
    return all(
        isinstance(node, Test)
        or (isinstance(node, Simple) and node.command.name in ("[", "test", "true", "false", ":"))
        for node in nodes
    )


def taken_of_string(text: str, script: Script, known: Known) -> Script:
    """The part of a script that runs, whose spans are places in a file and not offsets in `text`: the one that a shell
    is given as a string. The script itself when it cannot be followed.
    """
    local = parse_script(text, Source.of(text, "script").span)
    if len(local.commands) != len(script.commands):
        return script
    places: dict[tuple[int, int], Span] = {(0, len(text)): script.span}
    for ours, theirs in zip(local.commands, script.commands, strict=True):
        for mine, real in zip(_parts(ours), _parts(theirs), strict=False):
            places[mine.start, mine.end] = real

    def locate(start: int, end: int) -> Span:
        return places.get((start, end), script.span)

    made = taken(text, local, known, locate)
    return script if made is None else made[0]


def _parts(command: SimpleCommand) -> Iterator[Span]:
    """The spans within a command, in a fixed order."""
    yield command.span
    for word in command.words:
        yield word.span
    for assignment in command.assignments:
        yield assignment.span
        yield assignment.word.span
    for redirect in command.redirects:
        yield redirect.span
        if redirect.target is not None:
            yield redirect.target.span
        if redirect.body is not None:
            yield redirect.body
