"""What workflows and scripts of the project build: the images that they push or name, for services that take them by
their names, and the folders that they build Dockerfiles from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice

from dockerlint_fastapi.assemble.images import default_stage
from dockerlint_fastapi.cached import cached_property
from dockerlint_fastapi.model.bases.base_image import Reference
from dockerlint_fastapi.model.context import WorkflowBuild
from dockerlint_fastapi.model.image import Image
from dockerlint_fastapi.model.project import Project
from dockerlint_fastapi.model.services.database_account import is_database
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.tree import normal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.source import Source

_WORKFLOWS: Final = ".github/workflows"
_MOST: Final = 40  # files that are looked into
_MOST_CHARACTERS: Final = 200_000  # of a recipe
_ACTION: Final = (
    r"(?m)^([ \t]*)(?:-[ \t]+)?uses:[ \t]*[\"']?docker/build-push-action@[^\n]*\n"
    r"((?:\1[ \t]*[^-\s][^\n]*(?:\n|\Z)|\1[ \t]+[^\n]*(?:\n|\Z)|[ \t]*\n)*)"
)
# Actions that build and push as well, with their inputs for the folder and the Dockerfile; whether it lies in there.
_BUILDERS: Final = {
    "azure/container-apps-deploy-action": ("appSourcePath", "dockerfilePath", True),
    "openzim/docker-publish-action": ("context", "dockerfile", False),
    "macbre/push-to-ghcr": ("context", "dockerfile", False),
    "mr-smithers-excellent/docker-build-push": ("directory", "dockerfile", False),
}
# The start of a step, or of a job by a workflow of the project, as `_ACTION` has it.
_USES: Final = _ACTION.replace("docker/build-push-action@", "({})")
_CALLED: Final = r"\./\.github/workflows/[\w.-]+\.ya?ml"
_INPUT: Final = r"\$\{\{inputs\.([\w-]+)\}\}"
_COMMAND: Final = r"(?m)\bdocker[ \t]+(?:buildx[ \t]+)?build[ \t]+((?:[^\n\\]|\\\n)*)"
_WITH_VALUES: Final = frozenset(
    "-t --tag -f --file --target --build-arg --platform --label --cache-from --cache-to -o --output --secret --ssh"
    " --network --progress --builder --build-context".split()
)
_KEY: Final = r"(?m)^[ \t]*{}:[ \t]*[\"']?([^\s\"'#]+)"
# Where a build or a push names its image: inputs of docker's actions with the lines of their lists, and commands.
# `image:` and `container:` of a job or a service, `docker pull` and `docker run` name what is used, be it built here or
# not.
_NAMING: Final = (
    r"(?m)^([ \t]*)(?:-[ \t]+)?(?:tags|images|outputs):[ \t]*([^\n]*(?:\n(?:\1[ \t]+[^\n]*|[ \t]*(?=\n)))*)",
    r"()\b(?:docker|podman|buildah|nerdctl)[ \t]+(?:image[ \t]+)?(?:tag[ \t]+\S+|push)[ \t]+((?:[^\n\\;&|]|\\\n)*)",
    r"(?<![\w-])()(?:-t|--tag)(?:=|[ \t]+)([^\s;&|]+)",
)
_REPOSITORY: Final = r"\$\{\{[ \t]*github\.repository[ \t]*\}\}"
_USED: Final = r"\$(?:\{\{[ \t]*)?\{?(?:\w+\.)*(\w+)"  # `${{ env.IMAGE }}`, `${IMAGE}`, `$IMAGE`
_GIVEN: Final = r"(?m)^[ \t]*(?:-[ \t]+)?(?:export[ \t]+|run:[ \t]*|echo[ \t]+)?[\"']?(\w+)[:=][ \t]*([^\n]*)"
_ROUNDS: Final = 3  # of variables that are made of variables


# What puts a file into the folder before the build, or another repository beside this one.
_ARRANGES: Final = r"download-artifact|\brepository:|(?m:^[ \t]*path:)|\bsubmodules:"
_STEPS_ASIDE: Final = r"\bworking-directory:|(?m:(?:^|[;&|]|run:)[ \t]*(?:cd|pushd)[ \t])"


def workflow_builds(project: Project) -> Iterator[WorkflowBuild]:
    """The builds of the project's workflows; a context that is made of a variable cannot be told."""
    for source in _workflows(project):
        arranged = re.search(_ARRANGES, source.text) is not None
        aside = re.search(_STEPS_ASIDE, source.text) is not None
        for context, file, target, action, pushed in (*_written(source.text), *_delegated(project, source)):
            folder = None if "$" in (context or "") else normal(context or ".")
            if folder is None or "://" in (context or ""):
                continue
            sure = not arranged and (action or not aside)
            for one in _of_matrix(file, source.text):
                path = None if "$" in (one or "") else normal(one or f"{folder or '.'}/Dockerfile")
                for stage in _of_matrix(target, source.text):
                    yield WorkflowBuild(folder, path, sure, pushed, stage)


