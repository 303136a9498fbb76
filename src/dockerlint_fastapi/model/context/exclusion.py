"""What an ignore file should leave out of a build context, as far as nothing that a build needs goes with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from dockerlint_fastapi.model.context.glob import Glob, clean
from dockerlint_fastapi.model.context.ignore_file import IgnoreFile, Pattern
from dockerlint_fastapi.model.context.image_build import ImageBuild
from dockerlint_fastapi.model.context.stowaways import history_is_read, is_environment_file
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Source
from dockerlint_fastapi.tree import parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.project import Project

_ENVIRONMENT = ("**/.env", "**/.env.*")
# The variables of one machine. What bundlers read besides (`.env.production`) is a part of the source.
_OWN_ENVIRONMENT = ("**/.env.local", "**/.env.*.local")
_BUNDLERS = (
    r"\"(?:vite|react-scripts|next|nuxt|@vue/cli-service|@angular/cli|astro|parcel|gatsby|@sveltejs/kit|webpack)\""
)
_CACHES = ("**/__pycache__", "**/*.pyc")
_VARIABLES = r"[\w.*-]+\.env"  # those that begin with `.env` are left out in any case
_MOST_LINES = 500  # of a `.gitignore`
_MOST_READ = 60  # Python files in which a text file's name is looked for
_TESTERS = r"(?<![a-zA-Z])(?:tests?|unittest|pytest|nox|tox|coverage)(?![a-zA-Z])"
_TESTED = r"(?i)\bpytest\b|\btests?\b|\btox\b|\bnox\b"


class Proposal(NamedTuple):
    """A new ignore file. `harmless` is False when files that are there, and that a start may read, go with it: `.env`,
    an environment, packages of a front end; or when the code reads a `.env` of the image (`read`).
    """

    path: str  # in the project
    text: str
    harmless: bool
    read: bool
    blank: Source | None = None  # the file that is there, and has no pattern


def proposal(project: Project, context: str) -> Proposal | None:
    """A `.dockerignore` for a context that has none, or one without patterns: the guide's list, with patterns that hold
    at any depth where names are meant, and without what a build needs. None when nobody can say what is built from
    there.
    """
    builds = [
        ImageBuild(image, context, None, certain=True)
        for image in project.index.images_of(context)
        if not image.is_filtered(context)
    ]
    if not builds:
        return None
    names = _names(builds)
    rows: list[str] = []
    for group in _groups(builds, names):
        if _is_needless([*rows, *group], builds):
            rows += group
        else:
            rows += [one for one in group if not one.startswith("!") and _is_needless([*rows, one], builds)]
    left = [pattern for build in _filtered(rows, builds) for pattern in _left(build)]
    if any(map(history_is_read, builds)):
        left = [one for one in left if one != ".git"]
    rows += [one for one in dict.fromkeys(left) if one not in rows and _is_needless([*rows, one], builds)]
    path = f"{context}/.dockerignore" if context else ".dockerignore"
    read = any(build.reads_env_file for build in builds)
    harmless = not read and not any(map(_may_be_read, builds))
    blank = project.source_of(path) if project.tree.is_file(path) else None
    if any(one.image.ignore_file(context) not in (None, path) for one in builds):
        return None  # one of its own, without patterns, takes the place of what would be made
    return Proposal(path, "".join(f"{row}\n" for row in rows), harmless, read, blank)


def _may_be_read(build: ImageBuild) -> bool:
    """Whether something is there that a start may read although no image should hold it."""
    names = {path.rpartition("/")[2].lower() for path, _ in build.entries}
    if build.secret_files or "node_modules" in build.built_before or any(is_environment_file(name) for name in names):
        return True
    return any(one.heavy and one.name != ".git" for one in build.bulk)


def _names(builds: Sequence[ImageBuild]) -> Sequence[str]:
    """What lies at the top of the context."""
    first = builds[0]
    return first.image.project.tree.names(first.project_path(""))


def _groups(builds: Sequence[ImageBuild], names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Patterns that belong together, in the order of the guide."""
    project, context = builds[0].image.project, builds[0].context
    python = any(one.image.python or any(path.endswith(".py") for path, _ in one.entries) for one in builds)
    if python:
        yield _CACHES
    if (not context or ".git" in names) and not any(map(history_is_read, builds)):
        yield (".git",)
    if not context or ".gitignore" in names:
        yield (".gitignore",)
    yield environment_patterns(builds)
    yield from ((one,) for one in _ignored_variables(builds[0]))
    if python:
        yield ("**/.venv", "**/venv")
    packed = any(path.rpartition("/")[2] == "package.json" for build in builds for path, _ in build.entries)
    if packed and not any("node_modules" in build.built_before for build in builds):
        yield ("**/node_modules",)
    if not are_run(builds):
        yield ("tests/",)
    yield ("*.md", *(f"!{name}" for name in names if name.endswith(".md") and _is_read(builds, name)))
    yield (".dockerignore",)
    for path in dict.fromkeys(_dockerfiles(project, context)):
        yield (path,)
    yield from ((name,) for name in names if re.fullmatch(r"(?:docker-)?compose.*\.ya?ml", name))


