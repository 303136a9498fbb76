"""Ignore comments put into a file: above what they speak of, without changing what the file means."""

from __future__ import annotations

import re

from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import BOM, Source, encode
from dockerlint_fastapi.suppress import UNREASONED, UNUSED, Ignore, ignores
from dockerlint_fastapi.suppress.places import InDockerfile, InIgnoreFile, InPython, InYaml, places_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NO_COMMENTS = frozenset({"json", "lock", "ipynb", "csv"})
"""Endings of files that hold no comments, or that a program writes anew."""

_WITH_HASH = frozenset(
    {"bash", "cfg", "conf", "env", "in", "ini", "py", "pyi", "sh", "toml", "txt", "yaml", "yml", "ksh"}
)
_FILE_WIDE = r"(?i)#[ \t]*dlf[ \t]*:[ \t]*ignore-file"


class Wanted(NamedTuple):
    """A finding that is to be ignored: its rule, and the offset at which it begins."""

    rule: str
    start: int


class Inserted(NamedTuple):
    """A file with ignore comments. `data` is None when it cannot hold any, and `reason` says why."""

    data: bytes | None
    reason: str = ""


class _Edit(NamedTuple):
    start: int
    end: int
    text: str


def one_line(reason: str) -> str:
    """A reason as a comment can hold it: on one line, with nothing at its end that would join the next one to it."""
    return re.sub(r"[^\S ]|[\x00-\x1f\x7f]", " ", " ".join(reason.split())).rstrip("\\`^ ").strip()


def with_ignores(source: Source, kind: str, wanted: Iterable[Wanted], reason: str) -> Inserted:
    """A file in which comments ignore some findings. `kind` is as for `suppress.ignores`.

    A comment stands above the instruction, entry, statement or line of the finding; where there is none, or a comment
    there would change what the file means, one for the whole file stands at its top. All other bytes stay.
    """
    wanted = sorted(set(wanted))
    name = source.path.rpartition("/")[2].lower()
    ending = name.rpartition(".")[2]
    if kind == "elsewhere" and (ending in NO_COMMENTS or not _takes_comments(source, name, ending)):
        return Inserted(None, "it holds no comments that last")
    places = places_of(source, kind)
    holder = _Holder(source, kind, places, one_line(reason))
    meaning = _meaning(source, kind, places)
    for edits in (holder.near(wanted), holder.file_wide(wanted)):
        text = source.text
        for edit in sorted(edits, reverse=True):
            text = text[: edit.start] + edit.text + text[edit.end :]
        data = (BOM if source.bom else b"") + encode(text)
        changed = Source(source.path, data, source.shown)
        changed.private = source.private
        if _meaning(changed, kind, places_of(changed, kind)) == meaning:
            return Inserted(data)
    return Inserted(None, "a comment would change what it means")


def _takes_comments(source: Source, name: str, ending: str) -> bool:
    return ending in _WITH_HASH or ".env" in f".{name}" or source.text.startswith("#!") or "." not in name


