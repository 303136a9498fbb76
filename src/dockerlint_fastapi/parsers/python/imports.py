"""The imports that running a module certainly makes, read from its text without a syntax tree.

Most modules of an application are looked at for nothing else, and a tree costs ten times as much. A text that this
cannot read for certain has None for an answer; its tree tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


class Imported(NamedTuple):
    """`import a.b` (names: `a.b`), or `from ..a import b` (level 2, module `a`, names: `b`)."""

    level: int | None  # the dots in front of the module; None without `from`
    module: str
    names: tuple[str, ...]


# Strings and comments: what stands in them is no statement.
_ASIDE: Final = (
    r'"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""'
    r"|'''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'''"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'(?:[^'\\\n]|\\.)*'"
    r"|#[^\n]*"
)
_TRIPLE: Final = ('"""', "'''")
# An import that does not begin its line: behind a `;`, or behind the colon of an `if`.
_BEHIND: Final = r"[;:][ \t]*(?:from[ \t]+[\w.]+[ \t]+import|import)\b"
_IMPORT: Final = r"(?m)^([ \t]*)(?:from|import)\b[^\n(]*(?:\([^()]*\)[^\n]*)?"
_PLAIN: Final = r"import[ \t]+(\w[\w., \t]*)"
_FROM: Final = r"from[ \t]*(\.*)[ \t]*([\w.]*)[ \t]+import[ \t]*(?:\((.*)\)|([\w, \t]+|\*))[ \t]*\Z"
_NAME: Final = r"([\w.]+)(?:[ \t]+as[ \t]+\w+)?\Z"
_BLOCK: Final = r"[ \t]*(async[ \t]+def|def|class|try|except|finally|for|while|with|if)\b(.*)"
_NEVER: Final = r"[ \t]+(?:not[ \t]+)?(?:typing\.|t\.)?TYPE_CHECKING[ \t]*:|[ \t]+__name__[ \t]*=="
# A TYPE_CHECKING of its own; `TYPE_CHECKING = False` at the margin is what type checkers take for theirs.
_OWN_CONSTANT: Final = r"(?m)^[ \t]+TYPE_CHECKING\b[^\n]*=|^TYPE_CHECKING\b(?! = False$)[^\n]*="
_MAX_INDENTED: Final = 200  # imports that are not at the margin; a module of more is read by its tree


def imports_of_text(text: str) -> tuple[Imported, ...] | None:
    """What running a module imports, in order: at its margin, in its classes, and in a `try`. None when the text alone
    does not tell.
    """
    if "import" not in text:
        return ()
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if "\r" in text or "\f" in text or re.search(_OWN_CONSTANT, text):
        return None
    bare = re.sub(_ASIDE, _without, text, flags=re.DOTALL)
    if "\\\n" in bare:
        # A line that holds nothing else joins the next one, whose own margin counts then: the tree tells that.
        if re.search(r"(?m)^[ \t]*\\$", bare):
            return None
        bare = bare.replace("\\\n", " ")
    if any(one in bare for one in _TRIPLE) or re.search(_BEHIND, bare):
        return None
    found: list[Imported] = []
    indented = 0
    for match in re.finditer(_IMPORT, bare):
        if match[1]:
            indented += 1
            runs = _is_run(bare, match.start(), match[1]) if indented <= _MAX_INDENTED else None
            if runs is None:
                return None
            if not runs:
                continue
        made = _read(match[0])
        if made is None:
            return None
        found.append(made)
    return tuple(found)


def _without(match: re.Match[str]) -> str:
    text = match[0]
    return "" if text[0] == "#" else '""' if "\n" in text or any(one in text for one in _TRIPLE) else text


def _read(statement: str) -> Imported | None:
    statement = statement.strip()
    plain = re.fullmatch(_PLAIN, statement)
    if plain is not None:
        names = _names(plain[1])
        return None if names is None else Imported(None, "", names)
    match = re.match(_FROM, statement, re.DOTALL)
    if match is None or not (match[1] or match[2]):
        return None
    if match[4] == "*":
        return Imported(len(match[1]), match[2], ("*",))
    names = _names((match[3] if match[3] is not None else match[4]).replace("\n", " "))
    return None if names is None else Imported(len(match[1]), match[2], names)


def _names(text: str) -> tuple[str, ...] | None:
    """The names in a list of imports, without those that they get here."""
    found: list[str] = []
    parts = [part.strip() for part in text.split(",")]
    if len(parts) > 1 and not parts[-1]:
        parts.pop()
    for part in parts:
        match = re.match(_NAME, part)
        if match is None:
            return None
        found.append(match[1])
    return tuple(found)


def _is_run(bare: str, start: int, indent: str) -> bool | None:
    """Whether what stands indented is run with the module; None when that cannot be told."""
    doubt = False
    for head in _heads(bare, start, len(indent.expandtabs())):
        match = re.match(_BLOCK, head)
        if match is None:
            doubt = True  # an `else`, a `match`
            continue
        kind, rest = match[1], match[2]
        if kind in ("except", "finally", "for", "while") or kind.endswith("def"):
            return False
        if kind == "if":
            if re.match(_NEVER, rest):
                return False
            doubt = True
    return None if doubt else True


def _heads(bare: str, start: int, depth: int) -> Iterator[str]:
    """The lines that open the blocks round a place, from the inside out."""
    end = start
    closing = False
    while (depth > 0 or closing) and end > 0:
        begin = bare.rfind("\n", 0, end - 1) + 1
        line = bare[begin : end - 1]
        end = begin
        stripped = line.strip()
        if not stripped:
            continue
        here = len(line[: len(line) - len(line.lstrip())].expandtabs())
        if closing:
            if here > depth or stripped[0] in ")]}":
                continue
            closing = False
        elif here >= depth:
            continue
        elif stripped[0] in ")]}":  # the end of a head that is written over several lines
            closing, depth = True, here
            continue
        depth = here
        yield line
        if here == 0:
            return
