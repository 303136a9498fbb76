"""The compound commands of a script as a tree: branches, loops, groups and functions round its simple commands.

`parse_script` tells of each simple command which kinds of constructs lie round it, but not which branch of them. This
is read here from the words between the commands, where somebody wants to know which branch is taken.
"""

from __future__ import annotations

from bisect import bisect_left

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from dockerlint_fastapi.model.shell import SimpleCommand

_MAX_DEPTH: Final = 40
_BLANK: Final = " \t\r"
_BREAKS: Final = " \t\r\n;&|()"


class Node:
    """A part of a list of commands. `operator` is what stands in front of it: `&&`, `||`, `|`, or "" for a new one."""

    __slots__ = ("operator",)

    def __init__(self, operator: str) -> None:
        self.operator = operator


class Simple(Node):
    """A simple command."""

    __slots__ = ("command",)

    def __init__(self, operator: str, command: SimpleCommand) -> None:
        super().__init__(operator)
        self.command = command


class Test(Node):
    """`[[ … ]]`: what stands between the brackets."""

    __slots__ = ("negated", "text")

    def __init__(self, operator: str, text: str, *, negated: bool) -> None:
        super().__init__(operator)
        self.text = text
        self.negated = negated


class Block(Node):
    """`{ … }`, `( … )`, a loop or a function: `kind` is group, subshell, loop, function or arithmetic."""

    __slots__ = ("body", "kind", "name", "negated")

    def __init__(self, operator: str, kind: str, name: str = "", *, negated: bool = False) -> None:
        super().__init__(operator)
        self.kind = kind
        self.name = name  # of a function, or of a loop's variable
        self.negated = negated
        self.body: list[Node] = []


class If(Node):
    """`if`: pairs of a condition and what follows from it; the condition of `else` is empty."""

    __slots__ = ("arms",)

    def __init__(self, operator: str) -> None:
        super().__init__(operator)
        self.arms: list[tuple[list[Node], list[Node]]] = []


class Case(Node):
    """`case WORD in`: the patterns of each arm as written, and what they lead to."""

    __slots__ = ("arms", "word")

    def __init__(self, operator: str, word: str) -> None:
        super().__init__(operator)
        self.word = word
        self.arms: list[tuple[tuple[str, ...], list[Node]]] = []


class _ConfusedError(Exception):
    """The text is not built as expected."""


class _Frame:
    """A construct that is open: where its nodes go, and which word may come next."""

    __slots__ = ("kind", "node", "nodes")

    def __init__(self, kind: str, node: Node | None, nodes: list[Node]) -> None:
        self.kind = kind  # top, if, then, else, loop head, loop, group, subshell, case, function
        self.node = node
        self.nodes = nodes


def structure(text: str, commands: Sequence[SimpleCommand]) -> list[Node] | None:
    """The tree of a script whose commands have spans that are offsets in `text`; None when it cannot be told."""
    try:
        return _Reader(text, [one for one in commands if "substitution" not in one.nesting]).read()
    except _ConfusedError:
        return None


