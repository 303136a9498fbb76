"""Commands: operators, compound commands, redirections and here-documents, round the words of words.py."""

from __future__ import annotations

from collections import deque

from dockerlint_fastapi.model.shell import Assignment, Redirect, ShellWord
from dockerlint_fastapi.parsers.shell.lexicon import (
    ASSIGNMENT,
    BLANKS,
    CONTINUATION,
    COPROCESS_NAME,
    DANGLING,
    DELIMITER,
    DELIMITER_PART,
    FUNCTION_NAME,
    FUNCTION_PARENTHESES,
    LITERAL_WORD,
    PIPES,
    PLAIN_ARGUMENT,
    REDIRECT,
    RESERVED,
    TIME_OPTIONS,
)
from dockerlint_fastapi.parsers.shell.state import (
    MAX_PUT_OFF,
    SKIP,
    WORD,
    Draft,
    Frame,
    HereDocument,
    Mode,
    PutOff,
    Target,
    Word,
)
from dockerlint_fastapi.parsers.shell.words import WordReader

_CLOSES = {
    # a reserved word, and the (kind, state) of the constructs that it carries on or ends
    "then": frozenset({("if", "condition")}),
    "elif": frozenset({("if", "list")}),
    "else": frozenset({("if", "list")}),
    "fi": frozenset({("if", "list"), ("if", "else")}),
    "do": frozenset({("while", "condition"), ("until", "condition")}),
    "done": frozenset({(kind, "list") for kind in ("while", "until", "for", "select")}),
    "esac": frozenset({("case", "list")}),
    "}": frozenset({("group", "list"), ("for", "braces"), ("select", "braces")}),
}
_LOOK_UP = 8
"""How many open constructs a closing word may skip to reach its own; the skipped ones lack their end."""

_LISTS = frozenset({"list", "condition", "else", "braces"})
"""The states in which a construct holds commands."""

_NEXT_STATE = {"then": "list", "elif": "condition", "else": "else", "do": "list"}

_OPENERS = {
    # a word that opens a construct: kind, first state, what ends it
    "(": ("subshell", "list", ")"),
    "{": ("group", "list", "}"),
    "[[": ("test", "list", "]]"),
    "if": ("if", "condition", "fi"),
    "while": ("while", "condition", "done"),
    "until": ("until", "condition", "done"),
    "for": ("for", "name", "done"),
    "select": ("select", "name", "done"),
    "case": ("case", "subject", "esac"),
}


