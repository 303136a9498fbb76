"""Reports of earlier runs, kept on disk, and used again as long as nothing is different that they depended on.

One entry is one call of the engine: a project, the named files, the settings, the rules, the day. Beside the report it
holds all that was asked of the project's files, and a digest of each answer: texts, listings of directories, files that
were looked for and not found, where links lead. An entry holds as long as the same questions get the same answers, so
whatever could change the report makes it void, however far away it is.

Entries are JSON (nothing in them is ever executed), written beside and renamed, so that runs at the same time do no
harm; one that is damaged counts as none. A folder that somebody else may write to is not used.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from hashlib import blake2b

from dockerlint_fastapi import __version__
from dockerlint_fastapi.places import usable
from dockerlint_fastapi.transport import NotPortableError, report_text, sources_of, unpacked_report
from dockerlint_fastapi.tree import Listing, Unreadable, parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from dockerlint_fastapi.engine import Settings
    from dockerlint_fastapi.report import Report
    from dockerlint_fastapi.rule import Rule
    from dockerlint_fastapi.tree import Tree

FORMAT = "1"  # of the entries; another one makes all older ones void
MOST_BYTES = 256_000_000  # of all entries together; the oldest go first
_ENDING = ".dlf.json"
_READ = (".py", ".md", ".toml")  # what the program and its rules are made of
_DAMAGE = (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, NotPortableError)


class AskedTree:
    """A tree that remembers what was asked of it and a digest of each answer.

    What a listing tells is not noted again: whoever asks for a file depends on the listing of its directory.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self.answers: dict[str, dict[str, str | None]] = {}
        self._listed: dict[str, frozenset[str] | None] = {}  # of each directory the names that need a look

    def _note(self, question: str, path: str, answer: object) -> None:
        self.answers.setdefault(question, {})[path] = _digest(answer)

    def _tells(self, path: str) -> bool:
        """Whether the listing of the directory, which is noted, tells what a path is."""
        folder = parent(path)
        if folder not in self._listed:
            listing = self.listing(folder)
            self._listed[folder] = frozenset(listing.links) if listing != Listing() else None
        others = self._listed[folder]
        return others is not None and path[len(folder) + 1 if folder else 0 :] not in others

    def read(self, path: str) -> bytes | None:
        """See Tree."""
        try:
            data = self._tree.read(path)
        except Unreadable as error:
            self._note("read", path, error)
            raise
        if data is not None or not self._tells(path):
            self._note("read", path, data)
        return data

    def is_file(self, path: str) -> bool:
        """See Tree."""
        answer = self._tree.is_file(path)
        if not self._tells(path):
            self._note("is_file", path, answer)
        return answer

    def is_dir(self, path: str) -> bool:
        """See Tree."""
        answer = self._tree.is_dir(path)
        if not self._tells(path):
            self._note("is_dir", path, answer)
        return answer

    def size(self, path: str) -> int | None:
        """See Tree."""
        answer = self._tree.size(path)
        self._note("size", path, answer)
        return answer

    def executable(self, path: str) -> bool | None:
        """See Tree."""
        answer = self._tree.executable(path)
        self._note("executable", path, answer)
        return answer

    def names(self, path: str) -> list[str]:
        """See Tree."""
        answer = self._tree.names(path)
        self._note("names", path, answer)
        return answer

    def listing(self, path: str) -> Listing:
        """See Tree."""
        answer = self._tree.listing(path)
        self._note("listing", path, answer)
        return answer

    def resolve(self, path: str) -> str | None:
        """See Tree."""
        answer = self._tree.resolve(path)
        self._note("resolve", path, answer)
        return answer


def _digest(answer: object) -> str | None:
    """What an answer is known by again."""
    if answer is None:
        return None
    data = (
        b"=" + answer
        if isinstance(answer, bytes)
        else f"{type(answer).__name__} {answer!r}".encode("utf-8", "surrogateescape")
    )
    return blake2b(data, digest_size=16).hexdigest()


def _holds(
    tree: Tree, answers: dict[str, dict[str, str | None]], texts: dict[str, bytes], wanted: Collection[str]
) -> bool:
    """Whether a tree gives the same answers as before; the texts of `wanted` files are put into `texts`."""
    for question, known in answers.items():
        if question == "read":
            for path, digest in known.items():
                try:
                    data = tree.read(path)
                except Unreadable as error:
                    if _digest(error) != digest:
                        return False
                    continue
                if _digest(data) != digest:
                    return False
                if data is not None and path in wanted:
                    texts[path] = data
        elif question not in _QUESTIONS or any(
            _digest(getattr(tree, question)(path)) != digest for path, digest in known.items()
        ):
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
                held = json.loads(file.read())
            texts: dict[str, bytes] = {}
            if not _holds(tree, held.pop("answers"), texts, {path for path, _ in held["report"]["sources"]}):
                return None
            report = unpacked_report(held["report"], texts.__getitem__, shown, settings.rules)
        except _DAMAGE:
            return None
        with suppress(OSError):
            os.utime(entry)  # it was of use: others go before it
        return report

    def _keep(self, entry: str, report: Report, asked: AskedTree) -> None:
        """Writes an entry, unless the report speaks of what the files on disk are not."""
        try:
            read = asked.answers.get("read", {})
            if any(read.get(source.path) != _digest(source.data) for source in sources_of(report)):
                return
            if _prepared(self.folder):
                beside = f"{entry}.{os.getpid()}"
                try:
                    with open(beside, "xb") as file:
                        file.writelines(piece.encode() for piece in _entry_text(report, asked.answers))
                    os.replace(beside, entry)
                finally:
                    with suppress(OSError):
                        os.unlink(beside)
                _shrink(self.folder)
        except (OSError, ValueError, NotPortableError):
            return


def _entry_text(report: Report, answers: dict[str, dict[str, str | None]]) -> Iterator[str]:
    """An entry as JSON, in pieces. Raises NotPortableError, maybe after some of them."""
    yield '{"report":'
    yield from report_text(report)
    yield ',"answers":'
    between = "{"
    for question, known in answers.items():
        yield f"{between}{json.dumps(question)}:{json.dumps(known, separators=(',', ':'))}"
        between = ","
    yield "}}" if answers else "{}}"


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