def _ignored_variables(build: ImageBuild) -> Iterator[str]:
    """Patterns for the env files that git ignores by another name than `.env`: `**/shop.env`."""
    project, context = build.image.project, build.context
    for path in dict.fromkeys((".gitignore", f"{context}/.gitignore".lstrip("/"))):
        source = project.source_of(path) if project.tree.is_file(path) else None
        for line in source.text.splitlines()[:_MOST_LINES] if source is not None else ():
            text = line.strip()
            folder, _, name = text.removeprefix("**/").removeprefix("/").rpartition("/")
            if folder and (path != ".gitignore" or folder != context):
                continue  # elsewhere
            if re.fullmatch(_VARIABLES, name) and is_environment_file(name.lower().replace("*", "x")):
                yield f"**/{name}"


def _dockerfiles(project: Project, context: str) -> Iterator[str]:
    prefix = f"{context}/" if context else ""
    for one in project.index.dockerfiles_from(prefix):
        yield one.source.path.removeprefix(prefix)


def are_run(builds: Sequence[ImageBuild]) -> bool:
    """Whether a Dockerfile speaks of tests, so that some stage may run them, a service runs them, or a recipe or readme
    has them run in a container.
    """
    spoken = any(re.search(_TESTED, one.text) for build in builds for one in build.image.dockerfile.instructions)
    if spoken or any(one.runs_tests for one in builds):
        return True
    from dockerlint_fastapi.model.files.recipes import is_run_in_containers  # noqa: PLC0415 - few builds get here

    return builds[0].image.project.index.answer(is_run_in_containers, _TESTERS)


def _is_read(builds: Sequence[ImageBuild], name: str) -> bool:
    """Whether a file is the readme of the project that is installed, or the code speaks of it."""
    if any(build.is_readme(name) for build in builds):
        return True
    paths = [path for path, closed in builds[0].entries if not closed and path.endswith(".py")][:_MOST_READ]
    return any(name in source.text for path in paths if (source := builds[0].text_of(path)) is not None)


def environment_patterns(builds: Sequence[ImageBuild]) -> tuple[str, ...]:
    """Patterns for files with variables, examples taken back. A bundler reads `.env` and `.env.production` while it
    builds: those beside its `package.json` stay in the context, as far as no secret is seen in them.
    """
    paths = {path for build in builds for path, _ in build.entries}
    secret = {one.path for build in builds for one in build.secret_files}
    names = {path.rpartition("/")[2] for path in paths}
    examples = sorted(one for one in names if one.startswith(".env.") and not is_environment_file(one.lower()))
    read = sorted(
        path
        for path in paths - secret
        if (name := path.rpartition("/")[2].lower()).startswith(".env")
        and is_environment_file(name)
        and _bundles(builds[0], parent(path))
    )
    if _bundles(builds[0], "") and not any(one.image.python for one in builds):
        return (*_OWN_ENVIRONMENT, *(pattern_for(path) for path in sorted(secret) if ".env" in path))
    return (*_ENVIRONMENT, *(f"!**/{one}" for one in examples), *(f"!{path}" for path in read))


