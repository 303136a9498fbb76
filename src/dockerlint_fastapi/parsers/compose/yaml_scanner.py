"""ruamel.yaml's scanner as Compose files need it: tabs where go-yaml takes them, and the common cases done quickly.

`TabScanner` is what is meant. `QuickScanner` gives the same tokens in half the time: where the text is of the usual
kind (plain scalars in block style, lines that end with a line feed, blanks and comments between them) one regular
expression takes the place of a loop over characters, and whatever is not falls back to the slow way. So does
`QuickParser` for events. `tests/test_yaml_scanner.py` holds them against ruamel's own.

This module imports ruamel.yaml: import it late.
"""

from __future__ import annotations

from functools import cached_property

from ruamel.yaml import tokens
from ruamel.yaml.error import StringMark
from ruamel.yaml.events import ScalarEvent
from ruamel.yaml.parser import Parser
from ruamel.yaml.reader import Reader
from ruamel.yaml.scanner import Scanner, ScannerError, SimpleKey

from dockerlint_fastapi.pattern import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_BLANK = "\0 \t\r\n\x85\u2028\u2029"


class TabScanner(Scanner):
    """ruamel's scanner with tabs accepted where YAML and go-yaml accept them: between tokens, never as indentation."""

    def scan_to_next_token(self) -> Any:
        """Blanks and comments up to the next token; a tab counts as blank where no key may begin."""
        peek, forward = self.reader.peek, self.reader.forward
        if self.reader.index == 0 and peek() == "\ufeff":
            forward()
        while True:
            blanks = " \t" if self.flow_level or not self.allow_simple_key else " "
            while peek() in blanks:
                forward()
            if peek() == "#":
                while peek() not in "\n\0\r\x85\u2028\u2029":
                    forward()
            if not self.scan_line_break():
                return
            if not self.flow_level:
                self.allow_simple_key = True

    def need_more_tokens(self) -> bool:
        """Whether the next token is not certain yet; the usual case is answered without a look at simple keys."""
        if self.tokens and not self.possible_simple_keys:
            return False
        return bool(super().need_more_tokens())

    def check_key(self) -> Any:
        """Whether a `?` begins a complex key: only in front of a blank, in flow collections too (`{?a: 1}`)."""
        return self.reader.peek(1) in _BLANK

    def check_plain(self) -> Any:
        """Whether a plain scalar begins here: `?` may begin one in flow collections too."""
        return super().check_plain() or (self.reader.peek() == "?" and self.reader.peek(1) not in _BLANK)

    def scan_plain_spaces(self, indent: Any, start_mark: Any) -> Any:  # noqa: ARG002 - ruamel's signature
        """The blanks within a plain scalar, tabs among them, folded when they hold line breaks."""
        peek, reader = self.reader.peek, self.reader
        length = 0
        while peek(length) in " \t":
            length += 1
        blanks = reader.prefix(length)
        reader.forward(length)
        if peek() not in "\r\n\x85\u2028\u2029":
            return [blanks] if blanks else []
        first = self.scan_line_break()
        self.allow_simple_key = True
        if self._at_document_marker():
            return None
        breaks: list[str] = []
        while peek() in " \r\n\x85\u2028\u2029":
            if peek() == " ":
                reader.forward()
            else:
                breaks.append(self.scan_line_break())
                if self._at_document_marker():
                    return None
        folded = [first] if first != "\n" else [] if breaks else [" "]
        return folded + breaks

    def _at_document_marker(self) -> bool:
        return self.reader.prefix(3) in ("---", "...") and self.reader.peek(3) in _BLANK

    def scan_block_scalar_indicators(self, start_mark: Any) -> Any:
        """`+`, `-` and the indentation digit behind `|` or `>`, in either order."""
        chomping: bool | None = None
        increment: int | None = None
        peek = self.reader.peek
        for _ in range(2):
            char = peek()
            if chomping is None and char in "+-":
                chomping = char == "+"
            elif increment is None and char in "123456789":
                increment = int(char)
            else:
                break
            self.reader.forward()
        if peek() not in _BLANK:
            raise ScannerError(
                "while scanning a block scalar", start_mark, "expected a line break", self.reader.get_mark()
            )
        while peek() == "\t":  # tabs before the comment or the line's end
            self.reader.forward()
        return chomping, increment


