"""Relative directories in a stage that has not said where it works: they begin where the base image stands."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint_fastapi.model.bases.base_image import Reference, base_image
from dockerlint_fastapi.model.context.passage import DIRECTORIES, STANDARD, place_of
from dockerlint_fastapi.model.dockerfile import MOST_STAGES, Instruction, Run, Stage, Transfer, Word, Workdir
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.tree import parent

_MANIFEST = pattern(
    r"[\w.-]*requirements[\w.-]*\.(?:txt|in)|pyproject\.toml|(?:poetry|uv|pdm)\.lock\*?|Pipfile(?:\.lock)?"
)
_OF_SYSTEM = frozenset("bin docker-entrypoint.d etc home lib opt root run sbin srv tmp usr var".split())
_SPEAKS_OF_PYTHON = pattern(r"python|\b(?:pip3?|uv|uvicorn|gunicorn|poetry)\b")
_OF_A_SHELL = frozenset(("||", "&&", "|", ";", ">", "2>/dev/null"))  # in a COPY, names of files to Docker


class RelativePath(NamedTuple):
    """A relative directory. `begins` is where the base image stands, `place` the directory that comes out, both
    absolute; None when that cannot be told. `python` tells whether the base image is one of Python, `manifests` whether
    nothing but what is to be installed goes there, in front of an absolute WORKDIR for the rest, `removed` whether a
    later RUN takes away again all that is copied, `meant` whether the first WORKDIR behind it is where it begins,
    `single` whether it is one file, and no module, that goes to where a known base image stands.
    """

    instruction: Instruction
    word: Word
    begins: str | None
    place: str | None
    python: bool = False
    manifests: bool = False
    removed: bool = False
    meant: bool = False
    single: bool = False

    @property
    def in_full(self) -> str | None:
        """The same with the `/` of which it was left out: a place in one of the system's own folders (`etc/nginx`)."""
        top = (self.place or "").split("/")[1:2]
        if self.begins != "/" or not top or top[0] not in _OF_SYSTEM or self.word.text != self.word.value:
            return None
        return f"{self.place}/" if self.word.text.endswith("/") else self.place


def relative_paths(stage: Stage) -> Iterator[RelativePath]:
    """The relative WORKDIRs in front of any absolute one, and the relative destinations in front of any WORKDIR.

    Nothing is told of an image that begins with nothing (`scratch`), where all there is lies in `/`.
    """
    first = stage.first.from_.image
    if first.value == "scratch" or stage.depth > MOST_STAGES or stage.dockerfile.is_draft:
        return
    reference = Reference.parse(first.value) if first.value else None
    base = base_image(reference) if reference is not None else None
    begins = DIRECTORIES.get(base.family) if base is not None else None
    settled = any(_settles(one) for earlier in stage.lineage[:-1] for one in earlier.instructions)
    placed = settled or any(isinstance(one, Workdir) for earlier in stage.lineage[:-1] for one in earlier.instructions)
    current = begins
    for instruction in stage.instructions:
        if isinstance(instruction, Workdir):
            if not settled and not _settles(instruction):
                current = place_of(instruction.path.value, current)
                yield RelativePath(instruction, instruction.path, begins, current)
            settled, placed = settled or _settles(instruction), True
        elif isinstance(instruction, Transfer) and not placed and _is_relative(instruction.destination):
            place = place_of(instruction.destination.value, begins)
            python, listed = bool(base and base.python), _copies_manifests(stage, instruction)
            removed = not listed and _is_removed(stage, instruction)
            later = next(iter(stage.of(Workdir)), None)
            meant = later is not None and begins is not None and later.path.value == begins
            single = begins is not None and _is_single(stage, instruction)
            where = instruction.destination
            yield RelativePath(instruction, where, begins, place, python, listed, removed, meant, single)


def has_python(stage: Stage) -> bool:
    """Whether a stage is made for Python: its base image, or a step or a start that speaks of it."""
    steps = (one for each in stage.lineage for one in each.instructions)
    return any(_SPEAKS_OF_PYTHON.search(one.text) is not None for one in steps if not isinstance(one, Transfer))


def _is_removed(stage: Stage, transfer: Transfer) -> bool:
    """Whether a RUN behind a COPY removes every file that this brings: `RUN ./install.sh && rm ./install.sh`."""
    names = {(word.value or word.text).rstrip("/").rpartition("/")[2] for word in transfer.sources}
    for run in stage.of(Run):
        script = run.command.script if run.span.start > transfer.span.start and "rm " in run.text else None
        for command in script.simple("rm") if script is not None else ():
            names -= {(word or "").rpartition("/")[2] for word in command.argv[1:]}
    return not names


