"""Build contexts: the folders that builds are given, and what Dockerfiles take from them."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.evidence import is_example
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span
from dockerlint_fastapi.tree import in_context, parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dockerlint_fastapi.model.context.exclusion import Proposal
    from dockerlint_fastapi.model.dockerfile import Transfer, Word
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.tree import Tree

# Hidden files that stand in folders of code without any harm.
_MARKERS = frozenset(
    ".gitkeep .keep .gitignore .gitattributes .dockerignore .DS_Store .editorconfig .htaccess .well-known".split()
)

# What people call the file, in lower case, and Docker does not.
_MISSPELT = r"[._]?docker[._-]?ignore(?:\.txt)?"
_TESTERS = r"\b(?:pytest|locust|playwright|k6)\b"
# The servers of front ends that reload pages as somebody works on them.
_RELOADS_PAGES = (
    r"\b(?:(?:npm|pnpm|yarn|bun)(?:[\s\",]+run)?[\s\",]+(?:dev|start:dev|serve:dev)|(?:next|nuxt|astro)[\s\",]+dev"
    r"|expo[\s\",]+start|vite(?![\s\",]+(?:build|preview)))(?![\w:.-])"
)
_LANGUAGES = frozenset("dotnet elixir erlang golang gradle haskell maven mono perl php ruby rust sdk swift".split())
_NODE = r"(?mi)^FROM[ \t]+(?:--\S+[ \t]+)?(?:\S*/)?(?:node|bun)(?![\w-])"


class WorkflowBuild(NamedTuple):
    """One build in a workflow of the project: from which folder, of which Dockerfile (None when that cannot be told).

    `certain` is False when the workflow may put other files there first, or start in another folder. `pushed` tells
    that what is built goes to a registry; of what `target`, None for the last stage or what cannot be told.
    """

    context: str
    dockerfile: str | None
    certain: bool
    pushed: bool = False
    target: str | None = None


def _is_example_of_variables(name: str) -> bool:
    return name.startswith(".env.") and is_example(name)


class Intake(NamedTuple):
    """One source of a COPY or ADD, as an image takes it from its build context.

    `reach` is `context` for all of it, `folder` for one of its folders, `file` for what is smaller or cannot be told.
    """

    image: Image
    word: Word
    reach: str
    hidden: bool  # hidden files other than git's own lie in that folder

    @property
    def span(self) -> Span:
        """Where the source is named."""
        return self.word.span

    @property
    def is_broad(self) -> bool:
        """Whether it takes along whatever lies about, and not what somebody listed: the whole context, or a folder of
        it with hidden files.
        """
        return self.reach == "context" or self.hidden

    def holds_python(self, context: BuildContext) -> bool:
        """Whether Python files lie below it in a build context, so that caches of them will, too."""
        folder = f"{context.path}/{in_context(self.word.value or '')}".strip("/")
        files = self.image.project.index.python_files_from(f"{folder}/" if folder else "")
        return next(iter(files), None) is not None

    def committed(self, context: BuildContext) -> Span | None:
        """The beginning of the first env file that it takes from a build context, that is in the repository too and
        holds stand-ins only.
        """
        for build in (one for one in self.image.builds if one.certain and one.context == context.path):
            sources = [one for one in build.image.passages if one.span == self.span]
            found = [one for one in build.secret_files if any(passage.takes(one.path) for passage in sources)]
            source = build.text_of(found[0].path) if found else None
            if source is not None and all(one.made_up and build.is_committed(one.path) for one in found):
                return source.span(0, 0)
        return None

    def reader(self, context: BuildContext) -> Span | None:
        """Where the application reads an env file that only git is told of, that comes along from a build context, and
        that nothing else gives it.
        """
        for build in (one for one in self.image.builds if one.certain and one.context == context.path):
            sources = [one for one in build.image.passages if one.span == self.span]
            for one in build.announced_secrets if sources else ():
                if one.reader is not None and any(passage.takes(one.path) for passage in sources):
                    return one.reader
        return None

    def is_beside_variables(self, context: BuildContext) -> bool:
        """Whether it is a folder of a build context of which an example of a `.env` tells that this lies elsewhere: in
        the context's root, and not in here.
        """
        if self.reach != "folder":
            return False
        tree = self.image.project.tree
        folder = f"{context.path}/{in_context(self.word.value or '')}".strip("/")
        outside, inside = (tree.listing(one).files for one in (context.path, folder))
        return any(map(_is_example_of_variables, outside)) and not any(".env" in one for one in inside)

    @property
    def runs_tests(self) -> bool:
        """Whether every container of the image starts a program that tests others, as pytest and Locust do."""
        started = [one.start_span.text for one in self.image.containers if one.start_span is not None]
        return bool(started) and all(re.search(_TESTERS, text) for text in started)

    @property
    def is_of_unbuilt_front_end(self) -> bool:
        """Whether the image has no Python, starts the server with which somebody works on a front end, and no service,
        workflow or recipe builds it.
        """
        image = self.image
        if image.python or image.is_built_by_project or image.cmd is None:
            return False
        return re.search(_RELOADS_PAGES, image.cmd.command.text) is not None

    @property
    def ships(self) -> bool:
        """Whether what lies there gets into the image itself, and does not stay in a stage that it is built from; True
        also when that cannot be told.
        """
        folder = "" if self.reach == "context" else in_context(self.word.value or "")
        names = (".env", ".venv/bin/python") if self.image.python else (".env",)
        paths = [f"{folder}/{name}" if folder else name for name in names]
        return not self.image.builds or any(build.ships(path) for build in self.image.builds for path in paths)


class BuildContext:
    """A folder from which images are built.

    `path` is relative to the root, "" for the root itself; where no compose file says from which folder a Dockerfile is
    built, it is the nearest one that holds what it copies.
    """

    __slots__ = ("images", "path")

    def __init__(self, path: str, images: tuple[Image, ...]) -> None:
        self.path = path
        self.images = images  # those for production first

    def __repr__(self) -> str:
        return f"BuildContext({self.path!r}, {len(self.images)} images)"

    @property
    def span(self) -> Span:
        """The beginning of the first Dockerfile that is built from it."""
        return self.images[0].dockerfile.span

    def stray(self, intake: Intake) -> Span | None:
        """The beginning of the `.dockerignore` beside the Dockerfile, when no build reads it because that is not the
        root of the context; or of that in the root of the project, when certainly no build reads it.
        """
        folder, project = parent(intake.image.dockerfile.source.path), intake.image.project
        if self.path and ".dockerignore" in project.unread_ignores:
            source = project.source_of(".dockerignore")
            return source.span(0, 0) if source is not None else None
        if not folder or folder in intake.image.likely_contexts:
            return None
        path = f"{folder}/.dockerignore"
        source = intake.image.project.source_of(path) if intake.image.project.tree.is_file(path) else None
        return source.span(0, 0) if source is not None else None

    @property
    def misspelt(self) -> Span | None:
        """The beginning of an ignore file in its root of which only the spelling is wrong: `.Dockerignore`."""
        project = self.images[0].project
        for name in project.tree.listing(self.path).files:
            if name != ".dockerignore" and re.fullmatch(_MISSPELT, name.lower()):
                source = project.source_of(f"{self.path}/{name}" if self.path else name)
                return source.span(0, 0) if source is not None else None
        return None

    def is_told_of(self, stray: Span | None) -> bool:
        """Whether `unused-dockerignore` tells of the ignore file that begins there."""
        return stray is not None and stray.source.path in self.images[0].project.unread_ignores

    @property
    def litter(self) -> str:
        """What lies about in it, beside `.env`, once somebody has worked there, in words."""
        tree = self.images[0].project.tree
        if any(image.python for image in self.images):
            return "virtual environments"
        node = any(re.search(_NODE, image.dockerfile.source.text) for image in self.images)
        if node or tree.is_file(f"{self.path}/package.json".lstrip("/")):
            return "what else lies there" if self.is_packed_before else "`node_modules`"
        python = any(name.endswith((".py", "Pipfile", "pyproject.toml")) for name in tree.names(self.path))
        known = all(image.python is False or _is_of_another_language(image) for image in self.images)
        return "virtual environments" if python and not known else "build results"

    @property
    def is_packed_before(self) -> bool:
        """Whether an image starts packages of Node that something installs there before the build, as it does not."""
        others = (image for image in self.images if not image.python)
        return any("node_modules" in build.built_before for image in others for build in image.builds)

    @property
    def other_ignore(self) -> Span | None:
        """The beginning of a `.gcloudignore` in its root, which says what Google's builds are sent; Docker's are not
        told.
        """
        path, project = f"{self.path}/.gcloudignore".lstrip("/"), self.images[0].project
        source = project.source_of(path) if project.tree.is_file(path) else None
        return source.span(0, 0) if source is not None else None

    @property
    def proposal(self) -> Proposal | None:
        """A `.dockerignore` for it, when it has none."""
        from dockerlint_fastapi.model.context.exclusion import proposal  # noqa: PLC0415 - only a fix asks

        return proposal(self.images[0].project, self.path)

    @property
    def blank(self) -> Span | None:
        """The beginning of the `.dockerignore` in its root, where that has no pattern."""
        path, project = f"{self.path}/.dockerignore".lstrip("/"), self.images[0].project
        found = project.ignore_file_at(path) if project.tree.is_file(path) else None
        return found.span if found is not None and found.is_blank else None

    @property
    def unfiltered(self) -> tuple[Intake, ...]:
        """What images take from it that have no ignore file, or one without patterns, from whichever folder they may be
        built.
        """
        found: dict[Span, Intake] = {}
        for image in self.images:
            if not any(image.is_filtered(context) for context in image.likely_contexts):
                for intake in intakes(image):
                    found.setdefault(intake.span, intake)
        return tuple(found.values())


def _is_of_another_language(image: Image) -> bool:
    """Whether it is built in a published image of another language, and ends in one or in nothing at all, whatever lies
    beside its sources to be packed for Python's index as well.
    """
    from dockerlint_fastapi.model.bases.base_image import Reference  # noqa: PLC0415 - few contexts have no such file

    names = [stage.first.from_.image.value for stage in (*image.builders, image.stage)]
    known = [Reference.parse(name) if name else None for name in names if name != "scratch"]
    return bool(known) and all(one is not None and one.name in _LANGUAGES for one in known)


def contexts_of(images: Iterable[Image]) -> Iterator[BuildContext]:
    """The build contexts of a project's images; those of images of which nobody can say whence they are built are left
    out.
    """
    groups: dict[str, list[Image]] = {}
    for image in images:
        if _is_told(image):
            groups.setdefault(image.likely_contexts[0], []).append(image)
    for path, found in sorted(groups.items()):
        yield BuildContext(path, tuple(sorted(found, key=lambda image: image.development is not None)))


def _is_told(image: Image) -> bool:
    """Whether the context of an image is known: a service names it, it is the root, which nothing else could be, or it
    holds what the Dockerfile copies. A file such as `.env` may be there only where the image is built.
    """
    if image.contexts_disputed:
        return False
    if not image.likely_contexts[0] or any(container.service is not None for container in image.containers):
        return True
    tree, context = image.project.tree, image.likely_contexts[0]
    names = [intake.word.value or "" for intake in intakes(image) if intake.reach == "file"]
    plain = [in_context(name) for name in names if not set(name) & set("*?[$")]
    patterns = [name for name in names if set(name) & set("*?[") and "/" not in name and "$" not in name]
    if not all(name.endswith("*") or _matches(tree, context, name) for name in patterns):
        return False
    return all(tree.is_file(f"{context}/{path}") for path in plain if path and not path.startswith("."))


def _matches(tree: Tree, folder: str, pattern: str) -> bool:
    from dockerlint_fastapi.model.context.glob import Glob  # noqa: PLC0415 - few copies have patterns

    glob = Glob(pattern, double_star=False)
    return any(glob.matches(name) for name in tree.names(folder))


def intakes(image: Image) -> Iterator[Intake]:
    """What an image and the stages it copies from take from the build context, in order."""
    for transfer in image.context_transfers:
        for word in transfer.sources:
            if word.value is None or not word.value.startswith(("http://", "https://", "git@")):
                yield _intake(image, transfer, word)


def _intake(image: Image, transfer: Transfer, word: Word) -> Intake:
    if transfer.takes_all(word):
        return Intake(image, word, "context", hidden=True)
    path = in_context(word.value) if word.value else None
    if path is None:
        return Intake(image, word, "file", hidden=False)
    tree = image.project.tree
    folders = [f"{context}/{path}" if context else path for context in image.likely_contexts]
    folder = next((one for one in folders if tree.is_dir(one)), None)
    if folder is None:
        return Intake(image, word, "file", hidden=False)
    listed = transfer.flag("exclude") is None
    hidden = listed and holds_hidden(tree, folder)
    return Intake(image, word, "folder", hidden=hidden)


def holds_hidden(tree: Tree, folder: str) -> bool:
    """Whether hidden files other than git's own lie in a folder of the project: where these are, a `.env` is, too."""
    return any(name.startswith(".") and name not in _MARKERS for name in tree.names(folder))
