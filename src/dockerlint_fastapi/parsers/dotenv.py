"""Reads env files as Compose does: compose-go's `dotenv` package, and docker's `kvfile` for `format: raw`, both as of
2026-07.

Compose's dialect is its own: `NAME: value` is an assignment too, a comment needs a blank in front of its `#`, a quoted
value goes on over lines, and what follows its closing quote is read as the next statement.
"""

from __future__ import annotations

import re

from dockerlint_fastapi.model.environment.env_file import Assignment, EnvironmentFile
from dockerlint_fastapi.model.environment.interpolation import malformed
from dockerlint_fastapi.source import Problem, Source, Span

MAX_BYTES = 1_000_000

# What Go's `unicode.IsSpace` takes for space.
_SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
_BLANK = "\t\v\f\r \x85\xa0"  # what the dialect skips within a line
_EXPORT = r"export[\t\n\f\r ]+"
_ESCAPE = r'\\(?:[abcfnrtv$"\\]|0[0-9]{0,3})'
_ESCAPED = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", '"': '"', "\\": "\\"}


def parse_env_file(source: Source, *, raw: bool = False) -> EnvironmentFile:
    """The assignments of an env file. Never raises: what Compose refuses is a problem, and the next line goes on."""
    if len(source.data) > MAX_BYTES:
        problem = Problem(source.span(0, 0), "the file is larger than an env file that dlf reads", "less than 1 MB")
        return EnvironmentFile(source, (), (problem,))
    reader = _Raw(source) if raw else _Reader(source)
    reader.read()
    return EnvironmentFile(source, tuple(reader.assignments), tuple(reader.problems))


class _Reader:
    """One reading of a file in Compose's own dialect."""

    __slots__ = ("assignments", "at", "problems", "source", "text")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.at = 0
        self.assignments: list[Assignment] = []
        self.problems: list[Problem] = []

    def span(self, start: int, end: int) -> Span:
        return self.source.span(start, end)

    def line_end(self, at: int) -> int:
        end = self.text.find("\n", at)
        return len(self.text) if end < 0 else end

    def read(self) -> None:
        """Reads all statements."""
        while self.statement():
            pass

    def refuse(self, start: int, end: int, message: str, expected: str) -> None:
        """A problem; what follows on the line is passed over."""
        self.problems.append(Problem(self.span(start, end), message, expected))
        self.at = self.line_end(max(start, self.at))

    def statement(self) -> bool:
        """Reads one statement; False at the end of the file."""
        text, length = self.text, len(self.text)
        at = _skip(text, self.at, _SPACE)
        if at >= length:
            return False
        if text[at] == "#":
            self.at = self.line_end(at)
            return True
        exported = re.compile(_EXPORT).match(text, at)
        if exported:
            # only blanks are taken away behind it, so an `export` alone on its line is a name of no characters
            at = _skip(text, at + len("export"), _BLANK)
        self.at = at
        end = self.name_end(at)
        if end is None:
            return True
        name = text[at:end].rstrip(_SPACE)
        if " " in name:
            self.refuse(at, at + len(name), "the name of a variable holds a blank", "`NAME=value`")
        elif text[end] == "\n":
            self.at = end + 1
            if name:
                behind = self.span(at + len(name), at + len(name))
                span = self.span(at, at + len(name))
                self.assignments.append(Assignment(name, None, False, span, span, behind))
        elif not name:
            self.refuse(at, end + 1, "there is no name in front of the value", "`NAME=value`")
        else:
            self.value(at, name, _skip(text, end + 1, _BLANK))
        return True

    def name_end(self, start: int) -> int | None:
        """Where the name that begins at `start` ends: at its `=`, `:` or line end; None when it is refused."""
        text = self.text
        for at in range(start, len(text)):
            char = text[at]
            if char in "=:\n":
                return at
            if char not in _BLANK and char not in "_.-[]" and not (char.isalpha() or char.isnumeric()):
                self.refuse(at, at + 1, f"`{char}` cannot stand in the name of a variable", "letters, digits and `_`")
                return None
        self.refuse(start, len(text), "a name alone is read as a value on the file's last line", "a line break")
        return None

    def value(self, start: int, name: str, at: int) -> None:
        """Reads the value that begins at `at`."""
        text = self.text
        name_span = self.span(start, start + len(name))
        quote = text[at : at + 1]
        if quote not in ("'", '"') or not quote:
            end = self.line_end(at)
            self.at = min(end + 1, len(text))
            comment = text.find(" #", at, end)
            value = text[at : end if comment < 0 else comment].rstrip(_SPACE)
            stop = at + len(value)
            places: tuple[int, ...] = ()
            self.keep(Assignment(name, value, True, self.span(start, stop), name_span, self.span(at, stop), places))
            return
        read = self.quoted(at + 1, quote)
        if read is None:
            self.refuse(
                at, self.line_end(at), "the quote that opens this value is never closed", f"a closing `{quote}`"
            )
            return
        characters, offsets, end = read
        if quote == '"':
            characters, offsets = _unescaped(characters, offsets)
        inner = self.span(at + 1, end)
        self.at = end + 1
        same = characters == inner.text
        span = self.span(start, end + 1)
        self.keep(Assignment(name, characters, quote == '"', span, name_span, inner, () if same else tuple(offsets)))

    def keep(self, made: Assignment) -> None:
        """An assignment, unless Compose refuses its references."""
        bad = malformed(made.text) if made.expands and made.text is not None else None
        if bad is None:
            self.assignments.append(made)
        else:
            self.problems.append(
                Problem(made.locate(bad, bad + 2), "a reference in this value is malformed", "`${NAME}`, or `$$`")
            )

    def quoted(self, at: int, quote: str) -> tuple[str, list[int], int] | None:
        """The characters up to the closing quote, where each stands, and where that quote is; None without one."""
        text = self.text
        characters: list[str] = []
        offsets: list[int] = []
        escape = False
        for place in range(at, len(text)):
            char = text[place]
            if char == quote:
                if not escape:
                    return "".join(characters), offsets, place
                escape = False
            elif escape:
                escape = False
                characters.append("\\")
                offsets.append(place - 1)
            elif char == "\\":
                escape = True
                continue
            characters.append(char)
            offsets.append(place)
        return None


