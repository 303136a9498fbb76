"""Reports of earlier runs, kept on disk, and used again as long as nothing is different that they depended on.

One entry is one call of the engine: a project, the named files, the settings, the rules, the day. Beside the report it
holds all that was asked of the project's files, and a digest of each answer: texts, listings of directories, files that
were looked for and not found, where links lead. An entry holds as long as the same questions get the same answers, so
whatever could change the report makes it void, however far away it is.

Entries are lines of JSON (nothing in them is ever executed), written beside and renamed, so that runs at the same time
do no harm; one that is damaged counts as none. A folder that somebody else may write to is not used.
"""

from __future__ import annotations

import json
import os
import sys
from bisect import bisect_left
from contextlib import suppress
from hashlib import blake2b
from itertools import islice

from dockerlint_fastapi import __version__
from dockerlint_fastapi.places import usable
from dockerlint_fastapi.source import Source
from dockerlint_fastapi.transport import Gathered, NotPortableError, report_pieces, sources_of
from dockerlint_fastapi.tree import Listing, Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from dockerlint_fastapi.engine import Settings
    from dockerlint_fastapi.report import Report
    from dockerlint_fastapi.rule import Rule
    from dockerlint_fastapi.tree import Tree

FORMAT = "2"  # of the entries; another one makes all older ones void
MOST_BYTES = 256_000_000  # of all entries together; the oldest go first
CHANGED = "changed"  # what Notes keep answers under that were not the same at another time
_TOGETHER = 500  # notes in one line of an entry
_END = ["end"]  # the last line of an entry
_NO_NAMES = ("", ".", "..")  # what ends a path without naming anything in a folder
_ENDING = ".dlf.json"
_READ = (".py", ".md", ".toml")  # what the program and its rules are made of
_DAMAGE = (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, NotPortableError)


class Notes:
    """What was asked of a tree, with a digest of each answer: 16 bytes, and none for None.

    An answer that was another one at another time is noted under `CHANGED`, a question that no tree answers: what was
    said then speaks of files as they never were together, and no entry with such a note holds.
    """

    def __init__(self) -> None:
        self.answers: dict[str, dict[str, bytes]] = {}
        self._equal: dict[bytes, bytes] = {}  # most listings are alike: one digest for all of these

    def note(self, question: str, path: str, answer: object) -> None:
        """Keeps a question and what was answered."""
        self._keep(question, path, _digest(answer))

    def _keep(self, question: str, path: str, digest: bytes) -> None:
        if question != "read":
            digest = self._equal.setdefault(digest, digest)
        if self.answers.setdefault(question, {}).setdefault(path, digest) != digest:
            self.answers.setdefault(CHANGED, {})[path] = b""

    def count(self) -> dict[str, int]:
        """How much is noted until now, by question."""
        return {question: len(known) for question, known in self.answers.items()}

    def pieces(self, since: Mapping[str, int] | None = None) -> Iterator[str]:
        """What is noted, but for what was counted before, as JSON: one object for each so many notes."""
        start = since or {}
        for question, known in self.answers.items():
            left = islice(known.items(), start.get(question, 0), None)
            while some := {path: digest.hex() for path, digest in islice(left, _TOGETHER)}:
                yield json.dumps({question: some}, separators=(",", ":"))

    def take(self, piece: str) -> None:
        """Adds what another process has noted, as `pieces` gives it. Raises ValueError, AttributeError, TypeError."""
        for question, known in json.loads(piece).items():
            for path, digest in known.items():
                self._keep(question, path, bytes.fromhex(digest))