class Parser(WordReader):
    """Reads one text to its end. One call of `step` consumes at least one character or ends a construct."""

    __slots__ = ()

    def run(self, *, nesting: tuple[str, ...], body: bool) -> None:
        """Read everything."""
        frame = self.push("script", "list", "", self.at, width=0, nesting=nesting)
        if body:
            word = Word(self.at)
            word.modes.append(Mode("body", self.at))
            frame.word, frame.target = word, Target("body")
        stack = self.stack
        while True:
            frame = stack[-1]
            if frame.word is not None:
                done = self.read_word(frame, frame.word)
                if done is not None:
                    word, frame.word = frame.word, None
                    self.at = done[0]
                    self._deliver(frame, word.start, done[0], done[1])
            elif not self.step(frame):
                break
        self._finish()

    # -- tokens -----------------------------------------------------------------------------------------------------

    def step(self, frame: Frame) -> bool:
        """Read one token; False at the end of the text."""
        self._skip_blanks()
        at, text, end = self.at, self.text, self.end
        if at >= end:
            return False
        char = text[at]
        if char == "#" and frame.state != "regex":
            self.at = self.comment(at)
        elif frame.kind == "test":
            self._test(frame, at, char)
        elif char == "\n":
            self._newline(frame, at)
        elif frame.state not in _LISTS:
            self._head(frame, at, char)
        elif char in ";&|":
            self._control(frame, at, char)
        elif char == ")":
            self._close_parenthesis(at)
        elif char == "(":
            self._open_parenthesis(frame, at)
        else:
            self._word_or_redirect(frame, at)
        return True

    def _skip_blanks(self) -> None:
        text, end, at = self.text, self.end, self.at
        if at < end and text[at] not in " \t\r\\":
            return
        while True:
            match = BLANKS.match(text, at, end)
            at = match.end() if match else at
            if at < end and text[at] == "\\":
                cut = CONTINUATION.match(text, at, end)
                if cut:
                    self.cuts.append(at)
                    at = cut.end()
                    continue
            self.at = at
            return

    def _begin_word(self, frame: Frame, at: int, target: Target) -> None:
        """Start reading a word at `at`, where one begins."""
        literal = LITERAL_WORD.match(self.text, at, self.end)
        frame.target = target
        if literal:
            self.at = literal.end()
            self._deliver(frame, at, self.at, literal[0])
        else:
            self.at = at
            frame.word = Word(at)

    # -- items of a list --------------------------------------------------------------------------------------------

    def _item(self, frame: Frame, at: int) -> None:
        """A command begins in the list of `frame`."""
        if frame.compound:
            self.problem(at, at + 1, "a command follows another without an operator", "`;` or a line end")
            self._end_item(frame, ";")
        if frame.previous is not None:
            frame.previous.after = ";"
            frame.previous = None
        frame.some = True

    def _draft(self, frame: Frame, at: int) -> Draft:
        """The simple command being read, a new one when there is none."""
        if frame.current is None:
            self._item(frame, at)
            frame.current = Draft(at, frame.op, self.item_nesting(frame))
        return frame.current

    def _end_item(self, frame: Frame, op: str) -> None:
        """The command being read ends with `op` behind it ("" for the end of the list)."""
        draft = frame.current
        if draft is not None:
            frame.current = None
            if op == ";":
                frame.previous = draft
            else:
                draft.after = op
            if frame.record:
                start, stop = self.place.stretch(draft.start, draft.end)
                draft.order = start
                draft.span = self.out.locate(start, stop)
                self.out.commands.append(draft)
        frame.op = op
        frame.compound = frame.function = False
        if op not in PIPES:
            frame.negated = False

    def _end_list(self, frame: Frame, at: int, token: str) -> None:
        """The list of `frame` ends at `token`."""
        if frame.current is None and not frame.compound and (frame.op in DANGLING or frame.function):
            self._unexpected(at, token, "a command")
        self._end_item(frame, "")

    def _unexpected(self, at: int, token: str, expected: str = "") -> None:
        what = f"`{token}`" if token else "end of the script"
        self.problem(at, min(at + len(token), self.end), f"unexpected {what}", expected)

    def _newline(self, frame: Frame, at: int) -> None:
        self.at = at + 1
        if self.pending:
            self._here_documents()
        if frame.state in _LISTS:
            if frame.current is not None or frame.compound:
                self._end_item(frame, ";")
        elif frame.state in ("name", "items"):
            frame.state = "do"

    def _control(self, frame: Frame, at: int, char: str) -> None:
        """`;`, `&`, `|` and what begins with them, where commands stand."""
        text = self.text
        two = text[at : min(at + 2, self.end)]
        if two == "&>":
            self._redirect(frame, at)
            return
        if two in (";;", ";&"):
            self._case_item_end(frame, at, ";;&" if text.startswith(";;&", at) and at + 2 < self.end else two)
            return
        op = two if two in ("&&", "||", "|&") else char
        self.at = at + len(op)
        if frame.current is None and not frame.compound:
            self._unexpected(at, op, "a command")
            return
        self._end_item(frame, op)

    def _case_item_end(self, frame: Frame, at: int, op: str) -> None:
        found = self._enclosing(frame, frozenset({("case", "list")}), op)
        self.at = at + len(op)
        if found is None:
            self._unexpected(at, op)
            self._end_item(frame, ";")
            return
        self._end_list(found, at, op)
        found.fresh()
        found.state, found.inner = "patterns", 0

    # -- constructs -------------------------------------------------------------------------------------------------

    def _open(self, frame: Frame, at: int, token: str) -> None:
        """Open the compound command that `token` begins, as an item of `frame`."""
        kind, state, closer = _OPENERS[token]
        self._item(frame, at)
        self.at = at + len(token)
        nesting = self.item_nesting(frame)
        if kind != "test":
            nesting = self.nested(nesting, kind)
        self.push(kind, state, closer, at, width=len(token), nesting=nesting)

    def _pop(self, frame: Frame) -> None:
        """The innermost construct, `frame`, is complete."""
        self.stack.pop()
        if frame.kind == "substitution":
            # those of the text round it come first; the shorter part moves, or deep nesting would cost its square
            if len(frame.pending) < len(self.pending):
                self.pending.extendleft(reversed(frame.pending))
            else:
                frame.pending.extend(self.pending)
                self.pending = frame.pending
            return
        outer = self.stack[-1]
        outer.compound = True
        outer.function = False

    def _enclosing(self, frame: Frame, ends: frozenset[tuple[str, str]], token: str) -> Frame | None:
        """The construct that `token` carries on, those inside it closed with a problem; None when none is near."""
        if (frame.kind, frame.state) in ends:
            return frame
        for back in range(2, min(_LOOK_UP, len(self.stack)) + 1):
            if self.stack[-back + 1].closer == ")":
                return None
            candidate = self.stack[-back]
            if (candidate.kind, candidate.state) in ends:
                for _ in range(back - 1):
                    self._abandon(self.stack[-1], token)
                return candidate
        return None

    def _abandon(self, frame: Frame, token: str) -> None:
        """Close a construct whose end is missing."""
        self._end_item(frame, "")
        name = self.text[frame.start : frame.start + frame.width]
        where = f" before `{token}`" if token else ""
        self.problem(frame.start, frame.start + frame.width, f"`{name}` is not closed{where}", f"`{frame.closer}`")
        self._pop(frame)

    def _open_parenthesis(self, frame: Frame, at: int) -> None:
        draft = frame.current
        if draft is None:
            if self.text.startswith("((", at) and at + 1 < self.end:
                self._item(frame, at)
                self._arithmetic(frame, at)
            else:
                self._open(frame, at, "(")
            return
        parentheses = FUNCTION_PARENTHESES.match(self.text, at, self.end)
        if parentheses and len(draft.words) == 1 and not draft.assignments and not draft.redirects:
            frame.current = None
            frame.function = True
            self.at = parentheses.end()
            return
        self._unexpected(at, "(")
        self._end_item(frame, ";")
        self._open(frame, at, "(")

    def _arithmetic(self, frame: Frame, at: int) -> None:
        """`((` as a command, or as the head of a `for`."""
        frame.word = Word(at)
        frame.word.modes.append(Mode("((", at, self.mark()))
        frame.target = Target("arithmetic")
        self.at = at + 2

    def _close_parenthesis(self, at: int) -> None:
        index = self.stack[-1].parens
        self.at = at + 1
        if index < 0:
            self._unexpected(at, ")")
            self._end_item(self.stack[-1], ";")
            return
        while len(self.stack) - 1 > index:
            self._abandon(self.stack[-1], ")")
        frame = self.stack[-1]
        self._end_list(frame, at, ")")
        if frame.kind == "subshell" and not frame.some:
            self._unexpected(at, ")", "a command")
        self._pop(frame)

    def _test(self, frame: Frame, at: int, char: str) -> None:
        """Inside `[[ … ]]`: words and operators of its own."""
        text = self.text
        self.at = at + 1
        if char == ";" or (char == ")" and not frame.inner):
            self.at = at
            self._abandon(frame, char)
        elif char == "\n":
            if self.pending:
                self._here_documents()
        elif char in "()":
            frame.inner += 1 if char == "(" else -1
        elif char in "|&" or (char in "<>" and not text.startswith("(", at + 1)):
            frame.state = "list"
        elif text.startswith("]]", at) and (at + 2 >= self.end or text[at + 2] in " \t\r\n;&|<>()"):
            self.at = at + 2
            self._pop(frame)
        else:
            frame.state = "regex" if text.startswith("=~", at) else "list"
            self._begin_word(frame, at, SKIP)

    def _head(self, frame: Frame, at: int, char: str) -> None:
        """Before the commands of `for`, `select` and `case`: names, items, patterns."""
        state = frame.state
        if char == ")" and state == "patterns" and frame.inner:
            self.at = at + 1
            frame.state = "list"
            frame.fresh()
        elif char == ")":
            self._close_parenthesis(at)
        elif char == "(" and state == "patterns" and not frame.inner:
            frame.inner = 1
            self.at = at + 1
        elif char == "|" and state == "patterns":
            self.at = at + 1
        elif char == ";" and state in ("items", "do", "name", "in"):
            frame.state = "do"
            self.at = at + 1
        elif char == "(" and state == "name" and self.text.startswith("((", at):
            self._arithmetic(frame, at)
        elif char in ";&|(" or (char in "<>" and not self.text.startswith("(", at + 1)):
            self._unexpected(at, char)
            self.at = at + 1
        else:
            self._head_word(frame, at)

    def _head_word(self, frame: Frame, at: int) -> None:
        reserved = RESERVED.match(self.text, at, self.end)
        word = reserved[0] if reserved else ""
        state = frame.state
        if state in ("in", "do") and word in ("do", "{"):
            frame.state, frame.closer = ("list", "done") if word == "do" else ("braces", "}")
            frame.fresh()
            self.at = at + len(word)
        elif state == "patterns" and word == "esac" and not frame.inner:
            self.at = at + len(word)
            self._pop(frame)
        elif state == "do":
            self._unexpected(at, self.text[at], "`do`")
            frame.state, frame.closer = "list", "done"
            frame.fresh()
        else:
            if state == "patterns":
                frame.inner = 1
            self._begin_word(frame, at, SKIP)

    def _head_delivered(self, frame: Frame, start: int, end: int) -> None:
        """A word of the head of `for`, `select` or `case` is complete."""
        if frame.state in ("name", "subject"):
            frame.state = "in"
        elif frame.state == "in":
            if self.text[start:end] != "in":
                self._unexpected(start, self.text[start : min(end, start + 20)], "`in`")
            frame.state = "patterns" if frame.kind == "case" else "items"
            frame.inner = 0

    def _reserved(self, frame: Frame, at: int, word: str) -> bool:
        """A reserved word where a command may begin; False when it is a command's name after all."""
        text, end = self.text, self.end
        stop = at + len(word)
        if word in _CLOSES:
            self._carry_on(frame, at, word)
            return True
        if word in _OPENERS:
            self._open(frame, at, word)
            return True
        if word == "!":
            frame.negated = not frame.negated
        elif word == "time":
            options = TIME_OPTIONS.match(text, stop, end)
            stop = options.end() if options else stop
            blanks = BLANKS.match(text, stop, end)
            if blanks and text.startswith("-", blanks.end()) and blanks.end() < end:
                return False  # `time -v make`: the program of that name, as dash has it
        elif word == "function":
            name = FUNCTION_NAME.match(text, stop, end)
            if not name:
                return False
            self._item(frame, at)
            frame.function = True
            stop = name.end()
        elif word == "coproc":
            name = COPROCESS_NAME.match(text, stop, end)
            stop = name.end() if name else stop
        self.at = stop
        return True

    def _carry_on(self, frame: Frame, at: int, word: str) -> None:
        """`then`, `done`, `}` and the like."""
        found = self._enclosing(frame, _CLOSES[word], word)
        self.at = at + len(word)
        if found is None:
            self._unexpected(at, word)
            return
        if word != "esac" and not found.some:
            self._unexpected(at, word, "a command")
        self._end_list(found, at, word)
        if word in _NEXT_STATE:
            found.state = _NEXT_STATE[word]
            found.fresh()
        else:
            self._pop(found)

    # -- words and redirections of simple commands ------------------------------------------------------------------

    def _word_or_redirect(self, frame: Frame, at: int) -> None:
        text, end = self.text, self.end
        if frame.current is None:
            reserved = RESERVED.match(text, at, end)
            if reserved and self._reserved(frame, at, reserved[0]):
                return
        if text[at] in "0123456789{<>" and self._redirect(frame, at):
            return
        self._draft(frame, at)
        self._begin_word(frame, at, WORD)

    def _redirect(self, frame: Frame, at: int) -> bool:
        """Read a redirection's operator and begin its target; False when none stands here."""
        text, end = self.text, self.end
        match = REDIRECT.match(text, at, end)
        if not match:
            return False
        operator = match["both"] or match["operator"]
        # the redirections of a compound command are read but belong to no simple command
        draft = Draft(at, "", ()) if frame.compound else self._draft(frame, at)
        self.at = match.end()
        self._skip_blanks()
        start = self.at
        target = Target("redirect", at, match["fd"] or "", operator, draft)
        if operator in ("<<", "<<-"):
            self._here_document(frame, target, start)
        elif start >= end or text[start] in "\n;&|()" or (text[start] in "<>" and not text.startswith("(", start + 1)):
            self.problem(at, match.end(), f"nothing follows `{operator}`", "a file name")
            self._redirected(frame, target, match.end(), None)
        else:
            self._begin_word(frame, start, target)
        return True

    def _redirected(self, frame: Frame, target: Target, stop: int, word: tuple[int, str | None] | None) -> None:
        draft = target.draft
        if draft is None:
            return
        draft.end = stop
        if frame.record:
            shell_word = None if word is None else self.shell_word(word[0], stop, word[1])
            draft.redirects.append(
                Redirect(target.fd, target.operator, shell_word, self.locate(target.start, stop)),
            )

    def _deliver(self, frame: Frame, start: int, end: int, value: str | None) -> None:
        """A word is complete: give it to what it is for."""
        target = frame.target
        if target is SKIP:
            if frame.kind != "test":
                self._head_delivered(frame, start, end)
            return
        if target.use == "redirect":
            self._redirected(frame, target, end, (start, value))
            return
        if target.use == "arithmetic":
            if frame.state == "name":
                frame.state = "do"
            else:
                frame.compound = True
                frame.function = False
            return
        draft = frame.current
        if draft is None:  # a here-document's body
            return
        draft.end = end
        if not frame.record:
            return
        if not draft.words:
            assignment = ASSIGNMENT.match(self.text, start, end)
            if assignment:
                split = assignment.end()
                known = value is not None and value.startswith(assignment[0])  # not so with quotes in a subscript
                word = self.shell_word(split, end, value[split - start :] if known and value is not None else None)
                span = self.locate(start, end)
                draft.assignments.append(Assignment(assignment[1], word, span, append=bool(assignment[2])))
                return
        draft.words.append(self.shell_word(start, end, value))
        if frame.kind != "test" and frame.state in _LISTS:
            self._plain_arguments(draft)

    def _plain_arguments(self, draft: Draft) -> None:
        """Takes the plain words that follow, as most do, in a fifth of the time that `step` needs for them."""
        text, end, at = self.text, self.end, self.at
        while match := PLAIN_ARGUMENT.match(text, at, end):
            start, at = match.span(1)
            word = match[1]
            draft.words.append(ShellWord(word, word, self.locate(start, at)))
        if at > self.at:
            draft.end = self.at = at

    # -- here-documents ---------------------------------------------------------------------------------------------

    def _here_document(self, frame: Frame, target: Target, start: int) -> None:
        """Read the delimiter behind `<<`; the body comes at the next line end."""
        match = DELIMITER.match(self.text, start, self.end)
        written = match[0] if match else ""
        stop = start + len(written)
        draft = target.draft
        if not written or draft is None:
            self.problem(target.start, self.at, f"nothing follows `{target.operator}`", "a delimiter")
            return
        literal = any(quote in written for quote in "\"'\\")
        delimiter = DELIMITER_PART.sub(lambda part: part["single"] or part["double"] or part["char"] or "", written)
        self.at = stop
        index = len(draft.redirects) if frame.record else -1
        self._redirected(frame, target, stop, (start, delimiter))
        strip = target.operator == "<<-"
        nesting = self.item_nesting(frame)
        self.pending.append(HereDocument(delimiter, literal, strip, target.start, stop, draft, index, nesting))

    def _here_documents(self) -> None:
        """Read the bodies of all here-documents opened on the line that has just ended."""
        documents, self.pending = self.pending, deque()
        for document in documents:
            start = self.at
            stop = self._body(document)
            if document.redirect >= 0:
                redirects = document.draft.redirects
                redirects[document.redirect] = redirects[document.redirect]._replace(body=self.locate(start, stop))
                if not document.literal and self.level < MAX_PUT_OFF:
                    self._put_off_body(document, start, stop)

    def _put_off_body(self, document: HereDocument, start: int, stop: int) -> None:
        """Only substitutions in the body are commands."""
        if self.text.find("$(", start, stop) >= 0 or self.text.find("`", start, stop) >= 0:
            depth = self.depth + len(self.stack)
            self.out.put_off.append(
                PutOff(self.text, start, stop, self.place, True, document.nesting, depth, self.level + 1),
            )

    def _body(self, document: HereDocument) -> int:
        """Where the body that begins here ends; moves behind the delimiter's line."""
        text, end, at = self.text, self.end, self.at
        start = at
        joined = False  # the line before ended in a backslash: this one goes on with it
        while at < end:
            newline = text.find("\n", at, end)
            line = text[at : newline if newline >= 0 else end].removesuffix("\r")
            plain = line.lstrip("\t") if document.strip else line
            if plain == document.delimiter and not joined:
                self.at = newline + 1 if newline >= 0 else end
                return at
            joined = not document.literal and (len(line) - len(line.rstrip("\\"))) % 2 == 1
            at = newline + 1 if newline >= 0 else end
        if start < end:
            message = f"the here-document is not ended by a line `{document.delimiter}`"
            self.problem(document.start, document.end, message)
        self.at = end
        return end

    # -- the end ----------------------------------------------------------------------------------------------------

    def _finish(self) -> None:
        """The text is over: hand in what is still being read."""
        self.at = end = self.end
        while True:
            frame = self.stack[-1]
            if frame.word is not None:
                word, frame.word = frame.word, None
                self._deliver(frame, word.start, end, None)
            if len(self.stack) == 1:
                break
            self._abandon(frame, "")
        self._end_list(self.stack[-1], end, "")
