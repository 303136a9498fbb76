"""Words of a command, however it is written: a JSON array, a shell form, a YAML list or string, a script."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dockerlint_fastapi.finding import Edit, place
from dockerlint_fastapi.source import Located, Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.command import Argument, Program

_PLAIN = r"[A-Za-z0-9_./:=@%+,-]+"  # what needs no quotes in any shell, in JSON, or in YAML behind another word
_PLAIN_ITEM = r"(?!(?i:yes|no|on|off|true|false|null|y|n)\Z)-{0,2}[A-Za-z_/][A-Za-z0-9_./-]*"
_LINE_END = r"[ \t]*\r?(?:\n|\Z)"


def last_of(program: Program) -> Argument:
    """The last argument of a program."""
    return program.argv[-1]


def without(words: Iterable[Located | Span]) -> tuple[Edit, ...] | None:
    """Removes words that are not the first of their command, each with the blank, comma or line that belongs to it."""
    spans = sorted({place(word) for word in words}, key=lambda span: (span.source.path, span.start))
    edits = [_without(span) for span in spans]
    return tuple(edit for edit in edits if edit is not None) if None not in edits else None


def without_first(word: Located | Span) -> Edit | None:
    """Removes the first word of a command with what sets it apart from the next; None when it is the only one."""
    span = place(word)
    source, text = span.source, span.source.text
    form = _form(span)
    if form == "array" and text[_gap(source, span.start) - 1] == "[":
        found = re.compile(r"\s*,\s*").match(text, span.end)
        return None if found is None else Edit(source.span(span.start, found.end()), "")
    if form == "item":
        from dockerlint_fastapi.edits.lines import without as without_lines  # noqa: PLC0415 - only lists need it

        return without_lines(source.span(text.rindex("-", 0, span.start), span.end), comment=True)
    found = re.compile(r"[ \t]+(?=[\w./-])").match(text, span.end) if form == "first" else None
    return None if found is None else Edit(source.span(span.start, found.end()), "")


def _without(span: Span) -> Edit | None:
    source, text = span.source, span.source.text
    form = _form(span)
    before = _gap(source, span.start)
    if form == "array":
        return Edit(source.span(before - 1, span.end), "") if text[before - 1] == "," else None
    if form == "item":
        from dockerlint_fastapi.edits.lines import without as without_lines  # noqa: PLC0415 - only lists need it

        dash = text.rindex("-", 0, span.start)
        return without_lines(source.span(dash, span.end), comment=True)
    if form == "blank":
        return Edit(source.span(before, span.end), "")
    return None


def behind(word: Located | Span, *values: str) -> Edit | None:
    """New words behind a word, set apart as it is from the one before it."""
    span = place(word)
    source, text = span.source, span.source.text
    form = _form(span)
    before = _gap(source, span.start)
    at = source.span(span.end, span.end)
    if form == "array":
        apart = text[before - 1 : span.start] if text[before - 1] == "," else ", "
        return Edit(at, "".join(apart + _item(value, span.text) for value in values))
    if form == "item":
        start = source.starts[span.line - 1]
        end = start + len(source.line(span.line))
        head = text[start : span.start]
        return Edit(source.span(end, end), "".join(f"\n{head}{_item(value, span.text)}" for value in values))
    plain = all(re.fullmatch(_PLAIN, value) for value in values)
    if form == "blank" and plain:
        gap = text[before : span.start]
        new = (gap + value if value.startswith("-") and "\n" in gap else " " + value for value in values)
        return Edit(at, "".join(new))
    return Edit(at, "".join(" " + value for value in values)) if form == "first" and plain else None


def instead(word: Located | Span, value: str) -> Edit | None:
    """Another word in place of one, in the same quotes."""
    span = place(word)
    written = span.text
    quote = written[:1] if len(written) > 1 and written[:1] in ("'", '"') and written[-1] == written[0] else ""
    if re.fullmatch(_PLAIN, value) and (quote or re.match(r"[A-Za-z0-9_./-]", value)):
        return Edit(span, f"{quote}{value}{quote}")
    if _form(span) in ("array", "item"):
        return Edit(span, _item(value, written))
    return None


def in_json(value: str) -> str:
    """A string as JSON has it."""
    if value.isprintable() and '"' not in value and "\\" not in value:
        return f'"{value}"'
    import json  # noqa: PLC0415 - takes 2 ms, and few words need it

    return json.dumps(value, ensure_ascii=False)


def _item(value: str, like: str) -> str:
    """A value as an item of an array or list whose other item is written as `like`."""
    if like[:1] == "'" and "'" not in value:
        return f"'{value}'"
    if like[:1] not in ("'", '"') and re.fullmatch(_PLAIN_ITEM, value):
        return value
    return in_json(value)


def _form(span: Span) -> str | None:
    """How a word stands among others: `array`, `item` of a YAML block list, apart by a `blank`, `first`; else None."""
    source, text = span.source, span.source.text
    before = _gap(source, span.start)
    behind_ = span.end
    while text[behind_ : behind_ + 1] in ("\\", "`", " ", "\t", "\r", "\n"):
        if text[behind_] in "\\`" and not re.compile(_LINE_END).match(text, behind_ + 1):
            break
        behind_ += 1
    previous, following = text[before - 1 : before], text[behind_ : behind_ + 1]
    if previous in ("[", ",") and previous and following in (",", "]"):
        return "array"
    start = source.starts[span.line - 1]
    if re.fullmatch(r"[ ]*-[ ]+", text[start : span.start]):
        rest = text[span.end : start + len(source.line(span.line))]
        if re.fullmatch(r"[ \t]*(?:[ \t]#.*)?", rest) and not source.path.endswith((".sh", "ockerfile")):
            return "item"
    gap = text[before : span.start]
    if following in (",", "]") or (following == "" and previous in ("[", ",")):
        return None
    if not gap or previous in ("", "[", ",", ":", "-"):
        return "first" if text[span.start - 1 : span.start] in ("'", '"', " ", "\t", "\n", "") else None
    if "\n" in gap and re.search(r"(?:^|[ \t])#", source.line(source.position(before)[0])):
        return None  # a comment stands between
    return "blank"


def _gap(source: Source, offset: int) -> int:
    """Where the blanks, line ends and continuations in front of an offset begin."""
    text = source.text
    at = offset
    line_end = re.compile(_LINE_END)
    while at > 0:
        char = text[at - 1]
        if char in " \t\r\n" or (char in "\\`" and "\n" in text[at:offset] and line_end.match(text, at)):
            at -= 1
        else:
            break
    return at
