r"""Text made fit for a terminal: nothing in it is obeyed, everything in it is seen, and its width is known.

A linted file may hold escape sequences that repaint the screen, bidirectional controls that reorder a line
(CVE-2021-42574), invisible characters, and bytes that are not UTF-8. Whatever prints nothing of its own is shown as an
escape: `\x1b` for an ASCII control, `\u202e` for other characters, `\xff` for an undecodable byte.
"""

from __future__ import annotations

TAB = "    "  # every tab is four columns wide, wherever it stands, so that a cut line still lines up
SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def plain(text: str) -> bool:
    """Whether every character is a printable ASCII one: one column, nothing to escape."""
    return text.isascii() and text.isprintable()


def escaped(char: str) -> str:
    """The escape that stands for a character which may not reach the terminal."""
    code = ord(char)
    if char in SHORT:
        return SHORT[char]
    if code < 0x80:
        return f"\\x{code:02x}"
    if 0xDC80 <= code <= 0xDCFF:  # surrogateescape: the low byte is the byte that stands in the file
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def harmless(char: str) -> bool:
    """Whether a character may be printed as it is: it prints something, or is one of the many spaces."""
    if char.isprintable():
        return True
    from unicodedata import category  # noqa: PLC0415 - a table that plain ASCII never needs

    return category(char) == "Zs"


def visible(text: str) -> str:
    """The text on one line, with everything escaped that a terminal would act upon or not show."""
    if text.isprintable():
        return text
    return "".join(char if harmless(char) else escaped(char) for char in text)


def well_formed(text: str) -> str:
    """The text with lone surrogates escaped, so that it can be written as UTF-8 and read by a strict JSON parser."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "".join(escaped(char) if "\ud800" <= char <= "\udfff" else char for char in text)
    return text


def cells(text: str) -> list[tuple[str, int]]:
    """Each character of a stretch of source as it is shown, with its width in terminal columns."""
    if plain(text):
        return [(char, 1) for char in text]
    return [cell(char) for char in text]


def cell(char: str) -> tuple[str, int]:
    """A character of source as it is shown, and how many terminal columns that takes."""
    if char == "\t":
        return TAB, len(TAB)
    if plain(char):
        return char, 1
    if not harmless(char):
        shown = escaped(char)
        return shown, len(shown)
    from unicodedata import category, east_asian_width  # noqa: PLC0415 - as above

    if category(char) in {"Mn", "Me"} or "\u1160" <= char <= "\u11ff":  # combining marks; Hangul vowels and finals
        return char, 0
    return char, 2 if east_asian_width(char) in {"W", "F"} else 1