class AskedTree:
    """A tree that notes what was asked of it.

    What a listing tells is not noted again: whoever asks for a file depends on the listing of its directory, or where
    there is no such directory, on that of the one above, which says so.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self.notes = Notes()
        self._note = self.notes.note

    def _told(self, path: str) -> str | None:
        """What a path is as the listing of a directory tells, which is noted: `file`, `directory` or `nothing`; None
        when it does not tell.
        """
        folder, _, name = path.rpartition("/")
        if name in _NO_NAMES:
            return None
        listing = self._tree.listing(folder)
        if listing == _EMPTY:  # there is no such directory, or it is empty, or cannot be read
            return "nothing" if self._is_no_folder(folder) else None
        if folder not in self.notes.answers.get("listing", ()):
            self._note("listing", folder, listing)
        if _among(name, listing.links):
            return None
        return (
            "file" if _among(name, listing.files) else "directory" if _among(name, listing.directories) else "nothing"
        )

    def _is_no_folder(self, path: str) -> bool:
        """Whether the listing of a directory tells that another one is not there."""
        # elsewhere than on POSIX, what no listing has shown may be there under another spelling
        return os.name != "nt" and self._told(path) in ("file", "nothing")

    def read(self, path: str) -> bytes | None:
        """See Tree."""
        try:
            data = self._tree.read(path)
        except Unreadable as error:
            self._note("read", path, error)
            raise
        if data is not None or self._told(path) != "nothing":
            self._note("read", path, data)
        return data

    def is_file(self, path: str) -> bool:
        """See Tree."""
        answer = self._tree.is_file(path)
        if self._told(path) is None:
            self._note("is_file", path, answer)
        return answer

    def is_dir(self, path: str) -> bool:
        """See Tree."""
        answer = self._tree.is_dir(path)
        if self._told(path) is None:
            self._note("is_dir", path, answer)
        return answer

    def size(self, path: str) -> int | None:
        """See Tree."""
        answer = self._tree.size(path)
        if answer is not None or self._told(path) != "nothing":
            self._note("size", path, answer)
        return answer

    def executable(self, path: str) -> bool | None:
        """See Tree."""
        answer = self._tree.executable(path)
        if answer is not None or self._told(path) != "nothing":
            self._note("executable", path, answer)
        return answer

    def names(self, path: str) -> list[str]:
        """See Tree."""
        answer = self._tree.names(path)
        if answer or not self._is_no_folder(path):
            self._note("names", path, answer)
        return answer

    def listing(self, path: str) -> Listing:
        """See Tree."""
        answer = self._tree.listing(path)
        if answer != _EMPTY or not self._is_no_folder(path):
            self._note("listing", path, answer)
        return answer

    def resolve(self, path: str) -> str | None:
        """See Tree."""
        answer = self._tree.resolve(path)
        self._note("resolve", path, answer)
        return answer


_EMPTY = Listing()


def _among(name: str, names: Sequence[str]) -> bool:
    """Whether a name is in a sorted list."""
    at = bisect_left(names, name)
    return at < len(names) and names[at] == name


def _digest(answer: object) -> bytes:
    """What an answer is known by again."""
    if answer is None:
        return b""
    data = (
        b"=" + answer
        if isinstance(answer, bytes)
        else f"{type(answer).__name__} {answer!r}".encode("utf-8", "surrogateescape")
    )
    return blake2b(data, digest_size=16).digest()


def _holds(tree: Tree, piece: dict[str, dict[str, str]], reading: Callable[[str, bytes], None]) -> bool:
    """Whether a tree gives the same answers as those of a piece of notes. `reading` is called with what files hold."""
    for question, known in piece.items():
        if question == "read":
            for path, digest in known.items():
                try:
                    data = tree.read(path)
                except Unreadable as error:
                    if _digest(error).hex() != digest:
                        return False
                    continue
                if _digest(data).hex() != digest:
                    return False
                if data is not None:
                    reading(path, data)
        elif question not in _QUESTIONS:
            return False
        else:
            ask = getattr(tree, question)
            if any(_digest(ask(path)).hex() != digest for path, digest in known.items()):
                return False
    return True


_QUESTIONS = frozenset(("is_file", "is_dir", "size", "executable", "names", "listing", "resolve"))


class Cache:
    """A folder of entries, for runs with one set of rules."""

    def __init__(self, folder: str, rules: Sequence[Rule]) -> None:
        self.folder = folder
        self._program = _program(rules)

    def lint(
        self,
        tree: Tree,
        settings: Settings,
        *,
        paths: Sequence[str] | None,
        shown: Callable[[str], str],
        root: str,
        lint: Callable[[Tree], Report],
    ) -> Report:
        """The report of an earlier run, or else what `lint` says of a tree, which is then kept. `root` is where the
        project lies, and the other parameters are those of `engine.lint`.
        """
        entry = os.path.join(self.folder, self._key(settings, paths, shown, root) + _ENDING)
        kept = self._kept(entry, tree, settings, shown)
        if kept is not None:
            return kept
        asked = AskedTree(tree)
        report = lint(asked)
        if not report.failures:
            self._keep(entry, report, asked)
        return report

    def _key(self, settings: Settings, paths: Sequence[str] | None, shown: Callable[[str], str], root: str) -> str:
        plain = {name: _plain(value) for name, value in settings._asdict().items() if name != "rules"}
        if settings.today is None:
            from datetime import date  # noqa: PLC0415

            plain["today"] = date.today().isoformat()  # noqa: DTZ011 - the day that the engine takes
        told = (FORMAT, __version__, sys.version, self._program, sorted(plain.items()), paths, shown("a"), root)
        return blake2b(repr(told).encode("utf-8", "surrogateescape"), digest_size=20).hexdigest()

    def _kept(self, entry: str, tree: Tree, settings: Settings, shown: Callable[[str], str]) -> Report | None:
        """The report of an entry; None when there is none that holds."""
        try:
            with open(entry, "rb") as file:
                report = _report(map(json.loads, file), tree, settings.rules, shown)
        except _DAMAGE:
            return None
        if report is None:
            return None
        with suppress(OSError):
            os.utime(entry)  # it was of use: others go before it
        return report

    def _keep(self, entry: str, report: Report, asked: AskedTree) -> None:
        """Writes an entry, unless the report speaks of what the files on disk are not."""
        try:
            read = asked.notes.answers.get("read", {})
            sources = sources_of(report)
            if (
                any(read.get(source.path) != _digest(source.data) for source in sources)
                or CHANGED in asked.notes.answers
            ):
                return
            if _prepared(self.folder):
                beside = f"{entry}.{os.getpid()}"
                try:
                    with open(beside, "xb") as file:
                        file.writelines(f"{line}\n".encode() for line in _lines(report, sources, asked.notes))
                    os.replace(beside, entry)
                finally:
                    with suppress(OSError):
                        os.unlink(beside)
                _shrink(self.folder)
        except (OSError, ValueError, NotPortableError):
            return


def _lines(report: Report, sources: Iterable[Source], notes: Notes) -> Iterator[str]:
    """An entry, each line a JSON value: the files that the report speaks of, what was asked, the report in pieces.
    Raises NotPortableError, maybe after some of them.
    """
    yield _line([(source.path, source.private) for source in sources])
    yield from notes.pieces()
    yield from map(_line, report_pieces(report))
    yield _line(_END)


def _line(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _report(lines: Iterable[Any], tree: Tree, rules: tuple[Rule, ...], shown: Callable[[str], str]) -> Report | None:
    """The report of an entry, of which only one line is held at a time beside what it gives; None when the entry does
    not hold. Raises what _DAMAGE names.
    """
    left = iter(lines)
    spoken_of = [(path, private) for path, private in next(left, ())]
    private = {path: False for path, _ in spoken_of}
    private.update(one for one in spoken_of if one[1])
    sources: dict[str, Source] = {}

    def reading(path: str, data: bytes) -> None:
        if path in private:
            source = sources[path] = Source(path, data, shown(path))
            source.private = private[path]
            source.let_go()

    gathered = Gathered(lambda number: sources[spoken_of[number][0]], rules)
    for line in left:
        if isinstance(line, dict):
            if not _holds(tree, line, reading):
                return None
        elif line == _END:
            return gathered.report()
        else:
            gathered.add(line)
    raise NotPortableError("cut off")


def clear(folder: str) -> int:
    """Takes all entries away; how many there were. Other files in the folder are left alone."""
    count = 0
    for path, _, _ in _entries(folder):
        with suppress(OSError):
            os.unlink(path)
            count += 1
    return count


def _prepared(folder: str) -> bool:
    """Makes the folder, with what tells git and backup programs to pass it over."""
    if not os.path.isdir(folder):
        os.makedirs(folder, mode=0o700, exist_ok=True)
        for name, text in (
            (".gitignore", "*\n"),
            (
                "CACHEDIR.TAG",
                "Signature: 8a477f597d28d172789f06886806bc55\n# made by dlf; see https://bford.info/cachedir/\n",
            ),
        ):
            with suppress(FileExistsError), open(os.path.join(folder, name), "x", encoding="utf-8") as file:
                file.write(text)
    return usable(folder)


def _entries(folder: str) -> Iterator[tuple[str, int, int]]:
    """The entries in a folder, and what runs that were cut off left behind: path, bytes, when last of use."""
    try:
        with os.scandir(folder) as found:
            for one in found:
                if _ENDING in one.name:
                    with suppress(OSError):
                        info = one.stat(follow_symlinks=False)
                        yield one.path, info.st_size, info.st_mtime_ns
    except OSError:
        return


def _shrink(folder: str) -> None:
    """Takes the oldest entries away while all together are too large."""
    entries = sorted(_entries(folder), key=lambda one: one[2])
    total = sum(size for _, size, _ in entries)
    for path, size, _ in entries:
        if total <= MOST_BYTES:
            return
        with suppress(OSError):
            os.unlink(path)
            total -= size


def _plain(value: object) -> object:
    """A setting with all sets and mappings in order, so that its `repr` is always the same."""
    if isinstance(value, frozenset | set):
        return sorted(map(repr, value))
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if hasattr(value, "items"):
        return sorted((repr(key), repr(_plain(one))) for key, one in value.items())
    return value


def _program(rules: Iterable[Rule]) -> str:
    """A digest of what the program and its rules are made of: names, sizes and times of their files."""
    told: list[tuple[str, int, int]] = []
    here = os.path.dirname(os.path.abspath(__file__))
    waiting = [here, *sorted({os.path.dirname(os.path.abspath(rule.page_path)) for rule in rules})]
    seen: set[str] = set()
    while waiting:
        folder = waiting.pop()
        if folder in seen:
            continue
        seen.add(folder)
        with suppress(OSError), os.scandir(folder) as found:
            for one in found:
                if one.is_dir(follow_symlinks=False):
                    if one.name != "__pycache__" and folder.startswith(here):
                        waiting.append(one.path)
                elif one.name.endswith(_READ):
                    info = one.stat()
                    told.append((one.path, info.st_size, info.st_mtime_ns))
    return blake2b(repr(sorted(told)).encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()