def _of_matrix(written: str | None, text: str) -> tuple[str | None, ...]:
    """The Dockerfiles, or the targets, of a build that has a variable of the workflow's matrix in their place; else
    what is written.
    """
    named = re.fullmatch(r"\$\{\{[ \t]*matrix\.([\w-]+)[ \t]*\}\}", written or "")
    if named is None:
        return (written,)
    key, text = re.escape(named[1]), re.sub(_ACTION, "", text)
    text = text.replace("\r\n", "\n")
    listed = re.findall(rf"(?m)^[ \t]*{key}:[ \t]*\[([^\]\n]*)\]", text)
    found = [one.strip("\"' \t") for each in listed for one in each.split(",")]
    found += re.findall(rf"(?m)^[ \t]*(?:-[ \t]+)?{key}:[ \t]*[\"']?([^\s\"'#\[\]]+)[\"']?[ \t]*(?:#.*)?$", text)
    return tuple(dict.fromkeys(found)) or (written,)


class Published:
    """What the project's workflows and scripts build, by the names that they give it."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.image = cache(self._image)
        self.tagged = cache(self._tagged)

    def _image(self, name: str) -> Image | None:
        """The image that a workflow pushes under a name; None when none is seen to, or it may be one of several."""
        reference = Reference.parse(name)
        if reference is None or not reference.namespace or not self.project.has_dockerfiles:
            return None
        if is_database(reference):  # which a workflow may well hand on under its own name
            return None
        repository = name.partition("@")[0]
        if ":" in repository.rpartition("/")[2]:
            repository = repository.rpartition(":")[0]
        named = re.compile(rf"(?i)(?<![\w./-]){re.escape(repository)}(?![\w./-])")
        found = {one for source in self._naming(named) for one in self._built(source)}
        if not found and self.project.makes(reference):
            found = set(self._of_repository(reference.repository))
        if len(found) != 1:  # a workflow may build several, each under a name of its own, or a tag
            named_so = [
                (build, tags)
                for source in _workflows(self.project)
                for build in _named_builds(source.text)
                if (tags := [tag for tag in build.tags if _may_be(tag, repository, public=reference.is_public)])
            ]
            found = {self._of(build.context, build.file, build.target) for build, _ in named_so}
            if len(found) > 1:
                wanted = reference.tag or "latest"
                same = [build for build, tags in named_so if any(_tag_of(tag) == wanted for tag in tags)]
                found = {self._of(build.context, build.file, build.target) for build in same}
        return found.pop() if len(found) == 1 else None

    def _tagged(self, name: str) -> Image | None:
        """The image that a script or a Makefile builds under a name (`docker build -t NAME`); None when none is seen
        to, or it may be one of several.
        """
        wanted = Reference.parse(name)
        if wanted is None or is_database(wanted) or not self.project.has_dockerfiles:
            return None
        exact: set[Image | None] = set()
        others: set[Image | None] = set()
        for one, image in self._by_hand:
            if one.full_repository == wanted.full_repository:
                (exact if (one.tag or "latest") == (wanted.tag or "latest") else others).add(image)
        found = exact or others
        return next(iter(found)) if len(found) == 1 else None

    @cached_property
    def _by_hand(self) -> list[tuple[Reference, Image | None]]:
        """What recipes build, by the names that they give it; None for what cannot be told."""
        from dockerlint_fastapi.model.files.recipes import folders_of_command  # noqa: PLC0415 - few names are looked for

        found: list[tuple[Reference, Image | None]] = []
        for source in self.project.recipes:
            text = source.text[:_MOST_CHARACTERS]
            for command in re.finditer(_COMMAND, text) if "docker" in text else ():
                words = [one.strip("\"'()") for one in re.split(r"[;&|>]", command[1])[0].replace("\\\n", " ").split()]
                tags = [Reference.parse(tag) for tag in _all_valued(words, "-t", "--tag")]
                named = [one for one in tags if one is not None]
                bases = folders_of_command(source.path, text, command.start()) if named else None
                context, file, target = words[-1], _valued(words, "-f", "--file"), _valued(words, "--target")
                places = [self._of(context, file, target, base) for base in bases or ()]
                images = {one for one in places if one is not None}
                image = images.pop() if len(images) == 1 else None
                found.extend((one, image) for one in named)
        return found

    def _naming(self, named: re.Pattern[str]) -> Iterator[Source]:
        """The workflows in which a build or a push has a name."""
        for source in _workflows(self.project):
            if named.search(source.text) and any(named.search(one) for one in _names(source.text)):
                yield source

    def _of_repository(self, name: str) -> Iterator[Image | None]:
        """The images of workflows that name what they push after the repository, where this is called `name`."""
        named = re.compile(rf"(?i)(?<![\w.-]){re.escape(name)}(?![\w./-])")
        for source in _workflows(self.project):
            if "github.repository" in source.text:
                text = re.sub(_REPOSITORY, name, source.text)
                if any(named.search(one) for one in _names(text)):
                    yield from self._built(source)

    def _built(self, source: Source) -> Iterator[Image | None]:
        """What each build of a workflow makes; None where that cannot be told."""
        for context, file, target, _, _ in _written(source.text):
            yield self._of(context, file, target)

    def _of(self, context: str | None, file: str | None, target: str | None, base: str = "") -> Image | None:
        """The image of a build, by its words and the folder that it runs in."""
        if any("$" in (one or "") or (one or "").startswith(("/", "~")) for one in (context, file, target)):
            return None
        front = f"{base}/" if base else ""
        folder = normal(f"{front}{context or '.'}")
        path = normal(f"{front}{file}") if file else normal(f"{front}{context or '.'}/Dockerfile")
        dockerfile = self.project.dockerfile_at(path) if path is not None and folder is not None else None
        if dockerfile is None or not dockerfile.stages:
            return None
        stage = dockerfile.stage(target) if target else default_stage(dockerfile)
        images = self.project.images_of.get(dockerfile, ())
        return next((one for one in images if one.stage is stage and not one.named_development), None)


def _workflows(project: Project) -> Iterator[Source]:
    names = [name for name in sorted(project.tree.names(_WORKFLOWS)) if name.endswith((".yml", ".yaml"))]
    read = (project.source_of(f"{_WORKFLOWS}/{name}") for name in islice(names, _MOST))
    return (one for one in read if one is not None and "build" in one.text)


def _names(text: str) -> Iterator[str]:
    """The parts of a workflow that name what it builds and pushes, and the values of the variables in these."""
    parts = [found[2] for naming in _NAMING for found in re.finditer(naming, text)]
    given: dict[str, list[str]] = {}
    for found in re.finditer(_GIVEN, text):
        given.setdefault(found[1], []).append(found[2])
    seen: set[str] = set()
    for _ in range(_ROUNDS):
        yield from parts
        used = {found[1] for part in parts for found in re.finditer(_USED, part)} - seen
        seen |= used
        parts = [value for name in sorted(used) for value in given.get(name, ())]
    yield from parts


class _NamedBuild(NamedTuple):
    """A build of a workflow, as written. `tags` are the names that it gives to its image, with NUL for each variable
    without a known value.
    """

    context: str | None
    file: str | None
    target: str | None
    tags: tuple[str, ...]


def _named_builds(text: str) -> Iterator[_NamedBuild]:
    """The builds of a workflow that say themselves what their images are called."""
    given: dict[str, set[str]] = {}
    for found in re.finditer(_GIVEN, text):
        given.setdefault(found[1], set()).add(re.sub(r"[ \t]+#.*", "", found[2]).strip("\"' \t"))
    for step in re.finditer(_ACTION, text):
        listed = [found[2] for found in re.finditer(_NAMING[0], step[2])]
        tags = tuple(_expanded(one, given) for one in re.split(r"[\s,|]+", _joined_up(" ".join(listed))) if one)
        context, file, target = (re.search(_KEY.format(key), step[2]) for key in ("context", "file", "target"))
        first, second, third = (found[1] if found is not None else None for found in (context, file, target))
        yield _NamedBuild(first, second, third, tags)
    for command in re.finditer(_COMMAND, text):
        words = _joined_up(command[1].replace("\\\n", " ")).split()
        tags = tuple(_expanded(one.strip("\"'"), given) for one in _all_valued(words, "-t", "--tag"))
        yield _NamedBuild(_context(words), _valued(words, "-f", "--file"), _valued(words, "--target"), tags)


def _joined_up(text: str) -> str:
    """A text with the expressions of GitHub as single words: `${IMAGE}` for `${{ env.IMAGE }}`."""
    return re.sub(r"\$\{\{[ \t]*(?:\w+\.)*(\w+)[ \t]*\}\}", r"${\1}", text)


def _expanded(tag: str, given: dict[str, set[str]]) -> str:
    """The name of an image with the values of its variables, as far as each has only one."""
    for _ in range(_ROUNDS):
        found = re.search(r"\$(?:\{(\w+)\}|(\w+))", tag)
        if found is None:
            break
        values = given.get(found[1] or found[2], set())
        value = _joined_up(next(iter(values))) if len(values) == 1 else "\0"
        tag = f"{tag[: found.start()]}{value or chr(0)}{tag[found.end() :]}"
    return re.sub(r"\$(?:\{\w+\}|\w+)", "\0", tag)


def _may_be(tag: str, repository: str, *, public: bool) -> bool:
    """Whether a build's name for its image is that of a repository: the last part is always written, and who it belongs
    to may be a variable, but for the images that everybody uses (`public`).
    """
    head, slash, last = tag.strip("\"'").removeprefix("docker.io/").rpartition("/")
    name = last.partition(":")[0].partition("@")[0]
    if not slash or "\0" in name or " " in tag or (public and "\0" in head):
        return False
    pattern = "[^/:@]+".join(map(re.escape, f"{head}/{name}".split("\0")))
    return re.fullmatch(rf"(?:docker\.io/)?{pattern}", repository, re.IGNORECASE) is not None


def _tag_of(name: str) -> str:
    """The tag of a build's name for its image, with NUL for what is not known of it."""
    return name.rpartition("/")[2].partition("@")[0].partition(":")[2] or "latest"