class _Raw(_Reader):
    """One reading of a file with `format: raw`: a line is `NAME=value` as it is, nothing is taken away behind `=`."""

    __slots__ = ()

    def statement(self) -> bool:
        """Reads one line."""
        text = self.text
        if self.at >= len(text):
            return False
        end = self.line_end(self.at)
        start = _skip(text, self.at, _SPACE, end)
        self.at = end + 1
        stop = end - 1 if end > start and text[end - 1] == "\r" else end
        if start >= stop or text[start] == "#":
            return True
        name, equals, value = text[start:stop].partition("=")
        name_span = self.span(start, start + len(name))
        if not name:
            self.problems.append(
                Problem(self.span(start, stop), "there is no name in front of the value", "`NAME=value`")
            )
        elif any(char in _SPACE for char in name):
            self.problems.append(Problem(name_span, "the name of a variable holds a blank", "`NAME=value`"))
        else:
            begin = start + len(name) + len(equals)
            span = self.span(start, stop)
            held = value if equals else None
            self.assignments.append(Assignment(name, held, False, span, name_span, self.span(begin, stop)))
        return True


def _skip(text: str, at: int, these: str, end: int | None = None) -> int:
    """The first place from `at` on where another character stands."""
    end = len(text) if end is None else end
    while at < end and text[at] in these:
        at += 1
    return at


def _unescaped(text: str, offsets: list[int]) -> tuple[str, list[int]]:
    """The text of a double-quoted value with its escapes replaced, and where each character comes from. An escaped
    dollar becomes `$$`, which is a dollar once references are expanded.
    """
    if "\\" not in text:
        return text, offsets
    parts: list[str] = []
    places: list[int] = []
    last = 0
    for match in re.finditer(_ESCAPE, text):
        parts.append(text[last : match.start()])
        places.extend(offsets[last : match.start()])
        made = _escaped(match[0])
        parts.append(made)
        places.extend([offsets[match.start()]] * len(made))
        last = match.end()
    parts.append(text[last:])
    places.extend(offsets[last:])
    return "".join(parts), places


def _escaped(written: str) -> str:
    r"""What one escape stands for. `\c` is none for Go, and `\0` needs three octal digits behind it; one that does not
    have them loses its zero.
    """
    if written == "\\$":
        return "$$"
    if not written.startswith("\\0"):
        return _ESCAPED.get(written[1:], written)
    digits = written[2:]
    if len(digits) == 3 and all(digit in "01234567" for digit in digits) and int(digits, 8) < 256:
        return chr(int(digits, 8))
    return "\\" + digits