class _Reader:
    def __init__(self, text: str, commands: Sequence[SimpleCommand]) -> None:
        self.text = text
        self.commands = commands
        self.starts = [one.span.start for one in commands]
        self.bodies = {
            redirect.body.start: redirect.body.end
            for one in commands
            for redirect in one.redirects
            if redirect.body is not None
        }
        self.at = 0
        self.top: list[Node] = []
        self.frames = [_Frame("top", None, self.top)]
        self.operator = ""
        self.waiting = ""  # the name of a function whose body comes next
        self.negated = False

    def read(self) -> list[Node]:
        """The nodes of the whole text."""
        text, end = self.text, len(self.text)
        if text.startswith("#!"):
            self.at = max(text.find("\n"), 0) or end
        while self.at < end:
            at = bisect_left(self.starts, self.at)
            if at < len(self.starts) and self.starts[at] == self.at:
                command = self.commands[at]
                self._add(Simple(self._taken(), command))
                self.at = max(command.span.end, self.at + 1)
            else:
                self._token()
        if len(self.frames) > 1:
            raise _ConfusedError
        return self.top

    def _taken(self) -> str:
        operator, self.operator = self.operator, ""
        self.negated = False
        return operator

    def _add(self, node: Node) -> None:
        self.frames[-1].nodes.append(node)

    def _push(self, frame: _Frame) -> None:
        if len(self.frames) >= _MAX_DEPTH:
            raise _ConfusedError
        self.frames.append(frame)

    def _token(self) -> None:
        text, at = self.text, self.at
        char = text[at]
        if at in self.bodies:
            self.at = max(self.bodies[at], at)
            close = text.find("\n", self.at)
            self.at = len(text) if close < 0 else close
            if self.at <= at:
                self.at = at + 1
        elif char in _BLANK:
            self.at += 1
        elif text.startswith(("\\\n", "\\\r\n"), at):
            self.at += 2
        elif char == "\n":
            self.at += 1
            if self.operator == "":
                self.negated = False
        elif char == "#":
            close = text.find("\n", at)
            self.at = len(text) if close < 0 else close
        elif text.startswith(("&&", "||", "|&"), at):
            self.operator = text[at : at + 2]
            self.at += 2
        elif text.startswith(";;", at):
            self.at += 3 if text.startswith(";;&", at) else 2
            if self.frames[-1].kind != "arm" or text.startswith(";;&", at):
                raise _ConfusedError
            self.frames.pop()
            self._arm()
        elif char in ";&|":
            if text.startswith(";&", at):
                raise _ConfusedError
            self.operator = "|" if char == "|" else ""
            self.at += 1
        elif text.startswith("((", at):
            close = text.find("))", at)
            if close < 0:
                raise _ConfusedError
            self._add(Block(self._taken(), "arithmetic"))
            self.at = close + 2
        elif char == "(":
            self._open("subshell")
            self.at += 1
        elif char == ")":
            self._close("subshell")
            self.at += 1
        elif char in "<>" or (char.isdigit() and text[at + 1 : at + 2] in ("<", ">")):
            self._redirect()
        else:
            self._word(self._next_word())

    def _redirect(self) -> None:
        """A redirection behind a compound command."""
        text, end = self.text, len(self.text)
        while self.at < end and text[self.at] in "0123456789<>&|-":
            self.at += 1
        while self.at < end and text[self.at] in _BLANK:
            self.at += 1
        if self.at < end and text[self.at] not in _BREAKS:
            self._next_word()

    def _next_word(self) -> str:
        """The word at the current place, which is left behind; quotes and substitutions belong to it."""
        text, end, start = self.text, len(self.text), self.at
        at, depth, quote = start, 0, ""
        while at < end:
            char = text[at]
            if char == "\\" and quote != "'":
                at += 2
                continue
            if quote:
                quote = "" if char == quote and depth == 0 else quote
                if quote == '"' and text.startswith("$(", at):
                    at = self._behind_substitution(at)
                    continue
            elif char in "'\"`":
                quote = char
            elif text.startswith("$(", at):
                at = self._behind_substitution(at)
                continue
            elif text.startswith("${", at):
                close = text.find("}", at)
                if close < 0:
                    raise _ConfusedError
                at = close
            elif char in _BREAKS:
                break
            at += 1
        if at == start:
            raise _ConfusedError
        self.at = min(at, end)
        return text[start : self.at]

    def _behind_substitution(self, at: int) -> int:
        depth = 0
        for place in range(at, len(self.text)):
            depth += {"(": 1, ")": -1}.get(self.text[place], 0)
            if depth == 0 and place > at + 1:
                return place + 1
        raise _ConfusedError

    def _word(self, word: str) -> None:
        frame = self.frames[-1]
        if word == "!":
            self.negated = True
        elif word == "if":
            node = If(self._taken())
            node.arms.append(([], []))
            self._add(node)
            self._push(_Frame("if", node, node.arms[-1][0]))
        elif word == "then" and frame.kind == "if" and isinstance(frame.node, If):
            frame.kind, frame.nodes = "then", frame.node.arms[-1][1]
            self._taken()
        elif word in ("elif", "else") and frame.kind == "then" and isinstance(frame.node, If):
            frame.node.arms.append(([], []))
            frame.kind = "if" if word == "elif" else "else"
            frame.nodes = frame.node.arms[-1][0 if word == "elif" else 1]
            self._taken()
        elif word == "fi" and frame.kind in ("then", "else"):
            self.frames.pop()
        elif word in ("while", "until"):
            block = Block(self._taken(), "loop")
            self._add(block)
            self._push(_Frame("loop head", block, block.body))
        elif word in ("for", "select"):
            self._for()
        elif word == "do" and frame.kind == "loop head":
            frame.kind = "loop"
            self._taken()
        elif word == "done" and frame.kind == "loop":
            self.frames.pop()
        elif word == "[[":
            close = self.text.find("]]", self.at)
            if close < 0:
                raise _ConfusedError
            negated = self.negated
            self._add(Test(self._taken(), self.text[self.at : close].strip(), negated=negated))
            self.at = close + 2
        elif word == "{":
            self._open("group")
        elif word == "}":
            self._close("group")
        elif word == "case":
            self._case()
        elif word == "esac" and frame.kind == "arm":
            del self.frames[-2:]
        elif word == "function":
            self._skip_blank()
            self.waiting = self._next_word()
            self._parentheses()
        elif self._parentheses():
            self.waiting = word
        elif word in ("time", "coproc"):
            pass
        else:
            raise _ConfusedError

    def _skip_blank(self, more: str = "") -> None:
        while self.at < len(self.text) and self.text[self.at] in _BLANK + more:
            self.at += 1

    def _parentheses(self) -> bool:
        """Takes the `()` behind a function's name."""
        text, end, at = self.text, len(self.text), self.at
        while at < end and text[at] in _BLANK:
            at += 1
        if not text.startswith("(", at):
            return False
        at += 1
        while at < end and text[at] in _BLANK:
            at += 1
        if not text.startswith(")", at):
            return False
        self.at = at + 1
        return True

    def _open(self, kind: str) -> None:
        negated = self.negated
        name, self.waiting = self.waiting, ""
        block = Block(self._taken(), "function" if name else kind, name, negated=negated)
        self._add(block)
        self._push(_Frame(kind, block, block.body))

    def _close(self, kind: str) -> None:
        if self.frames[-1].kind != kind:
            raise _ConfusedError
        self.frames.pop()
        self.operator = ""

    def _for(self) -> None:
        self._skip_blank()
        name = ""
        if self.text.startswith("((", self.at):
            close = self.text.find("))", self.at)
            if close < 0:
                raise _ConfusedError
            self.at = close + 2
        else:
            name = self._next_word()
            self._skip_blank("\n")
            if self.text.startswith("in", self.at) and self.text[self.at + 2 : self.at + 3] in (" ", "\t", ";", "\n"):
                self.at += 2
                self._skip_blank()
                while self.at < len(self.text) and self.text[self.at] not in ";\n":
                    if self.text.startswith("\\\n", self.at):
                        self.at += 2
                    else:
                        self._next_word()
                    self._skip_blank()
        block = Block(self._taken(), "loop", name)
        self._add(block)
        self._push(_Frame("loop head", block, block.body))

    def _case(self) -> None:
        self._skip_blank()
        node = Case(self._taken(), self._next_word())
        self._skip_blank("\n")
        if self._next_word() != "in":
            raise _ConfusedError
        self._add(node)
        self._push(_Frame("case", node, []))
        self._arm()

    def _arm(self) -> None:
        """The patterns of the next arm of the innermost `case`, or its end."""
        frame = self.frames[-1]
        if not isinstance(frame.node, Case):
            raise _ConfusedError
        text = self.text
        while True:
            self._skip_blank("\n;")
            if not text.startswith("#", self.at):
                break
            close = text.find("\n", self.at)
            self.at = len(text) if close < 0 else close
        if text.startswith("esac", self.at) and text[self.at + 4 : self.at + 5] in ("", *_BREAKS):
            self.at += 4
            self.frames.pop()
            self.operator = ""
            return
        if text.startswith("(", self.at):
            self.at += 1
        patterns: list[str] = []
        while True:
            self._skip_blank()
            patterns.append(self._next_word())
            self._skip_blank()
            if text.startswith("|", self.at):
                self.at += 1
            elif text.startswith(")", self.at):
                self.at += 1
                break
            else:
                raise _ConfusedError
        nodes: list[Node] = []
        frame.node.arms.append((tuple(patterns), nodes))
        self._taken()
        self._push(_Frame("arm", frame.node, nodes))