def built_paths(text: str) -> list[str | None]:
    """The paths of the Dockerfiles that a workflow builds; None for each that cannot be told."""
    found: list[str | None] = []
    for context, file, _, _, _ in _written(text):
        for one in _of_matrix(file, text):
            written = one or f"{context or '.'}/Dockerfile"
            found.append(None if "$" in written else normal(written))
    return found


def _written(text: str) -> Iterator[tuple[str | None, str | None, str | None, bool, bool]]:
    """Context, Dockerfile and target of each build of a workflow, as written, whether it is a step of its own, and
    whether it pushes.
    """
    by_hand = re.search(r"\bdocker[ \t]+(?:image[ \t]+)?push\b", text) is not None
    for step in re.finditer(_ACTION, text):
        said = _squeezed(step[2])
        context, file, target, push = (
            re.search(_KEY.format(key), said) for key in ("context", "file", "target", "push")
        )
        pushed = push is not None and push[1].lower() != "false"
        first, second, third = (found[1] if found is not None else None for found in (context, file, target))
        yield first, second, third, True, pushed
    for name, (folder, path, inside) in _BUILDERS.items():
        for step in re.finditer(_USES.format(re.escape(name)), text) if name in text else ():
            said = _squeezed(step[3])
            context, file = (re.search(_KEY.format(key), said) for key in (folder, path))
            if inside and context is None:
                continue  # an image that is there is deployed
            front = f"{context[1]}/" if inside and context is not None else ""
            yield context[1] if context else None, f"{front}{file[1]}" if file else None, None, True, True
    for command in re.finditer(_COMMAND, text):
        words = _squeezed(command[1].replace("\\\n", " ")).split()
        yield (
            _context(words),
            _valued(words, "-f", "--file"),
            _valued(words, "--target"),
            False,
            by_hand or "--push" in words,
        )


