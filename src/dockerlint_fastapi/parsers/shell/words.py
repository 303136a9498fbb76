"""Words: quotes, escapes, expansions, and the substitutions that hold commands of their own."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque

from dockerlint_fastapi.model.shell import ShellWord
from dockerlint_fastapi.parsers.shell.lexicon import (
    ANSI_C,
    ASSIGNMENT,
    BACKTICKED,
    BRACED_OPERATOR,
    CONTINUATION,
    PARAMETER,
    PLAIN,
    ansi_c,
)
from dockerlint_fastapi.parsers.shell.state import (
    MAX_DEPTH,
    MAX_PROBLEMS,
    MAX_PUT_OFF,
    Frame,
    HereDocument,
    Mark,
    Mode,
    Nesting,
    Output,
    Place,
    PutOff,
    Word,
)
from dockerlint_fastapi.source import Problem, Span

_QUOTED = frozenset({'"', "q{", "body"})
"""Modes in which a single quote is an ordinary character and a backslash quotes only a few."""

_NAMES = {
    '"': "double quote",
    "{": "`${`",
    "q{": "`${`",
    "((": "`((`",
    "(": "`(` in arithmetic",
    "[": "`$[`",
    "glob": "`(` of a pattern",
    "array": "`(` of an array",
}


class WordReader:
    """Reads words at `at` of one text, up to `end`. Open constructs lie on `stack`, never on Python's own."""

    __slots__ = ("at", "cuts", "depth", "end", "level", "out", "pending", "place", "retry_budget", "stack", "text")

    def __init__(
        self, text: str, start: int, end: int, *, out: Output, place: Place, depth: int = 0, level: int = 0
    ) -> None:
        self.text = text
        self.at = start
        self.end = end
        self.out = out
        self.place = place
        self.depth = depth
        self.level = level
        self.stack: list[Frame] = []
        self.cuts: list[int] = []  # where continuations stand outside single quotes, ascending
        self.pending: deque[HereDocument] = deque()
        self.retry_budget = 2 * (end - start) + 1000  # characters that may be read a second time

    # -- what is handed on ------------------------------------------------------------------------------------------

    def locate(self, start: int, end: int) -> Span:
        """The span of `text[start:end]`."""
        place = self.place
        return self.out.locate(start, end) if place.outer is None else self.out.locate(*place.stretch(start, end))

    def problem(self, start: int, end: int, message: str, expected: str = "") -> None:
        """Note something that a shell refuses."""
        if len(self.out.problems) < MAX_PROBLEMS:
            self.out.problems.append((self.place.offset(start), Problem(self.locate(start, end), message, expected)))

    def comment(self, start: int) -> int:
        """Note the comment at `start` and answer where its line ends."""
        stop = self.text.find("\n", start, self.end)
        if stop < 0:
            stop = self.end
        last = stop - 1 if self.text[stop - 1] == "\r" else stop
        self.out.comments.append((self.place.offset(start), self.locate(start, last)))
        return stop

    def written(self, start: int, end: int) -> str:
        """The text of a word without the continuations in it."""
        first = bisect_left(self.cuts, start)
        last = bisect_right(self.cuts, end - 1)
        if first >= last:
            return self.text[start:end]
        pieces: list[str] = []
        for cut in self.cuts[first:last]:
            pieces.append(self.text[start:cut])
            start = cut + (2 if self.text[cut + 1] == "\n" else 3)
        pieces.append(self.text[start:end])
        return "".join(pieces)

    def shell_word(self, start: int, end: int, value: str | None) -> ShellWord:
        """The word at `start` to `end`."""
        text = self.written(start, end) if self.cuts else self.text[start:end]
        return ShellWord(text, value, self.locate(start, end))

    # -- taking back ------------------------------------------------------------------------------------------------

    def mark(self) -> Mark:
        """The amounts produced so far."""
        out = self.out
        return Mark(
            len(out.commands),
            len(out.comments),
            len(out.problems),
            len(out.put_off),
            len(self.cuts),
            len(self.pending),
        )

    def take_back(self, mark: Mark) -> None:
        """Forget what was produced since `mark`."""
        out = self.out
        del out.commands[mark.commands :]
        del out.comments[mark.comments :]
        del out.problems[mark.problems :]
        del out.put_off[mark.put_off :]
        del self.cuts[mark.cuts :]
        while len(self.pending) > mark.pending:
            self.pending.pop()

    # -- nesting ----------------------------------------------------------------------------------------------------

    def push(self, kind: str, state: str, closer: str, start: int, *, width: int, nesting: Nesting) -> Frame:
        """Open a construct; its commands have `nesting`."""
        record = len(self.stack) + self.depth <= MAX_DEPTH
        if not record and not self.out.too_deep:
            self.out.too_deep = True
            message = f"nested more than {MAX_DEPTH} levels deep: what lies deeper is not read"
            self.problem(start, start + width, message)
        frame = Frame(kind, state, closer, start, width=width, nesting=nesting, record=record)
        if closer == ")":
            frame.parens = len(self.stack)
        elif self.stack:
            frame.parens = self.stack[-1].parens
        self.stack.append(frame)
        return frame

    def nested(self, nesting: Nesting, kind: str) -> Nesting:
        """The nesting of a construct opened now, which no longer grows where commands are not reported."""
        return self.out.within(nesting, kind) if len(self.stack) + self.depth <= MAX_DEPTH else nesting

    def substitute(self, frame: Frame, start: int, width: int) -> None:
        """Open `$(`, `<(` or `>(` within the word of `frame`."""
        nesting = self.nested(self.item_nesting(frame), "substitution")
        inner = self.push("substitution", "list", ")", start, width=width, nesting=nesting)
        inner.pending, self.pending = self.pending, deque()
        self.at = start + width

    def item_nesting(self, frame: Frame) -> Nesting:
        """The nesting of the item that `frame` is reading."""
        nesting = frame.nesting
        if frame.negated:
            nesting = self.nested(nesting, "negated")
        if frame.function:
            nesting = self.nested(nesting, "function")
        return nesting

    # -- words ------------------------------------------------------------------------------------------------------

    def read_word(self, frame: Frame, word: Word) -> tuple[int, str | None] | None:
        """Go on with a word: its end and value when it is complete, None when a substitution in it comes first."""
        text, end, modes = self.text, self.end, word.modes
        at = self.at
        while True:
            kind = modes[-1].kind if modes else ""
            match = PLAIN[kind].match(text, at, end)
            stop = match.end() if match else at
            if stop > at:
                if word.known:
                    word.parts.append(text[at:stop])
                at = stop
            if at >= end:
                return self._complete(word, end)
            char = text[at]
            if char == "\\":
                at = self._backslash(word, at, kind)
            elif char == "$":
                following = self._dollar(frame, word, at, kind)
                if following < 0:
                    return None
                at = following
            elif char == "`":
                at = self._backtick(frame, word, at, quoted=kind in _QUOTED)
            elif char == '"':
                word.quoted = True
                if kind == '"':
                    modes.pop()
                else:
                    modes.append(Mode('"', at))
                at += 1
            elif char == "'":
                at = self._single_quoted(word, at)
            elif not kind:
                following = self._edge(frame, word, at, char)
                if following == -1:
                    return at, "".join(word.parts) if word.known else None
                if following == -2:
                    return None
                at = following
            else:
                following = self._in_mode(frame, word, at, char, kind)
                if following < 0:
                    return None
                at = following
                if not modes and frame.target.use == "arithmetic":
                    return at, None

    def _complete(self, word: Word, at: int) -> tuple[int, str | None]:
        """The word at the end of the text, where some construct may still be open."""
        if not word.modes or word.modes[-1].kind == "body":
            return at, "".join(word.parts) if word.known else None
        mode = word.modes[-1]
        self.problem(mode.start, min(mode.start + 1, self.end), f"{_NAMES[mode.kind]} is never closed")
        return at, None

    def _edge(self, frame: Frame, word: Word, at: int, char: str) -> int:
        """A character outside quotes that may end the word: -1 when it does, -2 for a process substitution."""
        text, end = self.text, self.end
        if char in "<>":
            if text.startswith("(", at + 1) and at + 1 < end:
                word.known = False
                self.substitute(frame, at, 2)
                return -2
            return -1
        if char == "\r":
            if text.startswith("\n", at + 1):
                return -1
            if word.known:
                word.parts.append("\r")
            return at + 1
        if char != "(" or at == word.start:
            return -1
        before = text[at - 1]
        if before == "=" and not word.array_tried:
            word.array_tried = True
            if ASSIGNMENT.fullmatch(text, word.start, at):
                word.known = False
                word.modes.append(Mode("array", at))
                return at + 1
        if before in "?*+@!" and word.parts and word.parts[-1].endswith(before):
            if word.known:
                word.parts.append("(")
            word.modes.append(Mode("glob", at))
            return at + 1
        return -1

    def _in_mode(self, frame: Frame, word: Word, at: int, char: str, kind: str) -> int:
        """A character that means something to the construct open in the word; -1 when commands follow."""
        text, end, modes = self.text, self.end, word.modes
        if kind == "array":
            if char in "<>" and text.startswith("(", at + 1) and at + 1 < end:
                self.substitute(frame, at, 2)
                return -1
            if char == "#" and text[at - 1] in " \t\n(":
                return self.comment(at)
            if char == "(":
                modes.append(Mode("array", at))
            elif char == ")":
                modes.pop()
            return at + 1
        if kind == "((" and char == ")":
            if text.startswith(")", at + 1) and at + 1 < end:
                modes.pop()
                return at + 2
            return self._two_parentheses(frame, word, at)
        if char in "([":
            modes.append(Mode("(" if kind == "((" else kind, at))
        else:
            modes.pop()
        if kind == "glob" and word.known:
            word.parts.append(char)
        return at + 1

    def _two_parentheses(self, frame: Frame, word: Word, at: int) -> int:
        """What `((` opened ends in a single `)`: it was a subshell at the beginning of commands, as in `$((a); b)`."""
        mode = word.modes.pop()
        self.retry_budget -= at - mode.start
        if mode.mark is None or self.retry_budget < 0:
            self.problem(mode.start, mode.start + 2, "`((` is not closed by `))`")
            return at + 1
        self.take_back(mode.mark)
        if frame.target.use == "arithmetic":
            frame.word = None
            self.at = mode.start + 1
            nesting = self.nested(self.item_nesting(frame), "subshell")
            self.push("subshell", "list", ")", mode.start, width=1, nesting=nesting)
        else:
            self.substitute(frame, mode.start, 2)
        return -1

    def _backslash(self, word: Word, at: int, kind: str) -> int:
        text, end = self.text, self.end
        cut = CONTINUATION.match(text, at, end)
        if cut:
            self.cuts.append(at)
            return cut.end()
        word.quoted = True
        if at + 1 >= end:
            if word.known:
                word.parts.append("\\")
            return end
        char = text[at + 1]
        if kind in _QUOTED and char not in ('$`"\\' if kind == '"' else "$`\\" if kind == "body" else '$`"\\}'):
            if word.known:
                word.parts.append("\\")
            return at + 1
        if word.known:
            word.parts.append(char)
        return at + 2

    def _single_quoted(self, word: Word, at: int) -> int:
        word.quoted = True
        stop = self.text.find("'", at + 1, self.end)
        if stop < 0:
            self.problem(at, at + 1, "single quote is never closed")
            word.known = False
            word.modes.clear()
            return self.end
        if word.known:
            word.parts.append(self.text[at + 1 : stop])
        return stop + 1

    def _dollar(self, frame: Frame, word: Word, at: int, kind: str) -> int:
        """A `$`: where to go on, or -1 when commands follow."""
        text, end = self.text, self.end
        char = text[at + 1] if at + 1 < end else ""
        if char == "(":
            word.known = False
            if text.startswith("(", at + 2) and at + 2 < end:
                word.modes.append(Mode("((", at, self.mark()))
                return at + 3
            self.substitute(frame, at, 2)
            return -1
        if char == "{":
            word.known = False
            match = BRACED_OPERATOR.match(text, at + 2, end)
            keeps = match is not None and match["operator"] is not None
            word.modes.append(Mode("q{" if kind in _QUOTED and keeps else "{", at))
            return at + 2
        if char == "[":
            word.known = False
            word.modes.append(Mode("[", at))
            return at + 2
        parameter = PARAMETER.match(text, at + 1, end)
        if parameter:
            word.known = False
            return parameter.end()
        if kind not in _QUOTED:
            if char == "'":
                return self._ansi_c(word, at)
            if char == '"':  # bash: a string to translate; without a catalogue it is the string
                return at + 1
        if word.known:
            word.parts.append("$")
        return at + 1

    def _ansi_c(self, word: Word, at: int) -> int:
        word.quoted = True
        match = ANSI_C.match(self.text, at + 2, self.end)
        stop = match.end() if match else self.end
        if not self.text.startswith("'", stop) or stop >= self.end:
            self.problem(at, at + 2, "`$'` is never closed")
            word.known = False
            word.modes.clear()
            return self.end
        value = ansi_c(self.text[at + 2 : stop])
        if value is None:
            word.known = False
        elif word.known:
            word.parts.append(value)
        return stop + 1

    def _backtick(self, frame: Frame, word: Word, at: int, *, quoted: bool) -> int:
        """Backticks: what they hold loses one layer of backslashes and is parsed later."""
        text, end = self.text, self.end
        word.known = False
        match = BACKTICKED.match(text, at + 1, end)
        stop = match.end() if match else end
        if not text.startswith("`", stop) or stop >= end:
            self.problem(at, at + 1, "backtick is never closed")
            word.modes.clear()
            stop = end
        if not frame.record or self.level >= MAX_PUT_OFF:
            return min(stop + 1, end)
        body = text[at + 1 : stop]
        dropped: list[int] = []
        if "\\" in body:
            pieces: list[str] = []
            begin = length = 0
            found = body.find("\\")
            while 0 <= found < len(body) - 1:
                following = body[found + 1]
                if following in "$`\\" or (quoted and following == '"'):
                    pieces.append(body[begin:found])
                    length += found - begin
                    dropped.append(length)
                    begin = found + 1
                found = body.find("\\", found + 2)
            pieces.append(body[begin:])
            body = "".join(pieces)
        self.out.put_off.append(
            PutOff(
                body,
                0,
                len(body),
                Place(self.place, at + 1, tuple(dropped)),
                body=False,
                nesting=self.nested(self.item_nesting(frame), "substitution"),
                depth=self.depth + len(self.stack),
                level=self.level + 1,
            )
        )
        return min(stop + 1, end)