def _copies_manifests(stage: Stage, transfer: Transfer) -> bool:
    """Whether a COPY in front of a stage's first WORKDIR, an absolute one, brings only what says what to install."""
    first = next(iter(stage.of(Workdir)), None)
    if first is None or not _settles(first) or first.span.start < transfer.span.start:
        return False
    names = [(word.value or "").rpartition("/")[2] for word in transfer.sources]
    return bool(names) and all(_MANIFEST.fullmatch(name) is not None for name in names)


def _is_single(stage: Stage, transfer: Transfer) -> bool:
    """Whether a COPY brings one file, by the ending of its name, and no module, to a stage that moves to no relative
    directory.
    """
    if any(_is_relative(one.path) for one in stage.of(Workdir)):
        return False
    names = [(word.value or "").rpartition("/")[2] for word in transfer.sources]
    plain = len(names) == 1 and "." in names[0].strip(".") and not set(names[0]) & set("*?[")
    return plain and not names[0].endswith(".py")


def _settles(instruction: Instruction) -> bool:
    """Whether a WORKDIR is absolute, or may be: one that begins with a variable that cannot be told."""
    return isinstance(instruction, Workdir) and not _is_relative(instruction.path)


def _is_relative(word: Word) -> bool:
    value = word.value
    if value is None:
        return False
    drive = value[1:2] == ":" and value[:1].isalpha()
    return bool(value) and not value.startswith(("/", "\\")) and not drive


class OneTarget(NamedTuple):
    """Several sources whose destination does not end in a slash. `lost` tells that they are files which certainly, or
    as far as the file shows, overwrite each other, since no directory is there; `there` that one certainly is.
    """

    word: Word
    lost: bool
    there: bool


def single_targets(stage: Stage) -> Iterator[OneTarget]:
    """The COPY and ADD of a stage that bring several sources to what Docker takes for the name of one file, unless a
    directory of that name is there already (moby/buildkit#1853).
    """
    if stage.depth > MOST_STAGES:
        return
    known = {"/"}
    made = ""  # the text of the RUNs so far, which may make directories
    current: str | None = None
    for one in (one for each in stage.lineage for one in each.instructions):
        mine = one.span.start >= stage.from_.span.start
        if isinstance(one, Workdir):
            current = place_of(one.path.value, current)
            known.add(current or "/")
        elif isinstance(one, Run):
            made += one.text
            known.update(_made(one, current or "/"))
        elif isinstance(one, Transfer):
            value = one.destination.value
            target = place_of(value, current or "/")
            if value is None or target is None:
                continue
            if mine and _names_one(one, value):
                there = target in STANDARD or any(f"{place}/".startswith(f"{target}/") for place in known)
                yield OneTarget(one.destination, not there and target not in made and _are_files(one), there)
            # the folder above is made, and so is the place itself where a folder is copied to it
            known.add(target if value.endswith("/") or _is_of_folder(one) else parent(target) or "/")


def _made(run: Run, workdir: str) -> Iterator[str]:
    """The directories that a RUN makes by `mkdir`, as far as it has not gone elsewhere by then."""
    text = run.text
    script = run.command.script if "mkdir" in text and "cd " not in text else None
    if script is None:
        return
    for command in script.simple("mkdir"):
        for word in command.argv[1:]:
            if word is not None and not word.startswith("-") and (place := place_of(word, workdir)) is not None:
                yield place


def _is_of_folder(transfer: Transfer) -> bool:
    """Whether what is copied alone is a folder by its name: `.`, `src/`, `app`."""
    if len(transfer.sources) != 1 or transfer.heredocs:
        return False
    value = transfer.sources[0].value or "Dockerfile"
    name = value.rstrip("/").rpartition("/")[2]
    return value.endswith("/") or name in (".", "..") or (name.islower() and name.isidentifier())


def _names_one(transfer: Transfer, value: str) -> bool:
    if len(transfer.sources) + len(transfer.heredocs) < 2 or transfer.flag("parents") is not None:
        return False
    if any(word.value in _OF_A_SHELL for word in transfer.sources):
        return False  # no shell reads it, so that nothing of that is there
    return not value.endswith(("/", "/.", "/..")) and value not in (".", "..")


def _are_files(transfer: Transfer) -> bool:
    """Whether at least two sources are files by their names; what is in directories is merged."""
    return sum("." in (word.value or "").rpartition("/")[2].strip(".") for word in transfer.sources) > 1