# In block style: what a plain scalar goes on with. A `:` ends it when a blank or the end follows.
_WITHIN = f"[^{_BLANK}:]*"
_PLAIN = pattern(f"{_WITHIN}(?::(?![{_BLANK}]){_WITHIN})*")
# Whole lines of nothing but spaces and a comment, and the spaces of the line behind them.
_LINES = pattern("(?: *(?:#[^\\0\\r\\n\\x85\\u2028\\u2029]*)?\\n)+ *")
_BREAKS = pattern("\\n(?: *\\n)* *")
# With these begin plain scalars and nothing else, wherever they stand.
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_/$~")


class _Mark(StringMark):
    """A place in the text; of a reader of one whole string, so that nothing else needs to be kept."""

    __slots__ = ()

    def __init__(self, index: int, line: int, column: int) -> None:
        self.index = index
        self.line = line
        self.column = column
        self.name = self.buffer = None
        self.pointer = index


class QuickReader(Reader):
    """A reader of one string: where no line ends, it goes forward in one step."""

    def forward(self, length: int = 1) -> None:
        """Goes on by so many characters."""
        at, buffer = self.pointer, self.buffer
        end = at + length
        if end + 1 < len(buffer):
            passed = buffer[at:end]
            if "\n" not in passed and "\r" not in passed and "\ufeff" not in passed:
                self.pointer = self.index = end
                self.column += length
                return
        super().forward(length)

    def get_mark(self) -> Any:
        """The place where the reading stands."""
        return _Mark(self.index, self.line, self.column)

    def move(self, end: int, lines: int, column: int) -> None:
        """Goes on to a place of which is known how many lines further it is, and its column."""
        self.pointer = self.index = end
        self.line += lines
        self.column = column


