"""What stands at a place of an image: the file of the project, or the text of an instruction, that a build puts there.

The answers are three-way, as those of `command.Environment`: a file with its text, None for what is certainly not
there, and `UNKNOWN` for what cannot be told. The search goes backwards through the instructions of a stage, from the
one that wrote last, and on into the stages that are copied from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from dockerlint_fastapi.model.bases.base_image import Reference, base_image
from dockerlint_fastapi.model.command import UNKNOWN, Unknown
from dockerlint_fastapi.model.context.glob import Glob, clean, problem
from dockerlint_fastapi.model.context.passage import ARCHIVES, REMOTE, STANDARD, Passage, behind_workdirs, place_of
from dockerlint_fastapi.model.dockerfile import Add, Instruction, Onbuild, Run, Stage, Transfer
from dockerlint_fastapi.model.files.run_files import (
    Appended,
    Change,
    Effect,
    Linked,
    Moved,
    Reading,
    change_of,
    reading_of,
)
from dockerlint_fastapi.model.files.written_text import Piece, Written, of_copied
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.context.image_build import ImageBuild
    from dockerlint_fastapi.model.image import Image

_CHANGING: Final = (Run, Transfer, Onbuild)
_MAX_STEPS: Final = 5_000  # instructions looked at for one question; no real Dockerfile needs a tenth of it
# Directories that an image brings filled; of anything else, a plain base image has nothing.
_FILLED: Final = (
    *(f"/{name}/" for name in "bin boot dev etc lib lib32 lib64 libx32 proc run sbin sys".split()),
    *(f"/usr/{name}/" for name in "bin games include lib lib32 lib64 libexec libx32 local sbin share".split()),
    *(f"/var/{name}/" for name in "backups cache lib local lock log mail opt run spool tmp".split()),
    *("/home/node/", "/home/nonroot/", "/home/ubuntu/", "/opt/yarn", "/root/.", "/tmp/"),  # noqa: S108 - in the image
)
# Families whose images hold nothing but a distribution and an interpreter, and start in `/`.
_PLAIN: Final = frozenset(
    ("python", "uv", "debian", "ubuntu", "alpine", "buildpack-deps", "node", "pypy", "distroless")
)
# A source that is a file, and no folder, by its name.
_FILE_BY_NAME: Final = r"\.env(?:\.[\w.-]+)?|[\w.-]+\.(?:txt|json|ya?ml|toml|lock|ini|cfg|env|pem|crt|key|whl)"
# What else the bases of tiangolo hold that start a server by themselves: their example in `/app`, and scripts in `/`.
_OF_SERVERS: Final = r"/[^/]*\Z|/app/"
_PLAIN_TOOLS: Final = frozenset(("uv",))  # images of nothing but programs, which COPY --from takes by name


class Placed(NamedTuple):
    """A file in an image or a container, with its text.

    `path` is the project's file that it comes from, None when an instruction writes it. `locate` gives the span of
    `text[start:end]`; `by` is what brings it: the source of a COPY, a RUN, an entry of compose's `volumes`.
    """

    place: str
    path: str | None
    text: str
    locate: Callable[[int, int], Span]
    by: Span


Answer = Placed | Unknown | None


class _Row(NamedTuple):
    """An instruction of a stage or of one that it is built on, with the working directory in force (None: unknown)."""

    stage: Stage
    instruction: Instruction
    workdir: str | None


def _changes(row: _Row) -> bool:
    return isinstance(row.instruction, _CHANGING)


class ImageFiles:
    """The files of one build of an image. Places are absolute paths without `.` and `..`."""

    def __init__(self, build: ImageBuild) -> None:
        self.build = build
        self.image: Image = build.image
        self._rows: dict[Stage, tuple[_Row, ...]] = {}
        self._positions: dict[Stage, dict[Instruction, int]] = {}  # in the rows of each stage
        self._ends: dict[Stage, list[int]] = {}
        self._head: tuple[Stage, int, tuple[_Row, ...]] | None = None  # the rows that were asked about last
        # what stands at a place behind the last of some rows (those that `_rows` keeps)
        self._known: dict[tuple[str, int], Answer] = {}
        # ONBUILD runs in the stages that are built on its own: what stands behind it depends on who asks
        self._deferred = any(one.of(Onbuild) for one in self.image.stage.dockerfile.stages)
        self._effects: dict[tuple[str, Instruction, str | None], Change | Placed] = {}
        self._steps = 0
        self._passages: dict[int, list[Passage]] | None = None
        self._readings: dict[tuple[Run, str | None], Reading] = {}
        self._matches: dict[Passage, tuple[str, ...]] = {}
        self._kinds: dict[str, str] = {}
        # where each copy goes, and how the places below that begin; None where that cannot be told
        self._targets: dict[tuple[Transfer, str | None], tuple[str, str] | None] = {}

    def at(self, place: str, stage: Stage, before: Instruction | None = None) -> Answer:
        """The file at a place, at the end of a stage or as the instruction `before` finds it."""
        self._steps = 0
        return self._at(place, stage, before)

    def _at(self, place: str, stage: Stage, before: Instruction | None = None) -> Answer:
        rows = self._rows_of(stage)
        end = len(rows)
        if before is not None:
            if stage not in self._positions:
                self._positions[stage] = {row.instruction: position for position, row in enumerate(rows)}
            end = self._positions[stage].get(before, end)
        end = self._ends_of(stage, rows)[end]  # what changes no file need not be looked at again
        key = (place, id(rows[end - 1]) if end else id(stage))
        if key not in self._known:
            if self._head is None or self._head[0] is not stage or self._head[1] != end:
                self._head = (stage, end, rows[:end])
            answer = self._search(place, stage, self._head[2])
            if self._steps > _MAX_STEPS:
                return UNKNOWN
            self._known[key] = answer
        return self._known[key]

    def _ends_of(self, stage: Stage, rows: tuple[_Row, ...]) -> list[int]:
        """For each number of rows, how many of them there are up to the last that may change a file."""
        if stage not in self._ends:
            ends = [0]
            for number, row in enumerate(rows, 1):
                ends.append(number if isinstance(row.instruction, _CHANGING) else ends[-1])
            self._ends[stage] = ends
        return self._ends[stage]

    def _rows_of(self, stage: Stage) -> tuple[_Row, ...]:
        if stage not in self._rows:
            rows: tuple[_Row, ...] = ()
            for one in stage.lineage:  # each begins with what the one below it has
                if one not in self._rows:
                    own = behind_workdirs(self.image, one)
                    self._rows[one] = (*rows, *(_Row(one, instruction, workdir) for instruction, workdir in own))
                rows = self._rows[one]
        return self._rows[stage]

    def _search(self, place: str, stage: Stage, rows: tuple[_Row, ...]) -> Answer:
        wanted, doubt, moved = place, False, False
        tail: list[Piece] = []  # what is appended to the file behind where the search stands
        at = len(rows) - 1
        while at >= 0:
            self._steps += 1
            if self._steps > _MAX_STEPS:
                return UNKNOWN
            if not isinstance(rows[at].instruction, _CHANGING):
                at -= 1
                continue
            if not tail and not moved and not self._deferred and (place, id(rows[at])) in self._known:
                known = self._known[place, id(rows[at])]
                return known if known is not None or not doubt else UNKNOWN
            found = self._effect(wanted, rows, at)
            at -= 1
            if found is Effect.NONE:
                continue
            if found is Effect.MAYBE:
                doubt = True
            elif isinstance(found, Moved):
                wanted, moved = found.origin, True
            elif isinstance(found, Linked):
                wanted, moved, at = found.target, True, len(rows) - 1
            elif isinstance(found, Appended):
                tail[:0] = found.pieces
            elif isinstance(found, Placed):
                return _with_tail(found._replace(place=place), tail)
            elif isinstance(found, Written):
                whole = Written((*found.pieces, *tail))
                return Placed(place, None, whole.text, whole.locate, whole.by)
            elif found is Effect.REMOVED and not tail:
                return UNKNOWN if doubt or moved else None
            else:
                return UNKNOWN
        if doubt or not self._is_bare(wanted, stage):
            return UNKNOWN
        if tail:
            whole = Written(tuple(tail))
            return Placed(place, None, whole.text, whole.locate, whole.by)
        return UNKNOWN if moved else None

    def _is_bare(self, place: str, stage: Stage) -> bool:
        """Whether the base image of a stage certainly has nothing at a place, nor the context of the build."""
        if not self.build.certain:
            return False
        scratch, base = self.image.base_of(stage)
        if scratch:
            return True
        if base is None or place.startswith(_FILLED):
            return False
        if base.family in _PLAIN:
            return True
        return base.family == "tiangolo" and base.server is not None and re.match(_OF_SERVERS, place) is None

    def is_of_base(self, place: str, stage: Stage) -> bool:
        """Whether what the base image of a stage has at a place is certainly still there: no instruction names it."""
        rows = self._rows_of(stage)
        self._steps = len(rows)
        changes = [(row.instruction, self._effect(place, rows, at)) for at, row in enumerate(rows) if _changes(row)]
        # a RUN of which nobody knows what it does may make a file; it does not look for one of the base's to change it
        return all(one is Effect.NONE or (one is Effect.MAYBE and isinstance(by, Run)) for by, one in changes)

    def _shell(self, run: Run, stage: Stage) -> str | None:
        """What really runs a RUN in shell form: `dash`, `bash` ...; None when it cannot be told."""
        name = run.command.shell[0].rpartition("/")[2] if run.command.shell else "sh"
        if name != "sh":
            return name
        base = self.image.base_of(stage)[1]
        return base.shell if base is not None else None

    def _effect(self, place: str, rows: tuple[_Row, ...], at: int) -> Change | Placed:
        """What an instruction does to a place: kept, because each later instruction may ask it again."""
        row = rows[at]
        if isinstance(row.instruction, Onbuild) or (
            isinstance(row.instruction, Transfer) and row.instruction.from_ is not None
        ):
            return self._change(place, rows, at)  # asks other stages, or which stage is the last
        key = (place, row.instruction, row.workdir)
        known = self._effects.get(key)
        if known is None:
            known = self._change(place, rows, at)
            if self._steps <= _MAX_STEPS:
                self._effects[key] = known
        return known

    def _change(self, place: str, rows: tuple[_Row, ...], at: int) -> Change | Placed:
        row = rows[at]
        instruction = row.instruction
        if isinstance(instruction, Run):
            key = (instruction, row.workdir)
            if key not in self._readings:
                self._readings[key] = reading_of(instruction, row.workdir)
            return change_of(instruction, place, row.workdir, self._shell(instruction, row.stage), self._readings[key])
        if isinstance(instruction, Onbuild):
            # It runs in the stages that are built on this one.
            last = row.stage is rows[-1].stage and at > 0 and rows[-1].stage.base is not row.stage
            deferred = isinstance(instruction.deferred, (Run, Transfer))
            return Effect.MAYBE if deferred and not last else Effect.NONE
        if not isinstance(instruction, Transfer):
            return Effect.NONE
        where = (instruction, row.workdir)
        if where not in self._targets:
            found_target = place_of(instruction.destination.value, row.workdir)
            self._targets[where] = None if found_target is None else (found_target, f"{found_target.rstrip('/')}/")
        known = self._targets[where]
        if known is None:
            return Effect.UNKNOWN
        target, below = known
        if place != target and not place.startswith(below):
            return Effect.NONE
        written = _of_heredocs(instruction, place, target) if instruction.heredocs else Effect.NONE
        if written is not Effect.NONE:
            return written
        if instruction.from_ is not None:
            return self._from_stage(instruction, place, target, rows, at)
        if isinstance(instruction, Add) and any(_is_fetched(word.value) for word in instruction.sources):
            return Effect.UNKNOWN
        result: Change | Placed = Effect.NONE
        for passage in self._passages_of(instruction):
            found = self._by_passage(passage, place, rows, at)
            if found is not Effect.NONE:
                result = found  # of two sources the later one wins
        return result

    def _passages_of(self, instruction: Instruction) -> list[Passage]:
        if self._passages is None:
            self._passages = {}
            for one in self.image.passages:
                self._passages.setdefault(id(one.instruction), []).append(one)
        return self._passages.get(id(instruction), [])

    def _kind(self, path: str) -> str:
        """What a path of the context is: "file", "directory", or "" for anything else and nothing."""
        if path not in self._kinds:
            build = self.build
            self._kinds[path] = "file" if build.is_file(path) else "directory" if build.is_dir(path) else ""
        return self._kinds[path]

    def _by_passage(self, passage: Passage, place: str, rows: tuple[_Row, ...], at: int) -> Change | Placed:
        """What a source of a COPY or ADD from the build context puts at a place below its destination."""
        build, target = self.build, passage.target
        if passage.source is None or target is None:
            return Effect.UNKNOWN
        if passage not in self._matches:
            self._matches[passage] = build.matches(passage)
        sources: Iterable[str] = self._matches[passage]
        if not sources and passage.glob is None:
            # It is made before the build, or the build fails.
            name = passage.source.rpartition("/")[2]
            if passage.folder and re.fullmatch(_FILE_BY_NAME, name) and place != f"{target.rstrip('/')}/{name}":
                return Effect.NONE
            return Effect.MAYBE
        result: Change | Placed = Effect.NONE
        for source in sources:
            found = self._by_source(passage, source, place, rows[:at])
            if found is not Effect.NONE:
                result = found
        return result

    def _by_source(self, passage: Passage, source: str, place: str, rows: tuple[_Row, ...]) -> Change | Placed:
        build, target = self.build, passage.target or "/"
        base = target.rstrip("/")
        name = source.rpartition("/")[2]
        if passage.parents:
            rest = place[len(base) + 1 :]
            if rest != source and not rest.startswith(f"{source}/" if source else ""):
                return Effect.NONE
            origin = rest
        elif self._kind(source) == "file":
            if isinstance(passage.instruction, Add) and source.endswith(ARCHIVES):
                return Effect.UNKNOWN
            folder = passage.folder
            if folder is None:
                folder = self._is_directory(target, rows)
            if folder is None and place in (target, f"{base}/{name}"):
                return Effect.UNKNOWN
            if place != (f"{base}/{name}" if folder else target):
                return Effect.NONE
            origin = source
        elif self._kind(source) == "directory":
            if place == target:
                return Effect.NONE
            rest = place[len(base) + 1 :]
            origin = f"{source}/{rest}" if source else rest
        else:
            return Effect.UNKNOWN  # a link that leads nowhere, or out of the project
        if not passage.takes(origin) or build.excludes(origin):
            return Effect.NONE
        kind = self._kind(origin)
        if kind == "file":
            text = build.text_of(origin)
            if text is None:
                return Effect.UNKNOWN
            return Placed(place, build.project_path(origin), text.text, text.span, passage.span)
        if kind == "directory":
            return Effect.NONE
        # What git ignores may be there where the image is built.
        return Effect.MAYBE if build.may_appear(origin) else Effect.NONE

    def _is_directory(self, place: str, rows: tuple[_Row, ...]) -> bool | None:
        """Whether a destination without a slash at its end is a directory in front of an instruction, so that a file
        goes into it; None when that cannot be told.
        """
        inside = f"{place}/"
        if place in STANDARD:
            return True
        mentioned = False
        for row in rows:
            one = row.instruction
            if row.workdir is not None and f"{row.workdir}/".startswith(inside):
                return True
            if isinstance(one, Transfer):
                target = place_of(one.destination.value, row.workdir)
                if target is not None and f"{target}/".startswith(inside):
                    if target != place or one.destination.value != target or len(one.sources) > 1:
                        return True
                    mentioned = mentioned or not self._copies_one_file(one)
            elif isinstance(one, Run):
                mentioned = mentioned or place.rpartition("/")[2] in one.text
        # Nobody gives a directory a name like `start.sh`.
        return None if mentioned and "." not in place.rpartition("/")[2][1:] else False

    def _copies_one_file(self, transfer: Transfer) -> bool:
        found = [source for one in self._passages_of(transfer) for source in self.build.matches(one)]
        return len(found) == 1 and self.build.is_file(found[0])

    def _from_stage(
        self, transfer: Transfer, place: str, target: str, rows: tuple[_Row, ...], at: int
    ) -> Change | Placed:
        """What `COPY --from` puts at a place at or below its destination."""
        flag = transfer.from_
        name = flag.value if flag is not None else None
        stage = transfer_stage(self.image, name, rows[at].stage)
        if stage is None:
            return _of_foreign(transfer, name, place, target)
        result: Change | Placed = Effect.NONE
        for word in transfer.sources:
            if word.value is None:
                return Effect.UNKNOWN
            found = self._from_source(clean(f"/{word.value}"), stage, place, rows[: at + 1])
            if isinstance(found, Placed):
                found = found._replace(by=word.span)
            if found is not Effect.NONE:
                result = found
        return result

    def _from_source(self, source: str, stage: Stage, place: str, rows: tuple[_Row, ...]) -> Change | Placed:
        """What one source of the last of `rows`, a COPY --from, puts at a place at or below its destination."""
        transfer = rows[-1].instruction
        target = place_of(transfer.destination.value, rows[-1].workdir) if isinstance(transfer, Transfer) else None
        if not isinstance(transfer, Transfer) or target is None:
            return Effect.UNKNOWN
        base = target.rstrip("/")
        rest = place[len(base) + 1 :]
        if transfer.flag("parents") is not None or transfer.flag("exclude") is not None:
            return Effect.UNKNOWN
        if any(char in source for char in "*?[\\"):
            return self._from_pattern(source, stage, rest)
        if place != target:
            # The source is a directory, and is copied with what lies in it.
            inside = self._at(f"{source.rstrip('/')}/{rest}", stage)
            if isinstance(inside, Placed):
                return inside
            if inside is UNKNOWN and not (rest == source.rpartition("/")[2] and rest):
                return Effect.MAYBE if isinstance(self._at(source, stage), Placed) else Effect.UNKNOWN
        name = source.rpartition("/")[2]
        if place != target and rest != name:
            return Effect.NONE
        itself = self._at(source, stage)
        if itself is None:
            return Effect.NONE
        value = transfer.destination.value or ""
        folder: bool | None
        folder = value.endswith(("/", "/.")) or value in (".", "..") or len(transfer.sources) > 1 or None
        if folder is None:
            folder = (
                False if target.rpartition("/")[2] == name and "." in name else self._is_directory(target, rows[:-1])
            )
        if folder is None:
            return Effect.UNKNOWN
        if place != (f"{base}/{name}" if folder else target):
            return Effect.NONE
        return itself if isinstance(itself, Placed) else Effect.UNKNOWN

    def _from_pattern(self, source: str, stage: Stage, rest: str) -> Change | Placed:
        folder, _, last = source.rpartition("/")
        if any(char in folder for char in "*?[\\") or problem(last) is not None or "/" in rest or not rest:
            return Effect.UNKNOWN
        if not Glob(last, double_star=False).matches(rest):
            return Effect.MAYBE  # a directory that matches may hold it
        found = self._at(f"{folder}/{rest}", stage)
        return found if isinstance(found, Placed) else Effect.MAYBE if found is None else Effect.UNKNOWN


def transfer_stage(image: Image, name: str | None, user: Stage) -> Stage | None:
    """The earlier stage that a `--from` in the stage `user` names; None for another image, and if it cannot be told."""
    found = image.dockerfile.stage(name) if name else None
    return found if found is not None and found.index < user.index else None


def _of_foreign(transfer: Transfer, name: str | None, place: str, target: str) -> Change:
    """What a copy from another image puts at a place at or below its destination."""
    reference = Reference.parse(name) if name else None
    base = base_image(reference) if reference is not None else None
    if base is not None and base.family in _PLAIN_TOOLS:
        names = {clean(f"/{word.value}").rpartition("/")[2] for word in transfer.sources if word.value}
        if place != target and place.rpartition("/")[2] not in names:
            return Effect.NONE
    return Effect.UNKNOWN


def _with_tail(found: Placed, tail: list[Piece]) -> Placed:
    """A file with what later instructions append to it."""
    if not tail:
        return found
    whole = Written((Piece(found.text, found.locate), *tail))
    return found._replace(text=whole.text, locate=whole.locate)


def _is_fetched(value: str | None) -> bool:
    return value is None or value.startswith(REMOTE) or value.endswith(".git")


def _of_heredocs(transfer: Transfer, place: str, target: str) -> Change:
    """The text that a COPY writes itself."""
    folder = (transfer.destination.value or "").endswith("/") or len(transfer.sources) + len(transfer.heredocs) > 1
    for document in reversed(transfer.heredocs):
        if place == (f"{target.rstrip('/')}/{document.name}" if folder else target):
            return of_copied(document) or Effect.UNKNOWN
    return Effect.NONE


def file_at(image: Image, place: str, stage: Stage | None = None, before: Instruction | None = None) -> Answer:
    """The file at an absolute path of an image, in which all its possible builds agree; else UNKNOWN."""
    if not place.startswith("/"):
        return UNKNOWN
    place = clean(place)
    answers = [files.at(place, stage or image.stage, before) for files in image.files_by_build]
    first = answers[0] if answers else UNKNOWN
    for other in answers[1:]:
        if isinstance(first, Placed) and isinstance(other, Placed):
            same = first.path == other.path and first.text == other.text
        else:
            same = first is other
        if not same:
            return UNKNOWN
    return first