class _Holder:
    """Where comments go in one file."""

    def __init__(self, source: Source, kind: str, places: InDockerfile | InYaml, reason: str) -> None:
        self.source = source
        self.reason = reason
        self.places = places
        self.rows = [row.removesuffix("\r") for row in source.text.split("\n")]
        self.ignores = [one for one in ignores(source, kind) if one.kind == "dlf" and one.problem is None]
        self.firsts = _firsts(source, places, self.rows)
        self.ending = "\r\n" if "\r\n" in source.text else "\n"

    def near(self, wanted: Sequence[Wanted]) -> list[_Edit]:
        """Comments above what they speak of."""
        by_row: dict[int, list[str]] = {}
        in_comment: dict[Ignore, list[str]] = {}
        whole: list[Wanted] = []
        for one in wanted:
            comment = next((two for two in self.ignores if two.span.start <= one.start <= two.span.end), None)
            row = self.firsts.get(self.source.position(one.start)[0] - 1)
            if comment is not None and one.rule in (UNUSED, UNREASONED):
                in_comment.setdefault(comment, []).append(one.rule)
            elif row is None:
                whole.append(one)
            else:
                by_row.setdefault(row, []).append(one.rule)
        for row, rules in list(by_row.items()):
            comment = self._above(row)
            if comment is not None:
                in_comment.setdefault(comment, []).extend(rules)
                del by_row[row]
        edits = [self._joined(comment, rules) for comment, rules in in_comment.items()]
        edits += [self._line(row, "ignore", rules) for row, rules in by_row.items()]
        return edits + self.file_wide(whole)

    def file_wide(self, wanted: Sequence[Wanted]) -> list[_Edit]:
        """One comment for the whole file, at its top."""
        rules = [one.rule for one in wanted]
        if not rules:
            return []
        comment = next((one for one in self.ignores if self._is_file_wide(one) and self._same_reason(one)), None)
        if comment is not None:
            return [self._joined(comment, rules)]
        return [self._line(self._top(), "ignore-file", rules)]

    def _top(self) -> int:
        """The first row above which a comment changes nothing."""
        row = 0
        if isinstance(self.places, InDockerfile):
            row = max(self.places.directive_rows, default=-1) + 1
        elif isinstance(self.places, InPython):
            while row < min(2, len(self.rows)) and re.match(r"#!|#.*coding[:=]", self.rows[row]):
                row += 1
        elif type(self.places) is InYaml and self.rows[0].startswith("%"):
            row = next((at for at, text in enumerate(self.rows) if text.startswith("---")), -1) + 1
        if row == 0 and self.rows[0].startswith("#!"):
            row = 1
        return row

    def _above(self, row: int) -> Ignore | None:
        """The comment directly above a row that can take further names, or the one at the end of that row."""
        fitting = [one for one in self.ignores if self._same_reason(one) and not self._is_file_wide(one)]
        by_row = {one.span.line - 1: one for one in fitting}
        trailing = by_row.get(row)
        if trailing is not None and not isinstance(self.places, InDockerfile) and self.rows[row].lstrip()[0] != "#":
            return trailing
        above = row - 1
        while above >= 0 and (not self.rows[above].strip() or self.rows[above].lstrip().startswith("#")):
            if above in by_row and self.firsts.get(above) == above:
                return by_row[above]
            above -= 1
        return None

    def _same_reason(self, ignore: Ignore) -> bool:
        return ignore.reason in ("", self.reason.strip(" \t#:;-"))

    def _is_file_wide(self, ignore: Ignore) -> bool:
        return re.match(_FILE_WIDE, ignore.span.text) is not None

    def _joined(self, ignore: Ignore, rules: Sequence[str]) -> _Edit:
        """A comment with more names, and with the reason when it has none."""
        text = ignore.span.text
        begin, end = text.index("["), text.index("]")
        names = [named.text for named in ignore.names]
        if "all" not in (name.lower() for name in names):
            names += [rule for rule in sorted(set(rules)) if rule not in names and rule != UNREASONED]
        kept = text[end + 1 :] if ignore.reason or not self.reason else f" {self.reason}"
        inner = text[begin + 1 : end] if len(names) == len(ignore.names) else ", ".join(names)
        return _Edit(ignore.span.start, ignore.span.end, f"{text[:begin]}[{inner}]{kept}")

    def _line(self, row: int, word: str, rules: Sequence[str]) -> _Edit:
        """A comment on a line of its own above a row."""
        text = self.rows[row] if row < len(self.rows) else ""
        blanks = " " if type(self.places) is InYaml else " \t"  # a tab cannot indent YAML, not even a comment
        indentation = text[: len(text) - len(text.lstrip(blanks))] if word == "ignore" else ""
        if isinstance(self.places, InIgnoreFile):
            indentation = ""
        comment = f"{indentation}# dlf: {word}[{', '.join(sorted(set(rules)))}] {self.reason}".rstrip()
        if row >= len(self.source.starts):  # below the last line, which has no ending
            at = len(self.source.text)
            return _Edit(at, at, f"{self.ending}{comment}")
        at = self.source.starts[row]
        return _Edit(at, at, f"{comment}{self.ending}")


def _firsts(source: Source, places: InDockerfile | InYaml, rows: Sequence[str]) -> dict[int, int]:
    """For each row, the one above which a comment speaks of it; none for a row that no comment can speak of alone."""
    firsts: dict[int, int] = {}
    for first, last in _stretches(source, places, rows):
        firsts.update((row, first) for row in range(first, last + 1) if row not in firsts)
    if isinstance(places, InDockerfile):
        for row in places.directive_rows:
            firsts.pop(row, None)
    # A comment is spoken of by another one above it, as long as something follows.
    bottom = max(firsts, default=-1)
    directives = places.directive_rows
    for row in range(bottom):
        if row not in firsts and row not in directives and rows[row].lstrip().startswith("#"):
            firsts[row] = row
    if rows and rows[0].startswith("#!"):
        firsts.pop(0, None)
    return firsts


def _stretches(source: Source, places: InDockerfile | InYaml, rows: Sequence[str]) -> Iterable[tuple[int, int]]:
    """The first and last row of each instruction, entry, statement or line."""
    if isinstance(places, InDockerfile):
        yield from ((first, end) for first, _, end, _ in places.lines)
        return
    if isinstance(places, InPython) and (statements := places.statements) is not None:
        yield from statements
        return
    row = 0
    while row < len(rows):
        text = rows[row].strip()
        if not text or (text[0] == "#" and not isinstance(places, InIgnoreFile)) or rows[row].startswith("#"):
            row += 1
            continue
        last = row
        if not isinstance(places, InIgnoreFile):
            _, end = places.scope(row, source.starts[row] + len(rows[row]))
            last = max(row, source.position(end)[0] - 1)
        yield row, last
        row = last + 1


def _meaning(source: Source, kind: str, places: InDockerfile | InYaml) -> object:
    """What a file says besides its comments, in a form that can be compared; None when it cannot be read."""
    from dockerlint_fastapi.suppress import meaning  # noqa: PLC0415 - it imports parsers

    return meaning.of(source, kind, places)
