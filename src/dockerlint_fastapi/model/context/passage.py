"""The ways from a build context into an image: COPY, ADD and bind mounts, with where each file arrives."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint_fastapi.model.context.glob import Glob, clean, spelled
from dockerlint_fastapi.model.context.ignore_file import IgnoreFile, Pattern
from dockerlint_fastapi.model.dockerfile import Add, Copy, Instruction, Mount, Run, Stage, Transfer, Word, Workdir
from dockerlint_fastapi.source import Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.image import Image

REMOTE = ("http://", "https://", "git@", "git://", "ssh://")
_PATH_MAX = 4_096  # bytes of a path, with the NUL behind it (linux/limits.h)
ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".txz", ".tar.zst")
# Directories that every base image has.
STANDARD = frozenset(
    (
        "/", "/bin", "/etc", "/home", "/lib", "/opt", "/root", "/sbin", "/srv", "/usr", "/usr/bin", "/usr/lib",
        "/usr/local", "/usr/local/bin", "/usr/local/sbin", "/usr/sbin", "/usr/share", "/usr/src", "/var", "/var/lib",
        "/var/log",
    )
)  # fmt: skip

# The working directory of known base images, by family. Official images of distributions and languages start in `/`.
DIRECTORIES = {
    **dict.fromkeys(
        "alpine buildpack-deps cuda debian distroless miniconda nginx node postgres pypy python ubuntu uv".split(), "/"
    ),
    "redis": "/data",
    "tiangolo": "/app",
    "aws-lambda": "/var/task",
}

_OF_TLS = (".pem", ".crt", ".cer", ".key", "ssl", "tls", "certs", "certificates")
# Folders of settings, and the file with secrets in each that rightly stands in no repository.
_USUAL_CONTENT = {".streamlit": "secrets.toml", ".aws": "credentials", ".kaggle": "kaggle.json", ".dbt": "profiles.yml"}
_BUILT = frozenset(("dist", "target", ".next", ".output"))  # `.output` is that of Nuxt and Nitro


class Passage:
    """One way from the build context into a stage: a source of a COPY or ADD, or a bind mount of a RUN.

    `source` is a path or pattern relative to the context, "" for all of it; None when it cannot be told. `target` is
    the absolute path of the destination; None when it cannot be told. `folder` tells whether what is copied goes into
    the destination: None when that depends on what is there already.
    """

    __slots__ = (
        "_excluded",
        "folder",
        "glob",
        "instruction",
        "outside",
        "parents",
        "source",
        "span",
        "stage",
        "target",
        "text",
    )

    def __init__(
        self,
        stage: Stage,
        instruction: Transfer | Run,
        *,
        text: str,
        value: str | None,
        span: Span,
        target: str | None,
        folder: bool | None,
    ) -> None:
        self.stage = stage
        self.instruction = instruction
        self.text = text  # the source as written
        self.span = span
        self.target = target
        self.folder = folder
        self.parents = isinstance(instruction, Copy) and _switched_on(instruction, "parents")
        # BuildKit cleans the path from the root of the context on, so that a leading `..` is dropped.
        self.source = None if value is None else clean("/" + value)[1:]
        self.outside = value is not None and clean(value.lstrip("/")).startswith("..")
        wild = not isinstance(instruction, Run) and any(char in (self.source or "") for char in "*?[\\")
        self.glob = Glob(self.source or "", double_star=self.parents) if wild else None
        self._excluded: IgnoreFile | None = None
        if isinstance(instruction, Transfer):
            patterns = [clean(flag.value) for flag in instruction.flags if flag.name == "exclude" and flag.value]
            if patterns:
                self._excluded = IgnoreFile(
                    Source.of("", ""),
                    [Pattern(at, Glob(one, double_star=True), False, span) for at, one in enumerate(patterns)],
                )

    def __repr__(self) -> str:
        return f"Passage({self.text!r} -> {self.target!r})"

    @property
    def is_of_tls(self) -> bool:
        """Whether it is a certificate or a key, or a folder of these, by its name: everybody has their own."""
        return (self.source or "").rpartition("/")[2].lower().endswith(_OF_TLS)

    @property
    def is_built(self) -> bool:
        """Whether its name says that a tool makes it outside of Docker, as a wheel, a jar or a `dist` folder."""
        path = self.source or ""
        return path.endswith((".whl", ".jar", ".war")) or not _BUILT.isdisjoint(path.split("/"))

    @property
    def usual_content(self) -> str | None:
        """The file for which there is a folder of that name (`.streamlit/secrets.toml`); None for others."""
        path = (self.source or "").rstrip("/")
        name = _USUAL_CONTENT.get(path.rpartition("/")[2])
        return f"{path}/{name}" if name is not None else None

    @property
    def is_optional(self) -> bool:
        """Whether it is a pattern that is meant to match nothing at times: `uv.lock*`, `.en[v]`."""
        source = self.source or ""
        return self.glob is not None and (source.endswith("*") or spelled(source) is not None)

    @property
    def words(self) -> str:
        """The instruction with this source alone: `COPY .`."""
        return f"{self.instruction.keyword} {self.text}"

    @property
    def copies(self) -> bool:
        """Whether what it brings stays in the stage: not that of a mount."""
        return isinstance(self.instruction, Transfer)

    @property
    def takes_all(self) -> bool:
        """Whether it takes the whole context."""
        return self.source in ("", "*") and self._excluded is None

    @property
    def names_a_secret(self) -> bool:
        """Whether what it copies is named as a secret file (`.env`, `.env*`, `server.key`)."""
        from dockerlint_fastapi.model.secrets.secret_copies import kind_of  # noqa: PLC0415 - few rules ask

        return self.copies and kind_of(self.source or "") is not None

    def takes(self, path: str) -> bool:
        """Whether it brings a file or directory of the context, if that is sent. False when that cannot be told."""
        return self._part(path) is not None

    def arrival(self, path: str) -> str | None:
        """Where a file of the context arrives in the stage, an absolute path; None when it is not taken, and when its
        place cannot be told.
        """
        part = self._part(path)
        if part is None or self.target is None:
            return None
        if part:
            return f"{self.target.rstrip('/')}/{part}"
        if not self.copies or self.folder is False:
            return self.target
        if isinstance(self.instruction, Add) and path.endswith(ARCHIVES):
            return None
        return f"{self.target.rstrip('/')}/{path.rpartition('/')[2]}" if self.folder else None

    def origin(self, place: str) -> str | None:
        """The path in the context from which an absolute path of the stage is filled, should a directory be copied
        whole or a file to that very place; None otherwise.
        """
        if self.source is None or self.target is None or self.glob is not None or self.parents:
            return None
        if self.folder is not True and place == self.target:
            return self.source
        base = self.target.rstrip("/") + "/"
        if not place.startswith(base):
            return None
        rest = place[len(base) :]
        if self.folder and rest == self.source.rpartition("/")[2] and rest:
            return self.source  # a file that keeps its name
        return f"{self.source}/{rest}" if self.source else rest

    def _part(self, path: str) -> str | None:
        """A path of the context relative to what is copied whole, "" for that itself; None when it is not taken."""
        source = self.source
        if source is None:
            return None
        if self.glob is not None:
            # A star does not cross a slash, so what the pattern matches has as many segments as it has.
            segments = path.split("/")
            count = source.count("/") + 1
            if len(segments) < count or not self.glob.matches("/".join(segments[:count])):
                return None
            part = "/".join(segments[count:])
        elif not source or path == source:
            part = path if not source else ""
        elif path.startswith(source + "/"):
            part = path[len(source) + 1 :]
        else:
            return None
        if self._excluded is not None and self._excluded.excludes(part or path.rpartition("/")[2]):
            return None
        return path if self.parents else part


def _switched_on(instruction: Transfer, name: str) -> bool:
    flag = instruction.flag(name)
    return flag is not None and (flag.value or "true").lower() not in ("false", "0")


def passages_of(image: Image) -> Iterator[Passage]:
    """Every way from the build context into an image and the stages it copies from, in file order."""
    for stage in sorted((*image.lineage, *image.builders), key=lambda stage: stage.index):
        places = workdirs(image, stage)
        current = next(places)
        known = {current} if current else set()
        for instruction in stage.instructions:
            if isinstance(instruction, Workdir):
                current = next(places)
                known.add(current or "/")
            elif isinstance(instruction, Transfer) and instruction.from_ is None:
                for word in instruction.sources:
                    if not (word.value or "").startswith(REMOTE):
                        yield _copied(stage, instruction, word, current, known)
            elif isinstance(instruction, Run):
                for mount in instruction.mounts:
                    if mount.type == "bind" and not mount.options.get("from"):
                        yield _mounted(stage, instruction, mount, current)


def workdirs(image: Image, stage: Stage) -> Iterator[str | None]:
    """The working directory at the beginning of a stage and behind each of its WORKDIRs; None when not known."""
    known = image.known_workdirs
    waiting: list[Stage] = []
    at: Stage | None = stage
    while at is not None and at not in known:
        waiting.append(at)
        at = at.base
    for one in reversed(waiting):
        current = _first_workdir(image, one) if one.base is None else known[one.base][-1]
        places = [current]
        for instruction in one.instructions:
            if isinstance(instruction, Workdir):
                places.append(place_of(instruction.path.value, places[-1]))
        known[one] = tuple(places)
    return iter(known[stage])


def _first_workdir(image: Image, stage: Stage) -> str | None:
    """The working directory of the image that a stage begins with."""
    scratch, base = image.base_of(stage)
    if base is not None and base.family == "distroless" and base.user == "nonroot":
        return "/home/nonroot"
    return "/" if scratch else DIRECTORIES.get(base.family) if base is not None else None


def behind_workdirs(image: Image, stage: Stage) -> Iterator[tuple[Instruction, str | None]]:
    """Each instruction of a stage with the working directory that is in force behind it; None when not known."""
    places = workdirs(image, stage)
    current = next(places)
    for instruction in stage.instructions:
        if isinstance(instruction, Workdir):
            current = next(places)
        yield instruction, current


def place_of(value: str | None, workdir: str | None) -> str | None:
    """An absolute path without `.`, `..` and doubled slashes; None when it cannot be told, or is none for Linux."""
    if value is None or (workdir is None and not value.startswith("/")):
        return None
    path = clean(value if value.startswith("/") else f"{workdir}/{value}")
    return path if len(path) < _PATH_MAX else None


def _copied(stage: Stage, instruction: Transfer, word: Word, workdir: str | None, known: set[str]) -> Passage:
    destination = instruction.destination.value
    target = place_of(destination, workdir)
    folder: bool | None = None
    if destination is not None:
        several = len(instruction.sources) + len(instruction.heredocs) > 1
        name = (target or "").rpartition("/")[2]
        there = target is not None and (target in STANDARD or any(f"{one}/".startswith(f"{target}/") for one in known))
        if several or there or destination.endswith(("/", "/.", "/..")) or destination in (".", ".."):
            folder = True
        elif "." in name and name == clean(word.value or "").rpartition("/")[2]:
            folder = False  # a file under its own name
    return Passage(stage, instruction, text=word.text, value=word.value, span=word.span, target=target, folder=folder)


def _mounted(stage: Stage, run: Run, mount: Mount, workdir: str | None) -> Passage:
    options = mount.options
    text = options.get("source") or options.get("src") or "."
    value = None if "$" in text else text
    target = mount.target
    place = None if target is None or "$" in target else place_of(target, workdir)
    return Passage(stage, run, text=text, value=value, span=mount.span, target=place, folder=False)