class QuickScanner(TabScanner):
    """The same tokens as TabScanner's."""

    @cached_property
    def reader(self) -> Any:
        """What it reads from."""
        return self.loader.reader

    def check_token(self, *choices: Any) -> bool:
        """Whether the next token is one of some types."""
        while (not self.tokens or self.possible_simple_keys) and self.need_more_tokens():
            self.fetch_more_tokens()
        return bool(self.tokens) and (not choices or isinstance(self.tokens[0], choices))

    def peek_token(self) -> Any:
        """The next token."""
        while (not self.tokens or self.possible_simple_keys) and self.need_more_tokens():
            self.fetch_more_tokens()
        return self.tokens[0] if self.tokens else None

    def get_token(self) -> Any:
        """The next token, which is then done with."""
        token = self.peek_token()
        if token is not None:
            self.tokens_taken += 1
            del self.tokens[0]
        return token

    def need_more_tokens(self) -> bool:
        """Whether the next token is not certain yet."""
        keys = self.possible_simple_keys
        if self.tokens and not keys:
            return False
        if self.done:
            return False
        if not self.tokens:
            return True
        self.stale_possible_simple_keys()
        return bool(keys) and min(key.token_number for key in keys.values()) == self.tokens_taken

    def stale_possible_simple_keys(self) -> None:
        """Forgets the keys that none can be any more: a simple key is on one line, and of 1,024 characters at most."""
        keys = self.possible_simple_keys
        if not keys:
            return
        line, index = self.reader.line, self.reader.index
        for key in keys.values():
            if key.line != line or index - key.index > 1024:
                super().stale_possible_simple_keys()
                return

    def save_possible_simple_key(self) -> None:
        """Remembers that a key may begin here."""
        if not self.allow_simple_key:
            return
        level, reader = len(self.flow_context), self.reader
        if level in self.possible_simple_keys:
            self.remove_possible_simple_key()
        required = not level and self.indent == reader.column
        self.possible_simple_keys[level] = SimpleKey(
            self.tokens_taken + len(self.tokens), required, reader.index, reader.line, reader.column, reader.get_mark()
        )

    def fetch_more_tokens(self) -> Any:
        """The next token, or the next few."""
        self.scan_to_next_token()
        reader = self.reader
        if reader.buffer[reader.pointer] in _LETTERS:
            self.stale_possible_simple_keys()
            if self.indent > reader.column:
                self.unwind_indent(reader.column)
            return self.fetch_plain()
        return super().fetch_more_tokens()

    def scan_to_next_token(self) -> Any:
        """Blanks and comments up to the next token."""
        reader = self.reader
        at, buffer = reader.pointer, reader.buffer
        if buffer[at] in " \n#" and at:
            found = _LINES.match(buffer, at)
            if found is not None:
                end = found.end()
                reader.move(end, buffer.count("\n", at, end), end - buffer.rfind("\n", at, end) - 1)
                if not self.flow_context:
                    self.allow_simple_key = True
        if buffer[reader.pointer] in " \t\r\n#\x85\u2028\u2029\ufeff":
            super().scan_to_next_token()

    def scan_plain(self) -> Any:
        """A plain scalar, which may go on over several lines."""
        if self.flow_context:
            return super().scan_plain()
        reader, buffer = self.reader, self.reader.buffer
        start = end = reader.get_mark()
        indent = self.indent + 1
        chunks: list[str] = []
        spaces: list[str] = []
        while buffer[reader.pointer] != "#":
            at = reader.pointer
            found = _PLAIN.match(buffer, at)
            if found is None or found.end() == at:
                break
            self.allow_simple_key = False
            chunks += spaces
            chunks.append(found[0])
            reader.forward(found.end() - at)
            end = reader.get_mark()
            spaces = self.scan_plain_spaces(indent, start)
            if not spaces or buffer[reader.pointer] == "#" or reader.column < indent:
                break
        return tokens.ScalarToken("".join(chunks), True, start, end)

    def scan_plain_spaces(self, indent: Any, start_mark: Any) -> Any:
        """The blanks within a plain scalar."""
        reader, buffer = self.reader, self.reader.buffer
        at = reader.pointer
        first = buffer[at]
        if first not in " \t\r\n\x85\u2028\u2029":
            return []
        if first == "\n":
            found = _BREAKS.match(buffer, at)
            end = found.end() if found is not None else at
            if found is not None and buffer[end] not in "\r\n\x85\u2028\u2029":
                lines, line = buffer.count("\n", at, end), buffer.rfind("\n", at, end) + 1
                reader.move(end, lines, end - line)
                self.allow_simple_key = True
                if line == end and buffer.startswith(("---", "..."), end) and buffer[end + 3] in _BLANK:
                    return None
                return ["\n"] * (lines - 1) or [" "]
        return super().scan_plain_spaces(indent, start_mark)


class QuickParser(Parser):
    """ruamel's parser, which knows its scanner."""

    @cached_property
    def scanner(self) -> Any:
        """What it takes tokens from."""
        return self.loader.scanner

    def parse_node(self, block: Any = False, indentless_sequence: Any = False) -> Any:  # noqa: FBT002 - as ruamel's
        """The event with which a node begins: at once for a scalar without anchor and tag, which most nodes are."""
        scanner = self.scanner
        if not scanner.check_token(tokens.ScalarToken):
            return super().parse_node(block, indentless_sequence)
        token = scanner.get_token()
        self.state = self.states.pop()
        implicit = (True, False) if token.plain else (False, True)
        return ScalarEvent(None, None, implicit, token.value, token.start_mark, token.end_mark, style=token.style)

    def parse_block_mapping_value(self) -> Any:
        """The event of what stands behind a `:`, or would stand there; comments are not kept."""
        scanner = self.scanner
        if scanner.check_token(tokens.ValueToken):
            scanner.get_token()
            if not scanner.check_token(tokens.KeyToken, tokens.ValueToken, tokens.BlockEndToken):
                self.states.append(self.parse_block_mapping_key)
                return self.parse_block_node_or_indentless_sequence()
            self.state = self.parse_block_mapping_key
            return self.process_empty_scalar(scanner.peek_token().end_mark)
        self.state = self.parse_block_mapping_key
        return self.process_empty_scalar(scanner.peek_token().start_mark)