def _squeezed(text: str) -> str:
    """A text with each expression of GitHub as one word: `${{matrix.file}}`; the folder of the checkout as `.`."""
    text = re.sub(r"\$\{\{[ \t]*([\w.-]+)[ \t]*\}\}", r"${{\1}}", text)
    return re.sub(r"\$\{\{github\.workspace\}\}|\$\{?GITHUB_WORKSPACE\b\}?", ".", text)


def _delegated(project: Project, source: Source) -> Iterator[tuple[str | None, str | None, str | None, bool, bool]]:
    """The same of what a workflow has other workflows of the project build, by the inputs that it gives them."""
    if "uses: ./.github/workflows/" not in source.text:
        return
    for step in re.finditer(_USES.format(_CALLED), source.text):
        called = project.source_of(step[2].removeprefix("./"))
        if called is None:
            continue
        given = dict(re.findall(r"(?m)^[ \t]*([\w-]+):[ \t]*[\"']?([^\s\"'#]+)", _squeezed(step[3])))
        for context, file, target, action, pushed in _written(called.text):
            words = [one if one is None else _filled(one, given, called.text) for one in (context, file, target)]
            if words != [context, file, target]:
                yield words[0], words[1], words[2], action, pushed


def _filled(word: str, given: dict[str, str], called: str) -> str:
    """A word of a workflow with the inputs that another one gives it, or their defaults."""

    def value(found: re.Match[str]) -> str:
        if found[1] in given:
            return given[found[1]]
        entry = re.search(rf"(?m)^([ \t]+){re.escape(found[1])}:[ \t]*\n((?:\1[ \t]+[^\n]*\n)*)", called)
        default = re.search(_KEY.format("default"), entry[2]) if entry is not None else None
        return default[1] if default is not None else found[0]

    return re.sub(_INPUT, value, word)


def _context(words: list[str]) -> str | None:
    """The folder from which a command builds: its last word, but for options and their values."""
    bare = [one for at, one in enumerate(words) if at == 0 or words[at - 1] not in _WITH_VALUES]
    return next((one for one in reversed(bare) if not one.startswith("-")), None)


def _valued(words: list[str], *names: str) -> str | None:
    return next(_all_valued(words, *names), None)


def _all_valued(words: list[str], *names: str) -> Iterator[str]:
    """The values of an option, by any of its names."""
    for at, word in enumerate(words):
        if word in names and at + 1 < len(words):
            yield words[at + 1]
        elif word.startswith("--") and word.partition("=")[0] in names:
            yield word.partition("=")[2]
