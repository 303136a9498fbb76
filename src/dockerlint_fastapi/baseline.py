"""A baseline: the findings that a project has accepted for now, so that only new ones are reported.

A finding is known again by its rule, its file and a hash of the text of the line on which it begins, blanks aside; of
several alike the file says how many. So lines may move, findings may come in any order, and dlf may word its messages
anew. When the line itself was edited, rule, file and message together still tell that it is the same fault; when the
file was renamed, rule and line do. What is nowhere found again is gone, and what is left over is new.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter

from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from dockerlint_fastapi.report import Diagnostic

VERSION = 1  # rises when older versions of dlf could not read the file
FIELDS = ("path", "rule", "line_hash", "count", "message")  # of an Entry, as the file names them
MAX_MESSAGE = 160  # characters that are kept: enough to see what a finding was about
_BETWEEN = " \t\n\r,"


class BaselineError(Exception):
    """A baseline file that cannot be used. The message is for the user: where, and what is wrong."""


class Entry(NamedTuple):
    """Findings of one rule on lines of the same text in one file.

    `path` is relative to the directory of the baseline file, `/`-separated; `times` says how many findings it stands
    for, 1 at least.
    """

    path: str
    rule: str
    line_hash: str
    times: int
    message: str

    @property
    def order(self) -> tuple[str, str, str, str]:
        """The order in the file."""
        return (self.path, self.rule, self.message, self.line_hash)


class Compared(NamedTuple):
    """Findings held against a baseline."""

    new: tuple[Diagnostic, ...]
    known: tuple[Diagnostic, ...]
    left: tuple[Entry, ...]  # the baseline without what is gone, and with lines and messages as they are now
    gone: tuple[Entry, ...]  # what was not found again, each with how many of its findings


def line_hash(diagnostic: Diagnostic) -> str:
    """The hash of the line on which a finding begins: sixteen hexadecimal digits.

    Of a file of variables only the name counts: the value may be a secret, of which a baseline holds nothing.
    """
    span = diagnostic.finding.span
    text = span.source.line(span.line)
    if span.source.private:
        text = text.partition("=")[0]
    return hashlib.sha256(" ".join(text.split()).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def excerpt(message: str) -> str:
    """A message as the file holds it: one line, not too long, without bytes that are not UTF-8."""
    return plain(" ".join(message.split()))[:MAX_MESSAGE]


def plain(text: str) -> str:
    """A text as JSON can carry it: bytes that are not UTF-8 are spelt out."""
    return text.encode("utf-8", "backslashreplace").decode()


def entries_of(diagnostics: Iterable[Diagnostic], path_of: Callable[[Diagnostic], str]) -> tuple[Entry, ...]:
    """The entries that hold some findings; `path_of` says by which path a finding's file is named."""
    counts: Counter[tuple[str, str, str, str]] = Counter()
    for one in diagnostics:
        counts[plain(path_of(one)), one.rule.name, line_hash(one), excerpt(one.finding.message)] += 1
    return _sorted(Entry(*key[:3], count, key[3]) for key, count in counts.items())


def compare(
    diagnostics: Sequence[Diagnostic],
    entries: Iterable[Entry],
    path_of: Callable[[Diagnostic], str],
    judged: Callable[[Entry], bool],
    exists: Callable[[str], bool],
) -> Compared:
    """Parts findings into those that a baseline holds and the others.

    `judged` says whether this run would have found an entry again if it were still there: its rule ran, and its file
    was looked at. `exists` says whether a path of the baseline is still a file.
    """
    entries = tuple(entries)
    remaining = [one.times for one in entries]
    found: list[Diagnostic] = []
    open_ = [(one, plain(path_of(one)), line_hash(one), excerpt(one.finding.message)) for one in diagnostics]
    vanished = {path for path in {one.path for one in entries} if not exists(path)}
    # From the surest sign to the weakest; each pass takes what the one before has left.
    signs: tuple[tuple[Callable[[Entry], Any], Callable[[str, str, str, str], Any]], ...] = (
        (
            lambda one: (one.path, one.rule, one.line_hash, one.message),
            lambda path, rule, line, message: (path, rule, line, message),
        ),
        (lambda one: (one.path, one.rule, one.line_hash), lambda path, rule, line, _: (path, rule, line)),
        (lambda one: (one.path, one.rule, one.message), lambda path, rule, _, message: (path, rule, message)),
        (
            lambda one: (one.rule, one.line_hash) if one.path in vanished else None,
            lambda _path, rule, line, _message: (rule, line),
        ),
    )
    for of_entry, of_finding in signs:
        places: dict[Any, list[int]] = {}
        for at, entry in enumerate(entries):
            key = of_entry(entry)
            if remaining[at] and key is not None:
                places.setdefault(key, []).append(at)
        still = []
        for one, path, line, message in open_:
            waiting = places.get(of_finding(path, one.rule.name, line, message))
            while waiting and not remaining[waiting[-1]]:
                waiting.pop()
            if waiting:
                remaining[waiting[-1]] -= 1
                found.append(one)
            else:
                still.append((one, path, line, message))
        open_ = still
    gone = tuple(one._replace(times=left) for one, left in zip(entries, remaining, strict=True) if left and judged(one))
    kept = [one._replace(times=left) for one, left in zip(entries, remaining, strict=True) if left and not judged(one)]
    return Compared(
        new=tuple(one for one, *_ in open_),
        known=tuple(sorted(found, key=lambda one: one.order)),
        left=together([*entries_of(found, path_of), *kept]),
        gone=_sorted(gone),
    )