def _bundles(build: ImageBuild, folder: str) -> bool:
    """Whether a bundler works in a folder of the context, by its `package.json`."""
    source = build.text_of(f"{folder}/package.json".lstrip("/"))
    return source is not None and re.search(_BUNDLERS, source.text) is not None


def pattern_for(path: str) -> str:
    """The pattern that leaves a file or directory out: by name at any depth where the name says what it is."""
    name = path.rpartition("/")[2]
    if name.endswith((".pyc", ".pyo")):
        return f"**/*{name[-4:]}"
    by_name = is_environment_file(name.lower()) and name.startswith(".env")
    caches = (".venv", "venv", "node_modules", "__pycache__", ".DS_Store", ".coverage", ".idea", ".vscode")
    if by_name or name in caches or name.endswith("_cache"):
        return f"**/{name}"
    return re.sub(r"[*?\[\\]", lambda found: f"\\{found[0]}", path)


def _left(build: ImageBuild) -> Iterator[str]:
    """Patterns for what is sent all the same: secrets, and what is heavy or a tool's own."""
    yield from (pattern_for(one.path) for one in build.secret_files)
    yield from (pattern_for(one.path) for one in build.bulk if one.heavy or one.is_cache)


def without_needed(patterns: Sequence[str], build: ImageBuild) -> tuple[str, ...] | None:
    """These patterns, when no build that has the ignore file needs what they leave out behind those in it; None
    otherwise.
    """
    path = build.ignore.source.path if build.ignore is not None else ""
    wanted = tuple(patterns)
    if wanted not in build.needless:  # many instructions of one file may ask for the same
        build.needless[wanted] = _are_needless(build.image.project, path, wanted)
    return wanted or None if build.needless[wanted] else None


def _are_needless(project: Project, path: str, patterns: Sequence[str]) -> bool:
    """Whether no build that has an ignore file needs what these patterns leave out behind those in it."""
    builds = project.index.builds_with(path)
    if ".git" in patterns and any(map(history_is_read, builds)):
        return False
    return all(_is_needless([*_written(one), *patterns], [one]) for one in builds)


def _written(build: ImageBuild) -> list[str]:
    return [one.text for one in build.ignore.patterns] if build.ignore is not None else []


def _filtered(patterns: Iterable[str], builds: Iterable[ImageBuild]) -> list[ImageBuild]:
    """The same builds, with an ignore file of these patterns."""
    source = Source.of("\n".join(patterns), ".dockerignore")
    found: list[Pattern] = []
    for number, text in enumerate(source.text.splitlines()):
        glob = Glob(clean("/" + text.removeprefix("!"))[1:], double_star=True)
        found.append(Pattern(number, glob, text.startswith("!"), source.span(0, 0)))
    return [ImageBuild(one.image, one.context, IgnoreFile(source, found), certain=True) for one in builds]


def _is_needless(patterns: Sequence[str], builds: Sequence[ImageBuild]) -> bool:
    """Whether builds get all that they name and read with these patterns; what they do not get now does not count."""
    for before, after in zip(builds, _filtered(patterns, builds), strict=True):
        for passage in before.image.passages:
            if before.unsent(passage) is None and after.unsent(passage) is not None:
                return False
        if {one.path for one in after.lost_files} - {one.path for one in before.lost_files}:
            return False
        gone = (one.path for one in before.secret_files if not before.excludes(one.path) and after.excludes(one.path))
        if before.needs(*gone):
            return False
        heavy = (one.path for one in before.bulk if one.heavy and one.name != ".git")
        if any(not before.excludes(path) and after.excludes(path) and before.starts(path) for path in heavy):
            return False
    return True
