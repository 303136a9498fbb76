"""Python text -> its syntax tree, with places counted in characters of the source.

`ast` is imported when the first Python file is parsed, not before: most runs on a Dockerfile need none.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast

    from dockerlint_fastapi.source import Source, Span

MAX_TEXT = 4_000_000  # characters; a module of more is data, not code that someone wrote
COOKIE = r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)"  # PEP 263: in a comment on line 1 or 2
BLANK = r"^[ \t\f]*(?:#[^\r\n]*)?(?:\r\n?|\n|\Z)"
UTF_8 = frozenset({"utf-8", "utf-8-sig"})
# In these codecs one byte is one character and ASCII is ASCII, so that offsets stay what they are.
SINGLE_BYTE = r"ascii|iso8859-\d+|cp(?:125\d|437|8[56]\d|866)|koi8-[rtu]|mac-\w+|latin_?1"
SURROGATE = "[\udc80-\udcff]"
LINE_END = r"\r\n?|\n"
_KEY = "python"  # in Source.parsed


class PythonSyntax:
    """A Python file: its tree, parsed when that is first asked for, and where each node stands.

    Lines of the tree end at LF, CRLF or CR and its columns count UTF-8 bytes; spans count characters of
    `source.text`, as everywhere in dlf.
    """

    __slots__ = ("_ascii", "_parsed", "_starts", "_text", "_tree", "source")

    def __init__(self, source: Source, text: str) -> None:
        self.source = source
        self._parsed = False
        self._tree: ast.Module | None = None
        self._text = text  # what was parsed: as long as source.text, undecodable bytes made letters
        self._ascii = text.isascii()
        self._starts: list[int] | None = None

    def __repr__(self) -> str:
        return f"PythonSyntax({self.source.path!r})"

    @property
    def parses(self) -> bool:
        """Whether it is Python, as far as the Python that dlf runs on can tell."""
        if not self._parsed:
            self._parsed = True
            self._tree = tree_of(self._text)
        return self._tree is not None

    @property
    def tree(self) -> ast.Module:
        """The syntax tree; that of an empty file where `parses` is False."""
        if self._tree is None and not self.parses:
            import ast  # noqa: PLC0415 - as this module says above

            return ast.Module(body=[], type_ignores=[])
        assert self._tree is not None  # noqa: S101 - it has been parsed
        return self._tree

    def span(self, node: ast.AST) -> Span:
        """Where a node stands; the whole file for a node that has no place of its own (a module, arguments)."""
        line = getattr(node, "lineno", None)
        column = getattr(node, "col_offset", None)
        if not isinstance(line, int) or not isinstance(column, int):
            return self.source.span(0, len(self._text))
        start = self.offset(line, column)
        end_line = getattr(node, "end_lineno", None)
        end_column = getattr(node, "end_col_offset", None)
        if not isinstance(end_line, int) or not isinstance(end_column, int):
            return self.source.span(start, start)
        return self.source.span(start, max(start, self.offset(end_line, end_column)))

    def offset(self, line: int, column: int) -> int:
        """The character of `source.text` at a line (from 1) and a column (UTF-8 bytes, from 0) of the tree."""
        starts = self._line_starts()
        if self._ascii and 1 <= line <= len(starts):
            return min(starts[line - 1] + column, len(self._text))
        if line < 1:
            return 0
        if line > len(starts):
            return len(self._text)
        start = starts[line - 1]
        stop = starts[line] if line < len(starts) else len(self._text)
        head = self._text[start : min(stop, start + column)]  # a character is at least one byte
        if not head.isascii():
            head = head.encode("utf-8", "replace")[:column].decode("utf-8", "ignore")
        return start + len(head)

    def _line_starts(self) -> list[int]:
        if self._starts is None:
            self._starts = [0, *(match.end() for match in re.finditer(LINE_END, self._text))]
        return self._starts


def parse_python(source: Source) -> PythonSyntax | None:
    """The syntax tree of a Python file; None when it cannot be parsed by the Python that dlf runs on.

    Never raises, and what Python would warn of in the text (an invalid escape, `is` with a literal) is not
    shown. A file may be written in a newer Python than ours, so that None never means "broken".
    """
    syntax = defer_python(source)
    return syntax if syntax is not None and syntax.parses else None


def defer_python(source: Source) -> PythonSyntax | None:
    """The same, parsed only when its tree is asked for; None for a text that is certainly none that Python reads.

    A source has one PythonSyntax, whoever asks for it.
    """
    known = source.parsed.get(_KEY, source)
    if known is source:
        text = _decoded(source) if len(source.text) <= MAX_TEXT else None
        source.parsed[_KEY] = known = None if text is None else PythonSyntax(source, text)
    return known if isinstance(known, PythonSyntax) else None


def tree_of(text: str) -> ast.Module | None:
    """The tree of a Python text; None when it does not parse. What Python would warn of is not shown."""
    import ast  # noqa: PLC0415 - as this module says above
    import warnings  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        # SyntaxError also for indentation; ValueError for NUL and for integers of too many digits;
        # the parser gives up on deep nesting with MemoryError or RecursionError.
        except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
            return None


def _decoded(source: Source) -> str | None:
    """The text as Python decodes it, one character for each of `source.text`; None when Python refuses it.

    In a codec other than UTF-8 a byte beyond ASCII becomes some letter, not the right one: it can stand in
    comments and strings (and names) only, and the length is what matters.
    """
    text = source.text
    codec = _codec(text)
    if codec is None:
        return None
    if codec in UTF_8:
        return None if re.search(SURROGATE, text) else text
    if source.bom or not re.fullmatch(SINGLE_BYTE, codec):
        return None
    if codec == "ascii":
        return text if text.isascii() else None
    return re.sub(SURROGATE, "\u00ff", text)


def _codec(text: str) -> str | None:
    """The normal name of the file's codec by PEP 263; None for one that Python does not know."""
    match = re.match(COOKIE, text)
    if match is None:
        first = re.match(BLANK, text)
        match = None if first is None else re.match(COOKIE, text[first.end() : first.end() + 1000])
    if match is None:
        return "utf-8"
    import codecs  # noqa: PLC0415 - few files name one

    try:
        return codecs.lookup(match[1]).name
    except (LookupError, ValueError):
        return None