def together(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Entries of which no two are alike but for their count."""
    counts: Counter[Entry] = Counter()
    for one in entries:
        counts[one._replace(times=0)] += one.times
    return _sorted(one._replace(times=count) for one, count in counts.items())


def _sorted(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    return tuple(sorted(entries, key=lambda one: one.order))


def written(entries: Iterable[Entry]) -> str:
    """The text of a baseline file: JSON, sorted, the same for the same findings."""
    document = {"version": VERSION, "findings": [dict(zip(FIELDS, one, strict=True)) for one in entries]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def read(data: bytes, shown: str) -> tuple[Entry, ...]:
    """The entries of a baseline file, which messages call `shown`. Raises BaselineError."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BaselineError(f"{shown}: is not UTF-8 (byte {error.start})") from error
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        line = text.splitlines()[error.lineno - 1] if error.lineno <= len(text.splitlines()) else ""
        conflict = " (a merge was not resolved: take either side, then `--write-baseline`)"
        hint = conflict if line.startswith(("<<<<<<<", "=======", ">>>>>>>")) else ""
        raise BaselineError(f"{shown}:{error.lineno}:{error.colno}: is not valid JSON: {error.msg}{hint}") from error
    except RecursionError as error:
        raise BaselineError(f"{shown}: is not valid JSON: nested too deeply") from error
    if not isinstance(document, dict) or not isinstance(document.get("findings"), list):
        raise BaselineError(f'{shown}:1: is no baseline: it holds no list `"findings"`')
    version = document.get("version")
    if version != VERSION or isinstance(version, bool):
        raise BaselineError(
            f"{shown}:1: `version` is {VERSION} in a baseline that this dlf reads, not {_json(version)}"
        )
    entries: list[Entry] = []
    for at, one in enumerate(document["findings"]):
        try:
            entries.append(_entry(one))
        except ValueError as error:
            raise BaselineError(f"{shown}:{_line(text, at)}: `findings[{at}]` {error}") from None
    return together(entries)


def _entry(value: object) -> Entry:
    """One entry, checked. Raises ValueError with what is wrong with it."""
    if not isinstance(value, dict):
        raise ValueError(f"is an object, not {_json(value)}")  # noqa: TRY004 - the caller adds where
    for name in FIELDS:
        if name not in value:
            raise ValueError(f"lacks `{name}`")
        given = value[name]
        if name == "count":
            if isinstance(given, bool) or not isinstance(given, int) or given < 1:
                raise ValueError(f"has a `count` of {_json(given)}; it is a number from 1 on")
        elif not isinstance(given, str):
            raise ValueError(f"has a `{name}` that is no text: {_json(given)}")
    for name in value:
        if name not in FIELDS:
            raise ValueError(f"has a field {_json(name)}; the fields are {', '.join(FIELDS)}")
    return Entry(*(value[name] for name in FIELDS))


def _json(value: object) -> str:
    """A value for a message."""
    return json.dumps(value)[:60]


def _line(text: str, wanted: int) -> int:
    """The line on which an entry begins, as far as that can be followed; else the first."""
    at = text.find("[", text.find('"findings"')) + 1
    decode = json.JSONDecoder().raw_decode
    for number in range(wanted + 1):
        while at < len(text) and text[at] in _BETWEEN:
            at += 1
        try:
            _, end = decode(text, at)
        except (ValueError, RecursionError):
            return 1
        if number < wanted:
            at = end
    return text.count("\n", 0, at) + 1
